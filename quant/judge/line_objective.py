"""A recogniser's objective: what lines cost it, and how unlike the float net it reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tcsdk.quant.grid import Reals
from tcsdk.quant.judge.objectives import Part, Split, digest_of, split_of
from tcsdk.train.readers.line_reader import ctc_loss, encode
from tcsdk.train.recognition.cut_lines import CutLine, LineConfig, make_lines
from tcsdk.train.recognition.reader import CLASS_OF, stack
from tcsdk.train.render import Assets

SEED = 0xCA11B
TOGETHER = 8  # lines of like width in a batch


@dataclass(frozen=True)
class LineSamples:
    """Lines of like width and what they say.

    Attributes:
        pixels: (L, 3, 32, W) float32 in 0..1.
        texts: of each.
    """

    pixels: Tensor
    texts: tuple[str, ...]


class LineReading:
    """Nats per character of lines, by CTC.

    Args:
        batches: for calibration and tuning.
        held_out: what the reported loss is measured on.

    Raises:
        ValueError: one of the two is empty.
    """

    unit = "nats per character"
    sensitivity_unit = "thousandths of a nat per step"

    def __init__(self, batches: Sequence[LineSamples], held_out: Sequence[LineSamples]) -> None:
        if not batches or not held_out:
            raise ValueError(
                f"expected lines to calibrate with and others to measure, got {len(batches)} and "
                f"{len(held_out)} batches"
            )
        self._batches, self._held_out = list(batches), list(held_out)

    def key(self) -> str:
        """Digest of the lines."""
        parts = (part for batch in self._batches for part in (batch.pixels, batch.texts))
        return digest_of(self.unit, self.sensitivity_unit, *parts)

    def calibrate(self, net: nn.Module) -> None:
        """Run the net on every batch."""
        with torch.no_grad():
            for batch in self._batches:
                net(batch.pixels)

    def measure(self, net: nn.Module, split: Split) -> Reals:
        """Nats per character, shape ()."""
        batches = split_of(self._batches, self._held_out, split)
        with torch.no_grad():
            nats = sum(float(_nats(net(batch.pixels), batch.texts)) for batch in batches)
        return np.asarray(nats / sum(len("".join(batch.texts)) for batch in batches))

    def loss(self, reference: Reals, scores: Reals) -> float:
        """Nats per character added."""
        return float(scores - reference)

    def sensitivity(self, reference: Reals, net: nn.Module, changed: nn.Module) -> float:
        """How unlike the float net's the classes are of a changed one."""
        batches = split_of(self._batches, self._held_out, "quick")
        with torch.no_grad():
            unlike = [float(_unlike(net(b.pixels), changed(b.pixels))) for b in batches]
        return 1000 * float(np.mean(unlike))

    def figures(self, reference: Reals, scores: Reals) -> dict[str, float]:
        """Nats per character before and after."""
        return {
            "nats per character, float": float(reference),
            "nats per character": float(scores),
        }

    def training_loss(self, part: Part, net: nn.Module, step: int) -> Tensor | None:
        """How unlike the float net's the classes of one batch are."""
        pixels = self._batches[step % len(self._batches)].pixels
        with torch.no_grad():
            expected = net(pixels)
        return _unlike(expected, part("", pixels))


def _nats(logits: Tensor, texts: tuple[str, ...]) -> Tensor:
    log_p = logits[:, :, 0].permute(2, 0, 1).log_softmax(-1)
    return ctc_loss(log_p, [encode(text, CLASS_OF) for text in texts]).sum()


def _unlike(expected: Tensor, came: Tensor) -> Tensor:
    """Kullback-Leibler divergence of classes (L, C, 1, T), nats per step."""
    target, log_p = expected.log_softmax(1), came.log_softmax(1)
    return (target.exp() * (target - log_p)).sum(1).mean()


def on_rendered_lines(lines: int, photos: Path | None) -> LineReading:
    """Objective of rendered lines; half as many, of unseen fonts and words, are held out.

    Args:
        lines: for calibration.
        photos: photographs for backgrounds, or None.
    """
    return LineReading(_batches("train", lines, photos), _batches("test", -(-lines // 2), photos))


def _batches(split: str, lines: int, photos: Path | None) -> list[LineSamples]:
    assets, config, drawn = Assets.load(split, photos), LineConfig(), _drawn
    some = sorted(drawn(assets, config, lines), key=lambda line: line.pixels.shape[1])
    groups = [some[i : i + TOGETHER] for i in range(0, len(some), TOGETHER)]
    order = np.random.default_rng(SEED).permutation(len(groups))  # quick splits see all widths
    return [
        LineSamples(
            stack([line.pixels for line in groups[i]]), tuple(line.text for line in groups[i])
        )
        for i in order
    ]


def _drawn(assets: Assets, config: LineConfig, lines: int) -> list[CutLine]:
    """So many lines, at most two of a picture."""
    found: list[CutLine] = []
    for index in count():
        found += make_lines(assets, config, SEED, index)[:2]
        if len(found) >= lines:
            break
    return found[:lines]
