"""`ogi export`: hand tables or the archive over to others."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, examples, layout_of, require_warehouse, tables_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "export",
        epilog=examples(
            "ogi export --out warehouse.zip",
            "ogi export region_year issuer_year --year 2023 --out ogi.xlsx",
            "ogi export region_year --out region_year.dta",
            "ogi export --warc archive.warc.gz",
        ),
    )(export)


def export(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TABLE]...",
            help="Tables. Default: all in a .zip, the marts in an .xlsx, region_year in a .dta.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write tables with their dictionary: .zip (CSV), .xlsx (Excel) or .dta (Stata).",
            dir_okay=False,
        ),
    ] = None,
    years: Annotated[
        list[int] | None, typer.Option("--year", metavar="YEAR", help="Only this report year; may be repeated.")
    ] = None,
    warc: Annotated[
        Path | None,
        typer.Option(
            "--warc",
            metavar="FILE",
            help="Write the raw store with its ledger as WARC/1.1, each record packed; plain if FILE ends in .warc.",
            dir_okay=False,
        ),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> int:
    """Write tables for other programs, the dictionary inside; or the archive as libraries keep web pages.

    A null is an empty field in CSV and Excel and a missing value in Stata, never 0. `ogi add FILE` reads a WARC file
    back. Exit code 1: the raw store lacks bytes that the ledger names; all else was written.
    """
    if (out is None) == (warc is None):
        raise typer.BadParameter("say what to write: --out FILE for tables, or --warc FILE for the archive")
    if out is not None:
        return _tables(out, tables or [], years or [], data, as_json=as_json)
    assert warc is not None
    if tables or years:
        raise typer.BadParameter("a WARC file holds the whole archive: leave the tables and --year out")
    return _archive(warc, data, as_json=as_json)


def _tables(out: Path, tables: list[str], years: list[int], data: Path | None, *, as_json: bool) -> int:
    from pipelines.cli.screen import print_json_lines, progress_shown, say
    from pipelines.table_exports import export_tables

    layout = require_warehouse(tables_of(data))
    with progress_shown(quiet=as_json) as progress:
        done = export_tables(layout, out, tables, years, progress=progress)
    if as_json:
        print_json_lines([{"file": str(done.path), "rows": done.rows}])
    else:
        say(f"{done.path}: " + ", ".join(f"{name} {count}" for name, count in done.rows.items()) + " (rows).")
    return 0


def _archive(warc: Path, data: Path | None, *, as_json: bool) -> int:
    from pipelines.cli.screen import note, print_json_lines, progress_shown, say
    from pipelines.exporting import export_warc

    with progress_shown(quiet=as_json) as progress:
        done = export_warc(layout_of(data), warc, progress=progress)
    if as_json:
        print_json_lines([{"file": str(done.path), "byte_count": done.byte_count, "records": done.records,
                           "problems": list(done.problems)}])  # fmt: skip
    else:
        words = ", ".join(f"{count} {kind}" for kind, count in done.records.items()) or "no record"
        say(f"{done.path}: {done.byte_count} bytes; {words}.")
    for problem in done.problems:
        note(f"ogi: not in the file: {problem}")
    return 1 if done.problems else 0
