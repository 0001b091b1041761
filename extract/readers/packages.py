"""ZIP packages whose parts are XML (XLSX, OFD, OpenDocument): parts by name, within limits, parsed without traps.

Belongs here: what every such format shares. Does not belong here: what a part means.
"""

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from typing import Any

from lxml import etree

from extract.model import Unreadable

__all__ = ["Package", "parse_xml"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_LARGEST_PART = 100 * 1024 * 1024
_LARGEST_TOTAL = 200 * 1024 * 1024
"""All parts that are read from one package together."""
_LARGEST_RATIO = 400
"""Deflate reaches about 1000; the XML of real documents 10 to 60. Only parts above `_RATIO_FROM` bytes are judged."""
_RATIO_FROM = 8 * 1024 * 1024
_MOST_PARTS = 20_000
_MOST_ELEMENTS = 3_000_000
_TYPE_DECLARED_WITHIN = 4096
# What zipfile raises on broken containers; NotImplementedError is a RuntimeError.
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, OSError, EOFError, RuntimeError,
    LookupError, OverflowError, AttributeError,
)  # fmt: skip


class Package:
    """One ZIP package. Every failure is Unreadable with `code` and the way out that `remedy` says."""

    def __init__(self, data: bytes, code: str, remedy: str) -> None:
        self._code = code
        self._remedy = remedy
        self._total = 0
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _ZIP_ERRORS as error:
            raise self.broken(f"The ZIP container is broken ({error}).") from error
        entries = self._archive.infolist()
        if len(entries) > _MOST_PARTS:
            raise self.broken(f"The package has {len(entries)} parts, which no document needs.")
        # Some producers write back slashes or a leading slash, and spell a part in two ways.
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            self._entries.setdefault(_plain_name(entry.filename), entry)

    def broken(self, why: str) -> Unreadable:
        """The refusal of this package, for the caller to raise."""
        return Unreadable(self._code, f"{why} {self._remedy}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, in lower case, in the order of the package."""
        return tuple(self._entries)

    def has(self, name: str) -> bool:
        """Whether the part is there; upper and lower case are the same."""
        return _plain_name(name) in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of one part, with a cap on what it may unpack to."""
        entry = self._entries.get(_plain_name(name))
        if entry is None:
            raise self.broken(f"The part {name} is missing.")
        if entry.flag_bits & 1:
            raise Unreadable("encrypted_file", "The file is locked with a password. Add an unlocked copy.")
        self._total += entry.file_size
        if (
            entry.file_size > _LARGEST_PART
            or self._total > _LARGEST_TOTAL
            or entry.file_size > max(_RATIO_FROM, entry.compress_size * _LARGEST_RATIO)
        ):
            raise self.broken(f"The part {name} claims to unpack to {entry.file_size} bytes, which no report needs.")
        try:
            with self._archive.open(entry) as part:
                content = part.read(entry.file_size + 1)
        except _ZIP_ERRORS as error:
            raise self.broken(f"The part {name} cannot be unpacked ({error}).") from error
        if len(content) > entry.file_size:
            raise self.broken(f"The part {name} unpacks to more than it declares.")
        return content

    def parse(self, name: str) -> Element:
        """The root element of one XML part."""
        try:
            return parse_xml(self.read(name))
        except ValueError as error:
            raise self.broken(f"The part {name} cannot be read: {error}") from error

    def targets(self, part: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part by id: the last word of the type, and the name of the part that is meant."""
        folder, name = posixpath.split(_plain_name(part))
        relations = posixpath.join(folder, "_rels", name + ".rels")
        if not self.has(relations):
            return {}
        found: dict[str, tuple[str, str]] = {}
        for relation in self.parse(relations).iter("{*}Relationship"):
            target = relation.get("Target") or ""
            if relation.get("TargetMode") == "External":
                continue
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            kind = (relation.get("Type") or "").rsplit("/", 1)[-1]
            found[relation.get("Id") or ""] = (kind, _plain_name(posixpath.normpath(whole)))
        return found


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def parse_xml(xml: bytes) -> Element:
    """The root of an XML text. No DTD, no entities, no network. Raises ValueError with a sentence."""
    head = xml[:_TYPE_DECLARED_WITHIN].replace(b"\0", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise ValueError("its XML declares a document type, which no office program writes.")
    if xml.count(b"<") > 2 * _MOST_ELEMENTS:
        raise ValueError("its XML has more elements than any report needs.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"its XML does not parse ({error}).") from error
    return root
