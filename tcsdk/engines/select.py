"""From `device=` to an engine: the selection table."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tcsdk.arguments import location, whole
from tcsdk.engines.base import Engine, EngineInfo, EngineRow, Graph
from tcsdk.engines.batching import BatchingGraph
from tcsdk.engines.filling import FilledGraph
from tcsdk.engines.libtcs import open_libtcs
from tcsdk.engines.ort import open_cpu
from tcsdk.engines.threads import available_threads
from tcsdk.errors import EngineError, MissingRuntimeError, UnknownModelError
from tcsdk.model.manifest import of_packed_nets

if TYPE_CHECKING:
    from tcsdk.model.calls import Calls
    from tcsdk.model.folder import ModelFolder

logger = logging.getLogger("tcsdk")

# While one call computes, another copies.
_GPU_LANES = 2


# Modules that touch a GPU are loaded when a row is tried, not by `import tcsdk.engines`.
def _open_tensorrt(index: int, threads: int) -> Engine:
    from tcsdk.engines.tensorrt.engine import open_tensorrt

    return open_tensorrt(index, threads)


def _open_cuda(index: int, threads: int) -> Engine:
    from tcsdk.engines.ort_cuda import open_cuda

    return open_cuda(index, threads)


def _open_triton(index: int, threads: int) -> Engine:
    from tcsdk.engines.triton import open_triton

    return open_triton(index, threads)


# Fastest first: the order in which "auto" tries.
ENGINES: tuple[EngineRow, ...] = (
    EngineRow("tensorrt", _open_tensorrt, accelerated=True, forms=(("int8", "s8s8"),)),
    EngineRow("cuda", _open_cuda, accelerated=True),
    EngineRow("cpu", open_cpu, accelerated=False),
    # Needs nothing that may be missing: the last resort.
    EngineRow("libtcs", open_libtcs, accelerated=False, forms=(("int8", "packed"),)),
    EngineRow("triton", _open_triton, accelerated=True, automatic=False),
)


def processor_device(row: Mapping[str, Any]) -> str:
    """Return the device that runs a row of a manifest's precisions on the processor."""
    return "libtcs" if of_packed_nets(row) else "cpu"


@dataclass(frozen=True)
class ChosenEngine:
    """An engine and why it was chosen.

    Attributes:
        engine: The engine.
        row: Its row of the table.
        note: Why "auto" passed over faster devices, or "".
        slower: Rows that "auto" may step down to; () where the device was named.
        batch: Most calls of a graph that are put together into one.
        missing: What to install for ONNX Runtime, where "auto" has to do without it; "" else.
    """

    engine: Engine
    row: EngineRow
    note: str
    slower: tuple[EngineRow, ...] = ()
    batch: int = 1
    missing: str = ""

    @property
    def kind(self) -> str:
        """The device's name without its number: what default precisions are listed by."""
        return self.row.device

    @property
    def threads(self) -> int:
        """CPU threads that may be kept busy."""
        return self.engine.info.threads

    @property
    def workers(self) -> int:
        """Pictures in work at once that keep it busy: while one batch runs, the next gathers."""
        return max(self.threads + 1, 2 * self.batch)

    def describe(self, precision: str) -> EngineInfo:
        """Return what runs, with a model's precision filled in."""
        return replace(self.engine.info, precision=precision, note=self.note)

    def load(self, path: Path, calls: Calls | None = None) -> Graph:
        """Load a graph; see `Engine.load`.

        Args:
            path: Its file.
            calls: How its caller puts crops together; None for pictures.
        """
        graph = self.engine.load(path)
        if calls is not None and self.row.accelerated:
            graph = FilledGraph(graph, calls)
        if self.batch == 1:
            return graph
        lanes = _GPU_LANES if self.row.accelerated else self.threads
        return BatchingGraph(graph, self.batch, lanes)

    def for_model(self, model: ModelFolder, precision: str | None) -> tuple[ChosenEngine, str]:
        """Return the engine that runs a model, and the precision that it runs it in.

        Where the device was left to "auto" and cannot run this model as things stand (no plan of
        it was built, say), a slower one takes its place, with one log line.

        Args:
            model: The model folder.
            precision: The precision asked for; None for the device's default.

        Raises:
            UnknownModelError: The model has no such precision.
            EngineError: The named device cannot run it; the message says what to do.
            MissingRuntimeError: "auto" was left with libtcs, which cannot run it.
        """
        try:
            chosen = precision_on(self.row, model, precision)
            self.engine.check(model, chosen)
        except (EngineError, UnknownModelError) as error:
            if self.missing:
                raise MissingRuntimeError(f"{self.missing} (without it: {error})") from error
            if not self.slower:
                raise
            reason = f"{self.kind}: {error}"
            note = f"{self.note}; {reason}" if self.note else reason
            engine = replace(_first_that_runs(self.threads, self.slower, note), batch=self.batch)
            logger.info("device auto steps down for %s: %s", model.family, reason)
            try:
                return engine.for_model(model, precision)
            except EngineError:
                if isinstance(error, UnknownModelError):  # what no device has is the model's matter
                    raise error from None
                raise
        return self, chosen


def precision_on(row: EngineRow, model: ModelFolder, precision: str | None) -> str:
    """Return the precision whose graphs a kind of device runs.

    Args:
        row: The device's row.
        model: The model folder.
        precision: The precision asked for; None for the device's default.

    Raises:
        UnknownModelError: The model has no such precision.
        EngineError: The device has a form of its own of it, which the model lacks.
    """
    form = row.form_of(precision)
    if form != precision and form not in model.precisions:
        other = model.default_precision.get(row.device)  # of what the export made for it
        what = f"python -m tcsdk.export {model.path} --target {row.device}"
        raise EngineError(
            f"{model.family}-{precision} runs on {row.device} as {form!r}, which this model lacks; "
            + (f"take {model.family}-{other}" if other else f"add it with: {what}")
        )
    return model.precision_for(row.device, form)


def select_engine(
    device: str = "auto",
    threads: int | None = None,
    table: Sequence[EngineRow] = ENGINES,
    batch: int = 1,
) -> ChosenEngine:
    """Open the engine for a device.

    Args:
        device: "auto", "cpu", "cuda", "tensorrt", the latter two with ":N" for the N-th GPU;
            "libtcs" for the integer engine of libtcs; "triton" for the server at $TCSDK_TRITON.
            "auto" takes the first of the table that runs here and logs one line: libtcs where no
            ONNX Runtime is installed.
        threads: CPU threads to use; None for all that the affinity mask and cgroup allow.
        table: Kinds of devices, in order of preference.
        batch: Most calls of a graph, by threads at the same time, to put together into one.

    Raises:
        ValueError, TypeError: No such device name, fewer than 1 thread, or a batch of fewer than 1.
        MissingRuntimeError: The named device needs a package that is not installed.
        DeviceError: The named device is not there or cannot run.
    """
    if threads is not None:
        whole("threads", threads, 1)
    whole("batch", batch, 1)
    threads = threads or available_threads()
    if device == "auto":
        chosen = _first_that_runs(threads, [row for row in table if row.automatic], "")
        logger.info("device auto: %s", chosen.engine.info)
        return replace(chosen, batch=batch)
    row, index = find_row(device, table)
    return ChosenEngine(row.open(index, threads), row, "", batch=batch)


def find_row(device: str, table: Sequence[EngineRow] = ENGINES) -> tuple[EngineRow, int]:
    """Return the row and number of a named device such as "cuda:1".

    Raises:
        ValueError, TypeError: It is no device's name.
    """
    names = [row.device for row in table]
    what = f'"auto" or one of {names}, with ":N" for a GPU\'s number'
    match = re.fullmatch(r"([a-z]+)(?::(\d{1,4}))?", location("device", device, what))
    if match is None or match[1] not in names:
        raise ValueError(f"expected device as {what}, got {device!r}")
    return table[names.index(match[1])], int(match[2] or 0)


def _first_that_runs(threads: int, table: Sequence[EngineRow], note: str) -> ChosenEngine:
    reasons = [note] if note else []
    missing = ""
    for position, row in enumerate(table):
        slower = tuple(table[position + 1 :])
        try:
            engine = row.open(0, threads)
        except EngineError as error:
            # A runtime that is there and does not start deserves a warning; none is normal.
            absent = isinstance(error, MissingRuntimeError)
            if not slower or not (row.accelerated or absent):
                raise
            if not row.accelerated:
                missing = str(error)
            reasons.append(f"{row.device}: {error}")
            level = logging.DEBUG if absent else logging.WARNING
            logger.log(level, "device auto passes over %s: %s", row.device, error)
            continue
        return ChosenEngine(engine, row, "; ".join(reasons), slower, missing=missing)
    raise MissingRuntimeError("the engine table has no row")
