"""OFD files (GB/T 33190) to blocks: the ZIP, its page descriptions, and characters and rulings by geometry.

Belongs here: OFD packages and page objects. Does not belong here: how rulings make a grid.

Coordinates of an OFD page are millimetres from the upper left corner. A page whose only content is a picture is a scan.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from extract.model import Block, Document, DocumentFormat, Grid, Unreadable
from extract.readers.packages import Package
from extract.readers.page_breaks import joined_over_pages
from extract.readers.pictures import blocks_of_pictures
from extract.readers.ruled import Glyph, Ordinals, Ruling, blocks_of_ruled_page

__all__ = ["read_ofd"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_POINTS = 72 / 25.4
_MOST_PAGES = 600
_MOST_GLYPHS = 1_000_000
_MOST_RULINGS = 200_000
_DEEPEST = 20
_THIN = 1.2
"""A filled area no thicker than this, in millimetres, is a ruling."""
_SKEW = 0.35
"""A line that strays from level or upright by no more than this, in millimetres, is a ruling."""
_NARROW = 0.5
"""Width of a Latin letter or digit, in type sizes, where the file gives no distance."""
_FEW_GLYPHS = 10
_REMEDY = "Open it in an OFD reader, save or print it as PDF, and add that copy."
_OFF = frozenset({"false", "0"})
_WHITE = re.compile(r"\s*(?:255\s+255\s+255|#[Ff][Ff]\s+#[Ff][Ff]\s+#[Ff][Ff])\s*")
_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass
class _Page:
    """What is drawn on one page, in points."""

    glyphs: list[Glyph] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    """Resource numbers of pictures."""


def read_ofd(data: bytes) -> Document:
    """The blocks of an OFD file; raises Unreadable("broken_ofd") or ("encrypted_file")."""
    package = Package(data, "broken_ofd", f"The OFD file cannot be read. {_REMEDY}")
    root = package.parse("OFD.xml")
    if package.has("Encryptions.xml") or package.has("encryptinfo.dat"):
        raise Unreadable("encrypted_file", "The OFD file is locked. Add an unlocked copy.")
    blocks: list[Block] = []
    ordinals = Ordinals()
    notes: set[str] = set()
    title = ""
    first_page = 1
    for body in root.iter("{*}DocBody"):
        location = (body.findtext("{*}DocRoot") or "").strip()
        if not location:
            continue
        title = title or (body.findtext("{*}DocInfo/{*}Title") or "").strip()
        reading = _DocumentReading(package, location)
        for page in reading.pages():
            blocks.extend(_page_blocks(reading, page, first_page, ordinals, notes))
            first_page += 1
            if first_page > _MOST_PAGES:
                raise package.broken(f"It has more than {_MOST_PAGES} pages, which no report has.")
    if first_page == 1:
        raise package.broken("It has no page.")
    if any(isinstance(block, Grid) for block in blocks) and "ocr" not in notes:
        notes.discard("has_images")
    metadata = {"title": title} if title else {}
    return Document(DocumentFormat.OFD, tuple(joined_over_pages(blocks)), metadata, tuple(sorted(notes)))


def _page_blocks(
    reading: "_DocumentReading", page: _Page, number: int, ordinals: Ordinals, notes: set[str]
) -> Iterator[Block]:
    """The blocks of a page; of a page that is a picture, what can be read from it."""
    if page.pictures:
        notes.add("has_images")
    if len(page.glyphs) >= _FEW_GLYPHS or not page.pictures:
        yield from blocks_of_ruled_page(page.glyphs, page.rulings, number, ordinals)
        return
    pictures = [picture for name in page.pictures if (picture := reading.picture(name)) is not None]
    read = blocks_of_pictures(pictures, page=number, first_table=ordinals.tables + 1, first_line=ordinals.lines + 1)
    if read:
        notes.add("ocr")
    for block in read:
        if isinstance(block, Grid):
            ordinals.tables += 1
        else:
            ordinals.lines += 1
        yield block


class _DocumentReading:
    """One document of the package: its resources, templates and pages."""

    def __init__(self, package: Package, location: str) -> None:
        self._package = package
        self._folder = posixpath.dirname(location.lstrip("/"))
        self._root = package.parse(location)
        self._run = 0
        self._glyphs = 0
        self._rulings = 0
        self._media: dict[str, str] = {}
        self._units: dict[str, Element] = {}
        self._templates = {
            template.get("ID") or "": self._at(template.get("BaseLoc") or "")
            for template in self._root.iter("{*}TemplatePage")
        }
        for name in ("PublicRes", "DocumentRes"):
            for element in self._root.iter(f"{{*}}{name}"):
                self._read_resources(self._at((element.text or "").strip()))

    def pages(self) -> Iterator[_Page]:
        """The pages in order."""
        holder = next(self._root.iter("{*}Pages"), None)
        for element in () if holder is None else holder.iterchildren("{*}Page"):
            location = self._at(element.get("BaseLoc") or "")
            page = _Page()
            root = self._package.parse(location)
            for template in root.iter("{*}Template"):
                target = self._templates.get(template.get("TemplateID") or "")
                if target and self._package.has(target):
                    self._draw(self._package.parse(target), page)
            self._read_resources_of(root, location)
            self._draw(root, page)
            yield page

    def picture(self, resource: str) -> bytes | None:
        """The bytes of a picture; None if the package has none under this number."""
        name = self._media.get(resource)
        return self._package.read(name) if name and self._package.has(name) else None

    def _at(self, location: str, folder: str | None = None) -> str:
        if location.startswith("/"):
            return location
        return posixpath.normpath(posixpath.join(self._folder if folder is None else folder, location))

    def _read_resources_of(self, root: Element, location: str) -> None:
        for element in root.iterchildren("{*}PageRes"):
            self._read_resources(self._at((element.text or "").strip(), posixpath.dirname(location)))

    def _read_resources(self, location: str) -> None:
        if not self._package.has(location):
            return
        root = self._package.parse(location)
        base = self._at(root.get("BaseLoc") or "", posixpath.dirname(location))
        for media in root.iter("{*}MultiMedia"):
            name = (media.findtext("{*}MediaFile") or "").strip()
            candidates = (self._at(name, base), self._at(name, posixpath.dirname(location)), self._at(name))
            found = next((candidate for candidate in candidates if name and self._package.has(candidate)), None)
            if found and (media.get("Type") or "Image") == "Image":
                self._media[media.get("ID") or ""] = found
        for unit in root.iter("{*}CompositeGraphicUnit"):
            self._units[unit.get("ID") or ""] = unit

    def _draw(self, root: Element, page: _Page) -> None:
        content = next(root.iterchildren("{*}Content"), None)
        if content is not None:
            self._objects(content, page, _IDENTITY, 0)

    def _objects(self, parent: Element, page: _Page, outer: _Matrix, depth: int) -> None:
        """The objects below layers, blocks and composites, in drawing order."""
        if depth > _DEEPEST:
            raise self._package.broken("Its objects are nested too deep.")
        for element in parent:
            kind = str(element.tag).rsplit("}", 1)[-1]
            if (element.get("Visible") or "").lower() in _OFF or element.get("Alpha") == "0":
                continue
            if kind in ("Layer", "PageBlock"):
                self._objects(element, page, outer, depth + 1)
            elif kind == "TextObject":
                self._text(element, page, outer)
            elif kind == "PathObject":
                self._path(element, page, outer)
            elif kind == "ImageObject":
                page.pictures.append(element.get("ResourceID") or "")
            elif kind == "CompositeObject":
                unit = self._units.get(element.get("ResourceID") or "")
                content = None if unit is None else next(unit.iterchildren("{*}Content"), None)
                if content is not None:
                    self._objects(content, page, _matrix_of(element, outer), depth + 1)

    def _text(self, element: Element, page: _Page, outer: _Matrix) -> None:
        if (element.get("Fill") or "").lower() in _OFF and (element.get("Stroke") or "false").lower() in _OFF:
            return
        size = _number(element.get("Size"), 0.0)
        if size <= 0:
            return
        matrix = _matrix_of(element, outer)
        scale = _number(element.get("HScale"), 1.0)
        self._run += 1
        x = y = 0.0
        for code in element.iter("{*}TextCode"):
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            text = code.text or ""
            across, down = _distances(code.get("DeltaX"), len(text)), _distances(code.get("DeltaY"), len(text))
            self._glyphs += len(text)
            if self._glyphs > _MOST_GLYPHS:
                raise self._package.broken(f"It has more than {_MOST_GLYPHS} characters.")
            for index, character in enumerate(text):
                natural = size * scale * (_NARROW if ord(character) < 0x2E80 else 1.0)
                step = across[index] if index < len(across) else 0.0 if index < len(down) else natural
                glyph = _glyph(character, x, y, min(natural, step) if step > 0 else natural, size, matrix, self._run)
                if character.strip():
                    page.glyphs.append(glyph)
                x += step
                y += down[index] if index < len(down) else 0.0

    def _path(self, element: Element, page: _Page, outer: _Matrix) -> None:
        strokes = (element.get("Stroke") or "true").lower() not in _OFF
        fills = (element.get("Fill") or "false").lower() not in _OFF
        strokes = strokes and not _is_white(element, "StrokeColor")
        fills = fills and not _is_white(element, "FillColor")
        if not strokes and not fills:
            return
        data = element.findtext("{*}AbbreviatedData") or ""
        for ruling in _rulings(data, _matrix_of(element, outer), strokes=strokes, fills=fills):
            self._rulings += 1
            if self._rulings > _MOST_RULINGS:
                raise self._package.broken(f"It has more than {_MOST_RULINGS} lines.")
            page.rulings.append(ruling)


def _number(printed: str | None, default: float) -> float:
    try:
        value = float(printed) if printed else default
    except ValueError:
        return default
    return value if -1e6 < value < 1e6 else default


def _numbers(printed: str | None) -> list[float]:
    return [_number(word, 0.0) for word in (printed or "").split()]


def _matrix_of(element: Element, outer: _Matrix) -> _Matrix:
    """From the space of an object to the page: its own matrix, then its boundary, then what is around it."""
    box = _numbers(element.get("Boundary"))
    own = _numbers(element.get("CTM"))
    a, b, c, d, e, f = own if len(own) == 6 else _IDENTITY
    dx, dy = (box[0], box[1]) if len(box) >= 2 else (0.0, 0.0)
    return _product((a, b, c, d, e + dx, f + dy), outer)


def _product(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _point(x: float, y: float, matrix: _Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _glyph(text: str, x: float, y: float, width: float, size: float, matrix: _Matrix, run: int) -> Glyph:
    """A character drawn from its base line, as a box in points."""
    corners = [_point(x + dx, y + dy, matrix) for dx in (0.0, width) for dy in (-0.86 * size, 0.14 * size)]
    lefts, tops = [corner[0] for corner in corners], [corner[1] for corner in corners]
    left, right, top, bottom = min(lefts), max(lefts), min(tops), max(tops)
    return Glyph(text, left * _POINTS, top * _POINTS, right * _POINTS, bottom * _POINTS, (bottom - top) * _POINTS, run)


def _distances(printed: str | None, most: int) -> list[float]:
    """The distances from character to character; `g 3 4.5` stands for three times 4.5."""
    distances: list[float] = []
    words = (printed or "").split()
    index = 0
    while index < len(words) and len(distances) < most:
        if words[index] == "g" and index + 2 < len(words):
            count = min(int(_number(words[index + 1], 0.0)), most - len(distances))
            distances.extend([_number(words[index + 2], 0.0)] * count)
            index += 3
        else:
            distances.append(_number(words[index], 0.0))
            index += 1
    return distances


def _is_white(element: Element, name: str) -> bool:
    color = next(element.iterchildren(f"{{*}}{name}"), None)
    return color is not None and (color.get("Alpha") == "0" or bool(_WHITE.fullmatch(color.get("Value") or "")))


def _rulings(data: str, matrix: _Matrix, *, strokes: bool, fills: bool) -> Iterator[Ruling]:
    """Level and upright lines of a path: its strokes, and filled areas so thin that they are lines."""
    for points, is_closed in _subpaths(data, matrix):
        lefts, tops = [x for x, _ in points], [y for _, y in points]
        width, height = max(lefts) - min(lefts), max(tops) - min(tops)
        if (fills or len(points) > 2) and min(width, height) <= _THIN and max(width, height) > _THIN:
            middle_x, middle_y = (max(lefts) + min(lefts)) / 2, (max(tops) + min(tops)) / 2
            if width >= height:
                yield _ruling(min(lefts), middle_y, max(lefts), middle_y)
            else:
                yield _ruling(middle_x, min(tops), middle_x, max(tops))
            continue
        if not strokes:
            continue
        ends = [*points[1:], points[0]] if is_closed else points[1:]
        for (x1, y1), (x2, y2) in zip(points, ends, strict=False):
            if (abs(x1 - x2) <= _SKEW) != (abs(y1 - y2) <= _SKEW):
                yield _ruling(x1, y1, x2, y2)


def _ruling(x1: float, y1: float, x2: float, y2: float) -> Ruling:
    if abs(x1 - x2) >= abs(y1 - y2):
        return Ruling(True, (y1 + y2) / 2 * _POINTS, min(x1, x2) * _POINTS, max(x1, x2) * _POINTS)
    return Ruling(False, (x1 + x2) / 2 * _POINTS, min(y1, y2) * _POINTS, max(y1, y2) * _POINTS)


_OPERANDS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def _subpaths(data: str, matrix: _Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """Stretches of straight lines in page millimetres, and whether each is closed; curves end a stretch."""
    words = data.replace(",", " ").split()
    points: list[tuple[float, float]] = []
    index = 0
    while index < len(words):
        operator = words[index]
        count = _OPERANDS.get(operator)
        index += 1
        if count is None:
            continue
        operands = [_number(word, 0.0) for word in words[index : index + count]]
        if len(operands) < count:
            break
        index += count
        if operator == "C":
            if len(points) > 1:
                yield points, True
            points = points[:1]
            continue
        end = _point(operands[-2], operands[-1], matrix) if count else None
        if operator == "L" and end is not None:
            points.append(end)
            continue
        if len(points) > 1:
            yield points, False
        points = [end] if end is not None else []
    if len(points) > 1:
        yield points, False
