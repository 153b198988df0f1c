"""The peer: ONNX Runtime's own static quantisation of a codec's two graphs.

Measured beside ours by benchmarks/studies/quantisers.py; nothing that ships is made by it.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from tcsdk.model.graphs import (
    ANALYSIS,
    INV_GAIN,
    SYNTHESIS,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    X,
)
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import NUM_QUALITIES
from tcsdk.quant.nets.graphs import Picture, float_nodes
from tcsdk.quant.nets.table import rules_of

# Of activations, both tails together. 99.9 clips: the edge net then loses 3 dB at quality 63.
PERCENTILE = 99.999

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "entropy": CalibrationMethod.Entropy,
    "percentile": CalibrationMethod.Percentile,
}
WEIGHT_TYPES = {8: QuantType.QInt8, 4: QuantType.QInt4}
Feed = dict[str, NDArray[np.float32]]


class _Feeds(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, feeds: list[Feed]) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> Feed | None:
        return next(self._feeds, None)


class StaticQuantiser:
    """Makes the int8 form of a codec's float graphs.

    Args:
        codec: the trained model (its means network already on its int8 grid).
        pictures: calibration pictures of one shape, each seen at one of the qualities in turn.
        method: of METHODS: how activations are clipped.
        bits: of weights, a key of WEIGHT_TYPES.

    Raises:
        ValueError: no picture, or pictures of several shapes.
    """

    def __init__(
        self, codec: Codec, pictures: list[Picture], method: str = "percentile", bits: int = 8
    ) -> None:
        if not pictures:
            raise ValueError("calibration needs at least one picture, got none")
        shapes = sorted({picture.shape for picture in pictures})
        if len(shapes) > 1:
            raise ValueError(f"calibration pictures must have one shape, got {shapes}")
        self._method, self._weights = METHODS[method], WEIGHT_TYPES[bits]
        self._feeds = collect_feeds(codec, pictures)
        self._float_layers = rules_of(codec).float_layers

    def __call__(self, role: str, model: onnx.ModelProto) -> onnx.ModelProto:
        """The QDQ form of the graph of a role."""
        with tempfile.TemporaryDirectory() as scratch:
            source, target = Path(scratch) / "float.onnx", Path(scratch) / "int8.onnx"
            onnx.save(model, str(source))
            logging.disable(logging.WARNING)  # its advice about pre-processing does not apply
            try:
                quantize_static(
                    str(source),
                    str(target),
                    _Feeds(self._feeds[role]),
                    quant_format=QuantFormat.QDQ,
                    per_channel=True,
                    activation_type=QuantType.QUInt8,
                    weight_type=self._weights,
                    calibrate_method=self._method,
                    nodes_to_exclude=float_nodes(model, self._float_layers),
                    extra_options={"WeightSymmetric": True, "CalibPercentile": PERCENTILE},
                )
            finally:
                logging.disable(logging.NOTSET)
            quantised = onnx.load(str(target))
        del quantised.metadata_props[:]
        quantised.producer_name, quantised.producer_version = "tcsdk", ""
        return quantised


def collect_feeds(codec: Codec, pictures: list[Picture]) -> dict[str, list[Feed]]:
    """Inputs of both graphs; z_hat and r as the kernel makes them, up to its integer indexes."""
    feeds: dict[str, list[Feed]] = {ANALYSIS: [], SYNTHESIS: []}
    with torch.no_grad():
        for i, picture in enumerate(pictures):
            quality = torch.tensor([i * 13 % NUM_QUALITIES])
            x = torch.from_numpy(picture)[None]
            latents = codec.latents(codec.analyse(x - 0.5)[0], quality)
            z_gain = codec.gains.z_gain_at(quality)
            tensors = {
                ANALYSIS: {X: x, Z_GAIN: z_gain, Z_INVERSE_GAIN: 1 / z_gain},
                SYNTHESIS: {
                    Z_HAT: latents.z_hat,
                    R: latents.r_hat,
                    INV_GAIN: 1 / latents.gain,
                    Z_INVERSE_GAIN: 1 / z_gain,
                },
            }
            for role, feed in tensors.items():
                feeds[role].append({k: v.numpy() for k, v in feed.items()})
    return feeds
