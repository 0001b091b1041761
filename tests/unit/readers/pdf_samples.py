"""Small PDF files drawn for the tests of the PDF readers, with a Chinese font that needs no file."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

FONT = "STSong-Light"
SIZE = 9
ROWS = [["项目", "数量", "金额"], ["行政许可", "10", "3.5"], ["行政处罚", "203", "0"], ["行政强制", "", "12"]]
WIDTHS = [120, 80, 80]

Canvas = Any
Draw = Callable[[Canvas], object]
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def pdf(*pages: Draw, size: tuple[float, float] = A4, encrypt: Any = None, title: str | None = None) -> bytes:
    """A PDF file with one page for each function."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, pagesize=size, invariant=1, encrypt=encrypt)
    if title is not None:
        drawing.setTitle(title)
    for draw in pages:
        drawing.setFont(FONT, SIZE)
        draw(drawing)
        drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def turned(data: bytes, degrees: int) -> bytes:
    """The same file with its pages shown turned."""
    document = pypdfium2.PdfDocument(data)
    for page in document:
        page.set_rotation(degrees)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def heading(drawing: Canvas, text: str = "某市2023年政府信息公开工作年度报告") -> None:
    """A centred title."""
    drawing.setFont(FONT, 16)
    drawing.drawCentredString(300, 800, text)
    drawing.setFont(FONT, SIZE)


def table(
    drawing: Canvas,
    rows: Sequence[Sequence[str]] = ROWS,
    *,
    x: float = 80,
    y: float = 700,
    widths: Sequence[float] = WIDTHS,
    height: float = 20,
    lines: str = "stroke",
    is_open_above: bool = False,
    is_open_below: bool = False,
    text: Callable[[Canvas, float, float, str], object] | None = None,
) -> None:
    """A table with its upper left corner at (x, y); `lines` stroke, fill (thin boxes), boxes (one a cell) or none."""
    xs = [x]
    for width in widths:
        xs.append(xs[-1] + width)
    ys = [y - height * number for number in range(len(rows) + 1)]
    level = ys[1 if is_open_above else 0 : -1 if is_open_below else None]
    if lines == "stroke":
        for place in level:
            drawing.line(x, place, xs[-1], place)
        for place in xs:
            drawing.line(place, ys[0], place, ys[-1])
    elif lines == "fill":
        for place in level:
            drawing.rect(x, place - 0.25, xs[-1] - x, 0.5, stroke=0, fill=1)
        for place in xs:
            drawing.rect(place - 0.25, ys[-1], 0.5, ys[0] - ys[-1], stroke=0, fill=1)
    elif lines == "boxes":
        for row in range(len(rows)):
            for column, width in enumerate(widths):
                drawing.rect(xs[column], ys[row + 1], width, height)
    put = text or (lambda drawing, left, base, printed: drawing.drawString(left, base, printed))
    for row, cells in enumerate(rows):
        for column, printed in enumerate(cells):
            put(drawing, xs[column] + 4, ys[row] - height + 6, printed)


def apart(gap: float) -> Callable[[Canvas, float, float, str], None]:
    """Draws each character by itself, digits with a gap behind them."""

    def draw(drawing: Canvas, x: float, y: float, text: str) -> None:
        for letter in text:
            drawing.drawString(x, y, letter)
            x += pdfmetrics.stringWidth(letter, FONT, SIZE) + (gap if letter.isdigit() else 0)

    return draw


def twice(drawing: Canvas, x: float, y: float, text: str) -> None:
    """A false bold: the same text again, a little to the right."""
    drawing.drawString(x, y, text)
    drawing.drawString(x + 0.3, y, text)
