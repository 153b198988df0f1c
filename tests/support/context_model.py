"""A model folder of a tiny codec with a context, of random weights that say something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk.export.folder import Checkpoint, entropy_bundle, load_checkpoint, write_folder
from tcsdk.models import registry
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.grouped import GroupedCodec
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.train.run.weights import WEIGHTS, Origin, save_weights

NET = "tiny-context"


def taught(codec: GroupedCodec) -> GroupedCodec:
    """The same with a context that says something, and latents of which many elements are coded."""
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in codec.grouped.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.05)
        codec.scales.convs[-1].weight.normal_(0, 3.0)
        codec.scales.convs[-1].bias.uniform_(-20.0, 12.0)
        codec.gains.log_z_gain.uniform_(-0.5, 1.5)
        x = torch.from_numpy(picture(128, 128))[None] - 0.5
        makers = [m for m in codec.g_a.modules() if isinstance(m, torch.nn.Conv2d)]
        (*_, y_maker) = (m for m in makers if m.stride == (2, 2))
        for parameter in y_maker.parameters():
            parameter.mul_(3.0 / float(codec.analyse(x)[0].std()))
        y = codec.analyse(x)[0]
        for parameter in list(codec.h_a.parameters())[-2:]:
            parameter.mul_(2.0 / float(codec.h_a(y).std()))
    return codec.eval()


def write_context_model(
    folder: Path,
    codec: GroupedCodec,
    quantise: Callable[[Codec], Mapping[str, Quantised]] = lambda codec: {},
) -> Checkpoint:
    """Write a model folder through the exporter; returns what it was made of.

    Args:
        folder: of the model.
        codec: its weights.
        quantise: makes integer forms, by precision.
    """
    registry.NETS[NET] = lambda: type(codec)(codec.config)
    run = folder.parent / f"{folder.name}-run"
    run.mkdir(parents=True, exist_ok=True)
    save_weights(run / WEIGHTS, codec.state_dict(), Origin(NET, "tiny", 0, 3))
    checkpoint = load_checkpoint(run)
    pictures = [picture(64, 128), 1 - picture(64, 128)]
    bundle = entropy_bundle(checkpoint, folder.name, pictures)
    write_folder(checkpoint, folder.name, folder, quantise(checkpoint.codec), bundle)
    return checkpoint


def picture(height: int, width: int) -> NDArray[np.float32]:
    """A picture with fine structure, (3, H, W) float32 in 0..1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.stack([np.sin(x / 5), np.cos((x + y) / 7), np.sin(y / 3) * np.cos(x / 11)])
    return (0.5 + 0.4 * waves).astype(np.float32)


def pixels(height: int, width: int) -> NDArray[np.uint8]:
    """The same, (H, W, 3) uint8."""
    return np.rint(picture(height, width).transpose(1, 2, 0) * 255).astype(np.uint8)
