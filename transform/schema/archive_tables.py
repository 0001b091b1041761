"""What was collected and what became of it."""

from dataclasses import replace

from transform.schema import columns as c
from transform.schema import version_columns as v
from transform.schema.declared import Table

__all__ = ["ARCHIVE_TABLES"]

ARCHIVE_TABLES = (
    Table(
        "documents",
        summary="Everything in the raw store and what became of it.",
        grain="document (bytes)",
        columns=(
            c.DOCUMENT_SHA256, c.DOCUMENT, c.URL, c.PORTAL_ID, c.LOCAL_NAME, c.LINK_TEXT, c.LISTED_DATE, c.FETCHED_AT,
            c.LAST_SEEN_AT, v.DOCUMENT_GONE_AT, c.FETCH_COUNT, c.BYTE_COUNT, c.FORMAT.optional("not yet extracted"),
            replace(c.DOCUMENT_STATUS.optional("not yet extracted"), name="extraction_status"),
            c.REASON_CODE.optional("the document was read, or not yet extracted"),
            c.REASON.optional("the document was read, or not yet extracted"),
            c.REPORT_ID.optional("no report"), c.REPORT_YEAR.optional("no report"),
            c.EXTRACTOR_VERSION.optional("not yet extracted"),
        ),
        primary_key=("document_sha256",),
        sort_by=("document_sha256",),
    ),
    Table(
        "quarantine",
        summary="Documents that could not be used, each with the reason and the way out. An open row is an open alarm.",
        grain="document (bytes)",
        columns=(
            c.DOCUMENT_SHA256, c.DOCUMENT, c.REASON_CODE.required(), c.REASON.required(), c.URL, c.PORTAL_ID,
            c.LOCAL_NAME, c.FETCHED_AT, c.FORMAT, c.BYTE_COUNT, c.EXTRACTOR_VERSION,
        ),
        primary_key=("document_sha256",),
        sort_by=("reason_code", "document_sha256"),
    ),
    Table(
        "ledger",
        summary="Every request and its outcome, and every URL discovered.",
        grain="request",
        columns=(
            c.FETCH_ID, c.RUN_ID, c.PORTAL_ID, c.URL, c.FINAL_URL, c.PARENT_URL, c.ROLE, c.OUTCOME, c.FETCH_REASON,
            c.STATUS_CODE, c.REQUESTED_AT, c.ELAPSED, c.LEDGER_SHA256, c.BYTE_COUNT.optional("no body"), c.CONTENT_TYPE,
            c.ETAG, c.LAST_MODIFIED, c.LINK_TEXT, c.LISTED_DATE, c.LOCAL_NAME,
        ),
        primary_key=("fetch_id",),
        sort_by=("requested_at", "fetch_id"),
    ),
)  # fmt: skip
