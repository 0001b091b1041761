"""Shandong's openness platform: what the page carries is taken, and what it does not carry is said."""

import json
from pathlib import Path

import pytest
from family_sites import assert_collected
from family_variants import column_page, crawl_variants, lists_of

from crawlers.archive import Outcome
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.gongkai import inline_rows, rows_said

CHANNEL = "http://a.gov.cn/gongkai/site_b/channel_63899ae537599182826222fc/"
DOC = "641d4d4d749a4723fdc77fb7"


def page(body: str) -> Page:
    return Page(CHANNEL, f"<html><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    "body",
    [
        f'<script>window.__STATE__={{"list":[{{"title":"某局年报","url":"./doc_{DOC}.html","pubDate":"2023-01-02"}}]}}</script>',
        f"<script>new Vue({{data:{{rows:[{{title:'某局年报',_id:'{DOC}',publishTime:1672617600000}}]}}}})</script>",
        f'<script type="application/json">[{{"docTitle":"某局年报","docId":"{DOC}","date":"2023-01-02"}}]</script>',
        f'<v-list :items=\'[{{"title":"某局年报","link":"doc_{DOC}.html","date":"2023/01/02"}}]\'></v-list>',
        "<script>var data="
        + json.dumps({"json": json.dumps([{"title": "某局年报", "id": DOC, "time": "2023-01-02"}])})
        + "</script>",
    ],
)
def test_rows_are_found_in_the_data_of_a_script(body: str) -> None:
    rows = inline_rows(page(body))
    assert [(row.url, row.title, row.date) for row in rows] == [(f"{CHANNEL}doc_{DOC}.html", "某局年报", "2023-01-02")]


def test_channels_of_the_menu_are_no_rows() -> None:
    menu = '[{"title":"政府信息公开年报","id":"63899ae537599182826222fc","url":"/gongkai/channel_1/"}]'
    assert inline_rows(page(f"<script>var menu={menu}</script>")) == ()


def test_the_count_of_the_data_is_read() -> None:
    assert rows_said(page('<script>var a={"total":37,"rows":[{"title":"x"}]}</script>')) == 37
    assert rows_said(page('<script>var a={"total":37,"rows":[]}</script>')) is None


def test_a_channel_is_recognised_even_as_an_empty_shell() -> None:
    for rows in ("state", "links", "none"):
        found = recognise(column_page("gongkai", {"rows": rows}))
        assert (found[0].family, found[0].weight) == ("gongkai", 95)


VARIANTS = {
    "literal": {"rows": "literal"},
    "attribute": {"rows": "props"},
    "links twice": {"rows": "links", "without_ending": True},
    "paged": {"paged": True},
}


def test_every_habit_is_collected_in_full(tmp_path: Path) -> None:
    server, runs = crawl_variants(tmp_path, "gongkai", VARIANTS)
    for made, run in runs.values():
        assert_collected(run, server, made)


def test_what_the_page_does_not_carry_is_said(tmp_path: Path) -> None:
    _, runs = crawl_variants(tmp_path, "gongkai", {"none": {"rows": "none"}, "some": {"in_page": 5}})
    (shell,), (part,) = (lists_of(runs[name][1]) for name in ("none", "some"))
    assert shell.outcome is Outcome.LAYOUT_CHANGED
    assert "drawn by the browser" in (shell.reason or "")
    assert (part.reason or "").startswith("incomplete list: 5 of ")
