"""`ogi show`: the reading laid over the document, in one file that needs and fetches nothing."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pipeline_helpers import SLUGS, Ogi, zipped

from extract.model import (
    Box,
    CellReading,
    CellStatus,
    Confidence,
    Document,
    DocumentFormat,
    Extraction,
    ExtractionStatus,
    Paragraph,
    Place,
)
from extract.readers import read_document
from pipelines.layout import DataLayout
from pipelines.show.html import page_of_html
from pipelines.show.pages import PagePicture, page_pictures, with_boxes
from pipelines.show.view import KINDS, Shown, View, view_of

SLUG = SLUGS[0]
"""Its sums break."""


def test_a_web_page_is_shown_as_its_tables_with_every_figure(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    out = tmp_path / "shown.html"
    answer = ogi("show", documents / f"{SLUG}.html", "--out", out)
    assert answer.code == 0
    assert f"Drawing: {out}" in answer.out
    page = out.read_text(encoding="utf-8")
    view = view_of((documents / f"{SLUG}.html").read_bytes())
    assert view.checks
    for shown in view.cells:
        assert f"<code>{shown.cell.code}</code>" in page
    for check in view.checks:
        assert check.id in page
        assert check.id in answer.out.replace("\n", "") or "Checks that printed figures break" in answer.out
    assert page.count('class="tag ') >= len(view.cells)
    # Nothing is fetched and nothing runs.
    assert not re.search(r"<script|javascript:|https?://(?!www\.w3\.org)", page)
    assert not re.search(r'(?:src|href)="(?!data:)', page)


def test_a_document_is_read_once(documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def counted(data: bytes, *arguments: Any) -> Document:
        read.append(data)
        return read_document(data, *arguments)

    monkeypatch.setattr("extract.api.read_document", counted)
    view = view_of((documents / f"{SLUG}.html").read_bytes())
    assert view.document is not None
    assert view.document.grids
    assert len(read) == 1


def test_what_a_document_prints_is_never_markup_of_ours(tmp_path: Path) -> None:
    evil = '<script>alert(1)</script>"><img src=http://x>'
    data = f"<html><p>x</p><table><tr><td>{evil.replace('<', '&lt;')}</td><td>1</td></tr></table></html>".encode()
    page = page_of_html(evil, [("title", evil)], view_of(data), [])
    assert "<script" not in page
    assert "<img" not in page


def test_everything_is_there_for_scripts(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    answer = ogi("show", documents / f"{SLUG}.html", "--out", tmp_path / "a.html", "--json")
    (line,) = answer.out.splitlines()
    found = json.loads(line)
    assert found["status"] == "read"
    cell = next(cell for cell in found["cells"] if cell["cell"] == "t3.total_processed.total")
    assert cell["failed_checks"]
    assert {"label", "value", "raw", "status", "confidence", "place", "box", "implied"} <= cell.keys()


def test_documents_of_the_store_are_found_by_hash_and_by_report(built: DataLayout, tmp_path: Path, ogi: Ogi) -> None:
    rows = json.loads(ogi("query", "SELECT report_id, document_sha256 FROM reports LIMIT 1", "--data", built.root,
                          "--json").out.splitlines()[0])  # fmt: skip
    for wanted in (rows["document_sha256"][:12], rows["report_id"]):
        assert ogi("show", wanted, "--data", built.root, "--out", tmp_path / "a.html").code == 0


def test_a_document_in_an_archive_is_shown(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"in/b.html": (documents / f"{SLUG}.html").read_bytes()}))
    out = tmp_path / "a.html"
    assert ogi("show", f"{tmp_path}/a.zip!/in/b.html", "--out", out).code == 0
    answer = ogi("show", f"{tmp_path}/a.zip!/c.html", "--out", out)
    assert answer.code == 1
    assert "in/b.html" in answer.err


def test_what_cannot_be_shown_is_told_in_a_sentence(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    page = documents / f"{SLUG}.html"
    for arguments, words in (
        (("nothing-of-the-kind",), "neither a file"),
        ((documents,), "is a folder"),
        ((page, "--out", tmp_path / "a.pdf"), ".html"),
        ((page, "--out", tmp_path / "a.png"), "no pages"),
        ((page, "--page", 3, "--out", tmp_path / "a.html"), "no page 3"),
        ((page, "--out", page), "itself"),
    ):
        answer = ogi("show", *arguments)
        assert answer.code == 1, arguments
        assert words in answer.err, arguments
    assert not list(tmp_path.iterdir())


def test_no_report_is_shown_with_the_reason(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    answer = ogi("show", documents / "noise.docx", "--out", tmp_path / "a.html")
    assert answer.code == 1
    assert "quarantined" in answer.out
    assert "reason:" in answer.out


def a_pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 200), invariant=1)
    canvas.drawString(20, 180, "12")
    canvas.showPage()
    canvas.drawString(20, 180, "34")
    canvas.save()
    return buffer.getvalue()


def a_view(box: Box) -> View:
    """A reading of one figure on page 2."""
    place = Place(page=2, table=1, row=1, column=1, box=box)
    cell = CellReading("t3.granted.total", 34, "34", CellStatus.REPORTED, place, confidence=Confidence.DOUBTFUL)
    document = Document(DocumentFormat.PDF, (Paragraph("34", place),))
    return View(Extraction(ExtractionStatus.READ, DocumentFormat.PDF), document, (Shown(cell, "予以公开：总计"),), ())


def test_figures_of_a_pdf_are_drawn_over_its_page() -> None:
    import cv2
    import numpy

    (picture,) = page_pictures(a_pdf(), DocumentFormat.PDF, [2, 7])
    assert (picture.page, picture.width, picture.height) == (2, 300, 200)
    view = a_view((15, 5, 60, 30))
    page = page_of_html("a.pdf", [], view, [picture])
    assert 'viewBox="0 0 300 200"' in page
    assert "data:image/jpeg;base64," in page
    assert re.search(r"<g class=doubtful><title>t3\.granted\.total 予以公开：总计", page)
    png = with_boxes(picture, [((15, 5, 60, 30), "34", (255, 0, 0))])
    pixels = cv2.imdecode(numpy.frombuffer(png, numpy.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape == (400, 600, 3)
    _, green, red = pixels[20, 31]
    assert red > 150 > green
    assert tuple(pixels[300, 300]) == (255, 255, 255)


def test_pages_that_cannot_be_drawn_are_drawn_from_their_boxes() -> None:
    page = page_of_html("a.ofd", [], a_view((15, 5, 60, 30)), [PagePicture(2, 300, 200, None)])
    assert "<img" not in page
    assert ">34</text>" in page


@pytest.mark.parametrize(
    ("status", "confidence", "kind"),
    [
        (CellStatus.REPORTED, Confidence.CONFIRMED, "confirmed"),
        (CellStatus.REPORTED, Confidence.READ, "read"),
        (CellStatus.WITHHELD, Confidence.DOUBTFUL, "withheld"),
        (CellStatus.BLANK, Confidence.READ, "empty"),
        (CellStatus.NOT_APPLICABLE, Confidence.CONFIRMED, "empty"),
    ],
)
def test_colours_tell_how_sure_a_figure_is(status: CellStatus, confidence: Confidence, kind: str) -> None:
    value = 1 if status is CellStatus.REPORTED else None
    cell = CellReading("t3.granted.total", value, "1", status, Place(), confidence=confidence)
    assert Shown(cell, "").kind == kind
    assert kind in KINDS
