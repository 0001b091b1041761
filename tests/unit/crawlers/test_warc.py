"""WARC files: every kind of record, every kind of damage, and what we write ourselves."""

import gzip
import io
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role
from crawlers.archive.raw_store import RawStore
from crawlers.archive.warc import WarcRecord, is_warc, read_warc
from crawlers.archive.warc_writer import write_warc

PAGES = [f"<html><title>第{n}页</title>{n * 7919 % 10007} 政府信息公开工作年度报告</html>".encode() for n in range(5)]
WHEN = "2021-01-29T08:00:0{}Z"


def response(
    writer: WARCWriter,
    number: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    warc: Mapping[str, str] | None = None,
    status: str = "200 OK",
) -> None:
    """Write one answer."""
    http = {"Content-Type": "text/html", **(headers or {})}
    writer.write_record(
        writer.create_warc_record(
            f"http://www.example.gov.cn/{number}.html",
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders(status, list(http.items()), protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": WHEN.format(number), **(warc or {})},
        )
    )


def archive(*, packed: bool, pages: list[bytes] = PAGES) -> bytes:
    """A small WARC file: what it is, and one answer a page."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=packed, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record("x", {"software": "test"}))
    for number, page in enumerate(pages):
        response(writer, number, page)
    return buffer.getvalue()


def read(tmp_path: Path, data: bytes, name: str = "x.warc.gz", **options: int) -> list[WarcRecord]:
    """The records of some bytes."""
    path = tmp_path / name
    path.write_bytes(data)
    return list(read_warc(path, **options))


def begins(data: bytes, number: int) -> int:
    """Where the record of a page begins in a packed file."""
    with io.BytesIO(data) as file:
        iterator = ArchiveIterator(file)
        for record in iterator:
            if str(record.rec_headers.get_header("WARC-Target-URI")).endswith(f"/{number}.html"):
                return int(iterator.get_record_offset())
    raise AssertionError(number)


@pytest.mark.parametrize("packed", [True, False])
def test_every_answer_is_read_with_address_moment_and_bytes(tmp_path: Path, packed: bool) -> None:
    found = read(tmp_path, archive(packed=packed))
    assert [record.kind for record in found] == ["warcinfo"] + ["response"] * 5
    assert [record.body for record in found[1:]] == PAGES
    assert found[2].url == "http://www.example.gov.cn/1.html"
    assert found[2].captured_at == "2021-01-29T08:00:01.000000+00:00"
    assert (found[2].status_code, found[2].content_type, found[2].damage) == (200, "text/html", None)


def test_a_file_packed_as_one_piece_is_read_all_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, gzip.compress(archive(packed=False)))
    assert [record.body for record in found[1:]] == PAGES


def _flip(data: bytes) -> bytes:
    place = begins(data, 2) + 150
    return data[:place] + bytes(byte ^ 0xFF for byte in data[place : place + 4]) + data[place + 4 :]


def _hole(data: bytes) -> bytes:
    place = begins(data, 2)
    return data[:place] + b"\0" * 3_000_000 + data[place + 40 :]


@pytest.mark.parametrize(
    ("damage", "kept", "packed"),
    [
        (_flip, [0, 1, 3, 4], True),
        (_hole, [0, 1, 3, 4], True),
        (lambda data: data[: begins(data, 4) + 60], [0, 1, 2, 3], True),
        (lambda data: b"junk" * 500 + data, [0, 1, 2, 3, 4], True),
        (lambda data: data + b"\0" * 2_000_000, [0, 1, 2, 3, 4], True),
        (lambda data: data[:-40], [0, 1, 2, 3], False),
        (lambda data: data.replace(PAGES[2], PAGES[2][:-20]), [0, 1, 3, 4], False),
        (lambda data: data.replace(PAGES[2], PAGES[2] + b"x" * 20), [0, 1, 3, 4], False),
        (lambda data: data.replace(PAGES[2], PAGES[2][:-20] + b"y" * 20), [0, 1, 3, 4], False),
    ],
)
def test_a_damaged_place_costs_its_own_records_and_is_told_once(
    tmp_path: Path, damage: Callable[[bytes], bytes], kept: list[int], packed: bool
) -> None:
    found = read(tmp_path, damage(archive(packed=packed)))
    usable = [record for record in found if record.kind == "response" and record.damage is None]
    assert [record.body for record in usable] == [PAGES[number] for number in kept]
    assert len([record for record in found if record.damage]) == 1


def test_nothing_is_said_on_stderr_about_damage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path, _flip(archive(packed=True)))
    assert capsys.readouterr() == ("", "")


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, b"") == []


def one(tmp_path: Path, body: bytes, **how: Mapping[str, str] | str) -> WarcRecord:
    """The only record of a file with one answer."""
    buffer = io.BytesIO()
    response(WARCWriter(buffer, gzip=True, warc_version="1.1"), 1, body, **how)  # type: ignore[arg-type]
    (record,) = read(tmp_path, buffer.getvalue())
    return record


@pytest.mark.parametrize(
    ("packed", "headers"),
    [
        (gzip.compress(PAGES[1]), {"Content-Encoding": "gzip"}),
        (zlib.compress(PAGES[1]), {"Content-Encoding": "deflate"}),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGES[1]), PAGES[1]), {"Transfer-Encoding": "chunked"}),
        (PAGES[1], {"Content-Encoding": "gzip"}),
        (PAGES[1], {"Transfer-Encoding": "chunked"}),
        (PAGES[1], {"Content-Length": str(len(PAGES[1]))}),
    ],
)
def test_answers_are_unpacked_also_where_the_archive_did_so_before(
    tmp_path: Path, packed: bytes, headers: dict[str, str]
) -> None:
    assert one(tmp_path, packed, headers=headers).body == PAGES[1]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"headers": {"Content-Length": "9999"}}, "fewer bytes than the server announced"),
        ({"headers": {"Content-Encoding": "zstd"}}, 'packed as "zstd"'),
        ({"warc": {"WARC-Truncated": "length"}}, r"was cut when it was made \(length\)"),
        ({"warc": {"WARC-Segment-Number": "2"}}, "spread over several records"),
        ({"warc": {"WARC-Date": "yesterday"}}, "no moment of capture"),
        ({"warc": {"WARC-Block-Digest": "sha1:" + "A" * 32}}, "not those that were archived"),
    ],
)
def test_a_capture_in_doubt_is_not_used(tmp_path: Path, how: dict[str, dict[str, str]], words: str) -> None:
    record = one(tmp_path, PAGES[1], **how)
    assert record.body is None
    assert record.damage is not None
    assert re.search(words, record.damage)
    assert record.url == "http://www.example.gov.cn/1.html"


def test_a_payload_digest_alone_proves_nothing(tmp_path: Path) -> None:
    record = one(tmp_path, PAGES[1], warc={"WARC-Payload-Digest": "sha1:" + "A" * 32})
    assert (record.body, record.note) == (PAGES[1], "the payload digest differs")


def test_a_body_beyond_the_limit_is_passed_over_packed_or_not(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    for body, headers in ((b"x" * 5000, {}), (bomb, {"Content-Encoding": "gzip"})):
        buffer = io.BytesIO()
        response(WARCWriter(buffer, gzip=True), 1, body, headers)
        (record,) = read(tmp_path, buffer.getvalue(), max_bytes=4000)
        assert (record.body, record.is_too_large) == (None, True)


def test_an_arc_file_of_old_is_read(tmp_path: Path) -> None:
    page = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGES[1]
    data = (
        b"filedesc://x.arc 0.0.0.0 20050101000000 text/plain 76\n1 0 InternetArchive\n"
        b"URL IP-address Archive-date Content-type Archive-length\n\n"
        + b"http://www.example.gov.cn/1.html 10.0.0.1 20050102030405 text/html %d\n" % len(page)
        + page
        + b"\n"
    )
    found = [record for record in read(tmp_path, data, "x.arc") if record.is_capture]
    assert [(record.url, record.captured_at, record.body) for record in found] == [
        ("http://www.example.gov.cn/1.html", "2005-01-02T03:04:05.000000+00:00", PAGES[1])
    ]


def test_names_tell_archives_from_pages() -> None:
    assert is_warc(Path("CC-MAIN-2021.WARC.GZ"))
    assert not is_warc(Path("warc.html"))


def archived(tmp_path: Path) -> tuple[Ledger, RawStore]:
    """An archive with every sort of row."""
    store = RawStore(tmp_path / "raw")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    sha256 = store.put(PAGES[1])
    lost = store.put(PAGES[4])
    store.path(lost).unlink()
    plain = {"portal_id": "p", "role": Role.ARTICLE, "sha256": sha256, "byte_count": len(PAGES[1])}
    moment = "2026-01-0{}T00:00:00.123456+00:00"
    rows = [
        FetchRow(run_id="1", url="http://a.gov.cn/年报.html", outcome=Outcome.STORED, status_code=200,
                 requested_at=moment.format(1), content_type="text/html", link_text="2025年报\r\n", **plain),
        FetchRow(run_id="2", url="http://a.gov.cn/年报.html", outcome=Outcome.UNCHANGED, status_code=304,
                 requested_at=moment.format(2), **plain),
        FetchRow(run_id="2", portal_id="p", url="http://a.gov.cn/2.html", role=Role.ARTICLE, status_code=404,
                 outcome=Outcome.HTTP_ERROR, requested_at=moment.format(3)),
        FetchRow(run_id="3", portal_id=None, url=None, role=Role.LOCAL, outcome=Outcome.ADDED, local_name="年报.html",
                 requested_at=moment.format(4), sha256=store.put(PAGES[2])),
        FetchRow(run_id="3", portal_id=None, url=None, role=Role.LOCAL, outcome=Outcome.ADDED, local_name="lost.html",
                 requested_at=moment.format(5), sha256=lost),
    ]  # fmt: skip
    ledger.append_many(rows)
    return ledger, store


def test_every_row_becomes_a_record_that_others_can_read(tmp_path: Path) -> None:
    ledger, store = archived(tmp_path)
    with (tmp_path / "out.warc.gz").open("wb") as file:
        written = list(write_warc(file, ledger, store))
    assert [record.kind for record in written] == ["response", "revisit", "metadata", "resource", "metadata"]
    assert [record.problem is not None for record in written] == [False, False, False, False, True]
    with (tmp_path / "out.warc.gz").open("rb") as file:
        heads = []
        for record in ArchiveIterator(file, check_digests="raise"):
            assert record.rec_headers.protocol == "WARC/1.1"
            heads.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI")))
            record.content_stream().read()
    assert heads[:3] == [
        ("warcinfo", None),
        ("response", "http://a.gov.cn/%E5%B9%B4%E6%8A%A5.html"),
        ("revisit", "http://a.gov.cn/%E5%B9%B4%E6%8A%A5.html"),
    ]
    checker = Checker(type("Command", (), {"inputs": [str(tmp_path / "out.warc.gz")], "verbose": False}))
    checker.process_all()
    assert checker.exit_value == 0
    ledger.close()


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    ledger, store = archived(tmp_path)
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        list(write_warc(file, ledger, store))
    assert files[0].getvalue() == files[1].getvalue()
    ledger.close()
