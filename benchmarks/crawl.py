"""What the crawl costs and keeps to, as the portals see it: `python -m benchmarks.crawl [MEASURE …]`.

Belongs here: throughput beside manners, memory, what a killed run loses. Does not belong here: whether the right pages
are found (tests). The portals are played on loopback; each of the three measures ends within about two minutes.

polite: 24 portals in one process, pauses of 0.1 to 0.5 seconds: requests at once and the smallest pause at each host,
    throughput against the ceiling (the sum of 1/pause), requests a report, and what the second night transfers. Beside
    it how busy the crawl was and what other guests of the host took from this machine: where a quarter is stolen, the
    throughput is that of the host.
memory: 10,000 responses in one process: resident memory along the way, and bytes a response over the first thousand,
    over the rest, and over what comes when the caches of fixed size are full. Beside it what is in use (`crawl_live`):
    the difference is held by the allocator, not by us. The portals are another process.
kills: a run killed 20 times at random moments against one left alone: raw store and outcome of every address, twins
    (one report under two addresses) included.
families: what is found of a portal of each family and what that costs (`crawl_families`); `--json` for a program.
"""

import argparse
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.crawl_families import as_json, as_table, measure_families
from benchmarks.crawl_live import LIVE_VARIABLE
from crawlers.archive import Ledger, Outcome
from pipelines.sample.draw_html import HtmlStyle, PageContext, draw_html
from pipelines.sample.random_reports import random_report
from pipelines.sample.server import RequestRecord, SampleServer
from pipelines.sample.sites import HTML, Resource

__all__ = ["PortalsOfOnePage", "main"]

ROOT = Path(__file__).resolve().parents[1]
BASE = "/zwgk/zfxxgknb/"
ROWS_A_PAGE = 20
TWIN = 10
"""Where there are twins, every so manieth report is one."""
DAY = datetime(2024, 1, 5, tzinfo=UTC)
MANY = 24
SECONDS = 10.0
"""For which each of the 24 portals has pages."""
RESPONSES = 10_000
FILLED = 2_000
"""Responses after which the caches of fixed size (addresses, titles, pages of the two SQLite files) are full."""
MARKS = (100, 1_000, FILLED, 4_000, 6_000, 8_000, RESPONSES)
"""Responses after which memory is read."""
MEGABYTE = 1024 * 1024
KILLS = 20
LONGEST_SECONDS = 170.0


class PortalsOfOnePage(SampleServer):
    """Portals whose reports are one report under many titles: nothing is drawn while the clock runs.

    With `twins` every tenth report is the one before it under another address, by turns to the byte and by its text.
    """

    def __init__(self, reports: Mapping[str, int], *, twins: bool = False) -> None:
        super().__init__()
        self.reports = dict(reports)
        self._twins = twins
        facts = random_report(random.Random(4), edition="E2021", oddities=())
        self._title = facts.title_text
        page = PageContext(
            site_name="演示县人民政府",
            column_name="政府信息公开年报",
            url="http://sample.test/",
            breadcrumb=("首页", "政务公开"),
            published_at="2024-01-05 09:30",
            index_number="000000000/2024-00001",
            attachments=(),
        )
        self._page = draw_html(facts, HtmlStyle(), page)

    def find(self, host: str, address: str, form: str = "", referer: str = "", method: str = "GET") -> Resource | None:
        """A list page or a report of a host."""
        if host not in self.reports:
            return super().find(host, address, form, referer, method)
        path = urlsplit(address).path
        if path == "/robots.txt":
            return Resource(b"User-agent: *\nDisallow: /search/\n", "text/plain", DAY)
        article = re.fullmatch(rf"{BASE}202401/t20240105_(\d+)\.html", path)
        if article is not None:
            asked = int(article.group(1))
            number = self._original(asked)
            # Words of its own: two addresses with the same text are one report to a crawl.
            own = f"总体情况 {hashlib.sha256(f'{host}/{number}'.encode()).hexdigest()}"
            page = self._page.replace(self._title.encode(), self.title(number).encode())
            page = page.replace("总体情况".encode(), own.encode())
            if number != asked and asked % (2 * TWIN) == TWIN - 1:
                page += f"<!-- {asked} -->".encode()
            return Resource(page, HTML, DAY)
        listed = re.fullmatch(rf"{BASE}(?:index(?:_(\d+))?\.html)?", path)
        return None if listed is None else self._list(host, int(listed.group(1) or 0))

    def _original(self, number: int) -> int:
        return number - 1 if self._twins and number % TWIN == TWIN - 1 else number

    @staticmethod
    def title(number: int) -> str:
        """The title of a report."""
        return f"演示县第{number}镇人民政府2023年政府信息公开工作年度报告"

    def _list(self, host: str, page: int) -> Resource | None:
        count = self.reports[host]
        pages = -(-count // ROWS_A_PAGE)
        if page >= pages:
            return None
        numbers = range(page * ROWS_A_PAGE, min((page + 1) * ROWS_A_PAGE, count))
        items = "".join(
            f'<li><a href="./202401/t20240105_{number}.html">{title}</a><span>2024-01-05</span></li>'
            for number in numbers
            for title in (self.title(self._original(number)),)
        )
        call = f'<script>createPageHTML({pages}, {page}, "index", "html");</script>'
        text = f'<html><head><meta charset="utf-8"></head><body><ul class="list">{items}</ul>{call}</body></html>'
        return Resource(text.encode(), HTML, DAY)


def names(count: int) -> list[str]:
    """The hosts of so many portals."""
    return [f"many-{chr(ord('a') + place // 26)}{chr(ord('a') + place % 26)}.test" for place in range(count)]


@dataclass(frozen=True)
class Crawl:
    """A folder with a registry, and the crawl of it."""

    folder: Path
    proxy: str

    def register(self, delays: Mapping[str, float]) -> None:
        """An entry for each host."""
        registry = self.folder / "registry" / "province"
        registry.mkdir(parents=True, exist_ok=True)
        for host, delay in delays.items():
            entry = {
                "name": "演示县",
                "family": "static_paged",
                "index_url": f"http://{host}{BASE}",
                "delay_seconds": delay,
            }
            (registry / f"{host.partition('.')[0]}.yml").write_text(json.dumps(entry, ensure_ascii=False), "utf-8")

    @property
    def live(self) -> Path:
        """Where a crawl says what of its memory is in use."""
        return self.folder / "live"

    def start(self, run_id: str, archive: str = "archive", module: str = "crawlers.crawl") -> subprocess.Popen[str]:
        """The crawl under way; its events are in its standard output."""
        home = self.folder / archive
        command = [sys.executable, "-m", module, "--registry", str(self.folder / "registry"), "--raw",
                   str(home / "raw"), "--ledger", str(home / "ledger.sqlite"), "--run-id", run_id]  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        environment = {**kept, "PYTHONPATH": str(ROOT), "http_proxy": self.proxy, LIVE_VARIABLE: str(self.live)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def finish(self, run_id: str, archive: str = "archive") -> dict[str, Any]:
        """Run to the end; gives the closing event."""
        with self.start(run_id, archive) as process:
            try:
                out, _ = process.communicate(timeout=LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise SystemExit(
                    f"the crawl did not end within {LONGEST_SECONDS:.0f} s: is the machine busy?"
                ) from None
        if process.returncode:
            raise SystemExit(f"the crawl broke with exit code {process.returncode}: see its messages above")
        closing: dict[str, Any] = json.loads(out.splitlines()[-1])
        return closing


@contextmanager
def played(reports: Mapping[str, int], *, twins: bool = False) -> Iterator[tuple[PortalsOfOnePage, Crawl]]:
    """Portals with so many reports each, and a crawl of them."""
    with tempfile.TemporaryDirectory() as folder, PortalsOfOnePage(reports, twins=twins) as server:
        yield server, Crawl(Path(folder), server.proxy_url)


def _stolen() -> float:
    """Processor seconds that the host gave to other guests since the start of this machine; 0 where it does not say."""
    try:
        return int(Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


def measure_manners() -> None:
    """24 portals at once: manners, throughput, requests a report, the second night."""
    delays = {host: round(0.1 + 0.4 * place / (MANY - 1), 3) for place, host in enumerate(names(MANY))}
    reports = {host: round(SECONDS / delay) for host, delay in delays.items()}
    with played(reports) as (server, crawl):
        crawl.register(delays)
        before, stolen_before, since = os.times(), _stolen(), time.perf_counter()
        first = crawl.finish("night-1")
        after, stolen_after, seconds = os.times(), _stolen(), time.perf_counter() - since
        log = server.requests
        server.clear_requests()
        second = crawl.finish("night-2")
        again = server.requests
        concurrent = max(at_once(log, host) for host in delays)
        spare = min((pause, delays[host], host) for host in delays for pause in pauses(log, host))
        short = sum(pause < delays[host] for host in delays for pause in pauses(log, host))
    ceiling = sum(1 / delay for delay in delays.values())
    rate = rate_while_all_are_busy(log, list(delays))
    pages = sum(record.path.endswith(".txt") or "/t2024" not in record.path for record in log)
    total = sum(reports.values())
    print(f"polite: {MANY} portals, {len(log)} requests, {first['bytes'] / 1e6:.1f} MB")
    print(f"  requests at once at a host, at most      {concurrent}")
    print(f"  smallest pause                           {spare[0]:.3f} s at a host that is given {spare[1]:.3f} s")
    print(f"  pauses shorter than stated               {short}")
    print(f"  throughput / ceiling                     {rate:.1f} / {ceiling:.1f} a second = {rate / ceiling:.1%}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    stolen = (stolen_after - stolen_before) / (os.cpu_count() or 1)
    print(f"  of a processor used / stolen from each   {used / seconds:.0%} / {stolen / seconds:.0%}")
    print(f"  requests a report beyond list pages      {(len(log) - pages) / total:.3f}")
    print(f"  new reports                              {first['new']} of {total}")
    share = second["bytes"] / first["bytes"]
    print(f"  second night                             {len(again)} requests, {share:.2%} of the bytes")


def at_once(log: Sequence[RequestRecord], host: str) -> int:
    """How many requests to a host were under way at the same moment, at most."""
    edges = [edge for record in log if record.host == host for edge in ((record.time_start, 1), (record.time_end, -1))]
    most = current = 0
    for _, step in sorted(edges):
        current += step
        most = max(most, current)
    return most


def pauses(log: Sequence[RequestRecord], host: str) -> list[float]:
    """Seconds from the end of each answer of a host to its next request; robots.txt comes before the pause is known."""
    ordered = sorted((record.time_start, record.time_end) for record in log if record.host == host)
    return [after[0] - before[1] for before, after in pairwise(ordered)]


def rate_while_all_are_busy(log: Sequence[RequestRecord], hosts: Sequence[str]) -> float:
    """Requests a second from when the last host was first asked until the first host was last asked."""
    times = {host: sorted(record.time_start for record in log if record.host == host) for host in hosts}
    start, end = max(given[2] for given in times.values()), min(given[-1] for given in times.values())
    return sum(start <= moment < end for given in times.values() for moment in given) / (end - start)


def measure_memory() -> None:
    """Resident memory of a crawl along 10,000 responses, and its slope: at first, after that, and with full caches."""
    hosts = names(MANY)
    reports = dict.fromkeys(hosts, RESPONSES // MANY)
    seen: dict[int, int] = {}
    used: dict[int, str] = {}
    with played(reports) as (server, crawl):
        crawl.register(dict.fromkeys(hosts, 0.0))
        began = time.monotonic()
        with crawl.start("night-1", module="benchmarks.crawl_live") as process:
            for mark in MARKS:
                while process.poll() is None and len(server.requests) < mark:
                    time.sleep(0.05)
                    drain(process)
                    if time.monotonic() - began > LONGEST_SECONDS:
                        process.kill()
                resident = resident_bytes(process.pid)
                if resident is not None:
                    count = len(server.requests)
                    seen[count] = resident
                    used[count] = memory_in_use(process, crawl.live)
            while process.poll() is None:  # its end too is heard piece by piece: the pipe does not block any more
                time.sleep(0.05)
                drain(process)
        took = time.monotonic() - began
        count = len(server.requests)
    print(f"memory: {count} responses in {took:.0f} s ({count / took:.0f} a second)")
    for mark, resident in seen.items():
        print(f"  after {mark:>6} responses                   {resident / MEGABYTE:.1f} MB{used[mark]}")
    marks = list(seen.items())
    since_filled = [mark for mark in marks if mark[0] >= FILLED] or marks[-1:]
    for what, part in (("first thousand", marks[:2]), ("rest", marks[1:]), ("rest after its caches", since_filled)):
        (start, before), (end, after) = part[0], part[-1]
        slope = (after - before) / max(1, end - start)
        print(f"  growth over the {what:<24} {slope:+.0f} bytes a response")
    if count < RESPONSES:
        print(f"  stopped after {LONGEST_SECONDS:.0f} s: is the machine busy?")


def drain(process: subprocess.Popen[str]) -> None:
    """Take what a process said, so that it never waits to be heard."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    while os_read(process.stdout.fileno()):
        pass


def os_read(descriptor: int) -> bytes:
    """What can be read now."""
    try:
        return os.read(descriptor, 1 << 20)
    except BlockingIOError:
        return b""


def resident_bytes(pid: int) -> int | None:
    """The memory that a process holds; None where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"VmRSS:\s*(\d+) kB", status)
    return None if found is None else int(found.group(1)) * 1024


def memory_in_use(process: subprocess.Popen[str], said: Path) -> str:
    """What a crawl says is in use of its memory, in words; nothing where it ended meanwhile."""
    said.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    for _ in range(100):
        if said.exists():
            in_use, held, blocks = map(int, said.read_text("utf-8").split())
            return f", in use {in_use / MEGABYTE:.1f} of {held / MEGABYTE:.1f} MB and {blocks:,} Python blocks"
        drain(process)
        time.sleep(0.02)
    return ""


def measure_kills() -> None:
    """A run killed at random moments against one left alone."""
    hosts = names(4)
    rng = random.Random(20)
    with played(dict.fromkeys(hosts, 90), twins=True) as (server, crawl):
        crawl.register(dict.fromkeys(hosts, 0.1))
        crawl.finish("night-1", "undisturbed")
        alone = len(server.requests)
        server.clear_requests()
        kills, began = 0, time.monotonic()
        while kills < KILLS and time.monotonic() - began < LONGEST_SECONDS:
            if not killed_after(crawl.start("night-1", "killed"), rng.uniform(0.0, 0.5)):
                break
            kills += 1
        crawl.finish("night-1", "killed")
        asked = len(server.requests)
        same_store = stored(crawl.folder / "undisturbed") == stored(crawl.folder / "killed")
        same_rows = outcomes(crawl.folder / "undisturbed") == outcomes(crawl.folder / "killed")
    print(f"kills: {kills} times kill -9 at random moments")
    print(f"  same raw store                           {'yes' if same_store else 'NO'}")
    print(f"  same outcome of every address            {'yes' if same_rows else 'NO'}")
    print(f"  requests                                 {asked} ({alone} undisturbed)")


def killed_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a crawl so long after its first finished fetch; False where it had ended before."""
    with process:
        assert process.stdout is not None
        next((line for line in process.stdout if '"fetched"' in line), None)
        time.sleep(seconds)
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    return alive


def stored(archive: Path) -> set[str]:
    """The files of a raw store."""
    return {str(path.relative_to(archive)) for path in (archive / "raw").rglob("*") if path.is_file()}


def outcomes(archive: Path) -> set[tuple[str | None, str, str, str | None]]:
    """What the ledger says of every address, and of every document how often it is stored.

    Of two addresses of one document the first that answers is stored and the other has the same content. Which one that
    is depends on whose turn it was: so an address is held or not, and a document is stored once or not.
    """
    with Ledger(archive / "ledger.sqlite", read_only=True) as ledger:
        rows = list(ledger.rows())
    held = (Outcome.STORED, Outcome.SAME_CONTENT)
    addresses = {
        (row.url, row.role.value, "held" if row.outcome in held else row.outcome.value, row.sha256) for row in rows
    }
    counted = Counter((row.portal_id, row.link_text, row.outcome.value) for row in rows if row.outcome in held)
    return addresses | {
        (portal, str(title), outcome, str(count)) for (portal, title, outcome), count in counted.items()
    }


def measure_each_family() -> None:
    """The table of families."""
    print(as_table(measure_families()))


MEASURES = {
    "polite": measure_manners,
    "memory": measure_memory,
    "kills": measure_kills,
    "families": measure_each_family,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the measures named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description="What the crawl costs.")
    parser.add_argument("measures", nargs="*", choices=[[], *MEASURES], help="all where none is named")
    parser.add_argument("--json", action="store_true", help="the table of families as JSON, and nothing else")
    options = parser.parse_args(arguments)
    if options.json:
        print(as_json(measure_families()))
        return
    for name in options.measures or MEASURES:
        MEASURES[name]()


if __name__ == "__main__":
    main()
