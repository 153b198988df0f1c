"""What makes a small crop large: a bicubic filter, a net of a training, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.super_resolution.words import Word, stretched
from tcsdk.train.run.weights import load_origin
from tcsdk.train.super_resolution.pairs import HIGH
from tcsdk.train.super_resolution.recipes import PARTS, trained

Pixels = NDArray[np.uint8]
Enlarger = Callable[[Sequence[Word]], list[Pixels]]  # to (32, 128, 3) each
TOGETHER = 64  # crops in one call


def bicubic(words: Sequence[Word]) -> list[Pixels]:
    """Enlarge by Pillow's bicubic filter."""
    return [stretched(word.low, HIGH) for word in words]


def good_shot(words: Sequence[Word]) -> list[Pixels]:
    """Return the large crops, which no enlarger sees."""
    return [word.high for word in words if word.high is not None]


def to_tensor(crops: Sequence[Pixels]) -> Tensor:
    """(N, 3, H, W) float32, 0..1, of crops of one size."""
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255


def enlarged_by(net: nn.Module) -> Enlarger:
    """Enlarge by a net, FP32."""

    @torch.no_grad()
    def enlarge(words: Sequence[Word]) -> list[Pixels]:
        made: list[Pixels] = []
        for begin in range(0, len(words), TOGETHER):
            low = to_tensor([word.low for word in words[begin : begin + TOGETHER]])
            levels = (net(low).clamp(0, 1) * 255).round().byte()
            made += list(levels.permute(0, 2, 3, 1).numpy())
        return made

    return enlarge


def enlarger(name: str, runs: Path) -> Enlarger:
    """Return "bicubic", "good shot", or what a training of this name enlarges by.

    Args:
        name: "TRAINING/resolver" is the net of a training of both in one step.
        runs: Folder of all trainings.
    """
    fixed = {"bicubic": bicubic, "good shot": good_shot}
    if name in fixed:
        return fixed[name]
    run, _, part = name.partition("/")
    net = PARTS[part] if part else load_origin(runs / run).net
    return enlarged_by(trained(net, runs / run, part))
