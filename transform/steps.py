"""Every step from extractions to tables, declared once: what it makes, from what, and whether by year.

`ogi build` and the Dagster assets are derived from `STEPS`. A step is run as `step.build(**arguments)`:

- by year: `report_year`, each of `inputs` for that year, and each of `previous_year_inputs` for the year before, under
  the name `previous_<table>` (an empty table where that year has none);
- not by year: each of `inputs` over all years.

`SOURCES` are not tables of the warehouse: `extractions` are `ExtractedDocument`s (by year: those for which `year_of`
gives the year; not by year: all, consumed once and in any order), `fetches` is the ledger as an Arrow table with the
columns of `TABLES["ledger"]`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from transform.applications import build_applications
from transform.archive import build_documents, build_ledger, build_quarantine
from transform.cells import build_cells, build_narratives, build_statements
from transform.checks import build_checks
from transform.dimensions import build_codes, build_issuers, build_regions
from transform.disclosure import build_proactive_disclosure
from transform.litigation import build_litigation
from transform.region_year import build_region_year
from transform.renditions import build_renditions
from transform.reports import build_reports
from transform.schema.tables import TABLES

__all__ = ["SOURCES", "STEPS", "Step", "steps_by_table"]

SOURCES = ("extractions", "fetches")


@dataclass(frozen=True, slots=True)
class Step:
    """How one table is made. `build` is pure and gives a table that conforms to its declaration."""

    table: str
    inputs: tuple[str, ...]
    by_year: bool
    build: Callable[..., pa.Table]
    previous_year_inputs: tuple[str, ...] = ()

    @property
    def table_inputs(self) -> tuple[str, ...]:
        """The inputs that other steps make."""
        return tuple(name for name in self.inputs if name not in SOURCES)

    @property
    def source_inputs(self) -> tuple[str, ...]:
        """The inputs that come from the archive."""
        return tuple(name for name in self.inputs if name in SOURCES)

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        report_year: int | None = None,
        previous: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Build the table from inputs by name. `report_year` is given exactly where the step goes by year."""
        if self.by_year != (report_year is not None):
            raise ValueError(f"step {self.table}: a report year is {'needed' if self.by_year else 'not taken'}")
        arguments = {name: inputs[name] for name in self.inputs}
        if self.by_year:
            arguments["report_year"] = report_year
        for name in self.previous_year_inputs:
            arguments[f"previous_{name}"] = (previous or {})[name]
        return self.build(**arguments)


STEPS: tuple[Step, ...] = (
    Step("ledger", ("fetches",), False, build_ledger),
    Step("renditions", ("extractions",), True, build_renditions),
    Step("cells", ("extractions", "renditions"), True, build_cells),
    Step("narratives", ("extractions", "renditions"), True, build_narratives),
    Step("statements", ("extractions", "renditions"), True, build_statements),
    Step("checks", ("renditions", "cells"), True, build_checks, previous_year_inputs=("cells",)),
    Step("reports", ("renditions", "checks"), True, build_reports),
    Step("applications", ("cells", "reports"), True, build_applications),
    Step("litigation", ("cells", "reports"), True, build_litigation),
    Step("proactive_disclosure", ("cells", "reports"), True, build_proactive_disclosure),
    Step("region_year", ("reports", "cells"), True, build_region_year),
    Step("documents", ("ledger", "extractions", "renditions"), False, build_documents),
    Step("quarantine", ("extractions",), False, build_quarantine),
    Step("issuers", ("reports",), False, build_issuers),
    Step("regions", (), False, build_regions),
    Step("codes", (), False, build_codes),
)
"""In an order in which every step comes after those whose tables it needs."""


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
    if made != set(TABLES):
        raise ValueError(f"tables without a step or steps without a table: {sorted(made ^ set(TABLES))}")


_refuse_a_gap()
