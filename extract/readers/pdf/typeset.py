"""Characters to lines of text, by geometry: which stand on one line, where a blank lies between them, what was split.

Belongs here: the rules of a line, the same inside cells and outside. Does not belong here: tables, paragraphs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from extract.model import Box
from extract.readers.pdf.glyphs import Glyphs
from extract.readers.pdf.pdfium import Floats
from extract.readers.pdf.widths import Span
from extract.readers.spans import is_note_mark, with_note_marks

__all__ = ["Piece", "TextLine", "is_value", "text_lines"]

_SAME_LINE = 0.45
"""Baselines nearer than this, in type sizes, are one line: mixed fonts, raised note marks."""
_CHAINED = 0.6
_NUMBER_GAP = 0.2
_WORD_GAP = 0.2
_CHINESE_GAP = 0.5
_WIDE_GAP = 0.75
"""Gaps in a line, in type sizes: inside a number, between words, between Chinese characters, between columns."""
_APART = 1.0
"""Digits of one cell at most so far apart are one number, in doubt; farther apart they are words of their own."""
_WIDEST_DIGIT = 0.65
_OVERPRINT = 0.22
"""Digits that begin nearer to each other than this are printed over each other."""
_SMALL = 0.8
_RAISED = 0.12
_NUMERIC = frozenset("0123456789.,，０１２３４５６７８９．%％+-")

_VALUE = re.compile(
    r"[+-]?[\d０-９][\d０-９,，.．]*[%％]?(?:亿元|万元|元|件|条|个|项|次|份|宗|人)?(?:[（(].{1,20}[)）])?|[/／\\—–-]{1,3}|[Nn]/?[Aa]|无|空|不适用|不涉及"
)


@dataclass(slots=True)
class Piece:
    """A part of a line without a wide gap: text, where it begins and ends, its box and its own baseline."""

    text: str
    start: float
    end: float
    box: Box
    base: float = 0.0

    @property
    def span(self) -> Span:
        """Where it begins and ends."""
        return self.start, self.end


@dataclass(slots=True)
class TextLine:
    """One line: the key of its characters (the number of a cell, -1 outside cells), direction, baseline, type size.

    `doubt` as in `GridCell`.
    """

    key: int
    turn: int
    base: float
    size: float
    pieces: tuple[Piece, ...]
    box: Box
    doubt: str = ""

    @property
    def text(self) -> str:
        """The text of all pieces."""
        if len(self.pieces) == 1:
            return self.pieces[0].text
        return " ".join([piece.text for piece in self.pieces])

    @property
    def start(self) -> float:
        """Where the line begins."""
        return self.pieces[0].start

    @property
    def end(self) -> float:
        """Where the line ends."""
        return self.pieces[-1].end


def is_value(text: str) -> bool:
    """Whether a text is a figure, a sign for none, or a figure with its unit or a remark in brackets."""
    return _VALUE.fullmatch(text) is not None


def text_lines(glyphs: Glyphs, keys: np.ndarray) -> list[TextLine]:
    """The lines of text, by key, direction and baseline; `keys` has one number a character."""
    count = len(glyphs)
    if not count:
        return []
    order = np.lexsort((glyphs.bases, glyphs.turns, keys))
    key, turn, base, size = keys[order], glyphs.turns[order], glyphs.bases[order], glyphs.sizes[order]
    breaks = (np.diff(key) != 0) | (np.diff(turn) != 0)
    breaks |= np.diff(base) > _SAME_LINE * np.maximum(size[1:], size[:-1])
    _part_chains(breaks, base, size)
    line = np.concatenate(([0], np.cumsum(breaks)))
    order = order[np.lexsort((glyphs.starts[order], line))]
    text = "".join(map(chr, glyphs.codes[order].tolist()))
    starts, sizes = glyphs.starts[order], glyphs.sizes[order]
    codes = glyphs.codes[order]
    is_digit = (codes >= 0x30) & (codes <= 0x39)
    is_number = is_digit | (codes == 0x2E) | (codes == 0x2C)
    ends = np.where(is_digit, np.minimum(glyphs.ends[order], starts + _WIDEST_DIGIT * sizes), glyphs.ends[order])
    larger = np.maximum(sizes[1:], sizes[:-1])
    gaps = np.concatenate(([0.0], (starts[1:] - ends[:-1]) / larger))
    steps = np.concatenate(([9.0], np.diff(starts) / larger))
    both_digits = np.concatenate(([False], is_digit[1:] & is_digit[:-1]))
    both_numbers = np.concatenate(([False], is_number[1:] & is_number[:-1]))
    is_chinese = codes > 0x2E80
    any_chinese = np.concatenate(([False], is_chinese[1:] | is_chinese[:-1]))
    limits = np.where(both_numbers, _NUMBER_GAP, np.where(any_chinese, _CHINESE_GAP, _WORD_GAP))
    is_gap = gaps > limits
    is_overprint = both_digits & (steps < _OVERPRINT)
    bounds = np.flatnonzero(np.concatenate(([True], breaks, [True]))).tolist()
    first = np.array(bounds[:-1])
    is_gap[first] = is_overprint[first] = False
    least, most = np.minimum.reduceat(sizes, first), np.maximum.reduceat(sizes, first)
    has_gap = np.logical_or.reduceat(is_gap, first).tolist()
    unmapped = glyphs.is_unmapped[order]
    is_garbled = np.logical_or.reduceat(is_overprint | unmapped, first).tolist()
    has_small = (least < _SMALL * most).tolist()
    boxes = glyphs.boxes[order]
    lefts, tops = np.minimum.reduceat(boxes[:, 0], first), np.minimum.reduceat(boxes[:, 1], first)
    rights, bottoms = np.maximum.reduceat(boxes[:, 2], first), np.maximum.reduceat(boxes[:, 3], first)
    line_boxes = np.column_stack((lefts, tops, rights, bottoms)).tolist()
    line_ends = np.maximum.reduceat(ends, first).tolist()
    line_starts = starts[first].tolist()
    bases = glyphs.bases[order]
    middles = np.maximum.reduceat(bases, first).tolist()
    sizes_of = most.tolist()
    line_keys, line_turns = keys[order][first].tolist(), glyphs.turns[order][first].tolist()
    result = []
    for number, (begin, stop) in enumerate(pairwise(bounds)):
        doubt = "garbled_text" if is_garbled[number] else ""
        letters: list[str] | str = text[begin:stop]
        if has_small[number]:
            letters = _with_marks(text[begin:stop], bases[begin:stop], sizes[begin:stop])
        left, top, right, bottom = line_boxes[number]
        box = (left, top, right, bottom)
        if has_gap[number]:
            is_numeric = line_keys[number] >= 0 and all(letter in _NUMERIC for letter in text[begin:stop])
            pieces = tuple(
                _pieces(
                    letters,
                    gaps[begin:stop],
                    is_gap[begin:stop],
                    (starts, ends, boxes, bases),
                    begin,
                    is_numeric=is_numeric,
                )
            )
            if is_numeric and (is_gap[begin:stop] & (gaps[begin:stop] <= _APART)).any():
                doubt = doubt or "joined_digits"
        else:
            pieces = (Piece("".join(letters), line_starts[number], line_ends[number], box, middles[number]),)
        result.append(
            TextLine(line_keys[number], line_turns[number], middles[number], sizes_of[number], pieces, box, doubt)
        )
    return result


def _part_chains(breaks: np.ndarray, bases: Floats, sizes: Floats) -> None:
    """Part lines of neighbouring cells whose baselines follow each other so closely that they run into one."""
    ends = np.flatnonzero(np.concatenate((breaks, [True])))
    starts = np.concatenate(([0], ends[:-1] + 1))
    is_chain = bases[ends] - bases[starts] > _CHAINED * sizes[ends]
    for start, end in zip(starts[is_chain].tolist(), ends[is_chain].tolist(), strict=True):
        first = bases[start]
        for position in range(start + 1, end + 1):
            if bases[position] - first > _SAME_LINE * sizes[position]:
                breaks[position - 1] = True
                first = bases[position]


def _pieces(
    letters: list[str] | str,
    gaps: Floats,
    is_gap: np.ndarray,
    geometry: tuple[Floats, Floats, Floats, Floats],
    begin: int,
    *,
    is_numeric: bool,
) -> Iterator[Piece]:
    """The pieces of one line, cut at wide gaps, with a blank at each lesser gap."""
    text, first = "", 0
    for position, letter in enumerate(letters):
        if is_gap[position]:
            gap = gaps[position]
            if gap > _WIDE_GAP:
                yield _piece(text, geometry, begin + first, begin + position)
                text, first = "", position
            elif not (is_numeric and gap <= _APART):
                text += " "
        text += letter
    yield _piece(text, geometry, begin + first, begin + len(letters))


def _piece(text: str, geometry: tuple[Floats, Floats, Floats, Floats], first: int, stop: int) -> Piece:
    starts, ends, boxes, bases = geometry
    part = boxes[first:stop]
    box = (
        float(part[:, 0].min()),
        float(part[:, 1].min()),
        float(part[:, 2].max()),
        float(part[:, 3].max()),
    )
    return Piece(text, float(starts[first]), float(ends[first:stop].max()), box, float(bases[first:stop].max()))


def _with_marks(text: str, bases: Floats, sizes: Floats) -> list[str]:
    """The characters of a line, raised or lowered digits that mark a note set in brackets."""
    largest = float(sizes.max())
    full = sizes >= _SMALL * largest
    base = float(np.median(bases[full]))
    is_off = ~full & (np.abs(bases - base) > _RAISED * largest)
    letters = list(text)
    position = 0
    while position < len(letters):
        stop = position
        while stop < len(letters) and is_off[stop]:
            stop += 1
        if stop > position and is_note_mark(run := "".join(letters[position:stop])) and not is_off.all():
            marked = with_note_marks(["x", run], [1])[1]
            letters[position:stop] = [marked, *([""] * (stop - position - 1))]
        position = max(stop, position + 1)
    return letters
