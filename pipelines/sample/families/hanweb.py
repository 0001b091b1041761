"""Hanweb columns: rows inside XML in the page, further rows from `dataproxy.jsp`; or a search; or bodies and years.

Belongs here: the column page, dataproxy, `search.jsp`, addresses. Does not belong here: what the rows are (`sites`).
"""

from collections.abc import Mapping
from datetime import date
from html import escape
from math import ceil
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import HTML, FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["HANWEB", "HanwebHabits"]

_PROXY = "/module/web/jpage/dataproxy.jsp"
_OLD_PROXY = "/module/jpage/dataproxy.jsp"
_DOWNLOAD = "/module/download/downfile.jsp"
_SEARCH = "/module/xxgk/search.jsp"
_ANNUAL = "/module/xxgk/xxgkAnnualReport.jsp"
_EMPTY = "<datastore><recordset></recordset></datastore>".ljust(54)


class HanwebHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    module: Literal["jpage", "search", "annual"] = "jpage"
    """A jpage list; a list behind `search.jsp`; links to `xxgkAnnualReport.jsp`, whose order of parameters varies."""
    screen: Literal["cdata", "escaped", "empty"] = "cdata"
    """How the first rows stand in the column page."""
    encrypted: bool = False
    """Whether column and unit number stand only inside `nextgroup`, encrypted, and no others are taken."""
    cap: int = Field(default=300, ge=1)
    """Rows of one answer at most."""
    page_size: int | None = None
    """Rows of a page asked for by number, where they are not `rows_per_page`."""
    deep_empty: int | None = None
    """The record after which windows come back empty, in 54 bytes; pages by number still answer."""
    counts_from_zero: bool = False
    """Whether record numbers count from 0."""
    counts_rows: bool = True
    """Whether script and answers say how many rows there are."""
    other_unit: bool = False
    """Whether a unit of another column stands first in the page."""
    categories: bool = False
    """Whether a row names its body, with a link, before the title."""
    bare_ampersands: bool = False
    old_proxy: bool = False
    pinned: bool = False
    """Whether the newest row stands on top of every answer."""
    mixed: int = 0
    """Rows of another column that a search brings after each row of its own."""


def _habits(site: Site) -> HanwebHabits:
    return HanwebHabits.model_validate(site.habits)


class _Addresses:
    """`/art/2021/1/29/art_<column>_<number>.html`, files by `downfile.jsp`."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        if _habits(site).module == "annual":
            area, year = f"1133000000{number:07d}K", report_year
            return f"{_ANNUAL}?area={area}&fbtime={year}" if number % 2 else f"{_ANNUAL}?fbtime={year}&area={area}"
        return f"/art/{published.year}/{published.month}/{published.day}/art_{site.column_id}_{number}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        name = f"{published:%y%m%d}0930{number}.{label.rpartition('.')[2]}"
        path = f"{_DOWNLOAD}?classid=0&showname={quote(label)}&filename={name}"
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(label)}"}
        return FileAddress(path, path, "application/octet-stream", headers)


def arrange_hanweb(site: Site, pages: SitePages) -> SiteContent:
    habits = _habits(site)
    files = {
        name: file
        for path, file in pages.resources.items()
        for key, name in parse_qsl(urlsplit(path).query)
        if key == "filename"
    }
    reports = {
        frozenset(parse_qsl(urlsplit(path).query)): page
        for path, page in pages.resources.items()
        if urlsplit(path).path == _ANNUAL
    }
    programs: dict[str, Answer] = {
        _DOWNLOAD: lambda given: files.get(given.get("filename", "")),
        _ANNUAL: lambda given: reports.get(
            frozenset((key, value) for key, value in given.items() if key in ("area", "fbtime"))
        ),
    }
    lines = {"jpage": _jpage, "search": _search, "annual": _annual}[habits.module](site, habits, pages, programs)
    column = list_page(site, pages, site.column, lines)
    address = f"/col/col{site.column_id}/"
    return SiteContent({address: column, f"{address}index.html": column}, programs)


# ---- jpage ----------------------------------------------------------------------------------------------------------


def _jpage(site: Site, habits: HanwebHabits, pages: SitePages, programs: dict[str, Answer]) -> list[str]:
    records = [_record(site, habits, row) for row in pages.rows]
    proxy, unit = _OLD_PROXY if habits.old_proxy else _PROXY, site.unit_id
    column_id, unit_id = _numbers(site, habits)

    def dataproxy(given: Mapping[str, str]) -> Resource:
        shown: range | list[int] = []
        if (given.get("columnid"), given.get("unitid")) == (column_id, unit_id):
            shown = _slice(site, habits, given, len(records))
        if not shown:
            return Resource(_EMPTY.encode(site.encoding), "text/xml", pages.modified)
        rows = [records[0]] if habits.pinned and shown[0] else []
        text = _datastore(site, habits, proxy, [*rows, *(records[index] for index in shown)], len(records), shown[-1])
        return Resource(text.encode(site.encoding), "text/xml", pages.modified)

    programs[proxy] = dataproxy
    numbers = "" if habits.encrypted else f"columnid:'{site.column_id}',unitid:'{unit}',"
    total = f"totalRecord:{len(records)}, " if habits.counts_rows else ""
    screen = [] if habits.screen == "empty" else records[: site.first_screen]
    lines = [
        f'<div id="{unit}"><script type="text/xml">'
        + _datastore(site, habits, proxy, screen, None, len(screen) - 1)
        + "</script></div>",
        "<script>",
        f"$(function(){{ $('#{unit}').jpage({{ themeName:'default', dataBefore:'<ul>', dataAfter:'</ul>', "
        f"openCookies:false, perPage:{site.rows_per_page}, {total}proxyUrl:'{proxy}', "
        f"ajaxParam:{{col:1,appid:'1',webid:'{site.web_id}',path:'/',{numbers}sourceContentType:'1',"
        f"webname:'{site.name}',permissiontype:0}} }}); }});",
        "</script>",
    ]
    if not habits.other_unit:
        return lines
    news = '<li><a href="/art/2024/1/2/art_99_1.html" title="演示县教育局">演示县教育局</a><span>2024-01-02</span></li>'
    return [
        f'<div id="99"><script type="text/xml"><datastore><recordset><record><![CDATA[{news}]]></record></recordset>'
        "</datastore></script></div><script>$('#99').jpage({perPage:5,totalRecord:80,"
        f"proxyUrl:'{proxy}',ajaxParam:{{col:1,webid:9,columnid:99,unitid:99}}}});</script>",
        *lines,
    ]


def _numbers(site: Site, habits: HanwebHabits) -> tuple[str, str]:
    return ("Qx+9/Fs=", "Zk3w==") if habits.encrypted else (str(site.column_id), str(site.unit_id))


def _record(site: Site, habits: HanwebHabits, row: ListedRow) -> str:
    item = list_item(site, row, row.link or row.path)
    if habits.categories:
        item = item.replace("<li>", '<li><a href="/col/col77/index.html">演示县教育局</a> ', 1)
    text = escape(item) if habits.screen == "escaped" else f"<![CDATA[{item}]]>"
    return f"<record>{text}</record>"


def _slice(site: Site, habits: HanwebHabits, given: Mapping[str, str], total: int) -> range:
    """The records asked for; a server that obeys pages does not look at startrecord, and the reverse."""
    size = site.rows_per_page
    if site.obeys == "range" and "startrecord" in given:
        start = max(1, _whole(given["startrecord"], 1)) - (0 if habits.counts_from_zero else 1)
        end = min(total, _whole(given.get("endrecord", ""), start + size), start + habits.cap)
        return range(0) if habits.deep_empty is not None and start >= habits.deep_empty else range(start, end)
    page, size = max(1, _whole(given.get("page", ""), 1)), min(habits.page_size or size, habits.cap)
    return range(min(total, (page - 1) * size), min(total, page * size))


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() else otherwise


def _datastore(site: Site, habits: HanwebHabits, proxy: str, records: list[str], total: int | None, last: int) -> str:
    """`total` is None in the column page, which counts in its script."""
    column_id, unit_id = _numbers(site, habits)
    page = ceil((last + 1) / site.rows_per_page) + 1 if habits.encrypted else 1
    query = (
        f"page={page}&appid=1&appid=1&webid={site.web_id}&path='/'&columnid={quote(column_id)}&unitid={quote(unit_id)}"
        f"&webname={quote(site.name)}&permissiontype=0"
    )
    query = query if habits.bare_ampersands else query.replace("&", "&amp;")
    counts = ""
    if total is not None and habits.counts_rows:
        pages = ceil(total / site.rows_per_page)
        counts = f"<totalrecord>{total}</totalrecord><totalpage>{pages}</totalpage>"
    group = f'<nextgroup><![CDATA[<a href="{proxy}?{query}"></a>]]></nextgroup>'
    return f"<datastore>{counts}{group}<recordset>{''.join(records)}</recordset></datastore>"


# ---- the openness module --------------------------------------------------------------------------------------------


def _search(site: Site, habits: HanwebHabits, pages: SitePages, programs: dict[str, Answer]) -> list[str]:
    rows: list[str] = []
    for number, row in enumerate(pages.rows):
        rows.append(_table_row(row.link or row.path, row.title, row.published))
        for other in range(habits.mixed):
            path = f"/art/2024/2/{other + 1}/art_{site.column_id + 1}_{number}{other}.html"
            rows.append(_table_row(path, "演示县教育局", date(2024, 2, other + 1)))
    size = site.rows_per_page
    total = max(1, ceil(len(rows) / size))

    def search(given: Mapping[str, str]) -> Resource | None:
        if given.get("divid") != f"div{site.column_id}" or given.get("infotypeId") != "A0203":
            return None
        page = _whole(given.get("currpage", ""), 1)
        shown = rows[(page - 1) * size : page * size]
        lines = ["<table>", *shown, "</table>", f"<div>共{len(rows)}条 第{page}页 共{total}页</div>"]
        return Resource("\n".join(lines).encode(site.encoding), HTML, pages.modified)

    programs[_SEARCH] = search
    return [
        f'<div id="div{site.column_id}"></div>',
        "<script>",
        f"var divid = 'div{site.column_id}'; var area = '113300000000000001';",
        f"$.post('{_SEARCH}?texttype=0&fbtime=-1', {{infotypeId:'A0203', jdid:'{site.web_id}', area:area, divid:divid,"
        " currpage:1}, function(text){ $('#'+divid).html(text); });",
        "</script>",
    ]


def _table_row(path: str, title: str, published: date) -> str:
    return (
        f'<tr class="tr_main_value_odd"><td><a class="bt_link" href="{escape(path)}" title="{escape(title)}">'
        f"{escape(title)}</a></td><td>{published}</td></tr>"
    )


def _annual(site: Site, habits: HanwebHabits, pages: SitePages, programs: dict[str, Answer]) -> list[str]:
    items = []
    for row in pages.rows:
        href = row.link or row.path
        shown = href if habits.bare_ampersands else escape(href)
        items.append(f'<li><a href="{shown}">{escape(row.title)}</a></li>')
    return ['<ul class="nb">', *items, "</ul>"]


HANWEB = SampleFamily("hanweb", arrange_hanweb, _Addresses(), lambda site: f"/col/col{site.column_id}/index.html")
