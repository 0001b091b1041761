"""Epoint EWB columns: a shell page, rows as JSON from `/EWB-FRONT/rest/lightfrontaction/getgovinfolist`.

Belongs here: the shell, its script, the service, addresses. Does not belong here: what the rows are (`sites`).
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import NAMESPACE_DNS, uuid5

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages, shown_title

__all__ = ["EPOINT", "EpointHabits"]


class EpointHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    counts_from: Literal[0, 1] = 0
    below_first: Literal["first", "empty", "error"] = "first"
    """What page 0 is where pages count from 1."""
    asks: Literal["plain", "params", "form"] = "plain"
    """How a question must be written."""
    script: Literal["/js/webBuilderCommon.js", "/js/ajaxReq.js", ""] = "/js/webBuilderCommon.js"
    """The file that names the site's number; empty: the page does."""
    links_script: bool = True
    """Whether the page loads that file by name, or by a loader."""
    project: str = "EWB-FRONT"
    variant: Literal["data", "infodata", "text"] = "data"
    """`custom.data` with total, `custom.infodata` with count, or custom as a JSON text with Table."""
    largest_page: int = 100
    needs_guid: bool = True
    hint: bool = False
    """Whether the script shows the first page's number."""
    beyond: Literal["empty", "last"] = "empty"
    pinned: int = 0


class _Addresses:
    """`/zwgk/003002/20230131/<uuid>.html`; files in an attachment folder."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        name = uuid5(NAMESPACE_DNS, f"{site.id}/{number}")
        return f"/zwgk/{_category(site)}/{published:%Y%m%d}/{name}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/EpointFile/{published:%Y}/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _category(site: Site) -> str:
    return f"{site.column_id:06d}"


def _guid(site: Site) -> str:
    return str(uuid5(NAMESPACE_DNS, site.host))


def _column(site: Site) -> str:
    return f"/dynamic/zwgk/govInfoPub.html?categorynum={_category(site)}"


def arrange_epoint(site: Site, pages: SitePages) -> SiteContent:
    habits = EpointHabits.model_validate(site.habits)
    service = f"/{habits.project}/rest/lightfrontaction/getgovinfolist"

    def answer(given: Mapping[str, str]) -> Resource | None:
        question = _question(habits, given)
        known = question.get("categorynum") == _category(site)
        if habits.needs_guid and question.get("siteGuid") != _guid(site):
            known = False
        size = min(_whole(question.get("pageSize"), site.rows_per_page), habits.largest_page) or 1
        page = _whole(question.get("pageIndex"), habits.counts_from) - habits.counts_from
        return _answer(site, pages, habits, pages.rows if known else (), size, page)

    programs: dict[str, Answer] = {service: answer}
    fixed = {_column(site): _shell(site, pages, habits)}
    if habits.script:
        info = f'var siteInfo = {{"siteGuid":"{_guid(site)}", "projectName":"/{habits.project}", "lang":"zh"}};'
        first = f"\nvar pageIndex = {habits.counts_from};" if habits.hint else ""
        params = "JSON.stringify({params: {deptcode: d, categorynum: c}})" if habits.asks == "params" else "q"
        call = f'$.post(siteInfo.projectName + "/rest/lightfrontaction/getgovinfolist", {params}, show);'
        text = f"{info}{first}\nfunction load(q) {{ {call} }}\nfunction fail() {{ alert('系统繁忙'); }}\n"
        fixed[habits.script] = Resource(text.encode(), "application/javascript", pages.modified)
    return SiteContent(fixed, programs)


def _question(habits: EpointHabits, given: Mapping[str, str]) -> Mapping[str, Any]:
    """What was asked, if it was written as this portal wants it."""
    if habits.asks == "form":
        return given if "json" not in given else {}
    try:
        value = json.loads(given.get("json", ""))
    except ValueError:
        return {}
    inner = value.get("params") if habits.asks == "params" else value
    return inner if isinstance(inner, dict) else {}


def _whole(value: object, otherwise: int) -> int:
    return int(str(value)) if str(value).isdigit() else otherwise


def _answer(
    site: Site, pages: SitePages, habits: EpointHabits, rows: tuple[ListedRow, ...], size: int, page: int
) -> Resource:
    if page < 0 and habits.below_first == "error":
        return _json(pages, {"controls": [], "custom": {}, "status": {"code": 0, "text": "参数错误"}})
    if page < 0 and habits.below_first == "first":
        page = 0
    last = max(0, (len(rows) - 1) // size)
    if page > last and habits.beyond == "last":
        page = last
    shown = rows[page * size : (page + 1) * size] if page >= 0 else ()
    if 0 < page <= last:
        shown = (*rows[: habits.pinned], *shown)
    data = [_row(site, row) for row in shown]
    custom: dict[str, Any] = {"total": len(rows), "data": data}
    if habits.variant == "infodata":
        custom = {"count": len(rows), "infodata": data}
    elif habits.variant == "text":
        text = json.dumps({"Table": data, "totalcount": str(len(rows))}, ensure_ascii=False)
        return _json(pages, {"custom": text, "status": {"code": 1, "text": "操作成功"}})
    return _json(pages, {"controls": [], "custom": custom, "status": {"code": 1, "text": "操作成功"}})


def _row(site: Site, row: ListedRow) -> dict[str, str]:
    return {
        "title": f"<font color=''>{shown_title(site, row.title)}</font>",
        "realtitle": row.title,
        "infourl": row.link or row.path,
        "infodate": row.published.isoformat(),
        "categorynum": f"{_category(site)}001",
        "infoid": str(uuid5(NAMESPACE_DNS, row.path or row.link)),
    }


def _json(pages: SitePages, value: object) -> Resource:
    return Resource(json.dumps(value, ensure_ascii=False).encode(), "application/json;charset=UTF-8", pages.modified)


def _shell(site: Site, pages: SitePages, habits: EpointHabits) -> Resource:
    lines = ['<script src="/js/lib/jquery.min.js"></script>']
    if habits.script and habits.links_script:
        lines.append(f'<script src="{habits.script}"></script>')
    if not habits.script:
        service = f"/{habits.project}/rest/lightfrontaction/getgovinfolist"
        lines.append(f"<script>var siteGuid = '{_guid(site)}'; var listUrl = '{service}';</script>")
    lines += ['<div class="ewb-catalog-table"><ul id="list"></ul><div id="pager"></div></div>']
    lines.append(f"<script>var pageSize = {site.rows_per_page}; load();</script>")
    return list_page(site, pages, site.column, lines)


EPOINT = SampleFamily("epoint", arrange_epoint, _Addresses(), _column)
