"""What runs inside a worker: take a document, read it, answer; under limits that end the process, not the run.

Belongs here: the far side of the pipe. Does not belong here: which document goes to whom (workers.py).
"""

import faulthandler
import os
import pickle
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipelines.limits import Limits

__all__ = ["Answer", "descendants", "memory_in_use", "one_thread_each", "serve"]

_ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)  # fmt: skip
_GRACE_SECONDS = 15
"""The parent ends a slow worker. Should it be busy or gone, the worker ends itself so much later."""
_FULL_SHARE = 0.4
"""A worker that holds on to more than this share of its memory after a document is replaced by a fresh one."""
_PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one document, in the order in which the documents were sent.

    `outcome` is done (`value` is the result), memory (the document wanted more than there is) or raised (`value` is the
    error, a defect of the work itself). `is_last` says that the worker takes no more.
    """

    outcome: str
    value: Any = None
    seconds: float = 0.0
    is_last: bool = False


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes started inside run their libraries on one thread: there is one worker a processor already."""
    wanted = {**dict.fromkeys(_ONE_THREAD, "1"), "MALLOC_ARENA_MAX": "2"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def memory_in_use(process_id: int) -> int:
    """The resident bytes of a process; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


def descendants(process_id: int) -> list[int]:
    """The processes that a process has started, and those that they have; none where the system does not tell."""
    try:
        children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [found for child in map(int, children) for found in (child, *descendants(child))]


def serve(connection: Connection, pickled_work: bytes, limits: Limits) -> None:
    """Answer documents until the pipe ends. The first message back says that the worker is ready."""
    # A group of its own: Ctrl-C reaches the parent alone, and whatever the worker starts ends with it.
    with suppress(OSError):
        os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _limit_memory(limits)
    work: Callable[[Any], Any] = pickle.loads(pickled_work)  # written by our own parent process
    connection.send(Answer("ready"))
    _be_quiet()
    with Path(os.devnull).open("w") as nowhere, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            item = connection.recv()
            # Ends the process also when it hangs inside a C library.
            faulthandler.dump_traceback_later(limits.seconds + _GRACE_SECONDS, exit=True, file=nowhere)
            answer = _answer(work, item, limits)
            faulthandler.cancel_dump_traceback_later()
            connection.send(answer)
            del item
            if answer.is_last:
                return


def _answer(work: Callable[[Any], Any], item: Any, limits: Limits) -> Answer:
    began = time.perf_counter()
    try:
        outcome, value = "done", work(item)
    except MemoryError:
        outcome, value = "memory", None
    except Exception as error:  # handed to the parent, who raises it
        outcome, value = "raised", _sendable(error)
    seconds = time.perf_counter() - began
    is_last = outcome != "done" or memory_in_use(os.getpid()) > limits.memory_bytes * _FULL_SHARE
    return Answer(outcome, value, seconds, is_last)


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # an error of any library, with any constructor
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _be_quiet() -> None:
    """Libraries complain about broken documents on the terminal; what counts comes back as an answer."""
    if os.environ.get("OGI_DEBUG") != "1":
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)


def _limit_memory(limits: Limits) -> None:
    """Let allocations beyond the limit fail, so that most documents that want too much fail in good order.

    Counted is the data segment with private mappings, not the address space: libraries map far more than they use.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = limits.memory_bytes if hard == resource.RLIM_INFINITY else min(limits.memory_bytes, hard)
    with suppress(OSError, ValueError):  # not on every system
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
