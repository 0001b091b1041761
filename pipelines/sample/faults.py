"""How a sample portal fails: the switches, and what each does to an answer.

Belongs here: the faults and defences of real portals, one switch each. Does not belong here: HTTP (`server`), what a
portal holds (`sites`). Numbers are those of the project's catalogue of faults.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Ask", "Fault", "Reply", "Switch", "alter", "instead"]

HTML = "text/html; charset=utf-8"
MEGABYTE = 1024 * 1024
HUGE_BYTES = 200 * MEGABYTE


class Fault(StrEnum):
    """A way in which a portal fails."""

    # 1 to 5: challenges and firewalls
    CHALLENGE_521 = "challenge_521"
    CHALLENGE_412 = "challenge_412"
    COOKIE_SCRIPT = "cookie_script"
    """Status 200 and some 380 bytes of script that set a cookie and reload."""
    COOKIE_REDIRECT = "cookie_redirect"
    """302 to the same address until the cookie comes that it sets."""
    COOKIE_LOOP = "cookie_loop"
    """302 to the same address with a new cookie each time."""
    WAF_403 = "waf_403"
    WAF_COOKIE = "waf_cookie"
    """403 with a page that says nothing; only its cookie names the firewall."""

    # 6 to 8: what is missing, and what only seems so
    MISSING_404 = "missing_404"
    """404 for whatever the switch is set on, whether it is there or not."""
    BURST_HOME = "burst_home"
    """The home page in place of what was asked for, status 200."""
    SOFT_404 = "soft_404"
    """Status 200 and a page that says there is no page."""
    SOFT_404_UNMARKED = "soft_404_unmarked"
    """What is not there is answered with status 200 and a page of the site that says nothing of it."""
    MISSING_TO_HOME = "missing_to_home"
    """What is not there is redirected to the home page."""
    MISSING_TO_ERROR_PAGE = "missing_to_error_page"

    # 9: TLS
    EXPIRED_CERTIFICATE = "expired_certificate"
    OLD_TLS = "old_tls"
    """TLS 1.0 and 1.1 only, a short key, a certificate of another host."""

    # 11, 12: the connection
    DOWN = "down"
    """The connection is closed without an answer."""
    RESET = "reset"
    """The connection is reset without an answer."""
    ERROR_403 = "403"
    ERROR_429 = "429"
    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_503 = "503"
    SLOW = "slow"
    DRIP = "drip"
    """The body comes in small pieces; `seconds` is the time for all of them."""
    TRUNCATED = "truncated"
    """Half of the promised bytes, then the end."""
    LONG_LENGTH = "long_length"
    """All bytes, and a stated length that is larger."""
    SHORT_LENGTH = "short_length"
    """A stated length of half the bytes."""

    # 13 to 15: addresses
    SESSION_LINKS = "session_links"
    """Links carry a session and a counter, others each time."""
    REFRESH_STUB = "refresh_stub"
    SCRIPT_STUB = "script_stub"
    STUB_AWAY = "stub_away"
    """A page that only sends on, to a host that is none of the portal's."""
    REDIRECT_AWAY = "redirect_away"
    REDIRECT_LOOP = "redirect_loop"
    REPEATED_PAGE = "repeated_page"
    """Later list pages (`name_3.html`) repeat the first."""
    CALENDAR = "calendar"
    """Every page links to the months before and after, without end."""

    # 16, 17: files and what is said about them
    HTML_FOR_FILE = "html_for_file"
    EMPTY_BODY = "empty_body"
    EXPIRED_TOKEN = "expired_token"
    """Links to files carry a token. The one that an article gives first has expired when it is used."""
    PLACEHOLDER_METADATA = "placeholder_metadata"

    # bodies that are too large
    GZIP_BOMB = "gzip_bomb"
    HUGE = "huge"
    HUGE_UNSTATED = "huge_unstated"
    """200 MB without a stated length."""

    # robots.txt; the pages themselves still answer
    ROBOTS_DISALLOW = "robots_disallow"
    """robots.txt forbids everything."""
    ROBOTS_PARTIAL = "robots_partial"
    """robots.txt forbids the paths that the switch is set on."""
    ROBOTS_DELAY = "robots_delay"
    """robots.txt asks for a pause of `seconds`."""
    ROBOTS_404 = "robots_404"
    ROBOTS_HTML = "robots_html"
    ROBOTS_503 = "robots_503"


OF_ROBOTS = frozenset(fault for fault in Fault if fault.value.startswith("robots_"))
OF_ANY_ADDRESS = frozenset({Fault.DOWN, Fault.SLOW, Fault.RESET})
"""Faults that robots.txt shares with the pages without being named."""
OF_TLS = frozenset({Fault.EXPIRED_CERTIFICATE, Fault.OLD_TLS})


@dataclass
class Switch:
    """A fault as it is set on a host."""

    fault: Fault
    path_prefix: str = "/"
    path_part: str = ""
    after: int = 0
    remaining: int | None = None
    seconds: float = 0.1
    met: int = 0
    served: dict[str, int] = field(default_factory=dict)
    """How often an address was answered under this switch."""

    def concerns(self, path: str) -> bool:
        """Whether a request meets the fault; counts it."""
        is_robots = path == "/robots.txt"
        if self.fault in OF_TLS:
            return False
        if self.fault in OF_ROBOTS:
            return is_robots
        if not path.startswith(self.path_prefix) or self.path_part not in path:
            return False
        if is_robots and self.fault not in OF_ANY_ADDRESS and self.path_prefix != "/robots.txt":
            return False
        self.met += 1
        if self.met <= self.after or self.remaining == 0:
            return False
        if self.remaining is not None:
            self.remaining -= 1
        return True


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as faults see it."""

    host: str
    address: str
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What leaves the server."""

    status: int
    body: bytes = b""
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict)
    stated_length: int | None = None
    cut: int | None = None
    """Send so many bytes and close."""
    drip_seconds: float = 0.0
    padding: int = 0
    """So many zeros after the body."""
    states_length: bool = True
    silent: bool = False
    reset: bool = False


Find = Callable[[str], bytes | None]
"""The body at an address of the host, as it would be without a fault."""


def instead(switch: Switch, ask: Ask, find: Find) -> Reply | None:
    """What a fault answers in place of the page; None where the page is answered after all."""
    path = urlsplit(ask.address).path
    match switch.fault:
        case Fault.DOWN:
            return Reply(0, silent=True)
        case Fault.RESET:
            return Reply(0, silent=True, reset=True)
        case Fault.ERROR_403 | Fault.ERROR_429 | Fault.ERROR_500 | Fault.ERROR_502 | Fault.ERROR_503:
            status = int(switch.fault.value)
            text = f"{status} {HTTPStatus(status).phrase}"
            return Reply(status, _page(text, f"<h1>{text}</h1><hr /><center>nginx</center>"))
        case Fault.CHALLENGE_521:
            first = "__jsluid_h" not in ask.cookie
            cookie = {"Set-Cookie": "__jsluid_h=sample; path=/; HttpOnly"} if first else {}
            return Reply(521, _JSL_FIRST if first else _JSL_SECOND, headers=cookie)
        case Fault.CHALLENGE_412:
            return Reply(412, _RUISHU)
        case Fault.COOKIE_SCRIPT:
            return Reply(200, _C3VK)
        case Fault.COOKIE_REDIRECT if "CT6T=sample" not in ask.cookie:
            return _redirect(ask.address, {"Set-Cookie": "CT6T=sample; path=/; HttpOnly"})
        case Fault.COOKIE_LOOP:
            return _redirect(ask.address, {"Set-Cookie": f"CT6T=sample{switch.met}; path=/"})
        case Fault.WAF_403:
            text = "<h3>您的访问请求被拦截</h3><p>reason:GeoBL</p>"
            return Reply(403, _page("403", text), headers={"Set-Cookie": "wzws_sessionid=sample; path=/"})
        case Fault.WAF_COOKIE:
            return Reply(403, _page("403", "<h1>403</h1>"), headers={"Set-Cookie": "wzws_sessionid=sample; path=/"})
        case Fault.MISSING_404:
            return Reply(404, SOFT_404)
        case Fault.BURST_HOME:
            return Reply(200, find("/") or SOFT_404)
        case Fault.SOFT_404:
            return Reply(200, SOFT_404)
        case Fault.SOFT_404_UNMARKED if find(ask.address) is None:
            return Reply(200, _UNMARKED)
        case Fault.MISSING_TO_HOME if find(ask.address) is None:
            return _redirect("/")
        case Fault.MISSING_TO_ERROR_PAGE:
            if path == "/404.html":
                return Reply(200, _page("提示", "<p>去首页看看吧</p>"))
            return _redirect("/404.html") if find(ask.address) is None else None
        case Fault.REFRESH_STUB if "stub=" not in ask.address:
            return Reply(200, _page("", "", f'<meta http-equiv="refresh" content="0; url={path}?stub=1" />'))
        case Fault.SCRIPT_STUB if "stub=" not in ask.address:
            return Reply(200, _page("", f'<script>window.location.href="{path}?stub=1";</script>'))
        case Fault.STUB_AWAY:
            return Reply(200, _page("", '<script>location.replace("http://copies.invalid/s/1")</script>'))
        case Fault.REDIRECT_AWAY:
            return _redirect("http://copies.invalid/s/1")
        case Fault.REDIRECT_LOOP:
            return _redirect(f"{path}?turn={'2' if 'turn=1' in ask.address else '1'}")
        case Fault.REPEATED_PAGE:
            first_page = find(re.sub(r"_\d+(\.\w+)$", r"\1", path))
            return None if first_page is None else Reply(200, first_page)
        case Fault.HTML_FOR_FILE:
            return Reply(200, _page("登录", "<p>请登录后下载</p>"))
        case Fault.EMPTY_BODY:
            return Reply(200)
        case Fault.EXPIRED_TOKEN:
            token = dict(parse_qsl(urlsplit(ask.address).query)).get("token")
            return Reply(200, _page("提示", "<p>链接已失效</p>")) if token == "1" else None
        case Fault.GZIP_BOMB:
            return Reply(200, _bomb(), headers={"Content-Encoding": "gzip"})
        case Fault.HUGE:
            return Reply(200, b"%PDF-1.4\n", "application/pdf", stated_length=HUGE_BYTES, padding=HUGE_BYTES)
        case Fault.HUGE_UNSTATED:
            return Reply(200, b"%PDF-1.4\n", "application/pdf", padding=HUGE_BYTES, states_length=False)
        case _ if switch.fault in OF_ROBOTS:
            return _robots(switch)
        case _:
            return None


def alter(switch: Switch, ask: Ask, reply: Reply) -> Reply:
    """What a fault makes of the answer that would have been given."""
    half = len(reply.body) // 2
    match switch.fault:
        case Fault.TRUNCATED:
            return replace(reply, cut=half)
        case Fault.DRIP:
            return replace(reply, drip_seconds=switch.seconds)
        case Fault.LONG_LENGTH:
            return replace(reply, stated_length=len(reply.body) + 137, cut=len(reply.body))
        case Fault.SHORT_LENGTH:
            return replace(reply, stated_length=half)
    if not reply.kind.startswith("text/html") or reply.status != 200:
        return reply
    count = switch.served[ask.address] = switch.served.get(ask.address, 0) + 1
    body = reply.body
    match switch.fault:
        case Fault.SESSION_LINKS:
            extra = rb"\1;jsessionid=%032X?isMobile=false&amp;_=%d\2" % (switch.met, 1_700_000_000 + switch.met)
            body = re.sub(rb'(href="[^"?;:]+\.s?html?)(")', extra, body)
        case Fault.CALENDAR:
            months = "".join(f'<a href="?year={year}&amp;month={month}">{month}月</a>' for year, month in _months(ask))
            body = body.replace(b"</body>", f'<div class="calendar">{months}</div></body>'.encode())
        case Fault.EXPIRED_TOKEN:
            body = re.sub(rb'(href="[^"?]+\.docx)(")', rb"\1?token=%d\2" % count, body)
            body = re.sub(rb'(href="[^"]+downfile\.jsp\?[^"]*)(")', rb"\1&amp;token=%d\2" % count, body)
        case Fault.PLACEHOLDER_METADATA:
            body = re.sub(
                rb'(<meta name="(?:PubDate|publishdate)" content=")[^"]*', rb"\g<1>1970-01-01", body, flags=re.I
            )
            body = re.sub(
                rb'(<meta name="(?:ContentSource|Author|ArticleTitle)" content=")[^"]*', rb"\1", body, flags=re.I
            )
    return reply if body is reply.body else replace(reply, body=body)


def _robots(switch: Switch) -> Reply:
    plain = "text/plain"
    match switch.fault:
        case Fault.ROBOTS_DISALLOW:
            return Reply(200, b"User-agent: *\nDisallow: /\n", plain)
        case Fault.ROBOTS_PARTIAL:
            return Reply(200, f"User-agent: *\nDisallow: {switch.path_prefix}\n".encode(), plain)
        case Fault.ROBOTS_DELAY:
            return Reply(200, f"User-agent: *\nCrawl-delay: {switch.seconds}\n".encode(), plain)
        case Fault.ROBOTS_HTML:
            return Reply(200, SOFT_404)
        case Fault.ROBOTS_503:
            return Reply(503, _page("503", "<h1>503</h1>"))
        case _:
            return Reply(404, SOFT_404)


def _months(ask: Ask) -> list[tuple[int, int]]:
    """The months around the one that is shown: there is always one before and one after."""
    given = dict(parse_qsl(urlsplit(ask.address).query))
    shown = int(given.get("year", "2024")) * 12 + int(given.get("month", "6")) - 1
    return [divmod(shown + step, 12) for step in (-12, -1, 1, 12)]


def _redirect(target: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(302, b"", headers={"Location": target, **(headers or {})})


def _page(title: str, body: str, head: str = "") -> bytes:
    return f'<html><head><meta charset="utf-8" />{head}<title>{title}</title></head><body>{body}</body></html>'.encode()


@cache
def _bomb() -> bytes:
    """Zeros that unpack to 200 MB, packed to a thousandth."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(MEGABYTE)
    return b"".join([packer.compress(chunk) for _ in range(HUGE_BYTES // MEGABYTE)]) + packer.flush()


SOFT_404 = _page("提示", "<p>您访问的页面不存在。</p>")
_UNMARKED = _page(
    "演示县人民政府门户网站",
    '<div class="nav">首页 政务公开 政务服务 互动交流 走进演示</div><div class="search">请输入关键字</div>'
    + "".join(f'<li><a href="/news/{n}.html">演示县要闻动态第{n}期：全县各项工作有序推进</a></li>' for n in range(60))
    + "<p>主办单位：演示县人民政府办公室 承办单位：演示县大数据中心 联系电话：000-00000000</p>",
)
_JSL_FIRST = (
    b"<script>document.cookie=('_')+('_')+('jsl_clearance_s=sample')+';max-age=3600';"
    b"location.href=location.pathname+location.search</script>"
)
_JSL_SECOND = (
    b'<script>go({"bts":["1700000000.1|0|aB","cD"],"chars":"sample","ct":"0123456789abcdef","ha":"md5",'
    b'"tn":"__jsl_clearance_s","vt":"3600","wt":"1500"})</script>'
)
_RUISHU = (
    b"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;"
    b"</script></head><body></body></html>"
)
_C3VK = (
    b'<html><body><script type="text/javascript">var name="C3VK=sample; max-age=300; path=/";'
    b"function set(){document.cookie='C3VK=sample; max-age=300; path=/';window.location.reload();}"
    b"setTimeout(set,100);</script>" + b" " * 120 + b"</body></html>"
)
