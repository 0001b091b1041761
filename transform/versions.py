"""What a report printed over time: tables `report_versions` and `version_changes`.

Belongs here: the dates of versions by the ledger, and the cells that changed between them. Does not belong here: which
documents make a version and which version is in force (`version_order.py`).

A version is a distinct content. Renditions of one content (page and PDF), the same bytes found again, and other bytes
with the same figures are one version. Its documents are those of `renditions`; `reports` shows the current one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa

from extract.model import CellReading
from transform.archive import gone_documents
from transform.extracted import ExtractedDocument
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES
from transform.sql import run_sql
from transform.version_order import Basis, Carrier, Change, History, Version, history_of

__all__ = ["build_report_versions", "build_version_changes"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# Each time that a document was found at an address; what was added by hand without a time says nothing about time.
_SIGHTINGS = """
SELECT f.sha256, f.url, f.requested_at AS seen_at, f.outcome = 'archived' AS is_capture
FROM fetches f SEMI JOIN wanted w ON f.sha256 = w.document_sha256
WHERE f.role IN ('article', 'attachment', 'local')
  AND f.outcome IN ('stored', 'unchanged', 'same_content', 'archived', 'unpacked')
ORDER BY f.url, f.requested_at, f.fetch_id
"""


@dataclass(frozen=True, slots=True)
class _Sighting:
    sha256: str
    url: str | None
    seen_at: datetime
    is_capture: bool


@dataclass(frozen=True, slots=True)
class _Report:
    report_id: str
    history: History
    primary: str
    """The document that speaks for the report."""


def build_report_versions(
    *, report_year: int, renditions: pa.Table, extractions: Iterable[ExtractedDocument], fetches: pa.Table
) -> pa.Table:
    """Every version of every report of the year, with the time for which it stood."""
    seen = _sightings(renditions, fetches)
    gone = gone_documents(fetches, renditions.column("document_sha256"))
    rows = [
        {"report_year": report_year, **row}
        for report in _reports(renditions, extractions)
        for row in _version_rows(report, seen, gone)
    ]
    return from_rows(TABLES["report_versions"], rows)


def build_version_changes(
    *, report_year: int, renditions: pa.Table, extractions: Iterable[ExtractedDocument]
) -> pa.Table:
    """Every cell whose printed value or status a later version changed. Cells in doubt on either side are none."""
    rows = [
        {"report_id": report.report_id, "report_year": report_year, "version_number": version.number, **_change(change)}
        for report in _reports(renditions, extractions)
        for version in report.history.versions
        for change in version.changes
    ]
    return from_rows(TABLES["version_changes"], rows)


def _reports(renditions: pa.Table, extractions: Iterable[ExtractedDocument]) -> Iterator[_Report]:
    by_sha = {document.sha256: document for document in extractions}
    groups: dict[str, list[Carrier]] = {}
    primary: dict[str, str] = {}
    keys = renditions.select(["report_id", "document_sha256", "is_primary"]).sort_by("report_id")
    for row in keys.to_pylist():
        document = by_sha[row["document_sha256"]]
        reading = document.extraction.report  # what stands in `renditions` was found to carry one that can be keyed
        if reading is None:
            raise ValueError(f"document {document.sha256} is a rendition and carries no report")
        groups.setdefault(row["report_id"], []).append(Carrier(document, reading))
        if row["is_primary"]:
            primary[row["report_id"]] = document.sha256
    for report_id, carriers in groups.items():
        yield _Report(report_id, history_of(carriers), primary[report_id])


def _sightings(renditions: pa.Table, fetches: pa.Table) -> dict[str, list[_Sighting]]:
    """Sightings by document, those of each address in order of time."""
    wanted = renditions.select(["document_sha256"])
    found: dict[str, list[_Sighting]] = {}
    for row in run_sql(_SIGHTINGS, {"fetches": fetches, "wanted": wanted}).to_pylist():
        found.setdefault(row["sha256"], []).append(_Sighting(**row))
    return found


def _version_rows(
    report: _Report, seen: Mapping[str, Sequence[_Sighting]], gone: Mapping[str, datetime | None]
) -> Iterator[dict[str, Any]]:
    history = report.history
    events = _events(history, seen)
    for version in history.versions:
        is_current = version is history.current
        best = _best(version, report.primary)
        yield {
            "report_id": report.report_id,
            "version_number": version.number,
            "document_sha256": best.sha256,
            "url": best.document.url,
            "local_name": best.document.local_name,
            "basis": _basis(version, seen).value,
            "valid_from": version.since,
            "valid_to": None if is_current else _end(version, history, events),
            "restored_at": max((at for at, number, back in events if back and number == version.number), default=None),
            "gone_at": _gone_at(version, gone),
            "is_current": is_current,
            "rendition_count": len(version.carriers),
            "differing_rendition_count": len(version.differing),
            "layout_change_count": version.layout_changes,
            "changed_cell_count": len(version.changes) if version.number > 1 else None,
            "documents": sorted(item.sha256 for item in version.carriers),
        }


def _best(version: Version, primary: str) -> Carrier:
    """The document that speaks for the version: that of the report, else the one with most figures, earliest."""
    return min(
        version.carriers,
        key=lambda item: (
            item.sha256 != primary, -item.number_count, item.document.fetched_at or _LONG_AGO, item.sha256,
        ),
    )  # fmt: skip


def _basis(version: Version, seen: Mapping[str, Sequence[_Sighting]]) -> Basis:
    sightings = [sighting for item in version.carriers for sighting in seen.get(item.sha256, ())]
    only_captures = sightings and all(sighting.is_capture for sighting in sightings)
    return Basis.ARCHIVED_COPY if only_captures else version.basis


def _events(history: History, seen: Mapping[str, Sequence[_Sighting]]) -> list[tuple[datetime, int, bool]]:
    """When which version came into place, in order; and whether it came back after a later one.

    A version comes with its first document. After that only a change at one address counts: an old file that lies
    beside the new page was not put back.
    """
    events = [(version.since, version.number, False) for version in history.versions if version.since is not None]
    if len(history.versions) == 1:
        return events
    number_of = {item.sha256: version.number for version in history.versions for item in version.carriers}
    by_url: dict[str, list[_Sighting]] = {}
    for sha256 in sorted(number_of):
        for sighting in seen.get(sha256, ()):
            if sighting.url is not None:
                by_url.setdefault(sighting.url, []).append(sighting)
    for sightings in by_url.values():
        numbers = [
            (item.seen_at, number_of[item.sha256])
            for item in sorted(sightings, key=lambda item: (item.seen_at, item.sha256))
        ]
        for (_, earlier), (at, later) in pairwise(numbers):
            if later < earlier:
                events.append((at, later, True))
    return sorted(events)


def _end(version: Version, history: History, events: Sequence[tuple[datetime, int, bool]]) -> datetime | None:
    """When another version took its place after it had come for the last time."""
    came = max((at for at, number, _ in events if number == version.number), default=None)
    after = [at for at, number, _ in events if number != version.number and (came is None or at >= came)]
    return min(after, default=max(filter(None, (came, history.current.since)), default=None))


def _gone_at(version: Version, gone: Mapping[str, datetime | None]) -> datetime | None:
    """When the last of its documents that were still in place went; null while one is there."""
    in_place = [gone[item.sha256] for item in version.carriers if item.sha256 in gone]
    found = [at for at in in_place if at is not None]
    return max(found) if found and len(found) == len(in_place) else None


def _change(change: Change) -> dict[str, Any]:
    table, row, column = change.cell.split(".")
    before, after = change.before, change.after
    numbers = (before.value if before else None, after.value if after else None)
    same_unit = before is not None and after is not None and before.unit == after.unit
    difference = numbers[1] - numbers[0] if numbers[0] is not None and numbers[1] is not None and same_unit else None
    return {
        "cell": change.cell,
        "table": table,
        "row": row,
        "column": column,
        "change": _kind(before, after),
        "difference": None if difference is None else float(difference),
        **_side("before", before, change.before_carrier.document),
        **_side("after", after, change.after_carrier.document),
    }


def _kind(before: CellReading | None, after: CellReading | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if before.value is None and after.value is None:
        return "reworded"
    if before.value is None:
        return "filled"
    return "emptied" if after.value is None else "edited"


def _side(prefix: str, cell: CellReading | None, document: ExtractedDocument) -> dict[str, Any]:
    return {
        f"{prefix}_status": cell.status.value if cell else None,
        f"{prefix}_value": float(cell.value) if cell and cell.value is not None else None,
        f"{prefix}_unit": cell.unit if cell else None,
        f"{prefix}_raw": cell.raw if cell else None,
        f"{prefix}_place": str(cell.place) if cell else None,
        f"{prefix}_document_sha256": document.sha256,
        f"{prefix}_found_at": document.fetched_at,
        f"{prefix}_last_seen_at": document.last_seen_at or document.fetched_at,
    }
