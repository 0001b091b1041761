"""What pdfminer.six gives of a page: its letters and lines, as they are read.

Belongs here: pdfminer's objects, turned pages, what is printed and not seen. Does not belong here: tables.
"""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTContainer, LTCurve, LTPage
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from extract.model import Box

__all__ = ["MOST_CHARACTERS", "MOST_SHAPES", "Frame", "Letter", "layouts", "objects_of"]

# pdfminer writes a line for every font and operator that it does not like.
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)

MOST_CHARACTERS = 400_000
MOST_SHAPES = 400_000
_THIN = 3.5


@dataclass(frozen=True, slots=True)
class Letter:
    """A character: its left and right, the baseline it stands on, its type size."""

    text: str
    left: float
    right: float
    base: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the character."""
        return (self.left + self.right) / 2, self.base - 0.36 * self.size


class _Device(PDFPageAggregator):
    """The page's objects without text that paints nothing."""

    def render_string(self, textstate: Any, *arguments: Any) -> None:
        if textstate.render not in (3, 7):
            super().render_string(textstate, *arguments)


def layouts(data: bytes) -> Iterator[LTPage]:
    """The pages of a file."""
    parser = PDFParser(io.BytesIO(data))
    document = PDFDocument(parser)
    resources = PDFResourceManager()
    device = _Device(resources, laparams=None)
    interpreter = PDFPageInterpreter(resources, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result()


class Frame:
    """The page turned so that most of its text runs from left to right, y from the top down."""

    def __init__(self, characters: Sequence[LTChar], width: float, height: float) -> None:
        counts = {(1, 0): 0, (0, 1): 0, (-1, 0): 0, (0, -1): 0}
        for item in characters:
            counts[_direction(item)] = counts.get(_direction(item), 0) + 1
        self.across, self.up = max(tuple(counts)[:4], key=lambda one: counts[one])
        self._width, self._height = width, height
        self.height = height if self.across else width

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page (y from the bottom up) in the frame."""
        if self.across > 0:
            return x, self._height - y
        if self.across < 0:
            return self._width - x, y
        return (y, x) if self.up > 0 else (self._height - y, self._width - x)

    def box(self, box: tuple[float, float, float, float]) -> Box:
        """A box of the page in the frame."""
        (x, y), (other_x, other_y) = self.at(box[0], box[1]), self.at(box[2], box[3])
        return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)

    def shown(self, box: Box) -> Box:
        """A box of the frame on the page as it is shown."""
        left, top, right, bottom = box
        if self.across > 0:
            return box
        if self.across < 0:
            return self._width - right, self._height - bottom, self._width - left, self._height - top
        if self.up > 0:
            return top, self._height - right, bottom, self._height - left
        return self._width - bottom, left, self._width - top, right


def _direction(item: LTChar) -> tuple[int, int]:
    """The direction in which a character is read: across and up; (0, 0) for slanted ones."""
    a, b, *_ = item.matrix
    if abs(b) < 0.05 * abs(a):
        return (1 if a > 0 else -1), 0
    if abs(a) < 0.05 * abs(b):
        return 0, (1 if b > 0 else -1)
    return 0, 0


def objects_of(layout: LTPage) -> tuple[list[Letter], NDArray[np.float64], Frame]:
    """Letters, and rulings as left, top, right, bottom, in the frame of the page."""
    characters: list[LTChar] = []
    shapes: list[LTCurve] = []
    stack: list[Any] = [layout]
    while stack and len(characters) <= MOST_CHARACTERS and len(shapes) <= MOST_SHAPES:
        item = stack.pop()
        if isinstance(item, LTChar):
            characters.append(item)
        elif isinstance(item, LTCurve):
            shapes.append(item)
        elif isinstance(item, LTContainer):
            stack.extend(reversed(list(item)))
    frame = Frame(characters, layout.width, layout.height)
    lines = [ruling for item in shapes for ruling in _rulings(item, frame)]
    coloured = [frame.box(item.bbox) for item in shapes if item.fill and not _is_white(item.non_stroking_color)]
    letters = []
    for item in characters:
        letter = _letter(item, frame)
        if letter is not None:
            x, y = letter.middle
            # White letters are printed only where they stand on a colour.
            if not _is_white(item.graphicstate.ncolor) or any(
                left < x < right and top < y < bottom for left, top, right, bottom in coloured
            ):
                letters.append(letter)
    return _once(letters), np.array(lines, np.float64).reshape(-1, 4), frame


def _letter(item: LTChar, frame: Frame) -> Letter | None:
    text = item.get_text()
    direction = _direction(item)
    if not text.strip() or direction == (0, 0):
        return None  # a blank, or a slanted watermark
    if text.startswith("(cid:"):
        text = "\ufffd"
    left, top, right, bottom = frame.box(item.bbox)
    is_level = direction == (frame.across, frame.up)
    size = bottom - top if is_level else right - left
    if size < 1.5:
        return None
    # Vertical writing and turned text have no baseline of their own: it is put where it would be.
    _, base = frame.at(item.matrix[4], item.matrix[5])
    middle = (top + bottom) / 2
    if not is_level or abs(base - middle) > 0.75 * size:
        base = middle + 0.36 * size
    return Letter(text, left, max(right, left + 0.1), base, size)


def _is_white(colour: Any) -> bool:
    parts = colour if isinstance(colour, tuple | list) else (colour,)
    if not parts or not all(isinstance(part, int | float) for part in parts):
        return False
    return sum(parts) == 0 if len(parts) == 4 else min(parts) >= 0.98


def _rulings(item: LTCurve, frame: Frame) -> Iterator[Box]:
    if not (item.stroke or item.fill) or _is_white(item.stroking_color if item.stroke else item.non_stroking_color):
        return
    left, top, right, bottom = frame.box(item.bbox)
    if min(right - left, bottom - top) <= _THIN:
        yield left, top, right, bottom
    elif item.stroke:
        points = [frame.at(x, y) for x, y in item.pts]
        if len(points) > 2:
            points.append(points[0])
        for (x, y), (other_x, other_y) in pairwise(points):
            if min(abs(x - other_x), abs(y - other_y)) < 0.5:
                yield min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _once(letters: list[Letter]) -> list[Letter]:
    """Letters without those printed again at the same place: false bold and shadows."""
    kept: list[Letter] = []
    seen: dict[tuple[str, int, int], list[Letter]] = {}
    for letter in letters:
        column, row = int(letter.left // 2), int(letter.base // 2)
        near = (
            other
            for across in (-1, 0, 1)
            for down in (-1, 0, 1)
            for other in seen.get((letter.text, column + across, row + down), ())
        )
        reach = 0.15 * letter.size
        if any(abs(one.left - letter.left) < reach and abs(one.base - letter.base) < reach for one in near):
            continue
        seen.setdefault((letter.text, column, row), []).append(letter)
        kept.append(letter)
    return kept
