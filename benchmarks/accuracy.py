"""How many cells of real reports are read right, wrong, or missed: by document, by format and by edition.

Usage:
    OGI_CORPUS=path/to/corpus python -m benchmarks.accuracy [--by format|edition|folder] [--details] [--json]

A corpus is a folder of documents of any format with `<name>.expected.json` beside each (`cells`: code to number, null
for blank). Right: value or blank as expected. Wrong: another value, a value for a blank, or a blank where a number is
printed; silently wrong where nothing on the cell says so. Missed: withheld, or not read.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.round_trip import is_silent
from extract.api import extract
from extract.model import CellReading, CellStatus, Extraction

__all__ = ["Score", "documents", "score"]


@dataclass
class Score:
    """Counts of cells for one document; `details` name every cell that is not right."""

    document: str
    expected: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    silent: int = 0
    status: str = ""
    edition: str = ""
    format: str = ""
    seconds: float = 0.0
    details: list[str] = field(default_factory=list)


def documents(corpus: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Documents of the corpus with their ground truth, by path."""
    for truth in sorted(corpus.rglob("*.expected.json")):
        stem = truth.name.removesuffix(".expected.json")
        for path in sorted(truth.parent.glob(f"{stem}.*")):
            if not path.name.endswith(".expected.json"):
                yield path, json.loads(truth.read_text(encoding="utf-8"))


def score(name: str, extraction: Extraction, truth: dict[str, Any]) -> Score:
    """Compare an extraction with its ground truth; cells marked uncertain are left out."""
    report = extraction.report
    result = Score(name, status=extraction.status.value, edition=report.edition if report else "")
    result.format = extraction.format.value
    read = {cell.code: cell for cell in report.cells} if report else {}
    expected = {code: value for code, value in truth.get("cells", {}).items() if code not in truth.get("uncertain", {})}
    raw_text = truth.get("raw_text", {})
    result.expected = len(expected)
    for code, value in expected.items():
        cell = read.get(code)
        if cell is None or cell.status is CellStatus.WITHHELD:
            result.missed += 1
            result.details.append(f"missed {code}: expected {value}, {'withheld' if cell else 'not read'}")
        elif cell.value != value or (code in raw_text and cell.raw != raw_text[code]):
            _count_wrong(result, cell, f"expected {value}, read {cell.value} ({cell.raw!r}, {cell.place})")
        else:
            result.right += 1
    for code, cell in read.items():
        if code not in expected and code not in truth.get("uncertain", {}) and cell.value is not None:
            _count_wrong(result, cell, f"not printed, read {cell.value} ({cell.place})")
    return result


def _count_wrong(result: Score, cell: CellReading, what: str) -> None:
    result.wrong += 1
    result.silent += is_silent(cell)
    result.details.append(f"{'silently ' if is_silent(cell) else ''}wrong {cell.code}: {what}")


def _scored(corpus: Path) -> Iterator[Score]:
    """A score for each document with cells in its truth, with the time that reading took."""
    for path, truth in documents(corpus):
        if "cells" not in truth:
            continue
        data = path.read_bytes()
        start = monotonic()
        one = score(str(path.relative_to(corpus)), extract(data, name=path.name), truth)
        one.seconds = monotonic() - start
        yield one


def _summed(scores: Iterable[Score], by: str) -> dict[str, Score]:
    """Scores added up by format, by the edition that was read, or by folder of the corpus."""
    sums: dict[str, Score] = {}
    for one in scores:
        folder = one.document.split("/")[0]
        # Scans are PDF files too; what is read from a picture is worth a line of its own.
        kind = f"{one.format} (scan)" if folder == "scans" else one.format
        name = {"format": kind, "edition": one.edition or "none", "folder": folder}[by]
        total = sums.setdefault(name, Score(name))
        for count in ("expected", "right", "wrong", "missed", "silent", "seconds"):
            setattr(total, count, getattr(total, count) + getattr(one, count))
        total.status = str(int(total.status or 0) + 1)
    return sums


def _line(one: Score) -> str:
    share = f"{100 * one.right / one.expected:8.2f}" if one.expected else f"{'–':>8}"
    return (
        f"{one.document:<40} {one.status:<12} {one.edition:<8} {one.expected:>6} {one.right:>6} {one.wrong:>6} "
        f"{one.silent:>6} {one.missed:>6} {share} {one.seconds:>7.2f}\n"
    )


def _heading(first: str, second: str, third: str) -> str:
    counts = " ".join(f"{name:>6}" for name in ("cells", "right", "wrong", "silent", "missed"))
    return f"{first:<40} {second:<12} {third:<8} {counts} {'right %':>8} {'seconds':>7}\n"


def main() -> int:
    """Print the table; exit 1 if any cell is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object a document")
    parser.add_argument("--details", action="store_true", help="name every cell that is not right")
    parser.add_argument("--by", choices=("format", "edition", "folder"), action="append", help="sums instead")
    arguments = parser.parse_args()
    corpus = os.environ.get("OGI_CORPUS")
    if not corpus:
        sys.stderr.write("Set OGI_CORPUS to a folder of documents with <name>.expected.json beside them.\n")
        return 2
    scores = list(_scored(Path(corpus)))
    failed = int(any(one.wrong for one in scores))
    if arguments.json:
        sys.stdout.writelines(json.dumps(one.__dict__, ensure_ascii=False) + "\n" for one in scores)
        return failed
    if not arguments.by:
        sys.stdout.write(_heading("document", "status", "edition"))
        for one in scores:
            sys.stdout.write(_line(one))
            if arguments.details:
                sys.stdout.writelines(f"    {line}\n" for line in one.details)
        sys.stdout.write("\n")
    for by in arguments.by or ("format", "edition"):
        sys.stdout.write(_heading(by, "documents", ""))
        sys.stdout.writelines(_line(one) for one in _summed(scores, by).values())
        sys.stdout.write("\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
