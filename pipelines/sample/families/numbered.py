"""Lists with numbered pages: Shaanxi's `2.html`, `iList.jsp?cur_page=2`, JEECMS, Shanghai's yearly archives.

Belongs here: lists, year pages, addresses. Does not belong here: what the rows are (`sites`).
"""

from collections.abc import Mapping
from datetime import date
from hashlib import sha1
from itertools import groupby
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, dated, list_item, list_page
from pipelines.sample.sites import FileAddress, ListedRow, Resource, Site, SitePages

__all__ = ["NUMBERED"]


class Habits(BaseModel):
    """How sites differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dialect: Literal["bare_number", "ilist", "jeecms", "totalpage"] = "bare_number"
    ids: Literal["hex", "digits"] = "hex"
    """Shaanxi: documents called by 24 hexadecimal or 19 decimal digits."""
    says_pages: bool = True
    """Whether the page tells how many pages there are."""
    links: bool = False
    """Whether the page links its further pages."""
    beyond: Literal["missing", "last", "elsewhere"] = "missing"
    """What a number past the end brings: nothing, the last page again, or another column's list."""
    from_zero: bool = False
    """Whether the second page carries the number 1."""
    years: bool = False
    """Shanghai: the column's page holds the newest year and links the archives of the others."""


class _Addresses:
    """Each dialect's own."""

    def article(self, site: Site, published: date, number: int, report_year: int) -> str:
        habits = Habits.model_validate(site.habits)
        name = sha1(f"{site.id}/{number}".encode()).hexdigest()
        if habits.dialect == "jeecms":
            return f"{site.path}{number}.jhtml"
        if habits.dialect == "totalpage":
            return f"{site.path}{dated(published)}/{name[:32]}.html"
        if habits.dialect == "ilist":
            return f"/info/{4000 + site.column_id}/{number}.htm"
        return f"{site.path}{name[:24]}.html" if habits.ids == "hex" else f"{site.path}14{number:017d}.html"

    def file(self, site: Site, article: str, published: date, number: int, label: str) -> FileAddress:
        path = f"/upload/{dated(published)}/{number}.{label.rpartition('.')[2]}"
        return FileAddress(path, path)


def _column(site: Site) -> str:
    habits = Habits.model_validate(site.habits)
    if habits.dialect == "ilist":
        return f"/info/iList.jsp?node_id=GKdemo&cat_id={site.column_id}&cur_page=1"
    return f"{site.path}{ {'jeecms': 'index.jhtml', 'totalpage': 'index.html'}.get(habits.dialect, '1.html') }"


def arrange_numbered(site: Site, pages: SitePages) -> SiteContent:
    habits = Habits.model_validate(site.habits)
    if habits.dialect == "ilist":
        return _ilist(site, pages, habits)
    if not habits.years:
        return SiteContent(_numbered(site, pages, habits, site.path, pages.rows, []))
    by_year = [
        (year, tuple(rows))
        for year, rows in groupby(
            sorted(pages.rows, key=lambda row: -row.published.year), key=lambda row: row.published.year
        )
    ]
    folders = [site.path if place == 0 else f"/nw{place}12345/" for place in range(len(by_year))]
    links = [f'<a href="{folder}index.html">{year}年</a>' for (year, _), folder in zip(by_year, folders, strict=True)]
    fixed: dict[str, Resource] = {}
    for (_, rows), folder in zip(by_year, folders, strict=True):
        fixed |= _numbered(site, pages, habits, folder, rows, links)
    return SiteContent(fixed)


def _numbered(
    site: Site, pages: SitePages, habits: Habits, folder: str, rows: tuple[ListedRow, ...], head: list[str]
) -> dict[str, Resource]:
    total = max(1, ceil(len(rows) / site.rows_per_page))
    fixed: dict[str, Resource] = {}
    for number in range(1, total + 1):
        page = _page(site, pages, habits, rows, number, [_name(habits, other) for other in range(1, total + 1)], head)
        fixed[folder + _name(habits, number)] = page
        if number == 1:
            fixed[folder] = page
    if habits.beyond == "last":
        fixed[folder + _name(habits, total + 1)] = fixed[folder + _name(habits, total)]
    elif habits.beyond == "elsewhere":
        fixed[folder + _name(habits, total + 1)] = _other_column(site, pages)
    return fixed


def _name(habits: Habits, number: int) -> str:
    """The file of a page, counted from 1."""
    shown = number - 1 if habits.from_zero else number
    if habits.dialect == "bare_number":
        return f"{number if number == 1 else shown + habits.from_zero}.html"
    ending = "jhtml" if habits.dialect == "jeecms" else "html"
    return f"index.{ending}" if number == 1 else f"index_{shown}.{ending}"


def _ilist(site: Site, pages: SitePages, habits: Habits) -> SiteContent:
    total = max(1, ceil(len(pages.rows) / site.rows_per_page))
    names = [_column(site).replace("cur_page=1", f"cur_page={other}") for other in range(1, total + 1)]

    def show(given: Mapping[str, str]) -> Resource | None:
        asked = int(given["cur_page"]) if given.get("cur_page", "").isdigit() else 1
        if given.get("cat_id") != str(site.column_id):
            return None
        if asked > total:
            return {"missing": None, "last": drawn[-1], "elsewhere": _other_column(site, pages)}[habits.beyond]
        return drawn[max(0, asked - 1)]

    drawn = [_page(site, pages, habits, pages.rows, number, names, []) for number in range(1, total + 1)]
    programs: dict[str, Answer] = {"/info/iList.jsp": show}
    # The fixed address is what an operator names; the program answers it in every form.
    return SiteContent({_column(site): drawn[0]}, programs)


def _page(
    site: Site,
    pages: SitePages,
    habits: Habits,
    rows: tuple[ListedRow, ...],
    number: int,
    names: list[str],
    head: list[str],
) -> Resource:
    size, total = site.rows_per_page, len(names)
    shown = rows[(number - 1) * size : number * size]
    lines = [*head, '<ul class="list">', *(list_item(site, row, row.link or row.path) for row in shown), "</ul>"]
    if habits.says_pages:
        script = f"<script>$('.page').pagination({{totalPage:{total},currentPage:{number}}});</script>"
        lines.append(script if habits.dialect == "totalpage" else f"<div>共{total}页 第{number}页</div>")
    if habits.links:
        lines += [f'<a href="{name}">{place}</a>' for place, name in enumerate(names, 1) if place != number]
        if number < total:
            lines.append(f'<a href="{names[number]}">下一页</a>')
    elif habits.dialect == "ilist":
        lines.append(f"<script>var url='{names[0].replace('&cur_page=1', '')}&cur_page=';</script>")
    return list_page(site, pages, site.column, lines)


def _other_column(site: Site, pages: SitePages) -> Resource:
    items = [
        f'<li><a href="/czj/xwdt/{place:024x}.html">财政局{place}召开会议</a><span>2024-01-0{place}</span></li>'
        for place in range(1, 5)
    ]
    return list_page(site, pages, "新闻动态", ["<ul>", *items, "</ul>"])


NUMBERED = SampleFamily("numbered", arrange_numbered, _Addresses(), _column)
