"""Figures by region and year: table `region_year`, set-based over `issuer_year`.

Belongs here: which reports speak for a region, on which of two bases. Does not belong here: what a measure is made of
(the crosswalk of the forms) and what a report prints (`issuer_year`). The two bases are two views of one thing, never
added.
"""

from functools import lru_cache

import pyarrow as pa

from extract.forms.declaration import load_forms
from transform.comparability import NOTES_SQL, comparability_table
from transform.issuers import IssuerKind, Scope
from transform.population import no_population
from transform.rates import RATES, rate_sql
from transform.regions import load_gazetteer
from transform.schema.derive import conform
from transform.schema.measures import MEASURES, measure_editions
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["REGION_YEAR_COLUMNS", "SPEAKERS", "build_region_year"]

_GOVERNING = (IssuerKind.GOVERNMENT, IssuerKind.GOVERNMENT_OFFICE, IssuerKind.ZONE_COMMITTEE)
SPEAKERS: tuple[tuple[str, tuple[IssuerKind, ...]], ...] = (
    ("province", _GOVERNING),
    ("prefecture", _GOVERNING),
    ("county", _GOVERNING),
    ("township", (IssuerKind.TOWNSHIP_GOVERNMENT, IssuerKind.SUBDISTRICT)),
)
"""Kinds of issuer whose consolidated report covers a region of each level, best first. A department's consolidated
report
(全系统) covers its own field only and stands for no region."""

_LEVELS = tuple(level for level, _ in SPEAKERS)
_PLACES = tuple(f"{level}{part}" for level in _LEVELS for part in ("_code", ""))
_PARTS = tuple(f"{rate.name}_{part}" for rate in RATES for part in ("numerator", "denominator"))
_COUNTED = ("report_id", "failing_check_count", "numeric_cell_count")
_FIGURES = (
    "report_id", "issuer", "issuer_kind", "level", "scope", "zone", "division_code", *_PLACES, "edition", *MEASURES,
    *_PARTS,
)  # fmt: skip
_EXPECTED = ("division_code", "issuers_expected")
_BEFORE = ("division_code", "basis", "editions")

REGION_YEAR_COLUMNS = {
    "issuer_year": _FIGURES,
    "reports": _COUNTED,
    "coverage": _EXPECTED,
    "previous_region_year": _BEFORE,
}
"""The columns of each argument that `build_region_year` looks at."""

_SUMMED = (*MEASURES, *_PARTS)

_OWN_MEMBERS = "\n    UNION ALL\n    ".join(
    f"SELECT '{level}' AS region_level, {level}_code AS code, 'sum_of_own_reports' AS basis, report_id, is_behind "
    f"FROM own WHERE {level}_code IS NOT NULL"
    for level in _LEVELS
)
_CASE_BY_LEVEL = " ".join(f"WHEN '{level}' THEN {{{level}}}" for level in _LEVELS)
_CODE_OF_LEVEL = f"CASE i.level {_CASE_BY_LEVEL} END".format(**{level: f"i.{level}_code" for level in _LEVELS})
_NAME_OF_LEVEL = f"CASE i.level {_CASE_BY_LEVEL} END".format(**{level: f"i.{level}" for level in _LEVELS})
_REGION_NAME = f"CASE f.region_level {_CASE_BY_LEVEL} END".format(**{level: f"f.{level}" for level in _LEVELS})


def _kept_places() -> str:
    """Codes and names of the region and of the units above it; what lies below belongs to some body, not to it."""
    columns = []
    for place, level in enumerate(_LEVELS):
        inside = ", ".join(f"'{other}'" for other in _LEVELS[place:])
        columns += [
            f"CASE WHEN region_level IN ({inside}) THEN min(i.{name}) END AS {name}"
            for name in (f"{level}_code", level)
        ]
    return ",\n        ".join(columns)


def _incomplete() -> str:
    """Names of measures that some edition behind the row has and some report behind it does not print."""
    cases = []
    for entry in load_forms().crosswalk:
        editions = ", ".join(f"'{edition}'" for edition in measure_editions(entry))
        cases.append(
            f"CASE WHEN f.{entry.canonical}_count < f.report_count AND list_has_any(f.editions, [{editions}])"
            f" THEN '{entry.canonical}' END"
        )
    return f"list_filter([{', '.join(cases)}], lambda name: name IS NOT NULL)"


# Sums are rounded, so that the order in which threads add fractions leaves no trace.
_REGION_YEAR = f"""
WITH reported AS (
    SELECT i.report_id, i.issuer, i.issuer_kind, i.level, i.scope, i.zone, i.division_code, i.township,
        {", ".join(f"i.{level}_code" for level in _LEVELS)},
        {_CODE_OF_LEVEL} AS code_of_level, {_NAME_OF_LEVEL} AS name_of_level, r.numeric_cell_count
    FROM issuer_year i JOIN reports r USING (report_id)
),
speaking AS (
    SELECT i.*, s.place, EXISTS (
        FROM merged m WHERE m.successor = i.code_of_level AND contains(i.issuer, m.name)
    ) AS is_of_a_part
    FROM reported i JOIN speakers s ON s.level = i.level AND s.issuer_kind = i.issuer_kind
    WHERE i.scope = $consolidated AND i.zone IS NULL AND i.code_of_level IS NOT NULL
),
consolidated AS (
    SELECT
        i.report_id, i.level AS region_level, i.code_of_level AS code,
        NOT is_of_a_part AND row_number() OVER (
            PARTITION BY i.code_of_level
            ORDER BY is_of_a_part, i.place, NOT contains(i.issuer, i.name_of_level), i.numeric_cell_count DESC,
                i.report_id
        ) = 1 AS is_behind
    FROM speaking i
),
offices AS (
    SELECT DISTINCT division_code, township, zone FROM reported
    WHERE scope = $own AND issuer_kind = $office
),
own AS (
    SELECT i.*, NOT (i.issuer_kind = $government AND EXISTS (
        FROM offices o
        WHERE o.division_code IS NOT DISTINCT FROM i.division_code
            AND o.township IS NOT DISTINCT FROM i.township AND o.zone IS NOT DISTINCT FROM i.zone
    )) AS is_behind
    FROM reported i WHERE i.scope = $own
),
members AS (
    SELECT region_level, code, 'consolidated_report' AS basis, report_id, is_behind FROM consolidated
    UNION ALL
    {_OWN_MEMBERS}
),
left_out AS (
    SELECT code, basis, count(*) AS left_out_count FROM members WHERE NOT is_behind GROUP BY code, basis
),
figures AS (
    SELECT
        m.code, m.basis, m.region_level,
        {_kept_places()},
        count(*) AS report_count,
        min(i.report_id) AS first_report_id,
        count(*) FILTER (i.applications_processed IS NULL) AS reports_without_total,
        count(*) FILTER (r.failing_check_count > 0) AS reports_with_failing_checks,
        list_sort(list(DISTINCT i.edition)) AS editions,
        {", ".join(f"round(sum(i.{name}), 6) AS {name}" for name in _SUMMED)},
        {", ".join(f"count(i.{name}) AS {name}_count" for name in MEASURES)}
    FROM members m JOIN issuer_year i ON i.report_id = m.report_id JOIN reports r ON r.report_id = m.report_id
    WHERE m.is_behind
    GROUP BY m.code, m.basis, m.region_level
),
steps AS (
    SELECT key, from_edition, unnest(to_editions) AS to_edition
    FROM (
        SELECT f.code || f.basis AS key, unnest(b.editions) AS from_edition, f.editions AS to_editions
        FROM figures f JOIN before b ON b.division_code = f.code AND b.basis = f.basis
        WHERE list_sort(b.editions) <> f.editions
    )
),
notes AS ({NOTES_SQL})
SELECT
    f.code AS division_code, CAST($report_year AS INTEGER) AS report_year, f.basis,
    {_REGION_NAME} AS region, f.region_level AS level,
    {", ".join(f"f.{name}" for name in _PLACES)},
    f.report_count,
    CASE f.basis WHEN 'consolidated_report' THEN f.first_report_id END AS report_id,
    coalesce(l.left_out_count, 0) AS left_out_count,
    e.issuers_expected AS body_count_expected,
    CASE WHEN f.basis = 'sum_of_own_reports' AND f.report_count <= e.issuers_expected
        THEN f.report_count / e.issuers_expected END AS reporting_share,
    f.reports_without_total, f.reports_with_failing_checks, f.editions,
    list_sort(b.editions) <> f.editions AS edition_break,
    coalesce(n.comparability_notes, CAST([] AS VARCHAR[])) AS comparability_notes,
    {", ".join(f"f.{name}" for name in MEASURES)},
    {
    ", ".join(
        f"{rate_sql(rate, f'f.{rate.name}_numerator', f'f.{rate.name}_denominator')} AS {rate.name},"
        f" f.{rate.name}_numerator, f.{rate.name}_denominator"
        for rate in RATES
    )
},
    p.population, p.source AS population_source,
    100000.0 * f.applications_new / p.population AS applications_per_100000,
    {_incomplete()} AS incomplete_measures
FROM figures f
LEFT JOIN left_out l ON l.code = f.code AND l.basis = f.basis
LEFT JOIN expected e ON e.division_code = f.code
LEFT JOIN before b ON b.division_code = f.code AND b.basis = f.basis
LEFT JOIN notes n ON n.key = f.code || f.basis
LEFT JOIN people p ON p.division_code = f.code AND p.year = $report_year
"""


def build_region_year(
    *,
    report_year: int,
    reports: pa.Table,
    issuer_year: pa.Table,
    previous_region_year: pa.Table,
    coverage: pa.Table | None = None,
    population: pa.Table | None = None,
) -> pa.Table:
    """Every region and basis for which a report of the year speaks. The two bases are never added.

    `consolidated_report`: the figures of one report, the consolidated one of the body that governs the region. Those of
    a government, its general office or the committee of a zone with a code stand for a province, prefecture or county
    (best in this order), of a township's government or street office for their township where its code is known. Of
    several, that of the first kind is taken, then one whose issuer bears the region's present name, then the one with
    most numbers, then the smallest report_id; the others are counted in `left_out_count`. A unit that the division took
    in since (下城区, now part of 拱墅区) never stands for the division, of which it was a part; where only such units
    reported, as in the years before 梁溪区 was made of three, there is no row. A zone without a code stands for no
    division, and a department's consolidated report (全系统) for none either.

    `sum_of_own_reports`: every report of scope own of a body in the region, at any depth, each body once: a
    government's own report (本级) is left out, and counted in `left_out_count`, where its general office, of the same
    division, township and zone, gives an own report too. Reports whose scope is unknown or consolidated enter no sum. A
    body of a zone without a code is a body of the division in which the zone lies, and of no other row.

    A measure is the sum over the reports behind the row that give a number, null if none does; it is named in
    `incomplete_measures` if one of the row's editions has it and some report gives none. A rate has as numerator and
    denominator the sums over those reports that give both, and is null below its smallest base (`transform.rates`).
    `edition_break` and `comparability_notes` hold the row against that of the same region and basis the year before.
    `coverage` tells how many bodies are expected, `population` how many people live there; both may be missing.
    """
    tables = {
        "issuer_year": issuer_year.select(list(_FIGURES)),
        "reports": reports.select(list(_COUNTED)),
        "speakers": _speakers(),
        "merged": _merged_units(),
        "before": previous_region_year.select(list(_BEFORE)),
        "expected": _EXPECTED_SCHEMA.empty_table() if coverage is None else coverage.select(list(_EXPECTED)),
        "people": no_population() if population is None else population,
        "comparability": comparability_table(),
    }
    parameters = {
        "report_year": report_year,
        "own": Scope.OWN.value,
        "consolidated": Scope.CONSOLIDATED.value,
        "government": IssuerKind.GOVERNMENT.value,
        "office": IssuerKind.GOVERNMENT_OFFICE.value,
    }
    return conform(TABLES["region_year"], run_sql(_REGION_YEAR, tables, parameters))


_EXPECTED_SCHEMA = pa.schema([("division_code", pa.string()), ("issuers_expected", pa.int64())])


@lru_cache(maxsize=1)
def _merged_units() -> pa.Table:
    """Units by name, with the division of today that took each in."""
    rows = [{"name": unit.name, "successor": unit.successor} for unit in load_gazetteer().merged_units]
    return pa.Table.from_pylist(rows, schema=pa.schema([("name", pa.string()), ("successor", pa.string())]))


def _speakers() -> pa.Table:
    rows = [
        {"level": level, "issuer_kind": kind.value, "place": place}
        for level, kinds in SPEAKERS
        for place, kind in enumerate(kinds)
    ]
    return pa.Table.from_pylist(rows)
