"""Portals that publish their lists and reports in ways of their own, by hand: each must give every report."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

import pytest
from crawl_peer import Answer, CrawlRun, Peer, article, crawl, listing, report, write_entry
from crawl_peer import Page as Played

from crawlers.archive import Outcome, Role

BASE = "/zwgk/zfxxgknb/"
FOUND = frozenset({Outcome.STORED, Outcome.UNCHANGED, Outcome.SAME_CONTENT})
TEXT = "本年度收到和处理政府信息公开申请情况如下，行政复议、行政诉讼情况见附表。" * 6

Pages = dict[str, Played]


def path_of(number: int) -> str:
    """Where the report of that number stands."""
    return f"{BASE}{report(number)[0][2:]}"


def pages_of(*numbers: int, after: str = "") -> Pages:
    """The articles of these reports, each with a text of its own."""
    return {path_of(each): article(report(each)[1], f"<p>{each}{TEXT}</p>{after}") for each in numbers}


def rows(*numbers: int, after: str = "", before: str = "") -> str:
    """A list of these reports."""
    return listing(*(report(each) for each in numbers), after=after, before=before)


def numbered(total: int, current: int) -> str:
    """The call that states the pages."""
    return f'<script>createPageHTML({total}, {current}, "index", "html");</script>'


def moved(target: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer("", status, headers={"Location": target})


def framed(source: str) -> str:
    """A page that is a frame."""
    return f'<html><head><title>政府信息公开年报</title></head><body><iframe src="{source}"></iframe></body></html>'


def file_page(number: int, link: str) -> str:
    """An article that is nothing but a link to its file."""
    return (
        f"<html><head><title>{report(number)[1]}</title></head><body><div class='TRS_Editor'>{link}</div></body></html>"
    )


FILE = Answer(b"%PDF-1.4 a report as a file, of which only the bytes count here" * 40, content_type="application/pdf")
NAMED = Answer(
    FILE.body, content_type="application/octet-stream",
    headers={"Content-Disposition": "attachment; filename*=UTF-8''" + quote("2020年政府信息公开工作年度报告.pdf")},
)  # fmt: skip
GB_NAME = quote("年报".encode("gb18030"))

CASES: Mapping[str, tuple[str, Pages, set[str]]] = {
    "an address that gains its slash": (
        "static_paged",
        {BASE.rstrip("/"): moved(BASE, 301), BASE: rows(1, 2), **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "the call says fewer pages than there are": (
        "static_paged",
        {BASE: rows(1, 2, after=numbered(2, 0)), f"{BASE}index_1.html": rows(3, 4, after=numbered(3, 1)),
         f"{BASE}index_2.html": rows(5, after=numbered(3, 2)), **pages_of(1, 2, 3, 4, 5)},
        {path_of(each) for each in (1, 2, 3, 4, 5)},
    ),
    "the call says more pages than there are": (
        "static_paged",
        {BASE: rows(1, 2, after=numbered(4, 0)), f"{BASE}index_1.html": rows(3, after=numbered(4, 1)),
         **pages_of(1, 2, 3)},
        {path_of(each) for each in (1, 2, 3)},
    ),
    "a first page without rows": (
        "static_paged",
        {BASE: rows(after=numbered(3, 0)), f"{BASE}index_1.html": rows(1, after=numbered(3, 1)),
         f"{BASE}index_2.html": rows(2, after=numbered(3, 2)), **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "years in a select box": (
        "static_paged",
        {BASE: '<html><body><select onchange="location=this.value"><option value="">请选择</option>'
               '<option value="./2020n/">2020年</option><option value="./2019n/">2019年</option></select>'
               "</body></html>",
         f"{BASE}2020n/": listing((f"../{report(1)[0][2:]}", *report(1)[1:])),
         f"{BASE}2019n/": listing((f"../{report(2)[0][2:]}", *report(2)[1:])), **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "a list in a frame in a frame": (
        "static_paged",
        {BASE: framed("./frame/list.html"), f"{BASE}frame/list.html": framed("../inner/list.html"),
         f"{BASE}inner/list.html": listing((f"../{report(1)[0][2:]}", *report(1)[1:])), **pages_of(1)},
        {path_of(1)},
    ),
    "an article that moved": (
        "static_paged",
        {BASE: rows(1, 2), path_of(1): moved("/archive/1.html", 301), "/archive/1.html": article(report(1)[1]),
         **pages_of(2)},
        {path_of(1), path_of(2)},
    ),
    "an article that is its file, named in Chinese": (
        "static_paged",
        {BASE: rows(1, 2), path_of(1): file_page(1, f'<a href="./{quote("2020年年报")}.pdf">2020年年报.pdf</a>'),
         f"{BASE}202101/{quote('2020年年报')}.pdf": FILE, path_of(2): file_page(2, f"<a href='{GB_NAME}.pdf'>年报</a>"),
         f"{BASE}202101/{GB_NAME}.pdf": Answer(bytes(FILE.data) + b" ", content_type="application/pdf")},
        {path_of(1), path_of(2), f"{BASE}202101/{quote('2020年年报')}.pdf", f"{BASE}202101/{GB_NAME}.pdf"},
    ),
    "a file that only its header names": (
        "static_paged",
        {BASE: rows(1),
         path_of(1): file_page(1, '附件：<a href="/attachment/download?id=31">2020年工作年度报告.pdf</a>'),
         "/attachment/download?id=31": NAMED},
        {path_of(1), "/attachment/download?id=31"},
    ),
    "a file behind a script": (
        "static_paged",
        {BASE: rows(1),
         path_of(1): file_page(1, "<a href='javascript:void(0)' onclick=\"downFile('./P02.pdf')\">附件：年报</a>"),
         f"{BASE}202101/P02.pdf": FILE},
        {path_of(1), f"{BASE}202101/P02.pdf"},
    ),
    "a file in a viewer": (
        "static_paged",
        {BASE: rows(1),
         path_of(1): file_page(1, '<iframe src="/pdfjs/web/viewer.html?file=%2Ffiles%2Fa.pdf"></iframe>'),
         "/files/a.pdf": FILE},
        {path_of(1), "/files/a.pdf"},
    ),
    "rows that are pressed": (
        "static_paged",
        {BASE: "<html><body><table>" + "".join(
            f"<tr onclick=\"window.open('{href}')\"><td>{title}</td><td>{day}</td></tr>"
            for href, title, day in (report(1), report(2))) + "</table></body></html>", **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "titles beside a link that says 查看": (
        "static_paged",
        {BASE: "<html><body><table>" + "".join(
            f"<tr><td>{each}</td><td>{title}</td><td>{day}</td><td><a href='{href}'>查看</a></td></tr>"
            for each, (href, title, day) in enumerate((report(1), report(2)))) + "</table></body></html>",
         **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "titles beside a link that says 查看, of no known family": (
        "linked",
        {BASE: "<html><body><table>" + "".join(
            f"<tr><td>{each}</td><td>{report(each)[1]}</td><td>{report(each)[2]}</td>"
            f"<td><a href='show-{each}.html'>查看</a></td></tr>" for each in (1, 2, 3)) + "</table></body></html>",
         **{f"{BASE}show-{each}.html": article(report(each)[1], f"<p>{each}{TEXT}</p>") for each in (1, 2, 3)}},
        {f"{BASE}show-{each}.html" for each in (1, 2, 3)},
    ),
    "titles that are pictures": (
        "static_paged",
        {BASE: "<html><body><ul>" + "".join(
            f"<li><a href='{href}'><img src='/a.png' alt='{title}'></a><span>{day}</span></li>"
            for href, title, day in (report(1), report(2))) + "</ul></body></html>", **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "an address that moves to a frame": (
        "static_paged",
        {BASE: moved("/zwgk/nb/"), "/zwgk/nb/": framed("/zwgk/zfxxgknb/list.html"),
         f"{BASE}list.html": rows(1, 2), **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "a base address": (
        "static_paged",
        {BASE: rows(1, 2, before='<base href="/zwgk/zfxxgknb/">'), **pages_of(1, 2)},
        {path_of(1), path_of(2)},
    ),
    "further pages behind buttons": (
        "linked",
        {BASE: rows(1, 2, after="<button onclick=\"location.href='?page=2'\">下一页</button>"),
         f"{BASE}?page=2": rows(3, after="<button onclick=\"location.href='?page=1'\">上一页</button>"),
         **pages_of(1, 2, 3)},
        {path_of(each) for each in (1, 2, 3)},
    ),
    "further pages in a select box": (
        "linked",
        {BASE: rows(1, 2, after="<select onchange=\"location.href='index_'+this.value+'.html'\">"
                                "<option value=1>第1页</option><option value=2>第2页</option></select>"),
         f"{BASE}index_2.html": rows(3), **pages_of(1, 2, 3)},
        {path_of(each) for each in (1, 2, 3)},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[CrawlRun, dict[str, Peer]]:
    """All cases in one crawl, each a portal of its own."""
    folder = tmp_path_factory.mktemp("publishers")
    peers: dict[str, Peer] = {}
    running: list[Callable[[], None]] = []
    try:
        for place, (name, (family, pages, _)) in enumerate(CASES.items()):
            peer = peers[name] = Peer(pages)
            peer.__enter__()
            running.append(lambda peer=peer: peer.__exit__(None, None, None))  # type: ignore[misc]
            start = BASE.rstrip("/") if BASE.rstrip("/") in pages else BASE
            write_entry(folder / "registry", f"case-{place}", family, peer.url(start))
        return crawl(folder, "1"), peers
    finally:
        for stop in running:
            stop()


def test_a_file_is_asked_for_as_from_its_article(crawled: tuple[CrawlRun, dict[str, Peer]]) -> None:
    peer = crawled[1]["a file that only its header names"]
    assert [asked.referer for asked in peer.log if asked.path.startswith("/attachment/")] == [peer.url(path_of(1))]


@pytest.mark.parametrize("name", CASES)
def test_every_report_of_a_publisher_is_collected(crawled: tuple[CrawlRun, dict[str, Peer]], name: str) -> None:
    run, peers = crawled
    assert run.code == 0, run.stderr
    portal = f"case-{list(CASES).index(name)}"
    own = [row for row in run.rows if row.portal_id == portal]
    root = peers[name].url("")
    found = {
        (row.url or "").removeprefix(root)
        for row in own
        if row.role in (Role.ARTICLE, Role.ATTACHMENT) and row.outcome in FOUND
    }
    assert found == CASES[name][2], [(row.role.value, row.outcome.value, row.url, row.reason) for row in own]
