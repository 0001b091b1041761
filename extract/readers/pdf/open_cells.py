"""Cells of a table without upright rulings: which words are one cell, and which row of figures a label belongs to.

Belongs here: labels and their places. Does not belong here: figures and columns (`figure_columns`), headers
(`open_headers`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.model import Box
from extract.readers.pdf.measures import CLOSE, LARGEST_PITCH, SAME_ROW, USUAL_PITCH
from extract.readers.pdf.typeset import Piece
from extract.readers.pdf.widths import Span, touch
from extract.readers.pdf.words import ENUMERATED, Word, around, overlaps

__all__ = [
    "Cell",
    "Level",
    "Slot",
    "by_place",
    "cells_of",
    "gaps_at_numbers",
    "is_aligned_at_top",
    "is_over",
    "row_below",
    "row_beside",
    "spanning_labels",
]

_UPRIGHT_PITCH = 1.4
"""Characters beside rows of figures and farther apart than this, in type sizes, are the units of the rows."""
_OFF_CENTRE = 0.6
_HEADING_PITCH = 1.5
_LEVEL = 0.1
_TOP_PITCH = 1.6
"""Lines of a label are nearer to each other than this, in type sizes, where it begins level with its figures."""
_ENOUGH_LABELS = 3
"""Labels of several lines at least that tell how all labels of a table are set beside their figures."""

Level = Sequence[tuple[float, float, float]]
"""Level rulings as y, left, right."""
Slot = tuple[str, str, Box]
"""A cell of a row: text, doubt, box."""


@dataclass(slots=True)
class Cell:
    """Words one below the other."""

    words: list[Word]

    @property
    def start(self) -> float:
        """Where it begins."""
        return min(word.piece.start for word in self.words)

    @property
    def end(self) -> float:
        """Where it ends."""
        return max(word.piece.end for word in self.words)

    @property
    def span(self) -> Span:
        """Where it begins and ends."""
        return self.start, self.end

    @property
    def first(self) -> float:
        """The baseline of its first line."""
        return self.words[0].base

    @property
    def last(self) -> float:
        """The baseline of its last line."""
        return self.words[-1].base

    @property
    def centre(self) -> float:
        """The middle between those."""
        return (self.first + self.last) / 2

    @property
    def text(self) -> str:
        """Its text, line by line."""
        return "\n".join(word.piece.text for word in self.words)

    @property
    def doubt(self) -> str:
        """The doubt about one of its words, if any."""
        return next((word.doubt for word in self.words if word.doubt), "")

    @property
    def box(self) -> Box:
        """The box around its words."""
        return around([word.piece.box for word in self.words])


def cells_of(labels: Sequence[Word], rows: Sequence[Sequence[Word]], level: Level, left: float) -> list[Cell]:
    """Words in cells: those that follow each other closely, one over the other."""
    ordered = sorted(labels, key=lambda one: (one.base, one.piece.start))
    bases = [row[0].base for row in rows]

    def is_beside(word: Word) -> bool:
        return any(abs(base - word.base) <= SAME_ROW * word.size for base in bases)

    over = {round(word.base) for word in ordered if word.piece.end > left}
    """Heights at which words stand over the figures: headers, which no label goes on from."""

    def is_header(word: Word) -> bool:
        return round(word.base) in over and not is_beside(word)

    following: list[tuple[float, int, int]] = []
    around: list[float] = []
    for number, word in enumerate(ordered):
        for other_number in range(number + 1, len(ordered)):
            other = ordered[other_number]
            pitch = (other.base - word.base) / max(word.size, other.size)
            if pitch > LARGEST_PITCH:
                break
            if pitch > 0.6 and overlaps(word.piece, other.piece) and not _is_parted(word, other, level):
                beside = is_beside(word), is_beside(other)
                is_upright = len(word.piece.text) == len(other.piece.text) == 1
                if is_upright and not (all(beside) and pitch > _UPRIGHT_PITCH):
                    following.append((0.0, number, other_number))
                elif (
                    not all(beside)
                    and not (is_header(word) and beside[1])
                    and not (is_header(other) and beside[0])
                    and not _is_over_several(word, other, ordered)
                    and not ENUMERATED.match(other.piece.text)
                ):
                    following.append((pitch, number, other_number))
                    if not any(beside) and any(word.base < base < other.base for base in bases):
                        around.append(pitch)
                break
    # Two lines of a label with its figures between them tell how close the lines of a label are.
    closest = min(around or [min(pitch, USUAL_PITCH) for pitch, _, _ in following if pitch > 0], default=0.0)
    cell_of = {number: Cell([word]) for number, word in enumerate(ordered)}
    for pitch, number, other_number in following:
        is_heading = (
            pitch <= _HEADING_PITCH
            and ordered[other_number].base < min(bases)
            and _is_under(ordered[number].piece, ordered[other_number].piece, ordered[number].size)
        )
        if is_heading or pitch <= CLOSE * closest:
            one, other_cell = cell_of[number], cell_of[other_number]
            if one is not other_cell:
                one.words.extend(other_cell.words)
                for position, cell in cell_of.items():
                    if cell is other_cell:
                        cell_of[position] = one
    cells = list({id(cell): cell for cell in cell_of.values()}.values())
    for cell in cells:
        cell.words.sort(key=lambda word: (word.base, word.piece.start))
    return cells


def _is_over_several(word: Word, other: Word, words: Sequence[Word]) -> bool:
    """Whether one of two words, one over the other, has several neighbours on the other's line: a common heading."""

    def count(one: Word, base: float) -> int:
        return sum(
            abs(third.base - base) <= 0.1 * one.size
            and min(one.piece.end, third.piece.end) - max(one.piece.start, third.piece.start) > 0.2 * one.size
            for third in words
        )

    return count(word, other.base) > 1 or count(other, word.base) > 1


def _is_under(one: Piece, other: Piece, size: float) -> bool:
    """Whether two pieces have one middle or one left edge."""
    return abs(one.start + one.end - other.start - other.end) < size or abs(one.start - other.start) < 0.3 * size


def _is_parted(word: Word, other: Word, level: Level) -> bool:
    """Whether a level ruling lies between two words."""
    x = (max(word.piece.start, other.piece.start) + min(word.piece.end, other.piece.end)) / 2
    return any(left <= x <= right and word.middle < y < other.middle for y, left, right in level)


def is_aligned_at_top(labels: Sequence[Word], rows: Sequence[Sequence[Word]], left: float) -> bool:
    """Whether figures stand level with the first line of their label, and the others below it.

    Beside each row of figures stands a line of a label, none closely above it, and below several of them the next line
    of the same label. Where labels stand in the middle of their rows, a line is closely above the figures.
    """
    own = [word for word in labels if word.piece.end < left]
    below = 0
    for row in rows:
        level = [word for word in own if abs(word.base - row[0].base) <= _LEVEL * word.size]
        if not level:
            return False
        label = max(level, key=lambda word: word.piece.start)
        near = [one for one in own if overlaps(one.piece, label.piece)]
        if any(0 < label.base - one.base <= _TOP_PITCH * one.size for one in near):
            return False
        below += any(0 < one.base - label.base <= _TOP_PITCH * one.size for one in near)
    return below >= _ENOUGH_LABELS


def gaps_at_numbers(labels: Sequence[Word], rows: Sequence[Sequence[Word]], left: float) -> list[Span]:
    """Where columns of labels part: to the left of a number that stands beside another label, level with figures."""
    gaps: list[Span] = []
    for row in rows:
        level = [
            word for word in labels if word.piece.end < left and abs(word.base - row[0].base) <= _LEVEL * word.size
        ]
        level.sort(key=lambda word: word.piece.start)
        gaps += [
            (one.piece.end, other.piece.start)
            for one, other in pairwise(level)
            if ENUMERATED.match(other.piece.text) and one.piece.end < other.piece.start
        ]
    return gaps


def row_below(cell: Cell, rows: Sequence[Sequence[Word]]) -> int | None:
    """The row of figures that the first line of a label stands level with."""
    reach = _LEVEL * cell.words[0].size
    return next((number for number, row in enumerate(rows) if abs(row[0].base - cell.first) <= reach), None)


def row_beside(cell: Cell, rows: Sequence[Sequence[Word]], level: Level) -> int | None:
    """The one row of figures that a label stands beside; None for a header, or a label of several rows."""
    reach = 0.5 * cell.words[0].size
    near = [number for number, row in enumerate(rows) if cell.first - reach <= row[0].base <= cell.last + reach]
    if len(near) == 1:
        return near[0]
    if near or not level:
        return None
    # Between two rulings with one row of figures, every word belongs to it.
    x, y = (cell.start + cell.end) / 2, cell.centre - 0.36 * cell.words[0].size
    above = max((at for at, left, right in level if left <= x <= right and at < y), default=None)
    below = min((at for at, left, right in level if left <= x <= right and at > y), default=None)
    if above is None or below is None:
        return None
    inside = [number for number, row in enumerate(rows) if above < row[0].middle < below]
    return inside[0] if len(inside) == 1 else None


def spanning_labels(
    rows: Sequence[Sequence[Word]], beside: Sequence[Sequence[Cell]], loose: Sequence[Cell]
) -> list[tuple[int, int, Cell]]:
    """Labels of several rows with the first row and the one after the last, where their places tell it.

    Such a label stands in the middle of its rows, to the left of their own labels. Nothing is told unless every one of
    them fits and none of the rows is left over.
    """
    own = [max(cells, key=lambda cell: cell.start) if cells else None for cells in beside]
    groups = [*loose, *(cell for cells, last in zip(beside, own, strict=True) for cell in cells if cell is not last)]
    groups.sort(key=lambda cell: cell.centre)
    if not groups:
        return []
    reach = max(cell.end for cell in groups)
    if reach > min(word.piece.start for figures in rows for word in figures):
        return []
    tops, bottoms = [], []
    for figures, cell in zip(rows, own, strict=True):
        size = figures[0].size
        heights = [figures[0].base, *([cell.first, cell.last] if cell else [])]
        tops.append(min(heights) - size)
        bottoms.append(max(heights))
    borders = [(bottom + top) / 2 for bottom, top in zip(bottoms, tops[1:], strict=False)]
    borders = [2 * tops[0] - borders[0] + bottoms[0] - tops[0] if borders else tops[0], *borders]
    borders.append(2 * bottoms[-1] - borders[-1] - bottoms[-1] + tops[-1] if len(rows) > 1 else bottoms[-1])
    result: list[tuple[int, int, Cell]] = []
    row = 0
    waiting = list(groups)
    while row < len(rows):
        cell = own[row]
        if cell is None or cell.start <= reach:
            row += 1
            continue
        stop = row
        while stop < len(rows) and (last := own[stop]) is not None and last.start > reach:
            stop += 1
        start = row
        while start < stop:
            if not waiting:
                return []
            group = waiting.pop(0)
            middle = group.centre - 0.36 * group.words[0].size
            ends = range(start + 1, stop + 1)
            end = min(ends, key=lambda one: abs((borders[start] + borders[one]) / 2 - middle))
            if abs((borders[start] + borders[end]) / 2 - middle) > _OFF_CENTRE * group.words[0].size:
                return []
            result.append((start, end, group))
            start = end
        row = stop
    return result if not waiting else []


def by_place(cells: Sequence[Cell]) -> list[Slot]:
    """Cells of a row, from the left to the right."""
    return [(cell.text, cell.doubt, cell.box) for cell in sorted(cells, key=lambda one: one.start)]


def is_over(one: Cell, other: Cell) -> bool:
    """Whether two cells share some of their width."""
    return touch(one.span, other.span)
