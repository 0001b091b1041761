"""TrueCMS lists: rows of the first screen in the page, more from `messageController/getMessage.do`."""

import re
from typing import Annotated

from pydantic import Field

from crawlers.families.kind import Code, Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["TRUECMS", "TrueCmsOptions"]

SIGNS = {
    "messageController/getMessage.do in a script": re.compile(r"messageController/getMessage\.do", re.IGNORECASE),
    "rows in #initData": re.compile(r"<\w+[^>]*\bid\s*=\s*[\"']?initData\b", re.IGNORECASE),
    "an address below /truecms/": re.compile(r"[\"'(/]truecms/", re.IGNORECASE),
    "a columnId of TrueCMS": re.compile(
        r"columnId[\"']?\s*[:=]\s*[\"'][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[\"']", re.IGNORECASE
    ),
}
CONTENT = re.compile(
    r"/content/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.s?html?)?", re.IGNORECASE
)


class TrueCmsOptions(FamilyOptions):
    """TrueCMS lists."""

    column_id: Code | None = None
    window: Annotated[int, Field(ge=1, le=50)] | None = None
    """Rows asked for at once. Servers answer larger windows than 10 to 50, depending on the site, with nothing."""


def recognise(page: Page) -> Recognised | None:
    """Its controller, its container of first rows, its documents' names."""
    signs = [sign for sign, pattern in SIGNS.items() if pattern.search(page.text)]
    documents = sum(1 for link in page.links if CONTENT.search(link.url))
    if documents > 1:
        signs.append(f"{documents} links like /content/<uuid>.html")
    if not signs:
        return None
    proof = any(sign in signs for sign in list(SIGNS)[:2])
    return Recognised("truecms", 97 if proof else 85 if len(signs) > 1 else 65, tuple(signs))


TRUECMS = Family(
    "truecms",
    "TrueCMS lists (messageController/getMessage.do)",
    TrueCmsOptions,
    "crawlers.spiders.truecms:TrueCmsSpider",
    recognise,
)
