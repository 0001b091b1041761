"""What was collected and what became of it: tables `ledger`, `documents`, `quarantine`; and that nothing is lost."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from extract.model import ExtractionStatus
from transform.extracted import ExtractedDocument, outcome_of
from transform.schema.derive import conform, from_rows
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["build_documents", "build_ledger", "build_quarantine", "conservation"]

# One row for each document that the ledger knows: its first request with a URL names it, all of them count. A document
# came by a request for a page, an attachment or by hand, and its bytes are in the raw store.
_COLLECTED = """
WITH held AS (
    SELECT * FROM ledger
    WHERE sha256 IS NOT NULL AND role IN ('article', 'attachment', 'local')
      AND outcome IN ('stored', 'unchanged', 'same_content', 'added', 'archived', 'unpacked')
),
ranked AS (
    SELECT
        *, row_number() OVER (PARTITION BY sha256 ORDER BY role = 'local', url IS NULL, requested_at, fetch_id) AS place
    FROM held
),
counted AS (
    SELECT
        sha256, count(*) AS fetch_count, max(byte_count) AS byte_count, min(local_name) AS local_name,
        -- A capture in a web archive was fetched by somebody else, at a moment that is known.
        min(requested_at) FILTER (role <> 'local' OR outcome = 'archived') AS fetched_at,
        max(requested_at) FILTER (role <> 'local' OR outcome = 'archived') AS last_seen_at
    FROM held GROUP BY sha256
)
SELECT
    f.sha256 AS document_sha256, f.url, f.portal_id, c.local_name, f.link_text, f.listed_date, c.fetched_at,
    c.last_seen_at, c.fetch_count, c.byte_count
FROM ranked f JOIN counted c USING (sha256)
WHERE f.place = 1
ORDER BY f.sha256
"""


def build_ledger(*, fetches: pa.Table) -> pa.Table:
    """The ledger as it stands: every request and its outcome. `fetches` has the columns of the table already."""
    return conform(TABLES["ledger"], fetches)


def build_documents(
    *, ledger: pa.Table, extractions: Iterable[ExtractedDocument], renditions: pa.Table | None = None
) -> pa.Table:
    """Every document of the raw store and what became of it.

    Without `renditions` and `extractions` it is what a crawl alone can tell: the fate of a document is then null.
    """
    keys = (
        renditions.select(["document_sha256", "report_id", "report_year"]).to_pylist() if renditions is not None else []
    )
    report_of = {row["document_sha256"]: row for row in keys}
    rows = {row["document_sha256"]: _collected_row(row) for row in run_sql(_COLLECTED, {"ledger": ledger}).to_pylist()}
    for document in extractions:
        row = rows.setdefault(document.sha256, _collected_row(_as_collected(document)))
        row.update(_fate(document, report_of))
    return from_rows(TABLES["documents"], (rows[sha256] for sha256 in sorted(rows)))


def _collected_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "document": row["url"] or row["local_name"] or row["document_sha256"],
        "format": None,
        "extraction_status": None,
        "reason_code": None,
        "reason": None,
        "report_id": None,
        "report_year": None,
        "extractor_version": None,
    }


def _as_collected(document: ExtractedDocument) -> dict[str, Any]:
    """A document that the ledger does not know, as researchers may bring their own."""
    return {
        "document_sha256": document.sha256,
        "url": document.url,
        "portal_id": document.portal_id,
        "local_name": document.local_name,
        "link_text": document.link_text,
        "listed_date": document.listed_date,
        "fetched_at": document.fetched_at,
        "last_seen_at": document.last_seen_at or document.fetched_at,
        "fetch_count": 0,
        "byte_count": document.byte_count,
    }


def _fate(document: ExtractedDocument, report_of: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    outcome = outcome_of(document)
    report = report_of.get(document.sha256, {})
    return {
        "format": document.extraction.format.value,
        "extraction_status": outcome.status.value,
        "reason_code": outcome.reason_code,
        "reason": outcome.reason,
        "report_id": report.get("report_id"),
        "report_year": report.get("report_year"),
        "extractor_version": document.extractor_version,
    }


def build_quarantine(*, extractions: Iterable[ExtractedDocument]) -> pa.Table:
    """Documents that could not be used, with the reason and the way out. Stated non-reports are none of them."""
    return from_rows(TABLES["quarantine"], _quarantined(extractions))


def _quarantined(extractions: Iterable[ExtractedDocument]) -> Iterator[dict[str, Any]]:
    for document in extractions:
        outcome = outcome_of(document)
        if outcome.status is ExtractionStatus.QUARANTINED:
            yield {
                "document_sha256": document.sha256,
                "document": document.document,
                "reason_code": outcome.reason_code,
                "reason": outcome.reason,
                "url": document.url,
                "portal_id": document.portal_id,
                "local_name": document.local_name,
                "fetched_at": document.fetched_at,
                "format": document.extraction.format.value,
                "byte_count": document.byte_count,
                "extractor_version": document.extractor_version,
            }


def conservation(documents: pa.Table, renditions: pa.Table, quarantine: pa.Table) -> list[str]:
    """What was lost or counted twice between the raw store and the tables, one sentence each; empty if nothing."""
    status = dict(
        zip(
            documents.column("document_sha256").to_pylist(),
            documents.column("extraction_status").to_pylist(),
            strict=True,
        )
    )
    carried = set(renditions.column("document_sha256").to_pylist())
    held_back = set(quarantine.column("document_sha256").to_pylist())
    problems = [
        f"document {sha256} was collected and never extracted"
        for sha256, found in sorted(status.items())
        if found is None
    ]
    expected = {"read": carried, "quarantined": held_back}
    for name, present, table in (("read", carried, "renditions"), ("quarantined", held_back, "quarantine")):
        listed = {sha256 for sha256, found in status.items() if found == name}
        problems += [f"document {sha256} is {name} and missing from {table}" for sha256 in sorted(listed - present)]
        problems += [
            f"document {sha256} is in {table} and not {name} in documents" for sha256 in sorted(present - listed)
        ]
    counted = sum(len(rows) for rows in expected.values()) + sum(found == "not_a_report" for found in status.values())
    if not problems and counted != len(status):
        problems.append(f"{len(status)} documents went in and {counted} came out")
    return problems
