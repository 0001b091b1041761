"""Lonsun columns: one an organ, `/public/column/<organ>?type=3`, rows from `/site/label/8888`.

Belongs here: column pages, the label service, the tree of organs, addresses. Does not belong here: what the rows are
(`sites`).
"""

import json
from collections.abc import Mapping
from datetime import date
from html import escape
from math import ceil
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages, shown_title

__all__ = ["LONSUN", "LonsunHabits"]

_NOTHING = "暂无相关信息"


class LonsunHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: str = ""
    """The folder that `/public/` and the service lie in, such as `/zwgk`."""
    first_screen: int = 0
    """Rows that the column page holds itself; 0: it is a shell."""
    answers: Literal["both", "get", "post"] = "both"
    """By which method the service must be asked; otherwise it has no answer."""
    says: Literal["object", "address", "meta"] = "object"
    """How the page names the parameters: in a script's object, in an address, or only the site in a meta tag."""
    articles: Literal["organ", "content"] = "organ"
    """`/public/<organ>/<id>.html`, or `/public/content/<id>` without a suffix."""
    counts_from: Literal[0, 1] = 1
    largest_page: int = 100
    """Rows of one answer at most, whatever was asked for."""
    states_pages: bool = True
    """Whether an answer carries pageCount and total."""
    beyond: Literal["words", "empty", "last"] = "words"
    """Past the last page: 暂无相关信息, an empty list, or the last page again."""
    tree: Literal["none", "null", "organs"] = "none"
    organs: int = 1
    """Organs that share the rows; the first is the column an operator would name."""
    as_json: bool = False
    """The service answers JSON instead of HTML."""


class _Addresses:
    """`/public/4001/1234567.html`; files in the platform's file store."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = LonsunHabits.model_validate(site.habits)
        if habits.articles == "content":
            return f"{habits.prefix}/public/content/{number}"
        return f"{habits.prefix}/public/{site.column_id}/{number}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/group6/M00/{number % 90:02d}/{number % 70:02d}/wKg{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _column(site: Site, organ: int = 0, kind: int = 3) -> str:
    prefix = LonsunHabits.model_validate(site.habits).prefix
    return f"{prefix}/public/column/{site.column_id + organ}?type={kind}&action=list"


def arrange_lonsun(site: Site, pages: SitePages) -> SiteContent:
    habits = LonsunHabits.model_validate(site.habits)
    by_organ = {organ: pages.rows[organ :: habits.organs] for organ in range(habits.organs)}
    fixed: dict[str, Resource] = {}
    for organ, rows in by_organ.items():
        fixed[_column(site, organ)] = _column_page(site, pages, habits, organ, rows)
        for kind in (1, 2, 4, 5):
            fixed[_column(site, organ, kind)] = list_page(
                site, pages, "栏目", ["<p>信息公开目录</p>", _tabs(site, organ)]
            )

    def service(given: Mapping[str, str]) -> Resource | None:
        if habits.answers != "both" and given["method"].lower() != habits.answers:
            return None
        if "Tree" in given.get("labelName", ""):
            nodes = [
                {"id": site.column_id + organ, "name": f"演示县第{organ}局", "htmlPath": _column(site, organ, 4)}
                for organ in range(1, habits.organs)
            ]
            text = json.dumps(nodes, ensure_ascii=False) if habits.tree == "organs" else "null"
            return Resource(text.encode(), "application/json", pages.modified)
        organ = _whole(given.get("organId", ""), -1) - site.column_id
        known = (
            given.get("siteId") == str(site.web_id) and given.get("type") == "3" and given.get("file", "")[:1] == "/"
        )
        rows = by_organ.get(organ, ()) if known else ()
        size = min(_whole(given.get("pageSize", ""), site.rows_per_page), habits.largest_page)
        return _answer(site, pages, habits, rows, size, _whole(given.get("pageIndex", ""), 1) - habits.counts_from)

    programs: dict[str, Answer] = {f"{habits.prefix}/site/label/8888": service}
    return SiteContent(fixed, programs)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() else otherwise


def _answer(
    site: Site, pages: SitePages, habits: LonsunHabits, rows: tuple[ListedRow, ...], size: int, page: int
) -> Resource:
    """One page of the service, `page` counted from 0; below that it is the first."""
    total = max(1, ceil(len(rows) / size))
    page = max(0, page)
    if page >= total and habits.beyond == "last":
        page = total - 1
    shown = rows[page * size : (page + 1) * size]
    if habits.as_json:
        data = [
            {"title": row.title, "link": row.link or row.path, "publishDate": f"{row.published} 09:30"} for row in shown
        ]
        value = {"status": 1, "data": {"total": len(rows), "pageCount": total, "data": data}}
        return Resource(json.dumps(value, ensure_ascii=False).encode(), "application/json", pages.modified)
    lines = [_item(site, row) for row in shown]
    if not lines and habits.beyond == "words":
        text = f'<div class="nodata">{_NOTHING}</div>'
    else:
        text = '<ul class="clearfix xxgk_nav_list">' + "".join(lines) + "</ul>"
        if habits.states_pages:
            text += f"<script>var paging = {{ pageCount:{total}, pageIndex:{page + 1}, total:{len(rows)} }};</script>"
    return Resource(text.encode(site.encoding), "text/html", pages.modified)


def _item(site: Site, row: ListedRow) -> str:
    title = f' title="{escape(row.title)}"' if site.title_attributes else ""
    return (
        f'<li><a class="title" href="{escape(row.link or row.path)}" target="_blank"{title}>'
        f'{escape(shown_title(site, row.title))}</a><span class="date">{row.published}</span></li>'
    )


def _tabs(site: Site, organ: int) -> str:
    names = {
        2: "政府信息公开指南",
        1: "政府信息公开制度",
        4: "法定主动公开内容",
        3: "政府信息公开年报",
        5: "依申请公开",
    }
    tabs = "".join(
        f'<li><a href="{escape(_column(site, organ, kind))}">{name}</a></li>' for kind, name in names.items()
    )
    return f'<div class="xxgk-nav"><ul>{tabs}</ul></div>'


def _column_page(
    site: Site, pages: SitePages, habits: LonsunHabits, organ: int, rows: tuple[ListedRow, ...]
) -> Resource:
    service = f"{habits.prefix}/site/label/8888"
    organ_id = site.column_id + organ
    size = site.rows_per_page
    says = {
        "object": (
            f"<script>$(function () {{ Ls.ajax({{ url: '{service}', dataType: 'html', data: {{ "
            f"labelName: 'publicInfoList',"
            f" siteId: '{site.web_id}', pageSize: {size}, pageIndex: pageIndex, action: 'list', isDate: 'true',"
            f" dateFormat: 'yyyy-MM-dd', length: '80', organId: '{organ_id}', type: '3', catId: '', cId: '',"
            f" result: '{_NOTHING}', file: '/xxgk/publicInfoList_newest2020' }} }}); }});</script>"
        ),
        "address": (
            f'<div class="list" data-url="{service}?IsAjax=1&amp;dataType=html&amp;labelName=publicInfoList'
            f"&amp;siteId={site.web_id}&amp;organId={organ_id}&amp;type=3&amp;catId=&amp;pageSize={size}&amp;pageIndex=1"
            f'&amp;file=%2Fc2%2Fxxgk%2FpublicInfoList_newest_hs&amp;result={quote(_NOTHING)}"></div>'
        ),
        "meta": '<script src="/assets/public.js"></script>',
    }[habits.says]
    lines = [f'<meta name="SiteId" content="{site.web_id}">'] if habits.says == "meta" else []
    lines += [_tabs(site, organ), '<div id="xxgk_list"><ul class="clearfix xxgk_nav_list">']
    lines += [_item(site, row) for row in rows[: habits.first_screen]]
    lines += ["</ul></div>", says]
    if habits.tree != "none":
        lines.append(
            f"<script>Ls.ajax({{ url: '{service}', data: {{ labelName: 'columnTree', isJson: 'true' }} }});</script>"
        )
    return list_page(site, pages, site.column, lines)


LONSUN = SampleFamily("lonsun", arrange_lonsun, _Addresses(), _column)
