r"""RTF files: text in every encoding, tables by \cell and \row, what is not printed, and files that mean harm."""

import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_samples import assert_tiles, rows_of, shape, spans, texts

from benchmarks.writer.draw_rtf import draw_rtf, escaped, random_rtf_habits
from benchmarks.writer.page import WrittenParagraph, page_of
from extract.forms.recognise import recognise
from extract.model import Document, Grid, Unreadable
from extract.readers.rtf import read_rtf
from pipelines.sample.random_reports import random_report

FONTS = r"{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset134 SimSun{\*\falt x};}{\f2\fcharset136 Ming;}{\f3\fcharset2 S;}}"


def read(body: str | bytes, head: str = r"\ansi\ansicpg936\deff0\uc1") -> Document:
    raw = body if isinstance(body, bytes) else body.encode("latin-1")
    return read_rtf(b"{\\rtf1" + head.encode() + FONTS.encode() + raw + b"}")


def row(*cells: str, edges: tuple[int, ...] = (), flags: tuple[str, ...] = (), left: int = 0) -> str:
    ends = edges or tuple(1000 * (number + 1) for number in range(len(cells)))
    described = "".join(f"{flag}\\cellx{end}" for flag, end in zip(flags or ("",) * len(cells), ends, strict=True))
    written = "".join(f"\\pard\\intbl {cell}\\cell" for cell in cells)
    return f"\\trowd\\trleft{left}{described}{written}\\row\n"


def grid(*rows: str) -> Grid:
    (only,) = read("".join(rows)).grids
    return only


class TestText:
    @pytest.mark.parametrize(
        "written",
        [
            r"\f1\'d5\'fe\'b8\'ae",
            r"\f0\'d5\'fe\'b8\'ae",
            r"\f0\loch\f0\hich\af0\dbch\af1 \'d5\'fe\'b8\'ae",
            "\\f1 \xd5\xfe\xb8\xae",
            r"\u25919?\u24220?",
            r"\u25919 ?\u24220 ?",
            r"\uc2\u25919\'d5\'fe\u24220\'b8\'ae",
            r"{\uc0\u25919\u24220}",
            r"{\upr{\f0 ??}{\*\ud{\uc0\u25919\u24220}}}",
            r"\f2\'ac\'46\'a9\'b2",
        ],
    )
    def test_chinese_in_every_way_of_writing_it(self, written: str) -> None:
        assert texts(read(rf"\pard {written} 12\par")) == ["政府 12"]

    def test_gbk_without_any_declaration(self) -> None:
        assert texts(read(r"\pard\'d5\'fe\'b8\'ae\par", head=r"\ansi")) == ["政府"]
        assert texts(read(r"\pard\'e9t\'e9\par", head=r"\ansi\ansicpg1252")) == ["été"]

    def test_a_stray_byte_swallows_no_digit(self) -> None:
        assert texts(read(r"\pard\f1 \'8512\par"))[0].endswith("12")

    def test_characters_beyond_the_basic_plane(self) -> None:
        assert texts(read(r"\pard\u-10176?\u-9216?\par")) == ["\U00020000"]

    def test_the_fallback_of_a_character_is_skipped_and_no_more(self) -> None:
        assert texts(read(r"\pard\uc1\u25919\'3f5{\u24220}6\u8212\emdash 7\par")) == ["政5府6—7"]

    def test_breaks_and_special_characters(self) -> None:
        assert texts(read(r"\pard a\line b\tab c\~d\_e\-f\{g\}\\h\emdash\par")) == ["a\nb\tc\xa0d\u2011ef{g}\\h—"]
        assert texts(read("\\pard a\\\nb\\page c\\sect d")) == ["a", "b", "c", "d"]

    @pytest.mark.parametrize(
        "written",
        [r"{\v x}", r"{\strike x}", r"{\striked1 x}", r"{\deleted x}", r"\v x\v0 ", r"{\v{\b x}}", r"\v x\plain "],
    )
    def test_what_is_not_printed_is_left_out(self, written: str) -> None:
        assert texts(read(rf"\pard a{written}b\par")) == ["ab"]

    def test_a_paragraph_whose_mark_is_not_printed_goes_on(self) -> None:
        assert texts(read(r"\pard a{\deleted\par}b\par")) == ["ab"]

    @pytest.mark.parametrize(
        "written",
        [
            r"{\header x\par}", r"{\footnote x}", r"{\*\generator x;}", r"{\pict 00ff}", r"{\field{\*\fldinst PAGE}}",
            r"{\*\shppict{\pict 00}}{\nonshppict{\pict 00}}", r"{\stylesheet{\s1 x;}}", "{\\pict\\bin3 }}{}",
            r"{\nonesttables\par}", r"{\*\unknown{\deep x}}",
        ],
    )  # fmt: skip
    def test_destinations_without_printed_text_are_passed_over(self, written: str) -> None:
        assert texts(read(rf"\pard a{written}b\par")) == ["ab"]

    def test_of_fields_the_result_is_printed(self) -> None:
        assert texts(read(r"\pard a{\field{\*\fldinst{ PAGE }}{\fldrslt{\b 5}}}b\par")) == ["a5b"]
        assert texts(read(r"\pard a{\field{\*\fldinst{\b EQ \\o(1,2)}}{\fldrslt }}b\par")) == ["a\ufffdb"]

    def test_text_boxes_follow_the_text(self) -> None:
        box = r"{\shp{\*\shpinst\shpleft1{\sp{\sn x}{\sv 1}}{\shptxt\pard 框\par}}{\shprslt y}}".replace(
            "框", r"\'bf\'f2"
        )
        assert texts(read(rf"\pard a{box}b\par")) == ["ab", "框"]

    def test_the_title_of_the_file_is_kept(self) -> None:
        assert read(r"{\info{\title \'c4\'ea\'b1\'a8}{\author x}}\pard a\par").metadata == {"title": "年报"}

    def test_pictures_are_noted_where_there_is_no_table(self) -> None:
        assert read(r"\pard{\pict 00}\par").notes == ("has_images",)
        assert read(r"\pard{\pict 00}\par" + row("a", "b")).notes == ()


class TestTables:
    def test_paragraphs_and_tables_come_in_order(self) -> None:
        document = read(r"\pard a\par " + row("b", "c") + r"\pard d\par")
        assert shape(document) == "PGP"
        assert [str(block.place) for block in document.blocks] == ["line 1", "table 1", "line 2"]

    def test_paragraphs_of_a_cell_are_its_lines(self) -> None:
        assert rows_of(grid(row(r"a\par b\line c", ""))) == [["a\nb\nc", ""]]

    def test_columns_come_from_the_edges_of_all_rows(self) -> None:
        table = grid(
            row("a", "b", "c", edges=(500, 1500, 3000)),
            row("d", "e", edges=(1500, 3000)),
            row("f", edges=(3010,), left=508),
        )
        assert spans(table) == [(0, 0, 1, 1), (0, 1, 1, 1), (0, 2, 1, 1), (1, 0, 1, 2), (1, 2, 1, 1), (2, 1, 1, 2)]

    def test_merges_down_and_across(self) -> None:
        table = grid(
            row("a", "b", "", flags=(r"\clvmgf", r"\clmgf", r"\clmrg")),
            row("", "c", "d", flags=(r"\clvmrg", "", "")),
        )
        assert spans(table) == [(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)]
        assert_tiles(table)

    def test_a_row_described_again_at_its_end(self) -> None:
        described = r"\trowd\irow0\trgaph108\trleft-108\clvertalt\cltxlrtb\clwWidth900\cellx900\clvertalt\cellx1800"
        body = rf"{described}\pard\plain\intbl{{\b a\cell 5\cell}}\pard\intbl{{{described}\row}}"
        assert rows_of(read(body).grids[0]) == [["a", "5"]]

    def test_rows_without_a_description_of_their_own_take_the_last(self) -> None:
        body = row("a", "b") + r"\pard\intbl c\cell d\cell\row"
        assert rows_of(read(body).grids[0]) == [["a", "b"], ["c", "d"]]

    def test_a_table_in_a_cell_follows_as_a_grid_of_its_own(self) -> None:
        inner = (
            r"\pard\intbl\itap2 i\nestcell{\nonesttables\par}9\nestcell{\nonesttables\par}"
            r"{\*\nesttableprops\trowd\cellx300\cellx600\nestrow}{\nonesttables\par}"
        )
        body = rf"\trowd\cellx1000\cellx2000\pard\intbl a\par{inner}\pard\intbl z\cell b\cell\row"
        assert [rows_of(table) for table in read(body).grids] == [[["a\nz", "b"]], [["i", "9"]]]

    def test_a_deleted_row_is_left_out(self) -> None:
        gone = r"\trowd\cellx1000\pard\intbl{\deleted x\cell\row}"
        assert rows_of(read(row("a") + gone + row("b")).grids[0]) == [["a"], ["b"]]

    def test_raised_digits_beside_text_of_a_cell_are_a_note_mark(self) -> None:
        assert rows_of(grid(row(r"38{\super 1}", r"{\super 38}", r"38{\up6 ,2}"))) == [["38[1]", "38", "38,2"]]

    @pytest.mark.parametrize(
        "body",
        [
            r"\trowd\cellx1000\pard\intbl a\cell b\cell\row",
            r"\trowd\cellx1000\cellx2000\pard\intbl a\cell\row",
            r"\pard\intbl a\cell\row",
            r"\trowd\cellx1000\pard 12\par 5\cell\row",
            r"\trowd\cellx1000\pard\intbl a\cell b\row",
            r"\trowd\cellx1000\pard\intbl a\cell",
            r"\trowd\cellx0\pard\intbl a\cell\row",
            r"\trowd\clmrg\cellx1000\pard\intbl a\cell\row",
            r"\trowd\clmgf\cellx1000\clmrg\cellx2000\pard\intbl a\cell b\cell\row",
            r"\trowd\cellx1000\pard\intbl\itap2 a\cell\row",
            r"\pard a\nestcell",
        ],
    )
    def test_tables_that_make_no_sense_are_refused(self, body: str) -> None:
        with pytest.raises(Unreadable) as caught:
            read(body)
        assert caught.value.code == "needs_converter"
        assert "libreoffice-writer-nogui" in str(caught.value)


class TestReports:
    @pytest.mark.parametrize("edition", ["E2014", "E2019", "E2021"])
    @pytest.mark.parametrize("seed", range(8))
    def test_a_report_reads_back(self, edition: str, seed: int) -> None:
        rng = random.Random(seed)
        page = page_of(random_report(rng, edition=edition))
        document = read_rtf(draw_rtf(page, rng, random_rtf_habits(rng)))
        assert texts(document) == [block.text for block in page.blocks if isinstance(block, WrittenParagraph)]
        for table, drawn in zip(document.grids, page.tables, strict=True):
            assert [(one.row, one.column, one.row_span, one.column_span, one.text) for one in table.cells] == [
                (number, column, slot.cell.row_span, slot.cell.column_span, slot.cell.text)
                for number, slots in enumerate(drawn.grid())
                for column, slot in enumerate(slots)
                if slot.is_first_row and slot.is_first_column
            ]
        values = {cell.code: cell.value for cell in recognise(document).report.cells}
        assert {code: values[code] for code in page.expected} == dict(page.expected)

    @pytest.mark.parametrize("letters", ["hex", "raw", "unicode", "unicode_gbk"])
    def test_every_way_of_writing_letters_reads_back(self, letters: str) -> None:
        text = "政府{信息}\\公开（一）〇镕\U00020000 1,234"
        assert texts(read(b"\\pard\\f1 " + escaped(text, letters) + b"\\par")) == [text]


class TestRefusals:
    @pytest.mark.parametrize("data", [b"", b"text", b"{\\rtf1{\\b a{", b"{\\rtf1" + b"{" * 20000])
    def test_files_that_are_no_sound_rtf_say_so(self, data: bytes) -> None:
        with pytest.raises(Unreadable) as caught:
            read_rtf(data)
        assert caught.value.code == "broken_rtf"

    def test_what_follows_the_last_brace_is_not_read(self) -> None:
        assert texts(read_rtf(b"{\\rtf1 a\\par}b\\par")) == ["a"]

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.sampled_from([
        "{", "}", "\\cell ", "\\row ", "\\trowd ", "\\cellx900", "\\intbl ", "\\itap2 ", "\\nestcell ", "\\nestrow ",
        "\\bin9 ", "\\u-1 ", "\\'8", "\\*", "\\shpinst", "\\shptxt ", "\\par ", "\\pard ", "a", "5", "\\v ", "\\upr",
        "\\ud ", "\\fonttbl", "\\f1", "\\clmrg", "\\nesttableprops ", "\xd5",
    ]), max_size=60))  # fmt: skip
    def test_any_words_are_read_or_refused(self, words: list[str]) -> None:
        with contextlib.suppress(Unreadable):
            read("".join(words))
