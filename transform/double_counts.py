"""Whether any figure of `region_year` counts a body twice, worked out again from the reports behind it.

Belongs here: a second computation that shares no query with `region_year`, so that a fault in one shows in the other.
Does not belong here: what is done about a finding (an asset check of the pipelines).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transform.issuers import IssuerKind, Scope
from transform.rates import RATES
from transform.region_year import SPEAKERS
from transform.schema.measures import MEASURES

__all__ = ["DOUBLE_COUNT_COLUMNS", "double_counts"]

_CONSOLIDATED, _SUM = "consolidated_report", "sum_of_own_reports"
_SUMMED = (*MEASURES, *(f"{rate.name}_{part}" for rate in RATES for part in ("numerator", "denominator")))
_TOLERANCE = 1e-5
_CODES = tuple(f"{level}_code" for level, _ in SPEAKERS)

DOUBLE_COUNT_COLUMNS = {
    "region_year": ("division_code", "basis", "level", "report_id", "report_count", "left_out_count", *_SUMMED),
    "reports": (
        "report_id", "issuer_id", "issuer_kind", "scope", "level", "zone", "township", "division_code", *_CODES,
    ),
    "issuer_year": ("report_id", *_SUMMED),
}  # fmt: skip
"""The columns of each argument that `double_counts` looks at."""


def double_counts(*, region_year: pa.Table, reports: pa.Table, issuer_year: pa.Table) -> list[str]:
    """Problems of one year's `region_year`, one sentence each; empty where every body counts once.

    Found are: an issuer with two reports; a region and basis with two rows; a consolidated row whose report is none
    that speaks for the region, or whose figures are not that report's; a sum whose number of reports or whose figures
    are not those of the region's own reports with each body once (a government beside its general office counts as
    one).
    """
    listed = reports.select(list(DOUBLE_COUNT_COLUMNS["reports"])).to_pylist()
    return [
        *_twice(
            (row["issuer_id"] for row in listed), "the issuer {} has {} reports in one year: its figures count twice"
        ),
        *_twice(
            zip(region_year.column("division_code").to_pylist(), region_year.column("basis").to_pylist(), strict=True),
            "region {0[0]}, {0[1]}: {1} rows for one year",
        ),
        *_consolidated_problems(region_year, listed, issuer_year),
        *_sum_problems(region_year, listed, issuer_year),
    ]


def _twice(keys: Iterator[Any], sentence: str) -> list[str]:
    counted = Counter(keys)
    return [sentence.format(key, count) for key, count in sorted(counted.items()) if count > 1]


def _consolidated_problems(
    region_year: pa.Table, listed: Sequence[Mapping[str, Any]], issuer_year: pa.Table
) -> Iterator[str]:
    rows = region_year.filter(pc.equal(region_year.column("basis"), _CONSOLIDATED))
    by_id = {row["report_id"]: row for row in listed}
    kinds = {level: {kind.value for kind in speaking} for level, speaking in SPEAKERS}
    for row in rows.select(["division_code", "level", "report_id", "report_count"]).to_pylist():
        report = by_id.get(row["report_id"])
        speaks = (
            report is not None
            and row["report_count"] == 1
            and report["scope"] == Scope.CONSOLIDATED
            and report["issuer_kind"] in kinds[row["level"]]
            and report["level"] == row["level"]
            and report[f"{row['level']}_code"] == row["division_code"]
            and report["zone"] is None
        )
        if not speaks:
            yield f"region {row['division_code']}: {row['report_id']} is no consolidated report that speaks for it"
    yield from _differences(rows, rows.column("report_id"), issuer_year, "report_id", _CONSOLIDATED)


def _sum_problems(region_year: pa.Table, listed: Sequence[Mapping[str, Any]], issuer_year: pa.Table) -> Iterator[str]:
    rows = region_year.filter(pc.equal(region_year.column("basis"), _SUM))
    own = [row for row in listed if row["scope"] == Scope.OWN]
    offices = {_seat(row) for row in own if row["issuer_kind"] == IssuerKind.GOVERNMENT_OFFICE}
    left_out: Counter[str] = Counter()
    members: list[tuple[str, str]] = []
    for row in own:
        is_counted = row["issuer_kind"] != IssuerKind.GOVERNMENT or _seat(row) not in offices
        for code in {row[name] for name in _CODES} - {None}:
            if is_counted:
                members.append((code, row["report_id"]))
            else:
                left_out[code] += 1
    counted = Counter(code for code, _ in members)
    found = set()
    for row in rows.select(["division_code", "report_count", "left_out_count"]).to_pylist():
        code = row["division_code"]
        found.add(code)
        if (row["report_count"], row["left_out_count"]) != (counted[code], left_out[code]):
            yield (
                f"region {code}, {_SUM}: {row['report_count']} reports behind it and {row['left_out_count']} left out, "
                f"but {counted[code]} bodies gave own reports and {left_out[code]} would count twice"
            )
    yield from (f"region {code}, {_SUM}: its row is missing" for code in sorted(set(counted) - found))
    table = pa.table(
        {
            "division_code": pa.array([code for code, _ in members], pa.string()),
            "report_id": pa.array([report_id for _, report_id in members], pa.string()),
        }
    )
    place = pc.index_in(table.column("report_id"), value_set=issuer_year.column("report_id").combine_chunks())
    figures = {name: issuer_year.column(name).take(place) for name in _SUMMED}
    sums = pa.table({"division_code": table.column("division_code"), **figures})
    sums = sums.group_by("division_code").aggregate([(name, "sum") for name in _SUMMED])
    sums = sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names])
    yield from _differences(rows, rows.column("division_code"), sums, "division_code", _SUM)


def _seat(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The place that a government and its office share."""
    return row["division_code"], row["township"], row["zone"]


def _differences(rows: pa.Table, keys: pa.ChunkedArray, figures: pa.Table, key: str, basis: str) -> Iterator[str]:
    """Figures of the rows that are not those that `figures` has under the same key; null is not 0."""
    place = pc.index_in(keys, value_set=figures.column(key).combine_chunks())
    for name in _SUMMED:
        printed, expected = rows.column(name), figures.column(name).take(place)
        differs = pc.or_(
            pc.fill_null(pc.greater(pc.abs(pc.subtract(printed, expected)), _TOLERANCE), False),
            pc.not_equal(pc.is_null(printed), pc.is_null(expected)),
        )
        wrong = rows.filter(differs)
        for code, figure, right in zip(
            wrong.column("division_code").to_pylist(),
            wrong.column(name).to_pylist(),
            expected.filter(differs).to_pylist(),
            strict=True,
        ):
            yield f"region {code}, {basis}: {name} is {figure}, the reports behind it give {right}"
