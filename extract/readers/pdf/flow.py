"""Text outside tables to paragraphs: lines of one paragraph joined, page numbers taken out.

Belongs here: what makes two lines one paragraph. Does not belong here: tables, the order of blocks.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from extract.model import Box
from extract.readers.pdf.typeset import TextLine

__all__ = ["Passage", "around", "in_margin", "is_page_number", "joined_over_pages", "passages_of"]

_NUMBERED = re.compile(
    r"[一二三四五六七八九十]{1,3}\s*[、．.,，]|[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）]|第[一二三四五六七八九十]{1,3}[部章节条款]"
    r"|[(（]?\d{1,2}\s*[、)）]|\d{1,2}[.．](?!\d)"
)
_PAGE_NUMBER = re.compile(
    r"[-—–－·•~～_\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／,，共]+\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–－·•~～_\s]*"
)
_ENDS = tuple("。；！？：;!?:")
_FULL = 1.6
"""A line that ends nearer to the right edge than this, in type sizes, is full: the next one may continue it."""
_INDENT = 1.0
_SAME_SIZE = 0.12
_LOOSEST = 2.6
_LOOSER = 1.25
_MARGIN = 0.12
"""Page numbers stand in this share of the page's height at its top and bottom."""


@dataclass
class Passage:
    """A paragraph on one page: its text, box, and what decides whether the next page continues it."""

    text: str
    box: Box
    size: float
    is_full: bool
    is_indented: bool
    turn: int = 0
    shown_box: Box | None = None
    lines: list[TextLine] = field(default_factory=list)


def is_page_number(text: str) -> bool:
    """Whether a line is a page number and nothing else: 3, - 3 -, 第3页 共6页, 3/6."""
    return len(text) <= 20 and _PAGE_NUMBER.fullmatch(text) is not None


def in_margin(box: Box, height: float) -> bool:
    """Whether a line stands where page numbers, headers and footers do."""
    return box[3] < _MARGIN * height or box[1] > (1 - _MARGIN) * height


def passages_of(lines: list[TextLine], left: float, right: float) -> list[Passage]:
    """Lines of one stretch of text, from the top down, as paragraphs; the text runs from `left` to `right`."""
    passages: list[Passage] = []
    pitches = [
        following.base - line.base
        for line, following in pairwise(lines)
        if following.base - line.base < _LOOSEST * line.size
    ]
    usual = median(pitches) if pitches else 0.0
    previous: TextLine | None = None
    for line in lines:
        passage = passages[-1] if passages else None
        if previous is None or passage is None or not _continues(previous, line, left, right, usual):
            is_indented = line.start > left + _INDENT * line.size
            passage = Passage(line.text, line.box, line.size, False, is_indented, line.turn)
            passages.append(passage)
        else:
            passage.text = _glued(passage.text, line.text)
            passage.box = around(passage.box, line.box)
        passage.lines.append(line)
        passage.is_full = _is_full(line, right)
        previous = line
    return passages


def _is_full(line: TextLine, right: float) -> bool:
    return line.end > right - _FULL * line.size


def _continues(line: TextLine, following: TextLine, left: float, right: float, usual: float) -> bool:
    """Whether the next line goes on with the paragraph."""
    pitch = following.base - line.base
    return (
        line.turn == following.turn
        and abs(line.size - following.size) <= _SAME_SIZE * line.size
        and len(line.pieces) == 1
        and len(following.pieces) == 1
        and _is_full(line, right)
        and following.start <= left + _INDENT * line.size
        and 0 < pitch <= max(_LOOSER * usual, 1.05 * line.size)
        and not _NUMBERED.match(following.text)
    )


def _glued(text: str, more: str) -> str:
    """Two lines of one paragraph; a blank only between Latin words."""
    if text and more and text[-1].isascii() and more[0].isascii() and text[-1].isalpha() and more[0].isalpha():
        return f"{text} {more}"
    return text + more


def around(one: Box, other: Box) -> Box:
    """The box around two boxes."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def joined_over_pages(text: str, passage: Passage, following: Passage) -> str | None:
    """The text of a paragraph that a page break cuts, or None if the next page begins another one."""
    if (
        not passage.is_full
        or following.is_indented
        or text.endswith(_ENDS)
        or abs(passage.size - following.size) > _SAME_SIZE * passage.size
        or _NUMBERED.match(following.text)
        or passage.turn != following.turn
    ):
        return None
    return _glued(text, following.text)
