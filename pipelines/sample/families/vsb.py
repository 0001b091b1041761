"""博达 VSB columns: `zfxxgknb.htm`, then pages numbered in reverse below `zfxxgknb/`.

Belongs here: lists, paging, addresses. Does not belong here: what the rows are (`sites`).
"""

from collections.abc import Callable, Mapping
from datetime import date
from math import ceil
from os.path import relpath
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, list_item, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["VSB", "VsbHabits"]

_DOWNLOAD = "/system/_content/download.jsp"


class VsbHabits(BaseModel):
    """What such a portal may do its own way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    arrives: int = 0
    """Rows that are published while the list is being read: they stand on top, and all numbers shift."""
    arrives_before: int = 2
    """The list request, counted from 1, before which they are published."""
    leaves: bool = False
    """The newest row is taken out instead, at that moment."""
    place: Literal["fraction", "words", "none"] = "fraction"
    """How a page states its place: `1/11`, `第1页/共11页`, or not at all."""
    counts_rows: bool = True
    """共52条."""
    numbers: bool = True
    """Whether page numbers are links, beside 下页 and 尾页."""
    own_classes: bool = True
    """VSB's class names (p_no, p_t); a template of the portal's own where not."""
    beyond: Literal["missing", "last"] = "missing"
    """What stands at a number past the newest: nothing, or the oldest page."""
    pinned: int = 0
    """Rows that stand on top of every page."""
    sidebar: bool = True
    """Articles of another column beside the list."""


class _Addresses:
    """`/info/<column>/<number>.htm`; files by `download.jsp` with a number and no name."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        return f"/info/{site.column_id}/{number}.htm"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"{_DOWNLOAD}?urltype=news.DownloadAttachUrl&owner={site.web_id}&wbfileid={number}"
        headers = {"Content-Disposition": f'attachment; filename="{number}.{label.rpartition(".")[2]}"'}
        return FileAddress(path, path, "application/octet-stream", headers)


def _column(site: Site) -> str:
    return f"{site.path.rstrip('/')}.htm"


def arrange_vsb(site: Site, pages: SitePages) -> SiteContent:
    habits = VsbHabits.model_validate(site.habits)
    column, folder = _column(site), f"{site.path.rstrip('/')}/"
    before = pages.rows[habits.arrives :]
    after = pages.rows[1:] if habits.leaves else pages.rows
    changes = habits.leaves or habits.arrives > 0
    asked = 0

    def answer(number: int) -> Callable[[Mapping[str, str]], Resource | None]:
        def program(_: Mapping[str, str]) -> Resource | None:
            nonlocal asked
            asked += 1
            return _page(site, pages, habits, after if asked >= habits.arrives_before else before, number)

        return program

    total = _total(site, pages.rows) + 2
    if changes:
        programs: dict[str, Answer] = {f"{folder}{number}.htm": answer(number) for number in range(1, total)}
        programs[column] = answer(0)
        first = _page(site, pages, habits, before, 0)
        assert first is not None  # the first page is always there
        return SiteContent({column: first}, programs)
    drawn = {f"{folder}{number}.htm": _page(site, pages, habits, pages.rows, number) for number in range(1, total)}
    drawn[column] = _page(site, pages, habits, pages.rows, 0)
    return SiteContent({path: page for path, page in drawn.items() if page is not None})


def _total(site: Site, rows: tuple[ListedRow, ...]) -> int:
    return max(1, ceil(len(rows) / site.rows_per_page))


def _page(
    site: Site, pages: SitePages, habits: VsbHabits, rows: tuple[ListedRow, ...], file_number: int
) -> Resource | None:
    """A list page by its file's number; 0 is the column's own file, which holds the newest rows."""
    size, total = site.rows_per_page, _total(site, rows)
    if file_number >= total:
        if habits.beyond == "missing":
            return None
        file_number = 1
    place = 1 if file_number == 0 else total - file_number + 1
    column = _column(site)
    here = column if file_number == 0 else f"{site.path.rstrip('/')}/{file_number}.htm"
    shown = rows[(place - 1) * size : place * size]
    if place > 1:
        shown = (*rows[: habits.pinned], *shown)
    items = [list_item(site, row, row.link or _relative(here, row.path)) for row in shown]
    lines = ['<script src="/system/resource/js/counter.js"></script>'] if habits.own_classes else []
    lines += ['<ul class="list">', *items, "</ul>", _pager(site, habits, here, place, total, len(rows))]
    if habits.sidebar:
        href = _relative(here, "/info/1001/1.htm")
        lines.append(f'<div class="right-nav"><ul><li><a href="{href}">县政府召开常务会议</a></li></ul></div>')
    return list_page(site, pages, site.column, lines)


def _relative(here: str, path: str) -> str:
    return relpath(path, here.rpartition("/")[0] or "/")


def _pager(site: Site, habits: VsbHabits, here: str, place: int, total: int, rows: int) -> str:
    column = _column(site)

    def link(page: int) -> str:
        number = total - page + 1
        return _relative(here, column if page == 1 else f"{site.path.rstrip('/')}/{number}.htm")

    def mark(name: str) -> str:
        return f' class="{name}"' if habits.own_classes else ""

    parts = []
    if place > 1:
        parts.append(f'<span{mark("p_first p_fun")}><a href="{link(1)}">首页</a></span>')
        parts.append(f'<span{mark("p_prev p_fun")}><a href="{link(place - 1)}">上页</a></span>')
    if habits.numbers:
        for page in range(1, total + 1):
            shown = f"<span{mark('p_no_d')}>{page}</span>" if page == place else ""
            parts.append(shown or f'<span{mark("p_no")}><a href="{link(page)}">{page}</a></span>')
    if place < total:
        parts.append(f'<span{mark("p_next p_fun")}><a href="{link(place + 1)}">下页</a></span>')
        parts.append(f'<span{mark("p_last p_fun")}><a href="{link(total)}">尾页</a></span>')
    count = f"<span{mark('p_t')}>共{rows}条</span>" if habits.counts_rows else ""
    stated = {"fraction": f"{place}/{total}", "words": f"第{place}页/共{total}页", "none": ""}[habits.place]
    stated = f"<span{mark('p_t')}>{stated}</span>" if stated else ""
    return f'<div class="pages">{count} <span{mark("p_pages")}>{"".join(parts)}</span> {stated}</div>'


VSB = SampleFamily("vsb", arrange_vsb, _Addresses(), _column)
