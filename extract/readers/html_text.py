"""What an element of an HTML page prints: hidden or seen, and the text below it as a browser shows it.

Belongs here: markup inside one element. Does not belong here: where elements stand, tables, whole pages.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from extract.readers.spans import is_note_mark, with_note_marks

__all__ = [
    "BLOCKS",
    "CONTROLS",
    "DRAWN_OTHERWISE",
    "HEADINGS",
    "INLINE",
    "OUT_OF_SIGHT",
    "RAISED",
    "SKIPPED",
    "SKIPPED_IN_TEXT",
    "STRUCK",
    "WHITE_RUN",
    "cell_text",
    "collapsed",
    "flat_text",
    "has_several_cells",
    "is_hidden",
    "is_unseen",
]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "title", "meta", "link", "base", "select", "option",
    "datalist", "input", "button", "textarea", "iframe", "frame", "object", "embed", "applet", "svg", "canvas",
    "audio", "video", "map", "area", "col", "colgroup",
})  # fmt: skip
STRUCK = frozenset({"s", "strike", "del", "rt", "rp"})
"""What is no part of the line it stands in: struck out, or set above it as a reading aid."""
INLINE = frozenset({
    "a", "b", "big", "del", "em", "font", "i", "ins", "label", "s", "small", "span", "strike", "strong", "sub", "sup",
    "u", "o:p",
})  # fmt: skip
OUT_OF_SIGHT = {
    "opacity": r"0+(?:\.0*)?(?![\d.])",
    "color": r"transparent\b",
    "clip": r"rect\(\s*([01])(?:px)?(?:[\s,]+\1(?:px)?){3}\s*\)",
    "clip-path": r"inset\(\s*(?:50%\s*\)|100%)",
    "left": r"-(?:999|\d{4,})",
    "text-indent": r"-(?:999|\d{4,})",
}
"""For each property the value that leaves an element in its place, for screen readers or scripts, and unseen."""
RAISED = frozenset({"sup", "sub"})
SKIPPED_IN_TEXT = SKIPPED | STRUCK
CONTROLS = frozenset({"input", "select", "textarea"})
"""Controls that show a text of their own: a portal that keeps its tables in forms prints the figures in them."""
_TYPED_IN = frozenset({"text", "number", "tel", "search", ""})
"""Kinds of <input> that show their value as text."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS = HEADINGS | frozenset({
    "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "section", "article", "main", "aside", "center",
    "blockquote", "figure", "figcaption", "address", "fieldset", "legend", "form", "details", "summary", "body",
    "html", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "header", "footer", "nav", "menu", "dir",
    "hr", "frameset",
})  # fmt: skip
_INLINE_WRAPPERS = frozenset({"p", "span", "font", "div", "strong", "b", "center", "o:p", "em", "u", "a"})
_WHITE = " \t\r\n\f\v"
WHITE_RUN = re.compile(r"[ \t\r\n\f\v]+")
_LINE_MARK = "\0"
"""Marks a line break among the pieces of a cell's text; no other NUL reaches the parser."""
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.I)
_UNSEEN_STYLE = re.compile(r"visibility\s*:\s*hidden|font-size\s*:\s*0+(?:\.0*)?(?![\d.])|line-through", re.I)
_OUT_OF_SIGHT_STYLE = re.compile(
    r"(?<![\w-])(?:opacity\s*:\s*{opacity}|clip\s*:\s*{clip}|clip-path\s*:\s*{clip-path}|left\s*:\s*{left}"
    r"|text-indent\s*:\s*{text-indent})".format_map(OUT_OF_SIGHT),
    re.I,
)
_TRANSPARENT_STYLE = re.compile(rf"(?<![\w-])color\s*:\s*{OUT_OF_SIGHT['color']}", re.I)
DRAWN_OTHERWISE = re.compile(r"background-clip|text-fill|text-shadow", re.I)
"""Letters cut out of a coloured ground are transparent and plain to see."""
_RAISED_STYLE = re.compile(r"vertical-align\s*:\s*(?:super|sub)\b", re.I)
_SHOWS_AGAIN = re.compile(r"visibility|font(?:-size)?\s*:|decoration", re.I)


def cell_text(cell: Element, may_hide: bool, inner: list[Element] | None) -> str:
    """The text of a cell: one line per block or <br>, white space of the source collapsed, no-break spaces kept."""
    if may_hide:
        return "" if is_unseen(cell) else flat_text(cell, may_hide, inner)
    # By far the commonest cell is a number, or a chain like <p><span>number</span></p> with nothing around its links:
    # then the text of the cell is the text of the innermost element.
    element = cell
    children = len(cell)
    while children == 1:
        outer = element.text
        element = element[0]
        tail = element.tail
        if (
            element.tag not in _INLINE_WRAPPERS
            or (outer is not None and outer.strip(_WHITE))
            or (tail is not None and tail.strip(_WHITE))
        ):
            return flat_text(cell, may_hide, inner)
        children = len(element)
    if children:
        return flat_text(cell, may_hide, inner)
    text: str | None = element.text
    return "" if text is None else collapsed(text)


def collapsed(text: str) -> str:
    """`text` as a browser shows it: runs of white space as one blank, none at the ends; no-break spaces stay."""
    if text.isalnum():
        return text
    return _collapsed_again(text) if len(text) <= _LONGEST_RECURRING else _without_runs(text)


def _without_runs(text: str) -> str:
    if "\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text or "\v" in text:
        text = WHITE_RUN.sub(" ", text)
    return text.strip(" ")


_LONGEST_RECURRING = 120
"""Longer texts do not recur: what a browser shows of a text is remembered for shorter ones only."""
_collapsed_again = lru_cache(maxsize=16384)(_without_runs)


def flat_text(element: Element, may_hide: bool, inner: list[Element] | None = None) -> str:
    """Text below `element`, lines joined by newline; with `inner`, data tables are put there and not read."""
    pieces: list[str] = []
    raised: list[int] = []
    stack: list[tuple[Iterator[Element], bool, str | None]] = []
    children: Iterator[Element] = element.iterchildren()
    is_block = False
    tail: str | None = None
    if element.text:
        pieces.append(element.text)
    while True:
        for child in children:
            name = child.tag
            if name == "br":
                pieces.append(_LINE_MARK)
            elif (
                name in SKIPPED_IN_TEXT
                or name.__class__ is not str
                or (may_hide and (is_hidden(child) or is_unseen(child) or (name in INLINE and _is_out_of_sight(child))))
            ):
                if name in CONTROLS and (shown := _shown_in(child)) and not (may_hide and is_hidden(child)):
                    pieces.append(shown)
            elif (name in RAISED or (may_hide and _is_raised_by_style(child))) and (mark := _note_mark(child)):
                raised.append(len(pieces))
                pieces.append(mark)
            elif name == "table" and inner is not None and has_several_cells(child):
                inner.append(child)
                pieces.append(_LINE_MARK)
            else:
                breaks = name in BLOCKS or name == "table" or name == "pre"
                if breaks:
                    pieces.append(_LINE_MARK)
                if child.text:
                    pieces.append(child.text)
                if len(child):
                    stack.append((children, is_block, tail))
                    children, is_block, tail = child.iterchildren(), breaks, child.tail
                    break
                if breaks:
                    pieces.append(_LINE_MARK)
            if child.tail:
                pieces.append(child.tail)
        else:
            if not stack:
                break
            if is_block:
                pieces.append(_LINE_MARK)
            if tail:
                pieces.append(tail)
            children, is_block, tail = stack.pop()
    if raised:
        pieces = with_note_marks(pieces, raised)
    lines = (collapsed(line) for line in "".join(pieces).split(_LINE_MARK))
    return "\n".join(line for line in lines if line)


def _shown_in(control: Element) -> str:
    """The text that a browser shows in a control of a form: its value, the chosen option, the text typed in."""
    if control.tag == "input":
        kind = (control.get("type") or "text").strip().lower()
        return str(control.get("value") or "") if kind in _TYPED_IN else ""
    if control.tag == "textarea":
        return control.text or ""
    options = list(control.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None] or options
    return "".join(chosen[-1 if len(chosen) < len(options) else 0].itertext()) if chosen else ""


def _is_raised_by_style(element: Element) -> bool:
    style = element.get("style")
    return style is not None and _RAISED_STYLE.search(style) is not None


def _note_mark(element: Element) -> str | None:
    """The digits of a raised or lowered note mark; None if the element holds anything else."""
    if next(islice(element.iterdescendants(), 4, None), None) is not None:
        return None
    text = "".join(element.itertext())
    return text if is_note_mark(text) else None


def is_hidden(element: Element) -> bool:
    """True for an element that takes no part in the page, with all that is in it."""
    style = element.get("style")
    if style is not None and _HIDDEN_STYLE.search(style):
        return True
    return element.get("hidden") is not None


def is_unseen(element: Element) -> bool:
    """True for an element that keeps its place and shows no text: invisible, without size, or struck out by its style.

    Not if anything inside may be shown again: pages set a list to size 0 to close the gaps between its items.
    """
    style = element.get("style")
    if style is None or not _UNSEEN_STYLE.search(style):
        return False
    return not any(
        inner.get("class") is not None or inner.get("size") is not None or _SHOWS_AGAIN.search(inner.get("style", ""))
        for inner in element.iterdescendants()
    )


def _is_out_of_sight(element: Element) -> bool:
    """True for an element that is transparent, cut to nothing or off the screen, with all that is in it.

    Asked of inline elements of a cell only: a script brings a block into sight as the page is scrolled.
    """
    style = element.get("style")
    if style is None:
        return False
    if _OUT_OF_SIGHT_STYLE.search(style):
        return True
    return (
        _TRANSPARENT_STYLE.search(style) is not None
        and not DRAWN_OTHERWISE.search(style)
        and not any(
            inner.get("class") is not None
            or inner.get("color") is not None
            or "color" in inner.get("style", "").lower()
            for inner in element.iterdescendants()
        )
    )


def has_several_cells(table: Element) -> bool:
    """Whether a table has more than one cell, inner tables included."""
    cells = table.iterdescendants("td", "th")
    return next(cells, None) is not None and next(cells, None) is not None
