"""The benchmark at scale on a handful of reports: its known sums are those of the warehouse; a wrong one is found."""

from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc

from benchmarks import scale, scale_inputs
from benchmarks.scale_inputs import write_inputs
from pipelines.build import build
from pipelines.crew import Crew
from pipelines.layout import DataLayout
from pipelines.warehouse import Warehouse

YEAR = 2023


def test_known_sums_are_those_of_the_warehouse_and_a_wrong_one_is_found(tmp_path: Path) -> None:
    layout = DataLayout(tmp_path)
    with Crew(1) as crew:
        inputs = write_inputs(layout, 40, crew)
    build(layout, years=[YEAR], workers=1)
    of_year = replace(inputs, totals=inputs.totals.filter(pc.equal(inputs.totals.column("report_year"), YEAR)))
    assert scale._compare(layout, of_year) == (of_year.totals.num_rows, [])
    place = of_year.totals.schema.get_field_index("applications_new")
    more = pc.add(of_year.totals.column(place), 1)
    falsified = replace(of_year, totals=of_year.totals.set_column(place, "applications_new", more))
    assert len(scale._compare(layout, falsified)[1]) == min(of_year.totals.num_rows, 6)
    assert len(scale._compare(layout, replace(of_year, totals=of_year.totals.slice(1)))[1]) == 1
    # The figures close, and what one year carries forward the next carries over.
    checks = Warehouse(layout).read("checks", [YEAR], ["kind", "severity", "status"])
    is_broken = pc.and_(pc.equal(checks.column("status"), "fail"), pc.equal(checks.column("severity"), "error"))
    assert not pc.any(is_broken).as_py()
    assert checks.num_rows > 0


def test_no_body_reports_under_a_name_that_was_another_places() -> None:
    """Until 2014 吐鲁番市 was the county-level city that 高昌区 succeeded: both as they are now would be one body."""
    first = {(one.division.code, one.body): one.first_year for one in scale_inputs._issuers(1_000_000)}
    assert min(year for (code, _), year in first.items() if code == "650400") == 2015
    assert min(first.values()) == 2008
