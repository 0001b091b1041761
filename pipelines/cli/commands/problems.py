"""`ogi problems`: what is wrong, worst first."""

from typing import Annotated, Any

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, registry_of, tables_of
from pipelines.errors import BadInput

__all__ = ["register"]

_SEVERITIES = ("error", "warning", "info")
_WIDTH = 80
_CANDIDATES_SHOWN = 20
_NEVER_A_PROBLEM = frozenset({"candidate"})
"""Listed for a person to look at; by itself no reason to end with code 1."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "problems",
        epilog=examples(
            "ogi problems",
            "ogi problems --year 2020 --severity error",
            "ogi problems --rule timing --region 江苏省",
            "ogi problems --rule t3.balance --portal sample-huaian --all --json",
        ),
    )(problems)


def problems(
    year: Annotated[
        list[int] | None,
        typer.Option("--year", metavar="YEAR", help="Only checks on this report year; may be given again."),
    ] = None,
    severity: Annotated[
        list[str] | None,
        typer.Option(
            "--severity", metavar="LEVEL", help="Only checks of this level: error, warning or info; may be repeated."
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="RULE",
            help="Only this rule (t3.balance), check (t3.balance[total]) or kind (text); may be repeated.",
        ),
    ] = None,
    region: Annotated[
        str, typer.Option("--region", metavar="REGION", help="Only reports of this division: code or part of its name.")
    ] = "",
    portal: Annotated[
        str, typer.Option("--portal", metavar="ID", help="Only reports and near misses of this portal.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also checks that a verdict has settled (`ogi verdict`).")
    ] = False,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """What is wrong, worst first: broken checks that no verdict has settled, corrections and verdicts that no longer
    count, documents of one report that differ, documents in quarantine, portals that went quiet or exploded, failed
    requests, broken records of WARC files, wrong registry entries; and near misses that were left out.

    Exit code 1 if there is any (near misses apart), 0 if there is none. With a filter only checks are listed, and near
    misses of --portal. Printed figures stay as printed: a broken check is a fact about the publisher's report, until
    proved a mistake of ours.
    """
    from pipelines.cli.screen import print_json_lines
    from pipelines.problems import Filter, candidates, failing_checks, idle_entries
    from pipelines.questions import broken_records, differing_documents, failed_fetches, quarantined_documents

    layout = tables_of(data)
    if not layout.root.is_dir():
        raise BadInput(f"There is no data folder {layout.root}; name one with --data DIR, or make one with `ogi run`.")
    if unknown := [level for level in severity or () if level not in _SEVERITIES]:
        raise typer.BadParameter(f"there is no severity {unknown[0]}: choose from {', '.join(_SEVERITIES)}")
    wanted = Filter(year or (), severity or (), rule or (), region.strip(), portal.strip(), everything)
    found: dict[str, list[dict[str, Any]]] = {"check": failing_checks(layout, wanted)}
    if not wanted.is_narrow:
        from crawlers.registry import load_registry
        from pipelines.coverage import expectation_problems

        found["correction"] = idle_entries(layout)
        found["renditions"] = differing_documents(layout)
        found["quarantine"] = quarantined_documents(layout)
        found["portal"] = expectation_problems(layout, registry_of(portals))
        found["fetch"] = failed_fetches(layout)
        found["record"] = broken_records(layout)
        found["registry"] = [
            {"file": str(p.file), "line": p.line, "key": p.key, "problem": p.sentence}
            for p in load_registry(registry_of(portals)).problems
        ]
    if not wanted.is_narrow or wanted.portal:
        found["candidate"] = candidates(layout, wanted.portal)
    if as_json:
        print_json_lines({"kind": kind, **row} for kind, rows in found.items() for row in rows)
    else:
        _print(found)
    return 1 if any(rows for kind, rows in found.items() if kind not in _NEVER_A_PROBLEM) else 0


def _print(found: dict[str, list[dict[str, Any]]]) -> None:
    from pipelines.cli.screen import say

    if not any(rows for kind, rows in found.items() if kind not in _NEVER_A_PROBLEM):
        say("No problem: every check holds or cannot be assessed, nothing is in quarantine, no request failed.")
    _print_checks(found["check"])
    _print_rows(
        "Corrections and verdicts that do not count ({n}); look at the document again",
        ("entry", "about", "state", "why"),
        [
            (f"{r['file']} {r['entry']}", r["cell"] or r["check_id"], r["state"], r["state_reason"])
            for r in found.get("correction", [])
        ],
    )
    _print_rows(
        "Two documents of one report print different figures ({n})",
        ("report", "document in use", "other document", "cells"),
        [
            (_named(r), r["document"], r["other_document"], _some(r["differing_cells"]))
            for r in found.get("renditions", [])
        ],
    )
    _print_rows(
        "Documents in quarantine ({n})",
        ("document", "reason"),
        [(r["document"], f"{r['reason_code']}: {r['reason']}") for r in found.get("quarantine", [])],
    )
    _print_rows(
        "Portals that went quiet or exploded ({n}); `ogi coverage` shows who is missing",
        ("portal", "year", "reports", "min", "max", "what is wrong"),
        [
            (r["portal_id"], r["report_year"], r["found"], r["min"], r["max"], r["sentence"])
            for r in found.get("portal", [])
        ],
    )
    _print_rows(
        "Requests that failed or were refused ({n})",
        ("portal", "address", "outcome", "reason"),
        [(r["portal_id"], r["url"], r["outcome"], r["reason"] or r["status_code"]) for r in found.get("fetch", [])],
    )
    _print_rows(
        "Records of WARC files that cannot be used ({n})",
        ("record", "address", "reason"),
        [(r["record"], r["url"], r["reason"]) for r in found.get("record", [])],
    )
    for row in found.get("registry", []):
        say(f"Registry: {row['file']}:{row['line']}: {row['key']}: {row['problem']}")
    near = found.get("candidate", [])
    more = f", the first {_CANDIDATES_SHOWN}" if len(near) > _CANDIDATES_SHOWN else ""
    _print_rows(
        f"Near misses that were left out ({{n}}{more})",
        ("portal", "address", "link", "reason"),
        [(r["portal_id"], r["url"], r["link_text"], r["reason"]) for r in near[:_CANDIDATES_SHOWN]],
        count=len(near),
    )


def _print_rows(
    title: str, columns: tuple[str, ...], rows: list[tuple[object, ...]], *, count: int | None = None
) -> None:
    from pipelines.cli.screen import print_table

    if rows:
        print_table(columns, rows, title=title.format(n=count or len(rows)), width=_WIDTH)


def _print_checks(rows: list[dict[str, Any]]) -> None:
    """Each broken check as a block that begins with its report; reports and tables once for all their checks."""
    from pipelines.cli.screen import say, say_wrapped

    if not rows:
        return
    say_wrapped(f"Checks that printed figures break ({len(rows)}); `ogi trace REPORT CELL` shows each", _WIDTH)
    report = None
    for row in rows:
        if (row["report_id"], row["severity"]) != report:
            report = (row["report_id"], row["severity"])
            say()
            say_wrapped(f"{row['severity']}  {row['issuer']} {row['report_year']}  {row['report_id']}", _WIDTH)
        say_wrapped(_figures(row), _WIDTH, indent=2)
        say_wrapped(f"{row['sentence_zh']} / {row['sentence_en']} [{row['check_id']}]", _WIDTH, indent=4)
        if row["reason"]:
            say_wrapped(row["reason"], _WIDTH, indent=4)
        if row["verdict"]:
            state = ", stale: the figures have changed since" if row["verdict_state"] == "stale" else ""
            who = f"{row['verdict']} ({row['verdict_author']}: {row['verdict_reason']}{state})"
            say_wrapped(f"verdict: {who}", _WIDTH, indent=4)
    say()


def _figures(row: dict[str, Any]) -> str:
    """Table, cell, printed and expected in one line."""
    from pipelines.cli.screen import shown, shown_expected

    printed = "nothing" if row["printed"] is None else shown(row["printed"])
    expected = "nothing" if row["expected"] is None else shown_expected(row["comparator"], row["expected"])
    where = f"{row['table']}  {_cell(row)}" if row["printed_cells"] else "whole report"
    return f"{where}: printed {printed}, expected {expected}"


def _named(row: dict[str, Any]) -> str:
    return f"{row['issuer']} {row['report_year']} ({row['report_id']})"


def _some(cells: list[str] | None) -> str:
    """The first of the cells that differ, and how many more there are."""
    names = cells or []
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else "".join(names)


def _cell(row: dict[str, Any]) -> str:
    """The cells that the printed value stands in; a long sum is told by its first and last."""
    cells = row["printed_cells"]
    return " + ".join(cells) if len(cells) <= 2 else f"{cells[0]} + … + {cells[-1]}"
