"""Pictures to blocks: files that are pictures, and pictures inside other files.

Belongs here: the containers (PNG, JPEG, TIFF, BMP, GIF, WEBP), their limits and their size on paper. Does not belong
here: what the pixels say (`scan`).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extract.model import Block, Document, DocumentFormat, Grid, Paragraph, Place, Unreadable
from extract.readers.scan import blocks_of_page, joined_over_pages, pages_in

__all__ = ["blocks_of_picture", "pages_of_image", "read_image"]

_cv: Any = cv2

_MOST_PIXELS = 60_000_000
"""A4 at 600 dpi has 35 million."""
_LONGEST_SIDE = 30_000
_MOST_PAGES = 60
_LEAST_WIDTH, _LEAST_HEIGHT = 120, 40
"""Pixels. Smaller pictures are icons and rules."""
_A4_WIDTH, _A4_HEIGHT = 595.3, 841.9
_MOST_PAGES_HIGH = 12
"""Pages of A4 below each other in one long picture."""
_START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})

Pixels = NDArray[np.uint8]


def read_image(data: bytes) -> Document:
    """The blocks of a picture, or of all pages of a TIFF.

    Raises Unreadable, and nothing else: image_too_large, broken_image. A picture without text has no blocks.
    """
    blocks: list[Block] = []
    tables = lines = 1
    for page, pixels in enumerate(_pages(data), 1):
        found = _blocks(pixels, page, tables, lines)
        tables += sum(isinstance(block, Grid) for block in found)
        lines += sum(isinstance(block, Paragraph) for block in found)
        blocks.extend(found)
    notes = ("has_images", "ocr") if blocks else ("has_images",)
    return Document(DocumentFormat.IMAGE, tuple(joined_over_pages(blocks)), {}, notes)


def blocks_of_picture(data: bytes, *, page: int | None, first_table: int, first_line: int) -> list[Block]:
    """The blocks of a picture inside another file; empty for one without text.

    Raises Unreadable, and nothing else: image_too_large, broken_image.
    """
    return _blocks(next(_pages(data)), page or 1, first_table, first_line)


def pages_of_image(data: bytes) -> Iterator[tuple[Pixels, float, float]]:
    """Every page as grey levels, with its width and height in points: the measure of the boxes that are read.

    Raises Unreadable, and nothing else: image_too_large, broken_image.
    """
    for pixels in _pages(data):
        yield pixels, *_paper(pixels)


def _paper(pixels: Pixels) -> tuple[float, float]:
    """Width and height in points."""
    height, width = pixels.shape[:2]
    # Pixels say nothing of paper: the narrow side is taken for that of A4.
    across = _A4_HEIGHT if width > 1.2 * height else _A4_WIDTH
    return across, across * height / width


def _blocks(pixels: Pixels, page: int, first_table: int, first_line: int) -> list[Block]:
    height, width = pixels.shape[:2]
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return []
    across, down = _paper(pixels)
    if down > _MOST_PAGES_HIGH * _A4_HEIGHT:
        raise Unreadable("image_too_large", "The picture is longer than twelve pages. Cut it into pages and add those.")
    pages = pages_in(pixels, across)
    if len(pages) == 1:
        return blocks_of_page(
            pixels, page=page, width_points=across, height_points=down, first_table=first_table, first_line=first_line
        )
    blocks: list[Block] = []
    line = first_line
    for number, (top, bottom) in enumerate(pages):
        found = blocks_of_page(
            pixels[top:bottom],
            page=number,
            width_points=across,
            height_points=(bottom - top) * across / width,
            first_table=1,
            first_line=line,
        )
        line += sum(isinstance(block, Paragraph) for block in found)
        blocks.extend(found)
    lowered = [top * across / width for top, _ in pages]
    return [_in_picture(block, page, lowered, first_table - 1) for block in joined_over_pages(blocks)]


def _in_picture(block: Block, page: int, lowered: Sequence[float], tables: int) -> Block:
    """A block of one of several pages in a picture, placed in the whole picture."""

    def placed(place: Place) -> Place:
        box, down = place.box, lowered[place.page or 0]
        if box is not None:
            box = (box[0], round(box[1] + down, 1), box[2], round(box[3] + down, 1))
        return replace(place, page=page, table=place.table and place.table + tables, box=box)

    if isinstance(block, Paragraph):
        return replace(block, place=placed(block.place))
    cells = tuple(replace(cell, place=placed(cell.place)) for cell in block.cells)
    return replace(block, cells=cells, place=placed(block.place))


def _pages(data: bytes) -> Iterator[Pixels]:
    """The pages of a picture as grey levels, decoded one by one, and only within the limits on size."""
    sizes = _sizes(data)
    encoded = np.frombuffer(data, dtype=np.uint8)
    for page in range(len(sizes)):
        pixels = _decoded(encoded, page, data)
        if pixels is None or pixels.dtype != np.uint8 or pixels.ndim != 2:
            raise Unreadable("broken_image", "The picture is damaged or cut off. Fetch or add it again.")
        yield pixels


def _decoded(encoded: Pixels, page: int, data: bytes) -> Pixels | None:
    """One page, transparent parts white; None where the bytes are damaged."""
    try:
        if data[:2] in (b"II", b"MM"):
            is_read, pages = _cv.imdecodemulti(encoded, _cv.IMREAD_GRAYSCALE, range=(page, page + 1))
            one: Pixels | None = pages[0] if is_read and len(pages) else None
            return one
        if _is_transparent(data):
            full = _cv.imdecode(encoded, _cv.IMREAD_UNCHANGED)
            if full is not None and full.ndim == 3 and full.shape[2] == 4 and full.dtype == np.uint8:
                opacity = full[:, :, 3].astype(np.uint16)
                grey: Pixels = _cv.cvtColor(full, _cv.COLOR_BGRA2GRAY)
                shown = (grey.astype(np.uint16) * opacity + 255 * (255 - opacity)) // 255
                return np.asarray(shown, dtype=np.uint8)
        decoded: Pixels | None = _cv.imdecode(encoded, _cv.IMREAD_GRAYSCALE)
        return decoded
    except _cv.error:
        return None


def _is_transparent(data: bytes) -> bool:
    """Whether a PNG or WEBP may have see-through parts: print on them would come out black on black."""
    return (data.startswith(b"\x89PNG") and data[25:26] in (b"\4", b"\6")) or data[8:12] == b"WEBP"


def _sizes(data: bytes) -> list[tuple[int, int]]:
    """Width and height of each page as the header tells; raises Unreadable for none and for too large ones."""
    try:
        sizes = _header(data)
    except (struct.error, IndexError) as error:
        raise Unreadable("broken_image", "The picture is cut off in its header. Fetch or add it again.") from error
    if not sizes or any(width < 1 or height < 1 for width, height in sizes):
        raise Unreadable("broken_image", "The header of the picture tells no size. Fetch or add it again.")
    for width, height in sizes:
        if width * height > _MOST_PIXELS or max(width, height) > _LONGEST_SIDE:
            raise Unreadable(
                "image_too_large",
                f"The picture claims {width} x {height} pixels. Save it at 300 dots per inch or less and add that.",
            )
    if len(sizes) > _MOST_PAGES:
        raise Unreadable(
            "image_too_large", f"The picture has more than {_MOST_PAGES} pages. Add the pages of the report alone."
        )
    return sizes


def _header(data: bytes) -> list[tuple[int, int]]:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return [struct.unpack(">II", data[16:24])]
    if data.startswith(b"GIF8"):
        return [struct.unpack("<HH", data[6:10])]
    if data.startswith(b"BM"):
        width, height = struct.unpack("<ii", data[18:26])
        return [(abs(width), abs(height))]
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff(data)
    return []


def _jpeg(data: bytes) -> list[tuple[int, int]]:
    position = 2
    while position + 9 <= len(data):
        if data[position] != 0xFF:
            return []
        marker = data[position + 1]
        if marker in _START_OF_FRAME:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return [(width, height)]
        if marker == 0xFF:
            position += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2
        else:
            position += 2 + max(2, struct.unpack(">H", data[position + 2 : position + 4])[0])
    return []


def _webp(data: bytes) -> list[tuple[int, int]]:
    kind = data[12:16]
    if kind == b"VP8X":
        return [(int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)]
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return [((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return [(width & 0x3FFF, height & 0x3FFF)]
    return []


def _tiff(data: bytes) -> list[tuple[int, int]]:
    """The size of each page, by the chain of directories; a chain that turns in a circle ends."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack(order + "I", data[4:8])
    seen: set[int] = set()
    sizes: list[tuple[int, int]] = []
    while at and at not in seen and len(sizes) <= _MOST_PAGES:
        seen.add(at)
        (count,) = struct.unpack(order + "H", data[at : at + 2])
        values = {256: 0, 257: 0}
        for number in range(count):
            entry = data[at + 2 + 12 * number : at + 14 + 12 * number]
            tag, kind = struct.unpack(order + "HH", entry[:4])
            if tag in values:
                (values[tag],) = struct.unpack(order + ("H" if kind == 3 else "I"), entry[8 : 10 if kind == 3 else 12])
        sizes.append((values[256], values[257]))
        end = at + 2 + 12 * count
        (at,) = struct.unpack(order + "I", data[end : end + 4])
    return sizes
