"""Columns of one-off systems: whatever their addresses, their pages link to one another.

Belongs here: lists, years, bodies, frames, addresses. Does not belong here: what the rows are (`sites`).
"""

from collections.abc import Callable, Mapping
from datetime import date
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, dated, list_item, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["LINKED"]


class Habits(BaseModel):
    """How sites differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    articles: Literal["henan", "content", "show", "timestamp", "folder", "empire"] = "content"
    pager: Literal["next", "sign", "numbers", "select", "script", "said"] = "next"
    """How further pages are named: 下一页, `>`, numbers, a select box, a script's function, or only their count."""
    address: Literal["query", "file"] = "query"
    """Further pages stand at `?page=2`, or at `list-2.shtml`."""
    arrange: Literal["list", "years", "bodies", "frame"] = "list"
    """Plain; a filter of years; an aggregate page over bodies; a list inside a frame."""
    calendar: bool = False
    """Whether the page carries a calendar, whose days and months never end."""
    dates: bool = True
    menu: bool = True
    """Whether the page carries a menu of other columns and of the portal."""
    table: bool = False


_ARTICLES: Mapping[str, Callable[[Site, date, int], str]] = {
    "henan": lambda site, day, number: f"/{day:%Y}/{day:%m-%d}/{number}.html",
    "content": lambda site, day, number: f"/Content-{number}.html",
    "show": lambda site, day, number: f"/xxgk-show-{number}.html",
    "timestamp": lambda site, day, number: f"/News/Detail/{day:%Y%m%d}{number:09d}.html",
    "folder": lambda site, day, number: f"{site.path}{number}/index.html",
    "empire": lambda site, day, number: f"/e/action/ShowInfo.php?classid=174&id={number}",
}


class _Addresses:
    """One of the shapes that one-off systems use."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        return _ARTICLES[Habits.model_validate(site.habits).articles](site, published, number)

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/upfile/{dated(published)}/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _column(site: Site) -> str:
    return f"{site.path}list.aspx?cid=1019" if Habits.model_validate(site.habits).address == "query" else site.path


def arrange_linked(site: Site, pages: SitePages) -> SiteContent:
    habits = Habits.model_validate(site.habits)
    lists: dict[str, tuple[ListedRow, ...]] = {}
    """Rows by the key of their list: a year, a body, or nothing."""
    head: list[str] = []
    if habits.arrange == "years":
        for row in pages.rows:
            year = str(row.published.year)
            lists[year] = (*lists.get(year, ()), row)
        head = [f'<a href="{_address(site, habits, year, 1)}">{year}年</a>' for year in lists]
        lists[""] = lists[next(iter(lists))]
    elif habits.arrange == "bodies":
        for row in pages.rows:
            body = next((name for name in _BODIES if name in row.title), "县政府")
            lists[body] = (*lists.get(body, ()), row)
        head = [
            f'<li><a href="{_address(site, habits, str(place), 1)}">{body}</a></li>' for place, body in enumerate(lists)
        ]
        lists = {str(place): rows for place, rows in enumerate(lists.values())}
    else:
        lists[""] = pages.rows
    fixed: dict[str, Resource] = {}
    for key, rows in lists.items():
        total = max(1, ceil(len(rows) / site.rows_per_page))
        above = head if habits.arrange == "years" else []
        for number in range(1, total + 1):
            fixed[_address(site, habits, key, number)] = _page(site, pages, habits, rows, key, number, total, above)
    own = _column(site)
    if habits.arrange == "bodies":
        fixed[own] = list_page(site, pages, site.column, [*_menu(habits), '<ul class="dept">', *head, "</ul>"])
    elif habits.arrange == "frame":
        fixed[f"{site.path}frame.html"] = fixed.pop(own)
        frames = ['<iframe src="/count.jsp" width="0"></iframe>', f'<iframe src="{site.path}frame.html"></iframe>']
        fixed[own] = list_page(site, pages, site.column, frames)

    def month(given: Mapping[str, str]) -> Resource:
        return list_page(site, pages, "日历", _calendar(given.get("month", "2024-01")))

    programs: dict[str, Answer] = {"/rili.aspx": month, f"{site.path}rili.aspx": month}
    for address, drawn in [item for item in fixed.items() if "?" in item[0]]:
        programs.setdefault(address.partition("?")[0], _by_query(fixed))
        fixed[address] = drawn
    for path, drawn in [item for item in pages.resources.items() if "?" in item[0]]:
        programs.setdefault(path.partition("?")[0], _by_query(pages.resources))
        fixed[path] = drawn
    return SiteContent(fixed, programs)


_BODIES = ("财政局", "教育局", "公安局", "水利局", "民政局", "审计局", "卫生健康局", "城关镇", "河东街道", "旧县镇")


def _by_query(known: Mapping[str, Resource]) -> Answer:
    """A program that finds a page by its parameters, in whatever order they come."""
    by_pairs = {
        frozenset(pair.partition("=")[::2] for pair in address.partition("?")[2].split("&")): resource
        for address, resource in known.items()
        if "?" in address
    }
    return lambda given: by_pairs.get(
        frozenset((name, value) for name, value in given.items() if name not in ("method", "referer"))
    )


def _address(site: Site, habits: Habits, key: str, number: int) -> str:
    if habits.address == "query":
        parameter = {"years": "&year=", "bodies": "&dept="}.get(habits.arrange, "") + key if key else ""
        return f"{site.path}list.aspx?cid=1019{parameter}" + (f"&page={number}" if number > 1 else "")
    folder = f"{site.path}{key}/" if key else site.path
    return folder if number == 1 else f"{folder}list-{number}.shtml"


def _page(
    site: Site,
    pages: SitePages,
    habits: Habits,
    rows: tuple[ListedRow, ...],
    key: str,
    number: int,
    total: int,
    head: list[str],
) -> Resource:
    shown = rows[(number - 1) * site.rows_per_page : number * site.rows_per_page]
    items = [list_item(site, row, row.link or row.path) for row in shown]
    if not habits.dates:
        items = [item.partition("<span>")[0] + "</li>" for item in items]
    if habits.table:
        items = [
            "<tr><td>" + item.removeprefix("<li>").replace("<span>", "</td><td>").replace("</span></li>", "</td></tr>")
            for item in items
        ]
    box = ("<table>", "</table>") if habits.table else ('<ul class="list">', "</ul>")
    lines = [*_menu(habits), *head, box[0], *items, box[1]]
    lines += _pager(habits, [_address(site, habits, key, other) for other in range(1, total + 1)], number)
    if habits.calendar:
        lines += _calendar("2024-01")
    return list_page(site, pages, site.column, lines)


def _pager(habits: Habits, names: list[str], number: int) -> list[str]:
    total = len(names)
    if total == 1:
        return []
    said = f"<span>第{number}/{total}页</span>"
    if habits.pager == "said":
        return [said]
    if habits.pager == "numbers":
        return [f'<a href="{name}">{place}</a>' for place, name in enumerate(names, 1) if place != number]
    if habits.pager == "select":
        options = [f'<option value="{name}">第{place}页</option>' for place, name in enumerate(names, 1)]
        return ['<select onchange="location.href=this.value">', *options, "</select>"]
    if habits.pager == "script":
        pattern = names[1].rpartition("2")
        function = f"function goPage(n){{ window.location.href = '{pattern[0]}' + n + '{pattern[2]}'; }}"
        return [f"<script>{function}</script>", said, *([_go(number + 1)] if number < total else [])]
    word = "下一页" if habits.pager == "next" else "&gt;"
    return [f'<a href="{names[number]}">{word}</a>'] if number < total else []


def _go(number: int) -> str:
    return f'<a href="javascript:void(0)" onclick="goPage({number})">下一页</a>'


def _menu(habits: Habits) -> list[str]:
    if not habits.menu:
        return []
    entries = (
        ("/", "网站首页"),
        ("/zwgk/zfxxgkzn/", "政府信息公开指南"),
        ("/zwgk/zfxxgkzd/", "政府信息公开制度"),
        ("/zwgk/fdzdgk/", "法定主动公开内容"),
        ("/zwgk/zfxxgknb/", "政府信息公开年报"),
        ("/zwgk/ysqgk/", "依申请公开"),
    )
    return ["<ul class='left'>", *(f'<li><a href="{path}">{name}</a></li>' for path, name in entries), "</ul>"]


def _calendar(month: str) -> list[str]:
    year, _, number = month.partition("-")
    following = f"{int(year) + (number == '12'):04d}-{int(number) % 12 + 1:02d}"
    days = [f'<td><a href="rili.aspx?date={month}-{day:02d}">{day}</a></td>' for day in range(1, 29)]
    return ["<table class='cal'><tr>", *days, "</tr></table>", f'<a href="rili.aspx?month={following}">&gt;</a>']


LINKED = SampleFamily("linked", arrange_linked, _Addresses(), _column)
