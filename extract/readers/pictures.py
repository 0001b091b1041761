"""What a document holds beside its text: pictures that may show its tables, and files that a page wraps.

Belongs here: pictures as parts of other formats, and when they are read. Does not belong here: how a picture is read
(extract/readers/image).

A picture is read only where the text of the document has no table with figures: else it is a seal, a chart or the
banner of the site, and what it says stands in the text as well.
"""

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from extract.model import Block, Grid, Paragraph, Unreadable
from extract.readers.packages import Package

__all__ = [
    "blocks_of_pictures",
    "docx_pictures",
    "html_pictures",
    "package_pictures",
    "picture_size",
    "with_pictures",
    "wraps_a_file",
]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

Blocks = tuple[Block, ...]
Notes = tuple[str, ...]

_SMALLEST_SIDE = 300
"""A picture with a shorter side than this, in pixels, shows no table."""
_MOST_PICTURES = 40
_LARGEST = 60 * 1024 * 1024
_FEWEST_FIGURES = 4
"""A grid with fewer figures than this is no statutory table."""
_FIGURE = re.compile(r"\s*[\d０-９]+(?:[.,，．][\d０-９]+)*\s*")
_DATA_URI = re.compile(r"\s*data:image/[\w.+-]+((?:;[\w=.+-]+)*),", re.I)
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_WRAPPED_FILE = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|ofd)(?:$|[?#&\"'])|viewer\.html?\?|[?&]file=", re.I)
_WRAPPERS = {"iframe": "src", "embed": "src", "object": "data", "frame": "src"}
_REMEDY = "Open it in an office program, save it again, and add that copy."


def with_pictures(blocks: Blocks, notes: Notes, pictures: Callable[[], Sequence[bytes]]) -> tuple[Blocks, Notes]:
    """Blocks and notes with what the pictures show, where the text has no table with figures; else as they are.

    What is read stands behind the text, and the notes say ocr. `pictures` is called only where it is needed.
    """
    if _has_figures(blocks):
        return blocks, notes
    try:
        found = pictures()
    except Unreadable:
        return blocks, notes  # the text could be read: pictures that cannot be are no reason to lose it
    tables = sum(isinstance(block, Grid) for block in blocks)
    lines = sum(isinstance(block, Paragraph) for block in blocks)
    read = blocks_of_pictures(found, page=None, first_table=tables + 1, first_line=lines + 1)
    if found and "has_images" not in notes:
        notes = (*notes, "has_images")
    return ((*blocks, *read), (*notes, "ocr")) if read else (blocks, notes)


def _has_figures(blocks: Iterable[Block]) -> bool:
    for block in blocks:
        figures = 0
        for cell in block.cells if isinstance(block, Grid) else ():
            figures += _FIGURE.fullmatch(cell.text) is not None
            if figures == _FEWEST_FIGURES:
                return True
    return False


def html_pictures(root: Element) -> list[bytes]:
    """The pictures that stand in the page itself (data: addresses), in order."""
    pictures: list[bytes] = []
    size = 0
    for image in root.iter("img"):
        address = image.get("src") or ""
        match = _DATA_URI.match(address[:200])
        if match is None or size + len(address) > _LARGEST or len(pictures) == _MOST_PICTURES:
            continue
        try:
            packed = _ESCAPED.sub(lambda escaped: bytes([int(escaped[1], 16)]), address[match.end() :].encode())
            picture = base64.b64decode(packed) if ";base64" in match[1].lower() else packed
        except (binascii.Error, ValueError):
            continue
        size += len(address)
        pictures.append(picture)
    return pictures


def wraps_a_file(root: Element) -> bool:
    """Whether a page shows a file in a frame: a PDF, or a viewer that is told which file to show."""
    return any(_WRAPPED_FILE.search(element.get(_WRAPPERS[element.tag]) or "") for element in root.iter(*_WRAPPERS))


def docx_pictures(data: bytes) -> list[bytes]:
    """The pictures of a DOCX body in the order of the text; drawings in vector formats are not among them."""
    package = Package(data, "broken_docx", _REMEDY)
    main = "word/document.xml"
    if not package.has(main):
        return []
    targets = package.targets(main)
    names: list[str] = []
    for element in package.parse(main).iter("{*}blip", "{*}imagedata"):
        for key, value in element.items():
            kind, name = targets.get(value, ("", ""))
            if key.rsplit("}", 1)[-1] in ("embed", "id") and kind == "image" and name not in names:
                names.append(name)
    return _read_all(package, names)


def package_pictures(data: bytes, folder: str) -> list[bytes]:
    """The pictures in a folder of an office package, by number."""
    package = Package(data, "broken_package", _REMEDY)
    names = [name for name in package.names if name.startswith(folder)]
    return _read_all(package, sorted(names, key=lambda name: (len(name), name)))


def _read_all(package: Package, names: Sequence[str]) -> list[bytes]:
    pictures = []
    for name in names[:_MOST_PICTURES]:
        if package.has(name):
            picture = package.read(name)
            if picture_size(picture) is not None:
                pictures.append(picture)
    return pictures


def blocks_of_pictures(
    pictures: Sequence[bytes], *, page: int | None, first_table: int, first_line: int
) -> tuple[Block, ...]:
    """The blocks read from those pictures that are large enough to show a table; nothing where none can be read.

    `page` None numbers the pictures as the pages of the document.
    """
    if not any(_is_worth_reading(picture) for picture in pictures):
        return ()
    try:
        from extract.readers.image import blocks_of_picture  # OpenCV and its models cost more than reading a page
    except ImportError:
        return ()
    blocks: list[Block] = []
    for number, picture in enumerate(pictures[:_MOST_PICTURES], start=1):
        if not _is_worth_reading(picture):
            continue
        try:
            read = blocks_of_picture(picture, page=page or number, first_table=first_table, first_line=first_line)
        except Unreadable:
            continue  # one broken picture costs that picture alone
        first_table += sum(isinstance(block, Grid) for block in read)
        first_line += sum(isinstance(block, Paragraph) for block in read)
        blocks.extend(read)
    return tuple(blocks)


def _is_worth_reading(picture: bytes) -> bool:
    size = picture_size(picture)
    return len(picture) <= _LARGEST and size is not None and min(size) >= _SMALLEST_SIDE


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as the header says; None for what is no picture of a kind that is read."""
    try:
        return _size(data)
    except (struct.error, IndexError):
        return None


def _size(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _pair(">II", data, 16)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _pair("<HH", data, 6)
    if data[:2] == b"BM":
        width, height = _pair("<ii", data, 18)
        return abs(width), abs(height)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp_size(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg_size(data)
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return _tiff_size(data)
    return None


def _pair(shape: str, data: bytes, offset: int) -> tuple[int, int]:
    first, second = struct.unpack_from(shape, data, offset)
    return int(first), int(second)


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = _pair("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    offset = 2
    while offset + 9 < len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker == 0xFF:
            offset += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = _pair(">HH", data, offset + 5)
            return width, height
        (length,) = struct.unpack_from(">H", data, offset + 2)
        offset += 2 + max(length, 2)
    return None


def _tiff_size(data: bytes) -> tuple[int, int] | None:
    order = "<" if data.startswith(b"II") else ">"
    (directory,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, directory)
    sides: dict[int, int] = {}
    for index in range(min(count, 200)):
        entry = directory + 2 + index * 12
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if tag in (256, 257):
            (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, entry + 8)
            sides[tag] = value
    return (sides[256], sides[257]) if len(sides) == 2 else None
