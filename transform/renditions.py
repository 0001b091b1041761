"""Which documents carry which report, and which of them speaks for it: table `renditions`.

Belongs here: grouping by issuer and year, the choice of the primary rendition, and whether the others agree with it.
Does not belong here: who issued a document and where that body is (`identity.py`), and which document takes the place
of which (`version_order.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import CellReading, CellStatus, DocumentFormat, ReportReading
from transform.cell_columns import columns_of
from transform.extracted import DocumentStore, ExtractedDocument, chosen, mapped, reading_of
from transform.identity import Identity, identify
from transform.keys import report_id_of
from transform.rules.printed import printed_subtotals
from transform.schema.codes import WarehouseFlag
from transform.schema.derive import conform, empty, from_rows
from transform.schema.tables import TABLES
from transform.version_order import Carrier, superseded_documents

__all__ = ["build_renditions", "primary_documents"]

_FORMAT_ORDER = (DocumentFormat.HTML, DocumentFormat.DOCX)
"""Formats that keep the cells of a table apart, best first; the others follow."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_REPORTS_AT_ONCE = 200
"""Reports with several documents whose cells are looked at together."""
_COMPARED = (CellStatus.REPORTED, CellStatus.BLANK, CellStatus.NOT_APPLICABLE)
"""Statuses in which a reading says what is printed; text and withheld cells do not contradict a number."""


@dataclass(frozen=True, slots=True)
class _Rendition:
    document: ExtractedDocument
    reading: ReportReading

    @property
    def numeric_cell_count(self) -> int:
        return columns_of(self.reading).number_count


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a document is among those that carry its report."""

    is_primary: bool
    is_superseded: bool
    differing: tuple[str, ...] = ()


_ALONE = _Verdict(True, False)


def build_renditions(
    *,
    report_year: int,
    extractions: Iterable[ExtractedDocument],
    identify_issuer: Callable[[ExtractedDocument, ReportReading], Identity] = identify,
) -> pa.Table:
    """One row for each document of the year that was read as a report; one of each report is primary.

    Two passes, so that a year need not be held whole: a row for each document as if it were alone, and then, for the
    few reports that several documents carry, a second look at their cells. `extractions` must be a list or a store.
    """
    listed = extractions if isinstance(extractions, DocumentStore | Sequence) else list(extractions)
    draft = partial(_alone, report_year=report_year, identify_issuer=identify_issuer)
    alone = pa.concat_tables([empty(TABLES["renditions"]), *mapped(listed, draft)])
    return conform(TABLES["renditions"], _judged(alone, listed))


def _alone(
    documents: Iterable[ExtractedDocument],
    *,
    report_year: int,
    identify_issuer: Callable[[ExtractedDocument, ReportReading], Identity],
) -> pa.Table:
    """The rows of documents, each as if no other carried its report."""
    rows = []
    for document in documents:
        reading = reading_of(document)
        if reading is not None and reading.report_year == report_year:
            rows.append(_row(_Rendition(document, reading), identify_issuer(document, reading)))
    return from_rows(TABLES["renditions"], rows)


def _judged(alone: pa.Table, documents: Iterable[ExtractedDocument]) -> pa.Table:
    """The rows, with a verdict on those documents that are not alone with their report."""
    counted = alone.group_by("report_id").aggregate([([], "count_all")])
    shared = counted.filter(pc.greater(counted.column("count_all"), 1)).column("report_id")
    if not len(shared):
        return alone
    keys = alone.select(["report_id", "document_sha256"])
    members = keys.filter(pc.is_in(keys.column("report_id"), value_set=shared.combine_chunks()))
    groups: dict[str, list[str]] = {}
    for row in members.sort_by([("report_id", "ascending"), ("document_sha256", "ascending")]).to_pylist():
        groups.setdefault(row["report_id"], []).append(row["document_sha256"])
    verdicts: dict[str, _Verdict] = {}
    several = iter(groups.values())
    while some := list(islice(several, _REPORTS_AT_ONCE)):
        by_sha = {item.sha256: item for item in chosen(documents, [sha256 for group in some for sha256 in group])}
        for group in some:
            renditions = []
            for sha256 in group:
                reading = reading_of(by_sha[sha256])
                assert reading is not None, f"document {sha256} was a report in the first pass"
                renditions.append(_Rendition(by_sha[sha256], reading))
            verdicts |= _verdicts(renditions)
    found = [verdicts.get(sha256, _ALONE) for sha256 in alone.column("document_sha256").to_pylist()]
    columns = {
        "is_primary": [item.is_primary for item in found],
        "is_superseded": [item.is_superseded for item in found],
        "agrees": [not item.differing for item in found],
        "differing_cells": [list(item.differing) for item in found],
    }
    for name, values in columns.items():
        place = alone.schema.get_field_index(name)
        alone = alone.set_column(place, alone.schema.field(name), pa.array(values, alone.schema.field(name).type))
    return alone


def primary_documents(renditions: pa.Table, extractions: Iterable[ExtractedDocument]) -> dict[str, ExtractedDocument]:
    """The document that speaks for each report, by report_id in ascending order."""
    by_sha = {document.sha256: document for document in extractions}
    primary = renditions.filter(renditions.column("is_primary")).select(["report_id", "document_sha256"])
    return {row["report_id"]: by_sha[row["document_sha256"]] for row in primary.sort_by("report_id").to_pylist()}


def _verdicts(group: Sequence[_Rendition]) -> dict[str, _Verdict]:
    """What becomes of each document of a report that several carry, by SHA-256."""
    superseded = superseded_documents([Carrier(item.document, item.reading) for item in group])
    primary, *others = sorted(group, key=lambda item: _rank(item, item.document.sha256 in superseded))
    verdicts = {primary.document.sha256: _Verdict(True, primary.document.sha256 in superseded)}
    for item in others:
        differing = _differing_cells(item.reading, primary.reading)
        verdicts[item.document.sha256] = _Verdict(False, item.document.sha256 in superseded, tuple(differing))
    return verdicts


def _rank(item: _Rendition, is_superseded: bool) -> tuple[bool, int, int, int, datetime, str]:
    """Sort key: current version, most numbers, fewest broken rules, cleanest format, earliest, smallest hash."""
    kind = item.document.extraction.format
    return (
        is_superseded,
        -item.numeric_cell_count,
        _broken_rules(item.reading),
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


def _row(item: _Rendition, identity: Identity) -> dict[str, Any]:
    """The row of a document that is alone with its report."""
    document, reading = item.document, item.reading
    columns = columns_of(reading)
    assert reading.report_year is not None
    year_edition = load_forms().edition_for_year(reading.report_year)
    flags = list(dict.fromkeys(anomaly.code for anomaly in reading.anomalies))
    if reading.leftovers and WarehouseFlag.LEFTOVERS not in flags:
        flags.append(WarehouseFlag.LEFTOVERS.value)
    return {
        "report_id": report_id_of(identity.issuer_id, reading.report_year),
        "report_year": reading.report_year,
        "document_sha256": document.sha256,
        "is_primary": True,
        "is_superseded": False,
        "agrees": True,
        "differing_cells": [],
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
        "cell_count": len(columns),
        "numeric_cell_count": columns.number_count,
        "doubtful_cell_count": columns.doubtful_count,
        "leftover_count": len(reading.leftovers),
        "missing_tables": list(reading.missing_tables),
        "flags": flags,
        "printed_subtotals": printed_subtotals(reading),
    }
