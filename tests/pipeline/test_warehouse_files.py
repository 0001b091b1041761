"""Tables on disk: whole or not at all, the same bytes for the same rows, one writer, readers never in the way."""

import errno
import os
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pipeline_helpers import Start

from pipelines.errors import BadInput, DiskFull, FolderBusy, OldTable
from pipelines.layout import DataLayout
from pipelines.locks import hold_lock
from pipelines.warehouse import Warehouse, replace_file
from transform.schema.derive import arrow_schema
from transform.schema.tables import TABLES


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(DataLayout(tmp_path))


def issuers(*names: str) -> pa.Table:
    """Rows of the table `issuers`, as far as they must be told."""
    schema = arrow_schema(TABLES["issuers"])
    told = {"issuer_kind": "unknown", "region_status": "unresolved", "first_year": 2020, "last_year": 2020}
    rows = [
        {
            **{field.name: None if field.nullable else [] if pa.types.is_list(field.type) else "-" for field in schema},
            **told, "issuer_id": name, "issuer": name, "names": [name], "report_count": 1,
        }
        for name in names
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def narratives(year: int, *report_ids: str) -> pa.Table:
    schema = arrow_schema(TABLES["narratives"])
    rows = [
        {
            "report_id": report_id, "report_year": year, "section_order": 1, "section": "s1", "heading": "一、总体情况",
            "text": "文", "character_count": 1, "document_sha256": "0" * 64, "place": "line 1",
        }
        for report_id in report_ids
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def test_the_same_rows_give_the_same_bytes_in_any_order_and_chunking(warehouse: Warehouse) -> None:
    warehouse.write("issuers", None, issuers("a", "b", "c"))
    first = warehouse.path("issuers").read_bytes()
    changed = warehouse.write("issuers", None, pa.concat_tables([issuers("c"), issuers("b", "a")]))
    assert not changed
    assert warehouse.path("issuers").read_bytes() == first


def test_an_unchanged_file_keeps_its_time_stamp(warehouse: Warehouse) -> None:
    assert warehouse.write("issuers", None, issuers("a"))
    os.utime(warehouse.path("issuers"), (1, 1))
    assert not warehouse.write("issuers", None, issuers("a"))
    assert warehouse.path("issuers").stat().st_mtime == 1
    assert warehouse.write("issuers", None, issuers("b"))


def test_a_file_carries_no_pandas_metadata_and_no_partition_column(warehouse: Warehouse) -> None:
    warehouse.write("narratives", 2020, narratives(2020, "r"))
    schema = pq.read_schema(warehouse.path("narratives", 2020))
    assert not schema.metadata
    assert "report_year" not in schema.names


def test_years_are_read_back_with_their_year(warehouse: Warehouse) -> None:
    warehouse.write("narratives", 2020, narratives(2020, "b", "a"))
    warehouse.write("narratives", 2021, narratives(2021, "c"))
    assert warehouse.years("narratives") == (2020, 2021)
    assert warehouse.read("narratives", [2020]).column("report_id").to_pylist() == ["a", "b"]
    assert warehouse.read("narratives").column("report_year").to_pylist() == [2020, 2020, 2021]


def test_a_table_without_files_reads_as_an_empty_table(warehouse: Warehouse) -> None:
    assert warehouse.read("narratives").num_rows == 0
    assert warehouse.read("narratives").schema.names == arrow_schema(TABLES["narratives"]).names


def test_plain_duckdb_and_pandas_read_the_files(warehouse: Warehouse) -> None:
    import pandas as pd

    warehouse.write("narratives", 2020, narratives(2020, "a"))
    warehouse.write("narratives", 2021, narratives(2021, "b", "c"))
    pattern = str(warehouse.root / "narratives" / "*" / "*.parquet")
    counted = duckdb.sql(
        f"SELECT report_year, count(*) FROM read_parquet('{pattern}') GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert counted == [(2020, 1), (2021, 2)]
    assert sorted(pd.read_parquet(warehouse.root / "narratives")["report_year"].astype(int)) == [2020, 2021, 2021]


def test_stale_years_are_removed(warehouse: Warehouse) -> None:
    for year in (2020, 2021, 2022):
        warehouse.write("narratives", year, narratives(year, "a"))
    assert warehouse.drop_years("narratives", keep=[2021]) == (2020, 2022)
    assert warehouse.years("narratives") == (2021,)
    assert not (warehouse.root / "narratives" / "report_year=2020").exists()


def test_rows_of_another_year_are_refused(warehouse: Warehouse) -> None:
    with pytest.raises(BadInput, match="speak of other years"):
        warehouse.write("narratives", 2020, narratives(2021, "a"))


def test_rows_that_do_not_fit_the_declaration_are_refused(warehouse: Warehouse) -> None:
    with pytest.raises(BadInput, match="missing columns issuer_id"):
        warehouse.write("issuers", None, issuers("a").drop_columns(["issuer_id"]))


def test_an_unknown_table_is_answered_with_those_there_are(warehouse: Warehouse) -> None:
    with pytest.raises(BadInput, match=r"There is no table litigations.*litigation"):
        warehouse.read("litigations")


def test_a_file_of_an_older_declaration_is_refused_with_the_way_out(warehouse: Warehouse) -> None:
    warehouse.write("issuers", None, issuers("a"))
    pq.write_table(issuers("a").drop_columns(["issuer"]), warehouse.path("issuers"))
    with pytest.raises(OldTable, match=r"no column issuer.*ogi build"):
        warehouse.read("issuers")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_table_and_no_temporary_file(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    warehouse.write("issuers", None, issuers("old"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(DiskFull, match=r"No space left to write .*issuers.*old content stays readable"):
            warehouse.write("issuers", None, issuers("new"))
    assert warehouse.read("issuers").column("issuer").to_pylist() == ["old"]
    assert [file.name for file in (warehouse.root / "issuers").iterdir()] == ["part-0.parquet"]


def test_a_reader_that_has_the_old_file_open_reads_it_to_the_end(warehouse: Warehouse) -> None:
    warehouse.write("issuers", None, issuers("old"))
    with warehouse.path("issuers").open("rb") as handle:
        warehouse.write("issuers", None, issuers("new"))
        assert pq.read_table(handle).column("issuer").to_pylist() == ["old"]
    assert warehouse.read("issuers").column("issuer").to_pylist() == ["new"]


def test_a_second_writer_is_told_who_holds_the_folder(warehouse: Warehouse, process: Start) -> None:
    holder = process(
        "import sys, pathlib\n"
        "from pipelines.locks import hold_lock\n"
        "with hold_lock(pathlib.Path(sys.argv[1]), 'building tables'):\n"
        "    print('held', flush=True); sys.stdin.read()",
        warehouse.layout.build_lock,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(FolderBusy, match=f"building tables in .*process {holder.pid}"), warehouse.locked():
        pass
    holder.kill()
    holder.wait()
    with warehouse.locked():  # the kernel dropped the lock with its holder
        pass


def test_a_reader_needs_no_lock(warehouse: Warehouse) -> None:
    with warehouse.locked():
        warehouse.write("issuers", None, issuers("a"))
        assert warehouse.read("issuers").num_rows == 1


@pytest.mark.parametrize("name", [".part-0.parquet.tmp-1", ".warehouse.duckdb.tmp-1.wal"])
def test_temporary_files_of_a_killed_run_are_swept_away(name: str, warehouse: Warehouse) -> None:
    warehouse.write("issuers", None, issuers("a"))
    left = warehouse.root / "issuers" / name
    left.write_bytes(b"half")
    assert warehouse.read("issuers").num_rows == 1
    with warehouse.locked():
        assert not left.exists()


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old", encoding="utf-8")
    with suppress(ZeroDivisionError), replace_file(target) as temporary:
        temporary.write_text(str(1 // 0), encoding="utf-8")
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_waiting_for_a_lock_ends_when_it_is_free(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "lock", "testing"):
        pass
    with hold_lock(tmp_path / "lock", "testing", wait_seconds=0.1):
        pass
