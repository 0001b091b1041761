"""`ogi coverage`: who has published, who has not, and who did so late or unreadably."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, registry_of, tables_of
from pipelines.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.coverage import CoverageRow
    from pipelines.layout import DataLayout

__all__ = ["register"]

_LEVELS = ("portal", "province", "prefecture", "county", "issuer")
_NAMES_SHOWN = 2
_ROWS_SHOWN = 40
"""Of one table; `--json` and `--all` give the rest."""
_BREACHES_SHOWN = 15


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "coverage",
        epilog=examples(
            "ogi coverage",
            "ogi coverage --by county --year 2023",
            "ogi coverage --by issuer --late",
            "ogi coverage --json",
        ),
    )(coverage)


def coverage(
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="LEVEL", help="One row for each portal, province, prefecture, county, or issuer and breach."
        ),
    ] = "portal",
    year: Annotated[
        list[int] | None, typer.Option("--year", metavar="YEAR", help="Only this report year; may be given again.")
    ] = None,
    late: Annotated[
        bool, typer.Option("--late", help="Only who published late: by region, or each issuer (the default then).")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every row, also regions of which only is known that governments exist there.")
    ] = False,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Who has published, who has not, who did so late, and whose reports cannot be read; the worst first.

    Of a portal is expected what its registry entry expects, or everybody who published the year before, whichever is
    more. Of a region: its governments down to the county, everybody who published the year before, and who published
    now. Missing counts from 1 April, when all reports of a year are due; the clock is the last request, not today.
    """
    if by not in _LEVELS:
        raise typer.BadParameter(f"there is no level {by}: choose from {', '.join(_LEVELS)}")
    layout, registry = tables_of(data), registry_of(portals)
    if not layout.root.is_dir():
        raise BadInput(f"There is no data folder {layout.root}; name one with --data DIR, or make one with `ogi run`.")
    if by == "issuer" or (late and by == "portal"):
        _by_issuer(layout, year or (), late=late, everything=everything, as_json=as_json)
    else:
        _by_place(layout, registry, by, year or (), late=late, everything=everything, as_json=as_json)
    return 0


def _by_place(
    layout: "DataLayout",
    registry: "Path",
    by: str,
    years: Sequence[int],
    *,
    late: bool,
    everything: bool,
    as_json: bool,
) -> None:
    from pipelines.cli.screen import print_json_lines, say
    from pipelines.coverage import By, as_row, never_asked
    from pipelines.coverage import coverage as covered

    found = covered(layout, registry, by=By(by), years=years)
    rows = [row for row in found if (everything or row.is_known) and (not late or row.late)]
    if as_json:
        print_json_lines(as_row(row, By(by)) for row in rows)
        return
    if rows:
        _print_places(rows, by, everything=everything)
    elif not found:
        say("Nothing was collected yet: `ogi crawl`, then `ogi build`.")
    else:
        say("Nobody published late, as far as days of publication are known." if late else "Nothing is known of any.")
    if not everything and (hidden := sum(not row.is_known for row in found)):
        say(f"Not shown: {hidden} rows of regions where nobody looked yet (--all).")
    if by != "portal" and rows:
        say("Missing: expected and not collected, so also bodies whose portals nobody has asked.")
    waiting = never_asked(layout, registry) if by == "portal" else []
    if waiting:
        say(f"Never asked: {len(waiting)} of the registry's portals, such as {waiting[0]}. `ogi crawl` collects them.")


def _print_places(rows: "Sequence[CoverageRow]", by: str, *, everything: bool) -> None:
    from pipelines.cli.screen import print_table, say

    if by == "portal":
        print_table(
            (by, "year", "expected", "found", "missing", "unread", "who or why"),
            [
                (
                    row.key,
                    row.report_year,
                    row.expected,
                    row.found,
                    row.missing,
                    row.unreadable + row.waiting,
                    _remark(row.missing_issuers, row.why, row.waiting),
                )
                for row in rows
            ],
            title="Reports by portal and year",
        )
        return
    worst = sorted(
        rows, key=lambda row: (-row.missing, -(row.late or 0), -row.unreadable, -row.report_year, row.key)
    )  # fmt: skip
    shown = worst if everything else worst[:_ROWS_SHOWN]
    print_table(
        (by, "year", "expected", "found", "missing", "late", "unread", "who is missing, and more"),
        [
            (
                _place(row.name, by),
                row.report_year,
                row.expected,
                row.found,
                row.missing,
                row.late,
                row.unreadable,
                _remark(row.missing_issuers, _doubts(row), 0),
            )
            for row in shown
        ],
        title=f"Reports by {by} and year, the worst first",
    )
    if len(shown) < len(worst):
        say(f"… and {len(worst) - len(shown)} more: --all, --year YEAR or --json.")


def _place(name: str, by: str) -> str:
    """A county with what lies above it, since names repeat (铁东区 in 四平市 and in 鞍山市); else the name."""
    return " ".join(name.split(" ")[-2:]) if by == "county" else name


def _doubts(row: "CoverageRow") -> str | None:
    undated = f"{row.undated} without a date" if row.undated else None
    broken = f"{row.contradictory} whose figures contradict each other" if row.contradictory else None
    return "; ".join(filter(None, (undated, broken))) or None


def _by_issuer(layout: "DataLayout", years: Sequence[int], *, late: bool, everything: bool, as_json: bool) -> None:
    from pipelines.cli.screen import print_json_lines, print_table, say
    from pipelines.compliance import Breach, breaches

    rows = [row for row in breaches(layout, years) if not late or row["breach"] == Breach.LATE]
    if as_json:
        print_json_lines(rows)
        return
    if not rows:
        say("Nobody published late." if late else "Nothing is missing, late or unreadable, as far as was collected.")
    for kind in Breach:
        found = [row for row in rows if row["breach"] == kind]
        shown = found if everything else found[:_BREACHES_SHOWN]
        if found:
            print_table(
                ("year", "issuer", "region", *(("published", "due", "days") if kind is Breach.LATE else ()), "known"),
                [_breach(row, with_days=kind is Breach.LATE) for row in shown],
                title=f"{_TITLES[kind.value]} ({len(found)})",
            )
        if len(shown) < len(found):
            say(f"… and {len(found) - len(shown)} more: --all, --year YEAR or --json.")


_TITLES = {
    "missing": "Expected and not found",
    "unreadable": "Documents that cannot be read",
    "late": "Published after the day due",
    "contradictory": "Figures that contradict each other",
    "undated": "Day of publication not known",
}


def _breach(row: Mapping[str, Any], *, with_days: bool) -> tuple[object, ...]:
    days = (row["first_published"], row["due"], row["days_late"]) if with_days else ()
    known = row["remark"] or row["report_id"] or row["document"]
    return row["report_year"], row["issuer"], row["region"], *days, known


def _remark(missing: Sequence[str], why: str | None, waiting: int) -> str | None:
    """Who is missing, what stands in the way, and what `ogi build` would still read."""
    names = "、".join(missing[:_NAMES_SHOWN])
    more = f" and {len(missing) - _NAMES_SHOWN} more" if len(missing) > _NAMES_SHOWN else ""
    unread = f"{waiting} not read yet: ogi build" if waiting else None
    return "; ".join(filter(None, (f"{names}{more}", why, unread))) or None
