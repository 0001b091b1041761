"""Every rule on every report: table `checks`, set-based.

Belongs here: putting together what the rules say, and what people decided. Does not belong here: the rules (the forms'
declaration, `transform/rules/declaration.yaml`) and how each kind is tested (`transform/rules/`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from transform.corrections import Verdict, add_verdicts
from transform.keys import report_id_of
from transform.rules.arithmetic import check_arithmetic
from transform.rules.contradictions import find_blank_tables, find_claims, find_other_years, find_periods
from transform.rules.counts import find_counts
from transform.rules.declared import load_rules
from transform.rules.findings import Material
from transform.rules.peers import find_far_from_peers
from transform.rules.subtotals import find_subtotals
from transform.rules.text import find_shares, find_statements
from transform.rules.whole_reports import find_copies, find_hints, find_late, find_structure, find_unreconciled
from transform.rules.years import find_amount_magnitudes, find_level_breaks
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["CHECKS_COLUMNS", "build_checks"]

_FINDERS: tuple[Callable[[Material], pa.Table], ...] = (
    find_subtotals, find_counts, find_amount_magnitudes, find_level_breaks, find_far_from_peers, find_statements,
    find_shares, find_claims, find_blank_tables, find_periods, find_other_years, find_late, find_copies,
    find_structure, find_unreconciled, find_hints,
)  # fmt: skip

_REPORT_COLUMNS = (
    "report_id", "document_sha256", "issuer_id", "issuer", "issuer_kind", "scope", "edition", "year_edition", "title",
    "cell_count", "numeric_cell_count", "missing_tables", "flags", "printed_subtotals",
)  # fmt: skip
_SECTOR = ("sector",) if "sector" in TABLES["issuer_year"].column_names else ()
CHECKS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "renditions": (*_REPORT_COLUMNS, "is_primary", "published_date", "listed_date"),
    "cells": ("report_id", "edition", "cell", "value", "yuan", "status", "flags", "repair_hint"),
    "previous_cells": ("report_id", "cell", "value", "yuan", "status", "flags"),
    "narratives": ("report_id", "section_order", "text"),
    "statements": ("report_id", "statement_order", "code", "value", "flags", "raw"),
    "issuer_year": (
        "report_id", "issuer_id", "issuer_kind", *_SECTOR, "level", "scope", "division_code", "province_code",
        "prefecture_code", "county_code", "edition", "applications_new", "applications_processed",
        "reconsideration_total", "litigation_total", "applications_new_usual", "level_break", "figures_fingerprint",
        "nonzero_figure_count",
    ),
    "earlier_issuer_year": ("report_id", "issuer_id", "figures_fingerprint"),
}  # fmt: skip
"""The columns of each argument that `build_checks` looks at."""

_RULE_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("edition", "rule_id", "member", "kind", "severity", "comparator", "sentence_zh", "sentence_en")
    ]
)
_WORDED = """
SELECT
    f.report_id, CAST($report_year AS INTEGER) AS report_year,
    f.rule_id || CASE WHEN f.member IS NULL THEN '' ELSE '[' || f.member || ']' END AS check_id, f.rule_id,
    w.kind, w.severity, f.status, f.expected, w.comparator, f.printed, f.blank_operand_count, f.reason, f.cells,
    f.previous_cells,
    replace(coalesce(m.sentence_zh, w.sentence_zh), '{member}', coalesce(f.member, '')) AS sentence_zh,
    replace(coalesce(m.sentence_en, w.sentence_en), '{member}', coalesce(f.member, '')) AS sentence_en,
    CAST(NULL AS VARCHAR) AS cause, r.edition
FROM findings f
JOIN reports r USING (report_id)
JOIN rules w ON w.rule_id = f.rule_id AND w.edition = r.edition AND w.member IS NULL
LEFT JOIN rules m ON m.rule_id = f.rule_id AND m.edition = r.edition AND m.member = f.member
"""


def build_checks(
    *,
    report_year: int,
    renditions: pa.Table,
    cells: pa.Table,
    previous_cells: pa.Table,
    narratives: pa.Table,
    statements: pa.Table,
    issuer_year: pa.Table,
    earlier_issuer_year: pa.Table,
    verdicts: Sequence[Verdict] = (),
) -> pa.Table:
    """Every rule instance of its edition for every report of the year.

    `previous_cells` are those of the year before; `issuer_year` is the whole year, `earlier_issuer_year` all years
    before. A rule whose subject a report does not have (a sentence that is not written, a subtotal that is not printed,
    an amount that the year before does not print) has no row.
    """
    material = Material(
        report_year=report_year,
        reports=_reports(renditions, report_year),
        renditions=renditions,
        cells=cells,
        previous_cells=previous_cells,
        statements=statements,
        narratives=narratives,
        panel=issuer_year,
        earlier_panel=earlier_issuer_year,
    )
    findings = pa.concat_tables([find(material) for find in _FINDERS])
    tables = {"findings": findings, "reports": material.reports.select(["report_id", "edition"]), "rules": _rules()}
    worded = run_sql(_WORDED, tables, {"report_year": report_year})
    arithmetic = check_arithmetic(material)
    checks = pa.concat_tables([arithmetic, worded.select(arithmetic.column_names).cast(arithmetic.schema)])
    return conform(TABLES["checks"], add_verdicts(checks, material.reports, verdicts))


def _reports(renditions: pa.Table, report_year: int) -> pa.Table:
    """The primary renditions with the id that the same issuer's report on the year before has, if there is one."""
    primary = renditions.filter(renditions.column("is_primary")).select(list(_REPORT_COLUMNS))
    previous = [report_id_of(issuer, report_year - 1) for issuer in primary.column("issuer_id").to_pylist()]
    return primary.append_column("previous_report_id", pa.array(previous, pa.string()))


@lru_cache(maxsize=1)
def _rules() -> pa.Table:
    """The words of each rule, and of each of its instances that has words of its own."""
    rows: list[dict[str, Any]] = []
    for rule in load_rules():
        for edition in rule.editions:
            shared = {
                "edition": edition,
                "rule_id": rule.id,
                "kind": rule.published_kind,
                "severity": rule.severity,
                "comparator": rule.comparator,
            }
            rows.append({**shared, "member": None, "sentence_zh": rule.zh, "sentence_en": rule.en})
            rows += [
                {
                    **shared,
                    "member": member,
                    "sentence_zh": rule.sentence_zh(member),
                    "sentence_en": rule.sentence_en(member),
                }
                for member in rule.members
            ]
    return pa.Table.from_pylist(rows, schema=_RULE_SCHEMA)
