"""DOC files: pieces, properties, tables by their marks, what is not printed, and files that mean harm."""

import contextlib
import random
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_samples import assert_tiles, rows_of, shape, spans, texts

from benchmarks.writer.compound_file import compound_file
from benchmarks.writer.draw_doc import DocHabits, draw_doc, random_habits
from benchmarks.writer.page import Page, WrittenParagraph, page_of
from benchmarks.writer.word_binary import Run, Style, WordParagraph, row_properties, sprm, word_file
from extract.forms.recognise import recognise
from extract.model import Document, Grid, Unreadable
from extract.readers.doc import read_doc
from pipelines.sample.random_reports import random_report

INSIDE, ROW_END = sprm(0x2416, 1), sprm(0x2417, 1)
HIDDEN, STRUCK, DELETED, RAISED = sprm(0x083C, 1), sprm(0x0837, 1), sprm(0x0800, 1), sprm(0x2A48, 1)
DOWN_FIRST, DOWN_COVERED = 3 << 5, 1 << 5


def line(*runs: str | Run, mark: str = "\r", mark_properties: bytes = b"", style: int = 0) -> WordParagraph:
    return WordParagraph(
        tuple(run if isinstance(run, Run) else Run(run) for run in runs),
        mark,
        style=style,
        mark_properties=mark_properties,
    )


def inside(*runs: str | Run, mark: str = "\x07", more: bytes = b"", mark_properties: bytes = b"") -> WordParagraph:
    told = tuple(run if isinstance(run, Run) else Run(run) for run in runs)
    return WordParagraph(told, mark, INSIDE + more, mark_properties=mark_properties)


def row_end(
    edges: Sequence[int], flags: Sequence[int] | None = None, more: bytes = b"", mark_properties: bytes = b""
) -> WordParagraph:
    defined = row_properties(edges, flags or [0] * (len(edges) - 1))
    return WordParagraph((), "\x07", INSIDE + ROW_END + defined + more, mark_properties=mark_properties)


def row(*cells: str, edges: Sequence[int] = (), flags: Sequence[int] | None = None) -> list[WordParagraph]:
    return [*(inside(text) for text in cells), row_end(edges or [1000 * n for n in range(len(cells) + 1)], flags)]


def read(*paragraphs: WordParagraph | list[WordParagraph]) -> Document:
    flat = [one for group in paragraphs for one in (group if isinstance(group, list) else [group])]
    return read_doc(word_file([[*flat, line()]]))


def grid(*rows: list[WordParagraph]) -> Grid:
    (only,) = read(*rows).grids
    return only


def refusal(*paragraphs: WordParagraph | list[WordParagraph]) -> str:
    with pytest.raises(Unreadable) as caught:
        read(*paragraphs)
    assert "libreoffice" in str(caught.value) or caught.value.code != "needs_converter"
    return caught.value.code


class TestTables:
    def test_paragraphs_and_tables_come_in_order(self) -> None:
        document = read(line("一"), row("a", "b"), line("二"))
        assert shape(document) == "PGP"
        assert [str(block.place) for block in document.blocks] == ["line 1", "table 1", "line 2"]
        assert str(document.grids[0].cells[1].place) == "table 1 row 1 column 2"

    def test_blank_cells_at_the_start_of_a_row_are_kept(self) -> None:
        assert rows_of(grid(row("", "", "5"), row("", "7", ""))) == [["", "", "5"], ["", "7", ""]]

    def test_paragraphs_and_breaks_of_a_cell_are_its_lines(self) -> None:
        cells = [inside("一", mark="\r"), inside("二\v三"), inside("\x0c四"), row_end([0, 1000, 2000])]
        assert rows_of(grid(cells)) == [["一\n二\n三", "四"]]

    def test_columns_come_from_the_edges_of_all_rows(self) -> None:
        table = grid(
            row("a", "b", "c", edges=[0, 500, 1500, 3000]),
            row("d", "e", edges=[0, 1500, 3000]),
            row("f", edges=[500, 3000]),
        )
        assert spans(table) == [
            (0, 0, 1, 1), (0, 1, 1, 1), (0, 2, 1, 1),
            (1, 0, 1, 2), (1, 2, 1, 1),
            (2, 1, 1, 2),
        ]  # fmt: skip

    def test_edges_a_hair_apart_are_one(self) -> None:
        table = grid(row("a", "b", edges=[0, 1000, 2000]), row("c", "d", edges=[-12, 1031, 1990]))
        assert [cell.column for cell in table.cells] == [0, 1, 0, 1]

    def test_edges_of_one_row_are_never_one(self) -> None:
        table = grid(row("a", "b", "c", edges=[0, 1000, 1060, 2000]), row("d", "e", edges=[0, 1030, 2000]))
        assert [cell.column for cell in table.rows[0]] == [0, 1, 2]
        assert_tiles(table)

    def test_vertical_merges_are_one_cell(self) -> None:
        table = grid(
            row("a", "1", flags=[DOWN_FIRST, 0]),
            row("", "2", flags=[DOWN_COVERED, 0]),
            row("b", "3", flags=[DOWN_FIRST, 0]),
            row("", "4", flags=[DOWN_COVERED, 0]),
        )
        assert [(one.row, one.row_span, one.text) for one in table.cells if one.column == 0] == [
            (0, 2, "a"),
            (2, 2, "b"),
        ]
        assert_tiles(table)

    def test_a_merge_that_continues_nothing_is_a_cell(self) -> None:
        table = grid(row("a", "1", flags=[DOWN_COVERED, 0]), row("b", "2"), row("c", "3", flags=[DOWN_COVERED, 0]))
        assert [cell.text for cell in table.cells] == ["a", "1", "b", "2", "c", "3"]

    @pytest.mark.parametrize("flags", [(1, 2, 2, 0), (2, 1, 1, 0), (3, 1, 1, 0)])
    def test_cells_merged_across_are_one_in_old_and_new_files(self, flags: tuple[int, ...]) -> None:
        table = grid(row("a", "", "", "b", flags=flags), row("1", "2", "3", "4"))
        assert spans(table)[:2] == [(0, 0, 1, 3), (0, 3, 1, 1)]

    def test_two_merges_across_side_by_side(self) -> None:
        table = grid(row("a", "", "b", "", flags=[1, 2, 1, 2]), row("1", "2", "3", "4"))
        assert [(cell.column, cell.column_span) for cell in table.rows[0]] == [(0, 2), (2, 2)]

    @pytest.mark.parametrize("flags", [(1, 1, 0), (0, 2, 0), (0, 0, 1), (1, 2, 1)])
    def test_merges_across_that_cannot_be_told_are_refused(self, flags: tuple[int, ...]) -> None:
        assert refusal(row("a", "", "", flags=flags)) == "needs_converter"

    @pytest.mark.parametrize("flags", [[1, 2], [0, DOWN_COVERED]])
    def test_text_under_a_merged_cell_is_refused(self, flags: list[int]) -> None:
        above = row("a", "", flags=[0, DOWN_FIRST])
        assert refusal(above, row("b", "9", flags=flags)) == "needs_converter"

    def test_a_table_in_a_cell_follows_as_a_grid_of_its_own(self) -> None:
        deep = sprm(0x6649, 2)
        inner = [
            inside("内", mark="\r", more=deep + sprm(0x244B, 1)),
            inside("9", mark="\r", more=deep + sprm(0x244B, 1)),
            inside("", mark="\r", more=deep + sprm(0x244C, 1) + row_properties([0, 300, 600], [0, 0])),
        ]
        document = read([inside("外", mark="\r"), *inner, inside("尾"), inside("b"), row_end([0, 1000, 2000])])
        assert [rows_of(table) for table in document.grids] == [[["外\n尾", "b"]], [["内", "9"]]]
        assert [table.place.table for table in document.grids] == [1, 2]

    def test_a_section_break_before_a_table_stays_outside(self) -> None:
        document = read(line("前", mark="\x0c"), row("a", "b"))
        assert (texts(document), rows_of(document.grids[0])) == (["前"], [["a", "b"]])

    def test_the_changes_of_a_row_are_applied_in_order(self) -> None:
        changes = (
            sprm(0x7621, struct.pack("<BBh", 1, 1, 500))  # a new second cell
            + sprm(0x5622, struct.pack("<BB", 0, 1))  # the first one goes
            + sprm(0x7623, struct.pack("<BBh", 0, 1, 700))
            + sprm(0x5624, struct.pack("<BB", 1, 3))
            + sprm(0xD62B, bytes([0, 3]))
        )
        first = [inside("a"), inside("b"), inside(""), row_end([0, 1000, 2000, 3000], more=changes)]
        second = row("", "c", "d", edges=[0, 700, 1700, 2700], flags=[DOWN_COVERED, 0, 0])
        table = grid(first, second)
        assert spans(table) == [(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)]

    def test_a_row_made_by_insertion_and_defined_again_for_old_programs(self) -> None:
        made = (
            sprm(0x9601, 0)
            + sprm(0x7621, struct.pack("<BBh", 0, 2, 360))
            + sprm(0x7623, struct.pack("<BBh", 0, 1, 700))
            + sprm(0xD62B, bytes([0, 3]))
        )
        defined = row_properties([-108, 892, 1892], [DOWN_FIRST, 0])
        both = [inside("a"), inside("b"), WordParagraph((), "\x07", INSIDE + ROW_END + made + defined)]
        alone = [
            inside(""),
            inside("c"),
            WordParagraph((), "\x07", INSIDE + ROW_END + made + sprm(0xD62B, bytes([0, 1]))),
        ]
        assert [cell.column_span for cell in grid(both).cells] == [1, 1]
        assert spans(grid(row("x", "y", edges=[0, 700, 1060], flags=[DOWN_FIRST, 0]), alone)) == [
            (0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1),
        ]  # fmt: skip

    def test_a_row_moved_as_a_whole_is_moved(self) -> None:
        moved = [inside("a"), inside("b"), row_end([0, 1000, 2000], more=sprm(0x9602, 108) + sprm(0x9601, 1108))]
        table = grid(moved, row("c", "d", "e"))
        assert [cell.column for cell in table.rows[0]] == [1, 2]

    @pytest.mark.parametrize(
        "paragraphs",
        [
            [inside("a"), inside("b"), row_end([0, 1000])],
            [inside("a"), row_end([0, 1000, 2000])],
            [inside("a"), WordParagraph((), "\x07", INSIDE + ROW_END)],
            [inside("a"), inside("b", mark="\r"), row_end([0, 1000])],
            [inside("a"), line("p"), row_end([0, 1000])],
            [inside("a"), inside("b")],
            [inside("a"), row_end([0, 0])],
            [inside("a"), row_end([0, 1000], more=sprm(0x5622, struct.pack("<BB", 3, 9)))],
            [line("a", mark="\x07")],
            [inside("a"), inside("5", more=ROW_END + row_properties([0, 1000], [0]))],
            [inside("\x13 PAGE "), inside("\x141\x15"), row_end([0, 1000, 2000])],
            [line("\x13 PAGE ")],
        ],
    )
    def test_tables_that_make_no_sense_are_refused(self, paragraphs: list[WordParagraph]) -> None:
        assert refusal(paragraphs) == "needs_converter"


class TestText:
    @pytest.mark.parametrize("properties", [HIDDEN, STRUCK, DELETED, sprm(0x2A53, 1)])
    def test_what_is_not_printed_is_left_out(self, properties: bytes) -> None:
        document = read(line("本", Run("旧", properties), "年"), [inside("1", Run("2", properties)), row_end([0, 900])])
        assert (texts(document), rows_of(document.grids[0])) == (["本年"], [["1"]])

    def test_a_property_that_is_switched_off_hides_nothing(self) -> None:
        assert texts(read(line("本", Run("年", sprm(0x083C, 0))))) == ["本年"]

    @pytest.mark.parametrize("properties", [HIDDEN, DELETED])
    def test_a_paragraph_whose_mark_is_not_printed_goes_on(self, properties: bytes) -> None:
        assert texts(read(line("甲", mark_properties=properties), line("乙"))) == ["甲乙"]

    def test_a_deleted_row_is_left_out(self) -> None:
        gone = [inside(Run("x", DELETED)), row_end([0, 1000], mark_properties=DELETED)]
        assert rows_of(grid(row("a"), gone, row("b"))) == [["a"], ["b"]]

    def test_a_hidden_row_end_hides_a_row_only_if_nothing_else_is_printed(self) -> None:
        kept = [inside("x"), row_end([0, 1000], mark_properties=HIDDEN)]
        gone = [inside(Run("y", HIDDEN)), row_end([0, 1000], mark_properties=HIDDEN)]
        assert rows_of(grid(row("a"), kept, gone)) == [["a"], ["x"]]

    def test_a_paragraph_whose_mark_is_not_printed_does_not_go_on_in_a_table(self) -> None:
        document = read(line("甲", mark_properties=HIDDEN), row("b", "c"))
        assert (texts(document), rows_of(document.grids[0])) == (["甲"], [["b", "c"]])

    def test_styles_hide_and_direct_properties_take_it_back(self) -> None:
        styles = (Style("藏", 1, HIDDEN), Style("底", 2, STRUCK), Style("子", 1, b"", 15))
        main = [
            line("甲", style=15),
            line("乙", Run("丙", sprm(0x083C, 0)), style=17, mark_properties=sprm(0x083C, 0)),
            line("丁", Run("戊", sprm(0x4A30, 16)), Run("己", sprm(0x4A30, 16) + sprm(0x0837, 0x81))),
        ]
        # The first paragraph's mark is hidden with it, so that nothing of it is left.
        assert texts(read_doc(word_file([[*main, line()]], styles=styles))) == ["丙", "丁己"]

    @pytest.mark.parametrize(
        ("runs", "expected"),
        [
            (("38", Run("1", RAISED)), "38[1]"),
            (("38", Run("1", sprm(0x4845, 6))), "38[1]"),
            ((Run("38", RAISED),), "38"),
            (("38", Run("注", RAISED)), "38注"),
        ],
    )
    def test_raised_digits_beside_text_of_a_cell_are_a_note_mark(
        self, runs: tuple[str | Run, ...], expected: str
    ) -> None:
        assert rows_of(grid([inside(*runs), row_end([0, 1000])])) == [[expected]]

    def test_of_fields_the_result_is_printed(self) -> None:
        inner = "\x13 IF \x13 PAGE \x141\x15 = 1 \x14甲\x15"
        assert texts(read(line(f"前{inner}后\x13 TOC \x15"))) == ["前甲后"]

    def test_a_field_that_draws_leaves_a_mark_of_the_untold(self) -> None:
        assert rows_of(grid([inside("1\x13 EQ \\o(○,2) \x15"), row_end([0, 1000])])) == [["1\ufffd"]]

    def test_special_characters(self) -> None:
        text = "甲\x1e乙\x1f丙\x02丁\x05\x01\v戊\t己\xa0庚\ud840\udc00"
        assert texts(read(line(text))) == ["甲\u2011乙丙丁\n戊\t己\xa0庚\U00020000"]

    def test_symbols_are_the_characters_that_they_show(self) -> None:
        assert texts(read(line("甲", Run("(", sprm(0x6A09, 0x25CB0000))))) == ["甲○"]

    def test_pictures_are_noted_where_there_is_no_table(self) -> None:
        assert read(line("\x01")).notes == ("has_images",)
        assert read(line("\x01"), row("a", "b")).notes == ()

    def test_only_the_main_text_and_its_boxes_are_read(self) -> None:
        stories = [[line("正")], [line("脚注")], [line("眉 3")], [], [line("批注")], [line("尾注")], [line("框")]]
        assert texts(read_doc(word_file(stories))) == ["正", "框"]

    def test_the_title_of_the_file_is_kept(self) -> None:
        assert read_doc(word_file([[line("x")]], title="年度报告")).metadata == {"title": "年度报告"}


class TestPieces:
    @pytest.mark.parametrize("seed", range(6))
    def test_pieces_anywhere_in_any_order_give_the_same_blocks(self, seed: int) -> None:
        rng = random.Random(seed)
        main = [line("年度报告"), *row("a", "12", "本年"), *row("b", "345", "新收"), line("2024年")]
        plain = read_doc(word_file([main]))
        cut = word_file([main], cut=lambda text: rng.sample(range(1, len(text)), 12), shuffled=rng)
        assert read_doc(cut).blocks == plain.blocks

    def test_a_piece_that_is_hidden_by_its_own_modifier(self) -> None:
        def hidden(piece: int) -> int:
            return (0x5C << 1 | 1 << 8) if piece == 1 else 0

        data = word_file([[line("甲乙丙"), line()]], cut=lambda _: (1, 2), piece_modifiers=hidden)
        assert texts(read_doc(data)) == ["甲丙"]

    def test_a_piece_whose_modifiers_stand_apart(self) -> None:
        data = word_file(
            [[line("甲乙丙"), line()]],
            cut=lambda _: (1, 2),
            piece_modifiers=lambda piece: 1 if piece == 1 else 0,
            shared_modifiers=(STRUCK,),
        )
        assert texts(read_doc(data)) == ["甲丙"]

    def test_narrow_pieces_are_windows_1252(self) -> None:
        data = bytearray(word_file([[line("a~b"), line()]]))
        data[data.index(b"a~b") + 1] = 0x93
        assert texts(read_doc(bytes(data))) == ["a“b"]


class TestReports:
    @pytest.mark.parametrize("edition", ["E2014", "E2019", "E2021"])
    @pytest.mark.parametrize("seed", range(8))
    def test_a_report_reads_back(self, edition: str, seed: int) -> None:
        rng = random.Random(seed)
        page = page_of(random_report(rng, edition=edition))
        document = read_doc(draw_doc(page, rng, random_habits(rng)))
        assert [tiles(grid) for grid in document.grids] == printed_tiles(page)
        assert texts(document) == [block.text for block in page.blocks if isinstance(block, WrittenParagraph)]
        values = {cell.code: cell.value for cell in recognise(document).report.cells}
        assert {code: values[code] for code in page.expected} == dict(page.expected)

    def test_equal_dice_draw_equal_bytes(self) -> None:
        page = page_of(random_report(random.Random(1), edition="E2021"))
        assert draw_doc(page, random.Random(2)) == draw_doc(page, random.Random(2))


def tiles(grid: Grid) -> list[tuple[int, int, int, int, str]]:
    return [(one.row, one.column, one.row_span, one.column_span, one.text) for one in grid.cells]


def printed_tiles(page: Page) -> list[list[tuple[int, int, int, int, str]]]:
    return [
        [
            (row, column, slot.cell.row_span, slot.cell.column_span, slot.cell.text)
            for row, slots in enumerate(table.grid())
            for column, slot in enumerate(slots)
            if slot.is_first_row and slot.is_first_column
        ]
        for table in page.tables
    ]


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (word_file([[line("x")]], is_locked=True), "encrypted_file"),
            (word_file([[line("x")]], version=0x68), "needs_converter"),
            (compound_file({"PowerPoint Document": b"x"}), "unknown_format"),
            (compound_file({"WordDocument": b"not Word"}), "broken_doc"),
            (compound_file({"WordDocument": b"\xdc\xa5\x65\x00"}), "needs_converter"),
            (word_file([[line("x")]])[:3000], "broken_doc"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "broken_doc"),
            (b"", "broken_doc"),
        ],
    )
    def test_files_that_cannot_be_read_say_why(self, data: bytes, code: str) -> None:
        with pytest.raises(Unreadable) as caught:
            read_doc(data)
        assert caught.value.code == code

    def test_a_file_that_repeats_its_text_endlessly_is_refused(self) -> None:
        data = word_file([[line("x" * 600)]])
        (size,) = struct.unpack_from("<I", data, data.index(struct.pack("<II", 0, 601)) + 4)
        huge = data.replace(struct.pack("<II", 0, size), struct.pack("<II", 0, 0x7FFFFFFF), 1)
        with pytest.raises(Unreadable):
            read_doc(huge)

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_damaged_files_are_read_or_refused(self, draw: st.DataObject) -> None:
        page = page_of(random_report(random.Random(3), edition="E2021"))
        data = bytearray(draw_doc(page, random.Random(3), DocHabits(pieces="latin", rows_elsewhere=True)))
        for _ in range(draw.draw(st.integers(1, 12))):
            data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
        with contextlib.suppress(Unreadable):
            read_doc(bytes(data))
