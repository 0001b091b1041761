"""NFCMS columns of Guangdong: pages made on the server, articles called `content/post_<id>.html`."""

import re
from urllib.parse import urlsplit

from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["NFCMS", "NfcmsOptions"]

VARIABLE = re.compile(r"\bNFCMS_(?:SITE|POST|CAT|PAGE|PUB)_\w+")
POST = re.compile(r"/content/[a-z]*post_\d+\.s?html?$", re.IGNORECASE)
PLATFORM = re.compile(r"\b_CONFIG\s*=")
FEW_POSTS = 3


class NfcmsOptions(FamilyOptions):
    """NFCMS columns."""

    sub_columns: bool = True
    """Whether columns below this one (departments, townships) are read too."""


def recognise(page: Page) -> Recognised | None:
    """`NFCMS_SITE_ID` in a script, or articles called `content/post_1506022.html` and `mpost_…`."""
    named = VARIABLE.search(page.text) is not None
    posts = sum(1 for link in page.links if POST.search(urlsplit(link.url).path) and "/gkmlpt/" not in link.url)
    if PLATFORM.search(page.text) and "/gkmlpt" in urlsplit(page.url).path:
        return None  # the catalogue platform of the same house, which lists by its interface
    if not named and not posts:
        return None
    signs = (("NFCMS_SITE_ID or its kin in a script",) if named else ()) + (
        (f"{posts} links like content/post_1506022.html",) if posts else ()
    )
    weight = 96 if named and posts else 90 if posts >= FEW_POSTS else 75 if named else 65
    return Recognised("nfcms", weight, signs)


NFCMS = Family(
    "nfcms",
    "NFCMS columns (content/post_<id>.html)",
    NfcmsOptions,
    "crawlers.spiders.nfcms:NfcmsSpider",
    recognise,
)
