"""Which figure of a printed row of table 3 belongs to which applicant.

Two kinds of evidence: the columns in which cells stand, and the order in which figures are printed. A row whose cells
stand one under each header is read by columns; a row that visibly stands elsewhere is read by order, if exactly as many
figures are printed as there are columns. Sums choose between placements and refuse them; they never make one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from extract.forms.applicants import SUBTOTAL, Header
from extract.forms.lines import Fragment, Line
from extract.forms.values import parse_value

__all__ = ["Figures", "Placer", "fails"]

_SURELY_BETTER = 2
"""So many rows must speak for an order of columns that words alone do not settle."""

_MANY_ROWS = 5
"""A column that is blank in so many rows of figures is none of the form's."""

Placed = Mapping[str, Fragment]
_Test = Callable[[Placed, Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Figures:
    """A printed row: its line, its label cells, and the cells behind the last label."""

    line: Line
    labels: Sequence[Fragment]
    values: Sequence[Fragment]

    @property
    def is_blank(self) -> bool:
        """Whether no figure is printed."""
        return all([value.is_blank for value in self.values])


class Placer:
    """Places the rows that stand under one header. `rows` are all of them: what they share is evidence for each.

    `has_columns` says whether the header's columns are those of the rows' grid; `in_order`, whether the words above the
    table read in the statutory order as far as they go.
    """

    def __init__(
        self,
        columns: Sequence[str],
        header: Header | None,
        rows: Sequence[Figures],
        *,
        has_columns: bool,
        in_order: bool,
    ) -> None:
        self._columns = columns
        self._header = header
        self._rows = rows
        self._in_order = in_order
        self._spans = header.spans if header is not None and has_columns else None
        self._beside = header.subtotal_span if header is not None and self._spans else None
        self._first, self._end = header.edges if header is not None and self._spans else (0, 0)
        self._under: dict[tuple[int, ...], Mapping[str, int]] = {}

    def place(self, row: Figures) -> Placed | None:
        """The figures of a row by column code; None where their columns cannot be told.

        Beside the columns of the form, `SUBTOTAL` is the figure of a printed column of subtotals, where there is one.
        """
        if self._spans is not None and row.line.is_aligned:
            under = self._find_under(row.line)
            if len(under) == len(self._columns):
                placed = {code: row.line.cells[place] for code, place in under.items()}
                if not self._is_displaced(row, placed):
                    placed |= self._subtotal_under(row.line)
                    return placed if self._is_sure(row, placed) else None
            row = replace(row, values=row.line.split()[1] or row.values)
        return self._by_order(row)

    @cached_property
    def _width(self) -> int:
        """The first grid column right of all that the header prints, or that most rows print."""
        ends = Counter(row.line.cells[-1].end_column for row in self._rows)
        usual = [end for end, count in ends.items() if 2 * count > len(self._rows) > _SURELY_BETTER]
        return max([self._header.width if self._header is not None else 0, *usual])

    @cached_property
    def _figures_left(self) -> frozenset[tuple[int | None, int]]:
        """Grid and column of the figures that rows print left of the applicants: these rows have slipped to the left.

        A row of the same grid that is blank there has slipped with them, and its blank is its first figure.
        """
        return frozenset(
            (row.line.grid, cell.column)
            for row in self._rows
            for cell in row.values
            if cell.end_column <= self._first and not cell.is_blank
        )

    # By columns

    def _find_under(self, line: Line) -> Mapping[str, int]:
        """Which cell of a line stands under each column: the same for all rows whose cells have the same spans."""
        shape = tuple([edge for cell in line.cells for edge in (cell.column, cell.end_column)])
        found = self._under.get(shape)
        if found is None:
            found = {}
            for code, (start, end) in (self._spans or {}).items():
                under = [n for n, cell in enumerate(line.cells) if cell.column < end and cell.end_column > start]
                if len(under) > 1:
                    # A header over a column of figures and one that is blank in all rows.
                    under = [n for n in under if not self._is_never_filled(line, line.cells[n])]
                if len(under) == 1 and under[0] not in found.values():
                    # No cell, two cells, or one cell merged over several applicants: not a figure of this column.
                    found[code] = under[0]
            self._under[shape] = {code: found[code] for code in self._columns if code in found}
        return self._under[shape]

    def _is_never_filled(self, line: Line, cell: Fragment) -> bool:
        """Whether a cell stands in a column of its grid that is blank in all of its many rows."""
        return self._rows_of_grid[line.grid] >= _MANY_ROWS and all(
            (line.grid, column) not in self._ever_filled for column in range(cell.column, cell.end_column)
        )

    @cached_property
    def _rows_of_grid(self) -> Counter[int | None]:
        """The number of rows of each grid that print a figure."""
        return Counter(row.line.grid for row in self._rows if not row.is_blank)

    @cached_property
    def _ever_filled(self) -> frozenset[tuple[int | None, int]]:
        """Grid and column of all that rows print."""
        return frozenset(
            (row.line.grid, column)
            for row in self._rows
            for cell in row.line.cells
            if not cell.is_blank
            for column in range(cell.column, cell.end_column)
        )

    def _subtotal_under(self, line: Line) -> Placed:
        """The one cell of a line that stands in the column of subtotals and in no other; else nothing."""
        if self._beside is None:
            return {}
        start, end = self._beside
        under = [cell for cell in line.cells if cell.column < end and cell.end_column > start]
        is_own = len(under) == 1 and under[0].column >= start and under[0].end_column <= end
        return {SUBTOTAL: under[0]} if is_own else {}

    def _is_displaced(self, row: Figures, placed: Placed) -> bool:
        """Whether a row stands visibly beside the columns of the header: then a blank below a header means nothing."""
        header = self._header
        assert header is not None
        own = row.labels[-1] if row.labels else None
        is_full = not any([cell.is_blank for cell in placed.values()])
        first, width = self._first, self._width
        behind = own.end_column if own is not None else 0
        for cell in row.line.cells:
            if cell.end_column > width:
                # Right of everything the header and most rows print: a cell too many has pushed the row along.
                return True
            if cell is own and cell.end_column > first:
                return True
            is_left = behind <= cell.column and cell.end_column <= first
            if cell.is_blank and is_left and (row.line.grid, cell.column) in self._figures_left:
                return True
            if cell.is_blank or not cell.is_value:
                continue
            if is_left:
                return True
            if cell.column < self._end or header.heads(cell):
                continue
            # A token behind a full row may be a remark; a figure is one too many.
            if not is_full or any(map(str.isdigit, cell.text)):
                return True
        return False

    def _is_sure(self, row: Figures, placed: Placed) -> bool:
        """Whether a row whose first or last figure is blank can be no row that slipped by one cell.

        It can, if a blank cell beside the applicants would take it up; then its sum must not speak against it.
        """
        first, last = self._outer
        if placed[first].text and placed[last].text:
            return True
        if row.is_blank or not any([placed[code].text for code in self._columns]):
            return True
        if SUBTOTAL in placed and _subtotal_fails(placed, self._columns):
            # Beside a blank edge the columns of subtotals and totals take up a row that slipped.
            return False
        behind = row.labels[-1].end_column if row.labels else 0
        spare = [cell for cell in row.line.cells if cell.is_blank]
        is_left = any(behind <= cell.column and cell.end_column <= self._first for cell in spare)
        is_right = any(cell.column >= self._end and not (self._header and self._header.heads(cell)) for cell in spare)
        if (is_right and not placed[first].text) or (is_left and not placed[last].text):
            return not fails(placed, self._columns)
        return True

    @cached_property
    def _outer(self) -> tuple[str, str]:
        """The columns that stand first and last."""
        spans = self._spans or {}
        in_place = sorted(spans, key=lambda code: spans[code][0])
        return in_place[0], in_place[-1]

    # By order

    def _by_order(self, row: Figures) -> Placed | None:
        """Figures in the order of the columns, when exactly as many are printed as there are columns."""
        orders = self._orders
        if not orders:
            return self._all_alike(row)
        run = self._run(row, len(orders[0]))
        if run is None:
            return None
        found = [dict(_kept(order, run, self._columns)) for order in orders]
        return found[0] if all([_texts(one) == _texts(found[0]) for one in found]) else None

    def _all_alike(self, row: Figures) -> Placed | None:
        """Figures that are all the same stand so in any order; a lost column would still be missed."""
        has_subtotal = self._header is not None and self._header.has_subtotal
        run = self._run(row, len(self._columns) + has_subtotal)
        if run is None or (self._header is not None and self._header.is_crowded and not has_subtotal):
            return None
        if len({value.text for value in run}) != 1 or not run[0].text:
            return None
        return dict(zip((*self._columns, SUBTOTAL), run, strict=False))

    @cached_property
    def _orders(self) -> list[tuple[str, ...]]:
        """The orders in which the columns may be printed: one for certain, several between which a row may not tell."""
        header, columns = self._header, tuple(self._columns)
        if header is None or (header.slots is None and not header.has_subtotal and not header.is_crowded):
            return [columns] if self._in_order and not self._speaks_against(columns) else []
        if header.slots is None:
            return self._orders_by_sums(columns) if header.has_subtotal and self._in_order else []
        order = header.slots
        if not header.is_official and self._spans is None and not header.is_aligned:
            # A dump may have moved the words of the header: they are followed when one line gives them and sums close.
            # In statutory order but for the total, it is the total alone that may have moved, and that the sums tell:
            # its header may span the lines above the others, which a dump puts first.
            is_total_moved = _without(order, columns[-1]) == columns[:-1]
            if not (header.has_one_line or is_total_moved):
                return []
            orders = [order, columns] if is_total_moved and not header.has_one_line else [order]
            told = [(self._count(one, _closes), self._count(one, fails), one) for one in orders]
            sure = [one for closing, failing, one in told if closing >= max(_SURELY_BETTER, failing + 1)]
            return sure if len(sure) == 1 else []
        if SUBTOTAL in order and self._count(order, _subtotal_fails) > self._count(order, _subtotal_closes):
            return []
        return [order]

    def _speaks_against(self, columns: tuple[str, ...]) -> bool:
        """Whether the rows add up less often than not in an order that no header line gives whole."""
        closing, failing = self._count(columns, _closes), self._count(columns, fails)
        if failing <= closing:
            return False
        return failing >= _SURELY_BETTER or self._count((columns[-1], *columns[:-1]), _closes) > closing

    def _orders_by_sums(self, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Where a 小计 may stand among the organisations; one place if the sums of some rows allow that one alone."""
        orders = [(*columns[:place], SUBTOTAL, *columns[place:]) for place in range(1, len(columns))]
        closing = [set(self._rows_where(order, _subtotal_closes)) for order in orders]
        best = max(range(len(orders)), key=lambda place: len(closing[place]))
        others = [rows for place, rows in enumerate(closing) if place != best]
        is_sure = all(len(closing[best] - rows) >= _SURELY_BETTER and not rows - closing[best] for rows in others)
        return [orders[best]] if is_sure else orders

    def _rows_where(self, order: Sequence[str], test: _Test) -> Iterator[int]:
        for place, row in enumerate(self._rows):
            run = self._run(row, len(order))
            if run is not None and test(dict(zip(order, run, strict=True)), self._columns):
                yield place

    def _count(self, order: Sequence[str], test: _Test) -> int:
        return sum(1 for _ in self._rows_where(order, test))

    def _run(self, row: Figures, width: int) -> Sequence[Fragment] | None:
        """The `width` figures among the cells behind a label; None where it is not certain which they are."""
        values = row.values
        if len(values) < width:
            return None if row.line.is_aligned else _parted(values, width, self._columns)
        printed = [position for position, value in enumerate(values) if not value.is_blank]
        if not printed:
            return values if len(values) == width else None
        first, last = printed[0], printed[-1]
        if last - first + 1 == width:
            run = values[first : last + 1]
            is_padded = len(values) > width == len(self._columns)
            if is_padded and _shape(row) in self._wider and not _closes(self._in_columns(run), self._columns):
                # The table has a column more than the form has: the blank may stand for one of the form's figures.
                return None
            if is_padded and self._may_be_wider(row, run):
                return None
            if row.line.is_aligned and self._spans is not None and self._may_stand_elsewhere(values, run):
                return None
            return run
        if len(values) == width and (not row.line.is_aligned or self._spans is None):
            return values
        if row.line.is_aligned:
            # In a true grid a cell too many, or a blank at the edge of a row that stands elsewhere, is no padding.
            return None
        start = self._start_of(row, width)
        if start is None or not start <= first <= last < start + width <= len(values):
            return None
        run = values[start : start + width]
        # With a blank at its edge a row may have slipped by a cell; then its sum must not speak against it.
        if width != len(self._columns):
            return run
        if self._may_be_wider(row, run):
            return None
        here = dict(zip(self._columns, run, strict=True))
        return None if fails(here, self._columns) or self._closes_elsewhere(values, here) else run

    def _may_stand_elsewhere(self, values: Sequence[Fragment], run: Sequence[Fragment]) -> bool:
        """Whether a row of cells too many may as well keep a blank at its edge and have other cells too many."""
        if len(values) <= len(run) or len(run) != len(self._columns):
            return False
        if not any(value.is_blank for value in run):
            # As many figures as columns, none blank: the blanks beside them are the cells too many.
            return False
        if len(values) > len(run) + 1:
            return True
        edge = values[0] if values[0].is_blank else values[-1]
        if edge.column not in self._filled_columns:
            # No row has a figure there: the blank only pads them.
            return False
        others = ([*values[:at], *values[at + 1 :]] for at in range(len(values)))
        told = [value.text for value in run]
        return any(
            [value.text for value in other] != told and not fails(self._in_columns(other), self._columns)
            for other in others
        )

    def _closes_elsewhere(self, values: Sequence[Fragment], here: Placed) -> bool:
        """Whether the figures add up one or more cells further on, and not where they were taken to stand."""
        width = len(self._columns)
        others = (
            dict(zip(self._columns, values[at : at + width], strict=True)) for at in range(len(values) - width + 1)
        )
        return not _closes(here, self._columns) and any(_closes(other, self._columns) for other in others)

    def _start_of(self, row: Figures, width: int) -> int | None:
        """Where the figures of a flattened row begin behind its label; blank cells may pad it on either side.

        The header tells, if its line has as many cells, or else the rows of the same length that leave no choice.
        """
        before = len(row.line.cells) - len(row.values)
        known = self._known_starts.get(width)
        if known is None:
            seen: dict[tuple[int | None, int], set[int]] = {}
            for one in self._rows:
                printed = [position for position, value in enumerate(one.values) if not value.is_blank]
                if len(one.values) > width and printed and printed[-1] - printed[0] + 1 == width:
                    seen.setdefault(_shape(one), set()).add(len(one.line.cells) - len(one.values) + printed[0])
            for shape, start in self._header.starts(width).items() if self._header is not None else ():
                seen.setdefault(shape, set()).add(start)
            known = {shape: min(starts) for shape, starts in seen.items() if len(starts) == 1}
            self._known_starts[width] = known
        found = known.get(_shape(row))
        return None if found is None or found < before else found - before

    def _in_columns(self, run: Sequence[Fragment]) -> Placed:
        return dict(zip(self._columns, run, strict=True))

    @cached_property
    def _filled_columns(self) -> set[int]:
        """The grid columns in which rows print figures, a stray one apart."""
        filled = Counter(value.column for row in self._rows for value in row.values if not value.is_blank)
        return {column for column, count in filled.items() if count >= _SURELY_BETTER}

    @cached_property
    def _wider(self) -> set[tuple[int | None, int]]:
        """The shapes of which most rows print more figures than the form has columns; one may be pushed."""
        shapes = Counter(_shape(row) for row in self._rows if not row.is_blank)
        wide = Counter(_shape(row) for row in self._rows if _filled_width(row) > len(self._columns))
        return {shape for shape, count in wide.items() if 2 * count > shapes[shape]}

    def _may_be_wider(self, row: Figures, run: Sequence[Fragment]) -> bool:
        """Whether a blank of a run may be that of a column too many: the sum holds wherever the others stand."""
        return (row.line.grid, len(row.values)) in self._spread and any(value.is_blank for value in run)

    @cached_property
    def _spread(self) -> set[tuple[int | None, int]]:
        """Grids, and cells behind labels, of rows that together fill more columns than the form has, a stray apart."""
        filled: dict[tuple[int | None, int], Counter[int]] = {}
        for row in self._rows:
            own = filled.setdefault((row.line.grid, len(row.values)), Counter())
            own.update(place for place, value in enumerate(row.values) if not value.is_blank)
        told = {shape: [place for place, n in own.items() if n >= _SURELY_BETTER] for shape, own in filled.items()}
        return {shape for shape, own in told.items() if own and max(own) - min(own) >= len(self._columns)}

    @cached_property
    def _known_starts(self) -> dict[int, Mapping[tuple[int | None, int], int]]:
        return {}


def _filled_width(row: Figures) -> int:
    """From the first to the last figure printed behind a label."""
    printed = [position for position, value in enumerate(row.values) if not value.is_blank]
    return printed[-1] - printed[0] + 1 if printed else 0


def _shape(row: Figures) -> tuple[int | None, int]:
    """What rows of a flattened table share when their figures begin at the same place."""
    return row.line.grid, len(row.line.cells)


def _without(order: Sequence[str], code: str) -> tuple[str, ...]:
    return tuple([one for one in order if one != code])


def _kept(order: Sequence[str], run: Sequence[Fragment], columns: Sequence[str]) -> Iterator[tuple[str, Fragment]]:
    found = dict(zip(order, run, strict=True))
    return ((code, found[code]) for code in (*columns, SUBTOTAL) if code in found)


def _texts(placed: Placed) -> list[str]:
    return [fragment.text for fragment in placed.values()]


def _parted(values: Sequence[Fragment], width: int, columns: Sequence[str]) -> Sequence[Fragment] | None:
    """Figures of which some stand in one cell with a blank between, where that gives every column its figure.

    Digits with a blank between may be one number: they are two if the first is 0, or if the row adds up so.
    """
    parted = [replace(value, text=word) for value in values for word in value.text.split()]
    if len(parted) != width:
        return None
    joined = [value.text.split() for value in values if len(value.text.split()) > 1]
    if all(word == "0" for words in joined for word in words[:-1]) and joined:
        return parted
    if len(columns) != width:
        return None
    return parted if _closes(dict(zip(columns, parted, strict=True)), columns) else None


# What the sums of one row say


def _numbers(placed: Placed, columns: Sequence[str]) -> list[float | None]:
    return [parse_value(placed[code].text, "count").value if code in placed else None for code in columns]


def _closes(placed: Placed, columns: Sequence[str]) -> bool:
    """Whether the parts printed add up to a total that is not 0."""
    *parts, total = _numbers(placed, columns)
    return bool(total) and sum(part or 0 for part in parts) == total


def fails(placed: Placed, columns: Sequence[str]) -> bool:
    """Whether parts and a total are printed and the parts do not add up to the total."""
    *parts, total = _numbers(placed, columns)
    known = [part for part in parts if part is not None]
    return total is not None and bool(known) and sum(known) != total


def _subtotal(placed: Placed, columns: Sequence[str]) -> tuple[float | None, float]:
    """The 小计 of a row, and the sum of the organisations: all columns but the first and the last."""
    value = parse_value(placed[SUBTOTAL].text, "count").value
    return value, sum(part or 0 for part in _numbers(placed, columns[1:-1]))


def _subtotal_closes(placed: Placed, columns: Sequence[str]) -> bool:
    value, parts = _subtotal(placed, columns)
    return bool(value) and value == parts


def _subtotal_fails(placed: Placed, columns: Sequence[str]) -> bool:
    value, parts = _subtotal(placed, columns)
    return value is not None and value != parts
