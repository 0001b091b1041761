"""Figures by region and year from tables of reports: what stands for a region, counted once, over years and forms."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transform_samples import Year, document, full_form, row_of

from transform.double_counts import double_counts
from transform.population import population_table
from transform.region_year import build_region_year
from transform.renditions import build_renditions
from transform.schema.derive import arrow_schema, empty
from transform.schema.tables import TABLES

PROVINCE = {"province_code": "340000", "province": "安徽省"}
CITY = PROVINCE | {"prefecture_code": "341300", "prefecture": "宿州市"}
COUNTY = CITY | {"county_code": "341302", "county": "埇桥区"}
OTHER_COUNTY = CITY | {"county_code": "341321", "county": "砀山县"}
TOWN = COUNTY | {"township_code": "341302100", "township": "符离镇"}
PLACES = (PROVINCE, CITY, COUNTY, OTHER_COUNTY, TOWN)
LEVELS = ("province", "prefecture", "county", "township")


def body(place: Mapping[str, str], kind: str, scope: str, *, name: str = "", **more: Any) -> dict[str, Any]:
    """A report of a body at the innermost level of a place, with the figures named in `more`."""
    level = next(level for level in reversed(LEVELS) if level in place)
    division = next(place[f"{level}_code"] for level in ("county", "prefecture", "province") if level in place)
    issuer = name or f"{place[level]}{kind}"
    key = f"{division}-{issuer}{more.get('zone') or ''}{scope}"
    defaults = {
        "report_id": f"{key}-2022", "report_year": 2022, "issuer_id": key, "issuer": issuer, "issuer_kind": kind,
        "level": level, "scope": scope, "division_code": division, "edition": "E2021", "failing_check_count": 0,
        "numeric_cell_count": 200,
    }  # fmt: skip
    return {**defaults, **place, **more}


def table_of(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    loose = pa.schema([field.with_nullable(True) for field in arrow_schema(TABLES[name])])
    return pa.Table.from_pylist([dict(row) for row in rows], schema=loose)


def built(
    reports: Sequence[Mapping[str, Any]], *, year: int = 2022, before: pa.Table | None = None, **more: pa.Table
) -> pa.Table:
    return build_region_year(
        report_year=year,
        reports=table_of("reports", reports),
        issuer_year=table_of("issuer_year", reports),
        previous_region_year=empty(TABLES["region_year"]) if before is None else before,
        **more,
    )


def problems(table: pa.Table, reports: Sequence[Mapping[str, Any]]) -> list[str]:
    return double_counts(
        region_year=table, reports=table_of("reports", reports), issuer_year=table_of("issuer_year", reports)
    )


# ---- who stands for a region ----------------------------------------------------------------------------------------


def test_a_township_with_a_code_has_a_row_and_adds_to_every_level_above():
    reports = [
        body(TOWN, "township_government", "own", applications_new=2.0),
        body(TOWN, "institution", "own", applications_new=3.0),
        body(COUNTY, "department", "own", applications_new=10.0),
    ]
    found = {row["division_code"]: row for row in built(reports).to_pylist()}
    assert {code: row["applications_new"] for code, row in found.items()} == {
        "341302100": 5.0, "341302": 15.0, "341300": 15.0, "340000": 15.0,
    }  # fmt: skip
    town = found["341302100"]
    assert (town["level"], town["region"], town["county"], town["township"]) == (
        "township", "符离镇", "埇桥区", "符离镇",
    )  # fmt: skip
    assert (found["341302"]["township"], found["341302"]["township_code"]) == (None, None)


def test_a_zone_without_a_code_stands_for_no_division():
    zone = body(COUNTY, "zone_committee", "consolidated", zone="宿州高新区", applications_new=9.0, level=None)
    assert built([zone]).num_rows == 0
    county = body(COUNTY, "zone_committee", "consolidated", zone="宿州高新区", applications_new=9.0)
    assert built([county]).num_rows == 0


def test_the_office_of_a_zone_is_not_that_of_the_county_around_it():
    reports = [
        body(COUNTY, "government", "own", applications_new=7.0),
        body(COUNTY, "government_office", "own", zone="宿州高新区", applications_new=1.0),
    ]
    row = row_of(built(reports), division_code="341302")
    assert (row["applications_new"], row["report_count"], row["left_out_count"]) == (8.0, 2, 0)


def test_a_departments_report_for_its_whole_field_stands_nowhere():
    reports = [
        body(CITY, "department", "consolidated", applications_new=400.0),
        body(COUNTY, "department", "own", applications_new=4.0),
    ]
    assert row_of(built(reports), division_code="341300")["applications_new"] == 4.0


def test_of_two_governments_in_one_region_that_with_its_present_name_is_taken():
    """崇文区 reported beside 东城区 before they were merged; both are 东城区 by today's code."""
    place = {
        "province_code": "110000", "province": "北京市", "county_code": "110101", "county": "东城区",
    }  # fmt: skip
    reports = [
        body(place, "government", "consolidated", name="崇文区人民政府", applications_new=1.0, numeric_cell_count=300),
        body(place, "government", "consolidated", name="东城区人民政府", applications_new=2.0),
    ]
    (row,) = built(reports).to_pylist()
    assert (row["applications_new"], row["report_count"], row["left_out_count"]) == (2.0, 1, 1)


def test_a_unit_that_the_division_took_in_since_does_not_stand_for_it():
    """梁溪区 was made of three districts: none of their reports is that of all."""
    city = {"province_code": "320000", "province": "江苏省", "prefecture_code": "320200", "prefecture": "无锡市"}
    place = city | {"county_code": "320213", "county": "梁溪区"}
    reports = [
        body(place, "government", "consolidated", name="无锡市崇安区人民政府", applications_new=1.0),
        body(place, "government", "consolidated", name="无锡市北塘区人民政府", applications_new=2.0),
        body(place, "department", "own", name="无锡市崇安区教育局", applications_new=3.0),
        body(place, "department", "own", name="无锡市北塘区教育局", applications_new=4.0),
    ]
    rows = [row for row in built(reports).to_pylist() if row["division_code"] == "320213"]
    assert [(row["basis"], row["applications_new"]) for row in rows] == [("sum_of_own_reports", 7.0)]
    assert problems(built(reports), reports) == []


def test_a_renamed_county_is_one_region_over_the_years():
    rows = {}
    for year, name, edition in ((2014, "北京市密云县人民政府", "E2014"), (2020, "北京市密云区人民政府", "E2019")):
        value = {"st.received.value": 5} if edition == "E2014" else full_form("E2019", {"t3.new_received.total": 6})
        made = document(value, year=year, edition=edition)
        reading = made.extraction.report
        assert reading is not None
        for field, text in (("issuer", name), ("title", f"{name}{year}年政府信息公开工作年度报告")):
            object.__setattr__(reading, field, text)
        tables = Year([made], year=year)
        tables["renditions"] = build_renditions(report_year=year, extractions=[made])
        rows[year] = row_of(tables["region_year"], basis="consolidated_report")
    assert {row["division_code"] for row in rows.values()} == {"110118"}
    assert {row["region"] for row in rows.values()} == {"密云区"}
    assert [row["applications_new"] for row in rows.values()] == [5.0, 6.0]


# ---- nothing twice --------------------------------------------------------------------------------------------------

_NUMBERS = st.one_of(st.none(), st.integers(0, 60).map(float))


@st.composite
def report_sets(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = ("government", "government_office", "department", "zone_committee", "institution")
    reports: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 12))):
        place = draw(st.sampled_from(PLACES))
        kind = draw(st.sampled_from(("township_government", "institution") if place is TOWN else kinds))
        made = body(
            place,
            kind,
            draw(st.sampled_from(("own", "consolidated", "unknown"))),
            name=f"{kind}{number if kind in ('department', 'institution') else ''}",
            zone=draw(st.sampled_from((None, None, "高新区"))),
            edition=draw(st.sampled_from(("E2019", "E2021"))),
            failing_check_count=draw(st.integers(0, 1)),
            applications_new=draw(_NUMBERS),
            applications_processed=draw(_NUMBERS),
            disclosed_full=draw(_NUMBERS),
        )
        reports[made["report_id"]] = made
    return list(reports.values())


def added(values: Iterable[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) if numbers else None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(report_sets())
def test_whatever_is_reported_a_region_is_one_report_or_each_body_once(reports: list[dict[str, Any]]):
    table = built(reports)
    assert problems(table, reports) == []
    by_id = {row["report_id"]: row for row in reports}
    measures = ("applications_new", "applications_processed", "disclosed_full")
    own_rows = {}
    for row in table.to_pylist():
        if row["basis"] == "consolidated_report":
            report = by_id[row["report_id"]]
            assert report["scope"] == "consolidated"
            assert [row[name] for name in measures] == [report.get(name) for name in measures]
        else:
            own_rows[row["division_code"]] = row
    expected: dict[str, list[dict[str, Any]]] = {}
    for report in reports:
        for code in {report.get(f"{level}_code") for level in LEVELS} - {None}:
            if report["scope"] == "own":
                expected.setdefault(str(code), []).append(report)
    assert own_rows.keys() == expected.keys()
    for code, members in expected.items():
        seats: dict[object, dict[str, Any]] = {}
        for report in sorted(members, key=lambda found: found["issuer_kind"] == "government_office"):
            governs = report["issuer_kind"] in ("government", "government_office")
            seat = (report["division_code"], report.get("township"), report["zone"]) if governs else report["report_id"]
            seats[seat] = report  # the office comes last and stays
        row = own_rows[code]
        assert (row["report_count"], row["left_out_count"]) == (len(seats), len(members) - len(seats))
        for name in measures:
            assert row[name] == added(report.get(name) for report in seats.values()), (code, name)


SOUND = [
    body(COUNTY, "government", "consolidated", applications_new=40.0, applications_processed=40.0, disclosed_full=9.0),
    body(COUNTY, "government", "own", applications_new=5.0, applications_processed=5.0, disclosed_full=4.0),
    body(COUNTY, "government_office", "own", applications_new=5.0, applications_processed=5.0, disclosed_full=4.0),
    body(COUNTY, "department", "own", applications_new=3.0, applications_processed=2.0, disclosed_full=None),
]


def seeded(changes: Mapping[str, Any], **key: Any) -> pa.Table:
    rows = [
        {**row, **changes} if all(row[name] == value for name, value in key.items()) else row
        for row in built(SOUND).to_pylist()
    ]
    return table_of("region_year", rows)


def test_sound_tables_have_no_problem():
    assert problems(built(SOUND), SOUND) == []


@pytest.mark.parametrize(
    ("changes", "key", "sentence"),
    [
        (
            {"applications_new": 48.0},
            {"division_code": "341302", "basis": "sum_of_own_reports"},
            "region 341302, sum_of_own_reports: applications_new is 48.0, the reports behind it give 8.0",
        ),
        (
            {"report_count": 3, "left_out_count": 0},
            {"division_code": "341300"},
            "region 341300, sum_of_own_reports: 3 reports behind it and 0 left out, but 2 bodies gave own reports and "
            "1 would count twice",
        ),
        (
            {"applications_new": 48.0},
            {"basis": "consolidated_report"},
            "region 341302, consolidated_report: applications_new is 48.0, the reports behind it give 40.0",
        ),
        (
            {"report_id": SOUND[2]["report_id"]},
            {"basis": "consolidated_report"},
            f"region 341302: {SOUND[2]['report_id']} is no consolidated report that speaks for it",
        ),
        (
            {"disclosed_full": 0.0},
            {"division_code": "340000"},
            "region 340000, sum_of_own_reports: disclosed_full is 0.0, the reports behind it give 4.0",
        ),
        (
            {"division_code": "341302"},
            {"division_code": "341300"},
            "region 341302, sum_of_own_reports: 2 rows for one year",
        ),
    ],
)
def test_every_seeded_double_count_is_found(changes: Mapping[str, Any], key: Mapping[str, Any], sentence: str):
    assert sentence in problems(seeded(changes, **key), SOUND)


def test_an_issuer_with_two_reports_in_a_year_is_found():
    again = [*SOUND, {**SOUND[3], "report_id": "another"}]
    assert problems(built(again), again) == [
        f"the issuer {SOUND[3]['issuer_id']} has 2 reports in one year: its figures count twice"
    ]


def test_a_row_that_is_missing_is_found():
    table = built(SOUND).filter(pa.compute.not_equal(built(SOUND).column("division_code"), "340000"))
    assert problems(table, SOUND) == ["region 340000, sum_of_own_reports: its row is missing"]


# ---- completeness, coverage, people ---------------------------------------------------------------------------------


def test_what_no_edition_behind_the_row_has_is_null_and_not_incomplete():
    reports = [body(COUNTY, "department", "own", applications_new=1.0, applications_processed=1.0, edition="E2014")]
    row = row_of(built(reports), division_code="341302")
    assert row["applications_carried_over"] is None
    assert "applications_carried_over" not in row["incomplete_measures"]
    assert "applications_online" in row["incomplete_measures"]


def test_where_forms_are_mixed_what_one_of_them_lacks_is_incomplete():
    reports = [
        body(COUNTY, "department", "own", name="甲", applications_carried_over=3.0),
        body(COUNTY, "department", "own", name="乙", edition="E2014"),
    ]
    row = row_of(built(reports), division_code="341302")
    assert (row["applications_carried_over"], row["editions"]) == (3.0, ["E2014", "E2021"])
    assert "applications_carried_over" in row["incomplete_measures"]


def test_the_share_of_bodies_that_reported():
    coverage = table_of(
        "coverage",
        [{"division_code": "341302", "issuers_expected": 8}, {"division_code": "341300", "issuers_expected": 1}],
    )
    found = {(row["division_code"], row["basis"]): row for row in built(SOUND, coverage=coverage).to_pylist()}
    shown = {key: (row["body_count_expected"], row["reporting_share"]) for key, row in found.items()}
    assert shown == {
        ("341302", "consolidated_report"): (8, None),
        ("341302", "sum_of_own_reports"): (8, 0.25),
        ("341300", "sum_of_own_reports"): (1, None),  # more behind it than expected: nothing can be said
        ("340000", "sum_of_own_reports"): (None, None),
    }


def test_people_are_joined_by_region_and_year_with_their_source():
    people = population_table(
        "division_code,year,population,source\n341302,2022,200000,年鉴\n341300,2021,5300000,年鉴\n".encode()
    )
    found = {(row["division_code"], row["basis"]): row for row in built(SOUND, population=people).to_pylist()}
    county = found["341302", "consolidated_report"]
    assert (county["population"], county["population_source"], county["applications_per_100000"]) == (
        200_000, "年鉴", 20.0,
    )  # fmt: skip
    city = found["341300", "sum_of_own_reports"]
    assert (city["population"], city["population_source"], city["applications_per_100000"]) == (None, None, None)


# ---- one series over editions ---------------------------------------------------------------------------------------


def test_a_change_of_form_is_marked_in_the_row_of_the_new_form():
    before = built([body(COUNTY, "department", "own", edition="E2014")], year=2018)
    row = row_of(
        built([body(COUNTY, "department", "own", edition="E2019")], year=2019, before=before), division_code="341302"
    )
    assert row["edition_break"] is True
    notes = row["comparability_notes"]
    assert isinstance(notes, list)
    assert {"applications_new: near", "withheld_all: partial", "not_processed_all: none"} <= set(notes)


def test_of_several_forms_the_worst_comparison_is_named():
    before = built([body(COUNTY, "department", "own", edition="E2019")], year=2020)
    mixed = [
        body(COUNTY, "department", "own", name="甲", edition="E2014"),
        body(COUNTY, "department", "own", name="乙", edition="E2021"),
    ]
    row = row_of(built(mixed, year=2021, before=before), division_code="341302")
    notes = row["comparability_notes"]
    assert isinstance(notes, list)
    # E2019 to E2014 is near, E2019 to E2021 exact.
    assert "applications_new: near" in notes
    # E2019 to E2014 is none, E2019 to E2021 partial.
    assert "normative_in_force: none" in notes


def test_on_one_form_nothing_breaks_and_without_a_year_before_nothing_is_known():
    before = built([body(COUNTY, "department", "own")], year=2021)
    same = built([body(COUNTY, "department", "own"), body(OTHER_COUNTY, "department", "own")], before=before)
    assert [row_of(same, division_code=code)["edition_break"] for code in ("341302", "341321")] == [False, None]
    assert row_of(same, division_code="341302")["comparability_notes"] == []
