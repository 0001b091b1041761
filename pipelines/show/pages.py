"""Pages as pictures: what a person sees of a PDF or a scan."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extract.model import Box, DocumentFormat

__all__ = ["PagePicture", "page_count", "page_pictures", "with_boxes"]

_SCALE = 144 / 72
_LONGEST_SIDE = 2600
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page, its size in points as shown, and its picture as JPEG; none where the format cannot be drawn."""

    page: int
    width: float
    height: float
    jpeg: bytes | None


def page_count(data: bytes, kind: DocumentFormat) -> int:
    """How many pages can be drawn."""
    if kind is DocumentFormat.PDF:
        import pypdfium2

        with pypdfium2.PdfDocument(data) as pdf:
            return len(pdf)
    return len(_frames(data)) if kind is DocumentFormat.IMAGE else 0


def page_pictures(data: bytes, kind: DocumentFormat, pages: Sequence[int]) -> list[PagePicture]:
    """The pages asked for, as far as they exist and can be drawn."""
    if kind is DocumentFormat.PDF:
        return _of_pdf(data, pages)
    if kind is DocumentFormat.IMAGE:
        return _of_image(data, pages)
    return []


def _of_pdf(data: bytes, pages: Sequence[int]) -> list[PagePicture]:
    import pypdfium2

    pictures = []
    with pypdfium2.PdfDocument(data) as pdf:
        for number in pages:
            if not 1 <= number <= len(pdf):
                continue
            page = pdf[number - 1]
            try:
                width, height = page.get_size()
                scale = min(_SCALE, _LONGEST_SIDE / max(width, height, 1))
                pixels = page.render(scale=scale, rev_byteorder=False).to_numpy()
                pictures.append(PagePicture(number, width, height, _jpeg(pixels)))
            finally:
                page.close()
    return pictures


def _of_image(data: bytes, pages: Sequence[int]) -> list[PagePicture]:
    pictures = []
    frames = _frames(data)
    for number in pages:
        if 1 <= number <= len(frames):
            pixels, width, height = frames[number - 1]
            pictures.append(PagePicture(number, width, height, _jpeg(_shrunk(pixels))))
    return pictures


def _frames(data: bytes) -> list[tuple[Any, float, float]]:
    """Pixels of every page of an image file, with its size in points, as the reader of images sees them."""
    from extract.readers.image import pages_of_image

    return list(pages_of_image(data))


def _shrunk(pixels: Any) -> Any:
    import cv2

    factor = _LONGEST_SIDE / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _jpeg(pixels: Any) -> bytes:
    import cv2

    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(encoded)


def with_boxes(picture: PagePicture, boxes: Sequence[tuple[Box, str, tuple[int, int, int]]]) -> bytes:
    """The page as PNG with boxes in their colours (red, green, blue) and a few words in each."""
    import cv2
    import numpy

    pixels: Any
    if picture.jpeg is None:
        pixels = numpy.full((round(picture.height * _SCALE), round(picture.width * _SCALE), 3), 255, numpy.uint8)
    else:
        pixels = cv2.imdecode(numpy.frombuffer(io.BytesIO(picture.jpeg).getbuffer(), numpy.uint8), cv2.IMREAD_COLOR)
    across, down = pixels.shape[1] / picture.width, pixels.shape[0] / picture.height
    tinted = pixels.copy()
    corners = [
        ((round(left * across), round(top * down)), (round(right * across), round(bottom * down)))
        for (left, top, right, bottom), _, _ in boxes
    ]
    for (first, second), (_, _, colour) in zip(corners, boxes, strict=True):
        cv2.rectangle(tinted, first, second, colour[::-1], -1)
    pixels = cv2.addWeighted(tinted, 0.2, pixels, 0.8, 0)
    for (first, second), (_, words, colour) in zip(corners, boxes, strict=True):
        cv2.rectangle(pixels, first, second, colour[::-1], 2)
        cv2.putText(
            pixels, words, (first[0] + 3, second[1] - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour[::-1], 1, cv2.LINE_AA
        )
    _, encoded = cv2.imencode(".png", pixels)
    return bytes(encoded)
