"""The loss that a net was trained with, for tuning its quantised form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tcsdk.models.codec import NUM_QUALITIES
from tcsdk.train.data import Batch, Batches
from tcsdk.train.losses import compute_loss
from tcsdk.train.readers import Readers
from tcsdk.train.recipes import Recipe

from .codec_objective import noise
from .tuning import COMPARED

BATCH = 4  # pictures
SEED = 0xF17E  # not that of any training: its pictures are new to the net


class RecipeLoss:
    """A recipe's loss over fresh batches, rendered as in training.

    Args:
        recipe: of the family that the net is of.
        photos: photographs for backgrounds, or None.
        workers: renderer processes; `close` ends them.
    """

    def __init__(self, recipe: Recipe, photos: Path | None, workers: int = 1) -> None:
        self._recipe = replace(recipe, data=replace(recipe.data, batch=BATCH))
        self._readers = Readers(recipe.readers) if recipe.reading else None
        self._source = Batches(photos, self._recipe.data, SEED, workers=workers)
        self._fresh = iter(self._source)
        self._compared = list(islice(self._fresh, COMPARED))

    def __call__(self, net: Callable[..., Any], step: int) -> Tensor:
        """The loss of a batch: a fresh one, or below zero number -1 - step of those kept.

        Args:
            net: called as a codec is, with pictures and qualities.
            step: also seeds qualities, noise, and the choice of lines.
        """
        batch: Batch = next(self._fresh) if step >= 0 else self._compared[-1 - step]
        generator = torch.Generator().manual_seed(SEED * 1_000_003 + step)
        quality = torch.randint(NUM_QUALITIES, (BATCH,), generator=generator)
        with noise(step):
            output = net(batch.pictures, quality)
        loss = compute_loss(self._recipe, batch, output, quality, self._readers, generator)
        total: Tensor = loss.total
        return total

    def close(self) -> None:
        """End the renderers."""
        self._source.close()
