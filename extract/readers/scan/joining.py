"""Tables of pages recognised one by one that a page break cuts, put together again.

Two grids are one if nothing but a page number stands between them, their columns are the same, and the lower one has no
header of its own. Without that, rows of the lower part would have figures and no header.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from extract.model import Block, Grid, GridCell, Paragraph, Place

__all__ = ["joined_over_pages"]

_SAME_WIDTH = 5.0
"""Points by which the width of a column may differ between pages."""
_LEAST_LENGTH = 40.0
_PAGE_NUMBER = re.compile(r"[\s\-—–－一~～·•第共页/\d]{1,16}")
_FIGURE = re.compile(r"[\s\d０-９.,，%％/／+-]+|[-—–]+|无")
_ENUMERATED = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、．.,，]|[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）]|\d{1,2}\s*[.．、)）])"
)


def joined_over_pages(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with cut tables joined; tables are numbered again, in order."""
    result: list[Block] = []
    last: int | None = None
    """Where the last block stands that is no page number."""
    for block in blocks:
        if isinstance(block, Paragraph) and _PAGE_NUMBER.fullmatch(block.text):
            result.append(block)
            continue
        above = result[last] if last is not None else None
        if last is not None and isinstance(above, Grid) and isinstance(block, Grid):
            pair = _on_same_columns(above, block)
            if pair is not None:
                result[last] = _stacked(*pair)
                continue
        result.append(block)
        last = len(result) - 1
    number = 0
    for index, block in enumerate(result):
        if isinstance(block, Grid):
            number += 1
            if block.place.table != number:
                result[index] = _renumbered(block, number)
    return result


def _on_same_columns(above: Grid, below: Grid) -> tuple[Grid, Grid] | None:
    """Both on the columns of the finer one if they are parts of one table; None if they are two tables."""
    if not (above.is_aligned and below.is_aligned) or _last_page(above) + 1 != (below.place.page or 0):
        return None
    one, other = _widths(above, _last_page(above)), _widths(below, below.place.page)
    if len(one) <= len(other):
        starts = _starts(one, other)
        pair = (_spread(above, starts), below) if starts else None
    else:
        starts = _starts(other, one)
        pair = (above, _spread(below, starts)) if starts else None
    return pair if pair and not _repeats_head(above, below) else None


def _starts(coarse: Sequence[float], fine: Sequence[float]) -> list[int] | None:
    """The fine column in which each coarse one begins, and the end; None where the widths do not agree.

    A width of 0 is not known; it agrees with any, one for one.
    """
    starts = [0]
    for wanted in coarse:
        at = starts[-1]
        if at >= len(fine):
            return None
        end, width = at + 1, fine[at]
        while wanted and width and end < len(fine) and fine[end] and width + fine[end] <= wanted + _tolerance(wanted):
            width += fine[end]
            end += 1
        if wanted and width and abs(width - wanted) > _tolerance(wanted):
            return None
        starts.append(end)
    known = sum(1 for width in coarse if width)
    return starts if starts[-1] == len(fine) and 2 * known >= len(coarse) else None


def _tolerance(width: float) -> float:
    return max(_SAME_WIDTH, 0.1 * width)


def _spread(grid: Grid, starts: Sequence[int]) -> Grid:
    """The grid with its columns counted on finer ones."""
    if starts[-1] == grid.column_count:
        return grid
    cells = []
    for cell in grid.cells:
        column, end = starts[cell.column], starts[cell.end_column]
        place = replace(cell.place, column=column + 1)
        cells.append(replace(cell, column=column, column_span=end - column, place=place))
    return replace(grid, cells=tuple(cells), column_count=starts[-1])


def _last_page(grid: Grid) -> int:
    return max(cell.place.page or 0 for cell in grid.cells)


def _widths(grid: Grid, page: int | None) -> list[float]:
    """The width of each column on one page, 0 where no cell tells. Two scans lie differently, but are equally wide.

    The box of a tilted cell is wider than the cell, by its height times the tilt.
    """
    tilt = _tilt(grid, page)
    found: list[list[float]] = [[] for _ in range(grid.column_count)]
    for cell in grid.cells:
        if cell.column_span == 1 and cell.place.box is not None and cell.place.page == page:
            left, top, right, bottom = cell.place.box
            found[cell.column].append((right - left - tilt * (bottom - top)) / (1 - tilt**2))
    return [median(widths) if widths else 0.0 for widths in found]


def _tilt(grid: Grid, page: int | None) -> float:
    """How far rows fall or rise for each point to the right."""
    slopes = []
    for row in grid.rows:
        boxes = [cell.place.box for cell in row if cell.place.box and cell.place.page == page and cell.row_span == 1]
        if len(boxes) > 1 and boxes[-1][0] - boxes[0][0] > _LEAST_LENGTH:
            slopes.append((boxes[-1][1] - boxes[0][1]) / (boxes[-1][0] - boxes[0][0]))
    return min(0.2, abs(median(slopes))) if slopes else 0.0


def _repeats_head(above: Grid, below: Grid) -> bool:
    """Whether the first printed row of the lower grid is the first row of the upper one: a header printed again."""
    one, other = _head(above), _head(below)
    return bool(other) and len(set(one) & set(other)) * 2 >= len(set(other)) and not all(map(_FIGURE.fullmatch, other))


def _head(grid: Grid) -> list[str]:
    for row in grid.rows:
        if texts := [re.sub(r"\s", "", cell.text) for cell in row if cell.text.strip()]:
            return texts
    return []


def _stacked(above: Grid, below: Grid) -> Grid:
    """The rows of both; a row or a merged label that the break cuts is one again."""
    last = {cell.column: cell for cell in above.cells if cell.end_row == above.row_count}
    is_split = _is_split_row(above, below, last)
    shift = above.row_count - (1 if is_split else 0)
    grown: dict[tuple[int, int], GridCell] = {}
    rest: list[GridCell] = []
    for cell in below.cells:
        upper = last.get(cell.column) if cell.row == 0 else None
        is_half = upper is not None and upper.column_span == cell.column_span
        if upper is not None and is_half and (is_split or _is_continued(upper, cell)):
            texts = [text for text in (upper.text, cell.text) if text]
            grown[upper.row, upper.column] = replace(
                upper,
                text="\n".join(texts),
                row_span=shift + cell.row_span - upper.row,
                doubt=upper.doubt or cell.doubt,
            )
        else:
            place = replace(cell.place, table=above.place.table, row=cell.row + shift + 1)
            rest.append(replace(cell, row=cell.row + shift, place=place))
    kept = [grown.get((cell.row, cell.column), cell) for cell in above.cells]
    return Grid((*kept, *rest), shift + below.row_count, above.column_count, above.place, above.is_aligned)


def _is_split_row(above: Grid, below: Grid, last: Mapping[int, GridCell]) -> bool:
    """Whether the last row above and the first below are one: a label goes on, and one half has the figures."""
    first = {cell.column: cell for cell in below.cells if cell.row == 0}
    if first.keys() != last.keys() or any(first[at].column_span != last[at].column_span for at in first):
        return False
    pairs = [(last[at].text.strip(), first[at].text.strip()) for at in first if last[at].row == above.row_count - 1]
    labels = [(one, other) for one, other in pairs if one and other]
    if not labels or any(_FIGURE.fullmatch(one) or _FIGURE.fullmatch(other) for one, other in labels):
        return False
    figures = [bool(one) for one, other in pairs if _FIGURE.fullmatch(one or other or "x")]
    is_one_half = bool(figures) and (all(figures) or not any(figures))
    return is_one_half and all(_ENUMERATED.match(other) is None for _, other in labels)


def _is_continued(upper: GridCell, lower: GridCell) -> bool:
    """Whether a cell at the head of a page is the rest of a merged label above the break."""
    if upper.row_span == 1 and lower.row_span == 1:
        return False
    one, other = upper.text.strip(), lower.text.strip()
    if _FIGURE.fullmatch(one) or _FIGURE.fullmatch(other):
        return False
    if not other:
        return True
    return bool(one) and _ENUMERATED.match(one) is not None and _ENUMERATED.match(other) is None


def _renumbered(grid: Grid, number: int) -> Grid:
    def placed(place: Place) -> Place:
        return replace(place, table=number)

    cells: Sequence[GridCell] = [replace(cell, place=placed(cell.place)) for cell in grid.cells]
    return replace(grid, cells=tuple(cells), place=placed(grid.place))
