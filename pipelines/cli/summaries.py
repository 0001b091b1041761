"""What a crawl and a build did, for the screen and for scripts."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipelines.build import BuildReport
from pipelines.cli.screen import print_table, say
from pipelines.crawling import CrawlReport
from pipelines.layout import DataLayout

__all__ = ["build_rows", "crawl_rows", "print_build", "print_crawl", "print_extraction"]


def crawl_rows(report: CrawlReport) -> Iterator[dict[str, Any]]:
    """One row a portal."""
    return ({"run_id": report.run_id, **asdict(portal)} for portal in report.portals)


def print_crawl(report: CrawlReport, layout: DataLayout) -> None:
    """One line a portal, and what the whole run means. Columns that are 0 everywhere are left out."""
    always = {"requests": "requests", "bytes": "byte_count", "new": "new", "unchanged": "unchanged",
              "refused": "refused", "failed": "failed"}  # fmt: skip
    sometimes = {"changed": "changed", "gone": "gone", "cand.": "candidates", "incompl.": "incomplete"}
    shown = {**always, **{title: name for title, name in sometimes.items() if report.total(name)}}
    print_table(
        ("portal", *shown),
        [(portal.portal_id, *(getattr(portal, name) for name in shown.values())) for portal in report.portals],
    )
    new, unchanged, failed = report.total("new"), report.total("unchanged"), report.total("failed")
    words = f"{new} new documents" if new else "Nothing new"
    known = f", {report.total('known')} known and not asked again" if report.total("known") else ""
    refused = report.total("refused")
    why = " `ogi problems` says which and why." if refused or failed else ""
    say(f"{words}; {unchanged} unchanged{known}, {refused} refused, {failed} failed.{why}")
    if changed := report.total("changed"):
        say(f"{changed} of the new documents replace others at their address: older versions are kept.")
    if gone := report.total("gone"):
        say(f"{gone} documents are gone from their portals; what was stored stays.")
    if candidates := report.total("candidates"):
        query = "SELECT portal_id, url, reason FROM ledger WHERE outcome = 'candidate'"
        say(f'{candidates} pages are nearly reports; `ogi query "{query}"` lists them.')
    if incomplete := report.total("incomplete"):
        say(f"{incomplete} lists hold more than was read: `ogi coverage` says where.")
    for warning in report.warnings:
        say(f"Warning: {warning}.")
    say(f"Ledger: {layout.ledger}")


def build_rows(report: BuildReport) -> Iterator[dict[str, Any]]:
    """One row a table and year, after one on the documents."""
    if report.extraction is not None:
        yield {
            "extracted": report.extraction.extracted,
            "reused": report.extraction.reused,
            "documents": dict(sorted(report.extraction.statuses.items())),
        }
    for built in report.tables:
        yield asdict(built)


def print_extraction(report: BuildReport) -> None:
    """One line on the documents."""
    run = report.extraction
    if run is None:
        return
    fates = ", ".join(f"{count} {status}" for status, count in sorted(run.statuses.items())) or "none"
    say(f"Documents: {run.extracted} read now, {run.reused} read before ({fates}).")


def print_build(report: BuildReport, layout: DataLayout) -> None:
    """One line a table."""
    print_extraction(report)
    names = list(dict.fromkeys(built.table for built in report.tables))
    rows = []
    for name in names:
        parts = [built for built in report.tables if built.table == name]
        years = sorted(built.year for built in parts if built.year is not None and built.rows)
        changed = sum(built.changed for built in parts)
        rows.append((name, sum(built.rows for built in parts), _span(years), changed or "no"))
    print_table(("table", "rows", "report years", "files changed"), rows)
    for table, year in report.removed:
        say(f"Removed {table} of {year}: no document speaks of it any more.")
    if not rows:
        say("No table was built: there are no report years yet.")
    say(f"Tables: {layout.warehouse}")


def _span(years: list[int]) -> str | None:
    if not years:
        return None
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]} ({len(years)})"
