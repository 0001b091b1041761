"""Lock files, so that two builds or two crawls on one data folder never interleave. Readers take no lock."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import FolderBusy, disk_errors_named

__all__ = ["hold_lock"]

_POLL_SECONDS = 0.1


@contextmanager
def hold_lock(path: Path, doing: str, *, wait_seconds: float = 0) -> Iterator[int]:
    """Hold the lock file at `path` while the block runs; gives its descriptor, for a child that is to hold it too.

    The kernel drops the lock when the process ends, however it ends, so a killed run leaves nothing to clean up.

    Args:
        path: The lock file; it stays behind, empty of meaning.
        doing: What the holder does, for the message the other side reads: "building tables".
        wait_seconds: How long to wait for the other holder before giving up.

    Raises:
        FolderBusy: Another process holds it; the message names the process.
    """
    with disk_errors_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+", encoding="utf-8")
    with handle:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    handle.seek(0)
                    holder = handle.read().strip() or "unknown"
                    raise FolderBusy(
                        f"Another process is {doing} in {path.parent} (process {holder}). "
                        "Wait until it ends, or end it, and run the same command again."
                    ) from None
                time.sleep(_POLL_SECONDS)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield handle.fileno()
