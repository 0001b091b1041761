"""Guangdong's catalogue platform (政府信息公开目录平台): a tree of columns in the page, rows from an interface.

Belongs here: finding the annual-report column in the tree, asking its pages. Does not belong here: columns of the same
house that are plain pages (`nfcms`), to which a node of the tree may lead.

`GET [/<body>]/gkmlpt/api/all/<id>?page=1&sid=<site>` answers 100 rows; page 0 and page 1 are the same. An id that the
platform does not know is answered with something that is no JSON. A node with `jump_url` has no rows of its own: it
leads to another page.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from crawlers.collection import INCOMPLETE, Task
from crawlers.families.gkmlpt import GkmlptOptions
from crawlers.hosts import host_key
from crawlers.json_lists import (
    JsonList,
    Progress,
    find_list,
    known_scheme,
    row_date,
    row_files,
    row_title,
    row_urls,
    whole,
)
from crawlers.links import Verdict, judge_title, resolve
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.scripts import find_assigned, plain, read_json
from crawlers.spiders.answered import AnsweredListSpider
from crawlers.spiders.base import Listing, Walk
from crawlers.spiders.nfcms import NfcmsSpider

__all__ = ["Config", "GkmlptSpider", "Node", "annual_nodes", "link_of", "read_config"]

logger = logging.getLogger(__name__)

API = re.compile(r"^(?P<house>.*?/gkmlpt)/api/\w+/(?P<column>\d+)$")
HOUSE = re.compile(r"^(?P<prefix>.*?)/gkmlpt(?:/|$)")
COLUMN_IN_FRAGMENT = re.compile(r"^[!/]*(?:\w+/)?(\d+)")
SID_IN_TEXT = re.compile(r"[\"']?\bSID[\"']?\s*[:=]\s*[\"']?(\w+)|[?&]sid=(\w+)")
ANNUAL = re.compile(r"年度?报(?!表|名|考|道|纸|刊|警|销|废|批|价)|工作报告")
OTHER_ANNUAL = re.compile(
    r"网站|报表|财政|预算|决算|统计|法治|依法|审计|企业|环境|质量|政府工作报告|信用|党|解读|制度|指南|国民经济|绩效"
)
ABOUT_OPENNESS = re.compile(r"信息公开|政务公开|公开|信公")
CHILD_KEYS = ("children", "child", "childs", "childList", "nodes", "sub")
ID_KEYS = ("id", "classify_id", "cat_id", "column_id", "value")
NAME_KEYS = ("name", "title", "classify_name", "label", "text")
JUMP_KEYS = ("jump_url", "jumpUrl", "jump", "link_url")
PARENT_KEYS = ("parent", "parent_id", "parentId", "pid")
COUNT_KEYS = ("post_count", "postCount", "count", "total")
ARTICLE_KEYS = ("url", "post_url", "postUrl", "link", "href")
CLASS_KEYS = ("classify_main", "classify_id", "classify_main_id", "cat_id", "classify_main_name")
EVERYTHING = "0"
MOST_NODES = 5000


# ---- the tree -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Node:
    """A column of the tree."""

    id: str
    name: str
    jump: str | None = None
    count: int | None = None
    children: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Config:
    """What the page says of its site."""

    sid: str | None
    nodes: tuple[Node, ...]

    def find(self, number: str) -> Node | None:
        """The node of that number."""
        return next((node for top in self.nodes for node in top.walk() if node.id == number), None)


def read_config(page: Page) -> Config | None:
    """The site's number and tree, from `window._CONFIG`; None where the page has neither."""
    text = page.text
    config = find_assigned(text, "_CONFIG")
    config = {str(key).upper(): value for key, value in config.items()} if isinstance(config, dict) else {}
    tree = config.get("TREE")
    if not tree:
        tree = find_assigned(text, "TREE")
    if isinstance(tree, str):
        tree = read_json(tree)
    sid = config.get("SID")
    if not isinstance(sid, str | int) or not str(sid).strip():
        match = SID_IN_TEXT.search(text)
        sid = next((group for group in match.groups() if group), None) if match else None
    nodes = _nodes(tree)
    if not nodes and (sid is None or not config):
        return None
    return Config(str(sid).strip() if sid is not None else None, nodes)


def _nodes(tree: Any) -> tuple[Node, ...]:
    if isinstance(tree, dict):
        inner = next((tree[key] for key in CHILD_KEYS if isinstance(tree.get(key), list)), None)
        if inner is not None and not _first(tree, ID_KEYS):
            tree = inner
        else:
            tree = [tree] if _first(tree, NAME_KEYS) else list(tree.values())
    if not isinstance(tree, list):
        return ()
    each = [node for node in tree[:MOST_NODES] if isinstance(node, dict)]
    return _flat(each) if _is_flat(each) else tuple(node for raw in each if (node := _node(raw)) is not None)


def _is_flat(nodes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the tree is a list in which each node names its parent."""
    if any(node.get(key) for node in nodes for key in CHILD_KEYS):
        return False
    known = {str(_first(node, ID_KEYS)) for node in nodes}
    return any(str(_parent(node)) in known for node in nodes)


def _flat(nodes: Sequence[Mapping[str, Any]]) -> tuple[Node, ...]:
    known = {str(_first(node, ID_KEYS)) for node in nodes}
    below: dict[str, list[Mapping[str, Any]]] = {}
    for node in nodes:
        below.setdefault(str(_parent(node)), []).append(node)

    def build(raw: Mapping[str, Any], above: frozenset[str]) -> Node | None:
        number = str(_first(raw, ID_KEYS))
        inner = [] if number in above else below.get(number, [])
        return _node(raw, tuple(made for one in inner if (made := build(one, above | {number})) is not None))

    tops = [node for node in nodes if str(_parent(node)) not in known]
    return tuple(made for raw in tops if (made := build(raw, frozenset())) is not None)


def _node(raw: Mapping[str, Any], children: tuple[Node, ...] | None = None, depth: int = 0) -> Node | None:
    number, name, jump = _first(raw, ID_KEYS), _first(raw, NAME_KEYS), _first(raw, JUMP_KEYS)
    if number is None and jump is None:
        return None
    if children is None:
        inner: list[Any] = next((raw[key] for key in CHILD_KEYS if isinstance(raw.get(key), list)), [])
        children = tuple(
            node
            for one in (inner if depth < 12 else [])
            if isinstance(one, dict) and (node := _node(one, None, depth + 1)) is not None
        )
    count = next((whole(raw[key]) for key in COUNT_KEYS if whole(raw.get(key)) is not None), None)
    has_jump = isinstance(jump, str) and jump.strip() and not jump.strip().lower().startswith("javascript")
    return Node(str(number or ""), plain(name), str(jump).strip() if has_jump else None, count, children)


def _first(raw: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((raw[key] for key in keys if raw.get(key) not in (None, "", False)), None)


def _parent(raw: Mapping[str, Any]) -> Any:
    parent = _first(raw, PARENT_KEYS)
    return _first(parent, ID_KEYS) if isinstance(parent, dict) else parent


def annual_nodes(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The columns of annual reports, by name, the topmost of each branch; those on openness before other ones."""
    found: list[Node] = []

    def look(node: Node) -> None:
        if ANNUAL.search(node.name) and not OTHER_ANNUAL.search(node.name):
            found.append(node)
            return
        for child in node.children:
            look(child)

    for node in nodes:
        look(node)
    plainly = [
        node for node in found if ABOUT_OPENNESS.search(node.name) or re.fullmatch(r"\W*年度?报告?\W*", node.name)
    ]
    return tuple(plainly or found)


# ---- rows -----------------------------------------------------------------------------------------------------------


def link_of(row: Mapping[str, Any], house: str, portal: Portal) -> Link | None:
    """Where a row leads: the first of its addresses that may be asked; made from its number where it has none."""
    urls = row_urls(row, f"{house}/", ARTICLE_KEYS)
    url = next((url for url in urls if portal.allows(url)), None) or next(iter(urls), None)
    number = whole(row.get("id"))
    if url is None and number is not None:
        url = f"{house}/content/{number // 1_000_000}/{number // 1000}/post_{number}.html"
    if url is None:
        return None
    return Link(url=url, title=row_title(row), date=row_date(row), href=url, in_row=True)


def _answer(page: Page) -> JsonList | None:
    """The list that the interface answered, with the column's own count where it gives no other."""
    answer = find_list(read_json(page.text))
    if answer is None or answer.total is not None or answer.holder is None:
        return answer
    classify = answer.holder.get("classify")
    return replace(answer, total=whole(classify.get("post_count")) if isinstance(classify, dict) else None)


# ---- the way through it ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Column:
    """A column that is asked of the interface, and how far it has been read."""

    house: str
    node: Node
    progress: Progress = field(default_factory=Progress)
    classes: Counter[str] = field(default_factory=Counter)
    """Rows by the column that they name as their own."""


@dataclass(slots=True)
class State:
    """What is known of the platform, for one walk."""

    sid: str | None = None
    columns: list[Column] = field(default_factory=list)
    waiting: list[Node] = field(default_factory=list)
    house: str = ""
    everything: bool = False
    """Whether the rows are those of the whole catalogue: no annual-report column was found."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page of a column's rows."""

    column: int
    page: int


class GkmlptSpider(AnsweredListSpider, NfcmsSpider):
    """Collects the catalogue platform; a node that leads to a plain page is read as one."""

    name = "gkmlpt"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """Of the first page the tree, of an answer its rows."""
        step: Step | None = task.context[1]
        if isinstance(step, Step):
            return self._rows(walk, step, page)
        if step is None:
            called = API.match(urlsplit(page.url).path)
            if called and read_json(page.text) is not None:
                return self._called(walk, page, called)
            config = read_config(page) or self._unsaid(walk, page)
            if config is not None:
                return self._tree(walk, page, config)
        return super().read_list(walk, task, page)

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The first page of each column found, its further pages, then the columns below that it does not cover."""
        state, step = walk.state, task.context[1]
        if not isinstance(state, State):
            yield from super().go_on(walk, task, page, listing, new)
            return
        if isinstance(step, Step):
            yield from self._after(walk, state, step, page)
        elif state.columns:  # the interface itself was the list page
            yield from self._after(walk, state, Step(0, self._page_of(walk.url)), page)
        yield from self._next_column(walk, state)

    def after_known(self, walk: Walk, task: Task, page: Page, listing: Listing) -> Iterator[Task]:
        """The other columns of the tree; those below this one only where its own rows are not theirs too."""
        state, step = walk.state, task.context[1]
        if not isinstance(state, State):
            yield from super().after_known(walk, task, page, listing)
            return
        if isinstance(step, Step):
            column = state.columns[step.column]
            self._count_classes(column, _answer(page))
            if any(column.classes[child.id] or column.classes[child.name] for child in column.node.children):
                column.node = Node(column.node.id, column.node.name)
        yield from self._next_column(walk, state)

    def judge_row(self, walk: Walk, row: Link) -> Verdict:
        """In the whole catalogue a title has to say by itself that it is a report on openness."""
        if isinstance(walk.state, State) and walk.state.everything:
            return judge_title(row.title, in_report_column=False)
        return super().judge_row(walk, row)

    # ---- the first page

    @staticmethod
    def _unsaid(walk: Walk, page: Page) -> Config | None:
        """A page of the platform whose configuration is elsewhere, where entry or address name the column."""
        options = walk.portal.options_as(GkmlptOptions)
        named = COLUMN_IN_FRAGMENT.match(urlsplit(walk.url).fragment) or (walk.is_root and options.column_id)
        return Config(options.sid, ()) if named and HOUSE.match(urlsplit(page.url).path) else None

    def _tree(self, walk: Walk, page: Page, config: Config) -> Listing:
        parts = urlsplit(page.url)
        prefix = HOUSE.match(parts.path)
        house = f"{parts.scheme}://{parts.netloc}{prefix.group('prefix') if prefix else ''}/gkmlpt"
        options = walk.portal.options_as(GkmlptOptions)
        state = State(sid=options.sid or config.sid, house=house)
        walk.state = state
        named = COLUMN_IN_FRAGMENT.match(urlsplit(walk.url).fragment)
        number = named.group(1) if named else options.column_id if walk.is_root else None
        chosen: tuple[Node, ...]
        chosen = (config.find(number) or Node(number, walk.name),) if number is not None else annual_nodes(config.nodes)
        jumps, state.waiting = self._sorted(chosen, page, walk.url)
        if state.waiting or jumps:
            names = ", ".join(f"{node.id} {node.name}" for node in state.waiting)
            return Listing((), jumps, f"the rows of {names} are asked for" if names else None, shell=not jumps)
        if not walk.is_root:
            return Listing((), note="no annual-report column in the tree")
        # The catalogue as a whole is long, but it is the only place left where reports can stand.
        state.everything, state.waiting = True, [Node(EVERYTHING, walk.name)]
        return Listing((), note="no annual-report column in the tree: the whole catalogue is read", shell=True)

    @staticmethod
    def _sorted(chosen: Sequence[Node], page: Page, walk_url: str) -> tuple[tuple[Link, ...], list[Node]]:
        """Nodes that lead elsewhere, as columns; nodes to ask the interface for."""
        jumps: list[Link] = []
        asked: list[Node] = []
        waiting = list(chosen)
        while waiting:
            node = waiting.pop(0)
            if node.jump is None:
                asked.append(node)
                jumps += [
                    Link(url=url, title=below.name, href=below.jump or "")
                    for child in node.children
                    for below in child.walk()
                    if below.jump and (url := _jump(page, below.jump)) is not None
                ]
                continue
            url = _jump(page, node.jump)
            named = COLUMN_IN_FRAGMENT.match(urlsplit(url).fragment) if url else None
            if url is not None and named and _same_page(url, page.url, walk_url):
                asked.append(Node(named.group(1), node.name, None, node.count, node.children))
            elif url is not None:
                jumps.append(Link(url=url, title=node.name, href=node.jump))
            waiting += node.children
        return tuple(dict.fromkeys(jumps)), asked

    def _called(self, walk: Walk, page: Page, called: re.Match[str]) -> Listing:
        """The interface itself as list page."""
        parts = urlsplit(page.url)
        house = f"{parts.scheme}://{parts.netloc}{called.group('house')}"
        sid = dict(parse_qsl(parts.query)).get("sid")
        number = called.group("column")
        walk.state = State(sid=sid, house=house, everything=number == EVERYTHING)
        walk.state.columns.append(Column(house, Node(number, walk.name)))
        return self._rows(walk, Step(0, self._page_of(walk.url)), page)

    @staticmethod
    def _page_of(url: str) -> int:
        return whole(dict(parse_qsl(urlsplit(url).query)).get("page")) or 1

    # ---- rows

    def _rows(self, walk: Walk, step: Step, page: Page) -> Listing:
        state: State = walk.state
        column = state.columns[step.column]
        answer = _answer(page)
        if answer is None:
            what = f"no JSON list for column {column.node.id} ({column.node.name}): {len(page.body)} bytes"
            return Listing((), note=f"{INCOMPLETE}{what}", is_list=False)
        rows: list[Link] = []
        for row in answer.rows:
            link = link_of(row, column.house, walk.portal)
            if link is None:
                continue
            rows.append(link)
            if self.judge_row(walk, link).follow:
                self.keep_files(walk.portal, link.url, row_files(row, link.url))
        shortfall = column.progress.shortfall(answer, step.page, walk.portal.options.max_pages)
        of = "" if answer.total is None else f" of {answer.total}"
        return Listing(tuple(rows), note=f"{INCOMPLETE}{shortfall}" if shortfall else f"{len(rows)} rows{of}")

    def _after(self, walk: Walk, state: State, step: Step, page: Page | None) -> Iterator[Task]:
        """The page after this one, if the column has more."""
        column = state.columns[step.column]
        answer = _answer(page) if page is not None else None
        if answer is None:
            return
        self._count_classes(column, answer)
        following = column.progress.take(answer, step.page, walk.portal.options.max_pages)
        if following is not None:
            yield self._task(walk, state, step.column, following)

    @staticmethod
    def _count_classes(column: Column, answer: JsonList | None) -> None:
        for row in answer.rows if answer is not None else ():
            column.classes.update({str(row[key]) for key in CLASS_KEYS if row.get(key) not in (None, "")})

    def _next_column(self, walk: Walk, state: State) -> Iterator[Task]:
        for column in state.columns:
            for child in column.node.children:
                if child.jump is None and child.id and not self._covered(column, child):
                    state.waiting.append(child)
            column.node = Node(column.node.id, column.node.name)  # its children are dealt with
        while state.waiting:
            node = state.waiting.pop(0)
            if any(column.node.id == node.id for column in state.columns):
                continue
            state.columns.append(Column(state.house, node))
            yield self._task(walk, state, len(state.columns) - 1, 1)
            return

    @staticmethod
    def _covered(column: Column, child: Node) -> bool:
        """Whether a column's own rows were those of one below it too, which says how many it has."""
        if not column.progress.complete or not column.classes:
            return False
        counted = max(column.classes[child.id], column.classes[child.name])
        own = child.count
        return (
            own is not None
            and counted >= own
            and (counted > 0 or column.progress.total is not None)
            and not child.children
        )

    def _task(self, walk: Walk, state: State, place: int, number: int) -> Task:
        column = state.columns[place]
        fields = {"page": str(number), **({"sid": state.sid} if state.sid else {})}
        url = f"{column.house}/api/all/{column.node.id}?{urlencode(fields)}"
        return self.list_task(walk, url, step=Step(place, number))


def _jump(page: Page, jump: str) -> str | None:
    """Where a node leads, with its fragment: that names a column of the platform."""
    url = resolve(page.url, jump)
    if url is None:
        return None
    fragment = urldefrag(urljoin(page.url, jump)).fragment
    url = known_scheme(url, page.url)
    return f"{url}#{fragment}" if fragment else url


def _same_page(url: str, *others: str) -> bool:
    """Whether an address is on the platform that is being read: the same host and body."""
    ours = HOUSE.match(urlsplit(url).path)
    for other in others:
        theirs = HOUSE.match(urlsplit(other).path)
        if ours and theirs and ours.group("prefix") == theirs.group("prefix") and host_key(url) == host_key(other):
            return True
    return False
