"""Start a crawl in a process of its own and listen to its progress lines.

A Twisted reactor cannot start twice in one process, and a crawl that breaks must not take the build with it.
"""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from pipelines.errors import CrawlBroken
from pipelines.layout import DataLayout
from pipelines.locks import hold_lock
from pipelines.progress import Progress, Step, silent
from pipelines.warehouse import replace_file

__all__ = ["CrawlReport", "PortalSummary", "crawl", "new_run_id"]

_LOG_LINES_KEPT = 20
_STOPPED_CODES = (143, -15, -2)
# A list page that was read in a run is not asked for again when the run goes on: after a day a new run sees more.
_STOPPED_RUN_LIVES = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PortalSummary:
    """What a crawl met at one portal. A refusal or a failure is a fact about the portal, not an error of ours."""

    portal_id: str
    requests: int = 0
    byte_count: int = 0
    new: int = 0
    """Documents whose bytes were not known at their address; `changed` are those of them that replace others."""
    changed: int = 0
    unchanged: int = 0
    known: int = 0
    """Rows of lists that were known, and not asked again."""
    refused: int = 0
    failed: int = 0
    gone: int = 0
    """Reports that the portal took down; what was stored stays."""
    candidates: int = 0
    """Pages that are nearly reports, for a person to look at."""
    incomplete: int = 0
    """Lists of which less was read than they say they hold."""


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """One run of the crawl over some portals."""

    run_id: str
    portals: tuple[PortalSummary, ...]
    warnings: tuple[str, ...] = ()
    """What a person should put right, about the run and not about one portal."""

    def total(self, name: str) -> int:
        """The sum of one count over the portals."""
        return sum(int(getattr(portal, name)) for portal in self.portals)


def new_run_id() -> str:
    """A name for one run: the moment it began, UTC, and the process, so that two runs never share one."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"


def crawl(
    layout: DataLayout,
    registry: Path,
    portals: Sequence[str] = (),
    *,
    run_id: str | None = None,
    proxy: str | None = None,
    progress: Progress = silent,
    wait_seconds: float = 0,
    full: bool = False,
) -> CrawlReport:
    """Crawl the registry's portals, or the named ones, into the raw store and the ledger.

    What is already there is asked for conditionally, so a crawl that was stopped goes on where it was. `full` reads
    every list to its end and asks again for what is known, whether that is due or not.

    Raises:
        CrawlBroken: The crawl process itself ended with an error.
    """
    chosen = sorted(set(portals))
    with hold_lock(layout.crawl_lock, "crawling", wait_seconds=wait_seconds) as lock:
        run_id = run_id or _stopped_run(layout, registry, chosen) or new_run_id()
        _remember_run(layout, registry, chosen, run_id)
        command = [sys.executable, "-m", "crawlers.crawl", "--registry", str(registry.resolve())]
        for portal in chosen:
            command += ["--portal", portal]
        command += ["--raw", str(layout.raw.resolve()), "--ledger", str(layout.ledger.resolve()), "--run-id", run_id]
        command += ["--stop-with-parent", *(["--full"] if full else [])]
        summaries, warnings = _listen(command, _environment(proxy), progress, lock)
        layout.unfinished_crawl.unlink(missing_ok=True)
    return CrawlReport(run_id, tuple(sorted(summaries, key=lambda summary: summary.portal_id)), tuple(warnings))


def _stopped_run(layout: DataLayout, registry: Path, portals: Sequence[str]) -> str | None:
    """The id of a crawl over the same portals that did not come to its end, unless it is too old to go on with."""
    try:
        stopped = json.loads(layout.unfinished_crawl.read_text(encoding="utf-8"))
        began = datetime.fromisoformat(stopped["began"])
        same = stopped["registry"] == str(registry.resolve()) and stopped["portals"] == list(portals)
        run_id = str(stopped["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return run_id if same and datetime.now(UTC) - began < _STOPPED_RUN_LIVES else None


def _remember_run(layout: DataLayout, registry: Path, portals: Sequence[str], run_id: str) -> None:
    if _stopped_run(layout, registry, portals) == run_id:
        return
    facts = {
        "run_id": run_id,
        "began": datetime.now(UTC).isoformat(),
        "registry": str(registry.resolve()),
        "portals": list(portals),
    }
    with replace_file(layout.unfinished_crawl) as temporary:
        temporary.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def _environment(proxy: str | None) -> Mapping[str, str]:
    environment = dict(os.environ)
    # The crawl must find our packages also when they are run from a checkout and were never installed.
    here = str(Path(__file__).resolve().parents[1])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (here, environment.get("PYTHONPATH"))))
    if proxy is not None:
        environment["http_proxy"] = proxy
        environment["no_proxy"] = ""
    return environment


def _listen(
    command: Sequence[str], environment: Mapping[str, str], progress: Progress, lock: int
) -> tuple[list[PortalSummary], list[str]]:
    summaries: dict[str, PortalSummary] = {}
    warnings: list[str] = []
    last_words: deque[str] = deque(maxlen=_LOG_LINES_KEPT)
    with subprocess.Popen(
        command,
        env=dict(environment),
        # If we are killed, the pipe ends and the crawl stops; until then it holds the lock, so none starts beside it.
        stdin=subprocess.PIPE,
        pass_fds=(lock,),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None  # asked for above
        assert process.stderr is not None
        listener = threading.Thread(target=last_words.extend, args=(process.stderr,), daemon=True)
        listener.start()
        try:
            for event in _events(process.stdout, last_words):
                if event["event"] == "warning":
                    warnings.append(str(event["sentence"]))
                else:
                    _note(event, summaries, progress)
        except BaseException:
            process.terminate()
            raise
        code = process.wait()
        listener.join(timeout=5)
    if code in _STOPPED_CODES:
        raise CrawlBroken("The crawl was stopped. What was fetched is kept; run the same command again to go on.")
    if code != 0:
        reason = next((line.strip() for line in reversed(last_words) if line.strip()), "it gave no reason")
        raise CrawlBroken(
            f"The crawl broke with exit code {code}: {reason}. What was fetched before is kept; "
            "run `ogi crawl` again to go on."
        )
    return list(summaries.values()), warnings


def _events(lines: IO[str], last_words: deque[str]) -> Iterator[dict[str, Any]]:
    """The progress events; a line that is none (a library that prints) is kept for the error message."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            last_words.append(line)
            continue
        if isinstance(event, dict) and "event" in event:
            yield event


def _note(event: Mapping[str, Any], summaries: dict[str, PortalSummary], progress: Progress) -> None:
    portal = str(event.get("portal", ""))
    if event["event"] == "portal_finished":
        outcomes = event.get("outcomes", {})
        summaries[portal] = PortalSummary(
            portal_id=portal,
            requests=int(event["requests"]),
            byte_count=int(event["bytes"]),
            new=int(event["new"]),
            changed=int(event.get("changed", 0)),
            unchanged=int(event["unchanged"]),
            known=int(event.get("known", 0)),
            refused=int(event["refused"]),
            failed=int(event["failed"]),
            gone=int(event.get("gone", outcomes.get("gone", 0))),
            candidates=int(event.get("candidates", outcomes.get("candidate", 0))),
            incomplete=int(event.get("incomplete", 0)),
        )
    detail = " ".join(str(event[key]) for key in ("portal", "url") if event.get(key))
    progress(Step("crawl", len(summaries), event.get("portals"), detail))
