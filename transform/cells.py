"""Every figure, statement and section as printed: `cells`, `statements`, `narratives`, the cells of `ogi extract`."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from extract.forms.statements import load_statements
from extract.forms.values import yuan
from extract.model import CellReading, ReportReading
from transform.extracted import ExtractedDocument
from transform.renditions import primary_documents
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES

__all__ = ["build_cells", "build_narratives", "build_statements", "cell_columns"]


def build_cells(*, report_year: int, renditions: pa.Table, extractions: Iterable[ExtractedDocument]) -> pa.Table:
    """The cells of each report of the year, from its primary rendition."""
    return from_rows(TABLES["cells"], _cell_rows(report_year, renditions, extractions))


def _cell_rows(
    report_year: int, renditions: pa.Table, extractions: Iterable[ExtractedDocument]
) -> Iterator[dict[str, Any]]:
    for report_id, document in primary_documents(renditions, extractions).items():
        reading = _reading(document)
        shared = {
            "report_id": report_id,
            "report_year": report_year,
            "document": document.document,
            "document_sha256": document.sha256,
            "edition": reading.edition,
            "extractor_version": document.extractor_version,
        }
        for cell in reading.cells:
            yield {**shared, **cell_columns(cell)}


def cell_columns(cell: CellReading) -> dict[str, Any]:
    """What one cell says, under the column names that `cells` and `ogi extract --out` share."""
    table, row, column = cell.code.split(".")
    return {
        "cell": cell.code,
        "table": table,
        "row": row,
        "column": column,
        "value": None if cell.value is None else float(cell.value),
        "unit": cell.unit,
        "yuan": cell.yuan,
        "raw": cell.raw,
        "status": cell.status.value,
        "confidence": cell.confidence.value,
        "flags": list(cell.flags),
        "place": str(cell.place),
        "implied": cell.implied,
        "repair_hint": cell.repair_hint,
    }


def build_narratives(*, report_year: int, renditions: pa.Table, extractions: Iterable[ExtractedDocument]) -> pa.Table:
    """The sections of each report of the year, from its primary rendition, in document order."""
    rows = [
        {
            "report_id": report_id,
            "report_year": report_year,
            "section_order": order,
            "section": section.code,
            "heading": section.heading,
            "text": section.text,
            "character_count": len(section.text),
            "document_sha256": document.sha256,
            "place": str(section.place),
        }
        for report_id, document in primary_documents(renditions, extractions).items()
        for order, section in enumerate(_reading(document).sections, start=1)
    ]
    return from_rows(TABLES["narratives"], rows)


def build_statements(*, report_year: int, renditions: pa.Table, extractions: Iterable[ExtractedDocument]) -> pa.Table:
    """The figures that the prose of each report of the year states, from its primary rendition, in document order."""
    rows = [
        {
            "report_id": report_id,
            "report_year": report_year,
            "statement_order": order,
            "code": statement.code,
            "section": statement.section or None,
            "value": float(statement.value),
            "unit": statement.unit,
            "yuan": yuan(statement.value, statement.unit) if _is_money(statement.code) else None,
            "raw": statement.raw,
            "flags": list(statement.flags),
            "place": str(statement.place),
            "document_sha256": document.sha256,
        }
        for report_id, document in primary_documents(renditions, extractions).items()
        for order, statement in enumerate(_reading(document).statements, start=1)
    ]
    return from_rows(TABLES["statements"], rows)


def _is_money(code: str) -> bool:
    return any(spec.code == code and "元" in spec.unit for spec in load_statements())


def _reading(document: ExtractedDocument) -> ReportReading:
    report = document.extraction.report
    assert report is not None, f"document {document.sha256} stands in renditions and carries no report"
    return report
