"""The families of content management systems that a registry entry may name: one module a family, declared here.

Belongs here: the table of families. Does not belong here: how a family works, which is its spider's matter.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from crawlers.families.epoint import EPOINT
from crawlers.families.gkmlpt import GKMLPT
from crawlers.families.gongkai import GONGKAI
from crawlers.families.hanweb import HANWEB
from crawlers.families.jpaas import JPAAS
from crawlers.families.json_search import JSON_SEARCH
from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.families.linked import LINKED
from crawlers.families.lonsun import LONSUN
from crawlers.families.nfcms import NFCMS
from crawlers.families.numbered import NUMBERED
from crawlers.families.openness import OPENNESS
from crawlers.families.static_paged import STATIC_PAGED
from crawlers.families.truecms import TRUECMS
from crawlers.families.vsb import VSB

if TYPE_CHECKING:
    from crawlers.spiders.base import PortalSpider

__all__ = ["FAMILIES", "Family", "FamilyOptions", "Recognised", "load_spider"]

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            STATIC_PAGED,
            HANWEB,
            JPAAS,
            VSB,
            TRUECMS,
            GONGKAI,
            NUMBERED,
            LINKED,
            GKMLPT,
            JSON_SEARCH,
            NFCMS,
            LONSUN,
            OPENNESS,
            EPOINT,
        )
    }
)


def load_spider(family: str) -> "type[PortalSpider]":
    """The spider class of a family."""
    module, _, name = FAMILIES[family].spider.partition(":")
    spider: type[PortalSpider] = getattr(import_module(module), name)
    return spider
