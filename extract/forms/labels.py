"""Printed labels: how they are normalised, and which row or column of the form they name.

Normalised text is for matching only; what the document prints is kept elsewhere. The rules are
`conventions.label_normalization` of the declaration.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

__all__ = [
    "bare",
    "compact",
    "is_qualified",
    "nfkc",
    "remarks_behind",
    "similarity",
    "strip_ordinal",
    "variants_of",
    "without_invisible",
]

_CIRCLED = {0x2460 + number: f"{number + 1}." for number in range(20)}
"""① to ⑳ are ordinals; NFKC would make them digits of what follows."""
_HAS_CIRCLED = re.compile("[\u2460-\u2473]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
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
_BEHIND = ":;.。*※#"
"""What may stand behind a label and is none of it: punctuation, and the mark of a note below the table."""
_TRAILING_REMARK = re.compile(r"(?<=.)\([^()]*\)$")
_TRAILING_REMARKS = re.compile(r"(?<=.)(?:\([^()]*\))+$")
_QUALIFIED = re.compile(r"(?<=.)\((?:不含|不包|不计|未含|未计|含|包括|包含|除|扣除|其中(?!.*\d)|仅|只含|只计)")
"""A bracket that sets bounds to what is counted; one that gives a part its own figure leaves the whole as it is."""
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
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，（）：；％！？\u00a0\u3000")
_LONGEST_KEPT = 120
_TEXTS_KEPT = 16384
"""Normalised forms are remembered for so many texts of labels' length; prose does not recur and would fill memory."""


def nfkc(text: str) -> str:
    """Text in NFKC form."""
    if text.isascii():
        return text
    # The full form costs 0.3 microseconds a character, unless nothing is left to do: so the punctuation of every
    # Chinese sentence is folded first, by itself. A character in place of its own NFKC form changes nothing.
    for wide, narrow in _WIDE:
        if wide in text:
            text = text.replace(wide, narrow)
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def without_invisible(text: str) -> str:
    """Text without the characters that print nothing: soft hyphens, zero-width blanks, marks of writing direction."""
    return _INVISIBLE.sub("", text) if _INVISIBLE.search(text) else text


def compact(text: str) -> str:
    """Text without white space, zero-width characters, quotes and converter artefacts, in NFKC form."""
    return _compact(text) if len(text) <= _LONGEST_KEPT else _compacted(text)


def _compacted(text: str) -> str:
    # Each step is asked for before it is taken: on prose the steps themselves took five times as long.
    if _HAS_CIRCLED.search(text):
        text = text.translate(_CIRCLED)
    text = "".join(nfkc(text).split())
    text = without_invisible(text)
    if "[" in text:
        text = _ARTEFACT.sub("", text)
    return _QUOTES.sub("", text)


_compact = lru_cache(maxsize=_TEXTS_KEPT)(_compacted)


def strip_ordinal(text: str) -> tuple[str, str]:
    """The leading ordinal of compact text (may be empty) and the rest."""
    match = _ORDINAL.match(text)
    return (match[0], text[match.end() :]) if match else ("", text)


def bare(text: str) -> str:
    """A label as it is compared: compact, without ordinals and trailing remarks, with usual variants folded."""
    return _bare(text) if len(text) <= _LONGEST_KEPT else _bared(text)


def _bared(text: str) -> str:
    rest = compact(text)
    for _ in range(3):
        ordinal, rest = strip_ordinal(rest)
        if not ordinal:
            break
    rest = rest.rstrip(_BEHIND)
    for _ in range(2):
        if rest.endswith(")"):
            rest = _TRAILING_REMARK.sub("", rest)
    # A remark cut by a page or line break has lost its closing bracket.
    head, bracket, _tail = rest.partition("(")
    if bracket and ")" not in rest and len(head) >= 3:
        rest = head
    for old, new in _FOLDS:
        rest = rest.replace(old, new)
    return rest


_bare = lru_cache(maxsize=_TEXTS_KEPT)(_bared)


def remarks_behind(text: str) -> str:
    """The remarks in brackets behind a label, in compact form; empty where there are none."""
    match = _TRAILING_REMARKS.search(compact(text).rstrip(_BEHIND))
    return match[0] if match else ""


def is_qualified(text: str) -> bool:
    """Whether a remark of a label says that its figure leaves out, includes or is a part of something."""
    return _QUALIFIED.search(compact(text)) is not None


def variants_of(label: str, variants: Iterable[str]) -> tuple[str, ...]:
    """The distinct normalised forms under which a row or column may be printed."""
    return tuple(dict.fromkeys(filter(None, (bare(text) for text in (label, *variants)))))


def similarity(printed: str, official: str, at_least: float = 0.0) -> float:
    """How alike two normalised labels are, from 0 to 1; a part of the official label counts as nearly alike.

    Below `at_least` it may be 0: the letters alone tell that so little is alike, long before it is told how little.
    """
    if not printed or not official:
        return 0.0
    if len(printed) >= 4 and printed in official:
        return 0.95
    if 2 * min(len(printed), len(official)) < at_least * (len(printed) + len(official)):
        return 0.0
    matcher = SequenceMatcher(None, printed, official, autojunk=False)
    if matcher.quick_ratio() < at_least:
        return 0.0
    return matcher.ratio()
