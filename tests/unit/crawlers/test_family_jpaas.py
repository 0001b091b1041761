"""JPaaS: what its units say, and whole crawls of each kind of server."""

from pathlib import Path
from typing import Any

import pytest
from crawl_peer import CrawlRun
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.jpaas import find_units, read_answer, rows_of

COLUMN = "http://www.a.gov.cn/col/18073_668815/index.html"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
GIVEN = "{'webId':'w1','tplSetId':'t1','pageType':'column','tagId':'信息列表','editType':'null','pageId':'9'}"


def page(html: str) -> Page:
    return Page(COLUMN, f"<html>{html}</html>".encode())


# ---- units ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        f'<script src="/js/unitbuild.js" url="{UNIT}" queryData="{GIVEN}"></script>',
        f"<script querydata=\"{GIVEN}\" url='{UNIT}' src='/x/unitbuild.js?v=2'></script>",
        f"<script queryData='{GIVEN.replace(chr(39), chr(34))}' url='{UNIT}'></script>",
        f'<script url="{UNIT}" queryData="{GIVEN.replace(chr(39), "&quot;")}"></script>',
        f'<script url="{UNIT}" queryData="{GIVEN.replace(chr(39), "&#39;")}"></script>',
        f'<div class="unit" data-url="{UNIT}" data-querydata="{GIVEN}"></div>'.replace("data-query", "query"),
        f'<script>$.get("{UNIT}", {GIVEN}, show)</script>',
    ],
)
def test_the_parameters_of_a_unit_are_read_as_pages_write_them(html: str) -> None:
    (unit,) = find_units(page(html))
    assert unit.endpoint == f"http://www.a.gov.cn{UNIT}"
    assert unit.fields == {
        "webId": "w1", "tplSetId": "t1", "pageType": "column", "tagId": "信息列表", "editType": "null", "pageId": "9",
        "parseType": "bulidstatic",
    }  # fmt: skip


def test_a_page_number_goes_in_param_json_and_the_size_is_what_came() -> None:
    (unit,) = find_units(page(f'<script url="{UNIT}" queryData="{GIVEN}"></script>'))
    assert "paramJson" not in unit.url(1)
    unit.size = 20
    assert "paramJson=%7B%22pageNo%22%3A3%2C%22pageSize%22%3A20%7D" in unit.url(3)
    assert "&pageNo=" not in unit.url(3)
    unit.ways.pop(0)
    assert "&pageNo=3&pageSize=20" in unit.url(3)


def test_one_unit_may_be_named_by_the_entry() -> None:
    other = GIVEN.replace("信息列表", "图片")
    html = "".join(f'<script url="{UNIT}" queryData="{given}"></script>' for given in (other, GIVEN))
    assert [unit.tag for unit in find_units(page(html))] == ["图片", "信息列表"]
    assert [unit.tag for unit in find_units(page(html), tag="信息列表")] == ["信息列表"]


# ---- answers --------------------------------------------------------------------------------------------------------

ROW = '<li><a href="/art/2024/1/9/art_30_1.html" title="某局年报">某局…</a><span>2024-01-09</span></li>'


@pytest.mark.parametrize(
    ("text", "html", "success", "total"),
    [
        ('{"success":true,"code":"200","data":{"html":"<ul>x</ul>"}}', "<ul>x</ul>", True, None),
        ('{"success":true,"data":{"html":"<ul>x</ul>共 <b>31</b> 条"}}', "<ul>x</ul>共 <b>31</b> 条", True, 31),
        ('{"data":"<ul>x</ul>","total":7}', "<ul>x</ul>", True, 7),
        ('{"success":true,"data":{"html":""}}', "", True, None),
        ('{"success":false,"code":"500","data":null}', "", False, None),
        ("<ul><a href='x'>x</a></ul>", "<ul><a href='x'>x</a></ul>", True, None),
    ],
)
def test_the_html_is_taken_out_of_an_answer(text: str, html: str, success: bool, total: int | None) -> None:
    answer = read_answer(text)
    assert (answer.text, answer.success, answer.total) == (html, success, total)


def test_old_and_new_addresses_are_rows_and_pagers_and_columns_are_not() -> None:
    links = (
        ROW,
        '<li><a href="art/2026/art_87ee4e34228c49cfa3dea7936f7a09ff.html">某镇年报</a></li>',
        '<li><a href="/col/4039_446643/art/17356608/17364738729029ffO7DUB.html">某局2024年年报</a></li>',
        '<a href="/col/18073_668815/index.html?pageNo=2">2</a><a href="/col/1_2/index.html">信息公开指南</a>',
    )
    rows = rows_of("".join(links), page(""), is_unit=True)
    assert [row.url.rpartition("/")[2] for row in rows] == [
        "art_30_1.html", "art_87ee4e34228c49cfa3dea7936f7a09ff.html", "17364738729029ffO7DUB.html",
    ]  # fmt: skip


# ---- recognition ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html", [f'<script url="{UNIT}" queryData="{GIVEN}"></script>', f'<script>$.get("{UNIT}")</script>']
)
def test_a_column_is_known_by_its_units(html: str) -> None:
    assert recognise(page(html))[0].family == "jpaas"


def test_a_page_of_jpage_is_not_its_own() -> None:
    found = recognise(page("<script>$('#7').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp'})</script>"))
    assert "jpaas" not in [each.family for each in found]


# ---- whole crawls ---------------------------------------------------------------------------------------------------

SERVERS: dict[str, dict[str, Any]] = {
    "param-json": {},
    "bare": {"obeys": "bare"},
    "either-and-last-page-again": {"obeys": "either", "past_the_end": "last"},
    "other-spelling-unnamed": {"parse_type": "buildstatic", "names_parse_type": False},
    "entities-and-total": {"quotes": "entities", "counts_rows": True},
    "json-quotes-and-text": {"quotes": "json", "reply": "bare_html"},
    "html-itself": {"reply": "jsonp_like_text", "other_units": 0},
    "screen": {"screen": True, "counts_rows": True},
    "slug": {"slug": True, "mixed_links": False},
    "expiring-files": {"expiring_files": True},
}


def test_every_kind_of_server_is_collected_in_full(tmp_path: Path) -> None:
    sites = {
        name: make_site("jpaas", reports=17, seed=place, habits=habits)
        for place, (name, habits) in enumerate(SERVERS.items())
    }
    with serve(tmp_path / "sites", *sites.values()) as server:
        run = crawl_site(tmp_path, server, list(sites.values()))
        for name, site in sites.items():
            own = [row for row in run.rows if row.portal_id == site.site.id]
            try:
                assert_collected(CrawlRun(run.code, run.events, run.stderr, own), server, site)
            except AssertionError as problem:
                if name == "expiring-files" and "asked for more than once" in str(problem):
                    continue  # the article is asked once more for the address of its file
                raise AssertionError(f"{name}: {problem}") from problem
