"""An encoder that is told what a picture shows is exported by itself, over the codec it has."""

import shutil

import numpy as np
import pytest
import torch
from support.any_codec import AnyCodec
from support.captioned_model import ROW, ZOO, captioned_zoo, random_weights
from support.small_model import psnr, smooth_picture, striped_picture

import tcsdk
from checks import check_rejects
from tcsdk.export.__main__ import main
from tcsdk.export.captioned import (
    OWN,
    backbone_of,
    captioned_codec,
    write_captioned,
)
from tcsdk.export.graphs.caption_graphs import (
    CaptionedAnalysisGraph,
    export_caption,
    export_captioned_analysis,
)
from tcsdk.export.tensorrt.graphs import fold_weights, half_graph
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.export.verify_captioned import verify_captioned
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs.edge import CAPTIONED, EdgeCodec
from tcsdk.models.registry import NETS
from tcsdk.models.text.caption import Caption
from tcsdk.quant import Options, Quantiser, Request
from tcsdk.quant.judge.pictures import Picture
from tcsdk.quant.nets.graphs import float_nodes
from tcsdk.train.run.weights import Origin, load_weights, save_weights

pytestmark = pytest.mark.train
OWN_GRAPHS = ("caption", "analysis")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    return captioned_zoo(tmp_path_factory.mktemp("captioned"))


def test_a_folder_holds_two_graphs_and_the_encoders_own_weights(zoo):
    model = read_model_folder(zoo / "taco")
    assert isinstance(model, CaptionedCodec)
    assert set(model.told.sha256) == {
        "caption.fp32.onnx",
        "analysis.fp32.onnx",
        "weights.safetensors",
        "means.bin",
    }
    assert (model.told.tokens, model.told.channels) == (38, 64)
    assert all(name.startswith(OWN) for name in load_weights(zoo / "taco"))


def test_weights_lie_in_the_checkpoint_alone(zoo):
    """Of 134,400 weights of the adapter, and 264,704 of the text encoder, none in the graphs."""
    sizes = {name: (zoo / "taco" / f"{name}.fp32.onnx").stat().st_size for name in OWN_GRAPHS}
    assert sizes["analysis"] < 110_000
    assert sizes["caption"] < 13_000


def test_its_streams_are_those_of_the_codec_beside_it(zoo):
    model, codec = read_model_folder(zoo / "taco"), read_model_folder(zoo / "tfic")
    assert (model.family, model.wire_id) == ("taco", codec.wire_id)
    assert model.bundle_hash == codec.bundle_hash
    assert model.graph_file("fp32", "synthesis") == codec.graph_file("fp32", "synthesis")


def test_graphs_give_what_the_net_gives(zoo):
    found = verify_captioned(zoo / "taco")
    assert [check.name.split()[1] for check in found[:2]] == ["caption_states", "z_hat"]
    assert all(check.ok for check in found)


def test_the_analysis_graph_is_the_nets_with_and_without_a_caption():
    torch.manual_seed(3)
    codec = EdgeCodec(CAPTIONED).eval()
    for name, value in codec.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(value, 0.5)
    x, gain = torch.rand(2, 3, 64, 128), torch.ones(2, 32, 1, 1)
    mask = torch.stack([(torch.arange(38) < 5).float(), torch.zeros(38)])
    states = torch.randn(2, 38, 64)
    with torch.no_grad():
        y, _ = codec.analyse(x - 0.5, Caption(states, mask))
        z_hat, d, _ = CaptionedAnalysisGraph(codec)(
            x, gain, gain, states.reshape(2, -1, 1, 1), mask[:, :, None, None]
        )
        assert torch.allclose(d + codec.means(z_hat), y, atol=1e-4)


def test_a_folder_is_made_again_of_itself(zoo, tmp_path):
    shutil.copytree(zoo / "tfic", tmp_path / "tfic")
    write_captioned(zoo / "taco", "taco", ROW, tmp_path / "taco")
    for name in ("caption.fp32.onnx", "analysis.fp32.onnx", "manifest.json"):
        assert (tmp_path / "taco" / name).read_bytes() == (zoo / "taco" / name).read_bytes()


def test_an_encoder_over_other_weights_is_refused(zoo, tmp_path):
    shutil.copytree(zoo / "tfic", tmp_path / "tfic")
    run = random_weights(tmp_path / "run.safetensors")
    state = load_weights(run)
    state["g_s.0.bias"] += 1
    save_weights(run, state, Origin(ROW.net, "taco", 7, 1))
    check_rejects(
        lambda: write_captioned(run, "taco", ROW, tmp_path / "taco"), ValueError, "--init"
    )
    assert not (tmp_path / "taco").exists()


def test_weights_of_a_net_without_an_adapter_are_refused(zoo, tmp_path):
    check_rejects(
        lambda: write_captioned(zoo / "tfic", "taco", ROW, zoo / "other"),
        ValueError,
        "text adapter",
    )


def test_the_command_writes_and_verifies(tmp_path, monkeypatch, capsys):
    shutil.copytree(ZOO / "tfic", tmp_path / "tfic")
    run = random_weights(tmp_path / "run.safetensors", recipe="taco-shuffled")
    args = [str(run), "-o", str(tmp_path / "mine"), "--verify"]
    monkeypatch.setattr("sys.argv", ["export", *args])
    with pytest.raises(SystemExit):  # it is no weights of the family's
        main()
    assert "--family" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["export", *args, "--family", "mine"])
    assert main() == 0
    assert read_model_folder(tmp_path / "mine").family == "mine"


@pytest.mark.slow
def test_integer_forms_leave_the_adapter_alone_and_compute_about_the_same(tmp_path):
    shutil.copytree(ZOO / "tfic", tmp_path / "tfic")
    run = random_weights(tmp_path / "run.safetensors", gamma=0.03)
    codec = backbone_of(tmp_path / "taco", "tfic")
    pictures = [smooth_picture(256, 192), striped_picture(256, 192)]
    scaled = [torch.from_numpy(p.transpose(2, 0, 1) / np.float32(255)) for p in pictures]
    samples = [Picture.plain(picture) for picture in scaled]
    options = Options(corrections=(), activation_clip="minmax", equalisation=0.5)
    net = captioned_codec(run, codec)
    quantiser = Quantiser(net, AnyCodec(samples, samples[:1], (16, 48)), options)
    forms = {n: quantiser.run(Request(bits)).quantised for n, bits in (("int8", 8), ("w4", 4))}
    assert not [name for name in forms["int8"].weights if name.startswith("adapter.")]
    write_captioned(run, "taco", ROW, tmp_path / "taco", forms)
    made = {}
    for name in ("fp32", "int8", "w4"):
        encoder = tcsdk.Encoder(tmp_path / "taco", precision=name, device="cpu")
        made[name] = [
            encoder.encode(pictures[1], quality=30, scale=1.0, caption=caption)
            for caption in ("a red sign", None)
        ]
        assert made[name][0] != made[name][1]
    decoder = tcsdk.Decoder("cpu", models=[tmp_path / "tfic"])
    shown = {name: [decoder.decode(data) for data in streams] for name, streams in made.items()}
    apart = [psnr(a, b) for a, b in zip(shown["int8"], shown["fp32"], strict=True)]
    assert min(apart) > 30, apart
    assert tcsdk.Encoder(tmp_path / "taco", device="cpu").model == "taco-int8"


def test_equal_bytes_of_another_shape_are_no_transpose():
    """Places of an untrained net are zeros, as those of their transpose are."""
    model = export_caption(NETS[ROW.net]().eval())
    turned = {node.input[0] for node in model.graph.node if node.op_type == "Transpose"}
    assert "captions.places" not in turned


@pytest.mark.parametrize("export", [export_caption, export_captioned_analysis])
def test_the_graphs_break_no_rule_of_tensorrts(export):
    model = fold_weights(export(NETS[ROW.net]().eval()))
    assert check_graph(model) == []
    assert check_graph(half_graph(model, float_nodes(model, ()))) == []


def test_tensorrts_graphs_belong_to_the_codec(zoo):
    check_rejects(lambda: add_tensorrt_graphs(zoo / "taco"), ValueError, "ONNX Runtime")
