"""Nothing is lost between raw store and tables; dimensions say who, where and what."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from transform_samples import BUREAU, Body, Year, document, full_form, row_of, unread

from extract.forms.declaration import load_forms
from extract.forms.statements import load_statements
from extract.model import ExtractionStatus
from transform.archive import build_documents, build_ledger, build_quarantine, conservation
from transform.bodies import build_issuers
from transform.dimensions import build_codes
from transform.extracted import ExtractedDocument, by_year, outcome_of, year_of
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES
from transform.steps import SOURCES, STEPS, Step, steps_by_table

ZERO = full_form("E2021", {})


def fetch(number: int, sha256: str | None, **more: object):
    row = dict.fromkeys(TABLES["ledger"].column_names) | {
        "fetch_id": f"{number:04}", "run_id": "run-1", "portal_id": "test-portal", "role": "article",
        "outcome": "stored",
        "url": f"http://ogi.example.test/{number}", "requested_at": datetime(2026, 1, number, tzinfo=UTC),
        "sha256": sha256, "byte_count": 10,
    }  # fmt: skip
    return row | more


def ledger_of(*rows: dict[str, object]):
    return build_ledger(fetches=from_rows(TABLES["ledger"], rows))


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (document(ZERO, body=None), "no_issuer"),
        (document(ZERO, year=None), "no_report_year"),
        (document(ZERO, year=2007), "implausible_report_year"),
        (document(ZERO, year=2027), "implausible_report_year"),
        (document(ZERO, edition="E2033"), "unknown_edition"),
        (unread(ExtractionStatus.QUARANTINED, "no_table"), "no_table"),
    ],
)
def test_a_report_that_cannot_be_used_is_quarantined_with_reason_and_way_out(made: ExtractedDocument, code: str):
    outcome = outcome_of(made)
    assert (outcome.status, outcome.reason_code) == (ExtractionStatus.QUARANTINED, code)
    assert year_of(made) is None
    (row,) = build_quarantine(extractions=[made]).to_pylist()
    assert row["reason_code"] == code
    assert row["reason"].endswith(".")


def test_a_stated_non_report_is_in_documents_and_not_in_quarantine():
    made = unread(ExtractionStatus.NOT_A_REPORT, "guide")
    assert build_quarantine(extractions=[made]).num_rows == 0
    (row,) = build_documents(ledger=ledger_of(), extractions=[made]).to_pylist()
    assert (row["extraction_status"], row["reason_code"]) == ("not_a_report", "guide")


def test_documents_stand_in_the_table_right_after_the_crawl():
    rows = [
        fetch(1, "a" * 64), fetch(2, "a" * 64, outcome="unchanged", url="http://ogi.example.test/1"),
        fetch(3, "b" * 64, role="listing", outcome="listing"), fetch(4, None, outcome="http_error"),
    ]  # fmt: skip
    (row,) = build_documents(ledger=ledger_of(*rows), extractions=[]).to_pylist()
    assert (row["document_sha256"], row["fetch_count"], row["extraction_status"]) == ("a" * 64, 2, None)
    assert (row["fetched_at"].day, row["last_seen_at"].day) == (1, 2)


def test_documents_in_equals_documents_out():
    report, picture = document(ZERO), unread(ExtractionStatus.QUARANTINED)
    guide = unread(ExtractionStatus.NOT_A_REPORT, name="g")
    extractions = [report, guide, picture]
    ledger = ledger_of(*(fetch(number, found.sha256) for number, found in enumerate(extractions, start=1)))
    renditions = Year([report], year=2022)["renditions"]
    documents = build_documents(ledger=ledger, extractions=extractions, renditions=renditions)
    quarantine = build_quarantine(extractions=extractions)
    assert conservation(documents, renditions, quarantine) == []
    assert row_of(documents, document_sha256=report.sha256)["report_id"] == f"{BUREAU.issuer_id}-2022"
    assert documents.num_rows == 3


def test_a_lost_document_is_named():
    report, picture = document(ZERO), unread(ExtractionStatus.QUARANTINED)
    renditions = Year([report], year=2022)["renditions"]
    ledger = ledger_of(fetch(1, "c" * 64))
    documents = build_documents(ledger=ledger, extractions=[report, picture], renditions=renditions)
    problems = conservation(documents, renditions.slice(0, 0), build_quarantine(extractions=[]))
    assert problems == [
        f"document {'c' * 64} was collected and never extracted",
        f"document {report.sha256} is read and missing from renditions",
        f"document {picture.sha256} is quarantined and missing from quarantine",
    ]


def test_documents_go_by_the_year_they_cover():
    found = by_year([document(ZERO, year=2022), document(ZERO, year=2020), unread(ExtractionStatus.QUARANTINED)])
    assert list(found) == [2020, 2022]


def test_an_issuer_is_one_row_over_the_years():
    years = [Year([document(ZERO, year=year)], year=year)["reports"] for year in (2021, 2022)]
    (row,) = build_issuers(reports=pa.concat_tables(years)).to_pylist()
    assert (row["issuer_id"], row["names"]) == (BUREAU.issuer_id, [BUREAU.name])
    assert (row["first_year"], row["last_year"], row["report_count"]) == (2021, 2022, 2)


def test_every_cell_of_every_form_has_a_code():
    codes = build_codes()
    cells = {(row["edition"], row["code"]) for row in codes.to_pylist() if row["code_kind"] == "cell"}
    for edition in load_forms().editions.values():
        assert {(edition.id, cell.code) for cell in edition.cells} <= cells


def test_a_code_carries_words_unit_and_crosswalk():
    row = row_of(build_codes(), edition="E2021", code_kind="cell", code="t3.granted.total")
    assert (row["label_zh"], row["unit"]) == ("予以公开：总计", "件")
    assert row["crosswalk"] == ["disclosed_all", "disclosed_full"]
    assert "30号" in row["source"]


def test_every_statement_and_every_flag_of_ours_has_a_code():
    codes = {(row["code_kind"], row["code"]): row for row in build_codes().to_pylist() if row["edition"] == "all"}
    for spec in load_statements():
        row = codes["statement", spec.code]
        assert (row["label_zh"], row["unit"], row["parent"]) == (spec.label, spec.unit[0], spec.code.split(".")[0])
    flags = {"read_twice", "readings_differ", "stated_none", "approximate", "recognised"}
    flags |= {flag.flag for spec in load_statements() for flag in spec.flags}
    assert flags <= {code for kind, code in codes if kind == "anomaly"}


def test_steps_make_every_table_once_and_in_order():
    assert sorted(step.table for step in STEPS) == sorted(TABLES)
    made: set[str] = set(SOURCES)
    for step in STEPS:
        assert set(step.inputs) <= made
        made.add(step.table)
        assert step.by_year == (TABLES[step.table].partition is not None)
    assert steps_by_table()["checks"].previous_year_inputs == ("cells",)


def test_a_step_by_year_needs_a_year_and_others_take_none():
    by_table: dict[str, Step] = steps_by_table()
    with pytest.raises(ValueError, match="a report year is needed"):
        by_table["reports"].run({})
    with pytest.raises(ValueError, match="a report year is not taken"):
        by_table["codes"].run({}, report_year=2022)


def test_a_year_without_reports_gives_empty_tables():
    made = Year([], year=2022, bodies=[Body("x")]).every_table()
    assert {name: table.num_rows for name, table in made.items()} == dict.fromkeys(made, 0)
