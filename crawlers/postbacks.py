"""Further pages of lists that are asked for by sending the page's own form.

Belongs here: which fields a page sends for a numbered page, by ASP.NET's `__doPostBack` or by a function of its own
that puts the number into a field. Does not belong here: asking (`spiders`).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawlers.links import SPACES
from crawlers.pages import Page

__all__ = ["Postback", "find_postback"]

CALL = re.compile(r"__doPostBack\(\s*\\?['\"]([^'\"]*?)\\?['\"]\s*,\s*\\?['\"]([^'\"]*?)\\?['\"]\s*\)")
NEXT = re.compile(r"^\W*(?:下一?页|后一?页|next)\W*$|^[>›»]$", re.IGNORECASE)
SENT = frozenset({"hidden", "text", ""})


CALLED = re.compile(r"([A-Za-z_$][\w$]*)\s*\(\s*['\"]?(\d{1,4})?['\"]?\s*\)")
FUNCTION = (
    r"(?:function\s+{name}\s*\(\s*(\w+)[^)]*\)|\b{name}\s*[:=]\s*function\s*\(\s*(\w+)[^)]*\))\s*"
    r"\{{(.{{0,600}}?)\.submit\s*\("
)
PUTS = (
    r"(?:\.|getElementById\(\s*['\"]|getElementsByName\(\s*['\"]|\$\(\s*['\"](?:#|input\[name=['\"]?))(\w+)"
    r"['\"\])]*(?:\[0\])?\s*(?:\.value\s*=\s*|\.val\(\s*){argument}\b"
)
"""A field that the function gives the number to."""


@dataclass(frozen=True, slots=True)
class Postback:
    """What is sent, and where to."""

    url: str
    fields: Mapping[str, str]
    by_get: bool = False
    """Whether the fields are sent in the address."""


def find_postback(page: Page, number: int) -> Postback | None:
    """The form by which the page asks for its page of that number, or for the one after it."""
    tree = page.tree
    if tree is None or "__doPostBack" not in page.text:
        return None if tree is None or "submit" not in page.text else _by_function(page, number)
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
    url = page.resolve(str(form.get("action") or "")) or page.url
    return Postback(url, {**_fields(form), "__EVENTTARGET": call.group(1), "__EVENTARGUMENT": call.group(2)})


def _fields(form: Any) -> dict[str, str]:
    return {
        str(field.get("name")): str(field.get("value") or "")
        for field in form.iter("input")
        if field.get("name") and str(field.get("type") or "").lower() in SENT
    }


def _by_function(page: Page, number: int) -> Postback | None:
    """The form that a function of the page sends for a number, such as `javascript:goPage(2)` behind 下一页."""
    following = None
    for anchor in page.tree.iter("a", "input", "button", "span", "li"):
        call = CALLED.search(f"{anchor.get('href') or ''} {anchor.get('onclick') or ''}")
        if call is None or anchor.get("disabled") is not None:
            continue
        words = "".join(part for part in anchor.itertext() if isinstance(part, str))
        shown = SPACES.sub("", unicodedata.normalize("NFKC", f"{words}{anchor.get('value') or ''}"))
        if shown == str(number) or (following is None and NEXT.match(shown)):
            sent = _sent(page, call.group(1), call.group(2) or str(number))
            if sent is not None and shown == str(number):
                return sent
            following = following or sent
    return following


def _sent(page: Page, name: str, number: str) -> Postback | None:
    body = re.search(FUNCTION.format(name=re.escape(name)), page.text, re.DOTALL)
    if body is None:
        return None
    argument = body.group(1) or body.group(2)
    put = re.search(PUTS.format(argument=re.escape(argument)), body.group(3))
    if put is None:
        return None
    for form in page.tree.iter("form"):
        field = next((each for each in form.iter("input") if put.group(1) in (each.get("name"), each.get("id"))), None)
        if field is not None:
            url = page.resolve(str(form.get("action") or "")) or page.url
            named = str(field.get("name") or put.group(1))
            by_get = str(form.get("method") or "get").lower() != "post"
            return Postback(url, {**_fields(form), named: number}, by_get)
    return None
