"""LibreOffice as a last resort. Without it most of these are skipped, and say so."""

import random

import pytest

from benchmarks.writer.draw_doc import draw_doc
from benchmarks.writer.page import Page, WrittenParagraph, page_of
from extract.forms.recognise import recognise
from extract.model import Paragraph
from extract.readers.docx import read_docx
from pipelines import office
from pipelines.office import ConversionFailed, ConverterMissing, convert_all_to_docx, convert_to_docx, has_converter
from pipelines.sample.random_reports import random_report

needs_libreoffice = pytest.mark.skipif(
    not has_converter(), reason=f"LibreOffice is not installed: {office.INSTALL_COMMAND}"
)


def word(text: str) -> bytes:
    return draw_doc(Page((WrittenParagraph(text),), "E2021"), random.Random(1))


def test_without_libreoffice_the_error_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_program", lambda: None)
    with pytest.raises(ConverterMissing, match="apt-get install libreoffice-writer-nogui"):
        convert_to_docx(b"")


def test_only_files_of_word_processors_are_given_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_program", lambda: "/bin/false")
    with pytest.raises(ValueError, match="exe"):
        convert_to_docx(b"", ".exe")


def test_a_program_that_fails_costs_the_document_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_program", lambda: "/bin/false")
    assert {type(one) for one in convert_all_to_docx({"a": b"", "b": b""}).values()} == {ConversionFailed}


@needs_libreoffice
def test_a_report_survives_the_conversion() -> None:
    page = page_of(random_report(random.Random(5), edition="E2021", oddities=()))
    document = read_docx(convert_to_docx(draw_doc(page, random.Random(5))))
    values = {cell.code: cell.value for cell in recognise(document).report.cells}
    assert {code: values[code] for code in page.expected} == dict(page.expected)


@needs_libreoffice
def test_a_batch_keeps_its_keys() -> None:
    converted = convert_all_to_docx({"b": word("乙"), "a": word("甲")})
    blocks = {key: read_docx(data).blocks[0] for key, data in converted.items() if isinstance(data, bytes)}
    assert {key: block.text for key, block in blocks.items() if isinstance(block, Paragraph)} == {"b": "乙", "a": "甲"}


@needs_libreoffice
def test_a_conversion_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ConversionFailed):
        convert_to_docx(word("甲"), timeout=0.01)
