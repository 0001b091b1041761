"""Figures by region and year against a hand-made table; what must never be added is not."""

from collections.abc import Sequence

import pyarrow as pa
import pytest
from transform_samples import BLANK, Body, Year, document, full_form, row_of

from transform.extracted import ExtractedDocument
from transform.rates import RATE_BASE_MINIMUM

CITY = Body("宿州市人民政府", "government", "prefecture", "consolidated", "341300", county=None)
CITY_OFFICE = Body("宿州市人民政府办公室", "government_office", "prefecture", "own", "341300", county=None)
CITY_BUREAU = Body("宿州市教育局", "department", "prefecture", "own", "341300", county=None)
DISTRICT = Body("埇桥区人民政府", "government", "county", "consolidated")
BUREAU = Body("埇桥区教育局")
TOWNSHIP = Body("埇桥区某某镇人民政府", "township_government", "township", "own")
OTHER_COUNTY = Body("砀山县教育局", division_code="341321", county="砀山县")
NOWHERE = Body("新城区教育局", division_code=None, province=None, prefecture=None, county=None)
UNKNOWN_SCOPE = Body("埇桥区某某委员会", scope="unknown")
BODIES = (CITY, CITY_OFFICE, CITY_BUREAU, DISTRICT, BUREAU, TOWNSHIP, OTHER_COUNTY, NOWHERE, UNKNOWN_SCOPE)


def report(
    body: Body, new: float | str, processed: float | str, granted: float | str, **more: float | str
) -> ExtractedDocument:
    values = {"t3.new_received.total": new, "t3.total_processed.total": processed, "t3.granted.total": granted} | more
    return document(full_form("E2021", values), body=body)


def region_year(*documents: ExtractedDocument, bodies: Sequence[Body] = BODIES) -> pa.Table:
    return Year(documents, year=2022, bodies=bodies)["region_year"]


FIGURES = (
    report(CITY, 100, 90, 45),
    report(CITY_OFFICE, 7, 7, 7),
    report(CITY_BUREAU, 5, 5, 1),
    report(DISTRICT, 40, 40, 10),
    report(BUREAU, 3, 2, 1),
    report(TOWNSHIP, 2, 2, 0),
    report(OTHER_COUNTY, 1, 1, 1),
    report(NOWHERE, 1000, 1000, 1000),
    report(UNKNOWN_SCOPE, 500, 500, 500),
)

HAND_MADE = {
    # (code, basis): (reports behind it, new, processed, disclosed in full)
    ("340000", "sum_of_own_reports"): (5, 18.0, 17.0, 10.0),
    ("341300", "consolidated_report"): (1, 100.0, 90.0, 45.0),
    ("341300", "sum_of_own_reports"): (5, 18.0, 17.0, 10.0),
    ("341302", "consolidated_report"): (1, 40.0, 40.0, 10.0),
    ("341302", "sum_of_own_reports"): (2, 5.0, 4.0, 1.0),
    ("341321", "sum_of_own_reports"): (1, 1.0, 1.0, 1.0),
}


def test_every_figure_equals_the_hand_made_table():
    found = {
        (row["division_code"], row["basis"]): (
            row["report_count"],
            row["applications_new"],
            row["applications_processed"],
            row["disclosed_full"],
        )
        for row in region_year(*FIGURES).to_pylist()
    }
    assert found == HAND_MADE


def test_the_two_bases_are_rows_of_their_own_and_never_added():
    table = region_year(*FIGURES)
    district = [row for row in table.to_pylist() if row["division_code"] == "341302"]
    assert sorted(row["applications_new"] for row in district) == [5.0, 40.0]
    total = 40.0 + 5.0
    assert total not in table.column("applications_new").to_pylist()


def test_a_consolidated_report_adds_nothing_to_the_sum_of_any_level():
    with_district = region_year(*FIGURES)
    without = region_year(*(found for found in FIGURES if "埇桥区人民政府" not in found.extraction.report.issuer))
    for code in ("340000", "341300", "341302"):
        key = {"division_code": code, "basis": "sum_of_own_reports"}
        assert row_of(with_district, **key) == row_of(without, **key)


def test_bodies_without_known_scope_or_region_enter_no_row():
    assert region_year(report(NOWHERE, 1, 1, 1), report(UNKNOWN_SCOPE, 1, 1, 1)).num_rows == 0


def test_regions_carry_their_names_at_every_level():
    row = row_of(region_year(*FIGURES), division_code="341300", basis="consolidated_report")
    assert (row["region"], row["level"], row["province"], row["prefecture"], row["county"]) == (
        "宿州市", "prefecture", "安徽省", "宿州市", None,
    )  # fmt: skip
    assert (row["province_code"], row["prefecture_code"], row["county_code"]) == ("340000", "341300", None)


def test_a_government_and_its_office_are_one_body_in_the_sum():
    government = Body("埇桥区人民政府", "government", "county", "own")
    office = Body("埇桥区人民政府办公室", "government_office", "county", "own")
    table = region_year(report(office, 33, 33, 3), report(government, 33, 33, 3), bodies=[office, government])
    row = next(row for row in table.to_pylist() if row["division_code"] == "341302")
    assert (row["applications_new"], row["report_count"], row["left_out_count"]) == (33.0, 1, 1)


def test_a_departments_consolidated_report_does_not_speak_for_the_region():
    department = Body("宿州市教育局", "department", "prefecture", "consolidated", "341300", county=None)
    assert region_year(report(department, 9, 9, 9), bodies=[department]).num_rows == 0


def test_a_township_does_not_speak_for_its_county():
    township = Body("埇桥区某某镇人民政府", "township_government", "township", "consolidated")
    assert region_year(report(township, 9, 9, 9), bodies=[township]).num_rows == 0


def test_of_two_consolidated_reports_the_governments_own_is_taken_and_the_other_counted():
    office = Body("埇桥区人民政府办公室", "government_office", "county", "consolidated")
    table = region_year(report(office, 39, 39, 9), report(DISTRICT, 40, 40, 10), bodies=[office, DISTRICT])
    (row,) = table.to_pylist()
    assert (row["applications_new"], row["report_count"], row["left_out_count"]) == (40.0, 1, 1)
    assert row["report_id"] == f"{DISTRICT.issuer_id}-2022"


def test_a_blank_is_no_zero_and_is_named():
    table = region_year(report(BUREAU, 3, BLANK, 1), report(TOWNSHIP, 2, 2, 0))
    row = row_of(table, division_code="341302", basis="sum_of_own_reports")
    assert (row["applications_processed"], row["reports_without_total"]) == (2.0, 1)
    assert row["incomplete_measures"] == ["applications_processed"]


def test_a_measure_that_no_report_prints_is_null():
    row = row_of(region_year(report(BUREAU, 3, BLANK, 1)), division_code="341302")
    assert row["applications_processed"] is None
    assert row["disclosed_full_share"] is None
    assert row["disclosed_full_share_denominator"] is None


def test_a_sum_with_a_blank_part_is_null_for_the_report():
    row = row_of(
        region_year(report(BUREAU, 3, 3, 1, **{"t3.withheld_state_secret.total": BLANK})), division_code="341302"
    )
    assert row["withheld_all"] is None
    assert "withheld_all" in row["incomplete_measures"]


def test_a_share_is_taken_over_the_reports_that_print_both_figures():
    table = region_year(report(BUREAU, 40, 40, 10), report(TOWNSHIP, 60, 60, BLANK))
    row = row_of(table, division_code="341302", basis="sum_of_own_reports")
    share = [row[f"disclosed_full_share{part}"] for part in ("", "_numerator", "_denominator")]
    assert share == [0.25, 10.0, 40.0]


def test_small_bases_add_up_to_one_that_says_something():
    """Two bodies below the smallest base: neither has a share, both together have."""
    half = RATE_BASE_MINIMUM // 2
    table = region_year(report(BUREAU, 0, half, 1), report(TOWNSHIP, 0, RATE_BASE_MINIMUM - half, 2))
    row = row_of(table, division_code="341302", basis="sum_of_own_reports")
    assert row["disclosed_full_share"] == 3 / RATE_BASE_MINIMUM
    alone = row_of(region_year(report(BUREAU, 0, RATE_BASE_MINIMUM - 1, 1)), division_code="341302")
    assert (alone["disclosed_full_share"], alone["disclosed_full_share_denominator"]) == (None, RATE_BASE_MINIMUM - 1)


@pytest.mark.parametrize(("processed", "granted"), [(0, 0), (0, 1), (20, 30)])
def test_a_share_of_nothing_or_above_one_is_null(processed: int, granted: int):
    row = row_of(region_year(report(BUREAU, 3, processed, granted)), division_code="341302")
    assert row["disclosed_full_share"] is None
    assert row["disclosed_full_share_numerator"] == granted


def test_reports_that_break_their_own_arithmetic_are_counted():
    row = row_of(region_year(report(BUREAU, 3, 2, 1)), division_code="341302")
    assert row["reports_with_failing_checks"] == 1
    sound = document(full_form("E2021", {}), body=BUREAU)
    assert row_of(region_year(sound), division_code="341302")["reports_with_failing_checks"] == 0


def test_other_handling_in_one_row_counts_as_the_measure():
    values = full_form("E2021", {"t3.other_handling.total": 6})
    for part in ("other_correction_overdue", "other_fee_unpaid", "other_misc"):
        del values[f"t3.{part}.total"]
    row = row_of(region_year(document(values, body=BUREAU)), division_code="341302")
    assert row["other_handling"] == 6.0


def test_e2014_reports_give_comparable_measures():
    values = {"st.received.value": 8, "st.reply_already_public.value": 2, "st.reply_granted.value": 3}
    made = Year([document(values, edition="E2014", year=2016)], year=2016)
    row = row_of(made["region_year"], division_code="341302")
    assert (row["applications_new"], row["disclosed_full"], row["editions"]) == (8.0, 5.0, ["E2014"])
    assert row["applications_carried_over"] is None
