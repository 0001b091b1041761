"""The portals we collect from: one YAML file each, checked key by key when loaded.

Belongs here: the shape of an entry and the sentences for what is wrong with it. Does not belong here: HTTP. One bad
entry never hides the others: it becomes a `Problem` with file, line, key and the way out.
"""

import datetime
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from crawlers.chromium import browser_missing
from crawlers.families import FAMILIES, FamilyOptions
from crawlers.hosts import host_key, is_government, is_local, www_twin

__all__ = [
    "DEFAULT_DELAY_SECONDS",
    "DEFAULT_REGISTRY",
    "EVERY_YEAR",
    "Expectations",
    "Portal",
    "Problem",
    "Registry",
    "load_registry",
]

DEFAULT_REGISTRY = Path(__file__).parent / "portals"
DEFAULT_DELAY_SECONDS = 3.0
"""Seconds between two requests to one host. An entry can only make this longer."""

EVERY_YEAR = "documents_per_year"
"""In `expects`: the bound of every report year that is not named by itself."""

OptionsT = TypeVar("OptionsT", bound=FamilyOptions)

Place = tuple[str, ...]
"""A key and the keys above it."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Expectations(BaseModel):
    """Bounds from a reviewed crawl; a breach is explained before a bound is moved."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    min: Mapping[str, int] = Field(default_factory=dict)
    """Reports by report year (`"2023"`), or `documents_per_year` for every year that is not named; likewise `max`."""
    max: Mapping[str, int] = Field(default_factory=dict)

    @field_validator("min", "max", mode="before")
    @classmethod
    def _by_year(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            raise ValueError(f'write one line a year, such as "2023": 12, or {EVERY_YEAR}: 12')
        named = {str(year): count for year, count in value.items()}  # YAML reads a bare 2023 as a number
        for year, count in named.items():
            if year != EVERY_YEAR and not re.fullmatch(r"20\d\d", year):
                raise ValueError(f'"{year}" is no report year: write "2023", or {EVERY_YEAR} for every year')
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise ValueError(f'"{count}" is no number of reports')
        return named


class Portal(BaseModel):
    """A government website with an annual-report column: one registry entry."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    name: Text
    division_code: str | None = None
    family: str
    index_url: str
    allowed_hosts: tuple[str, ...] = ()
    """Hosts whose links are followed: that of `index_url`, its `www.` twin, and those the entry adds."""

    delay_seconds: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = DEFAULT_DELAY_SECONDS
    tls: Literal["strict", "legacy"] = "strict"
    """`legacy`: where a strict handshake fails, this portal's hosts may answer with old protocols, weak ciphers or a
    certificate that is expired or another host's. What came so is said in the ledger."""

    browser: bool = False
    """Whether its pages show their text only after scripts have run: Chromium then runs them (`crawlers.browser`)."""

    column: Text = "政府信息公开年报"
    """Name of the column; in an annual-report column the bare name of a body is a report's title."""

    expects: Expectations = Expectations()
    verified: str = "never"
    """`never`, `sample`, or the date (YYYY-MM-DD) when someone last compared the entry with the portal."""

    notes: str = ""
    options: SerializeAsAny[FamilyOptions] = FamilyOptions()
    file: Path | None = Field(default=None, exclude=True, repr=False)

    @field_validator("division_code", mode="before")
    @classmethod
    def _six_digits(cls, value: object) -> object:
        if value is None:
            return None
        if not isinstance(value, str):
            raise ValueError(f'a code is not a number: write it in quotes, division_code: "{value}"')
        if not re.fullmatch(r"[0-9]{6}", value):
            raise ValueError(
                f'"{value}" is not a GB/T 2260 code: give 6 digits in quotes, such as "330100", or leave the key out'
            )
        return value

    @field_validator("family")
    @classmethod
    def _known_family(cls, value: str) -> str:
        if value not in FAMILIES:
            raise ValueError(f'no family is called "{value}": {_suggest(value, FAMILIES)}')
        return value

    @field_validator("index_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        value = value.strip()
        if not re.match(r"https?://", value) or not host_key(value) or re.search(r"\s", value):
            raise ValueError(f'"{value}" is not a web address: start with http:// or https:// and name a host')
        return value if urlsplit(value).path else f"{value}/"

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _bare_hosts(cls, value: object) -> object:
        hosts = [value] if isinstance(value, str) else value
        if not isinstance(hosts, list | tuple) or not all(isinstance(host, str) for host in hosts):
            raise ValueError("give a list of host names, such as [zwgk.example.gov.cn]")
        for host in hosts:
            if "/" in host or "*" in host or not host.strip() or not host_key(f"http://{host}"):
                raise ValueError(f'"{host}" is not a host name: leave out http://, paths and stars')
        return tuple(host_key(f"http://{host.strip()}") for host in hosts)

    @field_validator("browser")
    @classmethod
    def _browser_is_there(cls, value: bool) -> bool:
        missing = browser_missing() if value else None
        if missing is not None:
            raise ValueError(missing)
        return value

    @field_validator("verified", mode="before")
    @classmethod
    def _when_verified(cls, value: object) -> object:
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value.isoformat()
        if value in ("never", "sample"):
            return value
        try:
            datetime.date.fromisoformat(cast("str", value))
        except (TypeError, ValueError):
            raise ValueError(f'"{value}" says nothing: write never, sample, or the date as YYYY-MM-DD') from None
        return value

    @field_validator("options", mode="before")
    @classmethod
    def _options_of_the_family(cls, value: object, info: ValidationInfo) -> object:
        family = FAMILIES.get(info.data.get("family", ""))
        if family is None or isinstance(value, FamilyOptions):
            return value if isinstance(value, FamilyOptions) else FamilyOptions()
        return family.options.model_validate({} if value is None else value)

    @field_validator("allowed_hosts")
    @classmethod
    def _with_own_host(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        url = info.data.get("index_url")
        if url is None:  # already reported under index_url
            return value
        own = host_key(url)
        if not (is_government(own) or is_local(own) or own in value):
            raise ValueError(
                f"{own} is not under .gov.cn, and copies of portals exist: if it is the body's own site, name it here, "
                f"allowed_hosts: [{own}]"
            )
        return tuple(dict.fromkeys((own, www_twin(own), *value)))

    @field_validator("delay_seconds")
    @classmethod
    def _never_faster(cls, value: float, info: ValidationInfo) -> float:
        url = info.data.get("index_url")
        if url is not None and value < DEFAULT_DELAY_SECONDS and not is_local(host_key(url)):
            raise ValueError(
                f"{value:g} is faster than the default of {DEFAULT_DELAY_SECONDS:g} seconds: a portal can only be made "
                "slower; leave the key out or give more"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _checked_also_when_left_out(cls, data: object) -> object:
        return {"allowed_hosts": (), "options": {}, **data} if isinstance(data, dict) else data

    def allows(self, url: str) -> bool:
        """Whether a link may be followed: its host is one of this portal's."""
        return host_key(url) in self.allowed_hosts

    @cached_property
    def host(self) -> str:
        """The host of the list page."""
        return host_key(self.index_url)

    def options_as(self, kind: type[OptionsT]) -> OptionsT:
        """The options as those of a family; its defaults where the entry is of another."""
        return self.options if isinstance(self.options, kind) else kind()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with an entry: where it stands and how to put it right."""

    file: Path
    line: int
    key: str
    sentence: str

    def __str__(self) -> str:
        """File, line, key and sentence, as compilers print them."""
        return (
            f"{self.file}:{self.line}: {self.key}: {self.sentence}"
            if self.key
            else (f"{self.file}:{self.line}: {self.sentence}")
        )


@dataclass(frozen=True, slots=True)
class Registry:
    """The sound entries, by id, and the problems of the others."""

    portals: tuple[Portal, ...]
    problems: tuple[Problem, ...]

    def get(self, portal_id: str) -> Portal | None:
        """The portal of that id, if it is a sound entry."""
        return next((portal for portal in self.portals if portal.id == portal_id), None)

    def __iter__(self) -> Iterator[Portal]:
        """The sound portals."""
        return iter(self.portals)


def load_registry(folder: Path = DEFAULT_REGISTRY) -> Registry:
    """All entries below a folder, `<province>/<slug>.yml`, by id; the slug is the id where the file gives none."""
    folder = Path(folder)
    if not folder.is_dir():
        sentence = "there is no such folder: give the folder that holds <province>/<slug>.yml files"
        return Registry((), (Problem(folder, 0, "", sentence),))
    sound: dict[str, Portal] = {}
    columns: dict[str, Portal] = {}
    problems: list[Problem] = []
    for file in sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".yaml") and path.is_file()):
        portal, lines, found = _read_entry(file)
        problems.extend(found)
        if portal is None:
            continue
        if (twin := sound.get(portal.id)) is not None:
            problems.append(
                Problem(
                    file,
                    lines.get(("id",), 1),
                    "id",
                    f'"{portal.id}" is already the id of {twin.file}: give each portal an id of its own',
                )
            )
        elif (twin := columns.get(portal.index_url)) is not None:
            problems.append(
                Problem(
                    file,
                    lines.get(("index_url",), 1),
                    "index_url",
                    f'portal "{twin.id}" ({twin.file}) already collects this address: keep one of the two entries',
                )
            )
        else:
            sound[portal.id] = columns[portal.index_url] = portal
    return Registry(tuple(sound[key] for key in sorted(sound)), tuple(problems))


def _read_entry(file: Path) -> tuple[Portal | None, dict[Place, int], list[Problem]]:
    """The entry of one file with the line of each key, or what is wrong with it."""
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        return None, {}, [Problem(file, 0, "", f"the file cannot be read ({error.strerror}): check its permissions")]
    except UnicodeDecodeError:
        return None, {}, [Problem(file, 1, "", "the file is not UTF-8: save it as UTF-8")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "broken text"
        line = mark.line + 1 if mark is not None else 1
        return None, {}, [Problem(file, line, "", f"this is not YAML ({what}): check colons, quotes and indentation")]
    if not isinstance(node, yaml.MappingNode):
        return None, {}, [Problem(file, 1, "", "the file holds no entry: write one `key: value` a line")]
    problems: list[Problem] = []
    lines: dict[Place, int] = {}
    _note_lines(file, node, (), lines, problems)
    try:
        values = cast("dict[str, Any]", yaml.SafeLoader("").construct_document(node))
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        return None, lines, sorted([*problems, _bad_value(file, node, error)])
    values.setdefault("id", file.stem)
    try:
        portal = Portal.model_validate({**values, "file": file})
    except ValidationError as error:
        family = str(values.get("family"))
        problems.extend(_problem(file, lines, cast("Mapping[str, Any]", fault), family) for fault in error.errors())
        return None, lines, sorted(problems)
    return (portal if not problems else None), lines, problems


def _note_lines(
    file: Path, node: yaml.MappingNode, above: Place, lines: dict[Place, int], problems: list[Problem]
) -> None:
    """Remember where each key stands, and report a key written twice: YAML would silently keep the last."""
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            continue  # building the entry will say so
        place = (*above, str(key_node.value))
        line = key_node.start_mark.line + 1
        if place in lines:
            problems.append(
                Problem(file, line, ".".join(place), f"the key already stands on line {lines[place]}: keep one of them")
            )
        lines[place] = line
        if isinstance(value_node, yaml.MappingNode):
            _note_lines(file, value_node, place, lines, problems)


def _bad_value(file: Path, node: yaml.MappingNode, error: Exception) -> Problem:
    """A value that is YAML by its form and cannot be read, such as a 30th of February: at the key that holds it."""
    line, key = node.start_mark.line + 1, ""
    for key_node, value_node in node.value:
        try:
            yaml.SafeLoader("").construct_document(value_node)
        except (yaml.YAMLError, ValueError, TypeError, OverflowError):
            line, key = key_node.start_mark.line + 1, str(key_node.value)
            break
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    sentence = f"this cannot be read ({what}): write plain text, a number or a list, dates as YYYY-MM-DD"
    return Problem(file, line if mark is None else mark.line + 1, key, sentence)


def _problem(file: Path, lines: Mapping[Place, int], fault: Mapping[str, Any], family: str) -> Problem:
    """A validation fault as a sentence at its line."""
    place = tuple(str(part) for part in fault["loc"])
    if place == ("allowed_hosts",) and place not in lines:
        place = ("index_url",)  # the host that is not allowed stands there
    line = next((lines[place[:size]] for size in range(len(place), 0, -1) if place[:size] in lines), 1)
    key = place[-1] if place else ""
    kind = fault["type"]
    if kind == "extra_forbidden":
        sentence = f"there is no such key: {_suggest(key, _keys_beside(place, family))}"
    elif kind == "missing":
        sentence = f"the key is missing: add `{key}: …`"
    elif kind == "string_pattern_mismatch" and key == "id":
        sentence = f'"{fault["input"]}" is not an id: use small letters, digits and hyphens, such as hangzhou-binjiang'
    elif kind == "value_error":
        sentence = str(fault["ctx"]["error"])
    else:
        sentence = f'"{fault["input"]}" does not fit: {fault["msg"][:1].lower()}{fault["msg"][1:]}'
    return Problem(file, line, ".".join(place), sentence)


def _keys_beside(place: Place, family: str) -> Sequence[str]:
    """The keys that are known where an unknown one was found."""
    if len(place) == 1:
        return [name for name in Portal.model_fields if name != "file"]
    if place[0] == "expects":
        return list(Expectations.model_fields)
    known = [FAMILIES[family]] if family in FAMILIES else FAMILIES.values()
    return sorted({name for one in known for name in one.options.model_fields})


def _suggest(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    """The nearest known words, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(names)}"
