"""How much time and memory one document may cost, and the words for a document that wanted more."""

import math
import os
import re
from dataclasses import dataclass

from pipelines.errors import BadInput

__all__ = ["DEFAULT_LIMITS", "DEFAULT_MEMORY", "DEFAULT_SECONDS", "Limits", "memory_of", "worker_count"]

DEFAULT_SECONDS = 600.0
DEFAULT_MEMORY = "2G"
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?", re.I)
_LEAST_MEMORY = 384 << 20
"""Less does not even hold the libraries that read pages."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost before it is given up.

    `seconds` is by the clock. A report on a web page takes milliseconds; a page of a scan takes seconds, and a yearbook
    of a hundred scanned pages some minutes: the default leaves room for that. `memory_bytes` is for the whole worker
    process, of which the libraries take some 150 MB, and a page under character recognition some 400 MB more.
    """

    seconds: float = DEFAULT_SECONDS
    memory_bytes: int = 2 << 30

    def __post_init__(self) -> None:
        """Refuse limits under which nothing can be read."""
        if not (self.seconds > 0 and math.isfinite(self.seconds)):
            raise BadInput(f"A time limit of {self.seconds} seconds makes no sense: give a number above 0.")
        if self.memory_bytes < _LEAST_MEMORY:
            raise BadInput(
                f"{self.memory_bytes >> 20} MB are too little to read any document: give at least "
                f"{_LEAST_MEMORY >> 20}M."
            )

    def sentence(self, code: str, detail: str = "") -> str:
        """Why a document was given up, and the way out."""
        if code == "too_slow":
            return (
                f"Reading this document took longer than {self.seconds:g} seconds and was stopped. If it is a long "
                "scan allow more with --timeout SECONDS, else look at the file: it may be damaged or made to do harm."
            )
        if code == "too_much_memory":
            return (
                f"Reading this document wanted more memory than {self.memory_bytes >> 20} MB and was stopped. Allow "
                "more with --memory SIZE, or look at the file: it may be damaged or made to do harm."
            )
        return (
            f"The process that read this document died twice ({detail or 'no reason is known'}); the next run tries "
            "again. If it happens again, report it as a defect."
        )

    def allow_more_than(self, other: "Limits") -> frozenset[str]:
        """The reason codes of documents that may succeed under these limits and failed under the other ones."""
        codes = {"too_slow"} if self.seconds > other.seconds else set()
        return frozenset(codes | ({"too_much_memory"} if self.memory_bytes > other.memory_bytes else set()))


DEFAULT_LIMITS = Limits()


def memory_of(text: str) -> int:
    """The bytes that a size like 1500M or 2G stands for.

    Raises:
        BadInput: The text is no size.
    """
    match = _MEMORY.fullmatch(text.strip())
    if match is None:
        raise BadInput(f'"{text}" is no size: write it like 1500M or 2G.')
    return int(float(match[1]) * _UNITS[match[2].lower()])


def worker_count() -> int:
    """As many workers as there are processors for this process."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS knows no such thing
        return os.cpu_count() or 1
