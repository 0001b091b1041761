"""Reading the raw store: only what is missing, and one bad document costs that document alone."""

from pathlib import Path

import pytest

from crawlers.archive.raw_store import RawStore
from extract.api import EXTRACTOR_VERSION, extract
from extract.model import DocumentFormat, Extraction, ExtractionStatus
from pipelines import extraction, one_document
from pipelines.cache import ExtractionCache
from pipelines.extraction import extract_missing, read_one
from pipelines.layout import DataLayout
from pipelines.office import ConverterMissing
from pipelines.one_document import safe_extract
from pipelines.progress import Step


@pytest.fixture
def layout(tmp_path: Path) -> DataLayout:
    return DataLayout(tmp_path)


def test_only_missing_documents_are_read(layout: DataLayout) -> None:
    store = RawStore(layout.raw)
    first = store.put(b"<html><p>one</p></html>")
    steps: list[Step] = []
    run = extract_missing(layout, [first], workers=1, progress=steps.append)
    assert (run.extracted, run.reused, dict(run.statuses)) == (1, 0, {"not_a_report": 1})
    assert [(step.done, step.total) for step in steps] == [(0, 1), (1, 1)]
    second = store.put(b"<html><p>two</p></html>")
    run = extract_missing(layout, [first, second, first], workers=1)
    assert (run.extracted, run.reused) == (1, 1)


def test_another_version_of_the_extractor_reads_again(layout: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = RawStore(layout.raw).put(b"text")
    extract_missing(layout, [sha256], workers=1)
    monkeypatch.setattr(extraction, "EXTRACTOR_VERSION", "another")
    assert extract_missing(layout, [sha256], workers=1).extracted == 1
    monkeypatch.undo()
    assert extract_missing(layout, [sha256], workers=1).extracted == 0


def test_a_document_missing_from_the_raw_store_is_quarantined_and_tried_again(layout: DataLayout) -> None:
    store = RawStore(layout.raw)
    sha256 = store.put(b"<html><p>here</p></html>")
    path = store.path(sha256)
    kept = path.read_bytes()
    path.unlink()
    assert dict(extract_missing(layout, [sha256], workers=1).statuses) == {"quarantined": 1}
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        assert cache.summary()[sha256][2] == "raw_document_lost"
    store.put(kept)
    run = extract_missing(layout, [sha256], workers=1)
    assert (run.extracted, dict(run.statuses)) == (1, {"not_a_report": 1})


def test_a_damaged_document_is_quarantined(layout: DataLayout) -> None:
    store = RawStore(layout.raw)
    sha256 = store.put(b"good bytes")
    store.path(sha256).chmod(0o644)
    store.path(sha256).write_bytes(b"evil bytes")
    row = read_one(layout.raw, sha256)
    assert (row.status, row.reason_code, row.is_provisional) == ("quarantined", "raw_document_lost", True)


def test_a_defect_of_the_extractor_costs_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(one_document, "extract_with_document", defect)
    found = safe_extract(b"data")
    assert found.reason_code == "extractor_failed"
    assert "ZeroDivisionError: by nothing" in (found.reason or "")


def test_a_missing_converter_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, documents: Path, layout: DataLayout
) -> None:
    waiting = Extraction(ExtractionStatus.QUARANTINED, DocumentFormat.DOC, reason_code="needs_converter", reason="why")
    whole = extract((documents / "linfen-yaodu-xinfang-2020.html").read_bytes())
    monkeypatch.setattr(
        one_document,
        "extract_with_document",
        lambda data, **_: (whole if data == b"converted" else waiting, None),
    )

    def missing(data: bytes, suffix: str) -> bytes:
        raise ConverterMissing("Install it.")

    sha256 = RawStore(layout.raw).put(b"old words")
    monkeypatch.setattr(one_document, "convert_to_docx", missing)
    row = read_one(layout.raw, sha256)
    assert (row.reason_code, row.is_provisional, row.extraction().reason) == ("needs_converter", True, "Install it.")
    monkeypatch.setattr(one_document, "convert_to_docx", lambda data, suffix: b"converted")
    row = read_one(layout.raw, sha256)
    found = row.extraction()
    assert (row.status, row.is_provisional, found.format.value) == ("read", False, "doc")
    assert found.metadata["converter"] == "LibreOffice to DOCX"


def test_what_is_kept_is_what_was_read(layout: DataLayout, documents: Path) -> None:
    data = (documents / "linfen-yaodu-xinfang-2020.html").read_bytes()
    sha256 = RawStore(layout.raw).put(data)
    extract_missing(layout, [sha256], workers=1)
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        assert cache.hashes(year=2020) == [sha256]
        (row,) = cache.of([sha256])
        assert row.extraction() == extract(data)
        assert cache.hashes(year=2021) == []
