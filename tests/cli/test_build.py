"""`build`."""

from __future__ import annotations

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
