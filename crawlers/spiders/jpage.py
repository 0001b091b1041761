"""Lists of Hanweb's `jpage`: rows inside XML, and the ways to ask `dataproxy.jsp` for more.

Belongs here: datastores, the units of a column page, which request comes next and what an answer teaches; all pure.
Does not belong here: asking and recording (`hanweb`, `base`).

Servers differ: some obey only `page` and ignore `startrecord`, some take only POST or only GET, some cut long answers
or answer deep pages with nothing, some publish their numbers only inside `nextgroup`. The ways are tried in turn. A way
that brings new rows is kept until it ends; where the list says it holds more than was read, the next way goes on, and
pages by number are read without a gap.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from crawlers.collection import Post
from crawlers.links import find_date, identity_key, is_attachment, judge_title, resolve
from crawlers.pages import Link, Page, links_in_fragment

__all__ = ["ARTICLE", "Datastore", "Question", "Unit", "Way", "column_number", "find_units", "read_datastores"]

DATASTORE = re.compile(r"<datastore\b[^>]*>(.*?)(?:</datastore>|\Z)", re.IGNORECASE | re.DOTALL)
RECORD = re.compile(r"<record\b[^>]*>(.*?)</record>", re.IGNORECASE | re.DOTALL)
RECORD_SET = re.compile(r"<recordset\b[^>]*>(.*?)(?:</recordset>|\Z)", re.IGNORECASE | re.DOTALL)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
TOTAL = re.compile(r"<totalrecord>\s*(\d+)", re.IGNORECASE)
TOTAL_PAGES = re.compile(r"<totalpage>\s*(\d+)", re.IGNORECASE)
NEXT_GROUP = re.compile(r"<nextgroup>(.*?)</nextgroup>", re.IGNORECASE | re.DOTALL)
ARTICLE = re.compile(r"/art/\d{4}/.*art_[0-9a-z_]+\.html?|/art_\d+_\d+\.html?|xxgkAnnualReport\.jsp", re.IGNORECASE)
PROXY = re.compile(r"[\w:/.-]*dataproxy\.jsp", re.IGNORECASE)
COLUMN_IN_URL = re.compile(r"/col/col(\d+)/|[?&]columnid=(\w+)", re.IGNORECASE)
CALL = re.compile(r"(?:[#(\"'](\w{1,40})[\"']\s*\)\s*)?\.jpage\s*\(")
BOX = re.compile(r"\bid\s*=\s*[\"']?(\w{1,40})[\"']?[^<>]*>\s*(?:<[^<>]*>\s*){0,4}\Z")
DEFAULT_PROXY = "/module/web/jpage/dataproxy.jsp"
OLDER_PROXY = "/module/jpage/dataproxy.jsp"
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
    keys: tuple[str, ...] = ()
    """One text a record, by which it is known again."""
    total_pages: int | None = None
    box: str = ""
    """The `id` of the element around it, which names its unit."""


def read_datastores(page: Page, endpoint: str = "") -> tuple[Datastore, ...]:
    """The datastores of a page, rows unpacked. `endpoint` is what a relative `nextgroup` is meant against."""
    stores = []
    endpoint = endpoint or _proxy_of(page) or resolve(page.url, DEFAULT_PROXY) or page.url
    for match in DATASTORE.finditer(page.text):
        body = match.group(1)
        records = [_unpack(record) for record in RECORD.findall(body)]
        if not records and (whole := RECORD_SET.search(body)):
            records = [item for item in re.findall(r"<li\b.*?</li>|<tr\b.*?</tr>", _unpack(whole.group(1)), re.DOTALL)]
        rows: list[Link] = []
        keys: list[str] = []
        for record in records:
            links = _row_of(record, page)
            rows.extend(links)
            keys.append(identity_key(links[0].url) if links else re.sub(r"\s+", "", record))
        total, pages, group = TOTAL.search(body), TOTAL_PAGES.search(body), NEXT_GROUP.search(body)
        box = BOX.search(page.text, max(0, match.start() - 400), match.start())
        stores.append(
            Datastore(
                rows=tuple(rows),
                row_count=len(records),
                total=int(total.group(1)) if total else None,
                next_url=_next_url(_unpack(group.group(1)), endpoint) if group else None,
                keys=tuple(keys),
                total_pages=int(pages.group(1)) if pages else None,
                box=box.group(1) if box else "",
            )
        )
    return tuple(stores)


def _proxy_of(page: Page, block: str = "") -> str | None:
    """The dataproxy that a page names, in that part of it first; a bare `./dataproxy.jsp` says not where it lies."""
    if PROXY.search(urlsplit(page.url).path):
        return page.url.partition("?")[0]
    named = (match.group() for text in (block, page.text) for match in PROXY.finditer(text))
    path = next((path for path in named if "/" in path.lstrip("./")), None)
    return resolve(page.url, path) if path else None


def _unpack(text: str) -> str:
    """The HTML in an XML element: CDATA as it stands, escaped text unescaped."""
    parts = CDATA.findall(text)
    if parts:
        return "".join(parts)
    return text if re.search(r"<\w", text) else html.unescape(text)


def _row_of(fragment: str, page: Page) -> list[Link]:
    """The links of one record. A record is one row: its date belongs to every link in it."""
    links = links_in_fragment(f"<ul>{fragment}</ul>", page.base)
    date = find_date(re.sub(r"<[^>]*>", " ", fragment))
    named = [
        link
        for link in links
        if (link.title or ARTICLE.search(link.url) or is_attachment(link.url)) and link.url != page.url
    ]
    # Beside the article a record may name its category or body, which is a column and no row.
    articles = [link for link in named if ARTICLE.search(link.url) or is_attachment(link.url)]
    return [
        Link(url=link.url, title=link.title, date=date, href=link.href, in_row=True) for link in (articles or named)
    ]


def _next_url(fragment: str, base: str) -> str | None:
    match = re.search(r"href\s*=\s*([\"'])(.+?)\1", fragment, re.IGNORECASE | re.DOTALL)  # `path='/'` stands inside
    # Only `&amp;` is undone: `&para=` and `&copy=` of an unescaped address are no entities.
    return resolve(base, match.group(2).replace("&amp;", "&")) if match else None


class Way(StrEnum):
    """A way to ask dataproxy for more rows."""

    POST_RECORDS = "post_records"
    GET_RECORDS = "get_records"
    GET_PAGE = "get_page"
    NEXT_GROUP = "next_group"
    POST_PAGE = "post_page"


BY_RECORDS = frozenset({Way.POST_RECORDS, Way.GET_RECORDS})
BY_PAGE = frozenset({Way.GET_PAGE, Way.POST_PAGE})
BY_POST = frozenset({Way.POST_RECORDS, Way.POST_PAGE})


@dataclass(frozen=True, slots=True)
class Question:
    """A request to dataproxy."""

    url: str
    way: Way
    number: int
    """The first record asked for, or the page."""
    post: Post | None = None

    @property
    def key(self) -> str:
        """Equal for equal questions."""
        return f"{identity_key(self.url)}{self.post.mark if self.post else ''}"


@dataclass(slots=True)
class Unit:
    """One list of a column page, as its script configures it, and how far it has been read."""

    endpoint: str
    fields: dict[str, str]
    total: int | None
    per_page: int
    met: set[str] = field(default_factory=set)
    """Records read, by their keys."""
    ways: list[Way] = field(default_factory=list)
    proven: bool = False
    """Whether any way has brought new rows."""
    position: int = 0
    """How far the list was read in record numbers."""
    window: int = 0
    """Records asked for at once; 0 is the usual group."""
    pages_read: set[int] = field(default_factory=set)
    page: int = 0
    """The page to ask for next; 0 before the first one by number."""
    last_keys: set[str] = field(default_factory=set)
    filling: bool = False
    """Whether the end is reached, and pages left out before are read."""
    idle: int = 0
    """Answers in a row that brought nothing new."""
    failed: int = 0
    """Questions without an answer after a way was found."""
    next_url: str | None = None
    hides_numbers: bool = False
    """Whether its numbers stand only inside `nextgroup`."""
    stated: bool = False
    """Whether a script configures it, so that it may hold more than it counts."""
    box: str = ""
    spare: str = ""
    """Another place at which such portals have their dataproxy; empty where the page names its own."""
    asked: set[str] = field(default_factory=set)

    @property
    def rows(self) -> int:
        """Rows read so far."""
        return len(self.met)

    @property
    def complete(self) -> bool:
        """Whether all rows that the portal counts were read."""
        return self.total is not None and self.rows >= self.total

    @property
    def short(self) -> bool:
        """Whether the portal counts more rows than were read."""
        return self.total is not None and self.rows < self.total

    # ---- asking ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Choose the ways to try, the likeliest first."""
        self.position = self.rows
        self.ways = [Way.POST_RECORDS, Way.GET_RECORDS, Way.GET_PAGE, Way.POST_PAGE]
        if self.next_url:
            self.ways.insert(0 if self.hides_numbers else 3, Way.NEXT_GROUP)

    def next_question(self) -> Question | None:
        """What to ask next; None at the end of the list. Nothing is asked twice."""
        if self.total is None and self.next_url is None and not self.proven and not self.stated:
            return None  # the page neither counts its rows nor names a next group: it is all there is
        while self.ways and self.fields and not self.complete:
            question = self._question(self.ways[0])
            if question is not None and question.key not in self.asked:
                self.asked.add(question.key)
                return question
            self._leave({self.ways[0]})
        return None

    def _question(self, way: Way) -> Question | None:
        if way in BY_PAGE:
            self.page = self.page or self.rows // self.per_page + 1
            fields = {**self.fields, "page": str(self.page)}
            if way is Way.POST_PAGE:
                return Question(f"{self.endpoint}?page={self.page}", way, self.page, Post.form(fields))
            return Question(f"{self.endpoint}?{_query(fields)}", way, self.page)
        if way is Way.NEXT_GROUP:
            return Question(self.next_url, way, self.position + 1) if self.next_url else None
        start = self.position + 1
        end = start + (self.window or self._group) - 1
        end = end if self.total is None else min(end, max(self.total, start))
        records = {"startrecord": str(start), "endrecord": str(end), "perpage": str(self.per_page)}
        if way is Way.POST_RECORDS:
            return Question(f"{self.endpoint}?{_query(records)}", way, start, Post.form(self.fields))
        return Question(f"{self.endpoint}?{_query({**records, **self.fields})}", way, start)

    @property
    def _group(self) -> int:
        return max(1, min(self.per_page * PAGES_IN_A_GROUP, LARGEST_GROUP))

    # ---- learning ----------------------------------------------------------------------------------------------------

    def learn(self, question: Question, stores: tuple[Datastore, ...] | None) -> None:
        """Take an answer into account: go on this way, or leave it for the next. None: there was no answer."""
        if stores is None:
            self._learn_failure(question)
            return
        keys = {key for store in stores for key in store.keys}
        count = sum(store.row_count for store in stores)
        new, known = keys - self.met, self.met <= keys and bool(self.met)
        if count:
            self.next_url = next((store.next_url for store in stores if store.next_url), None)
        if self.total is None:
            self.total = next((store.total for store in stores if store.total is not None), None)
        self.met |= keys
        if question.way in BY_PAGE:
            last = next((store.total_pages for store in stores if store.total_pages), None)
            self._learn_page(question, keys, bool(new), last)
        elif question.way is Way.NEXT_GROUP:
            self.position += len(new)
            if not new or self.next_url is None:
                self._leave({Way.NEXT_GROUP})
        elif not count:
            # A long or deep window may come back empty (about 54 bytes) where a short one does not.
            if self.proven and self.short and not self.window and self._group > self.per_page:
                self.window = self.per_page
            else:
                self._leave({question.way})
        elif not new or (known and not self.proven):
            # The first rows again: the server ignores record numbers, in either method.
            self._leave(set(BY_RECORDS) if not self.proven else {question.way})
        else:
            self.position += count
        self.proven = self.proven or bool(new)

    def _learn_failure(self, question: Question) -> None:
        if self.proven and not self.failed and question.way is not Way.NEXT_GROUP:
            # One answer that fails does not end a list that was being read: what follows it is asked for.
            self.failed += 1
            self.position += self.window or self._group
            self.page = question.number + 1 if question.way in BY_PAGE else 0
            return
        # What fails for one POST fails for the other.
        self._leave(set(BY_POST) if question.way in BY_POST else {question.way})
        if not self.ways and not self.proven and self.spare:
            self.endpoint, self.spare, self.next_url = self.spare, "", None
            self.start()

    def _learn_page(self, question: Question, keys: set[str], new: bool, last: int | None) -> None:
        number = question.number
        self.pages_read.add(number)
        # Where the server's pages are shorter than the screen's, the first ones asked for hold rows that are known.
        if new:
            self.idle = 0
        elif keys == self.last_keys or number * len(keys) > self.rows:
            self.idle += 1
        self.last_keys = keys
        if not self.proven and not new and not self.short:
            self._leave({question.way})
            return
        at_end = not keys or self.idle > (1 if self.short else 0) or (number >= (last or number + 1) and not self.short)
        if at_end and not self.filling:
            self.filling, self.idle = True, 0
        if not self.filling:
            self.page = number + 1
            return
        # Where they are longer, rows were skipped before the first one asked for.
        below = [page for page in range(1, max(self.pages_read)) if page not in self.pages_read]
        if below and not (self.total is None and self.idle):
            self.page = below[-1]
        else:
            self._leave({question.way})

    def _leave(self, ways: set[Way]) -> None:
        self.ways = [way for way in self.ways if way not in ways]
        self.page, self.window, self.idle = 0, 0, 0
        self.pages_read, self.last_keys, self.filling = set(), set(), False


def column_number(url: str) -> str | None:
    """The column that an address names."""
    match = COLUMN_IN_URL.search(url)
    return (match.group(1) or match.group(2)) if match else None


def find_units(page: Page, options: Mapping[str, str] | None = None, per_page: int | None = None) -> list[Unit]:
    """The lists of a column page: one for each call of jpage, or one for the page."""
    text = page.text
    calls = list(CALL.finditer(text))
    starts = [match.start() for match in calls]
    blocks = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    boxes = [match.group(1) or "" for match in calls]
    if not blocks and (PROXY.search(text) or re.search(r"totalRecord", text)):
        blocks, boxes = [text], [""]
    stores = read_datastores(page)
    stated = bool(blocks)
    if not blocks and stores:
        blocks, boxes = [text] * len(stores), [store.box for store in stores]
    units = []
    for place, (block, box) in enumerate(zip(blocks, boxes, strict=True)):
        store = next((each for each in stores if box and each.box == box), None)
        if store is None and place < len(stores) and (not stores[place].box or stores[place].box not in boxes):
            store = stores[place]
        units.append(_unit(page, block, box or (store.box if store else ""), store, options or {}, per_page, stated))
    return _of_this_column(units, stores, page.url)


def _unit(
    page: Page,
    block: str,
    box: str,
    store: Datastore | None,
    options: Mapping[str, str],
    per_page: int | None,
    stated: bool,
) -> Unit:
    named = _proxy_of(page, block)
    endpoint = named or resolve(page.url, DEFAULT_PROXY) or page.url
    spare = "" if named else resolve(page.url, OLDER_PROXY) or ""
    fields = _fields(block)
    hides_numbers = "columnid" not in fields
    next_url = store.next_url if store else None
    if next_url:  # numbers published only here are the ones the server understands
        fields.update({key: value for key, value in parse_qsl(urlsplit(next_url).query) if key in FIELDS})
        endpoint = next_url.partition("?")[0]
        spare = "" if endpoint == spare else spare
    elif stated:
        column = column_number(page.url)
        fields = {**({"columnid": column} if column else {}), **({"unitid": box} if box.isdigit() else {}), **fields}
    fields.update({key: value for key, value in options.items() if value})
    return Unit(
        endpoint=endpoint,
        fields=fields,
        total=_number(block, "totalRecord") or (store.total if store else None),
        per_page=per_page or _number(block, "perPage") or DEFAULT_PER_PAGE,
        met=set(store.keys) if store else set(),
        next_url=next_url,
        hides_numbers=hides_numbers,
        stated=stated and "columnid" in fields,
        box=box,
        spare=spare,
    )


def _of_this_column(units: list[Unit], stores: tuple[Datastore, ...], url: str) -> list[Unit]:
    """The units of the column that the address names, and those that hold reports; all where none says so."""
    number = column_number(url)
    own = [unit for unit in units if unit.fields.get("columnid") == number]
    if not own:
        return units
    return [unit for unit in units if unit in own or _holds_reports(unit, stores)]


def _holds_reports(unit: Unit, stores: tuple[Datastore, ...]) -> bool:
    rows = [row for store in stores for row in store.rows if unit.box and store.box == unit.box]
    titled = sum(judge_title(row.title, in_report_column=False).follow for row in rows)
    return bool(rows) and titled * 2 >= len(rows)


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


def _query(fields: Mapping[str, str]) -> str:
    return urlencode(fields, quote_via=quote, safe="/")
