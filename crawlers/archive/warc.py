"""Web archives as a source: what each record of a WARC (or ARC) file holds, one at a time.

Belongs here: records and their damage. Does not belong here: what is stored and what the ledger says of it
(`pipelines.adding_archives`).

Files are read as a stream: at no time is more than one record in memory, and of that one no more than `max_bytes`. A
damaged place costs its own records: it is told once, and reading goes on at the next record that can be found.
"""

import contextlib
import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ARCIterator, WARCIterator
from warcio.bufferedreaders import BufferedReader

__all__ = ["LEDGER_HEADER", "MAX_BYTES", "WARC_SUFFIXES", "WarcRecord", "is_warc", "read_warc"]

# What is damaged is told in the ledger; warcio would tell it again, with the damaged bytes.
logging.getLogger("warcio").setLevel(logging.CRITICAL)

WARC_SUFFIXES = (".warc", ".warc.gz", ".arc", ".arc.gz")
MAX_BYTES = 64 * 1024 * 1024
LEDGER_HEADER = "OGI-Ledger"
"""A header of the records that we write: the row of the ledger, as JSON in ASCII."""

GZIP_MAGIC = b"\x1f\x8b\x08"
PLAIN_MARKS = (b"WARC/1.", b"WARC/0.")
CHUNK = 1024 * 1024
LONGEST_LINE = 1024 * 1024
CAPTURES = frozenset({"response", "resource", "revisit"})
PLAIN = frozenset({"", "identity", "none"})
READABLE = frozenset(BufferedReader.get_supported_decompressors()) - {"deflate_alt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """What one record says. `damage` is set where it cannot be used, and `body` where it can."""

    place: int
    """Where the record begins, in bytes of the file (of the unpacked file, where it is packed as one piece)."""
    kind: str
    """`response`, `resource`, `revisit`, another type of WARC, or `damaged`."""
    url: str | None = None
    captured_at: str | None = None
    """UTC, as the ledger writes moments."""
    status_code: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body: bytes | None = None
    is_too_large: bool = False
    damage: str | None = None
    note: str | None = None
    refers_to: tuple[str, str] | None = None
    """Of a revisit: address and moment of the capture with the same bytes."""
    ledger: Mapping[str, Any] | None = None
    """The row of the ledger, where we wrote the file ourselves."""

    @property
    def is_capture(self) -> bool:
        """Whether it stands for an answer of a web server."""
        return self.kind in CAPTURES


def is_warc(path: Path) -> bool:
    """Whether the name is that of a WARC or ARC file."""
    return path.name.lower().endswith(WARC_SUFFIXES)


def read_warc(path: Path, *, max_bytes: int = MAX_BYTES) -> Iterator[WarcRecord]:
    """Every record of a file in order, damaged places included.

    Args:
        path: The file, packed record by record, packed as one piece, or plain.
        max_bytes: A larger body is not read: its record says `is_too_large`.
    """
    with path.open("rb") as file:
        arc = path.name.lower().endswith((".arc", ".arc.gz"))
        packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file.seek(0)
        if packed and _is_one_piece(file, arc):
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from _one_stream(unpacked, arc, max_bytes)
            return
        # The name counts only where the beginning is damaged: then either may follow.
        named_packed = path.suffix.lower() == ".gz"
        marks = (GZIP_MAGIC,) if packed else (*PLAIN_MARKS, GZIP_MAGIC) if named_packed else PLAIN_MARKS
        yield from _with_recovery(file, path.stat().st_size, marks, arc, max_bytes)


def _is_one_piece(file: IO[bytes], arc: bool) -> bool:
    """Whether all records are packed as one piece of gzip: not the standard's way, and met all the same."""
    with _Records(file, arc) as records:
        try:
            for _, (record, _) in zip(range(2), records, strict=False):
                records.drain(record)
        except _Damage as damage:
            return damage.is_one_piece
    return False


def _one_stream(stream: Any, arc: bool, max_bytes: int) -> Iterator[WarcRecord]:
    """The records of a stream in which no place can be sought: the first damage is its end."""
    place = 0
    with _Records(stream, arc) as records:
        try:
            for record, place in records:
                yield _read(records, record, place, max_bytes)
        except _Damage as damage:
            yield WarcRecord(place=place, kind="damaged", damage=f"{damage}; nothing after it can be read")


def _with_recovery(
    file: IO[bytes], size: int, marks: Sequence[bytes], arc: bool, max_bytes: int
) -> Iterator[WarcRecord]:
    """The records of a file; behind a damaged place reading goes on at the next beginning of a record."""
    begin: int | None = 0
    told = False
    while begin is not None and begin < size:
        file.seek(begin)
        damaged: WarcRecord | None = None
        with _Records(file, arc) as records:
            try:
                for record, place in records:
                    found = _read(records, record, place, max_bytes)
                    if found.kind == "damaged":
                        damaged = found
                        break
                    told = False
                    yield found
                else:
                    if not _is_blank(file, records.end, size):
                        damaged = WarcRecord(place=records.end, kind="damaged", damage="no record begins here")
            except _Damage as error:
                damaged = WarcRecord(place=max(begin, records.end), kind="damaged", damage=str(error))
        if damaged is None:
            return
        if not told:
            yield damaged
            told = True  # false beginnings inside the same damaged place are no news
        begin = _next_beginning(file, max(damaged.place, begin) + 1, marks)


class _Damage(Exception):
    """The file cannot be read on from here."""

    def __init__(self, sentence: str, *, is_one_piece: bool = False) -> None:
        super().__init__(sentence)
        self.is_one_piece = is_one_piece


class _Records:
    """warcio's iterator with its failures as one kind of error, and without words on stderr."""

    def __init__(self, stream: Any, arc: bool) -> None:
        # Told apart by name: almost any line of words would pass for the head of an ARC record.
        self._iterator = ARCIterator(stream, arc2warc=True) if arc else WARCIterator(stream, check_digests=True)
        self.end = 0
        """Where the last record that was read to its end has its end."""
        line = self._iterator.reader.readline
        # A damaged file may hold gigabytes without a line break.
        self._iterator.reader.readline = lambda length=None: line(min(length or LONGEST_LINE, LONGEST_LINE))

    def __enter__(self) -> "_Records":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            self._iterator.close()

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        while True:
            record = self.quietly(lambda: next(self._iterator, None))
            if record is None:
                self.end = self._iterator.offset
                return
            self.end = self._iterator.offset
            yield record, self.end

    def drain(self, record: Any) -> None:
        """Read a record to its end without keeping it."""
        while self.quietly(lambda: record.raw_stream.read(CHUNK)):
            pass

    def is_well_ended(self) -> bool:
        """Whether what follows a record is what must follow it: else its length is wrong."""
        before = self._iterator.err_count
        self.quietly(self._iterator.read_to_end)
        self.end = self._iterator.offset
        return bool(self._iterator.err_count == before)

    @staticmethod
    def quietly(work: Callable[[], Any]) -> Any:
        """Call warcio; whatever fails in it is damage of the file."""
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                return work()
        except MemoryError:
            raise
        except Exception as error:
            words = " ".join(str(error).split()) or type(error).__name__
            if "non-chunked gzip" in words:
                raise _Damage("the records are packed as one piece", is_one_piece=True) from error
            nothing = "first line: " in words  # warcio quotes what stands there instead
            raise _Damage("no record begins here" if nothing else words[:200]) from error


def _read(records: _Records, record: Any, place: int, max_bytes: int) -> WarcRecord:
    """One record with its body, read to its end and checked."""
    headers = record.rec_headers
    kind = (record.rec_type or "").lower()
    if kind not in CAPTURES:
        records.drain(record)
        if _rest(record):
            return WarcRecord(place=place, kind="damaged", damage=f"a record of type {kind or '?'} is cut short")
        records.is_well_ended()
        return WarcRecord(place=place, kind=kind)
    url = _url(headers.get_header("WARC-Target-URI"))
    facts: dict[str, Any] = {
        "place": place,
        "kind": kind,
        "url": url,
        "captured_at": _moment(headers.get_header("WARC-Date")),
        "content_type": headers.get_header("Content-Type") if kind == "resource" else None,
        "ledger": _ledger(headers.get_header(LEDGER_HEADER)),
    }
    encoding = ""
    if record.http_headers is not None:
        http = record.http_headers
        status = http.get_statuscode()
        facts |= {
            "status_code": int(status) if status and status.isdigit() else None,
            "content_type": http.get_header("Content-Type"),
            "etag": http.get_header("ETag"),
            "last_modified": http.get_header("Last-Modified"),
        }
        encoding = (http.get_header("Content-Encoding") or "").strip().lower()
    facts["damage"] = _unusable(record, kind, encoding, facts["captured_at"])
    if kind == "revisit":
        to = _url(headers.get_header("WARC-Refers-To-Target-URI")) or url
        at = _moment(headers.get_header("WARC-Refers-To-Date"))
        facts["refers_to"] = (to, at) if to and at else None
    body = None
    if facts["damage"] is None and kind != "revisit":
        if (record.length or 0) > 4 * max_bytes:  # packed text rarely shrinks to less than a fourth
            facts["is_too_large"] = True
        else:
            body, facts["is_too_large"] = _body(records, record, max_bytes)
    records.drain(record)
    if short := _rest(record):
        damage = f"the record is cut short: {short} of {record.length} bytes are missing"
        return WarcRecord(**{**facts, "kind": "damaged", "damage": damage})
    if not records.is_well_ended():
        return WarcRecord(**{**facts, "kind": "damaged", "damage": "the record is longer than it says"})
    problems = " ".join(record.digest_checker.problems)
    if facts["damage"] is None and "block digest failed" in problems:
        facts["damage"] = "the bytes are not those that were archived (block digest)"
    elif "payload digest failed" in problems:
        # Programs disagree on what the payload of a packed answer is, so this alone proves nothing.
        facts["note"] = "the payload digest differs"
    if facts["damage"] is None and body is not None and _is_cut_answer(record, body, encoding):
        facts["damage"] = "the archived answer was cut: it holds fewer bytes than the server announced"
    return WarcRecord(**facts, body=None if facts["damage"] else body)


def _unusable(record: Any, kind: str, encoding: str, captured_at: str | None) -> str | None:
    """Why a record cannot be used, as far as its headers tell."""
    headers = record.rec_headers
    if (cut := headers.get_header("WARC-Truncated")) is not None:
        return f"the capture was cut when it was made ({cut})"
    if (segment := headers.get_header("WARC-Segment-Number")) not in (None, "1") or headers.get_header(
        "WARC-Segment-Total-Length"
    ):
        return f"the capture is spread over several records (segment {segment})"
    if captured_at is None:
        return "the record names no moment of capture"
    if kind == "response" and record.http_headers is not None and encoding not in PLAIN | READABLE:
        return f'the answer is packed as "{encoding}", which cannot be unpacked'
    return None


def _body(records: _Records, record: Any, max_bytes: int) -> tuple[bytes | None, bool]:
    """The body, unchunked and unpacked; None and True where it is too large."""
    stream = record.content_stream()
    pieces: list[bytes] = []
    size = 0
    while piece := records.quietly(lambda: stream.read(CHUNK)):
        size += len(piece)
        if size > max_bytes:
            return None, True
        pieces.append(piece)
    return b"".join(pieces), False


def _rest(record: Any) -> int:
    """How many bytes of a record that was read to its end are missing."""
    return int(getattr(record.raw_stream, "limit", 0) or 0)


def _is_cut_answer(record: Any, body: bytes, encoding: str) -> bool:
    """Whether a server announced more bytes than were archived; only plain answers can tell."""
    http = record.http_headers
    if http is None or encoding not in PLAIN or http.get_header("Transfer-Encoding"):
        return False
    announced = (http.get_header("Content-Length") or "").strip()
    return announced.isdigit() and int(announced) > len(body)


def _url(text: str | None) -> str | None:
    """The address; some programs write it in angle brackets."""
    text = (text or "").strip().removeprefix("<").removesuffix(">")
    return text or None


def _moment(text: str | None) -> str | None:
    """A moment of WARC (`2021-01-29T08:00:00Z`) or ARC (`20210129080000`) as the ledger writes it."""
    text = (text or "").strip()
    try:
        if text.isdigit() and len(text) == 14:
            moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def _ledger(text: str | None) -> Mapping[str, Any] | None:
    try:
        row = json.loads(text) if text else None
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _is_blank(file: IO[bytes], place: int, size: int) -> bool:
    """Whether nothing but line breaks stands from a place to the end of the file."""
    file.seek(place)
    return size - place < CHUNK and not file.read(CHUNK).strip()


def _next_beginning(file: IO[bytes], place: int, marks: Sequence[bytes]) -> int | None:
    """Where the next record may begin; None where there is none."""
    overlap = max(map(len, marks)) - 1
    file.seek(place)
    tail = b""
    while chunk := file.read(CHUNK):
        window = tail + chunk
        hits = [hit for mark in marks if (hit := window.find(mark)) >= 0]
        if hits:
            return place - len(tail) + min(hits)
        place += len(chunk)
        tail = window[-overlap:]
    return None
