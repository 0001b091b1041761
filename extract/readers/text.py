"""Text dumps to blocks: pages saved as text, Markdown made from PDF, `pdftotext -layout` output.

Belongs here: the shapes in which software flattens tables into lines. Does not belong here: what a label means.

Shapes, told stanza by stanza (a stanza is a run of lines without an empty line):

- a line that begins with a tab is one *cell*; an empty line ends the row;
- a line with tabs between texts is one *row* of fields, empty fields included;
- a line within pipes is one row of a Markdown table;
- a line with two or more pipes between texts is one row of fields, empty fields included, and so are the lines with
  one pipe in the same stanza;
- a line with runs of two or more blanks between texts is one row of a laid-out page.

Grids made here have `is_aligned=False`: the software lost the spans, so only the order inside a row means something.
Everything else is a Paragraph, one a line. No printed character is dropped, except pipes and Markdown separator lines.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from extract.model import Block, Document, DocumentFormat, Grid, GridCell, Paragraph, Place
from extract.readers.encoding import decode
from extract.readers.labels import labelled_values

__all__ = ["blocks_of_text", "read_text"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK_RUN = re.compile(r"[ \u3000\xa0]{2,}")
_PIPE = re.compile(r"(?<!\\)\|")
_PIPE_SEPARATOR = re.compile(r"\s*\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?)?\s*")
_MARKDOWN_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_NUMERIC = re.compile(r"[+\-−]?[\d０-９]+(?:[.,，．][\d０-９]+)*[^\s.．、)）]{0,2}|[/—\-－无]{1,2}")
_DAY_DIGITS = r"[\d一二三四五六七八九十]*"
_DATE = re.compile(rf"\D{{0,20}}[\d〇零○一二三四五六七八九十]*\s*年\s*{_DAY_DIGITS}\s*月\s*{_DAY_DIGITS}\s*日")
_ENUMERATED = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|#{1,6}\s)")
_BROKEN_SENTENCE = ("，", ",", "、", "；", "：")
_PROSE_CELL = 150
_LONGEST_FIELD = 40
_PROSE_SENTENCE = 40
_CONTINUATION_LINES = 3
_CONTINUATION_LENGTH = 40
"""A cell's text may run over the next lines; more or longer lines are prose that follows the table."""


class _Shape(Enum):
    CELLS = auto()
    FIELDS = auto()
    PIPES = auto()
    BARS = auto()
    LAYOUT = auto()


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    page: int | None
    text: str

    @property
    def is_empty(self) -> bool:
        """True for a line that separates stanzas. A lone tab is an empty cell and a lone no-break space a blank one."""
        return not self.text.strip(" ")

    def place(self, table: int | None = None, row: int | None = None, column: int | None = None) -> Place:
        return Place(self.page, table, row, column, self.number)


@dataclass(slots=True)
class _Row:
    """One row before it is known whether its run is a table: the line and text of each cell, and the lines as read."""

    cells: list[tuple[_Line, str]]
    lines: list[_Line]

    @property
    def filled(self) -> list[str]:
        return [text for _, text in self.cells if text.strip()]

    @property
    def is_prose(self) -> bool:
        return any(len(text) > _PROSE_CELL or ("。" in text and len(text) > _PROSE_SENTENCE) for _, text in self.cells)


def read_text(data: bytes) -> Document:
    """The blocks of a text file of any shape the module names."""
    decoded = decode(data)
    blocks = tuple(blocks_of_text(decoded.text))
    metadata = labelled_values(blocks)
    metadata |= {"encoding": decoded.encoding, "encoding_rule": decoded.rule}
    return Document(DocumentFormat.TEXT, blocks, metadata)


def blocks_of_text(text: str) -> Iterator[Block]:
    """Paragraphs and grids of `text` in reading order, with 1-based lines, and pages where form feeds tell them."""
    assembler = _Assembler()
    stanza: list[_Line] = []
    for line in _lines(text):
        if line.is_empty:
            assembler.take_stanza(stanza)
            stanza = []
        else:
            stanza.append(line)
    assembler.take_stanza(stanza)
    assembler.close_run()
    return iter(assembler.blocks)


def _lines(text: str) -> Iterator[_Line]:
    has_pages = "\f" in text
    page = 1
    for number, line in enumerate(_LINE_END.split(text), start=1):
        stripped = line.lstrip("\f")
        page += len(line) - len(stripped)
        yield _Line(number, page if has_pages else None, stripped.rstrip("\f"))
        page += stripped.count("\f")


class _Assembler:
    """Collects rows of one shape into a run; a line of another kind closes the run into a grid or paragraphs."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._shape: _Shape | None = None
        self._rows: list[_Row] = []
        self._tables = 0

    def take_stanza(self, stanza: list[_Line]) -> None:
        """Add the lines of one stanza."""
        if not stanza:
            return
        barred = [line.text.strip() for line in stanza if "|" in line.text]
        bars = _bars_of(barred, follows_bars=self._shape is _Shape.BARS) if barred else _FRAMED
        tabbed = [line.text for line in stanza if "\t" in line.text]
        single = sum(text[0] == "\t" and text.count("\t") == 1 for text in tabbed)
        if single * 2 > len(tabbed):
            self._take_cell_stanza(stanza, bars)
            return
        for line in stanza:
            self._take_line(line, bars)

    def close_run(self) -> None:
        """End the open run: as grids where it looks like a table, as paragraphs where it does not."""
        shape, rows = self._shape, self._rows
        self._shape, self._rows = None, []
        table: list[_Row] = []
        for row in rows:
            if shape is not _Shape.PIPES and row.is_prose:
                self._emit(shape, table)
                self._emit_paragraphs(row)
                table = []
            else:
                table.append(row)
        self._emit(shape, table)

    def _take_cell_stanza(self, stanza: list[_Line], bars: "_Bars") -> None:
        """One row of tab cells; lines without a tab right after a cell continue its text."""
        row: _Row | None = None
        index = 0
        while index < len(stanza):
            line = stanza[index]
            index += 1
            if not line.text.startswith("\t"):
                if row is not None:
                    self._add_row(_Shape.CELLS, row)
                    row = None
                self._take_line(line, bars)
                continue
            text, lines = line.text[1:], [line]
            following = list(_until_tab(stanza, index))
            if following and _continues(text, following):
                text = "\n".join((text, *(more.text for more in following)))
                lines += following
                index += len(following)
            row = row or _Row([], [])
            row.cells.append((line, text))
            row.lines += lines
        if row is not None:
            self._add_row(_Shape.CELLS, row)

    def _take_line(self, line: _Line, bars: "_Bars") -> None:
        """One line outside a stanza of tab cells: a row of fields, pipes or layout, or a paragraph."""
        text = line.text
        stripped = text.strip()
        if _has_bars(stripped) or (bars.shape is _Shape.BARS and "|" in stripped):
            if not _PIPE_SEPARATOR.fullmatch(text):
                self._add_row(bars.shape, _Row([(line, field) for field in bars.fields(stripped)], [line]))
            return
        if "\t" in text:
            self._add_row(_Shape.FIELDS, _Row([(line, field) for field in text.split("\t")], [line]))
            return
        fields = _layout_fields(text)
        if fields:
            self._add_row(_Shape.LAYOUT, _Row([(line, field) for field in fields], [line]))
            return
        if stripped:
            self.close_run()
            self._emit_line(line)

    def _add_row(self, shape: _Shape, row: _Row) -> None:
        if shape is not self._shape:
            self.close_run()
            self._shape = shape
        self._rows.append(row)

    def _emit(self, shape: _Shape | None, rows: list[_Row]) -> None:
        if not rows or shape is None:
            return
        if _is_table(shape, rows):
            self._emit_grid(rows)
        else:
            for row in rows:
                self._emit_paragraphs(row)

    def _emit_grid(self, rows: list[_Row]) -> None:
        self._tables += 1
        cells = tuple(
            GridCell(
                row=row_index,
                column=column,
                text=text,
                place=line.place(table=self._tables, row=row_index + 1, column=column + 1),
            )
            for row_index, row in enumerate(rows)
            for column, (line, text) in enumerate(row.cells)
        )
        place = rows[0].lines[0].place(table=self._tables)
        self.blocks.append(Grid(cells, len(rows), max(len(row.cells) for row in rows), place, is_aligned=False))

    def _emit_paragraphs(self, row: _Row) -> None:
        for line in row.lines:
            if line.text.strip():
                self._emit_line(line)

    def _emit_line(self, line: _Line) -> None:
        self.blocks.append(Paragraph(line.text, line.place(), bool(_MARKDOWN_HEADING.match(line.text))))


def _until_tab(stanza: list[_Line], start: int) -> Iterable[_Line]:
    for line in stanza[start:]:
        if line.text.startswith("\t"):
            return
        yield line


def _continues(cell: str, following: list[_Line]) -> bool:
    """True if the lines after a tab cell are the rest of its text and not prose or a heading after the table."""
    if len(following) > _CONTINUATION_LINES or any(len(line.text) > _CONTINUATION_LENGTH for line in following):
        return False
    return not (cell.strip() and any(_ENUMERATED.match(line.text) for line in following))


@dataclass(frozen=True, slots=True)
class _Bars:
    """What the bars of a stanza are: a frame at an edge, or separators beside an empty field."""

    shape: _Shape
    first_frames: bool
    last_frames: bool

    def fields(self, line: str) -> list[str]:
        """The fields of one line, empty ones included."""
        inner = line.removeprefix("|") if self.first_frames else line
        if self.last_frames and _ends_with_bar(inner):
            inner = inner[:-1]
        return [field.strip() for field in _PIPE.split(inner)]


_FRAMED = _Bars(_Shape.PIPES, first_frames=True, last_frames=True)
_BETWEEN = _Bars(_Shape.BARS, first_frames=False, last_frames=False)


def _bars_of(lines: list[str], *, follows_bars: bool) -> _Bars:
    """What the bars of the lines are; a Markdown separator line says it, else the lines together."""
    rows = [line for line in lines if _has_bars(line)]
    if not rows:
        return _BETWEEN if _are_pairs(lines) else _FRAMED
    separators = [line for line in rows if _PIPE_SEPARATOR.fullmatch(line)]
    deciding = separators or rows
    first = [line.startswith("|") for line in deciding]
    last = [_ends_with_bar(line) for line in deciding]
    if separators:
        return _Bars(_Shape.PIPES, all(first), all(last))
    is_framed = len(rows) > 1 and all(first) and all(last)
    if follows_bars and not is_framed:
        return _BETWEEN
    # No table has an empty first or last cell in every row, its header included: a bar there is a frame. A line
    # without a bar at either end tells a table without a frame, whose empty cells put bars at the edges of other lines.
    if all(first) and any(last):
        return _FRAMED
    if all(first) or all(last):
        return _Bars(_Shape.PIPES, all(first), all(last))
    return _BETWEEN


def _are_pairs(lines: list[str]) -> bool:
    """True for lines of two short fields with one bar between, some of them a label and its figure."""
    pairs = [[field.strip() for field in _PIPE.split(line)] for line in lines]
    if len(pairs) < 2 or any(len(pair) != 2 or max(map(len, pair)) > _LONGEST_FIELD for pair in pairs):
        return False
    return any(_NUMERIC.fullmatch(figure) and label for label, figure in pairs)


def _has_bars(line: str) -> bool:
    """True for a line of three fields, or of one or two within bars."""
    if line.count("|") < 2:
        return False
    return line[0] == "|" or line[-1] == "|" or len(_PIPE.findall(line)) >= 2


def _ends_with_bar(line: str) -> bool:
    return line.endswith("|") and not line.endswith("\\|")


def _layout_fields(text: str) -> list[str]:
    """The fields of a laid-out line, or nothing if the line is one text, indented prose or a justified sentence."""
    stripped = text.strip(" \u3000\xa0")
    fields = _BLANK_RUN.split(stripped)
    if len(fields) < 2:
        return []
    if any("。" in field and len(field) > 20 for field in fields):
        return []
    if len(fields) == 2 and (len(stripped) > 80 or fields[0].endswith(_BROKEN_SENTENCE)):
        return []
    return fields


def _is_table(shape: _Shape, rows: list[_Row]) -> bool:
    """True if a run of rows is a table rather than indented or justified text."""
    if shape is _Shape.PIPES:
        return True
    if shape is _Shape.CELLS:
        return any(len(row.cells) > 1 for row in rows)
    has_number = any(_NUMERIC.fullmatch(text.strip()) for row in rows for text in row.filled)
    widest = max(len(row.filled) for row in rows)
    if len(rows) == 1 and _DATE.fullmatch(rows[0].lines[0].text.strip()):
        return False
    if shape is _Shape.FIELDS:
        # Item marks set off by a tab ("1.<tab>text") are no table.
        return len(rows) > 1 or has_number or max(len(row.cells) for row in rows) > 2
    if shape is _Shape.BARS:
        return len(rows) > 1 or has_number
    return widest > 2 or has_number
