"""Bringing what was written to the disk itself, beside the crawl and not in its way.

Belongs here: when files are synced. Does not belong here: writing them (`raw_store`, `ledger`).

A crawl of many portals writes a hundred documents a second; waiting for the disk after each would cost more than all
else. What is written is in the system's hands at once: the end of the process, kill -9 included, loses nothing of it.
Only a power cut can, and then the documents and rows of the last moments, documents first: `Known` asks again for what
the ledger knows and the store does not hold whole.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Condition, Thread

from crawlers.archive.errors import storage_error

__all__ = ["Settler", "sync"]

PAUSE = 0.25
"""Seconds that writes are collected for one sync: what a power cut may cost at most, beside the sync itself."""


class Settler:
    """Syncs files and their folders in a thread of its own, and after them the log of the ledger."""

    def __init__(self, last: Path) -> None:
        self._last = last
        self._waiting: list[Path] = []
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
        """Sync what is left, and end.

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
                while not self._waiting and not self._is_closing:
                    self._changed.wait()
                if not self._is_closing:
                    self._changed.wait(PAUSE)
                files, self._waiting = self._waiting, []
                if not files and self._is_closing:
                    return
            try:
                for path in dict.fromkeys(files):
                    sync(path)
                sync(self._last)
            except OSError as error:
                self.error = self.error or error


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
