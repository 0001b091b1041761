"""Steps by report on batches of reports: what is read for a batch, and in which order the results are written.

A year of cells is never held whole. Steps that follow each other are run together on each batch, so that documents are
decoded once and what one step makes is handed to the next in memory. What comes out does not depend on the batches.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from pipelines.crew import Crew
from pipelines.layout import DataLayout
from pipelines.progress import Progress, silent
from pipelines.progress import Step as ProgressStep
from pipelines.sources import Archive, FetchIndex, documents_of
from pipelines.warehouse import PARTITION_COLUMN, REPORT_COLUMN, TableWriter, Warehouse
from transform.keys import report_id_before
from transform.schema.tables import TABLES
from transform.steps import Step, steps_by_table

__all__ = ["BatchRun", "stages"]

_REPORTS_AT_ONCE = 2_000
"""Reports in a batch: some 400,000 cells, which all tables of the batch hold in some hundred megabytes."""
_EXTRACTIONS = "extractions"
_FETCHES = "fetches"


def stages(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps by year in runs that go together: one whole step, or steps by report of which none needs another whole."""
    groups: list[list[Step]] = []
    for step in steps:
        made = {other.table for other in groups[-1]} if groups else set()
        if groups and step.per_report and groups[-1][-1].per_report and made.isdisjoint(step.whole_inputs):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some reports of a year, and what is known of the documents that carry them."""

    report_ids: tuple[str, ...]
    facts: pa.Table | None
    fetches: pa.Table | None


@dataclass(frozen=True)
class _Work:
    """The steps of a stage, to be run on one batch after another, in this process or in another."""

    layout: DataLayout
    tables: tuple[str, ...]
    year: int
    sources: Mapping[str, Any]
    _whole: dict[str, Any] = field(default_factory=dict)

    def __call__(self, batch: _Batch) -> tuple[dict[str, pa.Table], dict[str, float]]:
        """The rows that each step makes of the batch, and the processor seconds that it took."""
        made: dict[str, pa.Table] = {}
        seconds: defaultdict[str, float] = defaultdict(float)
        known = steps_by_table()
        for name in self.tables:
            step = known[name]
            began = time.process_time()
            if step.reads_documents and _EXTRACTIONS not in made:
                assert batch.facts is not None
                made[_EXTRACTIONS] = list(documents_of(self.layout.extractions, batch.facts))
                seconds["decode"] += time.process_time() - began
                began = time.process_time()
            inputs = {table: self._input(step, table, batch, made) for table in step.inputs}
            inputs |= {table: self._once(step, table) for table in step.whole_inputs}
            before = [report_id_before(report_id, self.year) for report_id in batch.report_ids]
            previous = {table: self._previous(step, table, before) for table in step.previous_year_inputs}
            earlier = {table: self._once(step, f"earlier_{table}") for table in step.earlier_year_inputs}
            seconds[f"{name}: read"] += time.process_time() - began
            began = time.process_time()
            made[name] = step.run(inputs, report_year=self.year, previous=previous, earlier=earlier)
            seconds[name] += time.process_time() - began
        return {name: made[name] for name in self.tables}, dict(seconds)

    def _input(self, step: Step, name: str, batch: _Batch, made: dict[str, Any]) -> Any:
        if name == _FETCHES:
            return batch.fetches
        if name == _EXTRACTIONS:
            return made[name]
        if name in self.sources:
            return self.sources[name]
        if name not in made:  # read once for all steps of the stage
            made[name] = self._warehouse.read_reports(name, self.year, batch.report_ids, self._columns(name))
        columns = step.columns.get(name)
        return made[name].select(columns) if columns is not None else made[name]

    def _columns(self, name: str) -> list[str] | None:
        """The columns of a table that some step of the stage looks at; None where one looks at all."""
        known = steps_by_table()
        wanted = [known[table].columns.get(name) for table in self.tables if name in known[table].inputs]
        if any(columns is None for columns in wanted):
            return None
        return [column for column in TABLES[name].column_names if any(column in (some or ()) for some in wanted)]

    def _previous(self, step: Step, name: str, report_ids: Sequence[str]) -> pa.Table:
        if REPORT_COLUMN not in TABLES[name].column_names:
            return self._once(step, f"previous_{name}")
        return self._warehouse.read_reports(name, self.year - 1, report_ids, step.columns.get(f"previous_{name}"))

    def _once(self, step: Step, argument: str) -> Any:
        """What every batch is given whole, read by each process once."""
        if argument in self.sources:
            return self.sources[argument]
        key = f"{step.table}/{argument}"
        if key not in self._whole:
            kind, _, table = argument.partition("_")
            columns = step.columns.get(argument)
            if kind == "earlier" and table in step.earlier_year_inputs:
                years = [year for year in self._warehouse.years(table) if year < self.year]
            elif kind == "previous" and table in step.previous_year_inputs:
                years = [self.year - 1]
            else:
                table, years = argument, [self.year]
            self._whole[key] = self._warehouse.read(table, years, columns)
        return self._whole[key]

    @property
    def _warehouse(self) -> Warehouse:
        return Warehouse(self.layout)


@dataclass(frozen=True)
class BatchRun:
    """One stage of a year, from its batches to its files. `rows` and `changed` tell of each table when it has run."""

    warehouse: Warehouse
    archive: Archive
    fetch_index: FetchIndex | None
    crew: Crew
    steps: tuple[Step, ...]
    year: int
    sources: Mapping[str, Any]
    progress: Progress = silent
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    rows: Counter[str] = field(default_factory=Counter)
    changed: dict[str, bool] = field(default_factory=dict)

    def run(self) -> None:
        """Make the tables of the stage. A table without rows gets no file here."""
        names = tuple(step.table for step in self.steps)
        work = _Work(self.warehouse.layout, names, self.year, self.sources)
        writers: dict[str, TableWriter] = {}
        kept: dict[str, list[pa.Table]] = {}
        with ExitStack() as files:
            batches = self._batches()
            at_home = not self.crew.is_worth(len(self._report_ids))
            done = 0
            for made, seconds in self.crew.map(work, batches, at_home=at_home):
                for name, spent in seconds.items():
                    self.seconds[name] += spent
                for name, rows in made.items():
                    began = time.process_time()
                    if not rows.num_rows:
                        continue
                    self.rows[name] += rows.num_rows
                    if TABLES[name].sort_by[:2] != (PARTITION_COLUMN, REPORT_COLUMN):
                        kept.setdefault(name, []).append(rows)
                    else:
                        if name not in writers:
                            writers[name] = files.enter_context(self.warehouse.writing(name, self.year))
                        writers[name].append(rows)
                    self.seconds[f"{name}: write"] += time.process_time() - began
                done = min(done + self._at_once, len(self._report_ids))
                if done < len(self._report_ids):
                    words = f"{names[-1]} {self.year}: {done:,} of {len(self._report_ids):,} reports"
                    self.progress(ProgressStep("build", 0, None, words))
        for name, parts in kept.items():
            self.changed[name] = self.warehouse.write(name, self.year, pa.concat_tables(parts))
        self.changed.update((name, writer.changed) for name, writer in writers.items())

    @cached_property
    def _carriers(self) -> pa.Table:
        return self.warehouse.read("renditions", [self.year], [REPORT_COLUMN, "document_sha256"])

    @cached_property
    def _report_ids(self) -> list[str]:
        return sorted(set(self._carriers.column(REPORT_COLUMN).to_pylist()))

    @cached_property
    def _at_once(self) -> int:
        return self.crew.share(len(self._report_ids), at_most=_REPORTS_AT_ONCE)

    def _batches(self) -> Iterator[_Batch]:
        documents: dict[str, list[str]] = {}
        needed = any(step.reads_documents or _FETCHES in step.inputs for step in self.steps)
        if needed:
            for row in self._carriers.to_pylist():
                documents.setdefault(row[REPORT_COLUMN], []).append(row["document_sha256"])
        for start in range(0, len(self._report_ids), self._at_once):
            report_ids = self._report_ids[start : start + self._at_once]
            sha256s = sorted(sha256 for report_id in report_ids for sha256 in documents.get(report_id, ()))
            yield _Batch(
                tuple(report_ids),
                self.archive.facts(sha256s) if needed else None,
                self.fetch_index.of(sha256s) if self.fetch_index is not None else None,
            )
