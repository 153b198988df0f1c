"""Integer forms of LIC-TCM: its convolutions, and nothing of what predicts y."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from support.context_model import picture, pixels, taught, write_context_model
from support.small_model import psnr

import tcsdk
from tcsdk.codec.tile import TileDecoder
from tcsdk.export.graphs.nested import nodes_of
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.export.tensorrt.target import add_tensorrt_graphs, left_out
from tcsdk.export.verify_context import verify_context_graphs
from tcsdk.model.graphs import ANALYSIS, RESIDUAL, SYNTHESIS
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs.tcm import TcmCodec, TcmConfig
from tcsdk.quant import Options, RateDistortion, quantize
from tcsdk.quant.judge.pictures import Picture
from tcsdk.quant.nets.layers import find_layers
from tcsdk.quant.nets.table import integer_rules
from tcsdk.train.run.weights import WEIGHTS

pytestmark = [pytest.mark.train, pytest.mark.slow]
# Halves of 16: TensorRT has no integer kernels for fewer channels.
CONFIG = TcmConfig(
    half=16,
    blocks=1,
    heads=(8, 8, 8),
    latent=24,
    groups=(8, 16),
    context=(24, 16),
    inner=16,
    hyper=8,
)
FEW = Options(clip="minmax", activation_clip="minmax", corrections=("bias",))


class Likeness(RateDistortion):
    """What random weights can be judged by: errors of the pictures, whose rate says nothing."""

    def measure(self, net, split):
        """Mean absolute error in levels, (Q, 1)."""
        x = torch.stack([p.x for p in self._pictures])
        with torch.no_grad():
            made = [net(x, torch.full((len(x),), q)).x_hat for q in self._qualities]
        return np.array([[255 * float((x_hat - x).abs().mean())] for x_hat in made])

    def loss(self, reference, scores):
        return float(np.abs(scores - reference).mean())

    def figures(self, reference, scores):
        return {"levels": float(scores.mean())}


def forms(codec):
    shown = [Picture.plain(torch.from_numpy(p)) for p in (picture(64, 128), 1 - picture(64, 128))]
    objective = Likeness(shown, shown[:1], (16, 45))
    return {
        name: quantize(codec, objective, bits=bits, options=FEW).quantised
        for name, bits in (("int8", 8), ("w4", 4))
    }


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("integers") / "mine"
    return write_context_model(folder, taught(TcmCodec(CONFIG)), forms), folder


def graph(folder, role, precision):
    return onnx.load(str(folder / f"{role}.{precision}.onnx"), load_external_data=False).graph


def test_each_rule_finds_its_layers():
    net = TcmCodec(CONFIG)
    rules, layers = integer_rules(net), [layer.name for layer in find_layers(net)]
    pictured = [n for n in layers if rules.rule_of(n) and "picture" in rules.rule_of(n).reason]
    assert pictured == ["g_a.0.layers.0", "g_a.0.skip"]
    attending = {n for n in layers if n.startswith("g_") and ".attention." in n}
    assert len(attending) == 6 * 4
    assert all("attention" in rules.rule_of(name).reason for name in attending)
    free = {n for n in layers if rules.rule_of(n) is None and not n.startswith(rules.floats)}
    # All other convolutions but those that make y and the picture have grids of their own.
    rounded = set(rules.rounded(find_layers(net)))
    assert free - rounded == {"g_a.6", "g_s.6.0"}
    assert rounded - free <= {"g_a.0.skip"}


def test_integer_graphs_code_as_torch_does(exported):
    checkpoint, folder = exported
    checks = {c.name: c for c in verify_context_graphs(checkpoint, folder, picture(64, 128)[None])}
    # Of random weights in whole ranges: y is 28.4 dB from torch's. What predicts is the same.
    assert checks["int8 y (dB)"].value > 25
    assert all(checks[f"{p} r (share of others)"].ok for p in ("fp32", "int8", "w4"))
    assert checks["int8 x_hat (dB)"].ok


def test_integer_kernels_take_the_convolutions(exported):
    _, folder = exported
    for role, fed in ((ANALYSIS, 3 * 4 + 1 + 2 * 3 + 1), (SYNTHESIS, 3 * 4 + 1 + 2 * 3 + 1)):
        nodes = list(nodes_of(graph(folder, role, "int8")))
        made = {output: node.op_type for node in nodes for output in node.output}
        convolutions = [node for node in nodes if node.op_type == "Conv"]
        assert sum(made.get(node.input[0]) == "DequantizeLinear" for node in convolutions) == fed
        assert any(node.op_type == "Softmax" for node in nodes)


def test_what_predicts_is_the_checkpoints_in_every_precision(exported):
    _, folder = exported
    model = read_model_folder(folder)
    assert set(model.precisions) == {"fp32", "int8", "w4"}
    for precision in ("int8", "w4"):
        nodes = list(nodes_of(graph(folder, RESIDUAL, precision)))
        assert not [node for node in nodes if node.op_type == "QuantizeLinear"]
        assert WEIGHTS in model.precisions[precision]["files"]
        assert WEIGHTS.encode() in (folder / f"{RESIDUAL}.{precision}.onnx").read_bytes()


def test_a_stream_of_integers_is_decoded_in_floats(exported, monkeypatch):
    _, folder = exported
    unpack, got = TileDecoder.unpack, []
    monkeypatch.setattr(
        TileDecoder, "unpack", lambda *a, **k: got.append(unpack(*a, **k)) or got[-1]
    )
    image = pixels(128, 192)
    options = {"quality": 45, "device": "cpu", "threads": 1}
    streams = {p: tcsdk.Encoder(folder, precision=p, **options).encode(image) for p in PRECISIONS}
    shown = [
        tcsdk.Decoder("cpu", models=[folder], precision=p, threads=1).decode(streams["int8"])
        for p in ("int8", "fp32")
    ]
    assert np.array_equal(got[0].r, got[1].r)
    assert psnr(*shown) > 30
    assert len(streams["int8"]) == pytest.approx(len(streams["fp32"]), rel=0.05)


PRECISIONS = ("int8", "fp32")


def test_graphs_for_gpus_are_made_of_both(exported, tmp_path):
    folder = Path(shutil.copytree(exported[1], tmp_path / "mine"))
    assert left_out(folder) == {}
    errors = add_tensorrt_graphs(folder)
    assert {key.split()[0] for key in errors} >= {"fp16", "s8s8"}
    for role in (ANALYSIS, RESIDUAL, SYNTHESIS):
        for precision in ("fp16", "s8s8"):
            assert check_graph(onnx.load(str(folder / f"{role}.{precision}.onnx"))) == []
    nodes = list(nodes_of(graph(folder, SYNTHESIS, "s8s8")))
    assert sum(node.op_type == "QuantizeLinear" for node in nodes) > 10
