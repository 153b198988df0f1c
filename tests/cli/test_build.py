"""`build`, and what `doctor` says about devices."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from tcsdk.cli.build import Steps


@pytest.mark.skipif(find_spec("tensorrt") is not None, reason="TensorRT is there")
def test_build_without_tensorrt_says_what_to_install(run):
    done = run("build", "tfic")
    assert done.code == 1
    assert "MissingRuntimeError" in done.err
    assert ".[trt]" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tfic", "--device", "cpu"], "only TensorRT has plans"),
        (["tfic", "--device", "gpu"], "expected device"),
        (["tfic", "--shapes", "512"], "WIDTHxHEIGHT"),
        (["nothing"], "no model 'nothing'"),
    ],
)
def test_wrong_use_is_refused_before_tensorrt_is_loaded(run, arguments, words):
    done = run("build", *arguments)
    assert done.code == 2
    assert words in done.err


def test_steps_are_one_line_a_phase_without_a_terminal(capsys):
    steps = Steps()
    for step in range(3):
        steps("Tactic selection", step, 2)
    steps("Serialising", 0, 1)
    assert capsys.readouterr().err == "Tactic selection: 2 steps\nSerialising: 1 steps\n"


def test_doctor_says_which_device_runs_which_nodes(run):
    findings = [json.loads(line) for line in run("doctor", "--json").out.splitlines()]
    topics = {finding["topic"]: finding["text"] for finding in findings}
    assert "CPUExecutionProvider" in topics["providers"]
    assert topics["nodes tfic-fp32"].startswith("on cpu: analysis ")
    assert "affinity mask" in topics["threads"]


def test_doctor_fails_where_the_named_device_does_not_run(run):
    done = run("doctor", "--device", "tensorrt:7")
    assert done.code == 1
    assert "FAIL device tensorrt" in done.out
    assert run("doctor", "--device", "gpu").code == 2


def test_doctor_explains_two_builds_of_onnxruntime(run, monkeypatch):
    monkeypatch.setattr("tcsdk.engines.packages.version_of", lambda name: "1.0")
    done = run("doctor", "--device", "cpu")
    assert done.code == 1
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in done.out
