"""What the rules say of the reports, and what people decided about it."""

from transform.schema import check_columns as k
from transform.schema import columns as c
from transform.schema.declared import REPORT_KEYS, Table

__all__ = ["CHECK_TABLES"]

CHECK_TABLES = (
    Table(
        "checks",
        summary="Every rule on every report: arithmetic (勾稽关系), earlier years, peers, prose, dates, copies.",
        grain="report × rule instance",
        columns=(
            *REPORT_KEYS, c.CHECK_ID, c.RULE_ID, k.CHECK_KIND, c.SEVERITY, c.CHECK_STATUS, c.EXPECTED,
            k.CHECK_COMPARATOR, c.PRINTED, c.BLANK_OPERAND_COUNT, k.CHECK_REASON, c.CELLS_INVOLVED, c.PREVIOUS_CELLS,
            c.SENTENCE_ZH, c.SENTENCE_EN, c.CAUSE, c.EDITION, k.VERDICT, k.VERDICT_REASON, k.VERDICT_AUTHOR,
            k.VERDICT_STATE,
        ),
        primary_key=("report_id", "check_id"),
        sort_by=("report_year", "report_id", "check_id"),
        partition="report_year",
        usage_warnings=("self_reported",),
    ),
    Table(
        "corrections",
        summary="What people corrected or decided, entry by entry: what was read, what they say, whether it counts.",
        grain="entry of a file",
        columns=(
            k.ENTRY_KIND, k.FILE, k.ENTRY, k.STATE, k.STATE_REASON, k.DOCUMENT_NAMED,
            c.DOCUMENT_SHA256.optional("no document, or several, begin so"),
            c.REPORT_ID.optional("the document is not known, or carries no report"), k.COVERED_YEAR,
            c.CELL.optional("the entry is a verdict on a check as a whole"),
            c.CHECK_ID.optional("the entry is a correction"),
            k.VERDICT.optional("the entry is a correction"), k.VALUE_READ, k.RAW_READ, k.VALUE_CORRECTED,
            k.VALUE_EXPECTED, k.RAW_EXPECTED, k.CORRECTION_REASON, k.AUTHOR, k.DECIDED_ON,
        ),
        primary_key=("entry_kind", "file", "entry"),
        sort_by=("entry_kind", "file", "entry"),
    ),
)  # fmt: skip
