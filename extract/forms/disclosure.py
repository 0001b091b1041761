"""Table 2, proactive disclosure: stacked blocks, each with a heading (第二十条第…项), a header row and one or two rows.

E2019 counts items and decisions, E2021 decisions and money (国办公开办函〔2019〕60号, 〔2021〕30号).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from extract.forms.declaration import Edition, FormBlock, FormRow
from extract.forms.labels import bare, compact, is_qualified, remarks_behind, similarity
from extract.forms.lines import MERGED_ROWS, Fragment, Line
from extract.forms.printed import TableReading, altered, read_cell, settle_copies, withheld
from extract.forms.values import is_unit, parse_value
from extract.forms.years import own_year
from extract.model import CellReading, CellStatus, Confidence

__all__ = ["read_disclosure"]

_TABLE = "t2"
_BLOCK_HEADING = re.compile(r"第?二十条第?\(?([一二三四五六七八九十]+)\)?项")
_NUMERALS = {"一": "1", "五": "5", "六": "6", "八": "8", "九": "9"}
_ROW_HEADER = "信息内容"
_CORNERS = frozenset({"项目", "类别", "事项", "名称", "指标"})
"""Other words over the labels of the rows: they head the table only beside one of its columns."""
_YEAR = re.compile(r"(20\d\d)年?(?:度)?(?:数据|数量|件数|情况)?")
_THIS_YEAR = re.compile(r"(?:本年度?|今年)(?:数据|数量|件数|情况)?")
_LAST_YEAR = re.compile(r"(?:上年度?|上一年度?|去年|去年同期|同期)(?:数据|数量|件数|情况)?")
_LONGEST_HEADING = 30
_LONGEST_COLUMN = 12
_SHORTEST_DAMAGED = 3
_NEARLY = 0.8
_NUMBERS_FOLLOW = re.compile(
    r"(?:本年度?|今年)?(?:数据|数量|件数|金额|数值|情况)?(?:\((?:单位:)?[件项条份个次宗亿万千元]{1,2}\))?"
)
_DIGIT = re.compile(r"\d")
_UNIT_MARKS = re.compile(r"[()\[\]:]|计量|单位")
_BRACKETED = re.compile(r"\([^()]*\)")
_QUALIFIED = "qualified_label"
_NOTE = re.compile(r"\((?:注|备注|说明|详?见|附)")
_REMARKS = frozenset({"备注", "说明"})
_PUNCTUATION = ":|/,;.-"
_INVALID = frozenset({"invalid_count", "invalid_amount"})
_ENOUGH_HEADERS = 2
_END_OF_TABLE = re.compile(r"^(?:[一二三四五六]、)?(?:收到和处理政府信息公开申请|本年(?:度)?新收|\(本列数据的勾稽)")


class _Form:
    """What the reader asks of the declared table again and again."""

    def __init__(self, edition: Edition) -> None:
        self.blocks = edition.table(_TABLE).blocks
        self.rows: dict[str, tuple[FormBlock, FormRow]] = {
            label: (block, row) for block in self.blocks for label, (row, *_) in block.rows_by_label.items()
        }
        self.columns = frozenset(label for block in self.blocks for label in block.columns_by_label)

    def row_of(self, label: str) -> tuple[FormBlock, FormRow] | None:
        """The row that a label names, alone or behind the heading of its block (第二十条第（一）项 规章)."""
        found = self.rows.get(label)
        return self.rows.get(_BLOCK_HEADING.sub("", label)) if found is None and "二十条" in label else found


@lru_cache(maxsize=8)
def _form(edition: Edition) -> _Form:
    return _Form(edition)


@dataclass
class _Head:
    """The header over the rows that follow: its fragments, and the line of a grid in which it is printed whole."""

    cells: list[Fragment] = field(default_factory=list)
    line: Line | None = None
    grid: int | None = None
    has_rows: bool = False
    years: list[tuple[Fragment, int | None]] = field(default_factory=list)
    """Years printed below the headers, each over a column of figures; None for one that is not the report's own."""
    words: list[Fragment] = field(default_factory=list)
    """Other words printed below the headers: they part a column of the form, and no one knows into what."""

    def own(self, line: Line, values: Sequence[Fragment]) -> Sequence[Fragment] | None:
        """The figures of the report's own year; None where they cannot be told from those of other years."""
        if self._is_parted(line, values):
            return None
        if not self.years:
            return values
        if line.is_aligned:
            own = [head for head, year in self.years if year is not None]
            return [value for value in values if _covers(value, own)] if own else None
        if len(values) != len(self.years):
            return None
        return [value for value, (_, year) in zip(values, self.years, strict=True) if year is not None] or None

    def _is_parted(self, line: Line, values: Sequence[Fragment]) -> bool:
        """Whether words below the headers stand over a figure; without columns, over any."""
        if not self.words:
            return False
        figures = [value for value in values if not value.is_blank or value.doubt]
        return any(not line.is_aligned or _covers(value, self.words) for value in figures)

    def takes_more(self, line: Line) -> bool:
        """Whether a line of text is one more header of a table flattened to a line a cell."""
        if line.grid is not None or self.grid is not None or self.has_rows or not self.cells or len(line.cells) > 1:
            return False
        cell = line.cells[0]
        return _is_corner(self.cells[0]) and not cell.is_value and len(cell.whole) <= _LONGEST_COLUMN

    def add(self, cells: Sequence[Fragment]) -> None:
        """Take headers flattened to a line each."""
        for cell in cells:
            place = len(self.cells)
            self.cells.append(replace(cell, column=place, end_column=place + 1))


def read_disclosure(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 2 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    block: FormBlock | None = None
    head = _Head()
    printed: list[list[CellReading]] = []
    damaged: list[list[CellReading]] = []
    in_table = False
    form = _form(edition)
    listed: tuple[Line, FormRow, set[str]] | None = None
    brackets: dict[str, set[str]] = {}
    for line in lines:
        item = _listed(form, line, listed)
        if item is not None:
            listed, cell = item
            printed.append([read_cell(edition, f"{_TABLE}.{cell[0]}", cell[2], header=cell[1].text)])
            continue
        heading = _heading(form, line)
        if heading is not None and in_table and _is_beside_row(form, heading, line, head):
            block = heading
        elif heading is not None and not (heading is block and any(cell.label in form.rows for cell in line.cells)):
            # Not where the heading stands in a column of its own, beside each row of its block.
            block, head, in_table = heading, _Head(grid=line.grid), True
            if not any(_is_corner(cell) for cell in line.cells):
                continue
        if _is_header(form, line):
            head, in_table = _Head(_unglued(form, line), line if line.grid is not None else None, line.grid), True
            block = _block_of_header(form, line, block)
            continue
        if not in_table:
            continue
        if block is not None and line.grid is None and all(cell.label in block.columns_by_label for cell in line.cells):
            head.add(line.cells)
            continue
        if _ends_table(line):
            # The table is over at the next section; a new heading or header opens it again.
            block, head, in_table = None, _Head(), False
            continue
        if head.cells and not head.has_rows and line.grid == head.grid and (years := _years(line, lines)):
            head.years = years
            continue
        place, named, is_damaged = _named(form, block, line, head)
        if named is None:
            labels, values = line.split()
            if head.takes_more(line):
                head.add(line.cells)
            elif words := _words_below(line, lines, head):
                head.words.extend(words)
                reading.leave(line, "extra_line")
            elif len(labels) == 1 and values and line.grid is not None:
                reading.leave(line, "unknown_label")
            elif labels and len(compact(line.text)) < 40 and line.grid == head.grid and line.grid is not None:
                reading.leave(line, "extra_line")
            continue
        head.has_rows = True
        cells = _read_row(edition, *named, line, place, head, is_damaged=is_damaged)
        if bracket := _bracket(line.cells[place]):
            brackets.setdefault(named[1].code, set()).add(bracket)
        (damaged if is_damaged else printed).append(cells)
    exact = {cell.code for row in printed for cell in row}
    printed.extend(row for row in damaged if not any(cell.code in exact for cell in row))
    parts = {code for code, found in brackets.items() if len(found) > 1}
    settled = settle_copies(_without_blank_copies(printed, reading), reading)
    reading.cells.extend(_part_withheld(cell) if cell.code.split(".")[1] in parts else cell for cell in settled)
    return reading


def _without_blank_copies(rows: Sequence[Sequence[CellReading]], reading: TableReading) -> list[CellReading]:
    """The cells of all rows but those that are blank here and filled in another copy of the table."""
    copies: list[list[Sequence[CellReading]]] = []
    seen: set[str] = set()
    for row in rows:
        codes = {cell.code for cell in row}
        if not copies or codes & seen:
            copies.append([])
            seen = set()
        seen |= codes
        copies[-1].append(row)
    blank = [copy for copy in copies if not any(_is_filled(row) for row in copy)]
    told = [row for copy in copies if copy not in blank for row in copy] or list(rows)
    # Of one block alone a blank copy may stand before the blocks that follow.
    filled = {cell.code for row in told if _is_filled(row) for cell in row}
    kept = [row for row in told if _is_filled(row) or not any(cell.code in filled for cell in row)]
    if len(kept) < len(rows):
        reading.note("duplicate_table", _TABLE, "a blank copy of the table is printed too")
    return [cell for row in kept for cell in row]


def _bracket(label: Fragment) -> str:
    """What stands in brackets behind the label of a row, unless it is a unit or points to a note."""
    remarks = remarks_behind(label.text)
    return "" if is_unit(_UNIT_MARKS.sub("", remarks)) or _NOTE.match(remarks) else remarks


def _part_withheld(cell: CellReading) -> CellReading:
    """A figure of a row that is printed again with another bracket behind its label: each is a part, none the row's."""
    if cell.value is None:
        return cell
    flags = tuple(dict.fromkeys((*cell.flags, _QUALIFIED)))
    doubtful = Confidence.DOUBTFUL
    return altered(cell, value=None, yuan=None, status=CellStatus.WITHHELD, confidence=doubtful, flags=flags)


def _is_filled(row: Sequence[CellReading]) -> bool:
    return any(cell.raw for cell in row)


def _named(
    form: _Form, block: FormBlock | None, line: Line, head: _Head
) -> tuple[int, tuple[FormBlock, FormRow] | None, bool]:
    """Where the label of a row stands, the row that it names, and whether it had to be recognised from what is left."""
    own, values = line.split()
    if line.grid is None:
        return len(own) - 1, form.row_of(own[-1].label) if own else None, False
    for place, cell in enumerate(line.cells):
        if not cell.is_value and (named := form.row_of(cell.label)):
            return place, named, False
    if block is None or not own or not values or line.grid != head.grid or not head.cells:
        return 0, None, False
    likeness = sorted(
        ((similarity(own[-1].label, label), label) for label in form.rows if len(own[-1].label) >= _SHORTEST_DAMAGED),
        reverse=True,
    )
    best = [(like, label) for like, label in likeness if like >= _NEARLY]
    rows = {form.rows[label][1].code for _, label in best}
    if len(rows) == 1 and form.rows[best[0][1]][0] is block:
        return len(own) - 1, form.rows[best[0][1]], True
    return 0, None, False


def _is_corner(cell: Fragment) -> bool:
    """Whether a cell is the header over the labels of the rows, alone or behind the heading of its block."""
    label = cell.label
    return label.startswith(_ROW_HEADER) or (label.endswith(_ROW_HEADER) and "二十条" in label)


def _ends_table(line: Line) -> bool:
    whole = line.cells[0].whole if len(line.cells) == 1 else compact(line.text)
    return _END_OF_TABLE.match(whole) is not None


def _unglued(form: _Form, line: Line) -> list[Fragment]:
    """The cells of a header line; of a line of text, those that hold several headers come apart."""
    if line.is_aligned:
        return [*line.cells]
    parted: list[Fragment] = []
    for cell in line.cells:
        words = cell.text.split()
        is_glued = len(words) > 1 and cell.label not in form.columns and all(bare(one) in form.columns for one in words)
        parted.extend(replace(cell, text=word) for word in words) if is_glued else parted.append(cell)
    if len(parted) == len(line.cells):
        return parted
    return [replace(cell, column=place, end_column=place + 1) for place, cell in enumerate(parted)]


def _years(line: Line, lines: Sequence[Line]) -> list[tuple[Fragment, int | None]]:
    """The years that a line below the headers prints over the columns of figures, if it prints nothing else."""
    cells = [cell for cell in line.cells if not cell.is_blank]
    if len(cells) < _ENOUGH_HEADERS:
        return []
    named = [int(match[1]) if (match := _YEAR.fullmatch(cell.whole)) else None for cell in cells]
    this = [_THIS_YEAR.fullmatch(cell.whole) is not None for cell in cells]
    if any(
        year is None and not is_this and not _LAST_YEAR.fullmatch(cell.whole)
        for cell, year, is_this in zip(cells, named, this, strict=True)
    ):
        return []
    printed = {year for year in named if year is not None}
    own = own_year(printed, lines) if printed else None
    years = [year if year is not None and year == own else None for year in named]
    return [(cell, 0 if is_this else year) for cell, is_this, year in zip(cells, this, years, strict=True)]


def _words_below(line: Line, lines: Sequence[Line], head: _Head) -> list[Fragment]:
    """The words that a line between the headers and their first row prints over the figures, if it prints no figure.

    A label with one text beside it is a row that the form does not have. Units part nothing, nor does one text that
    says no more than that the year's figures follow.
    """
    if not head.cells or head.has_rows or line.grid is None or line.grid != head.grid:
        return []
    printed = [cell for cell in line.cells if not cell.is_blank]
    over = printed
    if line.is_aligned:
        first = min((one.column for one in head.cells if not _is_over_rows(one)), default=line.cells[-1].end_column)
        over = [cell for cell in printed if cell.column >= first]
    words = [cell for cell in over if not cell.is_value or _YEAR.fullmatch(cell.whole)]
    if not words and len(over) == len(printed):
        words = [cell for cell in over if parse_value(cell.text, "count").status is CellStatus.TEXT]
    if any(cell not in words and _DIGIT.search(cell.text) for cell in over):
        return []
    if all(map(_is_unit, words)) or (len({cell.whole for cell in words}) == 1 and _is_own(words[0], lines)):
        return []
    return over if len(over) > 1 or (line.is_aligned and len(printed) == 1) else []


def _is_over_rows(cell: Fragment) -> bool:
    return cell.is_blank or _is_corner(cell) or cell.label in _CORNERS or _BLOCK_HEADING.search(cell.whole) is not None


def _is_own(cell: Fragment, lines: Sequence[Line]) -> bool:
    """Whether a text below a header says no more than that the year's figures follow."""
    if match := _YEAR.fullmatch(cell.whole):
        return own_year({int(match[1])}, lines) == int(match[1])
    return _NUMBERS_FOLLOW.fullmatch(cell.whole) is not None


def _is_unit(cell: Fragment) -> bool:
    return is_unit(_UNIT_MARKS.sub("", cell.whole))


def _listed(
    form: _Form, line: Line, before: tuple[Line, FormRow, set[str]] | None
) -> tuple[tuple[Line, FormRow, set[str]], tuple[str, Fragment, Fragment]] | None:
    """A line of a table that prints one figure a line: its row, beside it or above it, its column and its figure."""
    if line.grid is None:
        return None
    labels, values = line.split()
    own = [cell for cell in labels if not cell.is_blank]
    if not own or own[-1].label not in form.columns or not values or any(not cell.is_blank for cell in values[1:]):
        return None
    beside = [named for cell in (*line.above, *own[:-1]) if (named := form.row_of(cell.label))]
    taken: set[str] = set()
    if beside:
        block, row = beside[-1]
        if before is not None and before[1] is row and before[0].grid == line.grid:
            taken = before[2]
    elif before is not None and before[0].grid == line.grid and len(own) == 1:
        row, taken = before[1], before[2]
        block = form.rows[bare(row.label)][0]
    else:
        return None
    column = block.columns_by_label.get(own[-1].label)
    if column is None or (column.code in taken and not beside):
        return None
    return (line, row, taken | {column.code}), (f"{row.code}.{column.code}", own[-1], values[0])


def _heading(form: _Form, line: Line) -> FormBlock | None:
    """The block that a 第二十条第…项 line opens."""
    for fragment in line.cells:
        whole = fragment.whole
        if "二十条" not in whole or len(whole) >= _LONGEST_HEADING or form.row_of(fragment.label):
            continue
        if match := _BLOCK_HEADING.search(whole):
            wanted = f"art20_{_NUMERALS.get(match[1], match[1])}"
            return next((block for block in form.blocks if block.id == wanted), None)
    return None


def _is_beside_row(form: _Form, heading: FormBlock, line: Line, head: _Head) -> bool:
    """Whether a heading stands in a column of its own beside a row of its block, below the headers of the block."""
    named = [found for cell in line.cells if not cell.is_value and (found := form.row_of(cell.label))]
    is_own = bool(named) and all(block is heading for block, _ in named)
    printed = {cell.label for cell in head.cells}
    return is_own and line.grid is not None and line.grid == head.grid and bool(printed & set(heading.columns_by_label))


def _is_header(form: _Form, line: Line) -> bool:
    columns = form.columns
    # No label of the form could stand in a number cell.
    found = [
        cell
        for cell in line.split()[0]
        if (label := cell.label) in columns or (_ROW_HEADER in label and _is_corner(cell))
    ]
    if not found:
        return False
    if any(_is_corner(cell) for cell in found) or line.cells[0].label in _CORNERS:
        return True
    labels = {cell.label for cell in found}
    return any(len(labels & block.columns_by_label.keys()) >= _ENOUGH_HEADERS for block in form.blocks)


def _block_of_header(form: _Form, line: Line, current: FormBlock | None) -> FormBlock | None:
    """The block whose headers a header line prints: the open one if it fits, else the only one that does."""
    labels = {fragment.label for fragment in line.cells}
    if current is not None and (labels & current.columns_by_label.keys() or any(map(_is_corner, line.cells))):
        return current
    fitting = [block for block in form.blocks if set(block.columns_by_label) & labels]
    return fitting[0] if len(fitting) == 1 else None


def _read_row(
    edition: Edition,
    block: FormBlock,
    row: FormRow,
    line: Line,
    place: int,
    head: _Head,
    *,
    is_damaged: bool,
) -> list[CellReading]:
    _, behind = line.split()
    values = line.cells[place + 1 :] if line.grid is not None else behind
    printed = _headers(block, head.cells)
    own = head.own(line, values)
    mapped = None if own is None else _mapped(block, line, own, head, printed)
    if not values:
        return []
    flags = ("label_damaged",) if is_damaged else ()
    if is_qualified(line.cells[place].text):
        flags = (*flags, _QUALIFIED)
    if mapped is not None:
        cells = [
            # No sum could tell whose a figure is that stands in the rows of several labels.
            withheld(f"{_TABLE}.{row.code}.{code}", fragment, MERGED_ROWS)
            if fragment.doubt == MERGED_ROWS
            else read_cell(
                edition,
                f"{_TABLE}.{row.code}.{code}",
                fragment,
                header=printed[code].text if code in printed else "",
                flags=flags,
            )
            for code, fragment in mapped.items()
        ]
        # Nothing adds up in this table: a figure that cannot stand where the order puts it casts doubt on the others.
        if line.is_aligned or len(cells) == 1 or not any(_INVALID.intersection(cell.flags) for cell in cells):
            return cells
    doubt = next((value.doubt for value in values if value.doubt), "")
    raw = Fragment(" | ".join(value.text for value in values), values[0].place, doubt=doubt)
    return [withheld(f"{_TABLE}.{row.code}.{column.code}", raw, "column_shift") for column in block.columns]


def _headers(block: FormBlock, headings: Sequence[Fragment]) -> dict[str, Fragment]:
    """The printed header of each column of the block, in print order."""
    columns = block.columns_by_label
    found: dict[str, Fragment] = {}
    for fragment in headings:
        column = columns.get(fragment.label)
        if column is not None:
            found.setdefault(column.code, fragment)
    if not found and len(headings) == 1:
        # The whole header came out as one text (信息内容本年收费金额): it still names the unit.
        glued = headings[0]
        places = {glued.label.find(label): column.code for label, column in columns.items() if label in glued.label}
        found = {places[place]: glued for place in sorted(places)}
    return found


def _other_headings(block: FormBlock, headings: Sequence[Fragment]) -> list[Fragment]:
    """Printed headers of columns that the form does not have: last year's figures, remarks."""
    if len(headings) == 1 and _ROW_HEADER in headings[0].label:
        # The whole header came out as one text.
        return list(headings) if _beside(block, headings[0]) else []
    row_header = next((heading.column for heading in headings if _is_corner(heading)), -1)
    return [
        heading
        for heading in headings
        if not heading.is_blank
        and heading.column > row_header
        and not (heading is headings[0] and heading.label in _CORNERS)
        and heading.label not in block.columns_by_label
        and not _BLOCK_HEADING.search(heading.whole)
        and _beside(block, heading)
    ]


def _beside(block: FormBlock, heading: Fragment) -> str:
    """What a header prints beside the headers of the form, glued together or not."""
    rest = heading.label
    for label in sorted((_ROW_HEADER, *block.columns_by_label), key=len, reverse=True):
        rest = rest.replace(label, "")
    return _BRACKETED.sub("", _BLOCK_HEADING.sub("", rest)).strip(_PUNCTUATION)


def _mapped(
    block: FormBlock, line: Line, values: Sequence[Fragment], head: _Head, printed: Mapping[str, Fragment]
) -> dict[str, Fragment] | None:
    """Figures by column code, under their headers or in their order; None where neither tells."""
    others = _other_headings(block, head.cells)
    codes = list(printed) if len(printed) == len(block.columns) else [column.code for column in block.columns]
    is_whole = len(printed) == len(block.columns)
    run = list(values)
    if not is_whole and _is_reordered(block, head.cells):
        return None
    if line.grid != head.grid:
        # Columns of another grid mean nothing here; figures outside the grid of their header have been torn from it.
        is_torn = line.grid is None or others or any(not value.is_value for value in run)
        return dict(zip(codes, run, strict=True)) if len(run) == len(codes) and not is_torn else None
    if line.is_aligned and is_whole:
        placed = _under_headers(values, printed, others)
        if placed is not None:
            return placed
        if any(not _covers(value, (*printed.values(), *others)) and not value.is_blank for value in values):
            # A figure under no header: a cell too many has pushed the row along.
            return None
    if not line.is_aligned and line.grid is not None and is_whole:
        by_field = _by_position(block, values, head)
        if by_field is not None:
            return by_field
    if others and not line.is_aligned and is_whole and _are_remarks(others, printed) and len(run) == len(codes):
        # A blank remark leaves no trace in a dump; a blank figure would, or there is no telling.
        under = dict(zip(codes, run, strict=True))
        return under if all(_is_figure(block, *one) for one in under.items()) else None
    if others:
        return None if line.is_aligned else _by_field(values, printed, others)
    if any(not value.is_value for value in run):
        return None
    while len(run) > len(codes) and run[-1].is_blank:
        run.pop()
    while len(run) > len(codes) and run[0].is_blank and not line.is_aligned:
        run.pop(0)
    return dict(zip(codes, run, strict=True)) if len(run) == len(codes) else None


def _is_reordered(block: FormBlock, headings: Sequence[Fragment]) -> bool:
    """Whether what is left of the headers, glued together or not, stands in another order than the form's."""
    text = "".join(heading.label for heading in headings)
    places: dict[str, int] = {}
    for label in sorted(block.columns_by_label, key=len, reverse=True):
        places.setdefault(block.columns_by_label[label].code, text.find(label))
    found = [places[column.code] for column in block.columns if places[column.code] >= 0]
    return found != sorted(found)


def _are_remarks(others: Sequence[Fragment], printed: Mapping[str, Fragment]) -> bool:
    """Whether the columns that the form does not have are remarks behind all of its own."""
    last = max(head.column for head in printed.values())
    return all(other.label in _REMARKS and other.column > last for other in others)


def _is_figure(block: FormBlock, code: str, value: Fragment) -> bool:
    column = next(column for column in block.columns if column.code == code)
    return parse_value(value.text, column.type or "count").status is CellStatus.REPORTED


def _by_position(block: FormBlock, values: Sequence[Fragment], head: _Head) -> dict[str, Fragment] | None:
    """Figures of a flattened row that has as many fields as its header, merged ones blank or repeated in both."""
    heads = list(head.line.cells) if head.line is not None else []
    corner = next((place for place, cell in enumerate(heads) if _is_corner(cell)), None)
    if corner is None:
        return None
    heads = heads[corner + 1 :]
    while heads and _is_corner(heads[0]):
        heads.pop(0)
        values = values[1:]
    if len(heads) != len(values):
        return None
    fields: list[tuple[Fragment, list[Fragment]]] = []
    for cell, value in zip(heads, values, strict=True):
        if fields and (cell.is_blank or cell.whole == fields[-1][0].whole):
            fields[-1][1].append(value)
        else:
            fields.append((cell, [value]))
    found: dict[str, Fragment] = {}
    for cell, under in fields:
        column = block.columns_by_label.get(cell.label)
        if column is None:
            continue
        texts = {value.text for value in under if not value.is_blank}
        if len(texts) > 1 or column.code in found or any(not value.is_value for value in under):
            return None
        found[column.code] = next((value for value in under if not value.is_blank), under[0])
    return found if len(found) == len(block.columns) else None


def _covers(value: Fragment, headings: Sequence[Fragment]) -> bool:
    return any(value.column < head.end_column and value.end_column > head.column for head in headings)


def _under_headers(
    values: Sequence[Fragment], printed: Mapping[str, Fragment], others: Sequence[Fragment]
) -> dict[str, Fragment] | None:
    """Figures by the header above them: one of its own for each column, and none without a header.

    A header over several cells heads the one that is not blank.
    """
    under = {code: _filled(value for value in values if _covers(value, (head,))) for code, head in printed.items()}
    if any(len(found) != 1 for found in under.values()):
        return None
    taken = [found[0] for found in under.values()]
    if len(set(map(id, taken))) != len(taken):
        return None
    if any(value not in taken and not value.is_blank and not _covers(value, others) for value in values):
        return None
    return {code: found[0] for code, found in under.items()}


def _filled(values: Iterable[Fragment]) -> list[Fragment]:
    """Those that are not blank for certain; where all are, the first."""
    found = list(values)
    return [value for value in found if not value.is_blank or value.doubt] or found[:1]


def _by_field(
    values: Sequence[Fragment], printed: Mapping[str, Fragment], others: Sequence[Fragment]
) -> dict[str, Fragment] | None:
    """Figures of a flattened row with further columns, by the field of their header."""
    fields = sorted((*printed.values(), *others), key=lambda head: head.column)
    if not printed or len(values) != len(fields) or len({id(head) for head in fields}) < len(fields):
        # Headers that came out as one text have no fields.
        return None
    return {code: values[fields.index(head)] for code, head in printed.items()}
