"""Pages written from the tables of divisions come to their place, or stay open where nobody could tell it."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.resolution import RIGHTLY_OPEN, UNRESOLVED, WRONG, judge, main, score
from benchmarks.resolution_pages import Page, pages
from transform.regions import RegionEvidence, RegionResolution, RegionStatus, resolve_region

PAGES = list(pages(300, seed=5))


def test_three_hundred_pages_come_to_their_place():
    found = score(PAGES)
    assert found.outcomes[WRONG] == 0, found.faults
    assert found.unresolved_share <= 0.03, found.faults


def test_the_pages_are_of_many_kinds_and_some_cannot_be_told():
    assert len({page.kind for page in PAGES}) >= 20
    assert len({page.settles for page in PAGES}) >= 10
    assert 10 <= sum(page.code is None for page in PAGES) <= 90


def test_one_seed_gives_one_set_of_pages():
    assert list(pages(20, seed=5)) == PAGES[:20]
    assert list(pages(20, seed=6)) != PAGES[:20]


@given(st.integers(0, 10**6), st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_no_page_comes_to_another_place(seed: int, number: int):
    page = list(pages(number + 1, seed))[number]
    outcome = judge(page, resolve_region(page.evidence))
    assert outcome != WRONG, (page, resolve_region(page.evidence))


def resolved(code: str | None, township: str | None = None) -> RegionResolution:
    status = RegionStatus.RESOLVED if code else RegionStatus.UNRESOLVED
    return RegionResolution(status=status, division_code=code, township_code=township)


@pytest.mark.parametrize(
    ("truth", "township", "found", "outcome"),
    [
        ("220303", None, resolved("220303"), "right"),
        ("220303", None, resolved("210302"), "wrong"),
        ("220303", None, resolved(None), "unresolved"),
        (None, None, resolved(None), "rightly open"),
        (None, None, resolved("220303"), "wrong"),
        ("220303", "220303001", resolved("220303", "220303002"), "wrong"),
        ("220303", "220303001", resolved("220303"), "right"),
    ],
)
def test_an_outcome_is_judged_against_the_truth(
    truth: str | None, township: str | None, found: RegionResolution, outcome: str
):
    assert judge(Page(0, "", "", RegionEvidence(), truth, township), found) == outcome


def test_open_pages_that_cannot_be_told_count_as_no_miss():
    page = Page(0, "a", "nothing", RegionEvidence(issuer="铁东区教育局"), None)
    told = Page(1, "a", "name", RegionEvidence(issuer="铁东区教育局"), "220303")
    found = score([page, told])
    assert found.outcomes == Counter({RIGHTLY_OPEN: 1, UNRESOLVED: 1})
    assert found.unresolved_share == 1.0
    assert not found.holds


def test_the_command_prints_its_figures(capsys: pytest.CaptureFixture[str]):
    assert main(["--count", "40", "--seed", "3", "--by-kind"]) == 0
    printed = capsys.readouterr().out
    assert "40 pages (seed 3): 0 wrong (0.00%)" in printed
    assert "what settles the place" in printed
    assert main(["--count", "40", "--seed", "3", "--json"]) == 0
    assert '"wrong": 0' in capsys.readouterr().out
