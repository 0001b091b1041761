"""Reports and what stands in them as printed."""

from transform.schema import body_columns as b
from transform.schema import check_columns as k
from transform.schema import columns as c
from transform.schema import version_columns as v
from transform.schema.declared import CELL, REPORT_KEYS, Table

__all__ = ["REPORT_TABLES"]

REPORT_TABLES = (
    Table(
        "reports",
        summary="Annual reports: who reports, where, for which year, from which document, how sound.",
        grain="report (one issuer, one report year; latest version, primary rendition)",
        columns=(
            *REPORT_KEYS, c.DOCUMENT, c.DOCUMENT_STATUS, c.REASON, c.TITLE,
            c.ISSUER_ID, c.ISSUER, b.ISSUER_NAME, b.NAME_BASIS, c.ISSUER_KIND, b.SECTOR,
            b.FUNCTION, b.PARENT_ISSUER_ID, c.LEVEL.optional("not known"), c.SCOPE, c.SCOPE_EVIDENCE,
            *c.REGION, c.TOWNSHIP_CODE, c.ZONE, c.REGION_STATUS, c.REGION_CONFIDENCE,
            c.REGION_EVIDENCE,
            c.EDITION, c.YEAR_EDITION, c.URL, c.PORTAL_ID, c.LOCAL_NAME, c.PUBLISHED_DATE, c.FETCHED_AT, c.FORMAT,
            c.DOCUMENT_SHA256, c.EXTRACTOR_VERSION, c.RENDITION_COUNT, c.CELL_COUNT, c.NUMERIC_CELL_COUNT,
            c.DOUBTFUL_CELL_COUNT, c.LEFTOVER_COUNT, c.MISSING_TABLES, c.FAILING_CHECK_COUNT, c.ASSUMED_ZERO_COUNT,
            c.FAILING_CHECKS, c.FLAGS,
        ),
        primary_key=("report_id",),
        sort_by=("report_year", "province_code", "prefecture_code", "county_code", "issuer_id"),
        partition="report_year",
        usage_warnings=("scopes_overlap", "current_version_only"),
    ),
    Table(
        "renditions",
        summary="Documents that carry a report: HTML page, attachment, image version, older versions.",
        grain="document that was read as a report",
        columns=(
            *REPORT_KEYS, c.DOCUMENT_SHA256, c.IS_PRIMARY, c.IS_SUPERSEDED, c.AGREES, c.DIFFERING_CELLS,
            c.DOCUMENT, c.TITLE, c.ISSUER_ID, c.ISSUER, b.ISSUER_NAME, b.NAME_BASIS, c.ISSUER_KIND, b.SECTOR,
            b.FUNCTION, b.PARENT_ISSUER_ID, c.LEVEL.optional("not known"), c.SCOPE,
            c.SCOPE_EVIDENCE, *c.REGION, c.TOWNSHIP_CODE, c.ZONE, c.REGION_STATUS, c.REGION_CONFIDENCE,
            c.REGION_EVIDENCE,
            c.EDITION, c.YEAR_EDITION, c.URL, c.PORTAL_ID, c.LOCAL_NAME, c.PUBLISHED_DATE, c.LISTED_DATE, c.FETCHED_AT,
            c.FORMAT, c.EXTRACTOR_VERSION, c.CELL_COUNT, c.NUMERIC_CELL_COUNT, c.DOUBTFUL_CELL_COUNT, c.LEFTOVER_COUNT,
            c.MISSING_TABLES, c.FLAGS, k.PRINTED_SUBTOTALS,
        ),
        primary_key=("document_sha256",),
        sort_by=("report_year", "report_id", "document_sha256"),
        partition="report_year",
    ),
    Table(
        "cells",
        summary="Every figure of the statutory tables as printed, with its place in the document.",
        grain="report × table × row × column",
        columns=(*REPORT_KEYS, c.DOCUMENT, c.DOCUMENT_SHA256, c.EDITION, *CELL, c.EXTRACTOR_VERSION),
        primary_key=("report_id", "cell"),
        sort_by=("report_year", "report_id", "cell"),
        partition="report_year",
        usage_warnings=(
            "self_reported", "blank_is_not_zero", "scopes_overlap", "totals_inside", "current_version_only",
        ),
    ),
    Table(
        "narratives",
        summary="The text of each section of a report.",
        grain="report × section",
        columns=(
            *REPORT_KEYS, c.SECTION_ORDER, c.SECTION_CODE, c.HEADING, c.TEXT, c.CHARACTER_COUNT,
            c.DOCUMENT_SHA256, c.PLACE,
        ),
        primary_key=("report_id", "section_order"),
        sort_by=("report_year", "report_id", "section_order"),
        partition="report_year",
        usage_warnings=("current_version_only",),
    ),
    Table(
        "statements",
        summary="Figures that the prose of a report states beside its tables, each with its clause.",
        grain="report × statement",
        columns=(
            *REPORT_KEYS, c.STATEMENT_ORDER, c.STATEMENT_CODE, c.STATEMENT_SECTION, c.STATEMENT_VALUE,
            c.STATEMENT_UNIT, c.YUAN, c.CLAUSE, c.FLAGS, c.PLACE, c.DOCUMENT_SHA256,
        ),
        primary_key=("report_id", "statement_order"),
        sort_by=("report_year", "report_id", "statement_order"),
        partition="report_year",
        usage_warnings=("self_reported", "prose_beside_tables", "current_version_only"),
    ),
    Table(
        "report_versions",
        summary="What a report printed over time: each distinct content with the time for which it stood.",
        grain="report × version (a set of figures; renditions of one content and other layouts are one version)",
        columns=(
            *REPORT_KEYS, v.VERSION_NUMBER, v.IS_CURRENT, v.VERSION_BASIS, v.VALID_FROM, v.VALID_TO, v.RESTORED_AT,
            v.GONE_AT, v.CHANGED_CELL_COUNT, c.DOCUMENT_SHA256, c.URL, c.LOCAL_NAME, v.VERSION_RENDITION_COUNT,
            v.DIFFERING_RENDITION_COUNT, v.LAYOUT_CHANGE_COUNT, v.VERSION_DOCUMENTS,
        ),
        primary_key=("report_id", "version_number"),
        sort_by=("report_year", "report_id", "version_number"),
        partition="report_year",
    ),
    Table(
        "version_changes",
        summary="Figures edited after publication: each cell that a version prints otherwise than the version before.",
        grain="report × version × cell changed",
        columns=(
            *REPORT_KEYS, v.VERSION_NUMBER, c.CELL, c.TABLE, c.ROW, c.COLUMN, v.CHANGE, v.DIFFERENCE,
            *v.BEFORE, *v.AFTER,
        ),
        primary_key=("report_id", "version_number", "cell"),
        sort_by=("report_year", "report_id", "version_number", "cell"),
        partition="report_year",
        usage_warnings=("self_reported", "blank_is_not_zero"),
    ),
)  # fmt: skip
