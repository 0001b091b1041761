"""The manners of a crawl at each host: one request at a time, a pause between two, and when to stop asking.

Belongs here: the state of hosts within one run. Does not belong here: HTTP. The same book serves every spider of the
process, so that two families on one host do not add up to two requests at once. Hosts that stand on one machine take
turns as well: dozens of departments share one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from scrapy.exceptions import IgnoreRequest

from crawlers.archive.ledger import HOLDS, FetchRow, Outcome, Role
from crawlers.hosts import host_key
from crawlers.schedule import NOT_ASKED
from crawlers.validation import CHALLENGE_STATUS, Finding

__all__ = ["FAILURES_BEFORE_STOP", "REFUSALS_BEFORE_STOP", "SHORTEST_PAUSE", "HostBook", "NotAsked", "Resolve"]

FAILURES_BEFORE_STOP = 3
"""Addresses in a row that fail, each after its retries, before a host counts as down for this run."""
BREAKS_BEFORE_STOP = 9
"""Requests in a row without an answer, of whatever address: as many as three addresses and their retries make."""
REFUSALS_BEFORE_STOP = 2
"""Addresses refused in a row (403, 429): one, and another as confirmation."""
SHORTEST_PAUSE = 0.05
"""Seconds from which a pause grows where the host itself needs none (our own machine)."""
SLOWEST = 8.0
"""A host that asks for patience gets pauses up to so many times as long."""
ANSWERS_BEFORE_FASTER = 10
WORN_OUT = frozenset({403, 429, 503})
"""What a host says that was asked too fast."""

Resolve = Callable[[str], Awaitable[frozenset[str]]]
"""The machines behind a host; none where that says nothing."""


class NotAsked(IgnoreRequest):
    """A request that is not sent, with the outcome that the ledger keeps for it."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(slots=True)
class Turn:
    """Who may speak: one request at a time, and when the last one ended."""

    last_end: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Host:
    """What we know of one host in this run."""

    delay_seconds: float = 0.0
    patience: float = 1.0
    """How many times as long the pause is since the host showed that it was asked too fast."""
    calm: int = 0
    """Good answers in a row since then."""
    failures: int = 0
    breaks: int = 0
    refused: set[str] = field(default_factory=set)
    """Addresses refused in a row."""
    documents: int = 0
    """Articles and files that came."""
    has_answered: bool = False
    stopped: Finding | None = None
    not_before: float = float("-inf")
    """The moment until which the host asked to be left alone."""
    turn: Turn = field(default_factory=Turn)
    machines: tuple[str, ...] | None = None

    @property
    def pause(self) -> float:
        """Seconds from the end of an answer to the next request."""
        return self.delay_seconds if self.patience == 1 else max(self.delay_seconds, SHORTEST_PAUSE) * self.patience


async def nobody(host: str) -> frozenset[str]:
    """A resolver that knows no machine: every host has a turn of its own."""
    return frozenset()


class HostBook:
    """The hosts of a run, by `host_key`."""

    def __init__(self, resolve: Resolve = nobody) -> None:
        self.resolve = resolve
        self._hosts: dict[str, Host] = {}
        self._machines: dict[str, Turn] = {}

    def host(self, key: str) -> Host:
        """The state of a host."""
        return self._hosts.setdefault(key, Host())

    def slow_down(self, key: str, delay_seconds: float) -> float:
        """Make the pause at a host at least so long; gives the pause now kept. It is never made shorter."""
        host = self.host(key)
        host.delay_seconds = max(host.delay_seconds, delay_seconds)
        return host.delay_seconds

    def ease(self, key: str) -> None:
        """Double the pause for a while: the host shows that it was asked too fast."""
        host = self.host(key)
        host.patience, host.calm = min(host.patience * 2, SLOWEST), 0

    def hold(self, key: str, seconds: float) -> None:
        """Ask the host nothing for so long, as it asks: `Retry-After` is about the host, not about one address."""
        host = self.host(key)
        host.not_before = max(host.not_before, monotonic() + seconds)

    def stop(self, key: str, outcome: Outcome, reason: str) -> None:
        """Ask this host nothing more in this run; the first reason stays."""
        host = self.host(key)
        host.stopped = host.stopped or Finding(outcome, reason)

    def check(self, key: str) -> None:
        """Pass where the host may be asked.

        Raises:
            NotAsked: the host was stopped earlier in this run.
        """
        stopped = self.host(key).stopped
        if stopped is not None:
            raise NotAsked(stopped.outcome, f"{NOT_ASKED}{stopped.reason}")

    def answered(self, key: str, status: int, url: str) -> None:
        """Count refusals in a row, and stop the host when it will not have us.

        Called while the turn is still held, so that no request that waits slips through after a refusal.
        """
        host = self.host(key)
        host.failures = host.breaks = 0
        host.has_answered = True
        if status in (403, 429):
            host.refused.add(url)  # the same address refused twice is that page's affair
        else:
            host.refused.clear()
        if status in WORN_OUT:
            self.ease(key)
        elif host.patience > 1:
            host.calm += 1
            if host.calm >= ANSWERS_BEFORE_FASTER:
                host.patience, host.calm = max(1.0, host.patience / 2), 0
        if status in CHALLENGE_STATUS:
            self.stop(key, Outcome.CHALLENGE, f"{CHALLENGE_STATUS[status]}, met at {url}")
        if len(host.refused) >= REFUSALS_BEFORE_STOP:
            self.stop(key, Outcome.CHALLENGE, f"the host refused {len(host.refused)} addresses in a row with {status}")

    def failed(self, key: str, outcome: Outcome, reason: str) -> None:
        """Count addresses in a row that brought no answer, and stop a host that is down."""
        host = self.host(key)
        host.failures += 1
        if host.failures >= FAILURES_BEFORE_STOP:
            self.stop(key, outcome, f"the host failed {host.failures} times in a row ({reason})")

    def broke(self, key: str, outcome: Outcome, reason: str) -> None:
        """Count requests in a row that brought no answer, retries included: many addresses may be tried at once."""
        host = self.host(key)
        host.breaks += 1
        if host.breaks >= BREAKS_BEFORE_STOP:
            self.stop(key, outcome, f"the host gave no answer {host.breaks} times in a row ({reason})")

    def document(self, key: str) -> None:
        """Note that a document came, and was one: a page of error with status 200 is none."""
        self.host(key).documents += 1

    def believes_missing(self, key: str) -> bool:
        """Whether a 404 of this host says that a page is gone.

        Some portals answer visitors from data centres with their home page and lists, and with 404 for every document.
        A host that gave no document in this run has not shown that it gives any.
        """
        return self.host(key).documents > 0

    def relive(self, rows: Iterable[FetchRow]) -> None:
        """Learn again what a run had learned of its hosts before it was stopped: rows in the order of the ledger."""
        for row in rows:
            url = row.final_url or row.url
            if url is None:
                continue
            key = host_key(url)
            if row.elapsed_ms is None:
                if row.outcome is Outcome.ERROR_PAGE and (row.reason or "").startswith(NOT_ASKED):
                    self.stop(key, row.outcome, (row.reason or "").removeprefix(NOT_ASKED))
                continue
            if row.role in (Role.ARTICLE, Role.ATTACHMENT) and row.outcome in HOLDS:
                self.document(key)
            if row.role is Role.ROBOTS:
                continue  # judged when the rules are asked for again
            if row.status_code is not None:
                self.answered(key, row.status_code, row.url or url)
                if row.outcome is Outcome.CHALLENGE:
                    self.stop(key, row.outcome, f"{row.reason}, met at {row.url}")
            elif row.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
                self.failed(key, row.outcome, row.reason or "")

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """The one turn at a host: waits for the request before it and for the pause after that one's answer.

        Raises:
            NotAsked: the host was stopped while this request waited.
        """
        host = self.host(key)
        async with AsyncExitStack() as held:
            await held.enter_async_context(host.turn.lock)
            self.check(key)
            if host.machines is None:
                host.machines = tuple(sorted(await self.resolve(key)))
            turns = [host.turn, *(self._machines.setdefault(name, Turn()) for name in host.machines)]
            for turn in turns[1:]:  # in one order for all hosts, so that two never wait for each other
                await held.enter_async_context(turn.lock)
            self.check(key)
            wait = max(host.not_before, max(turn.last_end for turn in turns) + host.pause) - monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                # The pause runs from the end of the answer: a portal that is slow to answer needs it most.
                for turn in turns:
                    turn.last_end = monotonic()
