"""Worker processes: a document that goes wrong costs itself, and nobody else's work is done twice or lost."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.limits import DEFAULT_LIMITS, Limits, memory_of
from pipelines.worker_process import one_thread_each
from pipelines.workers import DocumentLost, WorkersBroken, map_documents

MEMORY = 600 << 20


def misbehave(number: int) -> int:
    """Stands for reading a document: some kill their worker, hang, or want all the memory there is."""
    if number in (3, 21):
        os.kill(os.getpid(), 9)
    if number == 30:
        time.sleep(60)
    if number == 33:
        return len(bytearray(3 << 30))
    if number == 35:
        os._exit(7)
    return number * number


def test_documents_that_go_wrong_are_lost_alone_and_say_why() -> None:
    seen: list[Sequence[tuple[int, float]]] = []
    results: dict[int, int | DocumentLost] = {}
    limits = Limits(seconds=2, memory_bytes=MEMORY)
    for batch in map_documents(misbehave, range(60), workers=2, limits=limits, watcher=seen.append):
        for item, result in batch:
            assert item not in results
            results[item] = result
    lost = {item: result for item, result in results.items() if isinstance(result, DocumentLost)}
    assert {item: result.code for item, result in lost.items()} == {
        3: "worker_crashed",
        21: "worker_crashed",
        30: "too_slow",
        33: "too_much_memory",
        35: "worker_crashed",
    }
    assert {item: result for item, result in results.items() if item not in lost} == {
        item: item * item for item in range(60) if item not in lost
    }
    assert "2 seconds" in str(lost[30])
    assert "600 MB" in str(lost[33])
    assert "SIGKILL" in str(lost[3])
    assert "exit code 7" in str(lost[35])
    assert any(item == 30 for running in seen for item, _ in running)


def grow(_: int) -> int:
    """Takes memory in pieces, without an allocation that could fail at once."""
    pieces = []
    for _ in range(100):
        pieces.append(os.urandom(20 << 20))
        time.sleep(0.01)
    return len(pieces)


def test_memory_that_grows_piece_by_piece_is_stopped_too() -> None:
    (((_, result),),) = map_documents(grow, [1], workers=1, limits=Limits(seconds=60, memory_bytes=MEMORY))
    assert isinstance(result, DocumentLost)
    assert result.code == "too_much_memory"


def defect(number: int) -> int:
    """A mistake of ours in the work itself."""
    raise ZeroDivisionError(f"by {number}")


def test_a_defect_of_the_work_itself_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError, match="by 5"):
        list(map_documents(defect, [5], workers=1))


class CannotStart:
    """Work that no worker can even load."""

    def __call__(self, number: int) -> int:
        """Never reached."""
        return number

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


def test_workers_that_do_not_start_are_no_documents_fault() -> None:
    with pytest.raises(WorkersBroken, match="do not start"):
        list(map_documents(CannotStart(), [1, 2], workers=1))


def threads_wanted(_: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def test_libraries_run_on_one_thread_in_workers_and_our_own_settings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    (((_, result),),) = map_documents(threads_wanted, [1], workers=1)
    assert result == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    monkeypatch.delenv("OMP_NUM_THREADS")
    with one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert "OMP_NUM_THREADS" not in os.environ


def start_a_child(folder: str) -> int:
    """Starts a program and hangs, as a converter may."""
    import subprocess

    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    Path(folder, "child").write_text(str(child.pid), encoding="ascii")
    time.sleep(300)
    return 0


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not name child processes")
def test_what_a_worker_started_ends_with_it(tmp_path: Path) -> None:
    (((_, result),),) = map_documents(start_a_child, [str(tmp_path)], workers=1, limits=Limits(seconds=1))
    assert isinstance(result, DocumentLost)
    child = int((tmp_path / "child").read_text(encoding="ascii"))
    deadline = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(child)


def _is_running(process_id: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def test_sizes_are_read_as_people_write_them() -> None:
    assert memory_of("2G") == memory_of("2048 MB") == memory_of("2GiB") == 2 << 30
    assert memory_of("1.5g") == 3 << 29
    with pytest.raises(BadInput, match="1500M"):
        memory_of("much")
    with pytest.raises(BadInput, match="too little"):
        Limits(memory_bytes=1000)
    with pytest.raises(BadInput, match="no sense"):
        Limits(seconds=0)


def test_only_wider_limits_try_a_document_again() -> None:
    assert DEFAULT_LIMITS.allow_more_than(DEFAULT_LIMITS) == frozenset()
    assert Limits(seconds=10_000).allow_more_than(DEFAULT_LIMITS) == {"too_slow"}
    assert Limits(memory_bytes=8 << 30).allow_more_than(DEFAULT_LIMITS) == {"too_much_memory"}
