"""The values that pass between readers, form recognition and everyone downstream.

Belongs here: small frozen types. Does not belong here: any knowledge of a file format or of the statutory forms.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

__all__ = [
    "Anomaly",
    "Block",
    "Box",
    "CellReading",
    "CellStatus",
    "Confidence",
    "Document",
    "DocumentFormat",
    "Extraction",
    "ExtractionStatus",
    "Grid",
    "GridCell",
    "Leftover",
    "Paragraph",
    "Place",
    "ReportReading",
    "Section",
    "Statement",
    "Unreadable",
]

Box = tuple[float, float, float, float]
"""Left, top, right and bottom on a page as it is shown, in points from its upper left corner."""


class DocumentFormat(StrEnum):
    """What the bytes are, told from the bytes and never from the name."""

    HTML = "html"
    DOCX = "docx"
    TEXT = "text"
    PDF = "pdf"
    DOC = "doc"
    RTF = "rtf"
    XLSX = "xlsx"
    XLS = "xls"
    OFD = "ofd"
    MHT = "mht"
    ODF = "odf"
    OFFICE_XML = "office_xml"
    ZIP = "zip"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    GZIP = "gzip"
    IMAGE = "image"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class Unreadable(Exception):
    """A document that cannot be read: `code` for the quarantine table, a sentence that says why and the way out."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its document. All numbers count from 1; None where the format has no such thing.

    `box` is given by formats with pages (PDF, scan, OFD) and lets a person be shown the place.
    """

    page: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    line: int | None = None
    box: Box | None = None

    def __str__(self) -> str:
        names = ("page", "table", "row", "column", "line")
        named = ((name, getattr(self, name)) for name in names)
        return " ".join(f"{name} {number}" for name, number in named if number is not None)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph or text line. `text` is as printed, white space inside included."""

    text: str
    place: Place
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a grid: its top-left corner (from 0), its spans and its text as printed (lines joined by newline).

    `doubt` says why the text itself may be wrong, whatever its place: ocr_uncertain, garbled_text, joined_digits; empty
    where the file holds the text for certain.
    """

    row: int
    column: int
    text: str
    place: Place
    row_span: int = 1
    column_span: int = 1
    doubt: str = ""

    @property
    def end_column(self) -> int:
        """The first column to the right of the cell."""
        return self.column + self.column_span

    @property
    def end_row(self) -> int:
        """The first row below the cell."""
        return self.row + self.row_span


_column_of = attrgetter("column")


@dataclass(frozen=True)
class Grid:
    """A table as its cells, in reading order. Each cell stands once, at its top-left corner.

    `is_aligned` is False where columns were made from a line of text (tabs, runs of blanks, pipes): then only the order
    of cells inside a row means something, not the column number.
    `is_by_space` says that no ruling parts the columns, only the white space between figures: then a blank is where
    other rows have a figure, and a row with blanks is read from the places of its figures.
    """

    cells: tuple[GridCell, ...]
    row_count: int
    column_count: int
    place: Place
    is_aligned: bool = True
    is_by_space: bool = False

    @cached_property
    def rows(self) -> tuple[tuple[GridCell, ...], ...]:
        """Cells by the row in which they begin, left to right; an empty tuple for a row that begins none."""
        rows: list[list[GridCell]] = [[] for _ in range(self.row_count)]
        for cell in self.cells:
            rows[cell.row].append(cell)
        return tuple([tuple(sorted(row, key=_column_of)) for row in rows])

    def covering(self, row: int) -> Iterator[GridCell]:
        """The cells that begin above `row` and reach into it through their row span."""
        return (cell for cell in self.cells if cell.row < row < cell.end_row)


Block = Paragraph | Grid


@dataclass(frozen=True)
class Document:
    """One document, whatever its format: blocks in reading order and what the file says of itself.

    `metadata` uses these keys where the file has them: title, article_title, publish_date, publisher, source,
    site_name, column_name, url, index_number, encoding, encoding_rule. `notes` are codes of what the reader met:
    has_images, has_hidden_table, has_attachments, ocr (some text was recognised from a picture).
    """

    format: DocumentFormat
    blocks: tuple[Block, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The grids, in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Grid))

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The paragraphs outside grids, in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Paragraph))


class CellStatus(StrEnum):
    """Why `value` is a number or null."""

    REPORTED = "reported"
    """A number is printed."""
    BLANK = "blank"
    """The cell is printed and empty."""
    NOT_APPLICABLE = "not_applicable"
    """A null token is printed: / - — 无 不适用."""
    TEXT = "text"
    """Words without a number where a number belongs, e.g. 增."""
    WITHHELD = "withheld"
    """Something is printed, but where it belongs is in doubt: raw is kept, the value is not believed."""


class Confidence(StrEnum):
    """How sure the reading of one cell is, best first: what each level claims, to be held against measured correctness.

    Every level speaks of the reading alone: that the figure stands so in the document, not that the publisher is right.
    """

    CONFIRMED = "confirmed"
    """Label, header and order agree, and something independent of them does too: a sum over printed figures closes on
    the cell, or two readings place it alike. Claims that an error would take two mistakes that match."""
    READ = "read"
    """Label, header and order agree; nothing independent speaks for or against it. Claims that the file's own text and
    structure were taken as they stand."""
    DOUBTFUL = "doubtful"
    """Some evidence is missing or against it; see flags. A value beside it is what is printed, as far as can be told,
    and claims no more than that a person should look; most doubtful cells are withheld and have none."""


@dataclass(frozen=True, slots=True)
class CellReading:
    """One cell of a statutory table as the document prints it.

    `value` is in `unit` as printed (counts whole, amounts may have decimals); null unless `status` is reported. `yuan`
    is an amount in 元 where cell or header says the unit. `raw` is the printed text, trimmed of outer white space only.
    """

    code: str
    value: int | float | None
    raw: str
    status: CellStatus
    place: Place
    unit: str | None = None
    yuan: float | None = None
    confidence: Confidence = Confidence.READ
    flags: tuple[str, ...] = ()
    implied: int | None = None
    """The one value that the form's arithmetic leaves for a cell without a number; never mixed with `value`."""
    repair_hint: str | None = None
    """What a changed figure would make row and column close, for a person to look at; never a value."""

    @property
    def table(self) -> str:
        """The table part of the code: t2, t3, t4 or st."""
        return self.code.split(".")[0]

    @property
    def row(self) -> str:
        """The row part of the code."""
        return self.code.split(".")[1]

    @property
    def column(self) -> str:
        """The column part of the code."""
        return self.code.split(".")[2]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report: code (s1 to s6, or the edition's own), its printed heading and its text."""

    code: str
    heading: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something the document does wrong or differently: a code of `anomaly_codes`, where it is and what is printed."""

    code: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """Printed content inside a statutory table that no cell of the form took: kept, never dropped."""

    text: str
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure that the prose states: a fact of its own beside the tables, never mixed with them.

    `code` is `<section>.<measure>`, e.g. s1.received or s6.fee_received_amount, by the present form, whatever the
    edition; `section` is where it is printed; `unit` as printed; `raw` the clause printed.
    """

    code: str
    value: int | float
    unit: str | None
    raw: str
    place: Place
    flags: tuple[str, ...] = ()
    section: str = ""


@dataclass(frozen=True)
class ReportReading:
    """One annual report as read from one document, before any body or region is resolved.

    `edition` is told by labels; `year_edition` by the report year; they differ where a body used another year's form.
    """

    title: str | None
    issuer: str | None
    report_year: int | None
    edition: str
    year_edition: str | None
    cells: tuple[CellReading, ...]
    tables: tuple[str, ...]
    """Statutory tables found, by id."""
    missing_tables: tuple[str, ...]
    """Tables of the edition that the document should have and has not."""
    sections: tuple[Section, ...] = ()
    period: tuple[date, date] | None = None
    signed_by: str | None = None
    signed_date: date | None = None
    published_date: date | None = None
    anomalies: tuple[Anomaly, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    statements: tuple[Statement, ...] = ()
    issuer_evidence: str = ""
    """Where the issuer was found: title, text, signature, metadata."""
    year_evidence: str = ""


class ExtractionStatus(StrEnum):
    """What became of a document."""

    READ = "read"
    NOT_A_REPORT = "not_a_report"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Extraction:
    """The outcome for one document: a report, a stated non-report, or a reason for quarantine. Never nothing.

    `reason_code` and `reason` (a sentence) are set unless the status is read.
    """

    status: ExtractionStatus
    format: DocumentFormat
    report: ReportReading | None = None
    reason_code: str | None = None
    reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    place_text: str = ""
    """Opening text and breadcrumb, trimmed to some hundred characters: evidence for resolving body and region."""
