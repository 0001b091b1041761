"""The form's arithmetic on every report: table `checks`, set-based over `cells`.

Belongs here: what a sum says of a rule. Does not belong here: the rules (declaration of the forms) and the summing.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleInstance, rules_of
from transform.expressions import Expression, sum_expressions
from transform.keys import report_id_of
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["build_checks"]

_STRING = pa.string()
_STRINGS = pa.list_(pa.string())
_RULE_SCHEMA = pa.schema(
    [
        ("edition", _STRING), ("check_id", _STRING), ("rule_id", _STRING), ("kind", _STRING), ("severity", _STRING),
        ("comparator", _STRING), ("tolerance", pa.float64()), ("cells", _STRINGS), ("previous_cells", _STRINGS),
        ("sentence_zh", _STRING), ("sentence_en", _STRING),
    ]
)  # fmt: skip

_VERDICTS = """
WITH judged AS (
    SELECT
        s.*, r.* EXCLUDE (edition),
        s.blocked_by IS NULL AND s.number_count > 0 AS is_assessable,
        CASE r.comparator
            WHEN '==' THEN abs(s.left_sum - s.right_sum) <= r.tolerance + 1e-9
            WHEN '<=' THEN s.left_sum <= s.right_sum + r.tolerance
            WHEN '>=' THEN s.left_sum >= s.right_sum - r.tolerance
        END AS holds
    FROM sums s JOIN rules r ON r.edition = s.edition AND r.check_id = s.expression_id
)
SELECT
    report_id, CAST($report_year AS INTEGER) AS report_year, check_id, rule_id, kind, severity,
    CASE
        WHEN NOT is_assessable THEN 'not_assessable'
        WHEN NOT holds THEN 'fail'
        WHEN blank_count > 0 THEN 'assumed_zero'
        ELSE 'pass'
    END AS status,
    CASE WHEN is_assessable AND left_number_count > 0 THEN left_sum END AS expected,
    comparator,
    CASE WHEN is_assessable AND right_number_count > 0 THEN right_sum END AS printed,
    CASE WHEN blocked_by IS NULL THEN blank_count ELSE 0 END AS blank_operand_count,
    CASE WHEN blocked_by IS NOT NULL THEN blocked_by WHEN number_count = 0 THEN 'all operands blank' END AS reason,
    cells, previous_cells, sentence_zh, sentence_en, CAST(NULL AS VARCHAR) AS cause, edition
FROM judged
ORDER BY report_id, check_id
"""


def build_checks(*, report_year: int, renditions: pa.Table, cells: pa.Table, previous_cells: pa.Table) -> pa.Table:
    """Every rule instance of its edition for every report of the year. `previous_cells` are those of the year before.

    Blanks are read as 0 only to test a rule, and the status then says so; no value is written back. The cause of a
    breach is left open (null) until a second reading or a person says whose mistake it is.
    """
    primary = renditions.filter(renditions.column("is_primary")).select(["report_id", "issuer_id", "edition"])
    reports = [
        {**row, "previous_report_id": report_id_of(row["issuer_id"], report_year - 1)} for row in primary.to_pylist()
    ]
    sums = sum_expressions(_rule_expressions(), reports, cells, previous_cells)
    verdicts = run_sql(_VERDICTS, {"sums": sums, "rules": _rules_table()}, {"report_year": report_year})
    return conform(TABLES["checks"], verdicts)


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
