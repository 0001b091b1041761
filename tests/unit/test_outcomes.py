"""What becomes of a document whose figures are all in doubt, and what an extraction is cached under."""

from collections.abc import Callable

import pytest

import extract.api as api
from extract.api import EXTRACTOR_VERSION, extract
from extract.forms.declaration import load_forms
from extract.model import CellStatus, ExtractionStatus


def statistics_page(title: str) -> bytes:
    """The 2014 table with two columns of figures and no header that tells which is which."""
    rows = "".join(
        f"<tr><td>{row.number}{row.label}</td><td>{row.unit or '件'}</td><td>{number}</td><td>{7 * number}</td></tr>"
        for number, row in enumerate(load_forms().editions["E2014"].table("st").blocks[0].rows, start=1)
        if row.kind != "group"
    )
    return f"<html><body><h1>{title}</h1><p>附件</p><table>{rows}</table></body></html>".encode()


def test_a_named_report_whose_figures_are_all_in_doubt_is_read_and_says_so() -> None:
    extraction = extract(statistics_page("演示市教育局2016年政府信息公开工作年度报告"))
    assert extraction.status is ExtractionStatus.READ
    assert extraction.report is not None
    assert {cell.status for cell in extraction.report.cells} == {CellStatus.WITHHELD}
    (anomaly,) = [found for found in extraction.report.anomalies if found.code == "nothing_believed"]
    assert anomaly.text == "58 cells withheld: column_unknown"


@pytest.mark.parametrize("title", ["政府信息公开情况统计表", "2016年政府信息公开工作年度报告"])
def test_without_body_or_year_it_is_quarantined_with_a_reason_that_names_the_withheld_cells(title: str) -> None:
    extraction = extract(statistics_page(title))
    assert (extraction.status, extraction.reason_code) == (ExtractionStatus.QUARANTINED, "cells_withheld")
    assert extraction.reason is not None
    assert "58 cells are withheld (column_unknown)" in extraction.reason


def test_the_version_changes_with_a_library_that_decides_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[str], str] = api.version
    assert len(EXTRACTOR_VERSION) == len(before := api._version())
    monkeypatch.setattr(api, "version", lambda name: "0.0.0" if name == "pdfminer.six" else real(name))
    assert api._version() != before
