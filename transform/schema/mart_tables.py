"""Comparable figures by issuer and year and by region and year."""

from transform.schema import body_columns as b
from transform.schema import columns as c
from transform.schema import coverage_columns as v
from transform.schema import mart_columns as m
from transform.schema.declared import REPORT_KEYS, Table
from transform.schema.measures import measure_columns, rate_columns

__all__ = ["MART_TABLES"]

_OF_A_REGION = "over the reports behind the row that print both figures"
_OF_A_REPORT = "where the report prints both figures"
_NOT_THIS_LEVEL = "the region is none of this level and lies in none"


MART_TABLES = (
    Table(
        "issuer_year",
        summary="The panel of bodies over years: comparable figures and rates of each report beside the issuer's past.",
        grain="issuer × report year (one report)",
        columns=(
            *REPORT_KEYS, c.ISSUER_ID, c.ISSUER, b.ISSUER_NAME, c.ISSUER_KIND, b.SECTOR,
            c.LEVEL.optional("not known"), c.SCOPE, c.ZONE, *c.REGION, c.TOWNSHIP_CODE, c.EDITION,
            m.PREVIOUS_REPORT_ID, m.REPORT_EDITION_BREAK, m.COMPARABILITY_NOTES,
            *measure_columns("the report does not print the numbers it needs, or its edition has no such figure"),
            *rate_columns(_OF_A_REPORT),
            m.CARRIED_FORWARD_PREVIOUS, m.CARRY_OVER_DIFFERENCE, m.APPLICATIONS_NEW_USUAL, m.LEVEL_BREAK_COLUMN,
            m.NONZERO_FIGURE_COUNT, m.DISTINCT_FIGURE_COUNT, m.FIGURES_FINGERPRINT,
        ),
        primary_key=("report_id",),
        sort_by=("report_year", "report_id"),
        partition="report_year",
        usage_warnings=(
            "scopes_overlap", "form_changes", "small_bases", "blank_is_not_zero", "self_reported", "pending_recurs",
            "current_version_only",
        ),
    ),
    Table(
        "region_year",
        summary="Applications, outcomes, reconsideration and litigation by region and year, comparable over editions.",
        grain="region × report year × basis",
        columns=(
            m.REGION_CODE, c.REPORT_YEAR, m.BASIS, c.REGION_NAME, m.REGION_LEVEL, c.PROVINCE_CODE.required(),
            c.PROVINCE.required(), c.PREFECTURE_CODE.optional("a province, or a county directly under one"),
            c.PREFECTURE.optional("a province, or a county directly under one"),
            c.COUNTY_CODE.optional(_NOT_THIS_LEVEL), c.COUNTY.optional(_NOT_THIS_LEVEL),
            c.TOWNSHIP_CODE.optional("the region is no township"), c.TOWNSHIP.optional("the region is no township"),
            c.REPORT_COUNT, m.SOURCE_REPORT_ID, m.LEFT_OUT_COUNT, m.BODY_COUNT_EXPECTED, m.REPORTING_SHARE,
            m.REPORTS_WITHOUT_TOTAL, m.REPORTS_WITH_FAILING, m.EDITIONS, m.EDITION_BREAK, m.COMPARABILITY_NOTES,
            *measure_columns("no report behind the row prints the numbers it needs, or their editions have none"),
            *rate_columns(_OF_A_REGION),
            m.POPULATION, m.POPULATION_SOURCE, m.APPLICATIONS_PER_100000, m.INCOMPLETE_MEASURES,
        ),
        primary_key=("division_code", "report_year", "basis"),
        sort_by=("report_year", "division_code", "basis"),
        partition="report_year",
        usage_warnings=(
            "bases_exclude_each_other", "levels_nest", "sum_is_partial", "form_changes", "small_bases",
            "blank_is_not_zero", "self_reported", "other_scope_left_out", "pending_recurs",
        ),
    ),
    Table(
        "coverage",
        summary="Who should have published and who has, on time or late, and whose reports cannot be used.",
        grain="region × report year",
        columns=(
            v.COVERAGE_CODE, c.REPORT_YEAR, c.REGION_NAME, v.COVERAGE_LEVEL, c.PROVINCE_CODE.required(),
            c.PROVINCE.required(), c.PREFECTURE_CODE.optional("a province, or a county directly under one"),
            c.PREFECTURE.optional("a province, or a county directly under one"),
            c.COUNTY_CODE.optional("the region is no county"), c.COUNTY.optional("the region is no county"),
            *v.COVERAGE_MEASURES, v.MISSING_ISSUERS,
        ),
        primary_key=("division_code", "report_year"),
        sort_by=("report_year", "division_code"),
        partition="report_year",
        usage_warnings=("levels_nest", "found_is_collected"),
    ),
)  # fmt: skip
