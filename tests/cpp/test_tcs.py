"""examples/cpp: the same bytes and the same pixels as Python, on the same ONNX Runtime."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest
from support.cpp import check_fails, ppm
from support.pipes import read_behind
from support.small_model import ADAPTIVE, MODEL, smooth_picture, striped_picture

import tcsdk
from container_bytes import bare_stream
from tcsdk.model.find import find_model
from tcsdk.model.manifest import digest_of

pytestmark = [pytest.mark.cpp, pytest.mark.slow]

ZOO = find_model("base")[0].path
# Widths, heights and tile sides: one pixel, odd sides, several tiles, tiles smaller than the halo.
SIZES = [(1, 1, 512), (37, 53, 512), (700, 333, 512), (333, 200, 64)]


def picture(width: int, height: int) -> np.ndarray:
    noise = np.random.default_rng(5).integers(-12, 13, (height, width, 3))
    return np.clip(smooth_picture(width, height) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(params=[MODEL, ADAPTIVE, ZOO], ids=["small", "adaptive", "base"])
def model(request):
    return request.param


@pytest.mark.parametrize(("width", "height", "tile"), SIZES)
def test_streams_and_pixels_are_those_of_python(tcs, tmp_path, model, width, height, tile):
    pixels = picture(width, height)
    (tmp_path / "in.ppm").write_bytes(ppm(pixels))
    encoder = tcsdk.Encoder(model, device="cpu", threads=1, tile=tile)
    options = ["--model", model, "--threads", 1]
    done = tcs("encode", "in.ppm", "out.tcs", "--tile", tile, *options)
    assert done.returncode == 0, done.stderr
    expected = encoder.encode(pixels)
    assert (tmp_path / "out.tcs").read_bytes() == expected
    done = tcs("decode", "out.tcs", "out.ppm", *options)
    assert done.returncode == 0, done.stderr
    decoded = tcsdk.Decoder("cpu", threads=1, models=[model]).decode(expected)
    assert (tmp_path / "out.ppm").read_bytes() == ppm(decoded)


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_precisions_are_those_of_python(tcs, tmp_path, precision):
    pixels = picture(130, 70)
    (tmp_path / "in.ppm").write_bytes(ppm(pixels))
    done = tcs("encode", "in.ppm", "out.tcs", "--model", ZOO, "--precision", precision)
    assert f"base-{precision} on cpu" in done.stdout
    encoder = tcsdk.Encoder(ZOO, precision=precision, device="cpu")
    assert (tmp_path / "out.tcs").read_bytes() == encoder.encode(pixels)


@pytest.mark.parametrize("max_bytes", [90, 400, 10**6])
def test_the_best_quality_that_fits_is_that_of_python(tcs, tmp_path, model, max_bytes):
    pixels = picture(150, 99)
    (tmp_path / "in.ppm").write_bytes(ppm(pixels))
    encoder = tcsdk.Encoder(model, device="cpu", threads=1)
    done = tcs(
        "encode", "in.ppm", "out.tcs", "--model", model, "--max-bytes", max_bytes, "--threads", 1
    )
    try:
        expected = encoder.encode(pixels, max_bytes=max_bytes)
    except tcsdk.TargetTooSmallError as error:
        check_fails(done, 1, f"takes {error.smallest} bytes")
        assert not (tmp_path / "out.tcs").exists()
    else:
        assert (tmp_path / "out.tcs").read_bytes() == expected


@pytest.mark.parametrize("adaptive", [True, False])
@pytest.mark.parametrize("tile", [64, 512])
def test_small_text_is_coded_finer_as_by_python(tcs, tmp_path, adaptive, tile):
    pixels = striped_picture(300, 200)
    (tmp_path / "in.ppm").write_bytes(ppm(pixels))
    options = ["--model", ADAPTIVE, "--tile", tile, "--adaptive", int(adaptive), "--threads", 1]
    done = tcs("encode", "in.ppm", "out.tcs", *options)
    assert done.returncode == 0, done.stderr
    encoder = tcsdk.Encoder(ADAPTIVE, device="cpu", threads=1, tile=tile)
    assert (tmp_path / "out.tcs").read_bytes() == encoder.encode(pixels, adaptive=adaptive)


def test_text_is_sent_as_by_python_and_printed(tcs, tmp_path):
    (tmp_path / "in.ppm").write_bytes(ppm(picture(150, 99)))
    corners = [(10, 40), (110, 42), (110, 62), (10, 60)]
    (tmp_path / "lines.txt").write_text("00482176\n10,40 110,42 110,62 10,60\tPUMP 7\n")
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=1)
    text, options = ["00482176", (corners, "PUMP 7")], ["--model", MODEL, "--threads", 1]
    for more, limit in (([], None), (["--max-bytes", 500], 500)):
        words = ["encode", "in.ppm", "out.tcs", "--text", "lines.txt", "--force", 1]
        done = tcs(*words, *more, *options)
        assert done.returncode == 0, done.stderr
        expected = encoder.encode(picture(150, 99), text=text, max_bytes=limit)
        assert (tmp_path / "out.tcs").read_bytes() == expected
    assert tcs("text", "out.tcs").stdout.startswith('"00482176"  [sent]\n"PUMP 7"  [sent, at ')


def test_quality_maps_and_small_and_bare_streams_of_python_decode(tcs, tmp_path):
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=1, tile=64)
    untiled = tcsdk.Encoder(MODEL, device="cpu", threads=1)
    small = untiled.encode(picture(600, 90), small=True, text=["A 12"])
    mapped = encoder.encode(picture(200, 130), regions=[(70, 10, 60, 40, 9)])
    decoder = tcsdk.Decoder("cpu", threads=1, models=[MODEL])
    for data in (small, bare_stream(small), mapped):
        (tmp_path / "in.tcs").write_bytes(data)
        done = tcs("decode", "in.tcs", "out.ppm", "--model", MODEL, "--threads", 1, "--force", 1)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "out.ppm").read_bytes() == ppm(decoder.decode(data))


def test_of_two_layers_the_text_layer_is_shown(tcs, tmp_path):
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=1, base_model=MODEL, base_quality=5)
    data = encoder.encode(picture(90, 90))
    (tmp_path / "in.tcs").write_bytes(data)
    done = tcs("decode", "in.tcs", "out.ppm", "--model", MODEL, "--threads", 1)
    assert done.stdout.endswith("first layer of two\n"), done.stderr
    decoder = tcsdk.Decoder("cpu", threads=1, models=[MODEL], layers="first")
    assert (tmp_path / "out.ppm").read_bytes() == ppm(decoder.decode(data))


def test_of_several_models_the_stream_chooses(tcs, tmp_path):
    (tmp_path / "in.tcs").write_bytes(tcsdk.Encoder(MODEL, device="cpu").encode(picture(64, 64)))
    done = tcs("decode", "in.tcs", "out.ppm", "--model", ZOO, "--model", MODEL)
    assert "small-fp32" in done.stdout
    assert (tmp_path / "out.ppm").read_bytes().startswith(b"P6\n64 64\n")
    done = tcs("decode", "in.tcs", "other.ppm", "--model", ZOO)
    check_fails(done, 1, "0xf0f0", "base (0x0002", "--model")


WRONG_USE = {
    "no arguments": ([], "encode or decode"),
    "unknown verb": (["shrink", "a", "b", "--model", "m"], "'shrink'"),
    "unknown option": (["decode", "a", "b", "--quality", "3"], "no option --quality"),
    "no value": (["encode", "a", "b", "--model"], "a value behind --model"),
    "no model": (["encode", "a", "b"], "--model FOLDER"),
    "two models": (["encode", "a", "b", "--model", "m", "--model", "n"], "got 2"),
    "one file": (["encode", "a", "--model", "m"], "INPUT.ppm OUTPUT.tcs", "got 1 file"),
    "a model for text": (["text", "a", "--model", "m"], "expected 0 --model to text, got 1"),
    "two files for text": (["text", "a", "b"], "INPUT.tcs", "got 2 file"),
    "quality": (["encode", "a", "b", "--model", MODEL, "--quality", "64"], "0..63", "'64'"),
    "tile": (["encode", "a", "b", "--model", MODEL, "--tile", "100"], "multiple of 64"),
    "bytes": (["encode", "a", "b", "--model", MODEL, "--max-bytes", "1k"], "'1k'"),
    "threads": (["encode", "a", "b", "--model", MODEL, "--threads", "0"], "1..1024"),
    "precision": (["encode", "a", "b", "--model", MODEL, "--precision", "w4"], "fp32, int8"),
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_code_2(tcs, case):
    arguments, *words = WRONG_USE[case]
    check_fails(tcs(*arguments), 2, *words, "--help")


def test_a_file_is_replaced_by_force_alone(tcs, tmp_path):
    (tmp_path / "in.ppm").write_bytes(ppm(picture(8, 8)))
    (tmp_path / "there").write_bytes(b"old")
    check_fails(tcs("encode", "in.ppm", "there", "--model", MODEL), 1, "exists", "--force 1")
    assert (tmp_path / "there").read_bytes() == b"old"
    (tmp_path / "link").symlink_to("there")
    assert tcs("encode", "in.ppm", "link", "--model", MODEL, "--force", 1).returncode == 0
    assert (tmp_path / "link").is_symlink()
    data = (tmp_path / "there").read_bytes()
    assert tcsdk.inspect(data).width == 8
    (tmp_path / "nowhere").symlink_to("none")
    check_fails(tcs("encode", "in.ppm", "nowhere", "--model", MODEL), 1, "link to nothing")


def test_pipes_are_written_into_and_stay(tcs, tmp_path):
    (tmp_path / "in.ppm").write_bytes(ppm(picture(8, 8)))
    os.mkfifo(tmp_path / "pipe")
    with read_behind(tmp_path / "pipe") as received:
        assert tcs("encode", "in.ppm", "pipe", "--model", MODEL).returncode == 0
    assert tcsdk.inspect(received.bytes).width == 8
    assert (tmp_path / "pipe").is_fifo()


def test_missing_files_and_folders_are_named(tcs, tmp_path):
    (tmp_path / "in.ppm").write_bytes(ppm(picture(8, 8)))
    check_fails(tcs("encode", "no.ppm", "o", "--model", MODEL), 1, "no.ppm", "No such file")
    check_fails(tcs("encode", "in.ppm", "o", "--model", "none"), 1, "none/manifest.json")
    check_fails(tcs("decode", "no.tcs", "o", "--model", MODEL), 1, "no.tcs")
    check_fails(tcs("encode", "in.ppm", "no/o.tcs", "--model", MODEL), 1, "no/", "No such file")
    check_fails(tcs("encode", ".", "o", "--model", MODEL), 1, "directory")
    assert [path.name for path in tmp_path.iterdir()] == ["in.ppm"]


def test_damaged_streams_are_refused(tcs, tmp_path):
    data = tcsdk.Encoder(MODEL, device="cpu").encode(picture(80, 80))
    damages = {
        "not a stream": (b"\x89PNG" + data, "TCS_ERROR_NOT_TCS"),
        "truncated": (data[:-3], "TCS_ERROR_TRUNCATED"),
        "flipped": (data[:-9] + bytes([data[-9] ^ 4]) + data[-8:], "wrong checksum"),
        "longer": (data + b"x", "TCS_ERROR_TRAILING"),
    }
    for name, (damaged, word) in damages.items():
        (tmp_path / "in.tcs").write_bytes(damaged)
        done = tcs("decode", "in.tcs", "out.ppm", "--model", MODEL)
        check_fails(done, 1, "in.tcs: ", word)
        assert not (tmp_path / "out.ppm").exists(), name


def test_a_picture_too_large_is_refused_before_anything_is_made(tcs, tmp_path):
    """65535 x 65535 as one bare tile each: some hundred bytes of payloads of nothing."""
    header = bytes([0xE1, 20, 0xF0, 0xF0]) + b"\xff\xff\x03" * 2
    (tmp_path / "in.tcs").write_bytes(header + b"\x01\x00" * 128 * 128)
    done = tcs("decode", "in.tcs", "out.ppm", "--model", MODEL)
    check_fails(done, 1, "4294836225 pixels")


@pytest.mark.parametrize("graph", ["analysis.onnx", "entropy.tcsb"])
def test_changed_model_files_are_refused(tcs, tmp_path, graph):
    shutil.copytree(MODEL, tmp_path / "model")
    file = tmp_path / "model" / graph
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (tmp_path / "in.ppm").write_bytes(ppm(picture(8, 8)))
    check_fails(tcs("encode", "in.ppm", "o", "--model", "model"), 1, graph, "SHA-256")


MANIFESTS = {
    "format": (3, "manifest format 1 or 2", "got 3"),
    "task": ("recognition", "task codec", 'got "recognition"'),
    "wire_id": (-1, "wire_id", "0..65535", "got -1"),
    "halo": (65, "multiple of 64", "got 65"),
    "latent": (None, "latent", "got nothing"),
    "family": (7, "family as a text", "got 7"),
    "bundle": ("../entropy.tcsb", "plain name of a file"),
    "precisions": ({}, "a precision"),
    "sha256": ({"a": "b"}, "64 hex digits"),
    "default_precision": ([], "an object", "got []"),
    "hyper": (5, "hyper as in entropy.tcsb"),
    "default_quality": (33, "digest"),
}
FITTING = ("hyper",)  # what is found behind the digest


@pytest.mark.parametrize("field", MANIFESTS)
def test_damaged_manifests_are_named(tcs, tmp_path, field):
    value, *words = MANIFESTS[field]
    shutil.copytree(MODEL, tmp_path / "model")
    file = tmp_path / "model" / "manifest.json"
    manifest = json.loads(file.read_text()) | {field: value}
    if value is None:
        del manifest[field]
    if field in FITTING:
        manifest["digest"] = digest_of(manifest)
    file.write_text(json.dumps(manifest))
    (tmp_path / "in.ppm").write_bytes(ppm(picture(8, 8)))
    done = tcs("encode", "in.ppm", "o", "--model", "model")
    check_fails(done, 1, "model/manifest.json", *words)


def test_a_manifest_that_is_not_json_is_named(tcs, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text("{")
    done = tcs("encode", "in.ppm", "o", "--model", "model")
    check_fails(done, 1, "model/manifest.json", "expected JSON")


def test_an_existing_file_is_replaced_whole_and_by_force_alone(tcs, tmp_path):
    (tmp_path / "in.ppm").write_bytes(ppm(picture(40, 40)))
    (tmp_path / "out.tcs").write_bytes(b"old" * 10000)
    words = ("encode", "in.ppm", "out.tcs", "--model", MODEL)
    check_fails(tcs(*words), 1, "out.tcs exists", "--force")
    assert (tmp_path / "out.tcs").read_bytes() == b"old" * 10000
    assert tcs(*words, "--force", "1").returncode == 0
    data = (tmp_path / "out.tcs").read_bytes()
    assert tcsdk.Decoder("cpu", models=[MODEL]).decode(data).shape == (40, 40, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.ppm", "out.tcs"]


def test_help_names_every_option(tcs):
    done = tcs("--help")
    assert done.returncode == 0
    for option in ("--model", "--quality", "--max-bytes", "--tile", "--precision", "--threads"):
        assert option in done.stdout
