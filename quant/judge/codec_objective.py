"""A codec's objective: rate at equal picture quality, and at equal reading where text counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import NUM_QUALITIES
from tcsdk.quant.grid import Reals
from tcsdk.quant.judge.distillation import distillation_loss
from tcsdk.quant.judge.objectives import Part, Split, check_pictures, digest_of, psnr, split_of
from tcsdk.quant.judge.pictures import Picture, coloured, lines_of, rendered
from tcsdk.train.readers import LineReader, Recogniser

QUALITIES = (8, 24, 40, 56)
# Columns of the scores: natural logarithm of bits per pixel, dB, nats per character.
RATE, PSNR, NATS = range(3)
TRAINING_BATCH = 4
TUNING = 4  # pictures to tune with and to take ranges from, for each one to calibrate with
SENSITIVITY_BATCHES = 6  # of tuning, which what a change costs is averaged over


@dataclass(frozen=True)
class Slopes:
    """What quality is worth in rate along the float net's own curve.

    Attributes:
        psnr: rise of log rate per dB.
        nats: fall of log rate per nat per character; 0 without a reader.
    """

    psnr: float
    nats: float


class RateDistortion:
    """Percent of rate at equal quality: the linear form of the Bjontegaard difference.

    log R - slope * PSNR, averaged over qualities, where the slope is that of the float net's own
    rate-distortion curve; with a reader, half of the weight goes to nats per character in place
    of PSNR. Rates are likelihoods (tcsdk.models.codecs.likelihood), good enough to compare two
    forms of one net; they are not file sizes.

    Args:
        pictures: for calibration, sides multiples of 64. The net takes (N, 3, H, W) and qualities
            (N,) and returns x_hat, r_bits and z_bits, as tcsdk.models.codecs.base.CodecOutput.
        held_out: pictures that the reported loss is measured on.
        qualities: at which nets are measured, rising.
        reader: reads the pictures' lines, or None for PSNR alone.
        tuning: more pictures of the same size, that ranges are taken from and tuning sees beside
            those of calibration: extremes of a few pictures clip the strokes of others.

    Raises:
        ValueError: no picture, damaged ones, no text for the reader, or fewer than two qualities.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        held_out: Sequence[Picture],
        qualities: tuple[int, ...] = QUALITIES,
        reader: LineReader | None = None,
        tuning: Sequence[Picture] = (),
    ) -> None:
        for what, chosen in (("calibration", pictures), ("held-out", held_out)):
            check_pictures(what, [picture.x for picture in chosen])
            if reader is not None and not any(picture.texts for picture in chosen):
                raise ValueError(f"expected {what} pictures with text for the reader, got none")
        if len(qualities) < 2 or list(qualities) != sorted(set(qualities)):
            raise ValueError(f"expected two or more rising qualities, got {qualities}")
        # With a reader pictures without text would leave "quick" splits and batches unread.
        self._pictures = [p for p in pictures if p.texts] if reader else list(pictures)
        self._held_out = list(held_out)
        self._all = [*pictures, *tuning]
        self._qualities, self._reader = qualities, reader
        self.unit = "% of rate at equal PSNR" + (" and reading" if reader else "")
        self.sensitivity_unit = "% of rate at equal distortion"

    def key(self) -> str:
        """Digest of pictures, qualities, and whether there is a reader."""
        settings = self.unit, self.sensitivity_unit, self._qualities
        return digest_of(*settings, *(p.x for p in self._all))

    def calibrate(self, net: nn.Module) -> None:
        """Run each picture at one of the qualities in turn."""
        with torch.no_grad(), _noise(0):
            for i, picture in enumerate(self._all):
                net(picture.x[None], torch.tensor([self._qualities[i % len(self._qualities)]]))

    def measure(self, net: nn.Module, split: Split) -> Reals:
        """Scores (Q, 2), or (Q, 3) with a reader: log bits per pixel, PSNR, nats per character."""
        pictures = split_of(self._pictures, self._held_out, split)
        with torch.no_grad():
            rows = [self._point(net, pictures, quality, 0) for quality in self._qualities]
        return np.array([[float(value) for value in row] for row in rows])

    def _point(
        self, net: Callable[..., Tensor], pictures: list[Picture], quality: int, seed: int
    ) -> tuple[Tensor, ...]:
        x = torch.stack([picture.x for picture in pictures])
        with _noise(seed):
            output: object = net(x, torch.full((len(x),), quality))
        x_hat, r_bits, z_bits = (getattr(output, name) for name in ("x_hat", "r_bits", "z_bits"))
        x_hat = x_hat.clamp(0.0, 1.0)
        bits = (r_bits + z_bits) / (x.shape[-2] * x.shape[-1])
        row = (bits.mean().log(), psnr(x_hat, x).mean())
        if self._reader is None:
            return row
        lines = lines_of(pictures)
        return (*row, self._reader.loss(x_hat, lines).sum() / sum(map(len, lines.texts)))

    def slopes(self, reference: Reals) -> Slopes:
        """Fitted to the float net's curve by least squares.

        Raises:
            ValueError: quality does not rise with rate, as in a net that was never trained.
        """
        rate, decibels = reference[:, RATE], reference[:, PSNR]
        slopes = Slopes(
            _slope(decibels, rate), -_slope(reference[:, NATS], rate) if self._reader else 0
        )
        if slopes.psnr <= 0 or (self._reader and slopes.nats <= 0):
            raise ValueError(
                "expected a codec whose pictures improve with its rate, got bits per pixel of "
                f"{np.exp(rate).round(4).tolist()} and PSNR of {decibels.round(2).tolist()} dB"
                + (f", nats of {reference[:, NATS].round(3).tolist()}" if self._reader else "")
                + ": is it trained?"
            )
        return slopes

    def loss(self, reference: Reals, scores: Reals) -> float:
        """Rate lost at equal quality, percent."""
        slopes, change = self.slopes(reference), scores - reference
        return float(100 * np.expm1(np.minimum(self._cost(slopes, change.T).mean(), 50.0)))

    def sensitivity(self, reference: Reals, net: nn.Module, changed: nn.Module) -> float:
        """Rate that equal distortion takes more, percent.

        It is how unlike the float codec's the halves are, errors in text foremost where a reader
        judges the codec. What measuring says instead is signed: files that grow and pictures that
        gain by it, or a reader's luck, would make a layer look free.
        """

        def part(name: str, *inputs: Tensor) -> Tensor:
            output: Tensor = changed.get_submodule(name)(*inputs)
            return output

        with torch.no_grad():
            unlike = [self.training_loss(part, net, step) for step in range(SENSITIVITY_BATCHES)]
        found = [float(value) for value in unlike if value is not None]
        if not found:
            return self.loss(reference, self.measure(changed, "quick"))
        decibels = 10 * np.log10(1 + np.mean(found) / 100)
        return float(100 * np.expm1(min(self.slopes(reference).psnr * decibels, 50.0)))

    def figures(self, reference: Reals, scores: Reals) -> dict[str, float]:
        """BD-rate where the curves overlap, and mean changes."""
        rate = bd_rate(reference, scores)
        change = (scores - reference).mean(0)
        found = {} if rate is None else {"BD-rate, PSNR (%)": rate}
        found["rate at equal quality setting (%)"] = float(100 * np.expm1(change[RATE]))
        found["PSNR at equal quality setting (dB)"] = float(change[PSNR])
        if self._reader is not None:
            found["nats per character at equal quality setting"] = float(change[NATS])
        return found

    def training_loss(self, part: Part, net: nn.Module, step: int) -> Tensor | None:
        """How unlike the float codec's the halves are; None for nets without halves."""
        if not isinstance(net, Codec):
            return None
        generator = torch.Generator().manual_seed(step)
        chosen = torch.randint(len(self._all), (TRAINING_BATCH,), generator=generator)
        quality = torch.randint(NUM_QUALITIES, (TRAINING_BATCH,), generator=generator)
        x = torch.stack([self._all[int(i)].x for i in chosen])
        return distillation_loss(part, net, x, quality, by_text=self._reader is not None)

    def _cost(self, slopes: Slopes, columns: Sequence[Any]) -> Any:
        cost = columns[RATE] - slopes.psnr * columns[PSNR]
        if self._reader is None:
            return cost
        return (cost + columns[RATE] + slopes.nats * columns[NATS]) / 2


def _slope(x: Reals, y: Reals) -> float:
    """Least squares slope of y over x; 0 where x stands still."""
    x = x - x.mean()
    power = float((x * x).sum())
    return float((x * (y - y.mean())).sum()) / power if power > 0 else 0.0


@contextmanager
def _noise(seed: int) -> Iterator[None]:
    """The same noise in the likelihoods for the same seed; the global state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def bd_rate(reference: Reals, scores: Reals) -> float | None:
    """Bjontegaard's rate difference in percent, by piecewise cubic Hermite interpolation.

    Args:
        reference: (Q, 2) log rates and PSNR of the float net, as `RateDistortion.measure` returns.
        scores: the same of the other net.

    Returns:
        The mean over the PSNR that both curves reach, or None where they share none or one of
        them falls.
    """
    curves = [(s[:, PSNR], s[:, RATE]) for s in (reference, scores)]
    if any((np.diff(decibels) <= 0).any() for decibels, _ in curves):
        return None
    low, high = max(p[0] for p, _ in curves), min(p[-1] for p, _ in curves)
    if high <= low:
        return None
    float_area, area = (
        float(PchipInterpolator(x, rate).integrate(low, high)) for x, rate in curves
    )
    return float(100 * np.expm1((area - float_area) / (high - low)))


def on_rendered_text(pictures: int, photos: Path | None, reading: bool) -> RateDistortion:
    """Objective of rendered pictures; half as many, of unseen fonts and words, are held out.

    Args:
        pictures: for calibration.
        photos: photographs for backgrounds, or None.
        reading: whether PP-OCRv6's recogniser judges as well.
    """
    made = rendered("train", (1 + TUNING) * pictures, photos)
    others = [coloured(p, seed) if seed % 2 else p for seed, p in enumerate(made[pictures:])]
    return RateDistortion(
        made[:pictures],
        rendered("test", -(-pictures // 2), photos),
        reader=Recogniser() if reading else None,
        tuning=others,
    )
