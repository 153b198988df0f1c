"""`upscale`, `recognize`, `read --upscale`, and what `models` says of such models."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from support import manifests
from support.crop_models import RESOLUTION, WORDS, word


@pytest.fixture(autouse=True)
def crop_models(zoo):
    """The small models under the shipped names."""
    for folder, name in ((RESOLUTION, "edsr-s"), (WORDS, "cdistnet-s")):
        shutil.copytree(folder, zoo / name)
        manifests.edit(zoo / name, family=name)


@pytest.fixture
def crop(tmp_path):
    Image.fromarray(np.full((16, 90, 3), 90, np.uint8)).save(tmp_path / "word.png")
    return tmp_path / "word.png"


def size_of(file):
    """Width and height of a picture."""
    with Image.open(file) as image:
        return image.size


def test_a_crop_is_enlarged_beside_itself_or_where_asked(run, crop, tmp_path):
    done = run("upscale", "word.png")
    assert (done.code, "word.x2.png  180x32" in done.out) == (0, True)
    assert size_of(tmp_path / "word.x2.png") == (180, 32)
    assert run("upscale", "word.png").code == 1  # it is there
    done = run("upscale", "word.png", "-o", "out.png", "--height", "64", "--json")
    record = json.loads(done.out)
    assert (record["width"], record["height"], record["model"]) == (360, 64, "edsr-s-fp32")
    assert size_of(tmp_path / "out.png") == (360, 64)


def test_crops_go_through_pipes(crop):
    command = [sys.executable, "-m", "tcsdk", "upscale", "-", "-o", "-", "--model", str(RESOLUTION)]
    done = subprocess.run(command, input=crop.read_bytes(), capture_output=True, check=True)
    assert size_of(io.BytesIO(done.stdout)) == (180, 32)


def test_one_bad_crop_fails_alone(run, crop, tmp_path):
    Image.new("RGB", (2, 2)).save(tmp_path / "dot.png")
    done = run("upscale", "dot.png", "word.png")
    assert done.code == 1
    assert "dot.png: ImageError: expected a crop of text" in done.err
    assert (tmp_path / "word.x2.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "tfic"), "WrongTaskError"),
        (("--model", "nobody"), "UnknownModelError"),
        (("--height", "3"), "8..8192"),
        (("-o", "a.txt"), ".txt"),
    ],
)
def test_wrong_use_is_code_2(run, crop, arguments, said):
    done = run("upscale", "word.png", *arguments)
    assert (done.code, said in done.err) == (2, True), done.err


def test_words_are_recognised(run, tmp_path):
    for text in ("12", "345"):
        Image.fromarray(word(text)).save(tmp_path / f"{text}.png")
    done = run("recognize", "12.png", "345.png", "--model", "cdistnet-s")
    assert done.code == 0
    assert done.out.splitlines()[:2] == ["12.png: 12", "345.png: 345"]
    done = run("recognize", "12.png", "--model", "cdistnet-s", "--json")
    record = json.loads(done.out)
    assert (record["text"], record["model"]) == ("12", "cdistnet-s-fp32")
    assert len(record["confidences"]) == 2
    done = run("recognize", "12.png", "--model", "cdistnet-s", "--characters", "2x")
    assert (done.code, "'x'" in done.err) == (2, True)


def test_a_crop_that_cannot_be_read_fails_alone(run, tmp_path):
    Image.fromarray(word("7")).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    done = run("recognize", "b.png", "a.png", "--model", "cdistnet-s")
    assert done.code == 1
    assert "a.png: 7" in done.out
    assert "b.png: ImageError" in done.err


def test_models_say_what_they_do(run):
    out = run("models").out
    assert "super_resolution, " in out
    assert "recognition of words, " in out
    assert "codec, wire id" in out
    records = {r["family"]: r for r in map(json.loads, run("models", "--json").out.splitlines())}
    assert records["cdistnet-s"]["reads"] == "words"
    assert records["cdistnet-s"]["characters"] == "0123456789"
    assert records["edsr-s"]["task"] == "super_resolution"


@pytest.mark.ocr
def test_read_takes_a_net_for_small_lines(run, tmp_path):
    pytest.importorskip("rapidocr")
    Image.new("RGB", (80, 40), "white").save(tmp_path / "a.png")
    assert run("read", "--upscale", "a.png").code == 0
    assert run("read", "--upscale-with", RESOLUTION, "a.png").code == 0
    assert run("read", "a.png", "--upscale-with", "cdistnet-s").code == 2
