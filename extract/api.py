"""Bytes in, extraction out: the one call that the rest of the system makes. Never raises on bad input."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from extract.forms.declaration import load_forms
from extract.forms.implied import implied_values
from extract.forms.lines import Line
from extract.forms.printed import altered
from extract.forms.recognise import Recognition, recognise
from extract.forms.repair import repair_hints
from extract.forms.statements import read_statements
from extract.model import (
    Anomaly,
    CellStatus,
    Document,
    Extraction,
    ExtractionStatus,
    ReportReading,
    Unreadable,
)
from extract.readers import read_document
from extract.second import READ_TWICE, read_twice
from extract.sniff import sniff_format

__all__ = ["EXTRACTOR_VERSION", "extract", "extract_with_document", "from_json", "to_json"]

_PLACE_TEXT_LENGTH = 1200
_FEWEST_SECTIONS = 3
"""A page without tables whose title names no year is a report only if it has so many statutory sections."""
_FEWEST_WITHHELD = 30
"""So many withheld cells are a statutory table, also on a page without title; fewer are words that happen to match."""


_BROKEN_SUMS = frozenset({"sum_mismatch", "balance_mismatch"})
"""Anomalies without which there is nothing to hint at."""
_DECIDING_LIBRARIES = (
    "lxml", "numpy", "olefile", "onnxruntime", "opencv-python-headless", "pdfminer.six", "pypdfium2",
    "python-calamine", "rapidocr",
)  # fmt: skip
"""Libraries that decide what is read: another version of one of them may read another figure."""


def _version() -> str:
    digest = hashlib.sha256()
    for library in _DECIDING_LIBRARIES:
        try:
            digest.update(f"{library}=={version(library)}\n".encode())
        except PackageNotFoundError:
            digest.update(f"{library} is absent\n".encode())
    root = Path(__file__).parent
    for path in sorted((*root.rglob("*.py"), *root.rglob("*.yaml"))):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return f"1-{digest.hexdigest()[:12]}"


EXTRACTOR_VERSION = _version()
"""Changes with any source of this package and any library that decides what is read; names what is cached."""


def extract(data: bytes, *, url: str | None = None, name: str | None = None) -> Extraction:
    """Read one document. `url` and `name` are only ever evidence; the format is told from the bytes.

    The result is a report, a stated non-report (with the reason) or a quarantine (with the reason and the way out).
    """
    return extract_with_document(data, url=url, name=name)[0]


def extract_with_document(
    data: bytes, *, url: str | None = None, name: str | None = None
) -> tuple[Extraction, Document | None]:
    """Like `extract`, with the blocks read, for who wants to show them; None where the document cannot be opened."""
    kind = sniff_format(data)
    try:
        document = read_document(data, kind)
    except Unreadable as error:
        return Extraction(ExtractionStatus.QUARANTINED, kind, reason_code=error.code, reason=str(error)), None
    recognition = recognise(document)
    recognition = replace(recognition, report=_weighed(document, data, recognition.report))
    place_text = _place_text(recognition.lines)
    metadata = dict(document.metadata)
    if url:
        metadata.setdefault("url", url)
    status, code, reason = _outcome(document, recognition)
    return Extraction(status, kind, recognition.report, code, reason, metadata, place_text), document


def _weighed(document: Document, data: bytes, report: ReportReading) -> ReportReading:
    """The reading with all that is known beside its figures: second reading, arithmetic, prose."""
    report = read_twice(document, data, report)
    if (withheld := _withheld_count(report)) and all(cell.value is None for cell in report.cells):
        lost = Anomaly("nothing_believed", "document", f"{withheld} cells withheld: {', '.join(_reasons(report))}")
        report = replace(report, anomalies=(*report.anomalies, lost))
    report = replace(report, statements=read_statements(document, report))
    by_code = {cell.code: cell for cell in report.cells}
    edition = load_forms().editions[report.edition]
    implied = implied_values(edition, by_code)
    is_broken = any(anomaly.code in _BROKEN_SUMS for anomaly in report.anomalies)
    hints = repair_hints(edition, by_code) if is_broken else {}
    if not implied and not hints:
        return report
    cells = tuple(
        altered(cell, implied=implied.get(cell.code), repair_hint=hints.get(cell.code))
        if cell.code in implied or cell.code in hints
        else cell
        for cell in report.cells
    )
    return replace(report, cells=cells)


def _outcome(document: Document, recognition: Recognition) -> tuple[ExtractionStatus, str | None, str | None]:
    """What became of a readable document, with code and sentence unless it is a report."""
    report = recognition.report
    if recognition.is_blank_form and not (recognition.has_report_title and report.report_year and report.issuer):
        return (
            ExtractionStatus.NOT_A_REPORT,
            "blank_form",
            "The statutory tables are there and every cell is empty: this is the blank form, not a report.",
        )
    if _is_stray(recognition):
        return (
            ExtractionStatus.QUARANTINED,
            "table_without_report",
            "Figures under headings of table 2 were found, but no title, no sections and no other table of an annual "
            "report: look at the page.",
        )
    if any(cell.value is not None or cell.status is CellStatus.NOT_APPLICABLE for cell in report.cells):
        return ExtractionStatus.READ, None, None
    if report.cells and recognition.has_report_title and report.report_year is not None and report.issuer is not None:
        # A body that names itself and its year, and whose figures are all blank or all in doubt: its report, not the
        # blank form. An anomaly says so where all are in doubt.
        return ExtractionStatus.READ, None, None
    if (withheld := _withheld_count(report)) and (_is_named(recognition) or withheld >= _FEWEST_WITHHELD):
        return (
            ExtractionStatus.QUARANTINED,
            "cells_withheld",
            f"A statutory table was found, but none of its figures could be placed for certain: {withheld} cells are "
            f"withheld ({', '.join(_reasons(report))}). Look at the page, or add another rendition of the report.",
        )
    is_cover = "has_attachments" in document.notes and len(report.sections) < _FEWEST_SECTIONS
    if recognition.has_report_title and is_cover:
        return (
            ExtractionStatus.NOT_A_REPORT,
            "attachment_page",
            "The page only hands out an annual report as a file; the file is a document of its own.",
        )
    if recognition.has_report_title and (report.report_year is not None or len(report.sections) >= _FEWEST_SECTIONS):
        if report.report_year is not None and report.report_year <= 2013:
            return ExtractionStatus.READ, None, None
        if "has_images" in document.notes:
            return (
                ExtractionStatus.QUARANTINED,
                "table_is_image",
                "The title is that of an annual report and its tables are pictures: it waits for a reader of scans.",
            )
        return (
            ExtractionStatus.QUARANTINED,
            "no_statutory_table",
            "The title is that of an annual report, but no statutory table with figures was found: look at the page; "
            "the tables may be in an attachment.",
        )
    return (
        ExtractionStatus.NOT_A_REPORT,
        "no_report",
        "Neither the title of an annual report nor a statutory table was found.",
    )


def _reasons(report: ReportReading) -> list[str]:
    """Why cells are withheld, the commonest flag first."""
    flags = Counter(
        flag for cell in report.cells if cell.status is CellStatus.WITHHELD for flag in cell.flags if flag != READ_TWICE
    )
    return [flag for flag, _ in flags.most_common(3)]


def _withheld_count(report: ReportReading) -> int:
    return [cell.status for cell in report.cells].count(CellStatus.WITHHELD)


def _is_named(recognition: Recognition) -> bool:
    return recognition.has_report_title or len(recognition.report.sections) >= _FEWEST_SECTIONS


def _is_stray(recognition: Recognition) -> bool:
    """Whether a page without title and sections prints some cells of table 2 alone."""
    return recognition.report.tables == ("t2",) and not _is_named(recognition)


def _place_text(lines: Sequence[Line]) -> str:
    """Opening text, as evidence of where the body is."""
    parts: list[str] = []
    length = 0
    for line in lines:
        if line.grid is None:
            parts.append(line.text)
            length += len(line.text)
            if length > _PLACE_TEXT_LENGTH * 3:
                break
    return "\n".join(parts)[: _PLACE_TEXT_LENGTH * 3]


_ADAPTER: TypeAdapter[Extraction] = TypeAdapter(Extraction)


def to_json(extraction: Extraction) -> bytes:
    """An extraction as JSON, the same bytes for the same extraction."""
    return json.dumps(_plain(extraction), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return {name: _plain(getattr(value, name)) for name in fields}
    return value


def from_json(data: bytes) -> Extraction:
    """The extraction that `to_json` wrote. Raises pydantic.ValidationError if the bytes are not one."""
    return _ADAPTER.validate_json(data)
