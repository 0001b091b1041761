"""A second reading of a document in doubt, and what two readings together are worth.

The second reading places figures by other means than the first: a PDF goes through another library, any other document
is read again in text order, its grids without columns and spans. Belongs here: when to read twice, and settling two
readings. A second reading confirms a figure or speaks against it; it never gives one.
"""

import hashlib
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from extract.forms.declaration import load_forms
from extract.forms.disclosure import read_disclosure
from extract.forms.lines import lines_of
from extract.forms.printed import altered
from extract.forms.recognise import recognise_cells
from extract.forms.rules import RuleInstance, RuleStatus, evaluate_all
from extract.model import (
    Anomaly,
    Block,
    CellReading,
    CellStatus,
    Confidence,
    Document,
    DocumentFormat,
    Grid,
    GridCell,
    Paragraph,
    ReportReading,
    Unreadable,
)
from extract.readers import SECOND_READERS, reader_of
from extract.readers.spans import moved_cell

__all__ = ["READINGS_DIFFER", "READ_TWICE", "in_text_order", "needs_second", "read_twice", "settle"]

READ_TWICE = "read_twice"
"""Flag of a cell that two readings place alike."""
READINGS_DIFFER = "readings_differ"
"""Flag of a cell withheld because two readings place different figures in it."""

_ONE_IN = 16
"""Share of documents read twice without any doubt, so that both readings keep being measured against each other."""
_DOUBTS = frozenset(
    {
        "column_shift", "column_unknown", "conflicting_copies", "duplicate_table", "figures_before_labels",
        "header_incomplete", "header_lost", "label_missing", "rows_missing", "sum_mismatch", "balance_mismatch",
        "suspect_reading", "unknown_label",
    }
)  # fmt: skip
"""Anomalies and reasons of leftovers after which a placement is not taken on one reading alone."""
_PLACED_WITHOUT_SUMS = "t2."
"""How the codes of the table begin that no sum guards: read in text order in every document."""
_SHIFTING = "t3."
"""How the codes of the table begin whose rows may slip sideways: a row that differs in one cell is in doubt in all."""
_BROKEN_SUM = "sum_mismatch"
_NO_FIGURE = "…"
"""What stands in `raw` for a reading that finds the cell empty."""


def in_text_order(document: Document) -> Document:
    """The same document with less to go by: each grid is taken for what a plainer format would have kept of it.

    A true grid becomes rows of text, cells in reading order, columns and spans forgotten. Rows of text become one
    paragraph for each cell, the rows forgotten too; a row with a blank among its figures is left out, as a blank
    paragraph is none and the figures behind it would move up.
    """
    return replace(document, blocks=tuple(flat for block in document.blocks for flat in _flat(block)))


def _flat(block: Block) -> Iterator[Block]:
    if not isinstance(block, Grid):
        yield block
    elif block.is_aligned:
        yield _rows_of_text(block)
    else:
        yield from (Paragraph(cell.text, cell.place) for row in block.rows if not _has_gap(row) for cell in row)


def _has_gap(row: Sequence[GridCell]) -> bool:
    """Whether a row with figures has a blank cell behind its first printed one."""
    texts = [cell.text.strip() for cell in row]
    printed = next((position for position, text in enumerate(texts) if text), len(texts))
    return "" in texts[printed:] and any(text[:1].isdigit() for text in texts[printed + 1 :])


def _rows_of_text(block: Grid) -> Grid:
    cells: list[GridCell] = []
    width = 0
    for row in block.rows:
        cells.extend([_in_column(cell, column) for column, cell in enumerate(row)])
        width = max(width, len(row))
    return Grid(tuple(cells), block.row_count, width, block.place, is_aligned=False)


def _in_column(cell: GridCell, column: int) -> GridCell:
    if cell.column == column and cell.row_span == cell.column_span == 1:
        return cell
    return moved_cell(cell, column)


def needs_second(report: ReportReading, data: bytes = b"") -> bool:
    """Whether a reading is in doubt: a broken sum, a withheld or doubted cell, a lost label, a table placed with doubt.

    Of the documents without doubt a fixed share is read twice too, chosen by the bytes and therefore always the same.
    """
    if not report.cells:
        return False
    if CellStatus.WITHHELD in [cell.status for cell in report.cells]:
        return True
    if Confidence.DOUBTFUL in [cell.confidence for cell in report.cells]:
        return True
    if any(anomaly.code in _DOUBTS for anomaly in report.anomalies):
        return True
    if any(leftover.reason in _DOUBTS for leftover in report.leftovers):
        return True
    return bool(data) and hashlib.sha256(data).digest()[0] % _ONE_IN == 0


def read_twice(document: Document, data: bytes, first: ReportReading) -> ReportReading:
    """The reading after a second one, where it is needed; table 2 always gets one, as no sum guards it."""
    tables = frozenset(grid.place.table for grid in document.grids)
    if not needs_second(first, data):
        return settle(first, _disclosure_in_text_order(document, first), by="text order", tables=tables)
    again = _read_again(document.format, data)
    if again is not None:
        second = _cells_alone(again, first)
        if second.edition == first.edition and any(cell.value is not None for cell in second.cells):
            return settle(first, second, by="another reader")
    if not tables:
        # Figures in paragraphs have one way to be placed.
        return first
    return settle(first, _cells_alone(in_text_order(document), first), by="text order", tables=tables)


def _cells_alone(document: Document, first: ReportReading) -> ReportReading:
    """A second reading of the tables; what the document says of itself is read once."""
    edition, cells = recognise_cells(document)
    return replace(first, edition=edition.id, cells=tuple(cells))


def _read_again(kind: DocumentFormat, data: bytes) -> Document | None:
    """The document by a reader that shares no code with the first; None where there is none or it gives up."""
    target = SECOND_READERS.get(kind)
    if target is None:
        return None
    try:
        return reader_of(target)(data)
    except Unreadable:
        return None


def _disclosure_in_text_order(document: Document, first: ReportReading) -> ReportReading:
    """Table 2 alone, read again in text order from the first of its grids to the last."""
    edition = load_forms().editions[first.edition]
    places = {cell.place.table for cell in first.cells if cell.code.startswith(_PLACED_WITHOUT_SUMS)}
    where = [
        index for index, block in enumerate(document.blocks) if isinstance(block, Grid) and block.place.table in places
    ]
    cells: tuple[CellReading, ...] = ()
    if where:
        # A heading of the table may stand in a paragraph of its own above the grid.
        blocks = document.blocks[max(0, where[0] - 1) : where[-1] + 1]
        lines = lines_of(in_text_order(replace(document, blocks=blocks)))
        cells = tuple(read_disclosure(edition, lines).cells)
    return replace(first, cells=cells)


@dataclass(frozen=True)
class _Sums:
    """What the form's sums say of one reading, by cell; worked out when first asked."""

    edition: str
    cells: Mapping[str, CellReading]

    @cached_property
    def _told(self) -> tuple[set[str], set[str]]:
        closing: set[str] = set()
        failing: set[str] = set()
        for rule, status, size in _outcomes(self.edition, self.cells):
            if status is RuleStatus.FAIL:
                failing.update(rule.cells)
            elif size:
                # 0 = 0 closes wherever the figures stand.
                closing.update(rule.cells)
        return closing, failing

    @cached_property
    def rows(self) -> dict[str, tuple[RuleStatus, float]]:
        """By row of table 3: whether its own sum holds, and the size of its figures."""
        told = {}
        for rule, status, size in _outcomes(self.edition, self.cells):
            if rule.kind == "row_sum" and rule.cells:
                told[_row_of(rule.cells[0])] = (status, size)
        return told

    def closes_row(self, row: str) -> bool:
        """Whether the row's own sum closes on figures."""
        status, size = self.rows.get(row, (RuleStatus.NOT_ASSESSABLE, 0.0))
        return status in (RuleStatus.PASS, RuleStatus.ASSUMED_ZERO) and size > 0

    def breaks(self, code: str) -> bool:
        """Whether the cell stands in a sum that does not close."""
        return code in self._told[1]

    def closes(self, code: str) -> bool:
        """Whether the cell stands in sums that close on figures, and in none that does not."""
        closing, failing = self._told
        return code in closing and code not in failing


def _sums(report: ReportReading) -> _Sums:
    return _Sums(report.edition, {cell.code: cell for cell in report.cells})


def _outcomes(edition: str, cells: Mapping[str, CellReading]) -> Iterator[tuple[RuleInstance, RuleStatus, float]]:
    """The sums of severity error that can be tested on a reading, each with its outcome and its size."""
    for result in evaluate_all(edition, cells, "error"):
        if result.status is not RuleStatus.NOT_ASSESSABLE:
            yield result.rule, result.status, (result.left or 0) + (result.right or 0)


def settle(
    first: ReportReading,
    second: ReportReading,
    *,
    by: str = "second reading",
    tables: Container[int | None] | None = None,
) -> ReportReading:
    """The first reading, with what the second says of each of its cells.

    Alike: the cell is flagged `read_twice`, and confirmed if nothing speaks against it, no broken sum either. Different
    figures: the cell is withheld with both texts, in table 3 with the rest of its row, unless the second reading breaks
    a sum on that very cell where the first closes one; then the second has lost, and an anomaly says so. A cell that
    the second reading lacks or withholds says nothing.
    `tables` names the grids in which the second reading is independent of the first; by default all are.
    """
    if second.edition != first.edition or not second.cells:
        return first
    ours, theirs = _sums(first), _sums(second)
    shifted = _shifted_rows(first, ours, theirs, tables)
    cells: list[CellReading] = []
    anomalies: list[Anomaly] = []
    lost: dict[str, list[str]] = {}
    for cell in first.cells:
        twin = theirs.cells.get(cell.code)
        if twin is None and not shifted:
            cells.append(cell)
            continue
        is_told = tables is None or cell.place.table in tables
        row = _row_of(cell.code) if shifted else ""
        if shifted and shifted.get(row) and cell.status is not CellStatus.WITHHELD:
            raw = f"{cell.raw or _NO_FIGURE} | {(twin.raw if twin else '') or _NO_FIGURE}"
            anomalies.append(Anomaly(READINGS_DIFFER, cell.code, raw))
            cells.append(_withheld(cell, raw))
        elif twin is None or not is_told or CellStatus.WITHHELD in (cell.status, twin.status):
            cells.append(cell)
        elif _is_same(cell, twin):
            is_sure = cell.confidence is Confidence.READ and _BROKEN_SUM not in cell.flags
            sure = Confidence.CONFIRMED if is_sure else cell.confidence
            cells.append(altered(cell, confidence=sure, flags=(*cell.flags, READ_TWICE)))
        elif not _is_other_figure(cell, twin):
            cells.append(cell)
        elif row in shifted or (ours.closes(cell.code) and theirs.breaks(cell.code)):
            lost.setdefault(cell.table, []).append(cell.code)
            cells.append(cell)
        else:
            raw = f"{cell.raw or _NO_FIGURE} | {twin.raw or _NO_FIGURE}"
            anomalies.append(Anomaly(READINGS_DIFFER, cell.code, raw))
            cells.append(_withheld(cell, raw))
    for table, codes in lost.items():
        text = f"{by} reads {len(codes)} cells otherwise and breaks their sums, which close here; first {codes[0]}"
        anomalies.append(Anomaly("second_reading_lost", table, text))
    settled = replace(first, cells=tuple(cells), anomalies=(*first.anomalies, *anomalies))
    has_withheld = any(anomaly.code == READINGS_DIFFER for anomaly in anomalies)
    return _without_settled_sums(settled) if has_withheld else settled


def _row_of(code: str) -> str:
    return code.rpartition(".")[0]


def _shifted_rows(
    first: ReportReading, ours: _Sums, theirs: _Sums, tables: Container[int | None] | None
) -> dict[str, bool]:
    """The rows of table 3 in which the readings differ; True if the whole row is in doubt.

    A shift is a property of the row: a cell that both readings place alike, or that one lacks, is in doubt with the
    rest. The row's own sum decides for the first reading if it closes on figures there and not in the second; else the
    sums of every differing cell must.
    """
    differing: dict[str, list[str]] = {}
    if not any([code.startswith(_SHIFTING) for code in theirs.cells]):
        return {}
    for cell in first.cells:
        twin = theirs.cells.get(cell.code) if cell.code.startswith(_SHIFTING) else None
        if twin is None or not (tables is None or cell.place.table in tables):
            continue
        if CellStatus.WITHHELD not in (cell.status, twin.status) and _is_other_figure(cell, twin):
            differing.setdefault(_row_of(cell.code), []).append(cell.code)
    return {row: not _is_decided(row, codes, ours, theirs) for row, codes in differing.items()}


def _is_decided(row: str, codes: Sequence[str], ours: _Sums, theirs: _Sums) -> bool:
    if theirs.closes_row(row):
        return False
    status, _ = theirs.rows.get(row, (RuleStatus.NOT_ASSESSABLE, 0.0))
    if ours.closes_row(row) and status is RuleStatus.FAIL:
        return True
    return all(ours.closes(code) and theirs.breaks(code) for code in codes)


def _is_same(cell: CellReading, twin: CellReading) -> bool:
    if cell.value is not None:
        return cell.value == twin.value and cell.unit == twin.unit
    return twin.value is None and _folded(cell.raw) == _folded(twin.raw)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _is_other_figure(cell: CellReading, twin: CellReading) -> bool:
    """Whether the two print different things and one of them is a figure: two ways to print none are no conflict."""
    return cell.value != twin.value and not (cell.value is None and twin.value is None)


def _withheld(cell: CellReading, raw: str) -> CellReading:
    return altered(
        cell,
        value=None,
        yuan=None,
        raw=raw,
        status=CellStatus.WITHHELD,
        confidence=Confidence.DOUBTFUL,
        flags=(*cell.flags, READINGS_DIFFER),
    )


def _without_settled_sums(report: ReportReading) -> ReportReading:
    """Broken sums taken back where a cell of theirs is now withheld: the reading is in doubt, not the publisher."""
    cells = {cell.code: cell for cell in report.cells}
    failing = [rule for rule, status, _ in _outcomes(report.edition, cells) if status is RuleStatus.FAIL]
    still = {rule.id for rule in failing}
    involved = {code for rule in failing for code in rule.cells}
    return replace(
        report,
        cells=tuple(
            altered(cell, flags=tuple(flag for flag in cell.flags if flag != _BROKEN_SUM))
            if cell.code not in involved and _BROKEN_SUM in cell.flags
            else cell
            for cell in report.cells
        ),
        anomalies=tuple(
            anomaly
            for anomaly in report.anomalies
            if anomaly.code not in ("sum_mismatch", "balance_mismatch") or anomaly.where in still
        ),
    )
