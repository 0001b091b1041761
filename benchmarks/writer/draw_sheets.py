"""Draws a report as a workbook: XLSX by openpyxl, XLS by xlwt.

Belongs here: the habits of people who type a report into a spreadsheet. Does not belong here: figures, layouts.
"""

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import openpyxl
import xlwt
from openpyxl.styles import Alignment, Border, Font, Side

from benchmarks.writer.page import Page, WrittenParagraph
from pipelines.sample.layout import CellKind, PrintedTable

__all__ = ["SheetStyle", "draw_xls", "draw_xlsx"]

_DAY = datetime(2022, 1, 10)
_PLAIN_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?")
_WITH_UNIT = re.compile(r"(-?\d{1,9}(?:\.\d{1,4})?)(个|件|条|元|万元)")
_NAMES = {"t2": "表二 主动公开", "t3": "表三 依申请公开", "t4": "表四 复议诉讼", "st": "统计表"}


@dataclass(frozen=True)
class SheetStyle:
    """The habits of one typist."""

    sheet_for_each_table: bool = False
    numbers_as_numbers: bool = True
    units_by_format: bool = False
    """Units of figures stand in the number format, not in the cell."""
    merges: bool = True
    prose_merged: bool = True
    blank_row_between: bool = True
    framed: bool = True
    first_row: int = 0
    first_column: int = 0
    extra_columns: int = 0
    """Columns of the sheet that one column of the table takes more, each cell merged over them."""
    hidden_draft: bool = False
    """A hidden sheet with other figures."""
    hidden_column: bool = False
    formulas: bool = False

    @classmethod
    def random(cls, rng: random.Random) -> "SheetStyle":
        """Habits drawn from `rng`."""
        return cls(
            sheet_for_each_table=rng.random() < 0.3,
            numbers_as_numbers=rng.random() < 0.7,
            units_by_format=rng.random() < 0.3,
            merges=rng.random() < 0.9,
            prose_merged=rng.random() < 0.6,
            blank_row_between=rng.random() < 0.5,
            framed=rng.random() < 0.7,
            first_row=rng.choice((0, 0, 1, 3)),
            first_column=rng.choice((0, 0, 1, 2)),
            extra_columns=rng.choice((0, 0, 0, 1)),
            hidden_draft=rng.random() < 0.2,
            hidden_column=rng.random() < 0.15,
        )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One cell to be written: position, last position, text, and what it is."""

    sheet: int
    row: int
    column: int
    last_row: int
    last_column: int
    text: str
    is_value: bool
    is_table: bool


def _cells(page: Page, style: SheetStyle) -> tuple[list[str], list[_Drawn]]:
    """The names of the sheets and every cell of them."""
    # Several tables with one id are told apart by what is printed between them: they stay on one sheet.
    ids = [table.id for table in page.tables]
    separate = style.sheet_for_each_table and len(set(ids)) == len(ids)
    names = ["报告正文" if separate else "Sheet1"]
    drawn: list[_Drawn] = []
    step = 1 + style.extra_columns
    widest = max((table.column_count for table in page.tables), default=8) * step
    row = style.first_row
    for block in page.blocks:
        if isinstance(block, WrittenParagraph):
            last = style.first_column + widest - 1 if style.prose_merged else style.first_column
            drawn.append(_Drawn(0, row, style.first_column, row, last, block.text, False, False))
            row += 1
            continue
        if separate:
            names.append(_NAMES.get(block.id, block.id))
            drawn.extend(_table_cells(block, style, len(names) - 1, style.first_row, step))
            continue
        row += style.blank_row_between
        drawn.extend(_table_cells(block, style, 0, row, step))
        row += len(block.rows) + style.blank_row_between
    return names, drawn


def _table_cells(table: PrintedTable, style: SheetStyle, sheet: int, top: int, step: int) -> Iterator[_Drawn]:
    for number, slots in enumerate(table.grid()):
        for position, slot in enumerate(slots):
            if not (slot.is_first_row and slot.is_first_column):
                continue
            cell = slot.cell
            left = style.first_column + position * step
            down = cell.row_span - 1
            right = cell.column_span * step - 1
            if not style.merges and cell.kind is CellKind.VALUE:
                down = right = 0
            text = cell.text
            yield _Drawn(
                sheet,
                top + number,
                left,
                top + number + down,
                left + right,
                text,
                cell.kind in (CellKind.VALUE, CellKind.FILLER),
                True,
            )


def _stored(drawn: _Drawn, style: SheetStyle) -> tuple[str | int | float | None, str]:
    """What the cell holds, and its number format."""
    if not drawn.text:
        return None, "General"
    if drawn.is_value and style.numbers_as_numbers:
        if _PLAIN_NUMBER.fullmatch(drawn.text):
            return (float(drawn.text) if "." in drawn.text else int(drawn.text)), "General"
        unit = _WITH_UNIT.fullmatch(drawn.text)
        if unit and style.units_by_format:
            return (float(unit[1]) if "." in unit[1] else int(unit[1])), f'General"{unit[2]}"'
    return drawn.text, "General"


def draw_xlsx(page: Page, rng: random.Random, style: SheetStyle | None = None) -> bytes:
    """The report as XLSX; the same state of `rng` gives the same bytes."""
    style = style or SheetStyle.random(rng)
    names, cells = _cells(page, style)
    workbook = openpyxl.Workbook()
    workbook.properties.created = workbook.properties.modified = _DAY
    sheets = [workbook.active, *(workbook.create_sheet() for _ in names[1:])]
    line = Side(style="thin")
    for sheet, name in zip(sheets, names, strict=True):
        sheet.title = name
    for drawn in cells:
        sheet = sheets[drawn.sheet]
        target = sheet.cell(drawn.row + 1, drawn.column + 1)
        value, number_format = _stored(drawn, style)
        target.value = value
        if isinstance(value, str):
            target.data_type = "s"
        target.number_format = number_format
        target.alignment = Alignment(wrap_text=True, horizontal="center" if drawn.is_table else None)
        if drawn.is_table and style.framed:
            target.border = Border(line, line, line, line)
        if not drawn.is_table and drawn.row == style.first_row:
            target.font = Font(size=18, bold=True)
        if (drawn.last_row, drawn.last_column) != (drawn.row, drawn.column):
            sheet.merge_cells(
                start_row=drawn.row + 1,
                start_column=drawn.column + 1,
                end_row=drawn.last_row + 1,
                end_column=drawn.last_column + 1,
            )
    if style.hidden_column and style.first_column:
        sheets[0].column_dimensions["A"].hidden = True
        sheets[0].cell(style.first_row + 2, 1).value = rng.randint(1, 99)
    if style.hidden_draft:
        draft = workbook.create_sheet("草稿")
        draft.sheet_state = "hidden"
        for drawn in cells:
            draft.cell(drawn.row + 1, drawn.column + 1).value = rng.randint(1, 99) if drawn.is_value else drawn.text
    buffer = io.BytesIO()
    workbook.save(buffer)
    return _without_clock(buffer.getvalue())


def _without_clock(data: bytes) -> bytes:
    """The package with one date for every part: the library writes the time of saving."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                stamp = _DAY.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            target.writestr(zipfile.ZipInfo(info.filename), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def draw_xls(page: Page, rng: random.Random, style: SheetStyle | None = None) -> bytes:
    """The report as XLS; the same state of `rng` gives the same bytes."""
    style = style or SheetStyle.random(rng)
    names, cells = _cells(page, style)
    workbook = xlwt.Workbook(encoding="utf-8")
    sheets = [workbook.add_sheet(name) for name in names]
    formats = _xls_formats(framed=style.framed)
    for drawn in cells:
        value, number_format = _stored(drawn, style)
        chosen = formats(number_format, is_table=drawn.is_table)
        sheet = sheets[drawn.sheet]
        if (drawn.last_row, drawn.last_column) != (drawn.row, drawn.column):
            sheet.write_merge(drawn.row, drawn.last_row, drawn.column, drawn.last_column, value, chosen)
        else:
            sheet.write(drawn.row, drawn.column, value, chosen)
    if style.hidden_column and style.first_column:
        sheets[0].col(0).hidden = True
        sheets[0].write(style.first_row + 1, 0, rng.randint(1, 99))
    if style.hidden_draft:
        draft = workbook.add_sheet("草稿")
        draft.visibility = 1
        for row, drawn in enumerate(cells):
            draft.write(row, 0, rng.randint(1, 99) if drawn.is_value else drawn.text)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _xls_formats(*, framed: bool) -> Callable[..., Any]:
    """A maker of cell formats that makes each once: a workbook holds no more than some thousand."""
    made: dict[tuple[str, bool], Any] = {}

    def of(number_format: str, *, is_table: bool) -> Any:
        if (number_format, is_table) not in made:
            borders = "borders: left thin, right thin, top thin, bottom thin" if framed and is_table else ""
            made[number_format, is_table] = xlwt.easyxf(
                f"align: wrap on; {borders}", num_format_str=None if number_format == "General" else number_format
            )
        return made[number_format, is_table]

    return of
