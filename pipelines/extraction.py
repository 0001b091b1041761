"""Read the documents of the raw store that the present extractor has not read yet."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from crawlers.archive.raw_store import CorruptDocument, RawStore
from extract.api import EXTRACTOR_VERSION
from extract.model import DocumentFormat, Extraction
from pipelines.cache import CachedExtraction, ExtractionCache
from pipelines.layout import DataLayout
from pipelines.limits import DEFAULT_LIMITS, Limits
from pipelines.one_document import TRY_AGAIN_CODES, lost, quarantined, safe_extract
from pipelines.packed import pack
from pipelines.progress import Progress, Step, silent, slowest
from pipelines.sources import Archive
from pipelines.unpacking import ARCHIVE_CODE, NESTED_CODE, NESTED_SENTENCE, unpack_archives
from pipelines.workers import DocumentLost, map_documents

__all__ = ["ExtractionRun", "extract_missing", "read_archive", "read_one"]


@dataclass(frozen=True, slots=True)
class ExtractionRun:
    """What one pass over the raw store did."""

    extracted: int
    """Documents read in this pass."""
    reused: int
    """Documents whose extraction was there already."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Documents by what became of them, over both kinds."""
    unpacked: int = 0
    """Members of archives that are new to the ledger."""


def read_one(raw: Path, sha256: str) -> CachedExtraction:
    """Read one document of the raw store. Runs in a worker process.

    Only the bytes are given: the same bytes may stand under many addresses, and the cache is kept by the bytes.
    """
    try:
        data = RawStore(raw).get(sha256)
    except (KeyError, CorruptDocument) as error:
        why = "is not there" if isinstance(error, KeyError) else "no longer holds the bytes that were stored"
        gone = quarantined(
            "raw_document_lost",
            f"The ledger names this document, but its file in the raw store {why}: restore it from a copy or fetch it "
            "again.",
        )
        return _row(sha256, gone)
    return _row(sha256, safe_extract(data))


def read_archive(
    layout: DataLayout,
    *,
    workers: int | None = None,
    progress: Progress = silent,
    limits: Limits = DEFAULT_LIMITS,
    archive: Archive | None = None,
) -> ExtractionRun:
    """Read what the archive holds and the present extractor has not read, the members of stored archives included.

    `archive`: the archive as it stands, where it was looked at already; out of date once members were `unpacked`.
    """
    extracted = unpacked = 0
    known: dict[str, None] = {}
    recorded = 1
    while recorded:
        collected = archive or Archive(layout)
        new = [sha256 for sha256 in collected.hashes if sha256 not in known]
        extracted += extract_missing(layout, new, workers=workers, progress=progress, limits=limits).extracted
        known |= dict.fromkeys(new)
        recorded = _unpack(layout, known, workers, limits)
        unpacked, archive = unpacked + recorded, None  # what it held is out of date
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        summary = cache.summary()
    statuses = Counter(summary[sha256][0] for sha256 in known)
    return ExtractionRun(extracted, len(known) - extracted, statuses, unpacked)


def _unpack(layout: DataLayout, documents: Iterable[str], workers: int | None, limits: Limits) -> int:
    """Record the members of the archives among `documents`; gives how many are new to the ledger."""
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        summary = cache.summary()
        archives = [sha256 for sha256 in documents if summary[sha256][2] == ARCHIVE_CODE]
        if not archives:
            return 0
        recorded, deep = unpack_archives(layout, archives, limits=limits, workers=workers)
        cache.put(_row(sha256, quarantined(NESTED_CODE, NESTED_SENTENCE, DocumentFormat.ZIP)) for sha256 in deep)
    return recorded


def extract_missing(
    layout: DataLayout,
    documents: Iterable[str],
    *,
    workers: int | None = None,
    progress: Progress = silent,
    limits: Limits = DEFAULT_LIMITS,
) -> ExtractionRun:
    """Bring the cache up to date for `documents` (SHA-256s); a killed run loses at most the batches under way."""
    wanted = sorted(set(documents))
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        settled = cache.settled(again=limits.allow_more_than(DEFAULT_LIMITS))
        missing = [sha256 for sha256 in wanted if sha256 not in settled]
        progress(Step("extract", 0, len(missing)))
        if missing:
            done = 0

            def watch(running: Sequence[tuple[str, float]]) -> None:
                if words := slowest(running):
                    progress(Step("extract", done, len(missing), words))

            batches = map_documents(
                partial(read_one, layout.raw), missing, workers=workers, limits=limits, watcher=watch
            )
            for batch in batches:
                cache.put(
                    _row(sha256, lost(result)) if isinstance(result, DocumentLost) else result
                    for sha256, result in batch
                )
                done += len(batch)
                progress(Step("extract", done, len(missing)))
        summary = cache.summary()
    statuses = Counter(summary[sha256][0] for sha256 in wanted)
    return ExtractionRun(extracted=len(missing), reused=len(wanted) - len(missing), statuses=statuses)


def _row(sha256: str, extraction: Extraction) -> CachedExtraction:
    return CachedExtraction(
        sha256=sha256,
        status=extraction.status.value,
        report_year=extraction.report.report_year if extraction.report else None,
        reason_code=extraction.reason_code,
        payload=pack(extraction),
        is_provisional=extraction.reason_code in TRY_AGAIN_CODES,
    )
