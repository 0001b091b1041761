"""Scrapy components between the spiders and the network, one duty each.

`PoliteHandler` sends one request at a time to a host and notes when. `RobotsGate` obeys robots.txt and records it.
`PatientRetry` asks again after a pause, a bounded number of times. `UpwardThrottle` slows down for slow portals.
"""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.archive.ledger import Outcome, Role
from crawlers.collection import Collection, Task
from crawlers.failures import judge_failure
from crawlers.hosts import host_key
from crawlers.links import canonical_url, resolve
from crawlers.politeness import NotAsked
from crawlers.registry import Portal
from crawlers.robots import ALLOW_ALL, Rules, read_robots
from crawlers.settings import delay_of
from crawlers.validation import judge_response

if TYPE_CHECKING:
    from scrapy import Spider

    from crawlers.spiders.base import PortalSpider

__all__ = ["PatientRetry", "PoliteHandler", "RobotsGate", "UpwardThrottle", "header", "task_of"]

logger = logging.getLogger(__name__)

RETRIES = 2
RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504, 520, 522, 523, 524})
SHORTEST_BACK_OFF = 0.05
LONGEST_RETRY_AFTER = 120.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_HOPS = 5


def task_of(request: Request) -> Task:
    """The task that a request carries."""
    return cast("Task", request.meta["task"])


def header(response: Response, name: str) -> str | None:
    """A response header as text."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


def collection_of(crawler: Crawler) -> Collection:
    """The run's collection, which the spider brings."""
    return cast("PortalSpider", crawler.spider).collection


class PoliteHandler(HTTP11DownloadHandler):
    """Sends a request when its host's turn has come: the last gate, also for retries, robots.txt and redirects."""

    async def download_request(self, request: Request) -> Response:
        """Wait for the turn, send, and note when the request left and how long the answer took."""
        task, collection = task_of(request), collection_of(self._crawler)
        async with collection.hosts.turn(host_key(request.url)):
            task.sent()
            visit = collection.visit(task.portal)
            visit.requests += 1
            try:
                response = await super().download_request(request)
            finally:
                task.received()
            visit.byte_count += len(response.body)
            if task.role is not Role.ROBOTS:  # a robots.txt that is refused says nothing about the pages
                collection.hosts.answered(host_key(request.url), response.status, task.url)
            return response


class RobotsGate:
    """Asks each origin's robots.txt first, records it, and holds back what it forbids.

    Text that is no robots.txt counts as absent, and so does 4xx. When the file cannot be had (5xx, no connection),
    nobody knows what is allowed: the host is left alone in this run.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The gate of a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Pass a request that robots.txt allows.

        Raises:
            NotAsked: robots.txt forbids the address, or the host was stopped.
        """
        task = task_of(request)
        if task.role is Role.ROBOTS:
            return
        collection = collection_of(self._crawler)
        hosts = collection.hosts
        hosts.check(host_key(request.url))
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in collection.rules:  # shared by all spiders of the run: each origin is asked once
            collection.rules[origin] = asyncio.ensure_future(self._fetch(origin, task.portal))
        rules = await asyncio.shield(collection.rules[origin])
        hosts.check(host_key(request.url))
        if not rules.allows(request.url):
            raise NotAsked(Outcome.REFUSED_BY_ROBOTS, f"not asked: {origin}/robots.txt forbids this address")

    async def _fetch(self, origin: str, portal: Portal) -> Rules:
        collection = collection_of(self._crawler)
        url = canonical_url(f"{origin}/robots.txt")
        collection.meet(portal, url)
        task = Task(portal=portal, url=url, ask=url, role=Role.ROBOTS)
        key = host_key(url)
        collection.hosts.slow_down(key, delay_of(portal))
        done = collection.finished(portal, url)
        if done is not None:  # the run goes on, or another spider asked
            body = collection.body(done)
            if (
                done.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT, Outcome.CHALLENGE)
                or (done.status_code or 0) >= 500
            ):
                collection.hosts.stop(key, done.outcome, f"robots.txt could not be had ({done.reason})")
            return self._heed(read_robots(body) if body else ALLOW_ALL, key)
        task.previous = collection.previous(url)
        try:
            response = await self._download(task)
        except Exception as error:
            finding = judge_failure(error)
            if finding is None:
                raise
            collection.record(task, finding.outcome, finding.reason)
            collection.hosts.stop(key, finding.outcome, f"robots.txt could not be had ({finding.reason})")
            return ALLOW_ALL
        return self._heed(self._read(task, response, key), key)

    async def _download(self, task: Task) -> Response:
        engine = self._crawler.engine
        assert engine is not None  # a middleware is asked while the engine runs
        url = task.url
        while True:
            request = Request(url, headers=conditions(task), callback=NO_CALLBACK, dont_filter=True)
            request.meta.update({"task": task, "download_slot": host_key(url), "handle_httpstatus_all": True})
            response = await engine.download_async(request)
            target = resolve(url, header(response, "Location") or "") if response.status in REDIRECTS else None
            if target is None or not task.portal.allows(target) or task.hops >= MAX_HOPS:
                return response
            task.hops += 1
            url = target

    def _read(self, task: Task, response: Response, key: str) -> Rules:
        collection = collection_of(self._crawler)
        content_type = header(response, "Content-Type")
        record = partial(
            collection.record, task, final_url=response.url, status_code=response.status, content_type=content_type
        )
        previous = task.previous
        body = collection.body(previous) if response.status == 304 and previous is not None else None
        if body is not None and previous is not None:
            record(
                Outcome.UNCHANGED,
                sha256=previous.sha256,
                etag=previous.etag,
                last_modified=previous.last_modified,
            )
            return read_robots(body)
        finding = judge_response(
            role=Role.ROBOTS, status=response.status, body=response.body, content_type=content_type or ""
        )
        if finding is not None:
            reason = finding.reason
            if finding.stops_host or response.status >= 500:
                collection.hosts.stop(key, finding.outcome, f"robots.txt could not be had ({reason})")
            else:
                reason = f"{reason}; there are no rules to obey"
            record(finding.outcome, reason, byte_count=len(response.body))
            return ALLOW_ALL
        sha256 = collection.raw.put(response.body)
        same = previous is not None and previous.sha256 == sha256
        rules = read_robots(response.body, content_type or "")
        record(
            Outcome.SAME_CONTENT if same else Outcome.STORED,
            "no robots.txt but a web page or nothing: there are no rules to obey" if rules is ALLOW_ALL else None,
            sha256=sha256,
            byte_count=len(response.body),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )
        return rules

    def _heed(self, rules: Rules, key: str) -> Rules:
        delay = collection_of(self._crawler).hosts.slow_down(key, rules.delay_seconds)
        engine = self._crawler.engine
        assert engine is not None
        settings = engine.downloader.per_slot_settings.setdefault(key, {"concurrency": 1, "jitter": 0.0})
        settings["delay"] = max(float(settings.get("delay", 0.0)), delay)
        slot = engine.downloader.slots.get(key)
        if slot is not None:
            slot.delay = max(slot.delay, delay)
        return rules


def conditions(task: Task) -> dict[str, str]:
    """The headers of a conditional request: send the page only if it changed."""
    previous = task.previous
    if previous is None or task.post is not None:
        return {}
    named = {"If-None-Match": previous.etag, "If-Modified-Since": previous.last_modified}
    return {name: value for name, value in named.items() if value}


class PatientRetry:
    """Asks again after 5xx, a time-out or a broken connection: twice at most, each time after a longer pause.

    Refusals and challenges (403, 412, 521) are never asked again: they are facts to record.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware of a crawler."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response, or the request again."""
        if response.status not in RETRY_STATUS:
            return response
        again = await self._again(request, self._asked_pause(response))
        return again or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request again, where the failure may pass."""
        finding = judge_failure(exception)
        if isinstance(exception, NotAsked) or finding is None:
            return None
        if finding.outcome not in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
            return None
        return await self._again(request, 0.0)

    async def _again(self, request: Request, asked_pause: float | None) -> Request | None:
        task, collection = task_of(request), collection_of(self._crawler)
        stopped = collection.hosts.host(host_key(request.url)).stopped is not None
        if task.attempt >= RETRIES or stopped or asked_pause is None:
            return None
        task.attempt += 1
        pause = max(SHORTEST_BACK_OFF, delay_of(task.portal)) * 2**task.attempt
        await asyncio.sleep(max(pause, asked_pause))
        logger.info("asking again portal=%s url=%s attempt=%d", task.portal.id, task.url, task.attempt + 1)
        return request.replace(dont_filter=True)

    @staticmethod
    def _asked_pause(response: Response) -> float | None:
        """The pause that Retry-After asks for; None when it is too long to wait for in this run."""
        text = header(response, "Retry-After") or "0"
        seconds = float(text) if text.isdigit() else 0.0
        return seconds if seconds <= LONGEST_RETRY_AFTER else None


class UpwardThrottle(AutoThrottle):
    """AutoThrottle that never goes below the delay of the host: it can only make a portal slower."""

    def _response_downloaded(self, response: Response, request: Request, spider: "Spider") -> None:
        key = request.meta.get("download_slot", "")
        floor: Any = self.crawler.settings.getdict("DOWNLOAD_SLOTS").get(key, {}).get("delay", self._min_delay())
        if self.crawler.engine is not None:
            floor = self.crawler.engine.downloader.per_slot_settings.get(key, {}).get("delay", floor)
        if not floor:  # our own sample server: nobody to spare
            return
        self.mindelay = float(floor)
        super()._response_downloaded(response, request, spider)
