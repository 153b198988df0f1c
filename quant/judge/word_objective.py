"""A reader of words: what words cost it, how many are right, how unlike the float net's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.quant.grid import Reals
from tcsdk.quant.judge.objectives import Part, Split, digest_of, split_of
from tcsdk.train.super_resolution.words import encode_words, word_nats


@dataclass(frozen=True)
class WordSamples:
    """Words and what they say.

    Attributes:
        crops: (N, 3, 32, 128) float32 in 0..1.
        texts: of each.
    """

    crops: Tensor
    texts: tuple[str, ...]


class WordReading:
    """Nats per character of words, each told the true characters before; and words that are right.

    Args:
        batches: for calibration and tuning.
        held_out: what the reported loss is measured on.

    Raises:
        ValueError: one of the two is empty.
    """

    unit = "nats per character"
    sensitivity_unit = "thousandths of a nat per character"

    def __init__(self, batches: Sequence[WordSamples], held_out: Sequence[WordSamples]) -> None:
        if not batches or not held_out:
            raise ValueError(
                f"expected words to calibrate with and others to measure, got {len(batches)} and "
                f"{len(held_out)} batches"
            )
        self._batches, self._held_out = list(batches), list(held_out)
        self._expected: tuple[nn.Module, list[Tensor]] | None = None  # of the float net

    def key(self) -> str:
        """Digest of the words."""
        parts = (part for batch in self._batches for part in (batch.crops, batch.texts))
        return digest_of(self.unit, self.sensitivity_unit, *parts)

    def calibrate(self, net: nn.Module) -> None:
        """Run the net on every batch."""
        for batch in self._batches:
            _logits(net, batch)

    def measure(self, net: nn.Module, split: Split) -> Reals:
        """Nats per character and the share of words that are right, (2,)."""
        nats, right = [], []
        for batch in split_of(self._batches, self._held_out, split):
            logits, words = _logits(net, batch), encode_words(batch.texts)
            nats.append(float(word_nats(logits, words.following)))
            # A word is right where each character is, given the true ones before it.
            same = (logits.argmax(-1) == words.following) | (words.following < 0)
            right.append(float(same.all(1).float().mean()))
        return np.array([np.mean(nats), np.mean(right)])

    def loss(self, reference: Reals, scores: Reals) -> float:
        """Nats per character added."""
        return float(scores[0] - reference[0])

    def sensitivity(self, reference: Reals, net: nn.Module, changed: nn.Module) -> float:
        """How unlike the float net's the classes are of a changed one."""
        batches = split_of(self._batches, self._held_out, "quick")
        if self._expected is None or self._expected[0] is not net:
            self._expected = net, [_logits(net, batch) for batch in batches]
        pairs = zip(self._expected[1], batches, strict=True)
        return 1000 * float(np.mean([float(_unlike(e, _logits(changed, b))) for e, b in pairs]))

    def figures(self, reference: Reals, scores: Reals) -> dict[str, float]:
        """Nats and word accuracy before and after."""
        return {
            "nats per character, float": float(reference[0]),
            "nats per character": float(scores[0]),
            "word accuracy, float (%)": 100 * float(reference[1]),
            "word accuracy (%)": 100 * float(scores[1]),
        }

    def training_loss(self, part: Part, net: nn.Module, step: int) -> Tensor | None:
        """How unlike the float net's the classes of one batch are."""
        batch = self._batches[step % len(self._batches)]
        return _unlike(_logits(net, batch), part("", batch.crops, encode_words(batch.texts).before))


def _logits(net: nn.Module, batch: WordSamples) -> Tensor:
    with torch.no_grad():
        logits: Tensor = net(batch.crops, encode_words(batch.texts).before)
    return logits


def _unlike(expected: Tensor, came: Tensor) -> Tensor:
    """Kullback-Leibler divergence of classes (N, T, classes), nats per character."""
    log_p = came.log_softmax(-1).flatten(0, 1)
    target = expected.log_softmax(-1).flatten(0, 1)
    return functional.kl_div(log_p, target, reduction="batchmean", log_target=True)
