"""Data that portals put into scripts and answers of their interfaces: JSON, JSONP, object literals, escaped HTML.

Belongs here: pure readers of text. Does not belong here: what the data mean (the family's spider), HTML (`pages`).
Nothing is executed: what is no literal, such as a call or a variable, is read as None.
"""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any

__all__ = ["files_named", "find_assigned", "iso_day", "plain", "read_json", "read_literal", "scripts_of", "unfold"]

CHINA = timezone(timedelta(hours=8))
FILE_IN_SCRIPT = re.compile(
    r"[\"'](?P<url>[^\"'<>\s\\{}]{1,300}\.(?:pdf|docx?|wps|ofd|xlsx?|rtf|zip|rar))(?=[\"'?&\\])", re.IGNORECASE
)
SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.IGNORECASE | re.DOTALL)
JSONP = re.compile(r"^\s*(?:/\*.*?\*/\s*)?[A-Za-z_$][\w$.]*\s*\(\s*(?=[{\[])", re.DOTALL)
GUARD = re.compile(r"^\s*(?:\)\]\}',?|while\s*\(\s*1\s*\)\s*;|for\s*\(\s*;\s*;\s*\)\s*;)\s*")
WRAPPED = re.compile(r"^\s*<(?:html|pre|body|string|\?xml|!doctype)\b.*?([{\[].*[}\]])\s*<", re.IGNORECASE | re.DOTALL)
IDENTIFIER = re.compile(r"[A-Za-z_$\u4e00-\u9fff][\w$\u4e00-\u9fff]*")
NUMBER = re.compile(r"-?(?:0[xX][0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
BLANK = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*)+", re.DOTALL)
PARSED = re.compile(r"JSON\s*\.\s*parse\s*\(\s*[\"'`]")
ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|.))", re.DOTALL)
SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
QUOTED = {quote: re.compile(rf"{quote}(?:[^{quote}\\]+|\\.)*+{quote}", re.DOTALL) for quote in ('"', "'", "`")}
WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None}
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
HELD_HTML = re.compile(r"<(?:p|div|table|a|span|img|section|article|br|ul|h\d)\b", re.IGNORECASE)
MOST_DEPTH = 60
MOST_TRIES = 8
"""Places at which a name is looked at: a page that is made to be slow has thousands."""
STRICT = json.JSONDecoder(strict=False)
STRICT_DEPTH = 2
CLOSES = {"{": "}", "[": "]", "(": ")"}
DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-./年]?\s*(\d{1,2})\s*[-./月]?\s*(\d{1,2})(?!\d)")
DETAIL_KEYS = ("DETAIL", "detail", "POST", "ARTICLE")
HAS_DETAIL = re.compile(rf"\b(?:{'|'.join(DETAIL_KEYS)})\b[\"']?\s*[\])]?\s*[:=]")


class _Unreadable(ValueError):
    """The text at this place is no literal."""


# ---- answers --------------------------------------------------------------------------------------------------------


def read_json(text: str) -> Any:
    """The value that an answer carries, with or without a callback around it; None where it carries none.

    A bare text or number is no answer of a list interface and counts as none.
    """
    text = GUARD.sub("", text.lstrip("\ufeff \t\r\n"))
    if not text:
        return None
    wrapped = WRAPPED.match(text) if text[0] == "<" else None
    candidates = [html.unescape(wrapped.group(1))] if wrapped else []
    called = JSONP.match(text)
    if called:
        candidates.append(text[called.end() :])
    elif text[0] in "{[":
        candidates.append(text)
    for candidate in candidates:
        value = _as_json(candidate)
        if isinstance(value, dict | list):
            return value
    return None


def _as_json(text: str) -> Any:
    try:
        return STRICT.raw_decode(text)[0]
    except (ValueError, RecursionError):
        pass
    try:
        return read_literal(text)
    except ValueError:
        return None


# ---- literals -------------------------------------------------------------------------------------------------------


def read_literal(text: str, start: int = 0) -> Any:
    """The value of the object literal, list, text or number that begins at a place of a script.

    Lenient as browsers are: keys without quotes, single quotes, closing commas, comments. Raises ValueError where
    there is none.
    """
    return _value(text, _skip(text, start), 0)[0]


def find_assigned(text: str, name: str) -> Any:
    """What a script gives to a name: `window._CONFIG = {…}`, `var _CONFIG = {…}`, `"_CONFIG": {…}`; None if nothing."""
    pattern = rf"(?<![\w$]){re.escape(name)}[\"']?\s*[\])]?\s*(?:=(?!=)|:)\s*"
    for match in islice(re.finditer(pattern, text), MOST_TRIES):
        place = match.end()
        try:
            value = read_literal(text, place)
        except ValueError:
            continue
        if value is not None:
            return value
    return None


def _skip(text: str, place: int) -> int:
    match = BLANK.match(text, place)
    return match.end() if match else place


def _value(text: str, place: int, depth: int) -> tuple[Any, int]:
    if depth > MOST_DEPTH or place >= len(text):
        raise _Unreadable
    sign = text[place]
    if sign in "{[" and depth <= STRICT_DEPTH:
        try:  # most of what is long is plain JSON, which is read much faster
            found: tuple[Any, int] = STRICT.raw_decode(text, place)
        except (ValueError, RecursionError):
            pass
        else:
            return found
    if sign == "{":
        return _object(text, place + 1, depth)
    if sign == "[":
        return _list(text, place + 1, depth)
    if sign in "\"'`":
        value, place = _text(text, place)
        after = _skip(text, place)
        while after < len(text) and text[after] == "+":  # texts put together from pieces
            piece, after = _value(text, _skip(text, after + 1), depth + 1)
            value, place = f"{value}{piece if piece is not None else ''}", after
            after = _skip(text, after)
        return value, place
    number = NUMBER.match(text, place)
    if number:
        return _number(number.group()), number.end()
    parsed = PARSED.match(text, place)
    if parsed:
        value, place = _text(text, parsed.end() - 1)
        return read_json(value), _skip(text, place) + 1
    word = IDENTIFIER.match(text, place)
    if word and word.group() in WORDS:
        return WORDS[word.group()], word.end()
    if depth == 0:
        raise _Unreadable
    return None, _past_expression(text, place)


def _number(text: str) -> int | float:
    if text[:2].lower() == "0x":
        return int(text, 16)
    return float(text) if re.search(r"[.eE]", text) else int(text)


def _text(text: str, place: int) -> tuple[str, int]:
    match = QUOTED[text[place]].match(text, place)
    if match is None:
        raise _Unreadable
    return _unescape(match.group()[1:-1]), match.end()


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        braced, four, two, short = match.groups()
        code = braced or four or two
        if code is None:
            return SHORT.get(short, short)
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else ""

    found = ESCAPE.sub(one, text)
    # Two halves of a character beyond the basic plane come as two escapes.
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _object(text: str, place: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    place = _skip(text, place)
    while place < len(text) and text[place] != "}":
        if text[place] == ",":
            place = _skip(text, place + 1)
            continue
        if text[place] in "\"'":
            key, place = _text(text, place)
        else:
            name = IDENTIFIER.match(text, place) or NUMBER.match(text, place)
            if name is None:
                raise _Unreadable
            key, place = name.group(), name.end()
        place = _skip(text, place)
        if place < len(text) and text[place] == ":":
            found[key], place = _value(text, _skip(text, place + 1), depth + 1)
            place = _past_rest(text, place)
        elif place < len(text) and text[place] == "(":  # a method
            found[key], place = None, _past_expression(text, place)
        elif place >= len(text) or text[place] not in ",}":
            raise _Unreadable
    if place >= len(text):
        raise _Unreadable
    return found, place + 1


def _list(text: str, place: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    place = _skip(text, place)
    while place < len(text) and text[place] != "]":
        if text[place] == ",":
            place = _skip(text, place + 1)
            continue
        value, place = _value(text, place, depth + 1)
        found.append(value)
        place = _past_rest(text, place)
    if place >= len(text):
        raise _Unreadable
    return found, place + 1


def _past_rest(text: str, place: int) -> int:
    """Past what follows a value up to its comma or bracket, such as `|| ''`."""
    place = _skip(text, place)
    return place if place < len(text) and text[place] in ",}]" else _skip(text, _past_expression(text, place))


def _past_expression(text: str, place: int) -> int:
    """The place of the comma or bracket that ends an expression, which is not looked into."""
    awaited: list[str] = []
    while place < len(text):
        sign = text[place]
        if sign in "\"'`":
            place = _text(text, place)[1]
            continue
        if not awaited and sign in ",}]);":
            return place
        if sign in CLOSES:
            awaited.append(CLOSES[sign])
        elif awaited and sign == awaited[-1]:
            awaited.pop()
        place += 1
    raise _Unreadable


# ---- pages ----------------------------------------------------------------------------------------------------------


def scripts_of(text: str) -> str:
    """The scripts of a page, one after another; the whole text where it is no page."""
    found = SCRIPT.findall(text)
    return "\n".join(found) if found else text


def files_named(text: str) -> list[str]:
    """Addresses of documents in the scripts of a page as they are written, escaped slashes and quotes undone."""
    code = "\n".join(SCRIPT.findall(text)).replace("\\/", "/").replace("\\u002F", "/").replace('\\"', '"')
    return list(dict.fromkeys(match.group("url") for match in FILE_IN_SCRIPT.finditer(code)))


def unfold(text: str) -> str:
    """A page with the HTML that it holds as text in its configuration (`_CONFIG.DETAIL`), where a reader sees it.

    A page without such a configuration comes back as it is.
    """
    if "_CONFIG" not in text or not HAS_DETAIL.search(text):
        return text
    config = find_assigned(text, "_CONFIG")
    if not isinstance(config, dict):
        config = {}
    detail = next((config[key] for key in DETAIL_KEYS if config.get(key)), None) or find_assigned(text, "DETAIL")
    if isinstance(detail, str):
        detail = read_json(detail) or {"content": detail}
    if not isinstance(detail, dict):
        return text
    pieces = [*_held(detail), *_files(detail)]
    if not pieces:
        return text
    held = "".join(f"<div>{piece}</div>" for piece in pieces)
    end = [match.start() for match in re.finditer(r"</body\s*>", text, re.IGNORECASE)]
    return f"{text[: end[-1]]}{held}{text[end[-1] :]}" if end else f"{text}{held}"


def _held(detail: dict[str, Any]) -> Iterator[str]:
    for value in detail.values():
        if isinstance(value, str) and not HELD_HTML.search(value) and "&lt;" in value:
            value = html.unescape(value)
        if isinstance(value, str) and HELD_HTML.search(value):
            yield value


def _files(detail: dict[str, Any]) -> Iterator[str]:
    for value in detail.values():
        for file in value if isinstance(value, list) else ():
            if isinstance(file, dict) and isinstance(file.get("url"), str) and file["url"]:
                name = plain(file.get("name") or file.get("title") or "附件")
                yield f'<a href="{html.escape(file["url"])}">{html.escape(name)}</a>'


# ---- small things ---------------------------------------------------------------------------------------------------


def plain(value: Any) -> str:
    """A title as a reader sees it: without marks of a search hit, entities or other tags."""
    text = html.unescape(str(value)) if value is not None else ""
    return " ".join(html.unescape(TAG.sub("", text)).split())


def iso_day(value: Any) -> str | None:
    """The day of a moment, in China's time: epoch seconds or milliseconds, or a text; None where it is no date."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d{9,13}(?:\.\d+)?", text):
        seconds = float(text)
        seconds = seconds / 1000 if seconds > 9_999_999_999 else seconds
        return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date().isoformat()
    match = DATE.search(text)
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()), tzinfo=CHINA).date().isoformat()  # type: ignore[misc,arg-type]
    except ValueError:
        return None
