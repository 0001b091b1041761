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
from datetime import datetime
from time import monotonic
from typing import Any, Self
from urllib.parse import quote, urlencode

from crawlers.answers import Article
from crawlers.archive.errors import CorruptDocument
from crawlers.archive.ledger import HOLDS, FetchRow, Ledger, Outcome, Role, WalkRow, is_of_one_portal, utc_now
from crawlers.archive.raw_store import RawStore
from crawlers.cookies import CookieBook
from crawlers.hosts import host_key, machines_of
from crawlers.impostors import Impostors
from crawlers.known import Known
from crawlers.links import JUDGING_VERSION, identity_key
from crawlers.notes import KeySet, Notes
from crawlers.pages import Page
from crawlers.politeness import HostBook
from crawlers.registry import Portal
from crawlers.robots import Rules
from crawlers.schedule import Plan, make_plan
from crawlers.validation import Finding

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
NO_PLAN = Plan(True, "nothing was decided")
CHANGED = "the bytes changed since the last visit"
"""The reason of a document that takes the place of an earlier version."""
POST_MARK = "#POST"
EXACT = "="
MET, MET_BY = "met", "met by"
"""Addresses met in this run, and those that a portal met or left out."""
DONE, DONE_BY = "done", "done by"
"""Addresses that have their outcome in this run, and those that have it at a portal."""
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
    finding: Finding | None = None
    """What the answer is instead of what was asked for, where that shows only beside other answers of the host."""
    aloud: str | None = None
    """What the ledger must say beside the outcome: an answer taken under conditions that are not the usual ones."""
    previous: FetchRow | None = None
    unlisted: bool = False
    """Collected earlier, and no list names it any more: asked to learn whether it is gone."""
    depth: int = 0
    """Lists above it that were found behind a row of a list."""
    hops: int = 0
    led: int = 0
    """Pages that sent on without being what was asked for: frames, refreshes, scripts."""
    attempt: int = 0
    requested_at: str | None = None
    started: float | None = None
    elapsed_ms: int | None = None
    page: Page | None = None
    """The answer as it was read last: whoever looks at it after that need not parse it again."""
    article: Article | None = None
    """That page as a reader reads it."""

    def read(self, url: str, body: bytes, content_type: str) -> Page:
        """The page of an answer, read once however many look at it."""
        if self.page is None or self.page.body is not body or self.page.url != url:
            self.page = Page(url, body, content_type)
        return self.page

    def read_article(self, page: Page) -> Article:
        """The page as a reader reads it, read once however many look at it."""
        if self.article is None or self.article.page is not page:
            self.article = Article(page)
        return self.article

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
    changed: int = 0
    """Those of the new documents that take the place of an earlier version."""
    unchanged: int = 0
    refused: int = 0
    failed: int = 0
    known: int = 0
    """Rows of lists that were known, and not asked again."""
    gone: int = 0
    candidates: int = 0
    incomplete: int = 0
    """Lists of which less was read than they say they hold."""
    plan: Plan = NO_PLAN
    before: Known | None = None
    """What is known of the portal from earlier runs."""
    seen: KeySet | set[str] = field(default_factory=set)
    """What lists and pages named in this run, by identity."""
    read: KeySet | set[str] = field(default_factory=set)
    """Articles whose links were read in this run, by identity."""
    is_torn: bool = False
    """Whether a list page failed behind which there may be more."""
    has_lost_column: bool = False
    """Whether a column is not there (404): what it named is not unlisted."""
    is_closing: bool = False
    """Whether all lists are read, and what they name no more is being asked for."""
    legacy_tls: dict[str, str] = field(default_factory=dict)
    """Hosts met over legacy TLS, and why: their answers may come from anybody on the way."""
    started: float = field(default_factory=monotonic)

    def count(self, role: Role, outcome: Outcome, *, guess: bool) -> None:
        """Count one final outcome."""
        self.outcomes[outcome] += 1
        if role in DOCUMENT_ROLES:
            self.new += outcome is Outcome.STORED
            self.unchanged += outcome in (Outcome.UNCHANGED, Outcome.SAME_CONTENT)
            self.gone += outcome is Outcome.GONE
            self.candidates += outcome is Outcome.CANDIDATE
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
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "failed": self.failed,
            "known": self.known,
            "gone": self.gone,
            "candidates": self.candidates,
            "full": self.plan.is_full,
            "incomplete": self.incomplete,
            **({"legacy_tls": dict(self.legacy_tls)} if self.legacy_tls else {}),
            "outcomes": {outcome.value: count for outcome, count in sorted(self.outcomes.items())},
            "seconds": round(monotonic() - self.started, 3),
        }


def fingerprint_of(portal: Portal) -> str:
    """One text for what decides which rows of a portal are found and followed: its entry and our rules."""
    entry = portal.model_dump(mode="json", include={"family", "index_url", "allowed_hosts", "column", "options"})
    text = json.dumps([JUDGING_VERSION, entry], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Collection:
    """Raw store, ledger and run state. Every address met in the run gets exactly one row."""

    def __init__(
        self,
        ledger: Ledger,
        raw: RawStore,
        run_id: str,
        on_event: Callable[[Event], None],
        *,
        full: bool = False,
        now: datetime | None = None,
    ) -> None:
        self.full = full
        """Whether every portal is read in full, whenever that was done last."""
        self.now = now or datetime.fromisoformat(utc_now())
        """When the run began: it decides what is due."""
        self.ledger = ledger
        self.raw = raw
        self.run_id = run_id
        self.hosts = HostBook(machines_of)
        self.cookies = CookieBook()
        self.notes = Notes()
        """What must be remembered of each address: too much to hold, in a long run."""
        self.impostors = Impostors(self.notes)
        self.visits: dict[str, Visit] = {}
        self.total_portals = 0
        self.rules: dict[str, asyncio.Future[Rules]] = {}
        """What robots.txt allows, by origin, or the fetch of it that is under way."""
        self._on_event = on_event
        # A run that was stopped goes on: what has its outcome is not asked again.
        for row in ledger.rows(run_id=run_id):
            self._note_done(row)
        self.hosts.relive(ledger.rows(run_id=run_id))

    def meet(self, portal: Portal, url: str) -> bool:
        """Note an address that may be asked; False when this process has met it, or a twin of it, before."""
        key = self._key(url)
        # What one portal may not follow, another may be there for.
        if self.notes.has(MET, key) or not self.notes.add(MET_BY, portal.id, key):
            return False
        return self.notes.add(MET, key)

    def meet_refused(self, portal: Portal, url: str, *, exact: bool = False) -> bool:
        """Note an address that this portal leaves out; False when it has met it, or has an outcome for it, before.

        With `exact` the address alone: a twin on another host that may not be asked does not stand for one that may.
        """
        key = f"{EXACT}{url}" if exact else self._key(url)
        return self.notes.add(MET_BY, portal.id, key) and not self.notes.has(DONE_BY, portal.id, key)

    def finished(self, portal: Portal, url: str) -> FetchRow | None:
        """The row of an address that already has its outcome in this run, from before the run was stopped."""
        key = self._key(url)
        known = self.notes.get(DONE_BY, portal.id, key) or self.notes.get(DONE, key)
        return None if known is None else self.ledger.outcome_in_run(self.run_id, known, portal.id)

    def _note_done(self, row: FetchRow) -> None:
        if row.url is None:
            return
        # A link to another host was never asked; an address that redirects there was.
        never_asked = row.outcome is Outcome.OFF_REGISTRY_HOST and row.status_code is None
        key = f"{EXACT}{row.url}" if never_asked else self._key(row.url)
        if not is_of_one_portal(row):
            self.notes.put(DONE, key, text=row.url)
        if row.portal_id is not None:
            self.notes.put(DONE_BY, row.portal_id, key, text=row.url)

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

    def begin_walk(self, portal: Portal) -> Visit:
        """Decide how the portal is read in this run, and note it: a run that goes on does as it began."""
        visit, fingerprint = self.visit(portal), fingerprint_of(portal)
        visit.plan = make_plan(
            self.ledger.walks(portal.id), now=self.now, run_id=self.run_id, fingerprint=fingerprint, forced=self.full
        )
        visit.before = Known(self.ledger, self.raw, portal.id, self.run_id, self.notes)
        visit.seen, visit.read = KeySet(self.notes, "seen", portal.id), KeySet(self.notes, "read", portal.id)
        self._note_walk(visit, "begun")
        return visit

    def end_walk(self, visit: Visit) -> None:
        """Note that every request of the portal has its outcome, and let go of what was needed until now."""
        self._note_walk(visit, "ended", is_complete=not visit.is_torn)
        visit.before, visit.seen, visit.read = None, set(), set()

    def _note_walk(self, visit: Visit, phase: str, *, is_complete: bool | None = None) -> None:
        self.ledger.note_walk(
            WalkRow(
                run_id=self.run_id,
                portal_id=visit.portal.id,
                phase=phase,
                is_full=visit.plan.is_full,
                reason=visit.plan.reason,
                fingerprint=fingerprint_of(visit.portal),
                at=utc_now(),
                is_complete=is_complete,
            )
        )

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
        if task.aloud is not None:
            reason = task.aloud if reason is None else f"{reason}; {task.aloud}"
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
        if task.role in DOCUMENT_ROLES and status_code in (200, 304) and outcome in HOLDS:
            self.hosts.document(host_key(final_url or task.ask))
        self.visit(task.portal).count(task.role, outcome, guess=task.guess and not task.passing)
        if task.role is Role.LISTING and (reason or "").startswith(INCOMPLETE):
            self.visit(task.portal).incomplete += 1
        if task.role in DOCUMENT_ROLES and outcome is Outcome.STORED and reason == CHANGED:
            self.visit(task.portal).changed += 1
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
        # What is sent to an address, or asked of it again, is another question than the address itself; its fragment
        # says so (`Post.mark`). A canonical address has no other.
        address, mark, question = url.partition("#")
        return f"{identity_key(address)}{mark}{question}"
