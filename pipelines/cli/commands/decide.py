"""`ogi correct` and `ogi verdict`: what a person decides, kept as an entry of a file."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, examples, require_warehouse, tables_of

__all__ = ["register"]


class _Verdict(StrEnum):
    HOLDS = "holds"
    PUBLISHER_ERROR = "publisher_error"
    READING_ERROR = "reading_error"
    ACCEPTED = "accepted"


_Document = Annotated[
    str,
    typer.Argument(
        metavar="DOCUMENT", help="Start of the document's SHA-256 (8 characters or more), report id, address, or words."
    ),
]
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a few words.")]
_Author = Annotated[str, typer.Option("--author", metavar="NAME", help="Who decides.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "correct",
        epilog=examples(
            'ogi correct 7ce4d319cd6e t3.total_processed.total 1 --reason "page 3 shows 1" --author "Li"',
            'ogi correct "造甲城镇 2020" t3.total_processed.total 1 --expect 0 --reason "page 3" --author "Li"',
            'ogi correct --reason "page 2" --author "Li" -- "造甲城镇 2020" t2.licensing.change -2    below 0',
        ),
    )(correct)
    app.command(
        "verdict",
        epilog=examples(
            'ogi verdict 7ce4d319cd6e "t3.balance[total]" publisher_error --reason "so printed" --author "Li"',
            'ogi verdict "造甲城镇 2020" timing.published accepted --reason "site moved in 2021" --author "Li"',
        ),
    )(verdict)


def correct(
    document: _Document,
    cell: Annotated[str, typer.Argument(metavar="CELL", help="Code of a cell, or words of its label.")],
    value: Annotated[float, typer.Argument(metavar="VALUE", help="What the document prints, in the unit of the cell.")],
    reason: _Reason,
    author: _Author,
    expect: Annotated[
        str | None,
        typer.Option("--expect", metavar="TEXT", help="What is read now; if it reads otherwise, nothing is written."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> int:
    """Correct a figure that was misread. The printed text stays in `raw`, what was read in the table `corrections`.

    The entry goes to corrections/corrections.yaml of the data folder and counts from the next `ogi build` on, as long
    as the document reads what it reads now; after that it is stale, and `ogi problems` says so.
    """
    from pipelines.deciding import Decision
    from pipelines.deciding import correct as decided

    made: Decision = decided(
        require_warehouse(tables_of(data)), document, cell, value,
        reason=reason, author=author, day=datetime.now(UTC).date(), expect=expect,
    )  # fmt: skip
    return _say(made.report, made.about, str(made.file), made.entry, as_json=as_json)


def verdict(
    document: _Document,
    check: Annotated[
        str, typer.Argument(metavar="CHECK", help="A check as `ogi problems` shows it: t3.balance[total].")
    ],
    decision: Annotated[
        _Verdict, typer.Argument(metavar="VERDICT", help="holds, publisher_error, reading_error or accepted.")
    ],
    reason: _Reason,
    author: _Author,
    cell: Annotated[
        str | None, typer.Option("--cell", metavar="CELL", help="The cell of the check that the verdict is about.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> int:
    """Decide about a broken check: it holds after all, the publisher or our reading is wrong, or it is accepted.

    The entry goes to verdicts/verdicts.yaml of the data folder and counts from the next `ogi build` on, as long as the
    check says what it says now. `ogi problems` then leaves the check out, unless asked with --all.
    """
    from pipelines.deciding import decide

    made = decide(
        require_warehouse(tables_of(data)), document, check, decision.value,
        reason=reason, author=author, day=datetime.now(UTC).date(), cell=cell,
    )  # fmt: skip
    return _say(made.report, made.about, str(made.file), made.entry, as_json=as_json)


def _say(report: str, about: str, file: str, entry: dict[str, object], *, as_json: bool) -> int:
    from pipelines.cli.screen import print_json_lines, say

    if as_json:
        print_json_lines([{"file": file, "report_id": report, **entry}])
        return 0
    say(f"{report}: {about}")
    say(f"Written to {file}; it counts from the next `ogi build` on.")
    return 0
