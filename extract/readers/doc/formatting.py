"""Which properties a paragraph and a character have: pages of formatted runs, and the style sheet.

Belongs here: where the lists of modifiers lie, and what little of them matters: table membership, what is not printed
(deleted, hidden, struck out), raised digits, symbols.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntFlag
from operator import itemgetter, lt
from typing import NamedTuple

from extract.readers.doc import sprms
from extract.readers.doc.pieces import Piece
from extract.readers.doc.rows import shape_of
from extract.readers.doc.sprms import modifiers
from extract.readers.doc.wordfile import WordFile, broken
from extract.readers.edges import RowShape, needs_converter

__all__ = ["CharacterRun", "Formatting", "Look", "ParagraphLook"]

_STYLES, _CHARACTER_PAGES, _PARAGRAPH_PAGES = 1, 12, 13
_PAGE = 512
_PAGE_NUMBER = 0x3FFFFF
_PARAGRAPH_STYLE, _CHARACTER_STYLE = 1, 2
_NO_STYLE = 0xFFF
_MOST_STYLE_STEPS = 20
_SAME, _OPPOSITE = 0x80, 0x81


class Look(IntFlag):
    """What of a character's properties matters for what is printed."""

    PLAIN = 0
    DELETED = 1
    HIDDEN = 2
    STRUCK = 4
    DOUBLE_STRUCK = 8
    RAISED = 16

    @property
    def is_printed(self) -> bool:
        """Whether the character counts as printed."""
        return not self & (Look.DELETED | Look.HIDDEN | Look.STRUCK | Look.DOUBLE_STRUCK)


_SWITCHES = {
    sprms.C_DELETED: Look.DELETED,
    sprms.C_HIDDEN: Look.HIDDEN,
    sprms.C_STRUCK: Look.STRUCK,
    sprms.C_DOUBLE_STRUCK: Look.DOUBLE_STRUCK,
    sprms.C_RAISED: Look.RAISED,
    sprms.C_RAISED_BY: Look.RAISED,
}
_TOLD = frozenset({*_SWITCHES, sprms.C_SYMBOL, sprms.C_STYLE, sprms.C_PLAIN})


@dataclass(frozen=True, slots=True)
class ParagraphLook:
    """What a paragraph's properties say of tables: depth (0 outside), and what its mark ends."""

    depth: int
    ends_row: bool
    ends_inner_cell: bool
    ends_inner_row: bool
    shape: RowShape | None
    style: int


class CharacterRun(NamedTuple):
    """A run of characters by position, its look and the character that it prints instead of its own."""

    start: int
    end: int
    look: Look
    symbol: str


class _Runs(NamedTuple):
    """Stretches of the main stream in order, and the raw properties of each."""

    starts: list[int]
    ends: list[int]
    properties: list[bytes]


class Formatting:
    """Looks up the properties of one file. Equal lists of modifiers are read once."""

    def __init__(self, word: WordFile) -> None:
        self._data = word.data
        self._paragraphs = _runs(word, _PARAGRAPH_PAGES, 13, _paragraph_properties)
        self._styles = _StyleSheet(word.part(_STYLES))
        told = _runs(word, _CHARACTER_PAGES, 1, _character_properties)
        matters = {raw: bool(raw) and self._matters(_told(raw)) for raw in set(told.properties)}
        kept = [number for number, raw in enumerate(told.properties) if matters[raw]]
        self._characters = _Runs(
            [told.starts[number] for number in kept],
            [told.ends[number] for number in kept],
            [told.properties[number] for number in kept],
        )
        self.is_plain = not kept and not self._styles.bases
        """Whether every character is printed as it is, unless its piece says otherwise."""
        self._looks: dict[tuple[bytes, tuple[tuple[int, bytes], ...]], ParagraphLook] = {}

    def paragraph(self, piece: Piece, position: int) -> ParagraphLook:
        """The properties of the paragraph whose mark is at `position`."""
        offset = piece.offset_of(position)
        number = bisect_right(self._paragraphs.starts, offset) - 1
        is_covered = number >= 0 and offset < self._paragraphs.ends[number]
        raw = self._paragraphs.properties[number] if is_covered else b""
        known = self._looks.get((raw, piece.modifiers))
        if known is None:
            known = self._looks[raw, piece.modifiers] = self._paragraph_look(raw, piece.modifiers)
        return known

    def _paragraph_look(self, raw: bytes, more: Sequence[tuple[int, bytes]]) -> ParagraphLook:
        style = int.from_bytes(raw[:2], "little")
        found: dict[int, int] = {}
        for_table: list[tuple[int, bytes]] = []
        depth = 0
        for opcode, operand in (*self._expanded(raw[2:]), *more):
            if opcode == sprms.P_DEPTH:
                depth = int.from_bytes(operand, "little", signed=True)
            elif opcode == sprms.P_DEPTH_CHANGE:
                depth += int.from_bytes(operand, "little", signed=True)
            elif opcode == sprms.P_STYLE:
                style = int.from_bytes(operand, "little")
            elif opcode >> 10 & 7 == 5:
                for_table.append((opcode, operand))
            elif len(operand) == 1:
                found[opcode] = operand[0]
        ends_row, ends_inner_row = bool(found.get(sprms.P_ROW_END)), bool(found.get(sprms.P_INNER_ROW_END))
        return ParagraphLook(
            depth=max(depth, 1 if found.get(sprms.P_IN_TABLE) else 0),
            ends_row=ends_row,
            ends_inner_cell=bool(found.get(sprms.P_INNER_CELL)),
            ends_inner_row=ends_inner_row,
            shape=shape_of(for_table) if ends_row or ends_inner_row else None,
            style=style,
        )

    def _expanded(self, listed: bytes) -> list[tuple[int, bytes]]:
        """Modifiers, with those that stand in the data stream put in their place."""
        result: list[tuple[int, bytes]] = []
        for opcode, operand in modifiers(listed):
            if opcode not in sprms.P_ELSEWHERE:
                result.append((opcode, operand))
                continue
            offset = int.from_bytes(operand, "little")
            if offset + 2 > len(self._data):
                raise needs_converter("Properties of a paragraph lie behind the end of their stream.")
            size = int.from_bytes(self._data[offset : offset + 2], "little")
            if offset + 2 + size > len(self._data):
                raise needs_converter("Properties of a paragraph lie behind the end of their stream.")
            result.extend(modifiers(self._data[offset + 2 : offset + 2 + size]))
        return result

    def runs(self, piece: Piece, start: int, end: int, style: int) -> list[CharacterRun]:
        """The runs of `start` to `end` (inside `piece`) whose look matters."""
        base = self._styles.look(style)
        by_piece = [told for told in piece.modifiers if told[0] in _TOLD]
        table = self._characters
        first, last = piece.offset_of(start), piece.offset_of(end)
        number = bisect_right(table.ends, first)
        if not base and not by_piece and (number == len(table.starts) or table.starts[number] >= last):
            return []
        runs: list[CharacterRun] = []
        position = start
        while number < len(table.starts) and table.starts[number] < last:
            begins = max(start, start + -(-(table.starts[number] - first) // piece.width))
            ends = min(end, start + -(-(table.ends[number] - first) // piece.width))
            if begins > position:
                runs.append(CharacterRun(position, begins, *self._look(base, by_piece)))
            if ends > max(begins, position):
                told = (*_told(table.properties[number]), *by_piece)
                runs.append(CharacterRun(max(begins, position), ends, *self._look(base, told)))
                position = ends
            number += 1
        if position < end:
            runs.append(CharacterRun(position, end, *self._look(base, by_piece)))
        return [run for run in runs if run.look or run.symbol]

    def _matters(self, told: Sequence[tuple[int, bytes]]) -> bool:
        look, symbol = self._look(Look.PLAIN, told)
        others = any(self._look(base, told)[0] != base for base in self._styles.bases)
        return bool(look or symbol or others)

    def _look(self, base: Look, told: Sequence[tuple[int, bytes]]) -> tuple[Look, str]:
        look, of_style, symbol = base, base, ""
        for opcode, operand in told:
            if opcode == sprms.C_STYLE:
                look = of_style = base | self._styles.look(int.from_bytes(operand, "little"))
            elif opcode == sprms.C_PLAIN:
                look = of_style
            elif opcode == sprms.C_SYMBOL:
                symbol = chr(int.from_bytes(operand[2:4], "little"))
            else:
                look = _switched(look, of_style, opcode, operand)
        return look, symbol


def _switched(look: Look, of_style: Look, opcode: int, operand: bytes) -> Look:
    """`look` with one property set, reset, or taken from the style."""
    bit, value = _SWITCHES[opcode], int.from_bytes(operand, "little")
    is_on = value != 0
    if bit is not Look.RAISED and value in (_SAME, _OPPOSITE):
        is_on = bool(of_style & bit) is (value == _SAME)
    return look | bit if is_on else look & ~bit


def _told(raw: bytes) -> list[tuple[int, bytes]]:
    return [(opcode, operand) for opcode, operand in modifiers(raw) if opcode in _TOLD]


def _runs(word: WordFile, part: int, entry_size: int, read: Callable[[bytes, int], bytes]) -> _Runs:
    """All runs of one kind, by the pages that hold them."""
    listed = word.part(part)
    count = (len(listed) - 4) // 8
    if count < 1:
        raise needs_converter("Its list of paragraph or character properties is missing.")
    if count > len(word.main) // _PAGE + 1:
        raise broken("It claims more pages of properties than it holds.")
    bounds = struct.unpack_from(f"<{count + 1}I", listed)
    found: list[tuple[int, int, bytes]] = []
    for place, number in enumerate(struct.unpack_from(f"<{count}I", listed, 4 * (count + 1))):
        start = (number & _PAGE_NUMBER) * _PAGE
        page = word.main[start : start + _PAGE]
        if len(page) < _PAGE:
            raise broken("A page of properties lies behind its end: it was cut off.")
        runs = page[-1]
        if 4 * (runs + 1) + entry_size * runs >= _PAGE:
            raise needs_converter("A page of paragraph or character properties is damaged.")
        offsets = struct.unpack_from(f"<{runs + 1}I", page)
        entries = page[4 * (runs + 1) : 4 * (runs + 1) + entry_size * runs : entry_size]
        properties = {at: read(page, 2 * at) if at else b"" for at in set(entries)}
        # The list of pages says for which stretch of the file each speaks.
        least, most = bounds[place], bounds[place + 1]
        for begins, ends, at in zip(offsets, offsets[1:], entries, strict=False):
            if begins < least or ends > most:
                begins, ends = max(begins, least), min(ends, most)
            if begins < ends:
                found.append((begins, ends, properties[at]))
    found.sort(key=itemgetter(0))
    result = _Runs([run[0] for run in found], [run[1] for run in found], [run[2] for run in found])
    if any(map(lt, result.starts[1:], result.ends)):
        raise needs_converter("Its pages of paragraph or character properties contradict each other.")
    return result


def _paragraph_properties(page: bytes, at: int) -> bytes:
    """Style number and modifiers of a paragraph."""
    if page[at]:
        return page[at + 1 : at + 2 * page[at]]
    return page[at + 2 : at + 2 + 2 * page[at + 1]] if at + 1 < _PAGE else b""


def _character_properties(page: bytes, at: int) -> bytes:
    return page[at + 1 : at + 1 + page[at]]


class _StyleSheet:
    """The look that each style gives its text."""

    def __init__(self, sheet: bytes) -> None:
        self._own: dict[int, tuple[int, list[tuple[int, bytes]]]] = {}
        """For a style that matters or is based on another: the number of that style, and its modifiers."""
        self._looks: dict[int, Look] = {}
        try:
            self._read(sheet)
        except (struct.error, IndexError) as error:
            raise needs_converter("Its style sheet is damaged.") from error
        if not any(told for _, told in self._own.values()):
            self._own.clear()
        self.bases = sorted({self.look(number) for number in self._own} - {Look.PLAIN})
        """The looks other than plain that some style gives."""

    def look(self, number: int) -> Look:
        """The look of a style, those it is based on included."""
        if not self._own:
            return Look.PLAIN
        known = self._looks.get(number)
        if known is None:
            chain: list[list[tuple[int, bytes]]] = []
            step = number
            while step in self._own and len(chain) < _MOST_STYLE_STEPS:
                chain.append(self._own[step][1])
                step = self._own[step][0]
            known = Look.PLAIN
            for told in reversed(chain):
                for opcode, operand in told:
                    known = _switched(known, known, opcode, operand)
            self._looks[number] = known
        return known

    def _read(self, sheet: bytes) -> None:
        if not sheet:
            return
        head, count, base_size = struct.unpack_from("<HHH", sheet)
        position = 2 + head
        for number in range(count):
            if position + 2 > len(sheet):
                return
            (size,) = struct.unpack_from("<H", sheet, position)
            position += 2
            if size:
                self._read_style(number, sheet[position : position + size], base_size)
            position += size + (size & 1)

    def _read_style(self, number: int, style: bytes, base_size: int) -> None:
        kind_and_base, parts = struct.unpack_from("<HH", style, 2)
        kind, based_on = kind_and_base & 0xF, kind_and_base >> 4
        if kind not in (_PARAGRAPH_STYLE, _CHARACTER_STYLE):
            return
        position = base_size
        (letters,) = struct.unpack_from("<H", style, position)
        position += 2 + 2 * letters + 2
        wanted = 1 if kind == _PARAGRAPH_STYLE else 0
        for part in range(min(parts & 0xF, wanted + 1)):
            if position == len(style):
                break  # Word cuts what is empty at the end of the last style
            (size,) = struct.unpack_from("<H", style, position)
            if part == wanted:
                listed = style[position + 2 : position + 2 + size]
                told = [one for one in _told(listed) if one[0] in _SWITCHES]
                self._own[number] = based_on, told
            position += 2 + size + (size & 1)
        if number not in self._own and based_on != _NO_STYLE:
            self._own[number] = based_on, []
