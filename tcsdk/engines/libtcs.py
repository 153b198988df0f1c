"""The integer engine of libtcs: no other runtime, the same bytes and pixels on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Net, simd
from tcsdk.distribution import installed_version
from tcsdk.engines.base import AnyArrays, Arrays, EngineInfo, Pixels
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
        each = [self._one(_of_picture(inputs, i), concurrent) for i in range(batch)]
        if batch == 1:
            return {name: array[None] for name, array in each[0].items()}
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def analysed(
        self, inputs: AnyArrays, units: Iterable[int], *, concurrent: bool = False
    ) -> Iterator[AnyArrays]:
        """Analyse a picture from top to bottom; see `RowsGraph.analysed`."""
        with self._named():
            pixels, gains = np.ascontiguousarray(inputs[X]), _z_gains(inputs)
            run = self._net.analysis(pixels, *gains, threads=self._team(concurrent))
        done = 0
        for count in units:
            with self._named():
                d, text = run.next(count)
            z_hat = run.z_hat[None, :, done : done + count].astype(np.float32)
            done += count
            said = {Z_HAT: z_hat, D: d[None]}
            yield {**said, TEXT: text[None]} if len(text) else said

    def synthesised(
        self,
        shape: tuple[int, int],
        units: Iterable[int],
        latents: Callable[[int, int], AnyArrays],
        *,
        concurrent: bool = False,
    ) -> Iterator[Pixels]:
        """Make a picture from top to bottom; see `RowsGraph.synthesised`."""
        with self._named():
            run = self._net.synthesis(*shape, threads=self._team(concurrent))
        for count in units:
            inputs = {name: array[0] for name, array in latents(*run.wanted(count)).items()}
            with self._named():
                pixels = run.next(count, *_latents(inputs))
            yield pixels

    def _one(self, inputs: Arrays, concurrent: bool) -> Arrays:
        with self._named():
            return self._call(self._net, inputs, self._team(concurrent))

    def _team(self, concurrent: bool) -> int:
        return 1 if concurrent else self._threads

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Say which net failed."""
        try:
            yield
        except (ValueError, TypeError) as error:
            raise EngineError(f"libtcs failed in {self._path.name}: {error}") from error


def _of_picture(inputs: Arrays, index: int) -> Arrays:
    """One picture of a batch; what has one row alone serves all."""
    return {name: array[min(index, len(array) - 1)] for name, array in inputs.items()}


def _analyse(net: Net, inputs: Arrays, threads: int) -> Arrays:
    z_hat, d, text = net.analyse(_dense(inputs[X]), *_z_gains(inputs), threads=threads)
    said = {Z_HAT: z_hat.astype(np.float32), D: d}
    return {**said, TEXT: text} if len(text) else said


def _synthesise(net: Net, inputs: Arrays, threads: int) -> Arrays:
    return {X_HAT: net.synthesise(*_latents(inputs), threads=threads, planes=True)}


def _z_gains(inputs: AnyArrays) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return _dense(inputs[Z_GAIN].reshape(-1)), _dense(inputs[Z_INVERSE_GAIN].reshape(-1))


def _latents(
    inputs: AnyArrays,
) -> tuple[NDArray[np.int8], NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]:
    """z_hat, r and their inverse gains, as a net takes them."""
    return (
        inputs[Z_HAT].astype(np.int8, copy=False),
        inputs[R].astype(np.int16, copy=False),
        _dense(inputs[INV_GAIN]),
        _dense(inputs[Z_INVERSE_GAIN].reshape(-1)),
    )


def _dense(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32)


_Call = Callable[[Net, Arrays, int], Arrays]
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
