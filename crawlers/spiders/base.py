"""What every family shares: from a portal's list page to rows in the ledger and bytes in the raw store.

Belongs here: asking, recording, following what may be followed. Does not belong here: how a family arranges its lists
(the family's spider), what a report says (extraction).

A walk goes through one column, page by page. A family says which links of a list page are its rows (`read_list`) and
which list pages to ask for next (`go_on`); all else is done here, so that a new family is small.
"""

import hashlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.archive.errors import StorageError
from crawlers.archive.ledger import FetchRow, Outcome, Role
from crawlers.collection import Collection, Post, Task
from crawlers.failures import judge_failure
from crawlers.hosts import host_key
from crawlers.links import Verdict, canonical_url, identity_key, is_attachment, judge_title, resolve
from crawlers.middlewares import MAX_HOPS, REDIRECTS, RETRY_STATUS, conditions, header, task_of
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.settings import delay_of
from crawlers.validation import Finding, judge_response

__all__ = ["Listing", "PortalSpider", "Walk"]

logger = logging.getLogger(__name__)

META_REFRESH = re.compile(
    r"<meta[^>]+http-equiv\s*=\s*[\"']?refresh[\"']?[^>]+content\s*=\s*[\"']?\s*\d+\s*;\s*url\s*=\s*[\"']?([^\"'>\s]+)",
    re.IGNORECASE,
)
FILE_OF_A_REPORT = re.compile(r"年度?报|报告|附件")
NOTHING_YET = re.compile(r"暂无(?:相关)?(?:信息|内容|数据|记录)|没有(?:相关)?(?:信息|内容|数据|记录)")


@dataclass(slots=True)
class Walk:
    """A way through one column of a portal."""

    portal: Portal
    url: str
    name: str
    is_root: bool = True
    pages: int = 0
    met: set[str] = field(default_factory=set)
    """Rows met in this column, by identity: a page without new ones is the end of the list."""
    state: Any = None
    """What the family remembers between two pages."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page holds."""

    rows: tuple[Link, ...]
    columns: tuple[Link, ...] = ()
    """Columns below this one, which are walked too."""
    note: str | None = None
    """What the ledger should say about the page."""
    is_list: bool = True
    """Whether the family's list is there at all."""


class PortalSpider(Spider):
    """Collects portals of one family."""

    name = "portal"

    def __init__(self, portals: Sequence[Portal], collection: Collection) -> None:
        super().__init__()
        self.portals = portals
        self.collection = collection
        self.broken: list[str] = []
        """Why the crawl itself is broken, which no portal can cause."""
        self._list_bodies: dict[str, set[str]] = {}

    # ---- what a family says ------------------------------------------------------------------------------------------

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of a list page."""
        raise NotImplementedError

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The list pages to ask for after this one; `page` and `listing` are None where the page could not be had."""
        raise NotImplementedError

    # ---- the way through a portal ------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """The first request of each portal."""
        for portal in self.portals:
            visit = self.collection.visit(portal)
            visit.pending += 1  # held until all first requests are out
            for host in portal.allowed_hosts:
                self.collection.hosts.slow_down(host, delay_of(portal))
            for request in self._guarded(partial(self._open, Walk(portal, portal.index_url, portal.column), None)):
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
        if self.collection.meet_refused(task.portal, task.url):
            self.collection.record(task, outcome, reason)

    def _request(self, task: Task, url: str) -> Request:
        meta = {"task": task, "download_slot": host_key(url), "handle_httpstatus_all": True}
        arguments: dict[str, Any] = {
            "callback": self.on_response,
            "errback": self.on_failure,
            "headers": conditions(task),
            "meta": meta,
            "dont_filter": True,
            # Documents before list pages: a run that is stopped has finished what it found.
            "priority": 0 if task.role is Role.LISTING else 10,
        }
        if task.post is not None:
            arguments["headers"] = {"X-Requested-With": "XMLHttpRequest", "Content-Type": task.post.content_type}
            return Request(url, method="POST", body=task.post.body, **arguments)
        return Request(url, **arguments)

    def _replay(self, task: Task, done: FetchRow) -> Iterator[Request]:
        """Go on from an answer that this run had before it was stopped, without asking again."""
        body = self.collection.body(done)
        page = None if body is None else Page(done.final_url or task.ask, body, done.content_type or "")
        if task.role is Role.LISTING:
            readable = page if done.outcome in (Outcome.LISTING, Outcome.UNCHANGED, Outcome.LAYOUT_CHANGED) else None
            yield from self._walk_on(task, readable, None if readable is None else self._read(task, readable))
        elif task.role is Role.ARTICLE and page is not None:
            yield from self._attachments(task, page)

    # ---- answers -----------------------------------------------------------------------------------------------------

    def on_response(self, response: Response) -> Iterator[Request]:
        """Record an answer and go on from it."""
        assert response.request is not None  # set by the engine
        task = task_of(response.request)
        try:
            yield from self._guarded(partial(self._answered, task, response))
        finally:
            self._settle(task.portal)

    def on_failure(self, failure: Failure) -> Iterator[Request]:
        """Record a request that brought no answer."""
        task = task_of(failure.request)  # type: ignore[attr-defined]  # set by Scrapy
        error = failure.value
        assert error is not None  # a failure carries an exception
        try:
            yield from self._guarded(partial(self._failed, task, error))
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
            self.collection.portal_finished(visit)

    def _failed(self, task: Task, error: BaseException) -> Iterator[Request]:
        finding = judge_failure(error)
        if finding is None:
            raise error
        if task.started is not None and finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
            self.collection.hosts.failed(host_key(task.ask), finding.outcome, finding.reason)
        task.passing = finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT)
        self.collection.record(task, finding.outcome, finding.reason)
        if task.role is Role.LISTING:
            yield from self._walk_on(task, None, None)

    def _answered(self, task: Task, response: Response) -> Iterator[Request]:
        if response.status in REDIRECTS:
            yield from self._redirected(task, response)
            return
        if response.status == 304 and task.previous is not None:
            yield from self._unchanged(task, response, task.previous)
            return
        content_type = header(response, "Content-Type") or ""
        finding = judge_response(
            role=task.role,
            status=response.status,
            body=response.body,
            content_type=content_type,
            asked=task.ask,
            answered=response.url,
        )
        if finding is None and task.role is Role.ARTICLE:
            finding = self._list_instead(task, response)
        if finding is not None:
            yield from self._unusable(task, response, finding)
            return
        page = Page(response.url, response.body, content_type)
        if task.role is Role.LISTING:
            yield from self._list_page(task, response, page)
        else:
            yield from self._document(task, response, page)

    def _redirected(self, task: Task, response: Response) -> Iterator[Request]:
        target = resolve(response.url, header(response, "Location") or "")
        seen: dict[str, Any] = {"final_url": target or response.url, "status_code": response.status}
        if target is None:
            finding = Finding(Outcome.HTTP_ERROR, f"{response.status}: a redirect that names no web address")
        elif not task.portal.allows(target):
            reason = f"redirects to {host_key(target)}, which is not among the portal's hosts: not followed"
            finding = Finding(Outcome.OFF_REGISTRY_HOST, reason)
        elif target == response.url or task.hops >= MAX_HOPS:
            finding = Finding(Outcome.HTTP_ERROR, f"{response.status}: redirects in a circle")
        else:
            task.hops += 1
            self.collection.visit(task.portal).pending += 1
            yield self._request(task, target)
            return
        self.collection.record(task, finding.outcome, finding.reason, **seen)
        if task.role is Role.LISTING:
            yield from self._walk_on(task, None, None)

    def _unchanged(self, task: Task, response: Response, previous: FetchRow) -> Iterator[Request]:
        """304: the bytes stored earlier still hold; go on from them, so that nothing below is forgotten."""
        body = self.collection.body(previous)
        if body is None:  # lost or damaged since: ask for the bytes themselves
            task.previous = None
            self.collection.visit(task.portal).pending += 1
            yield self._request(task, response.url)
            return
        # A layout that could not be read stays unread until the page changes; saying "unchanged" would hide it.
        page = Page(response.url, body, previous.content_type or "")
        listing = self._read(task, page) if task.role is Role.LISTING else None
        finding = None if listing is None else self._judge_listing(task, page, listing)
        note = None if listing is None else listing.note
        self.collection.record(
            task,
            finding.outcome if finding else Outcome.UNCHANGED,
            finding.reason if finding else note,
            final_url=response.url,
            status_code=response.status,
            sha256=previous.sha256,
            content_type=previous.content_type,
            etag=header(response, "ETag") or previous.etag,
            last_modified=header(response, "Last-Modified") or previous.last_modified,
        )
        if listing is not None:
            self._remember_list(task.portal, previous.sha256)
            yield from self._walk_on(task, page, listing)
        elif task.role is Role.ARTICLE:
            yield from self._attachments(task, page)

    def _unusable(self, task: Task, response: Response, finding: Finding) -> Iterator[Request]:
        host = host_key(response.url)
        if finding.stops_host:
            self.collection.hosts.stop(host, finding.outcome, f"{finding.reason}, met at {task.url}")
        task.passing = response.status in RETRY_STATUS
        reason = f"{finding.reason} (an address tried from the family's pattern)" if task.guess else finding.reason
        self.collection.record(
            task,
            finding.outcome,
            reason,
            final_url=response.url,
            status_code=response.status,
            byte_count=len(response.body),
            content_type=header(response, "Content-Type"),
        )
        if task.role is Role.LISTING and not finding.stops_host:
            yield from self._walk_on(task, None, None)

    def _list_instead(self, task: Task, response: Response) -> Finding | None:
        """After a burst some portals answer every article with their list or home page, status 200."""
        if hashlib.sha256(response.body).hexdigest() in self._list_bodies.get(task.portal.id, ()):
            return Finding(Outcome.ERROR_PAGE, "the portal sent its list page in place of the article")
        return None

    # ---- list pages --------------------------------------------------------------------------------------------------

    def _list_page(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        listing = self._read(task, page)
        refresh = META_REFRESH.search(page.text) if not listing.rows and not listing.columns else None
        target = resolve(page.base, refresh.group(1)) if refresh else None
        if target is not None and target != response.url and task.portal.allows(target) and task.hops < 1:
            task.hops += 1  # a stub that sends on to the list: one hop
            self.collection.visit(task.portal).pending += 1
            yield self._request(task, target)
            return
        finding = self._judge_listing(task, page, listing)
        sha256 = self.collection.raw.put(response.body)
        self._remember_list(task.portal, sha256)
        self.collection.record(
            task,
            finding.outcome if finding else Outcome.LISTING,
            finding.reason if finding else listing.note,
            final_url=response.url,
            status_code=response.status,
            sha256=sha256,
            byte_count=len(response.body),
            content_type=header(response, "Content-Type"),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )
        if finding is not None:
            logger.warning("list not read portal=%s url=%s: %s", task.portal.id, task.url, finding.reason)
        yield from self._walk_on(task, page, listing)

    def _read(self, task: Task, page: Page) -> Listing:
        walk: Walk = task.context[0]
        return self.read_list(walk, task, page)

    def _judge_listing(self, task: Task, page: Page, listing: Listing) -> Finding | None:
        """A first list page without a list: the portal changed, or the column is empty and says so."""
        walk: Walk = task.context[0]
        if walk.pages or task.guess or listing.rows or listing.columns:
            return None
        if NOTHING_YET.search(page.text):
            return Finding(Outcome.EMPTY, "the column says that it holds nothing yet")
        if not walk.is_root:
            return None  # a column of a year that has no reports yet is no alarm
        return Finding(
            Outcome.LAYOUT_CHANGED,
            f"no list of the family {walk.portal.family} on this page: look at it, then correct family, index_url or "
            "options",
        )

    def _remember_list(self, portal: Portal, sha256: str | None) -> None:
        if sha256 is not None:
            self._list_bodies.setdefault(portal.id, set()).add(sha256)

    def _walk_on(self, task: Task, page: Page | None, listing: Listing | None) -> Iterator[Request]:
        """Follow the rows of a list page, the columns below it and the pages after it."""
        walk: Walk = task.context[0]
        new = 0
        if listing is not None:
            walk.pages += 1
            for row in listing.rows:
                key = identity_key(row.url)
                if key not in walk.met:
                    walk.met.add(key)
                    new += 1
                    yield from self._follow(walk, task, row)
            for column in listing.columns:
                below = Walk(walk.portal, column.url, column.title or walk.name, is_root=False)
                yield from self._open(below, task.url)
        for following in self.go_on(walk, task, page, listing, new):
            yield from self._ask(following)

    def judge_row(self, walk: Walk, row: Link) -> Verdict:
        """Whether a row of a list leads to a report."""
        if "xxgkannualreport" in row.url.lower():
            return judge_title(row.title or "年度报告", in_report_column=True)
        return judge_title(row.title, walk.name, in_report_column=True)

    def _follow(self, walk: Walk, parent: Task, row: Link) -> Iterator[Request]:
        task = Task(
            portal=walk.portal,
            url=canonical_url(row.url),
            ask=row.url,
            role=Role.ATTACHMENT if is_attachment(row.url) else Role.ARTICLE,
            parent_url=parent.url,
            link_text=row.title or None,
            listed_date=row.date,
        )
        verdict = self.judge_row(walk, row)
        if verdict.follow or not walk.portal.allows(row.url):
            yield from self._ask(task)
        else:
            self._leave_out(task, Outcome.NOT_FOLLOWED, verdict.reason)

    # ---- documents ---------------------------------------------------------------------------------------------------

    def _document(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        sha256 = self.collection.raw.put(response.body)
        before = self.collection.ledger.latest_by_url(task.url)
        self.collection.record(
            task,
            Outcome.SAME_CONTENT if before is not None and before.sha256 == sha256 else Outcome.STORED,
            None if before is None or before.sha256 == sha256 else "the bytes changed since the last visit",
            final_url=response.url,
            status_code=response.status,
            sha256=sha256,
            byte_count=len(response.body),
            content_type=header(response, "Content-Type"),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )
        if task.role is Role.ARTICLE:
            yield from self._attachments(task, page)

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        """The files that an article links to: often the report itself."""
        for link in page.links:
            link = self._behind_viewer(link)
            if not is_attachment(link.url):
                continue
            if link.in_furniture and not FILE_OF_A_REPORT.search(link.title):
                continue  # a form or a guide in the page's head or foot
            task = Task(
                portal=article.portal,
                url=canonical_url(link.url),
                ask=link.url,
                role=Role.ATTACHMENT,
                parent_url=article.url,
                link_text=link.title or article.link_text,
                listed_date=article.listed_date,
            )
            verdict = judge_title(link.title or "附件", in_report_column=True)
            if verdict.follow or not verdict.is_near_miss:
                yield from self._ask(task)
            else:
                self._leave_out(task, Outcome.NOT_FOLLOWED, verdict.reason)

    @staticmethod
    def _behind_viewer(link: Link) -> Link:
        """The file that a page of pdf.js shows."""
        parts = urlsplit(link.url)
        if not parts.path.endswith("/viewer.html"):
            return link
        named = parse_qs(parts.query).get("file", [])
        url = resolve(link.url, named[0]) if named else None
        return link if url is None else Link(url=url, title=link.title, href=link.href, date=link.date)
