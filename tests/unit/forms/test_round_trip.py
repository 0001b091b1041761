"""What our own writer draws is read back: any edition, any container, with the oddities of real reports."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.api import EXTRACTOR_VERSION, extract, from_json, to_json
from extract.model import CellStatus, Extraction, ExtractionStatus
from pipelines.sample.draw_docx import DocxStyle, draw_docx
from pipelines.sample.draw_html import Container, HtmlStyle, Markup, MetadataBlock, draw_html
from pipelines.sample.draw_text import TextShape, draw_text, is_lossless
from pipelines.sample.facts import Facts
from pipelines.sample.random_reports import random_report

HTML_STYLES = st.builds(
    HtmlStyle,
    encoding=st.sampled_from(["utf-8", "gb18030"]),
    declared_encoding=st.sampled_from([None, "utf-8", "gb2312"]),
    container=st.sampled_from(list(Container)),
    markup=st.sampled_from(list(Markup)),
    metadata_block=st.sampled_from(list(MetadataBlock)),
    nbsp_padding=st.booleans(),
    header_breaks=st.booleans(),
    placeholder_cells=st.booleans(),
    nested_in_layout_table=st.booleans(),
    title_in_body=st.booleans(),
)
DOCX_STYLES = st.builds(DocxStyle, nbsp_padding=st.booleans(), split_runs=st.booleans())
REPORTS = st.builds(lambda seed: random_report(random.Random(seed)), st.integers(min_value=0, max_value=2**31))
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def wrong_and_missed(facts: Facts, extraction: Extraction) -> tuple[list[str], list[str]]:
    """Cells read with another value or text than drawn, and cells not read."""
    assert extraction.report is not None
    read = {cell.code: cell for cell in extraction.report.cells}
    drawn = facts.expected_cells()
    missed = [code for code in drawn if code not in read or read[code].status is CellStatus.WITHHELD]
    wrong = [
        f"{code}: drew {cell}, read {read[code].value} {read[code].raw!r}"
        for code, cell in drawn.items()
        if code not in missed and (read[code].value != cell.value or full_width(read[code].raw) != full_width(cell.raw))
    ]
    wrong += [f"{code}: never drawn" for code, cell in read.items() if code not in drawn and cell.value is not None]
    return wrong, missed


def full_width(text: str) -> str:
    """Brackets as the facts write them: one of the text shapes halves their width."""
    return text.replace("(", "（").replace(")", "）")


def assert_read_back(facts: Facts, data: bytes) -> None:
    extraction = extract(data)
    assert extraction.status is ExtractionStatus.READ
    assert extraction.report is not None
    assert wrong_and_missed(facts, extraction) == ([], [])
    report = extraction.report
    assert (report.edition, report.issuer, report.report_year) == (facts.edition, facts.issuer, facts.report_year)


@MANY
@given(REPORTS, HTML_STYLES)
def test_a_page_is_read_back_whole(facts: Facts, style: HtmlStyle) -> None:
    assert_read_back(facts, draw_html(facts, style))


@MANY
@given(REPORTS, DOCX_STYLES)
def test_a_word_file_is_read_back_whole(facts: Facts, style: DocxStyle) -> None:
    assert_read_back(facts, draw_docx(facts, style))


@MANY
@given(REPORTS, st.sampled_from(list(TextShape)))
def test_a_text_dump_is_read_back_and_what_blanks_make_uncertain_is_withheld(facts: Facts, shape: TextShape) -> None:
    if is_lossless(facts, shape):
        assert_read_back(facts, draw_text(facts, shape))
    else:
        wrong, _ = wrong_and_missed(facts, extract(draw_text(facts, shape)))
        assert wrong == []


@MANY
@given(REPORTS)
def test_an_extraction_survives_the_cache(facts: Facts) -> None:
    extraction = extract(draw_html(facts))
    assert to_json(from_json(to_json(extraction))) == to_json(extraction)
    assert from_json(to_json(extraction)) == extraction


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_with_an_outcome_and_a_reason(data: bytes) -> None:
    extraction = extract(data)
    assert extraction.status is not ExtractionStatus.READ
    assert extraction.reason


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPORTS, st.integers(min_value=0, max_value=2**31), st.sampled_from(["html", "docx"]))
def test_a_damaged_file_never_raises_and_never_gives_other_figures(facts: Facts, seed: int, kind: str) -> None:
    rng = random.Random(seed)
    data = bytearray(draw_html(facts) if kind == "html" else draw_docx(facts))
    del data[rng.randrange(len(data)) :]
    extraction = extract(bytes(data))
    if extraction.report is None:
        return
    drawn = facts.expected_cells()
    for cell in extraction.report.cells:
        if cell.value is not None and cell.code in drawn and cell.value != drawn[cell.code].value:
            # The one cell at the cut may have lost digits; nothing after it is read.
            assert str(drawn[cell.code].value).startswith(str(cell.value)), cell


def test_the_version_names_the_sources() -> None:
    assert EXTRACTOR_VERSION.startswith("1-")


@pytest.mark.parametrize("style", [HtmlStyle(), HtmlStyle(markup=Markup.WORD, placeholder_cells=True)])
def test_a_figure_leads_back_to_its_row_and_column(style: HtmlStyle) -> None:
    facts = random_report(random.Random(4), edition="E2021", oddities=())
    report = extract(draw_html(facts, style)).report
    assert report is not None
    cell = next(cell for cell in report.cells if cell.code == "t3.new_received.total")
    assert cell.place.table == 2
    assert cell.place.row == 4
