"""A page as PDF, with the habits of the software that portals' PDFs come from. Pure: same page and rng, same bytes."""

import io
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from benchmarks.writer.page import Page, ParagraphKind, WrittenParagraph, is_hole
from benchmarks.writer.sheet import Anchor, Sheet
from pipelines.sample.layout import CellKind, PrintedTable

__all__ = ["PdfHabits", "draw_pdf_page", "embedded_font", "random_habits"]

_CID_FONT = "STSong-Light"
_EMBEDDED = "EmbeddedHan"
_FONT_PLACES = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/arphic/ukai.ttc",
    "/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
)
_MARGIN = 54.0
_PAD = 2.5
RULINGS = ("lines", "lines", "rects", "cell_rects", "forms", "open", "horizontal", "none")


@dataclass(frozen=True, slots=True)
class PdfHabits:
    """How a PDF is made."""

    font: str = _CID_FONT
    latin: str = ""
    """A font of its own for digits; empty for the same font."""
    ruling: str = "lines"
    """lines, rects (thin filled boxes), cell_rects (a box a cell), forms (lines inside a form object), open (no line at
    a page break), horizontal (no vertical lines), none."""
    header_again: bool = False
    """The header of a table comes again on the next page."""
    page_numbers: str = ""
    """A pattern such as `- {} -`; empty for none."""
    rotated: int = 0
    """The /Rotate of the pages; content is drawn so that it shows upright."""
    wide: bool = False
    """Landscape pages."""
    fake_bold: bool = False
    """Headings are drawn twice, a little apart; labels too."""
    split_digits: bool = False
    """Each digit is drawn on its own."""
    left_aligned: bool = False
    size: float = 9.0
    offset: tuple[float, float] = (0.0, 0.0)
    """The lower left corner of the page box."""
    holes: str = "absent"
    running_head: str = ""


@lru_cache(maxsize=1)
def embedded_font() -> str | None:
    """The name of a TrueType font with Chinese characters; None where this machine has none."""
    for place in _FONT_PLACES:
        if Path(place).exists():
            try:
                pdfmetrics.registerFont(TTFont(_EMBEDDED, place, subfontIndex=0))
            except TTFError:
                continue
            return _EMBEDDED
    return None


@lru_cache(maxsize=1)
def _cid_font() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(_CID_FONT))
    return _CID_FONT


def random_habits(rng: random.Random) -> PdfHabits:
    """Habits as PDFs on portals have them."""
    embedded = rng.random() < 0.6
    ruling = rng.choice(RULINGS)
    return PdfHabits(
        font=(embedded_font() or _CID_FONT) if embedded else _CID_FONT,
        latin=rng.choice(("", "", "Times-Roman", "Helvetica")),
        ruling=ruling,
        header_again=rng.random() < 0.3,
        page_numbers=rng.choice(("", "- {} -", "— {} —", "{}", "第{}页")),
        rotated=rng.choice((0, 0, 0, 0, 90, 270, 180)),
        wide=rng.random() < 0.25,
        fake_bold=rng.random() < 0.2,
        split_digits=rng.random() < 0.2,
        left_aligned=rng.random() < 0.15,
        size=rng.choice((7.5, 9.0, 9.0, 10.5)),
        offset=rng.choice(((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (20.0, 30.0))),
        holes=rng.choice(("absent", "empty")),
        running_head=rng.choice(("", "", "", "政府信息公开工作年度报告")),
    )


def draw_pdf_page(page: Page, rng: random.Random, habits: PdfHabits | None = None) -> bytes:
    """The PDF of a page. Habits are drawn from `rng` unless given."""
    return _Drawer(rng, habits or random_habits(rng)).document(page)


class _Drawer:
    def __init__(self, rng: random.Random, habits: PdfHabits) -> None:
        _cid_font()
        self.rng = rng
        self.habits = habits
        long, short = max(A4), min(A4)
        self.width, self.height = (long, short) if habits.wide else (short, long)
        self.buffer = io.BytesIO()
        self.canvas: Any = Canvas(self.buffer, pagesize=self._sheet_size(), invariant=1, pageCompression=1)
        self.page = 0
        self.y = 0.0
        self.form = 0

    def _sheet_size(self) -> tuple[float, float]:
        """The size as shown; reportlab turns the page box with /Rotate by itself."""
        x, y = self._offset
        return self.width + x, self.height + y

    @property
    def _offset(self) -> tuple[float, float]:
        return (0.0, 0.0) if self.habits.rotated else self.habits.offset

    def document(self, page: Page) -> bytes:
        self._begin()
        for block in page.blocks:
            if isinstance(block, WrittenParagraph):
                self._paragraph(block)
            else:
                self._table(block)
        self._end()
        self.canvas.save()
        return self.buffer.getvalue()

    # Pages

    def _begin(self) -> None:
        self.page += 1
        x, y = self._offset
        if (x, y) != (0.0, 0.0):
            self.canvas.setCropBox((x, y, self.width + x, self.height + y))
            self.canvas.translate(x, y)
        rotated = self.habits.rotated
        if rotated:
            self.canvas.setPageRotation(rotated)
        if rotated == 90:
            self.canvas.transform(0, 1, -1, 0, self.height, 0)
        elif rotated == 270:
            self.canvas.transform(0, -1, 1, 0, 0, self.width)
        elif rotated == 180:
            self.canvas.transform(-1, 0, 0, -1, self.width, self.height)
        self.y = self.height - _MARGIN
        if self.habits.running_head:
            self._text(_MARGIN, self.height - 36, self.habits.running_head, 8)

    def _end(self) -> None:
        if self.habits.page_numbers:
            text = self.habits.page_numbers.format(self.page)
            self._text((self.width - self._width_of(text, 9)) / 2, 30, text, 9)
        self.canvas.showPage()

    def _break(self) -> None:
        self._end()
        self._begin()

    # Text

    def _runs(self, text: str) -> Iterator[tuple[str, str]]:
        """Pieces of a text by font."""
        latin = self.habits.latin
        if not latin:
            yield self.habits.font, text
            return
        start = 0
        for place in range(1, len(text) + 1):
            if place == len(text) or text[place].isascii() != text[start].isascii():
                yield latin if text[start].isascii() else self.habits.font, text[start:place]
                start = place

    def _width_of(self, text: str, size: float) -> float:
        return float(sum(pdfmetrics.stringWidth(piece, font, size) for font, piece in self._runs(text)))

    def _text(self, x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
        for shift in (0.0, 0.35) if bold and self.habits.fake_bold else (0.0,):
            at = x + shift
            for font, piece in self._runs(text):
                split = self.habits.split_digits and piece.isascii() and piece.isdigit()
                for part in piece if split else (piece,):
                    self.canvas.setFont(font, size)
                    self.canvas.drawString(at, y, part)
                    at += pdfmetrics.stringWidth(part, font, size)

    def _wrapped(self, text: str, width: float, size: float) -> list[str]:
        lines: list[str] = []
        for line in text.split("\n"):
            start = 0
            for place in range(1, len(line) + 1):
                if self._width_of(line[start:place], size) > width and place - start > 1:
                    lines.append(line[start : place - 1])
                    start = place - 1
            lines.append(line[start:])
        return lines

    def _paragraph(self, paragraph: WrittenParagraph) -> None:
        size = {ParagraphKind.TITLE: 18.0, ParagraphKind.HEADING: 14.0, ParagraphKind.NOTE: 10.0}.get(
            paragraph.kind, 12.0
        )
        width = self.width - 2 * _MARGIN
        indent = "\u3000\u3000" if paragraph.kind in (ParagraphKind.BODY, ParagraphKind.HEADING) else ""
        for line in self._wrapped(indent + paragraph.text, width, size):
            if self.y < _MARGIN + size * 1.6:
                self._break()
            self.y -= size * 1.6
            x = _MARGIN
            if paragraph.kind is ParagraphKind.TITLE:
                x = (self.width - self._width_of(line, size)) / 2
            elif paragraph.kind is ParagraphKind.SIGNATURE:
                x = self.width - _MARGIN - self._width_of(line, size)
            self._text(x, self.y, line, size, bold=paragraph.kind in (ParagraphKind.TITLE, ParagraphKind.HEADING))

    # Tables

    def _table(self, table: PrintedTable) -> None:
        sheet = Sheet.of(table)
        if self.habits.holes == "empty":
            sheet = Sheet.of(
                replace(
                    table,
                    rows=tuple(tuple(replace(c, code="") if is_hole(c) else c for c in row) for row in table.rows),
                )
            )
        size = self.habits.size
        xs = self._columns(sheet, size)
        heights = self._heights(sheet, xs, size)
        head = self._header_rows(sheet)
        self.y -= 8
        room = self.height - 2 * _MARGIN
        start = 0
        left_over: dict[int, list[str]] = {}
        while start < sheet.row_count:
            again = self.habits.header_again and start >= head > 0
            above = sum(heights[:head]) if again else 0.0
            end, used = start, above
            while end < sheet.row_count and used + heights[end] <= self.y - _MARGIN:
                used += heights[end]
                end += 1
            if end == start:
                if self.y >= room + _MARGIN - 10:
                    end = start + 1  # A row taller than a page runs over its edge.
                else:
                    self._break()
                    continue
            if again:
                self._segment(sheet, xs, heights, 0, head, {}, is_first=True, is_last=True)
            left_over = self._segment(
                sheet, xs, heights, start, end, left_over, is_first=start == 0, is_last=end == sheet.row_count
            )
            start = end
            if start < sheet.row_count:
                self._break()
        self.y -= 8

    def _columns(self, sheet: Sheet, size: float) -> list[float]:
        """The left edge of each column, and the right edge of the last."""
        count = sheet.column_count
        need = [size * 1.6] * count
        for anchor in sheet.anchors:
            if anchor.cell.column_span > 1:
                continue
            lines = anchor.cell.text.split("\n")
            longest = max(self._width_of(line, size) for line in lines)
            # Labels wrap, figures do not.
            limit = longest if anchor.cell.kind is CellKind.VALUE else min(longest, size * 9)
            if anchor.cell.kind is CellKind.HEADER:
                limit = min(longest, size * 3)
            need[anchor.column] = max(need[anchor.column], limit + 2 * _PAD + 1)
        for anchor in sheet.anchors:
            if anchor.cell.kind is CellKind.LABEL and 1 < anchor.cell.column_span < count:
                wanted = min(self._width_of(anchor.cell.text.split("\n")[0], size), size * 14) + 2 * _PAD
                columns = range(anchor.column, anchor.end_column)
                lacking = wanted - sum(need[column] for column in columns)
                if lacking > 0:
                    for column in columns:
                        need[column] += lacking / len(columns)
        room = self.width - 2 * _MARGIN
        scale = room / sum(need)
        xs = [_MARGIN]
        for width in need:
            xs.append(xs[-1] + width * min(scale, 2.5))
        return xs

    def _heights(self, sheet: Sheet, xs: Sequence[float], size: float) -> list[float]:
        leading = size * 1.25
        heights = [leading + 2 * _PAD] * sheet.row_count
        for anchor in sorted(sheet.anchors, key=lambda one: one.cell.row_span):
            lines = self._lines(anchor, xs, size)
            wanted = len(lines) * leading + 2 * _PAD
            lacking = wanted - sum(heights[anchor.row : anchor.end_row])
            if lacking > 0:
                for row in range(anchor.row, anchor.end_row):
                    heights[row] += lacking / anchor.cell.row_span
        return heights

    def _lines(self, anchor: Anchor, xs: Sequence[float], size: float) -> list[str]:
        width = xs[anchor.end_column] - xs[anchor.column] - 2 * _PAD
        return self._wrapped(anchor.cell.text, width, size)

    def _header_rows(self, sheet: Sheet) -> int:
        head = 0
        while head < sheet.row_count and any(a.cell.kind is CellKind.HEADER for a in sheet.row(head)):
            head += 1
        deepest = max((a.end_row for a in sheet.anchors if a.row < head), default=0)
        return head if deepest <= head < sheet.row_count else 0

    def _segment(
        self,
        sheet: Sheet,
        xs: Sequence[float],
        heights: Sequence[float],
        start: int,
        end: int,
        left_over: dict[int, list[str]],
        *,
        is_first: bool,
        is_last: bool,
    ) -> dict[int, list[str]]:
        """Draw rows start to end on this page; gives the lines of cells that go on, by their place in the sheet."""
        tops = [self.y]
        for row in range(start, end):
            tops.append(tops[-1] - heights[row])
        size, leading = self.habits.size, self.habits.size * 1.25
        boxes: list[tuple[float, float, float, float]] = []
        going_on: dict[int, list[str]] = {}
        for place, anchor in enumerate(sheet.anchors):
            first, last = max(anchor.row, start), min(anchor.end_row, end)
            if first >= last:
                continue
            left, right = xs[anchor.column], xs[anchor.end_column]
            top, bottom = tops[first - start], tops[last - start]
            boxes.append((left, bottom, right, top))
            lines = left_over.get(place) if anchor.row < start else self._lines(anchor, xs, size)
            if not lines:
                continue
            fitting = len(lines)
            if anchor.end_row > end:
                fitting = max(1, int((top - bottom - 2 * _PAD) // leading))
                going_on[place] = lines[fitting:]
            shown = lines[:fitting]
            y = (top + bottom) / 2 + len(shown) * leading / 2 - size * 0.95
            for line in shown:
                width = self._width_of(line, size)
                x = left + _PAD if self.habits.left_aligned else (left + right - width) / 2
                self._text(x, y, line, size, bold=anchor.cell.kind is not CellKind.VALUE)
                y -= leading
        self._rule(boxes, tops[0], tops[-1], is_first=is_first, is_last=is_last)
        self.y = tops[-1]
        return going_on

    def _rule(
        self,
        boxes: Iterable[tuple[float, float, float, float]],
        top: float,
        bottom: float,
        *,
        is_first: bool,
        is_last: bool,
    ) -> None:
        ruling = self.habits.ruling
        if ruling == "none":
            return
        self.canvas.setLineWidth(0.6)
        if ruling == "cell_rects":
            for left, low, right, high in boxes:
                self.canvas.rect(left, low, right - left, high - low)
            return
        edges = _edges(boxes)
        if ruling == "open":
            edges = [
                (x1, y1, x2, y2)
                for x1, y1, x2, y2 in edges
                if not (y1 == y2 and ((y1 == bottom and not is_last) or (y1 == top and not is_first)))
            ]
        if ruling == "horizontal":
            edges = [edge for edge in edges if edge[1] == edge[3]]
        if ruling == "forms":
            self.form += 1
            name = f"rules{self.form}"
            self.canvas.beginForm(name, 0, 0, self.width, self.height)
            self._lines_of(edges)
            self.canvas.endForm()
            self.canvas.doForm(name)
        elif ruling == "rects":
            for x1, y1, x2, y2 in edges:
                self.canvas.rect(x1 - 0.3, y1 - 0.3, x2 - x1 + 0.6, y2 - y1 + 0.6, stroke=0, fill=1)
        else:
            self._lines_of(edges)

    def _lines_of(self, edges: Iterable[tuple[float, float, float, float]]) -> None:
        for x1, y1, x2, y2 in edges:
            self.canvas.line(x1, y1, x2, y2)


def _edges(boxes: Iterable[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """The lines round all boxes, those in one line joined, each drawn once."""
    level: dict[float, list[tuple[float, float]]] = {}
    upright: dict[float, list[tuple[float, float]]] = {}
    for left, bottom, right, top in boxes:
        for y in (bottom, top):
            level.setdefault(y, []).append((left, right))
        for x in (left, right):
            upright.setdefault(x, []).append((bottom, top))
    lines = [(start, y, end, y) for y, spans in level.items() for start, end in _joined(spans)]
    return lines + [(x, start, x, end) for x, spans in upright.items() for start, end in _joined(spans)]


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + 0.01:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
