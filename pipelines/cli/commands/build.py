"""`ogi build`: the tables, from the raw store."""

from typing import Annotated

import typer

from pipelines.cli.options import (
    DataOption,
    JobsOption,
    JsonOption,
    MemoryOption,
    PortalsOption,
    TimeoutOption,
    examples,
    layout_of,
    limits_of,
    registry_of,
)
from pipelines.limits import DEFAULT_MEMORY, DEFAULT_SECONDS

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "build",
        epilog=examples(
            "ogi build",
            "ogi build --table litigation --year 2020",
            "ogi build --year 2023 --year 2024",
            "ogi build --timeout 3600 --memory 6G    long scans",
        ),
    )(build)


def build(
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="TABLE", help="Only this table; may be given again.")
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option("--year", metavar="YEAR", help="Only this report year; may be given again.")
    ] = None,
    jobs: JobsOption = None,
    timeout: TimeoutOption = DEFAULT_SECONDS,
    memory: MemoryOption = DEFAULT_MEMORY,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Build the tables from the raw store, without network. Only new documents are read.

    A table that is named is made from the other tables as they stand. The same documents always give the same bytes;
    a file whose content did not change is left alone. The files in stored archives become documents of their own. A
    document that was given up for its time or memory is tried again under wider limits.
    """
    from pipelines.build import build as build_tables
    from pipelines.cli.screen import print_json_lines, progress_shown
    from pipelines.cli.summaries import build_rows, print_build

    layout = layout_of(data)
    with progress_shown(quiet=as_json) as progress:
        report = build_tables(
            layout,
            tables=table,
            years=year,
            registry=registry_of(portals),
            progress=progress,
            workers=jobs,
            limits=limits_of(timeout, memory),
        )
    if as_json:
        print_json_lines(build_rows(report))
    else:
        print_build(report, layout)
    return 0
