"""A way through a column of a portal, and what a list page on it holds.

Belongs here: the two records. Does not belong here: going the way (`base`), reading a list (the family's spider).
"""

from dataclasses import dataclass, field
from typing import Any

from crawlers.pages import Link
from crawlers.registry import Portal

__all__ = ["Listing", "Walk"]


@dataclass(slots=True)
class Walk:
    """A way through one column of a portal."""

    portal: Portal
    url: str
    name: str
    is_root: bool = True
    pages: int = 0
    met: set[str] = field(default_factory=set)
    """Rows met in this column, by identity: a page without new ones is the end of the list."""
    state: Any = None
    """What the family remembers between two pages."""
    depth: int = 0
    """Lists above it that were found behind a row of a list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page holds."""

    rows: tuple[Link, ...]
    columns: tuple[Link, ...] = ()
    """Columns below this one, which are walked too."""
    note: str | None = None
    """What the ledger should say about the page."""
    is_list: bool = True
    """Whether the family's list is there at all."""
    shell: bool = False
    """The page is the family's and holds no rows itself: they are asked for next."""
