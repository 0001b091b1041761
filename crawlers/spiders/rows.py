"""The rows of a list page, told by the shape of a family's addresses.

Belongs here: choosing among the links of a page, or among the objects of a JSON reply. Does not belong here: which
addresses a family gives its articles (the family's spider), whether a row is a report (`links`).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crawlers.hosts import host_key
from crawlers.links import find_date, identity_key, is_attachment, judge_title, resolve
from crawlers.pages import Link
from crawlers.scripts import read_json

__all__ = ["YEAR_COLUMN", "find_rows", "json_rows", "json_value", "year_columns"]

TAG = re.compile(r"<[^>]*>")
YEAR = re.compile(r"(?:19|20)\d\d")
YEAR_COLUMN = re.compile(r"^(?:19|20)\d\d年?度?(?:政府)?(?:信息)?(?:公开)?(?:工作)?(?:年报|年度报告)?(?:\(\d+\))?$")
URL_KEYS = ("infourl", "visiturl", "linkurl", "htmlpath", "staticurl", "url", "link", "href", "uri")
TITLE_KEYS = ("realtitle", "title", "titlehtml", "infotitle", "name", "subject")
DATE_KEYS = ("infodate", "handsdate", "publishdate", "publishtime", "pubdate", "publisheddate", "date", "createdate")
CHINA = timedelta(hours=8)
MOST_DEPTH = 8


def find_rows(
    links: Iterable[Link], is_article: Callable[[str], bool], is_list: Callable[[Link], bool]
) -> tuple[Link, ...]:
    """The links that are entries of a list, each once, with the longest of its titles.

    Args:
        links: the links of the page.
        is_article: whether an address has the shape of the family's articles.
        is_list: whether a link leads to a list page or a tab, which is never a row.
    """
    rows: dict[str, Link] = {}
    for link in links:
        if not _is_row(link, is_article, is_list):
            continue
        # A twin on another host is a row of its own: which of them may be asked, the portal's entry says.
        key = f"{host_key(link.url).removeprefix('www.')} {identity_key(link.url)}"
        known = rows.get(key)
        if known is None:
            rows[key] = link
        elif len(link.title) > len(known.title) or (known.date is None and link.date is not None):
            # A picture and a title that lead to the same page are one row.
            longest = max(known.title, link.title, key=len)
            rows[key] = replace(known, title=longest, date=known.date or link.date, in_row=known.in_row or link.in_row)
    return tuple(rows.values())


def year_columns(links: Iterable[Link], is_list: Callable[[Link], bool]) -> tuple[Link, ...]:
    """The links to lists that are called after a year (2023年, 2022年度报告): columns below the one they stand in."""
    columns: dict[str, Link] = {}
    for link in links:
        if is_list(link) and not link.in_row and YEAR_COLUMN.match("".join(link.title.split())):
            columns.setdefault(identity_key(link.url), link)
    return tuple(columns.values())


def _is_row(link: Link, is_article: Callable[[str], bool], is_list: Callable[[Link], bool]) -> bool:
    titled = judge_title(link.title, in_report_column=False).follow
    if is_article(link.url):
        return link.in_row or titled or not link.in_furniture
    if is_attachment(link.url):
        return titled or (link.in_row and not link.in_furniture)
    if is_list(link):
        return False
    # A column's own name reads like a report's title: without a date, the year tells them apart.
    return link.in_row or (titled and not link.in_furniture and bool(YEAR.search(link.title)))


def json_value(text: str) -> Any:
    """The value of a JSON text, also where it is wrapped in a call (JSONP); None where it is no JSON."""
    value = read_json(text)
    if value is not None:
        return _opened(value)
    try:
        return _opened(json.loads(text.strip().lstrip("\ufeff")))  # a text that holds JSON
    except ValueError:
        return None


def _opened(value: Any, depth: int = 0) -> Any:
    """A value with the JSON texts inside it read: some services send JSON within JSON."""
    if depth > MOST_DEPTH:
        return value
    if isinstance(value, dict):
        return {key: _opened(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_opened(inner, depth + 1) for inner in value]
    if isinstance(value, str) and value[:1] in "{[" and value[-1:] in "}]" and len(value) > 1:
        try:
            return _opened(json.loads(value), depth + 1)
        except ValueError:
            return value
    return value


def json_rows(value: Any, base: str) -> tuple[Link, ...]:
    """The rows of a JSON reply: the longest list of objects that have a title and an address.

    Objects without an address that can be opened are left out; they are counted by whoever looks at the total.
    """
    best: tuple[Link, ...] = ()
    for objects in _lists(value):
        rows = tuple(row for each in objects if (row := _row_of(each, base)) is not None)
        if len(rows) > len(best):
            best = rows
    return best


def _lists(value: Any, depth: int = 0) -> Iterator[Sequence[Mapping[str, Any]]]:
    if depth > MOST_DEPTH:
        return
    if isinstance(value, list):
        objects = [each for each in value if isinstance(each, dict)]
        if objects:
            yield objects
        for each in value:
            yield from _lists(each, depth + 1)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _lists(each, depth + 1)


def _row_of(each: Mapping[str, Any], base: str) -> Link | None:
    fields = {str(key).lower().replace("_", ""): value for key, value in each.items()}
    href = next((str(fields[key]) for key in URL_KEYS if isinstance(fields.get(key), str) and fields[key].strip()), "")
    titles = [_plain(str(fields[key])) for key in TITLE_KEYS if isinstance(fields.get(key), str)]
    title = max(titles, key=len, default="")
    url = resolve(base, href.strip()) if href else None
    if url is None or not title:
        return None
    date = next((found for key in DATE_KEYS if (found := _date_of(fields.get(key))) is not None), None)
    return Link(url=url, title=title, date=date, href=href, in_row=True)


def _plain(text: str) -> str:
    return " ".join(TAG.sub("", text).replace("&nbsp;", " ").split())


def _date_of(value: Any) -> str | None:
    """A date as text, or as seconds or thousandths of a second since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{10}|\d{13}", value):
        return find_date(value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    seconds = number / 1000 if number > 10**11 else number
    if not 10**8 < seconds < 10**10:
        return None
    return (datetime.fromtimestamp(seconds, UTC) + CHINA).date().isoformat()
