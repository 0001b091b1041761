"""PDF files to blocks: the first reading, over PDFium.

Belongs here: the order of the pages and what they make together. Does not belong here: geometry (one module for each
question), calls into PDFium (`pdfium`), recognising pictures (`extract.readers.scan`).

Tables come from ruling lines, exact to the span; text outside them becomes paragraphs. A page whose text cannot be
believed (scans, also those with a hidden text layer; fonts that give garbage) is recognised from its picture.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from extract.model import Block, Box, Document, DocumentFormat, Grid, GridCell, Paragraph, Place, Unreadable
from extract.readers.pdf.flow import Passage, in_margin, joined_over_pages
from extract.readers.pdf.joining import joined_tables
from extract.readers.pdf.pages import PageReading, read_pages
from extract.readers.pdf.pdfium import PdfFile, open_pdf
from extract.readers.pdf.tables import PageCell, PageTable

__all__ = ["read_pdf"]

_DOTS_PER_INCH = 200
_MOST_PICTURES = 60
"""Pages recognised from their picture; each costs seconds."""
_LEAST_TITLE = 6
_CHINESE = re.compile("[\u4e00-\u9fff]")
_FILE_SUFFIX = re.compile(r"\.(?:docx?|wps|pdf|xlsx?|et|ofd|rtf|txt|html?)$", re.I)
_PRODUCER_PREFIX = re.compile(r"^(?:Microsoft\s+(?:Word|Excel|PowerPoint)\s*-\s*)", re.I)
_NO_TITLE = re.compile(r"(?:无标题|未命名|新建|文档\d|untitled|幻灯片)", re.I)


def read_pdf(data: bytes) -> Document:
    """The blocks of a PDF file.

    Raises Unreadable, and nothing else: encrypted_file, broken_pdf, too_many_pages, pdf_too_large, scan_not_supported,
    or what the recognition of scans raises.
    """
    with open_pdf(data) as file:
        assembly = _Assembly()
        pictures = 0
        has_pictures = False
        for index, reading in enumerate(read_pages(map(file.read_page, range(file.page_count)))):
            has_pictures = has_pictures or bool(reading.pictures)
            if reading.is_picture or _may_hold_tables(reading):
                pictures += 1
                if pictures > _MOST_PICTURES:
                    raise Unreadable(
                        "pdf_too_large",
                        f"More than {_MOST_PICTURES} pages of the PDF are pictures. Add the pages of the report alone.",
                    )
                recognised = _recognised(file, index, assembly)
                if not reading.is_picture:
                    recognised = _tables_in_pictures(recognised, reading)
                assembly.add_recognised(reading, recognised, index + 1)
            else:
                assembly.add(reading, index + 1)
        title = _meaningful(file.title())
    notes = []
    if has_pictures or pictures:
        notes.append("has_images")
    if assembly.is_recognised:
        notes.append("ocr")
    blocks: Iterable[Block] = assembly.blocks()
    if assembly.is_recognised:
        blocks = import_module("extract.readers.scan").joined_over_pages(blocks)
    return Document(DocumentFormat.PDF, tuple(blocks), {"title": title} if title else {}, tuple(notes))


def _may_hold_tables(reading: PageReading) -> bool:
    """Whether a page with text has a picture where a table could be."""
    return bool(reading.pictures)


def _recognised(file: PdfFile, index: int, assembly: "_Assembly") -> list[Block]:
    """The blocks of a page recognised from its picture."""
    try:
        blocks_of_page: Any = import_module("extract.readers.scan").blocks_of_page
    except (ImportError, AttributeError) as error:
        raise Unreadable(
            "scan_not_supported",
            "Pages of the PDF are pictures, and the recognition of characters is not installed. Install the whole "
            "project with `make setup`, and run the same command again.",
        ) from error
    pixels, width, height = file.render(index, _DOTS_PER_INCH)
    blocks: list[Block] = blocks_of_page(
        pixels, page=index + 1, width_points=width, height_points=height, first_table=1, first_line=1
    )
    return blocks


def _tables_in_pictures(blocks: Sequence[Block], reading: PageReading) -> list[Block]:
    """The tables recognised inside the pictures of a page that has text of its own."""

    def is_inside(box: Box | None) -> bool:
        if box is None:
            return False
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return any(left < x < right and top < y < bottom for left, top, right, bottom in reading.pictures)

    return [block for block in blocks if isinstance(block, Grid) and is_inside(block.place.box)]


class _Assembly:
    """The blocks of the pages read so far; tables and paragraphs that a page break cuts become one."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, Passage | PageTable | Block, float]] = []
        """Page, block and height of the page."""
        self.is_recognised = False

    def add(self, reading: PageReading, page: int) -> None:
        """Take in a page with text."""
        for block in reading.blocks:
            if isinstance(block, PageTable):
                block.page = page
                for cell in block.cells:
                    cell.page = page
            self._parts.append((page, block, reading.height))

    def add_recognised(self, reading: PageReading, blocks: Sequence[Block], page: int) -> None:
        """Take in a page with blocks recognised from its picture, among its text from the top down."""
        self.is_recognised = self.is_recognised or bool(blocks)
        pending = (
            sorted(blocks, key=lambda block: (block.place.box or (0, 0, 0, 0))[1]) if reading.blocks else [*blocks]
        )
        text = PageReading([], reading.height)
        for block in reading.blocks:
            while pending and (pending[0].place.box or (0, 0, 0, 0))[1] < block.box[1]:
                self.add(text, page)
                text = PageReading([], reading.height)
                self._parts.append((page, pending.pop(0), reading.height))
            text.blocks.append(block)
        self.add(text, page)
        self._parts.extend((page, block, reading.height) for block in pending)

    def blocks(self) -> Iterator[Block]:
        """All blocks, with places."""
        tables = lines = 0
        for page, part in _joined(self._parts):
            if isinstance(part, PageTable):
                tables += 1
                yield _grid(part, tables)
            elif isinstance(part, Passage):
                lines += 1
                yield Paragraph(part.text, Place(page=page, line=lines, box=_rounded(part.shown_box or part.box)))
            elif isinstance(part, Grid):
                tables += 1
                yield _renumbered(part, tables)
            else:
                lines += 1
                place = Place(page=page, line=lines, box=part.place.box)
                yield Paragraph(part.text, place, part.is_heading)


Part = tuple[int, Passage | PageTable | Block, float]


def _joined(parts: Sequence[Part]) -> list[tuple[int, Passage | PageTable | Block]]:
    """Blocks with those joined that a page break cuts."""
    furniture = _furniture(parts)
    result: list[tuple[int, Passage | PageTable | Block]] = []
    last: int | None = None
    """Where the last block stands that is no header or footer."""
    last_page = 0
    for position, (page, part, _) in enumerate(parts):
        if position in furniture:
            result.append((page, part))
            continue
        previous = result[last][1] if last is not None else None
        if last is not None and page == last_page + 1:
            if isinstance(part, PageTable) and isinstance(previous, PageTable):
                if joined_tables(previous, part):
                    last_page = page
                    continue
            elif isinstance(part, Passage) and isinstance(previous, Passage):
                text = joined_over_pages(previous.text, previous, part)
                if text is not None:
                    previous.text, previous.is_full = text, part.is_full
                    last_page = page
                    continue
        result.append((page, part))
        last, last_page = len(result) - 1, page
    return result


def _furniture(parts: Sequence[Part]) -> set[int]:
    """Positions of headers and footers: short lines in the margin that at least two pages print alike."""
    seen: dict[str, list[tuple[int, int]]] = {}
    for position, (page, part, height) in enumerate(parts):
        if isinstance(part, Passage) and len(part.text) <= 60 and in_margin(part.box, height):
            seen.setdefault(re.sub(r"\d+", "0", part.text), []).append((position, page))
    return {position for places in seen.values() if len({page for _, page in places}) > 1 for position, _ in places}


def _grid(table: PageTable, number: int) -> Grid:
    cells = []
    for cell in sorted(table.cells, key=_position):
        left, top, right, bottom = cell.box
        box = (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))
        place = Place(cell.page, number, cell.row + 1, cell.column + 1, None, box)
        spans = (cell.row_span, cell.column_span)
        cells.append(GridCell(cell.row, cell.column, cell.text, place, *spans, cell.doubt))
    place = Place(page=table.page, table=number, box=_rounded(table.shown_box or table.box))
    return Grid(tuple(cells), table.row_count, table.column_count, place, table.is_aligned, table.is_by_space)


def _position(cell: PageCell) -> tuple[int, int]:
    return cell.row, cell.column


def _renumbered(grid: Grid, number: int) -> Grid:
    """A recognised grid with its number among the tables of the document."""

    def placed(place: Place) -> Place:
        return Place(place.page, number, place.row, place.column, place.line, place.box)

    cells = tuple(
        GridCell(cell.row, cell.column, cell.text, placed(cell.place), cell.row_span, cell.column_span, cell.doubt)
        for cell in grid.cells
    )
    return Grid(cells, grid.row_count, grid.column_count, placed(grid.place), grid.is_aligned, grid.is_by_space)


def _rounded(box: Box) -> Box:
    return round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1)


def _meaningful(title: str) -> str:
    """The title of the file's properties where a person wrote it; empty for a program's or a file's name."""
    title = _FILE_SUFFIX.sub("", _PRODUCER_PREFIX.sub("", title)).strip()
    if len(title) > 200 or len(_CHINESE.findall(title)) < _LEAST_TITLE or _NO_TITLE.search(title):
        return ""
    return title
