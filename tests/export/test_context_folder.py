"""A model folder of a codec with a context: three graphs, and streams as exact as any."""

import shutil

import numpy as np
import onnx
import pytest
import torch
from support import manifests
from support.context_model import picture, pixels, taught, write_context_model
from support.small_model import MODEL, levels_apart, psnr

import tcsdk
from checks import check_rejects
from tcsdk._kernels import decode_tile, encode_tile
from tcsdk.codec.context import coded_elements
from tcsdk.codec.tile import TileDecoder, TileEncoder
from tcsdk.engines import select_engine
from tcsdk.engines.golden import golden_case
from tcsdk.errors import ModelFileError
from tcsdk.export.drawing import write_drawing
from tcsdk.export.folder import load_checkpoint
from tcsdk.export.graphs.roles import CONTEXT_ROLES
from tcsdk.export.tensorrt.graphs import fold_weights
from tcsdk.export.tensorrt.rules import check_graph, graph_files
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.export.verify import verify_scale_network
from tcsdk.export.verify_context import verify_context_graphs
from tcsdk.model.graphs import ANALYSIS, RESIDUAL, SYNTHESIS
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs.elic import ElicCodec, ElicConfig
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.codecs.tcm import TcmCodec, TcmConfig
from tcsdk.models.families import PRIVATE_WIRE_ID, DrawingFamily
from tcsdk.train.render.atlas import FONT
from tcsdk.train.run.weights import Origin, load_weights, save_weights

pytestmark = pytest.mark.train
QUALITY = 45


def elic():
    config = ElicConfig(width=16, latent=24, groups=(4, 4, 16), hyper=8, context=(24, 16))
    return ElicCodec(config)


def tcm():
    config = TcmConfig(
        half=8,
        blocks=1,  # each takes torch long to export
        heads=(8, 8, 8),
        latent=24,
        groups=(8, 16),
        context=(24, 16),
        inner=16,
        hyper=8,
    )
    return TcmCodec(config)


@pytest.fixture(
    scope="module", params=[elic, pytest.param(tcm, marks=pytest.mark.slow)], ids=["elic", "tcm"]
)
def exported(request, tmp_path_factory):
    """The checkpoint and the model folder."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("context") / "mine"
    return write_context_model(folder, taught(request.param())), folder


@pytest.fixture(scope="module")
def folder(exported):
    return exported[1]


def encoder(folder, **options):
    return tcsdk.Encoder(folder, **{"quality": QUALITY, "device": "cpu", "threads": 1, **options})


def decoder(folder, *more, **options):
    return tcsdk.Decoder("cpu", models=[folder, *more], **{"threads": 1, **options})


def kept(monkeypatch, kind, name):
    """What a method gave, call by call."""
    method, results = getattr(kind, name), []

    def call(*arguments, **options):
        results.append(method(*arguments, **options))
        return results[-1]

    monkeypatch.setattr(kind, name, call)
    return results


def test_the_graphs_and_the_scale_network_equal_torch(exported):
    checkpoint, folder = exported
    checks = [
        *verify_context_graphs(checkpoint, folder, picture(64, 64)[None]),
        *verify_context_graphs(checkpoint, folder, picture(128, 192)[None]),
        verify_scale_network(checkpoint, folder),
    ]
    assert [check for check in checks if not check.ok] == []
    assert {"fp32 y (dB)", "fp32 r (share of others)", "fp32 x_hat (dB)"} <= {
        c.name for c in checks
    }


@pytest.fixture(scope="module")
def with_halves(folder, tmp_path_factory):
    """A folder with the FP16 graphs for GPUs."""
    target = tmp_path_factory.mktemp("halves") / folder.name
    shutil.copytree(folder, target)
    add_tensorrt_graphs(target)
    return target


def test_graphs_break_no_rule_of_tensorrts(folder, with_halves):
    for role in (ANALYSIS, RESIDUAL, SYNTHESIS):
        assert check_graph(fold_weights(onnx.load(str(folder / f"{role}.fp32.onnx")))) == []
        assert check_graph(onnx.load(str(with_halves / f"{role}.fp16.onnx"))) == []
    assert len(graph_files(with_halves)) == 3


def test_halves_are_golden_and_decode_the_very_symbols(with_halves, monkeypatch):
    model = read_model_folder(with_halves)
    assert model.default_precision["tensorrt"] == "fp16"
    for role in model.roles:
        case = golden_case(model, "fp16", role)
        assert case.check(select_engine("cpu").load(model.graph_file("fp16", role))) <= 1
    image, got = pixels(128, 192), kept(monkeypatch, TileDecoder, "unpack")
    stream = encoder(with_halves, precision="fp16").encode(image)
    shown = [decoder(with_halves, precision=p).decode(stream) for p in ("fp16", "fp32")]
    assert np.array_equal(got[0].r, got[1].r)
    assert psnr(*shown) > 40


def test_a_folder_names_its_three_graphs_and_shares_what_predicts(folder):
    model = read_model_folder(folder)
    assert model.roles == (ANALYSIS, RESIDUAL, SYNTHESIS)
    assert model.has_context
    assert not read_model_folder(MODEL).has_context
    used = [(folder / f"{role}.fp32.onnx").read_bytes() for role in (RESIDUAL, SYNTHESIS)]
    for graph in used:  # the means once in integers, the context once in the checkpoint
        assert b"means.bin" in graph
        assert b"weights.safetensors" in graph


def test_a_picture_comes_back_as_the_torch_model_has_it(exported, monkeypatch):
    checkpoint, folder = exported
    sent, got = (
        kept(monkeypatch, TileEncoder, "predicted"),
        kept(monkeypatch, TileDecoder, "unpack"),
    )
    image = pixels(128, 192)
    stream = encoder(folder).encode(image)
    shown = decoder(folder).decode(stream)
    codec, bundle = checkpoint.codec, read_model_folder(folder).load_bundle()
    coded = coded_elements(bundle, got[0].z_hat, QUALITY, None)
    assert 0.1 < coded.mean() < 1
    assert (got[0].r[coded] != 0).mean() > 0.1
    assert np.array_equal(got[0].r, sent[0].residual)
    assert not got[0].r[~coded].any()
    # The same in torch: y, the means group by group, and r of what the kernel says is coded.
    level = int(bundle.z_level_of_quality[QUALITY])
    steps = bundle.steps[QUALITY].astype(int) + 128
    gain = torch.tensor(bundle.gain_of_step[steps].reshape(1, -1, 1, 1))
    inverse = torch.tensor(bundle.z_inverse_gain[level].reshape(1, -1, 1, 1))
    z_hat = torch.from_numpy(got[0].z_hat.astype(np.float32))[None]
    with torch.no_grad():
        y, _ = codec.analyse(
            torch.from_numpy(image.transpose(2, 0, 1) / np.float32(255))[None] - 0.5
        )
        residual, synthesis = (CONTEXT_ROLES[r].module(codec).eval() for r in (RESIDUAL, SYNTHESIS))
        r = residual(y, z_hat, inverse, gain, torch.from_numpy(coded.astype(np.float32))[None])
        x_hat = synthesis(z_hat, r, 1 / gain, inverse)
    assert (r[0].numpy() != got[0].r).mean() < 1e-3  # within rounding noise of a half
    made = np.rint(x_hat[0].numpy().transpose(1, 2, 0) * 255).astype(np.uint8)
    assert psnr(made, shown) > 50


def test_the_context_is_used(exported, monkeypatch):
    """Without it the means, and with them r, are others."""
    _, folder = exported
    sent = kept(monkeypatch, TileEncoder, "predicted")
    encoder(folder).encode(pixels(128, 192))
    seen, r = sent[0].seen, sent[0].residual
    bundle = read_model_folder(folder).load_bundle()
    steps = bundle.steps[QUALITY].astype(int) + 128
    plain = np.rint(seen.y[0] * bundle.gain_of_step[steps][:, None, None])
    assert (plain != r).mean() > 0.01


@pytest.mark.parametrize("mapped", [False, True])
def test_what_is_coded_is_what_the_kernel_codes(folder, mapped):
    bundle, rng = read_model_folder(folder).load_bundle(), np.random.default_rng(2)
    for height, width, quality in ((4, 8, 0), (7, 5, 20), (13, 2, 45), (1, 1, 63)):
        z_size = (-(-height // 4), -(-width // 4))
        z_hat = rng.integers(-9, 10, (bundle.hyper, *z_size)).astype(np.int8)
        roi = rng.integers(-128, 128, (height, width)).astype(np.int8) if mapped else None
        ones = np.ones((bundle.latent, height, width), np.int16)
        payload = encode_tile(bundle, z_hat, ones, quality, roi=roi)
        _, r = decode_tile(bundle, payload, quality, height, width, roi=roi)
        coded = coded_elements(bundle, z_hat, quality, roi)[:, :height, :width]
        assert np.array_equal(coded, r != 0)


def test_streams_are_the_same_with_any_number_of_threads(folder):
    image = pixels(200, 330)
    streams = {encoder(folder, threads=n, tile=128).encode(image) for n in (1, 2, 3)}
    assert len(streams) == 1
    shown = [decoder(folder, threads=n).decode(*streams) for n in (1, 2, 3)]
    assert levels_apart(shown[0], shown[1]) <= 1
    assert levels_apart(shown[0], shown[2]) <= 1


def test_floats_of_another_machine_move_pixels_and_no_symbol(exported, tmp_path, monkeypatch):
    """A decoder whose means are off by float noise has the very symbols, and nearly the picture."""
    _, folder = exported
    stream = encoder(folder).encode(pixels(128, 192))
    other = shutil.copytree(folder, tmp_path / "other")
    codec = load_checkpoint(folder).codec
    torch.manual_seed(7)
    with torch.no_grad():
        for parameter in (*codec.grouped.parameters(), *codec.g_s.parameters()):
            parameter.mul_(1 + 1e-5 * torch.randn_like(parameter))
    (other / "synthesis.fp32.onnx").write_bytes(
        CONTEXT_ROLES[SYNTHESIS].export(codec).SerializeToString()
    )
    manifest = manifests.read(other)
    manifest["sha256"]["synthesis.fp32.onnx"] = manifests.digest(other / "synthesis.fp32.onnx")
    manifests.save(other, manifest)
    got = kept(monkeypatch, TileDecoder, "unpack")
    here, there = (decoder(each).decode(stream) for each in (folder, other))
    assert np.array_equal(got[0].z_hat, got[1].z_hat)
    assert np.array_equal(got[0].r, got[1].r)
    assert (got[0].r != 0).mean() > 0.05
    assert levels_apart(here, there) <= 1


def test_tiles_show_the_picture_and_a_region_is_cut_from_the_whole(exported):
    checkpoint, folder = exported
    image = pixels(192, 320)
    whole, tiled = (encoder(folder, tile=t).encode(image) for t in (512, 64))
    one, many = (decoder(folder).decode(stream) for stream in (whole, tiled))
    # Of random weights: attention in windows of 128 pixels looks far beyond a tile of 64.
    assert psnr(one, many) > (20 if isinstance(checkpoint.codec, TcmCodec) else 30)
    part = decoder(folder).decode(tiled, region=(70, 30, 150, 100))
    assert np.array_equal(part, many[30:130, 70:220])


@pytest.mark.parametrize("tile", [64, 512])
def test_regions_are_coded_finer_and_the_rest_as_before(folder, monkeypatch, tile):
    image, sent = pixels(64, 256), kept(monkeypatch, TileEncoder, "predicted")
    own = encoder(folder, quality=20, tile=tile)
    plain = own.encode(image)
    before = np.concatenate([each.residual for each in sent], 2)
    sent.clear()
    raised = own.encode(image, regions=[(192, 0, 64, 64, 20)])
    after = np.concatenate([each.residual for each in sent], 2)
    assert len(raised) > len(plain)
    assert np.abs(after[..., 12:]).sum() > 3 * np.abs(before[..., 12:]).sum() > 0
    assert (after[..., :8] != before[..., :8]).mean() < 0.01  # but for what the context sees
    assert decoder(folder).decode(raised).shape == image.shape


@pytest.mark.parametrize("tile", [64, 512])
def test_searches_layers_and_maps_work(folder, tile):
    image = pixels(128, 192)
    own = encoder(folder, tile=tile, base_model=MODEL, base_quality=10)
    stream = own.encode(image, max_bytes=len(own.encode(image, quality=20)) + 40)
    assert tcsdk.inspect(stream).quality >= 20
    assert decoder(folder, MODEL).decode(stream).shape == image.shape
    rng = np.random.default_rng(0)
    qmap = rng.integers(-20, 21, (8, 12)).astype(np.int8)
    mapped = encoder(folder, tile=tile).encode(image, qmap=qmap)
    assert decoder(folder).decode(mapped).shape == image.shape
    damaged = bytearray(encoder(folder, tile=64).encode(image))
    damaged[-3] ^= 0x55
    shown = decoder(folder, on_error="conceal").decode(bytes(damaged))
    assert shown.shape == image.shape


@pytest.mark.skipif(not FONT.is_file(), reason="needs Debian's fonts-dejavu-core")
def test_sent_text_is_drawn_into_its_pictures_and_nowhere_else(folder, tmp_path):
    zoo = tmp_path / "zoo"
    shutil.copytree(folder, zoo / folder.name)
    torch.manual_seed(4)
    block = {f"fusion.{name}": value for name, value in FusionBlock().state_dict().items()}
    run = tmp_path / "run.safetensors"
    save_weights(run, {**load_weights(folder), **block}, Origin("guided", "drawn", 1, 1))
    row = DrawingFamily("guided", PRIVATE_WIRE_ID + 1, ("drawn",), folder.name, QUALITY)
    write_drawing(run, "drawn", row, zoo / "drawn")
    model = read_model_folder(zoo / "drawn")
    assert model.has_context
    image = pixels(128, 256)
    corners = [(40, 30), (110, 30), (110, 44), (40, 44)]
    own, shows = encoder(zoo / "drawn", tile=128), decoder(zoo / "drawn")
    plain = decoder(folder).decode(encoder(folder, tile=128).encode(image))
    assert np.array_equal(shows.decode(own.encode(image, text=None)), plain)
    stream = own.encode(image, text=[(corners, "Gate 24")])
    drawn, coded = (tcsdk.Decoder("cpu", models=[zoo / "drawn"], drawing=d) for d in (True, False))
    moved = (drawn.decode(stream) != coded.decode(stream)).any(2)
    assert moved[30:44, 40:110].mean() > 0.5
    assert not moved[:, 160:].any()
    assert not moved[80:].any()


def test_a_precision_without_the_graph_that_makes_r_is_refused(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    manifest = manifests.read(other)
    row = dict(manifest["precisions"]["fp32"])
    del row[RESIDUAL]
    manifest["precisions"]["second"] = row
    manifests.save(other, manifest)
    check_rejects(lambda: read_model_folder(other), ModelFileError, "residual", "'second'")


def test_a_graph_that_gives_nan_is_refused(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    codec = load_checkpoint(folder).codec
    with torch.no_grad():
        codec.grouped.gather[-1][-1].bias.fill_(float("nan"))
    file = other / "residual.fp32.onnx"
    file.write_bytes(CONTEXT_ROLES[RESIDUAL].export(codec).SerializeToString())
    manifest = manifests.read(other)
    manifest["sha256"][file.name] = manifests.digest(file)
    manifests.save(other, manifest)
    check_rejects(lambda: encoder(other).encode(pixels(64, 64)), tcsdk.EngineError, "NaN")
