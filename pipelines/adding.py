"""Put documents of one's own into the raw store, with their address and date where they are known.

Belongs here: files and saved pages. Does not belong here: WARC files (`pipelines.adding_archives`).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role
from crawlers.archive.raw_store import RawStore
from crawlers.links import canonical_url
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.local_files import LocalFile
from pipelines.saved_pages import origin_of

__all__ = ["AddedDocument", "add_documents", "new_adding_id"]


@dataclass(frozen=True, slots=True)
class AddedDocument:
    """A file and the name under which the raw store keeps it. `is_new` is false where the archive had it already."""

    file: LocalFile
    sha256: str
    byte_count: int
    is_new: bool
    url: str | None = None
    captured_at: str | None = None


def new_adding_id() -> str:
    """A name for one call of `ogi add`, as the ledger names runs."""
    return f"add-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"


def add_documents(
    layout: DataLayout,
    files: Sequence[LocalFile],
    *,
    url: str | None = None,
    listed_date: date | None = None,
    portal_id: str | None = None,
) -> list[AddedDocument]:
    """Store the files and write a ledger row for each, unless one with the same facts stands there already.

    A saved page that says where it came from, and when, keeps that; what the caller or a manifest says goes before it.

    Args:
        layout: The data folder.
        files: The files, in order.
        url: The address the one file came from.
        listed_date: The date of publication, if known.
        portal_id: The portal the files belong to, which tells their region.
    """
    if url is not None and len(files) > 1:
        raise BadInput(f"One URL cannot be that of {len(files)} files: add them one by one, or leave --url out.")
    if url is not None and not url.startswith(("http://", "https://")):
        raise BadInput(f'"{url}" is not a web address: it must begin with http:// or https://.')
    store = RawStore(layout.raw)
    run_id = new_adding_id()
    added = []
    rows: list[FetchRow] = []
    with Ledger(layout.ledger) as ledger:
        for file in files:
            data = file.read()
            sha256 = store.put(data)
            origin = origin_of(file.path.name, data)
            address = url or file.url or (canonical_url(origin.url) if origin.url else None)
            captured_at = file.captured_at or origin.captured_at
            row = FetchRow(
                run_id=run_id,
                portal_id=portal_id,
                url=address,
                role=Role.LOCAL,
                # Without an address nobody can say what was captured: then the moment is that of adding, as for a file.
                outcome=Outcome.ARCHIVED if address and captured_at else Outcome.ADDED,
                requested_at=captured_at
                if address and captured_at
                else datetime.now(UTC).isoformat(timespec="microseconds"),
                sha256=sha256,
                byte_count=len(data),
                listed_date=listed_date.isoformat() if listed_date else None,
                local_name=file.path.name,
            )
            earlier = [*ledger.rows_of_document(sha256), *(other for other in rows if other.sha256 == sha256)]
            if not any(_same_facts(row, other) for other in earlier):
                rows.append(row)
            added.append(AddedDocument(file, sha256, len(data), not earlier, address, captured_at))
        ledger.append_many(rows)
    return added


def _same_facts(row: FetchRow, other: FetchRow) -> bool:
    """Whether the earlier row says all that the new one would say."""
    if row.outcome is Outcome.ARCHIVED and row.requested_at != other.requested_at:
        return False
    return other.role is Role.LOCAL and all(
        getattr(row, name) == getattr(other, name) for name in ("url", "portal_id", "listed_date", "local_name")
    )
