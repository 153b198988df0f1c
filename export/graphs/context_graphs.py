"""The three graphs of a codec with a context: its groups are unrolled in them.

Analysis hands out y; the kernel says from z_hat, quality and map which elements are coded; the
graph of the role `residual` makes r of both; synthesis predicts as it did.
"""

from __future__ import annotations

import copy

import onnx
import torch
from torch import Tensor, nn

from tcsdk.export.graphs.float_graphs import (
    SynthesisGraph,
    analysis_inputs,
    synthesis_inputs,
    to_onnx,
)
from tcsdk.model.graphs import ANALYSIS, RESIDUAL, SYNTHESIS, TEXT, Z_GAIN, Z_HAT, X, Y
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.latents import bounded_z


class ContextAnalysisGraph(nn.Module):
    """x, z_gain -> z_hat, y, and what the detector says; all float32."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        codec = copy.deepcopy(codec)
        self.g_a, self.h_a = codec.g_a, codec.h_a
        self.detector, self.feature_layers = codec.detector, codec.feature_layers

    def forward(self, x: Tensor, z_gain: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Analyse x (N, 3, H, W) in 0..1; the detector's planes as AnalysisGraph has them."""
        features = self.g_a[: self.feature_layers](x - 0.5)
        y = self.g_a[self.feature_layers :](features)
        logits, offsets = self.detector(features)
        text = [torch.sigmoid(logits), *([] if offsets is None else [offsets])]
        return torch.round(bounded_z(self.h_a(y), z_gain)), y, torch.cat(text, 1)


class ResidualGraph(nn.Module):
    """y, z_hat, z_inverse_gain, gain, coded -> r, whole numbers as floats."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self.codec = copy.deepcopy(codec)

    def forward(
        self, y: Tensor, z_hat: Tensor, z_inverse_gain: Tensor, gain: Tensor, coded: Tensor
    ) -> Tensor:
        """Return r (N, M, H/16, W/16), rounded half to even, zero where nothing is coded."""

        def rounded(mu: Tensor) -> Tensor:
            return torch.round((y - mu) * gain) * coded

        context = self.codec.context()
        return rounded(context(z_hat * z_inverse_gain, lambda mu: rounded(mu) / gain + mu))


class ContextSynthesisGraph(SynthesisGraph):
    """z_hat, r, inv_gain, z_inverse_gain -> x_hat in 0..1; all float32."""

    def __init__(self, codec: Codec) -> None:
        super().__init__(codec)
        self.codec = copy.deepcopy(codec)

    def forward(self, z_hat: Tensor, r: Tensor, inv_gain: Tensor, z_inverse_gain: Tensor) -> Tensor:
        """Return x_hat (N, 3, H, W) of z_hat (N, C_z, H/64, W/64) and r (N, M, H/16, W/16)."""
        decoded, z = r * inv_gain, z_hat * z_inverse_gain
        mu = self.codec.context()(z, lambda mu: decoded + mu)
        return torch.clamp(self.g_s(decoded + mu), 0.0, 1.0)


def export_context_graphs(codec: Codec) -> dict[str, onnx.ModelProto]:
    """Float ONNX of the three graphs, by role.

    Args:
        codec: with a context. Its widths are those of the graphs' channels.
    """
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    step = Z_STRIDE // Y_STRIDE
    fine, coarse = {0: n, 2: step * h, 3: step * w}, {0: n, 2: h, 3: w}
    picture = {0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}
    x, z_gain, inverse = analysis_inputs(codec.config.hyper)
    z_hat, r, gain, _ = synthesis_inputs(codec.config.latent, codec.config.hyper)
    names = ((X, Z_GAIN), (Z_HAT, Y, TEXT))
    residual = (torch.rand_like(r), z_hat, inverse, gain, torch.ones_like(r))
    return {
        ANALYSIS: to_onnx(
            ANALYSIS, ContextAnalysisGraph(codec), (x, z_gain), (picture, {0: n}), names
        ),
        RESIDUAL: to_onnx(
            RESIDUAL, ResidualGraph(codec), residual, (fine, coarse, {0: n}, fine, fine)
        ),
        SYNTHESIS: to_onnx(
            SYNTHESIS,
            ContextSynthesisGraph(codec),
            (z_hat, r, torch.full_like(r, 0.5), inverse),
            (coarse, fine, fine, {0: n}),
        ),
    }
