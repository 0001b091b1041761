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

from transform.regions.words import PEOPLES_TAIL

__all__ = [
    "NATIONAL_CODE",
    "REFERENCE_FOLDER",
    "Division",
    "Gazetteer",
    "Level",
    "NameForm",
    "NamedUnit",
    "load_gazetteer",
    "plain_ethnic_name",
    "township_key",
]

REFERENCE_FOLDER = Path(__file__).resolve().parents[2] / "data" / "reference" / "divisions"
NATIONAL_CODE = "000000"
_NATIONAL_ALIASES = ("000000", "100000")

_LAST_REVISION, _TABLE_YEAR = "2019-04", 2023
"""Where the history of codes ends, and the year of the present tables."""

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


@dataclass(frozen=True)
class _Townships:
    """Townships by county and by name; loaded only when a township is asked for."""

    by_code: Mapping[str, tuple[str, str]]
    """Township code -> name and code of the division above: 41,000 `Division`s would take ten times as long."""
    by_county: Mapping[str, Mapping[str, str]]
    """County code -> key of the name -> township code."""
    by_key: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Gazetteer:
    """Divisions, their names and their order. Made by `load_gazetteer`."""

    divisions: Mapping[str, Division]
    names: Mapping[str, tuple[NamedUnit, ...]]
    domains: Mapping[str, str]
    generic_names: frozenset[str]
    national_names: frozenset[str]
    national_prefixes: tuple[str, ...]
    confusable: Mapping[str, frozenset[str]]
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

    def township_keys(self, county: str) -> Mapping[str, str]:
        """The names of a county's townships, as keys, with their codes."""
        return self._townships.by_county.get(county, {})

    def _township(self, code: str) -> Division | None:
        return self._known_township(code) if code in self._townships.by_code else None

    def _known_township(self, code: str) -> Division:
        name, parent = self._townships.by_code[code]
        return Division(code, name, Level.TOWNSHIP, parent)

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
    for zone in extra["zones"]:
        names.add_zone_without_code(zone["name"], zone["parent"])
    names.add_former(_read_csv(folder / "former_units.csv"))
    index = names.index(frozenset(aliases["generic_names"]))

    lengths: dict[str, set[int]] = {}
    for name in index:
        lengths.setdefault(name[0], set()).add(len(name))
    return Gazetteer(
        divisions=divisions,
        names=index,
        domains={row["label"]: row["code"] for row in _read_csv(folder / "domains.csv")},
        generic_names=frozenset(aliases["generic_names"]),
        national_names=frozenset(national["exact"]) | frozenset(national["prefixes"]),
        national_prefixes=tuple(sorted(national["prefixes"], key=len, reverse=True)),
        confusable=_read_confusable(folder / "confusable_characters.yml"),
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

    def add_zone_without_code(self, name: str, parent: str) -> None:
        """Name a zone that resolves to the division above it."""
        key = f"zone:{name}"
        outer = frozenset((key, *self._outer[parent]))
        self._found.setdefault(name, {})[key] = NamedUnit(key, parent, NameForm.FULL, outer, name, zone=name)

    def add_divisions(self) -> None:
        """Give every division its official name and those made from it by rule."""
        provinces = {_stem(d.name) for d in self._divisions.values() if d.level is Level.PROVINCE}
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
                self.add(_stem(division.name) + "自治区", division.code, NameForm.FULL)
            stem = _stem(division.name)
            # 河南 means the province although 河南县 exists; a bare county name that is a province's never counts.
            if division.level is Level.PROVINCE or stem not in provinces:
                self.add(stem, division.code, NameForm.SHORT)

    def _add_zone(self, zone: Division) -> None:
        """Names of a zone with and without the prefecture before it: 长春高新区, 高新区."""
        prefecture = self._divisions[zone.parent or ""]
        province = self._divisions[self._outer[zone.code][-1]]
        core = zone.name.removeprefix(_stem(province.name))
        if core.startswith(prefecture.name):
            core = core.removeprefix(prefecture.name)
        else:
            core = core.removeprefix(_stem(prefecture.name))
        core = core.removesuffix("管委会")
        if len(core) < 3:
            return
        variants = [core]
        for printed, others in _ZONE_KINDS:
            if core.endswith(printed):
                variants = [core.removesuffix(printed) + other for other in others]
                break
        for variant in variants:
            self.add(variant, zone.code, NameForm.NESTED)
            self.add(_stem(prefecture.name) + variant, zone.code, NameForm.FULL)
            self.add(prefecture.name + variant, zone.code, NameForm.FULL)

    def add_former(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Name the units that are gone, each inside the prefecture it then belonged to."""
        prefectures: dict[str, str] = {}
        listed = sorted(rows, key=lambda row: not row["former_code"].endswith("00"))
        for row in listed:
            former, code = row["former_code"], row["current_code"]
            key = f"former:{former}:{row['name']}"
            if former.endswith("00"):
                prefectures[former[:4]] = code or key
            parent = prefectures.get(former[:4], former[:4] + "00")
            province = former[:2] + "0000"
            outer = {key, province, *self._outer.get(code, ())}
            if not former.endswith("00"):
                outer |= {parent, *self._outer.get(parent, ())}
            meaning = NamedUnit(key, code, NameForm.FORMER, frozenset(outer), row["name"], *_lifetime(row["last_seen"]))
            self._found.setdefault(row["name"], {})[key] = meaning

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


def _lifetime(last_seen: str) -> tuple[int, int]:
    """Last year known to have ended with the unit, first year known to have ended without it."""
    year, month = int(last_seen[:4]), int(last_seen[5:])
    gone_by = _TABLE_YEAR if last_seen == _LAST_REVISION else year + 1
    return (year if month == 12 else year - 1), gone_by


def _stem(name: str) -> str:
    """A name without its suffix and its peoples: 湖里 for 湖里区, 恩施 for 恩施土家族苗族自治州."""
    for suffix in ("自治区", "自治州", "自治县", "自治旗"):
        if name.endswith(suffix):
            return _without_peoples(name.removesuffix(suffix))
    for suffix in ("地区", "林区", "特区", "省", "市", "县", "区", "旗", "盟"):
        if name.endswith(suffix):
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
            # Some lines repeat the units above: 济源市沁园街道, 四平市铁东区平东街道.
            for above in _names_above(county, divisions):
                if name.startswith(above) and name.endswith(("街道", "镇", "乡")) and len(name) > len(above) + 2:
                    name = name.removeprefix(above)
            key = township_key(name)
            by_code[code] = (name, county)
            by_county.setdefault(county, {}).setdefault(key, code)
            by_key.setdefault(key, []).append(code)
    return _Townships(by_code, by_county, {key: tuple(codes) for key, codes in by_key.items()})


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
