"""Answers that come packed, rightly or wrongly: what can be read is read, and nothing that is sent ends the crawl."""

import gzip
import zlib
from pathlib import Path

import pytest
from crawl_peer import Answer, Peer, article, crawl, listing, report, write_entry
from scrapy.http import Response

from crawlers.archive import Outcome, Role
from crawlers.unpacking import glance

PAGE = article(report(1)[1]).encode() * 3
PACKED = gzip.compress(PAGE)
BROKEN = PACKED[:60] + b"\xff\x00" * 20 + PACKED[100:]


@pytest.mark.parametrize(
    ("said", "body", "outcome", "reason", "requests"),
    [
        ("gzip", PACKED, Outcome.STORED, None, 1),
        ("x-gzip", PACKED + bytes(20), Outcome.STORED, None, 1),
        ("deflate", zlib.compress(PAGE)[2:-4], Outcome.STORED, None, 1),
        ("gzip, gzip", gzip.compress(PACKED), Outcome.STORED, None, 1),
        ("gzip", PAGE, Outcome.STORED, None, 1),
        ("UTF-8", PAGE, Outcome.STORED, None, 1),
        ("gzip", PACKED[:-40], Outcome.NETWORK_ERROR, "before it was complete", 3),
        ("gzip", PACKED[:10], Outcome.NETWORK_ERROR, "cannot be unpacked", 3),
        ("gzip", BROKEN, Outcome.NETWORK_ERROR, "cannot be unpacked", 3),
        ("deflate", b"\x00\x01 no stream of zlib" * 9, Outcome.NETWORK_ERROR, "cannot be unpacked", 3),
        ("zstd", b"\x28\xb5\x2f\xfd broken" * 9, Outcome.NETWORK_ERROR, "cannot be unpacked", 3),
    ],
    ids=[
        "gzip",
        "padded",
        "raw-deflate",
        "twice",
        "plain-as-gzip",
        "charset",
        "cut",
        "head",
        "broken",
        "noise",
        "zstd",
    ],
)
def test_what_a_portal_packs(
    said: str, body: bytes, outcome: Outcome, reason: str | None, requests: int, tmp_path: Path
) -> None:
    address = report(1)[0][1:]
    pages = {
        "/nb/": listing(report(1), report(2)),
        f"/nb{address}": Answer(body, headers={"Content-Encoding": said}),
        f"/nb{report(2)[0][1:]}": article(report(2)[1]),
    }
    with Peer(dict(pages)) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url("/nb/"))
        run = crawl(tmp_path, "r")
    assert run.code == 0, run.stderr
    rows = {row.link_text: row for row in run.rows if row.role is Role.ARTICLE}
    assert rows[report(2)[1]].outcome is Outcome.STORED
    found = rows[report(1)[1]]
    assert found.outcome is outcome
    assert (reason or "") in (found.reason or "")
    assert found.byte_count == (len(PAGE) if outcome is Outcome.STORED else None)
    assert peer.paths.count(f"/nb{address}") == requests


def test_a_refusal_is_seen_although_it_is_packed() -> None:
    headers = {"Content-Encoding": "gzip"}
    assert glance(Response("http://a.test/", body=PACKED, headers=headers)) == PAGE
    assert glance(Response("http://a.test/", body=BROKEN[:30], headers=headers)) is not None
    assert glance(Response("http://a.test/", body=PAGE, headers=headers)) == PAGE
    assert len(glance(Response("http://a.test/", body=gzip.compress(bytes(1 << 22)), headers=headers))) <= 1 << 14
