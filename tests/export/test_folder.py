"""A model folder made from random weights: complete, exact where promised, refused when damaged."""

import hashlib
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from support import manifests

import tcsdk
from tcsdk._kernels import Bundle
from tcsdk.codec.tile import TileDecoder, TileEncoder
from tcsdk.engines import select_engine
from tcsdk.export.entropy.scale_network import to_integers, torch_twin
from tcsdk.export.folder import (
    entropy_bundle,
    load_checkpoint,
    name_of,
    write_folder,
)
from tcsdk.export.verify import verify_graphs, verify_scale_network
from tcsdk.model.manifest import MANIFEST
from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.families import PRIVATE_WIRE_ID
from tcsdk.quant import (
    Options,
    Quantised,
    Quantiser,
    RateDistortion,
    Request,
)
from tcsdk.quant.judge.pictures import Picture
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, save_weights

pytestmark = pytest.mark.train


def gradient(height, width):
    """A smooth picture (3, H, W) float32 in 0..1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.stack([x / width, y / height, 0.5 + 0.5 * np.sin(x / 9)])


class AnyCodec(RateDistortion):
    """Runs codecs that were never trained, whose curves say nothing."""

    def loss(self, reference, scores):
        return 0.0

    def figures(self, reference, scores):
        return {}


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    torch.manual_seed(3)
    codec = EdgeCodec()
    with torch.no_grad():  # gains far from one, so that a gain in the wrong place shows
        codec.gains.log_z_gain.uniform_(-1.0, 1.5)
    root = tmp_path_factory.mktemp("export")
    save_weights(root / WEIGHTS, codec.state_dict(), Origin("edge", "base", 0, 3))
    checkpoint = load_checkpoint(root)
    folder = root / "zoo" / "mine"
    pictures = [gradient(64, 128), 1 - gradient(64, 128)]
    samples = [Picture.plain(torch.from_numpy(picture)) for picture in pictures]
    objective = AnyCodec(samples, samples[:1], (16, 48))
    options = Options(corrections=("bias",), activation_clip="minmax")
    quantiser = Quantiser(checkpoint.codec, objective, options)
    made = {n: quantiser.run(Request(b)).quantised for n, b in (("int8", 8), ("w4", 4))}
    bundle = entropy_bundle(checkpoint, "mine", pictures)
    write_folder(checkpoint, "mine", folder, made, bundle)
    return checkpoint, folder, made


@pytest.fixture
def exported(export):
    """The checkpoint and the model folder."""
    return export[:2]


@pytest.fixture
def quantised(export):
    """The integer forms, by precision."""
    return export[2]


def test_graphs_and_scale_network_equal_torch(exported):
    checkpoint, folder = exported
    results = [
        *verify_graphs(checkpoint, folder, gradient(128, 192)[None]),
        verify_scale_network(checkpoint, folder),
    ]
    assert [r for r in results if not r.ok] == []
    assert {"fp32 x_hat (dB)", "int8 x_hat (dB)", "scale indexes"} <= {r.name for r in results}


def test_integer_network_stays_close_to_the_float_one(exported):
    checkpoint, folder = exported
    bundle = Bundle((folder / "entropy.tcsb").read_bytes())
    network = to_integers(checkpoint.codec.scales, bundle.z_inverse_gain)
    z_hat = np.random.default_rng(1).integers(-4, 5, (32, 5, 6)).astype(np.int8)
    with torch.no_grad():
        dequantised = (
            torch.from_numpy(z_hat.astype(np.float32))
            * torch.tensor(bundle.z_inverse_gain[2])[:, None, None]
        )
        real = checkpoint.codec.scales(dequantised[None])[0].numpy()
    assert np.abs(torch_twin(network, z_hat, 2) - real).max() < 1.0


def test_manifest_lists_every_file_with_its_hash(exported):
    _, folder = exported
    manifest = manifests.read(folder)
    names = {p.name for p in folder.iterdir()} - {MANIFEST}
    assert set(manifest["sha256"]) == names
    for name in names:
        assert manifest["sha256"][name] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    for entry in manifest["precisions"].values():
        assert set(entry["files"]) <= names


def test_families_of_ones_own_get_a_private_wire_id(exported):
    checkpoint, folder = exported
    bundle = Bundle((folder / "entropy.tcsb").read_bytes())
    assert bundle.wire_id == PRIVATE_WIRE_ID
    assert bundle.digest == checkpoint.digest


def test_checkpoint_is_read_back_from_the_model_folder(exported):
    checkpoint, folder = exported
    assert load_checkpoint(folder).digest == checkpoint.digest
    assert load_origin(folder) == checkpoint.origin


def test_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"weights\.safetensors"):
        load_checkpoint(tmp_path)


def test_the_family_is_what_the_weights_say(exported):
    checkpoint, _ = exported
    assert name_of(checkpoint, None) == "base"
    assert name_of(checkpoint, "mine") == "mine"
    on_the_way = replace(checkpoint, origin=replace(checkpoint.origin, recipe="text"))
    with pytest.raises(ValueError, match="got those of 'text': give a name of your own"):
        name_of(on_the_way, None)


def bytes_of(folder, precision):
    files = manifests.read(folder)["precisions"][precision]["files"]
    return sum((folder / name).stat().st_size for name in files)


def test_integer_forms_are_small(exported):
    _, folder = exported
    assert bytes_of(folder, "int8") <= 3_010_000
    assert bytes_of(folder, "w4") <= 1_850_000  # of random weights, which code no shorter


@pytest.mark.parametrize("role", ["analysis", "synthesis"])
def test_precisions_share_structure_and_the_means_network(exported, role):
    """Fewer bits change weights and steps, and nothing of what runs."""
    _, folder = exported
    int8, w4 = (
        onnx.load(str(folder / f"{role}.{name}.onnx"), load_external_data=False)
        for name in ("int8", "w4")
    )
    assert [node.op_type for node in int8.graph.node] == [node.op_type for node in w4.graph.node]
    shared = [
        {
            (e.key, e.value)
            for t in model.graph.initializer
            for e in t.external_data
            if {"location", "means.bin"} <= {x for e in t.external_data for x in (e.key, e.value)}
        }
        for model in (int8, w4)
    ]
    assert shared[0] == shared[1] != set()


def test_every_wide_convolution_runs_on_integers(exported):
    """Of a graph as ONNX Runtime fuses it, only means, hyper-analysis and borders stay float."""
    _, folder = exported
    for role, most in (("analysis", 8), ("synthesis", 5)):
        options = ort.SessionOptions()
        target = folder.parent / f"{role}.fused.onnx"
        options.optimized_model_filepath, options.log_severity_level = str(target), 3
        ort.InferenceSession(
            str(folder / f"{role}.int8.onnx"), options, providers=["CPUExecutionProvider"]
        )
        nodes = onnx.load(str(target), load_external_data=False).graph.node
        # Products by channel become convolutions where a blocked one precedes them.
        kinds = [n.op_type for n in nodes if not n.name.endswith("_mul_nchwc")]
        assert kinds.count("QLinearConv") == 30 - most
        assert kinds.count("Conv") + kinds.count("FusedConv") == most


def test_weights_of_float_arithmetic_are_constants_once_a_graph_is_loaded(exported):
    """Or ONNX Runtime would take convolutions that sum in another order on more threads."""
    _, folder = exported
    for file in sorted(folder.glob("*.onnx")):
        options = ort.SessionOptions()
        target = folder.parent / f"{file.stem}.loaded.onnx"
        options.optimized_model_filepath, options.log_severity_level = str(target), 3
        ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        graph = onnx.load(str(target), load_external_data=False).graph
        constants = {tensor.name for tensor in graph.initializer}
        taken = [n.input[1] for n in graph.node if n.op_type in ("Conv", "FusedConv")]
        assert taken
        assert not set(taken) - constants, file.name


def test_integer_graphs_compute_nearly_what_the_float_ones_do(exported):
    """And not the same: a graph whose rounding was dropped would."""
    _, folder = exported
    picture = gradient(128, 192)[None]
    pixels = np.rint(picture * 255) / 255
    ones = np.ones((1, 32, 1, 1), np.float32)
    feed = {"x": pixels.astype(np.float32), "z_gain": ones, "z_inverse_gain": ones}
    float_d, d = (
        select_engine("cpu").load(folder / f"analysis.{name}.onnx").run(feed)["d"]
        for name in ("fp32", "int8")
    )
    assert 0 < np.abs(d - float_d).mean() < 0.1 * np.abs(float_d).mean()


def test_integer_graphs_compute_what_torch_does_with_these_integers(exported, quantised):
    """Grids of channels, folded into steps and biases, are the same numbers."""
    checkpoint, folder = exported
    net = quantised["int8"].apply(checkpoint.codec)
    assert any(len(set(r.scales)) > 1 for r in quantised["int8"].inputs.values())
    assert any(len(set(r.zeros)) > 1 for r in quantised["int8"].outputs.values())
    pixels = (np.rint(gradient(128, 192)[None] * 255) / 255).astype(np.float32)
    ones = np.ones((1, 32, 1, 1), np.float32)
    feed = {"x": pixels, "z_gain": ones, "z_inverse_gain": ones}
    came = select_engine("cpu").load(folder / "analysis.int8.onnx").run(feed)
    z_hat, d = came["z_hat"], came["d"]
    with torch.no_grad():
        y, plain = (n.analyse(torch.from_numpy(pixels) - 0.5)[0] for n in (net, checkpoint.codec))
        mu = net.means(torch.from_numpy(z_hat))
    rounding = float((y - plain).square().mean())
    assert float((torch.from_numpy(d) + mu - y).square().mean()) < 0.02 * rounding


def test_exported_model_codes_pictures(exported):
    _, folder = exported
    picture = (gradient(100, 150).transpose(1, 2, 0) * 255).astype(np.uint8)
    for precision in ("fp32", "int8", "w4"):
        data = tcsdk.Encoder(folder, precision=precision, quality=40).encode(picture)
        assert tcsdk.Decoder(models=[folder]).decode(data).shape == picture.shape


def test_any_precision_decodes_any_others_symbols(exported, monkeypatch):
    _, folder = exported
    sent, got = [], []

    def keep(kind, name, kept):
        method = getattr(kind, name)

        def call(*arguments, **options):
            kept.append(method(*arguments, **options))
            return kept[-1]

        monkeypatch.setattr(kind, name, call)

    keep(TileEncoder, "analyse", sent)
    keep(TileDecoder, "unpack", got)
    picture = (gradient(128, 192).transpose(1, 2, 0) * 255).astype(np.uint8)
    data = tcsdk.Encoder(folder, precision="w4", quality=50).encode(picture)
    for precision in ("fp32", "int8", "w4"):
        tcsdk.Decoder(models=[folder], precision=precision).decode(data)
    assert len(sent) == 1
    assert len(got) == 3
    outputs, _ = sent[0]
    for decoded in got:
        assert np.array_equal(decoded.z_hat, outputs["z_hat"][0])
        assert np.array_equal(decoded.r, got[0].r)
    assert np.abs(got[0].r).max() > 0


def test_failed_export_leaves_the_old_folder(exported, tmp_path):
    checkpoint, _ = exported
    target = tmp_path / "kept"
    target.mkdir()
    (target / "old").write_text("old")

    with pytest.raises(RuntimeError, match="Missing key"):
        write_folder(checkpoint, "mine", target, {"int8": Quantised({}, {}, {})}, b"no bundle")
    assert [p.name for p in target.iterdir()] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
