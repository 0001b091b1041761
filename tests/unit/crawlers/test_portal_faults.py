"""What each fault of a portal must lead to, from end to end: outcome, requests made, host stopped or not.

The numbers are those of the catalogue of faults. Every case is a host of its own, and all are collected in one run.
"""

import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from crawl_peer import CrawlRun, command, crawl, environment, listing, write_entry
from family_sites import FamilySite, make_site, serve

from crawlers.archive import FetchRow, Ledger, Outcome, Role
from pipelines.sample.faults import Fault
from pipelines.sample.server import SampleServer
from pipelines.sample.sites import Row

BASE = "/zwgk/zfxxgknb/"
ARTICLES = f"{BASE}20"
"""Where the articles of a sample site stand."""
ONE = "one"
"""Stands for the first article of a site."""
STORED = {"stored": 4}


@dataclass(frozen=True)
class Case:
    """A fault as it is set, and what it must lead to.

    Attributes:
        number: of the catalogue; 0 for what it names beside its table.
        on: the paths that fail.
        articles: outcomes of articles and files.
        listing: outcome of the column's page.
        requests: what the host is asked in all, robots.txt and list included.
        stopped: whether the host is left alone for the rest of the run.
    """

    number: int
    fault: Fault
    articles: Mapping[str, int]
    requests: int
    on: str = ARTICLES
    part: str = ""
    after: int = 0
    times: int | None = None
    seconds: float = 0.1
    listing: str = "listing"
    stopped: bool = False
    reason: str = ""
    site: Mapping[str, Any] = field(default_factory=dict)


WITH_FILE = {"reports": 5}
WITH_GONE = {"gone": True}
LONG = {"reports": 12}
CASES = {
    "jsl": Case(1, Fault.CHALLENGE_521, {"challenge": 4}, 3, stopped=True, reason="521: the portal asks"),
    "jsl-list": Case(1, Fault.CHALLENGE_521, {}, 2, on=BASE, listing="challenge", stopped=True),
    "ruishu": Case(2, Fault.CHALLENGE_412, {"challenge": 4}, 3, stopped=True, reason="412: the portal asks"),
    "script-cookie": Case(3, Fault.COOKIE_SCRIPT, {"challenge": 4}, 3, stopped=True, reason="sets a cookie"),
    "script-cookie-list": Case(3, Fault.COOKIE_SCRIPT, {}, 2, on=BASE, listing="challenge", stopped=True),
    "cookie": Case(4, Fault.COOKIE_REDIRECT, STORED, 7, on="/"),
    "cookie-loop": Case(4, Fault.COOKIE_LOOP, {"http_error": 4}, 14, reason="circle"),
    "waf": Case(5, Fault.WAF_403, {"challenge": 4}, 3, stopped=True, reason="firewall"),
    "waf-cookie": Case(5, Fault.WAF_COOKIE, {"challenge": 4}, 3, stopped=True, reason="firewall"),
    "deep": Case(6, Fault.MISSING_404, {"http_error": 4}, 6, reason="404"),
    "burst": Case(7, Fault.BURST_HOME, STORED, 9, after=2, times=3),
    "burst-for-good": Case(7, Fault.BURST_HOME, {"error_page": 4}, 11, reason="200 with the page that this host"),
    "soft": Case(8, Fault.SOFT_404, {"error_page": 4}, 6, reason="您访问的页面不存在"),
    "soft-unmarked": Case(
        8, Fault.SOFT_404_UNMARKED, {"stored": 4, "error_page": 1}, 9,
        reason="200 with the page that this host", site=WITH_GONE,
    ),
    "soft-home": Case(
        8, Fault.MISSING_TO_HOME, {"stored": 4, "error_page": 1}, 8,
        reason="home page", site=WITH_GONE,
    ),
    "soft-error-page": Case(
        8, Fault.MISSING_TO_ERROR_PAGE, {"stored": 4, "error_page": 1}, 8,
        on="/", reason="error page", site=WITH_GONE,
    ),
    "reset": Case(
        11, Fault.RESET, {"network_error": 12}, 11, stopped=True, reason="no answer 9 times",
        site={"reports": 12, "rows_per_page": 20},
    ),
    "reset-once": Case(11, Fault.RESET, STORED, 7, times=1),
    "too-fast": Case(11, Fault.ERROR_403, STORED, 7, times=1),
    "too-fast-busy": Case(11, Fault.ERROR_503, STORED, 7, times=1),
    "refusing": Case(11, Fault.ERROR_403, {"http_error": 2, "challenge": 2}, 4, stopped=True),
    "one-refused": Case(11, Fault.ERROR_403, {"stored": 3, "http_error": 1}, 7, on=ONE, reason="403"),
    "slow": Case(12, Fault.SLOW, STORED, 6, seconds=0.3),
    "drip": Case(12, Fault.DRIP, STORED, 6, seconds=0.4),
    "cut": Case(12, Fault.TRUNCATED, {"stored": 3, "network_error": 1}, 8, on=ONE, reason="before it was complete"),
    "cut-once": Case(12, Fault.TRUNCATED, STORED, 7, times=1),
    "cut-file": Case(
        12, Fault.LONG_LENGTH, {"stored": 5, "network_error": 1}, 10, part=".docx", reason="before it was complete",
        site=WITH_FILE,
    ),
    "long-length": Case(12, Fault.LONG_LENGTH, STORED, 10, reason="length that the portal states is wrong"),
    "short-length": Case(12, Fault.SHORT_LENGTH, STORED, 6, reason="ends before its closing tag"),
    "bad-gateway": Case(12, Fault.ERROR_502, STORED, 8, on=ONE, times=2),
    "sessions": Case(13, Fault.SESSION_LINKS, STORED, 6, on=BASE),
    "stub-list": Case(14, Fault.REFRESH_STUB, STORED, 7, on=BASE, times=1),
    "stub": Case(14, Fault.REFRESH_STUB, STORED, 10),
    "stub-script": Case(14, Fault.SCRIPT_STUB, STORED, 10),
    "stub-away": Case(14, Fault.STUB_AWAY, {"off_registry_host": 4}, 6, reason="only sends on to copies.invalid"),
    "away": Case(14, Fault.REDIRECT_AWAY, {"off_registry_host": 4}, 6, reason="redirects to copies.invalid"),
    "loop": Case(0, Fault.REDIRECT_LOOP, {"http_error": 4}, 26, reason="circle"),
    "repeated": Case(15, Fault.REPEATED_PAGE, {"stored": 6}, 10, on=f"{BASE}index_", site=LONG),
    "calendar": Case(15, Fault.CALENDAR, STORED, 6, on=BASE),
    "html-file": Case(
        16, Fault.HTML_FOR_FILE, {"stored": 5, "error_page": 1}, 8, part=".docx", reason="a web page came",
        site=WITH_FILE,
    ),
    "empty-file": Case(
        16, Fault.EMPTY_BODY, {"stored": 5, "empty": 1}, 9, part=".docx", reason="empty body", site=WITH_FILE
    ),
    "expired-token": Case(16, Fault.EXPIRED_TOKEN, {"stored": 6}, 10, site=WITH_FILE),
    "placeholders": Case(17, Fault.PLACEHOLDER_METADATA, STORED, 6),
    "bomb": Case(0, Fault.GZIP_BOMB, {"stored": 3, "too_large": 1}, 6, on=ONE, reason="unpacks to more"),
    "huge": Case(0, Fault.HUGE, {"stored": 5, "too_large": 1}, 8, part=".docx", site=WITH_FILE),
    "huge-unstated": Case(0, Fault.HUGE_UNSTATED, {"stored": 5, "too_large": 1}, 8, part=".docx", site=WITH_FILE),
    "robots-all": Case(0, Fault.ROBOTS_DISALLOW, {}, 1, listing="refused_by_robots"),
    "robots-some": Case(0, Fault.ROBOTS_PARTIAL, {"refused_by_robots": 4}, 2, reason="robots.txt forbids"),
    "robots-delay": Case(0, Fault.ROBOTS_DELAY, STORED, 6, seconds=0.25),
    "robots-none": Case(0, Fault.ROBOTS_404, STORED, 6),
    "robots-page": Case(0, Fault.ROBOTS_HTML, STORED, 6),
    "robots-busy": Case(0, Fault.ROBOTS_503, {}, 3, listing="http_error", stopped=True),
    "robots-late": Case(0, Fault.ERROR_503, STORED, 7, on="/robots.txt", times=1),
    "down": Case(0, Fault.DOWN, {}, 3, on="/", listing="network_error", stopped=True),
}  # fmt: skip


def site_of(name: str, case: Case) -> FamilySite:
    """The site of a case: four reports, one list page."""
    wanted = {"reports": 4, "negatives": False, "twins": False, **case.site}
    gone = wanted.pop("gone", False)
    made = make_site("static_paged", name=f"fault-{name}", **wanted)
    if not gone:
        return made
    missing = Row(gone=True, title="演示县旧县镇2022年政府信息公开工作年度报告", published=date(2023, 1, 9))
    return replace(made, site=made.site.model_copy(update={"rows": (*made.site.rows, missing)}))


def set_fault(server: SampleServer, site: FamilySite, case: Case) -> None:
    """Switch the fault of a case on."""
    host = site.site.host
    first = urlsplit(server.report_address(host, site.site.rows[0].report or "")).path
    server.set_fault(
        host,
        case.fault,
        path_prefix=first if case.on == ONE else case.on,
        path_part=case.part,
        after=case.after,
        times=case.times,
        seconds=case.seconds,
    )


@dataclass
class Night:
    """The run over all cases, and what the server saw."""

    run: CrawlRun
    server: SampleServer
    sites: Mapping[str, FamilySite]

    def rows(self, name: str) -> list[FetchRow]:
        """The rows of a case."""
        return [row for row in self.run.rows if row.portal_id == self.sites[name].site.id]

    def asked(self, name: str) -> list[str]:
        """What the host of a case was asked."""
        return [record.path for record in self.server.requests if record.host == self.sites[name].site.host]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """All cases in one run."""
    folder = tmp_path_factory.mktemp("faults")
    sites = {name: site_of(name, case) for name, case in CASES.items()}
    with serve(folder / "sites", *sites.values()) as server:
        for name, case in CASES.items():
            set_fault(server, sites[name], case)
            write_entry(folder / "registry", sites[name].site.id, "static_paged", sites[name].index_url)
        run = crawl(folder, "night-1", proxy=server.proxy_url)
        yield Night(run, server, sites)


def test_every_fault_of_the_catalogue_is_a_case() -> None:
    tested_apart = {9, 10}  # over TLS and on IPv6, below
    assert {case.number for case in CASES.values()} | tested_apart == set(range(18))
    switches = {case.fault for case in CASES.values()} | {Fault.EXPIRED_CERTIFICATE, Fault.OLD_TLS}
    assert set(Fault) - switches <= {Fault.ERROR_429, Fault.ERROR_500}


def test_no_fault_of_a_portal_breaks_the_crawl(night: Night) -> None:
    assert night.run.code == 0, night.run.stderr
    seen = Counter((row.portal_id, row.url) for row in night.run.rows)
    assert max(seen.values()) == 1


@pytest.mark.parametrize("name", CASES)
def test_a_fault_leads_to_its_outcome(night: Night, name: str) -> None:
    case, rows = CASES[name], night.rows(name)
    documents = [row for row in rows if row.role in (Role.ARTICLE, Role.ATTACHMENT)]
    said = [(row.role.value, row.outcome.value, row.reason, row.url) for row in rows]
    assert Counter(row.outcome.value for row in documents) == case.articles, said
    (column,) = [row for row in rows if row.role is Role.LISTING and urlsplit(row.url or "").path == BASE]
    assert column.outcome.value == case.listing, said
    spared = [row for row in rows if row.elapsed_ms is None and row.outcome is not Outcome.REFUSED_BY_ROBOTS]
    assert bool(spared) == (case.stopped and (len(documents) > 1 or column.elapsed_ms is None)), said
    assert all((row.reason or "").startswith("not asked: ") for row in spared), said
    assert any(case.reason in (row.reason or "") for row in rows) or not case.reason, said


@pytest.mark.parametrize("name", CASES)
def test_a_fault_costs_no_more_requests_than_stated(night: Night, name: str) -> None:
    asked, stated = night.asked(name), CASES[name].requests
    # How many are asked again before two were asked in vain depends on which answers first.
    assert (len(asked) <= stated) if name == "burst-for-good" else (len(asked) == stated), asked


def test_never_two_requests_at_once_at_a_host_that_fails(night: Night) -> None:
    assert {night.server.max_concurrent(site.site.host) for site in night.sites.values()} == {1}


def test_what_lists_say_is_kept_whatever_pages_say(night: Night) -> None:
    site = night.sites["placeholders"].site
    dates = {row.listed_date for row in night.rows("placeholders") if row.role is Role.ARTICLE}
    assert dates == {f"{facts.published}" for facts in night.sites["placeholders"].facts.values()}, site.host


def test_the_pause_of_robots_is_kept(night: Night) -> None:
    host = night.sites["robots-delay"].site.host
    times = [(record.time_start, record.time_end) for record in night.server.requests if record.host == host]
    assert min(after[0] - before[1] for before, after in pairwise(times[1:])) >= 0.25


def test_sessions_in_addresses_do_not_make_new_ones(tmp_path: Path) -> None:
    site = site_of("sessions", CASES["sessions"])
    with serve(tmp_path / "sites", site) as server:
        set_fault(server, site, CASES["sessions"])
        write_entry(tmp_path / "registry", site.site.id, "static_paged", site.index_url)
        first = crawl(tmp_path, "night-1", proxy=server.proxy_url)
        second = crawl(tmp_path, "night-2", proxy=server.proxy_url)
    assert {row.url for row in second.rows} <= {row.url for row in first.rows}
    assert Outcome.STORED not in {row.outcome for row in second.rows if row.role is Role.ARTICLE}


def test_a_host_that_hides_its_documents_for_a_night_has_none_gone(tmp_path: Path) -> None:
    site = site_of("deep", CASES["deep"])
    with serve(tmp_path / "sites", site) as server:
        write_entry(tmp_path / "registry", site.site.id, "static_paged", site.index_url)
        crawl(tmp_path, "night-1", proxy=server.proxy_url)
        for fault_on in (ARTICLES, BASE):  # every article, then the list as well; the home page stands
            server.set_fault(site.site.host, Fault.MISSING_404, path_prefix=fault_on)
            run = crawl(tmp_path, f"night-{fault_on}", proxy=server.proxy_url)
            assert "gone" not in {row.outcome.value for row in run.rows}


def test_a_body_that_never_ends_is_a_timeout_and_the_others_are_had(tmp_path: Path) -> None:
    site = site_of("drip", CASES["drip"])
    with serve(tmp_path / "sites", site) as server:
        set_fault(server, site, replace(CASES["drip"], on=ONE, seconds=60))
        write_entry(tmp_path / "registry", site.site.id, "static_paged", site.index_url)
        run = crawl(tmp_path, "night-1", "--timeout", "2", proxy=server.proxy_url)
    articles = Counter(row.outcome.value for row in run.rows if row.role is Role.ARTICLE)
    assert articles == {"stored": 3, "timeout": 1}
    assert len(server.requests) == 8


# ---- 9 and 10: TLS and IPv6 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "tls", "articles", "aloud"),
    [
        (None, "strict", STORED, ""),
        (None, "legacy", STORED, ""),
        (Fault.EXPIRED_CERTIFICATE, "strict", {}, ""),
        (Fault.EXPIRED_CERTIFICATE, "legacy", STORED, "certificate verify failed"),
        (Fault.OLD_TLS, "strict", {}, ""),
        (Fault.OLD_TLS, "legacy", STORED, "over legacy TLS"),
    ],
)
def test_tls_is_strict_first_and_legacy_only_where_the_entry_says_so(
    tmp_path: Path, fault: Fault | None, tls: str, articles: Mapping[str, int], aloud: str
) -> None:
    site = site_of("tls", Case(9, Fault.OLD_TLS, {}, 0))
    with serve(tmp_path / "sites", site) as server:
        server.set_fault(site.site.host, fault)
        index = site.index_url.replace("http:", "https:")
        write_entry(tmp_path / "registry", site.site.id, "static_paged", index, tls=tls)
        names = {"https_proxy": server.proxy_url, "SSL_CERT_FILE": str(server.authority)}
        done = subprocess.run(
            command(tmp_path, "r"), env={**environment(), **names}, capture_output=True, timeout=120, check=False
        )
        asked = len(server.requests)
    assert done.returncode == 0, done.stderr.decode()
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as ledger:
        rows = list(ledger.rows(run_id="r"))
    assert Counter(row.outcome.value for row in rows if row.role is Role.ARTICLE) == articles, rows
    if not articles:
        assert asked == 0
        assert {row.outcome for row in rows} == {Outcome.NETWORK_ERROR}
        assert fault is Fault.OLD_TLS or "tls: legacy" in (rows[0].reason or "")
    met = [row for row in rows if row.elapsed_ms is not None and articles]
    assert all(("over legacy TLS" in (row.reason or "")) == bool(aloud) and aloud in (row.reason or "") for row in met)
    assert (b'"legacy_tls"' in done.stdout) == bool(aloud)


def test_a_portal_on_ipv6_alone_is_met(tmp_path: Path) -> None:
    try:
        socket.getaddrinfo("localhost", None, socket.AF_INET6)
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine does not call itself localhost on IPv6")
    text = listing(("t20260104_1.html", "某局2025年政府信息公开工作年度报告", "2026-01-04"))
    threading.Thread(target=answer_all, args=(listener, text.encode()), daemon=True).start()
    port = listener.getsockname()[1]
    write_entry(tmp_path / "registry", "six", "static_paged", f"http://localhost:{port}{BASE}")
    run = crawl(tmp_path, "r")
    listener.close()
    outcomes = {urlsplit(row.url or "").path: row.outcome for row in run.rows}
    assert outcomes[BASE] is Outcome.LISTING, run.rows


def answer_all(listener: socket.socket, body: bytes) -> None:
    """Answer every request with the same page, until the socket is closed."""
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            peer.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
            peer.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)
