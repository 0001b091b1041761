"""Workbooks to blocks: XLSX, XLS and ET.

Belongs here: which workbook reader reads which bytes. Does not belong here: cells and tables.
"""

from dataclasses import replace

from extract.model import Document, DocumentFormat, Grid, Unreadable
from extract.readers.pictures import package_pictures, with_pictures
from extract.readers.sheet_blocks import blocks_of_sheets
from extract.readers.xls import read_xls
from extract.readers.xlsx import Workbook, read_xlsx

__all__ = ["read_sheets"]

_ZIP_MAGIC = b"PK"


def read_sheets(data: bytes) -> Document:
    """The blocks of a workbook.

    Raises Unreadable with broken_workbook, encrypted_file, sheet_too_large or format_not_supported (XLSB).
    """
    if data.startswith(_ZIP_MAGIC):
        document = _document(DocumentFormat.XLSX, read_xlsx(data))
        blocks, notes = with_pictures(document.blocks, document.notes, lambda: package_pictures(data, "xl/media/"))
        return replace(document, blocks=blocks, notes=notes)
    return _document(DocumentFormat.XLS, read_xls(data))


def _document(document_format: DocumentFormat, workbook: Workbook) -> Document:
    blocks, notes = blocks_of_sheets(workbook.sheets)
    if not blocks and not workbook.has_images:
        raise Unreadable("empty_workbook", "The workbook shows no text on any sheet. Fetch or add it again.")
    if workbook.has_images and not any(isinstance(block, Grid) for block in blocks):
        notes = ("has_images", *notes)
    metadata = {"title": workbook.title} if workbook.title else {}
    return Document(document_format, blocks, metadata, notes)
