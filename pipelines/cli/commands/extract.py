"""`ogi extract`: read files of one's own, without registry, store or network."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.options import JsonOption, examples

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "extract",
        epilog=examples(
            "ogi extract report.docx --out cells.parquet",
            "ogi extract downloads/ --out cells.csv --reports reports.csv",
            "ogi extract downloads/ --out cells.jsonl --urls addresses.jsonl",
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
    as_json: JsonOption = False,
) -> int:
    """Read annual reports from files: one row a cell, one row a document. Needs no registry, store or network.

    The format is told from the bytes, never from the name. In a folder, .json, .yaml and README files are passed over.
    Exit code 0 if at least one document was read as a report, 1 if none was.
    """
    from pipelines.cli.screen import note, print_json_lines, progress_shown
    from pipelines.local_files import find_files, read_manifest
    from pipelines.local_tables import check_suffix, read_files, write_table

    if reports is not None and reports.resolve() == out.resolve():
        raise typer.BadParameter(f"--out and --reports name the same file, {out}: give each its own")
    for target in filter(None, (out, reports)):
        check_suffix(target)
    files = find_files(paths, read_manifest(urls) if urls else None)
    with progress_shown(quiet=as_json) as progress:
        readings = read_files(files.documents, progress=progress)
    cell_rows = write_table(out, readings, "cells")
    written = [f"{cell_rows} cells in {out}"]
    if reports is not None:
        written.append(f"{write_table(reports, readings, 'reports')} documents in {reports}")
    if as_json:
        print_json_lines(reading.report for reading in readings)
    else:
        _print_summary(readings, written)
    if files.passed_over:
        names = ", ".join(path.name for path in files.passed_over[:5])
        more = f" and {len(files.passed_over) - 5} more" if len(files.passed_over) > 5 else ""
        note(f"Not documents, passed over: {len(files.passed_over)} ({names}{more})")
    return 0 if any(reading.is_read for reading in readings) else 1


def _print_summary(readings: list[Any], written: list[str]) -> None:
    from pipelines.cli.screen import print_table, say

    print_table(
        ("document", "status", "form", "year", "issuer", "region", "values", "blank", "flagged", "broken"),
        [_summary_row(reading) for reading in readings],
    )
    for reading in readings:
        report = reading.report
        if not reading.is_read:
            say(f"{report['document']}: {report['status']}: {report['reason']}")
        elif report["checks"]:
            say(f"{report['document']}: printed figures break {', '.join(report['checks'])}")
        if reading.is_read and report["reason"]:
            say(f"{report['document']}: the warehouse would put it in quarantine: {report['reason']}")
        for warning in reading.warnings if reading.is_read else ():
            say(f"{report['document']}: {warning}")
        zeroes = [check for check, status in reading.checks.items() if status == "assumed_zero"]
        if zeroes:
            shown = f"{zeroes[0]} and {len(zeroes) - 1} more" if len(zeroes) > 1 else zeroes[0]
            say(f"{report['document']}: {len(zeroes)} checks hold only with blanks read as 0 ({shown})")
    read = sum(reading.is_read for reading in readings)
    say(f"{read} of {len(readings)} documents read as reports; {'; '.join(written)}.")


def _summary_row(reading: Any) -> tuple[object, ...]:
    report, cells = reading.report, reading.cells
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
        sum(cell["value"] is not None for cell in cells),
        sum(cell["status"] in ("blank", "not_applicable") for cell in cells),
        sum(bool(cell["flags"]) or cell["confidence"] == "doubtful" for cell in cells),
        len(report["checks"]),
    )
