"""What every family shares: from a portal's list page to rows in the ledger and bytes in the raw store.

Belongs here: what an answer means, and the way through lists. Does not belong here: asking (`asking`), documents
(`documents`), how a family arranges its lists (the family's spider), what a report says (extraction).

A walk goes through one column, page by page. A family says which links of a list page are its rows (`read_list`) and
which list pages to ask for next (`go_on`); all else is done here, so that a new family is small.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawlers.archive.ledger import FetchRow, ListedRow, Outcome, Role
from crawlers.collection import Task, Visit
from crawlers.hosts import host_key
from crawlers.json_lists import known_scheme
from crawlers.links import Verdict, canonical_url, identity_key, is_attachment, judge_title, resolve
from crawlers.middlewares import MAX_HOPS, REDIRECTS, RETRY_STATUS, header, page_of
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.schedule import is_due_again, year_of
from crawlers.signposts import signposts
from crawlers.spiders.documents import DocumentSpider, left_out
from crawlers.spiders.walks import Listing, Walk
from crawlers.validation import Finding, judge_page

__all__ = ["NOTHING_YET", "Listing", "PortalSpider", "Walk"]

logger = logging.getLogger(__name__)

MOST_FRAMES = 4
MOST_LED = 2
"""Pages in a row that show no list and send on to one: a frame in a frame."""
NOTHING_YET = re.compile(r"暂无(?:相关)?(?:信息|内容|数据|记录)|没有(?:相关)?(?:信息|内容|数据|记录)")


class PortalSpider(DocumentSpider):
    """Collects portals of one family."""

    name = "portal"

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

    # ---- answers ----------------------------------------------------------------------------------------------------

    def _answered(self, task: Task, response: Response) -> Iterator[Request]:
        if response.status in REDIRECTS:
            yield from self._redirected(task, response)
            return
        if response.status == 304 and task.previous is not None:
            yield from self._unchanged(task, response, task.previous)
            return
        page = page_of(task, response)
        finding = task.finding or judge_page(role=task.role, status=response.status, page=page, asked=task.ask)
        if finding is not None:
            yield from self._unusable(task, response, finding)
            return
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
            self.collection.impostors.listed(response.url, body)
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
        if not self.collection.hosts.believes_missing(host_key(response.url)):
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

    # ---- list pages --------------------------------------------------------------------------------------------------

    def _list_page(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        listing = self._read(task, page)
        hop = self._hop(task, page, listing)
        if hop is not None:
            yield from hop
            return
        finding = self._judge_listing(task, page, listing)
        sha256 = self.collection.raw.put(response.body)
        self.collection.impostors.listed(response.url, response.body)
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
        if listing.rows or listing.columns or listing.shell or walk.pages or task.led >= MOST_LED or task.guess:
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
        task.led += 1
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
        if NOTHING_YET.search(page.shown):
            return Finding(Outcome.EMPTY, "the column says that it holds nothing yet")
        if not walk.is_root:
            return None  # a column of a year that has no reports yet is no alarm
        return Finding(
            Outcome.LAYOUT_CHANGED,
            f"no list of the family {walk.portal.family} on this page: look at it, then correct family, index_url or "
            "options",
        )

    def _walk_on(self, task: Task, page: Page | None, listing: Listing | None) -> Iterator[Request]:
        """Follow the rows of a list page, the columns below it and the pages after it."""
        walk: Walk = task.context[0]
        visit = self.collection.visit(walk.portal)
        new, is_known = 0, False
        if listing is not None:
            is_first = walk.is_root and not walk.pages
            walk.pages += not listing.shell
            rows = tuple(map(self._behind_viewer, listing.rows))
            self._note_listed(walk.portal, rows)
            is_known = bool(rows) and not visit.plan.is_full
            for listed in self._one_for_each(walk, rows):
                row = listed if page is None else replace(listed, url=known_scheme(listed.url, page.url))
                # A twin on a host that is not the portal's must not stand for the address that may be asked.
                key = identity_key(row.url) if walk.portal.allows(row.url) else canonical_url(row.url)
                visit.seen.add(identity_key(row.url))
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
            if (
                year is not None
                and not visit.plan.is_full
                and visit.before is not None
                and visit.before.is_held(column.url)
            ):
                visit.seen.add(identity_key(column.url))
                visit.known += 1  # what is called like the column of a year was the report of that year itself
                continue
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
            self._leave_out(task, left_out(verdict), verdict.reason)
