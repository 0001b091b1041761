"""A small warehouse whose every figure was worked out by hand: forty reports, three counties, six years."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hand_warehouse import HERE, MADE, build_hand_warehouse, expected_measures, name_of

from extract.forms.declaration import load_forms
from pipelines.catalog import connect
from pipelines.questions import Rows, ask
from pipelines.sample.facts import read_yaml
from transform.schema.tables import MEASURES

ISSUER_YEAR = read_yaml(HERE / "issuer_year.yml")
PANEL = read_yaml(HERE / "panel.yml")
COVERAGE = read_yaml(HERE / "coverage.yml")
RATES_BY_HAND = read_yaml(HERE / "rates.yml")
CONSOLIDATED = read_yaml(HERE / "region_year.yml")["consolidated_report"]
OWN = read_yaml(HERE / "region_year.yml")["sum_of_own_reports"]
REPORTS = [(body, year) for body, years in ISSUER_YEAR.items() for year in years]
ABOVE = {"350405": ("350400", "350000"), "610102": ("610100", "610000"), "330521": ("330500", "330000")}
"""Prefecture and province of each county."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    layout = build_hand_warehouse(tmp_path_factory.mktemp("hand"))
    connection = connect(layout)
    yield connection
    connection.close()


def _known(*editions: str) -> dict[str, bool]:
    """Whether any of the editions has each measure."""
    crosswalk = {entry.canonical: entry for entry in load_forms().crosswalk}
    return {name: any(getattr(crosswalk[name], edition) is not None for edition in editions) for name in MEASURES}


def _edition(year: int) -> str:
    return "E2014" if year <= 2018 else "E2019" if year <= 2020 else "E2021"


def _measures(row: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: row[name] for name in MEASURES}


def test_the_hand_tables_speak_of_forty_reports() -> None:
    assert len(MADE["reports"]) == 40
    assert sorted((report["body"], report["year"]) for report in MADE["reports"]) == sorted(REPORTS)


def test_every_report_is_there_once_and_the_broken_file_is_in_quarantine(warehouse: Any) -> None:
    rows = ask(warehouse, "SELECT issuer, report_year FROM reports")
    assert sorted((row["issuer"], row["report_year"]) for row in rows) == sorted(
        (name_of(body, year), year) for body, year in REPORTS
    )
    assert len(ask(warehouse, "SELECT * FROM quarantine")) == 1


def test_every_body_is_one_issuer_over_its_years_and_spellings(warehouse: Any) -> None:
    rows = ask(warehouse, "SELECT issuer, report_year, issuer_id FROM reports")
    ids = {(row["issuer"], row["report_year"]): row["issuer_id"] for row in rows}
    found = {body: {ids[name_of(body, year), year] for year in years} for body, years in ISSUER_YEAR.items()}
    assert {body: len(names) for body, names in found.items()} == dict.fromkeys(ISSUER_YEAR, 1)
    assert len(set.union(*found.values())) == len(ISSUER_YEAR)


@pytest.mark.parametrize(("body", "year"), REPORTS)
def test_issuer_year(warehouse: Any, body: str, year: int) -> None:
    row = _issued(warehouse, body, year)
    assert _measures(row) == expected_measures(ISSUER_YEAR[body][year], _known(_edition(year)))


@pytest.mark.parametrize(("body", "year"), [(body, year) for body, years in PANEL.items() for year in years])
def test_a_report_beside_those_of_earlier_years(warehouse: Any, body: str, year: int) -> None:
    row = _issued(warehouse, body, year)
    names = ("carried_forward_previous_year", "carry_over_difference", "applications_new_usual")
    assert [row[name] for name in names] == PANEL[body][year]
    assert row["level_break"] is not True


def test_a_region_has_one_row_a_year_and_basis_and_no_other(warehouse: Any) -> None:
    """Counties as in the hand table; own reports again for the prefecture and the province; the one town."""
    rows = ask(warehouse, "SELECT division_code, report_year, basis, report_count FROM region_year")
    found = {(row["basis"], row["division_code"], row["report_year"]): row["report_count"] for row in rows}
    expected = {("consolidated_report", code, year): 1 for code, told in CONSOLIDATED.items() for year in told["years"]}
    for county, years in OWN.items():
        for year, told in years.items():
            expected |= {("sum_of_own_reports", code, year): told["reports"] for code in (county, *ABOVE[county])}
    coded = {key: count for key, count in found.items() if len(key[1]) == 6}
    assert coded == expected
    assert {key[0] for key in found if len(key[1]) > 6} <= {"sum_of_own_reports"}


@pytest.mark.parametrize(
    ("code", "year"), [(code, year) for code, told in CONSOLIDATED.items() for year in told["years"]]
)
def test_a_consolidated_report_speaks_for_its_region(warehouse: Any, code: str, year: int) -> None:
    (body,) = CONSOLIDATED[code]["bodies"]
    (row,) = _region(warehouse, code, year, "consolidated_report")
    assert _measures(row) == expected_measures(ISSUER_YEAR[body][year], _known(_edition(year)))


@pytest.mark.parametrize(("code", "year"), [(code, year) for code, years in OWN.items() for year in years])
def test_own_reports_are_added_up_at_every_level(warehouse: Any, code: str, year: int) -> None:
    by_hand = expected_measures(OWN[code][year], _known(_edition(year)))
    for unit in (code, *ABOVE[code]):
        (row,) = _region(warehouse, unit, year, "sum_of_own_reports")
        assert _measures(row) == by_hand, unit


@pytest.mark.parametrize(("basis", "code", "year", "rate", "numerator", "denominator", "said"), RATES_BY_HAND)
def test_rates(
    warehouse: Any, basis: str, code: str, year: int, rate: str, numerator: float, denominator: float, said: bool
) -> None:
    (row,) = _region(warehouse, code, year, basis)
    assert (row[f"{rate}_numerator"], row[f"{rate}_denominator"]) == (numerator, denominator)
    assert row[rate] == (pytest.approx(numerator / denominator) if said else None)


@pytest.mark.parametrize(("code", "year"), [(code, year) for code, years in COVERAGE.items() for year in years])
def test_coverage(warehouse: Any, code: str, year: int) -> None:
    sql = "SELECT * FROM coverage WHERE division_code = $code AND report_year = $year"
    (row,) = ask(warehouse, sql, code=code, year=year)
    names = (
        "issuers_expected", "issuers_found", "issuers_missing", "issuers_on_time", "issuers_late", "reports_unreadable",
    )  # fmt: skip
    assert [row[name] for name in names] == COVERAGE[code][year]
    assert row["reports_contradictory"] == 0


def test_the_corrected_report_keeps_both_its_versions(warehouse: Any) -> None:
    versions = ask(
        warehouse,
        "SELECT version_number, is_current, changed_cell_count FROM report_versions JOIN reports USING (report_id) "
        "WHERE issuer = '沙县区人民政府' AND reports.report_year = 2022 ORDER BY version_number",
    )
    assert [(row["version_number"], row["is_current"]) for row in versions] == [(1, False), (2, True)]
    assert versions[1]["changed_cell_count"] == 6  # granted, decided and carried forward: natural persons and total
    only = ask(warehouse, "SELECT count(*) AS n FROM report_versions WHERE version_number > 1")
    assert only[0]["n"] == 1


def test_what_the_rules_say_of_the_seeded_faults(warehouse: Any) -> None:
    failing = ask(
        warehouse,
        "SELECT issuer, k.report_year, k.rule_id, k.severity FROM checks AS k JOIN reports USING (report_id) "
        "WHERE k.status = 'fail' ORDER BY ALL",
    )
    assert not [row for row in failing if row["severity"] == "error"]
    by_rule = {(row["issuer"], row["report_year"]) for row in failing if "carry" in row["rule_id"]}
    assert by_rule == {("德清县自然资源局", 2022)}


def _issued(warehouse: Any, body: str, year: int) -> Mapping[str, Any]:
    sql = "SELECT * FROM issuer_year WHERE report_year = $year AND issuer = $issuer"
    (row,) = ask(warehouse, sql, year=year, issuer=name_of(body, year))
    return row


def _region(warehouse: Any, code: str, year: int, basis: str) -> Rows:
    sql = "SELECT * FROM region_year WHERE division_code = $code AND report_year = $year AND basis = $basis"
    return ask(warehouse, sql, code=code, year=year, basis=basis)
