"""What an engine is: it loads graphs and runs them on float32 arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Graph(Protocol):
    """A loaded network; may be called from several threads at once, without the GIL inside."""

    def __call__(
        self, inputs: dict[str, NDArray[np.float32]], *, concurrent: bool = False
    ) -> list[NDArray[np.float32]]:
        """Run the network on its named inputs and return its outputs in its own order.

        Args:
            inputs: Name -> array.
            concurrent: Other threads keep the other CPUs busy meanwhile, so use one.

        Raises:
            EngineError: The runtime failed.
        """


@dataclass(frozen=True)
class EngineInfo:
    """What runs the graphs.

    Attributes:
        device: "cpu" or "cuda:0".
        runtime: Package and version, such as "onnxruntime 1.31.1".
        provider: The runtime's own name for its backend.
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

    def load(self, path: Path) -> Graph:
        """Load a graph file; external weights are looked for beside it.

        Raises:
            EngineError: The runtime refuses the file.
        """


@dataclass(frozen=True)
class EngineRow:
    """One kind of device in the selection table.

    Attributes:
        device: Its name before the colon, such as "cuda".
        open: (index, threads) -> Engine. Raises MissingRuntimeError or DeviceError, with a message
            that says what to install or change, where it cannot run.
        accelerated: Whether "auto" prefers it to the CPU.
    """

    device: str
    open: Callable[[int, int], Engine]
    accelerated: bool
