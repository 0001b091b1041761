"""Characters and ruling lines of a page to blocks: what lies between rulings is a grid, what lies outside is text.

Belongs here: geometry, in points from the upper left corner. Does not belong here: any file format.

Rulings that touch are one table. Its columns and rows are the places of its rulings; two fields are one cell where no
ruling parts them. A character belongs to the cell that holds its centre.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from extract.model import Block, Box, Grid, GridCell, Paragraph, Place

__all__ = ["Glyph", "Ordinals", "Ruling", "blocks_of_ruled_page"]

_SNAP = 1.5
"""Rulings nearer than this are one: producers draw a border for each of two cells."""
_REACH = 2.5
"""Rulings whose ends are nearer than this meet."""
_SHORTEST = 4.0
_LEAST_COVER = 0.6
"""A side of a field is drawn if a ruling covers at least this share of it."""
_WORD_GAP = 0.45
_PIECE_GAP = 1.5
"""Gaps in a line, in units of the type size: a blank, and the space between two columns without rulings."""
_SAME_LINE = 0.5
_MOST_FIELDS = 250_000
_DIGITS = re.compile(r"[\d０-９.,，]+")
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_ENUMERATED = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、]|[（(]\d{1,2}[）)]|\d{1,2}、")
_ENDS_LINE = tuple("。；！？：:")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A printed character with its box. `run` names the text object that drew it; `size` is the type size."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    run: int = 0

    @property
    def middle(self) -> tuple[float, float]:
        """The centre of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Ruling:
    """A straight line, level or upright: the place across it, and where it begins and ends along it."""

    is_level: bool
    at: float
    first: float
    last: float


@dataclass
class Ordinals:
    """Counters over a whole document."""

    tables: int = 0
    lines: int = 0


def blocks_of_ruled_page(
    glyphs: Sequence[Glyph], rulings: Sequence[Ruling], page: int, ordinals: Ordinals
) -> Iterator[Block]:
    """The blocks of one page from top to bottom; grids and paragraphs are numbered on from `ordinals`."""
    tables = [table for group in _touching(rulings) if (table := _Table.of(group)) is not None]
    tables = [table for table in tables if not _is_frame(table, glyphs)]
    inside: dict[int, list[Glyph]] = {}
    outside: list[Glyph] = []
    for glyph in glyphs:
        holder = _holder(tables, *glyph.middle)
        if holder is None:
            outside.append(glyph)
        else:
            inside.setdefault(holder, []).append(glyph)
    lines = _lines(outside)
    placed: list[tuple[float, int, object]] = [
        (table.ys[0], 1, (table, inside.get(number, []))) for number, table in enumerate(tables)
    ]
    placed.extend((line.top, 0, line) for line in lines)
    placed.sort(key=lambda entry: entry[:2])
    edges = [table.xs[-1] for table in tables] + [line.box[2] for line in lines]
    right_edge = max(edges, default=0.0)
    open_lines: list[_TextLine] = []
    for _, _, entry in placed:
        if isinstance(entry, _TextLine):
            open_lines.append(entry)
            continue
        yield from _text_blocks(open_lines, right_edge, page, ordinals)
        open_lines = []
        assert isinstance(entry, tuple)
        table, held = entry
        yield table.grid(held, page, ordinals)
    yield from _text_blocks(open_lines, right_edge, page, ordinals)


def _merged(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Rulings on one line that touch or overlap as one; places that differ by a hair made equal."""
    merged: list[Ruling] = []
    for is_level in (True, False):
        ordered = sorted(
            (ruling for ruling in rulings if ruling.is_level is is_level and ruling.last > ruling.first),
            key=lambda ruling: ruling.at,
        )
        groups: list[list[Ruling]] = []
        for ruling in ordered:
            if groups and ruling.at - groups[-1][-1].at <= _SNAP and ruling.at - groups[-1][0].at <= 2 * _SNAP:
                groups[-1].append(ruling)
            else:
                groups.append([ruling])
        for group in groups:
            at = median(ruling.at for ruling in group)
            open_ruling: Ruling | None = None
            for ruling in sorted(group, key=lambda one: one.first):
                if open_ruling is not None and ruling.first - open_ruling.last <= _REACH:
                    open_ruling = replace(open_ruling, last=max(open_ruling.last, ruling.last))
                    continue
                if open_ruling is not None:
                    merged.append(open_ruling)
                open_ruling = Ruling(is_level, at, ruling.first, ruling.last)
            if open_ruling is not None:
                merged.append(open_ruling)
    return [ruling for ruling in merged if ruling.last - ruling.first >= _SHORTEST]


def _touching(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Rulings by the tables they make."""
    parent = list(range(len(rulings)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    level = sorted((ruling.at, index) for index, ruling in enumerate(rulings) if ruling.is_level)
    places = [at for at, _ in level]
    for index, upright in enumerate(rulings):
        if upright.is_level:
            continue
        low = bisect_right(places, upright.first - _REACH)
        high = bisect_right(places, upright.last + _REACH)
        for _, other in level[low:high]:
            across = rulings[other]
            if across.first - _REACH <= upright.at <= across.last + _REACH:
                parent[root(index)] = root(other)
    groups: dict[int, list[Ruling]] = {}
    for index, ruling in enumerate(rulings):
        groups.setdefault(root(index), []).append(ruling)
    return list(groups.values())


def _places(values: Iterable[float]) -> list[float]:
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > _SNAP:
            places.append(value)
    return places


@dataclass
class _Table:
    """One table: the places of its rulings, and the cells as areas of fields (first row, first column, ends)."""

    xs: list[float]
    ys: list[float]
    cells: list[tuple[int, int, int, int]]

    @classmethod
    def of(cls, rulings: list[Ruling]) -> "_Table | None":
        """The table that a group of touching rulings makes; None if it makes none."""
        rulings = _merged(rulings)
        level = [ruling for ruling in rulings if ruling.is_level]
        upright = [ruling for ruling in rulings if not ruling.is_level]
        if not level or not upright or len(level) + len(upright) < 3:
            return None
        # A table without rulings at its sides reaches as far as its level rulings do, and the other way round.
        ends = (min(ruling.first for ruling in level), max(ruling.last for ruling in level))
        xs = _places([ruling.at for ruling in upright])
        xs = [*([ends[0]] if ends[0] < xs[0] - 2 * _REACH else []), *xs]
        xs = [*xs, *([ends[1]] if ends[1] > xs[-1] + 2 * _REACH else [])]
        ends = (min(ruling.first for ruling in upright), max(ruling.last for ruling in upright))
        ys = _places([ruling.at for ruling in level])
        ys = [*([ends[0]] if ends[0] < ys[0] - 2 * _REACH else []), *ys]
        ys = [*ys, *([ends[1]] if ends[1] > ys[-1] + 2 * _REACH else [])]
        if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > _MOST_FIELDS:
            return None
        return cls(xs, ys, _cells(xs, ys, level, upright))

    def grid(self, glyphs: list[Glyph], page: int, ordinals: Ordinals) -> Grid:
        """The grid with the texts of the glyphs in it."""
        ordinals.tables += 1
        table = ordinals.tables
        owner = {
            (row, column): number
            for number, (top, left, bottom, right) in enumerate(self.cells)
            for row in range(top, bottom)
            for column in range(left, right)
        }
        held: dict[int, list[Glyph]] = {}
        runs: dict[int, set[int]] = {}
        for glyph in glyphs:
            x, y = glyph.middle
            row = min(max(bisect_right(self.ys, y) - 1, 0), len(self.ys) - 2)
            column = min(max(bisect_right(self.xs, x) - 1, 0), len(self.xs) - 2)
            number = owner[row, column]
            held.setdefault(number, []).append(glyph)
            if _DIGITS.fullmatch(glyph.text):
                runs.setdefault(glyph.run, set()).add(number)
        # Figures that one text object spreads over two cells: where the border falls between them is chance.
        spread = {number for numbers in runs.values() if len(numbers) > 1 for number in numbers}
        cells = []
        for number, (top, left, bottom, right) in enumerate(self.cells):
            text = _cell_text(held.get(number, []))
            box = (self.xs[left], self.ys[top], self.xs[right], self.ys[bottom])
            place = Place(page, table, top + 1, left + 1, box=_rounded(box))
            doubt = "joined_digits" if number in spread else "garbled_text" if _PRIVATE.search(text) else ""
            cells.append(GridCell(top, left, text, place, bottom - top, right - left, doubt))
        whole = _rounded((self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]))
        return Grid(tuple(cells), len(self.ys) - 1, len(self.xs) - 1, Place(page, table, box=whole))


def _is_frame(table: _Table, glyphs: Sequence[Glyph]) -> bool:
    """True for a box around text, or rulings around nothing: no table."""
    return len(table.cells) < 2 or not any(_within(table, *glyph.middle) for glyph in glyphs)


def _within(table: _Table, x: float, y: float) -> bool:
    return table.xs[0] <= x <= table.xs[-1] and table.ys[0] <= y <= table.ys[-1]


def _holder(tables: Sequence[_Table], x: float, y: float) -> int | None:
    """The smallest table around a point."""
    holding = [
        ((table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0]), number)
        for number, table in enumerate(tables)
        if _within(table, x, y)
    ]
    return min(holding)[1] if holding else None


def _cells(
    xs: list[float], ys: list[float], level: list[Ruling], upright: list[Ruling]
) -> list[tuple[int, int, int, int]]:
    """The cells, in reading order: fields joined where no ruling parts them, if the joint area is a rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    parted_right = _sides(upright, xs, ys)
    parted_below = _sides(level, ys, xs)
    area: dict[tuple[int, int], int] = {}
    cells: list[tuple[int, int, int, int]] = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in area:
                continue
            fields = _joined(row, column, rows, columns, parted_right, parted_below)
            top, left = min(r for r, _ in fields), min(c for _, c in fields)
            bottom, right = max(r for r, _ in fields) + 1, max(c for _, c in fields) + 1
            is_whole = len(fields) == (bottom - top) * (right - left)
            parts = [(top, left, bottom, right)] if is_whole else _strips(fields)
            for part in parts:
                cells.append(part)
                for r in range(part[0], part[2]):
                    for c in range(part[1], part[3]):
                        area[r, c] = len(cells)
    cells.sort()
    return cells


def _joined(
    row: int,
    column: int,
    rows: int,
    columns: int,
    parted_right: set[tuple[int, int]],
    parted_below: set[tuple[int, int]],
) -> set[tuple[int, int]]:
    fields = {(row, column)}
    waiting = [(row, column)]
    while waiting:
        r, c = waiting.pop()
        beside = []
        if c + 1 < columns and (c + 1, r) not in parted_right:
            beside.append((r, c + 1))
        if c > 0 and (c, r) not in parted_right:
            beside.append((r, c - 1))
        if r + 1 < rows and (r + 1, c) not in parted_below:
            beside.append((r + 1, c))
        if r > 0 and (r, c) not in parted_below:
            beside.append((r - 1, c))
        for field in beside:
            if field not in fields:
                fields.add(field)
                waiting.append(field)
    return fields


def _strips(fields: set[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Fields that make no rectangle, as one cell for each stretch of a row."""
    strips: list[tuple[int, int, int, int]] = []
    for row, column in sorted(fields):
        if strips and strips[-1][0] == row and strips[-1][3] == column:
            strips[-1] = (*strips[-1][:3], column + 1)
        else:
            strips.append((row, column, row + 1, column + 1))
    return strips


def _sides(rulings: list[Ruling], across: list[float], along: list[float]) -> set[tuple[int, int]]:
    """Sides of fields that are drawn: (place across, stretch along)."""
    drawn: set[tuple[int, int]] = set()
    for ruling in rulings:
        nearest = min(range(len(across)), key=lambda index: abs(across[index] - ruling.at))
        for stretch in range(len(along) - 1):
            start, end = along[stretch], along[stretch + 1]
            covered = min(end, ruling.last) - max(start, ruling.first)
            if covered >= _LEAST_COVER * (end - start):
                drawn.add((nearest, stretch))
    return drawn


def _rounded(box: Box) -> Box:
    left, top, right, bottom = (round(value, 2) for value in box)
    return left, top, right, bottom


@dataclass
class _TextLine:
    """Glyphs on one line, left to right."""

    glyphs: list[Glyph]

    @property
    def top(self) -> float:
        return min(glyph.top for glyph in self.glyphs)

    @property
    def box(self) -> Box:
        glyphs = self.glyphs
        return _rounded((
            min(glyph.left for glyph in glyphs),
            min(glyph.top for glyph in glyphs),
            max(glyph.right for glyph in glyphs),
            max(glyph.bottom for glyph in glyphs),
        ))  # fmt: skip

    @property
    def size(self) -> float:
        return median(glyph.size for glyph in self.glyphs)

    @property
    def text(self) -> str:
        """The text, with a blank where a gap is as wide as one."""
        text = ""
        previous: Glyph | None = None
        for glyph in self.glyphs:
            if previous is not None and not text.endswith(" ") and glyph.text != " ":
                gap = glyph.left - previous.right
                text += " " if gap > _WORD_GAP * min(glyph.size, previous.size) else ""
            text += glyph.text
            previous = glyph
        return text.strip(" ")

    def pieces(self) -> list["_TextLine"]:
        """The line cut where columns without rulings are apart."""
        pieces: list[list[Glyph]] = []
        for glyph in (glyph for glyph in self.glyphs if glyph.text.strip()):
            if pieces and glyph.left - pieces[-1][-1].right <= _PIECE_GAP * self.size:
                pieces[-1].append(glyph)
            else:
                pieces.append([glyph])
        return [_TextLine(piece) for piece in pieces]


def _lines(glyphs: Iterable[Glyph]) -> list[_TextLine]:
    """Glyphs by lines, from top to bottom."""
    lines: list[list[Glyph]] = []
    middles: list[float] = []
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.middle[1], glyph.left)):
        middle = glyph.middle[1]
        if lines and middle - middles[-1] <= _SAME_LINE * max(glyph.size, lines[-1][0].size):
            lines[-1].append(glyph)
            middles[-1] += (middle - middles[-1]) / len(lines[-1])
        else:
            lines.append([glyph])
            middles.append(middle)
    made = [_TextLine(sorted(line, key=lambda glyph: glyph.left)) for line in lines]
    return [line for line in made if line.text.strip()]


def _cell_text(glyphs: list[Glyph]) -> str:
    return "\n".join(line.text for line in _lines(glyphs))


def _text_blocks(lines: list[_TextLine], right_edge: float, page: int, ordinals: Ordinals) -> Iterator[Block]:
    """Lines outside grids: paragraphs, and loose grids where lines are set in columns."""
    open_paragraph: list[_TextLine] = []
    rows: list[list[_TextLine]] = []
    for line in lines:
        pieces = line.pieces()
        if len(pieces) > 1:
            yield from _paragraph(open_paragraph, page, ordinals)
            open_paragraph = []
            rows.append(pieces)
            continue
        yield from _loose_grid(rows, page, ordinals)
        rows = []
        if open_paragraph and not _continues(open_paragraph[-1], line, right_edge):
            yield from _paragraph(open_paragraph, page, ordinals)
            open_paragraph = []
        open_paragraph.append(line)
    yield from _loose_grid(rows, page, ordinals)
    yield from _paragraph(open_paragraph, page, ordinals)


def _continues(line: _TextLine, following: _TextLine, right_edge: float) -> bool:
    """True if a line runs on in the next one: it is full, the next is not set in, and both are of one size."""
    if abs(line.size - following.size) > 0.1 * line.size or line.text.endswith(_ENDS_LINE):
        return False
    if _ENUMERATED.match(following.text):
        return False
    is_full = line.box[2] > right_edge - 1.6 * line.size
    return is_full and following.box[0] <= line.box[0] + 0.6 * line.size and following.top - line.top < 3 * line.size


def _paragraph(lines: list[_TextLine], page: int, ordinals: Ordinals) -> Iterator[Block]:
    if not lines:
        return
    ordinals.lines += 1
    boxes = [line.box for line in lines]
    box = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    text = "".join(line.text for line in lines)
    yield Paragraph(text, Place(page=page, line=ordinals.lines, box=box))


def _loose_grid(rows: list[list[_TextLine]], page: int, ordinals: Ordinals) -> Iterator[Block]:
    """Lines set in columns: a grid in which only the order within a row means something; a single one is text."""
    if not rows:
        return
    if len(rows) == 1 and not any(_DIGITS.fullmatch(piece.text) for piece in rows[0]):
        yield from _paragraph([_TextLine([glyph for piece in rows[0] for glyph in piece.glyphs])], page, ordinals)
        return
    ordinals.tables += 1
    table = ordinals.tables
    cells = tuple(
        GridCell(
            row,
            column,
            piece.text,
            Place(page, table, row + 1, column + 1, box=piece.box),
            doubt="garbled_text" if _PRIVATE.search(piece.text) else "",
        )
        for row, pieces in enumerate(rows)
        for column, piece in enumerate(pieces)
    )
    yield Grid(cells, len(rows), max(map(len, rows)), Place(page=page, table=table), is_aligned=False)
