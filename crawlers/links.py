"""Addresses and link titles: what is the same address, what is a file, which link leads to an annual report.

Belongs here: pure rules over one address or one title. Does not belong here: finding links in a page (`pages`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

__all__ = [
    "ATTACHMENT_SUFFIXES",
    "JUDGING_VERSION",
    "Verdict",
    "behind_viewer",
    "body_named",
    "canonical_url",
    "count_dates",
    "directory_of",
    "find_date",
    "hands_out_file",
    "identity_key",
    "is_attachment",
    "is_report_candidate",
    "judge_title",
    "may_name_one_report",
    "normal_forms",
    "resolve",
    "without_spaces",
]

JUDGING_VERSION = 7
"""Raised when titles or pages are judged differently: every portal is then read in full once more."""

ATTACHMENT_SUFFIXES = frozenset(
    {".doc", ".docx", ".pdf", ".xls", ".xlsx", ".wps", ".et", ".rtf", ".ofd", ".zip", ".rar"}
)

# Parameters that change nothing about what is shown: session marks, caches, the mobile view, counters, tab states.
REMEMBERED = 2048
"""Addresses and titles of which is remembered what they are: more than one list has, so that each is read once."""
IDLE_PARAMETERS = frozenset({"ismobile", "jsessionid", "phpsessid", "_", "timestamp", "rnd", "random", "ddtab", "spm"})
IDLE_QUERIES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    # Hanweb: the unit and the page that the script of a column reads, and hands on to its articles. A further page of
    # either may be one that the portal itself answers.
    (
        re.compile(r"/art/(?:[^/]+/)*art_\w+\.html?$|/col/col\d+/(?:index\.html?)?$"),
        re.compile(r"(?:(?:uid=\w*|pageNum=1?)(?:&|$))+", re.IGNORECASE),
    ),
)
"""Paths, and queries that change nothing there. Elsewhere the same names may be what tells two pages apart."""
INDEX_FILE = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.IGNORECASE)
SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
DOWNLOAD = re.compile(r"/module/download/(?:down|downfile)\.jsp$|/_content/download\.jsp$", re.IGNORECASE)
GATEWAY = re.compile(r"download|downfile|/attach|/file(?:server|center)?/", re.IGNORECASE)
"""A path that hands out files; the query names which."""
VIEWER = re.compile(r"viewer[^/]*\.s?html?$|/[^/]*pdf[^/]*\.(?:s?html?|jsp|aspx)$", re.IGNORECASE)
NAMES_OF_A_FILE = frozenset({"filename", "showname", "file", "name", "attname"})
PASSING_PARAMETERS = frozenset({"fileurl", "token", "sign", "signature", "expires", "expire"})
"""What a download gateway adds for a while: the file's name tells which file it is."""
SPACES = re.compile(r"[\s\u00a0\u3000\u200b-\u200f\ufeff]+")
UNSEEN = re.compile(r"[\u200b-\u200f\ufeff]+")
WIDE = dict(zip("，：；（）％", ",:;()%", strict=True))
"""What nearly all that NFKC changes in a Chinese text is."""
MAY_CHANGE = re.compile(r".?[^\x00-\x7f\u2018-\u201f\u3001-\u3029\u4e00-\u9fff]+", re.DOTALL)
"""What another form may be written for, with the character before it, with which it may join."""


def without_spaces(text: str) -> str:
    """A text without what `SPACES` finds."""
    text = "".join(text.split())
    return text if text.isascii() else UNSEEN.sub("", text)


def normal_forms(text: str) -> str:
    """NFKC, several times as fast as the library on Chinese texts: of those, hardly more than the commas change."""
    for wide, plain in WIDE.items():
        text = text.replace(wide, plain)
    return MAY_CHANGE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)


def resolve(base: str, href: str) -> str | None:
    """The absolute web address of a link, without its fragment; None for anything that is not http or https."""
    href = SPACES.sub("", href.replace("\\", "/")) if "\n" in href or "\\" in href else href.strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:", "about:")):
        return None
    try:
        parts = urlsplit(urljoin(base, href))
        host, port = parts.hostname, parts.port
    except ValueError:  # such as an unclosed bracket in a host
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    netloc = host if port is None or port == {"http": 80, "https": 443}[parts.scheme] else f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|{}")
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def directory_of(url: str) -> str:
    """The address that relative links of a list page are meant against.

    A list served without its trailing slash (`…/zfxxgknb`) still means its own folder.
    """
    parts = urlsplit(url)
    folder, _, last = parts.path.rpartition("/")
    path = f"{folder}/" if "." in last or not last else f"{parts.path}/"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


@lru_cache(maxsize=REMEMBERED)
def canonical_url(url: str) -> str:
    """The address as the ledger names it: still one that can be opened, without what changes nothing.

    Host in small letters, default port, fragment, session and cache parameters out, percent signs in one case.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port
    netloc = host if port is None or port == {"http": 80, "https": 443}.get(parts.scheme) else f"{host}:{port}"
    path = _normal_escapes(SESSION_IN_PATH.sub("", parts.path) or "/")
    path = re.sub(r"/{2,}", "/", path)
    kept = [
        part for part in parts.query.split("&") if part and part.split("=", 1)[0].lower() not in _idle_for(parts.path)
    ]
    query = _normal_escapes("&".join(kept))
    if query and any(at.search(path) and idle.fullmatch(query) for at, idle in IDLE_QUERIES):
        query = ""
    return urlunsplit((parts.scheme, netloc, path, query, ""))


@lru_cache(maxsize=REMEMBERED)
def identity_key(url: str) -> str:
    """One text for all addresses of one page: scheme, `www.`, `m.`, index file and closing slash say nothing."""
    parts = urlsplit(canonical_url(url))
    netloc = re.sub(r"^(?:www|m|wap)\.(?=[^.]+\.)", "", parts.netloc)
    path = INDEX_FILE.sub("/", parts.path)
    path = re.sub(r"/mpost_(\d+)", r"/post_\1", path).rstrip("/")
    fields = parse_qsl(parts.query, keep_blank_values=True)
    if "/api-gateway/" in path and any(name.lower() == "filename" and value for name, value in fields):
        fields = [(name, value) for name, value in fields if name.lower() not in PASSING_PARAMETERS]
    query = urlencode(sorted(fields))
    return f"{netloc}{path}?{query}" if query else f"{netloc}{path}"


@lru_cache(maxsize=REMEMBERED)
def is_attachment(url: str) -> bool:
    """Whether the address names a file: by its suffix, or a download address that names one."""
    parts = urlsplit(url)
    if _suffix(parts.path) in ATTACHMENT_SUFFIXES:
        return True
    is_named = _names_a_file(parts.query)
    if DOWNLOAD.search(parts.path):
        return is_named or not any(key.lower() in NAMES_OF_A_FILE for key, _ in parse_qsl(parts.query))
    return is_named and bool(GATEWAY.search(parts.path))


def _names_a_file(query: str) -> bool:
    names = [value for key, value in parse_qsl(query) if key.lower() in NAMES_OF_A_FILE]
    return any(_suffix(unquote(name)) in ATTACHMENT_SUFFIXES for name in names)


def hands_out_file(url: str, title: str) -> bool:
    """Whether a link leads to a file: by its address, or by a title that is a file's name at an address for files.

    An address is one for files by its path, or by a field that names a file.
    """
    if is_attachment(url):
        return True
    named = _suffix(title) in ATTACHMENT_SUFFIXES or title.startswith("附件")
    parts = urlsplit(url)
    return named and bool(GATEWAY.search(parts.path) or _names_a_file(parts.query))


def behind_viewer(url: str) -> str | None:
    """The file that a page of pdf.js or its kin shows; None where the address is none of such a page."""
    parts = urlsplit(url)
    if not VIEWER.search(parts.path):
        return None
    named = next((value for key, value in parse_qsl(parts.query) if key.lower() in ("file", "url", "src")), None)
    found = resolve(url, named) if named else None
    return found if found is not None and is_attachment(found) else None


def _suffix(path: str) -> str:
    match = re.search(r"\.[A-Za-z]{2,4}$", path.strip())
    return match.group().lower() if match else ""


def _idle_for(path: str) -> frozenset[str]:
    # In a dataproxy or download address short names may mean something; only there they are kept.
    return frozenset({"_", "jsessionid"}) if path.endswith(".jsp") else IDLE_PARAMETERS


def _normal_escapes(text: str) -> str:
    def tidy(match: re.Match[str]) -> str:
        character = chr(int(match.group(1), 16))
        return (
            character if character.isascii() and (character.isalnum() or character in "-._~") else match.group().upper()
        )

    return re.sub(r"%([0-9A-Fa-f]{2})", tidy, text)


# ---- titles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a link is followed, and why not."""

    follow: bool
    reason: str = ""
    is_near_miss: bool = False
    """Whether the title is of a kind that is known to stand beside reports, such as a reading of one."""

    is_other_subject: bool = False
    """Whether it names another subject that bodies report on."""

    is_candidate: bool = False
    """Whether it is so near a report that a person may want to look: it is left out as a candidate."""

    def __bool__(self) -> bool:
        """Whether the link is followed."""
        return self.follow


ABOUT_OPENNESS = re.compile(r"信息公开|政务公开|公开工作|信公")
IS_REPORT = re.compile(r"年度?报(?!名|考|道|纸|警|销|废|批|价|到)|报告|年度工作总结|工作总结")

SPEAKS_OF_A_REPORT = re.compile(r"年度?报|年度.{0,8}报告|工作报告|报表")
"""A near miss of such a title is about a report: a candidate. A guide or a rule about something else is none."""

# Near misses, in the order in which they are named. Each stands beside annual reports in real columns.
LEFT_OUT: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a reading or an infographic of the report",
        re.compile(r"图解|图说|一图|图读|读懂|看懂|数说|解读|长图|视频|动漫|[Hh]5"),
    ),
    (
        "the website's own yearly return, not the openness report",
        re.compile(r"网站.{0,12}报表|网站(?!.*信息公开).{0,14}(?:年度|年报|工作报告)"),
    ),
    (
        "rules, a guide or a form, not a report",
        re.compile(
            r"(?:制度|指南|规定|办法|细则|规范|流程图?|示意图|目录|条例|申请表|须知|说明书|指引|模板|范本|样本|格式(?:文本)?|"
            r"(?:示范|参考)文本|编制要求|样表)"
            r"(?:[(（【\[].{0,20}[)）】\]])?$"
        ),
    ),
    ("a notice about reports, not a report", re.compile(r"(?:通知|通报|意见|函|方案|要点)(?:[(（].{0,20}[)）])?$")),
    (
        "news, not a report",
        re.compile(
            r"召开|举办|举行|开展|组织(?!部|人事)|培训(?!中心)|推进会|动员会|例会|座谈会|启动|编报|部署|调研(?!室)|督查(?!室|局|处)|检查指导"
        ),
    ),
    ("an assessment by others, not a report", re.compile(r"第三方评估(?!中心|机构|院|所)")),
)
BOTH_IN_ONE = re.compile(
    r"[(（【\[](?:内|另|并)?[含附](?:带|有)?[^)）\]】]{0,12}[)）\]】]"
    r"|(?<=报告|年报)[》]?(?:及|和|与|、)其?(?:图文|文字|政策|图片|图表)?(?:图解|解读)(?=$|[(（])"
)
"""What a title says a report brings along: 年度报告（含图解）, 年度报告及解读."""
HANDED_OUT = re.compile(
    r"(?:印发|发布|公布)(?=.*(?:19|20)\d\d).{2,60}(?:年度报告|年报|工作报告|情况报告)[》]?的(?:通知|函)(?:[(（].{0,20}[)）])?$"
)
"""The letter with which a report is handed out, not one that asks for reports: that one says so."""
ASKS_FOR_REPORTS = re.compile(r"做好|编制|编写|编报|报送|上报|填报|抓紧|督促|加强|规范|工作的(?:通知|函)")
NAMED_SO = re.compile(
    r"(?:第[一二三四五六七八九十]图书馆|培训(?:学院|学校|中心|基地)|动漫[\u4e00-\u9fff]{0,6}?(?:园|基地|公司|集团|学院))"
    r"(?=.*?(?:(?:19|20)\d\d|政府信息公开)|[\u4e00-\u9fff]{0,6}$)"
)
"""Words of an issuer's own name, in front of the year or of 政府信息公开, or of a bare name: no reading, no news."""
BODY_AND_YEAR = re.compile(r"^([\u4e00-\u9fff]{3,30}?)(?=(?:19|20)\d\d年.*公开.*(?:年度报告|年报)$)")
"""The body in front of a title that is a report's from the year on: 视频监控中心2022年政府信息公开工作年度报告."""
SAYS_MORE = re.compile(
    r"图解|图说|一图|图读|读懂|看懂|数说|解读|长图|召开|举办|举行|开展|部署|编报|推进会|动员会|例会|座谈会|培训会|"
    r"^(?:视频|动漫|组织(?!部|人事)|启动|培训|调研|督查)"
)
"""In front of the year: what no body is called."""
OTHER_SUBJECT = re.compile(
    r"法治|依法行政|依法治|预算|决算|财政|统计|质量|执法|安全生产|环境|普法|绩效|审计结果|企业|社会责任|扶贫|党建|"
    r"信用|招标|采购|检察|述职|巡视|整改|政府工作报告|计划执行|新媒体|行政复议(?:工作|案件)?(?:情况)?(?:年度)?报告|"
    r"事业单位法人|国民经济"
)
ISSUER = re.compile(r"^.*?(?:局|委员会|委|厅|院|办公室|办|中心|总队|支队|大队|部(?!门))(?=.*(?:报告|年报))")
"""The issuer in front of a title: 财政局2022年度报告 is no report on finance."""
BODY = re.compile(
    r"(?:局|委|办|办公室|厅|院|处|部|署|镇|乡|街道|街|办事处|苏木|区|县|市|旗|州|盟|省|中心|站|所|馆|社|会|残联|妇联|文联|侨联|工商联|社科联|科协|团|校|学校|大学|学院|"
    r"医院|公司|集团|政府|机关|大队|支队|总队|园区|园|开发区|新区|垦区|农场|林场|银行|基金|台|库|队|"
    r"[支分]行|段|厂|矿|税务|海事|消防|气象|烟草|邮政|公安|专班|兵团|监狱)$"
)
NOT_A_BODY = re.compile(r"[，,。！!？?：:；;、]|首页|更多|下一页|上一页|尾页|返回|登录|注册|无障碍|繁体|地图|联系|搜索")
CUT = re.compile(
    r"(?:…|\.{3}|．{3}|···)\s*"
    r"(?:[\[(（]?(?:(?:19|20)\d\d[\s\d./年月日-]{2,9}|(?:0?[1-9]|1[0-2])[-/.月][0-3]?\d日?)[\])）]?)?$"
)
"""A title that the list cuts; a day may follow it in the link."""
YEAR = re.compile(r"(?:19|20)\d\d年?(?:度)?")
WORDS_OF_ANY_REPORT = re.compile(
    r"(?:19|20)\d\d|[〇零○一二三四五六七八九]{4}(?=年)|[(（\[【].*?[)）\]】]|关于|人民政府|政府|政务|信息|公开|工作|年度|情况|总结|报告|年报|"
    r"(?:文字|图片|网页|全文|电子|更正|修订)版|[年的之·\W]"
)
"""What a title says beside the body's name."""


@lru_cache(maxsize=REMEMBERED)
def judge_title(title: str, column: str = "", *, in_report_column: bool | None = None) -> Verdict:
    """Whether a link of that title may be an annual report.

    Inside an annual-report column the bare name of a body (区水利局) is a title too. In doubt the link is followed: the
    page decides later, and a page too many costs one request where a report too few is a hole.

    Args:
        title: the longest text known for the link; the whole title where the page cuts it.
        column: the name of the column.
        in_report_column: whether the column holds annual reports; told from its name when not given.
    """
    text = without_spaces(normal_forms(title))
    inside = _is_report_column(column) if in_report_column is None else in_report_column
    if not text:
        return Verdict(inside, "" if inside else "no title")
    unnamed = NAMED_SO.sub("某", BOTH_IN_ONE.sub("", text))
    anonymous = BODY_AND_YEAR.sub(_without_body, unnamed)
    for reason, pattern in LEFT_OUT:
        shown = anonymous if reason.startswith(("a reading", "news")) else unnamed
        if pattern.search(shown) and not (
            (reason.startswith("news") and _is_plain_report(unnamed))
            or (reason.startswith("a notice") and _is_handed_out(unnamed))
        ):
            return Verdict(False, reason, is_near_miss=True, is_candidate=bool(SPEAKS_OF_A_REPORT.search(text)))
    if IS_REPORT.search(text):
        if ABOUT_OPENNESS.search(text):
            return Verdict(True)
        if OTHER_SUBJECT.search(ISSUER.sub("", text)):
            return Verdict(False, "a report on another subject", is_other_subject=True)
        if inside:
            return Verdict(True)
        return Verdict(False, "the title does not say that it is about government information")
    if not inside:
        return Verdict(False, "the title is not that of a report")
    if CUT.search(text) or ABOUT_OPENNESS.search(text):
        return Verdict(True)
    bare = re.sub(r"[(（].{0,12}[)）]$", "", YEAR.sub("", text)).strip("-—_·.")
    if not bare or (len(bare) <= 30 and BODY.search(bare) and not NOT_A_BODY.search(bare)):
        return Verdict(True)
    # A year and a few words more, in a column of reports: perhaps a body whose name we do not know as one.
    is_candidate = bool(YEAR.search(text)) and len(bare) <= 30 and not NOT_A_BODY.search(bare)
    return Verdict(False, "the title is not that of a report", is_candidate=is_candidate)


def may_name_one_report(title: str, other: str) -> bool:
    """Whether two titles may be those of one report: none names a body or a year that the other contradicts.

    Townships copy a neighbour's report word for word: equal texts under the names of two bodies are two reports.
    """
    years, others = (frozenset(re.findall(r"(?:19|20)\d\d", normal_forms(each))) for each in (title, other))
    if years and others and not years & others:
        return False
    body, another = body_named(title), body_named(other)
    return body in another or another in body


def body_named(title: str) -> str:
    """What a title says beside the words of any report: the body's name, if it gives one."""
    return WORDS_OF_ANY_REPORT.sub("", CUT.sub("", without_spaces(normal_forms(title))))


def is_report_candidate(title: str, url: str, column: str) -> bool:
    """Whether a link of a list page is followed: its title, or its address, is that of an annual report."""
    if "xxgkannualreport" in url.lower():  # an address that carries nothing but annual reports
        return not any(pattern.search(title) for _, pattern in LEFT_OUT[:3])
    return judge_title(title, column).follow


def _is_report_column(column: str) -> bool:
    return bool(re.search(r"年报|年度报告|工作报告|ndbg|xxgknb|gknb|nianbao", column, re.IGNORECASE))


def _without_body(match: re.Match[str]) -> str:
    name = match.group()
    return "某" if BODY.search(name) and not SAYS_MORE.search(name) else name


def _is_handed_out(text: str) -> bool:
    return bool(HANDED_OUT.search(text)) and not ASKS_FOR_REPORTS.search(text)


def _is_plain_report(text: str) -> bool:
    """A title such as 某某组织部2020年政府信息公开年度报告: a verb inside a name does not make it news."""
    return bool(
        ABOUT_OPENNESS.search(text) and re.search(r"(?:年度报告|年报|工作报告|情况报告|报告)(?:[(（].*)?$", text)
    ) and not (re.search(r"召开|举办|举行|培训|推进会|动员会|例会|座谈会|启动|编报|部署", text))


# ---- dates ----------------------------------------------------------------------------------------------------------

DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)")


def find_date(text: str) -> str | None:
    """The last full date in a text as ISO 8601; also when broken over lines (`2026-⏎01-⏎23`) or in brackets."""
    for year, month, day in reversed(DATE.findall(unicodedata.normalize("NFKC", text))):
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return None


def count_dates(text: str) -> int:
    """How many different full dates a text shows."""
    return len(set(DATE.findall(unicodedata.normalize("NFKC", text))))
