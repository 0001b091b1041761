"""c-columns whose rows come as JSON: the column page names a channel, an interface answers for it.

Belongs here: the column page, the interfaces, addresses. Does not belong here: what the rows are (`sites`).
"""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import md5
from html import escape
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import HTML, FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["JSON_SEARCH"]

_JSON = "application/json; charset=utf-8"


class _Habits(BaseModel):
    """How a site of this family differs from others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interface: Literal["/common/search", "/searchList", "/search", "/getFileListByCodeId"] = "/common/search"
    says: Literal["address", "pieces", "channel", "code", "tabs"] = "pieces"
    """What the page says: the whole address, its pieces in a script, the channel in a meta alone, its code alone (then
    getChannelList knows the channel), or several channels of which one is called annual reports."""
    most_per_page: Annotated[int, Field(ge=1, le=100)] = 8
    """More are not answered, whatever is asked."""
    asks_per_page: Annotated[int, Field(ge=1, le=100)] = 20
    offset_by: Literal["asked", "given"] = "given"
    """Which page size tells where a page begins: the one asked for, or the one that is answered."""
    counts_from: Literal[0, 1] = 1
    urls: Literal["full", "host", "path"] = "host"
    """Rows as `http://host/…`, `//host/…` or `/…`."""
    jsonp: bool = False
    html_escapes: bool = False
    """Titles with entities and the marks of a search hit."""
    window: Annotated[int, Field(ge=1)] = 10_000
    """Rows beyond it are counted and not given."""
    first_rows_in_page: bool = False
    names: Literal["hex", "numbers", "folders"] = "hex"
    """Articles as `<32 hex>.shtml`, `c01_868731.shtml` or `c868731/content.shtml`."""


class _Addresses:
    """`/site/c104001/202301/<32 hex>.shtml`, files beside the article."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = _Habits.model_validate(site.habits)
        folder = _folder(site)
        if habits.names == "folders":
            return f"{folder}c{number}/content.shtml"
        name = f"c01_{number}" if habits.names == "numbers" else md5(str(number).encode()).hexdigest()
        return f"{folder}{published:%Y%m}/{name}.shtml"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"{article.rpartition('/')[0]}/{number}/files/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _folder(site: Site) -> str:
    return f"/{site.host.partition('.')[0]}/c{100000 + site.column_id}/"


def _channel(site: Site, name: str = "annual") -> str:
    return md5(f"{site.id}/{name}".encode()).hexdigest()


def arrange_json_search(site: Site, pages: SitePages) -> SiteContent:
    habits = _Habits.model_validate(site.habits)

    def rows(channel: str) -> Answer:
        return lambda given: _answer(site, habits, pages, channel, given)

    programs: dict[str, Answer] = {}
    if habits.interface == "/getFileListByCodeId":
        programs[habits.interface] = lambda given: _answer(site, habits, pages, given.get("channelId", ""), given)
    else:
        for channel in (_channel(site), _channel(site, "rules")):
            programs[f"{habits.interface}/{channel}"] = rows(channel)
    programs["/common/getChannelList"] = lambda given: _channel_list(site, pages, given)
    folder = _folder(site)
    column = list_page(site, pages, site.column, _column_lines(site, habits, pages))
    return SiteContent({folder: column, f"{folder}list.shtml": column}, programs)


def _column_lines(site: Site, habits: _Habits, pages: SitePages) -> list[str]:
    channel = _channel(site)
    lines = ['<div class="list"><ul id="list">']
    if habits.first_rows_in_page:
        lines += [list_item(site, row, row.link or row.path) for row in pages.rows[: habits.most_per_page]]
    lines.append("</ul></div>")
    query = "_isAgg=true&_isJson=true&_pageSize="
    rest = "&_template=index&_rangeTimeGte=&_channelName=&page="
    if habits.says == "address":
        lines.append(
            f"<script>$.get('{habits.interface}/{channel}?{query}{habits.asks_per_page}{rest}1', show);</script>"
            if habits.interface != "/getFileListByCodeId"
            else f"<script>var channelId = \"{channel}\"; $.post('{habits.interface}', {{channelId}});</script>"
        )
    elif habits.says in ("channel", "pieces"):
        lines.insert(0, f'<meta content="{channel}" name="channelId" />')
    if habits.says in ("pieces", "tabs"):
        call = (
            f"url: '{habits.interface}', type: 'post', data: {{channelId: channelId, page: page, size: pageSize}}"
            if habits.interface == "/getFileListByCodeId"
            else f"url: '{habits.interface}/' + channelId + '?{query}' + pageSize + '{rest}' + page"
        )
        lines.append(f"<script>var pageSize = {habits.asks_per_page}; $.ajax({{{call}, success: show}});</script>")
    if habits.says == "tabs":
        tabs = [
            {"name": "政府信息公开制度", "channelId": _channel(site, "rules")},
            {"name": "政府信息公开年报", "channelId": channel},
        ]
        lines.append(f"<script>var tabs = {json.dumps(tabs, ensure_ascii=False)};</script>")
    if habits.says == "code":
        lines.append("<script src='/xhtml/js/render.js'></script><script>load('/common/getChannelList');</script>")
    return lines


def _channel_list(site: Site, pages: SitePages, given: Mapping[str, str]) -> Resource | None:
    code = f"c{100000 + site.column_id}"
    if given.get("channelCode") != code or given.get("websiteCodeName") != site.host.partition(".")[0]:
        return _json({"code": 404, "msg": "no such channel"}, pages)
    children = [
        {"channelId": _channel(site, "rules"), "channelCode": "c100999", "displayName": "政府信息公开制度"},
        {"channelId": _channel(site), "channelCode": code, "displayName": site.column},
    ]
    return _json(
        {"code": 200, "results": {"channelId": _channel(site, "root"), "channelCode": "c100000", "children": children}},
        pages,
    )


def _answer(site: Site, habits: _Habits, pages: SitePages, channel: str, given: Mapping[str, str]) -> Resource | None:
    posted = habits.interface == "/getFileListByCodeId"
    if not posted and given.get("_isJson") != "true":
        return Resource(b"<html><body>index</body></html>", HTML, pages.modified)
    rows = pages.rows if channel == _channel(site) else ()
    asked = int(given.get("size" if posted else "_pageSize", "10"))
    size = min(asked, habits.most_per_page)
    page = int(given.get("page", "1")) - habits.counts_from
    start = max(page, 0) * (asked if habits.offset_by == "asked" else size)
    shown = rows[start : min(start + size, habits.window)]
    data = {
        "channelId": channel,
        "total": len(rows),
        "rows": size,
        "page": page + habits.counts_from,
        "totalPage": ceil(len(rows) / size),
        "results": [_row(site, habits, row) for row in shown],
    }
    if posted:
        return _json({"code": 200, "results": {"channelName": site.column, "data": data}}, pages)
    return _json({"data": data}, pages, habits.jsonp)


def _row(site: Site, habits: _Habits, row: ListedRow) -> dict[str, Any]:
    start = {"full": f"http://{site.host}", "host": f"//{site.host}", "path": ""}[habits.urls]
    title = f"<em>{escape(row.title)}</em>&nbsp;" if habits.html_escapes else row.title
    return {
        "titleHtml": f"<p>{row.title}</p>",
        "title": title,
        "url": row.link or f"{start}{row.path}",
        "redirectUrl": "",
        "publishedTimeStr": f"{row.published} 17:18:49",
        "channelName": site.column,
        "memo": "",
        "content": "政府信息公开工作",
        "domainMetaList": [{"domainName": "默认", "resultList": [{"key": "fwrq", "name": "发文日期", "value": ""}]}],
    }


def _json(value: Any, pages: SitePages, jsonp: bool = False) -> Resource:
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
    return Resource((f"jQuery1720({text});" if jsonp else text).encode(), _JSON, pages.modified)


JSON_SEARCH = SampleFamily("json_search", arrange_json_search, _Addresses(), lambda site: f"{_folder(site)}list.shtml")
