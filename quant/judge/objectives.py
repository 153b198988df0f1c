"""What a quantised net is judged by: one protocol, a class per task."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from tcsdk.quant.grid import Reals

# "quick": a few calibration samples, for the hundreds of measurements of a sensitivity pass;
# "calibration": all of them; "held_out": what nothing was chosen by.
Split = Literal["quick", "calibration", "held_out"]
QUICK = 8
Sample = TypeVar("Sample")
# Runs a part of a net by its name, "" for all of it, on its inputs.
Part = Callable[..., Tensor]


class Objective(Protocol):
    """Judges nets of one task.

    Attributes:
        unit: of `loss`.
        sensitivity_unit: of `sensitivity`.
    """

    unit: str
    sensitivity_unit: str

    def key(self) -> str:
        """What identifies the samples and settings, for caches."""
        ...

    def calibrate(self, net: nn.Module) -> None:
        """Run the net once over the calibration samples."""
        ...

    def measure(self, net: nn.Module, split: Split) -> Reals:
        """Scores of a net, any shape, the same for the same weights."""
        ...

    def loss(self, reference: Reals, scores: Reals) -> float:
        """How much worse `scores` are than the float net's, in `unit`; 0 is no worse."""
        ...

    def sensitivity(self, reference: Reals, net: nn.Module, changed: nn.Module) -> float:
        """What a change costs, in a form that adds up over layers, which decibels do not.

        Args:
            reference: scores of the float net on the "quick" samples.
            net: the float net.
            changed: the same with a layer's weights quantised, or a grid or a few.
        """
        ...

    def figures(self, reference: Reals, scores: Reals) -> dict[str, float]:
        """What else a report should say, by name and unit."""
        ...

    def training_loss(self, part: Part, net: nn.Module, step: int) -> Tensor | None:
        """What tuning lowers, of one small batch, with its gradient; None where it has none.

        Args:
            part: runs a part of the quantised net.
            net: the float one.
            step: chooses the batch.
        """
        ...


def split_of(samples: Sequence[Sample], held_out: Sequence[Sample], split: Split) -> list[Sample]:
    """The samples of a split."""
    chosen = {"quick": samples[:QUICK], "calibration": samples, "held_out": held_out}[split]
    return list(chosen)


def check_pictures(what: str, pictures: Sequence[Tensor]) -> None:
    """Refuse an empty or damaged set of pictures (C, H, W) float32.

    Raises:
        ValueError: there is none, the shapes differ, or a value is not finite.
    """
    if not pictures:
        raise ValueError(f"expected at least one {what} picture, got none")
    shapes = sorted({tuple(p.shape) for p in pictures})
    if len(shapes) > 1 or len(shapes[0]) != 3:
        raise ValueError(f"expected {what} pictures of one shape (C, H, W), got {shapes}")
    if not all(bool(torch.isfinite(p).all()) for p in pictures):
        raise ValueError(f"expected finite {what} pictures, got NaN or infinity")


def digest_of(*parts: object) -> str:
    """SHA-256 over tensors and the text of everything else, as 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Tensor):
            digest.update(str(tuple(part.shape)).encode())
            digest.update(part.detach().contiguous().numpy().tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()[:16]


class SuperResolution:
    """PSNR of net(low) against high, in dB.

    Args:
        low, high: (C, H, W) and (C, sH, sW) float32 in 0..1, calibration pairs.
        held_out_low, held_out_high: pairs that the reported loss is measured on.

    Raises:
        ValueError: no pair, damaged pictures, or as many low as high ones not given.
    """

    unit = "dB of PSNR"
    sensitivity_unit = "% of squared error"

    def __init__(
        self,
        low: Sequence[Tensor],
        high: Sequence[Tensor],
        held_out_low: Sequence[Tensor],
        held_out_high: Sequence[Tensor],
    ) -> None:
        for what, a, b in (("calibration", low, high), ("held-out", held_out_low, held_out_high)):
            check_pictures(what, a)
            check_pictures(what, b)
            if len(a) != len(b):
                raise ValueError(
                    f"expected as many low as high {what} pictures, got {len(a)} and {len(b)}"
                )
        self._low, self._high = list(low), list(high)
        self._held_out = (list(held_out_low), list(held_out_high))

    def key(self) -> str:
        """Digest of the pairs."""
        return digest_of(self.unit, *self._low, *self._high)

    def calibrate(self, net: nn.Module) -> None:
        """Run the net on every low picture."""
        for low in self._low:
            net(low[None])

    def measure(self, net: nn.Module, split: Split) -> Reals:
        """Mean PSNR, shape (), dB."""
        lows = split_of(self._low, self._held_out[0], split)
        highs = split_of(self._high, self._held_out[1], split)
        with torch.no_grad():
            found = [psnr(net(a[None]), b[None]) for a, b in zip(lows, highs, strict=True)]
        return np.asarray(float(torch.stack(found).mean()))

    def loss(self, reference: Reals, scores: Reals) -> float:
        """PSNR lost, dB."""
        return float(reference - scores)

    def sensitivity(self, reference: Reals, net: nn.Module, changed: nn.Module) -> float:
        """Squared error added, percent of the float net's."""
        decibels = reference - self.measure(changed, "quick")
        return float(100 * (10 ** (decibels / 10) - 1))

    def figures(self, reference: Reals, scores: Reals) -> dict[str, float]:
        """PSNR before and after."""
        return {"PSNR, float (dB)": float(reference), "PSNR (dB)": float(scores)}

    def training_loss(self, part: Part, net: nn.Module, step: int) -> Tensor | None:
        """Minus the PSNR of one pair."""
        index = step % len(self._low)
        return -psnr(part("", self._low[index][None]), self._high[index][None]).squeeze(0)


def psnr(pictures: Tensor, originals: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each picture (N,), dB, at most 100; both are (N, C, H, W)."""
    error = (pictures.clamp(0.0, 1.0) - originals).square().mean((1, 2, 3))
    return -10 * torch.log10(error.clamp(min=1e-10))


class WordAccuracy:
    """Share of words that are read right, in points.

    Args:
        words: pictures (C, H, W) float32 and what each says, for calibration.
        held_out: the same, for the reported loss.
        decode: the net's output for a batch -> the texts read.

    Raises:
        ValueError: no word, or damaged pictures.
    """

    unit = sensitivity_unit = "points of word accuracy"

    def __init__(
        self,
        words: Sequence[tuple[Tensor, str]],
        held_out: Sequence[tuple[Tensor, str]],
        decode: Callable[[Tensor], list[str]],
    ) -> None:
        check_pictures("calibration", [picture for picture, _ in words])
        check_pictures("held-out", [picture for picture, _ in held_out])
        self._words, self._held_out, self._decode = list(words), list(held_out), decode

    def key(self) -> str:
        """Digest of words and pictures."""
        return digest_of(self.unit, *(part for word in self._words for part in word))

    def calibrate(self, net: nn.Module) -> None:
        """Run the net on every word."""
        for picture, _ in self._words:
            net(picture[None])

    def measure(self, net: nn.Module, split: Split) -> Reals:
        """Word accuracy, shape (), 0..100; "quick" takes all words, a few of them say nothing."""
        words = self._held_out if split == "held_out" else self._words
        with torch.no_grad():
            read = [self._decode(net(picture[None]))[0] == text for picture, text in words]
        return np.asarray(100.0 * float(np.mean(read)))

    def loss(self, reference: Reals, scores: Reals) -> float:
        """Points lost."""
        return float(reference - scores)

    def sensitivity(self, reference: Reals, net: nn.Module, changed: nn.Module) -> float:
        """Points lost."""
        return self.loss(reference, self.measure(changed, "quick"))

    def figures(self, reference: Reals, scores: Reals) -> dict[str, float]:
        """Word accuracy before and after."""
        return {"word accuracy, float (%)": float(reference), "word accuracy (%)": float(scores)}

    def training_loss(self, part: Part, net: nn.Module, step: int) -> Tensor | None:
        """None: a word is right or wrong."""
        return None
