"""From the archive to the tables: complete, reproducible, in part, and safe to kill."""

import json
import shutil
import signal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pipeline_helpers import SLUGS, Start, bytes_of

from pipelines import build as build_module
from pipelines.adding import add_documents
from pipelines.build import build, prepare_extractions, publish_archive
from pipelines.catalog import connect, refresh_catalog
from pipelines.errors import BadInput, ConservationBroken
from pipelines.layout import DataLayout
from pipelines.local_files import find_files
from pipelines.warehouse import Warehouse
from transform.schema.tables import TABLES


def test_every_document_ends_as_report_non_report_or_quarantine(built: DataLayout) -> None:
    rows = connect(built).execute("SELECT local_name, extraction_status FROM documents ORDER BY 1").fetchall()
    fates = dict(rows)
    assert {name for name, status in fates.items() if status == "read"} == {f"{slug}.html" for slug in SLUGS}
    assert fates["notice.html"] == "not_a_report"
    assert fates["empty.html"] == fates["noise.docx"] == "quarantined"
    quarantined = connect(built).execute("SELECT count(*) FROM quarantine WHERE reason <> ''").fetchone()
    assert quarantined == (2,)


def test_one_select_answers_applications_outcomes_and_litigation_by_region_and_year(built: DataLayout) -> None:
    folder = built.warehouse
    rows = duckdb.sql(f"""
        SELECT report_year, applications_new, disclosed_full_share, litigation_total
        FROM read_parquet('{folder}/region_year/*/*.parquet')
        WHERE division_code = '610102' AND basis = 'consolidated_report'""").fetchall()
    assert [(row[0], row[1], row[3]) for row in rows] == [(2021, 447, 17)]
    assert 0 < rows[0][2] < 1


def test_building_again_changes_nothing_and_reads_nothing(copied: DataLayout) -> None:
    before = {file: file.stat().st_mtime_ns for file in copied.warehouse.rglob("*.parquet")}
    report = build(copied, workers=1)
    assert report.changed == ()
    assert report.extraction is not None
    assert (report.extraction.extracted, report.extraction.reused) == (0, 7)
    assert {file: file.stat().st_mtime_ns for file in copied.warehouse.rglob("*.parquet")} == before


def test_a_rebuild_from_the_raw_store_alone_gives_the_same_bytes(copied: DataLayout, built: DataLayout) -> None:
    shutil.rmtree(copied.warehouse)
    shutil.rmtree(copied.cache)
    report = build(copied, workers=2)
    assert report.extraction is not None
    assert report.extraction.extracted == 7
    assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)


def test_one_table_of_one_year_is_built_alone_with_the_same_bytes(copied: DataLayout, built: DataLayout) -> None:
    warehouse = Warehouse(copied)
    warehouse.path("litigation", 2020).unlink()
    shutil.rmtree(copied.root / "raw")  # it must not be needed
    report = build(copied, ["litigation"], [2020])
    assert [(part.table, part.year, part.changed) for part in report.tables] == [("litigation", 2020, True)]
    assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)


def test_named_years_leave_the_other_years_alone(copied: DataLayout) -> None:
    for year in (2020, 2021):
        Warehouse(copied).path("litigation", year).unlink()
    build(copied, years=[2021], workers=1)
    assert Warehouse(copied).years("litigation") == (2021,)


def test_a_year_without_reports_has_no_file(copied: DataLayout) -> None:
    report = build(copied, ["litigation"], [2012])
    assert [(part.rows, part.changed) for part in report.tables] == [(0, False)]
    assert Warehouse(copied).years("litigation") == (2020, 2021)


def test_a_year_whose_documents_are_gone_goes_too(copied: DataLayout) -> None:
    for year_table in ("litigation", "cells"):
        source, target = (Warehouse(copied).path(year_table, year) for year in (2020, 2019))
        target.parent.mkdir()
        shutil.copy(source, target)
    report = build(copied, workers=1)
    assert set(report.removed) == {("litigation", 2019), ("cells", 2019)}


def test_an_empty_archive_builds_empty_tables_that_can_be_asked(tmp_path: Path) -> None:
    layout = DataLayout(tmp_path)
    report = build(layout, ["documents", "quarantine", "ledger"])
    assert [part.rows for part in report.tables] == [0, 0, 0]
    assert connect(layout).execute("SELECT count(*) FROM region_year").fetchone() == (0,)


@pytest.mark.parametrize(
    ("tables", "years", "sentence"),
    [
        (["litigations"], None, "There is no table litigations"),
        (None, [1999], "1999 is no report year"),
        (["regions"], [2020], "regions is not kept by year"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_sentence(
    tmp_path: Path, tables: list[str] | None, years: list[int] | None, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        build(DataLayout(tmp_path), tables, years)


def test_documents_that_do_not_come_out_stop_the_build(copied: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(documents: pa.Table, *_: pa.Table) -> list[str]:
        return [f"document {name} is lost" for name in documents.column("document_sha256").to_pylist()]

    monkeypatch.setattr(build_module, "conservation", losing)
    with pytest.raises(ConservationBroken, match=r"do not account for every document.*and 2 more"):
        build(copied, workers=1)


def test_a_crawl_or_add_is_visible_before_any_build(tmp_path: Path, documents: Path) -> None:
    layout = DataLayout(tmp_path)
    add_documents(layout, find_files([documents / "notice.html"]).documents)
    publish_archive(layout)
    assert connect(layout).execute("SELECT local_name, extraction_status FROM documents").fetchall() == [
        ("notice.html", None)
    ]
    assert connect(layout).execute("SELECT outcome FROM ledger").fetchall() == [("added",)]


def test_publishing_keeps_what_earlier_builds_said(copied: DataLayout, documents: Path) -> None:
    before = connect(copied).execute("SELECT * FROM documents ORDER BY 1").fetchall()
    publish_archive(copied)
    assert connect(copied).execute("SELECT * FROM documents ORDER BY 1").fetchall() == before


def test_reading_ahead_of_the_build_is_used_by_it(tmp_path: Path, documents: Path) -> None:
    layout = DataLayout(tmp_path)
    add_documents(layout, find_files([documents / "notice.html"]).documents)
    assert prepare_extractions(layout, workers=1).extracted == 1
    report = build(layout, ["quarantine"])
    assert report.extraction is not None
    assert report.extraction.extracted == 0


def test_a_file_added_twice_is_one_document_and_one_row(tmp_path: Path, documents: Path) -> None:
    layout = DataLayout(tmp_path)
    files = find_files([documents / "notice.html"]).documents
    assert [item.is_new for item in add_documents(layout, files)] == [True]
    assert [item.is_new for item in add_documents(layout, files)] == [False]
    add_documents(layout, files, url="http://example.gov.cn/1.html")
    publish_archive(layout)
    assert connect(layout).execute("SELECT url, fetch_count FROM documents").fetchall() == [
        ("http://example.gov.cn/1.html", 2)
    ]


_BUILD = """
import sys, pathlib
from pipelines import warehouse
from pipelines.build import build
from pipelines.layout import DataLayout
written = []
whole = warehouse.Warehouse.write
def slow(self, name, year, rows):
    changed = whole(self, name, year, rows)
    written.append(name)
    if len(written) == 4:
        (self.root / name / '.part-0.parquet.tmp-1').write_bytes(b'half of a file')
        print('in the middle', flush=True)
        sys.stdin.read()
    return changed
warehouse.Warehouse.write = slow
if __name__ == '__main__':
    build(DataLayout(pathlib.Path(sys.argv[1])), workers=1)
"""


def test_a_build_killed_between_two_files_leaves_readable_tables_and_no_lock(
    copied: DataLayout, built: DataLayout, process: Start
) -> None:
    running = process(_BUILD, copied.root)
    assert running.stdout is not None
    assert running.stdout.readline() == "in the middle\n"
    running.send_signal(signal.SIGKILL)
    running.wait()
    connection = connect(copied)
    for name in TABLES:
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() is not None
    build(copied, workers=1)
    assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)
    assert not list(copied.warehouse.rglob(".*.tmp-*"))


def test_the_catalog_has_commented_views_and_macros(built: DataLayout) -> None:
    with duckdb.connect(str(built.catalog), read_only=True) as connection:
        views = dict(connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
        assert set(views) == set(TABLES)
        assert "never 0" in views["litigation"] or "not 0" in views["litigation"]
        uncommented = (
            "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND comment IS NULL"
        )
        assert connection.execute(uncommented).fetchone() == (0,)
        assert connection.execute("SELECT share(1, 4), share(1, 0), share(NULL, 1)").fetchone() == (0.25, None, None)
        printed = connection.execute(
            "SELECT value FROM figure('t3.new_received.total') WHERE county = '尧都区'"
        ).fetchall()
        assert len(printed) == 2


def test_whoever_has_the_catalog_open_keeps_it(copied: DataLayout) -> None:
    with duckdb.connect(str(copied.catalog), read_only=True) as connection:
        refresh_catalog(copied)
        assert connection.execute("SELECT count(*) FROM reports").fetchone() == (4,)


def test_the_data_package_names_every_file(built: DataLayout) -> None:
    package = json.loads((built.warehouse / "datapackage.json").read_text(encoding="utf-8"))
    paths = {path for resource in package["resources"] for path in resource["path"]}
    assert paths == {str(file.relative_to(built.warehouse)) for file in built.warehouse.rglob("*.parquet")}
