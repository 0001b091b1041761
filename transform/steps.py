"""Every step from extractions to tables, declared once: what it makes, from what, and whether by year.

`ogi build` and the Dagster assets are derived from `STEPS`. A step is run as `step.build(**arguments)`:

- by year: `report_year`, each of `inputs` and `whole_inputs` for that year; each of `previous_year_inputs` for the year
  before under the name `previous_<table>`, and each of `earlier_year_inputs` for all years before under the name
  `earlier_<table>` (an empty table where there are none);
- not by year: each of `inputs` over all years.

A step that is `per_report` may be run on batches of reports, in order of report_id, and its results are put one after
the other. It is then given of each of `inputs` the rows of the batch's reports, of `extractions` the documents that
carry them (every rendition), and of each of `previous_year_inputs` the rows of the same issuers. `whole_inputs` and
`earlier_year_inputs` it is given whole every time: keep them narrow. What it makes must not depend on the batches.

`columns` names, for an argument, the columns that the step looks at; the others are then not read from disk. `filled`
names, for an argument, a column without which a row says nothing to the step: rows where it is null are then left out.

`SOURCES` are not tables of the warehouse. pipelines/sources.py has a provider for each of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from transform.applications import APPLICATIONS_COLUMNS, build_applications
from transform.archive import build_documents, build_ledger, build_quarantine
from transform.bodies import ISSUER_NAMES_COLUMNS, ISSUERS_COLUMNS, build_issuer_names, build_issuers
from transform.cells import build_cells, build_narratives, build_statements
from transform.checks import CHECKS_COLUMNS, build_checks
from transform.corrections import CORRECTIONS_COLUMNS, build_corrections
from transform.coverage import COVERAGE_COLUMNS, build_coverage
from transform.dimensions import build_codes
from transform.disclosure import DISCLOSURE_COLUMNS, build_proactive_disclosure
from transform.issuer_year import ISSUER_YEAR_COLUMNS, build_issuer_year
from transform.litigation import LITIGATION_COLUMNS, build_litigation
from transform.places import build_regions
from transform.region_year import REGION_YEAR_COLUMNS, build_region_year
from transform.renditions import build_renditions
from transform.reports import build_reports
from transform.schema.tables import TABLES
from transform.versions import build_report_versions, build_version_changes

__all__ = ["SOURCES", "STEPS", "Step", "steps_by_table"]

SOURCES: Mapping[str, str] = {
    "extractions": "`ExtractedDocument`s: those of the year, or of the batch's reports; not by year: all of them",
    "fetches": "the ledger as an Arrow table with the columns of `ledger`",
    "corrections": "what people corrected, from their files",
    "verdicts": "what people decided about breaches, from their files",
    "portals": "what the registry of portals expects",
    "population": "people by division and year from a file of the user, with its source",
    "unread": "documents that should be reports and were not read",
}
"""What steps are given besides tables, whole, also where a step goes by year. Two are restricted: `extractions`, and
`fetches` of a step by report, which are the rows of the addresses at which the batch's documents were found."""

_EXTRACTIONS = "extractions"


@dataclass(frozen=True, slots=True)
class Step:
    """How one table is made. `build` is pure and gives a table that conforms to its declaration."""

    table: str
    inputs: tuple[str, ...]
    by_year: bool
    build: Callable[..., pa.Table]
    previous_year_inputs: tuple[str, ...] = ()
    earlier_year_inputs: tuple[str, ...] = ()
    whole_inputs: tuple[str, ...] = ()
    per_report: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if not self.by_year and (self.per_report or self.previous_year_inputs or self.earlier_year_inputs):
            raise ValueError(f"step {self.table}: only a step by year has other years or goes by report")
        if twice := set(self.inputs) & set(self.whole_inputs):
            raise ValueError(f"step {self.table}: {sorted(twice)[0]} is both an input and a whole input")
        if unknown := {*self.columns, *self.filled} - set(self.arguments):
            raise ValueError(f"step {self.table}: columns of {sorted(unknown)[0]}, which is none of its arguments")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names under which `build` is given its tables and sources."""
        return (
            *self.inputs,
            *self.whole_inputs,
            *(f"previous_{name}" for name in self.previous_year_inputs),
            *(f"earlier_{name}" for name in self.earlier_year_inputs),
        )

    @property
    def table_inputs(self) -> tuple[str, ...]:
        """The tables of the same year, or of all years, that other steps make."""
        return tuple(name for name in (*self.inputs, *self.whole_inputs) if name not in SOURCES)

    @property
    def source_inputs(self) -> tuple[str, ...]:
        """The inputs that are no tables of the warehouse."""
        return tuple(name for name in (*self.inputs, *self.whole_inputs) if name in SOURCES)

    @property
    def reads_documents(self) -> bool:
        """Whether the step is given documents with what was read in them."""
        return _EXTRACTIONS in self.source_inputs

    @property
    def looks_back(self) -> bool:
        """Whether what the step makes of a year depends on years before."""
        return bool(self.previous_year_inputs or self.earlier_year_inputs)

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        report_year: int | None = None,
        previous: Mapping[str, pa.Table] | None = None,
        earlier: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Build the table from inputs by name. `report_year` is given exactly where the step goes by year."""
        if self.by_year != (report_year is not None):
            raise ValueError(f"step {self.table}: a report year is {'needed' if self.by_year else 'not taken'}")
        arguments = {name: inputs[name] for name in (*self.inputs, *self.whole_inputs)}
        if self.by_year:
            arguments["report_year"] = report_year
        for name in self.previous_year_inputs:
            arguments[f"previous_{name}"] = (previous or {})[name]
        for name in self.earlier_year_inputs:
            arguments[f"earlier_{name}"] = (earlier or {})[name]
        return self.build(**arguments)


STEPS: tuple[Step, ...] = (
    Step("ledger", ("fetches",), False, build_ledger),
    Step("renditions", ("extractions",), True, build_renditions),
    Step("cells", ("extractions", "renditions", "corrections"), True, build_cells, per_report=True),
    Step("narratives", ("extractions", "renditions"), True, build_narratives, per_report=True),
    Step("statements", ("extractions", "renditions"), True, build_statements, per_report=True),
    Step(
        "report_versions",
        ("renditions", "extractions", "fetches"),
        True,
        build_report_versions,
        per_report=True,
        columns={"renditions": ("report_id", "document_sha256", "is_primary")},
    ),
    Step(
        "version_changes",
        ("renditions", "extractions"),
        True,
        build_version_changes,
        per_report=True,
        columns={"renditions": ("report_id", "document_sha256", "is_primary")},
    ),
    Step(
        "issuer_year",
        ("renditions", "cells"),
        True,
        build_issuer_year,
        earlier_year_inputs=("issuer_year",),
        per_report=True,
        columns=ISSUER_YEAR_COLUMNS,
    ),
    Step(
        "checks",
        ("renditions", "cells", "narratives", "statements", "verdicts"),
        True,
        build_checks,
        previous_year_inputs=("cells",),
        earlier_year_inputs=("issuer_year",),
        whole_inputs=("issuer_year",),
        per_report=True,
        columns=CHECKS_COLUMNS,
    ),
    Step("reports", ("renditions", "checks"), True, build_reports, per_report=True),
    Step("applications", ("cells", "reports"), True, build_applications, per_report=True, columns=APPLICATIONS_COLUMNS),
    Step("litigation", ("cells", "reports"), True, build_litigation, per_report=True, columns=LITIGATION_COLUMNS),
    Step(
        "proactive_disclosure",
        ("cells", "reports"),
        True,
        build_proactive_disclosure,
        per_report=True,
        columns=DISCLOSURE_COLUMNS,
    ),
    Step(
        "coverage",
        ("renditions", "reports", "portals", "unread"),
        True,
        build_coverage,
        previous_year_inputs=("renditions",),
        columns=COVERAGE_COLUMNS,
    ),
    Step(
        "region_year",
        ("reports", "issuer_year", "coverage", "population"),
        True,
        build_region_year,
        previous_year_inputs=("region_year",),
        columns=REGION_YEAR_COLUMNS,
    ),
    Step(
        "documents",
        ("ledger", "extractions", "renditions"),
        False,
        build_documents,
        columns={
            "renditions": ("document_sha256", "format", "extractor_version", "report_id", "report_year"),
            "ledger": (
                "fetch_id",
                "parent_url",
                "url",
                "portal_id",
                "role",
                "outcome",
                "requested_at",
                "sha256",
                "byte_count",
                "link_text",
                "listed_date",
                "local_name",
            ),
        },
    ),
    Step(
        "quarantine",
        ("extractions", "renditions"),
        False,
        build_quarantine,
        columns={"renditions": ("document_sha256",)},
    ),
    Step(
        "corrections",
        ("corrections", "verdicts", "extractions", "renditions", "checks"),
        False,
        build_corrections,
        columns=CORRECTIONS_COLUMNS,
        filled={"checks": "verdict_state"},
    ),
    Step("issuers", ("reports",), False, build_issuers, columns=ISSUERS_COLUMNS),
    Step("issuer_names", ("reports",), False, build_issuer_names, columns=ISSUER_NAMES_COLUMNS),
    Step("regions", (), False, build_regions),
    Step("codes", (), False, build_codes),
)
"""In an order in which every step comes after those whose tables it needs; those that are given documents before the
others, so that each document is decoded once for all of them."""


def steps_by_table() -> dict[str, Step]:
    """The step that makes each table."""
    return {step.table: step for step in STEPS}


def _refuse_a_gap() -> None:
    made: set[str] = set()
    for step in STEPS:
        for name in step.table_inputs:
            if name not in made:
                raise ValueError(f"step {step.table} needs {name}, which no earlier step makes")
        made.add(step.table)
        # What a step needs of other years may be made later in the year, or be the very table that it makes.
        for name in (*step.previous_year_inputs, *step.earlier_year_inputs):
            if name not in TABLES or TABLES[name].partition is None:
                raise ValueError(f"step {step.table} needs other years of {name}, which is not kept by year")
    if made != set(TABLES):
        raise ValueError(f"tables without a step or steps without a table: {sorted(made ^ set(TABLES))}")


_refuse_a_gap()
