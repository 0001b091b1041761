"""Columns of the table of regions."""

from dataclasses import replace

from transform.regions.kinds import KIND_MEANINGS
from transform.schema import columns as c
from transform.schema.columns import Column, Unit

__all__ = [
    "DIVISION_CODE",
    "FORMER_CODE",
    "KIND",
    "LEVEL",
    "REGION_ID",
    "SHORT_NAME",
    "SUCCESSOR_CODE",
    "VALID_FROM",
    "VALID_TO",
]

_LISTS = "lists of GB/T 2260 and of the National Bureau of Statistics, see data/reference/README.md"

REGION_ID = Column(
    "region_id",
    "string",
    Unit.NONE,
    "地区编号",
    "Key of the unit: its code; code and name of a unit that is gone (`120221:宁河县`); `zone:` and name of a zone "
    "without a code.",
)
DIVISION_CODE = replace(
    c.DIVISION_CODE,
    description="Code of a unit of today, as other tables have it: six digits, nine for a township.",
    null_means="the unit is gone or bears another name or code now (`successor_code`), or is a zone without a code",
)
FORMER_CODE = replace(
    c.DIVISION_CODE,
    name="former_code",
    title_zh="原代码",
    description="Code that a unit bore which is gone. Another unit may bear it now.",
    null_means="a unit of today, or a township",
)
SHORT_NAME = Column(
    "short_name",
    "string",
    Unit.NONE,
    "简称",
    "The name without its suffix and without the peoples in it: 恩施 for 恩施土家族苗族自治州.",
    "nothing shorter than the name says the same",
)
LEVEL = c.DIVISION_LEVEL.optional("a zone without a code, which stands at no level")
KIND = Column(
    "kind",
    "string",
    Unit.NONE,
    "类型",
    "Legal kind of the unit.",
    values=tuple(KIND_MEANINGS),
    value_notes=KIND_MEANINGS,
    source="宪法第三十条、第三十一条；地方组织法第八十五条",
)
VALID_FROM = Column(
    "valid_from_year",
    "int32",
    Unit.NONE,
    "起始年度",
    "First report year at whose end the unit existed under this name and code; of a township the year of the first "
    "yearly list that has it in its county.",
    "it existed before 2008 (a township: when the lists begin, in 2016), or it is a zone, of which no history is kept",
    _LISTS,
)
VALID_TO = replace(
    VALID_FROM,
    name="valid_to_year",
    title_zh="终止年度",
    description="Last report year at whose end the unit existed under this name and code; of a township the year of "
    "the last yearly list that has it in its county.",
    null_means="it exists, or it is a zone, of which no history is kept",
)
SUCCESSOR_CODE = replace(
    c.DIVISION_CODE,
    name="successor_code",
    title_zh="继任地区代码",
    description="Division of today that holds the territory, or is the same unit under its present name and code.",
    null_means="a unit of today, a township, or its territory was divided",
)
