"""Typed doors to OpenCV and NumPy: pages as grey arrays, and the few operations that the scan reader needs.

Belongs here: array work without any idea of tables or text. OpenCV carries no types, so nothing else imports it.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Grey",
    "Matrix",
    "background_free",
    "box_blur",
    "components",
    "gaussian",
    "grey_of",
    "homography",
    "placed",
    "resized",
    "runs",
    "smeared",
    "through",
    "tophat",
    "turned",
    "warped",
]

Grey = NDArray[np.uint8]
Matrix = NDArray[np.float64]

_cv: Any = cv2
_cv.setNumThreads(1)  # Workers are parallel by process.

_BACKGROUND_SCALE = 4
_WHITE = 255


def grey_of(image: NDArray[np.uint8]) -> Grey:
    """A page as grey levels, from grey or RGB."""
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    grey: Grey = _cv.cvtColor(np.ascontiguousarray(image[:, :, :3]), _cv.COLOR_RGB2GRAY)
    return grey


def resized(image: Grey, width: int, height: int) -> Grey:
    """The picture at another size: averaged when it shrinks, cubic when it grows."""
    shrinks = width < image.shape[1]
    result: Grey = _cv.resize(
        image, (max(1, width), max(1, height)), interpolation=_cv.INTER_AREA if shrinks else _cv.INTER_CUBIC
    )
    return result


def turned(image: Grey, quarters: int) -> Grey:
    """The picture turned clockwise by quarter turns."""
    return np.ascontiguousarray(np.rot90(image, -quarters))


def warped(image: Grey, matrix: Matrix, width: int, height: int) -> Grey:
    """The picture through a homography that maps its points to those of the result; white outside."""
    result: Grey = _cv.warpPerspective(
        image, matrix, (width, height), flags=_cv.INTER_CUBIC, borderMode=_cv.BORDER_REPLICATE
    )
    return result


def homography(source: Matrix, target: Matrix) -> Matrix:
    """The homography that maps four points to four points."""
    result: Matrix = _cv.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    return result


def through(matrix: Matrix, points: Matrix) -> Matrix:
    """Points (n x 2) mapped by a homography."""
    lifted = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    result: Matrix = lifted[:, :2] / lifted[:, 2:3]
    return result


def placed(
    image: Grey,
    scale: float,
    left: float,
    top: float,
    width: int,
    height: int,
    paper: int,
    *,
    vertical: float | None = None,
) -> Grey:
    """A part of the picture, from (left, top), scaled onto a strip of `width` by `height`; `paper` outside."""
    across, down = scale, scale if vertical is None else vertical
    source = gaussian(image, 0.35 / min(across, down)) if min(across, down) < 0.8 else image
    matrix = np.array([[across, 0, -left * across], [0, down, -top * down]], dtype=np.float32)
    result: Grey = _cv.warpAffine(
        source,
        matrix,
        (width, height),
        flags=_cv.INTER_CUBIC if down > 1.6 else _cv.INTER_LINEAR,
        borderMode=_cv.BORDER_CONSTANT,
        borderValue=paper,
    )
    return result


def box_blur(image: Grey, width: int, height: int) -> Grey:
    """The mean over a box."""
    result: Grey = _cv.blur(image, (width, height))
    return result


def gaussian(image: Grey, sigma: float) -> Grey:
    """A Gaussian blur."""
    result: Grey = _cv.GaussianBlur(image, (0, 0), sigma)
    return result


def tophat(image: Grey, width: int, height: int) -> Grey:
    """What is brighter than its surroundings and smaller than a box."""
    kernel = np.ones((height, width), dtype=np.uint8)
    result: Grey = _cv.morphologyEx(image, _cv.MORPH_TOPHAT, kernel)
    return result


def components(mask: Grey) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels of the connected components (0 is none) and their left, top, width, height, area; row 0 is none."""
    _, labels, stats, _ = _cv.connectedComponentsWithStats(mask, connectivity=8)
    return labels, stats


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches of a row of pixels: where each begins and where it has ended."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def smeared(mask: Grey, width: int, height: int) -> Grey:
    """A mask grown to a box around each of its pixels."""
    result: Grey = _cv.dilate(mask, np.ones((max(1, height), max(1, width)), dtype=np.uint8))
    return result


def background_free(grey: Grey, reach: int) -> Grey:
    """Darkness of print against the paper around it: 0 for paper or the shade of a cell, 255 for black on white.

    Strokes narrower than `reach` pixels are print; anything wider is paper: uneven light, shadows and shaded cells.
    """
    height, width = grey.shape
    small = resized(grey, width // _BACKGROUND_SCALE, height // _BACKGROUND_SCALE)
    # Print is averaged with paper here, so that the smallest closing must still span a stroke.
    size = max(3, reach // _BACKGROUND_SCALE | 1)
    closed = _cv.morphologyEx(gaussian(small, 0.6), _cv.MORPH_CLOSE, np.ones((size, size), dtype=np.uint8))
    paper: Grey = _cv.resize(gaussian(closed, 1.0), (width, height), interpolation=_cv.INTER_LINEAR)
    paper = np.maximum(paper, 32)
    ratio = _cv.divide(grey, paper, scale=_WHITE)
    darkness: Grey = _WHITE - ratio
    return darkness
