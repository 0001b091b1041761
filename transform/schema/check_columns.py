"""Columns of the tables that say what is wrong and what people decided about it."""

from dataclasses import replace

from transform.schema import columns as c
from transform.schema.columns import Column, Unit

__all__ = [
    "ARITHMETIC_KINDS", "AUTHOR", "CHECK_COMPARATOR", "CHECK_KIND", "CHECK_REASON", "CORRECTION_REASON",
    "COVERED_YEAR", "DECIDED_ON",
    "DOCUMENT_NAMED", "ENTRY", "ENTRY_KIND", "FILE", "PRINTED_SUBTOTALS", "RAW_EXPECTED", "RAW_READ", "STATE",
    "STATE_REASON", "VALUE_CORRECTED", "VALUE_EXPECTED", "VALUE_READ", "VERDICT", "VERDICTS", "VERDICT_AUTHOR",
    "VERDICT_REASON", "VERDICT_STATE",
]  # fmt: skip

ARITHMETIC_KINDS = (*c.CHECK_KIND.values, "subtotal", "count")
"""Kinds of rule that printed figures break; the others are about dates, prose, other reports."""

# ---- checks ----------------------------------------------------------------------------------------------------------
CHECK_KIND = replace(
    c.CHECK_KIND,
    values=(
        *ARITHMETIC_KINDS, "year", "peers", "text", "timing", "copy", "structure",
        "reconciliation", "hint",
    ),
    value_notes={
        **c.CHECK_KIND.value_notes,
        "subtotal": "a subtotal that the form does not have and the report prints",
        "count": "whole and not negative",
        "year": "against the same body's earlier years",
        "peers": "against bodies of the same kind, level and sector in the year",
        "text": "the prose (`expected`) against the tables (`printed`), or against itself",
        "timing": "published in time; the figures are days",
        "copy": "the same figures as another report; the figures count reports",
        "structure": "tables and form as prescribed",
        "reconciliation": "a consolidated report against the reports below it: never an error",
        "hint": "one changed figure would close the broken sums: for a person to look at",
    },
)  # fmt: skip
CHECK_COMPARATOR = replace(
    c.COMPARATOR,
    values=(*c.COMPARATOR.values, "~"),
    value_notes={"~": "of the same order as"},
)
CHECK_REASON = replace(
    c.CHECK_REASON,
    description="Why the rule cannot be assessed, what was found (the clause of the prose, the dates, the other "
    "report), or why the cause of a breach is open.",
    null_means="it was assessed, and there is nothing to add",
)
VERDICTS = ("holds", "publisher_error", "reading_error", "accepted")
VERDICT = Column(
    "verdict",
    "string",
    Unit.NONE,
    "人工结论",
    "What a person decided about this check, from the files in `verdicts/`.",
    "nobody has decided",
    values=VERDICTS,
    value_notes={
        "holds": "the rule does hold, or does not apply here",
        "publisher_error": "so it is printed, and it is the publisher's mistake",
        "reading_error": "we read something else than is printed",
        "accepted": "looked at, and left as it is",
    },
)
VERDICT_REASON = Column("verdict_reason", "string", Unit.NONE, "结论理由", "Why, in the person's words.", "no verdict")
VERDICT_AUTHOR = Column("verdict_author", "string", Unit.NONE, "结论作者", "Who decided.", "no verdict")
VERDICT_STATE = Column(
    "verdict_state",
    "string",
    Unit.NONE,
    "结论状态",
    "Whether the figures are still those that the person looked at.",
    "no verdict",
    values=("holds", "stale"),
    value_notes={"stale": "the figures have changed since: the verdict counts for nothing until somebody looks again"},
)
PRINTED_SUBTOTALS = Column(
    "printed_subtotals",
    "list<string>",
    Unit.NONE,
    "所印小计",
    "Subtotals in table 3 that the form does not have, as `<table>.<group>.<column>=<figure>`; empty if none.",
)

# ---- corrections -----------------------------------------------------------------------------------------------------
_FILE_NULL = "the entry is of the other kind"
FILE = Column("file", "string", Unit.NONE, "文件", "File of the entry, by its name in `corrections/` or `verdicts/`.")
ENTRY = Column("entry", "int32", Unit.NONE, "序号", "Place of the entry in its file, counted from 1.", minimum=1)
ENTRY_KIND = Column(
    "entry_kind",
    "string",
    Unit.NONE,
    "类别",
    "What the entry does.",
    values=("correction", "verdict"),
    value_notes={"correction": "puts a figure into `cells.value`", "verdict": "decides about a row of `checks`"},
)
DOCUMENT_NAMED = Column("document_named", "string", Unit.NONE, "所指文件", "SHA-256 or its start, as the entry has it.")
COVERED_YEAR = replace(c.REPORT_YEAR, name="covered_year", null_means="the document is not known, or carries no report")
VALUE_READ = replace(
    c.VALUE,
    name="value_read",
    title_zh="原读数",
    description="What is read in the cell without the correction.",
    null_means="no number is read there, the cell is not found, or the entry is a verdict",
)
RAW_READ = replace(c.RAW, name="raw_read", null_means="the cell is not found, or the entry is a verdict")
VALUE_CORRECTED = replace(
    c.VALUE,
    name="value_corrected",
    title_zh="更正值",
    description="What the person read in the document; in `cells.value` where the state is applied.",
    null_means=_FILE_NULL,
)
VALUE_EXPECTED = replace(
    c.VALUE,
    name="value_expected",
    title_zh="更正时读数",
    description="The value read when the person looked: `expect` of the entry.",
    null_means="no number was read, the entry does not say, or it is a verdict",
)
RAW_EXPECTED = replace(
    c.RAW,
    name="raw_expected",
    description="Text of the cell when the person looked: `expect` of the entry.",
    null_means="the entry does not say, or is a verdict",
)
STATE = Column(
    "state",
    "string",
    Unit.NONE,
    "状态",
    "What became of the entry.",
    values=("applied", "stale", "unmatched", "superseded"),
    value_notes={
        "applied": "the source is what it was: the entry counts",
        "stale": "the source has changed since: the entry changes nothing until somebody looks again",
        "unmatched": "no document, report or cell fits",
        "superseded": "a later entry speaks of the same, or the check holds now",
    },
)
STATE_REASON = Column("state_reason", "string", Unit.NONE, "状态原因", "Why it does not count.", "it counts")
CORRECTION_REASON = Column("correction_reason", "string", Unit.NONE, "理由", "Why, in the person's words.")
AUTHOR = Column("author", "string", Unit.NONE, "作者", "Who decided.")
DECIDED_ON = Column("decided_on", "date", Unit.NONE, "日期", "When.")
