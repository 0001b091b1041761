"""Ruling lines of a page: thin, long, nearly level or upright; broken, faint or slightly bent ones too.

Belongs here: finding lines in the darkness of a page. What they enclose is `lattice`.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from extract.readers.scan.pixels import Grey, box_blur, components, tophat

__all__ = ["Ruling", "darkness_along", "level_of", "rulings_of"]

_SMOOTH = 16.0
"""Points over which darkness is averaged along a line: longer than a character, so that only lines remain."""
_SHORTEST = 12.0
_THICKEST = 3.6
"""Points. Rulings are thinner; the bars of bold titles are not."""
_LEAST_DARKNESS = 26
_LEAST_COVERAGE = 0.7
_BENDING = 60.0
"""Points. Shorter lines are level."""
_SIGMAS = 6.0
_BIN = 8


@dataclass(frozen=True, slots=True, eq=False)
class Ruling:
    """A line, along its main direction from `start` to `end`; `bends` gives where it stands across, at `stations`.

    A level line has its y in `bends`, an upright line its x. All in pixels.
    """

    start: float
    end: float
    stations: NDArray[np.float64]
    bends: NDArray[np.float64]
    thickness: float
    is_drawn: bool = True
    """False for a line that is not printed: the open border of a table."""
    middle: float = field(init=False)
    """Where the line stands across, on the whole."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "middle", float(self.bends[0] if len(self.bends) == 1 else np.median(self.bends)))

    def at(self, position: float) -> float:
        """Where the line stands across, at a position along; level beyond its ends."""
        return self.middle if len(self.bends) == 1 else float(np.interp(position, self.stations, self.bends))

    @property
    def length(self) -> float:
        """From end to end."""
        return self.end - self.start

    def slope(self) -> float:
        """Change across for each pixel along."""
        if len(self.stations) < 2:
            return 0.0
        return float(np.polyfit(self.stations, self.bends, 1)[0])


def rulings_of(darkness: Grey, scale: float, shortest: float = _SHORTEST) -> tuple[list[Ruling], list[Ruling]]:
    """Level and upright lines of `shortest` points or more; `scale` is pixels in a point."""
    level = _level(darkness, scale, shortest)
    upright = _level(np.ascontiguousarray(darkness.T), scale, shortest)
    return level, upright


def _level(darkness: Grey, scale: float, shortest: float) -> list[Ruling]:
    smooth = max(9, round(_SMOOTH * scale))
    thick = max(5, round(_THICKEST * scale) | 1)
    averaged = box_blur(darkness, smooth, 1)
    response = tophat(averaged, 1, thick)
    sample = response[::7, ::7]
    quiet = sample[sample <= np.percentile(sample, 75)]
    threshold = max(_LEAST_DARKNESS, float(quiet.mean() + _SIGMAS * (quiet.std() + 0.5)))
    labels, stats = components((response >= threshold).astype(np.uint8))
    found = []
    # Averaging makes strokes longer, so that a component as short as the shortest line is a stroke of a letter.
    least = max(_SHORTEST + _SMOOTH / 4, shortest) * scale
    long = (stats[:, 2] >= least) & (stats[:, 3] <= stats[:, 2] / 4)
    for index in np.flatnonzero(long[1:]) + 1:
        left, top, width, height, _area = (int(value) for value in stats[index])
        window = labels[top : top + height, left : left + width] == index
        # A line that ran into letters is followed along its darkest pixels.
        weights = np.where(window, averaged[top : top + height, left : left + width], 0).astype(np.float64)
        traced = _traced(weights, left, top, _BENDING * scale)
        if traced.thickness > thick:
            continue
        ruling = _trimmed(traced, darkness)
        if ruling is not None and ruling.length >= shortest * scale:
            found.append(ruling)
    return found


def _trimmed(ruling: Ruling, darkness: Grey) -> Ruling | None:
    """The line between its first and last dark stretch; None where it is mostly gaps."""
    profile = box_blur(darkness_along(ruling, darkness, ruling.start, ruling.end)[None, :], 5, 1)[0]
    dark = profile >= 0.45 * level_of(profile, 0.8)
    where = np.flatnonzero(dark)
    if not len(where) or dark[where[0] : where[-1] + 1].mean() < _LEAST_COVERAGE:
        return None
    return replace(ruling, start=ruling.start + float(where[0]), end=ruling.start + float(where[-1] + 1))


def level_of(profile: Grey, share: float) -> float:
    """The darkness that a share of the profile does not exceed."""
    place = min(len(profile) - 1, int(share * len(profile)))
    return float(np.partition(profile, place)[place])


def darkness_along(ruling: Ruling, darkness: Grey, start: float, end: float, shift: int = 0) -> Grey:
    """The darkest of three pixels across the line at each pixel along it."""
    along = np.arange(max(0, round(start)), min(darkness.shape[1], max(round(end), round(start) + 1)))
    across = np.rint(np.interp(along, ruling.stations, ruling.bends)).astype(np.int64) + shift
    last = darkness.shape[0] - 1
    across = np.minimum(np.maximum(across, 1), last - 1)
    result: Grey = np.maximum(
        np.maximum(darkness[across - 1, along], darkness[across, along]), darkness[across + 1, along]
    )
    return result


def _traced(weights: NDArray[np.float64], left: int, top: int, bend_from: float) -> Ruling:
    """A line through a component, by its centre in stretches of some pixels; level where shorter than `bend_from`."""
    height, width = weights.shape
    rows = weights.sum(axis=1)
    thickness = float((rows > 0.5 * rows.max()).sum())
    if width < bend_from:
        middle = float(rows @ np.arange(height) / rows.sum()) + top
        return Ruling(float(left), float(left + width), np.array([left + width / 2]), np.array([middle]), thickness)
    count = -(-width // _BIN)
    padded = np.zeros((height, count * _BIN))
    padded[:, :width] = weights
    stretches = padded.reshape(height, count, _BIN).sum(axis=2)
    mass = stretches.sum(axis=0)
    kept = mass > 0
    stretches, mass = stretches[:, kept], mass[kept]
    stations = (np.flatnonzero(kept) + 0.5) * _BIN + left
    bends = np.arange(height, dtype=np.float64) @ stretches / mass + top
    thickness = float(np.median((stretches > 0.5 * stretches.max(axis=0)).sum(axis=0)))
    along, across = np.asarray(stations, dtype=np.float64), np.asarray(bends, dtype=np.float64)
    return Ruling(float(left), float(left + width), along, _without_outliers(along, across), thickness)


def _without_outliers(stations: NDArray[np.float64], bends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bends, those that letters pulled aside replaced by a quadratic through the others."""
    centre = stations.mean()
    kept = np.ones(len(bends), dtype=bool)
    fitted = bends
    for _ in range(3):
        if kept.sum() <= 5:
            break
        fitted = np.polyval(np.polyfit(stations[kept] - centre, bends[kept], 2), stations - centre)
        off = np.abs(bends - fitted)
        kept = off <= max(1.0, 2.5 * float(np.median(off[kept])))
    result: NDArray[np.float64] = np.where(kept, bends, fitted)
    return result
