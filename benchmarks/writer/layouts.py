"""A report as the blocks of a page: title, sections, tables and what stands around them, as a plan says.

The truth follows from what is printed: every cell of the form that stands on the page, with the value of its figure.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.writer.drafts import OFFICIAL, Draft, Plan, filler, label, title
from benchmarks.writer.page import Page, ParagraphKind, WrittenBlock, WrittenParagraph
from benchmarks.writer.sheet import Sheet
from benchmarks.writer.statistics_tables import ST_LAYOUTS, blocks_of_statistics
from benchmarks.writer.tables import (
    T2_LAYOUTS,
    T3_HEADERS,
    T3_LAYOUTS,
    T3_SPLITS,
    T4_LAYOUTS,
    blocks_of_table,
)
from extract.forms.declaration import FormTable
from pipelines.sample.layout import CellKind, PrintedTable
from pipelines.sample.narrative import WrittenSection, opening, write_sections

__all__ = ["SECTIONS", "SURROUNDINGS", "TITLES", "lay_out", "random_plan"]

TITLES = (OFFICIAL, "two_lines", "three_lines", "no_year", "body_only", "year_last")
SECTIONS = (OFFICIAL, "renumbered", "restarted", "unnumbered", "merged", "headings_missing", "swapped")
SURROUNDINGS = (
    "metadata_table",
    "metadata_lines",
    "contents",
    "caption_above",
    "note_below",
    "remark_row",
    "extra_row",
    "comparison_table",
    "one_cell_table",
)

_ORDINALS = "一二三四五六七八九十"
_OWN_ODDS = 0.45
"""How often a part is laid out otherwise than the form says."""


def random_plan(rng: random.Random) -> Plan:
    """A plan that leaves most parts official and lays out some otherwise."""

    def pick(choices: tuple[str, ...]) -> str:
        return rng.choice(choices) if rng.random() < _OWN_ODDS else OFFICIAL

    around = tuple(sorted(rng.sample(SURROUNDINGS, rng.choice((0, 0, 0, 1, 1, 2)))))
    return Plan(
        t2=pick(T2_LAYOUTS),
        t3=pick(T3_LAYOUTS),
        t3_header=pick(T3_HEADERS),
        t3_split=pick(T3_SPLITS) if rng.random() < 0.6 else OFFICIAL,
        t4=pick(T4_LAYOUTS),
        st=pick(ST_LAYOUTS) if rng.random() < 0.9 else OFFICIAL,
        title=pick(TITLES),
        sections=pick(SECTIONS) if rng.random() < 0.6 else OFFICIAL,
        surroundings=around,
    )


def lay_out(draft: Draft) -> Page:
    """The page of a draft."""
    blocks = list(_blocks(draft))
    shown = {
        cell.code
        for block in blocks
        if isinstance(block, PrintedTable)
        for row in block.rows
        for cell in row
        if cell.kind is CellKind.VALUE
    }
    return Page(
        tuple(blocks),
        draft.facts.edition,
        {code: figure.value for code, figure in draft.figures.items() if code in shown},
        layouts=tuple(name for name in draft.plan.names if _applies(name, draft)),
        issuer=draft.facts.issuer,
        report_year=draft.facts.report_year,
    )


def _applies(name: str, draft: Draft) -> bool:
    is_list = draft.facts.edition == "E2014"
    return not (name.startswith(("t2", "t3", "t4")) if is_list else name.startswith("st="))


def _blocks(draft: Draft) -> Iterator[WrittenBlock]:
    around = draft.plan.surroundings
    if "metadata_table" in around:
        yield _metadata_table(draft)
    if "metadata_lines" in around:
        for key, text in _metadata(draft):
            yield WrittenParagraph(f"{key}：{text}", ParagraphKind.NOTE)
    yield from _title(draft)
    sections = _sections(draft)
    if "contents" in around:
        yield WrittenParagraph("目  录", ParagraphKind.HEADING)
        for page, section in enumerate(sections, start=1):
            yield WrittenParagraph(f"{section.heading}{'…' * 12}{page}", ParagraphKind.NOTE)
    yield WrittenParagraph(opening(draft.facts))
    if "one_cell_table" in around:
        frame = Sheet("frame", "none", [[filler("编者按：本报告由办公室汇总。")]])
        yield frame.table()
    tables = {table.section or "annex": table for table in draft.facts.form.tables}
    for section in sections:
        if section.heading:
            yield WrittenParagraph(section.heading, ParagraphKind.HEADING)
        for text in section.paragraphs:
            yield WrittenParagraph(text)
        if section.code in tables:
            yield from _table_and_surroundings(draft, tables[section.code])
    if draft.facts.signed_by:
        yield WrittenParagraph(draft.facts.signed_by, ParagraphKind.SIGNATURE)
        day = draft.facts.published
        yield WrittenParagraph(f"{day.year}年{day.month}月{day.day}日", ParagraphKind.SIGNATURE)


def _table_and_surroundings(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    around = draft.plan.surroundings
    if "caption_above" in around:
        yield WrittenParagraph(
            draft.rng.choice(("单位：件", "（单位：件、条）", f"表{table.id[-1]}")), ParagraphKind.NOTE
        )
    blocks = list(blocks_of_statistics(draft, table) if table.id == "st" else blocks_of_table(draft, table))
    if "remark_row" in around or "extra_row" in around:
        last = max(place for place, block in enumerate(blocks) if isinstance(block, PrintedTable))
        blocks[last] = _with_last_row(draft, blocks[last])
    yield from blocks
    if "note_below" in around:
        notes = ("注：数量含上年度结转数量。", "备注：统计口径为本机关及所属单位。", "填表人：张某  审核人：李某")
        yield WrittenParagraph(draft.rng.choice(notes), ParagraphKind.NOTE)
    if "comparison_table" in around and table.id == "t3":
        year = draft.facts.report_year
        rows = [
            [filler("指标"), filler(f"{year - 1}年"), filler(f"{year}年"), filler("同比")],
            [filler("新收申请数量"), filler(str(draft.rng.randint(1, 90))), filler("—"), filler("12%")],
        ]
        yield Sheet("comparison", "none", rows).table()


def _with_last_row(draft: Draft, block: WrittenBlock) -> WrittenBlock:
    """A table with a row below that is no part of the form."""
    if not isinstance(block, PrintedTable):
        return block
    sheet = Sheet.of(block)
    width = sheet.column_count
    if "remark_row" in draft.plan.surroundings:
        sheet.insert_row(sheet.row_count, [title("备注：以上数据截至12月31日，共3项说明。", width)])
    elif width > 1:
        words = "政府信息公开发布总数量（非新闻类、消息类）：" if block.id == "t2" else "其他需要说明的数量"
        figure = draft.rng.choice(("", "12", "无"))
        sheet.insert_row(sheet.row_count, [label(words), filler(figure, width - 1)])
    return sheet.table()


def _metadata(draft: Draft) -> tuple[tuple[str, str], ...]:
    facts = draft.facts
    return (
        ("索引号", f"{facts.division_code or '000000'}-{facts.report_year + 1}-00017"),
        ("发布机构", facts.issuer),
        ("发布日期", facts.published.isoformat()),
        ("文号", "无"),
        ("名称", facts.title_text),
        ("有效性", "有效"),
    )


def _metadata_table(draft: Draft) -> PrintedTable:
    pairs = _metadata(draft)
    rows = [
        [filler(one[0]), filler(one[1]), filler(other[0]), filler(other[1])]
        for one, other in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return Sheet("metadata", "none", rows).table()


def _title(draft: Draft) -> Iterator[WrittenParagraph]:
    facts = draft.facts
    year, issuer = facts.report_year, facts.issuer
    rest = "政府信息公开工作年度报告"
    lines = {
        "two_lines": (issuer, f"{year}年{rest}"),
        "three_lines": (issuer, f"{year}年度", rest),
        "no_year": (f"{issuer}{rest}",),
        "body_only": (issuer,),
        "year_last": (f"{issuer}{rest}（{year}年度）",),
    }.get(draft.plan.title, tuple(facts.title.split("\n")))
    for line in lines:
        yield WrittenParagraph(line, ParagraphKind.TITLE)


def _sections(draft: Draft) -> list[WrittenSection]:
    sections = list(write_sections(draft.facts))
    plan, rng = draft.plan.sections, draft.rng
    tables = {table.section or "annex" for table in draft.facts.form.tables}
    if plan == "renumbered":
        return [_renumbered(section, place + 1) for place, section in enumerate(sections)]
    if plan == "restarted":
        return [_renumbered(section, place % 4) for place, section in enumerate(sections)]
    if plan == "unnumbered":
        return [_with_heading(section, section.heading.split("、", 1)[-1]) for section in sections]
    if plan == "merged" and len(sections) > 2:
        merged = _with_heading(sections[-2], sections[-2].heading + "及其他需要报告的事项")
        return [
            *sections[:-2],
            WrittenSection(merged.code, merged.heading, (*merged.paragraphs, *sections[-1].paragraphs))
            if sections[-1].code not in tables
            else sections[-2],
            *([sections[-1]] if sections[-1].code in tables else []),
        ]
    if plan == "headings_missing":
        lost = rng.randrange(len(sections))
        return [_with_heading(s, "") if place == lost else s for place, s in enumerate(sections)]
    if plan == "swapped" and len(sections) > 3:
        one, other = rng.sample(range(1, len(sections)), 2)
        sections[one], sections[other] = sections[other], sections[one]
        return [_renumbered(section, place) for place, section in enumerate(sections)]
    return sections


def _with_heading(section: WrittenSection, heading: str) -> WrittenSection:
    return replace(section, heading=heading)


def _renumbered(section: WrittenSection, place: int) -> WrittenSection:
    words = section.heading.split("、", 1)[-1] if section.heading[1:2] == "、" else section.heading
    return _with_heading(section, f"{_ORDINALS[place % len(_ORDINALS)]}、{words}")
