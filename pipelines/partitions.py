"""How the assets are cut: tables by report year, the crawl by portal."""

import os
from functools import lru_cache
from pathlib import Path

import dagster as dg

from crawlers.registry import DEFAULT_REGISTRY, load_registry
from transform.extracted import FIRST_REPORT_YEAR

__all__ = ["portal_partitions", "registry_folder", "report_years"]

# A year enters when it begins: a few bodies publish before it has ended. Keys are "2008", "2009", …
report_years = dg.TimeWindowPartitionsDefinition(
    cron_schedule="0 0 1 1 *", start=str(FIRST_REPORT_YEAR), fmt="%Y", timezone="Asia/Shanghai", end_offset=1
)


def registry_folder() -> Path:
    """The folder of portal entries: OGI_PORTALS if set, else the entries of the project."""
    named = os.environ.get("OGI_PORTALS")
    return Path(named) if named else DEFAULT_REGISTRY


@lru_cache(maxsize=1)
def portal_partitions() -> dg.StaticPartitionsDefinition:
    """One partition for each sound entry of the registry; a wrong entry is told by `ogi portals check`, not here."""
    return dg.StaticPartitionsDefinition([portal.id for portal in load_registry(registry_folder()).portals])
