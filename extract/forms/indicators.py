"""The statistics table of 2014 to 2018 (政府信息公开情况统计表, 国办发〔2014〕32号): one indicator a line.

Regional versions add columns (last year, by tier, or cumulative over the years) and use labels of their own; a figure
whose column or section cannot be told is withheld.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from extract.forms.declaration import Edition, FormRow
from extract.forms.indicator_headers import FIGURES, Header, Kind, is_numbering, opens_header
from extract.forms.labels import similarity
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, withheld
from extract.forms.values import names_scale
from extract.model import CellReading, Confidence

__all__ = ["read_indicators"]

_TABLE = "st"
_UNITS = frozenset({"条", "件", "次", "篇", "万元", "元", "个", "人", "人次", "—", "-", ""})
_NO_UNITS = frozenset({"", "-", "—"})
_SECTION_ORDINAL = re.compile(r"^[一二三四五六七八九十]{1,2}[、.．,，:]")
_SHORTEST_DAMAGED = 3
_ALIKE = 0.75
_VERY_ALIKE = 0.85
_CLEARLY = 0.1
_TOLD_TWICE = 2
"""Rows with more figures than the header names columns, from which on the table has columns that nothing names."""
_WHOLE_TABLE_SHARE = 0.5
"""When this share of the indicators is printed twice, the table is, and not a label that recurs."""


def read_indicators(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read the statistics table from the printed lines of a document."""
    reading = TableReading(_TABLE)
    _merge(reading, list(_Reader(edition, reading).read(lines)))
    return reading


class _Reader:
    """One pass over the lines of a document."""

    def __init__(self, edition: Edition, reading: TableReading) -> None:
        self.edition = edition
        self.reading = reading
        self.index = edition.table(_TABLE).blocks[0].rows_by_label
        self.header = Header()
        self.is_header_open = False
        self.damaged: dict[int, str] = {}
        """Labels that have lost characters, by the identity of their cell: the label that stands there in the form."""
        self.sections: dict[int, str | None] = {}
        """The open section of each list, where lists stand side by side."""
        self.most_figures = 1
        """How many figures stand behind a label in several rows: so many columns of them the table has."""

    def read(self, lines: Sequence[Line]) -> Iterator[CellReading]:
        self.damaged = _damaged(self.edition.table(_TABLE).blocks[0].rows, self.index, lines)
        self.most_figures = self._most_figures(lines)
        numbering: Line | None = None
        for line in lines:
            if opens_header(line):
                self.header, self.is_header_open = Header(lines), True
                if numbering is not None and line.grid is None:
                    self.header.add(numbering)
            numbering = line if is_numbering(line) else None
            named = self._named(line)
            if self.is_header_open:
                # A short header line may itself be a label of the form; the words that open a header are not.
                if (named or _opens_section(line)) and not opens_header(line):
                    self.is_header_open = False
                else:
                    self.header.add(line)
            self._close_sections(line)
            yield from self._read_line(line)

    def _most_figures(self, lines: Sequence[Line]) -> int:
        counted = Counter(
            sum(any(map(str.isdigit, number.whole)) for number in _numbers(segment))
            for line in lines
            if line.grid is not None
            for _, segment in self._segments(line)
        )
        return max((count for count, rows in counted.items() if rows >= _TOLD_TWICE), default=1)

    def _named(self, line: Line) -> list[int]:
        return [place for place, cell in enumerate(line.cells) if self._label(cell) in self.index]

    def _segments(self, line: Line) -> Iterator[tuple[int, Sequence[Fragment]]]:
        """The places of the labels in a line, each with the cells behind it."""
        for start, end in pairwise([*self._named(line), len(line.cells)]):
            yield start, line.cells[start + 1 : end]

    def _close_sections(self, line: Line) -> None:
        """A heading 一、…九、 that is not of the form ends the section before it."""
        for cell in line.cells:
            if self._label(cell) not in self.index and _SECTION_ORDINAL.match(cell.whole):
                self.sections[self._list_of(line, cell)] = None

    def _list_of(self, line: Line, cell: Fragment) -> int:
        """Which of the lists standing side by side a cell belongs to."""
        if line.grid is None or self.header.groups == 1:
            return 0
        names = [column for column, kind in sorted(self.header.kinds_by_column().items()) if kind is Kind.NAME]
        return max(0, sum(column <= cell.column for column in names) - 1)

    def _read_line(self, line: Line) -> Iterator[CellReading]:
        for start, segment in self._segments(line):
            label = line.cells[start]
            row = self._row(line, label)
            if row is None:
                self.reading.leave(line, "section_unknown")
                continue
            if row.level == 1:
                self.sections[self._list_of(line, label)] = row.code
            is_last = start + len(segment) + 1 == len(line.cells)
            is_heading = not is_last and all(cell.is_blank for cell in segment)
            if row.kind == "group" or not segment or is_heading:
                continue
            code = f"{_TABLE}.{row.code}.value"
            found = self._figure(code, line, label, segment)
            if found is None:
                continue
            if found.value and self._is_scaled(code, label, segment):
                # 12 under 万件 is 120000, more or less: the form counts one by one.
                found = withheld(code, Fragment(found.raw, found.place), "unit_missing")
            if id(label) in self.damaged:
                flags = (*found.flags, "label_damaged")
                found = replace(found, flags=flags, confidence=Confidence.DOUBTFUL)
            yield found

    def _is_scaled(self, code: str, label: Fragment, segment: Sequence[Fragment]) -> bool:
        """Whether label, unit or header say that a count is printed in tens or more."""
        if self.edition.cell_by_code[code].type != "count":
            return False
        return self.header.names_scale or any(
            names_scale(cell.whole) for cell in (label, *segment) if not cell.is_value
        )

    def _label(self, cell: Fragment) -> str:
        return self.damaged.get(id(cell), cell.label)

    def _row(self, line: Line, label: Fragment) -> FormRow | None:
        """The row that a label names; a label of several rows is told by its section, or not at all."""
        rows = self.index[self._label(label)]
        if len(rows) == 1:
            return rows[0]
        if line.grid is None and self.header.groups > 1:
            return None
        section = self.sections.get(self._list_of(line, label))
        return next((row for row in rows if row.parent == section), None)

    def _figure(self, code: str, line: Line, label: Fragment, segment: Sequence[Fragment]) -> CellReading | None:
        unit = next((cell.whole for cell in segment if cell.whole in _UNITS - _NO_UNITS), "")
        # A header printed as paragraphs above a grid names no column of it.
        is_above = self.header.grid is None and line.grid is not None
        if line.is_aligned and not self.header.is_empty and not is_above:
            return self._under_header(code, label, segment, unit)
        numbers = _numbers(segment)
        if not numbers:
            return None
        if line.is_aligned and not self.header.is_empty and len(numbers) > 1:
            return withheld(code, _joined(numbers), "column_unknown")
        figure = self._alone(line, numbers) if self.header.groups == 1 or line.grid is not None else None
        if figure is not None:
            return read_cell(self.edition, code, figure, header=unit)
        if all(number.is_blank for number in numbers):
            return read_cell(self.edition, code, numbers[0], header=unit)
        return withheld(code, _joined(numbers), "column_unknown")

    def _under_header(self, code: str, label: Fragment, segment: Sequence[Fragment], unit: str) -> CellReading | None:
        """The figure under the header of the own year, in a grid with true columns."""
        kinds = self.header.kinds_by_column()
        names = [column for column, kind in kinds.items() if kind is Kind.NAME and column >= label.end_column]
        end = min(names, default=max(kinds, default=0) + 1)
        figures = {column: kind for column, kind in kinds.items() if label.end_column <= column < end}
        own = [column for column, kind in figures.items() if kind is Kind.OWN_YEAR]
        others = [column for column, kind in figures.items() if kind in (Kind.OTHER_FIGURE, Kind.OTHER_YEAR)]
        # The only column of figures is the own year's whatever its header, unless that names other years.
        wanted = own or (others if [figures[column] for column in others] == [Kind.OTHER_FIGURE] else [])
        cells = [cell for cell in segment if cell.column < end or not names]
        printed = [cell for cell in cells if cell.is_value and not cell.is_blank and cell.whole not in _UNITS]
        under = {cell.place: cell for cell in cells for column in wanted if cell.column <= column < cell.end_column}
        covers = {column for cell in under.values() for column in range(cell.column, cell.end_column)}
        is_short = any(column >= segment[-1].end_column for column in (*own, *others))
        if len(under) != 1 or is_short or covers & set(others) - set(wanted):
            return withheld(code, _joined(printed), "column_unknown") if printed else None
        figure = next(iter(under.values()))
        is_pushed = figure.whole in _UNITS - _NO_UNITS or any(
            kinds.get(cell.column) in (None, Kind.UNIT, Kind.NUMBERING, Kind.NAME) for cell in printed
        )
        if is_pushed:
            # A number under no header for it: a cell lost or added has moved the row.
            return withheld(code, _joined(printed or [figure]), "column_shift")
        return read_cell(self.edition, code, figure, header=unit)

    def _alone(self, line: Line, numbers: Sequence[Fragment]) -> Fragment | None:
        """The own year's figure among the numbers behind a label, told by their number and the order of the headers."""
        kinds = self.header.kinds_in_order()
        if self.header.groups > 1:
            kinds = kinds[: len(kinds) // self.header.groups]
        figures = [kind for kind in kinds if kind in FIGURES]
        remarks = [kind for kind in kinds if kind in FIGURES or kind is Kind.REMARK]
        own = [place for place, kind in enumerate(figures) if kind is Kind.OWN_YEAR]
        run = list(numbers)
        if self.header.has_numbering and line.grid is None:
            # The last number is that of the next row; where it is alone, the figure is the one that is missing.
            if len(run) != max(1, len(figures)) + 1:
                return None
            run.pop()
        if len(figures) <= 1:
            if Kind.OTHER_YEAR in figures:
                return None
            if line.grid is not None and self.most_figures > max(1, len(remarks)):
                return None  # of the columns that other rows fill, nothing says in which this figure stands
            if any(number.is_blank and number.doubt for number in run):
                return None  # a blank that may hide a figure: the other figure may be that of another year
            filled = [number for number in run if not number.is_blank]
            is_single = len(filled) == 1 and (filled[0] is run[0] or len(remarks) <= 1)
            return filled[0] if is_single else None
        if len(run) in (len(figures), len(remarks)) and len(own) == 1:
            places = [place for place, kind in enumerate(remarks) if kind is Kind.OWN_YEAR]
            return run[own[0]] if len(run) == len(figures) else run[places[0]]
        return None


def _damaged(rows: Sequence[FormRow], index: Mapping[str, Sequence[FormRow]], lines: Sequence[Line]) -> dict[int, str]:
    """Labels that have lost characters, told by what is left of them and by the rows printed before and after.

    Only between two labels that are whole: in number and order, what is printed between them must be what the form has
    there; or one label of those missing is clearly the nearest.
    """
    labels: dict[str, list[str]] = {}
    for label, named in index.items():
        for row in named:
            labels.setdefault(row.code, []).append(label)
    found: dict[int, str] = {}
    gap: list[Fragment] = []
    grid: int | None = None
    last: int | None = None
    for line in lines:
        if line.grid != grid:
            gap, grid, last = [], line.grid, None
        if opens_header(line):
            # The rows of the form begin behind the header.
            gap, last = [], -1
            continue
        for cell in line.cells:
            if cell.label not in index:
                # A blank inside a line of text may be where unit or figure begin: such a label is no damaged one.
                is_whole = line.grid is not None or len(cell.text.split()) == 1
                is_label = not cell.is_value and len(cell.label) >= _SHORTEST_DAMAGED and is_whole
                if last is not None and is_label:
                    gap.append(cell)
                continue
            here = _position(rows, index[cell.label], last)
            if last is not None and here is not None and gap and here > last:
                within = _within(gap, [labels[row.code] for row in rows[last + 1 : here]])
                several = {id(cell) for cell in gap if id(cell) in within and _names_several(cell.label, labels)}
                found.update({cell: label for cell, label in within.items() if cell not in several})
            gap, last = [], here if here is not None else last
    return found


def _names_several(printed: str, labels: Mapping[str, Sequence[str]]) -> bool:
    """Whether the whole labels of two rows can be read in one: 微博微信 names both, and has lost nothing of either."""
    return sum(any(_is_within(label, printed) for label in own) for own in labels.values()) > 1


def _is_within(label: str, printed: str) -> bool:
    """Whether all characters of a label stand in a printed one, in order."""
    rest = iter(printed)
    return len(label) <= len(printed) and all(character in rest for character in label)


def _position(rows: Sequence[FormRow], named: Sequence[FormRow], last: int | None) -> int | None:
    """Where in the form a label stands, the first place after the one before."""
    codes = {row.code for row in named}
    places = [place for place, row in enumerate(rows) if row.code in codes]
    return next((place for place in places if last is None or place > last), places[0] if places else None)


def _within(gap: Sequence[Fragment], missing: Sequence[Sequence[str]]) -> dict[int, str]:
    """The missing labels that the unknown ones in a gap stand for."""
    likeness = [[max(similarity(cell.label, label) for label in labels) for labels in missing] for cell in gap]
    if len(gap) == len(missing) and all(likeness[place][place] >= _ALIKE for place in range(len(gap))):
        return {id(cell): labels[0] for cell, labels in zip(gap, missing, strict=True)}
    found: dict[int, str] = {}
    after = 0
    for cell, alike in zip(gap, likeness, strict=True):
        best = max(range(len(alike)), key=lambda place: alike[place], default=None)
        if best is None or best < after or alike[best] < _VERY_ALIKE:
            continue
        if any(place != best and alike[best] - other < _CLEARLY for place, other in enumerate(alike)):
            continue
        found[id(cell)] = missing[best][0]
        after = best + 1
    return found


def _opens_section(line: Line) -> bool:
    """Whether a line begins a section: then the header is over, also if what stands behind the heading hides it."""
    return _SECTION_ORDINAL.match(line.cells[0].whole) is not None


def _numbers(segment: Sequence[Fragment]) -> list[Fragment]:
    """The figures and blanks behind a label, up to the first words behind a figure or a unit."""
    numbers: list[Fragment] = []
    for place, cell in enumerate(segment, start=1):
        has_unit = any(other.whole in _UNITS - _NO_UNITS for other in segment[: place - 1])
        is_dash = cell.whole in _NO_UNITS and (has_unit or not any(other.is_value for other in segment[place:]))
        if cell.whole in _UNITS and not cell.is_blank and not is_dash:
            # A dash is the unit of a row without one; behind a unit, or if no figure follows, it stands for the figure.
            continue
        if cell.is_value:
            numbers.append(cell)
        elif any(not number.is_blank for number in numbers) or (has_unit and not cell.is_blank):
            # Words behind a unit are the label of a list beside this one, and the figure behind them is that list's.
            break
    return numbers


def _joined(numbers: Sequence[Fragment]) -> Fragment:
    return Fragment(" | ".join(number.text for number in numbers), numbers[0].place)


def _merge(reading: TableReading, found: Sequence[CellReading]) -> None:
    """The cells of one table from all that is printed: copies alike are one, copies in conflict are withheld."""
    seen: Counter[str] = Counter()
    copies: list[dict[str, CellReading]] = []
    for cell in found:
        if seen[cell.code] == len(copies):
            copies.append({})
        copies[seen[cell.code]][cell.code] = cell
        seen[cell.code] += 1
    filled = [copy for copy in copies if any(cell.raw for cell in copy.values())] or copies[:1]
    by_code: dict[str, list[CellReading]] = {}
    for copy in filled:
        for code, cell in copy.items():
            by_code.setdefault(code, []).append(cell)
    repeated = [code for code, cells in by_code.items() if len(cells) > 1]
    differing = {code for code in repeated if len({(cell.value, cell.status) for cell in by_code[code]}) > 1}
    is_second_table = len(repeated) >= _WHOLE_TABLE_SHARE * len(by_code)
    if is_second_table and repeated and not differing:
        reading.note("duplicate_table", _TABLE, "the table is printed more than once, alike")
    for code, cells in by_code.items():
        first = cells[0]
        # Of two tables that differ, a row that only one prints belongs to nobody knows which.
        if code in differing or (differing and is_second_table and len(cells) == 1):
            raw = " | ".join(cell.raw for cell in cells)
            reading.note("conflicting_copies", code, raw)
            reading.cells.append(withheld(code, Fragment(raw, first.place), "conflicting_copies"))
        else:
            reading.cells.append(first)
