"""Bytes to text for HTML pages and text dumps, with the name of the rule that decided.

Belongs here: which encoding the bytes are in. Does not belong here: what the text means.

A page that is GBK and says UTF-8, or the reverse, is common on Chinese portals. The bytes themselves decide first; a
declaration only decides between readings that the bytes allow.
"""

import codecs
import re
from dataclasses import dataclass

__all__ = ["Decoded", "decode"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read with, and the rule that chose it.

    Rules: `bom`, `utf16_pattern`, `utf8_strict`, `utf8_replaced` (a few broken bytes became U+FFFD), `declared`,
    `gb18030_strict`, `big5_strict`, `gb18030_replaced` (nothing fits; the reading with the fewest broken bytes).
    """

    text: str
    encoding: str
    rule: str


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the UTF-16 mark
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DECLARED = re.compile(
    rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)|<\?xml[^>]{0,80}encoding\s*=\s*["']([A-Za-z0-9_.-]+)""", re.I
)
_DECLARED_WITHIN = 4096
_GB_NAMES = frozenset(
    {"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "cp936", "ms936", "windows-936", "euc-cn", "hz-gb-2312"}
)
_BIG5_NAMES = frozenset({"big5", "big5-hkscs", "x-x-big5", "cp950", "cn-big5"})
_ASCII = bytes(range(128))
_REPLACEMENT = "\ufffd"
_FEW_BROKEN = 10
"""UTF-8 with broken bytes is still UTF-8 while each broken byte has at least this many sound characters beside it."""


def decode(data: bytes) -> Decoded:
    """The text of `data`. Never raises; bytes that fit no encoding become U+FFFD and the rule says so."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(data[len(mark) :].decode(encoding, "replace"), encoding, "bom")
    wide = _utf16_without_mark(data)
    if wide:
        return Decoded(data.decode(wide, "replace"), wide, "utf16_pattern")
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "utf8_strict")
    except UnicodeDecodeError:
        return _decode_damaged_or_legacy(data)


def _utf16_without_mark(data: bytes) -> str | None:
    """The UTF-16 byte order if the zero bytes of the opening lie as markup in UTF-16 puts them."""
    head = data[:512]
    if len(head) < 8 or 0 not in head:
        return None
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * 2 > half and even == 0:
        return "utf-16-le"
    if even * 2 > half and odd == 0:
        return "utf-16-be"
    return None


def _decode_damaged_or_legacy(data: bytes) -> Decoded:
    """Text of bytes that are not sound UTF-8: damaged UTF-8, a Chinese legacy encoding, or the least bad reading."""
    as_utf8 = data.decode("utf-8", "replace")
    broken = as_utf8.count(_REPLACEMENT) - data.count(b"\xef\xbf\xbd")  # a printed U+FFFD is no new damage
    sound = len(as_utf8) - broken - _ascii_count(data)
    if broken * _FEW_BROKEN <= sound:
        return Decoded(as_utf8, "utf-8", "utf8_replaced")
    declared = _declared_encoding(data)
    for encoding, rule in _candidates(declared):
        try:
            return Decoded(data.decode(encoding), encoding, rule)
        except UnicodeDecodeError:
            continue
    as_gb = data.decode("gb18030", "replace")
    if as_gb.count(_REPLACEMENT) <= broken:
        return Decoded(as_gb, "gb18030", "gb18030_replaced")
    return Decoded(as_utf8, "utf-8", "utf8_replaced")


def _candidates(declared: str | None) -> tuple[tuple[str, str], ...]:
    """Encodings to try strictly, best first. Western declarations are not believed for a Chinese body."""
    if declared in _BIG5_NAMES:
        return ("big5hkscs", "declared"), ("gb18030", "gb18030_strict")
    if declared in _GB_NAMES:
        return ("gb18030", "declared"), ("big5hkscs", "big5_strict")
    return ("gb18030", "gb18030_strict"), ("big5hkscs", "big5_strict")


def _declared_encoding(data: bytes) -> str | None:
    found = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    if found is None:
        return None
    return (found[1] or found[2]).decode("ascii").lower()


def _ascii_count(data: bytes) -> int:
    return len(data) - len(data.translate(None, _ASCII))
