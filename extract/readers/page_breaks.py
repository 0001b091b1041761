"""Tables that a page break cuts in two, put together again.

Belongs here: what may stand between the parts, and when two grids are one. Does not belong here: any file format.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from extract.model import Block, Grid, GridCell, Paragraph

__all__ = ["joined_over_pages"]

_DASHES = r"[\s\-—–~·]*"
_PAGE_NUMBER = re.compile(rf"{_DASHES}(?:第\s*)?\d{{1,4}}(?:\s*页)?(?:\s*[/,，共]+\s*\d{{1,4}}\s*页?)?{_DASHES}")
_SAME_COLUMN = 3.0
"""Borders of two pages at most so far apart, in points, are one column border."""


def joined_over_pages(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of all pages, tables that go on on the next page as one grid.

    Tables are one if their columns lie at the same places and nothing stands between them but page numbers and what is
    printed at the same place of several pages; that follows the grid.
    """
    repeated = _repeated(blocks)
    joined: list[Block] = []
    open_grid: int | None = None
    """Where in `joined` the grid stands after which nothing of its own came."""
    tables = 0
    for block in blocks:
        if isinstance(block, Paragraph):
            if not _PAGE_NUMBER.fullmatch(block.text) and _print_of(block) not in repeated:
                open_grid = None
            joined.append(block)
            continue
        if open_grid is not None:
            first = joined[open_grid]
            assert isinstance(first, Grid)
            whole = _joined_grids(first, block)
            if whole is not None:
                joined[open_grid] = whole
                continue
        tables += 1
        open_grid = len(joined)
        joined.append(_numbered(block, tables))
    return joined


def _print_of(paragraph: Paragraph) -> tuple[str, int, int]:
    box = paragraph.place.box or (0.0, 0.0, 0.0, 0.0)
    return paragraph.text, round(box[0]), round(box[1])


def _repeated(blocks: Sequence[Block]) -> set[tuple[str, int, int]]:
    """Running titles: the same text at the same place of several pages."""
    pages: dict[tuple[str, int, int], set[int | None]] = {}
    for block in blocks:
        if isinstance(block, Paragraph):
            pages.setdefault(_print_of(block), set()).add(block.place.page)
    return {text for text, on in pages.items() if len(on) > 1}


def _joined_grids(grid: Grid, following: Grid) -> Grid | None:
    """Both grids as one; None if the second is a table of its own."""
    last, first = grid.cells[-1].place.page, following.place.page
    if last is None or first is None or first != last + 1 or not (grid.is_aligned and following.is_aligned):
        return None
    before, after = _edges(grid), _edges(following)
    # The first row of a header has fewer columns than the rows that follow it on the next page.
    few, many = sorted((before, after), key=len)
    if len(few) < 2 or abs(few[0] - many[0]) > _SAME_COLUMN or abs(few[-1] - many[-1]) > _SAME_COLUMN:
        return None
    if any(min(abs(edge - other) for other in many) > _SAME_COLUMN for edge in few):
        return None
    table = grid.place.table
    cells = [_on_columns(cell, before, many) for cell in grid.cells]
    for cell in following.cells:
        moved = _on_columns(cell, after, many)
        cells.append(replace(moved, row=cell.row + grid.row_count, place=replace(cell.place, table=table)))
    return Grid(tuple(cells), grid.row_count + following.row_count, len(many) - 1, grid.place)


def _edges(grid: Grid) -> list[float]:
    """The places of the column borders."""
    edges: dict[int, float] = {}
    for cell in grid.cells:
        if cell.place.box is not None:
            edges.setdefault(cell.column, cell.place.box[0])
            edges.setdefault(cell.end_column, cell.place.box[2])
    return [edges[column] for column in sorted(edges)] if len(edges) == grid.column_count + 1 else []


def _on_columns(cell: GridCell, own: list[float], edges: list[float]) -> GridCell:
    """The cell with its columns counted by other borders."""
    if len(own) == len(edges):
        return cell
    left, right = (
        min(range(len(edges)), key=lambda index: abs(edges[index] - own[column]))
        for column in (cell.column, cell.end_column)
    )
    return replace(cell, column=left, column_span=max(right - left, 1))


def _numbered(grid: Grid, table: int) -> Grid:
    if grid.place.table == table:
        return grid
    cells = tuple(replace(cell, place=replace(cell.place, table=table)) for cell in grid.cells)
    return replace(grid, cells=cells, place=replace(grid.place, table=table))
