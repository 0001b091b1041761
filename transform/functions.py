"""What a body is for, told from its own name: the matching table of names, and the slips it forgives.

Belongs here: `data/reference/issuers/` and looking a name up in it. Does not belong here: the place before the name
(`transform.regions`), and what follows for the body's identity (`issuers.py`).
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from transform.regions.words import COMMITTEE, LEVEL_WORD

__all__ = [
    "BodyNames",
    "Function",
    "KnownName",
    "NameBasis",
    "NameMatch",
    "Sector",
    "load_body_names",
    "match_name",
    "name_key",
    "names_its_level",
    "repaired",
]

NAMES_FOLDER = Path(__file__).resolve().parents[1] / "data" / "reference" / "issuers"

_CONNECTORS = re.compile("[和与及暨、·•的]")
_SECOND_NAME = re.compile(r"[(（][^()（）]*(?<!分)(?:局|办公室|办|委员会|委|中心|厅|馆|站|处|队|室)[)）]$")
"""A second name in brackets: one body that wears two, 自然资源局(林业局)."""
_GOVERNMENT_BEFORE = re.compile(f"^(?:[省市州盟县区旗]?委)?{LEVEL_WORD}?(?:人民政府|政府|行政公署|行署|{COMMITTEE})")
"""The government's name before its department's: 人民政府国有资产监督管理委员会."""
_GOVERNMENT_AROUND = re.compile("^(?:人民政府|行政公署|管理委员会|管委会)(?=[^办].+[局委办室]$)")
"""The same before a body that the table does not have: 管理委员会经济发展局 of a zone."""
_LEVEL_BEFORE = re.compile(f"^(?:本|我)?{LEVEL_WORD}")
_ORGAN_ENDING = re.compile("[局居厅委办署处室会]$")
_SHORT_COMMITTEE = re.compile("(?<=..)(?<![党工纪省市县区州盟旗团常])委$")
_SHORT_OFFICE = re.compile("(?<=..)办$")
_LONG_ENOUGH, _LONG_ENOUGH_FOR_A_GAP = 6, 7
"""Characters of a listed name, endings folded, from which one wrong, or one lost or doubled character is forgiven."""
_LONG_WORD = 4
_ANY = "?"


@dataclass(frozen=True, slots=True)
class Sector:
    """A field of government: a code of the controlled list, with the words that tell it."""

    code: str
    zh: str
    en: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """What one kind of body does, under whatever name: one row of `functions.csv`."""

    key: str
    sector: str
    canonical: str
    """The name that stands for all of them; every key of a body hangs on it, so it never changes."""
    kind: str
    """department or institution."""
    led_by: str
    """government: the body answers to the government of its place; line: to the same body one level up."""
    from_year: int | None
    to_year: int | None
    successors: tuple[str, ...]
    """Functions that took it over."""
    succession: str
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class KnownName:
    """One name of a function: one row of `names.csv`."""

    name: str
    function: str
    form: str
    """official, former, abbreviation or spelling."""
    from_year: int | None
    to_year: int | None
    basis: str


class NameBasis:
    """How a printed name came to the name it is filed under. Codes of `issuer_names.basis`."""

    SECOND_NAME = "second_name_dropped"
    """自然资源局(林业局): the name in brackets is left out."""
    WORDING = "wording"
    """和, 与 and 、 left out, 委 for 委员会, 办 for 办公室, 政府 for 人民政府."""
    GOVERNMENT_BEFORE = "government_named_before"
    """人民政府国有资产监督管理委员会."""
    TABLE_ROW = "table_row"
    """`table_row:国土资源局`: the row of names.csv that says so."""
    NEAR_MISS = "near_miss"
    """`near_miss:教育局`: the row of names.csv from which the printed name differs by one character."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A body's own name, looked up: the name it is filed under, its function if the table has it, and how it came."""

    name: str
    function: Function | None
    sector: str | None
    basis: tuple[str, ...]


@dataclass(frozen=True)
class BodyNames:
    """The matching table. Made by `load_body_names`."""

    functions: Mapping[str, Function]
    sectors: Mapping[str, Sector]
    names: Mapping[str, KnownName]
    """By `name_key`."""
    confusable: Mapping[str, frozenset[str]]
    slips: Mapping[str, str]
    """Common words as they are mistyped, with the word that is meant: 证府 for 政府."""
    _slip: re.Pattern[str]
    _strange_words: Mapping[str, str]
    """Group of `_slip` -> the long common word that it finds with a strange character inside."""
    _spelled: Mapping[str, KnownName]
    """Names without 和 and 、, with 委员会 and 办公室 in full and short: where slips are looked for."""
    _ordinary: frozenset[str]
    """Characters that names of bodies are made of: one in the place of another is another name, not a slip."""
    _patterns: Mapping[str, tuple[str, ...]]
    """A long name with one character open or lost -> the names it may be."""
    _sector_words: re.Pattern[str]
    _sector_of_word: Mapping[str, str]
    predecessors: Mapping[str, tuple[str, ...]]
    """Function -> functions that went into it."""

    def near_miss(self, name: str) -> KnownName | None:
        """The one name from which `name` differs by a character as slips do; None where there is none, or several."""
        found = {known.function: known for known in self._slips_of(_CONNECTORS.sub("", name))}
        return next(iter(found.values())) if len(found) == 1 else None

    def with_common_words(self, name: str) -> tuple[str, tuple[str, ...]]:
        """The name with mistyped common words put right, and which they are."""
        meant: list[str] = []

        def put_right(found: re.Match[str]) -> str:
            told = self.slips.get(found.group()) or self._strange_words[found.lastgroup or ""]
            meant.append(told)
            return told

        return self._slip.sub(put_right, name), tuple(meant)

    def _slips_of(self, key: str) -> Iterator[KnownName]:
        for position, character in enumerate(key):
            for other in sorted(self.confusable.get(character, ())):
                yield from self._listed(key[:position] + other + key[position + 1 :])
            # Strange to such names: neither another body's word nor the name's own first or last character.
            if character not in self._ordinary and 0 < position < len(key) - 1:
                yield from self._patterned(key[:position] + _ANY + key[position + 1 :])
            is_doubled = key[position - 1 : position] == character
            if len(key) > _LONG_ENOUGH_FOR_A_GAP and (is_doubled or character not in self._ordinary):
                yield from self._listed(key[:position] + key[position + 1 :])
        yield from self._patterned(key)

    def _listed(self, key: str) -> Iterator[KnownName]:
        if key in self._spelled:
            yield self._spelled[key]

    def _patterned(self, pattern: str) -> Iterator[KnownName]:
        for key in self._patterns.get(pattern, ()):
            yield self._spelled[key]

    def sector_told_by(self, name: str) -> str | None:
        """The sector that the words of a name agree on; None where they name none, or several."""
        words = name.replace("人民政府", "，")  # which is no 民政
        told = {self._sector_of_word[found.group()] for found in self._sector_words.finditer(words)}
        return told.pop() if len(told) == 1 else None


def name_key(name: str) -> str:
    """A body's own name as it is looked up: without 和 and 、, 委 for 委员会, 办 for 办公室."""
    bare = _CONNECTORS.sub("", name)
    if bare.endswith("委员会"):
        return bare.removesuffix("员会")
    return bare.removesuffix("公室") if bare.endswith("办公室") else bare


@lru_cache(maxsize=1 << 16)
def match_name(name: str) -> NameMatch:
    """Look a body's own name up, its place taken off. Pure in the name, so every name is looked up once."""
    table = load_body_names()
    name, slips = repaired(name)
    basis = list(slips)
    single = _SECOND_NAME.sub("", name)
    if single != name and single:
        basis.append(NameBasis.SECOND_NAME)
    else:
        single = name
    known, how = _known(table, single)
    if known is not None:
        function = table.functions[known.function]
        return NameMatch(function.canonical, function, function.sector, (*basis, *how))
    own = _GOVERNMENT_AROUND.sub("", single)
    if own != single:
        basis.append(NameBasis.GOVERNMENT_BEFORE)
    plain = _unlisted(own)
    if plain != own:
        basis.append(NameBasis.WORDING)
    return NameMatch(plain, None, table.sector_told_by(plain), tuple(basis))


@lru_cache(maxsize=1 << 16)
def names_its_level(name: str) -> bool:
    """Whether a body's name begins with the word of a level, 市教育局, and not with a word of its own, 市政管理局."""
    table = load_body_names()
    right, _ = repaired(name)
    if not _LEVEL_BEFORE.match(right):
        return False
    return name_key(right) not in table.names and table.near_miss(right) is None


@lru_cache(maxsize=1 << 16)
def repaired(name: str) -> tuple[str, tuple[str, ...]]:
    """The name with mistyped common words put right (证府, 管埋), and the basis that says so."""
    right, meant = load_body_names().with_common_words(name)
    return right, tuple(f"{NameBasis.NEAR_MISS}:{word}" for word in meant)


def _known(table: BodyNames, name: str) -> tuple[KnownName | None, tuple[str, ...]]:
    """The row of the table that a name means, with how."""
    before = _GOVERNMENT_BEFORE.match(name)
    readings: list[tuple[str, tuple[str, ...]]] = [(name, ())]
    if before:
        readings.append((name[before.end() :], (NameBasis.GOVERNMENT_BEFORE,)))
    level = _LEVEL_BEFORE.match(name)
    if level:
        readings.append((name[level.end() :], (NameBasis.WORDING,)))
    for text, how in readings:
        known = table.names.get(name_key(text))
        if known is not None:
            return known, (*how, *_row_basis(table, known, text))
    for text, how in readings:
        known = table.near_miss(text) if len(text) > 2 else None
        if known is not None:
            return known, (*how, f"{NameBasis.NEAR_MISS}:{known.name}")
    return None, ()


def _row_basis(table: BodyNames, known: KnownName, printed: str) -> tuple[str, ...]:
    """How a row's name stands to the name it is filed under."""
    if known.name == table.functions[known.function].canonical:
        return () if printed == known.name else (NameBasis.WORDING,)
    return (f"{NameBasis.TABLE_ROW}:{known.name}",)


def _unlisted(name: str) -> str:
    """A name that the table does not have, in one wording. Names of schools and companies stay as they are."""
    if not _ORGAN_ENDING.search(name):
        return name
    bare = re.sub("居$", "局", _CONNECTORS.sub("", name))
    return _SHORT_OFFICE.sub("办公室", _SHORT_COMMITTEE.sub("委员会", bare))


@lru_cache(maxsize=4)
def load_body_names(folder: Path = NAMES_FOLDER) -> BodyNames:
    """The matching table of a folder, read once. Raises ValueError where it contradicts itself."""
    sectors = {
        row["code"]: Sector(row["code"], row["zh"], row["en"], tuple(row["words"]))
        for row in _read_yaml(folder / "sectors.yml")["sectors"]
    }
    functions = {row["function"]: _function(row) for row in _read_csv(folder / "functions.csv")}
    names: dict[str, KnownName] = {}
    for row in _read_csv(folder / "names.csv"):
        known = KnownName(
            row["name"], row["function"], row["form"], _year(row["from_year"]), _year(row["to_year"]), row["basis"]
        )
        earlier = names.setdefault(name_key(known.name), known)
        if earlier is not known:
            raise ValueError(f"names.csv: {known.name} is the same name as {earlier.name} of {earlier.function}")
    _refuse_gaps(functions, names, sectors)
    word_sectors = {word: sector.code for sector in sectors.values() for word in sector.words}
    longest_first = sorted(word_sectors, key=lambda word: (-len(word), word))
    texts = (*names, *(known.name for known in names.values()), *word_sectors, *_read_words(folder))
    # A misspelling that the table lists is no name from which to go on to others.
    spelled = {key: known for key, known in names.items() if known.form != "spelling"}
    for known in tuple(spelled.values()):
        spelled.setdefault(_CONNECTORS.sub("", known.name), known)
    confusable, common_words = _read_confusable(folder, spelled)
    slips = _slips_of_words(common_words, confusable)
    ordinary = frozenset("".join(texts))
    strange = {f"w{number}": word for number, word in enumerate(common_words) if len(word) >= _LONG_WORD}
    predecessors: dict[str, list[str]] = {}
    for function in functions.values():
        for successor in function.successors:
            predecessors.setdefault(successor, []).append(function.key)
    return BodyNames(
        functions=functions,
        sectors=sectors,
        names=names,
        confusable=confusable,
        slips=slips,
        _slip=_slip_pattern(slips, strange, ordinary),
        _strange_words=strange,
        _spelled=spelled,
        _ordinary=ordinary,
        _patterns=_patterns(spelled),
        _sector_words=re.compile("|".join(map(re.escape, longest_first))),
        _sector_of_word=word_sectors,
        predecessors={key: tuple(found) for key, found in predecessors.items()},
    )


def _function(row: Mapping[str, str]) -> Function:
    return Function(
        key=row["function"],
        sector=row["sector"],
        canonical=row["canonical"],
        kind=row["kind"],
        led_by=row["led_by"],
        from_year=_year(row["from_year"]),
        to_year=_year(row["to_year"]),
        successors=tuple(row["successors"].split()),
        succession=row["succession"],
        basis=row["basis"],
        note=row["note"],
    )


def _refuse_gaps(
    functions: Mapping[str, Function], names: Mapping[str, KnownName], sectors: Mapping[str, Sector]
) -> None:
    for function in functions.values():
        canonical = names.get(name_key(function.canonical))
        if canonical is None or canonical.function != function.key:
            raise ValueError(f"functions.csv: {function.canonical} is no name of {function.key} in names.csv")
        if function.sector not in sectors:
            raise ValueError(f"functions.csv: {function.key} has the sector {function.sector}, which is not declared")
        for successor in function.successors:
            if successor not in functions:
                raise ValueError(f"functions.csv: {function.key} is succeeded by {successor}, which is not there")
    for known in names.values():
        if known.function not in functions:
            raise ValueError(f"names.csv: {known.name} has the function {known.function}, which is not there")


def _slips_of_words(words: Iterable[str], confusable: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Every way to mistype one character of a word."""
    return {
        word[:place] + other + word[place + 1 :]: word
        for word in words
        for place, character in enumerate(word)
        for other in confusable.get(character, ())
    }


def _slip_pattern(slips: Iterable[str], strange: Mapping[str, str], ordinary: frozenset[str]) -> re.Pattern[str]:
    """Finds mistyped common words, the longest first; long ones by name also with a strange character inside."""
    other = f"[^{''.join(sorted(ordinary))}]"
    parts = [re.escape(word) for word in sorted(slips, key=lambda word: (-len(word), word))]
    for group, word in strange.items():
        forms = (word[:place] + other + word[place + 1 :] for place in range(1, len(word) - 1))
        parts.append(f"(?P<{group}>{'|'.join(forms)})")
    return re.compile("|".join(parts))


def _patterns(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Every way in which a long name looks with one character open, or lost."""
    found: dict[str, list[str]] = {}
    for key in names:
        for position in range(len(key)):
            if len(key) >= _LONG_ENOUGH and 0 < position < len(key) - 1:
                found.setdefault(key[:position] + _ANY + key[position + 1 :], []).append(key)
            if len(key) >= _LONG_ENOUGH_FOR_A_GAP and position < len(key) - 1:
                found.setdefault(key[:position] + key[position + 1 :], []).append(key)
    return {pattern: tuple(dict.fromkeys(keys)) for pattern, keys in found.items()}


def _read_confusable(folder: Path, names: Mapping[str, KnownName]) -> tuple[dict[str, frozenset[str]], list[str]]:
    """Characters with those typed for them, and the common words. Refuses a pair that tells two names apart."""
    declared = _read_yaml(folder / "confusable_characters.yml")
    found: dict[str, set[str]] = {}
    for group in declared["groups"]:
        for character in group:
            found.setdefault(character, set()).update(set(group) - {character})
    for key, known in names.items():
        for position, character in enumerate(key):
            for other in found.get(character, ()):
                twin = names.get(key[:position] + other + key[position + 1 :])
                if twin is not None and twin.function != known.function:
                    raise ValueError(
                        f"confusable_characters.yml: {character}{other} tells {known.name} from {twin.name}"
                    )
    return {character: frozenset(others) for character, others in found.items()}, list(declared["common_words"])


def _read_words(folder: Path) -> list[str]:
    return list(_read_yaml(folder / "other_words.yml")["words"])


def _year(text: str) -> int | None:
    return int(text) if text else None


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read_yaml(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
