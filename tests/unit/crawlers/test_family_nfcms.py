"""NFCMS columns: rows, columns below, further pages, two names of one article."""

from pathlib import Path
from typing import Any

import pytest
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Role
from crawlers.links import identity_key
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.nfcms import find_columns, find_rows
from pipelines.sample.families import FAMILIES, arrange
from pipelines.sample.sites import make_rows

URL = "http://www.lg.test/xxgk/xxgknb/"


def page(body: str, url: str = URL) -> Page:
    return Page(url, f"<html><body>{body}</body></html>".encode(), "text/html; charset=utf-8")


def test_rows_are_posts_and_files_and_not_the_columns_around_them() -> None:
    shown = page(
        '<div class="nav"><a href="/xxgk/">信息公开</a><a href="./qzfgzbm/">区政府工作部门</a></div><ul>'
        '<li><a href="./qzfgzbm/content/post_11956962.html">区水利局</a><span>2025-01-20</span></li>'
        '<li><a href="/xxgk/xxgknb/jdb/content/mpost_11956963.html"><img src="x.jpg"></a>'
        '<a href="/xxgk/xxgknb/jdb/content/mpost_11956963.html">布吉街道2024年政府信息公开工作年度报告</a></li>'
        '<li><a href="/attachment/0/1/2/3.pdf">龙岗区2020年政府信息公开工作年度报告</a></li></ul>'
        '<div class="foot"><a href="/ywdt/content/post_1.html">要闻</a></div>'
    )
    assert [(link.url.rpartition("/")[2], link.title[:4]) for link in find_rows(shown, URL)] == [
        ("post_11956962.html", "区水利局"),
        ("mpost_11956963.html", "布吉街道"),
        ("3.pdf", "龙岗区2"),
    ]
    assert [link.title for link in find_columns(shown, URL)] == ["区政府工作部门"]


def test_two_names_of_one_article_are_one() -> None:
    assert identity_key(f"{URL}content/mpost_12.html") == identity_key(f"{URL}content/post_12.html")


def test_it_is_known_by_its_variables_or_its_articles() -> None:
    row = '<li><a href="./content/post_{0}.html">某局{0}年度报告</a></li>'
    for body, least in (
        ("<script>window.NFCMS_SITE_ID=755001</script>" + row.format(1), 95),
        ("".join(row.format(number) for number in range(3)), 90),
    ):
        found = recognise(page(body))
        assert found[0].family == "nfcms"
        assert found[0].weight >= least


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"nfcms"}))
def test_pages_of_other_families_are_not_taken_for_it(family: str) -> None:
    made = make_site(family)
    content = arrange(made.site, make_rows(made.site, FAMILIES[family].addresses, made.facts, {}))
    column = content.fixed.get(FAMILIES[family].column(made.site))
    if column is not None:
        found = recognise(Page(made.index_url, column.body, column.content_type))
        assert not found or found[0].family != "nfcms"


@pytest.mark.parametrize(
    "habits",
    [
        {"pager": "next", "mobile_twins": True},
        {"pager": "script", "names_itself": False, "past_the_end": "last"},
        {"pager": "zero_based", "past_the_end": "other"},
        {"pager": "hidden_zero"},
        {"groups": 3, "pager": "script"},
    ],
    ids=lambda habits: "+".join(habits),
)
def test_every_report_is_collected_whatever_the_column_is_like(habits: dict[str, Any], tmp_path: Path) -> None:
    site = make_site("nfcms", reports=13, habits=habits)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)
        assert not run.finished(site.site.id)["incomplete"]


def test_pages_are_asked_once_and_no_further_than_the_last(tmp_path: Path) -> None:
    site = make_site("nfcms", habits={"past_the_end": "last"})
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
    lists = [(row.url or "").rpartition("/")[2] for row in run.rows if row.role is Role.LISTING]
    assert lists == ["", *(f"index_{number}.html" for number in range(2, 8))]


def test_a_list_that_ends_before_its_last_page_is_told(tmp_path: Path) -> None:
    site = make_site("nfcms", habits={"pager": "script"})
    with serve(tmp_path / "sites", site) as server:
        server.set_fault(site.site.host, "soft_404", path_prefix="/zwgk/zfxxgknb/index_3")
        run = crawl_site(tmp_path, server, [site])
    assert run.finished(site.site.id)["failed"] + run.finished(site.site.id)["incomplete"] >= 1
    stored = [row for row in run.rows if row.role is Role.ARTICLE and row.sha256]
    assert len(stored) > len(site.facts) - 6, "one page that fails does not end the list"


def test_the_second_night_asks_no_further_than_the_first_page(tmp_path: Path) -> None:
    site = make_site("nfcms")
    with serve(tmp_path / "sites", site) as server:
        crawl_site(tmp_path, server, [site])
        server.clear_requests()
        crawl_site(tmp_path, server, [site], "night-2")
        asked = [record.path for record in server.requests if record.path != "/robots.txt"]
    assert asked == ["/zwgk/zfxxgknb/"]
