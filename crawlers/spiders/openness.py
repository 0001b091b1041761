"""Portals whose openness lists carry the page number in the path: `…/showList/785/0/page_1.html`.

Belongs here: which links of such a page are rows, which are lists below, which page comes next. Does not belong here:
asking and recording (`base`), reading a page's place (`pager`).

The list of everything an organ publishes (category 0) and the list of its annual reports have the same shape; the
folder in front (`/openness/`), the controller's name and the number of parts in the path differ from portal to portal.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from crawlers.collection import INCOMPLETE, Task
from crawlers.families.openness import REPORT_CONTROLLER, OpennessOptions, is_article, is_list, list_place
from crawlers.links import identity_key
from crawlers.pages import Link, Page
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.pager import Pager, read_pager
from crawlers.spiders.rows import YEAR_COLUMN, find_rows

__all__ = ["OpennessSpider", "page_address"]

logger = logging.getLogger(__name__)

PAGE = re.compile(r"/page_\d+(\.s?html?)?/?$", re.IGNORECASE)
SUFFIX = re.compile(r"(\.s?html?)?/?$", re.IGNORECASE)
IDLE_PAGES = 2
"""Pages in a row without new rows that end a list: one may repeat the page before it."""


def page_address(list_url: str, number: int, known: str | None = None) -> str:
    """The address of a page: as the page links another one (`known`), else by the first page's own address."""
    parts = urlsplit(known or list_url)
    if PAGE.search(parts.path):
        path = PAGE.sub(lambda match: f"/page_{number}{match.group(1) or ''}", parts.path)
    else:
        path = SUFFIX.sub(lambda match: f"/page_{number}{match.group(1) or '.html'}", parts.path, count=1)
    return urlunsplit(parts._replace(path=path))


@dataclass(frozen=True, slots=True)
class Step:
    """A further page, counted from 1."""

    number: int


@dataclass(slots=True)
class State:
    """Where a walk stands in its list."""

    pages: int | None = None
    rows: int | None = None
    known: str | None = None
    """The address of a numbered page of this very list."""
    last: frozenset[str] = frozenset()
    """The rows of the page before: the same ones again are the last page repeated."""
    idle: int = 0
    missing: int = 0
    ended: bool = False


class OpennessSpider(PortalSpider):
    """Collects openness platforms with the page number in the path."""

    name = "openness"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of the page, and on the first page of a portal the lists below."""
        step: Step | None = task.context[1]
        rows = find_rows(page.links, is_article, is_list)
        columns: tuple[Link, ...] = ()
        if step is None and walk.is_root and walk.portal.options_as(OpennessOptions).sub_columns:
            columns = self._lists_below(walk, page)
        return Listing(rows, columns, self._note(walk, step, page, rows))

    def _note(self, walk: Walk, step: Step | None, page: Page, rows: tuple[Link, ...]) -> str | None:
        state, pager = self._state(walk), read_pager(page)
        number = step.number if step else pager.number or 1
        read = len(walk.met | {identity_key(row.url) for row in rows})
        pages, total = pager.pages or state.pages, pager.rows or state.rows
        most = walk.portal.options.max_pages
        if walk.pages + 1 >= most and pages is not None and number < pages:
            return f"{INCOMPLETE}{most} of {pages} pages are read (max_pages)"
        if pages is not None and number >= pages and total is not None and rows and read < total:
            return f"{INCOMPLETE}{read} of {total} rows were read"
        return None if rows else "no links to articles"

    @staticmethod
    def _lists_below(walk: Walk, page: Page) -> tuple[Link, ...]:
        """Lists of years of this organ, and annual-report lists of other bodies."""
        own = list_place(walk.url)
        columns: dict[str, Link] = {}
        for link in page.links:
            place = list_place(link.url)
            if place is None or not walk.portal.allows(link.url):
                continue
            if own is not None and (place[0].lower(), place[1]) == (own[0].lower(), own[1]):
                continue
            is_year = bool(YEAR_COLUMN.match("".join(link.title.split())))
            of_reports = bool(REPORT_CONTROLLER.match(place[0])) and place[2] in (None, 1)
            # Where the list itself is one of everything, the tab called 年报 holds the reports.
            is_tab = (
                bool(re.search(r"年报|年度报告", link.title)) and own is not None and own[0].lower() == place[0].lower()
            )
            if is_year or of_reports or is_tab:
                columns.setdefault(identity_key(link.url), link)
        return tuple(columns.values())

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next page, until one brings nothing new."""
        state = self._state(walk)
        step: Step | None = task.context[1]
        if state.ended or walk.pages >= walk.portal.options.max_pages:
            return
        place = list_place(walk.url)
        number = step.number if step else (place[2] if place and place[2] else 1)
        if page is None:
            # One page that fails does not end the list; two in a row do.
            state.missing += 1
            if step is not None and state.missing == 1 and state.pages is not None and number < state.pages:
                yield self._ask_page(walk, state, number + 1)
            return
        pager = read_pager(page)
        state.pages, state.rows = pager.pages or state.pages, pager.rows or state.rows
        state.known = self._own_page(walk, page) or state.known
        keys = frozenset(identity_key(row.url) for row in listing.rows) if listing is not None else frozenset()
        repeated = step is not None and keys == state.last
        state.idle = 0 if new else state.idle + (IDLE_PAGES if repeated or not keys else 1)
        state.last, state.missing = keys, 0
        if state.idle >= IDLE_PAGES or (step is None and not keys):
            state.ended = True
            return
        if self._has_next(state, pager, number, first=step is None):
            yield self._ask_page(walk, state, number + 1, guess=step is None and pager.is_silent)

    @staticmethod
    def _has_next(state: State, pager: Pager, number: int, *, first: bool) -> bool:
        if state.pages is not None and number >= state.pages:
            return False
        if state.pages is not None or pager.next is not None:
            return True
        if pager.numbered and max(pager.numbered) > number:
            return True
        # A page that says nothing about others may still have them: the next number is tried. Where the first page
        # named others and this one does not, it is the last.
        return pager.is_silent or first

    def _own_page(self, walk: Walk, page: Page) -> str | None:
        """A numbered page of this list, as the page links it: it shows how the portal writes the address."""
        own = list_place(walk.url)
        for link in page.links:
            place = list_place(link.url)
            if place is None or place[2] is None or not walk.portal.allows(link.url):
                continue
            if own is None or (place[0].lower(), place[1]) == (own[0].lower(), own[1]):
                return link.url
        return None

    def _ask_page(self, walk: Walk, state: State, number: int, *, guess: bool = False) -> Task:
        return self.list_task(walk, page_address(walk.url, number, state.known), step=Step(number), guess=guess)

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state
