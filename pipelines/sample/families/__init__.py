"""How each family of portal arranges its lists: one module a family, declared here.

Belongs here: the table of families. Does not belong here: what the rows are (`sites`), HTTP (`server`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.sample.families.epoint import EPOINT
from pipelines.sample.families.gkmlpt import GKMLPT
from pipelines.sample.families.gongkai import GONGKAI
from pipelines.sample.families.hanweb import HANWEB
from pipelines.sample.families.jpaas import JPAAS
from pipelines.sample.families.json_search import JSON_SEARCH
from pipelines.sample.families.kind import Answer, SampleFamily, SiteContent, home_and_robots
from pipelines.sample.families.linked import LINKED
from pipelines.sample.families.lonsun import LONSUN
from pipelines.sample.families.nfcms import NFCMS
from pipelines.sample.families.numbered import NUMBERED
from pipelines.sample.families.openness import OPENNESS
from pipelines.sample.families.static_paged import STATIC_PAGED
from pipelines.sample.families.truecms import TRUECMS
from pipelines.sample.families.vsb import VSB
from pipelines.sample.sites import Site, SitePages

__all__ = ["FAMILIES", "Answer", "SampleFamily", "SiteContent", "arrange"]

FAMILIES: Mapping[str, SampleFamily] = MappingProxyType(
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


def arrange(site: Site, pages: SitePages) -> SiteContent:
    """The site with its lists, robots.txt and home page."""
    content = FAMILIES[site.family].arrange(site, pages)
    return SiteContent(dict(pages.resources) | home_and_robots(site, pages) | dict(content.fixed), content.programs)
