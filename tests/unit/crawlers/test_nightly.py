"""Night after night: nothing is asked twice without need, nothing new is missed for long, nothing is lost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawl_peer import Answer, CrawlRun, Peer, article, crawl, listing, report, write_entry
from family_sites import FamilySite, crawl_site, make_site, serve

from crawlers.archive import FetchRow, Ledger, Outcome, RawStore, Role
from crawlers.archive.ledger import WalkRow
from crawlers.schedule import Plan, is_due_again, make_plan, report_year, retry_is_due, year_of
from pipelines.sample.families import FAMILIES

BASE = "/zwgk/zfxxgknb/"
NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)
DOCUMENTS = (Role.ARTICLE, Role.ATTACHMENT)


ANSWERS_OF_A_FIRST_PAGE = {"epoint": 3, "jpaas": 4}
"""What a browser needs to show the first list page, where that is more than a page and its rows: a script with the
site's number; several units on one page, each with an address of its own."""


def asked(run: CrawlRun, *roles: Role) -> list[str]:
    """The addresses of these roles that were asked for in a run."""
    return [row.url or "" for row in run.rows if row.role in roles and row.status_code is not None]


def pages(*numbers: int) -> dict[str, str]:
    """The article pages of these reports."""
    return {f"{BASE}{report(number)[0][2:]}": article(report(number)[1], f"<p>第{number}号</p>") for number in numbers}


def paths(run: CrawlRun) -> list[str]:
    """The paths that were asked for, robots.txt left out, in order."""
    return [path for path, row in run.by_path().items() if row.role is not Role.ROBOTS and row.status_code is not None]


# ---- every family ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_the_second_night_costs_next_to_nothing_and_a_new_report_is_found(family: str, tmp_path: Path) -> None:
    made = make_site(family, reports=24)
    *most, newest = made.facts.values()
    newest = newest.model_copy(update={"published": max(each.published for each in most) + timedelta(days=9)})
    rows = tuple(row for row in made.site.rows if row.report != newest.slug)
    site = FamilySite(made.site.model_copy(update={"rows": rows}), {**made.facts, newest.slug: newest})
    with serve(tmp_path / "sites", site) as server:
        first = crawl_site(tmp_path, server, [site], "night-1")
        second = crawl_site(tmp_path, server, [site], "night-2")
        server.add_report(site.site.host, newest)
        third = crawl_site(tmp_path, server, [site], "night-3")
        address = server.report_address(site.site.host, newest.slug)
    assert [run.code for run in (first, second, third)] == [0, 0, 0], second.stderr + third.stderr
    portal = site.site.id
    assert first.finished(portal)["full"]
    assert not second.finished(portal)["full"]
    assert asked(second, *DOCUMENTS) == []
    assert len(asked(second, Role.LISTING)) <= ANSWERS_OF_A_FIRST_PAGE.get(family, 2)
    assert second.finished(portal)["bytes"] <= 0.05 * first.finished(portal)["bytes"]
    assert asked(third, Role.ARTICLE) == [address]
    assert third.finished(portal)["new"] >= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_a_report_taken_off_is_gone_at_the_next_sweep_and_stays_stored(family: str, tmp_path: Path) -> None:
    site = make_site(family, negatives=False, twins=False)
    slug = next(row.report for row in site.site.rows[4:] if row.report)
    assert slug is not None
    with serve(tmp_path / "sites", site) as server:
        first = crawl_site(tmp_path, server, [site], "night-1")
        address = server.report_address(site.site.host, slug)
        server.remove_report(site.site.host, slug)
        crawl_site(tmp_path, server, [site], "night-2")
        swept = crawl(tmp_path, "night-3", "--full", proxy=server.proxy_url)
        again = crawl(tmp_path, "night-4", "--full", proxy=server.proxy_url)
    before = {row.url: row for row in first.rows}
    gone = [row for row in swept.rows if row.outcome is Outcome.GONE and row.role is Role.ARTICLE]
    assert [row.url for row in gone] == [address], [row for row in swept.rows if row.url == address]
    assert RawStore(tmp_path / "raw").get(before[address].sha256 or "")
    assert address not in {row.url for row in again.rows}


# ---- what a night reads ---------------------------------------------------------------------------------------------


SECOND = '<script>createPageHTML(%d, 0, "index", "html");</script>'


def test_a_new_row_is_followed_to_where_the_list_is_known_and_no_further(tmp_path: Path) -> None:
    peer = Peer({
        BASE: listing(report(9), report(8), after=SECOND % 3),
        f"{BASE}index_1.html": listing(report(7), report(6)),
        f"{BASE}index_2.html": listing(report(5), report(4)),
        **pages(*range(1, 13)),
    })  # fmt: skip
    with peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        peer.pages[BASE] = listing(report(11), report(10), after=SECOND % 4)
        peer.pages[f"{BASE}index_1.html"] = listing(report(9), report(8))
        peer.pages[f"{BASE}index_2.html"] = listing(report(7), report(6))
        peer.pages[f"{BASE}index_3.html"] = listing(report(5), report(4))
        second = crawl(tmp_path, "2")
        # A row in the middle of an old page, below rows that are known: the sweep finds it.
        peer.pages[f"{BASE}index_2.html"] = listing(report(7), report(12), report(6))
        third = crawl(tmp_path, "3")
        swept = crawl(tmp_path, "4", "--full")
    assert set(paths(second)) == {BASE, f"{BASE}index_1.html", *pages(11, 10)}
    assert paths(third) == [BASE]
    assert swept.by_path()[next(iter(pages(12)))].outcome is Outcome.STORED
    assert swept.finished("p")["new"] == 1


def test_a_row_whose_date_changed_is_asked_again_and_the_correction_is_a_version_with_its_dates(tmp_path: Path) -> None:
    href, title, _ = report(1)
    peer = Peer({BASE: listing(report(1), report(2)), **pages(1, 2)})
    path = next(iter(pages(1)))
    with peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1").by_path()[path]
        peer.pages[BASE] = listing((href, title, "2021-05-05"), report(2))
        peer.pages[path] = article(title, "<p>更正</p>")
        second = crawl(tmp_path, "2")
        third = crawl(tmp_path, "3")
    row = second.by_path()[path]
    assert set(paths(second)) == {BASE, path}
    assert (row.outcome, row.reason) == (Outcome.STORED, "the bytes changed since the last visit")
    assert (first.listed_date, row.listed_date) == ("2021-01-01", "2021-05-05")
    assert first.requested_at < row.requested_at
    assert first.sha256 != row.sha256
    assert RawStore(tmp_path / "raw").get(first.sha256 or "")
    assert paths(third) == [BASE]


def test_of_columns_of_years_only_the_newest_is_read_at_night(tmp_path: Path) -> None:
    site = {
        BASE: '<html><body><a href="./2020n/">2020年</a><a href="nb_2019n/">2019年</a></body></html>',
        f"{BASE}2020n/": listing(("t20210101_1.html", "某局一2020年政府信息公开年度报告", "2021-01-01")),
        f"{BASE}nb_2019n/": listing(("t20200101_2.html", "某局二2019年政府信息公开年度报告", "2020-01-01")),
        f"{BASE}2020n/t20210101_1.html": article("某局一2020年政府信息公开年度报告"),
        f"{BASE}nb_2019n/t20200101_2.html": article("某局二2019年政府信息公开年度报告"),
    }
    peer = Peer(site)
    with peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        second = crawl(tmp_path, "2")
        peer.pages[BASE] = str(site[BASE]).replace("<body>", '<body><a href="./2021n/">2021年</a>')
        peer.pages[f"{BASE}2021n/"] = listing(("t20220101_3.html", "某局三2021年政府信息公开年度报告", "2022-01-01"))
        peer.pages[f"{BASE}2021n/t20220101_3.html"] = article("某局三2021年政府信息公开年度报告")
        third = crawl(tmp_path, "3")
        fourth = crawl(tmp_path, "4")
    assert first.finished("p")["new"] == 2
    assert paths(second) == [BASE, f"{BASE}2020n/"]
    assert paths(third) == [BASE, f"{BASE}2021n/", f"{BASE}2021n/t20220101_3.html"]
    assert paths(fourth) == [BASE, f"{BASE}2021n/"]


def test_what_failed_is_asked_again_at_night_though_no_new_row_leads_there(tmp_path: Path) -> None:
    broken = next(iter(pages(5)))
    peer = Peer({
        BASE: listing(report(9), report(8), after=SECOND % 2),
        f"{BASE}index_1.html": listing(report(5), report(4)),
        **pages(4, 5, 8, 9),
    })  # fmt: skip
    whole = peer.pages[broken]
    with peer:
        peer.pages[broken] = Answer("", 500)
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        peer.pages[broken] = whole
        second = crawl(tmp_path, "2")
        third = crawl(tmp_path, "3")
    assert paths(second) == [BASE, broken]
    assert second.by_path()[broken].outcome is Outcome.STORED
    assert paths(third) == [BASE]


def test_a_list_page_that_failed_is_made_good_in_the_next_night(tmp_path: Path) -> None:
    peer = Peer({
        BASE: listing(report(9), after=SECOND % 2),
        f"{BASE}index_1.html": Answer("", 500),
        f"{BASE}index_2.html": Answer("", 500),
        **pages(8, 9),
    })  # fmt: skip
    with peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        peer.pages[f"{BASE}index_1.html"] = listing(report(8))
        del peer.pages[f"{BASE}index_2.html"]
        second = crawl(tmp_path, "2")
    assert (first.finished("p")["new"], second.finished("p")["new"]) == (1, 1)
    assert second.finished("p")["full"]


def test_an_entry_that_changed_is_read_in_full(tmp_path: Path) -> None:
    with Peer({BASE: listing(report(1)), **pages(1)}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE), notes="nothing that matters")
        second = crawl(tmp_path, "2")
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE), options={"max_pages": 7})
        third = crawl(tmp_path, "3")
    assert not second.finished("p")["full"]
    assert third.finished("p")["full"]
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as ledger:
        assert [walk.reason for walk in ledger.walks("p")[4:]] == ["the entry or the rules changed"] * 2


# ---- removed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({1: Answer("", 404)}, "gone"),
        ({1: Answer("", 410)}, "gone"),
        ({1: Answer("", 500)}, "http_error"),
        ({}, "unchanged"),
        ({1: Answer("", 404), 2: Answer("", 404)}, "http_error"),  # a 404 for everything says nothing
    ],
)
def test_a_report_is_gone_only_when_no_list_names_it_and_it_is_not_there(
    answers: Mapping[int, Answer], outcome: str, tmp_path: Path
) -> None:
    with Peer({BASE: listing(report(1), report(2)), **pages(1, 2)}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        peer.pages[BASE] = listing(report(2))
        peer.pages.update({next(iter(pages(number))): answer for number, answer in answers.items()})
        night = crawl(tmp_path, "2")
        swept = crawl(tmp_path, "3", "--full")
    assert night.code == swept.code == 0, swept.stderr
    path = next(iter(pages(1)))
    assert path not in night.by_path()
    row = swept.by_path()[path]
    assert row.outcome.value == outcome, row
    assert swept.finished("p")["gone"] == (outcome == "gone")


def test_where_a_list_page_failed_nothing_is_unlisted(tmp_path: Path) -> None:
    peer = Peer({
        BASE: listing(report(9), report(8), after=SECOND % 2),
        f"{BASE}index_1.html": listing(report(5), report(4)),
        **pages(4, 5, 8, 9),
    })  # fmt: skip
    with peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        peer.pages[f"{BASE}index_1.html"] = Answer("", 500)
        del peer.pages[next(iter(pages(5)))]
        swept = crawl(tmp_path, "2", "--full")
    assert swept.finished("p")["gone"] == 0
    assert not set(pages(5, 4)) & set(swept.by_path())


def test_a_file_that_its_page_names_no_more_is_looked_for(tmp_path: Path) -> None:
    title = report(1)[1]
    with_file = article(title, '<a href="P1.docx">附件：年度报告.docx</a>')
    path = next(iter(pages(1)))
    file = f"{path.rpartition('/')[0]}/P1.docx"
    with Peer({BASE: listing(report(1), report(2)), **pages(2), path: with_file, file: Answer(b"PK word")}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        unchanged = crawl(tmp_path, "2", "--full")
        peer.pages[path] = article(title)
        del peer.pages[file]
        swept = crawl(tmp_path, "3", "--full")
    assert unchanged.by_path()[file].outcome is Outcome.UNCHANGED
    assert swept.by_path()[file].outcome is Outcome.GONE


# ---- when ------------------------------------------------------------------------------------------------------------


def walk(phase: str, *, days: float, full: bool = True, complete: bool | None = True, run: str = "r", mark: str = "f",
         now: datetime = NOW) -> WalkRow:  # fmt: skip
    """A walk so many days ago."""
    return WalkRow(
        run_id=run, portal_id="p", phase=phase, is_full=full, reason="", fingerprint=mark,
        at=(now - timedelta(days=days)).isoformat(), is_complete=complete if phase == "ended" else None,
    )  # fmt: skip


MARCH = datetime(2026, 3, 2, 2, tzinfo=UTC)
ENDED = [walk("begun", days=1), walk("ended", days=1)]


@pytest.mark.parametrize(
    ("walks", "now", "full", "reason"),
    [
        ([], NOW, True, "never read"),
        (ENDED, NOW, False, "only what is new"),
        ([walk("ended", days=27.9)], NOW, True, "four weeks"),
        ([walk("ended", days=26)], NOW, False, "only"),
        ([walk("ended", days=7, now=MARCH)], MARCH, True, "season"),
        ([walk("ended", days=5, now=MARCH)], MARCH, False, "only"),
        ([walk("ended", days=30, now=MARCH)], MARCH, True, "four weeks"),
        ([walk("ended", days=1, mark="old")], NOW, True, "the entry or the rules"),
        ([*ENDED, walk("begun", days=0.5, full=False)], NOW, True, "stopped on its way"),
        ([walk("ended", days=1, complete=False)], NOW, True, "failed the last time"),
        ([walk("ended", days=2, complete=False), walk("ended", days=1, complete=False)], NOW, False, "only"),
        ([walk("ended", days=8, complete=False), walk("ended", days=7, complete=False)], NOW, True, "failed"),
        ([*ENDED, walk("ended", days=0.5, full=False, complete=False)], NOW, True, "failed"),
        ([*ENDED, walk("begun", days=0, full=True, run="now")], NOW, True, ""),
        ([walk("begun", days=0, full=False, run="now")], NOW, False, ""),
    ],
)
def test_when_a_portal_is_read_in_full(walks: list[WalkRow], now: datetime, full: bool, reason: str) -> None:
    plan = make_plan(walks, now=now, run_id="now", fingerprint="f")
    assert (plan.is_full, reason in plan.reason) == (full, True), plan
    assert make_plan(ENDED, now=now, run_id="now", fingerprint="f", forced=True).is_full


def row(outcome: Outcome = Outcome.STORED, *, days: float = 1, status: int | None = 200, reason: str = "",
        sent: bool = True) -> FetchRow:  # fmt: skip
    """A row so many days ago."""
    return FetchRow(
        run_id="r", portal_id="p", url="http://a.gov.cn/1", role=Role.ARTICLE, outcome=outcome, reason=reason,
        status_code=status, requested_at=(MARCH - timedelta(days=days)).isoformat(), elapsed_ms=1 if sent else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("title", "listed", "days", "due"),
    [
        ("某局2025年度报告", "2026-01-02", 8, True),
        ("某局2024年度报告", "2026-01-02", 8, True),
        ("某局2023年度报告", "2024-01-02", 8, False),
        ("某局2023年度报告", "2024-01-02", 28, True),
        ("区水利局", "2020-01-02", 8, False),
        ("区水利局", None, 8, True),
    ],
)
def test_in_the_season_the_two_latest_report_years_are_asked_again(
    title: str, listed: str | None, days: float, due: bool
) -> None:
    season = make_plan([walk("ended", days=7, now=MARCH)], now=MARCH, run_id="now", fingerprint="f")
    assert is_due_again(row(days=days), title, listed, season, MARCH) is due
    assert is_due_again(row(days=days), title, listed, Plan(True, "the sweep every four weeks"), MARCH)


def test_what_fails_for_ever_is_asked_twice_more_and_then_weekly() -> None:
    failed = row(Outcome.HTTP_ERROR, status=500)
    assert retry_is_due([failed], MARCH)
    assert retry_is_due([failed] * 2, MARCH)
    assert not retry_is_due([failed] * 3, MARCH)
    assert retry_is_due([row(Outcome.TIMEOUT, days=7, status=None)] * 3, MARCH)
    assert retry_is_due([row(Outcome.CHALLENGE, status=None, sent=False)] * 9, MARCH)


def test_years_are_read_from_titles_dates_and_folders() -> None:
    assert report_year("某局2022年度报告", "2024-01-01") == 2022
    assert report_year("区水利局", "2024-01-01") == 2023
    assert report_year("区水利局", None) is None
    assert year_of("2021年", "http://a.gov.cn/x/") == 2021
    assert year_of("区级部门", "http://a.gov.cn/zfxxgknb/nb_2022n/") == 2022
    assert year_of("区级部门", "http://a.gov.cn/zfxxgknb_97478/bm/") is None


def test_a_run_that_goes_on_keeps_to_what_it_began_with(tmp_path: Path) -> None:
    with Peer({BASE: listing(report(1)), **pages(1)}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        crawl(tmp_path, "1")
        crawl(tmp_path, "2")
        again = crawl(tmp_path, "2", "--full")
    assert not again.finished("p")["full"]
    assert again.finished("p")["requests"] == 0
