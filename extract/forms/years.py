"""Which of the years that a table prints side by side is the report's own."""

import re
from collections.abc import Collection, Sequence

from extract.forms.labels import compact
from extract.forms.lines import Line

__all__ = ["own_year"]

_LONGEST_TITLE = 60
_TITLE_YEAR = re.compile(r"(20\d\d)年?(?:度)?[^。,;]{0,24}(?:年度报告|年报|报告)")


def own_year(years: Collection[int], lines: Sequence[Line]) -> int | None:
    """The report's own year among those that are printed: the latest, and the one that its titles name."""
    named = {
        int(match[1])
        for line in lines
        if line.grid is None and len(line.text) <= _LONGEST_TITLE
        for match in _TITLE_YEAR.finditer(compact(line.text))
    }
    latest = max(years)
    return latest if named == {latest} or (not named and len(years) == 1) else None
