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

_SPACES = np.array(
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
)
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
    codes = np.where(np.isin(page.codes, _HYPHENS), ord("-"), page.codes)
    across, down = page.directions[:, 0], page.directions[:, 1]
    turns = np.full(len(codes), -1, np.int64)
    turns[(np.abs(down) <= _MOST_TILT) & (across > 0)] = 0
    turns[(np.abs(across) <= _MOST_TILT) & (down > 0)] = 1
    turns[(np.abs(down) <= _MOST_TILT) & (across < 0)] = 2
    turns[(np.abs(across) <= _MOST_TILT) & (down < 0)] = 3
    left, top, right, bottom = page.boxes.T
    level = (turns == 0) | (turns == 2)
    advances = np.where(level, right - left, bottom - top)
    heights = np.where(level, bottom - top, right - left)
    sizes = np.where((page.sizes > 0.5) & (page.sizes < 500), page.sizes, np.maximum(advances, heights))
    # A font may declare any size and scale it back; a character is never that narrow or wide.
    sizes = np.where(advances > 0.3, np.clip(sizes, 0.7 * advances, 6 * advances), sizes)
    starts, ends, bases = _along(page, turns, sizes)
    signs = np.array([-1.0, 1.0, 1.0, -1.0])[turns % 4]
    middles = bases - _MIDDLE * sizes
    centres = (starts + ends) / 2
    x = np.where(turns == 0, centres, np.where(turns == 2, -centres, np.where(turns == 1, -middles, middles)))
    y = np.where(turns == 0, middles, np.where(turns == 2, -middles, signs * centres))
    is_shown = (
        ~page.is_invisible
        & ~np.isin(codes, _SPACES)
        & (turns >= 0)
        & (sizes >= _SMALLEST)
        & (page.colours[:, 3] > 0)
        & (x >= 0)
        & (x <= page.width)
        & (y >= 0)
        & (y <= page.height)
    )
    is_shown &= ~_is_covered(page, x, y) & ~_is_white_on_white(page, x, y)
    boxes = np.column_stack((np.minimum(left, x - 0.1), y - sizes / 2, np.maximum(right, x + 0.1), y + sizes / 2))
    upright = ~level
    boxes[upright] = np.column_stack(
        (x - sizes / 2, np.minimum(top, y - 0.1), x + sizes / 2, np.maximum(bottom, y + 0.1))
    )[upright]
    brightness = page.colours[:, :3].min(axis=1) if len(codes) else np.zeros(0)
    is_light = (brightness >= _LIGHT) | (page.colours[:, 3] <= _FAINT)
    glyphs = Glyphs(codes, x, y, starts, ends, bases, sizes, boxes, turns, is_light, page.is_unmapped).where(is_shown)
    glyphs = glyphs.where(~_is_again(glyphs))
    return glyphs.where(~_is_large_and_light(glyphs))


def _along(page: RawPage, turns: NDArray[np.int64], sizes: Floats) -> tuple[Floats, Floats, Floats]:
    """Start, end and baseline of each character in its direction of reading."""
    left, top, right, bottom = page.boxes.T
    x, y = page.origins.T
    starts = np.choose(turns % 4, (left, top, -right, -bottom))
    ends = np.choose(turns % 4, (right, bottom, -left, -top))
    bases = np.choose(turns % 4, (y, -x, -y, x))
    origins = np.choose(turns % 4, (x, y, -x, -y))
    # A font without widths gives no box to go by.
    flat = ends - starts < 0.05
    starts = np.where(flat, origins, starts)
    ends = np.where(flat, origins + sizes / 2, ends)
    # Vertical writing has its origin above the middle of the character, not on a baseline at its left.
    share = (origins - starts) / np.maximum(ends - starts, 0.05)
    tops = np.choose(turns % 4, (top, -right, -bottom, left))
    bottoms = np.choose(turns % 4, (bottom, -left, -top, right))
    is_vertical = (share > 0.3) & (share < 0.7)
    return starts, ends, np.where(is_vertical, (tops + bottoms) / 2 + _MIDDLE * sizes, bases)


def _is_covered(page: RawPage, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Characters under a picture or a filled box that was drawn after them."""
    covered = np.zeros(len(x), np.bool_)
    for left, top, right, bottom, layer in page.images:
        covered |= (x > left) & (x < right) & (y > top) & (y < bottom) & (page.layers >= 0) & (page.layers < layer)
    for left, top, right, bottom, _, layer, opaque in page.fills:
        if opaque and layer > 1:
            covered |= (x > left) & (x < right) & (y > top) & (y < bottom) & (page.layers >= 0) & (page.layers < layer)
    return covered


def _is_white_on_white(page: RawPage, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """White characters on no colour: hidden, or a reader's text behind a scan."""
    white = page.colours[:, :3].min(axis=1) >= _WHITE if len(x) else np.zeros(0, np.bool_)
    if not white.any():
        return white
    on_colour = np.zeros(len(x), np.bool_)
    for left, top, right, bottom, brightness, layer, _ in page.fills:
        if brightness < _WHITE - 20:
            on_colour |= (x > left) & (x < right) & (y > top) & (y < bottom) & (page.layers > layer)
    return white & ~on_colour


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


def is_believable(glyphs: Glyphs) -> bool:
    """False if the characters are not those that are printed: fonts without a character map, or with a false one."""
    count = len(glyphs)
    if count == 0:
        return True
    codes = glyphs.codes
    private = (codes >= 0xE000) & (codes <= 0xF8FF) | (codes >= 0xF0000) | (codes == 0xFFFD) | (codes == 0)
    if (glyphs.is_unmapped | private).mean() > _MOST_UNMAPPED:
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
