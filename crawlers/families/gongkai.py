"""Shandong's openness platform: `/gongkai/channel_<hex>/`, a list that the browser draws."""

import re
from urllib.parse import urlsplit

from crawlers.families.kind import Family, Recognised
from crawlers.families.linked import ListOptions
from crawlers.pages import Page

__all__ = ["GONGKAI", "GongkaiOptions"]

CHANNEL = re.compile(r"/gongkai/(?:site_\w+/)?channel_\w+", re.IGNORECASE)
DOCUMENT = re.compile(r"/channel_\w[\w.]*/doc_[0-9a-f]{16,}|\bdoc_[0-9a-f]{24}\b", re.IGNORECASE)


class GongkaiOptions(ListOptions):
    """Columns of `/gongkai/channel_…`."""


def recognise(page: Page) -> Recognised | None:
    """The address of a channel; its documents' names."""
    own = CHANNEL.search(urlsplit(page.url).path) is not None
    documents = len(set(DOCUMENT.findall(page.text)))
    linked = CHANNEL.search(page.text) is not None
    if not own and not documents:
        return None
    signs = (("an address /gongkai/channel_…",) if own else ()) + (
        (f"{documents} documents called doc_…",) if documents else ()
    )
    return Recognised("gongkai", 95 if own else 90 if linked else 70, signs)


GONGKAI = Family(
    "gongkai",
    "Shandong's /gongkai/channel_… (a list that the browser draws)",
    GongkaiOptions,
    "crawlers.spiders.gongkai:GongkaiSpider",
    recognise,
)
