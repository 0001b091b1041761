"""The Parquet tables on disk: written whole or not at all, the same rows always giving the same bytes.

Belongs here: files and their names. Does not belong here: what stands in a table (transform/schema says that).
"""

import filecmp
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import BadInput, OldTable, disk_errors_named
from pipelines.layout import DataLayout
from pipelines.locks import hold_lock
from transform.schema.derive import arrow_schema
from transform.schema.tables import TABLES, Table

__all__ = ["PARTITION_COLUMN", "Warehouse", "replace_file", "table_named"]

PARTITION_COLUMN = "report_year"
_FILE_NAME = "part-0.parquet"
_TEMPORARY = re.compile(r"^\..*\.tmp-\d+(\.wal)?$")
# Fixed, because the size of a row group is part of the bytes. DuckDB reads one row group per thread.
_ROW_GROUP_ROWS = 131_072


def table_named(name: str) -> Table:
    """The declaration of one table.

    Raises:
        BadInput: There is no such table; the message lists those there are.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise BadInput(f"There is no table {name}. The tables are: {', '.join(sorted(TABLES))}.") from None


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes the place of `path` in one step.

    A file whose bytes did not change is left alone, so its time stamp tells when the content last moved. When the block
    fails, the temporary file goes and the old file stays.
    """
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    with disk_errors_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            if path.exists() and filecmp.cmp(temporary, path, shallow=False):
                return
            _sync(temporary)
            os.replace(temporary, path)  # noqa: PTH105 - tests make this very call fail
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Force a file or a folder to disk: a rename that outlives its content would be a half-written table."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The tables under one folder: `<table>/part-0.parquet` or `<table>/report_year=YYYY/part-0.parquet`."""

    layout: DataLayout

    @property
    def root(self) -> Path:
        """The folder of the tables."""
        return self.layout.warehouse

    @contextmanager
    def locked(self, *, wait_seconds: float = 0) -> Iterator[None]:
        """Be the only one who writes. Temporary files of a killed run are swept away on entry."""
        with hold_lock(self.layout.build_lock, "building tables", wait_seconds=wait_seconds):
            for leftover in self.root.rglob(".*"):
                if _TEMPORARY.match(leftover.name):
                    leftover.unlink(missing_ok=True)
            yield

    def path(self, name: str, year: int | None = None) -> Path:
        """The file of one table, or of one year of it."""
        table = table_named(name)
        if (table.partition is None) != (year is None):
            needed = "has no years" if table.partition is None else "is kept by year"
            raise BadInput(f"The table {name} {needed}.")
        folder = self.root / name
        return (folder if year is None else folder / f"{PARTITION_COLUMN}={year}") / _FILE_NAME

    def years(self, name: str) -> tuple[int, ...]:
        """The years a table has files for, ascending."""
        pattern = f"{PARTITION_COLUMN}=*/{_FILE_NAME}"
        return tuple(sorted(int(file.parent.name.split("=")[1]) for file in (self.root / name).glob(pattern)))

    def files(self, name: str) -> tuple[Path, ...]:
        """The files of one table, in order of year."""
        if table_named(name).partition is None:
            file = self.path(name)
            return (file,) if file.exists() else ()
        return tuple(self.path(name, year) for year in self.years(name))

    def write(self, name: str, year: int | None, rows: pa.Table) -> bool:
        """Write one table, or one year of it, in one step; true when the bytes on disk changed."""
        table = table_named(name)
        path = self.path(name, year)
        before = _fingerprint(path)
        schema = _file_schema(table)
        rows = _sorted(_in_schema(rows, table, year), table).select(schema.names).cast(schema).combine_chunks()
        with replace_file(path) as temporary, temporary.open("wb") as handle:
            pq.write_table(
                rows.replace_schema_metadata(None),
                handle,
                compression="zstd",
                compression_level=3,
                row_group_size=_ROW_GROUP_ROWS,
                write_statistics=True,
                store_schema=False,
                version="2.6",
            )
            handle.flush()
        return _fingerprint(path) != before

    def read(self, name: str, years: Iterable[int] | None = None) -> pa.Table:
        """The rows of one table, or of the given years of it; a table without files reads as an empty one."""
        table = table_named(name)
        schema = arrow_schema(table)
        parts = []
        wanted = None if years is None or table.partition is None else set(years)
        for file in self.files(name):
            year = int(file.parent.name.split("=")[1]) if table.partition is not None else None
            if wanted is not None and year not in wanted:
                continue
            rows = pq.ParquetFile(file).read()
            if year is not None:
                field = schema.field(PARTITION_COLUMN)
                rows = rows.append_column(field, pa.repeat(pa.scalar(year, field.type), rows.num_rows))
            parts.append(_conform(rows, schema, file))
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def refuse_old_files(self, name: str) -> None:
        """Raise OldTable where the first file of a table lacks a declared column."""
        for file in self.files(name)[:1]:
            schema = _file_schema(table_named(name))
            _conform(pq.read_schema(file).empty_table(), schema, file)

    def drop_years(self, name: str, *, keep: Iterable[int]) -> tuple[int, ...]:
        """Remove the years that no document speaks for any more; gives those removed."""
        stale = tuple(year for year in self.years(name) if year not in set(keep))
        for year in stale:
            file = self.path(name, year)
            file.unlink(missing_ok=True)
            if not any(file.parent.iterdir()):
                file.parent.rmdir()
        return stale


def _fingerprint(path: Path) -> tuple[int, int, int] | None:
    """What tells an unchanged file from a replaced one."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _file_schema(table: Table) -> pa.Schema:
    """The columns inside a file: the year stands in the folder name, as hive partitioning wants it."""
    schema = arrow_schema(table).remove_metadata()
    if table.partition is None:
        return schema
    return schema.remove(schema.get_field_index(PARTITION_COLUMN))


def _in_schema(rows: pa.Table, table: Table, year: int | None) -> pa.Table:
    """The rows, once it is sure that they are this table's and this year's."""
    expected = set(arrow_schema(table).names)
    if set(rows.column_names) != expected:
        missing = ", ".join(sorted(expected - set(rows.column_names))) or "none"
        unknown = ", ".join(sorted(set(rows.column_names) - expected)) or "none"
        raise BadInput(
            f"The rows for {table.name} do not fit its declaration: missing columns {missing}, unknown {unknown}."
        )
    if year is not None:
        found = set(rows.column(PARTITION_COLUMN).unique().to_pylist())
        if not found <= {year}:
            raise BadInput(f"The rows for {table.name} of {year} speak of other years too: {sorted(found, key=str)}.")
    return rows


def _sorted(rows: pa.Table, table: Table) -> pa.Table:
    """The rows in the declared order; the key breaks ties, so that the order is one and the same every time."""
    keys = list(dict.fromkeys((*table.sort_by, *table.primary_key)))
    return rows.sort_by([(key, "ascending") for key in keys]) if keys else rows


def _conform(rows: pa.Table, schema: pa.Schema, file: Path) -> pa.Table:
    """Rows read from a file, in the declared columns; a file of an older declaration is refused, not guessed at."""
    missing = [name for name in schema.names if name not in rows.column_names]
    if missing:
        raise OldTable(
            f"{file} was written by another version (no column {', '.join(missing)}). "
            "Run `ogi build` to make the tables anew."
        )
    columns: Any = rows.select(schema.names)
    result: pa.Table = columns.cast(schema)
    return result
