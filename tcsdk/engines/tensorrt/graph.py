"""Graphs that run from TensorRT plans."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Protocol

from tcsdk.engines.base import Arrays
from tcsdk.engines.cuda import CapturedGraph, Device, Staged
from tcsdk.engines.slots import Signature, SlotPool, signature_of
from tcsdk.errors import EngineError
from tcsdk.many.fork import PerProcess
from tcsdk.model.calls import CALLS
from tcsdk.model.graphs import GRAPHS

# Of a graph of pictures; of crops the contract of their calls says it.
_SLOTS = 4


class PlanRuntime(Protocol):
    """What opens plans: `TensorRTEngine`."""

    @property
    def tensorrt(self) -> ModuleType:
        """The module."""

    @property
    def device(self) -> Device:
        """The GPU."""

    def open_plan(self, name: str, plan: bytes) -> Any:
        """Return a plan as tensorrt.ICudaEngine."""


class TensorRTGraph:
    """A graph in TensorRT.

    It cannot be used in a child of `os.fork`, which raises a DeviceError that says so.

    Args:
        name: For messages.
        engine: Where it runs.
        plan: TensorRT's bytes.
        role: Of the graph.

    Raises:
        PlanError: TensorRT refuses the plan.
    """

    def __init__(self, name: str, engine: PlanRuntime, plan: bytes, role: str) -> None:
        self._name = name
        self._loaded = PerProcess(lambda: _Loaded(name, engine, plan, role))
        self._loaded.get()

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the graph; see `Graph.run`."""
        with self._loaded.get().slots.lend(signature_of(inputs)) as slot:
            return slot.run(inputs)


def output_name(role: str, tensor: str) -> str:
    """Return our name of a plan's output; plans made through torch number theirs: output0, ..."""
    numbered = {f"output{n}": name for n, name in enumerate(GRAPHS[role].outputs)}
    return numbered.get(tensor, tensor)


class _Loaded:
    """A deserialised plan with its slots."""

    def __init__(self, name: str, engine: PlanRuntime, plan: bytes, role: str) -> None:
        self.name, self.device = name, engine.device
        self.plan = engine.open_plan(name, plan)
        modes = engine.tensorrt.TensorIOMode
        names = [self.plan.get_tensor_name(i) for i in range(self.plan.num_io_tensors)]
        self.inputs = [n for n in names if self.plan.get_tensor_mode(n) == modes.INPUT]
        given = [n for n in names if self.plan.get_tensor_mode(n) == modes.OUTPUT]
        self.outputs = {name: output_name(role, name) for name in given}
        limit = CALLS[role].slots if role in CALLS else _SLOTS
        self.slots = SlotPool(lambda signature: _TensorRTSlot(self, signature), limit)

    def profile_for(self, signature: Signature) -> int:
        """Return the first optimisation profile that takes these shapes; the narrow come first.

        Raises:
            EngineError: None does, or the inputs have other names.
        """
        if [name for name, _ in signature] != sorted(self.inputs):
            raise EngineError(
                f"{self.name}: expected inputs {sorted(self.inputs)}, got "
                f"{[name for name, _ in signature]}"
            )
        for profile in range(self.plan.num_optimization_profiles):
            if all(self._takes(profile, name, shape) for name, shape in signature):
                return profile
        shapes = ", ".join(f"{name} {shape}" for name, shape in signature)
        raise EngineError(
            f"{self.name}: no shape profile of the plan takes {shapes}; build one with tcsdk "
            "build --shapes, or encode in tiles of the default size"
        )

    def _takes(self, profile: int, name: str, shape: tuple[int, ...]) -> bool:
        low, _, high = (tuple(s) for s in self.plan.get_tensor_profile_shape(name, profile))
        sides = zip(low, shape, high, strict=False)
        return len(shape) == len(low) and all(a <= side <= b for a, side, b in sides)


class _TensorRTSlot:
    """A context with fixed shapes and buffers; its second run is captured as a CUDA graph.

    A captured graph keeps addresses and shapes of its context, so each slot has its own context.
    """

    def __init__(self, loaded: _Loaded, signature: Signature) -> None:
        device, plan = loaded.device, loaded.plan
        profile = loaded.profile_for(signature)
        self._loaded, self._device = loaded, device
        self._stream = device.start_stream()
        self._handle = int(self._stream.handle)
        self._context = plan.create_execution_context()
        if self._context is None:
            raise EngineError(
                f"{loaded.name}: TensorRT cannot make an execution context, most likely for want "
                "of GPU memory: take smaller tiles or fewer workers"
            )
        self._expect(self._context.set_optimization_profile_async(profile, self._handle), "profile")
        self._stream.synchronise()
        for name, shape in signature:
            self._expect(self._context.set_input_shape(name, shape), f"shape {shape} of {name}")
        self._inputs = {name: Staged(device, shape) for name, shape in signature}
        self._outputs = {
            name: Staged(device, tuple(self._context.get_tensor_shape(name)))
            for name in loaded.outputs
        }
        for name, staged in {**self._inputs, **self._outputs}.items():
            self._expect(self._context.set_tensor_address(name, staged.address), f"buffer {name}")
        self._runs = 0
        self._captured: CapturedGraph | None = None

    def _expect(self, done: bool, what: str) -> None:
        if not done:
            raise EngineError(f"{self._loaded.name}: TensorRT refuses the {what}")

    def run(self, inputs: Arrays) -> Arrays:
        """Copy in, run, copy out."""
        self._device.make_current()
        for name, staged in self._inputs.items():
            staged.send(inputs[name], self._stream)
        # The first run lets TensorRT settle what depends on shapes; only then may one capture.
        if self._runs == 1:
            self._captured = self._stream.capture(self._enqueue)
        if self._captured is not None:
            self._captured.launch()
        else:
            self._enqueue()
        for staged in self._outputs.values():
            staged.fetch(self._stream)
        self._stream.synchronise()
        self._runs += 1
        names = self._loaded.outputs
        return {names[name]: staged.value() for name, staged in self._outputs.items()}

    def _enqueue(self) -> None:
        self._expect(self._context.execute_async_v3(self._handle), "launch")
