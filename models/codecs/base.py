"""What every codec shares: hyper-prior, gains, text detector and the simulated coding of training.

A net adds its analysis and synthesis transforms, g_a and g_s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.codec.quality_map import MOST_STEPS, WHOLE_STEPS
from tcsdk.models.codecs.hyper import HyperAnalysis, MeansNetwork, ScaleNetwork
from tcsdk.models.codecs.likelihood import (
    LOG_SCALE_RATIO,
    MixturePrior,
    gaussian_bits,
    round_ste,
)

NUM_QUALITIES = 64
NUM_ANCHORS = 8
NUM_Z_LEVELS = 4
Z_LIMIT = 127
# Elements whose scale index is below this are not coded and are zero (scale 0.18: P(r != 0) 0.5 %).
SKIP_INDEX = 4


class CodecConfig(Protocol):
    """What a net's configuration says beside its own widths and depths."""

    @property
    def latent(self) -> int:
        """M, channels of y."""

    @property
    def hyper(self) -> int:
        """C_z, channels of z."""

    @property
    def adaptive(self) -> bool:
        """Whether the detector also says how many steps finer a block wants to be coded."""


@dataclass(frozen=True)
class CodecOutput:
    """What training needs of one pass: the picture and the bits, per sample."""

    x_hat: Tensor  # (N, 3, H, W), 0..1, not clipped
    r_bits: Tensor  # (N,)
    z_bits: Tensor  # (N,)
    text: Tensor  # (N, 1, H/16, W/16), logits of "this block shows text"
    finer: Tensor | None = None  # (N, 1, H/16, W/16), steps that the block wants; if adaptive


@dataclass(frozen=True)
class CodedLatent:
    """What simulated coding makes of y: what the synthesis gets, and what it costs, per sample."""

    y_hat: Tensor  # (N, M, H/16, W/16)
    gain: Tensor  # (N, M, 1 or H/16, 1 or W/16), 1 / quantiser step of each element of y
    r_bits: Tensor  # (N,)
    z_bits: Tensor  # (N,)


class QualityGains(nn.Module):
    """Whole scale steps k[q, c] by which quality q amplifies channel c of d, and z's gain levels.

    Eight anchors per channel are learned and interpolated over the 64 qualities; rounding to
    whole steps passes the gradient, so export reads off the very integers that training used.
    """

    FIRST, LAST = -8.0, 13.0  # steps at quality 0 and 63: a factor of 13

    def __init__(self, latent: int, hyper: int) -> None:
        super().__init__()
        anchors = torch.linspace(self.FIRST, self.LAST, NUM_ANCHORS)[:, None]
        self.anchors = nn.Parameter(anchors.repeat(1, latent))
        levels = torch.linspace(-0.5, 1.0, NUM_Z_LEVELS)[:, None]
        self.log_z_gain = nn.Parameter(levels.repeat(1, hyper))

    def steps(self) -> Tensor:
        """All steps, (64, M), whole numbers."""
        position = torch.linspace(0, NUM_ANCHORS - 1, NUM_QUALITIES, device=self.anchors.device)
        left = position.floor().long().clamp(max=NUM_ANCHORS - 2)
        weight = (position - left)[:, None]
        return round_ste(self.anchors[left] * (1 - weight) + self.anchors[left + 1] * weight)

    def z_gain(self) -> Tensor:
        """Gain of z per level and channel, (4, C_z)."""
        return torch.exp(self.log_z_gain)


def z_level(quality: Tensor) -> Tensor:
    """The z gain level of each quality: four equal ranges."""
    return quality * NUM_Z_LEVELS // NUM_QUALITIES


def whole_steps(finer: Tensor) -> Tensor:
    """Round steps to the few values that a quality map is made of."""
    return torch.round(finer / WHOLE_STEPS).clamp(0, MOST_STEPS // WHOLE_STEPS) * WHOLE_STEPS


class TextDetector(nn.Module):
    """Where text is, and how finely it wants to be coded, from g_a's features at 1/16.

    60 MAC per picture pixel for the first alone, 340 for both.

    Args:
        channels: of the features, (N, C, H/16, W/16).
        adaptive: whether it also says how many steps finer a block wants to be coded.
    """

    def __init__(self, channels: int, adaptive: bool) -> None:
        super().__init__()
        width, depth = (64, 2) if adaptive else (32, 1)
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 1), nn.ReLU()]
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width, 1 + adaptive, 1))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return logits (N, 1, H/16, W/16), and steps of the same shape if adaptive."""
        says = self.layers(features)
        return says[:, :1], says[:, 1:] * WHOLE_STEPS if says.shape[1] > 1 else None


class Codec(nn.Module):
    """A codec: g_a, h_a, means, scales, g_s, the gains and the detector of one model.

    Args:
        config: widths and depths; `latent` and `hyper` size what is shared.
        g_a: (N, 3, H, W), centred on zero, to y (N, M, H/16, W/16). Begins with a convolution that
            takes the picture.
        g_s: y_hat (N, M, H/16, W/16) to a picture centred on zero.
        feature_layers: how many of g_a's layers make the detector's features, (N, F, H/16, W/16).
        features: F.
    """

    def __init__(
        self, config: CodecConfig, g_a: nn.Sequential, g_s: nn.Sequential,
        feature_layers: int, features: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.config, self.feature_layers = config, feature_layers
        self.g_a, self.g_s = g_a, g_s
        self.h_a = HyperAnalysis(config.latent, config.hyper)
        self.means = MeansNetwork(config.hyper, config.latent)
        self.scales = ScaleNetwork(config.hyper, config.latent)
        self.prior = MixturePrior(NUM_Z_LEVELS, config.hyper)
        self.gains = QualityGains(config.latent, config.hyper)
        self.detector = TextDetector(features, config.adaptive)

    def analyse(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y (N, M, H/16, W/16) and the features (N, F, H/16, W/16) that it is made of.

        Args:
            x: (N, 3, H, W), centred on zero.
        """
        features = self.g_a[: self.feature_layers](x)
        return self.g_a[self.feature_layers :](features), features

    def forward(
        self, x: Tensor, quality: Tensor, exact: int = 0, whole: bool = False,
        finer: Tensor | None = None,
    ) -> CodecOutput:  # fmt: skip
        """Simulated coding of pictures (N, 3, H, W) in 0..1, H and W multiples of 64.

        The other arguments are those of `code`.
        """
        y, features = self.analyse(x - 0.5)
        coded = self.code(y, quality, exact, whole, finer)
        x_hat = self.synthesise(coded.y_hat)
        return CodecOutput(x_hat, coded.r_bits, coded.z_bits, *self.detect(features))

    def synthesise(self, y_hat: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W) float32, not clipped to 0..1."""
        return self.g_s(y_hat).float() + 0.5

    def detect(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the detector says, in float32. It learns; the codec does not bend to it."""
        text, asked = self.detector(features.detach())
        return text.float(), None if asked is None else asked.float()

    def code(
        self, y: Tensor, quality: Tensor, exact: int = 0, whole: bool = False,
        finer: Tensor | None = None,
    ) -> CodedLatent:  # fmt: skip
        """Simulated coding of y: noise for the rates, rounding for the picture.

        Args:
            y: (N, M, H/16, W/16).
            quality: (N,) int64 in 0..63.
            exact: the first so many samples pass r as it is, and their bits are not counted.
            whole: rates are those of the rounded numbers, of which the scales can learn.
            finer: (N, 1, H/16, W/16) whole steps by which blocks are coded finer than the quality
                says, or None.
        """
        level = z_level(quality)
        y = y.float()
        z_gain = self.gains.z_gain()[level][:, :, None, None]
        z = (self.h_a(y).float() * z_gain).clamp(-Z_LIMIT, Z_LIMIT)
        dequantised = round_ste(z) / z_gain
        mu = self.means(dequantised).float()
        steps = self.gains.steps()[quality][:, :, None, None]
        if finer is not None:
            steps = steps + finer
        index = self.scales(dequantised).float() + steps
        gain = torch.exp(steps * LOG_SCALE_RATIO)
        r = (y - mu) * gain
        r_hat = round_ste(r) * (index.detach() >= SKIP_INDEX - 0.5)
        r_hat = torch.cat([r[:exact], r_hat[exact:]])
        counted = (torch.arange(len(y), device=y.device) >= exact).float()
        coded_r, coded_z = (
            torch.round(t) if whole else t + torch.rand_like(t) - 0.5 for t in (r, z)
        )
        return CodedLatent(
            r_hat / gain + mu,
            gain,
            gaussian_bits(coded_r, index).sum((1, 2, 3)) * counted,
            self.prior.bits(coded_z, level).sum((1, 2, 3)) * counted,
        )
