"""How the reader of every format bears damaged and hostile bytes: no crash, no hang, memory within its limit.

    python -m benchmarks.hostile --count 10000

Documents of the project's own writer are mutated (bits flipped, blocks cut, repeated and moved, ends spliced, numbers
blown up, members of packages changed from within) and read in worker processes under limits. Every input has a name
from which it is made again. The named attacks of `benchmarks.attacks` come on top.
"""

import argparse
import io
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from benchmarks.attacks import ATTACKS, Place, write_attack
from benchmarks.writer.documents import available_formats, write
from extract.model import Extraction
from pipelines.limits import Limits
from pipelines.one_document import safe_extract
from pipelines.workers import DocumentLost, map_documents

__all__ = ["Score", "Trial", "attempt", "mutated", "names", "score", "scores", "write_attacks"]

SEED = 11
BASES = 6
"""Documents of each format that are mutated."""
SLOW_FORMATS = {"scan": 50}
"""Formats of which only one in so many inputs is made: character recognition takes seconds a page."""
CONVERTED = 25
"""Only one in so many damaged inputs goes on to the converter where a reader asks for one: it takes seconds each."""
PACKAGES = frozenset({"docx", "xlsx", "ofd", "zip"})
LIMITS = Limits(seconds=90, memory_bytes=1200 << 20)
_DEFECT = "extractor_failed"
_LARGEST = 8 << 20
_DIGITS = re.compile(rb"\d{1,9}")
_EDGES = (
    b"\x00",
    b"\xff",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80",
    b"\x01\x00",
)
_NUMBERS = (b"0", b"-1", b"65536", b"2147483647", b"4294967295", b"99999999999999999999", b"1e308")


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one input."""

    format: str
    status: str
    code: str
    seconds: float
    megabytes: int
    reason: str = ""


@dataclass
class Score:
    """What came of all inputs of one format."""

    statuses: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    megabytes: int = 0
    failures: list[str] = field(default_factory=list)
    """Inputs that crashed, hung, or met a defect."""

    @property
    def count(self) -> int:
        """All inputs."""
        return self.statuses.total()


def names(count: int, formats: Sequence[str] | None = None, seed: int = SEED) -> Iterator[str]:
    """Names of inputs, formats in turn: `<format>:<seed>:<number>`."""
    formats = tuple(formats or (*available_formats(), "zip"))
    number = 0
    while count > 0:
        name = formats[number % len(formats)]
        turn = number // len(formats)
        number += 1
        if turn % SLOW_FORMATS.get(name, 1) == 0:
            yield f"{name}:{seed}:{turn}"
            count -= 1


@lru_cache(maxsize=256)
def _base(format_name: str, number: int) -> bytes:
    if format_name != "zip":
        return write(f"{format_name}:{SEED}:{number}").data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in ("html", "docx", "text"):
            archive.writestr(f"年报/{number}.{kind}", _base(kind, number))
    return buffer.getvalue()


def mutated(name: str) -> bytes:
    """The input of that name."""
    format_name, _, _ = name.split(":")
    rng = random.Random(name)
    data = _base(format_name, rng.randrange(BASES))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if format_name in PACKAGES and rng.random() < 0.6:
            data = _within(data, rng)
        else:
            data = rng.choice(_MUTATIONS)(data, rng)
        data = data[:_LARGEST]
    return data


def _within(data: bytes, rng: random.Random) -> bytes:
    """A package with one member mutated and everything else sound, so that the damage reaches the parser."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except Exception:  # an earlier mutation broke the package: any damage does
        return _flip(data, rng)
    if not members:
        return data
    # The large members are those that hold the report.
    ranked = sorted(members, key=lambda member: (len(members[member]), member))
    chosen = ranked[-1] if rng.random() < 0.6 else rng.choice(ranked)
    members[chosen] = rng.choice(_MUTATIONS)(members[chosen], rng)[:_LARGEST]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(min(len(changed), 2 ** rng.randrange(8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _edge_values(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 12)):
        value = rng.choice(_EDGES)
        at = rng.randrange(max(1, len(changed)))
        changed[at : at + len(value)] = value
    return bytes(changed)


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _block(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(max(1, len(data)))
    return start, min(len(data), start + 2 ** rng.randrange(2, 15))


def _cut(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    return data[:start] + data[end:]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 2, 10, 200)) + data[end:]


def _move(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    rest = data[:start] + data[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _splice(data: bytes, rng: random.Random) -> bytes:
    other = _base(rng.choice(("html", "docx", "text", "zip")), rng.randrange(BASES))
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


def _noise(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(2 ** rng.randrange(12)) + data[at:]


def _blow_up_numbers(data: bytes, rng: random.Random) -> bytes:
    """Some numbers in text become absurd: spans, counts, offsets, sizes."""
    found = list(_DIGITS.finditer(data))
    if not found:
        return _flip(data, rng)
    for match in sorted(rng.sample(found, min(len(found), rng.choice((1, 4, 40)))), key=lambda m: -m.start()):
        data = data[: match.start()] + rng.choice(_NUMBERS) + data[match.end() :]
    return data


def _nest(data: bytes, rng: random.Random) -> bytes:
    """Some opening of the document's own, very often."""
    openings = re.findall(rb"<[a-zA-Z][^<>]{0,40}>|\{\\[a-z]+|<<|\[|\(", data[:200_000])
    opening = rng.choice(openings) if openings else b"("
    at = rng.randrange(len(data) + 1)
    return data[:at] + opening * rng.choice((50, 1000, 20_000)) + data[at:]


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _edge_values, _truncate, _cut, _repeat, _move, _splice, _noise, _blow_up_numbers, _nest,
)  # fmt: skip


def write_attacks(folder: Path, names: Iterable[str], place: Place) -> None:
    """Write attacks to files: making a bomb takes longer than meeting it."""
    for name in names:
        (folder / name).write_bytes(write_attack(name, place))


def attempt(folder: Path, name: str) -> Trial:
    """Read one input; runs in a worker. A name without a colon is that of an attack, which stands in the folder."""
    is_attack = ":" not in name
    data = (folder / name).read_bytes() if is_attack else mutated(name)
    format_name = ATTACKS[name].format if is_attack else name.split(":")[0]
    _forget_peak()
    began = time.perf_counter()
    extraction: Extraction = safe_extract(data, converts=is_attack or int(name.rpartition(":")[2]) % CONVERTED == 0)
    seconds = time.perf_counter() - began
    code = extraction.reason_code or ""
    reason = extraction.reason or "" if code == _DEFECT else ""
    return Trial(format_name, extraction.status.value, code, seconds, _peak(), reason)


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """Peak of resident memory since it was last forgotten, in MB; 0 where the system does not tell."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
    return 0


def score(
    inputs: Iterable[str],
    folder: Path,
    *,
    workers: int | None = None,
    limits: Limits = LIMITS,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[tuple[str, Trial]]:
    """Try inputs; one that is given up counts under the code of the limit that it broke."""
    done = 0
    for batch in map_documents(partial(attempt, folder), inputs, workers=workers, limits=limits):
        for name, trial in batch:
            if isinstance(trial, DocumentLost):
                kind = name.split(":")[0] if ":" in name else ATTACKS[name].format
                seconds = limits.seconds if trial.code == "too_slow" else 0.0
                yield name, Trial(kind, "lost", trial.code, seconds, 0, str(trial))
            else:
                yield name, trial
        done += len(batch)
        told(done)


def scores(trials: Iterable[tuple[str, Trial]]) -> dict[str, Score]:
    """The trials by format."""
    found: dict[str, Score] = defaultdict(Score)
    for name, trial in trials:
        one = found[trial.format]
        one.statuses[trial.status] += 1
        if trial.code:
            one.codes[trial.code] += 1
        one.slowest = max(one.slowest, trial.seconds)
        one.megabytes = max(one.megabytes, trial.megabytes)
        if trial.status == "lost" or trial.code == _DEFECT:
            one.failures.append(f"{name}: {trial.code}: {trial.reason}")
    return dict(sorted(found.items()))


def _print(found: dict[str, Score]) -> None:
    columns = ("format", "inputs", "read", "not a report", "quarantined", "lost", "slowest s", "peak MB", "codes")
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for name, one in found.items():
        codes = ", ".join(f"{code} {count}" for code, count in one.codes.most_common(6))
        counts = [one.count, *(one.statuses[status] for status in ("read", "not_a_report", "quarantined", "lost"))]
        print(f"| {name} | {' | '.join(map(str, counts))} | {one.slowest:.2f} | {one.megabytes} | {codes} |")


def main() -> int:
    """Try many inputs and print the table; exit code 1 if anything crashed, hung or met a defect."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="mutated inputs, over all formats (10000)")
    parser.add_argument("--formats", help="only these, with commas between")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, help="worker processes")
    parser.add_argument("--again", metavar="NAME", help="make one input again and read it in this process")
    parser.add_argument("--write", metavar="FILE", type=Path, help="with --again: write its bytes to this file")
    arguments = parser.parse_args()
    if name := arguments.again:
        data = mutated(name) if ":" in name else write_attack(name, Place())
        if arguments.write:
            arguments.write.write_bytes(data)
        extraction = safe_extract(data)
        print(extraction.status.value, extraction.reason_code, extraction.reason)
        return 0
    formats = arguments.formats.split(",") if arguments.formats else None
    attacks = [name for name, attack in ATTACKS.items() if formats is None or attack.format in formats]
    inputs = [*attacks, *names(arguments.count, formats, arguments.seed)]
    began = time.monotonic()

    def told(done: int) -> None:
        print(f"\r{done} of {len(inputs)}", end="", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="ogi-hostile-") as folder:
        write_attacks(Path(folder), attacks, Place())
        found = scores(score(inputs, Path(folder), workers=arguments.jobs, told=told))
    print(file=sys.stderr)
    _print(found)
    failures = [failure for one in found.values() for failure in one.failures]
    total = sum(one.count for one in found.values())
    print(f"\n{total} inputs in {time.monotonic() - began:.0f} s; crashed, hung or met a defect: {len(failures)}")
    for failure in failures[:40]:
        print(f"  {failure[:220]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
