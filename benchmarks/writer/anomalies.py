"""Faults of real reports, planted with their truth: in figures and words before the layout, in tables after it.

`FIGURE_FAULTS` and `WORD_FAULTS` change a draft, `TABLE_FAULTS` a page. Each returns whether it found a place. The
truth is what a careful person reads: a figure that stands in order under damaged words is expected; where a row lost or
gained a cell and nothing tells which, its cells are `ambiguous` with every value that may be read.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from benchmarks.writer.drafts import Draft
from benchmarks.writer.page import Number, Page, WrittenBlock, WrittenParagraph
from benchmarks.writer.sheet import Anchor, Sheet
from extract.forms.declaration import load_forms
from pipelines.sample.facts import Figure
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable

__all__ = ["FIGURE_FAULTS", "TABLE_FAULTS", "WORD_FAULTS", "Sheets", "plant_in_draft", "plant_in_page"]

_NULL_TOKENS = ("/", "—", "-", "--", "无", "不适用", "N/A", "——")
_FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
_INVENTED = ("本年新收件数", "上年结转件数", "本年办结件数", "结转下年件数", "维持件数", "纠正件数", "合计件数")


# Figures


def _rewrite(
    draft: Draft,
    change: Callable[[str], str],
    tables: tuple[str, ...],
    *,
    odds: float = 0.4,
    at_least: int = 0,
) -> bool:
    """Print some plain whole numbers another way; their values stay."""
    found = False
    for code, figure in draft.figures.items():
        plain = figure.printed.isascii() and figure.printed.isdigit()
        if plain and code.startswith(tables) and int(figure.printed) >= at_least and draft.rng.random() < odds:
            draft.figures[code] = figure.model_copy(update={"printed": change(figure.printed)})
            found = True
    return found


def _blank(code: str, draft: Draft) -> None:
    draft.figures[code] = Figure.of("")


def _blank_zeros(draft: Draft) -> bool:
    zeros = [code for code, figure in draft.figures.items() if figure.printed == "0"]
    for code in zeros:
        _blank(code, draft)
    return bool(zeros)


def _some_blank_zeros(draft: Draft) -> bool:
    zeros = [code for code, figure in draft.figures.items() if figure.printed == "0" and draft.rng.random() < 0.3]
    for code in zeros:
        _blank(code, draft)
    return bool(zeros)


def _blank_totals(draft: Draft) -> bool:
    totals = [code for code in draft.figures if code.startswith("t3.") and code.endswith(".total")]
    for code in totals:
        if ".total_processed." not in code:
            _blank(code, draft)
    return bool(totals)


def _totals_only(draft: Draft) -> bool:
    parts = [code for code in draft.figures if code.startswith("t3.") and not code.endswith(".total")]
    for code in parts:
        _blank(code, draft)
    return bool(parts)


def _null_tokens(draft: Draft) -> bool:
    token = draft.rng.choice(_NULL_TOKENS)
    zeros = [code for code, figure in draft.figures.items() if figure.printed == "0"]
    for code in zeros:
        if draft.rng.random() < 0.7:
            draft.figures[code] = Figure(printed=token, value=None, status="not_applicable")
    return bool(zeros)


def _units(draft: Draft) -> bool:
    unit = draft.rng.choice(("件", "件", "个", " 件", "项"))
    tables = draft.rng.choice((("t2",), ("t2", "t4"), ("t2", "t3", "t4"), ("st",)))
    return _rewrite(draft, lambda text: text + unit, tables)


def _remarks(draft: Draft) -> bool:
    forms = ("{}（其中修订16件）", "{}（含自然失效29件）", "{}（含上年）", "{}[1]", "{}（20件为2019年结转）")
    form = draft.rng.choice(forms)
    return _rewrite(draft, form.format, ("t2", "st"), odds=0.3)


def _full_width(draft: Draft) -> bool:
    return _rewrite(draft, lambda text: text.translate(_FULL_WIDTH), ("t2", "t3", "t4", "st"))


def _thousands(draft: Draft) -> bool:
    mark = draft.rng.choice((",", ",", "，"))
    return _rewrite(draft, lambda text: f"{int(text):,}".replace(",", mark), ("t", "st"), odds=0.9, at_least=1000)


def _padded(draft: Draft) -> bool:
    forms = ("\u00a0{}\u00a0", "{} ", "\u3000{}", "{}\u00a0", " {}")
    form = draft.rng.choice(forms)
    return _rewrite(draft, form.format, ("t", "st"), odds=0.8)


def _line_breaks(draft: Draft) -> bool:
    def broken(text: str) -> str:
        at = draft.rng.randrange(1, len(text))
        return f"{text[:at]}\n{text[at:]}"

    return _rewrite(draft, broken, ("t", "st"), odds=0.3, at_least=100)


def _big_numbers(draft: Draft) -> bool:
    rng = draft.rng
    codes = [code for code in draft.figures if code.split(".")[-1] in ("decisions", "prior_year_items")]
    for code in codes:
        draft.figures[code] = Figure.of(rng.choice((rng.randint(10**6, 10**7), rng.randint(10**7, 10**8))))
    return bool(codes)


def _decimals(draft: Draft) -> bool:
    rng = draft.rng
    codes = [code for code in draft.figures if code.endswith(".amount") or "fees_collected" in code or "_funds" in code]
    for code in codes:
        amount = f"{rng.randint(0, 99999)}.{rng.randint(1, 9999):04d}"[: rng.choice((None, -1))]
        unit = rng.choice(("", "", "万元", "元")) if code.endswith(".amount") else ""
        draft.figures[code] = Figure(printed=amount + unit, value=float(amount), status="reported")
    return bool(codes)


def _changes(draft: Draft) -> bool:
    codes = [code for code in draft.figures if code.endswith(".change")]
    for code in codes:
        draft.figures[code] = draft.rng.choice(
            (
                Figure(printed="增", value=None, status="text"),
                Figure(printed="减", value=None, status="text"),
                Figure(printed="+1036", value=1036, status="reported"),
                Figure(printed="增3", value=3, status="reported"),
                Figure(printed="减少2项", value=-2, status="reported"),
                Figure(printed="－4", value=-4, status="reported"),
                Figure(printed="增3减1", value=2, status="reported"),
                Figure(printed="无变化", value=0, status="reported"),
            )
        )
    return bool(codes)


def _outcome_total_at_zero(draft: Draft) -> bool:
    figure = draft.figures.get("t3.total_processed.total")
    if figure is None or not figure.value:
        return False
    draft.figures["t3.total_processed.total"] = Figure.of(0)
    return True


def _review_totals_at_zero(draft: Draft) -> bool:
    codes = [code for code, figure in draft.figures.items() if code.startswith("t4.") and code.endswith(".total")]
    filled = [code for code in codes if draft.figures[code].value]
    for code in filled:
        draft.figures[code] = Figure.of(0)
    return bool(filled)


def _last_total_blank(draft: Draft) -> bool:
    if "t3.total_processed.total" not in draft.figures:
        return False
    _blank("t3.total_processed.total", draft)
    return True


def _publisher_errors(draft: Draft) -> bool:
    codes = [
        code for code, figure in draft.figures.items() if figure.printed.isdigit() and not code.endswith(".change")
    ]
    for code in draft.rng.sample(codes, min(len(codes), draft.rng.randint(1, 6))):
        old = int(draft.figures[code].printed)
        digits = str(old)
        wrong = int(digits[::-1]) if len(digits) > 1 and digits[::-1] != digits else old + draft.rng.randint(1, 9)
        draft.figures[code] = Figure.of(wrong)
    return bool(codes)


def _all_zero(draft: Draft) -> bool:
    for code in draft.figures:
        draft.figures[code] = Figure.of(0)
    return True


FIGURE_FAULTS: Mapping[str, Callable[[Draft], bool]] = {
    "blank_zeros": _blank_zeros,
    "some_blank_zeros": _some_blank_zeros,
    "blank_totals": _blank_totals,
    "totals_only": _totals_only,
    "null_tokens": _null_tokens,
    "units_in_cells": _units,
    "remarks_in_cells": _remarks,
    "full_width_digits": _full_width,
    "thousands_separators": _thousands,
    "padded_numbers": _padded,
    "line_breaks_in_numbers": _line_breaks,
    "big_numbers": _big_numbers,
    "decimals": _decimals,
    "change_in_words": _changes,
    "outcome_total_at_zero": _outcome_total_at_zero,
    "review_totals_at_zero": _review_totals_at_zero,
    "last_total_blank": _last_total_blank,
    "publisher_errors": _publisher_errors,
    "all_zero": _all_zero,
}


# Words


def _rows_of_form(draft: Draft) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Every row: key, ordinal, words and the variants that the declaration knows."""
    for table in draft.facts.form.tables:
        for block in table.blocks:
            for row in block.rows:
                yield f"{table.id}.{row.code}", row.number, row.label, row.variants


def _label_variants(draft: Draft) -> bool:
    for key, number, words, variants in _rows_of_form(draft):
        if variants and draft.rng.random() < 0.5:
            draft.labels[key] = number + draft.rng.choice(variants)
        elif draft.rng.random() < 0.5:
            swapped = (
                words.replace("本年", "本年度")
                .replace("上年", "上年度")
                .replace("总计", "合计")
                .replace("其他", "其它")
            )
            draft.labels[key] = number + swapped.replace("本年度度", "本年度")
    return True


def _ordinal_variants(draft: Draft) -> bool:
    kind = draft.rng.choice(("ascii", "comma", "wide_dot", "circled", "none", "bracket", "spaced"))
    for key, number, words, _ in _rows_of_form(draft):
        changed = number
        if kind == "ascii":
            changed = number.replace("（", "(").replace("）", ")")
        elif kind == "comma":
            changed = number.replace(".", "、")
        elif kind == "wide_dot":
            changed = number.replace(".", "．")
        elif kind == "circled" and number[:1].isdigit():
            changed = "①②③④⑤⑥⑦⑧⑨"[int(number[0]) - 1]
        elif kind == "none":
            changed = ""
        elif kind == "bracket" and number[:1].isdigit():
            changed = f"{number[0]})"
        elif kind == "spaced":
            changed = f"{number} "
        draft.labels[key] = changed + words
    return True


def _spaced_labels(draft: Draft) -> bool:
    mark = draft.rng.choice((" ", "\n", "\u3000", "\u00a0"))
    for key, number, words, _ in _rows_of_form(draft):
        if len(words) > 3 and draft.rng.random() < 0.4:
            at = draft.rng.randrange(1, len(words))
            draft.labels[key] = f"{number}{words[:at]}{mark}{words[at:]}"
    for table in draft.facts.form.tables:
        for block in table.blocks:
            for column in block.columns:
                if len(column.label) > 3 and draft.rng.random() < 0.5:
                    at = draft.rng.randrange(1, len(column.label))
                    draft.labels[f"{table.id}.{block.id}.{column.code}"] = column.label[:at] + mark + column.label[at:]
    return True


def _damaged(draft: Draft, damage: Callable[[str], str], odds: float, at_least: int) -> bool:
    found = False
    for key, number, words, _ in _rows_of_form(draft):
        if len(words) >= at_least and draft.rng.random() < odds:
            draft.labels[key] = number + damage(words)
            found = True
    return found


def _characters_missing(draft: Draft) -> bool:
    rng = draft.rng

    def lose(words: str) -> str:
        for _ in range(rng.choice((1, 1, 2)) if len(words) > 7 else 1):
            at = rng.randrange(len(words))
            words = words[:at] + words[at + 1 :]
        return words

    return _damaged(draft, lose, 0.2, 5)


def _characters_wrong(draft: Draft) -> bool:
    alike = {
        "禁": "紧",
        "国": "国",
        "科": "料",
        "研": "妍",
        "末": "未",
        "未": "末",
        "已": "己",
        "法": "去",
        "理": "埋",
        "查": "杳",
    }
    rng = draft.rng

    def mistype(words: str) -> str:
        at = rng.randrange(len(words))
        return words[:at] + alike.get(words[at], rng.choice("止人入己木")) + words[at + 1 :]

    return _damaged(draft, mistype, 0.2, 5)


def _headers_damaged(draft: Draft) -> bool:
    if draft.facts.edition == "E2014":
        return False
    changed = {
        "t3.main.research": "研机构",
        "t3.main.public_welfare": "社会公益组",
        "t3.main.legal_service": "法律服务机",
        "t3.main.commercial": "商业企",
        "t4.main.upheld": "结果维",
        "t4.main.pending": "尚未审",
    }
    for key in draft.rng.sample(sorted(changed), draft.rng.randint(1, 3)):
        draft.labels[key] = changed[key]
    return True


def _result_words(draft: Draft) -> bool:
    if draft.facts.edition == "E2014":
        return False
    words = draft.rng.choice(
        (("维持", "纠正", "其他", "未审结", "合计"), ("结果 维持", "结果 纠正", "其他 结果", "尚未 审结", "总 计"))
    )
    for code, text in zip(("upheld", "corrected", "other", "pending", "total"), words, strict=True):
        draft.labels[f"t4.main.{code}"] = text
    return True


def _columns_swapped(draft: Draft) -> bool:
    """Columns of table 3 or 4 in another order, their headers with them."""
    if draft.facts.edition == "E2014":
        return False
    rng = draft.rng
    parts = ["natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org", "total"]
    results = ["upheld", "corrected", "other", "pending", "total"]
    match rng.randrange(4):
        case 0:
            draft.applicants = ("total", *parts[:-1])
        case 1:
            one, other = rng.sample(range(1, 6), 2)
            parts[one], parts[other] = parts[other], parts[one]
            draft.applicants = tuple(parts)
        case 2:
            one, other = rng.sample(range(5), 2)
            results[one], results[other] = results[other], results[one]
            draft.results = tuple(results)
        case _:
            draft.channels = rng.choice(
                (
                    ("litigation_direct", "litigation_after_reconsideration", "reconsideration"),
                    ("reconsideration", "litigation_after_reconsideration", "litigation_direct"),
                )
            )
    return True


def _headers_invented(draft: Draft) -> bool:
    if draft.facts.edition == "E2014":
        return False
    draft.headers = _INVENTED
    return True


WORD_FAULTS: Mapping[str, Callable[[Draft], bool]] = {
    "label_variants": _label_variants,
    "ordinal_variants": _ordinal_variants,
    "spaced_labels": _spaced_labels,
    "characters_missing": _characters_missing,
    "characters_wrong": _characters_wrong,
    "headers_damaged": _headers_damaged,
    "result_words": _result_words,
    "columns_swapped": _columns_swapped,
    "headers_invented": _headers_invented,
}


# Tables


@dataclass
class Sheets:
    """A page while its tables are being damaged."""

    page: Page
    rng: random.Random
    blocks: list[WrittenBlock] = field(init=False)
    expected: dict[str, Number] = field(init=False)
    ambiguous: dict[str, tuple[Number, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.blocks = list(self.page.blocks)
        self.expected = dict(self.page.expected)
        self.ambiguous = dict(self.page.ambiguous)

    def done(self, fault: str) -> Page:
        return replace(
            self.page,
            blocks=tuple(self.blocks),
            expected=self.expected,
            ambiguous=self.ambiguous,
            anomalies=(*self.page.anomalies, fault),
        )

    def tables(self, *ids: str) -> list[tuple[int, PrintedTable]]:
        """The statutory tables with these ids, with their places among the blocks."""
        return [
            (place, block)
            for place, block in enumerate(self.blocks)
            if isinstance(block, PrintedTable) and block.id in ids
        ]

    def withdraw(self, code: str, *values: Number) -> None:
        """A careful person cannot tell this cell: only these values may be read there."""
        self.expected.pop(code, None)
        known = self.ambiguous.get(code)
        self.ambiguous[code] = () if known == () else tuple(dict.fromkeys((*(known or ()), *values)))


def _value_rows(sheets: Sheets, table_id: str, width: int) -> list[tuple[int, Sheet, int]]:
    """The rows of a table that print `width` cells of one row of the form: place of the table, sheet, row."""
    found = []
    for place, table in sheets.tables(table_id):
        sheet = Sheet.of(table)
        for row in sheet.rows_of_values():
            values = sheet.values(row)
            if len(values) == width and len({anchor.cell.code.rsplit(".", 1)[0] for anchor in values}) == 1:
                found.append((place, sheet, row))
    return found


def _under_labels(sheets: Sheets, sheet: Sheet, row: int, columns: Mapping[int, str]) -> None:
    """Mark the cells of a row as ambiguous: what was meant, or what now stands under each label."""
    standing = {anchor.column: anchor.cell for anchor in sheet.row(row)}
    for column, code in columns.items():
        meant = sheets.page.expected.get(code)
        cell = standing.get(column)
        if cell is not None and cell.kind is CellKind.FILLER:
            under: Number = 0 if cell.text == "0" else None
        else:
            under = sheets.page.expected.get(cell.code) if cell is not None else None
        sheets.withdraw(code, meant, under)


def _columns(values: list[Anchor]) -> dict[int, str]:
    return {anchor.column: anchor.cell.code for anchor in values}


def _value_cell_missing(sheets: Sheets) -> bool:
    """One figure of a row is gone and the rest have moved up."""
    rows = _value_rows(sheets, "t3", 7)
    if not rows:
        return False
    place, sheet, row = sheets.rng.choice(rows)
    values = sheet.values(row)
    columns = _columns(values)
    lost = sheets.rng.randrange(len(values))
    sheet.anchors.remove(values[lost])
    sheet.shift(row, values[lost].column + 1, -1)
    _under_labels(sheets, sheet, row, columns)
    sheets.blocks[place] = sheet.table()
    return True


def _value_cell_extra(sheets: Sheets) -> bool:
    """A row has one cell more than the form: a 0 or a blank somewhere among its figures."""
    rows = _value_rows(sheets, "t3", 7)
    if not rows:
        return False
    place, sheet, row = sheets.rng.choice(rows)
    values = sheet.values(row)
    columns = _columns(values)
    at = sheets.rng.choice(values).column
    sheet.shift(row, at, 1)
    sheet.anchors.append(Anchor(row, at, PrintedCell(sheets.rng.choice(("", "0")), CellKind.FILLER)))
    _under_labels(sheets, sheet, row, columns)
    sheets.blocks[place] = sheet.table()
    return True


def _row_shifted(sheets: Sheets) -> bool:
    """A label with a span too wide, or an empty cell before the figures: the whole row stands to the right.

    All figures are there and in order, so that a person reads them; a row with blanks at its edge cannot be told.
    """
    rows = _value_rows(sheets, "t3", 7)
    if not rows:
        return False
    for place, _, row in sheets.rng.sample(rows, min(len(rows), sheets.rng.randint(1, 3))):
        current = Sheet.of(_table_at(sheets, place))
        values = current.values(row)
        columns = _columns(values)
        is_told = bool(values[0].cell.text.strip() and values[-1].cell.text.strip())
        labels = [anchor for anchor in current.row(row) if anchor.column < values[0].column]
        current.shift(row, values[0].column, 1)
        if labels and sheets.rng.random() < 0.5:
            labels[-1].cell = replace(labels[-1].cell, column_span=labels[-1].cell.column_span + 1)
        else:
            current.anchors.append(Anchor(row, values[0].column - 1, PrintedCell("", CellKind.FILLER)))
        if not is_told:
            _under_labels(sheets, current, row, columns)
        sheets.blocks[place] = current.table()
    return True


def _table_at(sheets: Sheets, place: int) -> PrintedTable:
    block = sheets.blocks[place]
    if not isinstance(block, PrintedTable):
        raise TypeError(f"block {place} is no table")
    return block


def _label_in_first_column(sheets: Sheets) -> bool:
    """The label of a row stands in the first column and its figures follow at once, left of where they belong."""
    rows = [
        (place, sheet, row)
        for place, sheet, row in _value_rows(sheets, "t3", 7)
        if sheet.values(row)[0].column > 1 and not any(True for _ in sheet.covering(row))
    ]
    if not rows:
        return False
    place, sheet, row = sheets.rng.choice(rows)
    values = sheet.values(row)
    columns = _columns(values)
    is_told = bool(values[0].cell.text.strip() and values[-1].cell.text.strip())
    labels = [anchor for anchor in sheet.row(row) if anchor.column < values[0].column and anchor.cell.text.strip()]
    if not labels:
        return False
    own = labels[-1]
    moved = values[0].column - 1
    sheet.anchors = [
        anchor for anchor in sheet.anchors if anchor.row != row or anchor.column >= values[0].column or anchor is own
    ]
    own.column = 0
    own.cell = replace(own.cell, column_span=1)
    sheet.shift(row, values[0].column, -moved)
    if not is_told:
        _under_labels(sheets, sheet, row, columns)
    sheets.blocks[place] = sheet.table()
    return True


def _row_missing(sheets: Sheets) -> bool:
    """A row of table 3 or of the statistics is not printed at all; never one that heads others."""
    rows = _value_rows(sheets, "t3", 7) or _value_rows(sheets, "st", 1)
    form = load_forms().editions[sheets.page.edition]
    rows = [
        (place, sheet, row)
        for place, sheet, row in rows
        if all(anchor.cell.row_span == 1 for anchor in sheet.row(row))
        and len(sheet.rows_of_values()) > 3
        and not form.children_of(sheet.values(row)[0].cell.code.split(".")[1])
    ]
    if not rows:
        return False
    place, sheet, row = sheets.rng.choice(rows)
    for anchor in sheet.values(row):
        sheets.expected.pop(anchor.cell.code, None)
    sheet.delete_row(row)
    sheets.blocks[place] = sheet.table()
    return True


def _last_total_lost(sheets: Sheets) -> bool:
    """The last cell of the outcome total is not there at all."""
    for place, table in sheets.tables("t3"):
        sheet = Sheet.of(table)
        for anchor in sheet.anchors:
            if anchor.cell.code == "t3.total_processed.total" and anchor.column == sheet.column_count - 1:
                sheet.anchors.remove(anchor)
                sheets.expected.pop(anchor.cell.code, None)
                sheets.blocks[place] = sheet.table()
                return True
    return False


def _label_cut(sheets: Sheets) -> bool:
    """A label over several rows breaks at a page end: its first characters above, the rest in the next table."""
    for place, table in sheets.tables("t3"):
        sheet = Sheet.of(table)
        tall = [
            a for a in sheet.anchors if a.cell.kind is CellKind.LABEL and a.cell.row_span > 1 and len(a.cell.text) > 4
        ]
        tall = [anchor for anchor in tall if anchor.column > 0]
        if not tall:
            continue
        anchor = sheets.rng.choice(tall)
        at = anchor.row + sheets.rng.randrange(1, anchor.cell.row_span)
        text, column = anchor.cell.text, anchor.column
        split = sheets.rng.randrange(3, len(text))
        first, second = sheet.cut(at)
        for one in first.anchors:
            if one.row == anchor.row and one.column == column:
                one.cell = replace(one.cell, text=text[:split])
        for one in second.anchors:
            if one.row == 0 and one.column == column:
                one.cell = replace(one.cell, text=text[split:])
        sheets.blocks[place : place + 1] = [first.table(), second.table()]
        return True
    return False


def _pasted_twice(sheets: Sheets) -> bool:
    """A statutory table is pasted a second time, the same."""
    place, table = sheets.rng.choice(sheets.tables("t2", "t3", "t4", "st"))
    _insert_copy(sheets, place, table)
    return True


def _insert_copy(sheets: Sheets, place: int, copy: PrintedTable) -> None:
    between = [WrittenParagraph("附表：")] if sheets.rng.random() < 0.3 else []
    sheets.blocks[place + 1 : place + 1] = [*between, copy]


def _blank_copy(sheets: Sheets) -> bool:
    """The blank form stands beside the filled table."""
    place, table = sheets.rng.choice(sheets.tables("t2", "t3", "t4", "st"))
    rows = tuple(
        tuple(replace(cell, text="") if cell.kind is CellKind.VALUE else cell for cell in row) for row in table.rows
    )
    _insert_copy(sheets, place, replace(table, rows=rows))
    return True


def _conflicting_copies(sheets: Sheets) -> bool:
    """A table is pasted twice and some figures differ: nobody can tell which holds."""
    place, table = sheets.rng.choice(sheets.tables("t2", "t3", "t4", "st"))
    codes = [
        cell.code
        for row in table.rows
        for cell in row
        if cell.kind is CellKind.VALUE and isinstance(sheets.expected.get(cell.code), int | float)
    ]
    if not codes:
        return False
    changed = set(sheets.rng.sample(codes, min(len(codes), sheets.rng.randint(1, 5))))
    for code in changed:
        sheets.withdraw(code)

    def other(cell: PrintedCell) -> PrintedCell:
        if cell.code not in changed:
            return cell
        text = str(sheets.rng.randint(100, 999))
        return replace(cell, text=text if text != cell.text.strip() else f"{text}0")

    _insert_copy(sheets, place, replace(table, rows=tuple(tuple(other(cell) for cell in row) for row in table.rows)))
    return True


def _label_lost(sheets: Sheets) -> bool:
    """The label of one row is empty. Its neighbours tell which row it is; with a row missing nobody could."""
    rows = _value_rows(sheets, "t3", 7)
    if not rows:
        return False
    place, sheet, row = sheets.rng.choice(rows)
    values = sheet.values(row)
    labels = [anchor for anchor in sheet.row(row) if anchor.column < values[0].column and anchor.cell.text.strip()]
    if not labels or labels[-1].cell.row_span > 1:
        return False
    labels[-1].cell = replace(labels[-1].cell, text="")
    sheets.blocks[place] = sheet.table()
    return True


TABLE_FAULTS: Mapping[str, Callable[[Sheets], bool]] = {
    "value_cell_missing": _value_cell_missing,
    "value_cell_extra": _value_cell_extra,
    "row_shifted": _row_shifted,
    "label_in_first_column": _label_in_first_column,
    "row_missing": _row_missing,
    "label_lost": _label_lost,
    "last_total_lost": _last_total_lost,
    "label_cut": _label_cut,
    "pasted_twice": _pasted_twice,
    "blank_copy": _blank_copy,
    "conflicting_copies": _conflicting_copies,
}


def plant_in_draft(draft: Draft, name: str) -> bool:
    """Plant a fault of figures or words. False if the report has no place for it."""
    return (FIGURE_FAULTS.get(name) or WORD_FAULTS[name])(draft)


def plant_in_page(page: Page, name: str, rng: random.Random) -> Page:
    """The page with a fault of its tables; the same page if it has no place for it."""
    sheets = Sheets(page, rng)
    return sheets.done(name) if TABLE_FAULTS[name](sheets) else page
