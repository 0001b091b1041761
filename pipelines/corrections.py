"""People's corrections and verdicts: the files under `corrections/` and `verdicts/` of the data folder.

Belongs here: reading them with the line of every mistake, and appending to them. Does not belong here: what an entry
does (transform/corrections.py). The files are the user's own: they are never rewritten, only added to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from extract.forms.declaration import load_forms
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.locks import hold_lock
from pipelines.warehouse import replace_file
from transform.corrections import Correction, Verdict

__all__ = ["add_correction", "add_verdict", "read_corrections", "read_verdicts"]

_FEWEST_DIGITS = 8
_AS_PRINTED = frozenset({"document", "raw"})
"""Keys whose text is meant as it stands: YAML would make a number of 12345678, 1e5 or 007."""
_PROBLEMS_SHOWN = 5
_WAIT_SECONDS = 10.0
_EXAMPLES: Mapping[str, str] = {
    "document": "write at least 8 characters of the document's SHA-256",
    "cell": "write a code such as t3.granted.total; the table `codes` lists them",
    "value": "write the number as printed, in the unit of the cell",
    "check": "write a check_id such as t3.balance[total], as `ogi problems` shows it",
    "verdict": "write holds, publisher_error, reading_error or accepted",
    "reason": "write why, in a few words",
    "author": "write who decided",
    "date": "write a day such as 2026-11-22",
    "expect": 'write what was read at the time: {value: 0, raw: "0"}, or for a verdict {expected: 1, printed: 0}',
}  # fmt: skip

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Document = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=rf"^[0-9a-f]{{{_FEWEST_DIGITS},64}}$")
]
_Number = Annotated[float, Field(strict=False, allow_inf_nan=False)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Read(_Declared):
    """What was read in the cell; a key left out is not compared."""

    value: _Number | None = None
    raw: str | None = None


class _Said(_Declared):
    """What the check said; a key left out is not compared."""

    expected: _Number | None = None
    printed: _Number | None = None


class _CorrectionEntry(_Declared):
    document: _Document
    cell: _Text
    value: _Number
    reason: _Text
    author: _Text
    date: date
    expect: _Read


class _VerdictEntry(_Declared):
    document: _Document
    check: _Text
    verdict: Literal["holds", "publisher_error", "reading_error", "accepted"]
    reason: _Text
    author: _Text
    date: date
    expect: _Said
    cell: _Text | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Problem:
    file: Path
    line: int
    entry: int
    sentence: str

    def __str__(self) -> str:
        where = f", entry {self.entry}" if self.entry else ""
        return f"{self.file}:{self.line}{where}: {self.sentence}"


def read_corrections(layout: DataLayout) -> tuple[Correction, ...]:
    """Every entry under `corrections/`, by file and place.

    Raises:
        BadInput: A file is malformed; the message names file, line, entry, key and the way out.
    """
    return tuple(
        Correction(
            document=entry.document,
            cell=entry.cell,
            value=entry.value,
            reason=entry.reason,
            author=entry.author,
            day=entry.date,
            expect=entry.expect.model_dump(include=entry.expect.model_fields_set),
            file=file.name,
            number=number,
        )
        for file, number, entry in _entries(layout.corrections, _CorrectionEntry)
    )


def read_verdicts(layout: DataLayout) -> tuple[Verdict, ...]:
    """Every entry under `verdicts/`, by file and place.

    Raises:
        BadInput: A file is malformed; the message names file, line, entry, key and the way out.
    """
    return tuple(
        Verdict(
            document=entry.document,
            check=entry.check,
            verdict=entry.verdict,
            cell=entry.cell,
            reason=entry.reason,
            author=entry.author,
            day=entry.date,
            expect=entry.expect.model_dump(include=entry.expect.model_fields_set),
            file=file.name,
            number=number,
        )
        for file, number, entry in _entries(layout.verdicts, _VerdictEntry)
    )


def _entries(folder: Path, model: type[Any]) -> Iterator[tuple[Path, int, Any]]:
    problems: list[_Problem] = []
    found: list[tuple[Path, int, Any]] = []
    for file in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            problems.append(_Problem(file, 1, 0, "this is not UTF-8 text: save the file as UTF-8"))
            continue
        for number, entry, faults in _parsed(file, text, model):
            problems += faults
            found.append((file, number, entry))
    if problems:
        more = f"\n… and {len(problems) - _PROBLEMS_SHOWN} more" if len(problems) > _PROBLEMS_SHOWN else ""
        raise BadInput("\n".join(str(problem) for problem in sorted(problems)[:_PROBLEMS_SHOWN]) + more)
    yield from found


def _parsed(file: Path, text: str, model: type[BaseModel]) -> Iterator[tuple[int, Any, list[_Problem]]]:
    """The entries of one file, each with what is wrong with it."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        what = getattr(error, "problem", None) or "no YAML"
        yield (
            0,
            None,
            [_Problem(file, line, 0, f"this is not YAML ({what}): check dashes, colons, quotes and indentation")],
        )
        return
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        yield 0, None, [_Problem(file, 1, 0, 'the file is no list of entries: begin each entry with "- document: …"')]
        return
    for number, node in enumerate(root.value, start=1):
        yield number, *_checked(file, number, node, model)


def _checked(
    file: Path, number: int, node: yaml.Node, model: type[BaseModel]
) -> tuple[BaseModel | None, list[_Problem]]:
    first = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return None, [_Problem(file, first, number, "the entry holds no keys: write one `key: value` a line")]
    lines: dict[str, int] = {}
    faults: list[_Problem] = []
    for key, _ in node.value:
        name = str(key.value)
        if name in lines:
            faults.append(_Problem(file, key.start_mark.line + 1, number, f"{name} stands twice: keep one of them"))
        lines[name] = key.start_mark.line + 1
    try:
        entry = model.model_validate(_value(node))
    except yaml.YAMLError as error:
        return None, [*faults, _Problem(file, first, number, f"a value cannot be read: {error}")]
    except ValidationError as error:
        return None, [*faults, *(_fault(file, number, first, lines, fault) for fault in error.errors())]
    if isinstance(entry, _CorrectionEntry) and not _is_cell(entry.cell):
        sentence = f'cell: no form has the cell "{entry.cell}": {_EXAMPLES["cell"]}'
        faults.append(_Problem(file, lines["cell"], number, sentence))
    expect = getattr(entry, "expect", None)
    if expect is not None and not expect.model_fields_set:
        faults.append(_Problem(file, lines["expect"], number, f"expect: it guards nothing: {_EXAMPLES['expect']}"))
    return entry, faults


def _value(node: yaml.Node, key: str = "") -> Any:
    """What a node holds, texts that look like numbers left as texts where a text is meant."""
    if isinstance(node, yaml.MappingNode):
        return {str(name.value): _value(value, str(name.value)) for name, value in node.value}
    if (
        key in _AS_PRINTED
        and isinstance(node, yaml.ScalarNode)
        and (key == "document" or node.tag != _NULL or node.value)
    ):
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


_NULL = "tag:yaml.org,2002:null"


def _fault(file: Path, number: int, first: int, lines: Mapping[str, int], fault: Any) -> _Problem:
    key = ".".join(str(part) for part in fault["loc"])
    name = str(fault["loc"][0]) if fault["loc"] else ""
    way_out = _EXAMPLES.get(name)
    if fault["type"] == "missing":
        sentence = f"{key} is missing: {way_out}"
    elif fault["type"] == "extra_forbidden":
        known = ", ".join(_EXAMPLES)
        sentence = f"{key} is no key of an entry; the keys are {known}" if "." not in key else f"{key}: {way_out}"
    else:
        sentence = f"{key}: {fault['msg'][0].lower()}{fault['msg'][1:]}: {way_out}"
    return _Problem(file, lines.get(name, first), number, sentence)


def _is_cell(code: str) -> bool:
    return any(code in edition.cell_by_code for edition in load_forms().editions.values())


def add_correction(layout: DataLayout, entry: Mapping[str, Any]) -> Path:
    """Append a correction to `corrections/corrections.yaml`; gives the file."""
    return _append(layout.corrections / "corrections.yaml", entry, _CorrectionEntry)


def add_verdict(layout: DataLayout, entry: Mapping[str, Any]) -> Path:
    """Append a verdict to `verdicts/verdicts.yaml`; gives the file."""
    return _append(layout.verdicts / "verdicts.yaml", entry, _VerdictEntry)


def _append(file: Path, entry: Mapping[str, Any], model: type[BaseModel]) -> Path:
    """Write the file anew with one more entry, in one step; what stands there stays byte for byte.

    Raises:
        BadInput: The file, or the entry, is malformed.
        FolderBusy: Another process is writing there.
    """
    with hold_lock(file.parent / ".lock", f"writing {file.name}", wait_seconds=_WAIT_SECONDS):
        before = file.read_text("utf-8") if file.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        text = before + yaml.safe_dump([dict(entry)], allow_unicode=True, sort_keys=False, width=120)
        faults = [fault for _, _, found in _parsed(file, text, model) for fault in found]
        if faults:
            raise BadInput("Nothing was written. " + "\n".join(str(fault) for fault in sorted(faults)))
        with replace_file(file) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return file
