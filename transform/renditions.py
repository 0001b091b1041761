"""Which documents carry which report, and which of them speaks for it: table `renditions`.

Belongs here: grouping by issuer and year, versions under one URL, the choice of the primary rendition, and whether the
others agree with it. Does not belong here: who issued a document and where that body is (`identity.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import CellReading, CellStatus, Confidence, DocumentFormat, ReportReading
from transform.extracted import ExtractedDocument, reading_of
from transform.identity import Identity, identify
from transform.keys import report_id_of
from transform.schema.codes import WarehouseFlag
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES

__all__ = ["build_renditions", "primary_documents"]

_FORMAT_ORDER = (DocumentFormat.HTML, DocumentFormat.DOCX)
"""Formats that keep the cells of a table apart, best first; the others follow."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_COMPARED = (CellStatus.REPORTED, CellStatus.BLANK, CellStatus.NOT_APPLICABLE)
"""Statuses in which a reading says what is printed; text and withheld cells do not contradict a number."""


@dataclass(frozen=True, slots=True)
class _Rendition:
    document: ExtractedDocument
    reading: ReportReading
    identity: Identity

    @property
    def numeric_cell_count(self) -> int:
        return sum(cell.value is not None for cell in self.reading.cells)


def build_renditions(
    *,
    report_year: int,
    extractions: Iterable[ExtractedDocument],
    identify_issuer: Callable[[ExtractedDocument, ReportReading], Identity] = identify,
) -> pa.Table:
    """One row for each document of the year that was read as a report; one of each report is primary."""
    groups: dict[str, list[_Rendition]] = {}
    for document in sorted(extractions, key=lambda item: item.sha256):
        reading = reading_of(document)
        if reading is None or reading.report_year != report_year:
            continue
        identity = identify_issuer(document, reading)
        groups.setdefault(report_id_of(identity.issuer_id, report_year), []).append(
            _Rendition(document, reading, identity)
        )
    rows = [row for report_id, group in sorted(groups.items()) for row in _rows(report_id, group)]
    return from_rows(TABLES["renditions"], rows)


def primary_documents(renditions: pa.Table, extractions: Iterable[ExtractedDocument]) -> dict[str, ExtractedDocument]:
    """The document that speaks for each report, by report_id in ascending order."""
    by_sha = {document.sha256: document for document in extractions}
    primary = renditions.filter(renditions.column("is_primary")).select(["report_id", "document_sha256"])
    return {row["report_id"]: by_sha[row["document_sha256"]] for row in primary.sort_by("report_id").to_pylist()}


def _rows(report_id: str, group: Sequence[_Rendition]) -> list[dict[str, Any]]:
    superseded = _superseded(group)
    ranked = sorted(group, key=lambda item: _rank(item, item.document.sha256 in superseded, alone=len(group) == 1))
    primary = ranked[0]
    return [_row(report_id, item, primary, item.document.sha256 in superseded) for item in ranked]


def _superseded(group: Sequence[_Rendition]) -> frozenset[str]:
    """Documents after which other bytes were found under the same URL."""
    by_url: dict[str, list[ExtractedDocument]] = {}
    for item in group:
        if item.document.url:
            by_url.setdefault(item.document.url, []).append(item.document)
    older: list[str] = []
    for versions in by_url.values():
        *replaced, _ = sorted(versions, key=lambda version: (_last_seen(version), version.sha256))
        older += [version.sha256 for version in replaced]
    return frozenset(older)


def _last_seen(document: ExtractedDocument) -> datetime:
    return document.last_seen_at or document.fetched_at or _LONG_AGO


def _rank(item: _Rendition, is_superseded: bool, *, alone: bool) -> tuple[bool, int, int, int, datetime, str]:
    """Sort key: current version, most numbers, fewest broken rules, cleanest format, earliest, smallest hash."""
    kind = item.document.extraction.format
    return (
        is_superseded,
        -item.numeric_cell_count,
        0 if alone else _broken_rules(item.reading),
        _FORMAT_ORDER.index(kind) if kind in _FORMAT_ORDER else len(_FORMAT_ORDER),
        item.document.fetched_at or _LONG_AGO,
        item.document.sha256,
    )


def _broken_rules(reading: ReportReading) -> int:
    cells = {cell.code: cell for cell in reading.cells}
    return sum(
        evaluate(rule, cells).status is RuleStatus.FAIL
        for rule in rules_of(reading.edition)
        if rule.severity == "error"
    )


def _differing_cells(reading: ReportReading, primary: ReportReading) -> list[str]:
    """Cells that both print with different values; a cell that only one prints is no contradiction."""
    printed: Mapping[str, CellReading] = {cell.code: cell for cell in primary.cells if cell.status in _COMPARED}
    return sorted(
        cell.code
        for cell in reading.cells
        if cell.status in _COMPARED and cell.code in printed and printed[cell.code].value != cell.value
    )


def _row(report_id: str, item: _Rendition, primary: _Rendition, is_superseded: bool) -> dict[str, Any]:
    document, reading, identity = item.document, item.reading, item.identity
    assert reading.report_year is not None
    differing = [] if item is primary else _differing_cells(reading, primary.reading)
    year_edition = load_forms().edition_for_year(reading.report_year)
    flags = list(dict.fromkeys(anomaly.code for anomaly in reading.anomalies))
    if reading.leftovers and WarehouseFlag.LEFTOVERS not in flags:
        flags.append(WarehouseFlag.LEFTOVERS.value)
    return {
        "report_id": report_id,
        "report_year": reading.report_year,
        "document_sha256": document.sha256,
        "is_primary": item is primary,
        "is_superseded": is_superseded,
        "agrees": not differing,
        "differing_cells": differing,
        "document": document.document,
        "title": reading.title,
        **identity.columns(),
        "edition": reading.edition,
        "year_edition": reading.year_edition or (year_edition.id if year_edition else None),
        "url": document.url,
        "portal_id": document.portal_id,
        "local_name": document.local_name,
        "published_date": reading.published_date or document.listed_date,
        "listed_date": document.listed_date,
        "fetched_at": document.fetched_at,
        "format": document.extraction.format.value,
        "extractor_version": document.extractor_version,
        "cell_count": len(reading.cells),
        "numeric_cell_count": item.numeric_cell_count,
        "doubtful_cell_count": sum(
            cell.confidence is Confidence.DOUBTFUL or cell.status is CellStatus.WITHHELD for cell in reading.cells
        ),
        "leftover_count": len(reading.leftovers),
        "missing_tables": list(reading.missing_tables),
        "flags": flags,
    }
