"""Columns of `report_versions` and `version_changes`, and of pages that are gone."""

from dataclasses import replace

from extract.model import CellStatus
from transform.schema import columns as c
from transform.schema.columns import Column, Unit
from transform.version_order import Basis

__all__ = [
    "AFTER",
    "BEFORE",
    "CHANGE",
    "CHANGED_CELL_COUNT",
    "DIFFERENCE",
    "DIFFERING_RENDITION_COUNT",
    "DOCUMENT_GONE_AT",
    "GONE_AT",
    "IS_CURRENT",
    "LAYOUT_CHANGE_COUNT",
    "RESTORED_AT",
    "VALID_FROM",
    "VALID_TO",
    "VERSION_BASIS",
    "VERSION_DOCUMENTS",
    "VERSION_NUMBER",
    "VERSION_RENDITION_COUNT",
]


def _moment(name: str, title_zh: str, description: str, null_means: str = "") -> Column:
    return Column(name, "timestamp", Unit.NONE, title_zh, description, null_means)


VERSION_NUMBER = Column(
    "version_number",
    "int32",
    Unit.NONE,
    "版本号",
    "Place among the versions of the report, counted from 1 by the time at which each was first there.",
    minimum=1,
)
VALID_FROM = _moment(
    "valid_from",
    "起始时间",
    "When the version was first there (UTC): the day of publication that is stated of the first document at its "
    "address, else the first request or capture that brought it.",
    "no document of the version has a date",
)
VALID_TO = _moment(
    "valid_to",
    "终止时间",
    "When another version was found in its place (UTC); the change was made between its last request and then.",
    "the version is current, or no date of any version is known",
)
RESTORED_AT = _moment(
    "restored_at",
    "恢复时间",
    "When its figures were found in place again after those of a later version (UTC). The same figures found again are "
    "no new version.",
    "never",
)
GONE_AT = _moment(
    "gone_at",
    "撤下时间",
    "When every page of the version that was still in place was found removed by the portal (UTC); what was stored "
    "stays.",
    "a page of it is still there as far as is known, or other bytes stand in its place",
)
DOCUMENT_GONE_AT = replace(
    GONE_AT,
    description="When every address at which the document was last found answered that it is gone (404, 410; UTC); "
    "what was stored stays.",
    null_means="it is still there as far as is known, other bytes stand in its place, or it was added by hand",
)
VERSION_BASIS = Column(
    "basis",
    "string",
    Unit.NONE,
    "版本依据",
    "How the version is known.",
    values=tuple(item.value for item in Basis),
    value_notes={
        "first_found": "the first one",
        "same_url_changed": "other figures were found at the same address",
        "republished_elsewhere": "the issuer published other figures on a later day at another address",
        "archived_copy": "only captures by others (WARC files, saved pages) show it",
    },
)
VERSION_DOCUMENTS = Column(
    "documents",
    "list<string>",
    Unit.NONE,
    "文件校验值",
    "SHA-256 of every document that carries the version, in order.",
)
VERSION_RENDITION_COUNT = Column(
    "rendition_count", "int64", Unit.FILE, "载体数", "Documents that carry the version.", minimum=0
)
DIFFERING_RENDITION_COUNT = Column(
    "differing_rendition_count",
    "int64",
    Unit.FILE,
    "差异载体数",
    "Documents among them whose figures contradict the others, while nothing tells which came first.",
    minimum=0,
)
LAYOUT_CHANGE_COUNT = Column(
    "layout_change_count",
    "int64",
    Unit.FILE,
    "版式变动次数",
    "Times that other bytes with the same figures were found at the same address: layout, counters; no new version.",
    minimum=0,
)
CHANGED_CELL_COUNT = Column(
    "changed_cell_count",
    "int64",
    Unit.CELL,
    "变动单元格数",
    "Cells in which the version differs from the version before; each is a row of `version_changes`.",
    "the first version",
    minimum=0,
)
IS_CURRENT = Column("is_current", "bool", Unit.NONE, "现行", "The version that `reports` and `cells` show.")

CHANGE = Column(
    "change",
    "string",
    Unit.NONE,
    "变动类别",
    "What was done to the cell.",
    values=("edited", "filled", "emptied", "reworded", "added", "removed"),
    value_notes={
        "edited": "another number",
        "filled": "a number where none was",
        "emptied": "no number where one was",
        "reworded": "no number before and after: blank, —, or other words",
        "added": "a cell that the version before did not print",
        "removed": "a cell that is not printed any more",
    },
)
DIFFERENCE = Column(
    "difference",
    "float64",
    Unit.AS_PRINTED,
    "变动量",
    "Number after less number before.",
    "one of them is no number, or their units differ",
)


def _sides(prefix: str, title: str, words: str) -> tuple[Column, ...]:
    absent = f"the version {words} does not print the cell"
    return (
        Column(
            f"{prefix}_status", "string", Unit.NONE, f"{title}状态", f"What the version {words} prints in the cell.",
            absent, values=tuple(item.value for item in CellStatus),
        ),
        Column(f"{prefix}_value", "float64", Unit.AS_PRINTED, f"{title}数值", "The number as printed.",
               "no number is printed; never read it as 0"),
        Column(f"{prefix}_unit", "string", Unit.NONE, f"{title}单位", "Unit of the number.",
               "money printed without a unit, or the cell is not printed"),
        Column(f"{prefix}_raw", "string", Unit.NONE, f"{title}原文", "Text of the cell as printed.", absent),
        Column(f"{prefix}_place", "string", Unit.NONE, f"{title}位置", "Where it stands in the document.", absent),
        replace(c.DOCUMENT_SHA256, name=f"{prefix}_document_sha256",
                description=f"The document that speaks for the version {words}."),
        _moment(f"{prefix}_found_at", f"{title}采集时间", "When that document was first fetched or captured (UTC).",
                "a local file added without a time"),
        _moment(f"{prefix}_last_seen_at", f"{title}最后采集时间", "When it was last found in place (UTC).",
                "a local file added without a time"),
    )  # fmt: skip


BEFORE = _sides("before", "变动前", "before")
AFTER = _sides("after", "变动后", "after the change")
