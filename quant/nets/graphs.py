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
from tcsdk.models.codecs.base import NUM_QUALITIES, SKIP_INDEX, Z_LIMIT, Codec, z_level
from tcsdk.models.codecs.likelihood import LOG_SCALE_RATIO
from tcsdk.quant.judge.pictures import rendered
from tcsdk.quant.nets.pins import FLOAT_LAYERS

Picture = NDArray[np.float32]  # (3, H, W), 0..1
Feed = dict[str, NDArray[np.float32]]
SIZE = (256, 512)


def calibration_pictures(photos: Path | None, count: int) -> list[Picture]:
    """Rendered pictures of the training split, (3, 256, 512) float32 in 0..1."""
    return [picture.x.numpy() for picture in rendered("train", count, photos, SIZE)]


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
    feeds: dict[str, list[Feed]] = {ANALYSIS: [], SYNTHESIS: []}
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
                ANALYSIS: {X: x, Z_GAIN: z_gain, Z_INVERSE_GAIN: 1 / z_gain},
                SYNTHESIS: {Z_HAT: z_hat, R: r, INV_GAIN: 1 / gain, Z_INVERSE_GAIN: 1 / z_gain},
            }
            for role, feed in tensors.items():
                feeds[role].append({k: v.numpy() for k, v in feed.items()})
    return feeds
