"""DOCX files to blocks: the ZIP and its main XML part, read straight from the tree.

Belongs here: WordprocessingML. Does not belong here: which table is which form.

A table's columns are counted from the cells (gridSpan, gridBefore, vMerge); `tblGrid` may declare columns no row uses.
Insertions under change tracking count as printed, deletions and struck-out text do not. Headers, footers, footnotes
and comments are not read. Raised or lowered digits beside other text of a cell are a note mark and become "[1]".
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from extract.model import Block, Document, DocumentFormat, Grid, Paragraph, Place, Unreadable
from extract.readers.docx_chunks import chunk_blocks
from extract.readers.packages import parse_xml
from extract.readers.pictures import docx_pictures, with_pictures
from extract.readers.regular_docx import rows_of_regular_table
from extract.readers.regular_tables import has_marks
from extract.readers.spans import PlacedCell, grid_of, is_note_mark, with_note_marks

__all__ = ["read_docx"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_LARGEST_PART = 200 * 1024 * 1024
_LARGEST_RATIO = 400
"""Deflate reaches about 1000; the XML of real documents 10 to 60. Only parts above `_RATIO_FROM` bytes are judged."""
_RATIO_FROM = 8 * 1024 * 1024
_DEFAULT_PART = "word/document.xml"
_NAMESPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",  # the "strict" variant
)
_OFF = frozenset({"0", "false", "off"})
# LibreOffice writes the mark into every run to say that it is off.
_STRIKES = re.compile(rb"""strike(?!\s+\w+:val=["'](?:0|false|off)["'])""")
# Patterns, because they are found in half the time that `in` takes.
_VANISHES = re.compile(b"vanish")
_STYLES = (re.compile(b"pStyle"), re.compile(b"rStyle"))
_CHUNK = re.compile(b"altChunk")
_RAISES = re.compile(rb"""vertAlign\s+\w+:val=["']su|position\s+\w+:val=["']-?[1-9]""")
_STYLES_PART = "word/styles.xml"
_HIDING = ("vanish", "strike", "dstrike")
_MOST_STYLES_DEEP = 20
_OPENING = 64
"""Within so many bytes a zero tells UTF-16, in which no word is found."""
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_DRAWINGS = ("blip", "imagedata")
_MOST_SPAN = 1000
_BYTEWISE = frozenset({None, "UTF-8", "utf-8"})
"""Encodings in which the marks of a stylesheet would show among the bytes."""
# What zipfile raises on broken containers; NotImplementedError is a RuntimeError.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError, KeyError, OverflowError)


def read_docx(data: bytes) -> Document:
    """The blocks of a DOCX file; raises Unreadable("broken_docx") for a file that is broken, locked or a trap."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            xml = _read_part(archive, _main_part(archive))
            hidden_styles = _hidden_styles(archive) if _names_styles(xml) else frozenset()
            title = _title(archive)
    except _ZIP_ERRORS as error:
        raise _broken(f"The ZIP container is broken ({error}).") from error
    root = _parse(xml)
    may_hide = bool(hidden_styles) or _VANISHES.search(xml) is not None or _STRIKES.search(xml) is not None
    may_raise = _RAISES.search(xml) is not None
    is_markable = root.getroottree().docinfo.encoding in _BYTEWISE and not has_marks(xml)
    reading = _Reading(root, hidden_styles, may_hide=may_hide, may_raise=may_raise, may_be_regular=is_markable)
    blocks = reading.read()
    if _CHUNK.search(xml) is not None and not any(isinstance(block, Grid) for block in blocks):
        blocks = (*blocks, *_chunks(data))
    metadata = {"title": title} if title else {}
    has_pictures = any(next(root.iter(f"{{*}}{name}"), None) is not None for name in _DRAWINGS)
    has_grid = any(isinstance(block, Grid) for block in blocks)
    notes: tuple[str, ...] = ("has_images",) if has_pictures and not has_grid else ()
    if has_pictures:
        blocks, notes = with_pictures(blocks, notes, lambda: docx_pictures(data))
    return Document(DocumentFormat.DOCX, blocks, metadata, notes)


def _broken(why: str) -> Unreadable:
    return Unreadable("broken_docx", f"{why} Open it in a word processor, save it again as DOCX, and add that copy.")


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one part, with a cap on what it may unpack to."""
    info = archive.getinfo(name)
    if info.flag_bits & 1:
        raise _broken("The file is locked with a password.")
    if info.file_size > _LARGEST_PART or info.file_size > max(_RATIO_FROM, info.compress_size * _LARGEST_RATIO):
        raise _broken(f"The part {name} claims to unpack to {info.file_size} bytes, which no report needs.")
    with archive.open(info) as part:
        xml = part.read(info.file_size + 1)
    if len(xml) > info.file_size:
        raise _broken(f"The part {name} unpacks to more than it declares.")
    return xml


def _main_part(archive: zipfile.ZipFile) -> str:
    """The name of the main part: the usual one, else the one that the relationships of the package name."""
    names = set(archive.namelist())
    if _DEFAULT_PART in names or "_rels/.rels" not in names:
        return _DEFAULT_PART
    for relation in _parse(_read_part(archive, "_rels/.rels")).iter("{*}Relationship"):
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or _DEFAULT_PART).lstrip("/")
    return _DEFAULT_PART


def _chunks(data: bytes) -> tuple[Block, ...]:
    """What a page says that the file holds as it came; nothing if it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return chunk_blocks(_main_part(archive), lambda name: _read_part(archive, name))
    except (Unreadable, *_ZIP_ERRORS):
        return ()


def _title(archive: zipfile.ZipFile) -> str | None:
    """The title of the file's properties; None if it has none or they cannot be read, for no figure depends on it."""
    try:
        root = _parse(_read_part(archive, "docProps/core.xml"))
    except (Unreadable, *_ZIP_ERRORS):
        return None
    return (root.findtext(f".//{_DC_TITLE}") or "").strip() or None


def _names_styles(xml: bytes) -> bool:
    """Whether a run or paragraph may have a style of its own: half of a small file is styles that it does not use."""
    return any(style.search(xml) for style in _STYLES) or b"\0" in xml[:_OPENING]


def _hidden_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """The styles whose text is not printed (hidden or struck out), by identifier, those built on them included."""
    if _STYLES_PART not in archive.namelist():
        return frozenset()
    xml = _read_part(archive, _STYLES_PART)
    if b"vanish" not in xml and _STRIKES.search(xml) is None:
        return frozenset()
    w = "{*}"
    bases: dict[str, str] = {}
    own: dict[str, bool] = {}
    for style in _parse(xml).iter(f"{w}style"):
        name = next((value for key, value in style.attrib.items() if str(key).endswith("styleId")), "")
        base = style.find(f"{w}basedOn")
        if base is not None:
            bases[name] = next(iter(base.attrib.values()), "")
        marks = [mark for hiding in _HIDING for mark in style.findall(f"{w}rPr/{w}{hiding}")]
        if marks:
            own[name] = any(next(iter(mark.attrib.values()), "") not in _OFF for mark in marks)
    return frozenset(name for name in {*own, *bases} if _inherits(name, own, bases))


def _inherits(name: str, own: Mapping[str, bool], bases: Mapping[str, str]) -> bool:
    """Whether a style hides its text, by itself or by the nearest style below it that says so."""
    for _ in range(_MOST_STYLES_DEEP):
        if name in own:
            return own[name]
        if name not in bases:
            return False
        name = bases[name]
    return False


def _parse(xml: bytes) -> Element:
    """The root of one part. Raises Unreadable if it does not parse or declares what no word processor writes."""
    try:
        return parse_xml(xml)
    except ValueError as error:
        raise _broken(f"A part of the file cannot be read: {error}") from error


_Cell = tuple[int, str | None, str | None, Any]
"""Columns covered; vertical and horizontal merge: None, "restart" or "continue"; the cell, or its text."""
_Row = tuple[int, Iterable[_Cell]]
"""The column in which a row begins, and its cells."""


class _Reading:
    """One document being read: the names of its namespace, and the counters of places."""

    def __init__(
        self,
        root: Element,
        hidden_styles: frozenset[str] = frozenset(),
        *,
        may_hide: bool,
        may_raise: bool,
        may_be_regular: bool = True,
    ) -> None:
        tag = str(root.tag)
        w = next((name for name in _NAMESPACES if tag.startswith(name)), _NAMESPACES[0])
        self._root = root
        self._hidden_styles = hidden_styles
        self._may_hide = may_hide
        self._may_raise = may_raise
        self._may_be_regular = may_be_regular and not may_hide and not may_raise and w == _NAMESPACES[0]
        self._blocks: list[Block] = []
        self._paragraphs = 0
        self._tables = 0
        self._body, self._p, self._tbl = w + "body", w + "p", w + "tbl"
        self._tr, self._tc, self._tr_pr, self._tc_pr = w + "tr", w + "tc", w + "trPr", w + "tcPr"
        self._t, self._r, self._r_pr, self._p_pr, self._val = w + "t", w + "r", w + "rPr", w + "pPr", w + "val"
        self._tab, self._text_box, self._sym = w + "tab", w + "txbxContent", w + "sym"
        self._grid_span, self._v_merge, self._h_merge = w + "gridSpan", w + "vMerge", w + "hMerge"
        self._grid_before, self._deleted_mark = w + "gridBefore", w + "del"
        self._hiding = tuple(w + name for name in _HIDING)
        self._r_style, self._p_style = w + "rStyle", w + "pStyle"
        self._vert_align, self._position = w + "vertAlign", w + "position"
        self._marks = {
            self._tab: "\t",
            w + "ptab": "\t",
            w + "br": "\n",
            w + "cr": "\n",
            w + "noBreakHyphen": "\u2011",
        }
        # Not printed: what was deleted or moved away, the second copy of a drawing, phonetic guides, properties.
        self._dropped = frozenset(
            {self._r_pr, self._p_pr, _MC + "Fallback"}
            | {w + name for name in ("del", "moveFrom", "rt", "instrText", "delText", "sectPr", "sdtPr", "sdtEndPr")}
        )

    def read(self) -> tuple[Block, ...]:
        """All blocks of the body, in order."""
        body = next(self._root.iter(self._body), None)
        if body is None:
            raise _broken("It has no document body.")
        self._flow([body.iterchildren()])
        return tuple(self._blocks)

    def _flow(self, stack: list[Iterator[Element]]) -> None:
        """Paragraphs and tables below block-level wrappers (content controls, insertions, custom XML)."""
        while stack:
            for child in stack[-1]:
                tag = child.tag
                if tag == self._p:
                    boxes: list[Element] = []
                    self._add_paragraph(self._paragraph_text(child, boxes, in_cell=False))
                    if boxes:
                        stack.append(_children_of(boxes))
                        break
                elif tag == self._tbl:
                    if self._frames_tables(child):
                        stack.append(self._within_cells(child))
                        break
                    inner: list[Element] = []
                    self._add_table(child, inner)
                    if inner:
                        stack.append(iter(inner))
                        break
                elif tag not in self._dropped and len(child):
                    stack.append(child.iterchildren())
                    break
            else:
                stack.pop()

    def _add_paragraph(self, text: str) -> None:
        if text and not text.isspace():
            self._paragraphs += 1
            self._blocks.append(Paragraph(text, Place(line=self._paragraphs)))

    def _paragraph_text(self, paragraph: Element, boxes: list[Element], *, in_cell: bool) -> str:
        """The printed text of a paragraph; its text boxes go to `boxes`."""
        # Almost every paragraph is properties and runs of plain text: read without a stack, one look at each element.
        if self._may_hide or (in_cell and self._may_raise):
            return self._careful_text(paragraph, boxes, in_cell=in_cell)
        run_tag, text_tag, p_pr, r_pr, marks = self._r, self._t, self._p_pr, self._r_pr, self._marks
        text = ""
        for run in paragraph:
            tag = run.tag
            if tag == run_tag:
                for part in run:
                    tag = part.tag
                    if tag == text_tag:
                        text += part.text or ""
                    elif tag in marks:
                        text += marks[tag]
                    elif tag != r_pr:
                        return self._careful_text(paragraph, boxes, in_cell=in_cell)
            elif tag != p_pr and len(run):
                return self._careful_text(paragraph, boxes, in_cell=in_cell)
        return text

    def _careful_text(self, paragraph: Element, boxes: list[Element], *, in_cell: bool) -> str:
        """As `_paragraph_text`, for any content: deletions, boxes, hidden runs, symbols, links, phonetic guides."""
        pieces: list[str] = []
        raised: list[int] = []
        stack: list[Iterator[Element]] = [paragraph.iterchildren()]
        while stack:
            for child in stack[-1]:
                tag = child.tag
                if tag in (self._t, _MATH_TEXT):
                    text = child.text or ""
                    if in_cell and self._may_raise and is_note_mark(text) and self._is_raised(child.getparent()):
                        raised.append(len(pieces))
                    pieces.append(text)
                elif tag in self._marks:
                    pieces.append(self._marks[tag])
                elif tag == self._sym:
                    pieces.append(_symbol(child))
                elif tag == self._text_box:
                    boxes.append(child)
                elif tag in self._dropped or (tag == self._r and self._is_hidden(child)):
                    pass
                elif len(child):
                    stack.append(child.iterchildren())
                    break
            else:
                stack.pop()
        return "".join(with_note_marks(pieces, raised) if raised else pieces)

    def _is_hidden(self, run: Element) -> bool:
        """True for a run that is hidden or struck out, by itself, by its style or by that of its paragraph."""
        if not self._may_hide:
            return False
        properties = run.find(self._r_pr)
        marks = [] if properties is None else list(properties.iterchildren(*self._hiding))
        if marks:
            return any(mark.get(self._val) not in _OFF for mark in marks)
        if not self._hidden_styles:
            return False
        paragraph = next(run.iterancestors(self._p), None)
        of_paragraph = None if paragraph is None else paragraph.find(self._p_pr)
        named = (
            None if properties is None else properties.find(self._r_style),
            None if of_paragraph is None else of_paragraph.find(self._p_style),
        )
        return any(style is not None and style.get(self._val) in self._hidden_styles for style in named)

    def _is_raised(self, run: Element) -> bool:
        properties = run.find(self._r_pr)
        if properties is None:
            return False
        align, position = properties.find(self._vert_align), properties.find(self._position)
        if align is not None:
            return align.get(self._val) in ("superscript", "subscript")
        return position is not None and position.get(self._val) not in (None, "0")

    def _add_table(self, table: Element, inner: list[Element]) -> None:
        """Add a table as a grid; tables inside its cells go to `inner`, to follow it."""
        cells: list[list[Any]] = []
        reaching: dict[int, list[Any]] = {}
        """The cell that a continued vertical merge at this column belongs to."""
        row_count = 0
        for column, row in self._regular_rows(table) or self._rows(table):
            still_reaching: dict[int, list[Any]] = {}
            last: list[Any] | None = None
            for span, v_merge, h_merge, cell in row:
                if h_merge == "continue" and last is not None and last[0] == row_count:
                    last[3] += span
                    column += span
                    continue
                above = reaching.get(column) if v_merge == "continue" else None
                if above is not None and above[3] == span:
                    above[2] = row_count - above[0] + 1
                    still_reaching[column] = last = above
                else:
                    text = cell if isinstance(cell, str) else self._cell_text(cell, inner)
                    last = [row_count, column, 1, span, text]
                    cells.append(last)
                    if v_merge is not None:
                        still_reaching[column] = last
                column += span
            reaching = still_reaching
            row_count += 1
        if cells:
            placed: list[PlacedCell] = [(row, column, rows, span, text) for row, column, rows, span, text in cells]
            self._tables += 1
            self._blocks.append(grid_of(placed, row_count, self._tables))

    def _regular_rows(self, table: Element) -> list[_Row] | None:
        """The rows of a table that a stylesheet can read, with the texts of its cells; None for any other."""
        if not self._may_be_regular:
            return None
        rows = rows_of_regular_table(table)
        if rows is None:
            return None
        return [(0, [(_span(span), v_merge, None, text) for span, v_merge, text in row]) for row in rows]

    def _rows(self, table: Element) -> Iterator[_Row]:
        """The rows of a table: the column in which each begins, and its cells."""
        for row in self._through(table, self._tr):
            properties = next(row.iterchildren(self._tr_pr), None)
            column = 0
            if properties is not None and len(properties):
                if properties.find(self._deleted_mark) is not None:
                    continue
                before = properties.find(self._grid_before)
                column = 0 if before is None else _number(before.get(self._val, ""), 0)
            yield column, ((*self._cell_properties(cell), cell) for cell in self._through(row, self._tc))

    def _frames_tables(self, table: Element) -> bool:
        """Whether a table only frames others: tables stand in it, and no row prints more than one cell.

        Its cells are then read one after the other as ordinary flow, so that captions stay beside their tables.
        """
        if next(table.iterdescendants(self._tbl), None) is None:
            return False
        for row in self._through(table, self._tr):
            filled = [cell for cell in self._through(row, self._tc) if self._prints(cell)]
            if len(filled) > 1:
                return False
        return any(self._has_several_cells(inner) for inner in table.iterdescendants(self._tbl))

    def _prints(self, cell: Element) -> bool:
        return any((text.text or "").strip() for text in cell.iterdescendants(self._t))

    def _within_cells(self, table: Element) -> Iterator[Element]:
        """What stands in the cells of a table, cell by cell."""
        for row in self._through(table, self._tr):
            properties = next(row.iterchildren(self._tr_pr), None)
            if properties is None or properties.find(self._deleted_mark) is None:
                for cell in self._through(row, self._tc):
                    yield from cell.iterchildren()

    def _cell_properties(self, cell: Element) -> tuple[int, str | None, str | None]:
        """Columns covered, and the vertical and horizontal merge: None, "restart" or "continue"."""
        properties = cell[0] if len(cell) else None
        if properties is None or properties.tag != self._tc_pr:  # the schema wants them first
            return 1, None, None
        span, v_merge, h_merge = 1, None, None
        for element in properties:
            tag = element.tag
            if tag == self._grid_span:
                span = _span(element.get(self._val, ""))
            elif tag == self._v_merge:
                v_merge = element.get(self._val) or "continue"
            elif tag == self._h_merge:
                h_merge = element.get(self._val) or "continue"
        return span, v_merge, h_merge

    def _cell_text(self, cell: Element, inner: list[Element]) -> str:
        """The paragraphs of a cell, joined by newline; its tables of more than one cell go to `inner`."""
        boxes: list[Element] = []
        if len(cell) == 2 and cell[0].tag == self._tc_pr and cell[1].tag == self._p:
            text = self._paragraph_text(cell[1], boxes, in_cell=True)
            if not boxes:
                return text
            boxes = []
        texts: list[str] = []
        stack: list[Iterator[Element]] = [cell.iterchildren()]
        while stack:
            for child in stack[-1]:
                tag = child.tag
                if tag == self._p:
                    text = self._paragraph_text(child, boxes, in_cell=True)
                    if text:
                        texts.append(text)
                    if boxes:
                        stack.append(_children_of(boxes))
                        boxes = []
                        break
                elif tag == self._tbl and self._has_several_cells(child):
                    inner.append(child)
                elif tag != self._tc_pr and tag not in self._dropped and len(child):
                    stack.append(child.iterchildren())
                    break
            else:
                stack.pop()
        return texts[0] if len(texts) == 1 else "\n".join(texts)

    def _has_several_cells(self, table: Element) -> bool:
        cells = table.iterdescendants(self._tc)
        return next(cells, None) is not None and next(cells, None) is not None

    def _through(self, parent: Element, wanted: str) -> Iterator[Element]:
        """Children of `parent` with the tag `wanted`, also inside content controls and insertions."""
        stack: list[Iterator[Element]] = [parent.iterchildren()]
        while stack:
            for child in stack[-1]:
                tag = child.tag
                if tag == wanted:
                    yield child
                elif tag not in self._dropped and tag not in (self._p, self._tbl, self._tr, self._tc) and len(child):
                    stack.append(child.iterchildren())
                    break
            else:
                stack.pop()


def _number(printed: str, default: int) -> int:
    if not (printed.isascii() and printed.isdecimal() and len(printed) < 6):
        return default
    return min(int(printed), _MOST_SPAN)


def _span(printed: str) -> int:
    return max(1, _number(printed, 1)) if printed else 1


def _children_of(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        yield from element.iterchildren()


def _symbol(element: Element) -> str:
    """The character of a symbol element; symbol fonts sit in the private use area and stay there."""
    code = next((value for name, value in element.attrib.items() if name.endswith("}char")), "")
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
