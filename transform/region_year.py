"""Figures by region and year: table `region_year`.

Belongs here: which reports speak for a region, on which of two bases, and the shares. Does not belong here: what a
measure is made of (the crosswalk of the forms). The two bases are two views of one thing and are never added.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from transform.expressions import sum_expressions
from transform.form_index import measure_expressions
from transform.issuers import IssuerKind, Scope
from transform.schema.derive import from_rows
from transform.schema.tables import MEASURES, RATES, TABLES

__all__ = ["build_region_year"]

_LEVELS = ("province", "prefecture", "county")
_SPEAKS_FOR_REGION = tuple(
    kind.value for kind in (IssuerKind.GOVERNMENT, IssuerKind.GOVERNMENT_OFFICE, IssuerKind.ZONE_COMMITTEE)
)
"""Kinds of issuer whose consolidated report covers a region, best first; a department's covers its own field only."""

_TOTAL = "applications_processed"
_DECIMALS = 6

_Report = Mapping[str, Any]
_Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class _Region:
    level: str
    code: str
    names: Mapping[str, str | None]

    @classmethod
    def of(cls, report: _Report, level: str) -> "_Region | None":
        """The region of a level in which the issuer lies; None if the report tells none."""
        code = report[f"{level}_code"]
        if code is None:
            return None
        kept = _LEVELS[: _LEVELS.index(level) + 1]
        names = {}
        for tier in _LEVELS:
            names[f"{tier}_code"] = report[f"{tier}_code"] if tier in kept else None
            names[tier] = report[tier] if tier in kept else None
        return cls(level, code, names)


def build_region_year(*, report_year: int, reports: pa.Table, cells: pa.Table) -> pa.Table:
    """Every region and basis for which a report of the year speaks.

    `consolidated_report`: the government's own consolidated report, one for each region. `sum_of_own_reports`: every
    report of a single body in the region, at any depth. A null adds nothing to a sum and is named in
    `incomplete_measures`; an expression with a blank among its cells is null.
    """
    listed = reports.sort_by("report_id").to_pylist()
    values = _measures(listed, cells)
    rows = [
        *_consolidated_rows(report_year, listed, values),
        *_own_rows(report_year, listed, values),
    ]
    return from_rows(TABLES["region_year"], rows)


def _measures(reports: Sequence[_Report], cells: pa.Table) -> dict[str, _Values]:
    """The measures of each report; None where a figure that a measure needs is not a printed number."""
    wanted = [{"report_id": row["report_id"], "edition": row["edition"], "previous_report_id": None} for row in reports]
    values: dict[str, dict[str, float | None]] = {row["report_id"]: dict.fromkeys(MEASURES) for row in reports}
    for row in sum_expressions(measure_expressions(), wanted, cells).to_pylist():
        if row["blocked_by"] is None and row["blank_count"] == 0 and row["number_count"] > 0:
            values[row["report_id"]][row["expression_id"]] = row["left_sum"]
    return {report_id: found for report_id, found in values.items()}


def _consolidated_rows(
    report_year: int, reports: Iterable[_Report], values: Mapping[str, _Values]
) -> Iterator[dict[str, Any]]:
    candidates: dict[str, list[_Report]] = {}
    regions: dict[str, _Region] = {}
    for report in reports:
        if report["scope"] != Scope.CONSOLIDATED or report["issuer_kind"] not in _SPEAKS_FOR_REGION or report["zone"]:
            continue
        region = _Region.of(report, report["level"]) if report["level"] in _LEVELS else None
        if region is not None:
            candidates.setdefault(region.code, []).append(report)
            regions[region.code] = region
    for code, found in candidates.items():
        best, *others = sorted(
            found,
            key=lambda report: (
                _SPEAKS_FOR_REGION.index(report["issuer_kind"]), -report["numeric_cell_count"], report["report_id"],
            ),
        )  # fmt: skip
        yield _row(regions[code], report_year, "consolidated_report", [best], values, other_count=len(others))


def _own_rows(report_year: int, reports: Iterable[_Report], values: Mapping[str, _Values]) -> Iterator[dict[str, Any]]:
    members: dict[str, list[_Report]] = {}
    regions: dict[str, _Region] = {}
    for report in reports:
        if report["scope"] != Scope.OWN:
            continue
        for level in _LEVELS:
            region = _Region.of(report, level)
            if region is not None:
                members.setdefault(region.code, []).append(report)
                regions.setdefault(region.code, region)
    for code, found in members.items():
        kept = _each_body_once(found)
        others = len(found) - len(kept)
        yield _row(regions[code], report_year, "sum_of_own_reports", kept, values, other_count=others)


def _each_body_once(reports: Sequence[_Report]) -> list[_Report]:
    """Own reports without those of a government (本级) whose general office reports too: the same figures."""
    offices = {_seat(report) for report in reports if report["issuer_kind"] == IssuerKind.GOVERNMENT_OFFICE}
    return [
        report for report in reports if report["issuer_kind"] != IssuerKind.GOVERNMENT or _seat(report) not in offices
    ]


def _seat(report: _Report) -> tuple[str | None, str | None, str | None]:
    """The place that a government and its office share."""
    return report["division_code"], report["township"], report["zone"]


def _row(
    region: _Region,
    report_year: int,
    basis: str,
    reports: Sequence[_Report],
    values: Mapping[str, _Values],
    *,
    other_count: int,
) -> dict[str, Any]:
    behind = [values[report["report_id"]] for report in reports]
    measures = {name: _sum(found[name] for found in behind) for name in MEASURES}
    return {
        "division_code": region.code,
        "report_year": report_year,
        "basis": basis,
        "region": region.names[region.level],
        "level": region.level,
        **region.names,
        "report_count": len(reports),
        "report_id": reports[0]["report_id"] if basis == "consolidated_report" else None,
        "left_out_count": other_count,
        "reports_without_total": sum(found[_TOTAL] is None for found in behind),
        "reports_with_failing_checks": sum(report["failing_check_count"] > 0 for report in reports),
        "editions": sorted({report["edition"] for report in reports}),
        **measures,
        **_rates(behind),
        "incomplete_measures": [name for name in MEASURES if any(found[name] is None for found in behind)],
    }


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum of the numbers; None, never 0, if there is none."""
    numbers = [value for value in values if value is not None]
    return round(sum(numbers), _DECIMALS) if numbers else None


def _rates(behind: Sequence[_Values]) -> dict[str, float | None]:
    """Each share over the reports that print both of its figures."""
    found: dict[str, float | None] = {}
    for rate in RATES:
        both = [
            (numerator, denominator)
            for values in behind
            if (numerator := values[rate.numerator]) is not None
            and (denominator := values[rate.denominator]) is not None
        ]
        numerator = _sum(pair[0] for pair in both)
        denominator = _sum(pair[1] for pair in both)
        found[rate.name] = _share(numerator, denominator)
        found[f"{rate.name}_numerator"] = numerator
        found[f"{rate.name}_denominator"] = denominator
    return found


def _share(numerator: float | None, denominator: float | None) -> float | None:
    """The share; None over nothing, and where the printed figures contradict each other."""
    if numerator is None or not denominator or not 0 <= numerator <= denominator:
        return None
    return numerator / denominator
