"""OpenDocument, and office files that are one XML text."""

import io
import zipfile

import pytest
from reader_samples import docx, para, rows_of, spans, texts

from extract.model import DocumentFormat, Unreadable
from extract.readers import read_document

ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)


def odf(body: str, *, kind: str = "text", styles: str = "", parts: dict[str, str] | None = None) -> bytes:
    content = (
        f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        for name, text in (parts or {}).items():
            archive.writestr(name, text)
    return buffer.getvalue()


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


def number(value: str, shown: str) -> str:
    return cell(shown, f'office:value-type="float" office:value="{value}"')


COVERED = "<table:covered-table-cell/>"


def table(*rows: str, more: str = "") -> str:
    return (
        f"<table:table {more}>"
        + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        + "</table:table>"
    )


def test_an_opendocument_text_gives_paragraphs_and_grids() -> None:
    inner = table(cell("内") + cell("1"))
    body = (
        "<text:h>年度报告</text:h><text:list><text:list-item><text:p>一、<text:span>总体</text:span>情况</text:p>"
        "</text:list-item></text:list><text:tracked-changes><text:p>删去</text:p></text:tracked-changes>"
        + table(
            cell("组", 'table:number-rows-spanned="2"') + cell("甲", 'table:number-columns-spanned="2"') + COVERED,
            COVERED
            + cell("<text:s text:c='2'/>5<text:note><text:p>注</text:p></text:note>")
            + cell("6").replace("</table:table-cell>", inner + "</table:table-cell>"),
        )
    )
    document = read_document(odf(body))
    assert document.format is DocumentFormat.ODF
    assert texts(document) == ["年度报告", "一、总体情况"]
    assert rows_of(document.grids[0]) == [["组", "甲"], ["  5", "6"]]
    assert rows_of(document.grids[1]) == [["内", "1"]]
    assert spans(document.grids[0])[:2] == [(0, 0, 2, 1), (0, 1, 1, 2)]


def test_an_opendocument_sheet_gives_stored_figures_with_what_is_shown_beside_them() -> None:
    body = table(
        cell("甲") + cell("乙") + cell("丙") + cell("丁"),
        number("6.933", "6.93") + number("85", "85件") + number("1234", "1,234") + number("69330", "6.9万"),
        more='table:name="表二"',
    ) + table(cell("暗"), more='table:name="b" table:style-name="h"')
    styles = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    document = read_document(odf(body, kind="spreadsheet", styles=styles))
    (grid,) = document.grids
    assert rows_of(grid)[1] == ["6.933", "85件", "1234", "6.9万"]
    assert [one.doubt for one in grid.rows[1]] == ["", "", "", "garbled_text"]
    assert texts(document) == ["表二"]
    assert document.notes == ("has_hidden_table",)


def test_rows_repeated_without_end_take_no_memory() -> None:
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    filled = f'<table:table-row table:number-rows-repeated="1000000">{cell("1")}{cell("2")}</table:table-row>'
    whole = table(cell("甲") + cell("1")).replace("</table:table>", empty + "</table:table>")
    assert len(read_document(odf(whole, kind="spreadsheet")).grids) == 1
    with pytest.raises(Unreadable) as caught:
        read_document(odf(f"<table:table>{filled}</table:table>", kind="spreadsheet"))
    assert caught.value.code == "sheet_too_large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (odf("", kind="presentation"), "format_not_supported"),
        (odf("<text:p>"), "broken_odf"),
        (odf("<text:section>" * 100 + "</text:section>" * 100), "broken_odf"),
        (odf("", parts={"META-INF/manifest.xml": "<m><encryption-data/></m>"}), "encrypted_file"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_document(data)
    assert caught.value.code == code


WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"


def test_word_2003_xml_is_read_as_a_word_file() -> None:
    def tc(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    deleted = (
        '<aml:annotation w:type="Word.Deletion"><aml:content><w:r><w:t>删</w:t></w:r></aml:content></aml:annotation>'
    )
    rows = (
        "<w:tr>" + tc("组", '<w:vmerge w:val="restart"/>') + tc("甲", '<w:gridSpan w:val="2"/>') + "</w:tr>"
        "<w:tr>" + tc("", "<w:vmerge/>") + tc("5") + tc("6") + "</w:tr>"
    )
    data = (
        f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="{WORD_2003}" '
        'xmlns:wx="urn:wx" xmlns:aml="urn:aml"><w:body><wx:sect><w:p><w:r><w:t>年度报告</w:t></w:r>'
        f"{deleted}</w:p><w:tbl>{rows}</w:tbl></wx:sect></w:body></w:wordDocument>"
    )
    document = read_document(data.encode())
    assert document.format is DocumentFormat.OFFICE_XML
    assert texts(document) == ["年度报告"]
    assert rows_of(document.grids[0]) == [["组", "甲"], ["5", "6"]]
    assert spans(document.grids[0])[0] == (0, 0, 2, 1)


def test_a_flat_package_is_read_as_the_file_that_it_stands_for() -> None:
    with zipfile.ZipFile(io.BytesIO(docx(para("年度报告")))) as archive:
        main = archive.read("word/document.xml").decode()
    data = (
        '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData>{main}</pkg:xmlData></pkg:part></pkg:package>'
    )
    document = read_document(data.encode())
    assert texts(document) == ["年度报告"]
    assert document.format is DocumentFormat.OFFICE_XML


def test_excel_2003_xml_is_read_as_a_workbook() -> None:
    data = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles>
<Worksheet ss:Name="表二"><Table><Column ss:Index="4" ss:Hidden="1"/>
<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">年度报告</Data></Cell></Row>
<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="String">组</Data></Cell>
<Cell><Data ss:Type="String">甲</Data></Cell><Cell><Data ss:Type="String">乙</Data></Cell>
<Cell><Data ss:Type="Number">9</Data></Cell></Row>
<Row><Cell ss:Index="2"><Data ss:Type="Number">6.9329999999999998</Data></Cell>
<Cell ss:StyleID="p"><Data ss:Type="Number">0.25</Data></Cell></Row>
</Table></Worksheet></Workbook>"""
    document = read_document(data.encode())
    assert document.format is DocumentFormat.OFFICE_XML
    assert texts(document) == ["表二", "年度报告"]
    assert rows_of(document.grids[0]) == [["组", "甲", "乙"], ["6.933", "25%"]]
    assert document.notes == ("has_hidden_table",)


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="u">',
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "f">]><pkg:package xmlns:pkg="u">&x;</pkg:package>',
    ],
)
def test_a_broken_office_xml_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_document(data)
    assert caught.value.code == "broken_office_xml"
