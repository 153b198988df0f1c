"""Nets that enlarge crops or read words: graphs say what torch says, in floats and integers."""

import shutil
from functools import partial

import numpy as np
import onnx
import pytest
import torch

import tcsdk
from checks import check_rejects
from tcsdk.engines import select_engine
from tcsdk.export.crops import load_crop_net, verify_crops, write_crop_folder
from tcsdk.export.graphs.nested import nodes_of
from tcsdk.export.quantise import Job, quantise_model
from tcsdk.export.tensorrt.graphs import fold_weights
from tcsdk.export.tensorrt.rules import check_graph
from tcsdk.export.tensorrt.target import add_tensorrt_graphs, left_out
from tcsdk.model.graphs import CHARACTER_LOGITS, CLASS_BIAS, RECOGNITION, WORD_PIXELS
from tcsdk.model.read import read_model_folder
from tcsdk.models import registry
from tcsdk.models.layers.folding import NORMALISATIONS
from tcsdk.models.layers.thin_plate import RectifierConfig
from tcsdk.models.recognition.cdistnet import (
    BEGIN,
    CHARACTERS,
    CLASSES,
    END,
    LONGEST,
    Cdistnet,
    CdistnetConfig,
)
from tcsdk.models.super_resolution.edsr import Edsr, EdsrConfig
from tcsdk.models.super_resolution.tbsrn import Tbsrn, TbsrnConfig
from tcsdk.quant import Options, Quantiser, Request, SuperResolution
from tcsdk.quant.judge.word_objective import WordReading, WordSamples
from tcsdk.train.run.weights import WEIGHTS, Origin, save_weights

pytestmark = pytest.mark.train

BENT = RectifierConfig(widths=(4, 4, 4, 4, 4, 4), hidden=16)
WORDS = CdistnetConfig(
    stem=8,
    planes=(8, 8, 16, 16, 16),
    depths=(1, 2, 1, 1, 1),
    strides=((2, 2), (2, 1), (2, 2), (2, 1), (1, 1)),
    closing=None,
    channels=16,
    heads=2,
    encoders=1,
    encoder_hidden=16,
    blocks=3,  # of a net of two, nothing would be stacked
    block_hidden=16,
    rectifier=BENT,
)
NETS = {
    "cdistnet-s": partial(Cdistnet, WORDS),
    "edsr-s": partial(Edsr, EdsrConfig(width=16, blocks=2, residual=1.0, rectifier=BENT)),
    "tbsrn-s": partial(Tbsrn, TbsrnConfig(width=8, blocks=1, attention="axes", rectifier=BENT)),
}
RECIPES = {"cdistnet-s": "cdistnet-high", "edsr-s": "edsr-text", "tbsrn-s": "tbsrn-text"}


@pytest.fixture(scope="module", autouse=True)
def nets():
    """The registry's names, for nets that take a second."""
    with pytest.MonkeyPatch.context() as patch:
        for name, make in NETS.items():
            patch.setitem(registry.CROP_NETS, name, make)
        yield


def stirred(net):
    """A net no part of which is as a new one's: normalisations, biases, bends."""
    torch.manual_seed(3)
    for module in net.modules():
        if isinstance(module, NORMALISATIONS):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.8, 1.2)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return net


def objective(name):
    """What judges the integer forms: random crops."""
    torch.manual_seed(4)
    if name == "cdistnet-s":
        batches = [WordSamples(torch.rand(4, 3, 32, 128), ("ab", "1", "x9z", "q"))] * 2
        return WordReading(batches, batches[:1])
    low, high = list(torch.rand(4, 3, 16, 64)), list(torch.rand(4, 3, 32, 128))
    return SuperResolution(low, high, low, high)


@pytest.fixture(scope="module", params=NETS)
def made(request, tmp_path_factory):
    """Name, weights and model folder, FP32 and INT8 and four bits."""
    name, run = request.param, tmp_path_factory.mktemp("run")
    save_weights(
        run / WEIGHTS, stirred(NETS[name]()).state_dict(), Origin(name, RECIPES[name], 1, 3)
    )
    weights = load_crop_net(run)
    options = Options(corrections=("bias",), activation_clip="minmax")
    quantiser = Quantiser(weights.net, objective(name), options)
    forms = {
        form: quantiser.run(Request(bits)).quantised for form, bits in (("int8", 8), ("w4", 4))
    }
    target = tmp_path_factory.mktemp("zoo") / name
    write_crop_folder(weights, name, target, forms)
    return name, weights, target


def test_each_precision_says_what_torch_says(made):
    _, weights, folder = made
    checks = {check.name.split()[0]: check for check in verify_crops(weights, folder)}
    assert set(checks) == {"fp32", "int8", "w4"}
    assert all(check.ok for check in checks.values()), checks
    assert checks["fp32"].value < checks["int8"].value < checks["w4"].value


def test_what_ships_has_no_normalisation_and_is_taken_again(made):
    _, weights, folder = made
    assert not any("running" in name for name in weights.values)
    again = load_crop_net(folder)
    for name, value in weights.values.items():
        assert torch.equal(again.values[name], value)


def test_float_graphs_keep_tensorrts_rules(made):
    """But for Mish, which its operator list of 8.4 lacks: TBSRN is there to be compared with."""
    name, _, folder = made
    model = read_model_folder(folder)
    graph = fold_weights(onnx.load(str(model.path / model.precisions["fp32"][model.roles[0]])))
    said = {violation.text.split()[0] for violation in check_graph(graph)}
    assert said == {"tbsrn-s": {"Mish"}, "cdistnet-s": {"Loop"}, "edsr-s": set()}[name]


def test_graphs_for_gpus_are_made_of_nets_of_other_sizes(made, tmp_path):
    name, _, folder = made
    shutil.copytree(folder, tmp_path / name)
    if name == "tbsrn-s":
        assert "whole weights" in left_out(tmp_path / name)["s8s8"]
        check_rejects(lambda: add_tensorrt_graphs(tmp_path / name), ValueError, "Mish")
        return
    errors = add_tensorrt_graphs(tmp_path / name)
    made_of = {key.split()[0] for key in errors}
    assert made_of - {"fp32", "int8", "w4"} == {"fp16", *(["s8s8"] if name == "edsr-s" else [])}
    assert max(error for key, error in errors.items() if key.startswith("fp16")) < 0.02


@torch.no_grad()
def greedily(net, planes):
    """What torch reads where nothing begins a word anew: characters (N, 25), how sure of each."""
    seen = net.visual(planes)
    characters, sure = torch.full((len(planes), 1), BEGIN), []
    for _ in range(LONGEST):
        logits = net.next_characters(seen, characters)[:, -1]
        logits[:, BEGIN] = -1e4
        best = logits.softmax(-1).max(-1)
        characters = torch.cat([characters, best.indices[:, None]], 1)
        sure.append(best.values)
    return characters[:, 1:].tolist(), torch.stack(sure, 1).numpy()


def test_the_runtime_reads_and_enlarges_with_it(made):
    name, weights, folder = made
    crops = np.random.default_rng(5).integers(0, 256, (3, 32, 128, 3), np.uint8)
    for precision in ("fp32", "int8", "w4"):
        arguments = {"precision": precision, "device": "cpu", "threads": 1}
        if name != "cdistnet-s":
            large = tcsdk.SuperResolver(folder, **arguments).upscale(crops[0, :16, :64])
            assert large.shape == (32, 128, 3)
            continue
        said = tcsdk.Recognizer(folder, **arguments).recognize(list(crops))
        assert all(set(each.text) <= set(CHARACTERS) for each in said)
        if precision == "fp32":
            planes = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
            for each, row, p in zip(said, *greedily(weights.net, planes), strict=True):
                length = row.index(END) if END in row else len(row)
                assert each.text == "".join(CHARACTERS[c] for c in row[:length])
                np.testing.assert_allclose(each.confidences, p[:length], atol=1e-4)


def test_a_loop_ends_with_the_last_word(made):
    name, _, folder = made
    if name != "cdistnet-s":
        return
    model = read_model_folder(folder)
    graph = select_engine("cpu", 1).load(model.graph_file("fp32", RECOGNITION))
    bias = np.zeros((2, CLASSES, 1, 1), np.float32)
    words = np.random.default_rng(6).random((2, 3, 32, 128), np.float32)
    lengths = []
    for ends in (0, 1, 2):
        bias[:ends, END] = 1e3
        logits = graph.run({WORD_PIXELS: words, CLASS_BIAS: bias})[CHARACTER_LOGITS]
        assert logits.shape[:3] == (2, CLASSES, 1)
        lengths.append(logits.shape[3])
    assert lengths[0] >= lengths[1] >= lengths[2] == 1
    model_file = onnx.load(str(model.path / "recognition.fp32.onnx"), load_external_data=False)
    assert [node.op_type for node in nodes_of(model_file.graph)].count("Loop") == 1


def test_integer_kernels_take_the_convolutions_that_cost_time(made):
    name, _, folder = made
    if name == "tbsrn-s":  # weights alone
        return
    role = read_model_folder(folder).roles[0]
    graph = onnx.load(str(folder / f"{role}.int8.onnx"), load_external_data=False).graph
    made_by = {output: node.op_type for node in graph.node for output in node.output}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    fed = [node for node in convolutions if made_by.get(node.input[0]) == "DequantizeLinear"]
    rectifying, bordering = 6, {"edsr-s": 1, "cdistnet-s": 1}[name]
    assert len(fed) == len(convolutions) - rectifying - bordering


def test_a_net_without_its_rectifier_is_no_family(tmp_path):
    plain = Edsr(EdsrConfig(width=16, blocks=2, residual=1.0, rectifier=None))
    save_weights(tmp_path / WEIGHTS, plain.state_dict(), Origin("edsr-s", "edsr-natural", 1, 1))
    with pytest.raises(ValueError, match="weights of the net edsr-s, got others"):
        load_crop_net(tmp_path)


def test_the_command_quantises_such_nets(tmp_path, assets):
    run = tmp_path / "run"
    run.mkdir()
    net = stirred(NETS["edsr-s"]())
    save_weights(run / WEIGHTS, net.state_dict(), Origin("edsr-s", "edsr-text", 1, 3))
    few = {"corrections": ("bias",), "activation_clip": "minmax", "types": ("conv",)}
    report = quantise_model(Job(str(run), tmp_path / "made", pictures=1), Request(8), few)
    assert {layer.type for layer in report.layers} == {"conv"}
    model = read_model_folder(tmp_path / "made")
    assert (model.family, set(model.precisions)) == ("edsr-s", {"fp32", "int8"})
    assert (tmp_path / "made" / "report" / "report.md").is_file()
