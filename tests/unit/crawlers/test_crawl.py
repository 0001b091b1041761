"""The crawl as users run it, against peers on loopback: politeness, bookkeeping, faults, and going on after a stop."""

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from crawl_peer import (
    Answer,
    CrawlRun,
    Peer,
    article,
    command,
    crawl,
    datastore,
    environment,
    listing,
    report,
    write_entry,
)

from crawlers.archive import Ledger, Outcome, RawStore, Role
from crawlers.crawl import CrawlSummary, main

BASE = "/zwgk/zfxxgknb/"
COLUMN = "/col/col30/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
ROBOTS = Answer("User-agent: *\nDisallow: /private/\n", content_type="text/plain")


def articles(*numbers: int) -> dict[str, str]:
    """The article pages of these reports."""
    return {f"{BASE}{report(number)[0][2:]}": article(report(number)[1]) for number in numbers}


def art(number: int) -> tuple[str, str, str]:
    """A row of a hanweb list."""
    href = f"/art/2021/1/{number}/art_30_{number}.html"
    return (href, f"某局{number}2020年政府信息公开工作年度报告", f"2021-01-{number:02d}")


def arts(*numbers: int) -> dict[str, str]:
    """The article pages of these rows."""
    return {art(number)[0]: article(art(number)[1]) for number in numbers}


def jpage(store: str, script: str) -> str:
    """A hanweb column page."""
    return f'<html><div id="7"><script type="text/xml">{store}</script></div><script>{script}</script></html>'


UNIT = (
    "$('#7').jpage({totalRecord:%d,perPage:2,proxyUrl:'/module/web/jpage/dataproxy.jsp',"
    "ajaxParam:{col:1,appid:1,webid:5,path:'/',columnid:30,sourceContentType:1,unitid:7,webname:'某区'}});"
)


def zero_based() -> dict[str, object]:
    """Counts from 0 and says three pages; the third is a stub. Every kind of link stands on the first."""
    links = "".join(
        f'<a href="{href}">{text}</a>'
        for href, text in (
            ("P020210101.docx", "附件：年度报告.docx"),
            ("/module/download/downfile.jsp?classid=0&filename=ab.pdf", "年度报告附表"),
            ("http://evil.invalid/copy.pdf", "年度报告副本"),
            ("jiedu.pdf", "（图解）年度报告"),
        )
    )
    first = listing(
        report(1),
        report(2),
        ("./202101/t20210101_1.html?isMobile=true", "某局1关于2020年政府信息公开工作的年度报告", "2021-01-01"),
        ("./202101/t20210111_11.html", "某区2020年政府信息公开工作年度报告解读", "2021-01-11"),
        ("http://evil.invalid/t20210112_12.html", "某区2020年政府信息公开工作年度报告", "2021-01-12"),
        ("/private/t20210113_13.html", "某院2020年政府信息公开年度报告", "2021-01-13"),
        ("./202101/P0202101.pdf", "某处2020年政府信息公开年度报告", "2021-01-14"),
        after='<script>createPageHTML(3, 0, "index", "html");</script>',
    )
    return {
        "/robots.txt": ROBOTS,
        BASE: first,
        f"{BASE}index_1.html": listing(report(3), report(2), report(4)),
        f"{BASE}index_2.html": "<html><body>" + " " * 330 + "</body></html>",
        **articles(1, 2, 3, 4),
        f"{BASE}202101/t20210101_1.html": article(report(1)[1], f'<div class="text">{links}</div>'),
        f"{BASE}202101/P0202101.pdf": Answer(b"%PDF-1.4 a", content_type="application/pdf"),
        f"{BASE}202101/P020210101.docx": Answer(b"PK\x03\x04 docx", content_type="application/octet-stream"),
        "/module/download/downfile.jsp?classid=0&filename=ab.pdf": Answer(b"%PDF-1.4 b"),
    }


def shanghai() -> dict[str, object]:
    """Writes the form that counts from 0 and calls its second page index_2; index_1 is another column's list."""
    script = '<script>createPageHTML(3, 0, "index", "html");</script>'
    return {
        "/robots.txt": "<html><body>首页</body></html>",
        BASE: listing(report(1), after=script),
        f"{BASE}index_1.html": listing(("/news/202101/t20210101_91.html", "某局2020年年度报告", "2021-01-01")),
        f"{BASE}index_2.html": listing(report(2)),
        f"{BASE}index_3.html": listing(report(3)),
        **articles(1, 2, 3),
    }


def years() -> dict[str, object]:
    """Columns of years below the column, one of them in pages that count from 1."""
    script = "<script>createPageHTML('page_div', 2, 1,'index','html',2);</script>"
    return {
        BASE: '<html><body><a href="./2021n/">2021年</a><a href="nb_2020n/">2020年</a></body></html>',
        f"{BASE}2021n/": listing(report(1), after=script),
        f"{BASE}2021n/index_2.html": listing(report(2)),
        f"{BASE}nb_2020n/": listing(("t15699357.shtml", "区水利局", "2021-01-03")),
        f"{BASE}2021n/202101/t20210101_1.html": article(report(1)[1]),
        f"{BASE}2021n/202101/t20210102_2.html": article(report(2)[1]),
        f"{BASE}nb_2020n/t15699357.shtml": article("区水利局"),
    }


def faulty() -> dict[str, object]:
    """Articles that fail in every way; the sound one among them must not be lost."""
    names = {
        "gone": Answer("", 404),
        "broken": Answer("", 500),
        "soft": "<html><body>您访问的页面不存在</body></html>",
        "empty": Answer(b""),
        "cut": Answer(article("某局年报") * 50, cut=True),
        "large": Answer(b"x" * 200_000),
        "moved": Answer("", 302, headers={"Location": f"{BASE}new.html"}),
        "away": Answer("", 302, headers={"Location": "http://evil.invalid/"}),
        "circle": Answer("", 302, headers={"Location": f"{BASE}t20210101_7.html"}),
        "home": Answer("", 302, headers={"Location": "/"}),
        "fine": article("某局年报"),
    }
    rows = [
        (f"t20210101_{place + 1}.html", f"某局{name}2020年年度报告", "2021-01-01") for place, name in enumerate(names)
    ]
    pages = {f"{BASE}t20210101_{place + 1}.html": page for place, page in enumerate(names.values())}
    pages[f"{BASE}t20210101_9.html"] = Answer("", 302, headers={"Location": f"{BASE}t20210101_9.html"})
    page_list = listing(*rows, ("t20210101_12.html", "某局list2020年年度报告", "2021-01-01"),
                        ("f.pdf", "某局file2020年年度报告", "2021-01-01"))  # fmt: skip
    return {
        BASE: page_list,
        **pages,
        f"{BASE}t20210101_12.html": page_list,
        f"{BASE}new.html": article("某局年报 moved"),
        "/": "<html><body>首页 要闻 公告</body></html>",
        f"{BASE}f.pdf": "<html><body>请登录后下载</body></html>",
    }


def records(total: int, *, only: str = "", ignore_start: bool = False, deep_empty: bool = False) -> dict[str, object]:
    """A hanweb portal of `total` rows, two a screen, and its ways."""

    def dataproxy(method: str, asked: Mapping[str, str]) -> Answer:
        if only and method != only:
            return Answer("", 405)
        if "page" in asked:
            first = (int(asked["page"]) - 1) * 3  # the server's page is not the screen's
            numbers = range(first + 1, min(first + 3, total) + 1)
        elif ignore_start:
            numbers = range(1, 3)
        else:
            numbers = range(
                int(asked["startrecord"]), min(int(asked["endrecord"]), total, int(asked["startrecord"]) + 2) + 1
            )
        if deep_empty and (numbers.start > 5 or not numbers):
            return Answer("<datastore><recordset></recordset></datastore>".ljust(54), content_type="text/xml")
        return Answer(datastore([art(number) for number in numbers], total), content_type="text/xml")

    return {
        COLUMN: jpage(datastore([art(1), art(2)], total), UNIT % total),
        PROXY: dataproxy,
        **arts(*range(1, total + 1)),
    }


def next_group() -> dict[str, object]:
    """Numbers that stand only inside nextgroup, and a server that takes no others."""

    def dataproxy(method: str, asked: Mapping[str, str]) -> Answer:
        if asked.get("columnid") != "Qx9" or method != "GET" or "page" not in asked:
            return Answer("", 404)
        return Answer(datastore([art(3), art(4)] if asked["page"] == "2" else [], 4), content_type="text/xml")

    group = f"{PROXY}?page=2&columnid=Qx9&unitid=Zk3"
    return {COLUMN: jpage(datastore([art(1), art(2)], 4, group), ""), PROXY: dataproxy, **arts(1, 2, 3, 4)}


def challenge_at_second() -> dict[str, object]:
    """A challenge for the first article: the host is left alone."""
    challenge = Answer("<script>document.cookie='__jsluid_h=1'</script>", 521)
    return {
        BASE: listing(*(report(number) for number in range(1, 8))),
        **dict.fromkeys(articles(*range(1, 8)), challenge),
    }


PORTALS: dict[str, tuple[str, str, dict[str, object]]] = {
    "zero": ("static_paged", BASE, zero_based()),
    "shanghai": ("static_paged", BASE, shanghai()),
    "years": ("static_paged", BASE, years()),
    "faulty": ("static_paged", BASE, faulty()),
    "bare": ("static_paged", BASE.rstrip("/"), {BASE.rstrip("/"): listing(report(1)), **articles(1)}),
    "shell": ("static_paged", BASE, {BASE: "<html><body><div id=app></div></body></html>"}),
    "nothing": ("static_paged", BASE, {BASE: "<html><body>暂无相关信息</body></html>"}),
    "stub": (
        "static_paged",
        "/nb/",
        {
            "/nb/": f'<html><meta http-equiv="refresh" content="0;url={BASE}"></html>',
            BASE: listing(report(1)),
            **articles(1),
        },
    ),
    "challenged": ("static_paged", BASE, challenge_at_second()),
    "waf": ("static_paged", BASE, {BASE: Answer("<html>访问被拦截 WAF</html>", 403)}),
    "refusing": (
        "static_paged",
        BASE,
        {
            BASE: listing(*(report(n) for n in range(1, 6))),
            **{path: Answer("no", 403) for path in articles(*range(1, 6))},
        },
    ),
    "forbidden": (
        "static_paged",
        BASE,
        {"/robots.txt": Answer("User-agent: *\nDisallow: /", content_type="text/plain")},
    ),
    "robots-broken": ("static_paged", BASE, {"/robots.txt": Answer("", 500), BASE: listing(report(1))}),
    "records": ("hanweb", COLUMN, records(9)),
    "by-page": ("hanweb", COLUMN, records(8, only="GET", ignore_start=True)),
    "post-page": ("hanweb", COLUMN, records(8, only="POST", ignore_start=True)),
    "deep": ("hanweb", COLUMN, records(9, deep_empty=True)),
    "next-group": ("hanweb", COLUMN, next_group()),
    "delayed": ("static_paged", BASE, {BASE: listing(report(1), report(2)), **articles(1, 2)}),
    "crawl-delay": (
        "static_paged",
        BASE,
        {
            "/robots.txt": Answer("User-agent: *\nCrawl-delay: 0.25", content_type="text/plain"),
            BASE: listing(report(1), report(2)),
            **articles(1, 2),
        },
    ),
    "two-families": (
        "static_paged",
        BASE,
        {BASE: listing(*(report(number) for number in range(1, 7))), **articles(*range(1, 7)), **records(6)},
    ),
}


class Nights:
    """Two nights over the same portals."""

    def __init__(self, folder: Path, peers: dict[str, Peer]) -> None:
        self.folder = folder
        self.peers = peers
        self.first = crawl(folder, "night-1", "--max-bytes", "100000")
        self.asked_first = {name: len(peer.log) for name, peer in peers.items()}
        self.second = crawl(folder, "night-2", "--max-bytes", "100000", "--full")

    def outcomes(self, portal: str, run: CrawlRun | None = None) -> dict[str, str]:
        """Outcome by path at one portal."""
        rows = [row for row in (run or self.first).rows if row.portal_id == portal]
        return CrawlRun(0, [], "", rows).outcomes()

    def stored(self, portal: str) -> int:
        """Documents stored from a portal in the first night."""
        kept = (Role.ARTICLE, Role.ATTACHMENT)
        rows = [row for row in self.first.rows if row.portal_id == portal and row.role in kept]
        return sum(row.outcome is Outcome.STORED for row in rows)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    with ExitStack() as stack:
        peers = {name: stack.enter_context(Peer(pages)) for name, (_, _, pages) in PORTALS.items()}  # type: ignore[arg-type]
        for name, (family, path, _) in PORTALS.items():
            more = {"delay_seconds": 0.15} if name == "delayed" else {}
            write_entry(folder / "registry", name, family, peers[name].url(path), **more)
        write_entry(folder / "registry", "second-family", "hanweb", peers["two-families"].url(COLUMN))
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            down = f"http://127.0.0.1:{unused.getsockname()[1]}{BASE}"
        write_entry(folder / "registry", "down", "static_paged", down)
        write_entry(folder / "registry", "typo", "static_pagd", down)
        yield Nights(folder, peers)


# ---- the whole run --------------------------------------------------------------------------------------------------


def test_a_crawl_over_sound_and_broken_portals_ends_well(nights: Nights) -> None:
    assert nights.first.code == 0, nights.first.stderr
    assert nights.second.code == 0, nights.second.stderr
    assert "Traceback" not in nights.first.stderr + nights.second.stderr
    finished = {event["portal"] for event in nights.first.events if event["event"] == "portal_finished"}
    assert finished == {*PORTALS, "down", "second-family"}
    assert nights.first.events[0]["event"] == "registry_problem"
    assert nights.first.events[-1]["event"] == "run_finished"
    assert not any(event.get("interrupted") for event in nights.first.events)


def test_every_address_has_one_row_in_a_run_and_every_row_is_told(nights: Nights) -> None:
    for run in (nights.first, nights.second):
        assert max(Counter(row.url for row in run.rows).values()) == 1
        told = Counter(event["url"] for event in run.events if event["event"] == "fetched")
        assert told == Counter(row.url for row in run.rows)


def test_a_row_tells_all_about_its_fetch_and_the_bytes_are_in_the_raw_store(nights: Nights) -> None:
    store = RawStore(nights.folder / "raw")
    for row in nights.first.rows:
        if row.outcome is Outcome.STORED:
            assert row.sha256 is not None
            assert len(store.get(row.sha256)) == row.byte_count
            assert (row.status_code, bool(row.etag)) == (200, True)
        if row.outcome in (Outcome.NOT_FOLLOWED, Outcome.OFF_REGISTRY_HOST, Outcome.REFUSED_BY_ROBOTS):
            assert row.reason
            assert (row.sha256, row.byte_count) == (None, None)
    (row,) = [row for row in nights.first.rows if row.url == nights.peers["zero"].url(f"{BASE}202101/t20210101_1.html")]
    assert (row.role, row.link_text, row.listed_date) == (Role.ARTICLE, report(1)[1], "2021-01-01")
    assert row.parent_url == nights.peers["zero"].url(BASE)
    assert row.requested_at.endswith("+00:00")
    assert row.elapsed_ms is not None


def test_never_two_requests_at_once_at_a_host(nights: Nights) -> None:
    assert {name: peer.most_together for name, peer in nights.peers.items()} == dict.fromkeys(nights.peers, 1)


def test_robots_is_asked_first_and_the_agent_is_honest(nights: Nights) -> None:
    for peer in nights.peers.values():
        assert peer.paths[0] == "/robots.txt"
        assert peer.paths.count("/robots.txt") <= 2 or peer is nights.peers["robots-broken"]
        assert all("ogi-warehouse/" in asked.agent and "; +" in asked.agent for asked in peer.log)


def test_the_second_night_downloads_nothing_again(nights: Nights) -> None:
    for name in ("zero", "shanghai", "years", "bare"):
        again = nights.peers[name].log[nights.asked_first[name] :]
        assert {asked.status for asked in again} <= {304, 404}
        assert len(again) == nights.asked_first[name]
        first, second = nights.outcomes(name), nights.outcomes(name, nights.second)
        assert set(first) == set(second)
        kept = {"stored": "unchanged", "listing": "unchanged"}
        assert {path: kept.get(outcome, outcome) for path, outcome in first.items()} == second
    assert nights.second.events[-1]["new"] == 0
    assert nights.second.finished("zero")["bytes"] == 0


# ---- static_paged ---------------------------------------------------------------------------------------------------


def test_a_portal_that_counts_from_zero_is_read_to_its_stub(nights: Nights) -> None:
    outcomes = nights.outcomes("zero")
    assert {path: outcome for path, outcome in outcomes.items() if outcome != "stored"} == {
        BASE: "listing",
        f"{BASE}index_1.html": "listing",
        f"{BASE}index_2.html": "listing",
        f"{BASE}202101/t20210111_11.html": "candidate",
        f"{BASE}202101/jiedu.pdf": "candidate",
        "/t20210112_12.html": "off_registry_host",
        "/copy.pdf": "off_registry_host",
        "/private/t20210113_13.html": "refused_by_robots",
    }
    assert nights.stored("zero") == 7
    (stub,) = [row for row in nights.first.rows if row.url == nights.peers["zero"].url(f"{BASE}index_2.html")]
    assert "a stub of" in (stub.reason or "")
    attachments = [row for row in nights.first.rows if row.portal_id == "zero" and row.role is Role.ATTACHMENT]
    assert {row.parent_url for row in attachments if row.outcome is Outcome.STORED} == {
        nights.peers["zero"].url(BASE),
        nights.peers["zero"].url(f"{BASE}202101/t20210101_1.html"),
    }


def test_a_portal_that_means_index_2_by_page_two_is_read_and_a_foreign_list_is_not_taken(nights: Nights) -> None:
    assert nights.stored("shanghai") == 3
    assert not any("/news/" in path for path in nights.outcomes("shanghai"))


def test_columns_of_years_are_walked(nights: Nights) -> None:
    assert nights.stored("years") == 3
    (row,) = [row for row in nights.first.rows if row.portal_id == "years" and row.link_text == "区水利局"]
    assert row.outcome is Outcome.STORED


def test_a_list_without_its_closing_slash_still_finds_its_articles(nights: Nights) -> None:
    assert nights.stored("bare") == 1


def test_a_stub_that_sends_on_to_the_list_is_followed_one_hop(nights: Nights) -> None:
    assert nights.stored("stub") == 1


def test_a_page_without_a_list_is_a_changed_layout_and_an_empty_column_says_so(nights: Nights) -> None:
    assert nights.outcomes("shell")[BASE] == "layout_changed"
    (row,) = [row for row in nights.first.rows if row.portal_id == "shell" and row.role is Role.LISTING]
    assert "family static_paged" in (row.reason or "")
    assert nights.outcomes("nothing")[BASE] == "empty"
    assert nights.outcomes("shell", nights.second)[BASE] == "layout_changed"


@pytest.mark.parametrize(
    ("number", "outcome", "reason", "asked"),
    [
        (1, "http_error", "404: there is no such page", 1),
        (2, "http_error", "500: the portal has a fault", 3),
        (3, "error_page", "您访问的页面不存在", 1),
        (4, "empty", "empty body", 1),
        (5, "network_error", "ended before it was complete", 3),
        (6, "too_large", "larger than the crawl accepts", 1),
        (7, "stored", None, 1),
        (8, "off_registry_host", "redirects to evil.invalid", 1),
        (9, "http_error", "redirects in a circle", 1),
        (10, "error_page", "home page", 1),
        (11, "stored", None, 1),
        (12, "error_page", "its list page in place of the article", 2),
    ],
)
def test_every_fault_of_an_article_has_its_outcome_and_only_passing_ones_are_asked_again(
    nights: Nights, number: int, outcome: str, reason: str | None, asked: int
) -> None:
    path = f"{BASE}t20210101_{number}.html"
    peer = nights.peers["faulty"]
    (row,) = [row for row in nights.first.rows if row.url == peer.url(path)]
    assert row.outcome.value == outcome
    assert (row.reason is None) == (reason is None)
    assert (reason or "") in (row.reason or "")
    assert peer.paths[: nights.asked_first["faulty"]].count(path) == asked


def test_a_web_page_in_place_of_a_file_is_an_error_page(nights: Nights) -> None:
    assert nights.outcomes("faulty")[f"{BASE}f.pdf"] == "error_page"


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_a_portal_that_is_down_is_a_fact_in_the_ledger(nights: Nights) -> None:
    rows = [row for row in nights.first.rows if row.portal_id == "down"]
    assert [(row.role, row.outcome) for row in rows] == [
        (Role.ROBOTS, Outcome.NETWORK_ERROR),
        (Role.LISTING, Outcome.NETWORK_ERROR),
    ]
    assert "refuses connections" in (rows[0].reason or "")
    assert (rows[1].reason or "").startswith("not asked: robots.txt could not be had")
    assert nights.first.finished("down")["failed"] == 1


def test_a_host_that_challenges_is_left_alone_for_the_rest_of_the_run(nights: Nights) -> None:
    outcomes = nights.outcomes("challenged")
    assert Counter(outcomes.values()) == {"challenge": 7, "listing": 1, "http_error": 1}
    assert len(nights.peers["challenged"].log[: nights.asked_first["challenged"]]) == 3
    reasons = {row.reason for row in nights.first.rows if row.portal_id == "challenged" and row.elapsed_ms is None}
    assert all((reason or "").startswith("not asked: 521") for reason in reasons)
    assert nights.first.finished("challenged")["refused"] == 7


def test_a_firewall_at_the_list_is_a_challenge_and_not_asked_again(nights: Nights) -> None:
    assert nights.outcomes("waf")[BASE] == "challenge"
    assert nights.asked_first["waf"] == 2


def test_plain_refusals_stop_the_host_after_one_confirmation(nights: Nights) -> None:
    assert nights.asked_first["refusing"] == 4
    counts = Counter(
        row.outcome for row in nights.first.rows if row.portal_id == "refusing" and row.role is Role.ARTICLE
    )
    assert counts == {Outcome.HTTP_ERROR: 2, Outcome.CHALLENGE: 3}


def test_robots_that_forbids_everything_is_obeyed(nights: Nights) -> None:
    assert nights.peers["forbidden"].paths == ["/robots.txt", "/robots.txt"]
    assert nights.outcomes("forbidden") == {"/robots.txt": "stored", BASE: "refused_by_robots"}


def test_robots_that_cannot_be_had_leaves_the_host_alone(nights: Nights) -> None:
    assert set(nights.peers["robots-broken"].paths) == {"/robots.txt"}
    assert nights.outcomes("robots-broken") == {"/robots.txt": "http_error", BASE: "http_error"}


# ---- hanweb ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("portal", "expected"), [("records", 9), ("by-page", 8), ("post-page", 8), ("next-group", 4), ("deep", 6)]
)
def test_every_row_is_found_in_whichever_way_the_server_obeys(nights: Nights, portal: str, expected: int) -> None:
    assert nights.stored(portal) == expected


def test_a_long_list_is_asked_for_in_groups_and_not_twice(nights: Nights) -> None:
    posts = [asked for asked in nights.peers["records"].log[: nights.asked_first["records"]] if asked.method == "POST"]
    assert [asked.path.split("&")[0] for asked in posts] == [f"{PROXY}?startrecord={start}" for start in (3, 6, 9)]
    assert posts[0].form["columnid"] == "30"


def test_a_list_shorter_than_it_says_is_a_warning(nights: Nights) -> None:
    assert "counts 9 rows, 6 were found" in nights.first.stderr


def test_a_list_shorter_than_it_says_is_told_in_the_ledger_and_counted(nights: Nights) -> None:
    reasons = [row.reason for row in nights.first.rows if row.portal_id == "deep" and row.role is Role.LISTING]
    assert "incomplete list: 6 of 9 rows were read" in reasons
    counts = {name: nights.first.finished(name)["incomplete"] for name in PORTALS}
    assert counts == {**dict.fromkeys(PORTALS, 0), "deep": 1}


def test_a_list_with_more_pages_than_may_be_read_is_told_and_counted(tmp_path: Path) -> None:
    script = "<script>createPageHTML('page_div', 3, 1, 'index', 'html', 3);</script>"
    with Peer({BASE: listing(report(1), after=script), f"{BASE}index_2.html": listing(report(2))}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE), options={"max_pages": 2})
        run = crawl(tmp_path, "r")
    assert run.by_path()[BASE].reason == "incomplete list: 2 of 3 pages are read (max_pages)"
    assert run.finished("p")["incomplete"] == 1


# ---- going on -------------------------------------------------------------------------------------------------------


def slow_site(count: int) -> dict[str, object]:
    def page(text: str) -> object:
        def answer(method: str, asked: Mapping[str, str]) -> Answer:
            time.sleep(0.03)
            return Answer(text)

        return answer

    rows = [report(number) for number in range(1, count + 1)]
    half = count // 2
    script = '<script>createPageHTML(2, 0, "index", "html");</script>'
    return {
        BASE: listing(*rows[:half], after=script),
        f"{BASE}index_1.html": listing(*rows[half:]),
        **{
            path: page(text.replace("</body>", f'<a href="P{place}.pdf">附件</a></body>'))
            for place, (path, text) in enumerate(articles(*range(1, count + 1)).items())
        },
        **{f"{BASE}202101/P{place}.pdf": Answer(f"%PDF {place}".encode()) for place in range(count)},
    }


def stop_after(folder: Path, documents: int, stop: signal.Signals) -> int:
    """Start a crawl, stop it once so many documents are stored, and give its exit code."""
    with subprocess.Popen(
        command(folder, "r"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        seen = 0
        for line in running.stdout:
            seen += b'"stored"' in line
            if seen == documents:
                os.kill(running.pid, stop)
                break
        running.stdout.read()
    return running.returncode


def test_a_run_that_was_stopped_goes_on_and_ends_like_one_left_alone(tmp_path: Path) -> None:
    with Peer(slow_site(12)) as peer:  # type: ignore[arg-type]
        for folder in ("stopped", "alone"):
            write_entry(tmp_path / folder / "registry", "p", "static_paged", peer.url(BASE))
        for stop, code in ((signal.SIGTERM, 143), (signal.SIGKILL, -9)):
            assert stop_after(tmp_path / "stopped", 5, stop) == code
        before = len(peer.log)
        with Ledger(tmp_path / "stopped" / "ledger.sqlite") as ledger:
            done = {row.url for row in ledger.rows(run_id="r")}
        assert 10 < len(done) < 28
        resumed = crawl(tmp_path / "stopped", "r")
        again = [asked for asked in peer.log[before:] if peer.url(asked.path) in done]
        alone = crawl(tmp_path / "alone", "r")
    assert resumed.code == alone.code == 0
    assert again == []
    assert resumed.outcomes() == alone.outcomes()
    # The last page is as full as the others: one page more than the portal counts is tried.
    assert len(resumed.rows) == 28
    kept = [list(RawStore(tmp_path / folder / "raw").iter_hashes()) for folder in ("stopped", "alone")]
    assert kept[0] == kept[1]
    assert sorted(row.sha256 or "" for row in resumed.rows) == sorted(row.sha256 or "" for row in alone.rows)


def test_a_run_that_is_finished_asks_nothing_when_started_again(nights: Nights) -> None:
    asked = {name: len(peer.log) for name, peer in nights.peers.items()}
    again = crawl(nights.folder, "night-2")
    assert again.code == 0, again.stderr
    assert {name: len(peer.log) for name, peer in nights.peers.items()} == asked
    assert again.rows == nights.second.rows
    assert again.finished("zero")["requests"] == 0


def test_changed_lost_and_damaged_documents_are_fetched_again(tmp_path: Path) -> None:
    pages = {"/robots.txt": ROBOTS, BASE: Answer(listing(report(1), report(2), report(3), report(4)), with_etag=False)}
    pages.update({path: Answer(text) for path, text in articles(1, 2, 3, 4).items()})
    paths = list(articles(1, 2, 3, 4))
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "r1").by_path()
        store = RawStore(tmp_path / "raw")
        damaged, lost = store.path(first[paths[1]].sha256 or ""), store.path(first[paths[2]].sha256 or "")
        damaged.chmod(0o644)
        damaged.write_bytes(b"x" * damaged.stat().st_size)
        lost.unlink()
        peer.pages[paths[0]] = Answer(article(report(1)[1], "更正"))
        second = crawl(tmp_path, "r2", "--full")
    assert second.code == 0, second.stderr
    rows = second.by_path()
    assert [rows[path].outcome.value for path in paths] == ["stored", "same_content", "same_content", "unchanged"]
    assert rows[paths[0]].reason == "the bytes changed since the last visit"
    assert rows[BASE].outcome is Outcome.LISTING
    for path in paths:
        assert store.get(rows[path].sha256 or "")


@pytest.mark.parametrize(("portal", "delay"), [("delayed", 0.15), ("crawl-delay", 0.25)])
def test_the_delay_is_kept_and_crawl_delay_makes_it_longer(nights: Nights, portal: str, delay: float) -> None:
    starts = [asked.start for asked in nights.peers[portal].log[: nights.asked_first[portal]]]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert len(gaps) == 3
    assert min(gaps) >= delay * 0.95


def test_a_portal_that_does_not_answer_is_a_timeout(tmp_path: Path) -> None:
    with Peer({BASE: listing(report(1)), **{path: Answer(hold=True) for path in articles(1)}}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "r", "--timeout", "0.5")
    assert run.code == 0
    assert run.by_path()[next(iter(articles(1)))].outcome is Outcome.TIMEOUT


def test_two_families_on_one_host_still_make_one_request_at_a_time(nights: Nights) -> None:
    peer = nights.peers["two-families"]
    assert peer.most_together == 1
    assert peer.paths[: nights.asked_first["two-families"]].count("/robots.txt") == 1
    assert (nights.stored("two-families"), nights.stored("second-family")) == (6, 6)


def test_a_forward_proxy_from_the_environment_is_used(tmp_path: Path) -> None:
    host = "http://sample.test"
    with Peer(
        {f"{host}{BASE}": listing(report(1)), **{f"{host}{path}": text for path, text in articles(1).items()}}
    ) as proxy:
        write_entry(tmp_path / "registry", "p", "static_paged", f"{host}{BASE}", verified="sample")
        run = crawl(tmp_path, "r", proxy=proxy.url("/"))
    assert run.code == 0, run.stderr
    assert [row.outcome.value for row in run.rows if row.role is Role.ARTICLE] == ["stored"]
    assert all(path.startswith(host) for path in proxy.paths)


# ---- called wrongly, or broken --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sentence"), [("p", "did you mean static_paged?"), ("other", "see `ogi portals list`")]
)
def test_a_name_that_no_sound_entry_has_is_said_with_the_entrys_own_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    write_entry(tmp_path / "registry", "p", "static_pagd", "http://127.0.0.1:9/")
    assert main(command(tmp_path, "r", "--portal", name)[3:]) == 2
    assert sentence in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "ledger.sqlite").exists()


def test_an_archive_that_cannot_be_written_breaks_the_crawl_with_a_sentence(tmp_path: Path) -> None:
    with Peer({BASE: listing(report(1)), **articles(1)}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        (tmp_path / "raw").write_text("a file stands where the folder should be")
        run = crawl(tmp_path, "r")
    assert run.code == 1
    assert "storing a document failed" in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr.splitlines()[-1]


def test_an_address_that_one_portal_may_not_follow_is_fetched_by_the_portal_whose_host_it_is(tmp_path: Path) -> None:
    with Peer() as first, Peer() as second:
        path = next(iter(articles(1)))
        links = ((second.url(path), report(1)[1], report(1)[2]), ("./202101/t1.html", "一图读懂年报", ""))
        first.pages[BASE] = listing(*links, report(2))
        first.pages.update(articles(2))
        second.pages.update({BASE: listing(report(1)), **articles(1)})
        write_entry(tmp_path / "registry", "a", "static_paged", first.url(BASE))
        write_entry(tmp_path / "registry", "b", "static_paged", second.url(BASE))
        runs = [crawl(tmp_path, "r", "--portal", "a"), crawl(tmp_path, "r")]
    assert [run.code for run in runs] == [0, 0], runs[-1].stderr
    rows = [(row.portal_id, row.outcome.value) for row in runs[-1].rows if row.url == second.url(path)]
    assert rows == [("a", "off_registry_host"), ("b", "stored")]


def test_a_numbered_page_that_fails_once_is_asked_again_and_one_that_fails_in_the_end_counts(tmp_path: Path) -> None:
    answers = {"once": [503], "always": [503] * 9}

    def flaky(name: str) -> object:
        def answer(method: str, asked: Mapping[str, str]) -> Answer:
            return Answer("", answers[name].pop()) if answers[name] else Answer(listing(report(2)))

        return answer

    script = "<script>createPageHTML('page_div', 3, 1, 'index', 'html', 3);</script>"
    with ExitStack() as stack:
        for name in answers:
            pages = {
                BASE: listing(report(1), after=script),
                f"{BASE}index_2.html": flaky(name),
                f"{BASE}index_3.html": listing(report(3)),
                **articles(1, 2, 3),
            }
            peer = stack.enter_context(Peer(pages))  # type: ignore[arg-type]
            write_entry(tmp_path / "registry", name, "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "r")
    assert run.code == 0, run.stderr
    assert [run.finished(name)["new"] for name in answers] == [3, 2]
    assert [run.finished(name)["failed"] for name in answers] == [0, 1]


def test_the_pause_runs_from_the_end_of_a_slow_answer(tmp_path: Path) -> None:
    def slow(method: str, asked: Mapping[str, str]) -> Answer:
        time.sleep(0.2)
        return Answer(article(report(1)[1]))

    with Peer({BASE: listing(report(1), report(2)), **dict.fromkeys(articles(1, 2), slow)}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE), delay_seconds=0.15)
        run = crawl(tmp_path, "r")
    assert run.code == 0, run.stderr
    assert min(later.start - earlier.end for earlier, later in pairwise(peer.log)) >= 0.14


def test_a_crawl_whose_parent_is_gone_stops_and_holds_the_inherited_lock_until_then(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with Peer(slow_site(200)) as peer, lock.open("a") as held, lock.open("a") as other:  # type: ignore[arg-type]
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        fcntl.flock(held, fcntl.LOCK_EX)
        with subprocess.Popen(
            command(tmp_path, "r", "--stop-with-parent"), env=environment(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(held.fileno(),),
        ) as running:  # fmt: skip
            assert running.stdin is not None
            assert running.stdout is not None
            next(line for line in running.stdout if b'"stored"' in line)
            held.close()  # as when the parent dies
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            running.stdin.close()
            running.stdout.read()
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert running.returncode == 143


@pytest.mark.parametrize(
    ("url", "contact", "warned"),
    [
        ("http://www.example.gov.cn/nb/", "", True),
        ("http://www.example.gov.cn/nb/", "office@example.org", False),
        ("http://one.test/nb/", "", False),
    ],
)
def test_a_crawl_of_others_portals_without_a_contact_says_so(
    url: str,
    contact: str,
    warned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_entry(tmp_path / "registry", "p", "static_paged", url, delay_seconds=3)
    monkeypatch.setenv("OGI_CONTACT", contact)
    summary = CrawlSummary("r", 1, 0, 0, 0, 0, 0, 0, interrupted=False)
    monkeypatch.setattr("crawlers.crawl.run_portals", lambda *_, **__: summary)
    folders = ["--raw", str(tmp_path / "raw"), "--ledger", str(tmp_path / "l.sqlite")]
    assert main(["--registry", str(tmp_path / "registry"), *folders, "--run-id", "r"]) == 0
    said = capsys.readouterr()
    assert ('"event": "warning"' in said.out) == ("OGI_CONTACT" in said.err) == warned
