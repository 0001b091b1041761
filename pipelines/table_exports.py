"""Tables of the warehouse for other programs: CSV in a ZIP, an Excel workbook, a Stata file; each with its dictionary.

Belongs here: how a table looks in another format. Does not belong here: the archive as WARC (`exporting`), the words of
the dictionary (`transform.schema.derive`).
"""

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pipelines.catalog import connect
from pipelines.errors import BadInput, disk_errors_named
from pipelines.layout import DataLayout
from pipelines.progress import Progress, Step, silent
from pipelines.warehouse import replace_file, table_named
from transform.schema.columns import Column
from transform.schema.derive import column_words, datapackage_json, tables_markdown
from transform.schema.tables import TABLES, WARNINGS, Table

__all__ = ["FORMATS", "TableExport", "export_tables"]

FORMATS = (".zip", ".xlsx", ".dta")
_MARTS = ("region_year", "issuer_year", "coverage", "codes")
_DEFAULTS: Mapping[str, tuple[str, ...]] = {".zip": tuple(TABLES), ".xlsx": _MARTS, ".dta": ("region_year",)}
"""What is exported where no table is named: everything; what fits a sheet; the one table that a Stata file holds."""

_SAVED_AT = re.compile(rb"(?<=>)[0-9T:-]+Z(?=</dcterms:)")
_BATCH = 50_000
_SHEET_ROWS = 1_048_575
"""Rows of an Excel sheet below its header."""
_SHEET_TEXT = 32_767
"""Characters of an Excel cell."""
_STATA_NAME, _STATA_LABEL, _STATA_STRING = 32, 80, 2045
_NO_TIME = datetime(1980, 1, 1)
"""Formats that ask for a time get always the same one."""

_DICTIONARY_HEAD = ("table", "column", "type", "unit", "名称", "meaning", "null means")


@dataclass(frozen=True, slots=True)
class TableExport:
    """What was written: rows by table."""

    path: Path
    rows: dict[str, int]


def export_tables(
    layout: DataLayout,
    path: Path,
    tables: Sequence[str] = (),
    years: Sequence[int] = (),
    *,
    progress: Progress = silent,
) -> TableExport:
    """Write tables to one file, told by its suffix; it appears whole or not at all, the same bytes for the same tables.

    Args:
        layout: The data folder.
        path: A `.zip` (one CSV a table, UTF-8, RFC 4180, with `datapackage.json` and the dictionary), an `.xlsx` (one
            sheet a table and the dictionary) or a `.dta` (Stata 14 and later: one table, labelled columns).
        tables: Which; none: all of them in a ZIP, the marts in a workbook, `region_year` for Stata.
        years: Only these report years, of the tables that are kept by year.
        progress: Who listens.

    Raises:
        BadInput: The suffix names no format, a table is unknown or does not fit, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadInput(f"{path}: the format is told by the suffix; use one of {', '.join(FORMATS)}.")
    chosen = [table_named(name) for name in tables or _DEFAULTS[suffix]]
    if suffix == ".dta" and len(chosen) > 1:
        raise BadInput(f"A Stata file holds one table, and {len(chosen)} are named: export them one by one.")
    write = {".zip": _write_zip, ".xlsx": _write_workbook, ".dta": _write_stata}[suffix]
    rows: dict[str, int] = {}
    source = _Source(layout, tuple(years), rows, progress)
    with disk_errors_named(path), replace_file(path) as temporary:
        write(temporary, chosen, source)
    return TableExport(path, rows)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows come from; it counts them on their way."""

    layout: DataLayout
    years: tuple[int, ...]
    rows: dict[str, int]
    progress: Progress

    def batches(self, table: Table) -> Iterator[pa.Table]:
        """The rows in the declared order, some thousands at a time; at least one batch, which may be empty."""
        connection = connect(self.layout)
        by_year = self.years and "report_year" in table.column_names
        where = " WHERE list_contains($years, report_year)" if by_year else ""
        order = f" ORDER BY {', '.join(table.sort_by)}" if table.sort_by else ""
        parameters = {"years": list(self.years)} if where else {}
        answer = connection.sql(f'SELECT * FROM "{table.name}"{where}{order}', params=parameters)
        reader = answer.to_arrow_reader(_BATCH)
        self.rows[table.name] = 0
        sent = False
        for batch in reader:
            sent = True
            self.rows[table.name] += batch.num_rows
            self.progress(Step("write", sum(self.rows.values()), None, table.name))
            yield pa.Table.from_batches([batch])
        if not sent:
            yield reader.schema.empty_table()


# ---- CSV in a ZIP ----------------------------------------------------------------------------------------------------
def _write_zip(path: Path, tables: Sequence[Table], source: _Source) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            with archive.open(_member(f"{table.name}.csv"), "w", force_zip64=True) as file:
                first = True
                for rows in source.batches(table):
                    csv.write_csv(_flat(rows), file, csv.WriteOptions(include_header=first))
                    first = False
        paths = {table.name: [f"{table.name}.csv"] for table in tables}
        archive.writestr(_member("datapackage.json"), datapackage_json(paths))
        archive.writestr(_member("data_dictionary.md"), tables_markdown(tables))


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NO_TIME.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _flat(rows: pa.Table) -> pa.Table:
    """Lists as JSON, moments in ISO 8601: what the Frictionless types array and datetime mean in CSV."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_list(field.type):
            words = [
                None if value is None else json.dumps(value, ensure_ascii=False) for value in rows[place].to_pylist()
            ]
            rows = rows.set_column(place, field.name, pa.array(words, pa.string()))
        elif pa.types.is_timestamp(field.type):
            rows = rows.set_column(place, field.name, pc.strftime(rows[place], "%Y-%m-%dT%H:%M:%SZ"))
    return rows


def _json_or_null(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


# ---- Excel -----------------------------------------------------------------------------------------------------------
def _write_workbook(path: Path, tables: Sequence[Table], source: _Source) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = _NO_TIME
    try:
        _fill(book.create_sheet("dictionary"), _dictionary_rows(tables))
        for table in tables:
            sheet = book.create_sheet(table.name)
            _fill(sheet, [table.column_names])
            for rows in source.batches(table):
                if source.rows[table.name] > _SHEET_ROWS:
                    raise BadInput(
                        f"The table {table.name} has more rows than an Excel sheet holds ({_SHEET_ROWS:,}): name fewer "
                        "years with --year, or write a .zip of CSV files."
                    )
                _fill(sheet, zip(*(rows[name].to_pylist() for name in table.column_names), strict=True))
    except BaseException:
        for sheet in book:  # each writes to a file of its own meanwhile
            sheet.close()
        raise
    book.save(path)
    _settle_times(path)


def _fill(sheet: Any, rows: Any) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for row in rows:
        cells: list[Any] = []
        for value in row:
            plain = _excel_value(value)
            if isinstance(plain, str):
                cell = WriteOnlyCell(sheet, _fitting(ILLEGAL_CHARACTERS_RE.sub("\ufffd", plain)))
                cell.data_type = "s"  # a text that begins with = is a text, no formula
                cells.append(cell)
            else:
                cells.append(plain)
        sheet.append(cells)


def _fitting(text: str) -> str:
    """The text as a cell of Excel can hold it; one that is cut says so."""
    if len(text) <= _SHEET_TEXT:
        return text
    mark = f" [… cut here: {len(text):,} characters, whole in a .zip of CSV files]"
    return text[: _SHEET_TEXT - len(mark)] + mark


def _excel_value(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)  # Excel knows no time zones; the warehouse has UTC throughout
    return value


def _dictionary_rows(tables: Sequence[Table]) -> Iterator[tuple[str, ...]]:
    yield _DICTIONARY_HEAD
    for table in tables:
        about = " ".join(
            (table.summary, f"One row: {table.grain}.", *(WARNINGS[name] for name in table.usage_warnings))
        )
        yield (table.name, "", "", "", "", about, "")
        for column in table.columns:
            words = (column.dtype, column.unit.value, column.title_zh, column_words(column))
            yield (table.name, column.name, *words, column.null_means or "never null")


def _settle_times(path: Path) -> None:
    """Copy the parts of the workbook with one time for all: the same tables are the same bytes."""
    settled = path.with_name(f"{path.name}.settled")
    with zipfile.ZipFile(path) as written, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in written.namelist():
            with written.open(name) as part, archive.open(_member(name), "w", force_zip64=True) as copy:
                if name == "docProps/core.xml":
                    copy.write(_SAVED_AT.sub(f"{_NO_TIME:%Y-%m-%dT%H:%M:%SZ}".encode(), part.read()))
                else:
                    shutil.copyfileobj(part, copy)
    settled.replace(path)


# ---- Stata -----------------------------------------------------------------------------------------------------------
def _write_stata(path: Path, tables: Sequence[Table], source: _Source) -> None:
    import pandas as pd

    (table,) = tables
    rows = pa.concat_tables(source.batches(table))
    names = _stata_names(table.column_names)
    columns = {names[column.name]: _STATA[column.dtype](rows[column.name]) for column in table.columns}
    frame = pd.DataFrame(columns)
    texts = [names[column.name] for column in table.columns if column.dtype in ("string", "list<string>")]
    frame.to_stata(
        path,
        write_index=False,
        version=118,  # the first with UTF-8
        time_stamp=_NO_TIME,
        data_label=f"{table.name}: {table.grain}"[:_STATA_LABEL],
        variable_labels={names[column.name]: _stata_label(column, names[column.name]) for column in table.columns},
        convert_dates={
            names[column.name]: "td" if column.dtype == "date" else "tc"
            for column in table.columns
            if column.dtype in ("date", "timestamp")
        },
        convert_strl=[name for name in texts if max(map(_byte_count, frame[name]), default=0) > _STATA_STRING],
    )


def _byte_count(text: str) -> int:
    return len(text.encode())


def _stata_names(names: Sequence[str]) -> dict[str, str]:
    """Names of at most 32 characters; a longer one loses its middle, and a number where two would be alike."""
    short: dict[str, str] = {}
    for name in names:
        place, candidate = 1, _shortened(name, "")
        while candidate in short.values():
            place += 1
            candidate = _shortened(name, f"_{place}")
        short[name] = candidate
    return short


def _shortened(name: str, ending: str) -> str:
    if len(name) + len(ending) <= _STATA_NAME:
        return f"{name}{ending}"
    tail = f"_{name.rsplit('_', 1)[-1]}{ending}"
    return f"{name[: _STATA_NAME - len(tail)]}{tail}"


def _stata_label(column: Column, name: str) -> str:
    words = f"{column.title_zh} [{column.unit.value}]" if column.unit.value != "none" else column.title_zh
    return (words if name == column.name else f"{column.name}: {words}")[:_STATA_LABEL]


def _numbers(values: pa.ChunkedArray) -> Any:
    """Numbers with gaps as Stata has them: missing, never 0."""
    return pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)


def _texts(values: pa.ChunkedArray) -> Any:
    return ["" if value is None else str(value) for value in values.to_pylist()]


def _lists(values: pa.ChunkedArray) -> Any:
    return ["; ".join(value or ()) for value in values.to_pylist()]


def _moments(values: pa.ChunkedArray) -> Any:
    return pc.cast(values, pa.timestamp("us")).to_pandas()


_STATA: Mapping[str, Callable[[pa.ChunkedArray], Any]] = {
    "string": _texts,
    "int32": _numbers,
    "int64": _numbers,
    "float64": _numbers,
    "bool": lambda values: _numbers(pc.cast(values, pa.int8())),
    "date": _moments,
    "timestamp": lambda values: _moments(pc.cast(values, pa.timestamp("us"))),
    "list<string>": _lists,
}
