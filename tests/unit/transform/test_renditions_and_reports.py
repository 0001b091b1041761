"""Documents that carry the same report: which one speaks, whether the others agree, what is superseded."""

from collections.abc import Sequence
from datetime import UTC, datetime

from transform_samples import BLANK, BUREAU, Body, Year, document, full_form, row_of

from extract.forms.rules import rules_of
from extract.model import Anomaly, DocumentFormat
from transform.extracted import ExtractedDocument

ZERO = full_form("E2021", {})
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def made_of(*documents: ExtractedDocument, bodies: Sequence[Body] = (BUREAU,)) -> Year:
    return Year(documents, year=2022, bodies=bodies)


def test_one_report_for_each_issuer_and_year_however_many_documents():
    made = made_of(document(ZERO, name="page"), document(ZERO, name="attachment", kind=DocumentFormat.DOCX))
    assert made["reports"].num_rows == 1
    assert made["renditions"].num_rows == 2
    assert made["cells"].num_rows == len(ZERO)
    report = made["reports"].to_pylist()[0]
    assert (report["rendition_count"], report["cell_count"], report["flags"]) == (2, 200, [])
    assert report["report_id"] == f"{BUREAU.issuer_id}-2022"


def test_the_rendition_with_most_numbers_speaks():
    full = document(ZERO, name="attachment", kind=DocumentFormat.DOCX)
    half = document(full_form("E2021", {}, others=BLANK) | {"t3.granted.total": 0}, name="page")
    made = made_of(half, full)
    assert made["reports"].to_pylist()[0]["document_sha256"] == full.sha256


def test_among_equals_the_one_that_breaks_fewer_rules_speaks_then_html():
    broken = document(full_form("E2021", {"t3.granted.total": 9}), name="page")
    sound = document(ZERO, name="attachment", kind=DocumentFormat.DOCX)
    assert made_of(broken, sound)["reports"].to_pylist()[0]["document_sha256"] == sound.sha256
    text, page = document(ZERO, name="text", kind=DocumentFormat.TEXT), document(ZERO, name="page")
    assert made_of(text, page)["reports"].to_pylist()[0]["document_sha256"] == page.sha256


def test_renditions_that_differ_are_flagged_and_the_cells_named():
    other = document(full_form("E2021", {"t3.granted.total": 9}), name="other")
    made = made_of(document(ZERO, name="page"), other)
    row = row_of(made["renditions"], document_sha256=other.sha256)
    assert (row["agrees"], row["differing_cells"], row["is_primary"]) == (False, ["t3.granted.total"], False)
    assert made["reports"].to_pylist()[0]["flags"] == ["renditions_differ"]


def test_a_cell_that_only_one_prints_is_no_disagreement():
    few = document({"t3.granted.total": 0}, name="few")
    made = made_of(document(ZERO, name="page"), few)
    assert row_of(made["renditions"], document_sha256=few.sha256)["agrees"] is True


def test_a_newer_version_under_the_same_url_supersedes_even_with_fewer_numbers():
    url = "http://ogi.example.test/report.html"
    old = document(full_form("E2021", {"t3.granted.total": 9}), name="old", url=url, fetched_at=EARLY)
    new = document(full_form("E2021", {"t3.granted.natural_person": BLANK}), name="new", url=url, fetched_at=LATE)
    made = made_of(old, new)
    report = made["reports"].to_pylist()[0]
    assert report["document_sha256"] == new.sha256
    assert report["flags"] == ["republished"]
    assert row_of(made["renditions"], document_sha256=old.sha256)["is_superseded"] is True


def test_the_version_last_seen_is_current_when_a_page_is_changed_back():
    url = "http://ogi.example.test/report.html"
    first = document(ZERO, name="a", url=url, fetched_at=EARLY, last_seen_at=datetime(2026, 3, 1, tzinfo=UTC))
    second = document(full_form("E2021", {"t3.granted.total": 1}), name="b", url=url, fetched_at=LATE)
    assert made_of(first, second)["reports"].to_pylist()[0]["document_sha256"] == first.sha256


def test_another_year_under_the_same_url_is_another_report():
    url = "http://ogi.example.test/latest.html"
    older = document(ZERO, year=2021, url=url, fetched_at=EARLY)
    made = made_of(document(ZERO, url=url, fetched_at=LATE), older)
    (row,) = made["renditions"].to_pylist()
    assert (row["report_year"], row["is_superseded"]) == (2022, False)


def test_the_order_of_the_documents_leaves_no_trace():
    bodies = [BUREAU, Body("埇桥区民政局")]
    documents = [document(ZERO, body=body, name=name) for body in bodies for name in ("a", "b")]
    forwards = made_of(*documents, bodies=bodies).every_table()
    backwards = made_of(*reversed(documents), bodies=bodies).every_table()
    assert {name: table.to_pylist() for name, table in forwards.items()} == {
        name: table.to_pylist() for name, table in backwards.items()
    }
    assert all(forwards[name].equals(backwards[name]) for name in forwards)


def test_anomalies_become_flags_once_each():
    anomalies = (Anomaly("unit_missing", "t2", ""), Anomaly("blank_cell", "t3", ""), Anomaly("unit_missing", "t2", ""))
    report = made_of(document(ZERO, anomalies=anomalies))["reports"].to_pylist()[0]
    assert report["flags"] == ["unit_missing", "blank_cell"]


def test_a_report_counts_and_names_the_rules_it_breaks():
    values = full_form("E2021", {"t3.granted.total": 9, "t3.granted.natural_person": BLANK})
    report = made_of(document(values))["reports"].to_pylist()[0]
    assert report["checks"] == ["t3.result_total[total]", "t3.row_total[granted]"]
    assert (report["failing_check_count"], report["assumed_zero_check_count"]) == (2, 1)


def test_a_report_without_tables_stands_in_reports_with_rules_not_assessable():
    made = made_of(document({}))
    report = made["reports"].to_pylist()[0]
    assert (report["cell_count"], report["failing_check_count"], report["status"]) == (0, 0, "read")
    form_rules = {rule.rule_id for rule in rules_of("E2021")}
    statuses = {row["status"] for row in made["checks"].to_pylist() if row["rule_id"] in form_rules}
    assert statuses == {"not_assessable"}
