"""A page as text, in the shapes in which software flattens tables. Pure."""

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from benchmarks.writer.page import Page, WrittenParagraph, is_hole
from pipelines.sample.layout import CellKind, PrintedTable

__all__ = ["TEXT_SHAPES", "draw_text_page", "loses_blanks"]

_PROSE = 38
"""Characters a line in which a laid-out page breaks its prose."""


def draw_text_page(page: Page, rng: random.Random, shape: str | None = None) -> bytes:
    """The dump, encoded. The shape is drawn from `rng` unless given."""
    chosen = shape or rng.choice(TEXT_SHAPES)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    end = rng.choice(("\n", "\n", "\r\n"))
    empty = rng.random() < 0.7
    lines: list[str] = []
    for block in page.blocks:
        if isinstance(block, WrittenParagraph):
            lines += _folded(block.text) if chosen == "aligned" else [block.text]
            lines += [""] if empty else []
        else:
            lines += [*([] if empty else [""]), *_DRAW[chosen](block), ""]
    return (end.join(lines) + end).encode(encoding)


def loses_blanks(shape: str) -> bool:
    """Whether the shape leaves no trace of an empty cell."""
    return shape in ("one_per_line", "aligned", "rows_tight")


def _folded(text: str) -> list[str]:
    return [text[start : start + _PROSE] for start in range(0, len(text), _PROSE)] or [""]


def _flat(text: str, *, is_value: bool) -> str:
    return text.replace("\n", "" if is_value else " ").strip()


def _full_rows(table: PrintedTable, *, repeat: bool = False) -> Iterator[list[str]]:
    """Every position; merged ones empty or repeated."""
    for slots in table.grid():
        row = []
        for slot in slots:
            text = _flat(slot.cell.text, is_value=slot.cell.kind is CellKind.VALUE)
            row.append(text if repeat or (slot.is_first_row and slot.is_first_column) else "")
        yield row


def _cells_of_rows(table: PrintedTable) -> Iterator[list[str]]:
    """Printed cells only; positions under a span are lost."""
    for row in table.rows:
        yield [_flat(cell.text, is_value=cell.kind is CellKind.VALUE) for cell in row if not is_hole(cell)]


def _tab_cells(table: PrintedTable) -> Iterator[str]:
    for slots in table.grid():
        for slot in slots:
            if slot.is_first_column:
                text = _flat(slot.cell.text, is_value=slot.cell.kind is CellKind.VALUE) if slot.is_first_row else ""
                yield f"\t{text}"
        yield ""


def _tab_rows(table: PrintedTable) -> Iterator[str]:
    yield from ("\t".join(row) for row in _full_rows(table))


def _tab_rows_repeated(table: PrintedTable) -> Iterator[str]:
    yield from ("\t".join(row) for row in _full_rows(table, repeat=True))


def _rows_tight(table: PrintedTable) -> Iterator[str]:
    yield from ("\t".join(row) for row in _cells_of_rows(table))


def _one_per_line(table: PrintedTable) -> Iterator[str]:
    for row in _cells_of_rows(table):
        yield from (text for text in row if text)


def _markdown(table: PrintedTable) -> Iterator[str]:
    for number, row in enumerate(_full_rows(table)):
        yield f"| {' | '.join(row)} |"
        if number == 0:
            yield "|" + " --- |" * len(row)


def _pipes(table: PrintedTable) -> Iterator[str]:
    yield from (f"|{'|'.join(row)}|" for row in _full_rows(table))


def _bars(table: PrintedTable) -> Iterator[str]:
    yield from (" | ".join(row) for row in _full_rows(table))


def _aligned(table: PrintedTable) -> Iterator[str]:
    rows = list(_full_rows(table))
    widths = [max(3, *(_width(row[column]) for row in rows if column < len(row))) + 2 for column in range(len(rows[0]))]
    # A label over many columns would push the page wide; it stands as far as it reaches.
    widths = [min(width, 26) for width in widths]
    for row in rows:
        line, owed = "", 0
        for text, width in zip(row, widths, strict=True):
            line += " " * max(0, owed - _width(line)) + text if text else ""
            owed += width
            if text and _width(line) >= owed:
                line += "  "
        if line.strip():
            yield line.rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


_DRAW: Mapping[str, Callable[[PrintedTable], Iterator[str]]] = {
    "tab_cells": _tab_cells,
    "tab_rows": _tab_rows,
    "tab_rows_repeated": _tab_rows_repeated,
    "rows_tight": _rows_tight,
    "one_per_line": _one_per_line,
    "markdown": _markdown,
    "pipes": _pipes,
    "bars": _bars,
    "aligned": _aligned,
}

TEXT_SHAPES = tuple(_DRAW)
