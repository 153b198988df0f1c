"""From the float scale network to its integers, and their exact torch twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.export.entropy.bundle import IntegerLayer
from tcsdk.models.codecs.hyper import ACTIVATION_UNIT, ScaleNetwork

Z_SHIFT = 16
INT16_MAX = 32767
# Bits kept free in the multipliers: the largest of a layer stays below 2^MULTIPLIER_BITS.
MULTIPLIER_BITS = 30


@dataclass(frozen=True)
class IntegerScaleNetwork:
    """The network as the kernel runs it.

    Attributes:
        z_multiplier: (L, C_z) uint32, dequantisation to units of 1/256, times 2^z_shift.
        z_shift: right shift after it.
        layers: convolutions, first to last.
    """

    z_multiplier: NDArray[np.uint32]
    z_shift: int
    layers: tuple[IntegerLayer, ...]


def integer_layer(weight: Tensor, bias: Tensor, factor: int, unit_out: float) -> IntegerLayer:
    """One convolution in integers: int8 weights per output channel, activations in 1/256.

    Args:
        weight: (C_out, C_in, k, k) float32.
        bias: (C_out,) float32.
        factor: depth-to-space factor after the layer.
        unit_out: units of the output per 1.0 (256 for activations, 1 for indexes).
    """
    w, b = weight.double().numpy(), bias.double().numpy()
    # A channel of next to no weight still has to hold its bias in int32.
    scale = np.maximum(np.abs(w).max((1, 2, 3)) / 127.0, np.abs(b) * ACTIVATION_UNIT / 2**28)
    scale = np.maximum(scale, 1e-12)
    multiplier = scale * unit_out / ACTIVATION_UNIT
    shift = int(min(62, MULTIPLIER_BITS - np.ceil(np.log2(multiplier.max()))))
    return IntegerLayer(
        np.rint(w / scale[:, None, None, None]).astype(np.int8),
        np.rint(b * ACTIVATION_UNIT / scale).astype(np.int32),
        np.rint(multiplier * 2.0**shift).astype(np.uint32),
        shift,
        factor,
    )


def to_integers(network: ScaleNetwork, z_inverse_gain: NDArray[np.float32]) -> IntegerScaleNetwork:
    """Quantise a trained scale network, after training, without calibration.

    Args:
        network: the float shadow.
        z_inverse_gain: (L, C_z), what z_hat is multiplied by at each level.
    """
    multiplier = np.rint(z_inverse_gain.astype(np.float64) * ACTIVATION_UNIT * 2.0**Z_SHIFT)
    layers = []
    for conv, (out, _, factor) in zip(network.convs, network.LAYERS, strict=True):
        unit = ACTIVATION_UNIT if out else 1.0
        weight, bias = (cast("Tensor", p).detach() for p in (conv.weight, conv.bias))
        layers.append(integer_layer(weight, bias, factor, unit))
    return IntegerScaleNetwork(multiplier.astype(np.uint32), Z_SHIFT, tuple(layers))


def _requantise(accumulator: NDArray[np.int64], layer: IntegerLayer) -> NDArray[np.int64]:
    half = np.int64(1) << (layer.shift - 1)
    scaled = accumulator * layer.multiplier.astype(np.int64)[:, None, None]
    limited: NDArray[np.int64] = np.minimum((scaled + half) >> layer.shift, INT16_MAX)
    return limited


def torch_twin(
    network: IntegerScaleNetwork, z_hat: NDArray[np.int8], level: int
) -> NDArray[np.int16]:
    """Unclamped scale indexes of z_hat (C_z, h, w), (M, 4h, 4w): torch convolutions on doubles.

    Every product and sum stays below 2^53, so that doubles are exact integers.
    """
    scaled = z_hat.astype(np.int64) * network.z_multiplier[level].astype(np.int64)[:, None, None]
    half = np.int64(1) << (network.z_shift - 1)
    a: NDArray[np.int64] = np.clip((scaled + half) >> network.z_shift, -INT16_MAX - 1, INT16_MAX)
    for i, layer in enumerate(network.layers):
        convolved = torch.nn.functional.conv2d(
            torch.from_numpy(a.astype(np.float64))[None],
            torch.from_numpy(layer.weight.astype(np.float64)),
            torch.from_numpy(layer.bias.astype(np.float64)),
            padding=layer.weight.shape[-1] // 2,
        )
        accumulator = convolved[0].numpy().astype(np.int64)
        if i + 1 < len(network.layers):
            a = _requantise(np.maximum(accumulator, 0), layer)
            a = torch.nn.functional.pixel_shuffle(torch.from_numpy(a), layer.depth_to_space).numpy()
        else:
            a = np.sign(accumulator) * _requantise(np.abs(accumulator), layer)
    return a.astype(np.int16)
