"""The record of every address met and what came of it: one row a request, never changed, never deleted.

Belongs here: writing and reading rows. Does not belong here: the bytes (raw store) and what they mean.

Order matters for a crash at any moment: bytes go to the raw store first, the row is committed second. A finished fetch
is a committed row; anything less is asked for again by the next run. What a power cut may cost, `settling` says.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from crawlers.archive.errors import StorageError

__all__ = [
    "FetchRow",
    "Ledger",
    "ListedRow",
    "Outcome",
    "Role",
    "RunSummary",
    "WalkRow",
    "is_of_one_portal",
    "utc_now",
]

SCHEMA_VERSION = 3


class Role(StrEnum):
    """What an address was asked for."""

    ROBOTS = "robots"
    LISTING = "listing"
    ARTICLE = "article"
    ATTACHMENT = "attachment"
    LOCAL = "local"


class Outcome(StrEnum):
    """What came of an address. Every address met in a run ends with exactly one."""

    STORED = "stored"
    """200 with bytes that were new for this address."""
    UNCHANGED = "unchanged"
    """304: the portal says that the bytes stored earlier still hold."""
    SAME_CONTENT = "same_content"
    """200 with the same bytes as at the last visit, or with what another address brought: the reason names it."""
    ADDED = "added"
    """A local file, added by hand."""
    ARCHIVED = "archived"
    """A capture by somebody else: a record of a WARC file, or a saved page that says when it was saved. `requested_at`
    is the moment of the capture."""
    BROKEN = "broken"
    """A record of a WARC file that cannot be used; the reason says why."""
    UNPACKED = "unpacked"
    """A file in an archive that was fetched or added: no request of its own. `parent_url` is the archive."""
    LISTING = "listing"
    """A list page, read for its links."""
    REFUSED_BY_ROBOTS = "refused_by_robots"
    CHALLENGE = "challenge"
    """A challenge or a firewall's refusal; the host is left alone for the rest of the run."""
    HTTP_ERROR = "http_error"
    NETWORK_ERROR = "network_error"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    OFF_REGISTRY_HOST = "off_registry_host"
    """A link to a host that the portal's entry does not name; never followed."""
    NOT_FOLLOWED = "not_followed"
    """A link that is no annual report by its title or place; the reason says which."""
    ERROR_PAGE = "error_page"
    """200 with a page that only says that there is nothing."""
    LAYOUT_CHANGED = "layout_changed"
    """A list page in which the family's list cannot be found."""
    CANDIDATE = "candidate"
    """Nearly a report, and not taken for one: by its title (then it was not asked for) or by its page (then the raw
    store holds the bytes). The reason says why; a person may look."""
    GONE = "gone"
    """Collected earlier, no longer listed, and 404 or 410 when asked. What was stored stays."""


HOLDS = frozenset(
    {
        Outcome.STORED,
        Outcome.UNCHANGED,
        Outcome.SAME_CONTENT,
        Outcome.LISTING,
        Outcome.ADDED,
        Outcome.ARCHIVED,
        Outcome.UNPACKED,
    }
)
"""Outcomes after which the raw store holds the bytes of the address."""

OF_ONE_PORTAL = frozenset({Outcome.OFF_REGISTRY_HOST, Outcome.NOT_FOLLOWED})
"""Outcomes that hold for the portal that linked there, and leave the address open to the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRow:
    """One row of the ledger. `url` is the canonical address, `final_url` the one that answered."""

    fetch_id: int = 0
    """Given by the ledger, ascending."""
    run_id: str
    portal_id: str | None
    url: str | None
    final_url: str | None = None
    parent_url: str | None = None
    role: Role
    outcome: Outcome
    reason: str | None = None
    status_code: int | None = None
    requested_at: str
    """UTC, ISO 8601 with microseconds."""
    elapsed_ms: int | None = None
    sha256: str | None = None
    byte_count: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    link_text: str | None = None
    listed_date: str | None = None
    local_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """A row as a list of a portal showed it. Kept once: what is new on a list page is what stands here not yet."""

    key: str
    """The address, by identity."""
    url: str
    title: str
    listed_date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRow:
    """That a portal's lists were begun, or ended, in a run."""

    run_id: str
    portal_id: str
    phase: str
    """`begun` or `ended`."""
    is_full: bool
    """Whether every list page is read and what is known is asked for again, or only what is new."""
    reason: str
    fingerprint: str
    """Of the registry entry and of the rules that judge rows."""
    at: str
    is_complete: bool | None = None
    """Ended: whether every list page that counts was read."""


COLUMNS = tuple(field.name for field in fields(FetchRow))
INSERTED = COLUMNS[1:]

DDL = """
CREATE TABLE IF NOT EXISTS fetches (
    fetch_id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    portal_id TEXT,
    url TEXT,
    final_url TEXT,
    parent_url TEXT,
    role TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    status_code INTEGER,
    requested_at TEXT NOT NULL,
    elapsed_ms INTEGER,
    sha256 TEXT,
    byte_count INTEGER,
    content_type TEXT,
    etag TEXT,
    last_modified TEXT,
    link_text TEXT,
    listed_date TEXT,
    local_name TEXT,
    CHECK (url IS NOT NULL OR local_name IS NOT NULL)
) STRICT;
CREATE INDEX IF NOT EXISTS fetches_by_url ON fetches (url, fetch_id);
CREATE INDEX IF NOT EXISTS fetches_by_sha256 ON fetches (sha256) WHERE sha256 IS NOT NULL;
-- The promise "one outcome for each address and run" is kept by the table itself. Files added by hand may share one.
-- What one portal may not follow or leaves out by its title says nothing about the other portals that link there.
DROP INDEX IF EXISTS fetches_once_a_run;
DROP INDEX IF EXISTS fetches_asked_once_a_run;
CREATE UNIQUE INDEX IF NOT EXISTS fetches_asked_once_in_a_run ON fetches (run_id, url)
WHERE role <> 'local' AND outcome NOT IN ('off_registry_host', 'not_followed')
    AND NOT (outcome = 'candidate' AND sha256 IS NULL);
CREATE INDEX IF NOT EXISTS fetches_by_portal ON fetches (portal_id, url, fetch_id);
CREATE UNIQUE INDEX IF NOT EXISTS fetches_once_a_run_and_portal ON fetches (run_id, portal_id, url)
WHERE role <> 'local';
CREATE TABLE IF NOT EXISTS listed (
    portal_id TEXT NOT NULL,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    listed_date TEXT NOT NULL,
    url TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (portal_id, key, title, listed_date)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS walks (
    walk_id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    portal_id TEXT NOT NULL,
    phase TEXT NOT NULL,
    is_full INTEGER NOT NULL,
    reason TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at TEXT NOT NULL,
    is_complete INTEGER,
    UNIQUE (portal_id, run_id, phase)
) STRICT;
CREATE TRIGGER IF NOT EXISTS fetches_never_change BEFORE UPDATE ON fetches
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: a row is never changed'); END;
CREATE TRIGGER IF NOT EXISTS fetches_never_go BEFORE DELETE ON fetches
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: a row is never deleted'); END;
"""

INSERT = f"INSERT INTO fetches ({', '.join(INSERTED)}) VALUES ({', '.join(f':{name}' for name in INSERTED)})"
SELECT = f"SELECT {', '.join(COLUMNS)} FROM fetches"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What one run did: rows by outcome, rows with a request, bytes received."""

    run_id: str
    first_requested_at: str
    last_requested_at: str
    rows: int
    requests: int
    byte_count: int
    outcomes: dict[Outcome, int]


def is_of_one_portal(row: FetchRow) -> bool:
    """Whether a row holds for its portal alone: the address was left out there, also as a candidate by its title."""
    return row.outcome in OF_ONE_PORTAL or (row.outcome is Outcome.CANDIDATE and row.sha256 is None)


def utc_now() -> str:
    """This moment as the ledger writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Ledger:
    """The ledger in one SQLite file; safe for one writer and any number of readers at once."""

    def __init__(self, path: Path, *, read_only: bool = False, settled: bool = False) -> None:
        """Open the ledger; `settled` where somebody else brings its log (`log_path`) to the disk (`settling`)."""
        self.path = Path(path)
        self._settled = settled
        try:
            if read_only:
                if not self.path.is_file():
                    raise StorageError(f"{self.path}: there is no ledger yet: collect or add documents first")
                self._connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
            else:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
                self._prepare()
        except OSError as error:
            sentence = f"{self.path}: the ledger cannot be opened ({error.strerror}): check the folder"
            raise StorageError(sentence) from error
        except sqlite3.Error as error:
            raise self._broken(error, "opening the ledger") from error

    def _prepare(self) -> None:
        # WAL lets queries read while a crawl writes. FULL syncs each commit; NORMAL leaves that to the settler, and a
        # power cut may then cost the rows of the last moments, never one that stands before a row that is left.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {'NORMAL' if self._settled else 'FULL'}")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StorageError(
                f"{self.path}: the ledger was written by a newer version (schema {version}, known {SCHEMA_VERSION}): "
                "update the project"
            )
        if version < SCHEMA_VERSION:
            self._connection.executescript(f"BEGIN IMMEDIATE;{DDL}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")

    @property
    def log_path(self) -> Path:
        """Where SQLite writes a commit first."""
        return self.path.with_name(f"{self.path.name}-wal")

    def append(self, row: FetchRow) -> FetchRow:
        """Write a row for good; gives it with its `fetch_id`.

        Raises:
            StorageError: the disk is full or the file is damaged, or the address already has its outcome in this run.
        """
        try:
            cursor = self._connection.execute(INSERT, _values(row))
        except sqlite3.IntegrityError as error:
            sentence = f"{self.path}: the row for {row.url} in run {row.run_id} is not accepted ({error})"
            raise StorageError(sentence) from error
        except sqlite3.Error as error:
            raise self._broken(error, "writing a row") from error
        return replace(row, fetch_id=int(cursor.lastrowid or 0))

    def append_many(self, rows: Iterable[FetchRow]) -> int:
        """Write many rows, all or none; gives their number. For files added by hand: one sync a row would be slow."""
        written = 0
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for row in rows:
                self._connection.execute(INSERT, _values(row))
                written += 1
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._broken(error, "writing rows") from error
            raise
        return written

    def latest_by_url(self, url: str) -> FetchRow | None:
        """The last row of the address whose bytes the raw store holds: it serves the next conditional request."""
        held = sorted({*HOLDS, Outcome.CANDIDATE})
        marks = ", ".join("?" for _ in held)
        # By moment, not by place in the table: a capture of years ago may be added after last night's crawl.
        return self._one(
            f"{SELECT} WHERE url = ? AND sha256 IS NOT NULL AND outcome IN ({marks}) "
            "ORDER BY requested_at DESC, fetch_id DESC LIMIT 1",
            (url, *held),
        )

    def outcome_in_run(self, run_id: str, url: str, portal_id: str | None = None) -> FetchRow | None:
        """The final row of the address in that run, if it has one: the portal's own before that of another portal."""
        return self._one(
            f"{SELECT} WHERE run_id = ? AND url = ? AND role <> 'local' ORDER BY portal_id IS NOT ?, fetch_id LIMIT 1",
            (run_id, url, portal_id),
        )

    def rows(self, *, run_id: str | None = None, after: int = 0) -> Iterator[FetchRow]:
        """Rows in the order they were written: all, or those of a run, or those after a `fetch_id`."""
        if run_id is None:
            cursor = self._execute(f"{SELECT} WHERE fetch_id > ? ORDER BY fetch_id", (after,))
        else:
            cursor = self._execute(f"{SELECT} WHERE fetch_id > ? AND run_id = ? ORDER BY fetch_id", (after, run_id))
        for values in cursor:
            yield _row(values)

    def has_capture(self, url: str, requested_at: str, sha256: str | None) -> bool:
        """Whether a capture of the address at that moment is recorded already, with these bytes or likewise without."""
        sql = "SELECT 1 FROM fetches WHERE url = ? AND requested_at = ? AND sha256 IS ? LIMIT 1"
        return self._execute(sql, (url, requested_at, sha256)).fetchone() is not None

    def captured(self, url: str, requested_at: str) -> FetchRow | None:
        """The capture of the address at that moment whose bytes are stored: what a revisit of a WARC file means."""
        sql = f"{SELECT} WHERE url = ? AND requested_at = ? AND sha256 IS NOT NULL ORDER BY fetch_id DESC LIMIT 1"
        return self._one(sql, (url, requested_at))

    def first_of_document(self, sha256: str) -> FetchRow | None:
        """The first row that brought these bytes by themselves, not inside an archive."""
        sql = f"{SELECT} WHERE sha256 = ? AND outcome <> 'unpacked' ORDER BY fetch_id LIMIT 1"
        return self._one(sql, (sha256,))

    def broken_members(self, local_name: str) -> set[str]:
        """The records of a local archive that are recorded as broken already, by their names `local_name#place`."""
        sql = "SELECT local_name FROM fetches WHERE outcome = 'broken' AND substr(local_name, 1, ?) = ?"
        start = f"{local_name}#"
        return {name for (name,) in self._execute(sql, (len(start), start))}

    def rows_of_document(self, sha256: str) -> list[FetchRow]:
        """Every row that brought these bytes, oldest first."""
        return [_row(values) for values in self._execute(f"{SELECT} WHERE sha256 = ? ORDER BY fetch_id", (sha256,))]

    def row(self, fetch_id: int) -> FetchRow | None:
        """The row of that number."""
        return self._one(f"{SELECT} WHERE fetch_id = ?", (fetch_id,))

    def last_rows_of_portal(self, portal_id: str, *, before_run: str) -> Iterator[FetchRow]:
        """The last row of each address that the portal's lists and pages led to, rows of that run left out."""
        sql = f"""{SELECT} WHERE fetch_id IN (
            SELECT max(fetch_id) FROM fetches
            WHERE portal_id = ? AND run_id <> ? AND role IN ('listing', 'article', 'attachment') GROUP BY url
        ) ORDER BY fetch_id"""
        for values in self._execute(sql, (portal_id, before_run)):
            yield _row(values)

    def last_row_of(self, url: str, *, before_run: str) -> FetchRow | None:
        """The last row of the address from any portal that asked for it, rows of that run left out."""
        sql = f"""{SELECT} WHERE url = ? AND run_id <> ? AND role <> 'local'
            AND outcome NOT IN ('off_registry_host', 'not_followed') AND NOT (outcome = 'candidate' AND sha256 IS NULL)
            ORDER BY fetch_id DESC LIMIT 1"""
        return self._one(sql, (url, before_run))

    def history(self, portal_id: str, url: str, *, limit: int = 8) -> list[FetchRow]:
        """The last rows of an address at a portal, newest first."""
        sql = f"{SELECT} WHERE portal_id = ? AND url = ? ORDER BY fetch_id DESC LIMIT ?"
        return [_row(values) for values in self._execute(sql, (portal_id, url, limit))]

    def first_address_of(self, sha256: str, portal_id: str) -> str | None:
        """The address at which the portal first gave these bytes, as a page or a file."""
        sql = """SELECT url FROM fetches WHERE sha256 = ? AND portal_id = ? AND role IN ('article', 'attachment')
                 ORDER BY fetch_id LIMIT 1"""
        found = self._execute(sql, (sha256, portal_id)).fetchone()
        return None if found is None else found[0]

    def note_listed(self, portal_id: str, run_id: str, rows: Iterable[ListedRow]) -> None:
        """Keep how a list shows these rows; what is kept already stays."""
        sql = "INSERT OR IGNORE INTO listed (portal_id, key, title, listed_date, url, run_id) VALUES (?, ?, ?, ?, ?, ?)"
        values = [(portal_id, row.key, row.title, row.listed_date, row.url, run_id) for row in rows]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(sql, values)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise self._broken(error, "writing listed rows") from error

    def has_listed(self, portal_id: str, row: ListedRow, *, before_run: str) -> bool:
        """Whether a list of the portal showed this row, with this title and date, before that run."""
        sql = (
            """SELECT 1 FROM listed WHERE portal_id = ? AND key = ? AND title = ? AND listed_date = ? AND run_id <> ?"""
        )
        values = (portal_id, row.key, row.title, row.listed_date, before_run)
        return self._execute(sql, values).fetchone() is not None

    def note_walk(self, walk: WalkRow) -> None:
        """Keep that a portal's lists were begun or ended in a run; a run that goes on keeps its first word."""
        sql = """INSERT OR IGNORE INTO walks (run_id, portal_id, phase, is_full, reason, fingerprint, at, is_complete)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
        values = (
            walk.run_id,
            walk.portal_id,
            walk.phase,
            int(walk.is_full),
            walk.reason,
            walk.fingerprint,
            walk.at,
            None if walk.is_complete is None else int(walk.is_complete),
        )
        try:
            self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise self._broken(error, "writing a walk") from error

    def walks(self, portal_id: str) -> list[WalkRow]:
        """When the portal's lists were begun and ended, oldest first."""
        sql = """SELECT run_id, portal_id, phase, is_full, reason, fingerprint, at, is_complete
                 FROM walks WHERE portal_id = ? ORDER BY walk_id"""
        return [
            WalkRow(
                run_id=run_id,
                portal_id=portal,
                phase=phase,
                is_full=bool(is_full),
                reason=reason,
                fingerprint=fingerprint,
                at=at,
                is_complete=None if is_complete is None else bool(is_complete),
            )
            for run_id, portal, phase, is_full, reason, fingerprint, at, is_complete in self._execute(sql, (portal_id,))
        ]

    def counts(self, run_id: str, portal_id: str | None = None) -> dict[Outcome, int]:
        """Rows of a run by outcome, of one portal or of all."""
        sql = "SELECT outcome, count(*) FROM fetches WHERE run_id = ?"
        values: tuple[Any, ...] = (run_id,)
        if portal_id is not None:
            sql, values = f"{sql} AND portal_id = ?", (run_id, portal_id)
        found = Counter({Outcome(name): count for name, count in self._execute(f"{sql} GROUP BY outcome", values)})
        return {outcome: found[outcome] for outcome in Outcome if found[outcome]}

    def runs(self) -> list[RunSummary]:
        """A summary of each run, oldest first."""
        sql = """SELECT run_id, min(requested_at), max(requested_at), count(*), count(elapsed_ms),
                        coalesce(sum(byte_count) FILTER (WHERE elapsed_ms IS NOT NULL), 0)
                 FROM fetches GROUP BY run_id ORDER BY min(fetch_id)"""
        return [
            RunSummary(run_id, first, last, rows, requests, byte_count, self.counts(run_id))
            for run_id, first, last, rows, requests, byte_count in self._execute(sql, ()).fetchall()
        ]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def _execute(self, sql: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise self._broken(error, "reading the ledger") from error

    def _one(self, sql: str, values: tuple[Any, ...]) -> FetchRow | None:
        found = self._execute(sql, values).fetchone()
        return None if found is None else _row(found)

    def _broken(self, error: sqlite3.Error, doing: str) -> StorageError:
        if "full" in str(error):
            way_out = "the disk is full: free some space and run again; what was finished is kept"
        elif "locked" in str(error):
            way_out = "another process holds it: let the other crawl finish, then run again"
        else:
            way_out = "check the file and its folder, and run again"
        return StorageError(f"{self.path}: {doing} failed ({error}): {way_out}")


def _values(row: FetchRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in INSERTED}


def _row(values: tuple[Any, ...]) -> FetchRow:
    named = dict(zip(COLUMNS, values, strict=True))
    return FetchRow(**{**named, "role": Role(named["role"]), "outcome": Outcome(named["outcome"])})
