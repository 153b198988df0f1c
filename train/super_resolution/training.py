"""Training of a net for super-resolution of text, in a folder, resumable at any checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from tcsdk.models.super_resolution import edsr, tbsrn
from tcsdk.train.run.log import MeanLog
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import Origin, load_weights
from tcsdk.train.super_resolution.batches import PairBatch, PairConfig, open_pair_batches

NETS: dict[str, Callable[[], nn.Module]] = {
    "edsr-s": lambda: edsr.Edsr(edsr.SMALL),
    "tbsrn-s": lambda: tbsrn.Tbsrn(tbsrn.SMALL),
}


@dataclass(frozen=True)
class ResolutionRecipe:
    """How a net is trained.

    Attributes:
        net: a key of NETS.
        rate: peak learning rate, with the schedule of `tcsdk.train.run.resumable.learning_rate`.
        warmup, steps: of that schedule.
        average: decay per step of the moving average of the weights.
        data: what is drawn.
    """

    net: str
    rate: float = 5e-4
    warmup: int = 300
    steps: int = 20_000
    average: float = 0.998
    data: PairConfig = field(default_factory=PairConfig)


class ResolutionTrainer(Resumable):
    """One training of a net for super-resolution.

    Args:
        recipe: how.
        folder: checkpoints and log.
        loss: of what the net makes of a batch's small crops.
        name: of the recipe, for the weights to say.
        init: weights to start from, or None for new ones. What they lack, as those that were
            learnt of natural pictures lack the rectifier, stays new.
        photos: photographs for backgrounds, or None.
        resume: go on from the folder's checkpoint where there is one.
        seed: of weights and data.
        workers: renderer processes.
    """

    def __init__(
        self,
        recipe: ResolutionRecipe,
        folder: Path,
        *,
        loss: nn.Module,
        name: str,
        init: Path | None = None,
        photos: Path | None = None,
        resume: bool = False,
        seed: int = 1,
        workers: int = 1,
    ) -> None:
        torch.manual_seed(seed)
        folder.mkdir(parents=True, exist_ok=True)
        self._loss = loss
        self._net = NETS[recipe.net]().to(memory_format=torch.channels_last)
        if init is not None:
            self._start_from(init)
        super().__init__(self._net, recipe, folder, resume, Origin(recipe.net, name, 0, seed))
        self._net.train()
        first = self._progress.step
        self._batches = open_pair_batches(photos, recipe.data, seed, first, workers)
        self._log = MeanLog(folder, "loss")

    def _start_from(self, init: Path) -> None:
        missing, unexpected = self._net.load_state_dict(load_weights(init), strict=False)
        others = [name for name in missing if not name.startswith("rectify.")]
        if others or unexpected:
            raise ValueError(
                f"expected weights of this net in {init}, with or without its rectifier; "
                f"missing {others[:3]}, unknown {unexpected[:3]}"
            )

    def _step(self, batch: PairBatch) -> None:
        rate = self._learn(batch)
        self._progress.step += 1
        self._log.write(self._progress.step, self._progress.seconds, rate)

    def _learn(self, batch: PairBatch) -> float:
        """One update on a batch; returns the learning rate."""
        low = batch.low.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            made = self._net(low)
            loss = self._loss(made.float(), batch)
        loss.backward()
        self._log.add(loss.item())
        return self._update()
