"""A table on one page, and its way from lines and characters.

Belongs here: which character is in which cell, and the doubts about it. Does not belong here: pages, order of blocks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from extract.model import Box
from extract.readers.pdf.glyphs import Glyphs
from extract.readers.pdf.lattice import Lattice
from extract.readers.pdf.typeset import TextLine, text_lines

__all__ = ["PageCell", "PageTable", "set_in_tables"]

_SAME_BASE = 0.2
_DRAWN_ON = 0.2
"""A digit that follows at most so far behind another, in type sizes, is of the same number."""
_MARGIN = 0.08
_DASH = 6.0
_CUT = 2.5
"""Less than a digit's width: the page cuts off a border and no figure."""
_PAGE_NUMBER = re.compile(r"[-—–－~～·•]\s*\d{1,4}\s*[-—–－~～·•]")


@dataclass(slots=True)
class PageCell:
    """A cell of a table on one page: first row and column, spans, text, doubt as in `GridCell`, box."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    doubt: str
    box: Box
    page: int = 0


@dataclass
class PageTable:
    """A table on one page, or several pages once joined. `edges`: the places of its columns; flags as in `Grid`."""

    cells: list[PageCell]
    row_count: int
    edges: list[float]
    box: Box
    page: int = 0
    is_aligned: bool = True
    is_by_space: bool = False
    is_open_above: bool = False
    is_open_below: bool = False
    shown_box: Box | None = None
    columns: list[tuple[float, float]] = field(default_factory=list)
    """Where the columns of figures begin and end, in a table without upright rulings."""
    head: list[PageCell] = field(default_factory=list)
    tail: list[PageCell] = field(default_factory=list)
    """Cells of the first rows, and cells that reach the last row: kept while tables of many pages are joined."""

    @property
    def column_count(self) -> int:
        """The number of columns."""
        return len(self.edges) - 1


def set_in_tables(
    glyphs: Glyphs, lattices: list[Lattice], height: float, limits: Box
) -> tuple[list[PageTable], list[TextLine]]:
    """The tables with their text, in the order of `lattices`, and the lines outside of them.

    No ruling is shown outside of `limits`.
    """
    keys = np.full(len(glyphs), -1, np.int64)
    offsets: dict[int, int] = {}
    first = 0
    # A table inside a cell of another takes its characters first.
    for number in sorted(range(len(lattices)), key=lambda one: _area(lattices[one].box)):
        lattice = lattices[number]
        held = lattice.cells_at(glyphs.x, glyphs.y)
        mine = (keys < 0) & (held >= 0)
        keys[mine] = held[mine] + first
        offsets[number] = first
        first += len(lattice.cells)
    doubts = _cut_numbers(glyphs, keys)
    keys, glyphs = _without_foreign(glyphs, keys, doubts)
    by_cell: dict[int, list[TextLine]] = {}
    outside: list[TextLine] = []
    for line in text_lines(glyphs, keys):
        if line.key < 0:
            outside.append(line)
        elif not _is_page_number(line, height):
            by_cell.setdefault(line.key, []).append(line)
    tables = []
    for number, lattice in enumerate(lattices):
        cells = []
        xs, ys = lattice.xs, lattice.ys
        may_be_cut = xs[0] < limits[0] + _DASH or xs[-1] > limits[2] - _DASH
        for key, cell in enumerate(lattice.cells, offsets[number]):
            row, column, row_span, column_span = cell.row, cell.column, cell.row_span, cell.column_span
            box = (xs[column], ys[row], xs[column + column_span], ys[row + row_span])
            lines = by_cell.get(key, ())
            text = doubt = ""
            if lines:
                text = lines[0].text if len(lines) == 1 else "\n".join([line.text for line in lines])
                doubt = next((line.doubt for line in lines if line.doubt), "")
            if doubts and not doubt:
                doubt = doubts.get(key, "")
            if may_be_cut and _is_cut_off(lattice, box, lines, limits):
                doubt = "garbled_text"
            cells.append(PageCell(row, column, row_span, column_span, text, doubt, box))
        table = PageTable(
            cells,
            len(lattice.ys) - 1,
            lattice.xs,
            lattice.box,
            is_open_above=lattice.is_open_above,
            is_open_below=lattice.is_open_below,
        )
        tables.append(table if lattice.is_part else _with_rows_that_begin(table))
    return tables, outside


def _is_cut_off(lattice: Lattice, box: Box, lines: Sequence[TextLine], limits: Box) -> bool:
    """Whether a cell goes on where the page shows nothing more."""
    if box[0] < limits[0] - _CUT or box[2] > limits[2] + _CUT:
        return True
    # A border that is drawn in dashes ends with the last dash that is shown.
    if lattice.is_open_left and box[0] == lattice.xs[0] and box[0] < limits[0] + _DASH:
        return True
    if lattice.is_open_right and box[2] == lattice.xs[-1] and box[2] > limits[2] - _DASH:
        return True
    if box[0] >= limits[0] and box[2] <= limits[2]:
        return False
    return any(line.box[0] < limits[0] + 1 or line.box[2] > limits[2] - 1 for line in lines)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_page_number(line: TextLine, height: float) -> bool:
    """A page number that stands inside an open table."""
    return (line.box[3] < _MARGIN * height or line.box[1] > (1 - _MARGIN) * height) and _PAGE_NUMBER.fullmatch(
        line.text
    ) is not None


def _cut_numbers(glyphs: Glyphs, keys: NDArray[np.int64]) -> dict[int, str]:
    """Doubts about cells between which a number runs across the line: it is wider than its column."""
    codes = glyphs.codes
    is_digit = (codes >= 0x30) & (codes <= 0x39)
    order = np.lexsort((glyphs.starts, np.round(glyphs.bases / 2), glyphs.turns))
    one, other = order[:-1], order[1:]
    is_cut = (
        (keys[one] != keys[other])
        & is_digit[one]
        & is_digit[other]
        & (np.abs(glyphs.bases[one] - glyphs.bases[other]) < _SAME_BASE * glyphs.sizes[one])
        # One that stands before it begins the next line, set a little lower.
        & (glyphs.starts[other] >= glyphs.starts[one])
        & (glyphs.starts[other] - glyphs.ends[one] < _DRAWN_ON * glyphs.sizes[one])
    )
    cut = np.concatenate((keys[one[is_cut]], keys[other[is_cut]]))
    return {int(key): "joined_digits" for key in cut.tolist() if key >= 0}


def _without_foreign(
    glyphs: Glyphs, keys: NDArray[np.int64], doubts: dict[int, str]
) -> tuple[NDArray[np.int64], Glyphs]:
    """Without what a watermark leaves in a cell: pale characters among dark ones, turned ones among level ones.

    A cell that holds pale characters alone, on a page whose print is dark, is in doubt.
    """
    inside = keys >= 0
    pale = glyphs.is_light & inside
    turned = (glyphs.turns != 0) & inside
    if not pale.any() and not turned.any():
        return keys, glyphs
    dropped = np.zeros(len(glyphs), np.bool_)
    if pale.any() and 2 * int(glyphs.is_light.sum()) < len(glyphs):
        dark = set(keys[inside & ~glyphs.is_light].tolist())
        for index in np.flatnonzero(pale).tolist():
            key = int(keys[index])
            if key in dark:
                dropped[index] = True
            doubts.setdefault(key, "garbled_text")
    if turned.any():
        level = set(keys[inside & (glyphs.turns == 0)].tolist())
        for index in np.flatnonzero(turned).tolist():
            key = int(keys[index])
            if key in level:
                dropped[index] = True
                doubts.setdefault(key, "garbled_text")
    return keys[~dropped], glyphs.where(~dropped)


def _with_rows_that_begin(table: PageTable) -> PageTable:
    """The table without rows and columns in which no cell begins; lines of a neighbour's cell made them."""
    rows = sorted({cell.row for cell in table.cells})
    columns = sorted({cell.column for cell in table.cells})
    if len(rows) == table.row_count and len(columns) == table.column_count:
        return table
    row_of, column_of = _renumbered(rows, table.row_count), _renumbered(columns, table.column_count)
    cells = []
    for cell in table.cells:
        row, column = row_of[cell.row], column_of[cell.column]
        row_span = row_of[cell.row + cell.row_span] - row
        column_span = column_of[cell.column + cell.column_span] - column
        cells.append(replace(cell, row=row, column=column, row_span=row_span, column_span=column_span))
    table.cells = cells
    table.row_count = len(rows)
    table.edges = [table.edges[column] for column in columns] + [table.edges[-1]]
    return table


def _renumbered(kept: list[int], count: int) -> list[int]:
    """For each old number and the end, how many kept ones lie before it."""
    result = []
    position = 0
    for number in range(count + 1):
        while position < len(kept) and kept[position] < number:
            position += 1
        result.append(position)
    return result
