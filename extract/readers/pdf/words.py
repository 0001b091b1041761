"""Words of a table without upright rulings: what the width of a blank cannot tell apart or hold together.

Belongs here: one text that is several cells, several texts that are one. Does not belong here: rows and columns.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.model import Box
from extract.readers.pdf.spaced import unspaced_headings
from extract.readers.pdf.typeset import Piece, is_value
from extract.readers.pdf.widths import Span, touch

__all__ = [
    "ENUMERATED",
    "Word",
    "around",
    "figures_apart",
    "glued_figures_apart",
    "headings_apart",
    "headings_of_blanks_apart",
    "headings_together",
    "labels_apart",
    "overlaps",
    "unspaced",
]

ENUMERATED = re.compile(r"[（(][一二三四五六七八九十]|\d{1,2}\s*[.．、]")
_FIGURE_BEHIND = re.compile(r"(.*[^\d\s,.，．]) +([\d,.]+|[/／—–-]{1,2}|无)")
_FIGURE_GLUED = re.compile(r"(.*[^\d\s.,，．+-])(\d+)")
_SPACED = 1.3
_OVERHANG = 4.0
"""A heading reaches at most so far, in type sizes, to the left of the figures of the first column."""
_SHORTEST_REPEATED = 4
_FEWEST_TOGETHER = 2
_HEADING = re.compile("[\u4e00-\u9fff]{2,}")
_EVEN = 0.6
"""Headings of columns are no closer to each other, middle from middle, than this share of what is usual beside them."""
_LEVEL = 1.2
"""Headings of one or two lines, beside each other, differ in height by at most this, in type sizes."""
_STANDS_OFF = 0.5
"""A heading that stands farther off, in type sizes, from the middle and both sides of a column is not its own."""


@dataclass(slots=True)
class Word:
    """A piece of text on its line."""

    base: float
    size: float
    piece: Piece
    doubt: str

    @property
    def middle(self) -> float:
        """The middle of its characters in height."""
        return self.base - 0.36 * self.size


def figures_apart(words: Sequence[Word]) -> list[Word]:
    """Words with a figure that stands close behind a label set apart from it, where figures stand."""
    left = min(word.piece.start for word in words if is_value(word.piece.text))
    result: list[Word] = []
    for word in words:
        piece = word.piece
        match = _FIGURE_BEHIND.fullmatch(piece.text)
        if match is None or piece.end < left:
            result.append(word)
            continue
        result.extend(_parted(word, match[1], match[2]))
    return result


def glued_figures_apart(labels: Sequence[Word], columns: Sequence[Span]) -> list[Word]:
    """Words with the digits at the end of a label set apart that stand in the first column of figures."""
    result: list[Word] = []
    for word in labels:
        match = _FIGURE_GLUED.fullmatch(word.piece.text) if columns and word.piece.end >= columns[0][0] else None
        start = word.piece.end - 0.55 * word.size * len(match[2]) if match is not None else 0.0
        if match is None or not columns[0][0] - 0.5 * word.size <= start <= columns[0][1]:
            result.append(word)
        else:
            result.extend(_parted(word, match[1], match[2]))
    return result


def _parted(word: Word, label: str, figure: str) -> tuple[Word, Word]:
    piece = word.piece
    start = piece.end - 0.55 * word.size * len(figure)
    box = (start, piece.box[1], piece.box[2], piece.box[3])
    label_box = (piece.box[0], piece.box[1], start, piece.box[3])
    return (
        Word(word.base, word.size, Piece(label, piece.start, start, label_box), word.doubt),
        Word(word.base, word.size, Piece(figure, start, piece.end, box), word.doubt),
    )


def headings_apart(labels: Sequence[Word], columns: Sequence[Span]) -> list[Word]:
    """Words with headings set apart that stand so close over narrow columns that they look like one text.

    Only where each part is the nearest to a column of its own: parts are as wide as their characters, gaps alike.
    """
    result: list[Word] = []
    for word in labels:
        parts = word.piece.text.split()
        spans = _spans_of(parts, word) if len(parts) > 1 and columns and word.piece.end > columns[0][0] else []
        if len({_nearest(span, columns) for span in spans} - {None}) < max(2, len(spans)):
            result.append(word)
            continue
        for part, (start, end) in zip(parts, spans, strict=True):
            box = (start, word.piece.box[1], end, word.piece.box[3])
            result.append(Word(word.base, word.size, Piece(part, start, end, box), word.doubt))
    return result


def headings_of_blanks_apart(headings: Sequence[Word], columns: Sequence[Span]) -> list[Word]:
    """Words of a header with headings set apart that stand close to each other, not each over figures.

    Such headings are as far from each other, middle from middle, as those beside them. A heading with a blank in it
    over a column of figures stays whole: it stands over the column as a whole.
    """
    if not columns:
        return list(headings)
    result: list[Word] = []
    for word in headings:
        parts = word.piece.text.split()
        spans = _spans_of(parts, word) if len(parts) > 1 and all(map(_HEADING.fullmatch, parts)) else []
        if not spans or not _is_even(spans, word, headings) or not _is_of_several(spans, word, columns):
            result.append(word)
            continue
        for part, (start, end) in zip(parts, spans, strict=True):
            box = (start, word.piece.box[1], end, word.piece.box[3])
            result.append(Word(word.base, word.size, Piece(part, start, end, box, word.piece.base), word.doubt))
    return result


def _is_even(spans: Sequence[Span], word: Word, headings: Sequence[Word]) -> bool:
    """Whether parts of a word are about as far from each other as the headings beside it."""
    level = [one for one in headings if abs(one.base - word.base) <= _LEVEL * word.size and one is not word]
    middles = [(one.piece.start + one.piece.end) / 2 for one in level if len(one.piece.text.split()) == 1]
    own = [(start + end) / 2 for start, end in spans]
    before, after = [one for one in middles if one < own[0]], [one for one in middles if one > own[-1]]
    beside = [*([own[0] - max(before)] if before else []), *([min(after) - own[-1]] if after else [])]
    inner = [other - one for one, other in pairwise(own)]
    return bool(beside) and min(inner) >= _EVEN * min(beside) and max(inner) <= min(beside) / _EVEN


def _is_of_several(spans: Sequence[Span], word: Word, columns: Sequence[Span]) -> bool:
    """Whether a word is the headings of several columns: of blanks, or of figures that one part alone stands over."""
    whole = word.piece.span
    return all(
        _off(whole, column) > _STANDS_OFF * word.size and min(_off(one, column) for one in spans) < _off(whole, column)
        for column in columns
        if touch(whole, column)
    )


def _off(one: Span, other: Span) -> float:
    """How far a span stands off the middle or a side of another, whichever is nearest."""
    starts, ends = one[0] - other[0], one[1] - other[1]
    return min(abs(starts), abs(ends), abs(starts + ends) / 2)


def headings_together(labels: Sequence[Word], columns_at: Callable[[float], Sequence[Span]]) -> list[Word]:
    """Words with headings put together whose letters are spaced so widely that they look like several.

    `columns_at` gives the columns of figures under a line of headings, by its baseline.
    """
    result: list[Word] = []
    lines: dict[float, list[Word]] = {}
    for word in labels:
        lines.setdefault(word.base, []).append(word)
    for base, words in lines.items():
        columns = columns_at(base) if len(words) > 1 else ()
        heads = [word for word in words if columns and word.piece.start > columns[0][0] - _OVERHANG * word.size]
        if len(heads) < _FEWEST_TOGETHER:
            result += words
            continue
        result += [word for word in words if word not in heads]
        heads.sort(key=lambda word: word.piece.start)
        waiting = list(heads)
        spans = [(word.piece.start, word.piece.end) for word in heads]
        for _, end in unspaced_headings(spans, columns, heads[0].size):
            own = [waiting.pop(0)]
            while own[-1].piece.end < end:
                own.append(waiting.pop(0))
            result.append(_together(own) if len(own) > 1 else own[0])
    return result


def _together(words: Sequence[Word]) -> Word:
    first, last = words[0].piece, words[-1].piece
    text, box = " ".join(word.piece.text for word in words), around([word.piece.box for word in words])
    doubt = next((word.doubt for word in words if word.doubt), "")
    return Word(words[0].base, words[0].size, Piece(text, first.start, last.end, box, first.base), doubt)


def _spans_of(parts: Sequence[str], word: Word) -> list[Span]:
    widths = [sum(0.5 if character.isascii() else 1.0 for character in part) * word.size for part in parts]
    gap = (word.piece.end - word.piece.start - sum(widths)) / (len(parts) - 1)
    spans: list[Span] = []
    start = word.piece.start
    for width in widths:
        spans.append((start, start + width))
        start += width + gap
    return spans if gap > 0 else []


def _nearest(span: Span, columns: Sequence[Span]) -> int | None:
    """The column whose middle is nearest to that of a span; None where it lies nearer to the next one's border."""
    middle = (span[0] + span[1]) / 2
    middles = [(start + end) / 2 for start, end in columns]
    nearest = min(range(len(columns)), key=lambda number: abs(middles[number] - middle))
    apart = min((abs(middles[nearest] - other) for other in middles if other != middles[nearest]), default=0.0)
    return nearest if abs(middles[nearest] - middle) < apart / 2 else None


def labels_apart(labels: Sequence[Word], left: float) -> tuple[list[Word], list[Span]]:
    """Words with labels left of all figures set apart that stand in columns of their own, and where those part.

    The same words side by side are one label that is printed in each of its columns: they tell where columns part.
    """
    own = sorted((word for word in labels if word.piece.end < left), key=lambda one: (one.base, one.piece.start))
    gaps: list[Span] = []
    for word, following in pairwise(own):
        is_beside = abs(following.base - word.base) < 0.1 * word.size and following.piece.start > word.piece.end
        if is_beside and following.piece.text == word.piece.text and len(word.piece.text) >= _SHORTEST_REPEATED:
            gaps.append((word.piece.end, following.piece.start))
    for word in own:
        gaps.extend(_gaps(_spans_of(copies, word)) if len(copies := _copies(word.piece.text)) > 1 else ())
    if not gaps:
        return list(labels), []
    result: list[Word] = []
    for word in labels:
        copies = _copies(word.piece.text)
        parts = copies if len(copies) > 1 else word.piece.text.split()
        spans = _spans_of(parts, word) if len(parts) > 1 and word.piece.end < left else []
        if not spans:
            result.append(word)
            continue
        first = 0
        for number, gap in enumerate([*_gaps(spans), None], 1):
            if gap is not None and not _parts(gaps, gap):
                continue
            start, end = spans[first][0], spans[number - 1][1]
            box = (start, word.piece.box[1], end, word.piece.box[3])
            result.append(Word(word.base, word.size, Piece(" ".join(parts[first:number]), start, end, box), word.doubt))
            first = number
    return result, gaps


def _copies(text: str) -> list[str]:
    """The copies of one text that a text consists of, with or without blanks between them; the text itself if none."""
    parts = text.split()
    if len(parts) > 1 and len(set(parts)) == 1 and len(parts[0]) >= _SHORTEST_REPEATED:
        return parts
    for count in (2, 3):
        length = len(text) // count
        if length >= _SHORTEST_REPEATED and text == text[:length] * count:
            return [text[:length]] * count
    return [text]


def _gaps(spans: Sequence[Span]) -> list[Span]:
    return [(one[1], other[0]) for one, other in pairwise(spans)]


def _parts(gaps: Sequence[Span], blank: Span) -> bool:
    """Whether a blank lies where columns part."""
    return any(start < blank[1] and end > blank[0] for start, end in gaps)


def unspaced(labels: Sequence[Word], left: float, gaps: Sequence[Span]) -> list[Word]:
    """Words left of all figures with those put together that only spacing inside a label parts; `gaps` part columns."""
    result: list[Word] = []
    for word in sorted(labels, key=lambda one: (one.base, one.piece.start)):
        last = result[-1] if result else None
        if (
            last is not None
            and word.base - last.base < 0.1 * word.size
            and last.piece.end < word.piece.end < left
            and word.piece.start - last.piece.end < _SPACED * word.size
            and len(last.piece.text) > 1
            and not ENUMERATED.match(word.piece.text)
            and not _parts(gaps, (last.piece.end, word.piece.start))
        ):
            piece = last.piece
            box = around([piece.box, word.piece.box])
            last.piece = Piece(f"{piece.text} {word.piece.text}", piece.start, word.piece.end, box)
        else:
            result.append(word)
    return result


def around(boxes: Sequence[Box]) -> Box:
    """The box around boxes."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def overlaps(one: Piece, other: Piece) -> bool:
    """Whether two pieces share more than half of the narrower one's width."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0.5 * min(one.end - one.start, other.end - other.start)
