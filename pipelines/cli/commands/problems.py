"""`ogi problems`: what is wrong, worst first."""

from typing import Annotated, Any

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, layout_of, registry_of
from pipelines.errors import BadInput

__all__ = ["register"]

_SEVERITIES = ("error", "warning", "info")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "problems",
        epilog=examples(
            "ogi problems",
            "ogi problems --year 2020 --severity error",
            "ogi problems --json",
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
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """What is wrong, worst first: broken checks, documents of one report that differ, documents in
    quarantine, portals that went quiet or exploded, failed requests, broken records of WARC files, wrong registry
    entries.

    Exit code 1 if there is any, 0 if there is none. With --year or --severity only checks are listed. Printed figures
    stay as printed: a broken check is a fact about the publisher's report, until proved a mistake of ours.
    """
    from pipelines.cli.screen import print_json_lines
    from pipelines.questions import (
        broken_records,
        differing_documents,
        failed_fetches,
        failing_checks,
        quarantined_documents,
    )

    layout = layout_of(data)
    if not layout.root.is_dir():
        raise BadInput(f"There is no data folder {layout.root}; name one with --data DIR, or make one with `ogi run`.")
    if unknown := [level for level in severity or () if level not in _SEVERITIES]:
        raise typer.BadParameter(f"there is no severity {unknown[0]}: choose from {', '.join(_SEVERITIES)}")
    found: dict[str, list[dict[str, Any]]] = {"check": failing_checks(layout, year or (), severity or ())}
    if not year and not severity:
        from crawlers.registry import load_registry
        from pipelines.coverage import expectation_problems

        found["renditions"] = differing_documents(layout)
        found["quarantine"] = quarantined_documents(layout)
        found["portal"] = expectation_problems(layout, registry_of(portals))
        found["fetch"] = failed_fetches(layout)
        found["record"] = broken_records(layout)
        found["registry"] = [
            {"file": str(p.file), "line": p.line, "key": p.key, "problem": p.sentence}
            for p in load_registry(registry_of(portals)).problems
        ]
    if as_json:
        print_json_lines({"kind": kind, **row} for kind, rows in found.items() for row in rows)
    else:
        _print(found)
    return 1 if any(found.values()) else 0


def _print(found: dict[str, list[dict[str, Any]]]) -> None:
    from pipelines.cli.screen import print_table, say, shown_expected

    if not any(found.values()):
        say("No problem: every check holds or cannot be assessed, nothing is in quarantine, no request failed.")
        return
    if rows := found["check"]:
        print_table(
            ("report", "table", "cell", "printed", "expected", "rule"),
            [
                (
                    _report(r),
                    r["table"],
                    _cell(r),
                    r["printed"],
                    shown_expected(r["comparator"], r["expected"]),
                    f"{r['sentence_zh']} [{r['check_id']}]",
                )
                for r in rows
            ],
            title=f"Checks that printed figures break ({len(rows)}); `ogi trace REPORT CELL` shows each",
        )
    if rows := found.get("renditions", []):
        print_table(
            ("report", "document in use", "other document", "cells"),
            [(_named(r), r["document"], r["other_document"], _some(r["differing_cells"])) for r in rows],
            title=f"Two documents of one report print different figures ({len(rows)})",
        )
    if rows := found.get("quarantine", []):
        print_table(
            ("document", "reason"),
            [(r["document"], f"{r['reason_code']}: {r['reason']}") for r in rows],
            title=f"Documents in quarantine ({len(rows)})",
        )
    if rows := found.get("portal", []):
        print_table(
            ("portal", "year", "reports", "min", "max", "what is wrong"),
            [(r["portal_id"], r["report_year"], r["found"], r["min"], r["max"], r["sentence"]) for r in rows],
            title=f"Portals that went quiet or exploded ({len(rows)}); `ogi coverage` shows who is missing",
        )
    if rows := found.get("fetch", []):
        print_table(
            ("portal", "address", "outcome", "reason"),
            [(r["portal_id"], r["url"], r["outcome"], r["reason"] or r["status_code"]) for r in rows],
            title=f"Requests that failed or were refused ({len(rows)})",
        )
    if rows := found.get("record", []):
        print_table(
            ("record", "address", "reason"),
            [(r["record"], r["url"], r["reason"]) for r in rows],
            title=f"Records of WARC files that cannot be used ({len(rows)})",
        )
    for row in found.get("registry", []):
        say(f"Registry: {row['file']}:{row['line']}: {row['key']}: {row['problem']}")


def _report(row: dict[str, Any]) -> str:
    mildness = "" if row["severity"] == "error" else f", {row['severity']}"
    return f"{row['issuer']} {row['report_year']} ({row['report_id']}{mildness})"


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
