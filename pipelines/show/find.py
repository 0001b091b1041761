"""Which document is meant: a file, a document in an archive, or one of the store."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from crawlers.archive.raw_store import RawStore
from pipelines.errors import BadInput
from pipelines.layout import DataLayout

__all__ = ["Wanted", "find_wanted"]

_SHORTEST_HASH = 6
_IN_ARCHIVE = "!/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document to be shown: its file, the way into it if it is an archive, and what is known of it."""

    path: Path
    name: str
    members: tuple[str, ...] = ()
    url: str | None = None
    is_stored: bool = False

    @property
    def bare_name(self) -> str:
        """The name of the file alone; the raw store has no names that could be evidence."""
        return PurePosixPath(self.members[-1] if self.members else self.path.name).name


def find_wanted(wanted: str, layout: DataLayout) -> Wanted:
    """The document that `wanted` names: a path, `archive!/member`, a SHA-256 or its start, or a report.

    Raises:
        BadInput: Nothing fits, or several documents do.
    """
    path, *members = wanted.split(_IN_ARCHIVE)
    if Path(path).is_file():
        return Wanted(Path(path), wanted, tuple(members))
    if Path(path).is_dir():
        raise BadInput(f"{path} is a folder: name one document in it.")
    stored = _by_hash(wanted.strip().lower(), layout) or _by_report(wanted, layout)
    if stored is None:
        raise BadInput(
            f'"{wanted}" is neither a file, nor the start of a SHA-256 in {layout.raw}, nor a report of '
            f"{layout.warehouse}. Name another data folder with --data DIR."
        )
    return stored


def _by_hash(start: str, layout: DataLayout) -> Wanted | None:
    if len(start) < _SHORTEST_HASH or not all(letter in "0123456789abcdef" for letter in start):
        return None
    found = sorted(path for path in (layout.raw / start[:2]).glob(f"{start}*") if RawStore(layout.raw).has(path.name))
    if len(found) > 1:
        raise BadInput(f"{len(found)} documents begin with {start}: give more of the SHA-256.")
    return Wanted(found[0], _name_in_store(found[0].name, layout), is_stored=True) if found else None


def _by_report(wanted: str, layout: DataLayout) -> Wanted | None:
    if not any(layout.warehouse.glob("*/**/*.parquet")):
        return None
    from pipelines.questions import trace_report

    report = trace_report(layout, wanted).report
    sha256 = str(report["document_sha256"])
    path = RawStore(layout.raw).path(sha256)
    if not path.is_file():
        raise BadInput(f"{path} is not there: the raw store has lost the document. Restore it or fetch it again.")
    return Wanted(path, str(report["url"] or report["local_name"] or sha256), is_stored=True)


def _name_in_store(sha256: str, layout: DataLayout) -> str:
    """The address or name under which a stored document came."""
    from crawlers.archive.ledger import Ledger

    if not layout.ledger.is_file():
        return sha256
    with Ledger(layout.ledger, read_only=True) as ledger:
        rows = ledger.rows_of_document(sha256)
    return next((name for row in rows for name in (row.url, row.local_name) if name), sha256)
