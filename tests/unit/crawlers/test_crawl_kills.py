"""A run that is killed at any moment ends, started again, with the store and the outcomes of one left alone."""

import random
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.crawl import killed_after, names, outcomes, played, stored
from crawlers.archive import FetchRow, Ledger, Outcome, RawStore, Role
from crawlers.collection import Collection
from crawlers.politeness import NotAsked
from crawlers.registry import Portal

KILLS = 4


def test_a_run_killed_at_random_moments_ends_like_one_left_alone() -> None:
    hosts = names(2)
    rng = random.Random(7)
    with played(dict.fromkeys(hosts, 25), twins=True) as (server, crawl):
        crawl.register(dict.fromkeys(hosts, 0.04))
        crawl.finish("night-1", "undisturbed")
        alone = len(server.requests)
        server.clear_requests()
        kills = sum(killed_after(crawl.start("night-1", "killed"), rng.uniform(0.0, 0.2)) for _ in range(KILLS))
        crawl.finish("night-1", "killed")
        assert kills
        rows = outcomes(crawl.folder / "undisturbed")
        assert any(outcome == "same_content" for _, _, outcome, _ in rows), "there are no twins"
        assert stored(crawl.folder / "undisturbed") == stored(crawl.folder / "killed")
        assert outcomes(crawl.folder / "undisturbed") == outcomes(crawl.folder / "killed")
        # A request under way when the run was killed is asked again, and nothing else.
        assert len(server.requests) <= alone + KILLS * len(hosts)
        asked = Counter((record.host, record.path) for record in server.requests)
        assert max(asked.values()) <= 1 + KILLS


def test_a_run_that_goes_on_knows_which_host_had_refused_it(tmp_path: Path) -> None:
    portal = Portal(id="p", name="某区", family="static_paged", index_url="http://one.test/")
    refused = "521: the portal asks for a browser's proof (cookie challenge)"
    row = FetchRow(
        run_id="r", portal_id="p", url="http://one.test/t1.html", role=Role.ARTICLE, outcome=Outcome.CHALLENGE,
        reason=refused, status_code=521, requested_at="2026-01-01T00:00:00.000000+00:00", elapsed_ms=3,
    )  # fmt: skip
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(row)
        again = Collection(ledger, RawStore(tmp_path / "raw"), "r", lambda event: None)
        other = Collection(ledger, RawStore(tmp_path / "raw"), "another", lambda event: None)
    with pytest.raises(NotAsked, match="521"):
        again.hosts.check(portal.host)
    other.hosts.check(portal.host)
