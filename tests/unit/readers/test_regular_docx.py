"""A regular DOCX table comes out alike from the stylesheet and from the walk over its elements."""

import io
import random
import zipfile
from typing import Any

import pytest
from lxml import etree

from extract.model import Grid
from extract.readers.docx import _Reading, read_docx
from extract.readers.regular_docx import NAMESPACE, rows_of_regular_table

TEXTS = ("0", "12", " 1 234 ", "行政许可", "\u00a0", "", "本年新收（件）", "1&lt;2", "<![CDATA[x]]>", " ", "\u3000合计")
PARTS = (
    "<w:t>{}</w:t>", "<w:t>{}</w:t>", '<w:t xml:space="preserve">{}</w:t><w:t>{}</w:t>', "<w:tab/>", "<w:br/>",
    "<w:rPr><w:b/></w:rPr><w:t>{}</w:t>", "<w:noBreakHyphen/>", "<w:lastRenderedPageBreak/><w:t>{}</w:t>", "<w:t/>",
)  # fmt: skip
ODD_PARTS = (
    '<w:sym w:char="F0A3"/>',
    "<w:instrText>x</w:instrText>",
    "<w:t>{}<w:b/>{}</w:t>",
    "<w:delText>9</w:delText>",
)
AROUND = ("{}", "{}", "{}", "<w:proofErr/>{}", "<w:pPr><w:jc/></w:pPr>{}", "\n{}\n")
ODD_AROUND = ("<w:ins>{}</w:ins>", "<w:del>{}</w:del>", "<w:hyperlink>{}</w:hyperlink>")
MERGES = (
    "", "", "", '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="x"/>',
    '<w:vMerge w:val="continue"/><w:gridSpan w:val="3"/>', '<w:gridSpan w:val="0"/><w:gridSpan w:val="2"/>',
)  # fmt: skip
ODD_MERGES = ('<w:hMerge w:val="restart"/>', "<w:hMerge/>")
BEFORE_CELLS = ("", "", "", '<w:trPr><w:trHeight w:val="9"/></w:trPr>', "<w:tblPrEx><w:tblBorders/></w:tblPrEx>")
ODD_BEFORE_CELLS = ('<w:trPr><w:gridBefore w:val="1"/></w:trPr>', "<w:trPr><w:del/></w:trPr>")


def one_of(rng: random.Random, usual: tuple[str, ...], odd: tuple[str, ...]) -> str:
    return rng.choice(odd if rng.random() < 0.01 else usual)


def filled(rng: random.Random, pattern: str) -> str:
    return pattern.format(*(rng.choice(TEXTS) for _ in range(pattern.count("{}"))))


def paragraph(rng: random.Random) -> str:
    runs = []
    for _ in range(rng.randint(0, 2)):
        parts = "".join(filled(rng, one_of(rng, PARTS, ODD_PARTS)) for _ in range(rng.randint(0, 2)))
        runs.append(one_of(rng, AROUND, ODD_AROUND).format(f"<w:r>{parts}</w:r>"))
    return f"<w:p>{''.join(runs)}</w:p>"


def cell(rng: random.Random) -> str:
    properties = f"<w:tcPr><w:tcW/>{one_of(rng, MERGES, ODD_MERGES)}</w:tcPr>"
    content = "".join(paragraph(rng) for _ in range(rng.choice((0, 1, 1, 1, 2))))
    orders = (properties + content, properties + content, content, properties + "<w:bookmarkStart/>" + content)
    misplaced = (content + properties, properties * 2 + content)
    return f"<w:tc>{one_of(rng, orders, misplaced)}</w:tc>"


def table(rng: random.Random) -> str:
    rows = []
    for _ in range(rng.randint(1, 5)):
        cells = "".join(cell(rng) for _ in range(rng.randint(0, 5)))
        rows.append(f"<w:tr>{one_of(rng, BEFORE_CELLS, ODD_BEFORE_CELLS)}{cells}</w:tr>")
    return f"<w:tbl><w:tblPr><w:tblW/></w:tblPr><w:tblGrid><w:gridCol/></w:tblGrid>{''.join(rows)}</w:tbl>"


def document(content: str) -> str:
    return f'<w:document xmlns:w="{NAMESPACE}"><w:body>{content}</w:body></w:document>'


def packed(xml: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", xml)
    return buffer.getvalue()


def grids(root: Any, *, may_be_regular: bool) -> list[Grid]:
    reading = _Reading(root, may_hide=False, may_raise=False, may_be_regular=may_be_regular)
    return [block for block in reading.read() if isinstance(block, Grid)]


def test_both_ways_give_the_same_cells() -> None:
    regular = 0
    for seed in range(1500):
        source = document(table(random.Random(seed)))
        root = etree.fromstring(source)
        found = next(root.iter(f"{{{NAMESPACE}}}tbl"))
        regular += rows_of_regular_table(found) is not None
        assert grids(root, may_be_regular=True) == grids(root, may_be_regular=False), source
    assert 500 < regular < 1500


@pytest.mark.parametrize("mark", ["\ufdd1", "&#xFDD3;", "&#64978;"])
def test_a_file_that_holds_the_marks_is_read_without_them(mark: str) -> None:
    row = f"<w:tr>{f'<w:tc><w:p><w:r><w:t>1{mark}2</w:t></w:r></w:p></w:tc>' * 2}</w:tr>"
    (grid,) = read_docx(packed(document(f"<w:tbl>{row * 2}</w:tbl>"))).grids
    assert len(grid.cells) == 4
    assert {cell.text[0] + cell.text[-1] for cell in grid.cells} == {"12"}


def test_styles_that_no_text_names_are_not_read() -> None:
    buffer = io.BytesIO(packed(document("<w:p><w:r><w:t>shown</w:t></w:r></w:p>")))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("word/styles.xml", "<vanish")
    assert [paragraph.text for paragraph in read_docx(buffer.getvalue()).paragraphs] == ["shown"]
