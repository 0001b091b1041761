"""What the prose says against the tables, in one shape: a figure said, and the sums of cells that it may mean.

Belongs here: choosing the sum that agrees and judging where none does. Does not belong here: finding what is said
(`text.py`, `contradictions.py`).
"""

from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from transform.expressions import Expression
from transform.issuers import Scope
from transform.rules.declared import DeclaredRule, load_rules
from transform.rules.findings import FINDINGS, Material, no_findings, sums_of
from transform.sql import run_sql

__all__ = ["SAID", "alternatives_of", "judge_said"]

SAID = pa.schema(
    [
        ("report_id", pa.string()), ("rule_id", pa.string()), ("said_order", pa.int64()), ("said", pa.float64()),
        ("flags", pa.list_(pa.string())), ("words", pa.string()),
    ]
)  # fmt: skip
"""A figure that the prose of a report states for a rule, with the words in which it does."""

_PART_WORDS = "政府办|办公[厅室]|本级|代表.{0,6}政府|部门|乡镇|街道"
"""In a consolidated report, words by which a sentence counts a part of the bodies: no contradiction of the table."""

# A blank is read as 0 beside a printed figure, and beside nothing else only where the prose says 0 too.
_FINDINGS = """
WITH candidates AS (
    SELECT
        s.*, r.scope, a.ordinal, a.says, a.cells, u.blocked_by, u.number_count, u.blank_count,
        CASE WHEN u.blocked_by IS NULL AND u.number_count > 0 THEN u.left_sum END AS found,
        u.blocked_by IS NULL AND u.number_count = 0 AND s.said = 0 AS is_blank_for_none
    FROM said s
    JOIN reports r USING (report_id)
    JOIN alternatives a ON a.rule_id = s.rule_id AND a.edition = r.edition
        AND NOT list_has_any(a.without_flags, s.flags)
    JOIN sums u ON u.report_id = s.report_id AND u.edition = a.edition AND u.expression_id = a.expression_id
),
judged AS (
    SELECT
        report_id, rule_id, said_order, any_value(said) AS said, any_value(words) AS words,
        list_has_any(any_value(flags), ['approximate', 'recognised'])
            OR (any_value(scope) = $consolidated AND regexp_matches(any_value(words), $part_words)) AS is_vague,
        min(ordinal) FILTER (found = said OR is_blank_for_none) AS agreeing,
        bool_and(found IS NOT NULL) AS is_known,
        min(ordinal) AS first_ordinal,
        arg_min(CASE WHEN blocked_by IS NOT NULL THEN blocked_by WHEN found IS NULL THEN 'all operands blank'
            END, ordinal)
            FILTER (found IS NULL) AS unknown
    FROM candidates GROUP BY report_id, rule_id, said_order
),
chosen AS (
    SELECT
        j.report_id, j.rule_id, j.said_order, j.said, j.words, j.is_vague, j.agreeing, j.is_known, j.unknown,
        c.found, c.says, c.cells, c.blank_count,
        CASE
            WHEN j.agreeing IS NOT NULL AND c.blank_count = 0 THEN 'pass'
            WHEN j.agreeing IS NOT NULL THEN 'assumed_zero'
            WHEN j.is_known AND NOT j.is_vague THEN 'fail'
            ELSE 'not_assessable'
        END AS status
    FROM judged j
    JOIN candidates c ON c.report_id = j.report_id AND c.rule_id = j.rule_id AND c.said_order = j.said_order
        AND c.ordinal = coalesce(j.agreeing, j.first_ordinal)
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY report_id, rule_id
        ORDER BY CASE status WHEN 'fail' THEN 0 WHEN 'pass' THEN 1 WHEN 'assumed_zero' THEN 2 ELSE 3 END, said_order
    ) AS place
    FROM chosen
)
SELECT
    report_id, rule_id, CAST(NULL AS VARCHAR) AS member, status,
    CASE WHEN status <> 'not_assessable' THEN said END AS expected,
    CASE WHEN status <> 'not_assessable' THEN found END AS printed,
    CASE WHEN status <> 'not_assessable' THEN blank_count ELSE 0 END AS blank_operand_count,
    CASE status
        WHEN 'fail' THEN 'the prose says: ' || words
        WHEN 'not_assessable' THEN CASE WHEN is_known THEN 'the prose gives no exact figure, or one of a part: '
            || words ELSE unknown END
        ELSE 'the prose counts ' || says
    END AS reason,
    cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM ranked WHERE place = 1
ORDER BY report_id, rule_id
"""


def judge_said(material: Material, rules: Sequence[DeclaredRule], said: pa.Table) -> pa.Table:
    """One row for each report and rule of which the prose says something; `expected` is the prose, `printed` the table.

    Where the prose says it more than once, a breach goes before what agrees.
    """
    if said.num_rows == 0:
        return no_findings()
    expressions, alternatives = alternatives_of(tuple(rule.id for rule in rules))
    tables = {
        "said": said,
        "reports": material.reports.select(["report_id", "edition", "scope"]),
        "alternatives": alternatives,
        "sums": sums_of(material, expressions, said),
    }
    words = {"consolidated": Scope.CONSOLIDATED.value, "part_words": _PART_WORDS}
    return run_sql(_FINDINGS, tables, words).cast(FINDINGS)


@lru_cache(maxsize=16)
def alternatives_of(rule_ids: tuple[str, ...]) -> tuple[tuple[Expression, ...], pa.Table]:
    """The sums that the rules compare with, as expressions and as a table with what each of them says."""
    expressions: list[Expression] = []
    rows = []
    for rule in (rule for rule in load_rules() if rule.id in rule_ids):
        for edition, alternatives in rule.against.items():
            for ordinal, one in enumerate(alternatives):
                name = f"{rule.id}#{ordinal}"
                expressions.append(Expression(name, edition, one.terms))
                rows.append(
                    {
                        "rule_id": rule.id,
                        "edition": edition,
                        "ordinal": ordinal,
                        "says": one.says,
                        "expression_id": name,
                        "without_flags": list(one.without_flags),
                        "cells": list(one.cells),
                    }
                )
    schema = pa.schema(
        [
            ("rule_id", pa.string()), ("edition", pa.string()), ("ordinal", pa.int32()), ("says", pa.string()),
            ("expression_id", pa.string()), ("without_flags", pa.list_(pa.string())), ("cells", pa.list_(pa.string())),
        ]
    )  # fmt: skip
    return tuple(expressions), pa.Table.from_pylist(rows, schema=schema)
