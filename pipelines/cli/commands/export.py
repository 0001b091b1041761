"""`ogi export`: hand the archive over to others."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, examples, layout_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "export",
        epilog=examples(
            "ogi export --warc archive.warc.gz",
            "ogi export --warc archive.warc.gz --data archive/",
        ),
    )(export)


def export(
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
    """Write the raw store and the ledger as one WARC/1.1 file, as libraries keep web pages.

    `ogi add FILE` reads it back. Exit code 1: the raw store lacks bytes that the ledger names; all else was written.
    """
    from pipelines.cli.screen import note, print_json_lines, progress_shown, say
    from pipelines.exporting import export_warc

    if warc is None:
        raise typer.BadParameter("say what to write: --warc FILE")
    layout = layout_of(data)
    with progress_shown(quiet=as_json) as progress:
        done = export_warc(layout, warc, progress=progress)
    if as_json:
        print_json_lines([{"file": str(done.path), "byte_count": done.byte_count, "records": done.records,
                           "problems": list(done.problems)}])  # fmt: skip
    else:
        words = ", ".join(f"{count} {kind}" for kind, count in done.records.items()) or "no record"
        say(f"{done.path}: {done.byte_count} bytes; {words}.")
    for problem in done.problems:
        note(f"ogi: not in the file: {problem}")
    return 1 if done.problems else 0
