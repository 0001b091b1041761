"""A report as a flattened text dump, in the three shapes in which such dumps occur. Pure: same input, same bytes."""

from collections.abc import Iterator
from enum import StrEnum
from zlib import crc32

from pipelines.sample.facts import Facts
from pipelines.sample.layout import CellKind, PrintedTable, print_tables
from pipelines.sample.narrative import opening, write_sections

__all__ = ["TextShape", "draw_text", "is_lossless"]

_NBSP = "\u00a0"
_HALF_WIDTH = str.maketrans("（），：", "(),:")
_BREAK_AFTER = "withheld_internal_affairs"
_LABEL_COLUMNS = 3


class TextShape(StrEnum):
    """How tables were flattened."""

    TAB_LINES = "tab_lines"
    """Each cell on a line of its own after a tab, an empty line after each row; merged cells leave empty ones."""
    PARAGRAPHS = "paragraphs"
    """Each cell a paragraph, nothing between rows, merged positions lost, half-width brackets."""
    TAB_ROWS = "tab_rows"
    """Rows of cells between tabs; label columns shift after a page break inside table 3."""


def is_lossless(facts: Facts, shape: TextShape) -> bool:
    """Whether the figures can be told from the dump.

    PARAGRAPHS has no place for a blank cell. In TAB_ROWS the label columns of table 3 shift, so that a blank at the
    edge of a row cannot be told from padding. Such a dump tests that a reader withholds what it cannot know.
    """
    if shape is TextShape.TAB_LINES:
        return True
    tables = ("t3.",) if shape is TextShape.TAB_ROWS else ("",)
    return all(figure.printed for code, figure in facts.figures.items() if code.startswith(tables))


def draw_text(facts: Facts, shape: TextShape = TextShape.TAB_LINES) -> bytes:
    """The dump in UTF-8."""
    narrow = _half_width if shape is TextShape.PARAGRAPHS else str
    tables = {table.section: table for table in print_tables(facts)}
    lines = [*facts.title.split("\n"), "", narrow(opening(facts)), ""]
    for section in write_sections(facts):
        lines += [narrow(section.heading), ""]
        lines += [line for text in section.paragraphs for line in (narrow(text), "")]
        if section.code in tables:
            lines += [*_DRAW[shape](tables[section.code]), ""]
    if facts.signed_by:
        lines += [facts.signed_by, ""]
    if facts.signed_date:
        day = facts.signed_date
        lines.append(f"{day.year}年{day.month}月{day.day}日")
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _half_width(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _padded(text: str, code: str) -> str:
    """The text with the stray no-break spaces of a converted table."""
    if not text:
        return _NBSP
    return (text, text + _NBSP, _NBSP + text)[crc32(code.encode()) % 3]


def _tab_lines(table: PrintedTable) -> Iterator[str]:
    for slots in table.grid():
        for slot in slots:
            if not slot.is_first_column:
                continue
            cell = slot.cell
            if not slot.is_first_row:
                yield "\t"
            elif cell.kind is CellKind.VALUE:
                yield "\t" + _padded(cell.text, cell.code)
            elif cell.kind is CellKind.HEADER and cell.column_span == 1 and cell.text.startswith("本年新"):
                yield from ("\t" + cell.text[:3], cell.text[3:])
            else:
                yield "\t" + cell.text
        yield ""


def _paragraphs(table: PrintedTable) -> Iterator[str]:
    for row in table.rows:
        for cell in row:
            if cell.text:
                yield from (cell.text if cell.kind is CellKind.VALUE else _half_width(cell.text), "")


def _tab_rows(table: PrintedTable) -> Iterator[str]:
    if table.column_count > _LABEL_COLUMNS and table.rows[0][0].row_span == _LABEL_COLUMNS:
        yield from _broken_matrix(table)
        return
    for slots in table.grid():
        yield "\t".join(slot.cell.text if slot.is_first_row and slot.is_first_column else "" for slot in slots)


def _broken_matrix(table: PrintedTable) -> Iterator[str]:
    """Table 3 as a converter gives it: the label area shrinks for short labels, and once more after the page break."""
    values = table.column_count - _LABEL_COLUMNS
    note, group = table.rows[0]
    first, organisations, total = table.rows[1]
    yield "\t".join([note.text, "", group.text, *[""] * (values - 2), total.text, ""])
    yield "\t".join(["", "", first.text, organisations.text, *[""] * (values - 1)])
    yield "\t".join(["", "", "", *(cell.text for cell in table.rows[2]), "", ""])
    is_after_break = False
    for slots in table.grid()[3:]:
        labels = [slot for slot in slots[:_LABEL_COLUMNS] if slot.is_first_column]
        level = len(labels)
        own = labels[-1].cell.text
        above = [slot.cell.text if slot.is_first_row else "" for slot in labels[:-1]]
        figures = [slot.cell.text for slot in slots[_LABEL_COLUMNS:]]
        is_break = any(f".{_BREAK_AFTER}." in slot.cell.code for slot in slots)
        if is_after_break:
            row = [[own, "", *figures], [own, *figures, ""], [*above[1:], own, *figures]][level - 1]
        elif is_break or level == 1:
            row = [own, "", *figures, ""]
        else:
            row = [*above, own, *figures, *[""] * (_LABEL_COLUMNS - level)]
        yield "\t".join(row)
        if is_break:
            is_after_break = True
            yield ""


_DRAW = {TextShape.TAB_LINES: _tab_lines, TextShape.PARAGRAPHS: _paragraphs, TextShape.TAB_ROWS: _tab_rows}
