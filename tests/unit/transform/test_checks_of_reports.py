"""The arithmetic of the forms, set-based, against hand-made cells and against the rules' own evaluation."""

import random
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from transform_samples import BLANK, TEXT, WITHHELD, Body, Values, Year, document, full_form, row_of

from extract.forms.declaration import load_forms
from extract.forms.rules import evaluate, rules_of
from transform.extracted import ExtractedDocument
from transform.schema.tables import TABLES

APPLICANTS = ("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org")
YEARS = {"E2014": 2016, "E2019": 2020, "E2021": 2022}


def checks_of(
    values: Values, *, edition: str = "E2021", year: int | None = None, previous_cells: pa.Table | None = None
) -> pa.Table:
    year = year or YEARS[edition]
    report = document(values, year=year, edition=edition)
    return Year([report], year=year, previous_cells=previous_cells)["checks"]


def of_the_form(checks: pa.Table, edition: str) -> list[dict[str, Any]]:
    """The rows of the form's own arithmetic; the other rules have tests of their own."""
    ids = {rule.rule_id for rule in rules_of(edition)}
    return [row for row in checks.to_pylist() if row["rule_id"] in ids]


def test_a_report_of_zeros_passes_every_rule_within_its_tables():
    every_check = checks_of(full_form("E2021", {}))
    checks = of_the_form(every_check, "E2021")
    assert len(checks) == 53
    assert "fail" not in every_check.column("status").to_pylist()
    assert {row["status"] for row in checks if row["kind"] != "cross_year"} == {"pass"}
    assert {row["reason"] for row in checks if row["kind"] == "cross_year"} == {"no previous-year report"}


def test_a_total_left_at_zero_fails_with_expected_and_printed():
    values = {
        "t3.new_received.natural_person": 1,
        "t3.new_received.total": 1,
        "t3.withheld_internal_affairs.natural_person": 1,
        "t3.withheld_internal_affairs.total": 1,
        "t3.total_processed.natural_person": 1,
    }
    checks = checks_of(full_form("E2019", values), edition="E2019")
    failing = [row for row in checks.to_pylist() if row["status"] == "fail"]
    assert [row["check_id"] for row in failing] == [
        "t3.balance[total]",
        "t3.result_total[total]",
        "t3.row_total[total_processed]",
    ]
    assert {(row["expected"], row["comparator"], row["printed"]) for row in failing} == {(1.0, "==", 0.0)}
    assert {(row["severity"], row["cause"]) for row in failing} == {("error", None)}
    assert failing[2]["cells"][-1] == "t3.total_processed.total"


def test_blanks_read_as_zero_are_said_and_never_a_pass():
    values = full_form("E2021", {"t3.granted.natural_person": BLANK})
    row = row_of(checks_of(values), check_id="t3.row_total[granted]")
    assert (row["status"], row["blank_operand_count"]) == ("assumed_zero", 1)


def test_a_rule_over_blanks_alone_is_not_assessable():
    row = row_of(checks_of(full_form("E2021", {}, others=BLANK)), check_id="t3.row_total[granted]")
    assert (row["status"], row["reason"], row["expected"]) == ("not_assessable", "all operands blank", None)


def test_a_total_beside_parts_that_are_all_blank_is_not_assessable():
    parts = {f"t3.granted.{who}": BLANK for who in APPLICANTS}
    row = row_of(checks_of(full_form("E2021", {**parts, "t3.granted.total": 5})), check_id="t3.row_total[granted]")
    assert (row["status"], row["reason"]) == ("not_assessable", "one side is blank throughout")
    assert (row["expected"], row["printed"], row["cause"]) == (None, None, None)
    row = row_of(checks_of(full_form("E2021", {**parts, "t3.granted.total": 0})), check_id="t3.row_total[granted]")
    assert row["status"] == "assumed_zero"


def test_parts_beside_a_total_that_is_blank_are_a_breach():
    values = full_form("E2021", {"t3.granted.natural_person": 5, "t3.granted.total": BLANK})
    row = row_of(checks_of(values), check_id="t3.row_total[granted]")
    assert (row["status"], row["expected"], row["printed"]) == ("fail", 5.0, None)


@pytest.mark.parametrize(("forward", "over"), [(5, BLANK), (BLANK, 5)])
def test_of_two_years_one_without_a_figure_is_not_assessable(forward: Any, over: Any):
    before = Year([document(full_form("E2021", {"t3.carried_forward.total": forward}), year=2021)], year=2021)
    checks = checks_of(full_form("E2021", {"t3.carried_over.total": over}), previous_cells=before["cells"])
    row = row_of(checks, check_id="t3.carry_over[total]")
    assert (row["status"], row["reason"]) == ("not_assessable", "one side is blank throughout")


@pytest.mark.parametrize("status", [TEXT, WITHHELD])
def test_words_or_a_withheld_cell_make_a_rule_not_assessable(status: str):
    row = row_of(checks_of(full_form("E2021", {"t3.granted.total": status})), check_id="t3.row_total[granted]")
    assert (row["status"], row["reason"]) == ("not_assessable", f"t3.granted.total is {status}")


def test_a_cell_that_is_not_printed_is_no_zero():
    values = full_form("E2021", {})
    del values["t4.reconsideration.pending"]
    row = row_of(checks_of(values), check_id="t4.block_total[reconsideration]")
    assert (row["status"], row["reason"]) == ("not_assessable", "t4.reconsideration.pending is not printed")


def test_other_handling_in_one_row_stands_for_its_parts():
    values = full_form("E2021", {"t3.new_received.total": 4, "t3.total_processed.total": 4})
    for part in ("other_correction_overdue", "other_fee_unpaid", "other_misc"):
        del values[f"t3.{part}.total"]
    values["t3.other_handling.total"] = 4
    checks = checks_of(values)
    assert row_of(checks, check_id="t3.result_total[total]")["status"] == "pass"
    values["t3.other_misc.total"] = 3
    row = row_of(checks_of(values), check_id="t3.result_total[total]")
    assert (row["status"], row["expected"]) == ("fail", 3.0)


def test_carried_forward_is_held_against_next_years_carried_over():
    last = document(full_form("E2019", {"t3.carried_forward.total": 5}), year=2020, edition="E2019")
    before = Year([last], year=2020)
    values = full_form("E2021", {"t3.carried_over.total": 4})
    checks = checks_of(values, year=2021, previous_cells=before["cells"])
    row = row_of(checks, check_id="t3.carry_over[total]")
    assert (row["status"], row["expected"], row["printed"], row["severity"]) == ("fail", 5.0, 4.0, "warning")
    assert (row["cells"], row["previous_cells"]) == (["t3.carried_over.total"], ["t3.carried_forward.total"])
    assert row_of(checks, check_id="t3.carry_over[research]")["status"] == "pass"
    in_force = row_of(checks, check_id="t2.in_force_roll[rules]")
    assert in_force["reason"] == "t2.rules.in_force is not printed"


def test_another_bodys_report_is_no_previous_report():
    other = Body("埇桥区卫生健康委员会")
    before = Year([document(full_form("E2021", {}), body=other, year=2021)], year=2021, bodies=[other])
    checks = checks_of(full_form("E2021", {}), previous_cells=before["cells"])
    assert row_of(checks, check_id="t3.carry_over[total]")["reason"] == "no previous-year report"


def test_inequalities_compare_the_printed_sides():
    printed = {"t2.rules.newly_disclosed": 3, "t2.licensing.prior_year_items": 2, "t2.licensing.change": -3}
    checks = checks_of(full_form("E2019", printed), edition="E2019")
    row = row_of(checks, check_id="t2.disclosed_within_total[rules]")
    assert (row["status"], row["expected"], row["comparator"], row["printed"]) == ("fail", 3.0, "<=", 0.0)
    row = row_of(checks, check_id="t2.items_non_negative[licensing]")
    assert (row["status"], row["expected"], row["printed"]) == ("fail", -1.0, 0.0)


def random_values(edition: str, seed: int) -> dict[str, float | str]:
    """Cells of an edition with numbers, blanks, words and gaps in every mixture."""
    chance = random.Random(seed)
    palette = chance.choice([(0, 0, 0, BLANK), (0, 1, 2, BLANK, TEXT), (0, BLANK), (0, 1, BLANK, BLANK, WITHHELD)])
    values = {spec.code: chance.choice(palette) for spec in load_forms().editions[edition].cells}
    if edition == "E2021" and chance.random() < 0.7:
        values["t3.other_handling.total"] = chance.choice([0, 1, BLANK])
        for part in ("other_correction_overdue", "other_fee_unpaid", "other_misc"):
            if chance.random() < 0.7:
                del values[f"t3.{part}.total"]
    for code in chance.sample(sorted(values), k=chance.choice([0, 2, 20])):
        del values[code]
    return values


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("edition", sorted(YEARS))
def test_set_based_checks_agree_with_the_rules_on_one_report(edition: str, seed: int):
    year = YEARS[edition]
    now = document(random_values(edition, seed), year=year, edition=edition)
    last = document(random_values(edition, 100 + seed), year=year - 1, edition=edition)
    before = Year([last], year=year - 1) if seed % 2 else None
    checks = Year([now], year=year, previous_cells=before["cells"] if before else None)["checks"]
    cells = {cell.code: cell for cell in now.extraction.report.cells}
    previous = {cell.code: cell for cell in last.extraction.report.cells} if before else None
    expected = {rule.id: evaluate(rule, cells, previous) for rule in rules_of(edition)}
    found = {row["check_id"]: row for row in of_the_form(checks, edition)}
    assert found.keys() == expected.keys()
    for check_id, result in expected.items():
        row = found[check_id]
        reason = row["reason"] if row["reason"] and row["status"] != "fail" else ""
        assert (row["status"], row["expected"], row["printed"], reason) == (
            result.status.value,
            result.left,
            result.right,
            result.reason,
        ), check_id


def with_flags(values: Values, flags: dict[str, str], *, year: int = 2022) -> ExtractedDocument:
    """A report whose cells carry `flags` by code, "*" for all others."""
    made = document(values, year=year)
    report = made.extraction.report
    assert report is not None
    cells = tuple(
        replace(cell, flags=tuple(filter(None, (flags.get(cell.code, flags.get("*", "")),)))) for cell in report.cells
    )
    return replace(made, extraction=replace(made.extraction, report=replace(report, cells=cells)))


def test_a_breach_is_the_publishers_where_every_figure_in_it_was_read_twice():
    values = full_form("E2021", {"t3.granted.total": 3})
    checks = Year([with_flags(values, {"*": "read_twice"})], year=2022)["checks"]
    row = row_of(checks, check_id="t3.row_total[granted]")
    assert (row["status"], row["cause"], row["reason"]) == ("fail", "publisher", None)
    assert row_of(checks, check_id="t3.row_total[new_received]")["cause"] is None


def test_the_cause_is_open_where_one_figure_was_read_once_and_the_reason_says_so():
    values = full_form("E2021", {"t3.granted.total": 3})
    flags = {"*": "read_twice", "t3.granted.research": ""}
    row = row_of(Year([with_flags(values, flags)], year=2022)["checks"], check_id="t3.row_total[granted]")
    assert (row["status"], row["cause"]) == ("fail", None)
    assert row["reason"] == "cause open: not every figure involved was read twice"


def test_a_blank_that_was_read_once_leaves_the_publisher_to_blame():
    values = full_form("E2021", {"t3.granted.total": 3, "t3.granted.research": BLANK})
    flags = {"*": "read_twice", "t3.granted.research": ""}
    row = row_of(Year([with_flags(values, flags)], year=2022)["checks"], check_id="t3.row_total[granted]")
    assert (row["status"], row["cause"]) == ("fail", "publisher")


def test_a_rule_that_differing_readings_keep_from_being_tested_is_our_doing():
    values = full_form("E2021", {"t3.granted.total": WITHHELD, "t3.carried_over.total": WITHHELD})
    flags = {"*": "read_twice", "t3.granted.total": "readings_differ", "t3.carried_over.total": "column_shift"}
    checks = Year([with_flags(values, flags)], year=2022)["checks"]
    row = row_of(checks, check_id="t3.row_total[granted]")
    assert (row["status"], row["cause"], row["reason"]) == ("not_assessable", "ours", "t3.granted.total is withheld")
    assert row_of(checks, check_id="t3.row_total[carried_over]")["cause"] is None


def test_a_breach_across_years_needs_both_years_read_twice():
    last = with_flags(full_form("E2021", {"t3.carried_forward.total": 5}), {"*": "read_twice"}, year=2021)
    before = Year([last], year=2021)["cells"]
    now = with_flags(full_form("E2021", {"t3.carried_over.total": 4}), {"*": "read_twice"})
    row = row_of(Year([now], year=2022, previous_cells=before)["checks"], check_id="t3.carry_over[total]")
    assert (row["status"], row["cause"]) == ("fail", "publisher")
    once = Year([document(full_form("E2021", {"t3.carried_forward.total": 5}), year=2021)], year=2021)["cells"]
    row = row_of(Year([now], year=2022, previous_cells=once)["checks"], check_id="t3.carry_over[total]")
    assert (row["status"], row["cause"]) == ("fail", None)


def test_checks_conform_to_their_declaration():
    checks = checks_of(full_form("E2014", {}), edition="E2014")
    assert checks.column_names == list(TABLES["checks"].column_names)
    assert len(of_the_form(checks, "E2014")) == 13
