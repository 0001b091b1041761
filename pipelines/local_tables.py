"""`ogi extract`: files in, the two tables `cells` and `reports` out. No store, no registry, no network.

Readings go to a cache as they come, in whatever order; the tables are then written from it in the order of the files.
So memory does not grow with the number of files, the same files give the same bytes, and a stopped run goes on.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from extract.model import ExtractionStatus
from pipelines.errors import BadInput
from pipelines.limits import DEFAULT_LIMITS, Limits
from pipelines.local_cache import ReadingCache, folder_for, key_of
from pipelines.local_files import LocalFile
from pipelines.local_reading import LocalReading, member_files, read_file, unread
from pipelines.one_document import lost
from pipelines.progress import Progress, Step, silent, slowest
from pipelines.table_files import table_file
from pipelines.unpacking import DEEPEST
from pipelines.workers import DocumentLost, Watcher, worker_crew
from transform.schema.tables import EXTRACT_CELLS, EXTRACT_REPORTS

__all__ = ["LocalRun", "extract_files"]

_WORTH_KEEPING = 24
"""Up to so many files are read again sooner than a folder beside the output is worth."""
_HASH_BLOCK = 1 << 20

Listener = Callable[[LocalReading], None]
_Crew = Callable[[Iterable[LocalFile], Watcher | None], Iterator[list[tuple[LocalFile, LocalReading | DocumentLost]]]]


@dataclass
class LocalRun:
    """What a run did: documents by what became of them, and what was written."""

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    cell_count: int = 0
    read_now: int = 0
    reused: int = 0
    kept_in: Path | None = None

    @property
    def document_count(self) -> int:
        """All documents, members of archives included."""
        return self.statuses.total()

    @property
    def report_count(self) -> int:
        """Documents read as reports."""
        return self.statuses[ExtractionStatus.READ.value]


def extract_files(
    files: Sequence[LocalFile],
    out: Path,
    reports: Path | None = None,
    *,
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    is_fresh: bool = False,
    progress: Progress = silent,
    listener: Listener = lambda _: None,
) -> LocalRun:
    """Read files and write their cells, and one row a document. What cannot be used is a row with the reason.

    Args:
        files: The files, in the order in which their rows are to stand.
        out: Where the cells go.
        reports: Where one row a document goes, if anywhere.
        workers: Processes that read; None: one for each processor.
        limits: What one document may cost.
        is_fresh: Read everything again, whatever an earlier run kept.
        progress: Who listens to how far it is.
        listener: Told of every reading, in order, as it is written.
    """
    folder = folder_for(out) if len(files) > _WORTH_KEEPING else None
    with ReadingCache(folder) as cache:
        if is_fresh:
            cache.clear()
        run = _Run(cache, workers, limits, progress)
        run.read(files)
        result = run.write(files, out, reports, listener)
        cache.drop_members()
        result.kept_in = folder
    return result


@dataclass
class _Run:
    """A run under way. Only names and keys of documents are held, never readings."""

    cache: ReadingCache
    workers: int | None
    limits: Limits
    progress: Progress
    keys: dict[str, bytes] = field(default_factory=dict)
    archives: set[str] = field(default_factory=set)
    read_now: int = 0
    reused: int = 0

    def read(self, files: Sequence[LocalFile]) -> None:
        """Read files, then the documents in those that are archives, then those in archives among them."""
        settled = set() if self.cache.is_empty() else self.cache.settled(again=self._again())
        work = partial(read_file, self.cache.raw)
        with worker_crew(work, workers=self.workers, limits=self.limits) as crew:
            for _ in range(DEEPEST + 1):
                missing = [file for file in files if not self._is_settled(file, settled)]
                self._map(crew, missing)
                files = [member for file in files if file.name in self.archives for member in self._members(file)]
                if not files:
                    return

    def write(self, files: Sequence[LocalFile], out: Path, reports: Path | None, listener: Listener) -> LocalRun:
        """Write the tables, in the order of the files."""
        result = LocalRun(read_now=self.read_now, reused=self.reused)
        with ExitStack() as stack:
            cells = stack.enter_context(table_file(out, EXTRACT_CELLS))
            rows = stack.enter_context(table_file(reports, EXTRACT_REPORTS)) if reports is not None else None
            for reading in self._ordered(files):
                cells.add(reading.cell_rows())
                if rows is not None:
                    rows.add(reading.report_row())
                result.statuses[reading.report["status"]] += 1
                if reading.report["reason_code"]:
                    result.reasons[reading.report["reason_code"]] += 1
                listener(reading)
                self.progress(Step("write", result.document_count, len(self.keys)))
            result.cell_count = cells.row_count
        return result

    def _again(self) -> frozenset[str]:
        return self.limits.allow_more_than(DEFAULT_LIMITS)

    def _is_settled(self, file: LocalFile, settled: set[bytes]) -> bool:
        """Whether the cache holds the file's reading; an archive counts only with all that is in it."""
        if not settled:
            return False
        try:
            key = key_of(file, _hash(file))
        except BadInput:
            return False
        if key not in settled:
            return False
        reading = self.cache.get(key)
        for member, stored in zip(
            member_files(self.cache.raw, file, reading), sorted(reading.members, key=lambda m: m.name), strict=True
        ):
            if key_of(member, stored.sha256) not in settled and not member.path.is_file():
                return False
        self._know(file, key, reading)
        self.reused += 1
        return True

    def _map(self, crew: _Crew, files: Sequence[LocalFile]) -> None:
        done = 0
        self.progress(Step("extract", 0, len(files)))
        if not files:
            return

        def watch(running: Sequence[tuple[LocalFile, float]]) -> None:
            if words := slowest([(file.bare_name, seconds) for file, seconds in running]):
                self.progress(Step("extract", done, len(files), words))

        for batch in crew(files, watch):
            self.cache.put(self._keyed(batch))
            done += len(batch)
            self.progress(Step("extract", done, len(files)))
        self.read_now += done

    def _keyed(
        self, batch: Iterable[tuple[LocalFile, LocalReading | DocumentLost]]
    ) -> Iterator[tuple[bytes, LocalReading]]:
        for file, result in batch:
            if isinstance(result, DocumentLost):
                try:
                    data = file.read()
                except BadInput:  # it went while it was read
                    data = b""
                result = unread(file, data, lost(result))
            key = key_of(file, result.report["document_sha256"])
            self._know(file, key, result)
            yield key, result

    def _know(self, file: LocalFile, key: bytes, reading: LocalReading) -> None:
        self.keys[file.name] = key
        if reading.members:
            self.archives.add(file.name)

    def _members(self, file: LocalFile) -> Iterator[LocalFile]:
        return member_files(self.cache.raw, file, self.cache.get(self.keys[file.name]))

    def _ordered(self, files: Iterable[LocalFile]) -> Iterator[LocalReading]:
        """Every reading in the order of the files, the documents in an archive right behind it."""
        for file in files:
            reading = self.cache.get(self.keys[file.name])
            yield reading
            if reading.members:
                yield from self._ordered(member_files(self.cache.raw, file, reading))


def _hash(file: LocalFile) -> str:
    """The SHA-256 of the file, read in pieces.

    Raises:
        BadInput: The file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with file.path.open("rb") as handle:
            while block := handle.read(_HASH_BLOCK):
                digest.update(block)
    except OSError as error:
        raise BadInput(f"{file.path} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()
