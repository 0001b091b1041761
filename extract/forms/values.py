"""What is printed in a number cell: number, unit, remark, or the reason why there is no number.

Blank is not zero, and words are not numbers: a cell that does not hold exactly one number of its type has no value.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.forms.declaration import ValueType, load_forms
from extract.forms.labels import compact, nfkc, without_invisible
from extract.model import CellStatus

__all__ = ["ParsedValue", "is_unit", "is_value_like", "names_scale", "parse_value", "trim", "unit_in", "yuan"]

_LONGEST_VALUE = 80
"""A longer text is prose, whatever it begins with."""
_OUTER = " \t\r\n\f\v\u00a0\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_COUNTED = "人次|个|件|项|条|次|份|宗|起|笔|篇|家|人"
_UNITS = f"亿元|万元|千元|元|{_COUNTED}"
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_PLAIN = re.compile(_NUMBER)
_WITH_UNIT = re.compile(rf"({_NUMBER})(?:({_UNITS})|[(\[](?:单位:?|人民币)*({_UNITS})[)\]])")
_WITH_REMARK = re.compile(rf"(约|共)?({_NUMBER})({_UNITS})?([(\[].*[)\]]|[*#※]+)?")
_SHORT_UNIT = re.compile(rf"({_NUMBER})([万亿])")
"""Of money, 3.5万 is 3.5 万元 under any header; of a count, it would be rounded."""
_IN_OTHER_MONEY = re.compile(r"\D*元\D*")
"""A remark of a money unit in words: it may be that of the figure before it."""
_SCALE = rf"(?:[十百千万亿]+(?:{_COUNTED})|[十百千万亿]*[百千万亿])"
_NAMES_SCALE = re.compile(rf"(?:^|[(\[:,;/、位以按]){_SCALE}(?=计?(?:$|[)\],;/、]))")
"""Tens, hundreds or thousands as a unit, 万件, and not in a number (第二十条), an ordinal or a name (千人计划)."""
_CORRECTS = re.compile(r"更正|应为|应是|实为|实际[为是应数]*:?\d|有误|笔误|勘误|订正|改为|修正为")
"""A remark that takes the figure before it back: what the publisher means is another one."""
_TAKES_AWAY = re.compile(r"下降|负(?!责)|取消|划出|下放")
"""A remark by which a change without a sign of its own may be one for the less."""
_DIGITS_APART = re.compile(r"(?<=[\d.])\s+(?=[\d.])")
_FOOTNOTE = re.compile("[\u2460-\u2473]+\\s*$")
"""A circled number behind a figure is a note's mark; NFKC would make it a digit."""
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2473]+")
"""Raised, lowered and circled digits: marks of notes too, wherever they stand, and no digits of the figure."""
_NOTE = re.compile(r"(?<=\d)(?:\[\d{1,2}\]|[*#※]+)$")
"""The mark of a note behind a figure: with a bracket around it, it is no digit of the figure."""
_DASHES = str.maketrans({"−": "-", "–": "-", "﹣": "-", "‐": "-", "‑": "-"})
_UNCHANGED = frozenset({"无变化", "持平", "不变", "没有变化", "无增减"})
_SIGN_ONLY = frozenset({"增", "减", "增加", "减少", "新增", "+"})
_DELTA = re.compile(rf"(新增|增加|增|减少|减|负|\+|-|↑|↓)({_NUMBER})(?:{_UNITS})?")
_LESS = frozenset({"减", "减少", "负", "-", "↓"})
_SIGN_BEHIND = re.compile(rf"(\d[\d,]*(?:\.\d+)?)({_UNITS})?(?:[(\[](新增|增加|增|减少|减|↑|↓)[)\]]|([↑↓]))")
_SPEAKS_OF_SIGN = re.compile(r"[增减↑↓]|\([+-]\)")
_YUAN_PER_UNIT = {"元": 1.0, "千元": 1e3, "万元": 1e4, "亿元": 1e8}
_NOT_COMPUTED = re.compile(r"=[A-Z(+-].*|#(?:REF|VALUE|DIV/0|NAME|N/A|NUM|NULL|CALC|SPILL)[!?]?|#{2,}|NAN")
"""What a spreadsheet or a program prints where it has no figure: a formula, an error, a column too narrow. Such a text
stands in the place of a figure, so that the figures beside it keep theirs."""
_UNIT_IN_HEADER = re.compile(r"[\d十百千万亿美欧日英港澳台韩加]*元")
"""A money unit with all that belongs to it: 百万元 is not 万元, and 美元 is not 元."""


@dataclass(frozen=True, slots=True)
class ParsedValue:
    """One number cell as read. `value` is null unless `status` is reported."""

    value: int | float | None
    status: CellStatus
    unit: str | None = None
    flags: tuple[str, ...] = ()


def trim(text: str) -> str:
    """Printed text without outer white space, the hard blanks of web and Word pages included."""
    return text.strip(_OUTER)


def _tokens(text: str) -> tuple[str, bool]:
    """NFKC text without blanks, and whether blanks stood between digits."""
    if text.isdecimal() and text.isascii():
        return text, False
    text = _RAISED.sub(_bracketed, _FOOTNOTE.sub("", text))
    folded = nfkc(text).translate(_DASHES)
    folded = without_invisible(folded).strip()
    apart = _DIGITS_APART.search(folded) is not None
    return "".join(folded.split()), apart


def _bracketed(mark: re.Match[str]) -> str:
    """A note's mark as the readers set off one that is raised by its style."""
    return f"[{nfkc(mark[0])}]"


def _null_tokens() -> frozenset[str]:
    return frozenset(re.sub(r"\s+", "", unicodedata.normalize("NFKC", t)) for t in load_forms().conventions.null_tokens)


_ZERO_WORDS = frozenset({"零", "〇", "○"})
_NULL = _null_tokens() | {"---", "//", "NA"}


def is_unit(text: str) -> bool:
    """Whether the text is a unit of measurement and nothing else, e.g. 条 or 万元."""
    return re.fullmatch(_UNITS, text.strip(_OUTER)) is not None


def is_value_like(text: str) -> bool:
    """Whether the text could stand in a number cell: blank, a null token, a number with at most a unit or remark."""
    return len(text) <= _LONGEST_VALUE and _is_value_like(text)


@lru_cache(maxsize=16384)
def _is_value_like(text: str) -> bool:
    if text.isdecimal() and text.isascii():
        return True
    body, _ = _tokens(text)
    return (
        not body
        or body in _NULL
        or body in _ZERO_WORDS
        or body in _SIGN_ONLY
        or body in _UNCHANGED
        or _WITH_REMARK.fullmatch(body) is not None
        or _SHORT_UNIT.fullmatch(body) is not None
        or _DELTA.fullmatch(body) is not None
        or _SIGN_BEHIND.fullmatch(body) is not None
        or re.fullmatch(r"[增减].{0,12}", body) is not None
        or re.fullmatch(rf"{_NUMBER}%", body) is not None
        or _NOT_COMPUTED.fullmatch(body.upper()) is not None
    )


@lru_cache(maxsize=16384)
def parse_value(text: str, value_type: ValueType) -> ParsedValue:
    """Read a number cell of the given type.

    Counts are whole and not negative, amounts may have decimals, deltas carry a sign in digits or words. Anything else
    has status text and a flag that says what is wrong; the caller keeps the printed text.
    """
    body, apart = _tokens(text)
    if not body:
        return ParsedValue(None, CellStatus.BLANK, flags=("blank_cell",))
    if value_type == "delta" and (body in _UNCHANGED or body in _SIGN_ONLY or _speaks_of_sign(body)):
        without_mark = _NOTE.sub("", body)
        parsed = _parse_delta(without_mark)
        return parsed if without_mark == body else replace(parsed, flags=("text_in_numeric",))
    if body in _NULL:
        return ParsedValue(None, CellStatus.NOT_APPLICABLE, flags=("null_token",))
    if body in _ZERO_WORDS:
        return ParsedValue(0, CellStatus.REPORTED, flags=("text_in_numeric",))
    flags: tuple[str, ...] = ("split_digits",) if apart else ()
    unit = None
    if _PLAIN.fullmatch(body):
        number = body
    elif match := _WITH_UNIT.fullmatch(body):
        number, unit = match[1], match[2] or match[3]
        flags += ("unit_in_cell",)
    elif value_type == "amount" and (match := _SHORT_UNIT.fullmatch(body)):
        number, unit = match[1], f"{match[2]}元"
        flags += ("unit_in_cell",)
    elif (match := _WITH_REMARK.fullmatch(body)) and not apart and not _is_changed(match, value_type):
        number, unit = match[2], match[3]
        flags += ("text_in_numeric",)
    else:
        return ParsedValue(None, CellStatus.TEXT, flags=("text_in_numeric",))
    return _typed(float(number.replace(",", "")), number, unit, value_type, flags)


def _speaks_of_sign(body: str) -> bool:
    return _DELTA.search(body) is not None or _SPEAKS_OF_SIGN.search(body) is not None


def _is_changed(figure: re.Match[str], value_type: ValueType) -> bool:
    """Whether the remark behind a figure says, or may say, that the value is another one."""
    number, remark = figure[2], figure[4]
    if remark is None:
        return False
    if _NAMES_SCALE.search(remark) or _CORRECTS.search(remark):
        return True
    if value_type == "amount":
        return _IN_OTHER_MONEY.fullmatch(remark) is not None
    # A change with its sign is read elsewhere; 0 has none to lose.
    return value_type == "delta" and bool(number.strip("0.")) and _TAKES_AWAY.search(remark) is not None


def _typed(value: float, number: str, unit: str | None, value_type: ValueType, flags: tuple[str, ...]) -> ParsedValue:
    if value_type == "amount":
        if value < 0:
            return ParsedValue(None, CellStatus.TEXT, unit, (*flags, "invalid_amount"))
        return ParsedValue(int(value) if value.is_integer() else value, CellStatus.REPORTED, unit, flags)
    if not value.is_integer() or (value < 0 and value_type == "count") or unit in _YUAN_PER_UNIT:
        return ParsedValue(None, CellStatus.TEXT, unit, (*flags, "invalid_count"))
    return ParsedValue(int(value), CellStatus.REPORTED, unit, flags)


def _parse_delta(body: str) -> ParsedValue:
    if body in _UNCHANGED:
        return ParsedValue(0, CellStatus.REPORTED, flags=("text_in_numeric",))
    if body in _SIGN_ONLY:
        return ParsedValue(None, CellStatus.TEXT, flags=("delta_sign_only",))
    if behind := _SIGN_BEHIND.fullmatch(body):
        # The sign stands behind the figure: 12(减) is -12.
        body = f"{behind[3] or behind[4]}{behind[1]}{behind[2] or ''}"
    parts = list(_DELTA.finditer(body))
    if "".join(part[0] for part in parts) != re.sub("[,,、/;]", "", body) and "".join(p[0] for p in parts) != body:
        return ParsedValue(None, CellStatus.TEXT, flags=("text_in_numeric",))
    total = 0.0
    for part in parts:
        sign = -1 if part[1] in _LESS else 1
        if sign < 0 and part[2].startswith("-"):
            # 减-12: less by 12, most likely, but it may be the word of the header with the figure behind it.
            return ParsedValue(None, CellStatus.TEXT, flags=("text_in_numeric",))
        total += sign * float(part[2].replace(",", ""))
    if not total.is_integer():
        return ParsedValue(None, CellStatus.TEXT, flags=("invalid_count",))
    plain = len(parts) == 1 and parts[0][1] in "+-"
    return ParsedValue(int(total), CellStatus.REPORTED, flags=() if plain else ("text_in_numeric",))


def unit_in(header: str) -> str | None:
    """The money unit that a header names, e.g. 万元 in 本年收费金额（单位：万元）; None for none, two or another."""
    found = set(_UNIT_IN_HEADER.findall(compact(header)))
    return found.pop() if len(found) == 1 and found <= _YUAN_PER_UNIT.keys() else None


@lru_cache(maxsize=4096)
def names_scale(text: str) -> bool:
    """Whether a unit or a header says that figures are counted in tens or more: 万条, or 统计数（单位：万件）."""
    return _NAMES_SCALE.search(compact(text)) is not None


def yuan(value: float | None, unit: str | None) -> float | None:
    """An amount in 元. 0 is 0 in any unit; otherwise null where the unit is not printed."""
    if value is None:
        return None
    if value == 0:
        return 0.0
    return round(value * _YUAN_PER_UNIT[unit], 4) if unit in _YUAN_PER_UNIT else None
