"""Golden vectors of a model folder: what its graphs give on one picture, within what limits.

`golden.npz` is made at export with the FP32 graphs. For each graph it holds `<graph>.in.<input>`
and `<graph>.out.<output index>` (float32), and for each form of it `<graph>.limit.<precision>`,
(outputs,) float32: the largest relative error (root of mean squares) that each output may have.
"""

from __future__ import annotations

import io
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
        outputs: In the graph's order, float32.
        limits: Largest relative error of each output.
    """

    name: str
    inputs: Arrays
    outputs: tuple[NDArray[np.float32], ...]
    limits: tuple[float, ...]

    def check(self, graph: Graph) -> float:
        """Run a graph on the case.

        Returns:
            The largest ratio of an error to its limit, at most 1.

        Raises:
            EngineError: The outputs are others, or too far off.
        """
        came = graph(self.inputs)
        shapes = [tuple(array.shape) for array in came]
        expected = [array.shape for array in self.outputs]
        if shapes != expected:
            raise EngineError(f"{self.name}: expected outputs {expected}, got {shapes}")
        errors = [relative_error(a, b) for a, b in zip(came, self.outputs, strict=True)]
        for index, (error, limit) in enumerate(zip(errors, self.limits, strict=True)):
            if not error <= limit:
                raise EngineError(
                    f"{self.name}: output {index} differs from its golden vector by {error:.3g} "
                    f"(limit {limit:.3g}): this engine computes something else; use another device"
                )
        return max(e / limit for e, limit in zip(errors, self.limits, strict=True))


def relative_error(came: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Return the root mean square of the difference over that of the expected array."""
    difference = came.astype(np.float64) - expected
    return float(np.sqrt(np.mean(difference**2) / max(float(np.mean(np.square(expected))), 1e-12)))


def golden_case(model: ModelFolder, precision: str, graph: str) -> GoldenCase | None:
    """Return the golden case of a graph, or None where the model has none.

    Raises:
        ModelFileError: The file is damaged.
    """
    if FILE not in model.sha256:
        return None
    try:
        with np.load(io.BytesIO(model.read_checked(FILE)), allow_pickle=False) as file:
            limit = f"{graph}.limit.{precision}"
            if limit not in file:
                return None
            inputs = {n.split(".in.")[1]: file[n] for n in file if n.startswith(f"{graph}.in.")}
            limits = tuple(float(value) for value in file[limit])
            outputs = tuple(file[f"{graph}.out.{i}"] for i in range(len(limits)))
    except (ValueError, KeyError, OSError) as error:
        raise ModelFileError(f"{model.path / FILE}: damaged golden vectors: {error}") from error
    return GoldenCase(f"{model.family}-{precision} {graph}", inputs, outputs, limits)
