"""Portals of 博达 VSB: static list pages numbered in reverse, whose numbers shift while they are read.

Belongs here: which links of such a page are rows, in which order its pages are asked for. Does not belong here: asking
and recording (`base`), reading a page's place (`pager`).

Of eleven pages the first is `zbgg.htm`, the second `zbgg/10.htm`, the last `zbgg/1.htm`. When a page is added between
two requests, `zbgg/10.htm` is suddenly the third: following the link of the first page would jump over a page. So each
answer's own place (`3/12`) is compared with the place that was meant. After a shift the top of the list is read again,
where the new rows are, and then the page that was meant, under its new number. Rows only move down the list when
others are added, so reading downwards from there misses nothing.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from scrapy import Request

from crawlers.collection import INCOMPLETE, Task
from crawlers.families.vsb import is_article
from crawlers.links import canonical_url, identity_key
from crawlers.pages import Link, Page
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.pager import Pager, read_pager
from crawlers.spiders.rows import find_rows, year_columns

__all__ = ["AGAIN", "VsbSpider", "page_address"]

logger = logging.getLogger(__name__)

FILE_NUMBER = re.compile(r"/(\d+)(\.s?html?)$", re.IGNORECASE)
PARAMETER = re.compile(r"((?:^|&)(?:PAGENUM|page|pageNo|cur_page|currentPage)=)(\d+)", re.IGNORECASE)
LIST = re.compile(r"\.(?:s?html?|jsp)$", re.IGNORECASE)
AGAIN = "#again:"
"""Marks the row of an address asked again in one run: since the shift it is another page."""
MOST_SHIFTS = 6
IDLE_PAGES = 2
"""Pages in a row without new rows that end a list which does not number its pages."""
MOST_IDLE_PAGES = 5
"""The same for a list that does: after a shift, pages that were read before come again."""


def is_list(link: Link) -> bool:
    """Whether a link may lead to a list page or a tab: any page that is no article, unless it stands beside a date."""
    path = urlsplit(link.url).path
    return not link.in_row and (path.endswith("/") or bool(LIST.search(path))) and not is_article(link.url)


def page_address(list_url: str, number: int, pages: int, known: str | None = None) -> str | None:
    """The address of a page, counted from 1 at the newest.

    Args:
        list_url: the first page.
        number: which page.
        pages: how many there are now.
        known: the address of any further page, which shows where they lie; the usual place where left out.
    """
    if number == 1:
        return list_url
    file_number = pages - number + 1
    if file_number < 1:
        return None
    parts = urlsplit(known or list_url)
    if known and FILE_NUMBER.search(parts.path):
        path = FILE_NUMBER.sub(lambda match: f"/{file_number}{match.group(2)}", parts.path)
        return urlunsplit(parts._replace(path=path))
    if known and PARAMETER.search(parts.query):  # a program's list: numbered forwards
        query = PARAMETER.sub(lambda match: f"{match.group(1)}{number}", parts.query)
        return urlunsplit(parts._replace(query=query))
    stem, dot, suffix = parts.path.rpartition(".")
    return urlunsplit(parts._replace(path=f"{stem}/{file_number}.{suffix}", query="")) if dot else None


@dataclass(frozen=True, slots=True)
class Step:
    """A further page: which one is meant, and the page whose 下页 it is, empty where it was jumped to."""

    number: int
    url: str
    origin: str


@dataclass(slots=True)
class State:
    """Where a walk stands in its list."""

    pages: int | None = None
    rows: int | None = None
    first_rows: int | None = None
    """How many rows the list said it held when the walk began, or when its top was last read."""
    known: str | None = None
    """The address of a further page, which shows how they are named."""
    resume: int | None = None
    """Set while the top is read again: the page to go on with after it."""
    times: dict[str, int] = field(default_factory=dict)
    shifts: int = 0
    idle: int = 0
    missing: int = 0


class VsbSpider(PortalSpider):
    """Collects VSB portals."""

    name = "vsb"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of the page."""
        step: Step | None = task.context[1]
        rows = find_rows(page.links, is_article, is_list)
        if step is None and walk.is_root:
            columns = tuple(link for link in year_columns(page.links, is_list) if walk.portal.allows(link.url))
            if columns:
                return Listing(rows, columns)
        state, pager = self._state(walk), read_pager(page)
        here = self._here(step or Step(1, walk.url, ""), pager)
        read = len(walk.met | {identity_key(row.url) for row in rows})
        most = walk.portal.options.max_pages
        if walk.pages + 1 >= most and pager.pages is not None and here < pager.pages:
            return Listing(rows, note=f"{INCOMPLETE}{most} of {pager.pages} pages are read (max_pages)")
        grown = pager.rows is not None and state.first_rows is not None and pager.rows > state.first_rows
        at_end = not grown and (pager.pages is not None and here >= pager.pages) and state.resume is None
        if at_end and rows and pager.rows is not None and read < pager.rows:
            return Listing(rows, note=f"{INCOMPLETE}{read} of {pager.rows} rows were read")
        return Listing(rows, note=None if rows else "no links to articles")

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next page downwards; after a shift the top again, and then the page that was meant."""
        state = self._state(walk)
        step = task.context[1] or Step(1, walk.url, walk.url)
        state.times.setdefault(identity_key(walk.url), 1)
        if walk.pages >= walk.portal.options.max_pages:
            return
        if page is None:
            yield from self._after_a_gap(walk, state, step, first=task.context[1] is None)
            return
        state.missing = 0
        state.idle = 0 if new else state.idle + 1
        pager = read_pager(page)
        state.known = self._numbered_address(pager) or state.known
        shifted, removed = self._note_place(state, step, pager)
        if shifted and state.shifts < MOST_SHIFTS:
            state.shifts += 1
            yield from self._back(walk, state, step, pager)
        elif removed and step.number > 2 and state.shifts < MOST_SHIFTS:
            # Rows were taken out above: what stood at the top of this page now closes the one before it.
            state.shifts += 1
            yield from self._ask_for(walk, state, step.number - 1, task.ask)
        else:
            yield from self._downwards(walk, state, step, pager, task.ask, new)

    def _ask(self, task: Task) -> Iterator[Request]:
        """An address is asked once in a run; the same one after a shift is another page, with a row of its own."""
        if AGAIN not in task.url or not task.portal.allows(task.ask):
            yield from super()._ask(task)
            return
        done = self.collection.ledger.outcome_in_run(self.collection.run_id, task.url, task.portal.id)
        if done is not None:
            yield from self._replay(task, done)
            return
        self.collection.visit(task.portal).pending += 1
        yield self._request(task, task.ask)

    @staticmethod
    def _note_place(state: State, step: Step, pager: Pager) -> tuple[bool, bool]:
        """Whether pages were added, or rows removed, since the last answer; and remember what this one says."""
        before_pages, before_rows = state.pages, state.rows
        state.pages = pager.pages or state.pages
        state.rows = pager.rows if pager.rows is not None else state.rows
        if state.first_rows is None:
            state.first_rows = state.rows
        added = before_pages is not None and pager.pages is not None and pager.pages > before_pages
        further = pager.number is not None and pager.number > step.number
        # A page that does not number itself still names the one before it: it should be where we came from.
        unknown = (
            pager.number is None
            and pager.previous is not None
            and bool(step.origin)
            and step.number > 1
            and identity_key(pager.previous) != identity_key(step.origin)
            and identity_key(pager.previous) != identity_key(step.url)
        )
        removed = (
            before_rows is not None
            and pager.rows is not None
            and pager.rows < before_rows
            and (pager.number or step.number) == step.number
        )
        return added or further or unknown, removed

    def _back(self, walk: Walk, state: State, step: Step, pager: Pager) -> Iterator[Task]:
        """Read the top again, then go on with the page that was meant."""
        if state.pages is None:
            # Only the links tell: go back by them to the page that was jumped over.
            if pager.previous is not None:
                yield self._task(walk, state, Step(step.number, pager.previous, step.origin))
            return
        resume = step.number if state.resume is None else min(state.resume, step.number)
        state.resume = max(2, resume)
        yield from self._ask_for(walk, state, 1, step.url)

    def _downwards(self, walk: Walk, state: State, step: Step, pager: Pager, asked: str, new: int) -> Iterator[Task]:
        here = self._here(step, pager)
        following = here + 1
        if state.resume is not None:
            # At the top again: downwards as long as there is something new, then to where we were.
            if not new or following >= state.resume:
                following, state.resume, state.idle = max(state.resume, 2), None, 0
                state.first_rows = state.rows
            if state.pages is not None and following <= state.pages:
                yield from self._ask_for(walk, state, following, asked, pager if following == here + 1 else None)
            return
        at_end = (state.pages is not None and here >= state.pages) or (state.pages is None and pager.next is None)
        if at_end or state.idle >= (IDLE_PAGES if pager.number is None else MOST_IDLE_PAGES):
            if state.rows is not None and state.first_rows is not None and state.rows > state.first_rows:
                # Rows came while we read, on the first page: read the top once more.
                state.resume, state.first_rows = here + 1, state.rows
                yield from self._ask_for(walk, state, 1, asked)
            return
        yield from self._ask_for(walk, state, following, asked, pager)

    def _after_a_gap(self, walk: Walk, state: State, step: Step, *, first: bool) -> Iterator[Task]:
        """One page that fails does not end the list; two in a row do."""
        state.missing += 1
        if first or state.missing > 1 or state.pages is None:
            return
        following = step.number + 1
        if state.resume is not None and following >= state.resume:
            following, state.resume = state.resume, None
        if following <= state.pages:
            yield from self._ask_for(walk, state, following, step.url)

    def _ask_for(
        self, walk: Walk, state: State, number: int, origin: str, pager: Pager | None = None
    ) -> Iterator[Task]:
        url = None
        if number == 1:
            url = walk.url
        elif pager is not None:  # what the page says comes before what we reckon
            url = pager.next or (pager.numbered or {}).get(number)
        if url is None and state.pages is not None:
            url = page_address(walk.url, number, state.pages, state.known)
        if url is not None:
            # A page that we jump to is not the next of the one we come from.
            yield self._task(walk, state, Step(number, url, origin if pager is not None else ""))

    def _task(self, walk: Walk, state: State, step: Step) -> Task:
        task = self.list_task(walk, step.url, step=step)
        key = identity_key(step.url)
        times = state.times[key] = state.times.get(key, 0) + 1
        if times > 1:
            task.url = f"{canonical_url(step.url)}{AGAIN}{times - 1}"
            task.parent_url = task.parent_url or canonical_url(walk.url)
        return task

    @staticmethod
    def _here(step: Step, pager: Pager) -> int:
        """Which page this is. A further page that calls itself the first does not count its pages."""
        return step.number if pager.number is None or (pager.number == 1 and step.number > 2) else pager.number

    @staticmethod
    def _numbered_address(pager: Pager) -> str | None:
        candidates = [pager.next, pager.last, *(pager.numbered or {}).values()]
        for url in candidates:
            if url and (FILE_NUMBER.search(urlsplit(url).path) or PARAMETER.search(urlsplit(url).query)):
                return url
        return None

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state
