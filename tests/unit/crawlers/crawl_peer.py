"""A small HTTP server for these tests, and the crawl run against it as users run it.

Each peer is one host: on loopback the port belongs to the host's name.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from crawlers.archive import FetchRow, Ledger

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Answer:
    """What the peer sends."""

    body: bytes | str = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    with_etag: bool = True
    cut: bool = False
    """Send half of the promised bytes."""
    hold: bool = False
    """Send nothing until the peer closes."""

    @property
    def data(self) -> bytes:
        """The body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass(frozen=True)
class Asked:
    """One request as the peer saw it."""

    method: str
    path: str
    status: int
    start: float
    end: float
    agent: str
    form: Mapping[str, str]
    referer: str = ""


Page = Answer | str | Callable[[str, Mapping[str, str]], Answer]


class Peer:
    """One host with its pages; a path may be an answer, a text, or a function of method and fields."""

    def __init__(self, pages: Mapping[str, Page] | None = None) -> None:
        self.pages: dict[str, Page] = dict(pages or {})
        self.log: list[Asked] = []
        self.together = 0
        self.most_together = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_GET(self) -> None:
                peer._serve(self, "GET")

            def do_POST(self) -> None:
                peer._serve(self, "POST")

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    @property
    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [asked.path for asked in self.log]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        start = time.monotonic()
        with self._lock:
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        length = int(handler.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(handler.rfile.read(length).decode())) if length else {}
        answer = self._answer(method, handler.path, form)
        if answer.hold:
            self._closing.wait(5)
        etag = f'"{hashlib.sha256(answer.data).hexdigest()[:16]}"'
        same = answer.status == 200 and answer.with_etag and handler.headers.get("If-None-Match") == etag
        status = 304 if same else answer.status
        agent = handler.headers.get("User-Agent", "")
        with self._lock:
            self.together -= 1
            referer = handler.headers.get("Referer", "")
            self.log.append(Asked(method, handler.path, status, start, time.monotonic(), agent, form, referer))
        handler.send_response(status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        if answer.with_etag and answer.status == 200:
            handler.send_header("ETag", etag)
        if same:
            handler.end_headers()
            return
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(len(answer.data)))
        handler.end_headers()
        handler.wfile.write(answer.data[: len(answer.data) // 2] if answer.cut else answer.data)
        if answer.cut:
            handler.close_connection = True

    def _answer(self, method: str, path: str, form: Mapping[str, str]) -> Answer:
        page = self.pages.get(path) or self.pages.get(urlsplit(path).path)
        if page is None:
            return Answer("<html><title>404</title><p>Not Found</p></html>", 404)
        if isinstance(page, str):
            return Answer(page)
        if isinstance(page, Answer):
            return page
        return page(method, {**dict(parse_qsl(urlsplit(path).query)), **form})


@dataclass(frozen=True)
class CrawlRun:
    """One run of the crawl, ended."""

    code: int
    events: list[dict[str, Any]]
    stderr: str
    rows: list[FetchRow]

    def by_path(self) -> dict[str, FetchRow]:
        """The run's rows by path and query of their address."""
        return {_path(row.url or ""): row for row in self.rows}

    def outcomes(self) -> dict[str, str]:
        """Outcome by path."""
        return {path: row.outcome.value for path, row in self.by_path().items()}

    def finished(self, portal: str) -> dict[str, Any]:
        """The closing event of a portal."""
        return next(event for event in self.events if event["event"] == "portal_finished" and event["portal"] == portal)


def _path(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path}{query}{'#POST' if parts.fragment else ''}"


def write_entry(registry: Path, portal: str, family: str, url: str, **more: object) -> None:
    """A registry entry."""
    folder = registry / "province"
    folder.mkdir(parents=True, exist_ok=True)
    entry = {"id": portal, "name": "某区", "family": family, "index_url": url, "delay_seconds": 0, **more}
    (folder / f"{portal}.yml").write_text(json.dumps(entry, ensure_ascii=False), "utf-8")


def command(folder: Path, run_id: str, *more: str) -> list[str]:
    """The crawl's command line over `folder/registry`."""
    return [
        sys.executable,
        "-m",
        "crawlers.crawl",
        "--registry",
        str(folder / "registry"),
        "--raw",
        str(folder / "raw"),
        "--ledger",
        str(folder / "ledger.sqlite"),
        "--run-id",
        run_id,
        *more,
    ]


def environment(proxy: str | None = None) -> dict[str, str]:
    """The environment of a crawl: our packages, and no proxy but the one given."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and name != "OGI_CONTACT"}
    return {**kept, "PYTHONPATH": str(ROOT), **({"http_proxy": proxy} if proxy else {})}


def crawl(folder: Path, run_id: str, *more: str, proxy: str | None = None) -> CrawlRun:
    """Run the crawl to its end."""
    done = subprocess.run(
        command(folder, run_id, *more), env=environment(proxy), capture_output=True, text=True, timeout=120, check=False
    )
    ledger = folder / "ledger.sqlite"
    rows: Sequence[FetchRow] = ()
    if ledger.exists():
        with Ledger(ledger, read_only=True) as opened:
            rows = tuple(opened.rows(run_id=run_id))
    return CrawlRun(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr, list(rows))


# ---- pages ----------------------------------------------------------------------------------------------------------


def listing(*rows: tuple[str, str, str], after: str = "", before: str = "") -> str:
    """A list page: (address, title, date) a row."""
    items = "".join(f'<li><a href="{href}">{title}</a><span>{day}</span></li>' for href, title, day in rows)
    return f"<html><head><title>列表</title></head><body>{before}<ul class='list'>{items}</ul>{after}</body></html>"


def article(title: str, after: str = "") -> str:
    """An article that reads like a report."""
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p>一、总体情况。本机关主动公开政府信息。</p>{after}</body></html>"
    )


def report(number: int, year: int = 2020) -> tuple[str, str, str]:
    """A row of a list: the report with that number."""
    return (
        f"./{year + 1}01/t{year + 1}01{number:02d}_{number}.html",
        f"某局{number}关于{year}年政府信息公开工作的年度报告",
        f"{year + 1}-01-{number:02d}",
    )


def datastore(rows: Sequence[tuple[str, str, str]], total: int, next_group: str = "") -> str:
    """A jpage answer."""
    group = f'<nextgroup><![CDATA[<a href="{next_group}"></a>]]></nextgroup>' if next_group else ""
    records = "".join(
        f'<record><![CDATA[<li><a href="{href}" title="{title}"><span>{title[:8]}…</span></a><b>{day}</b></li>]]>'
        "</record>"
        for href, title, day in rows
    )
    return (
        f"<datastore><totalrecord>{total}</totalrecord><totalpage>9</totalpage>{group}"
        f"<recordset>{records}</recordset></datastore>"
    )
