"""What a file is, told from its bytes."""

import gzip
import io
import time
import zipfile

import pytest
import xlwt
from reader_samples import docx, para

from extract.model import DocumentFormat as F
from extract.sniff import is_encrypted_office, name_of_unread, sniff_format

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", F.EMPTY),
        (b" \r\n\t ", F.EMPTY),
        (bytes(64), F.EMPTY),
        (b"%PDF-1.7\n%\xe2\xe3", F.PDF),
        (b"\r\n\r\n%PDF-1.4", F.PDF),
        (OLE + "WordDocument".encode("utf-16-le"), F.DOC),
        (OLE + "Workbook".encode("utf-16-le"), F.XLS),
        (b"{\\rtf1\\ansi", F.RTF),
        (b"\x89PNG\r\n\x1a\n....", F.IMAGE),
        (b"\xff\xd8\xff\xe0....", F.IMAGE),
        (b"GIF89a......", F.IMAGE),
        (b"II*\x00....", F.IMAGE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", F.IMAGE),
        (b"BM" + (1000).to_bytes(4, "little") + bytes(4) + bytes(30), F.IMAGE),
        ("BMW公司的报告，共有若干页，内容如下。".encode(), F.TEXT),
        (zipped("a.txt"), F.ZIP),
        (zipped("OFD.xml", "Doc_0/Document.xml"), F.OFD),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), F.XLSX),
        (docx(para("x")), F.DOCX),
        (docx(para("x" * 500))[:-60], F.DOCX),
        ("<!DOCTYPE html><html><body>报告</body></html>".encode(), F.HTML),
        ("<p>一段文字</p>".encode(), F.HTML),
        ("说明文字<table><tr><td>1</td></tr></table>".encode(), F.HTML),
        ("<p>一段文字</p>".encode("gb18030"), F.HTML),
        ("<html><body>报告</body></html>".encode("utf-16"), F.HTML),
        ("<html><body>报告</body></html>".encode("utf-16-le"), F.HTML),
        ("年度报告\n一、总体情况\n".encode(), F.TEXT),
        ("年度报告\n一、总体情况\n".encode("gbk"), F.TEXT),
        ("年度报告\n一、总体情况\n".encode("utf-16"), F.TEXT),
        (b"| a | b |\n|---|---|\n", F.TEXT),
        ("本年<x>件，y>3".encode(), F.TEXT),
        (b'<?xml version="1.0"?><w:wordDocument xmlns:w="u"/>', F.OFFICE_XML),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', F.OFFICE_XML),
        (b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', F.OFFICE_XML),
        (b'<?xml version="1.0"?><pkg:package xmlns:pkg="u"/>', F.OFFICE_XML),
        (b'<?xml version="1.0"?><office:document xmlns:office="u"/>', F.ODF),
        (b'<?xml version="1.0"?><feed><entry>1</entry></feed>', F.UNKNOWN),
        (b'<?xml version="1.0"?><html xmlns:w="urn:schemas-microsoft-com:office:word"><p>a</p></html>', F.HTML),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>", F.MHT),
        (
            b"From: <Saved by Blink>\r\nSubject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n",
            F.MHT,
        ),
        (b"From: <Saved by WPS>\nContent-Type: multipart/related\n\n<html>", F.MHT),
        ("来源: 办公室\nContent-Type: multipart/related\n正文".encode(), F.TEXT),
        (b"Rar!\x1a\x07\x00....", F.RAR),
        (b"Rar!\x1a\x07\x01\x00....", F.RAR),
        (b"7z\xbc\xaf\x27\x1c....", F.SEVEN_ZIP),
        (gzip.compress(b"<html>"), F.GZIP),
        (zipped("xl/workbook.bin"), F.XLSX),
        (zipped("ofd.xml"), F.OFD),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), F.UNKNOWN),
        (zipped("附件/报告.docx"), F.ZIP),
        (bytes(range(256)) * 4, F.UNKNOWN),
    ],
)
def test_format_is_told_from_the_bytes(data: bytes, expected: F) -> None:
    assert sniff_format(data) is expected


def test_doc_that_is_html_is_html() -> None:
    page = '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><p class=MsoNormal>报告</p></body></html>'
    assert sniff_format(page.encode("gbk")) is F.HTML


def test_pdf_mark_inside_a_page_does_not_make_it_a_pdf() -> None:
    assert sniff_format("<html><body><p>文件以 %PDF- 开头</p></body></html>".encode()) is F.HTML


def test_many_comments_before_text_take_linear_time() -> None:
    started = time.process_time()
    assert sniff_format(b"<!-- a -->" * 5000 + "没有标签的文字".encode()) is F.TEXT
    assert time.process_time() - started < 1


def xls() -> bytes:
    """A workbook with an OLE directory, whose text names the streams of other formats."""
    workbook = xlwt.Workbook()
    workbook.add_sheet("a").write(0, 0, "WordDocument EncryptedPackage 文")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def test_the_directory_of_an_ole_file_decides_and_not_a_word_in_its_text() -> None:
    data = xls()
    assert "WordDocument".encode("utf-16-le") in data
    assert sniff_format(data) is F.XLS
    assert not is_encrypted_office(data)


def test_a_workbook_whose_directory_is_broken_is_told_by_the_names_in_it() -> None:
    data = bytearray(xls())
    data[48:52] = b"\xff\xff\xff\x7f"  # where the directory begins
    assert sniff_format(bytes(data)) in (F.XLS, F.DOC)


def test_an_opendocument_text_is_known_by_its_type() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    assert sniff_format(buffer.getvalue()) is F.ODF


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "presentation"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        (b"MZ\x90\x00", "program"),
        (b'<?xml version="1.0"?><feed/>', "XML"),
        (b"\x00\x00\x00\x18ftypmp42", "video"),
    ],
)
def test_what_is_not_read_is_named(data: bytes, word: str) -> None:
    assert word in (name_of_unread(data) or "")


def test_bytes_that_tell_nothing_have_no_name() -> None:
    assert name_of_unread(bytes(range(1, 200))) is None
