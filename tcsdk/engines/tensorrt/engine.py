"""TensorRT through its own Python API: the engine, which runs plans that were built before."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tcsdk.distribution import install_extra
from tcsdk.engines.base import EngineInfo
from tcsdk.engines.cuda import Device, open_device
from tcsdk.engines.packages import foreign_build
from tcsdk.engines.tensorrt.graph import TensorRTGraph
from tcsdk.engines.tensorrt.key import PlanKey, key_of_graph
from tcsdk.engines.tensorrt.store import PlanStore
from tcsdk.engines.tensorrt.versions import PRECISIONS, VersionRow, version_row
from tcsdk.errors import MissingRuntimeError, PlanError

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder

logger = logging.getLogger("tcsdk")


def import_tensorrt() -> ModuleType:
    """Import TensorRT.

    Raises:
        MissingRuntimeError: It is not installed or does not load.
    """
    try:
        import tensorrt
    except (ImportError, OSError) as error:
        raise MissingRuntimeError(
            f"TensorRT cannot be imported ({foreign_build('tensorrt') or error}); on a Jetson it "
            "comes with JetPack: apt-get install python3-libnvinfer, in an environment made with "
            f"--system-site-packages; elsewhere: {install_extra('trt')}"
        ) from error
    return tensorrt  # type: ignore[no-any-return]


def make_logger(tensorrt: ModuleType) -> Any:
    """Return a TensorRT logger that writes to ours.

    Errors are kept in its `.errors`, for the exception that is raised then; a log line would say
    them twice.
    """

    class Logger(tensorrt.ILogger):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.errors: list[str] = []

        def log(self, severity: Any, message: str) -> None:
            if severity.name in ("INTERNAL_ERROR", "ERROR"):
                self.errors.append(message)
            level = logging.WARNING if severity.name == "WARNING" else logging.DEBUG
            logger.log(level, "TensorRT: %s", message)

    return Logger()


@dataclass(frozen=True)
class TensorRTEngine:
    """TensorRT on one NVIDIA GPU, from plans that `tcsdk build` made.

    Attributes:
        tensorrt: The module.
        device: The GPU.
        threads: CPU threads for everything around the graph.
        store: Where plans lie.
    """

    tensorrt: ModuleType
    device: Device
    threads: int
    store: PlanStore

    @property
    def info(self) -> EngineInfo:
        """What this engine is; no precision yet."""
        name, version = f"tensorrt:{self.device.index}", self.tensorrt.__version__
        return EngineInfo(name, f"tensorrt {version}", self.device.name, "", self.threads)

    @property
    def version(self) -> VersionRow:
        """The row of capabilities of this TensorRT."""
        return version_row(self.tensorrt.__version__)

    def key(self, path: Path) -> PlanKey:
        """Return what a plan of a model folder's graph must have been built for, here.

        Raises:
            ModelFileError: The graph lies in no model folder.
        """
        return key_of_graph(path, self.tensorrt.__version__, self.device)

    def check_precision(self, model: ModelFolder, precision: str) -> None:
        """Refuse graphs that were not made for TensorRT.

        Raises:
            PlanError: With the command that makes such graphs.
        """
        if precision not in PRECISIONS:
            there = [name for name in PRECISIONS if name in model.precisions]
            make = f"make their graphs with: python -m tcsdk.export {model.path} --target tensorrt"
            raise PlanError(
                f"TensorRT takes the precisions {', '.join(PRECISIONS)}, got {precision!r} of "
                f"model {model.family}; "
                + (f"take {model.family}-{' or -'.join(there)}" if there else make)
            )

    def check(self, model: ModelFolder, precision: str) -> None:
        """Refuse a model without plans for this machine.

        Raises:
            PlanError: With the command that builds them.
        """
        self.check_precision(model, precision)
        command = f"tcsdk build {model.family}-{precision} --device {self.info.device}"
        for role in model.roles:
            key = self.key(model.graph_path(precision, role))
            if not self.store.has(key):
                raise PlanError(
                    f"no plan of {model.family}-{precision} for {self.info.device} "
                    f"({self.store.explain_absence(key)}); build it with: {command}"
                )

    def load(self, path: Path) -> TensorRTGraph:
        """Load the plan of a model folder's graph.

        Raises:
            PlanError: There is none for this machine, or it is damaged.
        """
        key = self.key(path)
        return TensorRTGraph(path.name, self, self.store.read(key), key.graph)

    def open_plan(self, name: str, plan: bytes) -> Any:
        """Deserialise a plan.

        Args:
            name: Of the graph, for messages.
            plan: TensorRT's bytes.

        Returns:
            tensorrt.ICudaEngine.

        Raises:
            PlanError: TensorRT refuses it.
        """
        self.device.make_current()
        log = make_logger(self.tensorrt)
        try:
            engine = self.tensorrt.Runtime(log).deserialize_cuda_engine(plan)
        except (RuntimeError, TypeError) as error:  # TypeError: the library gave no runtime
            log.errors.append(str(error))
            engine = None
        if engine is None:
            raise PlanError(
                f"TensorRT {self.tensorrt.__version__} refuses the plan of {name}: "
                f"{'; '.join(log.errors) or 'no reason given'}; build it again with tcsdk build"
            )
        return engine

    def placement(self, path: Path) -> dict[str, int]:
        """Count a plan's fused layers by kind; see `Engine.placement`."""
        engine = self.open_plan(path.name, self.store.read(self.key(path)))
        text = engine.create_engine_inspector().get_engine_information(
            self.tensorrt.LayerInformationFormat.JSON
        )
        layers = json.loads(text)["Layers"]
        kinds = (layer["LayerType"] if isinstance(layer, dict) else "layer" for layer in layers)
        return dict(Counter(kinds))


def open_tensorrt(index: int, threads: int) -> TensorRTEngine:
    """Open an NVIDIA GPU for TensorRT.

    Raises:
        MissingRuntimeError: TensorRT or cuda-python is not installed, or too old.
        DeviceError: The driver or the device is missing.
    """
    tensorrt = import_tensorrt()
    version_row(tensorrt.__version__)
    return TensorRTEngine(tensorrt, open_device(index, "trt"), threads, PlanStore.default())
