"""Which family a page belongs to, by the signs that each family declares.

Belongs here: asking all families and ordering what they say. Does not belong here: any one family's signs (`families`).
"""

from crawlers.families import FAMILIES, Recognised
from crawlers.pages import Page

__all__ = ["recognise"]


def recognise(page: Page) -> tuple[Recognised, ...]:
    """The families whose signs a page shows, the likeliest first; equal weights in the order of the declarations."""
    found = [recognised for family in FAMILIES.values() if (recognised := family.recognise(page)) is not None]
    return tuple(sorted(found, key=lambda recognised: -recognised.weight))
