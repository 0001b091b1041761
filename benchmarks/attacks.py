"""Documents made to do harm, by name: bombs, loops, entities, lies about sizes. Bytes only; nothing here reads them.

Each attack is a function of a place: a folder and a port of this machine that a document may try to reach. The tests
watch both.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.writer.documents import write

__all__ = ["ATTACKS", "Attack", "Place", "encrypted_pdf", "many_pages", "write_attack"]

MEGA = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """What a document may try to reach: a file with a figure in it, and an address on this machine."""

    file: str = "/etc/hostname"
    address: str = "http://127.0.0.1:9/"
    scale: float = 1.0
    """How large the attacks are that work by size: 1 is meant to reach limits, less is for a quick test."""

    def times(self, count: int) -> int:
        """So many, at this scale."""
        return max(1, int(count * self.scale))


@dataclass(frozen=True, slots=True)
class Attack:
    """A hostile document and the format it pretends to have."""

    format: str
    make: Callable[[Place], bytes]


_ROW = "<tr><td>第{n}行</td>" + "<td>1</td>" * 8 + "</tr>"
_CONTENT_TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFD = "http://www.ofdspec.org/2016"


def _zipped(members: Mapping[str, bytes | tuple[bytes, int]]) -> bytes:
    """A ZIP file. A member given as (piece, count) is that piece so many times over, never held whole."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            piece, count = content if isinstance(content, tuple) else (content, 1)
            with archive.open(info, "w", force_zip64=count > 1) as member:
                for _ in range(count):
                    member.write(piece)
    return buffer.getvalue()


def _docx(document: bytes | tuple[bytes, int]) -> bytes:
    return _zipped({"[Content_Types].xml": _CONTENT_TYPES, "word/document.xml": document})


def _xlsx(sheet: bytes | tuple[bytes, int], workbook: bytes | None = None) -> bytes:
    book = (
        f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )
    relations = (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    )
    return _zipped(
        {
            "[Content_Types].xml": _CONTENT_TYPES,
            "xl/workbook.xml": workbook or book.encode(),
            "xl/_rels/workbook.xml.rels": relations.encode(),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def _ofd(page: bytes | tuple[bytes, int], opening: bytes = b"") -> bytes:
    root = (
        f'<ofd:OFD xmlns:ofd="{_OFD}" DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml'
        "</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )
    document = (
        f'<ofd:Document xmlns:ofd="{_OFD}"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>'
        '</ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
        "</ofd:Document>"
    )
    return _zipped(
        {
            "OFD.xml": opening + root.encode(),
            "Doc_0/Document.xml": document.encode(),
            "Doc_0/Pages/Page_0/Content.xml": page,
        }
    )


def _word_xml(body: str, opening: str = "") -> bytes:
    return f'{opening}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'.encode()


def _laughs(root: str, depth: int = 12) -> str:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth)]
    return f'<?xml version="1.0"?><!DOCTYPE {root} [{"".join(lines)}]>'


def _external(root: str, place: Place) -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY x SYSTEM "file://{place.file}">'
        f'<!ENTITY y SYSTEM "{place.address}y"><!ENTITY % z SYSTEM "{place.address}z.dtd"> %z;]>'
    )


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _sheet_xml(text: str, opening: str = "") -> bytes:
    cell = f'<c r="A1" t="inlineStr"><is><t>{text}</t></is></c>'
    body = f'<sheetData><row r="1">{cell}</row></sheetData>'
    return f'{opening}<worksheet xmlns="{_SHEET}">{body}</worksheet>'.encode()


def _ofd_page(text: str, opening: str = "") -> bytes:
    return (
        f'{opening}<ofd:Page xmlns:ofd="{_OFD}"><ofd:Content><ofd:Layer ID="2"><ofd:TextObject ID="3" '
        f'Boundary="10 10 90 9" Size="4"><ofd:TextCode X="0" Y="4">{text}</ofd:TextCode></ofd:TextObject></ofd:Layer>'
        "</ofd:Content></ofd:Page>"
    ).encode()


def _spreadsheet_xml(text: str, opening: str = '<?xml version="1.0"?>') -> bytes:
    names = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'{opening}<?mso-application progid="Excel.Sheet"?><Workbook xmlns="{names}" xmlns:ss="{names}">'
        f'<Worksheet ss:Name="a"><Table><Row><Cell><Data ss:Type="String">{text}</Data></Cell></Row></Table>'
        "</Worksheet></Workbook>"
    ).encode()


def _pdf(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    size = max(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    for number in range(1, size):
        out += f"{offsets.get(number, 0):010} 00000 n \n".encode()
    out += f"trailer\n<< /Size {size} /Root {root} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _pdf_stream(data: bytes, entries: str = "") -> bytes:
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def _one_page(content: bytes, entries: str = "", box: str = "0 0 595 842", extra: str = "") -> bytes:
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R {extra} "
            "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
            4: _pdf_stream(content, entries),
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        }
    )


def _flate_bomb(piece: bytes, count: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(piece) for _ in range(count)) + packer.flush()


def encrypted_pdf(_: Place) -> bytes:
    """A PDF locked with a password."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret", ownerPassword="owner"), invariant=1)
    canvas.drawString(100, 700, "2023")
    canvas.save()
    return buffer.getvalue()


def many_pages(place: Place, count: int = 500) -> bytes:
    """A PDF of many pages full of text and rulings."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for page in range(place.times(count)):
        for line in range(40):
            canvas.drawString(60, 800 - 18 * line, f"{page} {line} 12 34 56")
            canvas.line(50, 795 - 18 * line, 500, 795 - 18 * line)
        for column in (50, 200, 350, 500):
            canvas.line(column, 75, column, 795)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    table = bytes(64)
    return (
        b"\xff\xd8" + b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + table
        + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
        + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(500) + b"\xff\xd9"
    )  # fmt: skip


def _tiff(width: int, height: int) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
               (273, 4, 1, 200), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 1000)]  # fmt: skip
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return (b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", 8)).ljust(200, b"\0") + bytes(1000)


def _tiff_loop() -> bytes:
    """A TIFF whose directory of pages names itself as the next page."""
    return _tiff(1000, 1000)


def _bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1000, 0, 0, 54) + head + bytes(1000)


def _looping_doc(_: Place) -> bytes:
    """A DOC whose table of sectors leads every chain back to itself."""
    data = bytearray(write("doc:7:1").data)
    first = struct.unpack_from("<I", data, 76)[0]
    at = (first + 1) * 512
    for entry in range(2, min(128, (len(data) - at) // 4)):
        if struct.unpack_from("<I", data, at + 4 * entry)[0] < 0xFFFFFFFA:
            struct.pack_into("<I", data, at + 4 * entry, entry)
    return bytes(data)


def _nested_zip(_: Place, depth: int = 40) -> bytes:
    data = b"<html><p>within</p></html>"
    for level in range(depth):
        data = _zipped({f"{level}.zip" if level else "a.html": data})
    return data


def _references(place: Place) -> bytes:
    url, file = place.address, f"file://{place.file}"
    return (
        f'<!DOCTYPE html SYSTEM "{url}dtd"><html><head><base href="{url}"><title>2023年度报告</title>'
        f'<link rel=stylesheet href="{url}a.css"><script src="{url}a.js"></script><style>@import "{url}b.css";</style>'
        f'<meta http-equiv=refresh content="0;url={file}"></head><body background="{file}">'
        f'<iframe src="{file}"></iframe>'
        f'<img src="{url}a.png"><img src="{file}"><object data="{file}"></object><embed src="{url}a.pdf">'
        f'<table><tr><td><img src="{file}"></td><td>1</td></tr></table><xi:include '
        f'xmlns:xi="http://www.w3.org/2001/XInclude" href="{file}" parse="text"/></body></html>'
    ).encode()


def _linked_docx(place: Place) -> bytes:
    """A DOCX whose pictures, templates and chunks lie elsewhere."""
    kinds = ("image", "attachedTemplate", "aFChunk", "hyperlink", "oleObject")
    relations = "".join(
        f'<Relationship Id="r{n}{m}" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'
        for n, kind in enumerate(kinds)
        for m, target in enumerate((f"file://{place.file}", f"{place.address}x", f"../..{place.file}"))
    )
    body = _paragraph("年度报告") + "".join(
        f'<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'xmlns:r="{_OFFICE}" r:link="r0{m}" r:embed="r0{m}"/></w:drawing></w:r></w:p>'
        for m in range(3)
    )
    return _zipped(
        {
            "[Content_Types].xml": _CONTENT_TYPES,
            "word/document.xml": _word_xml(body),
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>'.encode(),
        }
    )


def _mht(place: Place) -> bytes:
    parts = "".join(
        f"--b\r\nContent-Type: text/html\r\nContent-Location: {location}\r\n\r\n<html><img src={location}>1</html>\r\n"
        for location in (f"file://{place.file}", place.address)
    )
    return f"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n{parts}--b--\r\n".encode()


def _nested_mht(_: Place) -> bytes:
    head = b"".join(b"Content-Type: multipart/related; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5000))
    return b"MIME-Version: 1.0\r\n" + head + b"Content-Type: text/html\r\n\r\n<html>1</html>"


_KIDS = b"".join(b"3 0 R " for _ in range(2000))

_LAUGH = "&a11;"
_QUADRATIC = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY q "' + "q" * 100_000 + '">]>'
_MANY_Q = "&q;" * 20_000

ATTACKS: Mapping[str, Attack] = {
    "docx_bomb": Attack("docx", lambda p: _docx((b" " * MEGA, p.times(700)))),
    "docx_many_paragraphs": Attack("docx", lambda p: _docx((_paragraph("1").encode() * 20_000, p.times(20)))),
    "docx_deep": Attack("docx", lambda _: _docx(_word_xml("<w:tbl><w:tr><w:tc>" * 30_000))),
    "docx_laughs": Attack("docx", lambda _: _docx(_word_xml(_paragraph(_LAUGH), _laughs("w:document")))),
    "docx_quadratic": Attack("docx", lambda _: _docx(_word_xml(_paragraph(_MANY_Q), _QUADRATIC))),
    "docx_external": Attack("docx", lambda p: _docx(_word_xml(_paragraph("&x;&y;"), _external("w:document", p)))),
    "docx_linked": Attack("docx", _linked_docx),
    "docx_wide_span": Attack(
        "docx",
        lambda _: _docx(
            _word_xml(
                '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>' * 50
            )
        ),
    ),
    "xlsx_bomb": Attack("xlsx", lambda p: _xlsx((b" " * MEGA, p.times(700)))),
    "xlsx_laughs": Attack("xlsx", lambda _: _xlsx(_sheet_xml(_LAUGH, _laughs("worksheet")))),
    "xlsx_external": Attack("xlsx", lambda p: _xlsx(_sheet_xml("&x;&y;", _external("worksheet", p)))),
    "xlsx_far_cell": Attack(
        "xlsx",
        lambda _: _xlsx(
            f'<worksheet xmlns="{_SHEET}"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c>'
            "</row>"
            '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData><mergeCells count="1">'
            '<mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'.encode()
        ),
    ),
    "spreadsheet_xml_laughs": Attack("office_xml", lambda _: _spreadsheet_xml(_LAUGH, _laughs("Workbook"))),
    "spreadsheet_xml_external": Attack("office_xml", lambda p: _spreadsheet_xml("&x;&y;", _external("Workbook", p))),
    "ofd_bomb": Attack("ofd", lambda p: _ofd((b" " * MEGA, p.times(700)))),
    "ofd_laughs": Attack("ofd", lambda _: _ofd(_ofd_page(_LAUGH, _laughs("ofd:Page")))),
    "ofd_external": Attack("ofd", lambda p: _ofd(_ofd_page("&x;&y;", _external("ofd:Page", p)))),
    "zip_bomb": Attack("zip", lambda p: _zipped({"a.html": (b"\0" * MEGA, p.times(600))})),
    "zip_many_members": Attack("zip", lambda _: _zipped({f"{n}.html": b"" for n in range(20_000)})),
    "zip_nested": Attack("zip", _nested_zip),
    "gzip_bomb": Attack("gzip", lambda p: gzip.compress(b"\0" * (p.times(600) * MEGA), 6, mtime=0)),
    "html_many_rows": Attack(
        "html",
        lambda _: ("<html><table>" + "".join(_ROW.format(n=n) for n in range(10_000)) + "</table></html>").encode(),
    ),
    "html_wide_spans": Attack(
        "html",
        lambda p: (
            "<html><table>"
            + "<tr><td colspan=99999999 rowspan=99999999>1</td><td>2</td></tr>" * p.times(3000)
            + "</table></html>"
        ).encode(),
    ),
    "html_deep": Attack("html", lambda p: b"<html>" + b"<div>" * p.times(200_000) + b"1"),
    "html_nested_tables": Attack("html", lambda _: b"<html>" + b"<table><tr><td>" * 20_000 + b"1"),
    "html_laughs": Attack("html", lambda _: (_laughs("html") + f"<html><body>{_LAUGH}</body></html>").encode()),
    "html_external": Attack("html", lambda p: (_external("html", p) + "<html><body>&x;&y;</body></html>").encode()),
    "html_references": Attack("html", _references),
    "html_long_line": Attack("html", lambda p: ("<html><p>" + "政府信息公开（一）1 2 3，" * p.times(200_000)).encode()),
    "html_many_attributes": Attack(
        "html", lambda p: b"<html><p " + b" ".join(b"a%d=1" % n for n in range(p.times(50_000))) + b">1</p></html>"
    ),
    "text_brackets": Attack(
        "text",
        lambda p: (
            "（一）" * p.times(100_000) + "\n" + "(" * p.times(300_000) + "\n" + "一、" * p.times(100_000)
        ).encode(),
    ),
    "text_blanks": Attack("text", lambda p: ("1" + " " * p.times(300_000) + "2\n").encode() * 5),
    "text_digits": Attack("text", lambda p: b"1 " * p.times(1_000_000)),
    "text_many_lines": Attack("text", lambda p: "本年新收\t1\t2\t3\n".encode() * p.times(60_000)),
    "mht_references": Attack("mht", _mht),
    "mht_nested": Attack("mht", _nested_mht),
    "rtf_deep": Attack("rtf", lambda p: b"{\\rtf1\\ansi " + b"{" * p.times(300_000) + b"1"),
    "rtf_many_cells": Attack(
        "rtf", lambda p: b"{\\rtf1\\ansi " + b"\\trowd\\cellx100\\intbl 1\\cell\\row " * p.times(100_000)
    ),
    "rtf_wide": Attack(
        "rtf", lambda p: b"{\\rtf1\\ansi \\trowd" + b"\\cellx2147483647" * p.times(50_000) + b"\\intbl 1\\cell\\row}"
    ),
    "rtf_binary": Attack(
        "rtf", lambda _: b"{\\rtf1\\ansi {\\pict\\bin2147483647 1}" + b"\\uc2147483647\\u20013 ?" * 1000
    ),
    "doc_looping_chain": Attack("doc", _looping_doc),
    "pdf_encrypted": Attack("pdf", encrypted_pdf),
    "pdf_many_pages": Attack("pdf", many_pages),
    "pdf_truncated_early": Attack("pdf", lambda _: (data := many_pages(Place(), 20))[: len(data) // 10]),
    "pdf_truncated_half": Attack("pdf", lambda _: (data := many_pages(Place(), 20))[: len(data) // 2]),
    "pdf_truncated_late": Attack("pdf", lambda _: (data := many_pages(Place(), 20))[: len(data) * 9 // 10]),
    "pdf_page_tree_loop": Attack(
        "pdf",
        lambda _: _pdf(
            {
                1: b"<< /Type /Catalog /Pages 2 0 R >>",
                2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Parent 3 0 R /Count 1000000 >>",
                3: b"<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 1000000 >>",
            }
        ),
    ),
    "pdf_same_page_often": Attack(
        "pdf",
        lambda _: _pdf(
            {
                1: b"<< /Type /Catalog /Pages 2 0 R >>",
                2: b"<< /Type /Pages /Kids [" + _KIDS + b"] /Count 2000 >>",
                3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
            }
        ),
    ),
    "pdf_stream_bomb": Attack(
        "pdf", lambda p: _one_page(_flate_bomb(b"BT (1) Tj ET " * 80_000, p.times(400)), "/Filter /FlateDecode")
    ),
    "pdf_many_glyphs": Attack(
        "pdf",
        lambda p: _one_page(
            b"BT /F1 9 Tf 9 TL 50 800 Td " + b"(12 34 56 78 90 12 34 56 78 90) Tj T* " * p.times(40_000) + b"ET"
        ),
    ),
    "pdf_many_lines": Attack(
        "pdf",
        lambda p: _one_page(b"".join(b"%d 0 m %d 842 l S " % (n % 595, n % 595) for n in range(p.times(200_000)))),
    ),
    "pdf_huge_page": Attack("pdf", lambda _: _one_page(b"0 0 m 9 9 l S", box="0 0 900000000 900000000")),
    "pdf_tall_page": Attack("pdf", lambda _: _one_page(b"0 0 m 9 9 l S", box="0 0 14400 14400")),
    "pdf_form_loop": Attack(
        "pdf",
        lambda _: _pdf(
            {
                1: b"<< /Type /Catalog /Pages 2 0 R >>",
                2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
                b"/Resources << /XObject << /X 5 0 R >> >> >>",
                4: _pdf_stream(b"/X Do " * 50),
                5: _pdf_stream(
                    b"/X Do " * 50,
                    "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>",
                ),
            }
        ),
    ),
    "png_huge": Attack("image", lambda _: _png(60_000, 60_000)),
    "png_thin": Attack("image", lambda _: _png(2_000_000_000, 1)),
    "jpeg_huge": Attack("image", lambda _: _jpeg(65_500, 65_500)),
    "tiff_huge": Attack("image", lambda _: _tiff(4_000_000_000, 4_000_000_000)),
    "tiff_page_loop": Attack("image", lambda _: _tiff_loop()),
    "bmp_huge": Attack("image", lambda _: _bmp(60_000, 60_000)),
}


def write_attack(name: str, place: Place) -> bytes:
    """The bytes of one attack."""
    return ATTACKS[name].make(place)
