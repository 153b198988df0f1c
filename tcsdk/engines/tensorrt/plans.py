"""Building the plans of a model: each once, verified before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tcsdk.engines.golden import GoldenCase, golden_case
from tcsdk.engines.tensorrt.build import Built, Progress, build_plan
from tcsdk.engines.tensorrt.engine import TensorRTEngine
from tcsdk.engines.tensorrt.graph import TensorRTGraph
from tcsdk.engines.tensorrt.key import PlanKey
from tcsdk.engines.tensorrt.profiles import Profile
from tcsdk.engines.tensorrt.store import PlanStore

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder


@dataclass(frozen=True)
class PlanOutcome:
    """What became of one graph's plan.

    Attributes:
        graph: Its role.
        path: The plan.
        bytes: Its size.
        built: Whether it was built now; False where a sound one was there.
    """

    graph: str
    path: Path
    bytes: int
    built: bool


def ensure_plan(
    store: PlanStore,
    key: PlanKey,
    profiles: Sequence[Profile],
    build: Callable[[bytes], Built],
    verify: Callable[[bytes], None],
) -> bool:
    """Make sure that a sound plan of a key is in the store; of several callers one builds it.

    Args:
        store: Where it is kept.
        key: What it has to be for.
        profiles: Shapes that it has to take, in order.
        build: Timing cache -> what was built.
        verify: Raises EngineError where a plan must not be used.

    Returns:
        Whether it was built now.

    Raises:
        PlanError: The store cannot be written to.
        EngineError: `build` or `verify` raised it; nothing is kept then.
    """
    names = tuple(map(str, profiles))
    with store.lock(key):
        if store.profiles(key) == names:
            return False
        built = build(store.read_timing_cache(key))
        verify(built.plan)
        store.write(key, names, built.plan)
        store.write_timing_cache(key, built.timing_cache)
    return True


def build_plans(
    engine: TensorRTEngine,
    model: ModelFolder,
    precision: str,
    profiles: Sequence[Profile],
    progress: Progress,
) -> Iterator[PlanOutcome]:
    """Build the plans of a model from its ONNX graphs, for the engine's GPU; see `make_plans`.

    Args:
        engine: TensorRT on one GPU.
        model: The model folder.
        precision: "fp16" or "s8s8".
        profiles: Shapes to accept, the narrow ones first.
        progress: Told of every step of TensorRT's.
    """

    def build(role: str, path: Path, timing_cache: bytes) -> Built:
        return build_plan(engine.tensorrt, path, precision, profiles, timing_cache, progress)

    return make_plans(engine, model, precision, profiles, build)


def make_plans(
    engine: TensorRTEngine,
    model: ModelFolder,
    precision: str,
    profiles: Sequence[Profile],
    build: Callable[[str, Path, bytes], Built],
) -> Iterator[PlanOutcome]:
    """Make sure that the plans of a model's graphs are there, for the engine's GPU.

    A plan counts as sound when TensorRT deserialises it and, where the model has golden vectors,
    gives them back within their limits.

    Args:
        engine: TensorRT on one GPU.
        model: The model folder.
        precision: "fp16" or "s8s8".
        profiles: Shapes to accept, the narrow ones first.
        build: Role, file of the graph and timing cache -> what was built.

    Yields:
        One outcome per graph, when it is done.

    Raises:
        ModelFileError: A file of the model is damaged.
        PlanError: The plans' folder cannot be written to.
        EngineError: TensorRT refuses a graph, or what it built computes something else.
    """
    engine.device.make_current()
    for graph in model.roles:
        path = model.graph_file(precision, graph)
        key, case = engine.key(path), golden_case(model, precision, graph)
        verify = partial(_verify, engine, path.name, graph, case)
        built = ensure_plan(engine.store, key, profiles, partial(build, graph, path), verify)
        place = engine.store.path(key)
        yield PlanOutcome(graph, place, place.stat().st_size, built)


def _verify(
    engine: TensorRTEngine, name: str, role: str, case: GoldenCase | None, plan: bytes
) -> None:
    loaded = TensorRTGraph(name, engine, plan, role)
    if case is not None:
        case.check(loaded)
