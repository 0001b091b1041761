"""Table 3, applications received and how they were answered.

Editions E2019 and E2021 (国办公开办函〔2019〕60号, 〔2021〕30号).

Rows are found by their labels in the context of their group, columns by their headers; the statutory order only
confirms. A row whose label is lost or damaged is accepted between two known rows when exactly as many rows of the form
are missing there; where that leaves a doubt, its figures are withheld.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.forms.declaration import Edition, FormRow, FormTable
from extract.forms.labels import bare, similarity, variants_of
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, settle_copies, withheld
from extract.forms.values import parse_value
from extract.model import CellReading

__all__ = ["read_applications"]

_TABLE = "t3"
_NEAR = 0.6
"""A damaged label must be at least this similar to the official one of the gap it fills."""
_ENOUGH_HEADERS = 2
_SURELY_HEADERS = 3
_AMBIGUOUS_COLUMNS = frozenset({"total", "other_org"})
"""总计 and 其他 by themselves may be row labels."""
_OUTER_COLUMNS = frozenset({"natural_person", "total"})
_SUBTOTALS = frozenset({"小计", "法人或其他组织小计", "法人或其他组织总计"})


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the applicant columns stand in a grid: start and end column by code, in print order.

    `width` is the first grid column right of all that the header prints, remarks included. `subtotal` is the number of
    applicant columns printed before an extra 小计 of the organisations; None without one.
    """

    spans: Mapping[str, tuple[int, int]]
    width: int
    subtotal: int | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A printed row that holds figures: the row of the form it names (None if its label names none) and its cells."""

    line: Line
    code: str | None
    label: str
    values: Mapping[str, Fragment] | None
    flags: tuple[str, ...] = ()


def read_applications(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 3 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    rows = list(_printed_rows(edition, lines, reading))
    if _figures_stand_first(edition, lines, rows):
        reading.note("figures_before_labels", _TABLE, "figures are printed before their labels: rows cannot be told")
        rows = [replace(row, values=None) for row in rows]
    rows = _fill_gaps(edition, rows, reading)
    rows = _without_subtotals(edition, rows, reading)
    printed: list[CellReading] = []
    for row in rows:
        if row.code is None:
            reading.leave(row.line, "unknown_label")
        else:
            printed.extend(_cells(edition, row))
    reading.cells.extend(settle_copies(printed, reading))
    return reading


def _without_subtotals(edition: Edition, rows: Sequence[_Row], reading: TableReading) -> list[_Row]:
    """Rows without those that could stand for their children but are printed beside them: subtotals."""
    printed = {row.code for row in rows}
    standing = {row.code for row in edition.table(_TABLE).blocks[0].rows if row.stands_for_children}
    kept = []
    for row in rows:
        if row.code in standing and printed & set(edition.children_of(row.code or "")):
            reading.leave(row.line, "printed_subtotal")
        else:
            kept.append(row)
    return kept


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
        _, values = row.line.split()
        raw = " | ".join(value.text for value in values)
        place = values[0].place if values else row.line.cells[0].place
        for column in edition.table(_TABLE).blocks[0].columns:
            yield withheld(f"{_TABLE}.{row.code}.{column.code}", Fragment(raw, place), "column_shift")
        return
    for column_code, fragment in row.values.items():
        yield read_cell(edition, f"{_TABLE}.{row.code}.{column_code}", fragment, flags=row.flags)


def _printed_rows(edition: Edition, lines: Sequence[Line], reading: TableReading) -> Iterator[_Row]:
    """Rows of the table that carry figures, in print order, before lost labels are settled."""
    table = edition.table(_TABLE)
    columns = tuple(column.code for column in table.blocks[0].columns)
    headers: dict[int | None, _Header] = {}
    header: _Header | None = None
    starts = _starts(lines, len(columns))
    group: str | None = None
    last: str | None = None
    is_open = False
    above: list[list[str]] = []
    in_order = True
    for line in lines:
        here = headers.get(line.grid) if line.is_aligned else None
        labels, values = _split(line, here, columns)
        row, context = _named_row(edition, line, labels, group, last, is_open)
        group = context or group
        if not is_open and row is None:
            above.append([bare(word) for cell in line.cells for word in _words(cell)])
        if row is None or _is_header(edition, line):
            if found := _header(edition, line, headers.get(line.grid)):
                headers[line.grid] = header = found
                continue
            if not is_open:
                continue
        if not is_open and row is not None:
            in_order, above = _is_in_order(table, above), []
        subtotal = header.subtotal if header else None
        mapped = _values(line, values, here, columns, subtotal, starts.get(_shape(line)), in_order)
        if row is None:
            # A line inside the table with a full set of figures and no known label: settled by its neighbours.
            label = labels[-1].label if labels else ""
            is_blank = mapped is None or all(value.is_blank for value in mapped.values())
            if mapped is not None and len(mapped) == len(columns) and (label or not is_blank):
                yield _Row(line, None, label, mapped)
            continue
        if row.level <= 2:
            group = row.code if row.kind == "group" else None
        if not values and mapped is None:
            continue
        if row.kind == "group" and not row.stands_for_children:
            if any(not value.is_blank for value in values):
                reading.leave(line, "printed_subtotal")
            continue
        if row.stands_for_children and (mapped is None or all(value.is_blank for value in mapped.values())):
            continue
        # The table ends with its last row; a 总计 further down is another table's.
        is_open, last = row.code != "carried_forward", row.code
        yield _Row(line, row.code, row.label, mapped)


def _split(
    line: Line, header: _Header | None, columns: Sequence[str]
) -> tuple[tuple[Fragment, ...], tuple[Fragment, ...]]:
    """Label cells and figure cells: by the columns of the header where there is one, else by what they print."""
    if header is None or set(header.spans) != set(columns):
        return line.split()
    first = min(start for start, _ in header.spans.values())
    end = max(end for _, end in header.spans.values())
    labels = tuple(cell for cell in line.cells if cell.end_column <= first and not cell.is_blank)
    # Between the last applicant and the edge of the header stand remarks; past the edge, figures pushed along.
    figures = tuple(c for c in line.cells if c.column >= first and not end <= c.column < header.width)
    if labels and figures and not labels[-1].is_value:
        return labels, figures
    # A figure left of the first applicant column: the row is shifted by a wrong span, and only its order tells.
    return line.split()


def _named_row(
    edition: Edition, line: Line, labels: Sequence[Fragment], group: str | None, last: str | None, is_open: bool
) -> tuple[FormRow | None, str | None]:
    """The row of the form that a line's deepest label names, and the group named on the way there."""
    index = edition.table(_TABLE).blocks[0].rows_by_label
    context: str | None = None
    for fragment in line.above:
        for row in index.get(fragment.label, ()):
            if row.kind == "group" and row.level == 2:
                context = row.code
    named: FormRow | None = None
    for fragment in labels:
        candidates = index.get(fragment.label, ()) or _behind_group(index, fragment.label)
        if not candidates:
            if fragment is labels[-1]:
                named = None
            continue
        row = candidates[0]
        if row.code == "other_misc" and (context or group) != row.parent and last not in _siblings(edition, row.parent):
            continue
        if row.code == "total_processed" and not is_open:
            continue
        if row.kind == "group" and row.level == 2:
            context = row.code
        named = row
    return named, context


def _behind_group(index: Mapping[str, tuple[FormRow, ...]], label: str) -> tuple[FormRow, ...]:
    """The rows that a label names behind the group printed in the same cell (不予处理2.重复申请)."""
    for group, rows in index.items():
        if rows[0].kind == "group" and label.startswith(group) and len(label) > len(group):
            found = index.get(bare(label[len(group) :]), ())
            return tuple(row for row in found if row.parent == rows[0].code)
    return ()


@lru_cache(maxsize=32)
def _siblings(edition: Edition, parent: str | None) -> frozenset[str]:
    return frozenset(row.code for row in edition.table(_TABLE).blocks[0].rows if row.parent == parent)


def _header(edition: Edition, line: Line, known: _Header | None) -> _Header | None:
    """The applicant columns named by a header line, added to those known from the lines above it in the same grid."""
    names = edition.table(_TABLE).blocks[0].columns_by_label
    spans = dict(known.spans) if known else {}
    subtotal = known.subtotal if known else None
    hits = 0
    for fragment in line.cells:
        label = fragment.label
        if label in _SUBTOTALS:
            # 自然人 and 总计 may stand in a header row above: only the organisations tell before from behind.
            subtotal = 1 + sum(code in spans for code in {c.code for c in names.values()} - _OUTER_COLUMNS)
            hits += known is not None
        column = names.get(label)
        if column is not None:
            hits += 1
            spans.setdefault(column.code, (fragment.column, fragment.end_column))
    starts = line.grid is None and any(code not in _AMBIGUOUS_COLUMNS for code in spans)
    if hits >= _ENOUGH_HEADERS or (hits and (known or starts)):
        printed = max(cell.end_column for cell in (*line.cells, *line.above))
        return _Header(spans, max(printed, known.width if known else 0), subtotal)
    return None


def _is_header(edition: Edition, line: Line) -> bool:
    """Whether a line prints several applicant columns: then its 总计 names a column and no row."""
    names = edition.table(_TABLE).blocks[0].columns_by_label
    return sum(cell.label in names for cell in line.cells) >= _SURELY_HEADERS


def _words(cell: Fragment) -> list[str]:
    """A header cell as one label; a whole header row flattened into one text as its words."""
    words = cell.text.split()
    return words if len(words) >= _SURELY_HEADERS else [cell.text]


def _is_in_order(table: FormTable, texts: Sequence[Sequence[str]]) -> bool:
    """Whether the header lines above a table, as labels, fit the statutory order of the columns.

    总计 may stand in a row above the organisations, so only its place inside a line counts; 法人或其他组织 stands for
    the organisations below it.
    """
    block = table.blocks[0]
    names = block.columns_by_label
    columns = [column.code for column in block.columns]
    groups = {bare(column.group) for column in block.columns if column.group}
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


def _values(
    line: Line,
    values: Sequence[Fragment],
    header: _Header | None,
    columns: Sequence[str],
    subtotal: int | None,
    start: int | None,
    in_order: bool,
) -> dict[str, Fragment] | None:
    """The figures of a row by column code; None where their columns cannot be told."""
    by_order = _by_order(values, _print_order(line, header, columns, in_order), subtotal, start)
    is_padded = len(values) > len(columns) + (subtotal is not None)
    if line.is_aligned and is_padded and by_order is not None and not _closes(by_order, columns):
        # In a true grid a cell too many is no padding: only figures that add up tell which cell it is.
        by_order = None
    if not line.is_aligned or header is None or set(header.spans) != set(columns):
        return by_order
    if in_order and sorted(columns, key=lambda code: header.spans[code]) != list(columns):
        # The labels read in statutory order and their spans do not: a span is wrong, and only order tells.
        return by_order
    by_header = _by_header(line, header, columns)
    if by_header is None:
        return by_order
    if by_order is not None and len(by_header) == len(columns) and _texts(by_order) != _texts(by_header):
        closing = [found for found in (by_order, by_header) if _closes(found, columns)]
        return closing[0] if len(closing) == 1 else None
    if len(by_header) == len(columns):
        return by_header
    # Fewer cells than columns: the row has lost cells or is shifted. Order wins only if it gives every column.
    return by_order


def _print_order(line: Line, header: _Header | None, columns: Sequence[str], in_order: bool) -> Sequence[str] | None:
    """The columns in the order printed; None where the header says that it is another and not which."""
    if in_order:
        return columns
    if line.is_aligned and header is not None and set(header.spans) == set(columns):
        return sorted(columns, key=lambda code: header.spans[code])
    return None


def _texts(found: Mapping[str, Fragment]) -> dict[str, str]:
    return {code: fragment.text for code, fragment in found.items()}


def _by_header(line: Line, header: _Header, columns: Sequence[str]) -> dict[str, Fragment] | None:
    found: dict[str, Fragment] = {}
    if any(cell.end_column > header.width for cell in line.cells):
        # A cell right of everything the header prints: a cell too many has pushed the row along.
        return None
    for code in columns:
        start, end = header.spans[code]
        under = [cell for cell in line.cells if cell.column < end and cell.end_column > start]
        if len(under) != 1 or under[0] in found.values():
            # No cell, two cells, or one cell merged over several applicants: not a figure of this column.
            continue
        found[code] = under[0]
    return found or None


def _by_order(
    values: Sequence[Fragment], columns: Sequence[str] | None, subtotal: int | None, start: int | None
) -> dict[str, Fragment] | None:
    """Figures in the order of the columns, when exactly as many are printed as there are columns.

    Blank cells may pad a row of a flattened table on either side; `start` says where the figures of rows of the same
    shape begin behind the label, for a row whose own first or last figure is blank.
    """
    if columns is None:
        return None
    width = len(columns) + (subtotal is not None)
    run = _run(values, width, start)
    if run is None:
        return None
    if subtotal is not None:
        run = (*run[:subtotal], *run[subtotal + 1 :])
    return dict(zip(columns, run, strict=True))


def _run(values: Sequence[Fragment], width: int, start: int | None) -> Sequence[Fragment] | None:
    """The `width` figures among the cells behind a label; None where it is not certain which they are."""
    if len(values) <= width:
        return values if len(values) == width else None
    printed = [position for position, value in enumerate(values) if not value.is_blank]
    if not printed:
        return None
    first, last = printed[0], printed[-1]
    if last - first + 1 == width:
        return values[first : last + 1]
    if start is not None and start <= first and last < start + width <= len(values):
        return values[start : start + width]
    return None


def _shape(line: Line) -> tuple[int | None, int, int]:
    """What rows of a flattened table share when their figures begin at the same place."""
    labels, _ = line.split()
    return line.grid, len(line.cells), len(labels)


def _starts(lines: Sequence[Line], width: int) -> dict[tuple[int | None, int, int], int]:
    """Where figures begin behind the label, by shape of line, from the rows that leave no choice; one answer only."""
    seen: dict[tuple[int | None, int, int], set[int]] = {}
    for line in lines:
        if line.is_aligned:
            continue
        _, values = line.split()
        printed = [position for position, value in enumerate(values) if not value.is_blank]
        if len(values) > width and printed and printed[-1] - printed[0] + 1 in (width, width + 1):
            seen.setdefault(_shape(line), set()).add(printed[0])
    return {shape: starts.pop() for shape, starts in seen.items() if len(starts) == 1}


def _closes(found: Mapping[str, Fragment], columns: Sequence[str]) -> bool:
    """Whether the parts printed add up to the total printed: evidence for a choice of columns, never a repair."""
    numbers = [parse_value(found[code].text, "count").value for code in columns if code in found]
    if len(numbers) != len(columns) or not numbers[-1]:
        return False
    return sum(number or 0 for number in numbers[:-1]) == numbers[-1]


def _fill_gaps(edition: Edition, rows: list[_Row], reading: TableReading) -> list[_Row]:
    """Give rows without a known label the rows of the form that are missing between their known neighbours."""
    table: FormTable = edition.table(_TABLE)
    order = [row for row in table.blocks[0].rows if row.kind != "group" or row.stands_for_children]
    position = {row.code: index for index, row in enumerate(order)}
    expected = [row for row in order if row.kind != "group"]
    filled = list(rows)
    index = 0
    while index < len(filled):
        if filled[index].code is not None:
            index += 1
            continue
        end = index
        while end < len(filled) and filled[end].code is None:
            end += 1
        before = filled[index - 1].code if index else None
        after = filled[end].code if end < len(filled) else None
        low = position[before] if before else -1
        high = position[after] if after else len(order)
        printed = {row.code for row in filled if row.code}
        missing = [row for row in expected if low < position[row.code] < high and row.code not in printed]
        if len(missing) == end - index and before is not None and after is not None:
            for offset, row in enumerate(missing):
                filled[index + offset] = _settled(filled[index + offset], row, reading)
        index = end
    return filled


def _settled(row: _Row, form_row: FormRow, reading: TableReading) -> _Row:
    """An unlabelled or oddly labelled row taken for the one row of the form that its place leaves."""
    if row.label:
        likeness = max(similarity(row.label, official) for official in variants_of(form_row.label, form_row.variants))
        if likeness < _NEAR:
            reading.note("unknown_label", f"{_TABLE}.{form_row.code}", row.label)
            return row
        reading.note("label_variant", f"{_TABLE}.{form_row.code}", row.label)
        return replace(row, code=form_row.code, flags=("label_damaged",))
    reading.note("label_missing", f"{_TABLE}.{form_row.code}", "figures without a label, placed by order")
    return replace(row, code=form_row.code, flags=("label_missing",))
