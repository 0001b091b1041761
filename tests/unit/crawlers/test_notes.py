"""What a run remembers on disk: the same answers as from memory, and no growth with what is remembered."""

import re
from pathlib import Path

from crawlers.notes import CACHE_KIBIBYTES, KeySet, Notes

NOT_OF_THE_CACHE = 3 * 1024 * 1024


def resident() -> int:
    found = re.search(r"VmRSS:\s*(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    assert found is not None
    return int(found.group(1)) * 1024


def test_a_key_is_new_once_and_its_parts_are_kept_apart() -> None:
    notes = Notes()
    assert notes.add("met", "a", "bc")
    assert not notes.add("met", "a", "bc")
    assert notes.add("met", "ab", "c")
    assert notes.has("met", "a", "bc")
    assert not notes.has("met", "abc")


def test_a_text_is_replaced_by_put_and_kept_by_first() -> None:
    notes = Notes()
    assert notes.get("done", "x") is None
    assert notes.first("done", "x", text="1") == "1"
    assert notes.first("done", "x", text="2") == "1"
    notes.put("done", "x", text="3")
    assert notes.get("done", "x") == "3"
    assert Notes().get("done", "x") is None


def test_a_set_in_the_notes_counts_what_differs() -> None:
    notes = Notes()
    one, other = KeySet(notes, "seen", "one"), KeySet(notes, "seen", "other")
    assert not one
    for text in ("a", "b", "a"):
        one.add(text)
    assert len(one) == 2
    assert "a" in one
    assert "c" not in one
    assert None not in one
    assert "a" not in other


def test_memory_does_not_grow_with_what_is_noted() -> None:
    notes = Notes()
    for number in range(2_000):
        notes.put("done", str(number), text="http://www.example.gov.cn/zwgk/" * 4)
    before = resident()
    for number in range(60_000):  # some 9 MB
        notes.put("done", str(number), text="http://www.example.gov.cn/zwgk/" * 4)
    assert resident() - before < CACHE_KIBIBYTES * 1024 + NOT_OF_THE_CACHE
    assert notes.has("done", "59999")
