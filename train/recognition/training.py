"""Training of our own reader: rendered lines, softened as a codec softens them, CTC."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tcsdk.train.codec.data import Batch, DataConfig, open_batches
from tcsdk.train.readers.line_reader import ctc_loss, encode
from tcsdk.train.readers.lines import (
    MAX_ASPECT,
    LineBatch,
    aspect,
    heights,
    select_lines,
    warp_lines,
)
from tcsdk.train.readers.own import CHARACTERS, OWN_READER, OwnNetwork, OwnReader, to_grey
from tcsdk.train.render.degrade import Step, add_noise, blur, jpeg, rescale
from tcsdk.train.run.log import NATS, MeanLog
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import Origin

GROUP = 16  # lines of like width in one pass
JITTER = 0.06  # of a line's height, by which the corners of its quad move
# The steps of a codec's harm, and of cameras', with their chances.
STEPS: tuple[tuple[Step, float], ...] = (
    (blur, 0.35),
    (rescale, 0.4),
    (add_noise, 0.25),
    (jpeg, 0.35),
)
SOFTENED = 0.6  # share of pictures that go through them
# The renderer's bounds keep text easy; a height 1.6 times the true one makes them that much wider.
SEVERITY = 1.6


@dataclass(frozen=True)
class OwnRecipe:
    """How our reader is trained.

    Attributes:
        rate: peak learning rate, with the schedule of `tcsdk.train.run.resumable.learning_rate`.
        warmup, steps: of that schedule.
        average: decay per step of the moving average of the weights.
        data: what is drawn; all lines of a batch up to MAX_ASPECT are read.
    """

    rate: float = 1.5e-3
    warmup: int = 200
    steps: int = 3_000
    average: float = 0.998
    data: DataConfig = field(
        default_factory=lambda: DataConfig(crop=(128, 384), batch=12, fresh=4, photos=0.0)
    )


def readable(lines: LineBatch) -> LineBatch:
    """Those lines that are not too long to be read."""
    return select_lines(lines, torch.nonzero(aspect(lines.quads) <= MAX_ASPECT)[:, 0])


def jitter(lines: LineBatch, generator: torch.Generator) -> LineBatch:
    """Move the corners of all quads at random."""
    move = (torch.rand(lines.quads.shape, generator=generator) * 2 - 1) * JITTER
    return replace(lines, quads=lines.quads + move * heights(lines.quads)[:, None, None])


def soften(pictures: Tensor, lines: LineBatch, seed: Iterable[int]) -> Tensor:
    """Blur, shrink, add noise to and compress most of the pictures (N, 3, H, W) in 0..1."""
    rng = np.random.default_rng(tuple(seed))
    dice = random.Random(int(rng.integers(2**63)))
    height = heights(lines.quads)
    softened = []
    for i, picture in enumerate(pictures):
        own = height[lines.picture == i]
        finest = SEVERITY * (own.min().item() if len(own) else 32.0)
        levels = (picture * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
        chosen = STEPS if dice.random() < SOFTENED else ()
        for step, chance in chosen:
            if dice.random() < chance:
                levels = step(levels, dice, rng, finest)
        softened.append(torch.from_numpy(levels.copy()).permute(2, 0, 1))
    return torch.stack(softened).float() / 255


class OwnTrainer(Resumable):
    """One training of our reader in a folder, resumable at any checkpoint.

    Args:
        recipe: how.
        folder: checkpoints and log.
        photos: photographs for backgrounds, or None.
        resume: go on from the folder's checkpoint where there is one.
        seed: of weights and data.
    """

    def __init__(
        self,
        recipe: OwnRecipe,
        folder: Path,
        *,
        photos: Path | None = None,
        resume: bool = False,
        seed: int = 1,
    ) -> None:
        torch.manual_seed(seed)
        folder.mkdir(parents=True, exist_ok=True)
        self._seed = seed
        self._net = OwnNetwork().to(memory_format=torch.channels_last)
        origin = Origin(OWN_READER, OWN_READER, 0, seed)
        super().__init__(self._net, recipe, folder, resume, origin)
        self._class_of = {c: i for i, c in enumerate(CHARACTERS)}
        self._batches = open_batches(photos, recipe.data, seed, self._progress.step)
        self._log = MeanLog(folder, NATS)

    def _step(self, batch: Batch) -> None:
        step, rate = self._progress.step, 0.0
        lines = readable(LineBatch(batch.picture_of_line, batch.quads, batch.texts))
        if lines.texts:
            generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
            pictures = soften(batch.pictures, lines, (self._seed, 1 << 41, step))
            rate = self._learn(pictures, jitter(lines, generator))
        self._progress.step += 1
        self._log.write(self._progress.step, self._progress.seconds, rate)

    def _learn(self, pictures: Tensor, lines: LineBatch) -> float:
        """One update on all lines; returns the learning rate."""
        order, total = aspect(lines.quads).argsort(), 0.0
        for part in order.split(GROUP):
            some = select_lines(lines, part)
            grey = to_grey(warp_lines(pictures, some, OwnReader.height))
            with torch.autocast("cpu", torch.bfloat16):
                logits = self._net(grey)
            targets = [encode(text, self._class_of) for text in some.texts]
            lengths = torch.tensor([len(t) for t in targets])
            loss = (ctc_loss(logits.log_softmax(-1), targets) / lengths).sum() / len(order)
            loss.backward()
            total += loss.item()
        self._log.add(total)
        return self._update()
