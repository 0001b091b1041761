"""Who has published and who has not, by portal or region and year; and portals that went quiet or exploded.

Belongs here: what was expected beside what was found. Does not belong here: what a report says, and what is expected of
a region: the table `coverage` says that (transform/coverage.py). Single bodies: `compliance.py`.

Of a portal is expected what somebody wrote down (`expects` of its registry entry) or, if that is more, everybody who
published there the year before. The clock is the last request in the ledger, so that the same archive gives the same
answer at any time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from crawlers.registry import EVERY_YEAR, Portal, load_registry
from pipelines.catalog import connect
from pipelines.layout import DataLayout
from pipelines.questions import ask
from transform.coverage import year_of_link

__all__ = ["By", "CoverageRow", "as_row", "coverage", "expectation_problems", "last_due_year", "never_asked"]

_DUE = (4, 1)
"""Reports of a year are due on 31 March of the next at the latest (Regulation, article 49)."""

_FOUND = """
SELECT DISTINCT portal_id, report_year, issuer_id, issuer
FROM renditions WHERE NOT is_superseded AND portal_id IS NOT NULL"""

_UNREAD = """
SELECT portal_id, extraction_status AS status, link_text, listed_date, report_year
FROM documents WHERE portal_id IS NOT NULL AND (extraction_status IS NULL OR extraction_status = 'quarantined')"""

_LISTS = """
SELECT portal_id, outcome, reason FROM (
    SELECT portal_id, outcome, reason, row_number() OVER (
        PARTITION BY portal_id ORDER BY requested_at DESC, length(fetch_id) DESC, fetch_id DESC) AS recency
    FROM ledger
    WHERE role = 'listing' AND outcome <> 'off_registry_host' AND (
        outcome NOT IN ('listing', 'unchanged', 'same_content') OR parent_url IS NULL OR reason LIKE 'incomplete list%')
) WHERE recency = 1"""

# Regions of which something is known come first; the others only have governments that nobody has looked for.
_REGIONS = """
SELECT *, issuers_found > 0 OR expected_from_previous_year > 0 OR reports_unreadable > 0
    OR expected_by_registry IS NOT NULL AS is_known
FROM coverage WHERE level = $level AND (len($years) = 0 OR list_contains($years, report_year))
ORDER BY division_code, report_year"""

_ASKED = "SELECT DISTINCT portal_id FROM ledger WHERE portal_id IS NOT NULL AND role <> 'local'"
_CLOCK = "SELECT max(requested_at) AS now FROM ledger"

_FINE = frozenset({"listing", "unchanged", "same_content"})


class By(StrEnum):
    """What the rows of an answer stand for."""

    PORTAL = "portal"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One portal or region in one report year."""

    key: str
    """The id of the portal, or the code of the region."""
    name: str
    report_year: int
    expected: int | None
    """Null where nothing was written down and nobody published the year before; a region always has governments."""
    found: int
    """Issuers with a report that could be read."""
    missing: int
    """Expected and not found; 0 before all reports of the year are due."""
    unreadable: int
    """Documents in quarantine that seem to be of the year."""
    waiting: int = 0
    """Documents of the year that were collected at the portal and not read yet."""
    late: int | None = None
    """Issuers of the region that published after the day due; null for a portal, likewise the next three."""
    undated: int | None = None
    on_time_share: float | None = None
    contradictory: int | None = None
    missing_issuers: list[str] = field(default_factory=list)
    """Names of the missing, as far as they are known."""
    why: str | None = None
    """What stands in the way at the portal, if something does."""
    is_known: bool = True
    """Whether anything is known of the row but that governments exist there."""


@dataclass(slots=True)
class _Facts:
    """Everything that is known of portals, by portal and year."""

    names: dict[str, str] = field(default_factory=dict)
    issuers: dict[tuple[str, int], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    unreadable: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    waiting: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    least: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    why: dict[str, str] = field(default_factory=dict)


def coverage(layout: DataLayout, registry: Path, *, by: By = By.PORTAL, years: Sequence[int] = ()) -> list[CoverageRow]:
    """One row for each portal or region and report year; of a portal from its first year to the last that is due."""
    connection = connect(layout)
    due = last_due_year(connection)
    if by is not By.PORTAL:
        return [_region_row(row, due) for row in ask(connection, _REGIONS, level=by.value, years=list(years))]
    portals = {portal.id: portal for portal in load_registry(registry)}
    facts = _collect(connection, portals, due)
    keys = {key for key, _ in (*facts.issuers, *facts.unreadable, *facts.waiting, *facts.least)} | set(facts.why)
    rows = [row for key in sorted(keys) for row in _rows_of(facts, key, due)]
    return [row for row in rows if not years or row.report_year in years]


def _region_row(row: Mapping[str, Any], due: int) -> CoverageRow:
    is_due = row["report_year"] <= due
    return CoverageRow(
        key=row["division_code"],
        name=" ".join(filter(None, (row["province"], row["prefecture"], row["county"]))),
        report_year=row["report_year"],
        expected=row["issuers_expected"],
        found=row["issuers_found"],
        missing=row["issuers_missing"] if is_due else 0,
        unreadable=row["reports_unreadable"],
        late=row["issuers_late"],
        undated=row["issuers_undated"],
        on_time_share=row["on_time_share"],
        contradictory=row["reports_contradictory"],
        missing_issuers=row["missing_issuers"] if is_due else [],
        is_known=row["is_known"],
    )


def never_asked(layout: DataLayout, registry: Path) -> list[str]:
    """The portals of the registry that no crawl has visited."""
    asked = {row["portal_id"] for row in ask(connect(layout), _ASKED)}
    return [portal.id for portal in load_registry(registry) if portal.id not in asked]


def expectation_problems(layout: DataLayout, registry: Path) -> list[dict[str, Any]]:
    """Portals that went quiet or exploded, against what their entries expect and against the year before."""
    connection = connect(layout)
    asked = {row["portal_id"] for row in ask(connection, _ASKED)}
    portals = {portal.id: portal for portal in load_registry(registry) if portal.id in asked}
    due = last_due_year(connection)
    facts = _collect(connection, portals, due)
    found = []
    for portal in portals.values():
        rows = {row.report_year: row for row in _rows_of(facts, portal.id, due)}
        for year in sorted({*rows, *_named_years(portal)}):
            row = rows.get(year) or CoverageRow(portal.id, portal.name, year, None, 0, 0, 0)
            if (problem := _judge(portal, row, due, len(facts.issuers.get((portal.id, year - 1), {})))) is not None:
                found.append(problem)
    return found


def _judge(portal: Portal, row: CoverageRow, due: int, year_before: int) -> dict[str, Any] | None:
    """What is wrong with a portal's year, if anything is. A document that waits or cannot be read was published too."""
    count = row.found + row.unreadable + row.waiting
    least, most = (_bound(bounds, row.report_year) for bounds in (portal.expects.min, portal.expects.max))
    kind, sentence = None, ""
    if most is not None and count > most:
        kind = "exploded"
        sentence = f"{count} reports of {row.report_year} were collected, and at most {most} are expected"
    elif least is not None and count < least and row.report_year <= due:
        kind = "quiet"
        sentence = f"{count} reports of {row.report_year} were collected, and at least {least} are expected"
    elif least is None and row.report_year == due and count == 0 and year_before > 0:
        kind = "quiet"
        sentence = f"no report of {row.report_year} was collected; the year before there were {year_before}"
    if kind is None:
        return None
    return {
        "portal_id": portal.id,
        "report_year": row.report_year,
        "problem": kind,
        "found": count,
        "min": least,
        "max": most,
        "sentence": f"{sentence}. {row.why}" if row.why else sentence,
    }


def _bound(bounds: Mapping[str, int], year: int) -> int | None:
    return bounds.get(str(year), bounds.get(EVERY_YEAR))


def _named_years(portal: Portal) -> set[int]:
    return {int(name) for bounds in (portal.expects.min, portal.expects.max) for name in bounds if name.isdigit()}


def last_due_year(connection: Any) -> int:
    """The last report year whose reports should all have been published by the last request; 0 without one."""
    now: datetime | None = ask(connection, _CLOCK)[0]["now"]
    if now is None:
        return 0
    return now.year - 1 if (now.month, now.day) >= _DUE else now.year - 2


def _collect(connection: Any, portals: Mapping[str, Portal], due: int) -> _Facts:
    facts = _Facts(names={portal.id: portal.name for portal in portals.values()})
    for row in ask(connection, _FOUND):
        facts.issuers[row["portal_id"], row["report_year"]][row["issuer_id"]] = row["issuer"]
    for row in ask(connection, _UNREAD):
        year = row["report_year"] or year_of_link(row["link_text"], row["listed_date"])
        if year is not None:
            (facts.waiting if row["status"] is None else facts.unreadable)[row["portal_id"], int(year)] += 1
    for portal in portals.values():
        for year in _expected_years(portal, facts, due):
            if (least := _bound(portal.expects.min, year)) is not None:
                facts.least[portal.id, year] += least
    for row in ask(connection, _LISTS):
        if row["outcome"] not in _FINE or str(row["reason"] or "").startswith("incomplete list"):
            facts.why[row["portal_id"]] = ": ".join(
                filter(None, (None if row["outcome"] in _FINE else row["outcome"], row["reason"]))
            )
    return facts


def _expected_years(portal: Portal, facts: _Facts, due: int) -> Iterable[int]:
    """The years for which a portal's bounds count: those it names, and from its first report on where it names all."""
    years = _named_years(portal)
    if EVERY_YEAR in portal.expects.min:
        first = min((year for name, year in facts.issuers if name == portal.id), default=due)
        years |= set(range(first, due + 1))
    return sorted(years)


def _rows_of(facts: _Facts, key: str, due: int) -> Iterator[CoverageRow]:
    """The years of one portal."""
    counted = (facts.issuers, facts.unreadable, facts.waiting, facts.least)
    known = [year for table in counted for name, year in table if name == key]
    years = range(min(known, default=due), max([due, *known]) + 1) if due else sorted(set(known))
    for year in years:
        here, before = facts.issuers.get((key, year), {}), facts.issuers.get((key, year - 1), {})
        gone = sorted(name for issuer, name in before.items() if issuer not in here)
        least = facts.least.get((key, year))
        expected = max(len(before), least or 0) if before or least is not None else None
        missing = max(len(gone), (expected or 0) - len(here))
        # A year that is not over yet cannot be missing; what has been published in it is shown.
        if year > due and not least:
            gone, missing, expected = [], 0, None
        absent = missing > 0 or not here
        yield CoverageRow(
            key=key,
            name=facts.names.get(key, key),
            report_year=year,
            expected=expected,
            found=len(here),
            missing=missing,
            unreadable=facts.unreadable.get((key, year), 0),
            waiting=facts.waiting.get((key, year), 0),
            missing_issuers=gone,
            why=facts.why.get(key) if absent else None,
        )


def as_row(row: CoverageRow, by: By) -> dict[str, Any]:
    """The row for scripts."""
    values = asdict(row)
    return {"by": by.value, ("portal_id" if by is By.PORTAL else "division_code"): values.pop("key"), **values}
