"""Coded sizes and accuracies of the shipped models are pinned: a change is explained or wrong.

Made by tests/makers/pin_sizes.py. Sizes carry 1 %, because image -> bytes goes through floats.
"""

import csv
import importlib.util
import sys
from pathlib import Path

import pytest

import tcsdk
from tcsdk.engines import processor_device
from tcsdk.model.find import find_model, list_codecs

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "examples" / "pictures" / "label.png"
with (ROOT / "tests" / "data" / "pinned.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))
# What draws sent text codes pictures as its codec does.
CODECS = [model for model in list_codecs() if model.drawing is None]
# What a model runs by default on a CPU; elsewhere accuracies are close to it.
DEFAULTS = {f"{m.family}-{m.precision_for('cpu', None)}" for m in CODECS}


def row_name(row):
    return f"{row['model']}-q{row['quality']}"


@pytest.fixture(scope="module")
def demo():
    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples" / "demo.py")
    module = sys.modules["demo"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_shipped_model_is_pinned():
    shipped = {f"{m.family}-{p}" for m in CODECS for p in m.precisions}
    assert {row["model"] for row in ROWS} == shipped


@pytest.mark.parametrize("row", ROWS, ids=row_name)
def test_size_is_within_one_percent_of_the_pinned_one(row):
    folder, precision = find_model(row["model"])
    device = processor_device(folder.precisions[precision])
    data = tcsdk.Encoder(row["model"], device=device).encode(
        PICTURE, quality=int(row["quality"]), scale=1.0
    )
    assert len(data) == pytest.approx(int(row["bytes"]), rel=0.01, abs=4)


@pytest.mark.ocr
@pytest.mark.parametrize("row", [r for r in ROWS if r["model"] in DEFAULTS], ids=row_name)
def test_accuracy_is_the_pinned_one(row, demo):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    encoder = tcsdk.Encoder(row["model"], device="cpu")
    decoded = tcsdk.Decoder("cpu", precision=encoder.engine.precision).decode(
        encoder.encode(PICTURE, quality=int(row["quality"]), scale=1.0)
    )
    truth = PICTURE.with_suffix(".txt").read_text()
    reached = demo.accuracy(truth, demo.text_of(decoded))
    # Two characters of the label's 72: OCR may differ between CPUs on a blurred one.
    assert reached == pytest.approx(float(row["accuracy"]), abs=0.03)
