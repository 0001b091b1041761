"""The bytes of an HTML page to a tree, whatever state they are in.

Belongs here: limits of the parser and ways around them, what the bytes tell before parsing. Does not belong here: what
the elements say.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from extract.model import Unreadable

__all__ = ["may_put_out_of_sight", "page_may_hide", "parse_page"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

# Patterns that each begin with a word, on lower-cased bytes: a case-blind alternation takes longer than the parse.
_MAY_HIDE_BY_STYLE = re.compile(rb"display\s*:\s*none")
_MAY_HIDE_BY_ATTRIBUTE = re.compile(rb"hidden[\s=>/]")
_MAY_BE_INVISIBLE = re.compile(rb"visibility\s*:\s*hidden")
_MAY_BE_RAISED = re.compile(rb"vertical-align\s*:\s*su[bp]")
_MAY_BE_TINY = re.compile(rb"font-size\s*:\s*0+(?:\.0*)?(?![\d.])")
_MAY_BE_OUT_OF_SIGHT = (
    (b"opacity", re.compile(rb"(?<![\w-])opacity\s*:\s*0+(?:\.0*)?(?![\d.])")),
    (b"transparent", re.compile(rb"(?<![\w-])color\s*:\s*transparent")),
    (b"clip", re.compile(rb"clip\s*:\s*rect|clip-path\s*:\s*inset")),
    (b"-999", re.compile(rb"(?:left|text-indent)\s*:\s*-999")),
    (b"000px", re.compile(rb"(?:left|text-indent)\s*:\s*-\d+000px")),
)
_ENDLESS = 1 << 16
_LEAST_ATTRIBUTE = 40
"""Bytes of an attribute: a stretch of so many bytes with more words holds attributes, not a picture in letters."""
_LIMIT_ERRORS = frozenset({etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_INTERNAL_ERROR})
_INLINE_TAGS = re.compile(
    rb"</?(?:font|span|b|i|u|em|strong|a|big|small|tt|st1:\w+|o:\w+|v:\w+)(?=[\s/>])[^<>]*>", re.I
)
_FLOW_TAGS = re.compile(
    rb"</?(?!(?:table|thead|tbody|tfoot|tr|td|th|p|br|h[1-6]|caption|script|style)[\s/>])[a-z][^<>]*>", re.I
)


def parse_page(source: bytes) -> Element | None:
    """The root element, or None for a page without any element.

    libxml2 stops at 256 nested elements and drops the rest. Real pages get there through unclosed <font> or <div>, so a
    page that is too deep is read again with a higher limit, then without inline tags, then with table tags only.
    """
    if _has_endless_tag(source):
        raise Unreadable(
            "broken_html",
            "A tag of the page holds thousands of attributes: it is damaged. Save the page again from a browser, or "
            "add the report in another format.",
        )
    root, complete = _parse_once(source, huge=False)
    if complete:
        return root
    for simplified in _simplifications(source):
        root, complete = _parse_once(simplified, huge=True)
        if complete:
            return root
    raise Unreadable(
        "nested_too_deep",
        "The page nests its elements deeper than the parser follows (2048 levels), so part of it would be lost. "
        "Save the page again from a browser, or add the report in another format.",
    )


def _has_endless_tag(source: bytes) -> bool:
    """Whether a tag goes on for so many attributes that the parser, which compares each with all, would take minutes.

    A stretch without `>` is looked for at steps of its length, which costs nothing on a sound page. What is long and
    has few words is a picture in an attribute.
    """
    for start in range(0, len(source) - _ENDLESS, _ENDLESS):
        if source.find(b">", start, start + _ENDLESS) < 0:
            is_in_tag = source.rfind(b"<", 0, start + 1) > source.rfind(b">", 0, start)
            stretch = source[start : start + _ENDLESS]
            # Where another `<` follows, the parser begins a new tag.
            if is_in_tag and b"<" not in stretch and len(stretch.split()) > _ENDLESS // _LEAST_ATTRIBUTE:
                return True
    return False


def _simplifications(source: bytes) -> Iterator[bytes]:
    yield source
    without_inline = _INLINE_TAGS.sub(b"", source)
    yield without_inline
    yield _FLOW_TAGS.sub(b"<br>", without_inline)


def _parse_once(source: bytes, *, huge: bool) -> tuple[Element | None, bool]:
    """The root and whether the parser reached the end."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, recover=True, huge_tree=huge
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        return None, not _stopped_early(parser)
    return root, not _stopped_early(parser)


def _stopped_early(parser: Any) -> bool:
    """True if the parser gave up at one of its limits (depth, length of a text); it records that as its last error."""
    last = parser.error_log.last_error
    return last is not None and last.level == etree.ErrorLevels.FATAL and last.type in _LIMIT_ERRORS


def page_may_hide(source: bytes) -> bool:
    """False if no style of the page can hide an element, or raise it beside other text: then none is asked."""
    lowered = source.lower()
    return bool(
        (b"display" in lowered and _MAY_HIDE_BY_STYLE.search(lowered))
        or (b"hidden" in lowered and (_MAY_HIDE_BY_ATTRIBUTE.search(lowered) or _MAY_BE_INVISIBLE.search(lowered)))
        or b"line-through" in lowered
        or (b"vertical-align" in lowered and _MAY_BE_RAISED.search(lowered))
        or (b"font-size" in lowered and _MAY_BE_TINY.search(lowered))
    )


def may_put_out_of_sight(source: bytes) -> bool:
    """False if no style of the page can make text transparent, cut it away or move it off the screen."""
    lowered = source.lower()
    return any([word in lowered and pattern.search(lowered) is not None for word, pattern in _MAY_BE_OUT_OF_SIGHT])
