"""Collect portals: `python -m crawlers.crawl`.

Belongs here: one run from registry to exit code. Does not belong here: what happens at a portal (`spiders`).

Progress goes to stdout, one JSON object a line; the log goes to stderr. A portal that is down, refuses or changed is a
fact in the ledger, and the exit code stays 0. It is 1 when the crawl itself broke (disk, archive, a fault of ours), 2
when it was called wrongly, 143 when a signal stopped it. A stopped run goes on when started again with the same run id.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawlers.archive import Ledger, RawStore, StorageError
from crawlers.archive.ledger import utc_now
from crawlers.archive.settling import Settler
from crawlers.collection import Collection, Event
from crawlers.families import load_spider
from crawlers.hosts import is_local
from crawlers.registry import DEFAULT_REGISTRY, Portal, Registry, load_registry
from crawlers.settings import CONTACT_VARIABLE, crawl_settings, stated_contact
from crawlers.spiders.base import PortalSpider

__all__ = ["CrawlBroken", "CrawlSummary", "main", "run_portals"]

logger = logging.getLogger(__name__)

EXIT_BROKEN = 1
EXIT_USAGE = 2
EXIT_STOPPED = 143
NO_CONTACT = f"{CONTACT_VARIABLE} is not set: portals cannot reach whoever asks them; give a page or a mailbox"
LONGEST_STOP_SECONDS = 10.0
"""A request under way may end in this time when the crawl is stopped because its parent is gone."""


class CrawlBroken(Exception):
    """The crawl itself cannot go on: the archive cannot be written, or our code is wrong. No portal causes this."""


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What one run did."""

    run_id: str
    portals: int
    requests: int
    byte_count: int
    new: int
    unchanged: int
    refused: int
    failed: int
    interrupted: bool


def run_portals(
    portals: Sequence[Portal],
    *,
    raw_root: Path,
    ledger_path: Path,
    run_id: str,
    on_event: Callable[[Event], None] = lambda event: None,
    contact: str | None = None,
    timeout_seconds: float = 120.0,
    max_bytes: int = 64 * 1024 * 1024,
    log_level: str = "WARNING",
    install_signal_handlers: bool = True,
    full: bool = False,
) -> CrawlSummary:
    """Collect these portals into the archive; returns when the last is finished.

    A Twisted reactor starts once in a process, so this can be called once: start `python -m crawlers.crawl` for each
    run. Given the id of an earlier run it goes on with that run and asks nothing that has its outcome.

    Raises:
        CrawlBroken: the archive cannot be written, or our code has a fault. What was finished is kept.
    """
    arguments = {"contact": contact, "timeout_seconds": timeout_seconds, "max_bytes": max_bytes, "log_level": log_level}
    settings = Settings(crawl_settings(portals, **arguments))  # type: ignore[arg-type]
    try:
        with Ledger(ledger_path, settled=True) as ledger, closing(Settler(ledger.log_path)) as settler:
            collection = Collection(ledger, RawStore(raw_root, settler), run_id, on_event, full=full)
            collection.total_portals = len(portals)
            collection.raw.sweep()
            collection.emit({"event": "run_started", "run_id": run_id, "at": utc_now()})
            reasons, broken = _crawl(portals, collection, settings, install_signal_handlers)
            interrupted = "shutdown" in reasons
            for portal in portals:
                collection.portal_finished(collection.visit(portal), interrupted=True)
            summary = _summary(collection, run_id, interrupted=interrupted)
            collection.emit({"event": "run_finished", "at": utc_now(), **_as_event(summary)})
    except StorageError as error:
        raise CrawlBroken(str(error)) from error
    if broken:
        raise CrawlBroken(broken[0])
    return summary


def _crawl(
    portals: Sequence[Portal], collection: Collection, settings: Settings, install_signal_handlers: bool
) -> tuple[set[str], list[str]]:
    """Run one spider for each family, side by side; gives why they closed, and what broke."""
    process = AsyncCrawlerProcess(settings)
    reasons: set[str] = set()
    spiders: list[PortalSpider] = []

    def closed(spider: PortalSpider, reason: str) -> None:
        reasons.add(reason)
        spiders.append(spider)

    ordered = sorted(portals, key=lambda portal: (portal.family, portal.id))
    tasks = []
    for family, members in groupby(ordered, key=lambda portal: portal.family):
        crawler = process.create_crawler(load_spider(family))
        crawler.signals.connect(closed, signal=signals.spider_closed, weak=False)
        tasks.append(process.crawl(crawler, portals=tuple(members), collection=collection))
    if not tasks:
        return reasons, []
    process.start(install_signal_handlers=install_signal_handlers)
    broken = [sentence for spider in spiders for sentence in spider.broken]
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            broken.append(f"{type(error).__name__}: {error}")
    if len(spiders) < len(tasks) and not broken:
        broken.append("a spider ended before it closed: see the log above")
    return reasons, broken


def _summary(collection: Collection, run_id: str, *, interrupted: bool) -> CrawlSummary:
    visits = list(collection.visits.values())
    return CrawlSummary(
        run_id=run_id,
        portals=len(visits),
        requests=sum(visit.requests for visit in visits),
        byte_count=sum(visit.byte_count for visit in visits),
        new=sum(visit.new for visit in visits),
        unchanged=sum(visit.unchanged for visit in visits),
        refused=sum(visit.refused for visit in visits),
        failed=sum(visit.failed for visit in visits),
        interrupted=interrupted,
    )


def _as_event(summary: CrawlSummary) -> dict[str, Any]:
    return {
        "run_id": summary.run_id,
        "requests": summary.requests,
        "bytes": summary.byte_count,
        "new": summary.new,
        "unchanged": summary.unchanged,
        "refused": summary.refused,
        "failed": summary.failed,
        "interrupted": summary.interrupted,
    }


class JsonLines:
    """Writes events to stdout. Whoever listened may be gone: then the crawl goes on in silence."""

    def __init__(self) -> None:
        self._open = True

    def __call__(self, event: Event) -> None:
        """Write one event."""
        if not self._open:
            return
        try:
            sys.stdout.write(f"{json.dumps(event, ensure_ascii=False)}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._open = False


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m crawlers.crawl",
        description="Collect portals into the raw store and the ledger. Progress is JSON Lines on stdout.",
    )
    parser.add_argument("--registry", type=Path, default=DEFAULT_REGISTRY, help="folder of <province>/<slug>.yml")
    parser.add_argument("--portal", action="append", default=[], metavar="ID", help="only this portal; may be repeated")
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw store")
    parser.add_argument("--ledger", type=Path, required=True, help="file of the ledger")
    parser.add_argument("--run-id", required=True, help="name of the run; an earlier one goes on where it stopped")
    parser.add_argument("--contact", help=f"where a portal's operator can reach you (default: ${CONTACT_VARIABLE})")
    parser.add_argument(
        "--timeout", type=float, default=120.0, metavar="SECONDS", help="for one request, body included"
    )
    parser.add_argument("--max-bytes", type=int, default=64 * 1024 * 1024, help="a larger file is not taken")
    parser.add_argument(
        "--full", action="store_true", help="read every list to its end and ask again for what is known, due or not"
    )
    parser.add_argument(
        "--stop-with-parent", action="store_true", help="stop when stdin ends: whoever started the crawl is gone"
    )
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    return parser.parse_args(arguments)


def _stop_at_end_of(descriptor: int) -> None:
    """Wait until nobody holds the other end any more, then stop as after a signal, and at the latest after a while."""
    # The descriptor itself is read: a lock on sys.stdin held here would break the interpreter's own end.
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LONGEST_STOP_SECONDS)
    os._exit(EXIT_STOPPED)  # what was finished is in the ledger already


def choose(registry: Registry, names: Sequence[str]) -> list[Portal]:
    """The portals of those names, or all sound ones.

    Raises:
        KeyError: no sound entry has that name; the sentence says what is wrong with it.
    """
    chosen = []
    for name in dict.fromkeys(names):
        portal = registry.get(name)
        if portal is None:
            about = [
                problem for problem in registry.problems if problem.file.stem == name or f'"{name}"' in problem.sentence
            ]
            hint = f"its entry has a problem: {about[0]}" if about else "see `ogi portals list` for the names"
            raise KeyError(f'no sound entry of the registry is called "{name}": {hint}')
        chosen.append(portal)
    return chosen if names else list(registry.portals)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; gives the exit code."""
    options = _arguments(arguments)
    emit = JsonLines()
    registry = load_registry(options.registry)
    for problem in registry.problems:
        sys.stderr.write(f"registry: {problem}\n")
        emit({"event": "registry_problem", "file": str(problem.file), "line": problem.line, "key": problem.key,
              "sentence": problem.sentence})  # fmt: skip
    try:
        portals = choose(registry, options.portal)
    except KeyError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return EXIT_USAGE
    if not portals:
        sys.stderr.write(f"{options.registry}: the registry holds no sound entry: nothing to collect\n")
        return EXIT_USAGE
    if not (options.contact or stated_contact()) and not all(is_local(portal.host) for portal in portals):
        sys.stderr.write(f"{NO_CONTACT}\n")
        emit({"event": "warning", "sentence": NO_CONTACT})
    if options.stop_with_parent:
        threading.Thread(target=_stop_at_end_of, args=(sys.stdin.fileno(),), daemon=True).start()
    try:
        summary = run_portals(
            portals,
            raw_root=options.raw,
            ledger_path=options.ledger,
            run_id=options.run_id,
            on_event=emit,
            contact=options.contact,
            timeout_seconds=options.timeout,
            max_bytes=options.max_bytes,
            log_level=options.log_level,
            full=options.full,
        )
    except CrawlBroken as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_BROKEN
    if summary.interrupted:
        sys.stderr.write(f"the run was stopped by a signal: start it again with --run-id {options.run_id} to go on\n")
        return EXIT_STOPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
