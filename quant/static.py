"""The peer: ONNX Runtime's own static quantisation of a codec's two graphs, and their feeds.

Measured beside ours by benchmarks/quantisers.py; no integers that ship are made by it. The graphs
for GPUs share `float_nodes` and `collect_feeds` (export/tensorrt_graphs.py, torch_tensorrt.py).
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

from tcsdk.models.codec import NUM_QUALITIES, SKIP_INDEX, Z_LIMIT, Codec, z_level
from tcsdk.models.likelihood import LOG_SCALE_RATIO

from .pictures import rendered
from .pins import FLOAT_LAYERS

Picture = NDArray[np.float32]  # (3, H, W), 0..1
Feed = dict[str, NDArray[np.float32]]
SIZE = (256, 512)
# Of activations, both tails together. 99.9 clips: the edge net then loses 3 dB at quality 63.
PERCENTILE = 99.999

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "entropy": CalibrationMethod.Entropy,
    "percentile": CalibrationMethod.Percentile,
}
WEIGHT_TYPES = {8: QuantType.QInt8, 4: QuantType.QInt4}


def calibration_pictures(photos: Path | None, count: int) -> list[Picture]:
    """Rendered pictures of the training split, (3, 256, 512) float32 in 0..1."""
    return [picture.x.numpy() for picture in rendered("train", count, photos, SIZE)]


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

    def __call__(self, role: str, model: onnx.ModelProto) -> onnx.ModelProto:
        """The QDQ form of the graph with this role, "analysis" or "synthesis"."""
        with tempfile.TemporaryDirectory() as scratch:
            source, target = Path(scratch) / "float.onnx", Path(scratch) / "int8.onnx"
            onnx.save(model, str(source))
            logging.disable(logging.WARNING)  # its advice about pre-processing does not apply
            try:
                quantize_static(
                    str(source), str(target), _Feeds(self._feeds[role]),
                    quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=self._weights,
                    calibrate_method=self._method,
                    nodes_to_exclude=float_nodes(model),
                    extra_options={"WeightSymmetric": True, "CalibPercentile": PERCENTILE},
                )  # fmt: skip
            finally:
                logging.disable(logging.NOTSET)
            quantised = onnx.load(str(target))
        del quantised.metadata_props[:]
        quantised.producer_name, quantised.producer_version = "tcsdk", ""
        return quantised


def float_nodes(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes that stay float32: the means network, and what touches the latents.

    Those are z_hat, mu, d, y_hat, and x_hat.
    """
    kept: list[str] = []
    weights = {t.name for t in model.graph.initializer}
    from_float: set[str] = set()
    for node in model.graph.node:
        parameters = [i for i in node.input if i in weights]
        float_layer = any(p.startswith(FLOAT_LAYERS) for p in parameters)
        codec_layer = any(p.startswith(("g_a.", "g_s.", "h_a.")) for p in parameters)
        follows = any(i in from_float for i in node.input) and not codec_layer
        arithmetic = node.op_type in ("Round", "Clip", "Mul", "Sub")
        if any(p.startswith("means.") for p in parameters) or follows:
            from_float.update(node.output)
        if float_layer or follows or arithmetic:
            kept.append(node.name)
    return kept


def collect_feeds(codec: Codec, pictures: list[Picture]) -> dict[str, list[Feed]]:
    """Inputs of both graphs; z_hat and r as the kernel makes them, up to its integer indexes."""
    feeds: dict[str, list[Feed]] = {"analysis": [], "synthesis": []}
    with torch.no_grad():
        steps, gains = codec.gains.steps(), codec.gains.z_gain()
        for i, picture in enumerate(pictures):
            quality = i * 13 % NUM_QUALITIES
            z_gain = gains[int(z_level(torch.tensor(quality)))][None, :, None, None]
            gain = torch.exp(steps[quality] * LOG_SCALE_RATIO)[None, :, None, None]
            x = torch.from_numpy(picture)[None]
            y = codec.g_a(x - 0.5)
            z_hat = torch.round((codec.h_a(y) * z_gain).clamp(-Z_LIMIT, Z_LIMIT))
            index = codec.scales(z_hat / z_gain) + steps[quality][None, :, None, None]
            coded = torch.round(index) >= SKIP_INDEX
            r = torch.round((y - codec.means(z_hat / z_gain)) * gain) * coded
            tensors = {
                "analysis": {"x": x, "z_gain": z_gain, "z_inverse_gain": 1 / z_gain},
                "synthesis": {
                    "z_hat": z_hat,
                    "r": r,
                    "inv_gain": 1 / gain,
                    "z_inverse_gain": 1 / z_gain,
                },
            }
            for role, feed in tensors.items():
                feeds[role].append({k: v.numpy() for k, v in feed.items()})
    return feeds
