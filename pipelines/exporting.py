"""Hand the archive over to others: the raw store with its ledger as one WARC file."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crawlers.archive.ledger import Ledger
from crawlers.archive.raw_store import RawStore
from crawlers.archive.warc_writer import write_warc
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.progress import Progress, Step, silent
from pipelines.warehouse import replace_file

__all__ = ["WarcExport", "export_warc"]


@dataclass(frozen=True, slots=True)
class WarcExport:
    """What was written."""

    path: Path
    byte_count: int
    records: dict[str, int]
    """Records by type."""
    problems: tuple[str, ...]
    """Bytes that the ledger names and the raw store lost, one sentence each."""


def export_warc(layout: DataLayout, path: Path, *, progress: Progress = silent) -> WarcExport:
    """Write the raw store with the rows of the ledger as WARC/1.1; the file appears whole or not at all.

    Packed record by record, unless the name ends in `.warc`. The ledger may be written meanwhile: the file holds the
    rows that stood there at the beginning.

    Raises:
        BadInput: There is no ledger yet.
    """
    if not layout.ledger.is_file():
        raise BadInput(f"There is no archive in {layout.root} yet. Make one with `ogi crawl` or `ogi add PATH`.")
    Ledger(layout.ledger).close()  # a crawl stopped in its first moment may leave a file without tables
    kinds: Counter[str] = Counter()
    problems = []
    store = RawStore(layout.raw)
    with (
        Ledger(layout.ledger, read_only=True) as ledger,
        replace_file(path) as temporary,
        temporary.open("wb") as file,
    ):
        for written in write_warc(file, ledger, store, packed=path.suffix.lower() != ".warc"):
            kinds[written.kind] += 1
            if written.problem is not None:
                problems.append(f"{written.row.url or written.row.local_name}: {written.problem}")
            progress(Step("write", sum(kinds.values()), None, written.row.url or ""))
    return WarcExport(path, path.stat().st_size, dict(sorted(kinds.items())), tuple(problems))
