"""Lists whose further pages have a number in their address, in one of the ways of a table (`page_numbers`)."""

from typing import Literal

from crawlers.families.kind import Family, Recognised
from crawlers.families.linked import ListOptions
from crawlers.page_numbers import dialects_of
from crawlers.pages import Page

__all__ = ["NUMBERED", "NumberedOptions"]


class NumberedOptions(ListOptions):
    """Lists with numbered pages."""

    dialect: Literal["ilist", "jeecms", "totalpage", "bare_number", "dash"] | None = None
    """How further pages are numbered (`crawlers.page_numbers.DIALECTS`); told from the page when left out."""


def recognise(page: Page) -> Recognised | None:
    """The signs of the table's numberings."""
    found = sorted(dialects_of(page), key=lambda known: -known[0].weight)
    if not found:
        return None
    return Recognised("numbered", found[0][0].weight, tuple(sign for _, sign in found))


NUMBERED = Family(
    "numbered",
    "lists with numbered pages (1.html, iList.jsp, JEECMS, pagination with totalPage)",
    NumberedOptions,
    "crawlers.spiders.numbered:NumberedSpider",
    recognise,
)
