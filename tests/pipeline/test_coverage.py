"""Who has published and who has not, and portals that go quiet or explode."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pipeline_helpers import Ogi

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role
from pipelines.build import publish_archive
from pipelines.cli.commands.coverage import _place
from pipelines.coverage import By, coverage, expectation_problems, never_asked
from pipelines.layout import DataLayout
from pipelines.sources import PROVIDERS, Archive, remember_portals
from pipelines.warehouse import Warehouse
from transform.coverage import build_coverage
from transform.regions import load_gazetteer
from transform.schema.derive import arrow_schema, from_rows
from transform.schema.tables import TABLES

ENTRY = """\
id: {id}
name: {id}
division_code: "{code}"
family: static_paged
index_url: http://{id}.gov.cn/nb/
notes: for a test
"""

Make = Callable[..., tuple[DataLayout, Path]]


def rendition(portal: str, issuer: str, year: int, number: int) -> dict[str, object]:
    """One report of one issuer; everything that does not matter here is left empty."""
    values: dict[str, object] = {}
    for field in arrow_schema(TABLES["renditions"]):
        empty: object = None
        if not field.nullable:
            kind = str(field.type)
            empty = [] if kind.startswith("list") else False if kind == "bool" else 0 if "int" in kind else "x"
        values[field.name] = empty
    return {
        **values,
        "report_id": f"{issuer}-{year}",
        "report_year": year,
        "document_sha256": f"{number:064x}",
        "portal_id": portal,
        "issuer_id": issuer,
        "issuer": issuer,
        "is_primary": True,
        "issuer_kind": "department",
        "scope": "own",
        "region_status": "resolved",
        "edition": "E2021",
        "format": "html",
        "province_code": "330000",
        "province": "浙江省",
        "prefecture_code": "330300",
        "prefecture": "温州市",
    }


def coverage_of(layout: DataLayout, year: int) -> pa.Table:
    """The table `coverage` of a year, from the renditions as they stand."""
    warehouse, archive = Warehouse(layout), Archive(layout)
    renditions = warehouse.read("renditions", [year])
    unchecked = pa.array([0] * renditions.num_rows, pa.int64())
    sources = {name: PROVIDERS[name](archive) for name in ("portals", "unread")}
    return build_coverage(
        report_year=year,
        renditions=renditions,
        reports=renditions.append_column("failing_check_count", unchecked),
        previous_renditions=warehouse.read("renditions", [year - 1]),
        **sources,
    )


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A data folder with these reports (portal, issuer, year), and a registry with these portals."""

    def call(
        reports: Sequence[tuple[str, str, int]],
        *,
        expects: str = "",
        now: str = "2026-05-01",
        waiting: Sequence[tuple[str | None, date | None]] = (),
        listing: Outcome = Outcome.LISTING,
    ) -> tuple[DataLayout, Path]:
        layout, registry = DataLayout(tmp_path / "data"), tmp_path / "registry"
        for number, portal in enumerate(("pa", "pb")):
            file = registry / "zhejiang" / f"{portal}.yml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(ENTRY.format(id=portal, code=f"3303{number + 2:02}") + (expects if portal == "pa" else ""))
        rows = [
            FetchRow(run_id="r", portal_id="pa", url="http://pa.gov.cn/nb/", role=Role.LISTING, outcome=listing,
                     reason="the portal asks for a proof" if listing is Outcome.CHALLENGE else None,
                     requested_at=f"{now}T00:00:00.000000+00:00")
        ]  # fmt: skip
        for number, (title, listed) in enumerate(waiting):
            rows.append(
                FetchRow(run_id="r", portal_id="pa", url=f"http://pa.gov.cn/{number}.html", role=Role.ARTICLE,
                         outcome=Outcome.STORED, requested_at=f"{now}T00:00:00.000000+00:00",
                         sha256=f"{number + 900:064x}", byte_count=9, link_text=title,
                         listed_date=listed.isoformat() if listed else None)
            )  # fmt: skip
        with Ledger(layout.ledger) as ledger:
            ledger.append_many(rows)
        publish_archive(layout)
        warehouse = Warehouse(layout)
        for year in sorted({report[2] for report in reports}):
            found = [rendition(*report, number) for number, report in enumerate(reports) if report[2] == year]
            warehouse.write("renditions", year, from_rows(TABLES["renditions"], found))
        remember_portals(layout, registry)
        for year in warehouse.years("renditions"):
            warehouse.write("coverage", year, coverage_of(layout, year))
        return layout, registry

    return call


REPORTS = (("pa", "甲局", 2023), ("pa", "乙局", 2023), ("pa", "甲局", 2024), ("pa", "甲局", 2025), ("pb", "丙局", 2025))


def test_expected_is_who_published_the_year_before(make: Make) -> None:
    layout, registry = make(REPORTS)
    rows = {(row.key, row.report_year): row for row in coverage(layout, registry)}
    assert list(rows) == [("pa", 2023), ("pa", 2024), ("pa", 2025), ("pb", 2025)]
    first, second, third = (rows["pa", year] for year in (2023, 2024, 2025))
    assert (first.expected, first.found, first.missing) == (None, 2, 0)
    assert (second.expected, second.found, second.missing, second.missing_issuers) == (2, 1, 1, ["乙局"])
    assert (third.expected, third.found, third.missing) == (1, 1, 0)


def test_what_an_entry_expects_counts_if_it_is_more(make: Make) -> None:
    layout, registry = make(REPORTS, expects='expects:\n  min: {"2025": 5, documents_per_year: 1}\n')
    rows = {(row.key, row.report_year): row for row in coverage(layout, registry)}
    assert (rows["pa", 2025].expected, rows["pa", 2025].missing) == (5, 4)
    assert (rows["pa", 2024].expected, rows["pa", 2024].missing) == (2, 1)


def test_nobody_is_missing_before_reports_are_due(make: Make) -> None:
    layout, registry = make(REPORTS, now="2026-02-01")
    rows = {(row.key, row.report_year): row for row in coverage(layout, registry, years=[2025])}
    assert (rows["pa", 2025].expected, rows["pa", 2025].found, rows["pa", 2025].missing) == (None, 1, 0)


def test_regions_are_counted_over_portals(make: Make) -> None:
    layout, registry = make(REPORTS)
    governments = [division for division in load_gazetteer().descendants("330000") if not division.is_zone]
    (row,) = [row for row in coverage(layout, registry, by=By.PROVINCE, years=[2025]) if row.is_known]
    assert (row.key, row.name, row.found, row.expected) == ("330000", "浙江省", 2, 2 + 1 + len(governments))
    (row,) = [row for row in coverage(layout, registry, by=By.PREFECTURE, years=[2024]) if row.is_known]
    assert (row.name, row.missing_issuers[0], row.missing_issuers[-1]) == ("浙江省 温州市", "温州市人民政府", "乙局")


def test_regions_are_read_from_the_table_and_nobody_is_missing_before_reports_are_due(make: Make) -> None:
    layout, registry = make(REPORTS, now="2026-02-01")
    (row,) = [row for row in coverage(layout, registry, by=By.PREFECTURE, years=[2025]) if row.is_known]
    assert (row.found, row.missing, row.missing_issuers, row.late, row.undated) == (2, 0, [], 0, 2)
    rows = coverage(layout, registry, by=By.COUNTY, years=[2024])
    assert rows
    assert not any(row.is_known for row in rows)
    assert all(row.missing == row.expected for row in rows)


def test_documents_that_wait_are_shown_in_the_year_that_their_link_names(make: Make) -> None:
    waiting = [("某局2024年度政府信息公开工作年度报告", date(2025, 1, 9)), (None, date(2026, 1, 9)), (None, None)]
    layout, registry = make((), waiting=waiting)
    assert [(row.report_year, row.found, row.waiting) for row in coverage(layout, registry)] == [
        (2024, 0, 1), (2025, 0, 1),
    ]  # fmt: skip
    assert never_asked(layout, registry) == ["pb"]


def test_what_stands_in_the_way_is_said(make: Make) -> None:
    layout, registry = make((), listing=Outcome.CHALLENGE)
    (row,) = coverage(layout, registry)
    assert (row.report_year, row.found, row.why) == (2025, 0, "challenge: the portal asks for a proof")


@pytest.mark.parametrize(
    ("expects", "reports", "now", "problem"),
    [
        ("expects: {min: {documents_per_year: 2}}\n", REPORTS, "2026-05-01", [(2024, "quiet", 1), (2025, "quiet", 1)]),
        ('expects: {min: {"2025": 1}}\n', REPORTS[:3], "2026-05-01", [(2025, "quiet", 0)]),
        ('expects: {min: {"2025": 1}}\n', REPORTS[:3], "2026-02-01", []),
        ('expects: {max: {"2023": 1}}\n', REPORTS, "2026-05-01", [(2023, "exploded", 2)]),
        ("expects: {max: {documents_per_year: 1}}\n", REPORTS, "2026-05-01", [(2023, "exploded", 2)]),
        ("", REPORTS[:3], "2026-05-01", [(2025, "quiet", 0)]),
        ("", REPORTS[:3], "2026-02-01", []),
        ("", REPORTS, "2026-05-01", []),
    ],
)
def test_a_portal_that_goes_quiet_or_explodes_is_a_problem(
    make: Make, expects: str, reports: Sequence[tuple[str, str, int]], now: str, problem: list[tuple[int, str, int]]
) -> None:
    layout, registry = make(reports, expects=expects, now=now)
    found = expectation_problems(layout, registry)
    assert [(row["report_year"], row["problem"], row["found"]) for row in found] == problem
    assert all(row["portal_id"] == "pa" for row in found)


def test_a_document_that_waits_is_no_silence(make: Make) -> None:
    layout, registry = make(REPORTS[:3], waiting=[("甲局2025年政府信息公开工作年度报告", None)])
    assert expectation_problems(layout, registry) == []


@pytest.mark.parametrize("expects", ["{min: {often: 2}}", '{max: {"2023": many}}', "{min: 3}", '{min: {"2023": -1}}'])
def test_expectations_that_say_nothing_are_refused(make: Make, expects: str, ogi: Ogi) -> None:
    _, registry = make((), expects=f"expects: {expects}\n")
    answer = ogi("portals", "check", "--portals", registry)
    assert (answer.code, "expects" in answer.out + answer.err) == (1, True)


def test_the_commands_tell_it_in_100_columns_and_for_scripts(make: Make, ogi: Ogi) -> None:
    layout, registry = make(REPORTS, expects='expects: {min: {"2025": 5}}\n')
    where = ("--data", layout.root, "--portals", registry)
    answer = ogi("coverage", *where)
    assert answer.code == 0
    assert "乙局" in answer.out
    assert "Never asked: 1 of the registry's portals, such as pb" in answer.out
    assert all(
        sum(2 if "\u4e00" <= sign <= "\u9fff" else 1 for sign in line) <= 100 for line in answer.out.splitlines()
    )
    lines = [json.loads(line) for line in ogi("coverage", "--by", "prefecture", "--json", *where).out.splitlines()]
    assert {line["division_code"] for line in lines} == {"330300"}
    assert {line["report_year"] for line in lines} == {2023, 2024, 2025}
    everything = ogi("coverage", "--by", "prefecture", "--year", "2024", "--all", "--json", *where).out.splitlines()
    assert len(everything) > 300
    shown = ogi("coverage", "--by", "prefecture", "--year", "2024", *where).out
    assert "温州市人民政府" in shown
    assert "regions where nobody looked yet" in shown
    assert "also bodies whose portals nobody has asked" in shown
    assert _place("浙江省 温州市 鹿城区", "county") == "温州市 鹿城区"
    problems = ogi("problems", "--json", *where)
    assert problems.code == 1
    (row,) = [row for row in map(json.loads, problems.out.splitlines()) if row["kind"] == "portal"]
    assert (row["portal_id"], row["min"], row["problem"]) == ("pa", 5, "quiet")
    assert "went quiet or exploded (1)" in ogi("problems", *where).out
    assert ogi("coverage", "--by", "village", *where).code == 2


def test_nothing_is_said_of_an_empty_archive(tmp_path: Path, ogi: Ogi) -> None:
    answer = ogi("coverage", "--data", tmp_path)
    assert (answer.code, "Nothing was collected yet" in answer.out) == (0, True)
