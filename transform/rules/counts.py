"""Rule 6: counts are whole numbers from 0 up, amounts are not negative."""

from functools import lru_cache

import pyarrow as pa

from extract.forms.declaration import load_forms
from transform.rules.declared import rules_of_kind
from transform.rules.findings import FINDINGS, Material
from transform.sql import run_sql

__all__ = ["find_counts"]

_FINDINGS = """
WITH wrong AS (
    SELECT c.report_id, w.rule_id, list(c.cell ORDER BY c.cell) AS cells
    FROM cells c
    JOIN words w ON w.edition = c.edition AND w.cell = c.cell
    WHERE list_contains(c.flags, w.flag)
       OR (c.value IS NOT NULL AND NOT w.is_signed AND c.value < 0)
       OR (c.value IS NOT NULL AND w.is_whole AND c.value <> floor(c.value))
    GROUP BY c.report_id, w.rule_id
),
asked AS (
    SELECT r.report_id, w.rule_id
    FROM reports r JOIN (SELECT DISTINCT edition, rule_id FROM words) w ON w.edition = r.edition
    WHERE r.numeric_cell_count > 0 OR r.report_id IN (SELECT report_id FROM wrong)
)
SELECT
    a.report_id, a.rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN w.cells IS NULL THEN 'pass' ELSE 'fail' END AS status,
    0.0 AS expected, CAST(coalesce(len(w.cells), 0) AS DOUBLE) AS printed, 0 AS blank_operand_count,
    CASE WHEN w.cells IS NOT NULL THEN len(w.cells) || ' cells; the first: ' || w.cells[1] END AS reason,
    coalesce(w.cells, []) AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM asked a LEFT JOIN wrong w USING (report_id, rule_id)
ORDER BY a.report_id, a.rule_id
"""


def find_counts(material: Material) -> pa.Table:
    """The cells of a report that hold no possible count or amount; `printed` is how many they are."""
    tables = {
        "cells": material.cells.select(["report_id", "edition", "cell", "value", "flags"]),
        "reports": material.reports.select(["report_id", "edition", "numeric_cell_count"]),
        "words": _words(),
    }
    return run_sql(_FINDINGS, tables).cast(FINDINGS)


@lru_cache(maxsize=1)
def _words() -> pa.Table:
    rows = [
        {
            "edition": edition,
            "rule_id": rule.id,
            "cell": code,
            "flag": rule.flag,
            "is_signed": spec.type == "delta",
            "is_whole": spec.type != "amount",
        }
        for rule in rules_of_kind("count")
        for edition in rule.editions
        for code, spec in load_forms().editions[edition].cell_by_code.items()
        if spec.type in rule.types
    ]
    return pa.Table.from_pylist(rows)
