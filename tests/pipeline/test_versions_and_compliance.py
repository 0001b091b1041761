"""Reports edited, taken down, published late or unreadable: from the ledger to `ogi trace` and `ogi coverage`."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pipeline_helpers import Ogi

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role
from crawlers.archive.raw_store import RawStore
from pipelines.build import build
from pipelines.catalog import connect
from pipelines.jobs import collect
from pipelines.layout import DataLayout
from pipelines.questions import ask
from pipelines.sample.draw_html import PageContext, draw_html
from pipelines.sample.facts import Facts, load_facts
from pipelines.sample.server import SampleServer
from pipelines.sample.sites import REGISTRY_FOLDER
from pipelines.sources import PROVIDERS, Archive, remember_portals

PAGE = "http://yaodu.test/nb/2021.html"
SCAN = "http://yaodu.test/nb/scan.pdf"
ENTRY = """\
id: yaodu
name: 临汾市尧都区人民政府
division_code: "141002"
family: static_paged
index_url: http://yaodu.gov.cn/nb/
expects: {min: {"2021": 4, documents_per_year: 1}}
"""
FACTS = load_facts()


def drawn(facts: Facts, *, note: str = "") -> bytes:
    page = PageContext(site_name="临汾市尧都区人民政府", url=PAGE, published_at=f"{facts.published}")
    return draw_html(facts, page=page).replace(b"</body>", f"<p>{note}</p></body>".encode())


def edited(facts: Facts) -> Facts:
    """The report with one more application granted and decided, and none carried forward."""
    told = facts.model_dump(mode="json")
    for row, figure in (("granted", 3), ("total_processed", 3), ("carried_forward", 0)):
        for column in ("natural_person", "total"):
            told["cells"][f"t3.{row}"][column] = {"printed": f"{figure}", "value": figure, "status": "reported"}
    return Facts.model_validate(told)


def request(
    store: RawStore, url: str, at: str, outcome: Outcome, content: bytes | None = None, **more: Any
) -> FetchRow:
    return FetchRow(
        run_id=at,
        portal_id="yaodu",
        url=url,
        role=Role.ARTICLE,
        outcome=outcome,
        requested_at=f"{at}T01:00:00.000000+00:00",
        sha256=None if content is None else store.put(content),
        byte_count=None if content is None else len(content),
        **more,
    )


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> DataLayout:
    """A bureau's report edited after publication and then taken down, one published late, and a broken scan."""
    layout = DataLayout(tmp_path_factory.mktemp("versions"))
    registry = layout.root / "registry"
    (registry / "shanxi").mkdir(parents=True)
    (registry / "shanxi" / "yaodu.yml").write_text(ENTRY, encoding="utf-8")
    store, report = RawStore(layout.raw), FACTS["linfen-yaodu-xinfang-2021"]
    late = FACTS["linfen-yaodu-gov-2021"].model_copy(update={"published": date(2022, 5, 6)})
    rows = [
        request(store, PAGE, "2022-02-01", Outcome.STORED, drawn(report)),
        request(store, PAGE, "2022-03-01", Outcome.STORED, drawn(report, note="访问量 12")),
        request(store, PAGE, "2022-04-01", Outcome.STORED, drawn(edited(report))),
        request(store, PAGE, "2022-07-01", Outcome.GONE),
        request(store, "http://yaodu.test/nb/gov.html", "2022-06-01", Outcome.STORED, drawn(late)),
        request(
            store, SCAN, "2022-06-01", Outcome.STORED, b"%PDF-1.4\nbroken", link_text="尧都区统计局2021年信息公开年报",
            listed_date="2022-01-20",
        ),
    ]  # fmt: skip
    with Ledger(layout.ledger) as ledger:
        ledger.append_many(rows)
    remember_portals(layout, registry)
    build(layout, workers=1)
    return layout


@pytest.fixture(scope="module")
def tables(layout: DataLayout) -> Iterator[Any]:
    connection = connect(layout)
    yield connection
    connection.close()


def test_an_edited_report_has_two_versions_and_the_second_is_the_one_shown(tables: Any) -> None:
    rows = ask(
        tables,
        "SELECT v.*, r.document_sha256 AS shown FROM report_versions v JOIN reports r USING (report_id) "
        "WHERE r.issuer = '尧都区信访局' ORDER BY version_number",
    )
    first, second = rows
    assert (first["basis"], first["rendition_count"], first["layout_change_count"]) == ("first_found", 2, 1)
    assert [f"{first[name]:%Y-%m-%d}" for name in ("valid_from", "valid_to")] == ["2022-01-26", "2022-04-01"]
    assert (second["basis"], second["is_current"], second["changed_cell_count"]) == ("same_url_changed", True, 6)
    assert second["document_sha256"] == second["shown"]
    assert f"{second['gone_at']:%Y-%m-%d}" == "2022-07-01"
    (document,) = ask(
        tables, "SELECT gone_at FROM documents WHERE document_sha256 = $sha", sha=second["document_sha256"]
    )
    assert document["gone_at"] == second["gone_at"]


def test_every_cell_that_was_edited_is_recorded(tables: Any) -> None:
    rows = ask(tables, "SELECT cell, before_value, after_value, change, difference FROM version_changes ORDER BY cell")
    assert [tuple(row.values()) for row in rows] == [
        (f"t3.{row}.{column}", before, after, "edited", after - before)
        for row, before, after in (("carried_forward", 1, 0), ("granted", 2, 3), ("total_processed", 2, 3))
        for column in ("natural_person", "total")
    ]


def test_trace_shows_versions_and_what_changed(layout: DataLayout, ogi: Ogi) -> None:
    out = ogi("trace", "信访局 2021", "--data", layout.root).out
    assert "Versions" in out
    assert "Changed after publication" in out
    assert "gone since" in out
    told = json.loads(ogi("trace", "信访局 2021", "--json", "--data", layout.root).out)
    assert [len(told[name]) for name in ("versions", "changes")] == [2, 6]
    cell = json.loads(ogi("trace", "信访局 2021", "t3.granted.total", "--json", "--data", layout.root).out)
    assert [(row["before_raw"], row["after_raw"]) for row in cell["changes"]] == [("2", "3")]
    assert "Versions" not in ogi("trace", "尧都区人民政府 2021", "--data", layout.root).out


def test_the_region_is_covered_as_its_portal_expects(tables: Any) -> None:
    (row,) = ask(tables, "SELECT * FROM coverage WHERE division_code = '141002'")
    counts = ("issuers_expected", "issuers_found", "issuers_missing", "expected_by_registry", "governments_found")
    assert tuple(row[name] for name in counts) == (4, 2, 2, 4, 1)
    assert (row["issuers_late"], row["issuers_undated"], row["issuers_on_time"]) == (1, 0, 1)
    assert (row["on_time_share"], row["reports_unreadable"], row["missing_issuers"]) == (0.5, 1, [])


def test_coverage_by_issuer_lists_the_worst_first(layout: DataLayout, ogi: Ogi) -> None:
    where = ("--data", layout.root, "--portals", layout.root / "registry")
    rows = [json.loads(line) for line in ogi("coverage", "--by", "issuer", "--json", *where).out.splitlines()]
    assert [row["breach"] for row in rows] == sorted(
        (row["breach"] for row in rows), key=["missing", "unreadable", "late", "contradictory", "undated"].index
    )
    (late,) = [row for row in rows if row["breach"] == "late"]
    assert (late["issuer"], late["first_published"], late["due"], late["days_late"]) == (
        "临汾市尧都区人民政府", "2022-05-06", "2022-03-31", 36,
    )  # fmt: skip
    (unreadable,) = [row for row in rows if row["breach"] == "unreadable"]
    assert (unreadable["document"], unreadable["report_year"]) == (SCAN, 2021)
    assert {row["issuer"] for row in rows if row["breach"] == "missing"} == {"山西省人民政府", "临汾市人民政府"}
    only = [json.loads(line) for line in ogi("coverage", "--late", "--json", *where).out.splitlines()]
    assert only == [late]
    out = ogi("coverage", "--by", "issuer", *where).out
    assert (
        out.index("Expected and not found")
        < out.index("Documents that cannot be read")
        < out.index("after the day due")
    )
    assert all(sum(2 if "\u4e00" <= sign <= "\u9fff" else 1 for sign in line) <= 100 for line in out.splitlines())
    assert "尧都区" in ogi("coverage", "--by", "county", "--late", *where).out


def test_what_portals_are_expected_to_bring_is_remembered_beside_the_ledger(layout: DataLayout) -> None:
    rows = PROVIDERS["portals"](Archive(layout)).to_pylist()
    assert [(row["portal_id"], row["division_code"], row["report_year"], row["minimum"]) for row in rows] == [
        ("yaodu", "141002", 2021, 4), ("yaodu", "141002", None, 1),
    ]  # fmt: skip


def test_facts_remembered_by_an_older_version_are_still_read(tmp_path: Path) -> None:
    layout = DataLayout(tmp_path)
    (tmp_path / "portals.json").write_text('{"old": {"name": "旧", "division_code": null}}', encoding="utf-8")
    (row,) = PROVIDERS["portals"](Archive(layout)).to_pylist()
    assert (row["portal_id"], row["minimum"], row["report_year"]) == ("old", None, None)


def test_a_portal_that_edits_one_report_and_takes_another_down(tmp_path: Path) -> None:
    layout, portal = DataLayout(tmp_path / "data"), "sample-pingtan"
    with SampleServer() as server:
        host = next(site.host for site in server.sites if site.id == portal)
        collect(layout, REGISTRY_FOLDER, [portal], proxy=server.proxy_url)
        told = FACTS["pingtan-2025"].model_dump(mode="json")
        told["cells"]["t3.new_received"]["total"] = {"printed": "777", "value": 777, "status": "reported"}
        server.update_report(Facts.model_validate(told))
        server.remove_report(host, "pingtan-2024")
        collect(layout, REGISTRY_FOLDER, [portal], proxy=server.proxy_url, full=True)
    build(layout, registry=REGISTRY_FOLDER, workers=1)
    connection = connect(layout)
    rows = ask(
        connection,
        "SELECT report_year, version_number, is_current, gone_at IS NOT NULL AS is_gone, changed_cell_count "
        "FROM report_versions ORDER BY report_year, version_number",
    )
    assert [tuple(row.values()) for row in rows] == [
        (2024, 1, True, True, None), (2025, 1, False, False, None), (2025, 2, True, False, 1),
    ]  # fmt: skip
    (change,) = ask(connection, "SELECT cell, after_raw FROM version_changes")
    assert change == {"cell": "t3.new_received.total", "after_raw": "777"}
    connection.close()
