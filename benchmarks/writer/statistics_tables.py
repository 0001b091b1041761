"""The statistics table of 2014 in its regional versions: units, last year, tiers of government, two lists."""

from collections.abc import Iterator

from benchmarks.writer.drafts import OFFICIAL, Draft, filler, header, label
from benchmarks.writer.page import WrittenBlock
from benchmarks.writer.sheet import Sheet
from extract.forms.declaration import FormRow, FormTable
from pipelines.sample.layout import PrintedCell

__all__ = ["ST_LAYOUTS", "blocks_of_statistics"]

ST_LAYOUTS = (
    OFFICIAL,
    "no_unit",
    "unit_in_label",
    "numbered",
    "ordinal_column",
    "remarks",
    "last_year_right",
    "last_year_left",
    "running_total",
    "tiers_and_total",
    "tiers_alone",
    "side_by_side",
    "in_pieces",
    "province",
)

_TIERS = ("区政府统计数", "区直单位统计数", "乡镇街道统计数")
_PROVINCIAL = ("省级平台公开政府信息数", "政务新媒体账号数", "本级政府信息公开目录条数")


def blocks_of_statistics(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    """The table as the plan lays it out. Cells that a version does not print are in none of its rows."""
    layout, rng = draft.plan.st, draft.rng
    (block,) = table.blocks
    names = _names(draft)
    rows: list[list[PrintedCell]] = []
    # A row that heads others is never left out: without it nobody could tell whose parts they are.
    form = draft.facts.form
    alone = [row.code for row in block.rows if row.kind != "group" and not form.children_of(row.code)]
    dropped = set(rng.sample(alone, 6)) if layout == "province" else set()
    for number, row in enumerate(block.rows, start=1):
        if row.code in dropped:
            continue
        rows.append(_row(draft, table, row, number))
        if layout == "province" and rng.random() < 0.05:
            extra = label(rng.choice(_PROVINCIAL))
            rows.append([extra, filler("条"), filler(str(rng.randint(1, 99)))])
    if layout == "side_by_side":
        half = (len(rows) + 1) // 2
        empty = [filler()] * len(rows[0])
        right = [*rows[half:], *[empty] * (2 * half - len(rows))]
        rows = [[*one, *other] for one, other in zip(rows[:half], right, strict=True)]
        names = names * 2
    head = [header(name) for name in names]
    if layout == "in_pieces":
        at = rng.randrange(10, len(rows) - 10)
        yield Sheet(table.id, "annex", [head, *rows[:at]]).table()
        yield Sheet(table.id, "annex", [*([head] if rng.random() < 0.5 else []), *rows[at:]]).table()
        return
    yield Sheet(table.id, "annex", [head, *rows]).table()


def _names(draft: Draft) -> list[str]:
    year = draft.facts.report_year
    return {
        "no_unit": ["统计指标", "统计数"],
        "unit_in_label": ["统计指标", "统计数"],
        "numbered": ["序号", "统计指标", "单位", "统计数"],
        "ordinal_column": ["序号", "统计指标", "单位", "统计数"],
        "remarks": ["统计指标", "单位", "统计数", "备注"],
        "last_year_right": ["统计指标", "单位", f"{year}年", f"{year - 1}年"],
        "last_year_left": ["统计指标", "单位", f"{year - 1}年", f"{year}年"],
        "running_total": ["统计指标", "单位", "本年度", "历年累计"],
        "tiers_and_total": ["统计指标", "单位", *_TIERS, "合计"],
        "tiers_alone": ["统计指标", "单位", *_TIERS],
    }.get(draft.plan.st, ["统计指标", "单位", "统计数"])


def _row(draft: Draft, table: FormTable, row: FormRow, number: int) -> list[PrintedCell]:
    layout, rng = draft.plan.st, draft.rng
    (block,) = table.blocks
    (column,) = block.columns
    is_group = row.kind == "group"
    words = draft.row_label(table, row)
    value = (
        filler(rng.choice(("", "——")) if layout != OFFICIAL else "——") if is_group else draft.value(table, row, column)
    )
    unit = filler("——" if is_group and layout == OFFICIAL else row.unit or "")
    other = filler("" if is_group else str(rng.randint(0, 400)))
    name = label("\u3000" * (row.level - 1) + words)
    match layout:
        case "no_unit":
            return [name, value]
        case "unit_in_label":
            return [label(f"{words}（单位：{row.unit}）" if row.unit and not is_group else words), value]
        case "numbered":
            return [filler(str(number)), name, unit, value]
        case "ordinal_column":
            bare = words.removeprefix(row.number)
            return [filler(row.number), label(bare), unit, value]
        case "remarks":
            return [name, unit, value, filler(rng.choice(("", "", "", "含街道")))]
        case "last_year_right" | "running_total":
            return [name, unit, value, other]
        case "last_year_left":
            return [name, unit, other, value]
        case "tiers_and_total" | "tiers_alone":
            tiers = [filler("" if is_group else str(rng.randint(0, 400))) for _ in _TIERS]
            return [name, unit, *tiers, *([value] if layout == "tiers_and_total" else [])]
        case _:
            return [name, unit, value]
