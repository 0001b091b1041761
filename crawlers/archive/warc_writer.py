"""The archive as a WARC/1.1 file, for libraries and for other copies of this system.

Belongs here: how rows of the ledger and stored bytes become records. Does not belong here: reading them back (`warc`).

Each row of the ledger is one record: `response` where a server's bytes are stored, `revisit` where it brought bytes
that an earlier record holds, `resource` for bytes that came from no server, `metadata` where there are none. Each
carries its row in the header `OGI-Ledger`. The same archive gives the same bytes.
"""

import base64
import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import quote

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.archive.errors import CorruptDocument
from crawlers.archive.ledger import FetchRow, Ledger, Outcome
from crawlers.archive.raw_store import RawStore
from crawlers.archive.warc import LEDGER_HEADER

__all__ = ["WrittenRecord", "write_warc"]

VERSION = "1.1"
SAFE = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """What was written for one row. `problem` says why bytes that the ledger names are missing from the file."""

    row: FetchRow
    kind: str
    problem: str | None = None


def write_warc(
    out: IO[bytes], ledger: Ledger, store: RawStore, *, rows: Iterable[FetchRow] | None = None, packed: bool = True
) -> Iterator[WrittenRecord]:
    """Write an archive; gives what was written for each row while it is done.

    Args:
        out: Where to write.
        ledger: The ledger.
        store: The bytes.
        rows: The rows to write; all of the ledger when left out.
        packed: Whether each record is packed with gzip, as the standard has it.
    """
    writer = WARCWriter(out, gzip=packed, warc_version=VERSION)
    _write_info(writer, ledger)
    for row in rows if rows is not None else ledger.rows():
        yield _write_row(writer, ledger, store, row)


def _write_info(writer: Any, ledger: Ledger) -> None:
    """What the file is, and what its answers are not."""
    first = next(ledger.rows(), None)
    info = (
        b"software: ogi-warehouse\r\n"
        b"format: WARC File Format 1.1\r\n"
        b"description: raw store and ledger of annual reports on government information disclosure in China. Of the "
        b"headers of an answer only those are given that were kept: Content-Type, ETag, Last-Modified. Bodies are "
        b"unpacked.\r\n"
    )
    headers = {
        "WARC-Record-ID": _record_id("warcinfo", info),
        "WARC-Date": _moment(first.requested_at) if first else "1970-01-01T00:00:00Z",
    }
    writer.write_record(
        writer.create_warc_record("", "warcinfo", payload=io.BytesIO(info), length=len(info), warc_headers_dict=headers)
    )


def _write_row(writer: Any, ledger: Ledger, store: RawStore, row: FetchRow) -> WrittenRecord:
    said = {name: value for name, value in asdict(row).items() if value is not None}
    text = json.dumps(said, ensure_ascii=True, sort_keys=True)
    headers = {
        "WARC-Record-ID": _record_id(text, b""),
        "WARC-Date": _moment(row.requested_at),
        LEDGER_HEADER: text,
    }
    problem = None
    if row.sha256 is not None and row.outcome is not Outcome.UNPACKED:  # what an archive holds is in the archive
        first = ledger.first_of_document(row.sha256)
        if first is not None and first.fetch_id != row.fetch_id:
            _write_revisit(writer, row, first, headers, store)
            return WrittenRecord(row, "revisit")
        try:
            body = store.get(row.sha256)
        except (KeyError, CorruptDocument) as error:
            problem = str(error) if isinstance(error, CorruptDocument) else f"the raw store lacks {row.sha256}"
        else:
            return WrittenRecord(row, _write_body(writer, row, body, headers))
    note = f"{text}\n".encode()
    writer.write_record(
        writer.create_warc_record(
            _address(row),
            "metadata",
            payload=io.BytesIO(note),
            length=len(note),
            warc_content_type="application/json",
            warc_headers_dict=headers,
        )
    )
    return WrittenRecord(row, "metadata", problem)


def _write_body(writer: Any, row: FetchRow, body: bytes, headers: dict[str, str]) -> str:
    """The record that holds the bytes; gives its type."""
    kind = "response" if row.url is not None and row.status_code is not None else "resource"
    record = writer.create_warc_record(
        _address(row),
        kind,
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=_http_headers(row, len(body)) if kind == "response" else None,
        warc_content_type="" if kind == "response" else (row.content_type or "application/octet-stream"),
        warc_headers_dict=headers,
    )
    writer.write_record(record)
    return kind


def _write_revisit(writer: Any, row: FetchRow, first: FetchRow, headers: dict[str, str], store: RawStore) -> None:
    """A record that only points to the one that holds the bytes."""
    status = row.status_code is not None
    record = writer.create_revisit_record(
        _address(row),
        _digest(store, first),
        _address(first),
        _moment(first.requested_at),
        http_headers=_http_headers(row, row.byte_count or first.byte_count or 0) if status else None,
        warc_headers_dict=headers,
    )
    writer.write_record(record)


def _digest(store: RawStore, row: FetchRow) -> str:
    """The digest as warcio writes it for the record that holds the bytes; that of the ledger where they are lost."""
    assert row.sha256 is not None  # the row brought bytes
    try:
        digest = hashlib.sha1(store.get(row.sha256), usedforsecurity=False).digest()
    except (KeyError, CorruptDocument):
        return f"sha256:{row.sha256}"
    return f"sha1:{base64.b32encode(digest).decode()}"


def _http_headers(row: FetchRow, size: int) -> StatusAndHeaders:
    status = row.status_code or 200
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    named = (("Content-Type", row.content_type), ("ETag", row.etag), ("Last-Modified", row.last_modified))
    given = [(name, " ".join(value.split())) for name, value in named if value]
    length = [] if status == HTTPStatus.NOT_MODIFIED else [("Content-Length", str(size))]
    return StatusAndHeaders(f"{status} {phrase}".strip(), [*given, *length], protocol="HTTP/1.1")


def _address(row: FetchRow) -> str:
    """The address in ASCII; a file that had none gets one of its name."""
    return quote(row.url, safe=SAFE) if row.url is not None else f"file:///{quote(row.local_name or '')}"


def _moment(text: str) -> str:
    """A moment as WARC/1.1 writes it, to the microsecond."""
    moment = datetime.fromisoformat(text)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _record_id(text: str, data: bytes) -> str:
    """The same name for the same record in every file."""
    name = hashlib.sha256(text.encode() + b"\0" + data).hexdigest()
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"
