"""Read many documents on all processors, so that one bad document costs that document and nothing else."""

import faulthandler
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

__all__ = ["LIMIT_SECONDS", "DocumentLost", "map_documents", "worker_count"]

LIMIT_SECONDS = 300
"""A document that takes longer than this is given up. The slowest real report takes under a second."""
_BATCH = 16
_BATCHES_AHEAD = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


class DocumentLost(Exception):
    """The worker that read this document died or was stopped."""


def worker_count() -> int:
    """As many workers as there are processors."""
    return os.cpu_count() or 1


def map_documents(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    limit_seconds: int = LIMIT_SECONDS,
) -> Iterator[list[tuple[Item, Result | DocumentLost]]]:
    """Yield batches of (item, result) in the order in which they finish; `work` must be a plain function of a module.

    A worker that dies takes its batch with it: the documents under way are then read one by one, and only the one
    that kills its worker again is reported lost.
    """
    workers = workers or worker_count()
    waiting = _batches(items)
    while True:
        running: dict[Future[list[Result]], list[Item]] = {}
        suspects: list[Item] = []
        with _pool(workers) as pool:
            try:
                while True:
                    for batch in islice(waiting, workers * _BATCHES_AHEAD - len(running)):
                        suspects = batch
                        running[pool.submit(_run_batch, work, batch, limit_seconds)] = batch
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        suspects = running.pop(future)
                        yield list(zip(suspects, future.result(), strict=True))
            except BrokenProcessPool:
                # Which worker died is not told, so all that was under way is suspected.
                suspects = [*suspects, *(item for batch in running.values() for item in batch if batch is not suspects)]
        yield from _one_by_one(work, suspects, limit_seconds)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _pool(workers: int) -> Executor:
    # Spawned, not forked: a fork copies locks that other threads of the parent may hold.
    return ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn"))


def _one_by_one(
    work: Callable[[Item], Result], suspects: Sequence[Item], limit_seconds: int
) -> Iterator[list[tuple[Item, Result | DocumentLost]]]:
    """Read suspects in turn in one worker; whoever is being read when it dies is the culprit, and a new one goes on."""
    waiting = list(suspects)
    while waiting:
        with _pool(1) as pool:
            while waiting:
                item = waiting.pop(0)
                try:
                    result = pool.submit(_run_batch, work, [item], limit_seconds).result()[0]
                except BrokenProcessPool:
                    yield [(item, DocumentLost("the worker that read it died or ran out of time"))]
                    break
                yield [(item, result)]


def _run_batch(work: Callable[[Item], Result], batch: Sequence[Item], limit_seconds: int) -> list[Result]:
    """Runs in the worker. The watchdog ends the process even when it hangs inside a C library."""
    results = []
    with Path(os.devnull).open("w") as nowhere:
        for item in batch:
            faulthandler.dump_traceback_later(limit_seconds, exit=True, file=nowhere)
            try:
                results.append(work(item))
            finally:
                faulthandler.cancel_dump_traceback_later()
    return results
