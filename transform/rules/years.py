"""Rules 6 and 9 over the years: an amount in the wrong unit, and a level that breaks with the body's own history."""

from functools import lru_cache

import pyarrow as pa

from extract.forms.declaration import load_forms
from transform.rules.declared import constants, rules_of_kind
from transform.rules.findings import FINDINGS, Material, no_findings
from transform.sql import run_sql

__all__ = ["find_amount_magnitudes", "find_level_breaks"]

_MAGNITUDE_RULE = "year.amount_magnitude"
_BREAK_RULE = "year.level_break"

# Money without a unit is compared as printed: then both years must lack it.
_MAGNITUDES = """
WITH pairs AS (
    SELECT
        r.report_id, m.cell,
        CASE WHEN n.yuan IS NOT NULL AND b.yuan IS NOT NULL THEN n.yuan
             WHEN n.yuan IS NULL AND b.yuan IS NULL THEN n.value END AS now,
        CASE WHEN n.yuan IS NOT NULL AND b.yuan IS NOT NULL THEN b.yuan
             WHEN n.yuan IS NULL AND b.yuan IS NULL THEN b.value END AS before
    FROM reports r
    JOIN money m ON m.edition = r.edition
    JOIN cells n ON n.report_id = r.report_id AND n.cell = m.cell
    JOIN previous_cells b ON b.report_id = r.previous_report_id AND b.cell = m.cell
),
ratios AS (
    SELECT *, greatest(now, before) / least(now, before) AS ratio FROM pairs WHERE now > 0 AND before > 0
)
SELECT
    report_id, $rule AS rule_id, cell AS member,
    CASE WHEN ratio BETWEEN $low AND $high THEN 'fail' ELSE 'pass' END AS status,
    before AS expected, now AS printed, 0 AS blank_operand_count,
    CASE WHEN ratio BETWEEN $low AND $high THEN
        'the larger is ' || CAST(round(ratio) AS BIGINT) || ' times the smaller: look at the unit of both years'
            END AS reason,
    [cell] AS cells, [cell] AS previous_cells
FROM ratios ORDER BY report_id, cell
"""

_BREAKS = """
SELECT
    r.report_id, $rule AS rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN p.level_break IS NULL THEN 'not_assessable' WHEN p.level_break THEN 'fail' ELSE 'pass' END AS status,
    CASE WHEN p.level_break IS NOT NULL THEN p.applications_new_usual END AS expected,
    CASE WHEN p.level_break IS NOT NULL THEN p.applications_new END AS printed,
    0 AS blank_operand_count,
    CASE WHEN p.level_break IS NULL THEN 'too few earlier years of this body, or no number this year'
         WHEN p.level_break THEN 'expected is the median of up to five earlier years' END AS reason,
    CAST([] AS VARCHAR[]) AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM reports r LEFT JOIN panel p USING (report_id)
ORDER BY r.report_id
"""


def find_amount_magnitudes(material: Material) -> pa.Table:
    """Amounts that are about 10,000 times last year's, or a 10,000th of them; only where both years print a number."""
    if material.previous_cells.num_rows == 0:
        return no_findings()
    tables = {
        "reports": material.reports.select(["report_id", "edition", "previous_report_id"]),
        "cells": _amounts(material.cells),
        "previous_cells": _amounts(material.previous_cells),
        "money": _money(),
    }
    limits = {"rule": _MAGNITUDE_RULE, "low": constants().magnitude_low, "high": constants().magnitude_high}
    return run_sql(_MAGNITUDES, tables, limits).cast(FINDINGS)


def _amounts(cells: pa.Table) -> pa.Table:
    return cells.select(["report_id", "cell", "value", "yuan"])


@lru_cache(maxsize=1)
def _money() -> pa.Table:
    (rule,) = (rule for rule in rules_of_kind("year") if rule.id == _MAGNITUDE_RULE)
    rows = [
        {"edition": edition, "cell": cell.code}
        for edition in rule.editions
        for cell in load_forms().editions[edition].cells
        if cell.type == "amount"
    ]
    return pa.Table.from_pylist(rows)


def find_level_breaks(material: Material) -> pa.Table:
    """What `issuer_year` says of the body's new applications against its own earlier years."""
    tables = {
        "reports": material.reports.select(["report_id"]),
        "panel": material.panel.select(["report_id", "level_break", "applications_new", "applications_new_usual"]),
    }
    return run_sql(_BREAKS, tables, {"rule": _BREAK_RULE}).cast(FINDINGS)
