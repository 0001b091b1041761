"""Tables with the rows of table 3 whose columns are bodies and no applicants.

Without words that name applicants the statutory order of the columns is taken for granted, also under the headers that
some software invents (本年新收件数 over the natural persons); names of bodies speak against it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from extract.forms.applicants import ApplicantNames
from extract.forms.declaration import FormRow
from extract.forms.lines import Fragment, Line

__all__ = ["under_foreign_columns"]

_ENOUGH_ROWS = 3
"""So many rows of the form under one header are the table, and no other one with a 总计 or 其他 of its own."""
_SEVERAL = 2
_BODY = re.compile(
    r"(?:局|委|办|厅|院|府|署|部|处|所|站|台|馆|社|室|会|联|队|校|学|行|委员会|中心|公司|集团|单位|部门|本级|[省市县区]直"
    r"|街道|[省市县区州盟旗镇乡])(?:\([^()]*\))?$"
)
"""How the name of a body ends; no applicant's does."""


@dataclass
class _Part:
    """Lines under one header: what is printed above the rows of the form, and the rows."""

    top: list[Line] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)


def under_foreign_columns(
    lines: Sequence[Line], index: Mapping[str, Sequence[FormRow]], names: ApplicantNames, fewest: int
) -> Iterator[Line]:
    """The rows of the form, of `fewest` figures or more, whose headers name bodies and no applicant."""
    for _, group in groupby(lines, key=lambda line: line.grid):
        for part in _parts(list(group), index):
            named = {cell.label for line in part.rows for cell in line.split()[0] if cell.label in index}
            width = max((len(line.split()[1]) for line in part.rows), default=0)
            if len(named) >= _ENOUGH_ROWS and width >= fewest and _is_foreign(part, names):
                yield from part.rows


def _parts(lines: Sequence[Line], index: Mapping[str, Sequence[FormRow]]) -> list[_Part]:
    parts = [_Part()]
    for line in lines:
        labels, values = line.split()
        if len(values) >= _SEVERAL and any(cell.label in index for cell in labels):
            parts[-1].rows.append(line)
        elif not parts[-1].rows:
            parts[-1].top.append(line)
        elif len(_words(line)) >= _SEVERAL:
            parts.append(_Part([line]))
    return parts


def _words(line: Line) -> list[Fragment]:
    """The words of a header line; those of a text come apart at its blanks."""
    if line.is_aligned:
        return [cell for cell in line.cells if not cell.is_value]
    words = (replace(cell, text=word) for cell in line.cells for word in cell.text.split())
    return [word for word in words if not word.is_value]


def _is_foreign(part: _Part, names: ApplicantNames) -> bool:
    """Whether bodies are named right over most columns of figures, and no applicant in the lines above."""
    if not part.top or any(names.is_applicant(word) for line in part.top[-_ENOUGH_ROWS:] for word in _words(line)):
        return False
    first, figures = part.rows[0], part.rows[0].split()[1]
    header = part.top[-1]
    over = _words(header)
    if first.is_aligned:
        reaching = [cell for cell in header.above if not cell.is_value]
        start, end = figures[0].column, figures[-1].end_column
        over = [cell for cell in (*over, *reaching) if cell.column >= start and cell.end_column <= end]
    bodies = {cell.whole for cell in over if _BODY.search(cell.whole)}
    return len(bodies) >= _SEVERAL and 2 * len(bodies) > len(figures)
