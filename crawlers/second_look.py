"""Scrapy components that look at an answer once more before the spider sees it, one duty each.

Belongs here: answers that show what they are only beside other answers of the host, or that only lead elsewhere.
Does not belong here: manners (`middlewares`), what a single answer says of itself (`validation`).

`StubGate` follows a page that only sends on, or whose article stands elsewhere. `ImpostorGate` finds what came in place
of an article. `FreshLink` looks a file's link up again where it has expired.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.answers import Article
from crawlers.archive.ledger import HOLDS, Outcome, Role
from crawlers.collection import Task
from crawlers.failures import judge_failure
from crawlers.hosts import host_key
from crawlers.impostors import Impostors, Suspicion, impossible_address
from crawlers.links import canonical_url, hands_out_file, identity_key
from crawlers.middlewares import collection_of, conditions, header, page_of, task_of
from crawlers.pages import Page
from crawlers.politeness import SHORTEST_PAUSE
from crawlers.settings import delay_of
from crawlers.signposts import signposts
from crawlers.validation import Finding, is_cut, judge_page, looks_like_html, sends_on_to

__all__ = ["FreshLink", "ImpostorGate", "StubGate"]

logger = logging.getLogger(__name__)

STUB_HOPS = 1
LEAST_TEXT = 200
"""Visible characters under which an article that sends its reader elsewhere is a stub."""
IN_VAIN = 2
"""Articles asked again in vain in a row, after which a host is not asked again for others of the kind."""
IN_PLACE_OF_ARTICLES = 5
"""Articles in a row in place of which another page came, after which one that came before is asked for as a proof."""
EXPIRED = frozenset({400, 401, 403, 404, 410})


class _Gate:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The component of a crawler."""
        return cls(crawler)

    async def _fetch(self, task: Task, **marks: bool) -> Response:
        """Ask for an address beside those that the spiders ask for, through all gates of manners."""
        engine = self._crawler.engine
        assert engine is not None  # a middleware is asked while the engine runs
        request = Request(task.ask, callback=NO_CALLBACK, dont_filter=True)
        request.meta.update({"task": task, "download_slot": host_key(task.ask), "handle_httpstatus_all": True, **marks})
        return await engine.download_async(request)


class StubGate(_Gate):
    """Follows a page that only sends on, by refresh or by a plain script: one hop, on the portal's hosts.

    An article that shows next to nothing and no file is followed once to where it stands: in a frame, behind a refresh
    or a script that says less plainly where it goes.
    """

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response, or the request for where it sends on to."""
        task = task_of(request)
        if response.status != 200 or task.role is Role.ROBOTS or task.guess:
            return response
        page = page_of(task, response)
        target = sends_on_to(page)
        if target is None:
            elsewhere = None if request.meta.get("led") else self._elsewhere(task, page)
            return response if elsewhere is None else self._onward(request, elsewhere, led=True)
        hops = request.meta.get("stubs", 0)
        if not task.portal.allows(target):
            reason = (
                f"the page only sends on to {host_key(target)}, which is not among the portal's hosts: not followed"
            )
            task.finding = Finding(Outcome.OFF_REGISTRY_HOST, reason)
            return response
        if hops >= STUB_HOPS:
            task.finding = Finding(Outcome.ERROR_PAGE, f"the page only sends on, as the one before it did, to {target}")
            return response
        task.hops += 1
        return self._onward(request, target, stubs=hops + 1)

    @staticmethod
    def _onward(request: Request, url: str, **marks: int) -> Request:
        """The request for where a page sends on to: conditional where the bytes that we hold came from there."""
        task = task_of(request)
        onward = request.replace(url=url, dont_filter=True)
        onward.meta.update({**marks, "download_slot": host_key(url)})
        for name in ("If-None-Match", "If-Modified-Since"):  # they were about the page that sends on
            onward.headers.pop(name, None)
        held = task.previous
        if held is not None and identity_key(held.final_url or task.ask) == identity_key(url):
            onward.headers.update(conditions(task))
        return onward

    @staticmethod
    def _elsewhere(task: Task, page: Page) -> str | None:
        """Where an article that shows nothing sends its reader: by refresh, by script, by a frame with the text."""
        # What a browser is needed for shows nothing yet.
        if task.role is not Role.ARTICLE or task.portal.browser or not looks_like_html(page.body):
            return None
        article = task.read_article(page)
        if len(article.text) >= LEAST_TEXT or article.has_files:
            return None
        here = identity_key(page.url)
        ways = (post.url for post in signposts(page) if identity_key(post.url) != here)
        return next((url for url in ways if task.portal.allows(url)), None)


@dataclass(slots=True)
class _Watch:
    """What a host was seen to send in place of articles."""

    in_vain: int = 0
    """Articles asked again in vain in a row."""
    replaced: set[str] = field(default_factory=set)
    """Articles in a row in place of which another page came."""
    enough: int = IN_PLACE_OF_ARTICLES
    """How many of them call for a proof; twice as many after each that the host has passed."""
    came: tuple[str, str] | None = None
    """Address and title of the last article that came."""
    is_asked: bool = False
    """Whether the proof is under way."""
    is_at_ease: bool = False
    """Whether the host still gave an article that it gave before: what it sends others for is not there."""

    def article(self, task: Task) -> None:
        """Note an article that came."""
        self.came = (task.ask, task.link_text or "")
        self.replaced.clear()


class ImpostorGate(_Gate):
    """Finds lists, home pages, other articles and soft 404s that come with status 200 in place of an article.

    A host may send them only while it is pressed: then the pause grows each time, and the article is asked for once
    more. Where that was in vain for two of them, none is sent a second time any more; another night asks again. After
    five in a row the host is asked for an article that it gave before: where another page comes for that one too, the
    host is left alone for the rest of the run. Where it comes, the others are not there, and nobody is pressed.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._learning: dict[str, asyncio.Future[None]] = {}
        self._watches: dict[str, _Watch] = {}

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response, marked where it is an impostor, or the request again."""
        task, impostors = task_of(request), collection_of(self._crawler).impostors
        key = host_key(response.url)
        watch = self._watches.setdefault(key, _Watch())
        if task.role is Role.ARTICLE and response.status == 304:
            watch.article(task)
        if response.status != 200 or task.post is not None or task.finding is not None or request.meta.get("proof"):
            return response
        if task.role is Role.LISTING and not task.guess:
            impostors.listed(response.url, response.body)
        if task.role is not Role.ARTICLE or not looks_like_html(response.body):
            return response
        article = task.read_article(page_of(task, response))
        suspicion = await self._suspect(task, article, impostors)
        if suspicion is None:
            if is_cut(response.body):
                task.aloud = "the page ends before its closing tag: it may be cut"
            if request.meta.get("looked"):
                watch.in_vain = 0
            if task.link_text and not impostors.doubts(article.page, task.link_text):
                watch.article(task)
            return response
        if suspicion.passing:
            await self._heed(task, suspicion, key, watch)
        if await self._look_again(request, suspicion, key, watch):
            # Before the articles that wait: what comes shows whether others are worth asking for again.
            again = request.replace(dont_filter=True, priority=request.priority + 1)
            again.meta["looked"] = True
            return again
        task.finding = suspicion.finding
        return response

    async def _suspect(self, task: Task, article: Article, impostors: Impostors) -> Suspicion | None:
        title, page = task.link_text or "", article.page
        suspicion = impostors.judge(page, title, article) if title else None
        is_doubtful = bool(title) and (suspicion is not None or impostors.doubts(page, title))
        if suspicion is None:
            links = impostors.judge_links(article, title)
            if links is None and not is_doubtful:
                return None
        told = judge_page(role=task.role, status=200, page=page, asked=task.ask)
        if told is not None:  # it says itself what it is
            return None
        if suspicion is not None:
            return suspicion
        if not is_doubtful:
            return links
        return await self._as_missing(task, article, impostors) or links

    async def _as_missing(self, task: Task, article: Article, impostors: Impostors) -> Suspicion | None:
        """Whether the page is what the host sends for an address that it does not have."""
        title, page = task.link_text or "", article.page
        key = host_key(page.url)
        if key not in self._learning:
            self._learning[key] = asyncio.ensure_future(self._learn(task, page.url, impostors))
        await asyncio.shield(self._learning[key])
        return impostors.judge(page, title, article)

    async def _learn(self, doubted: Task, beside: str, impostors: Impostors) -> None:
        """Ask the host for an address that cannot exist, and remember what it says."""
        collection = collection_of(self._crawler)
        url = canonical_url(impossible_address(beside))
        collection.meet(doubted.portal, url)
        # A row of its own like every address that is asked; as a guess it counts as no failure of the portal.
        task = Task(portal=doubted.portal, url=url, ask=url, role=Role.LISTING, parent_url=doubted.url, guess=True)
        why = "an address made up, to learn how this host says that a page is missing"
        done = collection.finished(doubted.portal, url)
        if done is not None:
            body = collection.body(done)
            if body is not None and done.status_code is not None:
                impostors.learn(url, done.status_code, body, done.content_type or "")
            return
        try:
            response = await self._fetch(task)
        except Exception as error:
            finding = judge_failure(error, host_key(url))
            if finding is None:
                raise
            collection.record(task, finding.outcome, f"{finding.reason} ({why})")
            return
        content_type = header(response, "Content-Type")
        impostors.learn(url, response.status, response.body, content_type or "")
        soft = response.status == 200
        collection.record(
            task,
            Outcome.ERROR_PAGE if soft else Outcome.HTTP_ERROR,
            f"{response.status}: {why}",
            final_url=response.url,
            status_code=response.status,
            sha256=collection.raw.put(response.body) if soft else None,
            byte_count=len(response.body),
            content_type=content_type,
        )

    async def _look_again(self, request: Request, suspicion: Suspicion, key: str, watch: _Watch) -> bool:
        """Whether to ask once more, more slowly; returns after the pause."""
        host = collection_of(self._crawler).hosts.host(key)
        if request.meta.get("looked"):
            watch.in_vain += 1
            return False
        if not suspicion.passing or watch.in_vain >= IN_VAIN or host.stopped is not None:
            return False
        await asyncio.sleep(4 * max(SHORTEST_PAUSE, delay_of(task_of(request).portal)))
        # Others may have been asked again in vain during the pause.
        return host.stopped is None and watch.in_vain < IN_VAIN

    async def _heed(self, task: Task, suspicion: Suspicion, key: str, watch: _Watch) -> None:
        """Go more slowly at a host that sends another page, and leave it alone where it sends that for every article.

        Rows of a list may lead nowhere for years: they must not keep the crawl from the reports beside them. What a
        host is pressed by shows only at an article that is there.
        """
        hosts = collection_of(self._crawler).hosts
        if not watch.is_at_ease:
            hosts.ease(key)  # its status says that all is well, and `HostBook.answered` goes by that
        watch.replaced.add(task.url)
        if len(watch.replaced) < watch.enough or watch.is_asked:
            return
        watch.is_asked = True
        try:
            is_given = await self._still_gives(task, key, watch)
        finally:
            watch.is_asked = False
        if is_given is False:
            row = f"{len(watch.replaced)} in a row, and one that came before"
            hosts.stop(key, Outcome.ERROR_PAGE, f"the portal sends {suspicion.sends} in place of articles ({row})")
            return
        watch.is_at_ease = is_given is True
        watch.enough *= 2
        watch.replaced.clear()

    async def _still_gives(self, task: Task, key: str, watch: _Watch) -> bool | None:
        """Whether the host still gives an article that it gave before; None where nobody can tell."""
        url, title = watch.came or self._held(task, key, watch) or ("", "")
        if not url:
            return None
        proof = Task(portal=task.portal, url=url, ask=url, role=Role.ARTICLE, link_text=title)
        try:
            response = await self._fetch(proof, proof=True)
        except Exception as error:
            if judge_failure(error) is None:
                raise
            return None
        if response.status != 200 or not looks_like_html(response.body):
            return None
        article = proof.read_article(page_of(proof, response))
        return await self._suspect(proof, article, collection_of(self._crawler).impostors) is None

    def _held(self, task: Task, key: str, watch: _Watch) -> tuple[str, str] | None:
        """The article of this host that came last in an earlier run."""
        collection = collection_of(self._crawler)
        held = None
        for row in collection.ledger.last_rows_of_portal(task.portal.id, before_run=collection.run_id):
            url, is_kept = row.url or "", row.outcome in HOLDS and row.outcome is not Outcome.CANDIDATE
            if row.role is Role.ARTICLE and is_kept and host_key(url) == key and url not in watch.replaced:
                held = (url, row.link_text or "")
        return held


class FreshLink(_Gate):
    """Looks a file's link up again in its article, once, where the link brought no file: links with a token expire.

    An answer of no bytes at all is asked for once more under the same link.
    """

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The response, or the request for the link as the article has it now."""
        task = task_of(request)
        if task.role is not Role.ATTACHMENT or request.meta.get("renewed") or task.finding is not None:
            return response
        if response.status not in EXPIRED and response.status != 200:
            return response
        if collection_of(self._crawler).hosts.host(host_key(request.url)).stopped is not None:
            return response
        told = judge_page(role=task.role, status=response.status, page=page_of(task, response))
        if told is None or told.stops_host:
            return response
        link = None
        if urlsplit(request.url).query:
            link = await self._fresh(task, request.url)
        if link is None and told.outcome is Outcome.EMPTY:
            link = request.url
        if link is None:
            return response
        again = request.replace(url=link, dont_filter=True)
        again.meta.update({"renewed": True, "download_slot": host_key(link)})
        return again

    async def _fresh(self, task: Task, expired: str) -> str | None:
        """The link of the same file as its article shows it now; None where it is the same or cannot be had."""
        parent = task.parent_url
        if parent is None or "#" in parent or not task.portal.allows(parent):
            return None
        asked = Task(portal=task.portal, url=parent, ask=parent, role=Role.ARTICLE)
        try:
            response = await self._fetch(asked)
        except Exception as error:
            if judge_failure(error) is None:
                raise
            return None
        if response.status != 200:
            return None
        page = Page(response.url, response.body, header(response, "Content-Type") or "")
        files = [link for link in page.links if hands_out_file(link.url, link.title) and task.portal.allows(link.url)]
        same_name = [link.url for link in files if link.title and link.title == task.link_text]
        same_path = [link.url for link in files if urlsplit(link.url).path == urlsplit(expired).path]
        for urls in (same_name, same_path):
            if expired in urls:
                return None
            if len(set(urls)) == 1:
                return urls[0]
        return None
