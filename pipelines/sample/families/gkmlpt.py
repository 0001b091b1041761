"""Guangdong's catalogue platform: a tree of columns in the page, rows from `/gkmlpt/api/all/<id>`.

Belongs here: the page with its tree, the interface, addresses. Does not belong here: what the rows are (`sites`).
"""

import json
import re
from calendar import timegm
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.sample.families.kind import SampleFamily, SiteContent, list_page
from pipelines.sample.sites import HTML, FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["GKMLPT"]

_JSON = "application/json; charset=utf-8"
_UNKNOWN = b"<html><body><h1>500</h1><p>Server Error</p></body></html>"
_ATTACHED = re.compile(r"<a [^>]*href=\"([^\"]+\.docx)\"[^>]*>(.*?)</a>", re.DOTALL)


class _Habits(BaseModel):
    """How a site of this family differs from others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: Annotated[str, Field(pattern=r"^(?:/[a-z]+)?$")] = ""
    """The body in front of `/gkmlpt`, on a host that many bodies share."""
    page_size: Annotated[int, Field(ge=1, le=100)] = 10
    counts_from: Literal["both", "zero"] = "both"
    """`both`: pages 0 and 1 are the same; `zero`: page 0 is the first, page 1 the second."""
    view: Literal["index", "annualreport", "api"] = "index"
    """Where an operator would point the registry."""
    name: str = "政府信息公开年报"
    years_below: bool = False
    """The rows stand in a column for each year, below the annual-report column."""
    parent_lists_years: bool = True
    """Whether the annual-report column lists the rows of the years as well."""
    jump: Literal["none", "page"] = "none"
    """`page`: the annual-report node leads to a plain page of the same house."""
    tree: Literal["json", "script", "text", "flat"] = "json"
    """The tree as JSON, as a script's literal, as a JSON text, or flat with the parents' numbers."""
    detail: Literal["page", "escapes"] = "page"
    """Articles as pages, or as escapes in `_CONFIG.DETAIL` of an empty page."""
    files_in_rows_only: bool = False
    """Files are named in the rows and nowhere in the articles."""
    https_links: bool = False
    """Rows are linked by https though the host speaks http only."""
    configured: bool = True
    """Whether the page has its configuration; otherwise a script of its own has it."""
    sid: bool = True
    """Whether the interface asks for the site's number."""
    total: Literal["both", "classify", "neither"] = "both"


class _Addresses:
    """`/gkmlpt/content/9/9103/post_9103540.html`, files under `/attachment/`."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        prefix = _Habits.model_validate(site.habits).prefix
        return f"{prefix}/gkmlpt/content/{number // 1_000_000}/{number // 1000}/post_{number}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/attachment/0/{number // 1000}/{number}/{number % 9973}.{label.rpartition('.')[2]}"
        return FileAddress(path, f"http://{site.host}{path}")


def arrange_gkmlpt(site: Site, pages: SitePages) -> SiteContent:
    habits = _Habits.model_validate(site.habits)
    by_column = _columns(site, habits, pages.rows)
    articles = {path: page for path, page in pages.resources.items() if page.content_type == HTML}
    files = {path: _files(page.body.decode(site.encoding)) for path, page in articles.items()}

    def api(number: int) -> Any:
        return lambda given: _answer(site, habits, pages, number, by_column, files, given)

    house = f"{habits.prefix}/gkmlpt"
    column = _index(site, habits, pages, by_column)
    fixed = {f"{house}/index": column, f"{house}/annualreport": column, f"{house}/": column}
    fixed |= {path: _drawn(site, habits, page) for path, page in articles.items()}
    if habits.jump == "page":
        rows = [
            f'<li><a href="{row.link or row.path}" title="{row.title}">{row.title}</a><span>{row.published}</span></li>'
            for row in pages.rows
        ]
        fixed[f"{site.path}index.html"] = fixed[site.path] = list_page(
            site, pages, site.column, ["<ul>", *rows, "</ul>"]
        )
    known = {*by_column, 0}
    programs = {f"{house}/api/all/{number}": api(number) for number in known}
    fixed |= {f"{house}/api/all/{number}": Resource(_UNKNOWN, HTML, pages.modified) for number in (1, 99999)}
    return SiteContent(fixed, programs)


def _columns(site: Site, habits: _Habits, rows: tuple[ListedRow, ...]) -> dict[int, tuple[ListedRow, ...]]:
    if habits.jump == "page":
        return {}
    if not habits.years_below:
        return {site.column_id: rows}
    years = sorted({row.report_year or row.published.year - 1 for row in rows}, reverse=True)
    below = {
        site.column_id + 1 + place: tuple(row for row in rows if (row.report_year or row.published.year - 1) == year)
        for place, year in enumerate(years)
    }
    return {site.column_id: rows if habits.parent_lists_years else (), **below}


def _tree(site: Site, habits: _Habits, by_column: Mapping[int, tuple[ListedRow, ...]]) -> list[dict[str, Any]]:
    own = site.column_id
    children = [
        {
            "id": number,
            "name": f"{(rows[0].report_year if rows else 0) or 2000}年",
            "parent": own,
            "post_count": len(rows),
            "children": [],
            "jump_url": "",
        }
        for number, rows in by_column.items()
        if number != own
    ]
    jump = f"http://{site.host}{site.path}index.html" if habits.jump == "page" else ""
    openness = [
        {
            "id": 11,
            "name": "政府信息公开指南",
            "post_count": 1,
            "children": [],
            "jump_url": f"http://{site.host}/zwgk/zn/",
        },
        {"id": 12, "name": "政府信息公开制度", "post_count": 4, "children": [], "jump_url": ""},
        {
            "id": own,
            "name": habits.name,
            "post_count": len(by_column.get(own, ())),
            "children": children,
            "jump_url": jump,
        },
        {"id": 13, "name": "政府网站工作年度报表", "post_count": 2, "children": [], "jump_url": ""},
    ]
    for node in openness:
        node["parent"] = 10
    return [
        {"id": 10, "name": "政府信息公开", "parent": 0, "post_count": 0, "children": openness, "jump_url": ""},
        {"id": 20, "name": "财政预决算", "parent": 0, "post_count": 9, "children": [], "jump_url": ""},
    ]


def _index(site: Site, habits: _Habits, pages: SitePages, by_column: Mapping[int, tuple[ListedRow, ...]]) -> Resource:
    if not habits.configured:
        return list_page(
            site, pages, site.column, ['<div id="app"></div><script src="/gkmlpt/gkml/pc/app.js"></script>']
        )
    tree: Any = _tree(site, habits, by_column)
    if habits.tree == "flat":
        tree = [{**node, "children": None} for node in _flat(tree)]
    text = json.dumps(tree, ensure_ascii=False)
    if habits.tree == "script":
        text = re.sub(r'"(\w+)":', r"\1:", text).replace('"', "'").replace("]}", ",]}").replace("[,]", "[]")
    elif habits.tree == "text":
        text = json.dumps(text)
    config = (
        f"window._CONFIG = {{\n  SITE_NAME: '{site.name}', // 站点\n  SID: '{site.web_id}',\n  TREE: {text},\n"
        f"  SERVICE_AREA_ID: {site.unit_id},\n  IS_MOBILE: /mobile/i.test(navigator.userAgent),\n}};"
    )
    return list_page(site, pages, site.column, ['<div id="app"></div>', "<script>", config, "</script>"])


def _flat(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for node in nodes for one in (node, *_flat(node["children"]))]


def _answer(
    site: Site,
    habits: _Habits,
    pages: SitePages,
    number: int,
    by_column: Mapping[int, tuple[ListedRow, ...]],
    files: Mapping[str, list[tuple[str, str]]],
    given: Mapping[str, str],
) -> Resource:
    if habits.sid and given.get("sid") != str(site.web_id):
        return Resource(_UNKNOWN, HTML, pages.modified)
    rows = by_column.get(number, pages.rows)
    page = int(given.get("page", "1")) if given.get("page", "1").isdigit() else 1
    first = page if habits.counts_from == "zero" else max(page, 1) - 1
    shown = rows[first * habits.page_size : (first + 1) * habits.page_size]
    answer: dict[str, Any] = {
        "classify": {"id": number, "name": site.column, "post_count": len(rows)},
        "articles": [_article(site, habits, row, number, files) for row in shown],
    }
    if habits.total == "neither":
        del answer["classify"]["post_count"]
    elif habits.total == "both":
        answer["total"] = len(rows)
    text = json.dumps(answer, ensure_ascii=True)
    return Resource(text.encode(), _JSON, pages.modified)


def _article(
    site: Site, habits: _Habits, row: ListedRow, number: int, files: Mapping[str, list[tuple[str, str]]]
) -> dict[str, Any]:
    second = timegm(row.published.timetuple())
    scheme = "https" if habits.https_links else "http"
    match = re.search(r"post_(\d+)", row.path)
    return {
        "id": int(match.group(1)) if match else 7,
        "title": row.title,
        "document_number": "",
        "identifier": f"{site.unit_id}/{row.published.year}-00001",
        "publisher": site.name,
        "date": second - 86400,
        "create_time": second,
        "created_at": f"{row.published} 01:30:00",
        "display_publish_time": second,
        "classify_main": number,
        "classify_main_name": f"{row.report_year}年" if habits.years_below else site.column,
        "url": row.link or f"{scheme}://{site.host}{row.path}",
        "post_url": "",
        "attachment": [
            {"id": place, "name": name, "type": "doc", "mime": "application/msword", "size": "26624", "url": url}
            for place, (url, name) in enumerate(files.get(row.path, []))
        ],
        "is_expired": 0,
        "relation": "[]",
    }


def _files(text: str) -> list[tuple[str, str]]:
    return [(url, re.sub(r"<[^>]*>", "", name).strip()) for url, name in _ATTACHED.findall(text)]


def _drawn(site: Site, habits: _Habits, page: Resource) -> Resource:
    text = page.body.decode(site.encoding)
    if habits.files_in_rows_only:
        text = _ATTACHED.sub("", text)
    if habits.detail == "escapes":
        body = re.search(r"<body[^>]*>(.*)</body>", text, re.DOTALL)
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        inner = json.dumps(body.group(1) if body else text, ensure_ascii=False).replace("<", "\\u003C")
        inner = inner.replace(">", "\\u003E")
        name = json.dumps(title.group(1) if title else "", ensure_ascii=False)
        text = (
            f'<html><head><meta charset="{site.encoding}"><title></title></head><body><div id="app"></div><script>'
            f'window._CONFIG = {{SID: \'{site.web_id}\', DETAIL: {{"id": 1, "title": {name}, "content": {inner}, '
            '"attachment": []}};</script></body></html>'
        )
    return Resource(text.encode(site.encoding), page.content_type, page.modified, page.headers)


def _start(site: Site) -> str:
    habits = _Habits.model_validate(site.habits)
    house = f"{habits.prefix}/gkmlpt"
    if habits.view == "annualreport":
        return f"{house}/annualreport#{site.column_id}"
    if habits.view == "api":
        return f"{house}/api/all/{site.column_id}?page=1&sid={site.web_id}"
    return f"{house}/index"


GKMLPT = SampleFamily("gkmlpt", arrange_gkmlpt, _Addresses(), _start)
