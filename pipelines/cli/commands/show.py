"""`ogi show`: a document beside what was read from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import DataOption, MemoryOption, TimeoutOption, examples, layout_of, limits_of
from pipelines.errors import BadInput
from pipelines.limits import DEFAULT_MEMORY, DEFAULT_SECONDS

if TYPE_CHECKING:
    from pipelines.show.draw import Drawing

__all__ = ["register"]

_SUFFIXES = (".html", ".png")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "show",
        epilog=examples(
            "ogi show report.pdf",
            "ogi show report.pdf --page 3 --out page3.png",
            "ogi show attachments.zip!/report.doc --out report.html --open",
            'ogi show "造甲城镇 2020"',
        ),
    )(show)


def show(
    document: Annotated[
        str,
        typer.Argument(
            metavar="DOCUMENT", help="A file, archive!/member, the start of a SHA-256 in the store, or a report."
        ),
    ],
    page: Annotated[int | None, typer.Option("--page", metavar="N", min=1, help="Only this page.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the drawing goes: .html, or .png for one page."),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the drawing in the browser.")] = False,
    timeout: TimeoutOption = DEFAULT_SECONDS,
    memory: MemoryOption = DEFAULT_MEMORY,
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with every cell.")] = False,
) -> int:
    """Draw a document with what was read from it, so that a person can check the reading at a glance.

    PDF and scans: the page with a box in colour on every figure. Others: the tables as they were read, under each
    figure its code, value and confidence. One file that needs nothing else. Exit code 0 if it is a
    report, 1 if it is none.
    """
    from pipelines.cli.screen import print_json_lines, say
    from pipelines.show.draw import draw
    from pipelines.show.find import find_wanted
    from pipelines.warehouse import replace_file

    wanted = find_wanted(document, layout_of(data))
    target = out or Path(f"{Path(wanted.bare_name).stem[:60]}.shown.html")
    if target.suffix.lower() not in _SUFFIXES:
        raise BadInput(f"{target}: the drawing is an .html file, or a .png of one page.")
    if target.resolve() == wanted.path.resolve():
        raise BadInput(f"{target} is the document itself: name another file with --out.")
    drawing = draw(wanted, is_picture=target.suffix.lower() == ".png", page=page, limits=limits_of(timeout, memory))
    with replace_file(target) as temporary:
        temporary.write_bytes(drawing.content)
    if as_json:
        checks = [
            {"check": check, "sentence": sentence, "left": left, "comparator": sign, "right": right}
            for check, sentence, left, sign, right in drawing.checks
        ]
        facts = {name.replace(" ", "_"): value for name, value in drawing.facts}
        print_json_lines(
            [{"document": wanted.name, **facts, "drawing": str(target), "checks": checks, "cells": drawing.cells}]
        )
    else:
        _print(wanted.name, drawing)
        say(f"Drawing: {target}")
    if open_it:
        import webbrowser

        webbrowser.open(target.resolve().as_uri())
    return 0 if drawing.is_read else 1


def _print(name: str, drawing: "Drawing") -> None:
    from pipelines.cli.screen import print_table, say, shown
    from pipelines.show.view import KINDS

    say(f"{'document:':<18}{name}")
    for key, value in drawing.facts:
        say(f"{key + ':':<18}{value}")
    if drawing.counts:
        rows = [(table, *(found.get(kind) for kind in KINDS)) for table, found in drawing.counts.items()]
        print_table(("table", *KINDS), rows, title="Cells")
    if drawing.checks:
        print_table(
            ("check", "left side", "", "right side", "rule"),
            [(check, shown(left), sign, shown(right), words) for check, words, left, sign, right in drawing.checks],
            title=f"Checks that printed figures break ({len(drawing.checks)})",
        )
    if drawing.note:
        say(drawing.note)
