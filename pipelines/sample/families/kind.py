"""What a family of sample portals must say, and the pieces that all families draw with.

Belongs here: pages, list items, robots.txt. Does not belong here: how one family pages its lists (its own module).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Protocol

from pipelines.sample.sites import HTML, Addresses, ListedRow, Resource, Site, SitePages, shown_title

__all__ = ["Answer", "Arrange", "SampleFamily", "SiteContent", "home_and_robots", "list_item", "list_page"]

Answer = Callable[[Mapping[str, str]], Resource | None]
"""An address whose answer depends on its parameters; None where it has none for them.

Query and form come together; a JSON body comes as text under the name `json`, the request's method as `method`, the
address that it says it comes from as `referer`.
"""


@dataclass(frozen=True, slots=True)
class SiteContent:
    """Everything a site answers: fixed addresses (path with query) and programs (path, parameters given apart)."""

    fixed: Mapping[str, Resource]
    programs: Mapping[str, Answer] = field(default_factory=dict)


class Arrange(Protocol):
    """Lists and paging of a site."""

    def __call__(self, site: Site, pages: SitePages) -> SiteContent:
        """The addresses of the lists; articles and files are there already."""


@dataclass(frozen=True, slots=True)
class SampleFamily:
    """One family as the sample server plays it."""

    name: str
    arrange: Arrange
    addresses: Addresses
    column: Callable[[Site], str]
    """The path of the column's first page: where an operator would point the registry."""


def home_and_robots(site: Site, pages: SitePages) -> dict[str, Resource]:
    """The home page, and robots.txt where the site has one."""
    fixed = {"/": list_page(site, pages, site.name, [f"<h1>{escape(site.name)}</h1>"])}
    if site.robots == "html":
        fixed["/robots.txt"] = list_page(site, pages, "页面未找到", ["<p>您访问的页面不存在。</p>"])
    elif site.robots == "text":
        fixed["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /search/\n", "text/plain", pages.modified)
    return fixed


def list_page(site: Site, pages: SitePages, title: str, lines: list[str]) -> Resource:
    """A page of the site around some lines of HTML."""
    charset = "gb2312" if site.encoding.startswith("gb") else site.encoding
    text = "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}" />',
            f"<title>{escape(title)}_{escape(site.name)}</title>",
            f'<meta name="SiteName" content="{escape(site.name)}" />',
            f'<meta name="ColumnName" content="{escape(site.column)}" /></head>',
            "<body>",
            f'<div class="position">当前位置：首页 &gt; 政务公开 &gt; 政府信息公开 &gt; {escape(site.column)}</div>',
            *lines,
            '<div class="footer">演示站点：仅供软件测试，不是政府网站。</div>',
            "</body></html>",
            "",
        ]
    )
    return Resource(text.encode(site.encoding), HTML, pages.modified)


def list_item(site: Site, row: ListedRow, href: str) -> str:
    """One row of a list."""
    title = f' title="{escape(row.title)}"' if site.title_attributes else ""
    day = f"[{row.published}]" if site.date_in_brackets else f"{row.published}"
    return (
        f'<li><a href="{escape(href)}" target="_blank"{title}>{escape(shown_title(site, row.title))}</a>'
        f"<span>{day}</span></li>"
    )


def dated(day: date) -> str:
    """A day as addresses write it: `20210129`."""
    return f"{day:%Y%m%d}"
