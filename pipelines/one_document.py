"""One document, whatever it is and whatever happens: an extraction. Runs in worker processes.

Belongs here: what needs the machine beyond the bytes (a converter, an unpacker), and the border that turns any failure
into a reason. Does not belong here: where documents come from and where readings go.
"""

from dataclasses import replace

from extract.api import extract_with_document
from extract.model import Document, DocumentFormat, Extraction, ExtractionStatus, Unreadable
from extract.readers import ARCHIVES
from extract.sniff import sniff_format
from pipelines.office import ConversionFailed, ConverterMissing, convert_to_docx
from pipelines.unpacking import ARCHIVE_CODE, NESTED_CODE, unpacked
from pipelines.workers import DocumentLost

__all__ = ["TRY_AGAIN_CODES", "lost", "quarantined", "safe_extract", "safe_extract_with_document"]

_NEEDS_CONVERTER = "needs_converter"

TRY_AGAIN_CODES = frozenset({_NEEDS_CONVERTER, "tool_missing", "worker_crashed", "raw_document_lost", NESTED_CODE})
"""Reasons that the machine may no longer have the next time: such an outcome is never final."""

_SUFFIXES = {DocumentFormat.DOC: ".doc", DocumentFormat.RTF: ".rtf"}


def safe_extract(data: bytes, *, url: str | None = None, name: str | None = None, converts: bool = True) -> Extraction:
    """Like `extract`, with the tools of the machine; a defect of ours costs this document alone.

    An archive is no report: its members are documents of their own, and the reason counts them. What our own readers
    cannot open is converted first, unless `converts` is False.

    Raises:
        MemoryError: There is not enough memory. The worker gives the document up.
    """
    return safe_extract_with_document(data, url=url, name=name, converts=converts)[0]


def safe_extract_with_document(
    data: bytes, *, url: str | None = None, name: str | None = None, converts: bool = True
) -> tuple[Extraction, Document | None]:
    """Like `safe_extract`, with the blocks read, of the converted file if it had to be; None where there are none."""
    try:
        if sniff_format(data) in ARCHIVES:
            return _archive(data), None
        extraction, document = extract_with_document(data, url=url, name=name)
        if converts and extraction.reason_code == _NEEDS_CONVERTER:
            return _converted(data, extraction, url, name)
    except MemoryError:
        raise
    except Exception as error:  # the border between one document and all others
        words = " ".join(str(error).split())[:300]
        sentence = f"The extractor failed on this document ({type(error).__name__}: {words}): report it as a defect."
        return quarantined("extractor_failed", sentence), None
    return extraction, document


def quarantined(code: str, sentence: str, kind: DocumentFormat = DocumentFormat.UNKNOWN) -> Extraction:
    """The outcome for a document that cannot be used."""
    return Extraction(ExtractionStatus.QUARANTINED, kind, reason_code=code, reason=sentence)


def lost(error: DocumentLost) -> Extraction:
    """The outcome for a document that was given up."""
    return quarantined(error.code, str(error))


def _archive(data: bytes) -> Extraction:
    kind = sniff_format(data)
    try:
        members = unpacked(data)
    except Unreadable as unreadable:
        return quarantined(unreadable.code, str(unreadable), kind)
    count = len(members)
    held = f"{count} {'file' if count == 1 else 'files'}"
    return Extraction(
        ExtractionStatus.NOT_A_REPORT,
        kind,
        reason_code=ARCHIVE_CODE,
        reason=f"An archive of {held}: each is a document of its own.",
    )


def _converted(
    data: bytes, waiting: Extraction, url: str | None, name: str | None
) -> tuple[Extraction, Document | None]:
    """What stands in a document once the converter of the machine has made one of it that we read."""
    try:
        docx = convert_to_docx(data, _SUFFIXES.get(waiting.format, ".doc"))
    except ConverterMissing as missing:
        return replace(waiting, reason=str(missing)), None
    except ConversionFailed as failed:
        return replace(waiting, reason_code="conversion_failed", reason=str(failed)), None
    extraction, document = extract_with_document(docx, url=url, name=name)
    metadata = {**extraction.metadata, "converter": "LibreOffice to DOCX"}
    return replace(extraction, format=waiting.format, metadata=metadata), document
