"""A build that was stopped goes on where it was, and never with tables of other inputs."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from pipeline_helpers import Ogi, bytes_of

from extract.api import EXTRACTOR_VERSION
from pipelines import build as build_module
from pipelines.build import build
from pipelines.cache import ExtractionCache
from pipelines.layout import DataLayout
from pipelines.packed import pack
from pipelines.warehouse import Warehouse
from transform.steps import Step

STOPPED_AT = ("coverage", 2021)


class Stopped(Exception):
    """Stands for a process that was ended."""


@contextmanager
def stopped_at(monkeypatch: pytest.MonkeyPatch, table: str, year: int) -> Iterator[None]:
    """Builds end when they come to this table of this year."""
    real = build_module._Build.whole_year

    def whole_year(self: build_module._Build, step: Step, of_year: int) -> pa.Table:
        if (step.table, of_year) == (table, year):
            raise Stopped
        return real(self, step, of_year)

    with monkeypatch.context() as patch:
        patch.setattr(build_module._Build, "whole_year", whole_year)
        yield


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int | None]]:
    """The tables that builds write, in order."""
    written: list[tuple[str, int | None]] = []
    real = Warehouse.writing

    def writing(self: Warehouse, name: str, year: int | None) -> object:
        written.append((name, year))
        return real(self, name, year)

    monkeypatch.setattr(Warehouse, "writing", writing)
    return written


def emptied(layout: DataLayout) -> DataLayout:
    for file in layout.warehouse.rglob("*.parquet"):
        file.unlink()
    return layout


def test_a_stopped_build_goes_on_with_what_it_had_not_made(
    copied: DataLayout, built: DataLayout, monkeypatch: pytest.MonkeyPatch, made: list[tuple[str, int | None]]
) -> None:
    emptied(copied)
    with stopped_at(monkeypatch, *STOPPED_AT), pytest.raises(Stopped):
        build(copied, workers=1)
    first = set(made)
    assert ("cells", 2020) in first
    assert copied.unfinished_build.exists()
    made.clear()
    report = build(copied, workers=1)
    assert not first & set(made)
    assert STOPPED_AT in made
    assert {(built.table, built.year) for built in report.tables} >= first
    assert all(table.changed for table in report.tables if table.rows)
    assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)
    assert not copied.unfinished_build.exists()


def test_a_file_that_was_touched_meanwhile_is_made_again(
    copied: DataLayout, built: DataLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied(copied)
    with stopped_at(monkeypatch, *STOPPED_AT), pytest.raises(Stopped):
        build(copied, workers=1)
    Warehouse(copied).path("cells", 2020).unlink()
    build(copied, workers=1)
    assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)


def replace_a_reading(layout: DataLayout) -> None:
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION) as cache:
        row = next(cache.of(cache.hashes(year=2020)))
        report = row.extraction().report
        assert report is not None
        other = dataclasses.replace(report, title=f"{report.title}（更正）")
        cache.put([dataclasses.replace(row, payload=pack(dataclasses.replace(row.extraction(), report=other)))])


def write_a_verdict(layout: DataLayout) -> None:
    layout.verdicts.mkdir()
    (layout.verdicts / "mine.yml").write_text("[]\n", encoding="utf-8")


@pytest.mark.parametrize("change", [replace_a_reading, write_a_verdict])
def test_other_inputs_begin_anew(
    copied: DataLayout, monkeypatch: pytest.MonkeyPatch, made: list[tuple[str, int | None]], change: object
) -> None:
    with stopped_at(monkeypatch, *STOPPED_AT), pytest.raises(Stopped):
        build(copied, workers=1)
    made.clear()
    assert callable(change)
    change(copied)
    build(copied, workers=1)
    assert ("cells", 2020) in made


def test_a_build_of_other_tables_takes_nothing_from_a_stopped_one(
    copied: DataLayout, monkeypatch: pytest.MonkeyPatch, made: list[tuple[str, int | None]]
) -> None:
    with stopped_at(monkeypatch, *STOPPED_AT), pytest.raises(Stopped):
        build(copied, workers=1)
    made.clear()
    build(copied, ["cells"], [2020], workers=1)
    assert made == [("cells", 2020)]


def test_a_note_that_cannot_be_read_is_none(copied: DataLayout, tmp_path: Path) -> None:
    copied.unfinished_build.write_text("{", encoding="utf-8")
    assert build(copied, workers=1).changed == ()
    assert not copied.unfinished_build.exists()


@pytest.mark.parametrize(
    "question",
    [("problems", "--json"), ("coverage", "--json"), ("query", "SELECT 1"), ("trace", "尧都区信访局 2020")],
)
def test_who_asks_tables_of_a_stopped_build_is_told_so(copied: DataLayout, ogi: Ogi, question: tuple[str, ...]) -> None:
    complete = ogi(*question, "--data", copied.root)
    assert "is under way or was stopped" not in complete.err
    copied.unfinished_build.write_text("{}", encoding="utf-8")
    told = ogi(*question, "--data", copied.root)
    assert "is under way or was stopped" in told.err
    assert (told.code, told.out) == (complete.code, complete.out)
