"""The HTML that a page holds as text in its scripts, for the browser to put in place.

Belongs here: finding and unescaping such texts. Does not belong here: what they say, and running anything.
"""

import json
import re
from collections.abc import Iterator

__all__ = ["html_in_scripts", "may_hold_html"]

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(r"\"((?:[^\"\\\r\n]|\\.)*+)\"|'((?:[^'\\\r\n]|\\.)*+)'")
_ESCAPED_MARK = re.compile(r"\\u003[cC]|\\x3[cC]|<(?:p|div|table)\b")
_HOLDS_TEXT = re.compile(r"<(?:p|div|table|td|br)\b", re.IGNORECASE)
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")
_SHORTEST = 200
"""Characters below which a text in a script is a template or a button, no article."""


def may_hold_html(source: bytes) -> bool:
    """Whether a page has escaped tags at all; most have none."""
    return b"\\" in source and (b"\\u003" in source or b"\\x3" in source)


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
