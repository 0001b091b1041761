"""Damaged bytes of every format: never a crash, never a defect, always an outcome. `benchmarks.hostile` tries more."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.hostile import SLOW_FORMATS, Score, attempt, mutated, names, score, scores
from benchmarks.writer.documents import available_formats
from pipelines.limits import Limits

COUNT = 280
PDF_COUNT = 14
"""Damaged fonts send a page to character recognition, which takes seconds."""
LIMITS = Limits(seconds=60, memory_bytes=900 << 20)
FORMATS = tuple(name for name in (*available_formats(), "zip") if name not in SLOW_FORMATS)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Score]:
    inputs = [*names(COUNT, [name for name in FORMATS if name != "pdf"]), *names(PDF_COUNT, ["pdf"])]
    return scores(score(inputs, tmp_path_factory.mktemp("none"), workers=2, limits=LIMITS))


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_documents_cost_themselves_at_most(name: str, found: Mapping[str, Score]) -> None:
    assert found[name].failures == []
    assert found[name].count >= PDF_COUNT
    assert found[name].megabytes < LIMITS.memory_bytes >> 20


def test_every_input_has_an_outcome(found: Mapping[str, Score]) -> None:
    assert sum(one.count for one in found.values()) == COUNT + PDF_COUNT
    statuses = {status for one in found.values() for status in one.statuses}
    assert statuses == {"read", "not_a_report", "quarantined"}


def test_an_input_is_made_again_from_its_name(tmp_path: Path) -> None:
    for name in names(8, FORMATS):
        assert mutated(name) == mutated(name)
    first, second = (attempt(tmp_path, "html:11:0") for _ in range(2))
    assert (first.status, first.code) == (second.status, second.code)


def test_slow_formats_are_tried_too_but_seldom() -> None:
    listed = [name.split(":")[0] for name in names(700, ("html", "scan"))]
    assert 0 < listed.count("scan") < 20
