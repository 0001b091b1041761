"""DOCX files whose document is a page of HTML that they hold as it came."""

import pytest
from reader_samples import docx, para, rows_of, texts

from extract.model import Document
from extract.readers import read_document

PAGE = "<html><meta charset=utf-8><body><p>二、主动公开</p><table><tr><td>甲</td><td>38</td></tr></table></body></html>"
MHT = f"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{PAGE}"
CHUNK = '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="c"/>'
TABLE = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc><w:tc>" + para("5") + "</w:tc></w:tr></w:tbl>"


def relations(*targets: str, more: str = "") -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
    listed = "".join(f'<Relationship Id="c" Type="{kind}" Target="{target}" {more}/>' for target in targets)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def read(body: str, target: str, page: str, more: str = "") -> Document:
    parts = {"word/_rels/document.xml.rels": relations(target, more=more)}
    parts |= {"word/page.html": page, "word/page.mht": page}
    return read_document(docx(body, parts=parts))


@pytest.mark.parametrize(
    ("target", "page"), [("page.html", PAGE), ("/word/page.html", PAGE), ("./page.html", PAGE), ("page.mht", MHT)]
)
def test_the_page_that_is_the_document_is_read(target: str, page: str) -> None:
    document = read(para("年度报告") + CHUNK, target, page)
    assert texts(document) == ["年度报告", "二、主动公开"]
    assert rows_of(document.grids[0]) == [["甲", "38"]]


@pytest.mark.parametrize(
    ("body", "target", "page", "more"),
    [
        (para("年度报告"), "page.html", PAGE, ""),
        (para("年度报告") + CHUNK, "page.bin", PAGE, ""),
        (para("年度报告") + CHUNK, "../../page.html", PAGE, ""),
        (para("年度报告") + CHUNK, "page.html", PAGE, 'TargetMode="External"'),
        (para("年度报告") + CHUNK, "page.mht", "no message", ""),
        (para("年度报告") + CHUNK, "page.html", "<p>正文</p>", ""),
    ],
)
def test_a_part_that_is_no_page_costs_nothing(body: str, target: str, page: str, more: str) -> None:
    document = read(body, target, page, more)
    assert texts(document) == ["年度报告"]
    assert not document.grids


def test_beside_a_table_of_the_document_it_is_left_out() -> None:
    assert [rows_of(one) for one in read(TABLE + CHUNK, "page.html", PAGE).grids] == [[["乙", "5"]]]
