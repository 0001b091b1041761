"""When a portal's lists are read in full again, and what is asked again then.

Belongs here: pure rules over dates and what earlier runs did. Does not belong here: the ledger and HTTP.

On ordinary nights a list is read until a page holds only rows that are known. Whatever that misses (a row added below a
pinned one, or in the middle of an old page, or in the column of an old year) the next full sweep finds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawlers.archive.ledger import FetchRow, Outcome, WalkRow

__all__ = ["Plan", "is_due_again", "make_plan", "may_pass", "report_year", "year_of"]

SWEEP_DAYS = 28
SEASON_SWEEP_DAYS = 7
SEASON = frozenset({1, 2, 3})
"""Months in which reports are due: departments until the end of January, governments until the end of March."""
TOLERANCE = timedelta(hours=6)
"""Nightly runs do not begin at the same minute."""
PATIENT_NIGHTS = 2
"""Nights in a row on which what failed is asked again; then once a week."""
REASON_SEASON = "the weekly sweep of the season"

NOT_ASKED = "not asked: "
BURST = "in place of the article: "
"""How the reason of an `error_page` begins where another page came than that of the row: another time it may come."""
SENT_ANOTHER = "the portal sent "
"""Its list page, or the same page for several addresses."""
REFUSALS = frozenset({403, 408, 425, 429})
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a portal is read in this run."""

    is_full: bool
    reason: str

    @property
    def latest_only(self) -> bool:
        """Whether of the known documents only those of the two latest report years are asked again."""
        return self.is_full and self.reason == REASON_SEASON


def make_plan(walks: Sequence[WalkRow], *, now: datetime, run_id: str, fingerprint: str, forced: bool = False) -> Plan:
    """Whether the portal is read in full in this run.

    Args:
        walks: what earlier runs noted, oldest first.
        now: this moment, UTC.
        run_id: this run; one that goes on keeps its plan.
        fingerprint: of the registry entry and the rules.
        forced: a person asks for it.
    """
    for walk in walks:
        if walk.run_id == run_id and walk.phase == "begun":
            return Plan(walk.is_full, walk.reason)
    if forced:
        return Plan(True, "asked for")
    ended = [walk for walk in walks if walk.phase == "ended"]
    full = [walk for walk in ended if walk.is_full]
    if not full:
        return Plan(True, "the portal was never read to its end")
    if full[-1].fingerprint != fingerprint:
        return Plan(True, "the entry or the rules changed")
    if walks[-1].phase == "begun":
        return Plan(True, "the last run was stopped on its way")
    since = now - datetime.fromisoformat(full[-1].at)
    failed = 0
    while failed < len(ended) and not ended[-1 - failed].is_complete:
        failed += 1
    if failed:
        # One bad night is made good in the next; a page that never comes must not cost a sweep each night.
        is_due = failed < PATIENT_NIGHTS or since >= timedelta(days=SEASON_SWEEP_DAYS) - TOLERANCE
        return Plan(is_due, "list pages failed the last time" if is_due else "only what is new")
    if since >= timedelta(days=SWEEP_DAYS) - TOLERANCE:
        return Plan(True, "the sweep every four weeks")
    if now.month in SEASON and since >= timedelta(days=SEASON_SWEEP_DAYS) - TOLERANCE:
        return Plan(True, REASON_SEASON)
    return Plan(False, "only what is new")


def report_year(title: str | None, listed_date: str | None) -> int | None:
    """The year that a row reports on, as far as the list tells: from its title, else the year before its date."""
    named = YEAR.search(title or "")
    if named:
        return int(named.group())
    return int(listed_date[:4]) - 1 if listed_date and listed_date[:4].isdigit() else None


def year_of(title: str, url: str) -> int | None:
    """The year that a column is for: `2021年`, `…/zfxxgknb/2021n/`, `nb_2022n`; None where none is named."""
    named = YEAR.search(title) or next(
        (found for part in reversed(url.rstrip("/").split("/")[-2:]) if (found := YEAR.search(part))), None
    )
    return int(named.group()) if named else None


def is_due_again(row: FetchRow, title: str, listed_date: str | None, plan: Plan, now: datetime) -> bool:
    """Whether a sweep asks for a known document again."""
    if not plan.latest_only:
        return True
    year = report_year(title, listed_date)
    if year is None or year >= now.year - 2:
        return True
    return now - datetime.fromisoformat(row.requested_at) >= timedelta(days=SWEEP_DAYS) - TOLERANCE


def may_pass(row: FetchRow) -> bool:
    """Whether an address failed in a way that may be over another night."""
    reason = row.reason or ""
    if row.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT, Outcome.CHALLENGE):
        return True
    if row.outcome is Outcome.HTTP_ERROR:
        return row.status_code is None or row.status_code >= 500 or row.status_code in REFUSALS
    return row.outcome is Outcome.ERROR_PAGE and reason.startswith((BURST, NOT_ASKED, SENT_ANOTHER))


def retry_is_due(history: Sequence[FetchRow], now: datetime) -> bool:
    """Whether an address that failed is asked again on an ordinary night.

    Args:
        history: its rows at the portal, newest first.
        now: this moment, UTC.
    """
    failures = 0
    for row in history:
        if not may_pass(row):
            break
        failures += row.elapsed_ms is not None
    if failures <= PATIENT_NIGHTS:
        return True
    return now - datetime.fromisoformat(history[0].requested_at) >= timedelta(days=SEASON_SWEEP_DAYS) - TOLERANCE
