"""The manners of a crawl at each host: one request at a time, a pause between two, and when to stop asking.

Belongs here: the state of hosts within one run. Does not belong here: HTTP. The same book serves every spider of the
process, so that two families on one host do not add up to two requests at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from scrapy.exceptions import IgnoreRequest

from crawlers.archive.ledger import Outcome
from crawlers.validation import CHALLENGE_STATUS, Finding

__all__ = ["FAILURES_BEFORE_STOP", "REFUSALS_BEFORE_STOP", "HostBook", "NotAsked"]

FAILURES_BEFORE_STOP = 3
"""Addresses in a row that fail, each after its retries, before a host counts as down for this run."""
REFUSALS_BEFORE_STOP = 2
"""Plain refusals (403, 429) in a row: one, and one confirmation."""


class NotAsked(IgnoreRequest):
    """A request that is not sent, with the outcome that the ledger keeps for it."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(slots=True)
class Host:
    """What we know of one host in this run."""

    delay_seconds: float = 0.0
    last_end: float = float("-inf")
    failures: int = 0
    refusals: int = 0
    stopped: Finding | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class HostBook:
    """The hosts of a run, by `host_key`."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    def host(self, key: str) -> Host:
        """The state of a host."""
        return self._hosts.setdefault(key, Host())

    def slow_down(self, key: str, delay_seconds: float) -> float:
        """Make the pause at a host at least so long; gives the pause now kept. It is never made shorter."""
        host = self.host(key)
        host.delay_seconds = max(host.delay_seconds, delay_seconds)
        return host.delay_seconds

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
            raise NotAsked(stopped.outcome, f"not asked: {stopped.reason}")

    def answered(self, key: str, status: int, url: str) -> None:
        """Count refusals in a row, and stop the host when it will not have us.

        Called while the turn is still held, so that no request that waits slips through after a refusal.
        """
        host = self.host(key)
        host.failures = 0
        host.refusals = host.refusals + 1 if status in (403, 429) else 0
        if status in CHALLENGE_STATUS:
            self.stop(key, Outcome.CHALLENGE, f"{CHALLENGE_STATUS[status]}, met at {url}")
        if host.refusals >= REFUSALS_BEFORE_STOP:
            self.stop(key, Outcome.CHALLENGE, f"the host refused {host.refusals} times in a row with {status}")

    def failed(self, key: str, outcome: Outcome, reason: str) -> None:
        """Count addresses in a row that brought no answer, and stop a host that is down."""
        host = self.host(key)
        host.failures += 1
        if host.failures >= FAILURES_BEFORE_STOP:
            self.stop(key, outcome, f"the host failed {host.failures} times in a row ({reason})")

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """The one turn at a host: waits for the request before it and for the pause after that one's answer.

        Raises:
            NotAsked: the host was stopped while this request waited.
        """
        host = self.host(key)
        async with host.lock:
            self.check(key)
            wait = host.last_end + host.delay_seconds - monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                # The pause runs from the end of the answer: a portal that is slow to answer needs it most.
                host.last_end = monotonic()
