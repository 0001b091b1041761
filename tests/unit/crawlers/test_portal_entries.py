"""The entries of the registry against the gazetteer, and what each says about itself."""

from pathlib import Path

import pytest

from crawlers.families import FAMILIES
from crawlers.registry import DEFAULT_REGISTRY, Portal, load_registry
from transform.regions.gazetteer import Level, load_gazetteer

REGISTRY = load_registry()
PORTALS = REGISTRY.portals
FOLDERS = {
    "anhui": "34", "beijing": "11", "chongqing": "50", "fujian": "35", "gansu": "62", "guangdong": "44",
    "guangxi": "45", "guizhou": "52", "hainan": "46", "hebei": "13", "heilongjiang": "23", "henan": "41",
    "hubei": "42", "hunan": "43",
    "jiangsu": "32", "jiangxi": "36", "jilin": "22", "liaoning": "21", "neimenggu": "15", "ningxia": "64",
    "qinghai": "63", "shaanxi": "61", "shandong": "37", "shanghai": "31", "shanxi": "14", "sichuan": "51",
    "tianjin": "12", "xinjiang": "65", "xizang": "54", "yunnan": "53", "zhejiang": "33",
}  # fmt: skip
"""Folders of provinces, with the first two digits of their codes."""


def test_every_entry_is_sound() -> None:
    assert REGISTRY.problems == ()
    assert len(PORTALS) >= 80


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.id)
def test_an_entry_says_where_it_comes_from(portal: Portal) -> None:
    assert portal.verified == "never"
    assert "seen" in portal.notes
    assert portal.file is not None
    folder = portal.file.parent.name
    central = folder == "_central"
    assert portal.id.startswith("central-" if central else folder)
    assert portal.file.is_relative_to(DEFAULT_REGISTRY)


@pytest.mark.parametrize("portal", [p for p in PORTALS if p.division_code], ids=lambda portal: portal.id)
def test_a_division_code_is_that_of_the_body(portal: Portal) -> None:
    gazetteer = load_gazetteer()
    division = gazetteer.get(portal.division_code or "")
    assert division is not None
    assert division.code == portal.division_code
    assert division.level in (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)
    assert portal.file is not None
    assert division.code[:2] == FOLDERS[portal.file.parent.name]


@pytest.mark.parametrize("portal", [p for p in PORTALS if p.division_code], ids=lambda portal: portal.id)
def test_a_name_that_names_a_division_names_that_of_the_code(portal: Portal) -> None:
    gazetteer = load_gazetteer()
    code = portal.division_code or ""
    named = [
        unit.code
        for place in range(len(portal.name))
        for name, units in gazetteer.matches_at(portal.name, place)
        for unit in units
        if unit.code and len(name) > 2
    ]
    if named:  # some are called after a bureau or a zone that has no code
        assert any(gazetteer.lies_within(code, other) or gazetteer.lies_within(other, code) for other in named)


def test_entries_without_a_code_are_those_of_the_state() -> None:
    without = [portal for portal in PORTALS if portal.division_code is None]
    assert {portal.file.parent.name for portal in without if portal.file} == {"_central"}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_guide_names_every_option_of_a_family(family: str) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "portals.md").read_text("utf-8")
    rows = [row for row in guide.splitlines() if row.startswith("| `") and (f"`{family}`" in row or "| all |" in row)]
    missing = [name for name in FAMILIES[family].options.model_fields if not any(f"`{name}`" in row for row in rows)]
    assert missing == []
