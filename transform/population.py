"""People by division and year, from a file of the user: nothing is joined that has no stated source.

Belongs here: what the file must look like. Does not belong here: where it lies (`pipelines`) and what is made of it
(`region_year`).
"""

import csv
import io
import re
from collections.abc import Iterable

import pyarrow as pa

__all__ = ["POPULATION_COLUMNS", "MalformedPopulation", "no_population", "population_table"]

POPULATION_COLUMNS = ("division_code", "year", "population", "source")
"""division_code: six digits, nine for a township. year: the report year for which the number stands. population:
people,
a whole number. source: the publication it was taken from, such as 第七次全国人口普查公报 or a statistical yearbook."""

_SCHEMA = pa.schema(
    [("division_code", pa.string()), ("year", pa.int32()), ("population", pa.int64()), ("source", pa.string())]
)
_CODE = re.compile(r"\d{6}(?:\d{3})?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PEOPLE = re.compile(r"[1-9]\d{0,9}")


class MalformedPopulation(ValueError):
    """The file is not as described; the message names the line and the way out."""


def no_population() -> pa.Table:
    """The table where there is no file."""
    return _SCHEMA.empty_table()


def population_table(data: bytes, name: str = "population.csv") -> pa.Table:
    """The file as a table with `POPULATION_COLUMNS`, sorted by code and year. `name` is what messages call it.

    Raises:
        MalformedPopulation: The first line that is not as it should be.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedPopulation(f"{name} is not UTF-8 text: save it as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    header = tuple(field.strip() for field in next(reader, []))
    if header != POPULATION_COLUMNS:
        raise MalformedPopulation(
            f"{name}, line 1: the columns must be {','.join(POPULATION_COLUMNS)}, not {','.join(header) or 'nothing'}."
        )
    rows = []
    seen: dict[tuple[str, str], int] = {}
    for fields in reader:
        if not any(field.strip() for field in fields):
            continue
        code, year, people, source = _checked([field.strip() for field in fields], f"{name}, line {reader.line_num}")
        first = seen.setdefault((code, year), reader.line_num)
        if first != reader.line_num:
            raise MalformedPopulation(
                f"{name}, line {reader.line_num}: {code} {year} stands in line {first} already; keep one of the two."
            )
        rows.append({"division_code": code, "year": int(year), "population": int(people), "source": source})
    rows.sort(key=lambda row: (row["division_code"], row["year"]))
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _checked(fields: list[str], where: str) -> Iterable[str]:
    if len(fields) != len(POPULATION_COLUMNS):
        raise MalformedPopulation(f"{where}: {len(fields)} fields instead of {len(POPULATION_COLUMNS)}.")
    code, year, people, source = fields
    if not _CODE.fullmatch(code):
        raise MalformedPopulation(f"{where}: division_code must have six digits, or nine for a township, not {code!r}.")
    if not _YEAR.fullmatch(year):
        raise MalformedPopulation(f"{where}: year must be a year such as 2020, not {year!r}.")
    if not _PEOPLE.fullmatch(people):
        raise MalformedPopulation(f"{where}: population must be a whole number of people above 0, not {people!r}.")
    if not source:
        raise MalformedPopulation(f"{where}: source must say where the number was taken from.")
    return fields
