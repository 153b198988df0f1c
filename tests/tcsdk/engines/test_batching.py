from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.engines import select_engine
from tcsdk.engines.batching import BatchingGraph
from tcsdk.errors import EngineError


@pytest.fixture(scope="module")
def graph():
    return select_engine("cpu", 1).load(MODEL / "analysis.onnx")


class Recorder:
    """Passes calls on, notes their batch sizes, and holds the first until the gate opens."""

    def __init__(self, graph, refuse=lambda inputs: False):
        self.graph, self.refuse = graph, refuse
        self.sizes, self.running, self.most = [], 0, 0
        self.begun, self.gate, self.lock = threading.Event(), threading.Event(), threading.Lock()

    def run(self, inputs, *, concurrent=False):
        with self.lock:
            self.sizes.append(len(inputs["x"]))
            self.running += 1
            self.most = max(self.most, self.running)
        self.begun.set()
        assert self.gate.wait(60)
        try:
            if self.refuse(inputs):
                raise EngineError("refused")
            return self.graph.run(inputs, concurrent=concurrent)
        finally:
            with self.lock:
                self.running -= 1


def window(seed: int, height: int = 64) -> dict[str, np.ndarray]:
    x = np.random.default_rng(seed).random((1, 3, height, 64), dtype=np.float32)
    ones = np.ones((1, 4, 1, 1), np.float32)
    return {"x": x, "z_gain": ones, "z_inverse_gain": ones}


def ask(batching: BatchingGraph, recorder: Recorder, windows: list) -> list:
    """Futures of all calls: the first runs, the others wait behind it until the gate opens."""
    pool = ThreadPoolExecutor(len(windows))
    futures = [pool.submit(batching.run, windows[0], concurrent=True)]
    assert recorder.begun.wait(60)
    futures += [pool.submit(batching.run, one, concurrent=True) for one in windows[1:]]
    queue = batching._queue.get()
    while len(queue._waiting) < len(windows) - 1:
        threading.Event().wait(0.001)
    recorder.gate.set()
    pool.shutdown(wait=True)
    return futures


def test_waiting_calls_of_equal_shape_share_a_call_and_get_their_own_outputs(graph):
    recorder = Recorder(graph)
    windows = [window(seed) for seed in range(6)]
    futures = ask(BatchingGraph(recorder, most=3, lanes=1), recorder, windows)
    assert sorted(recorder.sizes) == [1, 2, 3]
    for future, one in zip(futures, windows, strict=True):
        alone = graph.run(one)
        assert list(future.result()) == list(alone) == ["z_hat", "d"]
        for name, came in future.result().items():
            np.testing.assert_array_equal(came, alone[name])


def test_other_shapes_go_in_calls_of_their_own(graph):
    recorder = Recorder(graph)
    windows = [window(seed, 64 if seed % 2 else 128) for seed in range(7)]
    futures = ask(BatchingGraph(recorder, most=8, lanes=1), recorder, windows)
    assert sorted(recorder.sizes) == [1, 3, 3]
    for future, one in zip(futures, windows, strict=True):
        np.testing.assert_array_equal(future.result()["d"], graph.run(one)["d"])


def test_no_more_calls_than_lanes_run_at_a_time(graph):
    recorder = Recorder(graph)
    ask(BatchingGraph(recorder, most=2, lanes=1), recorder, [window(s) for s in range(9)])
    assert recorder.most == 1
    recorder = Recorder(graph)
    recorder.gate.set()
    batching = BatchingGraph(recorder, most=1, lanes=3)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: batching.run(window(seed)), range(40)))
    assert recorder.most <= 3
    assert sum(recorder.sizes) == 40


def test_a_batch_that_fails_leaves_only_the_failing_call_without_result(graph, caplog):
    bad = window(3)
    recorder = Recorder(graph, lambda inputs: (inputs["x"] == bad["x"]).all((1, 2, 3)).any())
    windows = [window(0), window(1), window(2), bad]
    with caplog.at_level(logging.WARNING, "tcsdk"):
        futures = ask(BatchingGraph(recorder, most=8, lanes=1), recorder, windows)
    assert recorder.sizes == [1, 3, 1, 1, 1]
    assert recorder.most == 1
    check_rejects(futures[3].result, EngineError, "refused")
    for future, one in zip(futures[:3], windows[:3], strict=True):
        np.testing.assert_array_equal(future.result()["d"], graph.run(one)["d"])
    assert "a batch of 3 failed" in caplog.records[0].message


def test_an_encoder_that_batches_makes_the_same_streams():
    pictures = [smooth_picture(40 + 30 * (i % 2), 60) for i in range(12)]
    plain = tcsdk.Encoder(MODEL, device="cpu", threads=2)
    batching = tcsdk.Encoder(MODEL, device="cpu", threads=2, batch=4, tile=64)
    expected = [tcsdk.Encoder(MODEL, threads=1, tile=64).encode(p) for p in pictures]
    assert [o.get() for o in batching.encode_many(pictures)] == expected
    assert batching.encode(pictures[0]) == expected[0]
    decoder = tcsdk.Decoder("cpu", threads=2, models=[MODEL], batch=4)
    streams = [plain.encode(p) for p in pictures]
    alone = tcsdk.Decoder("cpu", threads=1, models=[MODEL])
    for outcome, stream in zip(decoder.decode_many(streams), streams, strict=True):
        np.testing.assert_array_equal(outcome.get(), alone.decode(stream))


def test_a_batch_of_none_is_refused():
    check_rejects(
        lambda: tcsdk.Encoder(MODEL, batch=0), ValueError, "batch as a whole number above 0", "0"
    )
