"""The statutory tables as they are printed: cells with spans, from forms declaration × facts.

Every writer (HTML, DOCX, text) draws from these tables, so that all formats of a report agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from extract.forms.declaration import FormBlock, FormColumn, FormRow, FormTable
from pipelines.sample.facts import Facts

__all__ = ["CellKind", "PrintedCell", "PrintedTable", "Slot", "print_tables"]

_LABEL_COLUMNS = 3
_LEGAL_PERSONS = "法人或其他组织"
_SUBTOTAL = "小计"
_NOT_COUNTED = "——"


class CellKind(Enum):
    """What a printed cell is for."""

    TITLE = "title"
    HEADER = "header"
    LABEL = "label"
    VALUE = "value"
    FILLER = "filler"


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell at its top-left corner, with spans. `code` is set for the cells of the form."""

    text: str
    kind: CellKind
    column_span: int = 1
    row_span: int = 1
    code: str = ""


class Slot(NamedTuple):
    """One position of the full grid: the cell that covers it, and whether the position is its first row or column."""

    cell: PrintedCell
    is_first_row: bool
    is_first_column: bool


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table as rows of cells; positions covered by a span from the left or from above hold no cell."""

    id: str
    section: str
    column_count: int
    rows: tuple[tuple[PrintedCell, ...], ...]

    def grid(self) -> tuple[tuple[Slot, ...], ...]:
        """Every position of the table. Raises ValueError if the spans leave a hole or overlap."""
        slots: list[list[Slot | None]] = [[None] * self.column_count for _ in self.rows]
        for number, row in enumerate(self.rows):
            column = 0
            for cell in row:
                while column < self.column_count and slots[number][column] is not None:
                    column += 1
                for down in range(cell.row_span):
                    for right in range(cell.column_span):
                        if slots[number + down][column + right] is not None:
                            raise ValueError(f"table {self.id}: spans overlap in row {number + 1}")
                        slots[number + down][column + right] = Slot(cell, down == 0, right == 0)
        filled = tuple(tuple(slot for slot in row if slot is not None) for row in slots)
        if any(len(row) != self.column_count for row in filled):
            raise ValueError(f"table {self.id}: spans leave a hole")
        return filled


def print_tables(facts: Facts) -> tuple[PrintedTable, ...]:
    """The tables of a report, in the order of its form."""
    return tuple(_print_table(facts, table) for table in facts.form.tables)


def _print_table(facts: Facts, table: FormTable) -> PrintedTable:
    drawn = {
        "stacked_blocks": _stacked_blocks,
        "matrix": _matrix,
        "single_value_row": _single_value_row,
        "indicator_list": _indicator_list,
    }[table.layout](facts, table)
    rows = tuple(tuple(row) for row in drawn)
    return PrintedTable(table.id, table.section or "annex", sum(cell.column_span for cell in rows[0]), rows)


def _value(facts: Facts, table: FormTable, row: FormRow, column: FormColumn, span: int = 1) -> PrintedCell:
    code = f"{table.id}.{row.code}.{column.code}"
    return PrintedCell(facts.figures[code].printed, CellKind.VALUE, span, code=code)


def _row_label(facts: Facts, table: FormTable, row: FormRow) -> str:
    return facts.layout.labels.get(f"{table.id}.{row.code}", row.number + row.label)


def _column_label(facts: Facts, table: FormTable, block: FormBlock, column: FormColumn) -> str:
    return facts.layout.labels.get(f"{table.id}.{block.id}.{column.code}", column.label)


def _stacked_blocks(facts: Facts, table: FormTable) -> Iterator[list[PrintedCell]]:
    """Table 2: blocks one below the other, each with its own header row, all in the grid of the widest block."""
    width = max(len(block.columns) for block in table.blocks)
    for block in table.blocks:
        spans = [1] * len(block.columns)
        spans[-1] += width - len(block.columns)
        title = facts.layout.labels.get(f"{table.id}.{block.id}", block.title or "")
        yield [PrintedCell(title, CellKind.TITLE, width + 1)]
        yield [
            PrintedCell("信息内容", CellKind.HEADER),
            *(
                PrintedCell(_column_label(facts, table, block, column), CellKind.HEADER, span)
                for column, span in zip(block.columns, spans, strict=True)
            ),
        ]
        for row in block.rows:
            yield [
                PrintedCell(_row_label(facts, table, row), CellKind.LABEL),
                *(_value(facts, table, row, column, span) for column, span in zip(block.columns, spans, strict=True)),
            ]
    if facts.layout.line_after_table_2:
        yield [PrintedCell(facts.layout.line_after_table_2, CellKind.TITLE, width + 1)]


def _matrix(facts: Facts, table: FormTable) -> Iterator[list[PrintedCell]]:
    """Table 3: a label area of three columns and a column for each kind of applicant."""
    (block,) = table.blocks
    yield from _matrix_header(facts, table, block)
    waiting: list[PrintedCell] = []
    skipped: set[str] = set()
    for row in block.rows:
        if row.parent in skipped:
            continue
        label = _row_label(facts, table, row)
        stands_alone = row.stands_for_children and facts.layout.other_handling_as_one_row
        if stands_alone:
            skipped.add(row.code)
        if row.kind == "group" and not stands_alone:
            waiting.append(PrintedCell(label, CellKind.LABEL, row_span=_printed_rows_below(facts, block, row)))
            continue
        span = _LABEL_COLUMNS - (row.level - 1)
        yield [*waiting, PrintedCell(label, CellKind.LABEL, span), *_applicant_values(facts, table, block, row)]
        waiting = []


def _printed_rows_below(facts: Facts, block: FormBlock, group: FormRow) -> int:
    count = 0
    for row in block.rows:
        if row.parent != group.code:
            continue
        is_one_row = row.kind != "group" or (row.stands_for_children and facts.layout.other_handling_as_one_row)
        count += 1 if is_one_row else _printed_rows_below(facts, block, row)
    return count


def _matrix_header(facts: Facts, table: FormTable, block: FormBlock) -> Iterator[list[PrintedCell]]:
    organisations = [column for column in block.columns if column.group == _LEGAL_PERSONS]
    extra = 1 if facts.layout.applicant_subtotal else 0
    yield [
        PrintedCell(table.corner_note or "", CellKind.HEADER, _LABEL_COLUMNS, 3),
        PrintedCell(table.header_group or "", CellKind.HEADER, len(block.columns) + extra),
    ]
    second: list[PrintedCell] = []
    for column in block.columns:
        if column.group is None:
            second.append(PrintedCell(_column_label(facts, table, block, column), CellKind.HEADER, row_span=2))
        elif column is organisations[0]:
            second.append(PrintedCell(_LEGAL_PERSONS, CellKind.HEADER, len(organisations) + extra))
    yield second
    third = [PrintedCell(_column_label(facts, table, block, column), CellKind.HEADER) for column in organisations]
    yield [*third, PrintedCell(_SUBTOTAL, CellKind.HEADER)] if extra else third


def _applicant_values(facts: Facts, table: FormTable, block: FormBlock, row: FormRow) -> Iterator[PrintedCell]:
    organisations = [column for column in block.columns if column.group == _LEGAL_PERSONS]
    for column in block.columns:
        yield _value(facts, table, row, column)
        if facts.layout.applicant_subtotal and column is organisations[-1]:
            parts = [facts.number(f"{table.id}.{row.code}.{part.code}") for part in organisations]
            known = [part for part in parts if part is not None]
            yield PrintedCell(str(sum(known)) if known else "", CellKind.FILLER)


def _single_value_row(facts: Facts, table: FormTable) -> Iterator[list[PrintedCell]]:
    """Table 4: three header rows over one row of values, one block of columns for each channel."""
    (block,) = table.blocks
    width = len(block.columns)
    alone = [row for row in block.rows if row.parent is None]
    grouped = [row for row in block.rows if row.parent is not None]

    def headers(row_span: int) -> Iterator[PrintedCell]:
        for column in block.columns:
            hidden = column.derived and facts.layout.review_total_without_header
            text = "" if hidden else _column_label(facts, table, block, column)
            yield PrintedCell(text, CellKind.HEADER, row_span=row_span)

    yield [
        *(PrintedCell(_row_label(facts, table, row), CellKind.HEADER, width) for row in alone),
        PrintedCell(grouped[0].parent or "", CellKind.HEADER, width * len(grouped)),
    ]
    yield [
        *(cell for _ in alone for cell in headers(2)),
        *(PrintedCell(_row_label(facts, table, row), CellKind.HEADER, width) for row in grouped),
    ]
    yield [cell for _ in grouped for cell in headers(1)]
    yield [_value(facts, table, row, column) for row in (*alone, *grouped) for column in block.columns]


def _indicator_list(facts: Facts, table: FormTable) -> Iterator[list[PrintedCell]]:
    """The E2014 table: indicator, unit, figure."""
    (block,) = table.blocks
    (column,) = block.columns
    yield [PrintedCell(label, CellKind.HEADER) for label in table.header_labels]
    for row in block.rows:
        label = PrintedCell("\u3000" * (row.level - 1) + _row_label(facts, table, row), CellKind.LABEL)
        if row.kind == "group":
            nothing = PrintedCell(_NOT_COUNTED, CellKind.FILLER)
            yield [label, nothing, nothing]
        else:
            yield [label, PrintedCell(row.unit or "", CellKind.FILLER), _value(facts, table, row, column)]
