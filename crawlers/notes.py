"""What a run remembers until it ends, by key, on disk: its memory stays flat however many pages it meets.

Belongs here: keys, and a short text under each. Does not belong here: what outlives the run (`archive.ledger`), and
what a key means (`collection`, `known`, `impostors`).

The notes stand in a file without a name (in SQLITE_TMPDIR, else /var/tmp) that is gone with the process, kill -9
included: a run that goes on learns from the ledger. A part of it, the same for runs of every length, is held in memory.
"""

import sqlite3
from hashlib import blake2b
from typing import Any

from crawlers.archive.errors import StorageError

__all__ = ["KeySet", "Notes"]

CACHE_KIBIBYTES = 1024
BETWEEN = "\x1f"
"""Stands between the parts of a key; in no address and no name."""


class Notes:
    """Keys of several parts (what, of whom, which), each with a text or without."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        self._connection.execute("CREATE TABLE notes (key BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID")

    def add(self, *key: str) -> bool:
        """Note a key; whether it is new."""
        return self._run("INSERT OR IGNORE INTO notes VALUES (?, '')", _digest(key)).rowcount > 0

    def put(self, *key: str, text: str) -> None:
        """Note a text under a key; it takes the place of an earlier one."""
        self._run("INSERT OR REPLACE INTO notes VALUES (?, ?)", _digest(key), text)

    def first(self, *key: str, text: str) -> str:
        """The text that was noted first under a key: this one, where there was none."""
        if self._run("INSERT OR IGNORE INTO notes VALUES (?, ?)", _digest(key), text).rowcount > 0:
            return text
        return self.get(*key) or ""

    def get(self, *key: str) -> str | None:
        """The text under a key; None where the key was not noted."""
        found = self._run("SELECT text FROM notes WHERE key = ?", _digest(key)).fetchone()
        return None if found is None else str(found[0])

    def has(self, *key: str) -> bool:
        """Whether a key was noted."""
        return self.get(*key) is not None

    def _run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            sentence = f"the notes of the run cannot be kept ({error}): free some space in /var/tmp and run again"
            raise StorageError(f"{sentence}; what was finished is kept") from error


class KeySet:
    """A set of texts in the notes. It can be asked and added to, and does not give its texts back."""

    def __init__(self, notes: Notes, *name: str) -> None:
        self._notes, self._name = notes, name
        self._count = 0

    def add(self, text: str) -> None:
        """Add a text."""
        self._count += self._notes.add(*self._name, text)

    def __contains__(self, text: object) -> bool:
        """Whether a text was added."""
        return isinstance(text, str) and self._notes.has(*self._name, text)

    def __len__(self) -> int:
        """How many different texts were added."""
        return self._count


def _digest(key: tuple[str, ...]) -> bytes:
    """The key in few bytes: two of ten million keys that share a digest are rarer than a disk that errs."""
    return blake2b(BETWEEN.join(key).encode("utf-8", "surrogatepass"), digest_size=16).digest()
