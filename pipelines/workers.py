"""Read many documents on all processors, so that one bad document costs that document and nothing else.

Every worker has a pipe of its own and answers its documents in the order in which it got them. So it is known at any
moment which document a worker is at, and when a worker dies or is stopped, the documents behind go to another one.
"""

import os
import pickle
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import connection as pipes
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from pipelines.errors import PipelineError
from pipelines.limits import DEFAULT_LIMITS, Limits, worker_count
from pipelines.worker_process import Answer, descendants, memory_in_use, one_thread_each, serve

__all__ = ["DocumentLost", "Watcher", "WorkersBroken", "map_documents", "worker_count", "worker_crew"]

_TICK_SECONDS = 0.1
_HAND_OVER_SECONDS = 0.25
_HAND_OVER = 64
"""Results are handed over in batches: who stores them pays once a batch."""
_MOST_AHEAD = 16
_AHEAD_SECONDS = 0.25
"""A worker is handed so many documents that it is busy for this long: enough that it never waits for the parent, and
so few that nothing waits long behind a slow document."""
_WORTH_A_WORKER = 4
_SLOW_SECONDS = 0.5
_MOST_ATTEMPTS = 2
_MOST_FALSE_STARTS = 3
_NEAR_LIMIT = 0.7
"""A worker that died on its own with so much of its memory in use died of that."""

Item = TypeVar("Item")
Result = TypeVar("Result")

Watcher = Callable[[Sequence[tuple[Any, float]]], None]
"""Told now and then which documents are being read, and for how many seconds each."""


class DocumentLost(Exception):
    """The document was given up: its worker died, or it went beyond a limit. The message is a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class WorkersBroken(PipelineError):
    """Worker processes do not start at all; that is no document's fault."""


def map_documents(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    watcher: Watcher | None = None,
) -> Iterator[list[tuple[Item, Result | DocumentLost]]]:
    """Yield batches of (item, result) in the order in which they finish; `work` must be a plain function of a module.

    Items are names of documents, not their bytes: they must fit into a pipe while a worker is busy.
    A document that goes beyond a limit is lost at once. One whose worker dies is tried once more, alone, because a
    worker can also be ended from outside; then it is lost. All others are read, whatever happens around them.

    Raises:
        WorkersBroken: Worker processes cannot be started.
    """
    with worker_crew(work, workers=workers, limits=limits) as run:
        yield from run(items, watcher)


@contextmanager
def worker_crew(
    work: Callable[[Item], Result], *, workers: int | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Callable[[Iterable[Item], Watcher | None], Iterator[list[tuple[Item, Result | DocumentLost]]]]]:
    """Workers that stay for several rounds of documents; gives a function that takes a round, as `map_documents`."""
    crew = _Crew[Item, Result](work, workers or worker_count(), limits)
    try:
        yield crew.run
    finally:
        crew.stop()


@dataclass(eq=False, slots=True)
class _Task(Generic[Item]):
    item: Item
    attempts: int = 0


@dataclass(eq=False)
class _Worker(Generic[Item]):
    """One process, the pipe to it, and the tasks it holds; the first of them is being read."""

    process: SpawnProcess
    pipe: Connection
    tasks: deque[_Task[Item]] = field(default_factory=deque)
    is_ready: bool = False
    is_leaving: bool = False
    began: float = 0.0
    most_memory: int = 0
    stopped_for: str = ""
    """The reason code for which the parent ended it."""

    def give(self, task: _Task[Item]) -> None:
        if not self.tasks:
            self.began = time.monotonic()
        self.tasks.append(task)
        with suppress(OSError):  # it has just died; that is found out below
            self.pipe.send(task.item)

    @property
    def handles(self) -> tuple[Connection, int]:
        """What to wait for: its words or its end."""
        return self.pipe, self.process.sentinel

    def answer(self) -> Answer | None:
        """Its next words; none if it ended in the middle of them."""
        try:
            answer: Answer = self.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return answer

    def last_answers(self) -> Iterator[Answer]:
        """All that it said before it ended."""
        with suppress(OSError):
            while self.pipe.poll() and (answer := self.answer()):
                yield answer

    def end(self) -> None:
        """End it and all it started, now."""
        if self.process.pid is not None:
            for process_id in descendants(self.process.pid):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(process_id, signal.SIGKILL)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        with suppress(OSError):
            self.process.kill()


class _Crew(Generic[Item, Result]):
    """The workers and what is still to be done."""

    def __init__(self, work: Callable[[Item], Result], size: int, limits: Limits) -> None:
        self._work = pickle.dumps(work)
        self._size = size
        self._limits = limits
        self._workers: list[_Worker[Item]] = []
        self._todo: deque[_Task[Item]] = deque()
        self._suspects: deque[_Task[Item]] = deque()
        self._mean_seconds = _AHEAD_SECONDS
        self._false_starts = 0

    def run(
        self, items: Iterable[Item], watcher: Watcher | None = None
    ) -> Iterator[list[tuple[Item, Result | DocumentLost]]]:
        items = iter(items)
        done: list[tuple[Item, Result | DocumentLost]] = []
        watched = told = handed_over = time.monotonic()
        while True:
            self._feed(items)
            if not self._todo and not self._suspects and not any(worker.tasks for worker in self._workers):
                if done:
                    yield done
                return
            ready = set(pipes.wait([handle for w in self._workers for handle in w.handles], timeout=_TICK_SECONDS))
            for worker in list(self._workers):
                if worker.process.sentinel in ready:
                    done += [found for answer in worker.last_answers() for found in self._take(worker, answer)]
                    done += self._bury(worker)
                elif worker.pipe in ready and (answer := worker.answer()):
                    done += self._take(worker, answer)
            now = time.monotonic()
            if now - watched >= _TICK_SECONDS:
                watched = now
                for worker in self._workers:
                    self._watch(worker)
            if done and (now - handed_over >= _HAND_OVER_SECONDS or len(done) >= _HAND_OVER):
                yield done
                done, handed_over = [], now
            if watcher is not None and now - told >= 1:
                told = now
                watcher([(w.tasks[0].item, now - w.began) for w in self._workers if w.is_ready and w.tasks])

    def stop(self) -> None:
        """End all workers, whatever they are doing."""
        for worker in self._workers:
            if worker.tasks:
                worker.end()
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(timeout=5)
            if worker.process.is_alive():
                worker.end()
                worker.process.join()
            worker.process.close()
        self._workers.clear()

    def _feed(self, items: Iterator[Item]) -> None:
        """Give every worker its next documents, and start workers as long as there is work for more."""
        room = self._size * _MOST_AHEAD * 2 - len(self._todo)
        self._todo.extend(_Task(item) for item in islice(items, max(0, room)))
        while self._is_worth_starting():
            self._start()
        free = [worker for worker in self._workers if not worker.is_leaving]
        # One a worker first, so that slow documents lie side by side and not one behind the other.
        for worker in sorted(free, key=lambda worker: len(worker.tasks)):
            if self._suspects and not worker.tasks:
                worker.give(self._suspects.popleft())
        ahead = max(1, min(_MOST_AHEAD, int(_AHEAD_SECONDS / max(self._mean_seconds, 1e-4))))
        # Towards the end the rest is shared out evenly.
        ahead = min(ahead, max(1, len(self._todo) // (2 * self._size)))
        while self._todo:
            open_ones = [w for w in free if len(w.tasks) < ahead and not (w.tasks and w.tasks[0].attempts)]
            if not open_ones:
                break
            min(open_ones, key=lambda worker: len(worker.tasks)).give(self._todo.popleft())

    def _is_worth_starting(self) -> bool:
        """Whether one more worker is wanted: it costs as much time as reading some dozen pages."""
        waiting = len(self._todo) + len(self._suspects)
        if len(self._workers) >= self._size or waiting <= sum(not worker.tasks for worker in self._workers):
            return False
        now = time.monotonic()
        is_slow = any(w.is_ready and w.tasks and now - w.began > _SLOW_SECONDS for w in self._workers)
        return is_slow or waiting > _WORTH_A_WORKER * len(self._workers)

    def _start(self) -> None:
        # Spawned, not forked: a fork copies locks that other threads of the parent may hold.
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._work, self._limits), daemon=True)
        with one_thread_each():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))

    def _take(self, worker: _Worker[Item], answer: Answer) -> Iterator[tuple[Item, Result | DocumentLost]]:
        """Take note of an answer."""
        worker.began = time.monotonic()
        if answer.outcome == "ready":
            worker.is_ready, self._false_starts = True, 0
            return
        task = worker.tasks.popleft()
        self._mean_seconds += (answer.seconds - self._mean_seconds) / 8
        worker.is_leaving = worker.is_leaving or answer.is_last
        if answer.outcome == "raised":
            raise answer.value
        yield task.item, self._lost("too_much_memory") if answer.outcome == "memory" else answer.value

    def _watch(self, worker: _Worker[Item]) -> None:
        """Stop a worker that goes beyond a limit."""
        if not worker.tasks or not worker.is_ready or worker.stopped_for:
            return
        used = memory_in_use(worker.process.pid or 0)
        worker.most_memory = max(worker.most_memory, used)
        if used > self._limits.memory_bytes:
            worker.stopped_for = "too_much_memory"
        elif time.monotonic() - worker.began > self._limits.seconds:
            worker.stopped_for = "too_slow"
        if worker.stopped_for:
            worker.end()

    def _bury(self, worker: _Worker[Item]) -> Iterator[tuple[Item, Result | DocumentLost]]:
        """A worker is gone: decide on the document it was at, and hand the others on."""
        self._workers.remove(worker)
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        seconds = time.monotonic() - worker.began
        worker.end()  # what it may have started
        worker.process.join()
        worker.process.close()
        worker.pipe.close()
        if not worker.is_ready:
            self._todo.extendleft(reversed(worker.tasks))
            self._false_starts += 1
            if self._false_starts >= _MOST_FALSE_STARTS:
                raise WorkersBroken(
                    f"The processes that read documents do not start ({_ending(code)}). Allow more with --memory SIZE, "
                    "or see whether the machine is out of memory."
                )
            return
        if worker.tasks and not worker.is_leaving:
            task = worker.tasks.popleft()
            task.attempts += 1
            reason = worker.stopped_for
            if not reason and seconds > self._limits.seconds:
                reason = "too_slow"  # it ended itself
            elif not reason and worker.most_memory > self._limits.memory_bytes * _NEAR_LIMIT:
                reason = "too_much_memory"
            if reason:
                yield task.item, self._lost(reason)
            elif task.attempts >= _MOST_ATTEMPTS:
                yield task.item, self._lost("worker_crashed", _ending(code))
            else:
                self._suspects.append(task)
        self._todo.extendleft(reversed(worker.tasks))

    def _lost(self, code: str, detail: str = "") -> DocumentLost:
        return DocumentLost(code, self._limits.sentence(code, detail))


def _ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
