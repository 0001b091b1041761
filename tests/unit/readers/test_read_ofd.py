"""OFD files: what is drawn is read back by geometry, whatever the habits of the producer."""

import contextlib
import io
import random
import re
import zipfile
from dataclasses import replace

import pytest
from reader_samples import assert_tiles, rows_of, shape, spans, texts

from benchmarks.writer.draw_ofd import OfdStyle, draw_ofd
from benchmarks.writer.page import Page, WrittenParagraph, page_of
from extract.forms.recognise import recognise
from extract.model import CellStatus, Document, DocumentFormat, Unreadable
from extract.readers import read_document
from extract.readers.ofd import read_ofd
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable
from pipelines.sample.random_reports import random_report

NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd(content: str, *, pages: int = 1, resources: str = "", parts: dict[str, bytes] | None = None) -> bytes:
    """An OFD file whose pages all show `content`."""
    listed = "".join(f'<ofd:Page ID="{number + 5}" BaseLoc="Pages/P{number}/Content.xml"/>' for number in range(pages))
    files = {
        "OFD.xml": f"<ofd:OFD {NAMESPACE}><ofd:DocBody><ofd:DocInfo><ofd:Title>标题</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {NAMESPACE}><ofd:CommonData><ofd:DocumentRes>DocumentRes.xml"
        f"</ofd:DocumentRes></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {NAMESPACE} BaseLoc="Res">{resources}</ofd:Res>',
    }
    page = f"<ofd:Page {NAMESPACE}><ofd:Content><ofd:Layer>{content}</ofd:Layer></ofd:Content></ofd:Page>"
    files |= {f"Doc_0/Pages/P{number}/Content.xml": page for number in range(pages)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return buffer.getvalue()


def text(x: float, y: float, printed: str, more: str = "", *, delta: str = "") -> str:
    distances = f' DeltaX="{delta}"' if delta else ""
    return (
        f'<ofd:TextObject Boundary="{x} {y} 50 5" Size="4" {more}><ofd:TextCode X="0" Y="4"{distances}>{printed}'
        "</ofd:TextCode></ofd:TextObject>"
    )


def lines(*data: str, more: str = "") -> str:
    return "".join(
        f'<ofd:PathObject Boundary="0 0 210 297" {more}><ofd:AbbreviatedData>{one}</ofd:AbbreviatedData>'
        "</ofd:PathObject>"
        for one in data
    )


BOX = lines("M 20 20 L 120 20 L 120 40 L 20 40 C M 70 20 L 70 40 M 20 30 L 120 30")


@pytest.mark.parametrize("seed", range(12))
def test_a_random_report_is_read_back_whole(seed: int) -> None:
    facts = random_report(random.Random(seed))
    page = page_of(facts)
    document = read_document(draw_ofd(page, random.Random(seed)))
    assert document.format is DocumentFormat.OFD
    report = recognise(document).report
    read = {cell.code: cell for cell in report.cells}
    missed = [code for code in page.expected if code not in read or read[code].status is CellStatus.WITHHELD]
    wrong = [code for code, value in page.expected.items() if code not in missed and read[code].value != value]
    assert (wrong, missed) == ([], [])
    assert (report.issuer, report.report_year) == (facts.issuer, facts.report_year)
    for grid in document.grids:
        assert_tiles(grid)
        assert all(cell.place.page and cell.place.box for cell in grid.cells)


def test_the_same_state_draws_the_same_bytes() -> None:
    page = page_of(random_report(random.Random(1)))
    assert draw_ofd(page, random.Random(2)) == draw_ofd(page, random.Random(2))


def small_page(rows: int) -> Page:
    header = (PrintedCell("组", CellKind.HEADER, row_span=2), PrintedCell("甲", CellKind.HEADER, 2))
    second = (PrintedCell("乙", CellKind.HEADER), PrintedCell("丙", CellKind.HEADER))
    body = tuple(
        tuple(PrintedCell(f"{row}{column}", CellKind.VALUE) for column in range(1, 4)) for row in range(10, 10 + rows)
    )
    return Page((WrittenParagraph("表格之前的文字"), PrintedTable("t", "s", 3, (header, second, *body))), "E2021")


@pytest.mark.parametrize("rulings", ["strokes", "rectangles", "bars"])
@pytest.mark.parametrize("how", ["runs", "characters", "repeats"])
@pytest.mark.parametrize("by_matrix", [False, True])
def test_merged_cells_are_found_by_the_rulings(rulings: str, how: str, by_matrix: bool) -> None:
    style = OfdStyle(rulings=rulings, text=how, by_matrix=by_matrix, page_numbers=False)
    document = read_ofd(draw_ofd(small_page(2), random.Random(1), style))
    assert shape(document) == "PG"
    assert rows_of(document.grids[0]) == [["组", "甲"], ["乙", "丙"], ["101", "102", "103"], ["111", "112", "113"]]
    assert spans(document.grids[0])[:3] == [(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1)]


@pytest.mark.parametrize("open_breaks", [False, True])
@pytest.mark.parametrize("template", [False, True])
def test_a_table_over_pages_is_one_grid(open_breaks: bool, template: bool) -> None:
    style = OfdStyle(open_breaks=open_breaks, template=template, rulings="strokes")
    document = read_ofd(draw_ofd(small_page(90), random.Random(1), style))
    assert len(document.grids) == 1
    assert len(document.grids[0].rows) == 92
    assert {cell.place.page for cell in document.grids[0].cells} == {1, 2, 3}
    assert_tiles(document.grids[0])


def test_text_and_boxes_are_in_points_from_the_upper_left_corner() -> None:
    document = read_ofd(ofd(text(25.4, 50.8, "甲乙", delta="4")))
    place = document.paragraphs[0].place
    assert place.page == 1
    assert place.box is not None
    assert place.box[0] == pytest.approx(72)
    assert place.box[1] == pytest.approx(144, abs=3)
    assert document.metadata["title"] == "标题"


def test_figures_that_run_over_a_border_are_in_doubt() -> None:
    content = BOX + text(64, 21, "12345", delta="g 4 4") + text(22, 31, "6") + text(80, 31, "7")
    grid = read_ofd(ofd(content)).grids[0]
    assert [cell.doubt for cell in grid.cells] == ["joined_digits", "joined_digits", "", ""]


def test_digits_apart_are_not_joined() -> None:
    grid = read_ofd(ofd(BOX + text(22, 21, "1") + text(27, 21, "0"))).grids[0]
    assert grid.cells[0].text == "1 0"


def test_characters_without_meaning_are_in_doubt() -> None:
    grid = read_ofd(ofd(BOX + text(22, 21, "\ue012\ue013") + text(80, 31, "7"))).grids[0]
    assert grid.cells[0].doubt == "garbled_text"


@pytest.mark.parametrize("more", ['Visible="false"', 'Alpha="0"', 'Fill="false"'])
def test_what_is_not_shown_is_not_read(more: str) -> None:
    document = read_ofd(ofd(text(20, 20, "甲") + text(20, 40, "乙", more)))
    assert texts(document) == ["甲"]


def test_white_lines_are_no_rulings() -> None:
    white = '<ofd:PathObject Boundary="0 0 210 297"><ofd:StrokeColor Value="255 255 255"/><ofd:AbbreviatedData>'
    content = BOX.replace('<ofd:PathObject Boundary="0 0 210 297" ><ofd:AbbreviatedData>', white)
    assert read_ofd(ofd(content + text(22, 21, "甲"))).grids == ()


def test_lines_in_columns_without_rulings_are_a_loose_grid() -> None:
    rows = "".join(text(20, y, f"项{n}", delta="4") + text(80, y, str(n)) for n, y in enumerate((20, 30, 40)))
    (grid,) = read_ofd(ofd(rows)).grids
    assert not grid.is_aligned
    assert rows_of(grid) == [["项0", "0"], ["项1", "1"], ["项2", "2"]]


def test_a_scanned_page_is_noted() -> None:
    media = '<ofd:MultiMedia ID="9" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia>'
    resources = f"<ofd:MultiMedias>{media}</ofd:MultiMedias>"
    content = '<ofd:ImageObject Boundary="0 0 210 297" ResourceID="9"/>'
    document = read_ofd(ofd(content, resources=resources, parts={"Doc_0/Res/a.png": b"\x89PNG\r\n\x1a\n"}))
    assert document.notes == ("has_images",)


def test_a_locked_file_says_so() -> None:
    with pytest.raises(Unreadable) as caught:
        read_ofd(ofd("", parts={"Encryptions.xml": b"<x/>"}))
    assert caught.value.code == "encrypted_file"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 OFD.xml",
        ofd("", pages=0),
        ofd(text(1, 1, "甲"), pages=700),
        ofd("<ofd:PageBlock>" * 40 + "</ofd:PageBlock>" * 40),
        ofd("").replace(b"Doc_0/Document.xml", b"Doc_0/Documemt.xml"),
    ],
)
def test_a_broken_file_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable, match="save or print it as PDF") as caught:
        read_ofd(data)
    assert caught.value.code == "broken_ofd"


def test_damaged_files_give_a_document_or_unreadable() -> None:
    page = replace(small_page(6))
    whole = draw_ofd(page, random.Random(1), OfdStyle(text="repeats", by_matrix=True))
    rng = random.Random(5)
    for number in range(120):
        data = damaged_parts(whole, rng) if number % 2 else damaged(whole, rng)
        with contextlib.suppress(Unreadable):
            assert isinstance(read_ofd(data), Document)


def damaged(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def damaged_parts(whole: bytes, rng: random.Random) -> bytes:
    """The package with damage in the numbers of one part, where a reader meets it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(buffer, "w") as target:
        names = source.namelist()
        chosen = rng.choice(names)
        for name in names:
            content = source.read(name)
            if name == chosen:
                values = re.findall(rb"[-\d.]+", content) or [b"1"]
                bad = rng.choice([b"-1", b"1e999", b"nan", b"999999999", b"", b"x", b"0"])
                content = content.replace(rng.choice(values), bad, rng.choice([1, -1]))
            target.writestr(name, content)
    return buffer.getvalue()
