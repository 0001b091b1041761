"""Archives: their members become documents of their own, in the raw store and in the ledger. Needs no network.

A member that cannot be unpacked, and an archive in an archive, is a document with a fate of its own: the others are
read all the same.

Belongs here: naming members and recording them. Does not belong here: the archive formats (extract/readers/archives).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from crawlers.archive.ledger import HOLDS, FetchRow, Ledger, Outcome, Role
from crawlers.archive.raw_store import RawStore
from extract.model import Unreadable
from extract.readers.archives import Member, unpack
from pipelines.layout import DataLayout
from pipelines.limits import DEFAULT_LIMITS, Limits
from pipelines.workers import DocumentLost, map_documents

__all__ = [
    "ARCHIVE_CODE",
    "DEEPEST",
    "NESTED_CODE",
    "NESTED_SENTENCE",
    "StoredMember",
    "member_name",
    "unpack_archives",
    "unpack_into",
    "unpacked",
]

ARCHIVE_CODE = "archive"
"""The reason code of an archive that was unpacked."""
NESTED_CODE = "nested_archive"
NESTED_SENTENCE = (
    "An archive within an archive within an archive is not unpacked. Unpack it by hand and add the files in it."
)
DEEPEST = 2
"""An archive and the archives in it are unpacked; what is deeper is not: that is how bombs are built."""

_RUN = "unpack-"


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A member of an archive as the raw store keeps it."""

    name: str
    sha256: str
    byte_count: int


def unpacked(data: bytes) -> tuple[Member, ...]:
    """The documents in an archive, in order, each under a name of its own.

    Raises:
        Unreadable: The archive cannot be unpacked; code and sentence say why.
    """
    taken: Counter[str] = Counter()
    members = []
    for member in unpack(data):
        taken[member.name] += 1
        count = taken[member.name]
        members.append(member if count == 1 else replace(member, name=f"{member.name} ({count})"))
    return tuple(members)


def member_name(archive: str, member: str) -> str:
    """The name of a document in an archive."""
    return f"{archive}!/{member}"


def unpack_into(raw: Path, data: bytes) -> tuple[StoredMember, ...]:
    """Put the members of an archive into a raw store.

    Raises:
        Unreadable: The archive cannot be unpacked.
    """
    store = RawStore(raw)
    return tuple(StoredMember(member.name, store.put(member.data), len(member.data)) for member in unpacked(data))


def unpack_archives(
    layout: DataLayout,
    archives: Iterable[str],
    *,
    limits: Limits = DEFAULT_LIMITS,
    workers: int | None = None,
) -> tuple[int, tuple[str, ...]]:
    """Record the members of archives of the raw store that are not recorded yet.

    Archives that are too deep are left alone.

    Args:
        layout: The data folder.
        archives: SHA-256 of each archive.
        limits: What one archive may cost.
        workers: Processes that unpack.

    Returns:
        How many members were recorded, and the archives that are too deep.
    """
    with Ledger(layout.ledger) as ledger:
        names: Mapping[str, FetchRow] = {
            sha256: row for sha256 in sorted(set(archives)) if (row := _named_by(ledger, sha256)) is not None
        }
        deep = tuple(sha256 for sha256 in names if _depth(ledger, sha256) >= DEEPEST)
        todo = [sha256 for sha256 in names if sha256 not in deep and not _is_recorded(ledger, sha256)]
        recorded = 0
        if todo:
            for batch in map_documents(partial(_unpack_stored, layout.raw), todo, workers=workers, limits=limits):
                for sha256, members in batch:
                    if not isinstance(members, DocumentLost):
                        rows = (_row(names[sha256], sha256, member) for member in members)
                        recorded += ledger.append_many(rows)
    return recorded, deep


def _unpack_stored(raw: Path, sha256: str) -> tuple[StoredMember, ...]:
    """Runs in a worker process. What cannot be unpacked says so in quarantine; here it has no members."""
    try:
        return unpack_into(raw, RawStore(raw).get(sha256))
    except (Unreadable, KeyError):
        return ()


def _row(archive: FetchRow, sha256: str, member: StoredMember) -> FetchRow:
    """The member's row, with the moment at which the archive was fetched: that is when these bytes were."""
    name = archive.local_name or PurePosixPath(archive.url or "").name or sha256
    return FetchRow(
        run_id=f"{_RUN}{sha256}",
        portal_id=archive.portal_id,
        url=f"{archive.url}#{member.name}" if archive.url else None,
        parent_url=archive.url,
        role=Role.LOCAL if archive.role is Role.LOCAL else Role.ATTACHMENT,
        outcome=Outcome.UNPACKED,
        requested_at=archive.requested_at,
        sha256=member.sha256,
        byte_count=member.byte_count,
        listed_date=archive.listed_date,
        local_name=member_name(name, member.name),
    )


def _named_by(ledger: Ledger, sha256: str) -> FetchRow | None:
    """The row that names a document: the first with an address, as in the table `documents`."""
    rows = [row for row in ledger.rows_of_document(sha256) if row.outcome in HOLDS]
    return min(rows, key=lambda r: (r.role is Role.LOCAL, r.url is None, r.requested_at, r.fetch_id), default=None)


def _depth(ledger: Ledger, sha256: str, *, seen: frozenset[str] = frozenset()) -> int:
    """How many archives lie around a document, by the shortest way; an archive that holds itself lies deep."""
    if sha256 in seen:
        return DEEPEST
    seen |= {sha256}
    around = []
    for row in ledger.rows_of_document(sha256):
        if row.outcome is not Outcome.UNPACKED:
            return 0
        if len(seen) <= DEEPEST:
            around.append(1 + _depth(ledger, row.run_id.removeprefix(_RUN), seen=seen))
    return min(around, default=DEEPEST)


def _is_recorded(ledger: Ledger, sha256: str) -> bool:
    return next(ledger.rows(run_id=f"{_RUN}{sha256}"), None) is not None
