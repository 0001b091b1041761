"""The cells of a document column by column, as they are kept and as tables want them.

Belongs here: the change between cells as objects and as columns. Does not belong here: what a cell says, and the bytes
in which the columns are kept (pipelines/packed.py).

A report has some two hundred cells, and a table is made of columns: an object for each cell of each report took most of
the time of a build. Who asks a stored reading for its `cells` gets the objects, made then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Any, Self

from extract.model import CellReading, CellStatus, Confidence, Place, ReportReading

__all__ = ["CELL_FIELDS", "PLACE_FIELDS", "CellColumns", "StoredReading", "columns_of", "joined"]

_PLACE = "place"
PLACE_FIELDS = tuple(field.name for field in fields(Place))
CELL_FIELDS = (
    *(field.name for field in fields(CellReading) if field.name != _PLACE),
    *(f"{_PLACE}.{name}" for name in PLACE_FIELDS),
)
"""The columns: the fields of a cell, those of its place each alone."""

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class CellColumns:
    """The cells of one document in its order. `values` has each of `CELL_FIELDS`, all of one length.

    Statuses and confidences are their words, flags and boxes any sequence.
    """

    values: Columns

    @classmethod
    def of(cls, cells: Sequence[CellReading]) -> Self:
        """The columns of cells that are objects."""
        columns: dict[str, Sequence[Any]] = {
            name: [_plain(getattr(cell, name)) for cell in cells]
            for name in CELL_FIELDS
            if not name.startswith(f"{_PLACE}.")
        }
        columns |= {f"{_PLACE}.{name}": [getattr(cell.place, name) for cell in cells] for name in PLACE_FIELDS}
        return cls(columns)

    def __len__(self) -> int:
        """The number of cells."""
        return len(self.codes)

    def __getitem__(self, name: str) -> Sequence[Any]:
        """One column."""
        return self.values[name]

    @property
    def codes(self) -> Sequence[str]:
        """The code of each cell."""
        return self.values["code"]

    @property
    def number_count(self) -> int:
        """Cells with a number."""
        numbers = self.values["value"]
        return len(numbers) - numbers.count(None)

    @property
    def doubtful_count(self) -> int:
        """Cells that are withheld or whose reading is in doubt."""
        statuses, confidences = self.values["status"], self.values["confidence"]
        withheld, doubtful = CellStatus.WITHHELD.value, Confidence.DOUBTFUL.value
        if withheld not in statuses:
            return confidences.count(doubtful)
        words = zip(statuses, confidences, strict=True)
        return sum(status == withheld or confidence == doubtful for status, confidence in words)

    def readings(self) -> tuple[CellReading, ...]:
        """The cells as objects."""
        return tuple(self._readings())

    def _readings(self) -> Iterator[CellReading]:
        names = [name for name in CELL_FIELDS if not name.startswith(f"{_PLACE}.")]
        places = zip(*(self.values[f"{_PLACE}.{name}"] for name in PLACE_FIELDS), strict=True)
        rows = zip(*(self.values[name] for name in names), strict=True)
        for row, place in zip(rows, places, strict=True):
            told = dict(zip(names, row, strict=True))
            where = dict(zip(PLACE_FIELDS, place, strict=True))
            where["box"] = None if where["box"] is None else tuple(where["box"])
            told["status"] = CellStatus(told["status"])
            told["confidence"] = Confidence(told["confidence"])
            told["flags"] = tuple(told["flags"])
            yield CellReading(**told, place=Place(**where))


class StoredReading(ReportReading):
    """A reading whose cells are columns until somebody asks for them one by one."""

    columns: CellColumns

    @classmethod
    def of(cls, head: ReportReading, columns: CellColumns) -> Self:
        """The reading `head` with these cells in place of its own."""
        reading = cls.__new__(cls)
        told = {name: value for name, value in vars(head).items() if name != "cells"}
        vars(reading).update(told, columns=columns)
        return reading

    def __eq__(self, other: object) -> bool:
        """A stored reading is equal to one that says the same, stored or not."""
        if not isinstance(other, ReportReading):
            return NotImplemented
        return all(getattr(self, field.name) == getattr(other, field.name) for field in fields(ReportReading))

    __hash__ = ReportReading.__hash__

    @cached_property
    def cells(self) -> tuple[CellReading, ...]:
        """The cells as objects, made when first asked for."""
        return self.columns.readings()


def columns_of(reading: ReportReading) -> CellColumns:
    """The cells of a reading as columns: those it has, or made of its objects."""
    kept = vars(reading).get("columns")  # a stored reading with other cells put in has none
    return kept if isinstance(kept, CellColumns) else CellColumns.of(reading.cells)


def joined(documents: Iterable[CellColumns], name: str) -> list[Any]:
    """One column of several documents, one after the other."""
    return list(chain.from_iterable(document[name] for document in documents))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
