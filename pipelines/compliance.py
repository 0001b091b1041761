"""Which bodies did not publish, published late or published what cannot be used: the worst first.

Belongs here: single bodies and documents. Does not belong here: counts by region (the table `coverage`, from the same
definitions: transform/coverage.py).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from pipelines.catalog import connect
from pipelines.coverage import last_due_year
from pipelines.layout import DataLayout
from pipelines.questions import ask
from pipelines.warehouse import Warehouse
from transform.coverage import publication_days, year_of_link

__all__ = ["Breach", "breaches"]

_LEVELS = ("province", "prefecture", "county")

# Of a region of which nothing is known but that governments exist there nobody is missing: nobody has looked.
_MISSING = """
SELECT report_year, division_code, level, province, prefecture, county, province_code, prefecture_code, missing_issuers,
    issuers_found > 0 OR expected_from_previous_year > 0 OR reports_unreadable > 0
        OR expected_by_registry IS NOT NULL AS is_known
FROM coverage
WHERE report_year <= $due AND len(missing_issuers) > 0 AND (len($years) = 0 OR list_contains($years, report_year))
ORDER BY report_year, division_code"""

_QUARANTINED = """
SELECT document, document_sha256, portal_id, link_text, listed_date, reason
FROM documents WHERE extraction_status = 'quarantined' ORDER BY portal_id, document"""

_REPORTS = """
SELECT report_id, issuer, province, prefecture, county, failing_check_count, url FROM reports
WHERE report_year = $year ORDER BY report_id"""

_NEEDED = {
    "renditions": ("report_id", "published_date", "listed_date"),
    "reports": ("report_id", "issuer_kind", "scope"),
}


class Breach(StrEnum):
    """What is wrong with a body's report, worst first."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    LATE = "late"
    CONTRADICTORY = "contradictory"
    UNDATED = "undated"


def breaches(layout: DataLayout, years: Sequence[int] = ()) -> list[dict[str, Any]]:
    """One row for each body, or document, and breach: the worst kind first, the latest first of the late.

    Missing are bodies of regions of which anything is known, once all reports of the year are due.
    """
    connection = connect(layout)
    due = last_due_year(connection)
    found = [
        *_missing(connection, years, due),
        *_unreadable(connection, years),
        *(row for year in _years(layout, years) for row in _published(connection, layout, year)),
    ]
    order = {kind.value: place for place, kind in enumerate(Breach)}
    return sorted(
        found,
        key=lambda row: (
            order[row["breach"]], -(row["days_late"] or 0), -(row["report_year"] or 0), row["region"] or "",
            row["issuer"] or "", row["document"] or "",
        ),
    )  # fmt: skip


def _years(layout: DataLayout, years: Sequence[int]) -> Sequence[int]:
    return [year for year in Warehouse(layout).years("reports") if not years or year in years]


def _row(breach: Breach, report_year: int | None, **known: Any) -> dict[str, Any]:
    names = (
        "issuer", "region", "report_id", "document", "portal_id", "first_published", "due", "days_late", "remark",
    )  # fmt: skip
    return {"breach": breach.value, "report_year": report_year, **dict.fromkeys(names), **known}


def _region(row: Mapping[str, Any]) -> str | None:
    return " ".join(filter(None, (row[level] for level in _LEVELS))) or None


def _missing(connection: Any, years: Sequence[int], due: int) -> Iterator[dict[str, Any]]:
    """Each missing body once, in the smallest region that names it."""
    rows = ask(connection, _MISSING, years=list(years), due=due)
    below: dict[tuple[int, str], Counter[str]] = {}
    for row in sorted(rows, key=lambda row: -_LEVELS.index(row["level"])):
        named: Counter[str] = Counter(row["missing_issuers"])
        if row["level"] != "province":
            above = (row["level"] == "county" and row["prefecture_code"]) or row["province_code"]
            below.setdefault((row["report_year"], above), Counter()).update(named)
        here = named - below.get((row["report_year"], row["division_code"]), Counter())
        for name in here.elements() if row["is_known"] else ():
            yield _row(Breach.MISSING, row["report_year"], issuer=name, region=_region(row))


def _unreadable(connection: Any, years: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in ask(connection, _QUARANTINED):
        year = year_of_link(row["link_text"], row["listed_date"])
        if not years or year in years:
            yield _row(
                Breach.UNREADABLE, year, issuer=row["link_text"], document=row["document"],
                portal_id=row["portal_id"], remark=row["reason"],
            )  # fmt: skip


def _published(connection: Any, layout: DataLayout, year: int) -> Iterator[dict[str, Any]]:
    """Reports of a year that came late, without a date, or with figures that contradict each other."""
    warehouse = Warehouse(layout)
    inputs = {name: warehouse.read(name, [year], columns) for name, columns in _NEEDED.items()}
    days = {row["report_id"]: row for row in publication_days(report_year=year, **inputs).to_pylist()}
    for row in ask(connection, _REPORTS, year=year):
        known = {"issuer": row["issuer"], "region": _region(row), "report_id": row["report_id"], "document": row["url"]}
        published = days[row["report_id"]]
        known |= {name: published[name] for name in ("first_published", "due", "days_late")}
        if published["days_late"] is None:
            yield _row(Breach.UNDATED, year, **known)
        elif published["days_late"] > 0:
            yield _row(Breach.LATE, year, **known)
        if row["failing_check_count"] > 0:
            count = row["failing_check_count"]
            yield _row(Breach.CONTRADICTORY, year, **known, remark=f"{count} broken rules: ogi problems")
