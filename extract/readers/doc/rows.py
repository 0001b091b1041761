"""The shape of a table row, from the modifiers at its end: cell edges and merges.

Belongs here: the table part of Word's property modifiers. Does not belong here: the text of the cells.
"""

from collections.abc import Iterable, Sequence

from extract.readers.doc import sprms
from extract.readers.edges import Merge, RowShape, needs_converter

__all__ = ["shape_of"]

_CELL, _OLD_CELL = 20, 10
_MOST_CELLS = 64
_DOWN = {0: Merge.NONE, 1: Merge.COVERED, 2: Merge.FIRST, 3: Merge.FIRST}
_NO_MERGE, _FIRST, _COVERED = 0, 1, 2


def shape_of(told: Iterable[tuple[int, bytes]]) -> RowShape:
    """The row's shape once every modifier was applied in order. Raises Unreadable where they make no row."""
    row = _Row()
    for opcode, operand in told:
        row.apply(opcode, operand)
    return row.shape()


class _Row:
    """A row being described."""

    def __init__(self) -> None:
        self._edges: list[int] = []
        self._across: list[int] = []
        self._down: list[Merge] = []
        self._half_gap = 0
        self._left = 0

    def apply(self, opcode: int, operand: bytes) -> None:
        """Apply one modifier; those that say nothing of cells are passed over."""
        if opcode in (sprms.T_DEFINE, sprms.T_DEFINE_OLD):
            self._define(operand[2:], _CELL if opcode == sprms.T_DEFINE else _OLD_CELL)
        elif opcode == sprms.T_INSERT:
            self._insert(operand[0], operand[1], _signed(operand[2:4]))
        elif opcode == sprms.T_DELETE:
            self._delete(*self._range(operand))
        elif opcode == sprms.T_WIDTH:
            self._set_width(*self._range(operand), _signed(operand[2:4]))
        elif opcode in (sprms.T_MERGE, sprms.T_SPLIT):
            first, end = self._range(operand)
            for number in range(first, end):
                is_split = opcode == sprms.T_SPLIT
                self._across[number] = _NO_MERGE if is_split else _FIRST if number == first else _COVERED
        elif opcode == sprms.T_MERGE_DOWN:
            first, _ = self._range(bytes([operand[1], operand[1] + 1 & 0xFF]))
            self._down[first] = _DOWN[operand[2] & 3]
        elif opcode == sprms.T_HALF_GAP:
            self._half_gap = _signed(operand)
        elif opcode == sprms.T_LEFT:
            self._left = _signed(operand) - self._half_gap
            self._edges = [edge + self._left - self._edges[0] for edge in self._edges]

    def shape(self) -> RowShape:
        """The finished shape."""
        if not self._across:
            raise needs_converter("A table row does not say where its cells are.")
        return RowShape(tuple(self._edges), _merges(self._across), tuple(self._down))

    def _define(self, told: bytes, size: int) -> None:
        count = told[0] if told else 0
        described = told[1 + 2 * (count + 1) :]
        if not 0 < count <= _MOST_CELLS or len(told) < 1 + 2 * (count + 1):
            raise needs_converter("A table row does not say where its cells are.")
        self._edges = [_signed(told[at : at + 2]) for at in range(1, 3 + 2 * count, 2)]
        flags = [int.from_bytes(described[at : at + 2], "little") for at in range(0, len(described), size)]
        flags = (flags + [0] * count)[:count]
        self._across = [flag & 3 for flag in flags]
        self._down = [_DOWN[flag >> 5 & 3] if size == _CELL else Merge.NONE for flag in flags]

    def _range(self, operand: bytes) -> tuple[int, int]:
        first, end = operand[0], operand[1]
        if not first < end <= len(self._across):
            raise needs_converter("A change to a table row names cells that it has not.")
        return first, end

    def _insert(self, first: int, count: int, width: int) -> None:
        if first > len(self._across) or len(self._across) + count > _MOST_CELLS:
            raise needs_converter("A change to a table row names cells that it has not.")
        self._edges = self._edges or [self._left]
        start = self._edges[first]
        made = [start + width * (number + 1) for number in range(count)]
        self._edges = self._edges[: first + 1] + made + [edge + width * count for edge in self._edges[first + 1 :]]
        self._across[first:first] = [_NO_MERGE] * count
        self._down[first:first] = [Merge.NONE] * count

    def _delete(self, first: int, end: int) -> None:
        gone = self._edges[end] - self._edges[first]
        self._edges = self._edges[: first + 1] + [edge - gone for edge in self._edges[end + 1 :]]
        del self._across[first:end]
        del self._down[first:end]

    def _set_width(self, first: int, end: int, width: int) -> None:
        for number in range(first, end):
            change = width - (self._edges[number + 1] - self._edges[number])
            self._edges[number + 1 :] = [edge + change for edge in self._edges[number + 1 :]]


def _merges(flags: Sequence[int]) -> tuple[Merge, ...]:
    """Merges across.

    Old and new manuals swap the two flags; both agree that a set begins with one and goes on with the other, so a set
    in which the flag does not change cannot be told.
    """
    merges: list[Merge] = []
    opening = _NO_MERGE
    for number, flag in enumerate(flags):
        following = flags[number + 1] if number + 1 < len(flags) else _NO_MERGE
        if flag == _NO_MERGE:
            opening = _NO_MERGE
            merges.append(Merge.NONE)
        elif opening == _NO_MERGE or (flag == opening and following not in (_NO_MERGE, opening)):
            if following in (_NO_MERGE, flag):
                raise needs_converter("It cannot be told which table cells are merged across.")
            opening = flag
            merges.append(Merge.FIRST)
        elif flag != opening:
            merges.append(Merge.COVERED)
        else:
            raise needs_converter("It cannot be told which table cells are merged across.")
    return tuple(merges)


def _signed(raw: bytes) -> int:
    return int.from_bytes(raw[:2], "little", signed=True)
