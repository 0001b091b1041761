"""`ogi coverage`: who has published, and who has not."""

from typing import Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, layout_of, registry_of
from pipelines.errors import BadInput

__all__ = ["register"]

_LEVELS = ("portal", "province", "prefecture", "county")
_NAMES_SHOWN = 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "coverage",
        epilog=examples(
            "ogi coverage",
            "ogi coverage --by county --year 2023",
            "ogi coverage --json",
        ),
    )(coverage)


def coverage(
    by: Annotated[
        str, typer.Option("--by", metavar="LEVEL", help="One row for each portal, province, prefecture or county.")
    ] = "portal",
    year: Annotated[
        list[int] | None, typer.Option("--year", metavar="YEAR", help="Only this report year; may be given again.")
    ] = None,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Who has published, who has not, and whose reports cannot be read, by portal or region and report year.

    Expected is what the registry entry expects, or everybody who published the year before, whichever is more. Missing
    counts from 1 April, when all reports of a year are due; the clock is the last request, not today.
    """
    from pipelines.cli.screen import print_json_lines, print_table, say
    from pipelines.coverage import By, as_row, never_asked
    from pipelines.coverage import coverage as covered

    layout, registry = layout_of(data), registry_of(portals)
    if by not in _LEVELS:
        raise typer.BadParameter(f"there is no level {by}: choose from {', '.join(_LEVELS)}")
    if not layout.root.is_dir():
        raise BadInput(f"There is no data folder {layout.root}; name one with --data DIR, or make one with `ogi run`.")
    rows = covered(layout, registry, by=By(by), years=year or ())
    if as_json:
        print_json_lines(as_row(row, By(by)) for row in rows)
        return 0
    if rows:
        print_table(
            (by, "year", "expected", "found", "missing", "unread", "who or why"),
            [
                (
                    row.name if by != "portal" else row.key,
                    row.report_year,
                    row.expected,
                    row.found,
                    row.missing,
                    row.unreadable + row.waiting,
                    _remark(row.missing_issuers, row.why, row.waiting),
                )
                for row in rows
            ],
            title=f"Reports by {by} and year",
        )
    else:
        say("Nothing was collected yet: `ogi crawl`, then `ogi build`.")
    waiting = never_asked(layout, registry) if by == "portal" else []
    if waiting:
        say(f"Never asked: {len(waiting)} of the registry's portals, such as {waiting[0]}. `ogi crawl` collects them.")
    return 0


def _remark(missing: list[str], why: str | None, waiting: int) -> str | None:
    """Who is missing, what stands in the way, and what `ogi build` would still read."""
    names = "、".join(missing[:_NAMES_SHOWN])
    more = f" and {len(missing) - _NAMES_SHOWN} more" if len(missing) > _NAMES_SHOWN else ""
    unread = f"{waiting} not read yet: ogi build" if waiting else None
    return "; ".join(filter(None, (f"{names}{more}", why, unread))) or None
