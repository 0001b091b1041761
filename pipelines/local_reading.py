"""One file of the user's own: what was read from it, as rows of the tables that `ogi extract` writes."""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from extract.api import EXTRACTOR_VERSION
from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import CellReading, CellStatus, Confidence, Extraction, ExtractionStatus, ReportReading
from extract.second import READ_TWICE
from pipelines.errors import BadInput
from pipelines.local_files import LocalFile
from pipelines.one_document import TRY_AGAIN_CODES, quarantined, safe_extract
from pipelines.unpacking import (
    ARCHIVE_CODE,
    DEEPEST,
    NESTED_CODE,
    NESTED_SENTENCE,
    StoredMember,
    member_name,
    unpack_into,
)
from transform.cells import cell_columns
from transform.extracted import ExtractedDocument, outcome_of
from transform.identity import identify
from transform.schema.columns import REPORT_YEAR
from transform.schema.derive import from_rows
from transform.schema.tables import EXTRACT_CELLS, EXTRACT_REPORTS

__all__ = ["LocalReading", "member_files", "read_file", "unread"]

_UNREADABLE = "unreadable_file"
_LONGEST_WARNING = 60
_LISTED_AS_CHECKS = frozenset({"sum_mismatch", "balance_mismatch", "carryover_mismatch"})
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class LocalReading:
    """One file and what was read from it: a row of `reports`, rows of `cells`."""

    report: Mapping[str, Any]
    cells: bytes
    """Rows of the table `extract_cells`, packed; see `cell_rows`."""
    counts: Mapping[str, int]
    """Cells by what a person wants to know at a glance: values, blank, flagged."""
    checks: Mapping[str, str]
    """Every check of the edition by id, with its status."""
    warnings: tuple[str, ...] = ()
    """Sentences on what the document lacks or does wrong, broken sums apart."""
    members: tuple[StoredMember, ...] = ()
    """The documents in it, if it is an archive."""

    @property
    def is_read(self) -> bool:
        """Whether the file holds a report."""
        return str(self.report["status"]) == ExtractionStatus.READ.value

    @property
    def is_provisional(self) -> bool:
        """Whether the outcome may be another one the next time, by no change of the file."""
        return self.report["reason_code"] in TRY_AGAIN_CODES | {_UNREADABLE}

    def cell_rows(self) -> pa.Table:
        """The rows of `extract_cells`."""
        return pa.ipc.open_stream(zlib.decompress(self.cells)).read_all()

    def report_row(self) -> pa.Table:
        """The row of `extract_reports`."""
        return from_rows(EXTRACT_REPORTS, [self.report])

    def facts(self) -> bytes:
        """All but the cells, as JSON."""
        facts = {name: getattr(self, name) for name in ("report", "counts", "checks", "warnings")}
        members = [asdict(member) for member in self.members]
        return json.dumps({**facts, "members": members}, ensure_ascii=False).encode()

    @classmethod
    def from_facts(cls, facts: bytes, cells: bytes) -> Self:
        """The reading that `facts` was made from."""
        named = json.loads(facts)
        members = tuple(StoredMember(**member) for member in named.pop("members"))
        return cls(**{**named, "warnings": tuple(named["warnings"])}, cells=cells, members=members)


def read_file(raw: Path, file: LocalFile) -> LocalReading:
    """Read one file; a plain function, so that a worker process can run it. Members of archives go to `raw`."""
    try:
        data = file.read()
    except BadInput as error:
        return unread(file, b"", quarantined(_UNREADABLE, str(error)))
    extraction = safe_extract(data, url=file.url, name=file.bare_name)
    if extraction.reason_code != ARCHIVE_CODE:
        return _reading(file, data, extraction)
    if file.depth >= DEEPEST:
        return unread(file, data, quarantined(NESTED_CODE, NESTED_SENTENCE, extraction.format))
    return _reading(file, data, extraction, unpack_into(raw, data))


def unread(file: LocalFile, data: bytes, extraction: Extraction) -> LocalReading:
    """The row for a file that was not read."""
    return _reading(file, data, extraction)


def member_files(raw: Path, file: LocalFile, reading: LocalReading) -> Iterator[LocalFile]:
    """The documents in an archive, as files of their own, by name."""
    for member in sorted(reading.members, key=lambda member: member.name):
        yield LocalFile(
            path=raw / member.sha256[:2] / member.sha256,
            name=member_name(file.name, member.name),
            url=f"{file.url}#{member.name}" if file.url else None,
            depth=file.depth + 1,
        )


def _reading(
    file: LocalFile, data: bytes, extraction: Extraction, members: tuple[StoredMember, ...] = ()
) -> LocalReading:
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
        return LocalReading(row, _packed(file, ()), {}, {}, members=members)
    row |= {
        "title": report.title,
        "issuer": report.issuer,
        "report_year": _sound_year(report.report_year),
        "edition": report.edition,
        "missing_tables": list(report.missing_tables) if report.tables else [],
        "flags": list(dict.fromkeys(anomaly.code for anomaly in report.anomalies)),
    }
    checks: dict[str, str] = {}
    if extraction.status is ExtractionStatus.READ:
        identity = identify(document, report).columns()
        row |= {name: identity[name] for name in EXTRACT_REPORTS.column_names if name in identity}
        row["issuer"] = report.issuer
        by_code = {cell.code: cell for cell in report.cells}
        checks = {rule.id: evaluate(rule, by_code).status.value for rule in rules_of(report.edition)}
        row["checks"] = [check for check, status in checks.items() if status == RuleStatus.FAIL.value]
    # The cells of a form that is no report, such as the blank one, are shown too: each says why it has no value.
    return LocalReading(row, _packed(file, report.cells), _counts(report), checks, tuple(_warnings(report)))


def _sound_year(year: int | None) -> int | None:
    """The year, if there can be a report on it: no other stands in a table, here as in the warehouse."""
    low, high = REPORT_YEAR.minimum, REPORT_YEAR.maximum
    is_sound = year is not None and (low is None or year >= low) and (high is None or year <= high)
    return year if is_sound else None


def _packed(file: LocalFile, cells: tuple[CellReading, ...]) -> bytes:
    rows = from_rows(EXTRACT_CELLS, ({"document": file.name, **cell_columns(cell)} for cell in cells))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return zlib.compress(sink.getvalue(), _LEVEL)


def _counts(report: ReportReading) -> dict[str, int]:
    empty = (CellStatus.BLANK, CellStatus.NOT_APPLICABLE)
    return {
        "values": sum(cell.value is not None for cell in report.cells),
        "blank": sum(cell.status in empty for cell in report.cells),
        # Read twice and alike speaks for a figure, not against it.
        "flagged": sum(
            bool(set(cell.flags) - {READ_TWICE}) or cell.confidence is Confidence.DOUBTFUL for cell in report.cells
        ),
    }


def _warnings(report: ReportReading) -> Iterator[str]:
    """What a person should know before using the figures, one sentence an anomaly; broken sums are listed as checks."""
    declared = {code.code: code for code in load_forms().anomaly_codes}
    for anomaly in report.anomalies:
        code = declared.get(anomaly.code)
        if code is None or code.severity == "info" or anomaly.code in _LISTED_AS_CHECKS:
            continue
        text = anomaly.text if len(anomaly.text) <= _LONGEST_WARNING else anomaly.text[:_LONGEST_WARNING] + "…"
        yield f"{anomaly.where}: {code.meaning}" + (f" ({text})" if text else "")
