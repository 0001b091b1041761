"""NFCMS columns: pages made on the server, further pages linked as `index_2.html`, columns below, two names an article.

Belongs here: the column's pages, addresses. Does not belong here: what the rows are (`sites`).
"""

from datetime import date
from math import ceil
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.sample.families.kind import SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["NFCMS"]


class _Habits(BaseModel):
    """How a site of this family differs from others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pager: Literal["links", "next", "script", "zero_based", "hidden_zero"] = "links"
    """Further pages as numbers, as 下一页 alone, or in a script's call. The last two count their files from 0; only the
    first of them says so."""
    groups: Annotated[int, Field(ge=1, le=9)] = 1
    """More than 1: the column page shows the newest rows, each column below has its own."""
    mobile_twins: bool = False
    """Rows are linked as `mpost_`, the same pages as `post_`."""
    names_itself: bool = True
    """Whether a script gives NFCMS_SITE_ID."""
    past_the_end: Literal["missing", "last", "other"] = "missing"
    """What stands after the last page: nothing, the last page again, or another column's list."""


class _Addresses:
    """`/column/content/post_123.html`, files under `/attachment/`."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = _Habits.model_validate(site.habits)
        below = f"g{number % habits.groups}/" if habits.groups > 1 else ""
        return f"{site.path}{below}content/post_{number}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/attachment/0/{number // 1000}/{number}/{number % 9973}.{label.rpartition('.')[2]}"
        return FileAddress(path, f"http://{site.host}{path}")


def arrange_nfcms(site: Site, pages: SitePages) -> SiteContent:
    habits = _Habits.model_validate(site.habits)
    if habits.groups == 1:
        fixed = _numbered(site, pages, habits, site.path, pages.rows, [])
    else:
        names = [f"{site.path}g{number}/" for number in range(habits.groups)]
        links = [f'<li><a href="{name}">第{place}组单位</a></li>' for place, name in enumerate(names, 1)]
        newest = tuple(pages.rows[: site.rows_per_page])
        fixed = _numbered(site, pages, habits, site.path, newest, ['<ul class="side-menu">', *links, "</ul>"])
        for name in names:
            own = tuple(row for row in pages.rows if row.path.startswith(name) or (row.link and name == names[0]))
            fixed |= _numbered(site, pages, habits, name, own, [])
    twins = {
        path.replace("/post_", "/mpost_"): page for path, page in pages.resources.items() if "/content/post_" in path
    }
    return SiteContent(fixed | (twins if habits.mobile_twins else {}))


def _numbered(
    site: Site, pages: SitePages, habits: _Habits, folder: str, rows: tuple[ListedRow, ...], before: list[str]
) -> dict[str, Resource]:
    size, total = site.rows_per_page, max(1, ceil(len(rows) / site.rows_per_page))
    fixed = {}
    for number in range(1, total + 1):
        shown = rows[(number - 1) * size : number * size]
        items = [list_item(site, row, row.link or _href(site, habits, row)) for row in shown]
        lines = [
            *before,
            '<div class="list-box"><ul>',
            *items,
            "</ul></div>",
            *_pager(site, habits, folder, number, total),
        ]
        if habits.names_itself:
            lines.append(
                f"<script>window.NFCMS_SITE_ID = '{site.web_id}'; window.NFCMS_CAT_ID = {site.column_id};</script>"
            )
        page = list_page(site, pages, site.column, lines)
        fixed[f"{folder}{_file(habits, number)}"] = page
        if number == 1:
            fixed[folder] = page
    after = f"{folder}{_file(habits, total + 1)}"
    if habits.past_the_end == "last":
        fixed[after] = fixed[f"{folder}{_file(habits, total)}"]
    elif habits.past_the_end == "other":
        news = '<li><a href="/xwdt/content/post_9000001.html">演示县开展春季植树活动</a></li>'
        fixed[after] = list_page(site, pages, "要闻", ["<ul>", news, "</ul>"])
    return fixed


def _href(site: Site, habits: _Habits, row: ListedRow) -> str:
    path = row.path.replace("/post_", "/mpost_") if habits.mobile_twins else row.path
    return f"http://{site.host}{path}"


def _file(habits: _Habits, number: int) -> str:
    shown = number - 1 if habits.pager in ("zero_based", "hidden_zero") else number
    return "index.html" if number == 1 else f"index_{shown}.html"


def _pager(site: Site, habits: _Habits, folder: str, number: int, total: int) -> list[str]:
    if habits.pager in ("script", "zero_based", "hidden_zero"):
        current = number - 1 if habits.pager == "zero_based" else number
        return [f'<script>createPageHTML({total}, {current}, "index", "html");</script>']
    url = f"http://{site.host}{folder}"
    links = []
    if habits.pager == "links":
        links = [
            f'<span class="current">{one}</span>' if one == number else f'<a href="{url}{_file(habits, one)}">{one}</a>'
            for one in range(1, total + 1)
        ]
    if number < total:
        links.append(f'<a class="next" href="{url}{_file(habits, number + 1)}">下一页</a>')
    return ['<div class="page">', *links, "</div>"]


NFCMS = SampleFamily("nfcms", arrange_nfcms, _Addresses(), lambda site: site.path)
