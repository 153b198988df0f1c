"""From `device=` to an engine: the selection table."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tcsdk.engines.base import Engine, EngineInfo, EngineRow, Graph
from tcsdk.engines.ort import open_cpu, open_cuda
from tcsdk.engines.threads import available_threads
from tcsdk.errors import EngineError, MissingRuntimeError

logger = logging.getLogger("tcsdk")


def _open_tensorrt(index: int, threads: int) -> Engine:
    raise MissingRuntimeError(
        f"tensorrt:{index} needs an engine plan, and this version of tcsdk runs none; "
        'use device="cuda" (pip install "tcsdk[cuda]") or device="cpu"'
    )


# Fastest first: the order in which "auto" tries.
ENGINES: tuple[EngineRow, ...] = (
    EngineRow("tensorrt", _open_tensorrt, accelerated=True),
    EngineRow("cuda", open_cuda, accelerated=True),
    EngineRow("cpu", open_cpu, accelerated=False),
)


@dataclass(frozen=True)
class ChosenEngine:
    """An engine and why it was chosen.

    Attributes:
        engine: The engine.
        note: Why "auto" passed over faster devices, or "".
    """

    engine: Engine
    note: str

    @property
    def kind(self) -> str:
        """The device's name without its number: what default precisions are listed by."""
        return self.engine.info.device.partition(":")[0]

    @property
    def threads(self) -> int:
        """CPU threads that may be kept busy."""
        return self.engine.info.threads

    def describe(self, precision: str) -> EngineInfo:
        """Return what runs, with a model's precision filled in."""
        return replace(self.engine.info, precision=precision, note=self.note)

    def load(self, path: Path) -> Graph:
        """Load a graph; see `Engine.load`."""
        return self.engine.load(path)


def select_engine(
    device: str = "auto", threads: int | None = None, table: Sequence[EngineRow] = ENGINES
) -> ChosenEngine:
    """Open the engine for a device.

    Args:
        device: "auto", "cpu", "cuda", "tensorrt", the latter two with ":N" for the N-th GPU.
            "auto" takes the first of the table that runs here and logs one line.
        threads: CPU threads to use; None for all that the affinity mask and cgroup allow.
        table: Kinds of devices, in order of preference.

    Raises:
        ValueError: No such device name, or fewer than 1 thread.
        MissingRuntimeError: The named device needs a package that is not installed.
        DeviceError: The named device is not there or cannot run.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"expected threads >= 1 or None, got {threads}")
    threads = threads or available_threads()
    if device == "auto":
        return _first_that_runs(threads, table)
    names = [row.device for row in table]
    match = re.fullmatch(r"([a-z]+)(?::(\d+))?", device)
    if match is None or match[1] not in names:
        raise ValueError(f'expected device "auto" or one of {names}, with ":N" for a GPU\'s '
                         f"number, got {device!r}")  # fmt: skip
    row = table[names.index(match[1])]
    return ChosenEngine(row.open(int(match[2] or 0), threads), "")


def _first_that_runs(threads: int, table: Sequence[EngineRow]) -> ChosenEngine:
    reasons: list[str] = []
    for row in table:
        try:
            engine = row.open(0, threads)
        except EngineError as error:
            if not row.accelerated:
                raise
            reasons.append(f"{row.device}: {error}")
            # A runtime that is there and does not start deserves a warning; none is normal.
            level = logging.DEBUG if isinstance(error, MissingRuntimeError) else logging.WARNING
            logger.log(level, "device auto passes over %s: %s", row.device, error)
            continue
        logger.info("device auto: %s", engine.info)
        return ChosenEngine(engine, "; ".join(reasons))
    raise MissingRuntimeError("the engine table has no row")
