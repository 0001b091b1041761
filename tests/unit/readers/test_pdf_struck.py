"""Text with a line through it in a PDF, and lines that strike out nothing; both readings tell them alike."""

from collections.abc import Callable

import pytest
from pdf_samples import FONT, ROWS, SIZE, Canvas, heading, pdf, table, turned
from reportlab.pdfbase import pdfmetrics

from extract.model import Document
from extract.readers.pdf import read_pdf
from extract.readers.pdf_again import read_pdf_again

BOTH = pytest.mark.parametrize("read", [read_pdf, read_pdf_again])
Read = Callable[[bytes], Document]
X, Y = 204, 666
"""Where the first figure of the table stands."""


def rows_of(document: Document) -> list[list[str]]:
    (grid,) = document.grids
    return [[cell.text for cell in row] for row in grid.rows]


def width(text: str) -> float:
    return float(pdfmetrics.stringWidth(text, FONT, SIZE))


def put(*words: tuple[str, Callable[[Canvas, float, float], object] | None]) -> bytes:
    """The table with words in the first blank cell, each with a line drawn over it if there is one."""

    def draw(drawing: Canvas) -> None:
        heading(drawing)
        table(drawing, [ROWS[0], ["行政许可", "", "3.5"], *ROWS[2:]])
        x: float = X
        for text, line in words:
            drawing.drawString(x, Y, text)
            if line is not None:
                line(drawing, x, x + width(text))
            x += width(text)

    return pdf(draw)


def stroke(drawing: Canvas, left: float, right: float) -> None:
    drawing.line(left, Y + 0.3 * SIZE, right, Y + 0.3 * SIZE)


def thin_box(drawing: Canvas, left: float, right: float) -> None:
    drawing.rect(left - 0.5, Y + 0.28 * SIZE, right - left + 1, 0.6, stroke=0, fill=1)


def double(drawing: Canvas, left: float, right: float) -> None:
    for share in (0.25, 0.4):
        drawing.line(left, Y + share * SIZE, right, Y + share * SIZE)


def in_pieces(drawing: Canvas, left: float, right: float) -> None:
    for start, end in ((left, (left + right) / 2), ((left + right) / 2, right)):
        drawing.line(start, Y + 0.3 * SIZE, end, Y + 0.3 * SIZE)


def underline(drawing: Canvas, left: float, right: float) -> None:
    drawing.line(left, Y - 0.1 * SIZE, right, Y - 0.1 * SIZE)


def line_to_write_on(drawing: Canvas, left: float, right: float) -> None:
    drawing.line(left, Y + 0.3 * SIZE, right + 40, Y + 0.3 * SIZE)


def border(drawing: Canvas, left: float, right: float) -> None:
    stroke(drawing, left, right)
    for x in (left, right):
        drawing.line(x, Y - 3, x, Y + 9)


def dash_of_a_border(drawing: Canvas, left: float, right: float) -> None:
    middle = (left + right) / 2
    drawing.line(middle - 1, Y + 0.3 * SIZE, middle + 1, Y + 0.3 * SIZE)


@BOTH
@pytest.mark.parametrize("line", [stroke, thin_box, double, in_pieces])
def test_struck_figures_are_not_read(read: Read, line: Callable[[Canvas, float, float], object]) -> None:
    assert rows_of(read(put(("232", line), ("183", None))))[1] == ["行政许可", "183", "3.5"]
    assert rows_of(read(put(("183", None), ("件", line))))[1] == ["行政许可", "183", "3.5"]
    assert rows_of(read(put(("232", line))))[1] == ["行政许可", "", "3.5"]


@BOTH
@pytest.mark.parametrize("line", [underline, line_to_write_on, dash_of_a_border])
def test_other_lines_strike_out_nothing(read: Read, line: Callable[[Canvas, float, float], object]) -> None:
    assert rows_of(read(put(("183", line))))[1][1] == "183"


def test_a_border_through_text_strikes_out_nothing() -> None:
    data = put(("183", border))
    assert "183" in "".join(cell.text for grid in read_pdf(data).grids for cell in grid.cells)


@BOTH
def test_a_sign_drawn_as_a_line_stays_a_sign(read: Read) -> None:
    assert rows_of(read(put(("—", stroke))))[1][1] == "—"

    def minus(drawing: Canvas) -> None:
        heading(drawing)
        table(drawing, [ROWS[0], ["行政许可", "", "3.5"], *ROWS[2:]])
        drawing.line(X, Y + 0.3 * SIZE, X + 4, Y + 0.3 * SIZE)
        drawing.drawString(X + 5, Y, "12")

    assert rows_of(read(pdf(minus)))[1][1] == "12"


@BOTH
def test_a_turned_page_strikes_out_the_same(read: Read) -> None:
    assert rows_of(read(turned(put(("232", stroke), ("183", None)), 90)))[1][1] == "183"
