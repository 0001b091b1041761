"""The statutory tables in the layouts in which real reports print them. Official ones are `pipelines.sample.layout`'s.

Each function gives the blocks of one statutory table: usually one table, sometimes several with captions between.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.writer.drafts import OFFICIAL, Draft, filler, header, label, title
from benchmarks.writer.page import ParagraphKind, WrittenBlock, WrittenParagraph
from benchmarks.writer.sheet import Sheet
from extract.forms.declaration import FormColumn, FormRow, FormTable
from pipelines.sample.layout import PrintedCell

__all__ = ["T2_LAYOUTS", "T3_HEADERS", "T3_LAYOUTS", "T3_SPLITS", "T4_LAYOUTS", "blocks_of_table"]

Row = list[PrintedCell]

T2_LAYOUTS = (OFFICIAL, "placeholders", "block_tables", "block_captions", "heading_column", "heading_cells", "remarks")
T3_LAYOUTS = (
    OFFICIAL,
    "placeholders_3",
    "repeated_3",
    "vertical_label",
    "spans_2",
    "placeholders_2",
    "one_column_groups",
    "one_column_joined",
    "one_column_bare",
    "group_separators",
    "numbered",
)
T3_HEADERS = (OFFICIAL, "placeholders", "two_rows", "one_row", "glued", "group_first", "no_corner")
T3_SPLITS = (OFFICIAL, "cut", "cut_repeating", "cut_with_header", "header_inside", "page_number_row", "categories")
T4_LAYOUTS = (
    OFFICIAL,
    "third_row",
    "placeholders",
    "three_tables",
    "three_captions",
    "stacked",
    "channels_as_rows",
    "list",
    "two_tables",
    "row_label",
)


def blocks_of_table(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    """The blocks of one statutory table as the plan lays it out."""
    if table.layout == "stacked_blocks":
        yield from _disclosure(draft, table)
    elif table.layout == "matrix":
        yield from _applications(draft, table)
    elif table.layout == "single_value_row":
        yield from _REMEDIES[draft.plan.t4](draft, table)
    else:
        raise ValueError(f"table {table.id}: no layouts for {table.layout}")


def _printed(table: FormTable, rows: Sequence[Sequence[PrintedCell]]) -> WrittenBlock:
    return Sheet(table.id, table.section or "annex", rows).table()


def _caption(text: str) -> WrittenParagraph:
    return WrittenParagraph(text, ParagraphKind.NOTE)


# Table 2


def _disclosure(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    layout = draft.plan.t2
    parts = layout in ("block_tables", "block_captions")
    width = max(len(block.columns) for block in table.blocks)
    rows: list[Row] = []
    for block in table.blocks:
        heading = draft.labels.get(f"{table.id}.{block.id}", block.title or "")
        columns = list(block.columns)
        spans = [1] * len(columns)
        pad = 0 if parts else width - len(columns)
        if layout == "placeholders":
            padding = [filler()] * pad
        else:
            spans[-1] += pad
            padding = []
        remark = [filler(draft.rng.choice(("", "", "无")))] if layout == "remarks" else []
        names = [
            header(draft.column_label(table, block, column), span) for column, span in zip(columns, spans, strict=True)
        ]
        corner = f"{heading}\n信息内容" if layout == "heading_cells" else "信息内容"
        body: list[Row] = [[header(corner), *names, *padding, *([header("备注")] if remark else [])]]
        for row in block.rows:
            values = [draft.value(table, row, column, span) for column, span in zip(columns, spans, strict=True)]
            body.append([label(draft.row_label(table, row)), *values, *padding, *remark])
        if layout == "heading_column":
            body[0].insert(0, title(heading))
            body[0][0] = PrintedCell(heading, body[0][0].kind, 1, len(body))
        elif layout == "block_captions":
            yield WrittenParagraph(heading)
        elif layout != "heading_cells":
            body.insert(0, [title(heading, sum(cell.column_span for cell in body[0]))])
        if parts:
            yield _printed(table, body)
        else:
            rows += body
    if rows:
        yield _printed(table, rows)


# Table 3


class _Leaf(NamedTuple):
    """A row with figures: its ancestors from the outermost, and for each how many rows it spans if it opens it."""

    row: FormRow
    ancestors: tuple[tuple[FormRow, int], ...]
    """Each group above the row, and the number of printed rows below it where this row is its first, else 0."""

    def group(self, level: int) -> tuple[FormRow, int] | None:
        return next((pair for pair in self.ancestors if pair[0].level == level), None)


def _leaves(draft: Draft, table: FormTable) -> list[_Leaf]:
    (block,) = table.blocks
    by_code = {row.code: row for row in block.rows}
    alone = {row.code for row in block.rows if row.stands_for_children and _is_alone(draft, row)}
    leaves = [row for row in block.rows if (row.kind != "group" or row.code in alone) and row.parent not in alone]

    def chain(row: FormRow) -> list[FormRow]:
        parents: list[FormRow] = []
        while row.parent is not None:
            row = by_code[row.parent]
            parents.insert(0, row)
        return parents

    below: dict[str, list[str]] = {}
    for leaf in leaves:
        for parent in chain(leaf):
            below.setdefault(parent.code, []).append(leaf.code)
    return [
        _Leaf(
            leaf,
            tuple(
                (parent, len(below[parent.code]) if below[parent.code][0] == leaf.code else 0) for parent in chain(leaf)
            ),
        )
        for leaf in leaves
    ]


def _is_alone(draft: Draft, row: FormRow) -> bool:
    return draft.facts.layout.other_handling_as_one_row and row.stands_for_children


def _applications(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    plan = draft.plan
    if plan.t3_split == "categories":
        yield from _categories(draft, table)
        return
    width = _label_columns(plan.t3)
    heads = _applicant_header(draft, table, width)
    body = _applicant_rows(draft, table)
    sheet = Sheet(table.id, table.section or "annex", [*heads, *body])
    if plan.t3_split == OFFICIAL:
        yield sheet.table()
        return
    at = draft.rng.randrange(len(heads) + 3, sheet.row_count - 2)
    if plan.t3_split == "page_number_row":
        number = draft.rng.choice(("- 3 -", "— 4 —", "3"))
        sheet.insert_row(at, [filler(number, sheet.column_count - sum(a.cell.column_span for a in sheet.covering(at)))])
        yield sheet.table()
        return
    first, second = sheet.cut(at, repeat_labels=plan.t3_split == "cut_repeating")
    if plan.t3_split in ("cut_with_header", "header_inside"):
        # The rows of the header come again above the rest.
        again = Sheet(table.id, table.section or "annex", heads)
        for anchor in second.anchors:
            anchor.row += again.row_count
        again.anchors += second.anchors
        again.row_count += second.row_count
        second = again
    if plan.t3_split == "header_inside":
        for anchor in second.anchors:
            anchor.row += first.row_count
        first.anchors += second.anchors
        first.row_count += second.row_count
        yield first.table()
        return
    yield first.table()
    if draft.rng.random() < 0.3:
        yield _caption(draft.rng.choice(("- 3 -", "— 5 —", "续表", "4")))
    yield second.table()


def _label_columns(layout: str) -> int:
    if layout in (OFFICIAL, "placeholders_3", "repeated_3", "vertical_label"):
        return 3
    return 2 if layout in ("spans_2", "placeholders_2", "numbered") else 1


def _has_subtotal(draft: Draft) -> bool:
    return draft.facts.layout.applicant_subtotal and not draft.applicants and not draft.headers


def _applicant_values(draft: Draft, table: FormTable, row: FormRow) -> Row:
    columns = draft.columns_of(table)
    values = [draft.value(table, row, column) for column in columns]
    if _has_subtotal(draft):
        parts = [draft.figures[f"{table.id}.{row.code}.{column.code}"].value for column in columns if column.group]
        known = [part for part in parts if part is not None]
        values.insert(len(columns) - 1, filler(str(sum(known)) if known else ""))
    return values


def _applicant_names(draft: Draft, table: FormTable) -> list[tuple[str, bool]]:
    """The words over the columns, and whether each stands under 法人或其他组织."""
    (block,) = table.blocks
    columns = draft.columns_of(table)
    if draft.headers:
        return [(text, False) for text in draft.headers]
    names = [(draft.column_label(table, block, column), column.group is not None) for column in columns]
    if _has_subtotal(draft):
        names.insert(len(columns) - 1, ("小计", True))
    return names


def _applicant_header(draft: Draft, table: FormTable, width: int) -> list[Row]:
    names = _applicant_names(draft, table)
    corner = table.corner_note or ""
    group_name = next((c.group for c in table.blocks[0].columns if c.group), "") or ""
    layout = draft.plan.t3_header
    grouped = [place for place, (_, inside) in enumerate(names) if inside]
    contiguous = bool(grouped) and grouped[-1] - grouped[0] + 1 == len(grouped)
    if draft.headers or not contiguous:
        layout = "one_row"
    if layout == "one_row":
        return [[header(draft.rng.choice(("项目", "申请情况", "")), width), *(header(text) for text, _ in names)]]
    if layout == "glued":
        glue = draft.rng.choice(("{group}\n{name}", "{group}（{name}）", "{group}-{name}"))
        texts = [glue.format(group=group_name, name=text) if inside else text for text, inside in names]
        return [[header("项目", width), *(header(text) for text in texts)]]
    total = len(names)
    third = [header(text) for text, inside in names if inside]
    before = [text for text, inside in names[: grouped[0]] if not inside]
    after = [text for text, inside in names[grouped[-1] + 1 :] if not inside]
    if layout == "placeholders":
        first = [
            header(corner),
            *[header("")] * (width - 1),
            header(table.header_group or ""),
            *[header("")] * (total - 1),
        ]
        second = [
            *[header("")] * width,
            *(header(text) for text in before),
            header(group_name),
            *[header("")] * (len(third) - 1),
            *(header(text) for text in after),
        ]
        lowest = [*[header("")] * (width + len(before)), *third, *[header("")] * len(after)]
        return [first, second, lowest]
    middle = [
        *(header(text, 1, 2) for text in before),
        header(group_name, len(third)),
        *(header(text, 1, 2) for text in after),
    ]
    if layout == "two_rows":
        return [[header("项目", width, 2), *middle], third]
    if layout == "no_corner":
        return [[header("", width, 3), header(table.header_group or "", total)], middle, third]
    if layout == "group_first":
        return [[header(corner, width + total)], [header("项目", width, 2), *middle], third]
    return [[header(corner, width, 3), header(table.header_group or "", total)], middle, third]


def _applicant_rows(draft: Draft, table: FormTable) -> list[Row]:
    layout = draft.plan.t3
    leaves = _leaves(draft, table)
    count = len(_applicant_names(draft, table))

    def words(row: FormRow) -> str:
        return draft.row_label(table, row)

    rows: list[Row] = []
    sequence = 0
    for leaf in leaves:
        row, level = leaf.row, leaf.row.level
        outer, group = leaf.group(1), leaf.group(2)
        values = _applicant_values(draft, table, row)
        cells: Row
        if layout in (OFFICIAL, "vertical_label"):
            cells = []
            if outer and outer[1]:
                text = "\n".join(words(outer[0])) if layout == "vertical_label" else words(outer[0])
                cells.append(label(text, 1, outer[1]))
            if group and group[1]:
                cells.append(label(words(group[0]), 1, group[1]))
            cells.append(label(words(row), 4 - level))
        elif layout in ("placeholders_3", "repeated_3"):
            again = layout == "repeated_3"
            cells = []
            if outer:
                cells.append(label(words(outer[0]) if outer[1] or again else ""))
            if group:
                cells.append(label(words(group[0]) if group[1] or again else ""))
            cells.append(label(words(row)))
            cells += [label(words(row) if again else "")] * (3 - len(cells))
        elif layout == "spans_2":
            cells = [label(words(group[0]), 1, group[1])] if group and group[1] else []
            cells.append(label(words(row), 1 if group else 2))
        elif layout == "placeholders_2":
            cells = [label(words(group[0]) if group[1] else ""), label(words(row))] if group else []
            cells = cells or [label(words(row)), label("")]
        elif layout == "numbered":
            sequence += 1
            for parent, opened in leaf.ancestors:
                if opened:
                    rows.append([label(""), label(words(parent)), *[filler()] * count])
            cells = [filler(str(sequence)), label(words(row))]
        elif layout == "one_column_joined":
            cells = [label((words(group[0]) if group else "") + words(row))]
        else:
            for parent, opened in leaf.ancestors:
                if opened and layout == "one_column_groups":
                    rows.append([label(words(parent)), *[filler()] * count])
                elif opened and layout == "group_separators":
                    rows.append([label(words(parent), 1 + count)])
            cells = [label(words(row))]
        rows.append([*cells, *values])
    return rows


def _categories(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    """Each category as a small table of its own, under its own header."""
    leaves = _leaves(draft, table)
    parts: list[tuple[str, list[_Leaf]]] = []
    for leaf in leaves:
        group = leaf.group(2) or leaf.group(1)
        name = draft.row_label(table, group[0]) if group else ""
        if not parts or parts[-1][0] != name or not name:
            parts.append((name, []))
        parts[-1][1].append(leaf)
    as_caption = draft.rng.random() < 0.5
    for name, members in parts:
        rows = _applicant_header(draft, table, 1)
        if name and as_caption:
            yield WrittenParagraph(name)
        elif name:
            rows.insert(0, [title(name, sum(cell.column_span for cell in rows[0]))])
        for leaf in members:
            rows.append([label(draft.row_label(table, leaf.row)), *_applicant_values(draft, table, leaf.row)])
        yield _printed(table, rows)


# Table 4


class _Channel(NamedTuple):
    row: FormRow
    words: str
    group: str
    names: tuple[str, ...]
    values: tuple[PrintedCell, ...]


def _channels(draft: Draft, table: FormTable) -> list[_Channel]:
    (block,) = table.blocks
    columns: list[FormColumn] = draft.columns_of(table)
    hidden = draft.facts.layout.review_total_without_header
    by_code = {row.code: row for row in block.rows}
    rows = [by_code[code] for code in draft.channels] if draft.channels else list(block.rows)
    return [
        _Channel(
            row,
            draft.row_label(table, row),
            row.parent or "",
            tuple("" if hidden and c.derived else draft.column_label(table, block, c) for c in columns),
            tuple(draft.value(table, row, column) for column in columns),
        )
        for row in rows
    ]


def _one_row(draft: Draft, table: FormTable, *, third_row: bool, row_label: bool = False) -> Iterator[WrittenBlock]:
    channels = _channels(draft, table)
    first: Row = [header("类别", 1, 3)] if row_label else []
    second: Row = []
    third: Row = []
    done: set[str] = set()
    for channel in channels:
        width = len(channel.values)
        if not channel.group:
            if third_row:
                first.append(header(channel.words, width, 2))
                third += [header(name) for name in channel.names]
            else:
                first.append(header(channel.words, width))
                second += [header(name, 1, 2) for name in channel.names]
            continue
        if channel.group not in done:
            done.add(channel.group)
            first.append(header(channel.group, sum(len(c.values) for c in channels if c.group == channel.group)))
        second.append(header(channel.words, width))
        third += [header(name) for name in channel.names]
    values = [value for channel in channels for value in channel.values]
    yield _printed(table, [first, second, third, [*([label("件数")] if row_label else []), *values]])


def _placeholders(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    channels = _channels(draft, table)
    first: Row = []
    second: Row = []
    third: Row = []
    done: set[str] = set()
    for channel in channels:
        rest = [header("")] * (len(channel.values) - 1)
        top = channel.group if channel.group not in done else ""
        first += [header(top if channel.group else channel.words), *rest]
        second += [header(channel.words if channel.group else ""), *rest]
        third += [header(name) for name in channel.names]
        done.add(channel.group)
    yield _printed(table, [first, second, third, [value for channel in channels for value in channel.values]])


def _full_words(channel: _Channel, joint: str = "：") -> str:
    return f"{channel.group}{joint}{channel.words}" if channel.group else channel.words


def _three_tables(draft: Draft, table: FormTable, *, captions: bool) -> Iterator[WrittenBlock]:
    for number, channel in zip("一二三", _channels(draft, table), strict=True):
        rows: list[Row] = [[header(name) for name in channel.names], list(channel.values)]
        if captions:
            yield WrittenParagraph(f"（{number}）{_full_words(channel)}")
        elif channel.group:
            rows.insert(0, [header(channel.group, len(channel.values))])
            rows.insert(1, [header(channel.words, len(channel.values))])
        else:
            rows.insert(0, [header(channel.words, len(channel.values))])
        yield _printed(table, rows)


def _stacked(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    rows: list[Row] = []
    for channel in _channels(draft, table):
        rows.append([header(_full_words(channel, "—"), len(channel.values))])
        rows.append([header(name) for name in channel.names])
        rows.append(list(channel.values))
    yield _printed(table, rows)


def _channels_as_rows(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    channels = _channels(draft, table)
    rows: list[Row] = [[header("类别", 2), *(header(name) for name in channels[0].names)]]
    done: set[str] = set()
    for channel in channels:
        cells: Row = []
        if not channel.group:
            cells.append(label(channel.words, 2))
        else:
            if channel.group not in done:
                count = sum(other.group == channel.group for other in channels)
                cells.append(label(channel.group, 1, count))
            done.add(channel.group)
            cells.append(label(channel.words))
        rows.append([*cells, *channel.values])
    yield _printed(table, rows)


def _list(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    rows: list[Row] = [[header("类别"), header("结果"), header("数量")]]
    for channel in _channels(draft, table):
        for place, (name, value) in enumerate(zip(channel.names, channel.values, strict=True)):
            first = [label(_full_words(channel, "\n"), 1, len(channel.values))] if place == 0 else []
            rows.append([*first, label(name), value])
    yield _printed(table, rows)


def _two_tables(draft: Draft, table: FormTable) -> Iterator[WrittenBlock]:
    channels = _channels(draft, table)
    alone = [channel for channel in channels if not channel.group]
    grouped = [channel for channel in channels if channel.group]
    for channel in alone:
        names = [header(name) for name in channel.names]
        yield _printed(table, [[header(channel.words, len(names))], names, list(channel.values)])
    yield _printed(
        table,
        [
            [header(grouped[0].group, sum(len(channel.values) for channel in grouped))],
            [header(channel.words, len(channel.values)) for channel in grouped],
            [header(name) for channel in grouped for name in channel.names],
            [value for channel in grouped for value in channel.values],
        ],
    )


_REMEDIES: dict[str, Callable[[Draft, FormTable], Iterator[WrittenBlock]]] = {
    OFFICIAL: lambda draft, table: _one_row(draft, table, third_row=False),
    "third_row": lambda draft, table: _one_row(draft, table, third_row=True),
    "row_label": lambda draft, table: _one_row(draft, table, third_row=True, row_label=True),
    "placeholders": _placeholders,
    "three_tables": lambda draft, table: _three_tables(draft, table, captions=False),
    "three_captions": lambda draft, table: _three_tables(draft, table, captions=True),
    "stacked": _stacked,
    "channels_as_rows": _channels_as_rows,
    "list": _list,
    "two_tables": _two_tables,
}
