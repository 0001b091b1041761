"""Readers: the bytes of one document to the blocks of the document model.

Belongs here: which reader reads which format. A new format is one line in `READERS`.
"""

from collections.abc import Callable, Mapping

from extract.model import Document, DocumentFormat, Unreadable
from extract.readers.docx import read_docx
from extract.readers.html import read_html
from extract.readers.text import read_text
from extract.sniff import is_encrypted_office, sniff_format

__all__ = ["READERS", "read_document"]

READERS: Mapping[DocumentFormat, Callable[[bytes], Document]] = {
    DocumentFormat.HTML: read_html,
    DocumentFormat.DOCX: read_docx,
    DocumentFormat.TEXT: read_text,
}

_FORMAT_NAMES: Mapping[DocumentFormat, str] = {
    DocumentFormat.PDF: "a PDF file",
    DocumentFormat.DOC: "a Word 97-2003 file (.doc)",
    DocumentFormat.RTF: "a rich text file (.rtf)",
    DocumentFormat.XLSX: "an Excel workbook (.xlsx)",
    DocumentFormat.XLS: "an Excel 97-2003 workbook (.xls)",
    DocumentFormat.OFD: "an OFD file",
    DocumentFormat.ZIP: "a ZIP archive",
    DocumentFormat.IMAGE: "an image",
}


def read_document(data: bytes) -> Document:
    """The document model of `data`, whatever its format.

    Raises Unreadable, and nothing else, with a code for the quarantine table: empty_file, format_not_supported,
    encrypted_file, unknown_format, or the code of the reader that gave up.
    """
    document_format = sniff_format(data)
    reader = READERS.get(document_format)
    if reader is not None:
        return reader(data)
    if document_format is DocumentFormat.EMPTY:
        raise Unreadable("empty_file", "The file holds no bytes but blanks. Fetch or add it again.")
    if is_encrypted_office(data):
        raise Unreadable("encrypted_file", "The file is locked with a password. Add an unlocked copy.")
    name = _FORMAT_NAMES.get(document_format)
    if name is None:
        raise Unreadable(
            "unknown_format",
            "The bytes are neither a known file format nor readable text. Look at the file and fetch or add it again.",
        )
    raise Unreadable(
        "format_not_supported",
        f"The file is {name}. No reader exists for it yet, so it waits in quarantine; "
        "the same report as HTML, DOCX or text can be added now.",
    )
