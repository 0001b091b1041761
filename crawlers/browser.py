"""Pages that only a browser can show: an optional back end, off by default, named per portal (`browser: true`).

Belongs here: letting Chromium run the scripts of a page that was fetched as every page is. Does not belong here: HTTP.

The browser has no network of its own. The page comes from our own fetch; what its scripts ask for goes through the
crawl's own gates (allowed hosts, robots.txt, one request at a time, the pause, the honest name) and is handed to it. A
page that is a challenge or a refusal is never run: a block is a fact to record, not a puzzle.
"""

import asyncio
import logging
import os
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawlers.archive.ledger import Role
from crawlers.chromium import executable
from crawlers.collection import Task
from crawlers.hosts import host_key
from crawlers.middlewares import header, task_of
from crawlers.validation import judge_response, looks_like_html

__all__ = ["Browser"]

logger = logging.getLogger(__name__)

SCRIPTED = frozenset({"script", "xhr", "fetch", "document"})
"""What a page needs in order to show its text; pictures, styles, fonts and counters' beacons are not asked for."""
MOST_REQUESTS = 30
"""Requests that the scripts of one page may make."""
NO_NETWORK = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--no-first-run")
DEAD_PROXY = "http://127.0.0.1:9"
ASKED_WITH = frozenset({"accept", "content-type", "x-requested-with", "referer"})


class Browser:
    """Shows list pages and articles of portals that ask for it, after their scripts have run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._starting = asyncio.Lock()
        self._driver: Any = None
        self._browser: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware of a crawler; its browser ends with the spider."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.close, signal=signals.spider_closed)
        return middleware

    async def close(self) -> None:
        """End the browser."""
        if self._browser is not None:
            await self._browser.close()
        if self._driver is not None:
            await self._driver.stop()
        self._browser = self._driver = None

    async def process_response(self, request: Request, response: Response) -> Response:
        """The page as a reader would see it, where the portal asks for that and the answer is a page at all."""
        task = task_of(request)
        if not task.portal.browser or request.meta.get("for_a_page") or task.role not in (Role.LISTING, Role.ARTICLE):
            return response
        if response.status != 200 or task.post is not None or not looks_like_html(response.body):
            return response
        told = judge_response(
            role=task.role,
            status=response.status,
            body=response.body,
            content_type=header(response, "Content-Type") or "",
            asked=task.ask,
            answered=response.url,
        )
        if (told is not None and told.stops_host) or task.finding is not None:
            return response
        from playwright.async_api import Error

        visit = PageVisit(self._crawler, task, request, response)
        try:
            shown = await visit.show(await self._started())
        except (Error, OSError) as error:  # the portal's page is there all the same, and the ledger says what it lacks
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            logger.error("the browser failed portal=%s url=%s: %s", task.portal.id, response.url, reason)
            task.aloud = f"the browser failed ({reason}): the page is as it was sent"
            return response
        task.aloud = f"as a browser shows it; its scripts asked for {visit.asked} addresses"
        logger.info("shown by the browser portal=%s url=%s requests=%d", task.portal.id, response.url, visit.asked)
        headers = {
            name: values for name, values in response.headers.items() if name.lower() not in (b"etag", b"last-modified")
        }
        headers[b"Content-Type"] = [b"text/html; charset=utf-8"]
        return HtmlResponse(
            response.url, status=200, headers=headers, body=shown.encode(), request=response.request, encoding="utf-8"
        )

    async def _started(self) -> Any:
        async with self._starting:
            if self._browser is None:
                from playwright.async_api import async_playwright

                self._driver = await async_playwright().start()
                self._browser = await self._driver.chromium.launch(
                    executable_path=executable(),
                    args=[*NO_NETWORK, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
                    proxy={"server": DEAD_PROXY, "bypass": "<-loopback>"},
                )
            return self._browser


class PageVisit:
    """One page in the browser: what it may ask for, and what it shows when it has come to rest."""

    def __init__(self, crawler: Crawler, task: Task, request: Request, response: Response) -> None:
        self._crawler = crawler
        self._task = task
        self._request = request
        self._response = response
        self._served = False
        self.asked = 0

    async def show(self, browser: Any) -> str:
        """The page's HTML after its scripts have run, or as far as they came in the time of a request."""
        from playwright.async_api import Error

        agent = self._crawler.settings.get("USER_AGENT")
        milliseconds = 1000 * self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        context = await browser.new_context(user_agent=agent, locale="zh-CN", service_workers="block")
        try:
            await context.route("**/*", self._serve)
            page = await context.new_page()
            page.set_default_timeout(milliseconds)
            await page.goto(self._response.url, wait_until="domcontentloaded")
            try:
                await page.wait_for_load_state("networkidle")
            except Error as error:
                logger.warning("the page does not come to rest url=%s: %s", self._response.url, error)
            shown: str = await page.content()
            return shown
        finally:
            await context.close()

    async def _serve(self, route: Any) -> None:
        from playwright.async_api import Error

        wanted = route.request
        try:
            if wanted.is_navigation_request() and wanted.frame.parent_frame is None:
                await self._serve_page(route)
            elif (
                wanted.resource_type not in SCRIPTED
                or not self._task.portal.allows(wanted.url)
                or self.asked >= MOST_REQUESTS
            ):
                await route.abort()
            else:
                await self._serve_from_portal(route)
        except Error:  # the page is gone already
            logger.debug("no longer wanted: %s", wanted.url)

    async def _serve_page(self, route: Any) -> None:
        """The page itself, which was fetched already; a script that navigates elsewhere is not followed."""
        if self._served:
            await route.abort()
            return
        self._served = True
        kind = header(self._response, "Content-Type") or "text/html"
        await route.fulfill(status=200, content_type=kind, body=self._response.body)

    async def _serve_from_portal(self, route: Any) -> None:
        wanted = route.request
        self.asked += 1
        # A task of its own that leaves no row: what a script asks for is part of the page.
        task = Task(portal=self._task.portal, url=wanted.url, ask=wanted.url, role=Role.LISTING, guess=True)
        request = Request(
            wanted.url,
            method=wanted.method,
            headers={name: value for name, value in wanted.headers.items() if name.lower() in ASKED_WITH},
            body=wanted.post_data_buffer or b"",
            callback=NO_CALLBACK,
            dont_filter=True,
        )
        meta = {"task": task, "download_slot": host_key(wanted.url), "handle_httpstatus_all": True, "for_a_page": True}
        request.meta.update(meta)
        engine = self._crawler.engine
        assert engine is not None  # a middleware is asked while the engine runs
        try:
            answer = await engine.download_async(request)
        except Exception as error:  # robots.txt, a host that is stopped, a broken connection: the page does without
            logger.info("not given to the page url=%s: %s", wanted.url, error)
            await route.abort()
            return
        kind = header(answer, "Content-Type") or "application/octet-stream"
        await route.fulfill(status=answer.status, content_type=kind, body=answer.body)
