"""Epoint EWB openness platforms: a shell page, rows as JSON from `…/rest/lightfrontaction/getgovinfolist`."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from crawlers.families.kind import Code, Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["EPOINT", "EpointOptions"]

SIGNS = {
    "a call of lightfrontaction": re.compile(r"/rest/lightfrontaction/|\bgetgovinfolist\b", re.IGNORECASE),
    "the platform's folder (EWB-FRONT, EpointWebBuilder)": re.compile(
        r"\bEWB[-_]\w+|\bEpoint[-\w]*(?:WebBuilder|Middle)", re.IGNORECASE
    ),
    "the platform's script webBuilderCommon.js": re.compile(r"webBuilderCommon\.js", re.IGNORECASE),
    "siteGuid in a script": re.compile(r"\bsiteGuid\b"),
    "class names that begin with ewb-": re.compile(r"class\s*=\s*[\"']?(?:[\w -]*\s)?ewb-", re.IGNORECASE),
}
ADDRESS = re.compile(r"/\w*(?:govInfoPub\w*|openlist\w*)\.html?$", re.IGNORECASE)
CATEGORY = re.compile(r"(?:^|&)categorynum=\d+", re.IGNORECASE)


class EpointOptions(FamilyOptions):
    """Epoint EWB openness platforms."""

    category: Code | None = None
    """`categorynum`: the column."""
    dept: Code | None = None
    """`deptcode`: the body; left out, all bodies."""
    site_guid: Code | None = None
    project: Annotated[str, Field(pattern=r"^/?[\w-]+$")] | None = None
    """The folder in front of `/rest/`, such as `EWB-FRONT`."""
    page_size: Annotated[int, Field(ge=1, le=200)] | None = None
    page_base: Literal[0, 1] | None = None
    """What the first page is called; left out, both are tried."""
    wrapped: bool | None = None
    """Whether the question is wrapped in `params`; left out, both are tried."""


def recognise(page: Page) -> Recognised | None:
    """Its scripts and service; its list addresses `govInfoPub.html?categorynum=`."""
    parts = urlsplit(page.url)
    signs = [sign for sign, pattern in SIGNS.items() if pattern.search(page.text)]
    own = bool(CATEGORY.search(parts.query)) or bool(ADDRESS.search(parts.path))
    if own:
        signs.append("the page's own address names a categorynum")
    listed = None
    if not own:
        listed = next(
            (link.url for link in page.links if CATEGORY.search(urlsplit(link.url).query) and "年报" in link.title),
            None,
        )
        if listed is not None:
            signs.append("a link to an annual-report column by categorynum")
    if not signs:
        return None
    service = signs[0].startswith("a call of")
    return Recognised("epoint", 95 if service or len(signs) > 1 else 60, tuple(signs), index_url=listed)


EPOINT = Family(
    "epoint",
    "Epoint EWB openness platforms (lightfrontaction)",
    EpointOptions,
    "crawlers.spiders.epoint:EpointSpider",
    recognise,
)
