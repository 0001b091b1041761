"""E2014 figures under the codes of the present form, for tables that keep one series over editions."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from extract.model import CellStatus
from transform.expressions import sum_expressions
from transform.form_index import Mapped
from transform.sql import run_sql

__all__ = ["mapped_figures"]

_SCHEMA = pa.schema(
    [
        ("key", pa.string()), ("report_id", pa.string()), ("value", pa.float64()), ("status", pa.string()),
        ("comparability", pa.string()), ("source_cells", pa.list_(pa.string())),
    ]
)  # fmt: skip
_E2014_CELLS = "SELECT report_id, cell, value, status FROM cells WHERE edition = 'E2014' ORDER BY report_id, cell"


def mapped_figures(mappings: Mapping[str, Mapped], reports: pa.Table, cells: pa.Table) -> pa.Table:
    """For each E2014 report and mapping whose cells are all printed: key, value, status, comparability, source cells.

    `mappings` go by the key that comes back as `key`. A figure with a blank among its cells is null, never a part sum.
    """
    wanted = [
        {"report_id": row["report_id"], "edition": row["edition"], "previous_report_id": None}
        for row in reports.select(["report_id", "edition"]).to_pylist()
        if row["edition"] == "E2014"
    ]
    if not wanted:
        return _SCHEMA.empty_table()
    by_measure = {mapped.measure: (key, mapped) for key, mapped in mappings.items()}
    printed = run_sql(_E2014_CELLS, {"cells": cells})
    sums = sum_expressions([mapped.source for mapped in mappings.values()], wanted, printed)
    figures = []
    for row in sums.to_pylist():
        if row["blocked_by"] and row["blocked_by"].endswith("is not printed"):
            continue
        key, mapped = by_measure[row["expression_id"]]
        value, status = _judged(row)
        figures.append(
            {
                "key": key,
                "report_id": row["report_id"],
                "value": value,
                "status": status.value,
                "comparability": mapped.comparability,
                "source_cells": [term.cell for term in mapped.source.left],
            }
        )
    return pa.Table.from_pylist(figures, schema=_SCHEMA)


def _judged(row: Mapping[str, Any]) -> tuple[float | None, CellStatus]:
    if row["blocked_by"]:
        return None, CellStatus.WITHHELD
    if row["blank_count"]:
        return None, CellStatus.BLANK
    return row["left_sum"], CellStatus.REPORTED
