"""The failures this package can name. Each is one sentence for the reader: what, where, and the way out."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "BadInput",
    "ConservationBroken",
    "CrawlBroken",
    "DiskFull",
    "FolderBusy",
    "OldTable",
    "PipelineError",
    "disk_errors_named",
]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class PipelineError(Exception):
    """Something went wrong that a sentence can explain; the command line prints the sentence and ends with code 1."""


class BadInput(PipelineError):
    """What the caller asked for does not exist or does not make sense."""


class OldTable(BadInput):
    """A table on disk was written under an older declaration; building it again is the way out."""


class DiskFull(PipelineError):
    """Nothing more can be written; what stood before still stands."""


class FolderBusy(PipelineError):
    """Another process holds the lock of the folder."""


class CrawlBroken(PipelineError):
    """The crawl itself broke. A portal that is down is no such thing: that is a row of the ledger."""


class ConservationBroken(PipelineError):
    """Counts in and counts out differ: something was lost or made up on the way, so the output is withheld."""


@contextmanager
def disk_errors_named(path: Path) -> Iterator[None]:
    """Turn the failures of a full or forbidden disk into a sentence that names `path` and the way out."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                f"No space left to write {path}: nothing was changed there and the old content stays readable. "
                "Free some space and run the same command again."
            ) from error
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            raise BadInput(
                f"{path} may not be written ({error.strerror}). Choose another folder with --data DIR."
            ) from error
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise DiskFull(
                f"No space left to write {path}: what was stored before stays readable. "
                "Free some space and run the same command again."
            ) from error
        if "readonly" in str(error) or "unable to open" in str(error):
            raise BadInput(
                f"{path} cannot be opened for writing ({error}). Choose another folder with --data DIR."
            ) from error
        raise
