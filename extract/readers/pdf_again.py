"""PDF files to blocks once more: the second, independent reading, over pdfminer.six.

Belongs here: a reading that shares neither the library nor the method with `extract.readers.pdf`, so that a mistake of
one is not a mistake of the other. Does not belong here: scans, pages without rulings in all their forms: this reading
confirms or denies figures and is never the only one.

The first reading builds a lattice of lines and merges its fields. This one asks for each point of a page which lines
stand nearest around it: those four are its cell.
"""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTContainer, LTCurve, LTPage
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from extract.model import Block, Box, Document, DocumentFormat, Grid, GridCell, Paragraph, Place, Unreadable

__all__ = ["read_pdf_again"]

# pdfminer writes a line for every font and operator that it does not like.
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)

_MOST_PAGES = 300
_MOST_CHARACTERS = 400_000
_MOST_SHAPES = 400_000
_MOST_PROBES = 40_000
_THIN = 3.5
_SLACK = 2.0
"""How far a line may miss the point that it stands beside."""
_SAME = 3.0
"""Edges nearer than this are one edge."""
_SMALLEST_CELL = 4.0
_DOT = 4.0
_DIGITS = re.compile(r"[\d０-９.,，%+-]+")
_FIGURE = re.compile(r"[\s\d０-９.,，%+-]+|[/／—–]+|无")
_NUMBERED = re.compile(r"\s*(?:[一二三四五六七八九十]+\s*[、.．]|[（(][一二三四五六七八九十]+[)）]|\d+\s*[.．、)）])")
_PAGE_NUMBER = re.compile(r"[-—–－\s]*\d{1,4}[-—–－\s]*")
_MARKED_PAGE_NUMBER = re.compile(r"[-—–－]\s*\d{1,4}\s*[-—–－]")


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    left: float
    right: float
    base: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, self.base - 0.36 * self.size


@dataclass
class _Cell:
    box: Box
    letters: list[_Letter] = field(default_factory=list)


@dataclass
class _Rows:
    """A table: rows of cells as (first column, column span, row span, text, doubt, box, page)."""

    edges: list[float]
    rows: list[list["_Set"]]
    page: int
    box: Box
    shown: Box | None = None


@dataclass(frozen=True, slots=True)
class _Set:
    column: int
    column_span: int
    row_span: int
    text: str
    doubt: str
    box: Box
    page: int

    def shown_by(self, frame: "_Frame") -> "_Set":
        """The same cell with its box on the page as it is shown."""
        return replace(self, box=frame.shown(self.box))


def read_pdf_again(data: bytes) -> Document:
    """The blocks of a PDF file as pdfminer.six gives its characters and lines; raises Unreadable alone."""
    try:
        return Document(DocumentFormat.PDF, tuple(_blocks(data)))
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise Unreadable("encrypted_file", "The PDF is locked with a password. Add an unlocked copy.") from error
    except Unreadable:
        raise
    except Exception as error:
        # pdfminer raises whatever its parsing runs into: type, key, index and recursion errors among them.
        raise Unreadable("broken_pdf", f"The PDF is broken ({type(error).__name__}). Fetch it again.") from error


class _Device(PDFPageAggregator):
    """The page's objects without text that paints nothing."""

    def render_string(self, textstate: Any, *arguments: Any) -> None:
        if textstate.render not in (3, 7):
            super().render_string(textstate, *arguments)


def _blocks(data: bytes) -> Iterator[Block]:
    parts: list[tuple[int, str | _Rows, Box]] = []
    margins: dict[str, set[int]] = {}
    """Pages by the text of a line in their margin: what several pages print is a header or footer."""
    letters_left, shapes_left = _MOST_CHARACTERS, _MOST_SHAPES
    for number, layout in enumerate(_layouts(data), start=1):
        if number > _MOST_PAGES:
            raise Unreadable("too_many_pages", f"More than {_MOST_PAGES} pages are not read twice.")
        letters, lines, frame = _objects(layout)
        height = frame.height
        letters_left -= len(letters)
        shapes_left -= len(lines)
        if letters_left < 0 or shapes_left < 0:
            raise Unreadable("pdf_too_large", "The PDF holds more than is read twice.")
        for part, box in _page(letters, lines, number, height):
            is_margin = isinstance(part, str) and (box[3] < 0.1 * height or box[1] > 0.9 * height)
            if isinstance(part, _Rows):
                part.shown = frame.shown(part.box)
                part.rows = [[cell.shown_by(frame) for cell in row] for row in part.rows]
            parts.append((number, part, frame.shown(box)))
            if is_margin:
                margins.setdefault(_pattern(part), set()).add(number)
    tables = texts = 0
    for number, part, box in _joined([part for part in parts if len(margins.get(_pattern(part[1]), ())) < 2]):
        if isinstance(part, _Rows):
            tables += 1
            yield _grid(part, tables)
        else:
            texts += 1
            yield Paragraph(part, Place(page=number, line=texts, box=box))


def _pattern(part: str | _Rows) -> str:
    return re.sub(r"\d+", "0", part) if isinstance(part, str) else ""


def _layouts(data: bytes) -> Iterator[LTPage]:
    parser = PDFParser(io.BytesIO(data))
    document = PDFDocument(parser)
    resources = PDFResourceManager()
    device = _Device(resources, laparams=None)
    interpreter = PDFPageInterpreter(resources, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result()


class _Frame:
    """The page turned so that most of its text runs from left to right, y from the top down."""

    def __init__(self, characters: Sequence[LTChar], width: float, height: float) -> None:
        counts = {(1, 0): 0, (0, 1): 0, (-1, 0): 0, (0, -1): 0}
        for item in characters:
            counts[_direction(item)] = counts.get(_direction(item), 0) + 1
        self.across, self.up = max(tuple(counts)[:4], key=lambda one: counts[one])
        self._width, self._height = width, height
        self.height = height if self.across else width

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page (y from the bottom up) in the frame."""
        if self.across > 0:
            return x, self._height - y
        if self.across < 0:
            return self._width - x, y
        return (y, x) if self.up > 0 else (self._height - y, self._width - x)

    def box(self, box: tuple[float, float, float, float]) -> Box:
        """A box of the page in the frame."""
        (x, y), (other_x, other_y) = self.at(box[0], box[1]), self.at(box[2], box[3])
        return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)

    def shown(self, box: Box) -> Box:
        """A box of the frame on the page as it is shown."""
        left, top, right, bottom = box
        if self.across > 0:
            return box
        if self.across < 0:
            return self._width - right, self._height - bottom, self._width - left, self._height - top
        if self.up > 0:
            return top, self._height - right, bottom, self._height - left
        return self._width - bottom, left, self._width - top, right


def _direction(item: LTChar) -> tuple[int, int]:
    """The direction in which a character is read: across and up; (0, 0) for slanted ones."""
    a, b, *_ = item.matrix
    if abs(b) < 0.05 * abs(a):
        return (1 if a > 0 else -1), 0
    if abs(a) < 0.05 * abs(b):
        return 0, (1 if b > 0 else -1)
    return 0, 0


def _objects(layout: LTPage) -> tuple[list[_Letter], NDArray[np.float64], _Frame]:
    """Letters, and rulings as left, top, right, bottom, in the frame of the page."""
    characters: list[LTChar] = []
    shapes: list[LTCurve] = []
    stack: list[Any] = [layout]
    while stack and len(characters) <= _MOST_CHARACTERS and len(shapes) <= _MOST_SHAPES:
        item = stack.pop()
        if isinstance(item, LTChar):
            characters.append(item)
        elif isinstance(item, LTCurve):
            shapes.append(item)
        elif isinstance(item, LTContainer):
            stack.extend(reversed(list(item)))
    frame = _Frame(characters, layout.width, layout.height)
    lines = [ruling for item in shapes for ruling in _rulings(item, frame)]
    coloured = [frame.box(item.bbox) for item in shapes if item.fill and not _is_white(item.non_stroking_color)]
    letters = []
    for item in characters:
        letter = _letter(item, frame)
        if letter is not None:
            x, y = letter.middle
            # White letters are printed only where they stand on a colour.
            if not _is_white(item.graphicstate.ncolor) or any(
                left < x < right and top < y < bottom for left, top, right, bottom in coloured
            ):
                letters.append(letter)
    return _once(letters), np.array(lines, np.float64).reshape(-1, 4), frame


def _letter(item: LTChar, frame: _Frame) -> _Letter | None:
    text = item.get_text()
    direction = _direction(item)
    if not text.strip() or direction == (0, 0):
        return None  # a blank, or a slanted watermark
    if text.startswith("(cid:"):
        text = "\ufffd"
    left, top, right, bottom = frame.box(item.bbox)
    is_level = direction == (frame.across, frame.up)
    size = bottom - top if is_level else right - left
    if size < 1.5:
        return None
    # Vertical writing and turned text have no baseline of their own: it is put where it would be.
    _, base = frame.at(item.matrix[4], item.matrix[5])
    middle = (top + bottom) / 2
    if not is_level or abs(base - middle) > 0.75 * size:
        base = middle + 0.36 * size
    return _Letter(text, left, max(right, left + 0.1), base, size)


def _is_white(colour: Any) -> bool:
    parts = colour if isinstance(colour, tuple | list) else (colour,)
    if not parts or not all(isinstance(part, int | float) for part in parts):
        return False
    return sum(parts) == 0 if len(parts) == 4 else min(parts) >= 0.98


def _rulings(item: LTCurve, frame: _Frame) -> Iterator[Box]:
    if not (item.stroke or item.fill) or _is_white(item.stroking_color if item.stroke else item.non_stroking_color):
        return
    left, top, right, bottom = frame.box(item.bbox)
    if min(right - left, bottom - top) <= _THIN:
        yield left, top, right, bottom
    elif item.stroke:
        points = [frame.at(x, y) for x, y in item.pts]
        if len(points) > 2:
            points.append(points[0])
        for (x, y), (other_x, other_y) in pairwise(points):
            if min(abs(x - other_x), abs(y - other_y)) < 0.5:
                yield min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _once(letters: list[_Letter]) -> list[_Letter]:
    """Letters without those printed again at the same place: false bold and shadows."""
    kept: list[_Letter] = []
    seen: dict[tuple[str, int, int], list[_Letter]] = {}
    for letter in letters:
        column, row = int(letter.left // 2), int(letter.base // 2)
        near = (
            other
            for across in (-1, 0, 1)
            for down in (-1, 0, 1)
            for other in seen.get((letter.text, column + across, row + down), ())
        )
        reach = 0.15 * letter.size
        if any(abs(one.left - letter.left) < reach and abs(one.base - letter.base) < reach for one in near):
            continue
        seen.setdefault((letter.text, column, row), []).append(letter)
        kept.append(letter)
    return kept


def _without_gaps(lines: NDArray[np.float64], along: int) -> NDArray[np.float64]:
    """Lines of one direction (0 level, 1 upright) with the pieces of dashed ones put together."""
    if not len(lines):
        return lines
    across = 1 - along
    places = np.round((lines[:, across] + lines[:, across + 2]) / 2)
    result: list[list[float]] = []
    last = None
    for number in np.lexsort((lines[:, along], places)).tolist():
        line = lines[number].tolist()
        if last == places[number] and line[along] <= result[-1][along + 2] + _SAME:
            result[-1][along + 2] = max(result[-1][along + 2], line[along + 2])
        else:
            result.append(line)
            last = places[number]
    kept = [line for line in result if line[along + 2] - line[along] > _DOT]
    return np.array(kept, np.float64).reshape(-1, 4)


class _Rays:
    """The lines of a page, to be asked which of them stand around a point."""

    def __init__(self, lines: NDArray[np.float64]) -> None:
        width, height = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
        dot = np.maximum(width, height) <= _DOT
        self._level = _without_gaps(lines[(width >= height) | dot], 0)
        self._upright = _without_gaps(lines[(height > width) | dot], 1)

    def around(self, x: float, y: float) -> Box | None:
        """The box of the nearest lines around a point; a side that a page break left open ends with its lines."""
        beside = self._upright[(self._upright[:, 1] - _SLACK <= y) & (self._upright[:, 3] + _SLACK >= y)]
        centres = (beside[:, 0] + beside[:, 2]) / 2
        lefts, rights = beside[centres < x], beside[centres > x]
        if not len(lefts) or not len(rights):
            return None
        left = float(centres[centres < x].max())
        right = float(centres[centres > x].min())
        over = self._level[(self._level[:, 0] - _SLACK <= x) & (self._level[:, 2] + _SLACK >= x)]
        heights = (over[:, 1] + over[:, 3]) / 2
        above, below = heights[heights < y], heights[heights > y]
        if not len(above) and not len(below):
            return None
        ends = beside[np.abs(centres - left) < _SLACK]
        top, bottom = float(ends[:, 1].min()), float(ends[:, 3].max())
        if len(above) and (float(above.max()) >= top - _SAME or not len(below)):
            top = float(above.max())
        if len(below) and (float(below.min()) <= bottom + _SAME or not len(above)):
            bottom = float(below.min())
        if right - left < _SMALLEST_CELL or bottom - top < _SMALLEST_CELL:
            return None
        return left, top, right, bottom

    def lines_through(self, top: float, bottom: float) -> tuple[list[float], list[float]]:
        """Places of the upright lines that pass between two heights, and of the level lines beside them."""
        passing = self._upright[(self._upright[:, 1] < bottom - _SLACK) & (self._upright[:, 3] > top + _SLACK)]
        if not len(passing):
            return [], []
        top, bottom = float(passing[:, 1].min()) - _SLACK, float(passing[:, 3].max()) + _SLACK
        beside = self._level[(self._level[:, 1] >= top) & (self._level[:, 3] <= bottom)]
        heights = (beside[:, 1] + beside[:, 3]) / 2
        return ((passing[:, 0] + passing[:, 2]) / 2).tolist(), heights.tolist()


def _page(
    letters: list[_Letter], lines: NDArray[np.float64], number: int, height: float
) -> Iterator[tuple[str | _Rows, Box]]:
    """Lines of text and tables of one page, from the top down."""
    rays = _Rays(lines)
    cells: dict[tuple[int, ...], _Cell] = {}
    loose: list[_Letter] = []
    for letter in letters:
        box = rays.around(*letter.middle) if len(lines) else None
        if box is None:
            loose.append(letter)
        else:
            cells.setdefault(_rounded(box), _Cell(box)).letters.append(letter)
    parts: list[tuple[float, str | _Rows, Box]] = []
    for group in _tables(list(cells.values())):
        table = _table(group, rays, number, height)
        if table is None:
            loose.extend(letter for cell in group for letter in cell.letters)
        else:
            parts.append((table.box[1], table, table.box))
    for text, _, box in _text_lines(loose):
        if not (_PAGE_NUMBER.fullmatch(text) and (box[1] > 0.88 * height or box[3] < 0.12 * height)):
            parts.append((box[1], text, box))
    parts.sort(key=lambda part: part[0])
    for _, part, box in parts:
        yield part, box


def _rounded(box: Box) -> tuple[int, ...]:
    return tuple(round(side / _SAME) for side in box)


def _tables(cells: list[_Cell]) -> list[list[_Cell]]:
    """Cells in groups that follow each other without a gap."""
    groups: list[list[_Cell]] = []
    bottom = 0.0
    for cell in sorted(cells, key=lambda one: one.box[1]):
        if not groups or cell.box[1] > bottom + _SAME:
            groups.append([])
            bottom = 0.0
        groups[-1].append(cell)
        bottom = max(bottom, cell.box[3])
    return groups


def _edges(values: Iterator[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _SAME:
            edges.append(value)
    return edges


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda position: abs(edges[position] - value))


def _table(cells: list[_Cell], rays: _Rays, number: int, height: float) -> _Rows | None:
    """A group of cells as a table, blank cells found by asking in between; None for frames of one column."""
    xs = _edges(side for cell in cells for side in (cell.box[0], cell.box[2]))
    ys = _edges(side for cell in cells for side in (cell.box[1], cell.box[3]))
    more_xs, more_ys = rays.lines_through(ys[0], ys[-1])
    xs, ys = _edges(iter([*xs, *more_xs])), _edges(iter([*ys, *more_ys]))
    if len(xs) * len(ys) > _MOST_PROBES:
        return None
    found = [
        box
        for y, below in pairwise(ys)
        for x, right in pairwise(xs)
        if (box := rays.around((x + right) / 2, (y + below) / 2)) is not None
    ]
    xs = _edges(side for box in found for side in (box[0], box[2]))
    ys = _edges(side for box in found for side in (box[1], box[3]))
    if len(xs) < 3:
        return None
    taken: dict[tuple[int, int], _Set] = {}
    spans: dict[tuple[int, int], tuple[int, int, Box]] = {}
    for box in [*(cell.box for cell in cells), *found]:
        row, column = _nearest(ys, box[1]), _nearest(xs, box[0])
        spans.setdefault((row, column), (_nearest(ys, box[3]) - row, _nearest(xs, box[2]) - column, box))
    texts: dict[tuple[int, int], list[_Letter]] = {}
    for cell in cells:
        texts.setdefault((_nearest(ys, cell.box[1]), _nearest(xs, cell.box[0])), []).extend(cell.letters)
    for (row, column), (row_span, column_span, box) in spans.items():
        lines = [
            (text, doubt)
            for text, doubt, where in _text_lines(texts.get((row, column), []))
            if not (where[1] > 0.92 * height and _MARKED_PAGE_NUMBER.fullmatch(text))
        ]
        text = "\n".join(text for text, _ in lines)
        doubt = next((doubt for _, doubt in lines if doubt), "")
        taken[row, column] = _Set(column, max(1, column_span), max(1, row_span), text, doubt, box, number)
    rows = [[taken[place] for place in sorted(taken) if place[0] == row] for row in range(len(ys) - 1)]
    if all(len(row) <= 1 for row in rows):
        return None
    return _Rows(xs, rows, number, (xs[0], ys[0], xs[-1], ys[-1]))


def _text_lines(letters: list[_Letter]) -> list[tuple[str, str, Box]]:
    """Letters as lines: text, doubt, box."""
    lines: list[list[_Letter]] = []
    for letter in sorted(letters, key=lambda one: (one.base, one.left)):
        if lines and letter.base - lines[-1][-1].base < 0.4 * max(letter.size, lines[-1][-1].size):
            lines[-1].append(letter)
        else:
            lines.append([letter])
    result = []
    for line in lines:
        line.sort(key=lambda one: one.left)
        text, doubt = "", ""
        previous: _Letter | None = None
        for letter in line:
            if previous is not None:
                both_digits = (previous.text + letter.text).isdigit() and letter.text.isascii()
                end = min(previous.right, previous.left + 0.65 * previous.size) if both_digits else previous.right
                gap = (letter.left - end) / max(letter.size, previous.size)
                if both_digits and (letter.left - previous.left) / letter.size < 0.2:
                    doubt = "garbled_text"
                if gap > (0.2 if both_digits else 0.45):
                    text += " "
            text += letter.text
            previous = letter
        if "\ufffd" in text:
            doubt = "garbled_text"
        box = (
            min(one.left for one in line),
            min(one.base - one.size for one in line),
            max(one.right for one in line),
            max(one.base for one in line),
        )
        result.append((text, doubt, box))
    return result


def _joined(parts: list[tuple[int, str | _Rows, Box]]) -> list[tuple[int, str | _Rows, Box]]:
    """Parts with tables joined that go on at the top of the next page."""
    result: list[tuple[int, str | _Rows, Box]] = []
    for number, part, box in parts:
        previous = result[-1][1] if result else None
        if (
            isinstance(part, _Rows)
            and isinstance(previous, _Rows)
            and _last_page(previous) == number - 1
            and _go_together(previous, part)
        ):
            _append(previous, part)
        else:
            result.append((number, part, box))
    return result


def _last_page(table: _Rows) -> int:
    return max(cell.page for row in table.rows for cell in row)


def _go_together(table: _Rows, following: _Rows) -> bool:
    ends_agree = abs(table.edges[0] - following.edges[0]) < 6 and abs(table.edges[-1] - following.edges[-1]) < 6
    finer, coarser = sorted((table.edges, following.edges), key=len, reverse=True)
    places = [_nearest(finer, edge) for edge in coarser]
    return (
        ends_agree
        and len(set(places)) == len(places)
        and all(abs(finer[place] - edge) < 6 for place, edge in zip(places, coarser, strict=True))
    )


def _on_edges(table: _Rows, edges: Sequence[float]) -> list[list[_Set]]:
    """The rows of a table with columns counted on the edges of a finer one."""
    places = [_nearest(edges, edge) for edge in table.edges]
    return [
        [
            _Set(
                places[cell.column],
                places[min(cell.column + cell.column_span, len(places) - 1)] - places[cell.column],
                cell.row_span,
                cell.text,
                cell.doubt,
                cell.box,
                cell.page,
            )
            for cell in row
        ]
        for row in table.rows
    ]


def _append(table: _Rows, following: _Rows) -> None:
    if len(following.edges) > len(table.edges):
        table.rows = _on_edges(table, following.edges)
        table.edges = following.edges
    rows = _on_edges(following, table.edges)
    head = 0
    while head < min(len(rows), len(table.rows), 6) and _is_again(table.rows[head], rows[head]):
        head += 1
    rows = rows[head:]
    if rows and _is_rest(table.rows[-1], rows[0]):
        rest = {cell.column: cell for cell in rows[0]}
        table.rows[-1] = [
            _Set(
                cell.column,
                cell.column_span,
                cell.row_span,
                "\n".join(text for text in (cell.text, rest[cell.column].text if cell.column in rest else "") if text),
                cell.doubt or (rest[cell.column].doubt if cell.column in rest else ""),
                cell.box,
                cell.page,
            )
            for cell in table.rows[-1]
        ]
        rows = rows[1:]
    table.rows.extend(rows)


def _is_again(row: list[_Set], other: list[_Set]) -> bool:
    texts = ["".join(cell.text.split()) for cell in row]
    again = texts == ["".join(cell.text.split()) for cell in other]
    return again and any(texts) and not any(_FIGURE.fullmatch(text) for text in texts if text)


def _is_rest(row: list[_Set], following: list[_Set]) -> bool:
    """Whether a row holds only the rest of a label whose beginning and figures stand on the page before."""
    words = [cell.text for cell in following if cell.text.strip()]
    if not words or any(_FIGURE.fullmatch(text) or _NUMBERED.match(text) for text in words):
        return False
    begun = [cell.text for cell in row if cell.text.strip() and not _FIGURE.fullmatch(cell.text)]
    return any(_NUMBERED.match(text) for text in begun) and len(following) >= len(row)


def _grid(table: _Rows, number: int) -> Grid:
    cells = tuple(
        GridCell(
            row=row,
            column=cell.column,
            text=cell.text,
            place=Place(page=cell.page, table=number, row=row + 1, column=cell.column + 1, box=cell.box),
            row_span=min(cell.row_span, len(table.rows) - row),
            column_span=max(1, cell.column_span),
            doubt=cell.doubt,
        )
        for row, cells_of_row in enumerate(table.rows)
        for cell in cells_of_row
    )
    place = Place(page=table.page, table=number, box=table.shown)
    return Grid(cells, len(table.rows), len(table.edges) - 1, place)
