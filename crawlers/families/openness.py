"""Openness platforms with the page number in the path: `/OpennessContent/showList/<org>/<cat>/page_1.html`."""

import re
from urllib.parse import urlsplit

from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.pages import Link, Page

__all__ = ["OPENNESS", "REPORT_CONTROLLER", "OpennessOptions", "is_article", "is_list", "list_place"]

REPORT_CONTROLLER = re.compile(r"^(?:XxgkAnnualReport|Xxgknb|\w*AnnualReport|\w*Ndbg|\w*Xxgknb)$", re.IGNORECASE)
CONTROLLER = re.compile(r"^(?:(?:Branch)?Openness\w*|Xxgk\w*|\w*AnnualReport)$", re.IGNORECASE)
LIST = re.compile(r"/(\w+)/showList((?:/[\w-]+?)*?)(?:/page_(\d+))?(?:\.s?html?)?/?$", re.IGNORECASE)
ARTICLE = re.compile(r"/(\w+)/show(?:/[\w-]+)*/\d+(?:\.s?html?)?$", re.IGNORECASE)


class OpennessOptions(FamilyOptions):
    """Openness platforms with the page number in the path."""

    sub_columns: bool = True
    """Whether lists of years, and annual-report lists of other bodies, which the page links, are read too."""


def list_place(url: str) -> tuple[str, str, int | None] | None:
    """Controller, organ with category, and page number that a list's address names; None where it is no list."""
    match = LIST.search(urlsplit(url).path)
    return (
        (match.group(1), match.group(2).strip("/"), int(match.group(3)) if match.group(3) else None) if match else None
    )


def is_list(link: Link) -> bool:
    """Whether a link leads to a list."""
    return list_place(link.url) is not None


def is_article(url: str) -> bool:
    """Whether an address is that of an article: `/XxgkAnnualReport/show/5813.html`."""
    return bool(ARTICLE.search(urlsplit(url).path))


def recognise(page: Page) -> Recognised | None:
    """Its controllers in addresses: `OpennessContent`, `BranchOpennessContent`, `XxgkAnnualReport`, `Xxgknb`."""
    own = list_place(page.url)
    lists, articles, reports = 0, 0, None
    for link in page.links:
        place = list_place(link.url)
        article = ARTICLE.search(urlsplit(link.url).path)
        if place is not None and CONTROLLER.match(place[0]):
            lists += 1
            if reports is None and (REPORT_CONTROLLER.match(place[0]) or re.search(r"年报|年度报告", link.title)):
                reports = link.url
        elif article is not None and CONTROLLER.match(article.group(1)):
            articles += 1
    signs = (["the page's own address is …/showList/…"] if own is not None and CONTROLLER.match(own[0]) else []) + [
        f"{count} {what}"
        for count, what in (
            (lists, "links to …/showList/<org>/<cat>/page_N.html"),
            (articles, "links like /XxgkAnnualReport/show/5813.html"),
        )
        if count
    ]
    if not signs:
        return None
    return Recognised("openness", 95, tuple(signs), index_url=None if own is not None else reports)


OPENNESS = Family(
    "openness",
    "openness platforms with the page in the path (…/showList/…/page_1.html)",
    OpennessOptions,
    "crawlers.spiders.openness:OpennessSpider",
    recognise,
)
