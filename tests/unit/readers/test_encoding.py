"""Which encoding bytes are read in, and the rule that decided."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.readers.encoding import decode

CHINESE = "政府信息公开工作年度报告，共收到申请十二件。" * 8


@pytest.mark.parametrize(
    ("data", "encoding", "rule"),
    [
        (CHINESE.encode(), "utf-8", "utf8_strict"),
        (codecs.BOM_UTF8 + CHINESE.encode(), "utf-8", "bom"),
        (CHINESE.encode("utf-16"), "utf-16-le", "bom"),
        (codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"), "utf-16-be", "bom"),
        (("<html><body><p>" + CHINESE[:3] + "</p></body>").encode("utf-16-le"), "utf-16-le", "utf16_pattern"),
        (CHINESE.encode("gb18030"), "gb18030", "gb18030_strict"),
        (b"<meta charset=gb2312>" + CHINESE.encode("gbk"), "gb18030", "declared"),
        (b'<meta charset="utf-8">' + CHINESE.encode("gbk"), "gb18030", "gb18030_strict"),
        (b'<meta charset="iso-8859-1">' + CHINESE.encode("gbk"), "gb18030", "gb18030_strict"),
        (b'<meta charset="gbk">' + CHINESE.encode(), "utf-8", "utf8_strict"),
        (CHINESE.encode()[:-1], "utf-8", "utf8_replaced"),
        (b'<meta charset="gbk">' + CHINESE.encode()[:-2], "utf-8", "utf8_replaced"),
        (CHINESE.encode()[:100] + b"\xff" + CHINESE.encode()[100:], "utf-8", "utf8_replaced"),
        (b'<meta charset="big5">' + "政府資訊公開年度報告".encode("big5"), "big5hkscs", "declared"),
        (CHINESE.encode("gbk") + b"\xff\xff\xff", "gb18030", "gb18030_replaced"),
    ],
)
def test_encoding_and_rule(data: bytes, encoding: str, rule: str) -> None:
    decoded = decode(data)
    assert (decoded.encoding, decoded.rule) == (encoding, rule)


def test_characters_outside_gb2312_survive_a_gb2312_declaration() -> None:
    assert decode(b"<meta charset=gb2312>" + "洺镕㐂喆".encode("gb18030")).text.endswith("洺镕㐂喆")


def test_a_cut_utf8_page_keeps_its_sound_text() -> None:
    assert decode(CHINESE.encode()[:-1]).text[:-1] == CHINESE[:-1]


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_characters="\x00")))
def test_gbk_and_utf8_pages_read_alike(text: str) -> None:
    filler = CHINESE
    assert decode((filler + text).encode()).text == filler + text
    decoded = decode(b"<meta charset=gbk>" + (filler + text).encode("gb18030"))
    assert decoded.text == "<meta charset=gbk>" + filler + text


@given(st.binary())
def test_any_bytes_decode(data: bytes) -> None:
    assert isinstance(decode(data).text, str)
