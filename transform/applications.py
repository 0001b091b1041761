"""Applications by item and applicant type: table `applications` (表三; E2014 through the crosswalk)."""

from collections.abc import Mapping
from functools import lru_cache

import pyarrow as pa

from transform.form_index import Mapped, e2014_mappings, hierarchy_table, rows_table
from transform.mapped import mapped_figures
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["APPLICATIONS_COLUMNS", "build_applications"]

APPLICATIONS_COLUMNS = {
    "cells": ("report_id", "table", "row", "column", "cell", "edition", "value", "status"),
    "reports": (
        "report_id", "report_year", "edition", "division_code", "province", "prefecture", "county", "issuer", "level",
        "scope",
    ),
}  # fmt: skip
"""The columns of each argument that `build_applications` looks at."""

_TOTAL = "total"
_WORDS_FROM = "E2021"
"""The edition that words the items of an E2014 report."""

# A group row that a report prints with numbers is a subtotal where its parts are printed too, and an outcome of its own
# where they are not ((六)其他处理 in one row). A fraction is no count: the cell keeps it, the count is null.
_APPLICATIONS = """
WITH figures AS (
    SELECT
        report_id, "row" AS item_code, "column" AS applicant_type, edition AS words_edition, value, status,
        'exact' AS comparability, [cell] AS source_cells
    FROM cells WHERE "table" = 't3'
    UNION ALL
    SELECT report_id, key, $total, $words_from, value, status, comparability, source_cells FROM mapped
),
subtotals AS (
    SELECT DISTINCT part.report_id, h.parent AS item_code, part."column" AS applicant_type
    FROM cells part JOIN hierarchy h ON h."table" = part."table" AND h.child = part."row"
    WHERE part."table" = 't3'
),
grouped AS (
    SELECT
        f.*, w.label AS item, w.en AS item_en,
        CASE
            WHEN f.item_code = 'new_received' THEN 'received'
            WHEN f.item_code IN ('carried_over', 'carried_forward') THEN f.item_code
            WHEN w.kind = 'total' THEN 'outcome_total'
            WHEN s.report_id IS NOT NULL THEN 'outcome_subtotal'
            ELSE 'outcome'
        END AS item_group
    FROM figures f
    LEFT JOIN words w ON w.edition = f.words_edition AND w."table" = 't3' AND w."row" = f.item_code
    LEFT JOIN subtotals s
        ON s.report_id = f.report_id AND s.item_code = f.item_code AND s.applicant_type = f.applicant_type
)
SELECT
    g.report_id, r.report_year, g.item_code, g.item, g.item_en, g.item_group, g.applicant_type,
    g.item_group IN ('outcome_total', 'outcome_subtotal') OR g.applicant_type = $total AS is_total,
    CASE WHEN g.value = floor(g.value) THEN TRY_CAST(g.value AS BIGINT) END AS count,
    CASE WHEN g.value <> floor(g.value) THEN 'withheld' ELSE g.status END AS status,
    g.comparability, r.edition, r.division_code, r.province, r.prefecture, r.county, r.issuer, r.level, r.scope,
    g.source_cells
FROM grouped g JOIN reports r ON r.report_id = g.report_id
ORDER BY g.report_id, g.item_code, g.applicant_type
"""


def build_applications(*, report_year: int, cells: pa.Table, reports: pa.Table) -> pa.Table:
    """Applications of the year, one row for each report, item and applicant type that the report prints.

    Unit: applications (件). An absent row was not printed; a null count means that no whole number is printed.
    E2014 reports have totals only, for the items that the crosswalk maps (`comparability`).
    """
    del report_year  # both inputs are of the year already
    tables = {
        "cells": cells,
        "reports": reports,
        "words": rows_table(),
        "hierarchy": hierarchy_table(),
        "mapped": mapped_figures(_mapped_items(), reports, cells),
    }
    return conform(TABLES["applications"], run_sql(_APPLICATIONS, tables, {"words_from": _WORDS_FROM, "total": _TOTAL}))


@lru_cache(maxsize=1)
def _mapped_items() -> Mapping[str, Mapped]:
    """E2014 figures by the row of table 3 whose 总计 they stand for."""
    items = {}
    for mapped in e2014_mappings():
        if len(mapped.targets) == 1:
            table, row, column = mapped.targets[0].split(".")
            if table == "t3" and column == _TOTAL:
                items[row] = mapped
    return items
