"""Which documents of a report print the same figures, and in which order different figures followed one another.

Belongs here: the rules by which documents become versions; pure, from the documents of one report. Does not belong
here: the tables (`versions.py`) and which document of the current version speaks (`renditions.py`).

The rules, in the order in which they are asked of each document, oldest first:

1. It took the place of another document at its address. If neither value nor status of a cell differs, and none came or
   went, it is the same version with another layout; a document that prints no figure at all (a page that now only
   links to a file) takes nothing back.
2. It contradicts no figure of a version: it is a rendition of the latest such version.
3. It took the place of another document at its address: a new version, `same_url_changed`.
4. It was published at another address on a later day than all that is known of the latest version, by dates of the same
   kind, and prints at least half as many figures: a new version, `republished_elsewhere`.
5. Otherwise the two contradict each other at one time and nothing tells which came first: a rendition of the latest
   version that differs from it (`renditions_differ`), never an accusation.

Figures in doubt (withheld, or of confidence doubtful) make no version: what we cannot read for certain was not edited.
A figure at one address whose doubt is only that its sums break counts: publishers edit figures until they do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import pairwise

from extract.model import CellReading, CellStatus, Confidence, ReportReading
from transform.cell_columns import columns_of
from transform.extracted import ExtractedDocument

__all__ = ["Basis", "Carrier", "Change", "History", "Version", "history_of", "superseded_documents"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_NUMBERS = (CellStatus.REPORTED, CellStatus.BLANK, CellStatus.NOT_APPLICABLE)
"""Statuses in which a reading of another file says which number is printed, or that none is."""
_ONLY_SUMS = frozenset({"sum_mismatch", "read_twice"})
"""Flags of a figure whose row and column both break, and of which nothing else is in doubt."""
_SMALLEST_PART = 0.5
"""Share of the figures of a version that another page must print to replace it: an extract of a report does not."""


class Basis(StrEnum):
    """How a version is known."""

    FIRST_FOUND = "first_found"
    SAME_URL_CHANGED = "same_url_changed"
    REPUBLISHED_ELSEWHERE = "republished_elsewhere"
    ARCHIVED_COPY = "archived_copy"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A document that carries the report."""

    document: ExtractedDocument
    reading: ReportReading

    @property
    def sha256(self) -> str:
        """The name of its bytes."""
        return self.document.sha256

    @property
    def published(self) -> date | None:
        """When it says that it was published, or the list says so."""
        return self.reading.published_date or self.document.listed_date

    @property
    def number_count(self) -> int:
        """Cells with a number."""
        return columns_of(self.reading).number_count

    def figures(self) -> Iterator[CellReading]:
        """The cells whose printed text is known: a figure that only breaks its sums was read as it stands."""
        for cell in self.reading.cells:
            is_sure = cell.confidence is not Confidence.DOUBTFUL or (
                "sum_mismatch" in cell.flags and _ONLY_SUMS.issuperset(cell.flags)
            )
            if is_sure and cell.status is not CellStatus.WITHHELD:
                yield cell

    def takes_the_place_of(self, other: "Carrier") -> bool:
        """Whether the two are files of one kind at one address, so that all that differs was changed there."""
        return (
            self.document.url is not None
            and self.document.url == other.document.url
            and self.document.extraction.format is other.document.extraction.format
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that a version prints otherwise than the version before. None: not printed."""

    cell: str
    before: CellReading | None
    after: CellReading | None
    before_carrier: Carrier
    after_carrier: Carrier


@dataclass(slots=True)
class Version:
    """A distinct content of a report. `since` is null where no date is known of any of its documents."""

    number: int
    basis: Basis
    since: datetime | None
    carriers: list[Carrier] = field(default_factory=list)
    changes: tuple[Change, ...] = ()
    """Against the version before; empty for the first."""
    layout_changes: int = 0
    """Documents that took the place of another with the same figures."""
    differing: list[Carrier] = field(default_factory=list)
    """Those of `carriers` whose figures contradict the others."""
    _figures: dict[str, tuple[CellReading, Carrier]] = field(default_factory=dict)

    def holds(self, carrier: Carrier) -> bool:
        """Whether the document is one of this version."""
        return any(item.sha256 == carrier.sha256 for item in self.carriers)


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a report, oldest first, and the one that is in force."""

    versions: tuple[Version, ...]
    current: Version

    def version_of(self, sha256: str) -> Version:
        """The version that a document carries."""
        return next(version for version in self.versions if any(item.sha256 == sha256 for item in version.carriers))


def history_of(carriers: Sequence[Carrier]) -> History:
    """The versions of one report, from all documents that carry it. The order of `carriers` does not matter."""
    if len(carriers) == 1:  # nothing to hold it against: its figures need not be looked at
        (carrier,) = carriers
        only = Version(1, Basis.FIRST_FOUND, _since(carrier, None), [carrier])
        return History((only,), only)
    lines = _by_url(carriers)
    before = {later.sha256: earlier for line in lines for earlier, later in pairwise(line)}
    place = {item.sha256: number for line in lines for number, item in enumerate(line)}
    since = {item.sha256: _since(item, before.get(item.sha256)) for item in carriers}
    ordered = sorted(carriers, key=lambda item: (since[item.sha256] or _NEVER, place.get(item.sha256, 0), item.sha256))
    versions: list[Version] = []
    for carrier in ordered:
        _put(versions, carrier, before.get(carrier.sha256), since[carrier.sha256])
    return History(tuple(versions), _current(versions, lines, since))


def superseded_documents(carriers: Sequence[Carrier]) -> frozenset[str]:
    """Documents that no longer speak: others were found in their place, or the version in force is another."""
    if len(carriers) == 1:
        return frozenset()
    history = history_of(carriers)
    replaced = {item.sha256 for line in _by_url(carriers) for item in line if item is not _last_seen_of(line)}
    return frozenset(replaced | {item.sha256 for item in carriers if not history.current.holds(item)})


def _by_url(carriers: Sequence[Carrier]) -> list[list[Carrier]]:
    """The documents of each address in the order in which they were first found there."""
    lines: dict[str, list[Carrier]] = {}
    for item in carriers:
        if item.document.url:
            lines.setdefault(item.document.url, []).append(item)
    return [
        sorted(line, key=lambda item: (item.document.fetched_at or _LONG_AGO, item.sha256)) for line in lines.values()
    ]


def _since(carrier: Carrier, before: Carrier | None) -> datetime | None:
    """From when on the document stood there: the stated day for the first at an address, else when it was found."""
    found = carrier.document.fetched_at
    if carrier.published is None or (before is not None and found is not None):
        return found
    stated = datetime.combine(carrier.published, time(), UTC)
    return stated if found is None else min(stated, found)


def _last_seen(carrier: Carrier) -> datetime:
    return carrier.document.last_seen_at or carrier.document.fetched_at or _LONG_AGO


def _last_seen_of(line: Sequence[Carrier]) -> Carrier:
    return max(line, key=lambda item: (_last_seen(item), item.sha256))


def _put(versions: list[Version], carrier: Carrier, before: Carrier | None, since: datetime | None) -> None:
    """Make the document a rendition of a version, by the rules above."""
    if not versions:
        versions.append(_new(1, Basis.FIRST_FOUND, since, carrier))
        return
    latest = versions[-1]
    previous = next((version for version in versions if before is not None and version.holds(before)), None)
    if before is not None and previous is not None and not _differences(_own(before), carrier, before):
        _join(previous, carrier)
        previous.layout_changes += 1
        return
    for version in reversed(versions):
        if version is not previous and not _differences(version._figures, carrier, None):
            _join(version, carrier)
            return
    if before is not None and previous is not None:
        basis = Basis.SAME_URL_CHANGED
    elif _is_published_later(carrier, latest):
        basis = Basis.REPUBLISHED_ELSEWHERE
    else:
        latest.carriers.append(carrier)
        latest.differing.append(carrier)
        return
    replaced = before if latest is previous else None
    figures = {**latest._figures, **_own(replaced)} if replaced is not None else latest._figures
    new = _new(latest.number + 1, basis, since, carrier)
    new.changes = tuple(_differences(figures, carrier, replaced))
    versions.append(new)


def _new(number: int, basis: Basis, since: datetime | None, carrier: Carrier) -> Version:
    return Version(number, basis, since, [carrier], _figures=_own(carrier))


def _own(carrier: Carrier) -> dict[str, tuple[CellReading, Carrier]]:
    return {cell.code: (cell, carrier) for cell in carrier.figures()}


def _join(version: Version, carrier: Carrier) -> None:
    version.carriers.append(carrier)
    for code, figure in _own(carrier).items():
        version._figures.setdefault(code, figure)


def _differences(
    figures: Mapping[str, tuple[CellReading, Carrier]], carrier: Carrier, before: Carrier | None
) -> list[Change]:
    """Cells that the document prints otherwise.

    Against the document in whose place it stands, every change of value or status counts, and every cell that came or
    went; against other files only numbers that contradict each other, since formats lose cells in different ways.
    """
    after = {cell.code: cell for cell in carrier.figures()}
    if not after:
        return []
    in_doubt = {cell.code for cell in carrier.reading.cells} - after.keys()
    found = []
    for code, (cell, source) in figures.items():
        is_replaced = before is not None and source.sha256 == before.sha256 and carrier.takes_the_place_of(before)
        if code in in_doubt or (code not in after and not is_replaced):
            continue
        new = after.get(code)
        if new is None or (_printed(cell) != _printed(new) if is_replaced else _contradict(cell, new)):
            found.append(Change(code, cell, new, source, carrier))
    if before is not None and carrier.takes_the_place_of(before):
        known = {cell.code for cell in before.reading.cells} | figures.keys()
        found += [Change(code, None, cell, before, carrier) for code, cell in after.items() if code not in known]
    return sorted(found, key=lambda change: change.cell)


def _printed(cell: CellReading) -> tuple[CellStatus, float | None, str]:
    """What counts as printed: the number or the kind of gap; words as words, white space apart."""
    words = "".join(cell.raw.split()) if cell.status is CellStatus.TEXT else ""
    return cell.status, cell.value, words


def _contradict(cell: CellReading, other: CellReading) -> bool:
    """Whether two files print different numbers. Where sums break, one of the readings may be at fault: not told."""
    return (
        all(item.status in _NUMBERS and item.confidence is not Confidence.DOUBTFUL for item in (cell, other))
        and cell.value != other.value
    )


def _is_published_later(carrier: Carrier, version: Version) -> bool:
    """Whether the document came out after everything known of the version, and is no mere extract of it."""
    if carrier.number_count < _SMALLEST_PART * max(item.number_count for item in version.carriers):
        return False
    later = [_later_by(carrier, item) for item in version.carriers if item.document.url != carrier.document.url]
    return any(later) and all(known is not False for known in later)


def _later_by(carrier: Carrier, other: Carrier) -> bool | None:
    """Whether it was published on a later day; None where no two dates of one kind tell.

    The date of a list stands beside page and attachment alike; dates inside files can be those of a signature, and
    are compared only with each other.
    """
    for mine, theirs in (
        (carrier.document.listed_date, other.document.listed_date),
        (carrier.reading.published_date, other.reading.published_date),
    ):
        if mine is not None and theirs is not None:
            return mine > theirs
    return None


def _current(
    versions: Sequence[Version],
    lines: Sequence[Sequence[Carrier]],
    since: Mapping[str, datetime | None],
) -> Version:
    """The version in force: of the documents still in place, that of the one which came there last."""
    there = {line[0].document.url: _last_seen_of(line) for line in lines}
    ranks: list[tuple[datetime, int]] = []
    for version in versions:
        for item in version.carriers:
            if any(item is other for other in version.differing):
                continue
            line = next((line for line in lines if line[0].document.url == item.document.url), None)
            if line is not None and there[item.document.url] is not item:
                continue
            came = since[item.sha256] or _LONG_AGO
            if line is not None and line[-1] is not item:  # an older document was put back
                came = max(_last_seen(other) for other in line if other is not item)
            ranks.append((came, version.number))
    return versions[max(ranks)[1] - 1] if ranks else versions[-1]
