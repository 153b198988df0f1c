"""What golden vectors are made of: inputs of graphs, the same for everybody."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from tcsdk.model.folder import CodecFolder, ModelFolder, RecogniserFolder
from tcsdk.model.graphs import (
    CLASS_BIAS,
    GAIN,
    INV_GAIN,
    LINE_PIXELS,
    SMALL_CROPS,
    STRAIGHTENING,
    WORD_PIXELS,
    Z_GAIN,
    Z_INVERSE_GAIN,
    X,
)
from tcsdk.model.grids import CROP_SIZE, LINE_HEIGHT, WORD_SIZE

Arrays = dict[str, NDArray[np.float32]]
SIZE = (64, 128)
_LINE = 192  # pixels
_CROPS = 2  # so that batches are tried too
_SURE = 20.0


def golden_picture(size: tuple[int, int] = SIZE, phase: int = 0) -> NDArray[np.float32]:
    """Return a picture of golden vectors, (1, 3, *size) in 0..1: waves and bars.

    Args:
        size: Rows and columns.
        phase: Pixels by which the waves and bars are shifted.
    """
    y, x = np.mgrid[0 : size[0], phase : size[1] + phase].astype(np.float32)
    columns = (x - phase) / size[1]
    picture = np.stack([0.5 + 0.4 * np.sin(x / 11), 0.5 + 0.4 * np.cos(y / 9), columns])
    bars = (np.arange(size[1]) + phase) // 4 % 2 == 0
    picture[:, 5 * size[0] // 16 : 5 * size[0] // 8][:, :, bars] = 0.1
    return picture[None].astype(np.float32)


def pictures(model: ModelFolder) -> Arrays:
    """Return what a codec's graphs take beside what they make of it: a picture, and gains."""
    codec = cast("CodecFolder", model)
    bundle = codec.load_bundle()
    level = int(bundle.z_level_of_quality[codec.default_quality])
    ones = np.ones((1, codec.latent, 1, 1), np.float32)
    return {
        X: golden_picture(),
        Z_GAIN: bundle.z_gain[level].reshape(1, -1, 1, 1),
        Z_INVERSE_GAIN: bundle.z_inverse_gain[level].reshape(1, -1, 1, 1),
        GAIN: ones,
        INV_GAIN: ones,
    }


def _crops(rows: int, columns: int) -> NDArray[np.float32]:
    return np.concatenate([golden_picture((rows, columns), 7 * k) for k in range(_CROPS)])


def lines(model: ModelFolder) -> Arrays:
    """Return two lines."""
    return {LINE_PIXELS: _crops(LINE_HEIGHT, _LINE)}


def words(model: ModelFolder) -> Arrays:
    """Return two words, and a bias of classes by which each is one character again and again.

    What is read leads what follows: by a slip of one engine all the rest would differ. And no word
    ends, so that a graph with a loop goes all its rounds.
    """
    characters = len(cast("RecogniserFolder", model).characters)
    bias = np.zeros((_CROPS, characters + 2, 1, 1), np.float32)
    for k in range(_CROPS):
        bias[k, (3 * k + 1) % characters] = _SURE
    bias[:, characters:] = -_SURE
    return {WORD_PIXELS: _crops(*WORD_SIZE), CLASS_BIAS: bias}


def small_crops(model: ModelFolder) -> Arrays:
    """Return two crops, one of which is set straight."""
    straight = np.zeros((_CROPS, 1, 1, 1), np.float32)
    straight[0] = 1
    return {SMALL_CROPS: _crops(*CROP_SIZE), STRAIGHTENING: straight}
