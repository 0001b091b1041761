"""A document as printed lines: the common ground on which every statutory table is read, whatever its container.

A line of a grid is one grid row: its own cells, left to right, and the cells that reach into it from above. Outside
grids a line is a paragraph; numbers that follow a label one paragraph each are gathered behind it, because converters
flatten tables that way.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter

from extract.forms.labels import bare, compact
from extract.forms.values import is_unit, is_value_like, trim
from extract.model import Document, Grid, GridCell, Paragraph, Place

__all__ = [
    "MERGED_ROWS",
    "Fragment",
    "LabelSet",
    "Line",
    "grid_lines",
    "is_prose",
    "lines_of",
    "rejoined",
    "retokenised",
    "without_serials",
]

MERGED_ROWS = "merged_rows"
"""Doubt about a figure in a cell that spans the rows of several labels, and about its blank in the rows below."""
_MOST_WORDS = 20_000
"""A line of more words is no page of a report: the longest have some thousands."""
_LONGEST_LABEL = 60
"""A paragraph longer than this is prose: numbers after it are not its cells."""
_LONGEST_ROW = 240
"""A label and its figures may be so long with the blanks between them: dumps keep the columns apart with many."""
_LONGEST_RECURRING = 120
"""Longer texts do not recur: what is told of a text is remembered for shorter ones only."""
_SEVERAL = 3
_SURELY_A_ROW = 10
"""So many figures with blanks between them are a row of figures, and no figure whose digits stand apart."""
_MOST_PIECES = 4
"""A label is broken over no more lines than this."""
_FEWEST_SERIALS = 6
_LONGEST_TABLE = 90
_column_of = attrgetter("column")
_DIGIT = re.compile(r"\d")
_HAS_FIGURE_BEHIND = re.compile(r"[^\d\s./／—-](?:\s+\d[\d,.]*)+$")
_HAN = r"\u4e00-\u9fff"
_PROSE = re.compile(
    # Not the opening of anything that is compared by its beginning: a section, the end of a table, its corner.
    rf"(?=[0-9A-Za-z{_HAN}（(])(?![一二三四五六七八九十]{{1,2}}[^{_HAN}]|[本收][^{_HAN}]*[年到]|.{{0,12}}信息内容)"
    r"(?:[（(][一二三四五六七八九十]{1,2}[)）])?"
    # Longer than any group and label of the forms together, with remarks in whole brackets at most.
    rf"(?:(?:[0-9A-Za-z，。、：；！？％,.:;%《》“”‘’—-]|[（(][^（）()\[\s]{{0,80}}[)）])*[{_HAN}]){{60}}"
    # Longer in its compact form than any title or heading; `[` may begin an artefact that the compact form leaves out.
    rf"(?:[^{_HAN}\[]*[{_HAN}]){{28}}"
)


@dataclass(slots=True)
class Fragment:
    """One printed cell or paragraph: trimmed text, place, grid columns where they mean something, heading or not.

    `doubt` as in `GridCell`, or `MERGED_ROWS`. `label` is the text as labels are compared, `is_value` says whether it
    could stand in a number cell, `is_blank` whether nothing is printed. Never changed once made; not frozen, because a
    frozen dataclass takes four times as long to make, and a report has hundreds.
    """

    text: str
    place: Place
    column: int = 0
    end_column: int = 1
    is_heading: bool = False
    doubt: str = ""
    label: str = field(init=False, compare=False, repr=False)
    whole: str = field(init=False, compare=False, repr=False)
    """The text in compact form, ordinals and remarks included."""
    is_value: bool = field(init=False, compare=False, repr=False)
    is_blank: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        text = self.text
        told = _tell_again(text) if len(text) <= _LONGEST_RECURRING else _tell(text)
        self.label, self.whole, self.is_value, self.is_blank = told


def _tell(text: str) -> tuple[str, str, bool, bool]:
    """Label, compact form, whether the text could be a number, and whether it is blank."""
    return bare(text), compact(text), is_value_like(text), not text


_tell_again = lru_cache(maxsize=16384)(_tell)


def is_prose(text: str) -> bool:
    """Whether a paragraph is so plainly a run of sentences that it names no row, column or section of any form.

    Then its label and compact form are left as the text is and compare with nothing: to normalise the prose of a report
    took longer than to read its tables.
    """
    return len(text) > _LONGEST_RECURRING and _PROSE.match(text) is not None and len(text.split(None, 2)) < _SEVERAL


def _prose(text: str, place: Place, is_heading: bool) -> Fragment:
    fragment = _new_fragment(Fragment)
    fragment.text = fragment.label = fragment.whole = text
    fragment.place, fragment.column, fragment.end_column = place, 0, 1
    fragment.is_heading, fragment.doubt = is_heading, ""
    fragment.is_value = fragment.is_blank = False
    return fragment


_new_fragment = object.__new__


@dataclass(slots=True)
class Line:
    """One printed line. `grid` is the ordinal of its grid (None outside grids); `is_aligned` as in `Grid`.

    Like a fragment, a line is never changed once made.
    """

    cells: tuple[Fragment, ...]
    above: tuple[Fragment, ...] = ()
    grid: int | None = None
    is_aligned: bool = False
    text: str = field(init=False, compare=False, repr=False)
    """The printed text of the line's own cells."""
    _split: tuple[tuple[Fragment, ...], tuple[Fragment, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        cells = self.cells
        self.text = cells[0].text if len(cells) == 1 else " ".join([cell.text for cell in cells if cell.text])
        cut = len(cells)
        while cut and cells[cut - 1].is_value:
            cut -= 1
        self._split = cells[:cut], cells[cut:]

    def split(self) -> tuple[tuple[Fragment, ...], tuple[Fragment, ...]]:
        """Label cells and the value cells behind the last of them."""
        return self._split


def lines_of(document: Document) -> list[Line]:
    """The printed lines of a document, in reading order; blank paragraphs are left out, blank grid rows are not."""
    lines: list[Line] = []
    loose: list[Fragment] = []
    ordinal = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            if text := trim(block.text):
                if is_prose(text):
                    loose.append(_prose(text, block.place, block.is_heading))
                else:
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
    reaching: list[tuple[int, Fragment]] = []
    is_aligned = grid.is_aligned
    for index, row in enumerate(grid.rows):
        if reaching:
            reaching = [pair for pair in reaching if pair[0] > index]
        if not row:
            continue
        cells = tuple(map(_fragment, row))
        if not is_aligned and any(_HAS_FIGURE_BEHIND.search(cell.text) for cell in cells):
            # A label as wide as its column: one blank is all that is left before the figure.
            yield Line(tuple([part for cell in cells for part in _parted(cell)]), (), ordinal)
            continue
        if is_aligned and any([cell.row_span > 1 for cell in row]):
            cells = _doubting_shared(grid, index, cells)
        if reaching:
            above = tuple([fragment for _, fragment in reaching])
            yield Line(_with_shared(cells, above), above, ordinal, is_aligned)
        else:
            yield Line(cells, (), ordinal, is_aligned)
        for cell, fragment in zip(row, cells, strict=True):
            if cell.row_span > 1:
                reaching.append((cell.row + cell.row_span, fragment))


def _doubting_shared(grid: Grid, index: int, cells: tuple[Fragment, ...]) -> tuple[Fragment, ...]:
    """The cells of a row, with a doubt about each figure that it shares with a row below: no one knows whose it is."""
    row = grid.rows[index]
    edge = max(cell.end_column for cell in row)
    figures = Line(cells).split()[1]
    first = len(cells) - len(figures)
    doubted = list(cells)
    for place in range(first, len(cells)):
        cell, fragment = row[place], cells[place]
        if cell.row_span > 1 and _DIGIT.search(fragment.text):
            below = grid.rows[index + 1 : cell.end_row]
            if any(_shares(tuple(map(_fragment, other)), fragment, edge) for other in below):
                doubted[place] = replace(fragment, doubt=MERGED_ROWS)
    return tuple(doubted)


def _shares(cells: Sequence[Fragment], figure: Fragment, edge: int | None = None) -> bool:
    """Whether a row has a label of its own and no cell in the place of a figure that reaches into it.

    A row that ends farther to the right was pushed aside: it has all its figures, and the span is one row too long.
    """
    has_label = any(cell.end_column <= figure.column and not cell.is_value for cell in cells)
    is_pushed = edge is not None and any(cell.end_column > edge for cell in cells)
    has_own = any(cell.column < figure.end_column and cell.end_column > figure.column for cell in cells)
    return has_label and not is_pushed and not has_own


def _with_shared(cells: tuple[Fragment, ...], above: Sequence[Fragment]) -> tuple[Fragment, ...]:
    """The cells of a row with a blank in doubt for each figure that it shares with a row above."""
    blanks = [replace(one, text="") for one in above if one.doubt == MERGED_ROWS and _shares(cells, one)]
    return tuple(sorted([*cells, *blanks], key=_column_of)) if blanks else cells


def _fragment(cell: GridCell) -> Fragment:
    # As Fragment(trim(cell.text), …) makes it, in a third of the time.
    fragment = _new_fragment(Fragment)
    text = cell.text
    told = _tell_cell_again(text) if len(text) <= _LONGEST_RECURRING else _tell_cell(text)
    fragment.text, fragment.label, fragment.whole, fragment.is_value, fragment.is_blank = told
    fragment.place = cell.place
    fragment.column = cell.column
    fragment.end_column = cell.column + cell.column_span
    fragment.is_heading = False
    fragment.doubt = cell.doubt
    return fragment


def _tell_cell(printed: str) -> tuple[str, str, str, bool, bool]:
    """The trimmed text, and what is told of it."""
    text = trim(printed)
    return text, *_tell(text)


_tell_cell_again = lru_cache(maxsize=16384)(_tell_cell)


def _gathered(fragments: Iterable[Fragment]) -> Iterator[Line]:
    """Paragraphs as lines; numbers on paragraphs of their own join the short label before them."""
    row: list[Fragment] = []
    for fragment in fragments:
        if (fragment.is_value or is_unit(fragment.text)) and row and len(row[0].whole) <= _LONGEST_LABEL:
            row.append(replace(fragment, column=len(row), end_column=len(row) + 1))
            continue
        if row:
            yield Line(tuple(row))
        row = [fragment]
    if row:
        yield Line(tuple(row))


def _parted(fragment: Fragment) -> list[Fragment]:
    """A short paragraph that ends in figures as label, unit and figures (`收到申请数 件 0`); any other as it is."""
    if len(fragment.text) > _LONGEST_ROW:
        return [fragment]
    words = fragment.text.split()
    if len(fragment.text) > _LONGEST_LABEL and sum(map(len, words)) > _LONGEST_LABEL:
        return [fragment]
    cut = len(words)
    while cut > 1 and is_value_like(words[cut - 1]):
        cut -= 1
    if cut == len(words):
        return [fragment]
    if is_value_like(words[0]):
        is_row = cut == 1 and len(words) >= _SURELY_A_ROW
        return [replace(fragment, text=word) for word in words] if is_row else [fragment]
    if cut > 1 and is_unit(words[cut - 1]):
        cut -= 1
    label = fragment.text[: _end_of(fragment.text, words[:cut])]
    return [replace(fragment, text=label), *(replace(fragment, text=word) for word in words[cut:])]


def _end_of(text: str, words: Sequence[str]) -> int:
    """Where the last of the leading words ends in the text."""
    position = 0
    for word in words:
        position = text.index(word, position) + len(word)
    return position


def without_serials(lines: Sequence[Line], width: int) -> Sequence[Line]:
    """Lines without the serial numbers of a table of `width` figures flattened to a line a cell.

    Each stands behind the row before its own. They are told by counting up from 1 behind full rows, or behind the label
    of a group, without a gap; otherwise the lines stay as they are.
    """
    result = list(lines)
    for head, first in enumerate(lines):
        if first.grid is not None or len(first.cells) != 2 or first.cells[1].text != "1":
            continue
        numbered = _numbered(lines[head : head + _LONGEST_TABLE], width)
        if sum(len(lines[head + at].cells) == width + 2 for at in numbered) >= _FEWEST_SERIALS:
            for at in numbered:
                line = lines[head + at]
                result[head + at] = replace(line, cells=line.cells[:-1])
    return result


def _numbered(lines: Sequence[Line], width: int) -> list[int]:
    """The places of the lines that end in the numbers from 1 on."""
    found: list[int] = []
    in_doubt: int | None = None
    """A line as long as a row without a number, whose last figure is the next number: a row that has lost a figure?"""
    for at, line in enumerate(lines):
        if line.grid is not None:
            break
        last = line.cells[-1].text
        if len(line.cells) == 1 or not line.cells[-1].is_value:
            continue
        if len(line.cells) == width + 1:
            in_doubt = at if last == str(len(found) + 1) else in_doubt
            continue
        if in_doubt is not None and last == str(len(found) + 2):
            found.append(in_doubt)
        if last != str(len(found) + 1):
            break
        found.append(at)
        in_doubt = None
    return found


def retokenised(lines: Sequence[Line]) -> list[Line]:
    """Prose lines cut at blanks and bars: for pages whose whole text, tables included, came out as one line."""
    result: list[Line] = []
    for line in lines:
        if line.grid is not None or len(line.cells) != 1 or len(line.cells[0].text) <= _LONGEST_LABEL:
            result.append(line)
            continue
        cell = line.cells[0]
        if "|" not in cell.text and len(cell.text.split(None, 1)) == 1:
            result.append(line)
            continue
        words = cell.text.replace("|", " ").split()
        if len(words) > _MOST_WORDS:
            result.append(line)
            continue
        result.extend(_gathered(Fragment(word, cell.place) for word in words))
    return result


class LabelSet:
    """Labels as they are compared, and whether a text is how one of them begins."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._whole = frozenset(labels)
        self._beginnings = frozenset(label[:size] for label in self._whole for size in range(1, len(label)))

    def __contains__(self, label: str) -> bool:
        return label in self._whole

    def begins(self, cell: Fragment) -> bool:
        """Whether a label begins with the text; one whose remark is not closed goes on too."""
        return cell.label in self._beginnings or ("(" in cell.whole and ")" not in cell.whole and cell.label in self)


def rejoined(lines: Sequence[Line], labels: LabelSet) -> list[Line]:
    """Lines of text with labels that were broken over several lines in one piece again, figures behind them."""
    result: list[Line] = []
    place = 0
    while place < len(lines):
        joined, count = _joined(lines, place, labels)
        result.append(joined)
        place += count
    return result


def _joined(lines: Sequence[Line], place: int, labels: LabelSet) -> tuple[Line, int]:
    """The line at a place, with as many of the next as complete its label, and how many lines these are."""
    first = lines[place]
    head = first.cells[0]
    if first.grid is not None or len(first.cells) > 1 or head.is_value or len(head.whole) > _LONGEST_LABEL:
        return first, 1
    if not labels.begins(head):
        return first, 1
    text = head.text
    for count, line in enumerate(lines[place + 1 : place + _MOST_PIECES], start=2):
        piece = line.cells[0]
        if line.grid is not None or piece.is_value or len(piece.whole) > _LONGEST_LABEL:
            break
        if head.label in labels and piece.label in labels:
            # Two labels, though together they would be a third.
            break
        text += piece.text
        whole = replace(head, text=text)
        if whole.label in labels and whole.label != head.label:
            return replace(line, cells=(whole, *line.cells[1:])), count
        if whole.label in labels and whole.whole.count("(") == whole.whole.count(")"):
            return replace(line, cells=(whole, *line.cells[1:])), count
        if len(line.cells) > 1 or not labels.begins(whole):
            break
    return first, 1
