"""RTF files to blocks, with the merged cells of their tables.

Belongs here: the order in which the parts are read. Does not belong here: which table is which form.

A row says by itself where its cells lie; columns come from the edges of all rows. What was deleted under change
tracking, is hidden or struck out is not printed; of a field the result is. Text boxes follow the text. Where the
structure of a table cannot be told for certain the file is refused as "needs_converter", never guessed.
"""

from extract.model import Document, DocumentFormat, Grid
from extract.readers.marked import blocks_of
from extract.readers.rtf.reading import RtfReading
from extract.readers.rtf.tokens import broken

__all__ = ["read_rtf"]

_LARGEST = 200 * 1024 * 1024


def read_rtf(data: bytes) -> Document:
    """The blocks of an RTF file. Raises Unreadable: broken_rtf, needs_converter (a word processor could read it)."""
    if len(data) > _LARGEST:
        raise broken("It is larger than any report.")
    start = data.find(b"{\\rtf")
    if start < 0:
        raise broken("It does not begin like an RTF file.")
    reading = RtfReading(data[start:].decode("latin-1"))
    reading.read()
    blocks = blocks_of(reading.stories())
    title = reading.title()
    has_table = any(isinstance(block, Grid) for block in blocks)
    notes = ("has_images",) if reading.has_pictures and not has_table else ()
    return Document(DocumentFormat.RTF, blocks, {"title": title} if title else {}, notes)
