"""Further pages of ASP.NET lists that are asked for by sending the page's own form back.

Belongs here: which fields a page's `__doPostBack` sends for a numbered page. Does not belong here: asking (`spiders`).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawlers.links import SPACES, resolve
from crawlers.pages import Page

__all__ = ["Postback", "find_postback"]

CALL = re.compile(r"__doPostBack\(\s*\\?['\"]([^'\"]*?)\\?['\"]\s*,\s*\\?['\"]([^'\"]*?)\\?['\"]\s*\)")
NEXT = re.compile(r"^\W*(?:下一?页|后一?页|next)\W*$|^[>›»]$", re.IGNORECASE)
SENT = frozenset({"hidden", "text", ""})


@dataclass(frozen=True, slots=True)
class Postback:
    """What is sent, and where to."""

    url: str
    fields: Mapping[str, str]


def find_postback(page: Page, number: int) -> Postback | None:
    """The form by which the page asks for its page of that number, or for the one after it."""
    tree = page.tree
    if tree is None or "__doPostBack" not in page.text:
        return None
    following = None
    for anchor in tree.iter("a", "input", "button"):
        call = CALL.search(f"{anchor.get('href') or ''} {anchor.get('onclick') or ''}")
        if call is None or anchor.get("disabled") is not None:
            continue
        words = "".join(anchor.itertext())
        shown = SPACES.sub("", unicodedata.normalize("NFKC", f"{words}{anchor.get('value') or ''}"))
        if shown == str(number):
            return _form(page, anchor, call)
        if NEXT.match(shown):
            following = following or _form(page, anchor, call)
    return following


def _form(page: Page, anchor: Any, call: re.Match[str]) -> Postback | None:
    form = next(anchor.iterancestors("form"), None)
    if form is None:
        form = page.tree.find(".//form")
    if form is None:
        return None
    fields = {
        str(field.get("name")): str(field.get("value") or "")
        for field in form.iter("input")
        if field.get("name") and str(field.get("type") or "").lower() in SENT
    }
    url = resolve(page.base, str(form.get("action") or "")) or page.url
    return Postback(url, {**fields, "__EVENTTARGET": call.group(1), "__EVENTARGUMENT": call.group(2)})
