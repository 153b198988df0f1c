"""The benchmark's graphs in torch, without CUDA graphs where there is no GPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.gpu.torch_graphs import torch_graphs
from tcsdk.export.graphs.float_graphs import AnalysisGraph, SynthesisGraph
from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig

pytestmark = pytest.mark.train

DEVICES = ["cpu", pytest.param("cuda:0", marks=pytest.mark.gpu)]


@pytest.mark.parametrize("device", DEVICES)
def test_graphs_give_what_float_modules_give_call_after_call(device):
    if device != "cpu" and not torch.cuda.is_available():
        pytest.skip("needs a GPU: make test-gpu")
    torch.manual_seed(0)
    codec = EdgeCodec(EdgeConfig(16, 32, 16, 16, (1, 1), (1, 1))).eval()
    rng = np.random.default_rng(0)
    gain = np.ones((1, 16, 1, 1), np.float32)
    for graph, kind in zip(
        torch_graphs(codec, device), (AnalysisGraph, SynthesisGraph), strict=True
    ):
        for side in (64, 128, 64):
            shapes = {
                "x": (1, 3, side, 64),
                "z_hat": (1, 16, side // 64, 1),
                "r": (1, 16, side // 16, 4),
                "inv_gain": (1, 16, 1, 1),
            }
            feed = {
                n: rng.random(shapes[n], np.float32) if n in shapes else gain for n in graph.names
            }
            with torch.no_grad():
                expected = kind(codec)(*(torch.from_numpy(feed[n]) for n in graph.names))
            expected = [expected] if isinstance(expected, torch.Tensor) else expected
            came = list(graph.run(feed).values())
            assert [a.dtype for a in came] == [np.float32] * len(came)
            for a, b in zip(came, expected, strict=True):
                off = np.linalg.norm(a - b.numpy()) / max(np.linalg.norm(b.numpy()), 1e-6)
                assert off < 0.05
        if device == "cpu":
            with pytest.raises(ValueError, match="expected a GPU"):
                graph.device_ms(feed, 1)
