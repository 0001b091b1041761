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

from crawlers.answers import Article, Kind, judge_article
from crawlers.archive.errors import StorageError
from crawlers.archive.ledger import FetchRow, ListedRow, Outcome, Role
from crawlers.collection import CHANGED, Collection, Post, Task, Visit
from crawlers.failures import judge_failure
from crawlers.hosts import host_key
from crawlers.links import Verdict, canonical_url, identity_key, is_attachment, judge_title, resolve
from crawlers.middlewares import MAX_HOPS, REDIRECTS, RETRY_STATUS, conditions, header, task_of
from crawlers.pages import Link, Page, visible_text
from crawlers.registry import Portal
from crawlers.schedule import BURST, is_due_again, year_of
from crawlers.settings import delay_of
from crawlers.signposts import signposts
from crawlers.validation import Finding, judge_response, looks_like_html

__all__ = ["Listing", "PortalSpider", "Walk"]

logger = logging.getLogger(__name__)

FILE_OF_A_REPORT = re.compile(r"年度?报|报告|附件")
LEAST_TEXT = 200
"""Visible characters under which an article that sends its reader elsewhere is a stub."""
MOST_FRAMES = 4
MOST_DEPTH = 2
"""Lists behind rows of lists: bodies of a county, years of a body."""
MOST_BURSTS = 3
"""Wrong pages in a row after which a host is left alone in this run."""
LONGEST_BACK_OFF = 60.0
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
    depth: int = 0
    """Lists above it that were found behind a row of a list."""


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
    shell: bool = False
    """The page is the family's and holds no rows itself: they are asked for next."""


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
        self._bodies: dict[tuple[str, str], tuple[str, str]] = {}
        """Address and row title of the first article with a body, by portal and digest."""
        self._bursts: dict[str, int] = {}
        """Wrong pages in a row, by host."""

    # ---- what a family says ------------------------------------------------------------------------------------------

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of a list page."""
        raise NotImplementedError

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The list pages to ask for after this one; `page` and `listing` are None where the page could not be had."""
        raise NotImplementedError

    def after_known(self, walk: Walk, task: Task, page: Page, listing: Listing) -> Iterator[Task]:
        """On an ordinary night, after a page whose rows are all known: pages that begin other lists of this walk.

        Further pages of the same list are not asked for; the next full sweep reads them. A family that walks from one
        list to the next (the units of a page, the nodes of a tree) says here which comes next.
        """
        yield from ()

    # ---- the way through a portal ------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """The first request of each portal."""
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
        arguments: dict[str, Any] = {
            "callback": self.on_response,
            "errback": self.on_failure,
            "headers": self._conditions(task, url),
            "meta": meta,
            "dont_filter": True,
            # Documents before list pages: a run that is stopped has finished what it found.
            "priority": 0 if task.role is Role.LISTING else 10,
        }
        if task.post is not None:
            arguments["headers"] = {"X-Requested-With": "XMLHttpRequest", "Content-Type": task.post.content_type}
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
        task = task_of(failure.request)  # type: ignore[attr-defined]  # set by Scrapy
        error = failure.value
        assert error is not None  # a failure carries an exception
        try:
            yield from self._guarded(partial(self._failed, task, error))
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

    def _failed(self, task: Task, error: BaseException) -> Iterator[Request]:
        finding = judge_failure(error)
        if finding is None:
            raise error
        if task.started is not None and finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT):
            self.collection.hosts.failed(host_key(task.ask), finding.outcome, finding.reason)
        task.passing = finding.outcome in (Outcome.NETWORK_ERROR, Outcome.TIMEOUT)
        self.collection.record(task, finding.outcome, finding.reason)
        if task.role is Role.LISTING:
            self._list_failed(task, None)
            yield from self._walk_on(task, None, None)

    def _answered(self, task: Task, response: Response) -> Iterator[Request]:
        if response.status in REDIRECTS:
            yield from self._redirected(task, response)
            return
        if response.status == 304 and task.previous is not None:
            yield from self._unchanged(task, response, task.previous)
            return
        content_type = header(response, "Content-Type") or ""
        finding = task.finding or judge_response(
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
            self._list_failed(task, response.status)
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
        if task.role is Role.ARTICLE and previous.outcome is Outcome.CANDIDATE:
            yield from self._document(task, response, page, held=previous)
            return
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
        finding = self._removed(task, response, finding)
        if finding.stops_host:
            self.collection.hosts.stop(host, finding.outcome, f"{finding.reason}, met at {task.url}")
            self._list_failed(task, response.status)
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
            self._list_failed(task, response.status)
            yield from self._walk_on(task, None, None)

    def _removed(self, task: Task, response: Response, finding: Finding) -> Finding:
        """A document that was collected, that no list names any more, and that is not there when asked: it is gone.

        Where the host gave no document at all in this run, its 404 says nothing (some answer so to whole networks).
        """
        if not task.unlisted or response.status not in (404, 410):
            return finding
        if host_key(response.url) not in self.collection.visit(task.portal).alive:
            return Finding(finding.outcome, f"{finding.reason}; not taken for removed: the host gave no document today")
        reason = f"{finding.reason}, and no list names it any more: removed by the portal; what was stored stays"
        return Finding(Outcome.GONE, reason)

    def _list_failed(self, task: Task, status: int | None) -> None:
        """Note a list page that could not be had, if there may be more behind it."""
        if task.role is not Role.LISTING or (task.guess and not task.passing):
            return
        walk: Walk = task.context[0]
        visit = self.collection.visit(task.portal)
        if status in (404, 410):
            # Behind a page that was read it is the end of the list. A column that is not there asks for no other night,
            # and yet what it named is not unlisted.
            visit.has_lost_column |= not walk.pages
            visit.is_torn |= visit.plan.is_full and not walk.pages and walk.is_root
        elif visit.plan.is_full or walk.pages:
            visit.is_torn = True

    def _list_instead(self, task: Task, response: Response) -> Finding | None:
        """After a burst some portals answer every article with their list or home page, status 200."""
        if hashlib.sha256(response.body).hexdigest() in self._list_bodies.get(task.portal.id, ()):
            return Finding(Outcome.ERROR_PAGE, "the portal sent its list page in place of the article")
        return None

    # ---- list pages --------------------------------------------------------------------------------------------------

    def _list_page(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        listing = self._read(task, page)
        hop = self._hop(task, page, listing)
        if hop is not None:
            yield from hop
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

    def _hop(self, task: Task, page: Page, listing: Listing) -> Iterator[Request] | None:
        """Where a page without a list sends its reader, one hop: by refresh, by script, by a frame with the list."""
        walk: Walk = task.context[0]
        if listing.rows or listing.columns or listing.shell or walk.pages or task.hops or task.guess:
            return None
        posts = [post for post in signposts(page) if identity_key(post.url) != identity_key(page.url)]
        ways = [post.url for post in posts if task.portal.allows(post.url)][:MOST_FRAMES]
        for post in posts:
            if not task.portal.allows(post.url):
                away = Task(
                    portal=task.portal,
                    url=canonical_url(post.url),
                    ask=post.url,
                    role=Role.LISTING,
                    parent_url=task.url,
                    link_text=walk.name,
                )
                reason = (
                    f"{post.how} leads to {host_key(post.url)}, which is not among the portal's hosts: not followed"
                )
                self._leave_out(away, Outcome.OFF_REGISTRY_HOST, reason)
        return self._take_hop(task, walk, ways) if ways else None

    def _take_hop(self, task: Task, walk: Walk, ways: list[str]) -> Iterator[Request]:
        # The list is where the hop leads: its further pages are counted from there.
        task.hops += 1
        walk.url, walk.state = ways[0], None
        self.collection.visit(task.portal).pending += 1
        yield self._request(task, ways[0])
        for url in ways[1:]:
            below = Walk(walk.portal, url, walk.name, is_root=False, depth=walk.depth)
            yield from self._open(below, task.url)

    def _read(self, task: Task, page: Page) -> Listing:
        walk: Walk = task.context[0]
        return self.read_list(walk, task, page)

    def _judge_listing(self, task: Task, page: Page, listing: Listing) -> Finding | None:
        """A first list page without a list: the portal changed, or the column is empty and says so."""
        walk: Walk = task.context[0]
        if walk.pages or task.guess or listing.rows or listing.columns or listing.shell:
            return None
        # In a script the words are what the page would say, not what it says.
        if NOTHING_YET.search(visible_text(page.text)):
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
        visit = self.collection.visit(walk.portal)
        new, is_known = 0, False
        if listing is not None:
            is_first = walk.is_root and not walk.pages
            walk.pages += not listing.shell
            self._note_listed(walk.portal, listing.rows)
            is_known = bool(listing.rows) and not visit.plan.is_full
            for row in self._one_for_each(walk, listing.rows):
                key = identity_key(row.url)
                visit.seen.add(key)
                if key in walk.met:
                    continue
                walk.met.add(key)
                new += 1
                known = visit.before is not None and visit.before.is_known(row)
                is_known &= known
                if not known or self._asks_again(visit, row):
                    yield from self._follow(walk, task, row)
                elif visit.before is not None and visit.before.is_list(row.url):
                    yield from self._open_behind(walk, task, row)
                else:
                    visit.known += 1
            yield from self._columns(walk, task, listing)
            if is_first:
                yield from self._retry(visit)
        following = self.go_on(walk, task, page, listing, new)
        # A page that only repeats rows of this walk says nothing of what was known before it.
        if is_known and new and page is not None and listing is not None:
            following = self.after_known(walk, task, page, listing)
        for each in following:
            yield from self._ask(each)

    def _one_for_each(self, walk: Walk, rows: Sequence[Link]) -> Iterator[Link]:
        """Of several links to one page, the one that would be followed: a 查看 may stand before the title."""
        best: dict[str, Link] = {}
        for row in rows:
            # A twin on a host that is not the portal's must not stand for the address that may be asked.
            key = identity_key(row.url) if walk.portal.allows(row.url) else canonical_url(row.url)
            if key not in best or not (self.judge_row(walk, best[key]).follow or not self.judge_row(walk, row).follow):
                best[key] = row
        yield from sorted(best.values(), key=lambda row: not walk.portal.allows(row.url))

    def _note_listed(self, portal: Portal, rows: Sequence[Link]) -> None:
        if rows:
            listed = [
                ListedRow(key=identity_key(row.url), url=row.url, title=row.title, listed_date=row.date or "")
                for row in rows
            ]
            self.collection.ledger.note_listed(portal.id, self.collection.run_id, listed)

    def _asks_again(self, visit: Visit, row: Link) -> bool:
        """Whether a known row is asked for again: in a sweep, if it is due; on an ordinary night, not."""
        if not visit.plan.is_full or visit.before is None:
            return False
        before = visit.before.row(row.url)
        return before is None or is_due_again(before, row.title, row.date, visit.plan, self.collection.now)

    def _columns(self, walk: Walk, task: Task, listing: Listing) -> Iterator[Request]:
        """The columns below. On ordinary nights, of columns of years only the newest: a report is published once."""
        visit = self.collection.visit(walk.portal)
        years = [year_of(column.title, column.url) for column in listing.columns]
        named = [year for year in years if year is not None and year <= self.collection.now.year + 1]
        for column, year in zip(listing.columns, years, strict=True):
            is_old = year is not None and year < max(named, default=0)
            if is_old and not visit.plan.is_full and visit.before is not None and visit.before.is_list(column.url):
                continue
            below = Walk(walk.portal, column.url, column.title or walk.name, is_root=False, depth=walk.depth)
            yield from self._open(below, task.url)

    def _open_behind(self, walk: Walk, task: Task, row: Link) -> Iterator[Request]:
        """A row that leads to a list."""
        below = Walk(walk.portal, row.url, row.title or walk.name, is_root=False, depth=walk.depth + 1)
        yield from self._open(below, task.url)

    def _retry(self, visit: Visit) -> Iterator[Request]:
        """On an ordinary night: what failed in a way that may be over. A sweep meets it in its list."""
        if visit.plan.is_full or visit.before is None:
            return
        for row in list(visit.before.to_retry(self.collection.now)):
            yield from self._ask(self._task_of_row(visit.portal, row))

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
            depth=walk.depth,
        )
        before = self.collection.visit(walk.portal).before
        verdict = self.judge_row(walk, row)
        if before is not None and before.is_list(row.url):
            yield from self._open_behind(walk, parent, row)
        elif verdict.follow or not walk.portal.allows(row.url):
            yield from self._ask(task)
        else:
            self._leave_out(task, _left_out(verdict), verdict.reason)

    # ---- documents ---------------------------------------------------------------------------------------------------

    def _document(self, task: Task, response: Response, page: Page, held: FetchRow | None = None) -> Iterator[Request]:
        """Keep a page or a file; `held` is the row whose bytes still hold (304)."""
        article = Article(page) if task.role is Role.ARTICLE and looks_like_html(page.body) else None
        if article is not None:
            if task.hops == 0 and held is None and (target := self._behind_stub(task, article)) is not None:
                task.hops += 1
                self.collection.visit(task.portal).pending += 1
                yield self._request(task, target)
                return
            judged = judge_article(task.link_text or "", article)
            if judged.kind == Kind.LIST and task.depth < MOST_DEPTH:
                self._as_list(task, response.url)
                yield from self._list_page(task, response, page)
                return
            finding = self._wrong_page(task, article, judged.kind, judged.reason)
            if finding is not None:
                self._back_off(host_key(response.url))
                yield from self._unusable(task, response, finding)
                return
            self._bursts.pop(host_key(response.url), None)
        else:
            judged = None
        sha256 = held.sha256 if held is not None and held.sha256 else self.collection.raw.put(page.body)
        if judged is not None and judged.kind == Kind.CANDIDATE:
            outcome, reason = Outcome.CANDIDATE, str(judged.reason) or None
        else:
            outcome, reason = self._compare(task, sha256, article)
        self.collection.record(
            task,
            outcome,
            reason,
            final_url=response.url,
            status_code=response.status,
            sha256=sha256,
            byte_count=len(response.body),
            content_type=header(response, "Content-Type") or (held.content_type if held else None),
            etag=header(response, "ETag") or (held.etag if held else None),
            last_modified=header(response, "Last-Modified") or (held.last_modified if held else None),
        )
        if task.role is Role.ARTICLE and outcome is Outcome.CANDIDATE:
            for link in self._files_of(page):
                self._leave_out(self._file_task(task, link), Outcome.CANDIDATE, f"a file of a candidate: {reason}")
        elif task.role is Role.ARTICLE:
            yield from self._attachments(task, page)

    def _compare(self, task: Task, sha256: str, article: Article | None) -> tuple[Outcome, str | None]:
        """Whether the bytes, or the text in them, are new."""
        before = self.collection.ledger.latest_by_url(task.url)
        named = "no list names it any more, and it is still there" if task.unlisted else None
        if before is not None and before.sha256 == sha256 and before.outcome is not Outcome.CANDIDATE:
            return Outcome.SAME_CONTENT, named
        if before is not None and before.outcome is not Outcome.CANDIDATE:
            return Outcome.STORED, CHANGED
        twin = self.collection.ledger.first_address_of(sha256, task.portal.id)
        if twin is not None and identity_key(twin) != identity_key(task.url):
            return Outcome.SAME_CONTENT, f"the same bytes as {twin}"
        first = self._first_with_this_body(task, article)
        if first is not None:
            return Outcome.SAME_CONTENT, f"the same text as {first[0]}"
        return Outcome.STORED, named

    def _first_with_this_body(self, task: Task, article: Article | None) -> tuple[str, str] | None:
        """Address and title of an earlier article of the portal, in this run, with this text."""
        if article is None or article.digest is None:
            return None
        first = self._bodies.setdefault((task.portal.id, article.digest), (task.url, task.link_text or ""))
        return None if first[0] == task.url else first

    def _wrong_page(self, task: Task, article: Article, kind: str, reason: str) -> Finding | None:
        """After a burst some portals answer every article with their list, their home page or one and the same page."""
        if kind in (Kind.OTHER_PAGE, Kind.LIST):
            return Finding(Outcome.ERROR_PAGE, f"{BURST}{reason}")
        key = (task.portal.id, article.digest or "")
        first = self._bodies.get(key)
        if first is None or first[0] == task.url or first[1] == (task.link_text or ""):
            return None
        if article.is_titled(task.link_text or ""):
            return None  # one report in two columns
        return Finding(Outcome.ERROR_PAGE, f"{BURST}the page that came for {first[0]} too, titled otherwise")

    def _back_off(self, host: str) -> None:
        """Slow down at a host that sends wrong pages, and leave it alone if it goes on."""
        hosts = self.collection.hosts
        hosts.slow_down(host, min(hosts.slow_down(host, 0.0) * 2, LONGEST_BACK_OFF))
        self._bursts[host] = self._bursts.get(host, 0) + 1
        if self._bursts[host] >= MOST_BURSTS:
            hosts.stop(host, Outcome.ERROR_PAGE, f"the host sent {MOST_BURSTS} wrong pages in a row")

    @staticmethod
    def _behind_stub(task: Task, article: Article) -> str | None:
        """Where an article that shows nothing sends its reader: by refresh, by script, by a frame with the text."""
        if len(article.text) >= LEAST_TEXT or any(is_attachment(link.url) for link in article.page.links):
            return None
        here = identity_key(article.page.url)
        ways = [post.url for post in signposts(article.page) if identity_key(post.url) != here]
        return next((url for url in ways if task.portal.allows(url)), None)

    @staticmethod
    def _as_list(task: Task, url: str) -> None:
        """What stood in a list as a row is a list itself: of the bodies of a county, of the years of a body."""
        task.role = Role.LISTING
        walk = Walk(task.portal, url, task.link_text or task.portal.column, is_root=False, depth=task.depth + 1)
        task.context = (walk, None)

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        """The files that an article links to: often the report itself."""
        self.collection.visit(article.portal).read.add(identity_key(article.url))
        for link in self._files_of(page):
            yield from self._ask_file(article, link)

    def _files_of(self, page: Page) -> Iterator[Link]:
        for link in map(self._behind_viewer, page.links):
            # What else stands in the page's head or foot is a form or a guide.
            if is_attachment(link.url) and (not link.in_furniture or FILE_OF_A_REPORT.search(link.title)):
                yield link

    def _ask_file(self, article: Task, link: Link) -> Iterator[Request]:
        """Ask for a file of an article, unless its name says that it is no report."""
        task = self._file_task(article, link)
        self.collection.visit(article.portal).seen.add(identity_key(link.url))
        verdict = judge_title(link.title or "附件", in_report_column=True)
        if verdict.follow or not verdict.is_near_miss:
            yield from self._ask(task)
        else:
            self._leave_out(task, _left_out(verdict), verdict.reason)

    @staticmethod
    def _file_task(article: Task, link: Link) -> Task:
        return Task(
            portal=article.portal,
            url=canonical_url(link.url),
            ask=link.url,
            role=Role.ATTACHMENT,
            parent_url=article.url,
            link_text=link.title or article.link_text,
            listed_date=article.listed_date,
        )

    @staticmethod
    def _behind_viewer(link: Link) -> Link:
        """The file that a page of pdf.js shows."""
        parts = urlsplit(link.url)
        if not parts.path.endswith("/viewer.html"):
            return link
        named = parse_qs(parts.query).get("file", [])
        url = resolve(link.url, named[0]) if named else None
        return link if url is None else Link(url=url, title=link.title, href=link.href, date=link.date)


def _left_out(verdict: Verdict) -> Outcome:
    return Outcome.CANDIDATE if verdict.is_candidate else Outcome.NOT_FOLLOWED
