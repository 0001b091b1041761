"""Table 3, applications received and how they were answered.

Editions E2019 and E2021 (国办公开办函〔2019〕60号, 〔2021〕30号).

Rows are found by their labels in the context of their group, columns by their headers; the statutory order only
confirms. A row whose label is lost or damaged is accepted between two known rows when exactly as many rows of the form
are missing there; where that leaves a doubt, its figures are withheld.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.forms.applicants import SUBTOTAL, ApplicantNames, Header, applicant_names
from extract.forms.declaration import Edition, FormRow, FormTable
from extract.forms.foreign_columns import under_foreign_columns
from extract.forms.labels import bare, compact, similarity, strip_ordinal, variants_of
from extract.forms.lines import Fragment, Line, without_serials
from extract.forms.placement import Figures, Placer, fails
from extract.forms.printed import TableReading, read_cell, settle_copies, withheld
from extract.forms.values import parse_value
from extract.model import CellReading

__all__ = ["read_applications"]

_TABLE = "t3"
_NEAR = 0.6
"""A damaged label must be at least this similar to the official one of the gap it fills."""
_SURELY_NEAR = 0.8
"""The same where the number of rows says nothing; any other row of the gap must be less alike by `_CLEARLY`."""
_CLEARLY = 0.25
_BRACKETS = re.compile(r"[()]")
_ENOUGH_HEADERS = 2
_SURELY_HEADERS = 3
_FEWEST_BLANK = 5
"""Fewer blank rows than this are no blank copy of the table."""
_MOST_DAMAGED_AT_FIRST = 2
"""So many rows at the head of the table may have damaged labels: more are another table's."""
_SURELY_SUMS = 2
"""So many figures that are not 0 must agree with the sums of their columns."""
_CLEARLY_FEWER = 2
"""A table with so many columns fewer than the form, or more, is another table or has lost more than a figure."""
_AMBIGUOUS_COLUMNS = frozenset({"total", "other_org"})
"""总计 and 其他 by themselves may be row labels."""


class _Form:
    """What the reader asks of the declared table again and again."""

    def __init__(self, edition: Edition) -> None:
        self.table: FormTable = edition.table(_TABLE)
        block = self.table.blocks[0]
        self.columns = tuple(column.code for column in block.columns)
        self.index = block.rows_by_label
        self.groups = tuple((label, rows[0]) for label, rows in self.index.items() if rows[0].kind == "group")
        self.group_labels = tuple(label for label, _ in self.groups)
        self.order = tuple(row for row in block.rows if row.kind != "group" or row.stands_for_children)
        """The rows that may carry figures."""


@lru_cache(maxsize=8)
def _form(edition: Edition) -> _Form:
    return _Form(edition)


@dataclass(frozen=True, slots=True)
class _Row:
    """A printed row that holds figures: the row of the form it names (None if its label names none) and its cells."""

    line: Line
    code: str | None
    label: str
    printed: Sequence[Fragment]
    """The cells behind the label, a remark behind them left out."""
    values: Mapping[str, Fragment] | None
    flags: tuple[str, ...] = ()
    has_header: bool = True
    """Whether words above the figures name applicants; else the statutory order of the columns is taken for granted."""
    subtotal: Fragment | None = None
    """The figure in an extra column of subtotals for organisations."""
    is_headed: bool = True
    """Whether the row's own grid names applicants."""

    @property
    def is_blank(self) -> bool:
        """Whether no figure of the form is printed behind the label."""
        cells = self.printed if self.values is None else self.values.values()
        return all([cell.is_blank for cell in cells])


def read_applications(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 3 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    lines = without_serials(lines, len(_form(edition).columns))
    lines = _without_foreign(edition, lines, reading)
    rows = _without_summaries(edition, list(_printed_rows(edition, lines, reading)), reading)
    if _figures_stand_first(edition, lines, rows):
        reading.note("figures_before_labels", _TABLE, "figures are printed before their labels: rows cannot be told")
        rows = [replace(row, values=None) for row in rows]
    rows = [row for copy in _filled_copies(edition, rows, reading) for row in _fill_gaps(edition, copy, reading)]
    rows = _with_outcome_total(edition, _without_subtotals(edition, rows, reading))
    printed: list[CellReading] = []
    for row in rows:
        if row.code is None:
            reading.leave(row.line, "unknown_label")
        else:
            printed.extend(_cells(edition, row))
    _note_subtotals(rows, reading)
    reading.cells.extend(settle_copies(printed, reading))
    return reading


def _note_subtotals(rows: Sequence[_Row], reading: TableReading) -> None:
    """Record the figures of an extra column of subtotals, one a row; none where copies or its text leave a doubt."""
    printed: dict[str, set[str]] = {}
    for row in rows:
        if row.code is not None and row.subtotal is not None and not row.subtotal.is_blank:
            text = "" if row.subtotal.doubt else row.subtotal.text
            printed.setdefault(row.code, set()).add(text)
    for code, texts in printed.items():
        parsed = [parse_value(text, "count") for text in texts]
        if len(parsed) == 1 and parsed[0].value is not None and "split_digits" not in parsed[0].flags:
            reading.note("applicant_subtotal", f"{_TABLE}.{code}", *texts)


def _without_foreign(edition: Edition, lines: Sequence[Line], reading: TableReading) -> Sequence[Line]:
    """Lines without the rows whose columns are no applicants: neither the table nor a copy of it."""
    form = _form(edition)
    fewest = len(form.columns) - _CLEARLY_FEWER + 1
    foreign = {id(line) for line in under_foreign_columns(lines, form.index, applicant_names(edition), fewest)}
    if not foreign:
        return lines
    for line in lines:
        if id(line) in foreign:
            reading.leave(line, "extra_line")
    return [line for line in lines if id(line) not in foreign]


def _without_summaries(edition: Edition, rows: list[_Row], reading: TableReading) -> list[_Row]:
    """Rows without those of grids that name outcomes and no applicants, in far fewer columns (this year and last).

    They are no copy of the table if every one of their rows is placed elsewhere in the document.
    """
    grids: dict[int, list[_Row]] = {}
    for row in rows:
        if row.line.grid is not None:
            grids.setdefault(row.line.grid, []).append(row)
    most = len(_form(edition).columns) - _CLEARLY_FEWER
    placed = {row.code for row in rows if row.values is not None}
    placed |= {row.code for row in _form(edition).order if placed.intersection(edition.children_of(row.code))}
    summaries = {
        grid
        for grid, own in grids.items()
        if all(row.values is None and not row.is_headed and len(row.printed) <= most for row in own)
        and {row.code for row in own} <= placed
    }
    for row in rows:
        if row.line.grid in summaries:
            reading.leave(row.line, "extra_line")
    return [row for row in rows if row.line.grid not in summaries] if summaries else rows


def _filled_copies(edition: Edition, rows: Sequence[_Row], reading: TableReading) -> list[list[_Row]]:
    """The rows of each copy of the table, a copy beginning where a row comes again; without blank copies."""
    copies: list[list[_Row]] = [[]]
    seen: set[str] = set()
    for row in rows:
        if row.code in seen:
            copies.append([])
            seen = set()
        if row.code is not None:
            seen.add(row.code)
        copies[-1].append(row)
    if len(copies) == 1:
        return copies
    filled_in = [Counter({row.code for row in copy if row.code is not None and not row.is_blank}) for copy in copies]
    filled: Counter[str] = sum(filled_in, Counter())
    kept = [_without_blank_twins(edition, copy, filled - own) for copy, own in zip(copies, filled_in, strict=True)]
    if any(len(one) < len(copy) for one, copy in zip(kept, copies, strict=True)):
        reading.note("duplicate_table", _TABLE, "a blank copy of the table is printed too")
    return kept


def _without_blank_twins(edition: Edition, copy: list[_Row], filled: Container[str | None]) -> list[_Row]:
    """The rows of a copy; of a blank one, those that another copy does not fill. `filled` are the rows that one does.

    A copy is blank if all its rows are, or if it begins as the form does and most of its rows that another copy fills
    are blank. A row filled in another copy that cannot be placed is filled.
    """
    first = edition.table(_TABLE).blocks[0].value_rows[0].code
    twins = [row for row in copy if row.code in filled]
    blank = [row for row in twins if row.is_blank]
    if not blank or 2 * len(blank) <= len(twins):
        return copy
    if len(blank) < len(copy) and (copy[0] is not blank[0] or copy[0].code != first):
        return copy
    if len(blank) < _FEWEST_BLANK:
        return copy
    return [row for row in copy if not any(row is one for one in blank)]


def _without_subtotals(edition: Edition, rows: Sequence[_Row], reading: TableReading) -> list[_Row]:
    """Rows without those that could stand for their children but are printed beside them: subtotals."""
    printed = {row.code for row in rows}
    standing = {row.code for row in edition.table(_TABLE).blocks[0].rows if row.stands_for_children}
    kept = []
    for row in rows:
        if row.code in standing and printed & set(edition.children_of(row.code or "")):
            if not row.is_blank:
                reading.leave(row.line, "printed_subtotal")
        else:
            kept.append(row)
    return kept


def _with_outcome_total(edition: Edition, rows: list[_Row]) -> list[_Row]:
    """The outcome total that has lost one figure, placed by the sums; as it was where they leave a doubt.

    All its figures must be the sums of the columns above where one column is left out, and not where any other is.
    """
    kinds = {row.code: row.kind for row in _form(edition).order}
    columns = _form(edition).columns
    outcomes = [row for row in rows if row.code is not None and kinds[row.code] in ("leaf", "group")]
    totals = [row for row in rows if row.code is not None and kinds[row.code] == "total"]
    codes = [row.code for row in outcomes]
    if len(totals) != 1 or totals[0].values is not None or len(set(codes)) < len(codes):
        return rows
    figures = [cell for cell in totals[0].printed if not cell.is_blank]
    if len(figures) != len(columns) - 1 or any(row.values is None for row in outcomes):
        return rows
    sums = [
        sum(parse_value(row.values[column].text, "count").value or 0 for row in outcomes if row.values)
        for column in columns
    ]
    values = [parse_value(cell.text, "count").value for cell in figures]
    fitting = [lost for lost in range(len(columns)) if values == [*sums[:lost], *sums[lost + 1 :]]]
    if len(fitting) != 1 or sum(bool(value) for value in values) < _SURELY_SUMS:
        return rows
    kept = [column for place, column in enumerate(columns) if place != fitting[0]]
    placed = replace(totals[0], values=dict(zip(kept, figures, strict=True)))
    return [placed if row is totals[0] else row for row in rows]


def _figures_stand_first(edition: Edition, lines: Sequence[Line], rows: Sequence[_Row]) -> bool:
    """Whether a flattened table prints each row's figures before its label: then every pairing is off by one."""
    if not rows or any(row.line.grid is not None for row in rows):
        return False
    width = len(edition.table(_TABLE).blocks[0].columns)
    names = edition.table(_TABLE).blocks[0].columns_by_label
    first = lines.index(rows[0].line)
    for line in reversed(lines[max(0, first - 8) : first]):
        labels, values = line.split()
        if len(values) >= width and labels and labels[-1].label in names:
            return True
    return False


def _cells(edition: Edition, row: _Row) -> Iterator[CellReading]:
    assert row.code is not None
    if row.values is None:
        columns = edition.table(_TABLE).blocks[0].columns
        # Where more cells than the form has are all blank, each of the form's is.
        is_blank = len(row.printed) >= len(columns) and not any(cell.text or cell.doubt for cell in row.printed)
        raw = "" if is_blank else " | ".join(value.text for value in row.printed)
        place = row.printed[0].place if row.printed else row.line.cells[0].place
        for column in columns:
            yield withheld(f"{_TABLE}.{row.code}.{column.code}", Fragment(raw, place), "column_shift")
        return
    flags = assumed = row.flags
    total = ""
    if not row.has_header:
        # The sums tell the total from its parts, and no order of the parts from another, unless all are alike.
        total = _form(edition).columns[-1]
        parts = {fragment.text for code, fragment in row.values.items() if code != total}
        assumed = flags if len(parts) < 2 else (*flags, "columns_assumed")
    before = f"{_TABLE}.{row.code}."
    for code, fragment in row.values.items():
        yield read_cell(edition, before + code, fragment, flags=flags if code == total else assumed)


@dataclass(slots=True)
class _Found:
    """A printed line of the table before its figures are placed."""

    figures: Figures
    row: FormRow | None
    header: Header | None
    in_order: bool


def _printed_rows(edition: Edition, lines: Sequence[Line], reading: TableReading) -> Iterator[_Row]:
    """Rows of the table that carry figures, in print order, before lost labels are settled."""
    columns, group_labels = _form(edition).columns, _form(edition).group_labels
    found = [part for one in _found_rows(edition, lines, reading) for part in _two_rows(columns, one)]
    placers: dict[tuple[int, int | None, bool], Placer] = {}
    together: dict[tuple[int, int | None, bool], list[Figures]] = {}
    for one in found:
        together.setdefault(_shared(one), []).append(one.figures)
    widths = _widths(lines)
    for one in found:
        key = _shared(one)
        if key not in placers:
            header, grid = one.header, one.figures.line.grid
            # The second part of a table that is cut keeps the columns of the first.
            is_own = header is not None and (header.grid == grid or widths.get(header.grid) == widths.get(grid))
            placers[key] = Placer(columns, header, together[key], has_columns=is_own, in_order=one.in_order)
        mapped = placers[key].place(one.figures)
        subtotal = mapped.get(SUBTOTAL) if mapped is not None else None
        if mapped is not None and subtotal is not None:
            mapped = {code: mapped[code] for code in columns}
        line, labels, has_header = one.figures.line, one.figures.labels, one.header is not None
        if one.row is not None:
            is_headed = has_header and one.header is not None and one.header.grid == line.grid
            found_row = _Row(line, one.row.code, one.row.label, one.figures.values, mapped, (), has_header, subtotal)
            yield found_row if is_headed else replace(found_row, is_headed=False)
        elif mapped is not None:
            label = labels[-1].label if labels else ""
            if label in group_labels:
                label = ""
            if label or not all(value.is_blank for value in mapped.values()):
                yield _Row(line, None, label, one.figures.values, mapped, (), has_header, subtotal)


def _two_rows(columns: Sequence[str], one: _Found) -> Iterator[_Found]:
    """A row; two where a table flattened to a line a cell prints the figures of the next row, without its label, too.

    Each half must have all its figures and not speak against its sum; what row the second is, its neighbours tell.
    """
    values, width = one.figures.values, len(columns)
    halves = values[:width], values[width:]
    if (
        one.row is None
        or one.figures.line.grid is not None
        or len(values) != 2 * width
        or any(value.is_blank for value in values)
        or any(fails(dict(zip(columns, half, strict=True)), columns) for half in halves)
    ):
        yield one
        return
    first, second = halves
    yield replace(one, figures=replace(one.figures, values=first))
    yield replace(one, figures=Figures(Line(tuple(second)), (), second), row=None)


def _shared(one: _Found) -> tuple[int, int | None, bool]:
    return id(one.header), one.figures.line.grid, one.in_order


def _widths(lines: Sequence[Line]) -> dict[int | None, int]:
    """The number of columns of each grid."""
    widths: dict[int | None, int] = {}
    for line in lines:
        if line.is_aligned:
            widths[line.grid] = max(widths.get(line.grid, 0), line.cells[-1].end_column)
    return widths


def _found_rows(edition: Edition, lines: Sequence[Line], reading: TableReading) -> Iterator[_Found]:
    """The lines of the table that print a known row, or stand inside the table and print figures."""
    form = _form(edition)
    names = applicant_names(edition)
    headers = _Headers(names)
    group: str | None = None
    last: str | None = None
    is_open = False
    above: list[Line] = []
    in_order = True
    before: list[Figures] = []
    for preceding, line, following in zip((None, *lines), lines, (*lines[1:], None), strict=False):
        figures = _split(line, headers.of(line))
        row, context = _named_row(form, edition, line, figures.labels, group, last, is_open)
        group = context or group
        is_row = row is not None and bool(figures.values)
        if not is_open and not is_row:
            above.append(line)
        if row is None or _is_header(names, line):
            if headers.take(line):
                before = []
                continue
            if not is_open:
                before = [*before, figures] if figures.values else []
                continue
        if not is_open and is_row and row is not None:
            place = next((place for place, one in enumerate(form.order) if one.code == row.code), 0)
            is_right_below = all(one.line.grid == line.grid for one in before[-place:])
            if 0 < place <= min(len(before), _MOST_DAMAGED_AT_FIRST) and is_right_below:
                # The first rows of the form under damaged labels: told by the next one, right below them.
                del above[-place:]
                in_order, above = _is_in_order(form.table, above), []
                for one in before[-place:]:
                    yield _Found(one, None, headers.of(one.line), in_order)
            in_order, above = _is_in_order(form.table, above), []
        if row is None:
            # A line inside the table with a full set of figures and no known label: settled by its neighbours.
            yield _Found(figures, None, headers.of(line), in_order)
            continue
        if row.level <= 2:
            group = row.code if row.kind == "group" else None
        if not figures.values:
            continue
        headers.close()
        if (
            row.kind == "group"
            and is_open
            and (
                _goes_on(figures.labels[-1], preceding, line, following)
                or _stands_for_first(form, edition, row, figures.labels[-1], line, following)
            )
        ):
            # The group's label stands beside its first child, whose own label is lost.
            yield _Found(figures, None, headers.of(line), in_order)
            continue
        if row.kind == "group" and not row.stands_for_children:
            if not figures.is_blank:
                reading.leave(line, "printed_subtotal")
            continue
        # The table ends with its last row; a 总计 further down is another table's.
        is_open, last = row.code != "carried_forward", row.code
        yield _Found(figures, row, headers.of(line), in_order)


def _goes_on(group: Fragment, preceding: Line | None, line: Line, following: Line | None) -> bool:
    """Whether the label of a group goes on beside the next line, or beside this one from the line before.

    It is merged over both, or repeated before another label.
    """
    if line.grid is None:
        return False
    if following is not None and any(cell is group for cell in following.above):
        return True
    place = next(place for place, cell in enumerate(line.cells) if cell is group)
    return any(
        other is not None and other.grid == line.grid and _is_before_a_label(group, other.cells[place : place + 2])
        for other in (preceding, following)
    )


def _stands_for_first(
    form: _Form, edition: Edition, row: FormRow, group: Fragment, line: Line, following: Line | None
) -> bool:
    """Whether the next line leaves a blank below a group's label and prints the second row of the group beside it.

    With the first row printed too, the figures beside the group's label would be a subtotal.
    """
    children = edition.children_of(row.code)
    if following is None or line.grid is None or following.grid != line.grid or len(children) < 2:
        return False
    place = next(place for place, cell in enumerate(line.cells) if cell is group)
    cells = following.cells[place : place + 2]
    if len(cells) < 2 or not cells[0].is_blank:
        return False
    return any(one.code == children[1] and one.parent == row.code for one in form.index.get(cells[1].label, ()))


def _is_before_a_label(group: Fragment, cells: Sequence[Fragment]) -> bool:
    """Whether two cells repeat a group's label and print another label behind it."""
    return len(cells) > 1 and cells[0].text == group.text and not cells[1].is_value and cells[1].text != group.text


class _Headers:
    """The headers met so far: of each grid the last one, and the last one at all for lines without."""

    def __init__(self, names: ApplicantNames) -> None:
        self._names = names
        self._last: Header | None = None
        self._by_grid: dict[int | None, Header] = {}
        self._top: list[Line] = []
        self._lone: Line | None = None
        """The line before, if 总计 is all it prints: it may be the first of a header flattened to a line a cell."""
        self._is_closed = False
        """Whether rows have come since the last header: then the next header line begins another."""

    def of(self, line: Line) -> Header | None:
        """The header that a line stands under: its grid's own, or that of the part of the table before."""
        own = self._by_grid.get(line.grid)
        if own is not None and (own is self._last or own.slots is not None or own.has_subtotal):
            return own
        return self._last or own

    def close(self) -> None:
        """Rows begin."""
        self._is_closed = True

    def take(self, line: Line) -> bool:
        """Take in a line as one of a header, if it names applicants; False if it does not."""
        before, self._lone = self._lone, None
        kinds = [kind for cell in line.split()[0] if (kind := self._names.exact(cell)) is not None]
        if line.grid is None and len(line.cells) == 1 and kinds == [self._names.columns[-1]]:
            self._lone = line
        known = self._by_grid.get(line.grid) if not self._is_closed else None
        if line.grid is not None and (not self._top or self._top[-1].grid == line.grid):
            self._top.append(line)
        else:
            self._top = [line]
        if not kinds:
            return False
        applicants = [kind for kind in kinds if kind in self._names.columns]
        starts = line.grid is None and any(kind not in _AMBIGUOUS_COLUMNS for kind in applicants)
        if not (len(applicants) >= _ENOUGH_HEADERS or (kinds and known) or (applicants and starts)):
            return False
        if sum([not value.is_blank for value in line.split()[1]]) >= _ENOUGH_HEADERS:
            return False
        if known is None:
            known = self._by_grid[line.grid] = Header(self._names, line.grid, is_aligned=line.is_aligned)
            known.top.extend(self._top[:-1])
            self._is_closed = False
            if before is not None and line.grid is None:
                known.add(before)
        known.add(line)
        if self._last is None or self._last is known or known.slots is not None:
            self._last = known
        return True


def _split(line: Line, header: Header | None) -> Figures:
    """Label cells and figure cells: by the columns of the header where there is one, else by what they print."""
    labels, values = line.split()
    if not values and len(line.cells) > _ENOUGH_HEADERS:
        # Words behind the figures: a remark.
        front = Line(line.cells[:-1], line.above, line.grid, line.is_aligned).split()
        if sum([not value.is_blank for value in front[1]]) >= _ENOUGH_HEADERS:
            labels, values = front
    if header is None or not line.is_aligned or header.grid != line.grid or header.spans is None:
        return Figures(line, labels, values)
    first, end = header.edges
    own = [cell for cell in line.cells if cell.column < first and not cell.is_blank]
    # Between the last applicant and the edge of the header stand remarks; past the edge, figures pushed along.
    figures = [cell for cell in line.cells if cell.column >= first and not end <= cell.column < header.width]
    if own and figures and own[-1].end_column <= first and not own[-1].is_value:
        return Figures(line, own, figures)
    # A figure left of the first applicant column: the row is shifted by a wrong span, and only its order tells.
    return Figures(line, labels, values)


def _named_row(
    form: _Form,
    edition: Edition,
    line: Line,
    labels: Sequence[Fragment],
    group: str | None,
    last: str | None,
    is_open: bool,
) -> tuple[FormRow | None, str | None]:
    """The row of the form that a line's deepest label names, and the group named on the way there."""
    index = form.index
    context: str | None = None
    for fragment in line.above:
        for row in index.get(fragment.label, ()):
            if row.kind == "group" and row.level == 2:
                context = row.code
    named: FormRow | None = None
    for fragment in labels:
        candidates = index.get(fragment.label) or _behind_group(form, fragment.label)
        if not candidates:
            if fragment is labels[-1]:
                named = None
            continue
        row = candidates[0]
        # Right behind the table, a full row may begin a copy of its last part.
        begins = last == form.order[-1].code and len(line.split()[1]) == len(form.columns)
        is_inside = (context or group) == row.parent or last in _siblings(edition, row.parent)
        if row.code == "other_misc" and not (is_inside or begins):
            continue
        if row.code == "total_processed" and not (is_open or begins):
            continue
        if row.kind == "group" and row.level == 2:
            context = row.code
        named = row
    return named, context


def _behind_group(form: _Form, label: str) -> tuple[FormRow, ...]:
    """The rows that a label names behind the group printed in the same cell (不予处理2.重复申请)."""
    if not label.startswith(form.group_labels):
        return ()
    for group, parent in form.groups:
        if label.startswith(group) and len(label) > len(group):
            found = form.index.get(bare(label[len(group) :]), ())
            return tuple(row for row in found if row.parent == parent.code)
    return ()


@lru_cache(maxsize=32)
def _siblings(edition: Edition, parent: str | None) -> frozenset[str]:
    return frozenset(row.code for row in edition.table(_TABLE).blocks[0].rows if row.parent == parent)


def _is_header(names: ApplicantNames, line: Line) -> bool:
    """Whether a line prints several applicant columns: then its 总计 names a column and no row."""
    kinds = {kind for cell in line.split()[0] if (kind := names.exact(cell)) is not None}
    return len(kinds) >= _SURELY_HEADERS or kinds >= {names.columns[0], names.columns[-1]}


def _labels_in(cell: Fragment) -> list[str]:
    """The label of a header cell; of a whole header row flattened into one text, the label of each word."""
    if len(cell.text.split(None, _SURELY_HEADERS - 1)) < _SURELY_HEADERS:
        return [cell.label]
    return [bare(word) for word in cell.text.split()]


def _is_in_order(table: FormTable, above: Sequence[Line]) -> bool:
    """Whether the header lines above a table fit the statutory order of the columns.

    总计 may stand in a row above the organisations, so only its place inside a line counts; 法人或其他组织 stands for
    the organisations below it.
    """
    block = table.blocks[0]
    names = block.columns_by_label
    columns = [column.code for column in block.columns]
    groups = {bare(column.group) for column in block.columns if column.group}
    texts = [[label for cell in line.cells for label in _labels_in(cell)] for line in above]
    for labels in texts:
        here = list(dict.fromkeys(names[label].code for label in labels if label in names))
        if [code for code in columns if code in here] != here:
            return False
    printed = [label for labels in texts for label in labels]
    sure = [names[label].code for label in printed if label in names and names[label].code not in _AMBIGUOUS_COLUMNS]
    first_seen = list(dict.fromkeys(sure))
    if len(first_seen) < len(columns) - len(_AMBIGUOUS_COLUMNS):
        # A header in pieces shows where the pieces fell, not how the columns stood.
        return True
    if [code for code in columns if code in first_seen] != first_seen:
        return False
    person = [place for place, label in enumerate(printed) if label in names and names[label].code == columns[0]]
    group = [place for place, label in enumerate(printed) if label in groups]
    return not (person and group) or person[0] < group[0]


def _fill_gaps(edition: Edition, rows: list[_Row], reading: TableReading) -> list[_Row]:
    """Give rows without a known label the rows of the form that are missing between their known neighbours.

    At the ends of the table the form's own edge takes the place of a neighbour, for one or two rows of the same grid.
    """
    order = _form(edition).order
    position = {row.code: index for index, row in enumerate(order)}
    expected = [row for row in order if row.kind != "group"]
    printed = {row.code for row in rows if row.code}
    filled = list(rows)
    index = 0
    while index < len(filled):
        if filled[index].code is not None:
            index += 1
            continue
        end = index
        while end < len(filled) and filled[end].code is None:
            end += 1
        low = position[filled[index - 1].code or ""] if index else -1
        high = position[filled[end].code or ""] if end < len(filled) else len(order)
        missing = [row for row in expected if low < position[row.code] < high and row.code not in printed]
        is_inside = index > 0 and end < len(filled)
        is_counted = end < len(filled)
        if len(missing) == (end - index if is_counted else 1) and (is_inside or _is_at_edge(filled, index, end)):
            for offset, row in enumerate(missing):
                filled[index + offset] = _settled(filled[index + offset], row, reading)
        elif is_inside:
            filled[index:end] = _named_alone(filled[index:end], missing, reading)
        index = end
    return filled


def _named_alone(rows: Sequence[_Row], missing: Sequence[FormRow], reading: TableReading) -> list[_Row]:
    """Rows with damaged labels where more or fewer rows of the form are missing than are printed.

    A label counts that is nearly that of one missing row and clearly less like any other; labels out of order do not.
    """
    found: list[_Row] = []
    after = 0
    for row in rows:
        likeness = [_likeness(row, form_row) for form_row in missing]
        best = max(range(len(likeness)), key=lambda place: likeness[place], default=None)
        is_sure = best is not None and best >= after and likeness[best] >= _SURELY_NEAR
        if (
            best is None
            or not is_sure
            or any(place != best and likeness[best] - other < _CLEARLY for place, other in enumerate(likeness))
        ):
            found.append(row)
            continue
        found.append(_settled(row, missing[best], reading))
        after = best + 1
    return found


def _likeness(row: _Row, form_row: FormRow) -> float:
    """How alike a printed label and the official one are, with or without the remark behind it."""
    if not row.label:
        return 0.0
    official = (*variants_of(form_row.label, form_row.variants), _unbracketed(form_row.label))
    return max(similarity(label, known) for label in (row.label, _unbracketed(row.label)) for known in official)


def _unbracketed(label: str) -> str:
    """A label with the remark behind it, as it compares where a bracket is lost."""
    return bare(_BRACKETS.sub("", strip_ordinal(compact(label))[1]))


def _is_at_edge(rows: Sequence[_Row], index: int, end: int) -> bool:
    """Whether the first of the rows without a known label can be the first or last row of the table.

    At the end further lines may follow, which are none of the table's.
    """
    if end < len(rows):
        return index == 0 and end <= _MOST_DAMAGED_AT_FIRST
    row = rows[index]
    return index > 0 and (bool(row.label) or (row.line.grid is not None and row.line.grid == rows[index - 1].line.grid))


def _settled(row: _Row, form_row: FormRow, reading: TableReading) -> _Row:
    """An unlabelled or oddly labelled row taken for the one row of the form that its place leaves."""
    if row.label:
        if _likeness(row, form_row) < _NEAR:
            reading.note("unknown_label", f"{_TABLE}.{form_row.code}", row.label)
            return row
        reading.note("label_variant", f"{_TABLE}.{form_row.code}", row.label)
        return replace(row, code=form_row.code, flags=("label_damaged",))
    reading.note("label_missing", f"{_TABLE}.{form_row.code}", "figures without a label, placed by order")
    return replace(row, code=form_row.code, flags=("label_missing",))
