"""The loopback server that plays the sample portals, as a forward proxy: addresses do not depend on its port.

Belongs here: HTTP, the request log, faults by switch. Does not belong here: what a portal holds (`sites`, `families`).
Point `http_proxy` at `SampleServer.proxy_url`, or ask the port directly with a Host header.
"""

import argparse
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from pipelines.sample.facts import Facts, load_facts
from pipelines.sample.families import FAMILIES, SiteContent, arrange
from pipelines.sample.sites import REGISTRY_FOLDER, Rendition, Resource, Row, Site, load_sites, make_rows, report_path

__all__ = ["Fault", "RequestRecord", "SampleServer", "main"]

_IDLE_SECONDS = 15
_SOFT_404 = (
    '<html><head><meta charset="utf-8" /><title>提示</title></head><body><p>您访问的页面不存在。</p></body></html>'
).encode()
_CHALLENGE = b"<script>document.cookie='__jsl_clearance_s=sample';location.href=location.pathname</script>"


class Fault(StrEnum):
    """A way in which a portal fails."""

    DOWN = "down"
    """The connection is closed without an answer."""
    ERROR_500 = "500"
    SOFT_404 = "soft_404"
    """Status 200 and a page that says there is no page."""
    CHALLENGE_521 = "challenge_521"
    ROBOTS_DISALLOW = "robots_disallow"
    """robots.txt forbids everything; the pages themselves still answer."""
    SLOW = "slow"
    TRUNCATED = "truncated"
    """Half of the promised bytes, then the end."""


_ALSO_ROBOTS = (Fault.DOWN, Fault.SLOW)


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as the server saw it. Times are seconds of `time.monotonic()`; status 0 means no answer was given.

    `time_end` is taken when the answer is ready, before its bytes leave: afterwards the client may already ask again.
    """

    time_start: float
    time_end: float
    host: str
    method: str
    path: str
    status: int
    user_agent: str
    had_validator: bool


@dataclass
class _SetFault:
    fault: Fault
    path_prefix: str
    remaining: int | None
    seconds: float


class SampleServer:
    """The sample portals on loopback, in a thread. Use as a context manager, or call start() and stop()."""

    def __init__(
        self,
        facts_dir: Path | None = None,
        sites_dir: Path | None = None,
        port: int = 0,
        *,
        facts: Mapping[str, Facts] | None = None,
    ) -> None:
        """Play the sites of a folder with the facts of another, or with those given; the embedded ones by default."""
        self._facts = dict(facts) if facts is not None else load_facts(facts_dir)
        self._sites = {site.host: site for site in load_sites(sites_dir).values()}
        self._port = port
        self._revisions: dict[str, int] = {}
        self._contents: dict[str, SiteContent] = {}
        self._faults: dict[str, _SetFault] = {}
        self._log: list[RequestRecord] = []
        self._lock = threading.Lock()
        self._drawing = threading.Lock()
        self._interrupt = threading.Event()
        self._http: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and answer in a thread of its own."""
        self._interrupt.clear()
        self._http = _Listener(("127.0.0.1", self._port), self)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Close the port. Slow answers under way are cut short."""
        if self._http is not None:
            self._interrupt.set()
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    @property
    def port(self) -> int:
        """The port in use. Raises RuntimeError before start()."""
        if self._http is None:
            raise RuntimeError("the sample server is not running: use it in a with statement or call start()")
        return int(self._http.server_address[1])

    @property
    def proxy_url(self) -> str:
        """The value for http_proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sites(self) -> tuple[Site, ...]:
        """The portals played, by host."""
        return tuple(self._sites[host] for host in sorted(self._sites))

    @property
    def facts(self) -> Mapping[str, Facts]:
        """The reports by slug, as they stand now."""
        return dict(self._facts)

    # --- what happened

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """The requests so far, in the order in which they ended."""
        with self._lock:
            return tuple(self._log)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._log.clear()

    def max_concurrent(self, host: str) -> int:
        """How many requests to one host were under way at the same moment, at most. Sharpest with Fault.SLOW."""
        edges = [
            edge
            for record in self.requests
            if record.host == host
            for edge in ((record.time_start, 1), (record.time_end, -1))
        ]
        most = current = 0
        for _, step in sorted(edges):
            current += step
            most = max(most, current)
        return most

    # --- what can be changed

    def set_fault(
        self,
        host: str,
        fault: Fault | str | None,
        *,
        path_prefix: str = "/",
        times: int | None = None,
        seconds: float = 0.1,
    ) -> None:
        """Make a host fail from now on, or for the next `times` requests; None mends it.

        Only paths that start with `path_prefix` fail; robots.txt fails only when down or slow, or when named itself.
        `seconds` is the delay of a slow answer. Raises KeyError for an unknown host.
        """
        self._site(host)
        with self._lock:
            if fault is None:
                self._faults.pop(host, None)
            else:
                self._faults[host] = _SetFault(Fault(fault), path_prefix, times, seconds)

    def update_report(self, facts: Facts) -> None:
        """Publish a corrected version of a report under its address, a day younger. Raises KeyError if it is new."""
        self._facts[facts.slug]
        self._facts[facts.slug] = facts
        self._revisions[facts.slug] = self._revisions.get(facts.slug, 0) + 1
        for host, site in self._sites.items():
            if any(row.report == facts.slug for row in site.rows):
                self._redraw(host)

    def add_report(self, host: str, facts: Facts, rendition: Rendition = Rendition.PAGE) -> None:
        """Publish one more report on a host and list it. Raises KeyError for an unknown host."""
        site = self._site(host)
        self._facts[facts.slug] = facts
        row = Row(report=facts.slug, rendition=rendition)
        self._sites[host] = site.model_copy(update={"rows": (*site.rows, row)})
        self._redraw(host)

    def remove_report(self, host: str, slug: str) -> None:
        """Take a report off a host, page and row. Raises KeyError for an unknown host."""
        site = self._site(host)
        rows = tuple(row for row in site.rows if row.report != slug)
        self._sites[host] = site.model_copy(update={"rows": rows})
        self._redraw(host)

    def addresses(self, host: str) -> tuple[str, ...]:
        """Every fixed address of a host, for tests that check what a crawl should reach."""
        self._site(host)
        return tuple(f"http://{host}{path}" for path in sorted(self._content(host).fixed))

    def report_address(self, host: str, slug: str) -> str:
        """The address of a report's page. Raises KeyError if the host does not publish it."""
        site = self._site(host)
        for row in site.rows:
            if row.report == slug:
                return f"http://{host}{report_path(site, FAMILIES[site.family].addresses, row, self._facts[slug])}"
        raise KeyError(f"{host} publishes no report called {slug}")

    def _site(self, host: str) -> Site:
        if host not in self._sites:
            raise KeyError(f"no sample portal is called {host}; there are {', '.join(sorted(self._sites))}")
        return self._sites[host]

    def _content(self, host: str) -> SiteContent:
        """The pages of a host, drawn when first asked for."""
        with self._drawing:
            if host not in self._contents:
                site = self._sites[host]
                self._contents[host] = arrange(
                    site, make_rows(site, FAMILIES[site.family].addresses, self._facts, self._revisions)
                )
            return self._contents[host]

    def _redraw(self, host: str) -> None:
        with self._drawing:
            self._contents.pop(host, None)

    # --- what the handler asks

    def fault_for(self, host: str, path: str) -> _SetFault | None:
        """The fault that this request meets, counting it."""
        with self._lock:
            known = self._faults.get(host)
            if known is None or not path.startswith(known.path_prefix):
                return None
            is_robots = path == "/robots.txt"
            if known.fault is Fault.ROBOTS_DISALLOW:
                return known if is_robots else None
            if is_robots and known.fault not in _ALSO_ROBOTS and known.path_prefix != "/robots.txt":
                return None
            if known.remaining is not None:
                if known.remaining == 0:
                    return None
                known.remaining -= 1
            return known

    def find(self, host: str, address: str, form: str) -> Resource | None:
        """What stands at an address; `form` is the body of a POST."""
        if host not in self._sites:
            return None
        content = self._content(host)
        parts = urlsplit(address)
        if parts.path in content.programs:
            given = dict(parse_qsl(parts.query)) | ({"json": form} if form[:1] in ("{", "[") else dict(parse_qsl(form)))
            return content.programs[parts.path](given)
        return content.fixed.get(address) or content.fixed.get(parts.path)

    def record(self, record: RequestRecord) -> None:
        """Add a request to the log."""
        with self._lock:
            self._log.append(record)

    def pause(self, seconds: float) -> None:
        """Wait, unless the server is stopped."""
        self._interrupt.wait(seconds)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], sample: SampleServer) -> None:
        super().__init__(address, _Handler)
        self.sample = sample

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SamplePortal"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = 1 << 20  # larger than any answer: nothing leaves before the request is in the log
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        self._serve("")

    def do_HEAD(self) -> None:
        self._serve("")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._serve(self.rfile.read(length).decode("utf-8", "replace"))

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in the log of the server, not printed."""

    def _serve(self, form: str) -> None:
        start = time.monotonic()
        parts = urlsplit(self.path)
        host = (parts.hostname or self.headers.get("Host", "").partition(":")[0]).lower().removeprefix("www.")
        address = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        status = self._answer(host, address, form)
        self.server.sample.record(
            RequestRecord(
                time_start=start,
                time_end=time.monotonic(),
                host=host,
                method=self.command,
                path=address,
                status=status,
                user_agent=self.headers.get("User-Agent", ""),
                had_validator="If-None-Match" in self.headers or "If-Modified-Since" in self.headers,
            )
        )
        self.wfile.flush()

    def _answer(self, host: str, address: str, form: str) -> int:
        sample = self.server.sample
        met = sample.fault_for(host, address)
        fault = met.fault if met else None
        if met is not None and fault is Fault.SLOW:
            sample.pause(met.seconds)
        elif fault is Fault.DOWN:
            self.close_connection = True
            return 0
        elif fault is Fault.ERROR_500:
            return self._send(500, b"<html><body>500 Internal Server Error</body></html>", "text/html")
        elif fault is Fault.SOFT_404:
            return self._send(200, _SOFT_404, "text/html")
        elif fault is Fault.CHALLENGE_521:
            return self._send(521, _CHALLENGE, "text/html", {"Set-Cookie": "__jsluid_h=sample; path=/; HttpOnly"})
        elif fault is Fault.ROBOTS_DISALLOW:
            return self._send(200, b"User-agent: *\nDisallow: /\n", "text/plain")
        resource = sample.find(host, address, form)
        if resource is None:
            return self._send(404, _SOFT_404, "text/html")
        known = {
            "ETag": resource.etag,
            "Last-Modified": format_datetime(resource.modified, usegmt=True),
            "Cache-Control": "max-age=600",
        }
        if self.command != "POST" and self._is_unchanged(resource):
            return self._send(304, b"", "", known)
        cut = len(resource.body) // 2 if fault is Fault.TRUNCATED else None
        return self._send(200, resource.body, resource.content_type, {**known, **resource.headers}, cut)

    def _is_unchanged(self, resource: Resource) -> bool:
        """If-None-Match decides alone where it is given (RFC 9110, 13.1.3)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return resource.etag in (tag.strip().removeprefix("W/") for tag in tags.split(",")) or tags.strip() == "*"
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return resource.modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def _send(
        self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None, cut: int | None = None
    ) -> int:
        self.send_response(status, {521: "Web Server Is Down"}.get(status))
        if status != 304:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if cut is not None:
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body[:cut])
        return status


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted: `python -m pipelines.sample.server --port 8099`."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.sample.server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    options = parser.parse_args(arguments)
    server = SampleServer(port=options.port)
    try:
        server.start()
    except OSError as problem:
        raise SystemExit(
            f"port {options.port} cannot be used ({problem.strerror}): choose another with --port"
        ) from None
    try:
        print(f"http_proxy={server.proxy_url}")
        print(f"registry={REGISTRY_FOLDER}")
        for site in server.sites:
            start = FAMILIES[site.family].column(site)
            print(f"  {site.id:<32} {site.family:<14} http://{site.host}{start}  {site.name}")
        print("Stop with Ctrl-C.", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("stopped")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
