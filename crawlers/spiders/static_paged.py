"""Portals with static list pages, numbered by `createPageHTML` (TRS WCM and kin).

Belongs here: which links of such a page are rows, which are columns below, the way through its numbered pages. Does not
belong here: asking and recording (`base`), what the page says about its numbers (`numbering`).

Where the page does not say which meaning a number has, both are tried and the one that brings new rows of the same
column is kept.
"""

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from crawlers.collection import INCOMPLETE, Task
from crawlers.families.static_paged import StaticPagedOptions
from crawlers.hosts import host_key
from crawlers.links import directory_of, identity_key, is_attachment, judge_title, resolve
from crawlers.pages import Link, Page
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.numbering import Paging, read_paging

__all__ = ["Paging", "StaticPagedSpider", "find_columns", "find_rows", "read_paging"]

logger = logging.getLogger(__name__)

ARTICLE = re.compile(
    r"/t\d{6,}(?:_\d+)?\.s?html?$"  # t20230129_2444881.html, t15699357.shtml
    r"|/(?:content|c\d{2}|art|post|mpost)_[0-9a-z_]+\.s?html?$"
    r"|/[0-9a-f]{24,36}\.s?html?$|/content/[0-9a-f-]{6,}$|/\d{6,}\.s?html?$|/c\d+[a-z]?/content\.s?html?$",
    re.IGNORECASE,
)
MONTH_FOLDER = re.compile(r"^(?:19|20)\d{4}$")
LIST_PAGE = re.compile(r"/(?:index|list|xlist|common|default|fg)[^/]*\.s?html?$", re.IGNORECASE)
FIRST_PAGE = re.compile(r"(?:index|default)\.s?html?|(?:list|xlist|common_list)\.s?html?", re.IGNORECASE)
YEAR_TITLE = re.compile(r"^(?:19|20)\d\d\s*年?度?(?:政府信息公开)?(?:工作)?(?:年报|年度报告|报告)?$")
OPTION = re.compile(r"<option\b[^>]*?\bvalue\s*=\s*[\"']?([^\"'>\s]+)[^>]*>\s*([^<]{2,30})", re.IGNORECASE)
ABOUT_REPORTS = re.compile(r"信息公开|年报|年度报告")
COLUMN_DEPTH = 2
"""Columns below a column: a year, and bodies within it (`2021ndbg/2021qjbm/`)."""
STUB_BYTES = 600
"""Some portals answer pages past the end with a broken page of 300 to 400 bytes and status 200."""
ROW_CAP = 1000
"""A list of exactly so many rows has been cut by its publisher, as far as is known."""


def _host(url: str) -> str:
    return host_key(url).removeprefix("www.")


def column_folder(url: str) -> str:
    """Host and folder of a column, by which its own links are known."""
    return f"{_host(url)}{urlsplit(directory_of(url)).path}"


def is_below(url: str, folder: str) -> bool:
    """Whether an address lies in a column's folder or below."""
    return f"{_host(url)}{urlsplit(url).path}".startswith(folder)


def article_folder(url: str) -> str:
    """Host and folder of an article without its month: articles of one column share it."""
    path = urlsplit(url).path.rpartition("/")[0]
    parts = [part for part in path.split("/") if part]
    if parts and MONTH_FOLDER.match(parts[-1]):
        parts = parts[:-1]
    return f"{_host(url)}/{'/'.join(parts)}/"


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
    """Columns below a column, such as `./2021n/` or `nb_2022n/`, at most two folders down, and years beside it."""
    root = column_folder(root_url)
    here = column_folder(page.url)
    columns: dict[str, Link] = {}
    for link in (*page.links, *_options(page)):
        path = urlsplit(link.url).path
        name = path.rpartition("/")[2]
        if name and "." in name and not FIRST_PAGE.fullmatch(name):
            continue
        folder = column_folder(link.url)
        if folder in (here, root) or judge_title(link.title).is_near_miss:
            continue
        below = [part for part in folder.removeprefix(root).split("/") if part] if folder.startswith(root) else []
        if any(MONTH_FOLDER.match(part) for part in below):
            continue
        if 1 <= len(below) <= COLUMN_DEPTH or (not below and _is_year_beside(link, folder, root)):
            columns.setdefault(folder, link)
    return tuple(columns.values())


def _options(page: Page) -> Iterator[Link]:
    """Columns that stand in a drop-down list."""
    for value, text in OPTION.findall(page.text):
        url = resolve(page.base, html.unescape(value)) if "/" in value or ".htm" in value or ".shtm" in value else None
        if url is not None:
            yield Link(url=url, title=text.strip(), href=value)


def _is_year_beside(link: Link, folder: str, root: str) -> bool:
    """Whether a link named after a year leads to a column beside the root: `../gknb2017/`, `../c106128/list.shtml`."""
    if not YEAR_TITLE.match(link.title.strip()) or _host(link.url) != root.partition("/")[0] or root.startswith(folder):
        return False
    year = link.title.strip()[:4]
    return year in folder.rstrip("/").rpartition("/")[2] or _parent(folder) == _parent(root)


def _parent(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[0]


@dataclass(slots=True)
class State:
    """Where a walk stands in its numbering."""

    paging: Paging | None = None
    base: str = ""
    """What the numbered files are meant against: the folder of the page that answered."""
    offset: int | None = None
    """The meaning that brought new rows; None while it is being tried."""
    tried: list[int] = field(default_factory=list)
    size: int = 0
    """Rows of the first page."""
    folders: set[str] = field(default_factory=set)
    heading: str = ""
    missing: int = 0
    repeated: int = 0
    closing: bool = False
    """Whether the list has ended, and one page is asked for because the meaning of the numbers was a guess."""
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
            return self._first_page(walk, state, page, rows)
        total = state.paging.total if state.paging else step.number
        said = state.paging.rows if state.paging else None
        # Under a meaning that is only being tried, a page that is not there says nothing about the list.
        is_of_list = state.offset is not None and not state.closing
        # Where the list counts its rows, they tell; else a last page that brings nothing is one that was counted wrong.
        is_short = step.number < total if said is None else step.number <= total and len(walk.met) < said
        short = INCOMPLETE if is_of_list and is_short else ""
        if not rows and len(page.body) <= STUB_BYTES:
            return Listing((), note=f"{short}page {step.number} of {total} is a stub of {len(page.body)} bytes")
        if not rows:
            return Listing((), note=f"{short}no links to articles on page {step.number} of {total}")
        if self._is_foreign(walk, state, page, rows):
            return Listing((), note="another column's list: its rows are not taken")
        keys = {identity_key(row.url) for row in rows}
        if keys <= walk.met:
            return Listing(rows, note=f"{short}page {step.number} of {total} repeats rows that were read")
        count = len(walk.met | keys)
        if said is not None and step.number >= total and count < said and not state.closing:
            return Listing(rows, note=f"{INCOMPLETE}{count} of {said} rows were read")
        return Listing(rows)

    def _first_page(self, walk: Walk, state: State, page: Page, rows: tuple[Link, ...]) -> Listing:
        state.size = len(rows)
        state.folders = {article_folder(row.url) for row in rows}
        state.heading = _heading(page)
        wanted = walk.portal.options_as(StaticPagedOptions).sub_columns
        columns = find_columns(page, walk.portal.index_url) if wanted else ()
        paging, most = read_paging(page), walk.portal.options.max_pages
        note = None if rows or columns else "no links to articles"
        if rows and paging is not None and paging.total > most:
            note = f"{INCOMPLETE}{most} of {paging.total} pages are read (max_pages)"
        elif rows and paging is not None and paging.rows == ROW_CAP:
            note = f"{INCOMPLETE}the list says exactly {ROW_CAP} rows: it seems to be cut there, and older rows missing"
        return Listing(rows, columns, note)

    @staticmethod
    def _is_foreign(walk: Walk, state: State, page: Page, rows: tuple[Link, ...]) -> bool:
        """Whether a guessed address brought another column's list: other folders, another heading, no reports."""
        own = column_folder(walk.url)
        if any(is_below(row.url, own) or article_folder(row.url) in state.folders for row in rows):
            return False
        # A list over many bodies has rows of ever new folders: its heading stays, or its rows are titled as reports.
        if state.heading and state.heading == _heading(page):
            return False
        return not any(judge_title(row.title, in_report_column=False).follow for row in rows)

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next numbered page, until one brings no new rows."""
        state, step = self._state(walk), task.context[1]
        if step is None:
            state.paging = read_paging(page) if page is not None else None
            state.base = directory_of(page.base) if page is not None else ""
            if state.paging is not None:
                yield from self._try_second(walk, state)
            return
        paging = state.paging
        if paging is None or state.closing:  # a numbered page is asked for only after a first page with a numbering
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
            state.missing += 1
        elif not new:
            state.repeated += 1
        else:
            state.missing = state.repeated = 0
        own = read_paging(page) if page is not None else None
        if own is not None and own.total > paging.total:  # written when there were more rows than on the first page
            state.paging = paging = replace(paging, total=own.total, rows=own.rows)
        following = step.number + 1
        # One page that fails or repeats another does not end the list; two in a row do.
        if following > paging.total and self._may_go_on(walk, state, following, listing, new):
            yield self._numbered(walk, state, Step(following, state.offset or 0), guess=True)
            return
        if state.missing + state.repeated > 1 or following > min(paging.total, walk.portal.options.max_pages):
            yield from self._end(walk, state, step, found=bool(new))
            return
        yield self._numbered(walk, state, Step(following, state.offset if state.offset is not None else step.offset))

    @staticmethod
    def _may_go_on(walk: Walk, state: State, following: int, listing: Listing | None, new: int) -> bool:
        """Whether there may be a page more than the portal counts: its last page is new and as full as the first."""
        full = listing is not None and state.offset is not None and len(listing.rows) >= state.size > 0
        return full and new >= state.size and following <= walk.portal.options.max_pages

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

    def _end(self, walk: Walk, state: State, step: Step, *, found: bool) -> Iterator[Task]:
        """The end of the list, as far as the numbers go."""
        paging = state.paging
        assert paging is not None  # the caller has it
        if step.number < paging.total:
            logger.info(
                "portal=%s column=%s list ends at page %d of %d", walk.portal.id, walk.url, step.number, paging.total
            )
        if not found and state.offset == 1 and 0 in paging.offsets and 0 not in state.tried:
            # `index_2` was taken for the second page, and there are fewer pages than said: it was the third.
            state.tried.append(0)
            state.closing = True
            yield self._numbered(walk, state, Step(2, 0), guess=True)

    def _numbered(self, walk: Walk, state: State, step: Step, *, guess: bool = False) -> Task:
        assert state.paging is not None  # the caller has it
        url = f"{state.base or directory_of(walk.url)}{state.paging.page(step.number, step.offset)}"
        return self.list_task(walk, url, step=step, guess=guess or state.offset is None)

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state


def _heading(page: Page) -> str:
    """What a list page calls itself, page numbers left out; empty where it does not."""
    column = re.search(r"<meta[^>]+name\s*=\s*[\"']?ColumnName[\"']?[^>]*>", page.text[:16384], re.IGNORECASE)
    named = re.search(r"content\s*=\s*[\"']([^\"']+)", column.group()) if column else None
    title = re.search(r"<title[^>]*>([^<]{0,200})", page.text[:16384], re.IGNORECASE)
    text = named.group(1) if named else title.group(1) if title else ""
    # A heading that any list may have, such as 列表, tells nothing.
    return re.sub(r"[\s\d]+|第页|[-_|].*$", "", text) if named or ABOUT_REPORTS.search(text) else ""
