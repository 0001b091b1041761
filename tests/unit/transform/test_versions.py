"""What a report printed over time: which documents are one version, which figures were edited, what is gone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from transform_samples import BLANK, BUREAU, TEXT, WITHHELD, document, full_form, row_of

from extract.model import Confidence, DocumentFormat
from transform.archive import build_documents, build_ledger
from transform.extracted import ExtractedDocument
from transform.renditions import build_renditions
from transform.reports import build_reports
from transform.schema.derive import empty, from_rows
from transform.schema.tables import TABLES
from transform.versions import build_report_versions, build_version_changes

PAGE = "http://ogi.example.test/report.html"
ELSEWHERE = "http://ogi.example.test/corrected.html"
GRANTED, TOTAL = "t3.granted.natural_person", "t3.granted.total"
FIRST = full_form("E2021", {GRANTED: 8, TOTAL: 8})
EDITED = full_form("E2021", {GRANTED: 9, TOTAL: 9})


def on(month: int, day: int = 1) -> datetime:
    """A moment of 2023."""
    return datetime(2023, month, day, 2, tzinfo=UTC)


def found(
    values: Mapping[str, float | str],
    name: str,
    *,
    url: str = PAGE,
    at: datetime | None,
    last: datetime | None = None,
    published: date | None = None,
    listed: date | None = None,
    kind: DocumentFormat = DocumentFormat.HTML,
) -> ExtractedDocument:
    """A document of the bureau's report, found first at one moment and last at another."""
    made = document(values, name=name, url=url, fetched_at=at, last_seen_at=last or at, kind=kind)
    assert made.extraction.report is not None
    report = replace(made.extraction.report, published_date=published)
    return replace(made, extraction=replace(made.extraction, report=report), listed_date=listed)


def request(url: str, at: datetime, outcome: str, sha256: str | None = None, **more: object) -> dict[str, object]:
    """A row of the ledger."""
    return {
        **{name: None for name in TABLES["ledger"].column_names},
        "fetch_id": f"{at:%m%d%H}-{outcome}-{url[-12:]}", "run_id": f"{at:%Y%m%d}", "url": url, "role": "article",
        "outcome": outcome, "requested_at": at, "sha256": sha256, "byte_count": 9 if sha256 else None, **more,
    }  # fmt: skip


def requests_of(documents: Iterable[ExtractedDocument]) -> list[dict[str, object]]:
    """What the ledger says of documents that were fetched in the ordinary way."""
    rows = []
    for item in documents:
        if item.fetched_at is None or item.last_seen_at is None:
            continue
        rows.append(request(item.url or "", item.fetched_at, "stored", item.sha256))
        if item.last_seen_at != item.fetched_at:
            rows.append(request(item.url or "", item.last_seen_at, "unchanged", item.sha256))
    return rows


class Made:
    """The tables of versions of some documents."""

    def __init__(self, *documents: ExtractedDocument, ledger: Iterable[Mapping[str, Any]] | None = None) -> None:
        self.ledger = from_rows(TABLES["ledger"], requests_of(documents) if ledger is None else ledger)
        self.documents = documents
        self.renditions = build_renditions(
            report_year=2022, extractions=documents, identify_issuer=lambda _, __: BUREAU.identity()
        )
        self.table = build_report_versions(
            report_year=2022, renditions=self.renditions, extractions=documents, fetches=self.ledger
        )
        self.versions = self.table.to_pylist()
        self.changes_table = build_version_changes(report_year=2022, renditions=self.renditions, extractions=documents)
        self.changes = self.changes_table.to_pylist()
        self.report = build_reports(
            report_year=2022, renditions=self.renditions, checks=empty(TABLES["checks"])
        ).to_pylist()[0]

    @property
    def current(self) -> dict[str, Any]:
        """The version in force; it is always the one that `reports` shows."""
        (row,) = [row for row in self.versions if row["is_current"]]
        assert row["document_sha256"] == self.report["document_sha256"]
        return row


def test_a_report_found_once_is_its_first_and_current_version():
    made = Made(found(FIRST, "a", at=on(2), published=date(2023, 1, 20)))
    (row,) = made.versions
    assert (row["version_number"], row["basis"], row["is_current"]) == (1, "first_found", True)
    assert row["valid_from"] == datetime(2023, 1, 20, tzinfo=UTC)
    assert (row["valid_to"], row["restored_at"], row["gone_at"], row["changed_cell_count"]) == (None,) * 4
    assert made.current is row
    assert made.changes == []


def test_figures_edited_under_one_address_are_a_second_version_with_every_cell():
    old, new = found(FIRST, "a", at=on(2), last=on(3)), found(EDITED, "b", at=on(4))
    made = Made(old, new)
    first, second = made.versions
    assert (first["valid_from"], first["valid_to"], first["is_current"]) == (on(2), on(4), False)
    assert (second["basis"], second["valid_from"], second["valid_to"]) == ("same_url_changed", on(4), None)
    assert (first["changed_cell_count"], second["changed_cell_count"]) == (None, 2)
    assert made.current is second
    assert [row["cell"] for row in made.changes] == [GRANTED, TOTAL]
    row = row_of(made.changes_table, cell=TOTAL)
    assert (row["change"], row["difference"], row["version_number"]) == ("edited", 1, 2)
    assert (row["before_value"], row["before_raw"], row["before_status"]) == (8, "8", "reported")
    assert (row["after_value"], row["after_raw"], row["after_status"]) == (9, "9", "reported")
    assert (row["before_document_sha256"], row["after_document_sha256"]) == (old.sha256, new.sha256)
    assert (row["before_found_at"], row["before_last_seen_at"], row["after_found_at"]) == (on(2), on(3), on(4))


def test_other_bytes_with_the_same_figures_are_the_same_version_and_said_so():
    made = Made(found(FIRST, "a", at=on(2)), found(FIRST, "counter", at=on(3)), found(FIRST, "again", at=on(4)))
    (row,) = made.versions
    assert (row["rendition_count"], row["layout_change_count"], row["valid_to"]) == (3, 2, None)
    assert made.changes == []
    assert made.current["document_sha256"] == made.documents[2].sha256


def test_page_and_pdf_of_one_day_are_one_version_also_where_the_pdf_lost_cells():
    whole = found(FIRST, "page", at=on(2), listed=date(2023, 1, 20))
    few = {code: value for code, value in FIRST.items() if not code.startswith("t4")}
    pdf = found(few, "pdf", url=f"{PAGE}.pdf", at=on(2), listed=date(2023, 1, 20), kind=DocumentFormat.PDF)
    (row,) = Made(whole, pdf).versions
    assert (row["rendition_count"], row["layout_change_count"], row["differing_rendition_count"]) == (2, 0, 0)
    assert row["documents"] == sorted([whole.sha256, pdf.sha256])


def test_page_and_pdf_of_one_day_that_contradict_each_other_accuse_nobody():
    pdf = found(EDITED, "pdf", url=f"{PAGE}.pdf", at=on(3), listed=date(2023, 1, 20), kind=DocumentFormat.PDF)
    made = Made(found(FIRST, "page", at=on(2), listed=date(2023, 1, 20)), pdf)
    (row,) = made.versions
    assert (row["rendition_count"], row["differing_rendition_count"]) == (2, 1)
    assert made.report["flags"] == ["renditions_differ"]
    assert made.changes == []


def test_the_date_of_a_signature_inside_a_file_makes_no_republication():
    page = found(FIRST, "page", at=on(2), listed=date(2023, 1, 20))
    pdf = found(EDITED, "pdf", url=f"{PAGE}.pdf", at=on(2), published=date(2023, 1, 25), kind=DocumentFormat.PDF)
    assert len(Made(page, pdf).versions) == 1


def test_other_figures_published_later_at_another_address_are_a_version_and_the_one_that_reports_shows():
    first = found(FIRST, "a", at=on(5), last=on(6), listed=date(2023, 1, 20))
    later = found(EDITED, "b", url=ELSEWHERE, at=on(5), last=on(6), listed=date(2023, 3, 2))
    made = Made(first, later)
    assert [row["basis"] for row in made.versions] == ["first_found", "republished_elsewhere"]
    assert made.versions[0]["valid_to"] == made.versions[1]["valid_from"] == datetime(2023, 3, 2, tzinfo=UTC)
    assert made.current["document_sha256"] == later.sha256
    assert made.report["flags"] == ["republished"]
    assert [row["change"] for row in made.changes] == ["edited", "edited"]


def test_an_extract_of_a_report_published_later_does_not_replace_it():
    whole = found(FIRST, "a", at=on(5), listed=date(2023, 1, 20))
    extract = found({TOTAL: 80, "t3.new_received.total": 0}, "b", url=ELSEWHERE, at=on(5), listed=date(2023, 3, 2))
    made = Made(whole, extract)
    assert [row["differing_rendition_count"] for row in made.versions] == [1]
    assert made.current["document_sha256"] == whole.sha256


def test_the_same_report_posted_again_elsewhere_is_no_version():
    first = found(FIRST, "a", at=on(5), listed=date(2023, 1, 20))
    again = found(FIRST, "b", url=ELSEWHERE, at=on(5), listed=date(2023, 3, 2))
    (row,) = Made(first, again).versions
    assert (row["rendition_count"], row["changed_cell_count"]) == (2, None)


def test_an_archived_copy_older_than_todays_page_is_the_first_version():
    copy = found(FIRST, "copy", at=datetime(2023, 2, 1, tzinfo=UTC))
    today = found(EDITED, "today", at=datetime(2026, 3, 1, tzinfo=UTC))
    ledger = [
        request(PAGE, datetime(2023, 2, 1, tzinfo=UTC), "archived", copy.sha256, role="local", local_name="old.warc"),
        request(PAGE, datetime(2026, 3, 1, tzinfo=UTC), "stored", today.sha256),
    ]
    made = Made(today, copy, ledger=ledger)
    assert [(row["basis"], row["is_current"]) for row in made.versions] == [
        ("archived_copy", False), ("same_url_changed", True),
    ]  # fmt: skip
    assert made.versions[0]["valid_from"] == datetime(2023, 2, 1, tzinfo=UTC)
    assert made.current["document_sha256"] == today.sha256


def test_figures_that_come_back_are_no_new_version_but_current_again():
    first, second = found(FIRST, "a", at=on(2), last=on(6)), found(EDITED, "b", at=on(4))
    ledger = [
        request(PAGE, on(2), "stored", first.sha256), request(PAGE, on(4), "stored", second.sha256),
        request(PAGE, on(5), "stored", first.sha256), request(PAGE, on(6), "unchanged", first.sha256),
    ]  # fmt: skip
    made = Made(first, second, ledger=ledger)
    assert [(row["is_current"], row["valid_to"], row["restored_at"]) for row in made.versions] == [
        (True, None, on(5)), (False, on(5), None),
    ]  # fmt: skip
    assert made.current["version_number"] == 1


def test_figures_that_come_back_in_other_bytes_are_the_old_version_too():
    made = Made(found(FIRST, "a", at=on(2)), found(EDITED, "b", at=on(4)), found(FIRST, "c", at=on(6)))
    assert [(row["is_current"], row["valid_to"], row["restored_at"]) for row in made.versions] == [
        (True, None, on(6)), (False, on(6), None),
    ]  # fmt: skip


def test_an_old_pdf_left_beside_a_corrected_page_does_not_speak():
    page, corrected = found(FIRST, "a", at=on(2)), found(EDITED | {GRANTED: BLANK}, "b", at=on(4))
    pdf = found(FIRST, "pdf", url=f"{PAGE}.pdf", at=on(2), last=on(5), kind=DocumentFormat.DOCX)
    made = Made(page, corrected, pdf)
    assert made.current["document_sha256"] == corrected.sha256
    assert row_of(made.renditions, document_sha256=pdf.sha256)["is_superseded"] is True
    assert [row["rendition_count"] for row in made.versions] == [2, 1]
    assert [row["change"] for row in made.changes] == ["emptied", "edited"]


def test_a_page_that_only_links_to_its_file_takes_no_figure_back():
    page, stub = found(FIRST, "a", at=on(2)), found({}, "b", at=on(4))
    pdf = found(FIRST, "pdf", url=f"{PAGE}.pdf", at=on(4), kind=DocumentFormat.PDF)
    (row,) = Made(page, stub, pdf).versions
    assert (row["rendition_count"], row["layout_change_count"]) == (3, 1)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({TOTAL: 8}, {TOTAL: BLANK}, "emptied"),
        ({TOTAL: BLANK}, {TOTAL: 8}, "filled"),
        ({TOTAL: BLANK}, {TOTAL: "not_applicable"}, "reworded"),
        ({TOTAL: BLANK}, {TOTAL: TEXT}, "reworded"),
        ({TOTAL: 8}, {}, "removed"),
        ({}, {TOTAL: 8}, "added"),
    ],
)
def test_under_one_address_every_change_of_what_is_printed_counts(
    before: dict[str, float | str], after: dict[str, float | str], change: str
) -> None:
    rest = {"t3.new_received.total": 5}
    made = Made(found(rest | before, "a", at=on(2)), found(rest | after, "b", at=on(4)))
    (row,) = made.changes
    assert (row["cell"], row["change"], row["difference"]) == (TOTAL, change, None)
    assert made.current["changed_cell_count"] == 1


def test_what_cannot_be_read_for_certain_was_not_edited():
    withheld = found(FIRST | {TOTAL: WITHHELD}, "b", at=on(4))
    assert len(Made(found(FIRST, "a", at=on(2)), withheld).versions) == 1
    doubtful = found(EDITED | {GRANTED: 8}, "c", at=on(4))
    report = doubtful.extraction.report
    assert report is not None
    cells = tuple(replace(cell, confidence=Confidence.DOUBTFUL) for cell in report.cells)
    doubtful = replace(doubtful, extraction=replace(doubtful.extraction, report=replace(report, cells=cells)))
    assert len(Made(found(FIRST, "a", at=on(2)), doubtful).versions) == 1


def test_a_figure_edited_until_its_sums_break_was_edited_all_the_same():
    broken = found(EDITED, "b", at=on(4))
    report = broken.extraction.report
    assert report is not None
    cells = tuple(
        replace(cell, confidence=Confidence.DOUBTFUL, flags=("sum_mismatch", "read_twice"))
        if cell.code == TOTAL
        else cell
        for cell in report.cells
    )
    broken = replace(broken, extraction=replace(broken.extraction, report=replace(report, cells=cells)))
    assert [row["cell"] for row in Made(found(FIRST, "a", at=on(2)), broken).changes] == [GRANTED, TOTAL]
    other = replace(broken, url=ELSEWHERE, listed_date=date(2023, 3, 1))
    first = found(EDITED | {TOTAL: 8}, "a", at=on(2), listed=date(2023, 1, 20))
    assert len(Made(first, other).versions) == 1


def test_a_page_that_is_gone_keeps_its_version_and_says_since_when():
    page = found(FIRST, "a", at=on(2))
    ledger = [*requests_of([page]), request(PAGE, on(5), "gone"), request(PAGE, on(6), "gone")]
    made = Made(page, ledger=ledger)
    assert (made.current["gone_at"], made.current["valid_to"]) == (on(5), None)
    documents = build_documents(ledger=build_ledger(fetches=made.ledger), extractions=[page])
    assert row_of(documents, document_sha256=page.sha256)["gone_at"] == on(5)


def test_a_version_is_not_gone_while_one_of_its_pages_is_there_or_when_it_came_back():
    page, pdf = found(FIRST, "a", at=on(2)), found(FIRST, "pdf", url=f"{PAGE}.pdf", at=on(2))
    gone = request(PAGE, on(5), "gone")
    assert Made(page, pdf, ledger=[*requests_of([page, pdf]), gone]).current["gone_at"] is None
    back = request(PAGE, on(7), "stored", page.sha256)
    assert Made(page, ledger=[*requests_of([page]), gone, back]).current["gone_at"] is None


def test_a_replaced_document_is_not_gone_with_the_page_that_replaced_it():
    old, new = found(FIRST, "a", at=on(2)), found(EDITED, "b", at=on(4))
    made = Made(old, new, ledger=[*requests_of([old, new]), request(PAGE, on(5), "gone")])
    assert [row["gone_at"] for row in made.versions] == [None, on(5)]
    documents = build_documents(ledger=build_ledger(fetches=made.ledger), extractions=[old, new])
    assert row_of(documents, document_sha256=old.sha256)["gone_at"] is None
    assert row_of(documents, document_sha256=new.sha256)["gone_at"] == on(5)


def test_the_first_page_taken_down_after_a_republication_is_gone_alone():
    first = found(FIRST, "a", at=on(3), listed=date(2023, 1, 20))
    later = found(EDITED, "b", url=ELSEWHERE, at=on(3), listed=date(2023, 3, 1))
    made = Made(first, later, ledger=[*requests_of([first, later]), request(PAGE, on(5), "gone")])
    assert [row["gone_at"] for row in made.versions] == [on(5), None]


def test_a_file_of_a_stored_archive_goes_with_the_archive():
    member = found(FIRST, "a", url=f"{PAGE}.zip#a.html", at=on(2))
    ledger = [
        request(f"{PAGE}.zip", on(2), "stored", "f" * 64),
        request(f"{PAGE}.zip#a.html", on(2), "unpacked", member.sha256, parent_url=f"{PAGE}.zip"),
        request(f"{PAGE}.zip", on(5), "gone"),
    ]
    assert Made(member, ledger=ledger).current["gone_at"] == on(5)


def test_a_file_without_any_date_is_a_rendition_and_never_a_version():
    page = found(FIRST, "a", at=on(2))
    same = replace(found(FIRST, "b", url="x", at=None), url=None)
    other = replace(found(EDITED, "c", url="y", at=None), url=None)
    made = Made(page, same, other)
    (row,) = made.versions
    assert (row["rendition_count"], row["differing_rendition_count"]) == (3, 1)


def test_three_versions_are_told_each_against_the_one_before():
    third = full_form("E2021", {GRANTED: 9, TOTAL: 10})
    made = Made(found(FIRST, "a", at=on(2)), found(EDITED, "b", at=on(4)), found(third, "c", at=on(6)))
    assert [row["changed_cell_count"] for row in made.versions] == [None, 2, 1]
    assert [(row["version_number"], row["before_value"], row["after_value"]) for row in made.changes] == [
        (2, 8, 9), (2, 8, 9), (3, 9, 10),
    ]  # fmt: skip
    assert [row["valid_to"] for row in made.versions] == [on(4), on(6), None]


def test_the_order_of_the_documents_leaves_no_trace():
    documents = [
        found(FIRST, "a", at=on(2)), found(EDITED, "b", at=on(4)),
        found(FIRST, "pdf", url=f"{PAGE}.pdf", at=on(2), kind=DocumentFormat.PDF),
        found(EDITED, "c", url=ELSEWHERE, at=on(4), listed=date(2023, 3, 1)),
    ]  # fmt: skip
    ledger = requests_of(documents)
    forwards, backwards = Made(*documents, ledger=ledger), Made(*reversed(documents), ledger=ledger)
    assert forwards.table.equals(backwards.table)
    assert forwards.changes_table.equals(backwards.changes_table)


def test_no_reports_give_no_versions():
    nothing = empty(TABLES["renditions"])
    fetches = empty(TABLES["ledger"])
    assert build_report_versions(report_year=2022, renditions=nothing, extractions=(), fetches=fetches).num_rows == 0
    assert build_version_changes(report_year=2022, renditions=nothing, extractions=()).num_rows == 0


def test_a_narrow_table_of_renditions_is_enough():
    documents = [found(FIRST, "a", at=on(2)), found(EDITED, "b", at=on(4))]
    made = Made(*documents)
    narrow: pa.Table = made.renditions.select(["report_id", "document_sha256", "is_primary"])
    again = build_report_versions(report_year=2022, renditions=narrow, extractions=documents, fetches=made.ledger)
    assert again.equals(made.table)
