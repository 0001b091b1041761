"""Bytes named by their SHA-256, each in a file that is written once and never changed.

Belongs here: putting, getting and listing bytes. Does not belong here: where they came from, which the ledger says.

A document appears under its name only when it is whole: the bytes go to a temporary file in the same folder, reach the
disk, and are then renamed. A crash leaves at most a temporary file, which nobody reads and `sweep` removes. A store
with a settler does not wait for the disk (`settling`).
"""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crawlers.archive.errors import CorruptDocument, storage_error
from crawlers.archive.settling import Settler, sync

__all__ = ["CorruptDocument", "RawStore"]

NAME = re.compile(r"[0-9a-f]{64}")
EMPTY = hashlib.sha256(b"").hexdigest()
TEMPORARY_PREFIX = ".part-"


class RawStore:
    """A folder of documents: `<root>/<first two digits>/<sha256>`."""

    def __init__(self, root: Path, settler: Settler | None = None) -> None:
        self.root = Path(root)
        self._settler = settler

    def path(self, sha256: str) -> Path:
        """Where a document of that hash stands, or would stand."""
        if not NAME.fullmatch(sha256):
            raise ValueError(f'"{sha256}" is not a SHA-256: give 64 hexadecimal digits in small letters')
        return self.root / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        """Store bytes and give their SHA-256. Storing the same bytes again changes nothing.

        Raises:
            StorageError: the disk is full or may not be written; nothing stands under the final name then.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        final = self.path(sha256)
        try:
            # Compared, so that a document that a failing disk or a power cut damaged is repaired by fetching it again.
            if final.stat().st_size == len(data) and final.read_bytes() == data:
                return sha256
        except FileNotFoundError:
            pass
        except OSError as error:
            raise storage_error(error, final, "storing a document") from error
        try:
            self._write(data, final)
        except OSError as error:
            raise storage_error(error, final, "storing a document") from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that hash, checked against it.

        Raises:
            KeyError: the store holds no such document.
            CorruptDocument: the file no longer holds what was stored.
        """
        path = self.path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None
        except OSError as error:
            raise storage_error(error, path, "reading a document") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise CorruptDocument(
                f"{path}: the file no longer holds the bytes that were stored ({len(data)} bytes, wrong SHA-256): "
                "delete it and collect or add the document again"
            )
        return data

    def has(self, sha256: str, byte_count: int | None = None) -> bool:
        """Whether a document of that hash is stored, and of that size where it is known.

        A name without bytes, or with some of them, is what a power cut leaves.
        """
        try:
            size = self.path(sha256).stat().st_size
        except OSError:
            return False
        return (size > 0 or sha256 == EMPTY) and byte_count in (None, size)

    def __contains__(self, sha256: str) -> bool:
        """Whether a document of that hash is stored."""
        return self.has(sha256)

    def iter_hashes(self) -> Iterator[str]:
        """All documents, in order of their hash; temporary files are no documents."""
        if not self.root.is_dir():
            return
        for folder in sorted(path for path in self.root.iterdir() if path.is_dir() and len(path.name) == 2):
            names = (path.name for path in folder.iterdir())
            yield from sorted(name for name in names if NAME.fullmatch(name) and name.startswith(folder.name))

    def set_aside(self, sha256: str) -> None:
        """Take a damaged document out of the way, so that the bytes can be stored again; the file is kept beside."""
        path = self.path(sha256)
        try:
            path.replace(path.with_name(f"{sha256}.corrupt"))
        except FileNotFoundError:
            return
        except OSError as error:
            raise storage_error(error, path, "setting a damaged document aside") from error

    def sweep(self, older_than_seconds: float = 86400.0) -> int:
        """Remove temporary files that a killed run left behind; gives their number.

        Young ones stay: another process may be writing them.
        """
        removed = 0
        for path in self.root.glob(f"??/{TEMPORARY_PREFIX}*") if self.root.is_dir() else ():
            with suppress(FileNotFoundError):  # another process swept it
                if time.time() - path.stat().st_mtime >= older_than_seconds:
                    path.unlink()
                    removed += 1
        return removed

    def _write(self, data: bytes, final: Path) -> None:
        folder = final.parent
        new_folder = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=folder)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                if self._settler is None:
                    os.fsync(file.fileno())
            temporary.chmod(0o444)  # a document is never edited
            temporary.replace(final)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        # A rename survives a power cut when the folder is on the disk.
        folders = [folder, self.root] if new_folder else [folder]
        if self._settler is None:
            for each in folders:
                sync(each)
            return
        self._settler.note([final, *folders])
        if self._settler.error is not None:
            raise self._settler.error
