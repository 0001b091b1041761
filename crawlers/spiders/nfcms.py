"""NFCMS portals: columns made on the server, further pages called `index_2.html`, columns below for groups of bodies.

Belongs here: rows and columns of such a page, how its pages are numbered. Does not belong here: the catalogue platform
of the same house (`gkmlpt`), which lists by its interface.

`post_<id>` and `mpost_<id>` are one article (`links.identity_key`): the one met first is asked for.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crawlers.collection import INCOMPLETE, Task
from crawlers.columns import Pager, read_pager
from crawlers.families.nfcms import NfcmsOptions
from crawlers.hosts import host_key
from crawlers.links import canonical_url, directory_of, identity_key, is_attachment, judge_title
from crawlers.pages import Link, Page
from crawlers.spiders.base import Listing, PortalSpider, Walk

__all__ = ["NfcmsSpider", "find_columns", "find_rows"]

logger = logging.getLogger(__name__)

POST = re.compile(r"/[a-z]*post_\d+\.s?html?$", re.IGNORECASE)
LIST_PAGE = re.compile(r"/(?:index|list|default)[^/]*\.s?html?$", re.IGNORECASE)
NUMBERED = re.compile(r"^(?P<stem>.*/\w+)_(?P<number>\d+)\.(?P<suffix>s?html?)$")
CALL = re.compile(r"createPage\w*\s*\(([^()]{1,240})\)", re.IGNORECASE)
FREE_NUMBER = re.compile(r"(?<![\w.'\"])\d+(?![\w.'\"])")
LEFT_OUT = 0
"""In place of a page's number: the second page, where numbers meant something else than was thought."""
COLUMN_DEPTH = 2
"""Columns below a column: a group of bodies (`qzfgzbm/`), and a body or year within it."""
FIRST_WORDS = re.compile(r"^(?:首页|第一页|尾页|末页|上一?页|下一?页|更多|返回.*|\d+|\W*)$")


def find_rows(page: Page, column_url: str) -> tuple[Link, ...]:
    """The entries of a column page: posts, files, and links elsewhere that stand in a row with a date."""
    folder = _folder(column_url)
    rows: dict[str, Link] = {}
    for link in page.links:
        path = urlsplit(link.url).path
        titled = judge_title(link.title, in_report_column=False).follow
        if POST.search(path):
            wanted = link.in_row or titled or _place(link.url).startswith(folder) or not link.in_furniture
        elif is_attachment(link.url):
            wanted = titled or (link.in_row and not link.in_furniture)
        else:
            wanted = not path.endswith("/") and not LIST_PAGE.search(path) and (link.in_row or titled)
        # A twin on another host is a row of its own: which of them may be asked, the portal's entry says.
        key = f"{host_key(link.url).removeprefix('www.')} {identity_key(link.url)}"
        known = rows.get(key)
        if wanted and (known is None or len(link.title) > len(known.title)):
            rows[key] = link  # a picture and a title that lead to one article are one row
    return tuple(rows.values())


def find_columns(page: Page, root_url: str) -> tuple[Link, ...]:
    """The columns below a column: folders at most two down, articles and files left out."""
    root, here = _folder(root_url), _folder(page.url)
    columns: dict[str, Link] = {}
    for link in page.links:
        path = urlsplit(link.url).path
        name = path.rpartition("/")[2]
        if "." in name and not re.fullmatch(r"(?:index|default)\.s?html?", name, re.IGNORECASE):
            continue
        folder = _folder(link.url)
        below = [part for part in folder.removeprefix(root).split("/") if part]
        if not folder.startswith(root) or not 1 <= len(below) <= COLUMN_DEPTH or folder == here:
            continue
        if "content" in below or FIRST_WORDS.match(link.title) or judge_title(link.title).is_near_miss:
            continue
        columns.setdefault(folder, link)
    return tuple(columns.values())


def _place(url: str) -> str:
    return f"{host_key(url).removeprefix('www.')}{urlsplit(url).path}"


def _folder(url: str) -> str:
    return _place(directory_of(url))


def _home_of(url: str) -> str:
    """The column of an article: the folder in which its `content/` lies."""
    return re.sub(r"content/$", "", _folder(url))


@dataclass(slots=True)
class State:
    """How far a column's pages are read."""

    pages: int | None = None
    """How many pages the list says it has."""
    stem: str = ""
    suffix: str = "html"
    offset: int = 0
    """0: the second page is `index_2`; -1: it is `index_1`."""
    proven: bool = False
    meanings: int = 1
    """How many meanings of a number were tried; there are two."""
    homes: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    missing: int = 0

    def page(self, number: int) -> str:
        """The address of a page that the list does not link to."""
        return f"{self.stem}_{number + self.offset}.{self.suffix}"


@dataclass(frozen=True, slots=True)
class Step:
    """A page of a list, counted from 1."""

    number: int
    made: bool
    """Whether its address was made from the pattern: no page linked to it."""


class NfcmsSpider(PortalSpider):
    """Collects NFCMS columns."""

    name = "nfcms"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of the page, and on the first page the columns below."""
        step: Step | None = task.context[1]
        rows = find_rows(page, walk.url)
        state = self._paging(walk)
        if step is None:
            state.homes = {_home_of(row.url) for row in rows if POST.search(row.url)}
            options = walk.portal.options
            wants_columns = not isinstance(options, NfcmsOptions) or options.sub_columns
            columns = find_columns(page, walk.portal.index_url) if wants_columns else ()
            pages = _pages(page)
            if rows and pages is not None and pages > options.max_pages:
                return Listing(rows, columns, f"{INCOMPLETE}{options.max_pages} of {pages} pages are read (max_pages)")
            return Listing(rows, columns, None if rows or columns else "no links to articles")
        own = _folder(walk.url)
        posts = [row.url for row in rows if POST.search(urlsplit(row.url).path) and walk.portal.allows(row.url)]
        if posts and not any(_place(url).startswith(own) or _home_of(url) in state.homes for url in posts):
            rows = ()  # another column's list
        new = {identity_key(row.url) for row in rows} - walk.met
        if not new and state.proven and state.pages is not None and step.number <= state.pages:
            return Listing(rows, note=f"{INCOMPLETE}page {step.number} of {state.pages} holds nothing new")
        return Listing(rows, note=None if rows else "no links to articles: past the end of the list")

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next page: as the page links it, else as its number has it; until one brings nothing new."""
        step: Step | None = task.context[1]
        state = self._paging(walk)
        number = 1 if step is None else step.number
        if step is None:
            if page is None:
                return
            self._learn_first(state, page)
        elif listing is None or not new:
            if self._other_meaning(state, step):
                # Before anything is proven the second page is tried anew; later the one that was left out.
                yield self._made(walk, state, 2 if not state.proven else LEFT_OUT)
                return
            state.missing += 1
            if listing is not None or state.missing > 1 or state.pages is None or number == LEFT_OUT:
                return  # one page that fails does not end a list that goes on; two in a row do
        elif number == LEFT_OUT:
            return
        else:
            state.missing, state.proven = 0, True
        following = number + 1
        if following > walk.portal.options.max_pages:
            return
        linked = None if page is None else self._linked(state, read_pager(page), following)
        if linked is not None:
            yield self.list_task(walk, linked, step=Step(following, made=False))
        elif state.pages is not None and following <= state.pages:
            yield self._made(walk, state, following)

    @staticmethod
    def _linked(state: State, pager: Pager, number: int) -> str | None:
        """The next page as a page links it, unless it was asked before."""
        for url in (pager.numbered.get(number), pager.next_url):
            if url is None or canonical_url(url) in state.asked:
                continue
            state.asked.add(canonical_url(url))
            match = NUMBERED.match(url)
            if match:
                state.stem, state.suffix = match.group("stem"), match.group("suffix")
                state.offset = int(match.group("number")) - number
            return url
        return None

    def _learn_first(self, state: State, page: Page) -> None:
        state.asked.add(canonical_url(page.url))
        state.pages = _pages(page)
        name = urlsplit(page.url).path.rpartition("/")[2]
        stem, _, suffix = name.rpartition(".")
        state.stem = f"{directory_of(page.url)}{re.sub(r'_[0-9]+$', '', stem) or 'index'}"
        state.suffix = suffix if re.fullmatch(r"s?html?", suffix) else "html"
        call = CALL.search(page.text)
        counted = FREE_NUMBER.findall(call.group(1)) if call else []
        state.offset = -1 if len(counted) > 1 and counted[1] == "0" else 0

    @staticmethod
    def _other_meaning(state: State, step: Step) -> bool:
        """Whether to read numbers the other way: the second page made up brought nothing, or the last is not there."""
        if not step.made or state.meanings > 1:
            return False
        if state.proven and not (step.number == state.pages and state.offset == 0):
            return False
        if not state.proven and step.number != 2:
            return False
        state.meanings, state.offset = 2, -1 - state.offset
        return True

    def _made(self, walk: Walk, state: State, number: int) -> Task:
        url = state.page(2 if number == LEFT_OUT else number)
        state.asked.add(canonical_url(url))
        return self.list_task(walk, url, step=Step(number, made=True), guess=not state.proven)

    @staticmethod
    def _paging(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state


def _pages(page: Page) -> int | None:
    """How many pages a list says it has: in words, in a script, or by its highest number."""
    pager = read_pager(page)
    said: list[Any] = [pager.pages, *pager.numbered]
    for call in CALL.finditer(page.text):
        numbers = [int(word) for word in FREE_NUMBER.findall(call.group(1))]
        said += numbers[:1]
    highest = [
        int(match.group("number"))
        for link in page.links
        if (match := NUMBERED.match(link.url)) and _folder(link.url) == _folder(page.url) and not POST.search(link.url)
    ]
    most = max([number for number in said + highest if number], default=0)
    return most if most > 1 else None
