"""What `ogi problems` asks the tables: breaches that nobody has settled, entries that do not count, near misses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extract.forms.rules import rules_of
from pipelines.catalog import connect
from pipelines.layout import DataLayout
from pipelines.questions import Rows, ask

__all__ = ["NO_FILTER", "Filter", "candidates", "failing_checks", "idle_entries"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which breaches are wanted; empty means all. `rules` are check ids, rule ids or kinds; `region` a division code
    or part of a name; `everything` includes what people have settled.
    """

    years: Sequence[int] = ()
    severities: Sequence[str] = ()
    rules: Sequence[str] = ()
    region: str = ""
    portal: str = ""
    everything: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.years or self.severities or self.rules or self.region or self.portal)


NO_FILTER = Filter()

# A code of a division stands for all below it: 32 and 320000 for the province, 3208 and 320800 for the prefecture.
_FAILING = """
SELECT k.severity, r.issuer, k.report_year, concat_ws(' ', r.province, r.prefecture, r.county) AS region,
       split_part(coalesce(k.cells[1], k.check_id), '.', 1) AS "table", k.check_id, k.kind AS rule_kind, k.cells,
       k.previous_cells, k.expected, k.comparator, k.printed, k.reason, k.cause, k.blank_operand_count, k.edition,
       k.sentence_en, k.sentence_zh, k.verdict, k.verdict_state, k.verdict_reason, k.verdict_author, r.document,
       r.portal_id, k.report_id
FROM checks AS k JOIN reports AS r USING (report_id)
WHERE k.status = 'fail'
  AND (len($years) = 0 OR list_contains($years, k.report_year))
  AND (len($severities) = 0 OR list_contains($severities, k.severity))
  AND (len($rules) = 0 OR list_contains($rules, k.check_id) OR list_contains($rules, k.rule_id)
       OR list_contains($rules, k.kind))
  AND ($portal = '' OR r.portal_id = $portal)
  AND ($region = '' OR starts_with(coalesce(r.township_code, r.division_code, ''), $code)
       OR contains(concat_ws(' ', r.province, r.prefecture, r.county, r.township), $region))
  AND ($everything OR k.verdict IS NULL OR k.verdict_state = 'stale')
ORDER BY CASE k.severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, k.report_year, k.report_id, k.check_id"""

_IDLE = """
SELECT state, entry_kind, file, entry, document_named, report_id, cell, check_id, state_reason, author, decided_on
FROM corrections WHERE state IN ('stale', 'unmatched') ORDER BY state, entry_kind, file, entry"""

_CANDIDATES = """
SELECT portal_id, coalesce(url, local_name) AS url, link_text, reason, requested_at FROM (
    SELECT *, row_number() OVER (
        PARTITION BY coalesce(url, local_name)
        ORDER BY requested_at DESC, length(fetch_id) DESC, fetch_id DESC) AS recency
    FROM ledger WHERE coalesce(url, local_name) IS NOT NULL
)
WHERE recency = 1 AND outcome = 'candidate' AND ($portal = '' OR portal_id = $portal)
ORDER BY portal_id, url"""


def failing_checks(layout: DataLayout, wanted: Filter = NO_FILTER) -> Rows:
    """Every rule that a report breaks and nobody has settled, worst first."""
    rows = ask(
        connect(layout),
        _FAILING,
        years=list(wanted.years),
        severities=list(wanted.severities),
        rules=list(wanted.rules),
        portal=wanted.portal,
        region=wanted.region,
        code=_code_start(wanted.region),
        everything=wanted.everything,
    )
    return [{**row, "printed_cells": _printed_cells(row)} for row in rows]


def _code_start(region: str) -> str:
    """The digits that codes of a division and of all below it begin with; for a name, what no code begins with."""
    if not region.isdigit():
        return "none"
    start = region
    while len(start) > 2 and len(start) <= 6 and len(start) % 2 == 0 and start.endswith("00"):
        start = start[:-2]
    return start


def _printed_cells(row: dict[str, Any]) -> list[str]:
    """The cells whose sum stands as `printed`."""
    for rule in rules_of(row["edition"]):
        if rule.id == row["check_id"]:
            return [term.cell for term in rule.right if term.cell and not term.instead_of]
    return list(row["cells"])


def idle_entries(layout: DataLayout) -> Rows:
    """Corrections and verdicts that count for nothing: the source has changed, or nothing fits."""
    return ask(connect(layout), _IDLE)


def candidates(layout: DataLayout, portal: str = "") -> Rows:
    """Addresses that came near to a report and were left out, each with the reason."""
    return ask(connect(layout), _CANDIDATES, portal=portal)
