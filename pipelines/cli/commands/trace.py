"""`ogi trace`: where a number comes from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from pipelines.cli.options import DataOption, examples, layout_of, require_warehouse

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "trace",
        epilog=examples(
            'ogi trace "造甲城镇 2020"',
            'ogi trace "造甲城镇 2020" t3.total_processed.total',
            'ogi trace "造甲城镇 2020" "总计 自然人" --json',
        ),
    )(trace)


def trace(
    report: Annotated[
        str,
        typer.Argument(
            metavar="REPORT", help="Report id, start of a document's SHA-256, address, or words of the title."
        ),
    ],
    cell: Annotated[
        str | None,
        typer.Argument(metavar="CELL", help="Code of a cell (t3.total_processed.total), or words of its label."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: DataOption = None,
) -> int:
    """Where a number comes from: the printed text, its place, its document, and every check it takes part in.

    Without CELL: the report, its document, and its checks that do not simply hold.
    """
    from pipelines.cli.screen import print_json_lines, print_table, say, shown_expected
    from pipelines.questions import trace_cell, trace_report

    layout = require_warehouse(layout_of(data))
    if cell is None:
        found = trace_report(layout, report)
        if as_json:
            print_json_lines([{**found.report, "checks": found.checks}])
            return 0
        _print_facts(_report_facts(found.report))
        say()
        checks = [row for row in found.checks if row["status"] in ("fail", "assumed_zero")]
        counts = Counter(str(row["status"]) for row in found.checks)
        say(f"Checks: {', '.join(f'{count} {status}' for status, count in counts.items()) or 'none'}.")
    else:
        traced = trace_cell(layout, report, cell)
        if as_json:
            print_json_lines([{"report": traced.report, "cell": traced.cell, "checks": traced.checks}])
            return 0
        _print_facts(_cell_facts(traced.cell))
        say()
        _print_facts(_report_facts(traced.report))
        say()
        checks = traced.checks
        say(f"Checks that it takes part in: {len(checks)}.")
    if checks:
        print_table(
            ("check", "status", "expected", "printed", "rule"),
            [
                (
                    row["check_id"],
                    row["status"],
                    shown_expected(row["comparator"], row["expected"]),
                    row["printed"],
                    _rule(row),
                )
                for row in checks
            ],
        )
    return 0


def _rule(row: Mapping[str, Any]) -> str:
    return f"{row['sentence_en']} {row['sentence_zh']}" + (f" ({row['reason']})" if row["reason"] else "")


def _cell_facts(cell: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "cell", cell["cell"]
    yield "label", " / ".join(filter(None, (cell["label_zh"], cell["label_en"])))
    yield "printed text", f'"{cell["raw"]}"'
    yield "value", "null (no number is printed)" if cell["value"] is None else cell["value"]
    yield "unit", cell["unit"]
    yield "status", cell["status"]
    yield "confidence", cell["confidence"]
    yield "flags", ", ".join(cell["flags"]) or None
    yield "place", cell["place"]


def _report_facts(report: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "report", report["report_id"]
    yield "title", report["title"]
    yield "issuer", report["issuer"]
    where = [report[key] for key in ("province", "prefecture", "county", "township") if report[key]]
    yield "region", f"{' '.join(where)} {report['division_code'] or ''}".strip() or report["region_status"]
    yield "report year", report["report_year"]
    yield "edition", report["edition"]
    yield "document SHA-256", report["document_sha256"]
    yield "address", report["url"]
    yield "local file", report["local_name"]
    yield "portal", report["portal_id"]
    yield "fetched (UTC)", report["fetched_at"]
    yield "last seen (UTC)", report["last_seen_at"]
    yield "published", report["published_date"]
    yield "format", report["format"]
    yield "extractor", report["extractor_version"]


def _print_facts(facts: Iterator[tuple[str, object]]) -> None:
    from pipelines.cli.screen import say, shown

    for name, value in facts:
        if value is not None and value != "":
            say(f"{name + ':':<18}{shown(value)}")
