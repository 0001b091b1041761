"""Where everything lives under one data folder. The only place that joins these paths."""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DATA_VARIABLE", "DataLayout"]

DATA_VARIABLE = "OGI_DATA"
_DEFAULT = "data"


@dataclass(frozen=True, slots=True)
class DataLayout:
    """The paths under one data folder; nothing is created until something is written."""

    root: Path

    @classmethod
    def resolve(cls, folder: Path | None = None) -> "DataLayout":
        """The layout under `folder`, else under OGI_DATA, else under data/ of the working folder."""
        return cls(folder if folder is not None else Path(os.environ.get(DATA_VARIABLE) or _DEFAULT))

    @property
    def raw(self) -> Path:
        """The raw store: documents named by their SHA-256."""
        return self.root / "raw"

    @property
    def ledger(self) -> Path:
        """The ledger of fetches, a SQLite file."""
        return self.root / "ledger.sqlite"

    @property
    def cache(self) -> Path:
        """What can be made again from the raw store at any time."""
        return self.root / "cache"

    @property
    def extractions(self) -> Path:
        """The extraction cache, a SQLite file."""
        return self.cache / "extractions.sqlite"

    @property
    def warehouse(self) -> Path:
        """The Parquet tables."""
        return self.root / "warehouse"

    @property
    def catalog(self) -> Path:
        """The DuckDB file with views over the tables."""
        return self.warehouse / "warehouse.duckdb"

    @property
    def population(self) -> Path:
        """The user's file of people by division and year, where there is one."""
        return self.root / "population.csv"

    @property
    def corrections(self) -> Path:
        """Figures that people corrected: YAML files, written by hand or by `ogi correct`."""
        return self.root / "corrections"

    @property
    def verdicts(self) -> Path:
        """What people decided about checks: YAML files, written by hand or by `ogi verdict`."""
        return self.root / "verdicts"

    @property
    def crawl_lock(self) -> Path:
        """Held while a crawl runs: one crawl at a time keeps one request at a time per host."""
        return self.root / "crawl.lock"

    @property
    def unfinished_crawl(self) -> Path:
        """Names the crawl under way, so that a stopped one can go on."""
        return self.root / "crawl.json"

    @property
    def build_lock(self) -> Path:
        """Held while tables are written."""
        return self.warehouse / ".lock"

    @property
    def unfinished_build(self) -> Path:
        """Names the finished files of the build under way, so that a stopped one can go on."""
        return self.warehouse / ".unfinished.json"

    @property
    def dagster(self) -> Path:
        """The state of Dagster: runs, events, logs, schedules."""
        return self.root / "dagster"
