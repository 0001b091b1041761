"""Tables as their ruling lines draw them: rows, columns, and cells with exact spans.

Every line of a table is a candidate boundary everywhere; an edge between two neighbouring cells counts only where it is
printed. Cells without an edge between them are one cell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extract.readers.scan.pixels import Grey, box_blur
from extract.readers.scan.rulings import Ruling, darkness_along, level_of

__all__ = ["CellBox", "Lattice", "lattices_of"]

Edges = NDArray[np.float64]

_TOUCH = 4.0
"""Points between the end of a line and the line that it meets."""
_CLOSEST = 6.5
"""Points between two lines with text between them."""
_SAME = 3.0
"""Points between two pieces of one line."""
_OPEN = 9.0
"""Points by which lines stand out of a table whose border is not printed."""
_SMALLEST = (60.0, 14.0)
"""Points: width and height below which crossing strokes are letters."""
_LONG_LEVEL = 50.0
_LONG_UPRIGHT = 24.0
"""Points. A table has some lines of this length; letters have none."""
_SURE = 0.85
_LIKELY = 0.7
_POSSIBLE = 0.4
_END = 0.15
_OF_OWN = 0.4
_THIN = 0.5
_MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class CellBox:
    """A cell: its place and spans in the grid, and its inside in pixels.

    `is_certain` is False where the printed edges do not enclose a rectangle or one of them is hardly printed.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    left: int
    top: int
    right: int
    bottom: int
    is_certain: bool = True

    @property
    def width(self) -> int:
        """Pixels from side to side."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True, eq=False)
class Lattice:
    """A ruled table: its cells in reading order, its size and where it stands, in pixels."""

    cells: tuple[CellBox, ...]
    row_count: int
    column_count: int
    left: int
    top: int
    right: int
    bottom: int


def lattices_of(
    level: Sequence[Ruling], upright: Sequence[Ruling], darkness: Grey, scale: float
) -> tuple[Lattice, ...]:
    """The ruled tables of a page, from top to bottom."""
    groups = _crossing_groups(level, upright, scale)
    columns_of_page = np.ascontiguousarray(darkness.T)
    found = [_lattice(rows, columns, darkness, columns_of_page, scale) for rows, columns in groups]
    tables = sorted((table for table in found if table), key=lambda table: (table.top, table.left))
    return tuple(table for table in tables if not any(_holds(other, table) for other in tables if other is not table))


def _holds(outer: Lattice, inner: Lattice) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
        and len(outer.cells) >= len(inner.cells)
    )


def _crossing_groups(
    level: Sequence[Ruling], upright: Sequence[Ruling], scale: float
) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Lines that cross or meet, directly or through others, as groups. Strokes of letters grow no group.

    Long lines come first; a short one joins where it reaches from line to line, or goes on where a long one ends.
    """
    touch = _TOUCH * scale
    seeds = [line for line in level if line.length >= _LONG_LEVEL * scale]
    posts = [line for line in upright if line.length >= _LONG_UPRIGHT * scale]
    while True:
        kept_posts = [post for post in posts if sum(_meet(row, post, touch) for row in seeds) >= 2]
        kept_seeds = [row for row in seeds if any(_meet(row, post, touch) for post in kept_posts)]
        if len(kept_posts) == len(posts) and len(kept_seeds) == len(seeds):
            break
        posts, seeds = kept_posts, kept_seeds
    parents = list(range(len(seeds) + len(posts)))
    for one, row in enumerate(seeds):
        for other, post in enumerate(posts, len(seeds)):
            if _meet(row, post, touch):
                _join(parents, one, other)
    members: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for index in range(len(parents)):
        rows, columns = members.setdefault(_root(parents, index), ([], []))
        if index < len(seeds):
            rows.append(seeds[index])
        else:
            columns.append(posts[index - len(seeds)])
    taken = {id(line) for line in (*seeds, *posts)}
    for rows, columns in members.values():
        left, top, right, bottom = _extent(rows, columns)
        near_rows = [
            line
            for line in level
            if id(line) not in taken
            and left - touch <= line.start
            and line.end <= right + touch
            and top - touch <= line.middle <= bottom + touch
        ]
        near_columns = [
            line
            for line in upright
            if id(line) not in taken
            and top - touch <= line.start
            and line.end <= bottom + touch
            and left - touch <= line.middle <= right + touch
        ]
        first_columns = list(columns)
        columns.extend(line for line in near_columns if _belongs(line, columns, rows, scale))
        rows.extend(line for line in near_rows if _belongs(line, rows, first_columns, scale))
    return [group for group in members.values() if len(group[0]) + len(group[1]) <= 10 * _MOST_LINES]


def _meet(row: Ruling, post: Ruling, touch: float) -> bool:
    x, y = post.at(row.middle), row.at(post.middle)
    return row.start - touch <= x <= row.end + touch and post.start - touch <= y <= post.end + touch


def _belongs(line: Ruling, alike: Sequence[Ruling], across: Sequence[Ruling], scale: float) -> bool:
    """Whether a short line is a piece of a table: collinear with one of its lines, or from line to line."""
    middle = (line.start + line.end) / 2
    across_at = line.at(middle)
    if any(abs(other.at(middle) - across_at) <= _SAME * scale for other in alike):
        return True
    reach = _TOUCH * scale
    met = [
        other.at(line.middle)
        for other in across
        if other.start - reach <= line.middle <= other.end + reach
        and line.start - reach <= other.at(line.middle) <= line.end + reach
    ]
    return len(met) >= 2 and min(met) - line.start <= reach and line.end - max(met) <= reach


def _extent(rows: Sequence[Ruling], columns: Sequence[Ruling]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of lines."""
    return (
        min([line.start for line in rows] + [line.middle for line in columns]),
        min([line.start for line in columns] + [line.middle for line in rows]),
        max([line.end for line in rows] + [line.middle for line in columns]),
        max([line.end for line in columns] + [line.middle for line in rows]),
    )


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _join(parents: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first


def _merged(pieces: Iterable[Ruling], same: float) -> list[Ruling]:
    """Pieces of one line joined, longest first; by where they stand across."""
    lines: list[list[Ruling]] = []
    for piece in sorted(pieces, key=lambda line: -line.length):
        middle = (piece.start + piece.end) / 2
        for line in lines:
            if abs(line[0].at(middle) - piece.at(middle)) <= same:
                line.append(piece)
                break
        else:
            lines.append([piece])
    joined = []
    for line in lines:
        if len(line) == 1:
            joined.append(line[0])
            continue
        stations = np.concatenate([piece.stations for piece in line])
        bends = np.concatenate([piece.bends for piece in line])
        order = np.argsort(stations, kind="stable")
        thickness = max(line, key=lambda piece: piece.length).thickness
        joined.append(
            Ruling(
                min(piece.start for piece in line),
                max(piece.end for piece in line),
                stations[order],
                bends[order],
                thickness,
            )
        )
    return sorted(joined, key=lambda line: line.middle)


def _with_open_borders(lines: list[Ruling], across: Sequence[Ruling], scale: float) -> list[Ruling]:
    """Lines with a border added on a side where most of the lines across stand out."""
    if not across:
        return lines
    starts = sorted(line.start for line in across)
    ends = sorted(line.end for line in across)
    low, high = starts[len(starts) // 4], ends[-1 - len(ends) // 4]
    reach = _OPEN * scale
    result = list(lines)
    if not lines or lines[0].middle - low > reach:
        result.insert(0, _border(low, across))
    if len(result) < 2 or high - lines[-1].middle > reach:
        result.append(_border(high, across))
    return result


def _border(position: float, across: Sequence[Ruling]) -> Ruling:
    low, high = across[0].middle, across[-1].middle
    return Ruling(low, high, np.array([low]), np.array([position]), 1.0, is_drawn=False)


def _lattice(
    level: list[Ruling], upright: list[Ruling], darkness: Grey, transposed: Grey, scale: float
) -> Lattice | None:
    left, top, right, bottom = _extent(level, upright)
    if right - left < _SMALLEST[0] * scale or bottom - top < _SMALLEST[1] * scale:
        return None
    rows, columns = _merged(level, _SAME * scale), _merged(upright, _SAME * scale)
    rows, columns = _with_open_borders(rows, columns, scale), _with_open_borders(columns, rows, scale)
    while True:
        if max(len(rows), len(columns)) > _MOST_LINES or min(len(rows), len(columns)) < 2:
            return None
        # Edges below each row line and right of each column line: [interval across, line].
        level_edges = _edges(rows, columns, darkness)
        upright_edges = _edges(columns, rows, transposed)
        kept_rows = _boundaries(rows, columns, level_edges, upright_edges, scale)
        kept_columns = _boundaries(columns, rows, upright_edges, level_edges, scale)
        if len(kept_rows) == len(rows) and len(kept_columns) == len(columns):
            break
        rows, columns = kept_rows, kept_columns
    return _celled(rows, columns, level_edges, upright_edges)


def _boundaries(
    lines: Sequence[Ruling], across: Sequence[Ruling], own: Edges, others: Edges, scale: float
) -> list[Ruling]:
    """The lines that bound a cell somewhere, without those outside the border of the table.

    `own` is [interval, line]; `others` the edges of the lines across, [interval between these lines, line across].
    Letters above a table or below it have no border at either side. Of two lines nearer than any text is high, the
    shorter is a stroke of letters; so is one that is printed only between such lines.
    """
    first, last = 0, len(lines) - 1
    while last - first > 1 and max(others[first, 0], others[first, -1]) < _LIKELY:
        first += 1
    while last - first > 1 and max(others[last - 1, 0], others[last - 1, -1]) < _LIKELY:
        last -= 1
    middles = np.array([line.middle for line in across])
    gaps = np.diff(middles)
    printed = ((own >= _LIKELY) * gaps[:, None]).sum(axis=0)
    proof = np.logical_or.reduce((own >= _SURE) & (gaps >= _CLOSEST * scale)[:, None], axis=0)
    kept: list[int] = []
    for number in range(first, last + 1):
        if lines[number].is_drawn and not proof[number]:
            continue
        if kept and lines[number].middle - lines[kept[-1]].middle < _CLOSEST * scale:
            if printed[number] > printed[kept[-1]]:
                kept[-1] = number
            continue
        kept.append(number)
    return [lines[number] for number in kept]


def _edges(lines: Sequence[Ruling], across: Sequence[Ruling], darkness: Grey) -> Edges:
    """How much of each line is printed between neighbouring lines across: [interval, line], from 0 to 1."""
    result = np.zeros((len(across) - 1, len(lines)))
    floor = _floor(darkness)
    for number, line in enumerate(lines):
        if not line.is_drawn:
            result[:, number] = 1.0
            continue
        for interval in range(len(across) - 1):
            start = across[interval].at(line.middle) + 1
            end = across[interval + 1].at(line.middle) - 1
            result[interval, number] = _printed(line, darkness, start, end, floor)
    return result


def _floor(darkness: Grey) -> float:
    """The darkness that paper does not reach, noise included."""
    sample = darkness[::9, ::9]
    paper = sample[sample <= np.percentile(sample, 70)]
    return max(22.0, float(paper.mean() + 4 * paper.std()))


def _printed(line: Ruling, darkness: Grey, start: float, end: float, floor: float) -> float:
    """The share of a stretch that is printed; a stroke of a letter, which reaches neither end, counts less."""
    best = 0.0
    for shift in (0, -2, 2):
        profile = darkness_along(line, darkness, start, end, shift)
        if len(profile) < 4:
            return 0.0
        profile = box_blur(profile[None, :], 3, 1)[0]
        # One line may be printed fat in one row and thin in the next: its own darkness decides.
        dark = profile >= max(floor, _OF_OWN * level_of(profile, 0.6))
        share = float(dark.mean())
        ends = max(2, round(len(dark) * _END))
        if share < 0.95 and min(dark[:ends].mean(), dark[-ends:].mean()) < 0.5:
            share = min(share, _LIKELY - 0.01) if share < 0.9 else _SURE - 0.01
        if share >= _POSSIBLE and share > best and not _is_thin(line, darkness, start, end, shift, profile):
            share = min(share, _LIKELY - 0.01)
        best = max(best, share)
        if best >= 0.95:
            break
    return best


def _is_thin(line: Ruling, darkness: Grey, start: float, end: float, shift: int, profile: Grey) -> bool:
    """Whether paper shows on both sides along most of a stretch: letters in a row are dark above and below too."""
    away = shift + 4 + round(line.thickness / 2), shift - 4 - round(line.thickness / 2)
    sides = [darkness_along(line, darkness, start, end, offset).astype(np.int64) for offset in away]
    is_light = (2 * sides[0] < profile) & (2 * sides[1] < profile)
    return float(is_light.mean()) >= _THIN


def _celled(rows: Sequence[Ruling], columns: Sequence[Ruling], level_edges: Edges, upright_edges: Edges) -> Lattice:
    """Cells from the printed edges. `level_edges` is [column interval, row line], `upright_edges` the other way."""
    height, width = len(rows) - 1, len(columns) - 1
    owners = _owners(height, width, level_edges, upright_edges, _LIKELY)
    ragged = _ragged(owners)
    uncertain = np.zeros((height, width), dtype=bool)
    if ragged:
        lenient = _owners(height, width, level_edges, upright_edges, _POSSIBLE)
        for owner in ragged:
            part = owners == owner
            uncertain |= part
            owners[part] = lenient[part] + height * width
        for owner in _ragged(owners):
            part = owners == owner
            owners[part] = np.flatnonzero(part.ravel()) + 2 * height * width
    cells = []
    for owner in np.unique(owners):
        part = np.argwhere(owners == owner)
        (top, left), (bottom, right) = part.min(axis=0), part.max(axis=0) + 1
        inner = np.concatenate(
            [
                level_edges[left:right, top + 1 : bottom].ravel(),
                upright_edges[top:bottom, left + 1 : right].ravel(),
            ]
        )
        outer = np.concatenate(
            [
                level_edges[left:right, top],
                level_edges[left:right, bottom],
                upright_edges[top:bottom, left],
                upright_edges[top:bottom, right],
            ]
        )
        is_certain = (
            not uncertain[top:bottom, left:right].any()
            and bool((inner < _LIKELY - 0.1).all())
            and bool((outer >= _POSSIBLE).all())
        )
        cells.append(_cell_box(rows, columns, int(top), int(left), int(bottom), int(right), is_certain))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Lattice(
        tuple(cells),
        height,
        width,
        round(columns[0].middle),
        round(rows[0].middle),
        round(columns[-1].middle),
        round(rows[-1].middle),
    )


def _cell_box(
    rows: Sequence[Ruling], columns: Sequence[Ruling], top: int, left: int, bottom: int, right: int, is_certain: bool
) -> CellBox:
    upper, lower, first, last = rows[top], rows[bottom], columns[left], columns[right]
    middle_y, middle_x = (upper.middle + lower.middle) / 2, (first.middle + last.middle) / 2
    ys, xs = (upper.middle, middle_y, lower.middle), (first.middle, middle_x, last.middle)
    inside_left = max(first.at(y) for y in ys) + first.thickness / 2 + 1
    inside_right = min(last.at(y) for y in ys) - last.thickness / 2
    inside_top = max(upper.at(x) for x in xs) + upper.thickness / 2 + 1
    inside_bottom = min(lower.at(x) for x in xs) - lower.thickness / 2
    return CellBox(
        top,
        left,
        bottom - top,
        right - left,
        round(inside_left),
        round(inside_top),
        max(round(inside_left) + 1, round(inside_right)),
        max(round(inside_top) + 1, round(inside_bottom)),
        is_certain,
    )


def _owners(height: int, width: int, level_edges: Edges, upright_edges: Edges, limit: float) -> NDArray[np.int64]:
    """For each unit cell the number of the cell that it is part of."""
    parents = list(range(height * width))
    for row in range(height):
        for column in range(width):
            index = row * width + column
            if column + 1 < width and upright_edges[row, column + 1] < limit:
                _join(parents, index, index + 1)
            if row + 1 < height and level_edges[column, row + 1] < limit:
                _join(parents, index, index + width)
    return np.array([_root(parents, index) for index in range(height * width)]).reshape(height, width)


def _ragged(owners: NDArray[np.int64]) -> list[int]:
    """The owners whose parts are no rectangle."""
    found = []
    for owner in np.unique(owners):
        part = np.argwhere(owners == owner)
        extent = part.max(axis=0) - part.min(axis=0) + 1
        if int(extent[0] * extent[1]) != len(part):
            found.append(int(owner))
    return found
