"""Table 4 in the shapes that bodies print it in: figures go where the printed headers say, or nowhere."""

from collections.abc import Callable, Sequence

import pytest

from extract.forms.declaration import load_forms
from extract.forms.lines import lines_of
from extract.forms.printed import TableReading
from extract.forms.remedies import read_remedies
from extract.model import Block, CellStatus, Document, DocumentFormat, Grid, GridCell, Paragraph, Place

E2021 = load_forms().editions["E2021"]
RESULTS = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
CHANNELS = ["行政复议", "未经复议直接起诉", "复议后起诉"]
FIGURES = [["1", "2", "3", "4", "10"], ["5", "0", "1", "0", "6"], ["0", "7", "0", "2", "9"]]
BLOCK = E2021.table("t4").blocks[0]
CODES = [f"t4.{row.code}.{column.code}" for row in BLOCK.rows for column in BLOCK.columns]
TRUTH = dict(zip(CODES, (int(figure) for run in FIGURES for figure in run), strict=True))

Cell = str | tuple[str, int, int]
"""A text, or a text with its row span and column span."""


def grid(rows: Sequence[Sequence[Cell]], table: int = 1, *, is_aligned: bool = True) -> Grid:
    taken: set[tuple[int, int]] = set()
    cells = []
    for number, row in enumerate(rows):
        column = 0
        for printed in row:
            text, row_span, column_span = printed if isinstance(printed, tuple) else (printed, 1, 1)
            while (number, column) in taken:
                column += 1
            taken |= {(number + r, column + c) for r in range(row_span) for c in range(column_span)}
            place = Place(table=table, row=number + 1, column=column + 1)
            cells.append(GridCell(number, column, text, place, row_span, column_span))
            column += column_span
    width = max(column for _, column in taken) + 1
    return Grid(tuple(cells), len(rows), width, Place(table=table), is_aligned)


def line(text: str) -> Paragraph:
    return Paragraph(text, Place(line=1))


def read(*blocks: Block) -> TableReading:
    return read_remedies(E2021, lines_of(Document(DocumentFormat.HTML, tuple(blocks))))


def values(reading: TableReading) -> dict[str, int | float | None]:
    return {cell.code: cell.value for cell in reading.cells}


def anomalies(reading: TableReading) -> set[str]:
    return {anomaly.code for anomaly in reading.anomalies}


def wide(
    figures: Sequence[str], order: Sequence[int] = (0, 1, 2), results: Sequence[str] = RESULTS
) -> list[list[Cell]]:
    """The official table with its blocks in any order."""
    size = len(results)
    tops: list[Cell] = []
    for place in order:
        if place == 0:
            tops.append(("行政复议", 2, size))
        elif not any(top[0] == "行政诉讼" for top in tops):
            tops.append(("行政诉讼", 1, 2 * size))
    subs: list[Cell] = [(CHANNELS[place], 1, size) for place in order if place]
    return [tops, subs, [*results] * 3, list(figures)]


def flat(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Rows with all spans lost, as in a text dump."""
    return [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in rows]


def runs(order: Sequence[int]) -> list[str]:
    return [figure for place in order for figure in FIGURES[place]]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (0, 2, 1), (2, 1, 0)])
@pytest.mark.parametrize("is_aligned", [True, False])
def test_blocks_are_read_in_the_order_in_which_they_are_printed(order: Sequence[int], is_aligned: bool) -> None:
    rows = wide(runs(order), order)
    reading = read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))
    assert values(reading) == TRUTH


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_total_printed_first_is_read_as_the_total(is_aligned: bool) -> None:
    figures = [figure for run in FIGURES for figure in (run[4], *run[:4])]
    rows = wide(figures, results=[RESULTS[4], *RESULTS[:4]])
    assert values(read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))) == TRUTH


def test_headers_printed_in_no_coherent_order_are_refused() -> None:
    rows = flat(wide(runs((0, 1, 2))))
    rows[2] = [*RESULTS, *reversed(RESULTS), *RESULTS]
    reading = read(grid(rows, is_aligned=False))
    assert set(values(reading).values()) == {None}
    assert {cell.status for cell in reading.cells} == {CellStatus.WITHHELD}


def stacked() -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for channel, run in zip(CHANNELS, FIGURES, strict=True):
        rows += [[(channel, 1, 5)], [*RESULTS], [*run]]
    return rows


def vertical() -> list[list[Cell]]:
    rows: list[list[Cell]] = [["类别", *RESULTS]]
    for channel, run in zip(CHANNELS, FIGURES, strict=True):
        rows.append([channel, *run])
    return rows


def vertical_in_two_columns() -> list[list[Cell]]:
    return [
        [("类别", 1, 2), *RESULTS],
        [("行政复议", 1, 2), *FIGURES[0]],
        [("行政诉讼", 2, 1), CHANNELS[1], *FIGURES[1]],
        [CHANNELS[2], *FIGURES[2]],
    ]


def with_a_sum_row() -> list[list[Cell]]:
    rows = vertical()
    return [*rows[:2], ["行政诉讼", "5", "7", "1", "2", "15"], ["其中：未经复议直接起诉", *FIGURES[1]], rows[3]]


def listed() -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for channel, run in zip(CHANNELS, FIGURES, strict=True):
        first: list[Cell] = [(channel, 5, 1)]
        for result, figure in zip(RESULTS, run, strict=True):
            rows.append([*first, result, figure])
            first = []
    return rows


@pytest.mark.parametrize("shape", [stacked, vertical, vertical_in_two_columns, with_a_sum_row, listed])
@pytest.mark.parametrize("is_aligned", [True, False])
def test_other_shapes_are_read_by_their_labels(shape: Callable[[], list[list[Cell]]], is_aligned: bool) -> None:
    rows = shape()
    assert values(read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))) == TRUTH


@pytest.mark.parametrize("shape", [stacked, vertical, vertical_in_two_columns, with_a_sum_row])
def test_flattened_lines_are_read_by_their_labels(shape: Callable[[], list[list[Cell]]]) -> None:
    assert values(read(*(line(text) for row in flat(shape()) for text in row))) == TRUTH


def test_a_sum_over_litigation_is_left_over() -> None:
    assert [left.reason for left in read(grid(with_a_sum_row())).leftovers] == ["extra_line"]


@pytest.mark.parametrize("is_aligned", [True, False])
def test_three_tables_are_one_table_4(is_aligned: bool) -> None:
    tables = [
        grid([[(CHANNELS[place], 1, 5)], [*RESULTS], [*FIGURES[place]]], place + 1, is_aligned=is_aligned)
        for place in range(3)
    ]
    assert values(read(*tables)) == TRUTH


@pytest.mark.parametrize("is_aligned", [True, False])
def test_the_channel_may_stand_in_the_line_before_its_table(is_aligned: bool) -> None:
    captions = ["（一）行政复议", "（二）行政诉讼：未经复议直接起诉", "（三）行政诉讼（复议后起诉）"]
    blocks: list[Block] = []
    for place, caption in enumerate(captions):
        blocks += [line(caption), grid([[*RESULTS], [*FIGURES[place]]], place + 1, is_aligned=is_aligned)]
    assert values(read(*blocks)) == TRUTH


@pytest.mark.parametrize(
    "prose", ["本机关全年未发生行政复议", "（二）行政诉讼", "四、政府信息公开行政复议、行政诉讼情况"]
)
def test_a_line_that_names_no_one_channel_is_no_caption(prose: str) -> None:
    reading = read(line(prose), grid([[*RESULTS], [*FIGURES[0]]]))
    assert all(cell.value is None for cell in reading.cells)


def test_a_table_of_five_and_a_table_of_ten_are_one_table_4() -> None:
    second: list[list[Cell]] = [
        [("行政诉讼", 1, 10)],
        [(CHANNELS[1], 1, 5), (CHANNELS[2], 1, 5)],
        [*RESULTS, *RESULTS],
        [*runs((1, 2))],
    ]
    first: list[list[Cell]] = [[("行政复议", 1, 5)], [*RESULTS], [*FIGURES[0]]]
    assert values(read(grid(first), grid(second, 2))) == TRUTH
    assert values(read(grid(flat(first), is_aligned=False), grid(flat(second), 2, is_aligned=False))) == TRUTH


def test_a_column_beyond_the_form_is_not_read() -> None:
    rows = wide([*runs((0, 1, 2)), "25"])
    rows[0].append(("合计", 3, 1))
    assert values(read(grid(rows))) == TRUTH


@pytest.mark.parametrize("lost", range(15))
@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_lost_cell_shifts_nothing(lost: int, is_aligned: bool) -> None:
    figures = runs((0, 1, 2))
    del figures[lost]
    rows = wide(figures)
    reading = read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))
    assert set(values(reading).values()) == {None}


@pytest.mark.parametrize("place", range(3))
def test_a_cell_lost_in_one_of_three_rows_shifts_nothing(place: int) -> None:
    rows = vertical()
    del rows[place + 1][2]
    for reading in (read(grid(rows)), read(grid(flat(rows), is_aligned=False))):
        assert all(value in (None, TRUTH[code]) for code, value in values(reading).items())


def test_headers_without_totals_over_fifteen_figures_keep_the_statutory_order() -> None:
    rows = flat(wide(runs((0, 1, 2))))
    rows[2] = RESULTS[:4] * 3
    reading = read(grid(rows, is_aligned=False))
    assert values(reading) == TRUTH
    assert "header_incomplete" in anomalies(reading)


def test_a_row_broken_in_two_is_one_row() -> None:
    rows = flat(wide([]))[:3]
    figures = runs((0, 1, 2))
    assert values(read(grid([*rows, figures[:5], figures[5:]], is_aligned=False))) == TRUTH


def test_figures_without_headers_are_withheld_where_what_is_left_speaks_against_the_order() -> None:
    heading = line("四、政府信息公开行政复议、行政诉讼情况")
    figures = grid([runs((0, 1, 2))], is_aligned=False)
    assert values(read(heading, line("复议表头"), figures)) == TRUTH
    reading = read(heading, line("行政诉讼|行政复议"), figures)
    assert set(values(reading).values()) == {None}


def test_a_second_copy_alike_is_named_and_one_that_differs_withholds_what_differs() -> None:
    first, other = wide(runs((0, 1, 2))), wide(["9", *runs((0, 1, 2))[1:]])
    alike = read(grid(first), grid(first, 2))
    assert values(alike) == TRUTH
    assert anomalies(alike) == {"duplicate_table"}
    differing = read(grid(first), grid(other, 2))
    assert values(differing) == TRUTH | {CODES[0]: None}
    assert "conflicting_copies" in anomalies(differing)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_blank_copy_beside_a_filled_one_is_no_copy(is_first: bool) -> None:
    filled, blank = grid(wide(runs((0, 1, 2)))), grid(wide([""] * 15), 2)
    reading = read(*((blank, filled) if is_first else (filled, blank)))
    assert values(reading) == TRUTH
    assert anomalies(reading) == set()


def test_last_years_row_is_left_over() -> None:
    rows = wide([])[:3]
    rows[0].insert(0, ("", 3, 1))
    years: list[list[Cell]] = [["本年", *runs((0, 1, 2))], ["上年", *["8"] * 15]]
    assert values(read(grid([*rows, *years]))) == TRUTH


def foreign(text: str, figure: str) -> list[Cell]:
    return [text, (figure, 1, 14)]


CAPTIONS = ["行政诉讼情况", "表四 行政诉讼", "行政复议", "行政诉讼"]


@pytest.mark.parametrize("caption", CAPTIONS)
@pytest.mark.parametrize("where", ["above", "below", "none"])
@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_caption_is_no_channel_where_the_grid_prints_its_own(caption: str, where: str, is_aligned: bool) -> None:
    rows = wide(runs((0, 1, 2)))
    if where == "below":
        rows.append(foreign("其他需要说明的数量", "12"))
    if where == "above":
        rows.insert(0, foreign("统计年份", "3"))
    reading = read(line(caption), grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))
    found = values(reading)
    assert all(found.get(code) in (None, value) for code, value in TRUTH.items())
    if is_aligned:
        assert found == TRUTH


@pytest.mark.parametrize("caption", CAPTIONS)
def test_a_caption_is_no_channel_where_the_lines_print_their_own(caption: str) -> None:
    found = values(read(*(line(text) for row in [[caption], *flat(wide(runs((0, 1, 2))))] for text in row)))
    assert all(found.get(code) in (None, value) for code, value in TRUTH.items())


def captioned(*figures: tuple[str | None, Sequence[str]]) -> list[Block]:
    blocks: list[Block] = []
    for place, (caption, run) in enumerate(figures, 1):
        blocks += [line(caption)] if caption else []
        blocks.append(grid([[*RESULTS], [*run]], place))
    return blocks


def test_a_copy_without_its_caption_is_a_copy_of_the_table_before() -> None:
    first, second = ("（一）行政复议", FIGURES[0]), ("（三）行政诉讼：复议后起诉", FIGURES[2])
    alike = read(*captioned(first, (None, FIGURES[0]), second))
    assert {code: value for code, value in values(alike).items() if value != TRUTH[code]} == {}
    differing = values(read(*captioned(first, (None, ["9", *FIGURES[0][1:]]), second)))
    assert differing[CODES[0]] is None
    assert differing[CODES[14]] == 9


def test_figures_without_a_caption_never_fill_a_blank_table_before() -> None:
    reading = read(*captioned(("（一）行政复议", [""] * 5), (None, FIGURES[1])))
    assert set(values(reading).values()) == {None}


def with_years(*rows: tuple[str, Sequence[str]]) -> Grid:
    table = wide([])[:3]
    table[0].insert(0, ("年度", 3, 1))
    return grid([*table, *([label, *figures] for label, figures in rows)])


TITLE = "某县2024年政府信息公开工作年度报告"


def test_of_two_years_the_reports_own_is_read() -> None:
    own, other = ("2024年", runs((0, 1, 2))), ("2023年", ["8"] * 15)
    for rows in ((own, other), (other, own)):
        reading = read(line(TITLE), with_years(*rows))
        assert values(reading) == TRUTH
        assert [left.reason for left in reading.leftovers] == ["extra_line"]


@pytest.mark.parametrize("title", ["某县2025年政府信息公开工作年度报告", "某县政府信息公开工作年度报告"])
@pytest.mark.parametrize("own", [runs((0, 1, 2)), [""] * 15])
def test_of_two_years_none_is_read_where_the_own_is_not_certain(title: str, own: list[str]) -> None:
    reading = read(line(title), with_years(("2024年", own), ("2023年", ["8"] * 15)))
    assert set(values(reading).values()) == {None}


def test_a_blank_own_year_is_not_filled_with_the_year_before() -> None:
    reading = read(line(TITLE), with_years(("2024年", [""] * 15), ("2023年", ["8"] * 15)))
    assert {cell.status for cell in reading.cells} == {CellStatus.BLANK}


@pytest.mark.parametrize("joint", ["\n", " ", "—", "：", "－"])
@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_channel_may_be_named_with_its_parent(joint: str, is_aligned: bool) -> None:
    rows = listed()
    rows[5][0], rows[10][0] = (f"行政诉讼{joint}{CHANNELS[1]}", 5, 1), (f"行政诉讼{joint}{CHANNELS[2]}", 5, 1)
    assert values(read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))) == TRUTH


def test_an_unknown_channel_in_a_list_is_not_the_one_before() -> None:
    rows = listed()
    rows[5][0] = ("复核", 5, 1)
    for place in range(5):
        rows[place][-1] = ""
    for reading in (read(grid(rows)), read(grid(flat(rows), is_aligned=False))):
        assert all(values(reading).get(code) is None for code in CODES[:10])


@pytest.mark.parametrize("reverse", [True, False])
def test_a_row_that_adds_up_only_one_place_further_is_withheld(reverse: bool) -> None:
    figures = ["", "2", "3", "4", "9", "5", "0", "1", "0", "6", "1", "7", "0", "2", "10"]
    if not reverse:
        figures = ["1", *figures[1:4], "10", *figures[5:14], ""]
    moved = [*figures[1:], ""] if reverse else ["", *figures[:-1]]
    assert set(values(read(grid(wide(moved)))).values()) == {None}


def test_damaged_headers_are_read_only_where_all_sums_close() -> None:
    heading = line("四、政府信息公开行政复议、行政诉讼情况")
    rows = wide(runs((0, 1, 2)))
    rows[0][1] = ("政诉讼", 1, 10)
    rows[1][0] = ("未经复直接起诉", 1, 5)
    reading = read(heading, grid(rows))
    assert values(reading) == TRUTH
    assert all("label_damaged" in cell.flags for cell in reading.cells)
    rows[3] = ["2", *runs((0, 1, 2))[1:]]
    assert set(values(read(heading, grid(rows))).values()) == {None}


def test_two_tables_joined_in_one_grid_with_cells_of_any_width_are_read() -> None:
    spans = [2, 3, 3, 3, 3]
    first: list[list[Cell]] = [
        [("行政复议", 1, 14)],
        [(text, 1, span) for text, span in zip(RESULTS, spans, strict=True)],
        [(text, 1, span) for text, span in zip(FIGURES[0], spans, strict=True)],
    ]
    narrow = [1, 2, 1, 2, 1]
    second: list[list[Cell]] = [
        [("行政诉讼", 1, 14)],
        [(CHANNELS[1], 1, 7), (CHANNELS[2], 1, 7)],
        [(text, 1, span) for text, span in zip(RESULTS * 2, narrow * 2, strict=True)],
        [(text, 1, span) for text, span in zip(runs((1, 2)), narrow * 2, strict=True)],
    ]
    assert values(read(grid([*first, *second]))) == TRUTH


def test_the_caption_over_a_grid_heads_its_first_part_only() -> None:
    rows: list[list[Cell]] = [[*RESULTS], [*FIGURES[0]]]
    for place in (1, 2):
        rows += [[(CHANNELS[place], 1, 5)], [*RESULTS], [*FIGURES[place]]]
    assert values(read(line("行政复议"), grid(rows))) == TRUTH
    assert values(read(line("行政复议"), grid(flat(rows), is_aligned=False))) == TRUTH


def test_the_first_header_row_may_stand_as_a_line_above_the_rest() -> None:
    rows = flat(wide(runs((1, 2, 0)), (1, 2, 0)))
    assert values(read(line("行政诉讼          行政复议"), grid(rows[1:], is_aligned=False))) == TRUTH


@pytest.mark.parametrize("where", [1, 2, 3])
def test_a_common_heading_that_stands_higher_than_the_one_beside_it_tells_no_order(where: int) -> None:
    rows = flat(wide(runs((0, 1, 2))))
    own = [["行政诉讼"], *rows[1:]]
    if where == 1:
        own.insert(1, ["行政复议"])
    else:
        own[where - 1] = ["行政复议", *own[where - 1]]
    assert set(values(read(grid(own, is_aligned=False))).values()) == {None}
    if where != 2:  # There the grid's own row tells.
        assert set(values(read(line("行政诉讼"), grid(own[1:], is_aligned=False))).values()) == {None}


def test_a_channel_that_a_row_repeats_from_the_row_above_keeps_its_place() -> None:
    rows = flat(wide(runs((0, 1, 2))))
    own = [
        ["行政复议"] * 5 + ["行政诉讼"] * 10,
        ["行政复议"] * 5 + ["未经复议直接起诉"] * 5 + ["复议后起诉"] * 5,
        *rows[2:],
    ]
    assert values(read(grid(own, is_aligned=False))) == TRUTH


def test_a_channel_of_litigation_in_a_row_below_the_other_tells_no_order() -> None:
    rows = flat(wide(runs((0, 1, 2))))
    own = [rows[0], ["复议后起诉"], ["未经复议直接起诉", *rows[2]], rows[3]]
    assert set(values(read(grid(own, is_aligned=False))).values()) == {None}


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize("damaged", ["未经", "起诉", ""])
def test_a_blank_block_never_makes_room_for_a_lost_channel(is_aligned: bool, damaged: str) -> None:
    for lost, blank in ((0, 2), (1, 1)):
        figures = runs((0, 1, 2))
        figures[5 * blank : 5 * blank + 5] = [""] * 5
        rows = wide(figures)
        rows[1][lost] = (damaged, 1, 5)
        found = values(read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False)))
        assert all(found.get(code) in (None, value) for code, value in TRUTH.items())
        assert all(found.get(code) is None for code in CODES[5 * blank : 5 * blank + 5])


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize("lost", [[2, 3], [3], [2], [1, 3]])
def test_a_stacked_part_without_its_name_is_not_the_one_before(is_aligned: bool, lost: Sequence[int]) -> None:
    for blank in (1 not in lost, False):
        rows = stacked()
        rows[2] = [""] * 5 if blank else rows[2]
        rows = [row for place, row in enumerate(rows) if place not in lost]
        found = values(read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False)))
        wrong = {code: value for code, value in found.items() if value not in (None, TRUTH[code])}
        assert wrong == {}
        assert not blank or all(found.get(code) is None for code in CODES[:5])


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_list_that_begins_again_without_a_name_is_not_the_one_before(is_aligned: bool) -> None:
    rows = listed()
    rows[10].pop(0)
    del rows[8]
    found = values(read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False)))
    assert {code: value for code, value in found.items() if value not in (None, TRUTH[code])} == {}


def test_blanks_beside_figures_that_have_no_place_are_not_believed() -> None:
    """A blank row under the headers of one channel, then all figures in columns that no header stands above."""
    headers: list[list[Cell]] = [[(CHANNELS[0], 1, 5)], list(RESULTS)]
    pushed: list[Cell] = ["", "", "", "", "", *(figure for run in FIGURES for figure in run)]
    reading = read(grid([*headers, ["", "", "", "", ""], pushed]))
    assert not [cell for cell in reading.cells if cell.status is CellStatus.BLANK]


def test_blanks_under_the_last_headers_do_not_lie_behind_the_table() -> None:
    """Columns cut in two leave more cells than headers: a blank under a header stands for a figure."""
    spans = (2, 1, 2, 1, 1)
    results: list[Cell] = [(result, 1, span) for result, span in zip(RESULTS, spans, strict=True)]
    row: list[Cell] = ["0", "", "", "3", "", "", ""]
    assert values(read(grid([[(CHANNELS[2], 1, 7)], results, row]))).get(f"t4.{BLOCK.rows[2].code}.pending") != 3


@pytest.mark.parametrize(("text", "is_read"), [("无", True), ("4", False)])
def test_a_word_in_a_row_of_the_bodys_own_is_no_second_row_of_figures(text: str, is_read: bool) -> None:
    figures = [figure for run in FIGURES for figure in run]
    tops, subs, results, _ = wide(figures)
    rows: list[list[Cell]] = [[("类别", 3, 1), *tops], subs, results, ["件数", *figures]]
    rows.append(["其他需要说明的数量", *([""] * 7), text, *([""] * 7)])
    found = values(read(grid(rows)))
    assert (found == TRUTH) == is_read


def test_a_damaged_channel_is_none_that_is_printed_whole() -> None:
    # 未复议接起诉 is more like 复议后起诉 than like its own name; but 复议后起诉 stands beside it.
    rows = wide(runs((0, 1, 2)))
    rows[1][0] = ("未复议接起诉", 1, 5)
    heading = line("四、政府信息公开行政复议、行政诉讼情况")
    assert values(read(heading, grid(rows))) == TRUTH
    rows[1] = [("复议后起诉", 1, 5), ("未复议接起诉", 1, 5)]
    moved = dict(zip(CODES, runs((0, 2, 1)), strict=True))
    assert values(read(heading, grid(rows))) == {code: int(figure) for code, figure in moved.items()}


def test_one_damaged_caption_beside_whole_ones() -> None:
    blocks: list[Block] = [line("四、政府信息公开行政复议、行政诉讼情况")]
    captions = ["（一）行政复议", "（二）行政诉讼：经复议直接诉", "（三）行政诉讼：复议后起诉"]
    for number, (caption, run) in enumerate(zip(captions, FIGURES, strict=True), start=1):
        blocks += [line(caption), grid([[*RESULTS], [*run]], number)]
    reading = read(*blocks)
    assert values(reading) == TRUTH
    flagged = {cell.code for cell in reading.cells if "label_damaged" in cell.flags}
    assert flagged == set(CODES[5:10])


def test_labels_of_a_list_that_have_run_into_one_cell() -> None:
    rows: list[list[Cell]] = []
    for channel, run in zip(["行政复议", "行政诉讼 未经复议直接起诉", "行政诉讼 复议后起诉"], FIGURES, strict=True):
        labels = [f"{channel} {RESULTS[0]}", *RESULTS[1:]]
        rows += [[label, figure] for label, figure in zip(labels, run, strict=True)]
    assert values(read(grid(rows, is_aligned=False))) == TRUTH


@pytest.mark.parametrize("blank", [None, 0, 3])
def test_a_list_padded_to_the_width_of_another_table(blank: int | None) -> None:
    # One grid for all three tables: behind each figure of the list stand blanks.
    rows: list[list[Cell]] = []
    for channel, run in zip(CHANNELS, FIGURES, strict=True):
        for place, (result, figure) in enumerate(zip(RESULTS, run, strict=True)):
            rows.append([channel if not place else "", result, "" if place == blank else figure, *[""] * 12])
    wanted = {code: None if blank is not None and at % 5 == blank else TRUTH[code] for at, code in enumerate(CODES)}
    assert values(read(grid(rows, is_aligned=False))) == wanted


def test_a_line_for_each_result_in_rows_of_text() -> None:
    rows: list[list[Cell]] = [["结果", "行政复议", "行政诉讼", "行政诉讼"], ["结果", *CHANNELS]]
    rows += [[result, *column] for result, column in zip(RESULTS, zip(*FIGURES, strict=True), strict=True)]
    assert values(read(grid(rows, is_aligned=False))) == TRUTH
    rows[4].pop()
    assert all(TRUTH[code] == value for code, value in values(read(grid(rows, is_aligned=False))).items() if value)


def test_totals_without_a_header_are_no_pending_cases_where_blanks_leave_no_trace() -> None:
    # Fifteen figures, of which three are blank, under twelve headers: 1 1 - 1 3 came out as 1 1 1 3.
    lines = ["行政复议", "行政诉讼", *CHANNELS[1:], *RESULTS[:4] * 3, *("1", "1", "1", "3"), *("2", "2", "1", "5") * 2]
    reading = read(*(line(text) for text in lines))
    assert set(values(reading).values()) == {None}
    told = [*lines[:-12], *("1", "1", "1", "2"), *("2", "2", "1", "4") * 2]
    assert values(read(*(line(text) for text in told)))["t4.reconsideration.pending"] == 2


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_channel_beside_the_middle_of_its_rows_in_a_list_names_none(place: int) -> None:
    # Without true columns the rows below the name and those above the next one look like one channel.
    rows: list[list[Cell]] = []
    for channel, run in zip(CHANNELS, [["0", "0", "0", "0", "0"], ["2", "", "", "", "2"], FIGURES[2]], strict=True):
        for number, (result, figure) in enumerate(zip(RESULTS, run, strict=True)):
            rows.append([channel, result, figure] if number == place else [result, figure])
    assert {cell.status for cell in read(grid(rows, is_aligned=False)).cells} <= {CellStatus.WITHHELD}


def test_a_list_with_its_total_first() -> None:
    rows: list[list[Cell]] = []
    for channel, run in zip(CHANNELS, FIGURES, strict=True):
        rows.append([channel, RESULTS[4], run[4]])
        rows.extend([result, figure] for result, figure in zip(RESULTS[:4], run[:4], strict=True))
    assert values(read(grid(rows, is_aligned=False))) == TRUTH


@pytest.mark.parametrize("changed", [True, False])
def test_a_copy_without_its_channels_is_held_against_the_table(changed: bool) -> None:
    figures = runs((0, 1, 2))
    if changed:
        figures[1] = "22"
    reading = read(grid(wide(runs((0, 1, 2)))), grid([[*RESULTS] * 3, figures], 2))
    expected = TRUTH | ({CODES[1]: None} if changed else {})
    assert values(reading) == expected
    assert ("conflicting_copies" in anomalies(reading)) == changed


def test_figures_of_another_year_without_channels_are_not_the_same_table() -> None:
    figures = [str(int(figure) + 1) for figure in runs((0, 1, 2))]
    assert values(read(grid(wide(runs((0, 1, 2)))), grid([[*RESULTS] * 3, figures], 2))) == TRUTH


def test_a_table_read_again_for_its_damaged_headers_settles_no_conflict_with_a_copy_elsewhere() -> None:
    copy = grid([[("行政复议", 1, 5)], list(RESULTS), ["1", "2", "3", "5", "11"]])
    rows = wide(runs((0, 1, 2)))
    rows[1][0] = ("未经复直接起诉", 1, 5)
    heading = line("四、政府信息公开行政复议、行政诉讼情况")
    reading = read(copy, heading, grid(rows, 2))
    told = values(reading)
    assert [told[code] for code in CODES[:5]] == [1, 2, 3, None, None]
    assert all(value in (None, TRUTH[code]) for code, value in told.items())
    assert "conflicting_copies" in anomalies(reading)


def bodies(*rows: tuple[str, Sequence[str]], is_first: bool = False) -> list[list[Cell]]:
    """The official table with a column of bodies before the figures, a row for each."""
    top, subs, results, _ = wide([])
    return [[("单位", 3, 1), *top], subs, results, *([body, *figures] for body, figures in rows)]


ONE, OTHER = ["1", "0", "0", "0", "1"] * 3, ["0", "2", "0", "1", "3"] * 3
SUM = ["1", "2", "0", "1", "4"] * 3


@pytest.mark.parametrize("name", ["合计", "总　计"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_several_bodies_the_row_that_adds_them_up_is_read(name: str, place: int) -> None:
    rows = [("市公安局", ONE), ("市教育局", OTHER)]
    rows.insert(place, (name, SUM))
    assert list(values(read(grid(bodies(*rows)))).values()) == [int(figure) for figure in SUM]


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_total_that_is_not_the_sum_of_the_bodies_printed_is_in_conflict_with_them(is_aligned: bool) -> None:
    rows = bodies(("市公安局", ONE), ("合计", SUM))
    reading = read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))
    assert set(values(reading).values()) == {None}
    assert "conflicting_copies" in anomalies(reading)


@pytest.mark.parametrize("is_aligned", [True, False])
def test_rows_of_different_bodies_that_agree_are_no_copies(is_aligned: bool) -> None:
    rows = bodies(("市公安局", ONE), ("市教育局", ONE))
    reading = read(grid(rows) if is_aligned else grid(flat(rows), is_aligned=False))
    assert set(values(reading).values()) == {None}
    assert "duplicate_table" not in anomalies(reading)


def test_rows_of_bodies_without_a_case_are_read() -> None:
    zeros = ["0"] * 15
    assert set(values(read(grid(bodies(("市公安局", zeros), ("市教育局", zeros))))).values()) == {0}


def test_bodies_with_a_row_for_each_channel_are_added_up_by_channel() -> None:
    rows: list[list[Cell]] = [["单位", "类别", *RESULTS]]
    for body, figures in (("市公安局", ONE), ("市教育局", ONE), ("合计", ["2", "0", "0", "0", "2"])):
        rows.append([(body, 3, 1), CHANNELS[0], *figures[:5]])
        rows.extend([channel, *figures[:5]] for channel in CHANNELS[1:])
    assert list(values(read(grid(rows))).values()) == [2, 0, 0, 0, 2] * 3
    assert set(values(read(grid(rows[:-3]))).values()) == {None}


def test_a_sum_over_the_channels_is_still_none_of_the_forms_rows() -> None:
    rows: list[list[Cell]] = [["", *RESULTS], *([name, *run] for name, run in zip(CHANNELS, FIGURES, strict=True))]
    assert values(read(grid([*rows, ["总计", "6", "9", "3", "6", "24"]]))) == TRUTH
