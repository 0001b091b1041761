"""Tables with level rulings alone: columns from white space, spans from where rulings stop short."""

from collections.abc import Callable, Sequence

import pytest
from pdf_samples import FONT, Canvas, heading, pdf

from extract.model import Grid
from extract.readers.pdf import read_pdf

EDGES = (60.0, 140.0, 240.0, 300.0, 360.0, 420.0)
Row = Sequence[tuple[int, int, str]]
"""First column, one after the last, text."""
HEADER: Row = ((0, 2, "项目"), (2, 3, "自然人"), (3, 4, "其他"), (4, 5, "备注"))
BODY: Sequence[Row] = (
    ((0, 2, "一、本年新收"), (2, 3, "12"), (3, 4, "3")),
    ((1, 2, "（一）予以公开"), (2, 3, "7"), (3, 4, "0")),
    ((1, 2, "（二）部分公开"), (2, 3, "5")),
)


def drawn(
    rows: Sequence[Row], borders: Sequence[tuple[float, ...]], more: Callable[[Canvas], None] | None = None
) -> Grid:
    """A table with a ruling over each row and one below the last, from and to the places in `borders`."""

    def draw(drawing: Canvas) -> None:
        heading(drawing)
        drawing.setFont(FONT, 9)
        for number, row in enumerate(rows):
            for first, stop, text in row:
                drawing.drawCentredString((EDGES[first] + EDGES[stop]) / 2, 500 - 20 * number, text)
        for number, (left, right) in enumerate(borders):
            drawing.line(left, 514 - 20 * number, right, 514 - 20 * number)
        if more is not None:
            more(drawing)

    (grid,) = read_pdf(pdf(draw)).grids
    return grid


FULL = (60.0, 420.0)
BORDERS = (FULL, FULL, FULL, (140.0, 420.0), FULL)


def merged(drawing: Canvas) -> None:
    drawing.drawCentredString(100, 450, "三、办理结果")


def test_columns_are_found_and_a_column_without_figures_keeps_its_place() -> None:
    grid = drawn((HEADER, *BODY), BORDERS, merged)
    assert grid.is_aligned
    assert grid.is_by_space
    assert grid.column_count == 5
    assert [[cell.text for cell in row] for row in grid.rows] == [
        ["项目", "自然人", "其他", "备注"],
        ["一、本年新收", "12", "3", ""],
        ["三、办理结果", "（一）予以公开", "7", "0", ""],
        ["（二）部分公开", "5", "", ""],
    ]


def test_a_label_spans_the_rows_that_no_ruling_parts() -> None:
    grid = drawn((HEADER, *BODY), BORDERS, merged)
    (cell,) = (cell for cell in grid.cells if cell.text == "三、办理结果")
    assert (cell.row_span, cell.column_span) == (2, 1)
    (cell,) = (cell for cell in grid.cells if cell.text == "一、本年新收")
    assert cell.column_span == 2


def test_a_common_heading_spans_the_columns_in_whose_middle_it_stands() -> None:
    top: Row = ((0, 2, "类别"), (2, 4, "申请人情况"), (4, 5, "说明"))
    grid = drawn((top, HEADER, *BODY), (FULL, FULL, FULL, FULL, (140.0, 420.0), FULL))
    assert [(cell.text, cell.column_span) for cell in grid.rows[0]] == [("类别", 2), ("申请人情况", 2), ("说明", 1)]


@pytest.mark.parametrize("rows", [(HEADER, ((0, 2, "甲"), (2, 3, "1"), (3, 4, "2")))])
def test_two_rows_of_figures_between_two_rulings_are_not_put_in_cells(rows: Sequence[Row]) -> None:
    def second(drawing: Canvas) -> None:
        drawing.drawCentredString(150, 468, "乙")
        drawing.drawCentredString(270, 468, "3")
        drawing.drawCentredString(330, 468, "4")

    grid = drawn(rows, (FULL, FULL), lambda drawing: (second(drawing), drawing.line(60, 460, 420, 460))[0])
    assert not grid.is_aligned
    assert [cell.text for cell in grid.cells if cell.text.isdigit()] == ["1", "2", "3", "4"]


def test_a_heading_whose_letters_are_spaced_is_one() -> None:
    def spaced(drawing: Canvas) -> None:
        drawing.drawCentredString(270, 500, "自　然人")

    header: Row = ((0, 2, "项目"), (3, 4, "其他"), (4, 5, "备注"))
    grid = drawn((header, *BODY), BORDERS, lambda drawing: (spaced(drawing), merged(drawing))[0])
    assert grid.is_aligned
    assert [cell.text for cell in grid.rows[0]] == ["项目", "自 然人", "其他", "备注"]
    assert grid.column_count == 5


def test_rows_of_blanks_above_the_first_figures_are_no_headers() -> None:
    rows: Sequence[Row] = (HEADER, ((0, 2, "一、本年新收"),), *BODY[1:])
    grid = drawn(rows, (FULL, FULL, FULL, (140.0, 420.0), FULL), merged)
    assert grid.is_aligned
    assert [cell.text for cell in grid.rows[1]] == ["一、本年新收", "", "", ""]


def test_numbers_of_rows_are_no_figures() -> None:
    body = [((0, 1, str(number)), (1, 2, f"第{name}类情形"), (3, 4, "5")) for number, name in enumerate("甲乙丙", 1)]
    grid = drawn((HEADER, *body), (FULL,) * 5)
    assert grid.is_aligned
    assert [[cell.text for cell in row] for row in grid.rows][1:] == [
        [str(number), f"第{name}类情形", "", "5", ""] for number, name in enumerate("甲乙丙", 1)
    ]


def test_a_page_number_between_rows_makes_no_columns() -> None:
    rows: Sequence[Row] = (HEADER, BODY[0], ((0, 5, "- 3 -"),), BODY[0])
    grid = drawn(rows, (FULL,) * 5)
    assert grid.is_aligned
    assert [cell.text for cell in grid.rows[3]] == ["一、本年新收", "12", "3", ""]


def test_a_common_heading_at_the_left_of_its_columns_spans_them() -> None:
    rows: Sequence[Row] = (
        ((0, 2, "项目"), (2, 3, "合计"), (3, 5, "申请人")),
        ((0, 2, "类别"), (2, 3, "总数"), (3, 4, "自然人"), (4, 5, "其他")),
        *(((0, 2, label), (2, 3, "12"), (3, 4, "3"), (4, 5, "9")) for label in ("一、本年新收", "二、上年结转")),
    )

    def left(drawing: Canvas) -> None:
        for number, row in enumerate(rows):
            for first, _, text in row:
                drawing.drawString(EDGES[first] + 4, 500 - 20 * number, text)

    grid = drawn([()] * 4, (FULL,) * 5, left)
    assert grid.is_aligned
    assert [cell.text for cell in grid.rows[0]] == ["项目", "合计", "申请人"]
    common = grid.rows[0][2]
    assert [
        cell.text for cell in grid.rows[1] if common.column <= cell.column < common.column + common.column_span
    ] == [
        "自然人",
        "其他",
    ]


def test_headings_over_nothing_but_blanks_keep_their_columns() -> None:
    """Cells of a header that are merged in other reports may be drawn apart, all but one without any text."""
    header: Row = ((0, 2, "项目"), (2, 3, "自然人"), (3, 4, "组织"))
    lower: Row = ((3, 4, "其他"), (4, 5, "总计"))
    body = [((0, 2, label), (4, 5, "7")) for label in ("一、本年新收", "二、上年结转", "三、本年办理")]
    grid = drawn((header, lower, *body), (FULL,) * 6)
    assert grid.is_aligned
    assert [[cell.text for cell in row] for row in grid.rows] == [
        ["项目", "自然人", "组织", ""],
        ["", "", "其他", "总计"],
        *[[label, "", "", "7"] for label in ("一、本年新收", "二、上年结转", "三、本年办理")],
    ]


def test_headings_left_of_the_only_column_with_figures_are_headings() -> None:
    header: Row = ((0, 2, "项目"), (2, 4, "申请人"), (4, 5, "总计"))
    lower: Row = ((2, 3, "自然人"), (3, 4, "其他"))
    body = [((0, 2, label), (4, 5, "7")) for label in ("一、本年新收", "二、上年结转", "三、本年办理")]
    grid = drawn((header, lower, *body), (FULL, (240.0, 360.0), *(FULL,) * 4))
    assert [[cell.text for cell in row] for row in grid.rows][1:] == [
        ["自然人", "其他"],
        *[[label, "", "", "7"] for label in ("一、本年新收", "二、上年结转", "三、本年办理")],
    ]


def test_a_numbered_row_of_blanks_before_another_is_no_heading_of_a_new_table() -> None:
    blank = [((0, 2, label),) for label in ("二、上年结转", "（一）予以公开")]
    grid = drawn((HEADER, BODY[0], *blank, BODY[0]), (FULL,) * 6)
    assert [[cell.text for cell in row] for row in grid.rows][2:4] == [
        ["二、上年结转", "", "", ""],
        ["（一）予以公开", "", "", ""],
    ]
