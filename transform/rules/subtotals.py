"""Subtotals that the form does not have and a report prints: rules 3 and 4.

Belongs here: holding such figures against their parts. Does not belong here: finding them (`printed.py`); a subtotal
never becomes a cell of the form.
"""

from collections.abc import Iterator
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import Edition, load_forms
from extract.forms.rules import Term
from transform.expressions import Expression
from transform.rules.declared import DeclaredRule, rules_of_kind
from transform.rules.findings import FINDINGS, Material, no_findings, sums_of
from transform.sql import run_sql

__all__ = ["find_subtotals"]

_TABLE = "t3"
_COLUMN = "subtotal"

_PRINTED = """
WITH listed AS (SELECT report_id, unnest(printed_subtotals) AS entry FROM reports)
SELECT report_id, split_part(entry, '=', 1) AS cell, CAST(split_part(entry, '=', 2) AS DOUBLE) AS value,
       'reported' AS status
FROM listed ORDER BY report_id, cell
"""

_FINDINGS = """
SELECT
    s.report_id, w.rule_id, w.member,
    CASE
        WHEN s.blocked_by IS NOT NULL OR s.left_number_count = 0 THEN 'not_assessable'
        WHEN abs(s.left_sum - s.right_sum) > 1e-9 THEN 'fail'
        WHEN s.blank_count > 0 THEN 'assumed_zero'
        ELSE 'pass'
    END AS status,
    CASE WHEN s.blocked_by IS NULL AND s.left_number_count > 0 THEN s.left_sum END AS expected,
    CASE WHEN s.blocked_by IS NULL THEN s.right_sum END AS printed,
    CASE WHEN s.blocked_by IS NULL THEN s.blank_count ELSE 0 END AS blank_operand_count,
    CASE
        WHEN s.blocked_by IS NOT NULL THEN s.blocked_by
        WHEN s.left_number_count = 0 THEN 'all parts blank'
        WHEN abs(s.left_sum - s.right_sum) > 1e-9 THEN $open_cause
    END AS reason,
    w.cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM sums s
JOIN words w ON w.expression_id = s.expression_id AND w.edition = s.edition
JOIN printed p ON p.report_id = s.report_id AND p.cell = w.subtotal
ORDER BY s.report_id, w.rule_id, w.member
"""
_OPEN_CAUSE = "cause open: the subtotal is no cell of the form and was read once"


def find_subtotals(material: Material) -> pa.Table:
    """Rules 3 and 4 on every subtotal printed; a report without one has no row."""
    if not pc.any(pc.greater(pc.list_value_length(material.reports.column("printed_subtotals")), 0)).as_py():
        return no_findings()
    printed = run_sql(_PRINTED, {"reports": material.reports.select(["report_id", "printed_subtotals"])})
    if printed.num_rows == 0:
        return no_findings()
    expressions, words = _declared()
    columns = ["report_id", "cell", "value", "status"]
    with_subtotals = pa.concat_tables(
        [material.cells.select(columns), printed.select(columns)], promote_options="permissive"
    )
    sums = sums_of(material, expressions, printed, with_subtotals)
    tables = {"sums": sums, "words": words, "printed": printed}
    return run_sql(_FINDINGS, tables, {"open_cause": _OPEN_CAUSE}).cast(FINDINGS)


@lru_cache(maxsize=1)
def _declared() -> tuple[tuple[Expression, ...], pa.Table]:
    """The expressions, and for each the rule, the member and the cells of the form that take part."""
    expressions: list[Expression] = []
    rows: list[dict[str, object]] = []
    for rule in rules_of_kind("subtotal"):
        for edition_id in rule.editions:
            for member, parts, subtotal in _instances(rule, load_forms().editions[edition_id]):
                name = f"{rule.id}[{member}]"
                left = tuple(Term(1, cell) for cell in parts)
                expressions.append(Expression(name, edition_id, left, (Term(1, subtotal),)))
                rows.append(
                    {
                        "edition": edition_id,
                        "expression_id": name,
                        "rule_id": rule.id,
                        "member": member,
                        "subtotal": subtotal,
                        "cells": list(parts),
                    }
                )
    return tuple(expressions), pa.Table.from_pylist(rows)


def _instances(rule: DeclaredRule, edition: Edition) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Member, parts and subtotal of each instance of a rule in an edition."""
    block = edition.table(_TABLE).blocks[0]
    if rule.group:
        for column in block.columns:
            parts = tuple(f"{_TABLE}.{child}.{column.code}" for child in edition.children_of(rule.group))
            yield column.code, parts, f"{_TABLE}.{rule.group}.{column.code}"
        return
    organisations = [column.code for column in block.columns if column.group]
    for row in block.rows:
        if row.kind != "group" or row.stands_for_children:
            parts = tuple(f"{_TABLE}.{row.code}.{code}" for code in organisations)
            yield row.code, parts, f"{_TABLE}.{row.code}.{_COLUMN}"
