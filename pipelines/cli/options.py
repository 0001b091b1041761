"""The options that many commands share, and what they stand for."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pipelines.errors import BadInput
from pipelines.layout import DATA_VARIABLE, DataLayout
from pipelines.limits import Limits, memory_of

__all__ = [
    "PORTALS_VARIABLE",
    "DataOption",
    "JobsOption",
    "JsonOption",
    "MemoryOption",
    "PortalsOption",
    "TimeoutOption",
    "examples",
    "layout_of",
    "limits_of",
    "registry_of",
    "require_warehouse",
    "tables_of",
]

PORTALS_VARIABLE = "OGI_PORTALS"

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help=f"Data folder. Default: {DATA_VARIABLE} if set, else data/.", file_okay=False
    ),
]
PortalsOption = Annotated[
    Path | None,
    typer.Option(
        "--portals",
        metavar="DIR",
        help=f"Folder of portal entries. Default: {PORTALS_VARIABLE} if set, else the entries of the project.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON Lines for scripts instead of a table.")]

JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, help="Worker processes. Default: one for each processor.")
]
TimeoutOption = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", help="A document that takes longer is given up, with the reason."),
]
MemoryOption = Annotated[
    str,
    typer.Option("--memory", metavar="SIZE", help="A document that wants more is given up, e.g. 1500M or 2G."),
]


def limits_of(timeout: float, memory: str) -> Limits:
    """What one document may cost."""
    return Limits(seconds=timeout, memory_bytes=memory_of(memory))


def layout_of(data: Path | None) -> DataLayout:
    """The data folder that the user means."""
    layout = DataLayout.resolve(data)
    if layout.root.exists() and not layout.root.is_dir():
        raise BadInput(f"{layout.root} is a file; --data (or {DATA_VARIABLE}) must name a folder.")
    return layout


def tables_of(data: Path | None) -> DataLayout:
    """The data folder whose tables the user asks, with a word on stderr where a build has not made them all."""
    from pipelines.cli.screen import note

    layout = layout_of(data)
    if layout.unfinished_build.exists():
        note(
            f"The tables in {layout.warehouse} are not all of one build: one is under way or was stopped. Some may be "
            "older, or not there yet; `ogi build` goes on with it."
        )
    return layout


def registry_of(portals: Path | None) -> Path:
    """The folder of portal entries that the user means."""
    from crawlers.registry import DEFAULT_REGISTRY

    named = os.environ.get(PORTALS_VARIABLE)
    folder = portals or (Path(named) if named else DEFAULT_REGISTRY)
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder of portal entries; name one with --portals DIR.")
    return folder


def require_warehouse(layout: DataLayout) -> DataLayout:
    """The layout, once it is sure that there is a table to ask."""
    if not any(layout.warehouse.glob("*/**/*.parquet")):
        raise BadInput(
            f"There are no tables in {layout.warehouse} yet. Make them with `ogi run`, or with `ogi add PATH` and "
            "`ogi build`; name another data folder with --data DIR."
        )
    return layout


def examples(*lines: str) -> str:
    """The examples under the help of a command, one a line as given."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))
