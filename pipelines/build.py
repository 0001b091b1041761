"""Build the warehouse from the raw store: no network, the same inputs always giving the same bytes.

The steps are declared in transform/steps.py; order, years and files are the business of this module. Whatever is built,
whole or in part, takes the same way: inputs are read from the tables as they stand on disk.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from extract.api import EXTRACTOR_VERSION
from extract.model import ExtractionStatus
from pipelines.batches import BatchRun, stages
from pipelines.cache import ExtractionCache
from pipelines.catalog import refresh_catalog
from pipelines.crew import Crew
from pipelines.errors import BadInput, ConservationBroken, OldTable
from pipelines.extraction import ExtractionRun, read_archive
from pipelines.layout import DataLayout
from pipelines.limits import DEFAULT_LIMITS, Limits
from pipelines.progress import Progress, silent
from pipelines.progress import Step as ProgressStep
from pipelines.resuming import Finished, Journal, inputs_of
from pipelines.sources import PROVIDERS, Archive, FetchIndex
from pipelines.warehouse import Warehouse, table_named
from transform.archive import conservation
from transform.extracted import FIRST_REPORT_YEAR
from transform.steps import STEPS, Step

__all__ = ["BuildReport", "TableBuilt", "build", "prepare_extractions", "publish_archive"]

_LAST_REPORT_YEAR = 2100
_DOCUMENTS = "extractions"
_FETCHES = "fetches"
_PROBLEMS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class TableBuilt:
    """One table, or one year of it. `changed` is false where the bytes on disk were these already."""

    table: str
    year: int | None
    rows: int
    changed: bool


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `extraction` is None where no step needed the documents."""

    tables: tuple[TableBuilt, ...] = ()
    extraction: ExtractionRun | None = None
    removed: tuple[tuple[str, int], ...] = ()
    """Years of tables that no document speaks for any more."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Processor seconds by step; for steps by report, what reading and writing took apart from it."""

    def rows(self, table: str) -> int:
        """Rows of one table over all years built."""
        return sum(built.rows for built in self.tables if built.table == table)

    @property
    def changed(self) -> tuple[TableBuilt, ...]:
        """What is different on disk now."""
        return tuple(built for built in self.tables if built.changed)


@dataclass
class _Build:
    """One build under way."""

    warehouse: Warehouse
    archive: Archive
    crew: Crew
    journal: Journal
    stepped: Progress = silent
    sources: dict[str, Any] = field(default_factory=dict)
    built: list[TableBuilt] = field(default_factory=list)
    removed: list[tuple[str, int]] = field(default_factory=list)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def year(self, steps: Sequence[Step], year: int) -> None:
        """Run by-year steps for one year, those by report together and batch by batch; finished stages are left."""
        for stage in stages(steps):
            if not self.is_finished(stage, year):
                if stage[0].per_report:
                    self.batches(stage, year)
                else:
                    (step,) = stage
                    with self._measured(step.table):
                        rows = self.whole_year(step, year)
                        self.put(step, year, rows)
                self.finish(stage, year)
            for step in stage:
                self.stepped(ProgressStep("build", 1, None, f"{step.table} {year}"))

    def is_finished(self, steps: Sequence[Step], year: int | None) -> bool:
        """Whether this build had made these tables before it was stopped; then they count as built."""
        files = {step.table: self.journal.finished(step.table, year) for step in steps}
        there = {table: file for table, file in files.items() if file is not None}
        if len(there) < len(files):
            return False
        self.built += [TableBuilt(table, year, file.rows, file.changed) for table, file in there.items()]
        return True

    def finish(self, steps: Sequence[Step], year: int | None) -> None:
        """Remember that the tables of these steps are made."""
        for built in self.built[-len(steps) :]:
            self.journal.note(built.table, year, Finished(built.rows, built.changed))
        self.journal.keep()

    def whole_year(self, step: Step, year: int) -> pa.Table:
        """Run a step that looks at a year as a whole."""
        inputs = {name: self.warehouse.read(name, [year], step.columns.get(name)) for name in step.table_inputs}
        for name in step.source_inputs:
            inputs[name] = (
                self.archive.extracted(year=year, crew=self.crew) if name == _DOCUMENTS else self.source(name)
            )
        previous = {
            name: self.warehouse.read(name, [year - 1], step.columns.get(f"previous_{name}"))
            for name in step.previous_year_inputs
        }
        earlier = {}
        for name in step.earlier_year_inputs:
            years = [other for other in self.warehouse.years(name) if other < year]
            earlier[name] = self.warehouse.read(name, years, step.columns.get(f"earlier_{name}"))
        return step.run(inputs, report_year=year, previous=previous, earlier=earlier)

    def batches(self, steps: Sequence[Step], year: int) -> None:
        """Run steps by report for one year."""
        needed = {name for step in steps for name in step.source_inputs}
        run = BatchRun(
            self.warehouse,
            self.archive,
            self.fetch_index if _FETCHES in needed else None,
            self.crew,
            tuple(steps),
            year,
            {name: self.source(name) for name in sorted(needed - {_DOCUMENTS, _FETCHES})},
            self.stepped,
        )
        run.run()
        for name, spent in run.seconds.items():
            self.seconds[name] += spent
        for step in steps:
            changed = run.changed[step.table] if step.table in run.changed else self.drop(step.table, year)
            self.built.append(TableBuilt(step.table, year, run.rows[step.table], changed))

    @cached_property
    def fetch_index(self) -> FetchIndex:
        """The ledger by document."""
        return FetchIndex(self.source(_FETCHES))

    def source(self, name: str) -> Any:
        """A source that every step is given whole; made once for each build."""
        if name not in self.sources:
            self.sources[name] = PROVIDERS[name](self.archive)
        return self.sources[name]

    def whole(self, step: Step) -> None:
        """Run a step that makes a table of all years."""
        with self._measured(step.table):
            inputs: dict[str, Any] = {
                name: self.warehouse.read(name, columns=step.columns.get(name), filled=step.filled.get(name))
                for name in step.table_inputs
            }
            for name in step.source_inputs:
                everything = name == _DOCUMENTS
                inputs[name] = self.archive.extracted(everything=True) if everything else self.source(name)
            self.put(step, None, step.run(inputs))

    @contextmanager
    def _measured(self, name: str) -> Iterator[None]:
        """Count the processor seconds of a block, those of the crew included."""
        began, crew = time.process_time(), self.crew.seconds
        yield
        self.seconds[name] += time.process_time() - began + self.crew.seconds - crew

    def put(self, step: Step, year: int | None, rows: pa.Table) -> None:
        """Write what a step made. A year without rows has no file, so that no empty partition stands about."""
        if year is not None and rows.num_rows == 0:
            changed = self.drop(step.table, year)
        else:
            changed = self.warehouse.write(step.table, year, rows)
        self.built.append(TableBuilt(step.table, year, rows.num_rows, changed))

    def drop(self, table: str, year: int) -> bool:
        """Remove one year of a table; true if there was one."""
        gone = self.warehouse.drop_years(table, keep=[other for other in self.warehouse.years(table) if other != year])
        self.removed += [(table, other) for other in gone]
        return bool(gone)

    def drop_all_but(self, table: str, years: Sequence[int]) -> None:
        """Remove the years that no document speaks for any more."""
        self.removed += [(table, year) for year in self.warehouse.drop_years(table, keep=years)]

    def later(self, steps: Sequence[Step], years: Sequence[int]) -> None:
        """Bring years that were not asked for up to date where they look back at one that changed.

        Only the steps that look back at a table that changed are run, and those that need what these changed.
        """
        moved = {(built.table, built.year) for built in self.built if built.changed}
        there = sorted({year for step in steps for year in self.warehouse.years(step.table)} - set(years))
        for year in (other for other in there if other > min(years)):
            for step in steps:
                if self._is_stale(step, year, moved):
                    count = len(self.built)
                    self.journal.forget(step.table, year)
                    self.year([step], year)
                    moved |= {(built.table, built.year) for built in self.built[count:] if built.changed}

    def _is_stale(self, step: Step, year: int, moved: Collection[tuple[str, int | None]]) -> bool:
        return (
            any((name, year) in moved for name in step.table_inputs)
            or any((name, year - 1) in moved for name in step.previous_year_inputs)
            or any(name in step.earlier_year_inputs and (other or 0) < year for name, other in moved)
        )


def build(
    layout: DataLayout,
    tables: Sequence[str] | None = None,
    years: Sequence[int] | None = None,
    *,
    registry: Path | None = None,
    progress: Progress = silent,
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    wait_seconds: float = 0,
) -> BuildReport:
    """Build every table, or the named ones, for every year, or the named ones.

    A build that was stopped goes on when it is asked for again, unless its inputs changed meanwhile.

    Args:
        layout: The data folder.
        tables: Only these, made from the other tables as they stand. None: all; with `years`, all kept by year.
        years: Only these report years. None: every year that a document speaks of.
        registry: Portal entries whose names and regions go before those remembered from the crawl.
        progress: Who listens.
        workers: Processes that read documents; None: one for each processor.
        limits: What one document may cost.
        wait_seconds: How long to wait for another build to end.

    Raises:
        BadInput: There is no such table or year.
        FolderBusy: Another build is writing.
        ConservationBroken: Documents went in that did not come out, or the other way round.
    """
    steps = _chosen(tables, years)
    warehouse = Warehouse(layout)
    archive = Archive(layout, registry)
    with warehouse.locked(wait_seconds=wait_seconds):
        extraction = None
        if any(step.reads_documents for step in steps):
            extraction = read_archive(layout, workers=workers, progress=progress, limits=limits, archive=archive)
            if extraction.unpacked:
                archive = Archive(layout, registry)  # the members of archives are in the ledger now
        present = _years_present(layout, warehouse, steps)
        wanted = sorted(set(years)) if years is not None else present
        with Crew(workers) as crew:
            journal = Journal.opened(warehouse, inputs_of(archive, [step.table for step in steps], years))
            stepped = _counter(progress, steps, wanted)
            run = _Build(warehouse, archive, crew, journal, stepped)
            for by_year, group in groupby(steps, key=lambda step: step.by_year):
                chosen = list(group)
                if by_year:
                    # Stale years go first: a step that looks at the year before must not meet one.
                    for step in chosen if years is None else ():
                        run.drop_all_but(step.table, wanted)
                    for year in wanted:
                        run.year(chosen, year)
                    if years is not None and wanted:
                        run.stepped = silent
                        run.later(chosen, wanted)
                else:
                    for step in chosen:
                        if not run.is_finished([step], None):
                            run.whole(step)
                            run.finish([step], None)
                        stepped(ProgressStep("build", 1, None, step.table))
        refresh_catalog(layout)
        if {"documents", "renditions", "quarantine"} <= {step.table for step in steps} and years is None:
            _nothing_is_lost(warehouse)
        journal.end()
    return BuildReport(tuple(run.built), extraction, tuple(run.removed), dict(run.seconds))


def prepare_extractions(
    layout: DataLayout, *, progress: Progress = silent, workers: int | None = None, wait_seconds: float = 0
) -> ExtractionRun:
    """Read every document that the present extractor has not read yet; no table is touched."""
    with Warehouse(layout).locked(wait_seconds=wait_seconds):
        return read_archive(layout, workers=workers, progress=progress)


def publish_archive(layout: DataLayout, *, wait_seconds: float = 60) -> None:
    """Bring `ledger` and `documents` up to date with the archive, so that they can be asked before anything is read.

    What earlier builds said of a document stays; a document that no build has seen has a null fate.
    """
    warehouse = Warehouse(layout)
    archive = Archive(layout)
    with warehouse.locked(wait_seconds=wait_seconds):
        warehouse.write("ledger", None, archive.fetches)
        documents = archive.collected
        with suppress(OldTable):
            documents = _with_known_fates(documents, warehouse.read("documents"))
        warehouse.write("documents", None, documents)
        with suppress(OldTable):  # then the old views stay until the next build
            refresh_catalog(layout)


_FATE = ("format", "extraction_status", "reason_code", "reason", "report_id", "report_year", "extractor_version")


def _with_known_fates(collected: pa.Table, before: pa.Table) -> pa.Table:
    fates: Mapping[str, Mapping[str, Any]] = {
        row["document_sha256"]: row for row in before.select(["document_sha256", *_FATE]).to_pylist()
    }
    rows = [{**row, **fates.get(row["document_sha256"], {})} for row in collected.to_pylist()]
    return pa.Table.from_pylist(rows, schema=collected.schema)


def _chosen(tables: Sequence[str] | None, years: Sequence[int] | None) -> list[Step]:
    """The steps to run, in the declared order."""
    for year in years or ():
        if not FIRST_REPORT_YEAR <= year <= _LAST_REPORT_YEAR:
            raise BadInput(f"{year} is no report year: the first reports cover {FIRST_REPORT_YEAR}.")
    if tables is None:
        return [step for step in STEPS if step.by_year or years is None]
    wanted = {table_named(name).name for name in tables}
    if years is not None and (
        whole := sorted(step.table for step in STEPS if step.table in wanted and not step.by_year)
    ):
        raise BadInput(f"The table {whole[0]} is not kept by year: leave --year out to build it.")
    return [step for step in STEPS if step.table in wanted]


def _years_present(layout: DataLayout, warehouse: Warehouse, steps: Sequence[Step]) -> list[int]:
    """The report years that documents speak of, or, where no step reads documents, those of the input tables."""
    if any(step.reads_documents for step in steps if step.by_year):
        with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
            summary = cache.summary().values()
        read = {year for status, year, _ in summary if status == ExtractionStatus.READ and year is not None}
        return sorted(year for year in read if FIRST_REPORT_YEAR <= year <= _LAST_REPORT_YEAR)
    inputs = {name for step in steps if step.by_year for name in step.table_inputs}
    return sorted({year for name in inputs for year in warehouse.years(name)})


def _counter(progress: Progress, steps: Sequence[Step], years: Sequence[int]) -> Progress:
    total = sum(len(years) if step.by_year else 1 for step in steps)
    progress(ProgressStep("build", 0, total))

    done = 0

    def stepped(step: ProgressStep) -> None:
        nonlocal done
        done += step.done  # none for a word about work under way
        progress(ProgressStep("build", done, total, step.detail))

    return stepped


def _nothing_is_lost(warehouse: Warehouse) -> None:
    """Counts in are counts out, or the build says so loudly."""
    problems = conservation(
        warehouse.read("documents", columns=["document_sha256", "extraction_status"]),
        warehouse.read("renditions", columns=["document_sha256"]),
        warehouse.read("quarantine", columns=["document_sha256"]),
    )
    if problems:
        more = f" … and {len(problems) - _PROBLEMS_SHOWN} more" if len(problems) > _PROBLEMS_SHOWN else ""
        raise ConservationBroken(
            f"The tables in {warehouse.root} do not account for every document: "
            f"{'; '.join(problems[:_PROBLEMS_SHOWN])}{more}. "
            "Report this as a defect; the raw store is whole and the tables can be built again."
        )
