"""What the rules find and what they look at: the shapes that every module of this package shares."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from transform.expressions import Expression, sum_expressions
from transform.sql import run_sql

__all__ = ["FINDINGS", "Material", "no_findings", "sums_of"]

_STRINGS = pa.list_(pa.string())
FINDINGS = pa.schema(
    [
        ("report_id", pa.string()), ("rule_id", pa.string()), ("member", pa.string()), ("status", pa.string()),
        ("expected", pa.float64()), ("printed", pa.float64()), ("blank_operand_count", pa.int64()),
        ("reason", pa.string()), ("cells", _STRINGS), ("previous_cells", _STRINGS),
    ]
)  # fmt: skip
"""One row: a rule instance (`member` is null for a rule that has one) and its outcome on a report."""


@dataclass(frozen=True, slots=True)
class Material:
    """The tables of one year, or of a batch of its reports, that rules look at.

    `reports` are the primary renditions with `previous_report_id`; `panel` is `issuer_year` of the whole year, and
    `earlier_panel` that of all years before.
    """

    report_year: int
    reports: pa.Table
    renditions: pa.Table
    cells: pa.Table
    previous_cells: pa.Table
    statements: pa.Table
    narratives: pa.Table
    panel: pa.Table
    earlier_panel: pa.Table


def no_findings() -> pa.Table:
    """An empty table of findings."""
    return FINDINGS.empty_table()


def sums_of(
    material: Material, expressions: Iterable[Expression], report_ids: pa.Table, cells: pa.Table | None = None
) -> pa.Table:
    """`sum_expressions` over the reports whose id stands in the column `report_id` of `report_ids`."""
    wanted = run_sql(
        "SELECT r.report_id, r.edition, CAST(NULL AS VARCHAR) AS previous_report_id FROM reports r "
        "WHERE r.report_id IN (SELECT report_id FROM asked) ORDER BY r.report_id",
        {"reports": material.reports.select(["report_id", "edition"]), "asked": report_ids.select(["report_id"])},
    )
    return sum_expressions(tuple(expressions), wanted.to_pylist(), material.cells if cells is None else cells)
