"""Lonsun openness platforms: `/public/column/<organ>?type=3`, rows from `/site/label/8888`."""

import re
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from crawlers.families.kind import Code, Family, FamilyOptions, Recognised
from crawlers.pages import Link, Page

__all__ = ["LONSUN", "REPORTS", "LonsunOptions", "column_of", "is_article"]

COLUMN = re.compile(r"/public/column/(\d+)/?$", re.IGNORECASE)
ARTICLE = re.compile(r"/public/(?:content/\d+|\d+/\d+)(?:\.s?html?)?$", re.IGNORECASE)
REPORTS = "3"
"""The `type` of annual reports; 1 rules, 2 guide, 4 catalogue, 5 application."""
SIGNS = {
    "the label service /site/label/8888": re.compile(r"/site/label/8888\b"),
    "a call for publicInfoList": re.compile(r"\bpublicInfoList\b"),
    "a column address /public/column/<organ>?type=": re.compile(
        r"/public/column/\d+\?[^\"'\s>]*\btype=\d", re.IGNORECASE
    ),
}


class LonsunOptions(FamilyOptions):
    """Lonsun openness platforms."""

    site_id: Code | None = None
    cat_id: Code | None = None
    page_size: Annotated[int, Field(ge=1, le=200)] | None = None
    template: str | None = None
    """The `file` of the label service, such as `/xxgk/publicInfoList_newest2020`."""
    organs: bool = True
    """Whether the annual-report columns of other organs, which the page or its tree lists, are read too."""


def column_of(url: str) -> tuple[str, str | None, str] | None:
    """Organ, type and category that a column's address names; None where it is no column."""
    parts = urlsplit(url)
    match = COLUMN.search(parts.path)
    if match is None:
        return None
    query = {key.lower(): values[-1] for key, values in parse_qs(parts.query).items()}
    return match.group(1), query.get("type"), query.get("catid", "")


def is_article(url: str) -> bool:
    """Whether an address is that of an article: `/public/161054624/1110009656.html`, `/public/content/36029452`."""
    return bool(ARTICLE.search(urlsplit(url).path))


def recognise(page: Page) -> Recognised | None:
    """Its label service and column addresses; the list itself where the page is another tab of the organ."""
    signs = [sign for sign, pattern in SIGNS.items() if pattern.search(page.text)]
    own = column_of(page.url)
    if own is not None:
        signs.append("the page's own address is /public/column/<organ>")
    articles = sum(1 for link in page.links if is_article(link.url))
    if articles:
        signs.append(f"{articles} links like /public/161054624/1110009656.html")
    if not signs:
        return None
    proof = own is not None or len(signs) > 1 or signs[0].startswith("the label service")
    index_url = None if own is not None and own[1] == REPORTS else _report_column(page.links, own[0] if own else None)
    return Recognised("lonsun", 95 if proof else 60, tuple(signs), index_url=index_url)


def _report_column(links: tuple[Link, ...], organ: str | None) -> str | None:
    """The annual-report tab of this organ, or the first of any where the page belongs to none."""
    for link in links:
        column = column_of(link.url)
        if column is not None and column[1] == REPORTS and organ in (None, column[0]):
            return link.url
    return None


LONSUN = Family(
    "lonsun",
    "Lonsun openness platforms (/public/column, /site/label/8888)",
    LonsunOptions,
    "crawlers.spiders.lonsun:LonsunSpider",
    recognise,
)
