"""Every real document, scans included, against its hand-made ground truth."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import documents, score
from extract.api import extract
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import CellStatus, Extraction, ExtractionStatus, ReportReading

MISSED = {"real/shanghai-go-2025.md": 5}
"""Cells that cannot be told, and are withheld: a conversion that tore three figures of table 2 out of their rows."""


@pytest.fixture(scope="module")
def readings(corpus: Path) -> dict[str, tuple[Extraction, Mapping[str, Any]]]:
    return {str(path.relative_to(corpus)): (extract(path.read_bytes()), truth) for path, truth in documents(corpus)}


def reports(readings: Mapping[str, tuple[Extraction, Mapping[str, Any]]], folder: str = "") -> list[Any]:
    found = [
        (name, extraction.report, truth)
        for name, (extraction, truth) in readings.items()
        if "cells" in truth and name.startswith(folder)
    ]
    assert found, "the corpus holds nothing of this kind: the test would pass on nothing"
    return found


def test_no_cell_is_wrong_and_only_the_known_ones_are_missed(readings: Any) -> None:
    scores = [score(name, extraction, truth) for name, (extraction, truth) in readings.items() if "cells" in truth]
    assert len(scores) >= 16
    assert [line for one in scores if one.wrong for line in one.details] == []
    assert {one.document: one.missed for one in scores if one.missed} == MISSED


def test_every_cell_of_the_seeds_is_read_with_its_printed_text(readings: Any) -> None:
    seeds = reports(readings, "seeds/")
    assert len(seeds) == 5
    compared = 0
    for name, report, truth in seeds:
        cells = {cell.code: cell for cell in report.cells}
        assert set(cells) == set(truth["cells"]), name
        for code, value in truth["cells"].items():
            cell = cells[code]
            raw = truth["raw_text"].get(code)
            assert cell.value == value, (name, code)
            if raw is not None:
                assert cell.raw == raw, (name, code)
            elif value is None:
                assert (cell.raw, cell.status) == ("", CellStatus.BLANK), (name, code)
            else:
                assert float(cell.raw) == value, (name, code)
            compared += 1
    assert compared == 990


def test_edition_year_issuer_and_title_are_those_of_the_document(readings: Any) -> None:
    for name, report, truth in reports(readings):
        assert report.edition == truth["edition"], name
        year = truth.get("report_year", truth.get("year"))
        assert report.report_year == year, name
        issuer = truth.get("issuer")
        if issuer and "(" not in issuer:
            assert report.issuer == issuer, name
        if "title_printed" in truth:
            assert report.title == truth["title_printed"], name


def test_period_signature_and_sections_are_those_of_the_document(readings: Any) -> None:
    for name, report, truth in reports(readings, "seeds/"):
        assert [section.code for section in report.sections] == truth["sections_present"], name
        if truth["signed_date"]:
            assert report.signed_date == date.fromisoformat(truth["signed_date"]), name
            assert report.signed_by == truth["signed_by"], name


def test_amounts_keep_their_unit_and_are_converted_only_where_it_is_printed(readings: Any) -> None:
    for name, report, truth in reports(readings):
        cells = {cell.code: cell for cell in report.cells}
        for code, amount in truth.get("amounts", {}).items():
            assert (cells[code].unit, cells[code].yuan) == (amount["unit"], amount["yuan"]), (name, code)


def failing(report: ReportReading, status: RuleStatus) -> list[str]:
    cells = {cell.code: cell for cell in report.cells}
    results = (evaluate(rule, cells) for rule in rules_of(report.edition))
    return sorted(result.rule.id for result in results if result.status is status)


def test_exactly_the_sums_fail_that_the_document_breaks(readings: Any) -> None:
    for name, report, truth in reports(readings):
        if "checks" not in truth:
            continue
        assert failing(report, RuleStatus.FAIL) == sorted(check["id"] for check in truth["checks"]["failed"]), name
        assert failing(report, RuleStatus.ASSUMED_ZERO) == sorted(truth["checks"]["assumed_zero"]), name


def test_totals_left_blank_over_printed_parts_fail_one_sum_each(readings: Any) -> None:
    _, report, truth = reports(readings, "real/shanghai-go-2019")[0]
    rows = [check for check in failing(report, RuleStatus.FAIL) if check.startswith("t3.row_total")]
    assert len(rows) == len(truth["own_mismatches"])


def test_anomalies_that_a_person_saw_are_named(readings: Any) -> None:
    wanted = {
        "issuer_missing_in_title",
        "delta_sign_only",
        "unit_missing",
        "unit_in_cell",
        "sum_mismatch",
        "extra_line",
    }
    for name, report, truth in reports(readings, "seeds/"):
        seen = {anomaly.code for anomaly in report.anomalies} | {left.reason for left in report.leftovers}
        seen |= {flag for cell in report.cells for flag in cell.flags}
        expected = {anomaly["code"] for anomaly in truth["anomalies"]} & wanted
        assert expected <= seen, name


def test_the_blank_form_is_no_report_and_none_of_its_cells_is_zero(readings: Any) -> None:
    extraction, _ = readings["real/form-2021-blank.docx"]
    assert (extraction.status, extraction.reason_code) == (ExtractionStatus.NOT_A_REPORT, "blank_form")
    assert extraction.report is not None
    assert {cell.value for cell in extraction.report.cells} == {None}


def test_a_list_page_is_no_report(readings: Any) -> None:
    extraction, _ = readings["real/list-ordos-engebei.html"]
    assert (extraction.status, extraction.reason_code) == (ExtractionStatus.NOT_A_REPORT, "no_report")
