"""JPaaS columns: a shell whose units come as HTML inside JSON from `build/unit`.

Belongs here: the column page, the units, the gateway of files, addresses. Does not belong here: what the rows are
(`sites`).
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import md5
from math import ceil
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import HTML, FileAddress, Resource, Site, SitePages

__all__ = ["JPAAS", "JpaasHabits"]

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_FILES = "/api-gateway/jpaas-web-server/front/document/file-download"


class JpaasHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    obeys: Literal["param_json", "bare", "either"] = "param_json"
    """Which page parameters the server looks at; others are ignored, and page 1 comes again."""
    parse_type: Literal["bulidstatic", "buildstatic"] = "bulidstatic"
    names_parse_type: bool = True
    """Whether the page names `parseType`; the server wants its own spelling in any case."""
    quotes: Literal["single", "entities", "json"] = "single"
    """How `queryData` is written: an object in single quotes, with `&quot;`, or JSON in a single-quoted attribute."""
    reply: Literal["html", "bare_html", "jsonp_like_text"] = "html"
    """`{"data":{"html":…}}`, `{"data":"…"}`, or the HTML itself."""
    counts_rows: bool = False
    screen: bool = False
    """Whether the column page shows the first rows itself."""
    other_units: int = 1
    """Units that hold no list: banners, or links to other columns."""
    past_the_end: Literal["empty", "last"] = "empty"
    mixed_links: bool = True
    """Whether every third article has an old address, `/art/2024/1/29/art_30_1.html`."""
    expiring_files: bool = False
    """Whether the address of a file holds only until it was asked for once; its article then names a new one."""
    slug: bool = False
    """Whether the column has a path of words, `/xxgk/zfxxgknb/`, not of numbers."""


def _habits(site: Site) -> JpaasHabits:
    return JpaasHabits.model_validate(site.habits)


def _column(site: Site) -> str:
    return site.path if _habits(site).slug else f"/col/{site.column_id}_{site.unit_id}/index.html"


class _Addresses:
    """`…/art/2026/art_<32 hex>.html` beside `/art/2026/1/9/art_30_1.html`; files behind the gateway."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = _habits(site)
        if habits.mixed_links and number % 3 == 0:
            return f"/art/{published.year}/{published.month}/{published.day}/art_{site.column_id}_{number}.html"
        folder = _column(site).rpartition("/")[0]
        name = md5(str(number).encode(), usedforsecurity=False).hexdigest()
        return f"{folder}/art/{published.year}/art_{name}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        name = f"{number}.{label.rpartition('.')[2]}"
        path = f"{_FILES}?fileUrl=TOKEN{number}X0&fileName={quote(name)}"
        return FileAddress(path, path, "application/octet-stream")


def arrange_jpaas(site: Site, pages: SitePages) -> SiteContent:
    habits = _habits(site)
    fixed: dict[str, Resource] = {}
    programs: dict[str, Answer] = {_UNIT: _unit_server(site, habits, pages)}
    lines = [_script(site, habits, f"栏目图片{number}") for number in range(habits.other_units)]
    if habits.screen:
        rows = pages.rows[: site.rows_per_page]
        lines += ["<ul>", *(list_item(site, row, row.link or row.path) for row in rows), "</ul>"]
    lines.append(_script(site, habits, "信息列表"))
    column = list_page(site, pages, site.column, lines)
    path = _column(site)
    fixed[path] = column
    if path.endswith("/"):
        fixed[f"{path}index.html"] = column
    _gateway(habits, pages, programs)
    return SiteContent(fixed, programs)


def _script(site: Site, habits: JpaasHabits, tag: str) -> str:
    given = {
        **({"parseType": habits.parse_type} if habits.names_parse_type else {}),
        "webId": f"web{site.web_id}",
        "tplSetId": "tpl7",
        "pageType": "column",
        "tagId": tag,
        "editType": "null",
        "pageId": f"{site.column_id}",
    }
    text = json.dumps(given, ensure_ascii=False)
    attribute = {
        "single": '"' + text.replace('"', "'") + '"',
        "entities": '"' + text.replace('"', "&quot;") + '"',
        "json": f"'{text}'",
    }[habits.quotes]
    return f'<div><script src="/script/unitbuild.js" url="{_UNIT}" queryData={attribute}></script></div>'


def _unit_server(site: Site, habits: JpaasHabits, pages: SitePages) -> Answer:
    items = [list_item(site, row, row.link or row.path) for row in pages.rows]
    size = site.rows_per_page
    total = max(1, ceil(len(items) / size))

    def unit(given: Mapping[str, str]) -> Resource:
        sound = given.get("parseType") == habits.parse_type and given.get("pageId") == str(site.column_id)
        shown = items
        if sound and given.get("tagId") == "信息列表":
            page = _page(habits, given)
            page = min(page, total) if habits.past_the_end == "last" else page
            shown = items[(page - 1) * size : page * size]
        elif sound:
            shown = ['<a href="/col/1/index.html"><img src="/b.png"></a>']
        text = f'<ul class="list">{"".join(shown)}</ul>' if shown else ""
        if habits.counts_rows and shown:
            text += f'<div class="pages">共{len(items)}条</div>'
        return _reply(site, habits, pages, text if sound else None)

    return unit


def _reply(site: Site, habits: JpaasHabits, pages: SitePages, text: str | None) -> Resource:
    if text is None:
        return Resource(b'{"success":false,"code":"500","data":null}', "application/json", pages.modified)
    if habits.reply == "jsonp_like_text":
        return Resource((text or "<ul></ul>").encode(), HTML, pages.modified)
    data = {"html": text} if habits.reply == "html" else text
    body = json.dumps({"success": True, "code": "200", "data": data}, ensure_ascii=False)
    return Resource(body.encode(), "application/json;charset=utf-8", pages.modified)


def _page(habits: JpaasHabits, given: Mapping[str, str]) -> int:
    stated = json.loads(given.get("paramJson", "") or "{}") if habits.obeys != "bare" else {}
    bare = given.get("pageNo", "") if habits.obeys != "param_json" else ""
    return max(1, int(stated.get("pageNo") or (bare if bare.isdigit() else 1)))


def _gateway(habits: JpaasHabits, pages: SitePages, programs: dict[str, Answer]) -> None:
    """Files by name and token. An expiring token serves nobody after its article was shown once more."""
    files = {
        dict(parse_qsl(urlsplit(path).query))["fileName"]: file
        for path, file in pages.resources.items()
        if urlsplit(path).path == _FILES
    }

    def download(given: Mapping[str, str]) -> Resource | None:
        name, token = given.get("fileName", ""), given.get("fileUrl", "")
        if name not in files or not token.startswith("TOKEN"):
            return None
        # The token that stood in the page when it was first read has expired by now.
        return None if habits.expiring_files and token.endswith("X0") else files[name]

    def article(page: Resource) -> Answer:
        shown = 0

        def show(given: Mapping[str, str]) -> Resource:
            nonlocal shown
            body = page.body.replace(b"X0&amp;fileName", f"X{shown}&amp;fileName".encode())
            body = body.replace(b"X0&fileName", f"X{shown}&fileName".encode())
            shown += 1
            return replace(page, body=body)

        return show

    programs[_FILES] = download
    if habits.expiring_files:
        for path, page in pages.resources.items():
            if b"X0&" in page.body and path.endswith(".html"):
                programs[path] = article(page)


JPAAS = SampleFamily("jpaas", arrange_jpaas, _Addresses(), _column)
