"""Places, bodies and codes."""

from transform.schema import body_columns as b
from transform.schema import columns as c
from transform.schema import region_columns as r
from transform.schema.declared import Table

__all__ = ["DIMENSION_TABLES"]

DIMENSION_TABLES = (
    Table(
        "regions",
        summary="Administrative divisions with the units above them: provinces, prefectures, counties and townships of "
        "today, those of county level and above that are gone since 2007, and development zones.",
        grain="unit under one name and code",
        columns=(
            r.REGION_ID, r.DIVISION_CODE, r.FORMER_CODE, c.REGION_NAME, r.SHORT_NAME, r.LEVEL, r.KIND, c.IS_ZONE,
            c.PARENT_CODE, r.VALID_FROM, r.VALID_TO, r.SUCCESSOR_CODE, c.PROVINCE_CODE.required(),
            c.PROVINCE.required(), c.PREFECTURE_CODE, c.PREFECTURE, c.COUNTY_CODE, c.COUNTY,
        ),
        primary_key=("region_id",),
        sort_by=("region_id",),
    ),
    Table(
        "issuers",
        summary="Bodies that have reported: one row each over all years, portals and spellings.",
        grain="issuer",
        columns=(
            c.ISSUER_ID, c.ISSUER, b.ISSUER_NAME, c.ISSUER_NAMES, c.ISSUER_KIND, b.SECTOR, b.FUNCTION,
            c.LEVEL.optional("not known"), *c.REGION, c.ZONE, c.REGION_STATUS, b.PARENT_ISSUER_ID, b.PREDECESSORS,
            b.SUCCESSORS, b.DECLARED_FROM, b.DECLARED_TO, c.FIRST_YEAR, c.LAST_YEAR, c.REPORT_COUNT,
        ),
        primary_key=("issuer_id",),
        sort_by=("issuer_id",),
    ),
    Table(
        "issuer_names",
        summary="Every name under which a body has reported, and why it was taken for that body: for review.",
        grain="issuer × printed name",
        columns=(
            c.ISSUER_ID, b.PRINTED_NAME, b.ISSUER_NAME, b.NAME_BASIS, c.FIRST_YEAR, c.LAST_YEAR, c.REPORT_COUNT,
        ),
        primary_key=("issuer_id", "printed_name"),
        sort_by=("issuer_id", "printed_name"),
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
