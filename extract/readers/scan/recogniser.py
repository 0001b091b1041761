"""Characters of one line of text, by the recognition model that ships inside the rapidocr wheel. Nothing is downloaded.

Belongs here: the model, its input and its output. Does not belong here: what to cut out of a page, or what to believe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extract.model import Unreadable
from extract.readers.scan.pixels import Grey

__all__ = ["HEIGHT", "Reading", "read_lines"]

HEIGHT = 48
"""Pixels: the height that the model was trained on."""
_MODEL = "PP-OCRv6_rec_small.onnx"
_MOST_PIXELS = 1280
"""Width of a batch. Larger batches take more memory and no less time."""
_STEP = 32
_NARROWEST = 64
_BLANK = 0
_FIGURES = "0123456789.,-/"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads in one line: text, and the probability of its least and average character.

    `figures` is what the same steps spell if nothing but figures and signs were possible.
    """

    text: str
    least: float
    mean: float
    figures: str = ""


@dataclass(frozen=True, slots=True)
class _Model:
    session: Any
    input_name: str
    characters: tuple[str, ...]
    figures: NDArray[np.int64]
    """The classes that are figures or signs, the blank first."""


@cache
def _model() -> _Model:
    """The model, loaded once in a process and only where a page has text to recognise."""
    import onnxruntime

    package = find_spec("rapidocr")
    folder = Path(package.origin).parent / "models" if package and package.origin else Path()
    path = folder / _MODEL
    if not path.is_file():
        raise Unreadable("ocr_missing", f"The recognition model {_MODEL} is not installed: install rapidocr again.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    figures = [_BLANK, *(names.index(name) + 1 for name in _FIGURES)]
    return _Model(session, session.get_inputs()[0].name, ("", *names, " "), np.array(figures))


def read_lines(lines: Sequence[Grey]) -> list[Reading]:
    """Read lines of `HEIGHT` pixels, black on white, of any width. Lines of about one width share a batch."""
    readings: list[Reading | None] = [None] * len(lines)
    order = sorted(range(len(lines)), key=lambda index: lines[index].shape[1])
    start = 0
    while start < len(order):
        width = _padded(lines[order[start]].shape[1])
        end = start + 1
        while (
            end < len(order)
            and _padded(lines[order[end]].shape[1]) == width
            and (end - start + 1) * width <= _MOST_PIXELS
        ):
            end += 1
        batch = order[start:end]
        for index, reading in zip(batch, _read_batch([lines[index] for index in batch], width), strict=True):
            readings[index] = reading
        start = end
    return [reading for reading in readings if reading is not None]


def _padded(width: int) -> int:
    return max(_NARROWEST, -(-width // _STEP) * _STEP)


def _read_batch(lines: Sequence[Grey], width: int) -> list[Reading]:
    model = _model()
    batch = np.zeros((len(lines), 3, HEIGHT, width), dtype=np.float32)
    for position, line in enumerate(lines):
        batch[position, :, :, : line.shape[1]] = (line.astype(np.float32) - 127.5) / 127.5
    (output,) = model.session.run(None, {model.input_name: batch})
    return [_decoded(steps, model) for steps in output]


def _decoded(steps: NDArray[np.float32], model: _Model) -> Reading:
    """The characters that the steps spell: repeats are one character, blanks stand between."""
    best = steps.argmax(axis=1)
    emitted = _emitted(best)
    if not emitted.any():
        return Reading("", 1.0, 1.0)
    scores = steps[np.flatnonzero(emitted), best[emitted]]
    text = "".join(model.characters[index] for index in best[emitted])
    restricted = model.figures[steps[:, model.figures].argmax(axis=1)]
    figures = "".join(model.characters[index] for index in restricted[_emitted(restricted)])
    return Reading(text, float(scores.min()), float(scores.mean()), figures)


def _emitted(classes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The steps at which a character begins."""
    starts: NDArray[np.bool_] = (classes != _BLANK) & np.concatenate([[True], classes[1:] != classes[:-1]])
    return starts
