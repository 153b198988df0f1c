"""`tcsdk quantize`: refusals before any work, and the whole of it on a small codec."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tcsdk import Decoder, Encoder
from tcsdk.cli import main
from tcsdk.model.find import find_model, list_models

# Looked up before the tests' own zoo takes their place.
SHIPPED = {model.family: model.path for model in list_models()}


@pytest.fixture
def torch():
    """Skips where there is no torch."""
    return pytest.importorskip("torch", reason="needs the [train] extra: make test-train")


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
    stages = ("tcsdk.quant", "tcsdk.export", "tcsdk.train", "tcsdk.models")
    for name in [n for n in sys.modules if n.startswith(stages)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    code, error = refused(capsys, "base", "-o", str(tmp_path), "--bits", "4")
    assert code == 1
    assert ".[train]" in error


def test_the_command_line_loads_no_torch():
    code = "import sys, tcsdk.cli; assert 'torch' not in sys.modules and 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.train
@pytest.mark.usefixtures("torch")
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
    code, error = refused(capsys, "base", "-o", str(tmp_path / "out"), *arguments)
    assert code == 2
    assert words in error
    assert not (tmp_path / "out").exists()


@pytest.fixture
def made(tmp_path):
    """A folder that holds no model."""
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


@pytest.mark.train
@pytest.mark.usefixtures("torch")
def test_folders_of_other_things_are_left_alone(capsys, made):
    code, error = refused(capsys, "base", "-o", str(made), "--bits", "4", "--force")
    assert code == 1
    assert "expected a new folder or a model's" in error
    assert [p.name for p in made.iterdir()] == ["notes.txt"]


@pytest.mark.train
@pytest.mark.usefixtures("torch")
def test_a_model_folder_is_replaced_by_force_alone(capsys, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    code, error = refused(capsys, "base", "-o", str(tmp_path), "--bits", "4")
    assert code == 1
    assert "use --force" in error


@pytest.mark.train
@pytest.mark.usefixtures("torch")
def test_nets_without_rules_for_integers_are_refused(capsys, tmp_path):
    output = str(tmp_path / "out")
    code, error = refused(capsys, str(SHIPPED["tfic-tinylic"]), "-o", output, "--bits", "8")
    assert code == 2
    assert "rules for integers (EdgeCodec, TcmCodec, Reader, " in error
    assert "got a TinylicCodec" in error


@pytest.mark.train
@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize("family", ["taco", "textboost"])
def test_nets_beside_a_codec_are_refused(capsys, tmp_path, family):
    output = tmp_path / "out"
    code, error = refused(capsys, str(SHIPPED[family]), "-o", str(output), "--bits", "8")
    assert code == 2
    assert "python -m tcsdk.export" in error
    assert not output.exists()


@pytest.mark.train
@pytest.mark.slow
@pytest.mark.usefixtures("torch")
def test_a_folder_is_a_model_that_runs_with_its_report_inside(capsys, tmp_path):
    folder = tmp_path / "out"
    few = ["--pictures", "2", "--corrections", "bias"]
    assert main(["quantize", str(SHIPPED["base"]), "--bits", "6", "-o", str(folder), *few]) == 0
    out, err = capsys.readouterr()
    assert "megabits" in out
    assert [line for line in err.splitlines() if line in ("calibrating", "rounding", "measuring")]
    model = find_model(folder)[0]
    shipped = find_model(SHIPPED["base"])[0]
    assert set(model.precisions) == {"fp32", "w6"}
    assert model.precision_for("cpu", None) == "w6"
    picture = np.full((64, 96, 3), 200, np.uint8)
    picture[20:40, 10:80] = 30
    data = Encoder(folder, quality=40).encode(picture)
    # The entropy bundle is the model's own: what ships decodes what this makes.
    assert model.bundle_hash == shipped.bundle_hash
    decoded = Decoder(models=[shipped.path], precision="fp32").decode(data)
    assert np.abs(decoded.astype(int) - picture).mean() < 12
    report = json.loads((folder / "report" / "report.json").read_text())
    # What is not asked for is as in what ships.
    assert "output" in {layer["clip"] for layer in report["layers"]}
    assert report["loss"] < 50  # %: with clips that mind no input it was 660
    assert (folder / "report" / "report.md").read_text().startswith("# Quantisation: 6 bits")
