"""Table 2, proactive disclosure: stacked blocks, each with a heading (第二十条第…项), a header row and one or two rows.

E2019 counts items and decisions, E2021 decisions and money (国办公开办函〔2019〕60号, 〔2021〕30号).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from extract.forms.declaration import Edition, FormBlock, FormRow
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, withheld
from extract.model import CellReading

__all__ = ["read_disclosure"]

_TABLE = "t2"
_BLOCK_HEADING = re.compile(r"第?二十条第?\(?([一二三四五六七八九十]+)\)?项")
_NUMERALS = {"一": "1", "五": "5", "六": "6", "八": "8", "九": "9"}
_ROW_HEADER = "信息内容"
_END_OF_TABLE = re.compile(r"^(?:[一二三四五六]、)?(?:收到和处理政府信息公开申请|本年(?:度)?新收|\(本列数据的勾稽)")


@lru_cache(maxsize=8)
def _rows(edition: Edition) -> dict[str, tuple[FormBlock, FormRow]]:
    return {
        label: (block, row)
        for block in edition.table(_TABLE).blocks
        for label, (row, *_) in block.rows_by_label.items()
    }


def read_disclosure(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 2 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    block: FormBlock | None = None
    headings: list[Fragment] = []
    grid: int | None = None
    found: dict[str, CellReading] = {}
    in_table = False
    for line in lines:
        if heading := _heading(edition, line):
            block, headings, grid, in_table = heading, [], line.grid, True
            if not any(fragment.label.startswith(_ROW_HEADER) for fragment in line.cells):
                continue
        if _is_header(edition, line):
            headings, in_table, grid = [*line.cells], True, line.grid
            block = _block_of_header(edition, line, block)
            continue
        if not in_table:
            continue
        if _END_OF_TABLE.match(compact(line.text)):
            # The table is over at the next section; a new heading or header opens it again.
            block, headings, in_table = None, [], False
            continue
        labels, values = line.split()
        named = _named(edition, labels)
        if named is None:
            if len(labels) == 1 and values and line.grid is not None:
                reading.leave(line, "unknown_label")
            elif labels and len(compact(line.text)) < 40 and line.grid == grid and line.grid is not None:
                reading.leave(line, "extra_line")
            continue
        for cell in _read_row(edition, *named, line, values, headings):
            _keep(found, cell, reading)
    reading.cells.extend(found.values())
    return reading


def _keep(found: dict[str, CellReading], cell: CellReading, reading: TableReading) -> None:
    first = found.get(cell.code)
    if first is None:
        found[cell.code] = cell
    elif (first.value, first.status) == (cell.value, cell.status):
        reading.note("duplicate_table", _TABLE, "the table is printed more than once, alike")
    else:
        reading.note("conflicting_copies", cell.code, f"{first.raw} | {cell.raw}")
        found[cell.code] = withheld(cell.code, Fragment(f"{first.raw} | {cell.raw}", first.place), "conflicting_copies")


def _heading(edition: Edition, line: Line) -> FormBlock | None:
    """The block that a 第二十条第…项 line opens."""
    for fragment in line.cells:
        match = _BLOCK_HEADING.search(compact(fragment.text))
        if match and len(compact(fragment.text)) < 30:
            wanted = f"art20_{_NUMERALS.get(match[1], match[1])}"
            return next((block for block in edition.table(_TABLE).blocks if block.id == wanted), None)
    return None


def _is_header(edition: Edition, line: Line) -> bool:
    labels = {fragment.label for fragment in line.cells}
    if any(label.startswith(_ROW_HEADER) for label in labels):
        return True
    return any(len(labels & block.columns_by_label.keys()) >= 2 for block in edition.table(_TABLE).blocks)


def _block_of_header(edition: Edition, line: Line, current: FormBlock | None) -> FormBlock | None:
    """The block whose headers a header line prints: the open one if it fits, else the only one that does."""
    labels = {fragment.label for fragment in line.cells}
    if current is not None:
        return current
    fitting = [block for block in edition.table(_TABLE).blocks if set(block.columns_by_label) & labels]
    return fitting[0] if len(fitting) == 1 else None


def _named(edition: Edition, labels: Sequence[Fragment]) -> tuple[FormBlock, FormRow] | None:
    if not labels:
        return None
    return _rows(edition).get(labels[-1].label)


def _read_row(
    edition: Edition,
    block: FormBlock,
    row: FormRow,
    line: Line,
    values: Sequence[Fragment],
    headings: Sequence[Fragment],
) -> list[CellReading]:
    printed = _headers(block, headings)
    mapped = _mapped(block, line, values, printed)
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
        found = {column.code: glued for label, column in columns.items() if label in glued.label}
    return found


def _mapped(
    block: FormBlock, line: Line, values: Sequence[Fragment], printed: Mapping[str, Fragment]
) -> dict[str, Fragment] | None:
    """Figures by column code: as many as columns in print order, confirmed by the headers; None where that fails."""
    codes = list(printed) if len(printed) == len(block.columns) else [column.code for column in block.columns]
    run = list(values)
    while len(run) > len(codes) and run[-1].is_blank:
        run.pop()
    while len(run) > len(codes) and run[0].is_blank and not line.is_aligned:
        run.pop(0)
    if len(run) == len(codes):
        return dict(zip(codes, run, strict=True))
    if line.is_aligned and len(printed) == len(block.columns):
        under = {
            code: [value for value in values if value.column < head.end_column and value.end_column > head.column]
            for code, head in printed.items()
        }
        headed = [value for found in under.values() for value in found]
        if any(value not in headed and not value.is_blank for value in values):
            # A figure under no header: a cell too many has pushed the row along.
            return None
        if all(len(found) == 1 for found in under.values()) and len({id(v[0]) for v in under.values()}) == len(under):
            return {code: found[0] for code, found in under.items()}
    return None
