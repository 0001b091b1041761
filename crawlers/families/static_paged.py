"""Static pages numbered by `createPageHTML`: TRS WCM, and kin that number alike."""

import re
from typing import Literal
from urllib.parse import urlsplit

from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.links import directory_of
from crawlers.pages import Link, Page

__all__ = ["NUMBERS_PAGES", "STATIC_PAGED", "StaticPagedOptions"]

NUMBERS_PAGES = re.compile(r"\bcreatePage\w*\s*\(|\bvar\s+countPage\s*=", re.IGNORECASE)
"""A script that numbers the pages of a list."""
IS_OF_TRS = re.compile(r"\bcreatePage\w*\s*\((?!\s*\{)|\bvar\s+countPage\s*=", re.IGNORECASE)
"""One that numbers static pages: `$(".pages").createPage({pageCount: 3})` numbers those of any make."""
DATED_ARTICLE = re.compile(r"/t(?:\d{8}_\d+|\d{6,})\.s?html?$")
YEAR_TITLE = re.compile(r"^(?:19|20)\d\d\s*年?度?(?:政府信息公开)?(?:工作)?(?:年报|年度报告|报告)?$")


class StaticPagedOptions(FamilyOptions):
    """Static pages with `createPageHTML`."""

    page_offset: Literal[0, 1] | None = None
    """0: the second page is `index_1`; 1: it is `index_2`. Left out: both are tried."""

    sub_columns: bool = True
    """Whether columns below this one (years, bodies) are read too."""


def recognise(page: Page) -> Recognised | None:
    """`createPageHTML(` or `countPage` in a script, articles called `t20230129_2444881.html`, or folders of years."""
    called = IS_OF_TRS.search(page.text) is not None
    dated = sum(1 for link in page.links if DATED_ARTICLE.search(urlsplit(link.url).path))
    if called or dated:
        signs = (("createPageHTML in a script",) if called else ()) + (
            (f"{dated} links like t20230129_2444881.html",) if dated else ()
        )
        return Recognised("static_paged", 95 if called and dated else 80 if dated > 2 else 60, signs)
    years = sum(1 for link in page.links if _is_folder_of_a_year(page, link))
    # A column that holds only its years: other families have the like, though rarely as folders.
    return Recognised("static_paged", 50, (f"{years} folders of years below the page",)) if years else None


def _is_folder_of_a_year(page: Page, link: Link) -> bool:
    path, own = urlsplit(link.url).path, urlsplit(directory_of(page.url)).path
    return bool(
        YEAR_TITLE.match(link.title.strip())
        and path.startswith(own)
        and path != own
        and re.search(r"/(?:index\.s?html?)?$", path)
        and not re.search(r"/(?:col|public|channels?)[_/]", path, re.IGNORECASE)
    )


STATIC_PAGED = Family(
    "static_paged",
    "static pages numbered by createPageHTML (TRS and kin)",
    StaticPagedOptions,
    "crawlers.spiders.static_paged:StaticPagedSpider",
    recognise,
)
