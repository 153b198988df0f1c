"""What draws sent text is exported by itself, over the codec that it was trained with."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from checks import check_rejects
from tcsdk.export.drawing import GRAPH, verify_drawing, write_drawing
from tcsdk.export.graphs.fusion_graph import FusionGraph, export_fusion
from tcsdk.export.tensorrt.graphs import fold_weights, half_graph
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.families import DRAWING_FAMILIES
from tcsdk.models.registry import NETS
from tcsdk.quant.nets.graphs import float_nodes
from tcsdk.train.render.atlas import FONT, make_atlas
from tcsdk.train.run.weights import Origin, load_weights, save_weights

pytestmark = pytest.mark.train
ZOO = Path(__file__).parents[2] / "zoo"
ROW = DRAWING_FAMILIES["textboost"]
needs_font = pytest.mark.skipif(not FONT.is_file(), reason="needs Debian's fonts-dejavu-core")


@pytest.fixture
def run(tmp_path):
    """The weights of a guided codec over the shipped one."""
    torch.manual_seed(3)
    state = NETS["edge-guided"]().state_dict() | load_weights(ZOO / "tfic")
    save_weights(tmp_path / "run.safetensors", state, Origin("edge-guided", "textboost", 7, 1))
    return tmp_path / "run.safetensors"


@pytest.fixture
def zoo(tmp_path):
    shutil.copytree(ZOO / "tfic", tmp_path / "zoo" / "tfic")
    return tmp_path / "zoo"


@needs_font
def test_a_folder_holds_the_block_the_letters_and_their_licence(run, zoo):
    write_drawing(run, "textboost", ROW, zoo / "textboost")
    model = read_model_folder(zoo / "textboost")
    assert (model.family, model.wire_id) == ("textboost", 5)
    files = set(model.drawing.folder.sha256)
    assert files == {GRAPH, "atlas.tcsg", "atlas.licence.txt", "weights.safetensors"}
    assert all(check.ok for check in verify_drawing(zoo / "textboost"))
    assert len(load_weights(zoo / "textboost")) == len(FusionBlock().state_dict())


@needs_font
def test_a_folder_is_made_again_of_itself(run, zoo):
    write_drawing(run, "textboost", ROW, zoo / "textboost")
    before = (zoo / "textboost" / GRAPH).read_bytes()
    write_drawing(zoo / "textboost", "textboost", ROW, zoo / "textboost")
    assert (zoo / "textboost" / GRAPH).read_bytes() == before


def test_a_block_over_other_weights_is_refused(run, zoo):
    state = load_weights(run)
    state["g_s.0.bias"] += 1
    save_weights(run, state, Origin("edge-guided", "textboost", 7, 1))
    check_rejects(
        lambda: write_drawing(run, "textboost", ROW, zoo / "textboost"), ValueError, "--init"
    )
    assert not (zoo / "textboost").exists()


@needs_font
def test_the_shipped_letters_are_those_of_the_font():
    assert (ZOO / "textboost" / "atlas.tcsg").read_bytes() == make_atlas()


def test_the_shipped_graph_is_that_of_the_shipped_weights():
    assert all(check.ok for check in verify_drawing(ZOO / "textboost"))


def test_the_graph_breaks_no_rule_of_tensorrts():
    model = fold_weights(export_fusion(FusionBlock()))
    assert check_graph(model) == []
    assert check_graph(half_graph(model, float_nodes(model, ()))) == []


def test_the_graph_takes_any_size(tmp_path):
    from tcsdk.engines import select_engine
    from tcsdk.model.graphs import GUIDANCE, X_FUSED, X_HAT

    torch.manual_seed(4)
    block = FusionBlock().eval()
    onnx.save(export_fusion(block), str(tmp_path / GRAPH))
    graph = select_engine("cpu").load(tmp_path / GRAPH)
    for height, width in ((64, 64), (128, 320)):
        x_hat, guidance = torch.rand(1, 3, height, width), torch.rand(1, 2, height, width)
        with torch.no_grad():
            expected = FusionGraph(block)(x_hat, guidance).numpy()
        got = graph.run({X_HAT: x_hat.numpy(), GUIDANCE: guidance.numpy()})[X_FUSED]
        np.testing.assert_allclose(got, expected, atol=1e-5)


def test_tensorrts_graphs_belong_to_the_codec():
    check_rejects(lambda: add_tensorrt_graphs(ZOO / "textboost"), ValueError, "tfic")
