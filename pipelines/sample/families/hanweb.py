"""Hanweb columns: rows inside XML in the page, further rows from `dataproxy.jsp`.

Belongs here: the column page, dataproxy, addresses. Does not belong here: what the rows are (`sites`).
"""

from collections.abc import Mapping
from datetime import date
from math import ceil
from urllib.parse import parse_qsl, quote, urlsplit

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import FileAddress, Resource, Site, SitePages

__all__ = ["HANWEB"]

_PROXY = "/module/web/jpage/dataproxy.jsp"
_DOWNLOAD = "/module/download/downfile.jsp"


class _Addresses:
    """`/art/2021/1/29/art_<column>_<number>.html`, files by `downfile.jsp`."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        return f"/art/{published.year}/{published.month}/{published.day}/art_{site.column_id}_{number}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        name = f"{published:%y%m%d}0930{number}.{label.rpartition('.')[2]}"
        path = f"{_DOWNLOAD}?classid=0&showname={quote(label)}&filename={name}"
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(label)}"}
        return FileAddress(path, path, "application/octet-stream", headers)


def arrange_hanweb(site: Site, pages: SitePages) -> SiteContent:
    records = [f"<record><![CDATA[{list_item(site, row, row.link or row.path)}]]></record>" for row in pages.rows]

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
    column = list_page(
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


HANWEB = SampleFamily("hanweb", arrange_hanweb, _Addresses(), lambda site: f"/col/col{site.column_id}/index.html")
