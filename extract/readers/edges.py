"""What DOC and RTF cells share: rows that say where each cell's edges lie become a Grid.

Belongs here: edges to columns, merges by flags. Does not belong here: any file format.

Both formats describe every row by itself, by the distance of its cell edges from the margin, in twips (a twentieth of a
point). Edges that a hand or another program moved by a hair are one column edge; two edges of one row never are.
"""

from bisect import bisect_left
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from extract.model import Grid, Unreadable
from extract.readers.spans import PlacedCell, grid_of

__all__ = ["EdgeCell", "Merge", "RowShape", "filled_row", "grid_of_rows", "needs_converter"]

_HAIR = 100
"""Edges of different rows at most so far apart (1.8 mm) are one. No column of the forms is as narrow."""

_MOST_CELLS_WIDE = 64
"""Both formats end a row there."""


def needs_converter(why: str) -> Unreadable:
    """The refusal of a file that only a full word processor can be trusted with; `why` is a sentence."""
    return Unreadable(
        "needs_converter",
        f"{why} LibreOffice can convert it: install it (`apt-get install libreoffice-writer-nogui`) and run the same "
        "command again.",
    )


class Merge(Enum):
    """How a cell takes part in a merge, across or down."""

    NONE = 0
    FIRST = 1
    COVERED = 2


class RowShape(NamedTuple):
    """Where the cells of a row lie: one edge more than there are cells, and the merges of each cell."""

    edges: tuple[int, ...]
    across: tuple[Merge, ...]
    down: tuple[Merge, ...]


class EdgeCell(NamedTuple):
    """One cell by the distance of its edges."""

    left: int
    right: int
    text: str
    down: Merge


def filled_row(shape: RowShape, texts: Sequence[str]) -> list[EdgeCell]:
    """The cells of a row with their texts; cells merged across are one. Raises Unreadable where the two disagree."""
    count = len(shape.across)
    if count != len(texts):
        raise needs_converter(f"A table row declares {count} cells and holds {len(texts)}.")
    if count > _MOST_CELLS_WIDE:
        raise needs_converter(f"A table row declares {count} cells, more than a word processor makes.")
    if any(right <= left for left, right in zip(shape.edges, shape.edges[1:], strict=False)):
        raise needs_converter("A table row holds cells without width.")
    cells: list[EdgeCell] = []
    may_cover = False
    for number, text in enumerate(texts):
        left, right = shape.edges[number : number + 2]
        if shape.across[number] is Merge.COVERED and may_cover:
            _must_be_blank(text)
            cells[-1] = cells[-1]._replace(right=right)
            continue
        if shape.across[number] is Merge.COVERED:
            raise needs_converter("A table cell is merged with one that is not there.")
        may_cover = shape.across[number] is Merge.FIRST
        cells.append(EdgeCell(left, right, text, shape.down[number]))
    return cells


def _must_be_blank(text: str) -> None:
    # Programs differ in what they print of it: nothing, or both texts as one.
    if text and not text.isspace():
        raise needs_converter("A table cell that is covered by a merged one holds text.")


def grid_of_rows(rows: Sequence[Sequence[EdgeCell]], table: int) -> Grid:
    """The rows of one table as a grid; `table` is its ordinal in the document."""
    columns = _columns(rows)
    cells: list[list[int | str]] = []
    reaching: dict[tuple[int, int], list[int | str]] = {}
    """The cell that a covered cell between these columns belongs to."""
    for index, row in enumerate(rows):
        still_reaching: dict[tuple[int, int], list[int | str]] = {}
        for cell in row:
            first, end = columns[cell.left], columns[cell.right]
            above = reaching.get((first, end)) if cell.down is Merge.COVERED else None
            if above is not None:
                _must_be_blank(cell.text)
                above[2] = index - int(above[0]) + 1
            else:
                above = [index, first, 1, end - first, cell.text]
                cells.append(above)
            if cell.down is not Merge.NONE:
                still_reaching[first, end] = above
        reaching = still_reaching
    placed: list[PlacedCell] = [(int(r), int(c), int(rs), int(cs), str(text)) for r, c, rs, cs, text in cells]
    return grid_of(placed, len(rows), table)


def _columns(rows: Sequence[Sequence[EdgeCell]]) -> dict[int, int]:
    """The column that begins at each edge. Edges a hair apart are one column edge unless one row has both."""
    rows_at: dict[int, set[int]] = {}
    shapes: dict[tuple[int, ...], int] = {}
    for row in rows:
        edges = tuple(sorted({edge for cell in row for edge in cell[:2]}))
        shape = shapes.setdefault(edges, len(shapes))
        for edge in edges:
            rows_at.setdefault(edge, set()).add(shape)
    edges_in_order = sorted(rows_at)
    columns: dict[int, int] = {}
    start = 0
    column = -1
    while start < len(edges_in_order):
        first = edges_in_order[start]
        end = bisect_left(edges_in_order, first + _HAIR + 1, start)
        column += 1
        seen: set[int] = set()
        for edge in edges_in_order[start:end]:
            if seen & rows_at[edge]:
                break
            seen |= rows_at[edge]
            columns[edge] = column
            start += 1
    return columns
