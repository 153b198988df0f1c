"""What draws sent text is exported by itself, over the codec that it was trained with."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import tcsdk
from checks import check_rejects
from tcsdk.codec.guidance import Guidance
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import places_of
from tcsdk.codec.tiles import Box
from tcsdk.export.drawing import GRAPH, verify_drawing, write_drawing
from tcsdk.export.graphs.fusion_graph import FusionGraph, export_fusion
from tcsdk.export.tensorrt.graphs import fold_weights, half_graph
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.families import DRAWING_FAMILIES, PRIVATE_WIRE_ID
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


@needs_font
def test_the_whole_frame_is_painted_where_the_net_says_so(run, zoo):
    """Inside a line's place both forms paint the same; beyond it one alone paints."""
    write_drawing(run, "textboost", ROW, zoo / "textboost")
    save_weights(run, load_weights(run), Origin("elic-s-guided", "drawn", 7, 1))
    write_drawing(run, "framed", replace(ROW, wire_id=PRIVATE_WIRE_ID), zoo / "framed")
    assert all(check.ok for check in verify_drawing(zoo / "framed"))
    y, x = np.mgrid[0:128, 0:192]
    image = np.stack([x, 2 * y, 255 - x], 2).astype(np.uint8)
    corners = np.array([(40, 20), (110, 20), (110, 34), (40, 34)], np.float32)
    stream, shown, encoder = {}, {}, {}
    for name in ("textboost", "framed"):
        encoder[name] = tcsdk.Encoder(zoo / name, device="cpu", threads=1, tile=64)
        stream[name] = encoder[name].encode(image, quality=20, text=[(corners, "Gate 24")])
        shown[name] = decoder(zoo, name).decode(stream[name])
    coded = decoder(zoo, "framed", drawing=False).decode(stream["framed"])
    atlas = read_model_folder(zoo / "textboost").drawing.folder.load_atlas()
    chunk = tcsdk.inspect(stream["framed"]).text
    reach = drawn_reach(atlas, chunk.lines, image.shape[:2])
    assert (reach == 255).sum() > 500
    apart = np.abs(shown["textboost"].astype(int) - shown["framed"])
    assert apart[reach == 255].max() <= 1
    assert (shown["textboost"] == coded)[reach == 0].all()
    assert (shown["framed"] != coded)[reach == 0].mean() > 0.5
    # A part is cut from the whole, across tiles; without text the codec's picture stays.
    part = decoder(zoo, "framed").decode(stream["framed"], region=(50, 10, 90, 100))
    assert np.abs(part.astype(int) - shown["framed"][10:110, 50:140]).max() <= 1
    plain = encoder["framed"].encode(image, quality=20, text=None)
    bare = decoder(zoo, "framed", drawing=False).decode(plain)
    assert np.array_equal(decoder(zoo, "framed").decode(plain), bare)


def decoder(zoo, name, **options):
    return tcsdk.Decoder("cpu", models=[zoo / name], threads=1, **options)


def drawn_reach(atlas, lines, size):
    """How far what is painted shows, (H, W) uint8."""
    sizes = Sizes.of((size[1], size[0]), (size[1], size[0]))
    box = Box(0, 0, size[1], size[0])
    guidance = Guidance([line.text for line in lines], places_of(lines, sizes), box)
    return guidance.drawn(atlas, box)[1]


def test_tensorrts_graphs_belong_to_the_codec():
    check_rejects(lambda: add_tensorrt_graphs(ZOO / "textboost"), ValueError, "tfic")
