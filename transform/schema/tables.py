"""Every table of the warehouse, in the order in which a reader meets them.

The declarations from which Parquet schemas, DuckDB comments, asset checks, `datapackage.json` and the data dictionary
derive (see `derive.py`). Groups of tables stand in modules of their own beside this one.
"""

from collections.abc import Mapping

from transform.schema import columns as c
from transform.schema.archive_tables import ARCHIVE_TABLES
from transform.schema.check_tables import CHECK_TABLES
from transform.schema.declared import CELL, WARNINGS, Table
from transform.schema.dimension_tables import DIMENSION_TABLES
from transform.schema.figure_tables import FIGURE_TABLES
from transform.schema.mart_tables import MART_TABLES
from transform.schema.measures import MEASURES, RATES, Rate
from transform.schema.report_tables import REPORT_TABLES

__all__ = ["EXTRACT_CELLS", "EXTRACT_REPORTS", "MEASURES", "RATES", "TABLES", "WARNINGS", "Rate", "Table"]

EXTRACT_CELLS = Table(
    "extract_cells",
    summary="What `ogi extract --out` writes: the cells of local documents.",
    grain="document × cell",
    columns=(c.DOCUMENT, *CELL),
    primary_key=("document", "cell"),
    sort_by=(),
    usage_warnings=("self_reported", "blank_is_not_zero"),
)

_NO_REPORT = "the document is no report, or does not tell"
EXTRACT_REPORTS = Table(
    "extract_reports",
    summary="What `ogi extract --reports` writes: one row for each document, whatever became of it.",
    grain="document",
    columns=(
        c.DOCUMENT,
        c.DOCUMENT_STATUS,
        c.REASON,
        c.TITLE,
        c.ISSUER.optional(_NO_REPORT),
        c.REPORT_YEAR.optional(_NO_REPORT),
        c.EDITION.optional(_NO_REPORT),
        c.SCOPE.optional(_NO_REPORT),
        c.PROVINCE,
        c.PREFECTURE,
        c.COUNTY,
        c.TOWNSHIP,
        c.DIVISION_CODE,
        c.REGION_STATUS.optional(_NO_REPORT),
        c.FAILING_CHECKS,
        c.MISSING_TABLES,
        c.FLAGS,
        c.REASON_CODE,
        c.FORMAT,
        c.DOCUMENT_SHA256,
    ),
    primary_key=("document",),
    sort_by=(),
    usage_warnings=("self_reported",),
)

_GROUPS = (
    REPORT_TABLES, FIGURE_TABLES, CHECK_TABLES, MART_TABLES, DIMENSION_TABLES, ARCHIVE_TABLES,
)  # fmt: skip

TABLES: Mapping[str, Table] = {table.name: table for group in _GROUPS for table in group}
"""The tables of the warehouse by name."""
