"""What was measured of one arm over a set, and its row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.rate_accuracy.matching import Matches
from benchmarks.rate_accuracy.measures import interval

Row = dict[str, str]
BOXES = "boxes"
FINDER = "ppocr"  # whose boxes are judged, and are what the others read
READERS = ("ppocr", "tesseract", "english_g2")
COLUMNS = ("set", "pictures", "digest", "codec", "version", "setting", "bytes", "bpp", "text_bytes")
HEADER = (
    *COLUMNS,
    "psnr",
    "ms_ssim",
    *(f"{name}{end}" for name in (BOXES, *READERS) for end in ("", "_low", "_high")),
)


@dataclass
class Tally:
    """One arm, a list entry per picture.

    Attributes:
        head: Codec, version, setting.
        bytes, text_bytes, bpp: Of the streams.
        psnr, ms_ssim: Against the picture.
        matches: Reader, or BOXES -> words.
    """

    head: tuple[str, str, str]
    bytes: list[int] = field(default_factory=list)
    text_bytes: list[int] = field(default_factory=list)
    bpp: list[float] = field(default_factory=list)
    psnr: list[float] = field(default_factory=list)
    ms_ssim: list[float] = field(default_factory=list)
    matches: dict[str, list[Matches]] = field(default_factory=dict)

    def add(self, name: str, matches: Matches) -> None:
        """Add what was found in a picture."""
        self.matches.setdefault(name, []).append(matches)

    def row(self, set_name: str, pictures: int, digest: str) -> Row:
        """Means over pictures; F1 of all words, with 95 % intervals over pictures."""
        cells: Row = dict.fromkeys(HEADER, "")
        head = (set_name, str(pictures), digest, *self.head)
        cells |= dict(zip(COLUMNS, head, strict=False))
        for name, form in (("bytes", ".1f"), ("bpp", ".5f"), ("text_bytes", ".1f")):
            values = getattr(self, name)
            cells[name] = format(np.mean(values), form) if values else ""
        for name, form in (("psnr", ".3f"), ("ms_ssim", ".5f")):
            values = getattr(self, name)
            cells[name] = format(np.mean(values), form) if values else ""
        for name, found in self.matches.items():
            above = np.array([2.0 * m.matched for m in found])
            below = np.array([float(m.found + m.true) for m in found])
            low, high = interval(above, below)
            f1 = above.sum() / below.sum() if below.any() else float("nan")
            for end, value in (("", f1), ("_low", low), ("_high", high)):
                cells[name + end] = f"{value:.4f}" if value == value else ""
        return cells
