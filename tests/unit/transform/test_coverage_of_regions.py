"""Who should have published, who has and when, whose reports cannot be used: by region and year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from transform_samples import row_of

from transform.coverage import (
    COVERAGE_COLUMNS,
    PORTALS,
    UNREAD,
    build_coverage,
    publication_days,
    unread_documents,
    year_of_link,
)
from transform.regions import load_gazetteer
from transform.rules.findings import Material
from transform.rules.whole_reports import find_late
from transform.schema.derive import arrow_schema
from transform.schema.tables import TABLES

DEQING, HUZHOU, ZHEJIANG = "330521", "330500", "330000"


@dataclass(frozen=True)
class Report:
    """A report of a body for the tests: what coverage looks at."""

    issuer: str
    code: str = DEQING
    kind: str = "department"
    scope: str = "own"
    day: date | None = None
    listed: date | None = None
    issuer_id: str = ""
    township: str | None = None
    zone: str | None = None
    failing: int = 0
    portal: str = "deqing"
    is_primary: bool = True

    def row(self, year: int) -> dict[str, Any]:
        chain = (self.code, *(division.code for division in load_gazetteer().ancestors(self.code)))
        county = next((code for code in chain if not code.endswith("00")), None)
        prefecture = next((code for code in chain if code.endswith("00") and not code.endswith("0000")), None)
        key = self.issuer_id or self.issuer
        return {
            "report_id": f"{key}-{year}", "document_sha256": f"{key}-{self.day}-{self.is_primary}",
            "portal_id": self.portal, "issuer_id": key, "issuer": self.issuer, "issuer_kind": self.kind,
            "scope": self.scope, "township": self.township, "zone": self.zone, "division_code": self.code,
            "province_code": f"{self.code[:2]}0000", "prefecture_code": prefecture, "county_code": county,
            "published_date": self.day, "listed_date": self.listed, "is_primary": self.is_primary,
            "failing_check_count": self.failing,
        }  # fmt: skip


ELSEWHERE = Report("拉萨市城关区教育局", "540102", portal="lhasa")
"""Somebody reports, if only far away: a year of which nothing is known has no rows."""


def government(name: str, code: str = DEQING, **more: Any) -> Report:
    return Report(name, code, kind="government", scope="consolidated", **more)


def table(name: str, columns: Sequence[str], reports: Iterable[Report], year: int) -> pa.Table:
    whole = arrow_schema(TABLES[name])
    schema = pa.schema([whole.field(column) for column in columns])
    return pa.Table.from_pylist(
        [{column: report.row(year)[column] for column in columns} for report in reports], schema
    )


def covered(
    year: int,
    now: Sequence[Report] = (),
    before: Sequence[Report] = (),
    *,
    portals: Sequence[Mapping[str, Any]] = (),
    unread: Sequence[Mapping[str, Any]] = (),
) -> pa.Table:
    if not now and not before:
        now = [ELSEWHERE]
    return build_coverage(
        report_year=year,
        renditions=table("renditions", COVERAGE_COLUMNS["renditions"], now, year),
        reports=table("reports", COVERAGE_COLUMNS["reports"], [item for item in now if item.is_primary], year),
        previous_renditions=table("renditions", COVERAGE_COLUMNS["previous_renditions"], before, year - 1),
        portals=pa.Table.from_pylist([{**dict.fromkeys(PORTALS.names), **row} for row in portals], PORTALS),
        unread=pa.Table.from_pylist([{**dict.fromkeys(UNREAD.names), **row} for row in unread], UNREAD),
    )


def of(rows: pa.Table, code: str, *columns: str) -> tuple[object, ...]:
    row = row_of(rows, division_code=code)
    return tuple(row[column] for column in columns)


COUNTS = ("issuers_expected", "issuers_found", "issuers_missing")


def test_every_region_of_the_year_has_a_row_and_its_government_is_expected():
    rows = covered(2022)
    gazetteer = load_gazetteer()
    counties = {division.code for division in gazetteer.descendants(HUZHOU)}
    assert of(rows, DEQING, *COUNTS, "missing_issuers") == (1, 0, 1, ["湖州市德清县人民政府"])
    assert of(rows, HUZHOU, *COUNTS) == (1 + len(counties), 0, 1 + len(counties))
    below = [division for division in gazetteer.descendants(ZHEJIANG) if not division.is_zone]  # all there in 2022
    assert of(rows, ZHEJIANG, "expected_governments", "governments_found") == (1 + len(below), 0)
    assert of(rows, "540000", "region", "level") == ("西藏自治区", "province")
    assert "660000" not in rows.column("division_code").to_pylist()


def test_expected_are_governments_issuers_of_the_year_before_and_those_found_each_once():
    before = [government("德清县人民政府"), Report("德清县教育局"), Report("德清县统计局")]
    now = [government("德清县人民政府"), Report("德清县教育局"), Report("德清县司法局")]
    rows = covered(2022, now, before)
    assert of(rows, DEQING, *COUNTS, "missing_issuers") == (4, 3, 1, ["德清县统计局"])
    assert of(rows, DEQING, "expected_governments", "governments_found", "expected_from_previous_year") == (1, 1, 3)
    assert of(rows, DEQING, "expected_by_registry") == (None,)
    above = len(list(load_gazetteer().descendants(HUZHOU)))
    assert of(rows, HUZHOU, *COUNTS) == (4 + above, 3, 1 + above)


@pytest.mark.parametrize(
    ("report", "present"),
    [
        (government("德清县人民政府"), True),
        (Report("德清县人民政府", kind="government", scope="own"), True),
        (Report("德清县人民政府办公室", kind="government_office", scope="consolidated"), True),
        (Report("德清县人民政府办公室", kind="government_office", scope="own"), False),
        (Report("德清县乾元镇人民政府", kind="township_government", township="乾元镇"), False),
        (Report("德清县人民政府", kind="government", township="乾元镇"), False),
        (government("开发区管委会", zone="某某开发区"), False),
        (Report("德清新区管委会", kind="zone_committee", scope="consolidated"), True),
        (Report("德清新区管委会", kind="zone_committee", scope="consolidated", zone="德清新区"), False),
        (Report("德清新区管委会", kind="zone_committee"), False),
        (government("湖州市人民政府", HUZHOU), False),
        (Report("德清县教育局", scope="consolidated"), False),
    ],
)
def test_which_report_stands_for_a_government(report: Report, present: bool) -> None:
    (found,) = of(covered(2022, [report]), DEQING, "governments_found")
    assert found == int(present)


def test_a_government_that_reported_through_its_office_before_is_missing_once_or_not_at_all():
    office = Report("德清县人民政府办公室", kind="government_office", scope="consolidated")
    rows = covered(2022, [government("德清县人民政府")], [office])
    assert of(rows, DEQING, *COUNTS) == (1, 1, 0)
    rows = covered(2022, [], [office])
    assert of(rows, DEQING, *COUNTS, "missing_issuers") == (1, 0, 1, ["德清县人民政府办公室"])
    own = Report("德清县人民政府办公室", kind="government_office", scope="own")
    assert of(covered(2022, [own], [office]), DEQING, *COUNTS) == (2, 1, 1)


def test_a_renamed_county_is_one_government_and_its_bodies_are_still_expected():
    """宁河县 became 宁河区 in 2015."""
    before = [
        government("宁河县人民政府", "120117", issuer_id="ninghe"),
        Report("宁河县教育局", "120117", issuer_id="edu"),
    ]
    now = [government("宁河区人民政府", "120117", issuer_id="ninghe")]
    rows = covered(2015, now, before)
    assert of(rows, "120117", *COUNTS, "missing_issuers") == (2, 1, 1, ["宁河县教育局"])
    for year in (2014, 2015, 2016):
        assert of(covered(year), "120117", "expected_governments") == (1,)


def test_a_unit_that_took_another_rank_is_one_government_and_its_bodies_go_on():
    """儋州市 was a county-level city under the province until 2015."""
    for year in (2012, 2018):
        assert of(covered(year), "460400", "expected_governments", "issuers_missing") == (1, 1)
    before = [Report("儋州市教育局", "460400")]
    assert of(covered(2015, [], before), "460400", "missing_issuers") == (["儋州市人民政府", "儋州市教育局"],)


def test_a_district_merged_into_another_is_expected_as_long_as_it_was_there():
    """崇文区 went into 东城区 in 2010."""
    both = [government("东城区人民政府", "110101"), government("北京市崇文区人民政府", "110101")]
    bodies = [*both, Report("崇文区教育局", "110101"), Report("东城区教育局", "110101")]
    rows = covered(2009, bodies)
    assert of(rows, "110101", *COUNTS, "governments_found") == (4, 4, 0, 2)
    assert of(covered(2009, both[:1]), "110101", *COUNTS, "missing_issuers") == (2, 1, 1, ["崇文区人民政府"])
    rows = covered(2010, [government("东城区人民政府", "110101")], bodies)
    assert of(rows, "110101", *COUNTS, "missing_issuers") == (2, 1, 1, ["东城区教育局"])
    assert of(rows, "110101", "expected_governments", "expected_from_previous_year") == (1, 2)


def test_a_district_that_does_not_exist_yet_is_not_expected():
    """滨海新区 was made of three districts at the end of 2009, 龙华区 of a part of one in 2016."""
    assert of(covered(2008), "120116", "missing_issuers") == (["塘沽区人民政府", "汉沽区人民政府", "大港区人民政府"],)
    assert of(covered(2010), "120116", "missing_issuers") == (["滨海新区人民政府"],)
    assert "440309" not in covered(2010).column("division_code").to_pylist()
    assert of(covered(2018), "440309", "expected_governments") == (1,)


def test_a_body_whose_function_ended_is_not_expected_the_year_after():
    before = [Report("德清县物价局"), Report("德清县教育局")]
    assert of(covered(2019, [], before), DEQING, "missing_issuers")[0] == ["湖州市德清县人民政府", "德清县教育局"]
    assert "德清县物价局" in of(covered(2018, [], before), DEQING, "missing_issuers")[0]  # type: ignore[operator]
    assert "德清县物价局" in of(covered(2021, [], before), DEQING, "missing_issuers")[0]  # type: ignore[operator]


def test_a_department_is_due_in_january_and_a_government_in_march():
    now = [
        government("德清县人民政府", day=date(2023, 3, 31)),
        Report("德清县教育局", day=date(2023, 1, 31)),
        Report("德清县统计局", day=date(2023, 2, 1)),
        Report("德清县司法局"),
    ]
    rows = covered(2022, now)
    columns = ("issuers_on_time", "issuers_late", "issuers_undated")
    assert of(rows, DEQING, *columns) == (2, 1, 1)
    shares = ("on_time_share", "on_time_share_numerator", "on_time_share_denominator")
    assert of(rows, DEQING, *shares) == (pytest.approx(2 / 3), 2, 3)
    assert of(covered(2022, [government("德清县人民政府", day=date(2023, 4, 1))]), DEQING, *columns) == (0, 1, 0)
    assert of(covered(2022), DEQING, *shares) == (None, 0, 0)


def test_until_2018_all_reports_were_due_in_march():
    late = Report("德清县教育局", day=date(2019, 2, 10))
    assert of(covered(2018, [late]), DEQING, "issuers_late", "issuers_on_time") == (0, 1)
    assert of(covered(2019, [Report("德清县教育局", day=date(2020, 2, 10))]), DEQING, "issuers_late") == (1,)


def test_a_report_over_lower_levels_has_the_time_of_a_government():
    wide = Report("德清县人民政府办公室", kind="government_office", scope="consolidated", day=date(2023, 3, 1))
    assert of(covered(2022, [wide]), DEQING, "issuers_late") == (0,)


def test_the_first_publication_counts_and_a_day_before_the_year_ends_is_none():
    corrected = Report("德清县教育局", day=date(2023, 6, 1))
    first = Report("德清县教育局", day=date(2023, 1, 20), is_primary=False)
    assert of(covered(2022, [corrected, first]), DEQING, "issuers_late") == (0,)
    listed = Report("德清县教育局", day=date(2023, 6, 1), listed=date(2023, 1, 31))
    assert of(covered(2022, [listed]), DEQING, "issuers_late") == (0,)
    wrong = Report("德清县教育局", day=date(2022, 1, 20))
    assert of(covered(2022, [wrong]), DEQING, "issuers_late", "issuers_undated") == (0, 1)


@pytest.mark.parametrize("year", [2018, 2019, 2022])
def test_the_rule_that_names_late_reports_and_the_counts_here_are_one(year: int):
    days = [
        date(year, 12, 30),
        date(year, 12, 31),
        *(date(year + 1, *day) for day in ((1, 31), (2, 1), (3, 31), (4, 1))),
    ]
    kinds = ("government", "government_office", "department", "township_government", "zone_committee")
    reports = [
        Report("某机关", kind=kind, scope=scope, day=day, listed=listed, issuer_id=f"{kind}-{scope}-{day}-{listed}")
        for kind in kinds
        for scope in ("own", "consolidated", "unknown")
        for day in (None, *days)
        for listed in (None, days[3])
    ]
    tables = {name: table(name, COVERAGE_COLUMNS[name], reports, year) for name in ("reports", "renditions")}
    late = find_late(cast(Material, SimpleNamespace(report_year=year, **tables)))
    by_rule = {row["report_id"]: row["printed"] for row in late.to_pylist()}
    counted = publication_days(report_year=year, **tables).to_pylist()
    assert {row["report_id"]: row["days_late"] for row in counted} == by_rule
    assert len(by_rule) == len(reports)
    assert {None, 0.0, 1.0} <= set(by_rule.values())


def test_reports_that_break_sums_are_counted():
    now = [Report("德清县教育局", failing=2), Report("德清县统计局")]
    assert of(covered(2022, now), DEQING, "reports_contradictory") == (1,)
    assert of(covered(2022, now), ZHEJIANG, "reports_contradictory") == (1,)


PORTAL = {"portal_id": "deqing", "division_code": DEQING}


def test_what_the_registry_expects_counts_if_it_is_more():
    bounds = [{**PORTAL, "report_year": 2022, "minimum": 9}, {**PORTAL, "minimum": 3}]
    rows = covered(2022, [Report("德清县教育局")], portals=bounds)
    assert of(rows, DEQING, *COUNTS, "expected_by_registry") == (9, 1, 8, 9)
    assert of(rows, HUZHOU, "expected_by_registry") == (9,)
    assert of(covered(2022, [Report("德清县教育局")], portals=bounds[1:]), DEQING, *COUNTS) == (3, 1, 2)
    assert of(covered(2022, [], [Report("德清县教育局")], portals=bounds[1:]), DEQING, "expected_by_registry") == (3,)
    assert of(covered(2022, portals=bounds[1:]), DEQING, "expected_by_registry") == (None,)
    few = [{**PORTAL, "report_year": 2022, "minimum": 1}]
    assert of(covered(2022, [Report("德清县教育局")], portals=few), DEQING, *COUNTS) == (2, 1, 1)


def test_an_unreadable_scan_counts_where_its_portal_lies_and_in_the_year_of_its_link():
    scan = {"document_sha256": "s", "portal_id": "deqing", "status": "quarantined", "report_year": 2022}
    other_year = {**scan, "document_sha256": "t", "report_year": 2021}
    waiting = {**scan, "document_sha256": "u", "status": None}
    nowhere = {**scan, "document_sha256": "v", "portal_id": None}
    rows = covered(2022, portals=[PORTAL], unread=[scan, other_year, waiting, nowhere])
    assert [of(rows, code, "reports_unreadable") for code in (DEQING, HUZHOU, ZHEJIANG, "330522")] == [
        (1,), (1,), (1,), (0,),
    ]  # fmt: skip
    city = [{"portal_id": "deqing", "division_code": HUZHOU}]
    rows = covered(2022, portals=city, unread=[scan])
    assert [of(rows, code, "reports_unreadable") for code in (DEQING, HUZHOU, ZHEJIANG)] == [(0,), (1,), (1,)]


def test_a_reading_that_names_no_issuer_is_unreadable_and_one_that_is_a_rendition_is_not():
    report = Report("德清县教育局")
    read = {"portal_id": "deqing", "status": "read", "report_year": 2022}
    unread = [{**read, "document_sha256": report.row(2022)["document_sha256"]}, {**read, "document_sha256": "nameless"}]
    assert of(covered(2022, [report], portals=[PORTAL], unread=unread), DEQING, "reports_unreadable") == (1,)


def test_which_documents_are_unread():
    schema = arrow_schema(TABLES["documents"])
    columns = ["document_sha256", "portal_id", "link_text", "listed_date"]
    title = "某局2021年度政府信息公开工作年度报告"
    rows = [
        {"document_sha256": name, "portal_id": "p", "link_text": title, "listed_date": date(2023, 1, 9)}
        for name in ("bad", "good", "no year", "none", "waiting")
    ]
    collected = pa.Table.from_pylist(rows, pa.schema([schema.field(name) for name in columns]))
    states: dict[str, tuple[str, int | None]] = {
        "bad": ("quarantined", None), "good": ("read", 2022), "no year": ("read", None), "none": ("not_a_report", None),
    }  # fmt: skip
    found = {
        row["document_sha256"]: (row["status"], row["report_year"])
        for row in unread_documents(collected, states).to_pylist()
    }
    assert found == {
        "bad": ("quarantined", 2021), "good": ("read", 2022), "no year": ("quarantined", 2021), "waiting": (None, 2021),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day", "year"),
    [
        ("某局2024年度报告", date(2020, 1, 1), 2024),
        ("2023政府信息公开年报", None, 2023),
        ("年度报告", date(2025, 1, 20), 2024),
        ("第20235号公告", date(2025, 1, 20), 2024),
        (None, None, None),
    ],
)
def test_the_year_of_a_link(text: str | None, day: date | None, year: int | None) -> None:
    assert year_of_link(text, day) == year


def test_a_year_of_which_nothing_is_known_has_no_rows():
    rows = build_coverage(
        report_year=2022,
        renditions=table("renditions", COVERAGE_COLUMNS["renditions"], [], 2022),
        reports=table("reports", COVERAGE_COLUMNS["reports"], [], 2022),
        previous_renditions=table("renditions", COVERAGE_COLUMNS["previous_renditions"], [], 2021),
        portals=PORTALS.empty_table(),
        unread=UNREAD.empty_table(),
    )
    assert rows.num_rows == 0


def test_nothing_unresolved_is_put_anywhere():
    lost = Report("某教育局")
    row = {**lost.row(2022), "division_code": None, "province_code": None, "prefecture_code": None, "county_code": None}
    columns = COVERAGE_COLUMNS["reports"]
    schema = pa.schema([arrow_schema(TABLES["reports"]).field(name) for name in columns])
    rows = build_coverage(
        report_year=2022,
        renditions=table("renditions", COVERAGE_COLUMNS["renditions"], [lost], 2022),
        reports=pa.Table.from_pylist([{name: row[name] for name in columns}], schema),
        previous_renditions=table("renditions", COVERAGE_COLUMNS["previous_renditions"], [], 2021),
        portals=PORTALS.empty_table(),
        unread=UNREAD.empty_table(),
    )
    assert set(rows.column("issuers_found").to_pylist()) == {0}
