"""The streams of a Word file and the table of contents at their head (the FIB).

Belongs here: the OLE container and where things lie in it. Does not belong here: what they mean.
"""

import io
import struct
from dataclasses import dataclass

import olefile

from extract.model import Unreadable
from extract.readers.edges import needs_converter

__all__ = ["WordFile", "broken", "open_word"]

_IDENTITY = 0xA5EC
_OLD_IDENTITIES = (0xA5DB, 0xA5DC)
_EARLIEST = 0xC0
"""The version number in files of Word 97 and later; Word 6 and 95 have smaller ones."""
_LOCKED = 0x0100
_SECOND_TABLE = 0x0200
_STORIES = 8
_CODE_PAGE, _TITLE = 1, 2
_WIDE = 31
"""The kind of a text of two bytes a character."""
_ENCODINGS = {936: "gb18030", -535: "utf-8", 950: "big5hkscs"}
"""By code page, which is stored as a signed number."""
_MOST_PROPERTIES = 100
_LONGEST_TITLE = 1000
_LARGEST_STREAM = 200 * 1024 * 1024
# What olefile raises on a broken container.
_OLE_ERRORS = (
    OSError,
    struct.error,
    IndexError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    MemoryError,
)


def broken(why: str) -> Unreadable:
    """The refusal of a file that is no sound Word file; `why` is a sentence."""
    return Unreadable("broken_doc", f"{why} Open it in a word processor, save it again as DOCX, and add that copy.")


@dataclass(frozen=True)
class WordFile:
    """The streams, the lengths of the stories in characters, and where each structure lies in the table stream."""

    main: bytes
    table: bytes
    data: bytes
    stories: tuple[int, ...]
    """Characters of the main text, footnotes, headers, macros, comments, endnotes, text boxes, boxes of headers."""
    places: tuple[tuple[int, int], ...]
    title: str | None

    def part(self, number: int) -> bytes:
        """One structure of the table stream; empty where the file has none."""
        start, size = self.places[number] if number < len(self.places) else (0, 0)
        if start + size > len(self.table):
            raise broken("A part of it lies behind its end: it was cut off.")
        return self.table[start : start + size]


def open_word(data: bytes) -> WordFile:
    """The streams of a Word 97–2003 file. Raises Unreadable for anything else."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            names = {name.lower(): name for (name, *deeper) in container.listdir() if not deeper}
            main = _stream(container, names, "worddocument")
            tables = [_stream(container, names, name) for name in ("0table", "1table")]
            extra = _stream(container, names, "data")
            title = _title(_stream(container, names, "\x05summaryinformation") or b"")
    except _OLE_ERRORS as error:
        raise broken(f"The OLE container is broken ({type(error).__name__}).") from error
    if main is None:
        raise Unreadable(
            "unknown_format",
            "The file is an OLE container without the text of a Word file. Look at it with the program that made it, "
            "save it as DOCX or PDF, and add that copy.",
        )
    return _described(main, tables, extra or b"", title)


def _stream(container: olefile.OleFileIO, names: dict[str, str], name: str) -> bytes | None:
    if name not in names:
        return None
    if container.get_size(names[name]) > _LARGEST_STREAM:
        raise broken(f"Its stream {names[name]} is larger than any report.")
    with container.openstream(names[name]) as stream:
        return bytes(stream.read())


def _title(properties: bytes) -> str | None:
    """The title in the file's properties; None if it has none or they cannot be read, for no figure depends on it."""
    try:
        (start,) = struct.unpack_from("<I", properties, 44)
        (count,) = struct.unpack_from("<I", properties, start + 4)
        listed = struct.unpack_from(f"<{2 * min(count, _MOST_PROPERTIES)}I", properties, start + 8)
        places = dict(zip(listed[::2], listed[1::2], strict=True))
        page = struct.unpack_from("<h", properties, start + places[_CODE_PAGE] + 4)[0] if _CODE_PAGE in places else 0
        kind, size = struct.unpack_from("<II", properties, start + places[_TITLE])
    except (struct.error, KeyError):
        return None
    at = start + places[_TITLE] + 8
    if kind == _WIDE:
        title = properties[at : at + 2 * min(size, _LONGEST_TITLE)].decode("utf-16-le", "replace")
    else:
        title = properties[at : at + min(size, _LONGEST_TITLE)].decode(_ENCODINGS.get(page, "cp1252"), "replace")
    return title.split("\0")[0].strip() or None


def _described(main: bytes, tables: list[bytes | None], data: bytes, title: str | None) -> WordFile:
    try:
        identity, version, flags = struct.unpack_from("<HH6xH", main)
        if identity not in (_IDENTITY, *_OLD_IDENTITIES):
            raise broken("Its head is not that of a Word file.")
        if identity != _IDENTITY or version < _EARLIEST:
            raise needs_converter("The file was written by Word 95 or older.")
        if flags & _LOCKED:
            raise Unreadable("encrypted_file", "The file is locked with a password. Add an unlocked copy.")
        (words,) = struct.unpack_from("<H", main, 32)
        longs_at = 34 + 2 * words
        (longs,) = struct.unpack_from("<H", main, longs_at)
        if longs < 3 + _STORIES:
            raise needs_converter("Its head is shorter than Word writes it.")
        stories = struct.unpack_from(f"<{_STORIES}i", main, longs_at + 2 + 4 * 3)
        places_at = longs_at + 2 + 4 * longs
        (count,) = struct.unpack_from("<H", main, places_at)
        numbers = struct.unpack_from(f"<{2 * count}I", main, places_at + 2)
    except struct.error as error:
        raise broken("It ends inside its head: it was cut off.") from error
    table = tables[1 if flags & _SECOND_TABLE else 0]
    if table is None:
        raise broken("The stream that says how its text is laid out is missing.")
    if min(stories) < 0:
        raise broken("It claims less than no text.")
    return WordFile(main, table, data, stories, tuple(zip(numbers[::2], numbers[1::2], strict=True)), title)
