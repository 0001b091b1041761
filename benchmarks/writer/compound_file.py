"""Compound files (OLE2), the container of DOC: streams by name, written in one go.

Belongs here: sectors, their chains, the directory. Does not belong here: what a stream holds.
"""

import struct
from collections.abc import Mapping

__all__ = ["compound_file"]

_SECTOR = 512
_SMALLEST = 4096
"""Shorter streams would lie in the mini stream, which this writer does without: they are filled up."""
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_ROOT, _STREAM = 5, 2
_MOST_FAT_SECTORS = 109


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """The bytes of a compound file with these streams in its root."""
    bodies = {name: body.ljust(_SMALLEST, b"\0") for name, body in streams.items()}
    chains: list[int] = []
    sectors: list[bytes] = []

    def store(body: bytes) -> int:
        start = len(sectors)
        for at in range(0, len(body), _SECTOR):
            sectors.append(body[at : at + _SECTOR].ljust(_SECTOR, b"\0"))
            chains.append(len(sectors))
        chains[-1] = _END
        return start

    starts = {name: store(body) for name, body in bodies.items()}
    directory = store(_directory(bodies, starts))
    fat_count = 1
    while fat_count * (_SECTOR // 4) < len(sectors) + fat_count:
        fat_count += 1
    if fat_count > _MOST_FAT_SECTORS:
        raise ValueError("the streams are too large for a compound file without an extended sector list")
    fat_at = [len(sectors) + number for number in range(fat_count)]
    entries = [*chains, *([_FAT] * fat_count)]
    entries += [_FREE] * (fat_count * (_SECTOR // 4) - len(entries))
    fat = struct.pack(f"<{len(entries)}I", *entries)
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E, 3, 0xFFFE, 9, 6,  # version 3, little-endian, sectors of 2^9 and mini sectors of 2^6 bytes
        0, fat_count, directory, 0, _SMALLEST, _END, 0, _END, 0,
    )  # fmt: skip
    listed = [*fat_at, *([_FREE] * (_MOST_FAT_SECTORS - fat_count))]
    return b"".join((head, struct.pack(f"<{_MOST_FAT_SECTORS}I", *listed), *sectors, fat))


def _directory(bodies: Mapping[str, bytes], starts: Mapping[str, int]) -> bytes:
    """The root entry and one for each stream, as a search tree by length and letters of the name."""
    names = sorted(bodies, key=lambda name: (len(name), name.upper()))
    number = {name: place + 1 for place, name in enumerate(names)}
    children: dict[str, tuple[int, int]] = {}

    def tree(first: int, end: int) -> int:
        if first >= end:
            return _NONE
        middle = (first + end) // 2
        children[names[middle]] = tree(first, middle), tree(middle + 1, end)
        return number[names[middle]]

    top = tree(0, len(names))
    entries = [_entry("Root Entry", _ROOT, (_NONE, _NONE), top, _END, 0)]
    entries += [_entry(name, _STREAM, children[name], _NONE, starts[name], len(bodies[name])) for name in names]
    while len(entries) % 4:
        entries.append(_entry("", 0, (_NONE, _NONE), _NONE, 0, 0))
    return b"".join(entries)


def _entry(name: str, kind: int, siblings: tuple[int, int], child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le")
    length = len(raw) + 2 if name else 0
    return struct.pack("<64sHBBIII16xI16xIQ", raw, length, kind, 1, *siblings, child, 0, start, size)
