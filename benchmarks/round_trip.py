"""Write documents with known figures, read them, compare: how much is right, missed, wrong, and wrong without a word.

Usage:
    python -m benchmarks.round_trip [--count 3000] [--formats html,docx] [--seed 1] [--jobs 2] [--by-anomaly] [--json]
    python -m benchmarks.round_trip --show html:1:42 [--out FILE]

Right: the value expected (for a blank, no value and not withheld). Missed: withheld, or not read. Wrong: another value,
or a value where none is printed. Silently wrong: wrong, and stated as confirmed or read with no flag of doubt. A cell
that a careful person cannot place is not counted, unless it is read as something that is not there. Exit code 1 when
more cells are silently wrong than the promise allows.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.writer.documents import FORMATS, WrittenDocument, available_formats, write
from extract.api import extract
from extract.model import CellReading, CellStatus, Confidence, Extraction

__all__ = ["PROMISE", "Fault", "Outcome", "Summary", "compare", "is_silent", "measure"]

PROMISE = 0.0
"""The share of cells that may be silently wrong."""

_DOUBT_FLAGS = frozenset(
    {
        "columns_assumed",
        "sum_mismatch",
        "suspect_reading",
        "unconfirmed",
        "label_damaged",
        "place_by_space",
        "label_missing",
        "split_digits",
        "conflicting_copies",
    }
)
"""Flags that tell a reader of the cell to look before believing it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong cell."""

    document: str
    code: str
    expected: str
    value: float | None
    raw: str
    confidence: str
    flags: tuple[str, ...]
    place: str
    is_silent: bool


@dataclass
class Outcome:
    """What became of one document."""

    document: str
    format: str
    edition: str
    anomalies: tuple[str, ...]
    layouts: tuple[str, ...]
    status: str = ""
    reason: str = ""
    cells: int = 0
    right: int = 0
    missed: int = 0
    wrong: int = 0
    silent: int = 0
    doubtless_missed: int = 0
    """Missed cells of the document that were not read at all, without a withheld text."""
    issuer_wrong: bool = False
    year_wrong: bool = False
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    calibration: dict[str, list[int]] = field(default_factory=dict)
    """By stated confidence: how many cells with a value were right, and how many wrong."""


def compare(document: WrittenDocument, extraction: Extraction) -> Outcome:
    """The outcome of one document."""
    page, report = document.page, extraction.report
    outcome = Outcome(document.name, document.format, page.edition, page.anomalies, page.layouts)
    outcome.status, outcome.reason = extraction.status.value, extraction.reason_code or ""
    read = {cell.code: cell for cell in report.cells} if report else {}
    outcome.cells = len(page.expected)
    for code, expected in page.expected.items():
        cell = read.get(code)
        if cell is None and expected is None:
            outcome.missed += 1
            outcome.doubtless_missed += 1
        elif cell is None or cell.status is CellStatus.WITHHELD:
            outcome.missed += 1
            outcome.doubtless_missed += cell is None
        elif cell.value == expected:
            outcome.right += 1
            _calibrate(outcome, cell, is_right=True)
        else:
            _fault(outcome, cell, "blank" if expected is None else f"{expected:g}")
    for code, cell in read.items():
        if code in page.expected or cell.value is None:
            continue
        allowed = page.ambiguous.get(code)
        if allowed is None:
            _fault(outcome, cell, "not printed")
        elif cell.value not in allowed:
            _fault(outcome, cell, "one of " + ", ".join(str(value) for value in allowed) if allowed else "withheld")
    if report is not None:
        outcome.issuer_wrong = bool(page.issuer and report.issuer and report.issuer != page.issuer)
        outcome.year_wrong = bool(page.report_year and report.report_year and report.report_year != page.report_year)
    return outcome


def _calibrate(outcome: Outcome, cell: CellReading, *, is_right: bool) -> None:
    if cell.value is not None:
        counts = outcome.calibration.setdefault(cell.confidence.value, [0, 0])
        counts[0 if is_right else 1] += 1


def is_silent(cell: CellReading) -> bool:
    """Whether nothing on a cell tells its reader to look before believing it."""
    certain = cell.confidence in (Confidence.CONFIRMED, Confidence.READ)
    return certain and not _DOUBT_FLAGS & set(cell.flags)


def _fault(outcome: Outcome, cell: CellReading, expected: str) -> None:
    silent = is_silent(cell)
    outcome.wrong += 1
    outcome.silent += silent
    _calibrate(outcome, cell, is_right=False)
    outcome.faults.append(
        Fault(
            outcome.document,
            cell.code,
            expected,
            cell.value,
            cell.raw,
            cell.confidence.value,
            cell.flags,
            str(cell.place),
            silent,
        )
    )


def measure(name: str) -> Outcome:
    """Write one document, read it, compare. A reader that raises is an outcome too."""
    document = write(name)
    start = monotonic()
    try:
        extraction = extract(document.data)
    except Exception as problem:
        outcome = Outcome(name, document.format, document.page.edition, document.page.anomalies, document.page.layouts)
        outcome.status, outcome.reason = "raised", f"{type(problem).__name__}: {problem}"
        outcome.cells = outcome.missed = outcome.doubtless_missed = len(document.page.expected)
        return outcome
    outcome = compare(document, extraction)
    outcome.seconds = monotonic() - start
    return outcome


@dataclass
class Summary:
    """Counts over documents that share something."""

    documents: int = 0
    cells: int = 0
    right: int = 0
    missed: int = 0
    wrong: int = 0
    silent: int = 0
    unread: int = 0
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        self.documents += 1
        self.cells += outcome.cells
        self.right += outcome.right
        self.missed += outcome.missed
        self.wrong += outcome.wrong
        self.silent += outcome.silent
        self.unread += outcome.status != "read"
        self.seconds += outcome.seconds

    def share(self, count: int) -> str:
        return f"{100 * count / self.cells:8.3f}" if self.cells else "       –"


def summed(outcomes: Iterable[Outcome], key: Any) -> dict[str, Summary]:
    """Summaries by what `key` gives for an outcome: one name or several."""
    found: dict[str, Summary] = {}
    for outcome in outcomes:
        for name in key(outcome):
            found.setdefault(name, Summary()).add(outcome)
    return found


def table(heading: str, summaries: dict[str, Summary]) -> Iterator[str]:
    """Lines of a table, the worst first."""
    yield (
        f"{heading:<34} {'docs':>6} {'unread':>6} {'cells':>9} {'right %':>8} {'missed %':>8} {'wrong %':>8} "
        f"{'silent %':>8} {'silent':>6} {'ms/doc':>7}"
    )
    for name, one in sorted(summaries.items(), key=lambda item: (-item[1].silent, item[0])):
        flagged = one.wrong - one.silent
        yield (
            f"{name:<34} {one.documents:>6} {one.unread:>6} {one.cells:>9} {one.share(one.right)} "
            f"{one.share(one.missed)} {one.share(flagged)} {one.share(one.silent)} {one.silent:>6} "
            f"{1000 * one.seconds / one.documents:>7.0f}"
        )


def _measured(names: Sequence[str], jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from map(measure, names)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(measure, names, chunksize=8)


def _watched(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    start = monotonic()
    for done, outcome in enumerate(outcomes, start=1):
        yield outcome
        if done % 50 == 0 or done == total:
            sys.stderr.write(f"\r{done}/{total} documents, {monotonic() - start:.0f} s")
            sys.stderr.flush()
    sys.stderr.write("\n")


def report(outcomes: Sequence[Outcome], *, by_anomaly: bool, limit: int) -> Iterator[str]:
    """The tables, then every silently wrong cell."""
    yield from table("format", summed(outcomes, lambda outcome: (outcome.format,)) | {"all": _whole(outcomes)})
    yield ""
    yield from table("edition", summed(outcomes, lambda outcome: (outcome.edition,)))
    if by_anomaly:
        yield ""
        yield from table("anomaly", summed(outcomes, lambda outcome: outcome.anomalies or ("none",)))
        yield ""
        yield from table("layout", summed(outcomes, lambda outcome: outcome.layouts or ("official",)))
    yield ""
    yield f"{'stated confidence':<20} {'right':>9} {'wrong':>7} {'measured right %':>17}"
    counts: dict[str, list[int]] = {}
    for outcome in outcomes:
        for name, (right, wrong) in outcome.calibration.items():
            both = counts.setdefault(name, [0, 0])
            both[0] += right
            both[1] += wrong
    for confidence in Confidence:
        right, wrong = counts.get(confidence.value, (0, 0))
        share = f"{100 * right / (right + wrong):17.3f}" if right + wrong else f"{'–':>17}"
        yield f"{confidence.value:<20} {right:>9} {wrong:>7} {share}"
    reasons = Counter(f"{one.format}: {one.status} {one.reason}" for one in outcomes if one.status != "read")
    if reasons:
        yield ""
        yield "not read"
        yield from (f"  {count:>5}  {reason}" for reason, count in reasons.most_common())
    issuers, years = sum(one.issuer_wrong for one in outcomes), sum(one.year_wrong for one in outcomes)
    yield ""
    yield f"another issuer than written: {issuers} documents; another year: {years}"
    silent = [fault for outcome in outcomes for fault in outcome.faults if fault.is_silent]
    if silent:
        yield ""
        yield f"{len(silent)} silently wrong cells in {len({fault.document for fault in silent})} documents"
        for fault in islice(silent, limit):
            read = f"read {fault.value} {fault.raw!r} ({fault.place})"
            yield f"  {fault.document}  {fault.code}: written {fault.expected}, {read}"
        if len(silent) > limit:
            yield f"  … and {len(silent) - limit} more (--limit)"


def _whole(outcomes: Sequence[Outcome]) -> Summary:
    whole = Summary()
    for outcome in outcomes:
        whole.add(outcome)
    return whole


def show(name: str, out: Path | None) -> Iterator[str]:
    """One document: what was written and every cell that is not right."""
    document = write(name)
    if out is not None:
        out.write_bytes(document.data)
    outcome = measure(name)
    page = document.page
    yield f"{name}: {page.edition}, {len(document.data)} bytes, {outcome.status} {outcome.reason}"
    yield f"anomalies: {', '.join(page.anomalies) or 'none'}"
    yield f"layouts: {', '.join(page.layouts) or 'official'}"
    counts = ("cells", "right", "missed", "wrong", "silent")
    yield ", ".join(f"{name} {getattr(outcome, name)}" for name in counts)
    for fault in outcome.faults:
        word = "SILENT" if fault.is_silent else "wrong"
        yield (
            f"  {word} {fault.code}: written {fault.expected}, read {fault.value} {fault.raw!r} {fault.confidence} "
            f"{','.join(fault.flags)} ({fault.place})"
        )
    report_read = extract(document.data).report
    read = {cell.code: cell for cell in report_read.cells} if report_read else {}
    for code, value in page.expected.items():
        cell = read.get(code)
        if cell is None or cell.status is CellStatus.WITHHELD:
            why = "not read" if cell is None else f"withheld {','.join(cell.flags)} {cell.raw!r}"
            yield f"  missed {code}: written {value}, {why}"
    if report_read:
        yield from (f"  {one.code} {one.where} {one.text}" for one in report_read.anomalies)


def main() -> int:
    """Measure and print; exit 1 when the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3000, help="documents in all, the formats in turn")
    parser.add_argument("--formats", help=f"comma between: {', '.join(FORMATS)}; default: all that can be drawn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--by-anomaly", action="store_true", help="tables by anomaly and by layout too")
    parser.add_argument("--limit", type=int, default=60, help="silently wrong cells to list")
    parser.add_argument("--json", action="store_true", help="one JSON object a document")
    parser.add_argument("--show", metavar="NAME", help="one document by name, e.g. html:1:42")
    parser.add_argument("--out", type=Path, help="with --show: write the document here")
    arguments = parser.parse_args()
    if arguments.show:
        sys.stdout.writelines(f"{line}\n" for line in show(arguments.show, arguments.out))
        return 0
    there = available_formats()
    wanted = arguments.formats.split(",") if arguments.formats else list(FORMATS)
    for name in wanted:
        if name not in there:
            sys.stderr.write(f"{name}: no drawer, left out\n")
    formats = [name for name in wanted if name in there]
    if not formats:
        sys.stderr.write(f"None of these formats can be drawn; there are {', '.join(there)}.\n")
        return 2
    names = [f"{formats[index % len(formats)]}:{arguments.seed}:{index}" for index in range(arguments.count)]
    outcomes = list(_watched(_measured(names, arguments.jobs), len(names)))
    if arguments.json:
        sys.stdout.writelines(json.dumps(asdict(outcome), ensure_ascii=False) + "\n" for outcome in outcomes)
    else:
        lines = report(outcomes, by_anomaly=arguments.by_anomaly, limit=arguments.limit)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    whole = _whole(outcomes)
    return int(whole.silent > PROMISE * whole.cells)


if __name__ == "__main__":
    sys.exit(main())
