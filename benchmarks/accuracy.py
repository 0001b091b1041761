"""How many cells of real reports are read right, wrong, or missed: a table per document.

Usage:
    OGI_CORPUS=path/to/corpus python -m benchmarks.accuracy [--json]

A corpus is a folder of documents with `<name>.expected.json` beside each (`cells`: code to number, null for blank).
Right: value or blank as expected. Wrong: another value, a value for a blank, or a blank where a number is printed.
Missed: withheld, or not read.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extract.api import extract
from extract.model import CellStatus, Extraction

__all__ = ["Score", "documents", "score"]


@dataclass
class Score:
    """Counts of cells for one document; `details` name every cell that is not right."""

    document: str
    expected: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    status: str = ""
    edition: str = ""
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
            result.wrong += 1
            result.details.append(f"wrong {code}: expected {value}, read {cell.value} ({cell.raw!r}, {cell.place})")
        else:
            result.right += 1
    for code, cell in read.items():
        if code not in expected and code not in truth.get("uncertain", {}) and cell.value is not None:
            result.wrong += 1
            result.details.append(f"wrong {code}: not printed, read {cell.value} ({cell.place})")
    return result


def main() -> int:
    """Print the table; exit 1 if any cell is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object a document")
    parser.add_argument("--details", action="store_true", help="name every cell that is not right")
    arguments = parser.parse_args()
    corpus = os.environ.get("OGI_CORPUS")
    if not corpus:
        sys.stderr.write("Set OGI_CORPUS to a folder of documents with <name>.expected.json beside them.\n")
        return 2
    scores = [
        score(str(path.relative_to(corpus)), extract(path.read_bytes(), name=path.name), truth)
        for path, truth in documents(Path(corpus))
        if "cells" in truth
    ]
    if arguments.json:
        for one in scores:
            sys.stdout.write(json.dumps(one.__dict__, ensure_ascii=False) + "\n")
        return int(any(one.wrong for one in scores))
    names = ("cells", "right", "wrong", "missed")
    sys.stdout.write(f"{'document':<38} {'status':<12} {'edition':<8} " + " ".join(f"{n:>6}" for n in names) + "\n")
    for one in scores:
        sys.stdout.write(
            f"{one.document:<38} {one.status:<12} {one.edition:<8} {one.expected:>6} {one.right:>6} {one.wrong:>6} "
            f"{one.missed:>6}\n"
        )
        if arguments.details:
            sys.stdout.writelines(f"    {line}\n" for line in one.details)
    return int(any(one.wrong for one in scores))


if __name__ == "__main__":
    sys.exit(main())
