"""Word 97 binary files from paragraphs: text in pieces, pages of properties, a style sheet, the table of contents.

Belongs here: the file format, written from its description. Shares no code with the reader that it tests.
Does not belong here: what a report looks like.
"""

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.writer.compound_file import compound_file

__all__ = ["Run", "Style", "WordParagraph", "row_properties", "sprm", "word_file"]

_TEXT_AT = 0x800
_PAGE = 512
_CHARACTERS_IN_ORDER = 8
"""Kinds of text that follow each other: main, footnotes, headers, macros, comments, endnotes, boxes, header boxes."""
_FIXED_STYLES = 15
_MARKS = "\r\x07\x0c"
_OPERAND_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}


def sprm(opcode: int, value: int | bytes) -> bytes:
    """One property modifier. Operands of variable size are given as bytes, without the byte that tells the size."""
    kind = opcode >> 13
    if isinstance(value, bytes):
        size = struct.pack("<H", len(value) + 1) if opcode in (0xD606, 0xD608) else bytes([len(value)])
        return struct.pack("<H", opcode) + size + value if kind == 6 else struct.pack("<H", opcode) + value
    return struct.pack("<H", opcode) + (value & 0xFFFFFFFF).to_bytes(4, "little")[: _OPERAND_SIZES[kind]]


def row_properties(edges: Sequence[int], flags: Sequence[int]) -> bytes:
    """The definition of a table row: `edges` in twips, one more than there are `flags` of cells."""
    cells = b"".join(struct.pack("<HH16x", flag, 0) for flag in flags)
    return sprm(0xD608, struct.pack(f"<B{len(edges)}h", len(flags), *edges) + cells)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters with the same properties."""

    text: str
    properties: bytes = b""


@dataclass(frozen=True, slots=True)
class WordParagraph:
    """A paragraph: its runs, the character that ends it, and its properties."""

    runs: tuple[Run, ...]
    mark: str = "\r"
    properties: bytes = b""
    style: int = 0
    mark_properties: bytes = b""


@dataclass(frozen=True, slots=True)
class Style:
    """A style beside the built-in ones; the first has number 15. `kind` 1 is for paragraphs, 2 for characters."""

    name: str
    kind: int = 1
    properties: bytes = b""
    based_on: int = 0xFFF


@dataclass(slots=True)
class _Stretch:
    """Characters of one piece and one run, or of one paragraph: where they lie, and their properties."""

    start: int
    end: int
    properties: bytes


@dataclass(slots=True)
class _Layout:
    """The text as laid into the file."""

    body: bytearray = field(default_factory=bytearray)
    pieces: list[tuple[int, int, bool]] = field(default_factory=list)
    """Start in characters, place in the file, one byte per character or two."""
    runs: list[_Stretch] = field(default_factory=list)
    paragraphs: list[_Stretch] = field(default_factory=list)
    """From the end of one paragraph mark to the end of the next in the file, whatever lies between."""


def word_file(
    stories: Sequence[Sequence[WordParagraph]],
    *,
    cut: Callable[[str], Sequence[int]] = lambda text: (),
    is_narrow_allowed: bool = True,
    shuffled: random.Random | None = None,
    styles: Sequence[Style] = (),
    data: bytes = b"",
    title: str = "",
    piece_modifiers: Callable[[int], int] = lambda piece: 0,
    shared_modifiers: Sequence[bytes] = (),
    table_stream: int = 1,
    version: int = 0xC1,
    is_locked: bool = False,
) -> bytes:
    """A Word 97 file. `stories` begins with the main text; `cut` says where a text is cut into pieces.

    Pieces lie in the file in the order of the text, or `shuffled`; a piece of Western characters takes one byte each
    where `is_narrow_allowed`. `data` is the data stream. Positions count UTF-16 units: no character beyond the basic
    plane may be given.
    """
    told: list[tuple[str, bytes, bytes]] = []
    lengths = []
    for story in stories:
        before = len(told)
        for one in story:
            paragraph = struct.pack("<H", one.style) + one.properties
            told.extend((letter, run.properties, paragraph) for run in one.runs for letter in run.text)
            told.append((one.mark, one.mark_properties, paragraph))
        lengths.append(len(told) - before)
    lengths += [0] * (_CHARACTERS_IN_ORDER - len(lengths))
    if any(lengths[1:]):
        told.append(("\r", b"", b"\0\0"))
    text = "".join(letter for letter, _, _ in told)
    layout = _laid_out(told, text, cut(text), is_narrow_allowed, shuffled)
    main = bytearray(_TEXT_AT) + layout.body
    main += bytes(-len(main) % _PAGE)
    end_of_text = _TEXT_AT + len(layout.body)
    table = bytearray()
    places: dict[int, tuple[int, int]] = {}

    def put(number: int, part: bytes) -> None:
        places[number] = len(table), len(part)
        table.extend(part)
        table.extend(bytes(-len(table) % 4))

    put(1, _style_sheet(styles))
    places[0] = places[1]
    put(6, struct.pack("<IIhihI", 0, lengths[0], 0, -1, 0, 0xFFFFFFFF))
    put(12, _pages(main, layout.runs, _character_entry))
    put(13, _pages(main, layout.paragraphs, _paragraph_entry))
    put(15, _fonts())
    put(31, bytes(500))
    put(33, _piece_table(layout, len(text), piece_modifiers, shared_modifiers))
    has_many = len(layout.pieces) > 1
    flags = 0x1000 | (0x0200 if table_stream else 0) | (0x0004 if has_many else 0) | (0x0100 if is_locked else 0)
    main[:_TEXT_AT] = _head(version, flags, end_of_text, len(main), lengths, places).ljust(_TEXT_AT, b"\0")
    streams = {"WordDocument": bytes(main), f"{table_stream}Table": bytes(table)}
    if data:
        streams["Data"] = data
    if title:
        streams["\x05SummaryInformation"] = _summary(title)
    return compound_file(streams)


def _laid_out(
    told: Sequence[tuple[str, bytes, bytes]],
    text: str,
    cuts: Sequence[int],
    is_narrow_allowed: bool,
    shuffled: random.Random | None,
) -> _Layout:
    bounds = sorted({0, len(text), *(cut for cut in cuts if 0 < cut < len(text))})
    pieces = list(pairwise(bounds))
    in_file = list(range(len(pieces)))
    if shuffled:
        shuffled.shuffle(in_file)
    layout = _Layout()
    placed: dict[int, tuple[int, int, bool]] = {}
    for number in in_file:
        start, end = pieces[number]
        is_narrow = is_narrow_allowed and text[start:end].isascii()
        width = 1 if is_narrow else 2
        if not is_narrow and len(layout.body) % 2:
            layout.body.append(0)
        place = _TEXT_AT + len(layout.body)
        placed[number] = start, place, is_narrow
        layout.body += text[start:end].encode("ascii" if is_narrow else "utf-16-le", "surrogatepass")
        begun = start
        for position in range(start + 1, end + 1):
            at = place + (position - start) * width
            if position == end or told[position][1] != told[begun][1]:
                layout.runs.append(_Stretch(place + (begun - start) * width, at, told[begun][1]))
                begun = position
            if text[position - 1] in _MARKS:
                last = layout.paragraphs[-1].end if layout.paragraphs else _TEXT_AT
                layout.paragraphs.append(_Stretch(last, at, told[position - 1][2]))
    if layout.paragraphs[-1].end < _TEXT_AT + len(layout.body):
        # No paragraph ends where the last piece in the file does: its run goes beyond.
        layout.paragraphs.append(_Stretch(layout.paragraphs[-1].end, _TEXT_AT + len(layout.body) + 2, b"\0\0"))
    layout.pieces = [placed[number] for number in range(len(pieces))]
    return layout


def _piece_table(layout: _Layout, count: int, modifier: Callable[[int], int], shared: Sequence[bytes]) -> bytes:
    bounds = [start for start, _, _ in layout.pieces] + [count]
    listed = struct.pack(f"<{len(bounds)}I", *bounds)
    for number, (_, place, is_narrow) in enumerate(layout.pieces):
        address = place * 2 | 0x40000000 if is_narrow else place
        listed += struct.pack("<HIH", 0, address, modifier(number))
    head = b"".join(struct.pack("<BH", 1, len(one)) + one for one in shared)
    return head + struct.pack("<BI", 2, len(listed)) + listed


def _character_entry(stretch: _Stretch) -> tuple[bytes, int]:
    """What stands in a page for a stretch's characters, and the size of its slot in the index."""
    listed = stretch.properties
    return (bytes([len(listed)]) + listed if listed else b""), 1


def _paragraph_entry(stretch: _Stretch) -> tuple[bytes, int]:
    listed = stretch.properties
    if listed == b"\0\0":
        return b"", 13
    # An odd length is told in one byte, an even one in two.
    return (bytes([(len(listed) + 1) // 2]) if len(listed) % 2 else bytes([0, len(listed) // 2])) + listed, 13


def _pages(main: bytearray, stretches: Sequence[_Stretch], entry: Callable[[_Stretch], tuple[bytes, int]]) -> bytes:
    """Append pages of properties to `main`; gives the list that says which page speaks for which stretch."""
    in_order = sorted(stretches, key=lambda stretch: stretch.start)
    runs: list[tuple[int, int, bytes]] = []
    slot = 1
    for stretch in in_order:
        listed, slot = entry(stretch)
        if runs and runs[-1][2] == listed and slot == 1:
            runs[-1] = runs[-1][0], stretch.end, listed
        else:
            runs.append((stretch.start, stretch.end, listed))
    firsts: list[int] = []
    numbers: list[int] = []
    at = 0
    while at < len(runs):
        free = _PAGE - 1
        stored: dict[bytes, int] = {}
        taken = at
        while taken < len(runs):
            listed = runs[taken][2]
            needed = 0 if not listed or listed in stored else len(listed) + 1
            if 4 * (taken - at + 2) + slot * (taken - at + 1) > free - needed:
                break
            if needed:
                free = (free - len(listed)) & ~1
                stored[listed] = free
            taken += 1
        if taken == at:
            raise ValueError("properties of one paragraph are too many for a page: put them into the data stream")
        page = bytearray(_PAGE)
        page[-1] = taken - at
        struct.pack_into(f"<{taken - at + 1}I", page, 0, *(run[0] for run in runs[at:taken]), runs[taken - 1][1])
        for place, run in enumerate(runs[at:taken]):
            page[4 * (taken - at + 1) + slot * place] = stored.get(run[2], 0) // 2
        for listed, place in stored.items():
            page[place : place + len(listed)] = listed
        firsts.append(runs[at][0])
        numbers.append(len(main) // _PAGE)
        main += page
        at = taken
    return struct.pack(f"<{len(firsts) + 1}I{len(numbers)}I", *firsts, runs[-1][1], *numbers)


def _style_sheet(styles: Sequence[Style]) -> bytes:
    head = struct.pack("<HHHHHHHHH", _FIXED_STYLES + len(styles), 10, 1, 91, _FIXED_STYLES, 0, 0, 0, 0)
    listed = {0: Style("Normal"), 10: Style("Default Paragraph Font", 2)}
    listed |= {_FIXED_STYLES + number: style for number, style in enumerate(styles)}
    body = b""
    for number in range(_FIXED_STYLES + len(styles)):
        style = listed.get(number)
        if style is None:
            body += b"\0\0"
            continue
        built_in = {0: 0, 10: 65}.get(number, 0xFFE)
        is_paragraph = style.kind == 1
        parts = [struct.pack("<HH", 2, number)] if is_paragraph else []
        parts.append(struct.pack("<H", len(style.properties)) + style.properties)
        described = struct.pack("<HHHHH", built_in, style.kind | style.based_on << 4, len(parts) | number << 4, 0, 0)
        described += struct.pack("<H", len(style.name)) + style.name.encode("utf-16-le") + b"\0\0"
        for part in parts:
            described += part + bytes(len(part) % 2)
        body += struct.pack("<H", len(described)) + described
    return struct.pack("<H", len(head)) + head + body


def _fonts() -> bytes:
    name = "宋体".encode("utf-16-le") + b"\0\0"
    described = struct.pack("<BHBB10x24x", 0x36, 400, 134, 0) + name
    return struct.pack("<HHB", 1, 0, len(described)) + described


def _head(
    version: int, flags: int, end_of_text: int, size: int, lengths: Sequence[int], places: dict[int, tuple[int, int]]
) -> bytes:
    base = struct.pack(
        "<HHHHHHHIBBHHII", 0xA5EC, version, 0, 0x0804, 0, flags, 0xBF, 0, 0, 0, 0, 0, _TEXT_AT, end_of_text
    )
    words = struct.pack("<14H", *[0] * 13, 0x0804)
    longs = struct.pack("<22i", size, 0, 0, *lengths, *[0] * 11)
    pairs = [places.get(number, (0, 0)) for number in range(93)]
    listed = struct.pack("<186I", *(number for pair in pairs for number in pair))
    return base + struct.pack("<H", 14) + words + struct.pack("<H", 22) + longs + struct.pack("<H", 93) + listed


def _summary(title: str) -> bytes:
    """The properties of the file: its title alone, in GBK."""
    raw = title.encode("gbk", "replace") + b"\0"
    raw += bytes(-len(raw) % 4)
    properties = (
        struct.pack("<IIII", 1, 24, 2, 32) + struct.pack("<II", 2, 936) + struct.pack("<II", 30, len(raw)) + raw
    )
    section = struct.pack("<II", len(properties) + 8, 2) + properties
    format_id = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
    return struct.pack("<HHI16xI", 0xFFFE, 0, 0, 1) + format_id + struct.pack("<I", 48) + section
