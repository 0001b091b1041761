"""What every format draws: a report as paragraphs and tables in reading order, before any file format.

Belongs here: the shape that layouts make and drawers take. Does not belong here: fonts, bytes, anomalies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from pipelines.sample.facts import Facts
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable, print_tables
from pipelines.sample.narrative import opening, write_sections

__all__ = ["HOLE", "Number", "Page", "ParagraphKind", "WrittenBlock", "WrittenParagraph", "is_hole", "page_of"]

Number = int | float | None

HOLE = PrintedCell("", CellKind.FILLER, code="hole")
"""A position of a table where the page prints no cell at all. Drawers leave it out, or draw an empty cell."""


def is_hole(cell: PrintedCell) -> bool:
    """Whether a cell only keeps its place free."""
    return cell.code == HOLE.code


class ParagraphKind(Enum):
    """What a paragraph is for; drawers choose size and alignment by it."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    NOTE = "note"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class WrittenParagraph:
    """One paragraph of the report."""

    text: str
    kind: ParagraphKind = ParagraphKind.BODY


WrittenBlock = WrittenParagraph | PrintedTable


@dataclass(frozen=True)
class Page:
    """A report to be drawn. `expected` maps the code of every printed cell to its value (None for no number)."""

    blocks: tuple[WrittenBlock, ...]
    edition: str
    expected: Mapping[str, Number] = field(default_factory=dict)
    anomalies: tuple[str, ...] = ()
    """What was done to the report on purpose, for the score by anomaly."""
    ambiguous: Mapping[str, tuple[Number, ...]] = field(default_factory=dict)
    """Cells that a careful person could not place, with every value that may be read there: withholding such a cell is
    right, and so is one of these values. None of them may stand in `expected`."""
    layouts: tuple[str, ...] = ()
    """Where the print departs from the official layout, for the score by layout."""
    issuer: str = ""
    report_year: int | None = None

    @property
    def tables(self) -> tuple[PrintedTable, ...]:
        """The tables in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, PrintedTable))


def page_of(facts: Facts) -> Page:
    """The report in the layout of the official form."""
    blocks: list[WrittenBlock] = [WrittenParagraph(line, ParagraphKind.TITLE) for line in facts.title.split("\n")]
    blocks.append(WrittenParagraph(opening(facts)))
    tables = {table.section: table for table in print_tables(facts)}
    for section in write_sections(facts):
        blocks.append(WrittenParagraph(section.heading, ParagraphKind.HEADING))
        blocks.extend(WrittenParagraph(text) for text in section.paragraphs)
        if section.code in tables:
            blocks.append(tables[section.code])
    if facts.signed_by:
        blocks.append(WrittenParagraph(facts.signed_by, ParagraphKind.SIGNATURE))
    if facts.signed_date:
        day = facts.signed_date
        blocks.append(WrittenParagraph(f"{day.year}年{day.month}月{day.day}日", ParagraphKind.SIGNATURE))
    expected = {code: cell.value for code, cell in facts.expected_cells().items()}
    return Page(tuple(blocks), facts.edition, expected, issuer=facts.issuer, report_year=facts.report_year)
