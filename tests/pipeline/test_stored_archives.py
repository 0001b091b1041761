"""Archives in the store: each member is a document with a row of the ledger, a fate, and a way back to its archive."""

from pathlib import Path

import pytest
from pipeline_helpers import NO_REPORT, SLUGS, Ogi, bytes_of, zipped

from crawlers.archive.ledger import Ledger
from pipelines.adding import add_documents
from pipelines.build import build, publish_archive
from pipelines.layout import DataLayout
from pipelines.local_files import find_files
from pipelines.warehouse import Warehouse

URL = "http://www.example.gov.cn/2020/attachments.zip"


@pytest.fixture(scope="module")
def layout(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> DataLayout:
    """An archive with an address, and one without; in it an archive, and what is no report."""
    folder = tmp_path_factory.mktemp("archives")
    report, other = ((documents / f"{slug}.html").read_bytes() for slug in SLUGS[:2])
    inner = zipped({"c.html": other, "deeper.zip": zipped({"d.html": report})})
    (folder / "attachments.zip").write_bytes(zipped({"年报/a.html": report, "notice.html": NO_REPORT.encode()}))
    (folder / "local.zip").write_bytes(zipped({"inner.zip": inner, "again.html": report}))
    layout = DataLayout(tmp_path_factory.mktemp("data"))
    add_documents(layout, find_files([folder / "attachments.zip"]).documents, url=URL)
    add_documents(layout, find_files([folder / "local.zip"]).documents)
    publish_archive(layout)
    build(layout, workers=1)
    return layout


def test_every_member_is_a_document_with_a_fate(layout: DataLayout) -> None:
    rows = Warehouse(layout).read("documents").to_pylist()
    found = {row["document"]: (row["extraction_status"], row["reason_code"], row["fetch_count"]) for row in rows}
    assert found == {
        URL: ("not_a_report", "archive", 1),
        f"{URL}#年报/a.html": ("read", None, 2),
        f"{URL}#notice.html": ("not_a_report", "no_report", 1),
        "local.zip": ("not_a_report", "archive", 1),
        "local.zip!/inner.zip": ("not_a_report", "archive", 1),
        "local.zip!/inner.zip!/c.html": ("read", None, 1),
        "local.zip!/inner.zip!/deeper.zip": ("quarantined", "nested_archive", 1),
    }


def test_the_ledger_names_archive_and_member(layout: DataLayout) -> None:
    with Ledger(layout.ledger, read_only=True) as ledger:
        rows = {row.local_name: row for row in ledger.rows() if row.outcome.value == "unpacked"}
    row = rows["attachments.zip!/年报/a.html"]
    assert (row.url, row.parent_url) == (f"{URL}#年报/a.html", URL)
    assert row.run_id.startswith("unpack-")
    assert row.elapsed_ms is None
    assert set(rows) == {
        "attachments.zip!/年报/a.html",
        "attachments.zip!/notice.html",
        "local.zip!/inner.zip",
        "local.zip!/again.html",
        "local.zip!/inner.zip!/c.html",
        "local.zip!/inner.zip!/deeper.zip",
    }


def test_building_again_changes_nothing(layout: DataLayout) -> None:
    before = bytes_of(layout.warehouse)
    report = build(layout, workers=1)
    assert report.extraction is not None
    # What is too deep is looked at again each time; all else is settled.
    assert report.extraction.extracted == 1
    assert report.extraction.statuses == {"not_a_report": 4, "read": 2, "quarantined": 1}
    assert bytes_of(layout.warehouse) == before


def test_trace_names_archive_and_member(layout: DataLayout, ogi: Ogi) -> None:
    answer = ogi("trace", f"{URL}#年报/a.html", "--data", layout.root)
    assert answer.code == 0
    assert f"{URL}#年报/a.html" in answer.out
    assert "attachments.zip!/年报/a.html" in answer.out or "again.html" in answer.out


def test_a_broken_member_costs_itself_alone(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    report = (documents / f"{SLUGS[0]}.html").read_bytes()
    data = zipped({"a.html": report, "b.html": b"<p>stored as it is</p>", "c.html": report})
    (tmp_path / "half.zip").write_bytes(data.replace(b"stored as it is", b"Stored as it is"))
    layout = DataLayout(tmp_path / "data")
    add_documents(layout, find_files([tmp_path / "half.zip"]).documents)
    publish_archive(layout)
    build(layout, workers=1)
    rows = Warehouse(layout).read("quarantine").to_pylist()
    assert [(row["document"], row["reason_code"]) for row in rows] == [("half.zip!/b.html", "member_broken")]
    assert "broken in its archive" in rows[0]["reason"]
    rows = Warehouse(layout).read("documents").to_pylist()
    assert {row["document"]: row["extraction_status"] for row in rows} == {
        "half.zip": "not_a_report", "half.zip!/a.html": "read", "half.zip!/b.html": "quarantined",
    }  # fmt: skip
    answer = ogi("extract", tmp_path / "half.zip", "--out", tmp_path / "cells.csv")
    assert "member_broken" in answer.out or "broken in its archive" in answer.out
