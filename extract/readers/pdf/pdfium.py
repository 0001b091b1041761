"""PDFium behind small typed functions: one open document, its pages as arrays, a page as a picture.

Belongs here: every call into PDFium and every bound on what a file may cost. Does not belong here: what a line or a
character means.

PDFium answers one call a character, so each call counts: the functions are declared anew with plain integers for
handles, and write straight into arrays. PDFium is not thread-safe: one document a process.
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pypdfium2  # noqa: F401 - starts the library
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from extract.model import Box, Unreadable

__all__ = ["Floats", "Matrix", "PdfFile", "ProseLine", "RawPage", "open_pdf"]

Floats = NDArray[np.float64]
Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: x' = a x + c y + e, y' = b x + d y + f."""

MOST_PAGES = 1_000
MOST_CHARACTERS_A_PAGE = 60_000
MOST_OBJECTS_A_PAGE = 150_000
MOST_CHARACTERS = 3_000_000
MOST_OBJECTS = 3_000_000
"""Over the whole file. A report has five to twenty pages of a thousand characters."""
_MOST_SEGMENTS = 4_000
"""A path of more pieces is a drawing, not the rulings of a table."""
_DEEPEST_FORM = 8
_FLAT = 0.05
_FIRST_CHINESE = 0x2E80
_HYPHEN = 0x2
"""How PDFium marks a hyphen at the end of a line; every other code up to the blank is none that is printed."""
_CENTRED = 0.15
_MOST_CLIPS = 100
THIN = 3.5
"""A filled or stroked shape of at most this width, in points, is a ruling."""
_LONGEST_SIDE = 4_000
"""Pixels of a rendered page, so that a poster costs no more than a report."""

_HANDLE = ctypes.c_void_p
_INT = ctypes.c_int
_UINT = ctypes.c_uint
_DOUBLE = ctypes.c_double


def _function(name: str, result: Any, *arguments: Any) -> Any:
    """A PDFium function with handles and addresses as plain integers."""
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value or 0
    # These calls take well under a microsecond: giving up the interpreter lock for each would cost more.
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_get_unicode = _function("FPDFText_GetUnicode", _UINT, _HANDLE, _INT)
_get_loose_box = _function("FPDFText_GetLooseCharBox", _INT, _HANDLE, _INT, _HANDLE)
_get_origin = _function("FPDFText_GetCharOrigin", _INT, _HANDLE, _INT, _HANDLE, _HANDLE)
_get_char_matrix = _function("FPDFText_GetMatrix", _INT, _HANDLE, _INT, _HANDLE)
_get_font_size = _function("FPDFText_GetFontSize", _DOUBLE, _HANDLE, _INT)
_get_text_object = _function("FPDFText_GetTextObject", _HANDLE, _HANDLE, _INT)
_has_map_error = _function("FPDFText_HasUnicodeMapError", _INT, _HANDLE, _INT)
_count_chars = _function("FPDFText_CountChars", _INT, _HANDLE)
_get_render_mode = _function("FPDFTextObj_GetTextRenderMode", _INT, _HANDLE)
_count_objects = _function("FPDFPage_CountObjects", _INT, _HANDLE)
_get_object = _function("FPDFPage_GetObject", _HANDLE, _HANDLE, _INT)
_count_inner = _function("FPDFFormObj_CountObjects", _INT, _HANDLE)
_get_inner = _function("FPDFFormObj_GetObject", _HANDLE, _HANDLE, ctypes.c_ulong)
_get_type = _function("FPDFPageObj_GetType", _INT, _HANDLE)
_get_bounds = _function("FPDFPageObj_GetBounds", _INT, _HANDLE, _HANDLE, _HANDLE, _HANDLE, _HANDLE)
_get_matrix = _function("FPDFPageObj_GetMatrix", _INT, _HANDLE, _HANDLE)
_has_transparency = _function("FPDFPageObj_HasTransparency", _INT, _HANDLE)
_get_fill = _function("FPDFPageObj_GetFillColor", _INT, _HANDLE, _HANDLE, _HANDLE, _HANDLE, _HANDLE)
_get_stroke = _function("FPDFPageObj_GetStrokeColor", _INT, _HANDLE, _HANDLE, _HANDLE, _HANDLE, _HANDLE)
_get_draw_mode = _function("FPDFPath_GetDrawMode", _INT, _HANDLE, _HANDLE, _HANDLE)
_count_segments = _function("FPDFPath_CountSegments", _INT, _HANDLE)
_get_segment = _function("FPDFPath_GetPathSegment", _HANDLE, _HANDLE, _INT)
_get_point = _function("FPDFPathSegment_GetPoint", _INT, _HANDLE, _HANDLE, _HANDLE)
_get_segment_type = _function("FPDFPathSegment_GetType", _INT, _HANDLE)
_get_clip = _function("FPDFPageObj_GetClipPath", _HANDLE, _HANDLE)
_count_clips = _function("FPDFClipPath_CountPaths", _INT, _HANDLE)
_count_clip_segments = _function("FPDFClipPath_CountPathSegments", _INT, _HANDLE, _INT)
_get_clip_segment = _function("FPDFClipPath_GetPathSegment", _HANDLE, _HANDLE, _INT, _INT)
_get_text = _function("FPDFText_GetText", _INT, _HANDLE, _INT, _INT, _HANDLE)
_get_index = _function("FPDFText_GetCharIndexFromTextIndex", _INT, _HANDLE, _INT)
_get_close = _function("FPDFPathSegment_GetClose", _INT, _HANDLE)

_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5
_BEZIER, _MOVE = 1, 2
_INVISIBLE_MODES = (3, 7)
"""Neither filled nor stroked, and clip only."""
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ProseLine:
    """A level line of text as PDFium puts it together: text, left and right end, baseline, type size."""

    text: str
    left: float
    right: float
    base: float
    size: float


@dataclass
class RawPage:
    """One page in the frame of its reader: points from the upper left corner of the page as it is shown.

    Characters: `codes`, `boxes` (left, top, right, bottom, by advance width), `origins` on the baseline, `directions`
    (unit vector of reading), `sizes` (type size), `colours` (red, green, blue, alpha; 0 to 255), `layers` (position in
    the drawing order), `is_invisible` and `is_unmapped` (its font does not say which character it is).

    Rulings: one row each of left, top, right, bottom and 1 for a white one. `fills`: left, top, right, bottom,
    whiteness (0 to 255), layer, 1 if opaque. `images`: left, top, right, bottom, layer. `drawing_count`: paths that are
    no rulings. `limits`: the box outside of which no ruling is shown.

    `prose`: the lines of a page that needs no look at its single characters, which are then left out.
    """

    width: float
    height: float
    codes: NDArray[np.int64]
    boxes: Floats
    origins: Floats
    directions: Floats
    sizes: Floats
    colours: Floats
    layers: NDArray[np.int64]
    is_invisible: NDArray[np.bool_]
    is_unmapped: NDArray[np.bool_]
    rulings: Floats
    fills: Floats
    images: Floats
    drawing_count: int
    limits: Box
    prose: list[ProseLine] | None = None


@contextmanager
def open_pdf(data: bytes) -> Iterator["PdfFile"]:
    """The open document; raises Unreadable("encrypted_file" or "broken_pdf")."""
    handle = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not handle:
        if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unreadable(
                "encrypted_file",
                "The PDF is locked with a password. Ask the publisher for an open copy, or add an unlocked one.",
            )
        raise Unreadable("broken_pdf", "The PDF is broken or cut short. Fetch it again, or add a whole copy.")
    try:
        yield PdfFile(handle)
    finally:
        pdfium.FPDF_CloseDocument(handle)


class PdfFile:
    """An open PDF document."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._characters_left = MOST_CHARACTERS
        self._objects_left = MOST_OBJECTS
        self.page_count = int(pdfium.FPDF_GetPageCount(handle))
        if self.page_count > MOST_PAGES:
            raise Unreadable(
                "too_many_pages",
                f"The PDF has {self.page_count} pages; at most {MOST_PAGES} are read. Add those of the report.",
            )

    def title(self) -> str:
        """The title in the file's properties; empty if it has none."""
        size = pdfium.FPDF_GetMetaText(self._handle, b"Title", None, 0)
        if not 2 < size <= 4096:
            return ""
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDF_GetMetaText(self._handle, b"Title", buffer, size)
        return buffer.raw.decode("utf-16-le", "replace").rstrip("\0").strip()

    @contextmanager
    def _page(self, index: int) -> Iterator[Any]:
        page = pdfium.FPDF_LoadPage(self._handle, index)
        if not page:
            raise Unreadable("broken_pdf", f"Page {index + 1} of the PDF cannot be read. Fetch it again.")
        try:
            yield page
        finally:
            pdfium.FPDF_ClosePage(page)

    def read_page(self, index: int) -> RawPage:
        """The characters and shapes of a page, counted from 0."""
        with self._page(index) as page:
            frame, width, height = _frame(page)
            text_page = pdfium.FPDFText_LoadPage(page)
            if not text_page:
                raise Unreadable("broken_pdf", f"The text of page {index + 1} cannot be read. Fetch the PDF again.")
            try:
                shapes = _Shapes(frame, min(MOST_OBJECTS_A_PAGE, self._objects_left))
                shapes.read(_address(page))
                self._objects_left -= shapes.count
                return self._read_text(_address(text_page), frame, width, height, shapes)
            finally:
                pdfium.FPDFText_ClosePage(text_page)

    def _read_text(self, text: int, frame: Matrix, width: float, height: float, shapes: "_Shapes") -> RawPage:
        count = max(0, _count_chars(text))
        self._characters_left -= count
        if count > MOST_CHARACTERS_A_PAGE or self._characters_left < 0:
            raise _too_large()
        prose = None
        if not shapes.rulings and not shapes.images:
            prose = _prose(text, count, frame)
            count = count if prose is None else 0
        codes = _codes(text, count)
        # Blanks are left out: the distance between characters tells them better.
        indices = np.flatnonzero((codes > 0x20) | (codes == _HYPHEN))
        found = [_get_text_object(text, index) or 0 for index in indices.tolist()]
        owners = np.array(found, np.int64)
        if not owners.all():
            # Characters that PDFium made up have no object.
            indices, owners = indices[owners != 0], owners[owners != 0]
        codes = codes[indices]
        asked = indices.tolist()
        loose = np.zeros((len(asked), 4), np.float32)
        at = loose.ctypes.data
        for position, index in enumerate(asked):
            _get_loose_box(text, index, at + 16 * position)
        _, firsts, owner_of = np.unique(owners, return_index=True, return_inverse=True)
        looks = _Looks(text, owners[firsts].tolist(), indices[firsts].tolist(), shapes.layer_of)
        look_of = looks.table(frame)[owner_of]
        # Rows of the box as PDFium gives them: left, top, right, bottom, with y upwards.
        corners = loose.astype(np.float64)
        boxes = _placed_boxes(corners, frame)
        # A font that lacks a Chinese character lacks the first one of its run as well; a digit is always asked for.
        is_unmapped = np.zeros(len(asked), np.bool_)
        doubtful = codes < _FIRST_CHINESE
        doubtful[firsts] = True
        is_unmapped[doubtful] = [_has_map_error(text, index) == 1 for index in indices[doubtful].tolist()]
        return RawPage(
            width=width,
            height=height,
            codes=codes,
            boxes=boxes,
            origins=_placed_points(looks.origins(owner_of, indices, corners), frame),
            directions=look_of[:, 0:2],
            sizes=look_of[:, 2],
            colours=look_of[:, 3:7],
            layers=look_of[:, 7].astype(np.int64),
            is_invisible=look_of[:, 8] > 0,
            is_unmapped=is_unmapped,
            rulings=np.array(shapes.rulings, np.float64).reshape(-1, 5),
            fills=np.array(shapes.fills, np.float64).reshape(-1, 7),
            images=np.array(shapes.images, np.float64).reshape(-1, 5),
            drawing_count=shapes.drawing_count,
            limits=shapes.limits(width, height),
            prose=prose,
        )

    def render(self, index: int, dots_per_inch: int) -> tuple[NDArray[np.uint8], float, float]:
        """A page as a grey picture, and its width and height in points."""
        with self._page(index) as page:
            width = max(1.0, float(pdfium.FPDF_GetPageWidthF(page)))
            height = max(1.0, float(pdfium.FPDF_GetPageHeightF(page)))
            scale = min(dots_per_inch / 72, _LONGEST_SIDE / max(width, height))
            columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
            bitmap = pdfium.FPDFBitmap_CreateEx(columns, rows, pdfium.FPDFBitmap_Gray, None, 0)
            if not bitmap:
                raise _too_large()
            try:
                pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, 0xFFFFFFFF)
                pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, pdfium.FPDF_ANNOT)
                stride = int(pdfium.FPDFBitmap_GetStride(bitmap))
                start = ctypes.cast(pdfium.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_uint8))
                pixels = np.ctypeslib.as_array(start, (rows, stride))[:, :columns].copy()
            finally:
                pdfium.FPDFBitmap_Destroy(bitmap)
        return pixels, width, height


def _too_large() -> Unreadable:
    return Unreadable(
        "pdf_too_large", "A page of the PDF holds more than any report does. Add the pages of the report alone."
    )


def _address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def _frame(page: Any) -> tuple[Matrix, float, float]:
    """The matrix from the page's own space to points from the upper left corner as shown; the page's size."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box)):
        raise Unreadable("broken_pdf", "A page of the PDF has no size. Fetch it again.")
    left, bottom, right, top = float(box.left), float(box.bottom), float(box.right), float(box.top)
    width, height = right - left, top - bottom
    if not (0 < width < 1e5 and 0 < height < 1e5):
        raise Unreadable("broken_pdf", "A page of the PDF has no size. Fetch it again.")
    turn = int(pdfium.FPDFPage_GetRotation(page)) % 4
    if turn == 1:
        return (0.0, 1.0, 1.0, 0.0, -bottom, -left), height, width
    if turn == 2:
        return (-1.0, 0.0, 0.0, 1.0, right, -bottom), width, height
    if turn == 3:
        return (0.0, -1.0, -1.0, 0.0, top, right), height, width
    return (1.0, 0.0, 0.0, -1.0, -left, top), width, height


def _placed_points(points: Floats, frame: Matrix) -> Floats:
    a, b, c, d, e, f = frame
    x, y = points[:, 0], points[:, 1]
    return np.column_stack((a * x + c * y + e, b * x + d * y + f))


def _placed_boxes(boxes: Floats, frame: Matrix) -> Floats:
    """Boxes of two opposite corners as left, top, right, bottom of the frame."""
    one, other = _placed_points(boxes[:, 0:2], frame), _placed_points(boxes[:, 2:4], frame)
    return np.hstack((np.minimum(one, other), np.maximum(one, other)))


def _prose(text: int, count: int, frame: Matrix) -> list[ProseLine] | None:
    """The lines of a page without rulings, at a few calls a line in place of a few a character.

    None where a table without rulings may be, or anything but dark, level, mapped text in lines one below the other.
    """
    buffer = np.zeros(count + 1, np.uint16)
    written = _get_text(text, 0, count, buffer.ctypes.data)
    printed = buffer[: max(0, written - 1)].tobytes().decode("utf-16-le", "replace")
    if _NO_PROSE.search(_PAGE_NUMBER.sub("", printed)) or len(printed) < _SHORTEST_PROSE:
        return None
    lines: list[ProseLine] = []
    position = 0
    ask = _LineEnds(text, frame)
    for part in printed.split("\r\n"):
        stripped = part.strip(_BLANKS)
        first = position + len(part) - len(part.lstrip(_BLANKS))
        position += len(part) + 2
        if not stripped:
            continue
        one = ask.at(_get_index(text, first))
        other = ask.at(_get_index(text, first + len(stripped) - 1))
        if one is None or other is None or abs(one.base - other.base) > 0.1 * one.size or other.right <= one.left:
            return None
        width = sum(0.6 if letter.isascii() else 1.0 for letter in stripped)
        if other.right - one.left > _WIDEST * width * max(one.size, other.size):
            return None
        lines.append(ProseLine(_SINGLE_BLANK.sub("", stripped), one.left, other.right, one.base, one.size))
    values = sum(len(line.text) < 12 and _VALUE.fullmatch(line.text) is not None for line in lines)
    lines.sort(key=lambda line: line.base)
    if values > 2 or any(below.base - line.base < 0.6 * line.size for line, below in pairwise(lines)):
        return None
    return lines


_BLANKS = " \t\u3000\xa0"
_NO_PROSE = re.compile(
    # Marks of PDFium, codes without a meaning, halves of pairs; two figures or null tokens in a row of words.
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ufffd\ue000-\uf8ff]"
    r"|(?:^|[ \t\u3000])[\d,.／/—-]+[ \t\u3000]+[\d,.／/—-]*\d[\d,.／/—-]*(?:[ \t\u3000]|\r|$)"
    r"|\S[ \t\u3000]{2,}\S[^\r]*[ \t\u3000]{2,}\S",
    re.MULTILINE,
)
_PAGE_NUMBER = re.compile(r"^[-—– ]{1,3}\d{1,4}[-—– ]{1,3}\r?$", re.MULTILINE)
_VALUE = re.compile(r"[\d,.%]+|[/／—–-]+|无")
_SINGLE_BLANK = re.compile(r"(?<=[^\x00-\xff]) (?=\S)|(?<=\S) (?=[^\x00-\xff])")
_SHORTEST_PROSE = 30
_WIDEST = 1.25
"""A line wider than its letters by this factor has wide gaps: it may be a row of a table."""
_DARKEST_OF_LIGHT = 160


class _LineEnds:
    """Asks for the character at an end of a line; none is given that is not dark, level and known."""

    def __init__(self, text: int, frame: Matrix) -> None:
        self._text = text
        self._frame = frame
        self._loose = (ctypes.c_float * 4)()
        self._matrix = (ctypes.c_float * 6)()
        self._loose_at, self._matrix_at = ctypes.addressof(self._loose), ctypes.addressof(self._matrix)

    def at(self, index: int) -> ProseLine | None:
        """The character as a line of its own."""
        owner = _get_text_object(self._text, index) if index >= 0 else None
        if not owner or _has_map_error(self._text, index) == 1 or _get_render_mode(owner) not in (0, 2):
            return None
        red, green, blue, alpha = _colour(_get_fill, owner)
        if min(red, green, blue) > _DARKEST_OF_LIGHT or alpha < 200:
            return None
        _get_char_matrix(self._text, index, self._matrix_at)
        _get_loose_box(self._text, index, self._loose_at)
        a, b, c, d, e, f = self._matrix
        frame = self._frame
        if frame[0] * a + frame[2] * b <= 0 or frame[1] * a + frame[3] * b != 0:
            return None
        left, top, right, bottom = self._loose
        (x, _), (other_x, _) = _at(frame, left, top), _at(frame, right, bottom)
        if other_x - x < _FLAT or abs((x + other_x) / 2 - _at(frame, e, f)[0]) < _CENTRED * (other_x - x):
            return None
        size = abs(_get_font_size(self._text, index)) * float(np.hypot(c, d))
        if not 2 < size < 200:
            return None
        return ProseLine(chr(0x20), x, other_x, _at(frame, e, f)[1], size)


def _codes(text: int, count: int) -> NDArray[np.int64]:
    """The code of each character: in one call where PDFium's text has one unit a character, else in a call each."""
    buffer = np.zeros(count + 1, np.uint16)
    written = _get_text(text, 0, count, buffer.ctypes.data) if count else 1
    codes = buffer[:count].astype(np.int64)
    if written == count + 1 and not ((codes >= 0xD800) & (codes < 0xE000)).any():
        return codes
    return np.array([_get_unicode(text, index) for index in range(count)], np.int64)


class _Looks:
    """What the characters of each text object share, asked once an object."""

    def __init__(self, text: int, owners: list[int], indices: list[int], layer_of: dict[int, int]) -> None:
        self._text = text
        count = len(owners)
        self._matrices = np.zeros((count, 6), np.float32)
        self._paints = np.zeros((count, 4), np.uint32)
        matrix_at, paint_at = self._matrices.ctypes.data, self._paints.ctypes.data
        for position, index in enumerate(indices):
            _get_char_matrix(text, index, matrix_at + 24 * position)
        self._sizes = [_get_font_size(text, index) for index in indices]
        self._modes = [_get_render_mode(owner) for owner in owners]
        self._layers = [layer_of.get(owner, -1) for owner in owners]
        for position, owner in enumerate(owners):
            paint = paint_at + 16 * position
            # Text whose outlines alone are drawn has the colour of the outlines.
            colour_of = _get_stroke if self._modes[position] == 1 else _get_fill
            if not colour_of(owner, paint, paint + 4, paint + 8, paint + 12):
                self._paints[position] = (0, 0, 0, 255)

    def origins(self, owners: NDArray[np.int64], indices: NDArray[np.int64], boxes: Floats) -> Floats:
        """Where characters stand on their baselines, in the page's own space.

        All characters of an object share one baseline, except in vertical writing: there, and where a font has no
        widths, each is asked for.
        """
        result = self._matrices[owners, 4:6].astype(np.float64)
        left, top, right, bottom = boxes.T
        width, height = np.abs(right - left), np.abs(bottom - top)
        # Vertical writing hangs in the middle under its origin; a level line begins at its own.
        is_vertical = np.abs((left + right) / 2 - result[:, 0]) < _CENTRED * width
        is_vertical |= (np.abs((top + bottom) / 2 - result[:, 1]) < _CENTRED * height) & (
            self._matrices[owners, 0] == 0
        )
        asked = is_vertical | (np.minimum(width, height) < _FLAT)
        if not asked.any():
            return result
        hanging = np.zeros(len(self._sizes), np.bool_)
        hanging[owners[is_vertical]] = True
        asked |= hanging[owners]
        buffer = np.zeros(2, np.float64)
        at = buffer.ctypes.data
        for row in np.flatnonzero(asked).tolist():
            _get_origin(self._text, int(indices[row]), at, at + 8)
            result[row] = buffer
        return result

    def table(self, frame: Matrix) -> Floats:
        """A row each: direction (2), type size, colour (4), layer, 1 if nothing is painted."""
        count = len(self._sizes)
        a, b, c, d = self._matrices[:count, :4].T.astype(np.float64)
        across, down = frame[0] * a + frame[2] * b, frame[1] * a + frame[3] * b
        length = np.hypot(across, down)
        length[length == 0] = 1.0
        table = np.empty((count, 9))
        table[:, 0], table[:, 1] = across / length, down / length
        table[:, 2] = np.abs(np.array(self._sizes, np.float64)) * np.hypot(c, d)
        table[:, 3:7] = self._paints[:count]
        table[:, 7] = self._layers
        table[:, 8] = np.isin(self._modes, _INVISIBLE_MODES)
        return table


_PAINT = (ctypes.c_uint * 4)()
_PAINT_AT = [ctypes.addressof(_PAINT) + 4 * number for number in range(4)]


def _colour(function: Any, target: int) -> tuple[float, float, float, float]:
    """Red, green, blue, alpha; opaque black where the file says nothing that PDFium understands."""
    if not function(target, *_PAINT_AT):
        return 0.0, 0.0, 0.0, 255.0
    red, green, blue, alpha = _PAINT
    return float(red), float(green), float(blue), float(alpha)


class _Shapes:
    """Rulings, filled boxes and pictures of one page, in the page's frame."""

    def __init__(self, frame: Matrix, most_objects: int) -> None:
        self._frame = frame
        self._most = most_objects
        self._bounds = (ctypes.c_float * 4)()
        self._bounds_at = [ctypes.addressof(self._bounds) + 4 * number for number in range(4)]
        self._matrix = (ctypes.c_float * 6)()
        self._modes = (ctypes.c_int * 2)()
        self._point = (ctypes.c_float * 2)()
        self.count = 0
        self.layer_of: dict[int, int] = {}
        """Text object to its position in the drawing order."""
        self.rulings: list[tuple[float, float, float, float, float]] = []
        self.fills: list[tuple[float, ...]] = []
        self.images: list[tuple[float, ...]] = []
        self.drawing_count = 0
        self._outermost: list[tuple[float, int, Matrix]] = [(float("-inf"), 0, frame)] * 4
        """The shapes that reach farthest to the left, top, right and bottom: how far, which, and its frame."""

    def read(self, page: int) -> None:
        """Take in all objects of the page."""
        for index in range(max(0, _count_objects(page))):
            self._take(_get_object(page, index), self._frame, 0)

    def _take(self, target: int | None, frame: Matrix, depth: int) -> None:
        if not target:
            return
        self.count += 1
        if self.count > self._most:
            raise _too_large()
        kind = _get_type(target)
        if kind == _TEXT:
            self.layer_of[target] = self.count
        elif kind == _PATH:
            self._take_path(target, frame)
        elif kind == _IMAGE:
            self._take_image(target, frame)
        elif kind == _FORM and depth < _DEEPEST_FORM:
            inner = _combined(self._matrix_of(target), frame)
            for index in range(max(0, _count_inner(target))):
                self._take(_get_inner(target, index), inner, depth + 1)

    def _matrix_of(self, target: int) -> Matrix:
        if not _get_matrix(target, ctypes.addressof(self._matrix)):
            return _IDENTITY
        a, b, c, d, e, f = (float(number) for number in self._matrix)
        return a, b, c, d, e, f

    def _box_of(self, target: int, frame: Matrix) -> Box | None:
        if not _get_bounds(target, *self._bounds_at):
            return None
        left, bottom, right, top = self._bounds
        (x, y), (other_x, other_y) = _at(frame, left, bottom), _at(frame, right, top)
        box = min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)
        return box

    def limits(self, width: float, height: float) -> Box:
        """The box outside of which no ruling is shown: the page, or where its outermost shapes are cut off."""
        limits = [0.0, 0.0, width, height]
        for side, (reach, target, frame) in enumerate(self._outermost):
            clip = _clip_of(target, frame) if target else None
            if clip is not None:
                shown = -clip[side] if side < 2 else clip[side]
                if shown < reach - 1:
                    limits[side] = max(limits[side], clip[side]) if side < 2 else min(limits[side], clip[side])
        return limits[0], limits[1], limits[2], limits[3]

    def _take_image(self, target: int, frame: Matrix) -> None:
        box = self._box_of(target, frame)
        if box is None:
            return
        if min(box[2] - box[0], box[3] - box[1]) <= THIN:
            self.rulings.append((*box, 0.0))
        else:
            self.images.append((*box, float(self.count)))

    def _take_path(self, target: int, frame: Matrix) -> None:
        _get_draw_mode(target, ctypes.addressof(self._modes), ctypes.addressof(self._modes) + 4)
        is_filled, is_stroked = self._modes[0] != 0, self._modes[1] != 0
        box = self._box_of(target, frame) if is_filled or is_stroked else None
        if box is None:
            return
        for side, reach in enumerate((-box[0], -box[1], box[2], box[3])):
            if reach > self._outermost[side][0]:
                self._outermost[side] = (reach, target, frame)
        paint = _colour(_get_stroke if is_stroked else _get_fill, target)
        if paint[3] == 0 and is_stroked and is_filled:
            is_stroked, paint = False, _colour(_get_fill, target)
        if paint[3] == 0:
            return
        white = float(min(paint[:3]) >= 250)
        if min(box[2] - box[0], box[3] - box[1]) <= THIN:
            self.rulings.append((*box, white))
            return
        pieces = _count_segments(target)
        if pieces > _MOST_SEGMENTS:
            self.drawing_count += 1
            return
        paths = self._outlines(target, pieces, frame)
        if is_stroked:
            self.rulings.extend((*line, white) for line in _level_and_upright(paths))
        if is_filled:
            self._take_fill(target, paths, is_stroked=is_stroked)

    def _outlines(self, target: int, pieces: int, frame: Matrix) -> list[list[tuple[float, float]]]:
        """The outlines of a path as points; a curve breaks the outline, so that only its straight parts are sides."""
        x_at, y_at = ctypes.addressof(self._point), ctypes.addressof(self._point) + 4
        matrix = _combined(self._matrix_of(target), frame)
        outlines: list[list[tuple[float, float]]] = []
        current: list[tuple[float, float]] = []
        start: tuple[float, float] | None = None
        curve = 0
        for index in range(max(0, pieces)):
            segment = _get_segment(target, index)
            if not segment:
                continue
            _get_point(segment, x_at, y_at)
            point = _at(matrix, self._point[0], self._point[1])
            kind = _get_segment_type(segment)
            if kind == _BEZIER:
                # Three points a curve; the last is where it ends.
                curve += 1
                if curve % 3 == 0:
                    outlines.append(current)
                    current = [point]
                    self.drawing_count += 1
            elif kind == _MOVE:
                outlines.append(current)
                current, start, curve = [point], point, 0
            else:
                current.append(point)
            if start is not None and _get_close(segment):
                current.append(start)
        outlines.append(current)
        return [outline for outline in outlines if len(outline) > 1]

    def _take_fill(self, target: int, paths: list[list[tuple[float, float]]], *, is_stroked: bool) -> None:
        paint = _colour(_get_fill, target)
        if paint[3] == 0:
            return
        boxes = [box for path in paths if (box := _as_box(path)) is not None]
        self.drawing_count += len(paths) - len(boxes)
        white = float(min(paint[:3]) >= 250)
        thick = [box for box in boxes if min(box[2] - box[0], box[3] - box[1]) > THIN]
        if not is_stroked:
            self.rulings.extend((*box, white) for box in boxes if min(box[2] - box[0], box[3] - box[1]) <= THIN)
        if len(thick) == 2 and (sides := _frame_sides(thick[0], thick[1])):
            self.rulings.extend((*side, white) for side in sides)
            return
        opaque = float(paint[3] >= 250 and not _has_transparency(target))
        self.fills.extend((*box, min(paint[:3]), float(self.count), opaque) for box in thick)


def _clip_of(target: int, frame: Matrix) -> Box | None:
    """The box that an object is cut off at; None if it is shown whole."""
    clip = _get_clip(target)
    count = _count_clips(clip) if clip else 0
    point = (ctypes.c_float * 2)()
    x_at, y_at = ctypes.addressof(point), ctypes.addressof(point) + 4
    shown: Box | None = None
    for number in range(max(0, min(count, _MOST_CLIPS))):
        points = []
        for index in range(max(0, min(_count_clip_segments(clip, number), _MOST_CLIPS))):
            segment = _get_clip_segment(clip, number, index)
            if segment and _get_point(segment, x_at, y_at):
                points.append(_at(frame, point[0], point[1]))
        if not points:
            continue
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = min(xs), min(ys), max(xs), max(ys)
        if shown is None:
            shown = box
        else:
            shown = (
                max(shown[0], box[0]),
                max(shown[1], box[1]),
                min(shown[2], box[2]),
                min(shown[3], box[3]),
            )
    return shown


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _combined(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner` and then `outer`."""
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


def _as_box(path: list[tuple[float, float]]) -> Box | None:
    """The box that an outline draws, or None if it draws another shape."""
    if not 4 <= len(path) <= 6:
        return None
    xs, ys = sorted({round(x, 1) for x, _ in path}), sorted({round(y, 1) for _, y in path})
    if xs[-1] - xs[0] > THIN and ys[-1] - ys[0] > THIN and (len(xs) > 2 or len(ys) > 2):
        return None
    return xs[0], ys[0], xs[-1], ys[-1]


def _level_and_upright(paths: list[list[tuple[float, float]]]) -> Iterator[Box]:
    """The level and upright sides of outlines, as boxes."""
    for path in paths:
        for (x, y), (other_x, other_y) in pairwise(path):
            if abs(x - other_x) <= 0.5 or abs(y - other_y) <= 0.5:
                yield min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _frame_sides(one: Box, other: Box) -> list[Box]:
    """The sides of a border that is drawn as the space between two boxes; nothing if the boxes are no border."""
    outer, inner = sorted((one, other), key=lambda box: box[0] - box[2] + box[1] - box[3])
    margins = (inner[0] - outer[0], inner[1] - outer[1], outer[2] - inner[2], outer[3] - inner[3])
    if any(not -0.2 <= margin <= 2 * THIN for margin in margins):
        return []
    left, top, right, bottom = outer
    sides = (
        (left, top, inner[0], bottom),
        (left, top, right, inner[1]),
        (inner[2], top, right, bottom),
        (left, inner[3], right, bottom),
    )
    return [side for side, margin in zip(sides, margins, strict=True) if margin > 0.05]
