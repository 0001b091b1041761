"""Portals of Hanweb JPaaS: a column page is built of units, the rows of a unit come as HTML inside JSON.

Belongs here: the units of a page, their rows, and the ways to ask for a further page. Does not belong here: asking and
recording (`base`).

A unit stands in the page as a script with `url` and `queryData`, an object in single quotes. Page 1 is asked with its
parameters alone. Further pages go by `paramJson={"pageNo":2,"pageSize":15}`; some servers obey a bare `pageNo` instead,
and some ignore one of the two and send page 1 again: the way that brings new rows is kept. The size of a page is what
the first answer brought.
"""

import html
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.archive.ledger import Outcome, Role
from crawlers.collection import INCOMPLETE, Task
from crawlers.families.jpaas import JpaasOptions
from crawlers.hosts import host_key
from crawlers.links import identity_key, is_attachment, judge_title, resolve
from crawlers.pages import Link, Page, links_in_fragment
from crawlers.scripts import read_json, read_literal
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.static_paged import find_columns
from crawlers.validation import Finding

__all__ = ["JpaasSpider", "Unit", "find_units", "read_answer", "rows_of"]

logger = logging.getLogger(__name__)

TAG_WITH_UNIT = re.compile(r"<\w[^<>]*?\bquery-?data\s*=\s*(?:\"[^\"]*\"|'[^']*'|\{[^<>]*?\})[^<>]*>", re.IGNORECASE)
QUERY_DATA = re.compile(r"\bquery-?data\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\{[^<>]*?\}))", re.IGNORECASE)
ADDRESS = re.compile(r"(?<![\w-])(?:data-)?url\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
IN_SCRIPT = re.compile(r"[\"'(]([^\"'()<>\s]*/front/page/build/unit(?:\?[^\"'()<>\s]*)?)[\"')]")
ARTICLE = re.compile(
    r"/art_?/?[^?]*\.s?html?$|/art/\d{4}/|/[0-9a-f]{32}\.s?html?$|/t\d{8}_\d+\.s?html?$", re.IGNORECASE
)
COLUMN_PAGE = re.compile(r"/$|/(?:index|list|default)[^/]*\.s?html?$|/col/[\w]+/?(?:index\.html?)?$", re.IGNORECASE)
SAID_TOTAL = re.compile(
    r"共\s*(?:<[^>]*>\s*)*(\d+)\s*(?:<[^>]*>\s*)*条|\b(?:total(?:Record|Count|Rows?)?|recordCount|rowCount)[\"']?\s*[=:]"
    r"\s*[\"']?(\d+)",
    re.IGNORECASE,
)
SAID_SIZE = re.compile(r"\b(?:pageSize|per_?page|rows)[\"']?\s*[=:]\s*[\"']?(\d{1,3})\b", re.IGNORECASE)
GATEWAY_FILE = re.compile(r"fileUrl=|/file-?download|/document/", re.IGNORECASE)
DEFAULT_ENDPOINT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
PARSE_TYPES = ("bulidstatic", "buildstatic")
MOST_UNITS = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """What `build/unit` sent."""

    success: bool
    text: str
    """The HTML of the rows."""
    total: int | None = None


def read_answer(text: str) -> Answer:
    """The HTML in an answer: under `data.html`, under another name, or bare."""
    value = read_json(text)
    if value is None:
        return Answer(bool(re.search(r"<a\b", text, re.IGNORECASE)), text)
    said = value if isinstance(value, dict) else {}
    sound = said.get("success") is not False and str(said.get("code", "200")) not in ("404", "500", "-1")
    inner = "".join(_htmls(value))
    total = next(iter(_totals(value)), None)
    match = SAID_TOTAL.search(inner)
    if total is None and match:
        total = int(match.group(1) or match.group(2))
    return Answer(sound, inner, total)


def _htmls(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if re.search(r"<\w", value) or re.search(r"&lt;\w", value):
            yield value if re.search(r"<\w", value) else html.unescape(value)
    elif isinstance(value, dict):
        named = value.get("html")
        for each in [named] if isinstance(named, str) and named.strip() else value.values():
            yield from _htmls(each)
    elif isinstance(value, list):
        for each in value:
            yield from _htmls(each)


def _totals(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for key, each in value.items():
            if re.fullmatch(r"total(?:Record|Count|Rows?)?|recordCount|rowCount", key) and str(each).isdigit():
                yield int(each)
            yield from _totals(each)


class Way(StrEnum):
    """How a server is told which page is meant."""

    PARAM_JSON = "param_json"
    BOTH = "both"
    BARE = "bare"


@dataclass(slots=True)
class Unit:
    """One unit of a column page, and how far it has been read."""

    endpoint: str
    fields: dict[str, str]
    page_size: int | None = None
    met: set[str] = field(default_factory=set)
    ways: list[Way] = field(default_factory=lambda: list(Way))
    parse_types: list[str] = field(default_factory=list)
    """Spellings of `parseType` still to be tried."""
    proven: bool = False
    total: int | None = None
    size: int = 0
    """Rows of the first answer."""
    asked: set[str] = field(default_factory=set)

    @property
    def tag(self) -> str:
        """The unit's name."""
        return self.fields.get("tagId", "")

    def url(self, page: int) -> str:
        """The address of a page."""
        fields = dict(self.fields)
        if page > 1:
            number = {"pageNo": page, "pageSize": self.size or self.page_size or 15}
            way = self.ways[0] if self.ways else Way.PARAM_JSON
            if way is not Way.BARE:
                given = fields.get("paramJson", "")
                fields["paramJson"] = json.dumps({**_object(given), **number}, separators=(",", ":"))
            if way is not Way.PARAM_JSON:
                fields.update({key: str(value) for key, value in number.items()})
        elif self.page_size and "paramJson" not in fields:
            fields["paramJson"] = json.dumps({"pageNo": 1, "pageSize": self.page_size}, separators=(",", ":"))
        return f"{self.endpoint}?{urlencode(fields, quote_via=quote, safe='')}"


def _object(text: str) -> dict[str, Any]:
    try:
        value = read_literal(text) if text.strip() else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def find_units(page: Page, *, tag: str | None = None, per_page: int | None = None) -> list[Unit]:
    """The units of a column page that bring lists; the one called `tag` alone where it is given."""
    units: dict[str, Unit] = {}
    for match in TAG_WITH_UNIT.finditer(page.text):
        element = match.group()
        address, data = ADDRESS.search(element), QUERY_DATA.search(element)
        given = html.unescape(next(group for group in data.groups() if group is not None)) if data else ""
        url = next(group for group in address.groups() if group is not None) if address else DEFAULT_ENDPOINT
        if not re.search(r"build/?unit|/unit\b", url, re.IGNORECASE) and address:
            url = url if "jpaas" in url else DEFAULT_ENDPOINT
        _add(units, page, html.unescape(url), _object(given), per_page)
    for match in IN_SCRIPT.finditer(page.text) if not units else ():
        behind = page.text[match.end() : match.end() + 600]
        place = behind.find("{")
        _add(units, page, html.unescape(match.group(1)), _object(behind[place:]) if place >= 0 else {}, per_page)
    found = list(units.values())
    named = [unit for unit in found if tag is not None and unit.tag == tag]
    return (named or found)[:MOST_UNITS]


def _add(units: dict[str, Unit], page: Page, address: str, data: Mapping[str, Any], per_page: int | None) -> None:
    url = resolve(page.url, address)
    if url is None:
        return
    fields = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    fields.update({key: _word(value) for key, value in data.items()})
    if not {"tagId", "webId", "pageId"} & set(fields):
        return
    stated = str(_object(fields.get("paramJson", "")).get("pageSize") or fields.get("pageSize") or "")
    unit = Unit(url.partition("?")[0], fields, page_size=per_page or (int(stated) if stated.isdigit() else None))
    if "parseType" not in fields:
        unit.parse_types = list(PARSE_TYPES[1:])
        fields["parseType"] = PARSE_TYPES[0]
    else:
        unit.parse_types = [each for each in PARSE_TYPES if each != fields["parseType"]]
    units.setdefault(unit.url(1), unit)


def _word(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, str) else value


def rows_of(text: str, page: Page, *, is_unit: bool) -> tuple[Link, ...]:
    """The entries in the HTML of a unit, or on the page itself: links to articles and files, not to columns."""
    rows: dict[str, Link] = {}
    for link in links_in_fragment(text, page.base) if is_unit else page.links:
        path = urlsplit(link.url).path
        titled = judge_title(link.title, in_report_column=False).follow
        if link.title.strip().isdigit() or identity_key(link.url) == identity_key(page.url):
            continue
        if ARTICLE.search(path):
            wanted = is_unit or titled or (link.in_row and not link.in_furniture)
        elif is_attachment(link.url):
            wanted = titled or (is_unit and link.in_row)
        else:
            wanted = not COLUMN_PAGE.search(path) and (titled or (is_unit and link.in_row))
        if wanted:
            rows.setdefault(link.url, link)
    return tuple(rows.values())


@dataclass(slots=True)
class State:
    """What is known of a column."""

    column: Page | None = None
    units: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """A page of a unit."""

    unit: int
    page: int


class JpaasSpider(PortalSpider):
    """Collects JPaaS portals."""

    name = "jpaas"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows of a unit's answer; of the column page, what it shows itself, and the columns below."""
        step: Step | None = task.context[1]
        state = self._state(walk)
        if step is not None:
            return self._read_unit(walk, state, step, page)
        options = walk.portal.options_as(JpaasOptions)
        state.column = page
        rows = rows_of(page.text, page, is_unit=False)
        columns = find_columns(page, walk.portal.index_url) if options.sub_columns else ()
        units = find_units(page, tag=options.unit, per_page=options.per_page)
        note = f"{len(units)} units, their rows are asked for" if units and not rows else None
        return Listing(rows, columns, note, shell=bool(units) and not rows)

    def _read_unit(self, walk: Walk, state: State, step: Step, page: Page) -> Listing:
        unit, answer = state.units[step.unit], read_answer(page.text)
        column = state.column or Page(walk.url, b"")
        rows = rows_of(answer.text, column, is_unit=True)
        if not answer.success:
            return Listing(rows, note=f"unit {unit.tag}: the server says that it failed", shell=not rows)
        if not rows and step.page == 1:
            return Listing((), note=f"unit {unit.tag}: no rows", shell=True)
        keys = unit.met | {identity_key(row.url) for row in rows}
        total = unit.total or answer.total
        ended = not keys - unit.met or step.page >= walk.portal.options.max_pages
        # While a way is tried that may be ignored, an answer without new rows says nothing about the list.
        if total is not None and len(keys) < total and ended and (unit.proven or len(unit.ways) < 2):
            return Listing(rows, note=f"{INCOMPLETE}{len(keys)} of {total} rows of unit {unit.tag} were read")
        return Listing(rows, note=f"unit {unit.tag}: {len(rows)} rows on page {step.page}")

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The first page of each unit, then its further pages until one brings nothing new."""
        step, state = task.context[1], self._state(walk)
        options = walk.portal.options_as(JpaasOptions)
        if step is None:
            if page is not None:
                state.units = find_units(page, tag=options.unit, per_page=options.per_page)
                for place, unit in enumerate(state.units):
                    yield from self._page(walk, place, unit, 1)
            return
        unit = state.units[step.unit]
        if page is None or listing is None:
            yield from self._other_way(walk, step, unit)
            return
        answer = read_answer(page.text)
        keys = {identity_key(row.url) for row in listing.rows}
        fresh = keys - unit.met
        unit.met |= keys
        unit.total = unit.total if unit.total is not None else answer.total
        if step.page == 1:
            if not keys:
                yield from self._other_way(walk, step, unit)
                return
            said = SAID_SIZE.search(answer.text)
            unit.size = unit.size or unit.page_size or (int(said.group(1)) if said else 0) or len(keys)
        elif not fresh:
            if not unit.proven:
                yield from self._other_way(walk, step, unit)
            return
        else:
            unit.proven = True
        if unit.total is not None and len(unit.met) >= unit.total:
            return
        if step.page < options.max_pages:
            yield from self._page(walk, step.unit, unit, step.page + 1)

    def after_known(self, walk: Walk, task: Task, page: Page, listing: Listing) -> Iterator[Task]:
        """Where the column page shows a few links itself: the units, which hold the list."""
        if task.context[1] is None and len(listing.rows) < 3:
            yield from self.go_on(walk, task, page, listing, 0)

    def _other_way(self, walk: Walk, step: Step, unit: Unit) -> Iterator[Task]:
        """After an answer that brought nothing: the other spelling of `parseType`, or the other page parameters."""
        if step.page == 1:
            if unit.parse_types:
                unit.fields["parseType"] = unit.parse_types.pop(0)
                yield from self._page(walk, step.unit, unit, 1)
        elif not unit.proven and len(unit.ways) > 1:
            unit.ways.pop(0)
            yield from self._page(walk, step.unit, unit, step.page)

    def _page(self, walk: Walk, place: int, unit: Unit, page: int) -> Iterator[Task]:
        url = unit.url(page)
        if url not in unit.asked:
            unit.asked.add(url)
            guess = not unit.proven and (page > 1 or not unit.met)
            yield self.list_task(walk, url, step=Step(place, page), guess=guess)

    # ---- files whose addresses expire --------------------------------------------------------------------------------

    def _unusable(self, task: Task, response: Response, finding: Finding) -> Iterator[Request]:
        """A file whose address has expired: its article is asked once more for the address that holds now."""
        again = task.role is Role.ATTACHMENT and task.hops == 0 and not finding.stops_host and task.parent_url
        if not again or not GATEWAY_FILE.search(task.ask) or not task.portal.allows(str(task.parent_url)):
            yield from super()._unusable(task, response, finding)
            return
        task.hops += 1
        self.collection.visit(task.portal).pending += 1
        request = self._request(task, str(task.parent_url))
        yield request.replace(callback=self._on_article_again, headers={})

    def _on_article_again(self, response: Response) -> Iterator[Request]:
        assert response.request is not None  # set by the engine
        task: Task = response.request.meta["task"]
        try:
            page = Page(response.url, response.body)
            links = (link.url for link in page.links if is_attachment(link.url) or GATEWAY_FILE.search(link.url))
            url = next((each for each in links if _file_name(each) == _file_name(task.ask)), None)
            if response.status == 200 and url is not None and task.portal.allows(url):
                self.collection.visit(task.portal).pending += 1
                yield self._request(task, url)
            else:
                reason = "the address of the file has expired, and its article names no other"
                finding = Finding(Outcome.HTTP_ERROR, reason)
                yield from super()._unusable(task, response, finding)
        finally:
            self._settle(task.portal)

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state


def _file_name(url: str) -> tuple[str, str]:
    """By what a file is known when the rest of its address is a token: host, and the name in its parameters."""
    fields = {key.lower(): value for key, value in parse_qsl(urlsplit(url).query)}
    named = next((fields[key] for key in ("filename", "showname", "name") if fields.get(key)), "")
    return host_key(url), unquote(named) or urlsplit(url).path
