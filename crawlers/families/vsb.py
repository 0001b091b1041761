"""博达 (VSB) lists: pages numbered in reverse, `zbgg.htm`, then `zbgg/10.htm` down to `zbgg/1.htm`."""

import re
from urllib.parse import urlsplit

from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.pages import Page

__all__ = ["VSB", "VsbOptions", "is_article"]

ARTICLE = re.compile(r"/info/\d+/\d+\.s?html?$", re.IGNORECASE)
PROGRAM = re.compile(r"(?:^|[?&])wbnewsid=\d+", re.IGNORECASE)
SIGNS = {
    "VSB's own scripts or styles (/system/resource/)": re.compile(r"/system/resource/(?:js|css|code)/", re.IGNORECASE),
    "VSB's counter of clicks": re.compile(r"_(?:dynclicks|showDynClick\w*)|dynclicks_u?\d", re.IGNORECASE),
    "VSB's page links (p_pages, p_no)": re.compile(
        r"class\s*=\s*[\"']?(?:[\w -]*\s)?p_(?:pages|no(?:_d)?|next|fun|t)\b", re.IGNORECASE
    ),
    "VSB's body (vsb_content)": re.compile(r"\bvsb_content|v_news_content", re.IGNORECASE),
    "VSB's download address": re.compile(r"/system/_content/download\.jsp", re.IGNORECASE),
    "VSB's column address (wbtreeid)": re.compile(r"[?&]wbtreeid=\d+", re.IGNORECASE),
}


class VsbOptions(FamilyOptions):
    """博达 VSB lists; all is read from the page."""


def is_article(url: str) -> bool:
    """Whether an address is that of an article: `/info/8141/873481.htm`, or `content.jsp?…wbnewsid=`."""
    parts = urlsplit(url)
    return bool(ARTICLE.search(parts.path) or PROGRAM.search(parts.query))


def recognise(page: Page) -> Recognised | None:
    """Its scripts, classes and addresses; links such as `/info/8141/873481.htm` alone are a habit others share."""
    signs = [sign for sign, pattern in SIGNS.items() if pattern.search(page.text)]
    articles = sum(1 for link in page.links if ARTICLE.search(urlsplit(link.url).path))
    if articles:
        signs.append(f"{articles} links like /info/8141/873481.htm")
    if not signs:
        return None
    # One class name may be chance; two different signs are not.
    proof = len(signs) >= 2
    return Recognised("vsb", 95 if proof else 65 if articles > 2 else 40, tuple(signs))


VSB = Family(
    "vsb",
    "博达 VSB lists (pages numbered in reverse)",
    VsbOptions,
    "crawlers.spiders.vsb:VsbSpider",
    recognise,
)
