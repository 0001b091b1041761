"""TrueCMS columns: first rows inside the page, further rows from `getMessage.do` as XML inside JSONP.

Belongs here: the column page, the interface, addresses. Does not belong here: what the rows are (`sites`).
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, dated, list_item, list_page
from pipelines.sample.sites import FileAddress, Resource, Site, SitePages

__all__ = ["TRUECMS"]


class Habits(BaseModel):
    """How sites differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Literal["init_data", "datastore", "none"] = "init_data"
    """Where the page's own rows stand."""
    window: int = Field(default=20, ge=1)
    """Rows that one answer gives at most."""
    beyond_window: Literal["empty", "missing", "cut"] = "empty"
    """What comes of a question for more rows than that."""
    per_page: int = 15
    """What the page's script says."""
    needs_referer: bool = True
    disabled: bool = False
    says_total: bool = True
    jsonp: bool = True
    """Whether the answer is wrapped in the callback's name; otherwise it is bare JSON."""
    folder: Literal["truecms", "TrueCMS"] = "truecms"
    counts_from: Literal[0, 1] = 1


class _Addresses:
    """`/x/content/<uuid>.html`, files by date."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        return f"{site.path}content/{uuid5(NAMESPACE_URL, f'{site.id}/{number}')}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/upload/{dated(published)}/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _column(site: Site) -> str:
    return f"{site.path}{site.path.rstrip('/').rpartition('/')[2]}.html"


def arrange_truecms(site: Site, pages: SitePages) -> SiteContent:
    habits = Habits.model_validate(site.habits)
    items = [list_item(site, row, row.link or row.path) for row in pages.rows]
    column_id = str(uuid5(NAMESPACE_URL, f"{site.id}/column"))
    endpoint = f"/{habits.folder}/messageController/getMessage.do"

    def get_message(given: Mapping[str, str]) -> Resource | None:
        if habits.disabled or (habits.needs_referer and _column(site) not in given.get("referer", "")):
            return None
        start, end = _whole(given.get("startrecord", "")), _whole(given.get("endrecord", ""))
        if given.get("columnId") != column_id:
            return _answer(site, pages, habits, [], given)
        if end - start + 1 > habits.window:
            if habits.beyond_window == "missing":
                return None
            end = start + habits.window - 1 if habits.beyond_window == "cut" else start - 1
        shown = items[max(0, start - habits.counts_from) : max(0, end - habits.counts_from + 1)]
        return _answer(site, pages, habits, shown, given)

    first = items[: site.first_screen] if habits.first != "none" else []
    total = f"totalRecord:{len(items)}, " if habits.says_total else ""
    lines = [_first_screen(habits, first), '<div id="list"></div>', "<script>"]
    lines += [
        f"$('#list').jpage({{ themeName:'default', perPage:{habits.per_page}, {total}proxyUrl:'{endpoint}',",
        f"  ajaxParam:{{columnId:'{column_id}', contentTemplate:''}} }});",
        "</script>",
    ]
    column = list_page(site, pages, site.column, lines)
    programs: dict[str, Answer] = {endpoint: get_message}
    return SiteContent({_column(site): column}, programs)


def _first_screen(habits: Habits, first: list[str]) -> str:
    if habits.first == "datastore":
        records = "".join(f"<record><![CDATA[{item}]]></record>" for item in first)
        return f'<script type="text/xml"><datastore><recordset>{records}</recordset></datastore></script>'
    return f'<div id="initData" style="display:none"><ul>{"".join(first)}</ul></div>'


def _answer(site: Site, pages: SitePages, habits: Habits, shown: list[str], given: Mapping[str, str]) -> Resource:
    records = "".join(f"<record><![CDATA[{item}]]></record>" for item in shown)
    text = json.dumps({"result": f"<datastore><recordset>{records}</recordset></datastore>"}, ensure_ascii=False)
    if habits.jsonp and given.get("callback"):
        text = f"{given['callback']}({text})"
    return Resource(text.encode(site.encoding), "text/javascript", pages.modified)


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 1


TRUECMS = SampleFamily("truecms", arrange_truecms, _Addresses(), _column)
