"""What the archive holds, handed over to transform: the ledger, and each document with its extraction.

Belongs here: opening the files of the data folder. Does not belong here: what a row means (transform/archive does).
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crawlers.archive.ledger import FetchRow, Ledger
from crawlers.registry import EVERY_YEAR, load_registry
from extract.api import EXTRACTOR_VERSION
from pipelines.cache import ExtractionCache
from pipelines.corrections import read_corrections, read_verdicts
from pipelines.crew import Crew
from pipelines.layout import DataLayout
from pipelines.population import read_population
from pipelines.warehouse import replace_file
from transform.archive import build_documents, build_ledger
from transform.coverage import PORTALS, unread_documents
from transform.extracted import DocumentStore, ExtractedDocument
from transform.schema.derive import conform, empty, from_rows
from transform.schema.tables import TABLES

__all__ = ["PROVIDERS", "Archive", "FetchIndex", "PortalFacts", "StoredDocuments", "documents_of", "remember_portals"]

_HANDED_OVER = (
    "byte_count", "url", "portal_id", "fetched_at", "last_seen_at", "link_text", "listed_date", "local_name",
)  # fmt: skip
_DAY = len("2020-01-01")
_FETCH_FIELDS = tuple(item.name for item in fields(FetchRow))
_FETCHES_AT_ONCE = 20_000
_DOCUMENTS_AT_ONCE = 1_000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """What a build needs to know of a portal. Kept beside the ledger, so that a rebuild needs no registry."""

    name: str
    division_code: str | None
    expects_min: Mapping[str, int] = field(default_factory=dict)
    """Least number of reports by report year, or of every year (`EVERY_YEAR`); likewise `expects_max`."""
    expects_max: Mapping[str, int] = field(default_factory=dict)


def _portals_file(layout: DataLayout) -> Path:
    return layout.root / "portals.json"


def remember_portals(layout: DataLayout, registry: Path) -> None:
    """Keep the facts about the registry's portals beside the ledger; those known from before stay."""
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
    return {
        portal.id: PortalFacts(portal.name, portal.division_code, dict(portal.expects.min), dict(portal.expects.max))
        for portal in load_registry(registry).portals
    }


class Archive:
    """The raw store and the ledger under one data folder, read only. An empty folder is an empty archive."""

    def __init__(self, layout: DataLayout, registry: Path | None = None) -> None:
        self._layout = layout
        self._registry = registry

    @property
    def layout(self) -> DataLayout:
        """The data folder."""
        return self._layout

    @property
    def registry(self) -> Path | None:
        """The folder of portal entries, where one was named."""
        return self._registry

    @cached_property
    def portals(self) -> Mapping[str, PortalFacts]:
        """Facts about portals: those of the registry go before those remembered from earlier crawls."""
        return {**_remembered(self._layout), **(_registered(self._registry) if self._registry else {})}

    @cached_property
    def fetches(self) -> pa.Table:
        """Every row of the ledger, with the columns of the table `ledger`."""
        table = TABLES["ledger"]
        parts = [empty(table)]
        rows = self._fetch_rows()
        while some := list(islice(rows, _FETCHES_AT_ONCE)):
            parts.append(from_rows(table, some))
        return conform(table, pa.concat_tables(parts))

    def _fetch_rows(self) -> Iterator[dict[str, Any]]:
        if not self._layout.ledger.exists():
            return
        # A crawl stopped in its first moment may leave a file without tables; opening it for writing completes it.
        Ledger(self._layout.ledger).close()
        with Ledger(self._layout.ledger, read_only=True) as ledger:
            for row in ledger.rows():
                yield {
                    **{name: getattr(row, name) for name in _FETCH_FIELDS},
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

    def facts(self, sha256s: Sequence[str]) -> pa.Table:
        """How documents were collected, and by whose portal: what `documents_of` needs beside the extractions.

        A document that the ledger does not know is left out: the cache may remember those of a ledger put aside.
        """
        wanted = np.array(sha256s, dtype="S64")
        place = np.minimum(np.searchsorted(self._names, wanted), max(len(self._names) - 1, 0))
        known = self._names[place] == wanted if len(self._names) else np.zeros(len(wanted), dtype=np.bool_)
        rows = self.collected.select(["document_sha256", *_HANDED_OVER]).take(pa.array(place[known])).combine_chunks()
        portals = [self.portals.get(name or "") for name in rows.column("portal_id").to_pylist()]
        for column, values in (
            ("portal_name", [portal.name if portal else None for portal in portals]),
            ("portal_division_code", [portal.division_code if portal else None for portal in portals]),
        ):
            rows = rows.append_column(column, pa.array(values, pa.string()))
        return rows

    @cached_property
    def _names(self) -> Any:
        """The hashes in order, for finding some of them without looking at all."""
        return np.array(self.hashes, dtype="S64")

    def extracted(
        self, *, year: int | None = None, everything: bool = False, crew: Crew | None = None
    ) -> "StoredDocuments":
        """Documents with their extraction, in order of SHA-256: all, or those of one report year."""
        with ExtractionCache(self._layout.extractions, EXTRACTOR_VERSION) as cache:
            return StoredDocuments(self, cache.hashes(year=year, everything=everything), crew or Crew(1))


class StoredDocuments(DocumentStore):
    """Documents of the archive by their hashes. No more than a batch of them is held at any moment."""

    def __init__(self, archive: Archive, sha256s: Sequence[str], crew: Crew) -> None:
        self._archive = archive
        self._sha256s = sha256s
        self._crew = crew

    @property
    def sha256s(self) -> Sequence[str]:
        """The hashes of all documents, in order."""
        return self._sha256s

    def __iter__(self) -> Iterator[ExtractedDocument]:
        """Every document, in order of SHA-256."""
        return self.chosen(self._sha256s)

    def chosen(self, sha256s: Collection[str]) -> Iterator[ExtractedDocument]:
        """The documents with these hashes, in order of SHA-256."""
        rows = iter(sorted(sha256s))
        while some := list(islice(rows, _DOCUMENTS_AT_ONCE)):
            yield from documents_of(self._archive.layout.extractions, self._archive.facts(some))

    def all_but(self, sha256s: Collection[str]) -> Iterator[ExtractedDocument]:
        """The documents without these hashes, in order of SHA-256."""
        unwanted = frozenset(sha256s)
        return self.chosen([sha256 for sha256 in self._sha256s if sha256 not in unwanted])

    def mapped(self, work: Callable[[Sequence[ExtractedDocument]], Result]) -> Iterator[Result]:
        """What `work` makes of each batch of documents, in order, worked out by the crew."""
        rows = self._sha256s
        at_once = self._crew.share(len(rows), at_most=_DOCUMENTS_AT_ONCE)
        batches = (rows[start : start + at_once] for start in range(0, len(rows), at_once))
        task = partial(_worked, self._archive.layout.extractions, work)
        facts = (self._archive.facts(some) for some in batches)
        return self._crew.map(task, facts, at_home=not self._crew.is_worth(len(rows)))


def _worked(extractions: Path, work: Callable[[Sequence[ExtractedDocument]], Result], facts: pa.Table) -> Result:
    return work(list(documents_of(extractions, facts)))


def documents_of(extractions: Path, facts: pa.Table) -> Iterator[ExtractedDocument]:
    """The documents that `facts` (see `Archive.facts`) tell of and the cache holds, in order of SHA-256."""
    known = {row.pop("document_sha256"): row for row in facts.to_pylist()}
    with ExtractionCache(extractions, EXTRACTOR_VERSION) as cache:
        for cached in cache.of(known):
            yield ExtractedDocument(
                sha256=cached.sha256,
                extraction=cached.extraction(),
                extractor_version=EXTRACTOR_VERSION,
                **known[cached.sha256],
            )


class FetchIndex:
    """The ledger by document: what a batch needs of it without going through all of it every time."""

    def __init__(self, fetches: pa.Table) -> None:
        self._fetches = fetches
        names = fetches.column("sha256").combine_chunks()
        held = np.flatnonzero(names.is_valid().to_numpy(zero_copy_only=False))
        hashes = np.array(names.drop_null().to_pylist(), dtype="S64")
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._rows_by_hash = hashes[order], held[order]
        urls = fetches.column("url").combine_chunks().dictionary_encode()
        self._url = _numbers(urls.indices)
        self._parent = _numbers(pc.index_in(fetches.column("parent_url").combine_chunks(), value_set=urls.dictionary))
        self._rows_by_url = np.argsort(self._url, kind="stable")
        self._urls_in_order = self._url[self._rows_by_url]

    def of(self, sha256s: Sequence[str]) -> pa.Table:
        """The rows of every address at which one of the documents was found, and of the archives that held them."""
        own = _rows_with(self._hashes, self._rows_by_hash, np.array(sorted(sha256s), dtype="S64"))
        urls = np.union1d(self._url[own], self._parent[own])
        there = _rows_with(self._urls_in_order, self._rows_by_url, urls[urls >= 0])
        return self._fetches.take(pa.array(np.union1d(own, there)))


def _numbers(indices: pa.Array) -> Any:
    return pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _rows_with(ordered: Any, rows: Any, wanted: Any) -> Any:
    """The rows whose value is among the wanted ones; `rows` gives the row of each place in `ordered`."""
    first, last = np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
    spans = [rows[start:stop] for start, stop in zip(first, last, strict=True) if start < stop]
    return np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64)


def _expectations(archive: Archive) -> pa.Table:
    """The source `portals`."""
    rows = []
    for portal_id, facts in sorted(archive.portals.items()):
        years = sorted({*facts.expects_min, *facts.expects_max}) or [EVERY_YEAR]
        rows += [
            {
                "portal_id": portal_id,
                "name": facts.name,
                "division_code": facts.division_code,
                "report_year": None if year == EVERY_YEAR else int(year),
                "minimum": facts.expects_min.get(year),
                "maximum": facts.expects_max.get(year),
            }
            for year in years
        ]
    return pa.Table.from_pylist(rows, schema=PORTALS)


def _unread(archive: Archive) -> pa.Table:
    """The source `unread`."""
    with ExtractionCache(archive.layout.extractions, EXTRACTOR_VERSION) as cache:
        states = {sha256: (status, year) for sha256, (status, year, _) in cache.summary().items()}
    return unread_documents(archive.collected, states)


PROVIDERS: Mapping[str, Callable[[Archive], Any]] = {
    "fetches": lambda archive: archive.fetches,
    "portals": _expectations,
    "unread": _unread,
    "corrections": lambda archive: read_corrections(archive.layout),
    "verdicts": lambda archive: read_verdicts(archive.layout),
    "population": lambda archive: read_population(archive.layout),
}
"""What gives a source of `transform.steps.SOURCES` to the steps that name it, whole, once for each build.

`extractions` is none of them: a step is given those of its year or batch.
"""
