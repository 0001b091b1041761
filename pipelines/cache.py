"""What was read from each document, kept under the document's SHA-256 and the extractor's version.

A parser upgrade changes the version, so it reads again what it affects and nothing else. The file may be deleted at any
time: it can be made again from the raw store.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from extract.model import Extraction
from pipelines.errors import disk_errors_named
from pipelines.packed import PACKING, unpack

__all__ = ["CachedExtraction", "ExtractionCache", "stored_version"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS extractions (
    sha256 TEXT NOT NULL,
    extractor_version TEXT NOT NULL,
    status TEXT NOT NULL,
    report_year INTEGER,
    reason_code TEXT,
    is_provisional INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (sha256, extractor_version)
);
CREATE INDEX IF NOT EXISTS extractions_by_year ON extractions (extractor_version, report_year, sha256);
"""
_COLUMNS = "sha256, status, report_year, reason_code, payload, is_provisional"
_ASKED_AT_ONCE = 500


def stored_version(version: str) -> str:
    """What the rows of an extractor version bear: it names the form of the bytes too."""
    return f"{version}/{PACKING}"


@dataclass(frozen=True, slots=True)
class CachedExtraction:
    """One row of the cache. `is_provisional` marks what may go better the next time, such as a crashed worker."""

    sha256: str
    status: str
    report_year: int | None
    reason_code: str | None
    payload: bytes
    is_provisional: bool = False

    def extraction(self) -> Extraction:
        """The extraction itself."""
        return unpack(self.payload)


class ExtractionCache:
    """The cache file, seen for one extractor version."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = stored_version(version)
        with disk_errors_named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=30)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        """The cache, open."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Close the file."""
        self._connection.close()

    def settled(self, *, again: Collection[str] = ()) -> set[str]:
        """The documents that need no reading: read by this version, for good, and not for a reason in `again`."""
        rows = self._connection.execute(
            "SELECT sha256, reason_code FROM extractions WHERE extractor_version = ? AND NOT is_provisional",
            (self._version,),
        )
        return {sha256 for sha256, reason in rows if reason not in again}

    def put(self, rows: Iterable[CachedExtraction]) -> None:
        """Keep some extractions, all or none of them."""
        with disk_errors_named(self._path), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO extractions VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        row.sha256,
                        self._version,
                        row.status,
                        row.report_year,
                        row.reason_code,
                        row.is_provisional,
                        row.payload,
                    )
                    for row in rows
                ],
            )

    def summary(self) -> dict[str, tuple[str, int | None, str | None]]:
        """Status, report year and reason code of every document, without opening a single extraction."""
        rows = self._connection.execute(
            "SELECT sha256, status, report_year, reason_code FROM extractions "
            "WHERE extractor_version = ? ORDER BY sha256",
            (self._version,),
        )
        return {sha256: (status, year, reason) for sha256, status, year, reason in rows}

    def hashes(self, *, year: int | None = None, everything: bool = False) -> list[str]:
        """The documents in order of SHA-256: all of them, or those of one report year (None: those without a year)."""
        condition = "" if everything else " AND report_year IS ?"
        parameters = (self._version,) if everything else (self._version, year)
        rows = self._connection.execute(
            f"SELECT sha256 FROM extractions WHERE extractor_version = ?{condition} ORDER BY sha256", parameters
        )
        return [sha256 for (sha256,) in rows]

    def of(self, sha256s: Iterable[str]) -> Iterator[CachedExtraction]:
        """The extractions of these documents, in order of SHA-256; those that the cache does not hold are left out."""
        wanted = iter(sorted(set(sha256s)))
        while some := list(islice(wanted, _ASKED_AT_ONCE)):
            marks = ",".join("?" * len(some))
            cursor = self._connection.execute(
                f"SELECT {_COLUMNS} FROM extractions WHERE extractor_version = ? AND sha256 IN ({marks}) "
                "ORDER BY sha256",
                (self._version, *some),
            )
            for sha256, status, report_year, reason_code, payload, is_provisional in cursor:
                yield CachedExtraction(sha256, status, report_year, reason_code, payload, bool(is_provisional))
