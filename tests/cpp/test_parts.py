"""examples/cpp without an engine: pictures, plan files, and streams on an emulated AArch64."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from support.cpp import check_fails, ppm
from support.small_model import MODEL, smooth_picture

import tcsdk
from container_bytes import bare_stream
from tcsdk.engines.cuda import Device
from tcsdk.engines.tensorrt.key import key_of_graph
from tcsdk.engines.tensorrt.store import PlanStore

from .conftest import QEMU, runner

pytestmark = [pytest.mark.cpp, pytest.mark.slow]

RAMP = bytes(range(1, 13))
GRAY = np.array([[0, 128, 255], [7, 8, 9]], np.uint8)


def rgb(gray: np.ndarray) -> np.ndarray:
    return np.repeat(gray[:, :, None], 3, axis=2)


# What a file holds -> the picture that it is.
PICTURES = {
    "P6": (b"P6\n2 2\n255\n" + RAMP, np.frombuffer(RAMP, np.uint8).reshape(2, 2, 3)),
    "P5": (b"P5 3 2 255\n" + GRAY.tobytes(), rgb(GRAY)),
    "P2": (b"P2\n# a comment\n3 2\n255\n0 128 255\n7 8 9\n", rgb(GRAY)),
    "P3": (b"P3 1 2 255 1 2 3 4 5 6", np.array([[[1, 2, 3]], [[4, 5, 6]]], np.uint8)),
    "16 bits": (b"P5 2 1 65535\n\xff\xff\x80\x00", rgb(np.array([[255, 128]], np.uint8))),
    "maximum 15": (b"P5 3 1 15\n\x00\x07\x0f", rgb(np.array([[0, 119, 255]], np.uint8))),
    "comment": (b"P5#x\n3 2#y\n255\n" + GRAY.tobytes(), rgb(GRAY)),
    "two pictures": (b"P5 3 2 255\n" + GRAY.tobytes() + b"P5 1 1 255\n\x00", rgb(GRAY)),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_read_as_netpbm_has_them(recode, tmp_path, kind):
    data, expected = PICTURES[kind]
    (tmp_path / "in").write_bytes(data)
    done = recode("picture", "in", "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_bytes() == ppm(expected)


def test_pillows_files_are_read(recode, tmp_path):
    pixels = smooth_picture(31, 17)
    for name, image in (("a.ppm", Image.fromarray(pixels)), ("b.pgm", Image.fromarray(GRAY))):
        image.save(tmp_path / name)
        assert recode("picture", name, "out").returncode == 0
        assert (tmp_path / "out").read_bytes() == ppm(np.asarray(image.convert("RGB")))


REFUSED = {
    "nothing": (b"", "P2, P3, P5 or P6"),
    "a PNG": (b"\x89PNG\r\n", "something else"),
    "a bitmap": (b"P4 8 1\n\x00", "got P4"),
    "no size": (b"P6\n", "ends before the width"),
    "a word": (b"P6 wide 2 255\n", "the width", "another character"),
    "no width": (b"P5 0 1 255\n", "1..65535, got 0"),
    "too wide": (b"P5 65536 1 255\n", "got 65536"),
    "no maximum": (b"P5 1 1 0\n\x00", "the maximum as 1..65535"),
    "too high": (b"P5 1 1 70000\n\x00", "got 70000"),
    "truncated": (b"P6 2 2 255\n" + RAMP[:-1], "expected 12 bytes of samples, 11 left"),
    "huge and empty": (b"P6 65535 65535 65535\n", "25769017350 bytes"),
    "huge and empty text": (b"P3 65535 65535 255\n", "25769017349 bytes"),
    "truncated text": (b"P2 2 1 255\n7 ", "ends before the sample"),
    "above the maximum": (b"P5 1 1 15\n\x10", "sample 16 is above the maximum 15"),
    "no space": (b"P5 1 1 255#", "white space behind the header"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_picture_is_refused(recode, tmp_path, kind):
    data, *words = REFUSED[kind]
    (tmp_path / "in").write_bytes(data)
    check_fails(recode("picture", "in", "out"), 1, "in: ", *words)
    assert not (tmp_path / "out").exists()


KEY = key_of_graph(
    MODEL / "analysis.onnx", "10.3.0", Device(0, "Orin", "8.7", "12.6", "12.6", None)
)


@pytest.fixture
def find_plan(recode):
    return lambda graph="analysis": recode("plan", "plans", "out", MODEL, graph)


def test_plans_of_python_are_found(find_plan, tmp_path):
    store = PlanStore(tmp_path / "plans")
    store.write(KEY, ("512x512",), b"of this model")
    store.write(replace(KEY, model="0" * 64), (), b"of another one")
    store.write(replace(KEY, precision="int8"), (), b"of another precision")
    done = find_plan()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_bytes() == b"of this model"
    check_fails(find_plan("synthesis"), 1, "no plan of small-fp32 synthesis", "tcsdk build")


def test_plans_that_cannot_be_told_apart_are_refused(find_plan, tmp_path):
    store = PlanStore(tmp_path / "plans")
    store.write(KEY, (), b"of one board")
    store.write(replace(KEY, gpu="Thor"), (), b"of another")
    check_fails(find_plan(), 1, "expected one plan", "for each kind of board")


def test_damaged_plans_are_refused(find_plan, tmp_path):
    path = PlanStore(tmp_path / "plans").write(KEY, (), b"machine code")
    sound = path.read_bytes()
    for damaged, words in (
        (sound[:-1] + b"?", "SHA-256"),
        (sound[:40], "is damaged: a header of"),
        (sound.replace(b'{"key', b'{"kez'), "no key"),
        (sound[:12] + b"x" + sound[13:], "no key"),
        (b"ftrt" + sound, "is not a plan"),
    ):
        path.write_bytes(damaged)
        check_fails(find_plan(), 1, str(path.name), words)
    shutil.rmtree(tmp_path / "plans")
    check_fails(find_plan(), 1, "cannot read plans in plans")


def streams() -> dict[str, bytes]:
    encoder = tcsdk.Encoder(MODEL, device="cpu", quality=50)
    tiled = tcsdk.Encoder(MODEL, device="cpu", tile=64)
    return {
        "odd": encoder.encode(smooth_picture(37, 53)),
        "with text": encoder.encode(smooth_picture(37, 53), text=["00482176"]),
        "bare": bare_stream(encoder.encode(smooth_picture(300, 20))),
        "small": encoder.encode(smooth_picture(600, 20), small=True),
        "tiles": tiled.encode(smooth_picture(200, 130)),
        "mapped": tiled.encode(smooth_picture(130, 70), regions=[(70, 10, 50, 40, -9)]),
    }


LINES = """PUMP STATION 7
10,40 110,42 110,62 10,60\t00482.7 m³

\x1b[2J "quoted" \\ \u009f
"""
CORNERS = [(10, 40), (110, 42), (110, 62), (10, 60)]


def test_lines_of_a_file_become_the_payload_that_python_writes(recode, tmp_path):
    (tmp_path / "lines.txt").write_text(LINES, encoding="utf-8")
    assert recode("given", "lines.txt", "out").returncode == 0
    first, placed, _, last = LINES.splitlines()
    text = [first, (CORNERS, placed.partition("\t")[2]), last]
    encoder = tcsdk.Encoder(MODEL, device="cpu")
    assert (tmp_path / "out").read_bytes() in encoder.encode(smooth_picture(300, 200), text=text)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_text_of_a_stream_is_printed_and_steers_no_terminal(recode, tmp_path, scale):
    encoder = tcsdk.Encoder(MODEL, device="cpu")
    text = [LINES.splitlines()[0], (CORNERS, "00482.7 m³"), "\x1b[2J \u009f\\"]
    data = encoder.encode(smooth_picture(300, 200), text=text, scale=scale)
    (tmp_path / "in.tcs").write_bytes(data)
    done = recode("text", "in.tcs", "out")
    assert done.returncode == 0, done.stderr
    x, y = (round(float(value)) for value in tcsdk.inspect(data).text.lines[1].polygon[0])
    assert (tmp_path / "out").read_text(encoding="utf-8").splitlines() == [
        '"PUMP STATION 7"  [sent]',
        f'"00482.7 m³"  [sent, at {x},{y}]',
        '"\\u001b[2J \\u009f\\\\"  [sent]',
    ]


def test_a_stream_without_text_prints_nothing(recode, tmp_path):
    (tmp_path / "in.tcs").write_bytes(streams()["odd"])
    assert recode("text", "in.tcs", "out").returncode == 0
    assert (tmp_path / "out").read_bytes() == b""


NO_LINES = {
    "three corners": (b"ok\n1,2 3,4 5,6\tA", "lines.txt:2: expected TEXT, or x,y"),
    "no numbers": (b"a,b c,d e,f g,h\tA", "lines.txt:1: expected TEXT, or x,y"),
    "no UTF-8": (b"\xff\xfe", "UTF-8"),
    "too many": (b"7\n" * 4096, "4095"),
}


@pytest.mark.parametrize("case", NO_LINES)
def test_what_are_no_lines_is_refused(recode, tmp_path, case):
    data, *words = NO_LINES[case]
    (tmp_path / "lines.txt").write_bytes(data)
    check_fails(recode("given", "lines.txt", "out"), 1, *words)


@pytest.mark.parametrize("name", ["odd", "bare", "small", "tiles", "mapped", "with text"])
def test_latents_of_a_stream_make_the_stream_again(recode, tmp_path, name):
    (tmp_path / "in.tcs").write_bytes(streams()[name])
    done = recode("stream", "in.tcs", "out.tcs", MODEL)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.tcs").read_bytes() == (tmp_path / "in.tcs").read_bytes()


@pytest.mark.parametrize("simd", ["generic", "neon"])
def test_aarch64_codes_the_same_bytes(aarch64_parts, tmp_path, simd):
    """Under emulation."""
    emulated = runner(tmp_path, "env", f"TCSDK_SIMD={simd}", QEMU, aarch64_parts / "tcs_recode")
    for name, data in streams().items():
        (tmp_path / "in.tcs").write_bytes(data)
        done = emulated("stream", "in.tcs", f"{name}.tcs", MODEL)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"{name}.tcs").read_bytes() == data
    pixels = smooth_picture(31, 17)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PPM")
    (tmp_path / "in.ppm").write_bytes(file.getvalue())
    assert emulated("picture", "in.ppm", "out.ppm").returncode == 0
    assert (tmp_path / "out.ppm").read_bytes() == ppm(pixels)
