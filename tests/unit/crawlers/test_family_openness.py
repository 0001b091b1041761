"""Openness platforms with the page number in the path: `…/showList/785/0/page_1.html`."""

from pathlib import Path
from typing import Any

import pytest
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Role
from crawlers.families.openness import is_article, list_place, recognise
from crawlers.pages import Page
from crawlers.spiders.openness import page_address

LIST = "http://www.a.gov.cn/OpennessContent/showList/785/0/page_1.html"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (LIST, ("OpennessContent", "785/0", 1)),
        (
            "http://a.gov.cn/openness/OpennessContent/showList/1442/45712/page_3.html",
            ("OpennessContent", "1442/45712", 3),
        ),
        ("http://a.gov.cn/BranchOpennessContent/showList/10395/0.html", ("BranchOpennessContent", "10395/0", None)),
        ("http://a.gov.cn/Content/showList/JA002/30900/1/page_2.html", ("Content", "JA002/30900/1", 2)),
        ("http://a.gov.cn/XxgkAnnualReport/showList/785/page_1.html", ("XxgkAnnualReport", "785", 1)),
        ("http://a.gov.cn/XxgkAnnualReport/show/5813.html", None),
        ("http://a.gov.cn/showcase/1.html", None),
    ],
)
def test_a_list_by_its_address(url: str, place: tuple[str, str, int | None] | None) -> None:
    assert list_place(url) == place


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/XxgkAnnualReport/show/5813.html", True),
        ("http://a.gov.cn/openness/Xxgknb/show/4471.html", True),
        ("http://a.gov.cn/OpennessContent/show/2035871.html", True),
        (LIST, False),
        ("http://a.gov.cn/zwgk/5813.html", False),
    ],
)
def test_an_article_by_its_address(url: str, expected: bool) -> None:
    assert is_article(url) is expected


@pytest.mark.parametrize(
    ("first", "known", "address"),
    [
        (LIST, None, "http://www.a.gov.cn/OpennessContent/showList/785/0/page_3.html"),
        ("http://a.gov.cn/x/showList/785/0.html", None, "http://a.gov.cn/x/showList/785/0/page_3.html"),
        ("http://a.gov.cn/x/showList/785/0/", None, "http://a.gov.cn/x/showList/785/0/page_3.html"),
        (
            "http://a.gov.cn/x/showList/785",
            "http://a.gov.cn/x/showList/785/page_2",
            "http://a.gov.cn/x/showList/785/page_3",
        ),
    ],
)
def test_the_address_of_a_page(first: str, known: str | None, address: str) -> None:
    assert page_address(first, 3, known) == address


def test_a_page_is_recognised_by_its_controllers() -> None:
    body = b"<html><ul><li><a href='/XxgkAnnualReport/show/5813.html'>x</a></li></ul></html>"
    found = recognise(Page(LIST, body))
    assert found is not None
    assert found.weight >= 90
    assert found.index_url is None
    home = f"<html><a href='{LIST}'>政府信息公开年报</a></html>".encode()
    elsewhere = recognise(Page("http://www.a.gov.cn/", home))
    assert elsewhere is not None
    assert elsewhere.index_url == LIST
    assert recognise(Page("http://www.a.gov.cn/zwgk/", b"<html><a href='/info/1/2.htm'>x</a></html>")) is None


@pytest.mark.parametrize(
    "habits",
    [
        {"pager": "none", "beyond": "last", "prefix": "/openness", "bare_first": True},
        {"pager": "none", "beyond": "empty"},
        {"pager": "script", "controller": "BranchOpennessContent", "article": "Xxgknb", "dates": False},
        {"pager": "words"},
        {"pager": "next", "years": True},
    ],
    ids=str,
)
def test_every_report_is_collected(habits: dict[str, Any], tmp_path: Path) -> None:
    site = make_site("openness", habits=habits)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
    assert run.finished(site.site.id)["incomplete"] == 0
    assert len([row for row in run.rows if row.role is Role.ARTICLE]) == 31, "a row of the list was not seen"
