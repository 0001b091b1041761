"""What a file is, told from its bytes alone.

Belongs here: magic numbers and markup patterns. Does not belong here: reading the file. Names and content types lie
(a .doc that is HTML, a .pdf that is an error page), so neither is asked.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from typing import Any

from extract.model import DocumentFormat

__all__ = ["is_encrypted_office", "name_of_unread", "sniff_format"]

_HEAD = 65536
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_RAR_MAGICS = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")
_SEVEN_ZIP_MAGIC = b"7z\xbc\xaf\x27\x1c"
_GZIP_MAGIC = b"\x1f\x8b\x08"
_IMAGE_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
# Possessive, so that a page that begins with many comments and no tag costs one pass.
_HTML_OPENING = re.compile(
    rb"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body|meta|title|script|link|style)\b",
    re.I | re.S,
)
_HTML_ANYWHERE = re.compile(
    rb"<(?:!doctype\s+html|html|body|table|div|p|span|section|article|center|h[1-6]|tr|td|li|br)(?:\s[^<>]*)?/?>", re.I
)
# A saved web page or message: header lines from the first byte on, among them the type of its parts.
_MIME_OPENING = re.compile(rb"\s*+[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]")
_MIME_TYPE = re.compile(rb"^content-type:\s*(?:multipart/|text/html)", re.I | re.M)
_MIME_MARK = re.compile(rb"^(?:mime-version:|from: <saved by|snapshot-content-location:)", re.I | re.M)
_MIME_HEADERS = 4096
# The root element, or the mark that office programs put before it.
_OFFICE_XML = re.compile(
    rb"""<\?mso-application\s+progid=["'](?:Word\.Document|Excel\.Sheet)"""
    rb"|<(?:\w{1,10}:)?(?:wordDocument|Workbook)\b[^>]*\burn:schemas-microsoft-com:office:spreadsheet"
    rb"|<\w{1,10}:wordDocument\b|<pkg:package\b",
    re.I,
)
_FLAT_ODF = re.compile(rb"<office:document\b")
_TEXT_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_WIDE_BOMS = ((b"\xff\xfe\x00\x00", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, OSError, EOFError, RuntimeError,
    LookupError, OverflowError, AttributeError,
)  # fmt: skip


def sniff_format(data: bytes) -> DocumentFormat:
    """The format of `data`; UNKNOWN when it is neither a known container nor readable text."""
    if not data.strip() or not data.strip(b"\x00 \t\r\n"):
        return DocumentFormat.EMPTY
    if data.startswith(_ZIP_MAGICS):
        return _sniff_zip(data)
    if data.startswith(_OLE_MAGIC):
        return _sniff_ole(data)
    if data.startswith(_RAR_MAGICS):
        return DocumentFormat.RAR
    if data.startswith(_SEVEN_ZIP_MAGIC):
        return DocumentFormat.SEVEN_ZIP
    if data.startswith(_GZIP_MAGIC):
        return DocumentFormat.GZIP
    if data.lstrip()[:5].lower() == b"{\\rtf":
        return DocumentFormat.RTF
    if _is_image(data):
        return DocumentFormat.IMAGE
    head = _narrow(data[:_HEAD])
    if _HTML_OPENING.match(head):
        return DocumentFormat.HTML
    if b"%PDF-" in data[:1024]:
        return DocumentFormat.PDF
    return _sniff_text(head)


def is_encrypted_office(data: bytes) -> bool:
    """True if the bytes are an office file locked with a password (an OLE shell around an encrypted package)."""
    if not data.startswith(_OLE_MAGIC) or "EncryptedPackage".encode("utf-16-le") not in data:
        return False
    entries = _ole_entries(data)
    return entries is None or "encryptedpackage" in entries


def name_of_unread(data: bytes) -> str | None:
    """What a file of UNKNOWN format is, in a few words, where its bytes tell; None where they do not."""
    for names, meaning in _UNREAD_OLE if data.startswith(_OLE_MAGIC) else ():
        if names & (_ole_entries(data) or frozenset()):
            return meaning
    for magic, meaning in _UNREAD_MAGICS:
        if data.startswith(magic):
            return meaning
    if data[4:8] == b"ftyp":
        return "a video or a photograph in a video container"
    if data.startswith(_ZIP_MAGICS):
        return "a presentation (PPTX)" if b"ppt/" in data else "an office package of another kind (XPS, for instance)"
    head = _narrow(data[:_HEAD]).lstrip()
    return "an XML file of no known kind" if head[:5].lower() == b"<?xml" else None


_UNREAD_OLE = (
    (frozenset({"powerpoint document"}), "a presentation (PPT)"),
    (frozenset({"__properties_version1.0"}), "a mail message (MSG)"),
    (frozenset({"matost", "mm"}), "a file of Microsoft Works"),
    (frozenset({"visiodocument"}), "a drawing (Visio)"),
    (frozenset({"hwpsummaryinformation", "\x05hwpsummaryinformation"}), "a Hangul document (HWP)"),
)
_UNREAD_MAGICS = (
    (b"%!PS", "a PostScript file"),
    (b"MZ", "a program"),
    (b"CAJ", "a CAJ document"),
    (b"KDH", "a CAJ document (KDH)"),
    (b"HN\x00", "a CAJ document (HN)"),
    (b"AT&TFORM", "a DjVu document"),
    (b"ITSF", "a compiled help file (CHM)"),
    (b"SEP", "a SEP document (书生)"),
    (b"\x1aCEB", "a CEB document (方正)"),
    (b"Founder CEB", "a CEB document (方正)"),
    (b"<%CEB", "a CEB document (方正)"),
    (b"GDF", "a GD document (书生)"),
    (b"ID3", "a sound file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x0a\x05\x01\x08", "an image (PCX)"),
    (b"\xd7\xcd\xc6\x9a", "a drawing (WMF)"),
)


def _sniff_zip(data: bytes) -> DocumentFormat:
    mime = b""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()}
            if "mimetype" in names:
                with archive.open("mimetype") as part:
                    mime = part.read(100)
    except _ZIP_ERRORS:
        # The directory at the end is lost; the names also stand before each member, uncompressed.
        markers = ("word/document.xml", "xl/workbook.xml", "OFD.xml")
        names = {name.lower() for name in markers if name.encode() in data}
    if any(name.startswith("word/") and name.endswith(".xml") for name in names):
        return DocumentFormat.DOCX
    if any(name.startswith("xl/workbook") for name in names):
        return DocumentFormat.XLSX
    if "ofd.xml" in names:
        return DocumentFormat.OFD
    is_named = mime.startswith(b"application/vnd.oasis.opendocument.") or "meta-inf/manifest.xml" in names
    if is_named and "content.xml" in names:
        return DocumentFormat.ODF
    if "[content_types].xml" in names:
        return DocumentFormat.UNKNOWN  # a presentation, an XPS document: no archive of documents
    return DocumentFormat.ZIP


def _sniff_ole(data: bytes) -> DocumentFormat:
    """By the streams of the root; by their names anywhere in the bytes where the directory is broken."""
    entries = _ole_entries(data)
    if entries is None:
        marks = {"worddocument": "WordDocument", "workbook": "Workbook", "book": "Book\0"}
        entries = frozenset(key for key, name in marks.items() if name.encode("utf-16-le") in data)
    if "worddocument" in entries:
        return DocumentFormat.DOC
    if entries & {"workbook", "book"}:
        return DocumentFormat.XLS
    return DocumentFormat.UNKNOWN if any(names & entries for names, _ in _UNREAD_OLE) else DocumentFormat.DOC


def _ole_entries(data: bytes) -> frozenset[str] | None:
    """The names of the streams and storages in the root of an OLE file, in lower case; None for a broken directory."""
    import olefile  # only office files of the last century need it

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            paths: list[list[Any]] = ole.listdir(streams=True, storages=True)
    except Exception:  # olefile raises whatever its parsing of broken sectors runs into
        return None
    names = frozenset(str(path[0]).lower() for path in paths)
    return names or None


def _is_image(data: bytes) -> bool:
    if data.startswith(_IMAGE_MAGICS):
        return True
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return True
    # "BM" also begins ordinary words, so the four reserved zero bytes of the header must agree.
    return data[:2] == b"BM" and len(data) > 26 and data[6:10] == b"\x00\x00\x00\x00"


def _narrow(head: bytes) -> bytes:
    """`head` as UTF-8 where a byte order mark or the pattern of zero bytes says UTF-16 or UTF-32, else as it is."""
    for mark, encoding in _WIDE_BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    if head.startswith(b"\xef\xbb\xbf"):
        return head[3:]
    opening = head[:512]
    half = len(opening) // 2
    if half >= 4 and opening[1::2].count(0) * 2 > half and opening[0::2].count(0) == 0:
        return head.decode("utf-16-le", "replace").encode("utf-8", "replace")
    if half >= 4 and opening[0::2].count(0) * 2 > half and opening[1::2].count(0) == 0:
        return head.decode("utf-16-be", "replace").encode("utf-8", "replace")
    return head


def _sniff_text(head: bytes) -> DocumentFormat:
    """HTML, TEXT or UNKNOWN for bytes without a magic number."""
    controls = len(head) - len(head.translate(None, _TEXT_CONTROLS))
    if controls * 100 > len(head):  # text of any encoding we read holds next to none
        return DocumentFormat.UNKNOWN
    if _is_mime(head):
        return DocumentFormat.MHT
    start = head.lstrip()[:200].lower()
    if start.startswith((b"<?xml", b"<?mso", b"<w:", b"<pkg:", b"<workbook", b"<ss:", b"<office:")):
        if _OFFICE_XML.search(head[:_MIME_HEADERS]):
            return DocumentFormat.OFFICE_XML
        if _FLAT_ODF.search(head[:_MIME_HEADERS]):
            return DocumentFormat.ODF
    if _HTML_ANYWHERE.search(head):
        return DocumentFormat.HTML
    if start.startswith(b"<?xml"):
        return DocumentFormat.UNKNOWN
    return DocumentFormat.TEXT if _decodes(head) else DocumentFormat.UNKNOWN


def _is_mime(head: bytes) -> bool:
    """True for a page saved as one file (MHT): MIME headers with the type of its parts."""
    opening = head[:_MIME_HEADERS]
    if not _MIME_OPENING.match(opening):
        return False
    return bool(_MIME_TYPE.search(opening) and _MIME_MARK.search(opening))


def _decodes(head: bytes) -> bool:
    """True if few bytes of `head` are broken in at least one encoding we read."""
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        text = head.decode(encoding, "replace")
        if text.count("\ufffd") * 50 <= len(text) + 49:
            return True
    return False
