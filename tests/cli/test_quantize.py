"""`tcsdk quantize`: refusals before any work, and the whole of it on a small codec."""

import json
import subprocess
import sys

import pytest

from tcsdk.cli import main


def refused(capsys, *arguments):
    try:
        code = main(["quantize", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    assert code in (1, 2)
    return code, capsys.readouterr().err


def test_one_size_has_to_be_asked_for(capsys):
    assert refused(capsys, "base", "-o", "x")[0] == 2
    code, error = refused(capsys, "base", "-o", "x", "--bits", "4", "--max-mb", "1")
    assert code == 2
    assert "not allowed with" in error


def test_the_extra_is_named_where_torch_is_missing(capsys, monkeypatch, tmp_path):
    for name in [n for n in sys.modules if n.startswith("tcsdk.quant")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    code, error = refused(capsys, "base", "-o", str(tmp_path), "--bits", "4")
    assert code == 1
    assert ".[train]" in error


def test_the_command_line_loads_no_torch():
    code = "import sys, tcsdk.cli; assert 'torch' not in sys.modules and 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.train
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bits", "9"], "whole number 2..8, got 9"),
        (["--bits", "4", "--types", "gru"], "got gru"),
        (["--bits", "4", "--clip", "median"], "got 'median'"),
        (["--max-mb", "-1"], "max_mb above zero"),
    ],
)
def test_bad_arguments_are_wrong_use(capsys, tmp_path, arguments, words):
    pytest.importorskip("torch", reason="needs the [train] extra: make test-train")
    code, error = refused(capsys, "base", "-o", str(tmp_path / "out"), *arguments)
    assert code == 2
    assert words in error
    assert not (tmp_path / "out").exists()


@pytest.mark.train
@pytest.mark.slow
def test_a_folder_holds_integers_report_and_plot(capsys, tmp_path):
    torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")
    from tcsdk.quant import Quantised
    from tcsdk.quant.command import load_codec

    folder = tmp_path / "out"
    assert main(["quantize", "base", "--bits", "6", "-o", str(folder), "--pictures", "2",
                 "--corrections", "bias"]) == 0  # fmt: skip
    assert "megabits" in capsys.readouterr().out
    quantised = Quantised.load(folder / "quantised.safetensors")
    net = quantised.apply(load_codec("base"))
    with torch.no_grad():
        output = net(torch.rand(1, 3, 64, 64), torch.tensor([32]))
    assert torch.isfinite(output.x_hat).all()
    report = json.loads((folder / "report.json").read_text())
    assert len(report["layers"]) == len(quantised.weights)
    # What is not asked for is as in what ships.
    assert "output" in {layer["clip"] for layer in report["layers"]}
    assert report["loss"] < 50  # %: with clips that mind no input it was 660
    assert (folder / "report.md").read_text().startswith("# Quantisation: 6 bits")
