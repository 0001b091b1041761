"""Columns that say who a body is: field of government, name in one spelling, parent, lifespan, merges to review."""

from dataclasses import replace

from transform.functions import NameBasis, load_body_names
from transform.issuers import PlaceBasis
from transform.schema import columns as c
from transform.schema.columns import Column, Unit

__all__: list[str] = []

_TABLE = "data/reference/issuers"
_NOT_LISTED = "the matching table does not have the body's name"


def _text(name: str, title_zh: str, description: str, null_means: str = "", **more: object) -> Column:
    return Column(name, "string", Unit.NONE, title_zh, description, null_means, **more)  # type: ignore[arg-type]


_SECTORS = load_body_names().sectors
SECTOR = _text(
    "sector",
    "领域",
    "Field of government of the body, comparable over levels, names and years.",
    "the name does not tell",
    source=f"{_TABLE}/sectors.yml",
    values=tuple(_SECTORS),
    value_notes={sector.code: f"{sector.zh}: {sector.en}" for sector in _SECTORS.values()},
)
ISSUER_NAME = _text(
    "issuer_name",
    "机关规范名称",
    "Place and body in one spelling for all years. A key for grouping, not the official name at every time or level.",
)
FUNCTION = _text(
    "issuer_function",
    "机关职能",
    "What the body does: key of the matching table, the same for 国土资源局, 自然资源局 and 自然资源厅.",
    _NOT_LISTED,
    source=f"{_TABLE}/functions.csv",
)
NAME_BASIS = Column(
    "name_basis",
    "list<string>",
    Unit.NONE,
    "名称归并依据",
    "How the printed name came to `issuer_name`; empty if it is the same. `table_row:` and `near_miss:` name the row "
    "of names.csv. Codes: "
    + ", ".join(sorted(value for kind in (PlaceBasis, NameBasis) for key, value in vars(kind).items() if key.isupper()))
    + ".",
    source=f"{_TABLE}/names.csv",
)
PARENT_ISSUER_ID = c.ISSUER_ID.optional(
    "a province, an institution, a body led by its own line (taxation, meteorology), or the place is not known"
)
PARENT_ISSUER_ID = replace(
    PARENT_ISSUER_ID,
    name="parent_issuer_id",
    title_zh="上级机关编号",
    description="Body that it answers to: a department to its government, a township to its county, a county to its "
    "prefecture. That body need not have reported.",
)
DECLARED_FROM = Column(
    "declared_from",
    "int32",
    Unit.NONE,
    "设立年",
    "Year from which bodies of this function exist by the matching table; places differ by a year or two.",
    "not stated, or before 2008",
    source=f"{_TABLE}/functions.csv",
)
DECLARED_TO = Column(
    "declared_to",
    "int32",
    Unit.NONE,
    "撤销年",
    "Year up to which most bodies of this function existed by the matching table; places differ by a year or two.",
    "not stated, or existing",
    source=f"{_TABLE}/functions.csv",
)
PREDECESSORS = Column(
    "predecessor_ids",
    "list<string>",
    Unit.NONE,
    "前身机关",
    "Bodies of the same place that went into this one and have reported; empty if none. A renamed body keeps its key "
    "and has none.",
    source=f"{_TABLE}/functions.csv",
)
SUCCESSORS = Column(
    "successor_ids",
    "list<string>",
    Unit.NONE,
    "承接机关",
    "Bodies of the same place that took this one over and have reported; empty if none.",
    source=f"{_TABLE}/functions.csv",
)
PRINTED_NAME = _text("printed_name", "印刷名称", "The body as the document names it.")
