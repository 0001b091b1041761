"""Links to files that expire are looked up again in their article, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from crawl_peer import Answer, CrawlRun, Peer, article, crawl, listing, report, write_entry

from crawlers.archive import FetchRow, RawStore

BASE = "/zwgk/zfxxgknb/"
ARTICLE = f"{BASE}{report(1)[0][2:]}"
GATEWAY = "/attach/download"
FILE = b"%PDF-1.4 the report"
EXPIRED = Answer("<html><title>403</title><p>no</p></html>", 403)

Links = Callable[[int], str]
"""The links of the article when it is given for so many times."""


@dataclass
class Portal:
    """A portal with one article, whose links change each time that it is given."""

    links: Links
    good: frozenset[str]
    expired: Answer = EXPIRED
    given: int = 0
    tokens: list[str] = field(default_factory=list)

    def article(self, method: str, fields: Mapping[str, str]) -> Answer:
        self.given += 1
        return Answer(article(report(1)[1], self.links(self.given)), with_etag=False)

    def file(self, method: str, fields: Mapping[str, str]) -> Answer:
        self.tokens.append(fields.get("token", ""))
        if fields.get("token", "") in self.good:
            return Answer(FILE, content_type="application/pdf")
        return self.expired

    def collected(self, folder: Path) -> CrawlRun:
        """One crawl of it."""
        with Peer({BASE: listing(report(1)), ARTICLE: self.article, GATEWAY: self.file}) as peer:
            write_entry(folder / "registry", "p", "static_paged", peer.url(BASE))
            return crawl(folder, "1")


def link(token: object, name: str = "年度报告.pdf", file: str = "a.pdf") -> str:
    """A link to a file, with a token."""
    return f'<p><a href="{GATEWAY}?file={file}&token={token}">{name}</a></p>'


def of_file(run: CrawlRun) -> FetchRow:
    """The one row of a file."""
    (row,) = [row for row in run.rows if row.role == "attachment"]
    return row


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_expired_link_is_looked_up_in_its_article(status: int, tmp_path: Path) -> None:
    portal = Portal(link, frozenset({"2"}), Answer("<html><p>no</p></html>", status))
    row = of_file(portal.collected(tmp_path))
    assert (row.outcome, portal.tokens, portal.given) == ("stored", ["1", "2"], 2)
    assert RawStore(tmp_path / "raw").get(row.sha256 or "") == FILE
    assert (row.final_url or "").endswith("token=2")
    assert (row.url or "").endswith("token=1"), "the ledger keeps the address as it was met"


def test_a_page_that_says_so_with_status_200_is_an_expired_link_too(tmp_path: Path) -> None:
    portal = Portal(link, frozenset({"2"}), Answer("<html><title>提示</title><p>链接已失效</p></html>"))
    assert of_file(portal.collected(tmp_path)).outcome == "stored"


def test_of_several_files_the_one_of_that_name_is_taken(tmp_path: Path) -> None:
    def links(time: int) -> str:
        other = link("other", "附表.pdf", "b.pdf") if time > 1 else ""
        return other + link(time)

    portal = Portal(links, frozenset({"2"}))
    run = portal.collected(tmp_path)
    assert portal.tokens == ["1", "2"], "the other file is another link of another row"
    assert of_file(run).outcome == "stored"


@pytest.mark.parametrize(
    "links",
    [
        lambda time: link("old"),  # the article names the same link as before
        lambda time: link(time) if time == 1 else "",  # nor is the file in it any more
        lambda time: link(1) if time == 1 else link(2) + link(3),  # which of the two, nobody knows
    ],
)
def test_where_the_article_names_no_other_link_nothing_more_is_asked(links: Links, tmp_path: Path) -> None:
    portal = Portal(links, frozenset({"2", "3"}))
    row = of_file(portal.collected(tmp_path))
    assert (row.outcome, row.status_code, len(portal.tokens), portal.given) == ("http_error", 403, 1, 2)


def test_a_link_is_renewed_once(tmp_path: Path) -> None:
    portal = Portal(link, frozenset())
    row = of_file(portal.collected(tmp_path))
    assert (row.outcome, portal.tokens, portal.given) == ("http_error", ["1", "2"], 2)


def test_an_answer_of_no_bytes_is_asked_for_once_more(tmp_path: Path) -> None:
    portal = Portal(lambda time: link("same"), frozenset(), Answer(b"", content_type="application/pdf"))
    row = of_file(portal.collected(tmp_path))
    assert (row.outcome, portal.tokens) == ("empty", ["same", "same"])


def test_a_link_without_a_token_is_not_looked_up(tmp_path: Path) -> None:
    portal = Portal(lambda time: f'<p><a href="{BASE}P01.pdf">年度报告.pdf</a></p>', frozenset())
    row = of_file(portal.collected(tmp_path))
    assert (row.outcome, row.status_code, portal.given) == ("http_error", 404, 1)
