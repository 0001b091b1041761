"""The text of a Word file: its pieces in reading order, wherever they lie in the file.

Belongs here: the piece table. Does not belong here: what the characters mean.

A file saved the fast way has many pieces, each with modifiers of its own; character positions count UTF-16 units.
"""

import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from extract.readers.doc.sprms import SHORT_OPCODES, modifiers
from extract.readers.doc.wordfile import WordFile, broken
from extract.readers.edges import needs_converter

__all__ = ["Piece", "Text", "read_text"]

_CLX = 33
_MODIFIERS, _PIECES = 1, 2
_NARROW = 0x40000000
_MOST_CHARACTERS = 4_000_000
"""A report has some ten thousand; the bound keeps a file that repeats a piece from filling the memory."""
# Bytes that Windows-1252 leaves open stand for themselves.
_NARROW_TEXT = str.maketrans({code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(128, 160)})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that lies in one place: its characters, where its first byte lies, bytes per character."""

    start: int
    end: int
    offset: int
    width: int
    modifiers: tuple[tuple[int, bytes], ...]

    def offset_of(self, position: int) -> int:
        """Where a character lies in the main stream."""
        return self.offset + (position - self.start) * self.width


@dataclass(frozen=True)
class Text:
    """All characters of all stories, one for each UTF-16 unit, and the pieces that they came from."""

    characters: str
    pieces: tuple[Piece, ...]
    starts: tuple[int, ...]

    def piece_at(self, position: int) -> Piece:
        """The piece that holds a character."""
        return self.pieces[bisect_right(self.starts, position) - 1]


def read_text(word: WordFile) -> Text:
    """The text by the piece table."""
    table, shared = _piece_table(word.part(_CLX))
    count = (len(table) - 4) // 12
    if count < 1 or len(table) != 4 + 12 * count:
        raise needs_converter("Its list of text pieces has no sound length.")
    bounds = struct.unpack_from(f"<{count + 1}I", table)
    if bounds[0] != 0 or any(end <= start for start, end in pairwise(bounds)):
        raise needs_converter("Its text pieces do not follow each other.")
    if bounds[-1] > _MOST_CHARACTERS:
        raise broken(f"It claims {bounds[-1]} characters, which no report needs.")
    pieces: list[Piece] = []
    texts: list[str] = []
    for number in range(count):
        _, offset, modifier = struct.unpack_from("<HIH", table, 4 * (count + 1) + 8 * number)
        is_narrow = bool(offset & _NARROW)
        offset = (offset & ~_NARROW & 0x7FFFFFFF) // (2 if is_narrow else 1)
        piece = Piece(bounds[number], bounds[number + 1], offset, 1 if is_narrow else 2, _decoded(modifier, shared))
        pieces.append(piece)
        texts.append(_characters(word.main, piece))
    return Text("".join(texts), tuple(pieces), bounds[:-1])


def _piece_table(part: bytes) -> tuple[bytes, list[bytes]]:
    """The table itself, and the lists of modifiers that its entries point to."""
    position = 0
    shared: list[bytes] = []
    while position < len(part):
        kind = part[position]
        if kind == _PIECES and position + 5 <= len(part):
            (size,) = struct.unpack_from("<I", part, position + 1)
            if position + 5 + size > len(part):
                break
            return part[position + 5 : position + 5 + size], shared
        if kind != _MODIFIERS or position + 3 > len(part):
            break
        (size,) = struct.unpack_from("<H", part, position + 1)
        shared.append(part[position + 3 : position + 3 + size])
        position += 3 + size
    raise needs_converter("Its list of text pieces is missing or damaged.")


def _decoded(modifier: int, shared: list[bytes]) -> tuple[tuple[int, bytes], ...]:
    """What a piece changes in the properties of its text."""
    if not modifier:
        return ()
    if modifier & 1:
        number = modifier >> 1
        if number >= len(shared):
            raise needs_converter("A text piece points to properties that are not there.")
        return tuple(modifiers(shared[number]))
    opcode = SHORT_OPCODES.get(modifier >> 1 & 0x7F)
    return ((opcode, bytes([modifier >> 8])),) if opcode else ()


def _characters(main: bytes, piece: Piece) -> str:
    """One character for each UTF-16 unit of a piece."""
    count = piece.end - piece.start
    raw = main[piece.offset : piece.offset + count * piece.width]
    if len(raw) != count * piece.width:
        raise broken("Some of its text lies behind its end: it was cut off.")
    if piece.width == 1:
        return raw.decode("latin-1").translate(_NARROW_TEXT)
    text = raw.decode("utf-16-le", "replace")
    if len(text) == count and "\ufffd" not in text:
        return text
    units = array("H", raw)
    if struct.pack("=H", 1) == b"\0\1":
        units.byteswap()
    return "".join(map(chr, units))
