"""A graph of a model folder, and its gradient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.distribution import install_extra
from tcsdk.engines.base import Arrays
from tcsdk.engines.ort import cpu_provider, run_session, start_session
from tcsdk.errors import MissingRuntimeError
from tcsdk.many.fork import PerProcess
from tcsdk.refining.adjoint import SUFFIX, gradient_graph

Floats = NDArray[np.float32]


def check_onnx(asked: str) -> None:
    """Refuse to refine where graphs cannot be differentiated.

    Args:
        asked: What the caller asked for, for the message.

    Raises:
        MissingRuntimeError: The package `onnx` is not installed.
    """
    try:
        import onnx.shape_inference  # noqa: F401
    except ImportError as error:
        raise MissingRuntimeError(
            f"{asked} needs the package onnx, which cannot be imported ({error}): "
            f"{install_extra('refine')}"
        ) from error


class Differentiable:
    """One output of a float graph, and its gradient by one input, on the CPU by ONNX Runtime.

    A forked child starts sessions of its own on first use.

    Args:
        path: The ONNX file.
        output: Name of the output.
        by: Name of the input.
        threads: Inside the graph.

    Raises:
        EngineError: ONNX Runtime refuses the graph, or it has operators without a gradient.
    """

    def __init__(self, path: Path, output: str, by: str, threads: int) -> None:
        self._path, self._output, self._by = path, output, by

        def gradient() -> Any:
            import onnx

            graph = gradient_graph(onnx.load(path), output, by)
            return start_session(graph.SerializeToString(), cpu_provider(), threads)

        self._forward = PerProcess(lambda: start_session(str(path), cpu_provider(), threads))
        self._backward = PerProcess(gradient)
        self._backward.get()

    def value(self, inputs: Arrays) -> Floats:
        """Return the output.

        Raises:
            EngineError: ONNX Runtime failed.
        """
        return run_session(self._forward.get(), self._path, inputs)[self._output]

    def gradient(self, inputs: Arrays, by_output: Floats) -> Floats:
        """Return a loss's gradient by the input, of its gradient by the output.

        Raises:
            EngineError: ONNX Runtime failed.
        """
        given = {**inputs, self._output + SUFFIX: by_output}
        return run_session(self._backward.get(), self._path, given)[self._by + SUFFIX]
