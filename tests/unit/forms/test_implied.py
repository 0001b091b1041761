"""The one value that the arithmetic leaves, and nothing where it leaves a choice."""

import random

import pytest
from form_cells import cells_of

from extract.forms.declaration import load_forms
from extract.forms.implied import implied_values
from extract.model import CellReading, CellStatus
from pipelines.sample.random_reports import random_report

FORMS = load_forms().editions
E2021 = FORMS["E2021"]
PARTS = ("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org")


def row(name: str, *figures: int | str) -> dict[str, int | str]:
    """A row of table 3: six parts and the total."""
    return {f"t3.{name}.{column}": figure for column, figure in zip((*PARTS, "total"), figures, strict=True)}


def implied(values: dict[str, int | str], *, others: int | str | None = None) -> dict[str, int]:
    return dict(implied_values(E2021, cells_of("E2021", values, others=others)))


def test_one_blank_part_is_what_the_total_leaves():
    assert implied(row("granted", 3, "", 0, 0, 0, 0, 5)) == {"t3.granted.commercial": 2}


def test_a_blank_total_is_the_sum_of_its_parts():
    assert implied(row("granted", 3, 1, 0, 0, 0, 0, "")) == {"t3.granted.total": 4}


@pytest.mark.parametrize("instead", ["/", "若干", "withheld"])
def test_a_null_token_words_and_a_withheld_cell_are_implied_like_a_blank(instead: str):
    assert implied(row("granted", 3, instead, 0, 0, 0, 0, 5)) == {"t3.granted.commercial": 2}


def test_two_blanks_that_share_a_rest_are_not_implied():
    assert implied(row("granted", 3, "", "", 0, 0, 0, 5)) == {}


def test_blanks_that_must_add_up_to_nothing_are_zeros():
    assert implied(row("granted", "", "", "", "", "", "", 0)) == {f"t3.granted.{part}": 0 for part in PARTS}
    assert implied(row("granted", 5, "", "", "", "", "", 5)) == {f"t3.granted.{part}": 0 for part in PARTS[1:]}


def test_a_row_of_blanks_without_a_total_implies_nothing():
    assert implied(row("granted", "", "", "", "", "", "", "")) == {}


def test_a_rest_below_zero_is_a_contradiction_and_implies_nothing():
    assert implied(row("granted", 7, "", 0, 0, 0, 0, 5)) == {}


def test_a_sum_is_used_on_what_another_has_implied():
    values = row("new_received", 4, 0, 0, 0, 0, 0, 4) | row("carried_over", 1, 0, 0, 0, 0, 0, "")
    values |= row("total_processed", "", 0, 0, 0, 0, 0, "") | row("carried_forward", 2, 0, 0, 0, 0, 0, 2)
    assert implied(values) == {
        "t3.carried_over.total": 1,
        "t3.total_processed.natural_person": 3,
        "t3.total_processed.total": 3,
    }


def test_sums_that_contradict_each_other_imply_nothing():
    values = row("new_received", "", 0, 0, 0, 0, 0, 4) | row("carried_over", 1, 0, 0, 0, 0, 0, 1)
    values |= row("total_processed", 9, 0, 0, 0, 0, 0, 9) | row("carried_forward", 0, 0, 0, 0, 0, 0, 0)
    assert implied(values) == {}


def test_a_broken_sum_proves_nothing_for_what_shares_its_figures():
    values = row("granted", 3, "", 0, 0, 0, 0, 5)
    assert implied(values | row("new_received", 9, 0, 0, 0, 0, 0, 8)) == {"t3.granted.commercial": 2}
    values = row("new_received", 3, "", 0, 0, 0, 0, 5)
    flows = {"carried_over": 0, "total_processed": 6, "carried_forward": 0}
    for column in ("natural_person", "total"):
        # Two balances are broken, and no one figure stands in both.
        values |= {f"t3.{name}.{column}": figure for name, figure in flows.items()}
    assert implied(values) == {}


def test_a_total_left_at_zero_does_not_stop_the_rest():
    values = row("granted", "", 0, 0, 0, 0, 0, 1) | row("total_processed", 1, 0, 0, 0, 0, 0, 0)
    found = implied(
        {**{code: 0 for code in cells_of("E2021", {}, others=0)}, **row("new_received", 1, 0, 0, 0, 0, 0, 1), **values}
    )
    assert found == {"t3.granted.natural_person": 1}


def test_amounts_and_changes_are_never_implied():
    assert implied({"t2.admin_fees.amount": "", "t2.licensing.decisions": ""}, others=0) == {}
    e2019 = cells_of("E2019", {"t2.licensing.change": "增"}, others=0)
    assert dict(implied_values(FORMS["E2019"], e2019)) == {}


def test_a_row_that_stands_for_its_children_is_counted_for_them():
    values: dict[str, int | str] = {code: 0 for code in cells_of("E2021", {}, others=0)}
    for child in E2021.children_of("other_handling"):
        for column in (*PARTS, "total"):
            del values[f"t3.{child}.{column}"]
    values |= row("other_handling", "", 0, 0, 0, 0, 0, 2) | row("total_processed", 2, 0, 0, 0, 0, 0, 2)
    values |= row("new_received", 2, 0, 0, 0, 0, 0, 2)
    assert implied(values) == {"t3.other_handling.natural_person": 2}


@pytest.mark.parametrize("seed", range(40))
def test_what_is_implied_is_what_was_there_before_it_was_blanked(seed: int):
    """The drawn figures satisfy every sum, so the one value that does is the drawn one."""
    rng = random.Random(seed)
    facts = random_report(rng, oddities=())
    drawn = {code: cell.value for code, cell in facts.expected_cells().items()}
    codes = list(drawn)
    blanked = set(rng.sample(codes, rng.randint(1, len(codes))))
    cells = {
        code: CellReading(code, None, "", CellStatus.BLANK, cell.place) if code in blanked else cell
        for code, cell in cells_of(facts.edition, {c: v for c, v in drawn.items() if isinstance(v, int)}).items()
    }
    found = implied_values(FORMS[facts.edition], cells)
    assert set(found) <= blanked
    assert {code: value for code, value in found.items() if drawn[code] != value} == {}
