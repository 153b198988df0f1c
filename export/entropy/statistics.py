"""What symbols really occur: counts and z_hat of pictures, for the entropy tables.

Training assumes Gaussians and logistics. Real symbols under one scale index are a mixture of many
widths: more zeros and longer tails. Tables are data, so they are made from what occurs, with the
assumed densities as a prior where little does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk.export.entropy.tables import ENTRIES, ESCAPE, LIMIT
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import NUM_QUALITIES, NUM_Z_LEVELS, z_level
from tcsdk.models.codecs.latents import is_coded
from tcsdk.models.codecs.likelihood import NUM_SCALES

QUALITIES = range(2, NUM_QUALITIES, 6)


@dataclass(frozen=True)
class Symbols:
    """What occurs in some pictures.

    Attributes:
        r: (64, 32) int64 occurrences, by row and entry.
        z: (L, N, C_z, hz, wz) int64, z_hat of all pictures at each level.
    """

    r: NDArray[np.int64]
    z: NDArray[np.int64]


def entries_of(r: NDArray[np.int64], shift: NDArray[np.int64]) -> NDArray[np.int64]:
    """Entry of each symbol r in rows that keep `shift` raw low bits."""
    high = r >> shift
    entries: NDArray[np.int64] = np.where(np.abs(high) <= LIMIT, high + LIMIT, ESCAPE)
    return entries


def collect_symbols(
    codec: Codec, pictures: list[NDArray[np.float32]], shifts: NDArray[np.uint8]
) -> Symbols:
    """The symbols of pictures at eleven qualities.

    Args:
        codec: the trained model.
        pictures: (3, H, W) float32 in 0..1, all of one size, H and W multiples of 64.
        shifts: (64,) raw low bits of each row.
    """
    r_counts = np.zeros(NUM_SCALES * ENTRIES, np.int64)
    z_hats: list[list[NDArray[np.int64]]] = []
    qualities = torch.tensor(QUALITIES)
    with torch.no_grad():
        for picture in pictures:
            y, _ = codec.analyse(torch.from_numpy(picture)[None] - 0.5)
            z_of_level: dict[int, NDArray[np.int64]] = {}
            for quality, level in zip(qualities, z_level(qualities).tolist(), strict=True):
                latents = codec.latents(y, quality[None])
                z_of_level[level] = latents.z_hat[0].to(torch.int64).numpy()
                coded = is_coded(latents.rows).numpy()
                rows = latents.rows.to(torch.int64).numpy()[coded]
                r = torch.round(latents.r).to(torch.int64).numpy()[coded]
                cells = rows * ENTRIES + entries_of(r, shifts[rows].astype(np.int64))
                r_counts += np.bincount(cells, minlength=len(r_counts))
            z_hats.append([z_of_level[level] for level in range(NUM_Z_LEVELS)])
    return Symbols(r_counts.reshape(NUM_SCALES, ENTRIES), np.array(z_hats).swapaxes(0, 1))
