"""What is known of a portal before a run: every row its lists showed, and what came of it.

Belongs here: looking it up. Does not belong here: what follows from it (`spiders`), and when it is asked again
(`schedule`).
"""

from collections.abc import Iterator
from datetime import datetime

from crawlers.archive.ledger import HOLDS, FetchRow, Ledger, Outcome, Role, is_of_one_portal
from crawlers.archive.raw_store import RawStore
from crawlers.links import canonical_url, identity_key
from crawlers.pages import Link
from crawlers.schedule import may_pass, retry_is_due

__all__ = ["Known"]

DOCUMENTS = frozenset({Role.ARTICLE, Role.ATTACHMENT})


class Known:
    """The rows of a portal from before this run, by identity of their address."""

    def __init__(self, ledger: Ledger, raw: RawStore, portal_id: str, run_id: str) -> None:
        self._ledger, self._raw, self._portal_id, self._run_id = ledger, raw, portal_id, run_id
        self.rows: dict[str, FetchRow] = {}
        for row in ledger.last_rows_of_portal(portal_id, before_run=run_id):
            if row.url is None:
                continue
            key = identity_key(row.url)
            # A twin that may not be asked (another host) says nothing about the address that was.
            if not (is_of_one_portal(row) and key in self.rows and not is_of_one_portal(self.rows[key])):
                self.rows[key] = row
        self._listed = set(ledger.listed(portal_id, before_run=run_id))

    def row(self, url: str) -> FetchRow | None:
        """The last row of an address, also one that another portal asked for."""
        own = self.rows.get(identity_key(url))
        return own or self._ledger.last_row_of(canonical_url(url), before_run=self._run_id)

    def is_known(self, link: Link) -> bool:
        """Whether a list showed this row before, with this title and date, and it was stored or judged then."""
        row = self.row(link.url)
        if row is None or row.outcome is Outcome.GONE or self._is_lost(row):
            return False
        if row.portal_id != self._portal_id:
            return True
        return (identity_key(link.url), link.title, link.date or "") in self._listed

    def is_list(self, url: str) -> bool:
        """Whether a list page was read at this address."""
        row = self.rows.get(identity_key(url))
        return row is not None and row.role is Role.LISTING and not may_pass(row)

    def _is_lost(self, row: FetchRow) -> bool:
        """Whether the store does not hold, or not whole, what the row brought: as after a power cut."""
        # What was not sent again (304) has no size of its own.
        size = row.byte_count if row.status_code == 200 else None
        return row.sha256 is not None and not self._raw.has(row.sha256, size)

    def to_retry(self, now: datetime) -> Iterator[FetchRow]:
        """Documents that failed in a way that may be over by now, and those whose bytes were lost."""
        for row in self.rows.values():
            if row.role not in DOCUMENTS or not row.url:
                continue
            if self._is_lost(row):
                yield row
            elif may_pass(row):
                history = self._ledger.history(self._portal_id, row.url)
                if retry_is_due([past for past in history if past.run_id != self._run_id], now):
                    yield row

    def unlisted(self, seen: set[str], read: set[str]) -> Iterator[FetchRow]:
        """Documents that were collected and that no list or page names any more.

        Args:
            seen: what lists and pages named in this run.
            read: the pages that were read in this run. A file is missed only on a page that was read, or is missed too.
        """
        for key, row in self.rows.items():
            if row.role not in DOCUMENTS or row.outcome not in HOLDS or key in seen:
                continue
            parent = identity_key(row.parent_url) if row.parent_url else ""
            page = self.rows.get(parent)
            if page is not None and page.role is Role.ARTICLE and parent in seen and parent not in read:
                continue
            yield row
