"""The user's file of people by division and year."""

from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.population import read_population
from transform.population import POPULATION_COLUMNS, MalformedPopulation, population_table

HEADER = ",".join(POPULATION_COLUMNS)
GOOD = f"{HEADER}\n341302,2022,1700000,宿州市统计年鉴 2023\n341300,2022,5300000,安徽省统计年鉴 2023\n"


def test_lines_are_read_in_order_of_code_and_year():
    rows = population_table(("\ufeff" + GOOD).encode()).to_pylist()
    assert [(row["division_code"], row["year"], row["population"]) for row in rows] == [
        ("341300", 2022, 5_300_000),
        ("341302", 2022, 1_700_000),
    ]
    assert rows[1]["source"] == "宿州市统计年鉴 2023"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the columns must be division_code,year,population,source, not nothing"),
        ("code,year\n", "line 1: the columns must be"),
        (f"{HEADER}\n341302,2022,1700000\n", "line 2: 3 fields instead of 4"),
        (f"{HEADER}\n3413,2022,1700000,x\n", "line 2: division_code must have six digits"),
        (f"{HEADER}\n341302,22,1700000,x\n", "line 2: year must be a year"),
        (f"{HEADER}\n341302,2022,170.5万,x\n", "line 2: population must be a whole number"),
        (f"{HEADER}\n341302,2022,0,x\n", "line 2: population must be a whole number"),
        (f"{HEADER}\n341302,2022,1700000,\n", "line 2: source must say"),
        (f"{GOOD}\n341302,2022,1700001,x\n", "line 5: 341302 2022 stands in line 2 already"),
    ],
)
def test_the_first_line_that_is_wrong_is_named(text: str, sentence: str):
    with pytest.raises(MalformedPopulation, match=sentence):
        population_table(text.encode())


def test_bytes_that_are_no_utf8_are_refused():
    with pytest.raises(MalformedPopulation, match="not UTF-8"):
        population_table(GOOD.encode("gb18030"))


def test_without_a_file_there_is_no_population(tmp_path: Path):
    assert read_population(DataLayout(tmp_path)).num_rows == 0


def test_a_file_that_is_wrong_stops_the_build_with_its_path(tmp_path: Path):
    (tmp_path / "population.csv").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"population\.csv, line 1"):
        read_population(DataLayout(tmp_path))
    (tmp_path / "population.csv").write_text(GOOD, encoding="utf-8")
    assert read_population(DataLayout(tmp_path)).num_rows == 2
