"""`--verify`: torch against the exported graphs, and the kernel against the integer twin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk._kernels import Bundle
from tcsdk.engines import processor_device, select_engine
from tcsdk.export.entropy.scale_network import to_integers, torch_twin
from tcsdk.export.folder import BUNDLE, Checkpoint
from tcsdk.export.graphs.float_graphs import AnalysisGraph, SynthesisGraph
from tcsdk.model.graphs import (
    ANALYSIS,
    INV_GAIN,
    OFFSETS,
    PROBABILITY,
    SYNTHESIS,
    TEXT,
    X_HAT,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    D,
    R,
    X,
    planes_of,
)
from tcsdk.model.manifest import read_manifest

Array = NDArray[np.float32]
# Planes of the detector's output and what counts as a difference of 1.
DETECTED = {PROBABILITY: ("text", 1.0), OFFSETS: ("steps / 20", 20.0)}


@dataclass(frozen=True)
class Difference:
    """How far one exported thing is from torch.

    Attributes:
        name: precision and graph output, or "scale indexes".
        value: PSNR in dB for pictures, largest absolute difference otherwise.
        limit: what it must reach (PSNR) or not exceed.
        ok: whether it does.
    """

    name: str
    value: float
    limit: float
    ok: bool


def psnr(a: Array, b: Array) -> float:
    """Peak signal-to-noise ratio of two pictures in 0..1, dB."""
    return float(-10 * np.log10(max(1e-12, float(np.mean((a - b) ** 2)))))


def verify_graphs(checkpoint: Checkpoint, folder: Path, picture: Array) -> list[Difference]:
    """Run both graphs of each precision beside torch on one picture (1, 3, H, W)."""
    manifest = read_manifest(folder)
    codec = checkpoint.codec
    bundle = Bundle((folder / manifest["bundle"]).read_bytes())
    gain, inverse = (
        bundle.z_gain[1][None, :, None, None],
        bundle.z_inverse_gain[1][None, :, None, None],
    )
    with torch.no_grad():
        tensors = tuple(torch.from_numpy(a.copy()) for a in (picture, gain, inverse))
        z_hat, d, text = (t.numpy() for t in AnalysisGraph(codec).eval()(*tensors))
        r, inv_gain = np.rint(d), np.ones((1, d.shape[1], 1, 1), np.float32)
        latents = tuple(torch.from_numpy(a.copy()) for a in (z_hat, r, inv_gain, inverse))
        expected = SynthesisGraph(codec).eval()(*latents).numpy()
    results = []
    for name, entry in manifest["precisions"].items():
        engine = select_engine(processor_device(entry))
        feed = {X: picture, Z_GAIN: gain, Z_INVERSE_GAIN: inverse}
        got = engine.load(folder / entry[ANALYSIS]).run(feed)
        feed = {Z_HAT: z_hat, R: r, INV_GAIN: inv_gain, Z_INVERSE_GAIN: inverse}
        x_got = engine.load(folder / entry[SYNTHESIS]).run(feed)[X_HAT]
        picture_psnr = psnr(x_got, expected)
        if name == "fp32":
            worst_z, worst_d = (
                float(np.abs(got[name] - torch_made).max())
                for name, torch_made in ((Z_HAT, z_hat), (D, d))
            )
            # A z within rounding noise of a half may fall either way; d then moves with mu.
            results.append(Difference("fp32 z_hat", worst_z, 1.0, worst_z <= 1.0))
            if worst_z == 0:
                results.append(Difference("fp32 d", worst_d, 1e-2, worst_d <= 1e-2))
        allowed = 1e-3 if name == "fp32" else 0.05
        planes = planes_of(ANALYSIS, TEXT, got)
        for plane, made in planes_of(ANALYSIS, TEXT, {TEXT: text}).items():
            what, unit = DETECTED[plane]
            moved = float(np.abs(planes[plane] - made).mean()) / unit
            results.append(Difference(f"{name} {what} (mean)", moved, allowed, moved <= allowed))
        limit = 80.0 if name == "fp32" else 30.0
        results.append(Difference(f"{name} x_hat (dB)", picture_psnr, limit, picture_psnr >= limit))
    return results


def verify_scale_network(checkpoint: Checkpoint, folder: Path, trials: int = 20) -> Difference:
    """The kernel's scale indexes against the torch twin's: equal, whatever z_hat."""
    bundle = Bundle((folder / BUNDLE).read_bytes())
    network = to_integers(checkpoint.codec.scales, bundle.z_inverse_gain)
    rng = np.random.default_rng(0)
    worst = 0
    for trial in range(trials):
        height, width = rng.integers(1, 10, 2)
        limit = int(rng.choice([1, 4, 20, 127]))
        z_hat = rng.integers(-limit, limit + 1, (bundle.hyper, height, width)).astype(np.int8)
        level = trial % bundle.z_levels
        twin = torch_twin(network, z_hat, level).astype(np.int64)
        got = bundle.scale_indexes(z_hat, level).astype(np.int64)
        worst = max(worst, int(np.abs(twin - got).max()))
    return Difference("scale indexes", float(worst), 0.0, worst == 0)
