"""The two graphs through torch, as FP16 and CUDA graphs: where ONNX Runtime has no CUDA."""

from __future__ import annotations

import inspect
import statistics

import numpy as np
import torch

from tcsdk.engines.base import Arrays
from tcsdk.engines.slots import Signature, SlotPool, signature_of
from tcsdk.export.graphs.roles import ROLES
from tcsdk.export.tensorrt.torch_tensorrt import half_types
from tcsdk.model.graphs import ANALYSIS, GRAPHS, SYNTHESIS
from tcsdk.models.codecs.base import Codec
from tcsdk.quant.nets.table import rules_of

_SLOTS, _WARM_UPS = 4, 3


class TorchGraph:
    """A graph in torch; each shape has its pinned and device memory and, on CUDA, a CUDA graph.

    Args:
        role: What it does: names its outputs.
        module: The graph with its types.
        device: As torch names it, such as "cuda:0" or "cpu".
    """

    def __init__(self, role: str, module: torch.nn.Module, device: str) -> None:
        self.device, self.outputs = torch.device(device), tuple(GRAPHS[role].outputs)
        self.module = module.eval().requires_grad_(False).to(self.device)
        if self.device.type == "cuda":
            self.module = self.module.to(memory_format=torch.channels_last)
        self.names = tuple(inspect.signature(module.forward).parameters)
        self._slots = SlotPool(lambda signature: _Slot(self, signature), _SLOTS)

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Copy the inputs in, run, copy the outputs out; see `tcsdk.engines.base.Graph`."""
        with self._slots.lend(signature_of(inputs)) as slot:
            return slot.run(inputs)

    def device_ms(self, inputs: Arrays, turns: int) -> float:
        """Return the median milliseconds of the graph alone, by events on its stream."""
        with self._slots.lend(signature_of(inputs)) as slot:
            slot.run(inputs)
            return slot.device_ms(turns)


class _Slot:
    """Fixed buffers for one signature."""

    def __init__(self, graph: TorchGraph, signature: Signature) -> None:
        shapes, self._graph = dict(signature), graph
        on_gpu = graph.device.type == "cuda"
        self._host = [torch.zeros(shapes[n], pin_memory=on_gpu) for n in graph.names]
        self._inputs = [torch.zeros(shapes[n], device=graph.device) for n in graph.names]
        self._stream = torch.cuda.Stream(graph.device) if on_gpu else None
        self._captured: torch.cuda.CUDAGraph | None = None
        if self._stream is None:
            self._outputs = self._compute()
        else:
            with torch.cuda.stream(self._stream):
                for _ in range(_WARM_UPS):
                    self._compute()
                self._captured = torch.cuda.CUDAGraph()
                # Other threads may prepare their slots meanwhile.
                with torch.cuda.graph(
                    self._captured, stream=self._stream, capture_error_mode="thread_local"
                ):
                    self._outputs = self._compute()
        self._fetched = [torch.empty(o.shape, pin_memory=on_gpu) for o in self._outputs]

    def _compute(self) -> list[torch.Tensor]:
        with torch.inference_mode():
            result = self._graph.module(*self._inputs)
        return [result] if isinstance(result, torch.Tensor) else list(result)

    def _launch(self) -> None:
        if self._captured is not None:
            self._captured.replay()
            return
        for kept, output in zip(self._outputs, self._compute(), strict=True):
            kept.copy_(output)

    def run(self, inputs: Arrays) -> Arrays:
        """Copy in, run, copy out."""
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            for name, host, device in zip(self._graph.names, self._host, self._inputs, strict=True):
                np.copyto(host.numpy(), inputs[name])
                device.copy_(host, non_blocking=True)
            self._launch()
            for output, fetched in zip(self._outputs, self._fetched, strict=True):
                fetched.copy_(output, non_blocking=True)
        if self._stream is not None:
            self._stream.synchronize()
        fetched = (output.numpy().copy() for output in self._fetched)
        return dict(zip(self._graph.outputs, fetched, strict=True))

    def device_ms(self, turns: int) -> float:
        """Return the median milliseconds of a launch."""
        if self._stream is None:
            raise ValueError("expected a GPU: events measure its streams alone")
        measured = []
        with torch.cuda.stream(self._stream):
            for _ in range(turns):
                begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                begin.record()
                self._launch()
                end.record()
                end.synchronize()
                measured.append(begin.elapsed_time(end))
        return statistics.median(measured)


def torch_graphs(codec: Codec, device: str) -> tuple[TorchGraph, TorchGraph]:
    """Return both graphs of a codec in FP16, the latents in float32, without TF32."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True  # shapes are few, and captured
    layers = rules_of(codec).float_layers
    analysis, synthesis = (
        TorchGraph(role, half_types(ROLES[role].module(codec), layers), device)
        for role in (ANALYSIS, SYNTHESIS)
    )
    return analysis, synthesis
