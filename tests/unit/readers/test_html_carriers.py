"""HTML pages that hold their article as text, for a script or a frame to show."""

import html
import json

import pytest
from reader_samples import rows_of, texts

from extract.model import Document
from extract.readers.html import read_html

ARTICLE = (
    '<div class="article"><p>二、主动公开</p><table border="1">'
    + "".join(f"<tr><td>第{row}项信息内容</td><td>{row}</td></tr>" for row in range(9))
    + "</table></div>"
)
ROWS = [[f"第{row}项信息内容", str(row)] for row in range(9)]
ESCAPED = html.escape(ARTICLE)


def read(body: str) -> Document:
    return read_html(f"<html><head><title>某市年度报告</title></head><body>{body}</body></html>".encode())


def script(text: str) -> str:
    return f"<div id=app></div><script>var detail={text};</script>"


@pytest.mark.parametrize(
    "body",
    [
        script(json.dumps({"content": ARTICLE}, ensure_ascii=False).replace("</", "<\\/")),
        script(json.dumps({"content": ARTICLE}, ensure_ascii=False)),
        script(json.dumps({"content": ARTICLE}).replace("<", "\\u003c")),
        "<script>var a=1</script>" + script(json.dumps({"title": "报告", "content": ARTICLE})),
        f"<textarea style='display:none'>{ESCAPED}</textarea>",
        f"<textarea>{ARTICLE}</textarea>",
        f'<input type="hidden" id="content" value="{ESCAPED}">',
        f'<iframe srcdoc="{ESCAPED}"></iframe>',
        f'<script type="text/template">{ARTICLE}</script>',
        f"<noscript>{ARTICLE}</noscript>",
        f"<template>{ARTICLE}</template>",
    ],
)
def test_the_article_of_a_page_that_shows_no_table_is_read(body: str) -> None:
    document = read(body)
    (grid,) = document.grids
    assert rows_of(grid) == ROWS
    assert texts(document) == ["二、主动公开"]


def test_the_same_article_in_several_places_is_read_once() -> None:
    carriers = f"<noscript>{ARTICLE}</noscript><textarea>{ESCAPED}</textarea><input value='{ESCAPED}'>"
    assert len(read(carriers).grids) == 1
    assert len(read(script(json.dumps(ARTICLE)) + carriers).grids) == 1


@pytest.mark.parametrize(
    "body",
    [
        f"<textarea>{ESCAPED}</textarea>",
        f"<noscript>{ARTICLE}</noscript>",
        script(json.dumps({"content": ARTICLE})),
        f'<script type="text/html">{ARTICLE}</script>',
    ],
)
def test_beside_a_table_that_is_shown_nothing_else_is_read(body: str) -> None:
    (grid,) = read("<table><tr><td>甲</td><td>38</td></tr></table>" + body).grids
    assert rows_of(grid) == [["甲", "38"]]


@pytest.mark.parametrize(
    "body",
    [
        "<textarea>&lt;p&gt;请输入&lt;/p&gt;</textarea>",
        "<noscript><p>请启用脚本</p></noscript>",
        "<script>document.write('<div>" + "页脚" * 200 + "</div>')</script>",
        "<script src=a.js></script><table><tr><td><p>甲</p></td></tr></table><script>var a='"
        + "<div>" * 90
        + "'</script>",
        "<script type=text/template><td",
        "<template>" * 300 + "<td>",
    ],
)
def test_what_holds_no_table_is_left_out(body: str) -> None:
    document = read("<p>正文</p>" + body)
    assert not document.grids
    assert texts(document)[0] == "正文"
    assert set(texts(document)) <= {"正文", "甲"}
