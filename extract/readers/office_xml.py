"""Office files that are one XML text: Word 2003 XML, Excel 2003 XML, and packages written flat.

Belongs here: what turns such a text into what another reader reads. Does not belong here: tables and sheets themselves.
"""

import io
import zipfile
from dataclasses import replace
from typing import Any

from lxml import etree

from extract.model import Document, DocumentFormat, Unreadable
from extract.readers.docx import read_docx
from extract.readers.number_formats import number_text, print_number
from extract.readers.packages import parse_xml
from extract.readers.sheet_blocks import MOST_CELLS, Sheet, SheetCell, blocks_of_sheets
from extract.readers.sheets import read_sheets

__all__ = ["read_office_xml"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NEW_NAMES = {"vmerge": "vMerge", "hmerge": "hMerge"}
_NAMED_FORMATS = {
    "Percent": "0.00%",
    "Short Date": "yyyy-mm-dd",
    "Long Date": "yyyy年m月d日",
    "General Date": "yyyy-mm-dd",
}
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def read_office_xml(data: bytes) -> Document:
    """The blocks of an office file in one XML text; raises Unreadable("broken_office_xml")."""
    try:
        root = parse_xml(data)
    except ValueError as error:
        raise _broken(str(error)) from error
    name = _local(root)
    if name == "wordDocument":
        document = read_docx(_zipped({"word/document.xml": _as_docx(root)}))
    elif name == "package":
        document = _read_flat(root)
    elif name == "Workbook":
        blocks, notes = blocks_of_sheets(_sheets(root))
        document = Document(DocumentFormat.OFFICE_XML, blocks, _metadata(root), notes)
    else:
        raise _broken(f"its root is {name}, which is no office document.")
    return replace(document, format=DocumentFormat.OFFICE_XML, metadata={**_metadata(root), **document.metadata})


def _broken(why: str) -> Unreadable:
    return Unreadable(
        "broken_office_xml",
        f"The file is an office document in XML and cannot be read: {why} Open it in an office program, save it "
        "as DOCX or XLSX, and add that copy.",
    )


def _local(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _metadata(root: Element) -> dict[str, str]:
    properties = next(root.iterchildren("{*}DocumentProperties"), None)
    title = "" if properties is None else (properties.findtext("{*}Title") or "").strip()
    return {"title": title} if title else {}


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _FIRST_ZIP_DATE), content)
    return buffer.getvalue()


def _as_docx(root: Element) -> bytes:
    """Word 2003 XML with the names of today: same elements in another namespace, two of them spelled anew."""
    for annotation in list(root.iter("{*}annotation")):
        if str(annotation.get(f"{{{_WORD_2003}}}type") or "").endswith("Deletion"):
            parent = annotation.getparent()
            if parent is not None:
                parent.remove(annotation)
    for element in root.iter(f"{{{_WORD_2003}}}*"):
        name = _local(element)
        element.tag = f"{{{_WORD}}}{_NEW_NAMES.get(name, name)}"
        for key, value in list(element.attrib.items()):
            if key.startswith(f"{{{_WORD_2003}}}"):
                del element.attrib[key]
                element.set(f"{{{_WORD}}}{key.rsplit('}', 1)[-1]}", value)
    return bytes(etree.tostring(root, encoding="UTF-8"))


def _read_flat(root: Element) -> Document:
    """A package whose parts stand in one XML text, read as the ZIP that it stands for."""
    parts: dict[str, bytes] = {}
    for part in root.iterchildren("{*}part"):
        name = next((value for key, value in part.items() if key.endswith("}name")), "")
        holder = next(part.iterchildren("{*}xmlData"), None)
        if name and holder is not None and len(holder):
            parts[name.lstrip("/")] = bytes(etree.tostring(holder[0], encoding="UTF-8"))
    if any(name.startswith("xl/") for name in parts):
        return read_sheets(_zipped(parts))
    return read_docx(_zipped(parts))


def _attribute(element: Element, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).rsplit("}", 1)[-1] == name), "")


def _number(element: Element, name: str, default: int, most: int) -> int:
    printed = _attribute(element, name)
    if not (printed.isascii() and printed.isdecimal() and len(printed) < 8):
        return default
    return min(int(printed), most)


def _sheets(root: Element) -> list[Sheet]:
    formats: dict[str, str] = {}
    for style in root.iter("{*}Style"):
        code = next((_attribute(one, "Format") for one in style.iterchildren("{*}NumberFormat")), "")
        formats[_attribute(style, "ID")] = _NAMED_FORMATS.get(code, code)
    sheets = []
    filled = 0
    for worksheet in root.iterchildren("{*}Worksheet"):
        visible = next((part.text or "" for part in worksheet.iter("{*}Visible")), "")
        sheet = Sheet(
            _attribute(worksheet, "Name"), is_hidden=visible.startswith("SheetHidden") or "VeryHidden" in visible
        )
        table = next(worksheet.iterchildren("{*}Table"), None)
        number = -1
        column = 0
        for element in () if table is None else table:
            name = _local(element)
            if name == "Column":
                column = _number(element, "Index", column + 1, _MOST_COLUMNS)
                last = column + _number(element, "Span", 0, _MOST_COLUMNS)
                if _attribute(element, "Hidden") == "1":
                    sheet.hidden_columns.update(range(column - 1, last))
                column = last
            elif name == "Row":
                number = _number(element, "Index", number + 2, _MOST_ROWS) - 1
                if _attribute(element, "Hidden") == "1":
                    sheet.hidden_rows.add(number)
                _read_row(element, number, sheet, formats)
                number += _number(element, "Span", 0, _MOST_ROWS)
            if len(sheet.cells) + filled > MOST_CELLS:
                raise Unreadable(
                    "sheet_too_large",
                    f"The workbook has more than {MOST_CELLS} filled cells, which no report has. "
                    "Add the report alone, without other data.",
                )
        filled += len(sheet.cells)
        sheets.append(sheet)
    return sheets


def _read_row(row: Element, number: int, sheet: Sheet, formats: dict[str, str]) -> None:
    column = -1
    for cell in row.iterchildren("{*}Cell"):
        column = _number(cell, "Index", column + 2, _MOST_COLUMNS) - 1
        across, down = _number(cell, "MergeAcross", 0, _MOST_COLUMNS), _number(cell, "MergeDown", 0, _MOST_ROWS)
        if across or down:
            sheet.merged.append((number, column, number + down, column + across))
        data = next(cell.iterchildren("{*}Data"), None)
        if data is not None:
            text = "".join(data.itertext())
            if text.strip():
                sheet.cells[number, column] = _cell(text, data, formats.get(_attribute(cell, "StyleID"), ""))
        column += across


def _cell(text: str, data: Element, number_format: str) -> SheetCell:
    kind = _attribute(data, "Type")
    if kind == "DateTime":
        return SheetCell(text.split("T")[0])
    if kind != "Number":
        return SheetCell(text)
    try:
        value = float(text)
    except ValueError:
        return SheetCell(text)
    if number_text(value) == "#NUM!":
        return SheetCell(text)
    printed = print_number(value, number_format)
    return SheetCell(printed.text, is_number=True, doubt="garbled_text" if printed.is_doubtful else "")
