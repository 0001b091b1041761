"""XLS and ET workbooks to sheets: the records of BIFF8, with calamine as the second reading of every cell.

Belongs here: BIFF records. Does not belong here: where a table begins on a sheet.

Our own walk tells what a library leaves out and what decides how a figure reads: hidden rows and columns, number
formats, errors, note marks. Calamine reads the same cells by other code; a figure on which the two differ is in doubt.
Workbooks older than BIFF8 are read by calamine alone.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import olefile
from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

from extract.model import Unreadable
from extract.readers.number_formats import BUILTIN_FORMATS, number_text, print_number
from extract.readers.sheet_blocks import MOST_CELLS, Sheet, SheetCell
from extract.readers.spans import is_note_mark, with_note_marks
from extract.readers.xlsx import Workbook

__all__ = ["read_xls"]

_LARGEST = 200 * 1024 * 1024
_MOST_POSITIONS = 2_000_000
"""Rows times columns of a sheet that calamine, which keeps the empty cells too, is given."""
_MOST_SHEETS = 500
_BIFF8 = 0x0600
_BOF, _EOF, _CONTINUE, _FILEPASS = 0x0809, 0x000A, 0x003C, 0x002F
_BOUNDSHEET, _SST, _XF, _FORMAT, _FONT, _DATEMODE = 0x0085, 0x00FC, 0x00E0, 0x041E, 0x0031, 0x0022
_ROW, _COLINFO, _MERGED = 0x0208, 0x007D, 0x00E5
_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR, _LABELSST = 0x0203, 0x027E, 0x00BD, 0x0006, 0x0205, 0x00FD
_LABEL, _RSTRING, _STRING, _DRAWING = 0x0204, 0x00D6, 0x0207, 0x00EB
_BLANK, _MULBLANK = 0x0201, 0x00BE
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_SKIPPED_FONT = 4
"""Fonts are numbered without this index."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A shared string with the places where another font begins."""

    text: str
    runs: tuple[tuple[int, int], ...] = ()


@dataclass
class _Globals:
    """What the whole workbook shares."""

    version: int = _BIFF8
    is_locked: bool = False
    since_1904: bool = False
    sheets: list[tuple[int, str, bool]] = field(default_factory=list)
    """Offset, name and whether hidden, of each worksheet."""
    strings: list[_Text] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=lambda: dict(BUILTIN_FORMATS))
    styles: list[tuple[int, int, bool]] = field(default_factory=list)
    """Font, format and whether framed."""
    fonts: list[tuple[bool, bool]] = field(default_factory=list)
    """Whether struck out, and whether raised or lowered."""
    has_images: bool = False

    def is_framed(self, style: int) -> bool:
        """Whether a style draws a border."""
        return style < len(self.styles) and self.styles[style][2]

    def font(self, index: int) -> tuple[bool, bool]:
        """The font of an index."""
        index -= index > _SKIPPED_FONT
        return self.fonts[index] if 0 <= index < len(self.fonts) else (False, False)


def read_xls(data: bytes) -> Workbook:
    """The sheets of an XLS file; raises Unreadable("broken_workbook"), ("encrypted_file") or ("sheet_too_large")."""
    stream, title = _workbook_stream(data)
    try:
        shared = _read_globals(stream)
        if shared.is_locked:
            raise Unreadable("encrypted_file", "The workbook is locked with a password. Add an unlocked copy.")
        if shared.version != _BIFF8:
            return Workbook(_calamine_sheets(data, stream, None), title)
        sheets = []
        for offset, name, is_hidden in shared.sheets[:_MOST_SHEETS]:
            sheet = Sheet(name, is_hidden=is_hidden)
            _read_sheet(stream, offset, shared, sheet)
            sheets.append(sheet)
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise _broken(f"Its records do not follow the format ({error}).") from error
    if not sheets:
        raise _broken("It has no sheet.")
    _compare(sheets, _calamine_sheets(data, stream, sheets))
    return Workbook(sheets, title, shared.has_images)


def _broken(why: str) -> Unreadable:
    return Unreadable(
        "broken_workbook",
        f"The workbook is broken. {why} Open it in a spreadsheet program, save it as XLSX, and add that copy.",
    )


def _workbook_stream(data: bytes) -> tuple[bytes, str | None]:
    """The record stream of the workbook, and the title of the file's properties."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            name = next((name for name in ("Workbook", "WORKBOOK", "Book", "BOOK") if ole.exists(name)), None)
            if name is None:
                raise _broken("It has no workbook stream.")
            if ole.get_size(name) > _LARGEST:
                raise _broken("Its workbook stream is larger than any report.")
            stream: bytes = ole.openstream(name).read(_LARGEST)
            return stream, _title(ole)
    except Unreadable:
        raise
    except Exception as error:  # olefile raises whatever its parsing of broken sectors runs into
        raise _broken(f"Its container cannot be read ({error}).") from error


def _title(ole: Any) -> str | None:
    """The title of the summary; None if it cannot be read, for no figure depends on it."""
    try:
        properties = ole.getproperties("\x05SummaryInformation", convert_time=False)
        title, page = properties.get(2), properties.get(1, 0)
    except Exception:  # as above
        return None
    if not isinstance(title, bytes):
        return title.strip() or None if isinstance(title, str) else None
    encoding = "utf-8" if page == -535 else "gb18030"
    return title.rstrip(b"\0").decode(encoding, "replace").strip() or None


def _records(stream: bytes, offset: int = 0) -> Iterator[tuple[int, int, int]]:
    """Kind, first byte and end of each record from `offset`; a record cut off ends the walk."""
    end = len(stream) - 4
    while 0 <= offset <= end:
        kind, length = struct.unpack_from("<HH", stream, offset)
        offset += 4
        if offset + length > len(stream):
            return
        yield kind, offset, offset + length
        offset += length


def _read_globals(stream: bytes) -> _Globals:
    shared = _Globals()
    parts: list[bytes] = []
    is_strings = False
    for number, (kind, start, end) in enumerate(_records(stream)):
        body = stream[start:end]
        if number == 0:
            if kind not in (_BOF, 0x0009, 0x0209, 0x0409):
                raise ValueError("no beginning of a workbook")
            shared.version = struct.unpack_from("<H", body)[0] if kind == _BOF else 0
        elif kind == _CONTINUE:
            if is_strings:
                parts.append(body)
            continue
        elif kind == _EOF:
            break
        elif kind == _FILEPASS:
            shared.is_locked = True
            return shared
        elif kind == _SST and shared.version == _BIFF8:
            parts.append(body)
        elif shared.version == _BIFF8:
            _global_record(kind, body, shared)
        is_strings = kind == _SST
    if parts:
        shared.strings = list(_Strings(parts).read())
    return shared


def _global_record(kind: int, body: bytes, shared: _Globals) -> None:
    if kind == _BOUNDSHEET:
        offset, visibility, sheet_type, length, flags = struct.unpack_from("<IBBBB", body)
        if sheet_type == 0:
            raw = body[8 : 8 + length * (1 + (flags & 1))]
            shared.sheets.append((offset, raw.decode("utf-16-le" if flags & 1 else "latin-1"), visibility & 3 != 0))
    elif kind == _FORMAT:
        number, length, flags = struct.unpack_from("<HHB", body)
        raw = body[5 : 5 + length * (1 + (flags & 1))]
        shared.formats[number] = raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")
    elif kind == _FONT:
        grbit, script = struct.unpack_from("<H4xH", body, 2)
        shared.fonts.append((bool(grbit & 8), script != 0))
    elif kind == _XF:
        font, number_format, borders = struct.unpack_from("<HH6xH", body)
        shared.styles.append((font, number_format, borders != 0))
    elif kind == _DATEMODE:
        shared.since_1904 = body[:1] == b"\x01"
    elif kind == _DRAWING:
        shared.has_images = True


class _Strings:
    """The table of shared strings, which runs over continued records."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self._part = 0
        self._at = 8

    def read(self) -> Iterator[_Text]:
        """All strings; what is cut off at the end is left out."""
        _, count = struct.unpack_from("<II", self._parts[0])
        for _ in range(count):
            if not self._left():
                return
            length, flags = struct.unpack("<HB", self._bytes(3))
            run_count = struct.unpack("<H", self._bytes(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", self._bytes(4))[0] if flags & 4 else 0
            text = self._characters(length, wide=bool(flags & 1))
            runs = tuple(struct.unpack("<HH", self._bytes(4)) for _ in range(run_count))
            self._bytes(extra)
            yield _Text(text, runs)

    def _left(self) -> int:
        """Bytes left in the part, after going on to the next where this one is used up."""
        while self._at >= len(self._parts[self._part]):
            if self._part + 1 == len(self._parts):
                return 0
            self._part += 1
            self._at = 0
        return len(self._parts[self._part]) - self._at

    def _bytes(self, count: int) -> bytes:
        pieces = []
        while count > 0:
            taken = min(self._left(), count)
            if not taken:
                raise ValueError("the table of strings is cut off")
            pieces.append(self._parts[self._part][self._at : self._at + taken])
            self._at += taken
            count -= taken
        return b"".join(pieces)

    def _characters(self, count: int, *, wide: bool) -> str:
        pieces = []
        while count > 0:
            if self._at >= len(self._parts[self._part]):
                # The text goes on in the next record, which says anew how wide its characters are.
                if not self._left():
                    raise ValueError("the table of strings is cut off")
                wide = bool(self._parts[self._part][0] & 1)
                self._at = 1
            taken = min(count, (len(self._parts[self._part]) - self._at) // (2 if wide else 1))
            if not taken:
                raise ValueError("a character is cut in two")
            raw = self._bytes(taken * (2 if wide else 1))
            pieces.append(raw.decode("utf-16-le", "surrogatepass") if wide else raw.decode("latin-1"))
            count -= taken
        return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read_sheet(stream: bytes, offset: int, shared: _Globals, sheet: Sheet) -> None:
    depth = 0
    awaiting: tuple[int, int, int] | None = None
    """The formula whose text is in the next record."""
    for kind, start, end in _records(stream, offset):
        body = stream[start:end]
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth > 1:
            continue  # a chart inside the sheet
        elif kind == _STRING and awaiting is not None:
            length, flags = struct.unpack_from("<HB", body)
            raw = body[3 : 3 + length * (1 + (flags & 1))]
            text = raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")
            _put(sheet, awaiting, SheetCell(text), shared)
            awaiting = None
        elif kind in _CELL_READERS:
            for row, column, style, value in _CELL_READERS[kind](body, shared):
                if value is None:
                    awaiting = (row, column, style)
                elif isinstance(value, str):
                    _put(sheet, (row, column, style), SheetCell(value), shared)
                else:
                    _put_number(sheet, (row, column, style), value, shared)
        elif kind in (_BLANK, _MULBLANK):
            row, column = struct.unpack_from("<HH", body)
            styles = struct.unpack_from(f"<{(len(body) - 4) // 2 - (kind == _MULBLANK)}H", body, 4)
            framed = ((row, column + index) for index, style in enumerate(styles) if shared.is_framed(style))
            sheet.framed.update(framed if len(sheet.framed) < MOST_CELLS else ())
        elif kind == _ROW:
            row, grbit = struct.unpack_from("<H10xH", body)
            if grbit & 0x20:
                sheet.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, width, _, grbit = struct.unpack_from("<HHHHH", body)
            if grbit & 1 or width == 0:
                sheet.hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind == _MERGED:
            (count,) = struct.unpack_from("<H", body)
            for index in range(min(count, (len(body) - 2) // 8)):
                top, bottom, left, right = struct.unpack_from("<HHHH", body, 2 + index * 8)
                if top <= bottom and left <= right:
                    sheet.merged.append((top, left, bottom, right))


_CellValue = tuple[int, int, int, float | str | None]
"""Row, column, style and value; None for the text of a formula, which is in the next record."""


def _number_cell(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    yield struct.unpack_from("<HHHd", body)


def _rk_cell(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    row, column, style, raw = struct.unpack_from("<HHHI", body)
    yield row, column, style, _rk(raw)


def _rk_cells(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    row, column = struct.unpack_from("<HH", body)
    for index in range((len(body) - 6) // 6):
        style, raw = struct.unpack_from("<HI", body, 4 + index * 6)
        yield row, column + index, style, _rk(raw)


def _rk(raw: int) -> float:
    """A number packed into 30 bits: a whole number or the head of a binary fraction, maybe of hundredths."""
    value: float
    if raw & 2:
        value = (raw >> 2) - ((raw & 0x80000000) >> 1)
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))
    return value / 100 if raw & 1 else value


def _formula_cell(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    row, column, style = struct.unpack_from("<HHH", body)
    result = body[6:14]
    if result[6:8] != b"\xff\xff":
        yield row, column, style, struct.unpack("<d", result)[0]
    elif result[0] == 0:
        yield row, column, style, None
    elif result[0] == 1:
        yield row, column, style, "TRUE" if result[2] else "FALSE"
    elif result[0] == 2:
        yield row, column, style, _ERRORS.get(result[2], "#N/A")


def _boolean_or_error_cell(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    row, column, style, value, is_error = struct.unpack_from("<HHHBB", body)
    yield row, column, style, _ERRORS.get(value, "#N/A") if is_error else "TRUE" if value else "FALSE"


def _shared_text_cell(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    row, column, style, index = struct.unpack_from("<HHHI", body)
    if index < len(shared.strings):
        yield row, column, style, _printed(shared.strings[index], shared)
    else:
        raise ValueError("a cell names a string that is not there")


def _text_cell(body: bytes, shared: _Globals) -> Iterator[_CellValue]:
    row, column, style, length, flags = struct.unpack_from("<HHHHB", body)
    raw = body[9 : 9 + length * (1 + (flags & 1))]
    yield row, column, style, raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")


_CELL_READERS = {
    _NUMBER: _number_cell,
    _RK: _rk_cell,
    _MULRK: _rk_cells,
    _FORMULA: _formula_cell,
    _BOOLERR: _boolean_or_error_cell,
    _LABELSST: _shared_text_cell,
    _LABEL: _text_cell,
    _RSTRING: _text_cell,
}


def _printed(string: _Text, shared: _Globals) -> str:
    """The text of a string without struck-out runs, raised digits as note marks."""
    if not string.runs:
        return string.text
    bounds = [0, *(min(start, len(string.text)) for start, _ in string.runs), len(string.text)]
    pieces: list[str] = []
    raised: list[int] = []
    for number in range(len(bounds) - 1):
        piece = string.text[bounds[number] : bounds[number + 1]]
        is_struck, is_raised = shared.font(string.runs[number - 1][1]) if number else (False, False)
        if is_struck or not piece:
            continue
        if is_raised and is_note_mark(piece):
            raised.append(len(pieces))
        pieces.append(piece)
    return "".join(with_note_marks(pieces, raised) if raised else pieces)


def _put(sheet: Sheet, at: tuple[int, int, int], cell: SheetCell, shared: _Globals) -> None:
    row, column, style = at
    if len(sheet.cells) >= MOST_CELLS:
        raise Unreadable(
            "sheet_too_large",
            f"The workbook has more than {MOST_CELLS} filled cells, which no report has. "
            "Add the report alone, without other data.",
        )
    font, _, is_framed = shared.styles[style] if style < len(shared.styles) else (0, 0, False)
    text = cell.text.replace("\r\n", "\n").replace("\r", "\n")
    if text.strip() and not shared.font(font)[0]:
        sheet.cells[row, column] = SheetCell(text, cell.is_number, cell.doubt, is_framed)


def _put_number(sheet: Sheet, at: tuple[int, int, int], value: float, shared: _Globals) -> None:
    style = at[2]
    number_format = shared.styles[style][1] if style < len(shared.styles) else 0
    printed = print_number(value, shared.formats.get(number_format, ""), since_1904=shared.since_1904)
    doubt = "garbled_text" if printed.is_doubtful else ""
    _put(sheet, at, SheetCell(printed.text, is_number=True, doubt=doubt), shared)


def _calamine_sheets(data: bytes, stream: bytes, ours: list[Sheet] | None) -> list[Sheet]:
    """The worksheets as calamine reads them, numbers as plain text; none where a sheet is too wide for it."""
    if _widest(stream) > _MOST_POSITIONS:
        raise Unreadable(
            "sheet_too_large",
            "A sheet of the workbook reaches over more rows and columns than any report. Add the report alone.",
        )
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            sheets = []
            for entry in workbook.sheets_metadata[:_MOST_SHEETS]:
                if ours is not None and all(entry.name != sheet.name for sheet in ours):
                    continue
                source = workbook.get_sheet_by_name(entry.name)
                sheet = Sheet(entry.name, is_hidden=entry.visible != SheetVisibleEnum.Visible)
                sheet.merged = [(*first, *last) for first, last in source.merged_cell_ranges or ()]
                for row, values in enumerate(source.to_python(skip_empty_area=False)):
                    for column, value in enumerate(values):
                        if value != "":
                            sheet.cells[row, column] = _plain_cell(value)
                sheets.append(sheet)
            return sheets
    except PasswordError as error:
        raise Unreadable("encrypted_file", "The workbook is locked with a password. Add an unlocked copy.") from error
    except BaseException as error:
        # A panic inside the library arrives as an exception that is no Exception.
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise _broken(f"Its cells cannot be read ({error}).") from error


def _plain_cell(value: Any) -> SheetCell:
    if isinstance(value, bool):
        return SheetCell("TRUE" if value else "FALSE")
    if isinstance(value, int | float):
        return SheetCell(number_text(value), is_number=True)
    if isinstance(value, str):
        return SheetCell(value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, date | datetime | time | timedelta):
        return SheetCell(str(value))
    return SheetCell(str(value))


def _widest(stream: bytes) -> int:
    """The most positions that one sheet of the stream reaches over, told from its cell records."""
    most = last_row = last_column = 0
    for kind, start, end in _records(stream):
        if kind in _CELL_READERS and end - start >= 6:
            row, column = struct.unpack_from("<HH", stream, start)
            if kind == _MULRK:
                column += (end - start - 6) // 6
            last_row, last_column = max(last_row, row), max(last_column, column)
        elif kind == _BOF:
            last_row = last_column = 0
        most = max(most, (last_row + 1) * (last_column + 1))
    return most


def _compare(ours: list[Sheet], theirs: list[Sheet]) -> None:
    """Mark the figures on which the two readings differ."""
    by_name = {sheet.name: sheet for sheet in theirs}
    for sheet in ours:
        other = by_name.get(sheet.name)
        if other is None:
            continue
        for at, cell in sheet.cells.items():
            against = other.cells.get(at)
            if against is None or cell.doubt or not cell.is_number or not against.is_number:
                continue
            if number_text(float(against.text)) not in cell.text and "%" not in cell.text:
                sheet.cells[at] = SheetCell(cell.text, cell.is_number, "garbled_text", cell.is_framed)
