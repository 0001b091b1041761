"""How far each measure compares between two editions of the form, from the crosswalk.

Belongs here: the chain over editions, and what a change of form says of a row. Does not belong here: the judgement
itself (`comparability` in the declaration of the forms).
"""

from functools import lru_cache
from itertools import permutations

import pyarrow as pa

from extract.forms.declaration import Crosswalk, load_forms

__all__ = ["NOTES_SQL", "comparability_between", "comparability_table"]

_ORDER = ("exact", "near", "partial", "none")
"""Best first: over several steps of the chain, and over several pairs of editions, the worst counts."""

_SCHEMA = pa.schema(
    [
        ("from_edition", pa.string()), ("to_edition", pa.string()), ("measure", pa.string()),
        ("measure_number", pa.int32()), ("rank", pa.int32()),
    ]
)  # fmt: skip

NOTES_SQL = """
SELECT
    key, list(measure || ': ' || ['near', 'partial', 'none'][rank] ORDER BY measure_number) AS comparability_notes
FROM (
    SELECT s.key, k.measure, k.measure_number, max(k.rank) AS rank
    FROM steps s JOIN comparability k ON k.from_edition = s.from_edition AND k.to_edition = s.to_edition
    GROUP BY ALL
)
GROUP BY key
"""
"""Notes by key, from `steps` (key, from_edition, to_edition) and `comparability`: a measure not named is exact."""


def comparability_between(entry: Crosswalk, first: str, second: str) -> str | None:
    """How far a measure compares between two editions, in either order; None if neither of them has it.

    The worst of the steps between them: E2014 to E2021 goes over E2019. A measure that one of the two lacks is `none`.
    """
    present = [bool(getattr(entry, edition)) and edition != "E2008" for edition in (first, second)]
    if not any(present):
        return None
    if not all(present):
        return "none"
    editions = list(load_forms().editions)
    early, late = sorted((editions.index(first), editions.index(second)))
    steps = [f"{editions[place]}-{editions[place + 1]}" for place in range(early, late)]
    return max((entry.comparability.get(step, "none") for step in steps), key=_ORDER.index, default="exact")


@lru_cache(maxsize=1)
def comparability_table() -> pa.Table:
    """Each measure under each ordered pair of different editions between which it does not compare exactly.

    `rank` is 1 for near, 2 for partial, 3 for none.
    """
    rows = []
    for first, second in permutations(load_forms().editions, 2):
        for number, entry in enumerate(load_forms().crosswalk):
            found = comparability_between(entry, first, second)
            if found and found != _ORDER[0]:
                rows.append(
                    {
                        "from_edition": first, "to_edition": second, "measure": entry.canonical,
                        "measure_number": number, "rank": _ORDER.index(found),
                    }
                )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
