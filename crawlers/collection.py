"""What one run collects: the archive it writes to, and which addresses already have their outcome.

Belongs here: the bookkeeping that all spiders of a run share. Does not belong here: HTTP and site families.
"""

import asyncio
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self
from urllib.parse import quote, urlencode

from crawlers.archive.errors import CorruptDocument
from crawlers.archive.ledger import OF_ONE_PORTAL, FetchRow, Ledger, Outcome, Role, utc_now
from crawlers.archive.raw_store import RawStore
from crawlers.links import identity_key
from crawlers.politeness import HostBook
from crawlers.registry import Portal
from crawlers.robots import Rules

__all__ = ["Collection", "Event", "Post", "Task", "Visit"]

logger = logging.getLogger(__name__)

Event = Mapping[str, Any]

REFUSED = frozenset({Outcome.REFUSED_BY_ROBOTS, Outcome.CHALLENGE})
FAILED = frozenset(
    {
        Outcome.HTTP_ERROR,
        Outcome.NETWORK_ERROR,
        Outcome.TIMEOUT,
        Outcome.TOO_LARGE,
        Outcome.EMPTY,
        Outcome.ERROR_PAGE,
        Outcome.LAYOUT_CHANGED,
    }
)
INCOMPLETE = "incomplete list: "
"""How the reason of a list page begins where the list says that it holds more than was read."""
POST_MARK = "#POST"
MARK_LENGTH = 240
DOCUMENT_ROLES = frozenset({Role.ARTICLE, Role.ATTACHMENT})


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent with a POST. The address alone does not say which question was asked: `mark` does, in the ledger."""

    body: bytes
    content_type: str

    @classmethod
    def form(cls, fields: Mapping[str, str]) -> Self:
        """The fields of a form."""
        return cls(urlencode(fields).encode(), "application/x-www-form-urlencoded; charset=UTF-8")

    @classmethod
    def json(cls, value: Any) -> Self:
        """A JSON text."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cls(text.encode(), "application/json; charset=UTF-8")

    @property
    def mark(self) -> str:
        """The fragment that tells this question from others at its address; the same question has the same mark."""
        text = self.body.decode()
        if len(text) > MARK_LENGTH:
            text = f"{text[:MARK_LENGTH]}~{hashlib.sha256(self.body).hexdigest()[:16]}"
        return f"{POST_MARK}:{quote(text, safe='=&:,+%')}"


@dataclass(slots=True, kw_only=True)
class Task:
    """One address to be asked for in this run, until it has its outcome."""

    portal: Portal
    url: str
    """Canonical: what the ledger calls it."""
    ask: str
    """As the portal links it: what is requested."""
    role: Role
    parent_url: str | None = None
    link_text: str | None = None
    listed_date: str | None = None
    post: Post | None = None
    """What is sent with it: the address is asked by POST."""
    guess: bool = False
    """An address that we made up from the family's pattern; that it is missing says nothing about the portal."""
    context: Any = None
    """What the spider needs when the answer comes: the walk through a column, and the step in it."""
    passing: bool = False
    """Whether it failed in a way that may pass (5xx, time-out, broken connection), unlike a page that is not there."""
    previous: FetchRow | None = None
    hops: int = 0
    attempt: int = 0
    requested_at: str | None = None
    started: float | None = None
    elapsed_ms: int | None = None

    def sent(self) -> None:
        """Note that the request leaves now. A retry starts a new clock and keeps the first moment."""
        self.requested_at = self.requested_at or utc_now()
        self.started = monotonic()

    def received(self) -> None:
        """Note that the answer is complete, or has failed."""
        if self.started is not None:
            self.elapsed_ms = round((monotonic() - self.started) * 1000)


@dataclass(slots=True)
class Visit:
    """The counts of one portal in one run."""

    portal: Portal
    pending: int = 0
    requests: int = 0
    byte_count: int = 0
    finished: bool = False
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    new: int = 0
    unchanged: int = 0
    refused: int = 0
    failed: int = 0
    incomplete: int = 0
    """Lists of which less was read than they say they hold."""
    started: float = field(default_factory=monotonic)

    def count(self, role: Role, outcome: Outcome, *, guess: bool) -> None:
        """Count one final outcome."""
        self.outcomes[outcome] += 1
        if role in DOCUMENT_ROLES:
            self.new += outcome is Outcome.STORED
            self.unchanged += outcome in (Outcome.UNCHANGED, Outcome.SAME_CONTENT)
        self.refused += outcome in REFUSED
        # A portal without a robots.txt has not failed; one whose robots.txt fails shows it at its list page.
        self.failed += outcome in FAILED and not guess and role is not Role.ROBOTS

    def summary(self) -> dict[str, Any]:
        """The counts as an event tells them."""
        return {
            "portal": self.portal.id,
            "requests": self.requests,
            "bytes": self.byte_count,
            "new": self.new,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "failed": self.failed,
            "incomplete": self.incomplete,
            "outcomes": {outcome.value: count for outcome, count in sorted(self.outcomes.items())},
            "seconds": round(monotonic() - self.started, 3),
        }


class Collection:
    """Raw store, ledger and run state. Every address met in the run gets exactly one row."""

    def __init__(self, ledger: Ledger, raw: RawStore, run_id: str, on_event: Callable[[Event], None]) -> None:
        self.ledger = ledger
        self.raw = raw
        self.run_id = run_id
        self.hosts = HostBook()
        self.visits: dict[str, Visit] = {}
        self.total_portals = 0
        self.rules: dict[str, asyncio.Future[Rules]] = {}
        """What robots.txt allows, by origin, or the fetch of it that is under way."""
        self._on_event = on_event
        self._met: set[str] = set()
        self._met_by: set[tuple[str, str]] = set()
        """Portal and address: what one portal may not follow, another may be there for."""
        # A run that was stopped goes on: what has its outcome is not asked again.
        self._done: dict[str, str] = {}
        self._done_by: dict[tuple[str, str], str] = {}
        for row in ledger.rows(run_id=run_id):
            self._note_done(row)

    def meet(self, portal: Portal, url: str) -> bool:
        """Note an address that may be asked; False when this process has met it, or a twin of it, before."""
        key = self._key(url)
        if key in self._met or (portal.id, key) in self._met_by:
            return False
        self._met.add(key)
        self._met_by.add((portal.id, key))
        return True

    def meet_refused(self, portal: Portal, url: str) -> bool:
        """Note an address that this portal leaves out; False when it has met it, or has an outcome for it, before."""
        key = (portal.id, self._key(url))
        if key in self._met_by:
            return False
        self._met_by.add(key)
        return key not in self._done_by

    def finished(self, portal: Portal, url: str) -> FetchRow | None:
        """The row of an address that already has its outcome in this run, from before the run was stopped."""
        key = self._key(url)
        known = self._done_by.get((portal.id, key)) or self._done.get(key)
        return None if known is None else self.ledger.outcome_in_run(self.run_id, known, portal.id)

    def _note_done(self, row: FetchRow) -> None:
        if row.url is None:
            return
        key = self._key(row.url)
        if row.outcome not in OF_ONE_PORTAL:
            self._done[key] = row.url
        if row.portal_id is not None:
            self._done_by[row.portal_id, key] = row.url

    def previous(self, url: str) -> FetchRow | None:
        """The last row of the address whose bytes are still in the raw store; serves a conditional request."""
        row = self.ledger.latest_by_url(url)
        return row if row is not None and row.sha256 is not None and self.raw.has(row.sha256) else None

    def body(self, row: FetchRow) -> bytes | None:
        """The bytes of an earlier answer; None when they are lost or damaged, so that they must be fetched again."""
        if row.sha256 is None:
            return None
        try:
            return self.raw.get(row.sha256)
        except KeyError:
            return None
        except CorruptDocument as error:
            logger.warning("damaged document set aside, it is fetched again: %s", error)
            self.raw.set_aside(row.sha256)
            return None

    def visit(self, portal: Portal) -> Visit:
        """The counts of a portal in this run."""
        if portal.id not in self.visits:
            self.visits[portal.id] = Visit(portal)
        return self.visits[portal.id]

    def record(
        self,
        task: Task,
        outcome: Outcome,
        reason: str | None = None,
        *,
        final_url: str | None = None,
        status_code: int | None = None,
        sha256: str | None = None,
        byte_count: int | None = None,
        content_type: str | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> FetchRow:
        """Write the final row of an address."""
        row = self.ledger.append(
            FetchRow(
                run_id=self.run_id,
                portal_id=task.portal.id,
                url=task.url,
                final_url=final_url,
                parent_url=task.parent_url,
                role=task.role,
                outcome=outcome,
                reason=reason,
                status_code=status_code,
                requested_at=task.requested_at or utc_now(),
                elapsed_ms=task.elapsed_ms,
                sha256=sha256,
                byte_count=byte_count,
                content_type=content_type,
                etag=etag,
                last_modified=last_modified,
                link_text=task.link_text,
                listed_date=task.listed_date,
            )
        )
        self._note_done(row)
        self.visit(task.portal).count(task.role, outcome, guess=task.guess and not task.passing)
        if task.role is Role.LISTING and (reason or "").startswith(INCOMPLETE):
            self.visit(task.portal).incomplete += 1
        self.emit(
            {
                "event": "fetched",
                "portal": task.portal.id,
                "url": task.url,
                "role": task.role.value,
                "outcome": outcome.value,
                **({"reason": reason} if reason else {}),
            }
        )
        return row

    def portal_finished(self, visit: Visit, *, interrupted: bool = False) -> None:
        """Tell the counts of a portal, once."""
        if not visit.finished:
            visit.finished = True
            self.emit({"event": "portal_finished", **visit.summary(), **({"interrupted": True} if interrupted else {})})

    def emit(self, event: Event) -> None:
        """Tell an event to whoever listens."""
        self._on_event({**event, "portals": self.total_portals})

    @staticmethod
    def _key(url: str) -> str:
        # What is sent to an address is another question than the address itself; its fragment says so (`Post.mark`).
        address, mark, question = url.partition(POST_MARK)
        return f"{identity_key(address)}{mark}{question}"
