"""The table `regions`: divisions of today, units that are gone, and zones without a code.

Belongs here: rows made from the gazetteer. Does not belong here: the gazetteer itself (`transform.regions`).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa

from transform.regions import Division, Gazetteer, Level, load_gazetteer
from transform.regions.gazetteer import DeclaredZone, FormerTownship, stem
from transform.regions.kinds import kind_of
from transform.regions.lifespans import ALWAYS, FormerUnit, Lifespan
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES

__all__ = ["build_regions"]

_LEVELS = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)


def build_regions() -> pa.Table:
    """Every unit with its kind, its years and the units above it.

    Divisions as of the gazetteer's tables carry a `division_code`, which stands in no other row, so that a join by it
    finds one row at most. Units that are gone or renamed, and zones that have no code, have none: their `region_id`
    tells them apart.
    """
    gazetteer = load_gazetteer()
    rows = [_division_row(division, gazetteer) for division in _every_division(gazetteer)]
    rows += [_former_row(unit, gazetteer) for unit in gazetteer.former_units]
    rows += [_former_township_row(unit, gazetteer) for unit in gazetteer.former_townships]
    rows += [_zone_row(zone, gazetteer) for zone in gazetteer.zones]
    return from_rows(TABLES["regions"], rows)


def _every_division(gazetteer: Gazetteer) -> Iterator[Division]:
    waiting = [division for division in gazetteer.divisions.values() if division.level is Level.PROVINCE]
    while waiting:
        division = waiting.pop()
        yield division
        waiting.extend(gazetteer.children(division.code))


def _division_row(division: Division, gazetteer: Gazetteer) -> dict[str, Any]:
    is_township = division.level is Level.TOWNSHIP
    lifespan = gazetteer.township_lifespan(division) if is_township else gazetteer.lifespan(division.code)
    return {
        "region_id": division.code,
        "division_code": division.code,
        "former_code": None,
        "region": division.name,
        "short_name": _short_name(division.name, division.level),
        "level": division.level.value,
        "kind": kind_of(division.name, division.level, is_zone=division.is_zone),
        "is_zone": division.is_zone,
        "parent_code": division.parent if division.level is not Level.PROVINCE else None,
        **_years(lifespan),
        "successor_code": None,
        **_above_division(division, gazetteer),
    }


def _above_division(division: Division, gazetteer: Gazetteer) -> dict[str, str | None]:
    """As `_above`; the columns of a township are those of what holds it."""
    if division.level is Level.TOWNSHIP and division.parent:
        return _above_code(division.parent, gazetteer)
    return _above((division, *gazetteer.ancestors(division.code)))


@lru_cache(maxsize=8192)
def _above_code(code: str, gazetteer: Gazetteer) -> dict[str, str | None]:
    return _above((gazetteer.divisions[code], *gazetteer.ancestors(code)))


def _former_row(unit: FormerUnit, gazetteer: Gazetteer) -> dict[str, Any]:
    level = Level.PREFECTURE if unit.is_prefecture else Level.COUNTY
    parent = gazetteer.former_parent(unit)
    above = _above((parent, *gazetteer.ancestors(parent.code)))
    return {
        "region_id": f"{unit.code}:{unit.name}",
        "division_code": None,
        "former_code": unit.code,
        "region": unit.name,
        "short_name": _short_name(unit.name, level),
        "level": level.value,
        "kind": kind_of(unit.name, level),
        "is_zone": False,
        "parent_code": parent.code,
        **_years(unit.lifespan),
        "successor_code": unit.successor or None,
        **above,
        level.value: unit.name,
    }


def _former_township_row(unit: FormerTownship, gazetteer: Gazetteer) -> dict[str, Any]:
    county = gazetteer.divisions[unit.county]
    return {
        "region_id": f"{unit.county}:{unit.name}",
        "division_code": None,
        "former_code": None,
        "region": unit.name,
        "short_name": _short_name(unit.name, Level.TOWNSHIP),
        "level": Level.TOWNSHIP.value,
        "kind": kind_of(unit.name, Level.TOWNSHIP),
        "is_zone": False,
        "parent_code": county.code,
        **_years(unit.lifespan),
        "successor_code": None,
        **_above((county, *gazetteer.ancestors(county.code))),
    }


def _zone_row(zone: DeclaredZone, gazetteer: Gazetteer) -> dict[str, Any]:
    parent = gazetteer.divisions[zone.parent]
    return {
        "region_id": zone.key,
        "division_code": None,
        "former_code": None,
        "region": zone.name,
        "short_name": None,
        "level": None,
        "kind": "zone",
        "is_zone": True,
        "parent_code": parent.code,
        **_years(ALWAYS),
        "successor_code": None,
        **_above((parent, *gazetteer.ancestors(parent.code))),
    }


def _short_name(name: str, level: Level) -> str | None:
    """The name without its suffix, None where that is the name itself or one character alone."""
    if level is Level.TOWNSHIP:
        short = name
        for ending in ("街道办事处", "街道", "镇", "乡", "苏木"):
            if name.endswith(ending):
                short = name.removesuffix(ending)
                break
    else:
        short = stem(name)
    return short if short != name and len(short) > 1 else None


def _years(lifespan: Lifespan) -> dict[str, int | None]:
    return {"valid_from_year": lifespan.first_year, "valid_to_year": lifespan.last_year}


def _above(chain: tuple[Division, ...]) -> dict[str, str | None]:
    """Codes and names of the chain at each level."""
    by_level = {division.level: division for division in chain}
    row: dict[str, str | None] = {}
    for level in _LEVELS:
        found = by_level.get(level)
        row[f"{level.value}_code"] = found.code if found else None
        row[level.value] = found.name if found else None
    return row
