"""Property modifiers ("sprms") of Word's binary format: how a list of them is cut, and the ones that matter here.

Belongs here: opcodes and operand sizes. Does not belong here: what they do.
"""

from collections.abc import Iterator

from extract.readers.edges import needs_converter

__all__ = ["SHORT_OPCODES", "modifiers"]

P_IN_TABLE = 0x2416
P_ROW_END = 0x2417
P_DEPTH = 0x6649
P_DEPTH_CHANGE = 0x664A
P_INNER_CELL = 0x244B
P_INNER_ROW_END = 0x244C
P_ELSEWHERE = frozenset({0x6645, 0x6646, 0x646B})
"""The modifiers stand in the data stream, because they are too many for a page of properties."""
P_STYLE = 0x4600

T_LEFT = 0x9601
T_HALF_GAP = 0x9602
T_DEFINE_OLD = 0xD606
T_DEFINE = 0xD608
T_INSERT = 0x7621
T_DELETE = 0x5622
T_WIDTH = 0x7623
T_MERGE = 0x5624
T_SPLIT = 0x5625
T_MERGE_DOWN = 0xD62B

C_DELETED = 0x0800
C_HIDDEN = 0x083C
C_STRUCK = 0x0837
C_DOUBLE_STRUCK = 0x2A53
C_RAISED = 0x2A48
C_RAISED_BY = 0x4845
C_SYMBOL = 0x6A09
C_STYLE = 0x4A30
C_PLAIN = 0x2A33

_P_TABS = 0xC615
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
_VARIABLE = 6

SHORT_OPCODES = {
    0x18: P_IN_TABLE,
    0x19: P_ROW_END,
    0x41: C_DELETED,
    0x53: C_PLAIN,
    0x57: C_STRUCK,
    0x5C: C_HIDDEN,
    0x68: C_RAISED,
    0x73: C_DOUBLE_STRUCK,
}
"""The one-byte codes that the piece table of a fast-saved file uses, as far as they matter."""


def modifiers(listed: bytes) -> Iterator[tuple[int, bytes]]:
    """Opcode and operand of each modifier. Raises Unreadable where the list ends inside one."""
    position, end = 0, len(listed)
    while position + 2 <= end:
        opcode = listed[position] | listed[position + 1] << 8
        position += 2
        if opcode == 0:  # what fills the page
            return
        size = _SIZES[opcode >> 13]
        if opcode >> 13 == _VARIABLE:
            size = _variable_size(opcode, listed, position)
        if position + size > end:
            raise needs_converter("A list of paragraph or character properties ends too early.")
        yield opcode, listed[position : position + size]
        position += size


def _variable_size(opcode: int, listed: bytes, position: int) -> int:
    """The size of an operand that tells it itself, the bytes that tell it included."""
    if opcode in (T_DEFINE, T_DEFINE_OLD):
        return int.from_bytes(listed[position : position + 2], "little") + 1
    if position >= len(listed):
        return 1
    size = listed[position]
    if opcode == _P_TABS and size == 255:
        deleted = listed[position + 1 : position + 2]
        behind = position + 2 + 4 * (deleted[0] if deleted else 0)
        added = listed[behind : behind + 1]
        return behind + 1 + 3 * (added[0] if added else 0) - position
    return size + 1
