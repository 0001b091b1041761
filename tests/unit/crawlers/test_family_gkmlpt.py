"""Guangdong's catalogue platform: the tree, the interface, articles held in a script."""

import json
from pathlib import Path
from typing import Any

import pytest
from family_sites import FamilySite, assert_collected, crawl_site, make_site, serve

from crawlers.archive import Outcome, Role
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.gkmlpt import annual_nodes, read_config
from pipelines.sample.families import FAMILIES, arrange
from pipelines.sample.sites import make_rows

URL = "http://www.heping.test/hyhpjyj/gkmlpt/index"


def page(config: str, url: str = URL) -> Page:
    return Page(url, f"<html><body><script>{config}</script></body></html>".encode(), "text/html; charset=utf-8")


# ---- the tree -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        """window._CONFIG = { SID: '755041', TREE: [{"id": 3, "name": "年报", "children": []}], SERVICE_AREA_ID: 5 }""",
        """window._CONFIG={SID:755041,TREE:[{id:3,name:'年报',},],IS_MOBILE:/a,b}/.test(navigator.userAgent)};""",
        """var _CONFIG = {"SID": "755041", "TREE": "[{\\"id\\":3,\\"name\\":\\"\\u5e74\\u62a5\\"}]"};""",
        """_CONFIG = _CONFIG || {}; window._CONFIG = {'sid': "755041", tree: JSON.parse('[{"id":3,"name":"年报"}]')}""",
        """window._CONFIG = { BASE: location.host + '/x', SID: '755041', /* */ TREE: {"3": {id: 3, name: `年报`}}};""",
        """window._CONFIG = {TREE: [{id: 3, classify_name: '年报', childs: null}]}; var q = "page=1&sid=755041";""",
    ],
)
def test_site_number_and_tree_are_read_from_whatever_the_script_writes(config: str) -> None:
    found = read_config(page(config))
    assert found is not None
    assert found.sid == "755041"
    assert [(node.id, node.name) for node in found.nodes] == [("3", "年报")]


def test_a_flat_tree_is_put_together_by_parents() -> None:
    nodes = [
        {"id": 1, "name": "政府信息公开", "parent": 0},
        {"id": 2, "name": "年度报告", "parent": 1, "post_count": "12"},
        {"id": 3, "name": "2023年", "parent": {"id": 2}, "jump_url": "/gkmlpt/annualreport#9"},
    ]
    config = read_config(page(f"window._CONFIG = {{SID: '1', TREE: {json.dumps(nodes, ensure_ascii=False)}}}"))
    assert config is not None
    assert [node.id for node in config.nodes] == ["1"]
    annual = config.find("2")
    assert annual is not None
    assert (annual.count, annual.children[0].jump) == (12, "/gkmlpt/annualreport#9")


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["政府信息公开指南", "政府信息公开年报", "政府网站工作年度报表"], ["政府信息公开年报"]),
        (["年度报告", "财政年度报告", "法治政府建设年度报告"], ["年度报告"]),
        (["信息公开工作年度报告", "政府工作报告"], ["信息公开工作年度报告"]),
        (["部门年报", "街道年报"], ["部门年报", "街道年报"]),
        (["公告", "规范性文件"], []),
    ],
)
def test_the_annual_report_column_is_known_by_its_name(names: list[str], chosen: list[str]) -> None:
    tree = [{"id": place, "name": name} for place, name in enumerate(names, 1)]
    config = read_config(page(f"_CONFIG = {{SID: '1', TREE: {json.dumps(tree, ensure_ascii=False)}}}"))
    assert config is not None
    assert [node.name for node in annual_nodes(config.nodes)] == chosen


# ---- recognition ----------------------------------------------------------------------------------------------------


def test_it_is_known_by_its_configuration_and_keeps_the_column_of_the_address() -> None:
    shown = page("window._CONFIG = {SID: '175', TREE: []}", "http://whly.test/gkmlpt/annualreport#2629")
    found = recognise(shown)
    assert (found[0].family, found[0].options) == ("gkmlpt", {"column_id": "2629"})
    assert found[0].weight >= 90


def test_a_link_to_its_annual_reports_is_a_sign() -> None:
    body = '<html><body><a href="/gkmlpt/annualreport#2629">政府信息公开年报</a></body></html>'
    found = [one for one in recognise(Page("http://a.test/", body.encode())) if one.family == "gkmlpt"]
    assert found[0].index_url == "http://a.test/gkmlpt/annualreport"
    assert found[0].options == {"column_id": "2629"}


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"gkmlpt"}))
def test_pages_of_other_families_are_not_taken_for_it(family: str) -> None:
    made = make_site(family)
    content = arrange(made.site, make_rows(made.site, FAMILIES[family].addresses, made.facts, {}))
    column = content.fixed.get(FAMILIES[family].column(made.site))
    if column is not None:
        found = recognise(Page(made.index_url, column.body, column.content_type))
        assert not found or found[0].family != "gkmlpt"


# ---- the crawl ------------------------------------------------------------------------------------------------------


def gather(folder: Path, site: FamilySite, **entry: Any) -> list[str]:
    """Crawl the site, check what it brought, and tell the list pages asked for."""
    with serve(folder / "sites", site) as server:
        run = crawl_site(folder, server, [site], **entry)
        assert_collected(run, server, site)
        assert not run.finished(site.site.id)["incomplete"]
        return [row.url or "" for row in run.rows if row.role is Role.LISTING]


@pytest.mark.parametrize(
    "habits",
    [
        {"page_size": 100, "view": "annualreport", "tree": "script"},
        {"prefix": "/hyhpjyj", "view": "annualreport", "name": "公开年报"},
        {"view": "api", "total": "classify"},
        {"counts_from": "zero", "tree": "text"},
        {"years_below": True, "tree": "flat"},
        {"years_below": True, "parent_lists_years": False},
        {"jump": "page"},
        {"detail": "escapes", "https_links": True},
        {"files_in_rows_only": True, "total": "neither"},
        {"configured": False, "view": "annualreport", "sid": False},
    ],
    ids=lambda habits: "+".join(habits),
)
def test_every_report_is_collected_whatever_the_platform_is_like(habits: dict[str, Any], tmp_path: Path) -> None:
    gather(tmp_path, make_site("gkmlpt", reports=13, habits=habits))


def test_pages_are_asked_once_and_no_further_than_the_count(tmp_path: Path) -> None:
    lists = gather(tmp_path, make_site("gkmlpt", habits={"page_size": 10}))
    assert [url.partition("/api/all/")[2] for url in lists[1:]] == [f"4001?page={page}&sid=9" for page in (1, 2, 3, 4)]


def test_a_file_that_only_the_row_names_belongs_to_its_article(tmp_path: Path) -> None:
    site = make_site("gkmlpt", habits={"files_in_rows_only": True})
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    files = [row for row in run.rows if row.role is Role.ATTACHMENT]
    assert files
    assert all("/gkmlpt/content/" in (row.parent_url or "") for row in files)


def test_a_column_that_the_interface_does_not_know_is_no_quiet_day(tmp_path: Path) -> None:
    site = make_site("gkmlpt")
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site], options={"column_id": "99999"})
    asked = next(row for row in run.rows if "/api/all/99999" in (row.url or ""))
    assert asked.outcome is Outcome.LAYOUT_CHANGED
    assert "99999" in (asked.reason or "")
    assert run.finished(site.site.id)["failed"] == 1


def test_a_tree_without_annual_reports_sends_to_the_whole_catalogue(tmp_path: Path) -> None:
    site = make_site("gkmlpt", habits={"name": "公告公示"})
    lists = gather(tmp_path, site)
    assert any("/api/all/0?" in url for url in lists)


def test_an_article_held_in_a_script_is_read() -> None:
    body = (
        "<html><body><div id='app'></div><script>window._CONFIG = {DETAIL: {\"content\": "
        '"\\u003Cp\\u003E一、总体\\u003C/p\\u003E\\u003Ca href=\\"/attachment/1/2.docx\\"\\u003E年报\\u003C/a\\u003E", '
        '"attachment": [{"name": "附件.pdf", "url": "//a.test/attachment/3.pdf"}]}}</script></body></html>'
    )
    links = Page("http://a.test/gkmlpt/content/0/344/post_344022.html", body.encode()).links
    assert [link.url for link in links] == ["http://a.test/attachment/1/2.docx", "http://a.test/attachment/3.pdf"]


def test_the_second_night_asks_no_further_than_the_first_page(tmp_path: Path) -> None:
    site = make_site("gkmlpt", habits={"years_below": True})
    with serve(tmp_path / "sites", site) as server:
        crawl_site(tmp_path, server, [site])
        server.clear_requests()
        crawl_site(tmp_path, server, [site], "night-2")
        asked = [record.path for record in server.requests if record.path != "/robots.txt"]
    assert asked == ["/gkmlpt/index", "/gkmlpt/api/all/4001?page=1&sid=9"]
