"""Where a graph's values become tensors of a packed net: latents, streams of 16 bits, grids of 8.

Steps of streams are powers of two; y, mu and y_hat share one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray

from tcsdk.export.integer.net_file import REQUANTISE, WIDE_MAX, Layer, Tensor
from tcsdk.export.integer.values import Gridded, Pending, Value, View
from tcsdk.model.graphs import R

_INT32 = 2**31 - 1


@dataclass
class Storing:
    """A graph on its way: its tensors, and the layers that make them.

    Attributes:
        model: with its weights loaded.
        ranges: largest magnitude of what the graph computes under a name.
        y_step: value of 1 of y, mu and y_hat.
        caps: largest integer of a tensor under a name, where 32767 would leave int32.
        layers: so far.
        steps: value of 1 of the tensors at the ends: "z", "z_in" and of text.
    """

    model: onnx.ModelProto
    ranges: Mapping[str, float]
    y_step: float
    caps: dict[str, int]
    layers: list[Layer] = field(default_factory=list)
    steps: dict[str, float] = field(default_factory=dict)
    grids: dict[int, tuple[Tensor, Value]] = field(default_factory=dict)  # by value's identity

    def __post_init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.names: dict[Tensor, str] = {}
        self.around = {n.output[0]: n for n in self.model.graph.node}
        self._find_latents()

    def _find_latents(self) -> None:
        """Find the names of y, mu and y_hat, which share one step."""
        self.at_y: set[str] = set()
        for node in self.model.graph.node:
            if node.op_type == "Sub":
                self.at_y |= {*node.input}
            if node.op_type == "Add" and any(
                i in self.around and R in self.around[i].input for i in node.input
            ):
                self.at_y |= {*node.input, node.output[0]}

    def _stored(self, name: str) -> Tensor:
        """The 16-bit tensor of a name, made now if it is not yet."""
        value = self.values[name]
        if isinstance(value, View):
            return value.tensor
        assert isinstance(value, Pending), (name, value)
        cap = self.caps.get(name, WIDE_MAX)
        step = self.y_step if name in self.at_y else self._step(self.ranges[name], cap)
        tensor = Tensor(True, step, limit=cap)
        self._store(value, tensor)
        self.names[tensor] = name
        self.values[name] = View(tensor, np.ones(1))
        return tensor

    @staticmethod
    def _step(largest: float, cap: int) -> float:
        """A power of two that leaves room for twice what was seen."""
        return float(2.0 ** math.ceil(math.log2(max(2 * largest, 1e-3) / cap)))

    def _store(self, value: Pending, tensor: Tensor) -> None:
        layer = value.layer
        assert layer.weight is not None
        # Zero is added behind the shift; what is left of beta goes into the sums.
        layer.bias = np.rint(value.beta / value.alpha).clip(-_INT32, _INT32).astype(np.int64)
        self._multiply(layer, value.alpha / tensor.step)
        low, high = (-tensor.limit, tensor.limit) if tensor.wide else (0, 255)
        layer.low = max(low, tensor.zero) if value.relu else low
        layer.high, layer.zero = high, tensor.zero
        layer.target, layer.added = tensor, value.added
        self.layers.append(layer)

    @staticmethod
    def _multiply(layer: Layer, factors: NDArray[np.float64]) -> None:
        largest = float(np.abs(factors).max())
        layer.shift = int(min(32, math.floor(math.log2(_INT32 / max(largest, 1e-12)))))
        layer.mult = np.rint(factors * 2.0**layer.shift).astype(np.int32)

    def _grid(self, given: Gridded) -> Tensor:
        """The 8-bit tensor that a convolution takes; one for all that take the same grid."""
        made = self.grids
        if id(given.value) in made:
            return made[id(given.value)][0]
        tensor = Tensor(False, given.step, given.zero, 255)
        if isinstance(given.value, View) and not given.value.tensor.wide:
            tensor = given.value.tensor
        elif isinstance(given.value, View):
            source = given.value.tensor
            channels = self._channels(source)
            factors = np.broadcast_to(given.value.factors, channels) * source.step / given.step
            layer = Layer(REQUANTISE, source, tensor, cin=channels, cout=channels)
            layer.zero, layer.low, layer.high = given.zero, 0, 255
            self._multiply(layer, factors)
            self.layers.append(layer)
        else:
            assert isinstance(given.value, Pending)
            self._store(given.value, tensor)
        made[id(given.value)] = (tensor, given.value)
        return tensor

    def _channels(self, tensor: Tensor) -> int:
        layer = next(one for one in self.layers if one.target is tensor)
        return layer.cout // layer.factor**2
