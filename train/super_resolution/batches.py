"""Batches of pairs: a sliding window that workers render; some small crops are coded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tcsdk.train.codec.data import vary_colours
from tcsdk.train.recognition.coded import code
from tcsdk.train.render import Assets
from tcsdk.train.run.window import WindowBatches
from tcsdk.train.super_resolution.pairs import BLURS, Pair, make_pair


@dataclass(frozen=True)
class PairConfig:
    """What is drawn.

    Attributes:
        batch: pairs per step.
        fresh: new pairs per step; batch / fresh is how often a pair is seen.
        coded: share of the small crops that a codec has coded.
    """

    batch: int = 32
    fresh: int = 4
    coded: float = 0.25


@dataclass(frozen=True)
class PairBatch:
    """One step's pairs.

    Attributes:
        low: (N, 3, 16, 64) float32, 0..1.
        high: (N, 3, 32, 128) float32, 0..1.
        texts: what they say.
    """

    low: Tensor
    high: Tensor
    texts: tuple[str, ...]


def numbered_pair(assets: Assets, config: PairConfig, seed: int, index: int) -> Pair:
    """Pair number `index` of the run with this seed."""
    rng = np.random.default_rng((seed, index))
    pair = make_pair(assets, rng, list(BLURS)[rng.integers(len(BLURS))])
    return replace(pair, low=code(pair.low, rng)) if rng.random() < config.coded else pair


def _pair_maker(photos: Path | None, config: PairConfig, seed: int) -> Callable[[int], Pair]:
    return partial(numbered_pair, Assets.load("train", photos), config, seed)


def stacked(pairs: Sequence[Pair]) -> PairBatch:
    """Put pairs into tensors."""

    def tensor(crops: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255

    low, high = tensor([p.low for p in pairs]), tensor([p.high for p in pairs])
    return PairBatch(low, high, tuple(p.text for p in pairs))


def varied(pair: Pair, rng: np.random.Generator) -> Pair:
    """The same pair in other colours, both sides alike."""
    state = rng.bit_generator.state
    crops = []
    for crop in (pair.low, pair.high):
        rng.bit_generator.state = state
        crops.append((vary_colours(crop, rng) * 255 + 0.5).astype(np.uint8))
    return replace(pair, low=crops[0], high=crops[1])


def _gather(pairs: list[Pair], rng: np.random.Generator) -> PairBatch:
    return stacked([varied(pair, rng) for pair in pairs])


def open_pair_batches(
    photos: Path | None, config: PairConfig, seed: int, first: int = 0, workers: int = 1
) -> WindowBatches[Pair, PairBatch]:
    """Open a run's batches from step `first`, backed by renderer processes.

    Args:
        photos: folder of photographs for backgrounds, or None for synthetic ones alone.
        config: what is drawn.
        seed: of the whole run.
        first: the step to begin at.
        workers: renderer processes.
    """
    return WindowBatches(
        partial(_pair_maker, photos, config, seed),
        _gather,
        count=config.batch,
        fresh=config.fresh,
        seed=seed,
        first=first,
        workers=workers,
    )
