"""The DuckDB face of the warehouse: one commented view for each table, a few macros, and the Frictionless description.

The views read the Parquet files where they are; nothing is copied. A table that has no file yet is a typed, empty view,
so that a query over it answers with no rows and not with an error.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipelines.errors import DiskFull
from pipelines.layout import DataLayout
from pipelines.warehouse import PARTITION_COLUMN, Warehouse, replace_file
from transform.schema.derive import arrow_schema, comment_sql, datapackage_json
from transform.schema.tables import TABLES, Table

__all__ = ["MACROS", "connect", "refresh_catalog", "view_statements"]

MACROS = (
    # A share of nothing is not a number: null, never 0 and never an error.
    "CREATE OR REPLACE MACRO share(part, whole) AS CASE WHEN whole > 0 THEN part / whole::DOUBLE END",
    # One figure of the statutory form over all reports: SELECT * FROM figure('t3.total_processed.total').
    "CREATE OR REPLACE MACRO figure(cell_code) AS TABLE "
    "SELECT r.report_year, r.province, r.prefecture, r.county, r.issuer, r.scope, "
    "c.value, c.status, c.raw, c.report_id "
    "FROM cells AS c JOIN reports AS r USING (report_id) WHERE c.cell = cell_code",
    # What a code means: SELECT * FROM meaning('t3.granted.total').
    "CREATE OR REPLACE MACRO meaning(wanted) AS TABLE "
    "SELECT edition, code_kind, label_zh, label_en, definition FROM codes WHERE code = wanted",
)
_NO_SPACE = (
    "No space left to write {path}: nothing was changed there and the old content stays readable. "
    "Free some space and run the same command again."
)
_MACRO_COMMENTS = (
    "COMMENT ON MACRO share IS 'part / whole; null where whole is 0 or null'",
    "COMMENT ON MACRO TABLE figure IS 'one cell of the form over all reports, with region and scope'",
    "COMMENT ON MACRO TABLE meaning IS 'what a code means, edition by edition'",
)


def _duckdb_type(kind: pa.DataType) -> str:
    plain = {
        pa.string(): "VARCHAR",
        pa.int32(): "INTEGER",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
        pa.list_(pa.string()): "VARCHAR[]",
    }
    return plain[kind]


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _view(table: Table, warehouse: Warehouse) -> str:
    """The statement for one view."""
    warehouse.refuse_old_files(table.name)
    files = warehouse.files(table.name)
    schema = arrow_schema(table)
    if not files:
        columns = ", ".join(f"NULL::{_duckdb_type(field.type)} AS {_identifier(field.name)}" for field in schema)
        return f"CREATE OR REPLACE VIEW {_identifier(table.name)} AS SELECT {columns} WHERE false"
    columns = ", ".join(_identifier(field.name) for field in schema)
    folder = warehouse.root.resolve() / table.name
    if table.partition is None:
        source = f"read_parquet({_text(str(folder / files[0].name))})"
    else:
        pattern = folder / f"{PARTITION_COLUMN}=*" / files[0].name
        types = f"{{{PARTITION_COLUMN}: INTEGER}}"
        source = f"read_parquet({_text(str(pattern))}, hive_partitioning = true, hive_types = {types})"
    return f"CREATE OR REPLACE VIEW {_identifier(table.name)} AS SELECT {columns} FROM {source}"


def view_statements(layout: DataLayout) -> Iterator[str]:
    """Every statement that makes the views, their comments and the macros, for a fresh DuckDB of any kind."""
    warehouse = Warehouse(layout)
    for table in TABLES.values():
        yield _view(table, warehouse)
        yield from comment_sql(table, kind="VIEW")
    yield from MACROS
    yield from _MACRO_COMMENTS


def connect(layout: DataLayout) -> Any:
    """A connection that sees the tables, in memory: it needs no warehouse.duckdb and stands in nobody's way."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in view_statements(layout):
        if not statement.startswith("COMMENT"):
            connection.execute(statement)
    return connection


def refresh_catalog(layout: DataLayout) -> None:
    """Make warehouse.duckdb and datapackage.json anew, each replaced in one step; open readers keep the old one."""
    import duckdb

    warehouse = Warehouse(layout)
    with replace_file(layout.catalog) as temporary:
        temporary.unlink(missing_ok=True)
        log = temporary.with_name(f"{temporary.name}.wal")
        try:
            with duckdb.connect(temporary) as connection:
                for statement in view_statements(layout):
                    connection.execute(statement)
                # Closing would do the same, but in silence when the disk is full.
                connection.execute("CHECKPOINT")
            # A closed file has no write-ahead log; should one be left, the views are not whole without it.
            if log.exists():
                raise DiskFull(_NO_SPACE.format(path=layout.catalog))
        except duckdb.Error as error:
            if "No space left" in str(error) or "quota" in str(error):
                raise DiskFull(_NO_SPACE.format(path=layout.catalog)) from error
            raise
        finally:
            log.unlink(missing_ok=True)
    paths = {name: [str(file.relative_to(warehouse.root)) for file in warehouse.files(name)] for name in TABLES}
    with replace_file(layout.warehouse / "datapackage.json") as temporary:
        temporary.write_bytes(datapackage_json(paths))
