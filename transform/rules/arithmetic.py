"""The form's own arithmetic (勾稽关系) on every report: rules 1 to 8 as `extract/forms/declaration.yaml` has them.

Belongs here: what a sum says of a rule. Does not belong here: the rules (declaration of the forms) and the summing.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa

from extract.forms.declaration import load_forms
from extract.forms.rules import ONE_SIDE_BLANK, YEAR_KIND, RuleInstance, rules_of
from extract.second import READ_TWICE, READINGS_DIFFER
from transform.expressions import Expression, sum_expressions
from transform.rules.findings import Material
from transform.sql import run_sql

__all__ = ["check_arithmetic"]

_STRING = pa.string()
_STRINGS = pa.list_(pa.string())
_RULE_SCHEMA = pa.schema(
    [
        ("edition", _STRING), ("check_id", _STRING), ("rule_id", _STRING), ("kind", _STRING), ("severity", _STRING),
        ("comparator", _STRING), ("tolerance", pa.float64()), ("cells", _STRINGS), ("previous_cells", _STRINGS),
        ("sentence_zh", _STRING), ("sentence_en", _STRING),
    ]
)  # fmt: skip

_EVIDENCE = ["report_id", "cell", "value", "flags"]
_OPEN_CAUSE = "cause open: not every figure involved was read twice"

_VERDICTS = """
WITH compared AS (
    SELECT
        s.*, r.* EXCLUDE (edition),
        CASE r.comparator
            WHEN '==' THEN abs(s.left_sum - s.right_sum) <= r.tolerance + 1e-9
            WHEN '<=' THEN s.left_sum <= s.right_sum + r.tolerance
            WHEN '>=' THEN s.left_sum >= s.right_sum - r.tolerance
        END AS holds
    FROM sums s JOIN rules r ON r.edition = s.edition AND r.check_id = s.expression_id
),
-- Blanks that do not close a sum as 0 are a breach where parts are printed and their total is not; where no part is
-- printed, or nothing of one year, there is nothing to hold against the other side.
judged AS (
    SELECT
        *, blocked_by IS NULL AND number_count > 0 AND NOT is_one_sided AS is_assessable
    FROM (
        SELECT *, NOT holds AND (left_number_count = 0 OR (kind = $year_kind AND right_number_count = 0))
            AS is_one_sided
        FROM compared
    )
),
verdicts AS (
    SELECT
        *,
        CASE
            WHEN NOT is_assessable THEN 'not_assessable'
            WHEN NOT holds THEN 'fail'
            WHEN blank_count > 0 THEN 'assumed_zero'
            ELSE 'pass'
        END AS status
    FROM judged
),
-- Breaches, and rules that a withheld cell keeps from being tested: few enough to look at every cell behind them.
doubted AS (
    SELECT report_id, check_id, cells, previous_cells FROM verdicts
    WHERE status = 'fail' OR blocked_by LIKE '% is withheld'
),
operands AS (
    SELECT d.report_id, d.check_id, c.value, c.flags
    FROM (SELECT report_id, check_id, unnest(cells) AS cell FROM doubted) d
    JOIN cells c ON c.report_id = d.report_id AND c.cell = d.cell
    UNION ALL
    SELECT d.report_id, d.check_id, c.value, c.flags
    FROM (SELECT report_id, check_id, unnest(previous_cells) AS cell FROM doubted) d
    JOIN reports r ON r.report_id = d.report_id
    JOIN previous_cells c ON c.report_id = r.previous_report_id AND c.cell = d.cell
),
evidence AS (
    SELECT
        report_id, check_id,
        bool_and(value IS NULL OR list_contains(flags, $read_twice)) AS is_read_twice,
        bool_or(list_contains(flags, $readings_differ)) AS differs
    FROM operands GROUP BY report_id, check_id
)
SELECT
    v.report_id, CAST($report_year AS INTEGER) AS report_year, v.check_id, v.rule_id, v.kind, v.severity, v.status,
    CASE WHEN v.is_assessable AND v.left_number_count > 0 THEN v.left_sum END AS expected,
    v.comparator,
    CASE WHEN v.is_assessable AND v.right_number_count > 0 THEN v.right_sum END AS printed,
    CASE WHEN v.blocked_by IS NULL THEN v.blank_count ELSE 0 END AS blank_operand_count,
    CASE
        WHEN v.blocked_by IS NOT NULL THEN v.blocked_by
        WHEN v.number_count = 0 THEN 'all operands blank'
        WHEN v.is_one_sided THEN $one_side_blank
        WHEN v.status = 'fail' AND NOT coalesce(e.is_read_twice, FALSE) THEN $open_cause
    END AS reason,
    v.cells, v.previous_cells, v.sentence_zh, v.sentence_en,
    CASE
        WHEN v.status = 'fail' AND e.is_read_twice THEN 'publisher'
        WHEN v.status = 'not_assessable' AND e.differs THEN 'ours'
    END AS cause,
    v.edition
FROM verdicts v LEFT JOIN evidence e ON e.report_id = v.report_id AND e.check_id = v.check_id
ORDER BY v.report_id, v.check_id
"""


def check_arithmetic(material: Material) -> pa.Table:
    """Every rule instance of its edition for every report, with the columns of `checks` but those of verdicts.

    Blanks are read as 0 only to test a rule, and the status then says so; no value is written back. A breach is the
    publisher's where two readings agree on every printed figure in it; where they differ the figure is withheld, and
    what cannot be tested for that is our doing. Otherwise the cause is open, and the reason says so.
    """
    reports = material.reports.select(["report_id", "issuer_id", "edition", "previous_report_id"])
    sums = sum_expressions(_rule_expressions(), reports.to_pylist(), material.cells, material.previous_cells)
    tables = {
        "sums": sums,
        "rules": _rules_table(),
        "cells": material.cells.select(_EVIDENCE),
        "previous_cells": material.previous_cells.select(_EVIDENCE),
        "reports": reports,
    }
    parameters = {
        "report_year": material.report_year,
        "read_twice": READ_TWICE,
        "readings_differ": READINGS_DIFFER,
        "open_cause": _OPEN_CAUSE,
        "one_side_blank": ONE_SIDE_BLANK,
        "year_kind": YEAR_KIND,
    }
    return run_sql(_VERDICTS, tables, parameters)


def _all_rules() -> Iterator[RuleInstance]:
    for edition in load_forms().editions:
        yield from rules_of(edition)


@lru_cache(maxsize=1)
def _rule_expressions() -> tuple[Expression, ...]:
    return tuple(Expression(rule.id, rule.edition, rule.left, rule.right) for rule in _all_rules())


@lru_cache(maxsize=1)
def _rules_table() -> pa.Table:
    return pa.Table.from_pylist([_rule_row(rule) for rule in _all_rules()], schema=_RULE_SCHEMA)


def _rule_row(rule: RuleInstance) -> dict[str, Any]:
    return {
        "edition": rule.edition,
        "check_id": rule.id,
        "rule_id": rule.rule_id,
        "kind": rule.kind,
        "severity": rule.severity,
        "comparator": rule.comparator,
        "tolerance": rule.tolerance,
        "cells": list(rule.cells),
        "previous_cells": [term.cell for term in (*rule.left, *rule.right) if term.previous_year],
        "sentence_zh": rule.zh,
        "sentence_en": rule.en,
    }
