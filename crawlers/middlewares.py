"""Scrapy components between the spiders and the network, one duty each.

`PoliteHandler` sends one request at a time to a host and notes when. `RobotsGate` obeys robots.txt and records it.
`CookieJar` sends back what a host set by header. `Proxy` sends through the proxy that the environment names.
`PatientRetry` asks again after a pause, a bounded number of times. `UpwardThrottle` slows down for slow portals. What
looks at the answers themselves stands in `second_look`.
"""

import asyncio
import hashlib
import logging
from email.utils import parsedate_to_datetime
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.exceptions import ResponseDataLossError
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.archive.ledger import Outcome, Role
from crawlers.collection import Collection, Task
from crawlers.failures import judge_failure
from crawlers.hosts import host_key
from crawlers.links import canonical_url, resolve
from crawlers.pages import Page
from crawlers.politeness import SHORTEST_PAUSE, NotAsked
from crawlers.registry import Portal
from crawlers.robots import ALLOW_ALL, Rules, read_robots
from crawlers.settings import delay_of
from crawlers.tls import handshake_broke, legacy_tls, tls_problem
from crawlers.unpacking import CUT_SHORT, PACKED, CannotUnpack, glance
from crawlers.validation import Finding, is_firewall, is_whole_page, judge_page

if TYPE_CHECKING:
    from scrapy import Spider

    from crawlers.spiders.base import PortalSpider

__all__ = [
    "MAX_HOPS",
    "REDIRECTS",
    "RETRY_STATUS",
    "CookieJar",
    "PatientRetry",
    "PoliteHandler",
    "Proxy",
    "RobotsGate",
    "UpwardThrottle",
    "collection_of",
    "conditions",
    "header",
    "page_of",
    "task_of",
]

logger = logging.getLogger(__name__)

RETRIES = 2
RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504, 520, 522, 523, 524})
CONFIRMATIONS = 1
"""How often a plain 403 is asked again: some hosts mean "slower" by it."""
LONGEST_RETRY_AFTER = 120.0
READ_AT_ONCE = 4096
"""Bytes up to which an answer is looked at before the next request may leave: refusals and challenges are short."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_HOPS = 5
COOKIE_HOPS = 2
"""Redirects of an address to itself that bring a new cookie each; a host that goes on so never gives the page."""


def task_of(request: Request) -> Task:
    """The task that a request carries."""
    return cast("Task", request.meta["task"])


def header(response: Response, name: str) -> str | None:
    """A response header as text."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


def page_of(task: Task, response: Response) -> Page:
    """The page that an answer is, read once for all who look at it."""
    return task.read(response.url, response.body, header(response, "Content-Type") or "")


def collection_of(crawler: Crawler) -> Collection:
    """The run's collection, which the spider brings."""
    return cast("PortalSpider", crawler.spider).collection


class PoliteHandler(HTTP11DownloadHandler):
    """Sends a request when its host's turn has come: the last gate, also for retries, robots.txt and redirects."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._old = HTTP11DownloadHandler(crawler)  # with connections of its own: what is strict stays strict
        self._old._contextFactory = legacy_tls()
        for pool in (self._pool, self._old._pool):
            pool.retryAutomatically = False  # a request that nobody waits for would jump the queue
            # Behind a proxy all hosts are one to the pool. `turn` sees to it that a host never has two at once.
            pool.maxPersistentPerHost = crawler.settings.getint("CONCURRENT_REQUESTS")

    async def close(self) -> None:
        """Close both kinds of connections."""
        await super().close()
        await self._old.close()

    async def download_request(self, request: Request) -> Response:
        """Wait for the turn, send, and note when the request left and how long the answer took."""
        task, collection = task_of(request), collection_of(self._crawler)
        key = host_key(request.url)
        async with collection.hosts.turn(key):
            task.sent()
            task.finding = None
            visit = collection.visit(task.portal)
            visit.requests += 1
            try:
                if key in visit.legacy_tls and request.url.startswith("https:"):
                    response = await self._old.download_request(request)
                    task.aloud = f"over legacy TLS (strict: {visit.legacy_tls[key]})"
                else:
                    response = await super().download_request(request)
            except Exception as error:
                finding = judge_failure(error, key)
                if finding is not None and finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
                    collection.hosts.broke(key, finding.outcome, finding.reason)
                raise
            finally:
                task.received()
            visit.byte_count += len(response.body)
            if task.role is not Role.ROBOTS:  # a robots.txt that is refused says nothing about the pages
                self._heed(task, response, key)
            return response

    def _heed(self, task: Task, response: Response, key: str) -> None:
        """Stop a host that refuses us while the turn is still held, so that no request that waits slips through."""
        hosts = collection_of(self._crawler).hosts
        hosts.answered(key, response.status, task.url)
        if response.status in (429, 503) and (seconds := asked_pause(response)) <= LONGEST_RETRY_AFTER:
            hosts.hold(key, seconds)
        lines = [f"{name!r}: {value!r}" for name, values in response.headers.items() for value in values]
        finding = None
        if is_firewall(response.status, lines):
            finding = Finding(
                Outcome.CHALLENGE, f"{response.status}: the portal's firewall refuses us", stops_host=True
            )
            task.finding = finding
        elif response.status != 304 and len(response.body) <= READ_AT_ONCE:
            page = task.read(response.url, glance(response), header(response, "Content-Type") or "")
            finding = judge_page(role=task.role, status=response.status, page=page)
        if finding is not None and finding.stops_host:
            hosts.stop(key, finding.outcome, f"{finding.reason}, met at {task.url}")


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
            if done.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT, Outcome.CHALLENGE) or says_wait(
                done.status_code or 0
            ):
                collection.hosts.stop(key, done.outcome, f"robots.txt could not be had ({done.reason})")
            return self._heed(read_robots(body) if body else ALLOW_ALL, key)
        task.previous = collection.previous(url)
        try:
            response = await self._download(task)
        except Exception as error:
            finding = judge_failure(error, key)
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
        finding = judge_page(role=Role.ROBOTS, status=response.status, page=page_of(task, response))
        if finding is not None:
            reason = finding.reason
            if finding.stops_host or says_wait(response.status):
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
    if previous is None or task.post is not None or task.portal.browser:  # a shell does not change, its lists do
        return {}
    named = {"If-None-Match": previous.etag, "If-Modified-Since": previous.last_modified}
    return {name: value for name, value in named.items() if value}


def asked_pause(response: Response) -> float:
    """Seconds that `Retry-After` asks for, stated as such or as a moment; 0 where it asks for none."""
    text = header(response, "Retry-After") or ""
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0


def says_wait(status: int) -> bool:
    """Whether a robots.txt cannot be had for now, so that nobody knows what is allowed."""
    return status >= 500 or status == 429


class CookieJar:
    """Sends back what a host set by header, and asks again where it redirects to the same address to set it.

    Cookies that a script would set are none of these: no script is run.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The jar of a crawler; the cookies themselves belong to the run."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Add the cookies of the host."""
        line = collection_of(self._crawler).cookies.header(request.url)
        if line is None:
            request.headers.pop("Cookie", None)
        else:
            request.headers["Cookie"] = line

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response, or the request again with the cookie that the answer gave."""
        lines = [line.decode("latin-1") for line in response.headers.getlist("Set-Cookie")]
        if not lines or not collection_of(self._crawler).cookies.keep(request.url, lines):
            return response
        task = task_of(request)
        if response.status not in REDIRECTS or task.hops >= COOKIE_HOPS:
            return response
        if resolve(request.url, header(response, "Location") or "") != resolve(request.url, request.url):
            return response
        task.hops += 1
        return request.replace(dont_filter=True)


class Proxy(HttpProxyMiddleware):
    """Sends through the proxy that the environment names; whether a host is spared it, is looked up once."""

    def __init__(self, auth_encoding: str | None = "latin-1") -> None:
        super().__init__(auth_encoding)
        self._is_spared: dict[str, bool] = {}

    def process_request(self, request: Request, spider: "Spider | None" = None) -> Request | Response | None:
        """Name the proxy of the request, where it has none yet."""
        if not self.proxies or "proxy" in request.meta:
            return super().process_request(request)
        scheme, name = urlsplit(request.url).scheme, urlsplit(request.url).hostname or ""
        if name not in self._is_spared:
            self._is_spared[name] = bool(proxy_bypass(name))
        if scheme in self.proxies and not self._is_spared[name]:
            creds, url = self.proxies[scheme]
            self._set_proxy_and_creds(request, url, creds, scheme)
        return None


class PatientRetry:
    """Asks again after 5xx, a time-out or a broken connection: twice at most, each time after a longer pause.

    A plain 403 is asked again once, for some hosts mean "slower" by it. Challenges (412, 521) and firewalls are never
    asked again: they are facts to record.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware of a crawler."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response, or the request again.

        Raises:
            ResponseDataLossError: less came than was promised, each time.
        """
        if CUT_SHORT in response.flags and response.status not in RETRY_STATUS:
            return await self._cut(request, response)
        if response.status == 403 and self._may_mean_slower(request):
            # Later than the next address: whether that one is refused too shows whom the refusal is meant for.
            pause = 4 * collection_of(self._crawler).hosts.host(host_key(request.url)).pause
            again = await self._again(request, pause, CONFIRMATIONS)
            if again is not None:
                again.meta["refused"] = response
            return again or response
        if response.status not in RETRY_STATUS:
            return response
        pause = asked_pause(response)
        # Too long to wait for in this run: the answer that came is what we know.
        return await self._again(request, pause if pause <= LONGEST_RETRY_AFTER else None) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:
        """The request again, where the failure may pass; the refusal that came, where its host was stopped since."""
        if isinstance(exception, NotAsked):
            return cast("Response | None", request.meta.get("refused"))
        finding = judge_failure(exception)
        if finding is None:
            return None
        if finding.outcome not in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
            return None
        problem = tls_problem(exception)
        host = collection_of(self._crawler).hosts.host(host_key(request.url))
        if request.url.startswith("https:") and handshake_broke(exception) and not host.has_answered:
            again = self._legacy(request, "the connection broke in the handshake")
            if again is not None:
                return again
        if problem is not None:  # a certificate does not mend in seconds
            return self._legacy(request, problem)
        return await self._again(request, 0.0)

    def _legacy(self, request: Request, problem: str) -> Request | None:
        """The request again over legacy TLS, where the entry of the portal allows it and this is the first time."""
        task, collection = task_of(request), collection_of(self._crawler)
        visit, key = collection.visit(task.portal), host_key(request.url)
        if task.portal.tls != "legacy" or not task.portal.allows(request.url) or key in visit.legacy_tls:
            return None
        visit.legacy_tls[key] = problem
        logger.warning("legacy TLS portal=%s host=%s: %s", task.portal.id, key, problem)
        collection.emit({"event": "legacy_tls", "portal": task.portal.id, "host": key, "reason": problem})
        return request.replace(dont_filter=True)

    async def _cut(self, request: Request, response: Response) -> Response | Request:
        """A body shorter than was promised, asked for again; taken only as a page that is whole and came so twice.

        Some portals state a wrong length for good: then the page has its closing tag, and is the same each time.
        """
        task = task_of(request)
        digest = hashlib.sha256(response.body).hexdigest()
        if response.status == 200 and request.meta.get("cut") == digest and is_whole_page(response.body):
            task.aloud = "the length that the portal states is wrong: the page is whole and came twice the same"
            return response
        again = await self._again(request, 0.0)
        if again is None:
            raise CannotUnpack if PACKED in response.flags else ResponseDataLossError
        again.meta["cut"] = digest
        return again

    @staticmethod
    def _may_mean_slower(request: Request) -> bool:
        """Whether a 403 is asked again: not for a file whose link may have expired, which `FreshLink` looks up."""
        task = task_of(request)
        return task.finding is None and task.role is not Role.ROBOTS and not (
            task.role is Role.ATTACHMENT and bool(urlsplit(request.url).query)
        )  # fmt: skip

    async def _again(self, request: Request, asked_pause: float | None, most: int = RETRIES) -> Request | None:
        task, collection = task_of(request), collection_of(self._crawler)
        host = collection.hosts.host(host_key(request.url))
        if task.attempt >= most or host.stopped is not None or asked_pause is None:
            return None
        task.attempt += 1
        pause = max(SHORTEST_PAUSE, delay_of(task.portal)) * 2**task.attempt
        await asyncio.sleep(max(pause, asked_pause))
        if host.stopped is not None:  # meanwhile: the answer that came is what we know
            return None
        logger.info("asking again portal=%s url=%s attempt=%d", task.portal.id, task.url, task.attempt + 1)
        return request.replace(dont_filter=True)


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
