"""Both graphs on the device that is measured: by tcsdk's own engine, else by torch."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tcsdk.engines import Graph, select_engine
from tcsdk.errors import EngineError
from tcsdk.model.folder import ModelFolder
from tcsdk.model.graphs import ANALYSIS, SYNTHESIS
from tcsdk.model.read import read_model_folder


@dataclass(frozen=True)
class Loaded:
    """Both graphs on the device that is measured.

    Attributes:
        label: Engine, version, device, precision, for the report.
        analysis, synthesis: The graphs.
        device: As tcsdk names it where tcsdk's own engine runs, else "".
    """

    label: str
    analysis: Graph
    synthesis: Graph
    device: str


def load_runtime(model: ModelFolder, precision: str, device: str, threads: int) -> Loaded:
    """Load tcsdk's own engine of a device."""
    chosen = select_engine(device, threads)
    chosen.engine.check(model, precision)
    analysis, synthesis = (
        chosen.load(model.graph_file(precision, graph)) for graph in (ANALYSIS, SYNTHESIS)
    )
    return Loaded(str(chosen.describe(precision)), analysis, synthesis, device)


def load_torch(model: ModelFolder, precision: str, device: str, threads: int) -> Loaded:
    """Load the checkpoint into torch, with CUDA graphs on a GPU."""
    import torch

    from benchmarks.gpu.torch_graphs import torch_graphs
    from tcsdk.export.folder import load_checkpoint

    if precision != "fp16":
        raise ValueError(f"expected --precision fp16 with torch, got {precision!r}")
    analysis, synthesis = torch_graphs(load_checkpoint(model.path).codec, device)
    on_gpu = device.startswith("cuda")
    name = torch.cuda.get_device_name(device) if on_gpu else platform.machine()
    how = f"CUDA {torch.version.cuda} graphs" if on_gpu else "no CUDA graphs"
    return Loaded(f"torch {torch.__version__}, {how}, fp16, {name}", analysis, synthesis, "")


ENGINES = {"runtime": load_runtime, "torch": load_torch}


def load_first(
    model: ModelFolder, precision: str, device: str, threads: int, engines: Sequence[str]
) -> Loaded:
    """Load the first engine that runs; says why others do not.

    Raises:
        EngineError: None runs.
    """
    reasons = []
    for engine in engines:
        try:
            return ENGINES[engine](model, precision, device, threads)
        except (EngineError, ImportError, RuntimeError) as error:
            reasons.append(f"{engine}: {error}")
            print(f"passed over {reasons[-1]}", file=sys.stderr)
    raise EngineError("; ".join(reasons))


@contextmanager
def prepared(model: ModelFolder, precision: str, engines: Sequence[str]) -> Iterator[ModelFolder]:
    """Yield a model with a precision's graphs; "fp16" is added to a copy where it lacks them.

    torch takes the checkpoint and needs none.
    """
    if precision in model.precisions or "runtime" not in engines:
        yield model
        return
    from tcsdk.export.tensorrt.target import add_tensorrt_graphs

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / model.family
        shutil.copytree(model.path, folder)
        add_tensorrt_graphs(folder)
        yield read_model_folder(folder)
