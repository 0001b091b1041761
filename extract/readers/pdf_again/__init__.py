"""PDF files to blocks once more: the second, independent reading, over pdfminer.six.

Belongs here: a reading that shares neither the library nor the method with `extract.readers.pdf`, so that a mistake of
one is not a mistake of the other. Does not belong here: scans, pages without rulings in all their forms: this reading
confirms or denies figures and is never the only one.

The first reading builds a lattice of lines and merges its fields. This one asks for each point of a page which lines
stand nearest around it: those four are its cell.
"""

import re
from collections.abc import Iterator

from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

from extract.model import Block, Box, Document, DocumentFormat, Grid, GridCell, Paragraph, Place, Unreadable
from extract.readers.pdf_again.joining import joined_parts
from extract.readers.pdf_again.layout import MOST_CHARACTERS, MOST_SHAPES, layouts, objects_of
from extract.readers.pdf_again.struck import without_struck
from extract.readers.pdf_again.tables import Rows, parts_of

__all__ = ["read_pdf_again"]

_MOST_PAGES = 300


def read_pdf_again(data: bytes) -> Document:
    """The blocks of a PDF file as pdfminer.six gives its characters and lines; raises Unreadable alone."""
    try:
        return Document(DocumentFormat.PDF, tuple(_blocks(data)))
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise Unreadable("encrypted_file", "The PDF is locked with a password. Add an unlocked copy.") from error
    except Unreadable:
        raise
    except Exception as error:
        # pdfminer raises whatever its parsing runs into: type, key, index and recursion errors among them.
        raise Unreadable("broken_pdf", f"The PDF is broken ({type(error).__name__}). Fetch it again.") from error


def _blocks(data: bytes) -> Iterator[Block]:
    parts: list[tuple[int, str | Rows, Box]] = []
    margins: dict[str, set[int]] = {}
    """Pages by the text of a line in their margin: what several pages print is a header or footer."""
    letters_left, shapes_left = MOST_CHARACTERS, MOST_SHAPES
    for number, layout in enumerate(layouts(data), start=1):
        if number > _MOST_PAGES:
            raise Unreadable("too_many_pages", f"More than {_MOST_PAGES} pages are not read twice.")
        letters, lines, frame = objects_of(layout)
        height = frame.height
        letters_left -= len(letters)
        shapes_left -= len(lines)
        if letters_left < 0 or shapes_left < 0:
            raise Unreadable("pdf_too_large", "The PDF holds more than is read twice.")
        for part, box in parts_of(*without_struck(letters, lines), number, height):
            is_margin = isinstance(part, str) and (box[3] < 0.1 * height or box[1] > 0.9 * height)
            if isinstance(part, Rows):
                part.shown = frame.shown(part.box)
                part.rows = [[cell.shown_by(frame) for cell in row] for row in part.rows]
            parts.append((number, part, frame.shown(box)))
            if is_margin:
                margins.setdefault(_pattern(part), set()).add(number)
    tables = texts = 0
    for number, part, box in joined_parts([part for part in parts if len(margins.get(_pattern(part[1]), ())) < 2]):
        if isinstance(part, Rows):
            tables += 1
            yield _grid(part, tables)
        else:
            texts += 1
            yield Paragraph(part, Place(page=number, line=texts, box=box))


def _pattern(part: str | Rows) -> str:
    return re.sub(r"\d+", "0", part) if isinstance(part, str) else ""


def _grid(table: Rows, number: int) -> Grid:
    cells = tuple(
        GridCell(
            row=row,
            column=cell.column,
            text=cell.text,
            place=Place(page=cell.page, table=number, row=row + 1, column=cell.column + 1, box=cell.box),
            row_span=min(cell.row_span, len(table.rows) - row),
            column_span=max(1, cell.column_span),
            doubt=cell.doubt,
        )
        for row, cells_of_row in enumerate(table.rows)
        for cell in cells_of_row
    )
    place = Place(page=table.page, table=number, box=table.shown)
    return Grid(cells, len(table.rows), len(table.edges) - 1, place)
