"""c-columns answered as JSON: which interface, which channel, what an answer holds."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Outcome, Role
from crawlers.json_lists import JsonList, Progress, find_list, known_scheme, row_date, row_title, row_urls
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.scripts import find_assigned, iso_day, read_json, unfold
from crawlers.spiders.json_search import channels_of, find_channels, find_interfaces
from pipelines.sample.families import FAMILIES, arrange
from pipelines.sample.sites import make_rows

A, B = "a1a078ee0bc54721ab6b148884c784a8", "29a88b67e4b149cfa9fac7919dfb08a5"
URL = "http://www.csrc.test/csrc/c100028/common_zfxxgknb.shtml"


def page(body: str, url: str = URL) -> Page:
    return Page(url, f"<html><body>{body}</body></html>".encode(), "text/html; charset=utf-8")


# ---- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1]}',
        '\ufeff {"a": [1]}',
        'cb({"a": [1]});',
        'jQuery17_20.cb( {"a": [1]} )',
        "{a: [1,],}",
        "{'a': [1]}",
        '<html><head></head><body><pre>{"a": [1]}</pre></body></html>',
        'while(1);{"a": [1]}',
    ],
)
def test_an_answer_is_read_in_any_wrapping(text: str) -> None:
    assert read_json(text) == {"a": [1]}


@pytest.mark.parametrize("text", ["", "<html><body>500</body></html>", "null", "12", "{broken", "go(1)", "[" * 5000])
def test_what_carries_no_answer_carries_none(text: str) -> None:
    assert read_json(text) is None


def test_escapes_of_scripts_are_undone() -> None:
    assert find_assigned(r"var x = {t: '\u003Cp\x3E\/\'\ud83d\ude00' + 'b'}", "x") == {"t": "<p>/'\U0001f600b"}


def test_a_page_made_to_be_slow_is_not() -> None:
    started = process_time()
    for text in ("_CONFIG = {DETAIL:" * 5000, "_CONFIG = f(DETAIL:" * 5000, "_CONFIG = {DETAIL:" + "[{a:" * 50_000):
        assert unfold(text) == text
    assert process_time() - started < 10


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (1675000000, "2023-01-29"),
        ("1675000000000", "2023-01-29"),
        (1675008000, "2023-01-30"),  # midnight in China, the day before in Greenwich
        ("2026-09-24 17:18:49", "2026-09-24"),
        ("2023年1月9日", "2023-01-09"),
        ("", None),
        (0, None),
        (None, None),
    ],
)
def test_moments_are_days_in_china(moment: Any, day: str | None) -> None:
    assert iso_day(moment) == day


@pytest.mark.parametrize("same", [{"manuscriptId": "7"}, {"id": "7"}, {"url": "javascript:;"}])
def test_rows_are_told_apart_by_number_and_address_together(same: dict[str, str]) -> None:
    progress = Progress()
    for page_number in (1, 2):
        rows = tuple(
            {"title": "年报", "id": f"{page_number}{place}", "url": f"/{page_number}{place}.html"} | same
            for place in (1, 2)
        )
        following = progress.take(JsonList(rows, 5), page_number, 9)
    assert (len(progress.met), following) == (4, 3)


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("https://a.gov.cn/1.html", "http://a.gov.cn/nb/", "http://a.gov.cn/1.html"),
        ("https://127.0.0.1:8000/1.html", "http://127.0.0.1:8000/nb/", "http://127.0.0.1:8000/1.html"),
        ("https://a.gov.cn:8443/1.html", "http://a.gov.cn/nb/", "https://a.gov.cn:8443/1.html"),
        ("https://b.gov.cn/1.html", "http://a.gov.cn/nb/", "https://b.gov.cn/1.html"),
    ],
)
def test_a_host_is_asked_in_the_scheme_in_which_its_list_came(url: str, base: str, expected: str) -> None:
    assert known_scheme(url, base) == expected


@pytest.mark.parametrize(
    ("answer", "total", "titles"),
    [
        ({"data": {"total": 279, "rows": 10, "results": [{"title": "甲", "url": "//h.test/a"}]}}, 279, ["甲"]),
        ({"results": {"data": {"total": "32", "results": [{"titleHtml": "<p>乙</p>", "url": "/b"}]}}}, 32, ["乙"]),
        ({"total": {"value": 2}, "articles": [{"id": 5, "title": "丙", "attachment": [{"name": "x"}]}]}, 2, ["丙"]),
        ({"data": {"total": 0, "results": []}}, 0, []),
        ([{"title": "丁", "url": "d"}], None, ["丁"]),
    ],
)
def test_the_list_is_found_wherever_it_stands(answer: Any, total: int | None, titles: list[str]) -> None:
    found = find_list(answer)
    assert found is not None
    assert (found.total, [row_title(row) for row in found.rows]) == (total, titles)


def test_rows_are_read_as_a_reader_sees_them() -> None:
    row = {
        "title": "某局2025年政府信息公开…",
        "titleHtml": "某局2025年政府信息公开<em>年报</em>&amp;附件",
        "url": "//www.csrc.test/csrc/c100028/c1/content.shtml",
        "publishedTime": 1675008000000,
    }
    assert row_title(row) == "某局2025年政府信息公开年报&附件"
    assert row_urls(row, URL) == ("http://www.csrc.test/csrc/c100028/c1/content.shtml",)
    assert row_date(row) == "2023-01-30"


def test_an_address_of_the_same_host_is_asked_by_the_scheme_that_answers() -> None:
    assert row_urls({"url": "https://csrc.test/a.shtml"}, URL) == ("http://csrc.test/a.shtml",)
    assert row_urls({"url": "https://other.test/a.shtml"}, URL) == ("https://other.test/a.shtml",)
    assert row_urls({"url": "www.csrc.test/a.shtml"}, URL) == ("http://www.csrc.test/a.shtml",)


# ---- the column page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "path", "channel"),
    [
        (f"<script>$.get('/common/search/{A}?_isAgg=false&_isJson=true&page=1')</script>", "/common/search", A),
        (
            f"<meta name='channelid' content='{A}'><script>u='/searchList/'+_id+'?_isJson=true'</script>",
            "/searchList",
            A,
        ),
        (
            f'<script>var channelId = "{A}"; $.ajax({{url: `/search/${{channelId}}?_isJson=true`}})</script>',
            "/search",
            A,
        ),
        (f'<input value="{A}" type=hidden id="channelId"><script>"/searchList/" + i</script>', "/searchList", A),
        (
            f'<script>var tabs=[{{name:"制度",channelId:"{B}"}},{{name:"信息公开年报",channelId:"{A}"}}];'
            "$.post('/getFileListByCodeId')</script>",
            "/getFileListByCodeId",
            A,
        ),
        (f"<meta content='{A}' name='channelId'>", "/searchList", A),
        (
            f"<li onclick=\"tab('{B}')\">指南</li><li onclick=\"tab('{A}')\"><a href='#'>政府信息公开年报</a></li>"
            '<script>$.ajax({url:"/getFileListByCodeId"})</script>',
            "/getFileListByCodeId",
            A,
        ),
    ],
)
def test_interface_and_channel_are_read_from_the_page(body: str, path: str, channel: str) -> None:
    shown = page(body)
    assert find_interfaces(shown)[0].url == f"http://www.csrc.test{path}"
    assert [one.id for one in find_channels(shown)] == [channel]


def test_the_sites_own_search_is_no_list() -> None:
    assert not [one for one in find_interfaces(page("<form action='/search/s.html'></form>")) if one.stated]


def test_the_channel_of_a_code_is_found_in_the_list_of_channels() -> None:
    answer = {"results": {"channelId": "r" * 8, "children": [
        {"channelId": B, "channelCode": "c7", "displayName": "规章"},
        {"channelId": A, "channelCode": "c9", "displayName": "政府信息公开年报"},
    ]}}  # fmt: skip
    assert [one.id for one in channels_of(answer, "c9")] == [A]
    assert [one.id for one in channels_of(answer, None)] == [A]


def test_it_is_known_by_its_interface() -> None:
    for body in (
        f"<script>'/common/search/{A}?_isAgg=true&_isJson=true'</script>",
        "<script>$.post('/getFileListByCodeId', {})</script>",
    ):
        assert next((one.family, one.weight >= 90) for one in recognise(page(body))) == ("json_search", True)
    answer = Page(
        f"http://h.test/searchList/{A}", json.dumps({"data": {"results": [{"title": "a", "url": "b"}]}}).encode()
    )
    assert recognise(answer)[0].family == "json_search"


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"json_search"}))
def test_pages_of_other_families_are_not_taken_for_it(family: str) -> None:
    made = make_site(family)
    content = arrange(made.site, make_rows(made.site, FAMILIES[family].addresses, made.facts, {}))
    column = content.fixed.get(FAMILIES[family].column(made.site))
    if column is not None:
        found = recognise(Page(made.index_url, column.body, column.content_type))
        assert not found or found[0].family != "json_search"


# ---- the crawl ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habits", "more"),
    [
        ({"interface": "/searchList", "says": "channel", "urls": "path", "names": "folders"}, {}),
        ({"interface": "/search", "says": "address", "jsonp": True, "counts_from": 0}, {"robots": "missing"}),
        ({"says": "code", "urls": "full", "names": "numbers", "first_rows_in_page": True}, {}),
        ({"says": "tabs", "interface": "/getFileListByCodeId", "html_escapes": True}, {}),
        ({"says": "address", "interface": "/getFileListByCodeId", "most_per_page": 100}, {}),
        ({"offset_by": "asked", "says": "tabs", "most_per_page": 7, "asks_per_page": 50}, {}),
    ],
    ids=lambda habits: "+".join(habits),
)
def test_every_report_is_collected_whatever_the_interface_is_like(
    habits: dict[str, Any], more: dict[str, Any], tmp_path: Path
) -> None:
    site = make_site("json_search", reports=13, habits=habits, **more)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
        assert not run.finished(site.site.id)["incomplete"]


def test_rows_that_are_counted_and_not_given_are_told(tmp_path: Path) -> None:
    site = make_site("json_search", habits={"window": 16})
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    assert run.finished(site.site.id)["incomplete"] == 1
    told = [row.reason for row in run.rows if row.role is Role.LISTING and "16 of 31 rows" in (row.reason or "")]
    assert told


def test_an_interface_that_is_refused_is_told(tmp_path: Path) -> None:
    site = make_site("json_search", habits={"says": "address", "interface": "/search"})  # robots.txt forbids /search/
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    refused = [row for row in run.rows if row.outcome is Outcome.REFUSED_BY_ROBOTS]
    assert [row.role for row in refused] == [Role.LISTING]
    assert run.finished(site.site.id)["refused"] == 1


def test_the_second_night_asks_no_further_than_the_first_page(tmp_path: Path) -> None:
    site = make_site("json_search")
    with serve(tmp_path / "sites", site) as server:
        crawl_site(tmp_path, server, [site])
        server.clear_requests()
        crawl_site(tmp_path, server, [site], "night-2")
        asked = [record.path.partition("?")[0].rpartition("/")[0] for record in server.requests]
    assert asked == ["", "/json-search-b/c104001", "/common/search"]
