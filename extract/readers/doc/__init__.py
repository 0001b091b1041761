"""DOC and WPS files (Word 97 to 2003 and WPS Writer) to blocks: the OLE container and its piece table, read directly.

Belongs here: the order in which the parts are read. Does not belong here: which table is which form.

A row says by itself where its cells lie; columns come from the edges of all rows. What was deleted under change
tracking, is hidden or struck out is not printed; of a field the result is. Headers, footers, footnotes and comments are
not read; text boxes follow the text. Numbers that the program makes by itself (automatic lists) are not in the file.
Where the structure of a table cannot be told for certain the file is refused as "needs_converter", never guessed.
"""

import struct

from extract.model import Document, DocumentFormat, Grid
from extract.readers.doc.formatting import Formatting
from extract.readers.doc.pieces import read_text
from extract.readers.doc.reading import StoryReader
from extract.readers.doc.wordfile import broken, open_word
from extract.readers.edges import needs_converter

__all__ = ["read_doc"]

_TEXT_BOXES = 6


def read_doc(data: bytes) -> Document:
    """The blocks of a Word 97–2003 or WPS Writer file.

    Raises Unreadable: broken_doc, encrypted_file, needs_converter (a word processor could read it), unknown_format.
    """
    word = open_word(data)
    try:
        text = read_text(word)
        reader = StoryReader(text, Formatting(word))
        main = word.stories[0]
        boxes_start = sum(word.stories[:_TEXT_BOXES])
        boxes_end = boxes_start + word.stories[_TEXT_BOXES]
        if max(main, boxes_end) > len(text.characters):
            raise needs_converter("It holds less text than it declares.")
        reader.read(0, main)
        reader.read(boxes_start, boxes_end)
    except (struct.error, IndexError) as error:
        raise broken(f"Its structure is damaged ({type(error).__name__}).") from error
    blocks = reader.blocks
    has_table = any(isinstance(block, Grid) for block in blocks)
    notes = ("has_images",) if reader.has_pictures and not has_table else ()
    return Document(DocumentFormat.DOC, blocks, {"title": word.title} if word.title else {}, notes)
