"""Row order of a table: whether it is there already, and whether a key repeats, told from neighbours alone.

Sorting and grouping by several text columns cost more than everything else about a large table; nearly all tables come
in their order, and then one comparison of each row with the next tells the same.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["in_order", "neighbours_differ", "sorted_by"]


def sorted_by(data: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows in ascending order of the keys, nulls last."""
    if not keys or in_order(data, keys):
        return data
    return data.sort_by([(key, "ascending") for key in keys])


def in_order(data: pa.Table, keys: Sequence[str]) -> bool:
    """Whether the rows are in ascending order of the keys, nulls last."""
    if data.num_rows < 2:
        return True
    settled: pa.Array = pa.repeat(pa.scalar(True), data.num_rows - 1)
    for key in reversed(keys):
        ahead, behind = _neighbours(data, key)
        below = pc.fill_null(pc.less(ahead, behind), pc.and_(pc.is_valid(ahead), pc.is_null(behind)))
        settled = pc.or_(below, pc.and_(_same(ahead, behind), settled))
    return bool(pc.all(settled).as_py())


def neighbours_differ(data: pa.Table, keys: Sequence[str]) -> bool:
    """Whether each row differs from the next in the keys: in a table sorted by them, that they are unique."""
    if data.num_rows < 2:
        return True
    same: pa.Array = pa.repeat(pa.scalar(True), data.num_rows - 1)
    for key in keys:
        same = pc.and_(same, _same(*_neighbours(data, key)))
    return not pc.any(same).as_py()


def _neighbours(data: pa.Table, key: str) -> tuple[pa.Array, pa.Array]:
    values = data.column(key)
    whole = values.chunk(0) if values.num_chunks == 1 else pa.concat_arrays(values.chunks)
    return whole.slice(0, len(whole) - 1), whole.slice(1)


def _same(ahead: pa.Array, behind: pa.Array) -> pa.Array:
    return pc.fill_null(pc.equal(ahead, behind), pc.and_(pc.is_null(ahead), pc.is_null(behind)))
