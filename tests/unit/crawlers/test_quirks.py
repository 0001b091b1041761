"""Every family, written as another publisher writes: no habit of writing loses a report."""

from pathlib import Path

import pytest
from family_sites import assert_collected, crawl_site, make_site
from quirks import QUIRKS, QuirkyServer

from pipelines.sample.families import FAMILIES
from pipelines.sample.made import write_sites


@pytest.mark.parametrize("quirk", QUIRKS)
def test_no_habit_of_writing_loses_a_report(quirk: str, tmp_path: Path) -> None:
    made = [make_site(family, reports=7, seed=3) for family in FAMILIES]
    facts = write_sites(tmp_path / "sites", *made)
    with QuirkyServer(tmp_path / "sites", facts, QUIRKS[quirk]) as server:
        run = crawl_site(tmp_path / "archive", server, made)
        problems = {}
        for each in made:
            own = [row for row in run.rows if row.portal_id == each.site.id]
            try:
                assert_collected(type(run)(run.code, run.events, run.stderr, own), server, each)
            except AssertionError as error:
                problems[each.site.family] = str(error)[:400] or "the run broke"
    assert not problems
