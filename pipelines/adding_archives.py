"""Put what WARC files hold into the archive: every capture is a row of the ledger, every page or file a document.

Belongs here: what becomes of each record. Does not belong here: the format (`crawlers.archive.warc`).

Files of any size are read as a stream, and rows are written in small lots: a killed call goes on where it was when it
is given again, because a capture that stands in the ledger is not written a second time.
"""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role, utc_now
from crawlers.archive.raw_store import RawStore
from crawlers.archive.warc import MAX_BYTES, WarcRecord, read_warc
from crawlers.hosts import host_key, is_government, is_local
from crawlers.links import canonical_url
from crawlers.validation import judge_response
from pipelines.adding import new_adding_id
from pipelines.layout import DataLayout

__all__ = ["AddedRecord", "add_archive"]

_ROWS_AT_ONCE = 200
_NO_DOCUMENT = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript",
                "application/x-javascript", "application/ecmascript", "application/font")  # fmt: skip
_NEVER_DOCUMENTS = frozenset({Role.LISTING.value, Role.ROBOTS.value})


@dataclass(frozen=True, slots=True)
class AddedRecord:
    """What became of one record of a WARC file."""

    name: str
    """`file#place`."""
    outcome: Outcome | None
    """None for a record that is no capture of a web address: requests, notes on the crawl, names of hosts."""
    url: str | None = None
    captured_at: str | None = None
    sha256: str | None = None
    byte_count: int | None = None
    reason: str | None = None
    is_new: bool = False
    """Whether the ledger did not have it yet."""

    @property
    def is_document(self) -> bool:
        """Whether the raw store holds the bytes as a document."""
        return self.outcome in (Outcome.ARCHIVED, Outcome.ADDED)


def add_archive(
    layout: DataLayout,
    path: Path,
    *,
    portal_id: str | None = None,
    hosts: Collection[str] = (),
    any_host: bool = False,
    max_bytes: int = MAX_BYTES,
) -> Iterator[AddedRecord]:
    """Store what a WARC file holds; gives what became of each record while it is read.

    Args:
        layout: The data folder.
        path: The file.
        portal_id: The portal the captures belong to, which tells their region.
        hosts: Hosts outside .gov.cn whose captures are taken: those of the registry.
        any_host: Whether captures of every host are taken. Altered copies of portals stand on hosts of others.
        max_bytes: A larger body is not stored.
    """
    with Ledger(layout.ledger) as ledger:
        adding = _Adding(ledger, RawStore(layout.raw), path.name, portal_id, frozenset(hosts), any_host)
        with closing(read_warc(path, max_bytes=max_bytes)) as records:  # type: ignore[type-var]  # it is a generator
            for record in records:
                yield adding.add(record)
        adding.flush()


class _Adding:
    """One file on its way into the archive."""

    def __init__(
        self,
        ledger: Ledger,
        store: RawStore,
        file_name: str,
        portal_id: str | None,
        hosts: frozenset[str],
        any_host: bool,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._file_name = file_name
        self._portal_id = portal_id
        self._hosts = hosts
        self._any_host = any_host
        self._run_id = new_adding_id()
        self._broken = ledger.broken_members(file_name)
        self._rows: list[FetchRow] = []

    def add(self, record: WarcRecord) -> AddedRecord:
        """Store one record and note its row."""
        name = f"{self._file_name}#{record.place}"
        if record.kind == "damaged" and record.url is None:
            row = self._row(record, name, Outcome.BROKEN, record.damage)
        elif not record.is_capture and record.kind != "damaged":
            return AddedRecord(name, None)
        elif record.ledger is not None and record.ledger.get("url") is None and record.damage is None:
            row = self._own_file(record, name)
        elif not (record.url or "").startswith(("http://", "https://")):
            return AddedRecord(name, None)
        else:
            row = self._capture(record, name)
        is_new = not self._is_known(row)
        if is_new:
            self._rows.append(row)
            if len(self._rows) >= _ROWS_AT_ONCE:
                self.flush()
        captured_at = record.captured_at if row.outcome is not Outcome.ADDED else None
        return AddedRecord(name, row.outcome, row.url, captured_at, row.sha256, row.byte_count, row.reason, is_new)

    def flush(self) -> None:
        """Write the rows that wait. Their bytes are stored already."""
        rows, self._rows = self._rows, []
        self._ledger.append_many(rows)

    def _row(self, record: WarcRecord, name: str, outcome: Outcome, reason: str | None = None) -> FetchRow:
        return FetchRow(
            run_id=self._run_id,
            portal_id=self._portal_id or _text(record, "portal_id"),
            url=canonical_url(record.url) if record.url else None,
            role=Role.LOCAL,
            outcome=outcome,
            reason=reason,
            status_code=record.status_code,
            requested_at=record.captured_at or utc_now(),
            content_type=record.content_type,
            etag=record.etag,
            last_modified=record.last_modified,
            local_name=name,
            parent_url=_text(record, "parent_url"),
            final_url=_text(record, "final_url"),
            link_text=_text(record, "link_text"),
            listed_date=_text(record, "listed_date"),
        )

    def _capture(self, record: WarcRecord, name: str) -> FetchRow:
        """The row of a capture of a web address; its bytes are stored where they are a document."""
        assert record.url is not None  # asked for before
        host = host_key(record.url)
        if not (self._any_host or is_government(host) or is_local(host) or host in self._hosts):
            reason = f"{host} is neither under .gov.cn nor among the hosts of the registry: copies of portals exist"
            return self._row(record, name, Outcome.OFF_REGISTRY_HOST, reason)
        if record.damage is not None:
            return self._row(record, name, Outcome.BROKEN, record.damage)
        if record.kind == "revisit":
            return self._revisit(record, name)
        if record.is_too_large:
            return self._row(record, name, Outcome.TOO_LARGE, "the archived answer is larger than a document may be")
        body = record.body or b""
        if (kept := _kept_as(record)) is not None:
            return self._stored(record, name, body, kept)
        kind = (record.content_type or "").split(";")[0].strip().lower()
        if record.status_code in (None, 200) and kind.startswith(_NO_DOCUMENT):
            return self._row(record, name, Outcome.NOT_FOLLOWED, f"{kind}: a part of a page, no document")
        finding = judge_response(
            role=Role.ARTICLE,
            status=record.status_code or 200,
            body=body,
            content_type=record.content_type or "",
            asked=record.url,
            answered=record.url,
        )
        if finding is not None:
            return self._row(record, name, finding.outcome, finding.reason)
        return self._stored(record, name, body, Outcome.ARCHIVED)

    def _stored(self, record: WarcRecord, name: str, body: bytes, outcome: Outcome) -> FetchRow:
        row = self._row(record, name, outcome, record.note)
        return replace(row, sha256=self._store.put(body), byte_count=len(body))

    def _revisit(self, record: WarcRecord, name: str) -> FetchRow:
        """A capture that only says that the bytes were those of an earlier one."""
        earlier = self._earlier(*record.refers_to) if record.refers_to else None
        if earlier is None:
            reason = "a revisit whose first capture is not in the archive: add the file that holds it before this one"
            return self._row(record, name, Outcome.BROKEN, reason)
        row = self._row(record, name, _kept_as(record) or Outcome.ARCHIVED)
        return replace(
            row,
            sha256=earlier.sha256,
            byte_count=earlier.byte_count,
            content_type=row.content_type or earlier.content_type,
        )

    def _earlier(self, url: str, captured_at: str) -> FetchRow | None:
        name = canonical_url(url)
        waiting = (row for row in self._rows if row.url == name and row.requested_at == captured_at and row.sha256)
        return next(waiting, None) or self._ledger.captured(name, captured_at)

    def _own_file(self, record: WarcRecord, name: str) -> FetchRow:
        """A file that somebody added by hand, from an archive that we wrote: it had no address then either."""
        local_name = _text(record, "local_name") or name
        row = replace(self._row(record, local_name, Outcome.ADDED), url=None, status_code=None)
        body = record.body
        if body is None:
            if record.refers_to is None or (earlier := self._ledger_or_waiting(record)) is None:
                return replace(row, outcome=Outcome.BROKEN, reason="its bytes are not in the archive", local_name=name)
            return replace(row, sha256=earlier.sha256, byte_count=earlier.byte_count)
        return replace(row, sha256=self._store.put(body), byte_count=len(body))

    def _ledger_or_waiting(self, record: WarcRecord) -> FetchRow | None:
        sha256 = _text(record, "sha256")
        if sha256 is None:
            return None
        return next((row for row in self._rows if row.sha256 == sha256), None) or self._ledger.first_of_document(sha256)

    def _is_known(self, row: FetchRow) -> bool:
        """Whether the ledger, or a row that waits, says all this already."""
        if row.outcome is Outcome.BROKEN and row.local_name in self._broken:
            return True
        if row.url is None:
            if row.sha256 is None:
                return False
            known: list[Any] = [*self._ledger.rows_of_document(row.sha256), *self._rows]
            return any(k.sha256 == row.sha256 and k.url is None and k.local_name == row.local_name for k in known)
        same = (row.url, row.requested_at, row.sha256)
        return any((k.url, k.requested_at, k.sha256) == same for k in self._rows) or self._ledger.has_capture(*same)


def _kept_as(record: WarcRecord) -> Outcome | None:
    """What a page of an archive that we wrote was, where it was no document: it is none here either."""
    outcome = _text(record, "outcome")
    if _text(record, "role") in _NEVER_DOCUMENTS or outcome == Outcome.LISTING.value:
        return Outcome.LISTING
    return Outcome.CANDIDATE if outcome == Outcome.CANDIDATE.value else None


def _text(record: WarcRecord, name: str) -> str | None:
    """A field of the ledger's row in an archive that we wrote."""
    value = record.ledger.get(name) if record.ledger is not None else None
    return value if isinstance(value, str) and value else None
