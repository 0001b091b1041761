"""How long work reports what it is doing, without knowing who listens: a terminal, a log, a test or nobody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Progress", "Step", "silent", "slowest"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: the stage, how far it is, and a few words. `total` is None while nobody knows it."""

    stage: str
    done: int = 0
    total: int | None = None
    detail: str = ""


Progress = Callable[[Step], None]


def silent(_: Step) -> None:
    """Listen to nothing."""


_SLOW_SECONDS = 5


def slowest(running: Sequence[tuple[object, float]]) -> str:
    """The document that has been read for longest, in a few words; nothing while none takes long."""
    if not running:
        return ""
    document, seconds = max(running, key=lambda pair: pair[1])
    return f"{seconds:.0f} s: {document}" if seconds >= _SLOW_SECONDS else ""
