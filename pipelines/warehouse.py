"""The Parquet tables on disk: written whole or not at all, the same rows always giving the same bytes.

Belongs here: files and their names. Does not belong here: what stands in a table (transform/schema says that).
"""

import filecmp
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.errors import BadInput, OldTable, disk_errors_named
from pipelines.layout import DataLayout
from pipelines.locks import hold_lock
from transform.schema.derive import arrow_schema
from transform.schema.order import sorted_by
from transform.schema.tables import TABLES, Table

__all__ = ["PARTITION_COLUMN", "REPORT_COLUMN", "TableWriter", "Warehouse", "replace_file", "table_named"]

PARTITION_COLUMN = "report_year"
REPORT_COLUMN = "report_id"
_FILE_NAME = "part-0.parquet"
_TEMPORARY = re.compile(r"^\..*\.tmp-\d+(\.wal)?$")
# Fixed, because the size of a row group is part of the bytes. DuckDB reads one row group per thread.
_ROW_GROUP_ROWS = 131_072
_COMPRESSION_LEVEL = 3


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
        with self.writing(name, year) as writer:
            writer.append(_in_order(rows, table_named(name)))
        return writer.changed

    @contextmanager
    def writing(self, name: str, year: int | None) -> Iterator["TableWriter"]:
        """Write one table, or one year of it, in parts that follow each other in its order.

        The file takes its place in one step when the block ends well; its bytes depend on the rows, not on the parts.
        """
        path = self.path(name, year)
        before = _fingerprint(path)
        writer = TableWriter(table_named(name), year)
        with replace_file(path) as temporary, temporary.open("wb") as handle:
            writer.begin(handle)
            try:
                yield writer
                writer.write_rest()
            finally:
                writer.close()
            handle.flush()
        writer.changed = _fingerprint(path) != before

    def read(
        self,
        name: str,
        years: Iterable[int] | None = None,
        columns: Sequence[str] | None = None,
        filled: str | None = None,
    ) -> pa.Table:
        """The rows of one table, or of the given years of it, with all or some of its columns.

        `filled`: only rows where this column is not null. A table without files reads as an empty one.
        """
        schema = _projected(table_named(name), columns)
        wanted = None if years is None or table_named(name).partition is None else set(years)
        parts = [
            self._read_file(name, file, schema, None, filled)
            for file in self.files(name)
            if wanted is None or _year_of(file) in wanted
        ]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def read_reports(
        self, name: str, year: int, report_ids: Sequence[str], columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of some reports of a year. Only the row groups in which they can stand are read."""
        schema = _projected(table_named(name), columns)
        file = self.path(name, year)
        if not report_ids or not file.exists():
            return schema.empty_table()
        return self._read_file(name, file, schema, report_ids)

    def _read_file(
        self, name: str, file: Path, schema: pa.Schema, report_ids: Sequence[str] | None, filled: str | None = None
    ) -> pa.Table:
        year = _year_of(file) if table_named(name).partition is not None else None
        parquet = pq.ParquetFile(file)
        inside = set(parquet.schema_arrow.names)
        kept = [column for column in schema.names if column in inside]
        if report_ids is not None:
            needed = kept if REPORT_COLUMN in kept else [REPORT_COLUMN, *kept]
            rows = parquet.read_row_groups(_groups_with(parquet, min(report_ids), max(report_ids)), needed)
            members = pa.array(report_ids, pa.string())
            rows = rows.filter(pc.is_in(rows.column(REPORT_COLUMN), value_set=members)).select(kept)
        elif filled is not None and filled in inside:
            rows = parquet.read_row_groups(_groups_filled(parquet, filled), kept)
            rows = rows.filter(pc.is_valid(rows.column(filled)))
        else:
            rows = parquet.read(kept)
        if year is not None and PARTITION_COLUMN in schema.names:
            field = schema.field(PARTITION_COLUMN)
            rows = rows.append_column(field, pa.repeat(pa.scalar(year, field.type), rows.num_rows))
        return _conform(rows, schema, file)

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


class TableWriter:
    """Takes the rows of one file in parts. `changed` is known when the file is closed."""

    def __init__(self, table: Table, year: int | None) -> None:
        self.rows = 0
        self.changed = False
        self._table = table
        self._year = year
        self._schema = _file_schema(table)
        self._waiting: list[pa.Table] = []
        self._last_report: str | None = None
        self._parquet: pq.ParquetWriter | None = None

    def begin(self, handle: BinaryIO) -> None:
        """Start the file."""
        self._parquet = pq.ParquetWriter(
            handle,
            self._schema,
            compression="zstd",
            compression_level=_COMPRESSION_LEVEL,
            write_statistics=True,
            store_schema=False,
            version="2.6",
        )

    def append(self, rows: pa.Table) -> None:
        """Add rows that come after those before. In a table by report, no report may come in two parts."""
        if not rows.num_rows:
            _in_schema(rows, self._table, None)
            return
        _in_schema(rows, self._table, self._year)
        if self._table.sort_by[:2] == (PARTITION_COLUMN, REPORT_COLUMN):
            first, last = (rows.column(REPORT_COLUMN)[place].as_py() for place in (0, -1))
            if self._last_report is not None and first <= self._last_report:
                raise BadInput(
                    f"The rows for {self._table.name} do not come in order: {first} after {self._last_report}."
                )
            self._last_report = last
        self.rows += rows.num_rows
        self._waiting.append(rows.select(self._schema.names).cast(self._schema).replace_schema_metadata(None))
        self._write_groups(at_least=_ROW_GROUP_ROWS)

    def write_rest(self) -> None:
        """Write what waits for a row group to be full."""
        self._write_groups(at_least=1)

    def close(self) -> None:
        """End the file."""
        assert self._parquet is not None
        self._parquet.close()

    def _write_groups(self, *, at_least: int) -> None:
        assert self._parquet is not None
        if sum(rows.num_rows for rows in self._waiting) < at_least:
            return
        waiting = pa.concat_tables(self._waiting)
        start = 0
        while waiting.num_rows - start >= at_least:
            # One chunk a row group: where chunks end would show in the bytes.
            group = waiting.slice(start, _ROW_GROUP_ROWS).combine_chunks()
            self._parquet.write_table(group, row_group_size=_ROW_GROUP_ROWS)
            start += group.num_rows
        self._waiting = [waiting.slice(start)] if start < waiting.num_rows else []


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


def _in_order(rows: pa.Table, table: Table) -> pa.Table:
    """The rows in the declared order; the key breaks ties, so that the order is one and the same every time."""
    keys = [*table.sort_by, *table.primary_key] if set(rows.column_names) == set(table.column_names) else []
    return sorted_by(rows, list(dict.fromkeys(keys)))


def _projected(table: Table, columns: Sequence[str] | None) -> pa.Schema:
    schema = arrow_schema(table)
    return schema if columns is None else pa.schema([schema.field(name) for name in columns])


def _year_of(file: Path) -> int | None:
    found = file.parent.name.partition("=")[2]
    return int(found) if found else None


def _groups_filled(parquet: pq.ParquetFile, column: str) -> list[int]:
    """The row groups in which the column is not null throughout."""
    metadata = parquet.metadata
    place = parquet.schema_arrow.get_field_index(column)
    groups = []
    for number in range(metadata.num_row_groups):
        statistics = metadata.row_group(number).column(place).statistics
        # `num_values` of the statistics are those that are not null.
        if statistics is None or not statistics.has_null_count or statistics.num_values:
            groups.append(number)
    return groups


def _groups_with(parquet: pq.ParquetFile, first: str, last: str) -> list[int]:
    """The row groups in which a report between these two can stand; all of them where the file does not tell."""
    metadata = parquet.metadata
    place = parquet.schema_arrow.get_field_index(REPORT_COLUMN)
    groups = []
    for number in range(metadata.num_row_groups):
        statistics = metadata.row_group(number).column(place).statistics
        if statistics is None or not statistics.has_min_max or (statistics.max >= first and statistics.min <= last):
            groups.append(number)
    return groups


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
