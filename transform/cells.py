"""Every figure, statement and section as printed: `cells`, `statements`, `narratives`, the cells of `ogi extract`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.statements import load_statements
from extract.forms.values import yuan
from extract.model import CellReading, ReportReading
from transform.cell_columns import CellColumns, columns_of, joined
from transform.corrections import Correction, correct_cells
from transform.extracted import ExtractedDocument
from transform.renditions import primary_documents
from transform.schema.derive import conform, from_rows
from transform.schema.tables import TABLES

__all__ = ["build_cells", "build_narratives", "build_statements", "cell_columns"]

_STRING = pa.string()
_AS_READ = ("value", "unit", "yuan", "raw", "status", "confidence", "flags", "implied", "repair_hint")
"""Columns of the table that are columns of the reading too."""


def build_cells(
    *,
    report_year: int,
    renditions: pa.Table,
    extractions: Iterable[ExtractedDocument],
    corrections: Sequence[Correction] = (),
) -> pa.Table:
    """The cells of each report of the year, from its primary rendition, with what people corrected."""
    cells = _cells(primary_documents(renditions, extractions), report_year)
    return correct_cells(cells, corrections)


def _cells(documents: Mapping[str, ExtractedDocument], report_year: int) -> pa.Table:
    """The cells of the documents, column by column: a row of its own for each of 200 cells a report would cost most."""
    readings = [_reading(document) for document in documents.values()]
    cells = [columns_of(reading) for reading in readings]
    repeats = pa.array(np.repeat(np.arange(len(readings)), [len(some) for some in cells]))
    codes = pa.array(joined(cells, "code"), _STRING).dictionary_encode()
    parts = [code.split(".") for code in codes.dictionary.to_pylist()]
    of_report: dict[str, Sequence[str]] = {
        "report_id": list(documents),
        "document": [document.document for document in documents.values()],
        "document_sha256": [document.sha256 for document in documents.values()],
        "edition": [reading.edition for reading in readings],
        "extractor_version": [document.extractor_version for document in documents.values()],
    }
    columns: dict[str, Any] = {name: pa.array(values, _STRING).take(repeats) for name, values in of_report.items()}
    columns |= {
        name: pa.array([part[place] for part in parts], _STRING).take(codes.indices)
        for place, name in enumerate(("table", "row", "column"))
    }
    columns |= {
        "report_year": pa.repeat(pa.scalar(report_year, pa.int32()), len(codes)),
        "cell": codes.cast(_STRING),
        "place": _places(cells),
    }
    columns |= {name: pa.array(joined(cells, name), TABLES["cells"].column(name).arrow_type) for name in _AS_READ}
    # Reports come in order; of each, the cells by code. Whole numbers sort faster than words.
    ranks = np.argsort(np.argsort(np.array(codes.dictionary.to_pylist(), dtype=object)))
    rank = ranks[codes.indices.to_numpy()] if len(codes) else np.zeros(0, dtype=np.int64)
    order = np.argsort(repeats.to_numpy() * (len(parts) + 1) + rank, kind="stable")
    rows = pa.table({name: columns[name] for name in TABLES["cells"].column_names})
    return conform(TABLES["cells"], rows.take(pa.array(order)))


def _places(cells: Sequence[CellColumns]) -> pa.Array:
    """The words of each place, as `str` gives them."""
    words = []
    for name in ("page", "table", "row", "column", "line"):
        number = pa.array(joined(cells, f"place.{name}"), pa.int32()).cast(_STRING)
        words.append(pc.fill_null(pc.binary_join_element_wise(f" {name} ", number, ""), ""))
    return pc.ascii_ltrim_whitespace(pc.binary_join_element_wise(*words, ""))


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
    money = {spec.code for spec in load_statements() if "元" in spec.unit}
    rows = [
        {
            "report_id": report_id,
            "report_year": report_year,
            "statement_order": order,
            "code": statement.code,
            "section": statement.section or None,
            "value": float(statement.value),
            "unit": statement.unit,
            "yuan": yuan(statement.value, statement.unit) if statement.code in money else None,
            "raw": statement.raw,
            "flags": list(statement.flags),
            "place": str(statement.place),
            "document_sha256": document.sha256,
        }
        for report_id, document in primary_documents(renditions, extractions).items()
        for order, statement in enumerate(_reading(document).statements, start=1)
    ]
    return from_rows(TABLES["statements"], rows)


def _reading(document: ExtractedDocument) -> ReportReading:
    report = document.extraction.report
    assert report is not None, f"document {document.sha256} stands in renditions and carries no report"
    return report
