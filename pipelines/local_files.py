"""Files and folders named on the command line, as documents in a fixed order; nothing is passed over in silence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import BadInput

__all__ = ["LocalFile", "LocalFiles", "find_files", "read_manifest"]

# In a folder, these stand beside documents and are none; named on the command line, every file is a document.
_SIDECARS = frozenset({".json", ".jsonl", ".yaml", ".yml"})
_WARC = (".warc", ".warc.gz")


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One file: `name` is the path as it was given, or the path inside the folder that was given.

    A document in an archive is named `archive!/member`; `depth` says how many archives lie around it.
    """

    path: Path
    name: str
    url: str | None = None
    depth: int = 0

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


def find_files(
    paths: Sequence[Path], urls: Mapping[str, str] | None = None, *, besides: Sequence[Path] = ()
) -> LocalFiles:
    """The files under `paths`: files as given, folders with all that is in them, sorted, each file once.

    Files in `besides` are our own output: they are passed over where a folder holds them.

    Raises:
        BadInput: A path does not exist, a folder holds no document, or a WARC file is given.
    """
    urls = urls or {}
    outputs = {path.resolve() for path in besides}
    found: dict[Path, LocalFile] = {}
    passed_over: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadInput(f"{path} does not exist. Check the spelling, or list the folder it should be in.")
        if path.is_dir():
            inside = [
                item for item in sorted(path.rglob("*")) if item.is_file() and not _is_hidden(item.relative_to(path))
            ]
            chosen = [item for item in inside if not _is_sidecar(item) and item.resolve() not in outputs]
            passed_over += sorted(set(inside) - set(chosen))
        else:
            chosen = [path]
        for item in chosen:
            if item.name.lower().endswith(_WARC):
                raise BadInput(f"{item} is a WARC file; these cannot be read yet. Unpack it and give the files in it.")
            found.setdefault(item.resolve(), LocalFile(item, str(item), _url_of(item, urls)))
    if not found:
        raise BadInput(
            f"No document in {', '.join(str(path) for path in paths)}: the folder is empty or holds only notes."
        )
    return LocalFiles(tuple(found.values()), tuple(passed_over))


def read_manifest(path: Path) -> dict[str, str]:
    """Addresses by file name from JSON Lines, each with `file` and `url`.

    Raises:
        BadInput: A line is not such an object; the message names the line.
    """
    if not path.is_file():
        raise BadInput(f"{path}: there is no such manifest.")
    urls = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            file, url = entry["file"], entry["url"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f'{path}, line {number}: not an object with "file" and "url". '
                'Write lines like {"file": "report.html", "url": "http://…"}.'
            ) from error
        if url:
            urls[str(file)] = str(url)
    return urls


def _url_of(path: Path, urls: Mapping[str, str]) -> str | None:
    """The address for a file: by the path as given, by the end of the path, or by the bare name."""
    if str(path) in urls:
        return urls[str(path)]
    parts = path.resolve().parts
    for length in range(len(parts), 0, -1):
        if (name := "/".join(parts[-length:])) in urls:
            return urls[name]
    return None


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _is_sidecar(path: Path) -> bool:
    return path.suffix.lower() in _SIDECARS or path.stem.lower() == "readme"
