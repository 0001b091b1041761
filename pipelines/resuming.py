"""Where a build was stopped: which files of it are finished, so that the same command goes on from there.

Belongs here: the note that a build keeps beside the tables, and what must be the same for it to hold. Does not belong
here: what a build does. The note goes when the build has ended; one of another build, or of other inputs, is not used.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from extract.api import EXTRACTOR_VERSION
from pipelines.errors import disk_errors_named
from pipelines.layout import DataLayout
from pipelines.sources import Archive
from pipelines.warehouse import Warehouse, replace_file
from transform.regions.gazetteer import REFERENCE_FOLDER

__all__ = ["Finished", "Journal", "inputs_of"]

_DECIDING = ("transform", "pipelines")
"""Packages whose sources decide what a table holds, beside those of the extractor."""
_COUNTED = (("ledger", "fetches"), ("extractions", "extractions"))


def inputs_of(archive: Archive, tables: Sequence[str], years: Sequence[int] | None) -> str:
    """What a build goes by, as one word: its inputs, the sources that make tables of them, and what was asked for."""
    layout = archive.layout
    told: dict[str, Any] = {
        "tables": list(tables),
        "years": None if years is None else sorted(set(years)),
        "extractor": EXTRACTOR_VERSION,
        "sources": _sources(),
        "portals": {name: asdict(facts) for name, facts in archive.portals.items()},
        "files": {str(path): _digest(path) for path in _people_files(layout)},
        "counts": {name: _rows_of(getattr(layout, name), table) for name, table in _COUNTED},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that is made: its rows, and whether this build changed what was there."""

    rows: int
    changed: bool


@dataclass
class Journal:
    """The finished files of a build under way, by table and year."""

    warehouse: Warehouse
    inputs: str
    _noted: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def opened(cls, warehouse: Warehouse, inputs: str) -> Self:
        """What a stopped build of the same inputs left; empty where there is none."""
        journal = cls(warehouse, inputs)
        try:
            told = json.loads(journal._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return journal
        if isinstance(told, Mapping) and told.get("inputs") == inputs:
            journal._noted = dict(told["finished"])
        return journal

    def finished(self, table: str, year: int | None) -> Finished | None:
        """A file that is finished and stands as it was left; None where it is to be made."""
        noted = self._noted.get(_key(table, year))
        if noted is None or noted["state"] != _state(self.warehouse.path(table, year)):
            return None
        return Finished(noted["rows"], noted["changed"])

    def note(self, table: str, year: int | None, file: Finished) -> None:
        """Remember that a file is finished, or that there is none to make."""
        state = _state(self.warehouse.path(table, year))
        self._noted[_key(table, year)] = {"state": state, **asdict(file)}

    def forget(self, table: str, year: int | None) -> None:
        """A file that must be made once more."""
        self._noted.pop(_key(table, year), None)

    def keep(self) -> None:
        """Write down what is finished."""
        with replace_file(self._path) as temporary:
            temporary.write_text(json.dumps({"inputs": self.inputs, "finished": self._noted}), encoding="utf-8")

    def end(self) -> None:
        """The build has ended: nothing is left to go on with."""
        with disk_errors_named(self._path):
            self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self.warehouse.layout.unfinished_build


def _key(table: str, year: int | None) -> str:
    return table if year is None else f"{table}/{year}"


def _state(path: Path) -> list[int] | None:
    """What tells a file that was touched since; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _people_files(layout: DataLayout) -> Iterator[Path]:
    """What people wrote: corrections, verdicts, people by division."""
    for folder in (layout.corrections, layout.verdicts):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())
    if layout.population.exists():
        yield layout.population


def _rows_of(path: Path, table: str) -> list[int]:
    """How many rows a table of SQLite has, and its last: a row that is replaced gets a new number."""
    if not path.exists():
        return []
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        (found,) = connection.execute(f"SELECT count(*), coalesce(max(rowid), 0) FROM {table}")
        return list(found)
    except sqlite3.DatabaseError:
        # A crawl stopped in its first moment leaves a file without tables; of a damaged file, its reader tells.
        return []
    finally:
        connection.close()


@lru_cache(maxsize=1)
def _sources() -> str:
    """One word for the sources that make tables and for the data that they look things up in."""
    digest = hashlib.sha256()
    for root in (*(Path(import_module(name).__file__ or "").parent for name in _DECIDING), REFERENCE_FOLDER):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                status = path.stat()
                digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
