"""The one door: any bytes give a Document or Unreadable."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_samples import docx, para

from extract.model import Document, DocumentFormat, Unreadable
from extract.readers import ARCHIVES, READERS, SECOND_READERS, read_document, reader_of


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("<p>报告</p>".encode(), DocumentFormat.HTML),
        ("报告\n一、总体情况\n".encode("utf-16"), DocumentFormat.TEXT),
        (docx(para("报告")), DocumentFormat.DOCX),
    ],
)
def test_the_bytes_choose_the_reader(data: bytes, expected: DocumentFormat) -> None:
    assert read_document(data).format is expected


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", "empty_file", "no bytes"),
        (b"%PDF-1.4 ...", "broken_pdf", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "broken_image", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "broken_doc", "OLE container"),
        (b"Rar!\x1a\x07\x01\x00....", "archive", "members"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted_file", "password"),
        (bytes(range(256)), "unknown_format", "neither"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, code: str, word: str) -> None:
    with pytest.raises(Unreadable, match=word) as caught:
        read_document(data)
    assert caught.value.code == code


def test_every_format_has_a_reader_or_a_sentence() -> None:
    assert set(READERS) | ARCHIVES == set(DocumentFormat) - {DocumentFormat.EMPTY, DocumentFormat.UNKNOWN}
    for target in (*READERS.values(), *SECOND_READERS.values()):
        assert callable(reader_of(target))


MAGICS = [
    b"",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"<html><body>",
    b"\xff\xfe",
    b"\xfe\xff",
    b"<table><tr><td>",
    b"%PDF-",
]


@settings(max_examples=300)
@given(st.sampled_from(MAGICS), st.binary(max_size=400))
def test_any_bytes_give_a_document_or_unreadable(magic: bytes, rest: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(read_document(magic + rest), Document)


def test_the_same_bytes_give_the_same_document() -> None:
    data = "<p>甲</p><table><tr><td>a<td>1</table>".encode()
    assert read_document(data) == read_document(data)
