"""Sheets of a workbook to blocks: where a table begins and ends among titles and prose.

Belongs here: the shape of a sheet, whatever its file format. Does not belong here: how a file keeps its cells.

A report is typed into a workbook in two ways: a sheet for each table, or everything on one sheet, with titles and prose
in rows merged across or running over from the first column. A row is part of a table if it prints several cells, or one
cell where the rows around it print a table. A row that is one text across the whole table is a paragraph, unless the
table goes on below it. Hidden rows, columns and sheets are left out. Columns that print nothing at all are padding and
give no cells, unless the rows go on with the table before. Empty cells count where they are drawn, framed or merged.
Tables side by side are read one after the other.

Places name the sheet as `page`, and row and column as the spreadsheet numbers them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from extract.model import Block, Grid, GridCell, Paragraph, Place, Unreadable

__all__ = ["MOST_CELLS", "Sheet", "SheetCell", "blocks_of_sheets"]

MOST_CELLS = 300_000
"""Cells with text in one workbook, and positions in one grid; far more than any report has."""
_PROSE = 60
_PROSE_MARK = re.compile("[，。；：,;]")
_SHORT_NOTE = 40
_HEADING = re.compile("[一二三四五六七八九十]{1,3}、")
_OTHER_WIDTH = 2
"""Tables whose last columns lie so far apart are not one table."""
_OTHER_HEIGHT = 1
"""Tables side by side end so many rows apart, or have labels each; so do not the columns of one table."""
_MOST_BESIDE = 12
_MOST_GROUPS = 60
"""Tables, and groups of columns with empty columns between them; what has more is no report."""
_NUMBER = re.compile(r"[+\-−]?[\d０-９]+(?:[.,，．][\d０-９]+)*\D{0,3}")
_DEFAULT_NAME = re.compile(r"\s*(?:sheet|工作表|表格?|table)[\s_-]*\d*\s*(?:\(\d+\))?\s*", re.I)
_LONGEST_NAME = 31
"""Spreadsheets cut the name of a sheet at this length: a longer title stands there in part."""


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell that prints something. `is_framed` is None where the file does not tell borders."""

    text: str
    is_number: bool = False
    doubt: str = ""
    is_framed: bool | None = None


@dataclass
class Sheet:
    """One sheet: cells by row and column (from 0), merged ranges (first row, first column, last row, last column)."""

    name: str
    cells: dict[tuple[int, int], SheetCell] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False
    framed: set[tuple[int, int]] = field(default_factory=set)
    """Cells that print a frame and nothing in it."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell with its visible extent; last row and column are included."""

    row: int
    column: int
    last_row: int
    last_column: int
    cell: SheetCell


def blocks_of_sheets(sheets: Sequence[Sheet]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """The blocks of all visible sheets in order, and notes."""
    blocks: list[Block] = []
    counter = _Counter()
    has_hidden = False
    shown = sum(not sheet.is_hidden and bool(sheet.cells) for sheet in sheets)
    for number, sheet in enumerate(sheets, start=1):
        if sheet.is_hidden:
            has_hidden |= bool(sheet.cells)
            continue
        has_hidden |= _hides_cells(sheet)
        blocks.extend(_SheetReading(sheet, number, counter).blocks(is_only=shown == 1))
    return tuple(blocks), ("has_hidden_table",) if has_hidden else ()


def _is_figure(placed: _Placed) -> bool:
    return placed.cell.is_number or _NUMBER.fullmatch(placed.cell.text) is not None


def _is_prose(text: str) -> bool:
    return text.endswith("。") or (len(text) > _PROSE and _PROSE_MARK.search(text) is not None)


def _hides_cells(sheet: Sheet) -> bool:
    """True if a hidden row or column holds text of its own: none that a merged range shows beside it."""
    if not sheet.hidden_rows and not sheet.hidden_columns:
        return False
    ends = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
    for (row, column), cell in sheet.cells.items():
        bottom, right = ends.get((row, column), (row, column))
        if cell.text.strip() and (
            _first_open(row, bottom, sheet.hidden_rows) is None
            or _first_open(column, right, sheet.hidden_columns) is None
        ):
            return True
    return False


def _is_beside(left: list[_Placed], right: list[_Placed]) -> bool:
    """Whether cells right of an empty column are another table: of other height, or with labels of its own."""
    rows: dict[int, list[_Placed]] = {}
    for one in right:
        if one.cell.text:
            rows.setdefault(one.row, []).append(one)
    if not rows or any(_is_figure(one) for one in rows[min(rows)]):
        return False
    ends = (min(rows), max(rows))
    others = [one.row for one in left if one.cell.text]
    if not others:
        return False
    if max(abs(ends[0] - min(others)), abs(ends[1] - max(others))) >= _OTHER_HEIGHT:
        return True
    valued = [row for row in rows.values() if any(_is_figure(one) for one in row)]
    return 2 * sum(not _is_figure(min(row, key=lambda one: one.column)) for row in valued) > len(valued)


@dataclass
class _Counter:
    """Ordinals over the whole workbook."""

    tables: int = 0
    lines: int = 0


class _SheetReading:
    """One sheet being cut into paragraphs and grids."""

    def __init__(self, sheet: Sheet, number: int, counter: _Counter, *, is_part: bool = False) -> None:
        self._sheet = sheet
        self._is_part = is_part
        self._number = number
        self._counter = counter
        self._rows: dict[int, list[_Placed]] = {}
        for placed in _placed(sheet):
            self._rows.setdefault(placed.row, []).append(placed)
        for row in self._rows.values():
            row.sort(key=lambda placed: placed.column)
        self._empty: dict[int, list[_Placed]] = {}
        """The cells that are drawn and empty, by row."""
        for placed in _placed_empty(sheet):
            self._empty.setdefault(placed.row, []).append(placed)
        self._columns: list[int] = []
        """The columns of the table before."""
        self._first_value_column = 0
        """The first of them that holds a figure."""
        self._hidden_rows = sorted(sheet.hidden_rows)
        self._first_column = min((row[0].column for row in self._rows.values() if len(row) > 1), default=0)

    def blocks(self, *, is_only: bool) -> Iterable[Block]:
        """The blocks of the sheet; the name of an only sheet comes first where it says something.

        With several sheets the names are tabs to turn, cut short, and no captions of what stands on them.
        """
        if not self._rows:
            return
        name = self._sheet.name.strip()
        if is_only and len(name) < _LONGEST_NAME and not _DEFAULT_NAME.fullmatch(name) and not self._opens_with(name):
            self._counter.lines += 1
            yield Paragraph(name, Place(page=self._number, line=self._counter.lines), is_heading=True)
        for is_table, rows in self._runs():
            if not is_table:
                yield from (self._paragraph(placed) for row in rows for placed in self._rows[row])
            elif parts := self._side_by_side(rows):
                for part in parts:
                    yield from _SheetReading(part, self._number, self._counter, is_part=True).blocks(is_only=False)
            else:
                yield self._grid(rows)

    def _opens_with(self, name: str) -> bool:
        opening = sorted(self._rows)[:3]
        return any("".join(name.split()) in "".join(p.cell.text.split()) for row in opening for p in self._rows[row])

    def _runs(self) -> Iterable[tuple[bool, list[int]]]:
        """Runs of printed rows that are one table, or paragraphs."""
        rows = sorted(self._rows)
        for row in self._unfilled(rows):
            self._rows[row] = sorted(self._rows[row] + self._empty[row], key=lambda placed: placed.column)
        reached = self._reached(rows)
        kinds = self._kinds(rows, [len(self._rows[row]) > 1 or row in reached for row in rows])
        run: list[int] = []
        run_kind = False
        for kind, row in zip(kinds, rows, strict=True):
            if run and (kind != run_kind or (kind and self._breaks(run[-1], row, reached))):
                yield run_kind, self._with_empty_row(run) if run_kind else run
                run = []
            run.append(row)
            run_kind = kind
        if run:
            yield run_kind, self._with_empty_row(run) if run_kind else run

    def _unfilled(self, rows: list[int]) -> list[int]:
        """Rows of a table that print a label and no figure: one text beside empty cells that are drawn."""
        candidates = self._labels_beside_empty(rows)
        found: list[int] = []
        start = 0
        while start < len(rows):
            end = start
            while end < len(rows) and rows[end] in candidates and (end == start or self._touch(rows, end)):
                end += 1
            run = rows[start:end]
            below = rows[end] if run and end < len(rows) and self._touch(rows, end) else None
            holds_values = below is not None and self._holds_values(below)
            if below is not None and not holds_values and len(self._rows[below]) > 1:
                run.pop()  # framed like the headers below it: their caption
            is_below_table = start > 0 and self._touch(rows, start) and len(self._rows[rows[start - 1]]) > 1
            if len(run) > 1 or holds_values or is_below_table:
                found.extend(run)
            start = max(end, start + 1)
        return found

    def _touch(self, rows: list[int], index: int) -> bool:
        """Whether nothing lies between a printed row and the one before it."""
        return not self._has_gap(rows[index - 1], rows[index])

    def _holds_values(self, row: int) -> bool:
        """Whether a row has figures, or more empty cells than texts, as no row of headers has."""
        texts = self._rows[row]
        return any(_is_figure(placed) for placed in texts) or len(self._empty.get(row, ())) > len(texts) > 1

    def _labels_beside_empty(self, rows: list[int]) -> set[int]:
        """Rows of one text with drawn empty cells beside it; frames tell only where another single text has none."""
        singles = [row for row in rows if len(self._rows[row]) == 1 and not _is_prose(self._rows[row][0].cell.text)]
        frames_tell = any(len(row) == 1 and row[0].cell.is_framed is False for row in self._rows.values())
        found: set[int] = set()
        for row in singles:
            empty = self._empty.get(row, ())
            is_framed = frames_tell and self._rows[row][0].cell.is_framed and any(one.cell.is_framed for one in empty)
            if is_framed or sum(one.last_column > one.column for one in empty) > 1:
                found.add(row)
        return found

    def _with_empty_row(self, run: list[int]) -> list[int]:
        """A table that ends in its headers, and the empty row drawn below them."""
        last = run[-1]
        if len(self._rows[last]) < 2 or any(_is_figure(placed) for placed in self._rows[last]):
            return run
        below = next(row for row in count(last + 1) if row not in self._sheet.hidden_rows)
        return [*run, below] if below not in self._rows and len(self._empty.get(below, ())) > 1 else run

    def _reached(self, rows: list[int]) -> set[int]:
        """Printed rows that one text joins from above, the one where it begins included."""
        reached: set[int] = set()
        end = -1
        for row in rows:
            if row <= end:
                reached.add(row)
            last = max(placed.last_row for placed in self._rows[row])
            if last > row and bisect_right(rows, last) > bisect_right(rows, row):
                reached.add(row)
            end = max(end, last)
        return reached

    def _kinds(self, rows: list[int], has_several: list[bool]) -> list[bool]:
        """For each printed row whether it belongs to a table; a row of a single text is judged by its neighbours."""
        below: list[int | None] = [None] * len(rows)
        """The next row of several texts, if every row up to it is printed."""
        for index in range(len(rows) - 2, -1, -1):
            if not self._has_gap(rows[index], rows[index + 1]):
                below[index] = rows[index + 1] if has_several[index + 1] else below[index + 1]
        kinds: list[bool] = []
        above: int | None = None
        """The nearest row of several texts in the table that reaches down to here."""
        opening: int | None = None
        """The first of them."""
        for index, row in enumerate(rows):
            if index and (not kinds[-1] or self._has_gap(rows[index - 1], row)):
                above = opening = None
            following = rows[index + 1] if index + 1 < len(rows) and not has_several[index + 1] else None
            is_table = has_several[index] or (
                not self._repeats(opening, below[index]) and self._joins(row, above, below[index], following)
            )
            kinds.append(is_table)
            if has_several[index]:
                above = row
                opening = row if opening is None else opening
        return kinds

    def _repeats(self, opening: int | None, row: int | None) -> bool:
        """Whether a row prints again what opened the table: the headers of another one."""
        if opening is None or row is None:
            return False
        first, again = (["".join(one.cell.text.split()) for one in self._rows[number]] for number in (opening, row))
        return first == again

    def _joins(self, row: int, above: int | None, below: int | None, following: int | None) -> bool:
        """Whether a row of a single text is a row of the table above it; `following` is a next row of a single text."""
        if above is None:
            # Titles and prose stand above a table, never its first row: that has headers.
            return False
        (placed,) = self._rows[row]
        text = "".join(placed.cell.text.split())
        if _is_prose(text):
            return False
        is_below_headers = self._is_header(above)
        if self._spans(placed, above) or (below is not None and not is_below_headers and self._spans(placed, below)):
            return below is not None and self._parts_groups(text, above, below)
        if _HEADING.match(text) and not is_below_headers and self._is_heading(above, below, following):
            return False
        if placed.cell.is_framed is False and any(other.cell.is_framed for other in self._rows[above]):
            return False
        if placed.column > self._rows[above][-1].column:
            return False
        if placed.column > self._first_column:
            return bool(_NUMBER.fullmatch(text)) or below is not None
        return below is not None or len(text) <= _SHORT_NOTE

    def _is_header(self, row: int) -> bool:
        """Whether a row holds headers, after which no table ends."""
        texts = [placed for placed in self._rows[row] if placed.cell.text]
        return len(texts) > 2 and not any(_is_figure(placed) for placed in texts)

    def _is_heading(self, above: int, below: int | None, following: int | None) -> bool:
        """Whether an enumerated text stands before prose, or between tables of different widths."""
        if following is not None and _is_prose("".join(self._rows[following][0].cell.text.split())):
            return True
        return below is not None and abs(self._width_from(above, -1) - self._width_from(below, 1)) >= _OTHER_WIDTH

    def _parts_groups(self, text: str, above: int, below: int) -> bool:
        """Whether a text across the whole table parts groups of its rows, and is no heading before another table."""
        if abs(self._width_from(above, -1) - self._width_from(below, 1)) >= _OTHER_WIDTH:
            return False
        return not _HEADING.match(text) or any(_is_figure(placed) for placed in self._rows[below])

    def _width_from(self, row: int, step: int) -> int:
        """The last column of the rows of several texts from `row` up or down to the next row of another kind."""
        last = -1
        while len(self._rows.get(row, ())) > 1:
            last = max(last, *(placed.last_column for placed in self._rows[row]))
            row += step
        return last

    def _has_gap(self, previous: int, row: int) -> bool:
        """True if an empty row lies between two printed rows."""
        hidden = self._hidden_rows
        return row - previous - 1 > bisect_right(hidden, row) - bisect_right(hidden, previous)

    def _spans(self, placed: _Placed, table_row: int) -> bool:
        """True if a merged text covers the whole width of a table row."""
        if placed.last_column == placed.column:
            return False
        cells = self._rows[table_row]
        return placed.column <= cells[0].column and placed.last_column >= max(other.last_column for other in cells)

    def _breaks(self, previous: int, row: int, reached: set[int]) -> bool:
        """True if an empty row before `row` ends the table: headers follow, and no text reaches over the gap."""
        if not self._has_gap(previous, row) or (row in reached and previous in reached):
            return False
        return not any(_is_figure(placed) for placed in self._rows[row])

    def _paragraph(self, placed: _Placed) -> Paragraph:
        self._counter.lines += 1
        place = Place(page=self._number, row=placed.row + 1, column=placed.column + 1, line=self._counter.lines)
        return Paragraph(placed.cell.text, place)

    def _grid(self, rows: list[int]) -> Grid:
        """A grid of the rows; empty cells included, rows and columns that print nothing left out."""
        self._counter.tables += 1
        table = self._counter.tables
        columns = self._columns_of(rows)
        if len(rows) * len(columns) > MOST_CELLS:
            raise Unreadable(
                "sheet_too_large",
                f"A table of the workbook has {len(rows)} rows and {len(columns)} columns, which no report has. "
                "Add the report alone, without other data.",
            )
        drawing = _Drawing(self._number, table, rows, columns)
        for row in rows:
            for one in self._rows.get(row, ()):
                drawing.put((one.row, one.column, one.last_row, one.last_column), one.cell.text, one.cell.doubt)
        for area in self._sheet.merged:
            drawing.put(area, "")
        drawing.fill()
        return drawing.grid()

    def _side_by_side(self, rows: list[int]) -> list[Sheet]:
        """The parts of the sheet that are tables side by side, with empty columns between; none for a single table."""
        if self._is_part:
            return []
        printed = [one for row in rows for one in (*self._rows.get(row, ()), *self._empty.get(row, ()))]
        groups: list[list[_Placed]] = []
        end = -1
        for one in sorted(printed, key=lambda placed: placed.column):
            hidden = (column in self._sheet.hidden_columns for column in range(end + 1, one.column))
            if not groups or not all(hidden):
                groups.append([])
            groups[-1].append(one)
            end = max(end, one.last_column)
        tables: list[list[_Placed]] = []
        for group in groups if len(groups) <= _MOST_GROUPS else ():
            if tables and not _is_beside(tables[-1], group):
                tables[-1].extend(group)
            else:
                tables.append(group)
        if not 1 < len(tables) <= _MOST_BESIDE:
            return []
        return [self._part(rows[0], rows[-1], min(one.column for one in table), table) for table in tables]

    def _part(self, top: int, bottom: int, left: int, table: list[_Placed]) -> Sheet:
        """What the sheet holds from row `top` to `bottom` in the columns of a table."""
        right = max(one.last_column for one in table)
        sheet = self._sheet

        def inside(row: int, column: int) -> bool:
            return top <= row <= bottom and left <= column <= right

        cells = {at: cell for at, cell in sheet.cells.items() if inside(*at)}
        merged = [area for area in sheet.merged if inside(*area[:2])]
        framed = {at for at in sheet.framed if inside(*at)}
        return replace(sheet, cells=cells, merged=merged, framed=framed)

    def _columns_of(self, rows: list[int]) -> list[int]:
        """The columns that print something; all of the table before where the rows go on with it without headers."""
        texts = [[one for one in self._rows.get(row, ()) if one.cell.text] for row in rows]
        columns = sorted({one.column for row in texts for one in row})
        if self._columns and set(columns) <= set(self._columns) and self._goes_on(rows, texts):
            return self._columns
        figures = [one.column for row in texts for one in row if _is_figure(one)]
        self._first_value_column = min(figures) if figures else max(one.column for one in texts[-1] or texts[0]) + 1
        self._columns = columns
        return columns

    def _goes_on(self, rows: list[int], texts: list[list[_Placed]]) -> bool:
        """Whether rows stand under the headers of the table before: none of their own, as wide, figures as there."""
        drawn = [one for row in rows for one in (*self._rows.get(row, ()), *self._empty.get(row, ()))]
        if max(one.column for one in drawn) < self._columns[-1]:
            return False
        if any(one.column < self._first_value_column for row in texts for one in row if _is_figure(one)):
            return False
        for row in texts:
            in_values = [one for one in row if one.column >= self._first_value_column]
            if in_values:
                return all(_is_figure(one) or len(one.cell.text.strip()) == 1 for one in in_values)
        return True


class _Drawing:
    """A grid being put together from areas of the sheet."""

    def __init__(self, page: int, table: int, rows: list[int], columns: list[int]) -> None:
        self._page = page
        self._table = table
        self._rows = rows
        self._columns = columns
        self._row_at = {row: number for number, row in enumerate(rows)}
        self._column_at = {column: number for number, column in enumerate(columns)}
        self._taken: set[tuple[int, int]] = set()
        self._cells: list[GridCell] = []
        self._budget = _Budget()

    def put(self, area: tuple[int, int, int, int], text: str, doubt: str = "") -> None:
        """Add a cell over the rows and columns of `area` that the grid has; an area that overlaps another is cut."""
        top, left, bottom, right = area
        if top == bottom and left == right:
            self._put_one(top, left, text, doubt)
            return
        row, column = bisect_left(self._rows, top), bisect_left(self._columns, left)
        end_row, end_column = bisect_right(self._rows, bottom), bisect_right(self._columns, right)
        if row >= end_row or column >= end_column or (row, column) in self._taken:
            return
        self._budget.spend((end_row - row) * (end_column - column))
        slots = [(r, c) for r in range(row, end_row) for c in range(column, end_column)]
        if any(slot in self._taken for slot in slots):
            if not text:
                return
            slots, end_row, end_column = [(row, column)], row + 1, column + 1
        self._taken.update(slots)
        place = Place(self._page, self._table, self._rows[row] + 1, self._columns[column] + 1)
        self._cells.append(GridCell(row, column, text, place, end_row - row, end_column - column, doubt))

    def _put_one(self, top: int, left: int, text: str, doubt: str = "") -> None:
        """Add a cell that is not merged, as nearly all are."""
        row, column = self._row_at.get(top), self._column_at.get(left)
        if row is None or column is None or (row, column) in self._taken:
            return
        self._budget.spend(1)
        self._taken.add((row, column))
        self._cells.append(GridCell(row, column, text, Place(self._page, self._table, top + 1, left + 1), doubt=doubt))

    def fill(self) -> None:
        """Give every position without a cell an empty one."""
        for row in self._rows:
            for column in self._columns:
                self._put_one(row, column, "")

    def grid(self) -> Grid:
        """The grid, cells in reading order."""
        cells = tuple(sorted(self._cells, key=lambda cell: (cell.row, cell.column)))
        place = Place(page=self._page, table=self._table)
        return Grid(cells, len(self._rows), len(self._columns), place)


def _placed(sheet: Sheet) -> Iterable[_Placed]:
    """The visible cells with text, each at the first visible corner of its merged range."""
    anchored = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
    covered = _covered(sheet.merged, sheet.cells)
    for (row, column), cell in sheet.cells.items():
        if not cell.text.strip():
            continue
        bottom, right = anchored.get((row, column), (row, column))
        if (row, column) not in anchored and (row, column) in covered:
            continue  # what a merged range covers is not shown
        first_row = _first_open(row, bottom, sheet.hidden_rows)
        first_column = _first_open(column, right, sheet.hidden_columns)
        if first_row is not None and first_column is not None:
            text = cell.text.strip("\r\n")
            yield _Placed(
                first_row, first_column, bottom, right, cell if text == cell.text else replace(cell, text=text)
            )


def _placed_empty(sheet: Sheet) -> Iterable[_Placed]:
    """The visible cells that are drawn without text, framed or merged, each at the first visible corner."""
    ends = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
    drawn = {at for at in (*ends, *sheet.framed) if at not in sheet.cells or not sheet.cells[at].text.strip()}
    covered = _covered(sheet.merged, drawn)
    for row, column in sorted(drawn):
        bottom, right = ends.get((row, column), (row, column))
        first_row = _first_open(row, bottom, sheet.hidden_rows)
        first_column = _first_open(column, right, sheet.hidden_columns)
        if first_row is None or first_column is None or ((row, column) in covered and (row, column) not in ends):
            continue
        cell = SheetCell("", is_framed=(row, column) in sheet.framed)
        yield _Placed(first_row, first_column, bottom, right, cell)


def _first_open(first: int, last: int, hidden: set[int]) -> int | None:
    if first <= last and first not in hidden:
        return first
    return next((index for index in range(first, min(last, first + len(hidden)) + 1) if index not in hidden), None)


def _covered(merged: list[tuple[int, int, int, int]], cells: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The cells that a merged range covers, its own corner left out."""
    columns: dict[int, list[int]] = {}
    for row, column in cells:
        columns.setdefault(row, []).append(column)
    for row_columns in columns.values():
        row_columns.sort()
    rows = sorted(columns)
    covered: set[tuple[int, int]] = set()
    budget = _Budget()
    for top, left, bottom, right in merged:
        for row in rows[bisect_left(rows, top) : bisect_right(rows, bottom)]:
            inside = columns[row][bisect_left(columns[row], left) : bisect_right(columns[row], right)]
            budget.spend(1 + len(inside))
            covered.update((row, column) for column in inside if (row, column) != (top, left))
    return covered


class _Budget:
    """Steps that merged ranges may cost: those of real sheets hardly overlap, those of hostile ones all do."""

    def __init__(self) -> None:
        self._left = 10 * MOST_CELLS

    def spend(self, steps: int) -> None:
        """Count some steps. Raises Unreadable when none are left."""
        self._left -= steps
        if self._left < 0:
            raise Unreadable(
                "sheet_too_large",
                "The merged ranges of the workbook overlap more often than it has cells. Save it anew in a spreadsheet "
                "program and add that copy.",
            )
