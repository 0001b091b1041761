"""Hanweb JPaaS: columns built of units, whose rows come as HTML inside JSON from `build/unit`."""

import re
from typing import Annotated

from pydantic import Field

from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["JPAAS", "JpaasOptions"]

SIGNS = {
    "a unit built by script (unitbuild.js, queryData)": re.compile(
        r"unitbuild[\w.-]*\.js|\bquery-?data\s*=\s*[\"']?\s*\{", re.IGNORECASE
    ),
    "the publish server of JPaaS": re.compile(r"/jpaas-[a-z-]*server/|/front/page/build/unit", re.IGNORECASE),
}
LINKED = re.compile(r"/art/\d{4}/art_[0-9a-f]{32}\.html?", re.IGNORECASE)


class JpaasOptions(FamilyOptions):
    """Units of a JPaaS column."""

    unit: str | None = None
    """`tagId` of the unit that holds the list; left out: all units of the page are asked."""

    per_page: Annotated[int, Field(ge=1, le=200)] | None = None
    """Rows of one page; left out: as many as the first answer brings."""

    sub_columns: bool = True
    """Whether columns below this one (years, bodies) are read too."""


def recognise(page: Page) -> Recognised | None:
    """Its script, its gateway, or articles called `art_` and 32 hexadecimal digits."""
    signs = tuple(sign for sign, pattern in SIGNS.items() if pattern.search(page.text))
    if signs:
        return Recognised("jpaas", 97, signs)
    linked = sum(1 for link in page.links if LINKED.search(link.url))
    return Recognised("jpaas", 60, (f"{linked} links like art/2026/art_<32 hex>.html",)) if linked else None


JPAAS = Family(
    "jpaas",
    "Hanweb JPaaS units (build/unit, paramJson)",
    JpaasOptions,
    "crawlers.spiders.jpaas:JpaasSpider",
    recognise,
)
