"""The crawl, saying on request what of its memory is in use: `python -m benchmarks.crawl_live` in place of the crawl's.

Belongs here: that report. Does not belong here: what is measured with it (`crawl`).

Resident memory never shrinks to what is in use: freed blocks stay with the allocator between others that are not. On
SIGUSR1 one line goes to the file that OGI_LIVE names: bytes in use of the C library's allocator, bytes that it holds,
and the number of Python's own small blocks in use.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Any

from crawlers.crawl import main

__all__ = ["LIVE_VARIABLE", "live"]

LIVE_VARIABLE = "OGI_LIVE"
FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _MallInfo(ctypes.Structure):
    """As mallinfo2(3) fills it."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS]


def live() -> tuple[int, int, int]:
    """Bytes in use, bytes held, and Python's small blocks in use, of this process."""
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = _MallInfo
    info: Any = mallinfo()
    return info.uordblks + info.hblkhd, info.arena + info.hblkhd, sys.getallocatedblocks()


def _say(*_: object) -> None:
    target = Path(os.environ[LIVE_VARIABLE])
    part = target.with_suffix(".part")
    part.write_text(" ".join(map(str, live())), "utf-8")
    part.replace(target)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _say)
    sys.exit(main())
