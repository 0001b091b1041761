"""Readers: the bytes of one document to the blocks of the document model.

Belongs here: which reader reads which format. A new format is one line in `READERS`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import cast

from extract.model import Document, DocumentFormat, Unreadable
from extract.sniff import is_encrypted_office, name_of_unread, sniff_format

__all__ = ["ARCHIVES", "READERS", "SECOND_READERS", "read_document", "reader_of"]

Reader = Callable[[bytes], Document]

READERS: Mapping[DocumentFormat, str] = {
    DocumentFormat.HTML: "extract.readers.html:read_html",
    DocumentFormat.DOCX: "extract.readers.docx:read_docx",
    DocumentFormat.TEXT: "extract.readers.text:read_text",
    DocumentFormat.PDF: "extract.readers.pdf:read_pdf",
    DocumentFormat.DOC: "extract.readers.doc:read_doc",
    DocumentFormat.RTF: "extract.readers.rtf:read_rtf",
    DocumentFormat.XLSX: "extract.readers.sheets:read_sheets",
    DocumentFormat.XLS: "extract.readers.sheets:read_sheets",
    DocumentFormat.OFD: "extract.readers.ofd:read_ofd",
    DocumentFormat.MHT: "extract.readers.mht:read_mht",
    DocumentFormat.ODF: "extract.readers.odf:read_odf",
    DocumentFormat.OFFICE_XML: "extract.readers.office_xml:read_office_xml",
    DocumentFormat.IMAGE: "extract.readers.image:read_image",
}
"""Module and function by format. Imported when first needed: OpenCV and PDFium cost more than reading a page."""

SECOND_READERS: Mapping[DocumentFormat, str] = {
    DocumentFormat.PDF: "extract.readers.pdf_again:read_pdf_again",
}
"""Readers that share no code with the first one, for a second, independent reading."""

ARCHIVES = frozenset({DocumentFormat.ZIP, DocumentFormat.RAR, DocumentFormat.SEVEN_ZIP, DocumentFormat.GZIP})
"""Formats that hold documents and are none."""


@cache
def reader_of(target: str) -> Reader:
    """The function behind an entry of `READERS`."""
    module, name = target.split(":")
    return cast(Reader, getattr(import_module(module), name))


def read_document(data: bytes, document_format: DocumentFormat | None = None) -> Document:
    """The document model of `data`, whatever its format; who has sniffed it already says what it is.

    Raises Unreadable, and nothing else, with a code for the quarantine table: empty_file, archive, encrypted_file,
    format_not_supported, unknown_format, or the code of the reader that gave up.
    """
    if document_format is None:
        document_format = sniff_format(data)
    if is_encrypted_office(data):
        raise Unreadable("encrypted_file", "The file is locked with a password. Add an unlocked copy.")
    target = READERS.get(document_format)
    if target is not None:
        return reader_of(target)(data)
    if document_format is DocumentFormat.EMPTY:
        raise Unreadable("empty_file", "The file holds no bytes but blanks. Fetch or add it again.")
    if document_format in ARCHIVES:
        raise Unreadable("archive", "The file is an archive: its members are documents of their own.")
    known = name_of_unread(data)
    if known is not None:
        raise Unreadable(
            "format_not_supported",
            f"The file is {known}, which is not read. Add the report as PDF, DOCX or a saved page.",
        )
    raise Unreadable(
        "unknown_format",
        "The bytes are neither a known file format nor readable text. Look at the file and fetch or add it again.",
    )
