"""The columns of table 3: which applicants a header names, where they stand, and in what order they are printed.

A header is one to three printed lines, whole or in pieces, in a grid or flattened. What it does not say for certain is
left open (`slots` is None): who places figures then needs other evidence, or withholds them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from extract.forms.declaration import Edition
from extract.forms.labels import bare, similarity
from extract.forms.lines import Fragment, Line

__all__ = ["OTHER", "SUBTOTAL", "ApplicantNames", "Header", "applicant_names"]

SUBTOTAL = "subtotal"
"""An extra column with the sum of the organisations (小计)."""
OTHER = "?"
"""A column among the applicants whose words name none of them, and may be the damaged name of one."""
_SUM = "!"
"""A column among the applicants with words of a sum: surely none of them."""
_GROUP = "group"
"""法人或其他组织, the words over the organisations."""
_NO_APPLICANTS = frozenset({SUBTOTAL, OTHER, _SUM, _GROUP})

_TABLE = "t3"
_SEVERAL_WORDS = 3
_NEAR = 0.7
"""A damaged name must be at least this similar to the official one, and clearly less to any other."""
_CLEARLY = 0.15
_SHORTEST_DAMAGED = 3
_JOINTS = "-—–－()（）[]:：/|_·、,，\n "
_SUBTOTALS = frozenset({"小计", "总计", "计"})
_LONGEST_SUBTOTAL = 12
_SUM_WORDS = frozenset("计总")


class ApplicantNames:
    """What the words of a header name."""

    def __init__(self, edition: Edition) -> None:
        block = edition.table(_TABLE).blocks[0]
        self.columns = tuple(column.code for column in block.columns)
        self.inner = tuple(column.code for column in block.columns if column.group)
        """The organisations."""
        self._by_label = block.columns_by_label
        groups = {bare(column.group) for column in block.columns if column.group}
        self._group_words = re.compile("|".join(re.escape(word).replace("或", "或者?") for word in groups))
        self._exact: dict[str, str | None] = {}
        self._near: dict[str, str] = {}

    def exact(self, cell: Fragment) -> str | None:
        """The column, group or subtotal that a cell names as the form or a usual variant of it does."""
        if cell.is_value or len(cell.whole) > _LONGEST_NAME:
            return None
        if cell.whole not in self._exact:
            self._exact[cell.whole] = self._name(cell)
        return self._exact[cell.whole]

    def _name(self, cell: Fragment) -> str | None:
        column = self._by_label.get(cell.label)
        whole = cell.whole
        if column is not None and column.code not in self.inner:
            return column.code
        if found := self._group_words.match(whole):
            rest = bare(whole[found.end() :].strip(_JOINTS))
            if not rest or rest in _SUBTOTALS:
                return SUBTOTAL if rest else _GROUP
            inside = self._by_label.get(rest)
            return inside.code if inside is not None and inside.code in self.inner else None
        if column is not None:
            return column.code
        return SUBTOTAL if whole.strip(_JOINTS).endswith("小计") and len(whole) <= _LONGEST_SUBTOTAL else None

    def near(self, cell: Fragment) -> str:
        """As `exact`; failing that, the one organisation whose name a damaged text resembles; else what it is not."""
        exact = self.exact(cell)
        if exact is not None:
            return exact
        text = bare(self._group_words.sub("", cell.whole, count=1).strip(_JOINTS))
        if text not in self._near:
            self._near[text] = self._nearest(text) or (OTHER if _SUM_WORDS.isdisjoint(text) else _SUM)
        return self._near[text]

    def is_applicant(self, cell: Fragment) -> bool:
        """Whether a cell names applicants, damaged or not, in words that head no column of other tables."""
        return self.near(cell) not in (OTHER, _SUM, SUBTOTAL, self.columns[-1], self.inner[-1])

    def _nearest(self, text: str) -> str | None:
        if not _SHORTEST_DAMAGED <= len(text) <= _LONGEST_NAME:
            return None
        best: dict[str, float] = {}
        for label, column in self._by_label.items():
            best[column.code] = max(best.get(column.code, 0.0), similarity(text, label))
        (first, code), (second, _) = sorted(((score, code) for code, score in best.items()), reverse=True)[:2]
        return code if first >= _NEAR and first - second >= _CLEARLY else None


_LONGEST_NAME = 24


@lru_cache(maxsize=8)
def applicant_names(edition: Edition) -> ApplicantNames:
    """The names of an edition's applicants."""
    return ApplicantNames(edition)


class Header:
    """The header lines of one table or part of a table.

    `slots` are the columns printed, left to right: codes, `SUBTOTAL` and `OTHER`, from the first applicant to the last;
    None where the header does not say. In a grid `spans` gives the columns of each applicant.
    """

    def __init__(self, names: ApplicantNames, grid: int | None, *, is_aligned: bool) -> None:
        self._names = names
        self.grid = grid
        self.is_aligned = is_aligned
        self.lines: list[Line] = []
        self.top: list[Line] = []
        """Lines of the grid above the header proper: they may head a column of remarks."""

    def add(self, line: Line) -> None:
        """Take in a header line; what was told of the lines before is told anew."""
        self.lines.append(line)
        for told in [name for name in self.__dict__ if isinstance(getattr(Header, name, None), cached_property)]:
            del self.__dict__[told]

    @cached_property
    def has_subtotal(self) -> bool:
        """Whether a column of subtotals is named anywhere."""
        return any(self._names.exact(cell) == SUBTOTAL for line in self.lines for cell in line.cells)

    @cached_property
    def slots(self) -> tuple[str, ...] | None:
        """The columns in print order."""
        by_words = self._sequence
        if not self.is_aligned:
            return by_words
        by_spans = tuple([kind for kind, _, _ in self._leaves]) or None
        if by_words is None or by_spans is None or by_words == by_spans:
            return by_spans or by_words
        # The words read in statutory order and their spans do not: a span is wrong, and only order tells.
        return by_words if _codes(by_words) == self._names.columns else None

    @cached_property
    def spans(self) -> Mapping[str, tuple[int, int]] | None:
        """Start and end column of each applicant in a grid; None unless all are known for certain."""
        leaves = self._leaves
        if not leaves or tuple([kind for kind, _, _ in leaves]) != self.slots:
            return None
        return {kind: (start, end) for kind, start, end in leaves if kind in self._names.columns}

    @cached_property
    def subtotal_span(self) -> tuple[int, int] | None:
        """Start and end column of the subtotals of the organisations in a grid, which the form does not have.

        小计, or 法人或其他组织 over no organisation; None without such a column, or where `spans` are unknown.
        """
        if self.spans is None:
            return None
        found = []
        for (cell, start, end), (kind, _, _) in zip(self._lowest, self._leaves, strict=True):
            is_whole_group = self._names.exact(cell) == _GROUP and (cell.column, cell.end_column) == (start, end)
            if kind == SUBTOTAL or is_whole_group:
                found.append((start, end))
        return found[0] if len(found) == 1 else None

    @cached_property
    def edges(self) -> tuple[int, int]:
        """The first column of the applicants, and the first behind them; nothing between where `spans` are unknown."""
        spans = (self.spans or {}).values()
        return min([start for start, _ in spans], default=0), max([end for _, end in spans], default=0)

    @cached_property
    def is_official(self) -> bool:
        """Whether the applicants stand in the statutory order."""
        return self.slots is not None and _codes(self.slots) == self._names.columns

    @cached_property
    def has_one_line(self) -> bool:
        """Whether one line gives the order of the organisations, and one that of the rest: pieces fall in any order."""
        organisations = set(self._names.inner)
        rest = {_GROUP, *self._names.columns} - organisations
        lines = [set(self._kinds(line)) for line in self.lines]
        is_whole = any(kinds >= set(self._names.columns) for kinds in lines)
        return is_whole or (any(kinds >= organisations for kinds in lines) and any(kinds >= rest for kinds in lines))

    @cached_property
    def is_crowded(self) -> bool:
        """Whether a line prints more columns than the form has: one of them is none of the form's."""
        organisations = len(self._names.inner)
        for line in self.lines:
            kinds = self._kinds(line)
            has_outer = any(kind in self._names.columns and kind not in self._names.inner for kind in kinds)
            if len(kinds) > (len(self._names.columns) if has_outer else organisations):
                return True
        return False

    @cached_property
    def width(self) -> int:
        """The first grid column right of all that the header prints, remarks included."""
        return max([cell.end_column for cell in self._cells()], default=0)

    def heads(self, cell: Fragment) -> bool:
        """Whether words of the header stand over a cell of the grid."""
        return not self._headed.isdisjoint(range(cell.column, cell.end_column))

    @cached_property
    def _headed(self) -> frozenset[int]:
        printed = [cell for cell in self._cells() if not cell.is_blank]
        return frozenset([column for cell in printed for column in range(cell.column, cell.end_column)])

    def _cells(self) -> Iterable[Fragment]:
        return (cell for line in (*self.top, *self.lines) for cell in (*line.cells, *line.above))

    @cached_property
    def _leaves(self) -> tuple[tuple[str, int, int], ...]:
        """What the lowest header cells name, and their columns; none unless all applicants are there once."""
        kinds = _completed([self._names.near(cell) for cell, _, _ in self._lowest], self._names.columns)
        if kinds is None:
            return ()
        return tuple([(kind, start, end) for kind, (_, start, end) in zip(kinds, self._lowest, strict=True)])

    @cached_property
    def _lowest(self) -> Sequence[tuple[Fragment, int, int]]:
        """The lowest header cells of a grid from the first applicant to the last, with the columns they head."""
        if not self.is_aligned:
            return ()
        lowest: dict[int, Fragment] = {}
        for line in self.lines:
            for cell in line.cells:
                if not cell.is_blank:
                    lowest.update(dict.fromkeys(range(cell.column, cell.end_column), cell))
        printed: list[tuple[Fragment, int, int]] = []
        for column in sorted(lowest):
            cell = lowest[column]
            is_same = printed and printed[-1][0] is cell
            printed[-1 if is_same else len(printed) :] = [(cell, printed[-1][1] if is_same else column, column + 1)]
        named = [place for place, (cell, _, _) in enumerate(printed) if self._names.near(cell) not in (OTHER, _SUM)]
        if not named:
            return ()
        return printed[named[0] : named[-1] + 1]

    def starts(self, width: int) -> Mapping[tuple[int | None, int], int]:
        """At which cell of a line the applicants begin, by grid and number of cells: for dumps that keep blank cells.

        Told only by a line whose first and last applicants stand `width` cells apart.
        """
        columns = self._names.columns
        found: dict[tuple[int | None, int], int] = {}
        for line in self.lines:
            kinds = [self._names.exact(cell) for cell in line.cells]
            named = [place for place, kind in enumerate(kinds) if kind in columns or kind == _GROUP]
            outer = [place for place in named if kinds[place] in (columns[0], columns[-1])]
            if len(outer) > 1 and named[-1] - named[0] + 1 == width:
                found[line.grid, len(line.cells)] = named[0]
        return found

    @cached_property
    def _sequence(self) -> tuple[str, ...] | None:
        """The columns as the words of the header read, line by line."""
        columns = self._names.columns
        lines = [kinds for line in self.lines if (kinds := self._kinds(line))]
        for kinds in lines:
            if whole := _completed(kinds, columns):
                return tuple(whole)
        inner = self._organisations(lines)
        if inner is None:
            return None
        block, rest = inner
        if rest.count(_GROUP) == 1:
            at = rest.index(_GROUP)
            whole = _completed([*rest[:at], *block, *rest[at + 1 :]], columns)
        elif _GROUP not in rest and all(len(kinds) == 1 for kinds in lines):
            # One word a line and no group: as printed.
            whole = _completed([kind for kinds in lines for kind in kinds], columns)
        else:
            return None
        return tuple(whole) if whole else None

    def _organisations(self, lines: Sequence[Sequence[str]]) -> tuple[list[str], list[str]] | None:
        """The organisations, printed one behind the other, and what is printed beside them."""
        flat = [kind for kinds in lines for kind in kinds]
        before = 0
        for kinds in lines:
            if block := _completed(kinds, self._names.inner):
                return block, [*flat[:before], *flat[before + len(kinds) :]]
            before += len(kinds)
        inside = [place for place, kind in enumerate(flat) if kind in self._names.inner or kind == SUBTOTAL]
        if not inside:
            return None
        first, end = inside[0], inside[-1] + 1
        found = _completed(flat[first:end], self._names.inner)
        return (found, [*flat[:first], *flat[end:]]) if found else None

    def _kinds(self, line: Line) -> list[str]:
        """What the cells of a header line name, from the first known word to the last; repeated words once."""
        cells = [cell for cell in line.cells if not cell.is_value]
        if len(cells) == 1 and len(words := cells[0].text.split()) >= _SEVERAL_WORDS:
            cells = [Fragment(word, cells[0].place) for word in words]
        named = [place for place, cell in enumerate(cells) if self._names.near(cell) not in (OTHER, _SUM)]
        kinds: list[str] = []
        last = ""
        for cell in cells[named[0] : named[-1] + 1] if named else ():
            if cell.whole != last:
                kinds.append(self._names.near(cell))
            last = cell.whole
        return kinds


def _codes(slots: Iterable[str]) -> tuple[str, ...]:
    return tuple([slot for slot in slots if slot not in _NO_APPLICANTS])


def _completed(kinds: Sequence[str], columns: Sequence[str]) -> list[str] | None:
    """Kinds with damaged names told by elimination in the statutory order; None unless every column is there once."""
    named = _codes(kinds)
    if len(set(named)) != len(named) or not set(named) <= set(columns) or kinds.count(SUBTOTAL) > 1:
        return None
    missing = [code for code in columns if code not in named]
    if not missing:
        return [OTHER if kind in (_GROUP, _SUM) else kind for kind in kinds]
    unknown = [place for place, kind in enumerate(kinds) if kind == OTHER]
    if len(missing) != len(unknown) or _GROUP in kinds:
        return None
    filled = [OTHER if kind == _SUM else kind for kind in kinds]
    for place, code in zip(unknown, missing, strict=True):
        filled[place] = code
    return filled if _codes(filled) == tuple(columns) else None
