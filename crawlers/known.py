"""What is known of a portal before a run: every row its lists showed, and what came of it.

Belongs here: looking it up. Does not belong here: what follows from it (`spiders`), and when it is asked again
(`schedule`).
"""

from collections.abc import Container, Iterator
from datetime import datetime

from crawlers.archive.ledger import HOLDS, FetchRow, Ledger, ListedRow, Outcome, Role, is_of_one_portal
from crawlers.archive.raw_store import RawStore
from crawlers.links import canonical_url, identity_key
from crawlers.notes import Notes
from crawlers.pages import Link
from crawlers.schedule import may_pass, retry_is_due

__all__ = ["Known"]

DOCUMENTS = frozenset({Role.ARTICLE, Role.ATTACHMENT})
BEFORE = "before"
"""In the notes: the last row of an address at a portal, before this run."""


class Known:
    """The rows of a portal from before this run, by identity of their address."""

    def __init__(self, ledger: Ledger, raw: RawStore, portal_id: str, run_id: str, notes: Notes | None = None) -> None:
        self._ledger, self._raw, self._portal_id, self._run_id = ledger, raw, portal_id, run_id
        self._notes = notes or Notes()
        for row in ledger.last_rows_of_portal(portal_id, before_run=run_id):
            if row.url is None:
                continue
            key = identity_key(row.url)
            # A twin that may not be asked (another host) says nothing about the address that was.
            if is_of_one_portal(row) and (held := self._own(key)) is not None and not is_of_one_portal(held):
                continue
            self._notes.put(BEFORE, portal_id, key, text=str(row.fetch_id))

    def row(self, url: str) -> FetchRow | None:
        """The last row of an address, also one that another portal asked for."""
        own = self._own(identity_key(url))
        return own or self._ledger.last_row_of(canonical_url(url), before_run=self._run_id)

    def is_known(self, link: Link) -> bool:
        """Whether a list showed this row before, with this title and date, and it was stored or judged then."""
        row = self.row(link.url)
        if row is None or row.outcome is Outcome.GONE or self._is_lost(row):
            return False
        if row.portal_id != self._portal_id:
            return True
        shown = ListedRow(key=identity_key(link.url), url=link.url, title=link.title, listed_date=link.date or "")
        return self._ledger.has_listed(self._portal_id, shown, before_run=self._run_id)

    def is_list(self, url: str) -> bool:
        """Whether a list page was read at this address."""
        row = self._own(identity_key(url))
        return row is not None and row.role is Role.LISTING and not may_pass(row)

    def is_held(self, url: str) -> bool:
        """Whether this address gave a document that is held whole."""
        row = self._own(identity_key(url))
        return row is not None and row.role in DOCUMENTS and row.outcome in HOLDS and not self._is_lost(row)

    def _own(self, key: str) -> FetchRow | None:
        fetch_id = self._notes.get(BEFORE, self._portal_id, key)
        return None if fetch_id is None else self._ledger.row(int(fetch_id))

    def _documents(self) -> Iterator[tuple[str, FetchRow]]:
        """The last row of each document, with the identity of its address."""
        for row in self._ledger.last_rows_of_portal(self._portal_id, before_run=self._run_id):
            if row.role not in DOCUMENTS or not row.url:
                continue
            key = identity_key(row.url)
            if self._notes.get(BEFORE, self._portal_id, key) == str(row.fetch_id):  # else a twin of it stands for both
                yield key, row

    def _is_lost(self, row: FetchRow) -> bool:
        """Whether the store does not hold, or not whole, what the row brought: as after a power cut."""
        # What was not sent again (304) has no size of its own.
        size = row.byte_count if row.status_code == 200 else None
        return row.sha256 is not None and not self._raw.has(row.sha256, size)

    def to_retry(self, now: datetime) -> Iterator[FetchRow]:
        """Documents that failed in a way that may be over by now, and those whose bytes were lost."""
        for _, row in self._documents():
            if self._is_lost(row):
                yield row
            elif may_pass(row):
                history = self._ledger.history(self._portal_id, row.url or "")
                if retry_is_due([past for past in history if past.run_id != self._run_id], now):
                    yield row

    def unlisted(self, seen: Container[str], read: Container[str]) -> Iterator[FetchRow]:
        """Documents that were collected and that no list or page names any more.

        Args:
            seen: what lists and pages named in this run.
            read: the pages that were read in this run. A file is missed only on a page that was read, or is missed too.
        """
        for key, row in self._documents():
            if row.outcome not in HOLDS or key in seen:
                continue
            parent = identity_key(row.parent_url) if row.parent_url else ""
            page = self._own(parent)
            if page is not None and page.role is Role.ARTICLE and parent in seen and parent not in read:
                continue
            yield row
