"""Portals of Lonsun: one column an organ, its rows from the label service `/site/label/8888`.

Belongs here: what the column page says about that service, its answers, the organs' columns. Does not belong here:
asking and recording (`base`).

The column page may hold its first rows itself or be a shell. The service is asked by GET or by POST; portals differ in
which one they answer, in the template they name (`file`) and in the folder the service lies in. What the page's
scripts say is taken as they say it; what they leave out comes from the page's address and its meta tags.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from crawlers.archive.ledger import Outcome
from crawlers.collection import INCOMPLETE, Post, Task
from crawlers.families.lonsun import COLUMN, REPORTS, LonsunOptions, column_of, is_article
from crawlers.hosts import host_key
from crawlers.links import identity_key, judge_title, resolve
from crawlers.pages import Link, Page
from crawlers.spiders.base import NOTHING_YET, Listing, PortalSpider, Walk
from crawlers.spiders.pager import read_pager
from crawlers.spiders.rows import find_rows, json_rows, json_value
from crawlers.validation import Finding

__all__ = ["Label", "LonsunSpider", "find_label", "tree_columns"]

logger = logging.getLogger(__name__)

SERVICE = re.compile(r"[\w:/.-]*/site/label/\d+", re.IGNORECASE)
CALLED = re.compile(r"([\w:/.-]*/site/label/\d+)\?([^\"'\s<>\\]+)", re.IGNORECASE)
META_SITE = re.compile(r"<meta[^>]+name\s*=\s*[\"']?siteid[\"']?[^>]+content\s*=\s*[\"']?(\w+)", re.IGNORECASE)
META_SITE_BACK = re.compile(r"<meta[^>]+content\s*=\s*[\"']?(\w+)[\"']?[^>]+name\s*=\s*[\"']?siteid", re.IGNORECASE)
TREE = re.compile(r"\bcolumnTree\b|\borganTree\b|\bpublicOrganTree\b")
TREE_LABEL = re.compile(r"labelName[\"']?\s*[:=]\s*[\"']?((?:column|organ|publicOrgan)Tree)\b")
POSTED = re.compile(r"\b(?:type|method)\s*:\s*[\"']post[\"']|\$\.post\s*\(|Ls\.post\s*\(", re.IGNORECASE)
DEFAULT_SERVICE = "/site/label/8888"
DEFAULT_TEMPLATE = "/xxgk/publicInfoList_newest2020"
NO_ROWS = "暂无相关信息"
FIELDS = (
    "siteId",
    "organId",
    "type",
    "catId",
    "catIds",
    "pageSize",
    "action",
    "isDate",
    "dateFormat",
    "length",
    "fuzzySearch",
    "fromCode",
    "keyWords",
    "sortType",
    "cId",
    "result",
    "file",
    "active",
    "isInvalid",
)
DEFAULT_SIZE = 15
AROUND = 1500
"""Characters around a mention of the service in which its parameters stand."""
IDLE_PAGES = 2


class Way(StrEnum):
    """How the service is asked."""

    GET = "get"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Label:
    """The label service as a column page describes it."""

    url: str
    fields: Mapping[str, str]
    ways: tuple[Way, ...]
    tree: str | None = None
    """The label of the tree of organs, where the page asks for one."""

    @property
    def size(self) -> int:
        """Rows of one answer, as asked for."""
        text = self.fields.get("pageSize", "")
        return int(text) if text.isdigit() and int(text) else DEFAULT_SIZE


def find_label(page: Page, options: LonsunOptions | None = None) -> Label | None:
    """The label service of a column page; None where the page is no column."""
    said = options or LonsunOptions()
    column = column_of(page.url)
    mentions = [match.start() for match in SERVICE.finditer(page.text)]
    if column is None and not mentions:
        return None
    spoken: dict[str, str] = {}
    service = ""
    for called in CALLED.finditer(page.text):
        given = dict(parse_qsl(called.group(2).replace("&amp;", "&"), keep_blank_values=True))
        if given.get("labelName", "publicInfoList").startswith("publicInfoList"):
            service = service or called.group(1)
            spoken |= {key: value for key, value in given.items() if _is_plain(value)}
    blocks = [page.text[max(0, start - AROUND) : start + AROUND] for start in mentions] or _scripts(page.text)
    for block in blocks:
        for name in FIELDS:
            value = _spoken(block, name)
            if value is not None:
                spoken.setdefault(name, value)
    service = service or (SERVICE.search(page.text).group() if mentions else "")  # type: ignore[union-attr]  # mentioned
    site = META_SITE.search(page.text) or META_SITE_BACK.search(page.text)
    organ, kind, category = column or (spoken.get("organId", ""), None, "")
    query = {key.lower(): value for key, value in parse_qsl(urlsplit(page.url).query)}
    fields = {
        "labelName": "publicInfoList",
        "siteId": said.site_id or spoken.get("siteId") or query.get("siteid") or (site.group(1) if site else ""),
        "pageSize": str(said.page_size or spoken.get("pageSize") or DEFAULT_SIZE),
        "action": "list",
        "isDate": "true",
        "dateFormat": "yyyy-MM-dd",
        "length": "80",
        "cId": "",
        "result": NO_ROWS,
        "file": said.template or spoken.get("file") or DEFAULT_TEMPLATE,
        **{
            name: value
            for name, value in spoken.items()
            if name in FIELDS and name not in ("siteId", "pageSize", "file")
        },
        # The address says which organ and tab this is; a script may speak of several.
        "organId": organ or spoken.get("organId", ""),
        "type": kind or spoken.get("type") or REPORTS,
        "catId": said.cat_id or category or spoken.get("catId", ""),
    }
    posted = any(POSTED.search(block) for block in blocks) if mentions else False
    ways = (Way.POST, Way.GET) if posted else (Way.GET, Way.POST)
    tree = TREE_LABEL.search(page.text) or TREE.search(page.text)
    named = tree.group(tree.lastindex or 0) if tree else None
    return Label(_service_url(page, service), fields, ways, named)


def _service_url(page: Page, said: str) -> str:
    """The service's address: as the page says, else in the folder that `/public/` lies in."""
    parts = urlsplit(page.url)
    folder = parts.path.partition("/public/")[0] if "/public/" in parts.path else ""
    url = resolve(page.url, said) if said and "/site/label/" in said else None
    if url is not None and host_key(url) == host_key(page.url):
        return url
    return urljoin(page.url, f"{folder}{DEFAULT_SERVICE}")


def _scripts(text: str) -> list[str]:
    return re.findall(r"<script\b[^>]*>(.*?)</script>", text, re.IGNORECASE | re.DOTALL)


def _is_plain(value: str) -> bool:
    """Whether a value stands there, and is not put together by a script."""
    return not re.search(r"[+{}$()]|\bundefined\b", value)


def _spoken(block: str, name: str) -> str | None:
    """What a script or a hidden field says that a parameter is."""
    match = re.search(
        rf"(?<![\w.$])[\"']?{name}[\"']?\s*[:=]\s*(?:\"([^\"]*)\"|'([^']*)'|(\d+|true|false)\b)", block
    ) or re.search(
        rf"<input\b[^>]*\b(?:id|name)\s*=\s*[\"']{name}[\"'][^>]*\bvalue\s*=\s*[\"']([^\"']*)[\"']",
        block,
        re.IGNORECASE,
    )
    if match is None:
        return None
    value = next((group for group in match.groups() if group is not None), "")
    return value if _is_plain(value) else None


def tree_columns(value: Any, page_url: str) -> tuple[Link, ...]:
    """The annual-report columns of the organs in a tree; a tree whose body is `null` has none."""
    own = column_of(page_url)
    columns: dict[str, Link] = {}
    for node in _nodes(value):
        name = str(node.get("name") or node.get("title") or node.get("organName") or "").strip()
        href = next((str(node[key]) for key in ("htmlPath", "url", "uri", "link", "href") if node.get(key)), "")
        url = resolve(page_url, href) if href else None
        organ = next((str(node[key]) for key in ("organId", "id") if re.fullmatch(r"\d+", str(node.get(key, "")))), "")
        if url is None and organ:
            url = urljoin(page_url, COLUMN.sub(f"/public/column/{organ}", urlsplit(page_url).path))
        if url is None or judge_title(name).is_near_miss:
            continue
        column = column_of(url)
        if column is None or (column[1] != REPORTS and (column[2] or own is None or column[0] == own[0])):
            continue  # a category of the catalogue, no organ
        if column != own:
            target = _at_reports(Link(url=url, title=name, href=href), column)
            columns.setdefault(identity_key(target.url), target)
    return tuple(columns.values())


def _at_reports(link: Link, column: tuple[str, str | None, str]) -> Link:
    """A link to an organ's column, turned to its annual reports."""
    if column[1] == REPORTS:
        return link
    parts = urlsplit(link.url)
    url = parts._replace(query=urlencode({"type": REPORTS, "action": "list"})).geturl()
    return Link(url=url, title=link.title, href=link.href)


def _nodes(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for inner in value.values():
            if isinstance(inner, list | dict):
                yield from _nodes(inner, depth + 1)


@dataclass(frozen=True, slots=True)
class Step:
    """A question to the service: which page, and how it is asked; the tree of organs is no page."""

    index: int
    way: Way
    is_tree: bool = False


@dataclass(slots=True)
class State:
    """Where a walk stands in its list."""

    label: Label | None = None
    ways: list[Way] = field(default_factory=list)
    proven: bool = False
    shown: int = 0
    """Rows that the column page held itself."""
    rows: int = 0
    pages: int | None = None
    total: int | None = None
    idle: int = 0
    missing: int = 0
    last: frozenset[str] = frozenset()
    """The rows of the answer before: the same ones again are the last page repeated."""
    asked: set[int] = field(default_factory=set)

    @property
    def first_index(self) -> int:
        """The page that counting from 0 would have made us leave out."""
        return 1 if self.shown else 0


class LonsunSpider(PortalSpider):
    """Collects Lonsun portals."""

    name = "lonsun"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of a column page or of an answer; on the first page also the columns of other organs."""
        step: Step | None = task.context[1]
        options = walk.portal.options_as(LonsunOptions)
        if step is not None and step.is_tree:
            columns = self._allowed(walk, tree_columns(json_value(page.text), walk.url))
            note = f"{len(columns)} organs" if columns else "the tree names no organs"
            return Listing((), columns, note, shell=True)
        rows = self._rows(walk, page)
        if step is None:
            columns = self._organs(walk, page) if walk.is_root and options.organs else ()
            service = find_label(page, options)
            waits = service is not None and not rows and not NOTHING_YET.search(page.shown)
            if waits:
                return Listing((), columns, "the rows are asked for", shell=True)
            return Listing(rows, columns, None if rows or columns else "no links to articles")
        return Listing(rows, note=self._note(walk, step, page, rows))

    def _judge_listing(self, task: Task, page: Page, listing: Listing) -> Finding | None:
        """An empty answer is judged when no other way of asking is left."""
        walk: Walk = task.context[0]
        step: Step | None = task.context[1]
        if step is None or step.is_tree:
            return super()._judge_listing(task, page, listing)
        state = self._state(walk)
        if state.proven or state.shown or listing.rows or len(state.ways) > 1:
            return None
        if NOTHING_YET.search(page.shown) or json_value(page.text) in ([], {}):
            return Finding(Outcome.EMPTY, "the label service says that the column holds nothing yet")
        if not walk.is_root:
            return None
        return Finding(
            Outcome.LAYOUT_CHANGED,
            "the label service gives no rows for this column: look at the page's own requests, then correct site_id, "
            "cat_id or template",
        )

    def _rows(self, walk: Walk, page: Page) -> tuple[Link, ...]:
        value = json_value(page.text) if page.text.lstrip()[:1] in "{[" else None
        if value is not None:
            return json_rows(value, walk.url)
        links = find_rows(page.links, is_article, lambda link: column_of(link.url) is not None)
        return tuple(link for link in links if link.url != page.url)

    def _note(self, walk: Walk, step: Step, page: Page, rows: tuple[Link, ...]) -> str | None:
        state = self._state(walk)
        new = sum(1 for row in rows if identity_key(row.url) not in walk.met)
        read = len(walk.met) + new
        pager = read_pager(page)
        total, pages = pager.rows or state.total, pager.pages or state.pages
        ends = not new or (pages is not None and step.index >= pages)
        if walk.pages + 1 >= walk.portal.options.max_pages and not ends:
            return f"{INCOMPLETE}{walk.portal.options.max_pages} pages are read (max_pages)"
        if ends and state.proven and total is not None and read < total and state.first_index in state.asked:
            return f"{INCOMPLETE}{read} of {total} rows were read"
        return f"{len(rows)} rows" if rows else "no rows: end of the list"

    def _organs(self, walk: Walk, page: Page) -> tuple[Link, ...]:
        """The annual-report columns of other organs, and of other categories of this one."""
        own = column_of(walk.url)
        columns: dict[tuple[str, str], Link] = {}
        for link in page.links:
            column = column_of(link.url)
            if column is None or own is None or column == own:
                continue
            if column[0] == own[0]:  # a tab of this organ, or this one spelt another way
                wanted = column[1] == REPORTS and bool(column[2]) and not link.in_furniture
            elif column[1] == REPORTS:
                wanted = True
            else:  # lists of organs lead to their first tab
                wanted = not link.in_furniture and judge_title(link.title, in_report_column=True).follow
            if wanted:
                columns.setdefault((column[0], column[2]), _at_reports(link, column))
        return self._allowed(walk, tuple(columns.values()))

    @staticmethod
    def _allowed(walk: Walk, links: tuple[Link, ...]) -> tuple[Link, ...]:
        return tuple(link for link in links if walk.portal.allows(link.url))

    # ---- further pages -----------------------------------------------------------------------------------------------

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The answers of the service, one after another, until nothing new comes."""
        step: Step | None = task.context[1]
        state = self._state(walk)
        if step is None:
            if page is not None:
                yield from self._first(walk, state, page, listing)
            return
        if step.is_tree or state.label is None or walk.pages >= walk.portal.options.max_pages:
            return
        if page is None:
            yield from self._without_answer(walk, state, step, task)
            return
        pager = read_pager(page)
        state.pages, state.total = pager.pages or state.pages, pager.rows or state.total
        count = len(listing.rows) if listing is not None else 0
        if not count:
            yield from self._no_rows(walk, state, step)
            return
        state.proven, state.missing, state.ways = True, 0, [step.way]
        keys = frozenset(identity_key(row.url) for row in listing.rows) if listing is not None else frozenset()
        state.idle = 0 if new else state.idle + (IDLE_PAGES if keys == state.last else 1)
        state.last = keys
        state.rows += count if new else 0
        yield from self._following(walk, state, step)

    def _first(self, walk: Walk, state: State, page: Page, listing: Listing | None) -> Iterator[Task]:
        options = walk.portal.options_as(LonsunOptions)
        label = find_label(page, options)
        rows = listing.rows if listing is not None else ()
        if label is None:
            return
        state.label, state.ways = label, list(label.ways)
        pager = read_pager(page)
        state.rows = state.shown = len(rows)
        if walk.is_root and options.organs:
            yield from self._tree(walk, label)
        if rows and pager.pages == 1 and (pager.rows is None or len(rows) >= pager.rows):
            return
        if rows and SERVICE.search(page.text) is None and pager.is_silent:
            return  # all rows stand in the page, which neither counts more nor asks for them
        if not rows and listing is not None and not listing.shell:
            return  # the page says that there is nothing
        yield self._ask_page(walk, state, Step(2 if rows else 1, state.ways[0]))

    def _tree(self, walk: Walk, label: Label) -> Iterator[Task]:
        """The question for the tree of organs, where the page asks it."""
        if label.tree is None:
            return
        fields = {"labelName": label.tree, "isJson": "true", "siteId": label.fields["siteId"]}
        fields |= {"organId": label.fields["organId"], "id": label.fields["organId"]}
        yield self.list_task(walk, f"{label.url}?{_query(fields)}", step=Step(0, Way.GET, is_tree=True), guess=True)

    def after_known(self, walk: Walk, task: Task, page: Page, listing: Listing) -> Iterator[Task]:
        """Where all rows are known, other organs may still have something new: the tree names them."""
        options = walk.portal.options_as(LonsunOptions)
        label = find_label(page, options) if task.context[1] is None else None
        if label is not None and walk.is_root and options.organs:
            yield from self._tree(walk, label)

    def _following(self, walk: Walk, state: State, step: Step) -> Iterator[Task]:
        """The next page; at the end of the list, what its numbering may have left out."""
        complete = state.total is not None and len(walk.met) >= state.total
        ended = state.idle >= IDLE_PAGES or complete or (state.pages is not None and step.index >= state.pages)
        if not ended:
            following = step.index + 1
            if following not in state.asked:
                yield self._ask_page(walk, state, Step(following, step.way))
            return
        if complete or (state.total is None and state.shown == 0):
            return
        yield from self._left_out(walk, state, step)

    def _left_out(self, walk: Walk, state: State, step: Step) -> Iterator[Task]:
        """A list that holds more than was read may count its pages from 0: then one of the first two is missing."""
        if state.total is None and state.shown == 0:
            return
        index = state.first_index
        if index not in state.asked:
            yield self._ask_page(walk, state, Step(index, step.way))

    def _no_rows(self, walk: Walk, state: State, step: Step) -> Iterator[Task]:
        if state.proven:
            if state.total is not None and len(walk.met) < state.total:
                yield from self._left_out(walk, state, step)
            return
        # The first question brought nothing: perhaps the service wants to be asked the other way.
        yield from self._other_way(walk, state, step)

    def _other_way(self, walk: Walk, state: State, step: Step) -> Iterator[Task]:
        state.ways = [way for way in state.ways if way is not step.way]
        if state.ways:
            state.asked.discard(step.index)
            yield self._ask_page(walk, state, Step(step.index, state.ways[0]))

    def _without_answer(self, walk: Walk, state: State, step: Step, task: Task) -> Iterator[Task]:
        if not state.proven:
            yield from self._other_way(walk, state, step)
            return
        # One page that fails does not end the list; two in a row do.
        state.missing += 1
        if state.missing == 1 and task.passing and (state.pages is None or step.index < state.pages):
            yield self._ask_page(walk, state, Step(step.index + 1, step.way))

    def _ask_page(self, walk: Walk, state: State, step: Step) -> Task:
        assert state.label is not None  # the caller has it
        state.asked.add(step.index)
        fields = {"pageIndex": str(step.index), **state.label.fields}
        # As long as another way is left, an empty answer says nothing about the list.
        guess = not state.proven and len(state.ways) > 1
        ajax = {"IsAjax": "1", "dataType": "html"}
        if step.way is Way.POST:
            url = f"{state.label.url}?{_query(ajax)}"
            return self.list_task(walk, url, step=step, post=Post.form(fields), guess=guess)
        return self.list_task(walk, f"{state.label.url}?{_query({**ajax, **fields})}", step=step, guess=guess)

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state


def _query(fields: Mapping[str, str]) -> str:
    return urlencode(fields, quote_via=quote)
