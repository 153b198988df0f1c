"""Crops of photographs, for nets that learn to enlarge natural pictures before they learn text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.train.render import Assets
from tcsdk.train.run.window import WindowBatches


@dataclass(frozen=True)
class NaturalConfig:
    """What is cut.

    Attributes:
        side: pixels of a crop.
        batch: crops per step.
        fresh: new crops per step.
    """

    side: int = 64
    batch: int = 16
    fresh: int = 8


def numbered_crop(assets: Assets, side: int, seed: int, index: int) -> NDArray[np.uint8]:
    """Crop number `index` of the run with this seed, (side, side, 3), turned and mirrored."""
    rng = np.random.default_rng((seed, index))
    photo = assets.photos[rng.integers(len(assets.photos))]
    top, left = (int(rng.integers(size - side + 1)) for size in photo.shape[:2])
    crop = np.rot90(photo[top : top + side, left : left + side], int(rng.integers(4)))
    return np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)


def _crop_maker(
    photos: Path, config: NaturalConfig, seed: int
) -> Callable[[int], NDArray[np.uint8]]:
    return partial(numbered_crop, Assets.load("train", photos), config.side, seed)


def _gather(crops: list[NDArray[np.uint8]], rng: np.random.Generator) -> Tensor:
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255


def open_natural_batches(
    photos: Path | None, config: NaturalConfig, seed: int, first: int = 0, workers: int = 1
) -> WindowBatches[NDArray[np.uint8], Tensor]:
    """Open a run's batches from step `first`: (N, 3, side, side) float32, 0..1.

    Args:
        photos: folder of photographs.
        config: what is cut.
        seed: of the whole run.
        first: the step to begin at.
        workers: processes that cut.

    Raises:
        ValueError: there are no photographs.
    """
    if photos is None:
        raise ValueError(
            "expected a folder of photographs to learn natural pictures from: --photos"
        )
    return WindowBatches(
        partial(_crop_maker, photos, config, seed),
        _gather,
        count=config.batch,
        fresh=config.fresh,
        seed=seed,
        first=first,
        workers=workers,
    )
