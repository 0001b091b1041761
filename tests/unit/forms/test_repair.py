"""Hints: one changed figure that closes all that is broken, and silence where several could."""

import random

import pytest
from form_cells import cells_of

from extract.forms.declaration import load_forms
from extract.forms.repair import repair_hints
from extract.model import CellReading
from pipelines.sample.random_reports import random_report

FORMS = load_forms().editions
WHOLE = {
    "t3.new_received.natural_person": 40,
    "t3.new_received.commercial": 21,
    "t3.new_received.total": 61,
    "t3.granted.natural_person": 40,
    "t3.granted.commercial": 11,
    "t3.granted.total": 51,
    "t3.unable_not_held.commercial": 10,
    "t3.unable_not_held.total": 10,
    "t3.total_processed.natural_person": 40,
    "t3.total_processed.commercial": 21,
    "t3.total_processed.total": 61,
    "t4.reconsideration.upheld": 10,
    "t4.reconsideration.corrected": 1,
    "t4.reconsideration.total": 11,
}


def hints(**changes: int | str) -> dict[str, str]:
    values = WHOLE | {code.replace("__", "."): value for code, value in changes.items()}
    return dict(repair_hints(FORMS["E2021"], cells_of("E2021", values, others=0)))


def test_a_report_that_closes_has_no_hint():
    assert hints() == {}


@pytest.mark.parametrize(
    ("code", "printed", "hint"),
    [
        ("t3__new_received__commercial", 12, "21 would close its row and balance (transposed digits)"),
        ("t3__total_processed__total", 0, "61 would close its row, column and balance (total left at 0)"),
        ("t3__granted__natural_person", 4, "40 would close its row and column (ten times too small)"),
        ("t3__granted__natural_person", 400, "40 would close its row and column (ten times too large)"),
        ("t3__granted__commercial", 1, "11 would close its row and column (digit dropped)"),
        ("t3__granted__commercial", 111, "11 would close its row and column (digit too many)"),
        ("t3__granted__commercial", 17, "11 would close its row and column (one digit wrong)"),
        ("t3__granted__commercial", 9, "11 would close its row and column (no simple slip)"),
        ("t4__reconsideration__total", 0, "11 would close its block (total left at 0)"),
    ],
)
def test_the_one_figure_to_blame_is_named_with_the_closing_value_and_the_slip(code: str, printed: int, hint: str):
    assert hints(**{code: printed}) == {code.replace("__", "."): hint}


def test_digits_printed_apart_are_called_so():
    cells = cells_of("E2021", WHOLE, others=0)
    apart = CellReading(
        "t3.granted.commercial", 1, "1 1", cells["t3.granted.commercial"].status, cells["t3.granted.total"].place
    )
    cells["t3.granted.commercial"] = apart
    found = repair_hints(FORMS["E2021"], cells)
    assert found == {"t3.granted.commercial": "11 would close its row and column (split digits)"}


def test_several_figures_that_could_each_be_to_blame_get_no_hint():
    # One block sum alone: any of its figures could be wrong.
    assert hints(t4__reconsideration__total=13) == {}


def test_two_wrong_figures_that_share_sums_get_no_hint():
    assert hints(t3__granted__natural_person=4, t3__unable_not_held__commercial=7) == {}


def test_wrong_figures_in_tables_of_their_own_are_hinted_each():
    found = hints(t3__new_received__commercial=12, t4__reconsideration__total=0)
    assert set(found) == {"t3.new_received.commercial", "t4.reconsideration.total"}


def test_no_hint_goes_below_zero_or_breaks_a_sum_that_holds():
    # Only a negative part could close the row, and the total stands in a column that holds.
    assert hints(t3__unable_not_held__natural_person=0, t3__granted__total=20) == {
        "t3.granted.total": "51 would close its row and column (no simple slip)"
    }
    assert hints(t3__new_received__research=5) == {
        "t3.new_received.research": "0 would close its row and balance (one digit wrong)"
    }


def test_a_broken_sum_with_an_open_cell_gets_no_hint():
    assert hints(t3__granted__commercial=60, t3__granted__research="") == {}


@pytest.mark.parametrize("seed", range(40))
def test_a_figure_changed_in_a_report_that_closes_is_found_or_nothing_is(seed: int):
    rng = random.Random(seed)
    facts = random_report(rng, oddities=())
    values = {code: cell.value for code, cell in facts.expected_cells().items() if isinstance(cell.value, int)}
    code = rng.choice([code for code in values if not code.startswith("t2.")])
    right = values[code]
    values[code] = right + rng.randint(1, 9)
    found = repair_hints(FORMS[facts.edition], cells_of(facts.edition, values))
    assert {other for other in found} <= {code}
    assert all(hint.startswith(f"{right} would close") for hint in found.values())
    if code.startswith("t3."):
        assert found
