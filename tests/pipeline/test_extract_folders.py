"""`ogi extract` on folders: any size, in order, resumable, archives included, one bad document at its own cost."""

import json
import re
import signal
import sqlite3
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pipeline_helpers import NO_REPORT, SLUGS, Ogi, Start, zipped

from benchmarks.attacks import Place, write_attack
from pipelines.local_cache import folder_for
from pipelines.local_files import find_files
from pipelines.local_tables import extract_files
from pipelines.progress import Step


@pytest.fixture
def report(documents: Path) -> bytes:
    return (documents / f"{SLUGS[1]}.html").read_bytes()


@pytest.fixture
def pages(documents: Path, tmp_path: Path) -> Path:
    """More files than are read again without a second thought: reports under many names, and small pages."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(30):
        name = folder / f"{number:02}.html"
        if number % 10 == 0:
            name.write_bytes((documents / f"{SLUGS[number // 10]}.html").read_bytes())
        else:
            name.write_text(NO_REPORT.replace("会议", f"第{number}次会议"), encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_stand_in_the_order_of_the_files_however_many_read_them(pages: Path, tmp_path: Path, ogi: Ogi) -> None:
    outputs = []
    for jobs in (1, 2):
        out, reports = tmp_path / f"{jobs}.parquet", tmp_path / f"{jobs}.jsonl"
        assert ogi("extract", pages, "--out", out, "--reports", reports, "--jobs", jobs).code == 0
        outputs.append((out.read_bytes(), reports.read_bytes()))
    assert outputs[0] == outputs[1]
    names = [row["document"] for row in rows_of(tmp_path / "1.jsonl")]
    assert names == sorted(names)
    assert len(names) == 30
    cells = pq.read_table(tmp_path / "1.parquet")
    assert list(dict.fromkeys(cells.column("document").to_pylist())) == [names[0], names[10], names[20]]


def test_a_second_run_reads_only_what_is_new(pages: Path, tmp_path: Path, ogi: Ogi) -> None:
    out = tmp_path / "cells.csv"
    assert "Readings are kept in" in ogi("extract", pages, "--out", out).out
    first = out.read_bytes()
    assert folder_for(out).is_dir()
    (pages / "new.html").write_text(NO_REPORT, encoding="utf-8")
    assert "1 read now, 30 by an earlier run" in ogi("extract", pages, "--out", out).out
    assert out.read_bytes() == first
    answer = ogi("extract", pages, "--out", out, "--fresh")
    assert "by an earlier run" not in answer.out
    assert out.read_bytes() == first


def test_few_files_leave_nothing_beside_the_output(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    ogi("extract", documents, "--out", tmp_path / "cells.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["cells.csv"]


def test_the_output_in_the_folder_is_no_document(documents: Path, tmp_path: Path, ogi: Ogi, report: bytes) -> None:
    (tmp_path / "a.html").write_bytes(report)
    for _ in range(2):
        answer = ogi("extract", tmp_path, "--out", tmp_path / "cells.csv", "--reports", tmp_path / "reports.csv")
        assert "1 of 1 documents" in answer.out


def test_documents_in_archives_are_documents(tmp_path: Path, ogi: Ogi, report: bytes) -> None:
    inner = zipped({"deep.zip": zipped({"x.html": report}), "y.html": NO_REPORT.encode()})
    (tmp_path / "a.zip").write_bytes(zipped({"年报/b.html": report, "inner.zip": inner, "broken.zip": inner[:200]}))
    (tmp_path / "z.html").write_bytes(report)
    out = tmp_path / "cells.jsonl"
    assert ogi("extract", tmp_path, "--out", out, "--reports", tmp_path / "r.jsonl").code == 0
    found = [
        (Path(str(row["document"])).name, row["status"], row["reason_code"]) for row in rows_of(tmp_path / "r.jsonl")
    ]
    assert found == [
        ("a.zip", "not_a_report", "archive"),
        ("broken.zip", "quarantined", "archive_broken"),
        ("inner.zip", "not_a_report", "archive"),
        ("deep.zip", "quarantined", "nested_archive"),
        ("y.html", "not_a_report", "no_report"),
        ("b.html", "read", None),
        ("z.html", "read", None),
    ]
    names = {str(row["document"]) for row in rows_of(out)}
    assert names == {f"{tmp_path}/a.zip!/年报/b.html", f"{tmp_path}/z.html"}


def test_a_document_beyond_a_limit_costs_itself_alone(tmp_path: Path, ogi: Ogi, report: bytes) -> None:
    (tmp_path / "a.html").write_bytes(write_attack("text_many_lines", Place(scale=10)))
    (tmp_path / "b.html").write_bytes(report)
    reports = tmp_path / "r.jsonl"
    answer = ogi("extract", tmp_path, "--out", tmp_path / "c.csv", "--reports", reports, "--timeout", 9, "--jobs", 2)
    assert answer.code == 0
    first, second = rows_of(reports)
    assert (first["status"], first["reason_code"]) == ("quarantined", "too_slow")
    assert "--timeout" in str(first["reason"])
    assert len(str(first["document_sha256"])) == 64
    assert second["status"] == "read"


def test_a_year_no_report_can_be_on_costs_no_other_document(tmp_path: Path, ogi: Ogi, report: bytes) -> None:
    tables = re.sub(rb"20\d\d", b"2007", report)
    (tmp_path / "a.html").write_bytes(tables)
    (tmp_path / "b.html").write_bytes(report)
    for suffix in ("jsonl", "parquet"):
        reports = tmp_path / f"r.{suffix}"
        assert ogi("extract", tmp_path, "--out", tmp_path / f"c.{suffix}", "--reports", reports).code == 0
    first, second = rows_of(tmp_path / "r.jsonl")
    assert (first["status"], first["report_year"], first["reason_code"]) == ("read", None, "implausible_report_year")
    assert "2007" in str(first["reason"])
    assert (second["status"], second["reason_code"]) == ("read", None)
    assert isinstance(second["report_year"], int)
    assert len({row["document"] for row in rows_of(tmp_path / "c.jsonl")}) == 2


def test_wrong_limits_are_told_before_anything_is_read(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    for option, value, words in (
        ("--memory", "lots", "1500M"),
        ("--memory", "1M", "too little"),
        ("--timeout", -1, "0"),
    ):
        answer = ogi("extract", documents, "--out", tmp_path / "c.csv", option, value)
        assert answer.code == 1
        assert words in answer.err
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_ended_leaves_no_output_and_goes_on(
    pages: Path, tmp_path: Path, process: Start, ogi: Ogi
) -> None:
    (pages / "slow.html").write_bytes(write_attack("text_many_lines", Place(scale=10)))
    out = tmp_path / "cells.csv"
    running = process("from pipelines.cli import main; main()", "extract", pages, "--out", out, "--jobs", 2)
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and _kept(out) < 10:
        time.sleep(0.1)
    running.send_signal(signal.SIGTERM)
    _, words = running.communicate(timeout=30)
    assert running.returncode == 143
    assert "go on" in words
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    (pages / "slow.html").unlink()
    assert "by an earlier run" in ogi("extract", pages, "--out", out).out


def _kept(out: Path) -> int:
    try:
        with sqlite3.connect(folder_for(out) / "readings.sqlite") as connection:
            return int(connection.execute("SELECT count(*) FROM readings").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_progress_is_told(pages: Path, tmp_path: Path) -> None:
    steps: list[Step] = []
    files = find_files([pages]).documents
    extract_files(files, tmp_path / "c.csv", progress=steps.append, workers=1)
    reading = [(step.done, step.total) for step in steps if step.stage == "extract"]
    assert reading[0] == (0, 30)
    assert reading[-1] == (30, 30)
    assert [step.done for step in steps if step.stage == "write"] == list(range(1, 31))
