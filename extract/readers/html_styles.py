"""What the style sheets inside a page say of single elements, written to these elements.

Belongs here: rules with classes and ids that strike out, hide or raise text. Does not belong here: what follows from it
(`html_text`), style sheets of other files, which nobody fetched.

A class that hides may be there for a script that shows it again, as with tabs: a whole block or table that a class
hides is read. Inside a cell no script shows the rest of a figure: there inline elements that a class hides are hidden.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extract.readers.html_text import DRAWN_OTHERWISE, INLINE, OUT_OF_SIGHT

__all__ = ["write_styles"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_MEANT = {
    "display": re.compile(r"none\b"),
    "visibility": re.compile(r"hidden\b"),
    "font-size": re.compile(r"0+(?:\.0*)?(?![\d.])"),
    "text-decoration": re.compile(r".*line-through"),
    "vertical-align": re.compile(r"(?:super|sub)\b"),
} | {name: re.compile(value) for name, value in OUT_OF_SIGHT.items()}
"""For each property that is asked for the value that takes text out of the figure beside it."""
_STRIKES = "text-decoration"
_SAME_AS = {"text-decoration-line": _STRIKES}
_SPEAKS = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|line-through|vertical-align\s*:\s*su[bp]"
    r"|(?<![\w-])opacity\s*:\s*0|(?<![\w-])color\s*:\s*transparent|clip\s*:\s*rect|clip-path\s*:\s*inset"
    r"|(?:left|text-indent)\s*:\s*-\d{3}",
    re.I,
)
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_COMPOUND = re.compile(r"([a-z][\w:-]*)?((?:[.#][\w-]+)*)", re.I)
_NAME = re.compile(r"([.#])([\w-]+)")
_WIDE_ENOUGH = re.compile(r"@media\s+(?:(?:only\s+)?screen\s+and\s+)?\(\s*min-width\s*:\s*(\d{1,4})px\s*\)", re.I)
_DESKTOP = 1000
"""Pixels that a desktop screen is wide at least."""
_LONGEST = 500_000
_MOST_RULES = 5_000
_MOST_OF_A_NAME = 40
"""A name with more rules is not asked: no page needs them."""


@dataclass(frozen=True, slots=True)
class _Compound:
    """The part of a selector that speaks of one element; an empty tag is any."""

    tag: str
    classes: frozenset[str]
    ids: frozenset[str]

    def matches(self, element: Element) -> bool:
        return (
            (not self.tag or element.tag == self.tag)
            and (not self.classes or self.classes <= set((element.get("class") or "").split()))
            and (not self.ids or self.ids <= {element.get("id")})
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """A selector, outermost element first, and what it sets."""

    selector: tuple[_Compound, ...]
    values: Mapping[str, str]

    def matches(self, element: Element) -> bool:
        *around, own = self.selector
        if not own.matches(element):
            return False
        ancestors = element.iterancestors()
        return all(any(one.matches(ancestor) for ancestor in ancestors) for one in reversed(around))


def write_styles(root: Element) -> None:
    """Add to the style of elements what rules for their class or id say; asked only of a page that may hide."""
    texts = [
        text for style in root.iter("style") if len(text := style.text or "") < _LONGEST and _is_for_screens(style)
    ]
    sheets = list(dict.fromkeys(texts))  # a template may print its sheet with every cell
    if not any([_SPEAKS.search(text) for text in sheets]):
        return
    rules = [rule for text in sheets for rule in _rules(text)]
    by_name: dict[str, list[_Rule]] = {}
    for rule in rules[:_MOST_RULES]:
        own = rule.selector[-1]
        by_name.setdefault(min(own.classes | own.ids), []).append(rule)
    names = {
        name
        for name, ones in by_name.items()
        if len(ones) <= _MOST_OF_A_NAME and any([_takes_out(one.values) for one in ones])
    }
    for element in root.xpath("//*[@class or @id]"):
        own_names = {*(element.get("class") or "").split(), element.get("id")}
        if not names.isdisjoint(own_names):
            _write(element, [rule for name in own_names for rule in by_name.get(name, ()) if rule.matches(element)])


def _is_for_screens(style: Element) -> bool:
    media = (style.get("media") or "all").lower()
    return "(" not in media and ("all" in media or "screen" in media)


def _takes_out(values: Mapping[str, str]) -> list[str]:
    return [name for name, value in values.items() if _MEANT[name].match(value)]


def _write(element: Element, rules: Sequence[_Rule]) -> None:
    style = element.get("style") or ""
    values: dict[str, set[str]] = {}
    for rule in rules:
        for name, value in rule.values.items():
            values.setdefault(name, set()).add(value)
    # What its own style says, or another rule, speaks against it: which of them wins is not worked out.
    for name in _declared(style):
        values.pop(name, None)
    is_in_cell = element.tag in INLINE and next(element.iterancestors("td", "th"), None) is not None
    for name, ones in sorted(values.items()):
        if (is_in_cell or name == _STRIKES) and all(_MEANT[name].match(value) for value in ones):
            style = f"{style};{name}:{min(ones)}"
    if style:
        element.set("style", style.lstrip(";"))


def _rules(text: str) -> Iterator[_Rule]:
    """The rules of a sheet whose selectors are tags with classes and ids, inside one another or alone.

    What holds for other media only, or under a condition, is left out with all at-rules; but a condition that every
    desktop screen meets is none.
    """
    text = _COMMENT.sub(" ", text)
    position = 0
    while (opening := text.find("{", position)) >= 0:
        prelude = text[position:opening].rpartition(";")[2].strip()
        closing = _closing(text, opening)
        position = closing + 1
        body = text[opening + 1 : closing]
        wide = _WIDE_ENOUGH.fullmatch(prelude)
        if wide and int(wide[1]) <= _DESKTOP and "@" not in body:
            yield from _rules(body)
        if prelude.startswith("@") or "{" in body:
            continue
        values = _declared(body)
        if values:
            for selector in prelude.split(","):
                compounds = _selector(selector)
                if compounds:
                    yield _Rule(compounds, values)


def _closing(text: str, opening: int) -> int:
    """Where the block ends that begins at `opening`."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, opening):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.start()
    return len(text)


def _declared(body: str) -> dict[str, str]:
    """The properties that are asked for, as a style or a rule sets them."""
    values = {}
    for declaration in body.split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        name = _SAME_AS.get(name, name)
        if name in _MEANT:
            values[name] = value.strip().lower()
    if values.get("color", "").startswith("transparent") and DRAWN_OTHERWISE.search(body):
        values["color"] = "text"
    return values


def _selector(text: str) -> tuple[_Compound, ...]:
    """The parts of a selector; empty for one with any other sign, or without a class or id at its element."""
    compounds = []
    for part in text.split():
        match = _COMPOUND.fullmatch(part)
        if match is None:
            return ()
        names = _NAME.findall(match[2])
        classes = frozenset(name for sign, name in names if sign == ".")
        ids = frozenset(name for sign, name in names if sign == "#")
        compounds.append(_Compound((match[1] or "").lower(), classes, ids))
    return tuple(compounds) if compounds and (compounds[-1].classes or compounds[-1].ids) else ()
