"""Lonsun: one column an organ, rows from the label service."""

from pathlib import Path
from typing import Any

import pytest
from crawl_peer import Answer, Peer, article, crawl, write_entry
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Outcome, Role
from crawlers.families.lonsun import LonsunOptions, column_of, is_article, recognise
from crawlers.pages import Page
from crawlers.spiders.lonsun import Way, find_label, tree_columns

COLUMN = "http://www.a.gov.cn/public/column/161054624?type=3&action=list&catId=77"


@pytest.mark.parametrize(
    ("url", "column"),
    [
        (COLUMN, ("161054624", "3", "77")),
        ("http://a.gov.cn/zwgk/public/column/33?sub=&catId=&nav=3&action=list&type=4&pageIndex=1", ("33", "4", "")),
        ("http://a.gov.cn/public/column/33", ("33", None, "")),
        ("http://a.gov.cn/public/33/1.html", None),
    ],
)
def test_a_column_by_its_address(url: str, column: tuple[str, str | None, str] | None) -> None:
    assert column_of(url) == column


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/public/161054624/1110009656.html", True),
        ("http://a.gov.cn/zwgk/public/content/36029452", True),
        (COLUMN, False),
        ("http://a.gov.cn/content/detail/5f.html", False),
    ],
)
def test_an_article_by_its_address(url: str, expected: bool) -> None:
    assert is_article(url) is expected


OBJECT = (
    "<script>Ls.ajax({url:'/zwgk/site/label/8888', type: 'post', data:{ labelName:'publicInfoList', siteId:'6788031',"
    " pageSize: 18, pageIndex: i, organId: organId, type:'4', catId:\"\", file:'/jh5/publicInfoList_x', length:'50'}})"
    "</script>"
)
ADDRESS = (
    "<a href='/site/label/8888?IsAjax=1&amp;labelName=publicInfoList&amp;siteId=9&amp;pageSize=20&amp;organId=5"
    "&amp;type=3&amp;file=%2Fc2%2FpublicInfoList_hs'>x</a>"
)


def test_the_label_service_in_a_script() -> None:
    label = find_label(Page(COLUMN, OBJECT.encode()))
    assert label is not None
    assert label.url == "http://www.a.gov.cn/zwgk/site/label/8888"
    assert label.ways == (Way.POST, Way.GET)
    # Organ, tab and category are those of the address; the rest is what the script says.
    assert {
        name: label.fields[name] for name in ("organId", "type", "catId", "siteId", "pageSize", "file", "length")
    } == {
        "organId": "161054624",
        "type": "3",
        "catId": "77",
        "siteId": "6788031",
        "pageSize": "18",
        "file": "/jh5/publicInfoList_x",
        "length": "50",
    }


@pytest.mark.parametrize(
    ("html", "site", "size", "file"),
    [
        (ADDRESS, "9", 20, "/c2/publicInfoList_hs"),
        ("<meta content='6788031' name='SiteId'/>", "6788031", 15, "/xxgk/publicInfoList_newest2020"),
        (
            '<input type=hidden id="siteId" value="12"/><script>\'/site/label/8888\'</script>',
            "12",
            15,
            "/xxgk/publicInfoList_newest2020",
        ),
        ("<p></p>", "", 15, "/xxgk/publicInfoList_newest2020"),
    ],
)
def test_the_label_service_elsewhere_in_the_page(html: str, site: str, size: int, file: str) -> None:
    label = find_label(Page(COLUMN, html.encode()))
    assert label is not None
    assert (label.fields["siteId"], label.size, label.fields["file"]) == (site, size, file)
    assert label.ways[0] is Way.GET


def test_the_entry_outranks_the_page() -> None:
    label = find_label(
        Page(COLUMN, OBJECT.encode()), LonsunOptions(site_id="1", page_size=9, cat_id="2", template="/t")
    )
    assert label is not None
    assert [label.fields[name] for name in ("siteId", "pageSize", "catId", "file")] == ["1", "9", "2", "/t"]


def test_a_page_without_column_and_service_has_no_label() -> None:
    assert find_label(Page("http://a.gov.cn/zwgk/", b"<html></html>")) is None


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (None, []),
        ([], []),
        (
            [
                {"id": 5, "name": "财政局", "htmlPath": "/public/column/5?type=4&action=list"},
                {"id": 6, "name": "教育局", "children": [{"id": 7, "name": "招生办"}]},
                {"id": 161054624, "name": "本级", "htmlPath": "/public/column/161054624?type=4&catId=8"},
                {"id": 8, "name": "政府信息公开指南", "htmlPath": "/public/column/8?type=2"},
            ],
            ["5", "6", "7"],
        ),
        ({"data": [{"organId": "9", "name": "水利局", "uri": "/public/column/9?type=3&action=list"}]}, ["9"]),
    ],
)
def test_a_tree_of_organs(value: Any, columns: list[str]) -> None:
    found = [column_of(link.url) for link in tree_columns(value, COLUMN)]
    assert [column[0] for column in found if column] == columns
    assert all(column is not None and column[1] == "3" for column in found)


def test_a_page_is_recognised_and_the_report_tab_found() -> None:
    own = recognise(Page(COLUMN, OBJECT.encode()))
    assert own is not None
    assert own.weight >= 90
    assert own.index_url is None
    tab = "<a href='/public/column/33?type=2'>指南</a><a href='/public/column/33?type=3&action=list'>年报</a>"
    guide = recognise(Page("http://a.gov.cn/public/column/33?type=2", tab.encode()))
    assert guide is not None
    assert guide.index_url == "http://a.gov.cn/public/column/33?type=3&action=list"
    assert (
        recognise(Page("http://a.gov.cn/col/col1/", b"<html><a href='/art/2021/1/2/art_1_2.html'>x</a></html>")) is None
    )


@pytest.mark.parametrize(
    "habits",
    [
        {"first_screen": 6, "prefix": "/zwgk", "says": "address"},
        {"says": "meta", "articles": "content", "states_pages": False, "beyond": "empty"},
        {"counts_from": 0, "largest_page": 4},
        {"first_screen": 5, "counts_from": 0, "states_pages": False, "beyond": "last", "tree": "null"},
        {"tree": "organs", "organs": 3, "as_json": True},
        {"answers": "get"},
        {"answers": "post", "first_screen": 4},
    ],
    ids=str,
)
def test_every_report_is_collected(habits: dict[str, Any], tmp_path: Path) -> None:
    site = make_site("lonsun", habits=habits)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
    assert run.finished(site.site.id)["incomplete"] == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_service_that_answers_one_way_only(method: str, tmp_path: Path) -> None:
    title = "某局2022年政府信息公开工作年度报告"

    def service(asked: str, fields: Any) -> Answer:
        if asked != method:
            return Answer("<p>Method Not Allowed</p>", 405)
        if fields.get("pageIndex") != "1" or fields.get("organId") != "33":
            return Answer("暂无相关信息")
        return Answer(f'<li><a class="title" href="/public/33/1.html">{title}</a><span>2023-01-09</span></li>')

    pages = {
        "/public/column/33?type=3": OBJECT.replace("/zwgk/site", "/site").replace("type: 'post', ", ""),
        "/site/label/8888": service,
        "/public/33/1.html": article(title),
    }
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "one", "lonsun", peer.url("/public/column/33?type=3"))
        run = crawl(tmp_path, "night-1")
    stored = [row for row in run.rows if row.role is Role.ARTICLE]
    assert [row.outcome for row in stored] == [Outcome.STORED]


def test_a_column_that_holds_nothing_says_so(tmp_path: Path) -> None:
    site = make_site("lonsun", reports=0, negatives=False)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    assert [row.outcome for row in run.rows if row.role is Role.LISTING][-1] is Outcome.EMPTY
