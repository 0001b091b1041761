"""Facts say what is printed; they fit their form, and their arithmetic closes except where they say it does not."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import CellStatus
from pipelines.sample.facts import FACTS_FOLDER, Facts, FactsError, Figure, load_facts, load_report
from pipelines.sample.random_reports import Oddity, random_report

FACTS = load_facts()
BY_ISSUER_AND_YEAR = {(facts.issuer, facts.report_year): facts for facts in FACTS.values()}


@dataclass(frozen=True)
class Cell:
    """A figure as the rules want it."""

    value: int | float | None
    status: CellStatus


def cells_of(facts: Facts | None) -> Mapping[str, Cell] | None:
    if facts is None:
        return None
    return {code: Cell(figure.value, CellStatus(figure.status)) for code, figure in facts.figures.items()}


def broken_rules(facts: Facts, previous: Facts | None = None) -> dict[str, set[str]]:
    cells, before = cells_of(facts), cells_of(previous)
    assert cells is not None
    broken: dict[str, set[str]] = {"error": set(), "warning": set(), "info": set()}
    for rule in rules_of(facts.edition):
        if evaluate(rule, cells, before).status is RuleStatus.FAIL:
            broken[rule.severity].add(rule.id)
    return broken


@pytest.mark.parametrize("slug", FACTS)
def test_the_arithmetic_of_a_report_closes_except_where_its_facts_say_otherwise(slug: str) -> None:
    facts = FACTS[slug]
    previous = BY_ISSUER_AND_YEAR.get((facts.issuer, facts.report_year - 1))
    broken = broken_rules(facts, previous)
    assert broken["error"] == set(facts.broken_rules)
    assert broken["warning"] == set(facts.broken_carry_over)


def test_several_bodies_carry_open_applications_from_one_year_to_the_next() -> None:
    pairs = [
        facts.slug
        for facts in FACTS.values()
        if (facts.issuer, facts.report_year - 1) in BY_ISSUER_AND_YEAR and facts.number("t3.carried_over.total")
    ]
    assert len(pairs) >= 4


def test_the_reports_cover_years_editions_and_regions() -> None:
    reports = FACTS.values()
    assert len(reports) >= 18
    assert {facts.edition for facts in reports} == {"E2014", "E2019", "E2021"}
    assert {2014, 2019, 2020, 2021, 2023, 2024, 2025} <= {facts.report_year for facts in reports}
    assert len({facts.portal for facts in reports}) >= 8
    assert len({(facts.division_code or "")[:2] for facts in reports}) >= 6


def test_expected_cells_give_value_and_print_of_every_cell_of_the_form() -> None:
    cells = FACTS["tianjin-ninghe-zaojiacheng-2020"].expected_cells()
    assert len(cells) == 198
    assert cells["t2.penalty.change"] == (None, "增")
    assert cells["t2.procurement.amount"] == (757000, "757000")
    assert cells["t3.carried_over.commercial"] == (None, "")
    assert cells["t3.total_processed.total"] == (0, "0")
    assert FACTS["xian-xincheng-hujiamiao-2020"].expected_cells()["t2.procurement.projects"] == (85, "85个")


def test_a_report_that_prints_other_handling_as_one_row_has_its_cells_in_place_of_the_three() -> None:
    cells = FACTS["hongze-2024"].expected_cells()
    assert len(cells) == 186
    assert "t3.other_handling.total" in cells
    assert "t3.other_misc.total" not in cells


def test_a_corrected_cell_changes_that_cell_and_no_other() -> None:
    before = FACTS["huaian-2024"]
    after = before.with_cell("t2.licensing.decisions", 447229)
    changed = {code for code, cell in after.expected_cells().items() if cell != before.expected_cells()[code]}
    assert changed == {"t2.licensing.decisions"}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("cells", {"t3.granted": {"everybody": 1}}, "t3.granted.everybody is not printed"),
        ("cells", {"t3.granted": {"total": "85个"}}, "no plain number"),
        ("cells", {"t3.granted": {"total": 8.5}}, "put the printed text in quotes"),
        ("edition", "E2020", "unknown"),
        ("layout", {"labels": {"granted": "公开"}}, "neither a row nor a column"),
        ("isuer", "某局", "Extra inputs"),
    ],
)
def test_a_wrong_fact_file_is_refused_with_its_name_and_the_place(
    tmp_path: Path, key: str, value: object, said: str
) -> None:
    told = yaml.safe_load((FACTS_FOLDER / "huaian-2023.yml").read_text(encoding="utf-8"))
    file = tmp_path / "wrong.yml"
    file.write_text(yaml.safe_dump({**told, key: value}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(FactsError, match=r"wrong\.yml") as problem:
        load_report(file)
    assert said in str(problem.value)


def test_a_folder_without_facts_is_named(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match="no fact files"):
        load_facts(tmp_path)


def test_a_blank_is_no_number() -> None:
    assert Figure.of("") == Figure(printed="", value=None, status="blank")


@pytest.mark.parametrize("edition", ["E2014", "E2019", "E2021"])
@pytest.mark.parametrize("seed", range(12))
def test_random_reports_close_except_for_the_rules_that_they_name(edition: str, seed: int) -> None:
    facts = random_report(random.Random(seed), edition=edition)
    assert broken_rules(facts)["error"] == set(facts.broken_rules)


@pytest.mark.parametrize("oddity", Oddity)
def test_every_oddity_leaves_its_mark_on_some_random_report(oddity: Oddity) -> None:
    edition = "E2021" if oddity is Oddity.ONE_ROW_OTHER_HANDLING else "E2019"
    marked = [
        random_report(random.Random(seed), edition=edition, oddities=(oddity,)).model_dump(exclude={"slug"})
        != random_report(random.Random(seed), edition=edition, oddities=()).model_dump(exclude={"slug"})
        for seed in range(6)
    ]
    assert any(marked)


def test_the_same_seed_gives_the_same_random_report() -> None:
    assert random_report(random.Random(7)) == random_report(random.Random(7))
