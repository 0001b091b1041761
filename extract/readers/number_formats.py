"""How a spreadsheet prints a stored number under its number format, as far as a reader of the sheet must know.

Belongs here: number format codes. Does not belong here: where a file keeps them.

The stored number is kept whole: a format that shows fewer decimals hides them and does not change the figure. What the
format adds is printed: a percent sign, a unit. A format that shows another number than the stored one (scaled by
thousands, digits set apart by text) leaves the figure in doubt.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

__all__ = ["BUILTIN_FORMATS", "PrintedNumber", "number_text", "print_number"]

BUILTIN_FORMATS: dict[int, str] = {
    9: "0%",
    10: "0.00%",
    14: "yyyy-mm-dd",
    15: "yyyy-mm-dd",
    16: "mm-dd",
    17: "yyyy-mm",
    18: "h:mm",
    19: "h:mm:ss",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), "yyyy年m月"),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), "m月d日"),
    30: "m-d-yy",
    31: "yyyy年m月d日",
    32: "h时mm分",
    33: "h时mm分ss秒",
    34: "h时mm分",
    35: "h时mm分ss秒",
    45: "mm:ss",
    46: "h:mm:ss",
    47: "mm:ss",
    55: "h时mm分",
    56: "h时mm分ss秒",
}
"""The built-in formats that change how a number reads, as a Chinese office program shows them."""

_SIGNIFICANT = 15
"""Office programs keep and show no more digits than this; the rest of a binary fraction is noise."""
_BRACKETED = re.compile(r"\[[^\]]*\]")
_PADDING = re.compile(r"[_*].")
_PIECE = re.compile(r'"([^"]*)"|[\\!](.)|([0#?.,]+(?:[eE][+-][0#?]+)?)|(%)|(General|G/通用格式)|(@)|(.)', re.I | re.S)
_DATE_LETTERS = re.compile(r"[ymdhs]", re.I)
_FIRST_DAY = datetime(1899, 12, 30)
_FIRST_DAY_1904 = datetime(1904, 1, 1)
_LAST_DAY = 2_958_466


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """The text of a number cell, and whether the format shows another number than the one stored."""

    text: str
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Format:
    """One section of a format code, as far as it matters here."""

    before: str = ""
    after: str = ""
    is_percent: bool = False
    is_date: bool = False
    is_hidden: bool = False
    is_doubtful: bool = False


def number_text(value: float) -> str:
    """A number as its shortest decimal text, without exponent and without the noise of binary fractions."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    if isinstance(value, int):
        return str(value)
    if value == int(value) and abs(value) < 10**_SIGNIFICANT:
        return str(int(value))
    text = f"{Decimal(f'{value:.{_SIGNIFICANT}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def print_number(value: float, code: str, *, since_1904: bool = False) -> PrintedNumber:
    """The stored number as a reader of the sheet sees it under the format `code`; an empty code is the general one."""
    if not code or code == "General":
        return PrintedNumber(number_text(value))
    section = _section(code, 0 if value > 0 else 1 if value < 0 else 2)
    if section.is_hidden:
        return PrintedNumber("")
    if section.is_date:
        return PrintedNumber(_date_text(value, code, since_1904=since_1904))
    if section.is_doubtful:
        return PrintedNumber(number_text(value), is_doubtful=True)
    if section.is_percent:
        return PrintedNumber(number_text(float(f"{value * 100:.{_SIGNIFICANT}g}")) + section.after)
    return PrintedNumber(section.before + number_text(value) + section.after)


@lru_cache(maxsize=512)
def _section(code: str, sign: int) -> _Format:
    """What the section of a format for positive (0), negative (1) or zero (2) numbers does."""
    sections = _split(code)
    if not any(sections):
        return _Format(is_hidden=len(sections) > 1)
    # A negative section shows its own sign, a zero section a dash or nothing: the stored number is what stands there.
    chosen = _read_section(sections[0])
    own = _read_section(sections[sign]) if sign == 1 and len(sections) > 1 and sections[1] else chosen
    if own.is_doubtful and not chosen.is_doubtful:
        return own
    return chosen


def _split(code: str) -> list[str]:
    """The sections between semicolons, quoted ones not counted."""
    bare = _PADDING.sub("", _BRACKETED.sub("", code))
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', bare) if len(bare) < 256 else [bare]


def _read_section(section: str) -> _Format:
    before: list[str] = []
    after: list[str] = []
    numbers: list[str] = []
    is_percent = False
    letters = ""
    for quoted, escaped, digits, percent, general, _text, other in _PIECE.findall(section):
        literal = quoted or escaped or percent or other
        if digits or general:
            numbers.append(digits or "General")
            if len(numbers) > 1 and after:
                return _Format(is_doubtful=True)
            continue
        if percent:
            is_percent = True
        elif other:
            letters += other
        if literal:
            (after if numbers else before).append(literal)
    if _DATE_LETTERS.search(letters):
        return _Format(is_date=True)
    printed = "".join(numbers)
    if not numbers:
        return _Format(is_doubtful=bool(before))
    if printed.rstrip("?").endswith(",") or re.search(r",\.", printed) or "e" in printed.lower().replace("general", ""):
        return _Format(is_doubtful=True)
    prefix = "".join(before).strip()
    # A currency sign or a word before the number is kept; brackets and signs of negative sections are not.
    prefix = prefix if prefix and not re.fullmatch(r"[-+()\s¥￥$]*", prefix) else ""
    suffix = "".join(after).strip()
    suffix = "" if re.fullmatch(r"[-+()\s]*", suffix) else suffix
    if is_percent and suffix != "%":
        return _Format(is_doubtful=True)
    if re.search(r"\d", prefix + suffix):
        return _Format(is_doubtful=True)
    return _Format(prefix, suffix, is_percent)


def _date_text(value: float, code: str, *, since_1904: bool) -> str:
    if not 0 <= value < _LAST_DAY:
        return number_text(value)
    moment = (_FIRST_DAY_1904 if since_1904 else _FIRST_DAY) + timedelta(days=value)
    moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    bare = _BRACKETED.sub("", code)
    date = f"{moment.year}年{moment.month}月{moment.day}日" if "年" in bare else f"{moment:%Y-%m-%d}"
    if "月" in bare and "日" in bare and "年" not in bare and "y" not in bare.lower():
        date = f"{moment.month}月{moment.day}日"
    elif "年" in bare and "d" not in bare.lower():
        date = f"{moment.year}年{moment.month}月"
    clock = f"{moment:%H:%M}" + (f":{moment:%S}" if moment.second else "")
    has_date = bool(re.search("[yd]", bare, re.I)) or "月" in bare
    has_clock = bool(re.search("[hs]", bare, re.I))
    return " ".join(part for part in (date if has_date else "", clock if has_clock else "") if part)
