"""Printed labels: how they are normalised, and which row or column of the form they name.

Normalised text is for matching only; what the document prints is kept elsewhere. The rules are
`conventions.label_normalization` of the declaration.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

__all__ = ["bare", "compact", "similarity", "strip_ordinal", "variants_of"]

_CIRCLED = {0x2460 + number: f"{number + 1}." for number in range(20)}
"""① to ⑳ are ordinals; NFKC would make them digits of what follows."""
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_ARTEFACT = re.compile(r"\[bookmark:[^\]]*\]|\[_GoBack\]", re.IGNORECASE)
_QUOTES = re.compile("[\"'`“”‘’「」『』《》<>〈〉]")
_ORDINAL = re.compile(
    r"^(?:其中[::]?)?(?:"
    r"\([一二三四五六七八九十\d]{1,3}\)"
    r"|[一二三四五六七八九十]{1,3}[、.,:．]"
    r"|\d{1,2}[、.．](?!\d)"
    r"|\d{1,2}\)"
    r"|\d{1,2}(?=[\u4e00-\u9fff])(?![年月日条件个项次])"
    r"|[-–—•·*]+(?=[\u4e00-\u9fff])"
    r")(?:其中[::]?)?|^其中[::]?"
)
_TRAILING_REMARK = re.compile(r"(?<=.)\([^()]*\)$")
_FOLDS = (
    ("本年度", "本年"),
    ("上一年度", "上年"),
    ("上年度", "上年"),
    ("其它", "其他"),
    ("合计", "总计"),
    ("总数", "总计"),
    ("或者", "或"),
    ("、", ""),
    (",", ""),
)


@lru_cache(maxsize=65536)
def compact(text: str) -> str:
    """Text without white space, zero-width characters, quotes and converter artefacts, in NFKC form."""
    return _QUOTES.sub(
        "", _ARTEFACT.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.translate(_CIRCLED))))
    )


def strip_ordinal(text: str) -> tuple[str, str]:
    """The leading ordinal of compact text (may be empty) and the rest."""
    match = _ORDINAL.match(text)
    return (match[0], text[match.end() :]) if match else ("", text)


@lru_cache(maxsize=65536)
def bare(text: str) -> str:
    """A label as it is compared: compact, without ordinals and trailing remarks, with usual variants folded."""
    rest = compact(text)
    for _ in range(3):
        ordinal, rest = strip_ordinal(rest)
        if not ordinal:
            break
    rest = rest.rstrip(":;.。")
    for _ in range(2):
        rest = _TRAILING_REMARK.sub("", rest)
    # A remark cut by a page or line break has lost its closing bracket.
    head, bracket, _tail = rest.partition("(")
    if bracket and ")" not in rest and len(head) >= 3:
        rest = head
    for old, new in _FOLDS:
        rest = rest.replace(old, new)
    return rest


def variants_of(label: str, variants: Iterable[str]) -> tuple[str, ...]:
    """The distinct normalised forms under which a row or column may be printed."""
    return tuple(dict.fromkeys(filter(None, (bare(text) for text in (label, *variants)))))


def similarity(printed: str, official: str) -> float:
    """How alike two normalised labels are, from 0 to 1; a part of the official label counts as nearly alike."""
    if not printed or not official:
        return 0.0
    if len(printed) >= 4 and printed in official:
        return 0.95
    return SequenceMatcher(None, printed, official, autojunk=False).ratio()
