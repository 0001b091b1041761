"""Portals with static list pages, numbered by `createPageHTML` (TRS WCM and kin).

Belongs here: which links of such a page are rows, which are columns below, how its pages are numbered. Does not belong
here: asking and recording (`base`).

Numbering is not uniform. `createPageHTML(9, 0, "index", "html")` counts from 0 and calls its second page
`index_1.html`; `createPageHTML('page_div', 10, 1, 'xlist', 'shtml', 189)` counts from 1 and calls it `xlist_2.shtml`;
some portals write the first form and mean the second. Where the page does not say, both are tried and the one that
brings new rows of the same column is kept.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from crawlers.collection import INCOMPLETE, Task
from crawlers.families.static_paged import StaticPagedOptions
from crawlers.hosts import host_key
from crawlers.links import directory_of, is_attachment, judge_title
from crawlers.pages import Link, Page
from crawlers.spiders.base import Listing, PortalSpider, Walk

__all__ = ["Paging", "StaticPagedSpider", "find_columns", "find_rows", "read_paging"]

logger = logging.getLogger(__name__)

ARTICLE = re.compile(
    r"/t\d{6,}(?:_\d+)?\.s?html?$"  # t20230129_2444881.html, t15699357.shtml
    r"|/(?:content|c\d{2}|art|post|mpost)_[0-9a-z_]+\.s?html?$"
    r"|/[0-9a-f]{24,36}\.s?html?$|/content/[0-9a-f-]{6,}$|/\d{6,}\.s?html?$",
    re.IGNORECASE,
)
MONTH_FOLDER = re.compile(r"^(?:19|20)\d{4}$")
LIST_PAGE = re.compile(r"/(?:index|list|xlist|common_list|default)[^/]*\.s?html?$", re.IGNORECASE)
CALL = re.compile(r"createPage(?:HTML)?\s*\(([^()]{1,200})\)")
COUNT_PAGE = re.compile(r"\bcountPage\s*=\s*[\"']?(\d+)")
CURRENT_PAGE = re.compile(r"\bcurrentPage\s*=\s*[\"']?(\d+)")
SUFFIX = re.compile(r"index[\"'_+\s.\w()\\-]{0,60}?[\"'.](shtml|html|htm)\b")
NUMBERED = re.compile(r"/index_\d+\.(shtml|html|htm)$")
COLUMN_DEPTH = 2
"""Columns below a column: a year, and bodies within it (`2021ndbg/2021qjbm/`)."""
STUB_BYTES = 600
"""Some portals answer pages past the end with a broken page of 300 to 400 bytes and status 200."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How the pages of a list are numbered: the second page is `<prefix>_<1 + offset>.<suffix>`."""

    total: int
    prefix: str
    suffix: str
    offsets: tuple[Literal[0, 1], ...]
    """Meanings to try, the likelier first; one alone where the page itself shows a numbered link."""

    def page(self, number: int, offset: int) -> str:
        """The file of a page, counted from 1."""
        return f"{self.prefix}.{self.suffix}" if number == 1 else f"{self.prefix}_{number - 1 + offset}.{self.suffix}"


def read_paging(page: Page) -> Paging | None:
    """The numbering that a first list page states, by script or by rendered links; None where it has one page."""
    total, current, prefix, suffix, from_one = 0, None, "", "", False
    for call in CALL.finditer(page.text):
        words = [word.strip().strip("\"'") for word in call.group(1).split(",")]
        numbers = [(place, int(word)) for place, word in enumerate(words) if word.isdigit()]
        names = [word for word in words if re.fullmatch(r"[A-Za-z][\w-]*", word)]
        if len(numbers) >= 2 and words and not re.search(r"\bvar\b|_n", call.group(1)):
            # A container's name in front marks the dialect that counts from 1.
            from_one = numbers[0][0] == 1
            total, current = numbers[0][1], numbers[1][1]
            named = names[1:] if from_one else names
            prefix, suffix = (named[0], named[1]) if len(named) >= 2 else ("", "")
            break
    if not total:
        count, now = COUNT_PAGE.search(page.text), CURRENT_PAGE.search(page.text)
        total = int(count.group(1)) if count else 0
        current = int(now.group(1)) if now else None
    suffix = suffix if suffix in ("html", "shtml", "htm") else _suffix_of(page)
    prefix = prefix or _prefix_of(page)
    rendered = _rendered_offsets(page, prefix, suffix)
    if not total and rendered:
        total = max(number for number, _ in rendered)
    if total < 2:
        return None
    offsets: tuple[Literal[0, 1], ...]
    shown = {offset for number, offset in rendered if number == 2}
    if shown == {0} or shown == {1}:
        offsets = (0,) if shown == {0} else (1,)
    else:
        offsets = (1, 0) if from_one or current == 1 else (0, 1)
    return Paging(total, prefix, suffix, offsets)


def _suffix_of(page: Page) -> str:
    name = urlsplit(page.url).path.rpartition("/")[2]
    if name.endswith((".html", ".shtml", ".htm")):
        return name.rpartition(".")[2]
    rendered = (NUMBERED.search(link.url) for link in page.links)
    match = next((found for found in rendered if found), None) or SUFFIX.search(page.text)
    return match.group(1) if match else "html"


def _prefix_of(page: Page) -> str:
    name = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"_\d+$", "", name) or "index"


def _rendered_offsets(page: Page, prefix: str, suffix: str) -> list[tuple[int, int]]:
    """Page numbers and offsets of the numbered links that the page shows, such as `<a href="index_1.html">2</a>`."""
    pattern = re.compile(rf"(?:^|/){re.escape(prefix)}_(\d+)\.{re.escape(suffix)}$")
    found = []
    for link in page.links:
        match = pattern.search(urlsplit(link.url).path)
        if match and link.title.isdigit():
            number = int(link.title)
            offset = int(match.group(1)) - (number - 1)
            if offset in (0, 1):
                found.append((number, offset))
    return found


def column_folder(url: str) -> str:
    """Host and folder of a column, by which its own links are known."""
    return f"{host_key(url)}{urlsplit(directory_of(url)).path}"


def is_below(url: str, folder: str) -> bool:
    """Whether an address lies in a column's folder or below."""
    return f"{host_key(url)}{urlsplit(url).path}".startswith(folder)


def article_folder(url: str) -> str:
    """Host and folder of an article without its month: articles of one column share it."""
    path = urlsplit(url).path.rpartition("/")[0]
    parts = [part for part in path.split("/") if part]
    if parts and MONTH_FOLDER.match(parts[-1]):
        parts = parts[:-1]
    return f"{host_key(url)}/{'/'.join(parts)}/"


def find_rows(page: Page, column_url: str) -> tuple[Link, ...]:
    """The entries of a list page: links shaped like articles or files, and links that stand in a row with a date."""
    folder = column_folder(column_url)
    rows: dict[str, Link] = {}
    for link in page.links:
        path = urlsplit(link.url).path
        titled = judge_title(link.title, in_report_column=False).follow
        is_column = path.endswith("/") or bool(LIST_PAGE.search(path))
        if ARTICLE.search(path):
            # News from elsewhere in the page's head or foot is no row; what looks like a report always is.
            wanted = link.in_row or titled or is_below(link.url, folder) or not link.in_furniture
        elif is_attachment(link.url):
            wanted = titled or (link.in_row and not link.in_furniture)
        else:
            wanted = not is_column and (link.in_row or titled)
        if wanted and link.url not in rows:
            rows[link.url] = link
    return tuple(rows.values())


def find_columns(page: Page, root_url: str) -> tuple[Link, ...]:
    """Columns below a column, such as `./2021n/` or `nb_2022n/`, at most two folders down."""
    root = column_folder(root_url)
    here = column_folder(page.url)
    columns: dict[str, Link] = {}
    for link in page.links:
        place = f"{host_key(link.url)}{urlsplit(link.url).path}"
        path = urlsplit(link.url).path
        name = path.rpartition("/")[2]
        if name and "." in name and not re.fullmatch(r"index\.s?html?", name):
            continue
        folder = column_folder(link.url)
        below = [part for part in folder.removeprefix(root).split("/") if part]
        if not place.startswith(root) or not 1 <= len(below) <= COLUMN_DEPTH or folder == here:
            continue
        if any(MONTH_FOLDER.match(part) for part in below) or judge_title(link.title).is_near_miss:
            continue
        columns.setdefault(folder, link)
    return tuple(columns.values())


@dataclass(slots=True)
class State:
    """Where a walk stands in its numbering."""

    paging: Paging | None = None
    offset: int | None = None
    """The meaning that brought new rows; None while it is being tried."""
    tried: list[int] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    missing: int = 0
    doubtful: int | None = None
    """A meaning whose second page failed in a way that may pass: neither proven nor refuted."""


@dataclass(frozen=True, slots=True)
class Step:
    """A numbered page: which, and under which meaning of its number."""

    number: int
    offset: int


class StaticPagedSpider(PortalSpider):
    """Collects portals whose lists are static pages."""

    name = "static_paged"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of the page, and on the first page the columns below."""
        step: Step | None = task.context[1]
        rows = find_rows(page, walk.url)
        state = self._state(walk)
        if step is None:
            state.folders = {article_folder(row.url) for row in rows}
            columns = (
                find_columns(page, walk.portal.index_url)
                if walk.portal.options_as(StaticPagedOptions).sub_columns
                else ()
            )
            paging, most = read_paging(page), walk.portal.options.max_pages
            if rows and paging is not None and paging.total > most:
                return Listing(rows, columns, f"{INCOMPLETE}{most} of {paging.total} pages are read (max_pages)")
            return Listing(rows, columns, None if rows or columns else "no links to articles")
        if len(page.body) <= STUB_BYTES and not rows:
            return Listing((), note=f"a stub of {len(page.body)} bytes: past the end of the list")
        own = column_folder(walk.url)
        if rows and not any(is_below(row.url, own) or article_folder(row.url) in state.folders for row in rows):
            return Listing((), note="another column's list: its rows are not taken")
        return Listing(rows, note=None if rows else "no links to articles: past the end of the list")

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next numbered page, until one brings no new rows."""
        state, step = self._state(walk), task.context[1]
        if step is None:
            state.paging = read_paging(page) if page is not None else None
            if state.paging is not None:
                yield from self._try_second(walk, state)
            return
        paging = state.paging
        if paging is None:  # a numbered page is asked for only after a first page with a numbering
            return
        if state.offset is None:
            if new:
                state.offset = step.offset
            else:
                if task.passing and state.doubtful is None:
                    state.doubtful = step.offset
                yield from self._try_second(walk, state)
                return
        elif listing is None:
            # One page that fails does not end the list; two in a row do.
            state.missing += 1
            if state.missing > 1:
                return
        elif not new:
            self._ended(walk, step, paging)
            return
        else:
            state.missing = 0
        following = step.number + 1
        if following > min(paging.total, walk.portal.options.max_pages):
            return
        yield self._numbered(walk, state, Step(following, state.offset if state.offset is not None else step.offset))

    def _try_second(self, walk: Walk, state: State) -> Iterator[Task]:
        paging = state.paging
        if paging is None:
            return
        fixed = walk.portal.options_as(StaticPagedOptions).page_offset
        offsets = paging.offsets if fixed is None else (fixed,)
        for offset in offsets:
            if offset not in state.tried:
                state.tried.append(offset)
                yield self._numbered(walk, state, Step(2, offset))
                return
        if state.doubtful is not None and paging.total > 2 and walk.portal.options.max_pages > 2:
            # The page that failed was the likelier one after all: the list goes on behind it.
            state.offset, state.missing = state.doubtful, 1
            yield self._numbered(walk, state, Step(3, state.doubtful))
            return
        logger.warning(
            "portal=%s column=%s says that it has %d pages, and none after the first was found",
            walk.portal.id,
            walk.url,
            paging.total,
        )

    def _numbered(self, walk: Walk, state: State, step: Step) -> Task:
        assert state.paging is not None  # the caller has it
        url = f"{directory_of(walk.url)}{state.paging.page(step.number, step.offset)}"
        return self.list_task(walk, url, step=step, guess=state.offset is None)

    @staticmethod
    def _ended(walk: Walk, step: Step, paging: Paging) -> None:
        if step.number < paging.total:
            logger.info(
                "portal=%s column=%s list ends at page %d of %d", walk.portal.id, walk.url, step.number, paging.total
            )

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state
