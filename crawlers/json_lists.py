"""Lists that a portal's interface answers as JSON: which part is the list, what its rows link to.

Belongs here: pure readers of such answers, whatever their wrapping. Does not belong here: how one family asks for them
(its spider), JSON itself (`scripts`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crawlers.hosts import host_key
from crawlers.links import is_attachment, resolve
from crawlers.pages import Link
from crawlers.scripts import iso_day, plain

__all__ = [
    "JsonList",
    "Progress",
    "find_list",
    "known_scheme",
    "row_date",
    "row_files",
    "row_title",
    "row_urls",
    "whole",
]

LIST_KEYS = ("articles", "results", "list", "rows", "records", "items", "data", "docs", "infodata", "resultList")
TITLE_KEYS = ("title", "titleHtml", "title_html", "realtitle", "docTitle", "name", "subject")
URL_KEYS = ("url", "redirectUrl", "post_url", "postUrl", "link", "href", "docUrl", "docPubUrl", "pubUrl", "infourl")
TOTAL_KEYS = ("total", "totalCount", "total_count", "totalNum", "recordCount", "totalRecord", "totalRecords", "count")
DATE_KEYS = (
    "display_publish_time",
    "publishedTimeStr",
    "publishedTime",
    "first_publish_time",
    "publishTime",
    "publish_time",
    "pubDate",
    "infodate",
    "created_at",
    "create_time",
    "createTime",
    "date",
)
FILE_LISTS = ("attachment", "attachments", "resList", "files", "fileList", "appendix", "accessory")
NAME_KEYS = ("name", "title", "fileName", "filename", "resName", "originalName", "displayName")
FILE_URL_KEYS = ("url", "filePath", "fileUrl", "path", "resUrl", "href", "downloadUrl")
BARE_HOST = re.compile(r"^(?:[a-z0-9-]+\.)+(?:gov\.cn|cn|com|org|net|test)(?::\d+)?/", re.IGNORECASE)
MOST_DEPTH = 6


@dataclass(frozen=True, slots=True)
class JsonList:
    """One page of a list."""

    rows: tuple[Mapping[str, Any], ...]
    total: int | None
    """Rows of the whole list, as the answer counts them."""
    size: int | None = None
    """Rows of a page, where the answer says so."""
    holder: Mapping[str, Any] | None = None
    """The object in which the list stands."""


@dataclass(slots=True)
class Progress:
    """How far a list has been read, page by page. Page 0 is asked for last, and only where rows are missing."""

    total: int | None = None
    met: set[str] = field(default_factory=set)
    positions: int = 0
    """Places of the list that were read; a row that stands in it twice has two."""
    pages: int = 0
    zero_asked: bool = False

    def is_new(self, answer: JsonList) -> bool:
        """Whether an answer holds a row that none before it held."""
        return bool(_keys(answer) - self.met)

    def shortfall(self, answer: JsonList, page: int, most: int) -> str | None:
        """What to say of an answer after which no more is asked for, where the list counts more rows than were read."""
        total = self.total if answer.total is None else answer.total
        is_new = self.is_new(answer)
        read = self.positions + (len(answer.rows) if is_new else 0)
        is_last = page == 0 or page >= most or (not is_new and (not self.positions or self.zero_asked))
        return f"{read} of {total} rows were read" if is_last and total is not None and read < total else None

    def take(self, answer: JsonList, page: int, most: int) -> int | None:
        """Count an answer; the page to ask for next, None where the list is read or ends."""
        is_new = self.is_new(answer)
        self.met |= _keys(answer)
        self.positions += len(answer.rows) if is_new else 0
        self.total = self.total if answer.total is None else answer.total
        self.pages += 1
        if page == 0 or self.complete:
            return None
        if is_new:
            return page + 1 if page < most else None
        if self.total is None or not self.positions or self.zero_asked:
            return None
        self.zero_asked = True  # rows are missing: an interface that counts from 0 has one page more in front
        return 0

    @property
    def complete(self) -> bool:
        """Whether as many different rows were read as the list counts."""
        return self.total is not None and (len(self.met) >= self.total)


def _keys(answer: JsonList) -> set[str]:
    """One text a row: number and address together, for portals give all rows one number, or all one address."""
    keys = set()
    for row in answer.rows:
        number = next((row[name] for name in ("id", "manuscriptId") if row.get(name)), "")
        address = next((row[name] for name in URL_KEYS if row.get(name)), "")
        keys.add(f"{number} {address}" if number or address else str(sorted(row.items(), key=str)))
    return keys


def find_list(value: Any) -> JsonList | None:
    """The list of an answer: the outermost array whose objects have a title; None where there is none."""
    empty: JsonList | None = None
    level: list[tuple[Any, tuple[Mapping[str, Any], ...]]] = [(value, ())]
    for _ in range(MOST_DEPTH):
        below: list[tuple[Any, tuple[Mapping[str, Any], ...]]] = []
        for one, above in level:
            if isinstance(one, list) and _is_list_of_rows(one):
                return JsonList(tuple(row for row in one if isinstance(row, dict)), None)
            if not isinstance(one, dict):
                continue
            for key, inner in one.items():
                if isinstance(inner, list):
                    if _is_list_of_rows(inner):
                        rows = tuple(row for row in inner if isinstance(row, dict))
                        return JsonList(rows, _total(one, above), _size(one, rows), one)
                    total = _total(one, above)
                    if not inner and key in LIST_KEYS and empty is None:
                        empty = JsonList((), total, None, one)
                elif isinstance(inner, dict):
                    below.append((inner, (*above, one)))
        level = below
    return empty


def _is_list_of_rows(values: Sequence[Any]) -> bool:
    rows = [row for row in values if isinstance(row, dict)]
    return any(
        any(row.get(key) for key in TITLE_KEYS) and ("id" in row or any(key in row for key in URL_KEYS)) for row in rows
    )


def _total(holder: Mapping[str, Any], above: Sequence[Mapping[str, Any]]) -> int | None:
    for one in (holder, *reversed(above)):
        for key in TOTAL_KEYS:
            number = whole(one.get(key))
            if number is not None:
                return number
    return None


def _size(holder: Mapping[str, Any], rows: Sequence[Any]) -> int | None:
    for key in ("pageSize", "page_size", "size", "rows"):
        number = whole(holder.get(key))
        if number:
            return number
    return len(rows) or None


def whole(value: Any) -> int | None:
    """A count, written as a number or as a text, or as search engines wrap it: `{"value": 32}`."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value)
    return int(value) if isinstance(value, str) and value.strip().isdigit() else None


def row_title(row: Mapping[str, Any]) -> str:
    """The title of a row: the longest text known for it, as lists cut some of them."""
    titles = [plain(row[key]) for key in TITLE_KEYS if isinstance(row.get(key), str)]
    best = ""
    for title in titles:
        if title and (not best or (len(title) > len(best) and _is_cut_of(best, title))):
            best = title
    return best


def _is_cut_of(short: str, long: str) -> bool:
    return long.startswith(re.sub(r"(?:…|\.{3})\s*$", "", short))


def row_urls(row: Mapping[str, Any], base: str, keys: Sequence[str] = URL_KEYS) -> tuple[str, ...]:
    """The addresses of a row, the one to be asked first in front."""
    found = []
    for key in keys:
        href = row.get(key)
        if not isinstance(href, str) or not href.strip():
            continue
        href = href.strip()
        url = resolve(base, f"//{href}" if BARE_HOST.match(href) else href)
        if url is not None:
            found.append(known_scheme(url, base))
    return tuple(dict.fromkeys(found))


def known_scheme(url: str, base: str) -> str:
    """An address of the host that has just answered, by the scheme in which it did: some portals speak http only."""
    if host_key(url).removeprefix("www.") != host_key(base).removeprefix("www."):
        return url
    ours = urlsplit(base)
    other = urlsplit(url)
    if other.scheme == ours.scheme or (other.port is not None and other.port != ours.port):
        return url
    return other._replace(scheme=ours.scheme).geturl()


def row_date(row: Mapping[str, Any]) -> str | None:
    """The day on which a row was published."""
    return next((day for key in DATE_KEYS if (day := iso_day(row.get(key))) is not None), None)


def row_files(row: Mapping[str, Any], base: str) -> tuple[Link, ...]:
    """The files that a row names itself."""
    return tuple(dict.fromkeys(_files(row, base)))


def _files(row: Mapping[str, Any], base: str) -> Iterator[Link]:
    for key in FILE_LISTS:
        files = row.get(key)
        for file in files if isinstance(files, list) else ():
            if not isinstance(file, dict):
                continue
            name = next((plain(file[one]) for one in NAME_KEYS if isinstance(file.get(one), str)), "")
            for url in row_urls(file, base, FILE_URL_KEYS)[:1]:
                if is_attachment(url) or re.search(r"\.(?:docx?|pdf|xlsx?|wps|et|rtf|ofd|zip|rar)$", name, re.I):
                    yield Link(url=url, title=name, date=row_date(row), href=url)
