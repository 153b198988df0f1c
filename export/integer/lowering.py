"""From a codec's INT8 graph to the layers of a packed net: nodes in order, sums kept open.

A convolution's sums stay open (`Pending`) until something wants them as a tensor: a grid of 8 bits
that a convolution takes, or a stream of 16 bits. Grids of 8 bits on terms of sums are passed over:
in integers a term goes into its stream without one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import onnx
from numpy.typing import NDArray

from tcsdk.export.integer.constants import Constants
from tcsdk.export.integer.net_file import (
    CONV,
    DEPTHWISE,
    GIVE_D,
    GIVE_PICTURE,
    GIVE_TEXT,
    REQUANTISE,
    ROUND_Z,
    TAKE_PICTURE,
    TAKE_R,
    TAKE_Z,
    WIDE_MAX,
    Layer,
    Tensor,
)
from tcsdk.export.integer.values import Gridded, Padded, Part, Pending, Symbol, Value, View
from tcsdk.model.graphs import INV_GAIN, TEXT, Z_GAIN, Z_HAT, Z_INVERSE_GAIN, R, X

_INT32 = 2**31 - 1
TEXT_STEP = 2.0**-10  # of logits and offsets: within 32 of zero
_TAKES_GRID = ("Conv", "Pad", "DepthToSpace")


@dataclass
class Lowering:
    """A graph on its way.

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

    def run(self) -> list[Layer]:
        """Return the layers of the whole graph."""
        graph = self.model.graph
        self.known = Constants(graph)
        self.values: dict[str, Value] = {i.name: Symbol(i.name) for i in graph.input}
        self.uses = Counter(name for node in graph.node for name in node.input)
        self.takers = {name: node for node in graph.node for name in node.input}
        self.names: dict[Tensor, str] = {}
        self.around = {n.output[0]: n for n in graph.node}
        self._find_latents()
        for node in graph.node:
            if not self.known.compute(node):
                getattr(self, f"_{node.op_type.lower()}")(node)
        return self.layers

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

    # ---- Storing ---------------------------------------------------------------------------

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

    # ---- Nodes -----------------------------------------------------------------------------

    def _conv(self, node: onnx.NodeProto) -> None:
        given = self.values[node.input[0]]
        said = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inner = given.value if isinstance(given, Gridded) else given
        replicated = isinstance(inner, Padded)
        pad = said["pads"][0]
        if isinstance(inner, Padded):
            pad, inner = inner.pad, inner.value
        if isinstance(given, Gridded):
            source = self._grid(replace(given, value=inner))
        else:
            source = inner.tensor if isinstance(inner, View) else self._stored(node.input[0])
        weights = self.known.weights[node.input[1]]
        w = weights.integers
        depthwise = said["group"] > 1
        axes = (2, 3, 0, 1) if depthwise else (0, 2, 3, 1)
        alpha = weights.steps * source.step
        sums = w.reshape(len(w), -1).astype(np.int64).sum(1) * source.zero
        beta = self.known.values[node.input[2]].astype(np.float64).reshape(-1) - sums * alpha
        layer = Layer(
            DEPTHWISE if depthwise else CONV,
            source,
            kernel=w.shape[2],
            stride=said["strides"][0],
            pad=pad,
            replicate=replicated,
            cin=len(w) if depthwise else w.shape[1],
            cout=len(w),
            weight=np.ascontiguousarray(w.transpose(axes)),
        )
        self.values[node.output[0]] = Pending(layer, alpha, beta)

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

    def _quantizelinear(self, node: onnx.NodeProto) -> None:
        name, out = node.input[0], node.output[0]
        value = self.values[name]
        (read,) = [n for n in self.model.graph.node if out in n.input]
        taker = self.takers.get(read.output[0])
        wanted = taker is None or taker.op_type in _TAKES_GRID
        step = float(self.known.values[node.input[1]])
        zero = int(self.known.values[node.input[2]])
        if value == Symbol(X):
            tensor = Tensor(False, step, zero, 255)
            self.layers.append(Layer(TAKE_PICTURE, target=tensor, high=255, cout=3))
            self.values[out] = Gridded(View(tensor, np.ones(1)), step, zero)
        elif isinstance(value, Gridded) or not (wanted or self._ends(read.output[0])):
            self.values[out] = value
        else:
            if isinstance(value, Pending) and self.uses[name] > 1:
                self._stored(name)
                value = self.values[name]
            self.values[out] = Gridded(value, step, zero)

    def _ends(self, name: str) -> bool:
        return self.takers[name].op_type == "Clip" if name in self.takers else True

    def _same(self, node: onnx.NodeProto) -> None:
        self.values[node.output[0]] = self.values[node.input[0]]

    _dequantizelinear = _same

    def _pad(self, node: onnx.NodeProto) -> None:
        value = self.values[node.input[0]]
        pad = int(self.known.values[node.input[1]][2])
        inner = value.value if isinstance(value, Gridded) else value
        if inner is value:
            self._stored(node.input[0])
            inner = self.values[node.input[0]]
        assert isinstance(inner, View | Pending)
        padded = Padded(inner, pad)
        made = replace(value, value=padded) if isinstance(value, Gridded) else padded
        self.values[node.output[0]] = made

    def _mul(self, node: onnx.NodeProto) -> None:
        out, inputs = node.output[0], {*node.input}
        if inputs == {R, INV_GAIN}:
            self.values[out] = Symbol(R)
        elif Z_INVERSE_GAIN in inputs:
            step = self._step(self.ranges[out], WIDE_MAX)
            tensor = Tensor(True, step)
            self.steps["z_in"] = step
            self.layers.append(Layer(TAKE_Z, target=tensor, high=WIDE_MAX))
            self.values[out], self.names[tensor] = View(tensor, np.ones(1)), out
        elif Z_GAIN in inputs:
            (name,) = inputs - {Z_GAIN}
            tensor = self._stored(name)
            self.steps["z"] = tensor.step
            self.layers.append(Layer(ROUND_Z, tensor))
            self.values[out] = Symbol(Z_HAT)
        else:
            self._scale(node)

    def _scale(self, node: onnx.NodeProto) -> None:
        name, factors = self.known.split(node)
        value, out = self.values[name], node.output[0]
        assert factors is not None
        if isinstance(value, Part):
            self.values[out] = replace(value, factor=value.factor * float(factors[0]))
        elif isinstance(value, Pending) and self.uses[name] == 1 and value.layer.factor == 1:
            self.values[out] = replace(
                value, alpha=value.alpha * factors, beta=value.beta * factors
            )
        else:
            self.values[out] = View(self._stored(name), factors)

    def _add(self, node: onnx.NodeProto) -> None:
        name, constant = self.known.split(node)
        out = node.output[0]
        if constant is not None:
            value = self.values[name]
            assert isinstance(value, Pending)
            self.values[out] = replace(value, beta=value.beta + constant)
            return
        first, second = node.input
        if Symbol(R) in (self.values[first], self.values[second]):
            name = second if self.values[first] == Symbol(R) else first
            cap = self.caps.get(out, WIDE_MAX)
            tensor = Tensor(True, self.y_step, limit=cap)
            self.layers.append(Layer(TAKE_R, self._stored(name), tensor, high=cap))
            self.values[out], self.names[tensor] = View(tensor, np.ones(1)), out
            return
        stream = self._stored(first)
        branch = self.values[second]
        assert isinstance(branch, Pending)
        # One step for the whole stream: that of its first tensor.
        target = Tensor(True, stream.step, limit=min(stream.limit, self.caps.get(out, WIDE_MAX)))
        self._store(replace(branch, added=stream), target)
        self.values[out], self.names[target] = View(target, np.ones(1)), out

    def _relu(self, node: onnx.NodeProto) -> None:
        value = self.values[node.input[0]]
        assert isinstance(value, Pending)
        self.values[node.output[0]] = replace(value, relu=True)

    def _depthtospace(self, node: onnx.NodeProto) -> None:
        value = self.values[node.input[0]]
        (factor,) = (a.i for a in node.attribute if a.name == "blocksize")
        inner = value.value if isinstance(value, Gridded) else value
        assert isinstance(inner, Pending)
        inner.layer.factor = factor
        self.values[node.output[0]] = value

    def _clip(self, node: onnx.NodeProto) -> None:
        value = self.values[node.input[0]]
        if isinstance(value, Pending):  # pixels, from a layer that takes a whole stream
            value = Gridded(value, 1 / 255, 0)
        if isinstance(value, Gridded):  # of 8 bits, which are 0..1 whole
            self.layers.append(Layer(GIVE_PICTURE, self._grid(value)))
        self.values[node.output[0]] = value

    _round = _same

    def _slice(self, node: onnx.NodeProto) -> None:
        value = self.values[node.input[0]]
        assert isinstance(value, Pending)
        self.values[node.output[0]] = Part(value, int(self.known.values[node.input[1]][0]))

    def _sigmoid(self, node: onnx.NodeProto) -> None:
        value = self.values[node.input[0]]
        if isinstance(value, Pending):  # of a detector that says where text is, and no more
            self._give_text(value, np.ones(1))
        self.values[node.output[0]] = value

    def _concat(self, node: onnx.NodeProto) -> None:
        parts = [value for name in node.input if isinstance(value := self.values[name], Part)]
        self._give_text(parts[0].value, np.array([part.factor for part in parts]))

    def _give_text(self, value: Pending, factors: NDArray[np.float64]) -> None:
        tensor = Tensor(True, TEXT_STEP)
        self._store(replace(value, alpha=value.alpha * factors, beta=value.beta * factors), tensor)
        self.steps[TEXT] = tensor.step
        self.layers.append(Layer(GIVE_TEXT, tensor))

    def _sub(self, node: onnx.NodeProto) -> None:
        y, mu = (self._stored(name) for name in node.input)
        self.layers.append(Layer(GIVE_D, y, added=mu))
        self.values[node.output[0]] = Symbol("d")
