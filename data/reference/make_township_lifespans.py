"""Make divisions/township_lifespans.csv.gz: townships and streets that are not in all yearly lists since 2016.

Usage: python data/reference/make_township_lifespans.py FOLDER (see make_lifespans.py), with the project importable and
the other tables in place. Counties are those of today: a list's county that has a successor stands for it.
"""

import csv
import gzip
import io
import sys
from pathlib import Path

from transform.regions.gazetteer import Gazetteer, load_gazetteer, plain_township_name, township_key

DIVISIONS = Path(__file__).resolve().parent / "divisions"
LISTS = {
    2016: "china-division-2.0.0", 2017: "china-division-2.1.1", 2018: "china-division-2.2.0",
    2019: "china-division-2.3.1", 2020: "china-division-2.4.0", 2021: "china-division-2.5.0",
    2022: "china-division-2.6.1", 2023: "china-division-2.7.0",
}  # fmt: skip
"""Year of a list -> package folder."""
ENDINGS = ("街道", "镇", "乡", "苏木")


def main(folder: Path) -> None:
    """Write name, county, first and last year of every township that came or went between the lists."""
    gazetteer = load_gazetteer()
    successors = {unit.code: unit.successor for unit in gazetteer.former_units if unit.successor}
    years: dict[tuple[str, str], list[int]] = {}
    names: dict[tuple[str, str], str] = {}
    for year, package in LISTS.items():
        with (folder / package / "dist" / "streets.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                county = _county(row["code"][:6], gazetteer, successors)
                name = plain_township_name(row["name"], county, gazetteer.divisions) if county else ""
                unit = county, township_key(name)
                if unit[1].endswith(ENDINGS):
                    years.setdefault(unit, []).append(year)
                    names[unit] = name.removesuffix("办事处") if unit[1].endswith("街道") else name
    first, last = min(LISTS), max(LISTS)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("county_code", "name", "first_year", "last_year"))
    for unit, seen in sorted(years.items()):
        starts = min(seen) if min(seen) > first else ""
        ends = max(seen) if max(seen) < last else ""
        if starts or ends:
            rows.writerow((unit[0], names[unit], starts, ends))
    packed = gzip.compress(text.getvalue().encode(), 9, mtime=0)
    (DIVISIONS / "township_lifespans.csv.gz").write_bytes(packed)


def _county(code: str, gazetteer: Gazetteer, successors: dict[str, str]) -> str:
    """The division of today for a county of a list; empty where there is none."""
    division = gazetteer.get(code) or gazetteer.get(successors.get(code, ""))
    return division.code if division else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
