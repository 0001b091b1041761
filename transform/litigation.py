"""Reconsideration and litigation by channel and result: table `litigation` (表四; E2014 through the crosswalk)."""

from collections.abc import Mapping
from functools import lru_cache

import pyarrow as pa

from extract.forms.declaration import load_forms
from transform.form_index import E2014_MAPPINGS_FROM, Mapped, e2014_mappings
from transform.mapped import mapped_figures
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["LITIGATION_COLUMNS", "build_litigation"]

LITIGATION_COLUMNS = {
    "cells": ("report_id", "table", "row", "column", "cell", "edition", "value", "status"),
    "reports": (
        "report_id", "report_year", "edition", "division_code", "province", "prefecture", "county", "issuer", "level",
        "scope",
    ),
}  # fmt: skip
"""The columns of each argument that `build_litigation` looks at."""

_UNDIVIDED = "litigation_undivided"
_LITIGATION_PARENT = "行政诉讼"
"""Printed above both channels of litigation in table 4; E2014 counts them as one."""

_LITIGATION = """
WITH figures AS (
    SELECT
        report_id, "row" AS channel, "column" AS result, value, status, 'exact' AS comparability, [cell] AS source_cells
    FROM cells WHERE "table" = 't4'
    UNION ALL
    SELECT report_id, split_part(key, '.', 1), split_part(key, '.', 2), value, status, comparability, source_cells
    FROM mapped
)
SELECT
    f.report_id, r.report_year, f.channel, f.result, f.result = 'total' AS is_total,
    CASE WHEN f.value = floor(f.value) THEN TRY_CAST(f.value AS BIGINT) END AS count,
    CASE WHEN f.value <> floor(f.value) THEN 'withheld' ELSE f.status END AS status,
    f.comparability, r.edition, r.division_code, r.province, r.prefecture, r.county, r.issuer, r.level, r.scope,
    f.source_cells
FROM figures f JOIN reports r ON r.report_id = f.report_id
ORDER BY f.report_id, f.channel, f.result
"""


def build_litigation(*, report_year: int, cells: pa.Table, reports: pa.Table) -> pa.Table:
    """Cases of the year, one row for each report, channel and result that the report prints.

    Unit: cases (件). A case pending at year end stands in the next year's table again: totals do not add up over years.
    """
    del report_year  # both inputs are of the year already
    tables = {"cells": cells, "reports": reports, "mapped": mapped_figures(_mapped_channels(), reports, cells)}
    return conform(TABLES["litigation"], run_sql(_LITIGATION, tables))


@lru_cache(maxsize=1)
def _mapped_channels() -> Mapping[str, Mapped]:
    """E2014 figures by `<channel>.<result>`."""
    rows = load_forms().editions[E2014_MAPPINGS_FROM].table("t4").blocks[0].rows
    litigation = {row.code for row in rows if row.parent == _LITIGATION_PARENT}
    channels = {}
    for mapped in e2014_mappings():
        parts = [target.split(".") for target in mapped.targets]
        columns = {column for _, _, column in parts}
        if {table for table, _, _ in parts} != {"t4"} or len(columns) != 1:
            continue
        covered = {row for _, row, _ in parts}
        if covered == litigation:
            channels[f"{_UNDIVIDED}.{columns.pop()}"] = mapped
        elif len(covered) == 1:
            channels[f"{covered.pop()}.{columns.pop()}"] = mapped
    return channels
