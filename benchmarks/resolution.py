"""Write titles and pages from the tables of divisions, place them, compare: how many wrong, how many left open.

Usage:
    python -m benchmarks.resolution [--count 2000] [--seed 1] [--by-kind] [--show 20] [--json]

Wrong: another division or township than the page's own, or any at all where it cannot be told. Unresolved: left open
although the page tells it. Pages of which nobody could tell the place count in neither share when they are left open.
Exit code 1 when a share is larger than promised.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import process_time
from typing import Any

from benchmarks.resolution_pages import Page, pages
from transform.regions import RegionResolution, RegionStatus, load_gazetteer, resolve_region

__all__ = ["Score", "judge", "score"]

WRONG_PROMISED, UNRESOLVED_PROMISED = 0.001, 0.03
RIGHT, WRONG, UNRESOLVED, RIGHTLY_OPEN = "right", "wrong", "unresolved", "rightly open"


@dataclass
class Score:
    """What became of the pages, in all and by kind and by what settles the place."""

    outcomes: Counter[str] = field(default_factory=Counter)
    by_kind: dict[str, Counter[str]] = field(default_factory=dict)
    by_evidence: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[tuple[str, Page, RegionResolution]] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @property
    def count(self) -> int:
        """Pages judged."""
        return self.outcomes.total()

    @property
    def wrong_share(self) -> float:
        """Pages placed wrongly, of all."""
        return self.outcomes[WRONG] / self.count if self.count else 0.0

    @property
    def unresolved_share(self) -> float:
        """Pages left open, of those that tell their place."""
        told = self.count - self.outcomes[RIGHTLY_OPEN]
        return self.outcomes[UNRESOLVED] / told if told else 0.0

    @property
    def holds(self) -> bool:
        """Whether both shares are within what is promised."""
        return self.wrong_share <= WRONG_PROMISED and self.unresolved_share <= UNRESOLVED_PROMISED


def judge(page: Page, found: RegionResolution) -> str:
    """What became of a page."""
    if found.status is not RegionStatus.RESOLVED:
        return RIGHTLY_OPEN if page.code is None else UNRESOLVED
    if found.division_code != page.code or (found.township_code and found.township_code != page.township):
        return WRONG
    return RIGHT


def score(written: Iterable[Page]) -> Score:
    """Place every page and compare with the truth."""
    result = Score()
    gazetteer = load_gazetteer()
    for page in written:
        start = process_time()
        found = resolve_region(page.evidence, gazetteer)
        result.cpu_seconds += process_time() - start
        outcome = judge(page, found)
        result.outcomes[outcome] += 1
        result.by_kind.setdefault(page.kind, Counter())[outcome] += 1
        result.by_evidence.setdefault(page.settles, Counter())[outcome] += 1
        if outcome in (WRONG, UNRESOLVED):
            result.faults.append((outcome, page, found))
    return result


def _table(title: str, groups: dict[str, Counter[str]]) -> list[str]:
    lines = [f"{title:<52}{'pages':>7}{'right':>7}{'wrong':>7}{'unres.':>7}{'open':>7}"]
    for name, found in sorted(groups.items()):
        lines.append(
            f"{name:<52}{found.total():>7}{found[RIGHT]:>7}{found[WRONG]:>7}{found[UNRESOLVED]:>7}{found[RIGHTLY_OPEN]:>7}"
        )
    return lines


def _fault(outcome: str, page: Page, found: RegionResolution) -> str:
    given = {
        name: value
        for name in page.evidence.__dataclass_fields__
        if (value := getattr(page.evidence, name)) is not None and name != "text"
    }
    text = (page.evidence.text or "").replace("\n", " | ")
    return (
        f"{outcome} {page.number} ({page.kind}; {page.settles}): expected {page.code} {page.township or ''}, "
        f"found {found.division_code} {found.township_code or ''}\n    {given}\n    {text[:300]}\n"
        f"    {found.evidence} | {found.reason}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Write, place, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--by-kind", action="store_true", help="tables by kind of page and by evidence")
    parser.add_argument("--show", type=int, default=0, help="faults to print with their evidence")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    written = list(pages(options.count, options.seed))
    load_gazetteer().townships_named("")  # loaded once, not a cost of the first page
    result = score(written)
    figures: dict[str, Any] = {
        "pages": result.count,
        "seed": options.seed,
        **{name.replace(" ", "_"): result.outcomes[name] for name in (RIGHT, WRONG, UNRESOLVED, RIGHTLY_OPEN)},
        "wrong_share": round(result.wrong_share, 5),
        "unresolved_share": round(result.unresolved_share, 5),
        "cpu_ms_per_page": round(1000 * result.cpu_seconds / max(result.count, 1), 3),
    }
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        print(
            f"{result.count:,} pages (seed {options.seed}): {result.outcomes[WRONG]} wrong ({result.wrong_share:.2%}), "
            f"{result.outcomes[UNRESOLVED]} unresolved ({result.unresolved_share:.2%} of those that tell their place), "
            f"{result.outcomes[RIGHTLY_OPEN]} rightly left open; {figures['cpu_ms_per_page']} ms of CPU a page"
        )
        if options.by_kind:
            print("\n".join(_table("kind of page", result.by_kind)), "\n")
            print("\n".join(_table("what settles the place", result.by_evidence)))
        for fault in result.faults[: options.show]:
            print(_fault(*fault))
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
