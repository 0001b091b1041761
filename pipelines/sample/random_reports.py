"""Reports with made-up figures that close arithmetically, and with anomalies on request. For property tests.

The truth holds by construction: outcomes are drawn first and totals are added up from them, so no rule of the form is
evaluated here.
"""

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from extract.forms.declaration import Edition, FormBlock, FormRow, load_forms
from pipelines.sample.facts import Facts, Figure, Layout, NarrativeFacts

__all__ = ["Oddity", "close_applications", "close_reviews", "random_report"]

Cells = dict[str, dict[str, Figure]]
Applicants = Mapping[str, int]

_NULL_TOKENS = ("/", "—", "-", "无")
_BODIES = (
    ("演示市甲乙局", "本局", "own", "320800"),
    ("演示区丙丁街道办事处", "本街道", "own", "610102"),
    ("演示县戊己镇人民政府", "我镇", "own", "120117"),
    ("演示市人民政府", "全市", "consolidated", "320800"),
)


class Oddity(StrEnum):
    """Something that real reports do; see the writer's facts for how each is told in the ground truth."""

    BLANK_ZEROS = "blank_zeros"
    BLANK_ROW_TOTALS = "blank_row_totals"
    NULL_TOKENS = "null_tokens"
    UNITS_IN_CELLS = "units_in_cells"
    REMARK_IN_CELL = "remark_in_cell"
    THOUSANDS_SEPARATOR = "thousands_separator"
    FULL_WIDTH_DIGITS = "full_width_digits"
    CHANGE_IN_WORDS = "change_in_words"
    OUTCOME_TOTAL_LEFT_AT_ZERO = "outcome_total_left_at_zero"
    ONE_ROW_OTHER_HANDLING = "one_row_other_handling"
    APPLICANT_SUBTOTAL = "applicant_subtotal"
    LABEL_VARIANTS = "label_variants"


@dataclass
class _Draft:
    """The report while it is being made."""

    edition: Edition
    layout: Layout
    cells: Cells = field(default_factory=dict)
    default: str = "0"
    broken: list[str] = field(default_factory=list)

    def put(self, row: str, column: str, figure: Figure) -> None:
        self.cells.setdefault(row, {})[column] = figure


def random_report(
    rng: random.Random,
    *,
    edition: str | None = None,
    oddities: Collection[Oddity] | None = None,
    scale: int = 60,
) -> Facts:
    """A report whose figures close. `oddities` None draws up to two of those that fit the edition; () gives none.

    Oddities that do not apply to the edition or find no cell are left out. Equal states of `rng` give equal reports.
    """
    forms = load_forms()
    chosen = edition or rng.choice(("E2014", "E2019", "E2021"))
    form = forms.editions[chosen]
    wanted = rng.sample(sorted(Oddity), rng.randint(0, 2)) if oddities is None else list(oddities)
    draft = _Draft(form, _layout(rng, form, wanted))
    first, last = form.report_years
    year = rng.randint(first, last or first + 4)
    if chosen == "E2014":
        _statistics(rng, draft, scale)
    else:
        _proactive(rng, draft, scale)
        carried_over, forward = _few(rng, scale // 6), _few(rng, scale // 6)
        received = {column: _small(rng, scale) + forward[column] for column in forward}
        outcomes = _outcome_rows(form, draft.layout)
        rng.shuffle(outcomes)
        _merge(draft, close_applications(rng, outcomes, received, carried_over, forward))
        _merge(draft, close_reviews(rng, _small(rng, scale // 4), _small(rng, scale // 8), _small(rng, scale // 8)))
    for oddity in wanted:
        _plant(rng, draft, oddity)
    issuer, self_name, scope, code = rng.choice(_BODIES)
    return Facts.model_validate(
        {
            "slug": f"random-{rng.getrandbits(32):08x}",
            "title": f"{issuer}{year}年政府信息公开工作年度报告",
            "issuer": issuer,
            "self_name": self_name,
            "scope": scope,
            "report_year": year,
            "edition": chosen,
            "division_code": code,
            "portal": "sample-random",
            "published": date(year + 1, 1, rng.randint(4, 31)),
            "signed_by": issuer if rng.random() < 0.5 else None,
            "invented": True,
            "default": draft.default,
            "cells": draft.cells,
            "broken_rules": sorted(set(draft.broken)),
            "layout": draft.layout,
            "narrative": NarrativeFacts(disclosed_items=_small(rng, 10 * scale)),
        }
    )


def close_applications(
    rng: random.Random,
    outcomes: Iterable[str],
    received: Applicants,
    carried_over: Applicants,
    carried_forward: Applicants,
) -> Cells:
    """Table 3 by row and column: what came in less what stays open is spread over the outcomes; totals are added up.

    The first of `outcomes` take most, as in real reports.

    Raises ValueError where more stays open than came in.
    """
    names = list(outcomes)
    counts: dict[str, dict[str, int]] = {"new_received": dict(received), "carried_over": dict(carried_over)}
    counts |= {name: {} for name in names}
    processed = {}
    for column in received:
        left = received[column] + carried_over.get(column, 0) - carried_forward.get(column, 0)
        if left < 0:
            raise ValueError(f"{column}: more applications stay open than came in")
        processed[column] = left
        for _ in range(left):
            name = names[min(int(rng.expovariate(0.35)), len(names) - 1)]
            counts[name][column] = counts[name].get(column, 0) + 1
    counts["total_processed"] = processed
    counts["carried_forward"] = dict(carried_forward)
    cells: Cells = {}
    for row, columns in counts.items():
        total = sum(columns.values())
        if total:
            printed = {column: count for column, count in columns.items() if count} | {"total": total}
            cells[f"t3.{row}"] = {column: Figure.of(count) for column, count in printed.items()}
    return cells


def close_reviews(rng: random.Random, reconsideration: int, direct: int, after: int) -> Cells:
    """Table 4 by row and column: each total spread over its four results."""
    cells: Cells = {}
    totals = {
        "reconsideration": reconsideration,
        "litigation_direct": direct,
        "litigation_after_reconsideration": after,
    }
    for row, total in totals.items():
        if not total:
            continue
        results = [rng.choice(("upheld", "upheld", "corrected", "other", "pending")) for _ in range(total)]
        spread = {name: results.count(name) for name in ("upheld", "corrected", "other", "pending") if name in results}
        cells[f"t4.{row}"] = {name: Figure.of(count) for name, count in (spread | {"total": total}).items()}
    return cells


def _small(rng: random.Random, scale: int) -> int:
    return min(int(rng.expovariate(1 / (scale + 1))), 40 * (scale + 1))


def _few(rng: random.Random, scale: int) -> dict[str, int]:
    parts = load_forms().editions["E2021"].sets["applicant_parts"]
    return {column: _small(rng, scale) if rng.random() < 0.6 else 0 for column in parts}


def _outcome_rows(form: Edition, layout: Layout) -> list[str]:
    rows = list(form.sets["t3_leaves"])
    if layout.other_handling_as_one_row:
        for parent in _standing_rows(form):
            children = form.children_of(parent.code)
            rows = [row for row in rows if row not in children] + [parent.code]
    return rows


def _standing_rows(form: Edition) -> list[FormRow]:
    return [row for table in form.tables for block in table.blocks for row in block.rows if row.stands_for_children]


def _layout(rng: random.Random, form: Edition, wanted: Collection[Oddity]) -> Layout:
    labels = {}
    if Oddity.LABEL_VARIANTS in wanted:
        for table in form.tables:
            for block in table.blocks:
                labels.update(_row_variants(rng, table.id, block))
    return Layout(
        labels=labels,
        applicant_subtotal=Oddity.APPLICANT_SUBTOTAL in wanted,
        other_handling_as_one_row=Oddity.ONE_ROW_OTHER_HANDLING in wanted and bool(_standing_rows(form)),
    )


def _row_variants(rng: random.Random, table_id: str, block: FormBlock) -> dict[str, str]:
    return {
        f"{table_id}.{row.code}": row.number + rng.choice(row.variants)
        for row in block.rows
        if row.variants and rng.random() < 0.4
    }


def _merge(draft: _Draft, cells: Cells) -> None:
    for row, columns in cells.items():
        draft.cells.setdefault(row, {}).update(columns)


def _proactive(rng: random.Random, draft: _Draft, scale: int) -> None:
    for block in draft.edition.table("t2").blocks:
        for row in block.rows:
            stock = _small(rng, scale)
            for column in block.columns:
                kind = column.type or row.type
                if kind == "amount":
                    amount = rng.randint(0, 900000) / 10 ** rng.randint(0, 4)
                    figure = Figure.of(f"{amount:.4f}".rstrip("0").rstrip("."))
                elif kind == "delta":
                    figure = Figure.of(rng.randint(-min(stock, 5), 5))
                elif column.code in ("prior_year_items", "in_force", "total_disclosed"):
                    figure = Figure.of(stock)
                else:
                    figure = Figure.of(_small(rng, max(stock // 4, 1) if block.id == "art20_1" else 9 * scale))
                draft.put(f"t2.{row.code}", column.code, figure)


def _statistics(rng: random.Random, draft: _Draft, scale: int) -> None:
    sets = draft.edition.sets
    amounts = {cell.row for cell in draft.edition.cells if cell.type == "amount"}
    counts = {cell.row: _small(rng, scale) for cell in draft.edition.cells}
    counts["reply_refused"] = sum(counts[row] for row in sets["st_refusals"])
    counts["replied"] = sum(counts[row] for row in sets["st_replies"])
    counts["completed"] = counts["replied"]
    counts["completed_extended"] = rng.randint(0, counts["completed"])
    counts["completed_on_time"] = counts["completed"] - counts["completed_extended"]
    counts["received"] = sum(counts[row] for row in sets["st_channels"])
    for name in ("reconsideration", "litigation"):
        counts[name] = sum(counts[f"{name}_{result}"] for result in ("upheld", "corrected", "other"))
    counts["staff_total"] = counts["staff_full_time"] + counts["staff_part_time"]
    for row, count in counts.items():
        printed = f"{count}.{rng.randint(1, 9)}" if row in amounts else count
        draft.put(f"st.{row}", "value", Figure.of(printed))


def _plant(rng: random.Random, draft: _Draft, oddity: Oddity) -> None:
    """Put one oddity into the figures, with its truth. Layout oddities are in place already."""
    match oddity:
        case Oddity.BLANK_ZEROS:
            draft.default = ""
            for columns in draft.cells.values():
                for column in [name for name, figure in columns.items() if figure.printed == "0"]:
                    del columns[column]
        case Oddity.BLANK_ROW_TOTALS if draft.edition.id != "E2014" and not draft.broken:
            for row in _outcome_rows(draft.edition, draft.layout):
                # Their sum over outcomes cannot be tested any more: all its parts are blank.
                if f"t3.{row}" in draft.cells and row in draft.edition.sets["t3_rows"]:
                    draft.broken.append(f"t3.row_total[{row}]")
                draft.put(f"t3.{row}", "total", Figure.of(""))
        case Oddity.NULL_TOKENS:
            token = rng.choice(_NULL_TOKENS)
            for row, column in _zero_cells(draft):
                if rng.random() < 0.5:
                    draft.put(row, column, Figure(printed=token, value=None, status="not_applicable"))
        case Oddity.UNITS_IN_CELLS:
            _rewrite(rng, draft, lambda text: f"{text}件", ("t2", "st"))
        case Oddity.REMARK_IN_CELL:
            _rewrite(rng, draft, lambda text: f"{text}（其中修订1件）", ("t2",))
        case Oddity.THOUSANDS_SEPARATOR:
            _rewrite(rng, draft, lambda text: f"{int(text):,}", ("t2", "st"), at_least=1000)
        case Oddity.FULL_WIDTH_DIGITS:
            _rewrite(rng, draft, lambda text: text.translate(_FULL_WIDTH), ("t2", "t3", "t4", "st"))
        case Oddity.CHANGE_IN_WORDS if draft.edition.id == "E2019":
            draft.put("t2.licensing", "change", Figure(printed="增3", value=3, status="reported"))
            draft.put("t2.penalty", "change", Figure(printed="减2", value=-2, status="reported"))
            draft.put("t2.coercion", "change", Figure(printed="增", value=None, status="text"))
        case Oddity.OUTCOME_TOTAL_LEFT_AT_ZERO if "t3.total_processed" in draft.cells and not draft.broken:
            draft.put("t3.total_processed", "total", Figure.of("0"))
            draft.broken += ["t3.row_total[total_processed]", "t3.result_total[total]", "t3.balance[total]"]
        case _:
            pass


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def _is_printed(draft: _Draft, row: str) -> bool:
    name = row.split(".")[1]
    hidden = {
        child
        for parent in _standing_rows(draft.edition)
        if draft.layout.other_handling_as_one_row
        for child in draft.edition.children_of(parent.code)
    }
    return name not in hidden


def _zero_cells(draft: _Draft) -> list[tuple[str, str]]:
    return [
        (f"{spec.table}.{spec.row}", spec.column)
        for spec in draft.edition.cells
        if _is_printed(draft, f"{spec.table}.{spec.row}")
        and spec.column != "total"
        and spec.column not in draft.cells.get(f"{spec.table}.{spec.row}", {})
    ]


def _rewrite(
    rng: random.Random,
    draft: _Draft,
    change: Callable[[str], str],
    tables: tuple[str, ...],
    at_least: int = 1,
) -> None:
    """Print some whole numbers of the tables in another way; their values stay."""
    for row, columns in draft.cells.items():
        for column, figure in columns.items():
            fits = figure.printed.isascii() and figure.printed.isdigit() and int(figure.printed) >= at_least
            if row.startswith(tables) and fits and rng.random() < 0.5:
                columns[column] = figure.model_copy(update={"printed": change(figure.printed)})
