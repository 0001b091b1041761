"""One page to paragraphs and tables in reading order, or the verdict that its text cannot be believed.

Belongs here: what comes before what, which way the page is read, whether it is a picture. Does not belong here: what
joins over pages.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from extract.model import Box
from extract.readers.pdf.columns import MOST_LABELS, header_at_foot, is_label, with_columns
from extract.readers.pdf.flow import Passage, in_margin, is_page_number, passages_of
from extract.readers.pdf.glyphs import Glyphs, is_believable, printed_glyphs
from extract.readers.pdf.lattice import Lattice, lattices_of, merged_rulings
from extract.readers.pdf.level_columns import Ruling
from extract.readers.pdf.level_tables import Stack, goes_on, level_tables, stacks_of
from extract.readers.pdf.pdfium import Floats, ProseLine, RawPage
from extract.readers.pdf.struck import without_struck
from extract.readers.pdf.tables import PageTable, set_in_tables
from extract.readers.pdf.typeset import Piece, TextLine, text_lines

__all__ = ["PageReading", "read_pages"]

_MOSTLY = 0.5
_FEW = 100
"""A page under a picture with fewer characters than this is a scan with a stamp or a page number on it."""
_VERY_FEW = 8
_SMALLEST_PICTURE = 0.05
_BEYOND = 8.0
_LABEL_GAP = 1.2
"""White space above the label of a row of blanks at most, in heights of a line."""
_MOST_TOGETHER = 10
"""Pages whose tables are told together at most."""
_OUTLINES = 60
"""Curved shapes without text: characters turned into outlines."""
_TABLE_WIDTH, _TABLE_HEIGHT = 0.4, 50.0
"""A picture at least so wide (share of the page) and high (points) may hold a table."""


@dataclass
class PageReading:
    """The blocks of a page from the top down; `is_picture` if they must be recognised from its picture instead.

    `pictures` are boxes of pictures that may hold a table. `height` is that of the page in the direction of reading.
    """

    blocks: list[Passage | PageTable]
    height: float
    is_picture: bool = False
    pictures: tuple[Box, ...] = ()
    foot: tuple[TextLine, ...] = ()
    """The headings under which the page ends."""


@dataclass
class OpenPage:
    """A page of which all is known but its tables with level rulings: a neighbour may tell their columns."""

    raw: RawPage
    turn: int
    page: RawPage
    """The page in the direction of reading."""
    glyphs: Glyphs
    ruled: list[Lattice]
    level: list[Ruling]
    """Level rulings outside of the tables."""
    stacks: list[Stack]

    @cached_property
    def lines_around(self) -> tuple[list[str], list[str]]:
        """The lines above the first of the stacks and below the last."""
        top, bottom = self.stacks[0].top, self.stacks[-1].bottom
        outside = ((self.glyphs.y < top), (self.glyphs.y > bottom))
        above, below = (self.glyphs.where(one & (self.glyphs.turns == 0)) for one in outside)
        one, other = (text_lines(glyphs, np.zeros(len(glyphs), np.int64)) for glyphs in (above, below))
        return [line.text for line in one], [line.text for line in other]


def read_pages(pages: Iterable[RawPage]) -> Iterator[PageReading]:
    """Read pages in order; boxes are those of the page as shown, whichever way its text runs."""
    waiting: list[OpenPage] = []
    last: PageReading | None = None
    for raw in pages:
        looked = _looked_at(raw)
        if waiting and not (
            isinstance(looked, OpenPage) and len(waiting) < _MOST_TOGETHER and _is_continued(waiting[-1], looked)
        ):
            last = yield from _together(waiting, last)
            waiting = []
        if isinstance(looked, OpenPage):
            waiting.append(looked)
        else:
            yield looked
            last = looked
    yield from _together(waiting, last)


def _looked_at(raw: RawPage) -> PageReading | OpenPage:
    if raw.prose is not None:
        return _read_prose(raw, raw.prose)
    turn = _main_turn(raw)
    page = _turned(raw, turn) if turn else raw
    glyphs = printed_glyphs(page)
    if _is_picture(page, glyphs):
        return PageReading([], page.height, is_picture=True)
    page, glyphs = without_struck(page, glyphs)
    ruled, level = _lattices(page, glyphs)
    stacks: list[Stack] = []
    if len(level) > 1:
        is_free = glyphs.turns == 0
        for lattice in ruled:
            is_free &= lattice.cells_at(glyphs.x, glyphs.y) < 0
        stacks = stacks_of(level, glyphs.where(is_free))
    return OpenPage(raw, turn, page, glyphs, ruled, level, stacks)


def _is_continued(one: OpenPage, other: OpenPage) -> bool:
    """Whether the last stack of a page may go on in the first of the next: nothing but furniture stands between."""
    if not one.stacks or not other.stacks or one.turn != other.turn or not goes_on(one.stacks[-1], other.stacks[0]):
        return False
    if any(lattice.ys[-1] > one.stacks[-1].bottom for lattice in one.ruled):
        return False
    if any(lattice.ys[0] < other.stacks[0].top for lattice in other.ruled):
        return False
    heads = {re.sub(r"\d+", "0", text) for text in one.lines_around[0]}
    return all(is_page_number(text) for text in one.lines_around[1]) and all(
        is_page_number(text) or re.sub(r"\d+", "0", text) in heads for text in other.lines_around[0]
    )


def _together(pages: Sequence[OpenPage], last: PageReading | None) -> Generator[PageReading, None, PageReading | None]:
    """The readings of pages each of which the last stack of the one before goes on in; `last` is the page before."""
    found: list[list[Lattice]] = [[] for _ in pages]
    chain: list[tuple[int, Stack]] = []
    for number, page in enumerate(pages):
        for place, stack in enumerate(page.stacks):
            if place and chain:
                _solve(chain, found)
                chain = []
            chain.append((number, stack))
    if chain:
        _solve(chain, found)
    for page, lattices in zip(pages, found, strict=True):
        last = _finished(page, lattices, last)
        yield last
    return last


def _solve(chain: Sequence[tuple[int, Stack]], found: Sequence[list[Lattice]]) -> None:
    for (number, _), lattices in zip(chain, level_tables([stack for _, stack in chain]), strict=True):
        found[number].extend(lattices)


def _finished(look: OpenPage, inferred: list[Lattice], last: PageReading | None) -> PageReading:
    """The blocks of a page, its tables with level rulings told; `last` is the page before."""
    raw, page = look.raw, look.page
    tables, lines = set_in_tables(look.glyphs, [*look.ruled, *inferred], page.height, page.limits)
    for table in tables[len(look.ruled) :]:
        table.is_by_space = True
    body = _body(lines, page.height)
    blocks = _ordered(tables, body, _outside(look.level, inferred), page, last)
    bottom = max((block.box[3] for block in blocks if isinstance(block, PageTable)), default=0.0)
    foot = tuple(header_at_foot([line for line in body if line.box[1] > bottom]))
    if look.turn:
        _turn_boxes_back(blocks, look.turn, raw)
    pictures = tuple(
        (float(left), float(top), float(right), float(bottom))
        for left, top, right, bottom, _ in raw.images
        if right - left >= _TABLE_WIDTH * raw.width and bottom - top >= _TABLE_HEIGHT
    )
    return PageReading(blocks, page.height, pictures=pictures, foot=foot)


def _read_prose(raw: RawPage, prose: list[ProseLine]) -> PageReading:
    """A page of lines without rulings."""
    codes = np.array([ord(letter) for line in prose for letter in line.text if letter != " "], np.int64)
    if not is_believable(codes, np.zeros(len(codes), np.bool_)):
        return PageReading([], raw.height, is_picture=True)
    lines = []
    for line in prose:
        top, bottom = line.base - 0.86 * line.size, line.base + 0.14 * line.size
        box = (line.left, top, line.right, bottom)
        pieces = (Piece(line.text, line.left, line.right, box, line.base),)
        lines.append(TextLine(-1, 0, line.base, line.size, pieces, box))
    return PageReading(_ordered([], _body(lines, raw.height), [], raw), raw.height)


def _is_picture(page: RawPage, glyphs: Glyphs) -> bool:
    """Whether what the page shows is not in its text: a scan, characters as outlines, fonts that give garbage."""
    count = len(glyphs)
    covered = _covered(page)
    if count < _VERY_FEW:
        return covered > _SMALLEST_PICTURE or page.drawing_count > _OUTLINES
    if covered > _MOSTLY and (count < _FEW or len(page.codes) > 2 * count):
        return True
    return not is_believable(glyphs.codes, glyphs.is_unmapped)


def _covered(page: RawPage) -> float:
    """The share of the page under pictures."""
    if not len(page.images):
        return 0.0
    left, top, right, bottom = page.images[:, :4].T
    width = np.clip(np.minimum(right, page.width) - np.maximum(left, 0), 0, None)
    height = np.clip(np.minimum(bottom, page.height) - np.maximum(top, 0), 0, None)
    return float(min(1.0, (width * height).sum() / (page.width * page.height)))


def _lattices(page: RawPage, glyphs: Glyphs) -> tuple[list[Lattice], list[Ruling]]:
    """The tables that hold text, and the level rulings outside of them."""
    rulings = merged_rulings(_drawn(page))
    found = []
    for lattice in lattices_of(rulings):
        held = lattice.cells_at(glyphs.x, glyphs.y) >= 0
        if held.any():
            lattice = lattice.without_slits(glyphs.x[held], glyphs.y[held], float(np.median(glyphs.sizes[held])))
            if lattice.is_table:
                found.append(lattice)
    return found, _outside(rulings.level.tolist(), found)


def _outside(level: Iterable[Sequence[float]], lattices: Sequence[Lattice]) -> list[Ruling]:
    """The level rulings that belong to none of the tables."""
    return [
        (y, left, right)
        for y, left, right in level
        if not any(one.ys[0] - 1 <= y <= one.ys[-1] + 1 and one.xs[0] - 5 <= left <= one.xs[-1] for one in lattices)
    ]


def _drawn(page: RawPage) -> Floats:
    """The rulings that can be seen: on the page, and white ones only on colour."""
    rulings = page.rulings
    if not len(rulings):
        return rulings[:, :4]
    x, y = (rulings[:, 0] + rulings[:, 2]) / 2, (rulings[:, 1] + rulings[:, 3]) / 2
    white = rulings[:, 4] > 0
    seen = ~white
    if white.any():
        for left, top, right, bottom, brightness, _, _ in page.fills:
            if brightness < 230:
                seen |= white & (x > left - 1) & (x < right + 1) & (y > top - 1) & (y < bottom + 1)
    left, top, right, bottom = page.limits
    seen &= (rulings[:, 2] >= left) & (rulings[:, 0] <= right) & (rulings[:, 3] >= top) & (rulings[:, 1] <= bottom)
    # What goes on where nothing is shown keeps a column of its own there, so that the others keep their places.
    left, top, right, bottom = left - _BEYOND, top - _BEYOND, right + _BEYOND, bottom + _BEYOND
    drawn: Floats = np.clip(rulings[seen, :4], [left, top, left, top], [right, bottom, right, bottom])
    return drawn


def _body(lines: list[TextLine], height: float) -> list[TextLine]:
    """Lines without the page number at the top or bottom of the page."""
    kept = sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.start))
    for edge in (0, -1):
        if kept and is_page_number(kept[edge].text) and in_margin(kept[edge].box, height):
            kept.pop(edge)
    return kept


def _ordered(
    tables: list[PageTable],
    lines: list[TextLine],
    level: list[Ruling],
    page: RawPage,
    last: PageReading | None = None,
) -> list[Passage | PageTable]:
    """Tables and text from the top down; a table at the foot of `last`, the page before, may go on."""
    plain = [line for line in lines if len(line.pieces) == 1] or lines
    left = min((line.start for line in plain), default=0.0)
    right = max(max((line.end for line in plain), default=0.0), 0.75 * page.width)
    blocks: list[Passage | PageTable] = []
    carried = _carried(last.blocks) if last is not None else []
    head = last.blocks[0] if last is not None and last.blocks else None
    # What both pages begin with is a header of pages.
    furniture = int(bool(lines) and isinstance(head, Passage) and head.text == lines[0].text)
    waiting = list(lines)
    for table in [*sorted(tables, key=lambda one: (one.box[1], one.box[0])), None]:
        above = waiting
        if table is not None:
            above = [line for line in waiting if (line.box[1] + line.box[3]) / 2 < table.box[1]]
            waiting = (
                waiting[len(above) :] if above == waiting[: len(above)] else [w for w in waiting if w not in above]
            )
        is_at_top = not blocks
        for stretch in with_columns(
            above, level, carried if is_at_top else (), furniture, last.foot if is_at_top and last else ()
        ):
            if isinstance(stretch, PageTable):
                blocks.append(stretch)
            else:
                blocks.extend(passages_of(stretch, left, right))
        if table is not None:
            blocks.append(table)
    return blocks


def _carried(blocks: Sequence[Passage | PageTable]) -> list[tuple[float, float]]:
    """The columns of the last table of a page, if nothing follows it but labels of rows of blanks, close below it.

    A heading stands farther off.
    """
    number = next((number for number, one in enumerate(reversed(blocks)) if isinstance(one, PageTable)), None)
    if number is None or number > MOST_LABELS:
        return []
    table, *labels = blocks[len(blocks) - 1 - number :]
    columns = table.columns if isinstance(table, PageTable) else []
    if not labels or not columns:
        return columns
    assert isinstance(table, PageTable)
    height = min(cell.box[3] - cell.box[1] for cell in table.cells)
    for one, label in pairwise((table, *labels)):
        is_close = label.box[1] - one.box[3] <= _LABEL_GAP * height
        if isinstance(label, PageTable) or not is_close or not is_label(label.text, label.box[2], columns):
            return []
    return columns


def _main_turn(raw: RawPage) -> int:
    """The direction in which most of the page's text runs: 0 level, 1 down, 2 upside down, 3 up."""
    if not len(raw.codes):
        return 0
    across, down = raw.directions[:, 0], raw.directions[:, 1]
    counts = [
        int((across > 0.99).sum()),
        int((down > 0.99).sum()),
        int((across < -0.99).sum()),
        int((down < -0.99).sum()),
    ]
    return int(np.argmax(counts))


def _turned(raw: RawPage, turn: int) -> RawPage:
    """The page turned so that text that runs in direction `turn` is level."""
    width, height = (raw.height, raw.width) if turn % 2 else (raw.width, raw.height)

    def points(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        if turn == 1:
            return y, raw.width - x
        if turn == 2:
            return raw.width - x, raw.height - y
        return raw.height - y, x

    def boxes(rows: Floats) -> Floats:
        if not len(rows):
            return rows
        one = np.column_stack(points(rows[:, 0], rows[:, 1]))
        other = np.column_stack(points(rows[:, 2], rows[:, 3]))
        return np.hstack((np.minimum(one, other), np.maximum(one, other), rows[:, 4:]))

    across, down = raw.directions[:, 0], raw.directions[:, 1]
    directions = {1: (down, -across), 2: (-across, -down), 3: (-down, across)}[turn]
    return replace(
        raw,
        width=width,
        height=height,
        boxes=boxes(raw.boxes),
        origins=np.column_stack(points(raw.origins[:, 0], raw.origins[:, 1])),
        directions=np.column_stack(directions),
        rulings=boxes(raw.rulings),
        fills=boxes(raw.fills),
        images=boxes(raw.images),
        limits=tuple(boxes(np.array([raw.limits]))[0].tolist()),
    )


def _turn_boxes_back(blocks: list[Passage | PageTable], turn: int, raw: RawPage) -> None:
    """Give blocks and cells of a turned page their boxes on the page as shown."""

    def shown(box: Box) -> Box:
        left, top, right, bottom = box
        if turn == 1:
            return raw.width - bottom, left, raw.width - top, right
        if turn == 2:
            return raw.width - right, raw.height - bottom, raw.width - left, raw.height - top
        return top, raw.height - right, bottom, raw.height - left

    for block in blocks:
        if isinstance(block, PageTable):
            block.cells = [replace(cell, box=shown(cell.box)) for cell in block.cells]
        block.shown_box = shown(block.box)
