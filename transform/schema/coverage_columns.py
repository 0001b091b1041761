"""Columns of `coverage`."""

from dataclasses import replace

from transform.schema import columns as c
from transform.schema.columns import Column, Unit

__all__ = ["COVERAGE_CODE", "COVERAGE_LEVEL", "COVERAGE_MEASURES", "MISSING_ISSUERS"]

_DEADLINES = "条例 (2019) 第四十九条; 条例 (2007) 第三十一条"

COVERAGE_CODE = replace(c.DIVISION_CODE.required(), description="Six-digit code of the region, as of today.")
COVERAGE_LEVEL = Column(
    "level", "string", Unit.NONE, "层级", "Level of the region.", values=("province", "prefecture", "county")
)


def _count(name: str, unit: Unit, title_zh: str, description: str, null_means: str = "", source: str = "") -> Column:
    return Column(name, "int64", unit, title_zh, description, null_means, source, minimum=0)


COVERAGE_MEASURES = (
    _count(
        "issuers_expected", Unit.BODY, "应报告机关数",
        "Who should have published: governments of the divisions that exist in the year, issuers of the year before "
        "that are still there, and issuers found, each body once; the registry's minimum if that is more.",
    ),
    _count(
        "expected_governments", Unit.BODY, "应报告政府数",
        "People's governments of the divisions in the region, itself included, down to the county, that exist at the "
        "end of the year. Zones have none.",
    ),
    _count(
        "governments_found", Unit.BODY, "已报告政府数",
        "Those of `expected_governments` for which a report of the year speaks: of the government itself, or, with "
        "consolidated scope, of its general office or of the zone's committee that governs the division.",
    ),
    _count(
        "expected_from_previous_year", Unit.BODY, "上年报告机关数",
        "Issuers found in the year before whose lifespan has not ended.",
    ),
    _count(
        "expected_by_registry", Unit.BODY, "登记最低数",
        "Sum of the least numbers of reports that the registry expects of the portals of the region (`expects.min`).",
        "no portal of the region has one for the year",
    ),
    _count(
        "issuers_found", Unit.BODY, "已报告机关数",
        "Issuers in the region with a report on the year that was collected and could be read.",
    ),
    _count(
        "issuers_missing", Unit.BODY, "未见报告机关数",
        "Expected less found. Not collected, not published, or not readable: `ogi coverage` says what is known. Before "
        "the day on which reports are due it says nothing about the body.",
    ),
    _count(
        "issuers_on_time", Unit.BODY, "按期发布机关数",
        "Issuers found whose report was first published on or before the day on which it was due, as the rule "
        "`timing.published` has it.",
        source=_DEADLINES,
    ),
    _count(
        "issuers_late", Unit.BODY, "逾期发布机关数", "Issuers found whose report was first published after that day.",
        source=_DEADLINES,
    ),
    _count(
        "issuers_undated", Unit.BODY, "发布日期不明机关数",
        "Issuers found of whose report no day of publication is known, or one before the end of the report year.",
    ),
    Column(
        "on_time_share", "float64", Unit.SHARE, "按期发布率",
        "`on_time_share_numerator` / `on_time_share_denominator`.", "no issuer found has a date",
        _DEADLINES, minimum=0, maximum=1,
    ),
    _count("on_time_share_numerator", Unit.BODY, "按期发布率分子", "Issuers found that published on time."),
    _count(
        "on_time_share_denominator", Unit.BODY, "按期发布率分母", "Issuers found whose day of publication is known.",
    ),
    _count(
        "reports_unreadable", Unit.FILE, "无法读取文件数",
        "Documents in quarantine that came from a portal of the region (or of one below) and belong to the year by "
        "what was read of them, by the text of their link, or by the date beside it (the year before).",
    ),
    _count(
        "reports_contradictory", Unit.REPORT, "勾稽不符报告数",
        "Reports found whose printed figures break a rule of severity error.",
    ),
)  # fmt: skip

MISSING_ISSUERS = Column(
    "missing_issuers",
    "list<string>",
    Unit.NONE,
    "未见报告机关",
    "Names of the bodies missing, as far as they are known by name: governments first, by code, then issuers of the "
    "year before.",
)
