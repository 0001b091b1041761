"""What kind of answer a response is, before anything enters the archive.

Belongs here: telling a page from a challenge, a firewall's refusal, a soft 404, an empty body. Does not belong here:
whether a page is a report, which extraction decides. A challenge page with status 200 looks like a quiet day: only its
content gives it away.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawlers.archive.ledger import Outcome, Role
from crawlers.pages import decode, visible_text

__all__ = ["CHALLENGE_STATUS", "Finding", "judge_response", "looks_like_html"]

SMALL = 4096
"""Bytes under which a page that only sets a cookie or redirects by script is a challenge, never an article."""

CHALLENGE_STATUS = {
    412: "412: the portal asks for a browser's proof (script challenge)",
    521: "521: the portal asks for a browser's proof (cookie challenge)",
}
CHALLENGE_SCRIPT = re.compile(r"__jsl_clearance|__jsluid|\$_ts\s*=|C3VK=|acw_sc__v2|_waf_bd8|safeline", re.IGNORECASE)
COOKIE_SCRIPT = re.compile(r"document\.cookie\s*=", re.IGNORECASE)
RELOAD_SCRIPT = re.compile(r"location(?:\.href|\.reload|\.replace)?\s*[=(]", re.IGNORECASE)
FIREWALL = re.compile(
    r"wzws|reason\s*:\s*GeoBL|Web应用防火墙|网站防火墙|云防护|安全防护|访问被拦截|请求被拦截|拦截提示|您的访问.{0,10}(?:被拒绝|存在风险)|"
    r"\bWAF\b|创宇盾|安全狗|Access\s*Denied|The requested URL was rejected",
    re.IGNORECASE,
)
SOFT_404 = re.compile(
    r"您(?:所)?访问的页面(?:不存在|已删除|找不到)|页面(?:未找到|不存在|找不到|没有找到|已删除|丢失)|找不到(?:该|您|此).{0,8}页面|"
    r"该栏目正在建设中|栏目建设中|您查看的(?:文章|信息|内容)(?:不存在|已删除)|信息不存在|文章不存在|已被删除或不存在|"
    r"404\s*(?:Not\s*Found|错误|页面)|(?:Error|错误)\s*404|系统(?:繁忙|维护中|错误)|服务器(?:内部)?错误|抱歉.{0,12}页面",
    re.IGNORECASE,
)
REPORT_WORDS = re.compile(r"信息公开.{0,200}(?:年度报告|年报|总体情况)|总体情况|主动公开政府信息", re.DOTALL)
OFFICE_HTML = re.compile(rb"urn:schemas-microsoft-com:office|<w:WordDocument|ProgId content=", re.IGNORECASE)
SOFT_404_TEXT = 800
"""Visible characters above which a page that mentions a missing page is an article about something else."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a response is instead of what was asked for. `stops_host`: ask this host nothing more in this run."""

    outcome: Outcome
    reason: str
    stops_host: bool = False


def looks_like_html(body: bytes) -> bool:
    """Whether bytes begin as a web page."""
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<body", b"<meta")) or (
        b"<html" in head or b"<!doctype html" in head
    )


def judge_response(
    *, role: Role, status: int, body: bytes, content_type: str = "", asked: str = "", answered: str = ""
) -> Finding | None:
    """What is wrong with a response; None for one that can be used.

    Args:
        role: what the address was asked for.
        status: the HTTP status.
        body: the bytes, unpacked.
        content_type: the header of that name.
        asked: the address asked for.
        answered: the address that answered, after redirects.
    """
    small = len(body) <= SMALL
    text = decode(body[: 256 * 1024], content_type)[0] if looks_like_html(body) or small else ""
    if status in CHALLENGE_STATUS:
        return Finding(Outcome.CHALLENGE, CHALLENGE_STATUS[status], stops_host=True)
    if status in (403, 405, 406, 418, 493) and (FIREWALL.search(text) or CHALLENGE_SCRIPT.search(text)):
        return Finding(Outcome.CHALLENGE, f"{status}: the portal's firewall refuses us", stops_host=True)
    if status != 200:
        return Finding(Outcome.HTTP_ERROR, f"{status}: {_status_sentence(status)}")
    if role is Role.ROBOTS:
        return None
    if not body.strip():
        return Finding(Outcome.EMPTY, "200 with an empty body")
    if text and (finding := _judge_page(role, text, small, answered or asked, asked)) is not None:
        return finding
    if role is Role.ATTACHMENT and looks_like_html(body) and not OFFICE_HTML.search(body[:8192]):
        return Finding(Outcome.ERROR_PAGE, "a web page came where a file was asked for")
    return None


def _judge_page(role: Role, text: str, small: bool, answered: str, asked: str) -> Finding | None:
    shown = visible_text(text)
    proof_script = CHALLENGE_SCRIPT.search(text) or (COOKIE_SCRIPT.search(text) and RELOAD_SCRIPT.search(text))
    if small and proof_script and len(shown) < 200 and not REPORT_WORDS.search(shown):
        return Finding(Outcome.CHALLENGE, "200 with a script that sets a cookie and reloads", stops_host=True)
    if len(shown) <= SOFT_404_TEXT and not REPORT_WORDS.search(shown):
        if FIREWALL.search(shown):
            return Finding(Outcome.CHALLENGE, "200 with a firewall's page", stops_host=True)
        # The title counts as well: error pages often say nothing else.
        title = re.search(r"<title[^>]*>(.{0,200}?)</title>", text, re.IGNORECASE | re.DOTALL)
        match = SOFT_404.search(shown) or (SOFT_404.search(title.group(1)) if title else None)
        if match and role is not Role.LISTING:
            return Finding(Outcome.ERROR_PAGE, f"200 with an error page ({match.group()})")
        if match and not re.search(r"<a\s[^>]*href", text, re.IGNORECASE):
            return Finding(Outcome.ERROR_PAGE, f"200 with an error page ({match.group()})")
    if role is Role.ARTICLE:
        if answered != asked and urlsplit(answered).path.rstrip("/") in ("", "/index.html", "/index.shtml"):
            return Finding(Outcome.ERROR_PAGE, "the portal sends this address to its home page")
        if not shown and not re.search(r"<(?:img|iframe|embed|object|a)\b", text, re.IGNORECASE):
            return Finding(Outcome.EMPTY, "200 with a page that shows nothing")
    return None


def _status_sentence(status: int) -> str:
    sentences = {
        400: "the portal does not understand the request",
        401: "the portal asks for a login",
        403: "the portal refuses this address",
        404: "there is no such page",
        410: "the page was taken down",
        429: "the portal asks us to slow down",
    }
    if status in sentences:
        return sentences[status]
    return "the portal has a fault; the next run asks again" if status >= 500 else "the portal did not give the page"
