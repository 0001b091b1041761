"""How long work reports what it is doing, without knowing who listens: a terminal, a log, a test or nobody."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Progress", "Step", "silent"]


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
