"""The graphs in integers that ship, as ONNX Runtime wants them on every processor."""

from collections import Counter
from pathlib import Path

import onnx
import pytest

from tcsdk.engines.ort import CPU, Provider, start_session

pytestmark = pytest.mark.train

ZOO = Path(__file__).parents[2] / "zoo"
INTEGERS = [path for path in sorted(ZOO.glob("*/*.onnx")) if ".fp32." not in path.name]


@pytest.mark.parametrize("path", INTEGERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_weight_has_a_zero_point_of_its_own(path):
    graph = onnx.load(path, load_external_data=False).graph
    stored = {tensor.name for tensor in graph.initializer}
    widened = [node for node in graph.node if node.op_type == "DequantizeLinear"]
    weights = [node for node in widened if node.input[0] in stored and len(node.input) > 2]
    signed = {t.name for t in graph.initializer if t.data_type == onnx.TensorProto.INT8}
    users = Counter(node.input[2] for node in weights if node.input[2] in signed)
    assert users
    assert set(users.values()) == {1}


@pytest.mark.parametrize("path", INTEGERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_they_start_where_int8_saturates(path):
    # Where it does not, the entry changes nothing.
    provider = Provider(CPU, {}, {"session.x64quantprecision": "1"}, 4)
    assert start_session(str(path), provider, 1).get_outputs()
