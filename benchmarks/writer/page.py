"""What every format draws: a report as paragraphs and tables in reading order, before any file format.

Belongs here: the shape that layouts make and drawers take. Does not belong here: fonts, bytes, anomalies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from pipelines.sample.facts import Facts
from pipelines.sample.layout import PrintedTable, print_tables
from pipelines.sample.narrative import opening, write_sections

__all__ = ["Page", "ParagraphKind", "WrittenParagraph", "page_of"]


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


@dataclass(frozen=True)
class Page:
    """A report to be drawn. `expected` maps the code of every printed cell to its value (None for no number)."""

    blocks: tuple[WrittenParagraph | PrintedTable, ...]
    edition: str
    expected: Mapping[str, int | float | None] = field(default_factory=dict)
    anomalies: tuple[str, ...] = ()
    """What was done to the report on purpose, for the score by anomaly."""

    @property
    def tables(self) -> tuple[PrintedTable, ...]:
        """The tables in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, PrintedTable))


def page_of(facts: Facts) -> Page:
    """The report in the layout of the official form."""
    blocks: list[WrittenParagraph | PrintedTable] = [
        WrittenParagraph(line, ParagraphKind.TITLE) for line in facts.title.split("\n")
    ]
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
    return Page(tuple(blocks), facts.edition, expected)
