"""What every family declares: its options, its spider, and how a page of it is recognised.

Belongs here: the shape of a declaration. Does not belong here: any one family (its own module).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crawlers.pages import Page

__all__ = ["Code", "Family", "FamilyOptions", "Recognised", "Recogniser"]

Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class FamilyOptions(BaseModel):
    """What an entry may say about its family; every option is read from the page when left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    max_pages: Annotated[int, Field(ge=1, le=2000)] = 200
    """List pages read at most in one column: a guard against calendars and lists that never end."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A family that a page shows signs of."""

    family: str
    weight: int
    """0 to 100: 90 and more is proof (a script or address that only this family has), 50 a habit shared with others."""
    signs: tuple[str, ...]
    """What was seen, in words for whoever reviews the entry."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the page says and the spider could not read again by itself; empty where the spider needs nothing."""
    index_url: str | None = None
    """The list page, where it is another than the one looked at: the source of an iframe, the target of a stub."""


Recogniser = Callable[[Page], Recognised | None]
"""Pure: a page (address and bytes) to the signs of one family; None where there are none."""


@dataclass(frozen=True, slots=True)
class Family:
    """One content management system: how it is called, which options it takes, which spider collects it."""

    name: str
    title: str
    options: type[FamilyOptions]
    spider: str
    """`module:class`, by text: checking a registry does not load Scrapy."""
    recognise: Recogniser
