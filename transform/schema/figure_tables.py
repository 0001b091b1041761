"""Figures of the statutory tables in long form."""

from transform.schema import columns as c
from transform.schema.declared import REPORT_KEYS, WHERE_AND_WHO, Table

__all__ = ["FIGURE_TABLES"]

FIGURE_TABLES = (
    Table(
        "applications",
        summary="Applications received, carried over, decided by outcome, and carried forward, by sort of applicant.",
        grain="report × item × applicant type",
        columns=(
            *REPORT_KEYS, c.ITEM_CODE, c.ITEM, c.ITEM_EN, c.ITEM_GROUP, c.APPLICANT_TYPE, c.IS_TOTAL,
            c.APPLICATION_COUNT, c.CELL_STATUS, c.COMPARABILITY, c.EDITION, *WHERE_AND_WHO, c.SOURCE_CELLS,
        ),
        primary_key=("report_id", "item_code", "applicant_type"),
        sort_by=("report_year", "report_id", "item_code", "applicant_type"),
        partition="report_year",
        usage_warnings=("self_reported", "blank_is_not_zero", "scopes_overlap", "totals_inside", "E2014_is_partial"),
    ),
    Table(
        "litigation",
        summary="Reconsideration (行政复议) and litigation (行政诉讼) over information disclosure, by result.",
        grain="report × channel × result",
        columns=(
            *REPORT_KEYS, c.CHANNEL, c.RESULT, c.IS_TOTAL, c.CASE_COUNT, c.CELL_STATUS, c.COMPARABILITY, c.EDITION,
            *WHERE_AND_WHO, c.SOURCE_CELLS,
        ),
        primary_key=("report_id", "channel", "result"),
        sort_by=("report_year", "report_id", "channel", "result"),
        partition="report_year",
        usage_warnings=(
            "self_reported", "blank_is_not_zero", "scopes_overlap", "totals_inside", "pending_recurs",
            "E2014_is_partial",
        ),
    ),
    Table(
        "proactive_disclosure",
        summary="What bodies disclosed on their own: rules, normative documents, decisions, fees, procurement (表二).",
        grain="report × item × measure",
        columns=(
            *REPORT_KEYS, c.DISCLOSURE_ITEM, c.ITEM, c.ITEM_EN, c.MEASURE, c.MEASURE_ZH,
            c.VALUE, c.UNIT, c.VALUE_YUAN, c.CELL_STATUS, c.EDITION, *WHERE_AND_WHO,
            c.CELL,
        ),
        primary_key=("report_id", "item_code", "measure"),
        sort_by=("report_year", "report_id", "item_code", "measure"),
        partition="report_year",
        usage_warnings=("self_reported", "blank_is_not_zero", "scopes_overlap", "scope_can_differ_inside"),
    ),
)  # fmt: skip
