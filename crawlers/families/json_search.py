"""Columns of the c-column systems whose rows come as JSON: `/common/search/<channel>` and its kin."""

import re
from urllib.parse import urlsplit

from crawlers.families.kind import Code, Family, FamilyOptions, Recognised
from crawlers.json_lists import find_list
from crawlers.pages import Page
from crawlers.scripts import read_json

__all__ = ["JSON_SEARCH", "JsonSearchOptions"]

NAMED_CHANNEL = re.compile(r"<meta\b[^>]*\bname\s*=\s*[\"']?channel_?id\b", re.IGNORECASE)
INTERFACE = {
    "/common/search/ or /searchList/ in a script": re.compile(
        r"/(?:common/search|searchList)/(?:[0-9a-f]{16,}|[\"']?\s*\+|\$\{|\?|[\"'])", re.IGNORECASE
    ),
    "/search/<channel>?_isJson=true in a script": re.compile(r"/search/[^\n]{0,200}_isJson", re.IGNORECASE),
    "getFileListByCodeId in a script": re.compile(r"getFileListByCodeId"),
    "getChannelList in a script": re.compile(r"/getChannelList\b"),
    "_isAgg and _isJson in a script": re.compile(r"_isAgg=.{0,120}_isJson=", re.DOTALL),
}
OWN_ADDRESS = re.compile(
    r"/(?:common/search|searchList|search)/[0-9A-Za-z_-]{6,}$|/getFileListByCodeId$", re.IGNORECASE
)
COLUMN = re.compile(r"/c\d{4,}[a-z]?/(?:[^/]*\.s?html?)?$", re.IGNORECASE)
ARTICLE = re.compile(
    r"/c\d{4,}[a-z]?/(?:\d{6}/)?(?:[0-9a-f]{32}|c\d+_\d+|c\d+/content|content)\.s?html?$", re.IGNORECASE
)
STATIC_PAGES = re.compile(r"createPage\w*\s*\(", re.IGNORECASE)
FEW_ROWS = 3


class JsonSearchOptions(FamilyOptions):
    """Lists answered as JSON."""

    channel_id: Code | None = None
    """The channel asked for; read from the page, or from getChannelList, when left out."""
    site_code: Code | None = None
    """The site's short name for getChannelList; the first part of the path when left out."""


def recognise(page: Page) -> Recognised | None:
    """The interface named in a script, or the channel in a `meta` of a c-column page that shows no rows itself."""
    path = urlsplit(page.url).path
    if OWN_ADDRESS.search(path) and find_list(read_json(page.text)) is not None:
        return Recognised("json_search", 97, ("the address of its interface, answering JSON",))
    signs = [sign for sign, pattern in INTERFACE.items() if pattern.search(page.text)]
    named = NAMED_CHANNEL.search(page.text) is not None
    rows = sum(1 for link in page.links if ARTICLE.search(urlsplit(link.url).path))
    if rows >= FEW_ROWS and STATIC_PAGES.search(page.text):
        # The rows stand in the page, and its further pages are files: nothing has to be asked of the interface.
        return Recognised("json_search", 45, tuple(signs)) if signs else None
    if signs:
        return Recognised("json_search", 94, (*signs, *(("channelId in meta",) if named else ())))
    if named and COLUMN.search(path):
        return Recognised("json_search", 72 if rows < FEW_ROWS else 50, ("channelId in meta of a c-column page",))
    return None


JSON_SEARCH = Family(
    "json_search",
    "c-columns answered as JSON (/common/search/, /searchList/, getFileListByCodeId)",
    JsonSearchOptions,
    "crawlers.spiders.json_search:JsonSearchSpider",
    recognise,
)
