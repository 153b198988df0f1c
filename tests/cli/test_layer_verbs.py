"""Layers, regions and verification on the command line."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
from PIL import Image
from support.fake_reader import FakeReader, line
from support.small_model import ADAPTIVE, DETECTOR, MODEL, file_of, striped_picture

import tcsdk
from tcsdk.reading.reader import PPOCRReader

PICTURE = striped_picture(160, 128)


@pytest.fixture
def photo(tmp_path):
    (tmp_path / "photo.png").write_bytes(file_of(PICTURE))
    return tmp_path / "photo.png"


def test_two_layers_are_written_listed_and_shown(run, photo):
    layered = ("--model", MODEL, "-q", 10, "--base-model", DETECTOR, "--base-quality", 50)
    assert run("encode", "photo.png", *layered).code == 0
    done = run("info", "photo.tcs")
    assert "quality  10" in done.out
    assert "base     not installed (wire id 0xf0f1)" in done.out
    (record,) = map(json.loads, run("info", "photo.tcs", "--json").out.splitlines())
    assert [layer["quality"] for layer in record["layers"]] == [10, 50]
    models = ("--model", MODEL, "--model", DETECTOR)
    for layers in ("first", "base", "blend"):
        target = f"{layers}.png"
        done = run("decode", "photo.tcs", "-o", target, "--layers", layers, *models)
        assert done.code == 0, done.err
        shown = tcsdk.Decoder("cpu", models=[MODEL, DETECTOR], layers=layers).decode(
            photo.with_suffix(".tcs")
        )
        with Image.open(photo.with_name(target)) as image:
            np.testing.assert_array_equal(np.asarray(image), shown)


def test_a_cut_stream_shows_its_text_layer(run, photo):
    layered = ("--model", MODEL, "--base-model", DETECTOR, "--base-quality", 50)
    run("encode", "photo.png", *layered)
    stream = photo.with_suffix(".tcs")
    stream.write_bytes(stream.read_bytes()[:-9])
    models = ("--model", MODEL, "--model", DETECTOR, "-o", "back.png")
    assert "TruncatedStreamError" in run("decode", "photo.tcs", *models).err
    assert run("decode", "photo.tcs", "--layers", "first", *models).code == 0
    done = run("decode", "photo.tcs", "--conceal", "--json", "--force", *models)
    record = json.loads(done.out)
    assert (record["concealed"], record["concealed_base"]) == ([], [0])


def test_regions_and_text_are_boosted(run, photo):
    boosts = ("--text-boost", 6, "--roi", "0,0,16,16,9", "--roi", "16,0,16,16,-3")
    assert run("encode", "photo.png", "--model", DETECTOR, "-q", 10, *boosts).code == 0
    regions = [(0, 0, 16, 16, 9), (16, 0, 16, 16, -3)]
    encoder = tcsdk.Encoder(DETECTOR, quality=10)
    expected = encoder.encode(PICTURE, text_boost=6, regions=regions)
    assert photo.with_suffix(".tcs").read_bytes() == expected


def test_models_say_whether_they_find_text(run):
    assert "finds text" not in run("models").out
    done = run("models", DETECTOR)
    assert "finds text" in done.out
    records = [json.loads(line) for line in run("models", DETECTOR, "--json").out.splitlines()]
    assert [record["detects_text"] for record in records] == [True, False]


def test_steps_that_a_model_asks_for_can_be_left_out(run, photo):
    encoder = tcsdk.Encoder(ADAPTIVE, quality=10)
    for arguments, adaptive in (([], True), (["--no-adaptive"], False)):
        assert run("encode", "photo.png", "--model", ADAPTIVE, "-q", 10, "-f", *arguments).code == 0
        stream = photo.with_suffix(".tcs").read_bytes()
        assert stream == encoder.encode(PICTURE, adaptive=adaptive)
    assert "codes small and faint text finer" in run("models", ADAPTIVE).out


def test_a_boost_without_detector_fails_with_advice(run, photo):
    done = run("encode", "photo.png", "--text-boost", 3)
    assert done.code == 1
    assert "NoDetectorError" in done.err
    assert "give --roi" in done.err


@pytest.mark.parametrize("region", ["1,2,3,4", "a,b,c,d,e", "1,2,3,4,5,6"])
def test_wrong_regions_are_wrong_use(run, photo, region):
    done = run("encode", "photo.png", "--roi", region)
    assert done.code == 2
    assert "x,y,width,height" in done.err


@pytest.fixture
def reading(monkeypatch):
    """Put a reader in the OCR's place: the same line of every picture, and what streams say."""
    pytest.importorskip("rapidocr", reason="--verify needs the [ocr] extra")

    def use(*pictures):
        here = threading.local()  # each picture is read by one thread

        def find(self, pixels):
            differs = any(np.array_equal(pixels, picture) for picture in pictures)
            needs = {"A1": 99.0} if differs else {}
            here.reader = FakeReader(pixels, [line("A1", 10, 10, 40)], needs, {"A1": "A7"})
            return here.reader.find(pixels)

        monkeypatch.setattr(PPOCRReader, "find", find)
        monkeypatch.setattr(PPOCRReader, "read", lambda self, *asked: here.reader.read(*asked))

    return use


def test_verification_is_reported(run, photo, reading):
    reading()
    done = run("encode", "photo.png", "--verify", "-q", 30)
    assert done.code == 0, done.err
    assert "ms to verify: 1 of 1 lines agree" in done.out
    assert done.err == ""
    done = run("encode", "photo.png", "--verify", "--json", "-f", "-q", 30)
    report = json.loads(done.out)["verification"]
    assert report["agreed"]
    assert (report["quality"], report["rounds"], report["raised"]) == (30, 1, [])
    assert report["ms"] > 0


def test_text_that_is_not_verified_has_an_exit_code_of_its_own(run, photo, reading):
    other = photo.with_name("other.png")
    other.write_bytes(file_of(PICTURE[::-1].copy()))
    reading(PICTURE)
    verify = ("encode", "photo.png", "other.png", "-o", "out/", "--verify", "--scale", 1)
    done = run(*verify)
    assert done.code == 3
    assert done.err == 'photo.png: not verified: "A1" is read as "A7" (at 10,10, 40x20)\n'
    assert "2 of 2 done, 1 not verified" in done.out
    assert photo.with_name("out").joinpath("photo.tcs").is_file()
    assert run(*verify, "--force", "--quiet").err == done.err
    done = run(*verify, "--force", "--json")
    assert done.code == 3
    assert done.err == ""
    assert [json.loads(line)["verification"]["agreed"] for line in done.out.splitlines()] == [
        False,
        True,
    ]
    assert run(*verify, "--force", "--verify-lines", "A7").code == 3  # photo.png has no such line
    assert run("encode", "none.png", *verify[1:], "--force").code == 1  # a failure weighs more
    assert run("encode", "photo.png", "--verify-lines", "A").code == 2
