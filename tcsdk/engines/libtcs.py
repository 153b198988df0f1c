"""The integer engine of libtcs: no other runtime, the same bytes and pixels on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Net, simd
from tcsdk.distribution import installed_version
from tcsdk.engines.base import Arrays, EngineInfo
from tcsdk.errors import DeviceError, EngineError, PackedNetError
from tcsdk.model.graphs import (
    ANALYSIS,
    INV_GAIN,
    SYNTHESIS,
    TEXT,
    X_HAT,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    D,
    R,
    X,
)
from tcsdk.model.manifest import of_packed_nets

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder


@dataclass(frozen=True)
class LibtcsEngine:
    """Packed nets in libtcs: several threads share one, or run tiles and pictures side by side.

    Attributes:
        info: What this engine is; no precision yet.
    """

    info: EngineInfo

    def check(self, model: ModelFolder, precision: str) -> None:
        """Refuse a model that has no packed nets.

        Raises:
            EngineError: With the command that makes them.
        """
        if getattr(model, "drawing", None):
            raise EngineError(
                f"{model.family} draws sent text by a net that libtcs does not run: take "
                'device="cpu"'
            )
        if not of_packed_nets(model.precisions[precision]):
            raise EngineError(
                f"{model.family}-{precision} has no packed nets for libtcs; make them of its INT8 "
                f"graphs with: python -m tcsdk.export {model.path} --target libtcs"
            )

    def load(self, path: Path) -> NetGraph:
        """Load a packed net.

        Raises:
            EngineError: It is none, or breaks the format.
        """
        return NetGraph(path, self.info.threads)

    def placement(self, path: Path) -> dict[str, int]:
        """Open a net: all of it runs in libtcs."""
        NetGraph(path)
        return {"libtcs": 1}


class NetGraph:
    """A packed net with the inputs and outputs of its role's graph.

    Args:
        path: The `.tcsn`.
        threads: That share a run, unless others run beside it.

    Attributes:
        span: Side of what is run at once, pixels: some 65 MB of activations.

    Raises:
        EngineError: It cannot be read or breaks the format.
    """

    span = 2048

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._path, self._threads = path, threads
        try:
            self._net = Net(path.read_bytes())
        except (OSError, PackedNetError) as error:
            raise EngineError(f"libtcs cannot load {path}: {error}") from error
        self._call = _CALLS[self._net.role]

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the net on each picture of the batch; see `Graph.run`."""
        batch = max(array.shape[0] for array in inputs.values())
        each = [self._one(_of_picture(inputs, i), concurrent, planes=True) for i in range(batch)]
        if batch == 1:
            return {name: array[None] for name, array in each[0].items()}
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def run_pixels(
        self, inputs: dict[str, NDArray[Any]], *, concurrent: bool = False
    ) -> dict[str, NDArray[Any]]:
        """Run the net on pixels; see `SpanGraph.run_pixels`."""
        one = {name: array if name == X else array[0] for name, array in inputs.items()}
        said = self._one(one, concurrent, planes=False)
        return {name: array if name == X_HAT else array[None] for name, array in said.items()}

    def _one(
        self, inputs: dict[str, NDArray[Any]], concurrent: bool, *, planes: bool
    ) -> dict[str, NDArray[Any]]:
        threads = 1 if concurrent else self._threads
        try:
            return self._call(self._net, inputs, threads, planes)
        except (ValueError, TypeError) as error:
            raise EngineError(f"libtcs failed in {self._path.name}: {error}") from error


def _of_picture(inputs: Arrays, index: int) -> Arrays:
    """One picture of a batch; what has one row alone serves all."""
    return {name: array[min(index, len(array) - 1)] for name, array in inputs.items()}


def _analyse(
    net: Net, inputs: dict[str, NDArray[Any]], threads: int, planes: bool
) -> dict[str, NDArray[Any]]:
    gains = (_dense(inputs[name].reshape(-1)) for name in (Z_GAIN, Z_INVERSE_GAIN))
    pixels = _dense(inputs[X]) if planes else inputs[X]
    z_hat, d, text = net.analyse(pixels, *gains, threads=threads)
    said: dict[str, NDArray[Any]] = {Z_HAT: z_hat.astype(np.float32), D: d}
    return {**said, TEXT: text} if len(text) else said


def _synthesise(
    net: Net, inputs: dict[str, NDArray[Any]], threads: int, planes: bool
) -> dict[str, NDArray[Any]]:
    z_hat, r = inputs[Z_HAT].astype(np.int8), inputs[R].astype(np.int16)
    gains = _dense(inputs[INV_GAIN]), _dense(inputs[Z_INVERSE_GAIN].reshape(-1))
    if planes:
        return {X_HAT: net.synthesise(z_hat, r, *gains, threads=threads, planes=True)}
    return {X_HAT: net.synthesise(z_hat, r, *gains, threads=threads)}


def _dense(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32)


_Call = Callable[[Net, dict[str, NDArray[Any]], int, bool], dict[str, NDArray[Any]]]
_CALLS: dict[str, _Call] = {ANALYSIS: _analyse, SYNTHESIS: _synthesise}


def open_libtcs(index: int, threads: int) -> LibtcsEngine:
    """Open the engine.

    Raises:
        DeviceError: A number other than 0 was asked for.
    """
    if index:
        raise DeviceError(f'there is one device "libtcs"; got "libtcs:{index}"')
    runtime = f"tcsdk {installed_version()}"
    return LibtcsEngine(EngineInfo("libtcs", runtime, simd(), "", threads))
