"""Guangdong's catalogue platform: a tree of columns in the page, rows from `/gkmlpt/api/all/<id>`."""

import re
from urllib.parse import urlsplit

from crawlers.families.kind import Code, Family, FamilyOptions, Recognised
from crawlers.pages import Page
from crawlers.scripts import read_json

__all__ = ["GKMLPT", "GkmlptOptions"]

CONFIG = re.compile(r"\b_CONFIG\s*=(?!=)")
SITE = re.compile(r"[\"']?\bSID[\"']?\s*:\s*[\"']?\w+")
TREE = re.compile(r"[\"']?\bTREE[\"']?\s*:\s*[\"'\[{]")
API = re.compile(r"/gkmlpt/api/\w+/(\d+)")
COLUMN = re.compile(r"^[!/]*(\d+)")
HOUSE = re.compile(r"/gkmlpt(?:/|$)")
ANNUAL_LINK = re.compile(r"/gkmlpt/annual\w*", re.IGNORECASE)


class GkmlptOptions(FamilyOptions):
    """The catalogue platform."""

    column_id: Code | None = None
    """The annual-report column; found by its name in the page's tree when left out."""
    sid: Code | None = None
    """The site's number; read from the page when left out."""


def recognise(page: Page) -> Recognised | None:
    """`window._CONFIG` with the site's number and tree; else a link to the platform's annual reports."""
    parts = urlsplit(page.url)
    fragment = COLUMN.match(parts.fragment)
    options = {"column_id": fragment.group(1)} if fragment else {}
    if API.search(parts.path) and read_json(page.text) is not None:
        return Recognised("gkmlpt", 97, ("the address of its interface, answering JSON",))
    if CONFIG.search(page.text):
        signs = tuple(
            sign for sign, pattern in (("SID in _CONFIG", SITE), ("TREE in _CONFIG", TREE)) if pattern.search(page.text)
        )
        if HOUSE.search(parts.path):
            signs = ("/gkmlpt in the address", *signs)
        if len(signs) > 1:
            return Recognised("gkmlpt", 98, signs, options)
    if HOUSE.search(parts.path):
        return Recognised("gkmlpt", 70, ("/gkmlpt in the address",), options)
    linked = [(link, href) for link in page.links if ANNUAL_LINK.search(href := link.href)]
    if linked:
        link, href = linked[0]
        number = COLUMN.match(urlsplit(href).fragment)
        options = {"column_id": number.group(1)} if number else {}
        return Recognised("gkmlpt", 60, ("a link to /gkmlpt/annualreport",), options, link.url)
    return None


GKMLPT = Family(
    "gkmlpt",
    "Guangdong's catalogue platform (/gkmlpt/)",
    GkmlptOptions,
    "crawlers.spiders.gkmlpt:GkmlptSpider",
    recognise,
)
