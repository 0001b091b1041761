"""Comparable figures by region and year."""

from transform.schema import columns as c
from transform.schema.declared import Table
from transform.schema.measures import measure_columns, rate_columns

__all__ = ["MART_TABLES"]

MART_TABLES = (
    Table(
        "region_year",
        summary="Applications, outcomes, reconsideration and litigation by region and year, comparable over editions.",
        grain="region × report year × basis",
        columns=(
            c.REGION_CODE, c.REPORT_YEAR, c.BASIS, c.REGION_NAME, c.REGION_LEVEL, c.PROVINCE_CODE.required(),
            c.PROVINCE.required(), c.PREFECTURE_CODE.optional("a province, or a county directly under one"),
            c.PREFECTURE.optional("a province, or a county directly under one"),
            c.COUNTY_CODE.optional("the region is no county"), c.COUNTY.optional("the region is no county"),
            c.REPORT_COUNT, c.SOURCE_REPORT_ID, c.LEFT_OUT_COUNT, c.REPORTS_WITHOUT_TOTAL, c.REPORTS_WITH_FAILING,
            c.EDITIONS, *measure_columns(), *rate_columns(), c.INCOMPLETE_MEASURES,
        ),
        primary_key=("division_code", "report_year", "basis"),
        sort_by=("report_year", "division_code", "basis"),
        partition="report_year",
        usage_warnings=(
            "bases_exclude_each_other", "levels_nest", "sum_is_partial", "blank_is_not_zero", "self_reported",
            "other_scope_left_out", "pending_recurs",
        ),
    ),
)  # fmt: skip
