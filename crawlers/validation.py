"""What kind of answer a response is, before anything enters the archive.

Belongs here: telling a page from a challenge, a firewall's refusal, a soft 404, an empty body. Does not belong here:
whether a page is a report, which extraction decides. A challenge page with status 200 looks like a quiet day: only its
content gives it away.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawlers.archive.ledger import Outcome, Role
from crawlers.links import resolve
from crawlers.pages import Page

__all__ = [
    "CHALLENGE_STATUS",
    "Finding",
    "is_cut",
    "is_firewall",
    "is_whole_page",
    "judge_page",
    "judge_response",
    "looks_like_html",
    "sends_on_to",
]

LONGEST_TEXT = 256 * 1024
"""Characters of a page that are searched for words of refusal."""
SMALL = 4096
"""Bytes under which a page that only sets a cookie or redirects by script is a challenge, never an article."""

CHALLENGE_STATUS = {
    412: "412: the portal asks for a browser's proof (script challenge)",
    521: "521: the portal asks for a browser's proof (cookie challenge)",
}
CHALLENGE_LIKELY = frozenset({202, 400, 403, 503})
"""Statuses under which the script of a challenge comes too."""
CHALLENGE_SCRIPT = re.compile(r"__jsl_clearance|__jsluid|\$_ts\s*=|C3VK=|acw_sc__v2|_waf_bd8|safeline", re.IGNORECASE)
COOKIE_SCRIPT = re.compile(r"document\.cookie\s*=", re.IGNORECASE)
RELOAD_SCRIPT = re.compile(r"location(?:\.href|\.reload|\.replace)?\s*[=(]", re.IGNORECASE)
FIREWALL = re.compile(
    r"wzws|reason\s*:\s*GeoBL|Web应用防火墙|网站防火墙|云防护|安全防护|访问被拦截|请求被拦截|拦截提示|您的访问.{0,10}(?:被拒绝|存在风险)|"
    r"(?:访问|请求)(?:已经?)?被(?:阻断|拦截|禁止)|对网站造成安全威胁|请求(?:存在|包含|含有).{0,8}(?:攻击|恶意|不合法)|"
    r"\bWAF\b|创宇盾|安全狗|Access\s*Denied|The requested URL was rejected",
    re.IGNORECASE,
)
FIREWALL_SIGN = re.compile(r"wzws|safeline|yunsuo|\bWAF\b|webshield", re.IGNORECASE)
"""Names by which a firewall shows itself in a cookie or header of its refusal."""
SOFT_404 = re.compile(
    r"您(?:所)?访问的页面(?:不存在|已删除|找不到)|页面(?:未找到|不存在|找不到|没有找到|已删除|丢失|走丢|走失|不见了)|找不到(?:该|您|此).{0,8}页面|"
    r"该栏目正在建设中|栏目建设中|您查看的(?:文章|信息|内容)(?:不存在|已删除)|信息不存在|文章不存在|已被删除或不存在|"
    r"404\s*(?:Not\s*Found|错误|页面)|(?:Error|错误)\s*404|系统(?:繁忙|维护中|错误)|服务器(?:内部)?错误|抱歉.{0,12}页面",
    re.IGNORECASE,
)
REPORT_WORDS = re.compile(r"信息公开.{0,200}(?:年度报告|年报|总体情况)|总体情况|主动公开政府信息", re.DOTALL)
NAMED_REPORT = re.compile(
    r"总体情况|主动公开政府信息|(?:19|20)\d\d年?度?.{0,40}(?:信息|政务)公开.{0,20}(?:报告|年报)|"
    r"(?:信息|政务)公开.{0,20}(?:19|20)\d\d.{0,20}(?:报告|年报)|附件|下载|第[一二三]"
)
"""A report's title with its year, or a part of a report: what no column's frame shows."""
OFFICE_HTML = re.compile(rb"urn:schemas-microsoft-com:office|<w:WordDocument|ProgId content=", re.IGNORECASE)
META = re.compile(r"<meta\b([^>]*\brefresh\b[^>]*)>", re.IGNORECASE)
REFRESH = re.compile(r"content\s*=\s*[\"']?\s*(\d+)[\s.\d]*[;,]\s*url\s*=\s*[\"']?\s*([^\"'>\s]+)", re.IGNORECASE)
SCRIPT_REFRESH = re.compile(
    r"(?:^|[\s;{(>])(?:(?:window|self|top|parent|document)\s*\.\s*)*location"
    r"(?:\s*\.\s*href)?(?:\s*=\s*|\s*\.\s*(?:replace|assign)\s*\(\s*)([\"'])([^\"'+<>]{1,500})\1\s*(?=[;)\s}<]|$)"
)
BRANCHES = re.compile(r"\bif\s*\(|\?\s*[\"']|\bfunction\b|userAgent", re.IGNORECASE)
STUB_TEXT = 120
"""Visible characters above which a page that sends on is one to be read."""
LONGEST_REFRESH = 15
"""Seconds after which a refresh sends on; a page that renews itself later is one to be read."""
HOME = re.compile(r"/?(?:(?:index|default|home|main)\.\w{2,5})?", re.IGNORECASE)
ERROR_ADDRESS = re.compile(r"/(?:40[34]|50[0-9]|error|err|notfound|not_found|nopage)(?:[._/-][^/]*)?$", re.IGNORECASE)
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


def is_whole_page(body: bytes) -> bool:
    """Whether a web page is there to its one closing tag."""
    closing, _, after = body.lower().partition(b"</html>")
    rest = re.sub(rb"<!--.*?-->|[\x00\s]", b"", after, flags=re.DOTALL)
    return looks_like_html(body) and len(closing) < len(body) and not rest


def is_cut(body: bytes) -> bool:
    """Whether a page that opens with its tag has no closing one, as when a portal states too short a length."""
    return b"<html" in body[:2048].lower() and b"</html" not in body[-4096:].lower()


def is_firewall(status: int, headers: Iterable[str]) -> bool:
    """Whether a refusal names a firewall in its headers, whatever its page says."""
    return status in (403, 405, 406, 418, 493) and any(FIREWALL_SIGN.search(line) for line in headers)


def sends_on_to(page: Page) -> str | None:
    """Where a page sends on that is nothing else: by meta refresh, or by a script that states a plain address.

    A script that decides (mobile or not), builds the address or sets a cookie first is not followed: we run no script.
    """
    if len(page.body) > 4 * SMALL or not looks_like_html(page.body):
        return None
    text = page.text
    metas = (REFRESH.search(found.group(1)) for found in META.finditer(text))
    match = next((found for found in metas if found and int(found.group(1)) <= LONGEST_REFRESH), None)
    if match is None and len(page.body) <= SMALL and not COOKIE_SCRIPT.search(text) and not BRANCHES.search(text):
        match = SCRIPT_REFRESH.search(text)
    if match is None or len(page.shown) > STUB_TEXT:
        return None
    target = resolve(page.url, match.group(2).replace("&amp;", "&"))
    return None if target == page.url else target


def judge_response(
    *, role: Role, status: int, body: bytes, content_type: str = "", asked: str = "", answered: str = ""
) -> Finding | None:
    """What is wrong with bytes that nobody has read yet; see `judge_page`."""
    return judge_page(role=role, status=status, page=Page(answered or asked, body, content_type), asked=asked)


def judge_page(*, role: Role, status: int, page: Page, asked: str = "") -> Finding | None:
    """What is wrong with a response; None for one that can be used.

    Args:
        role: what the address was asked for.
        status: the HTTP status.
        page: the bytes, unpacked, and the address that answered, after redirects.
        asked: the address asked for; that of the page where it is left out.
    """
    body = page.body
    small = len(body) <= SMALL
    is_page = looks_like_html(body)
    text = page.text[:LONGEST_TEXT] if is_page or small else ""
    if status in CHALLENGE_STATUS:
        return Finding(Outcome.CHALLENGE, CHALLENGE_STATUS[status], stops_host=True)
    if status in (403, 405, 406, 418, 493) and (FIREWALL.search(text) or CHALLENGE_SCRIPT.search(text)):
        return Finding(Outcome.CHALLENGE, f"{status}: the portal's firewall refuses us", stops_host=True)
    if status in CHALLENGE_LIKELY and (CHALLENGE_SCRIPT.search(text) or (small and _asks_for_proof(text))):
        return Finding(Outcome.CHALLENGE, f"{status} with a script that asks for a browser's proof", stops_host=True)
    if status != 200:
        return Finding(Outcome.HTTP_ERROR, f"{status}: {_status_sentence(status)}")
    if role is Role.ROBOTS:
        return None
    if not body.strip():
        return Finding(Outcome.EMPTY, "200 with an empty body")
    if text and (finding := _judge_page(role, page, text, small, asked or page.url)) is not None:
        return finding
    if role is Role.ATTACHMENT and is_page and not _is_a_file(page):
        return Finding(Outcome.ERROR_PAGE, "a web page came where a file was asked for")
    return None


def _is_a_file(page: Page) -> bool:
    """Whether HTML may be the file that was asked for: Word saves as a web page, and some portals rename reports."""
    if OFFICE_HTML.search(page.body[:8192]):
        return True
    return len(page.shown) > SOFT_404_TEXT and bool(REPORT_WORDS.search(page.shown))


def _judge_page(role: Role, page: Page, text: str, small: bool, asked: str) -> Finding | None:
    shown, answered = page.shown, page.url
    if small and len(shown) < 200 and _asks_for_proof(text) and not REPORT_WORDS.search(shown):
        return Finding(Outcome.CHALLENGE, "200 with a script that sets a cookie and reloads", stops_host=True)
    # A page that says that it is missing may stand in the frame of its column, which is named after reports.
    is_missing = role is Role.ARTICLE and len(shown) <= SOFT_404_TEXT and not NAMED_REPORT.search(shown)
    if is_missing and (match := SOFT_404.search(page.unlinked)):
        return Finding(Outcome.ERROR_PAGE, f"200 with an error page ({match.group()})")
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
        path = urlsplit(answered).path
        if answered != asked and HOME.fullmatch(path) and not urlsplit(answered).query:
            return Finding(Outcome.ERROR_PAGE, "the portal sends this address to its home page")
        if answered != asked and ERROR_ADDRESS.search(path):
            return Finding(Outcome.ERROR_PAGE, f"the portal sends this address to its error page ({path})")
        if not shown and not re.search(r"<(?:img|iframe|embed|object|a)\b", text, re.IGNORECASE):
            return Finding(Outcome.EMPTY, "200 with a page that shows nothing")
    return None


def _asks_for_proof(text: str) -> bool:
    """Whether a script sets a cookie that only a browser can make up, and comes again."""
    return bool(CHALLENGE_SCRIPT.search(text) or (COOKIE_SCRIPT.search(text) and RELOAD_SCRIPT.search(text)))


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
