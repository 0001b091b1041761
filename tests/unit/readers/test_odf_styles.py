"""Text of OpenDocument files that is struck out, hidden or raised by a style, and tables in odd places."""

import pytest
from reader_samples import rows_of, texts
from test_read_office_xml import ODF, cell, odf, table

from extract.model import Document
from extract.readers import read_document

DRAW = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'


def style(name: str, properties: str, *, parent: str = "", family: str = "text") -> str:
    inherits = f'style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}" {inherits}>'
        f"<style:text-properties {properties}/></style:style>"
    )


def span(text: str, name: str = "T1") -> str:
    return f'<text:span text:style-name="{name}">{text}</text:span>'


def first_row(printed: str, styles: str) -> list[str]:
    (grid,) = read_document(odf(table(cell("甲") + cell(printed)), styles=styles)).grids
    return rows_of(grid)[0]


@pytest.mark.parametrize(
    "properties",
    ['style:text-line-through-style="solid"', 'style:text-line-through-type="double"', 'text:display="none"'],
)
def test_struck_and_hidden_text_is_not_printed(properties: str) -> None:
    assert first_row(span("77<text:s text:c='2'/>") + "38", style("T1", properties)) == ["甲", "38"]
    inherited = style("T1", "", parent="T2") + style("T2", properties)
    assert first_row(span("77") + "38", inherited) == ["甲", "38"]
    of_paragraph = style("P1", properties, family="paragraph") + style("T1", 'style:text-line-through-style="none"')
    body = table(cell("甲") + cell("77" + span("38")).replace("<text:p>7", '<text:p text:style-name="P1">7'))
    (grid,) = read_document(odf(body, styles=of_paragraph)).grids
    assert rows_of(grid) == [["甲", "38"]]


@pytest.mark.parametrize(
    "properties", ['style:text-line-through-style="none"', 'text:display="true"', 'style:text-position="0% 100%"', ""]
)
def test_a_style_that_says_nothing_of_it_is_printed(properties: str) -> None:
    assert first_row(span("3") + "8", style("T1", properties)) == ["甲", "38"]
    assert first_row(span("3", "P1") + "8", style("P1", 'text:display="none"', family="paragraph")) == ["甲", "38"]


@pytest.mark.parametrize("place", ["super 58%", "sub 58%", "33% 58%", "-10% 100%"])
def test_raised_digits_are_a_note_mark(place: str) -> None:
    styles = style("T1", f'style:text-position="{place}"')
    assert first_row("38" + span("1"), styles) == ["甲", "38[1]"]
    assert first_row(span("38"), styles) == ["甲", "38"]
    assert first_row("38" + span("件"), styles) == ["甲", "38件"]


def test_named_styles_of_their_own_part_are_known() -> None:
    hiding = style("Del", "text:display='none'")
    named = f"<office:document-styles {ODF}>{hiding}</office:document-styles>"
    body = "<text:p>全年" + span("77", "Del") + "38件</text:p>" + table(cell("甲") + cell(span("77", "Own") + "38"))
    document = read_document(odf(body, styles=style("Own", "", parent="Del"), parts={"styles.xml": named}))
    assert texts(document) == ["全年38件"]
    assert rows_of(document.grids[0]) == [["甲", "38"]]


def test_struck_figures_of_a_sheet_are_not_printed() -> None:
    styles = style("T1", 'style:text-line-through-style="solid"')
    body = table(cell("甲") + cell("乙"), cell(span("77") + "38") + cell("1"))
    (grid,) = read_document(odf(body, kind="spreadsheet", styles=styles)).grids
    assert rows_of(grid)[1] == ["38", "1"]


class TestTablesInOddPlaces:
    def framed(self, body: str, around: str = "") -> Document:
        shape = f"<draw:frame {DRAW}><draw:text-box>{body}</draw:text-box></draw:frame>"
        return read_document(odf(f"<text:p>{around}{shape}</text:p>"))

    def test_a_table_in_a_frame_of_a_paragraph_is_a_table(self) -> None:
        document = self.framed("<text:p>表一</text:p>" + table(cell("甲") + cell("38")), "前")
        assert texts(document) == ["前", "表一"]
        assert rows_of(document.grids[0]) == [["甲", "38"]]

    def test_a_frame_of_text_alone_stays_in_its_paragraph(self) -> None:
        assert texts(self.framed("<text:p>框中</text:p>", "前")) == ["前框中"]

    @pytest.mark.parametrize("in_frame", [False, True])
    def test_tables_of_one_cell_are_frames_around_the_text_of_the_cell_they_stand_in(self, in_frame: bool) -> None:
        def framed(text: str) -> str:
            inner = table(cell(text))
            if in_frame:
                inner = f"<text:p><draw:frame {DRAW}>{inner}</draw:frame></text:p>"
            return f"<table:table-cell>{inner}<text:p/></table:table-cell>"

        (grid,) = read_document(odf(table(framed("甲") + framed("38"), framed("乙") + framed("5")))).grids
        assert rows_of(grid) == [["甲", "38"], ["乙", "5"]]

    def test_a_table_in_a_frame_of_a_cell_follows_it(self) -> None:
        inner = table(cell("内") + cell("1"))
        framed = f"<table:table-cell><text:p>外<draw:frame {DRAW}>{inner}</draw:frame></text:p></table:table-cell>"
        outer, follows = read_document(odf(table(framed + cell("2")))).grids
        assert rows_of(outer) == [["外", "2"]]
        assert rows_of(follows) == [["内", "1"]]
