"""Stretches of the width of a page, as start and end in points: what stands over what."""

__all__ = ["Span", "touch"]

Span = tuple[float, float]
"""Start, end."""


def touch(one: Span, other: Span) -> bool:
    """Whether two stretches share some width, or an end."""
    return one[0] <= other[1] and one[1] >= other[0]
