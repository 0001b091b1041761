"""The questions that `ogi trace`, `ogi run` and (beside `problems.py`) `ogi problems` put to the tables: bound SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.catalog import connect
from pipelines.errors import BadInput
from pipelines.layout import DataLayout

__all__ = [
    "REGION_YEAR_SQL",
    "CellTrace",
    "ReportTrace",
    "Rows",
    "ask",
    "broken_records",
    "differing_documents",
    "failed_fetches",
    "quarantined_documents",
    "trace_cell",
    "trace_report",
]

Rows = list[dict[str, Any]]

_CANDIDATES_SHOWN = 12

REGION_YEAR_SQL = """\
SELECT report_year AS year, concat_ws(' ', province, nullif(region, province)) AS region,
       CASE basis WHEN 'consolidated_report' THEN 'cons.' ELSE 'own' END AS basis,
       report_count AS n, applications_new AS recd, applications_processed AS decided,
       disclosed_full AS "full", round(100 * disclosed_full_share, 1) AS "%",
       reconsideration_total AS "复议", litigation_total AS "诉讼",
       concat(CASE WHEN len(incomplete_measures) > 0 THEN '*' END, CASE WHEN edition_break THEN 'new' END) AS note
FROM read_parquet('{folder}/region_year/*/*.parquet', hive_partitioning = true)
ORDER BY year, division_code, basis"""
"""For any DuckDB, without our code: `{folder}` is the warehouse."""

_FIND_TIERS = (
    "report_id = $wanted",
    "starts_with(report_id, $wanted)",
    "report_id IN (SELECT report_id FROM renditions WHERE starts_with(document_sha256, lower($wanted)))",
    "report_id IN (SELECT report_id FROM renditions WHERE url = $wanted OR local_name = $wanted OR document = $wanted)",
    "len(list_filter(string_split($wanted, ' '), lambda word: NOT contains("
    "concat_ws(' ', title, issuer, report_year, province, prefecture, county, local_name), word))) = 0",
)
_FIND = """
SELECT report_id, report_year, issuer, title, concat_ws(' ', province, prefecture, county) AS region
FROM reports WHERE {condition} ORDER BY report_year, report_id"""

_REPORT = """
SELECT r.*, d.fetch_count, d.last_seen_at
FROM reports AS r LEFT JOIN documents AS d USING (document_sha256) WHERE r.report_id = $report_id"""

_CELLS = """
SELECT c.*, k.label_zh, k.label_en, k.definition
FROM cells AS c
LEFT JOIN codes AS k ON k.edition = c.edition AND k.code_kind = 'cell' AND k.code = c.cell
WHERE c.report_id = $report_id ORDER BY c.cell"""

_VERSIONS = """
SELECT version_number, is_current, basis, valid_from, valid_to, restored_at, gone_at, changed_cell_count,
       rendition_count, layout_change_count, differing_rendition_count, document_sha256, url, local_name
FROM report_versions WHERE report_id = $report_id ORDER BY version_number"""

_CHANGES = """
SELECT v.* EXCLUDE (report_id, report_year, "table", "row", "column"), k.label_zh, k.label_en
FROM version_changes AS v
JOIN reports AS r USING (report_id)
LEFT JOIN codes AS k ON k.edition = r.edition AND k.code_kind = 'cell' AND k.code = v.cell
WHERE v.report_id = $report_id AND ($cell IS NULL OR v.cell = $cell) ORDER BY v.version_number, v.cell"""

_CHECKS = """
SELECT check_id, severity, status, expected, comparator, printed, blank_operand_count, reason,
       sentence_en, sentence_zh, cells, previous_cells
FROM checks
WHERE report_id = $report_id AND ($cell IS NULL OR list_contains(cells, $cell))
ORDER BY CASE status WHEN 'fail' THEN 0 WHEN 'assumed_zero' THEN 1 WHEN 'not_assessable' THEN 2 ELSE 3 END, check_id"""

_LABEL = """
SELECT code, label_zh FROM codes
WHERE edition = $edition AND code_kind = 'cell'
  AND (code = $wanted OR len(list_filter(string_split($wanted, ' '),
       lambda word: NOT contains(concat_ws(' ', code, label_zh, label_en), word))) = 0)
ORDER BY print_order"""

_QUARANTINED = """
SELECT document, reason_code, reason, portal_id, document_sha256 FROM quarantine ORDER BY reason_code, document"""

_DIFFERING = """
SELECT r.report_year, r.issuer, p.document, o.document AS other_document, o.differing_cells,
       p.url, o.url AS other_url, p.document_sha256, o.document_sha256 AS other_document_sha256, report_id
FROM reports AS r
JOIN renditions AS p USING (report_id)
JOIN renditions AS o USING (report_id)
WHERE list_contains(r.flags, 'renditions_differ') AND p.is_primary AND NOT o.agrees AND NOT o.is_superseded
ORDER BY r.report_year, report_id, o.document"""

_FETCHES = """
SELECT portal_id, coalesce(url, local_name) AS url, role, outcome, reason, status_code, requested_at FROM (
    SELECT *, row_number() OVER (
        PARTITION BY url ORDER BY requested_at DESC, length(fetch_id) DESC, fetch_id DESC) AS recency
    FROM ledger WHERE url IS NOT NULL
)
WHERE recency = 1 AND outcome IN (
    'refused_by_robots', 'challenge', 'http_error', 'network_error', 'timeout', 'too_large', 'empty', 'error_page',
    'layout_changed')
  AND NOT (role = 'robots' AND coalesce(status_code, 0) BETWEEN 400 AND 499) -- such a host has no rules: nothing failed
  AND role <> 'local' -- what a web archive met long ago says nothing about the portal
ORDER BY portal_id, outcome, url"""

_BROKEN = """
SELECT local_name AS record, any_value(url) AS url, arg_max(reason, fetch_id) AS reason
FROM ledger WHERE outcome = 'broken' GROUP BY local_name ORDER BY local_name"""


@dataclass(frozen=True, slots=True)
class ReportTrace:
    """A report, every check on it, and what it printed before."""

    report: Mapping[str, Any]
    cells: Rows
    checks: Rows
    versions: Rows
    changes: Rows


@dataclass(frozen=True, slots=True)
class CellTrace:
    """One figure, its report, every check it takes part in, and what versions before printed in its place."""

    report: Mapping[str, Any]
    cell: Mapping[str, Any]
    checks: Rows
    changes: Rows


def ask(connection: Any, sql: str, **parameters: Any) -> Rows:
    """The rows of an answer as dictionaries."""
    cursor = connection.execute(sql, parameters) if parameters else connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def trace_report(layout: DataLayout, wanted: str) -> ReportTrace:
    """The one report that `wanted` names: id, start of an id or of a SHA-256, address, or words of the title.

    Raises:
        BadInput: No report fits, or several do; the message lists them.
    """
    connection = connect(layout)
    report_id = _find_report(connection, wanted.strip())
    return ReportTrace(
        report=ask(connection, _REPORT, report_id=report_id)[0],
        cells=ask(connection, _CELLS, report_id=report_id),
        checks=ask(connection, _CHECKS, report_id=report_id, cell=None),
        versions=ask(connection, _VERSIONS, report_id=report_id),
        changes=ask(connection, _CHANGES, report_id=report_id, cell=None),
    )


def trace_cell(layout: DataLayout, wanted: str, cell: str) -> CellTrace:
    """The one figure of the report that `cell` names: its code, or words of its label.

    Raises:
        BadInput: No cell fits, the document does not print it, or several fit; the message lists them.
    """
    trace = trace_report(layout, wanted)
    connection = connect(layout)
    code = _find_cell(connection, trace, cell.strip())
    found = next(row for row in trace.cells if row["cell"] == code)
    checks = ask(connection, _CHECKS, report_id=trace.report["report_id"], cell=code)
    return CellTrace(trace.report, found, checks, [row for row in trace.changes if row["cell"] == code])


def _find_report(connection: Any, wanted: str) -> str:
    if not wanted:
        raise BadInput("Name a report: its id, the start of a document's SHA-256, or words of its title.")
    for condition in _FIND_TIERS:
        found = ask(connection, _FIND.format(condition=condition), wanted=wanted)
        if len(found) == 1:
            return str(found[0]["report_id"])
        if found:
            raise BadInput(f'"{wanted}" fits {len(found)} reports; name one by its id:\n{_listed(found)}')
    unread = ask(
        connection,
        "SELECT document, extraction_status, reason FROM documents "
        "WHERE starts_with(document_sha256, lower($wanted)) OR document = $wanted OR local_name = $wanted LIMIT 1",
        wanted=wanted,
    )
    if unread:
        row = unread[0]
        state = row["extraction_status"] or "not built yet; run `ogi build`"
        raise BadInput(f"{row['document']} is no report: {state}. {row['reason'] or ''}".strip())
    raise BadInput(
        f'No report fits "{wanted}". Give its id, the start of a document\'s SHA-256, or words of its title; '
        '`ogi query "SELECT report_id, issuer, report_year FROM reports"` lists them all.'
    )


def _listed(found: Rows) -> str:
    lines = [f"  {row['report_id']}  {row['report_year']}  {row['issuer']}  {row['region']}" for row in found]
    more = [f"  … and {len(lines) - _CANDIDATES_SHOWN} more"] if len(lines) > _CANDIDATES_SHOWN else []
    return "\n".join(lines[:_CANDIDATES_SHOWN] + more)


def _find_cell(connection: Any, trace: ReportTrace, wanted: str) -> str:
    printed = {row["cell"] for row in trace.cells}
    if wanted in printed:
        return wanted
    found = ask(connection, _LABEL, edition=trace.report["edition"], wanted=wanted)
    here = [row for row in found if row["code"] in printed]
    plainly = [row for row in here if row["label_zh"] in (wanted, f"{wanted}：总计")]
    for chosen in (here, plainly):
        if len(chosen) == 1:
            return str(chosen[0]["code"])
    if here:
        lines = [f"  {row['code']}  {row['label_zh']}" for row in here]
        more = [f"  … and {len(lines) - _CANDIDATES_SHOWN} more"] if len(lines) > _CANDIDATES_SHOWN else []
        listed = "\n".join(lines[:_CANDIDATES_SHOWN] + more)
        raise BadInput(f'"{wanted}" fits {len(here)} cells of this report; name one by its code:\n{listed}')
    if found:
        raise BadInput(
            f"The form has {found[0]['code']} ({found[0]['label_zh']}), but this document does not print it."
        )
    raise BadInput(
        f'The form {trace.report["edition"]} has no cell "{wanted}". Codes look like t3.total_processed.total; '
        "`ogi query \"SELECT code, label_zh FROM codes WHERE code_kind = 'cell'\"` lists them."
    )


def quarantined_documents(layout: DataLayout) -> Rows:
    """Every document that could not be used, with the reason."""
    return ask(connect(layout), _QUARANTINED)


def differing_documents(layout: DataLayout) -> Rows:
    """Every document that prints other figures than the one that speaks for its report."""
    return ask(connect(layout), _DIFFERING)


def failed_fetches(layout: DataLayout) -> Rows:
    """Every address whose last request failed or was refused."""
    return ask(connect(layout), _FETCHES)


def broken_records(layout: DataLayout) -> Rows:
    """Every record of a WARC file that could not be used."""
    return ask(connect(layout), _BROKEN)
