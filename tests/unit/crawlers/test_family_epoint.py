"""Epoint EWB: a shell page, a script that names the site, rows as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Outcome, Role
from crawlers.families.epoint import EpointOptions, recognise
from crawlers.pages import Page
from crawlers.spiders.epoint import read_answer, read_service, script_files

SHELL = "http://www.a.gov.cn/dynamic/zwgk/govInfoPub.html?categorynum=003002&deptcode=001001"
GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"


@pytest.mark.parametrize(
    ("script", "address"),
    [
        (f'var siteInfo = {{"siteGuid":"{GUID}","projectName":"/EWB-FRONT"}};', "/EWB-FRONT/rest/lightfrontaction/"),
        (f"var siteGuid = '{GUID}', projectName = 'EWB_YK_Mid';", "/EWB_YK_Mid/rest/lightfrontaction/"),
        (
            f'siteGuid: "{GUID}", projectName: "/x"; url: info.projectName + "/rest/lightfrontaction/getgovinfolist"',
            "/x/rest/lightfrontaction/",
        ),
        (
            f'"siteGuid" : "{GUID}"; post("/Epoint-MiddleForWeb/rest/lightfrontaction/getgovinfolist")',
            "/Epoint-MiddleForWeb/",
        ),
        (f"siteGuid='{GUID}'; url=`${{projectName}}/rest/lightfrontaction/getgovinfolist`", "/EWB-FRONT/rest/"),
        (
            f'siteGuid="{GUID}"; ajax("http://b.gov.cn/EWB-FRONT/rest/lightfrontaction/getgovinfolist")',
            "/EWB-FRONT/rest/",
        ),
    ],
)
def test_the_service_as_scripts_name_it(script: str, address: str) -> None:
    service = read_service(SHELL, {SHELL: "<html></html>", "http://www.a.gov.cn/js/x.js": script})
    assert (service.guid, service.category, service.dept) == (GUID, "003002", "001001")
    assert service.address(SHELL).startswith(f"http://www.a.gov.cn{address}")


def test_the_entry_outranks_the_page() -> None:
    options = EpointOptions(category="9", site_guid="g-1234567", project="P", page_base=1, wrapped=True, page_size=10)
    service = read_service(SHELL, {SHELL: f'siteGuid:"{GUID}", pageSize: 20, pageIndex: 0'}, options)
    assert (service.category, service.guid, service.base, service.wrapped, service.size) == (
        "9",
        "g-1234567",
        1,
        True,
        10,
    )
    assert service.address(SHELL) == "http://www.a.gov.cn/P/rest/lightfrontaction/getgovinfolist"


def test_the_scripts_looked_into_are_the_likely_ones_of_this_host() -> None:
    page = Page(
        SHELL,
        b"<script src='/js/lib/jquery.min.js'></script><script src='http://cdn.com/common.js'></script>"
        b"<script src='/static/js/page.js'></script><script src=/js/webBuilderCommon.js></script>",
    )
    files = script_files(page)
    assert files[0] == "http://www.a.gov.cn/js/webBuilderCommon.js"
    assert "http://www.a.gov.cn/static/js/page.js" in files
    assert not any("jquery" in url or "cdn" in url for url in files)
    assert script_files(Page(SHELL, b"<html></html>"))[0].endswith("/js/webBuilderCommon.js")


ROW = {
    "title": "<b>某局2022年…</b>",
    "realtitle": "某局2022年政府信息公开工作年度报告",
    "infourl": "/zwgk/1.html",
    "infodate": "2023-01-09",
}


@pytest.mark.parametrize(
    ("value", "total"),
    [
        ({"custom": {"total": 31, "data": [ROW]}}, 31),
        ({"custom": {"total": "31", "data": [ROW]}, "status": {"code": 1}}, 31),
        ({"controls": [], "custom": {"count": 1, "infodata": [ROW]}, "status": {"code": 1, "text": "操作成功"}}, None),
        ({"controls": [], "custom": {"count": 9, "infodata": [ROW]}}, 9),
        ({"custom": json.dumps({"Table": [ROW], "totalcount": "31"})}, 31),
        ({"custom": {"page": {"total": 31}, "data": [ROW]}}, 31),
        ({"data": [ROW], "total": 31}, 31),
        ([ROW], None),
    ],
)
def test_an_answer_in_its_variants(value: Any, total: int | None) -> None:
    answer = read_answer(Page("http://a.gov.cn/EWB-FRONT/rest/x", json.dumps(value, ensure_ascii=False).encode()))
    assert answer.is_answer
    assert answer.total == total
    assert [(row.url, row.title, row.date) for row in answer.rows] == [
        ("http://a.gov.cn/zwgk/1.html", "某局2022年政府信息公开工作年度报告", "2023-01-09")
    ]


@pytest.mark.parametrize(
    "body", [b"<html>404</html>", b'{"custom": {}, "status": {"code": 0}}', b"null", b"", b'{"custom": null}']
)
def test_what_is_no_answer(body: bytes) -> None:
    assert not read_answer(Page("http://a.gov.cn/x", body)).is_answer


def test_a_shell_is_recognised() -> None:
    found = recognise(Page(SHELL, b"<html><script src='/js/webBuilderCommon.js'></script></html>"))
    assert found is not None
    assert found.weight >= 90
    assert recognise(Page("http://www.a.gov.cn/col/col1/index.html", b"<html><p>x</p></html>")) is None


@pytest.mark.parametrize(
    "habits",
    [
        {"counts_from": 1, "below_first": "empty", "asks": "params", "largest_page": 4},
        {"counts_from": 1, "asks": "form", "variant": "infodata"},
        {
            "counts_from": 1,
            "below_first": "error",
            "script": "/js/ajaxReq.js",
            "links_script": False,
            "variant": "text",
        },
        {"counts_from": 0, "hint": True, "asks": "params", "project": "EWB_YK_Mid"},
        {"script": "", "pinned": 2, "beyond": "last"},
    ],
    ids=str,
)
def test_every_report_is_collected(habits: dict[str, Any], tmp_path: Path) -> None:
    site = make_site("epoint", habits=habits)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
    assert run.finished(site.site.id)["incomplete"] == 0


def test_another_night_begins_with_the_question_that_was_answered(tmp_path: Path) -> None:
    site = make_site("epoint", habits={"counts_from": 1, "below_first": "empty", "asks": "params"})
    with serve(tmp_path / "sites", site) as server:
        runs = [crawl_site(tmp_path, server, [site], run_id=run_id) for run_id in ("night-1", "night-2")]
    asked = [[row for row in run.rows if "#POST" in (row.url or "")] for run in runs]
    assert len(asked[0]) > 2
    assert len(asked[1]) == 1
    assert not [row for row in runs[1].rows if row.role is Role.ARTICLE]


def test_an_empty_column_says_so(tmp_path: Path) -> None:
    site = make_site("epoint", reports=0, negatives=False)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    outcomes = [row.outcome for row in run.rows if row.role is Role.LISTING]
    assert outcomes[-1] is Outcome.EMPTY
    assert Outcome.LAYOUT_CHANGED not in outcomes


def test_a_service_that_does_not_know_the_column_is_an_alarm(tmp_path: Path) -> None:
    site = make_site("epoint", reports=3, habits={"variant": "infodata", "below_first": "error", "counts_from": 1})
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site], options={"project": "elsewhere", "site_guid": "unknown-guid"})
    assert run.finished(site.site.id)["failed"] >= 1
    assert not [row for row in run.rows if row.role is Role.ARTICLE]
