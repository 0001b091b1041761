"""Who has published and who has not, by portal or region and year; and portals that went quiet or exploded.

Belongs here: what was expected beside what was found. Does not belong here: what a report says.

Expected is what somebody wrote down (`expects` of a registry entry) or, if that is more, everybody who published the
year before. The clock is the last request in the ledger, so that the same archive gives the same answer at any time.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from crawlers.registry import EVERY_YEAR, Portal, load_registry
from pipelines.catalog import connect
from pipelines.layout import DataLayout
from pipelines.questions import ask

__all__ = ["By", "CoverageRow", "as_row", "coverage", "expectation_problems", "never_asked"]

_DUE = (4, 1)
"""Reports of a year are due on 31 March of the next at the latest (Regulation, article 49)."""

_FOUND = """
SELECT DISTINCT portal_id, report_year, issuer_id, issuer, province_code, province, prefecture_code, prefecture,
       county_code, county
FROM renditions WHERE NOT is_superseded"""

_UNREAD = """
SELECT portal_id, extraction_status AS status, link_text, listed_date, report_year
FROM documents WHERE extraction_status IS NULL OR extraction_status = 'quarantined'"""

_LISTS = """
SELECT portal_id, outcome, reason FROM (
    SELECT portal_id, outcome, reason, row_number() OVER (
        PARTITION BY portal_id ORDER BY requested_at DESC, length(fetch_id) DESC, fetch_id DESC) AS recency
    FROM ledger
    WHERE role = 'listing' AND outcome <> 'off_registry_host' AND (
        outcome NOT IN ('listing', 'unchanged', 'same_content') OR parent_url IS NULL OR reason LIKE 'incomplete list%')
) WHERE recency = 1"""

_ASKED = "SELECT DISTINCT portal_id FROM ledger WHERE portal_id IS NOT NULL AND role <> 'local'"
_CLOCK = "SELECT max(requested_at) AS now FROM ledger"

_FINE = frozenset({"listing", "unchanged", "same_content"})
_YEAR_IN_TITLE = re.compile(r"(?<!\d)(20[0-3]\d)(?=\s*年|年度|\D*(?:信息公开|年报|报告))")


class By(StrEnum):
    """What the rows of an answer stand for."""

    PORTAL = "portal"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


_PREFIX = {By.PROVINCE: 2, By.PREFECTURE: 4, By.COUNTY: 6}


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One portal or region in one report year."""

    key: str
    """The id of the portal, or the code of the region."""
    name: str
    report_year: int
    expected: int | None
    """Null where nothing was written down and nobody published the year before."""
    found: int
    """Issuers with a report that could be read."""
    missing: int
    unreadable: int
    """Documents in quarantine that seem to be of the year."""
    waiting: int
    """Documents of the year that were collected and not read yet."""
    missing_issuers: list[str] = field(default_factory=list)
    """Who published the year before and not in this one."""
    why: str | None = None
    """What stands in the way at the portal, if something does."""


@dataclass(slots=True)
class _Facts:
    """Everything that is known, by portal or region and year."""

    names: dict[str, str] = field(default_factory=dict)
    issuers: dict[tuple[str, int], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    unreadable: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    waiting: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    least: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    why: dict[str, str] = field(default_factory=dict)


def coverage(layout: DataLayout, registry: Path, *, by: By = By.PORTAL, years: Sequence[int] = ()) -> list[CoverageRow]:
    """One row for each portal or region and report year, from its first year to the last that is due."""
    connection = connect(layout)
    portals = {portal.id: portal for portal in load_registry(registry)}
    due = _last_due_year(connection)
    facts = _collect(connection, portals, by, due)
    keys = {key for key, _ in (*facts.issuers, *facts.unreadable, *facts.waiting, *facts.least)} | set(facts.why)
    rows = [row for key in sorted(keys) for row in _rows_of(facts, key, due)]
    return [row for row in rows if not years or row.report_year in years]


def never_asked(layout: DataLayout, registry: Path) -> list[str]:
    """The portals of the registry that no crawl has visited."""
    asked = {row["portal_id"] for row in ask(connect(layout), _ASKED)}
    return [portal.id for portal in load_registry(registry) if portal.id not in asked]


def expectation_problems(layout: DataLayout, registry: Path) -> list[dict[str, Any]]:
    """Portals that went quiet or exploded, against what their entries expect and against the year before."""
    connection = connect(layout)
    asked = {row["portal_id"] for row in ask(connection, _ASKED)}
    portals = {portal.id: portal for portal in load_registry(registry) if portal.id in asked}
    due = _last_due_year(connection)
    facts = _collect(connection, portals, By.PORTAL, due)
    found = []
    for portal in portals.values():
        rows = {row.report_year: row for row in _rows_of(facts, portal.id, due)}
        for year in sorted({*rows, *_named_years(portal)}):
            row = rows.get(year) or CoverageRow(portal.id, portal.name, year, None, 0, 0, 0, 0)
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


def _last_due_year(connection: Any) -> int:
    """The last report year whose reports should all have been published by the last request."""
    now: datetime | None = ask(connection, _CLOCK)[0]["now"]
    if now is None:
        return 0
    return now.year - 1 if (now.month, now.day) >= _DUE else now.year - 2


def _collect(connection: Any, portals: Mapping[str, Portal], by: By, due: int) -> _Facts:
    facts = _Facts()
    regions = {} if by is By.PORTAL else _region_names(connection, by)
    facts.names |= {portal.id: portal.name for portal in portals.values()} if by is By.PORTAL else regions
    for row in ask(connection, _FOUND):
        key = row["portal_id"] if by is By.PORTAL else row[f"{by.value}_code"]
        if key is not None:
            facts.issuers[key, row["report_year"]][row["issuer_id"]] = row["issuer"]
    for row in ask(connection, _UNREAD):
        key, year = _key_of(row["portal_id"], portals, by), _year_of(row)
        if key is not None and year is not None:
            (facts.waiting if row["status"] is None else facts.unreadable)[key, year] += 1
    for portal in portals.values():
        key = _key_of(portal.id, portals, by)
        for year in _expected_years(portal, facts, key, due):
            if key is not None and (least := _bound(portal.expects.min, year)) is not None:
                facts.least[key, year] += least
    if by is By.PORTAL:
        for row in ask(connection, _LISTS):
            if row["outcome"] not in _FINE or str(row["reason"] or "").startswith("incomplete list"):
                facts.why[row["portal_id"]] = ": ".join(
                    filter(None, (None if row["outcome"] in _FINE else row["outcome"], row["reason"]))
                )
    return facts


def _expected_years(portal: Portal, facts: _Facts, key: str | None, due: int) -> Iterable[int]:
    """The years for which a portal's bounds count: those it names, and from its first report on where it names all."""
    years = _named_years(portal)
    if EVERY_YEAR in portal.expects.min:
        first = min((year for name, year in facts.issuers if name == key), default=due)
        years |= set(range(first, due + 1))
    return sorted(years)


def _key_of(portal_id: str | None, portals: Mapping[str, Portal], by: By) -> str | None:
    """Where something that only its portal tells belongs."""
    if by is By.PORTAL or portal_id is None:
        return portal_id
    portal = portals.get(portal_id)
    code = (portal.division_code if portal else None) or ""
    prefix = code[: _PREFIX[by]]
    if not prefix or (by is not By.PROVINCE and not prefix[-2:].strip("0")):
        return None  # a province's portal lies in no prefecture
    return prefix.ljust(6, "0")


def _region_names(connection: Any, by: By) -> dict[str, str]:
    above = [By.PROVINCE, By.PREFECTURE, By.COUNTY]
    shown = ", ".join(level.value for level in above[: above.index(by) + 1])
    sql = f"SELECT DISTINCT {by.value}_code AS code, concat_ws(' ', {shown}) AS name FROM renditions"
    return {row["code"]: row["name"] for row in ask(connection, sql) if row["code"] is not None}


def _year_of(row: Mapping[str, Any]) -> int | None:
    """The report year of a document that was not read, as far as its link tells: its title, or the year before it."""
    if row["report_year"] is not None:
        return int(row["report_year"])
    match = _YEAR_IN_TITLE.search(row["link_text"] or "")
    if match:
        return int(match.group(1))
    listed: date | None = row["listed_date"]
    return listed.year - 1 if listed is not None else None


def _rows_of(facts: _Facts, key: str, due: int) -> Iterator[CoverageRow]:
    """The years of one portal or region."""
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
