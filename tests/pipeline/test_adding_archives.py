"""`ogi add` on WARC files and saved pages, and `ogi export --warc`: nothing is lost on the way in or out."""

import io
import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pipeline_helpers import SLUGS, Ogi
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.archive.ledger import Ledger, Outcome
from crawlers.archive.raw_store import RawStore
from pipelines.adding import add_documents
from pipelines.adding_archives import add_archive
from pipelines.exporting import export_warc
from pipelines.layout import DataLayout
from pipelines.local_files import find_files
from pipelines.saved_pages import Origin, origin_of

HOST = "http://www.example.gov.cn"
PAGE = "<html><title>{0}</title><body><p>{0}2020年政府信息公开工作年度报告，总体情况。</p></body></html>"


class Warc:
    """A WARC file in the making."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")

    def __enter__(self) -> "Warc":
        """The file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._file.close()

    def add(
        self,
        url: str,
        body: bytes,
        *,
        status: str = "200 OK",
        kind: str = "text/html",
        record: str = "response",
        when: str = "2021-02-03T04:05:06Z",
        warc: Mapping[str, str] | None = None,
    ) -> None:
        """Write one record."""
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        self._writer.write_record(
            self._writer.create_warc_record(
                url,
                record,
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=headers if record in ("response", "revisit") else None,
                warc_headers_dict={"WARC-Date": when, **(warc or {})},
            )
        )


def page(name: str) -> bytes:
    """A small page."""
    return PAGE.format(name).encode()


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """A WARC file with something of every sort."""
    with Warc(tmp_path / "x.warc.gz") as file:
        file.add(f"{HOST}/1.html", page("一"))
        file.add(f"{HOST}/1.html", page("一改"), when="2022-02-03T04:05:06Z")
        file.add(f"{HOST}/2.html", b"GET /2.html HTTP/1.0\r\n\r\n", record="request")
        file.add(f"{HOST}/gone.html", b"gone", status="404 Not Found")
        file.add(f"{HOST}/a.css", b"p {}", kind="text/css; charset=utf-8")
        file.add(f"{HOST}/cut.html", page("三"), warc={"WARC-Truncated": "length"})
        file.add("http://clone.example.com/1.html", page("假"))
        file.add("dns:www.example.gov.cn", b"1.2.3.4", record="resource")
        file.add(f"{HOST}/again.html", b"", record="revisit", warc={
            "WARC-Refers-To-Target-URI": f"{HOST}/1.html", "WARC-Refers-To-Date": "2021-02-03T04:05:06Z"})  # fmt: skip
        file.add(f"{HOST}/lost.html", b"", record="revisit")
    return file.path


def rows(layout: DataLayout) -> list[tuple[str | None, str, str]]:
    """Address, outcome and moment of every row."""
    with Ledger(layout.ledger, read_only=True) as ledger:
        return [(row.url, row.outcome.value, row.requested_at[:10]) for row in ledger.rows()]


def test_every_capture_becomes_a_row_with_its_address_and_moment(tmp_path: Path, warc: Path) -> None:
    layout = DataLayout(tmp_path / "data")
    found = list(add_archive(layout, warc))
    assert len(found) == 10
    assert rows(layout) == [
        (f"{HOST}/1.html", "archived", "2021-02-03"),
        (f"{HOST}/1.html", "archived", "2022-02-03"),
        (f"{HOST}/gone.html", "http_error", "2021-02-03"),
        (f"{HOST}/a.css", "not_followed", "2021-02-03"),
        (f"{HOST}/cut.html", "broken", "2021-02-03"),
        ("http://clone.example.com/1.html", "off_registry_host", "2021-02-03"),
        (f"{HOST}/again.html", "archived", "2021-02-03"),
        (f"{HOST}/lost.html", "broken", "2021-02-03"),
    ]
    assert len(list(RawStore(layout.raw).iter_hashes())) == 2
    again = list(add_archive(layout, warc))
    assert not any(record.is_new for record in again)
    assert len(rows(layout)) == 8


def test_other_hosts_are_taken_where_somebody_says_so(tmp_path: Path, warc: Path) -> None:
    layout = DataLayout(tmp_path / "data")
    outcomes = {record.url: record.outcome for record in add_archive(layout, warc, hosts=["clone.example.com"])}
    assert outcomes["http://clone.example.com/1.html"] is Outcome.ARCHIVED
    outcomes = {record.url: record.outcome for record in add_archive(layout, warc, any_host=True)}
    assert outcomes["http://clone.example.com/1.html"] is Outcome.ARCHIVED


def test_the_command_adds_builds_and_names_what_is_broken(tmp_path: Path, documents: Path, ogi: Ogi) -> None:
    data = tmp_path / "data"
    with Warc(tmp_path / "x.warc.gz") as file:
        file.add(f"{HOST}/report.html", (documents / f"{SLUGS[0]}.html").read_bytes())
        file.add(f"{HOST}/cut.html", page("三"), warc={"WARC-Truncated": "length"})
    answer = ogi("add", file.path, "--data", data)
    assert answer.code == 0
    assert "cut.html the capture was cut" in answer.err
    assert ogi("build", "--data", data).code == 0
    sql = "SELECT url, fetched_at::date AS day, report_year FROM documents"
    (row,) = [json.loads(line) for line in ogi("query", sql, "--json", "--data", data).out.splitlines()]
    assert row == {"url": f"{HOST}/report.html", "day": "2021-02-03", "report_year": 2020}
    problems = [json.loads(line) for line in ogi("problems", "--json", "--data", data).out.splitlines()]
    (record,) = [row for row in problems if row["kind"] == "record"]
    assert record["url"] == f"{HOST}/cut.html"
    assert not [row for row in problems if row["kind"] == "fetch"]


def test_a_file_of_damage_alone_ends_with_1(tmp_path: Path, ogi: Ogi) -> None:
    (tmp_path / "x.warc.gz").write_bytes(b"nothing of the kind" * 99)
    answer = ogi("add", tmp_path / "x.warc.gz", "--data", tmp_path / "data")
    assert (answer.code, "no record begins here" in answer.err) == (1, True)


@pytest.mark.parametrize("option", [("--url", f"{HOST}/1.html"), ("--date", "2021-01-01")])
def test_a_warc_file_says_itself_where_and_when(option: tuple[str, str], tmp_path: Path, warc: Path, ogi: Ogi) -> None:
    answer = ogi("add", warc, *option, "--data", tmp_path / "data")
    assert (answer.code, "leave --url and --date out" in answer.err) == (1, True)


def test_the_command_prints_a_line_a_capture_for_scripts(tmp_path: Path, warc: Path, ogi: Ogi) -> None:
    answer = ogi("add", warc, "--json", "--data", tmp_path / "data")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["outcome"] for line in lines].count("archived") == 3
    assert {"document", "sha256", "url", "captured_at", "reason", "is_new"} <= set(lines[0])


def test_extract_says_where_warc_files_belong(tmp_path: Path, warc: Path, ogi: Ogi) -> None:
    answer = ogi("extract", warc, "--out", tmp_path / "cells.csv")
    assert (answer.code, f"`ogi add {warc}`" in answer.err) == (1, True)


def test_an_archive_goes_out_and_comes_in_again(tmp_path: Path, documents: Path, warc: Path, ogi: Ogi) -> None:
    here, there = DataLayout(tmp_path / "here"), DataLayout(tmp_path / "there")
    list(add_archive(here, warc, portal_id="shanxi"))
    add_documents(here, find_files([documents]).documents)
    add_documents(here, find_files([documents / "notice.html"]).documents, url=f"{HOST}/notice.html")
    out = tmp_path / "out.warc.gz"
    assert ogi("export", "--warc", out, "--data", here.root).code == 0
    assert ogi("add", out, "--data", there.root).code == 0
    assert set(RawStore(there.raw).iter_hashes()) == set(RawStore(here.raw).iter_hashes())

    def facts(layout: DataLayout) -> set[tuple[object, ...]]:
        with Ledger(layout.ledger) as ledger:
            return {
                (row.url, row.sha256, row.portal_id, row.outcome, None if row.url is None else row.requested_at)
                for row in ledger.rows()
                if row.sha256 is not None and row.outcome is not Outcome.ADDED
            } | {(row.local_name, row.sha256) for row in ledger.rows() if row.url is None}

    assert facts(there) == facts(here)
    before = len(rows(there))
    assert ogi("add", out, "--data", there.root).code == 0
    assert len(rows(there)) == before


def test_a_list_page_of_our_own_comes_back_as_no_document(tmp_path: Path) -> None:
    here, there = DataLayout(tmp_path / "here"), DataLayout(tmp_path / "there")
    said = {"role": "listing", "outcome": "listing", "url": f"{HOST}/list.html"}
    with Warc(tmp_path / "x.warc.gz") as file:
        file.add(f"{HOST}/list.html", page("列表"), warc={"OGI-Ledger": json.dumps(said)})
    assert [record.outcome for record in add_archive(here, file.path)] == [Outcome.LISTING]
    export_warc(here, tmp_path / "out.warc")
    assert [record.outcome for record in add_archive(there, tmp_path / "out.warc")] == [None, Outcome.LISTING]


def test_an_export_names_what_the_raw_store_lost(tmp_path: Path, warc: Path, ogi: Ogi) -> None:
    layout = DataLayout(tmp_path / "data")
    list(add_archive(layout, warc))
    store = RawStore(layout.raw)
    first = next(store.iter_hashes())
    store.path(first).unlink()
    answer = ogi("export", "--warc", tmp_path / "out.warc.gz", "--json", "--data", layout.root)
    assert answer.code == 1
    assert json.loads(answer.out)["problems"]
    assert first in answer.err


def test_an_export_wants_a_file_and_an_archive(tmp_path: Path, ogi: Ogi) -> None:
    assert ogi("export", "--data", tmp_path).code == 2
    answer = ogi("export", "--warc", tmp_path / "out.warc.gz", "--data", tmp_path)
    assert (answer.code, "There is no archive" in answer.err) == (1, True)
    assert not (tmp_path / "out.warc.gz").exists()


MEASURED = """
import resource, sys
from pathlib import Path
from pipelines.adding_archives import add_archive
from pipelines.layout import DataLayout
records = 0
for record in add_archive(DataLayout(Path(sys.argv[2])), Path(sys.argv[1])):
    records += 1
    if records == 40:
        early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(records, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early)
"""


@pytest.mark.skipif(not hasattr(resource, "RUSAGE_SELF"), reason="no measure of memory here")
def test_memory_stays_flat_over_a_long_file(tmp_path: Path) -> None:
    with Warc(tmp_path / "long.warc.gz") as file:
        for number in range(300):
            body = b"%%PDF-1.4 %d " % number + bytes(400_000)
            file.add(f"{HOST}/{number}.pdf", body, kind="application/pdf")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, tmp_path / "long.warc.gz", tmp_path / "data"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    records, growth = map(int, done.stdout.split())
    assert records == 300
    assert growth < 16 * 1024  # kilobytes: 120 MB went through


# ---- saved pages ----------------------------------------------------------------------------------------------------

MHTML = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.example.gov.cn/5.html\r\n"
    b"Date: Thu, 4 Feb 2021 12:00:00 +0800\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related; type="text/html"; boundary="B"\r\n\r\n'
    b"--B\r\nContent-Type: text/html\r\n\r\n<html></html>\r\n--B--\r\n"
)


@pytest.mark.parametrize(
    ("name", "data", "url", "day"),
    [
        ("a.html", b"<!-- saved from url=(0031)http://www.example.gov.cn/1.html -->", f"{HOST}/1.html", None),
        ("a.htm", b"\xef\xbb\xbf<!DOCTYPE html>\r\n<!-- saved from url=(0014)about:internet -->", None, None),
        (
            "b.html",
            b"<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: http://www.example.gov.cn/2.html \n"
            b" saved date: Thu Feb 04 2021 07:00:00 GMT+0800 (China Standard Time)\n-->",
            f"{HOST}/2.html",
            "2021-02-03T23:00",
        ),
        (
            "c.html",
            b"<html><!-- Mirrored from www.example.gov.cn/3.html by HTTrack Website Copier/3.x [XR&CO'2014], "
            b"Thu, 04 Feb 2021 12:00:00 GMT -->",
            f"{HOST}/3.html",
            "2021-02-04T12:00",
        ),
        (
            "d.html",
            b"<!-- saved from url=(0031)http://www.example.gov.cn/4.html --><html>"
            + b"x" * 200_000
            + b"<!-- FILE ARCHIVED ON 08:12:12 Jan 12, 2015 AND RETRIEVED FROM THE INTERNET ARCHIVE -->",
            f"{HOST}/4.html",
            "2015-01-12T08:12",
        ),
        ("e.mhtml", MHTML, "https://www.example.gov.cn/5.html", "2021-02-04T04:00"),
        ("f.pdf", b"<!-- saved from url=(0031)http://www.example.gov.cn/1.html -->", None, None),
        ("g.mhtml", b"\xff\xfe\x00", None, None),
    ],
)
def test_a_saved_page_says_where_it_came_from(name: str, data: bytes, url: str | None, day: str | None) -> None:
    origin = origin_of(name, data)
    assert origin.url == url
    assert (origin.captured_at or "")[:16] == (day or "")


def test_a_plain_page_says_nothing() -> None:
    assert origin_of("a.html", page("一")) == Origin()


def test_a_folder_of_saved_pages_with_its_manifest(tmp_path: Path, ogi: Ogi) -> None:
    folder = tmp_path / "saved"
    (folder / "sub").mkdir(parents=True)
    (folder / "shown_files").mkdir()
    (folder / "a.html").write_bytes(page("一"))
    (folder / "sub" / "a.html").write_bytes(page("二"))
    (folder / "shown.html").write_bytes(b"<!-- saved from url=(0031)http://www.example.gov.cn/3.html -->" + page("三"))
    (folder / "shown_files" / "logo.png").write_bytes(b"\x89PNG")
    (folder / "shown_files" / "report.pdf").write_bytes(b"%PDF-1.4")
    (folder / "e.mhtml").write_bytes(MHTML)
    entries = [
        {"file": "a.html", "url": f"{HOST}/1.html", "captured_at": "2019-05-06"},
        {"file": "sub/a.html", "url": f"{HOST}/2.html", "captured_at": "2019-05-06T07:08:09+08:00"},
    ]
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    layout = DataLayout(tmp_path / "data")
    answer = ogi("add", folder, "--data", layout.root)
    assert answer.code == 0
    assert "logo.png" in answer.err
    found = {(url, outcome, day if outcome == "archived" else None) for url, outcome, day in rows(layout)}
    assert found == {
        (f"{HOST}/1.html", "archived", "2019-05-06"),
        (f"{HOST}/2.html", "archived", "2019-05-05"),
        (f"{HOST}/3.html", "added", None),
        ("https://www.example.gov.cn/5.html", "archived", "2021-02-04"),
        (None, "added", None),
    }
    assert ogi("add", folder, "--data", layout.root).code == 0
    assert len(rows(layout)) == 5


def test_a_manifest_with_a_wrong_date_is_named_with_its_line(tmp_path: Path, ogi: Ogi) -> None:
    (tmp_path / "a.html").write_bytes(page("一"))
    (tmp_path / "m.jsonl").write_text('{"file": "a.html", "url": "http://a.gov.cn/", "captured_at": "soon"}\n')
    answer = ogi("add", tmp_path / "a.html", "--urls", tmp_path / "m.jsonl", "--data", tmp_path / "data")
    assert (answer.code, 'line 1: "soon" is no date' in answer.err) == (1, True)
