"""A document as printed lines: the common ground on which every statutory table is read, whatever its container.

A line of a grid is one grid row: its own cells, left to right, and the cells that reach into it from above. Outside
grids a line is a paragraph; numbers that follow a label one paragraph each are gathered behind it, because converters
flatten tables that way.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extract.forms.labels import bare, compact
from extract.forms.values import is_unit, is_value_like, trim
from extract.model import Document, Grid, GridCell, Paragraph, Place

__all__ = ["Fragment", "Line", "grid_lines", "lines_of", "retokenised"]

_LONGEST_LABEL = 60
"""A paragraph longer than this is prose: numbers after it are not its cells."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One printed cell or paragraph: trimmed text, place, grid columns where they mean something, heading or not.

    `doubt` as in `GridCell`.
    """

    text: str
    place: Place
    column: int = 0
    end_column: int = 1
    is_heading: bool = False
    doubt: str = ""

    @property
    def label(self) -> str:
        """The text as labels are compared."""
        return bare(self.text)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is printed."""
        return not self.text

    @property
    def is_value(self) -> bool:
        """Whether the text could stand in a number cell."""
        return is_value_like(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. `grid` is the ordinal of its grid (None outside grids); `is_aligned` as in `Grid`."""

    cells: tuple[Fragment, ...]
    above: tuple[Fragment, ...] = ()
    grid: int | None = None
    is_aligned: bool = False

    def split(self) -> tuple[tuple[Fragment, ...], tuple[Fragment, ...]]:
        """Label cells and the value cells behind the last of them."""
        cut = 0
        for position, cell in enumerate(self.cells):
            if not cell.is_value:
                cut = position + 1
        return self.cells[:cut], self.cells[cut:]

    @property
    def text(self) -> str:
        """The printed text of the line's own cells."""
        return " ".join(cell.text for cell in self.cells if cell.text)


def lines_of(document: Document) -> list[Line]:
    """The printed lines of a document, in reading order; blank paragraphs are left out, blank grid rows are not."""
    lines: list[Line] = []
    loose: list[Fragment] = []
    ordinal = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            if text := trim(block.text):
                loose.extend(_parted(Fragment(text, block.place, is_heading=block.is_heading)))
            continue
        lines.extend(_gathered(loose))
        loose = []
        ordinal += 1
        lines.extend(grid_lines(block, ordinal))
    lines.extend(_gathered(loose))
    return lines


def grid_lines(grid: Grid, ordinal: int) -> Iterator[Line]:
    """One line for each grid row, blank or not: own cells apart from those reaching in from above."""
    reaching: list[GridCell] = []
    for index, row in enumerate(grid.rows):
        reaching = [cell for cell in reaching if cell.end_row > index]
        if row:
            yield Line(
                tuple(_fragment(cell) for cell in row),
                tuple(_fragment(cell) for cell in reaching),
                ordinal,
                grid.is_aligned,
            )
        reaching.extend(cell for cell in row if cell.row_span > 1)


def _fragment(cell: GridCell) -> Fragment:
    return Fragment(trim(cell.text), cell.place, cell.column, cell.end_column, doubt=cell.doubt)


def _gathered(fragments: Iterable[Fragment]) -> Iterator[Line]:
    """Paragraphs as lines; numbers on paragraphs of their own join the short label before them."""
    row: list[Fragment] = []
    for fragment in fragments:
        if (fragment.is_value or is_unit(fragment.text)) and row and len(compact(row[0].text)) <= _LONGEST_LABEL:
            row.append(replace(fragment, column=len(row), end_column=len(row) + 1))
            continue
        if row:
            yield Line(tuple(row))
        row = [fragment]
    if row:
        yield Line(tuple(row))


def _parted(fragment: Fragment) -> list[Fragment]:
    """A short paragraph that ends in figures as label and figures (`行政许可 0`); any other paragraph as it is."""
    if len(fragment.text) > _LONGEST_LABEL:
        return [fragment]
    words = fragment.text.split()
    cut = len(words)
    while cut > 1 and is_value_like(words[cut - 1]):
        cut -= 1
    if cut == len(words) or is_value_like(words[0]):
        return [fragment]
    label = fragment.text[: _end_of(fragment.text, words[:cut])]
    return [replace(fragment, text=label), *(replace(fragment, text=word) for word in words[cut:])]


def _end_of(text: str, words: Sequence[str]) -> int:
    """Where the last of the leading words ends in the text."""
    position = 0
    for word in words:
        position = text.index(word, position) + len(word)
    return position


def retokenised(lines: Sequence[Line]) -> list[Line]:
    """Prose lines cut at blanks and bars: for pages whose whole text, tables included, came out as one line."""
    result: list[Line] = []
    for line in lines:
        if line.grid is not None or len(line.cells) != 1 or len(line.cells[0].text) <= _LONGEST_LABEL:
            result.append(line)
            continue
        cell = line.cells[0]
        words = (word for word in cell.text.replace("|", " ").split() if word)
        result.extend(_gathered(Fragment(word, cell.place) for word in words))
    return result
