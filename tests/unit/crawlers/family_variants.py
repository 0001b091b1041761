"""Many sites of one family, each with another habit, collected in one crawl: a crawl's start costs more than a site."""

import dataclasses
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawl_peer import CrawlRun
from family_sites import FamilySite, crawl_site, make_site, serve

from crawlers.archive import FetchRow, Role
from crawlers.pages import Page
from pipelines.sample.families import FAMILIES, arrange
from pipelines.sample.server import SampleServer
from pipelines.sample.sites import make_rows

__all__ = ["Variants", "column_page", "crawl_variants", "lists_of"]

Variants = Mapping[str, Mapping[str, Any]]
"""Name to habits; `reports` and fields of `Site` stand among them under `site`."""


def crawl_variants(
    folder: Path, family: str, variants: Variants, *, reports: int = 12, **entry: Any
) -> tuple[SampleServer, dict[str, tuple[FamilySite, CrawlRun]]]:
    """Crawl a site of the family for each variant; each with its own rows of the run."""
    sites = {}
    for place, (name, habits) in enumerate(variants.items()):
        letters = string.ascii_lowercase[place // 26] + string.ascii_lowercase[place % 26]
        more = dict(habits.get("site", {}))
        own = {key: value for key, value in habits.items() if key != "site"}
        given = {"reports": reports, "attachments": False, **more}
        sites[name] = make_site(family, habits=own, seed=place + 1, name=f"variant-{letters}", **given)
    with serve(folder / "sites", *sites.values()) as server:
        run = crawl_site(folder, server, list(sites.values()), **entry)
    runs = {
        name: (made, dataclasses.replace(run, rows=[row for row in run.rows if row.portal_id == made.site.id]))
        for name, made in sites.items()
    }
    return server, runs


def lists_of(run: CrawlRun) -> list[FetchRow]:
    """The list pages of a run."""
    return [row for row in run.rows if row.role is Role.LISTING]


def column_page(family: str, habits: Mapping[str, Any] | None = None) -> Page:
    """The column page of a site of the family."""
    made = make_site(family, habits=habits)
    played = FAMILIES[family]
    content = arrange(made.site, make_rows(made.site, played.addresses, made.facts, {}))
    column = content.fixed[played.column(made.site)]
    return Page(made.index_url, column.body, column.content_type)
