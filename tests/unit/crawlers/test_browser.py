"""The optional browser back end: shells are shown, the manners are kept, and without it there is one clear sentence."""

import importlib.util
import json
from itertools import pairwise
from pathlib import Path

import pytest
from crawl_peer import Answer, Peer, article, crawl, write_entry

from crawlers import chromium
from crawlers.chromium import browser_missing, executable
from crawlers.registry import load_registry

needs_browser = pytest.mark.skipif(
    browser_missing() is not None, reason=f"the browser back end is optional: {browser_missing()}"
)

SHELL = """<!DOCTYPE html><html><head><title>年报</title><link rel="stylesheet" href="/style.css"></head><body>
<ul id="list"></ul><img src="/picture.png"><script src="/app.js"></script>
<script src="http://counter.example.com/count.js"></script></body></html>"""
SCRIPT = """fetch('/secret/rows.json').catch(() => 0);
fetch('/api/rows.json').then(answer => answer.json()).then(rows => {
  document.getElementById('list').innerHTML = rows.map(
    row => `<li><a href="${row.url}">${row.title}</a><span>${row.date}</span></li>`).join('');
});"""
ROWS = [
    {"url": f"/a/2022/0{n}.html", "title": f"某局{n}2021年政府信息公开工作年度报告", "date": f"2022-01-0{n}"}
    for n in (1, 2)
]


def pages() -> dict[str, Answer | str]:
    return {
        "/robots.txt": Answer("User-agent: *\nDisallow: /secret/\n", content_type="text/plain"),
        "/nb/": SHELL,
        "/app.js": Answer(SCRIPT, content_type="application/javascript"),
        "/api/rows.json": Answer(json.dumps(ROWS), content_type="application/json"),
        **{row["url"]: article(row["title"]) for row in ROWS},
    }


@needs_browser
def test_a_shell_is_shown_by_the_browser_through_the_crawls_own_gates(tmp_path: Path) -> None:
    with Peer(pages()) as peer:
        write_entry(tmp_path / "registry", "p", "linked", peer.url("/nb/"), browser=True, delay_seconds=0.2)
        run = crawl(tmp_path, "night-1")
        assert run.code == 0, run.stderr
        outcomes = run.outcomes()
        assert [outcomes[row["url"]] for row in ROWS] == ["stored", "stored"]
        assert "as a browser shows it" in (run.by_path()["/nb/"].reason or "")
        asked = set(peer.paths)
        assert not asked & {"/style.css", "/picture.png", "/secret/rows.json", "/count.js", "/favicon.ico"}
        assert peer.paths.count("/nb/") == 1
        assert peer.most_together == 1
        assert all("ogi-warehouse/" in one.agent for one in peer.log)
        starts = sorted(one.start for one in peer.log)
        assert min(later - earlier for earlier, later in pairwise(starts)) >= 0.18


@needs_browser
def test_a_challenge_is_never_run(tmp_path: Path) -> None:
    challenge = "<html><script>document.cookie='__jsl_clearance=1';location.reload();fetch('/app.js')</script></html>"
    with Peer({"/nb/": challenge}) as peer:
        write_entry(tmp_path / "registry", "p", "linked", peer.url("/nb/"), browser=True)
        run = crawl(tmp_path, "night-1")
        assert run.outcomes()["/nb/"] == "challenge"
        assert peer.paths == ["/robots.txt", "/nb/"]


@needs_browser
def test_a_browser_that_fails_is_told_and_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.BROWSER_VARIABLE, "/bin/false")
    with Peer(pages()) as peer:
        write_entry(tmp_path / "registry", "p", "linked", peer.url("/nb/"), browser=True)
        run = crawl(tmp_path, "night-1")
    assert run.code == 0, run.stderr
    row = run.by_path()["/nb/"]
    assert row.outcome.value == "layout_changed"
    assert "the browser failed" in (row.reason or "")


def test_an_entry_that_asks_for_a_browser_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    write_entry(tmp_path, "p", "hanweb", "http://127.0.0.1:9/nb/", browser=True)
    write_entry(tmp_path, "q", "hanweb", "http://127.0.0.1:9/other/", browser=False)
    registry = load_registry(tmp_path)
    assert [portal.id for portal in registry] == ["q"]
    (problem,) = registry.problems
    assert problem.key == "browser"
    assert "pip install 'ogi-warehouse[browser]'" in problem.sentence


def test_a_machine_without_chromium_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.delenv(chromium.BROWSER_VARIABLE, raising=False)
    assert "no Chromium was found" in (browser_missing() or "")
    monkeypatch.setenv(chromium.BROWSER_VARIABLE, "/opt/browser")
    assert executable() == "/opt/browser"
    assert browser_missing() is None
