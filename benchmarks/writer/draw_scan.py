"""A page as a scan: the PDF of the page as pictures, turned a little, unevenly lit, noisy, compressed.

Pure: same page and rng, same bytes (for the same version of PDFium).
"""

import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

from benchmarks.writer import draw_pdf
from benchmarks.writer.page import Page

__all__ = ["ScanHabits", "draw_scan_page", "random_habits"]

_POINTS = 72.0
_WHEN = time.gmtime(0)
"""When the PDF says it was made: the same for all, or the same page would give other bytes."""


@dataclass(frozen=True, slots=True)
class ScanHabits:
    """How a scan is made."""

    dpi: int = 200
    skew: float = 0.0
    """Degrees."""
    noise: float = 0.0
    """Standard deviation of the noise, of 255."""
    blur: float = 0.0
    quality: int = 85
    shade: float = 0.0
    """How much darker the far corner is, of 1."""
    grey: bool = True
    container: str = "pdf"
    """pdf, png, jpeg (all pages below each other in one picture), tiff."""


def random_habits(rng: random.Random) -> ScanHabits:
    """Habits as scanners have them."""
    return ScanHabits(
        dpi=rng.choice((150, 200, 200, 300)),
        skew=rng.choice((0.0, 0.0, rng.uniform(-1.5, 1.5))),
        noise=rng.choice((0.0, 4.0, 10.0)),
        blur=rng.choice((0.0, 0.0, 0.6)),
        quality=rng.choice((50, 70, 85, 95)),
        shade=rng.choice((0.0, 0.0, 0.25)),
        grey=rng.random() < 0.6,
        container=rng.choice(("pdf", "pdf", "pdf", "png", "jpeg", "tiff")),
    )


def draw_scan_page(page: Page, rng: random.Random, habits: ScanHabits | None = None) -> bytes:
    """The scan of a page. Habits are drawn from `rng` unless given."""
    chosen = habits or random_habits(rng)
    # Scanned paper is printed with rulings and in an ordinary size; what the PDF was named inside does not show.
    printed = draw_pdf.PdfHabits(
        font=draw_pdf.embedded_font() or "STSong-Light",
        size=rng.choice((9.0, 10.5)),
        wide=rng.random() < 0.3,
        page_numbers=rng.choice(("", "- {} -")),
        header_again=rng.random() < 0.3,
    )
    pictures = [
        _worn(picture, rng, chosen) for picture in _rendered(draw_pdf.draw_pdf_page(page, rng, printed), chosen.dpi)
    ]
    buffer = io.BytesIO()
    if chosen.container == "pdf":
        _save_pdf(buffer, pictures, chosen)
    elif chosen.container == "tiff":
        pictures[0].save(
            buffer,
            "TIFF",
            save_all=True,
            append_images=pictures[1:],
            compression="tiff_lzw",
            dpi=(chosen.dpi, chosen.dpi),
        )
    elif chosen.container == "png":
        _stacked(pictures).save(buffer, "PNG", dpi=(chosen.dpi, chosen.dpi))
    else:
        _stacked(pictures).save(buffer, "JPEG", quality=chosen.quality, dpi=(chosen.dpi, chosen.dpi))
    return buffer.getvalue()


def _rendered(data: bytes, dpi: int) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    try:
        pictures = []
        for page in document:
            picture: Image.Image = page.render(scale=dpi / _POINTS).to_pil()
            pictures.append(picture.convert("RGB"))
            page.close()
        return pictures
    finally:
        document.close()


def _worn(picture: Image.Image, rng: random.Random, habits: ScanHabits) -> Image.Image:
    if habits.skew:
        picture = picture.rotate(
            habits.skew * rng.choice((0.5, 1.0)), resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)
        )
    if habits.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(habits.blur))
    pixels: Any = np.asarray(picture).astype(np.float32)
    height, width = pixels.shape[:2]
    if habits.shade:
        down = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
        right = np.linspace(0.0, 1.0, width, dtype=np.float32)[None, :]
        pixels *= (1.0 - habits.shade * down * right)[..., None]
    if habits.noise:
        generator = np.random.default_rng(rng.getrandbits(32))
        pixels += generator.normal(0.0, habits.noise, (height, width, 1)).astype(np.float32)
    worn = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return worn.convert("L") if habits.grey else worn


def _save_pdf(buffer: io.BytesIO, pictures: Sequence[Image.Image], habits: ScanHabits) -> None:
    pictures[0].save(
        buffer,
        "PDF",
        save_all=True,
        append_images=pictures[1:],
        resolution=habits.dpi,
        quality=habits.quality,
        creationDate=_WHEN,
        modDate=_WHEN,
    )


def _stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """All pages below each other, as a page grabber makes them."""
    width = max(picture.width for picture in pictures)
    height = sum(picture.height for picture in pictures)
    whole = Image.new(pictures[0].mode, (width, height), 255 if pictures[0].mode == "L" else (255, 255, 255))
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole
