"""What every codec shares: hyper-prior, gains, text detector and the simulated coding of training.

A net adds its analysis and synthesis transforms, g_a and g_s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.codec.quality_map import WHOLE_STEPS
from tcsdk.models.codecs.context import Context, HyperContext
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.codecs.gains import NUM_Z_LEVELS, QualityGains, z_level
from tcsdk.models.codecs.hyper import HyperAnalysis, MeansNetwork, ScaleNetwork
from tcsdk.models.codecs.latents import Latents, bounded_z, is_coded
from tcsdk.models.codecs.likelihood import (
    LOG_SCALE_RATIO,
    MixturePrior,
    gaussian_bits,
    round_ste,
)
from tcsdk.models.text.caption import Caption

# Runs a part of a net by its name, such as "means", on its inputs.
Part = Callable[..., Tensor]


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

    @property
    def guided(self) -> bool:
        """Whether sent text guides what is shown."""

    @property
    def frame(self) -> bool:
        """Whether what it guides is painted over the whole frame, not where text reaches."""


@dataclass(frozen=True)
class CodecOutput:
    """What training needs of one pass: the picture and the bits, per sample."""

    x_hat: Tensor  # (N, 3, H, W), 0..1, not clipped
    r_bits: Tensor  # (N,)
    z_bits: Tensor  # (N,)
    text: Tensor  # (N, 1, H/16, W/16), logits of "this block shows text"
    offsets: Tensor | None = None  # (N, 1, H/16, W/16), steps that the block wants; if adaptive

    @property
    def cost(self) -> Tensor:
        """Bits, (N,)."""
        return self.r_bits + self.z_bits

    @property
    def z_cost(self) -> Tensor:
        """Those of z among them, (N,)."""
        return self.z_bits


@dataclass(frozen=True)
class CodedLatent:
    """What simulated coding makes of y: what the synthesis gets, and what it costs, per sample."""

    y_hat: Tensor  # (N, M, H/16, W/16)
    gain: Tensor  # (N, M, 1 or H/16, 1 or W/16), 1 / quantiser step of each element of y
    r_bits: Tensor  # (N,)
    z_bits: Tensor  # (N,)


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
        self,
        config: CodecConfig,
        g_a: nn.Sequential,
        g_s: nn.Sequential,
        feature_layers: int,
        features: int,
    ) -> None:
        super().__init__()
        self.config, self.feature_layers = config, feature_layers
        self.g_a, self.g_s = g_a, g_s
        self.h_a = HyperAnalysis(config.latent, config.hyper)
        self.means = MeansNetwork(config.hyper, config.latent)
        self.scales = ScaleNetwork(config.hyper, config.latent)
        self.prior = MixturePrior(NUM_Z_LEVELS, config.hyper)
        self.gains = QualityGains(config.latent, config.hyper)
        self.detector = TextDetector(features, config.adaptive)
        self.fusion = FusionBlock(config.frame) if config.guided else None

    def analyse(self, x: Tensor, caption: Caption | None = None) -> tuple[Tensor, Tensor]:
        """Return y (N, M, H/16, W/16) and the features (N, F, H/16, W/16) that it is made of.

        Args:
            x: (N, 3, H, W), centred on zero.
            caption: of the pictures, for a net that takes one; None for none.

        Raises:
            ValueError: the net takes no caption.
        """
        if caption is not None:
            raise ValueError("expected no caption of a net without a text adapter, got one")
        features = self.g_a[: self.feature_layers](x)
        return self.g_a[self.feature_layers :](features), features

    def forward(
        self,
        x: Tensor,
        quality: Tensor,
        exact: int = 0,
        whole: bool = False,
        offsets: Tensor | None = None,
        guidance: Tensor | None = None,
        caption: Caption | None = None,
    ) -> CodecOutput:
        """Simulated coding of pictures (N, 3, H, W) in 0..1, H and W multiples of 64.

        The other arguments are those of `code`, what guides: (N, 2, H, W) as `FusionBlock.fuse`
        takes it, or None, and the pictures' captions, which only the analysis sees, or None.
        """
        y, features = self.analyse(x - 0.5, caption)
        coded = self.code(y, quality, exact, whole, offsets)
        x_hat = self.synthesise(coded.y_hat)
        if self.fusion is not None and guidance is not None:
            x_hat = self.fusion.fuse(x_hat.clamp(0.0, 1.0), guidance)
        return CodecOutput(x_hat, coded.r_bits, coded.z_bits, *self.detect(features))

    def synthesise(self, y_hat: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W) float32, not clipped to 0..1."""
        return self.g_s(y_hat).float() + 0.5

    def detect(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the detector says, in float32. It learns; the codec does not bend to it."""
        text, asked = self.detector(features.detach())
        return text.float(), None if asked is None else asked.float()

    def code(
        self,
        y: Tensor,
        quality: Tensor,
        exact: int = 0,
        whole: bool = False,
        offsets: Tensor | None = None,
    ) -> CodedLatent:
        """Simulated coding of y: noise for the rates, rounding for the picture.

        Args:
            y: (N, M, H/16, W/16).
            quality: (N,) int64 in 0..63.
            exact: the first so many samples pass r as it is, and their bits are not counted.
            whole: rates are those of the rounded numbers, of which the scales can learn.
            offsets: (N, 1, H/16, W/16) whole steps by which blocks are coded finer than the quality
                says, or None.
        """
        latents = self.latents(y, quality, offsets)
        r, z = latents.r, latents.z
        sent = torch.cat([r[:exact], latents.r_hat[exact:]])
        counted = (torch.arange(len(y), device=y.device) >= exact).float()
        coded_r, coded_z = (
            torch.round(t) if whole else t + torch.rand_like(t) - 0.5 for t in (r, z)
        )
        return CodedLatent(
            latents.decode(sent),
            latents.gain,
            gaussian_bits(coded_r, latents.index).sum((1, 2, 3)) * counted,
            self.prior.bits(coded_z, z_level(quality)).sum((1, 2, 3)) * counted,
        )

    def latents(
        self, y: Tensor, quality: Tensor, offsets: Tensor | None = None, part: Part | None = None
    ) -> Latents:
        """Return what y becomes on its way into a stream.

        Args:
            y: (N, M, H/16, W/16).
            quality: (N,) int64 in 0..63.
            offsets: (N, 1, H/16, W/16) whole steps by which blocks are coded finer than the
                quality says, or None.
            part: runs the parts that predict y; None for the net's own.
        """
        y, gains = y.float(), self.gains
        z_gain, steps = gains.z_gain_at(quality), gains.steps_at(quality, offsets)
        z = bounded_z(self.h_a(y).float(), z_gain)
        z_hat = round_ste(z)
        dequantised = z_hat / z_gain
        scales = self.scales(dequantised).float()
        gain, coded = torch.exp(steps * LOG_SCALE_RATIO), is_coded(scales + steps)

        def decoded(mu: Tensor, place: slice) -> Tensor:
            own = gain[:, place]
            return round_ste((y[:, place] - mu) * own) * coded[:, place] / own + mu

        mu, refined = self.context(part)(dequantised, decoded)
        return Latents(z, z_hat, mu, refined, scales, steps, coded, gain, (y - mu) * gain)

    def context(self, part: Part | None = None) -> Context:
        """Return what predicts y: without a context of its own, the means network.

        Args:
            part: runs a part of the net by its name; None for the net's own.
        """
        return HyperContext(self.means if part is None else partial(part, "means"))
