"""The latents of a tile at one quality, before they are whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Bundle, inverse_gain
from tcsdk.codec.quality_map import Offsets
from tcsdk.codec.windows import Analysed, Decoded

Floats = NDArray[np.float32]

_TEXT = 0.5  # the detector's probability from which a block counts as text


@dataclass(frozen=True)
class TileLatents:
    """The latents of a tile at one quality; (M, h, w) each but where it says so.

    Attributes:
        z_hat: (C_z, ceil(h/4), ceil(w/4)) int8.
        r: float32, y minus its means in quantiser steps.
        rows: int16, of the scale table.
        coded: bool, what is not skipped.
        whole: int16, what is to be sent of r.
        text: (h, w) bool, blocks that show text by the detector.
        mapped: Whether there is a quality map.
        inverse_gain: As in `Decoded`.
    """

    z_hat: NDArray[np.int8]
    r: Floats
    rows: NDArray[np.int16]
    coded: NDArray[np.bool_]
    whole: NDArray[np.int16]
    text: NDArray[np.bool_]
    mapped: bool
    inverse_gain: Callable[[], Floats]

    @classmethod
    def of(
        cls, bundle: Bundle, tile: Analysed, offsets: Offsets | None, quality: int
    ) -> TileLatents:
        """Return what is coded of a tile: the kernel's own numbers, before they are whole."""
        inverse = partial(inverse_gain, bundle, quality, offsets)
        r = np.asarray(tile.residual / inverse(), np.float32)
        level = int(bundle.z_level_of_quality[quality])
        scales = bundle.scale_indexes(tile.z_hat, level)[:, : r.shape[1], : r.shape[2]]
        steps = bundle.steps[quality].astype(np.int16)[:, None, None]
        rows = scales + (steps if offsets is None else steps + offsets)
        coded = rows >= bundle.skip
        whole = np.where(coded, np.rint(r), 0).astype(np.int16)
        assert tile.probability is not None  # the model has a detector
        text = tile.probability >= _TEXT
        return cls(tile.z_hat, r, rows, coded, whole, text, offsets is not None, inverse)

    def decoded(self) -> Decoded:
        """Return what a decoder will see of it."""
        return Decoded(self.z_hat, self.whole, self.mapped, self.inverse_gain)
