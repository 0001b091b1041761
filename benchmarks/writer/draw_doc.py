"""A report as a Word 97 file, with the habits that such files have. Pure: same page and rng, same bytes."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.writer.page import Page, ParagraphKind, WrittenParagraph
from benchmarks.writer.word_binary import Run, WordParagraph, row_properties, sprm, word_file
from pipelines.sample.layout import PrintedTable, Slot

__all__ = ["DocHabits", "draw_doc", "random_habits"]

_TEXT_WIDTH = 8600
_IN_TABLE, _ROW_END, _DEPTH, _ELSEWHERE, _CENTRED = 0x2416, 0x2417, 0x6649, 0x6646, 0x2403
_BOLD, _SIZE = 0x0835, 0x4A43
_FIRST_ACROSS, _COVERED_ACROSS, _COVERED_DOWN, _FIRST_DOWN = 1, 2, 1 << 5, 3 << 5
_LATIN = re.compile(r"[\x00-\x7f]{3,}")


@dataclass(frozen=True, slots=True)
class DocHabits:
    """How a word processor and its user laid the file out."""

    pieces: str = "one"
    """Text in one piece, Western stretches in pieces of one byte a character, or pieces cut anywhere (fast saves)."""
    shuffled: bool = False
    """Pieces do not lie in the order of the text."""
    merged_by_flags: bool = False
    """A cell over several columns is several cells with flags, as in Word 97, and not one wide cell."""
    tells_depth: bool = True
    """Cell paragraphs say how deep they stand, as Word 2000 and later do."""
    rows_elsewhere: bool = False
    """The properties of row ends stand in the data stream."""
    jitter: int = 0
    """How far a row's edges may be off those of the row above, in twips."""
    uneven: bool = False
    """Columns of different widths."""
    line_breaks: bool = False
    """Lines of a cell are parted by line breaks and not by paragraphs."""
    table_stream: int = 1


def random_habits(rng: random.Random) -> DocHabits:
    """Habits as files have them."""
    return DocHabits(
        pieces=rng.choice(("one", "latin", "anywhere")),
        shuffled=rng.random() < 0.3,
        merged_by_flags=rng.random() < 0.3,
        tells_depth=rng.random() < 0.7,
        rows_elsewhere=rng.random() < 0.3,
        jitter=rng.choice((0, 0, 3, 15)),
        uneven=rng.random() < 0.5,
        line_breaks=rng.random() < 0.5,
        table_stream=rng.choice((0, 1)),
    )


def draw_doc(page: Page, rng: random.Random, habits: DocHabits | None = None) -> bytes:
    """The Word 97 file of a report."""
    kept = habits or random_habits(rng)
    drawing = _Drawing(rng, kept)
    for block in page.blocks:
        if isinstance(block, WrittenParagraph):
            drawing.add_paragraph(block)
        else:
            drawing.add_table(block)
    title = next((block.text for block in page.blocks if isinstance(block, WrittenParagraph)), "")
    return word_file(
        [drawing.paragraphs],
        cut=_cutter(rng, kept.pieces),
        is_narrow_allowed=kept.pieces != "one",
        shuffled=rng if kept.shuffled else None,
        data=bytes(drawing.data),
        title=title if rng.random() < 0.5 else "",
        table_stream=kept.table_stream,
    )


class _Drawing:
    """The paragraphs of a file in the making."""

    def __init__(self, rng: random.Random, habits: DocHabits) -> None:
        self._rng = rng
        self._habits = habits
        self.paragraphs: list[WordParagraph] = []
        self.data = bytearray()

    def add_paragraph(self, written: WrittenParagraph) -> None:
        """Add a paragraph outside tables."""
        centred = sprm(_CENTRED, 1) if written.kind is ParagraphKind.TITLE else b""
        bold = sprm(_BOLD, 1) if written.kind in (ParagraphKind.TITLE, ParagraphKind.HEADING) else b""
        size = sprm(_SIZE, 44) if written.kind is ParagraphKind.TITLE else sprm(_SIZE, 32)
        self.paragraphs.append(WordParagraph((Run(written.text, bold + size),), properties=centred))

    def add_table(self, table: PrintedTable) -> None:
        """Add the cells and row ends of a table, and the paragraph that parts it from what follows."""
        edges = self._edges(table.column_count)
        for slots in table.grid():
            self._add_row(list(_cells(slots, self._habits.merged_by_flags)), edges)
        self.paragraphs.append(WordParagraph(()))

    def _edges(self, columns: int) -> list[int]:
        shares = [self._rng.uniform(0.8, 1.6) if self._habits.uneven else 1.0 for _ in range(columns)]
        edges = [-108]
        for share in shares:
            edges.append(edges[-1] + int(_TEXT_WIDTH * share / sum(shares)))
        return edges

    def _add_row(self, cells: Sequence[tuple[int, int, int, str]], edges: Sequence[int]) -> None:
        inside = sprm(_IN_TABLE, 1) + (sprm(_DEPTH, 1) if self._habits.tells_depth else b"")
        for _, _, _, text in cells:
            lines = text.split("\n")
            if self._habits.line_breaks:
                lines = ["\v".join(lines)]
            for line in lines[:-1]:
                self.paragraphs.append(WordParagraph((Run(line),), properties=inside))
            self.paragraphs.append(WordParagraph((Run(lines[-1], sprm(_SIZE, 18)),), "\x07", inside))
        jitter = self._habits.jitter
        own = [edges[cells[0][0]], *(edges[end] + self._rng.randint(-jitter, jitter) for _, end, _, _ in cells)]
        told = inside + sprm(_ROW_END, 1) + row_properties(own, [flags for _, _, flags, _ in cells])
        if self._habits.rows_elsewhere:
            place = len(self.data)
            self.data += len(told).to_bytes(2, "little") + told
            told = sprm(_ELSEWHERE, place)
        self.paragraphs.append(WordParagraph((), "\x07", told))


def _cells(slots: Sequence[Slot], by_flags: bool) -> Iterator[tuple[int, int, int, str]]:
    """First and end column, flags and text of each cell of a row."""
    for column, slot in enumerate(slots):
        span = slot.cell.column_span
        down = 0 if slot.cell.row_span == 1 else _FIRST_DOWN if slot.is_first_row else _COVERED_DOWN
        text = slot.cell.text if slot.is_first_row else ""
        if by_flags and span > 1:
            across = _FIRST_ACROSS if slot.is_first_column else _COVERED_ACROSS
            yield column, column + 1, down | across, text if slot.is_first_column else ""
        elif slot.is_first_column:
            yield column, column + span, down, text


def _cutter(rng: random.Random, pieces: str) -> Callable[[str], Sequence[int]]:
    def cut(text: str) -> Sequence[int]:
        if pieces == "latin":
            return [bound for found in _LATIN.finditer(text) for bound in found.span()]
        return rng.sample(range(1, len(text)), min(40, len(text) - 1)) if pieces == "anywhere" else ()

    return cut
