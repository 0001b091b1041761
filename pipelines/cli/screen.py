"""What stands on the terminal: tables that fit it, progress on stderr, plain lines where there is no terminal."""

import csv
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipelines.progress import Progress, Step

__all__ = [
    "note", "print_csv", "print_json_lines", "print_table", "progress_shown", "say", "say_wrapped", "shown",
    "shown_expected",
]  # fmt: skip

_WORDS = {
    "crawl": "Crawling portals",
    "extract": "Reading documents",
    "build": "Building tables",
    "write": "Writing tables",
}
_PLAIN_WIDTH = 100
_NARROWEST_TEXT = 6
"""Columns of the terminal that a text needs to be read, folded."""
_LOG_SECONDS = 60


def say(text: str = "") -> None:
    """A line of the answer, on stdout."""
    print(text)


def say_wrapped(text: str, width: int, *, indent: int = 0) -> None:
    """A paragraph of the answer, folded to `width` columns (or a narrower terminal), Chinese counting double."""
    from rich.console import Console
    from rich.text import Text

    screen = Console(width=None if sys.stdout.isatty() else width, highlight=False)
    folded = Text(text.strip(), overflow="fold").wrap(screen, min(width, screen.width) - indent)
    for line in folded:
        print(f"{' ' * indent}{line.plain.rstrip()}")


def note(text: str) -> None:
    """A line beside the answer, on stderr."""
    print(text, file=sys.stderr)


def shown(value: object) -> str:
    """A value as a person reads it: nothing for null, so that a null never looks like a 0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    return str(value)


def shown_expected(comparator: str, expected: object) -> str:
    """What the printed value should be: `expected` comparator `printed` must hold."""
    sign = {"==": "", "<=": "at least ", ">=": "at most ", "~": "about "}[comparator]
    return f"{sign}{shown(expected)}"


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    width: int = _PLAIN_WIDTH,
) -> None:
    """A table that fits the terminal, or `width` columns without one; long texts fold, Chinese counts double.

    Where there are more columns than can be read side by side, the rows stand one below the other (`_print_records`).
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    screen = Console(width=None if sys.stdout.isatty() else width, highlight=False)
    if rows and _least_width(columns, rows) > screen.width:
        _print_records(columns, rows, title=title, width=screen.width)
        return
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        numeric = _is_numeric([row[index] for row in rows])
        table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row))
    screen.print(table)


def _is_numeric(values: Sequence[object]) -> bool:
    """Whether a column has numbers, and nothing else."""
    known = [value for value in values if value is not None]
    return bool(known) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in known
    )


def _least_width(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """How wide a terminal must be for the rows as a table: numbers are never folded, texts not below a few columns."""
    from rich.cells import cell_len

    needed = 3 * (len(columns) - 1) + 2
    for index, column in enumerate(columns):
        values = [row[index] for row in rows]
        widest = max(cell_len(column), *(cell_len(shown(value)) for value in values))
        needed += widest if _is_numeric(values) else min(widest, _NARROWEST_TEXT)
    return needed


def _print_records(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None, width: int) -> None:
    """Each row as lines of name and value; nulls are left out, as the heading says."""
    if title:
        say(title)
    for number, row in enumerate(rows, start=1):
        say(f"── row {number} of {len(rows)} (nulls left out) ──")
        for column, value in zip(columns, row, strict=True):
            if value is not None:
                say_wrapped(f"{column}: {shown(value)}", width, indent=2)
        say()


def print_json_lines(rows: Iterable[Mapping[str, object]]) -> None:
    """One JSON object a line."""
    for row in rows:
        print(json.dumps(_finite(row), ensure_ascii=False, default=_json_value, allow_nan=False))


def _finite(value: Any) -> Any:
    """The value with null for NaN and infinity, which JSON has no words for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """CSV with a heading; null is an empty field."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if value is None else _csv_value(value) for value in row])


def _csv_value(value: object) -> object:
    return (
        json.dumps(value, ensure_ascii=False, default=_json_value) if isinstance(value, list | dict) else _plain(value)
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _json_value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


@contextmanager
def progress_shown(*, quiet: bool = False) -> Iterator[Progress]:
    """A progress bar on a terminal; without one, a line whenever a stage begins or ends."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield _Lines()


class _Lines:
    """Progress for logs: a line when a stage begins, and one a minute while it lasts."""

    def __init__(self) -> None:
        self._stage = ""
        self._told = 0.0

    def __call__(self, step: Step) -> None:
        if step.stage == self._stage and time.monotonic() - self._told >= _LOG_SECONDS:
            self._told = time.monotonic()
            of = "" if step.total is None else f" of {step.total}"
            detail = f" ({step.detail})" if step.detail else ""
            note(f"{_WORDS.get(step.stage, step.stage)}: {step.done}{of}{detail}")
        if step.stage != self._stage:
            self._stage, self._told = step.stage, time.monotonic()
            if step.total != 0:
                amount = "" if step.total is None else f" ({step.total})"
                note(f"{_WORDS.get(step.stage, step.stage)}{amount} …")


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}"),
        console=Console(stderr=True),
    )
    tasks: dict[str, Any] = {}

    def show(step: Step) -> None:
        if step.total == 0:
            return
        if step.stage not in tasks:
            tasks[step.stage] = bars.add_task(_WORDS.get(step.stage, step.stage), total=step.total, detail="")
        bars.update(tasks[step.stage], completed=step.done, total=step.total, detail=escape(step.detail[:40]))

    with bars:
        yield show
