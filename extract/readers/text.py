"""Text dumps to blocks: pages saved as text, Markdown made from PDF, `pdftotext -layout` output.

Belongs here: the shapes in which software flattens tables into lines. Does not belong here: what a label means.

Shapes, told stanza by stanza (a stanza is a run of lines without an empty line):

- a line that begins with a tab is one *cell*; an empty line ends the row;
- a line with tabs between texts is one *row* of fields, empty fields included;
- a stanza with lines of nothing but tabs between its texts is one row too: so browsers copy cells with blocks in them;
- a line within pipes is one row of a Markdown table; where rules of plus signs and dashes (`+---+---+`) are drawn
  between the rows, all lines from one rule to the next are one row;
- a line with two or more pipes between texts is one row of fields, empty fields included, and so are the lines with
  one pipe in the same stanza;
- lines of equally many fields with commas between, one of them a figure, are rows of a CSV file;
- a line with runs of two or more blanks between texts is one row of a laid-out page.

Grids made here have `is_aligned=False`: the software lost the spans, so only the order inside a row means something.
Everything else is a Paragraph, one a line. No printed character is dropped, except what only separates
cells: pipes, separator lines, and the commas and quotes of a CSV file.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from extract.model import Block, Document, DocumentFormat, Grid, GridCell, Paragraph, Place
from extract.readers.encoding import decode
from extract.readers.labels import labelled_values

__all__ = ["blocks_of_text", "read_text"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK_RUN = re.compile(r"[ \u3000\xa0]{2,}")
_PIPE = re.compile(r"(?<!\\)\|")
_PIPE_SEPARATOR = re.compile(r"\s*\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?)?\s*")
_RULE = re.compile(r"\s*(?=[^+]*\+)[+|][-=:+| ]*(?:--|==)[-=:+| ]*")
"""A line drawn between the rows of a table; where a cell runs over it, it is drawn beside that cell only."""
_MARKDOWN_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_NUMERIC = re.compile(r"[+\-−]?[\d０-９]+(?:[.,，．][\d０-９]+)*[^\s.．、)）]{0,2}|[/—\-－无]{1,2}")
_DAY_DIGITS = r"[\d一二三四五六七八九十]*"
_DATE = re.compile(rf"\D{{0,20}}[\d〇零○一二三四五六七八九十]*\s*年\s*{_DAY_DIGITS}\s*月\s*{_DAY_DIGITS}\s*日")
_ENUMERATED = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|#{1,6}\s)")
_SECTION = re.compile(r"\s*[一二三四五六七八九十]{1,3}、")
_TITLE = re.compile(r"\s*[一二三四五六七八九十]{1,3}、.*(?:情况|事项)\s*$")
_BROKEN_SENTENCE = ("，", ",", "、", "；", "：")
_PROSE_CELL = 150
_LONGEST_FIELD = 40
_FEWEST_RULES = 2
_FEWEST_CSV_ROWS = 2
_PAIR = 2
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
        if sum(_RULE.fullmatch(line.text) is not None for line in stanza) >= _FEWEST_RULES:
            self._take_ruled(stanza)
            return
        if rows := _csv_rows(stanza):
            self._take_csv(rows)
            return
        barred = [line.text.strip() for line in stanza if "|" in line.text]
        bars = _bars_of(barred, follows_bars=self._shape is _Shape.BARS) if barred else _FRAMED
        if _is_one_row(stanza):
            self._take_row_stanza(stanza)
            return
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

    def _take_csv(self, rows: list[tuple[_Line, list[str]]]) -> None:
        """Rows of a CSV file; a row with one text alone is a title or prose between tables."""
        first = min(place for _, fields in rows for place, field in enumerate(fields) if field)
        for line, fields in rows:
            texts = list(filter(None, fields))
            if len(texts) == 1 and texts[0] == fields[first]:
                self.close_run()
                self.blocks.append(Paragraph(texts[0], line.place()))
            elif texts:
                self._add_row(_Shape.FIELDS, _Row([(line, field) for field in fields[first:]], [line]))

    def _take_ruled(self, stanza: list[_Line]) -> None:
        """The rows of a table with rules drawn between them; a cell's text may run over several lines."""
        row: _Row | None = None
        for line in stanza:
            text = line.text.strip()
            if _RULE.fullmatch(text):
                row = None
                continue
            if not text.startswith("|"):
                self._take_line(line, _FRAMED)
                row = None
                continue
            fields = _FRAMED.fields(text)
            if row is None or len(row.cells) != len(fields):
                row = _Row([(line, field) for field in fields], [line])
                self._add_row(_Shape.PIPES, row)
                continue
            for place, (first, field) in enumerate(zip(row.cells, fields, strict=True)):
                row.cells[place] = (first[0], "\n".join(filter(None, (first[1], field))))
            row.lines.append(line)

    def _take_row_stanza(self, stanza: list[_Line]) -> None:
        """One row of cells with a tab on a line of its own between them; a cell may have several lines.

        A section's heading may stand right below the last row of a table and right above the first of the next.
        """
        row = _Row([(stanza[0], "")], [])
        for line in stanza:
            if row.lines and (_SECTION if row.cells[-1][1] else _TITLE).match(line.text):
                self._add_copied(row)
                self.close_run()
                self._emit_line(line)
                row = _Row([(line, "")], [])
                continue
            row.lines.append(line)
            if not line.text.strip("\t"):
                row.cells.extend((line, "") for _ in line.text)
                continue
            first, *others = line.text.split("\t")
            place, text = row.cells[-1]
            row.cells[-1] = (place, f"{text}\n{first}") if text else (line, first)
            row.cells.extend((line, field) for field in others)
        self._add_copied(row)

    def _add_copied(self, row: _Row) -> None:
        if len(row.cells) == 1:
            self.close_run()
            self._emit_paragraphs(row)
            return
        heading, _, rest = row.cells[0][1].partition("\n")
        if rest and _SECTION.match(heading) and not any(_NUMERIC.fullmatch(text.strip()) for _, text in row.cells):
            self.close_run()
            self._emit_line(row.lines.pop(0))
            row.cells[0] = (row.lines[0], rest)
        self._add_row(_Shape.FIELDS, row)

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
        if _has_bars(stripped) or ("|" in stripped and (bars.shape is _Shape.BARS or bars.is_ruled)):
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


def _is_one_row(stanza: list[_Line]) -> bool:
    """True for lines of text with lines of nothing but tabs between, and no line of a tab and a text."""
    texts = [line.text for line in stanza]
    if any(text[0] == "\t" and text.strip("\t") for text in texts):
        return False
    filled = [bool(text.strip("\t")) for text in texts]
    return not all(filled) and filled[-1] and sum(filled) > 1 and not any(len(text) > _PROSE_CELL for text in texts)


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
    is_ruled: bool = False
    """Whether a Markdown separator line without a frame is among the lines: then one bar makes a row too."""

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
        return _Bars(_Shape.PIPES, all(first), all(last), is_ruled=not any(first) and not any(last))
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


def _csv_rows(stanza: list[_Line]) -> list[tuple[_Line, list[str]]]:
    """The rows of lines that are a CSV file, each with its first line; nothing if they are not."""
    texts = [line.text for line in stanza]
    if len(texts) < _FEWEST_CSV_ROWS or "," not in texts[0] or any("\t" in text or "|" in text for text in texts):
        return []
    rows: list[tuple[_Line, list[str]]] = []
    reader = csv.reader((f"{text}\n" for text in texts), strict=True)
    start = 0
    try:
        for fields in reader:
            rows.append((stanza[start], [field.strip() for field in fields]))
            start = reader.line_num
    except csv.Error:
        return []
    widths = {len(fields) for _, fields in rows}
    filled = [fields for _, fields in rows if sum(map(bool, fields)) > 1]
    if len(widths) > 1 or len(filled) < _FEWEST_CSV_ROWS or any("。" in field for row in filled for field in row):
        return []
    if widths == {_PAIR} and any(max(map(len, row)) > _LONGEST_FIELD for row in filled):
        return []
    if any(_is_thousands(one, other) for row in filled for one, other in pairwise(row)):
        return []
    has_labels = [any(field and not _NUMERIC.fullmatch(field) for field in row) for row in filled]
    if widths == {_PAIR} and not all(has_labels):
        return []
    has_figures = any(_NUMERIC.fullmatch(field) for row in filled for field in row)
    return rows if has_figures and has_labels[0] else []


def _is_thousands(field: str, following: str) -> bool:
    """Whether a comma stands inside a number that ends one text (行政许可 1,234) and not between two fields."""
    return bool(field) and field[-1].isdigit() and not _NUMERIC.fullmatch(field) and following[:1].isdigit()


def _are_pairs(lines: list[str]) -> bool:
    """True for lines of two short fields with one bar between, some of them a label and its figure.

    Where most are a label and its figure, one label may be long.
    """
    pairs = [[field.strip() for field in _PIPE.split(line)] for line in lines]
    if len(pairs) < 2 or any(len(pair) != 2 for pair in pairs):
        return False
    figures = sum(1 for label, figure in pairs if label and _NUMERIC.fullmatch(figure))
    longest = max(max(map(len, pair)) for pair in pairs)
    return figures > 0 and (longest <= _LONGEST_FIELD or 2 * figures > len(pairs))


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
