"""Every column of the warehouse, described once; tables pick from here.

Belongs here: name, type, unit, Chinese title, meaning, source and what null means. Does not belong here: which table
has which column (`tables.py`) and how a value is computed (one module per table family).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import pyarrow as pa

from extract.forms.declaration import load_forms
from extract.model import CellStatus, Confidence, DocumentFormat, ExtractionStatus
from transform.issuers import IssuerKind, Scope
from transform.regions import Level, RegionConfidence, RegionStatus

__all__ = ["Column", "Unit"]


class Unit(StrEnum):
    """What a number counts. `NONE` is stated, never left out."""

    NONE = "none"
    APPLICATION = "applications (件)"
    CASE = "cases (件)"
    DECISION = "decisions (件)"
    DOCUMENT_ITEM = "documents (件)"
    REPORT = "reports"
    CELL = "cells"
    CHECK = "checks"
    FILE = "documents"
    BYTE = "bytes"
    MILLISECOND = "milliseconds"
    SHARE = "share, 0 to 1"
    PER_THOUSAND = "cases per 1,000 applications"
    PER_100000 = "applications per 100,000 people"
    BODY = "bodies"
    PERSON = "people"
    COMPLAINT = "complaints (件)"
    YUAN = "CNY (元)"
    AS_PRINTED = "see the column unit"
    OF_THE_RULE = "unit of the cells involved"
    CHARACTER = "characters"


_EDITIONS = tuple(load_forms().editions)

_TYPES: Mapping[str, Any] = {
    "string": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "list<string>": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `null_means` is empty where null is not allowed; `values` lists the codes of an enumeration."""

    name: str
    dtype: str
    unit: Unit
    title_zh: str
    description: str
    null_means: str = ""
    source: str = ""
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    value_notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def arrow_type(self) -> Any:
        """The Arrow type."""
        return _TYPES[self.dtype]

    @property
    def is_nullable(self) -> bool:
        """Whether null is allowed; then `null_means` says what it stands for."""
        return bool(self.null_means)

    def required(self) -> "Column":
        """The same column where a table does not allow null."""
        return replace(self, null_means="")

    def optional(self, null_means: str) -> "Column":
        """The same column where a table allows null, which stands for `null_means`."""
        return replace(self, null_means=null_means)


def _text(name: str, title_zh: str, description: str, null_means: str = "", **more: Any) -> Column:
    return Column(name, "string", Unit.NONE, title_zh, description, null_means, **more)


def _strings(name: str, title_zh: str, description: str) -> Column:
    return Column(name, "list<string>", Unit.NONE, title_zh, description)


def _flag(name: str, title_zh: str, description: str) -> Column:
    return Column(name, "bool", Unit.NONE, title_zh, description)


def _number(name: str, unit: Unit, title_zh: str, description: str, null_means: str = "", source: str = "") -> Column:
    return Column(name, "int64", unit, title_zh, description, null_means, source, minimum=0)


# ---- what the report is ------------------------------------------------------------------------------------------
REPORT_ID = _text(
    "report_id",
    "报告编号",
    "Key of a report: one issuer, one report year. Stable over rebuilds and over its renditions.",
)
REPORT_YEAR = Column(
    "report_year",
    "int32",
    Unit.NONE,
    "报告年度",
    "Calendar year that the figures cover (统计期间), not the year of publication.",
    source="条例 (2019) 第四十九条",
    minimum=2008,
    maximum=2100,
)
TITLE = _text("title", "标题", "Title as printed.", "the document prints no title")
EDITION = _text(
    "edition",
    "格式版本",
    "Version of the statutory form, told by its labels.",
    values=_EDITIONS,
    value_notes={edition.id: edition.name for edition in load_forms().editions.values()},
)
YEAR_EDITION = _text(
    "year_edition",
    "应用格式",
    "Form on which a report on this year was due; differs from `edition` where an old form was used.",
    "no form is known for the year",
    values=_EDITIONS,
)

# ---- who reports ---------------------------------------------------------------------------------------------------
ISSUER_ID = _text("issuer_id", "机关编号", "Key of the body that reports.")
ISSUER = _text("issuer", "发布机关", "The body that reports, as the document names it.")
ISSUER_KIND = _text(
    "issuer_kind",
    "机关类别",
    "What sort of body reports.",
    values=tuple(item.value for item in IssuerKind),
    value_notes={
        "government": "a people's government of a county or above",
        "government_office": "its general office (办公厅, 办公室)",
        "subdistrict": "a street office (街道办事处)",
        "zone_committee": "the committee of a development zone",
        "institution": "schools, hospitals, companies and the like",
    },
)
LEVEL = _text("level", "行政层级", "Administrative level of the issuer.", values=tuple(item.value for item in Level))
SCOPE = _text(
    "scope",
    "统计口径",
    "Whose figures the report gives: one body's own, or a government's over its departments and lower levels.",
    values=tuple(item.value for item in Scope),
    value_notes={
        "own": "this body alone",
        "consolidated": "汇总: departments and lower governments included",
        "unknown": "nothing tells; such a report enters no regional sum",
    },
)
SCOPE_EVIDENCE = _text(
    "scope_evidence", "口径依据", "The words or the reason from which the scope was decided.", "none found"
)

# ---- where ---------------------------------------------------------------------------------------------------------
_GB = "GB/T 2260"
PROVINCE_CODE = _text(
    "province_code",
    "省级代码",
    "Division code of the province-level unit, six digits.",
    "region not resolved",
    source=_GB,
)
PROVINCE = _text("province", "省级", "Province, autonomous region or municipality.", "region not resolved")
PREFECTURE_CODE = _text(
    "prefecture_code",
    "地级代码",
    "Division code of the prefecture-level unit, six digits.",
    "the body stands above prefectures, the place has none, or the region is not resolved",
    source=_GB,
)
PREFECTURE = _text(
    "prefecture",
    "地级",
    "Prefecture-level unit.",
    "the body stands above prefectures, the place has none, or the region is not resolved",
)
COUNTY_CODE = _text(
    "county_code",
    "县级代码",
    "Division code of the county-level unit, six digits.",
    "the body stands above counties, or the region is not resolved",
    source=_GB,
)
COUNTY = _text("county", "县级", "County-level unit.", "the body stands above counties, or the region is not resolved")
TOWNSHIP = _text(
    "township", "乡级", "Township or street.", "the body stands above townships, or the township is not resolved"
)
TOWNSHIP_CODE = _text(
    "township_code",
    "乡级代码",
    "Division code of the township or street, nine digits.",
    "the body stands above townships, or the township is not in the list of divisions",
)
DIVISION_CODE = _text(
    "division_code",
    "行政区划代码",
    "Six-digit code of the deepest province, prefecture or county that the issuer belongs to.",
    "region not resolved; `region_status` says why",
    source=_GB,
)
REGION_STATUS = _text(
    "region_status",
    "区划判定",
    "Whether the region is known.",
    values=tuple(item.value for item in RegionStatus),
    value_notes={
        "resolved": "one place fits the evidence",
        "unresolved": "nothing says where",
        "ambiguous": "several places fit (铁东区, 新城区); none is guessed",
    },
)
REGION_EVIDENCE = _text(
    "region_evidence", "区划依据", "What the region was told from, or why it was not.", "none found"
)
REGION_CONFIDENCE = _text(
    "region_confidence",
    "区划把握",
    "How strong the evidence for the region is.",
    "region not resolved",
    values=tuple(item.value for item in RegionConfidence),
)
ZONE = _text(
    "zone",
    "开发区",
    "Development zone to which the body belongs, where it has no division code; `division_code` is then that of the "
    "division in which it lies.",
    "no zone, or one with a code of its own",
)
REGION = (
    PROVINCE_CODE,
    PROVINCE,
    PREFECTURE_CODE,
    PREFECTURE,
    COUNTY_CODE,
    COUNTY,
    TOWNSHIP,
    DIVISION_CODE,
)

# ---- the document --------------------------------------------------------------------------------------------------
DOCUMENT = _text(
    "document", "文件", "The document as its user knows it: the path given, or its URL, or its local name."
)
DOCUMENT_SHA256 = _text(
    "document_sha256", "文件校验值", "SHA-256 of the bytes, by which the raw store names the document."
)
URL = _text("url", "网址", "Canonical URL from which the document was fetched.", "a local file added without a URL")
LOCAL_NAME = _text(
    "local_name", "本地文件名", "File name of a document that was added by hand.", "the document was fetched"
)
PORTAL_ID = _text("portal_id", "网站编号", "Registry entry of the portal.", "the document was added by hand")
PARENT_URL = _text("parent_url", "上级网址", "Page on which the link stood.", "the request started from the registry")
LINK_TEXT = _text("link_text", "链接文字", "Text of the link that led to the document.", "no link led to it")
LISTED_DATE = Column(
    "listed_date",
    "date",
    Unit.NONE,
    "列表日期",
    "Date that the list page prints beside the link.",
    "the list prints none",
)
PUBLISHED_DATE = Column(
    "published_date",
    "date",
    Unit.NONE,
    "发布日期",
    "Date of publication that the document or its list page states.",
    "neither states one",
    source="条例 (2019) 第四十九条; the day due: rule `timing.published`",
)
FETCHED_AT = Column(
    "fetched_at",
    "timestamp",
    Unit.NONE,
    "采集时间",
    "When these bytes were first fetched (UTC).",
    "a local file added without a time",
)
FORMAT = _text(
    "format",
    "文件格式",
    "What the bytes are, told from the bytes and never from the name.",
    values=tuple(item.value for item in DocumentFormat),
)
BYTE_COUNT = _number("byte_count", Unit.BYTE, "字节数", "Size of the document.")
EXTRACTOR_VERSION = _text("extractor_version", "解析版本", "Version of the extractor that read the document.")
DOCUMENT_STATUS = _text(
    "status",
    "处理结果",
    "What became of the document.",
    values=tuple(item.value for item in ExtractionStatus),
    value_notes={
        "read": "an annual report, its cells in `cells`",
        "not_a_report": "read, and no annual report",
        "quarantined": "could not be used; `reason` says why",
    },
)
REASON_CODE = _text(
    "reason_code", "原因代码", "Why the document is no report here, as a code.", "the document was read"
)
REASON = _text(
    "reason", "原因", "Why the document is no report here and the way out, as a sentence.", "the document was read"
)
FAILING_CHECKS = _strings(
    "checks",
    "未通过的勾稽关系",
    "Rules of arithmetic that the printed figures break, by `check_id`; empty if none.",
)

# ---- one cell ------------------------------------------------------------------------------------------------------
CELL = _text("cell", "单元格代码", "Cell of the statutory form: `<table>.<row>.<column>`, as in `codes`.")
TABLE = _text("table", "表", "Statutory table: t2, t3, t4, or st (E2014).")
ROW = _text("row", "行", "Row code of the statutory table.")
COLUMN = _text("column", "列", "Column code of the statutory table.")
VALUE = Column(
    "value",
    "float64",
    Unit.AS_PRINTED,
    "数值",
    "The number as printed, in `unit`; also where it breaks the form's arithmetic.",
    "no number is printed: `status` says what is, `raw` keeps it. Never read it as 0",
)
UNIT = _text("unit", "单位", "Unit of `value`, printed or fixed by the form.", "money printed without a unit")
YUAN = Column(
    "yuan",
    "float64",
    Unit.YUAN,
    "金额（元）",
    "A money value in yuan, where cell, header or form names its unit.",
    "not money, blank, or no unit is known",
)
RAW = _text("raw", "原文", "Text of the cell as printed; empty for an empty cell.")
CELL_STATUS = _text(
    "status",
    "状态",
    "What is printed in the cell.",
    values=tuple(item.value for item in CellStatus),
    value_notes={
        "reported": "a number",
        "blank": "nothing",
        "not_applicable": "/ — 无 不适用",
        "text": "words without a number",
        "withheld": "something whose place or meaning is in doubt: not believed",
    },
)
CONFIDENCE = _text(
    "confidence",
    "把握",
    "How sure the reading is.",
    values=tuple(item.value for item in Confidence),
    value_notes={
        "confirmed": "label, header and order agree, and a printed sum closes on it or a second reading agrees",
        "read": "label, header and order agree; nothing independent speaks for or against it",
        "doubtful": "some evidence is missing or against it; see `flags`",
    },
)
FLAGS = _strings("flags", "标记", "Codes of anomalies (see `codes`), in the order met; empty if none.")
IMPLIED = _number(
    "implied",
    Unit.AS_PRINTED,
    "推定值",
    "The one value that the form's arithmetic leaves for a cell without a number, blanks read as unknown and not as 0. "
    "Never part of `value`.",
    "a number is printed, or the arithmetic leaves none or several values",
)
REPAIR_HINT = _text(
    "repair_hint",
    "修正提示",
    "What a changed figure in this cell, and in no other, would close: for a person to look at, never a value.",
    "no broken sum hangs on this one cell",
)
PLACE = _text("place", "位置", "Where it stands in the document: page, table, row, column or line, counted from 1.")

# ---- quality of a report -------------------------------------------------------------------------------------------
RENDITION_COUNT = _number(
    "rendition_count", Unit.FILE, "载体数", "Documents that carry this report, older versions included."
)
CELL_COUNT = _number("cell_count", Unit.CELL, "单元格数", "Cells of statutory tables that the document prints.")
NUMERIC_CELL_COUNT = _number("numeric_cell_count", Unit.CELL, "数值单元格数", "Cells that hold a number.")
DOUBTFUL_CELL_COUNT = _number(
    "doubtful_cell_count", Unit.CELL, "存疑单元格数", "Cells whose reading is doubtful or withheld."
)
LEFTOVER_COUNT = _number(
    "leftover_count", Unit.CELL, "未识别内容数", "Printed pieces inside statutory tables that no cell of the form took."
)
MISSING_TABLES = _strings("missing_tables", "缺表", "Tables of the edition that the document lacks; empty if none.")
FAILING_CHECK_COUNT = _number(
    "failing_check_count", Unit.CHECK, "未通过的勾稽关系数", "Rules of severity error that the printed figures break."
)
ASSUMED_ZERO_COUNT = _number(
    "assumed_zero_check_count", Unit.CHECK, "空白按零的勾稽关系数", "Rules that hold only with blanks read as 0."
)
IS_PRIMARY = _flag(
    "is_primary", "主载体", "The rendition from which the report's cells are taken; one for each report."
)
IS_SUPERSEDED = _flag("is_superseded", "已被替换", "A newer version was fetched from the same URL.")
AGREES = _flag("agrees", "与主载体一致", "No cell differs in value from the primary rendition.")
DIFFERING_CELLS = _strings(
    "differing_cells", "差异单元格", "Cells whose value differs from the primary rendition; empty if none."
)

# ---- applications, litigation, proactive disclosure ------------------------------------------------------------------
ITEM_CODE = _text("item_code", "事项代码", "Row of table 3, as in `codes`.", source="E2021, 表三")
ITEM = _text("item", "事项", "Label of the row in the form.")
ITEM_EN = _text("item_en", "事项（英文）", "English label of the row.")
ITEM_GROUP = _text(
    "item_group",
    "事项类别",
    "Part of the balance: received + carried_over = outcome_total + carried_forward.",
    values=("received", "carried_over", "outcome", "outcome_subtotal", "outcome_total", "carried_forward"),
    value_notes={
        "received": "一、",
        "carried_over": "二、",
        "outcome": "one result, （一） to （六）",
        "outcome_subtotal": "a group whose parts stand in rows of their own",
        "outcome_total": "（七）",
        "carried_forward": "四、",
    },
)
APPLICANT_TYPE = _text(
    "applicant_type",
    "申请人类型",
    "Column of table 3: who applied, or `total`.",
    values=("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org", "total"),
)
APPLICATION_COUNT = Column(
    "count",
    "int64",
    Unit.APPLICATION,
    "申请数量",
    "Applications under this item and applicant type, as printed.",
    "no whole number is printed; never read it as 0",
    source="E2019 and E2021, 表三; E2014 through the crosswalk",
)
IS_TOTAL = _flag(
    "is_total",
    "是否合计",
    "The row is a total or subtotal over other rows of this report; leave it out of sums over parts.",
)
COMPARABILITY = _text(
    "comparability",
    "可比性",
    "How far the figure means the same as the item of the present form.",
    values=("exact", "near", "partial", "none"),
    value_notes={
        "exact": "printed under this very item",
        "near": "E2014 figure taken over by the crosswalk, small differences",
        "partial": "E2014 figure that covers the item only in part",
        "none": "not comparable",
    },
)
SOURCE_CELLS = _strings(
    "source_cells", "来源单元格", "Cells of the report from which the figure is taken, all added up."
)
CHANNEL = _text(
    "channel",
    "救济途径",
    "How the body's handling was contested.",
    values=("reconsideration", "litigation_direct", "litigation_after_reconsideration", "litigation_undivided"),
    value_notes={
        "reconsideration": "行政复议",
        "litigation_direct": "未经复议直接起诉",
        "litigation_after_reconsideration": "复议后起诉",
        "litigation_undivided": "E2014 only: 行政诉讼, not split",
    },
)
RESULT = _text(
    "result",
    "结果",
    "Result of the case at year end.",
    values=("upheld", "corrected", "other", "pending", "total"),
    value_notes={
        "upheld": "结果维持",
        "corrected": "结果纠正",
        "other": "其他结果",
        "pending": "尚未审结: counted again next year",
        "total": "总计",
    },
)
CASE_COUNT = Column(
    "count",
    "int64",
    Unit.CASE,
    "案件数量",
    "Cases about open government information against the body, as printed.",
    "no whole number is printed; never read it as 0",
    source="E2019 and E2021, 表四; E2014 through the crosswalk",
)
DISCLOSURE_ITEM = _text("item_code", "事项代码", "Row of table 2, as in `codes`.", source="E2019 and E2021, 表二")
MEASURE = _text("measure", "指标", "Column of table 2, as in `codes`: what is counted of the item.")
MEASURE_ZH = _text("measure_label", "指标名称", "Label of the column in the form.")
VALUE_YUAN = replace(YUAN, name="value_yuan")

# ---- narratives ----------------------------------------------------------------------------------------------------
SECTION_CODE = _text("section", "部分", "Section of the report, as in `codes` (s1 to s6 from E2019 on).")
SECTION_ORDER = Column(
    "section_order", "int32", Unit.NONE, "顺序", "Place of the section in the document, counted from 1.", minimum=1
)
HEADING = _text("heading", "小标题", "Heading as printed.")
TEXT = _text("text", "正文", "Text of the section as printed, tables left out.")
CHARACTER_COUNT = _number("character_count", Unit.CHARACTER, "字数", "Length of `text`.")

# ---- statements ----------------------------------------------------------------------------------------------------
STATEMENT_ORDER = Column(
    "statement_order", "int32", Unit.NONE, "顺序", "Place of the statement in the report, counted from 1.", minimum=1
)
STATEMENT_CODE = _text(
    "code", "指标代码", "What the prose states: `<section>.<measure>` by the present form, as in `codes`."
)
STATEMENT_SECTION = _text(
    "section", "部分", "Section in which it is printed, as in `codes`.", "the document has no headings"
)
STATEMENT_VALUE = Column(
    "value",
    "float64",
    Unit.AS_PRINTED,
    "数值",
    "The number as the prose gives it, in `unit`; 0 with the flag stated_none where it says that there was none.",
    minimum=0,
)
STATEMENT_UNIT = _text(
    "unit", "单位", "Unit as printed behind the number.", "the prose says in words that there was none"
)
CLAUSE = _text("raw", "原文", "The clause as printed.")

# ---- checks --------------------------------------------------------------------------------------------------------
CHECK_ID = _text("check_id", "勾稽关系", "A rule on one row, column or block, e.g. `t3.row_total[granted]`.")
RULE_ID = _text("rule_id", "规则", "The rule without its row or column, e.g. `t3.row_total`.")
CHECK_KIND = _text(
    "kind",
    "规则类别",
    "What sort of rule.",
    values=("row_sum", "column_sum", "block_sum", "balance", "cross_year", "soft"),
    value_notes={"cross_year": "needs the same body's report on the year before", "soft": "plausible, not certain"},
)
SEVERITY = _text("severity", "严重程度", "How bad a breach is.", values=("error", "warning", "info"))
CHECK_STATUS = _text(
    "status",
    "结果",
    "Outcome of the rule on the printed figures.",
    values=("pass", "assumed_zero", "fail", "not_assessable"),
    value_notes={
        "pass": "holds with every operand printed",
        "assumed_zero": "holds when some blanks are read as 0",
        "fail": "does not hold",
        "not_assessable": "all operands blank, one is text or not printed, or no earlier report",
    },
)
COMPARATOR = _text("comparator", "关系", "`expected` comparator `printed` must hold.", values=("==", "<=", ">="))
EXPECTED = Column(
    "expected",
    "float64",
    Unit.OF_THE_RULE,
    "应为",
    "Left side of the rule: what the other cells give, single blanks read as 0.",
    "the rule cannot be assessed, or nothing is printed on this side",
)
PRINTED = Column(
    "printed",
    "float64",
    Unit.OF_THE_RULE,
    "实为",
    "Right side of the rule: what is printed, single blanks read as 0.",
    "the rule cannot be assessed, or nothing is printed on this side",
)
BLANK_OPERAND_COUNT = _number(
    "blank_operand_count", Unit.CELL, "空白项数", "Operands that are blank and were read as 0 for this test."
)
CHECK_REASON = _text(
    "reason",
    "原因",
    "Why the rule cannot be assessed, or why the cause of a breach is open.",
    "it was assessed, and either holds or has a cause",
)
CELLS_INVOLVED = _strings(
    "cells", "涉及单元格", "Cells of this year's report that take part, in the order of the rule."
)
PREVIOUS_CELLS = _strings(
    "previous_cells", "涉及上年单元格", "Cells of the previous year's report that take part; empty if none."
)
SENTENCE_ZH = _text("sentence_zh", "说明", "The rule as a Chinese sentence.")
SENTENCE_EN = _text("sentence_en", "说明（英文）", "The rule as an English sentence.")
CAUSE = _text(
    "cause",
    "原因归属",
    "Whose mistake it is.",
    "no breach, or open: `reason` says why",
    values=("publisher", "ours"),
    value_notes={
        "publisher": "two readings of the document agree on every printed figure that takes part: so it is printed",
        "ours": "two readings differ on a figure, which is withheld: the rule cannot be assessed",
    },
)

# ---- regions and what stands behind a row ----------------------------------------------------------------------------
REGION_NAME = _text("region", "地区", "Name of the region.")
REPORT_COUNT = _number("report_count", Unit.REPORT, "报告数", "Reports behind the figures of this row.")

# ---- dimensions ----------------------------------------------------------------------------------------------------
PARENT_CODE = _text("parent_code", "上级代码", "Division code of the unit above.", "a province-level unit")
IS_ZONE = _flag(
    "is_zone", "是否开发区", "A development zone with a statistical code: it reports like a county and is none in law."
)
DIVISION_LEVEL = _text("level", "层级", "Level of the unit.", values=("province", "prefecture", "county", "township"))
ISSUER_NAMES = _strings("names", "名称", "Names under which the body has reported, in order of spelling.")
FIRST_YEAR = replace(REPORT_YEAR, name="first_year", title_zh="首个年度", description="First report year found.")
LAST_YEAR = replace(REPORT_YEAR, name="last_year", title_zh="最近年度", description="Last report year found.")
CODE = _text("code", "代码", "The code as it stands in the tables.")
CODE_KIND = _text(
    "code_kind",
    "代码类别",
    "What the code names.",
    values=("table", "row", "column", "cell", "section", "rule", "anomaly", "measure", "statement"),
    value_notes={
        "measure": "a measure of `region_year` that means the same over editions",
        "statement": "a figure that the prose states, in `statements`",
    },
)
CODE_EDITION = _text(
    "edition",
    "格式版本",
    "Edition of the form that defines the code; `all` for codes outside the forms.",
    values=(*_EDITIONS, "all"),
)
CODE_PARENT = _text(
    "parent", "所属", "Code under which it stands: table of a row or column, group of a row.", "it stands alone"
)
LABEL_ZH = _text("label_zh", "中文名称", "Label in the form.", "the code has no Chinese label")
LABEL_EN = _text("label_en", "英文名称", "English label.", "none given")
ORDER = Column(
    "print_order",
    "int32",
    Unit.NONE,
    "印刷顺序",
    "Place in the form, counted from 1 within kind and edition.",
    minimum=1,
)
DEFINITION = _text("definition", "定义", "What it counts, or what to know before using it.", "the label says all")
VALUE_TYPE = _text(
    "value_type", "数值类型", "Type of the number.", "the code carries no number", values=("count", "amount", "delta")
)
CODE_UNIT = UNIT.optional("the code carries no number, or the form prints no unit")
ROW_KIND = _text(
    "row_kind",
    "行类别",
    "Part of a row in the form's arithmetic.",
    "not a row",
    values=("leaf", "group", "total", "flow"),
)
SOURCE_TEXT = _text("source", "来源", "Legal instrument that defines it.", "our own code")
CROSSWALK = _strings("crosswalk", "可比指标", "Measures of `region_year` in which the cell takes part; empty if none.")
CODE_COMPARABILITY = _strings(
    "comparability_notes", "可比性", "For a measure: how far it is comparable, edition by edition; else empty."
)
EXPRESSION = _text(
    "expression", "表达式", "Rule or measure over cell codes.", "neither a rule nor a measure in this edition"
)

# ---- ledger and documents --------------------------------------------------------------------------------------------
FETCH_ID = _text("fetch_id", "采集编号", "Key of one request.")
RUN_ID = _text("run_id", "运行编号", "The run that made the request.")
FINAL_URL = _text("final_url", "最终网址", "URL that answered after redirects.", "no answer, or no redirect")
ROLE = _text(
    "role", "用途", "What the request was for.", values=("robots", "listing", "article", "attachment", "local")
)
OUTCOME = _text(
    "outcome",
    "采集结果",
    "How the request ended; every URL discovered has one. `candidate`: nearly a report, left out, the reason says why; "
    "`gone`: collected earlier and removed by the portal since, what was stored stays; `archived`: captured by "
    "somebody else (WARC file, saved page) at `requested_at`; `broken`: a record of a WARC file that cannot be used.",
)
FETCH_REASON = _text("reason", "原因", "Why it ended so, as a sentence.", "the outcome says all")
STATUS_CODE = Column("status_code", "int32", Unit.NONE, "状态码", "HTTP status.", "no HTTP answer")
REQUESTED_AT = Column("requested_at", "timestamp", Unit.NONE, "请求时间", "When the request was made (UTC).")
ELAPSED = _number("elapsed_ms", Unit.MILLISECOND, "耗时", "Time until the answer was complete.", "no request was sent")
LEDGER_SHA256 = _text(
    "sha256", "校验值", "SHA-256 of the body; equals `document_sha256` where the body is in the raw store.", "no body"
)
CONTENT_TYPE = _text(
    "content_type", "内容类型", "Content-Type that the server declared; not believed.", "none declared"
)
ETAG = _text("etag", "实体标签", "ETag of the answer, sent back in conditional requests.", "none sent")
LAST_MODIFIED = _text(
    "last_modified", "最后修改", "Last-Modified of the answer, sent back in conditional requests.", "none sent"
)
FETCH_COUNT = _number("fetch_count", Unit.FILE, "采集次数", "Rows of the ledger that name this document.")
LAST_SEEN_AT = Column(
    "last_seen_at",
    "timestamp",
    Unit.NONE,
    "最近所见",
    "When a request last found these very bytes in place (UTC).",
    "a local file added without a time",
)
