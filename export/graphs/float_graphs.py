"""The two graphs of a codec as torch modules, and as float ONNX models."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import cast

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from tcsdk.model.graphs import ANALYSIS, GRAPHS, INV_GAIN, SYNTHESIS
from tcsdk.model.grids import Y_STRIDE, Z_STRIDE
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.latents import bounded_z

OPSET = 19
# Names of the means network's parameters inside either graph: its weights have one set of integers.
MEANS = "means."


def round_weights(network: nn.Module) -> None:
    """Put every convolution's weights on an int8 grid per output channel, in place.

    The means network is shared by both graphs and all precisions, so its one set of int8 weights
    is fixed here, before anything is measured (DESIGN: means computed in float32 from int8).
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            with torch.no_grad():
                scale = means_scale(layer.weight)
                layer.weight.copy_(torch.round(layer.weight / scale) * scale)


def means_scale(weight: Tensor) -> Tensor:
    """Step of the int8 grid per output channel, (C_out, 1, 1, 1)."""
    return weight.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12) / 127.0


class AnalysisGraph(nn.Module):
    """x, z_gain, z_inverse_gain -> z_hat, d = y - mu, and what the detector says; all float32."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        codec = copy.deepcopy(codec)
        self.g_a, self.h_a, self.means = codec.g_a, codec.h_a, codec.means
        self.detector, self.feature_layers = codec.detector, codec.feature_layers
        stem = cast(
            "nn.Conv2d", self.g_a[0]
        )  # takes pictures centred on zero: 0..1 in, the offset in its bias
        self.centre = 0.5 if any(stem.padding) else 0.0  # padding is mid-grey: no bias can do that
        with torch.no_grad():
            cast("Tensor", stem.bias).sub_((0.5 - self.centre) * stem.weight.sum((1, 2, 3)))

    def forward(
        self, x: Tensor, z_gain: Tensor, z_inverse_gain: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Analyse x (N, 3, H, W) in 0..1.

        Returns:
            z_hat (N, C_z, H/64, W/64), d (N, M, H/16, W/16), and what the detector says of each
            block (N, 1 or 2, H/16, W/16): the probability that it shows text and, of an adaptive
            net, how many steps finer it wants to be coded.
        """
        x = x - self.centre if self.centre else x
        features = self.g_a[: self.feature_layers](x)
        y = self.g_a[self.feature_layers :](features)
        return self.said(y, features, z_gain, z_inverse_gain)

    def said(
        self, y: Tensor, features: Tensor, z_gain: Tensor, z_inverse_gain: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the graph gives, of y and the features that it is made of."""
        z_hat = torch.round(bounded_z(self.h_a(y), z_gain))
        logits, offsets = self.detector(features)
        text = [torch.sigmoid(logits), *([] if offsets is None else [offsets])]
        return z_hat, y - self.means(z_hat * z_inverse_gain), torch.cat(text, 1)


class SynthesisGraph(nn.Module):
    """z_hat, r, inv_gain, z_inverse_gain -> x_hat in 0..1; all float32."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        codec = copy.deepcopy(codec)
        self.g_s, self.means = codec.g_s, codec.means
        layers = (m for m in self.g_s.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d))
        *_, last = (m.bias for m in layers if m.bias is not None)
        with torch.no_grad():
            last += 0.5

    def forward(self, z_hat: Tensor, r: Tensor, inv_gain: Tensor, z_inverse_gain: Tensor) -> Tensor:
        """Return x_hat (N, 3, H, W) of z_hat (N, C_z, H/64, W/64) and r (N, M, H/16, W/16)."""
        y_hat = r * inv_gain + self.means(z_hat * z_inverse_gain)
        return torch.clamp(self.g_s(y_hat), 0.0, 1.0)


def analysis_inputs(hyper: int) -> tuple[Tensor, ...]:
    """Example inputs of the analysis graph; no tensor twice, or export would merge the two."""
    gain, inverse = torch.ones(2, hyper, 1, 1), torch.ones(2, hyper, 1, 1)
    return torch.rand(2, 3, 2 * Z_STRIDE, 3 * Z_STRIDE), gain, inverse


def synthesis_inputs(latent: int, hyper: int) -> tuple[Tensor, ...]:
    """Example inputs of the synthesis graph."""
    z_hat, r = torch.zeros(2, hyper, 2, 3), torch.zeros(2, latent, 8, 12)
    return z_hat, r, torch.ones(2, latent, 8, 12), torch.ones(2, hyper, 1, 1)


def to_onnx(
    role: str,
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    dims: tuple[Mapping[int, object], ...],
) -> onnx.ModelProto:
    """Export a module whose arguments and results come in the order of its role's row.

    Args:
        role: a key of GRAPHS.
        module: in torch.
        inputs: examples.
        dims: which dimensions of them are free.
    """
    row = GRAPHS[role]
    return exported(module, inputs, dims, list(row.inputs), list(row.outputs))


def exported(
    module: nn.Module,
    inputs: tuple[Tensor | tuple[Tensor, ...], ...],
    dims: tuple[object, ...],
    taken: list[str],
    given: list[str],
) -> onnx.ModelProto:
    """Export a module.

    Args:
        module: to run in evaluation mode.
        inputs: examples of its arguments, tensors or tuples of some.
        dims: which of their dimensions are free, by axis; shaped as the arguments are.
        taken: names of its arguments.
        given: names of its results.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own internals
        program = torch.onnx.export(
            module.eval(),
            inputs,
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=taken,
            output_names=given,
            dynamic_shapes=dims,
        )
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    for node in model.graph.node:  # exporter notes: paths and stack traces have no place in a file
        del node.metadata_props[:]
        node.doc_string = ""
    del model.metadata_props[:]
    del model.graph.value_info[:]
    del model.functions[:]
    return model


def export_analysis(codec: Codec) -> onnx.ModelProto:
    """Float ONNX of the analysis graph; inputs and outputs as DESIGN 2 names them."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    picture = {0: n, 2: Z_STRIDE * h, 3: Z_STRIDE * w}
    inputs = analysis_inputs(codec.config.hyper)
    return to_onnx(ANALYSIS, AnalysisGraph(codec), inputs, (picture, {0: n}, {0: n}))


def export_synthesis(codec: Codec) -> onnx.ModelProto:
    """Float ONNX of the synthesis graph."""
    n, h, w = (torch.export.Dim(name) for name in ("n", "hz", "wz"))
    step = Z_STRIDE // Y_STRIDE
    grid = {0: n, 2: step * h, 3: step * w}
    dims = ({0: n, 2: h, 3: w}, grid, grid, {0: n})
    inputs = synthesis_inputs(codec.config.latent, codec.config.hyper)
    model = to_onnx(SYNTHESIS, SynthesisGraph(codec), inputs, dims)
    free_dimensions(model, INV_GAIN, {0: "n_gain", 2: "h_gain", 3: "w_gain"})
    return model


def free_dimensions(model: onnx.ModelProto, name: str, dims: dict[int, str]) -> None:
    """Let an input's dimensions differ from others': it broadcasts."""
    (value,) = (i for i in model.graph.input if i.name == name)
    for axis, symbol in dims.items():
        value.type.tensor_type.shape.dim[axis].dim_param = symbol


def with_parameters(model: onnx.ModelProto, module: nn.Module) -> onnx.ModelProto:
    """Return a float graph with the parameters of another net of the same architecture.

    Args:
        model: a graph that was exported from such a net. What it keeps in other files stays.
        module: its torch form, holding the other net.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    state = module.state_dict()
    for tensor in made.graph.initializer:
        if tensor.name in state:
            tensor.CopyFrom(numpy_helper.from_array(state[tensor.name].numpy(), tensor.name))
    return made
