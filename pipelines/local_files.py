"""Files and folders named on the command line, as documents in a fixed order; nothing is passed over in silence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import BadInput
from pipelines.saved_pages import is_furniture, moment_of

__all__ = ["MANIFEST", "LocalFile", "LocalFiles", "ManifestEntry", "find_files", "read_entries", "read_manifest"]

MANIFEST = "manifest.jsonl"
"""A folder of saved pages may say itself where they came from: a file of this name at its top."""

# In a folder, these stand beside documents and are none; named on the command line, every file is a document.
_SIDECARS = frozenset({".json", ".jsonl", ".yaml", ".yml"})
_WARC = (".warc", ".warc.gz", ".arc", ".arc.gz")
_WARC_UNREAD = (".warc.zst", ".warc.bz2", ".warc.xz", ".wacz")
_CAPTURED = ("captured_at", "captured", "fetched_at", "timestamp", "date")


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One file: `name` is the path as it was given, or the path inside the folder that was given.

    A document in an archive is named `archive!/member`; `depth` says how many archives lie around it.
    """

    path: Path
    name: str
    url: str | None = None
    depth: int = 0
    captured_at: str | None = None
    """When a page was saved, as the ledger writes moments; only what a manifest says."""

    @property
    def bare_name(self) -> str:
        """The name without folders and archives: all that the name can say about the document."""
        return self.name.replace("!/", "/").rsplit("/", 1)[-1] if self.depth else self.path.name

    def read(self) -> bytes:
        """The bytes.

        Raises:
            BadInput: The file cannot be read; the message says why.
        """
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise BadInput(f"{self.path} cannot be read: {error.strerror}. Check its permissions.") from error


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """The documents found, and the files of the folders that were passed over because they are none."""

    documents: tuple[LocalFile, ...]
    passed_over: tuple[Path, ...] = ()
    archives: tuple[Path, ...] = ()
    """WARC files, which hold documents of many addresses."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What a manifest says of one file."""

    url: str | None
    captured_at: str | None = None


def find_files(
    paths: Sequence[Path],
    urls: Mapping[str, str] | None = None,
    *,
    besides: Sequence[Path] = (),
    entries: Mapping[str, ManifestEntry] | None = None,
    take_archives: bool = False,
) -> LocalFiles:
    """The files under `paths`: files as given, folders with all that is in them, sorted, each file once.

    Args:
        paths: Files and folders.
        urls: Addresses by file name.
        besides: Our own output, which is passed over where a folder holds it.
        entries: What a manifest says, by file name; a folder's own `manifest.jsonl` goes before it.
        take_archives: Whether WARC files are taken, as `archives`; pictures and scripts that a browser saved with a
            page are then passed over.

    Raises:
        BadInput: A path does not exist, a folder holds no document, or a WARC file is given where none is taken.
    """
    said = {**{name: ManifestEntry(url) for name, url in (urls or {}).items()}, **(entries or {})}
    outputs = {path.resolve() for path in besides}
    found: dict[Path, LocalFile] = {}
    archives: dict[Path, Path] = {}
    passed_over: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadInput(f"{path} does not exist. Check the spelling, or list the folder it should be in.")
        known = said
        if path.is_dir():
            if take_archives and (path / MANIFEST).is_file():
                known = {**said, **_inside(path, read_entries(path / MANIFEST))}
            inside = [
                item for item in sorted(path.rglob("*")) if item.is_file() and not _is_hidden(item.relative_to(path))
            ]
            chosen = [item for item in inside if not _is_sidecar(item) and item.resolve() not in outputs]
            if take_archives:
                chosen = [item for item in chosen if not is_furniture(item)]
            passed_over += sorted(set(inside) - set(chosen))
        else:
            chosen = [path]
        for item in chosen:
            name = item.name.lower()
            if name.endswith(_WARC_UNREAD):
                raise BadInput(f"{item} is packed in a way that is not read here. Unpack it to .warc or .warc.gz.")
            if name.endswith(_WARC):
                if not take_archives:
                    raise BadInput(
                        f"{item} is a WARC file: `ogi add {item}` puts what it holds into the archive, and `ogi build` "
                        "reads it."
                    )
                archives.setdefault(item.resolve(), item)
                continue
            entry = _entry_of(item, known)
            found.setdefault(item.resolve(), LocalFile(item, str(item), entry.url, captured_at=entry.captured_at))
    if not found and not archives:
        raise BadInput(
            f"No document in {', '.join(str(path) for path in paths)}: the folder is empty or holds only notes."
        )
    return LocalFiles(tuple(found.values()), tuple(passed_over), tuple(archives.values()))


def read_manifest(path: Path) -> dict[str, str]:
    """Addresses by file name from JSON Lines, each with `file` and `url`.

    Raises:
        BadInput: A line is not such an object; the message names the line.
    """
    return {name: entry.url for name, entry in read_entries(path).items() if entry.url}


def read_entries(path: Path) -> dict[str, ManifestEntry]:
    """What a manifest says by file name: JSON Lines, each with `file`, `url` and, if known, `captured_at`.

    Raises:
        BadInput: A line is not such an object, or its date is none; the message names the line.
    """
    if not path.is_file():
        raise BadInput(f"{path}: there is no such manifest.")
    entries = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry: dict[str, Any] = json.loads(line)
            file, url = entry["file"], entry["url"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f'{path}, line {number}: not an object with "file" and "url". '
                'Write lines like {"file": "report.html", "url": "http://…"}.'
            ) from error
        said = next((str(entry[name]) for name in _CAPTURED if entry.get(name)), None)
        captured_at = moment_of(said) if said else None
        if said and captured_at is None:
            raise BadInput(f'{path}, line {number}: "{said}" is no date. Write 2021-01-29 or 2021-01-29T08:00:00Z.')
        if url or captured_at:
            entries[str(file)] = ManifestEntry(str(url) if url else None, captured_at)
    return entries


def _inside(folder: Path, entries: Mapping[str, ManifestEntry]) -> dict[str, ManifestEntry]:
    """A folder's own entries under the names by which its files are looked up: two folders may name files alike."""
    return {str((folder / name).resolve()): entry for name, entry in entries.items()}


def _entry_of(path: Path, entries: Mapping[str, ManifestEntry]) -> ManifestEntry:
    """What is said of a file: by the path as given, by the end of the path, or by the bare name."""
    for name in (str(path), str(path.resolve())):
        if name in entries:
            return entries[name]
    parts = path.resolve().parts
    for length in range(len(parts), 0, -1):
        if (name := "/".join(parts[-length:])) in entries:
            return entries[name]
    return ManifestEntry(None)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _is_sidecar(path: Path) -> bool:
    return path.suffix.lower() in _SIDECARS or path.stem.lower() == "readme"
