"""Portals of TrueCMS: first rows in the page, more from `messageController/getMessage.do`.

Belongs here: the rows of a page and of an answer, and the windows in which more are asked for. Does not belong here:
asking and recording (`base`).

The interface answers only whoever comes from the column's page (Referer), and only windows of 10 to 50 rows, depending
on the site; larger ones come back empty or as 404. On some sites it is switched off: then the first rows of the page
are all there is to be had, and the ledger says how many are missing.
"""

import dataclasses
import html
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from lxml import etree
from scrapy import Request
from scrapy.http import Response

from crawlers.archive.ledger import Role
from crawlers.collection import INCOMPLETE, Task
from crawlers.columns import find_entries
from crawlers.families.truecms import CONTENT, TrueCmsOptions
from crawlers.links import find_date, identity_key, resolve
from crawlers.pages import Link, Page, links_in_fragment, parse
from crawlers.scripts import read_json
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.validation import Finding

__all__ = ["Answer", "Config", "TrueCmsSpider", "first_rows", "read_answer", "read_configs"]

logger = logging.getLogger(__name__)

ENDPOINT = re.compile(r"[\w:/.-]*messageController/getMessage\.do", re.IGNORECASE)
FOLDER = re.compile(r"[\"'(/](truecms)/", re.IGNORECASE)
DEFAULT_FOLDER = "truecms"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
COLUMN_ID = re.compile(
    rf"(?:column_?id|channel_?id|catalog_?id)[\"']?\s*[:=]\s*[\"']?({UUID}|[0-9A-Za-z_-]{{6,64}})", re.IGNORECASE
)
COLUMN_IN_FIELD = re.compile(
    rf"(?:id|name)\s*=\s*[\"']?column_?id[\"']?[^<>]{{0,80}}?(?:value|content)\s*=\s*[\"']?({UUID})", re.IGNORECASE
)
COLUMN_IN_ADDRESS = re.compile(rf"[?&]columnId=({UUID}|[0-9A-Za-z_-]+)", re.IGNORECASE)
GIVEN = re.compile(r"\{([^{}]*column_?id[^{}]*)\}", re.IGNORECASE)
PAIR = re.compile(r"[\"']?([A-Za-z_]\w*)[\"']?\s*:\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+))")
WINDOW_NAMES = frozenset(
    {"startrecord", "endrecord", "perpage", "callback", "columnid", "column_id", "totalrecord", "_"}
)
RECORD = re.compile(r"<record\b[^>]*>(.*?)</record>", re.IGNORECASE | re.DOTALL)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
TOTAL = re.compile(
    r"<total_?records?>\s*(\d+)|total_?(?:records?|count|rows?)[\"']?\s*[:=]\s*[\"']?(\d+)", re.IGNORECASE
)
PER_PAGE = re.compile(r"(?<![A-Za-z])per_?page[\"']?\s*[:=]\s*[\"']?(\d+)", re.IGNORECASE)
INIT_DATA = ("initData", "initdata", "init_data")
WINDOWS = (50, 20, 10)
DEFAULT_WINDOW = 20


@dataclass(frozen=True, slots=True)
class Config:
    """One list of a column page, as its script configures it."""

    endpoint: str
    column_id: str
    fields: Mapping[str, str]
    """What else the page sends with each question."""
    total: int | None
    per_page: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the interface."""

    rows: tuple[Link, ...]
    row_count: int
    total: int | None


@dataclass(slots=True)
class Window:
    """How far a list has been read."""

    config: Config
    total: int | None
    rows: int = 0
    """Rows of the list read so far, counted as positions in it."""
    met: set[str] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    """Sizes of windows left to try, the one in use first."""
    proven: bool = False
    from_start: bool = False
    """Whether the list is being read from its beginning, because the first screen's rows were not its beginning."""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A window that was asked for."""

    unit: int
    start: int
    size: int


# ---- reading --------------------------------------------------------------------------------------------------------


def first_rows(page: Page) -> tuple[Link, ...]:
    """The rows that the page itself carries: in `#initData`, in a datastore, or as plain links to documents."""
    tree = page.tree
    for name in INIT_DATA if tree is not None else ():
        for element in tree.xpath("//*[@id=$name]", name=name):
            held = _inner(element)
            rows = read_answer(held, page).rows
            if rows:
                return rows
    if RECORD.search(page.text):
        rows = read_answer(page.text, page).rows
        if rows:
            return rows
    found = {link.url: link for link in page.links if CONTENT.search(link.url) and not link.in_furniture}
    return tuple(found.values()) or find_entries(page, depth=1, deepest=1).rows


def _inner(element: Any) -> str:
    """The HTML in an element; a script or text area holds it as text."""
    if element.tag in ("script", "textarea", "template"):
        return html.unescape(element.text or "") if element.tag == "textarea" else element.text or ""
    return "".join([element.text or "", *(_written(child) for child in element)])


def _written(element: Any) -> str:
    """An element as HTML; spaces around an address, which writing would escape for good, are left out."""
    for anchor in element.iter("a"):
        if anchor.get("href"):
            anchor.set("href", str(anchor.get("href")).strip())
    return str(etree.tostring(element, encoding="unicode", method="html"))


def read_answer(text: str, page: Page) -> Answer:
    """The rows of an answer: JSONP or JSON around XML or HTML, or that alone. Links are meant against `page`."""
    held = read_json(text) if text.lstrip()[:1] != "<" else None
    total = None
    if held is not None:
        text, total = _markup_in(held)
        if not text:
            return Answer((), 0, total)
    records = [_unpack(record) for record in RECORD.findall(text)]
    if not records:
        records = _items(text)
    rows = [row for record in records for row in _links_of(record, page)]
    match = TOTAL.search(text)
    said = int(match.group(1) or match.group(2)) if match else total
    unique = {identity_key(row.url): row for row in reversed(rows)}
    return Answer(tuple(reversed(unique.values())), len(records), said)


def _markup_in(value: Any) -> tuple[str, int | None]:
    """The longest piece of markup in an answer, wherever it stands, and the number of rows that the answer names."""
    texts, total, waiting = [], None, [value]
    while waiting:
        held = waiting.pop()
        if isinstance(held, Mapping):
            for name, inner in held.items():
                if re.fullmatch(r"total_?(?:records?|count|rows?)?", str(name), re.IGNORECASE) and str(inner).isdigit():
                    total = int(inner)
            waiting.extend(held.values())
        elif isinstance(held, list):
            waiting.extend(held)
        elif isinstance(held, str) and "<" in held:
            texts.append(held)
    return max(texts, key=len, default=""), total


def _unpack(text: str) -> str:
    parts = CDATA.findall(text)
    return "".join(parts) if parts else html.unescape(text)


def _items(text: str) -> list[str]:
    """The rows of markup without records: its list items, table rows, or links."""
    tree = parse(f"<div>{html.unescape(text) if '<' not in text else text}</div>")
    if tree is None:
        return []
    for tag in ("li", "tr", "dd", "a"):
        found = [
            element for element in tree.iter(tag) if element.get("href") or element.find(".//a[@href]") is not None
        ]
        if found:
            return [_written(element) for element in found]
    return []


def _links_of(record: str, page: Page) -> list[Link]:
    """The links of one record. A record is one row: its date belongs to every link in it."""
    wrapped = f"<table>{record}</table>" if record.lstrip().lower().startswith("<tr") else f"<ul>{record}</ul>"
    date = find_date(re.sub(r"<[^>]*>", " ", record))
    return [
        Link(url=link.url, title=link.title, date=date, href=link.href, in_row=True)
        for link in links_in_fragment(wrapped, page.base)
        if link.title or CONTENT.search(link.url)
    ]


def read_configs(page: Page, column_id: str | None = None) -> list[Config]:
    """The lists that the scripts of a column page configure, each once."""
    text = page.text
    named = ENDPOINT.search(text)
    folder = FOLDER.search(text)
    default = f"/{folder.group(1) if folder else DEFAULT_FOLDER}/messageController/getMessage.do"
    endpoint = resolve(page.url, named.group() if named else default) or page.url
    numbers = (
        [column_id]
        if column_id
        else list(
            dict.fromkeys(
                number
                for number in (
                    *COLUMN_ID.findall(text),
                    *COLUMN_IN_FIELD.findall(text),
                    *COLUMN_IN_ADDRESS.findall(html.unescape(text)),
                )
                if any(character.isdigit() for character in number)  # `columnId: columnId` names a variable
            )
        )
    )
    configs = []
    for place, number in enumerate(numbers):
        start = max(0, text.find(number) - 1500)
        around = text if len(numbers) == 1 else text[start : text.find(number) + 1500]
        given = next((block for block in GIVEN.findall(around) if number in block), "")
        fields = {
            name: one or two or three
            for name, one, two, three in PAIR.findall(given)
            if name.lower() not in WINDOW_NAMES
        }
        total, per_page = TOTAL.search(around), PER_PAGE.search(around)
        configs.append(
            Config(
                endpoint,
                number,
                fields,
                int(total.group(1) or total.group(2)) if total and (place == 0 or len(numbers) == 1) else None,
                int(per_page.group(1)) if per_page else None,
            )
        )
    return configs


# ---- asking ---------------------------------------------------------------------------------------------------------


class TrueCmsSpider(PortalSpider):
    """Collects TrueCMS portals."""

    name = "truecms"

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The first rows of the column page, or those of an answer."""
        step: Step | None = task.context[1]
        if step is None:
            rows = first_rows(page)
            configs = self._configs(walk, page)
            if not rows and configs:
                return Listing((), note="the rows are asked for by a script", shell=True)
            total = configs[0].total if configs else None
            if not configs and total is not None and len(rows) < total:
                return Listing(rows, note=f"{INCOMPLETE}{len(rows)} of {total} rows stand in the page")
            return Listing(rows)
        unit: Window = walk.state[step.unit]
        answer = read_answer(page.text, self._column_page(walk, page))
        keys = unit.met | {identity_key(row.url) for row in answer.rows}
        total = unit.total if unit.total is not None else answer.total
        ends = not answer.row_count or walk.pages >= walk.portal.options.max_pages or not keys - unit.met
        last = ends and (unit.proven or len(unit.sizes) <= 1)
        if last and total is not None and len(keys) < total and not self._restarts(unit, total):
            return Listing(answer.rows, note=f"{INCOMPLETE}{len(keys)} of {total} rows were read")
        count = answer.row_count
        return Listing(answer.rows, note=f"{count} rows" if count else f"no rows in {len(page.body)} bytes")

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next window, until nothing new comes; a smaller one where the first is not answered."""
        step: Step | None = task.context[1]
        if step is None:
            if page is None:
                return
            rows = listing.rows if listing is not None else ()
            walk.state = [self._window(walk, config, rows) for config in self._configs(walk, page)]
            for place, unit in enumerate(walk.state):
                yield from self._ask_for(walk, place, unit)
            return
        unit = walk.state[step.unit]
        answer = None if page is None else read_answer(page.text, self._column_page(walk, page))
        self._learn(unit, step, answer)
        if walk.pages <= walk.portal.options.max_pages:
            yield from self._ask_for(walk, step.unit, unit)

    def _configs(self, walk: Walk, page: Page) -> list[Config]:
        return read_configs(page, walk.portal.options_as(TrueCmsOptions).column_id)

    def _window(self, walk: Walk, config: Config, rows: tuple[Link, ...]) -> Window:
        option = walk.portal.options_as(TrueCmsOptions).window
        first = option or min(config.per_page or DEFAULT_WINDOW, WINDOWS[0])
        sizes = list(dict.fromkeys([first, *(size for size in WINDOWS if size < first)]))
        met = {identity_key(row.url) for row in rows}
        return Window(config, config.total, rows=len(rows), met=met, sizes=sizes)

    def _ask_for(self, walk: Walk, place: int, unit: Window) -> Iterator[Task]:
        if unit.total is not None and len(unit.met) >= unit.total:
            return
        if unit.ended and unit.total is not None and self._restarts(unit, unit.total):
            unit.ended, unit.from_start, unit.rows = False, True, 0
        if unit.ended or not unit.sizes:
            return
        # The window begins with the last row known, unless none is: where counting starts a place off, nothing is lost.
        start, size = max(unit.rows, 0 if unit.from_start else 1), unit.sizes[0]
        fields = {
            "startrecord": str(start),
            "endrecord": str(start + size - 1),
            "perpage": str(size),
            **unit.config.fields,
            "columnId": unit.config.column_id,
            "callback": "cb",
        }
        url = f"{unit.config.endpoint}?{urlencode(fields)}"
        yield self.list_task(walk, url, step=Step(place, start, size), guess=self._is_trial(unit))

    def _learn(self, unit: Window, step: Step, answer: Answer | None) -> None:
        if answer is None or not answer.row_count:
            if unit.proven:
                unit.ended = True
            else:
                unit.sizes = unit.sizes[1:]  # perhaps the window was too large
            return
        keys = {identity_key(row.url) for row in answer.rows}
        new = keys - unit.met
        unit.met |= keys
        unit.total = unit.total if unit.total is not None else answer.total
        unit.proven = True
        reached = step.start + answer.row_count - 1
        if not new and reached <= unit.rows:
            unit.ended = True
        unit.rows = max(reached, unit.rows)
        if not new and not unit.from_start:
            unit.ended = True

    @staticmethod
    def _is_trial(unit: Window) -> bool:
        """Whether a failure says nothing yet: a smaller window is left to try, or the first rows may be all."""
        return not unit.proven and (len(unit.sizes) > 1 or (unit.rows > 0 and unit.total is None))

    @staticmethod
    def _restarts(unit: Window, total: int) -> bool:
        """Whether the list is to be read from its beginning: rows are missing, and the first screen hid which."""
        return unit.proven and not unit.from_start and len(unit.met) < total

    @staticmethod
    def _column_page(walk: Walk, page: Page) -> Page:
        """What relative links of an answer are meant against: the column's page."""
        return Page(walk.url, page.body, page.content_type)

    def _unusable(self, task: Task, response: Response, finding: Finding) -> Iterator[Request]:
        """The last window that is not answered: the ledger says how much of the list is missing."""
        step = task.context[1] if task.role is Role.LISTING else None
        if isinstance(step, Step):
            unit: Window = task.context[0].state[step.unit]
            if not self._is_trial(unit) and not finding.stops_host:
                of = "" if unit.total is None else f" of {unit.total}"
                reason = (
                    f"{INCOMPLETE}{len(unit.met)}{of} rows were read, then the interface refused ({finding.reason})"
                )
                finding = dataclasses.replace(finding, reason=reason)
        yield from super()._unusable(task, response, finding)

    def _request(self, task: Task, url: str) -> Request:
        """The interface answers only whoever comes from the column's page, as every browser does."""
        request = super()._request(task, url)
        if task.context is not None and isinstance(task.context[1], Step):
            walk: Walk = task.context[0]
            request.headers["Referer"] = walk.url.partition("#")[0]
            request.headers["X-Requested-With"] = "XMLHttpRequest"
        return request
