"""博达 VSB: pages numbered in reverse, and numbers that shift while they are read."""

from pathlib import Path
from typing import Any

import pytest
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Outcome, Role
from crawlers.families.vsb import is_article, recognise
from crawlers.pages import Page
from crawlers.spiders.pager import read_pager
from crawlers.spiders.vsb import page_address

LIST = "http://www.a.gov.cn/zwgk/zbgg.htm"
PAGER = """<div class="pb_sys_common pb_sys_normal pb_sys_style1"><span class="p_t">共52条</span>
<span class="p_pages"><span class="p_first_d p_fun_d">首页</span><span class="p_prev_d p_fun_d">上页</span>
<span class="p_no_d">1</span><span class="p_no"><a href="zbgg/10.htm">2</a></span>
<span class="p_no"><a href="zbgg/9.htm">3</a></span><span class="p_dot">...</span>
<span class="p_no"><a href="zbgg/1.htm">11</a></span><span class="p_next p_fun"><a href="zbgg/10.htm">下页</a></span>
<span class="p_last p_fun"><a href="zbgg/1.htm">尾页</a></span></span> <span class="p_t">1/11</span></div>"""
ROW = '<li id="line_u5_0"><a href="../info/1011/3201.htm" title="某局2020年政府信息公开工作年度报告">某局2020…</a></li>'


def page(text: str, url: str = LIST) -> Page:
    return Page(url, f"<html><body><ul>{ROW}</ul>{text}</body></html>".encode())


def test_a_page_states_its_place() -> None:
    pager = read_pager(page(PAGER))
    assert (pager.number, pager.pages, pager.rows) == (1, 11, 52)
    assert pager.next == "http://www.a.gov.cn/zwgk/zbgg/10.htm"
    assert pager.last == "http://www.a.gov.cn/zwgk/zbgg/1.htm"
    assert pager.numbered is not None
    assert pager.numbered[3] == "http://www.a.gov.cn/zwgk/zbgg/9.htm"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<div>第3页/共11页</div>", (3, 11, None)),
        ("<div class='x'>共 52 条记录 首页 上页 3 / 11 尾页</div>", (3, 11, 52)),
        ("<p>共11页 第 3 页</p>", (3, 11, None)),
        ("<span class=p_no_d>3</span><script>var pageCount = '11';</script>", (3, 11, None)),
        ("<div>2021/11/3</div><li><a href='/x.htm'>某局年度报告全文</a><span>01/29</span></li>", (None, None, None)),
        ("<div><span>1/2</span><span>1</span><a href='x/1.htm'>下页</a></div>", (1, 2, None)),
        ("<div><span>2/2</span><span>2</span></div>", (2, 2, None)),
        ("<div>共<b>11</b>页 第<b>3</b>页</div>", (3, 11, None)),
        ("<a href='zbgg/1.htm'>2</a> <a href='zbgg/1.htm'>尾页</a>", (None, 2, None)),
        ("<a href='a.htm'>2023</a><a href='b.htm'>2022</a>", (None, None, None)),
    ],
)
def test_a_place_in_other_words(text: str, place: tuple[int | None, int | None, int | None]) -> None:
    pager = read_pager(page(text))
    assert (pager.number, pager.pages, pager.rows) == place


@pytest.mark.parametrize(
    ("number", "pages", "known", "address"),
    [
        (1, 11, None, LIST),
        (2, 11, None, "http://www.a.gov.cn/zwgk/zbgg/10.htm"),
        (11, 11, None, "http://www.a.gov.cn/zwgk/zbgg/1.htm"),
        (12, 11, None, None),
        (2, 12, "http://www.a.gov.cn/other/9.htm", "http://www.a.gov.cn/other/11.htm"),
        (
            3,
            12,
            "http://www.a.gov.cn/list.jsp?totalpage=12&PAGENUM=2&wbtreeid=1",
            "http://www.a.gov.cn/list.jsp?totalpage=12&PAGENUM=3&wbtreeid=1",
        ),
    ],
)
def test_the_address_of_a_page(number: int, pages: int, known: str | None, address: str | None) -> None:
    assert page_address(LIST, number, pages, known) == address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/info/8141/873481.htm", True),
        ("http://a.gov.cn/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1050&wbnewsid=21831", True),
        ("http://a.gov.cn/zwgk/zbgg/10.htm", False),
        ("http://a.gov.cn/info/iList.jsp?node_id=GKszf&cat_id=15282", False),
    ],
)
def test_an_article_by_its_address(url: str, expected: bool) -> None:
    assert is_article(url) is expected


def test_a_page_is_recognised_by_more_than_one_sign() -> None:
    found = recognise(page(PAGER))
    assert found is not None
    assert found.weight >= 90
    plain = recognise(page(""))
    assert plain is not None
    assert plain.weight < 60
    assert recognise(Page(LIST, b"<html><body><a href='/a/t20210101_1.html'>x</a></body></html>")) is None


@pytest.mark.parametrize(
    "habits",
    [
        {"own_classes": False, "place": "words", "sidebar": False},
        {"numbers": False, "place": "none", "counts_rows": False},
        {"beyond": "last", "numbers": False, "pinned": 2},
    ],
    ids=str,
)
def test_every_report_is_collected(habits: dict[str, Any], tmp_path: Path) -> None:
    site = make_site("vsb", habits=habits)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
    assert run.finished(site.site.id)["incomplete"] == 0


@pytest.mark.parametrize(("arrives", "arrives_before"), [(1, 2), (4, 3), (12, 2), (12, 4)])
def test_numbers_that_shift_lose_nothing(arrives: int, arrives_before: int, tmp_path: Path) -> None:
    site = make_site("vsb", habits={"arrives": arrives, "arrives_before": arrives_before})
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
    again = [row for row in run.rows if "#again:" in (row.url or "")]
    assert all(row.role is Role.LISTING and row.outcome is Outcome.LISTING for row in again)
    assert again


@pytest.mark.parametrize("habits", [{"place": "none", "counts_rows": False}, {"counts_rows": False}], ids=str)
def test_a_shift_shows_in_the_links_alone(habits: dict[str, Any], tmp_path: Path) -> None:
    """Where no place is stated, rows that came on top are next night's; what stood in the list is not lost."""
    site = make_site("vsb", reports=30, habits={"arrives": 5, "arrives_before": 3, **habits})
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        listed = [server.report_address(site.site.host, slug) for slug in site.facts]
    stored = {row.url for row in run.rows if row.role is Role.ARTICLE and row.outcome is Outcome.STORED}
    assert len(set(listed) - stored) <= 5


def test_a_row_taken_out_while_we_read_loses_no_other(tmp_path: Path) -> None:
    site = make_site("vsb", habits={"leaves": True, "arrives_before": 4}, negatives=False, twins=False)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
