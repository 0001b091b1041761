"""One document, read as an annual report: edition, identity, sections and the cells of the statutory tables.

The edition is told by printed labels, never by the year. Confidence comes from the form's arithmetic on what is
printed.
"""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from extract.forms.applications import read_applications
from extract.forms.declaration import Edition, load_forms
from extract.forms.disclosure import read_disclosure
from extract.forms.foreign_years import foreign_grids
from extract.forms.identity import Identity, read_identity, title_positions
from extract.forms.indicators import read_indicators
from extract.forms.labels import compact
from extract.forms.lines import Fragment, LabelSet, Line, lines_of, rejoined, retokenised
from extract.forms.printed import TableReading, altered, confirm, withheld
from extract.forms.remedies import read_remedies
from extract.forms.rules import RuleStatus, evaluate_all
from extract.forms.sections import read_sections, section_of
from extract.forms.upright import upright
from extract.model import Anomaly, CellReading, CellStatus, Confidence, Document, Leftover, ReportReading

__all__ = ["Recognition", "recognise", "recognise_cells"]

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
_FEWEST_FAILING = 3
_HEADINGS_LOOKED_AT = 3


@dataclass(frozen=True)
class Recognition:
    """A reading and what the document says of itself: whether its title is a report's, and whether it has pictures."""

    report: ReportReading
    has_report_title: bool
    is_blank_form: bool
    lines: tuple[Line, ...] = field(default=(), compare=False, repr=False)
    """The printed lines of the document, so that nobody makes them twice."""


def recognise(document: Document) -> Recognition:
    """Read a document as an annual report. Always gives a reading; it may be without cells."""
    lines = lines_of(upright(document))
    identities = _Identities(lines, document.metadata)
    edition, tables = _read_tables(lines, identities)
    identity = identities.of(edition)
    year_edition = load_forms().edition_for_year(identity.report_year) if identity.report_year else None
    cells, anomalies = _judged(edition, [cell for table in tables for cell in table.cells], _rows_by_space(document))
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
        lines=tuple(lines),
    )


def recognise_cells(document: Document) -> tuple[Edition, list[CellReading]]:
    """The edition and the cells of the statutory tables, as `recognise` gives them, and nothing else."""
    lines = lines_of(upright(document))
    edition, tables = _read_tables(lines, _Identities(lines, document.metadata))
    read = [cell for table in tables for cell in table.cells]
    return edition, _judged(edition, read, _rows_by_space(document))[0]


def _rows_by_space(document: Document) -> frozenset[tuple[int | None, int | None]]:
    """Rows with blanks, as table and row of their places, in which white space alone tells columns apart."""
    return frozenset(
        (cell.place.table, cell.place.row)
        for grid in document.grids
        if grid.is_by_space
        for row in grid.rows
        if any(not cell.text for cell in row)
        for cell in row
    )


@dataclass
class _Identities:
    """Who reports on which year, read when it is first asked for, and once: only some tables need the year."""

    lines: Sequence[Line]
    metadata: Mapping[str, str]
    _read: dict[str, Identity] = field(default_factory=dict)

    def of(self, edition: Edition) -> Identity:
        """The identity that the lines tell, whose sections are those of an edition."""
        if edition.id not in self._read:
            self._read[edition.id] = read_identity(self.lines, self.metadata, first_section(edition, self.lines))
        return self._read[edition.id]


def _read_tables(lines: Sequence[Line], identities: _Identities) -> tuple[Edition, list[TableReading]]:
    """The edition that the labels tell, and its tables; those of a page that came out as one line are cut apart."""
    edition, tables = _tables_in(lines, identities)
    if not any(table.is_found for table in tables):
        cut = retokenised(lines)
        if len(cut) != len(lines):
            return _tables_in(cut, identities)
    return edition, tables


def _tables_in(lines: Sequence[Line], identities: _Identities) -> tuple[Edition, list[TableReading]]:
    edition = detect_edition(lines)
    lines = rejoined(lines, _labels(edition))
    foreign = foreign_grids(edition, lines, lambda: identities.of(edition).report_year)
    if not foreign.captioned and not foreign.titled:
        return edition, [_table_in(edition, table.id, lines) for table in edition.tables]
    readings = []
    for table in edition.tables:
        reading = _table_in(edition, table.id, _without(lines, foreign.captioned | foreign.titled))
        if foreign.titled and not reading.is_found:
            reading = _table_in(edition, table.id, _without(lines, foreign.captioned))
        elif foreign.titled:
            _keep_apart(edition, reading, lines, foreign.titled, withholds=False)
        if foreign.captioned:
            _keep_apart(edition, reading, lines, foreign.captioned, withholds=True)
        readings.append(reading)
    return edition, readings


def _table_in(edition: Edition, table: str, lines: Sequence[Line]) -> TableReading:
    reading = _READERS[table](edition, lines)
    if table == "st" and len(reading.cells) < _FEWEST_INDICATORS:
        reading.cells.clear()
    return reading


def _without(lines: Sequence[Line], grids: Container[int]) -> list[Line]:
    return [line for line in lines if line.grid is None or line.grid not in grids]


def _keep_apart(
    edition: Edition, reading: TableReading, lines: Sequence[Line], grids: Container[int], *, withholds: bool
) -> None:
    """Keep what grids that are not this year's print of a table, without believing it.

    A cell that nothing else prints is withheld with its text, if it is to be; blank or filled, this year's own stands.
    """
    other = _table_in(edition, reading.table, [line for line in lines if line.grid is None or line.grid in grids])
    within = [line for line in lines if line.grid is not None and line.grid in grids]
    printed = {cell.place for line in within for cell in line.cells}
    # Figures in paragraphs are read with and without the grids.
    cells = [cell for cell in other.cells if cell.place in printed]
    if not cells:
        return
    found = {cell.code for cell in reading.cells}
    missing = [cell for cell in cells if cell.code not in found] if withholds else []
    reading.cells.extend(withheld(cell.code, Fragment(cell.raw, cell.place), "conflicting_year") for cell in missing)
    if len(missing) < len(cells):
        places = {cell.place for cell in cells}
        for line in within:
            if any(cell.place in places for cell in line.cells):
                reading.leave(line, "conflicting_year")
    text = "a table of another year or a sample, by its caption or the title above it"
    reading.note("conflicting_year", reading.table, text)


@lru_cache(maxsize=8)
def _labels(edition: Edition) -> LabelSet:
    """What a row or column of the edition's tables may be called."""
    blocks = [block for table in edition.tables if table.layout != "indicator_list" for block in table.blocks]
    return LabelSet(label for block in blocks for label in (*block.rows_by_label, *block.columns_by_label))


def first_section(edition: Edition, lines: Sequence[Line]) -> int | None:
    """Where the body begins: the first heading with prose or figures under it before any title.

    A menu item or an entry in a table of contents may read like a heading; the title comes after it, or another entry.
    """
    headings = [index for index, line in enumerate(lines) if section_of(edition, line)]
    for place, (heading, following) in enumerate(pairwise((*headings, len(lines)))):
        if place < _HEADINGS_LOOKED_AT:
            # The first headings mostly decide: the titles are looked for no further than needed, then all of them.
            is_enough = place < _HEADINGS_LOOKED_AT - 1
            titles = title_positions(lines[: headings[-1]], following if is_enough else len(lines))
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


def _marked(text: str) -> tuple[str, ...]:
    """The editions of which a compact text of a cell or short paragraph holds a mark."""
    return tuple(edition_id for edition_id, marks in _marks() if any(mark in text for mark in marks))


_marked_again = lru_cache(maxsize=16384)(_marked)


def detect_edition(lines: Sequence[Line]) -> Edition:
    """The edition whose own labels are printed most often; E2008, the prose edition, where none is."""
    editions = load_forms().editions
    hits: Counter[str] = Counter()
    prose: list[str] = []
    for line in lines:
        for cell in line.cells:
            text = cell.whole
            if line.grid is None and len(text) > _SHORT:
                prose.append(cell.text)
            elif len(text) >= _SHORTEST_MARK:
                for edition_id in _marked_again(text) if len(text) <= _SHORT else _marked(text):
                    hits[edition_id] += 1
    if not hits:
        whole = "".join(map(compact, prose))
        hits.update({edition_id: sum(mark in whole for mark in marks) for edition_id, marks in _marks()})
    # Later editions win a tie: their labels are the more specific ones.
    best = max(reversed(editions), key=lambda edition_id: hits[edition_id])
    return editions[best] if hits[best] else editions["E2008"]


def _judged(
    edition: Edition, cells: list[CellReading], by_space: Container[tuple[int | None, int | None]] = ()
) -> tuple[list[CellReading], list[Anomaly]]:
    """Cells with the confidence that the form's arithmetic gives them, and the sums that fail.

    Of rows `by_space` nothing is believed but what such a sum confirms.
    """
    by_code = {cell.code: cell for cell in cells}
    closing: set[str] = set()
    failing_columns: set[str] = set()
    passes: Counter[str] = Counter()
    fails: Counter[str] = Counter()
    # Sums along rows that speak of figures: what a shift of columns breaks, and 0 = 0 does not mend.
    rows: Counter[tuple[str, bool]] = Counter()
    failing_rows: set[str] = set()
    anomalies: list[Anomaly] = []
    for result in evaluate_all(edition.id, by_code, "error"):
        rule, status = result.rule, result.status
        table = rule.rule_id.partition(".")[0]
        # Against a side with nothing printed, a sum says nothing of where the other side stands.
        is_told = result.left is not None and result.right is not None
        if rule.kind == "row_sum" and is_told and (result.left or result.right):
            rows[table, status is RuleStatus.FAIL] += 1
        if status is RuleStatus.PASS:
            passes[table] += 1
            closing.update(rule.cells)
        elif status is RuleStatus.ASSUMED_ZERO:
            passes[table] += is_told
        elif status is RuleStatus.FAIL:
            fails[table] += is_told
            code = "balance_mismatch" if rule.kind == "balance" else "sum_mismatch"
            sides = ("blank" if side is None else f"{side:g}" for side in (result.left, result.right))
            text = f" {rule.comparator} ".join(sides) + " does not hold"
            anomalies.append(Anomaly(code, rule.id, text))
            broken = [cell for cell in rule.cells if cell in by_code]
            if rule.kind == "row_sum":
                failing_rows.update(broken)
            else:
                failing_columns.update(broken)
    suspect = {
        table
        for table in fails
        for count, closing_count in ((fails[table], passes[table]), (rows[table, True], rows[table, False]))
        if count >= _FEWEST_FAILING and count >= _SUSPECT_SHARE * (count + closing_count)
    }
    anomalies.extend(Anomaly("suspect_reading", table, "most sums of the table fail") for table in sorted(suspect))
    closing.intersection_update([cell.code for cell in cells if cell.value is not None])
    failing, crossing = failing_rows | failing_columns, failing_rows & failing_columns
    weighed = []
    for cell in cells:
        if suspect or cell.flags or cell.code in failing:
            cell = _weighed(cell, closing, failing, crossing, suspect)
        elif cell.code in closing and cell.confidence is Confidence.READ:
            confirm(cell)
        weighed.append(cell)
    if by_space:
        weighed = [
            altered(cell, confidence=Confidence.DOUBTFUL, flags=(*cell.flags, "place_by_space"))
            if (cell.place.table, cell.place.row) in by_space
            and cell.code not in closing
            and cell.status is not CellStatus.WITHHELD
            else cell
            for cell in weighed
        ]
    return weighed, anomalies


def _weighed(
    cell: CellReading, closing: set[str], failing: set[str], crossing: set[str], suspect: set[str]
) -> CellReading:
    """A cell with its confidence. A reading resting on position alone is believed only if the sums it enters close."""
    structural = _STRUCTURAL.intersection(cell.flags) if cell.flags else None
    fails = cell.code in failing
    if suspect and cell.table in suspect:
        return altered(cell, confidence=Confidence.DOUBTFUL, flags=(*cell.flags, "suspect_reading"))
    if structural:
        if cell.code in closing and not fails:
            return altered(cell, confidence=Confidence.CONFIRMED)
        if structural != {"label_damaged"}:
            flags = (*cell.flags, "unconfirmed")
            # A blank whose text is in doubt may hide a figure.
            is_certain = cell.value is None and not structural & _TEXT_DOUBTS
            status = cell.status if is_certain else CellStatus.WITHHELD
            return altered(cell, value=None, yuan=None, status=status, confidence=Confidence.DOUBTFUL, flags=flags)
        return altered(cell, confidence=Confidence.DOUBTFUL)
    if fails:
        # Where row and column both break, the figure itself is the likeliest fault: the publisher's or the reading's.
        sure = Confidence.DOUBTFUL if cell.code in crossing else cell.confidence
        return altered(cell, confidence=sure, flags=(*cell.flags, "sum_mismatch"))
    if cell.code in closing and cell.confidence is Confidence.READ:
        confirm(cell)
    return cell


def _missing_rows(edition: Edition, cells: Sequence[CellReading], found: Sequence[str]) -> list[Anomaly]:
    """Rows of a found table that the document does not print, one anomaly a table."""
    printed = {cell.code.rpartition(".")[0] for cell in cells}
    anomalies = []
    for table in _row_lists(edition):
        if table.id not in found:
            continue
        # A row that stands for its children is printed in their place.
        standing = {child for row, children in table.standing if row in printed for child in children}
        lost = [label for row, label in table.rows if row not in printed and row not in standing]
        if lost:
            anomalies.append(Anomaly("rows_missing", table.id, "; ".join(lost)))
    return anomalies


@dataclass(frozen=True)
class _RowList:
    """The rows of a table that carry figures, as (table.row, label), and those that may stand for their children."""

    id: str
    rows: tuple[tuple[str, str], ...]
    standing: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=8)
def _row_lists(edition: Edition) -> tuple[_RowList, ...]:
    return tuple(
        _RowList(
            table.id,
            tuple((f"{table.id}.{row.code}", row.label) for block in table.blocks for row in block.value_rows),
            tuple(
                (f"{table.id}.{row.code}", tuple(f"{table.id}.{child}" for child in edition.children_of(row.code)))
                for block in table.blocks
                for row in block.rows
                if row.stands_for_children
            ),
        )
        for table in edition.tables
        if table.layout != "indicator_list"
    )
