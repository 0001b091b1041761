"""What HTML and DOCX cells share: places cells with spans on a grid, builds the Grid of the model, sets off note marks.

Belongs here: the arithmetic of spans and the rule for raised digits. Does not belong here: any file format.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache

from extract.model import Grid, GridCell, Place

__all__ = ["PlacedCell", "SpanLayout", "grid_of", "is_note_mark", "moved_cell", "with_note_marks"]

PlacedCell = tuple[int, int, int, int, str]
"""Row, column, row span, column span and text. A tuple, because a big table makes a hundred thousand of them."""

_WIDEST = 4096
"""Columns beyond this are not placed apart: no form is that wide, and hostile spans would fill the memory."""


_NOTE_MARK = re.compile(r"\s*[\d①-⑳]{1,3}(?:\s*[,，、]\s*[\d①-⑳]{1,3})*\s*")

_PRINTED = re.compile(r"[^\s\0]")
"""A printed character; NUL stands for a line break among the pieces of HTML."""


def is_note_mark(text: str) -> bool:
    """True for digits that mark a note where they are raised or lowered: one number, or some with commas."""
    return _NOTE_MARK.fullmatch(text) is not None


def with_note_marks(pieces: Sequence[str], raised: Collection[int]) -> list[str]:
    """`pieces` of a text with those at the places `raised` in brackets, so that they add no digits to a number.

    Where nothing else is printed the raised digits are the number itself, and stay as they are.
    """
    if not any(_PRINTED.search(piece) for place, piece in enumerate(pieces) if place not in raised):
        return list(pieces)
    return [f"[{piece.strip()}]" if place in raised else piece for place, piece in enumerate(pieces)]


class SpanLayout:
    """Gives each cell of a row group the first free column, as browsers do, and clips spans so that no two overlap."""

    def __init__(self, cells: list[PlacedCell], first_row: int, end_row: int) -> None:
        self._cells = cells
        self._row = first_row - 1
        self._end_row = end_row
        self._column = 0
        self._taken_until: list[int] = []
        """For each column the first row in which it is free again."""
        self._any_until = 0

    def start_row(self) -> None:
        """Go on to the next row."""
        self._row += 1
        self._column = 0

    def place(self, text: str, row_span: int, column_span: int) -> None:
        """Put one cell at the first free place of the row."""
        row, column = self._row, self._column
        if row >= self._any_until and row_span == 1:
            # No cell reaches down into this row: the place is free, whatever the column span.
            self._column = column + column_span
            self._cells.append((row, column, 1, column_span, text))
            return
        taken = self._taken_until
        while column < len(taken) and taken[column] > row:
            column += 1
        if row_span > 1:
            row_span = min(row_span, self._end_row - row)
        width = 1
        while width < column_span and (column + width >= len(taken) or taken[column + width] <= row):
            width += 1
        self._column = column + column_span
        self._cells.append((row, column, row_span, width, text))
        if row_span > 1:
            end = min(column + width, _WIDEST)
            if len(taken) < end:
                taken.extend([0] * (end - len(taken)))
            until = row + row_span
            for index in range(column, end):
                taken[index] = until
            self._any_until = max(self._any_until, until)


def grid_of(cells: list[PlacedCell], row_count: int, table: int, *, is_aligned: bool = True) -> Grid:
    """The Grid of placed cells; `table` is its ordinal in the document, and places count from 1."""
    column_count = 0
    made: list[GridCell] = []
    append, new = made.append, _new
    set_row, set_column, set_text, set_place, set_row_span, set_column_span, set_doubt = _CELL_SETTERS
    for row, column, row_span, column_span, text in cells:
        if column + column_span > column_count:
            column_count = column + column_span
        if row < _USUAL_ROWS and column < _USUAL_COLUMNS and table <= _USUAL_TABLES:
            place = _usual_place(table, row + 1, column + 1)
        else:
            place = _new(Place)
            _set_page(place, None)
            _set_table(place, table)
            _set_place_row(place, row + 1)
            _set_place_column(place, column + 1)
            _set_line(place, None)
            _set_box(place, None)
        cell = new(GridCell)
        set_row(cell, row)
        set_column(cell, column)
        set_text(cell, text)
        set_place(cell, place)
        set_row_span(cell, row_span)
        set_column_span(cell, column_span)
        set_doubt(cell, "")
        append(cell)
    return Grid(tuple(made), row_count, column_count, Place(table=table), is_aligned)


_USUAL_TABLES, _USUAL_ROWS, _USUAL_COLUMNS = 8, 64, 24


@cache
def _usual_place(table: int, row: int, column: int) -> Place:
    """The place of a cell in a table as large as those of the forms; every report has the same, so they are shared."""
    return Place(table=table, row=row, column=column)


# A frozen dataclass fills its slots through object.__setattr__, at twice the cost of the slots' own setters; with three
# hundred cells a report, that was the largest part of reading a page. A test holds that both ways give equal cells.
_new = object.__new__
_set_page, _set_table, _set_place_row, _set_place_column, _set_line, _set_box = (
    Place.__dict__[name].__set__ for name in ("page", "table", "row", "column", "line", "box")
)
_CELL_SETTERS = tuple(
    GridCell.__dict__[name].__set__ for name in ("row", "column", "text", "place", "row_span", "column_span", "doubt")
)


def moved_cell(cell: GridCell, column: int) -> GridCell:
    """A cell as it stands in another column, without spans: as the constructor makes it, in a third of the time."""
    set_row, set_column, set_text, set_place, set_row_span, set_column_span, set_doubt = _CELL_SETTERS
    moved = _new(GridCell)
    set_row(moved, cell.row)
    set_column(moved, column)
    set_text(moved, cell.text)
    set_place(moved, cell.place)
    set_row_span(moved, 1)
    set_column_span(moved, 1)
    set_doubt(moved, cell.doubt)
    return moved
