"""TrueCMS: first rows from the page, further ones in windows that the server takes."""

import json
from pathlib import Path

import pytest
from family_sites import assert_collected
from family_variants import column_page, crawl_variants, lists_of

from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.truecms import first_rows, read_answer, read_configs

COLUMN = "http://a.gov.cn/bgs/xxgknb/xxgknb.html"
UUID = "36418718-9a58-48dd-8d59-6fd0944c9c65"
TITLE = "某局2023年政府信息公开工作年度报告"
ROW = f'<li><a href="/bgs/xxgknb/content/{UUID}.html" title="{TITLE}">某局…</a><b>2024-01-05</b></li>'
XML = f"<datastore><totalrecord>41</totalrecord><recordset><record><![CDATA[{ROW}]]></record></recordset></datastore>"


def page(body: str) -> Page:
    return Page(COLUMN, f"<html><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    "answer",
    [
        f"cb({json.dumps({'result': XML}, ensure_ascii=False)})",
        f"jQuery1_2({json.dumps({'result': XML})});",
        json.dumps({"code": 0, "data": {"result": XML}}),
        XML,
        json.dumps({"result": f"<ul>{ROW}</ul>", "total": 41}),
        json.dumps({"result": XML.replace("<![CDATA[", "").replace("]]>", "").replace(ROW, ROW.replace("<", "&lt;"))}),
    ],
)
def test_an_answer_is_read_however_it_is_wrapped(answer: str) -> None:
    read = read_answer(answer, page(""))
    assert [(row.url, row.date) for row in read.rows] == [
        (f"http://a.gov.cn/bgs/xxgknb/content/{UUID}.html", "2024-01-05")
    ]
    assert (read.row_count, read.total) == (1, 41)


def test_an_empty_answer_has_no_rows() -> None:
    for answer in ('cb({"result":"<datastore><recordset></recordset></datastore>"})', 'cb({"result":""})', "cb({})"):
        assert read_answer(answer, page("")).row_count == 0


@pytest.mark.parametrize(
    "body",
    [
        f'<div id="initData"><ul>{ROW}</ul></div>',
        f"<div id='initData' style='display:none'>{ROW}</div>",
        f'<textarea id="initData">{ROW.replace("<", "&lt;")}</textarea>',
        f'<script type="text/xml" id="initData">{XML}</script>',
        f"<ul>{ROW}</ul>",
    ],
)
def test_the_first_rows_stand_in_the_page(body: str) -> None:
    assert [row.title for row in first_rows(page(body))] == [TITLE]


def test_the_script_says_what_to_ask_for() -> None:
    body = (
        "<script>$('#a').jpage({perPage:20, totalRecord:\"81\", proxyUrl:'/TrueCMS/messageController/getMessage.do',"
        f"ajaxParam:{{contentTemplate:'7', columnId:'{UUID}'}}}})</script>"
    )
    (config,) = read_configs(page(body))
    assert config.endpoint == "http://a.gov.cn/TrueCMS/messageController/getMessage.do"
    assert (config.column_id, config.total, config.per_page) == (UUID, 81, 20)
    assert config.fields == {"contentTemplate": "7"}


@pytest.mark.parametrize(
    "body",
    [
        f"<script src='/TrueCMS/js/jpage.js'></script><input type='hidden' id='columnId' value='{UUID}'>",
        f"<script>var src = '/TrueCMS/x'; var columnId = \"{UUID}\";</script>",
        f"<script>load('/TrueCMS/messageController/getMessage.do?perpage=10&amp;columnId={UUID}')</script>",
        f"<script>var src='/TrueCMS/x', columnId='{UUID}'; ask({{startrecord:1, columnId:columnId}});</script>",
    ],
)
def test_the_column_is_named_in_many_ways(body: str) -> None:
    (config,) = read_configs(page(body))
    assert (config.endpoint, config.column_id) == ("http://a.gov.cn/TrueCMS/messageController/getMessage.do", UUID)


def test_its_own_pages_are_recognised_before_hanwebs() -> None:
    for habits in ({}, {"folder": "TrueCMS", "first": "datastore"}, {"first": "none"}):
        found = recognise(column_page("truecms", habits))
        assert found[0].family == "truecms"
        assert found[0].weight >= 95
        assert len(found) == 1 or found[1].weight < found[0].weight
    assert all(found.family != "truecms" for found in recognise(column_page("hanweb")))


VARIANTS = {
    "plain": {},
    "datastore": {"first": "datastore"},
    "shell": {"first": "none"},
    "small windows, else 404": {"window": 10, "beyond_window": "missing"},
    "small windows, else nothing": {"window": 10, "beyond_window": "empty"},
    "small windows, cut": {"window": 10, "beyond_window": "cut", "per_page": 30},
    "no total": {"says_total": False},
    "bare JSON": {"jsonp": False, "folder": "TrueCMS"},
    "counted from 0": {"counts_from": 0, "first": "none"},
    "switched off, all in the page": {"disabled": True, "site": {"first_screen": 60}},
}


def test_every_habit_is_collected_in_full(tmp_path: Path) -> None:
    server, runs = crawl_variants(tmp_path, "truecms", VARIANTS)
    for name, (made, run) in runs.items():
        assert_collected(run, server, made)
        assert len(lists_of(run)) <= 5, name


def test_an_interface_that_is_switched_off_is_a_failure_one_can_see(tmp_path: Path) -> None:
    _, runs = crawl_variants(tmp_path, "truecms", {"off": {"disabled": True}})
    _, run = runs["off"]
    assert max(event.get("failed", 0) for event in run.events) >= 1
    assert any((row.reason or "").startswith("incomplete list: 6 of ") for row in lists_of(run))
    assert sum(row.role.value == "article" and row.status_code == 200 for row in run.rows) >= 5
