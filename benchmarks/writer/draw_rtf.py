"""A report as RTF, with the habits that such files have. Pure: same page and rng, same bytes."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.writer.page import Page, ParagraphKind, WrittenParagraph
from pipelines.sample.layout import PrintedTable, Slot

__all__ = ["RtfHabits", "draw_rtf", "escaped", "random_rtf_habits"]

_TEXT_WIDTH = 8600
_FONTS = (
    rb"{\fonttbl{\f0\fnil\fcharset0 Times New Roman;}"
    rb"{\f1\fnil\fcharset134{\*\panose 02010600030101010101}\'cb\'ce\'cc\'e5;}}"
)
_COLOURS = rb"{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0\snext0 Normal;}{\s1 heading 1;}}"
_HEADER = rb"{\header\pard\qc 12345\par}{\footer\pard\qc - {\field{\*\fldinst PAGE}{\fldrslt 1}} -\par}"
_PICTURE = rb"{\*\shppict{\pict\pngblip\picw10\pich10 89504e470d0a1a0a}}{\nonshppict{\pict\wmetafile8\bin4 }}{}}}"


@dataclass(frozen=True, slots=True)
class RtfHabits:
    """How the program that wrote the file writes."""

    letters: str = "hex"
    r"""Chinese as \'hh bytes of GBK, as raw bytes of GBK, or as \u with a fallback: a question mark, or GBK bytes."""
    merged_by_flags: bool = False
    """A cell over several columns is several cells with flags and not one wide cell."""
    repeats_row: bool = False
    """The description of a row stands before its cells and again at its end, as Word writes it."""
    line_breaks: bool = False
    jitter: int = 0
    uneven: bool = False
    furniture: bool = False
    """Headers, footers and pictures."""
    line_ends: bytes = b"\r\n"


def random_rtf_habits(rng: random.Random) -> RtfHabits:
    """Habits as files have them."""
    return RtfHabits(
        letters=rng.choice(("hex", "raw", "unicode", "unicode_gbk")),
        merged_by_flags=rng.random() < 0.4,
        repeats_row=rng.random() < 0.5,
        line_breaks=rng.random() < 0.5,
        jitter=rng.choice((0, 0, 3, 15)),
        uneven=rng.random() < 0.5,
        furniture=rng.random() < 0.5,
        line_ends=rng.choice((b"\r\n", b"\n", b"")),
    )


def escaped(text: str, letters: str) -> bytes:
    """Text as RTF; what GBK does not know is always written as Unicode."""
    written = bytearray()
    for letter in text:
        if letter in "\\{}":
            written += b"\\" + letter.encode()
        elif letter == "\n":
            written += rb"\line "
        elif letter == "\t":
            written += rb"\tab "
        elif letter.isascii():
            written += letter.encode()
        else:
            written += _chinese(letter, letters)
    return bytes(written)


def _chinese(letter: str, letters: str) -> bytes:
    try:
        in_gbk = letter.encode("gbk")
    except UnicodeEncodeError:
        in_gbk, letters = b"?", "unicode"
    as_hex = b"".join(b"\\'%02x" % byte for byte in in_gbk)
    if letters == "hex":
        return as_hex
    if letters == "raw":
        # A second byte may be a brace or a backslash.
        return bytes(in_gbk) if not in_gbk[-1:].isascii() else as_hex
    units = letter.encode("utf-16-le")
    numbers = [int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2)]
    if letters == "unicode_gbk":
        return b"".join(b"{\\uc%d\\u%d %s}" % (len(in_gbk), number, as_hex) for number in numbers)
    return b"".join(b"\\u%d?" % number for number in numbers)


def draw_rtf(page: Page, rng: random.Random, habits: RtfHabits | None = None) -> bytes:
    """The RTF file of a report."""
    kept = habits or random_rtf_habits(rng)
    drawing = _Drawing(rng, kept)
    for block in page.blocks:
        if isinstance(block, WrittenParagraph):
            drawing.add_paragraph(block)
        else:
            drawing.add_table(block)
    title = next((block.text for block in page.blocks if isinstance(block, WrittenParagraph)), "")
    info = rb"{\info{\title " + escaped(title, kept.letters) + rb"}{\author x}}" if rng.random() < 0.5 else b""
    head = rb"{\rtf1\ansi\ansicpg936\deff1\uc1" + _FONTS + _COLOURS + info
    if kept.furniture:
        drawing.lines.insert(0, _HEADER)
        drawing.lines.append(rb"\pard " + _PICTURE + rb"\par")
    return kept.line_ends.join([head, *drawing.lines]) + b"}"


class _Drawing:
    """The lines of a file in the making."""

    def __init__(self, rng: random.Random, habits: RtfHabits) -> None:
        self._rng = rng
        self._habits = habits
        self.lines: list[bytes] = []

    def add_paragraph(self, written: WrittenParagraph) -> None:
        """Add a paragraph outside tables."""
        bold = rb"\b" if written.kind in (ParagraphKind.TITLE, ParagraphKind.HEADING) else b""
        text = escaped(written.text, self._habits.letters)
        self.lines.append(rb"\pard\plain\f1\fs32" + bold + b" " + text + rb"\par")

    def add_table(self, table: PrintedTable) -> None:
        """Add the rows of a table."""
        shares = [self._rng.uniform(0.8, 1.6) if self._habits.uneven else 1.0 for _ in range(table.column_count)]
        edges = [-108]
        for share in shares:
            edges.append(edges[-1] + int(_TEXT_WIDTH * share / sum(shares)))
        for slots in table.grid():
            self._add_row(list(_cells(slots, self._habits.merged_by_flags)), edges)

    def _add_row(self, cells: Sequence[tuple[int, bytes, str]], edges: Sequence[int]) -> None:
        jitter = self._habits.jitter
        described = rb"\trowd\trgaph108\trleft-108\trbrdrt\brdrs\brdrw10"
        for end, flags, _ in cells:
            described += flags + rb"\clvertalc\cltxlrtb\cellx%d" % (edges[end] + self._rng.randint(-jitter, jitter))
        self.lines.append(described)
        for _, _, text in cells:
            lines = text.split("\n")
            if self._habits.line_breaks:
                lines = [text]
            written = rb"\par ".join(escaped(line, self._habits.letters) for line in lines)
            self.lines.append(rb"\pard\plain\intbl\qc\f1\fs18 " + written + rb"\cell")
        self.lines.append(b"{" + described + rb"\row}" if self._habits.repeats_row else rb"\row")


def _cells(slots: Sequence[Slot], by_flags: bool) -> Iterator[tuple[int, bytes, str]]:
    """End column, flags and text of each cell of a row."""
    for column, slot in enumerate(slots):
        span = slot.cell.column_span
        down = b"" if slot.cell.row_span == 1 else rb"\clvmgf" if slot.is_first_row else rb"\clvmrg"
        text = slot.cell.text if slot.is_first_row else ""
        if by_flags and span > 1:
            across = rb"\clmgf" if slot.is_first_column else rb"\clmrg"
            yield column + 1, down + across, text if slot.is_first_column else ""
        elif slot.is_first_column:
            yield column + span, down, text
