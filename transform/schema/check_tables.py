"""What the rules say of the reports."""

from transform.schema import columns as c
from transform.schema.declared import REPORT_KEYS, Table

__all__ = ["CHECK_TABLES"]

CHECK_TABLES = (
    Table(
        "checks",
        summary="The form's arithmetic (勾稽关系) on the printed figures of every report.",
        grain="report × rule instance",
        columns=(
            *REPORT_KEYS, c.CHECK_ID, c.RULE_ID, c.CHECK_KIND, c.SEVERITY, c.CHECK_STATUS, c.EXPECTED, c.COMPARATOR,
            c.PRINTED, c.BLANK_OPERAND_COUNT, c.CHECK_REASON, c.CELLS_INVOLVED, c.PREVIOUS_CELLS, c.SENTENCE_ZH,
            c.SENTENCE_EN, c.CAUSE, c.EDITION,
        ),
        primary_key=("report_id", "check_id"),
        sort_by=("report_year", "report_id", "check_id"),
        partition="report_year",
        usage_warnings=("self_reported",),
    ),
)  # fmt: skip
