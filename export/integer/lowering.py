"""From a codec's INT8 graph to the layers of a packed net: nodes in order, sums kept open.

A convolution's sums stay open (`Pending`) until something wants them as a tensor: a grid of 8 bits
that a convolution takes, or a stream of 16 bits. Grids of 8 bits on terms of sums are passed over:
in integers a term goes into its stream without one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

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
    ROUND_Z,
    TAKE_PICTURE,
    TAKE_R,
    TAKE_Z,
    WIDE_MAX,
    Layer,
    Tensor,
)
from tcsdk.export.integer.storing import Storing
from tcsdk.export.integer.values import Gridded, Padded, Part, Pending, Symbol, View
from tcsdk.model.graphs import INV_GAIN, TEXT, Z_GAIN, Z_HAT, Z_INVERSE_GAIN, R, X

TEXT_STEP = 2.0**-10  # of logits and offsets: within 32 of zero
_TAKES_GRID = ("Conv", "Pad", "DepthToSpace")


class Lowering(Storing):
    """A graph on its way, node by node."""

    def run(self) -> list[Layer]:
        """Return the layers of the whole graph."""
        graph = self.model.graph
        self.known = Constants(graph)
        self.values = {i.name: Symbol(i.name) for i in graph.input}
        self.uses = Counter(name for node in graph.node for name in node.input)
        self.takers = {name: node for node in graph.node for name in node.input}
        for node in graph.node:
            if not self.known.compute(node):
                getattr(self, f"_{node.op_type.lower()}")(node)
        return self.layers

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
