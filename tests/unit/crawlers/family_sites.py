"""Crawls of sample portals that are made to measure, and what such a crawl must bring."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawl_peer import CrawlRun, crawl, write_entry

from crawlers.archive import FetchRow, Outcome, Role
from crawlers.families import FAMILIES as COLLECTED
from crawlers.links import identity_key
from pipelines.sample.made import FamilySite, make_site, serve
from pipelines.sample.server import SampleServer
from pipelines.sample.sites import Rendition

__all__ = ["FamilySite", "assert_collected", "crawl_site", "make_site", "serve"]

FOUND = frozenset({Outcome.STORED, Outcome.UNCHANGED, Outcome.SAME_CONTENT})


def crawl_site(
    folder: Path, server: SampleServer, sites: Sequence[FamilySite], run_id: str = "night-1", **entry: Any
) -> CrawlRun:
    """Crawl the sites as `python -m crawlers.crawl` does, the server running; `entry` adds keys to the entries."""
    for family_site in sites:
        site = family_site.site
        write_entry(folder / "registry", site.id, site.family, family_site.index_url, **entry)
    return crawl(folder, run_id, proxy=server.proxy_url)


def assert_collected(
    run: CrawlRun, server: SampleServer, family_site: FamilySite, *, requests_per_report: float = 1.3
) -> None:
    """Every report once, nothing else as a report, what cannot be had in the ledger with its cause, few requests.

    `requests_per_report` counts what is asked beyond list pages and robots.txt, attachments of reports left out.
    """
    assert run.code == 0, run.stderr
    site = family_site.site
    assert site.family in COLLECTED
    by_key: dict[str, list[FetchRow]] = {}
    for row in run.rows:
        if row.role in (Role.ARTICLE, Role.ATTACHMENT) and row.url:
            by_key.setdefault(identity_key(row.url), []).append(row)
    for listed in site.rows:
        if listed.report is None:
            continue
        rows = by_key.get(identity_key(server.report_address(site.host, listed.report)), [])
        assert [row.outcome in FOUND for row in rows] == [True], f"{listed.report}: {rows}"
    wanted = {facts.title_text for facts in family_site.facts.values()}
    for row in run.rows:
        if row.role is Role.ARTICLE and row.outcome in FOUND:
            assert row.link_text in wanted, f"stored, and no report: {row.link_text} {row.url}"
        if row.url and urlsplit(row.url).hostname == "copies.invalid":
            assert row.outcome is Outcome.OFF_REGISTRY_HOST
    asked = [record for record in server.requests if record.host == site.host]
    assert server.max_concurrent(site.host) <= 1
    documents = [row for row in run.rows if row.role is Role.ARTICLE and row.status_code is not None]
    assert len(documents) <= requests_per_report * len(family_site.facts) + 2, len(documents)
    files = [row for row in run.rows if row.role is Role.ATTACHMENT and row.outcome in FOUND]
    with_file = [row for row in site.rows if row.rendition is Rendition.PAGE_AND_ATTACHMENT]
    assert len({row.url for row in files}) == len(with_file)
    assert len(asked) <= len(run.rows) + 3, "an address was asked for more than once"
