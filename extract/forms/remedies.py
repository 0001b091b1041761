"""Table 4, reconsideration and litigation: one row of fifteen figures under three header rows (E2019 and E2021).

The headers name result and channel; the statutory order and the printed sums confirm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extract.forms.declaration import Edition
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, withheld
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.forms.sections import section_of_heading

__all__ = ["read_remedies"]

_TABLE = "t4"
_LITIGATION = "行政诉讼"
_ENOUGH_HEADERS = 4
"""So many printed results (结果维持, 结果纠正 …) open the table."""
_TOTALS = 3
"""Columns 总计 that some bodies leave out, figures and all."""


def read_remedies(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 4 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    block = edition.table(_TABLE).blocks[0]
    codes = [f"{_TABLE}.{row.code}.{column.code}" for row in block.rows for column in block.columns]
    found = list(_value_lines(edition, lines, len(codes)))
    printed = [(line, headers) for line, headers in found if any(not value.is_blank for value in line.split()[1])]
    taken: list[str] | None = None
    for line, headers in printed or found[:1]:
        taken = _take(edition, reading, codes, headers, line, taken)
    if not reading.is_found:
        _take_unheaded(edition, reading, codes, lines)
    return reading


def _value_lines(edition: Edition, lines: Sequence[Line], width: int) -> Iterator[tuple[Line, list[Fragment]]]:
    """Lines of figures under the headers of the table, each with the result headers printed above it.

    A converter may break the one row of figures in two: consecutive runs of figures are joined up to `width`.
    """
    block = edition.table(_TABLE).blocks[0]
    results, channels = block.columns_by_label, block.rows_by_label
    headers: list[Fragment] = []
    tops: list[Fragment] = []
    grid: int | None = None
    pending: Line | None = None
    for line in lines:
        labels, values = line.split()
        if line.grid is not None and grid is not None and line.grid != grid:
            headers, tops, pending = [], [], None
        here = [cell for cell in labels if cell.label in results]
        above = [cell for cell in labels if cell.label in channels or cell.label == _LITIGATION]
        if above:
            tops.extend(above)
            grid = line.grid
        if here and tops:
            headers.extend(here)
            grid = line.grid
        if labels and not (here or above):
            pending = None
            if line.grid is None:
                headers, tops, grid = [], [], None
            continue
        if len(headers) < _ENOUGH_HEADERS or len(tops) < 2 or line.grid != grid or not values:
            continue
        if labels and (len(values) < width - _TOTALS or all(value.is_blank for value in values)):
            continue
        if pending is not None and len(pending.cells) + len(values) <= width:
            pending = replace(pending, cells=(*pending.cells, *values))
        else:
            pending = replace(line, cells=tuple(values))
        if len(pending.cells) >= width - _TOTALS and _is_complete(pending, width):
            yield pending, list(headers)
            pending = None


def _is_complete(line: Line, width: int) -> bool:
    """Whether a run of figures is a whole row: all columns, or all but the three totals with nothing to follow."""
    return len(line.cells) >= width or all(not cell.is_blank for cell in line.cells)


def _take_unheaded(edition: Edition, reading: TableReading, codes: list[str], lines: Sequence[Line]) -> None:
    """The one full row of figures in section four, where the headers are lost: believed only if all its sums close."""
    inside = False
    rows: list[Sequence[Fragment]] = []
    for line in lines:
        section = section_of_heading(edition, line.cells[0].text) if line.grid is None and line.cells else None
        if section is not None:
            inside = section == "s4"
        _, values = line.split()
        if inside and len(values) == len(codes) and all(not value.is_blank for value in values):
            rows.append(values)
    if len(rows) != 1:
        return
    cells = [read_cell(edition, code, value) for code, value in zip(codes, rows[0], strict=True)]
    by_code = {cell.code: cell for cell in cells}
    sums = [evaluate(rule, by_code) for rule in rules_of(edition.id) if rule.kind == "block_sum"]
    if all(result.status is RuleStatus.PASS for result in sums) and any(result.right for result in sums):
        reading.note("header_incomplete", _TABLE, "headers lost; order confirmed by all three sums")
        reading.cells.extend(cells)
    else:
        reading.note("header_incomplete", _TABLE, "headers lost; the sums do not confirm the order")
        reading.cells.extend(withheld(cell.code, Fragment(cell.raw, cell.place), "header_lost") for cell in cells)


def _take(
    edition: Edition,
    reading: TableReading,
    codes: list[str],
    headers: Sequence[Fragment],
    line: Line,
    taken: list[str] | None,
) -> list[str]:
    """Read one line of figures under the headers; a second line is the same table again or something left over."""
    values = line.cells
    raws = [value.text for value in values]
    if taken is not None:
        if raws == taken:
            reading.note("duplicate_table", _TABLE, "the table is printed more than once, alike")
        else:
            reading.leave(line, "second_value_row")
            reading.note("conflicting_copies", _TABLE, line.text)
            place = line.cells[0].place
            reading.cells = [
                withheld(cell.code, Fragment(f"{cell.raw} | …", place), "conflicting_copies") for cell in reading.cells
            ]
        return taken
    run = list(values)
    while len(run) > len(codes) and run[-1].is_blank:
        run.pop()
    without_totals = [code for code in codes if not code.endswith(".total")]
    results = edition.table(_TABLE).blocks[0].columns_by_label
    totals_printed = sum(header.label in results and results[header.label].code == "total" for header in headers)
    if len(run) == len(codes):
        if len(headers) < len(codes):
            reading.note("header_incomplete", _TABLE, " ".join(header.text for header in headers))
        reading.cells.extend(read_cell(edition, code, value) for code, value in zip(codes, run, strict=True))
    elif len(run) == len(without_totals) and totals_printed == 0 and len(headers) == len(without_totals):
        reading.note("header_incomplete", _TABLE, "no 总计 column in any block")
        reading.cells.extend(read_cell(edition, code, value) for code, value in zip(without_totals, run, strict=True))
    else:
        reading.note("column_shift", _TABLE, line.text)
        raw = Fragment(line.text, line.cells[0].place)
        reading.cells.extend(withheld(code, raw, "column_shift") for code in codes)
    return raws
