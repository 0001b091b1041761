"""Hosts that give no answer: each leads to a sentence that names the host, the cause and the way out."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from crawl_peer import Answer, Peer, command, environment, listing, report, write_entry

from crawlers.archive import FetchRow, Ledger, Outcome, Role
from crawlers.failures import judge_failure
from pipelines.sample.certificates import Authority

BASE = "/zwgk/zfxxgknb/"
AGAIN = "the next run asks again"
ARTICLE = report(1)[0][2:]


@contextmanager
def listening(secured: ssl.SSLContext | None = None) -> Iterator[str]:
    """A host that takes connections and breaks them off, over TLS after the handshake; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                try:
                    connection, _ = server.accept()
                    if secured is not None:
                        connection = secured.wrap_socket(connection, server_side=True)
                    connection.recv(1024)
                    connection.close()
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        closing.set()
        thread.join()


def closed() -> str:
    """A host on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, list[FetchRow]]]:
    """By kind of failure the host and its rows; all are met in one run."""
    folder = tmp_path_factory.mktemp("night")
    secured = Authority(folder).context("127.0.0.1")  # for which nobody vouches here
    slow = Peer({BASE: Answer(hold=True)})
    partly = Peer({BASE: listing(report(1)), f"{BASE}{ARTICLE}": Answer("<html>" + "x" * 99, cut=True)})
    with listening() as broken, listening(secured) as unsafe, slow, partly:
        hosts = {
            "unknown": "no-such-portal.test",
            "refused": closed(),
            "broken": broken,
            "unsafe": unsafe,
            "slow": slow.url("").removeprefix("http://"),
            "cut": partly.url("").removeprefix("http://"),
        }
        for kind, host in hosts.items():
            scheme = "https" if kind == "unsafe" else "http"
            write_entry(folder / "registry", kind, "static_paged", f"{scheme}://{host}{BASE}")
        done = subprocess.run(
            command(folder, "r", "--timeout", "1"), env=environment(), capture_output=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr.decode()
    with Ledger(folder / "ledger.sqlite", read_only=True) as ledger:
        rows = list(ledger.rows(run_id="r"))
    return {kind: (host, [row for row in rows if row.portal_id == kind]) for kind, host in hosts.items()}


@pytest.mark.parametrize(
    ("kind", "outcome", "role", "sentence"),
    [
        ("unknown", Outcome.NETWORK_ERROR, Role.ROBOTS, "the name {host} is not known to the name servers: look "),
        ("refused", Outcome.NETWORK_ERROR, Role.ROBOTS, "{host} refuses connections: it may be down; "),
        ("broken", Outcome.NETWORK_ERROR, Role.ROBOTS, "the connection to {host} broke ("),
        ("unsafe", Outcome.NETWORK_ERROR, Role.ROBOTS, "no safe connection to {host} (certificate verify failed): "),
        ("slow", Outcome.TIMEOUT, Role.LISTING, "{host} did not answer in time; "),
        ("cut", Outcome.NETWORK_ERROR, Role.ARTICLE, "the answer of {host} ended before it was complete; "),
    ],
)
def test_no_answer_is_told_with_host_cause_and_way_out(
    night: dict[str, tuple[str, list[FetchRow]]], kind: str, outcome: Outcome, role: Role, sentence: str
) -> None:
    host, rows = night[kind]
    row = next(row for row in rows if row.role is role)
    assert row.outcome is outcome
    assert (row.reason or "").startswith(sentence.format(host=host)), row.reason
    assert AGAIN in (row.reason or "") or "its entry may say tls: legacy" in (row.reason or "")
    assert "Error" not in (row.reason or ""), "a name of our libraries says nothing to an operator"
    for later in rows:  # what was not asked for that reason says the same
        if later.role is Role.LISTING and role is Role.ROBOTS:
            assert later.reason == f"not asked: robots.txt could not be had ({row.reason})"


def test_a_failure_of_the_machine_is_told_in_words() -> None:
    finding = judge_failure(OSError(113, "No route to host"), "a.gov.cn")
    assert finding is not None
    assert finding.reason == (
        "the connection to a.gov.cn could not be made ([Errno 113] No route to host); the next run asks again"
    )
    assert judge_failure(ValueError("a fault of ours")) is None
