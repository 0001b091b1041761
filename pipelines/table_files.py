"""Tables written piece by piece to one file: Parquet, CSV or JSON Lines, told by the suffix. Whole or not at all."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import BadInput, DiskFull
from pipelines.warehouse import replace_file
from transform.schema.derive import arrow_schema
from transform.schema.tables import Table

__all__ = ["SUFFIXES", "TableFile", "check_suffix", "table_file"]

SUFFIXES = (".parquet", ".csv", ".jsonl")
_GROUP_ROWS = 65_536
"""Rows kept in memory before they go to the file: one row group of Parquet."""


def check_suffix(path: Path) -> None:
    """Refuse an output name whose format cannot be told, before anything is read."""
    if path.suffix.lower() not in SUFFIXES:
        raise BadInput(f"{path}: the format is told by the suffix; use one of {', '.join(SUFFIXES)}.")


class TableFile:
    """A file that is being written. The pieces decide nothing: the same rows give the same bytes."""

    def __init__(self, write: Callable[[pa.Table], None]) -> None:
        self.row_count = 0
        self._write = write
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0

    def add(self, rows: pa.Table) -> None:
        """Append rows, in order."""
        self.row_count += rows.num_rows
        while rows.num_rows:
            piece = rows.slice(0, _GROUP_ROWS - self._waiting_rows)
            rows = rows.slice(piece.num_rows)
            self._waiting.append(piece)
            self._waiting_rows += piece.num_rows
            if self._waiting_rows == _GROUP_ROWS:
                self.flush()

    def flush(self) -> None:
        """Hand what is waiting to the file."""
        if self._waiting:
            self._write(pa.concat_tables(self._waiting).combine_chunks())
            self._waiting, self._waiting_rows = [], 0


@contextmanager
def table_file(path: Path, table: Table) -> Iterator[TableFile]:
    """A file for the rows of `table`; it appears under its name when the block has ended well.

    Raises:
        BadInput: The file cannot be written, or its suffix names no format.
    """
    check_suffix(path)
    try:
        with replace_file(path) as temporary, ExitStack() as stack:
            file = TableFile(_writer(temporary, path.suffix.lower(), table, stack))
            yield file
            file.flush()
            stack.close()  # before the file takes its place
    except (BadInput, DiskFull) as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            raise type(error)(f"{path} cannot be written ({cause.strerror}). Choose another place for it.") from error
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{path} cannot be written ({why}). Choose another place for it.") from error


def _writer(path: Path, suffix: str, table: Table, stack: ExitStack) -> Callable[[pa.Table], None]:
    schema = arrow_schema(table).remove_metadata()
    if suffix == ".parquet":
        parquet = stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd", store_schema=False))

        def write(rows: pa.Table) -> None:
            parquet.write_table(rows.replace_schema_metadata(None).cast(schema), row_group_size=_GROUP_ROWS)

        return write
    handle = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    return _csv_writer(handle, schema.names) if suffix == ".csv" else _json_writer(handle)


def _csv_writer(handle: TextIO, names: list[str]) -> Callable[[pa.Table], None]:
    # The mark at the start makes Excel read Chinese as UTF-8.
    handle.write("\ufeff")
    writer = csv.writer(handle, lineterminator="\r\n")
    writer.writerow(names)

    def write(rows: pa.Table) -> None:
        for row in rows.to_pylist():
            writer.writerow([_csv_value(value) for value in row.values()])

    return write


def _csv_value(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _json_writer(handle: TextIO) -> Callable[[pa.Table], None]:
    def write(rows: pa.Table) -> None:
        for row in rows.to_pylist():
            plain = {name: _json_value(value) for name, value in row.items()}
            handle.write(json.dumps(plain, ensure_ascii=False) + "\n")

    return write


def _json_value(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value
