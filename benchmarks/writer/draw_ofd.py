"""Draws a report as OFD (GB/T 33190): page descriptions with text objects and ruling lines, zipped.

Belongs here: the habits of producers of OFD files. Does not belong here: figures, layouts.
"""

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.writer.page import Page, ParagraphKind, WrittenParagraph
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable

__all__ = ["OfdStyle", "draw_ofd"]

_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_SIZES = {
    ParagraphKind.TITLE: 6.35,
    ParagraphKind.HEADING: 5.0,
    ParagraphKind.BODY: 4.6,
    ParagraphKind.NOTE: 3.6,
    ParagraphKind.SIGNATURE: 4.6,
}
_LEADING = 1.55
_PADDING = 0.8


@dataclass(frozen=True)
class OfdStyle:
    """The habits of one producer."""

    rulings: str = "strokes"
    """strokes: a path for each line; rectangles: a closed path for each cell; bars: thin filled areas."""
    text: str = "runs"
    """runs: an object for each line; characters: one for each character; repeats: runs with g in distances."""
    by_matrix: bool = False
    """Sizes and places stand in a matrix, not in the object."""
    landscape: bool = False
    table_size: float = 3.2
    margin: float = 20.0
    open_breaks: bool = False
    """A table that goes on on the next page has no ruling at the break."""
    open_sides: bool = False
    page_numbers: bool = True
    numbers_at_the_right: bool = False
    template: bool = False
    """Page numbers stand in a template page."""
    jitter: float = 0.0
    """How far, in millimetres, neighbouring rulings miss each other."""

    @classmethod
    def random(cls, rng: random.Random) -> "OfdStyle":
        """Habits drawn from `rng`."""
        return cls(
            rulings=rng.choice(("strokes", "rectangles", "bars")),
            text=rng.choice(("runs", "characters", "repeats")),
            by_matrix=rng.random() < 0.3,
            landscape=rng.random() < 0.2,
            table_size=rng.choice((2.6, 3.0, 3.2, 3.7)),
            margin=rng.choice((15.0, 20.0, 28.0)),
            open_breaks=rng.random() < 0.4,
            open_sides=rng.random() < 0.15,
            page_numbers=rng.random() < 0.7,
            numbers_at_the_right=rng.random() < 0.2,
            template=rng.random() < 0.3,
            jitter=rng.choice((0.0, 0.0, 0.1, 0.2)),
        )


def draw_ofd(page: Page, rng: random.Random, style: OfdStyle | None = None) -> bytes:
    """The report as OFD; the same state of `rng` gives the same bytes."""
    style = style or OfdStyle.random(rng)
    canvas = _Canvas(style, rng)
    for block in page.blocks:
        if isinstance(block, WrittenParagraph):
            canvas.paragraph(block)
        else:
            canvas.table(block)
    return canvas.package()


def _width(text: str, size: float) -> float:
    return sum(size * (0.5 if ord(character) < 0x2E80 else 1.0) for character in text)


def _wrapped(text: str, size: float, width: float) -> list[str]:
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for character in part:
            if line and _width(line + character, size) > width:
                lines.append(line)
                line = ""
            line += character
        lines.append(line)
    return lines


class _Canvas:
    """Pages being drawn, in millimetres."""

    def __init__(self, style: OfdStyle, rng: random.Random) -> None:
        self._style = style
        self._rng = rng
        self._width, self._height = (297.0, 210.0) if style.landscape else (210.0, 297.0)
        self._pages: list[list[str]] = []
        self._ids = 100
        self._y = 0.0
        self._new_page()

    def paragraph(self, block: WrittenParagraph) -> None:
        """A paragraph, wrapped; titles in the middle, signatures at the right, prose set in."""
        size = _SIZES[block.kind]
        room = self._width - 2 * self._style.margin
        indent = 2 * size if block.kind in (ParagraphKind.BODY, ParagraphKind.HEADING) else 0.0
        text = block.text
        first = _wrapped(text, size, room - indent)[0] if indent else ""
        lines = [first, *_wrapped(text[len(first) :], size, room)] if indent else _wrapped(text, size, room)
        for number, line in enumerate(line for line in lines if line):
            if self._y + size * _LEADING > self._bottom:
                self._new_page()
            x = self._style.margin + (indent if number == 0 else 0.0)
            if block.kind is ParagraphKind.TITLE:
                x = (self._width - _width(line, size)) / 2
            elif block.kind is ParagraphKind.SIGNATURE:
                x = self._width - self._style.margin - _width(line, size)
            self._text(x, self._y + size, line, size)
            self._y += size * _LEADING
        self._y += 1.5

    def table(self, table: PrintedTable) -> None:
        """A ruled table, over as many pages as it takes."""
        slots = table.grid()
        size = self._style.table_size
        xs = self._columns(table)
        corners = [
            (row, column, slot.cell)
            for row, line in enumerate(slots)
            for column, slot in enumerate(line)
            if slot.is_first_row and slot.is_first_column
        ]
        heights = [size * 1.9] * len(slots)
        texts: dict[tuple[int, int], tuple[list[str], float]] = {}
        for row, column, cell in corners:
            lines, used = self._fitted(cell, xs[column + cell.column_span] - xs[column], size)
            texts[row, column] = lines, used
            needed = len(lines) * used * 1.25 + 2 * _PADDING
            missing = needed - sum(heights[row : row + cell.row_span])
            if missing > 0:
                heights[row + cell.row_span - 1] += missing
        self._y += 2.0
        start = 0
        while start < len(slots):
            end, bottom = start, self._y
            while end < len(slots) and bottom + heights[end] <= self._bottom:
                bottom += heights[end]
                end += 1
            if end == start and self._y > self._style.margin + 1:
                self._new_page()
                continue
            end = max(end, start + 1)
            self._part(corners, texts, xs, heights, start, end, len(slots))
            start = end
            if start < len(slots):
                self._new_page()
        self._y += 2.0

    def _columns(self, table: PrintedTable) -> list[float]:
        """The places of the column borders, by what stands in the columns."""
        weights = [2.0] * table.column_count
        for line in table.grid():
            for column, slot in enumerate(line):
                if slot.cell.column_span == 1 and slot.is_first_row:
                    weights[column] = max(weights[column], min(_width(slot.cell.text, 1.0), 8.0))
        room = self._width - 2 * self._style.margin
        xs = [self._style.margin]
        for weight in weights:
            xs.append(xs[-1] + room * weight / sum(weights))
        return xs

    def _fitted(self, cell: PrintedCell, width: float, size: float) -> tuple[list[str], float]:
        """The lines of a cell and their size: figures are made smaller rather than broken."""
        room = width - 2 * _PADDING
        is_figure = cell.kind in (CellKind.VALUE, CellKind.FILLER) and len(cell.text) <= 12 and "\n" not in cell.text
        if is_figure and _width(cell.text, size) > room:
            return [cell.text], room / max(_width(cell.text, 1.0), 0.5)
        size = min(size, room)
        return _wrapped(cell.text, size, room), size

    def _part(
        self,
        corners: list[tuple[int, int, PrintedCell]],
        texts: dict[tuple[int, int], tuple[list[str], float]],
        xs: list[float],
        heights: list[float],
        start: int,
        end: int,
        row_count: int,
    ) -> None:
        """The rows of one page, with the parts of cells that reach over its edges."""
        tops = [self._y]
        for row in range(start, end):
            tops.append(tops[-1] + heights[row])
        for row, column, cell in corners:
            first, last = max(row, start), min(row + cell.row_span, end)
            if first >= last:
                continue
            box = xs[column], tops[first - start], xs[column + cell.column_span], tops[last - start]
            sides = {
                "top": not (
                    (self._style.open_breaks and first == start and row < start)
                    or (first == start > 0 and self._style.open_breaks)
                ),
                "bottom": not (self._style.open_breaks and last == end < row_count),
                "left": not (self._style.open_sides and column == 0),
                "right": not (self._style.open_sides and column + cell.column_span == len(xs) - 1),
            }
            self._frame(box, sides)
            lines, size = texts[row, column]
            room = box[3] - box[1] - 2 * _PADDING
            fit = max(int(room / (size * 1.25) + 0.01), 1 if first == row and cell.row_span == 1 else 0)
            shown, texts[row, column] = lines[:fit], (lines[fit:], size)
            self._cell_text(box, shown, size, cell)
        self._y = tops[-1]

    def _cell_text(
        self, box: tuple[float, float, float, float], lines: list[str], size: float, cell: PrintedCell
    ) -> None:
        left, top, right, bottom = box
        y = top + (bottom - top - len(lines) * size * 1.25) / 2
        for line in lines:
            x = left + (right - left - _width(line, size)) / 2
            if cell.kind is CellKind.VALUE and self._style.numbers_at_the_right:
                x = right - _PADDING - _width(line, size)
            elif cell.kind is CellKind.LABEL and cell.row_span == 1:
                x = left + _PADDING
            if line.strip():
                self._text(x, y + size, line, size)
            y += size * 1.25

    def _frame(self, box: tuple[float, float, float, float], sides: dict[str, bool]) -> None:
        left, top, right, bottom = (round(value + self._wobble(), 3) for value in box)
        if self._style.rulings == "rectangles" and all(sides.values()):
            self._path(f"M {left} {top} L {right} {top} L {right} {bottom} L {left} {bottom} C", box, filled=False)
            return
        ends = {
            "top": (left, top, right, top),
            "bottom": (left, bottom, right, bottom),
            "left": (left, top, left, bottom),
            "right": (right, top, right, bottom),
        }
        for side, (x1, y1, x2, y2) in ends.items():
            if not sides[side]:
                continue
            if self._style.rulings == "bars":
                x1, y1, x2, y2 = x1 - 0.1, y1 - 0.1, x2 + 0.1, y2 + 0.1
                self._path(
                    f"M {x1:.3f} {y1:.3f} L {x2:.3f} {y1:.3f} L {x2:.3f} {y2:.3f} L {x1:.3f} {y2:.3f} C",
                    box,
                    filled=True,
                )
            else:
                self._path(f"M {x1} {y1} L {x2} {y2}", box, filled=False)

    def _wobble(self) -> float:
        return self._rng.uniform(-self._style.jitter, self._style.jitter) if self._style.jitter else 0.0

    def _path(self, data: str, box: tuple[float, float, float, float], *, filled: bool) -> None:
        look = 'Stroke="false" Fill="true"' if filled else 'LineWidth="0.2"'
        self._ids += 1
        self._pages[-1].append(
            f'<ofd:PathObject ID="{self._ids}" Boundary="0 0 {self._width} {self._height}" {look}>'
            f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def _text(self, x: float, y: float, text: str, size: float) -> None:
        if self._style.text == "characters":
            for character in text:
                if character.strip():
                    self._text_object(x, y, character, size, [])
                x += _width(character, size)
            return
        self._text_object(x, y, text, size, [_width(character, size) for character in text[:-1]])

    def _text_object(self, x: float, y: float, text: str, size: float, steps: list[float]) -> None:
        self._ids += 1
        width = _width(text, size)
        unit = size if self._style.by_matrix else 1.0
        scaled = [step / unit for step in steps]
        delta = f' DeltaX="{_distances(scaled, repeats=self._style.text == "repeats")}"' if steps else ""
        matrix = f' CTM="{size} 0 0 {size} 0 0"' if self._style.by_matrix else ""
        self._pages[-1].append(
            f'<ofd:TextObject ID="{self._ids}" Boundary="{x:.3f} {y - size:.3f} {width:.3f} {size * 1.2:.3f}" Font="3"'
            f' Size="{1 if self._style.by_matrix else size:.4f}"{matrix}>'
            f'<ofd:TextCode X="0" Y="{size / unit:.4f}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
        )

    @property
    def _bottom(self) -> float:
        return self._height - self._style.margin

    def _new_page(self) -> None:
        self._pages.append([])
        self._y = self._style.margin
        if self._style.page_numbers and not self._style.template:
            self._page_number(len(self._pages))

    def _page_number(self, number: int) -> None:
        self._text(self._width / 2 - 4, self._height - 8, f"- {number} -", 3.2)

    def package(self) -> bytes:
        """The bytes of the file."""
        parts = dict(self._parts())
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(zipfile.ZipInfo(name), _HEAD + content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    def _parts(self) -> Iterator[tuple[str, str]]:
        yield (
            "OFD.xml",
            f'<ofd:OFD {_OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>'
            "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        )
        area = f"<ofd:PhysicalBox>0 0 {self._width} {self._height}</ofd:PhysicalBox>"
        template = '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if self._style.template else ""
        listed = "".join(
            f'<ofd:Page ID="{10 + number}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
            for number in range(len(self._pages))
        )
        yield (
            "Doc_0/Document.xml",
            f"<ofd:Document {_OFD}><ofd:CommonData><ofd:MaxUnitID>{self._ids}</ofd:MaxUnitID><ofd:PageArea>{area}"
            f"</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{template}</ofd:CommonData>"
            f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        )
        yield (
            "Doc_0/PublicRes.xml",
            f'<ofd:Res {_OFD} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="宋体"/></ofd:Fonts></ofd:Res>',
        )
        if self._style.template:
            kept, self._pages = self._pages, [[]]
            self._text(self._style.margin, 10.0, "政府信息公开", 3.0)
            yield "Doc_0/Tpls/Tpl_0/Content.xml", self._content(self._pages[0], "")
            self._pages = kept
        use = '<ofd:Template TemplateID="2" ZOrder="Background"/>' if self._style.template else ""
        for number, objects in enumerate(self._pages):
            yield f"Doc_0/Pages/Page_{number}/Content.xml", self._content(objects, use)

    def _content(self, objects: list[str], template: str) -> str:
        return (
            f'<ofd:Page {_OFD}>{template}<ofd:Content><ofd:Layer ID="5" Type="Body">{"".join(objects)}</ofd:Layer>'
            "</ofd:Content></ofd:Page>"
        )


def _distances(steps: list[float], *, repeats: bool) -> str:
    words: list[str] = []
    index = 0
    while index < len(steps):
        count = 1
        while index + count < len(steps) and abs(steps[index + count] - steps[index]) < 1e-9:
            count += 1
        if repeats and count > 2:
            words.append(f"g {count} {steps[index]:.4f}")
        else:
            words.extend([f"{steps[index]:.4f}"] * count)
        index += count
    return " ".join(words)
