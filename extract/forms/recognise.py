"""One document, read as an annual report: edition, identity, sections and the cells of the statutory tables.

The edition is told by printed labels, never by the year. Confidence comes from the form's arithmetic on what is
printed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from extract.forms.applications import read_applications
from extract.forms.declaration import Edition, load_forms
from extract.forms.disclosure import read_disclosure
from extract.forms.identity import read_identity, title_positions
from extract.forms.indicators import read_indicators
from extract.forms.labels import compact
from extract.forms.lines import Line, lines_of, retokenised
from extract.forms.printed import TableReading
from extract.forms.remedies import read_remedies
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.forms.sections import read_sections, section_of_heading
from extract.model import Anomaly, CellReading, CellStatus, Confidence, Document, Leftover, ReportReading

__all__ = ["Recognition", "recognise"]

_READERS = {"t2": read_disclosure, "t3": read_applications, "t4": read_remedies, "st": read_indicators}
_SHORT = 80
_SHORTEST_MARK = 5
_FEWEST_INDICATORS = 5
"""Fewer cells than this of the 2014 table are words that happen to match, not the table."""
_SHORTEST_PROSE = 20
_FIGURES_IN_A_ROW = 2
_CLAUSE_END = re.compile("[,，。;；]")
_TEXT_DOUBTS = frozenset({"ocr_uncertain", "garbled_text", "joined_digits"})
_STRUCTURAL = frozenset({"label_missing", "label_damaged", "split_digits"}) | _TEXT_DOUBTS
"""Flags of a reading in doubt: believed only where the sums that the cell enters close."""
_SUSPECT_SHARE = 0.5
"""When at least this share of a table's assessable sums fails, the reading is suspected before the publisher."""


@dataclass(frozen=True)
class Recognition:
    """A reading and what the document says of itself: whether its title is a report's, and whether it has pictures."""

    report: ReportReading
    has_report_title: bool
    is_blank_form: bool


def recognise(document: Document) -> Recognition:
    """Read a document as an annual report. Always gives a reading; it may be without cells."""
    lines = lines_of(document)
    edition, tables = _read_tables(lines)
    if not any(table.is_found for table in tables):
        cut = retokenised(lines)
        if len(cut) != len(lines):
            edition, tables = _read_tables(cut)
    identity = read_identity(lines, document.metadata, first_section(edition, lines))
    year_edition = load_forms().edition_for_year(identity.report_year) if identity.report_year else None
    cells, anomalies = _judged(edition, [cell for table in tables for cell in table.cells])
    anomalies = [*identity.anomalies, *(a for table in tables for a in table.anomalies), *anomalies]
    found = tuple(table.table for table in tables if table.is_found)
    missing = tuple(table.id for table in edition.tables if table.id not in found)
    anomalies.extend(Anomaly("table_missing", table, edition.table(table).title) for table in missing if found)
    anomalies.extend(_missing_rows(edition, cells, found))
    anomalies.extend(Anomaly(note, "document", "") for note in document.notes)
    if year_edition is not None and year_edition.id != edition.id and found:
        text = f"labels of {edition.id} in a report on {identity.report_year}"
        anomalies.append(Anomaly("wrong_edition", "document", text))
    leftovers: list[Leftover] = [left for table in tables for left in table.leftovers]
    sections = read_sections(edition, lines)
    report = ReportReading(
        title=identity.title,
        issuer=identity.issuer,
        report_year=identity.report_year,
        edition=edition.id,
        year_edition=year_edition.id if year_edition else None,
        cells=tuple(cells),
        tables=found,
        missing_tables=missing,
        sections=sections,
        period=identity.period,
        signed_by=identity.signed_by,
        signed_date=identity.signed_date,
        published_date=identity.published_date,
        anomalies=tuple(anomalies),
        leftovers=tuple(leftovers),
        issuer_evidence=identity.issuer_evidence,
        year_evidence=identity.year_evidence,
    )
    return Recognition(
        report=report,
        has_report_title=bool(sections) if identity.competing_titles else identity.title is not None,
        is_blank_form=bool(cells) and all(not cell.raw for cell in cells),
    )


def _read_tables(lines: Sequence[Line]) -> tuple[Edition, list[TableReading]]:
    """The edition that the labels tell, and its tables."""
    edition = detect_edition(lines)
    readings = [_READERS[table.id](edition, lines) for table in edition.tables]
    for reading in readings:
        if reading.table == "st" and len(reading.cells) < _FEWEST_INDICATORS:
            reading.cells.clear()
    return edition, readings


def first_section(edition: Edition, lines: Sequence[Line]) -> int | None:
    """Where the body begins: the first heading with prose or figures under it before any title.

    A menu item or an entry in a table of contents may read like a heading; the title comes after it, or another entry.
    """
    headings = [
        index
        for index, line in enumerate(lines)
        if line.grid is None and section_of_heading(edition, line.cells[0].text)
    ]
    titles = title_positions(lines[: headings[-1]]) if headings else frozenset()
    for heading, following in pairwise((*headings, len(lines))):
        for index in range(heading + 1, following):
            if index in titles:
                break
            if _is_body(lines[index]):
                return heading
    return headings[0] if headings else None


def _is_body(line: Line) -> bool:
    """Whether a line is prose or a row of figures."""
    if sum(cell.is_value and not cell.is_blank for cell in line.cells) >= _FIGURES_IN_A_ROW:
        return True
    return line.grid is None and len(line.text) >= _SHORTEST_PROSE and bool(_CLAUSE_END.search(line.text))


@lru_cache(maxsize=1)
def _marks() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The labels that only one edition prints, by edition."""
    editions = load_forms().editions.values()
    return tuple((edition.id, tuple(compact(label) for label in edition.detect.any_label)) for edition in editions)


def detect_edition(lines: Sequence[Line]) -> Edition:
    """The edition whose own labels are printed most often; E2008, the prose edition, where none is."""
    editions = load_forms().editions
    hits: Counter[str] = Counter()
    prose: list[str] = []
    for line in lines:
        for cell in line.cells:
            text = compact(cell.text)
            if line.grid is None and len(text) > _SHORT:
                prose.append(text)
                continue
            if len(text) >= _SHORTEST_MARK:
                hits.update(edition_id for edition_id, marks in _marks() if any(mark in text for mark in marks))
    if not hits:
        whole = "".join(prose)
        hits.update({edition_id: sum(mark in whole for mark in marks) for edition_id, marks in _marks()})
    # Later editions win a tie: their labels are the more specific ones.
    best = max(reversed(editions), key=lambda edition_id: hits[edition_id])
    return editions[best] if hits[best] else editions["E2008"]


def _judged(edition: Edition, cells: list[CellReading]) -> tuple[list[CellReading], list[Anomaly]]:
    """Cells with the confidence that the form's arithmetic gives them, and the sums that fail."""
    by_code = {cell.code: cell for cell in cells}
    closing: set[str] = set()
    failing: dict[str, list[str]] = {}
    outcomes: dict[str, Counter[RuleStatus]] = {}
    anomalies: list[Anomaly] = []
    for rule in rules_of(edition.id):
        if rule.severity != "error":
            continue
        result = evaluate(rule, by_code)
        table = rule.rule_id.split(".")[0]
        outcomes.setdefault(table, Counter())[result.status] += 1
        printed = [code for code in rule.cells if code in by_code]
        if result.status is RuleStatus.PASS:
            closing.update(code for code in printed if by_code[code].value is not None)
        elif result.status is RuleStatus.FAIL:
            code = "balance_mismatch" if rule.kind == "balance" else "sum_mismatch"
            sides = ("blank" if side is None else f"{side:g}" for side in (result.left, result.right))
            text = f" {rule.comparator} ".join(sides) + " does not hold"
            anomalies.append(Anomaly(code, rule.id, text))
            for cell in printed:
                failing.setdefault(cell, []).append(rule.id)
    suspect = {
        table
        for table, counts in outcomes.items()
        if counts[RuleStatus.FAIL] >= 3
        and counts[RuleStatus.FAIL] >= _SUSPECT_SHARE * (counts[RuleStatus.FAIL] + counts[RuleStatus.PASS])
        and not counts[RuleStatus.ASSUMED_ZERO]
    }
    anomalies.extend(Anomaly("suspect_reading", table, "most sums of the table fail") for table in sorted(suspect))
    return [_weighed(cell, closing, failing, suspect) for cell in cells], anomalies


def _weighed(cell: CellReading, closing: set[str], failing: dict[str, list[str]], suspect: set[str]) -> CellReading:
    """A cell with its confidence. A reading resting on position alone is believed only if the sums it enters close."""
    structural = _STRUCTURAL & set(cell.flags)
    fails = cell.code in failing
    if cell.table in suspect:
        return replace(cell, confidence=Confidence.DOUBTFUL, flags=(*cell.flags, "suspect_reading"))
    if structural:
        if cell.code in closing and not fails:
            return replace(cell, confidence=Confidence.CONFIRMED)
        if structural != {"label_damaged"}:
            flags = (*cell.flags, "unconfirmed")
            # A blank whose text is in doubt may hide a figure.
            is_certain = cell.value is None and not structural & _TEXT_DOUBTS
            status = cell.status if is_certain else CellStatus.WITHHELD
            return replace(cell, value=None, yuan=None, status=status, confidence=Confidence.DOUBTFUL, flags=flags)
        return replace(cell, confidence=Confidence.DOUBTFUL)
    if fails:
        return replace(cell, flags=(*cell.flags, "sum_mismatch"))
    if cell.code in closing and cell.confidence is Confidence.READ:
        return replace(cell, confidence=Confidence.CONFIRMED)
    return cell


def _missing_rows(edition: Edition, cells: Sequence[CellReading], found: Sequence[str]) -> list[Anomaly]:
    """Rows of a found table that the document does not print, one anomaly a table."""
    printed = {(cell.table, cell.row) for cell in cells}
    anomalies = []
    for table in edition.tables:
        if table.id not in found or table.layout == "indicator_list":
            continue
        standing = {
            child
            for block in table.blocks
            for row in block.rows
            if row.stands_for_children and (table.id, row.code) in printed
            for child in edition.children_of(row.code)
        }
        rows = [row for block in table.blocks for row in block.value_rows]
        lost = [row.label for row in rows if (table.id, row.code) not in printed and row.code not in standing]
        if lost:
            anomalies.append(Anomaly("rows_missing", table.id, "; ".join(lost)))
    return anomalies
