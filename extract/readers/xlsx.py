"""XLSX workbooks to sheets: the ZIP and its XML parts, read straight from the tree.

Belongs here: SpreadsheetML. Does not belong here: where a table begins on a sheet.

Read by our own code and not by a library, because what decides how a figure reads is what libraries leave out: hidden
rows and columns, units and percent signs that stand in the number format, struck-out text, note marks, formulas that
were never computed; and because cells are kept by position, so that one cell in the last row of the last column does
not fill the memory with the empty ones before it.
"""

import re
from dataclasses import dataclass
from typing import Any

from extract.model import Unreadable
from extract.readers.number_formats import BUILTIN_FORMATS, number_text, print_number
from extract.readers.packages import Package
from extract.readers.sheet_blocks import MOST_CELLS, Sheet, SheetCell
from extract.readers.spans import is_note_mark, with_note_marks

__all__ = ["Workbook", "read_xlsx"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ON = frozenset({"1", "true", "on"})
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_MOST_SHEETS = 500
_MOST_MERGED = 100_000
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_REMEDY = "Open it in a spreadsheet program, save it again as XLSX, and add that copy."


@dataclass
class Workbook:
    """The sheets of a workbook and what the file says of itself."""

    sheets: list[Sheet]
    title: str | None = None
    has_images: bool = False


@dataclass(frozen=True, slots=True)
class _Style:
    """What a cell style adds to the text."""

    number_format: str = ""
    is_struck: bool = False
    is_framed: bool = False


def read_xlsx(data: bytes) -> Workbook:
    """The sheets of an XLSX file; raises Unreadable("broken_workbook") for a file that is broken, locked or a trap."""
    package = Package(data, "broken_workbook", _REMEDY)
    main = _main_part(package)
    if main.endswith(".bin"):
        raise Unreadable(
            "format_not_supported", "The file is a binary workbook (XLSB). Save it as XLSX and add that copy."
        )
    relations = package.targets(main)
    root = package.parse(main)
    properties = next(root.iter("{*}workbookPr"), None)
    since_1904 = properties is not None and properties.get("date1904") in _ON
    by_kind = {kind: part for kind, part in relations.values()}
    shared = _shared_strings(package, by_kind.get("sharedStrings"))
    styles = _styles(package, by_kind.get("styles"))
    reading = _SheetReader(package, shared, styles, since_1904=since_1904)
    sheets: list[Sheet] = []
    for entry in root.iter("{*}sheet"):
        part = next(
            (relations[value][1] for name, value in entry.items() if name.endswith("}id") and value in relations), None
        )
        kind = next((k for k, target in relations.values() if target == part), "")
        if part is None or kind not in ("worksheet", "") or not package.has(part):
            continue
        if len(sheets) == _MOST_SHEETS:
            raise package.broken(f"The workbook has more than {_MOST_SHEETS} sheets, which no report has.")
        sheet = Sheet(entry.get("name") or "", is_hidden=(entry.get("state") or "visible") != "visible")
        reading.read(part, sheet)
        sheets.append(sheet)
    if not sheets:
        raise package.broken("The workbook has no sheet.")
    has_images = any(name.startswith("xl/media/") for name in package.names)
    return Workbook(sheets, _title(package), has_images)


def _main_part(package: Package) -> str:
    """The workbook part: named by the relationships of the package, else the usual one."""
    if package.has("_rels/.rels"):
        for relation in package.parse("_rels/.rels").iter("{*}Relationship"):
            if (relation.get("Type") or "").endswith("/officeDocument"):
                target = (relation.get("Target") or "").lstrip("/")
                if package.has(target):
                    return target
    return "xl/workbook.bin" if package.has("xl/workbook.bin") else "xl/workbook.xml"


def _title(package: Package) -> str | None:
    """The title of the file's properties; None if it cannot be read, for no figure depends on it."""
    if not package.has("docProps/core.xml"):
        return None
    try:
        root = package.parse("docProps/core.xml")
    except Unreadable:
        return None
    return (root.findtext(f".//{_DC_TITLE}") or "").strip() or None


def _shared_strings(package: Package, part: str | None) -> list[str]:
    if part is None or not package.has(part):
        return []
    return [_rich_text(item) for item in package.parse(part).iter("{*}si")]


def _rich_text(item: Element) -> str:
    """The text of a string: plain or in runs; struck-out runs and phonetic guides are not printed."""
    pieces: list[str] = []
    raised: list[int] = []
    for child in item:
        tag = _local(child)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            text = "".join(part.text or "" for part in child.iterchildren("{*}t"))
            properties = next(child.iterchildren("{*}rPr"), None)
            if properties is not None:
                strike = next(properties.iterchildren("{*}strike"), None)
                if strike is not None and strike.get("val", "1") in _ON:
                    continue
                align = next(properties.iterchildren("{*}vertAlign"), None)
                if align is not None and align.get("val") in ("superscript", "subscript") and is_note_mark(text):
                    raised.append(len(pieces))
            pieces.append(text)
    text = "".join(with_note_marks(pieces, raised) if raised else pieces)
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _styles(package: Package, part: str | None) -> list[_Style]:
    """The cell styles in order."""
    if part is None or not package.has(part):
        return []
    root = package.parse(part)
    codes = dict(BUILTIN_FORMATS)
    for element in root.iter("{*}numFmt"):
        number = element.get("numFmtId") or ""
        if number.isdecimal():
            codes[int(number)] = element.get("formatCode") or ""
    fonts = root.find("{*}fonts")
    struck = [] if fonts is None else [_is_struck(font) for font in fonts.iterchildren("{*}font")]
    borders = root.find("{*}borders")
    framed = [] if borders is None else [_is_framed(border) for border in borders.iterchildren("{*}border")]
    formats = root.find("{*}cellXfs")
    if formats is None:
        return []
    return [
        _Style(
            codes.get(_whole(style.get("numFmtId")), ""),
            _at(struck, _whole(style.get("fontId"))),
            _at(framed, _whole(style.get("borderId"))),
        )
        for style in formats.iterchildren("{*}xf")
    ]


def _is_struck(font: Element) -> bool:
    strike = next(font.iterchildren("{*}strike"), None)
    return strike is not None and strike.get("val", "1") in _ON


def _is_framed(border: Element) -> bool:
    return any(side.get("style") not in (None, "none") for side in border)


def _whole(printed: str | None) -> int:
    return int(printed) if printed and printed.isascii() and printed.isdecimal() and len(printed) < 9 else 0


def _at(values: list[bool], index: int) -> bool:
    return index < len(values) and values[index]


def _local(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


class _SheetReader:
    """Reads the sheets of one workbook."""

    def __init__(self, package: Package, shared: list[str], styles: list[_Style], *, since_1904: bool) -> None:
        self._package = package
        self._shared = shared
        self._styles = styles
        self._since_1904 = since_1904
        self._cells = 0

    def read(self, part: str, sheet: Sheet) -> None:
        """Fill `sheet` from its part."""
        root = self._package.parse(part)
        for columns in root.iter("{*}col"):
            if columns.get("hidden") in _ON or columns.get("width") in ("0", "0.0"):
                first, last = _whole(columns.get("min")), min(_whole(columns.get("max")), _MOST_COLUMNS)
                sheet.hidden_columns.update(range(max(first, 1) - 1, last))
        data = next(root.iter("{*}sheetData"), None)
        row_number = -1
        for row in () if data is None else data.iterchildren("{*}row"):
            row_number = _whole(row.get("r")) - 1 if _whole(row.get("r")) else row_number + 1
            if not 0 <= row_number < _MOST_ROWS:
                raise self._package.broken(f"The sheet has a row {row_number + 1}.")
            if row.get("hidden") in _ON or row.get("ht") in ("0", "0.0"):
                sheet.hidden_rows.add(row_number)
            self._row(row, row_number, sheet)
        for number, area in enumerate(root.iter("{*}mergeCell")):
            if number == _MOST_MERGED:
                raise self._package.broken(f"The sheet has more than {_MOST_MERGED} merged ranges.")
            corners = [_position(corner) for corner in (area.get("ref") or "").upper().split(":")]
            if len(corners) == 2 and corners[0] and corners[1]:
                (top, left), (bottom, right) = corners[0], corners[1]
                if top <= bottom and left <= right:
                    sheet.merged.append((top, left, bottom, right))

    def _row(self, row: Element, number: int, sheet: Sheet) -> None:
        column = -1
        for cell in row.iterchildren("{*}c"):
            position = _position(cell.get("r") or "")
            column = position[1] if position else column + 1
            read = self._cell(cell)
            if read is None and column < _MOST_COLUMNS and self._is_framed(cell) and len(sheet.framed) < MOST_CELLS:
                sheet.framed.add((number, column))
            if read is None or column >= _MOST_COLUMNS:
                continue
            self._cells += 1
            if self._cells > MOST_CELLS:
                raise Unreadable(
                    "sheet_too_large",
                    f"The workbook has more than {MOST_CELLS} filled cells, which no report has. "
                    "Add the report alone, without other data.",
                )
            sheet.cells[number, column] = read

    def _cell(self, cell: Element) -> SheetCell | None:
        """What the cell prints; None for nothing."""
        kind = cell.get("t") or "n"
        index = _whole(cell.get("s"))
        style = self._styles[index] if index < len(self._styles) else _Style()
        value = formula = inline = None
        for child in cell:
            tag = _local(child)
            if tag == "v":
                value = child.text
            elif tag == "f":
                formula = child
            elif tag == "is":
                inline = child
        if style.is_struck:
            return None
        framed = style.is_framed if self._styles else None
        if inline is not None and kind == "inlineStr":
            return _text_cell(_rich_text(inline), framed)
        if value is None or value == "":
            # A formula that no program has computed: what it would show is not in the file.
            return None if formula is None else _text_cell("=" + (formula.text or ""), framed)
        if kind == "s":
            place = _whole(value.strip())
            return _text_cell(self._shared[place], framed) if place < len(self._shared) else None
        if kind in ("str", "e", "d", "inlineStr"):
            text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
            return _text_cell(text, framed)
        if kind == "b":
            return _text_cell("TRUE" if value.strip() == "1" else "FALSE", framed)
        return self._number(value.strip(), style, framed)

    def _is_framed(self, cell: Element) -> bool:
        index = _whole(cell.get("s"))
        return index < len(self._styles) and self._styles[index].is_framed

    def _number(self, value: str, style: _Style, framed: bool | None) -> SheetCell | None:
        try:
            number = float(value)
        except ValueError:
            return _text_cell(value, framed)
        if number_text(number) == "#NUM!":
            return _text_cell(value, framed)
        printed = print_number(number, style.number_format, since_1904=self._since_1904)
        if not printed.text:
            return None
        doubt = "garbled_text" if printed.is_doubtful else ""
        return SheetCell(printed.text, is_number=True, doubt=doubt, is_framed=framed)


def _text_cell(text: str, framed: bool | None) -> SheetCell | None:
    return SheetCell(text, is_framed=framed) if text.strip() else None


def _position(reference: str) -> tuple[int, int] | None:
    """Row and column from 0 of a reference such as B12."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2]) - 1
    return (row, column - 1) if 0 <= row < _MOST_ROWS and column <= _MOST_COLUMNS else None
