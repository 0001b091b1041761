"""Figures that the prose states: facts of their own beside the tables, each with the clause printed and its place.

What is a statement is declared in `statements.yaml`. A sentence that can be read in two ways is not read: another
year's figure, a part where the whole is asked for, a comparison, two different figures for one thing.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from extract.model import Block, Document, Paragraph, Place, ReportReading, Statement

__all__ = ["StatementSpec", "load_statements", "read_statements"]

_SECTIONS = frozenset({"s1", "s5", "s6"})
"""Sections of prose in the present form; the others hold the tables."""
_TABLE_SECTIONS = frozenset({"s2", "s3", "s4", "annex"})
_RECOGNISED = "recognised"
"""Flag of a figure whose characters were recognised from a picture."""
_LONGEST_SENTENCE = 600
_SENTENCE_ENDS = re.compile("[。；;！!？?]")
_NEW_PARAGRAPH = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}(?:[)）、]|[.．](?!\d))|[①-⑳])")
_SHORTEST_WRAPPED = 12
"""A shorter line without a full stop is a heading or an item, not the first part of a sentence broken over lines."""
_DIGITS = "零〇一二两三四五六七八九"
_CHINESE = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_NUMBER = rf"(?<![\d.])(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|[{_DIGITS}十百千]+"
_CLAUSE_ENDS = re.compile(r",(?!\d{3}(?!\d))|(?<!\d),|[:：]")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:年|[-—~至](?=20\d\d))")
_OTHER_TIME = re.compile("(?:去年|上年|上一年|往年|前年|下一年|明年)(?!度?底?(?:结转|转结|结余|顺延|转入))")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_NOT_A_RATE = "(?![/每])"
"""So much for each page, so many in each month."""
_OPEN, _CLOSE = "(（", ")）"
_APPLICANTS = re.compile("公民、?、?法人、?(?:和|或|或者|及|以及)?(?:者)?其他组织")


class _Flag(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    when: str
    flag: str


class StatementSpec(BaseModel):
    """One measure that the prose may state; see the head of `statements.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    label: str
    en: str
    words: tuple[str, ...]
    unit: tuple[str, ...]
    patterns: tuple[str, ...]
    none: tuple[str, ...] = ()
    context: str = ""
    leads: str = ""
    without: str = ""
    never_before: str = ""
    never_after: str = ""
    year: str = ""
    part: bool = False
    flags: tuple[_Flag, ...] = Field(default=())


@dataclass(frozen=True)
class _Compiled:
    spec: StatementSpec
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]
    context: re.Pattern[str] | None
    leads: re.Pattern[str] | None
    without: re.Pattern[str] | None
    never_before: re.Pattern[str] | None
    never_after: re.Pattern[str] | None


@dataclass(frozen=True)
class _Times:
    """Words that say for what time the figures behind them are."""

    other: re.Pattern[str]
    own: re.Pattern[str]
    own_year: re.Pattern[str]


@dataclass(frozen=True)
class _Around:
    """What a sentence says around a clause, folded; with what stands before the sentence."""

    earlier: str
    before: str
    after: str


@dataclass(frozen=True)
class _Clause:
    """A clause folded for matching, with the text as printed and where in its paragraph it stands."""

    folded: str
    printed: str
    position: int
    is_part: bool


@dataclass(frozen=True)
class _Prose:
    """A run of text of one section, line breaks inside sentences closed, with the places of its lines."""

    section: str
    text: str
    starts: Sequence[int]
    places: Sequence[Place]

    def place_of(self, position: int) -> Place:
        return self.places[bisect_right(self.starts, position) - 1]


@lru_cache(maxsize=1)
def _declared() -> tuple[str, _Times, tuple[StatementSpec, ...]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(files(__package__).joinpath("statements.yaml").read_text(encoding="utf-8"), Loader=loader)
    times = _Times(re.compile(raw["other_time"], re.VERBOSE), re.compile(raw["own_time"]), re.compile(raw["own_year"]))
    return raw["global_without"], times, tuple(StatementSpec.model_validate(item) for item in raw["statements"])


def load_statements() -> tuple[StatementSpec, ...]:
    """The measures declared, in their order."""
    return _declared()[2]


@lru_cache(maxsize=1)
def _compiled() -> tuple[_Compiled, ...]:
    shared, _, specs = _declared()
    return tuple(
        _Compiled(
            spec,
            frozenset(spec.words),
            tuple(re.compile(_filled(pattern, spec.unit)) for pattern in spec.patterns),
            tuple(re.compile(pattern) for pattern in spec.none),
            _pattern(spec.context),
            _pattern(spec.leads),
            re.compile("|".join(filter(None, (shared, spec.without)))),
            _pattern(spec.never_before),
            _pattern(spec.never_after),
        )
        for spec in specs
    )


def _pattern(declared: str) -> re.Pattern[str] | None:
    return re.compile(declared) if declared else None


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    """The words of which a clause must print one, of all measures."""
    return tuple(dict.fromkeys(word for compiled in _compiled() for word in compiled.spec.words))


def _filled(pattern: str, units: Iterable[str]) -> str:
    unit = "|".join(sorted(units, key=len, reverse=True))
    about, more = "(?P<about>大?约|近|超过?|逾)?", "(?P<more>余|多)?"
    number = rf"{about}(?P<number>{_NUMBER}){more}(?P<unit>万?(?:{unit}))(?P<after>余)?{_NOT_A_RATE}"
    return pattern.replace("{n}", number).replace("{gap}", r"[^\d]{0,30}?")


_WORTH_READING = ("申请", "复议", "诉讼", "费", "微博", "微信", "公众号", "网站", "主动公开", "结转", "答复", "办结")
_SAYS_NONE = ("未", "无", "没有")
_HAS_FIGURE = re.compile(rf"\d|[{_DIGITS}十百千](?:余|多)?[件宗条份起次例篇期张元万]")


def _may_state(text: str) -> bool:
    """Whether a text names anything that a measure is about, and a figure: words are found faster than a pattern."""
    return any([word in text for word in _WORTH_READING]) and _has_figure(text)


def _has_figure(text: str) -> bool:
    return any([word in text for word in _SAYS_NONE]) or _HAS_FIGURE.search(text) is not None


def read_statements(document: Document, report: ReportReading) -> tuple[Statement, ...]:
    """The figures that the report's prose states, in the order printed; one for each code and set of flags.

    A code stated twice with different figures is not read at all: there is no telling which is meant. Of a document
    whose text was recognised from a picture, in whole or in part, every figure says so: no sum guards it.
    """
    doubt = (_RECOGNISED,) if "ocr" in document.notes else ()
    found: dict[tuple[str, tuple[str, ...]], Statement] = {}
    contradicted: set[tuple[str, tuple[str, ...]]] = set()
    for prose in _prose_of(document, report):
        for statement in _statements_in(prose, report.report_year):
            key = (statement.code, statement.flags)
            known = found.setdefault(key, statement)
            if (known.value, known.unit) != (statement.value, statement.unit):
                contradicted.add(key)
    return tuple(
        replace(statement, flags=(*statement.flags, *doubt)) if doubt else statement
        for key, statement in found.items()
        if key not in contradicted
    )


def _prose_of(document: Document, report: ReportReading) -> Iterator[_Prose]:
    """The prose of the sections that may state figures; all of it in a document without sections."""
    headings = {section.place: section.code for section in report.sections}
    current = "" if headings else "none"
    lines: list[Paragraph] = []
    for block in document.blocks:
        code = headings.get(block.place) if isinstance(block, Paragraph) else None
        if code is None and isinstance(block, Paragraph) and _is_prose(current):
            lines.append(block)
            continue
        yield from _joined(current, lines)
        lines = []
        current = code or current
    yield from _joined(current, lines)


def _is_prose(section: str) -> bool:
    return bool(section) and section not in _TABLE_SECTIONS


def _joined(section: str, lines: Sequence[Block]) -> Iterator[_Prose]:
    """Lines as runs of prose: a line that ends inside a sentence goes on in the next."""
    text, starts = "", [0]
    places: list[Place] = []
    for line in lines:
        assert isinstance(line, Paragraph)
        words = line.text.rstrip()
        last = text[-1:] if text else ""
        goes_on = len(text) - starts[-1] >= _SHORTEST_WRAPPED and not _SENTENCE_ENDS.match(last) and last not in ":："
        if text and not (goes_on and not _NEW_PARAGRAPH.match(words)):
            yield _Prose(section, text, starts, places)
            text, starts, places = "", [0], []
        if text:
            starts.append(len(text))
        places.append(line.place)
        text += words
    if text:
        yield _Prose(section, text, starts, places)


def _statements_in(prose: _Prose, report_year: int | None) -> Iterator[Statement]:
    if not _may_state(prose.text):
        return
    start = 0
    before = ""
    for end in [*(match.start() for match in _SENTENCE_ENDS.finditer(prose.text)), len(prose.text)]:
        sentence = prose.text[start:end]
        if sentence.strip() and len(sentence) <= _LONGEST_SENTENCE:
            yield from _statements_of(prose, sentence, start, before, report_year)
            before = sentence
        start = end + 1


def _statements_of(
    prose: _Prose, sentence: str, start: int, before: str, report_year: int | None
) -> Iterator[Statement]:
    if not _may_state(sentence):
        return
    clauses = list(_clauses(sentence))
    context: str | None = None
    year = report_year
    for clause in clauses:
        if not _has_figure(clause.folded):
            continue
        printed = [word for word in _words() if word in clause.folded]
        for compiled in _compiled() if printed else ():
            if (clause.is_part and not compiled.spec.part) or compiled.words.isdisjoint(printed):
                continue
            if compiled.context is not None:
                if context is None:
                    context = _fold(before)[0] + "".join(one.folded for one in clauses)
                if not compiled.context.search(context):
                    continue
            statement = _stated(compiled, clause, prose, start, year, report_year, (before, sentence))
            if statement is not None:
                yield statement
        named = _YEAR.findall(clause.folded)
        year = int(named[-1]) if named else year


def _stated(
    compiled: _Compiled,
    clause: _Clause,
    prose: _Prose,
    start: int,
    year: int | None,
    report_year: int | None,
    sentences: tuple[str, str],
) -> Statement | None:
    """What one clause says of one measure; None where it says nothing, or nothing certain."""
    spec = compiled.spec
    for pattern in compiled.none:
        match = pattern.search(clause.folded)
        if match and _is_of_year(clause.folded[: match.end()], match, spec, year, report_year):
            said = re.compile(spec.without).search(match[0]) if spec.without else None
            is_of_time = _is_of_time(_around(clause, sentences).before + clause.folded[: match.end()], report_year)
            if said is None and is_of_time:
                return _statement(spec, 0, None, clause, prose, start, ("stated_none",))
    matches = [match for pattern in compiled.patterns for match in pattern.finditer(clause.folded)]
    if not matches:
        return None
    first = matches[0]
    told = {(match["number"], match["unit"]) for match in matches}
    if len(told) > 1 or not _is_of_year(clause.folded[: first.end()], first, spec, year, report_year):
        return None
    if compiled.without is not None and compiled.without.search(clause.folded[: first.end()]):
        return None
    if not _fits(compiled, clause.folded[: first.end()], _around(clause, sentences), report_year):
        return None
    value = _number(first["number"])
    if value is None:
        return None
    flags = ["approximate"] if first["about"] or first["more"] or first["after"] else []
    flags += [flag.flag for flag in spec.flags if re.search(flag.when, clause.folded)]
    return _statement(spec, value, first["unit"], clause, prose, start, tuple(flags))


def _around(clause: _Clause, sentences: tuple[str, str]) -> _Around:
    earlier, sentence = sentences
    end = clause.position + len(clause.printed)
    return _Around(_fold(earlier)[0], _fold(sentence[: clause.position])[0], _fold(sentence[end:])[0])


def _fits(compiled: _Compiled, head: str, around: _Around, report_year: int | None) -> bool:
    """Whether what stands around a figure leaves it what its clause alone says."""
    said = around.before + head
    if compiled.leads is not None and not compiled.leads.search(said):
        return False
    if compiled.never_before is not None and compiled.never_before.search(f"{around.earlier},{around.before}"):
        return False
    if compiled.never_after is not None and compiled.never_after.search(around.after):
        return False
    return _is_of_time(said, report_year)


def _is_of_time(said: str, report_year: int | None) -> bool:
    """Whether a figure is one of the whole report year, by the last word of another time up to it, if there is any."""
    times = _declared()[1]
    found = list(times.other.finditer(said))
    if not found:
        return True
    last = found[-1]
    own = times.own if last["past"] is None else times.own_year
    rest = said[last.end() :]
    return own.search(rest) is not None or (report_year is not None and f"{report_year}年" in rest)


def _statement(
    spec: StatementSpec,
    value: int | float,
    unit: str | None,
    clause: _Clause,
    prose: _Prose,
    start: int,
    flags: tuple[str, ...],
) -> Statement:
    place = prose.place_of(start + clause.position)
    section = "" if prose.section == "none" else prose.section
    return Statement(spec.code, value, unit, clause.printed, place, flags, section)


def _is_of_year(
    head: str, match: re.Match[str], spec: StatementSpec, year: int | None, report_year: int | None
) -> bool:
    """Whether a figure is one of the report year, as far as its sentence says."""
    named = match.groupdict().get("year")
    if named is not None:
        if report_year is None or int(named) != report_year + {"next": 1, "previous": -1}[spec.year]:
            return False
        head = head[: match.start("year")] + head[match.end("year") + 1 :]
    years = [int(found) for found in _YEAR.findall(head)] or ([year] if year is not None else [])
    if report_year is not None and any(found != report_year for found in years):
        return False
    if len(set(years)) > 1:
        return False
    return spec.year == "next" or not _OTHER_TIME.search(head)


def _clauses(sentence: str) -> Iterator[_Clause]:
    """The clauses of a sentence, what stands in brackets apart; a clause behind 其中 is a part of what went before."""
    pieces: list[list[tuple[str, int]]] = [[]]
    stack = [0]
    for position, character in enumerate(sentence):
        if character in _OPEN:
            stack.append(len(pieces))
            pieces.append([])
        elif character in _CLOSE:
            if len(stack) > 1:
                stack.pop()
        else:
            pieces[stack[-1]].append((character, position))
    for number, piece in enumerate(pieces):
        folded, positions = _fold_pairs(piece)
        is_part = number > 0
        begin = 0
        for end in [*(match.start() for match in _CLAUSE_ENDS.finditer(folded)), len(folded)]:
            text = folded[begin:end]
            if text:
                is_part = is_part or "其中" in text
                first, last = positions[begin], positions[end - 1]
                folded_text = _APPLICANTS.sub("公民法人和其他组织", text)
                yield _Clause(folded_text, " ".join(sentence[first : last + 1].split()), first, is_part)
            begin = end + 1


def _fold(text: str) -> tuple[str, list[int]]:
    return _fold_pairs([(character, position) for position, character in enumerate(text)])


def _fold_pairs(pairs: Sequence[tuple[str, int]]) -> tuple[str, list[int]]:
    """Text in NFKC form without white space, and where each of its characters comes from."""
    folded: list[str] = []
    positions: list[int] = []
    for character, position in pairs:
        if "\u4e00" <= character <= "\u9fff" or "0" <= character <= "9":
            folded.append(character)
            positions.append(position)
            continue
        if character.isspace() or character in _INVISIBLE:
            continue
        for piece in character if character < "\u0080" else unicodedata.normalize("NFKC", character):
            if not piece.isspace():
                folded.append(piece)
                positions.append(position)
    return "".join(folded), positions


def _number(text: str) -> int | float | None:
    """The number that digits or Chinese numerals write; None where the numerals make none."""
    if text[0].isdigit():
        value = float(text.replace(",", ""))
        return int(value) if value.is_integer() else value
    return _chinese_number(text)


def _chinese_number(text: str) -> int | None:
    if all(character in _CHINESE for character in text):
        return int("".join(str(_CHINESE[character]) for character in text))
    total, digit = 0, None
    last_power = 10**9
    for character in text:
        if character in _POWERS:
            power = _POWERS[character]
            if power >= last_power or (digit is None and not (power == 10 and not total)):
                return None
            total += (1 if digit is None else digit) * power
            digit, last_power = None, power
        elif character in "零〇":
            digit = None
        elif digit is not None:
            return None
        else:
            digit = _CHINESE[character]
    return total + (digit or 0)
