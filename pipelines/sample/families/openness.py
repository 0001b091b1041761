"""Openness columns with the page number in the path: `/OpennessContent/showList/785/0/page_1.html`.

Belongs here: lists, paging, addresses. Does not belong here: what the rows are (`sites`).
"""

from datetime import date
from itertools import groupby
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["OPENNESS", "OpennessHabits"]


class OpennessHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: str = ""
    """The folder in front of all addresses, such as `/openness`."""
    controller: str = "OpennessContent"
    """`BranchOpennessContent` where the body has a site of its own."""
    article: str = "XxgkAnnualReport"
    """The controller of the articles: `Xxgknb`, `OpennessContent`."""
    category: str = "0"
    pager: Literal["links", "script", "words", "next", "none"] = "links"
    """How a page names the others: numbered links, a count in a script, 共3页, 下一页 alone, or not at all."""
    beyond: Literal["missing", "last", "empty"] = "missing"
    """Past the last page: 404, the last page again, or a list without rows."""
    bare_first: bool = False
    """The column is linked without `page_1`: `/OpennessContent/showList/785/0.html`."""
    years: bool = False
    """The column links a list for each year, and holds no rows itself."""
    dates: bool = True


class _Addresses:
    """`/XxgkAnnualReport/show/5813.html`; files in a folder of uploads."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = OpennessHabits.model_validate(site.habits)
        return f"{habits.prefix}/{habits.article}/show/{number}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/uploads/{published:%Y%m%d}/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _list(site: Site, category: str, number: int | None) -> str:
    habits = OpennessHabits.model_validate(site.habits)
    tail = ".html" if number is None else f"/page_{number}.html"
    return f"{habits.prefix}/{habits.controller}/showList/{site.column_id}/{category}{tail}"


def _column(site: Site) -> str:
    habits = OpennessHabits.model_validate(site.habits)
    return _list(site, habits.category, None if habits.bare_first else 1)


def arrange_openness(site: Site, pages: SitePages) -> SiteContent:
    habits = OpennessHabits.model_validate(site.habits)
    if not habits.years:
        return SiteContent(_numbered(site, pages, habits, habits.category, pages.rows))
    ordered = sorted(pages.rows, key=_year, reverse=True)
    fixed: dict[str, Resource] = {}
    links = []
    for year, rows in groupby(ordered, key=_year):
        links.append(f'<li><a href="{_list(site, str(year), 1)}">{year}年</a></li>')
        fixed |= _numbered(site, pages, habits, str(year), tuple(rows))
    fixed[_column(site)] = list_page(site, pages, site.column, ['<ul class="years">', *links, "</ul>"])
    return SiteContent(fixed)


def _year(row: ListedRow) -> int:
    return row.report_year or row.published.year - 1


def _numbered(
    site: Site, pages: SitePages, habits: OpennessHabits, category: str, rows: tuple[ListedRow, ...]
) -> dict[str, Resource]:
    size = site.rows_per_page
    total = max(1, ceil(len(rows) / size))
    fixed = {}
    for number in range(1, total + (1 if habits.beyond == "missing" else 4)):
        place = min(number, total) if habits.beyond == "last" else number
        shown = rows[(place - 1) * size : place * size]
        page = _page(site, pages, habits, category, shown, place, total)
        fixed[_list(site, category, number)] = page
        if number == 1:
            fixed[_list(site, category, None)] = page
    return fixed


def _page(
    site: Site,
    pages: SitePages,
    habits: OpennessHabits,
    category: str,
    shown: tuple[ListedRow, ...],
    number: int,
    total: int,
) -> Resource:
    items = [list_item(site, row, row.link or row.path) for row in shown]
    if not habits.dates:
        items = [f"{item.partition('<span>')[0]}</li>" for item in items]
    menu = [
        f'<li><a href="{_list(site, other, 1)}">{name}</a></li>'
        for other, name in (("1", "公开指南"), ("2", "公开制度"), ("3", "公开目录"))
    ]
    lines = ['<div class="left-menu"><ul>', *menu, "</ul></div>", '<ul class="list">', *items, "</ul>"]
    lines.append(_pager(site, habits, category, number, total))
    return list_page(site, pages, site.column, lines)


def _pager(site: Site, habits: OpennessHabits, category: str, number: int, total: int) -> str:
    following = f'<a href="{_list(site, category, number + 1)}">下一页</a>' if number < total else ""
    if habits.pager == "links":
        shown = range(max(1, number - 1), min(total, number + 1) + 1)
        links = "".join(f'<a href="{_list(site, category, page)}">{page}</a>' for page in shown)
        return f'<div class="page">{links}{following}</div>'
    if habits.pager == "next":
        return f'<div class="page">{following}</div>'
    if habits.pager == "script":
        return f"<script>laypage({{cont: 'page', pages: '{total}', pageCount: {total}, curr: {number}}});</script>"
    return f'<div class="page">共{total}页 第{number}页</div>' if habits.pager == "words" else ""


OPENNESS = SampleFamily("openness", arrange_openness, _Addresses(), _column)
