"""Asking for the addresses of a portal, one task each, until each has its outcome.

Belongs here: requests, runs that go on where they were stopped, the end of a portal. Does not belong here: what an
answer means (`base`), documents (`documents`).
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.archive.errors import StorageError
from crawlers.archive.ledger import FetchRow, Outcome, Role
from crawlers.collection import Collection, Post, Task
from crawlers.failures import judge_failure
from crawlers.hosts import host_key
from crawlers.links import canonical_url, identity_key
from crawlers.middlewares import conditions, task_of
from crawlers.pages import Page
from crawlers.registry import Portal
from crawlers.settings import delay_of
from crawlers.spiders.walks import Listing, Walk

__all__ = ["AskingSpider"]

logger = logging.getLogger(__name__)


class AskingSpider(Spider):
    """Asks for what it is given, and sees to it that every address ends with one outcome."""

    def __init__(self, portals: Sequence[Portal], collection: Collection) -> None:
        super().__init__()
        self.portals = portals
        self.collection = collection
        self.broken: list[str] = []
        """Why the crawl itself is broken, which no portal can cause."""

    # ---- what is done with answers -----------------------------------------------------------------------------------

    def _answered(self, task: Task, response: Response) -> Iterator[Request]:
        """Judge an answer, record it, go on from it."""
        raise NotImplementedError

    def _walk_on(self, task: Task, page: Page | None, listing: Listing | None) -> Iterator[Request]:
        """Go on from a list page; without `page` it could not be had."""
        raise NotImplementedError

    def _read(self, task: Task, page: Page) -> Listing:
        """What a list page holds."""
        raise NotImplementedError

    def _list_failed(self, task: Task, status: int | None) -> None:
        """Note a list page that could not be had."""
        raise NotImplementedError

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        """Ask for the files of an article."""
        raise NotImplementedError

    def _relive(self) -> None:
        """Know again what a run that was stopped had learned."""

    # ---- the way through a portal ------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """The first request of each portal."""
        self._relive()
        for portal in self.portals:
            visit = self.collection.begin_walk(portal)
            visit.pending += 1  # held until all first requests are out
            for host in portal.allowed_hosts:
                self.collection.hosts.slow_down(host, delay_of(portal))
            for request in self._guarded(partial(self._open, Walk(portal, portal.index_url, portal.column), None)):
                yield request
            for request in self._guarded(partial(self._finish, portal)):
                yield request
            self._settle(portal)

    def _open(self, walk: Walk, parent_url: str | None) -> Iterator[Request]:
        yield from self._ask(self.list_task(walk, walk.url, parent_url=parent_url))

    def list_task(
        self,
        walk: Walk,
        url: str,
        *,
        parent_url: str | None = None,
        step: Any = None,
        post: Post | None = None,
        guess: bool = False,
    ) -> Task:
        """A list page to be asked for. One asked by POST has a row of its own: its address says so."""
        name = canonical_url(url)
        return Task(
            portal=walk.portal,
            url=f"{name}{post.mark}" if post is not None else name,
            ask=url,
            role=Role.LISTING,
            parent_url=parent_url
            or (None if walk.is_root and canonical_url(walk.url) == name else canonical_url(walk.url)),
            link_text=walk.name,
            post=post,
            guess=guess,
            context=(walk, step),
        )

    def _ask(self, task: Task) -> Iterator[Request]:
        """The request for an address, unless it has its outcome or may not be asked."""
        if not task.portal.allows(task.ask):
            host = host_key(task.ask)
            self._leave_out(task, Outcome.OFF_REGISTRY_HOST, f"{host} is not among the portal's hosts: never followed")
            return
        if not self.collection.meet(task.portal, task.url):
            return
        done = self.collection.finished(task.portal, task.url)
        if done is not None:
            yield from self._replay(task, done)
            return
        task.previous = self.collection.previous(task.url) if task.post is None else None
        self.collection.visit(task.portal).pending += 1
        yield self._request(task, task.ask)

    def _leave_out(self, task: Task, outcome: Outcome, reason: str) -> None:
        """Record an address that this portal does not follow; another portal may."""
        if self.collection.meet_refused(task.portal, task.url, exact=outcome is Outcome.OFF_REGISTRY_HOST):
            self.collection.record(task, outcome, reason)

    def _request(self, task: Task, url: str) -> Request:
        meta = {"task": task, "download_slot": host_key(url), "handle_httpstatus_all": True}
        headers = {} if task.post is not None else self._conditions(task, url)
        came_from = (task.parent_url or "").partition("#")[0]
        if came_from and task.portal.allows(came_from) and not (came_from[:6] == "https:" and url[:5] == "http:"):
            headers["Referer"] = came_from  # as a reader's browser does; some gateways hand out files only so
        arguments: dict[str, Any] = {
            "callback": self.on_response,
            "errback": self.on_failure,
            "headers": headers,
            "meta": meta,
            "dont_filter": True,
            # Documents before list pages: a run that is stopped has finished what it found.
            "priority": 0 if task.role is Role.LISTING else 10,
        }
        if task.post is not None:
            headers.update({"X-Requested-With": "XMLHttpRequest", "Content-Type": task.post.content_type})
            return Request(url, method="POST", body=task.post.body, **arguments)
        return Request(url, **arguments)

    @staticmethod
    def _conditions(task: Task, url: str) -> dict[str, str]:
        """The headers of a conditional request, where the bytes that we hold came from this very address.

        A stub or a redirect in front of a list stays the same while the list changes: it is asked without conditions.
        """
        held = task.previous
        if held is None or identity_key(held.final_url or task.ask) != identity_key(url):
            return {}
        return conditions(task)

    def _replay(self, task: Task, done: FetchRow) -> Iterator[Request]:
        """Go on from an answer that this run had before it was stopped, without asking again."""
        body = self.collection.body(done)
        page = None if body is None else Page(done.final_url or task.ask, body, done.content_type or "")
        if done.role is Role.LISTING and task.role is Role.ARTICLE:
            self._as_list(task, done.final_url or task.ask)
        if task.role is Role.LISTING:
            readable = page if done.outcome in (Outcome.LISTING, Outcome.UNCHANGED, Outcome.LAYOUT_CHANGED) else None
            if readable is not None:
                self.collection.impostors.listed(readable.url, readable.body)
            yield from self._walk_on(task, readable, None if readable is None else self._read(task, readable))
        elif task.role is Role.ARTICLE and page is not None and done.outcome is not Outcome.CANDIDATE:
            yield from self._attachments(task, page)

    # ---- answers -----------------------------------------------------------------------------------------------------

    def on_response(self, response: Response) -> Iterator[Request]:
        """Record an answer and go on from it."""
        assert response.request is not None  # set by the engine
        task = task_of(response.request)
        try:
            yield from self._guarded(partial(self._answered, task, response))
            yield from self._guarded(partial(self._finish, task.portal))
        finally:
            self._settle(task.portal)

    def on_failure(self, failure: Failure) -> Iterator[Request]:
        """Record a request that brought no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        task = task_of(request)
        error = failure.value
        assert error is not None  # a failure carries an exception
        try:
            yield from self._guarded(partial(self._failed, task, request.url, error))
            yield from self._guarded(partial(self._finish, task.portal))
        finally:
            self._settle(task.portal)

    def _guarded(self, work: Callable[[], Iterator[Request]]) -> Iterator[Request]:
        """Let nothing be swallowed: an error of ours is remembered, and a broken archive ends the crawl at once."""
        try:
            yield from work()
        except StorageError as error:
            self.broken.append(str(error))
            raise CloseSpider("storage") from error
        except Exception as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            logger.exception("the crawl has a fault of its own")
            raise

    def _settle(self, portal: Portal) -> None:
        visit = self.collection.visit(portal)
        visit.pending -= 1
        if visit.pending == 0:
            if not self.broken:
                self.collection.end_walk(visit)
            self.collection.portal_finished(visit)

    def _finish(self, portal: Portal) -> Iterator[Request]:
        """When every list is read in a full sweep: ask for what was collected earlier and is named no more."""
        visit = self.collection.visit(portal)
        if visit.pending > 1 or visit.is_closing or visit.before is None:
            return
        visit.is_closing = True
        # Where a list page failed nobody knows what it would have named.
        if not visit.plan.is_full or visit.is_torn or visit.has_lost_column or not visit.seen or self.broken:
            return
        for row in list(visit.before.unlisted(visit.seen, visit.read)):
            yield from self._ask(self._task_of_row(portal, row, unlisted=True))

    @staticmethod
    def _task_of_row(portal: Portal, row: FetchRow, *, unlisted: bool = False) -> Task:
        assert row.url is not None  # only rows with an address are known
        return Task(
            portal=portal,
            url=row.url,
            ask=row.url,
            role=row.role,
            parent_url=row.parent_url,
            link_text=row.link_text,
            listed_date=row.listed_date,
            unlisted=unlisted,
        )

    def _failed(self, task: Task, url: str, error: BaseException) -> Iterator[Request]:
        finding = judge_failure(error, host_key(url))
        if finding is None:
            raise error
        if task.started is not None and finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
            self.collection.hosts.failed(host_key(task.ask), finding.outcome, finding.reason)
        task.passing = finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT)
        self.collection.record(task, finding.outcome, finding.reason)
        if task.role is Role.LISTING:
            self._list_failed(task, None)
            yield from self._walk_on(task, None, None)

    @staticmethod
    def _as_list(task: Task, url: str) -> None:
        """What stood in a list as a row is a list itself: of the bodies of a county, of the years of a body."""
        task.role = Role.LISTING
        walk = Walk(task.portal, url, task.link_text or task.portal.column, is_root=False, depth=task.depth + 1)
        task.context = (walk, None)
