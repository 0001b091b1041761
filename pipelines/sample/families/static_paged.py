"""Static list pages numbered by `createPageHTML`, as TRS and its kin publish them.

Belongs here: lists, year columns, addresses. Does not belong here: what the rows are (`sites`).
"""

from datetime import date
from itertools import groupby
from math import ceil

from pipelines.sample.families.kind import SampleFamily, SiteContent, dated, list_item, list_page
from pipelines.sample.sites import HTML, FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["STATIC_PAGED"]

_STUB = "<html><head><title></title></head><body>" + "<!-- -->" * 38 + "</body></html>"


class _Addresses:
    """`/column/202101/t20210129_123.html`, files beside the article."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        folder = f"{site.path}{report_year}n/" if site.year_columns else site.path
        return f"{folder}{published:%Y%m}/t{dated(published)}_{number}.{site.extension}"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        name = f"P0{dated(published)}{number}.{label.rpartition('.')[2]}"
        return FileAddress(f"{article.rpartition('/')[0]}/{name}", f"./{name}")


def arrange_static_paged(site: Site, pages: SitePages) -> SiteContent:
    if not site.year_columns:
        return SiteContent(_numbered_list(site, pages, site.path, pages.rows))
    by_year = {
        year: tuple(rows)
        for year, rows in groupby(
            sorted(pages.rows, key=lambda row: -(row.report_year or 0)), key=lambda row: row.report_year or 0
        )
    }
    links = [f'<li><a href="./{year}n/">{year}年</a></li>' for year in by_year]
    column = list_page(site, pages, site.column, ['<ul class="years">', *links, "</ul>"])
    fixed = {site.path: column, f"{site.path}index.{site.extension}": column}
    for year, rows in by_year.items():
        fixed |= _numbered_list(site, pages, f"{site.path}{year}n/", rows)
    return SiteContent(fixed)


def _numbered_list(site: Site, pages: SitePages, folder: str, rows: tuple[ListedRow, ...]) -> dict[str, Resource]:
    size, total = site.rows_per_page, max(1, ceil(len(rows) / site.rows_per_page))
    fixed = {}
    for number in range(total):
        shown = rows[number * size : (number + 1) * size]
        items = [list_item(site, row, row.link or f"./{row.path.removeprefix(folder)}") for row in shown]
        lines = ['<ul class="list">', *items, "</ul>", '<div id="page_div" class="page">']
        lines += ["<script>", _paging_call(site, total, number, len(rows)), "</script></div>"]
        page = list_page(site, pages, site.column, lines)
        fixed[folder + _list_name(site, number)] = page
        if number == 0:
            fixed[folder] = page
    if site.beyond_last_page == "stub":
        fixed[folder + _list_name(site, total)] = Resource(_STUB.encode(), HTML, pages.modified)
    return fixed


def _list_name(site: Site, number: int) -> str:
    """The file of a list page, `number` counting from 0."""
    shown = number if site.paging == "zero_based" else number + 1
    return f"index.{site.extension}" if number == 0 else f"index_{shown}.{site.extension}"


def _paging_call(site: Site, total: int, number: int, rows: int) -> str:
    if site.paging == "one_based_container":
        return f"createPageHTML('page_div',{total}, {number + 1},'index','{site.extension}',{rows});"
    current = number if site.paging == "zero_based" else number + 1
    return f'createPageHTML({total}, {current}, "index", "{site.extension}");'


STATIC_PAGED = SampleFamily("static_paged", arrange_static_paged, _Addresses(), lambda site: site.path)
