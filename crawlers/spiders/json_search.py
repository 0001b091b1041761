"""c-columns whose rows come as JSON: `/common/search/<channel>`, `/searchList/…`, `/search/…`, `getFileListByCodeId`.

Belongs here: finding interface and channel in a column page, asking its pages. Does not belong here: reading an answer
(`json_lists`), c-columns whose pages are static files (`static_paged`).

The page says less than a browser needs: often the script that names the interface is a file of its own and the page has
only `<meta name="channelid">`; or it has only the code of the column, and `getChannelList` knows the channel. What the
page does not say is tried in a fixed order. Servers cut the page size that is asked for: after the first answer its own
size is asked, so that no row falls between two pages.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawlers.collection import INCOMPLETE, Post, Task
from crawlers.families.json_search import ARTICLE, JsonSearchOptions
from crawlers.json_lists import Progress, find_list, row_date, row_files, row_title, row_urls, whole
from crawlers.links import directory_of, resolve
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.scripts import plain, read_json
from crawlers.spiders.answered import AnsweredListSpider
from crawlers.spiders.base import Listing, Walk

__all__ = ["Interface", "JsonSearchSpider", "channels_of", "find_channels", "find_interfaces", "link_of"]

logger = logging.getLogger(__name__)

ID = r"[0-9a-f]{32}|[0-9A-Za-z_-]{8,64}"
PLACE = r"(?:(?:https?:)?//[\w.:-]+)?(?:/[\w.-]+)*?"
SEARCH = re.compile(
    rf"[\"'`(=]\s*(?P<url>{PLACE}/(?P<name>common/search|searchList|search))/?(?P<id>(?:{ID})(?=[?\"'`]))?(?=[\"'`?$/])"
)
FILES = re.compile(rf"[\"'`(=]\s*(?P<url>{PLACE}/getFileListByCodeId)\b")
CHANNEL_LIST = re.compile(rf"[\"'`(=]\s*(?P<url>{PLACE}/getChannelList)\b")
ADDRESS = re.compile(rf"^(?P<url>.*/(?:common/search|searchList|search))/(?P<id>{ID})$")
ASKS_JSON = re.compile(r"_isJson|_isAgg|_pageSize|_template")
META_CHANNEL = re.compile(
    r"<meta\b(?=[^>]*\bname\s*=\s*[\"']?channel_?id\b)[^>]*\bcontent\s*=\s*[\"']?\s*([0-9A-Za-z_-]{6,64})",
    re.IGNORECASE,
)
SCRIPT_CHANNEL = re.compile(
    rf"(?<![A-Za-z])(?:channel_?id|_id|chnl_?id)[\"']?\s*[:=]\s*[\"']({ID})[\"']", re.IGNORECASE
)
ATTRIBUTE_CHANNEL = re.compile(rf"\bdata-?channel-?id\s*=\s*[\"']?({ID})", re.IGNORECASE)
INPUT_CHANNEL = re.compile(
    rf"<input\b(?=[^>]*\b(?:id|name)\s*=\s*[\"']?channel_?id\b)[^>]*\bvalue\s*=\s*[\"']?({ID})", re.IGNORECASE
)
NAMED_BLOCK = re.compile(r"\{[^{}]{0,500}\}")
NAMED_TAG = re.compile(
    rf"<\w+\b[^>]*?[\"'(=]({ID})[\"')\s>][^<>]{{0,200}}>?(?:\s*<\w[^<>]{{0,200}}>){{0,3}}\s*([^<>]{{2,40}})<"
)
ANNUAL = re.compile(r"信息公开.{0,6}(?:年度?报|工作报告)|^(?:公开)?年度?报告?$|年度报告$|公开年报")
OTHER_ANNUAL = re.compile(r"网站|报表|财政|预算|决算|统计|法治|解读|制度|指南")
CODE_IN_PATH = re.compile(r"/(c\d{4,}[a-z]?)(?:/|$)", re.IGNORECASE)
CODE_IN_PAGE = re.compile(
    r"channelCode[\"']?\s*[:=]\s*[\"']?(c\d{3,}[a-z]?)\b"
    r"|<meta\b(?=[^>]*\bname\s*=\s*[\"']?(?:channel_?)?code\b)[^>]*\bcontent\s*=\s*[\"']?(c\d{3,}[a-z]?)\b",
    re.IGNORECASE,
)
SITE_IN_PAGE = re.compile(r"websiteCode(?:Name)?[\"']?\s*[:=]\s*[\"']?(\w{2,40})", re.IGNORECASE)
SIZE = re.compile(r"(?:_pageSize|page_?size|pageRows|\bsize)[\"']?\s*[:=]\s*[\"']?(\d{1,3})\b", re.IGNORECASE)
DEFAULT_SIZE = 20
REACH = 500
"""Characters after an interface's name in which its parameters are looked for."""
PUBLISHING_CAPS = frozenset({1000, 10000})


@dataclass(frozen=True, slots=True)
class Interface:
    """An address that answers rows, and how it is asked."""

    url: str
    posts: bool = False
    stated: bool = False
    """Whether the page names it; otherwise it is one of those that such systems have."""
    aggregates: str = "true"
    template: str = "index"
    code_id: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, and by which interface the page asks for it, where that is known."""

    id: str
    name: str = ""
    url: str | None = None


# ---- the column page ------------------------------------------------------------------------------------------------


def find_interfaces(page: Page) -> tuple[Interface, ...]:
    """The interfaces of a column page: those that it names, then those that such systems have."""
    text, found = page.text, []
    for match in SEARCH.finditer(text):
        after = text[match.end() : match.end() + REACH]
        if match.group("name") == "search" and not ASKS_JSON.search(after):
            continue  # the site's own search
        url = resolve(page.url, match.group("url"))
        if url is not None:
            aggregates = re.search(r"_isAgg=(true|false)", after)
            template = re.search(r"_template=([\w-]+)", after)
            found.append(
                Interface(
                    url,
                    stated=True,
                    aggregates=aggregates.group(1) if aggregates else "true",
                    template=template.group(1) if template else "index",
                )
            )
    for match in FILES.finditer(text):
        url = resolve(page.url, match.group("url"))
        code = re.search(r"codeId[\"']?\s*[:=]\s*[\"']([\w-]+)[\"']", text)
        if url is not None:
            found.append(Interface(url, posts=True, stated=True, code_id=code.group(1) if code else ""))
    known = {interface.url for interface in found}
    if not found:
        paths = ("/searchList", "/common/search", "/search")
        guessed = (resolve(page.url, path) for path in paths)
        found += [Interface(url) for url in guessed if url is not None and url not in known]
    return tuple({interface.url: interface for interface in reversed(found)}.values())[::-1]


def find_channels(page: Page) -> tuple[Channel, ...]:
    """The channels of a column page: those that it calls annual reports, else its own, else those it asks for."""
    text = page.text
    named: dict[str, Channel] = {}
    for block in NAMED_BLOCK.findall(text):
        number = SCRIPT_CHANNEL.search(block)
        texts = [one for pair in re.findall(r"\"([^\"]{2,40})\"|'([^']{2,40})'", block) for one in pair if one]
        name = next((one for one in texts if _is_annual(one)), None)
        if number and name:
            named.setdefault(number.group(1), Channel(number.group(1), name))
    for number_in_tag, name in NAMED_TAG.findall(text):
        if _is_annual(plain(name)) and re.fullmatch(r"[0-9a-f]{16,}", number_in_tag):
            named.setdefault(number_in_tag, Channel(number_in_tag, plain(name)))
    if named:
        return tuple(named.values())
    asked: dict[str, Channel] = {}
    for match in SEARCH.finditer(text):
        after = text[match.end() : match.end() + REACH]
        if match.group("id") and (match.group("name") != "search" or ASKS_JSON.search(after)):
            asked.setdefault(match.group("id"), Channel(match.group("id"), "", resolve(page.url, match.group("url"))))
    for pattern in (META_CHANNEL, INPUT_CHANNEL, ATTRIBUTE_CHANNEL):
        own = pattern.search(text)
        if own:
            return (asked.get(own.group(1), Channel(own.group(1))),)
    for found in SCRIPT_CHANNEL.finditer(text):
        asked.setdefault(found.group(1), Channel(found.group(1)))
    return tuple(asked.values())


def _is_annual(name: str) -> bool:
    return bool(ANNUAL.search(name)) and not OTHER_ANNUAL.search(name)


def channels_of(answer: Any, code: str | None) -> tuple[Channel, ...]:
    """The channels that getChannelList names: of annual reports, else the one of that code, else all."""
    every = list(_channels(answer))
    own = [channel for channel, its_code in every if code is not None and its_code == code]
    annual = [channel for channel, its_code in every if _is_annual(channel.name) and channel not in own]
    if own and (_is_annual(own[0].name) or not annual):
        return (own[0],)
    return tuple(annual or [channel for channel, _ in every])


def _channels(value: Any, depth: int = 0) -> Iterator[tuple[Channel, str | None]]:
    if isinstance(value, list):
        for one in value:
            yield from _channels(one, depth + 1)
    if not isinstance(value, dict) or depth > 12:
        return
    number = next((value[key] for key in ("channelId", "channelid", "id") if isinstance(value.get(key), str)), None)
    if number and re.fullmatch(r"[0-9A-Za-z_-]{6,64}", number):
        name = next((plain(value[key]) for key in ("displayName", "channelName", "name") if value.get(key)), "")
        code = next((str(value[key]) for key in ("channelCode", "channelCodeName", "code") if value.get(key)), None)
        yield Channel(number, name), code
    for inner in value.values():
        if isinstance(inner, dict | list):
            yield from _channels(inner, depth + 1)


# ---- rows -----------------------------------------------------------------------------------------------------------


def link_of(row: Mapping[str, Any], base: str, portal: Portal) -> Link | None:
    """Where a row leads: to where it redirects, if that may be asked; else to its own address."""
    urls = row_urls(row, base, ("redirectUrl", "url", "link", "href", "docPubUrl", "pubUrl", "docUrl"))
    url = next((url for url in urls if portal.allows(url)), None) or next(iter(urls), None)
    return None if url is None else Link(url=url, title=row_title(row), date=row_date(row), href=url, in_row=True)


def find_rows(page: Page, column_url: str) -> tuple[Link, ...]:
    """Articles of the column that stand in its page already."""
    folder = urlsplit(directory_of(column_url)).path
    return tuple(
        link
        for link in page.links
        if ARTICLE.search(path := urlsplit(link.url).path) and path.startswith(folder) and not link.in_furniture
    )


# ---- the way through it ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class JsonColumn:
    """A channel, the interfaces that may answer for it, and how far it has been read."""

    channel: Channel
    ways: list[Interface]
    size: int
    progress: Progress = field(default_factory=Progress)


@dataclass(slots=True)
class State:
    """What is known of a column page, for one walk."""

    interfaces: tuple[Interface, ...] = ()
    size: int = DEFAULT_SIZE
    columns: list[JsonColumn] = field(default_factory=list)
    waiting: list[Channel] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    """Addresses of getChannelList that are still to be tried."""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A page of a column's rows; without a column, the list of channels."""

    column: int | None
    page: int = 1


class JsonSearchSpider(AnsweredListSpider):
    """Collects c-columns that answer JSON."""

    name = "json_search"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """Of the first page interface and channel, of an answer its rows."""
        step: Step | None = task.context[1]
        if step is None:
            return self._first(walk, page)
        if step.column is None:
            return self._channel_list(walk, page)
        return self._rows(walk, step, page)

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next page of the channel, another way to ask for it, or the next channel."""
        state = self._state(walk)
        step: Step | None = task.context[1]
        if step is None and state.columns:  # the interface itself was the list page
            step = Step(0, whole(dict(parse_qsl(urlsplit(walk.url).query)).get("page")) or 1)
        if step is not None and step.column is not None:
            following = list(self._after(walk, state, step, page))
            if following:
                yield from following
                return
        yield from self._next_list(walk, state)

    def after_known(self, walk: Walk, task: Task, page: Page, listing: Listing) -> Iterator[Task]:
        """The next channel."""
        yield from self._next_list(walk, self._state(walk))

    def _next_list(self, walk: Walk, state: State) -> Iterator[Task]:
        if state.waiting:
            channel = state.waiting.pop(0)
            state.columns.append(JsonColumn(channel, self._ways(state, channel), state.size))
            yield self._task(walk, state, len(state.columns) - 1, 1)
        elif not state.columns and state.lists:
            url = state.lists.pop(0)
            yield self.list_task(walk, url, step=Step(None), guess=bool(state.lists))

    # ---- the first page

    def _first(self, walk: Walk, page: Page) -> Listing:
        state = self._state(walk)
        called = ADDRESS.match(f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}{urlsplit(page.url).path}")
        if called and find_list(read_json(page.text)) is not None:
            query = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
            way = Interface(
                called.group("url"),
                stated=True,
                aggregates=query.get("_isAgg", "true"),
                template=query.get("_template", "index"),
            )
            size = whole(query.get("_pageSize")) or DEFAULT_SIZE
            state.columns.append(JsonColumn(Channel(called.group("id")), [way], size))
            return self._rows(walk, Step(0, whole(query.get("page")) or 1), page)
        options = walk.portal.options_as(JsonSearchOptions)
        state.interfaces = find_interfaces(page)
        sizes = [int(size) for size in SIZE.findall(page.text) if 5 <= int(size) <= 100]
        state.size = sizes[0] if sizes else DEFAULT_SIZE
        chosen = (Channel(options.channel_id),) if options.channel_id else find_channels(page)
        state.waiting = list(chosen)
        code = CODE_IN_PATH.search(urlsplit(walk.url).path) or CODE_IN_PAGE.search(page.text)
        state.code = next((group for group in code.groups() if group), None) if code else None
        if not chosen and state.code is not None:
            state.lists = self._channel_lists(page, walk, options, state.code)
        rows = find_rows(page, walk.url)
        if not state.waiting and not state.lists:
            return Listing(rows, note=None if rows else "neither a channel nor the code of one")
        what = ", ".join(channel.id for channel in chosen) or f"the channel of {state.code}"
        return Listing(rows, note=f"the rows of {what} are asked for", shell=True)

    @staticmethod
    def _channel_lists(page: Page, walk: Walk, options: JsonSearchOptions, code: str) -> list[str]:
        stated = CHANNEL_LIST.search(page.text)
        paths = [stated.group("url")] if stated else ["/common/getChannelList", "/getChannelList"]
        said = SITE_IN_PAGE.search(page.text)
        parts = [part for part in urlsplit(walk.url).path.split("/") if part]
        before = parts[: parts.index(code)] if code in parts else []
        host = (urlsplit(walk.url).hostname or "").removeprefix("www.").partition(".")[0]
        sites = [options.site_code or (said.group(1) if said else ""), *before[:1], host]
        if options.site_code:
            sites = sites[:1]
        queries = [urlencode({"channelCode": code, "websiteCodeName": site}) for site in dict.fromkeys(sites) if site]
        return [f"{url}?{query}" for query in queries for path in paths if (url := resolve(page.url, path)) is not None]

    def _channel_list(self, walk: Walk, page: Page) -> Listing:
        state = self._state(walk)
        state.waiting = list(channels_of(read_json(page.text), state.code))
        if state.waiting:
            names = ", ".join(f"{channel.id} {channel.name}".strip() for channel in state.waiting)
            return Listing((), note=f"the rows of {names} are asked for", shell=True)
        said = f"no channel of the code {state.code} is named"
        return Listing((), note=said if state.lists else f"{INCOMPLETE}{said}", shell=bool(state.lists))

    # ---- rows

    def _rows(self, walk: Walk, step: Step, page: Page) -> Listing:
        assert step.column is not None  # the caller has it
        column = self._state(walk).columns[step.column]
        value = read_json(page.text)
        answer = find_list(value)
        if answer is None:
            said = (
                next((value[key] for key in ("msg", "message", "err") if value.get(key)), "")
                if isinstance(value, dict)
                else ""
            )
            what = f"no list for channel {column.channel.id}: {len(page.body)} bytes {plain(said)}".rstrip()
            return Listing((), note=f"{INCOMPLETE}{what}", is_list=False, shell=len(column.ways) > 1)
        rows = []
        for row in answer.rows:
            link = link_of(row, walk.url, walk.portal)
            if link is not None:
                rows.append(link)
                if self.judge_row(walk, link).follow:
                    self.keep_files(walk.portal, link.url, row_files(row, link.url))
        shortfall = column.progress.shortfall(answer, step.page, walk.portal.options.max_pages)
        if shortfall is None and answer.total in PUBLISHING_CAPS:
            shortfall = f"exactly {answer.total} rows are counted, which is where such portals stop counting"
        of = "" if answer.total is None else f" of {answer.total}"
        return Listing(tuple(rows), note=f"{INCOMPLETE}{shortfall}" if shortfall else f"{len(rows)} rows{of}")

    def _after(self, walk: Walk, state: State, step: Step, page: Page | None) -> Iterator[Task]:
        assert step.column is not None  # the caller has it
        column = state.columns[step.column]
        answer = find_list(read_json(page.text)) if page is not None else None
        if answer is None or (
            not answer.rows and not column.progress.pages and not answer.total and len(column.ways) > 1
        ):
            if not column.progress.pages and len(column.ways) > 1:
                column.ways.pop(0)
                yield self._task(walk, state, step.column, 1)
            return
        del column.ways[1:]  # this one answers
        if not column.progress.pages and 0 < len(answer.rows) < column.size:
            column.size = len(answer.rows)
        following = column.progress.take(answer, step.page, walk.portal.options.max_pages)
        if following is not None:
            yield self._task(walk, state, step.column, following)

    @staticmethod
    def _ways(state: State, channel: Channel) -> list[Interface]:
        own = [interface for interface in state.interfaces if interface.url == channel.url]
        return own or list(state.interfaces)

    def _task(self, walk: Walk, state: State, place: int, number: int) -> Task:
        column = state.columns[place]
        way, step = column.ways[0], Step(place, number)
        # Where several addresses are tried, only the failure of the last one says something about the portal.
        guess = not column.progress.pages and len(column.ways) > 1
        if way.posts:
            fields = {
                "codeId": way.code_id,
                "channelId": column.channel.id,
                "page": str(number),
                "size": str(column.size),
                "relateSubChannels": "true",
            }
            return self.list_task(walk, way.url, step=step, post=Post.form(fields), guess=guess)
        query = {
            "_isAgg": way.aggregates,
            "_isJson": "true",
            "_pageSize": str(column.size),
            "_template": way.template,
            "_rangeTimeGte": "",
            "_channelName": "",
            "page": str(number),
        }
        return self.list_task(walk, f"{way.url}/{column.channel.id}?{urlencode(query)}", step=step, guess=guess)

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state
