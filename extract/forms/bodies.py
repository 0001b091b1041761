"""Names of bodies: what is one, and where a page says who reports when its title does not begin with it.

Belongs here: the tests that a name must pass, the places behind a title, the statements of an opening, the trail of
links. Does not belong here: which of them counts (`identity.py`). Titles and names are in compact form.

A name before 政府信息公开 is the body's by the form of the title. A name anywhere else may be the site, the office that
compiled a government's report, or one that passed it on: so these are held to more, and in doubt name nobody.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from extract.forms.labels import compact

__all__ = [
    "BREADCRUMB",
    "body_after_dash",
    "body_behind_title",
    "body_in_statement",
    "body_in_trail",
    "ends_as_body",
    "ends_as_region",
    "is_body_told",
    "is_government",
    "is_same_body",
    "marked",
    "may_compile",
    "name_in",
    "speaks_as",
    "tells_of",
    "unwrapped",
]

_BODY = (
    "人民政府办公厅|人民政府办公室|政府办公厅|政府办公室|人民政府|街道办事处|办事处|管理委员会|管委会|委员会|办公室|办公厅|"
    "信访局|管理局|税务局|海关|总局|分局|局|厅|委|院|中心|集团|公司|大学|学院|医院|学校|中学|小学|部|署|街道|镇|乡|支队|总队|大队|队|联合会|协会|银行|所|站|处|馆|台|社|室|会|办"
)
_ENDS_AS_BODY = re.compile(rf"(?:{_BODY})(?:（[^（）]*）|\([^()]*\))?$")
_ENDS_AS_REGION = re.compile(r"(?:省|市|区|县|旗|州|盟)$")
_ENDS_AS_NAME = re.compile(
    rf"(?:{_BODY}|政府|公署|苏木|村|园|场|校|厂|联|团|师|组|科|省|市|区|县|旗|州|盟)(?:本级|机关)?(?:\([^()]*\))?$"
)
"""What the name before 政府信息公开 may end with; anything else is words around a name."""
_NO_NAME = re.compile(
    r"[:,。;<>|/\\*【】]|(?:19|20)\d\d|关于|做好|开展|门户|网站?$|首页|位置|年报|报告|专栏|栏目"
    r"|^(?:我|本|各)(?:省|自治区|市|区|县|旗|州|盟|镇|乡|街道|局|委|办|厅|院|校|中心|单位|机关|部门)|^全(?:省|市|县|区)"
    r"|(?:发布|公布|印发|公开)(?!.*(?:中心|办公室|局)$)"
)
_BEFORE_NAME = re.compile(
    r"^(?:附件?[\d一二三四五六七八九十]*[:.、]|附件[\d一二三四五六七八九十]*|\d{1,3}[.、)]|\([^()]*\)|【[^】]*】|\[[^\]]*\]"
    r"|(?:信息|公文|文件)?(?:标题|名称|题名|主题):?|关于(?:公布|发布|印发|公开)?|中国共产党|[★●■◆▪•·:,.\-—])"
)
_BEHIND_NAME = re.compile(
    r"(?:公布|发布|印发|公开发布|编制|报送|上报|政务公开(?:工作)?(?:暨|和|及|与|、)|关于|的|之|年度|[《》:,.\-—★●■◆▪•·、])$"
)
_GOVERNMENT = re.compile(r"(?:人民)?政府|管委会|管理委员会")
BREADCRUMB = re.compile(r"(?:当前|您的|所在)的?位置|^\s*首页|首页\s*[>＞»/]|[>＞»].*[>＞»]")
"""A line that is a trail of links."""

_SHORTEST, _LONGEST = 3, 40
_GENERIC = re.compile(
    rf"(?:{_BODY}|法院|检察院|部门|单位|机关|省|市|区|县|旗|州|盟|直属|直|级|街|村|全|内|外|和|及|与|或|、)+"
)
"""Words for bodies that are no body's name: 乡镇, 市直部门, 全部; those that hold 政府 are told apart."""
_NOT_WHOLE = re.compile(
    r"^(?:不|只|仅)?含(?!山)|^包[括含]|^除|^经(?!济|开|贸|信|发)|^由|^向(?!阳)|^对|^原(?!州区|平|阳)|等$|大厅$"
    r"|各(?:部门|单位|级|乡|镇|街|县|区|市|局|委|科|股|学校)|^(?:乡镇|镇|乡|镇街|街道|县区|区县|市县)(?:人民)?政府$"
    r"|汇总|统计(?!局|调查)|代章|盖章|联合(?!会|社)|会同(?!县)|审议|讨论|要求|负责|、"
    r"|(?:局|委|办|厅|府|室|会|院|中心|[镇乡])(?:和|及|与).*(?:局|委|办|厅|府|室|会|院|中心|[镇乡])$"
)
"""Words around a name, what a body was before, and several bodies together."""
_PASSES_ON = re.compile(r"融媒体|新媒体|新闻|电视台|广播|报社|日报|信息中心|网络|网信|政务公开|信息公开|公开办")
_OFFICE = re.compile(
    r"(?:政府|公署|行署|管委会|管理委员会|局|厅|委|院|办事处|中心|[镇乡])(?:党政)?(?:综合)?(?:办公[室厅]|办)$"
    r"|街道(?:党政|综合)*办公室$|(?:党政|党工委|综合)[^局]*办(?:公室)?$|^[^局厅]{0,8}[省市县区州盟旗]办公[室厅]$|^.{0,6}机关办公室$"
)
"""It works for the body before it: what an office compiles or signs is as often its government's as its own."""
_INNER = re.compile(r"(?:局|厅|政府|委员会)(?!办公室$)[^局]{1,14}(?:处|室|科|股|部|站|所|中心)$")
_MAY_COMPILE = re.compile(
    r"政务服务|政务数据|大数据|数据(?:管理|资源|发展|局)|行政审批|信息化(?:办|中心|工作)|电子政务|营商|政研室|督查"
)
"""In many places such a body compiles the report of its government."""
_SITE_OR_GOVERNMENT = re.compile(r"(?:政府|公署|行署|管委会|管理委员会|办事处|街道|[镇乡])(?:\([^()]*\))?$")

_GOVERNS = re.compile("(?:政府|公署|行署|管委会|管理委员会)$")
_REPORT_END = re.compile(r"(?:年度报告|工作报告|情况报告|公开报告|报告|年报)(?:的?(?:公告|公示|通知|通告))?")
_DASHES = "-‐‑–—―─"
_BRACKET = r"\((?:[^()]|\([^()]*\))*\)"
_IN_BRACKETS = re.compile(rf"(?P<all>(?:{_BRACKET})+)(?:[{_DASHES}].*)?$")
_AFTER_DASH = re.compile(rf"(?:{_BRACKET})?[{_DASHES}]{{1,4}}(?P<name>[^{_DASHES}]+?)(?:\([^()]*[版稿式]\))?$")
_PAPER = re.compile(
    r"(?!.*(?:做好|编制(?!委|办)|报送|开展))(?:(?P<by>.{0,40}?)关于|)(?P<verb>印发|下发|公布|发布|公开)"
    r"(?P<inside>.{4,60}?(?:报告|年报)(?:\([^()]*\))?)的?(?P<kind>通知|公告|通告|公示|)(?:\([^()]*\))?"
)
_BEGINS_WITH_YEAR = re.compile(r"(?:19|20)\d\d")

_TOLD = r"(?P<name>[^,。;:《》]{3,40}?)(?:\((?:以下)?简称[^()]*\))?"
_ITS_REPORT = r"(?:完成|形成|了|并|向社会|公布|发布|公开)*(?:本|此|该|20\d\d年|《)[^。;]{0,40}?(?:报告|年报)"
_COMPILED_BY = re.compile(
    rf"本(?:年度)?(?:报告|年报)(?:由|系由|是由){_TOLD}(?:负责)?(?:根据|按照|依据|依照|遵照|(?:编制|编写)(?!委|办))"
)
_BY_LAW = re.compile(
    rf"(?:.*[。;])?{_TOLD}现?(?:根据|依据|按照|依照)(?P<between>(?:《[^《》]*》|[^。;《》]){{1,240}}?)(?:编制|编写){_ITS_REPORT}"
)
_AS_ASKED = re.compile(rf"(?:要求|规定|精神),(?:现|特)?{_TOLD}(?:现|特)?(?:编制|编写)(?!委|办){_ITS_REPORT}")
_BY_OTHERS = re.compile(r"由|各(?!项|类|种)|组织|指导|督促|部署|下属|所属|要求(?:相关|有关|全)|安排")
_WIDE = re.compile(
    r"汇总|各(?:乡镇|镇|街道|县|区|部门|级)|全[省市县区州盟旗](?:各|行政机关|政府信息公开|政府系统)|政府(?:各|部门)"
)
"""The figures are those of many: then the one that compiled them need not be the one that reports."""
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand for 《 and 》, which the compact form leaves out."""
_QUOTED = re.compile("《[^《》]*》")
_CONTACT = re.compile(r"(?:与|向|请联系)(?P<name>[^,。;:]{2,40}?)(?:\([^()]*\))?(?:联系|咨询|反映)")
_OWN_WORDS = (
    "(?:认真|严格|高度|坚持|深入|积极|扎实|切实|全面|持续|围绕|紧紧|主动公开|共主动|始终|不断|进一步|坚决|坚定|把)"
)
_ITSELF = re.compile("[我本](校|院|所|馆|镇|乡|街道|中心|公司|集团|局|委|厅|办(?!法|公|理|事))")


def name_in(words: str) -> str | None:
    """The name of a body or region in the words before 政府信息公开; None if what is left is no name for certain."""
    previous = None
    while words != previous:
        previous = words
        words = _BEHIND_NAME.sub("", _BEFORE_NAME.sub("", words)).strip("《》")
    if not 2 <= len(words) <= _LONGEST or _NO_NAME.search(words) or not _ENDS_AS_NAME.search(words):
        return None
    return words


def ends_as_body(name: str) -> bool:
    """Whether a name ends as that of a body, and not of a region."""
    return _ENDS_AS_BODY.search(name) is not None


def ends_as_region(name: str) -> bool:
    """Whether a name is that of a region: short for its government."""
    return _ENDS_AS_REGION.search(name) is not None


def is_government(words: str) -> bool:
    """Whether words are what a region's government is called, the region taken off."""
    return _GOVERNMENT.fullmatch(words) is not None


def is_same_body(one: str, other: str) -> bool:
    """Whether two names may be one body: one with its region before it, or a region for its government."""
    short, long = sorted((one, other), key=len)
    if long.endswith(short):
        return True
    return long.startswith(short) and is_government(long[len(short) :])


def is_body_told(name: str) -> bool:
    """Whether words that do not stand before 政府信息公开 are, for certain, the name of one body that may report."""
    if not _SHORTEST <= len(name) <= _LONGEST or not ends_as_body(name) or name_in(name) != name:
        return False
    if _NOT_WHOLE.search(name) or _PASSES_ON.search(name) or _OFFICE.search(name):
        return False
    return "政府" in name or not _GENERIC.fullmatch(name)


def marked(text: str) -> str:
    """Compact text that keeps the marks 《》: what a document quotes is not what it says."""
    return compact(text.replace("《", _OPEN).replace("》", _CLOSE)).replace(_OPEN, "《").replace(_CLOSE, "》")


def unwrapped(title: str) -> tuple[str, str, str] | None:
    """Of a paper that hands out a report, (X)关于印发(X2022年…年度报告)的(通知): who, the report's title, what kind.

    关于发布2022年…年度报告的通知 tells others to publish theirs, and hands out none.
    """
    match = _PAPER.fullmatch(title)
    if not match:
        return None
    if match["kind"] == "通知" and match["verb"] not in ("印发", "下发") and _BEGINS_WITH_YEAR.match(match["inside"]):
        return None
    return match["by"] or "", match["inside"], match["kind"]


def body_behind_title(rest: str) -> str | None:
    """The body that a title names in closing brackets; `rest` begins with 政府信息公开."""
    end = _REPORT_END.search(rest)
    match = _IN_BRACKETS.fullmatch(rest, end.end()) if end else None
    if not match:
        return None
    inside = [part[1:-1] for part in re.findall(_BRACKET, match["all"])]
    bodies = [name for name in inside if is_body_told(name)]
    return bodies[0] if len(bodies) == 1 else None


def body_after_dash(rest: str) -> str | None:
    """The body that a title names behind a dash; `rest` begins with 政府信息公开.

    Sites are named there as well, most of them a government's, a town's or a zone's: such a name is nobody's. Two
    dashes are the trail of a window's title.
    """
    end = _REPORT_END.search(rest)
    match = _AFTER_DASH.fullmatch(rest, end.end()) if end else None
    if not match or _SITE_OR_GOVERNMENT.search(match["name"]) or not is_body_told(match["name"]):
        return None
    return match["name"]


def body_in_statement(lines: Sequence[str], opening: str) -> str | None:
    """The body that says of itself that it made this report; None where it may have made it for another.

    `lines` are searched; `opening` is all that is told before the first section, and says whose the figures are.
    """
    whole = "".join(lines)
    found = [match["name"] for pattern in (_COMPILED_BY, _AS_ASKED) for match in pattern.finditer(whole)]
    for index, line in enumerate(lines):
        # A reader may break a sentence over lines; the name and the next word stand on the first, or it is another's.
        match = _BY_LAW.match("".join(lines[index : index + 4]))
        if match and match.end("name") < len(line) and not _BY_OTHERS.search(_QUOTED.sub("", match["between"])):
            found.append(match["name"])
    found = [name for name in found if ends_as_body(name)]
    if not found or not all(is_body_told(name) and is_same_body(name, found[0]) for name in found):
        return None
    name = max(found, key=len)
    if _GOVERNS.search(name):
        return name
    if _INNER.search(name) or _MAY_COMPILE.search(name) or _WIDE.search(_QUOTED.sub("", opening)):
        return None
    contact = _CONTACT.search(whole)
    return None if contact and "政府" in contact["name"] else name


def may_compile(name: str) -> bool:
    """Whether a body is one of those that in many places compile the report of their government."""
    return _MAY_COMPILE.search(name) is not None


def body_in_trail(trails: Iterable[str]) -> str | None:
    """The one department in the trails of links above the text; None if they name several, or only governments."""
    bodies = list(dict.fromkeys(name for trail in trails for name in _links(trail)))
    return bodies[0] if len(bodies) == 1 else None


def _links(trail: str) -> Iterator[str]:
    for part in map(compact, re.split(r"[>＞»›/|:：]+", trail)):
        if is_body_told(part) and not _SITE_OR_GOVERNMENT.search(part) and not _MAY_COMPILE.search(part):
            yield part


def speaks_as(name: str, prose: str) -> bool:
    """Whether what the text calls itself (我局, 本校) fits a name; a text that calls itself nothing fits any."""
    return all(kind in name for kind in _ITSELF.findall(prose))


def tells_of(name: str, prose: str) -> bool:
    """Whether prose tells what a body did, as a report tells it of the one that reports."""
    return re.search(rf"(?:^|[\n,。;年度]){re.escape(name)}{_OWN_WORDS}", prose) is not None
