"""`ogi trace`: where a number comes from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from pipelines.cli.options import DataOption, examples, require_warehouse, tables_of

__all__ = ["register"]

_SHORT = 12
_CHANGES_SHOWN = 40


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

    Without CELL: the report, its document, its versions and what they changed, and its checks that do not simply hold.
    """
    from pipelines.cli.screen import print_json_lines, print_table, say, shown_expected
    from pipelines.questions import trace_cell, trace_report

    layout = require_warehouse(tables_of(data))
    if cell is None:
        found = trace_report(layout, report)
        if as_json:
            print_json_lines(
                [{**found.report, "checks": found.checks, "versions": found.versions, "changes": found.changes}]
            )
            return 0
        _print_facts(_report_facts(found.report))
        say()
        _print_versions(found.versions)
        _print_changes(found.changes)
        checks = [row for row in found.checks if row["status"] in ("fail", "assumed_zero")]
        counts = Counter(str(row["status"]) for row in found.checks)
        say(f"Checks: {', '.join(f'{count} {status}' for status, count in counts.items()) or 'none'}.")
    else:
        traced = trace_cell(layout, report, cell)
        if as_json:
            print_json_lines(
                [{"report": traced.report, "cell": traced.cell, "checks": traced.checks, "changes": traced.changes}]
            )
            return 0
        _print_facts(_cell_facts(traced.cell))
        say()
        _print_facts(_report_facts(traced.report))
        say()
        _print_changes(traced.changes)
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


def _print_versions(versions: Sequence[Mapping[str, Any]]) -> None:
    """What the report printed over time; nothing where there is one version and its page stands as it was found."""
    from pipelines.cli.screen import print_table, say

    remarks = [_remark(row) for row in versions]
    if len(versions) < 2 and not any(remarks):
        return
    print_table(
        ("version", "from (UTC)", "to (UTC)", "how it is known", "cells", "document", "remark"),
        [
            (
                f"{row['version_number']}{' current' if row['is_current'] else ''}",
                _day(row["valid_from"]),
                _day(row["valid_to"]),
                row["basis"],
                row["changed_cell_count"],
                row["document_sha256"][:_SHORT],
                remark,
            )
            for row, remark in zip(versions, remarks, strict=True)
        ],
        title="Versions (cells: changed against the version before)",
    )
    say()


def _remark(version: Mapping[str, Any]) -> str | None:
    known = (
        f"back since {_day(version['restored_at'])}" if version["restored_at"] else None,
        f"gone since {_day(version['gone_at'])}" if version["gone_at"] else None,
        f"{version['layout_change_count']} × other layout" if version["layout_change_count"] else None,
        f"{version['differing_rendition_count']} documents differ" if version["differing_rendition_count"] else None,
    )
    return ", ".join(filter(None, known)) or None


def _print_changes(changes: Sequence[Mapping[str, Any]]) -> None:
    """The cells that later versions changed."""
    from pipelines.cli.screen import print_table, say

    if not changes:
        return
    print_table(
        ("version", "cell", "label", "before", "after", "change", "last seen so", "first seen so"),
        [
            (
                row["version_number"],
                row["cell"],
                row["label_zh"],
                _printed(row, "before"),
                _printed(row, "after"),
                row["change"],
                _day(row["before_last_seen_at"]),
                _day(row["after_found_at"]),
            )
            for row in changes[:_CHANGES_SHOWN]
        ],
        title="Changed after publication",
    )
    if len(changes) > _CHANGES_SHOWN:
        say(f"… and {len(changes) - _CHANGES_SHOWN} more: --json.")
    say()


def _printed(change: Mapping[str, Any], side: str) -> str | None:
    """The printed text; a gap by its name."""
    return change[f"{side}_raw"] or change[f"{side}_status"] or "not printed"


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d}"


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
    yield "scope", f"{report['scope']} ({report['scope_evidence']})" if report["scope_evidence"] else report["scope"]
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
