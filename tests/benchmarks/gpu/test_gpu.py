"""The GPU benchmark, rehearsed on the CPU with the small model: streams, exactness, report."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.small_model import MODEL, psnr

import tcsdk
from benchmarks.gpu import __main__ as gpu
from benchmarks.gpu.__main__ import Row, graph_inputs, main, size_of
from benchmarks.gpu.codec import WholeCodec
from benchmarks.gpu.exact import Exactness, picture
from benchmarks.gpu.loading import load_first
from tcsdk.engines import select_engine
from tcsdk.errors import EngineError
from tcsdk.model.read import read_model_folder

pytestmark = pytest.mark.train

SMALL = read_model_folder(MODEL)
WORDS = (
    f"--model {MODEL} --device cpu --precision fp32 --engine runtime --sizes 640x192 128x64 "
    "--batch 2 --turns 2 --pictures 2"
).split()


@pytest.fixture
def codec():
    engine = select_engine("cpu", 1)
    graphs = [engine.load(MODEL / f"{name}.onnx") for name in ("analysis", "synthesis")]
    return WholeCodec.of(SMALL, *graphs, 2)


def test_streams_of_one_graph_call_are_streams_like_others(codec):
    pixels = picture(0, size_of("640x192"))
    data = codec.encode(pixels, 40)
    assert tcsdk.inspect(data).width == 640
    decoded = tcsdk.Decoder("cpu", models=[MODEL], precision="fp32").decode(data)
    whole = codec.decode(data)
    assert whole.shape == pixels.shape
    assert psnr(whole, decoded) >= 35.0  # tiles see 64 pixels around them, not the whole picture


def test_pictures_differ_and_repeat():
    size = size_of("128x64")
    assert np.array_equal(picture(3, size), picture(3, size))
    assert not np.array_equal(picture(3, size), picture(4, size))


def test_inputs_are_those_of_the_graphs():
    inputs = graph_inputs(SMALL, gpu.Size(2, 64, 128))
    assert inputs["analysis"]["x"].shape == (2, 3, 64, 128)
    assert inputs["synthesis"]["r"].shape == (2, SMALL.latent, 4, 8)


def test_the_rehearsal_writes_a_report_and_streams_that_check(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpu, "CPU_PRECISION", "fp32")
    monkeypatch.setattr(gpu, "BATCH_SIZE", size_of("128x64"))
    assert main([*WORDS, "-o", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "rows.json").read_text())
    assert (found["pictures"], found["differing"]) == (2, 0)
    measures = {row["measure"] for row in found["rows"]}
    assert {
        "encode",
        "decode",
        "encode, in tiles",
        "analysis, host to host",
        "synthesis, pictures a second, host to host",
    } <= measures
    assert "onnxruntime" in (tmp_path / "report.md").read_text()
    check = ["--model", str(MODEL), "--check", str(tmp_path)]
    assert main(check) == 0
    digests = json.loads((tmp_path / "digests.json").read_text())
    digests["0001.tcs"] = "0" * 64
    (tmp_path / "digests.json").write_text(json.dumps(digests))
    assert main(check) == 1
    assert "1 with other z_hat or r ['0001.tcs']" in capsys.readouterr().out


def test_exactness_fails_for_other_latents_or_pictures():
    assert Exactness(3, 0, 42.0).ok
    assert not Exactness(3, 1, 60.0).ok
    assert not Exactness(3, 0, 41.9).ok


def test_rows_know_their_targets():
    assert Row.of("encode", "1920x1080", [3.0, 1.0, 2.0]) == Row(
        "encode", "1920x1080", 2.0, pytest.approx(2.8), 12.0
    )
    assert Row.of("encode", "1x1", [1.0]).target is None


def test_no_engine_is_an_error_with_every_reason(capsys):
    with pytest.raises(EngineError, match="runtime: "):
        load_first(SMALL, "fp32", "cuda:0", 1, ["runtime"])
    assert "passed over runtime" in capsys.readouterr().err
