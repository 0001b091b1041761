"""What the styles of an OpenDocument file do to text: strike it out, hide it, raise it.

Belongs here: names of styles, their parents and properties. Does not belong here: the text itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["TextStyles", "attribute", "local_name", "text_styles"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_MOST_DEEP = 20
_FAMILIES = ("text", "paragraph")


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rsplit("}", 1)[-1]


def attribute(element: Element, name: str) -> str:
    """The value of an attribute, whatever its namespace; empty if there is none."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rsplit("}", 1)[-1] == name), "")


@dataclass(frozen=True, slots=True)
class TextStyles:
    """By family and name, whether a style takes text out of print, and whether it raises or lowers it.

    A style that does not say is in neither; then the text around it decides.
    """

    hides: Mapping[tuple[str, str], bool]
    raises: Mapping[tuple[str, str], bool]

    def hidden(self, element: Element, around: bool) -> bool:
        """Whether the text of a span or paragraph is not printed; `around` says it of the text around."""
        return self.hides.get(_key(element), around) if self.hides else around

    def raised(self, element: Element) -> bool:
        """Whether the text of a span stands above or below the line."""
        return bool(self.raises) and self.raises.get(_key(element), False)


def text_styles(roots: Iterable[Element]) -> TextStyles:
    """The styles of a file from the XML parts that define them."""
    own: dict[tuple[str, str], tuple[str, bool | None, bool | None]] = {}
    for root in roots:
        for style in root.iter("{*}style"):
            family = attribute(style, "family")
            if family not in _FAMILIES:
                continue
            hides = raises = None
            for properties in style.iterchildren("{*}text-properties"):
                hides, raises = _hides(properties), _raises(properties)
            own[family, attribute(style, "name")] = (attribute(style, "parent-style-name"), hides, raises)
    hiding: dict[tuple[str, str], bool] = {}
    raising: dict[tuple[str, str], bool] = {}
    for family, name in own:
        for number, found in ((1, hiding), (2, raising)):
            said = _said(own, family, name, number)
            if said is not None:
                found[family, name] = said
    # Most files say of their default style that it does neither: then nothing needs to be asked.
    return TextStyles(
        hiding if any(hiding.values()) else {},
        raising if any(raising.values()) else {},
    )


def _said(own: Mapping[tuple[str, str], tuple[Any, ...]], family: str, name: str, number: int) -> bool | None:
    """What a style or the nearest of its parents that speaks says."""
    for _ in range(_MOST_DEEP):
        style = own.get((family, name))
        if style is None:
            return None
        if style[number] is not None:
            return bool(style[number])
        name = style[0]
    return None


def _key(element: Element) -> tuple[str, str]:
    return "text" if local_name(element) == "span" else "paragraph", attribute(element, "style-name")


def _hides(properties: Element) -> bool | None:
    """Whether text is struck out or hidden; None if nothing is said of it."""
    struck = attribute(properties, "text-line-through-style") or attribute(properties, "text-line-through-type")
    display = attribute(properties, "display")
    if not struck and not display:
        return None
    return (bool(struck) and struck != "none") or display == "none"


def _raises(properties: Element) -> bool | None:
    """Whether text is raised or lowered: by name or by a share of its size."""
    place = attribute(properties, "text-position").split()
    return place[0].lstrip("+-").rstrip("%").strip("0.") != "" if place else None
