"""The rules of `declaration.yaml`, typed and validated on load.

Belongs here: what a rule says and of which editions. Does not belong here: how it is tested (a module for each kind).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from extract.forms.declaration import load_forms
from extract.forms.rules import Term

__all__ = ["Alternative", "Constants", "DeclaredRule", "RuleKind", "constants", "load_rules", "rules_of_kind"]

RuleKind = Literal[
    "subtotal", "count", "year", "peers", "text", "share", "contradiction", "blank_table", "period", "own_name",
    "timing", "copy", "structure", "reconciliation", "hint",
]  # fmt: skip
_PUBLISHED_KINDS: Mapping[str, str] = {
    "share": "text",
    "contradiction": "text",
    "blank_table": "text",
    "period": "text",
    "own_name": "text",
}
"""Kinds that are one to the reader of `checks` and several to the modules that test them."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Alternative(_Declared):
    """One sum of cells that a sentence may mean. `without_flags`: not if the statement carries one of these."""

    says: str
    expr: str
    without_flags: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells added up."""
        return tuple(self.expr.split(" + "))

    @property
    def terms(self) -> tuple[Term, ...]:
        """The cells as terms of an expression."""
        return tuple(Term(1, cell) for cell in self.cells)


class Constants(_Declared):
    """Thresholds and deadlines, each explained where it is declared."""

    peers_needed: int
    peer_deviations: float
    peer_ratio_minimum: float
    magnitude_low: float
    magnitude_high: float
    department_deadline: tuple[int, int]
    government_deadline: tuple[int, int]
    early_deadline: tuple[int, int]
    first_year_of_two_deadlines: int


class DeclaredRule(_Declared):
    """One rule. `en` and `zh` say it in a sentence, {member} standing for the instance."""

    id: str
    number: int
    kind: RuleKind
    editions: tuple[str, ...]
    severity: Literal["error", "warning", "info"]
    comparator: Literal["==", "<=", ">=", "~"]
    zh: str
    en: str
    source: str = ""
    members: dict[str, str] = Field(default_factory=dict)
    group: str = ""
    flag: str = ""
    types: tuple[str, ...] = ()
    measure: str = ""
    statement: str = ""
    table: str = ""
    share: bool = False
    claims: tuple[str, ...] = ()
    unless: str = ""
    unless_stated: str = ""
    against: dict[str, tuple[Alternative, ...]] = Field(default_factory=dict)

    @property
    def published_kind(self) -> str:
        """The kind under which its rows stand in `checks`."""
        return _PUBLISHED_KINDS.get(self.kind, self.kind)

    @property
    def cells_compared(self) -> Iterator[str]:
        """Every cell named in the declaration of the rule."""
        return (cell for found in self.against.values() for one in found for cell in one.cells)

    @property
    def describes(self) -> str | None:
        """What it compares with, in the words of the declaration; None where its sentence says all."""
        if not self.against:
            return None
        first = next(iter(self.against.values()))
        return "compared with " + ", or ".join(one.says for one in first)

    def sentence_zh(self, member: str) -> str:
        """The Chinese sentence of one instance."""
        return self.zh.replace("{member}", self.members.get(member, member))

    def sentence_en(self, member: str) -> str:
        """The English sentence of one instance."""
        return self.en.replace("{member}", member)

    @model_validator(mode="after")
    def _is_consistent(self) -> "DeclaredRule":
        editions = load_forms().editions
        for edition in (*self.editions, *self.against):
            if edition not in editions:
                raise ValueError(f"rule {self.id}: there is no edition {edition}")
        if self.against and set(self.against) != set(self.editions):
            raise ValueError(f"rule {self.id}: `against` and `editions` name different editions")
        for edition, alternatives in self.against.items():
            for cell in (cell for one in alternatives for cell in one.cells):
                if cell not in editions[edition].cell_by_code:
                    raise ValueError(f"rule {self.id}: the form {edition} has no cell {cell}")
        return self


@lru_cache(maxsize=1)
def _loaded() -> tuple[Constants, tuple[DeclaredRule, ...]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(files(__package__).joinpath("declaration.yaml").read_text(encoding="utf-8"), Loader=loader)
    rules = tuple(DeclaredRule.model_validate(item) for item in raw["rules"])
    ids = [rule.id for rule in rules]
    if len(set(ids)) != len(ids):
        raise ValueError("declaration.yaml: a rule is declared twice")
    return Constants.model_validate(raw["constants"]), rules


def load_rules() -> tuple[DeclaredRule, ...]:
    """Every rule, in the order declared. Raises pydantic.ValidationError naming the field if the file is wrong."""
    return _loaded()[1]


def constants() -> Constants:
    """The thresholds and deadlines."""
    return _loaded()[0]


def rules_of_kind(*kinds: RuleKind) -> tuple[DeclaredRule, ...]:
    """The rules of some kinds, in the order declared."""
    return tuple(rule for rule in load_rules() if rule.kind in kinds)
