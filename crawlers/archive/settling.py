"""Bringing what was written to the disk itself, beside the crawl and not in its way.

Belongs here: when files are synced. Does not belong here: writing them (`raw_store`, `ledger`).

A crawl of many portals writes a hundred documents a second; waiting for the disk after each would cost more than all
else. What is written is in the system's hands at once, a document before its row: the end of the process, kill -9
included, loses nothing of it and leaves no row without its bytes.

A power cut may cost the documents and rows of the last moments (`PAUSE`, or `IDLE` where no document came), and as the
system writes to the disk when it likes, a row may be left whose document is lost or cut. The size of the file tells:
`Known` asks for the address again in the next run, and until then extraction says `raw_document_lost`.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Condition, Thread

from crawlers.archive.errors import storage_error

__all__ = ["Settler", "sync"]

PAUSE = 0.25
"""Seconds that documents are collected for one sync: what a power cut may cost at most, beside the sync itself."""
IDLE = 1.0
"""Seconds after which rows without documents (refusals, what did not change, walks) are synced."""


class Settler:
    """Syncs files and their folders in a thread of its own, and after them the log of the ledger."""

    def __init__(self, last: Path) -> None:
        self._last = last
        self._waiting: list[Path] = []
        self._synced_at: int | None = None
        """When the log was last written, of what is on the disk."""
        self._is_closing = False
        self._changed = Condition()
        self.error: OSError | None = None
        """Why a sync failed: whoever writes next must say so."""
        self._thread = Thread(target=self._work, name="settler", daemon=True)
        self._thread.start()

    def note(self, files: Iterable[Path]) -> None:
        """Have files or folders synced soon."""
        with self._changed:
            self._waiting.extend(files)
            self._changed.notify()

    def close(self) -> None:
        """Sync what is left, rows without documents included, and end.

        Raises:
            StorageError: what was written could not be brought to the disk.
        """
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()
        if self.error is not None:
            raise storage_error(self.error, self._last, "bringing documents and rows to the disk")

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._is_closing:
                    self._changed.wait(IDLE)
                if self._waiting and not self._is_closing:
                    self._changed.wait(PAUSE)
                files, self._waiting = self._waiting, []
                is_last = self._is_closing
            try:
                self._sync(files, is_last=is_last)
            except OSError as error:
                self.error = self.error or error
            if is_last:
                return

    def _sync(self, files: Iterable[Path], *, is_last: bool) -> None:
        for path in dict.fromkeys(files):
            sync(path)
        written_at = self._last.stat().st_mtime_ns if self._last.exists() else 0
        # The clock of a file system is coarse: the end does not trust it.
        if written_at != self._synced_at or is_last:
            sync(self._last)
            self._synced_at = written_at


def sync(path: Path) -> None:
    """Bring a file's bytes, or a folder's names, to the disk. A file that is no longer there needs none."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
