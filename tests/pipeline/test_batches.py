"""Steps by report: what comes out does not depend on batches or processes, and nothing but them reads a year whole."""

import dataclasses
import os
import time
from pathlib import Path

import pyarrow as pa
import pytest
from pipeline_helpers import Start, bytes_of

from extract.api import EXTRACTOR_VERSION
from extract.model import CellStatus
from pipelines import batches, sources
from pipelines import crew as crews
from pipelines.batches import stages
from pipelines.build import build
from pipelines.cache import ExtractionCache
from pipelines.catalog import connect
from pipelines.crew import Crew, WorkerDied
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.packed import pack
from pipelines.sources import Archive, FetchIndex
from pipelines.warehouse import Warehouse
from transform.extracted import all_but, chosen, hashes, mapped
from transform.schema.derive import arrow_schema
from transform.schema.tables import TABLES
from transform.steps import STEPS, Step


def square(number: int) -> int:
    if number == 13:
        raise BadInput("thirteen")
    if number == 66:
        os._exit(1)
    return number * number


def test_one_report_a_batch_in_worker_processes_gives_the_same_bytes(
    copied: DataLayout, built: DataLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (batches, "_REPORTS_AT_ONCE", 1),
        (sources, "_DOCUMENTS_AT_ONCE", 1),
        (crews, "_WORTH_STARTING", 0),
        (crews, "_WORTH_SHARING", 0),
    ):
        monkeypatch.setattr(module, name, value)
    for file in copied.warehouse.rglob("*.parquet"):
        file.unlink()
    build(copied, workers=2)
    assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)


def printed_otherwise(layout: DataLayout, issuer: str, year: int, code: str, value: int) -> None:
    """Change one figure of a report in the cache, as another reading of its document would."""
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        for row in list(cache.of(cache.hashes(year=year))):
            extraction = row.extraction()
            report = extraction.report
            if report is None or report.issuer is None or issuer not in report.issuer:
                continue
            cells = tuple(
                dataclasses.replace(cell, value=value, raw=str(value), status=CellStatus.REPORTED)
                if cell.code == code
                else cell
                for cell in report.cells
            )
            assert cells != report.cells
            changed = dataclasses.replace(extraction, report=dataclasses.replace(report, cells=cells))
            cache.put([dataclasses.replace(row, payload=pack(changed))])
            return
    raise AssertionError("no such report")


def test_one_year_built_again_touches_the_next_only_where_it_looks_back(copied: DataLayout, tmp_path: Path) -> None:
    printed_otherwise(copied, "信访局", 2020, "t3.carried_forward.total", 77)
    before = bytes_of(copied.warehouse)
    report = build(copied, years=[2020], workers=1)
    later = {built.table for built in report.changed if built.year == 2021}
    assert "checks" in later
    assert {"cells", "renditions", "narratives", "applications", "litigation"}.isdisjoint(later)
    assert {built.year for built in report.tables} == {2020, 2021}
    rows = connect(copied).execute(
        "SELECT expected FROM checks WHERE report_year = 2021 AND check_id = 't3.carry_over[total]' AND expected = 77"
    )
    assert rows.fetchall() == [(77,)]
    # The same as building everything, and a year that did not change leaves the next alone.
    by_year = bytes_of(copied.warehouse)
    assert by_year != before
    build(copied, workers=1)
    tables = {name for name in TABLES if TABLES[name].partition}
    whole = bytes_of(copied.warehouse)
    assert {name: data for name, data in whole.items() if name.split("/")[0] in tables} == {
        name: data for name, data in by_year.items() if name.split("/")[0] in tables
    }
    assert build(copied, years=[2020], workers=1).changed == ()


def test_a_crew_gives_results_in_the_order_of_the_tasks() -> None:
    with Crew(2) as crew:
        assert list(crew.map(square, range(12))) == [number * number for number in range(12)]
        assert list(crew.map(str, [1, 2, 3])) == ["1", "2", "3"]  # the same processes take other work
        assert crew.seconds > 0


def test_an_error_in_a_worker_is_raised_as_what_it_was_and_a_dead_worker_is_told() -> None:
    with Crew(2) as crew:
        with pytest.raises(BadInput, match="thirteen"):
            list(crew.map(square, range(10, 20)))
        assert list(crew.map(square, [1, 2])) == [1, 4]
        with pytest.raises(WorkerDied, match="out of memory"):
            list(crew.map(square, range(60, 70)))


def test_worker_processes_end_with_a_killed_parent(process: Start) -> None:
    code = (
        "import os, sys, time\n"
        "from pipelines.crew import Crew\n"
        "if __name__ == '__main__':\n"
        "    crew = Crew(2)\n"
        "    list(crew.map(abs, [1, 2]))\n"
        "    print(' '.join(str(member.pid) for member, _ in crew._members), flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = process(code)
    assert parent.stdout is not None
    workers = [int(number) for number in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    for worker in workers:
        for _ in range(100):
            if _is_gone(worker):
                break
            time.sleep(0.1)
        assert _is_gone(worker)


def _is_gone(worker: int) -> bool:
    try:
        return Path(f"/proc/{worker}/stat").read_text(encoding="ascii").split(") ")[1].startswith("Z")
    except OSError:
        return True


def test_steps_by_report_run_together_until_one_needs_another_whole() -> None:
    def step(table: str, *inputs: str, whole: tuple[str, ...] = (), per_report: bool = True) -> Step:
        return Step(table, inputs, True, lambda **_: None, whole_inputs=whole, per_report=per_report)

    first, second = step("cells"), step("narratives", "cells")
    third, fourth = step("checks", whole=("narratives",)), step("reports", "checks")
    last = step("region_year", "reports", per_report=False)
    assert stages([first, second, third, fourth, last]) == [[first, second], [third, fourth], [last]]


def test_no_step_by_report_is_given_whole_cells() -> None:
    wide = {"cells", "checks", "applications", "narratives", "extractions", "fetches"}
    for step in STEPS:
        if step.by_year:
            assert wide.isdisjoint(step.whole_inputs), step.table
            assert wide.isdisjoint(step.earlier_year_inputs), step.table
            assert step.per_report or (wide - {"extractions"}).isdisjoint(step.inputs), step.table


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="both an input and a whole input"):
        Step("cells", ("renditions",), True, lambda: None, whole_inputs=("renditions",))
    with pytest.raises(ValueError, match="none of its arguments"):
        Step("cells", (), True, lambda: None, columns={"reports": ()})
    with pytest.raises(ValueError, match="only a step by year"):
        Step("codes", (), False, lambda: None, per_report=True)


def narratives(*report_ids: str) -> pa.Table:
    rows = [
        {
            **dict.fromkeys(TABLES["narratives"].column_names), "report_id": report_id, "report_year": 2020,
            "section_order": 1, "section": "s1", "heading": "一", "text": report_id, "character_count": 1,
            "document_sha256": "0" * 64, "place": "line 1",
        }
        for report_id in report_ids
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["narratives"]))


def test_a_file_written_in_parts_has_the_bytes_of_one_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.warehouse._ROW_GROUP_ROWS", 4)
    whole, parts = Warehouse(DataLayout(tmp_path / "whole")), Warehouse(DataLayout(tmp_path / "parts"))
    names = [f"r{number:02d}" for number in range(11)]
    whole.write("narratives", 2020, narratives(*names))
    with parts.writing("narratives", 2020) as writer:
        for some in (names[:1], names[1:3], [], names[3:10], names[10:]):
            writer.append(narratives(*some))
    assert bytes_of(parts.root) == bytes_of(whole.root)
    assert (writer.rows, writer.changed) == (11, True)
    assert parts.read_reports("narratives", 2020, ["r02", "r07"], ["text"]).to_pylist() == [
        {"text": "r02"}, {"text": "r07"},
    ]  # fmt: skip
    assert parts.read_reports("narratives", 2020, ["x"]).num_rows == 0
    assert parts.read_reports("narratives", 2019, ["r02"]).num_rows == 0


def write_in_parts(warehouse: Warehouse, *parts: pa.Table) -> None:
    with warehouse.writing("narratives", 2020) as writer:
        for rows in parts:
            writer.append(rows)


def test_a_report_may_not_come_in_two_parts_and_nothing_is_written_then(tmp_path: Path) -> None:
    warehouse = Warehouse(DataLayout(tmp_path))
    with pytest.raises(BadInput, match="do not come in order: b after b"):
        write_in_parts(warehouse, narratives("a", "b"), narratives("b", "c"))
    assert not list(warehouse.root.rglob("*part-0*"))


def test_documents_are_found_by_hash_and_in_batches(built: DataLayout) -> None:
    archive = Archive(built)
    documents = archive.extracted(everything=True)
    names = list(hashes(documents))
    assert names == archive.hashes
    assert [item.sha256 for item in documents] == names
    assert [item.sha256 for item in chosen(documents, [names[3], names[1], "0" * 64])] == [names[1], names[3]]
    assert [item.sha256 for item in all_but(documents, names[2:])] == names[:2]
    assert [count for some in mapped(documents, len) for count in [some]] == [len(names)]
    listed = list(documents)
    assert [item.sha256 for item in chosen(listed, [names[1]])] == [names[1]]
    assert list(mapped(listed, len)) == [len(names)]


def test_the_cache_gives_extractions_by_hash_in_order(built: DataLayout) -> None:
    names = Archive(built).hashes
    with ExtractionCache(built.extractions, EXTRACTOR_VERSION) as cache:
        assert [row.sha256 for row in cache.of([names[2], names[0], "f" * 64])] == [names[0], names[2]]
        assert cache.hashes(everything=True) == names
        assert set(cache.hashes(year=2020)) <= set(names)


def test_the_fetches_of_a_batch_are_all_rows_of_its_addresses() -> None:
    columns = ("sha256", "url", "parent_url")
    rows = [
        ("a", "/1", None), (None, "/1", None), ("b", "/1", None), ("c", "/2", None),
        ("d", "/zip#1", "/zip"), (None, "/zip", None), (None, None, None), ("a", None, None),
    ]  # fmt: skip
    schema = pa.schema([(name, pa.string()) for name in columns])
    fetches = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema=schema)
    index = FetchIndex(fetches)
    assert index.of(["a"]).to_pylist() == fetches.take([0, 1, 2, 7]).to_pylist()
    assert index.of(["d", "x"]).to_pylist() == fetches.take([4, 5]).to_pylist()
    assert index.of([]).num_rows == 0
