"""Tables with level rulings alone: upright ones are put where the white space between figures says that columns part.

Belongs here: which lines are one table, over pages too. Does not belong here: where its columns part
(`level_columns`), tables without rulings (`columns`), cells from lines (`lattice`).

The level rulings tell the rows exactly, and where they stop short, which labels span several. Each row of figures
stands between two of them; a table for which that does not hold, or whose headers fit no columns, is left to `columns`.
A table that a page break cuts is put together first: all its rows, and the header on its first page, tell the columns.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap

import numpy as np

from extract.readers.pdf.flow import is_page_number
from extract.readers.pdf.glyphs import Glyphs
from extract.readers.pdf.lattice import Lattice, Rulings, lattices_of
from extract.readers.pdf.level_columns import Band, Block, Ruling, Untold, joined
from extract.readers.pdf.typeset import is_value, text_lines
from extract.readers.pdf.widths import Span

__all__ = ["Stack", "goes_on", "level_tables", "stacks_of"]

_SAME = 3.0
_LEAST_WIDTH = 0.7
"""The share of a table's width that its outer rulings reach at least: a row may have a cell more or less."""
_LARGER = 1.2
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}\s*、")
_ROW_NUMBER = re.compile(r"(\d{1,3})[.．]?")
_MOST_BANDS = 400
_ENOUGH_ROWS = 3


@dataclass
class Stack:
    """Level rulings of one page, one below the other, and what stands between them."""

    rulings: list[Ruling]
    bands: list[Band]

    @property
    def top(self) -> float:
        """The height of the first ruling."""
        return self.bands[0].top

    @property
    def bottom(self) -> float:
        """The height of the last ruling."""
        return self.bands[-1].bottom

    @property
    def sides(self) -> Span:
        """How far the rulings reach."""
        return min(ruling[1] for ruling in self.rulings), max(ruling[2] for ruling in self.rulings)


def stacks_of(level: Sequence[Ruling], glyphs: Glyphs) -> list[Stack]:
    """The stacks of a page from the top down; `glyphs` are the characters outside other tables."""
    stacks = []
    for rulings in _stacked(level):
        ys = sorted({ruling[0] for ruling in rulings})
        # Rulings of one height have nothing between them.
        if 1 < len(ys) <= _MOST_BANDS:
            stacks.append(Stack(rulings, _bands(ys, rulings, glyphs)))
    return stacks


def goes_on(stack: Stack, following: Stack) -> bool:
    """Whether rows at the top of the next page may belong to the table at the foot of a page.

    They stand between rulings of the same width, or nearly, as rows may have a cell more or less, without a header of
    their own.
    """
    (left, right), (other_left, other_right) = stack.sides, following.sides
    least, most = sorted((right - left, other_right - left))
    if abs(left - other_left) > _SAME or least < _LEAST_WIDTH * most:
        return False
    if len(stack.bands) + len(following.bands) > _MOST_BANDS:
        return False
    usual = _usual_size([*stack.bands, *following.bands])
    last = next((band for band in reversed(stack.bands) if band.lines), None)
    if not usual or last is None or _is_between(last, following.bands[0], usual, stack.bands):
        return False
    part = list(_parts(stack.bands, usual))[-1]
    if _begins_with_rows(following.bands, part):
        return True
    # The first rows of a header at the foot of a page, and the last ones on the next.
    return not any(band.figures for band in part) and _text(part[0]) != _text(following.bands[0])


def _text(band: Band) -> str:
    return "".join(line.text for line in band.lines)


def _begins_with_rows(bands: Sequence[Band], part: Sequence[Band]) -> bool:
    """Whether figures come before any words that stand over them, or labels of rows of blanks; `part` goes before."""
    before: list[Span] = []
    for band in bands:
        if not band.lines:
            break
        if band.figures:
            return not any(end > min(band.figures)[0] for _, end in before)
        before.extend(band.letters)
    figures = [figure for band in part for figure in band.figures]
    return bool(before and figures) and not any(end > min(figures)[0] for _, end in before)


def level_tables(stacks: Sequence[Stack]) -> list[list[Lattice]]:
    """The tables of stacks that go on from page to page, by stack."""
    moves = [0.0]
    for stack, following in pairwise(stacks):
        moves.append(moves[-1] + stack.bottom - following.top)
    found: list[list[Lattice]] = [[] for _ in stacks]
    bands = [band.moved(move) for stack, move in zip(stacks, moves, strict=True) for band in stack.bands]
    own = [number for number, stack in enumerate(stacks) for _ in stack.bands]
    number_of = {id(band): number for band, number in zip(bands, own, strict=True)}
    by_stack = [
        [(y + move, left, right) for y, left, right in stack.rulings] for stack, move in zip(stacks, moves, strict=True)
    ]
    rulings = [ruling for own_rulings in by_stack for ruling in own_rulings]
    usual = _usual_size(bands)
    for part in _parts(bands, usual) if usual else ():
        first, last = number_of[id(part[0])], number_of[id(part[-1])]
        whole = _solved(rulings, part)
        breaks = [stacks[number].bottom + moves[number] for number in range(first, last)]
        pieces: Sequence[Lattice | None] | None = whole.cut(breaks) if whole is not None else None
        if pieces is None and first < last:
            pieces = [
                _solved(by_stack[one], [band for band in part if number_of[id(band)] == one])
                for one in range(first, last + 1)
            ]
        for number, piece in enumerate(pieces or (), first):
            if piece is not None:
                found[number].append(piece.moved(-moves[number]))
    return found


def _solved(rulings: Sequence[Ruling], bands: Sequence[Band]) -> Lattice | None:
    try:
        lattice = _lattice(rulings, bands)
    except Untold:
        return None
    return lattice if lattice is not None and _is_true(lattice, bands) else None


def _stacked(level: Sequence[Ruling]) -> Iterator[list[Ruling]]:
    """Rulings one below the other within the width of the first, or with its left end and nearly its width."""
    stack: list[Ruling] = []
    left = right = 0.0
    by_height: dict[float, list[Ruling]] = {}
    for ruling in sorted(level):
        by_height.setdefault(ruling[0], []).append(ruling)
    for pieces in by_height.values():
        start, end = min(piece[1] for piece in pieces), max(piece[2] for piece in pieces)
        is_within = start > left - _SAME and end < right + _SAME
        is_alike = abs(start - left) <= _SAME and right - left >= _LEAST_WIDTH * (end - left)
        if not stack or not (is_within or is_alike):
            if len(stack) > 1:
                yield stack
            stack, left, right = [], start, end
        stack.extend(pieces)
        right = max(right, end)
    if len(stack) > 1:
        yield stack


def _bands(ys: Sequence[float], stack: Sequence[Ruling], glyphs: Glyphs) -> list[Band]:
    left, right = min(ruling[1] for ruling in stack), max(ruling[2] for ruling in stack)
    keys = np.searchsorted(ys, glyphs.y) - 1
    keys[(glyphs.y <= ys[0]) | (glyphs.y >= ys[-1]) | (glyphs.x < left) | (glyphs.x > right)] = -1
    bands = [Band(top, bottom, is_step=_is_step(top, bottom, stack)) for top, bottom in pairwise(ys)]
    chosen = keys >= 0
    inside, keys = glyphs.where(chosen), keys[chosen]
    for key, start, end in zip(keys.tolist(), inside.starts.tolist(), inside.ends.tolist(), strict=True):
        bands[key].letters.append((start, end))
    for line in text_lines(inside, keys):
        band = bands[line.key]
        band.lines.append(line)
        band.figures.extend((piece.start, piece.end) for piece in line.pieces if is_value(piece.text))
    _take_out_row_numbers(bands)
    return bands


def _take_out_row_numbers(bands: Sequence[Band]) -> None:
    """Take the numbers of rows out of the figures: they stand left of all labels and count up, or anew from 1."""
    found: list[tuple[Band, Span, int]] = []
    for band in bands:
        pieces = sorted((piece for line in band.lines for piece in line.pieces), key=lambda piece: piece.start)
        match = _ROW_NUMBER.fullmatch(pieces[0].text) if len(pieces) > 1 else None
        if match is not None and not is_value(pieces[1].text):
            found.append((band, (pieces[0].start, pieces[0].end), int(match[1])))
    counts = [number for _, _, number in found]
    if len(found) >= _ENOUGH_ROWS and all(other in (one + 1, 1) for one, other in pairwise(counts)):
        for band, span, _ in found:
            band.figures.remove(span)


def _is_step(top: float, bottom: float, stack: Sequence[Ruling]) -> bool:
    """Whether two rulings, one below the other, do not reach equally far to the right."""
    ends = [max(right for y, _, right in stack if y == height) for height in (top, bottom)]
    return abs(ends[0] - ends[1]) > _SAME


def _usual_size(bands: Sequence[Band]) -> float:
    """The type size of most lines between rulings with figures; 0 where there are none."""
    sizes = sorted(line.size for band in bands if band.figures for line in band.lines)
    return sizes[len(sizes) // 2] if sizes else 0.0


def _parts(bands: Sequence[Band], usual: float) -> Iterator[list[Band]]:
    """Bands of one table each: what stands between two tables is blank, prose or a heading."""
    part: list[Band] = []
    for band, following in pairwise((*bands, None)):
        assert band is not None
        if _is_between(band, following, usual, part):
            if part:
                yield part
            part = []
        else:
            part.append(band)
    if part:
        yield part


def _is_between(band: Band, following: Band | None, usual: float, above: Sequence[Band]) -> bool:
    """Whether what stands between two rulings belongs to no table.

    `following` is what stands below it, `above` are rows of the table that would go on with it.
    """
    if not band.lines:
        return True
    if band.is_step and all(is_page_number(line.text) for line in band.lines):
        return True
    if band.figures or any(len(line.pieces) > 1 for line in band.lines):
        return False
    if any("。" in line.text or line.size > _LARGER * usual for line in band.lines):
        return True
    # Below a heading a table begins with its own headers: a numbered line above figures is a row of the table.
    if _NUMBERED.match(band.lines[0].text) is None:
        return False
    return following is None or not (following.figures or _is_row_of_blanks(following, above))


def _is_row_of_blanks(band: Band, above: Sequence[Band]) -> bool:
    """Whether all that stands between two rulings is a label to the left of the figures of the rows above."""
    first = min((start for one in above for start, _ in one.figures), default=0.0)
    return bool(band.letters) and max(end for _, end in band.letters) < first


def _lattice(stack: Sequence[Ruling], bands: Sequence[Band]) -> Lattice | None:
    top, bottom = bands[0].top, bands[-1].bottom
    rulings = [ruling for ruling in stack if top <= ruling[0] <= bottom]
    left, right = min(ruling[1] for ruling in rulings), max(ruling[2] for ruling in rulings)
    for y in (top, bottom):
        pieces = [ruling for ruling in rulings if ruling[0] == y]
        reach = max(piece[2] for piece in pieces)
        if min(piece[1] for piece in pieces) > left + _SAME or reach - left < _LEAST_WIDTH * (right - left):
            return None
    if not any(band.figures for band in bands):
        return None
    pieces_at: dict[float, list[Span]] = {left: [(top, bottom)], right: [(top, bottom)]}
    for header, body in starmap(_without_blank_rows, _blocks(bands)):
        for x, start, end in Block(header, body, rulings, left, right).uprights():
            pieces_at.setdefault(x, []).append((start, end))
    if len(pieces_at) == 2:
        return None
    uprights = [(x, start, end) for x, spans in pieces_at.items() for start, end in joined(spans, _SAME)]
    found = lattices_of(Rulings(np.array(rulings, np.float64), np.array(uprights, np.float64)))
    return found[0] if len(found) == 1 else None


def _blocks(bands: Sequence[Band]) -> Iterator[tuple[list[Band], list[Band]]]:
    """Headers and the rows below them; a header in the midst of a table begins a block with columns of its own."""
    header: list[Band] = []
    body: list[Band] = []
    waiting: list[Band] = []
    for band in bands:
        if band.figures:
            first = min((start for one in body for start, _ in one.figures), default=0.0)
            if body and any(end > first for one in waiting if not one.is_one_word for _, end in one.letters):
                own = next(number for number, one in enumerate(waiting) if any(end > first for _, end in one.letters))
                yield header, [*body, *waiting[:own]]
                header, body = waiting[own:], []
            else:
                body.extend(waiting)
            waiting = []
            body.append(band)
        elif body:
            waiting.append(band)
        else:
            header.append(band)
    yield header, [*body, *waiting]


def _without_blank_rows(header: list[Band], body: list[Band]) -> tuple[list[Band], list[Band]]:
    """A header and its rows, with labels that no figure stands beside, and no heading below, among the rows.

    A heading begins farther to the right than any label of a row with figures ends, also over a column of blanks.
    """
    first = min(start for band in body for start, _ in band.figures)
    labels = (end for band in body if band.figures for _, end in band.letters if end < first)
    reach = max(labels, default=first)
    over = [
        number
        for number, band in enumerate(header, 1)
        if any(start > reach or end > first for start, end in band.words)
    ]
    last = max(over, default=0)
    return header[:last], [*header[last:], *body]


def _is_true(lattice: Lattice, bands: Sequence[Band]) -> bool:
    """Whether each figure lies in one cell, by itself on its line: no other figure beside it, and no label."""
    for band in bands:
        y = (band.top + band.bottom) / 2
        for line in band.lines:
            cells = [
                set(lattice.cells_at(np.array([one.start + 0.5, one.end - 0.5]), np.array([y, y])).tolist())
                for one in line.pieces
            ]
            of_figures = [cell for cell, one in zip(cells, line.pieces, strict=True) if band.is_figure(one)]
            if any(len(cell) != 1 or -1 in cell for cell in of_figures):
                return False
            if any(sum(cell & other != set() for other in cells) > 1 for cell in of_figures):
                return False
    return True
