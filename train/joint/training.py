"""Training of the joint map: rendered crops tell their captions from each other's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch

from tcsdk.train.codec.data import Batch, DataConfig, open_batches
from tcsdk.train.codec.features import Classifier, given_features
from tcsdk.train.codec.joint_map import JOINT_MAP, JointMap
from tcsdk.train.run.log import MeanLog
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import Origin


@dataclass(frozen=True)
class JointRecipe:
    """How the joint map is trained.

    Attributes:
        rate: peak learning rate, with the schedule of `tcsdk.train.run.resumable.learning_rate`.
        warmup, steps: of that schedule.
        average: decay per step of the moving average of the weights.
        data: what is drawn; with true captions.
    """

    rate: float = 1e-3
    warmup: int = 50
    steps: int = 1_200
    average: float = 0.99
    data: DataConfig = field(
        default_factory=lambda: DataConfig(
            crop=(128, 256), batch=48, fresh=8, photos=0.0, captions="true"
        )
    )


class JointTrainer(Resumable):
    """One training of the joint map in a folder, resumable at any checkpoint.

    Args:
        recipe: how.
        folder: checkpoints and log.
        photos: photographs for backgrounds, or None.
        resume: go on from the folder's checkpoint where there is one.
        seed: of weights and data.
        workers: renderer processes.

    Raises:
        ModuleNotFoundError: the classifier's weights are not installed.
    """

    def __init__(
        self,
        recipe: JointRecipe,
        folder: Path,
        *,
        photos: Path | None = None,
        resume: bool = False,
        seed: int = 1,
        workers: int = 1,
    ) -> None:
        torch.manual_seed(seed)
        self._classifier = Classifier.load().to(memory_format=torch.channels_last)
        folder.mkdir(parents=True, exist_ok=True)
        self._net = JointMap()
        super().__init__(self._net, recipe, folder, resume, Origin(JOINT_MAP, JOINT_MAP, 0, seed))
        self._batches = open_batches(photos, recipe.data, seed, self._progress.step, workers)
        self._log = MeanLog(folder, "nats_per_caption")

    def _step(self, batch: Batch) -> None:
        if batch.captions is None:
            raise ValueError("expected crops with captions, got data that draws none")
        captioned = batch.captions.amax(1) > 0
        rate, numbers = 0.0, batch.captions[captioned]
        if len(numbers) > 1:
            told = given_features(self._classifier, batch.pictures[captioned])
            loss = self._net.contrast(self._net.see(told), self._net.hear(numbers))
            loss.backward()
            self._log.add(loss.item())
            rate = self._update()
        self._progress.step += 1
        self._log.write(self._progress.step, self._progress.seconds, rate)
