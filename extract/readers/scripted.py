"""The HTML that a page holds as text in its scripts and controls, for the browser to put in place.

Belongs here: finding and unescaping such texts. Does not belong here: what they say, and running anything.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

__all__ = ["html_in_carriers", "html_in_scripts", "may_hold_html"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(r"\"((?:[^\"\\\r\n]|\\.)*+)\"|'((?:[^'\\\r\n]|\\.)*+)'")
_ESCAPED_MARK = re.compile(r"\\u003[cC]|\\x3[cC]|<(?:p|div|table)\b")
_HOLDS_TEXT = re.compile(r"<(?:p|div|table|td|br)\b", re.IGNORECASE)
_HOLDS_CELLS = re.compile(r"<t[dh]\b", re.IGNORECASE)
_CARRIERS = (
    ("iframe", "srcdoc"),
    ("noscript", ""),
    ("template", ""),
    ("script", ""),
    ("textarea", ""),
    ("input", "value"),
)
"""Elements that hold a page, and the attribute where it is not their content; those that a browser shows come first."""
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")
_SHORTEST = 200
"""Characters below which a text in a script is a template or a button, no article."""


def may_hold_html(source: bytes) -> bool:
    """Whether a page without a table has an article in a script: tags escaped for it, or cells as they are."""
    if b"\\" in source and any(mark in source for mark in (b"\\u003", b"\\x3", b"<\\/td", b"<\\/p>")):
        return True
    start = source.find(b"<script") if b"<td" in source else -1
    while start >= 0:
        end = source.find(b"</script", start)
        if source.find(b"<td", start, end if end >= 0 else len(source)) >= 0:
            return True
        start = source.find(b"<script", end) if end >= 0 else -1
    return False


def html_in_carriers(root: Element) -> Iterator[list[str]]:
    """The tables that a page holds where nobody reads them as text, kind by kind: each once, as pieces of HTML.

    Frames with their page in an attribute, what is shown without scripts, templates, controls that a script empties.
    """
    for tag, attribute in _CARRIERS:
        texts = dict.fromkeys(
            element.get(attribute) or "" if attribute else _inner(element)
            for element in root.iter(tag)
            if (tag != "script" or _is_template(element)) and next(element.iterancestors(tag), None) is None
        )
        pieces = [text for text in texts if _HOLDS_CELLS.search(text)]
        if pieces:
            yield pieces


def _is_template(script: Element) -> bool:
    """Whether a script holds markup by its type and no program."""
    kind = (script.get("type") or "").lower()
    return "template" in kind or "html" in kind


def _inner(element: Element) -> str:
    """What stands in an element, as text or, where the parser took it for markup, as markup."""
    children = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "") + children


def html_in_scripts(text: str) -> Iterator[str]:
    """The texts in scripts that are pieces of HTML with an article's length, in order, each once."""
    seen: set[str] = set()
    for script in _SCRIPT.finditer(text):
        for double, single in _LITERAL.findall(script.group(1)):
            literal = double or single
            if len(literal) < _SHORTEST or not _ESCAPED_MARK.search(literal):
                continue
            piece = _unescaped(literal)
            if piece is not None and _HOLDS_TEXT.search(piece) and piece not in seen:
                seen.add(piece)
                yield piece


def _unescaped(literal: str) -> str | None:
    text = _HEX.sub(r"\\u00\1", literal).replace("\\'", "'").replace("\t", "\\t")
    text = re.sub(r'(?<!\\)((?:\\\\)*)"', r"\1\\\"", text)
    try:
        value = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return None
    # Two halves of a character beyond the basic plane may stand alone.
    return str(value).encode("utf-8", "replace").decode("utf-8")
