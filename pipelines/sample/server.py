"""The loopback server that plays the sample portals, as a forward proxy: addresses do not depend on its port.

Belongs here: HTTP and TLS, the request log. Does not belong here: what a portal holds (`sites`, `families`), how it
fails (`faults`). Point `http_proxy` at `SampleServer.proxy_url`, or ask the port directly with a Host header; with
`https_proxy` the sites are met over TLS, `SampleServer.authority` being the file that vouches for them.
"""

import argparse
import contextlib
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from pipelines.sample.certificates import Authority
from pipelines.sample.facts import Facts, load_facts
from pipelines.sample.families import FAMILIES, SiteContent, arrange
from pipelines.sample.faults import SOFT_404, Ask, Fault, Reply, Switch, alter, instead
from pipelines.sample.sites import REGISTRY_FOLDER, Rendition, Resource, Row, Site, load_sites, make_rows, report_path

__all__ = ["Fault", "RequestRecord", "SampleServer", "main"]

_IDLE_SECONDS = 15
_CHUNK = bytes(1 << 16)
_DRIPS = 20


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
        self._faults: dict[str, Switch] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._authority: Authority | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
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
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = self._authority = None
            self._contexts.clear()

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
    def authority(self) -> Path:
        """The certificate that vouches for the sites met over TLS; also the value for SSL_CERT_FILE."""
        return self._sign().file

    def _sign(self) -> Authority:
        if self._authority is None:
            self._folder = tempfile.TemporaryDirectory(prefix="sample-tls-")
            self._authority = Authority(Path(self._folder.name))
        return self._authority

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
        path_part: str = "",
        after: int = 0,
        times: int | None = None,
        seconds: float = 0.1,
    ) -> None:
        """Make a host fail from now on, after so many requests, for the next `times` requests; None mends it.

        Only paths that start with `path_prefix` and hold `path_part` fail; robots.txt fails only when down, reset or
        slow, by its own faults, or when named itself. `seconds` is the delay of a slow answer, the length of a dripping
        one, or the pause that robots.txt asks for. Raises KeyError for an unknown host.
        """
        self._site(host)
        with self._lock:
            self._contexts.pop(host, None)
            if fault is None:
                self._faults.pop(host, None)
            else:
                self._faults[host] = Switch(Fault(fault), path_prefix, path_part, after, times, seconds)

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

    def fault_for(self, host: str, address: str) -> Switch | None:
        """The fault that this request meets, counting it."""
        with self._lock:
            known = self._faults.get(host)
            return known if known is not None and known.concerns(address) else None

    def find(self, host: str, address: str, form: str = "", referer: str = "", method: str = "GET") -> Resource | None:
        """What stands at an address; `form` is the body of a POST."""
        if host not in self._sites:
            return None
        content = self._content(host)
        parts = urlsplit(address)
        path = parts.path.partition(";jsessionid=")[0]
        if path in content.programs:
            given = dict(parse_qsl(parts.query)) | ({"json": form} if form[:1] in ("{", "[") else dict(parse_qsl(form)))
            # What a program knows of a request beside its parameters.
            given["method"] = method
            if referer:
                given["referer"] = referer
            return content.programs[path](given)
        return content.fixed.get(address) or content.fixed.get(path)

    def plain(self, host: str, address: str) -> bytes | None:
        """The body that stands at an address; None where there is none."""
        found = self.find(host, address)
        return None if found is None else found.body

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS of a host."""
        with self._lock:
            if host not in self._contexts:
                switch = self._faults.get(host)
                fault = None if switch is None else switch.fault
                expired, old = fault is Fault.EXPIRED_CERTIFICATE, fault is Fault.OLD_TLS
                self._contexts[host] = self._sign().context(host, expired=expired, old=old)
            return self._contexts[host]

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

    def do_CONNECT(self) -> None:
        """Become the host itself, over TLS."""
        host = self.path.partition(":")[0].lower().removeprefix("www.")
        self.send_response_only(200)
        self.end_headers()
        self.wfile.flush()
        context = self.server.sample.context(host)
        self.connection = context.wrap_socket(self.connection, server_side=True, do_handshake_on_connect=False)
        try:
            self.connection.do_handshake()
        except OSError:  # one of the two does not like what it sees
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)  # what was said about it still arrives
                self.connection.settimeout(1)
                self.connection.recv(1)
            return
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", self.wbufsize)
        self.close_connection = False

    def finish(self) -> None:
        """Close what is open, TLS as well."""
        with contextlib.suppress(OSError):
            super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def _serve(self, form: str) -> None:
        start = time.monotonic()
        parts = urlsplit(self.path)
        host = (parts.hostname or self.headers.get("Host", "").partition(":")[0]).lower().removeprefix("www.")
        address = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        reply = self._answer(host, address, form)
        self.server.sample.record(
            RequestRecord(
                time_start=start,
                time_end=time.monotonic(),
                host=host,
                method=self.command,
                path=address,
                status=reply.status,
                user_agent=self.headers.get("User-Agent", ""),
                had_validator="If-None-Match" in self.headers or "If-Modified-Since" in self.headers,
            )
        )
        self._send(reply)
        self.wfile.flush()

    def _answer(self, host: str, address: str, form: str) -> Reply:
        sample = self.server.sample
        switch = sample.fault_for(host, address)
        ask = Ask(host, address, self.headers.get("Cookie", ""))
        if switch is not None:
            if switch.fault is Fault.SLOW:
                sample.pause(switch.seconds)
            reply = instead(switch, ask, lambda other: sample.plain(host, other))
            if reply is not None:
                return reply
        resource = sample.find(host, address, form, self.headers.get("Referer", ""), self.command)
        if resource is None:
            return Reply(404, SOFT_404)
        known = {
            "ETag": resource.etag,
            "Last-Modified": format_datetime(resource.modified, usegmt=True),
            "Cache-Control": "max-age=600",
        }
        if self.command != "POST" and self._is_unchanged(resource):
            return Reply(304, headers=known)
        reply = Reply(200, resource.body, resource.content_type, {**known, **resource.headers})
        return reply if switch is None else alter(switch, ask, reply)

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

    def _send(self, reply: Reply) -> None:
        if reply.silent:
            self.close_connection = True
            if reply.reset:  # with nothing to wait for, closing resets
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            return
        self.send_response(reply.status, {521: "Web Server Is Down"}.get(reply.status))
        length = len(reply.body) if reply.stated_length is None else reply.stated_length
        if reply.status != 304:
            self.send_header("Content-Type", reply.kind)
            if reply.states_length:
                self.send_header("Content-Length", str(length))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.cut is not None or not reply.states_length or length != len(reply.body):
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD" and reply.status != 304:
            self._send_body(reply)

    def _send_body(self, reply: Reply) -> None:
        if reply.drip_seconds:
            step = max(1, -(-len(reply.body) // _DRIPS))
            for start in range(0, len(reply.body), step):
                self.wfile.write(reply.body[start : start + step])
                self.wfile.flush()
                self.server.sample.pause(reply.drip_seconds / _DRIPS)
            return
        self.wfile.write(reply.body[: reply.cut])
        for _ in range(reply.padding // len(_CHUNK)):
            self.wfile.write(_CHUNK)


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
