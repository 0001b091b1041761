"""The form's arithmetic on one report: when a rule passes, fails, holds only with blanks as 0, or says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus, crosswalk_terms, evaluate, rules_of
from extract.model import CellStatus


@dataclass(frozen=True)
class Cell:
    value: int | float | None
    status: CellStatus = CellStatus.REPORTED


BLANK = Cell(None, CellStatus.BLANK)
COLUMNS = ("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org", "total")


def row(code: str, *values: int | None) -> dict[str, Cell]:
    """Cells of one row of table 3."""
    return {
        f"t3.{code}.{column}": BLANK if value is None else Cell(value)
        for column, value in zip(COLUMNS, values, strict=True)
    }


def outcome(instance: str, cells: Mapping[str, Cell], edition: str = "E2021") -> RuleStatus:
    rule = next(rule for rule in rules_of(edition) if rule.id == instance)
    return evaluate(rule, cells).status


@pytest.mark.parametrize(("edition", "count"), [("E2014", 13), ("E2019", 61), ("E2021", 53)])
def test_each_edition_gives_its_number_of_rules(edition: str, count: int) -> None:
    assert len(rules_of(edition)) == count


def test_every_operand_is_a_cell_of_its_edition() -> None:
    for edition in load_forms().editions.values():
        for rule in rules_of(edition.id):
            assert set(rule.cells) <= set(edition.cell_by_code), rule.id


def test_a_sum_that_closes_passes() -> None:
    assert outcome("t3.row_total[granted]", row("granted", 3, 1, 0, 0, 0, 0, 4)) is RuleStatus.PASS


def test_a_sum_that_does_not_close_fails() -> None:
    assert outcome("t3.row_total[granted]", row("granted", 3, 1, 0, 0, 0, 0, 5)) is RuleStatus.FAIL


def test_a_sum_that_closes_only_with_blanks_as_zero_says_so() -> None:
    cells = row("granted", 4, None, None, None, None, None, 4)
    assert outcome("t3.row_total[granted]", cells) is RuleStatus.ASSUMED_ZERO


def test_a_blank_total_over_printed_parts_is_never_passed() -> None:
    assert outcome("t3.row_total[granted]", row("granted", 4, 0, 0, 0, 0, 0, None)) is RuleStatus.FAIL


def test_all_blank_is_not_assessable() -> None:
    cells = row("granted", None, None, None, None, None, None, None)
    assert outcome("t3.row_total[granted]", cells) is RuleStatus.NOT_ASSESSABLE


def test_words_for_an_operand_are_not_assessable() -> None:
    cells = {**row("granted", 4, 0, 0, 0, 0, 0, 4), "t3.granted.research": Cell(None, CellStatus.TEXT)}
    assert outcome("t3.row_total[granted]", cells) is RuleStatus.NOT_ASSESSABLE


def test_a_row_that_is_not_printed_is_not_assessable() -> None:
    assert outcome("t3.row_total[granted]", {}) is RuleStatus.NOT_ASSESSABLE


def full_table(edition: str, **rows: tuple[int, ...]) -> dict[str, Cell]:
    """Table 3 with zeros but for the rows given."""
    cells: dict[str, Cell] = {}
    for spec in load_forms().editions[edition].cells:
        if spec.table == "t3":
            cells[spec.code] = Cell(0)
    for code, values in rows.items():
        cells.update(row(code, *values))
    return cells


def test_one_row_for_other_handling_stands_for_its_three_children() -> None:
    cells = full_table("E2021", granted=(2, 0, 0, 0, 0, 0, 2), total_processed=(5, 0, 0, 0, 0, 0, 5))
    for child in ("other_correction_overdue", "other_fee_unpaid", "other_misc"):
        for column in COLUMNS:
            del cells[f"t3.{child}.{column}"]
    cells.update(row("other_handling", 3, 0, 0, 0, 0, 0, 3))
    assert outcome("t3.result_total[total]", cells) is RuleStatus.PASS


def test_a_subtotal_beside_its_children_is_not_counted_twice() -> None:
    cells = full_table("E2021", other_misc=(3, 0, 0, 0, 0, 0, 3), total_processed=(3, 0, 0, 0, 0, 0, 3))
    cells.update(row("other_handling", 3, 0, 0, 0, 0, 0, 3))
    assert outcome("t3.result_total[total]", cells) is RuleStatus.PASS


def test_a_rule_across_years_needs_the_previous_report() -> None:
    rule = next(rule for rule in rules_of("E2021") if rule.id == "t3.carry_over[total]")
    now = row("carried_over", 0, 0, 0, 0, 0, 0, 34)
    before = row("carried_forward", 0, 0, 0, 0, 0, 0, 34)
    assert evaluate(rule, now).status is RuleStatus.NOT_ASSESSABLE
    assert evaluate(rule, now, before).status is RuleStatus.PASS
    assert evaluate(rule, now, row("carried_forward", 0, 0, 0, 0, 0, 0, 33)).status is RuleStatus.FAIL


def test_a_measure_of_the_crosswalk_is_terms_over_cells() -> None:
    terms = crosswalk_terms("E2019", "litigation_total")
    assert terms is not None
    assert [term.cell for term in terms] == ["t4.litigation_direct.total", "t4.litigation_after_reconsideration.total"]
    assert crosswalk_terms("E2014", "other_handling") is None
