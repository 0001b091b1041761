"""Archives to their members: ZIP, RAR, 7z and gzip, in memory and within limits.

Belongs here: containers of documents. Does not belong here: what a member is; its bytes tell.

Names are only names: nothing is written anywhere, so a name that climbs out of a folder does no harm. Archives inside
archives are members like others. A member that cannot be unpacked costs itself alone: in its place stand a few words
that say why, and opening them says it again.
"""

import ctypes
import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from extract.model import DocumentFormat, Unreadable
from extract.sniff import sniff_format

__all__ = ["Limits", "Member", "unpack"]


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name as the archive gives it, folders separated by slashes, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold and unpack to. A report with all its attachments stays far below."""

    members: int = 2000
    total_bytes: int = 500 * 1024 * 1024
    member_bytes: int = 200 * 1024 * 1024
    ratio: int = 400
    """Unpacked to packed bytes, judged above `ratio_from` unpacked bytes. Deflate reaches about 1000."""
    ratio_from: int = 16 * 1024 * 1024


_LIBRARY_MISSING = (
    "RAR and 7z archives need the system library libarchive. Install it with `apt-get install libarchive13` and read "
    "the document again."
)
_NAMES_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})
_SLICE = 256 * 1024
_UTF8_NAME = 0x800
_REGULAR_FILE = 0o100000
# What zipfile raises on broken containers; NotImplementedError is a RuntimeError.
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, OSError, EOFError, RuntimeError,
    LookupError, OverflowError, AttributeError,
)  # fmt: skip
_READ_BY_LIBRARY = frozenset({DocumentFormat.RAR, DocumentFormat.SEVEN_ZIP})
_GZIP_WINDOW = 31
"""zlib's word for a gzip header."""
_UNNAMED = "content"
_REST = "rest of the archive"
"""Name of what a library could not even list."""
_REMAINS = b"PK\x03\x04 not unpacked\n"
"""What begins the remains of a member: a broken archive for every reader but this one."""
_REFUSED = frozenset({"member_broken", "encrypted_file"})


def unpack(data: bytes, *, limits: Limits | None = None) -> tuple[Member, ...]:
    """The files of an archive in the order of their names, without folders and what operating systems leave behind.

    Of an archive with sound members, those that are broken or locked are given as what `unpack` refuses in turn.

    Raises Unreadable with archive_broken, archive_too_large, encrypted_file, archive_empty, member_broken or
    tool_missing.
    """
    if refused := _refused(data):
        raise refused
    budget = _Budget(limits or Limits())
    found = sorted(_files(data, budget), key=lambda member: member.name)
    if not found:
        raise Unreadable("archive_empty", "The archive holds no file. Fetch or add it again.")
    reasons = [_refused(member.data) for member in found]
    if reasons[0] and all(reasons):
        is_locked = reasons[0].code == "encrypted_file"
        raise _encrypted() if is_locked else _broken("none of its files can be unpacked")
    return tuple(found)


def _remains(name: str, why: Unreadable, packed: bytes) -> Member:
    """A member that cannot be unpacked: the reason and a digest, which the archive's own bytes explain.

    Its bytes, whole or not, are left out, so that nothing can take them for its content.
    """
    words = f"{why.code}\n{why}\n{hashlib.sha256(packed).hexdigest()}"
    return Member(name, _REMAINS + words.encode("utf-8", "replace"))


def _refused(data: bytes) -> Unreadable | None:
    """Why a member was not unpacked, if these are its remains."""
    if not data.startswith(_REMAINS):
        return None
    code, _, rest = data.removeprefix(_REMAINS).decode("utf-8", "replace").partition("\n")
    return Unreadable(code, rest.rpartition("\n")[0]) if code in _REFUSED else None


class _Budget:
    """What is left of the limits, over all levels."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._members = 0
        self._bytes = 0

    def count_member(self) -> None:
        """One more entry. Raises Unreadable past the limit."""
        self._members += 1
        if self._members > self.limits.members:
            raise _too_large(f"it holds more than {self.limits.members} files")

    def count_bytes(self, more: int, unpacked: int, packed: int) -> None:
        """More unpacked bytes of a member of which `unpacked` are out. Raises Unreadable past a limit."""
        self._bytes += more
        if self._bytes > self.limits.total_bytes or unpacked > self.limits.member_bytes:
            raise _too_large(f"it unpacks to more than {self.limits.total_bytes // 2**20} MB")
        if unpacked > self.limits.ratio_from and unpacked > packed * self.limits.ratio:
            raise _too_large("it unpacks to far more than any document does")


def _too_large(why: str) -> Unreadable:
    return Unreadable(
        "archive_too_large", f"The archive is not opened, as {why}. Unpack it by hand and add the documents alone."
    )


def _broken(why: object) -> Unreadable:
    return Unreadable("archive_broken", f"The archive is broken ({why}). Fetch or add it again.")


def _broken_member(why: object) -> Unreadable:
    return Unreadable(
        "member_broken",
        f"The file is broken in its archive ({why}). Fetch or add the archive again, or the file alone.",
    )


def _encrypted() -> Unreadable:
    return Unreadable("encrypted_file", "The archive is locked with a password. Add an unlocked copy.")


def _files(data: bytes, budget: _Budget) -> Iterator[Member]:
    kind = sniff_format(data)
    if kind in _READ_BY_LIBRARY:
        return _library_members(data, budget)
    return _gzip_member(data, budget) if kind is DocumentFormat.GZIP else _zip_members(data, budget)


def _gzip_member(data: bytes, budget: _Budget) -> Iterator[Member]:
    """The one file in gzip bytes: a page stored as the server packed it for the way."""
    unpacking = zlib.decompressobj(_GZIP_WINDOW)
    pieces: list[bytes] = []
    size, rest = 0, data
    budget.count_member()
    try:
        while not unpacking.eof:
            piece = unpacking.decompress(rest, _SLICE)
            rest = unpacking.unconsumed_tail
            if not piece and not rest and not unpacking.eof:
                raise _broken("its end is missing")
            size += len(piece)
            budget.count_bytes(len(piece), size, len(data))
            pieces.append(piece)
    except zlib.error as error:
        raise _broken(error) from error
    yield Member(_UNNAMED, b"".join(pieces))


def _is_wanted(name: str) -> bool:
    """False for folders and for what operating systems leave behind."""
    parts = name.split("/")
    last = parts[-1]
    return not (not last or last.startswith((".", "~$")) or "__MACOSX" in parts or last.lower() in _NAMES_OF_SYSTEMS)


def _zip_members(data: bytes, budget: _Budget) -> Iterator[Member]:
    try:
        # cp437 keeps every byte of a name, so that the name can be decoded when its bytes are seen.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            for _ in entries:
                budget.count_member()
            wanted = [(_zip_name(entry), entry) for entry in entries]
            wanted = [(name, entry) for name, entry in wanted if _is_wanted(name)]
            for name, entry in wanted:
                packed = data[entry.header_offset :][: entry.compress_size]
                if entry.flag_bits & 1:
                    yield _remains(name, _encrypted(), packed)
                    continue
                try:
                    member = Member(name, _zip_bytes(archive, entry, budget))
                except _ZIP_ERRORS as error:
                    member = _remains(name, _broken_member(error), packed)
                yield member
    except _ZIP_ERRORS as error:
        raise _broken(error) from error


def _zip_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """The bytes of one member, counted as they come out: what the directory declares may be a lie."""
    pieces: list[bytes] = []
    size = 0
    with archive.open(entry) as member:
        while piece := member.read(_SLICE):
            size += len(piece)
            budget.count_bytes(len(piece), size, max(entry.compress_size, 1))
            pieces.append(piece)
    return b"".join(pieces)


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The name of a member: UTF-8 where flagged, or where its bytes are; else GBK, which Chinese archivers write."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = name.encode("utf-8", "replace")
        name = _decoded(raw)
    return _cleaned(name)


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")


def _cleaned(name: str) -> str:
    return name.split("\0")[0].replace("\\", "/")


class _Library(Protocol):
    """The part of libarchive that is used; it carries no types."""

    ffi: Any

    def memory_reader(self, data: bytes, **options: Any) -> Any: ...


def _library() -> tuple[_Library, type[Exception]]:
    """The binding and its exception; Unreadable if the system library is not there."""
    try:
        import libarchive
        from libarchive.exception import ArchiveError
    except Exception as error:
        # Without the system library the binding fails with TypeError, OSError or AttributeError, by version and system.
        raise Unreadable("tool_missing", _LIBRARY_MISSING) from error
    return libarchive, ArchiveError


def _library_members(data: bytes, budget: _Budget) -> Iterator[Member]:
    library, archive_error = _library()
    errors = (archive_error, UnicodeError, ValueError, OSError, TypeError)
    packed = max(len(data), 1)
    count = 0
    try:
        with library.memory_reader(data, header_codec="gb18030") as archive:
            for entry in archive:
                budget.count_member()
                name = _cleaned(_entry_name(entry))
                if entry.filetype not in (_REGULAR_FILE, 0) or not _is_wanted(name):
                    continue
                count += 1
                if _is_encrypted(library, entry):
                    yield _remains(name, _encrypted(), b"")
                    continue
                pieces: list[bytes] = []
                size = 0
                try:
                    for piece in entry.get_blocks():
                        size += len(piece)
                        budget.count_bytes(len(piece), size, packed)
                        pieces.append(bytes(piece))
                except errors as error:
                    is_locked = _is_about_password(error)
                    yield _remains(name, _encrypted() if is_locked else _broken_member(error), b"".join(pieces))
                    continue
                yield Member(name, b"".join(pieces))
    except errors as error:
        if not count:
            raise (_encrypted() if _is_about_password(error) else _broken(error)) from error
        # Behind what can no longer be listed there may be more.
        yield _remains(_REST, _broken_member(error), b"")


def _is_about_password(error: Exception) -> bool:
    message = str(getattr(error, "msg", error)).lower()
    return any(word in message for word in ("encrypt", "passphrase", "password"))


def _is_encrypted(library: _Library, entry: Any) -> bool:
    """Whether the library marks a member as locked; its bytes would come out as they are, without a word."""
    ask = library.ffi.libarchive["archive_entry_is_data_encrypted"]
    ask.argtypes, ask.restype = [ctypes.c_void_p], ctypes.c_int
    return bool(ask(entry._entry_p))


def _entry_name(entry: Any) -> str:
    name = entry.pathname
    return _decoded(name) if isinstance(name, bytes) else str(name)
