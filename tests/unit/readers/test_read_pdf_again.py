"""The second reading of PDF files agrees with the first, by other means."""

import contextlib
import random

import pytest
from pdf_samples import ROWS, Canvas, heading, pdf, table, turned, twice
from reader_samples import corpus_file, needs_corpus
from reportlab.lib.pdfencrypt import StandardEncryption

from extract.forms.recognise import recognise
from extract.model import Grid, Unreadable
from extract.readers.pdf import read_pdf
from extract.readers.pdf_again import read_pdf_again


def rows_of(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


@pytest.mark.parametrize("lines", ["stroke", "fill", "boxes"])
def test_ruled_tables_are_read(lines: str) -> None:
    (grid,) = read_pdf_again(pdf(lambda one: table(one, lines=lines))).grids
    assert rows_of(grid) == ROWS


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_pages_are_read(degrees: int) -> None:
    (grid,) = read_pdf_again(turned(pdf(lambda one: table(one)), degrees)).grids
    assert rows_of(grid) == ROWS


def test_text_drawn_twice_is_read_once() -> None:
    (grid,) = read_pdf_again(pdf(lambda one: table(one, text=twice))).grids
    assert rows_of(grid) == ROWS


def test_open_borders_repeated_headers_and_cut_labels_are_joined() -> None:
    def first(drawing: Canvas) -> None:
        heading(drawing)
        table(drawing, [*ROWS[:2], ["（四）无", "1", ""]], y=120, is_open_below=True)
        drawing.drawString(290, 30, "- 1 -")

    def second(drawing: Canvas) -> None:
        table(drawing, [["法提供", "", ""], ["二、其他", "5", "6"]], y=800, is_open_above=True)

    (grid,) = read_pdf_again(pdf(first, second)).grids
    assert rows_of(grid) == [*ROWS[:2], ["（四）无\n法提供", "1", ""], ["二、其他", "5", "6"]]
    (grid,) = read_pdf_again(pdf(table, lambda one: table(one, [ROWS[0], ["罚没", "1", "2"]], y=800))).grids
    assert rows_of(grid) == [*ROWS, ["罚没", "1", "2"]]


def test_bad_files_are_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        read_pdf_again(pdf(heading, encrypt=StandardEncryption("user", "owner")))
    assert caught.value.code == "encrypted_file"
    with pytest.raises(Unreadable) as caught:
        read_pdf_again(b"%PDF-1.4 no more")
    assert caught.value.code == "broken_pdf"


@pytest.mark.parametrize("seed", range(15))
def test_damaged_bytes_are_read_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    damaged = bytearray(pdf(lambda one: table(one)))
    for _ in range(20):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    with contextlib.suppress(Unreadable):
        read_pdf_again(bytes(damaged))


@needs_corpus
@pytest.mark.parametrize("name", ["huaian-2024.pdf", "hongze-2024.pdf"])
def test_both_readings_of_a_real_report_agree_on_every_cell(name: str) -> None:
    data = corpus_file("real", name)
    first, second = (
        {cell.code: (cell.value, cell.status) for cell in recognise(read(data)).report.cells}
        for read in (read_pdf, read_pdf_again)
    )
    assert first == second
    assert len(first) > 180
