"""The characters of a page that a reader of the printed page sees, each once, with what it takes to put them in lines.

Belongs here: what is printed and what is not (hidden, off the page, drawn twice, watermarks), and whether the text can
be believed at all. Does not belong here: lines, cells, PDFium.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extract.readers.pdf.pdfium import Floats, RawPage

__all__ = ["Glyphs", "is_believable", "printed_glyphs"]

_MOST_TILT = 0.05
"""Sine of the angle, about three degrees, up to which text counts as level or upright."""
_MIDDLE = 0.36
"""Middle of a character above its baseline, in type sizes; the same for digits and Chinese characters."""
_SMALLEST = 1.5
_AT_ONCE = 2_000_000
_SAME_PLACE = 0.15
"""A character again at a distance of at most this share of its size is a shadow or a false bold."""
_LIGHT = 184
_FAINT = 110
_WHITE = 250
_LARGE = 1.6
"""Light characters larger than this, in usual type sizes of the page, are a watermark."""
_FEWEST_JUDGED = 12
_MOST_UNMAPPED = 0.08
_MOST_STRANGE = 0.2
_LEAST_COMMON = 0.6
"""Share of Chinese characters of GB 2312 level 1: real text has above 0.95, random codes about 0.2."""
_LEAST_CHINESE = 0.03

_IS_SPACE = np.zeros(0x10000, np.bool_)
_IS_SPACE[
    [
        *range(0x21),
        *range(0x7F, 0xA1),
        0xAD,
        *range(0x2000, 0x2010),
        0x2028,
        0x2029,
        0x202F,
        0x205F,
        0x2060,
        0x3000,
        0xFEFF,
    ]
] = True
_HYPHENS = np.array([0x2, 0xFFFE])
"""PDFium's marks for a hyphen at the end of a line."""


@dataclass
class Glyphs:
    """Printed characters. `turns`: 0 level, 1 running down, 2 upside down, 3 running up.

    `starts`, `ends` and `bases` are measured in the direction of reading: where a character begins and ends, and its
    baseline across. `is_light`: paler than print. `is_unmapped`: the font does not say which character it is.
    """

    codes: NDArray[np.int64]
    x: Floats
    y: Floats
    starts: Floats
    ends: Floats
    bases: Floats
    sizes: Floats
    boxes: Floats
    turns: NDArray[np.int64]
    is_light: NDArray[np.bool_]
    is_unmapped: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.codes)

    def where(self, chosen: NDArray[np.bool_]) -> "Glyphs":
        """The characters chosen, in the same order."""
        return Glyphs(
            self.codes[chosen],
            self.x[chosen],
            self.y[chosen],
            self.starts[chosen],
            self.ends[chosen],
            self.bases[chosen],
            self.sizes[chosen],
            self.boxes[chosen],
            self.turns[chosen],
            self.is_light[chosen],
            self.is_unmapped[chosen],
        )


def printed_glyphs(page: RawPage) -> Glyphs:
    """The characters that are printed on the page, in the order of the file."""
    codes = page.codes
    if codes.size and (codes.min() < 0x20 or codes.max() >= 0xFFFE):
        codes = np.where(np.isin(codes, _HYPHENS), ord("-"), codes)
    turns = _turns(page.directions)
    left, top, right, bottom = page.boxes.T
    if not turns.any():
        starts, ends, bases = left, right, page.origins[:, 1]
        advances, heights = right - left, bottom - top
    else:
        starts, ends, bases = _along(page, turns)
        level = turns % 2 == 0
        advances = ends - starts
        heights = np.where(level, bottom - top, right - left)
    sizes = np.where((page.sizes > 0.5) & (page.sizes < 500), page.sizes, np.maximum(advances, heights))
    # A font may declare any size and scale it back; a character is never that narrow or wide.
    sizes = np.where(advances > 0.3, np.minimum(np.maximum(sizes, 0.7 * advances), 6 * advances), sizes)
    flat = advances < 0.05
    if flat.any():
        # A font without widths gives no box to go by.
        origins = np.choose(turns % 4, (*page.origins.T, *(-page.origins.T)))
        starts = np.where(flat, origins, starts)
        ends = np.where(flat, origins + sizes / 2, ends)
    middles, centres = bases - _MIDDLE * sizes, (starts + ends) / 2
    if not turns.any():
        x, y = centres, middles
    else:
        x = np.choose(turns % 4, (centres, -middles, -centres, middles))
        y = np.choose(turns % 4, (middles, centres, -middles, -centres))
    is_shown = (
        ~page.is_invisible
        & ~_IS_SPACE[np.minimum(codes, 0xFFFF)]
        & (turns >= 0)
        & (sizes >= _SMALLEST)
        & (page.colours[:, 3] > 0)
        & (x >= 0)
        & (x <= page.width)
        & (y >= 0)
        & (y <= page.height)
    )
    is_shown &= ~_is_covered(page, x, y)
    boxes = np.column_stack((np.minimum(left, x - 0.1), y - sizes / 2, np.maximum(right, x + 0.1), y + sizes / 2))
    if turns.any():
        upright = np.column_stack((x - sizes / 2, np.minimum(top, y), x + sizes / 2, np.maximum(bottom, y)))
        boxes = np.where((turns % 2 == 1)[:, None], upright, boxes)
    brightness = page.colours[:, :3].min(axis=1) if len(codes) else np.zeros(0)
    is_light = (brightness >= _LIGHT) | (page.colours[:, 3] <= _FAINT)
    if is_light.any():
        is_light &= ~_is_on_colour(page, x, y)
        # White on white is hidden text, or a reader's text behind a scan.
        is_shown &= ~(is_light & (brightness >= _WHITE))
    glyphs = Glyphs(codes, x, y, starts, ends, bases, sizes, boxes, turns, is_light, page.is_unmapped).where(is_shown)
    again = _is_again(glyphs)
    if again.any():
        glyphs = glyphs.where(~again)
    return glyphs.where(~_is_large_and_light(glyphs)) if glyphs.is_light.any() else glyphs


def _turns(directions: Floats) -> NDArray[np.int64]:
    """The direction of reading of each character; -1 if it is slanted."""
    across, down = directions.T
    if not len(across) or ((down == 0).all() and (across > 0).all()):
        return np.zeros(len(across), np.int64)
    turns = np.full(len(across), -1, np.int64)
    turns[(np.abs(down) <= _MOST_TILT) & (across > 0)] = 0
    turns[(np.abs(across) <= _MOST_TILT) & (down > 0)] = 1
    turns[(np.abs(down) <= _MOST_TILT) & (across < 0)] = 2
    turns[(np.abs(across) <= _MOST_TILT) & (down < 0)] = 3
    return turns


def _along(page: RawPage, turns: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Start, end and baseline of each character in its direction of reading."""
    left, top, right, bottom = page.boxes.T
    x, y = page.origins.T
    return (
        np.choose(turns % 4, (left, top, -right, -bottom)),
        np.choose(turns % 4, (right, bottom, -left, -top)),
        np.choose(turns % 4, (y, -x, -y, x)),
    )


def _is_covered(page: RawPage, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Characters under a picture or a filled box that was drawn after them."""
    drawn = page.layers[page.layers >= 0]
    first = int(drawn.min()) if len(drawn) else 0
    covers = np.vstack((page.images, page.fills[page.fills[:, 6] > 0][:, [0, 1, 2, 3, 5]]))
    covers = covers[covers[:, 4] > first]
    layers = np.where(page.layers >= 0, page.layers, np.iinfo(np.int64).max)
    return _is_in_any(x, y, covers, layers, is_below=True)


def _is_on_colour(page: RawPage, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Characters on a filled box that is not white."""
    coloured = page.fills[page.fills[:, 4] < _WHITE - 20][:, [0, 1, 2, 3, 5]]
    return _is_in_any(x, y, coloured, page.layers, is_below=False)


def _is_in_any(x: Floats, y: Floats, boxes: Floats, layers: NDArray[np.int64], *, is_below: bool) -> NDArray[np.bool_]:
    """Points inside a box (left, top, right, bottom, layer) that is drawn over them, or under them."""
    result = np.zeros(len(x), np.bool_)
    if not len(x):
        return result
    step = max(1, _AT_ONCE // len(x))
    for start in range(0, len(boxes), step):
        left, top, right, bottom, layer = boxes[start : start + step].T[:, :, None]
        inside = (x > left) & (x < right) & (y > top) & (y < bottom)
        inside &= (layers < layer) if is_below else (layers > layer)
        result |= inside.any(axis=0)
    return result


def _is_again(glyphs: Glyphs) -> NDArray[np.bool_]:
    """Characters that stand already at nearly the same place."""
    again = np.zeros(len(glyphs), np.bool_)
    if len(glyphs) < 2:
        return again
    order = np.lexsort((glyphs.starts, glyphs.codes))
    for step in (1, 2, 3):
        one, other = order[:-step], order[step:]
        reach = _SAME_PLACE * glyphs.sizes[one]
        same = (
            (glyphs.codes[one] == glyphs.codes[other])
            & (glyphs.turns[one] == glyphs.turns[other])
            & (np.abs(glyphs.starts[one] - glyphs.starts[other]) <= reach)
            & (np.abs(glyphs.bases[one] - glyphs.bases[other]) <= reach)
        )
        again[other[same]] = True
    return again


def _is_large_and_light(glyphs: Glyphs) -> NDArray[np.bool_]:
    if not glyphs.is_light.any() or glyphs.is_light.all():
        return np.zeros(len(glyphs), np.bool_)
    usual = float(np.median(glyphs.sizes[~glyphs.is_light]))
    return glyphs.is_light & (glyphs.sizes > _LARGE * usual)


def is_believable(codes: NDArray[np.int64], is_unmapped: NDArray[np.bool_]) -> bool:
    """False if the characters are not those that are printed: fonts without a character map, or with a false one."""
    count = len(codes)
    if count == 0:
        return True
    private = (codes >= 0xE000) & (codes <= 0xF8FF) | (codes >= 0xF0000) | (codes == 0xFFFD) | (codes == 0)
    if (is_unmapped | private).mean() > _MOST_UNMAPPED:
        return False
    if count < _FEWEST_JUDGED:
        return True
    is_chinese = (codes >= 0x3400) & (codes <= 0x9FFF)
    is_ascii = codes < 0x7F
    is_sign = (codes >= 0x2010) & (codes <= 0x2BFF) | (codes >= 0x3000) & (codes < 0x3040) | (codes >= 0xFF00)
    strange = ~(is_chinese | is_ascii | is_sign | private | (codes == 0xB7) | (codes == 0xD7))
    if strange.mean() > _MOST_STRANGE:
        return False
    chinese = "".join(map(chr, codes[is_chinese].tolist()))
    if len(chinese) >= _FEWEST_JUDGED:
        first_bytes = chinese.encode("gb2312", "replace")
        common = sum(0xB0 <= byte <= 0xD7 for byte in _first_of_pairs(first_bytes))
        return common >= _LEAST_COMMON * len(chinese)
    letters = codes[is_ascii & (codes > 0x3A)]
    if len(letters) < 0.5 * count or len(chinese) > _LEAST_CHINESE * count:
        return True
    return _looks_like_words("".join(map(chr, letters.tolist())))


def _first_of_pairs(encoded: bytes) -> list[int]:
    """The first byte of each two-byte character."""
    firsts = []
    position = 0
    while position < len(encoded):
        if encoded[position] < 0x80:
            position += 1
        else:
            firsts.append(encoded[position])
            position += 2
    return firsts


def _looks_like_words(letters: str) -> bool:
    """Whether Latin letters are words: mostly small letters, a third of them vowels."""
    vowels = sum(letter in "aeiouAEIOU" for letter in letters)
    alphabetic = sum(letter.isalpha() for letter in letters)
    return alphabetic >= 0.8 * len(letters) and 0.2 * alphabetic <= vowels <= 0.6 * alphabetic
