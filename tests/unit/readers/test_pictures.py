"""Pictures inside documents: read where the text has no table with figures, and left alone elsewhere."""

import base64
import io
import struct
import sys
import types
import zipfile
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import openpyxl
import pytest
from openpyxl.drawing.image import Image as SheetPicture
from PIL import Image
from reader_samples import docx, para

from extract.model import Block, Document, Grid, GridCell, Paragraph, Place, Unreadable
from extract.readers import read_document
from extract.readers.pictures import blocks_of_pictures, picture_size

BIG, SMALL = (640, 400), (64, 40)
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def picture(size: tuple[int, int] = BIG, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "white").save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, int, int, int]]:
    """The calls of the reader of pictures, which here sees one grid and one line in every picture."""
    made: list[tuple[bytes, int, int, int]] = []

    def blocks_of_picture(data: bytes, *, page: int, first_table: int, first_line: int) -> list[Block]:
        made.append((data, page, first_table, first_line))
        place = Place(page, first_table, 1, 1)
        grid = Grid((GridCell(0, 0, "7", place),), 1, 1, Place(page, first_table))
        return [Paragraph("图中文字", Place(page=page, line=first_line)), grid]

    module = types.ModuleType("extract.readers.image")
    module.blocks_of_picture = blocks_of_picture  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "extract.readers.image", module)
    return made


def uri(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def page(*pictures: bytes, table: str = "") -> bytes:
    images = "".join(f'<img src="{uri(one)}">' for one in pictures)
    return f"<html><body><h1>年度报告</h1>{images}{table}</body></html>".encode()


FIGURES = "<table>" + "<tr><td>项目</td><td>1</td><td>2</td></tr>" * 3 + "</table>"


def assert_read(document: Document) -> None:
    assert [type(block) for block in document.blocks][-2:] == [Paragraph, Grid]
    assert {"ocr", "has_images"} <= set(document.notes)


def test_pictures_in_a_page_are_read_in_order_and_numbered_on(calls: list[tuple[bytes, int, int, int]]) -> None:
    first, second = picture(), picture((500, 500))
    document = read_document(page(first, picture(SMALL), second))
    assert calls == [(first, 1, 1, 2), (second, 3, 2, 3)]
    assert_read(document)


def test_pictures_beside_a_table_with_figures_are_left_alone(calls: list[tuple[bytes, int, int, int]]) -> None:
    document = read_document(page(picture(), table=FIGURES))
    assert calls == []
    assert "ocr" not in document.notes


def test_small_pictures_show_no_table(calls: list[tuple[bytes, int, int, int]]) -> None:
    document = read_document(page(picture(SMALL)))
    assert calls == []
    assert document.notes == ("has_images",)


def test_addresses_that_hold_no_picture_do_no_harm(calls: list[tuple[bytes, int, int, int]]) -> None:
    sources = (
        "data:image/png;base64,%%%",
        "data:image/png;base64,A",
        "data:image/svg+xml,%3Csvg/%3E",
        "data:image/png",
    )
    body = "".join(f'<img src="{source}">' for source in sources)
    assert read_document(f"<html><body><p>报告</p>{body}</body></html>".encode()).notes == ("has_images",)
    assert calls == []


def word_file(*parts: tuple[str, bytes], table: str = "") -> bytes:
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{R}/image" Target="media/{name}"/>'
        for number, (name, _) in enumerate(parts)
    )
    body = "".join(
        f'<w:p><w:r><w:drawing><a:blip xmlns:a="urn:a" xmlns:r="{R}" r:embed="r{number}"/></w:drawing></w:r></w:p>'
        for number in reversed(range(len(parts)))
    )
    data = docx(para("年度报告") + body + table, parts={"word/_rels/document.xml.rels": f"<R>{relations}</R>"})
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in parts:
            archive.writestr(f"word/media/{name}", content)
    return buffer.getvalue()


def test_pictures_of_a_word_file_are_read_in_the_order_of_the_text(calls: list[tuple[bytes, int, int, int]]) -> None:
    first, second = picture(), picture(kind="JPEG")
    document = read_document(word_file(("image1.png", first), ("image2.jpeg", second), ("image3.emf", b"\x01\0\0\0")))
    assert [call[0] for call in calls] == [second, first]
    assert_read(document)


def test_a_broken_relation_of_a_word_file_loses_no_text(calls: list[tuple[bytes, int, int, int]]) -> None:
    body = f'<w:p><w:r><w:drawing><a:blip xmlns:a="u" xmlns:r="{R}" r:embed="r0"/></w:drawing></w:r></w:p>'
    document = read_document(docx(para("年度报告") + body, parts={"word/_rels/document.xml.rels": "<R"}))
    assert document.notes == ("has_images",)
    assert len(document.paragraphs) == 1
    assert calls == []


def test_pictures_of_a_saved_page_are_read(calls: list[tuple[bytes, int, int, int]]) -> None:
    message = MIMEMultipart("related")
    message.attach(MIMEText('<html><body><p>年度报告</p><img src="cid:1"></body></html>', "html", "utf-8"))
    message.attach(MIMEImage(picture(), "png"))
    assert_read(read_document(message.as_bytes()))
    assert len(calls) == 1


def test_pictures_of_a_workbook_are_read(calls: list[tuple[bytes, int, int, int]]) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "年度报告"
    workbook.active.add_image(SheetPicture(io.BytesIO(picture())), "A3")
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert_read(read_document(buffer.getvalue()))
    assert len(calls) == 1


def test_a_picture_that_cannot_be_read_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, **_: int) -> list[Block]:
        raise Unreadable("broken_image", "The picture is broken.")

    module = types.ModuleType("extract.readers.image")
    module.blocks_of_picture = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "extract.readers.image", module)
    assert blocks_of_pictures([picture()], page=None, first_table=1, first_line=1) == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_the_size_of_a_picture_is_told_from_its_head(kind: str) -> None:
    assert picture_size(picture((321, 123), kind)) == (321, 123)


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0\xff\xff\xff\xff", b"GIF89a", b"text"]
)
def test_a_head_that_is_cut_off_has_no_size(data: bytes) -> None:
    assert picture_size(data) is None


def test_a_jpeg_without_end_is_left() -> None:
    assert picture_size(b"\xff\xd8" + b"\xff\xe0" + struct.pack(">H", 2) * 1000) is None


@pytest.mark.parametrize(
    "body",
    [
        '<iframe src="/files/2021.pdf"></iframe>',
        '<embed src="a.pdf#toolbar=0">',
        '<object data="/doc/a.docx"></object>',
        '<iframe src="/pdfjs/web/viewer.html?file=%2Fa"></iframe>',
    ],
)
def test_a_page_that_wraps_a_file_hands_out_a_file(body: str) -> None:
    assert "has_attachments" in read_document(f"<html><body><h1>年度报告</h1>{body}</body></html>".encode()).notes


def test_a_frame_beside_a_table_is_no_wrapper() -> None:
    body = f'<iframe src="/share.html?file=1"></iframe>{FIGURES}'
    assert read_document(f"<html><body>{body}</body></html>".encode()).notes == ()
