"""Every family that can be played is collected in full, and known by its column page alone."""

from pathlib import Path

import pytest
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.pages import Page
from crawlers.recognition import recognise
from pipelines.sample.families import FAMILIES, arrange
from pipelines.sample.sites import make_rows


@pytest.mark.parametrize("family", FAMILIES)
def test_a_first_crawl_brings_every_report_and_nothing_else(family: str, tmp_path: Path) -> None:
    site = make_site(family)
    with serve(tmp_path / "sites", site) as server:
        run = crawl_site(tmp_path, server, [site])
        assert_collected(run, server, site)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_column_page_tells_its_family(family: str) -> None:
    made = make_site(family)
    played = FAMILIES[family]
    content = arrange(made.site, make_rows(made.site, played.addresses, made.facts, {}))
    column = content.fixed[played.column(made.site)]
    found = recognise(Page(made.index_url, column.body, column.content_type))
    assert found, "no family is recognised"
    assert found[0].family == family
    assert len(found) == 1 or found[1].weight < found[0].weight
