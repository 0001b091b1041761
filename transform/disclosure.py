"""What bodies disclosed on their own: table `proactive_disclosure` (表二 of E2019 and E2021).

E2014's indicator list counts other things under other names; it stays in `cells`, what is comparable in `region_year`.
"""

import pyarrow as pa

from transform.form_index import columns_table, rows_table
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["DISCLOSURE_COLUMNS", "build_proactive_disclosure"]

DISCLOSURE_COLUMNS = {
    "cells": (
        "report_id", "report_year", "table", "row", "column", "cell", "edition", "value", "unit", "yuan", "status",
    ),
    "reports": ("report_id", "division_code", "province", "prefecture", "county", "issuer", "level", "scope"),
}  # fmt: skip
"""The columns of each argument that `build_proactive_disclosure` looks at."""

_DISCLOSURE = """
SELECT
    c.report_id, c.report_year, c."row" AS item_code, w.label AS item, w.en AS item_en, c."column" AS measure,
    m.label AS measure_label, c.value, c.unit, c.yuan AS value_yuan, c.status, c.edition,
    r.division_code, r.province, r.prefecture, r.county, r.issuer, r.level, r.scope, c.cell
FROM cells c
JOIN reports r ON r.report_id = c.report_id
LEFT JOIN words w ON w.edition = c.edition AND w."table" = c."table" AND w."row" = c."row"
LEFT JOIN measures m ON m.edition = c.edition AND m."table" = c."table" AND m."column" = c."column"
WHERE c."table" = 't2'
ORDER BY c.report_id, item_code, measure
"""


def build_proactive_disclosure(*, report_year: int, cells: pa.Table, reports: pa.Table) -> pa.Table:
    """Figures of table 2 of the year, one row for each report, item and measure that the report prints.

    Units differ by measure (件, 项, 个, 元, 万元): never add over measures. Money in yuan stands in `value_yuan`, null
    where the document names no unit.
    """
    del report_year  # both inputs are of the year already
    tables = {"cells": cells, "reports": reports, "words": rows_table(), "measures": columns_table()}
    return conform(TABLES["proactive_disclosure"], run_sql(_DISCLOSURE, tables))
