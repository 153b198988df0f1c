"""Golden vectors: what a model's FP32 graphs give, and how far its other forms may be off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.engines.golden import FILE, relative_error
from tcsdk.engines.ort import CpuEngine
from tcsdk.export.tensorrt.kinds import KINDS
from tcsdk.model.folder import ModelFolder
from tcsdk.model.graphs import CODED, GRAPHS, D, R, Y
from tcsdk.model.manifest import of_packed_nets

Arrays = dict[str, NDArray[np.float32]]
# How far another engine may be off, over what ONNX Runtime's CPU is off with the same graph.
_MARGIN, _LEAST_LIMIT, _MOST_LIMIT = 3.0, 0.02, 0.7


def _feeds(
    partial: Path, model: ModelFolder, row: Mapping[str, Any], engine: CpuEngine
) -> Iterator[tuple[str, Arrays, Arrays]]:
    """Yield each role, what goes into its graph, and what the FP32 one makes of it, in order."""
    known = KINDS[model.contract(model.roles[0])].examples(model)
    for role in model.roles:
        inputs = {name: known[name] for name in GRAPHS[model.contract(role)].inputs}
        made = engine.load(partial / row[role]).run(inputs)
        known |= made
        if Y in made:
            known[CODED] = np.ones_like(made[Y])
        if D in made:
            known[R] = np.rint(made[D])
        yield role, inputs, dict(made)


def write_golden(
    partial: Path, model: ModelFolder, precisions: dict[str, dict[str, Any]]
) -> dict[str, float]:
    """Write golden vectors and limits.

    Args:
        partial: The folder with all graphs.
        model: As it was before graphs were added.
        precisions: Of the new manifest.

    Returns:
        "<precision> <role> <output>" -> the relative error that a limit comes from.
    """
    engine = CpuEngine(1)
    arrays: Arrays = {}
    errors: dict[str, float] = {}
    for role, inputs, expected in _feeds(partial, model, precisions["fp32"], engine):
        arrays |= {f"{role}.in.{name}": array for name, array in inputs.items()}
        arrays |= {f"{role}.out.{name}": array for name, array in expected.items()}
        for precision, row in precisions.items():
            if of_packed_nets(row):
                continue
            came = engine.load(partial / row[role]).run(inputs)
            for name, array in expected.items():
                error = relative_error(came[name], array)
                errors[f"{precision} {role} {name}"] = error
                limit = np.clip(_MARGIN * error, _LEAST_LIMIT, _MOST_LIMIT)
                arrays[f"{role}.limit.{precision}.{name}"] = limit.astype(np.float32)
    with (partial / FILE).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return errors
