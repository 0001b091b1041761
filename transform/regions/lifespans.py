"""In which years divisions existed: present ones, those that are gone, and which of them continues which.

Belongs here: the tables of lifespans and of former units, read and joined. Does not belong here: names (`gazetteer`).

A year means its end: reports of a year are written in the first months of the next, by the bodies that are then there.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ALWAYS",
    "FIRST_TOWNSHIP_LIST",
    "FormerUnit",
    "Lifespan",
    "continued_lifespans",
    "read_former_units",
    "read_lifespans",
    "read_township_lifespans",
]


@dataclass(frozen=True, slots=True)
class Lifespan:
    """First and last year at whose end a unit existed; None: before 2008, and to this day."""

    first_year: int | None = None
    last_year: int | None = None

    def covers(self, year: int) -> bool:
        """Whether the unit existed at the end of a year."""
        return (self.first_year is None or self.first_year <= year) and (
            self.last_year is None or year <= self.last_year
        )


ALWAYS = Lifespan()
FIRST_TOWNSHIP_LIST = 2016
"""The year of the first yearly list of townships: of earlier years it is not known which stood side by side."""


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """A unit of a county's or a prefecture's level that is gone, renamed or known by another code.

    `successor` is the division of today that holds its territory, empty where several do; `last_seen` the last list
    (YYYY-MM) that has it.
    """

    code: str
    name: str
    successor: str
    lifespan: Lifespan
    last_seen: str
    basis: str

    @property
    def key(self) -> str:
        """What tells the unit from all others, also from one that bears its code now."""
        return f"former:{self.code}:{self.name}"

    @property
    def is_prefecture(self) -> bool:
        """Whether it was at the prefecture's level, not the county's."""
        return self.code.endswith("00")


def read_lifespans(folder: Path) -> Mapping[tuple[str, str], Lifespan]:
    """Lifespans by code and name; a division that is not among them existed in all years."""
    with (folder / "lifespans.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["code"], row["name"]): Lifespan(_year(row["first_year"]), _year(row["last_year"]))
            for row in csv.DictReader(file)
        }


def _year(printed: str) -> int | None:
    return int(printed) if printed else None


def read_former_units(folder: Path, lifespans: Mapping[tuple[str, str], Lifespan]) -> tuple[FormerUnit, ...]:
    """Units that are gone, in order of their code."""
    with (folder / "former_units.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            FormerUnit(
                row["former_code"],
                row["name"],
                row["current_code"],
                lifespans[row["former_code"], row["name"]],
                row["last_seen"],
                row["basis"],
            )
            for row in csv.DictReader(file)
        )


def read_township_lifespans(folder: Path) -> Iterator[tuple[str, str, Lifespan]]:
    """County of today, name and lifespan of every township that came or went between the yearly lists since 2016."""
    with gzip.open(folder / "township_lifespans.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["county_code"], row["name"], Lifespan(_year(row["first_year"]), _year(row["last_year"]))


def continued_lifespans(
    present: Iterable[tuple[str, str, str]],
    lifespans: Mapping[tuple[str, str], Lifespan],
    former: Iterable[FormerUnit],
) -> Mapping[str, Lifespan]:
    """How long each present division existed, the names and codes counted in under which it did before.

    `present` gives code, name and name without suffix. 宁河区 continues 宁河县; 滨海新区, made of three districts,
    continues none of them.
    """
    before: dict[str, list[FormerUnit]] = {}
    for unit in former:
        before.setdefault(unit.successor, []).append(unit)
    found: dict[str, Lifespan] = {}
    for code, name, stem in present:
        lifespan = lifespans.get((code, name), ALWAYS)
        first = lifespan.first_year
        for unit in _chain(code, stem, first, before.get(code, ())):
            first = unit.lifespan.first_year
        found[code] = Lifespan(first, lifespan.last_year)
    return found


def _chain(code: str, stem: str, first: int | None, before: Iterable[FormerUnit]) -> Iterator[FormerUnit]:
    """The units that a division was before, the latest first."""
    left = [unit for unit in before if unit.is_prefecture == code.endswith("00")]
    while first is not None:
        ended = [unit for unit in left if unit.lifespan.last_year in (first - 1, first)]
        same = [unit for unit in ended if unit.code == code or unit.name[: len(stem)] == stem]
        predecessors = same or ended
        if len(predecessors) != 1:
            return
        unit = predecessors[0]
        yield unit
        left.remove(unit)
        first, code = unit.lifespan.first_year, unit.code
