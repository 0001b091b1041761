"""The families of content management systems that a registry entry may name.

Belongs here: name, options and spider of each family, declared once. Does not belong here: how a family works, which is
its spider's matter. The spider is named by text so that checking a registry does not load Scrapy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from crawlers.spiders.base import PortalSpider

__all__ = ["FAMILIES", "Family", "FamilyOptions", "HanwebOptions", "StaticPagedOptions", "load_spider"]

Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class FamilyOptions(BaseModel):
    """What an entry may say about its family; every option is read from the page when left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    max_pages: Annotated[int, Field(ge=1, le=2000)] = 200
    """List pages read at most in one column: a guard against calendars and lists that never end."""


class StaticPagedOptions(FamilyOptions):
    """Static pages with `createPageHTML`."""

    page_offset: Literal[0, 1] | None = None
    """0: the second page is `index_1`; 1: it is `index_2`. Left out: both are tried."""

    sub_columns: bool = True
    """Whether columns below this one (years, bodies) are read too."""


class HanwebOptions(FamilyOptions):
    """Hanweb `jpage` lists."""

    column_id: Code | None = None
    unit_id: Code | None = None
    web_id: Code | None = None
    app_id: Code | None = None
    per_page: Annotated[int, Field(ge=1, le=300)] | None = None
    """Rows of one list page. Servers cut answers above about 300 rows."""


@dataclass(frozen=True, slots=True)
class Family:
    """One content management system: how it is called, which options it takes, which spider collects it."""

    name: str
    title: str
    options: type[FamilyOptions]
    spider: str


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            Family(
                "static_paged",
                "static pages numbered by createPageHTML (TRS and kin)",
                StaticPagedOptions,
                "crawlers.spiders.static_paged:StaticPagedSpider",
            ),
            Family(
                "hanweb",
                "Hanweb jpage lists (dataproxy.jsp)",
                HanwebOptions,
                "crawlers.spiders.hanweb:HanwebSpider",
            ),
        )
    }
)


def load_spider(family: str) -> "type[PortalSpider]":
    """The spider class of a family."""
    module, _, name = FAMILIES[family].spider.partition(":")
    spider: type[PortalSpider] = getattr(import_module(module), name)
    return spider
