"""What a crawl of each family finds and costs, against the sample portals: `python -m benchmarks.crawl families`.

Belongs here: recall, negatives, twins, requests and manners by family, as a table. Does not belong here: throughput
and memory (`crawl`), odd habits of single portals (tests).

Each family plays one portal of 23 reports, one of them listed twice under two addresses, every fifth with a Word file,
beside five rows that are no reports, a row that leads off the portal and a page that is gone.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawlers.archive import FetchRow, Ledger, Outcome, Role
from crawlers.links import identity_key
from pipelines.sample.families import FAMILIES
from pipelines.sample.made import FamilySite, make_site, write_sites
from pipelines.sample.server import RequestRecord, SampleServer
from pipelines.sample.sites import Rendition

__all__ = ["FamilyFigures", "as_json", "as_table", "measure_families"]

ROOT = Path(__file__).resolve().parents[1]
DELAY = 0.1
"""Seconds that each portal's entry asks for."""
FOUND = frozenset({Outcome.STORED, Outcome.UNCHANGED, Outcome.SAME_CONTENT})
LONGEST_SECONDS = 300.0


@dataclass(frozen=True)
class FamilyFigures:
    """One line of the table."""

    family: str
    recognised: str
    """The family that `crawlers.probe` names, given the column's address alone."""
    reports: int
    """Reports that can be reached."""
    collected: int
    negatives: int
    """Pages stored as reports that are none."""
    duplicates: int
    """Reports stored more than once."""
    unexplained: int
    """Rows of the portal's lists that cannot be had and have no cause in the ledger."""
    requests_a_report: float
    """Beyond list pages and robots.txt, files and the articles that carry them counted one each."""
    second_night: float
    """Bytes of an unchanged second night as a share of the first night's."""
    at_once: int
    """Requests to the host under way at the same moment, at most, as the server saw it."""
    shortest_pause: float
    """Seconds from an answer to the next request, as the server saw it."""


def measure_families(families: Sequence[str] = tuple(FAMILIES)) -> list[FamilyFigures]:
    """Crawl a portal of each family twice, all in one process, and look at each by its address alone."""
    sites = {family: make_site(family) for family in families}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with SampleServer(sites_dir=folder / "sites", facts=write_sites(folder / "sites", *sites.values())) as server:
            for made in sites.values():
                _register(folder, made)
            first = _crawl(folder, "night-1", server.proxy_url)
            log = server.requests
            second = _crawl(folder, "night-2", server.proxy_url)
            addresses = {family: _reports(server, made) for family, made in sites.items()}
            recognised = {family: _probe(made.index_url, server.proxy_url) for family, made in sites.items()}
        with Ledger(folder / "ledger.sqlite", read_only=True) as ledger:
            rows = list(ledger.rows(run_id="night-1"))
    return [
        _figures(
            family,
            made,
            recognised[family],
            addresses[family],
            [row for row in rows if row.portal_id == made.site.id],
            [record for record in log if record.host == made.site.host],
            second[made.site.id]["bytes"] / max(1, first[made.site.id]["bytes"]),
        )
        for family, made in sites.items()
    ]


def _figures(
    family: str,
    made: FamilySite,
    recognised: str,
    addresses: dict[str, str],
    rows: Sequence[FetchRow],
    log: Sequence[RequestRecord],
    second_night: float,
) -> FamilyFigures:
    by_key = {identity_key(row.url): row for row in rows if row.url and row.role in (Role.ARTICLE, Role.ATTACHMENT)}
    collected = [slug for slug, url in addresses.items() if (row := by_key.get(url)) and row.outcome in FOUND]
    wanted = {facts.title_text for facts in made.facts.values()}
    pages = [row for row in rows if row.role is Role.ARTICLE]
    found = [row for row in pages if row.outcome in FOUND]
    stored = [row.link_text for row in found if row.outcome is Outcome.STORED]
    lost = [row for row in rows if row.outcome not in FOUND and row.outcome is not Outcome.LISTING and not row.reason]
    asked = [row for row in rows if row.role in (Role.ARTICLE, Role.ATTACHMENT) and row.status_code is not None]
    files = sum(row.rendition is Rendition.PAGE_AND_ATTACHMENT for row in made.site.rows)
    times = sorted((record.time_start, record.time_end) for record in log)
    return FamilyFigures(
        family=family,
        recognised=recognised,
        reports=len(addresses),
        collected=len(collected),
        negatives=sum(row.link_text not in wanted for row in found),
        duplicates=len(stored) - len(set(stored)),
        unexplained=len(lost),
        requests_a_report=round(len(asked) / (len(addresses) + files), 3),
        second_night=round(second_night, 4),
        at_once=_at_once(times),
        shortest_pause=round(min((after[0] - before[1] for before, after in pairwise(times)), default=0.0), 3),
    )


def _at_once(times: Sequence[tuple[float, float]]) -> int:
    most = current = 0
    for _, step in sorted(edge for start, end in times for edge in ((start, 1), (end, -1))):
        current += step
        most = max(most, current)
    return most


def _reports(server: SampleServer, made: FamilySite) -> dict[str, str]:
    return {slug: identity_key(server.report_address(made.site.host, slug)) for slug in made.facts}


def _register(folder: Path, made: FamilySite) -> None:
    site = made.site
    entry = {"id": site.id, "name": site.name, "family": site.family, "index_url": made.index_url,
             "delay_seconds": DELAY}  # fmt: skip
    home = folder / "registry" / "province"
    home.mkdir(parents=True, exist_ok=True)
    (home / f"{site.id}.yml").write_text(json.dumps(entry, ensure_ascii=False), "utf-8")


def _crawl(folder: Path, run_id: str, proxy: str) -> dict[str, dict[str, Any]]:
    """Run a night to its end; gives the closing event of each portal."""
    options = ["--registry", folder / "registry", "--raw", folder / "raw", "--ledger", folder / "ledger.sqlite"]
    out = _run("crawlers.crawl", [*map(str, options), "--run-id", run_id], proxy)
    events = [json.loads(line) for line in out.splitlines()]
    return {event["portal"]: event for event in events if event["event"] == "portal_finished"}


def _probe(url: str, proxy: str) -> str:
    found = json.loads(_run("crawlers.probe", [url, "--delay", "0"], proxy).splitlines()[-1])
    return str(found["family"])


def _run(module: str, arguments: Sequence[str], proxy: str) -> str:
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment = {**kept, "PYTHONPATH": str(ROOT), "http_proxy": proxy}
    done = subprocess.run([sys.executable, "-m", module, *arguments], env=environment, stdout=subprocess.PIPE,
                          text=True, timeout=LONGEST_SECONDS, check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{module} broke with exit code {done.returncode}: see its messages above")
    return done.stdout


HEADINGS = {
    "family": "family",
    "recognised": "recognised as",
    "collected": "collected",
    "reports": "of",
    "negatives": "negatives",
    "duplicates": "twice",
    "unexplained": "no cause",
    "requests_a_report": "requests/report",
    "second_night": "second night",
    "at_once": "at once",
    "shortest_pause": "shortest pause",
}


def as_table(figures: Sequence[FamilyFigures]) -> str:
    """The figures as a table in Markdown."""
    lines = [f"| {' | '.join(HEADINGS.values())} |", f"|{'---|' * len(HEADINGS)}"]
    for each in figures:
        values = asdict(each)
        shown = {**values, "second_night": f"{each.second_night:.1%}", "shortest_pause": f"{each.shortest_pause:.3f} s"}
        lines.append(f"| {' | '.join(str(shown[key]) for key in HEADINGS)} |")
    return "\n".join(lines)


def as_json(figures: Sequence[FamilyFigures]) -> str:
    """The figures as JSON."""
    return json.dumps([asdict(each) for each in figures], ensure_ascii=False, indent=2)
