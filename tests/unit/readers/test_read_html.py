"""HTML pages: spans, layout tables, pasted markup, metadata, and pages that mean harm."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from reader_samples import assert_tiles, corpus_file, needs_corpus, printed, rows_of, shape, spans, texts

from extract.model import Document, Grid, GridCell, Paragraph, Place, Unreadable
from extract.readers.html import read_html


def read(markup: str) -> Document:
    return read_html(markup.encode())


def grid(markup: str) -> Grid:
    (only,) = read(markup).grids
    return only


class TestSpans:
    def test_spans_place_cells_as_a_browser_does(self) -> None:
        table = grid(
            "<table><tr><td rowspan=2 colspan=2>a<td colspan=3>b<tr><td>c<td rowspan=2>d<td>e"
            "<tr><td>f<td>g<td>h<td>i</table>"
        )
        assert spans(table) == [
            (0, 0, 2, 2), (0, 2, 1, 3),
            (1, 2, 1, 1), (1, 3, 2, 1), (1, 4, 1, 1),
            (2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1), (2, 4, 1, 1),
        ]  # fmt: skip
        assert_tiles(table)

    @pytest.mark.parametrize(
        ("attribute", "expected"),
        [
            ("colspan=0", 1),
            ("colspan=-2", 1),
            ("colspan=x", 1),
            ('colspan=""', 1),
            ("colspan='2%'", 2),
            ("colspan=' 3'", 3),
        ],
    )
    def test_odd_colspans_read_as_browsers_read_them(self, attribute: str, expected: int) -> None:
        assert grid(f"<table><tr><td {attribute}>a<td>b</table>").cells[0].column_span == expected

    def test_huge_colspan_is_capped(self) -> None:
        assert grid("<table><tr><td colspan=99999999>a<td>b</table>").column_count <= 1001

    def test_rowspan_beyond_the_table_ends_with_it(self) -> None:
        table = grid("<table><tr><td rowspan=99>a<td>b<tr><td>c</table>")
        assert table.cells[0].row_span == 2
        assert_tiles(table)

    def test_rowspan_zero_reaches_to_the_end_of_its_group(self) -> None:
        table = grid("<table><tbody><tr><td rowspan=0>a<td>b<tr><td>c</tbody><tbody><tr><td>d<td>e</tbody></table>")
        assert table.cells[0].row_span == 2
        assert table.cells[3].column == 0

    def test_cells_that_overlap_by_mistake_are_clipped(self) -> None:
        table = grid("<table><tr><td>a<td rowspan=2>b<tr><td colspan=3>c<td>d</table>")
        assert_tiles(table)
        assert [cell.text for cell in table.cells] == ["a", "b", "c", "d"]

    def test_a_row_span_leaves_short_rows_where_they_are(self) -> None:
        table = grid("<table><tr><td>a<td>b<td>c<tr><td>d</table>")
        assert [cell.column for cell in table.cells] == [0, 1, 2, 0]

    @given(
        st.lists(
            st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=6), min_size=1, max_size=8
        )
    )
    def test_any_spans_tile_the_grid_without_overlap(self, rows: list[list[tuple[int, int]]]) -> None:
        body = "".join(
            "<tr>" + "".join(f"<td rowspan={down} colspan={across}>x</td>" for down, across in row) + "</tr>"
            for row in rows
        )
        document = read(f"<table>{body}</table>")
        for table in document.grids:
            assert_tiles(table)
            assert len(table.cells) == sum(len(row) for row in rows)


class TestCells:
    @pytest.mark.parametrize(
        ("inside", "expected"),
        [
            ("<p>1</p>", "1"),
            ("<p>本年新<br>制作数量</p>", "本年新\n制作数量"),
            ("<p>a</p><p>b</p>", "a\nb"),
            ("<font>1</font><font>0</font>", "10"),
            ("<p><span>1</span><span>0</span></p>", "10"),
            ("<span>1<!--[if gte mso 9]><xml>9</xml><![endif]-->0</span>", "10"),
            ("1<o:p></o:p>", "1"),
            ("<p class=MsoNormal><span lang=EN-US>13<o:p></o:p></span></p>", "13"),
            ("<![if !supportEmptyParas]>&nbsp;<![endif]>", "\xa0"),
            ("&nbsp;0&nbsp;", "\xa00\xa0"),
            ("\n   本年新\n   制作  \n", "本年新 制作"),
            ("<p>1<p>2", "1\n2"),
            ("<b>总</b>计", "总计"),
            ("<script>x()</script>5<style>p{}</style>", "5"),
            ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
            ("&#49;&#x30;", "10"),
            ("38<sup>1</sup>", "38[1]"),
            ("<p><span>38</span><sup><a href=#n>①</a></sup></p>", "38[①]"),
            ("38<sup>1</sup><sup>,</sup><sub>2</sub>", "38[1],[2]"),
            ("38<sup> 1、2 </sup>", "38[1、2]"),
            ("38<sup>[1]</sup>", "38[1]"),
            ("<sup>1</sup>38", "[1]38"),
            ("<br><sup>38</sup><br>", "38"),
            ("<sup>3</sup><sup>8</sup>", "38"),
            ("件<sup>注</sup>", "件注"),
            ('38<span style="font-size:8px; vertical-align: super">1</span>', "38[1]"),
            ('<p><span>38</span><span style="VERTICAL-ALIGN:sub">②</span></p>', "38[②]"),
            ('<span style="vertical-align:super">38</span>', "38"),
            ('<input value="38">', "38"),
            ('<p><input type="TEXT" value=" 38 " readonly>件</p>', "38 件"),
            ('<input type="hidden" value="9"><input type="checkbox" value="7">38', "38"),
            ('<input style="display:none" value="9">38', "38"),
            ("<select><option>1<option selected>38<option>3</select>", "38"),
            ("<select><option>38<option>3</select>", "38"),
            ("<textarea>38</textarea>", "38"),
            ("<s>77</s>38", "38"),
            ("<p><strike>77</strike>38<del><p>9</p></del></p>", "38"),
            ("<s>77", ""),
            ('<span style="visibility: hidden">77</span>38', "38"),
            ('<span style="FONT-SIZE:0px">77</span>38', "38"),
            ('<span style="font-size:0.9em">3</span><span style="font-size:10px">8</span>', "38"),
            ('<p style="font-size:0"><span style="font-size:14px">38</span></p>', "38"),
            ('<span style="text-decoration:line-through">77</span>38', "38"),
            ("<ruby>38<rp>(</rp><rt>3</rt><rp>)</rp></ruby>", "38"),
            ("<p><ruby>38<rt>3</ruby></p><p>件</p>", "38\n件"),
            ('<i style="opacity:0">0</i>38', "38"),
            ('<i style="OPACITY: 0.0; top:0">0</i>38', "38"),
            ('<i style="opacity:.9">3</i><i style="opacity:0.5">8</i>', "38"),
            ('38<i style="color: transparent">0</i>', "38"),
            ('<b style="background-color:transparent;color:#000">3</b><i style="color:red">8</i>', "38"),
            ('<b style="-webkit-background-clip:text;color:transparent">38</b>', "38"),
            ('<b style="color:transparent"><font color=red>38</font></b>', "38"),
            ('38<span style="position:absolute;clip:rect(0 0 0 0)">38</span>', "38"),
            ('<span style="clip:rect(0,90px,20px,0)">38</span><i style="opacity:0">0</i>', "38"),
            ('38<span style="clip-path: inset(100%)">38</span>', "38"),
            ('38<span style="position:absolute; left:-9999px">38</span>', "38"),
            ('38<a style="text-indent:-999em">38</a>', "38"),
            ('<span style="margin-left:-9999px;left:-2px">38</span><i style="left:-9999px">0</i>', "38"),
            ('<p style="opacity:0">38</p>', "38"),
            ("<p><button>按</button></p>", ""),
            ("<p><span>8</span></p>注", "8\n注"),
            ("注<p>8</p>", "注\n8"),
            ("<p> <b>总</b> </p>", "总"),
            ("<p>第 一\n 项</p>", "第 一 项"),
            ("<p><img src=a.png></p>", ""),
            ("<p>\u200b5\u3000</p>", "\u200b5\u3000"),
            ("", ""),
        ],
    )
    def test_text_of_a_cell(self, inside: str, expected: str) -> None:
        assert grid(f"<table><tr><td>{inside}</td><td>label</td></tr></table>").cells[0].text == expected

    def test_figures_in_controls_are_read_in_a_pasted_table_too(self) -> None:
        cell = "<td><p><span><font><b>{}</b></font></span></p></td>"
        row = "<tr>" + cell.format("label") + cell.format('<input value="38">') + "</tr>"
        assert rows_of(grid(f"<table>{row * 3}</table>")) == [["label", "38"]] * 3

    def test_controls_outside_tables_are_no_text_of_the_page(self) -> None:
        document = read('<p>a<input value="search"><select><option>b</select></p>')
        assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["a"]

    def test_header_cells_and_row_groups_are_rows(self) -> None:
        table = grid(
            "<table><thead><tr><th>a<th>b</thead><tfoot><tr><td>e<td>f</tfoot><tbody><tr><td>c<td>d</tbody></table>"
        )
        assert rows_of(table) == [["a", "b"], ["c", "d"], ["e", "f"]]

    def test_cells_without_a_row_make_one(self) -> None:
        assert rows_of(grid("<table><td>a<td>b<tr><td>c<td>d</table>")) == [["a", "b"], ["c", "d"]]

    def test_rows_inside_a_form_are_rows(self) -> None:
        assert rows_of(grid("<table><form><tr><td>a<td>b</tr></form></table>")) == [["a", "b"]]

    def test_cells_inside_a_form_are_cells(self) -> None:
        assert rows_of(grid("<table><tr><form><td>a</td><td>b</td></form></tr></table>")) == [["a", "b"]]

    def test_hidden_cells_and_rows_are_not_read(self) -> None:
        table = grid(
            '<table><tr style="display: none"><td>x<td>y'
            '<tr><td>a<td style="DISPLAY:none">z<td>b<span hidden>q</span></table>'
        )
        assert rows_of(table) == [["a", "b"]]

    def test_a_cell_that_shows_no_text_keeps_its_place(self) -> None:
        table = grid('<table><tr><td>a<td style="visibility:hidden">z<td>b<tr><td><s>c</s><td>d<td>e</table>')
        assert rows_of(table) == [["a", "", "b"], ["", "d", "e"]]

    def test_cells_are_equal_to_cells_made_the_ordinary_way(self) -> None:
        made = grid("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>").cells
        place = Place(table=1, row=1, column=1)
        assert made[0] == GridCell(row=0, column=0, text="a", place=place, row_span=2, column_span=1)
        assert hash(made[0].place) == hash(place)
        assert repr(made[0].place) == repr(place)

    def test_places_count_from_one(self) -> None:
        document = read("<p>x</p><table><tr><td>a<td>b</table><table><tr><td>c<td>d</table>")
        assert str(document.grids[1].cells[1].place) == "table 2 row 1 column 2"
        assert str(document.blocks[0].place) == "line 1"


class TestFlow:
    def test_a_heading_before_a_table_stays_its_own_paragraph(self) -> None:
        document = read("<div><p>二、标题<table><tr><td>a<td>b</table>三、后文</div>")
        assert shape(document) == "PGP"
        assert texts(document) == ["二、标题", "三、后文"]

    def test_line_breaks_and_blocks_end_paragraphs_and_inline_tags_do_not(self) -> None:
        document = read("<div>一<b>二</b>三<br>四<div>五</div>六</div>")
        assert texts(document) == ["一二三", "四", "五", "六"]

    def test_only_heading_tags_are_headings(self) -> None:
        document = read("<h2>标题</h2><p><b>粗体</b></p>")
        assert [paragraph.is_heading for paragraph in document.paragraphs] == [True, False]

    def test_what_nobody_sees_is_not_read(self) -> None:
        document = read(
            "<script>var a='<p>x</p>'</script><noscript>n</noscript><style>s</style><!-- c -->"
            "<nav>首页</nav><footer>页脚</footer>"
            "<select><option>o</select><textarea>t</textarea><div style='display:none'>h</div><p>正文</p>"
        )
        assert texts(document) == ["正文"]

    @pytest.mark.parametrize(
        ("markup", "expected"),
        [
            ("<p>全年<s>77</s>38件<sup>1</sup></p>", ["全年38件1"]),
            ('<p>甲<span style="visibility:hidden">乙</span>丙</p>', ["甲丙"]),
            ('<p style="font-size:0">乙</p><p>丙</p>', ["丙"]),
            ('<div style="font-size:0"><p class=big>乙</p></div>', ["乙"]),
            ('<body style="visibility:hidden"><p>乙</p></body>', ["乙"]),
            ("<pre>甲<del>乙</del>丙</pre>", ["甲丙"]),
        ],
    )
    def test_struck_and_unseen_text_is_not_read(self, markup: str, expected: list[str]) -> None:
        assert texts(read(markup)) == expected

    def test_a_header_that_was_never_closed_does_not_swallow_the_page(self) -> None:
        assert shape(read("<header><p>导航</p><p>正文</p><table><tr><td>a<td>b</table>")) == "PPG"

    def test_the_header_of_an_article_is_read(self) -> None:
        assert texts(read("<article><header><h1>标题</h1></header><p>正文</p></article>")) == ["标题", "正文"]

    def test_a_page_wrapped_in_one_form_is_read(self) -> None:
        assert texts(read("<form><input value=x><p>正文</p></form>")) == ["正文"]

    def test_preformatted_text_is_a_text_dump(self) -> None:
        document = read("<p>前</p><pre>标题\n甲\t1\t2\n乙\t3\t4\n</pre><table><tr><td>a<td>b</table>")
        assert shape(document) == "PPGG"
        assert rows_of(document.grids[0]) == [["甲", "1", "2"], ["乙", "3", "4"]]
        assert [table.place.table for table in document.grids] == [1, 2]
        assert not document.grids[0].is_aligned

    def test_caption_and_stray_text_stand_before_the_table(self) -> None:
        document = read("<table><caption>表一</caption>散字<tr>乱<td>a<td>b</table>")
        assert shape(document) == "PPPG"
        assert texts(document) == ["表一", "散字", "乱"]


class TestLayoutTables:
    def test_a_table_inside_a_layout_table_is_the_grid(self) -> None:
        document = read(
            "<table><tr><td>导航</td><td><p>二、标题</p><table><tr><td>a<td>1<tr><td>b<td>2</table><p>三、后文</p></td></tr></table>"
        )
        assert shape(document) == "PPGP"
        assert rows_of(document.grids[0]) == [["a", "1"], ["b", "2"]]

    def test_layout_tables_within_layout_tables_are_all_walked(self) -> None:
        inner = "<table><tr><td>a<td>1</table>"
        for _ in range(20):
            inner = f"<table><tr><td>{inner}</td></tr></table>"
        assert [rows_of(table) for table in read(inner).grids] == [[["a", "1"]]]

    def test_a_table_of_one_cell_is_paragraphs(self) -> None:
        assert texts(read("<table><tr><td><p>一</p><p>二</p></td></tr></table>")) == ["一", "二"]

    def test_an_article_in_a_table_is_paragraphs(self) -> None:
        article = "<p>一、总体情况</p><p>" + "本单位认真落实。" * 60 + "</p>"
        document = read(f"<table><tr><td>标题</td></tr><tr><td>{article}</td></tr></table>")
        assert shape(document) == "PPP"

    def test_a_data_table_with_a_table_in_one_cell_keeps_both(self) -> None:
        rows = "".join(f"<tr><td>行{n}<td>{n}<td>{n}<td>{n}</tr>" for n in range(4))
        document = read(f"<table>{rows}<tr><td>末<td><table><tr><td>内<td>9</table><td>1<td>2</table>")
        assert [len(table.cells) for table in document.grids] == [20, 2]
        assert document.grids[0].cells[17].text == ""

    def test_a_one_cell_table_in_a_cell_is_text_of_the_cell(self) -> None:
        document = read("<table><tr><td>a<td><table><tr><td>7</td></tr></table><tr><td>b<td>8</table>")
        assert rows_of(document.grids[0]) == [["a", "7"], ["b", "8"]]


class TestMetadata:
    def test_cells_that_are_tables_of_one_cell_keep_the_places_of_the_outer_table(self) -> None:
        def wrap(text: str) -> str:
            return f"<td><table><tr><td>{text}</td></tr></table></td>"

        table = grid(
            f"<table><tr>{wrap('项目')}{wrap('甲')}{wrap('乙')}</tr><tr>{wrap('规章')}{wrap('')}{wrap('2')}</tr>"
            f"<tr>{wrap('许可')}<td></td><td></td></tr></table>"
        )
        assert rows_of(table) == [["项目", "甲", "乙"], ["规章", "", "2"], ["许可", "", ""]]
        assert str(table.cells[5].place) == "table 1 row 2 column 3"

    def test_tables_of_one_cell_side_by_side_in_one_row_serve_layout(self) -> None:
        side = "<td><table><tr><td><p>左</p></td></tr></table></td>"
        assert texts(read(f"<table><tr>{side}{side}</tr></table>")) == ["左", "左"]

    def test_meta_tags_in_any_order_and_case(self) -> None:
        document = read(
            "<head><title> 报告_某县 </title><META NAME='articletitle' CONTENT='报告'/>"
            "<meta content='2023-01-12 10:00' name='PubDate'>"
            "<meta name=ContentSource content=''><meta name=SiteName content=某县><meta name=ColumnName content=年报>"
            "<meta name=Url content=http://x.test/1></head><body><p>来源：办公室</p></body>"
        )
        assert {key: value for key, value in document.metadata.items() if not key.startswith("encoding")} == {
            "title": "报告_某县",
            "article_title": "报告",
            "publish_date": "2023-01-12 10:00",
            "source": "办公室",
            "site_name": "某县",
            "column_name": "年报",
            "url": "http://x.test/1",
        }

    def test_a_metadata_line_without_gaps_is_taken_apart(self) -> None:
        metadata = read(
            "<div><span>来源：某某办公室</span><span>时间：2026-03-10 12:56</span><span>浏览次数：8</span></div>"
        ).metadata
        assert metadata["source"] == "某某办公室"
        assert metadata["publish_date"] == "2026-03-10 12:56"

    def test_a_metadata_table_gives_index_number_and_date(self) -> None:
        metadata = read(
            "<table><tr><td>索 引 号：<td>000014349/2023-74857<td>主题分类：<td>其他"
            "<tr><td>发布机构<td><td>发布日期<td>2023年1月12日</table>"
        ).metadata
        assert metadata["index_number"] == "000014349/2023-74857"
        assert metadata["publish_date"] == "2023年1月12日"
        assert "source" not in metadata

    def test_the_rule_that_chose_the_encoding_is_recorded(self) -> None:
        metadata = read_html('<meta charset="utf-8"><p>政府信息公开工作年度报告</p>'.encode("gbk")).metadata
        assert (metadata["encoding"], metadata["encoding_rule"]) == ("gb18030", "gb18030_strict")

    def test_pictures_without_any_table_are_noted(self) -> None:
        assert read("<p>二、标题</p><img src=a.png>").notes == ("has_images",)
        assert read("<img src=a.png><table><tr><td>a<td>b</table>").notes == ()

    def test_a_hidden_table_is_noted(self) -> None:
        assert "has_hidden_table" in read("<div style=display:none><table><tr><td>a<td>b</table></div><p>x</p>").notes


SOUP_TAGS = ("table", "tr", "td", "th", "p", "div", "form", "b", "pre", "caption", "tbody", "thead", "tfoot", "nav")
SOUP = [f"<{name}>" for name in (*SOUP_TAGS, "script", "select")]
SOUP += [piece.replace("<", "</") for piece in SOUP]
SOUP += [
    "<td rowspan=2>",
    "<td colspan=3>",
    "<br>",
    "一",
    "2",
    "<o:p>",
    "<!--",
    "-->",
    "&nbsp;",
    "<header>",
    "<p hidden>",
    "<s>",
    "<sup>",
    "<span style=font-size:0>",
]


class TestHostilePages:
    @pytest.mark.parametrize("tag", ["font", "span", "b", "div", "section", "s", "del", "sup"])
    def test_tags_that_are_never_closed_lose_nothing(self, tag: str) -> None:
        document = read(f"<{tag}>x" * 5000 + "<table><tr><td>a<td>1</table><p>结尾</p>")
        assert rows_of(document.grids[0]) == [["a", "1"]]
        assert texts(document)[-1] == "结尾"

    def test_a_hundred_thousand_nested_divisions_lose_nothing(self) -> None:
        document = read("<div>" * 100_000 + "<p>里面</p>" + "</div>" * 100_000 + "<p>后面</p>")
        assert texts(document) == ["里面", "后面"]

    def test_tables_nested_beyond_reading_are_refused_and_not_cut(self) -> None:
        with pytest.raises(Unreadable) as caught:
            read("<table><tr><td>" * 3000 + "x" + "</table>" * 3000 + "<p>after</p>")
        assert caught.value.code == "nested_too_deep"

    def test_nested_tables_within_the_limit_take_little_time(self) -> None:
        started = time.process_time()
        read("<table><tr><td>a<td>b<tr><td>" * 600 + "x" + "</table>" * 600)
        assert time.process_time() - started < 2

    def test_many_rows_take_linear_time(self) -> None:
        table = "<table>" + "<tr><td rowspan=3>a<td>1<td colspan=2>2</tr>" * 10_000 + "</table>"
        started = time.process_time()
        assert grid(table).row_count == 10_000
        assert time.process_time() - started < 5

    def test_entity_bombs_stay_small(self) -> None:
        bomb = '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;</p><p>x</p>'
        assert len("".join(texts(read(bomb)))) < 100

    def test_broken_tags_in_a_deep_page_take_linear_time(self) -> None:
        started = time.process_time()
        read("<div>" * 3000 + "<b " * 200_000)
        assert time.process_time() - started < 5

    def test_nul_bytes_disappear(self) -> None:
        assert texts(read("<p>1\x000</p>")) == ["10"]

    def test_a_text_longer_than_the_parser_likes_is_kept(self) -> None:
        long = "字" * 4_000_000
        assert texts(read(f"<p>{long}</p><p>后</p>")) == [long, "后"]

    @pytest.mark.parametrize(
        "markup", ["<!-- only a comment -->", "<html>", "<", "<p", "</p>", "<p><![CDATA[x", "<?php x ?>"]
    )
    def test_scraps_of_markup_do_not_break(self, markup: str) -> None:
        assert isinstance(read(markup), Document)

    @settings(max_examples=150)
    @given(st.lists(st.sampled_from(SOUP)))
    def test_any_tag_soup_gives_grids_that_tile(self, pieces: list[str]) -> None:
        document = read(" ".join(pieces))
        for table in document.grids:
            assert_tiles(table)


@needs_corpus
@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("pingtan-2025.html", [(14, 4), (28, 10), (4, 15)]),
        ("shanghai-go-2019.html", [(18, 5), (26, 10), (4, 15)]),
        ("hangzhou-2025-abridged.html", [(14, 4), (28, 10), (4, 15)]),
    ],
)
def test_real_pages_give_the_three_tables_of_the_form(name: str, sizes: list[tuple[int, int]]) -> None:
    document = read_html(corpus_file("real", name))
    assert [(table.row_count, table.column_count) for table in document.grids] == sizes
    for table in document.grids:
        assert_tiles(table)
        slots = sum(cell.row_span * cell.column_span for cell in table.cells)
        assert slots == table.row_count * table.column_count


@needs_corpus
@pytest.mark.parametrize("name", ["pingtan-2025.html", "shanghai-go-2019.html", "hangzhou-2025-abridged.html"])
def test_real_pages_lose_no_character(name: str) -> None:
    data = corpus_file("real", name)
    body = etree.fromstring(data, etree.HTMLParser(encoding="utf-8", remove_comments=True)).find("body")
    assert sorted(printed(read_html(data))) == sorted("".join("".join(body.itertext()).split()))


@needs_corpus
def test_real_page_keeps_section_headings_between_tables() -> None:
    document = read_html(corpus_file("real", "pingtan-2025.html"))
    before = [document.blocks[place - 1] for place, block in enumerate(document.blocks) if isinstance(block, Grid)]
    assert all(isinstance(block, Paragraph) and len(block.text) < 40 for block in before)
    assert document.metadata["publish_date"] == "2026-03-10 12:56"


def test_a_tag_of_thousands_of_attributes_is_refused_and_a_picture_in_one_is_not() -> None:
    endless = b"<html><p " + b" ".join(b"a%d=1" % number for number in range(30_000)) + b">1</p></html>"
    with pytest.raises(Unreadable, match="thousands of attributes") as caught:
        read_html(endless)
    assert caught.value.code == "broken_html"
    picture = b'<html><p>2023</p><img src="data:image/png;base64,' + b"QUJD\n" * 60_000 + b'"><p>1</p></html>'
    prose = b"<html><p>" + b"words and words " * 20_000 + b"</p></html>"
    for sound in (picture.replace(b"\n", b""), prose):
        assert read_html(sound).blocks


class TestScriptedPages:
    TABLE = "<table>" + '<tr><td>一、本年新收</td><td>"3"</td><td>4</td></tr>' * 9 + "</table>"

    @pytest.mark.parametrize("quote", ['"', "'"])
    def test_an_article_that_a_script_would_put_in_place_is_read(self, quote: str) -> None:
        escaped = json.dumps(self.TABLE).replace("<", "\\u003C").replace(">", "\\u003E")[1:-1]
        config = f"window._CONFIG={{DETAIL:{{content:{quote}{escaped}{quote}}}}}"
        (found,) = read(f"<html><body><div id=app></div><script>{config}</script>").grids
        assert (found.row_count, found.column_count) == (9, 3)
        assert rows_of(found)[0] == ["一、本年新收", '"3"', "4"]

    def test_a_page_with_a_table_of_its_own_is_not_read_twice(self) -> None:
        escaped = json.dumps(self.TABLE).replace("<", "\\u003c")
        assert len(read(f"{self.TABLE}<script>var again = {escaped};</script>").grids) == 1

    def test_small_or_broken_texts_of_scripts_are_left(self) -> None:
        broken = "\\u003Cp>" + "字" * 300 + "\\uZZZZ"
        assert texts(read(f'<p>页</p><script>a="\\u003Cp>模板\\u003C/p>";b="{broken}"</script>')) == ["页"]
