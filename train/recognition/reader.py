"""Training of the reader that ships: rendered and coded lines, CTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.models.recognition.reader import CHARACTERS, COLUMN, Reader, fold
from tcsdk.train.readers.line_reader import ctc_loss, encode
from tcsdk.train.recognition.cut_lines import CutLine, LineConfig, open_line_batches
from tcsdk.train.run.log import NATS, MeanLog
from tcsdk.train.run.resumable import Resumable
from tcsdk.train.run.weights import Origin

READER = "reader"  # of the net and of its recipe
GROUP = 16  # lines of like width in one pass
BEYOND = 0.5  # past a line's end
CLASS_OF = {character: 1 + i for i, character in enumerate(CHARACTERS)}


@dataclass(frozen=True)
class ReaderRecipe:
    """How the reader is trained.

    Attributes:
        rate: peak learning rate, with the schedule of `tcsdk.train.run.resumable.learning_rate`.
        warmup, steps: of that schedule.
        average: decay per step of the moving average of the weights.
        data: what is drawn.
    """

    rate: float = 2e-3
    warmup: int = 200
    steps: int = 40_000
    average: float = 0.998
    data: LineConfig = field(default_factory=LineConfig)


def stack(lines: list[NDArray[np.uint8]]) -> Tensor:
    """Put lines (32, w, 3) uint8 into one tensor (L, 3, 32, W) in 0..1, W a multiple of COLUMN."""
    widest = max(line.shape[1] for line in lines)
    widest += -widest % COLUMN
    stacked = np.full((len(lines), lines[0].shape[0], widest, 3), BEYOND, np.float32)
    for row, line in zip(stacked, lines, strict=True):
        row[:, : line.shape[1]] = line / np.float32(255)
    return torch.from_numpy(stacked).permute(0, 3, 1, 2)


class ReaderTrainer(Resumable):
    """One training of the reader in a folder, resumable at any checkpoint.

    Args:
        recipe: how.
        folder: checkpoints and log.
        photos: photographs for backgrounds, or None.
        resume: go on from the folder's checkpoint where there is one.
        seed: of weights and data.
        workers: renderer processes.
    """

    def __init__(
        self,
        recipe: ReaderRecipe,
        folder: Path,
        *,
        photos: Path | None = None,
        resume: bool = False,
        seed: int = 1,
        workers: int = 1,
    ) -> None:
        torch.manual_seed(seed)
        folder.mkdir(parents=True, exist_ok=True)
        self._net = Reader(learns=True).to(memory_format=torch.channels_last)
        origin = Origin(READER, READER, 0, seed)
        super().__init__(self._net, recipe, folder, resume, origin)
        self._net.train()
        first = self._progress.step
        self._batches = open_line_batches(photos, recipe.data, seed, first, workers)
        self._log = MeanLog(folder, NATS)

    def _step(self, batch: list[CutLine]) -> None:
        rate = self._learn(batch) if batch else 0.0
        self._progress.step += 1
        self._log.write(self._progress.step, self._progress.seconds, rate)

    def _learn(self, batch: list[CutLine]) -> float:
        """One update on all lines of a batch; returns the learning rate."""
        lines = sorted(batch, key=lambda line: line.pixels.shape[1])
        total = 0.0
        for begin in range(0, len(lines), GROUP):
            some = lines[begin : begin + GROUP]
            pixels = stack([line.pixels for line in some])
            with torch.autocast("cpu", torch.bfloat16):
                logits = self._net(pixels.contiguous(memory_format=torch.channels_last))
            targets = [encode(line.text, CLASS_OF) for line in some]
            lengths = torch.tensor([len(target) for target in targets])
            log_p = logits[:, :, 0].permute(2, 0, 1).log_softmax(-1)
            loss = (ctc_loss(log_p, targets) / lengths).sum() / len(lines)
            loss.backward()
            total += loss.item()
        self._log.add(total)
        return self._update()

    def _shipped(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        net = Reader(learns=True)
        net.load_state_dict(values)
        return fold(net).state_dict()
