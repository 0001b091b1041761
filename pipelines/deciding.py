"""What `ogi correct` and `ogi verdict` do: look up what is read now, and append the entry that it guards."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.catalog import connect
from pipelines.corrections import add_correction, add_verdict
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.questions import ask, trace_cell, trace_report

__all__ = ["Decision", "correct", "decide"]

_HASH = re.compile("[0-9a-f]{8,64}")
_READ = (
    "SELECT value_read, raw_read FROM corrections WHERE state = 'applied' AND report_id = $report_id AND cell = $cell"
)
_CHECK = """
SELECT check_id, status, expected, printed, cells, sentence_en, sentence_zh FROM checks
WHERE report_id = $report_id AND check_id = $check_id"""
_CHECKS_LIKE = """
SELECT check_id FROM checks WHERE report_id = $report_id
ORDER BY starts_with(check_id, $check_id) DESC, status <> 'fail', check_id LIMIT 5"""


@dataclass(frozen=True, slots=True)
class Decision:
    """An entry as written, and what it is about."""

    file: Path
    entry: dict[str, Any]
    report: str
    about: str


def correct(
    layout: DataLayout,
    document: str,
    cell: str,
    value: float,
    *,
    reason: str,
    author: str,
    day: date,
    expect: str | None = None,
) -> Decision:
    """Append a correction of one cell, guarded by what is read in it now.

    `expect` is what the person saw printed, as text; it must be what is read.

    Raises:
        BadInput: No report or cell fits, the guard does not hold, or the value stands there already.
    """
    traced = trace_cell(layout, document, cell)
    report, found = traced.report, traced.cell
    _refuse_another_document(document, report)
    read, raw = found["value"], found["raw"]
    for row in ask(connect(layout), _READ, report_id=report["report_id"], cell=found["cell"]):
        read, raw = row["value_read"], row["raw_read"]
    if expect is not None and expect.strip() not in (raw, "" if read is None else f"{read:g}"):
        raise BadInput(
            f'{found["cell"]} of {report["report_id"]} does not read "{expect}": it reads "{raw}". Nothing was '
            f"written; look at `ogi trace {report['report_id']} {found['cell']}`."
        )
    if read == value:
        raise BadInput(f"{found['cell']} of {report['report_id']} already reads {value:g}. Nothing was written.")
    entry = {
        "document": report["document_sha256"],
        "cell": found["cell"],
        "value": _plain(value),
        "reason": reason,
        "author": author,
        "date": day,
        "expect": {"value": _plain(read), "raw": raw},
    }
    about = (
        f'{found["cell"]}: read {"no number" if read is None else f"{read:g}"} (printed "{raw}"), corrected {value:g}'
    )
    return Decision(add_correction(layout, entry), entry, str(report["report_id"]), about)


def decide(
    layout: DataLayout,
    document: str,
    check: str,
    verdict: str,
    *,
    reason: str,
    author: str,
    day: date,
    cell: str | None = None,
) -> Decision:
    """Append a verdict on one check of a report, guarded by what the check says now.

    Raises:
        BadInput: No report or check fits.
    """
    report = trace_report(layout, document).report
    _refuse_another_document(document, report)
    connection = connect(layout)
    found = ask(connection, _CHECK, report_id=report["report_id"], check_id=check)
    if not found:
        near = [row["check_id"] for row in ask(connection, _CHECKS_LIKE, report_id=report["report_id"], check_id=check)]
        raise BadInput(
            f'{report["report_id"]} has no check "{check}". Write it as `ogi problems` shows it, such as '
            f"{', '.join(near)}."
        )
    row = found[0]
    if cell is not None and cell not in row["cells"]:
        raise BadInput(f"{cell} takes no part in {check}; its cells are {', '.join(row['cells']) or 'none'}.")
    entry = {
        "document": report["document_sha256"],
        "check": check,
        "verdict": verdict,
        **({"cell": cell} if cell is not None else {}),
        "reason": reason,
        "author": author,
        "date": day,
        "expect": {"expected": _plain(row["expected"]), "printed": _plain(row["printed"])},
    }
    about = f"{check} ({row['status']}): {row['sentence_zh']} / {row['sentence_en']}"
    return Decision(add_verdict(layout, entry), entry, str(report["report_id"]), about)


def _refuse_another_document(wanted: str, report: Any) -> None:
    """An entry is about the document that speaks for its report; another one's figures stand in no table."""
    name = wanted.strip().lower()
    if _HASH.fullmatch(name) and not str(report["document_sha256"]).startswith(name):
        raise BadInput(
            f"{name} is not the document that speaks for {report['report_id']}: that is {report['document_sha256']}. "
            "Correct that one; the figures of the others stand in no table."
        )


def _plain(value: float | None) -> float | int | None:
    """A whole number without a decimal point, as people write it."""
    return int(value) if value is not None and float(value).is_integer() else value
