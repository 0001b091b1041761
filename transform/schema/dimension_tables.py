"""Places, bodies and codes."""

from dataclasses import replace

from transform.schema import columns as c
from transform.schema.declared import Table

__all__ = ["DIMENSION_TABLES"]

DIMENSION_TABLES = (
    Table(
        "regions",
        summary="Administrative divisions: provinces, prefectures, counties, townships, with the units above them.",
        grain="division",
        columns=(
            replace(c.DIVISION_CODE.required(), description="Code of the unit: six digits, nine for a township."),
            c.REGION_NAME, c.DIVISION_LEVEL, c.IS_ZONE, c.PARENT_CODE, c.PROVINCE_CODE.required(),
            c.PROVINCE.required(), c.PREFECTURE_CODE, c.PREFECTURE, c.COUNTY_CODE, c.COUNTY,
        ),
        primary_key=("division_code",),
        sort_by=("division_code",),
    ),
    Table(
        "issuers",
        summary="Bodies that have reported.",
        grain="issuer",
        columns=(
            c.ISSUER_ID, c.ISSUER, c.ISSUER_NAMES, c.ISSUER_KIND, c.LEVEL.optional("not known"), *c.REGION,
            c.REGION_STATUS, c.FIRST_YEAR, c.LAST_YEAR, c.REPORT_COUNT,
        ),
        primary_key=("issuer_id",),
        sort_by=("issuer_id",),
    ),
    Table(
        "codes",
        summary="Every code: tables, rows, columns and cells of the forms, sections, rules, anomalies, measures.",
        grain="edition × kind × code",
        columns=(
            c.CODE_EDITION, c.CODE_KIND, c.CODE, c.ORDER, c.LABEL_ZH, c.LABEL_EN, c.CODE_PARENT, c.VALUE_TYPE,
            c.CODE_UNIT, c.ROW_KIND, c.SEVERITY.optional("neither a rule nor an anomaly"), c.DEFINITION, c.EXPRESSION,
            c.SOURCE_TEXT, c.CROSSWALK, c.CODE_COMPARABILITY,
        ),
        primary_key=("edition", "code_kind", "code"),
        sort_by=("edition", "code_kind", "print_order", "code"),
    ),
)  # fmt: skip
