"""Training pictures: a sliding window of rendered samples, filled by workers.

They are the same on every run: sample i is rendered from the seed (seed, i) alone, and step t draws
its batch with the seed (seed, t) from the step's window (`tcsdk.train.run.window`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tcsdk.train.codec.captions import Given
from tcsdk.train.codec.guidance import guidance_of
from tcsdk.train.codec.photographs import part_of_photo, whole_photo
from tcsdk.train.codec.told import Wording, tell
from tcsdk.train.render import Assets, Line, Sample, render
from tcsdk.train.render.damage import damage
from tcsdk.train.render.hard import render_hard
from tcsdk.train.render.lookalikes import lookalike
from tcsdk.train.run.window import WindowBatches

MARGIN = 32  # rendered beyond the crop on either axis, so that crops shift


@dataclass(frozen=True)
class DataConfig:
    """What is drawn.

    Attributes:
        crop: (height, width) of training crops, multiples of 64.
        batch: crops per step.
        fresh: new samples per step; batch / fresh is how often a sample is seen.
        photos: fraction of samples that are photographs without rendered text.
        damaged: fraction of the others that are damaged (train/render/damage.py).
        hard: fraction of the others that show what is hard to code (train/render/hard.py).
        twins: fraction of those that are neither, which are drawn twice, the second time with
            look-alikes (train/codec/twins.py); of a step's crops a pair takes two.
        guided: whether crops come with what a device's sent text draws (train/codec/guidance.py).
        captions: which captions crops come with (train/codec/captions.py); None for none, which no
            net takes.
        wording: how true captions are worded, and cut (train/codec/told.py).
        whole: photographs are shrunk to be seen whole, and keep their colours, as captions that
            somebody wrote of them want it.
    """

    crop: tuple[int, int] = (128, 256)
    batch: int = 8
    fresh: int = 1
    photos: float = 0.3
    damaged: float = 0.0
    hard: float = 0.0
    twins: float = 0.0
    guided: bool = False
    captions: Given | None = None
    wording: Wording = field(default_factory=Wording)
    whole: bool = False


@dataclass(frozen=True)
class Batch:
    """One step's pictures and the lines wholly inside them."""

    pictures: Tensor  # (N, 3, H, W) float32, 0..1, channels-last
    clean: Tensor  # the same before they were spoilt
    text_heights: Tensor  # (N, 1, H, W) float32, pixels where text is, else 0
    picture_of_line: Tensor  # (L,) int64
    quads: Tensor  # (L, 4, 2) float32
    texts: tuple[str, ...]
    # (P, 2) int64, pictures that differ in look-alikes alone
    twins: Tensor = field(default_factory=lambda: torch.zeros(0, 2, dtype=torch.int64))
    guidance: Tensor | None = None  # (N, 2, H, W) float32, 0..1, as FusionBlock.fuse takes it
    captions: Tensor | None = None  # (N, T) int64, numbers of pieces (tcsdk/codec/caption.py)
    weights: Tensor | None = None  # (N, T) float32, of these pieces, where they are weighed
    described: Tensor | None = None  # (N, T) int64, those of the true captions

    @property
    def masks(self) -> Tensor:
        """(N, 1, H, W) float32, 1 where text is."""
        return (self.text_heights > 0).float()


def make_sample(assets: Assets, config: DataConfig, seed: int, index: int) -> Sample:
    """Sample number `index` of the run with this seed."""
    rng = np.random.default_rng((seed, index))
    size = (config.crop[0] + MARGIN, config.crop[1] + MARGIN)
    if assets.photos and rng.random() < config.photos:
        shown = (whole_photo, config.crop) if config.whole else (part_of_photo, size)
        return shown[0](assets, rng, shown[1])
    hard = config.hard and rng.random() < config.hard
    twinned = not hard and config.twins and rng.random() < config.twins
    again = deepcopy(rng)
    sample = render_hard(assets, rng, size) if hard else render(assets, rng, size)
    twin = render(assets, again, size, spelling=lookalike) if twinned else None
    again = deepcopy(rng)
    sample, twin = _worn(sample, config, rng), twin and _worn(twin, config, again)
    return replace(sample, twin=twin)


def _worn(sample: Sample, config: DataConfig, rng: np.random.Generator) -> Sample:
    return damage(sample, rng) if rng.random() < config.damaged else sample


def crop_sample(sample: Sample, rng: np.random.Generator, crop: tuple[int, int]) -> Sample:
    """A random window of a sample; lines that leave it are no longer listed."""
    top, left = (0, 0) if sample.whole_of else rng.integers(0, MARGIN + 1, 2)
    height, width = crop
    lines = []
    for line in sample.lines:
        quad = line.quad - np.array([left, top], np.float32)
        if quad.min() >= 0 and quad[:, 0].max() <= width and quad[:, 1].max() <= height:
            lines.append(Line(line.text, quad))
    window = np.s_[top : top + height, left : left + width]
    return Sample(
        sample.image[window],
        sample.clean[window],
        tuple(lines),
        sample.text_height[window],
        whole_of=sample.whole_of,
    )


def vary_colours(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cheap variety for repeated samples, (..., 3) uint8 -> float32 in 0..1, alike for all."""
    x = pictures.astype(np.float32) / 255.0
    if rng.random() < 0.3:
        x = x[..., rng.permutation(3)]
    if rng.random() < 0.15:
        x = 1.0 - x
    if rng.random() < 0.15:
        x = np.broadcast_to(x.mean(-1, keepdims=True), x.shape)
    if rng.random() < 0.4:
        x = np.clip((x - 0.5) * rng.uniform(0.6, 1.2) + 0.5 + rng.uniform(-0.1, 0.1), 0.0, 1.0)
    return x


def collate(
    samples: list[Sample], rng: np.random.Generator, twins: Sequence[tuple[int, int]] = ()
) -> Batch:
    """Stack cropped samples into a batch.

    Args:
        samples: cropped.
        rng: source of chance.
        twins: samples beside each other that differ in look-alikes, and get one colour.
    """
    followers = {second for _, second in twins}
    varied, before = [], deepcopy(rng)
    for index, s in enumerate(samples):
        before, drawn = (before, before) if index in followers else (deepcopy(rng), rng)
        both = np.stack([s.image, s.clean])
        varied.append(np.float32(both) / 255.0 if s.whole_of else vary_colours(both, drawn))
    pictures, clean = torch.from_numpy(np.stack(varied, 1)).permute(0, 1, 4, 2, 3)
    text_heights = torch.from_numpy(np.stack([s.text_height for s in samples]))
    lines = [(i, line) for i, s in enumerate(samples) for line in s.lines]
    quads = np.stack([line.quad for _, line in lines]) if lines else np.zeros((0, 4, 2), np.float32)
    return Batch(
        pictures,
        clean,
        text_heights.float()[:, None],
        torch.tensor([i for i, _ in lines], dtype=torch.int64),
        torch.from_numpy(quads.astype(np.float32)),
        tuple(line.text for _, line in lines),
        torch.tensor(twins, dtype=torch.int64).reshape(-1, 2),
    )


def _sample_maker(photos: Path | None, config: DataConfig, seed: int) -> Callable[[int], Sample]:
    return partial(make_sample, Assets.load("train", photos), config, seed)


def _gather(config: DataConfig, samples: list[Sample], rng: np.random.Generator) -> Batch:
    """A step's crops; a twin takes the place of a sample that is left out."""
    crops: list[Sample] = []
    twins: list[tuple[int, int]] = []
    for sample in samples:
        if len(crops) == config.batch:
            break
        again = deepcopy(rng)
        crops.append(crop_sample(sample, rng, config.crop))
        if sample.twin is not None and len(crops) < config.batch:
            crops.append(crop_sample(sample.twin, again, config.crop))
            twins.append((len(crops) - 2, len(crops) - 1))
    batch = collate(crops, rng, twins)
    if config.captions:
        pictures = batch.pictures.permute(0, 2, 3, 1).numpy()
        said = tell(config.captions, config.wording, crops, pictures, rng)
        batch = replace(
            batch, captions=said.pieces.numbers, weights=said.pieces.weights, described=said.true
        )
    if not config.guided:
        return batch
    drawn = np.stack([guidance_of(crop.lines, config.crop, rng) for crop in crops])
    return replace(batch, guidance=torch.from_numpy(drawn).float() / 255.0)


def open_batches(
    photos: Path | None, config: DataConfig, seed: int, first: int = 0, workers: int = 1
) -> WindowBatches[Sample, Batch]:
    """Open a run's batches from step `first`, backed by renderer processes.

    Args:
        photos: folder of photographs for backgrounds, or None for synthetic ones alone.
        config: what is drawn.
        seed: of the whole run.
        first: the step to begin at.
        workers: renderer processes.
    """
    return WindowBatches(
        partial(_sample_maker, photos, config, seed),
        partial(_gather, config),
        count=config.batch,
        fresh=config.fresh,
        seed=seed,
        first=first,
        workers=workers,
    )
