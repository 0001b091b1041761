"""Portals of Hanweb: rows inside XML inside the column page, further pages from `dataproxy.jsp`.

Belongs here: units of a column page, their rows, and the ways to ask for more. Does not belong here: asking and
recording (`base`).

Servers differ (family B of the portals we know): some obey only `page` and ignore `startrecord`, some take only POST or
only GET, some cut long answers, some publish their numbers only inside `nextgroup`. The ways are tried in turn; the
first that brings new rows is kept, and a page without new rows ends the list.
"""

import html
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from crawlers.collection import INCOMPLETE, Post, Task
from crawlers.families.hanweb import HanwebOptions
from crawlers.links import find_date, identity_key, is_attachment, judge_title, resolve
from crawlers.pages import Link, Page, links_in_fragment
from crawlers.spiders.base import Listing, PortalSpider, Walk

__all__ = ["Datastore", "HanwebSpider", "Unit", "find_units", "read_datastores"]

logger = logging.getLogger(__name__)

DATASTORE = re.compile(r"<datastore\b[^>]*>(.*?)(?:</datastore>|\Z)", re.IGNORECASE | re.DOTALL)
RECORD = re.compile(r"<record\b[^>]*>(.*?)</record>", re.IGNORECASE | re.DOTALL)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
TOTAL = re.compile(r"<totalrecord>\s*(\d+)", re.IGNORECASE)
NEXT_GROUP = re.compile(r"<nextgroup>(.*?)</nextgroup>", re.IGNORECASE | re.DOTALL)
ARTICLE = re.compile(r"/art/\d{4}/.*art_[0-9a-z_]+\.html?|/art_\d+_\d+\.html?|xxgkAnnualReport\.jsp", re.IGNORECASE)
PROXY = re.compile(r"[\w:/.-]*dataproxy\.jsp", re.IGNORECASE)
COLUMN_IN_URL = re.compile(r"/col/col(\d+)/|[?&]columnid=(\w+)", re.IGNORECASE)
DEFAULT_PROXY = "/module/web/jpage/dataproxy.jsp"
FIELDS = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")
DEFAULT_PER_PAGE = 15
PAGES_IN_A_GROUP = 3
"""A jpage answer carries three screens: 45 rows at 15 a screen, well under the 300 above which servers cut."""
LARGEST_GROUP = 300


@dataclass(frozen=True, slots=True)
class Datastore:
    """One answer of jpage, in a page or from dataproxy."""

    rows: tuple[Link, ...]
    row_count: int
    total: int | None
    next_url: str | None


def read_datastores(page: Page, endpoint: str = "") -> tuple[Datastore, ...]:
    """The datastores of a page, rows unpacked. `endpoint` is what a relative `nextgroup` is meant against."""
    stores = []
    for match in DATASTORE.finditer(page.text):
        body = match.group(1)
        rows: list[Link] = []
        records = RECORD.findall(body)
        for record in records:
            rows.extend(_row_of(_unpack(record), page))
        total, group = TOTAL.search(body), NEXT_GROUP.search(body)
        stores.append(
            Datastore(
                rows=tuple(rows),
                row_count=len(records),
                total=int(total.group(1)) if total else None,
                next_url=_next_url(_unpack(group.group(1)), endpoint or page.url) if group else None,
            )
        )
    return tuple(stores)


def _unpack(text: str) -> str:
    """The HTML in an XML element: CDATA as it stands, escaped text unescaped."""
    parts = CDATA.findall(text)
    return "".join(parts) if parts else html.unescape(text)


def _row_of(fragment: str, page: Page) -> list[Link]:
    """The links of one record. A record is one row: its date belongs to every link in it."""
    links = links_in_fragment(f"<ul>{fragment}</ul>", page.base)
    date = find_date(re.sub(r"<[^>]*>", " ", fragment))
    named = [link for link in links if link.title or ARTICLE.search(link.url) or is_attachment(link.url)]
    return [
        Link(url=link.url, title=link.title, date=date, href=link.href, in_row=True)
        for link in named
        if link.url != page.url
    ]


def _next_url(fragment: str, base: str) -> str | None:
    match = re.search(r"href\s*=\s*[\"']([^\"']+)", fragment, re.IGNORECASE)
    return resolve(base, html.unescape(match.group(1))) if match else None


class Way(StrEnum):
    """A way to ask dataproxy for more rows."""

    POST_RECORDS = "post_records"
    GET_RECORDS = "get_records"
    GET_PAGE = "get_page"
    NEXT_GROUP = "next_group"
    POST_PAGE = "post_page"


@dataclass(slots=True)
class Unit:
    """One list of a column page, as its script configures it, and how far it has been read."""

    endpoint: str
    fields: dict[str, str]
    total: int | None
    per_page: int
    rows: int = 0
    """Rows read so far, counted as positions in the portal's list."""
    met: set[str] = field(default_factory=set)
    ways: list[Way] = field(default_factory=list)
    proven: bool = False
    page: int = 0
    pages_read: dict[int, int] = field(default_factory=dict)
    """Rows of each numbered page that was read."""
    server_page: int = 0
    """Rows that the server puts on one page when asked by number."""
    next_url: str | None = None
    hides_numbers: bool = False
    """Whether its numbers stand only inside `nextgroup`."""

    @property
    def complete(self) -> bool:
        """Whether all rows that the portal counts were read."""
        return self.total is not None and self.rows >= self.total


@dataclass(frozen=True, slots=True)
class Step:
    """A request to dataproxy: for which unit, in which way, from where."""

    unit: int
    way: Way
    start: int


def find_units(page: Page, options: Mapping[str, str] | None = None, per_page: int | None = None) -> list[Unit]:
    """The lists of a column page: one for each call of jpage, or one for the page."""
    text = page.text
    starts = [match.start() for match in re.finditer(r"\.jpage\s*\(", text)]
    blocks = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    if not blocks and (PROXY.search(text) or re.search(r"totalRecord", text)):
        blocks = [text]
    stores = read_datastores(page)
    units = []
    for place, block in enumerate(blocks or ([text] if stores else [])):
        store = stores[place] if place < len(stores) else None
        proxy = PROXY.search(block) or PROXY.search(text)
        endpoint = resolve(page.url, proxy.group() if proxy else DEFAULT_PROXY) or page.url
        fields = _fields(block)
        hides_numbers = "columnid" not in fields
        next_url = store.next_url if store else None
        if next_url:  # numbers published only here are the ones the server understands
            fields.update({key: value for key, value in parse_qsl(urlsplit(next_url).query) if key in FIELDS})
            endpoint = next_url.partition("?")[0]
        fields.update({key: value for key, value in (options or {}).items() if value})
        total = _number(block, "totalRecord") or (store.total if store else None)
        units.append(
            Unit(
                endpoint=endpoint,
                fields=fields,
                total=total,
                per_page=per_page or _number(block, "perPage") or DEFAULT_PER_PAGE,
                rows=store.row_count if store else 0,
                met={identity_key(row.url) for row in store.rows} if store else set(),
                next_url=next_url,
                hides_numbers=hides_numbers,
            )
        )
    return _of_this_column(units, page.url)


def _of_this_column(units: list[Unit], url: str) -> list[Unit]:
    """The units of the column that the address names; all where none says so (encrypted numbers)."""
    match = COLUMN_IN_URL.search(url)
    number = match and (match.group(1) or match.group(2))
    own = [unit for unit in units if unit.fields.get("columnid") == number]
    return own or units


def _fields(block: str) -> dict[str, str]:
    fields = {}
    for name in FIELDS:
        match = re.search(
            rf"(?<![A-Za-z_])[\"']?{name}[\"']?\s*[:=]\s*(?:'([^']*)'|\"([^\"]*)\"|([^\s,'\"&}}\)]+))",
            block,
            re.IGNORECASE,
        )
        if match:
            fields[name] = next((group for group in match.groups() if group is not None), "")
    return fields


def _number(block: str, name: str) -> int | None:
    match = re.search(rf"(?<![A-Za-z_])[\"']?{name}[\"']?\s*[:=]\s*[\"']?(\d+)", block, re.IGNORECASE)
    return int(match.group(1)) if match else None


class HanwebSpider(PortalSpider):
    """Collects Hanweb portals."""

    name = "hanweb"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows in the page's datastores; where it has none, its plain links to articles."""
        step: Step | None = task.context[1]
        stores = read_datastores(page)
        rows = tuple(row for store in stores for row in store.rows)
        if step is None and not rows:
            rows = tuple(
                link
                for link in page.links
                if ARTICLE.search(link.url) or (link.in_row and judge_title(link.title, in_report_column=False).follow)
            )
        if step is None:
            if not rows and find_units(page):
                # An empty first screen with a jpage configuration: the rows come from dataproxy.
                return Listing((), note="the first screen is empty, the rows are asked for", is_list=True)
            return Listing(rows)
        count = sum(store.row_count for store in stores)
        unit: Unit = walk.state[step.unit]
        read = unit.rows + count
        last = (not count and unit.proven) or walk.pages >= walk.portal.options.max_pages
        if last and unit.total is not None and read < unit.total:
            return Listing(rows, note=f"{INCOMPLETE}{read} of {unit.total} rows were read")
        return Listing(rows, note=f"{count} rows" if count else f"no rows in {len(page.body)} bytes: end of the list")

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next group of rows of each unit, until nothing new comes."""
        step: Step | None = task.context[1]
        if step is None:
            walk.state = self._units(walk, page) if page is not None else []
            for place, each in enumerate(walk.state):
                yield from self._more(walk, place, each)
            return
        unit: Unit = walk.state[step.unit]
        self._learn(unit, step, page)
        if walk.pages > walk.portal.options.max_pages:
            logger.warning("portal=%s column=%s has more pages than max_pages", walk.portal.id, walk.url)
            return
        yield from self._more(walk, step.unit, unit)

    def _units(self, walk: Walk, page: Page) -> list[Unit]:
        options = walk.portal.options_as(HanwebOptions)
        said = {
            "columnid": options.column_id or "",
            "unitid": options.unit_id or "",
            "webid": options.web_id or "",
            "appid": options.app_id or "",
        }
        units = find_units(page, said, options.per_page)
        for unit in units:
            unit.ways = [Way.POST_RECORDS, Way.GET_RECORDS, Way.GET_PAGE, Way.POST_PAGE]
            if unit.next_url:
                unit.ways.insert(0 if unit.hides_numbers else 3, Way.NEXT_GROUP)
        return units

    def _more(self, walk: Walk, place: int, unit: Unit) -> Iterator[Task]:
        if unit.complete:
            return
        if unit.total is None and unit.next_url is None and not unit.proven:
            return  # the page neither counts its rows nor names a next group: it is all there is
        if not unit.ways or not unit.fields:
            logger.warning(
                "portal=%s column=%s counts %s rows, %d were found", walk.portal.id, walk.url, unit.total, unit.rows
            )
            return
        yield self._task(walk, place, unit, unit.ways[0])

    def _task(self, walk: Walk, place: int, unit: Unit, way: Way) -> Task:
        start = unit.rows + 1
        if way in (Way.GET_PAGE, Way.POST_PAGE):
            size = unit.server_page or unit.per_page
            unit.page = unit.page or unit.rows // size + 1
            step = Step(place, way, unit.page)
            fields = {**unit.fields, "page": str(unit.page)}
            if way is Way.POST_PAGE:
                return self.list_task(walk, f"{unit.endpoint}?page={unit.page}", step=step, post=Post.form(fields))
            return self.list_task(walk, f"{unit.endpoint}?{_query(fields)}", step=step, guess=not unit.proven)
        step = Step(place, way, start)
        if way is Way.NEXT_GROUP and unit.next_url:
            return self.list_task(walk, unit.next_url, step=step, guess=not unit.proven)
        group = min(unit.per_page * PAGES_IN_A_GROUP, LARGEST_GROUP)
        end = start + group - 1 if unit.total is None else min(start + group - 1, unit.total)
        records = {"startrecord": str(start), "endrecord": str(end), "perpage": str(unit.per_page)}
        if way is Way.POST_RECORDS:
            url = f"{unit.endpoint}?{_query(records)}"
            return self.list_task(walk, url, step=step, post=Post.form(unit.fields), guess=not unit.proven)
        return self.list_task(
            walk, f"{unit.endpoint}?{_query({**records, **unit.fields})}", step=step, guess=not unit.proven
        )

    def _learn(self, unit: Unit, step: Step, page: Page | None) -> None:
        """Take an answer into account: go on this way, or give the way up for the next."""
        if page is None:
            # What fails for one POST fails for the other.
            posts = {Way.POST_RECORDS, Way.POST_PAGE}
            self._give_up(unit, posts if step.way in posts else {step.way})
            return
        stores = read_datastores(page, unit.endpoint)
        rows = sum(store.row_count for store in stores)
        keys = {identity_key(row.url) for store in stores for row in store.rows}
        new = keys - unit.met
        unit.met |= keys
        if rows:
            unit.next_url = next((store.next_url for store in stores if store.next_url), None)
        unit.total = (
            unit.total if unit.total is not None else next((s.total for s in stores if s.total is not None), None)
        )
        by_page = step.way in (Way.GET_PAGE, Way.POST_PAGE)
        if not rows:
            # A deep page may come back empty (about 54 bytes): the end, if this way has worked before.
            self._give_up(unit, set(unit.ways) if unit.proven else {step.way})
        elif by_page:
            self._learn_page(unit, step, rows, bool(new))
        elif not new:
            # Rows, and none of them new: the server ignores the record numbers, or repeats its last page.
            ignoring = {Way.POST_RECORDS, Way.GET_RECORDS} if step.way is not Way.NEXT_GROUP else {Way.NEXT_GROUP}
            self._give_up(unit, set(unit.ways) if unit.proven else ignoring)
        else:
            unit.proven = True
            unit.rows += rows
            if step.way is Way.NEXT_GROUP and unit.next_url is None:
                self._give_up(unit, {Way.NEXT_GROUP})

    def _learn_page(self, unit: Unit, step: Step, rows: int, new: bool) -> None:
        first_answer = not unit.pages_read
        unit.pages_read[step.start] = rows
        unit.server_page = max(unit.server_page, rows)
        unit.proven = unit.proven or new
        if first_answer and unit.rows // rows + 1 != step.start:
            # The server's page is not the screen's: go back to the first page with rows not yet read.
            unit.page = unit.rows // rows + 1
        elif not new and step.start * unit.server_page > unit.rows:
            self._give_up(unit, set(unit.ways) if unit.proven else {step.way})
            return
        else:
            unit.page = step.start
        while unit.page in unit.pages_read:
            unit.rows = max(unit.rows, (unit.page - 1) * unit.server_page + unit.pages_read[unit.page])
            unit.page += 1

    @staticmethod
    def _give_up(unit: Unit, ways: set[Way]) -> None:
        unit.ways = [way for way in unit.ways if way not in ways]
        unit.page = 0
        unit.server_page = 0
        unit.pages_read = {}


def _query(fields: Mapping[str, str]) -> str:
    return urlencode(fields, quote_via=quote, safe="/")
