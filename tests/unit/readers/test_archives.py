"""Archives give their members, or say why not. Every archive here is made by the test."""

import binascii
import contextlib
import gzip
import io
import struct
import sys
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.model import DocumentFormat, Unreadable
from extract.readers import read_document
from extract.readers.archives import Limits, Member, unpack
from extract.sniff import sniff_format


class GbkName(zipfile.ZipInfo):
    """A name as Chinese archivers write it: GBK, and no flag that says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def zip_of(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members:
            archive.writestr(name, data, method)
    return buffer.getvalue()


def rar_of(*members: tuple[bytes, bytes], encrypted: bool = False) -> bytes:
    """A RAR 4 archive of stored files, after the published description of its blocks."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", binascii.crc32(head) & 0xFFFF) + head

    parts = [b"Rar!\x1a\x07\x00", block(0x73, 0, bytes(6))]
    for name, data in members:
        crc = binascii.crc32(data)
        body = struct.pack("<IIBIIBBHI", len(data), len(data), 2, crc, 0x5A21, 20, 0x30, len(name), 0x20) + name
        parts += [block(0x74, 0x8000 | (4 if encrypted else 0), body), data]
    return b"".join([*parts, block(0x7B, 0x4000, b"")])


def code_of(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        unpack(data, limits=limits)
    assert str(caught.value).endswith(".")
    return caught.value.code


def libarchive_is_there() -> bool:
    try:
        unpack(rar_of((b"a.txt", b"x")))
    except Unreadable as error:
        return error.code != "tool_missing"
    return True


needs_libarchive = pytest.mark.skipif(
    not libarchive_is_there(), reason="the system library libarchive is not installed"
)


def test_members_come_in_the_order_of_their_names_without_folders_and_leftovers_of_systems() -> None:
    data = zip_of(
        ("b/二.txt", b"2"),
        ("a.txt", b"1"),
        ("b/", b""),
        ("__MACOSX/._a.txt", b"x"),
        (".DS_Store", b"x"),
        ("b/Thumbs.db", b"x"),
        ("~$a.docx", b"x"),
    )
    assert unpack(data) == (Member("a.txt", b"1"), Member("b/二.txt", b"2"))


def test_names_in_gbk_are_read() -> None:
    data = zip_of((GbkName("附件/年度报告.txt"), b"1"), ("说明.txt", b"2"))
    assert [member.name for member in unpack(data)] == ["说明.txt", "附件/年度报告.txt"]


def test_names_that_climb_are_only_names() -> None:
    data = zip_of(("../../etc/报告.txt", b"1"), ("C:\\报告\\一.txt", b"2"))
    assert [member.name for member in unpack(data)] == ["../../etc/报告.txt", "C:/报告/一.txt"]


def test_an_archive_inside_an_archive_is_a_member_like_others() -> None:
    inner = zip_of(("b.txt", b"2"))
    assert unpack(zip_of(("a.txt", b"1"), ("in.zip", inner))) == (Member("a.txt", b"1"), Member("in.zip", inner))


def damaged(data: bytes, content: bytes) -> bytes:
    """The archive with a bit of one stored member turned."""
    at = data.index(content)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def refused(member: Member) -> str:
    assert sniff_format(member.data) is DocumentFormat.ZIP
    return code_of(member.data)


def test_a_broken_member_costs_itself_alone_and_says_why() -> None:
    docx = zip_of(("word/document.xml", b"<w/>"))
    members = (("a.txt", b"first"), ("b.docx", docx), ("c.txt", b"third"))
    data = zip_of(*members, method=zipfile.ZIP_STORED)
    found = unpack(damaged(data, docx[-22:]))
    assert [(member.name, member.data) for member in found if member.name != "b.docx"] == [members[0], members[2]]
    # An office file whose damage does not show in its own sums is not read either.
    assert refused(found[1]) == "member_broken"
    with pytest.raises(Unreadable, match="broken in its archive"):
        unpack(found[1].data)
    again = unpack(damaged(data, b"third"))
    assert refused(again[2]) == "member_broken"
    assert again[2].data != found[1].data


def test_a_locked_member_costs_itself_alone() -> None:
    data = bytearray(zip_of(("a.txt", b"first"), ("b.txt", b"second")))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    found = unpack(bytes(data))
    assert found[0] == Member("a.txt", b"first")
    assert refused(found[1]) == "encrypted_file"


@needs_libarchive
def test_what_can_no_longer_be_listed_is_named() -> None:
    data = rar_of((b"a.txt", b"first"), (b"b.txt", b"second"))
    found = {member.name: member for member in unpack(data[: data.index(b"second") + 2])}
    assert found["a.txt"].data == b"first"
    assert {refused(member) for name, member in found.items() if name != "a.txt"} == {"member_broken"}


def test_office_files_are_members_and_not_archives() -> None:
    workbook = zip_of(("[Content_Types].xml", b""), ("xl/workbook.xml", b""))
    assert unpack(zip_of(("表.xlsx", workbook))) == (Member("表.xlsx", workbook),)


def test_gzip_bytes_give_their_one_file() -> None:
    assert unpack(gzip.compress(b"<html>")) == (Member("content", b"<html>"),)


@pytest.mark.parametrize(
    "limits", [Limits(members=2), Limits(total_bytes=5), Limits(member_bytes=3), Limits(ratio=1, ratio_from=1)]
)
def test_limits_hold(limits: Limits) -> None:
    data = zip_of(("a", b"1111111111" * 30), ("b", b"22"), ("c", b"33"))
    assert code_of(data, limits) == "archive_too_large"


@pytest.mark.parametrize("pack", [lambda data: zip_of(("a", data)), gzip.compress])
def test_a_bomb_is_not_unpacked(pack: object) -> None:
    assert callable(pack)
    assert code_of(pack(bytes(64 * 2**20))) == "archive_too_large"


def test_a_directory_that_lies_about_sizes_does_no_harm() -> None:
    data = bytearray(zip_of(("a", b"0123456789" * 1000)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 5)
    assert code_of(bytes(data)) == "archive_broken"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 nothing", zip_of(("a", b"x" * 99))[:-30], gzip.compress(b"x" * 999)[:-12], b"\x1f\x8b\x08 no"]
)
def test_a_broken_archive_says_so(data: bytes) -> None:
    assert code_of(data) == "archive_broken"


def test_an_archive_without_files_says_so() -> None:
    assert code_of(zip_of(("a/", b""))) == "archive_empty"


def test_a_locked_archive_says_so() -> None:
    data = bytearray(zip_of(("a", b"x")))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert code_of(bytes(data)) == "encrypted_file"


@needs_libarchive
def test_rar_members_are_read() -> None:
    data = rar_of((b"b.txt", b"22"), ("附件\\报告.txt".encode("gbk"), b"1"))
    assert sniff_format(data) is DocumentFormat.RAR
    assert sorted(member.data for member in unpack(data)) == [b"1", b"22"]


@needs_libarchive
def test_a_locked_rar_says_so() -> None:
    assert code_of(rar_of((b"a", b"x"), encrypted=True)) == "encrypted_file"


@needs_libarchive
@pytest.mark.parametrize("data", [rar_of((b"a", b"x" * 50))[:60], b"7z\xbc\xaf\x27\x1c" + bytes(40)])
def test_a_broken_rar_or_7z_says_so(data: bytes) -> None:
    assert code_of(data) in ("archive_broken", "archive_empty")


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libarchive", None)
    with pytest.raises(Unreadable, match="apt-get install libarchive13") as caught:
        unpack(rar_of((b"a", b"x")))
    assert caught.value.code == "tool_missing"


def test_the_reader_of_documents_says_that_members_are_documents() -> None:
    with pytest.raises(Unreadable) as caught:
        read_document(zip_of(("a.txt", b"x")))
    assert caught.value.code == "archive"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["zip", "rar", "gzip"]), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_damaged_archives_give_members_or_unreadable(kind: str, at: int, damage: bytes) -> None:
    inner = ("报告正文。" * 20).encode()
    whole = {"zip": zip_of(("a", inner), ("b", inner)), "rar": rar_of((b"a", inner)), "gzip": gzip.compress(inner)}[
        kind
    ]
    data = whole[:at] + damage + whole[at + len(damage) :]
    with contextlib.suppress(Unreadable):
        assert all(isinstance(member.data, bytes) for member in unpack(data))
