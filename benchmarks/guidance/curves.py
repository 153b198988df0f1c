"""A set's rows as curves over bits a pixel, and what they say at a rate or at equal rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.guidance.tally import BOXES, READERS
from benchmarks.rate_accuracy.curves import value_apart
from benchmarks.rate_accuracy.rows import NAN
from benchmarks.record import value

Rows = Sequence[Mapping[str, str]]
# Measure -> its title and how it is written.
MEASURES = {
    BOXES: ("boxes found, F1", ".3f"),
    **{reader: (f"{reader}, F1", ".3f") for reader in READERS},
    "psnr": ("PSNR, dB", ".2f"),
    "ms_ssim": ("MS-SSIM", ".4f"),
}


def of(rows: Rows, codec: str) -> list[Mapping[str, str]]:
    """A codec's rows, by their bits."""
    return sorted((row for row in rows if row["codec"] == codec), key=lambda r: value(r, "bpp"))


def codec_of(rows: Rows, family: str) -> str | None:
    """The codec, family and precision, by which rows call a family; None where none is of it."""
    found = (row["codec"] for row in rows)
    return next((codec for codec in found if codec.rpartition("-")[0] == family), None)


def curve(rows: Rows, codec: str, measure: str) -> list[tuple[float, float]]:
    """(bits a pixel, value) of a codec, by bits, where both were measured."""
    points = [(value(row, "bpp"), value(row, measure)) for row in of(rows, codec)]
    return [(rate, found) for rate, found in points if rate == rate and found == found]


def at_rate(points: Sequence[tuple[float, float]], rate: float) -> float:
    """A value at so many bits a pixel, by interpolation in their logarithm; nan outside."""
    if not points or not points[0][0] <= rate <= points[-1][0]:
        return NAN
    rates, values = zip(*points, strict=True)
    return float(np.interp(np.log(rate), np.log(rates), values))


def apart(rows: Rows, codec: str, peer: str, measure: str) -> float:
    """By how much a measure differs at equal bits, over those that both spend; nan for none."""
    return value_apart(curve(rows, codec, measure), curve(rows, peer, measure))
