"""The integer engine of libtcs: no other runtime, the same bytes and pixels on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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

    Raises:
        EngineError: It cannot be read or breaks the format.
    """

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
        threads = 1 if concurrent else self._threads
        try:
            each = [
                self._call(
                    self._net, {n: a[min(i, len(a) - 1)] for n, a in inputs.items()}, threads
                )
                for i in range(batch)
            ]
        except (ValueError, TypeError) as error:
            raise EngineError(f"libtcs failed in {self._path.name}: {error}") from error
        if batch == 1:
            return {name: array[None] for name, array in each[0].items()}
        return {name: np.stack([one[name] for one in each]) for name in each[0]}


def _of_picture(inputs: Arrays, index: int) -> Arrays:
    """One picture of a batch; what has one row alone serves all."""
    return {name: array[min(index, len(array) - 1)] for name, array in inputs.items()}


def _analyse(net: Net, inputs: Arrays, threads: int) -> Arrays:
    gains = (_dense(inputs[name].reshape(-1)) for name in (Z_GAIN, Z_INVERSE_GAIN))
    z_hat, d, text = net.analyse(_dense(inputs[X]), *gains, threads=threads)
    said = {Z_HAT: z_hat.astype(np.float32), D: d}
    return {**said, TEXT: text} if len(text) else said


def _synthesise(net: Net, inputs: Arrays, threads: int) -> Arrays:
    planes = net.synthesise(
        inputs[Z_HAT].astype(np.int8),
        _dense(inputs[R]).astype(np.int16),
        _dense(inputs[INV_GAIN]),
        _dense(inputs[Z_INVERSE_GAIN].reshape(-1)),
        threads=threads,
        planes=True,
    )
    return {X_HAT: planes}


def _dense(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32)


_CALLS: dict[str, Callable[[Net, Arrays, int], Arrays]] = {
    ANALYSIS: _analyse,
    SYNTHESIS: _synthesise,
}


def open_libtcs(index: int, threads: int) -> LibtcsEngine:
    """Open the engine.

    Raises:
        DeviceError: A number other than 0 was asked for.
    """
    if index:
        raise DeviceError(f'there is one device "libtcs"; got "libtcs:{index}"')
    runtime = f"tcsdk {installed_version()}"
    return LibtcsEngine(EngineInfo("libtcs", runtime, simd(), "", threads))
