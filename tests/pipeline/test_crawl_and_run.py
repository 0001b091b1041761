"""The crawl as a process of its own, and the whole job on a sample portal."""

import json
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from pipeline_helpers import NO_REPORT, Ogi

from pipelines import crawling
from pipelines.assets import crawl_metadata
from pipelines.cli.summaries import print_crawl
from pipelines.crawling import CrawlReport, PortalSummary, crawl
from pipelines.errors import BadInput, CrawlBroken
from pipelines.jobs import collect
from pipelines.layout import DataLayout
from pipelines.progress import Step
from pipelines.sample.server import Fault, SampleServer
from pipelines.sample.sites import REGISTRY_FOLDER
from pipelines.sources import Archive

PORTAL = "sample-pingtan"
POPEN = subprocess.Popen


@pytest.fixture
def layout(tmp_path: Path) -> DataLayout:
    return DataLayout(tmp_path / "data")


def pretend(monkeypatch: pytest.MonkeyPatch, script: str) -> list[list[str]]:
    """Let a few lines of shell stand for the crawl; gives the command lines it was started with."""
    commands: list[list[str]] = []

    def start(command: list[str], **settings: object) -> object:
        commands.append(command)
        return POPEN(["/bin/sh", "-c", script], **settings)  # type: ignore[call-overload]

    monkeypatch.setattr(crawling.subprocess, "Popen", start)
    return commands


FINISHED = {
    "event": "portal_finished", "portal": "p", "portals": 1,
    "requests": 5, "bytes": 10, "new": 1, "unchanged": 2, "refused": 0, "failed": 1, "changed": 1,
    "outcomes": {"gone": 2, "candidate": 3},
}  # fmt: skip


def test_progress_lines_become_summaries(layout: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = {"event": "fetched", "portal": "p", "url": "http://p.test/1", "portals": 1}
    warning = {"event": "warning", "sentence": "nobody can be reached"}
    lines = ("a library that prints", *map(json.dumps, (warning, fetched, FINISHED)))
    pretend(monkeypatch, "; ".join(f"echo '{line}'" for line in lines))
    steps: list[Step] = []
    report = crawl(layout, REGISTRY_FOLDER, run_id="r", progress=steps.append)
    expected = PortalSummary(
        "p", requests=5, byte_count=10, new=1, unchanged=2, failed=1, changed=1, gone=2, candidates=3
    )
    assert report.portals == (expected,)
    assert report.warnings == ("nobody can be reached",)
    assert [(step.done, step.total, step.detail) for step in steps] == [(0, 1, "p http://p.test/1"), (1, 1, "p")]


def test_the_run_report_names_every_portal_for_dagster_and_on_the_terminal(
    layout: DataLayout, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = PortalSummary("pa", requests=9, byte_count=99, new=3, changed=1, gone=2, candidates=4, incomplete=1)
    report = CrawlReport("r", (busy, PortalSummary("pb", requests=1, refused=1)))
    metadata = crawl_metadata(report)
    assert metadata["requests"].value == 10
    assert {name: metadata[name].value for name in ("new", "changed", "gone", "candidates", "refused")} == {
        "new": 3, "changed": 1, "gone": 2, "candidates": 4, "refused": 1,
    }  # fmt: skip
    assert "| pa | 9 | 99 | 3 | 1 |" in str(metadata["portals"].value)
    print_crawl(report, layout)
    out = capsys.readouterr().out
    assert all(word in out for word in ("changed", "gone", "cand.", "incompl.", "4 pages are nearly reports"))
    assert max(len(line) for line in out.splitlines()) <= 110 + len(str(layout.ledger))
    print_crawl(CrawlReport("r", (PortalSummary("pb", requests=1),)), layout)
    assert "cand." not in capsys.readouterr().out


def test_a_crawl_that_breaks_is_told_with_its_last_words(layout: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "echo 'the ledger is damaged' >&2; exit 1")
    with pytest.raises(CrawlBroken, match=r"exit code 1: the ledger is damaged\. What was fetched before is kept"):
        crawl(layout, REGISTRY_FOLDER)


def test_a_stopped_crawl_goes_on_under_its_run_id(layout: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = pretend(monkeypatch, "exit 143")
    for _ in range(2):
        with pytest.raises(CrawlBroken, match="was stopped"):
            crawl(layout, REGISTRY_FOLDER, [PORTAL])
    with pytest.raises(CrawlBroken):
        crawl(layout, REGISTRY_FOLDER)
    first, second, other = (command[command.index("--run-id") + 1] for command in commands)
    assert first == second
    pretend(monkeypatch, "exit 0")
    crawl(layout, REGISTRY_FOLDER)
    assert not layout.unfinished_crawl.exists()
    assert other


def test_a_portal_that_is_not_in_the_registry_is_refused_before_anything_starts(layout: DataLayout) -> None:
    with pytest.raises(BadInput, match="There is no sound entry nowhere"):
        collect(layout, REGISTRY_FOLDER, ["nowhere"])
    assert not layout.root.exists()


def test_the_whole_job_on_a_sample_portal_and_again(tmp_path: Path, ogi: Ogi) -> None:
    data = tmp_path / "data"
    first = ogi("run", "--sample", "--portal", PORTAL, "--data", data)
    assert first.code == 0
    assert "Made by this query, in any DuckDB:" in first.out
    assert "平潭" in first.out
    second = ogi("run", "--sample", "--portal", PORTAL, "--data", data)
    assert second.code == 0
    assert "Nothing new; " in second.out
    assert "Documents: 0 read now, 2 read before" in second.out
    assert "not from the sample portals" not in second.err
    page = tmp_path / "page.html"
    page.write_text(NO_REPORT, encoding="utf-8")
    ogi("add", page, "--portal", "shanxi", "--data", data)
    mixed = ogi("run", "--sample", "--portal", PORTAL, "--data", data)
    assert "already holds documents that are not from the sample portals" in mixed.err
    warned = ogi("run", "--data", data, "--portals", tmp_path / "none")
    assert "none is no folder of portal entries" in warned.err
    sql = second.out.split("in any DuckDB:")[1]
    assert json.loads(ogi("query", sql, "--json", "--data", data).out.splitlines()[0])["n"] == 1
    portals = json.loads((data / "portals.json").read_text(encoding="utf-8"))
    assert portals[PORTAL]["division_code"] == "350128"


def test_a_portal_that_is_down_is_a_fact_and_not_an_error(layout: DataLayout, ogi: Ogi) -> None:
    with SampleServer() as server:
        host = next(site.host for site in server.sites if site.id == PORTAL)
        server.set_fault(host, Fault.ERROR_500)
        collected = collect(layout, REGISTRY_FOLDER, [PORTAL], proxy=server.proxy_url)
    assert collected.crawl.total("new") == 0
    assert collected.problems == ()
    outcomes = Counter(Archive(layout).fetches.column("outcome").to_pylist())
    assert outcomes.total() >= 1
    answer = ogi("problems", "--json", "--data", layout.root)
    assert answer.code == 1
    assert {json.loads(line)["kind"] for line in answer.out.splitlines()} == {"fetch"}


def test_a_host_that_gives_no_answer_is_named_with_the_way_out(tmp_path: Path, ogi: Ogi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"  # nobody listens there any more
    entry = {"name": "某县", "family": "static_paged", "index_url": f"http://{host}/nb/", "delay_seconds": 0}
    folder = tmp_path / "portals" / "province"
    folder.mkdir(parents=True)
    (folder / "down.yml").write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
    told = ogi("crawl", "--portals", tmp_path / "portals", "--data", tmp_path / "data")
    assert "1 failed. `ogi problems` says which and why." in told.out
    reason = f"{host} refuses connections: it may be down; the next run asks again"
    answer = ogi("problems", "--json", "--portals", tmp_path / "portals", "--data", tmp_path / "data")
    failed = [row for line in answer.out.splitlines() if (row := json.loads(line))["kind"] == "fetch"]
    assert [row["reason"] for row in failed] == [f"not asked: robots.txt could not be had ({reason})", reason]
    shown = ogi("problems", "--portals", tmp_path / "portals", "--data", tmp_path / "data").out
    assert "the next run asks again" in " ".join(shown.split())
