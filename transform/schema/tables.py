"""Every table of the warehouse: what a row is, its columns, its key, and what to beware of.

Belongs here: the declaration from which Parquet schemas, DuckDB comments, asset checks, `datapackage.json` and the data
dictionary derive (see `derive.py`). Does not belong here: what a column means (`columns.py`), how rows are made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from extract.forms.declaration import load_forms
from transform.schema import columns as c
from transform.schema.columns import Column, Unit

__all__ = ["EXTRACT_CELLS", "EXTRACT_REPORTS", "MEASURES", "RATES", "TABLES", "WARNINGS", "Rate", "Table"]

WARNINGS: Mapping[str, str] = {
    "self_reported": "Figures are the publishers' own, kept as printed even where they break the form's arithmetic: "
    "see `checks`.",
    "blank_is_not_zero": "Null means that no number is printed; it is not 0. Many bodies leave cells blank where they "
    "mean 0.",
    "scopes_overlap": "A government's consolidated report contains its departments' figures: never add rows of scope "
    "`consolidated` to others. Use `region_year`, or keep to one scope.",
    "totals_inside": "Total rows stand beside their parts. To add up, keep to `total` of applicant type or result "
    "(many bodies fill in nothing else) and to one item group, or leave out `is_total`.",
    "pending_recurs": "A case pending at year end is counted again next year: do not add `pending` or `total` over "
    "years.",
    "bases_exclude_each_other": "`consolidated_report` and `sum_of_own_reports` are two views of the same region: "
    "choose one, never add them.",
    "levels_nest": "A province contains its prefectures and counties: keep to one `level` when adding up.",
    "sum_is_partial": "`sum_of_own_reports` covers the reports found (`report_count`) and skips blanks "
    "(`incomplete_measures`): it is a lower bound.",
    "other_scope_left_out": "Reports whose scope or region is unknown enter no row here; they are in `reports`.",
    "E2014_is_partial": "E2014 figures come in through the crosswalk where it maps an item; `comparability` says how "
    "far. The outcomes of an E2014 report need not add up to its total. The full indicator list is in `cells`.",
    "scope_can_differ_inside": "Table 2 of a consolidated report may count the government alone while table 3 counts "
    "the whole region.",
    "prose_beside_tables": "A figure of the prose may count another scope or period than the table; it is read only "
    "where its sentence leaves no choice. Never mix it with the figures of the tables.",
    "current_version_only": "One row for each report, from its primary rendition and latest version; the others are in "
    "`renditions`.",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns in order, key, sort order and usage warnings (keys of `WARNINGS`)."""

    name: str
    summary: str
    grain: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    sort_by: tuple[str, ...]
    partition: str | None = None
    usage_warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"table {self.name}: a column is declared twice")
        unknown = [name for name in (*self.primary_key, *self.sort_by) if name not in names]
        if self.partition and self.partition not in names:
            unknown.append(self.partition)
        if unknown:
            raise ValueError(f"table {self.name}: key or sort column {unknown[0]} is not among its columns")
        if nullable := [name for name in self.primary_key if self.column(name).is_nullable]:
            raise ValueError(f"table {self.name}: key column {nullable[0]} allows null")
        if undeclared := [warning for warning in self.usage_warnings if warning not in WARNINGS]:
            raise ValueError(f"table {self.name}: warning {undeclared[0]} is not declared")

    def column(self, name: str) -> Column:
        """The column with this name; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of two measures, with the numerator and denominator it was made from beside it."""

    name: str
    numerator: str
    denominator: str
    title_zh: str
    description: str


MEASURES: tuple[str, ...] = tuple(entry.canonical for entry in load_forms().crosswalk)
"""Measures of `region_year`, in the order of the crosswalk."""

RATES = (
    Rate("disclosed_full_share", "disclosed_full", "applications_processed", "予以公开率", "disclosed in full"),
    Rate("disclosed_partial_share", "disclosed_partial", "applications_processed", "部分公开率", "disclosed in part"),
    Rate("withheld_share", "withheld_all", "applications_processed", "不予公开率", "withheld on any ground"),
    Rate("not_held_share", "not_held", "applications_processed", "本机关不掌握率", "answered: not held"),
    Rate(
        "reconsideration_corrected_share",
        "reconsideration_corrected",
        "reconsideration_total",
        "行政复议纠错率",
        "reconsideration cases that ended in a correction, pending cases in the denominator",
    ),
    Rate(
        "litigation_corrected_share",
        "litigation_corrected",
        "litigation_total",
        "行政诉讼纠错率",
        "suits that ended in a correction, pending cases in the denominator",
    ),
)

_MEASURE_UNITS = {
    "reconsideration": Unit.CASE,
    "litigation": Unit.CASE,
    "rules": Unit.DOCUMENT_ITEM,
    "normative": Unit.DOCUMENT_ITEM,
    "licensing": Unit.DECISION,
    "penalty": Unit.DECISION,
    "coercion": Unit.DECISION,
}


def _measure_columns() -> Iterator[Column]:
    """One column for each measure of the crosswalk, described from the forms."""
    forms = load_forms()
    latest = forms.editions["E2021"]
    for entry in forms.crosswalk:
        cell = latest.cell_by_code.get(entry.E2021 or "")
        comparable = "; ".join(f"{pair} {how}" for pair, how in entry.comparability.items())
        yield Column(
            entry.canonical,
            "float64",
            _MEASURE_UNITS.get(entry.canonical.split("_")[0], Unit.APPLICATION),
            f"{cell.row_label}：{cell.column_label}" if cell else entry.canonical,
            f"{(cell.en if cell else entry.canonical.replace('_', ' ')).capitalize()}. Comparable: {comparable}.",
            "no report behind the row prints the numbers it needs, or the edition has none",
            source="; ".join(
                f"{edition}: {expression}"
                for edition in ("E2014", "E2019", "E2021")
                if (expression := getattr(entry, edition))
            ),
        )


def _rate_columns() -> Iterator[Column]:
    """Three columns for each rate: the share, its numerator, its denominator."""
    for rate in RATES:
        unit = _MEASURE_UNITS.get(rate.denominator.split("_")[0], Unit.APPLICATION)
        over = "over the reports behind the row that print both figures"
        yield Column(
            rate.name,
            "float64",
            Unit.SHARE,
            rate.title_zh,
            f"Share {rate.description}: `{rate.numerator}` / `{rate.denominator}`, {over}.",
            "the denominator is 0 or not printed, or the numerator is larger, which the form rules out",
            minimum=0,
            maximum=1,
        )
        for part, measure, title in (
            ("numerator", rate.numerator, "分子"),
            ("denominator", rate.denominator, "分母"),
        ):
            yield Column(
                f"{rate.name}_{part}",
                "float64",
                unit,
                f"{rate.title_zh}{title}",
                f"`{measure}` {over}.",
                "no report behind the row prints both figures",
            )


_REPORT_KEYS = (c.REPORT_ID, c.REPORT_YEAR)
_WHERE_AND_WHO = (
    c.DIVISION_CODE, c.PROVINCE, c.PREFECTURE, c.COUNTY, c.ISSUER, c.LEVEL.optional("not known"), c.SCOPE,
)  # fmt: skip
_CELL = (
    c.CELL, c.TABLE, c.ROW, c.COLUMN, c.VALUE, c.UNIT, c.YUAN, c.RAW, c.CELL_STATUS, c.CONFIDENCE, c.FLAGS, c.PLACE,
    c.IMPLIED, c.REPAIR_HINT,
)  # fmt: skip

EXTRACT_CELLS = Table(
    "extract_cells",
    summary="What `ogi extract --out` writes: the cells of local documents.",
    grain="document × cell",
    columns=(c.DOCUMENT, *_CELL),
    primary_key=("document", "cell"),
    sort_by=(),
    usage_warnings=("self_reported", "blank_is_not_zero"),
)

_NO_REPORT = "the document is no report, or does not tell"
EXTRACT_REPORTS = Table(
    "extract_reports",
    summary="What `ogi extract --reports` writes: one row for each document, whatever became of it.",
    grain="document",
    columns=(
        c.DOCUMENT,
        c.DOCUMENT_STATUS,
        c.REASON,
        c.TITLE,
        c.ISSUER.optional(_NO_REPORT),
        c.REPORT_YEAR.optional(_NO_REPORT),
        c.EDITION.optional(_NO_REPORT),
        c.SCOPE.optional(_NO_REPORT),
        c.PROVINCE,
        c.PREFECTURE,
        c.COUNTY,
        c.TOWNSHIP,
        c.DIVISION_CODE,
        c.REGION_STATUS.optional(_NO_REPORT),
        c.FAILING_CHECKS,
        c.MISSING_TABLES,
        c.FLAGS,
        c.REASON_CODE,
        c.FORMAT,
        c.DOCUMENT_SHA256,
    ),
    primary_key=("document",),
    sort_by=(),
    usage_warnings=("self_reported",),
)

_TABLES = (
    Table(
        "reports",
        summary="Annual reports: who reports, where, for which year, from which document, how sound.",
        grain="report (one issuer, one report year; latest version, primary rendition)",
        columns=(
            *_REPORT_KEYS, c.DOCUMENT, c.DOCUMENT_STATUS, c.REASON, c.TITLE,
            c.ISSUER_ID, c.ISSUER, c.ISSUER_KIND, c.LEVEL.optional("not known"), c.SCOPE, c.SCOPE_EVIDENCE,
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
            *_REPORT_KEYS, c.DOCUMENT_SHA256, c.IS_PRIMARY, c.IS_SUPERSEDED, c.AGREES, c.DIFFERING_CELLS,
            c.DOCUMENT, c.TITLE, c.ISSUER_ID, c.ISSUER, c.ISSUER_KIND, c.LEVEL.optional("not known"), c.SCOPE,
            c.SCOPE_EVIDENCE, *c.REGION, c.TOWNSHIP_CODE, c.ZONE, c.REGION_STATUS, c.REGION_CONFIDENCE,
            c.REGION_EVIDENCE,
            c.EDITION, c.YEAR_EDITION, c.URL, c.PORTAL_ID, c.LOCAL_NAME, c.PUBLISHED_DATE, c.LISTED_DATE, c.FETCHED_AT,
            c.FORMAT, c.EXTRACTOR_VERSION, c.CELL_COUNT, c.NUMERIC_CELL_COUNT, c.DOUBTFUL_CELL_COUNT, c.LEFTOVER_COUNT,
            c.MISSING_TABLES, c.FLAGS,
        ),
        primary_key=("document_sha256",),
        sort_by=("report_year", "report_id", "document_sha256"),
        partition="report_year",
    ),
    Table(
        "cells",
        summary="Every figure of the statutory tables as printed, with its place in the document.",
        grain="report × table × row × column",
        columns=(*_REPORT_KEYS, c.DOCUMENT, c.DOCUMENT_SHA256, c.EDITION, *_CELL, c.EXTRACTOR_VERSION),
        primary_key=("report_id", "cell"),
        sort_by=("report_year", "report_id", "cell"),
        partition="report_year",
        usage_warnings=(
            "self_reported", "blank_is_not_zero", "scopes_overlap", "totals_inside", "current_version_only",
        ),
    ),
    Table(
        "applications",
        summary="Applications received, carried over, decided by outcome, and carried forward, by sort of applicant.",
        grain="report × item × applicant type",
        columns=(
            *_REPORT_KEYS, c.ITEM_CODE, c.ITEM, c.ITEM_EN, c.ITEM_GROUP, c.APPLICANT_TYPE, c.IS_TOTAL,
            c.APPLICATION_COUNT, c.CELL_STATUS, c.COMPARABILITY, c.EDITION, *_WHERE_AND_WHO, c.SOURCE_CELLS,
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
            *_REPORT_KEYS, c.CHANNEL, c.RESULT, c.IS_TOTAL, c.CASE_COUNT, c.CELL_STATUS, c.COMPARABILITY, c.EDITION,
            *_WHERE_AND_WHO, c.SOURCE_CELLS,
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
            *_REPORT_KEYS, c.DISCLOSURE_ITEM, c.ITEM, c.ITEM_EN, c.MEASURE, c.MEASURE_ZH,
            c.VALUE, c.UNIT, c.VALUE_YUAN, c.CELL_STATUS, c.EDITION, *_WHERE_AND_WHO,
            c.CELL,
        ),
        primary_key=("report_id", "item_code", "measure"),
        sort_by=("report_year", "report_id", "item_code", "measure"),
        partition="report_year",
        usage_warnings=("self_reported", "blank_is_not_zero", "scopes_overlap", "scope_can_differ_inside"),
    ),
    Table(
        "narratives",
        summary="The text of each section of a report.",
        grain="report × section",
        columns=(
            *_REPORT_KEYS, c.SECTION_ORDER, c.SECTION_CODE, c.HEADING, c.TEXT, c.CHARACTER_COUNT,
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
            *_REPORT_KEYS, c.STATEMENT_ORDER, c.STATEMENT_CODE, c.STATEMENT_SECTION, c.STATEMENT_VALUE,
            c.STATEMENT_UNIT, c.YUAN, c.CLAUSE, c.FLAGS, c.PLACE, c.DOCUMENT_SHA256,
        ),
        primary_key=("report_id", "statement_order"),
        sort_by=("report_year", "report_id", "statement_order"),
        partition="report_year",
        usage_warnings=("self_reported", "prose_beside_tables", "current_version_only"),
    ),
    Table(
        "checks",
        summary="The form's arithmetic (勾稽关系) on the printed figures of every report.",
        grain="report × rule instance",
        columns=(
            *_REPORT_KEYS, c.CHECK_ID, c.RULE_ID, c.CHECK_KIND, c.SEVERITY, c.CHECK_STATUS, c.EXPECTED, c.COMPARATOR,
            c.PRINTED, c.BLANK_OPERAND_COUNT, c.CHECK_REASON, c.CELLS_INVOLVED, c.PREVIOUS_CELLS, c.SENTENCE_ZH,
            c.SENTENCE_EN, c.CAUSE, c.EDITION,
        ),
        primary_key=("report_id", "check_id"),
        sort_by=("report_year", "report_id", "check_id"),
        partition="report_year",
        usage_warnings=("self_reported",),
    ),
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
            c.EDITIONS, *_measure_columns(), *_rate_columns(), c.INCOMPLETE_MEASURES,
        ),
        primary_key=("division_code", "report_year", "basis"),
        sort_by=("report_year", "division_code", "basis"),
        partition="report_year",
        usage_warnings=(
            "bases_exclude_each_other", "levels_nest", "sum_is_partial", "blank_is_not_zero", "self_reported",
            "other_scope_left_out", "pending_recurs",
        ),
    ),
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
    Table(
        "documents",
        summary="Everything in the raw store and what became of it.",
        grain="document (bytes)",
        columns=(
            c.DOCUMENT_SHA256, c.DOCUMENT, c.URL, c.PORTAL_ID, c.LOCAL_NAME, c.LINK_TEXT, c.LISTED_DATE, c.FETCHED_AT,
            c.LAST_SEEN_AT, c.FETCH_COUNT, c.BYTE_COUNT, c.FORMAT.optional("not yet extracted"),
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

TABLES: Mapping[str, Table] = {table.name: table for table in _TABLES}
"""The tables of the warehouse by name, in the order in which a reader meets them."""
