"""Columns of any make, read from their link structure: 下一页, numbers, select boxes, years, bodies.

Belongs here: going from page to page by what a page links, and by a family's own numbering where it links nothing.
Does not belong here: what the links of one page mean (`columns`), tables of numberings (`page_numbers`).

What a page links is followed. What is only guessed (a further page of a known numbering) must show rows of the same
column, or it is not taken: portals answer guessed addresses with other bureaus' news.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil

from scrapy import Request
from scrapy.http import Response

from crawlers.answers import Article
from crawlers.archive.ledger import FetchRow, Role
from crawlers.collection import INCOMPLETE, Post, Task
from crawlers.columns import (
    Entries,
    Pager,
    find_entries,
    folder_of_articles,
    is_below,
    is_page_of,
    looks_like_article,
    read_pager,
)
from crawlers.families.linked import ListOptions
from crawlers.families.static_paged import NUMBERS_PAGES
from crawlers.links import directory_of, identity_key
from crawlers.page_numbers import DIALECTS, by_parameter, learn, numbered_address
from crawlers.pages import Link, Page
from crawlers.postbacks import find_postback
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.numbering import Paging, read_paging

__all__ = ["LinkedSpider"]

logger = logging.getLogger(__name__)

DEEPEST = 3
"""Columns below a column: a year, a group of bodies, a body."""
STATIC = "static:"
"""Begins the name of the numbering that a `createPageHTML` of the page states; its offset follows."""
FROM_ZERO = "-1"
"""Ends the name of a numbering that counts from 0."""
LEAST_ROWS = 3
"""Rows of a page under which nobody asks for a second page that the first does not speak of."""
MARKS_OF_A_REPORT = 4
"""Marks of a report that make a page one although its address is that of a column."""


@dataclass(frozen=True, slots=True)
class Step:
    """A further page of a list: its number, and how its address was found."""

    number: int
    way: str | None = None
    """The numbering by which the address was made up; None for one that the portal links."""


@dataclass(slots=True)
class State:
    """Where a walk stands in its list."""

    rows_of_a_page: int = 0
    pages: int | None = None
    """How many pages the list says it has."""
    counted: int | None = None
    """How many pages its number of rows makes, as far as its rows are known: reason to ask, none to stop."""
    folders: set[str] = field(default_factory=set)
    """Where the documents of the first page stand."""
    numbered: dict[int, str] = field(default_factory=dict)
    """Pages that the portal has linked so far."""
    template: tuple[str, str] | None = None
    paging: Paging | None = None
    """What a `createPageHTML` of the first page states: columns of many bodies have some of that make below them."""
    folder: str = ""
    """What the files of that numbering are meant against."""
    way: str | None = None
    """The numbering that brought new rows."""
    tried: list[str] = field(default_factory=list)
    missing: int = 0


class LinkedSpider(PortalSpider):
    """Collects portals of which nothing is known but that their pages link to one another."""

    name = "linked"
    probes = False
    """Whether a further page of the family's numbering is asked for although the list does not speak of one."""

    # ---- a family may say more ---------------------------------------------------------------------------------------

    def entries(self, walk: Walk, page: Page, depth: int) -> Entries:
        """The rows of a page, and the columns below it."""
        return find_entries(page, depth=depth, deepest=DEEPEST)

    def ways(self, walk: Walk, page: Page) -> list[str]:
        """The numberings that may give the address of a further page, the likelier first."""
        return [dialect.name for dialect in DIALECTS]

    # ---- list pages --------------------------------------------------------------------------------------------------

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of the page; on the first page of a column also its columns."""
        step: Step | None = task.context[1]
        depth = self._depth(walk)
        entries = self.entries(walk, page, depth)
        rows = entries.rows
        if step is not None and step.way is not None:
            own = [row for row in rows if self._is_own(walk, row)]
            if rows and not own:
                return Listing((), note="another column's list: its rows are not taken")
            rows = tuple(own)
        options = walk.portal.options_as(ListOptions)
        columns = entries.columns if step is None and options.sub_columns and depth < DEEPEST else ()
        self._note_depth(walk, columns, depth)
        return Listing(rows, columns, self._note(walk, task, page, rows))

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next page: as linked, else by a numbering that the portal's links or its family show."""
        step: Step | None = task.context[1]
        state = self._state(walk)
        number = 1 if step is None else step.number
        if step is not None and step.way is not None and state.way is None:
            if not new:  # a numbering on trial that brought nothing
                yield from self._guess(walk, state, number, page)
                return
            state.way = step.way
        if page is None or listing is None:
            yield from self._after_a_hole(walk, state, step)
            return
        if step is None:
            state.rows_of_a_page = len(listing.rows)
            state.folders = {folder_of_articles(row.url) for row in listing.rows}
        elif not new:
            yield from self._from_zero(walk, state, step)
            return
        state.missing = 0
        if step is None and NUMBERS_PAGES.search(page.text):
            state.paging, state.folder = read_paging(page), directory_of(page.base)
        pager = self._learn(state, page)
        if number >= walk.portal.options.max_pages or (step is None and not listing.rows):
            return
        yield from self._next(walk, state, number + 1, pager, page)

    def _next(self, walk: Walk, state: State, number: int, pager: Pager, page: Page) -> Iterator[Task]:
        linked = self._linked(state, number, pager, page)
        if linked is not None:
            yield self.list_task(walk, linked, step=Step(number))
        elif state.pages is not None and number > state.pages:
            return
        elif (sent := find_postback(page, number)) is not None:
            post = Post.form(sent.fields)
            if sent.by_get:
                asked = f"{sent.url.partition('?')[0]}?{post.body.decode()}"
                yield self.list_task(walk, asked, step=Step(number))
            else:
                yield self.list_task(walk, sent.url, step=Step(number), post=post)
        elif state.way is not None:
            yield from self._made(walk, number, state.way, guess=state.pages is None or number == state.pages)
        elif state.pages is not None or state.rows_of_a_page >= LEAST_ROWS:
            yield from self._guess(walk, state, number, page)

    def _guess(self, walk: Walk, state: State, number: int, page: Page | None) -> Iterator[Task]:
        if page is not None and not state.tried:
            # A page that does not speak of more is followed by another only where its own address has a number.
            ways = [*self._stated(state), *self._generic(walk)]
            ways += self.ways(walk, page) if state.pages or state.counted or self.probes else []
            state.tried = [*(way for way in ways if self._made_up(walk, way, number)), ""]
        while state.tried and state.tried[0]:
            way = state.tried.pop(0)
            # Where the list says that there is a page, the last way that fails is a failure of the portal's list.
            is_last = not state.tried[0] and state.pages is not None
            tasks = list(self._made(walk, number, way, guess=not is_last))
            if tasks:
                yield from tasks
                return

    def _made(self, walk: Walk, number: int, way: str, *, guess: bool) -> Iterator[Task]:
        url = self._made_up(walk, way, number)
        if url is not None and identity_key(url) != identity_key(walk.url):
            yield self.list_task(walk, url, step=Step(number, way), guess=guess)

    def _made_up(self, walk: Walk, way: str, number: int) -> str | None:
        if way == "parameter":
            return by_parameter(walk.url, number)
        if way.startswith(STATIC):
            state, offset = self._state(walk), way.removeprefix(STATIC)
            paging = state.paging if offset.isdigit() else None
            return f"{state.folder}{paging.page(number, int(offset))}" if paging else None
        name, _, shift = way.partition("-")
        dialect = next(dialect for dialect in DIALECTS if dialect.name == name)
        return numbered_address(dialect, walk.url, number - int(shift or 0))

    @staticmethod
    def _stated(state: State) -> list[str]:
        return [f"{STATIC}{offset}" for offset in state.paging.offsets] if state.paging else []

    @staticmethod
    def _generic(walk: Walk) -> list[str]:
        return ["parameter"] if by_parameter(walk.url, 2) else []

    @staticmethod
    def _linked(state: State, number: int, pager: Pager, page: Page) -> str | None:
        """The address of a page as the portal names it: by number, by 下一页, by its script or its links' pattern."""
        if state.pages is not None and number > state.pages:
            return None
        own = identity_key(page.url)
        shown = pager.numbered.get(number) or state.numbered.get(number)
        for url in (shown, pager.next_url):
            if url is not None and identity_key(url) != own:
                return url
        known = max(state.pages or 0, state.counted or 0, max(state.numbered, default=0))
        return learn(state.numbered, number) if number <= known else None

    @staticmethod
    def _learn(state: State, page: Page) -> Pager:
        pager = read_pager(page)
        state.template = state.template or pager.template
        state.numbered.update(pager.numbered)
        if pager.rows and state.rows_of_a_page and state.counted is None:
            state.counted = ceil(pager.rows / state.rows_of_a_page)
        shown = max(state.numbered, default=0)
        stated = pager.pages or (state.paging.total if state.paging else None)
        if state.pages is not None or stated:
            state.pages = max(state.pages or stated or 0, shown)
        if state.template and (state.pages or state.counted):
            head, tail = state.template
            for number in range(2, min(state.pages or state.counted or 0, 2000) + 1):
                made = page.resolve(f"{head}{number}{tail}")
                if made and is_page_of(made, page.url):
                    state.numbered.setdefault(number, made)
        return pager

    def _after_a_hole(self, walk: Walk, state: State, step: Step | None) -> Iterator[Task]:
        """One page that fails does not end a list whose numbering is known; two in a row do."""
        if step is None:
            return
        yield from self._from_zero(walk, state, step)
        state.missing += 1
        number = step.number + 1
        if state.missing > 1 or number > min(state.pages or state.counted or 0, walk.portal.options.max_pages):
            return
        linked = state.numbered.get(number) or learn(state.numbered, number)
        if linked is not None:
            yield self.list_task(walk, linked, step=Step(number))
        elif state.way is not None:
            yield from self._made(walk, number, state.way, guess=False)

    def _from_zero(self, walk: Walk, state: State, step: Step) -> Iterator[Task]:
        """The last page is not there: then pages are counted from 0, and the second one was passed over."""
        if step.way is not None and step.way == state.way and step.number == state.pages and "-" not in step.way:
            yield from self._made(walk, 2, f"{step.way}{FROM_ZERO}", guess=False)

    def _note(self, walk: Walk, task: Task, page: Page, rows: tuple[Link, ...]) -> str | None:
        """What the ledger should say: that the list holds more than can be read, or that it ends."""
        step: Step | None = task.context[1]
        state = self._state(walk)
        number, most = 1 if step is None else step.number, walk.portal.options.max_pages
        pager = read_pager(page)
        size = state.rows_of_a_page or len(rows)
        said = state.pages or pager.pages or (ceil(pager.rows / size) if pager.rows and size else None)
        if step is None and said is not None and said > most:
            return f"{INCOMPLETE}{most} of {said} pages are read (max_pages)"
        new = any(identity_key(row.url) not in walk.met for row in rows)
        on_trial = step is not None and step.way is not None and state.way is None and state.tried[:1] != [""]
        if said is not None and number <= said and step is not None and not new and not on_trial:
            return f"{INCOMPLETE}page {number} of {said} brings nothing new"
        if number >= most and said is None and pager.next_url is not None and new:
            return f"{INCOMPLETE}{most} pages are read, and there are more (max_pages)"
        if said is not None and number < said and not self._has_way(walk, state, number + 1, pager, page):
            return f"{INCOMPLETE}page {number} of {said} names no further page that can be asked for"
        return None if rows else "no rows of the column on this page"

    def _has_way(self, walk: Walk, state: State, number: int, pager: Pager, page: Page) -> bool:
        if find_postback(page, number) is not None:
            return True
        if pager.next_url or number in pager.numbered or number in state.numbered or pager.template or state.template:
            return True
        if learn({**state.numbered, **pager.numbered}, number):
            return True
        return any(self._made_up(walk, way, number) for way in self._ways_known(walk, state, page))

    def _ways_known(self, walk: Walk, state: State, page: Page) -> list[str]:
        return [*self._stated(state), *self._generic(walk), *self.ways(walk, page)]

    def _is_own(self, walk: Walk, row: Link) -> bool:
        folders = self._state(walk).folders
        return is_below(row.url, walk.url) or folder_of_articles(row.url) in folders

    # ---- a page that is another thing than its link promised ---------------------------------------------------------

    def _list_page(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        """A link with a column's address may lead to the report itself: then it is kept as one."""
        walk: Walk = task.context[0]
        if not walk.is_root and task.context[1] is None and self._is_report(walk, page):
            self._as_article(task)
            yield from self._document(task, response, page)
            return
        yield from super()._list_page(task, response, page)

    def _unchanged(self, task: Task, response: Response, previous: FetchRow) -> Iterator[Request]:
        if task.role is Role.LISTING and previous.role is Role.ARTICLE:
            self._as_article(task)
        yield from super()._unchanged(task, response, previous)

    def _replay(self, task: Task, done: FetchRow) -> Iterator[Request]:
        if task.role is Role.LISTING and done.role is Role.ARTICLE:
            self._as_article(task)
        yield from super()._replay(task, done)

    def _as_article(self, task: Task) -> None:
        task.role = Role.ARTICLE
        self.collection.visit(task.portal).seen.add(identity_key(task.url))

    def _is_report(self, walk: Walk, page: Page) -> bool:
        if any(looks_like_article(row.url) for row in self.entries(walk, page, DEEPEST).rows):
            return False
        return Article(page).marks >= MARKS_OF_A_REPORT

    # ---- state -------------------------------------------------------------------------------------------------------

    def _depth(self, walk: Walk) -> int:
        return 0 if walk.is_root else self._depths.get((walk.portal.id, identity_key(walk.url)), 1)

    def _note_depth(self, walk: Walk, columns: tuple[Link, ...], depth: int) -> None:
        for column in columns:
            self._depths.setdefault((walk.portal.id, identity_key(column.url)), depth + 1)

    @property
    def _depths(self) -> dict[tuple[str, str], int]:
        known: dict[tuple[str, str], int] = self.__dict__.setdefault("_known_depths", {})
        return known

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state
