"""Tables and lines of text of one page, from its letters and lines.

Belongs here: the cell that each letter is in. Does not belong here: tables over pages (`joining`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from extract.model import Box
from extract.readers.pdf_again.layout import Frame, Letter
from extract.readers.pdf_again.rays import SAME, Rays

__all__ = ["Rows", "SetCell", "nearest", "parts_of"]

_MOST_PROBES = 40_000
_PAGE_NUMBER = re.compile(r"[-—–－\s]*\d{1,4}[-—–－\s]*")
_MARKED_PAGE_NUMBER = re.compile(r"[-—–－]\s*\d{1,4}\s*[-—–－]")


@dataclass
class _Cell:
    box: Box
    letters: list[Letter] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SetCell:
    """A cell of a row: first column, spans, text, doubt as in `GridCell`, box, page."""

    column: int
    column_span: int
    row_span: int
    text: str
    doubt: str
    box: Box
    page: int

    def shown_by(self, frame: "Frame") -> "SetCell":
        """The same cell with its box on the page as it is shown."""
        return replace(self, box=frame.shown(self.box))


@dataclass
class Rows:
    """A table: rows of cells as (first column, column span, row span, text, doubt, box, page)."""

    edges: list[float]
    rows: list[list["SetCell"]]
    page: int
    box: Box
    shown: Box | None = None


def parts_of(
    letters: list[Letter], lines: NDArray[np.float64], number: int, height: float
) -> Iterator[tuple[str | Rows, Box]]:
    """Lines of text and tables of one page, from the top down."""
    rays = Rays(lines)
    cells: dict[tuple[int, ...], _Cell] = {}
    loose: list[Letter] = []
    for letter in letters:
        box = rays.around(*letter.middle) if len(lines) else None
        if box is None:
            loose.append(letter)
        else:
            cells.setdefault(_rounded(box), _Cell(box)).letters.append(letter)
    parts: list[tuple[float, str | Rows, Box]] = []
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
    return tuple(round(side / SAME) for side in box)


def _tables(cells: list[_Cell]) -> list[list[_Cell]]:
    """Cells in groups that follow each other without a gap."""
    groups: list[list[_Cell]] = []
    bottom = 0.0
    for cell in sorted(cells, key=lambda one: one.box[1]):
        if not groups or cell.box[1] > bottom + SAME:
            groups.append([])
            bottom = 0.0
        groups[-1].append(cell)
        bottom = max(bottom, cell.box[3])
    return groups


def _edges(values: Iterator[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SAME:
            edges.append(value)
    return edges


def nearest(edges: Sequence[float], value: float) -> int:
    """The number of the edge nearest to a place."""
    return min(range(len(edges)), key=lambda position: abs(edges[position] - value))


def _table(cells: list[_Cell], rays: Rays, number: int, height: float) -> Rows | None:
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
    taken: dict[tuple[int, int], SetCell] = {}
    spans: dict[tuple[int, int], tuple[int, int, Box]] = {}
    for box in [*(cell.box for cell in cells), *found]:
        row, column = nearest(ys, box[1]), nearest(xs, box[0])
        spans.setdefault((row, column), (nearest(ys, box[3]) - row, nearest(xs, box[2]) - column, box))
    texts: dict[tuple[int, int], list[Letter]] = {}
    for cell in cells:
        texts.setdefault((nearest(ys, cell.box[1]), nearest(xs, cell.box[0])), []).extend(cell.letters)
    for (row, column), (row_span, column_span, box) in spans.items():
        lines = [
            (text, doubt)
            for text, doubt, where in _text_lines(texts.get((row, column), []))
            if not (where[1] > 0.92 * height and _MARKED_PAGE_NUMBER.fullmatch(text))
        ]
        text = "\n".join(text for text, _ in lines)
        doubt = next((doubt for _, doubt in lines if doubt), "")
        taken[row, column] = SetCell(column, max(1, column_span), max(1, row_span), text, doubt, box, number)
    rows = [[taken[place] for place in sorted(taken) if place[0] == row] for row in range(len(ys) - 1)]
    if all(len(row) <= 1 for row in rows):
        return None
    return Rows(xs, rows, number, (xs[0], ys[0], xs[-1], ys[-1]))


def _text_lines(letters: list[Letter]) -> list[tuple[str, str, Box]]:
    """Letters as lines: text, doubt, box."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: (one.base, one.left)):
        if lines and letter.base - lines[-1][-1].base < 0.4 * max(letter.size, lines[-1][-1].size):
            lines[-1].append(letter)
        else:
            lines.append([letter])
    result = []
    for line in lines:
        line.sort(key=lambda one: one.left)
        text, doubt = "", ""
        previous: Letter | None = None
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
