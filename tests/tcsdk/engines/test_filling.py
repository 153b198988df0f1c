"""Calls of crops that are filled up to a few sizes."""

from __future__ import annotations

import numpy as np
import pytest
from support.crop_models import RESOLUTION

from tcsdk.engines import EngineRow, select_engine
from tcsdk.engines.filling import FilledGraph
from tcsdk.engines.ort import CpuEngine, open_cpu
from tcsdk.model.calls import CALLS, Calls
from tcsdk.model.graphs import LARGE_CROPS, SMALL_CROPS, STRAIGHTENING, SUPER_RESOLUTION

GRAPH = RESOLUTION / "graph.onnx"


class Counting:
    """A graph that notes how many crops it is shown."""

    def __init__(self, graph):
        self.graph, self.counts = graph, []

    def run(self, inputs, *, concurrent=False):
        assert len({len(array) for array in inputs.values()}) == 1
        self.counts.append(len(inputs[SMALL_CROPS]))
        return self.graph.run(inputs, concurrent=concurrent)


def crops(count):
    rng = np.random.default_rng(count)
    return {
        SMALL_CROPS: rng.random((count, 3, 16, 64), np.float32),
        STRAIGHTENING: rng.random((count, 1, 1, 1), np.float32),
    }


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (2, 8), (8, 8), (9, 32), (31, 32), (32, 32)])
def test_a_call_is_filled_up_and_what_fills_it_is_dropped(count, shown):
    graph = CpuEngine(1).load(GRAPH)
    counting = Counting(graph)
    came = FilledGraph(counting, CALLS[SUPER_RESOLUTION]).run(crops(count))[LARGE_CROPS]
    assert counting.counts == [shown]
    assert np.array_equal(came, graph.run(crops(count))[LARGE_CROPS])


def test_what_fills_a_call_is_its_last_crop():
    class Echo:
        def run(self, inputs, *, concurrent=False):
            self.seen = inputs["x"]
            return {"y": inputs["x"]}

    echo, x = Echo(), np.arange(3, dtype=np.float32).reshape(3, 1)
    came = FilledGraph(echo, Calls((1, 8))).run({"x": x})
    assert echo.seen.ravel().tolist() == [0, 1, 2, 2, 2, 2, 2, 2]
    assert came["y"].ravel().tolist() == [0, 1, 2]


@pytest.mark.parametrize("accelerated", [True, False])
def test_gpus_are_shown_filled_calls_and_cpus_are_not(accelerated):
    chosen = select_engine("cuda", 1, [EngineRow("cuda", open_cpu, accelerated=accelerated)])
    graph = chosen.load(GRAPH, CALLS[SUPER_RESOLUTION])
    assert isinstance(graph, FilledGraph) == accelerated
    assert not isinstance(chosen.load(GRAPH), FilledGraph)  # of pictures
