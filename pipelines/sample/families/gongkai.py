"""Shandong's openness platform: channels whose list the browser draws from data in the page, or from elsewhere.

Belongs here: the channel's page, addresses. Does not belong here: what the rows are (`sites`).
"""

import json
from datetime import date
from hashlib import sha1
from html import escape
from math import ceil
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import SampleFamily, SiteContent, dated, list_item, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["GONGKAI"]


class Habits(BaseModel):
    """How sites differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Literal["state", "literal", "props", "links", "none"] = "state"
    """Where the rows stand: a JSON state, a script's literal, a component's attribute, links, or nowhere."""
    in_page: int | None = None
    """How many rows the page carries; all where left out."""
    paged: bool = False
    """Whether the page links further pages (`?page=2`)."""
    without_ending: bool = False
    """Whether every document stands in the page a second time, without `.html`."""


class _Addresses:
    """`/gongkai/site_x/channel_<hex>/doc_<24hex>.html`."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        return f"{_column(site)}doc_{_hex(f'{site.id}/{number}')}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/gongkai/upload/{dated(published)}/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _hex(text: str) -> str:
    return sha1(text.encode()).hexdigest()[:24]


def _column(site: Site) -> str:
    return f"/gongkai/site_demo/channel_{_hex(site.id)}/"


def arrange_gongkai(site: Site, pages: SitePages) -> SiteContent:
    habits = Habits.model_validate(site.habits)
    rows = pages.rows if habits.in_page is None else pages.rows[: habits.in_page]
    size = site.rows_per_page if habits.paged else max(1, len(rows))
    total = max(1, ceil(len(rows) / size))
    fixed: dict[str, Resource] = {}
    for number in range(1, total + 1):
        shown = rows[(number - 1) * size : number * size]
        lines = ['<div id="app">', *_rows(site, habits, shown, len(pages.rows)), "</div>"]
        if habits.paged:
            lines += [f'<a href="?page={other}">{other}</a>' for other in range(1, total + 1)]
        lines.append('<script src="/gongkai/js/app.js"></script>')
        page = list_page(site, pages, site.column, lines)
        fixed[f"{_column(site)}?page={number}"] = page
        if number == 1:
            fixed[_column(site)] = page
    return SiteContent(fixed)


def _rows(site: Site, habits: Habits, shown: tuple[ListedRow, ...], total: int) -> list[str]:
    if habits.rows == "none":
        return ["<channel-list></channel-list>"]
    if habits.rows == "links":
        items = [list_item(site, row, row.link or row.path) for row in shown]
        if habits.without_ending:
            items += [list_item(site, row, row.path.removesuffix(".html")) for row in shown if row.path]
        return ["<ul>", *items, "</ul>"]
    data = [_fields(row) for row in shown]
    state = json.dumps({"channel": {"name": site.column}, "list": {"total": total, "rows": data}}, ensure_ascii=False)
    if habits.rows == "props":
        return [f'<channel-list :list="{escape(json.dumps(data, ensure_ascii=False))}"></channel-list>']
    if habits.rows == "literal":
        literal = ",".join(
            f"{{title:'{row['title']}', url:'{row['url']}', date:'{row['publishTime']}'}}" for row in data
        )
        return [f"<script>new Vue({{el:'#app', data:{{total:{total}, list:[{literal}]}}}});</script>"]
    return [f"<script>window.__INITIAL_STATE__ = {state};</script>"]


def _fields(row: ListedRow) -> dict[str, Any]:
    return {"title": row.title, "url": row.link or row.path, "publishTime": f"{row.published} 09:30:00"}


GONGKAI = SampleFamily("gongkai", arrange_gongkai, _Addresses(), _column)
