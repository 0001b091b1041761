"""Pages saved as one file: the HTML part of a MIME message."""

import base64
import quopri

import pytest
from reader_samples import rows_of, texts

from extract.model import DocumentFormat, Unreadable
from extract.readers import read_document
from extract.readers.mht import read_mht

PAGE = "<html><body><h1>年度报告</h1><table><tr><td>规章</td><td>12</td></tr></table></body></html>"


def mht(*parts: tuple[str, str, bytes], head: str = "From: <Saved by Blink>\r\n") -> bytes:
    """A message with parts of content type, transfer encoding and body."""
    pieces = [f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n']
    data = pieces[0].encode()
    for kind, transfer, body in parts:
        packed = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(transfer, bytes)(body)
        data += f"----b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n".encode() + packed
        data += b"\r\n"
    return data + b"----b--\r\n"


@pytest.mark.parametrize("transfer", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_the_page_is_read_whatever_its_encoding(transfer: str, charset: str) -> None:
    document = read_document(mht((f'text/html; charset="{charset}"', transfer, PAGE.encode(charset))))
    assert document.format is DocumentFormat.MHT
    assert texts(document) == ["年度报告"]
    assert rows_of(document.grids[0]) == [["规章", "12"]]


def test_the_frame_with_tables_is_the_page() -> None:
    frame = b"<html><body><p>menu</p><p>menu</p></body></html>"
    document = read_mht(mht(("text/html", "8bit", frame), ("text/html", "8bit", PAGE.encode())))
    assert len(document.grids) == 1


def test_the_address_of_the_page_is_kept() -> None:
    head = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.gov.cn/a.html\r\n"
    assert (
        read_mht(mht(("text/html", "8bit", PAGE.encode()), head=head)).metadata["url"]
        == "https://example.gov.cn/a.html"
    )


@pytest.mark.parametrize(
    "data",
    [mht(), mht(("image/png", "base64", b"x")), b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", b""],
)
def test_a_message_without_a_page_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_mht(data)
    assert caught.value.code == "broken_mht"


def test_parts_within_parts_without_end_are_refused_or_read() -> None:
    data = b"MIME-Version: 1.0\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 3000
    with pytest.raises(Unreadable) as caught:
        read_mht(data)
    assert caught.value.code == "broken_mht"
