"""A full rebuild of the warehouse at scale: time per million cells, peak memory, bytes per report, and right sums.

    python -m benchmarks.scale --reports 10000,100000

For each size a data folder of made-up reports is written (`scale_inputs`), and the warehouse is built from it in a
process of its own whose memory, that of its workers included, is watched. Then the region-year question is asked, one
year is built again, and the sums that the generator knows are compared with `region_year`. Exit code 1: a sum is wrong,
the memory went beyond the limit, or the question took too long.

How far it is goes to standard error. With `--folder` and `--resume` a run that was stopped goes on: inputs that were
written to the end are taken as they are, the build goes on as any stopped build does, and its times are added up.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.scale_inputs import Inputs, known_inputs, write_inputs
from pipelines.catalog import connect
from pipelines.crew import Crew
from pipelines.layout import DataLayout
from pipelines.warehouse import Warehouse
from transform.schema.tables import TABLES

_EXAMPLES = """
examples:
  python -m benchmarks.scale --reports 10000                      one size, in a temporary folder
  python -m benchmarks.scale --reports 10000,100000 --json        two sizes, one JSON object a line
  python -m benchmarks.scale --reports 1000000 --folder /big/disk --resume   some 8 GB there while it runs; the same
                                                                  command again goes on after an interruption
  python -m benchmarks.scale --reports 10000 --layouts            bytes of `cells` and `checks` under other layouts
"""
_QUESTION = """
SELECT r.report_year, r.region, r.applications_new, r.applications_processed, r.disclosed_full, r.litigation_total
FROM region_year r
WHERE r.level = 'county' AND r.basis = 'sum_of_own_reports' AND r.report_year BETWEEN 2019 AND 2025
  AND r.province = (SELECT min(province) FROM region_year WHERE report_year = 2023 AND level = 'county')
ORDER BY r.report_year, r.division_code
"""
_ASKED = 20
_SLOWEST_ANSWER_MS = 200.0
_YEAR_AGAIN = 2023
_TOLD_EVERY = 10.0
"""Seconds between two lines about how far a build is."""
_WATCHED_EVERY = 0.5
_NOTES = "benchmark.json"
_LAYOUT_ROWS = 2_000_000
"""Rows of a year that layouts are tried on."""
_CHILD = """
import json, os, sys, time
from pathlib import Path
from pipelines.build import build
from pipelines.layout import DataLayout

def main():
    folder, years, workers, every = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3]), float(sys.argv[4])
    began = told = time.monotonic()

    def tell(step):
        nonlocal told
        now = time.monotonic()
        if now - told >= every:
            told = now
            print(f"  {now - began:7.0f} s: {step.stage} {step.done:,} of {step.total or 0:,} {step.detail}",
                  file=sys.stderr, flush=True)

    report = build(DataLayout(Path(folder)), years=years, workers=workers, progress=tell)
    print(json.dumps({
        "seconds": time.monotonic() - began,
        "processor": sum(os.times()[:4]),
        "processor_seconds": dict(report.seconds),
        "changed": [[built.table, built.year] for built in report.tables if built.changed],
        "rows": {name: report.rows(name) for name in {built.table for built in report.tables}},
    }))

if __name__ == "__main__":
    main()
"""


@dataclass
class Result:
    """What one size showed."""

    reports: int
    cells: int
    documents: int
    payload_bytes: int
    input_seconds: float
    """By the clock; 0 where an earlier run had written them."""
    input_processor_seconds: float = 0.0
    input_peak_bytes: int = 0
    build_seconds: float = 0.0
    build_processor_seconds: float = 0.0
    """All that the build and its workers took, importing included."""
    stopped_seconds: float = 0.0
    """Of `build_seconds`, what runs took that were stopped; processor seconds are those of the last run alone."""
    peak_bytes: int = 0
    step_seconds: dict[str, float] = field(default_factory=dict)
    bytes_per_report: dict[str, float] = field(default_factory=dict)
    question_ms: tuple[float, float] = (0.0, 0.0)
    again_seconds: float = 0.0
    again_changed: list[list[Any]] = field(default_factory=list)
    sums_compared: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def seconds_per_million_cells(self) -> float:
        """By the clock, over the whole build."""
        return self.build_seconds / self.cells * 1e6


def measure(reports: int, folder: Path, *, memory_bytes: int, workers: int | None) -> Result:
    """Write the inputs, build, ask, build one year again, and compare the sums. What is there already is taken."""
    layout = DataLayout(folder)
    began = time.monotonic()
    inputs = known_inputs(layout)
    written = inputs is None
    if inputs is None:
        shutil.rmtree(folder, ignore_errors=True)
        inputs = _inputs(layout, reports, workers)
    result = Result(inputs.reports, inputs.cells, inputs.documents, inputs.payload_bytes, 0.0)
    result.input_processor_seconds = inputs.processor_seconds
    if written:
        result.input_seconds = time.monotonic() - began
        result.input_peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    built, result.peak_bytes, result.stopped_seconds = _built_once(layout, workers)
    result.build_seconds = built["seconds"] + result.stopped_seconds
    result.build_processor_seconds = built["processor"]
    result.step_seconds = dict(sorted(built["processor_seconds"].items(), key=lambda item: -item[1]))
    if built["rows"]["reports"] != inputs.reports:
        # Most likely the sources of the extractor were changed meanwhile: its readings are kept by their version.
        raise SystemExit(f"{inputs.reports} reports were written and {built['rows']['reports']} built")
    if result.peak_bytes > memory_bytes:
        result.problems.append(f"the build took {result.peak_bytes / 2**30:.1f} GB")
    result.bytes_per_report = {
        name: sum(file.stat().st_size for file in Warehouse(layout).files(name)) / inputs.reports for name in TABLES
    }
    result.question_ms = _asked(layout)
    if result.question_ms[1] > _SLOWEST_ANSWER_MS:
        result.problems.append(f"the region-year question took {result.question_ms[1]:.0f} ms")
    result.sums_compared, wrong = _compare(layout, inputs)
    result.problems += wrong
    again, _ = _built(layout, [_YEAR_AGAIN], workers)
    result.again_seconds, result.again_changed = again["seconds"], again["changed"]
    if again["changed"]:
        result.problems.append(f"building {_YEAR_AGAIN} again changed {again['changed']}")
    return result


def _inputs(layout: DataLayout, reports: int, workers: int | None) -> Inputs:
    told = began = time.monotonic()

    def tell(written: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _TOLD_EVERY:
            told = time.monotonic()
            print(f"  {told - began:7.0f} s: {written:,} of {reports:,} reports written", file=sys.stderr, flush=True)

    with Crew(workers) as crew:
        return write_inputs(layout, reports, crew, tell)


def _built_once(layout: DataLayout, workers: int | None) -> tuple[dict[str, Any], int, float]:
    """As `_built` for all years; what runs noted that were stopped before is taken into account."""
    file = layout.root / _NOTES
    notes = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"seconds": 0.0, "peak": 0}
    if "built" not in notes:
        before = dict(notes)

        def note(seconds: float, peak: int) -> None:
            told = {"seconds": before["seconds"] + seconds, "peak": max(before["peak"], peak)}
            file.write_text(json.dumps(told), encoding="utf-8")

        built, peak = _built(layout, None, workers, note)
        notes = {"seconds": before["seconds"], "peak": max(before["peak"], peak), "built": built}
        file.write_text(json.dumps(notes), encoding="utf-8")
    return notes["built"], notes["peak"], notes["seconds"]


def _built(
    layout: DataLayout,
    years: list[int] | None,
    workers: int | None,
    note: Callable[[float, int], None] = lambda *_: None,
) -> tuple[dict[str, Any], int]:
    """What a build in a process of its own tells, and the most memory that it and its workers held at one time."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(layout.root), json.dumps(years), json.dumps(workers), str(_TOLD_EVERY)],
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    peak, began = 0, time.monotonic()
    try:
        while process.poll() is None:
            peak = max(peak, sum(_resident(member) for member in _group(process.pid)))
            note(time.monotonic() - began, peak)
            time.sleep(_WATCHED_EVERY)
    finally:  # a benchmark that is stopped leaves no build behind
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    answer = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"the build ended with {process.returncode}")
    told: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return told, peak


def _group(group: int) -> Iterator[int]:
    """The processes of a session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == group:
                    yield int(entry.name)
            except ProcessLookupError:
                continue


def _resident(process: int) -> int:
    """The memory of a process, pages that it shares with others counted in part."""
    for name, mark in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = Path(f"/proc/{process}/{name}").read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            if line.startswith(mark):
                return int(line.split()[1]) * 1024
    return 0


def _asked(layout: DataLayout) -> tuple[float, float]:
    """Median and 95th percentile of the question in milliseconds, over the views of the catalog."""
    times = []
    with duckdb.connect(str(layout.catalog), read_only=True) as connection:
        for _ in range(_ASKED):
            began = time.monotonic()
            rows = connection.execute(_QUESTION).fetchall()
            times.append((time.monotonic() - began) * 1e3)
    if not rows:
        raise SystemExit(f"the region-year question has no answer: see {layout.root}")
    return statistics.median(times), sorted(times)[int(_ASKED * 0.95) - 1]


def _compare(layout: DataLayout, inputs: Inputs) -> tuple[int, list[str]]:
    """How many sums were compared, and those that are wrong or stand on one side only."""
    query = """
        SELECT
            coalesce(t.division_code, r.division_code), coalesce(t.report_year, r.report_year),
            coalesce(t.basis, r.basis), t.applications_new, r.applications_new, t.litigation_total, r.litigation_total
        FROM totals t
        FULL JOIN (SELECT * FROM region_year WHERE report_year >= 2014 AND level <> 'township') r
            USING (division_code, report_year, basis)
        WHERE t.applications_new IS DISTINCT FROM r.applications_new
           OR t.litigation_total IS DISTINCT FROM r.litigation_total
        ORDER BY 1, 2, 3
    """
    connection = connect(layout)
    connection.register("totals", inputs.totals)
    wrong = connection.execute(query).fetchall()
    shown = [
        f"{code} {year} {basis}: applications {a} / {b}, suits {c} / {d}" for code, year, basis, a, b, c, d in wrong
    ]
    more = [f"… and {len(wrong) - 5} more"] if len(wrong) > 5 else []
    return inputs.totals.num_rows, [f"wrong sum (known / found): {line}" for line in shown[:5]] + more


_LAYOUTS: Mapping[str, Mapping[str, Any]] = {
    "as written": {},
    "zstd level 1": {"compression_level": 1},
    "zstd level 9": {"compression_level": 9},
    "snappy": {"compression": "snappy", "compression_level": None},
    "no dictionary": {"use_dictionary": False},
    "row groups of 1 M": {"row_group_size": 1 << 20},
    "row groups of 32 k": {"row_group_size": 1 << 15},
    "whole-number column split (byte stream)": {"use_dictionary": False, "use_byte_stream_split": ["value"]},
}


def layouts(layout: DataLayout, tables: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Bytes per report and seconds to write rows of one year of some tables in other layouts and orders."""
    for name in tables:
        rows = _first_rows(Warehouse(layout).path(name, _YEAR_AGAIN))
        reports = len(rows.column("report_id").unique())
        orders = {"report": rows}
        if "cell" in rows.column_names:
            orders["cell, then report"] = rows.sort_by([("cell", "ascending"), ("report_id", "ascending")])
        for order, ordered in orders.items():
            for words, options in _LAYOUTS.items():
                if "use_byte_stream_split" in options and "value" not in ordered.column_names:
                    continue
                yield {"table": name, "order": order, "layout": words, **_written(ordered, options, reports)}


def _first_rows(path: Path) -> pa.Table:
    """The first row groups of a file, as many as are measured together."""
    file = pq.ParquetFile(path)
    groups = range(min(file.metadata.num_row_groups, _LAYOUT_ROWS // file.metadata.row_group(0).num_rows + 1))
    return file.read_row_groups(list(groups)).combine_chunks()


def _written(rows: pa.Table, options: Mapping[str, Any], reports: int) -> dict[str, float]:
    settings: dict[str, Any] = {
        "compression": "zstd", "compression_level": 3, "row_group_size": 131_072, "store_schema": False,
        "version": "2.6", **options,
    }  # fmt: skip
    settings = {name: value for name, value in settings.items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "part.parquet"
        began = time.process_time()
        pq.write_table(rows, file, **settings)
        return {"bytes_per_report": file.stat().st_size / reports, "write_seconds": time.process_time() - began}


def column_bytes(layout: DataLayout, table: str) -> dict[str, float]:
    """Bytes per report of each column of one year of a table."""
    metadata = pq.ParquetFile(Warehouse(layout).path(table, _YEAR_AGAIN)).metadata
    reports = Warehouse(layout).read("reports", [_YEAR_AGAIN], ["report_id"]).num_rows
    sizes: dict[str, float] = {}
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            name = column.path_in_schema.split(".")[0]
            sizes[name] = sizes.get(name, 0.0) + column.total_compressed_size / reports
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def _print(result: Result) -> None:
    million = result.cells / 1e6
    processor = result.build_processor_seconds
    decode = result.step_seconds.get("decode", 0.0)
    part = f", {result.stopped_seconds:.0f} s of it in runs that were stopped" if result.stopped_seconds else ""
    median, slow = result.question_ms
    lines = [
        f"\n{result.reports:,} reports, {result.documents:,} documents, {result.cells:,} cells",
        f"  inputs, apart from the build: {result.input_seconds:.0f} s by the clock, "
        f"{result.input_processor_seconds:.0f} s of processor, {result.input_peak_bytes / 2**30:.2f} GB, "
        f"{result.payload_bytes / result.documents:.0f} bytes a document",
        f"  build: {result.build_seconds:.0f} s by the clock{part}, "
        f"{result.seconds_per_million_cells:.2f} s a million cells",
        f"  peak memory: {result.peak_bytes / 2**30:.2f} GB",
        f"  processor: {processor:.0f} s, {processor / million:.2f} a million cells; decoding the extractions of all "
        f"batches takes {decode:.0f}",
        "  processor seconds a million cells:",
        *(f"    {name:32}{seconds / million:8.3f}" for name, seconds in result.step_seconds.items()),
        "  bytes a report:",
        *(
            f"    {name:32}{size:8.0f}"
            for name, size in sorted(result.bytes_per_report.items(), key=lambda item: -item[1])
        ),
        f"    {'together':32}{sum(result.bytes_per_report.values()):8.0f}",
        f"  region-year question: median {median:.0f} ms, 95th percentile {slow:.0f} ms",
        f"  {_YEAR_AGAIN} again: {result.again_seconds:.0f} s, {len(result.again_changed)} files changed",
        f"  {result.sums_compared:,} known sums compared" + ("" if result.problems else ": all right"),
        *(f"  WRONG: {problem}" for problem in result.problems),
    ]
    print("\n".join(lines), flush=True)


def _print_layouts(layout: DataLayout) -> None:
    for row in layouts(layout, ("cells", "checks", "applications")):
        sizes = f"{row['bytes_per_report']:8.0f} bytes a report, {row['write_seconds']:6.2f} s"
        print(f"  {sizes}: {row['table']} by {row['order']}, {row['layout']}", flush=True)
    for name in ("cells", "checks"):
        sizes = ", ".join(f"{column} {size:.0f}" for column, size in column_bytes(layout, name).items())
        print(f"  bytes a report by column, {name}: {sizes}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; the number of sizes that went wrong, at most 1, as exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__, epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--reports", default="10000", metavar="N[,N…]", help="sizes, in reports")
    parser.add_argument("--folder", type=Path, help="where to write; emptied before each size (default: temporary)")
    parser.add_argument("--keep", action="store_true", help="leave the data folders of --folder in place")
    parser.add_argument("--resume", action="store_true", help="go on with what a stopped run left in --folder")
    parser.add_argument("--memory", type=float, default=8.0, metavar="GB", help="the most that a build may hold")
    parser.add_argument("--workers", type=int, help="worker processes (default: one a processor)")
    parser.add_argument("--layouts", action="store_true", help="also measure other storage layouts")
    parser.add_argument("--json", action="store_true", help="one JSON object for each size")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    failed = False
    for size in (int(text) for text in options.reports.split(",")):
        with tempfile.TemporaryDirectory(prefix="ogi-scale-") as temporary:
            folder = (options.folder or Path(temporary)) / f"reports-{size}"
            if folder.exists() and not options.resume:
                shutil.rmtree(folder)
            result = measure(size, folder, memory_bytes=int(options.memory * 2**30), workers=options.workers)
            failed = failed or bool(result.problems)
            if options.json:
                print(json.dumps(asdict(result), ensure_ascii=False), flush=True)
            else:
                _print(result)
            if options.layouts:
                _print_layouts(DataLayout(folder))
            if not options.keep:
                shutil.rmtree(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
