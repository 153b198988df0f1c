"""What an engine is: it loads graphs and runs them on float32 arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder

Arrays = dict[str, NDArray[np.float32]]


class Graph(Protocol):
    """A loaded network; may be called from several threads at once, without the GIL inside."""

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the network.

        Args:
            inputs: Name -> array; tcsdk/model/graphs.py has the names of each role.
            concurrent: Other threads keep the other CPUs busy meanwhile, so use one.

        Returns:
            Name -> array.

        Raises:
            EngineError: The runtime failed.
        """


Pixels = NDArray[np.uint8]
AnyArrays = dict[str, NDArray[Any]]


@runtime_checkable
class RowsGraph(Protocol):
    """A graph that goes down a picture, with 8-bit pixels in and out and each computed once."""

    def analysed(
        self, inputs: AnyArrays, units: Iterable[int], *, concurrent: bool = False
    ) -> Iterator[AnyArrays]:
        """Analyse a picture, some units of 64 rows at a time.

        Args:
            inputs: As of `Graph.run`, but X is the whole picture, (H, W, 3) uint8.
            units: How many to take at each step.
            concurrent: As of `Graph.run`.

        Yields:
            The outputs of each step.

        Raises:
            EngineError: The runtime failed.
        """

    def synthesised(
        self,
        shape: tuple[int, int],
        units: Iterable[int],
        latents: Callable[[int, int], AnyArrays],
        *,
        concurrent: bool = False,
    ) -> Iterator[Pixels]:
        """Make a picture, some units of 64 rows at a time.

        Args:
            shape: Its height and width.
            units: How many to make at each step.
            latents: (first, last) -> the inputs of the units first .. last - 1, with z_hat as int8
                and r as int16.
            concurrent: As of `Graph.run`.

        Yields:
            (64 units, w, 3) uint8 of each step, w the width up to a multiple of 64.

        Raises:
            EngineError: The runtime failed.
        """


@dataclass(frozen=True)
class EngineInfo:
    """What runs the graphs.

    Attributes:
        device: "cpu", "cuda:0", "tensorrt:0", "libtcs" or "triton".
        runtime: Package and version, such as "onnxruntime 1.31.1".
        provider: The runtime's own name for its backend, or the GPU's.
        precision: Precision of the graphs, such as "int8"; "" before a model is chosen.
        threads: CPU threads that the runtime may use.
        note: Why `device="auto"` did not take a faster device; "" where it was named.
    """

    device: str
    runtime: str
    provider: str
    precision: str
    threads: int
    note: str = ""

    def __str__(self) -> str:
        precision = f" {self.precision}" if self.precision else ""
        return f"{self.device}{precision}, {self.runtime} ({self.provider}), {self.threads} threads"


class Engine(Protocol):
    """A runtime on one device."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""

    def check(self, model: ModelFolder, precision: str) -> None:
        """Refuse a model that cannot be loaded as things stand; cheap, loads nothing.

        Raises:
            EngineError: With the command that makes it run.
        """

    def load(self, path: Path) -> Graph:
        """Load a graph file; external weights are looked for beside it.

        Raises:
            EngineError: The runtime refuses the file.
        """

    def placement(self, path: Path) -> dict[str, int]:
        """Run a graph on a small picture and count its nodes by what ran them.

        Returns:
            The runtime's name of each backend or kernel type -> number of nodes.

        Raises:
            EngineError: The runtime refuses the file or failed.
        """


@dataclass(frozen=True)
class EngineRow:
    """One kind of device in the selection table.

    Attributes:
        device: Its name before the colon, such as "cuda".
        open: (index, threads) -> Engine. Raises MissingRuntimeError or DeviceError, with a message
            that says what to install or change, where it cannot run.
        accelerated: Whether "auto" prefers it to the CPU.
        forms: Precision that a user asks for -> precision whose graphs this device runs instead:
            "int8" means U8S8 graphs on a CPU and S8S8 graphs in TensorRT.
        automatic: Whether "auto" may take it at all; a server is only used where it is named.
    """

    device: str
    open: Callable[[int, int], Engine]
    accelerated: bool
    forms: tuple[tuple[str, str], ...] = ()
    automatic: bool = True

    def form_of(self, precision: str | None) -> str | None:
        """Return the precision whose graphs this device runs."""
        return None if precision is None else dict(self.forms).get(precision, precision)
