"""Which encoding the bytes of an RTF file are in, by code page and by the character set of a font.

Belongs here: numbers to codecs. Does not belong here: control words.
"""

__all__ = ["DOUBLE_BYTE", "SYMBOL", "codec_of_charset", "codec_of_page", "decoded"]

SYMBOL = "symbol"
"""Not a codec: the bytes are pictures of a symbol font."""

DOUBLE_BYTE = frozenset({"gbk", "big5hkscs", "cp932", "cp949", "utf-8"})

# GBK and not GB18030: a four-byte code of the latter holds ASCII digits, and a stray byte would swallow printed ones.
_PAGES = {
    437: "cp437", 850: "cp850", 852: "cp852", 866: "cp866", 874: "cp874", 932: "cp932", 936: "gbk", 949: "cp949",
    950: "big5hkscs", 1250: "cp1250", 1251: "cp1251", 1252: "cp1252", 1253: "cp1253", 1254: "cp1254",
    1255: "cp1255", 1256: "cp1256", 1257: "cp1257", 1258: "cp1258", 10000: "mac_roman", 10008: "gbk",
    20936: "gbk", 54936: "gbk", 65001: "utf-8",
}  # fmt: skip
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5hkscs", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 2: SYMBOL,
}  # fmt: skip


def codec_of_page(number: int) -> str | None:
    """The codec of a Windows code page; None for one unknown here."""
    return _PAGES.get(number)


def codec_of_charset(number: int) -> str | None:
    """The codec of a font's character set; None where the set is the document's own."""
    return _CHARSETS.get(number)


def decoded(raw: bytes, font: str | None, document: str | None) -> str:
    """The text of `raw`, by the codec of its font and that of the document (None where neither is declared).

    A western font in a Chinese document says nothing: Chinese characters are written in the code page of the document
    whatever the font. Where no code page is declared at all, what reads as GBK without a fault is GBK.
    """
    if raw.isascii():
        return raw.decode("ascii")
    if font == SYMBOL:
        return "".join(chr(0xF000 + byte) if byte >= 0x80 else chr(byte) for byte in raw)
    if font not in DOUBLE_BYTE:
        if document is None:
            candidates = ["gbk", font or "cp1252"]
        elif document in DOUBLE_BYTE:
            candidates = [document, font or document]
        else:
            candidates = [font or document]
    else:
        candidates = [font]
    for codec in candidates:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode(candidates[0], "replace")
