"""A report as a Word file, with the merged cells of the official form. Pure: same input, same bytes."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from pipelines.sample.facts import Facts
from pipelines.sample.layout import CellKind, PrintedTable, print_tables
from pipelines.sample.narrative import opening, write_sections

__all__ = ["DocxStyle", "draw_docx"]

_EPOCH = datetime(2020, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_TEXT_WIDTH = 9000
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class DocxStyle:
    """The habits of a Word file. The defaults follow the official template."""

    nbsp_padding: bool = False
    """Values are padded with a no-break space, and blank cells hold one."""
    split_runs: bool = False
    """A number is split over two runs."""
    core_title: str = "政府信息公开工作年度报告"
    """The title in the file's properties, which is seldom the report's."""


def draw_docx(facts: Facts, style: DocxStyle = DocxStyle()) -> bytes:
    """The Word file of a report. Frozen defaults are safe to share between calls."""
    document: Any = docx.Document()
    for line in facts.title.split("\n"):
        title = document.add_paragraph()
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.add_run(line).bold = True
    document.add_paragraph(opening(facts))
    tables = {table.section: table for table in print_tables(facts)}
    for section in write_sections(facts):
        document.add_paragraph().add_run(section.heading).bold = True
        for text in section.paragraphs:
            document.add_paragraph(text)
        if section.code in tables:
            anchor = document.add_paragraph()
            anchor._p.addprevious(parse_xml(_table(tables[section.code], style)))
    if facts.signed_by:
        document.add_paragraph(facts.signed_by).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if facts.signed_date:
        day = facts.signed_date
        document.add_paragraph(f"{day.year}年{day.month}月{day.day}日").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _fix_properties(document, facts, style)
    buffer = io.BytesIO()
    document.save(buffer)
    return _with_fixed_dates(buffer.getvalue())


def _fix_properties(document: Any, facts: Facts, style: DocxStyle) -> None:
    core = document.core_properties
    core.title, core.author, core.last_modified_by, core.comments = style.core_title, facts.issuer, facts.issuer, ""
    core.created = core.modified = core.last_printed = _EPOCH
    core.revision = 1


def _with_fixed_dates(data: bytes) -> bytes:
    """The same ZIP with one date on every member, so that equal content is equal bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as rewritten:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            rewritten.writestr(member, source.read(name))
    return target.getvalue()


def _table(table: PrintedTable, style: DocxStyle) -> str:
    width = _TEXT_WIDTH // table.column_count
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = f'<w:gridCol w:w="{width}"/>' * table.column_count
    rows = "".join(f"<w:tr>{''.join(_cells(slots, width, style))}</w:tr>" for slots in table.grid())
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{_TEXT_WIDTH}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


def _cells(slots: Any, width: int, style: DocxStyle) -> Iterator[str]:
    for slot in slots:
        if not slot.is_first_column:
            continue
        cell = slot.cell
        properties = f'<w:tcW w:w="{width * cell.column_span}" w:type="dxa"/>'
        if cell.column_span > 1:
            properties += f'<w:gridSpan w:val="{cell.column_span}"/>'
        if cell.row_span > 1:
            properties += '<w:vMerge w:val="restart"/>' if slot.is_first_row else "<w:vMerge/>"
        text = cell.text if slot.is_first_row else ""
        if cell.kind is CellKind.VALUE and style.nbsp_padding:
            text += _NBSP
        split = style.split_runs and cell.kind is CellKind.VALUE and len(text) > 1
        pieces = (text[:1], text[1:]) if split else (text,)
        runs = "".join(
            f'<w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'
            for piece in pieces
            if piece
        )
        yield f'<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:pPr><w:jc w:val="center"/></w:pPr>{runs}</w:p></w:tc>'
