"""The writer of the benchmarks: its pages hold what their truth says, and its files are the same each time."""

import random

import pytest

from benchmarks.writer.anomalies import FIGURE_FAULTS, TABLE_FAULTS, WORD_FAULTS, plant_in_draft, plant_in_page
from benchmarks.writer.documents import available_formats, drawer_of, random_page, write
from benchmarks.writer.drafts import OFFICIAL, Draft, Plan
from benchmarks.writer.layouts import SECTIONS, SURROUNDINGS, TITLES, lay_out, random_plan
from benchmarks.writer.page import Page, page_of
from benchmarks.writer.sheet import Sheet
from benchmarks.writer.statistics_tables import ST_LAYOUTS
from benchmarks.writer.tables import T2_LAYOUTS, T3_HEADERS, T3_LAYOUTS, T3_SPLITS, T4_LAYOUTS
from extract.forms.declaration import ValueType
from extract.forms.values import parse_value
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable, print_tables
from pipelines.sample.random_reports import Oddity, random_report

CHOICES = {
    "t2": T2_LAYOUTS,
    "t3": T3_LAYOUTS,
    "t3_header": T3_HEADERS,
    "t3_split": T3_SPLITS,
    "t4": T4_LAYOUTS,
    "st": ST_LAYOUTS,
    "title": TITLES,
    "sections": SECTIONS,
}
PLANS = [(part, choice) for part, choices in CHOICES.items() for choice in choices if choice != OFFICIAL]
WITHOUT_CELLS = {"tiers_alone"}
"""Layouts that print no cell of the form at all."""


def draft(seed: int, edition: str, plan: Plan | None = None, *, scale: int = 60) -> Draft:
    rng = random.Random(seed)
    return Draft(random_report(rng, edition=edition, oddities=(), scale=scale), rng, plan or Plan())


def plan_with(part: str, choice: str) -> Plan:
    plan = Plan()
    setattr(plan, part, choice)
    return plan


def printed(page: Page) -> dict[str, list[PrintedCell]]:
    """The cells of the form on a page, by code."""
    found: dict[str, list[PrintedCell]] = {}
    for table in page.tables:
        for row in table.rows:
            for cell in row:
                if cell.kind is CellKind.VALUE:
                    found.setdefault(cell.code, []).append(cell)
    return found


def assert_truth_is_printed(page: Page) -> None:
    """Every expected number stands in a cell of its code, and no cell of the form is without truth."""
    cells = printed(page)
    types: dict[str, ValueType] = {"change": "delta", "amount": "amount", "value": "amount"}
    for code, value in page.expected.items():
        texts = {cell.text for cell in cells[code]}
        kind = types.get(code.rsplit(".", 1)[1], "count")
        read = {parse_value(text, kind).value for text in texts}
        assert value in read, (code, value, texts)
    assert cells.keys() <= page.expected.keys() | page.ambiguous.keys()
    assert not page.expected.keys() & page.ambiguous.keys()


@pytest.mark.parametrize("edition", ["E2014", "E2019", "E2021"])
def test_the_official_layout_is_that_of_the_sample_reports(edition: str) -> None:
    for seed in range(5):
        facts = random_report(random.Random(seed), edition=edition, oddities=list(Oddity)[-2:-1])
        page = lay_out(Draft(facts, random.Random(seed)))
        assert [table.rows for table in page.tables] == [table.rows for table in print_tables(facts)]
        assert page.expected == page_of(facts).expected


@pytest.mark.parametrize(("part", "choice"), PLANS)
def test_every_layout_prints_every_figure_once(part: str, choice: str) -> None:
    edition = "E2014" if part == "st" else "E2021"
    page = lay_out(draft(3, edition, plan_with(part, choice)))
    assert_truth_is_printed(page)
    assert all(len(cells) == 1 for cells in printed(page).values())
    assert choice in WITHOUT_CELLS or len(page.expected) > 40
    if part != "st":
        assert len(page.expected) == 200
    for table in page.tables:
        table.grid()


def test_every_surrounding_leaves_the_figures_alone() -> None:
    plain = lay_out(draft(5, "E2021"))
    for name in SURROUNDINGS:
        page = lay_out(draft(5, "E2021", Plan(surroundings=(name,))))
        assert page.expected == plain.expected, name
        assert page.blocks != plain.blocks, name


@pytest.mark.parametrize("fault", [*FIGURE_FAULTS, *WORD_FAULTS])
def test_a_fault_of_figures_or_words_has_its_truth(fault: str) -> None:
    planted = 0
    for edition in ("E2014", "E2019", "E2021"):
        one = draft(11, edition, scale=2000)
        plain = lay_out(one)
        planted += plant_in_draft(one, fault)
        page = lay_out(one)
        assert_truth_is_printed(page)
        assert page.expected.keys() == plain.expected.keys()
        assert not page.ambiguous
    assert planted


@pytest.mark.parametrize("fault", sorted(TABLE_FAULTS))
def test_a_fault_of_tables_has_its_truth(fault: str) -> None:
    rng = random.Random(2)
    changed = 0
    for seed in range(12):
        plan = random_plan(random.Random(seed))
        page = lay_out(draft(seed, "E2021", plan))
        damaged = plant_in_page(page, fault, rng)
        changed += damaged is not page
        assert_truth_is_printed(damaged)
        # Whatever is still expected is what the undamaged page says.
        assert all(page.expected[code] == value for code, value in damaged.expected.items())
        for table in damaged.tables:
            table.grid()
    assert changed


def test_a_lost_cell_makes_its_row_ambiguous_and_nothing_else() -> None:
    page = lay_out(draft(1, "E2021"))
    damaged = plant_in_page(page, "value_cell_missing", random.Random(1))
    rows = {code.rsplit(".", 1)[0] for code in damaged.ambiguous}
    assert len(rows) == 1
    assert len(damaged.ambiguous) == 7
    assert damaged.expected.keys() | damaged.ambiguous.keys() == page.expected.keys()
    for code, values in damaged.ambiguous.items():
        assert page.expected[code] in values


def test_conflicting_copies_leave_no_value_that_may_be_read() -> None:
    page = lay_out(draft(1, "E2021"))
    damaged = plant_in_page(page, "conflicting_copies", random.Random(1))
    assert damaged.ambiguous
    assert set(damaged.ambiguous.values()) == {()}
    assert len(damaged.tables) == len(page.tables) + 1


def table_of(*rows: str) -> PrintedTable:
    """A table from rows such as `a2 b`: a text and how many rows it spans."""
    cells = [
        [PrintedCell(word[0], CellKind.LABEL, row_span=int(word[1:] or 1)) for word in row.split()] for row in rows
    ]
    return Sheet("t", "s", cells).table()


def texts(table: PrintedTable) -> list[str]:
    return ["".join(cell.text or "." for cell in row) for row in table.rows]


def test_a_sheet_loses_a_row_and_keeps_its_spans() -> None:
    sheet = Sheet.of(table_of("a3 b", "c", "d"))
    sheet.delete_row(0)
    table = sheet.table()
    assert texts(table) == ["ac", "d"]
    table.grid()


def test_a_sheet_is_cut_in_two_and_the_label_goes_on() -> None:
    first, second = Sheet.of(table_of("a3 b", "c", "d")).cut(2)
    assert texts(first.table()) == ["ab", "c"]
    assert texts(second.table()) == [".d"]
    _, again = Sheet.of(table_of("a3 b", "c", "d")).cut(2, repeat_labels=True)
    assert texts(again.table()) == ["ad"]


def test_a_row_is_put_in_under_a_label_that_spans_it() -> None:
    sheet = Sheet.of(table_of("a2 b", "c"))
    sheet.insert_row(1, [PrintedCell("x", CellKind.LABEL)])
    assert texts(sheet.table()) == ["ab", "x", "c"]


@pytest.mark.parametrize("format_name", available_formats())
def test_a_document_is_written_the_same_twice(format_name: str) -> None:
    count = 1 if format_name == "scan" else 3
    for index in range(count):
        name = f"{format_name}:7:{index}"
        assert write(name).data == write(name).data


def test_the_figures_of_a_page_stand_in_its_text_dump() -> None:
    for seed in range(6):
        page = random_page(random.Random(seed))
        text = drawer_of("text")(page, random.Random(seed))
        decoded = next(
            text.decode(encoding) for encoding in ("utf-8-sig", "utf-16", "gb18030") if _decodes(text, encoding)
        )
        for cells in printed(page).values():
            assert all(cell.text.replace("\n", "").strip() in decoded for cell in cells)


def _decodes(data: bytes, encoding: str) -> bool:
    if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return False
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
