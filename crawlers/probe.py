"""Look at portals without collecting them: `python -m crawlers.probe URL` or `--registry DIR`.

Belongs here: one look from address to a JSON object on stdout. Does not belong here: what becomes of it (an entry, a
report on drift), which is for whoever asked.

A look has the manners of a crawl: robots.txt, one request at a time, the delay, the honest name; and it is short, a
handful of pages. Nothing is kept. The exit code is 0 also where a portal refuses: that is in the object, under `error`.
It is 1 when the look itself broke, 2 when it was called wrongly.
"""

import argparse
import asyncio
import json
import logging
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawlers.archive import Ledger, RawStore
from crawlers.archive.ledger import FetchRow, Outcome, Role
from crawlers.collection import Collection
from crawlers.crawl import choose
from crawlers.families import FAMILIES, Recognised
from crawlers.hosts import host_key
from crawlers.links import canonical_url
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.registry import DEFAULT_DELAY_SECONDS, Portal, load_registry
from crawlers.settings import CONTACT_VARIABLE, crawl_settings
from crawlers.signposts import column_name, site_name, title_of
from crawlers.spiders.base import PortalSpider
from crawlers.spiders.looking import Look, LookSpider
from crawlers.spiders.trial import Trial, trial_spider

__all__ = ["MOST_PAGES", "main", "probe_entries", "probe_url"]

logger = logging.getLogger(__name__)

MOST_PAGES = 6
"""Pages asked for in one look at an address; robots.txt comes on top."""
PAGES_OF_A_CHECK = 4
"""Pages asked for in one check of an entry."""
PROOF = 90
"""Weight of signs that only one family has."""
COLUMN_LINK = re.compile(
    r"(?:政府|政务|本级|部门|法定)?(?:信息)?(?:公开)?(?:工作)?(?:年度报告|年报)(?:专栏|栏目|列表)?"
)
MOST_COLUMNS_NAMED = 3
SHELL_TEXT = 100
"""Visible characters under which a page is a shell that scripts fill."""
RUN = "look"
EXIT_USAGE = 2
UNREACHABLE = frozenset({Outcome.NETWORK_ERROR, Outcome.TIMEOUT})


class LookBroken(Exception):
    """The look itself failed; no portal causes this."""


# ---- one address ----------------------------------------------------------------------------------------------------


async def probe_url(process: AsyncCrawlerProcess, ledger: Ledger, raw: RawStore, portal: Portal) -> dict[str, Any]:
    """What stands at an address: family, options, list page, and the rows that its spider would collect."""
    collection = Collection(ledger, raw, RUN, lambda event: None)
    look = Look()
    await _crawl(process, LookSpider, portals=(portal,), collection=collection, look=look)
    answer: dict[str, Any] = {
        "url": portal.index_url,
        "index_url": None,
        "family": None,
        "weight": None,
        "signs": [],
        "options": {},
        "steps": look.steps,
        "families": [_told(recognised) for _, recognised in look.found],
        **_names(look.pages),
        **_rows_told(None),
        "empty": False,
        "faults": [],
        "error": None,
    }
    if not look.pages:
        answer["error"] = _refusal(portal, ledger)
    else:
        best = await _try_families(process, ledger, raw, portal, collection, look, answer["faults"])
        answer.update(best or {"error": _no_list(look)})
    answer["requests"] = sum(visit.requests for visit in collection.visits.values())
    return answer


async def _try_families(
    process: AsyncCrawlerProcess,
    ledger: Ledger,
    raw: RawStore,
    portal: Portal,
    seen: Collection,
    look: Look,
    faults: list[str],
) -> dict[str, Any] | None:
    """The first family, from the likeliest down, whose spider finds rows to collect; else the one that found most."""
    left = MOST_PAGES - len(look.pages)
    best: tuple[tuple[int, int], dict[str, Any]] | None = None
    for page, recognised in look.found:
        candidate = _candidate(portal, page, recognised)
        if candidate is None:
            continue
        trial = Trial(budget=max(left, 0))
        # A new collection, which has met no address yet; what the look fetched it finds in the ledger and the store.
        collection = Collection(ledger, raw, RUN, lambda event: None)
        collection.hosts, collection.rules, collection.visits = seen.hosts, seen.rules, seen.visits
        arguments = {"portals": (candidate,), "collection": collection, "trials": {portal.id: trial}}
        try:
            await _crawl(process, trial_spider(recognised.family), **arguments)
        except Exception as error:  # one family's fault must not hide another family; it is told, not swallowed
            logger.exception("the spider of %s has a fault", recognised.family)
            faults.append(f"the spider of {recognised.family} has a fault: {type(error).__name__}: {error}")
            continue
        finally:
            left -= max(left, 0) - trial.budget
        empty = recognised.weight >= PROOF and not trial.rows and _says_empty(ledger, portal)
        rank = (trial.collected, len(trial.rows) + len(trial.columns) + empty)
        if rank > (best[0] if best else (0, 0)):
            found = {
                "index_url": candidate.index_url,
                "family": recognised.family,
                "weight": recognised.weight,
                "signs": list(recognised.signs),
                "options": dict(recognised.options),
                **_names([page, *look.pages]),
                **_rows_told(trial),
                "empty": empty,
            }
            best = rank, found
        if trial.collected:
            break
    return None if best is None else best[1]


def _candidate(portal: Portal, page: Page, recognised: Recognised) -> Portal | None:
    """The entry that the signs suggest; None where it would not be a sound one."""
    address, mark, fragment = page.url.partition("#")
    url = recognised.index_url or f"{canonical_url(address)}{mark}{fragment}"
    values = {
        **portal.model_dump(exclude={"options", "family", "index_url", "file"}),
        "family": recognised.family,
        "index_url": url,
        "options": dict(recognised.options),
    }
    try:
        candidate = Portal.model_validate(values)
    except ValidationError:
        return None
    return candidate if portal.allows(url) else None


def _names(pages: Sequence[Page]) -> dict[str, str]:
    """What the pages call the site and the column; the first that says it is believed."""
    readers: Mapping[str, Callable[[Page], str]] = {
        "site_name": site_name,
        "column_name": column_name,
        "page_title": title_of,
    }
    return {key: next((found for page in pages if (found := read(page))), "") for key, read in readers.items()}


def _told(recognised: Recognised) -> dict[str, Any]:
    return {"family": recognised.family, "weight": recognised.weight, "signs": list(recognised.signs)}


def _rows_told(trial: Trial | None) -> dict[str, Any]:
    rows = [] if trial is None else trial.rows
    off = sorted({host_key(row.url) for row in rows if row.verdict == "other_host"})
    return {
        "rows": [asdict(row) for row in rows],
        "collected": sum(row.verdict == "collect" for row in rows),
        "near_misses": sum(row.verdict == "near_miss" for row in rows),
        "other_hosts": off,
        "columns": [] if trial is None else [{"title": title, "url": url} for title, url in trial.columns],
    }


def _pages_of(portal: Portal, ledger: Ledger) -> list[FetchRow]:
    return [row for row in ledger.rows(run_id=RUN) if row.portal_id == portal.id and row.role is Role.LISTING]


def _says_empty(ledger: Ledger, portal: Portal) -> bool:
    return any(row.outcome is Outcome.EMPTY for row in _pages_of(portal, ledger))


def _refusal(portal: Portal, ledger: Ledger) -> dict[str, str]:
    """Why no page came, from the ledger's row, and the way out."""
    row = next(iter(_pages_of(portal, ledger)), None)
    if row is None:
        return {"kind": "no_answer", "sentence": "nothing was asked: look at the address"}
    reason = (row.reason or "").removeprefix("not asked: ")
    outcome = row.outcome
    if outcome is Outcome.REFUSED_BY_ROBOTS:
        return {
            "kind": "robots",
            "sentence": f"{reason}: it is not collected; ask the portal's operator, or `ogi add` pages saved by hand",
        }
    if outcome is Outcome.CHALLENGE:
        way = "it is not worked round; ask the portal's operator, or `ogi add` pages saved by hand"
        return {"kind": "challenge", "sentence": f"{reason}: {way}"}
    if outcome is Outcome.OFF_REGISTRY_HOST:
        return {"kind": "other_host", "sentence": f"the address {reason}: give the address there, if it is the body's"}
    kind = "unreachable" if outcome in UNREACHABLE else "no_page"
    if kind == "unreachable" or (row.status_code or 0) >= 500:
        reason = reason.removesuffix("; the next run asks again")
        return {"kind": kind, "sentence": f"{reason}: try again later, or try http:// for https:// and the reverse"}
    return {"kind": kind, "sentence": f"{reason}: give the address as the browser shows it, http or https"}


def _no_list(look: Look) -> dict[str, Any]:
    known = ", ".join(dict.fromkeys(recognised.family for _, recognised in look.found))
    seen = f"signs of {known} are there, and no list" if known else "the page shows signs of no known family"
    columns = _columns_linked(look.pages)
    if not known and not columns and all(len(page.shown) < SHELL_TEXT for page in look.pages):
        return {
            "kind": "shell",
            "sentence": "the page shows next to nothing without its scripts: try --browser (docs/portals.md), or give "
            "the address of the list itself",
            "columns": columns,
        }
    way = f"perhaps {' or '.join(columns)}" if columns else "as the browser shows it"
    return {
        "kind": "no_list",
        "sentence": f"{seen}: give the address of the annual-report column itself, {way}",
        "columns": columns,
    }


def _columns_linked(pages: Sequence[Page]) -> list[str]:
    """Addresses of annual-report columns that the pages link to: whoever gave a home page wants one of these."""
    links = [link for page in pages for link in page.links if link.url != page.url]
    return list(dict.fromkeys(link.url for link in links if COLUMN_LINK.fullmatch(link.title)))[:MOST_COLUMNS_NAMED]


# ---- entries --------------------------------------------------------------------------------------------------------


async def probe_entries(
    process: AsyncCrawlerProcess, ledger: Ledger, raw: RawStore, portals: Sequence[Portal]
) -> list[dict[str, Any]]:
    """What stands today at the addresses of some entries: whether their spiders still find a list."""
    collection = Collection(ledger, raw, RUN, lambda event: None)
    trials = {portal.id: Trial(budget=PAGES_OF_A_CHECK) for portal in portals}
    ordered = sorted(portals, key=lambda portal: (portal.family, portal.id))
    await asyncio.gather(
        *(
            _crawl(process, trial_spider(family), portals=tuple(members), collection=collection, trials=trials)
            for family, members in groupby(ordered, key=lambda portal: portal.family)
        )
    )
    return [_checked(portal, trials[portal.id], ledger, collection) for portal in portals]


def _checked(portal: Portal, trial: Trial, ledger: Ledger, collection: Collection) -> dict[str, Any]:
    fetched = _pages_of(portal, ledger)
    pages = [
        Page(row.final_url or row.url or "", body, row.content_type or "")
        for row in fetched
        if row.outcome is not Outcome.ERROR_PAGE and (body := collection.body(row)) is not None
    ]
    found = recognise(pages[0]) if pages else ()
    state, sentence = _state(portal, trial, fetched, found)
    return {
        "portal": portal.id,
        "url": portal.index_url,
        "family": portal.family,
        "state": state,
        "sentence": sentence,
        "families": [_told(recognised) for recognised in found],
        **_names(pages),
        **_rows_told(trial),
        "requests": collection.visit(portal).requests,
    }


def _state(
    portal: Portal, trial: Trial, fetched: Sequence[FetchRow], found: Sequence[Recognised]
) -> tuple[str, str | None]:
    """`ok`, `moved`, `drift`, `empty`, `refused` or `down`, and a sentence with the way out."""
    first = fetched[0] if fetched else None
    if trial.collected:
        return _moved(portal, first) or ("ok", None)
    if first is None:
        return "down", "nothing was asked: the portal shares its address with another entry"
    reason = first.reason or first.outcome.value
    if first.outcome in (Outcome.REFUSED_BY_ROBOTS, Outcome.CHALLENGE):
        return "refused", f"{reason.removeprefix('not asked: ')}: nothing is collected there until it lets us in"
    if first.outcome in UNREACHABLE or (first.status_code or 0) >= 500:
        return "down", f"{reason}: check again later"
    other = next((one for one in found if one.weight >= PROOF and one.family != portal.family), None)
    if other is not None and all(one.family != portal.family for one in found):
        signs = "; ".join(other.signs)
        return "drift", f"the page is of the family {other.family} now ({signs}): correct family and options"
    if any(row.outcome is Outcome.EMPTY for row in fetched):
        return "empty", "the column says that it holds nothing yet"
    if trial.rows:
        return (
            "drift",
            f"none of the {len(trial.rows)} rows on its first pages is a report: look whether the column moved",
        )
    return "drift", f"no list was read ({reason}): find the column again with `ogi portals add URL`"


def _moved(portal: Portal, first: FetchRow | None) -> tuple[str, str] | None:
    """A redirect that has become the way to the list: it works, and costs a request each night."""
    if first is None or first.final_url is None:
        return None
    asked, answered = canonical_url(portal.index_url), canonical_url(first.final_url)
    if asked.partition("://")[2].rstrip("/") == answered.partition("://")[2].rstrip("/"):
        return None
    return "moved", f"the list is reached by a redirect to {answered}: correct index_url"


# ---- the process ----------------------------------------------------------------------------------------------------


async def _crawl(process: AsyncCrawlerProcess, spider: type[PortalSpider], **arguments: Any) -> None:
    """Run one spider to its end.

    Raises:
        LookBroken: our code has a fault.
    """
    crawler = process.create_crawler(spider)
    await process.crawl(crawler, **arguments)
    broken = getattr(crawler.spider, "broken", None)
    if broken:
        raise LookBroken(broken[0])


def _run(settings: Mapping[str, Any], work: Callable[[AsyncCrawlerProcess], Awaitable[Any]]) -> Any:
    """Run crawls one after the other in the one reactor of this process.

    Raises:
        LookBroken: our code has a fault, or a signal ended the look.
    """
    process = AsyncCrawlerProcess(Settings(dict(settings)))
    from twisted.internet import reactor as installed  # by the process above

    reactor: Any = installed

    async def all_of_it() -> Any:
        try:
            return await work(process)
        finally:
            if reactor.running:
                reactor.stop()

    task = asyncio.get_event_loop().create_task(all_of_it())
    process.start(stop_after_crawl=False)
    if not task.done() or task.cancelled():
        task.cancel()
        raise LookBroken("the look was stopped before its end")
    return task.result()


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m crawlers.probe",
        description="Look at one address, or at the portals of a registry. The answer is JSON Lines on stdout.",
    )
    parser.add_argument("url", nargs="?", help="address of an annual-report column")
    parser.add_argument("--host", action="append", default=[], help="a further host of the portal; may be repeated")
    parser.add_argument("--delay", type=float, default=DEFAULT_DELAY_SECONDS, help="seconds between two requests")
    parser.add_argument("--browser", action="store_true", help="let a browser run the scripts of its pages")
    parser.add_argument("--registry", type=Path, help="look at the entries of this folder instead")
    parser.add_argument("--portal", action="append", default=[], metavar="ID", help="only this entry; may be repeated")
    parser.add_argument("--contact", help=f"where a portal's operator can reach you (default: ${CONTACT_VARIABLE})")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="for one request, body included")
    parser.add_argument("--log-level", default="ERROR", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    options = parser.parse_args(arguments)
    if (options.url is None) == (options.registry is None):
        parser.error("give either an address or --registry")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; gives the exit code."""
    options = _arguments(arguments)
    try:
        portals = _portals(options)
    except (KeyError, ValueError) as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return EXIT_USAGE
    settings = crawl_settings(
        portals, contact=options.contact, timeout_seconds=options.timeout, log_level=options.log_level
    )

    async def work(process: AsyncCrawlerProcess) -> list[dict[str, Any]]:
        if options.url is not None:
            return [await probe_url(process, ledger, raw, portals[0])]
        return await probe_entries(process, ledger, raw, portals)

    with tempfile.TemporaryDirectory(prefix="ogi-look-") as folder:
        raw = RawStore(Path(folder) / "raw")
        with Ledger(Path(folder) / "ledger.sqlite") as ledger:
            try:
                answers = _run(settings, work) if portals else []
            except LookBroken as error:
                sys.stderr.write(f"{error}\n")
                return 1
    for answer in answers:
        sys.stdout.write(f"{json.dumps(answer, ensure_ascii=False)}\n")
    return 0


def _portals(options: argparse.Namespace) -> list[Portal]:
    """The portals to look at.

    Raises:
        ValueError: the address or the delay is not one an entry may have.
        KeyError: an entry that is named is not there.
    """
    if options.registry is not None:
        return choose(load_registry(options.registry), options.portal)
    values = {
        "id": "look",
        "name": "?",
        "family": next(iter(FAMILIES)),  # a look asks no family; an entry must name one
        "index_url": options.url,
        "allowed_hosts": options.host,
        "delay_seconds": options.delay,
        "browser": options.browser,
    }
    try:
        return [Portal.model_validate(values)]
    except ValidationError as error:
        fault = error.errors()[0]
        told = fault.get("ctx", {}).get("error") or fault["msg"]
        raise ValueError(str(told)) from None


if __name__ == "__main__":
    sys.exit(main())
