"""What the archive holds, handed over to transform: the ledger, and each document with its extraction.

Belongs here: opening the files of the data folder. Does not belong here: what a row means (transform/archive does).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from crawlers.archive.ledger import Ledger
from crawlers.registry import load_registry
from extract.api import EXTRACTOR_VERSION
from pipelines.cache import ExtractionCache
from pipelines.layout import DataLayout
from pipelines.warehouse import replace_file
from transform.archive import build_documents, build_ledger
from transform.extracted import ExtractedDocument
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES

__all__ = ["Archive", "PortalFacts", "remember_portals"]

_HANDED_OVER = (
    "byte_count", "url", "portal_id", "fetched_at", "last_seen_at", "link_text", "listed_date", "local_name",
)  # fmt: skip
_DAY = len("2020-01-01")


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """What a build needs to know of a portal. Kept beside the ledger, so that a rebuild needs no registry."""

    name: str
    division_code: str | None


def _portals_file(layout: DataLayout) -> Path:
    return layout.root / "portals.json"


def remember_portals(layout: DataLayout, registry: Path) -> None:
    """Keep name and division code of the registry's portals beside the ledger; those known from before stay."""
    known = {**_remembered(layout), **_registered(registry)}
    text = json.dumps({name: asdict(known[name]) for name in sorted(known)}, ensure_ascii=False, indent=1)
    with replace_file(_portals_file(layout)) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")


def _remembered(layout: DataLayout) -> dict[str, PortalFacts]:
    file = _portals_file(layout)
    if not file.exists():
        return {}
    return {name: PortalFacts(**facts) for name, facts in json.loads(file.read_text(encoding="utf-8")).items()}


def _registered(registry: Path) -> dict[str, PortalFacts]:
    return {portal.id: PortalFacts(portal.name, portal.division_code) for portal in load_registry(registry).portals}


class Archive:
    """The raw store and the ledger under one data folder, read only. An empty folder is an empty archive."""

    def __init__(self, layout: DataLayout, registry: Path | None = None) -> None:
        self._layout = layout
        self._registry = registry

    @cached_property
    def portals(self) -> Mapping[str, PortalFacts]:
        """Facts about portals: those of the registry go before those remembered from earlier crawls."""
        return {**_remembered(self._layout), **(_registered(self._registry) if self._registry else {})}

    @cached_property
    def fetches(self) -> pa.Table:
        """Every row of the ledger, with the columns of the table `ledger`."""
        return from_rows(TABLES["ledger"], self._fetch_rows())

    def _fetch_rows(self) -> Iterator[dict[str, Any]]:
        if not self._layout.ledger.exists():
            return
        # A crawl stopped in its first moment may leave a file without tables; opening it for writing completes it.
        Ledger(self._layout.ledger).close()
        with Ledger(self._layout.ledger, read_only=True) as ledger:
            for row in ledger.rows():
                yield {
                    **asdict(row),
                    "fetch_id": str(row.fetch_id),
                    "role": row.role.value,
                    "outcome": row.outcome.value,
                    "requested_at": datetime.fromisoformat(row.requested_at),
                    "listed_date": date.fromisoformat(row.listed_date[:_DAY]) if row.listed_date else None,
                }

    @cached_property
    def collected(self) -> pa.Table:
        """The table `documents` as far as the ledger alone can tell it: what was collected, nothing of what it says."""
        return build_documents(ledger=build_ledger(fetches=self.fetches), extractions=())

    @property
    def hashes(self) -> list[str]:
        """The SHA-256 of every document collected, in order."""
        names: list[str] = self.collected.column("document_sha256").to_pylist()
        return names

    def extracted(self, *, year: int | None = None, everything: bool = False) -> Iterator[ExtractedDocument]:
        """Documents with their extraction, in order of SHA-256: all, or those of one report year."""
        known = {row["document_sha256"]: row for row in self.collected.to_pylist()}
        with ExtractionCache(self._layout.extractions, EXTRACTOR_VERSION) as cache:
            for cached in cache.rows(year=year, everything=everything):
                row = known.get(cached.sha256)
                if row is None:  # the cache may remember documents of a ledger that was put aside
                    continue
                portal = self.portals.get(row["portal_id"] or "")
                yield ExtractedDocument(
                    sha256=cached.sha256,
                    extraction=cached.extraction(),
                    extractor_version=EXTRACTOR_VERSION,
                    portal_name=portal.name if portal else None,
                    portal_division_code=portal.division_code if portal else None,
                    **{name: row[name] for name in _HANDED_OVER},
                )
