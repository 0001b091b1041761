"""One page: pixels to paragraphs and grids in reading order.

Belongs here: the order of the work. The parts know how: pose, rulings, lattice, ink, readings, text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extract.model import Block, Grid, GridCell, Paragraph, Place
from extract.readers.scan.ink import Ink, TextLine, ink_of, lines_in
from extract.readers.scan.lattice import Lattice, lattices_of
from extract.readers.scan.pixels import Grey, grey_of
from extract.readers.scan.pose import SCALE, Upright, straightened
from extract.readers.scan.readings import read_cells, spaced, text_strip
from extract.readers.scan.recogniser import Reading, read_lines
from extract.readers.scan.rulings import rulings_of
from extract.readers.scan.text import PrintedLine, em_of, is_continued, margins, printed_lines, runs_down

__all__ = ["blocks_of_page"]

_LEGIBLE = 0.75
"""Average probability of characters above which a page stands upright."""
_CLEARLY = 0.1
"""By so much another way up must read better."""
_SAMPLES = 4
_SAMPLE_HEIGHTS = 8
_FIGURE = re.compile(r"[\d,.]+%?|[-—–/]+|无")


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A page turned one way: what stands where, nothing read yet."""

    page: Upright
    ink: Ink
    tables: tuple[Lattice, ...]
    lines: tuple[PrintedLine, ...]
    em: float


def blocks_of_page(
    image: NDArray[np.uint8],
    *,
    page: int,
    width_points: float,
    height_points: float,
    first_table: int,
    first_line: int,
) -> list[Block]:
    """The paragraphs and grids of a page given as grey or RGB pixels; empty for a page without text.

    Boxes are in points of the page as given. Tables count on from `first_table`, lines from `first_line`. A cell that
    may be misread carries a doubt; a blank one without doubt holds no ink.
    """
    grey = grey_of(image)
    sheet = _upright(grey, width_points, height_points)
    if sheet is None:
        return []
    found: list[tuple[int, Lattice | Sequence[PrintedLine]]] = [(table.top, table) for table in sheet.tables]
    found.extend((group[0].top, group) for group in _groups(sheet))
    blocks: list[Block] = []
    table, line = first_table, first_line
    for _top, part in sorted(found, key=lambda entry: entry[0]):
        if isinstance(part, Lattice):
            blocks.append(_grid(sheet, part, page, table))
            table += 1
            continue
        block = _text_block(sheet, part, page, table, line)
        if isinstance(block, Grid):
            table += 1
        elif block is not None:
            line += 1
        if block is not None:
            blocks.append(block)
    return blocks


def _upright(grey: Grey, width_points: float, height_points: float) -> _Sheet | None:
    """The page the way up in which its text can be read; None without text."""
    best: tuple[float, _Sheet] | None = None
    first = _sheet(straightened(grey, 0, width_points, height_points))
    down = runs_down(first.page.darkness, first.ink, first.em)
    # The model reads characters that lie on their side, too: the direction of the lines comes first.
    for quarters in {None: (0, 3, 1, 2), False: (0, 2), True: (3, 1)}[down]:
        sheet = _sheet(straightened(grey, quarters, width_points, height_points)) if quarters else first
        sample = _sample(sheet)
        if not sample:
            if quarters == 0 and not sheet.tables:
                return None
            continue
        readings = read_lines(sample)
        legible = sum(reading.mean for reading in readings if len(reading.text) > 1) / len(readings)
        if best is None or legible > best[0] + _CLEARLY:
            best = (legible, sheet)
        if legible >= _LEGIBLE:
            break
    return best[1] if best else None


def _sheet(page: Upright) -> _Sheet:
    ink = ink_of(page.grey, page.darkness)
    tables = tuple(
        table for table in lattices_of(*rulings_of(page.darkness, SCALE), page.darkness, SCALE) if len(table.cells) > 1
    )
    outside = page.darkness.copy()
    margin = round(1.5 * SCALE)
    for table in tables:
        outside[
            max(0, table.top - margin) : table.bottom + margin, max(0, table.left - margin) : table.right + margin
        ] = 0
    em = em_of(page.darkness, ink)
    return _Sheet(page, ink, tables, tuple(printed_lines(outside, ink)), em)


def _sample(sheet: _Sheet) -> list[Grey]:
    """Pieces of text that tell whether the page is upright: the longest lines, cut short."""
    light = 255 - sheet.page.darkness
    lines = [piece for line in sheet.lines for piece in line.pieces if piece.width >= 3 * piece.height]
    for table in sheet.tables if len(lines) < _SAMPLES else ():
        for cell in table.cells:
            window = sheet.page.darkness[cell.top : cell.bottom, cell.left : cell.right]
            lines.extend(
                TextLine(cell.left + line.left, cell.top + line.top, cell.left + line.right, cell.top + line.bottom)
                for line in lines_in(window, sheet.ink, sheet.em)
                if line.width >= 2 * line.height
            )
    usual = sorted((line for line in lines if line.height <= 3 * sheet.em), key=lambda line: -line.width)[:_SAMPLES]
    return [
        text_strip(
            light,
            TextLine(line.left, line.top, min(line.right, line.left + _SAMPLE_HEIGHTS * line.height), line.bottom),
        )
        for line in usual
    ]


def _groups(sheet: _Sheet) -> Iterator[list[PrintedLine]]:
    """Lines that make one block: a paragraph over several lines, or rows of a table without ruling lines."""
    if not sheet.lines:
        return
    left, right = margins(sheet.lines)
    group = [sheet.lines[0]]
    for line in sheet.lines[1:]:
        last = group[-1]
        is_split = any(last.bottom <= table.top and table.bottom <= line.top for table in sheet.tables)
        rows = _is_row(last) and _is_row(line) and line.top - last.bottom < 3 * last.height
        prose = not _is_row(last) and not _is_row(line) and is_continued(last, line, left, right)
        if not is_split and (rows or prose):
            group.append(line)
            continue
        yield group
        group = [line]
    yield group


def _is_row(line: PrintedLine) -> bool:
    """Whether a line looks like the row of a table: three pieces or more, far apart."""
    return len(line.pieces) >= 3


def _read(sheet: _Sheet, pieces: Sequence[TextLine]) -> list[Reading]:
    light = 255 - sheet.page.darkness
    return read_lines([text_strip(light, piece) for piece in pieces])


def _text_block(
    sheet: _Sheet, lines: Sequence[PrintedLine], page: int, table: int, line: int
) -> Paragraph | Grid | None:
    """Lines as a paragraph, or as a table of which only the order of cells in a row is known."""
    readings = iter(_read(sheet, [piece for printed in lines for piece in printed.pieces]))
    texts = [[spaced(next(readings).text) for _ in printed.pieces] for printed in lines]
    box = sheet.page.box(
        min(printed.left for printed in lines), lines[0].top, max(printed.right for printed in lines), lines[-1].bottom
    )
    if _is_row(lines[0]) and any(_FIGURE.fullmatch(text) for row in texts for text in row):
        cells = [
            GridCell(
                number,
                column,
                text,
                Place(
                    page,
                    table,
                    number + 1,
                    column + 1,
                    box=sheet.page.box(piece.left, piece.top, piece.right, piece.bottom),
                ),
                doubt="ocr_uncertain" if _FIGURE.fullmatch(text) else "",
            )
            for number, (printed, row) in enumerate(zip(lines, texts, strict=True))
            for column, (piece, text) in enumerate(zip(printed.pieces, row, strict=True))
        ]
        width = max(len(row) for row in texts)
        return Grid(tuple(cells), len(lines), width, Place(page, table, box=box), is_aligned=False)
    text = "".join("  ".join(filter(None, row)) for row in texts)
    if not text.strip():
        return None
    return Paragraph(text, Place(page, line=line, box=box))


def _grid(sheet: _Sheet, table: Lattice, page: int, number: int) -> Grid:
    window = sheet.page.darkness[table.top : table.bottom, table.left : table.right]
    em = em_of(window, sheet.ink)
    texts = read_cells(sheet.page, table, sheet.ink, em)
    cells = tuple(
        GridCell(
            box.row,
            box.column,
            cell.text,
            Place(
                page,
                number,
                box.row + 1,
                box.column + 1,
                box=sheet.page.box(box.left, box.top, box.right, box.bottom),
            ),
            box.row_span,
            box.column_span,
            cell.doubt,
        )
        for box, cell in zip(table.cells, texts, strict=True)
    )
    place = Place(page, number, box=sheet.page.box(table.left, table.top, table.right, table.bottom))
    return Grid(cells, table.row_count, table.column_count, place)
