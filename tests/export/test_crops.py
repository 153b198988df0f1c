"""A recogniser's model folder: the graphs say what torch says, at any batch and width."""

import numpy as np
import pytest
import torch

import tcsdk
from checks import check_rejects
from tcsdk import errors
from tcsdk.engines import select_engine
from tcsdk.export.crops import load_crop_net, verify_crops, write_crop_folder
from tcsdk.model.find import find_model
from tcsdk.model.folder import RecogniserFolder
from tcsdk.model.graphs import CLASS_LOGITS, GRAPHS, LINE_PIXELS, RECOGNITION
from tcsdk.model.grids import LINE_HEIGHT, LINE_STEP
from tcsdk.model.read import read_model_folder
from tcsdk.models.recognition.reader import CHARACTERS, Reader
from tcsdk.quant import Options, Quantiser, Request
from tcsdk.quant.judge.line_objective import LineReading, LineSamples
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, save_weights

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run's folder with random weights."""
    torch.manual_seed(5)
    folder = tmp_path_factory.mktemp("run")
    save_weights(folder / WEIGHTS, Reader().state_dict(), Origin("reader", "reader", 0, 5))
    return folder


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(6)
    widths = (64, 96)
    samples = [LineSamples(torch.rand(2, 3, LINE_HEIGHT, width), ("a1", "b")) for width in widths]
    return LineReading(samples, samples[:1])


@pytest.fixture(scope="module")
def folder(run, objective, tmp_path_factory):
    """The model folder, FP32 and INT8."""
    weights = load_crop_net(run)
    options = Options(corrections=("bias",), activation_clip="minmax")
    result = Quantiser(weights.net, objective, options).run(Request(8))
    target = tmp_path_factory.mktemp("zoo") / "reader"
    write_crop_folder(weights, "reader", target, {"int8": result.quantised})
    return target


def test_each_precision_says_what_torch_says(run, folder):
    checks = verify_crops(load_crop_net(run), folder)
    assert [check.name.split()[0] for check in checks] == ["fp32", "int8"]
    assert all(check.ok for check in checks), checks


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize(("lines", "width"), [(1, 8), (3, 64), (2, 808)])
def test_graphs_take_any_batch_and_width(folder, precision, lines, width):
    model = read_model_folder(folder)
    graph = select_engine("cpu", 1).load(model.graph_file(precision, RECOGNITION))
    row = GRAPHS[RECOGNITION]
    (name,), (output,) = row.inputs, row.outputs
    assert (name, output) == (LINE_PIXELS, CLASS_LOGITS)
    logits = graph.run({name: np.zeros((lines, 3, LINE_HEIGHT, width), np.float32)})[output]
    assert logits.shape == (lines, 1 + len(CHARACTERS), 1, width // LINE_STEP)
    assert logits.dtype == np.float32


def test_the_folder_is_a_recognisers(run, folder):
    model = read_model_folder(folder)
    assert isinstance(model, RecogniserFolder)
    assert model.characters == CHARACTERS
    assert model.default_precision["cpu"] == "int8"
    assert find_model(folder, task=RECOGNITION)[0] == model
    check_rejects(lambda: find_model(folder), errors.WrongTaskError, "'codec'")
    assert load_origin(folder) == load_origin(run)


def test_its_int8_files_take_less_than_two_megabytes(folder):
    model = read_model_folder(folder)
    files = model.precisions["int8"]["files"]
    assert sum((folder / name).stat().st_size for name in files) < 1_600_000


def test_the_runtime_reads_with_it(folder):
    said = tcsdk.Recognizer(folder, device="cpu", threads=1).recognize(
        [np.full((20, 90, 3), 128, np.uint8)]
    )
    assert len(said) == 1
    assert set(said[0].text) <= set(CHARACTERS)


def test_integer_kernels_take_all_but_the_logits(folder):
    """Convolutions between quantised arrays are fused; the last one stays float."""
    import onnx

    graph = onnx.load(folder / "recognition.int8.onnx", load_external_data=False).graph
    makers = {output: node for node in graph.node for output in node.output}
    takers = [node for node in graph.node if node.op_type == "Conv"]
    integer = [node for node in takers if makers[node.input[0]].op_type == "DequantizeLinear"]
    depthwise_or_even = [n for n in takers if makers[n.input[0]].op_type in ("Mul", "Add")]
    assert len(takers) == 38
    assert len(integer) + len(depthwise_or_even) >= 36


def test_weights_of_others_are_refused(tmp_path):
    save_weights(tmp_path / WEIGHTS, {"a": torch.zeros(3)}, Origin("reader", "reader", 0, 5))
    with pytest.raises(ValueError, match="weights of the net reader"):
        load_crop_net(tmp_path)
