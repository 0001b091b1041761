"""Shandong's /gongkai/channel_…: what of the list stands in the page, in links or in the data of its scripts.

Belongs here: rows in inline data. Does not belong here: going from page to page (`linked`), reading data out of a
script (`scripts`).

The list is drawn by the browser, from an interface that nobody has described. What the page itself carries is taken;
where it carries nothing, or says that there is more, the ledger says so.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from crawlers.archive.ledger import Outcome
from crawlers.collection import INCOMPLETE, Task
from crawlers.columns import Entries, find_entries, read_pager
from crawlers.links import directory_of, find_date, identity_key, resolve
from crawlers.pages import Link, Page
from crawlers.scripts import iso_day, plain, read_json, read_literal
from crawlers.spiders.base import Listing, Walk
from crawlers.spiders.linked import DEEPEST, LinkedSpider
from crawlers.validation import Finding

__all__ = ["GongkaiSpider", "inline_rows", "rows_said"]

SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.IGNORECASE | re.DOTALL)
DOCUMENT = re.compile(r"doc_([0-9a-f]{16,40})", re.IGNORECASE)
OBJECT_ID = re.compile(r"^[0-9a-f]{24}$", re.IGNORECASE)
TITLES = ("title", "doctitle", "name", "subject", "biaoti", "bt")
ADDRESSES = ("url", "docurl", "link", "href", "pageurl", "path", "linkurl", "puburl")
IDS = ("docid", "doc_id", "_id", "id", "oid", "uuid")
DATES = ("publishtime", "pubdate", "publishdate", "date", "time", "showtime", "createtime", "fbrq", "cwrq", "docdate")
COUNTS = ("total", "totalcount", "totalrecords", "count", "totalnum", "recordcount", "totalelements")
MOST_VALUES = 20_000


class GongkaiSpider(LinkedSpider):
    """Collects what the page of a channel carries."""

    name = "gongkai"

    def entries(self, walk: Walk, page: Page, depth: int) -> Entries:
        """The page's links, and the rows in its scripts; one document under two addresses once."""
        linked = find_entries(page, depth=depth, deepest=DEEPEST)
        rows: dict[str, Link] = {}
        for row in (*inline_rows(page), *linked.rows):
            match = DOCUMENT.search(urlsplit(row.url).path)
            key = match.group(1).lower() if match else identity_key(row.url)
            kept = rows.get(key)
            # A copy without its ending stands beside the page itself.
            if kept is None or (not _has_ending(kept.url) and _has_ending(row.url)):
                rows[key] = row
        return Entries(tuple(rows.values()), linked.columns, linked.dated)

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows that the page carries, and whether it says that there are more."""
        listing = super().read_list(walk, task, page)
        said = rows_said(page)
        known = len(walk.met | {identity_key(row.url) for row in listing.rows})
        if said is not None and listing.rows and known < said and not (listing.note or "").startswith(INCOMPLETE):
            following = self._state(walk).numbered or (read_next(page) is not None)
            if not following:
                note = f"{INCOMPLETE}{known} of {said} rows stand in the page, the browser asks for the rest"
                return Listing(listing.rows, listing.columns, note)
        return listing

    def _judge_listing(self, task: Task, page: Page, listing: Listing) -> Finding | None:
        finding = super()._judge_listing(task, page, listing)
        if finding is not None and finding.outcome is Outcome.LAYOUT_CHANGED:
            reason = "the list is drawn by the browser: nothing of it stands in the page, so nothing can be collected"
            return Finding(Outcome.LAYOUT_CHANGED, reason)
        return finding


def read_next(page: Page) -> str | None:
    """The next page, where the page links one."""
    pager = read_pager(page)
    return pager.next_url or pager.numbered.get(2)


def _has_ending(url: str) -> bool:
    return "." in urlsplit(url).path.rpartition("/")[2]


# ---- data in scripts ------------------------------------------------------------------------------------------------


def inline_rows(page: Page) -> tuple[Link, ...]:
    """The rows in the data of a page's scripts: whatever has a title and the address or number of a document."""
    rows: dict[str, Link] = {}
    for value in _values(page):
        for fields in _objects(value):
            row = _row(page, fields)
            if row is not None:
                rows.setdefault(row.url, row)
    return tuple(rows.values())


def rows_said(page: Page) -> int | None:
    """How many rows the page's data say there are."""
    said = []
    for value in _values(page):
        for fields in _objects(value):
            if any(isinstance(held, list) and held for held in fields.values()):
                named = {name.lower(): held for name, held in fields.items()}
                said += [int(named[name]) for name in COUNTS if str(named.get(name, "")).isdigit()]
    return max(said, default=None)


def _values(page: Page) -> Iterator[Any]:
    for element in () if page.tree is None else page.tree.iter():
        for held in element.attrib.values() if isinstance(element.tag, str) else ():
            if held[:1] in ("{", "[") and "title" in held.lower():  # what a component of the page is given
                yield read_json(held)
    for script in SCRIPT.findall(page.text):
        whole = read_json(script) if script.lstrip()[:1] in ("{", "[") else None
        if whole is not None:
            yield whole
            continue
        end = 0
        for match in re.finditer(r"[=:(]\s*(?=[\[{])|return\s*(?=\{)", script):
            if match.end() < end:
                continue
            try:
                value, end = _literal(script, match.end())
            except ValueError:
                continue
            yield value


def _literal(script: str, start: int) -> tuple[Any, int]:
    """The literal at a place, and roughly where it ends: what lies inside one that could be read is not read again."""
    value = read_literal(script, start)
    depth, place = 0, start
    for place in range(start, len(script)):
        depth += (script[place] in "[{") - (script[place] in "]}")
        if depth == 0:
            break
    return value, place if _objects_in(value) else 0


def _objects_in(value: Any) -> bool:
    return next(iter(_objects(value)), None) is not None


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    waiting, looked = [value], 0
    while waiting and looked < MOST_VALUES:
        looked += 1
        held = waiting.pop(0)
        if isinstance(held, Mapping):
            yield held
            waiting.extend(held.values())
        elif isinstance(held, list):
            waiting.extend(held)
        elif isinstance(held, str) and held[:1] in "[{" and held[-1:] in "]}" and len(held) > 2:
            inner = read_json(held)  # data as text inside data
            if inner is not None:
                waiting.append(inner)


def _row(page: Page, fields: Mapping[str, Any]) -> Link | None:
    named = {name.lower(): held for name, held in fields.items()}
    title = next((plain(str(named[name])) for name in TITLES if isinstance(named.get(name), str) and named[name]), "")
    if not title:
        return None
    base = _folder(page)
    address = next((str(named[name]) for name in ADDRESSES if isinstance(named.get(name), str) and named[name]), "")
    url = resolve(base, address) if address and not address.startswith("#") else None
    dated = any(named.get(name) for name in DATES)
    if url is None or not DOCUMENT.search(url):
        number = next((str(named[name]) for name in IDS if OBJECT_ID.match(str(named.get(name, "")))), "")
        leads_away = url is not None and dated and "/channel_" not in url
        if not leads_away:  # a column of the menu has a title and a number too, but no date
            url = resolve(base, f"doc_{number}.html") if number and dated else None
    if url is None:
        return None
    said = next((named[name] for name in DATES if named.get(name)), None)
    date = None if said is None else iso_day(said) or find_date(str(said))
    return Link(url=url, title=title, date=date, in_row=date is not None)


def _folder(page: Page) -> str:
    match = re.match(r".*?/channel_[^/?#]+", page.url)
    return f"{match.group()}/" if match else directory_of(page.url)
