"""Static pages numbered by `createPageHTML`: their numbering, their columns, and whole crawls of each dialect."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from crawl_peer import Peer, article, crawl, listing, report, write_entry
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Role
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.static_paged import find_columns, find_rows, read_paging

BASE = "http://a.gov.cn/zwgk/zfxxgknb/"


def page(html: str, url: str = BASE) -> Page:
    return Page(url, f"<html>{html}</html>".encode())


# ---- numbering ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "total", "second", "rows"),
    [
        ("createPageHTML('page_div', 10, 1,'xlist','shtml',189);", 10, ["xlist_2.shtml", "xlist_1.shtml"], 189),
        ("createPageHTML('page_div',5,1,'fg','shtml',89)", 5, ["fg_2.shtml", "fg_1.shtml"], 89),
        ('createPageHTML("4", "0", "index", "htm")', 4, ["index_1.htm", "index_2.htm"], None),
        ('CreatePageHTML(4,\n 0,\n "index",\n "html", "black")', 4, ["index_1.html", "index_2.html"], None),
        ("//createPageHTML(9, 0, 'index', 'html')\ncreatePageHTML(3, 0, 'index', 'shtml')", 3,
         ["index_1.shtml", "index_2.shtml"], None),
        ('createPageHTML(7, 0, "news", "html"); createPageHTML(3, 0, "index", "html");', 3,
         ["index_1.html", "index_2.html"], None),
        ("createPageHTML(0, 5, 'index', 'html')", 5, ["index_1.html", "index_2.html"], None),
        ("var countPage = 6//共多少页\nvar currentPage = 0; createPageHTML(countPage, currentPage);", 6,
         ["index_1.html", "index_2.html"], None),
    ],
)  # fmt: skip
def test_the_numbering_is_read_as_portals_write_it(
    script: str, total: int, second: list[str], rows: int | None
) -> None:
    paging = read_paging(page(f"<script>{script}</script>"))
    assert paging is not None
    assert (paging.total, paging.rows) == (total, rows)
    assert [paging.page(2, offset) for offset in paging.offsets] == second


def test_links_alone_tell_the_numbering() -> None:
    paging = read_paging(page('<a href="index_2.html">下一页</a><a href="index_8.html">尾页</a>'))
    assert paging is not None
    assert (paging.total, paging.offsets) == (8, (1,))


@pytest.mark.parametrize("script", ["createPageHTML(1, 0, 'index', 'html')", "createPageHTML(0, 0, 'index', 'html')"])
def test_a_list_of_one_page_has_no_numbering(script: str) -> None:
    assert read_paging(page(f"<script>{script}</script>")) is None


def test_a_call_of_jquery_that_makes_pages_is_no_numbering_of_static_ones() -> None:
    families = {found.family for found in recognise(page('<script>$(".p").createPage({pageCount: 3});</script>'))}
    assert "static_paged" not in families
    assert recognise(page("<script>createPageHTML(count, current);</script>"))[0].family == "static_paged"


# ---- rows and columns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "href",
    ["./t15699357.shtml", "202301/c01_868731.shtml", "/wq/c116485/202301/b35dd890fa5e491f8204edf32a5bfa04.shtml",
     "/csrc/c100028/content.shtml", "t19700101_3416401.shtml"],
)  # fmt: skip
def test_articles_of_every_dialect_are_rows(href: str) -> None:
    assert [row.href for row in find_rows(page(f'<li><a href="{href}">某局年报</a></li>'), BASE)] == [href]


def test_columns_of_years_stand_below_beside_and_in_drop_down_lists() -> None:
    html = (
        '<a href="2022n_5932848/">2022年</a><a href="../gknb2017/">2017年</a>'
        '<a href="../c106128/list.shtml">2018年度</a>'
        '<select><option value="./2016n/">2016</option><option value="3">3</option></select>'
        '<a href="../../tzgg/">通知公告</a><a href="../2019/t20200101_1.html">2019年</a>'
        '<a href="http://b.gov.cn/2015/">2015年</a>'
    )
    found = [link.href for link in find_columns(page(html), BASE)]
    assert found == ["2022n_5932848/", "../gknb2017/", "../c106128/list.shtml", "./2016n/"]


# ---- recognition ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<script>createPageHTML('page_div',5,1,'fg','shtml',89)</script>",
        '<li><a href="./202301/t20230112_7.html">年报</a></li>' * 3,
        '<li><a href="./2021n/">2021年</a></li><li><a href="nb_2022n_59/index.html">2022年度</a></li>',
    ],
)
def test_a_list_is_known_by_its_script_its_articles_or_its_years(html: str) -> None:
    found = recognise(page(html))
    assert found
    assert found[0].family == "static_paged"


@pytest.mark.parametrize(
    "html", ["<script>$('#7').jpage({})</script>", '<a href="/info/1/2.htm">x</a>', "<p>政府信息公开年报</p>"]
)
def test_pages_of_other_families_are_not_its_own(html: str) -> None:
    assert "static_paged" not in [each.family for each in recognise(page(html))]


# ---- whole crawls ---------------------------------------------------------------------------------------------------

DIALECTS: dict[str, dict[str, Any]] = {
    "zero-based": {},
    "one-based": {"paging": "one_based"},
    "lying-zero": {"paging": "one_based", "habits": {"call_lies": True}},
    "lying-one": {"paging": "zero_based", "habits": {"call_lies": True}},
    "container": {"paging": "one_based_container", "extension": "shtml",
                  "habits": {"first_page": "xlist", "articles": "hex"}},
    "c01": {"paging": "one_based_container", "extension": "shtml",
            "habits": {"first_page": "common_list", "articles": "c01"}},
    "guangxi": {"extension": "shtml", "habits": {"articles": "guangxi"}},
    "count-page": {"habits": {"states": "count_page"}},
    "links-only": {"paging": "one_based", "habits": {"states": "links"}},
    "quirky-call": {"extension": "htm", "habits": {"quirky_call": True}},
    "without-slash": {"habits": {"without_slash": True}},
    "stub-past-the-end": {"beyond_last_page": "stub"},
    "mobile-twins": {"habits": {"mobile_twins": True}},
    "years-below": {"year_columns": True, "habits": {"year_prefix": "nb_", "year_suffix": "_5932848"}},
    "years-beside": {"year_columns": True, "habits": {"year_prefix": "gknb", "years_beside": True}},
    "repeated-page": {"habits": {"repeats_page": 3}},
}  # fmt: skip


def test_every_dialect_is_collected_in_full(tmp_path: Path) -> None:
    sites = {
        name: make_site("static_paged", reports=17, seed=place, **given)
        for place, (name, given) in enumerate(DIALECTS.items())
        if name != "repeated-page"
    }
    with serve(tmp_path / "sites", *sites.values()) as server:
        run = crawl_site(tmp_path, server, list(sites.values()))
        for name, site in sites.items():
            own = type(run)(run.code, run.events, run.stderr, [r for r in run.rows if r.portal_id == site.site.id])
            try:
                assert_collected(own, server, site)
            except AssertionError as problem:
                raise AssertionError(f"{name}: {problem}") from problem


def listing_reasons(run: Any) -> list[str]:
    return [row.reason for row in run.rows if row.role is Role.LISTING and row.reason]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"habits": {"stub_from": 3}}, "incomplete list: page 3 of 7 is a stub"),
        ({"habits": {"repeats_page": 3}}, "incomplete list: page 3 of 7 repeats rows that were read"),
    ],
)
def test_what_a_list_holds_back_is_told(given: Mapping[str, Any], reason: str, tmp_path: Path) -> None:
    site = make_site("static_paged", **given)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    assert run.code == 0, run.stderr
    assert any(said.startswith(reason) for said in listing_reasons(run))
    # The pages behind a page that repeats another are still read, and nothing more is asked than two bad pages.
    assert sum(row.role is Role.ARTICLE and row.status_code == 200 for row in run.rows) >= 8


def test_a_list_cut_at_a_thousand_rows_says_so(tmp_path: Path) -> None:
    script = "<script>createPageHTML('page_div', 2, 1,'index','html',1000);</script>"
    pages = {"/nb/": listing(report(1), after=script), "/nb/index_2.html": listing(report(2))}
    pages |= {f"/nb/{report(number)[0][2:]}": article(report(number)[1]) for number in (1, 2)}
    with Peer(dict(pages)) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url("/nb/"))
        run = crawl(tmp_path, "r")
    assert run.code == 0, run.stderr
    reasons = listing_reasons(run)
    assert any("exactly 1000 rows" in reason for reason in reasons)
    assert "incomplete list: 2 of 1000 rows were read" in reasons


def test_a_list_over_many_bodies_is_read_although_each_page_has_other_folders(tmp_path: Path) -> None:
    def row(number: int) -> tuple[str, str, str]:
        return f"/bm{number}/zfxxgknb/202101/t20210101_{number}.html", f"某{number}局", "2021-01-01"

    script = '<script>createPageHTML(2, 0, "index", "html");</script>'
    head = '<meta name="ColumnName" content="政府信息公开年报">'
    pages = {
        "/nb/": listing(row(1), row(2), after=script, before=head),
        "/nb/index_1.html": listing(row(3), row(4), before=head),
    }
    pages |= {row(number)[0]: article(row(number)[1]) for number in range(1, 5)}
    with Peer(dict(pages)) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url("/nb/"))
        run = crawl(tmp_path, "r")
    assert sum(row.role is Role.ARTICLE and row.status_code == 200 for row in run.rows) == 4


@pytest.mark.parametrize(
    ("said", "total", "note"),
    [(2, 3, "page 3 of 3 repeats rows that were read"), (9, 3, "incomplete list: page 3 of 3 repeats rows")],
)
def test_a_page_that_repeats_is_a_hole_only_where_the_list_speaks_of_more_rows(
    said: int, total: int, note: str, tmp_path: Path
) -> None:
    script = f"<script>createPageHTML('page_div', {total}, 1,'index','html',{said});</script>"
    second = listing(report(2), after=script)
    pages = {"/nb/": listing(report(1), after=script), "/nb/index_2.html": second, "/nb/index_3.html": second}
    pages |= {f"/nb/{report(number)[0][2:]}": article(report(number)[1]) for number in (1, 2)}
    with Peer(dict(pages)) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url("/nb/"))
        run = crawl(tmp_path, "r")
    assert run.code == 0, run.stderr
    assert any(reason.startswith(note) for reason in listing_reasons(run))
    assert any(reason.startswith("incomplete list") for reason in listing_reasons(run)) == note.startswith("incomplete")
