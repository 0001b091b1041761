"""Who should have published, who has, on time or late, and whose reports cannot be used: table `coverage`.

Belongs here: what is expected of a region in a year, beside what was found. Does not belong here: why a portal gave
nothing (the ledger tells; `ogi coverage`).

Definitions, for a region R (a division of today: province, prefecture or county) and a report year Y. A body belongs to
every region in whose division it lies, at any depth: the rows of a province contain those of its counties.

- **Found** F: issuers with a row in `reports` on Y whose region is R or lies in it.
- **A report stands for the government of division X** if its issuer is the people's government of X, or, with
  consolidated scope, the general office of that government or the committee of a zone that governs X (平潭), with no
  township and no zone without a code named.
- **Governments** G: divisions in R, R included, province to county, that exist at the end of Y (`Gazetteer`), without
  those that have no people's government (zones with statistical codes, 兵团, 雄安新区, 行政委员会); and units that were
  there at the end of Y and were merged into others since. One is present if a report on Y stands for it.
- **The year before** P: issuers with a row in `renditions` (primary) on Y-1 in R, without those whose lifespan has
  ended: bodies of a unit that was merged into another after Y-1, and bodies whose function was abolished or merged at
  the end of Y-1 (`data/reference/issuers`).
- **Missing by name** M: governments of G that are not present; and issuers of P that are not in F, unless their report
  on Y-1 stood for a government of G (then that government is expected, and another issuer's report may stand for it).
- `issuers_expected` = max(|F| + |M|, least number by the registry); `issuers_missing` = that less |F|. The registry's
  least number counts for Y if an entry names Y, or names every year and a report of the portal on Y or Y-1 was found.
- **Late**: the earliest day of publication over all renditions of the report (printed or listed) is after the day due,
  as the rule `timing.published` has it. **Undated**: no day is known, or one before 31 December of Y.
- **Unreadable**: documents in quarantine, by their portal's division and by the year that was read of them, that the
  text of their link names, or before the one in which they were listed. **Contradictory**: reports that break a rule of
  severity error.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa

from transform.functions import load_body_names
from transform.issuers import IssuerKind, Scope
from transform.regions import Division, Gazetteer, Level, load_gazetteer
from transform.regions.kinds import kind_of
from transform.regions.lifespans import FormerUnit
from transform.rules.whole_reports import publication_deadline
from transform.schema.derive import conform, empty
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = [
    "COVERAGE_COLUMNS",
    "PORTALS",
    "STANDS_FOR_GOVERNMENT",
    "UNREAD",
    "build_coverage",
    "publication_days",
    "unread_documents",
    "year_of_link",
]

PORTALS = pa.schema(
    [
        pa.field("portal_id", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("division_code", pa.string()),
        pa.field("report_year", pa.int32()),
        pa.field("minimum", pa.int64()),
        pa.field("maximum", pa.int64()),
    ]
)
"""Source `portals`: one row for each portal and bound; `report_year` null: the bound of every year not named by itself.

A portal without bounds has one row without any.
"""

UNREAD = pa.schema(
    [
        pa.field("document_sha256", pa.string(), nullable=False),
        pa.field("portal_id", pa.string()),
        pa.field("link_text", pa.string()),
        pa.field("listed_date", pa.date32()),
        pa.field("status", pa.string()),
        pa.field("report_year", pa.int32()),
    ]
)
"""Source `unread`: documents collected that are no stated non-reports.

`status`: quarantined, null (not looked into), or read. Those read are listed because one without a row in `renditions`
of its year is in quarantine after all (it names no issuer). `report_year`: what was read, else what the link tells.
"""

_RENDITION_COLUMNS = ("report_id", "document_sha256", "portal_id", "published_date", "listed_date")
_BODY_COLUMNS = (
    "report_id", "issuer_id", "issuer", "issuer_kind", "scope", "township", "zone", "division_code", "province_code",
    "prefecture_code", "county_code",
)  # fmt: skip
COVERAGE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "renditions": _RENDITION_COLUMNS,
    "reports": (*_BODY_COLUMNS, "failing_check_count"),
    "previous_renditions": (*_BODY_COLUMNS, "portal_id", "is_primary"),
}
"""The columns that `build_coverage` looks at."""

_LEVELS = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)
_WITHOUT_GOVERNMENT = frozenset({"production_corps", "new_area", "other_prefecture", "other_county"})
"""Kinds of units with a code and no people's government: 兵团, 雄安新区, 行政委员会."""

_YEAR_IN_TITLE = re.compile(r"(?<!\d)(20[0-3]\d)(?=\s*年|年度|\D*(?:信息公开|年报|报告))")

STANDS_FOR_GOVERNMENT = (
    f"township IS NULL AND zone IS NULL AND (issuer_kind = '{IssuerKind.GOVERNMENT}' OR "
    f"(issuer_kind IN ('{IssuerKind.GOVERNMENT_OFFICE}', '{IssuerKind.ZONE_COMMITTEE}') "
    f"AND scope = '{Scope.CONSOLIDATED}'))"
)
"""The condition, over columns of `reports`, under which a report stands for the government of its division."""

# `bodies` are reports of a year; `merged` are units that were there in that year and were merged into others since.
_STANDING = """
SELECT b.*, CASE WHEN {stands} THEN coalesce((
    SELECT min(m.key) FROM {merged} m
    WHERE contains(b.issuer, m.name)
      AND (m.successor = b.division_code OR (m.successor = '' AND m.prefecture_code = b.prefecture_code))
), b.division_code) END AS government
FROM {bodies} b"""

# As the rule timing.published (transform/rules) has it, which names each late report in `checks`.
_PUBLICATION = """
WITH published AS (
    SELECT report_id, min(day) AS day FROM (
        SELECT report_id, unnest([published_date, listed_date]) AS day FROM renditions
    ) GROUP BY report_id
),
judged AS (
    SELECT
        r.report_id, CASE WHEN p.day >= $year_end THEN p.day END AS first_published,
        CASE WHEN r.issuer_kind = $government OR r.scope = $consolidated THEN $government_due ELSE $other_due END AS due
    FROM reports r LEFT JOIN published p USING (report_id)
)
SELECT *, CASE WHEN first_published IS NOT NULL THEN greatest(0, first_published - due) END AS days_late
FROM judged ORDER BY report_id
"""

_COVERAGE = """
WITH now AS ({now}),
before AS ({before}),
-- Bodies of the year before that cannot be expected any more.
ended AS (
    SELECT b.report_id FROM before b JOIN gone_units u
        ON contains(b.issuer, u.name)
        AND (u.successor = b.division_code OR (u.successor = '' AND u.prefecture_code = b.prefecture_code))
    UNION
    SELECT report_id FROM (
        SELECT b.report_id, arg_max(n.is_ended, length(n.name)) AS is_ended
        FROM before b JOIN body_names n ON ends_with(b.issuer, n.name)
        WHERE b.issuer_kind IN ('department', 'institution') GROUP BY b.report_id
    ) WHERE is_ended
),
still AS (SELECT * FROM before ANTI JOIN ended USING (report_id)),
found AS (
    SELECT
        code,
        count(DISTINCT issuer_id) AS issuers_found,
        count(DISTINCT issuer_id) FILTER (days_late > 0) AS issuers_late,
        count(DISTINCT issuer_id) FILTER (days_late IS NULL) AS issuers_undated,
        count(*) FILTER (failing_check_count > 0) AS reports_contradictory
    FROM (
        SELECT *, unnest(list_distinct([province_code, prefecture_code, county_code])) AS code
        FROM now JOIN publication USING (report_id)
    )
    WHERE code IS NOT NULL GROUP BY code
),
expected AS (
    SELECT code, count(DISTINCT issuer_id) AS expected_from_previous_year
    FROM (SELECT *, unnest(list_distinct([province_code, prefecture_code, county_code])) AS code FROM still)
    WHERE code IS NOT NULL GROUP BY code
),
governed AS (
    SELECT
        code, count(*) AS expected_governments,
        count(*) FILTER (key IN (SELECT government FROM now WHERE government IS NOT NULL)) AS governments_found
    FROM (SELECT key, unnest(list_distinct([province_code, prefecture_code, county_code])) AS code FROM governments)
    WHERE code IS NOT NULL GROUP BY code
),
absent AS (
    SELECT
        0 AS rank, g.key AS place, coalesce(b.issuer, g.title) AS name,
        g.province_code, g.prefecture_code, g.county_code
    FROM governments g LEFT JOIN (SELECT government, min(issuer) AS issuer FROM still GROUP BY government) b
        ON b.government = g.key
    WHERE g.key NOT IN (SELECT government FROM now WHERE government IS NOT NULL)
    UNION ALL
    SELECT 1, issuer_id, min(issuer), min(province_code), min(prefecture_code), min(county_code) FROM still
    WHERE issuer_id NOT IN (SELECT issuer_id FROM now)
      AND (government IS NULL OR government NOT IN (SELECT key FROM governments))
    GROUP BY issuer_id
),
missing AS (
    SELECT code, count(*) AS missing_count, list(name ORDER BY rank, place) AS missing_issuers
    FROM (SELECT *, unnest(list_distinct([province_code, prefecture_code, county_code])) AS code FROM absent)
    WHERE code IS NOT NULL GROUP BY code
),
placed AS (
    SELECT p.portal_id, d.province_code, d.prefecture_code, d.county_code
    FROM (SELECT DISTINCT portal_id, division_code FROM portals) p JOIN divisions d ON d.code = p.division_code
),
seen AS (
    SELECT portal_id FROM renditions UNION SELECT portal_id FROM previous WHERE portal_id IS NOT NULL
),
bounds AS (
    SELECT portal_id, coalesce(max(minimum) FILTER (report_year = $year), CASE
        WHEN portal_id IN (SELECT portal_id FROM seen WHERE portal_id IS NOT NULL)
        THEN max(minimum) FILTER (report_year IS NULL) END) AS minimum
    FROM portals GROUP BY portal_id
),
registered AS (
    SELECT code, CAST(sum(minimum) AS BIGINT) AS expected_by_registry FROM (
        SELECT b.minimum, unnest(list_distinct([p.province_code, p.prefecture_code, p.county_code])) AS code
        FROM bounds b JOIN placed p USING (portal_id) WHERE b.minimum IS NOT NULL
    ) WHERE code IS NOT NULL GROUP BY code
),
unreadable AS (
    SELECT code, count(*) AS reports_unreadable FROM (
        SELECT unnest(list_distinct([p.province_code, p.prefecture_code, p.county_code])) AS code
        FROM unread u JOIN placed p USING (portal_id)
        WHERE u.report_year = $year AND u.status IS NOT NULL
          AND (u.status = 'quarantined' OR u.document_sha256 NOT IN (SELECT document_sha256 FROM renditions))
    ) WHERE code IS NOT NULL GROUP BY code
),
known AS (
    SELECT code FROM governed UNION SELECT code FROM found UNION SELECT code FROM expected
    UNION SELECT code FROM registered UNION SELECT code FROM unreadable
),
counted AS (
    SELECT
        k.code,
        coalesce(f.issuers_found, 0) AS issuers_found,
        greatest(coalesce(f.issuers_found, 0) + coalesce(m.missing_count, 0), coalesce(r.expected_by_registry, 0))
            AS issuers_expected,
        coalesce(g.expected_governments, 0) AS expected_governments,
        coalesce(g.governments_found, 0) AS governments_found,
        coalesce(e.expected_from_previous_year, 0) AS expected_from_previous_year,
        r.expected_by_registry,
        coalesce(f.issuers_late, 0) AS issuers_late,
        coalesce(f.issuers_undated, 0) AS issuers_undated,
        coalesce(u.reports_unreadable, 0) AS reports_unreadable,
        coalesce(f.reports_contradictory, 0) AS reports_contradictory,
        coalesce(m.missing_issuers, []) AS missing_issuers
    FROM known k
    LEFT JOIN found f USING (code) LEFT JOIN missing m USING (code) LEFT JOIN governed g USING (code)
    LEFT JOIN expected e USING (code) LEFT JOIN registered r USING (code) LEFT JOIN unreadable u USING (code)
)
SELECT
    d.code AS division_code, CAST($year AS INTEGER) AS report_year, d.name AS region, d.level,
    d.province_code, d.province, d.prefecture_code, d.prefecture, d.county_code, d.county,
    c.* EXCLUDE (code),
    c.issuers_expected - c.issuers_found AS issuers_missing,
    c.issuers_found - c.issuers_undated - c.issuers_late AS issuers_on_time,
    c.issuers_found - c.issuers_undated - c.issuers_late AS on_time_share_numerator,
    c.issuers_found - c.issuers_undated AS on_time_share_denominator,
    (c.issuers_found - c.issuers_undated - c.issuers_late) / nullif(c.issuers_found - c.issuers_undated, 0)
        AS on_time_share
FROM counted c JOIN divisions d USING (code)
ORDER BY d.code
"""


def build_coverage(
    *,
    report_year: int,
    renditions: pa.Table,
    reports: pa.Table,
    previous_renditions: pa.Table,
    portals: pa.Table,
    unread: pa.Table,
) -> pa.Table:
    """Every region of the year, whether somebody reports there or not; the definitions stand above.

    A year of which no report was collected, nor of the year before, has no rows: nobody looked.
    """
    if not renditions.num_rows and not previous_renditions.num_rows:
        return empty(TABLES["coverage"])
    gazetteer = load_gazetteer()
    merged_now, merged_before = _merged_units(gazetteer, report_year), _merged_units(gazetteer, report_year - 1)
    gone = [unit for unit in merged_before if not unit.lifespan.covers(report_year)]
    previous = previous_renditions.filter(previous_renditions.column("is_primary"))
    tables = {
        "now_bodies": reports.select([*_BODY_COLUMNS, "failing_check_count"]),
        "previous_bodies": previous.select(list(_BODY_COLUMNS)),
        "previous": previous_renditions.select(["portal_id"]),
        "renditions": renditions.select(["document_sha256", "portal_id"]),
        "publication": publication_days(report_year=report_year, renditions=renditions, reports=reports),
        "merged_now": _units_table(gazetteer, merged_now),
        "merged_before": _units_table(gazetteer, merged_before),
        "gone_units": _units_table(gazetteer, gone),
        "body_names": _body_names(report_year - 1),
        "governments": _governments(gazetteer, report_year, merged_now),
        "divisions": _divisions(gazetteer),
        "portals": portals,
        "unread": unread,
    }
    query = _COVERAGE.format(
        now=_STANDING.format(bodies="now_bodies", merged="merged_now", stands=STANDS_FOR_GOVERNMENT),
        before=_STANDING.format(bodies="previous_bodies", merged="merged_before", stands=STANDS_FOR_GOVERNMENT),
    )
    return conform(TABLES["coverage"], run_sql(query, tables, {"year": report_year}))


def publication_days(*, report_year: int, renditions: pa.Table, reports: pa.Table) -> pa.Table:
    """For each report: when it was first published, when it was due, and how many days late it came.

    `first_published` and `days_late` are null where no day of publication is known.
    """
    parameters = {
        "year_end": date(report_year, 12, 31),
        "government": IssuerKind.GOVERNMENT.value,
        "consolidated": Scope.CONSOLIDATED.value,
        "government_due": publication_deadline(report_year, is_government=True),
        "other_due": publication_deadline(report_year, is_government=False),
    }
    return run_sql(_PUBLICATION, {"renditions": renditions, "reports": reports}, parameters)


def year_of_link(link_text: str | None, listed_date: date | None) -> int | None:
    """The report year of a document that was not read, as far as its link tells: by its text, else by its date."""
    match = _YEAR_IN_TITLE.search(link_text or "")
    if match:
        return int(match.group(1))
    return listed_date.year - 1 if listed_date is not None else None


def unread_documents(collected: pa.Table, states: Mapping[str, tuple[str, int | None]]) -> pa.Table:
    """The source `unread`, from the documents that the ledger knows and what reading them gave: status and year."""
    rows = []
    columns = ["document_sha256", "portal_id", "link_text", "listed_date"]
    for row in collected.select(columns).to_pylist():
        status, year = states.get(row["document_sha256"], (None, None))
        if status == "not_a_report":
            continue
        if status == "read" and year is not None:
            rows.append({**row, "link_text": None, "listed_date": None, "status": status, "report_year": year})
        else:
            # Without a year a reading is no report that can be keyed: such a document is in quarantine.
            found = year if year is not None else year_of_link(row["link_text"], row["listed_date"])
            rows.append({**row, "status": status and "quarantined", "report_year": found})
    return pa.Table.from_pylist(rows, schema=UNREAD)


def _merged_units(gazetteer: Gazetteer, year: int) -> list[FormerUnit]:
    """Units that were there at the end of a year beside the division that holds their territory today.

    A unit that was only renamed, or given another code, is that division itself.
    """
    return [unit for unit in gazetteer.former_units_in(year) if not gazetteer.goes_on(unit)]


def _units_table(gazetteer: Gazetteer, units: Iterable[FormerUnit]) -> pa.Table:
    names = ("key", "name", "successor", "prefecture_code")
    rows = [
        {
            "key": unit.key,
            "name": unit.name,
            "successor": unit.successor,
            "prefecture_code": gazetteer.former_parent(unit).code,
        }
        for unit in units
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))


def _body_names(last_year: int) -> pa.Table:
    """Names of departments and institutions, and whether their function ended with a year."""
    known = load_body_names()
    rows = [
        {"name": name.name, "is_ended": known.functions[name.function].to_year == last_year}
        for name in known.names.values()
    ]
    rows += [{"name": item.canonical, "is_ended": item.to_year == last_year} for item in known.functions.values()]
    return pa.Table.from_pylist(rows, schema=pa.schema([("name", pa.string()), ("is_ended", pa.bool_())]))


def _governments(gazetteer: Gazetteer, year: int, merged: Iterable[FormerUnit]) -> pa.Table:
    """The governments that exist in a year: key, title, and the regions of today in which they lie."""
    rows = []
    there = {division.code for level in _LEVELS for division in gazetteer.divisions_in(year, level)}
    there |= {unit.successor for unit in gazetteer.former_units_in(year) if gazetteer.goes_on(unit)}
    for division in map(gazetteer.get, sorted(there)):
        if division is not None and kind_of(division.name, division.level) not in _WITHOUT_GOVERNMENT:
            places = _places(gazetteer, division)
            above = places["prefecture"] if division.level is Level.COUNTY else None
            rows.append({"key": division.code, "title": _title(f"{above or ''}{division.name}"), **places})
    for unit in merged:
        holder = gazetteer.get(unit.successor) if unit.successor else gazetteer.former_parent(unit)
        if holder is not None:
            rows.append({"key": unit.key, "title": _title(unit.name), **_places(gazetteer, holder)})
    names = ("key", "title", *(f"{level.value}_code" for level in _LEVELS))
    schema = pa.schema([(name, pa.string()) for name in names])
    return pa.table({name: [row[name] for row in rows] for name in names}, schema=schema)


def _title(name: str) -> str:
    return f"{name}行政公署" if name.endswith(("地区", "盟")) else f"{name}人民政府"


@lru_cache(maxsize=1)
def _divisions(gazetteer: Gazetteer) -> pa.Table:
    """Every division of today down to the county, zones included, with those above it."""
    rows = [
        {"code": division.code, "name": division.name, "level": division.level.value, **_places(gazetteer, division)}
        for division in gazetteer.divisions.values()
        if division.level in _LEVELS
    ]
    names = ("code", "name", "level", *(f"{level.value}{end}" for level in _LEVELS for end in ("_code", "")))
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))


@lru_cache(maxsize=8192)  # the divisions down to the county are asked for again in each year
def _places(gazetteer: Gazetteer, division: Division) -> Mapping[str, Any]:
    """Codes and names of the division and those above it."""
    chain = {found.level: found for found in (division, *gazetteer.ancestors(division.code))}
    columns: dict[str, Any] = {}
    for level in _LEVELS:
        found = chain.get(level)
        columns[f"{level.value}_code"] = found.code if found else None
        columns[level.value] = found.name if found else None
    return columns
