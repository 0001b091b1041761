"""How each family of portal arranges its lists: pages by path, and answers that depend on parameters.

Belongs here: list pages and paging protocols. Does not belong here: what the rows are (`sites`), HTTP (`server`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from math import ceil
from urllib.parse import parse_qsl, quote, urlsplit

from pipelines.sample.sites import HTML, ListedRow, Resource, Site, SiteFamily, SitePages, shown_title

__all__ = ["Answer", "SiteContent", "arrange"]

Answer = Callable[[Mapping[str, str]], Resource | None]
"""An address whose answer depends on its parameters; None where it has none for them."""

_STUB = "<html><head><title></title></head><body>" + "<!-- -->" * 38 + "</body></html>"


@dataclass(frozen=True, slots=True)
class SiteContent:
    """Everything a site answers: fixed addresses (path with query) and programs (path, parameters given apart)."""

    fixed: Mapping[str, Resource]
    programs: Mapping[str, Answer] = field(default_factory=dict)


def arrange(site: Site, pages: SitePages) -> SiteContent:
    """The site with its lists, robots.txt and home page."""
    content = {SiteFamily.STATIC_PAGED: _static_paged, SiteFamily.HANWEB: _hanweb}[site.family](site, pages)
    fixed = {"/": _page(site, pages, site.name, [f"<h1>{escape(site.name)}</h1>"])} | dict(content.fixed)
    robots = _robots(site, pages)
    if robots is not None:
        fixed["/robots.txt"] = robots
    return SiteContent(dict(pages.resources) | fixed, content.programs)


def _robots(site: Site, pages: SitePages) -> Resource | None:
    if site.robots == "missing":
        return None
    if site.robots == "html":
        return _page(site, pages, "页面未找到", ["<p>您访问的页面不存在。</p>"])
    return Resource(b"User-agent: *\nDisallow: /search/\n", "text/plain", pages.modified)


def _page(site: Site, pages: SitePages, title: str, lines: list[str]) -> Resource:
    charset = "gb2312" if site.encoding.startswith("gb") else site.encoding
    text = "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}" />',
            f"<title>{escape(title)}_{escape(site.name)}</title>",
            f'<meta name="SiteName" content="{escape(site.name)}" />',
            f'<meta name="ColumnName" content="{escape(site.column)}" /></head>',
            "<body>",
            f'<div class="position">当前位置：首页 &gt; 政务公开 &gt; 政府信息公开 &gt; {escape(site.column)}</div>',
            *lines,
            '<div class="footer">演示站点：仅供软件测试，不是政府网站。</div>',
            "</body></html>",
            "",
        ]
    )
    return Resource(text.encode(site.encoding), HTML, pages.modified)


def _item(site: Site, row: ListedRow, href: str) -> str:
    title = f' title="{escape(row.title)}"' if site.title_attributes else ""
    day = f"[{row.published}]" if site.date_in_brackets else f"{row.published}"
    return (
        f'<li><a href="{escape(href)}" target="_blank"{title}>{escape(shown_title(site, row.title))}</a>'
        f"<span>{day}</span></li>"
    )


# --- static pages -----------------------------------------------------------------------------


def _static_paged(site: Site, pages: SitePages) -> SiteContent:
    if not site.year_columns:
        return SiteContent(_numbered_list(site, pages, site.path, pages.rows))
    by_year = {
        year: tuple(rows)
        for year, rows in groupby(
            sorted(pages.rows, key=lambda row: -(row.report_year or 0)), key=lambda row: row.report_year or 0
        )
    }
    links = [f'<li><a href="./{year}n/">{year}年</a></li>' for year in by_year]
    column = _page(site, pages, site.column, ['<ul class="years">', *links, "</ul>"])
    fixed = {site.path: column, f"{site.path}index.{site.extension}": column}
    for year, rows in by_year.items():
        fixed |= _numbered_list(site, pages, f"{site.path}{year}n/", rows)
    return SiteContent(fixed)


def _numbered_list(site: Site, pages: SitePages, folder: str, rows: tuple[ListedRow, ...]) -> dict[str, Resource]:
    size, total = site.rows_per_page, max(1, ceil(len(rows) / site.rows_per_page))
    fixed = {}
    for number in range(total):
        shown = rows[number * size : (number + 1) * size]
        items = [_item(site, row, row.link or f"./{row.path.removeprefix(folder)}") for row in shown]
        lines = ['<ul class="list">', *items, "</ul>", '<div id="page_div" class="page">']
        lines += ["<script>", _paging_call(site, total, number, len(rows)), "</script></div>"]
        page = _page(site, pages, site.column, lines)
        fixed[folder + _list_name(site, number)] = page
        if number == 0:
            fixed[folder] = page
    if site.beyond_last_page == "stub":
        fixed[folder + _list_name(site, total)] = Resource(_STUB.encode(), HTML, pages.modified)
    return fixed


def _list_name(site: Site, number: int) -> str:
    """The file of a list page, `number` counting from 0."""
    shown = number if site.paging == "zero_based" else number + 1
    return f"index.{site.extension}" if number == 0 else f"index_{shown}.{site.extension}"


def _paging_call(site: Site, total: int, number: int, rows: int) -> str:
    if site.paging == "one_based_container":
        return f"createPageHTML('page_div',{total}, {number + 1},'index','{site.extension}',{rows});"
    current = number if site.paging == "zero_based" else number + 1
    return f'createPageHTML({total}, {current}, "index", "{site.extension}");'


# --- Hanweb -----------------------------------------------------------------------------------

_PROXY = "/module/web/jpage/dataproxy.jsp"
_DOWNLOAD = "/module/download/downfile.jsp"


def _hanweb(site: Site, pages: SitePages) -> SiteContent:
    records = [f"<record><![CDATA[{_item(site, row, row.link or row.path)}]]></record>" for row in pages.rows]

    def dataproxy(given: Mapping[str, str]) -> Resource:
        wanted = (str(site.column_id), str(site.unit_id))
        shown = _slice(site, given, len(records)) if (given.get("columnid"), given.get("unitid")) == wanted else []
        text = _datastore(site, [records[index] for index in shown], len(records), is_answer=True)
        return Resource(text.encode(site.encoding), "text/xml", pages.modified)

    files = {
        name: file
        for path, file in pages.resources.items()
        for key, name in parse_qsl(urlsplit(path).query)
        if key == "filename"
    }
    unit = site.unit_id
    parameters = (
        f"col:1,appid:'1',webid:'{site.web_id}',path:'/',columnid:'{site.column_id}',sourceContentType:'1',"
        f"unitid:'{unit}',webname:'{site.name}',permissiontype:0"
    )
    column = _page(
        site,
        pages,
        site.column,
        [
            f'<div id="{unit}"><script type="text/xml">'
            + _datastore(site, records[: site.first_screen], len(records), is_answer=False)
            + "</script></div>",
            "<script>",
            f"$(function(){{ $('#{unit}').jpage({{ themeName:'default', dataBefore:'<ul>', dataAfter:'</ul>', "
            f"openCookies:false, perPage:{site.rows_per_page}, totalRecord:{len(records)}, proxyUrl:'{_PROXY}', "
            f"ajaxParam:{{{parameters}}} }}); }});",
            "</script>",
        ],
    )
    address = f"/col/col{site.column_id}/"
    programs: dict[str, Answer] = {_PROXY: dataproxy, _DOWNLOAD: lambda given: files.get(given.get("filename", ""))}
    return SiteContent({address: column, f"{address}index.html": column}, programs)


def _slice(site: Site, given: Mapping[str, str], total: int) -> range:
    """The records asked for; a server that obeys pages does not look at startrecord, and the reverse."""
    size = site.rows_per_page
    if site.obeys == "range" and "startrecord" in given:
        start = max(1, _whole(given["startrecord"], 1))
        return range(start - 1, min(total, _whole(given.get("endrecord", ""), start + size - 1)))
    page = max(1, _whole(given.get("page", ""), 1))
    return range((page - 1) * size, min(total, page * size))


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() else otherwise


def _datastore(site: Site, records: list[str], total: int, *, is_answer: bool) -> str:
    if is_answer and not records:
        return "<datastore><recordset></recordset></datastore>"
    query = (
        f"page=1&appid=1&appid=1&webid={site.web_id}&path='/'&columnid={site.column_id}&unitid={site.unit_id}"
        f"&webname={quote(site.name)}&permissiontype=0"
    )
    page_count = ceil(total / site.rows_per_page)
    counts = f"<totalrecord>{total}</totalrecord><totalpage>{page_count}</totalpage>" if is_answer else ""
    group = f'<nextgroup><![CDATA[<a href="{_PROXY}?{query}"></a>]]></nextgroup>'
    return f"<datastore>{counts}{group}<recordset>{''.join(records)}</recordset></datastore>"
