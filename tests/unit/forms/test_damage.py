"""One cell, span, row or label of a page is damaged: figures may be lost or flagged, none is silently another."""

import random
import re
from collections.abc import Callable

import pytest

from extract.api import extract
from extract.model import Confidence
from pipelines.sample.draw_html import HtmlStyle, Markup, draw_html
from pipelines.sample.random_reports import random_report

Damage = Callable[[random.Random, str], str]
CELL = re.compile(r"<td[^>]*>.*?</td>", re.DOTALL)
ROW = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)


def without(pattern: str) -> Damage:
    def damage(rng: random.Random, page: str) -> str:
        found = rng.choice(list(re.finditer(pattern, page, re.DOTALL)))
        return page[: found.start()] + page[found.end() :]

    return damage


def twice(rng: random.Random, page: str) -> str:
    found = rng.choice(list(CELL.finditer(page)))
    return page[: found.end()] + found[0] + page[found.end() :]


def blank_before(rng: random.Random, page: str) -> str:
    found = rng.choice(list(CELL.finditer(page)))
    return page[: found.start()] + "<td></td>" + page[found.start() :]


def rows_swapped(rng: random.Random, page: str) -> str:
    rows = list(ROW.finditer(page))
    first = rng.randrange(len(rows) - 1)
    one, two = rows[first], rows[first + 1]
    return page[: one.start()] + two[0] + page[one.end() : two.start()] + one[0] + page[two.end() :]


def label_cut(rng: random.Random, page: str) -> str:
    found = rng.choice([cell for cell in CELL.finditer(page) if re.search("[一-鿿]{2}", cell[0])])
    return page[: found.start()] + re.sub("[一-鿿]{2}", "", found[0], count=1) + page[found.end() :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(without(r' rowspan="\d+"'), id="row span lost"),
        pytest.param(without(r' colspan="\d+"'), id="column span lost"),
        pytest.param(without(CELL.pattern), id="cell lost"),
        pytest.param(without(ROW.pattern), id="row lost"),
        pytest.param(twice, id="cell doubled"),
        pytest.param(blank_before, id="blank cell added"),
        pytest.param(rows_swapped, id="rows swapped"),
        pytest.param(label_cut, id="label cut"),
    ],
)
def test_damage_never_gives_a_silently_wrong_figure(damage: Damage) -> None:
    compared = 0
    for seed in range(25):
        rng = random.Random(seed)
        facts = random_report(rng, edition=rng.choice(["E2019", "E2021"]))
        style = HtmlStyle(placeholder_cells=rng.random() < 0.3, markup=rng.choice([Markup.PLAIN, Markup.EDITOR]))
        report = extract(damage(rng, draw_html(facts, style).decode()).encode()).report
        assert report is not None
        drawn = facts.expected_cells()
        for cell in report.cells:
            if cell.value is None or cell.code not in drawn or cell.value == drawn[cell.code].value:
                compared += cell.value is not None
                continue
            flagged = {"sum_mismatch", "suspect_reading"} & set(cell.flags) or cell.confidence is Confidence.DOUBTFUL
            assert flagged, (seed, cell, drawn[cell.code])
    assert compared > 2000
