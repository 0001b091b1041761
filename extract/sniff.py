"""What a file is, told from its bytes alone.

Belongs here: magic numbers and markup patterns. Does not belong here: reading the file. Names and content types lie
(a .doc that is HTML, a .pdf that is an error page), so neither is asked.
"""

import io
import re
import zipfile
import zlib

from extract.model import DocumentFormat

__all__ = ["is_encrypted_office", "sniff_format"]

_HEAD = 65536
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_IMAGE_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
# Possessive, so that a page that begins with many comments and no tag costs one pass.
_HTML_OPENING = re.compile(
    rb"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body|meta|title|script|link|style)\b",
    re.I | re.S,
)
_HTML_ANYWHERE = re.compile(
    rb"<(?:!doctype\s+html|html|body|table|div|p|span|section|article|center|h[1-6]|tr|td|li|br)(?:\s[^<>]*)?/?>", re.I
)
_TEXT_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_WIDE_BOMS = ((b"\xff\xfe\x00\x00", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError, OverflowError)


def sniff_format(data: bytes) -> DocumentFormat:
    """The format of `data`; UNKNOWN when it is neither a known container nor readable text."""
    if not data.strip() or not data.strip(b"\x00 \t\r\n"):
        return DocumentFormat.EMPTY
    if data.startswith(_ZIP_MAGICS):
        return _sniff_zip(data)
    if data.startswith(_OLE_MAGIC):
        return _sniff_ole(data)
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
    return data.startswith(_OLE_MAGIC) and "EncryptedPackage".encode("utf-16-le") in data


def _sniff_zip(data: bytes) -> DocumentFormat:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except _ZIP_ERRORS:
        # The directory at the end is lost; the names also stand before each member, uncompressed.
        markers = ("word/document.xml", "xl/workbook.xml", "OFD.xml")
        names = {name for name in markers if name.encode() in data}
    if any(name.startswith("word/") and name.endswith(".xml") for name in names):
        return DocumentFormat.DOCX
    if any(name.startswith("xl/workbook") for name in names):
        return DocumentFormat.XLSX
    return DocumentFormat.OFD if "OFD.xml" in names else DocumentFormat.ZIP


def _sniff_ole(data: bytes) -> DocumentFormat:
    if "WordDocument".encode("utf-16-le") in data:
        return DocumentFormat.DOC
    if "Workbook".encode("utf-16-le") in data or "B\x00o\x00o\x00k\x00\x00".encode("latin-1") in data:
        return DocumentFormat.XLS
    return DocumentFormat.DOC


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
    start = head.lstrip()[:200].lower()
    if start.startswith((b"mime-version:", b"from: <saved by")) or b"multipart/related" in start:
        return DocumentFormat.UNKNOWN
    if _HTML_ANYWHERE.search(head):
        return DocumentFormat.HTML
    if start.startswith(b"<?xml"):
        return DocumentFormat.UNKNOWN
    return DocumentFormat.TEXT if _decodes(head) else DocumentFormat.UNKNOWN


def _decodes(head: bytes) -> bool:
    """True if few bytes of `head` are broken in at least one encoding we read."""
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        text = head.decode(encoding, "replace")
        if text.count("\ufffd") * 50 <= len(text) + 49:
            return True
    return False
