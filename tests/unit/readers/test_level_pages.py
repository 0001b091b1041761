"""Tables with level rulings alone that a page break cuts: all pages of a table tell its columns."""

from collections.abc import Sequence

import pytest
from pdf_samples import FONT, SIZE, Canvas, Draw, pdf

from extract.model import Grid
from extract.readers.pdf import read_pdf

EDGES = (60.0, 180.0, 300.0, 360.0, 420.0, 480.0)
STEP = 20.0
Row = Sequence[tuple[int, int, str]]
"""First column, one after the last, text."""
HEADER: Row = ((0, 2, "项目"), (2, 3, "自然人"), (3, 4, "其他"), (4, 5, "总计"))


def row(label: str, *figures: str) -> Row:
    return ((0, 2, label), *((column, column + 1, text) for column, text in enumerate(figures, 2)))


def page(rows: Sequence[Row], *, first: float = 780, title: str = "", right: Sequence[float] = ()) -> Draw:
    """Rows with a ruling over each and below the last; `right` gives where the rulings end that are not full."""

    def draw(drawing: Canvas) -> None:
        if title:
            drawing.setFont(FONT, 16)
            drawing.drawCentredString(300, first + 24, title)
        drawing.setFont(FONT, SIZE)
        for number, cells in enumerate(rows):
            for start, stop, text in cells:
                drawing.drawCentredString((EDGES[start] + EDGES[stop]) / 2, first - 14 - STEP * number, text)
        for number in range(len(rows) + 1):
            end = right[number] if number < len(right) else EDGES[-1]
            drawing.line(EDGES[0], first - STEP * number, end, first - STEP * number)

    return draw


def grids(*pages: Draw) -> list[Grid]:
    return list(read_pdf(pdf(*pages)).grids)


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in one] for one in grid.rows]


TITLE = "某县2023年政府信息公开工作年度报告"
BODY = (row("一、本年新收", "12", "3", "15"), row("二、上年结转", "4", "0", "4"))
WHOLE = [["项目", "自然人", "其他", "总计"], ["一、本年新收", "12", "3", "15"], ["二、上年结转", "4", "0", "4"]]


def test_a_header_alone_at_the_foot_of_a_page_stands_over_the_rows_on_the_next() -> None:
    (grid,) = grids(page([HEADER], first=100, title=TITLE), page(BODY))
    assert grid.is_aligned
    assert texts(grid) == WHOLE


def test_a_column_without_figures_on_the_second_page_keeps_its_place_there() -> None:
    blank = row("三、办理结果", "7", "8")
    (grid,) = grids(page([HEADER, *BODY], first=140, title=TITLE), page([blank, row("四、其他", "1", "2")]))
    assert texts(grid) == [*WHOLE, ["三、办理结果", "7", "8", ""], ["四、其他", "1", "2", ""]]


def test_a_table_under_a_heading_of_its_own_is_another() -> None:
    found = grids(page([HEADER, *BODY], first=140, title=TITLE), page([HEADER, *BODY], title="四、又一张表"))
    assert [texts(grid) for grid in found] == [WHOLE, WHOLE]


def test_a_cell_too_many_on_one_page_does_not_lose_the_header_on_the_other() -> None:
    longer: Row = ((0, 2, "一、本年新收"), (2, 3, "12"), (3, 4, "3"), (4, 5, "15"))
    narrow = EDGES[4]
    first = page([((0, 2, "项目"), (2, 3, "自然人"), (3, 4, "其他"))], first=100, title=TITLE, right=(narrow, narrow))
    (grid,) = grids(first, page([longer, row("二、上年结转", "4", "0")]))
    assert texts(grid)[-2:] == [["一、本年新收", "12", "3", "15"], ["二、上年结转", "4", "0", ""]]
    assert [cell.text for cell in grid.rows[0] if cell.text] == ["项目", "自然人", "其他"]


def test_only_totals_below_a_header_stand_in_the_last_column() -> None:
    rows: list[Row] = [HEADER, ((0, 2, "一、本年新收"), (4, 5, "15")), ((0, 2, "二、上年结转"), (4, 5, "4"))]
    (grid,) = grids(page(rows, title=TITLE, first=700))
    assert texts(grid)[1:] == [["一、本年新收", "", "", "15"], ["二、上年结转", "", "", "4"]]


def test_a_numbered_line_above_figures_is_a_row_of_the_table() -> None:
    rows: list[Row] = [HEADER, BODY[0], ((0, 2, "三、本年度办理结果"),), row("（一）予以公开", "7", "8", "15")]
    (grid,) = grids(page(rows, title=TITLE, first=700))
    assert texts(grid)[2:] == [["三、本年度办理结果", "", "", ""], ["（一）予以公开", "7", "8", "15"]]


@pytest.mark.parametrize("count", [1, 3])
def test_labels_in_columns_of_their_own_stay_apart_however_close(count: int) -> None:
    groups = ["三本年度办理结果情况甲", "三本年度办理结果情况乙", "三本年度办理结果情况丙"][:count]
    rows: list[Row] = [HEADER]
    # Eleven characters and twelve fill their columns up to some points, in every row.
    rows += [((0, 1, f"{one}九九"), (1, 2, f"{one}十十"), *row("", "1", "2", "3")[1:]) for one in groups]
    (grid,) = grids(page(rows, title=TITLE, first=700))
    parted = [cell.text for cell in grid.rows[1]][:2] == ["三本年度办理结果情况甲九九", "三本年度办理结果情况甲十十"]
    assert parted == (count == 3)


def test_a_header_that_a_page_break_cuts_stands_over_the_rows_below_it() -> None:
    lower: Row = ((2, 3, "自然人"), (3, 4, "其他"), (4, 5, "总计"))
    (grid,) = grids(page([((0, 2, "项目"), (2, 5, "申请人情况"))], first=100, title=TITLE), page([lower, *BODY]))
    assert [cell.text for cell in grid.rows[0] if cell.text] == ["项目", "申请人情况"]
    assert texts(grid)[-2:] == WHOLE[1:]


def test_a_header_that_is_printed_again_begins_a_table_of_its_own() -> None:
    found = grids(page([HEADER], first=100, title=TITLE), page([HEADER, *BODY]))
    assert texts(found[-1]) == WHOLE


@pytest.mark.parametrize("between", ["", "- 3 -"])
def test_tables_of_differing_width_one_below_the_other_are_parted(between: str) -> None:
    def both(drawing: Canvas) -> None:
        page([HEADER, *BODY], first=700, title=TITLE)(drawing)
        rows: list[Row] = [
            ((0, 1, "指标"), (1, 2, "数量")),
            ((0, 1, "公开"), (1, 2, "8")),
            ((0, 1, "解读"), (1, 2, "5")),
        ]
        page(rows, first=600, right=(EDGES[2],) * 4)(drawing)
        drawing.drawCentredString(150, 620, between)

    assert [texts(grid) for grid in grids(both)] == [WHOLE, [["指标", "数量"], ["公开", "8"], ["解读", "5"]]]


def test_a_numbered_row_of_blanks_at_the_foot_of_a_page_is_of_the_table_on_the_next() -> None:
    (grid,) = grids(
        page([HEADER, *BODY, ((0, 2, "三、本年度办理结果"),)], first=160, title=TITLE),
        page([((0, 2, "（一）予以公开"),), row("（二）部分公开", "7", "8", "15")]),
    )
    assert texts(grid)[3:] == [
        ["三、本年度办理结果", "", "", ""],
        ["（一）予以公开", "", "", ""],
        ["（二）部分公开", "7", "8", "15"],
    ]
