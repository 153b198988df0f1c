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
    free_dimensions,
    synthesis_inputs,
    to_onnx,
)
from tcsdk.model.graphs import CONTEXT_ANALYSIS, GAIN, INV_GAIN, RESIDUAL, SYNTHESIS
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.grouped import GroupedCodec, GroupedContext
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
        return self.said(self.g_a[self.feature_layers :](features), features, z_gain)

    def said(self, y: Tensor, features: Tensor, z_gain: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the graph gives, of y and the features that it is made of."""
        logits, offsets = self.detector(features)
        text = [torch.sigmoid(logits), *([] if offsets is None else [offsets])]
        return torch.round(bounded_z(self.h_a(y), z_gain)), y, torch.cat(text, 1)


class ResidualGraph(nn.Module):
    """y, z_hat, z_inverse_gain, gain, coded -> r, whole numbers as floats."""

    def __init__(self, codec: GroupedCodec) -> None:
        super().__init__()
        codec = copy.deepcopy(codec)
        self.means, self.grouped = codec.means, codec.grouped

    def forward(
        self, y: Tensor, z_hat: Tensor, z_inverse_gain: Tensor, gain: Tensor, coded: Tensor
    ) -> Tensor:
        """Return r (N, M, H/16, W/16), rounded half to even, zero where nothing is coded.

        Args:
            y: (N, M, H/16, W/16).
            z_hat: (N, C_z, H/64, W/64).
            z_inverse_gain: (N, C_z, 1, 1).
            gain: as y, or (N, M, 1, 1).
            coded: as y, 1 where an element is coded and 0 where it is not.
        """

        def rounded(mu: Tensor, place: slice) -> Tensor:
            return torch.round((y[:, place] - mu) * gain[:, place]) * coded[:, place]

        def decoded(mu: Tensor, place: slice) -> Tensor:
            return rounded(mu, place) / gain[:, place] + mu

        context = GroupedContext(self.means, self.grouped)
        mu, _ = context(z_hat * z_inverse_gain, decoded)
        return rounded(mu, slice(0, mu.shape[1]))


class ContextSynthesisGraph(SynthesisGraph):
    """z_hat, r, inv_gain, z_inverse_gain -> x_hat in 0..1; all float32."""

    def __init__(self, codec: GroupedCodec) -> None:
        super().__init__(codec)
        self.grouped = copy.deepcopy(codec.grouped)

    def forward(self, z_hat: Tensor, r: Tensor, inv_gain: Tensor, z_inverse_gain: Tensor) -> Tensor:
        """Return x_hat (N, 3, H, W) of z_hat (N, C_z, H/64, W/64) and r (N, M, H/16, W/16)."""
        decoded, z = r * inv_gain, z_hat * z_inverse_gain
        context = GroupedContext(self.means, self.grouped)
        _, refined = context(z, lambda mu, place: decoded[:, place] + mu)
        return torch.clamp(self.g_s(decoded + refined), 0.0, 1.0)


def export_context_analysis(codec: GroupedCodec) -> onnx.ModelProto:
    """Float ONNX of the analysis graph of a codec with a context."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    x, z_gain, _ = analysis_inputs(codec.config.hyper)
    dims = ({0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}, {0: n})
    return to_onnx(CONTEXT_ANALYSIS, ContextAnalysisGraph(codec), (x, z_gain), dims)


def export_residual(codec: GroupedCodec) -> onnx.ModelProto:
    """Float ONNX of the graph that makes r."""
    fine, coarse, batch = _latent_dims()
    z_hat, r, gain, inverse = synthesis_inputs(codec.config.latent, codec.config.hyper)
    inputs = (torch.rand_like(r), z_hat, inverse, gain, torch.zeros_like(r))
    model = to_onnx(RESIDUAL, ResidualGraph(codec), inputs, (fine, coarse, batch, fine, fine))
    free_dimensions(model, GAIN, {0: "n_gain", 2: "h_gain", 3: "w_gain"})
    return model


def export_context_synthesis(codec: GroupedCodec) -> onnx.ModelProto:
    """Float ONNX of the synthesis graph of a codec with a context."""
    fine, coarse, batch = _latent_dims()
    inputs = synthesis_inputs(codec.config.latent, codec.config.hyper)
    model = to_onnx(SYNTHESIS, ContextSynthesisGraph(codec), inputs, (coarse, fine, fine, batch))
    free_dimensions(model, INV_GAIN, {0: "n_gain", 2: "h_gain", 3: "w_gain"})
    return model


def _latent_dims() -> tuple[dict[int, object], dict[int, object], dict[int, object]]:
    """Free dimensions of y's grid, of z's, and of one value per channel."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    step = Z_STRIDE // Y_STRIDE
    return {0: n, 2: step * h, 3: step * w}, {0: n, 2: h, 3: w}, {0: n}
