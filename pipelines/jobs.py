"""The two jobs that the command line and Dagster share: collect, and collect-then-build."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from crawlers.registry import Problem, load_registry
from pipelines.build import publish_archive
from pipelines.crawling import CrawlReport, crawl
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.progress import Progress, silent
from pipelines.sources import Archive, remember_portals

__all__ = ["Collected", "collect", "publish_archive", "require_portal"]


@dataclass(frozen=True, slots=True)
class Collected:
    """What a crawl met, and the registry entries that could not be used."""

    crawl: CrawlReport
    problems: tuple[Problem, ...]


def require_portal(layout: DataLayout, registry: Path, portal: str) -> None:
    """Refuse a portal that neither the registry nor an earlier crawl knows; remember one that the registry knows."""
    known = Archive(layout, registry).portals
    if portal not in known:
        near = ", ".join(get_close_matches(portal, list(known), n=3)) or "`ogi portals list` names them"
        raise BadInput(f"There is no portal {portal} in {registry}. Near: {near}.")
    remember_portals(layout, registry)


def collect(
    layout: DataLayout,
    registry: Path,
    portals: Sequence[str] = (),
    *,
    proxy: str | None = None,
    progress: Progress = silent,
    wait_seconds: float = 0,
    full: bool = False,
) -> Collected:
    """Crawl the sound entries of a registry, or the named ones, and publish ledger and documents.

    A wrong entry never hides the others: it is given back as a problem.

    Raises:
        BadInput: A named portal is not in the registry, or no entry is sound.
        CrawlBroken: The crawl itself broke; what was fetched before is published all the same.
    """
    entries = load_registry(registry)
    for portal in portals:
        if entries.get(portal) is None:
            known = ", ".join(entry.id for entry in entries.portals) or "none"
            raise BadInput(f"There is no sound entry {portal} in {registry}. Known are: {known}.")
    if not entries.portals:
        first = f" First problem: {entries.problems[0]}" if entries.problems else ""
        raise BadInput(f"{registry} holds no sound portal entry.{first}")
    remember_portals(layout, registry)
    try:
        report = crawl(
            layout,
            registry,
            portals,
            proxy=proxy,
            progress=progress,
            wait_seconds=wait_seconds,
            full=full,
        )
    finally:
        publish_archive(layout)
    return Collected(report, entries.problems)
