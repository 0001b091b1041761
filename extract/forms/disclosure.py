# NOTE (lead, 08:40): hardening of findings S1-S7 goes on in this file; results differ on purpose. Speed work: keep off this file now.
"""Table 2, proactive disclosure: stacked blocks, each with a heading (第二十条第…项), a header row and one or two rows.

E2019 counts items and decisions, E2021 decisions and money (国办公开办函〔2019〕60号, 〔2021〕30号).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from extract.forms.declaration import Edition, FormBlock, FormRow
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, settle_copies, withheld
from extract.model import CellReading

__all__ = ["read_disclosure"]

_TABLE = "t2"
_BLOCK_HEADING = re.compile(r"第?二十条第?\(?([一二三四五六七八九十]+)\)?项")
_NUMERALS = {"一": "1", "五": "5", "六": "6", "八": "8", "九": "9"}
_ROW_HEADER = "信息内容"
_LONGEST_HEADING = 30
_ENOUGH_HEADERS = 2
_END_OF_TABLE = re.compile(r"^(?:[一二三四五六]、)?(?:收到和处理政府信息公开申请|本年(?:度)?新收|\(本列数据的勾稽)")


class _Form:
    """What the reader asks of the declared table again and again."""

    def __init__(self, edition: Edition) -> None:
        self.blocks = edition.table(_TABLE).blocks
        self.rows: dict[str, tuple[FormBlock, FormRow]] = {
            label: (block, row) for block in self.blocks for label, (row, *_) in block.rows_by_label.items()
        }
        self.columns = frozenset(label for block in self.blocks for label in block.columns_by_label)


@lru_cache(maxsize=8)
def _form(edition: Edition) -> _Form:
    return _Form(edition)


def read_disclosure(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 2 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    block: FormBlock | None = None
    headings: list[Fragment] = []
    grid: int | None = None
    printed: list[CellReading] = []
    in_table = False
    form = _form(edition)
    for line in lines:
        if heading := _heading(form, line):
            block, headings, grid, in_table = heading, [], line.grid, True
            if not any(fragment.label.startswith(_ROW_HEADER) for fragment in line.cells):
                continue
        if _is_header(form, line):
            headings, in_table, grid = [*line.cells], True, line.grid
            block = _block_of_header(form, line, block)
            continue
        if not in_table:
            continue
        if block is not None and line.grid is None and all(cell.label in block.columns_by_label for cell in line.cells):
            # Headers flattened to a line each.
            headings.extend(replace(c, column=len(headings), end_column=len(headings) + 1) for c in line.cells)
            continue
        if _ends_table(line):
            # The table is over at the next section; a new heading or header opens it again.
            block, headings, in_table = None, [], False
            continue
        labels, values = line.split()
        named = form.rows.get(labels[-1].label) if labels else None
        if named is None:
            if len(labels) == 1 and values and line.grid is not None:
                reading.leave(line, "unknown_label")
            elif labels and len(compact(line.text)) < 40 and line.grid == grid and line.grid is not None:
                reading.leave(line, "extra_line")
            continue
        printed.extend(_read_row(edition, *named, line, values, headings))
    reading.cells.extend(settle_copies(printed, reading))
    return reading


def _ends_table(line: Line) -> bool:
    whole = line.cells[0].whole if len(line.cells) == 1 else compact(line.text)
    return _END_OF_TABLE.match(whole) is not None


def _heading(form: _Form, line: Line) -> FormBlock | None:
    """The block that a 第二十条第…项 line opens."""
    for fragment in line.cells:
        whole = fragment.whole
        if "二十条" not in whole or len(whole) >= _LONGEST_HEADING:
            continue
        if match := _BLOCK_HEADING.search(whole):
            wanted = f"art20_{_NUMERALS.get(match[1], match[1])}"
            return next((block for block in form.blocks if block.id == wanted), None)
    return None


def _is_header(form: _Form, line: Line) -> bool:
    columns = form.columns
    # No label of the form could stand in a number cell.
    found = [cell.label for cell in line.split()[0] if cell.label in columns or cell.label.startswith(_ROW_HEADER)]
    if not found:
        return False
    if any(label.startswith(_ROW_HEADER) for label in found):
        return True
    labels = set(found)
    return any(len(labels & block.columns_by_label.keys()) >= _ENOUGH_HEADERS for block in form.blocks)


def _block_of_header(form: _Form, line: Line, current: FormBlock | None) -> FormBlock | None:
    """The block whose headers a header line prints: the open one if it fits, else the only one that does."""
    labels = {fragment.label for fragment in line.cells}
    if current is not None:
        return current
    fitting = [block for block in form.blocks if set(block.columns_by_label) & labels]
    return fitting[0] if len(fitting) == 1 else None


def _read_row(
    edition: Edition,
    block: FormBlock,
    row: FormRow,
    line: Line,
    values: Sequence[Fragment],
    headings: Sequence[Fragment],
) -> list[CellReading]:
    printed = _headers(block, headings)
    others = _other_headings(block, headings)
    mapped = _mapped(block, line, values, printed, others)
    if mapped is None:
        if not values:
            return []
        raw = Fragment(" | ".join(value.text for value in values), values[0].place)
        return [withheld(f"{_TABLE}.{row.code}.{column.code}", raw, "column_shift") for column in block.columns]
    return [
        read_cell(
            edition,
            f"{_TABLE}.{row.code}.{code}",
            fragment,
            header=printed[code].text if code in printed else "",
        )
        for code, fragment in mapped.items()
    ]


def _headers(block: FormBlock, headings: Sequence[Fragment]) -> dict[str, Fragment]:
    """The printed header of each column of the block, in print order."""
    columns = block.columns_by_label
    found: dict[str, Fragment] = {}
    for fragment in headings:
        column = columns.get(fragment.label)
        if column is not None:
            found.setdefault(column.code, fragment)
    if not found and len(headings) == 1:
        # The whole header came out as one text (信息内容本年收费金额): it still names the unit.
        glued = headings[0]
        places = {glued.label.find(label): column.code for label, column in columns.items() if label in glued.label}
        found = {places[place]: glued for place in sorted(places)}
    return found


def _other_headings(block: FormBlock, headings: Sequence[Fragment]) -> list[Fragment]:
    """Printed headers of columns that the form does not have: last year's figures, remarks."""
    row_header = next((heading.column for heading in headings if heading.label.startswith(_ROW_HEADER)), -1)
    return [
        heading
        for heading in headings
        if not heading.is_blank
        and heading.column > row_header
        and heading.label not in block.columns_by_label
        and not _BLOCK_HEADING.search(heading.whole)
    ]


def _mapped(
    block: FormBlock,
    line: Line,
    values: Sequence[Fragment],
    printed: Mapping[str, Fragment],
    others: Sequence[Fragment],
) -> dict[str, Fragment] | None:
    """Figures by column code, under their headers or in their order; None where neither tells."""
    codes = list(printed) if len(printed) == len(block.columns) else [column.code for column in block.columns]
    if line.is_aligned and len(printed) == len(block.columns):
        under = _under_headers(values, printed, others)
        if under is not None:
            return under
        if any(not _covers(value, (*printed.values(), *others)) and not value.is_blank for value in values):
            # A figure under no header: a cell too many has pushed the row along.
            return None
    if others:
        return None if line.is_aligned else _by_field(values, printed, others)
    run = list(values)
    while len(run) > len(codes) and run[-1].is_blank:
        run.pop()
    while len(run) > len(codes) and run[0].is_blank and not line.is_aligned:
        run.pop(0)
    return dict(zip(codes, run, strict=True)) if len(run) == len(codes) else None


def _covers(value: Fragment, headings: Sequence[Fragment]) -> bool:
    return any(value.column < head.end_column and value.end_column > head.column for head in headings)


def _under_headers(
    values: Sequence[Fragment], printed: Mapping[str, Fragment], others: Sequence[Fragment]
) -> dict[str, Fragment] | None:
    """Figures by the header above them: one of its own for each column, and none without a header."""
    under = {code: [value for value in values if _covers(value, (head,))] for code, head in printed.items()}
    if any(len(found) != 1 for found in under.values()):
        return None
    taken = [found[0] for found in under.values()]
    if len(set(map(id, taken))) != len(taken):
        return None
    if any(value not in taken and not value.is_blank and not _covers(value, others) for value in values):
        return None
    return {code: found[0] for code, found in under.items()}


def _by_field(
    values: Sequence[Fragment], printed: Mapping[str, Fragment], others: Sequence[Fragment]
) -> dict[str, Fragment] | None:
    """Figures of a flattened row with further columns, by the field of their header."""
    fields = sorted((*printed.values(), *others), key=lambda head: head.column)
    if not printed or len(values) != len(fields):
        return None
    return {code: values[fields.index(head)] for code, head in printed.items()}
