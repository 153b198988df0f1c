"""The latents of one part of a picture, refined step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.engines.base import Arrays
from tcsdk.model.graphs import R
from tcsdk.refining.differentiable import Differentiable
from tcsdk.refining.rates import ROWS, bits_by_row
from tcsdk.refining.reading_worth import ReadingWorth
from tcsdk.refining.rounding import Annealing
from tcsdk.refining.worth import PixelWorth

Floats = NDArray[np.float32]
Whole = NDArray[np.int16]


@dataclass(frozen=True)
class Window:
    """Latents of a part of a picture.

    Attributes:
        inputs: What the synthesis takes beside r: z_hat, inv_gain and z_inverse_gain.
        r: (M, h, w) float32, y minus its means in quantiser steps, not rounded; whole numbers in
            blocks that stay as they are.
        rows: (M, h, w), rows of the scale table, 0..63.
        moves: (M, h, w) bool, elements that are coded and may change.
    """

    inputs: Arrays
    r: Floats
    rows: NDArray[np.integer]
    moves: NDArray[np.bool_]


def refined(
    synthesis: Differentiable,
    window: Window,
    pixels: PixelWorth,
    reading: ReadingWorth,
    steps: int,
    rng: np.random.Generator,
) -> Whole:
    """Return whole numbers (M, h, w) that cost less, in bits and in what is lost, than rounded r.

    Args:
        synthesis: Latents to pictures (1, 3, H, W).
        window: The latents.
        pixels: What errors are worth.
        reading: What unread text is worth.
        steps: How many steps are taken.
        rng: Source of chance.
    """
    places = np.flatnonzero(window.moves)
    sent = np.where(window.moves, 0, np.rint(window.r)).astype(np.float32)
    annealing = Annealing(window.r.ravel()[places].copy(), steps, rng)
    table, row = bits_by_row(), np.clip(window.rows.ravel()[places], 0, ROWS - 1)
    most = table.shape[1] - 1
    for _ in range(steps):
        below, above = annealing.mixed()
        sent.ravel()[places] = below + above
        inputs = {**window.inputs, R: sent[None]}
        shown = synthesis.value(inputs)[0]
        by_shown = pixels.gradient(shown)
        reading.add_gradient(shown, by_shown)
        gradient = synthesis.gradient(inputs, by_shown[None])[0].ravel()[places]
        lower, higher = (np.minimum(np.abs(each), most) for each in (below, below + 1))
        annealing.move(gradient + table[row, higher] - table[row, lower])
    sent.ravel()[places] = annealing.whole()
    return sent.astype(np.int16)
