"""Gradients of graphs against torch's."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from checks import check_rejects
from tcsdk.errors import EngineError
from tcsdk.export.graphs.float_graphs import exported
from tcsdk.refining.adjoint import gradient_graph

pytestmark = pytest.mark.train

NETS = {
    "convolution": nn.Conv2d(6, 5, 3, padding=1),
    "narrow and high": nn.Conv2d(6, 5, (1, 3), padding=(0, 1)),
    "without padding": nn.Conv2d(6, 5, (4, 1)),
    "strided": nn.Conv2d(6, 5, 3, stride=2, padding=1),
    "patches": nn.Conv2d(6, 5, 4, stride=4),
    "depthwise": nn.Conv2d(6, 6, 5, padding=2, groups=6),
    "pointwise, ReLU": nn.Sequential(nn.Conv2d(6, 9, 1), nn.ReLU(), nn.Conv2d(9, 4, 1)),
    "pixel shuffle": nn.Sequential(nn.Conv2d(6, 12, 1), nn.PixelShuffle(2), nn.ReLU()),
}


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Conv2d(6, 6, 3, padding=1)

    def forward(self, x):
        x = x * 0.5 - 0.25
        return (x + torch.relu(self.inner(x))).permute(0, 2, 3, 1).reshape(x.shape[0], -1)


def compare(net, inputs):
    torch.manual_seed(4)
    n = torch.export.Dim("n")
    model = exported(net, (inputs,), ({0: n},), ["x"], ["y"])
    model = onnx.load_from_string(model.SerializeToString())
    x = inputs.clone().requires_grad_(True)
    y = net(x)
    given = torch.randn(y.shape)
    y.backward(given)
    session = ort.InferenceSession(gradient_graph(model, "y", "x").SerializeToString())
    assert [output.name for output in session.get_outputs()] == ["x_gradient"]
    feeds = {"x": inputs.numpy(), "y_gradient": given.numpy()}
    (ours,) = session.run(None, {i.name: feeds[i.name] for i in session.get_inputs()})
    np.testing.assert_allclose(ours, x.grad.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NETS)
def test_it_is_the_gradient_of(name):
    compare(NETS[name].eval(), torch.randn(2, 6, 8, 12))


def test_sums_products_and_moves_of_elements():
    compare(Residual().eval(), torch.randn(2, 6, 8, 12))


def graph_of(*nodes, output="y"):
    value = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [2, 3]) for n in ("x", output)]
    bounds = [helper.make_tensor(n, TensorProto.FLOAT, [], [v]) for n, v in (("a", 0), ("b", 1))]
    return helper.make_model(
        helper.make_graph(nodes, "g", value[:1], value[1:], bounds),
        opset_imports=[helper.make_opsetid("", 19)],
        ir_version=9,
    )


def test_a_clipped_value_is_moved_back_but_not_further_out():
    model = graph_of(helper.make_node("Clip", ["x", "a", "b"], ["y"]))
    session = ort.InferenceSession(gradient_graph(model, "y", "x").SerializeToString())
    x = np.array([[-0.5, 0.5, 1.5], [-0.5, 0.5, 1.5]], np.float32)
    given = np.array([[1, 1, 1], [-1, -1, -1]], np.float32)
    (ours,) = session.run(None, {"x": x, "y_gradient": given})
    np.testing.assert_array_equal(ours, [[0, 1, 1], [-1, -1, 0]])


def test_an_operator_without_a_rule_is_named():
    model = graph_of(helper.make_node("Sin", ["x"], ["y"]))
    check_rejects(lambda: gradient_graph(model, "y", "x"), EngineError, "Sin", "cannot be refined")
