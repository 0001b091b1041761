"""Ruling lines to tables: which lines belong together, and the cells that they bound with their exact spans.

Belongs here: the geometry of lines. Does not belong here: text, PDFium.

Lines that touch are one table. Its columns and rows are the places of its lines; two fields are one cell where no line
parts them. A table that a page break cuts has no line at the break: its verticals reach beyond the last level line, and
a border is put where they end.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from extract.readers.pdf.pdfium import Floats

__all__ = ["Lattice", "LatticeCell", "Rulings", "lattices_of", "merged_rulings"]

_SNAP = 2.5
"""Lines closer than this are one line: a border drawn for each of two cells, or a double border."""
_GAP = 3.0
"""Pieces of a line with a gap of at most this are one line: dotted, or cut where another line crosses."""
_TOUCH = 3.0
_SHORTEST = 5.0
_BEYOND = 5.0
"""A line that reaches this far beyond the last one across it ends at an open border."""
_NARROWEST = 4.0
"""No column or row is as narrow: no character fits in."""
_LEAST = 0.75
"""A row or column without characters is no narrower than this, in type sizes."""
_LEAST_COVER = 0.5
_MOST_LINES = 2_000
_MOST_FIELDS = 60_000


@dataclass(frozen=True)
class Rulings:
    """Merged lines: level ones as y, left, right and upright ones as x, top, bottom."""

    level: Floats
    upright: Floats


@dataclass(slots=True)
class LatticeCell:
    """A cell between lines: its first row and column and its spans."""

    row: int
    column: int
    row_span: int
    column_span: int


@dataclass
class Lattice:
    """One table: the places of its columns and rows, its cells, and the cell of each field (-1 for none)."""

    xs: list[float]
    ys: list[float]
    cells: list[LatticeCell]
    owners: NDArray[np.int64]
    is_open_above: bool = False
    is_open_below: bool = False
    is_open_left: bool = False
    is_open_right: bool = False
    level: list[tuple[float, float, float]] = field(default_factory=list)
    is_part: bool = False
    """Whether it is a part of a table that a page break cuts, with the columns of the whole."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    @property
    def is_table(self) -> bool:
        """Whether it has two columns somewhere: frames and boxes behind paragraphs have one."""
        return any(cell.column_span < len(self.xs) - 1 for cell in self.cells)

    def cells_at(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """The number of the cell at each point, -1 outside."""
        column = np.searchsorted(self.xs, x) - 1
        row = np.searchsorted(self.ys, y) - 1
        inside = (column >= 0) & (column < len(self.xs) - 1) & (row >= 0) & (row < len(self.ys) - 1)
        return np.where(inside, self.owners[np.where(inside, row, 0), np.where(inside, column, 0)], -1)

    def without_slits(self, x: Floats, y: Floats, size: float) -> "Lattice":
        """The same without rows and columns in which no character has room: what lies between borders drawn twice.

        Each cell may have a border of its own, or a second one inside of it. `x` and `y` are where characters stand,
        `size` is their usual type size.
        """
        if min(np.diff(self.xs).min(), np.diff(self.ys).min()) >= _LEAST * size:
            return self
        numbers = {number for number in self.cells_at(x, y).tolist() if number >= 0}
        held = [self.cells[number] for number in sorted(numbers)]
        spans_of_rows = [(cell.row, cell.row + cell.row_span - 1) for cell in held]
        rows, ys = _without_narrow(self.ys, spans_of_rows, _LEAST * size)
        spans_of_columns = [(cell.column, cell.column + cell.column_span - 1) for cell in held]
        columns, xs = _without_narrow(self.xs, spans_of_columns, _LEAST * size)
        if not rows or not columns:
            return self
        owners = np.full((len(rows), len(columns)), -1, np.int64)
        cells: list[LatticeCell] = []
        for number, cell in enumerate(self.cells):
            if number not in numbers and self._is_slit(cell, _LEAST * size):
                continue
            own_rows = [at for at, row in enumerate(rows) if 0 <= row - cell.row < cell.row_span]
            own_columns = [at for at, one in enumerate(columns) if 0 <= one - cell.column < cell.column_span]
            if own_rows and own_columns:
                owners[own_rows[0] : own_rows[-1] + 1, own_columns[0] : own_columns[-1] + 1] = len(cells)
                cells.append(LatticeCell(own_rows[0], own_columns[0], len(own_rows), len(own_columns)))
        return replace(self, xs=xs, ys=ys, cells=cells, owners=owners)

    def _is_slit(self, cell: LatticeCell, least: float) -> bool:
        width = self.xs[cell.column + cell.column_span] - self.xs[cell.column]
        height = self.ys[cell.row + cell.row_span] - self.ys[cell.row]
        return min(width, height) < least

    def moved(self, down: float) -> "Lattice":
        """The same further down."""
        level = [(y + down, left, right) for y, left, right in self.level]
        return replace(self, ys=[y + down for y in self.ys], level=level)

    def cut(self, breaks: Sequence[float]) -> "list[Lattice] | None":
        """The parts between level lines at these heights, with all columns; a cell across one gives two halves."""
        rows = [0, *(_nearest(self.ys, y) for y in breaks), len(self.ys) - 1]
        if any(first >= end for first, end in pairwise(rows)):
            return None
        if not breaks:
            return [self]
        return [self._between(first, end) for first, end in pairwise(rows)]

    def _between(self, first: int, end: int) -> "Lattice":
        owners = np.full((end - first, len(self.xs) - 1), -1, np.int64)
        cells: list[LatticeCell] = []
        for cell in self.cells:
            top, bottom = max(cell.row, first) - first, min(cell.row + cell.row_span, end) - first
            if top < bottom:
                owners[top:bottom, cell.column : cell.column + cell.column_span] = len(cells)
                cells.append(LatticeCell(top, cell.column, bottom - top, cell.column_span))
        ys = self.ys[first : end + 1]
        level = [line for line in self.level if ys[0] - 1 <= line[0] <= ys[-1] + 1]
        return replace(self, xs=list(self.xs), ys=ys, cells=cells, owners=owners, level=level, is_part=True)


def _without_narrow(
    places: Sequence[float], spans: Sequence[tuple[int, int]], least: float
) -> tuple[list[int], list[float]]:
    """The intervals between places that stay, and where they begin, and the last ends.

    `spans` are the first and last intervals of cells with characters. A narrow interval in which none of them ends goes
    to the next one, else one in which none begins to the one before.
    """
    firsts, lasts = {first for first, _ in spans}, {last for _, last in spans}
    kept: list[int] = []
    edges: list[float] = []
    begun: float | None = None
    for number, (one, other) in enumerate(pairwise(places)):
        if other - one >= least or (number in firsts and number in lasts):
            kept.append(number)
            edges.append(one if begun is None else begun)
            begun = None
        elif number in lasts:
            begun = None
        elif begun is None:
            begun = one
    return kept, [*edges, places[-1]]


def merged_rulings(shapes: Floats) -> Rulings:
    """Thin shapes (left, top, right, bottom) as lines; what lies on one line and meets is one."""
    if not len(shapes):
        return Rulings(np.zeros((0, 3)), np.zeros((0, 3)))
    left, top, right, bottom = shapes[:, 0], shapes[:, 1], shapes[:, 2], shapes[:, 3]
    width, height = right - left, bottom - top
    # A dot of a dotted line may belong to a level or an upright one.
    is_dot = np.maximum(width, height) <= 4.0
    level, upright = (width >= height) | is_dot, (height > width) | is_dot
    return Rulings(
        _merged((top[level] + bottom[level]) / 2, left[level], right[level]),
        _merged((left[upright] + right[upright]) / 2, top[upright], bottom[upright]),
    )


def _merged(places: Floats, starts: Floats, ends: Floats) -> Floats:
    """Lines of one direction: place across, start, end."""
    if not len(places):
        return np.zeros((0, 3))
    order = np.argsort(places, kind="stable")
    clusters = np.zeros(len(places), np.int64)
    number, first = 0, float(places[order[0]])
    for position, place in enumerate(places[order].tolist()):
        if place - first > _SNAP:
            number, first = number + 1, place
        clusters[order[position]] = number
    order = np.lexsort((starts, clusters))
    result: list[tuple[float, float, float]] = []
    current, weight, moment, start, end = -1, 0.0, 0.0, 0.0, 0.0
    place_of: dict[int, tuple[float, float]] = {}
    pieces: list[tuple[int, float, float]] = []
    rows = zip(
        clusters[order].tolist(), places[order].tolist(), starts[order].tolist(), ends[order].tolist(), strict=True
    )
    for cluster, place, one, other in rows:
        if cluster != current or one > end + _GAP:
            if current >= 0:
                pieces.append((current, start, end))
            if cluster != current:
                weight = moment = 0.0
            current, start, end = cluster, one, other
        else:
            end = max(end, other)
        length = max(other - one, 0.01)
        weight, moment = weight + length, moment + length * place
        place_of[cluster] = (moment, weight)
    pieces.append((current, start, end))
    for cluster, start, end in pieces:
        if end - start >= _SHORTEST:
            moment, weight = place_of[cluster]
            result.append((moment / weight, start, end))
    return np.array(result, np.float64).reshape(-1, 3)


def lattices_of(rulings: Rulings) -> list[Lattice]:
    """The tables that the lines draw, from the top down; frames of one cell included."""
    level, upright = _longest(rulings.level), _longest(rulings.upright)
    if len(level) < 1 or len(upright) < 1:
        return []
    touching = (
        (level[:, None, 1] - _TOUCH <= upright[None, :, 0])
        & (upright[None, :, 0] <= level[:, None, 2] + _TOUCH)
        & (upright[None, :, 1] - _TOUCH <= level[:, None, 0])
        & (level[:, None, 0] <= upright[None, :, 2] + _TOUCH)
    )
    lattices = []
    for rows, columns in _components(touching):
        if len(rows) + len(columns) >= 3:
            lattice = _lattice(level[rows], upright[columns])
            if lattice is not None:
                lattices.append(lattice)
    return sorted(lattices, key=lambda lattice: (lattice.ys[0], lattice.xs[0]))


def _longest(lines: Floats) -> Floats:
    if len(lines) <= _MOST_LINES:
        return lines
    return lines[np.argsort(lines[:, 1] - lines[:, 2], kind="stable")[:_MOST_LINES]]


def _components(touching: NDArray[np.bool_]) -> list[tuple[list[int], list[int]]]:
    """Groups of level and upright lines that touch, directly or through others."""
    level_left, upright_left = set(range(touching.shape[0])), set(range(touching.shape[1]))
    of_level = [np.flatnonzero(row).tolist() for row in touching]
    of_upright = [np.flatnonzero(column).tolist() for column in touching.T]
    groups = []
    while level_left:
        seed = min(level_left)
        level_left.discard(seed)
        rows, columns, waiting = [seed], [], [(0, seed)]
        while waiting:
            kind, line = waiting.pop()
            if kind == 0:
                for other in of_level[line]:
                    if other in upright_left:
                        upright_left.discard(other)
                        columns.append(other)
                        waiting.append((1, other))
            else:
                for other in of_upright[line]:
                    if other in level_left:
                        level_left.discard(other)
                        rows.append(other)
                        waiting.append((0, other))
        if columns:
            groups.append((sorted(rows), sorted(columns)))
    return groups


def _lattice(level: Floats, upright: Floats) -> Lattice | None:
    """One table with its open borders closed; None if its lines bound nothing."""
    level, is_open_above, is_open_below = _closed(level, upright)
    upright, is_open_left, is_open_right = _closed(upright, level)
    xs, ys = _places(upright), _places(level)
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > _MOST_FIELDS:
        return None
    parts_rows = _present(level, ys, xs)
    """[y, column]: a line lies at this y under or over this column."""
    parts_columns = _present(upright, xs, ys)
    """[x, row]: a line lies at this x beside this row."""
    cells, owners = _cells(parts_rows, parts_columns, len(ys) - 1, len(xs) - 1)
    lines = [(float(y), float(left), float(right)) for y, left, right in level]
    if not cells:
        return None
    return Lattice(xs, ys, cells, owners, is_open_above, is_open_below, is_open_left, is_open_right, lines)


def _closed(lines: Floats, across: Floats) -> tuple[Floats, bool, bool]:
    """`lines` with one more before and after, where at least two lines `across` reach beyond the first or last."""
    first, last = float(lines[:, 0].min()), float(lines[:, 0].max())
    added: list[tuple[float, float, float]] = []
    before = across[across[:, 1] < first - _BEYOND]
    after = across[across[:, 2] > last + _BEYOND]
    is_open_before = len(before) >= 2
    is_open_after = len(after) >= 2
    if is_open_before:
        added.append((float(before[:, 1].min()), float(before[:, 0].min()), float(before[:, 0].max())))
    if is_open_after:
        added.append((float(after[:, 2].max()), float(after[:, 0].min()), float(after[:, 0].max())))
    if added:
        lines = np.vstack((lines, np.array(added)))
    return lines, is_open_before, is_open_after


def _places(lines: Floats) -> list[float]:
    """The distinct places of lines, in order."""
    places: list[float] = []
    for place in sorted(lines[:, 0].tolist()):
        if not places or place - places[-1] >= _NARROWEST:
            places.append(place)
    return places


def _nearest(places: list[float], place: float) -> int:
    position = bisect_left(places, place)
    if position == len(places) or (position > 0 and place - places[position - 1] <= places[position] - place):
        position -= 1
    return position


def _present(lines: Floats, own: list[float], along: list[float]) -> NDArray[np.bool_]:
    """For each place and each interval along it, whether a line is drawn there."""
    starts, ends = np.array(along[:-1]), np.array(along[1:])
    covers = np.minimum(ends, lines[:, 2:3]) - np.maximum(starts, lines[:, 1:2])
    cover = np.zeros((len(own), len(along) - 1))
    np.add.at(cover, [_nearest(own, place) for place in lines[:, 0].tolist()], np.maximum(covers, 0))
    result: NDArray[np.bool_] = cover >= _LEAST_COVER * (ends - starts)
    return result


def _cells(
    parts_rows: NDArray[np.bool_], parts_columns: NDArray[np.bool_], row_count: int, column_count: int
) -> tuple[list[LatticeCell], NDArray[np.int64]]:
    """Cells in reading order, and the cell of each field; what is open to the outside on two sides is no cell."""
    owners = np.full((row_count, column_count), -1, np.int64)
    cells = _rectangles(parts_rows.tolist(), parts_columns.tolist(), row_count, column_count)
    if cells is None:
        cells = _regions(parts_rows, parts_columns, row_count, column_count)
    for number, cell in enumerate(cells):
        owners[cell.row : cell.row + cell.row_span, cell.column : cell.column + cell.column_span] = number
    return cells, owners


def _rectangles(
    below: list[list[bool]], beside: list[list[bool]], row_count: int, column_count: int
) -> list[LatticeCell] | None:
    """The cells of a table all of whose lines are drawn from side to side; None for any other."""
    if not all(below[0]) or not all(below[row_count]) or not all(beside[0]) or not all(beside[column_count]):
        return None
    is_taken = [[False] * column_count for _ in range(row_count)]
    cells = []
    for row in range(row_count):
        for column in range(column_count):
            if is_taken[row][column]:
                continue
            right, bottom = column + 1, row + 1
            while right < column_count and not beside[right][row]:
                right += 1
            while bottom < row_count and not below[bottom][column]:
                bottom += 1
            if bottom - row > 1 or right - column > 1:
                for inner in range(row, bottom):
                    if not beside[column][inner] or not beside[right][inner]:
                        return None
                    for number in range(column, right):
                        is_line = below[inner][number]
                        if is_taken[inner][number] or is_line != (inner == row):
                            return None
                        if number > column and beside[number][inner]:
                            return None
                        is_taken[inner][number] = True
                if not all(below[bottom][column:right]):
                    return None
            cells.append(LatticeCell(row, column, bottom - row, right - column))
    return cells


def _regions(
    parts_rows: NDArray[np.bool_], parts_columns: NDArray[np.bool_], row_count: int, column_count: int
) -> list[LatticeCell]:
    """The cells of any table: fields that no line parts, as rectangles or in strips."""
    parents = list(range(row_count * column_count))

    def root(one: int) -> int:
        while parents[one] != one:
            parents[one] = parents[parents[one]]
            one = parents[one]
        return one

    for row, column in np.argwhere(~parts_columns[1:-1].T).tolist():
        parents[root(row * column_count + column + 1)] = root(row * column_count + column)
    for row, column in np.argwhere(~parts_rows[1:-1]).tolist():
        parents[root((row + 1) * column_count + column)] = root(row * column_count + column)
    regions: dict[int, list[int]] = {}
    for one in range(row_count * column_count):
        regions.setdefault(root(one), []).append(one)
    cells: list[LatticeCell] = []
    for fields in regions.values():
        places = [divmod(one, column_count) for one in fields]
        rows, columns = [row for row, _ in places], [column for _, column in places]
        top, bottom, left, right = min(rows), max(rows), min(columns), max(columns)
        if (bottom - top + 1) * (right - left + 1) == len(fields):
            open_sides = (
                (left == 0 and not parts_columns[0, top : bottom + 1].any())
                + (right == column_count - 1 and not parts_columns[-1, top : bottom + 1].any())
                + (top == 0 and not parts_rows[0, left : right + 1].any())
                + (bottom == row_count - 1 and not parts_rows[-1, left : right + 1].any())
            )
            if open_sides < 2:
                cells.append(LatticeCell(top, left, bottom - top + 1, right - left + 1))
        elif not _is_outside(places, parts_rows, parts_columns):
            cells.extend(_strips(places))
    return sorted(cells, key=lambda cell: (cell.row, cell.column))


def _is_outside(places: list[tuple[int, int]], parts_rows: NDArray[np.bool_], parts_columns: NDArray[np.bool_]) -> bool:
    """Whether fields that form no rectangle lie open to the outside: the space beside steps of a table."""
    row_count, column_count = parts_columns.shape[1], parts_rows.shape[1]
    return any(
        (row == 0 and not parts_rows[0, column])
        or (row == row_count - 1 and not parts_rows[-1, column])
        or (column == 0 and not parts_columns[0, row])
        or (column == column_count - 1 and not parts_columns[-1, row])
        for row, column in places
    )


def _strips(places: list[tuple[int, int]]) -> list[LatticeCell]:
    """Fields that form no rectangle as one cell for each run in a row."""
    cells = []
    places = sorted(places)
    start = places[0]
    for one, following in pairwise((*places, (-1, -1))):
        if following != (one[0], one[1] + 1):
            cells.append(LatticeCell(start[0], start[1], 1, one[1] - start[1] + 1))
            start = following
    return cells
