"""Pure work on many batches in worker processes, its results handed over in the order of the batches.

Unlike pipelines/workers.py it trusts its work: batches are ours, not strangers' documents. An error in a worker is
raised here. What is under way is bounded: a worker has one batch at hand and one behind it.
"""

import gc
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

import pyarrow as pa

from pipelines.errors import PipelineError
from pipelines.limits import worker_count
from pipelines.worker_process import one_thread_each

__all__ = ["Crew", "WorkerDied"]

_AHEAD = 2
"""Batches that a worker has at most: the one it works on, and the next, so that it never waits for the parent."""

_WORTH_STARTING = 1_000
"""Fewer documents are done before the processes have started."""
_WORTH_SHARING = 500
"""Fewer documents are done here sooner than the fixed cost of another batch, once the processes are there."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerDied(PipelineError):
    """A worker process ended in the middle of its work, most likely for want of memory."""


class Crew:
    """Worker processes that live as long as the block. With one worker all work is done in this process."""

    def __init__(self, workers: int | None = None) -> None:
        self.size = worker_count() if workers is None else workers
        self.seconds = 0.0
        """Processor seconds that the worker processes have spent on tasks."""
        self._members: list[tuple[SpawnProcess, Connection]] = []

    def __enter__(self) -> Self:
        """The crew; processes start with the first work that is worth it."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Let every process end."""
        for process, pipe in self._members:
            pipe.close()
            process.terminate()
        for process, _pipe in self._members:
            process.join()
        self._members.clear()

    @property
    def is_there(self) -> bool:
        """Whether the processes have started."""
        return bool(self._members)

    def is_worth(self, documents: int) -> bool:
        """Whether work on so many documents, or reports, is done sooner by the crew than here."""
        return documents >= (_WORTH_SHARING if self.is_there else _WORTH_STARTING)

    def share(self, documents: int, *, at_most: int) -> int:
        """How many of the documents to put into a batch, so that each process that works has the same to do."""
        if self.size < 2 or not self.is_worth(documents):
            return at_most
        rounds = max(1, -(-documents // (at_most * self.size)))
        return max(1, min(at_most, -(-documents // (rounds * self.size))))

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task], *, at_home: bool = False) -> Iterator[Result]:
        """`work` of each task, in order. `work` goes to each worker once; it and the tasks must be picklable."""
        if self.size < 2 or at_home:
            for task in tasks:
                with _collector_paused():
                    result = work(task)
                yield result
            return
        self._start()
        pipes = [pipe for _, pipe in self._members]
        for pipe in pipes:
            self._send(pipe, ("work", pickle.dumps(work)))
        waiting: deque[Connection] = deque()
        try:
            for number, task in enumerate(tasks):
                pipe = pipes[number % len(pipes)]
                if len(waiting) == _AHEAD * len(pipes):
                    yield self._receive(waiting.popleft())
                self._send(pipe, ("task", task))
                waiting.append(pipe)
            while waiting:
                yield self._receive(waiting.popleft())
        finally:
            if waiting:  # given up half way: what still comes would be taken for the next work's results
                self.__exit__()

    def _start(self) -> None:
        if self._members:
            return
        context = get_context("spawn")
        with one_thread_each():
            for _ in range(self.size):
                here, there = context.Pipe()
                process = context.Process(target=_serve, args=(there,), daemon=True)
                process.start()
                there.close()
                self._members.append((process, here))

    def _send(self, pipe: Connection, message: tuple[str, Any]) -> None:
        try:
            pipe.send(message)
        except OSError as error:
            raise self._died() from error

    def _receive(self, pipe: Connection) -> Any:
        try:
            is_done, value, seconds = pipe.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        self.seconds += seconds
        if not is_done:
            raise value
        return value

    def _died(self) -> WorkerDied:
        return WorkerDied(
            "A worker process ended in the middle of the build, most likely because the machine ran out of memory. "
            "Run the same command again with fewer workers (`--workers 1`)."
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Work on millions of values without a cycle among them: looking for cycles took most of the time of decoding."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _serve(pipe: Connection) -> None:
    """Work until the parent closes the pipe. A thread takes tasks in, so that the parent never waits to give one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    gc.disable()  # as in `_collector_paused`; here cycles are looked for after each batch
    received: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    threading.Thread(target=_take_in, args=(pipe, received), daemon=True).start()
    work: Callable[[Any], Any] | None = None
    while True:
        kind, value = received.get()
        if kind == "end":
            return
        if kind == "work":
            work = pickle.loads(value)
            continue
        assert work is not None
        began = time.process_time()
        try:
            is_done, result = True, work(value)
        except Exception as error:
            is_done, result = False, _portable(error)
        gc.collect()
        with suppress(OSError):
            pipe.send((is_done, result, time.process_time() - began))
        del value, result


def _take_in(pipe: Connection, received: "SimpleQueue[tuple[str, Any]]") -> None:
    while True:
        try:
            received.put(pipe.recv())
        except (EOFError, OSError):
            received.put(("end", None))
            return


def _portable(error: Exception) -> Exception:
    """The error, or its words where it cannot go through a pipe."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
