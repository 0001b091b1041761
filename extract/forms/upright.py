"""Tables that a body prints lying on their side: rows of the form as columns, its columns as rows.

Such a grid is turned before it is read, so that every reader meets the table as the form prints it. The place of a cell
stays the one in the document.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.forms.declaration import load_forms
from extract.forms.labels import bare
from extract.model import Document, Grid, GridCell

__all__ = ["upright"]

_LISTS = frozenset({"t2", "t3"})
"""Tables of rows and columns; table 4 is read by its headers wherever they stand."""
_FIRST_ROWS = 3
_ENOUGH_ROWS = 5
"""So many rows of a long table, side by side, are its rows as columns."""
_ENOUGH_COLUMNS = 4
_ENOUGH_HEADERS = 2
_CORNERS = frozenset({"", "信息内容"})


@dataclass(frozen=True, slots=True)
class _Names:
    """The labels of a block: rows that carry figures, and columns."""

    rows: frozenset[str]
    columns: frozenset[str]
    is_long: bool


@lru_cache(maxsize=1)
def _blocks() -> tuple[_Names, ...]:
    return tuple(
        _Names(
            frozenset(label for label in block.rows_by_label if label not in block.columns_by_label),
            frozenset(block.columns_by_label),
            len(block.value_rows) > _ENOUGH_ROWS,
        )
        for edition in load_forms().editions.values()
        for table in edition.tables
        if table.id in _LISTS
        for block in table.blocks
    )


def upright(document: Document) -> Document:
    """The document with every grid that lies on its side turned; the same document where none does."""
    turned = {id(grid): _turned(grid) for grid in document.grids if _lies(grid)}
    if not turned:
        return document
    return replace(document, blocks=tuple(turned.get(id(block), block) for block in document.blocks))


def _lies(grid: Grid) -> bool:
    if grid.row_count < _ENOUGH_HEADERS or not (grid.is_aligned or _is_rectangular(grid)):
        return False
    for row in grid.rows[:_FIRST_ROWS]:
        labels = [bare(cell.text) for cell in row]
        for names in _blocks():
            across = [cell for cell, label in zip(row, labels, strict=True) if label in names.rows]
            if across and _is_headed(grid, names, across, row):
                return True
    return False


def _is_rectangular(grid: Grid) -> bool:
    return len({len(row) for row in grid.rows}) == 1


def _is_headed(grid: Grid, names: _Names, across: Sequence[GridCell], row: Sequence[GridCell]) -> bool:
    """Whether the columns of the form stand below one another, left of the rows printed across."""
    first = across[0]
    if first.column == 0 or first.column_span > 1 or (names.is_long and len(across) < _ENOUGH_ROWS):
        return False
    left = [cell for cell in row if cell.column < first.column]
    if not names.is_long and any(bare(cell.text) not in _CORNERS for cell in left):
        return False
    below = [cell for cell in _cells_below(grid, first.row) if cell.end_column == first.column]
    named = [cell for cell in below if bare(cell.text) in names.columns]
    if names.is_long:
        return len(named) >= _ENOUGH_COLUMNS
    return bool(named) and len(named) == len([cell for cell in below if cell.text.strip()])


def _cells_below(grid: Grid, row: int) -> Iterator[GridCell]:
    return (cell for cell in grid.cells if cell.row > row)


def _turned(grid: Grid) -> Grid:
    cells = [
        replace(cell, row=cell.column, column=cell.row, row_span=cell.column_span, column_span=cell.row_span)
        for cell in grid.cells
    ]
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Grid(tuple(cells), grid.column_count, grid.row_count, grid.place, grid.is_aligned)
