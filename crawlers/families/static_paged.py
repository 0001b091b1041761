"""Static pages numbered by `createPageHTML`: TRS WCM, and kin that number alike."""

import re
from typing import Literal
from urllib.parse import urlsplit

from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["STATIC_PAGED", "StaticPagedOptions"]

CALL = re.compile(r"\bcreatePage(?:HTML)?\s*\(|\bvar\s+countPage\s*=")
DATED_ARTICLE = re.compile(r"/t(?:\d{8}_\d+|\d{6,})\.s?html?$")


class StaticPagedOptions(FamilyOptions):
    """Static pages with `createPageHTML`."""

    page_offset: Literal[0, 1] | None = None
    """0: the second page is `index_1`; 1: it is `index_2`. Left out: both are tried."""

    sub_columns: bool = True
    """Whether columns below this one (years, bodies) are read too."""


def recognise(page: Page) -> Recognised | None:
    """`createPageHTML(` or `countPage` in a script, or articles called `t20230129_2444881.html`."""
    called = CALL.search(page.text) is not None
    dated = sum(1 for link in page.links if DATED_ARTICLE.search(urlsplit(link.url).path))
    if not called and not dated:
        return None
    signs = (("createPageHTML in a script",) if called else ()) + (
        (f"{dated} links like t20230129_2444881.html",) if dated else ()
    )
    return Recognised("static_paged", 95 if called and dated else 80 if dated > 2 else 60, signs)


STATIC_PAGED = Family(
    "static_paged",
    "static pages numbered by createPageHTML (TRS and kin)",
    StaticPagedOptions,
    "crawlers.spiders.static_paged:StaticPagedSpider",
    recognise,
)
