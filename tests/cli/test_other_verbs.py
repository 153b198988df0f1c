"""`info`, `read`, `models`, and the program itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk

PICTURE = smooth_picture(120, 90)


@pytest.fixture
def stream(tmp_path):
    data = tcsdk.Encoder(MODEL, quality=40, tile=64).encode(PICTURE, user=b"abc")
    (tmp_path / "a.tcs").write_bytes(data)
    return tmp_path / "a.tcs"


def test_info_describes_streams(run, stream):
    done = run("info", "a.tcs")
    assert done.code == 0
    for words in ("120x90", "quality  40", "4 tiles of 64", "user 3 bytes", "tfic"):
        assert words in done.out
    (record,) = map(json.loads, run("info", "a.tcs", "--json").out.splitlines())
    assert record["input"] == "a.tcs"
    assert record["tiles"] == 4
    assert record["chunks"][0] == {"type": 0x83, "name": "user", "bytes": 3}


def test_info_of_a_damaged_stream_fails_alone(run, stream, tmp_path):
    (tmp_path / "bad.tcs").write_bytes(stream.read_bytes()[:40])
    done = run("info", "bad.tcs", "a.tcs")
    assert done.code == 1
    assert "TruncatedStreamError" in done.err
    assert "120x90" in done.out


def test_models_are_listed(run, zoo):
    done = run("models")
    assert done.code == 0
    assert "tfic-int8" in done.out
    assert "0xf0f0" in done.out
    (record,) = map(json.loads, run("models", "--json").out.splitlines())
    assert record["ids"] == ["tfic-fp32", "tfic-int8"]
    assert record["path"] == str(zoo / "tfic")
    assert len(run("models", MODEL, "--json").out.splitlines()) == 2


def test_a_missing_runtime_is_code_1_and_a_message(run, monkeypatch, stream):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    done = run("decode", "a.tcs", "-o", "x.png")
    assert done.code == 1
    assert ".[cpu]" in done.err


def test_the_program_prints_its_version(run):
    done = run("--version")
    assert (done.code, done.out) == (0, f"tcsdk {tcsdk.__version__}\n")


def test_without_a_verb_the_help_is_printed(run):
    done = run()
    assert (done.code, done.err) == (0, "")
    assert done.out == run("--help").out


@pytest.mark.ocr
def test_where_there_is_no_text_nothing_is_printed(run, stream, tmp_path):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    (tmp_path / "b.tcs").write_bytes(stream.read_bytes())
    assert run("read", "a.tcs").out == ""
    assert run("read", "a.tcs", "b.tcs").out.splitlines()[:2] == ["a.tcs:", "b.tcs:"]


def test_help_names_verbs_and_exit_codes(run):
    done = run("--help")
    assert done.code == 0
    for word in ("encode", "decode", "info", "read", "models", "doctor", "exit codes"):
        assert word in done.out


def test_a_reader_that_leaves_early_is_no_traceback(stream):
    code = f"{sys.executable} -m tcsdk info {'a.tcs ' * 400} | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"{code}; exit ${{PIPESTATUS[0]}}"],
        cwd=stream.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)


@pytest.mark.ocr
def test_read_prints_the_text(run, tmp_path):
    pytest.importorskip("rapidocr")
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (300, 80), "white")
    font = ImageFont.load_default(36)
    ImageDraw.Draw(image).text((20, 15), "LINE 5280", font=font, fill="black")
    image.save(tmp_path / "t.png")
    done = run("read", "t.png")
    assert done.code == 0
    assert done.out.replace(" ", "") == "LINE5280\n"
    (record,) = map(json.loads, run("read", "t.png", "--json").out.splitlines())
    assert record["lines"][0]["text"].replace(" ", "") == "LINE5280"
    (line, *_) = record["lines"]
    assert np.array(line["polygon"]).shape == (4, 2)
    assert np.mean(line["confidences"]) == pytest.approx(line["confidence"], abs=1e-3)
    (tmp_path / "junk.png").write_bytes(b"junk")
    done = run("read", "junk.png", "t.png")
    assert done.code == 1
    assert "junk.png: ImageError" in done.err


@pytest.mark.ocr
def test_read_decodes_streams(run, stream):
    pytest.importorskip("rapidocr")
    done = run("read", "a.tcs", "--json")
    assert json.loads(done.out) == {"input": "a.tcs", "lines": []}
