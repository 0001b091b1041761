"""What was collected and what became of it: tables `ledger`, `documents`, `quarantine`; and that nothing is lost."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from extract.model import ExtractionStatus
from transform.extracted import ExtractedDocument, all_but, chosen, outcome_of
from transform.schema.derive import conform, empty, from_rows
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["build_documents", "build_ledger", "build_quarantine", "conservation", "gone_documents"]

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

# The document last found at each address, and when that address was first found gone after that. The files of a stored
# archive stand and go with it.
_GONE = """
WITH held AS (
    SELECT
        f.url, f.sha256, f.requested_at, f.fetch_id,
        CASE WHEN f.outcome = 'unpacked' THEN f.parent_url ELSE f.url END AS page
    FROM fetches f
    WHERE f.sha256 IS NOT NULL AND f.url IS NOT NULL AND f.role IN ('article', 'attachment', 'local')
      AND f.outcome IN ('stored', 'unchanged', 'same_content', 'archived', 'unpacked')
      AND f.url IN (SELECT url FROM fetches WHERE sha256 IN (SELECT document_sha256 FROM wanted))
),
last AS (
    SELECT
        url, arg_max(sha256, (requested_at, length(fetch_id), fetch_id)) AS sha256, max(page) AS page,
        max(requested_at) AS held_at
    FROM held GROUP BY url
),
asked AS (
    SELECT url, requested_at FROM fetches WHERE outcome = 'gone'
),
placed AS (
    SELECT l.url, l.sha256, min(a.requested_at) AS gone_at
    FROM last l LEFT JOIN asked a ON a.url = l.page AND a.requested_at > l.held_at
    GROUP BY l.url, l.sha256
)
SELECT sha256, CASE WHEN bool_and(gone_at IS NOT NULL) THEN max(gone_at) END AS gone_at
FROM placed SEMI JOIN wanted ON sha256 = document_sha256
GROUP BY sha256 ORDER BY sha256
"""


def gone_documents(fetches: pa.Table, wanted: pa.ChunkedArray) -> dict[str, datetime | None]:
    """When each of the wanted documents was gone from every address at which it was the last to be found.

    None: one of the addresses still holds it as far as is known. A document in whose place others were found everywhere
    has no entry.
    """
    return {row["sha256"]: row["gone_at"] for row in _gone(fetches, wanted).to_pylist()}


def _gone(fetches: pa.Table, wanted: pa.ChunkedArray) -> pa.Table:
    return run_sql(_GONE, {"fetches": fetches, "wanted": pa.table({"document_sha256": wanted})})


def build_ledger(*, fetches: pa.Table) -> pa.Table:
    """The ledger as it stands: every request and its outcome. `fetches` has the columns of the table already."""
    return conform(TABLES["ledger"], fetches)


_DOCUMENTS = """
WITH fates AS (
    SELECT document_sha256, format, 'read' AS extraction_status, extractor_version, NULL AS reason_code, NULL AS reason,
        report_id, report_year
    FROM renditions
    UNION ALL BY NAME
    SELECT document_sha256, format, extraction_status, extractor_version, reason_code, reason FROM unread
)
SELECT
    c.document_sha256, coalesce(c.url, c.local_name, c.document_sha256) AS document, c.url, c.portal_id, c.local_name,
    c.link_text, c.listed_date, c.fetched_at, c.last_seen_at, g.gone_at, c.fetch_count, c.byte_count,
    f.format, f.extraction_status, f.reason_code, f.reason, f.report_id, f.report_year, f.extractor_version
FROM collected c LEFT JOIN fates f USING (document_sha256) LEFT JOIN gone g ON g.sha256 = c.document_sha256
ORDER BY c.document_sha256
"""
_FATE_COLUMNS = ("document_sha256", "format", "extraction_status", "extractor_version", "reason_code", "reason")
_RENDITION_COLUMNS = ("document_sha256", "format", "extractor_version", "report_id", "report_year")


def build_documents(
    *, ledger: pa.Table, extractions: Iterable[ExtractedDocument], renditions: pa.Table | None = None
) -> pa.Table:
    """Every document of the raw store and what became of it.

    Without `renditions` and `extractions` it is what a crawl alone can tell: the fate of a document is then null. Only
    those documents are looked into that no row of `renditions` speaks for.
    """
    if renditions is None:
        renditions = empty(TABLES["renditions"])
    unread: list[dict[str, Any]] = []
    unknown: list[dict[str, Any]] = []
    known = run_sql(_COLLECTED, {"ledger": ledger})
    hashes = frozenset(known.column("document_sha256").to_pylist())
    for document in all_but(extractions, frozenset(renditions.column("document_sha256").to_pylist())):
        unread.append(_fate(document))
        if document.sha256 not in hashes:
            unknown.append(_as_collected(document))
    brought = set(renditions.column("document_sha256").to_pylist()) - hashes
    unknown += [_as_collected(document) for document in chosen(extractions, brought)] if brought else []
    tables = {
        "collected": pa.concat_tables([known, pa.Table.from_pylist(unknown, schema=known.schema)]),
        "gone": _gone(ledger, known.column("document_sha256")),
        "renditions": renditions.select(_RENDITION_COLUMNS),
        "unread": pa.Table.from_pylist(unread, schema=pa.schema([(name, pa.string()) for name in _FATE_COLUMNS])),
    }
    return conform(TABLES["documents"], run_sql(_DOCUMENTS, tables))


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


def _fate(document: ExtractedDocument) -> dict[str, Any]:
    outcome = outcome_of(document)
    return {
        "document_sha256": document.sha256,
        "format": document.extraction.format.value,
        "extraction_status": outcome.status.value,
        "reason_code": outcome.reason_code,
        "reason": outcome.reason,
        "extractor_version": document.extractor_version,
    }


def build_quarantine(*, extractions: Iterable[ExtractedDocument], renditions: pa.Table | None = None) -> pa.Table:
    """Documents that could not be used, with the reason and the way out. Stated non-reports are none of them.

    `renditions` only spare a look at the documents that they speak for.
    """
    read = frozenset(renditions.column("document_sha256").to_pylist()) if renditions is not None else frozenset()
    return from_rows(TABLES["quarantine"], _quarantined(all_but(extractions, read)))


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
    names = documents.column("document_sha256")
    status = documents.column("extraction_status")
    problems = [
        f"document {sha256} was collected and never extracted"
        for sha256 in sorted(names.filter(pc.is_null(status)).to_pylist())
    ]
    counted = len(names.filter(pc.equal(status, "not_a_report")))
    for fate, table, rows in (("read", "renditions", renditions), ("quarantined", "quarantine", quarantine)):
        listed = names.filter(pc.equal(status, fate))
        present = pc.unique(rows.column("document_sha256"))
        counted += len(present)
        problems += [f"document {sha256} is {fate} and missing from {table}" for sha256 in _without(listed, present)]
        problems += [
            f"document {sha256} is in {table} and not {fate} in documents" for sha256 in _without(present, listed)
        ]
    distinct = len(pc.unique(names))
    if not problems and counted != distinct:
        problems.append(f"{distinct} documents went in and {counted} came out")
    return problems


def _without(names: Any, others: Any) -> list[str]:
    """Those of `names` that are not among `others`, in order."""
    members = others.combine_chunks() if isinstance(others, pa.ChunkedArray) else others
    missing: list[str] = sorted(names.filter(pc.invert(pc.is_in(names, value_set=members))).to_pylist())
    return missing
