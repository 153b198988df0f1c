"""A codec's two float graphs as graph quantisers see them: what they are fed, what stays float.

For the graphs of GPUs (export/tensorrt/graphs.py, torch_tensorrt.py) and ONNX Runtime's quantiser
(static.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

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
from tcsdk.quant.judge.pictures import rendered

Picture = NDArray[np.float32]  # (3, H, W), 0..1
Feed = dict[str, NDArray[np.float32]]
SIZE = (256, 512)


def calibration_pictures(photos: Path | None, count: int) -> list[Picture]:
    """Rendered pictures of the training split, (3, 256, 512) float32 in 0..1."""
    return [picture.x.numpy() for picture in rendered("train", count, photos, SIZE)]


def float_nodes(model: onnx.ModelProto, float_layers: tuple[str, ...]) -> list[str]:
    """Names of the nodes that stay float32: the means network, and what touches the latents.

    Those are z_hat, mu, d, y_hat, and x_hat.

    Args:
        model: a codec's float graph.
        float_layers: of the net's rules.
    """
    kept: list[str] = []
    weights = {t.name for t in model.graph.initializer}
    from_float: set[str] = set()
    for node in model.graph.node:
        parameters = [i for i in node.input if i in weights]
        float_layer = any(p.startswith(float_layers) for p in parameters)
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
