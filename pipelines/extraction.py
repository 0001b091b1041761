"""Read the documents of the raw store that the present extractor has not read yet."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from crawlers.archive.raw_store import CorruptDocument, RawStore
from extract.api import EXTRACTOR_VERSION, extract, to_json
from extract.model import DocumentFormat, Extraction, ExtractionStatus
from pipelines.cache import CachedExtraction, ExtractionCache, compress
from pipelines.layout import DataLayout
from pipelines.progress import Progress, Step, silent
from pipelines.workers import LIMIT_SECONDS, DocumentLost, map_documents, worker_count

__all__ = ["ExtractionRun", "extract_missing", "read_one", "safe_extract", "worker_crashed"]


@dataclass(frozen=True, slots=True)
class ExtractionRun:
    """What one pass over the raw store did."""

    extracted: int
    """Documents read in this pass."""
    reused: int
    """Documents whose extraction was there already."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Documents by what became of them, over both kinds."""


def worker_crashed(seconds: int = LIMIT_SECONDS) -> Extraction:
    """The outcome for a document that killed its worker."""
    return _quarantined(
        "worker_crashed",
        f"The process that read this document died or took longer than {seconds} seconds; the next build tries again.",
    )


def safe_extract(data: bytes, *, url: str | None = None, name: str | None = None) -> Extraction:
    """Like `extract`, but a defect of ours costs this document alone: it waits in quarantine under its error."""
    try:
        return extract(data, url=url, name=name)
    except Exception as error:  # the border between one document and all others
        words = " ".join(str(error).split())[:300]
        return _quarantined(
            "extractor_failed",
            f"The extractor failed on this document ({type(error).__name__}: {words}): report it as a defect.",
        )


def _quarantined(code: str, sentence: str) -> Extraction:
    return Extraction(
        status=ExtractionStatus.QUARANTINED, format=DocumentFormat.UNKNOWN, reason_code=code, reason=sentence
    )


def read_one(raw: Path, sha256: str) -> CachedExtraction:
    """Read one document of the raw store. Runs in a worker process.

    Only the bytes are given: the same bytes may stand under many addresses, and the cache is kept by the bytes.
    """
    try:
        data = RawStore(raw).get(sha256)
    except (KeyError, CorruptDocument) as error:
        why = "is not there" if isinstance(error, KeyError) else "no longer holds the bytes that were stored"
        lost = _quarantined(
            "raw_document_lost",
            f"The ledger names this document, but its file in the raw store {why}: restore it from a copy or fetch it "
            "again.",
        )
        return _row(sha256, lost, provisional=True)
    return _row(sha256, safe_extract(data))


def extract_missing(
    layout: DataLayout,
    documents: Iterable[str],
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> ExtractionRun:
    """Bring the cache up to date for `documents` (SHA-256s); a killed run loses at most the batches under way."""
    wanted = sorted(set(documents))
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        settled = cache.settled()
        missing = [sha256 for sha256 in wanted if sha256 not in settled]
        progress(Step("extract", 0, len(missing)))
        if missing:
            # A spawned worker takes half a second to start: no more of them than there is work for.
            count = min(workers or worker_count(), -(-len(missing) // 4))
            done = 0
            for batch in map_documents(partial(read_one, layout.raw), missing, workers=count):
                cache.put(
                    _row(sha256, worker_crashed(), provisional=True) if isinstance(result, DocumentLost) else result
                    for sha256, result in batch
                )
                done += len(batch)
                progress(Step("extract", done, len(missing)))
        summary = cache.summary()
    statuses = Counter(summary[sha256][0] for sha256 in wanted)
    return ExtractionRun(extracted=len(missing), reused=len(wanted) - len(missing), statuses=statuses)


def _row(sha256: str, extraction: Extraction, *, provisional: bool = False) -> CachedExtraction:
    return CachedExtraction(
        sha256=sha256,
        status=extraction.status.value,
        report_year=extraction.report.report_year if extraction.report else None,
        reason_code=extraction.reason_code,
        payload=compress(to_json(extraction)),
        is_provisional=provisional,
    )
