"""Some documents of every format, read back: no cell is silently wrong. `benchmarks.round_trip` does many."""

import random
from dataclasses import replace

import pytest

from benchmarks.round_trip import Outcome, compare, measure, report
from benchmarks.writer.documents import FORMATS, WrittenDocument, available_formats, write
from benchmarks.writer.drafts import Draft
from benchmarks.writer.draw_pdf import embedded_font
from benchmarks.writer.draw_scan import ScanHabits, draw_scan_page
from benchmarks.writer.layouts import lay_out
from extract.api import extract
from pipelines.sample.layout import PrintedTable
from pipelines.sample.random_reports import random_report

COUNTS = {"pdf": 4}
EXPECTED_SHARE = 0.85
"""So many of the cells are right: a reader that reads nothing is never silently wrong."""


def read_back(format_name: str) -> list[Outcome]:
    assert format_name in available_formats()
    return [measure(f"{format_name}:11:{index}") for index in range(COUNTS.get(format_name, 8))]


@pytest.mark.parametrize("format_name", [name for name in FORMATS if name != "scan"])
def test_no_cell_is_silently_wrong(format_name: str) -> None:
    outcomes = read_back(format_name)
    assert [fault for outcome in outcomes for fault in outcome.faults if fault.is_silent] == []
    assert [outcome.reason for outcome in outcomes if outcome.status == "raised"] == []
    cells = sum(outcome.cells for outcome in outcomes)
    assert sum(outcome.right for outcome in outcomes) >= EXPECTED_SHARE * cells


@pytest.mark.skipif(embedded_font() is None, reason="no Chinese font on this machine: no scan can be drawn")
def test_a_scanned_table_is_read_back() -> None:
    """Table 2 alone: recognising every character of a report takes longer than all other tests here."""
    rng = random.Random(11)
    page = lay_out(Draft(random_report(rng, edition="E2021", oddities=()), rng))
    end = next(place for place, block in enumerate(page.blocks) if isinstance(block, PrintedTable)) + 1
    expected = {code: value for code, value in page.expected.items() if code.startswith("t2.")}
    page = replace(page, blocks=page.blocks[:end], expected=expected)
    data = draw_scan_page(page, rng, ScanHabits(dpi=150, container="png"))
    outcome = compare(WrittenDocument("scan", "scan", data, page), extract(data))
    assert outcome.silent == 0
    assert outcome.right >= 8


def test_a_wrong_cell_is_told_as_wrong() -> None:
    document = write("html:11:0")
    code = next(code for code, value in document.page.expected.items() if value)
    expected = {**document.page.expected, code: 987654}
    other = replace(document, page=replace(document.page, expected=expected))
    outcome = compare(other, extract(document.data))
    assert [fault.code for fault in outcome.faults] == [code]


def test_the_report_names_every_silently_wrong_cell() -> None:
    outcomes = [measure("html:11:1")]
    lines = list(report(outcomes, by_anomaly=True, limit=5))
    assert any(line.startswith("html ") for line in lines)
    assert any(line.startswith("confirmed") for line in lines)
