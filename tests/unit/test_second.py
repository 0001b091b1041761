"""Two readings: what agrees is said so, what differs is withheld, and a poorer second reading does no harm."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from extract.api import extract
from extract.forms.recognise import recognise
from extract.model import (
    CellReading,
    CellStatus,
    Confidence,
    Document,
    DocumentFormat,
    Grid,
    GridCell,
    Paragraph,
    Place,
    ReportReading,
    Unreadable,
)
from extract.readers import read_document
from extract.second import READ_TWICE, READINGS_DIFFER, in_text_order, needs_second, read_twice, settle
from pipelines.sample.draw_docx import draw_docx
from pipelines.sample.draw_html import Container, HtmlStyle, Markup, draw_html
from pipelines.sample.facts import Facts
from pipelines.sample.random_reports import Oddity, random_report

SEEDS = range(12)


def facts_of(seed: int, *oddities: Oddity, edition: str = "E2021") -> Facts:
    return random_report(random.Random(seed), edition=edition, oddities=oddities)


def document_of(facts: Facts) -> Document:
    return read_document(draw_html(facts, HtmlStyle()))


def reading(values: dict[str, int | str], *, flags: tuple[str, ...] = ()) -> ReportReading:
    """A reading of an E2021 report with these cells; "" is blank, other text is withheld."""
    cells = tuple(
        CellReading(code, value, str(value), CellStatus.REPORTED, Place(table=1, row=number), flags=flags)
        if isinstance(value, int)
        else CellReading(
            code, None, value, CellStatus.WITHHELD if value else CellStatus.BLANK, Place(table=1, row=number)
        )
        for number, (code, value) in enumerate(values.items(), start=1)
    )
    return ReportReading("t", "i", 2024, "E2021", "E2021", cells, ("t2", "t3", "t4"), ())


def by_code(report: ReportReading) -> dict[str, CellReading]:
    return {cell.code: cell for cell in report.cells}


# ---- text order --------------------------------------------------------------------------------------------------


def test_text_order_keeps_cells_in_reading_order_and_forgets_columns_and_spans():
    cells = (
        GridCell(0, 0, "label", Place(table=1, row=1), row_span=2),
        GridCell(0, 2, "5", Place(table=1, row=1), column_span=2),
        GridCell(1, 2, "6", Place(table=1, row=2)),
    )
    document = Document(
        DocumentFormat.HTML, (Paragraph("p", Place(line=1)), Grid(cells, 2, 4, Place(table=1))), {}, ("has_images",)
    )
    flat = in_text_order(document)
    assert (flat.paragraphs, flat.notes) == (document.paragraphs, document.notes)
    (grid,) = flat.grids
    assert (grid.is_aligned, grid.row_count, grid.column_count) == (False, 2, 2)
    assert [(c.row, c.column, c.row_span, c.column_span, c.text) for c in grid.cells] == [
        (0, 0, 1, 1, "label"), (0, 1, 1, 1, "5"), (1, 0, 1, 1, "6"),
    ]  # fmt: skip
    assert [cell.place for cell in grid.cells] == [cell.place for cell in cells]


@pytest.mark.parametrize("seed", SEEDS)
def test_text_order_never_costs_a_cell_that_the_first_reading_has_right(seed: int):
    rng = random.Random(seed)
    facts = random_report(rng)
    style = HtmlStyle(
        container=rng.choice(list(Container)), markup=rng.choice(list(Markup)), placeholder_cells=rng.random() < 0.5
    )
    for data in (draw_html(facts, style), draw_docx(facts)):
        document = read_document(data)
        first = recognise(document).report
        settled = settle(first, recognise(in_text_order(document)).report)
        assert [cell.value for cell in settled.cells] == [cell.value for cell in first.cells]


# ---- when ----------------------------------------------------------------------------------------------------------


def test_a_report_without_doubt_is_not_read_twice_but_table_2_is():
    facts = facts_of(1)
    document = document_of(facts)
    first = recognise(document).report
    assert not needs_second(first)
    settled = read_twice(document, b"", first)
    assert {cell.table for cell in settled.cells if READ_TWICE in cell.flags} == {"t2"}
    assert {cell.confidence for cell in settled.cells} == {Confidence.CONFIRMED}


@pytest.mark.parametrize("oddity", [Oddity.OUTCOME_TOTAL_LEFT_AT_ZERO])
def test_a_broken_sum_calls_for_a_second_reading(oddity: Oddity):
    facts = facts_of(3, oddity)
    assert needs_second(recognise(document_of(facts)).report)
    report = extract(draw_html(facts)).report
    assert report is not None
    assert {READ_TWICE in cell.flags for cell in report.cells} == {True}
    total = by_code(report)["t3.total_processed.total"]
    # Row and column both break on it: read twice or not, a person should look.
    assert (total.value, total.confidence) == (0, Confidence.DOUBTFUL)
    assert "sum_mismatch" in total.flags
    assert total.repair_hint is not None
    assert "total left at 0" in total.repair_hint


def test_a_withheld_cell_and_a_missing_row_call_for_a_second_reading():
    assert needs_second(reading({"t3.granted.total": "3 | 4"}))
    document = document_of(facts_of(5))
    grid = max(document.grids, key=lambda grid: grid.row_count)
    short = Grid(
        tuple(cell for cell in grid.cells if cell.row != grid.row_count - 2),
        grid.row_count, grid.column_count, grid.place,
    )  # fmt: skip
    blocks = tuple(short if block is grid else block for block in document.blocks)
    assert needs_second(recognise(replace(document, blocks=blocks)).report)


def test_a_fixed_share_of_documents_is_read_twice_without_doubt():
    report = recognise(document_of(facts_of(1))).report
    chosen = [needs_second(report, str(number).encode()) for number in range(800)]
    assert 20 < sum(chosen) < 90
    assert chosen == [needs_second(report, str(number).encode()) for number in range(800)]


def test_rows_of_text_are_read_again_without_their_rows():
    document = in_text_order(document_of(facts_of(3, Oddity.OUTCOME_TOTAL_LEFT_AT_ZERO)))
    settled = read_twice(document, b"", recognise(document).report)
    assert {cell.table for cell in settled.cells if READ_TWICE in cell.flags} >= {"t2", "t3"}


def test_a_row_of_text_with_a_blank_among_its_figures_is_not_read_again():
    texts = (("行政许可", "5", "", "7"), ("", "行政处罚", "1", "2"))
    cells = tuple(
        GridCell(row, column, text, Place(table=1, row=row + 1))
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
    )
    document = Document(DocumentFormat.TEXT, (Grid(cells, 2, 4, Place(table=1), is_aligned=False),))
    assert [paragraph.text for paragraph in in_text_order(document).paragraphs] == ["", "行政处罚", "1", "2"]


def test_a_document_without_grids_has_no_second_reading():
    document = in_text_order(in_text_order(document_of(facts_of(3, Oddity.OUTCOME_TOTAL_LEFT_AT_ZERO))))
    assert not document.grids
    first = recognise(document).report
    assert first.cells
    assert needs_second(first)
    assert read_twice(document, b"", first) is first


def test_a_second_reader_that_gives_up_leaves_text_order(monkeypatch: pytest.MonkeyPatch):
    def broken(_: bytes) -> Document:
        raise Unreadable("broken", "It is broken. Fetch it again.")

    monkeypatch.setattr("extract.second.reader_of", lambda _: broken)
    document = replace(document_of(facts_of(3, Oddity.OUTCOME_TOTAL_LEFT_AT_ZERO)), format=DocumentFormat.PDF)
    settled = read_twice(document, b"x", recognise(document).report)
    assert {READ_TWICE in cell.flags for cell in settled.cells} == {True}


def test_another_reader_is_preferred_where_the_format_has_one(monkeypatch: pytest.MonkeyPatch):
    facts = facts_of(3, Oddity.OUTCOME_TOTAL_LEFT_AT_ZERO)
    document = replace(document_of(facts), format=DocumentFormat.PDF)
    other = document_of(facts.with_cell("t2.licensing.decisions", 987654))
    monkeypatch.setattr("extract.second.reader_of", lambda _: lambda _: other)
    settled = by_code(read_twice(document, b"x", recognise(document).report))
    cell = settled["t2.licensing.decisions"]
    assert (cell.status, cell.raw) == (
        CellStatus.WITHHELD, f"{facts.figures['t2.licensing.decisions'].printed} | 987654",
    )  # fmt: skip


# ---- settling --------------------------------------------------------------------------------------------------------


def test_alike_is_confirmed_and_flagged():
    first = reading({"t2.licensing.decisions": 12, "t2.penalty.decisions": ""})
    cells = by_code(settle(first, first))
    for cell in cells.values():
        assert (cell.confidence, cell.flags) == (Confidence.CONFIRMED, (READ_TWICE,))


def test_a_doubtful_cell_stays_doubtful():
    first = reading({"t2.licensing.decisions": 12})
    doubtful = replace(first, cells=tuple(replace(c, confidence=Confidence.DOUBTFUL) for c in first.cells))
    assert by_code(settle(doubtful, first))["t2.licensing.decisions"].confidence is Confidence.DOUBTFUL


@pytest.mark.parametrize(("ours", "theirs", "raw"), [(12, 21, "12 | 21"), ("", 21, "… | 21"), (12, "", "12 | …")])
def test_different_figures_are_withheld_with_both_texts(ours: int | str, theirs: int | str, raw: str):
    code = "t2.licensing.decisions"
    settled = settle(reading({code: ours}), reading({code: theirs}))
    (cell,) = settled.cells
    assert (cell.value, cell.status, cell.raw) == (None, CellStatus.WITHHELD, raw)
    assert (cell.flags, cell.confidence) == ((READINGS_DIFFER,), Confidence.DOUBTFUL)
    assert [(a.code, a.where, a.text) for a in settled.anomalies] == [(READINGS_DIFFER, code, raw)]


def test_a_cell_that_the_second_reading_lacks_or_withholds_says_nothing():
    code = "t2.licensing.decisions"
    first = reading({code: 12})
    assert settle(first, reading({"t2.penalty.decisions": 1})).cells == first.cells
    assert settle(first, reading({code: "21 | 12"})).cells == first.cells


def test_the_second_reading_never_gives_a_value():
    code = "t2.licensing.decisions"
    first = reading({code: "1 | 2"})
    assert settle(first, reading({code: 12})).cells == first.cells


def test_another_edition_says_nothing():
    first = reading({"t2.licensing.decisions": 12})
    assert settle(first, replace(reading({"t2.licensing.decisions": 21}), edition="E2019")) is first


BLOCK = {"upheld": 4, "corrected": 3, "other": 2, "pending": 1, "total": 10}


def block(**changes: int | str) -> dict[str, int | str]:
    return {f"t4.reconsideration.{result}": figure for result, figure in (BLOCK | changes).items()}


def test_a_second_reading_that_breaks_a_sum_the_first_closes_has_lost_and_that_is_recorded():
    settled = settle(reading(block()), reading(block(upheld=5)), by="text order")
    assert by_code(settled)["t4.reconsideration.upheld"].value == 4
    (anomaly,) = settled.anomalies
    assert (anomaly.code, anomaly.where) == ("second_reading_lost", "t4")
    assert "text order reads 1 cells otherwise" in anomaly.text


def test_where_both_close_or_both_break_the_cells_are_withheld():
    both_close = settle(reading(block()), reading(block(upheld=3, corrected=4)))
    withheld = {cell.code for cell in both_close.cells if cell.status is CellStatus.WITHHELD}
    assert withheld == {"t4.reconsideration.upheld", "t4.reconsideration.corrected"}
    both_break = settle(reading(block(upheld=9)), reading(block(upheld=8)))
    assert by_code(both_break)["t4.reconsideration.upheld"].status is CellStatus.WITHHELD


PARTS = ("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org", "total")


def row(*figures: int | str) -> ReportReading:
    return reading({f"t3.granted.{part}": figure for part, figure in zip(PARTS, figures, strict=True)})


def test_a_row_of_table_3_that_reads_differently_in_one_cell_is_in_doubt_in_all():
    # Slipped by one column, and the parts happen to add up to what stands under the total.
    settled = settle(row("", 0, 1, 2, 1, 0, 4), row(0, 1, 2, 1, 0, 4, "4 | 8"))
    assert {cell.status for cell in settled.cells} == {CellStatus.WITHHELD}


def test_a_row_whose_own_sum_closes_is_kept_where_the_other_reading_breaks_it():
    settled = settle(row(0, 1, 2, 1, 0, 4, 8), row(1, 2, 1, 0, 4, 8, 0))
    assert [cell.value for cell in settled.cells] == [0, 1, 2, 1, 0, 4, 8]
    assert [anomaly.code for anomaly in settled.anomalies] == ["second_reading_lost"]


def test_a_broken_sum_is_never_confirmed_by_reading_it_twice():
    first = replace(reading({"t2.licensing.decisions": 12}, flags=("sum_mismatch",)))
    assert by_code(settle(first, first))["t2.licensing.decisions"].confidence is Confidence.READ


def test_nought_equals_nought_is_no_evidence():
    empty = dict.fromkeys(block(), 0)
    settled = settle(reading(empty), reading(block(total=11)))
    assert {cell.status for cell in settled.cells} == {CellStatus.WITHHELD}


def test_where_the_first_breaks_a_sum_and_the_second_closes_it_the_sum_is_no_longer_the_publishers():
    document = document_of(facts_of(2))
    first = recognise(document).report
    code = "t3.new_received.total"
    right = by_code(first)[code].value
    assert isinstance(right, int)
    fault = document_with(
        document, lambda cell: replace(cell, text="987") if cell.place == place_of(first, code) else cell
    )
    bad = recognise(fault).report
    assert any("sum_mismatch" in cell.flags for cell in bad.cells)
    settled = settle(bad, first)
    assert by_code(settled)[code].raw == f"987 | {right}"
    assert not any("sum_mismatch" in cell.flags for cell in settled.cells)
    assert not any(anomaly.code in ("sum_mismatch", "balance_mismatch") for anomaly in settled.anomalies)


# ---- faults of a reader ----------------------------------------------------------------------------------------------


def place_of(report: ReportReading, code: str) -> Place:
    return by_code(report)[code].place


def document_with(document: Document, change: Callable[[GridCell], GridCell]) -> Document:
    """The document with every cell of every grid changed."""
    blocks = [
        replace(block, cells=tuple(change(cell) for cell in block.cells)) if isinstance(block, Grid) else block
        for block in document.blocks
    ]
    return replace(document, blocks=tuple(blocks))


def _figures(document: Document) -> list[list[GridCell]]:
    rows = [[cell for cell in row if cell.text.strip().isdigit()] for grid in document.grids for row in grid.rows]
    return [row for row in rows if len(row) >= 2]


def swap_two_figures(document: Document, rng: random.Random) -> dict[Place, str]:
    one, other = rng.sample([cell for row in _figures(document) for cell in row], 2)
    return {one.place: other.text, other.place: one.text}


def shift_a_row(document: Document, rng: random.Random) -> dict[Place, str]:
    row = rng.choice(_figures(document))
    return {cell.place: before.text for before, cell in zip([row[-1], *row], row, strict=False)}


def swap_two_rows(document: Document, rng: random.Random) -> dict[Place, str]:
    rows = [row for row in _figures(document) if len(row) == 7]
    one, other = rng.sample(rows, 2)
    pairs = list(zip(one, other, strict=True))
    return {a.place: b.text for a, b in pairs} | {b.place: a.text for a, b in pairs}


@pytest.mark.parametrize("fault", [swap_two_figures, shift_a_row, swap_two_rows])
@pytest.mark.parametrize("seed", SEEDS)
def test_figures_that_one_reader_misplaces_are_withheld_and_no_others(
    fault: Callable[[Document, random.Random], dict[Place, str]], seed: int
):
    rng = random.Random(seed)
    facts = facts_of(seed)
    document = document_of(facts)
    truth = facts.expected_cells()
    moved = fault(document, rng)
    faulty = document_with(document, lambda cell: replace(cell, text=moved.get(cell.place, cell.text)))
    first = recognise(faulty).report
    settled = settle(first, recognise(document).report)
    wrong = {cell.code for cell in first.cells if cell.value != truth[cell.code].value}
    shifted = {code.rpartition(".")[0] for code in wrong if code.startswith("t3.")}
    for cell in settled.cells:
        is_withheld = cell.status is CellStatus.WITHHELD
        # A shift is a property of the row: the rest of it is in doubt too.
        assert is_withheld == (cell.code in wrong or cell.code.rpartition(".")[0] in shifted), cell
        assert is_withheld or cell.value == truth[cell.code].value
    # The other way round, the faulty reading is the second: nothing wrong comes in, and a figure is lost only where
    # no sum tells the two apart.
    for cell in settle(recognise(document).report, first).cells:
        assert cell.status is CellStatus.WITHHELD or cell.value == truth[cell.code].value


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lost_span_never_makes_a_silently_wrong_figure(seed: int):
    rng = random.Random(seed)
    facts = facts_of(seed)
    document = document_of(facts)
    truth = facts.expected_cells()
    spans = [cell for grid in document.grids for cell in grid.cells if cell.row_span > 1]
    lost = rng.choice(spans)

    def without(cell: GridCell) -> GridCell:
        if cell is lost:
            return replace(cell, row_span=1)
        is_beside = cell.place.table == lost.place.table and lost.row < cell.row < lost.end_row
        return replace(cell, column=cell.column - lost.column_span) if is_beside and cell.column else cell

    first = recognise(document_with(document, without)).report
    settled = settle(first, recognise(in_text_order(document)).report)
    for cell in settled.cells:
        assert cell.status is CellStatus.WITHHELD or cell.value == truth[cell.code].value
