"""Objectives on rendered pairs of words: of nets that enlarge them, and of one that reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tcsdk.quant.judge.objectives import SuperResolution
from tcsdk.quant.judge.word_objective import WordReading, WordSamples
from tcsdk.train.render import Assets
from tcsdk.train.super_resolution.batches import PairBatch, stacked
from tcsdk.train.super_resolution.pairs import BINS, make_pair

SEED = 0xCA11B
TOGETHER = 8  # words in a batch


def on_rendered_crops(pairs: int, photos: Path | None) -> SuperResolution:
    """Objective of super-resolution; half as many pairs, of unseen fonts and words, are held out.

    Args:
        pairs: for calibration.
        photos: photographs for backgrounds, or None.
    """
    seen, unseen = _pairs("train", pairs, photos), _pairs("test", -(-pairs // 2), photos)
    return SuperResolution(list(seen.low), list(seen.high), list(unseen.low), list(unseen.high))


def on_rendered_words(words: int, photos: Path | None) -> WordReading:
    """Objective of a reader of words: every other one a good shot, the others poor ones, enlarged.

    Args:
        words: for calibration; half as many, of unseen fonts and words, are held out.
        photos: photographs for backgrounds, or None.
    """
    return WordReading(
        _batches(_pairs("train", words, photos)), _batches(_pairs("test", -(-words // 2), photos))
    )


def _pairs(split: str, count: int, photos: Path | None) -> PairBatch:
    assets, bins = Assets.load(split, photos), list(BINS)
    return stacked(
        [
            make_pair(assets, np.random.default_rng((SEED, index)), bins[index % len(bins)])
            for index in range(count)
        ]
    )


def _batches(pairs: PairBatch) -> list[WordSamples]:
    crops = torch.where(_every_other(len(pairs.texts)), pairs.high, _enlarged(pairs))
    return [
        WordSamples(crops[i : i + TOGETHER], pairs.texts[i : i + TOGETHER])
        for i in range(0, len(crops), TOGETHER)
    ]


def _every_other(count: int) -> Tensor:
    return (torch.arange(count) % 2 == 0)[:, None, None, None]


def _enlarged(pairs: PairBatch) -> Tensor:
    size = pairs.high.shape[-2:]
    large = functional.interpolate(pairs.low, size, mode="bicubic", align_corners=False)
    return large.clamp(0, 1)
