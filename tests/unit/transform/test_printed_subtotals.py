"""A column of subtotals that a document prints and the form does not have: from drawn bytes to the row of a check."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from lxml import html as lxml_html
from transform_samples import FETCHED, Body, Year

from extract.api import extract
from extract.model import Extraction
from pipelines.sample.draw_docx import draw_docx
from pipelines.sample.draw_html import draw_html
from pipelines.sample.draw_text import draw_text
from pipelines.sample.facts import Facts, load_facts
from transform.dimensions import build_codes
from transform.extracted import ExtractedDocument

RULE = "t3.applicant_subtotal"
NOTE = "applicant_subtotal"
FACTS = load_facts()["pingtan-2024"]
WITHOUT = FACTS.model_copy(update={"layout": FACTS.layout.model_copy(update={"applicant_subtotal": False})})
NEW = "t3.new_received"


def organisations(facts: Facts) -> dict[str, int]:
    """What the drawn column holds, by row."""
    block = next(table for table in facts.form.tables if table.id == "t3").blocks[0]
    inner = [column.code for column in block.columns if column.group]
    rows = [f"t3.{row.code}" for row in block.rows if row.kind != "group"]
    return {row: int(sum(facts.number(f"{row}.{code}") or 0 for code in inner)) for row in rows}


def with_subtotal(figure: str) -> bytes:
    """The page with another figure printed as subtotal of new applications."""
    root = lxml_html.document_fromstring(draw_html(FACTS).decode())
    (row,) = (row for row in root.iter("tr") if "新收" in "".join(map(str, row.itertext())) and len(row) > 7)
    cell = row[-2]
    for inside in list(cell):
        cell.remove(inside)
    cell.text = figure
    return bytes(lxml_html.tostring(root, encoding="utf-8"))


def noted(extraction: Extraction) -> dict[str, str]:
    assert extraction.report is not None
    return {found.where: found.text for found in extraction.report.anomalies if found.code == NOTE}


def year_of(data: bytes) -> Year:
    found = ExtractedDocument(
        sha256=sha256(data).hexdigest(),
        extraction=extract(data),
        extractor_version="test-1",
        byte_count=len(data),
        url="http://ogi.example.test/subtotals.html",
        portal_id="test-portal",
        fetched_at=FETCHED,
        last_seen_at=None,
    )
    return Year([found], year=FACTS.report_year, bodies=[Body(FACTS.issuer)])


def outcomes(data: bytes) -> dict[str, dict[str, object]]:
    rows = year_of(data)["checks"].to_pylist()
    return {row["check_id"]: row for row in rows if row["rule_id"] == RULE}


@pytest.mark.parametrize("draw", [draw_html, draw_docx, draw_text])
def test_every_figure_of_the_column_is_noted_and_none_is_a_cell(draw: Callable[[Facts], bytes]) -> None:
    extraction = extract(draw(FACTS))
    assert {row: int(text) for row, text in noted(extraction).items()} == organisations(FACTS)
    assert extraction.report is not None
    plain = extract(draw(WITHOUT)).report
    assert plain is not None
    assert [(cell.code, cell.value) for cell in extraction.report.cells] == [
        (cell.code, cell.value) for cell in plain.cells
    ]


def test_a_report_without_the_column_has_no_note_and_no_check() -> None:
    data = draw_html(WITHOUT)
    assert noted(extract(data)) == {}
    assert outcomes(data) == {}


def test_subtotals_that_add_up_pass_in_every_row() -> None:
    rows = outcomes(draw_html(FACTS))
    assert len(rows) == len(organisations(FACTS))
    assert {row["status"] for row in rows.values()} <= {"pass", "assumed_zero"}
    assert rows[f"{RULE}[new_received]"]["status"] == "pass"


def test_a_subtotal_that_does_not_add_up_fails_in_its_row_alone() -> None:
    rows = outcomes(with_subtotal("8"))
    assert [check for check, row in rows.items() if row["status"] == "fail"] == [f"{RULE}[new_received]"]
    row = rows[f"{RULE}[new_received]"]
    assert (row["expected"], row["printed"]) == (7, 8)


@pytest.mark.parametrize("printed", ["", "/", "见附件", "1 2"])
def test_what_is_no_figure_is_not_noted(printed: str) -> None:
    found = noted(extract(with_subtotal(printed)))
    assert NEW not in found
    assert len(found) == len(organisations(FACTS)) - 1


def test_the_column_is_information_and_no_fault() -> None:
    year = year_of(draw_html(FACTS))
    (severity,) = (row["severity"] for row in build_codes().to_pylist() if row["code"] == NOTE)
    assert severity == "info"
    (report,) = year["reports"].to_pylist()
    assert report["leftover_count"] == 0
    assert report["doubtful_cell_count"] == 0
