"""Training of CDistNet: on the large crops of pairs, on enlarged small ones, on a net's results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.models.recognition.cdistnet import SMALL, Cdistnet
from tcsdk.train.run.log import NATS, MeanLog
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import Origin, load_weights
from tcsdk.train.super_resolution.batches import PairBatch, PairConfig, open_pair_batches
from tcsdk.train.super_resolution.words import encode_words, word_nats

NET = "cdistnet-s"
Source = Callable[[PairBatch], Tensor]  # crops (N, 3, 32, 128) to read


@dataclass(frozen=True)
class WordRecipe:
    """How CDistNet is trained.

    Attributes:
        rate: peak learning rate, with the schedule of `tcsdk.train.run.resumable.learning_rate`.
        warmup, steps: of that schedule.
        average: decay per step of the moving average of the weights.
        data: what is drawn.
    """

    rate: float = 1e-3
    warmup: int = 500
    steps: int = 20_000
    average: float = 0.998
    data: PairConfig = field(default_factory=lambda: PairConfig(batch=48, fresh=5))


def large(batch: PairBatch) -> Tensor:
    """The good shots themselves."""
    return batch.high


def enlarged(batch: PairBatch) -> Tensor:
    """The poor shots, enlarged by a bicubic filter."""
    return functional.interpolate(
        batch.low, batch.high.shape[-2:], mode="bicubic", align_corners=False
    ).clamp(0, 1)


def resolved(net: nn.Module) -> Source:
    """What a net for super-resolution makes of the poor shots; it does not learn."""
    net = net.eval().requires_grad_(False)

    def crops(batch: PairBatch) -> Tensor:
        with torch.no_grad():
            return net(batch.low).clamp(0, 1)

    return crops


class WordTrainer(Resumable):
    """One training of CDistNet in a folder, resumable at any checkpoint.

    Args:
        recipe: how.
        folder: checkpoints and log.
        name: of the recipe, for the weights to say.
        source: what is read.
        init: weights to start from, or None for new ones.
        photos: photographs for backgrounds, or None.
        resume: go on from the folder's checkpoint where there is one.
        seed: of weights and data.
        workers: renderer processes.
    """

    def __init__(
        self,
        recipe: WordRecipe,
        folder: Path,
        *,
        name: str = "cdistnet-high",
        source: Source = large,
        init: Path | None = None,
        photos: Path | None = None,
        resume: bool = False,
        seed: int = 1,
        workers: int = 1,
    ) -> None:
        torch.manual_seed(seed)
        folder.mkdir(parents=True, exist_ok=True)
        self._source = source
        self._net = Cdistnet(SMALL).to(memory_format=torch.channels_last)
        if init is not None:
            self._net.load_state_dict(load_weights(init))
        super().__init__(self._net, recipe, folder, resume, Origin(NET, name, 0, seed))
        self._net.train()
        first = self._progress.step
        self._batches = open_pair_batches(photos, recipe.data, seed, first, workers)
        self._log = MeanLog(folder, NATS)

    def _step(self, batch: PairBatch) -> None:
        rate = self._learn(batch)
        self._progress.step += 1
        self._log.write(self._progress.step, self._progress.seconds, rate)

    def _learn(self, batch: PairBatch) -> float:
        """One update on a batch; returns the learning rate."""
        crops = self._source(batch).contiguous(memory_format=torch.channels_last)
        words = encode_words(batch.texts)
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._net(crops, words.before)
        loss = word_nats(logits, words.following)
        loss.backward()
        self._log.add(loss.item())
        return self._update()
