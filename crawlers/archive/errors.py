"""What can go wrong with the disk under the archive."""

import errno
from pathlib import Path

__all__ = ["CorruptDocument", "StorageError", "storage_error"]


class StorageError(Exception):
    """The archive cannot be written or read; the sentence names the file and the way out."""


class CorruptDocument(StorageError):
    """Bytes in the raw store that are no longer those that were stored."""


def storage_error(error: OSError, path: Path, doing: str) -> StorageError:
    """An operating-system error as a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        way_out = "the disk is full: free some space and run again; what was finished is kept"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        way_out = "it may not be written: check the owner and permissions of the folder"
    else:
        way_out = f"{error.strerror or error}: check the disk and run again; what was finished is kept"
    return StorageError(f"{path}: {doing} failed, {way_out}")
