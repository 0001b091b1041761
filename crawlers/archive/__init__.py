"""What was collected: the raw store keeps bytes, the ledger keeps the record of every request."""

from crawlers.archive.errors import CorruptDocument, StorageError
from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role, RunSummary
from crawlers.archive.raw_store import RawStore

__all__ = ["CorruptDocument", "FetchRow", "Ledger", "Outcome", "RawStore", "Role", "RunSummary", "StorageError"]
