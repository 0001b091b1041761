"""What the writers draw shows every printed figure, stands in well-formed tables, and is the same bytes every time."""

import io
import random
import zipfile
from typing import Any

import docx
import pytest
from lxml import html as lxml_html

from pipelines.sample.draw_docx import DocxStyle, draw_docx
from pipelines.sample.draw_html import Body, Container, HtmlStyle, Markup, MetadataBlock, PageContext, draw_html
from pipelines.sample.draw_text import TextShape, draw_text, is_lossless
from pipelines.sample.facts import Facts, load_facts
from pipelines.sample.layout import CellKind, print_tables
from pipelines.sample.random_reports import random_report

FACTS = load_facts()
STYLES = {
    "plain": HtmlStyle(markup=Markup.PLAIN, container=Container.BARE),
    "editor": HtmlStyle(header_breaks=True, nbsp_padding=True, metadata_block=MetadataBlock.LIST),
    "word": HtmlStyle(markup=Markup.WORD, container=Container.ZOOM),
    "split labels, placeholders": HtmlStyle(markup=Markup.SPLIT_LABELS, placeholder_cells=True),
    "gbk": HtmlStyle(encoding="gb18030", container=Container.UCAP, title_in_body=True),
    "hanweb": HtmlStyle(container=Container.HANWEB),
}


def printed_values(facts: Facts, table_id: str) -> list[str]:
    """The figures of a table in print order."""
    (table,) = [table for table in print_tables(facts) if table.id == table_id]
    return [cell.text for row in table.rows for cell in row if cell.kind is CellKind.VALUE]


def grid_of(rows: list[list[tuple[str, int, int]]]) -> list[list[str]]:
    """A table of (text, row span, column span) laid out on its grid; a position outside any cell is an error."""
    filled: dict[tuple[int, int], str] = {}
    for number, row in enumerate(rows):
        column = 0
        for text, row_span, column_span in row:
            while (number, column) in filled:
                column += 1
            for down in range(row_span):
                for right in range(column_span):
                    assert (number + down, column + right) not in filled, "cells overlap"
                    filled[number + down, column + right] = text
    width = max(column for _, column in filled) + 1
    return [[filled[number, column] for column in range(width)] for number in range(len(rows))]


def html_tables(data: bytes, encoding: str = "utf-8") -> list[list[list[str]]]:
    root = lxml_html.fromstring(data.decode(encoding).replace(f"charset={encoding}", ""))
    tables = []
    for table in root.xpath("//table[not(.//table)][not(contains(@class, 'xxgk_head'))]"):
        rows = [
            [
                (
                    cell.text_content().replace("\xa0", "").strip(),
                    int(cell.get("rowspan", 1)),
                    int(cell.get("colspan", 1)),
                )
                for cell in row.xpath("./td")
            ]
            for row in table.xpath(".//tr")
        ]
        tables.append(grid_of(rows))
    return tables


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("slug", ["huaian-2024", "linfen-yaodu-xinfang-2020", "hongze-2024", "pingtan-2024"])
def test_an_html_page_shows_every_figure_at_the_right_end_of_its_row(slug: str, name: str) -> None:
    facts, style = FACTS[slug], STYLES[name]
    grids = html_tables(draw_html(facts, style), style.encoding)
    assert len(grids) == 3
    expected = printed_values(facts, "t3")
    width = len(expected) // (len(grids[1]) - 3)
    shown = [text for row in grids[1][3:] for text in row[3:]]
    if facts.layout.applicant_subtotal:
        shown = [text for row in grids[1][3:] for column, text in enumerate(row[3:]) if column != 6]
    assert shown == expected
    assert width == 7
    assert grids[2][-1] == printed_values(facts, "t4")


@pytest.mark.parametrize("slug", FACTS)
def test_a_docx_shows_every_figure_of_every_report(slug: str) -> None:
    facts = FACTS[slug]
    document: Any = docx.Document(io.BytesIO(draw_docx(facts)))
    cells = [cell for table in document.tables for cell in table._tbl.xpath(".//w:tc")]
    shown = {"".join(text.text or "" for text in cell.xpath(".//w:t")) for cell in cells}
    for table in print_tables(facts):
        for text in printed_values(facts, table.id):
            assert text in shown


def test_a_docx_merges_cells_as_the_official_form_does() -> None:
    document: Any = docx.Document(io.BytesIO(draw_docx(FACTS["huaian-2024"])))
    sizes = [(len(table.rows), len(table.columns)) for table in document.tables]
    assert sizes == [(14, 4), (28, 10), (4, 15)]
    table = document.tables[1]
    assert table.cell(0, 0)._tc is table.cell(2, 2)._tc
    assert table.cell(5, 0)._tc is table.cell(26, 0)._tc
    assert table.cell(7, 1).text == "（三）不予公开"
    assert [cell.text for cell in table.rows[3].cells][3:] == ["3001", "53", "0", "0", "61", "4", "3119"]


@pytest.mark.parametrize("shape", TextShape)
@pytest.mark.parametrize("slug", FACTS)
def test_a_text_dump_shows_every_figure_in_order(slug: str, shape: TextShape) -> None:
    facts = FACTS[slug]
    text = draw_text(facts, shape).decode()
    fields = iter([field.strip(" \xa0") for line in text.split("\n") for field in line.split("\t")])
    for table in print_tables(facts):
        for value in printed_values(facts, table.id):
            assert not value or value in fields


def test_tab_rows_shift_after_the_page_break_as_in_real_dumps() -> None:
    lines = draw_text(FACTS["pingdingshan-zhanhe-office-2020"], TextShape.TAB_ROWS).decode().split("\n")
    row = next(line for line in lines if "本机关不掌握相关政府信息" in line)
    assert row == "（四）无法提供\t1.本机关不掌握相关政府信息\t7\t0\t0\t0\t0\t0\t7"
    assert "5.属于三类内部事务信息\t\t0\t0\t0\t0\t0\t0\t0\t" in lines


def test_a_shape_is_lossless_only_where_no_blank_gets_lost() -> None:
    blanks = FACTS["linfen-yaodu-xinfang-2020"]
    assert [shape for shape in TextShape if is_lossless(blanks, shape)] == [TextShape.TAB_LINES]
    assert all(is_lossless(FACTS["huaian-2024"], shape) for shape in TextShape)
    blank_in_table_4 = FACTS["pingdingshan-zhanhe-office-2020"]
    assert is_lossless(blank_in_table_4, TextShape.TAB_ROWS)
    assert not is_lossless(blank_in_table_4, TextShape.PARAGRAPHS)


def test_the_prose_agrees_with_the_tables() -> None:
    text = draw_text(FACTS["huaian-2024"]).decode()
    assert "新收政府信息公开申请3119件，上年结转34件，办结3050件，结转下年度继续办理103件。" in text
    assert "行政复议351件、行政诉讼46件" in text
    assert "信息处理费3940元" in text


def test_prose_states_no_totals_where_they_contradict_each_other() -> None:
    text = draw_text(FACTS["tianjin-ninghe-zaojiacheng-2020"]).decode()
    assert "具体数据见第三部分表格" in text


def test_a_page_may_hold_only_its_attachment_or_pictures_of_its_tables() -> None:
    facts = FACTS["huaian-2024"]
    page = PageContext(attachments=(("报告.docx", "./P020250321.docx"),))
    bare = draw_html(facts, HtmlStyle(body=Body.ATTACHMENT_ONLY), page).decode()
    assert "<table" not in bare
    assert 'href="./P020250321.docx"' in bare
    pictures = draw_html(facts, HtmlStyle(body=Body.IMAGE_TABLES)).decode()
    assert pictures.count("<img") == 3
    assert "一、总体情况" in pictures


def test_a_page_carries_the_meta_tags_of_a_portal_and_says_that_it_is_a_sample() -> None:
    data = draw_html(FACTS["huaian-2024"], page=PageContext(site_name="淮安市人民政府", url="http://huaian.test/a"))
    root = lxml_html.fromstring(data.decode())
    tags = {tag.get("name"): tag.get("content") for tag in root.xpath("//meta[@name]")}
    assert tags["ArticleTitle"] == "淮安市人民政府2024年政府信息公开工作年度报告"
    assert tags["PubDate"] == "2025-03-21 09:30"
    assert tags["ContentSource"] == "淮安市人民政府"
    assert "仅供软件测试" in root.text_content()


def test_a_page_can_claim_another_charset_than_its_own() -> None:
    data = draw_html(FACTS["huaian-2024"], HtmlStyle(encoding="gb18030", declared_encoding="utf-8"))
    assert b"charset=utf-8" in data
    assert "淮安市".encode("gb18030") in data


@pytest.mark.parametrize("seed", range(20))
def test_the_spans_of_random_reports_tile_their_tables(seed: int) -> None:
    for table in print_tables(random_report(random.Random(seed))):
        assert all(len(row) == table.column_count for row in table.grid())


def test_equal_facts_are_equal_bytes_in_every_format() -> None:
    facts = FACTS["shanghai-office-2025"]
    assert draw_docx(facts) == draw_docx(facts)
    assert draw_html(facts) == draw_html(facts)
    assert draw_text(facts) == draw_text(facts)
    members = zipfile.ZipFile(io.BytesIO(draw_docx(facts, DocxStyle(split_runs=True)))).infolist()
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
