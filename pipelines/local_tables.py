"""`ogi extract`: files in, the two tables `cells` and `reports` out. No store, no registry, no network."""

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from extract.api import EXTRACTOR_VERSION
from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import DocumentFormat, Extraction, ExtractionStatus, ReportReading
from pipelines.errors import BadInput
from pipelines.extraction import safe_extract, worker_crashed
from pipelines.local_files import LocalFile
from pipelines.progress import Progress, Step, silent
from pipelines.warehouse import replace_file
from pipelines.workers import DocumentLost, map_documents, worker_count
from transform.cells import cell_columns
from transform.extracted import ExtractedDocument, outcome_of
from transform.identity import identify
from transform.schema.derive import from_rows
from transform.schema.tables import EXTRACT_CELLS, EXTRACT_REPORTS, Table

__all__ = ["SUFFIXES", "LocalReading", "check_suffix", "read_files", "write_table"]

SUFFIXES = (".parquet", ".csv", ".jsonl")
# Below this, starting worker processes costs more than they save; a crash then costs the command, not the store.
_INLINE = 24
_LONGEST_WARNING = 60
_LISTED_AS_CHECKS = frozenset({"sum_mismatch", "balance_mismatch", "carryover_mismatch"})


@dataclass(frozen=True, slots=True)
class LocalReading:
    """One file and what was read from it: a row of `reports`, rows of `cells`."""

    report: Mapping[str, Any]
    cells: tuple[Mapping[str, Any], ...]
    checks: Mapping[str, str]
    """Every check of the edition by id, with its status."""
    warnings: tuple[str, ...] = ()
    """Sentences on what the document lacks or does wrong, broken sums apart."""

    @property
    def is_read(self) -> bool:
        """Whether the file holds a report."""
        return str(self.report["status"]) == ExtractionStatus.READ.value


def read_files(
    files: Sequence[LocalFile], *, progress: Progress = silent, workers: int | None = None
) -> list[LocalReading]:
    """Read files, in the order given; a file that cannot be used comes back quarantined with the reason."""
    progress(Step("extract", 0, len(files)))
    readings: dict[LocalFile, LocalReading] = {}
    for batch in _batches(files, workers):
        for file, reading in batch:
            readings[file] = reading
        progress(Step("extract", len(readings), len(files)))
    return [readings[file] for file in files]


def _batches(files: Sequence[LocalFile], workers: int | None) -> Iterator[list[tuple[LocalFile, LocalReading]]]:
    if len(files) <= _INLINE:
        yield from ([(file, read_file(file))] for file in files)
        return
    for batch in map_documents(read_file, files, workers=workers or worker_count()):
        yield [
            (file, _reading(file, b"", worker_crashed()) if isinstance(result, DocumentLost) else result)
            for file, result in batch
        ]


def read_file(file: LocalFile) -> LocalReading:
    """Read one file; a plain function, so that a worker process can run it."""
    try:
        data = file.read()
    except BadInput as error:
        unread = Extraction(
            ExtractionStatus.QUARANTINED, DocumentFormat.UNKNOWN, reason_code="unreadable_file", reason=str(error)
        )
        return _reading(file, b"", unread)
    return _reading(file, data, safe_extract(data, url=file.url, name=file.path.name))


def _reading(file: LocalFile, data: bytes, extraction: Extraction) -> LocalReading:
    document = ExtractedDocument(
        sha256=hashlib.sha256(data).hexdigest(),
        extraction=extraction,
        extractor_version=EXTRACTOR_VERSION,
        byte_count=len(data),
        url=file.url,
        local_name=file.name,
    )
    outcome = outcome_of(document)
    row: dict[str, Any] = {
        **dict.fromkeys(EXTRACT_REPORTS.column_names),
        "document": file.name,
        # A report whose year or issuer cannot be told has no place in the warehouse, but is read here all the same.
        "status": extraction.status.value,
        "reason": outcome.reason,
        "reason_code": outcome.reason_code,
        "checks": [],
        "missing_tables": [],
        "flags": [],
        "format": extraction.format.value,
        "document_sha256": document.sha256,
    }
    report = extraction.report
    if report is None:
        return LocalReading(row, (), {})
    row |= {
        "title": report.title,
        "issuer": report.issuer,
        "report_year": report.report_year,
        "edition": report.edition,
        "missing_tables": list(report.missing_tables) if report.tables else [],
        "flags": list(dict.fromkeys(anomaly.code for anomaly in report.anomalies)),
    }
    # The cells of a form that is no report, such as the blank one, are shown too: each says why it has no value.
    cells = tuple({"document": file.name, **cell_columns(cell)} for cell in report.cells)
    checks: dict[str, str] = {}
    if extraction.status is ExtractionStatus.READ:
        identity = identify(document, report).columns()
        row |= {name: identity[name] for name in EXTRACT_REPORTS.column_names if name in identity}
        row["issuer"] = report.issuer
        by_code = {cell.code: cell for cell in report.cells}
        checks = {rule.id: evaluate(rule, by_code).status.value for rule in rules_of(report.edition)}
        row["checks"] = [check for check, status in checks.items() if status == RuleStatus.FAIL.value]
    return LocalReading(row, cells, checks, tuple(_warnings(report)))


def _warnings(report: ReportReading) -> Iterator[str]:
    """What a person should know before using the figures, one sentence an anomaly; broken sums are listed as checks."""
    declared = {code.code: code for code in load_forms().anomaly_codes}
    for anomaly in report.anomalies:
        code = declared.get(anomaly.code)
        if code is None or code.severity == "info" or anomaly.code in _LISTED_AS_CHECKS:
            continue
        text = anomaly.text if len(anomaly.text) <= _LONGEST_WARNING else anomaly.text[:_LONGEST_WARNING] + "…"
        yield f"{anomaly.where}: {code.meaning}" + (f" ({text})" if text else "")


def check_suffix(path: Path) -> None:
    """Refuse an output name whose format cannot be told, before anything is read."""
    if path.suffix.lower() not in SUFFIXES:
        raise BadInput(f"{path}: the format is told by the suffix; use one of {', '.join(SUFFIXES)}.")


def write_table(path: Path, readings: Sequence[LocalReading], which: str) -> int:
    """Write `cells` or `reports` whole or not at all; gives the number of rows."""
    check_suffix(path)
    table: Table = {"cells": EXTRACT_CELLS, "reports": EXTRACT_REPORTS}[which]
    listed = [row for reading in readings for row in (reading.cells if which == "cells" else (reading.report,))]
    rows = from_rows(table, listed)
    try:
        with replace_file(path) as temporary:
            _write(temporary, path.suffix.lower(), rows)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({_reason(error)}). Choose another place for it.") from error
    return int(rows.num_rows)


def _write(path: Path, suffix: str, rows: pa.Table) -> None:
    if suffix == ".parquet":
        pq.write_table(rows.replace_schema_metadata(None), path, compression="zstd", store_schema=False)
        return
    with path.open("w", encoding="utf-8", newline="") as handle:
        (_write_csv if suffix == ".csv" else _write_json_lines)(handle, rows)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def _write_csv(handle: TextIO, rows: pa.Table) -> None:
    # The mark at the start makes Excel read Chinese as UTF-8.
    handle.write("\ufeff")
    writer = csv.writer(handle, lineterminator="\r\n")
    writer.writerow(rows.column_names)
    for row in rows.to_pylist():
        writer.writerow([_csv_value(value) for value in row.values()])


def _csv_value(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _write_json_lines(handle: TextIO, rows: pa.Table) -> None:
    for row in rows.to_pylist():
        handle.write(json.dumps({name: _json_value(value) for name, value in row.items()}, ensure_ascii=False) + "\n")


def _json_value(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value
