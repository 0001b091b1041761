"""The administrative divisions of China and every name under which they are known.

Belongs here: loading `data/reference/divisions/` and looking names up. Does not belong here: deciding which of several
divisions a report means (`resolve`). Sources, versions and licences: `data/reference/README.md`.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from transform.regions.lifespans import (
    ALWAYS,
    FormerUnit,
    Lifespan,
    continued_lifespans,
    read_former_units,
    read_lifespans,
    read_township_lifespans,
)
from transform.regions.words import PEOPLES_TAIL

__all__ = [
    "NATIONAL_CODE",
    "REFERENCE_FOLDER",
    "DeclaredZone",
    "Division",
    "FormerTownship",
    "Gazetteer",
    "Level",
    "NameForm",
    "NamedUnit",
    "load_gazetteer",
    "plain_ethnic_name",
    "plain_township_name",
    "stem",
    "township_key",
]

REFERENCE_FOLDER = Path(__file__).resolve().parents[2] / "data" / "reference" / "divisions"
NATIONAL_CODE = "000000"
_NATIONAL_ALIASES = ("000000", "100000")

_ZONE_KINDS = (
    ("高新技术产业开发区", ("高新技术产业开发区", "高新技术开发区", "高新区")),
    ("高技术产业开发区", ("高技术产业开发区", "高新技术产业开发区", "高新区")),
    ("高新技术开发区", ("高新技术开发区", "高新技术产业开发区", "高新区")),
    ("高新技术产业园区", ("高新技术产业园区", "高新技术产业开发区", "高新区")),
    ("经济技术开发区", ("经济技术开发区", "经济开发区", "经开区")),
    ("经济开发区", ("经济开发区", "经济技术开发区", "经开区")),
    ("城乡一体化示范区", ("城乡一体化示范区", "示范区")),
)


class Level(StrEnum):
    """The tier of a division."""

    NATIONAL = "national"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"


class NameForm(StrEnum):
    """How far a name can be trusted to mean the division."""

    FULL = "full"
    """The official name, or one as good: 长阳县 for 长阳土家族自治县, an alias of aliases.yml."""
    NESTED = "nested"
    """Means the division only beside its parent: 城区, 经开区."""
    SHORT = "short"
    """The name without its suffix: 湖里. Needs support."""
    FORMER = "former"
    """The name of a unit that is gone; `code` is what holds its territory now."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division as of 2023-06-30. `code` has 6 digits, 9 for a township; `parent` is the code of the one above."""

    code: str
    name: str
    level: Level
    parent: str | None
    is_zone: bool = False
    """A development zone with a statistical code: it reports like a county and is not one in law."""


@dataclass(frozen=True, slots=True)
class DeclaredZone:
    """A zone of additional_units.yml: it has no code in the tables and lies in the division `parent`."""

    name: str
    parent: str
    other_names: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells the zone from all others."""
        return f"zone:{self.name}"


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """One meaning of one name.

    `key` tells meanings apart, `code` is the present division (empty: no single one), `outer` every key it lies in.
    """

    key: str
    code: str
    form: NameForm
    outer: frozenset[str]
    name: str
    last_year: int | None = None
    """The last year at whose end a former unit is known to have existed."""
    gone_by: int | None = None
    """The first year at whose end a former unit is known to be gone."""
    zone: str | None = None
    """The name of a zone without a code; `code` is then the division above it."""
    is_generic: bool = False
    """The name is also an ordinary word (城区)."""


@dataclass(frozen=True, slots=True)
class FormerTownship:
    """A township or street that is gone. `county` is the division of today that holds it or succeeds its county."""

    name: str
    county: str
    lifespan: Lifespan


@dataclass(frozen=True)
class _Townships:
    """Townships by county and by name; loaded only when a township is asked for."""

    by_code: Mapping[str, tuple[str, str]]
    """Township code -> name and code of the division above: 41,000 `Division`s would take ten times as long."""
    by_county: Mapping[str, Mapping[str, str]]
    """County code -> key of the name -> township code."""
    by_key: Mapping[str, tuple[str, ...]]
    lifespans: Mapping[tuple[str, str], Lifespan]
    """County and key of the name -> lifespan, where a yearly list since 2016 lacks the township."""
    former: tuple[FormerTownship, ...]
    former_by_key: Mapping[str, tuple[FormerTownship, ...]]


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Divisions, their names and their order. Made by `load_gazetteer`.

    Each is equal to itself alone, so that what is read with it can be remembered.
    """

    divisions: Mapping[str, Division]
    names: Mapping[str, tuple[NamedUnit, ...]]
    domains: Mapping[str, str]
    shared_domains: frozenset[str]
    """Labels of `domains` that another division may use as well."""
    generic_names: frozenset[str]
    national_names: frozenset[str]
    national_short_forms: Mapping[str, str]
    """Other names of bodies of the central state -> the name that each is filed under."""
    national_prefixes: tuple[str, ...]
    confusable: Mapping[str, frozenset[str]]
    zones: tuple[DeclaredZone, ...]
    """Zones without a code that are declared as units of their own."""
    former_units: tuple[FormerUnit, ...]
    """Units that are gone or renamed, in order of their code."""
    _lifespans: Mapping[str, Lifespan]
    _own_lifespans: Mapping[tuple[str, str], Lifespan]
    _outer: Mapping[str, tuple[str, ...]]
    _children: Mapping[str, tuple[str, ...]]
    _fillers: Mapping[str, str]
    _folder: Path
    _lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """First character of a name -> lengths of the names that begin so, longest first."""

    def get(self, code: str) -> Division | None:
        """The division of a code: 6 digits, 9 or 12 for a township, 2 or 4 for a province or prefecture."""
        code = code.strip()
        if code in _NATIONAL_ALIASES:
            return self.divisions[NATIONAL_CODE]
        if not code.isdigit():
            return None
        if len(code) in (9, 12) and not code[6:9].strip("0"):
            code = code[:6]
        if len(code) in (9, 12):
            return self._township(code[:9])
        code = code.ljust(6, "0")
        return self.divisions.get(self._fillers.get(code, code))

    def national_prefix_of(self, name: str) -> str:
        """The central body that a name begins with, 国家税务总局 of 国家税务总局四平市税务局, or nothing."""
        bare = name.removeprefix("中华人民共和国")
        return next((prefix for prefix in self.national_prefixes if bare.startswith(prefix)), "")

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """The divisions above a code, nearest first, without the state."""
        division = self.get(code)
        found: list[Division] = []
        while division and division.parent and division.parent != NATIONAL_CODE:
            division = self.divisions[division.parent]
            found.append(division)
        return tuple(found)

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions one step below; townships below a county or a prefecture without counties."""
        below = self._children.get(code)
        if below:
            return tuple(self.divisions[child] for child in below)
        return tuple(map(self._known_township, self._townships.by_county.get(code, {}).values()))

    def descendants(self, code: str) -> Iterator[Division]:
        """Every division below a code down to the county."""
        for child in self._children.get(code, ()):
            yield self.divisions[child]
            yield from self.descendants(child)

    def lifespan(self, code: str) -> Lifespan:
        """In which years a division of today existed under its present name and code."""
        division = self.get(code)
        return self._own_lifespans.get((division.code, division.name), ALWAYS) if division else ALWAYS

    def exists(self, code: str, year: int) -> bool:
        """Whether a division of today was there at the end of a year, if only under another name or code.

        宁河区 was there in 2010 as 宁河县; 滨海新区 was not in 2008, when three districts held its territory. Of zones
        and townships no history is kept: they count as there in every year.
        """
        division = self.get(code)
        return division is not None and self._lifespans.get(division.code, ALWAYS).covers(year)

    def divisions_in(self, year: int, level: Level, *, zones: bool = False) -> tuple[Division, ...]:
        """The divisions of today of one level, province to county, that were there at the end of a year.

        Units that were there and are gone are in `former_units_in`.
        """
        return tuple(
            division
            for division in self.divisions.values()
            if division.level is level and (zones or not division.is_zone) and self.exists(division.code, year)
        )

    def former_units_in(self, year: int) -> tuple[FormerUnit, ...]:
        """Units of prefecture and county level that were there at the end of a year and are not under that name now."""
        return tuple(unit for unit in self.former_units if unit.lifespan.covers(year))

    def goes_on(self, unit: FormerUnit) -> bool:
        """Whether the division of today is the unit under another name, code or rank, so that its bodies went on.

        Else it was merged into a division that was there beside it, or made of several. Of several units that went
        into it at once, the one with its code or its name (南和县, 南和区) went on; without such a one, a sole one.
        """
        successor, last = self.get(unit.successor) if unit.successor else None, unit.lifespan.last_year
        if successor is None or last is None or self.lifespan(successor.code).covers(last):
            return False
        rivals = [
            other
            for other in self.former_units
            if other.successor == unit.successor and other.lifespan.last_year == last
        ]
        close = [other for other in rivals if other.code == successor.code or stem(other.name) == stem(successor.name)]
        return unit in (close or rivals) and (bool(close) or len(rivals) == 1)

    @property
    def merged_units(self) -> tuple[FormerUnit, ...]:
        """The former units that a division of today took in."""
        return tuple(self._merged.values())

    def merged_unit(self, name: str, successor: str) -> FormerUnit | None:
        """The former unit of a name that a division of today took in, without being that unit under another name."""
        return self._merged.get((name, successor))

    def former_parent(self, unit: FormerUnit) -> Division:
        """The division of today that holds, or succeeds, the unit above a former one."""
        if unit.is_prefecture:
            return self.divisions[unit.code[:2] + "0000"]
        above = unit.code[:4] + "00"
        if above in self.divisions:
            return self.divisions[above]
        for other in self.former_units:
            if other.code == above and other.successor:
                return self.divisions[other.successor]
        return self.divisions[unit.code[:2] + "0000"]

    def outer(self, code: str) -> tuple[str, ...]:
        """The code itself and those it lies in, the state excepted."""
        return self._outer.get(code, (code,))

    def lies_within(self, code: str, outer_code: str) -> bool:
        """Whether a division is another one or lies inside it."""
        return outer_code == NATIONAL_CODE or outer_code in self.outer(code)

    def lookup(self, name: str) -> tuple[NamedUnit, ...]:
        """Every meaning of a name above the township."""
        return self.names.get(name, ())

    def matches_at(self, text: str, position: int) -> Iterator[tuple[str, tuple[NamedUnit, ...]]]:
        """Names that stand in the text at a position with their meanings, longest first."""
        if position >= len(text):
            return
        for length in self._lengths.get(text[position], ()):
            name = text[position : position + length]
            units = self.names.get(name)
            if units and len(name) == length:
                yield name, units

    def township(self, county: str, key: str) -> Division | None:
        """The township of a county (or of a prefecture without counties) by the key of its name."""
        code = self._townships.by_county.get(county, {}).get(key)
        return self._township(code) if code else None

    def townships_named(self, key: str) -> tuple[Division, ...]:
        """Every township of that name in China."""
        return tuple(map(self._known_township, self._townships.by_key.get(key, ())))

    def township_lifespan(self, township: Division) -> Lifespan:
        """The yearly lists that have a township of today: since which year; None: since the first one, of 2016."""
        return self._townships.lifespans.get((township.parent or "", township_key(township.name)), ALWAYS)

    @property
    def former_townships(self) -> tuple[FormerTownship, ...]:
        """Townships and streets of the yearly lists since 2016 that the last one lacks."""
        return self._townships.former

    def former_townships_named(self, key: str) -> tuple[FormerTownship, ...]:
        """Those of that name."""
        return self._townships.former_by_key.get(key, ())

    def township_keys(self, county: str) -> Mapping[str, str]:
        """The names of a county's townships, as keys, with their codes."""
        return self._townships.by_county.get(county, {})

    def _township(self, code: str) -> Division | None:
        return self._known_township(code) if code in self._townships.by_code else None

    def _known_township(self, code: str) -> Division:
        name, parent = self._townships.by_code[code]
        return Division(code, name, Level.TOWNSHIP, parent)

    @cached_property
    def _merged(self) -> Mapping[tuple[str, str], FormerUnit]:
        return {
            (unit.name, unit.successor): unit for unit in self.former_units if unit.successor and not self.goes_on(unit)
        }

    @cached_property
    def _townships(self) -> _Townships:
        return _load_townships(self._folder, self._fillers, self.divisions)


def township_key(name: str) -> str:
    """A township's name as it is looked up: 胡家庙街道 for 胡家庙街道办事处, 某某乡 for 某某回族乡."""
    if name.endswith(("街道办事处", "地区办事处")):
        return name.removesuffix("办事处")
    if name.endswith("乡") and "族" in name:
        return plain_ethnic_name(name, "乡")
    return name


def plain_ethnic_name(name: str, suffix: str) -> str:
    """A name without the peoples in it: 长阳县 for 长阳土家族自治县. The name itself where nothing would be left."""
    stem = name.removesuffix(suffix)
    plain = _without_peoples(stem)
    return plain + suffix.removeprefix("自治") if plain != stem else name


@lru_cache(maxsize=4)
def load_gazetteer(folder: Path = REFERENCE_FOLDER) -> Gazetteer:
    """The gazetteer of a folder, read once. Townships are read when first asked for."""
    extra = _read_yaml(folder / "additional_units.yml")
    aliases = _read_yaml(folder / "aliases.yml")
    national = _read_yaml(folder / "national_bodies.yml")
    layers, fillers = set(extra["layers"]), dict(extra["fillers"])
    divisions = {division.code: division for division in _read_divisions(folder, layers, fillers, extra["units"])}
    members = {code: unit["code"] for unit in extra["units"] for code in unit.get("members", ())}

    outer: dict[str, tuple[str, ...]] = {}
    children: dict[str, list[str]] = {}
    for code, division in divisions.items():
        chain, above = [code], division.parent
        while above and above != NATIONAL_CODE:
            chain.append(above)
            above = divisions[above].parent
        if code in members:
            chain.append(members[code])
        outer[code] = tuple(chain)
        if division.parent:
            children.setdefault(division.parent, []).append(code)

    names = _Names(divisions, outer)
    names.add_divisions()
    for unit in extra["units"]:
        for name in unit.get("short_names", ()):
            names.add(name, unit["code"], NameForm.FULL if len(name) > 2 else NameForm.SHORT)
    for alias in aliases["aliases"]:
        names.add(alias["name"], alias["code"], NameForm.NESTED if alias.get("nested") else NameForm.FULL)
    zones = tuple(
        DeclaredZone(zone["name"], zone["parent"], tuple(zone.get("other_names", ()))) for zone in extra["zones"]
    )
    for zone in zones:
        names.add_zone_without_code(zone)
    lifespans = read_lifespans(folder)
    former_units = read_former_units(folder, lifespans)
    names.add_former(former_units)
    index = names.index(frozenset(aliases["generic_names"]))

    domains = _read_csv(folder / "domains.csv")
    lengths: dict[str, set[int]] = {}
    for name in index:
        lengths.setdefault(name[0], set()).add(len(name))
    return Gazetteer(
        divisions=divisions,
        names=index,
        domains={row["label"]: row["code"] for row in domains},
        shared_domains=frozenset(row["label"] for row in domains if row["basis"] == "shared"),
        generic_names=frozenset(aliases["generic_names"]),
        national_names=frozenset(national["exact"]) | frozenset(national["prefixes"]) | national["short_forms"].keys(),
        national_short_forms=dict(national["short_forms"]),
        national_prefixes=tuple(sorted(national["prefixes"], key=len, reverse=True)),
        confusable=_read_confusable(folder / "confusable_characters.yml"),
        zones=zones,
        former_units=former_units,
        _lifespans=continued_lifespans(
            ((division.code, division.name, stem(division.name)) for division in divisions.values()),
            lifespans,
            former_units,
        ),
        _own_lifespans=lifespans,
        _outer=outer,
        _children={code: tuple(below) for code, below in children.items()},
        _fillers=fillers,
        _folder=folder,
        _lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
    )


class _Names:
    """Collects names with their meanings while the gazetteer is made."""

    def __init__(self, divisions: Mapping[str, Division], outer: Mapping[str, tuple[str, ...]]) -> None:
        self._divisions = divisions
        self._outer = outer
        self._found: dict[str, dict[str, NamedUnit]] = {}

    def add(self, name: str, code: str, form: NameForm) -> None:
        """Give a division a name, unless it already has it in a form as good or better."""
        if len(name) < 2:
            return
        meanings = self._found.setdefault(name, {})
        if code not in meanings or (form is NameForm.FULL and meanings[code].form is not NameForm.FULL):
            meanings[code] = NamedUnit(code, code, form, frozenset(self._outer[code]), name)

    def add_zone_without_code(self, zone: DeclaredZone) -> None:
        """Name a zone that resolves to the division above it."""
        outer = frozenset((zone.key, *self._outer[zone.parent]))
        for name in (zone.name, *zone.other_names):
            unit = NamedUnit(zone.key, zone.parent, NameForm.FULL, outer, name, zone=zone.name)
            self._found.setdefault(name, {})[zone.key] = unit

    def add_divisions(self) -> None:
        """Give every division its official name and those made from it by rule."""
        provinces = {stem(d.name) for d in self._divisions.values() if d.level is Level.PROVINCE}
        for division in self._divisions.values():
            if division.level is Level.NATIONAL:
                continue
            self.add(division.name, division.code, NameForm.FULL)
            if division.is_zone:
                self._add_zone(division)
                continue
            for suffix in ("自治州", "自治县", "自治旗", "区"):
                if division.name.endswith(suffix):
                    self.add(plain_ethnic_name(division.name, suffix), division.code, NameForm.FULL)
            if division.level is Level.PROVINCE and division.name.endswith("自治区"):
                self.add(stem(division.name) + "自治区", division.code, NameForm.FULL)
            short = stem(division.name)
            # 河南 means the province although 河南县 exists; a bare county name that is a province's never counts.
            if division.level is Level.PROVINCE or short not in provinces:
                self.add(short, division.code, NameForm.SHORT)

    def _add_zone(self, zone: Division) -> None:
        """Names of a zone with and without the prefecture before it: 长春高新区, 高新区."""
        prefecture = self._divisions[zone.parent or ""]
        province = self._divisions[self._outer[zone.code][-1]]
        core = zone.name.removeprefix(stem(province.name))
        if core.startswith(prefecture.name):
            core = core.removeprefix(prefecture.name)
        else:
            core = core.removeprefix(stem(prefecture.name))
        core = core.removesuffix("管委会")
        if len(core) < 3:
            self.add(prefecture.name + core, zone.code, NameForm.FULL)  # 镇江市新区 for 镇江新区
            return
        variants = [core]
        for printed, others in _ZONE_KINDS:
            if core.endswith(printed):
                variants = [core.removesuffix(printed) + other for other in others]
                break
        for variant in variants:
            self.add(variant, zone.code, NameForm.NESTED)
            self.add(stem(prefecture.name) + variant, zone.code, NameForm.FULL)
            self.add(prefecture.name + variant, zone.code, NameForm.FULL)

    def add_former(self, units: Iterable[FormerUnit]) -> None:
        """Name the units that are gone, each inside the prefecture it then belonged to."""
        prefectures: dict[str, str] = {}
        for unit in sorted(units, key=lambda unit: not unit.is_prefecture):
            if unit.is_prefecture:
                prefectures[unit.code[:4]] = unit.successor or unit.key
            parent = prefectures.get(unit.code[:4], unit.code[:4] + "00")
            outer = {unit.key, unit.code[:2] + "0000", *self._outer.get(unit.successor, ())}
            if not unit.is_prefecture:
                outer |= {parent, *self._outer.get(parent, ())}
            last_year = unit.lifespan.last_year or 0
            meaning = NamedUnit(
                unit.key, unit.successor, NameForm.FORMER, frozenset(outer), unit.name, last_year, last_year + 1
            )
            self._found.setdefault(unit.name, {})[unit.key] = meaning

    def index(self, generic: frozenset[str]) -> dict[str, tuple[NamedUnit, ...]]:
        """All names; a generic one means a division only beside its parent."""
        index: dict[str, tuple[NamedUnit, ...]] = {}
        for name, meanings in self._found.items():
            units = tuple(meanings[key] for key in sorted(meanings))
            if name in generic:
                units = tuple(
                    replace(u, form=NameForm.NESTED if u.form is NameForm.FULL else u.form, is_generic=True)
                    for u in units
                )
            index[name] = units
        return index


def stem(name: str) -> str:
    """A name without its suffix and its peoples: 湖里 for 湖里区, 恩施 for 恩施土家族苗族自治州."""
    for suffix in ("自治区", "自治州", "自治县", "自治旗"):
        if name.endswith(suffix):
            return _without_peoples(name.removesuffix(suffix))
    for suffix in ("地区", "林区", "特区", "省", "市", "县", "区", "旗", "盟"):
        if name.endswith(suffix) and (len(suffix) == 1 or len(name) > len(suffix) + 1):
            return _without_peoples(name.removesuffix(suffix))
    return name


def _without_peoples(stem: str) -> str:
    """A stem without the peoples at its end, unless less than two characters would remain (内蒙古, 东乡族)."""
    plain = PEOPLES_TAIL.sub("", stem)
    return plain if len(plain) > 1 else stem


def _read_divisions(
    folder: Path, layers: set[str], fillers: Mapping[str, str], units: Iterable[Mapping[str, Any]]
) -> Iterator[Division]:
    for unit in units:
        yield Division(unit["code"], unit["name"], Level(unit["level"]), unit.get("parent"))
    for row in _read_csv(folder / "provinces.csv"):
        yield Division(row["code"] + "0000", row["name"], Level.PROVINCE, NATIONAL_CODE)
    for row in _read_csv(folder / "cities.csv"):
        if row["code"] not in layers:
            yield Division(row["code"] + "00", row["name"], Level.PREFECTURE, row["provinceCode"] + "0000")
    for row in _read_csv(folder / "areas.csv"):
        if row["code"] in fillers:
            continue
        parent = row["provinceCode"] + "0000" if row["cityCode"] in layers else row["cityCode"] + "00"
        yield Division(row["code"], row["name"], Level.COUNTY, parent, is_zone=row["code"][4] == "7")


def _load_townships(folder: Path, fillers: Mapping[str, str], divisions: Mapping[str, Division]) -> _Townships:
    by_code: dict[str, tuple[str, str]] = {}
    by_county: dict[str, dict[str, str]] = {}
    by_key: dict[str, list[str]] = {}
    with gzip.open(folder / "streets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(io.StringIO(file.read()))
        next(rows)
        for code, name, county, _, _ in rows:
            county = fillers.get(county, county)
            name = plain_township_name(name, county, divisions)
            key = township_key(name)
            by_code[code] = (name, county)
            by_county.setdefault(county, {}).setdefault(key, code)
            by_key.setdefault(key, []).append(code)
    lifespans: dict[tuple[str, str], Lifespan] = {}
    former: list[FormerTownship] = []
    former_by_key: dict[str, list[FormerTownship]] = {}
    for county, name, lifespan in read_township_lifespans(folder):
        key = township_key(name)
        lifespans[county, key] = lifespan
        if lifespan.last_year is not None and key not in by_county.get(county, {}):
            gone = FormerTownship(name, county, lifespan)
            former.append(gone)
            former_by_key.setdefault(key, []).append(gone)
    return _Townships(
        by_code,
        by_county,
        {key: tuple(codes) for key, codes in by_key.items()},
        lifespans,
        tuple(former),
        {key: tuple(found) for key, found in former_by_key.items()},
    )


def plain_township_name(name: str, county: str, divisions: Mapping[str, Division]) -> str:
    """A township's name as a list has it without the units above that some lines repeat: 四平市铁东区平东街道."""
    for unit in _names_above(county, divisions):
        above = f"{unit}人民政府" if name.startswith(f"{unit}人民政府") else unit
        if name.startswith(above) and name.endswith(("街道", "镇", "乡")) and len(name) > len(above) + 2:
            name = name.removeprefix(above)
    return name


def _names_above(county: str, divisions: Mapping[str, Division]) -> tuple[str, str]:
    """The names that a line may repeat before a township's own: prefecture with county, county."""
    division = divisions[county]
    parent = divisions[division.parent or NATIONAL_CODE]
    return parent.name + division.name, division.name


def _read_confusable(path: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _read_yaml(path)["groups"]:
        for character in group:
            found.setdefault(character, set()).update(set(group) - {character})
    return {character: frozenset(others) for character, others in found.items()}


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read_yaml(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
