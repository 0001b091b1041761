"""Measures of tables without upright rulings, in type sizes unless they are counts."""

__all__ = ["BESIDE", "CLOSE", "FIGURES_OF_ONE_ROW", "LARGEST_PITCH", "SAME_ROW", "USUAL_PITCH", "WIDE"]

SAME_ROW = 0.35
"""Figures whose baselines differ by at most this, in type sizes, stand in one row."""
BESIDE = 0.9
"""Lines nearer than this are of one row."""
FIGURES_OF_ONE_ROW = 4
"""Figures at least that make a table of one row."""
CLOSE = 1.15
"""Lines of one label follow each other at the least distance found, up to this factor."""
USUAL_PITCH = 1.3
"""Lines of one label are no farther apart, in type sizes, where nothing tells how far: next come rows."""
LARGEST_PITCH = 1.9
"""Lines of one label are never farther apart."""
WIDE = 5
"""Columns from which on a table is a wide one."""
