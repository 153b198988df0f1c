"""What quantisers of graphs need to know: the pictures to calibrate with, what stays float."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from tcsdk.quant.judge.pictures import rendered

Picture = NDArray[np.float32]  # (3, H, W), 0..1
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
