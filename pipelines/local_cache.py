"""What a run of `ogi extract` has read so far, beside its output: a run that was stopped goes on where it was.

The folder `.<name of the output>.readings` may be deleted at any time. A reading is kept under the SHA-256 of its
bytes, the name and address it was read under (they are evidence for body and region), and the version of the sources.
"""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import transform
from extract.api import EXTRACTOR_VERSION
from pipelines import local_reading
from pipelines.errors import disk_errors_named
from pipelines.local_files import LocalFile
from pipelines.local_reading import LocalReading

__all__ = ["ReadingCache", "folder_for", "key_of"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (
    key BLOB NOT NULL,
    version TEXT NOT NULL,
    reason_code TEXT,
    is_provisional INTEGER NOT NULL,
    facts BLOB NOT NULL,
    cells BLOB NOT NULL,
    PRIMARY KEY (key, version)
) WITHOUT ROWID;
"""


def folder_for(out: Path) -> Path:
    """Where the readings behind an output are kept."""
    return out.with_name(f".{out.name}.readings")


def key_of(file: LocalFile, sha256: str) -> bytes:
    """What a reading is kept under."""
    return hashlib.sha256("\0".join((sha256, file.name, file.url or "", str(file.depth))).encode()).digest()


def _version() -> str:
    """Of everything that decides what stands in a reading."""
    digest = hashlib.sha256(EXTRACTOR_VERSION.encode())
    root = Path(transform.__file__).parent
    sources = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    for path in (*sources, Path(local_reading.__file__)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class ReadingCache:
    """Readings by key, and a raw store for the members of archives while they are read."""

    def __init__(self, folder: Path | None) -> None:
        """Open the folder, or a passing one if none is named."""
        self._passing = Path(tempfile.mkdtemp(prefix="ogi-")) if folder is None else None
        self.folder = folder or self._passing or Path()
        with disk_errors_named(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self.folder / "readings.sqlite", timeout=30)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)
        self._version = _version() if folder is not None else ""
        # Readings of another version are never asked for again.
        with self._connection:
            self._connection.execute("DELETE FROM readings WHERE version <> ?", (self._version,))

    def __enter__(self) -> Self:
        """The cache, open."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Close it; a passing one goes."""
        self._connection.close()
        if self._passing is not None:
            shutil.rmtree(self._passing, ignore_errors=True)

    @property
    def raw(self) -> Path:
        """The raw store of members."""
        return self.folder / "members"

    def is_empty(self) -> bool:
        """Whether nothing was ever read."""
        return self._connection.execute("SELECT 1 FROM readings LIMIT 1").fetchone() is None

    def clear(self) -> None:
        """Forget all readings."""
        with self._connection:
            self._connection.execute("DELETE FROM readings")

    def settled(self, *, again: Collection[str] = ()) -> set[bytes]:
        """The keys of readings that need not be made again: not provisional, and not for a reason in `again`."""
        rows = self._connection.execute("SELECT key, reason_code FROM readings WHERE NOT is_provisional")
        return {key for key, reason in rows if reason not in again}

    def put(self, readings: Iterable[tuple[bytes, LocalReading]]) -> None:
        """Keep some readings, all or none of them."""
        with disk_errors_named(self.folder), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        key,
                        self._version,
                        reading.report["reason_code"],
                        reading.is_provisional,
                        reading.facts(),
                        reading.cells,
                    )
                    for key, reading in readings
                ],
            )

    def get(self, key: bytes) -> LocalReading:
        """The reading under a key that was put; KeyError if it was not."""
        row = self._connection.execute("SELECT facts, cells FROM readings WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return LocalReading.from_facts(*row)

    def drop_members(self) -> None:
        """The members of archives are read: their bytes are in the archives."""
        shutil.rmtree(self.raw, ignore_errors=True)
