"""The archive keeps what it was given, says clearly when it cannot, and never changes what it holds."""

import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from crawl_peer import environment
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.archive import CorruptDocument, FetchRow, Ledger, Outcome, RawStore, Role, StorageError
from crawlers.archive.ledger import ListedRow
from crawlers.archive.settling import Settler
from crawlers.known import Known
from crawlers.links import identity_key
from crawlers.pages import Link


def row(**given: object) -> FetchRow:
    plain = FetchRow(
        run_id="r1",
        portal_id="p",
        url="http://a.gov.cn/1.html",
        role=Role.ARTICLE,
        outcome=Outcome.STORED,
        requested_at="2026-01-01T00:00:00.000000+00:00",
        sha256="0" * 64,
    )
    return replace(plain, **given)  # type: ignore[arg-type]


# ---- raw store ------------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=200), max_size=6))
@settings(max_examples=25, deadline=None)
def test_every_document_comes_back_under_the_hash_of_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]
) -> None:
    store = RawStore(tmp_path_factory.mktemp("raw"))
    names = [store.put(body) for body in bodies + bodies]
    assert [store.get(name) for name in names] == bodies + bodies
    assert names[: len(bodies)] == [hashlib.sha256(body).hexdigest() for body in bodies]
    assert list(store.iter_hashes()) == sorted(set(names))


def test_a_document_stands_in_the_folder_of_its_first_two_digits_and_cannot_be_written(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    sha256 = store.put(b"report")
    assert store.path(sha256) == tmp_path / sha256[:2] / sha256
    assert store.path(sha256).stat().st_mode & 0o222 == 0


def test_changed_bytes_are_found_out_and_the_sentence_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    sha256 = store.put(b"120 applications")
    store.path(sha256).chmod(0o644)
    store.path(sha256).write_bytes(b"121 applications")
    with pytest.raises(CorruptDocument, match=r"wrong SHA-256.*delete it and collect or add") as caught:
        store.get(sha256)
    assert str(store.path(sha256)) in str(caught.value)


def test_a_damaged_document_can_be_set_aside_and_stored_again(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    sha256 = store.put(b"whole")
    store.path(sha256).chmod(0o644)
    store.path(sha256).write_bytes(b"holes")
    store.set_aside(sha256)
    assert not store.has(sha256)
    assert store.get(store.put(b"whole")) == b"whole"
    assert list(store.iter_hashes()) == [sha256]


def test_a_document_cut_short_by_the_disk_is_repaired_by_storing_it_again(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    sha256 = store.put(b"whole")
    store.path(sha256).chmod(0o644)
    store.path(sha256).write_bytes(b"who")
    store.put(b"whole")
    assert store.get(sha256) == b"whole"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing_under_a_documents_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = RawStore(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, full)
        with pytest.raises(StorageError, match=r"the disk is full: free some space and run again"):
            store.put(b"report")
    assert list(store.iter_hashes()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.get(store.put(b"report")) == b"report"


def test_a_settler_syncs_documents_and_folders_and_then_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("crawlers.archive.settling.sync", synced.append)
    settler = Settler(tmp_path / "ledger.sqlite-wal")
    store = RawStore(tmp_path / "raw", settler)
    names = [store.put(data) for data in (b"one", b"two")]
    assert [store.get(name) for name in names] == [b"one", b"two"]  # there at once, synced or not
    settler.close()
    assert {store.path(name) for name in names} | {store.root} <= set(synced)
    assert {store.path(name).parent for name in names} <= set(synced)
    assert synced[-1] == tmp_path / "ledger.sqlite-wal"


def test_rows_without_documents_are_synced_while_the_crawl_goes_on_and_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "ledger.sqlite-wal"
    synced: list[int] = []
    settled = Event()

    def note(path: Path) -> None:
        assert path == log
        synced.append(path.stat().st_size)
        settled.set()

    monkeypatch.setattr("crawlers.archive.settling.sync", note)
    monkeypatch.setattr("crawlers.archive.settling.IDLE", 0.02)
    settler = Settler(log)
    (tmp_path / "row").write_bytes(b"row")
    (tmp_path / "row").replace(log)
    assert settled.wait(20)
    monkeypatch.setattr("crawlers.archive.settling.IDLE", 600.0)
    log.write_bytes(b"row and row")
    settler.close()
    assert (synced[0], synced[-1]) == (3, 11)


def test_a_disk_that_does_not_sync_breaks_the_crawl_at_the_next_document_or_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("crawlers.archive.settling.sync", full)
    settler = Settler(tmp_path / "ledger.sqlite-wal")
    RawStore(tmp_path / "raw", settler).put(b"report")
    with pytest.raises(StorageError, match=r"the disk is full"):
        settler.close()


def test_what_a_power_cut_left_empty_is_no_document_and_its_row_is_asked_for_again(tmp_path: Path) -> None:
    store = RawStore(tmp_path / "raw")
    sha256 = store.put(b"report")
    link = Link(url="http://a.gov.cn/1.html", title="年度报告")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(row(run_id="1", sha256=sha256))
        listed = ListedRow(key=identity_key(link.url), url=link.url, title=link.title, listed_date="")
        ledger.note_listed("p", "1", [listed])
        assert Known(ledger, store, "p", "2").is_known(link)
        store.path(sha256).chmod(0o644)
        store.path(sha256).write_bytes(b"")
        assert not store.has(sha256)
        assert not Known(ledger, store, "p", "2").is_known(link)


@pytest.mark.parametrize("left", [None, b"", b"rep"])
def test_what_a_power_cut_took_or_cut_is_asked_for_at_night_though_no_new_row_leads_there(
    left: bytes | None, tmp_path: Path
) -> None:
    store = RawStore(tmp_path / "raw")
    sha256 = store.put(b"report")
    now = datetime(2026, 6, 15, tzinfo=UTC)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        stored = ledger.append(row(run_id="1", sha256=sha256, status_code=200, byte_count=6))
        assert list(Known(ledger, store, "p", "2").to_retry(now)) == []
        store.path(sha256).unlink()
        if left is not None:
            store.path(sha256).write_bytes(left)
        assert list(Known(ledger, store, "p", "2").to_retry(now)) == [stored]
        assert store.put(b"report") == sha256
        assert list(Known(ledger, store, "p", "2").to_retry(now)) == []


def test_a_document_damaged_at_its_size_is_repaired_by_storing_it_again(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    path = store.path(store.put(b"report"))
    path.chmod(0o644)
    path.write_bytes(b"\x00" * 6)
    assert store.get(store.put(b"report")) == b"report"


def test_a_temporary_file_of_a_killed_run_is_no_document_and_is_swept(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    sha256 = store.put(b"report")
    torn = tmp_path / sha256[:2] / ".part-torn"
    torn.write_bytes(b"rep")
    assert list(store.iter_hashes()) == [sha256]
    assert store.sweep() == 0  # young: another process may be writing it
    assert store.sweep(older_than_seconds=0) == 1
    assert not torn.exists()


def test_a_document_that_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        RawStore(tmp_path).get("a" * 64)
    with pytest.raises(ValueError, match="not a SHA-256"):
        RawStore(tmp_path).get("../../etc/passwd")


# ---- ledger ---------------------------------------------------------------------------------------------------------


def test_a_row_comes_back_as_it_was_written_with_ascending_ids(tmp_path: Path) -> None:
    full = row(
        final_url="http://a.gov.cn/2.html",
        parent_url="http://a.gov.cn/",
        reason="说明",
        status_code=200,
        elapsed_ms=12,
        byte_count=3,
        content_type="text/html",
        etag='"x"',
        last_modified="Mon",
        link_text="年报",
        listed_date="2021-01-29",
        local_name="a.html",
    )
    with Ledger(tmp_path / "l.sqlite") as ledger:
        first, second = ledger.append(full), ledger.append(row(url="http://a.gov.cn/3.html"))
        assert list(ledger.rows()) == [first, second]
        assert list(ledger.rows(after=first.fetch_id)) == [second]
    assert first == replace(full, fetch_id=first.fetch_id)
    assert second.fetch_id > first.fetch_id


def test_the_columns_are_those_of_the_ledger_table() -> None:
    named = (
        "fetch_id run_id portal_id url final_url parent_url role outcome reason status_code requested_at elapsed_ms "
        "sha256 byte_count content_type etag last_modified link_text listed_date local_name"
    )
    assert " ".join(field.name for field in fields(FetchRow)) == named


@pytest.mark.parametrize("sql", ["UPDATE fetches SET outcome = 'stored'", "DELETE FROM fetches"])
def test_a_row_is_never_changed_and_never_deleted(tmp_path: Path, sql: str) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.append(row())
    connection = sqlite3.connect(tmp_path / "l.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(sql)
    connection.close()


def test_an_address_has_one_outcome_in_a_run_and_files_added_by_hand_may_share_one(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.append(row())
        with pytest.raises(StorageError, match=r"a\.gov\.cn/1\.html in run r1 is not accepted"):
            ledger.append(row(outcome=Outcome.TIMEOUT))
        ledger.append(row(run_id="r2"))
        for name in ("a.html", "b.html"):
            ledger.append(row(role=Role.LOCAL, outcome=Outcome.ADDED, local_name=name))
        assert ledger.counts("r1") == {Outcome.STORED: 1, Outcome.ADDED: 2}
        assert ledger.counts("r1", "p") == {Outcome.STORED: 1, Outcome.ADDED: 2}


def test_the_latest_row_with_bytes_serves_the_next_conditional_request(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.append(row(etag='"1"'))
        ledger.append(row(run_id="r2", outcome=Outcome.UNCHANGED, etag='"2"'))
        ledger.append(row(run_id="r3", outcome=Outcome.TIMEOUT, sha256=None))
        latest = ledger.latest_by_url("http://a.gov.cn/1.html")
        assert latest is not None
        assert (latest.etag, latest.outcome) == ('"2"', Outcome.UNCHANGED)
        assert ledger.latest_by_url("http://a.gov.cn/other.html") is None
        done = ledger.outcome_in_run("r3", "http://a.gov.cn/1.html")
        assert done is not None
        assert done.outcome is Outcome.TIMEOUT


def test_many_rows_are_written_all_or_none(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        with pytest.raises(StorageError):
            ledger.append_many([row(), row()])
        assert list(ledger.rows()) == []
        assert ledger.append_many([row(), row(url="http://a.gov.cn/2.html")]) == 2


def test_runs_are_summed_up_in_the_order_they_began(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.append(row(run_id="b", elapsed_ms=5, byte_count=100))
        ledger.append(row(run_id="a", outcome=Outcome.NOT_FOLLOWED, sha256=None))
        first, second = ledger.runs()
    assert (first.run_id, first.rows, first.requests, first.byte_count) == ("b", 1, 1, 100)
    assert (second.run_id, second.requests, second.outcomes) == ("a", 0, {Outcome.NOT_FOLLOWED: 1})


def test_a_query_reads_while_a_crawl_writes(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as writer, Ledger(tmp_path / "l.sqlite", read_only=True) as reader:
        writer.append(row())
        assert len(list(reader.rows())) == 1
        with pytest.raises(StorageError):
            reader.append(row(run_id="r2"))


def test_a_ledger_that_is_not_there_or_not_ours_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no ledger yet"):
        Ledger(tmp_path / "none.sqlite", read_only=True)
    (tmp_path / "text.sqlite").write_text("no database " * 100)
    with pytest.raises(StorageError, match=r"text\.sqlite: opening the ledger failed"):
        Ledger(tmp_path / "text.sqlite")
    connection = sqlite3.connect(tmp_path / "newer.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="newer version"):
        Ledger(tmp_path / "newer.sqlite")


def test_a_process_killed_after_a_fetch_has_the_row_and_the_bytes(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from crawlers.archive import *\n"
        "folder = Path(sys.argv[1]); store = RawStore(folder / 'raw'); ledger = Ledger(folder / 'l.sqlite')\n"
        "for n in range(5):\n"
        "    sha256 = store.put(str(n).encode())\n"
        "    ledger.append(FetchRow(run_id='r', portal_id='p', url=f'http://a.gov.cn/{n}', role=Role.ARTICLE,\n"
        "        outcome=Outcome.STORED, requested_at='2026-01-01T00:00:00+00:00', sha256=sha256))\n"
        "store.put(b'bytes without a row'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment(), check=False)
    assert killed.returncode == -9
    store = RawStore(tmp_path / "raw")
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert [store.get(found.sha256 or "") for found in ledger.rows()] == [b"0", b"1", b"2", b"3", b"4"]
