"""OpenDocument files to blocks: ODT and ODS, zipped or as one XML file.

Belongs here: OpenDocument XML. Does not belong here: where a table begins on a sheet, what styles say (`odf_styles`).

As in DOCX files, struck-out and hidden text is not printed, and raised or lowered digits beside other text of a cell
are a note mark and become "[1]".
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from extract.model import Block, Document, DocumentFormat, Grid, Paragraph, Place, Unreadable
from extract.readers.number_formats import number_text
from extract.readers.odf_styles import TextStyles, attribute, local_name, text_styles
from extract.readers.packages import Package, parse_xml
from extract.readers.sheet_blocks import MOST_CELLS, Sheet, SheetCell, blocks_of_sheets
from extract.readers.spans import PlacedCell, grid_of, is_note_mark, with_note_marks

__all__ = ["read_odf"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_CODE = "broken_odf"
_REMEDY = "Open it in an office program, save it as DOCX or XLSX, and add that copy."
_DEEPEST = 60
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_MOST_SPAN = 1000
_SHOWN_NUMBER = re.compile(r"[+\-−]?[\d,]*\.?\d+")
_SIGNS = {"s": " ", "tab": "\t", "line-break": "\n"}
_FRAMES = frozenset({"frame", "custom-shape", "text-box", "rect", "g"})
_NOT_PRINTED = frozenset({"note", "annotation", "tracked-changes", "ruby-text", "sequence-decls", "forms", "shapes"})


def read_odf(data: bytes) -> Document:
    """The blocks of an OpenDocument text or spreadsheet; raises Unreadable("broken_odf") or ("encrypted_file")."""
    root, styles, title, has_images = _content(data)
    body = next(root.iter("{*}body"), None)
    kinds = {} if body is None else {local_name(child): child for child in body}
    metadata = {"title": title} if title else {}
    if "spreadsheet" in kinds:
        blocks, notes = blocks_of_sheets(_sheets(kinds["spreadsheet"], _hidden_styles(root), styles))
    elif "text" in kinds:
        blocks, notes = tuple(_TextReading(styles).read(kinds["text"])), ()
    else:
        raise Unreadable(
            "format_not_supported", "The OpenDocument file is neither a text nor a spreadsheet. Add the report as PDF."
        )
    if has_images and not any(isinstance(block, Grid) for block in blocks):
        notes = ("has_images", *notes)
    return Document(DocumentFormat.ODF, blocks, metadata, notes)


def _content(data: bytes) -> tuple[Element, TextStyles, str, bool]:
    """The root of the content, the styles of text, the title, and whether there are pictures."""
    if not data.startswith(b"PK"):
        try:
            root = parse_xml(data)
        except ValueError as error:
            raise Unreadable(_CODE, f"The file is broken: {error} {_REMEDY}") from error
        return root, text_styles([root]), _title(root), next(root.iter("{*}image"), None) is not None
    package = Package(data, _CODE, f"The OpenDocument file cannot be read. {_REMEDY}")
    if package.has("META-INF/manifest.xml"):
        manifest = package.parse("META-INF/manifest.xml")
        if next(manifest.iter("{*}encryption-data"), None) is not None:
            raise Unreadable("encrypted_file", "The file is locked with a password. Add an unlocked copy.")
    title = ""
    if package.has("meta.xml"):
        try:
            title = _title(package.parse("meta.xml"))
        except Unreadable:
            title = ""  # no figure depends on it
    root = package.parse("content.xml")
    # The styles that a person named stand in a part of their own.
    named = [package.parse("styles.xml")] if package.has("styles.xml") else []
    has_images = any(name.startswith("pictures/") for name in package.names)
    return root, text_styles([*named, root]), title, has_images


def _title(root: Element) -> str:
    return (root.findtext(".//{http://purl.org/dc/elements/1.1/}title") or "").strip()


def _count(element: Element, name: str, most: int) -> int:
    printed = attribute(element, name)
    if not (printed.isascii() and printed.isdecimal() and len(printed) < 9):
        return 1
    return min(max(int(printed), 1), most)


def _printed(
    paragraph: Element, styles: TextStyles, boxes: list[Element] | None = None, *, in_cell: bool = False
) -> str:
    """The text of a paragraph, notes and comments left out; frames that hold tables go to `boxes`."""
    pieces: list[str] = []
    raised: list[int] = []
    _collect(paragraph, styles, pieces, raised, boxes, is_hidden=styles.hidden(paragraph, around=False))
    return "".join(with_note_marks(pieces, raised) if in_cell and raised else pieces)


def _collect(
    element: Element,
    styles: TextStyles,
    pieces: list[str],
    raised: list[int],
    boxes: list[Element] | None,
    *,
    is_hidden: bool,
    depth: int = 0,
) -> None:
    """Add the printed pieces of text below `element`, and which of them are note marks."""
    text = "" if is_hidden else element.text or ""
    if text and depth and is_note_mark(text) and styles.raised(element):
        raised.append(len(pieces))
    pieces.append(text)
    for child in element:
        name = local_name(child)
        if name in _SIGNS:
            if not is_hidden:
                pieces.append(_SIGNS[name] * (_count(child, "c", 200) if name == "s" else 1))
        elif name in _NOT_PRINTED or depth >= _DEEPEST:
            pass
        elif name == "table" or (name in _FRAMES and next(child.iter("{*}table"), None) is not None):
            if boxes is not None:
                boxes.append(child)
        else:
            hides = styles.hidden(child, is_hidden) if name == "span" else is_hidden
            _collect(child, styles, pieces, raised, boxes, is_hidden=hides, depth=depth + 1)
        if not is_hidden:
            pieces.append(child.tail or "")


def _hidden_styles(root: Element) -> frozenset[str]:
    """Names of the table styles that hide a sheet."""
    return frozenset(
        attribute(style, "name")
        for style in root.iter("{*}style")
        for properties in style.iterchildren("{*}table-properties")
        if attribute(properties, "display") == "false"
    )


def _sheets(spreadsheet: Element, hidden_styles: frozenset[str], styles: TextStyles) -> list[Sheet]:
    sheets = []
    filled = 0
    for table in spreadsheet.iterchildren("{*}table"):
        sheet = Sheet(attribute(table, "name"), is_hidden=attribute(table, "style-name") in hidden_styles)
        column = 0
        for element in table.iter("{*}table-column"):
            count = _count(element, "number-columns-repeated", _MOST_COLUMNS)
            if attribute(element, "visibility") in ("collapse", "filter"):
                sheet.hidden_columns.update(range(column, min(column + count, _MOST_COLUMNS)))
            column += count
        number = 0
        for row in _rows(table):
            count = _count(row, "number-rows-repeated", _MOST_ROWS)
            cells = list(_row_cells(row, styles))
            is_hidden = attribute(row, "visibility") in ("collapse", "filter")
            if cells:
                filled += len(cells) * count
                if filled > MOST_CELLS or number + count > _MOST_ROWS:
                    raise Unreadable(
                        "sheet_too_large",
                        f"The workbook has more than {MOST_CELLS} filled cells, which no report has. "
                        "Add the report alone, without other data.",
                    )
                for repeated in range(number, number + count):
                    for at, down, right, cell in cells:
                        sheet.cells[repeated, at] = cell
                        if down > 1 or right > 1:
                            sheet.merged.append((repeated, at, repeated + down - 1, at + right - 1))
            if is_hidden and count < MOST_CELLS:
                sheet.hidden_rows.update(range(number, number + count))
            number += count
        sheets.append(sheet)
    return sheets


def _rows(table: Element, depth: int = 0) -> Iterator[Element]:
    """The rows of a table, also those in groups and headers."""
    for child in table:
        name = local_name(child)
        if name == "table-row":
            yield child
        elif name in ("table-rows", "table-header-rows", "table-row-group") and depth < _DEEPEST:
            yield from _rows(child, depth + 1)


def _row_cells(row: Element, styles: TextStyles) -> Iterator[tuple[int, int, int, SheetCell]]:
    """Column, rows and columns covered, and content of the cells that print or span."""
    column = 0
    for cell in row:
        name = local_name(cell)
        if name not in ("table-cell", "covered-table-cell"):
            continue
        count = _count(cell, "number-columns-repeated", _MOST_COLUMNS)
        if name == "table-cell":
            printed = _sheet_cell(cell, styles)
            down, right = (
                _count(cell, "number-rows-spanned", _MOST_ROWS),
                _count(cell, "number-columns-spanned", 16_384),
            )
            if printed.text.strip() or down > 1 or right > 1:
                for at in range(column, min(column + count, _MOST_COLUMNS)):
                    yield at, down, right, printed
        column += count


def _sheet_cell(cell: Element, styles: TextStyles) -> SheetCell:
    shown = "\n".join(_printed(part, styles, in_cell=True) for part in cell.iterchildren("{*}p"))
    if attribute(cell, "value-type") not in ("float", "currency"):
        return SheetCell(shown, is_number=attribute(cell, "value-type") == "percentage")
    try:
        stored = number_text(float(attribute(cell, "value")))
    except ValueError:
        return SheetCell(shown)
    match = _SHOWN_NUMBER.search(shown)
    if match is None:
        return SheetCell(stored if not shown.strip() else shown, is_number=True)
    number = match[0].replace(",", "").replace("−", "-")
    decimals = len(number.partition(".")[2])
    if round(float(stored), decimals) != float(number) or len(_SHOWN_NUMBER.findall(shown)) > 1:
        return SheetCell(shown, is_number=True, doubt="garbled_text")
    return SheetCell(shown.replace(match[0], stored), is_number=True)


class _TextReading:
    """A text document being read: the counters of places."""

    def __init__(self, styles: TextStyles) -> None:
        self._styles = styles
        self._lines = 0
        self._tables = 0

    def read(self, parent: Iterable[Element], depth: int = 0) -> Iterator[Block]:
        """Paragraphs and tables below lists, sections and frames, in order."""
        if depth > _DEEPEST:
            raise Unreadable(_CODE, f"The file nests its parts too deep. {_REMEDY}")
        for child in parent:
            name = local_name(child)
            if name in ("p", "h"):
                yield from self._paragraph(child, name == "h", depth)
            elif name == "table":
                yield from self._table(child, depth)
            elif name not in _NOT_PRINTED:
                yield from self.read(child, depth + 1)

    def _paragraph(self, element: Element, is_heading: bool, depth: int) -> Iterator[Block]:
        boxes: list[Element] = []
        text = _printed(element, self._styles, boxes)
        if text.strip():
            self._lines += 1
            yield Paragraph(text, Place(line=self._lines), is_heading)
        if boxes:
            yield from self.read(boxes, depth + 1)

    def _table(self, table: Element, depth: int) -> Iterator[Block]:
        cells: list[PlacedCell] = []
        inner: list[Element] = []
        row_count = 0
        for row in _rows(table):
            column = 0
            for cell in row:
                name = local_name(cell)
                if name not in ("table-cell", "covered-table-cell"):
                    continue
                count = _count(cell, "number-columns-repeated", _MOST_SPAN)
                if name == "table-cell":
                    nested = [one for one in cell.iter("{*}table") if _has_several_cells(one) and _owner(one, cell)]
                    down = _count(cell, "number-rows-spanned", _MOST_ROWS)
                    right = _count(cell, "number-columns-spanned", _MOST_SPAN)
                    inner.extend(nested)
                    text = "\n".join(_cell_lines(cell, self._styles))
                    for at in range(column, column + count):
                        cells.append((row_count, at, down, right, text))
                        if len(cells) > MOST_CELLS:
                            raise Unreadable(_CODE, f"A table has more than {MOST_CELLS} cells. {_REMEDY}")
                column += count
            row_count += 1
        if cells:
            self._tables += 1
            clipped = [(row, at, min(down, row_count - row), right, text) for row, at, down, right, text in cells]
            yield grid_of(clipped, row_count, self._tables)
        for one in inner:
            yield from self._table(one, depth + 1) if depth < _DEEPEST else ()


def _owner(table: Element, cell: Element) -> bool:
    """True if no other table of several cells lies between a table and the cell around it."""
    parent = table.getparent()
    while parent is not None and parent is not cell:
        if local_name(parent) == "table" and _has_several_cells(parent):
            return False
        parent = parent.getparent()
    return True


def _has_several_cells(table: Element) -> bool:
    """Whether a table has more than one cell; one alone is a frame around a text."""
    cells = table.iter("{*}table-cell")
    return next(cells, None) is not None and next(cells, None) is not None


def _cell_lines(parent: Iterable[Element], styles: TextStyles, depth: int = 0) -> Iterator[str]:
    """The paragraphs of a cell; tables of several cells are left to follow it."""
    for child in parent:
        name = local_name(child)
        if name in ("p", "h"):
            boxes: list[Element] = []
            if text := _printed(child, styles, boxes, in_cell=True):
                yield text
            if boxes and depth < _DEEPEST:
                yield from _cell_lines(boxes, styles, depth + 1)
        elif name in _NOT_PRINTED or depth >= _DEEPEST:
            continue
        elif name != "table" or not _has_several_cells(child):
            yield from _cell_lines(child, styles, depth + 1)
