"""Put documents of one's own into the raw store, with their address and date where they are known."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role
from crawlers.archive.raw_store import RawStore
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.local_files import LocalFile

__all__ = ["AddedDocument", "add_documents"]


@dataclass(frozen=True, slots=True)
class AddedDocument:
    """A file and the name under which the raw store keeps it. `is_new` is false where the archive had it already."""

    file: LocalFile
    sha256: str
    byte_count: int
    is_new: bool


def add_documents(
    layout: DataLayout,
    files: Sequence[LocalFile],
    *,
    url: str | None = None,
    listed_date: date | None = None,
    portal_id: str | None = None,
) -> list[AddedDocument]:
    """Store the files and write a ledger row for each, unless one with the same facts stands there already.

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
    run_id = f"add-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
    added = []
    rows: list[FetchRow] = []
    with Ledger(layout.ledger) as ledger:
        for file in files:
            data = file.read()
            sha256 = store.put(data)
            row = FetchRow(
                run_id=run_id,
                portal_id=portal_id,
                url=url or file.url,
                role=Role.LOCAL,
                outcome=Outcome.ADDED,
                requested_at=datetime.now(UTC).isoformat(timespec="microseconds"),
                sha256=sha256,
                byte_count=len(data),
                listed_date=listed_date.isoformat() if listed_date else None,
                local_name=file.path.name,
            )
            earlier = [*ledger.rows_of_document(sha256), *(other for other in rows if other.sha256 == sha256)]
            if not any(_same_facts(row, other) for other in earlier):
                rows.append(row)
            added.append(AddedDocument(file, sha256, len(data), is_new=not earlier))
        ledger.append_many(rows)
    return added


def _same_facts(row: FetchRow, other: FetchRow) -> bool:
    """Whether the earlier row says all that the new one would say."""
    return other.role is Role.LOCAL and all(
        getattr(row, name) == getattr(other, name) for name in ("url", "portal_id", "listed_date", "local_name")
    )
