"""Golden vectors of a model folder: what its graphs give on one picture, within what limits.

`golden.npz` is made at export with the FP32 graphs. For each graph it holds `<role>.in.<input>`
and `<role>.out.<output>` (float32), and for each form of it one float32 for each output, the
largest relative error (root of mean squares) it may have: `<role>.limit.<precision>.<output>`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.engines.base import Arrays, Graph
from tcsdk.errors import EngineError, ModelFileError
from tcsdk.model.folder import ModelFolder

FILE = "golden.npz"


@dataclass(frozen=True)
class GoldenCase:
    """Golden vectors of one graph in one precision.

    Attributes:
        name: Model, precision and graph, for messages.
        inputs: Name -> float32 array.
        outputs: Name -> float32 array.
        limits: Name of an output -> its largest relative error.
    """

    name: str
    inputs: Arrays
    outputs: Arrays
    limits: Mapping[str, float]

    def check(self, graph: Graph) -> float:
        """Run a graph on the case.

        Returns:
            The largest ratio of an error to its limit, at most 1.

        Raises:
            EngineError: The outputs are others, or too far off.
        """
        came = graph.run(self.inputs)
        shapes = {name: tuple(array.shape) for name, array in came.items()}
        expected = {name: array.shape for name, array in self.outputs.items()}
        if shapes != expected:
            raise EngineError(f"{self.name}: expected outputs {expected}, got {shapes}")
        errors = {name: relative_error(came[name], self.outputs[name]) for name in expected}
        for name, error in errors.items():
            if not error <= self.limits[name]:
                raise EngineError(
                    f"{self.name}: output {name} differs from its golden vector by {error:.3g} "
                    f"(limit {self.limits[name]:.3g}): this engine computes something else; use "
                    "another device"
                )
        return max(error / self.limits[name] for name, error in errors.items())


def relative_error(came: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Return the root mean square of the difference over that of the expected array."""
    difference = came.astype(np.float64) - expected
    return float(np.sqrt(np.mean(difference**2) / max(float(np.mean(np.square(expected))), 1e-12)))


def golden_case(model: ModelFolder, precision: str, role: str) -> GoldenCase | None:
    """Return the golden case of the graph of a role, or None where the model has none.

    Raises:
        ModelFileError: The file is damaged.
    """
    if FILE not in model.sha256:
        return None
    try:
        with np.load(io.BytesIO(model.read_checked(FILE)), allow_pickle=False) as file:
            limit = f"{role}.limit.{precision}"
            if not any(name.startswith(limit) for name in file):
                return None
            inputs, outputs = (_named(file, f"{role}.{part}.") for part in ("in", "out"))
            limits = {name: float(file[f"{limit}.{name}"]) for name in outputs}
    except (ValueError, KeyError, OSError) as error:
        raise ModelFileError(
            f"{model.path / FILE}: damaged golden vectors, or of an older tcsdk ({error}); make "
            f"them again with: python -m tcsdk.export {model.path} --target tensorrt"
        ) from error
    return GoldenCase(f"{model.family}-{precision} {role}", inputs, outputs, limits)


def _named(file: Mapping[str, NDArray[np.float32]], beginning: str) -> Arrays:
    """Return the arrays whose names begin so, by the rest of them."""
    return {name.removeprefix(beginning): file[name] for name in file if name.startswith(beginning)}
