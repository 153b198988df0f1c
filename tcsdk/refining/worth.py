"""What errors are worth in bits: the loss by which `tfic` is trained, for one picture.

Its recipe (train/codec/recipes/tfic.py) and its loss in torch (train/codec/legibility.py) take the
numbers from here: what is learnt for all pictures is done once more for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.quality_map import grown
from tcsdk.model.grids import Y_STRIDE
from tcsdk.reading.boxes import Box, sides

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Bits per squared level outside text, per squared mean level of a block there, per squared level in
# text, and per nat of a reader: at quality 0 and at quality 63, log-linear between them.
BACKGROUND, TONE, TEXT, READING = (4e-7, 8e-6), (5e-6, 6e-5), (3e-4, 3e-2), (60.0, 600.0)
_HIGHEST = 63
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_LUMA = np.array(LUMA, np.float32)
# Text is read by its luma, by its contrast (an error of 20 levels hides grey letters on white and
# does nothing to black ones) and by its size (a letter of twice the height shows four times the
# pixels, and is as legible with four times the error). So errors in text are measured mostly in
# luma, over its variance in a window of CELLS cells of CELL pixels a side relative to CONTRAST,
# and over a power of the line's height relative to LEGIBLE, both within bounds.
LUMA_SHARE = 0.7
CELL, CELLS = 8, 5
CONTRAST, CONTRAST_FLOOR = 40.0, 10.0  # standard deviations, levels
LEAST_WEIGHT, MOST_WEIGHT = 0.4, 4.0
LEGIBLE, HEIGHT_POWER = 16.0, 2.5  # pixels of a line
LEAST_HEIGHT_WEIGHT, MOST_HEIGHT_WEIGHT = 1 / 32, 4.0


def at_quality(weights: tuple[float, float], quality: int) -> float:
    """Return a weight at a quality, 0..63."""
    low, high = map(math.log, weights)
    return math.exp(low + (high - low) * quality / _HIGHEST)


@dataclass(frozen=True)
class PixelWorth:
    """What the errors of a picture's pixels are worth.

    Attributes:
        target: (3, H, W) float32 in 0..1, the picture.
        text: (H, W) bool, pixels of text.
        legible: (H, W) float32, how much errors in text matter there.
        counted: (H, W) float32, 1 for pixels that count, 0 for others.
        quality: 0..63.
    """

    target: Floats
    text: Mask
    legible: Floats
    counted: Floats
    quality: int

    def gradient(self, shown: Floats) -> Floats:
        """Return the gradient of the bits that errors are worth by the picture shown (3, H, W)."""
        error = (shown - self.target) * np.float32(255.0)
        luma = np.tensordot(_LUMA, error, 1)
        slope = error * self._plain + luma * self._luma * _LUMA[:, None, None]
        slope += _on_pixels(_block_means(error * self._beside)) * self._tone * self._beside
        return np.asarray(slope * (self.counted * np.float32(255.0)))

    @cached_property
    def _beside(self) -> Floats:
        return (~self.text).astype(np.float32)

    @property
    def _tone(self) -> float:
        return 2 / 3 * at_quality(TONE, self.quality)

    @cached_property
    def _plain(self) -> Floats:
        """Slope per level of each channel's error."""
        in_text = (1 - LUMA_SHARE) * at_quality(TEXT, self.quality) * self.legible
        outside = at_quality(BACKGROUND, self.quality)
        return np.asarray(2 / 3 * np.where(self.text, in_text, outside), np.float32)

    @cached_property
    def _luma(self) -> Floats:
        """Slope per level of the luma's error."""
        in_text = 2 * LUMA_SHARE * at_quality(TEXT, self.quality) * self.legible
        return np.asarray(np.where(self.text, in_text, 0.0), np.float32)


def pixel_worth(
    target: Floats, blocks: Mask, boxes: Sequence[Box], counted: Floats, quality: int
) -> PixelWorth:
    """Return what errors are worth where text is known.

    Args:
        target: (3, H, W) float32 in 0..1, H and W multiples of 64.
        blocks: (H/16, W/16) bool, blocks of which a detector says that they show text.
        boxes: (4, 2) float32, lines of text; what a detector sees beside them counts as text of a
            height that needs no more than others.
        counted: (H, W) float32, 1 for pixels that count.
        quality: 0..63.
    """
    shape = target.shape[1:]
    heights = np.zeros(shape, np.float32)
    for box in boxes:
        inside = _inside(box, shape)
        heights[inside] = np.maximum(heights[inside], sides(box)[1])
    text = (heights > 0) | _on_pixels(blocks & ~grown(blocks_of(boxes, shape)))
    by_height = (LEGIBLE / np.where(heights > 0, heights, LEGIBLE).clip(1.0)) ** HEIGHT_POWER
    legible = _contrast_weight(target) * by_height.clip(LEAST_HEIGHT_WEIGHT, MOST_HEIGHT_WEIGHT)
    return PixelWorth(target, text, legible.astype(np.float32), counted, quality)


def blocks_of(boxes: Iterable[Box], shape: tuple[int, ...]) -> Mask:
    """Return the blocks of 16x16 pixels that boxes reach into, (H/16, W/16) of a picture (H, W)."""
    inside = np.zeros(shape, np.float32)
    for box in boxes:
        inside[_inside(box, shape)] = 1.0
    return np.asarray(_block_means(inside[None])[0] > 0)


def _inside(box: Box, shape: tuple[int, ...]) -> Mask:
    """Return the pixels inside a convex quadrilateral."""
    x, y = np.arange(shape[1]) + 0.5, (np.arange(shape[0]) + 0.5)[:, None]
    signs = []
    for (x0, y0), (x1, y1) in zip(box, np.roll(box, -1, axis=0), strict=True):
        signs.append((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0)
    inside = np.logical_and.reduce(signs)
    return np.asarray(inside)


def _contrast_weight(target: Floats) -> Floats:
    """Return how much an error matters by the contrast around it, (H, W)."""
    luma = np.tensordot(_LUMA, target, 1) * 255.0
    height, width = luma.shape
    cells = luma.reshape(height // CELL, CELL, width // CELL, CELL)
    mean, square = (_smoothed(each.mean((1, 3))) for each in (cells, cells**2))
    variance = np.maximum(square - mean**2, 0.0) + CONTRAST_FLOOR**2
    weight = (CONTRAST**2 / variance).clip(LEAST_WEIGHT, MOST_WEIGHT)
    return np.asarray(weight.repeat(CELL, 0).repeat(CELL, 1), np.float32)


def _smoothed(cells: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mean over CELLS x CELLS cells, of those that there are."""
    around = CELLS // 2
    total, count = np.zeros(cells.shape), np.zeros(cells.shape)
    rows, columns = cells.shape
    padded = np.pad(cells, around)
    there = np.pad(np.ones(cells.shape), around)
    for down in range(CELLS):
        for right in range(CELLS):
            at = np.s_[down : down + rows, right : right + columns]
            total, count = total + padded[at], count + there[at]
    return total / count


def _block_means(values: Floats) -> Floats:
    channels, height, width = values.shape
    parts = values.reshape(channels, height // Y_STRIDE, Y_STRIDE, width // Y_STRIDE, Y_STRIDE)
    return np.asarray(parts.mean((2, 4)), np.float32)


def _on_pixels(blocks: NDArray[Any]) -> NDArray[Any]:
    return blocks.repeat(Y_STRIDE, -2).repeat(Y_STRIDE, -1)
