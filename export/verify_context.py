"""`--verify` of a codec with a context: torch against its three graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tcsdk._kernels import Bundle
from tcsdk.codec.context import coded_elements
from tcsdk.engines import select_engine
from tcsdk.export.folder import BUNDLE, Checkpoint
from tcsdk.export.graphs.roles import CONTEXT_ROLES
from tcsdk.export.verify import Difference, psnr
from tcsdk.model.graphs import (
    ANALYSIS,
    CODED,
    CONTEXT_ANALYSIS,
    GAIN,
    GRAPHS,
    INV_GAIN,
    RESIDUAL,
    SYNTHESIS,
    X_HAT,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
    X,
    Y,
)
from tcsdk.model.manifest import read_manifest

Array = NDArray[np.float32]
Arrays = dict[str, Array]
QUALITY = 40
# Share of symbols that may differ: a y within rounding noise of a half falls either way.
OTHER_SYMBOLS = 1e-3


def verify_context_graphs(checkpoint: Checkpoint, folder: Path, picture: Array) -> list[Difference]:
    """Run the three graphs of each precision beside torch on one picture (1, 3, H, W)."""
    manifest = read_manifest(folder)
    bundle = Bundle((folder / BUNDLE).read_bytes())
    feeds, made = _in_torch(checkpoint, bundle, picture)
    results = []
    for name, entry in manifest["precisions"].items():
        engine = select_engine("cpu")
        got = {role: engine.load(folder / entry[role]).run(feeds[role]) for role in feeds}
        y, x_hat = (
            float(psnr(got[role][o], made[o])) for role, o in ((ANALYSIS, Y), (SYNTHESIS, X_HAT))
        )
        other = float((got[RESIDUAL][R] != made[R]).mean())
        limit = 80.0 if name == "fp32" else 30.0
        results += [
            Difference(f"{name} y (dB)", y, limit, y >= limit),
            Difference(f"{name} r (share of others)", other, OTHER_SYMBOLS, other <= OTHER_SYMBOLS),
            Difference(f"{name} x_hat (dB)", x_hat, limit, x_hat >= limit),
        ]
    return results


def _in_torch(
    checkpoint: Checkpoint, bundle: Bundle, picture: Array
) -> tuple[dict[str, Arrays], Arrays]:
    """What goes into each graph, by role, and what comes out of all of them, by name."""
    level = int(bundle.z_level_of_quality[QUALITY])
    gain, inverse = (
        table[level].reshape(1, -1, 1, 1) for table in (bundle.z_gain, bundle.z_inverse_gain)
    )
    made: Arrays = {}
    feeds: dict[str, Arrays] = {}

    def run(role: str, feed: Arrays) -> None:
        tensors = (torch.from_numpy(array.copy()) for array in feed.values())
        with torch.no_grad():
            given = CONTEXT_ROLES[role].module(checkpoint.codec).eval()(*tensors)
        names = GRAPHS[CONTEXT_ANALYSIS if role == ANALYSIS else role].outputs
        outputs = given if isinstance(given, tuple) else (given,)
        made.update(zip(names, (o.numpy() for o in outputs), strict=True))
        feeds[role] = feed

    run(ANALYSIS, {X: picture, Z_GAIN: gain})
    steps = bundle.steps[QUALITY].astype(np.int64)[None, :, None, None]
    coded = coded_elements(bundle, made[Z_HAT][0].astype(np.int8), QUALITY, None)
    run(
        RESIDUAL,
        {
            Y: made[Y],
            Z_HAT: made[Z_HAT],
            Z_INVERSE_GAIN: inverse,
            GAIN: bundle.gain_of_step[steps + 128],
            CODED: coded[None].astype(np.float32),
        },
    )
    run(
        SYNTHESIS,
        {
            Z_HAT: made[Z_HAT],
            R: made[R],
            INV_GAIN: bundle.inverse_of_step[steps + 128],
            Z_INVERSE_GAIN: inverse,
        },
    )
    return feeds, made
