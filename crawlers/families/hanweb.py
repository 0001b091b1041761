"""Hanweb jpage lists: rows inside XML inside the column page, more from `dataproxy.jsp`."""

import re
from typing import Annotated

from pydantic import Field

from crawlers.families.kind import Code, Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["HANWEB", "HanwebOptions"]

SIGNS = {
    "dataproxy.jsp in a script": re.compile(r"/module/(?:web/)?jpage/dataproxy\.jsp"),
    "a datastore of rows in the page": re.compile(r"<datastore\b", re.IGNORECASE),
    "a call of jpage": re.compile(r"\.jpage\s*\("),
    "the annual-report module": re.compile(r"xxgkAnnualReport\.jsp", re.IGNORECASE),
    "the openness module": re.compile(r"/module/xxgk/(?:search|tree)\.jsp"),
}


class HanwebOptions(FamilyOptions):
    """Hanweb `jpage` lists."""

    column_id: Code | None = None
    unit_id: Code | None = None
    web_id: Code | None = None
    app_id: Code | None = None
    per_page: Annotated[int, Field(ge=1, le=300)] | None = None
    """Rows of one list page. Servers cut answers above about 300 rows."""


def recognise(page: Page) -> Recognised | None:
    """Its scripts and addresses: none of them occurs in another family but TrueCMS, which names its own controller."""
    signs = tuple(sign for sign, pattern in SIGNS.items() if pattern.search(page.text))
    if not signs or "/truecms/" in page.text:
        return None
    return Recognised("hanweb", 95, signs)


HANWEB = Family(
    "hanweb",
    "Hanweb jpage lists (dataproxy.jsp)",
    HanwebOptions,
    "crawlers.spiders.hanweb:HanwebSpider",
    recognise,
)
