"""DOCX files: merges, tracked changes, text boxes, and files that mean harm."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_samples import (
    W,
    assert_tiles,
    cell,
    corpus_file,
    docx,
    needs_corpus,
    para,
    printed,
    row,
    rows_of,
    shape,
    spans,
    texts,
)

from extract.model import Document, Grid, Unreadable
from extract.readers.docx import read_docx


def read(body: str) -> Document:
    return read_docx(docx(body))


def grid(*rows: str) -> Grid:
    (only,) = read(f"<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid>{''.join(rows)}</w:tbl>").grids
    return only


def merged(kind: str = "") -> str:
    return f'<w:vMerge w:val="{kind}"/>' if kind else "<w:vMerge/>"


def wide(columns: int) -> str:
    return f'<w:gridSpan w:val="{columns}"/>'


class TestTables:
    def test_paragraphs_and_tables_come_in_order(self) -> None:
        document = read(para("一") + f"<w:tbl>{row(cell('a'), cell('b'))}</w:tbl>" + para("二"))
        assert shape(document) == "PGP"
        assert [str(block.place) for block in document.blocks] == ["line 1", "table 1", "line 2"]
        assert str(document.grids[0].cells[1].place) == "table 1 row 1 column 2"

    def test_vertical_merges_are_one_cell_by_grid_column(self) -> None:
        table = grid(
            row(cell("a", merged("restart")), cell("b", wide(2)), cell("c")),
            row(cell("", merged()), cell("d"), cell("e", merged("restart")), cell("f")),
            row(cell("", merged()), cell("g"), cell("", merged()), cell("h")),
        )
        assert spans(table) == [
            (0, 0, 3, 1), (0, 1, 1, 2), (0, 3, 1, 1),
            (1, 1, 1, 1), (1, 2, 2, 1), (1, 3, 1, 1),
            (2, 1, 1, 1), (2, 3, 1, 1),
        ]  # fmt: skip
        assert_tiles(table)

    def test_a_merge_that_continues_nothing_is_a_cell(self) -> None:
        assert rows_of(grid(row(cell("a", merged()), cell("b")), row(cell("c", merged("restart")), cell("d")))) == [
            ["a", "b"],
            ["c", "d"],
        ]

    def test_a_new_merge_below_a_merge_is_a_new_cell(self) -> None:
        table = grid(
            row(cell("a", merged("restart")), cell("1")),
            row(cell("", merged()), cell("2")),
            row(cell("b", merged("restart")), cell("3")),
            row(cell("", merged()), cell("4")),
        )
        assert [(one.row, one.row_span) for one in table.cells if one.column == 0] == [(0, 2), (2, 2)]

    def test_an_unmerged_row_ends_a_merge(self) -> None:
        table = grid(
            row(cell("a", merged("restart")), cell("1")), row(cell("x"), cell("2")), row(cell("y", merged()), cell("3"))
        )
        assert rows_of(table) == [["a", "1"], ["x", "2"], ["y", "3"]]

    def test_rows_that_begin_late_keep_their_columns(self) -> None:
        table = grid(
            row(cell("a"), cell("b"), cell("c")),
            row(cell("d"), cell("e"), properties='<w:gridBefore w:val="1"/>'),
            row(cell("f"), properties='<w:gridAfter w:val="2"/>'),
        )
        assert [one.column for one in table.cells] == [0, 1, 2, 1, 2, 0]

    def test_legacy_horizontal_merges_widen_the_first_cell(self) -> None:
        table = grid(
            row(cell("a", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("b")),
            row(cell("1"), cell("2"), cell("3")),
        )
        assert spans(table)[:2] == [(0, 0, 1, 2), (0, 2, 1, 1)]

    def test_a_table_that_frames_the_page_keeps_captions_beside_their_tables(self) -> None:
        inner = [f"<w:tbl>{row(cell(name), cell('9'))}</w:tbl>" for name in "甲乙"]
        frame = f"<w:tc>{para('一')}{inner[0]}{para('二')}{inner[1]}{para('')}</w:tc>"
        blocks = read(f"<w:tbl>{row(frame)}</w:tbl>").blocks
        texts = [rows_of(block) if isinstance(block, Grid) else block.text for block in blocks]
        assert texts == ["一", [["甲", "9"]], "二", [["乙", "9"]]]

    def test_a_table_in_a_cell_follows_as_a_grid_of_its_own(self) -> None:
        inner = f"<w:tbl>{row(cell('内'), cell('9'))}</w:tbl>"
        outer = f"<w:tc>{para('外')}{inner}{para('尾')}</w:tc>"
        document = read(f"<w:tbl>{row(outer, cell('b'))}</w:tbl>")
        assert [rows_of(table) for table in document.grids] == [[["外\n尾", "b"]], [["内", "9"]]]

    def test_cells_that_are_tables_of_one_cell_keep_the_places_of_the_outer_table(self) -> None:
        def wrap(text: str) -> str:
            return f"<w:tc><w:tcPr/><w:tbl><w:tblPr/>{row(cell(text))}</w:tbl><w:p/></w:tc>"

        table = grid(row(wrap("项目"), wrap("甲")), row(wrap("规章"), wrap("")))
        assert rows_of(table) == [["项目", "甲"], ["规章", ""]]

    @pytest.mark.parametrize(
        ("runs", "expected"),
        [
            ((("38", ""), ("1", "superscript")), "38[1]"),
            ((("38", ""), ("①", "subscript")), "38[①]"),
            ((("38", ""), ("1", "baseline")), "381"),
            ((("件", ""), ("注", "superscript")), "件注"),
            ((("3", "superscript"), ("8", "superscript")), "38"),
        ],
    )
    def test_raised_digits_beside_the_text_of_a_cell_are_a_note_mark(
        self, runs: tuple[tuple[str, str], ...], expected: str
    ) -> None:
        inside = "".join(
            f'<w:r><w:rPr><w:vertAlign w:val="{align}"/></w:rPr><w:t>{text}</w:t></w:r>' for text, align in runs
        )
        table = grid(row(f"<w:tc><w:tcPr/><w:p>{inside}</w:p></w:tc>", cell("b")))
        assert rows_of(table) == [[expected, "b"]]

    @pytest.mark.parametrize(
        ("positions", "expected"),
        [(("0", "8"), "38[1]"), (("0", "-4"), "38[1]"), (("6", "6"), "381"), (("0", "0"), "381")],
    )
    def test_digits_moved_up_or_down_are_one_too(self, positions: tuple[str, str], expected: str) -> None:
        inside = "".join(
            f'<w:r><w:rPr><w:position w:val="{by}"/></w:rPr><w:t>{text}</w:t></w:r>'
            for text, by in zip(("38", "1"), positions, strict=True)
        )
        table = grid(row(f"<w:tc><w:tcPr/><w:p>{inside}</w:p></w:tc>", cell("b")))
        assert rows_of(table) == [[expected, "b"]]

    def test_paragraphs_of_a_cell_are_lines(self) -> None:
        assert rows_of(grid(row(f"<w:tc>{para('商业')}{para('企业')}</w:tc>", cell("1")))) == [["商业\n企业", "1"]]

    def test_rows_and_cells_inside_content_controls_are_read(self) -> None:
        held = f"<w:sdt><w:sdtPr/><w:sdtContent>{cell('b')}</w:sdtContent></w:sdt>"
        rows = f"<w:sdt><w:sdtContent>{row(cell('a'), held)}</w:sdtContent></w:sdt>"
        assert rows_of(grid(rows)) == [["a", "b"]]

    def test_a_deleted_row_is_not_printed(self) -> None:
        assert rows_of(grid(row(cell("a"), cell("1")), row(cell("b"), cell("2"), properties="<w:del/>"))) == [
            ["a", "1"]
        ]

    @pytest.mark.parametrize("value", ["0", "-1", "x", "", "99999999"])
    def test_odd_spans_do_not_break(self, value: str) -> None:
        table = grid(row(cell("a", f'<w:gridSpan w:val="{value}"/>'), cell("b")))
        assert_tiles(table)
        assert table.column_count <= 1001

    @given(
        st.lists(
            st.lists(
                st.tuples(st.integers(1, 3), st.sampled_from(["", "restart", "continue"])), min_size=1, max_size=6
            ),
            min_size=1,
            max_size=8,
        )
    )
    def test_any_merges_tile_the_grid_without_overlap(self, rows: list[list[tuple[int, str]]]) -> None:
        table = grid(
            *(row(*(cell("x", wide(span) + (merged(kind) if kind else "")) for span, kind in one)) for one in rows)
        )
        assert_tiles(table)


class TestText:
    @pytest.mark.parametrize(
        ("inside", "expected"),
        [
            ("<w:r><w:t>1</w:t></w:r><w:r><w:t>0</w:t></w:r>", "10"),
            ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", "a\tb\nc"),
            ("<w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>a</w:t></w:r>", "a"),
            ("<w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del>", "新"),
            ("<w:r><w:t>a</w:t></w:r><w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom>", "a"),
            ("<w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink><w:r><w:t>接</w:t></w:r>", "链接"),
            ("<w:smartTag><w:smartTag><w:r><w:t>某县</w:t></w:r></w:smartTag></w:smartTag>", "某县"),
            ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r><w:r><w:t>现</w:t></w:r>", "现"),
            ("<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>现</w:t></w:r>", "现"),
            ("<w:r><w:rPr><w:strike/></w:rPr><w:t>77</w:t></w:r><w:r><w:t>38</w:t></w:r>", "38"),
            ("<w:r><w:rPr><w:b/><w:dstrike w:val='true'/></w:rPr><w:t>7</w:t></w:r><w:r><w:t>3</w:t></w:r>", "3"),
            ("<w:r><w:rPr><w:strike w:val='false'/><w:dstrike w:val='0'/></w:rPr><w:t>38</w:t></w:r>", "38"),
            ("<w:r><w:t>3</w:t></w:r><w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>1</w:t></w:r>", "31"),
            ("<w:fldSimple><w:r><w:t>3</w:t></w:r></w:fldSimple><w:r><w:instrText>PAGE</w:instrText></w:r>", "3"),
            ("<w:r><w:t xml:space='preserve'> a </w:t></w:r>", " a "),
            (
                "<w:r><w:ruby><w:rt><w:r><w:t>guǎn</w:t></w:r></w:rt>"
                "<w:rubyBase><w:r><w:t>管</w:t></w:r></w:rubyBase></w:ruby></w:r>",
                "管",
            ),
            ("<w:r><w:sym w:font='x' w:char='25A1'/></w:r>", "□"),
            ("<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>条</w:t></w:r>", "条"),
        ],
    )  # fmt: skip
    def test_text_of_a_paragraph(self, inside: str, expected: str) -> None:
        assert texts(read(f"<w:p>{inside}</w:p>")) == [expected]

    @pytest.mark.parametrize(
        ("inside", "expected"),
        [
            ("<w:r><w:rPr><w:rStyle w:val='Hid'/></w:rPr><w:t>82</w:t></w:r><w:r><w:t>35</w:t></w:r>", ["35"]),
            ("<w:pPr><w:pStyle w:val='OnHid'/></w:pPr><w:r><w:t>82</w:t></w:r>", []),
            ("<w:pPr><w:pStyle w:val='Shown'/></w:pPr><w:r><w:t>35</w:t></w:r>", ["35"]),
            (
                "<w:pPr><w:pStyle w:val='Hid'/></w:pPr><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>3</w:t></w:r>",
                ["3"],
            ),
        ],
    )
    def test_text_hidden_by_a_style_is_not_read(self, inside: str, expected: list[str]) -> None:
        styles = (
            f'<w:styles xmlns:w="{W}"><w:style w:styleId="Hid"><w:rPr><w:vanish/></w:rPr></w:style>'
            '<w:style w:styleId="OnHid"><w:basedOn w:val="Hid"/></w:style>'
            '<w:style w:styleId="Shown"><w:basedOn w:val="Hid"/><w:rPr><w:vanish w:val="false"/></w:rPr></w:style>'
            "</w:styles>"
        )
        document = read_docx(docx(f"<w:p>{inside}</w:p>", parts={"word/styles.xml": styles}))
        assert texts(document) == expected

    def test_a_text_box_is_read_once(self) -> None:
        box = f"<w:txbxContent>{para('框')}</w:txbxContent>"
        document = read(
            f"<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>" + para("后")
        )
        assert texts(document) == ["前", "框", "后"]

    def test_a_text_box_in_a_cell_belongs_to_the_cell(self) -> None:
        box = f"<w:p><w:r><w:pict><w:txbxContent>{para('框')}</w:txbxContent></w:pict></w:r></w:p>"
        assert rows_of(grid(row(f"<w:tc>{box}</w:tc>", cell("b")))) == [["框", "b"]]

    def test_content_controls_insertions_and_custom_xml_are_read(self) -> None:
        document = read(
            f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{para('甲')}</w:sdtContent></w:sdt><w:ins>{para('乙')}</w:ins>"
            f"<w:customXml>{para('丙')}</w:customXml><w:sectPr/>"
        )
        assert texts(document) == ["甲", "乙", "丙"]

    def test_the_title_of_the_properties_is_metadata(self) -> None:
        assert read_docx(docx(para("x"), title="某县年度报告")).metadata["title"] == "某县年度报告"

    def test_the_strict_variant_is_read(self) -> None:
        strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(
                "word/document.xml",
                f'<x:document xmlns:x="{strict}"><x:body><x:p><x:r><x:t>甲</x:t></x:r></x:p></x:body></x:document>',
            )
        assert texts(read_docx(buffer.getvalue())) == ["甲"]

    def test_a_main_part_of_another_name_is_found(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(
                "_rels/.rels",
                '<Relationships xmlns="urn:r">'
                '<Relationship Type="x/officeDocument" Target="/word/document2.xml"/></Relationships>',
            )
            archive.writestr(
                "word/document2.xml", f'<w:document xmlns:w="{W}"><w:body>{para("甲")}</w:body></w:document>'
            )
        assert texts(read_docx(buffer.getvalue())) == ["甲"]

    @given(
        st.lists(
            st.one_of(
                st.text("甲乙01 ", max_size=5),
                st.lists(st.lists(st.text("丙丁23", max_size=4), min_size=1, max_size=3), min_size=1, max_size=3),
            ),
            max_size=6,
        )
    )
    def test_no_text_is_lost(self, blocks: list[str | list[list[str]]]) -> None:
        parts, expected = [], ""
        for block in blocks:
            if isinstance(block, str):
                parts.append(para(block))
                expected += block
            else:
                parts.append(f"<w:tbl>{''.join(row(*map(cell, one)) for one in block)}</w:tbl>")
                expected += "".join(text for one in block for text in one)
        assert printed(read("".join(parts))) == "".join(expected.split())


class TestHostileFiles:
    def test_a_zip_bomb_is_refused(self) -> None:
        with pytest.raises(Unreadable, match="unpack") as caught:
            read_docx(docx(para("a" * 30_000_000)))
        assert caught.value.code == "broken_docx"

    def test_an_entity_bomb_is_refused(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        with pytest.raises(Unreadable) as caught:
            read_docx(docx("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", prologue=bomb))
        assert caught.value.code == "broken_docx"

    def test_deep_nesting_does_not_exhaust_the_stack(self) -> None:
        with pytest.raises(Unreadable) as caught:
            read("<w:sdt>" * 50_000 + para("x") + "</w:sdt>" * 50_000)
        assert caught.value.code == "broken_docx"

    def test_a_cut_file_is_broken_and_says_what_to_do(self) -> None:
        with pytest.raises(Unreadable, match="save it again") as caught:
            read_docx(docx(para("x" * 5000))[:-80])
        assert caught.value.code == "broken_docx"

    def test_a_locked_file_says_so(self) -> None:
        data = bytearray(docx(para("x")))
        start = 0
        while (start := data.find(b"PK\x01\x02", start)) >= 0:
            data[start + 8] |= 1
            start += 4
        with pytest.raises(Unreadable, match="password"):
            read_docx(bytes(data))

    @settings(max_examples=150)
    @given(st.data())
    def test_flipped_bytes_give_a_document_or_unreadable(self, data: st.DataObject) -> None:
        sound = bytearray(docx(para("甲") + f"<w:tbl>{row(cell('a'), cell('b'))}</w:tbl>", title="t"))
        for _ in range(data.draw(st.integers(1, 4))):
            sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(Unreadable):
            assert isinstance(read_docx(bytes(sound)), Document)


@needs_corpus
def test_the_blank_form_has_the_three_tables() -> None:
    document = read_docx(corpus_file("real", "form-2021-blank.docx"))
    assert [(table.row_count, table.column_count) for table in document.grids] == [(14, 4), (28, 10), (4, 15)]
    for table in document.grids:
        assert_tiles(table)
        assert sum(one.row_span * one.column_span for one in table.cells) == table.row_count * table.column_count
