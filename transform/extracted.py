"""What transform is given: a document, what the extractor made of it, and how it was collected.

Belongs here: the hand-over type and the one decision what becomes of a document. Does not belong here: its storage.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import TypeVar

from extract.forms.declaration import load_forms
from extract.model import Extraction, ExtractionStatus, ReportReading
from transform.cell_columns import columns_of

__all__ = [
    "FIRST_REPORT_YEAR",
    "DocumentStore",
    "ExtractedDocument",
    "Outcome",
    "all_but",
    "by_year",
    "chosen",
    "hashes",
    "mapped",
    "outcome_of",
    "reading_of",
    "year_of",
]

Result = TypeVar("Result")

FIRST_REPORT_YEAR = 2008
"""The 2007 Regulation took effect on 1 May 2008; no report covers an earlier year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedDocument:
    """One document of the raw store. The same bytes under several URLs are one document, named by its first URL.

    `fetched_at` is when the bytes were first fetched, `last_seen_at` when a request last found them in place: of two
    versions under one URL, the one seen last is current.
    """

    sha256: str
    extraction: Extraction
    extractor_version: str
    byte_count: int
    url: str | None = None
    portal_id: str | None = None
    portal_name: str | None = None
    portal_division_code: str | None = None
    fetched_at: datetime | None = None
    last_seen_at: datetime | None = None
    link_text: str | None = None
    listed_date: date | None = None
    local_name: str | None = None

    @property
    def document(self) -> str:
        """The document as its user knows it."""
        return self.url or self.local_name or self.sha256


class DocumentStore(ABC):
    """Documents that need not all be held at once: gone through in order of SHA-256, and asked for by it.

    Steps that want less than all of them use `mapped`, `chosen` and `all_but`, which take a plain list as well.
    """

    @property
    @abstractmethod
    def sha256s(self) -> Sequence[str]:
        """The hashes of all documents, in order."""

    @abstractmethod
    def __iter__(self) -> Iterator[ExtractedDocument]:
        """Every document."""

    @abstractmethod
    def mapped(self, work: Callable[[Sequence[ExtractedDocument]], Result]) -> Iterator[Result]:
        """What `work` makes of each batch of documents, in order; the batches may be worked on in other processes."""

    @abstractmethod
    def chosen(self, sha256s: Collection[str]) -> Iterator[ExtractedDocument]:
        """The documents with these hashes."""

    @abstractmethod
    def all_but(self, sha256s: Collection[str]) -> Iterator[ExtractedDocument]:
        """The documents without these hashes."""


def mapped(
    documents: Iterable[ExtractedDocument], work: Callable[[Sequence[ExtractedDocument]], Result]
) -> Iterator[Result]:
    """What `work` makes of all documents, batch by batch."""
    if isinstance(documents, DocumentStore):
        return documents.mapped(work)
    return iter([work(sorted(documents, key=lambda item: item.sha256))])


def hashes(documents: Iterable[ExtractedDocument]) -> Sequence[str]:
    """The hashes of the documents."""
    if isinstance(documents, DocumentStore):
        return documents.sha256s
    return [document.sha256 for document in documents]


def chosen(documents: Iterable[ExtractedDocument], sha256s: Collection[str]) -> Iterator[ExtractedDocument]:
    """The documents with these hashes."""
    if isinstance(documents, DocumentStore):
        return documents.chosen(sha256s)
    wanted = frozenset(sha256s)
    return (document for document in documents if document.sha256 in wanted)


def all_but(documents: Iterable[ExtractedDocument], sha256s: Collection[str]) -> Iterator[ExtractedDocument]:
    """The documents without these hashes."""
    if isinstance(documents, DocumentStore):
        return documents.all_but(sha256s)
    unwanted = frozenset(sha256s)
    return (document for document in documents if document.sha256 not in unwanted)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a document. `reason_code` and `reason` are None for a report that can be keyed, and only then."""

    status: ExtractionStatus
    reason_code: str | None = None
    reason: str | None = None


def outcome_of(document: ExtractedDocument) -> Outcome:
    """Read, stated non-report or quarantined. A report without issuer or year cannot be keyed and is quarantined."""
    extraction = document.extraction
    if extraction.status is not ExtractionStatus.READ:
        return Outcome(
            extraction.status,
            extraction.reason_code or "unstated",
            extraction.reason or "The extractor gave no reason: report this document as a defect.",
        )
    report = extraction.report
    if report is None:
        return _quarantined(
            "no_reading", "The extractor calls the document read and gives no report: report it as a defect."
        )
    if not report.issuer:
        return _quarantined(
            "no_issuer",
            "The document does not say which body reports. Look at the page that links to it, or wait for a corrected "
            "version.",
        )
    if report.report_year is None:
        return _quarantined(
            "no_report_year",
            "The document does not say which year it covers. Look at the page that links to it; the year of "
            "publication is not taken for the report year.",
        )
    last_year = document.fetched_at.year if document.fetched_at else 2100
    if not FIRST_REPORT_YEAR <= report.report_year <= last_year:
        return _quarantined(
            "implausible_report_year",
            f"The report year reads {report.report_year}, outside {FIRST_REPORT_YEAR} to {last_year}. "
            "Look at the title and the first paragraph of the document.",
        )
    return _sound(report)


def _sound(report: ReportReading) -> Outcome:
    """Read, unless the reading contradicts what every extractor promises; that is our defect, not the publisher's."""
    columns = columns_of(report)
    codes = columns.codes
    if len(set(codes)) != len(codes):
        twice = next(code for position, code in enumerate(codes) if code in codes[:position])
        return _quarantined("duplicate_cell", f"The cell {twice} was read twice in one report: report it as a defect.")
    if report.edition not in load_forms().editions:
        return _quarantined("unknown_edition", f"The form {report.edition} is not declared: add it to the declaration.")
    if isfinite(sum(filter(None, columns["value"]))):  # then each of them is
        return Outcome(ExtractionStatus.READ)
    for code, value in zip(codes, columns["value"], strict=True):
        if value is not None and not isfinite(value):
            return _quarantined("no_number", f"The cell {code} was read as {value}: report it as a defect.")
    return Outcome(ExtractionStatus.READ)


def _quarantined(code: str, sentence: str) -> Outcome:
    return Outcome(ExtractionStatus.QUARANTINED, code, sentence)


def reading_of(document: ExtractedDocument) -> ReportReading | None:
    """The report that the document carries; None unless its outcome is read."""
    return document.extraction.report if outcome_of(document).status is ExtractionStatus.READ else None


def year_of(document: ExtractedDocument) -> int | None:
    """The report year under which the document's rows stand; None if it carries no report that can be keyed."""
    report = reading_of(document)
    return report.report_year if report else None


def by_year(documents: Iterable[ExtractedDocument]) -> dict[int, list[ExtractedDocument]]:
    """Documents that carry a report, by report year in ascending order."""
    years: dict[int, list[ExtractedDocument]] = {}
    for document in documents:
        year = year_of(document)
        if year is not None:
            years.setdefault(year, []).append(document)
    return dict(sorted(years.items()))
