"""Static list pages numbered by `createPageHTML`, as TRS and its kin publish them.

Belongs here: lists, year columns, addresses. Does not belong here: what the rows are (`sites`).
"""

from datetime import date
from hashlib import md5
from itertools import groupby
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.sample.families.kind import SampleFamily, SiteContent, dated, list_item, list_page
from pipelines.sample.sites import HTML, FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["STATIC_PAGED", "StaticPagedHabits"]

_STUB = "<html><head><title></title></head><body>" + "<!-- -->" * 38 + "</body></html>"


class StaticPagedHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    articles: Literal["dated", "guangxi", "hex", "c01"] = "dated"
    """`t20210129_1.html`; `t1.shtml` without a date; `202101/<32 hex>.shtml`; `202101/c01_1.shtml`."""
    first_page: str = "index"
    """The file of the list: `index`, `list`, `xlist`, `common_list`."""
    states: Literal["call", "count_page", "links"] = "call"
    """How the list tells its pages: a call with figures, `var countPage`, or links alone."""
    call_lies: bool = False
    """Whether the call has the current page of the other dialect."""
    quirky_call: bool = False
    """The call is written over several lines, after a commented one and the function's own definition."""
    stub_from: int | None = Field(default=None, ge=2)
    """The page from which on the portal sends a stub of some 350 bytes, whatever its list says."""
    year_suffix: str = ""
    """Appended to the folders of years: `_5932848`."""
    year_prefix: str = ""
    """In front of them: `nb_`, `gknb`."""
    years_beside: bool = False
    """Whether the folders of years stand beside the column's own, not below it."""
    mobile_twins: bool = False
    """Whether every second row stands in the list again under `?isMobile=false`."""
    without_slash: bool = False
    """Whether the column is served, without a redirect, under its address without the slash."""
    row_cap: int | None = None
    """The list says and shows so many rows, older ones are left out."""
    repeats_page: int | None = None
    """A page that shows the rows of the page before it."""


def _habits(site: Site) -> StaticPagedHabits:
    return StaticPagedHabits.model_validate(site.habits)


class _Addresses:
    """`/column/202101/t20210129_123.html`, files beside the article."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = _habits(site)
        folder = _year_folder(site, habits, report_year) if site.year_columns else site.path
        if habits.articles == "guangxi":
            return f"{folder}t{number}.shtml"
        if habits.articles == "hex":
            name = md5(str(number).encode(), usedforsecurity=False).hexdigest()
            return f"{folder}{published:%Y%m}/{name}.{site.extension}"
        if habits.articles == "c01":
            return f"{folder}{published:%Y%m}/c01_{number}.{site.extension}"
        return f"{folder}{published:%Y%m}/t{dated(published)}_{number}.{site.extension}"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        name = f"P0{dated(published)}{number}.{label.rpartition('.')[2]}"
        return FileAddress(f"{article.rpartition('/')[0]}/{name}", f"./{name}")


def _year_folder(site: Site, habits: StaticPagedHabits, year: int) -> str:
    name = f"{habits.year_prefix}{year}n{habits.year_suffix}/"
    return f"{site.path.rstrip('/').rpartition('/')[0]}/{name}" if habits.years_beside else f"{site.path}{name}"


def arrange_static_paged(site: Site, pages: SitePages) -> SiteContent:
    habits = _habits(site)
    if not site.year_columns:
        fixed = _numbered_list(site, habits, pages, site.path, pages.rows[: habits.row_cap])
        return SiteContent(_with_bare(site, habits, fixed))
    by_year = {
        year: tuple(rows)
        for year, rows in groupby(
            sorted(pages.rows, key=lambda row: -(row.report_year or 0)), key=lambda row: row.report_year or 0
        )
    }
    folders = {year: _year_folder(site, habits, year) for year in by_year}
    links = [f'<li><a href="{_relative(site.path, folder)}">{year}年</a></li>' for year, folder in folders.items()]
    column = list_page(site, pages, site.column, ['<ul class="years">', *links, "</ul>"])
    fixed = {site.path: column, f"{site.path}{habits.first_page}.{site.extension}": column}
    for year, rows in by_year.items():
        fixed |= _numbered_list(site, habits, pages, folders[year], rows)
    return SiteContent(_with_bare(site, habits, fixed))


def _relative(base: str, folder: str) -> str:
    if folder.startswith(base):
        return f"./{folder.removeprefix(base)}"
    return f"../{folder.rstrip('/').rpartition('/')[2]}/"


def _with_bare(site: Site, habits: StaticPagedHabits, fixed: dict[str, Resource]) -> dict[str, Resource]:
    return fixed | ({site.path.rstrip("/"): fixed[site.path]} if habits.without_slash else {})


def _numbered_list(
    site: Site, habits: StaticPagedHabits, pages: SitePages, folder: str, rows: tuple[ListedRow, ...]
) -> dict[str, Resource]:
    size, total = site.rows_per_page, max(1, ceil(len(rows) / site.rows_per_page))
    fixed = {}
    for number in range(total):
        place = number - 1 if number and number + 1 == habits.repeats_page else number
        shown = rows[place * size : (place + 1) * size]
        items = [_items(site, habits, row, folder) for row in shown]
        lines = ['<ul class="list">', *items, "</ul>", '<div id="page_div" class="page">']
        lines += [*_paging(site, habits, total, number, len(rows)), "</div>"]
        page = list_page(site, pages, site.column, lines)
        if habits.stub_from is not None and number + 1 >= habits.stub_from:
            page = Resource(_STUB.encode(), HTML, pages.modified)
        fixed[folder + _list_name(site, habits, number)] = page
        if number == 0:
            fixed[folder] = page
    if site.beyond_last_page == "stub":
        fixed[folder + _list_name(site, habits, total)] = Resource(_STUB.encode(), HTML, pages.modified)
    return fixed


def _items(site: Site, habits: StaticPagedHabits, row: ListedRow, folder: str) -> str:
    href = row.link or f"./{row.path.removeprefix(folder)}"
    item = list_item(site, row, href)
    if habits.mobile_twins and not row.link and len(row.title) % 2:
        item += list_item(site, row, f"{href}?isMobile=false")
    return item


def _list_name(site: Site, habits: StaticPagedHabits, number: int) -> str:
    """The file of a list page, `number` counting from 0."""
    shown = number if site.paging == "zero_based" else number + 1
    name = habits.first_page
    return f"{name}.{site.extension}" if number == 0 else f"{name}_{shown}.{site.extension}"


def _paging(site: Site, habits: StaticPagedHabits, total: int, number: int, rows: int) -> list[str]:
    if habits.states == "links":
        files = [_list_name(site, habits, each) for each in range(total)]
        links = [f'<a href="./{file}">{place + 1}</a>' for place, file in enumerate(files) if place != number]
        following = [f'<a href="./{files[number + 1]}">下一页</a>'] if number + 1 < total else []
        return [*links, *following]
    if habits.states == "count_page":
        return [
            "<script>",
            f"var currentPage = {number}; var countPage = {total}//共多少页",
            f"for(var i=1;i<countPage;i++) document.write('<a href=\"{habits.first_page}_'+i+'.{site.extension}\">');",
            "</script>",
        ]
    call = _paging_call(site, habits, total, number, rows)
    if habits.quirky_call:
        broken = call.replace(",", ",\n  ")
        call = (
            "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){ return _nPageCount; }\n"
            f'// createPageHTML(99, 0, "other", "{site.extension}");\n{broken}'
        )
    return ["<script>", call, "</script>"]


def _paging_call(site: Site, habits: StaticPagedHabits, total: int, number: int, rows: int) -> str:
    name = habits.first_page
    if site.paging == "one_based_container":
        return f"createPageHTML('page_div',{total}, {number + 1},'{name}','{site.extension}',{rows});"
    from_zero = (site.paging == "zero_based") is not habits.call_lies
    return f'createPageHTML({total}, {number if from_zero else number + 1}, "{name}", "{site.extension}");'


def _column(site: Site) -> str:
    habits = _habits(site)
    if habits.without_slash:
        return site.path.rstrip("/")
    return site.path if habits.first_page == "index" else f"{site.path}{habits.first_page}.{site.extension}"


STATIC_PAGED = SampleFamily("static_paged", arrange_static_paged, _Addresses(), _column)
