"""Portals of Epoint EWB: a shell page, and rows as JSON from `…/rest/lightfrontaction/getgovinfolist`.

Belongs here: what the shell and its scripts say about that service, its answers, its page numbers. Does not belong
here: asking and recording (`base`).

The site's number (`siteGuid`) and the service's folder stand in a script file that the shell loads. Portals differ in
how a question is written (plain JSON, wrapped in `params`, a form) and in what they call the first page (0 or 1). The
first page is asked as 0: where that is the same as 1, or empty, the next number tells. A list that then holds more rows
than were read is said to be incomplete.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.archive.ledger import Outcome, Role
from crawlers.collection import INCOMPLETE, Post, Task
from crawlers.families.epoint import EpointOptions
from crawlers.hosts import host_key
from crawlers.links import identity_key, resolve
from crawlers.middlewares import header
from crawlers.pages import Link, Page
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.rows import find_rows, json_rows, json_value
from crawlers.validation import Finding, looks_like_html

__all__ = ["Answer", "EpointSpider", "Service", "read_answer", "read_service", "script_files"]

logger = logging.getLogger(__name__)

GUID = re.compile(r"[\"']?siteGuid[\"']?\s*[:=]\s*[\"']([0-9A-Za-z-]{6,64})[\"']", re.IGNORECASE)
PROJECT = re.compile(r"[\"']?projectName[\"']?\s*[:=]\s*[\"']/?([\w.-]+(?:/[\w.-]+)*)/?[\"']", re.IGNORECASE)
ENDPOINT = re.compile(
    r"(\+\s*)?[\"'`]((?:https?://[^\"'`\s/]+)?[\w./${}-]*?/?rest/lightfrontaction/\w*govinfolist\w*)[\"'`]",
    re.IGNORECASE,
)
ANY_PROJECT = re.compile(r"[\"'/](EWB[-_]\w+|Epoint[\w-]*)(?=[\"'/])", re.IGNORECASE)
SIZE = re.compile(r"[\"']?\bpageSize[\"']?\s*[:=]\s*[\"']?(\d{1,3})\b", re.IGNORECASE)
BASE = re.compile(r"[\"']?\b(?:pageIndex|currentPage|pageNow)[\"']?\s*[:=]\s*[\"']?([01])\b", re.IGNORECASE)
CATEGORY = re.compile(r"[\"']?\bcategorynum[\"']?\s*[:=]\s*[\"'](\d{3,30})[\"']", re.IGNORECASE)
DEPT = re.compile(r"[\"']?\bdeptcode[\"']?\s*[:=]\s*[\"'](\w{1,30})[\"']", re.IGNORECASE)
WRAPPED = re.compile(r"[\"']?\bparams[\"']?\s*:\s*(?:\{|JSON\.stringify|param)|\bparams\s*=\s*\{", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b[^>]*\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
LIBRARY = re.compile(
    r"jquery|\.min\.js$|layui|^layer|swiper|miniui|mustache|echarts|respond|html5|^vue|bootstrap|placeholder|counter|"
    r"^stat|share|chosen",
    re.IGNORECASE,
)
LIKELY = re.compile(r"webBuilderCommon|ajaxReq|ewb|common|govinfo|config|site", re.IGNORECASE)
USUAL_SCRIPTS = ("/js/webBuilderCommon.js", "/js/ajaxReq.js")
MOST_SCRIPTS = 4
DEFAULT_PROJECT = "EWB-FRONT"
ACTION = "rest/lightfrontaction/getgovinfolist"
DEFAULT_SIZE = 20
IDLE_PAGES = 2
BROUGHT_ROWS = re.compile(r"[1-9]\d* rows$")
"""The note of an answer that held rows."""
TOTALS = ("total", "totalcount", "totalnum", "totalrecord", "rowcount", "recordcount")


class Shape(StrEnum):
    """How a question is written."""

    PLAIN = "plain"
    WRAPPED = "wrapped"
    FORM = "form"


@dataclass(slots=True)
class Service:
    """What is known of the service; the shell says a part of it, its scripts the rest."""

    url: str = ""
    guid: str = ""
    category: str = ""
    dept: str = ""
    size: int = DEFAULT_SIZE
    base: int | None = None
    wrapped: bool | None = None
    project: str = ""

    def address(self, page_url: str) -> str:
        """Where the service lies, by what is known."""
        return self.url or urljoin(page_url, f"/{self.project or DEFAULT_PROJECT}/{ACTION}")


def read_service(page_url: str, texts: Mapping[str, str], options: EpointOptions | None = None) -> Service:
    """The service as the shell and its scripts describe it.

    Args:
        page_url: the shell's address: its query names the column.
        texts: the texts read so far, by address; the shell first.
        options: what the entry says.
    """
    said = options or EpointOptions()
    query = {key.lower(): value for key, value in parse_qsl(urlsplit(page_url).query)}
    whole = "\n".join(texts.values())
    guid, project, size = GUID.search(whole), PROJECT.search(whole), SIZE.search(whole)
    base, category, dept = BASE.search(whole), CATEGORY.search(whole), DEPT.search(whole)
    named = project.group(1) if project else None
    folder = said.project.strip("/") if said.project else named
    if folder is None and (known := ANY_PROJECT.search(whole)) is not None:
        folder = known.group(1)
    found_size = int(size.group(1)) if size and int(size.group(1)) else DEFAULT_SIZE
    service = Service(
        guid=said.site_guid or (guid.group(1) if guid else ""),
        category=said.category or query.get("categorynum") or (category.group(1) if category else ""),
        dept=said.dept or query.get("deptcode") or (dept.group(1) if dept and "categorynum" not in query else ""),
        size=said.page_size or min(found_size, 200),
        base=said.page_base if said.page_base is not None else (int(base.group(1)) if base else None),
        wrapped=said.wrapped if said.wrapped is not None else (True if WRAPPED.search(whole) else None),
        project=folder or "",
    )
    for endpoint in ENDPOINT.finditer(whole):
        path = endpoint.group(2)
        if "{" in path or endpoint.group(1) or (path.startswith("/rest/") and folder):
            path = f"/{folder or DEFAULT_PROJECT}/rest/{path.rpartition('rest/')[2]}"
        url = resolve(page_url, path if path.startswith(("/", "http")) else f"/{path}")
        if url is not None and host_key(url) == host_key(page_url):
            service.url = url
            break
    return service


def script_files(page: Page) -> tuple[str, ...]:
    """The script files that may name the site's number, the likeliest first: those of the page, then the usual ones."""
    likely, others = [], []
    for match in SCRIPT.finditer(page.text):
        url = resolve(page.base, match.group(1).replace("&amp;", "&"))
        if url is None or host_key(url) != host_key(page.url):
            continue
        name = urlsplit(url).path.rpartition("/")[2]
        if LIKELY.search(name):
            likely.append(url)
        elif not LIBRARY.search(name):
            others.append(url)
    usual = [urljoin(page.url, path) for path in USUAL_SCRIPTS]
    ordered = [*likely, *others, *usual] if likely else [*usual, *others]
    return tuple(dict.fromkeys(ordered))[:MOST_SCRIPTS]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the service."""

    rows: tuple[Link, ...]
    total: int | None
    is_answer: bool
    """Whether it is an answer of the service at all, and no error."""
    categories: frozenset[str] = frozenset()
    """The columns that the rows say they are of."""


def read_answer(page: Page) -> Answer:
    """Rows and total of an answer, whichever of its variants it is."""
    value = json_value(page.text)
    if not isinstance(value, dict | list):
        return Answer((), None, is_answer=False)
    custom = value.get("custom", value) if isinstance(value, dict) else value
    rows = json_rows(custom, urljoin(page.url, "/"))
    total = _total(custom, len(rows))
    status = value.get("status") if isinstance(value, dict) else None
    code = str(status.get("code", "1")) if isinstance(status, dict) else "1"
    is_answer = isinstance(custom, dict | list) and bool(custom) and code in ("1", "200", "0", "")
    return Answer(rows, total, is_answer, frozenset(_categories(custom)))


def _total(value: Any, rows: int) -> int | None:
    """How many rows the list holds. A plain `count` may be that of this answer: it counts only where it says more."""
    if not isinstance(value, dict):
        return None
    fields = {str(key).lower(): str(each) for key, each in value.items()}
    for name in TOTALS:
        if fields.get(name, "").isdigit():
            return int(fields[name])
    count = fields.get("count", "")
    if count.isdigit() and int(count) != rows:
        return int(count)
    inner = (_total(each, rows) for each in value.values() if isinstance(each, dict))
    return next((total for total in inner if total is not None), None)


def _categories(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if str(key).lower() == "categorynum" and isinstance(each, str) and each:
                yield each
            elif depth < 5:
                yield from _categories(each, depth + 1)
    elif isinstance(value, list) and depth < 5:
        for each in value:
            yield from _categories(each, depth + 1)


@dataclass(frozen=True, slots=True)
class Step:
    """A script file, or a page by its number; how it was asked."""

    index: int = 0
    shape: Shape = Shape.PLAIN
    is_script: bool = False


@dataclass(slots=True)
class State:
    """Where a walk stands."""

    texts: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    service: Service | None = None
    shapes: list[Shape] = field(default_factory=list)
    proven: bool = False
    size: int = DEFAULT_SIZE
    total: int | None = None
    rows: int = 0
    asked: set[int] = field(default_factory=set)
    idle: int = 0
    missing: int = 0
    last: frozenset[str] = frozenset()


class EpointSpider(PortalSpider):
    """Collects Epoint EWB portals."""

    name = "epoint"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of an answer; the shell and its scripts hold none."""
        step: Step | None = task.context[1]
        if step is None:
            return self._read_shell(walk, page)
        if step.is_script:
            return Listing((), note="a script of the column's page", shell=True)
        answer, state = read_answer(page), self._state(walk)
        rows = answer.rows if self._is_ours(state, answer) else ()
        if not answer.is_answer:
            return Listing((), note="no answer of the service")
        total = answer.total if answer.total is not None else state.total
        keys = frozenset(identity_key(row.url) for row in rows)
        new = len(keys - walk.met)
        read = state.rows + (len(rows) if new else 0)  # as the list counts them, twins too
        most = walk.portal.options.max_pages
        if walk.pages + 1 >= most and new and (total is None or read < total):
            return Listing(rows, note=f"{INCOMPLETE}{most} pages are read (max_pages)")
        repeated = not new and not self._is_twin(state, step, keys)
        repeated = repeated and (state.idle + 1 >= IDLE_PAGES or not rows or keys == state.last)
        ends = repeated or (step.index == 0 and 1 in state.asked)
        if ends and state.proven and total is not None and read < total and self._next_index(state, step) is None:
            return Listing(rows, note=f"{INCOMPLETE}{read} of {total} rows were read")
        return Listing(rows, note=f"{len(rows)} rows" if rows else "no rows")

    def _read_shell(self, walk: Walk, page: Page) -> Listing:
        """A page of the family is a shell; some carry the first rows all the same."""
        rows = find_rows(page.links, lambda url: False, lambda link: not link.in_row)
        known = read_service(page.url, {page.url: page.text}, walk.portal.options_as(EpointOptions))
        if not known.category:
            return Listing(rows, note=None if rows else "the page names no categorynum: which column is it?")
        return Listing((), note="the rows are asked for", shell=True)

    @staticmethod
    def _is_ours(state: State, answer: Answer) -> bool:
        """Whether the rows are of the column asked for: a question misunderstood is answered with the whole site."""
        wanted = state.service.category if state.service else ""
        return not answer.categories or not wanted or any(own.startswith(wanted) for own in answer.categories)

    def _unusable(self, task: Task, response: Response, finding: Finding) -> Iterator[Request]:
        """A script file is no page: 系统繁忙 in it is a message that it may show, no error."""
        step = task.context[1] if task.role is Role.LISTING else None
        if step is not None and step.is_script and response.status == 200 and not looks_like_html(response.body):
            page = Page(response.url, response.body, header(response, "Content-Type") or "")
            yield from self._list_page(task, response, page)
        else:
            yield from super()._unusable(task, response, finding)

    @staticmethod
    def _is_twin(state: State, step: Step, keys: frozenset[str]) -> bool:
        """Whether this is the first page under its second name, which says nothing about the end of the list."""
        return step.index == 1 and 0 in state.asked and bool(keys) and keys == state.last

    @staticmethod
    def _may_count_from_one(state: State, step: Step) -> bool:
        """Whether the first page may still be called 1."""
        return step.index == 0 and 1 not in state.asked

    def _judge_listing(self, task: Task, page: Page, listing: Listing) -> Finding | None:
        """An empty answer is judged when no other question is left to be asked."""
        walk: Walk = task.context[0]
        step: Step | None = task.context[1]
        if step is None or step.is_script:
            return super()._judge_listing(task, page, listing)
        state, answer = self._state(walk), read_answer(page)
        if state.proven or listing.rows or len(state.shapes) > 1:
            return None
        if self._may_count_from_one(state, step):
            return None
        if answer.is_answer and answer.total == 0:
            return Finding(Outcome.EMPTY, "the service says that the column holds 0 rows")
        return Finding(
            Outcome.LAYOUT_CHANGED,
            "the service gives no rows for this column: look at the page's own requests, then correct category, "
            "site_guid or project",
        )

    # ---- what is asked next ------------------------------------------------------------------------------------------

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The scripts that name the site, then the pages of the list."""
        state = self._state(walk)
        step: Step | None = task.context[1]
        if step is None or step.is_script:
            yield from self._learn(walk, state, page, first=step is None)
            return
        if walk.pages >= walk.portal.options.max_pages:
            return
        answer = read_answer(page) if page is not None else None
        if answer is None or not answer.is_answer:
            yield from self._no_answer(walk, state, step, task)
            return
        rows = listing.rows if listing is not None else ()
        state.total = answer.total if answer.total is not None else state.total
        if rows:
            state.proven, state.shapes, state.missing = True, [step.shape], 0
            self._learn_size(state, len(rows))
        keys = frozenset(identity_key(row.url) for row in rows)
        if new:
            state.idle, state.rows = 0, state.rows + len(rows)
        elif not self._is_twin(state, step, keys):
            state.idle += IDLE_PAGES if keys == state.last or not rows else 1
        state.last = keys or state.last
        yield from self._following(walk, state, step, bool(rows))

    def _learn(self, walk: Walk, state: State, page: Page | None, *, first: bool) -> Iterator[Task]:
        """Ask for the next script as long as the site's number is not known, then for the first page."""
        if page is None and first:
            return
        options = walk.portal.options_as(EpointOptions)
        if page is not None:
            state.texts[page.url] = page.text
            if first:
                state.scripts = list(script_files(page))
        shell = next(iter(state.texts), walk.url)
        service = read_service(shell, state.texts, options)
        if not service.category:
            return
        if state.scripts and not (service.guid and (service.url or service.project)):
            yield self.list_task(walk, state.scripts.pop(0), step=Step(is_script=True), guess=True)
            return
        state.service, state.size = service, service.size
        if service.wrapped is None:
            state.shapes = [Shape.PLAIN, Shape.WRAPPED, Shape.FORM]
        elif service.wrapped:
            state.shapes = [Shape.WRAPPED, Shape.PLAIN] if options.wrapped is None else [Shape.WRAPPED]
        else:
            state.shapes = [Shape.PLAIN]
        yield self._ask_page(walk, state, self._first_step(walk, state, service))

    def _first_step(self, walk: Walk, state: State, service: Service) -> Step:
        """The first question: on ordinary nights the one that brought rows in an earlier run, else the likeliest."""
        if not self.collection.visit(walk.portal).plan.is_full:
            for shape, index in product(state.shapes, dict.fromkeys((service.base or 0, 1))):
                url = self._question(walk, state, service, Step(index, shape)).url
                row = self.collection.ledger.last_row_of(url, before_run=self.collection.run_id)
                if row is not None and BROUGHT_ROWS.match(row.reason or ""):
                    state.shapes = [shape, *(other for other in state.shapes if other is not shape)]
                    return Step(index, shape)
        return Step(service.base or 0, state.shapes[0])

    @staticmethod
    def _learn_size(state: State, count: int) -> None:
        """Where a server gives fewer rows than asked for and has more, its own number is the step."""
        if len(state.asked) == 1 and count < state.size and state.total is not None and count < state.total:
            state.size = count

    @staticmethod
    def _next_index(state: State, step: Step) -> int | None:
        """The page left to be asked at the end of a list that holds more: the one before the first asked."""
        before = min(state.asked) - 1
        return before if before == 0 and step.index not in (0,) else None

    def _following(self, walk: Walk, state: State, step: Step, any_rows: bool) -> Iterator[Task]:
        # Counted once each: a row pinned to every page fills no other's place.
        complete = bool(state.total) and len(walk.met) >= (state.total or 0)
        if state.proven and complete:
            return
        following = step.index + 1
        if not any_rows and not state.proven:
            # Nothing under the first number: perhaps pages count from 1, perhaps the question was not understood.
            if self._may_count_from_one(state, step):
                yield self._ask_page(walk, state, Step(1, step.shape))
            else:
                yield from self._other_shape(walk, state)
            return
        if state.idle < IDLE_PAGES:
            if following not in state.asked:
                yield self._ask_page(walk, state, Step(following, step.shape))
            return
        left = self._next_index(state, step)
        if left is not None and state.total is not None:
            yield self._ask_page(walk, state, Step(left, step.shape))

    def _other_shape(self, walk: Walk, state: State) -> Iterator[Task]:
        state.shapes = state.shapes[1:]
        if state.shapes and state.service is not None:
            state.asked.clear()
            state.idle, state.total = 0, None
            yield self._ask_page(walk, state, Step(state.service.base or 0, state.shapes[0]))

    def _no_answer(self, walk: Walk, state: State, step: Step, task: Task) -> Iterator[Task]:
        if not state.proven:
            if self._may_count_from_one(state, step) and not task.passing:
                yield self._ask_page(walk, state, Step(1, step.shape))
            else:
                yield from self._other_shape(walk, state)
            return
        # One page that fails does not end the list; two in a row do.
        state.missing += 1
        if state.missing == 1 and (state.total is None or state.rows < state.total):
            yield self._ask_page(walk, state, Step(step.index + 1, step.shape))

    def _ask_page(self, walk: Walk, state: State, step: Step) -> Task:
        service = state.service
        assert service is not None  # known before any page is asked for
        state.asked.add(step.index)
        return self._question(walk, state, service, step)

    def _question(self, walk: Walk, state: State, service: Service, step: Step) -> Task:
        fields: dict[str, Any] = {
            "pageIndex": step.index,
            "pageSize": state.size,
            "categorynum": service.category,
            "deptcode": service.dept,
            "siteGuid": service.guid,
        }
        if step.shape is Shape.FORM:
            post = Post.form({key: str(value) for key, value in fields.items()})
        else:
            post = Post.json({"token": "", "params": fields} if step.shape is Shape.WRAPPED else fields)
        shell = next(iter(state.texts), walk.url)
        # As long as another way is left, an empty answer says nothing about the list.
        guess = not state.proven and (len(state.shapes) > 1 or step.index == 0)
        return self.list_task(walk, service.address(shell), step=step, post=post, guess=guess)

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state
