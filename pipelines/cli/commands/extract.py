"""`ogi extract`: read files of one's own, without registry, store or network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import JobsOption, JsonOption, MemoryOption, TimeoutOption, examples, limits_of
from pipelines.limits import DEFAULT_MEMORY, DEFAULT_SECONDS

if TYPE_CHECKING:
    from pipelines.local_reading import LocalReading
    from pipelines.local_tables import LocalRun

__all__ = ["register"]

_MOST_LISTED = 200
"""With more documents than this, the screen shows counts; `--reports` has a row for each."""
_PROBLEMS_LISTED = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "extract",
        epilog=examples(
            "ogi extract report.docx --out cells.parquet",
            "ogi extract downloads/ --out cells.csv --reports reports.csv",
            "ogi extract downloads/ --out cells.jsonl --urls addresses.jsonl",
            "ogi extract archive/ --out cells.parquet --jobs 8 --timeout 1800 --memory 4G",
        ),
    )(extract)


def extract(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of files, of any format.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the cells go: .parquet, .csv or .jsonl.")],
    reports: Annotated[
        Path | None,
        typer.Option("--reports", metavar="FILE", help="Where one row a document goes: .parquet, .csv or .jsonl."),
    ] = None,
    urls: Annotated[
        Path | None,
        typer.Option("--urls", metavar="FILE", help="Addresses of the files: JSON Lines with file and url."),
    ] = None,
    jobs: JobsOption = None,
    timeout: TimeoutOption = DEFAULT_SECONDS,
    memory: MemoryOption = DEFAULT_MEMORY,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read everything again; do not go on where an earlier run was.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Read annual reports from files: one row a cell, one row a document. Needs no registry, store or network.

    The format is told from the bytes, never from the name. In a folder, .json, .yaml and README files are passed over.
    Archives (ZIP, RAR, 7z) are unpacked: a document in one is named archive!/member.

    Folders of any size: what was read stays in .NAME.readings beside the output NAME, so that a run that was stopped
    goes on and a later one reads only what is new; delete it at any time. A document that crashes, hangs or wants too
    much memory costs itself alone. Exit code 0 if at least one document was read as a report, 1 if none was.
    """
    from pipelines.cli.screen import note, progress_shown
    from pipelines.local_files import find_files, read_manifest
    from pipelines.local_tables import extract_files
    from pipelines.table_files import check_suffix

    if reports is not None and reports.resolve() == out.resolve():
        raise typer.BadParameter(f"--out and --reports name the same file, {out}: give each its own")
    outputs = [path for path in (out, reports) if path is not None]
    for target in outputs:
        check_suffix(target)
    limits = limits_of(timeout, memory)
    files = find_files(paths, read_manifest(urls) if urls else None, besides=outputs)
    with progress_shown(quiet=as_json) as progress:
        screen = _Screen(as_json)
        run = extract_files(
            files.documents,
            out,
            reports,
            workers=jobs,
            limits=limits,
            is_fresh=fresh,
            progress=progress,
            listener=screen.hear,
        )
    if not as_json:
        written = [f"{run.cell_count} cells in {out}"]
        if reports is not None:
            written.append(f"{run.document_count} documents in {reports}")
        screen.show(run, written)
    if files.passed_over:
        names = ", ".join(path.name for path in files.passed_over[:5])
        more = f" and {len(files.passed_over) - 5} more" if len(files.passed_over) > 5 else ""
        note(f"Not documents, passed over: {len(files.passed_over)} ({names}{more})")
    return 0 if run.report_count else 1


class _Screen:
    """What a person is shown of the readings; of many, only the first that were not read are kept."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._rows: list[tuple[object, ...]] = []
        self._lines: list[str] = []
        self._problems: list[str] = []

    def hear(self, reading: "LocalReading") -> None:
        """Take note of one reading."""
        if self._as_json:
            from pipelines.cli.screen import print_json_lines

            print_json_lines([reading.report])
            return
        if len(self._rows) <= _MOST_LISTED:
            self._rows.append(_summary_row(reading))
            self._lines.extend(_sentences(reading))
        if not reading.is_read and len(self._problems) < _PROBLEMS_LISTED:
            self._problems.append(_fate(reading))

    def show(self, run: "LocalRun", written: list[str]) -> None:
        """The summary."""
        from pipelines.cli.screen import print_table, say

        if len(self._rows) <= _MOST_LISTED:
            print_table(
                ("document", "status", "form", "year", "issuer", "region", "values", "blank", "flagged", "broken"),
                self._rows,
            )
            for line in self._lines:
                say(line)
        else:
            print_table(("status", "documents"), sorted(run.statuses.items()))
            if run.reasons:
                print_table(("reason", "documents"), run.reasons.most_common())
            for line in self._problems:
                say(line)
            if (more := sum(run.reasons.values()) - len(self._problems)) > 0:
                say(f"… and {more} more; --reports FILE has a row for every document.")
        if run.reused:
            say(f"{run.read_now} read now, {run.reused} by an earlier run.")
        say(f"{run.report_count} of {run.document_count} documents read as reports; {'; '.join(written)}.")
        if run.kept_in is not None:
            say(f"Readings are kept in {run.kept_in}, so that another run reads only what is new.")


def _fate(reading: "LocalReading") -> str:
    report = reading.report
    return f"{report['document']}: {report['status']}: {report['reason']}"


def _sentences(reading: "LocalReading") -> list[str]:
    """What a person should know of one document."""
    if not reading.is_read:
        return [_fate(reading)]
    report = reading.report
    lines = []
    if report["checks"]:
        lines.append(f"printed figures break {', '.join(report['checks'])}")
    if report["reason"]:
        lines.append(f"the warehouse would put it in quarantine: {report['reason']}")
    lines += reading.warnings
    zeroes = [check for check, status in reading.checks.items() if status == "assumed_zero"]
    if zeroes:
        shown = f"{zeroes[0]} and {len(zeroes) - 1} more" if len(zeroes) > 1 else zeroes[0]
        lines.append(f"{len(zeroes)} checks hold only with blanks read as 0 ({shown})")
    return [f"{report['document']}: {line}" for line in lines]


def _summary_row(reading: "LocalReading") -> tuple[object, ...]:
    report, counts = reading.report, reading.counts
    region = [report[key] for key in ("province", "prefecture", "county", "township") if report[key]]
    place = " ".join(filter(None, (*region, report["division_code"]))) or report["region_status"]
    if not reading.is_read:
        return Path(report["document"]).name, report["status"], None, None, None, None, None, None, None, None
    return (
        Path(report["document"]).name,
        report["status"],
        report["edition"],
        str(report["report_year"]),
        report["issuer"],
        place,
        counts["values"],
        counts["blank"],
        counts["flagged"],
        len(report["checks"]),
    )
