"""Nets that no encoder can be made of, measured in torch."""

import csv
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from PIL import Image
from support.captioned_model import ZOO, random_weights
from support.small_model import smooth_picture

import tcsdk
from benchmarks.paths import LABEL
from benchmarks.sets.captioned import told, without_text
from benchmarks.studies import captions_simulated
from benchmarks.studies.captions_simulated import COMPARISONS, STREAMS, Condition, coded, main
from benchmarks.studies.captions_trained import DONE
from checks import check_rejects
from tcsdk.models.registry import codec_of
from tcsdk.train.codec.features import PACKAGE
from tcsdk.train.codec.told import Wording, states
from tcsdk.train.run.weights import load_weights

pytestmark = pytest.mark.train


@pytest.mark.usefixtures("one_thread")
def test_it_is_about_what_a_stream_comes_to():
    encoder = tcsdk.Encoder(ZOO / "taco", device="cpu", precision="fp32")
    decoder = tcsdk.Decoder("cpu", precision="fp32", models=[ZOO / "tfic"])
    with Image.open(LABEL) as image:
        pixels = np.asarray(image.convert("RGB"))[:250, :250]
    stream = encoder.encode(pixels, quality=40, caption="a red wall", scale=1.0, text=None)
    weights = {**load_weights(ZOO / "tfic"), **load_weights(ZOO / "taco")}
    net = codec_of(weights, "edge-captioned")
    with torch.inference_mode():
        caption = states(net, Wording().cut(["a red wall"]))
    size, seen = coded(net, pixels, caption, 40)
    assert 0.95 < size / len(stream) < 1.15
    assert np.abs(seen.astype(int) - decoder.decode(stream)).mean() < 2.5


@pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")
@pytest.mark.usefixtures("one_thread")
def test_nets_are_compared_with_one(tmp_path, monkeypatch):
    for recipe in ("taco-hand", "taco-names", "taco-open"):
        run = tmp_path / "runs" / "1" / recipe
        run.mkdir(parents=True)
        random_weights(run / "weights.safetensors", recipe)
        (run / DONE).touch()
    names, said = ("one", "two"), ("a wall of 1886", "sand")
    pixels = [smooth_picture(64, 64 + 40 * n) for n in range(2)]
    seen = [without_text(p, text, text, text) for p, text in zip(pixels, said, strict=True)]
    pictures = told(list(zip(names, pixels, strict=True)), seen)
    monkeypatch.setitem(captions_simulated.CAPTIONED_SETS, "rendered", lambda *_: pictures)
    arguments = ["--over", "taco-hand", "--sets", "rendered", "--results", str(tmp_path)]
    compared = ["taco-names", "taco-open", "taco-hand:keywords", "taco-hand:none"]
    main([str(tmp_path / "runs"), *compared, *arguments])
    with (tmp_path / STREAMS).open(newline="") as file:
        rows = {(r["model"], r["picture"], r["quality"]): r for r in csv.DictReader(file)}
    assert len(rows) == 5 * 2 * 3
    # The weights of all three are the same: a name counts more, what has none does not change.
    distances = {key: row["distance"] for key, row in rows.items()}
    assert distances["taco-names", "one", "36"] != distances["taco-hand", "one", "36"]
    assert distances["taco-names", "two", "36"] == distances["taco-hand", "two", "36"]
    # "sand" is its own key word.
    assert distances["taco-hand:keywords", "one", "36"] != distances["taco-hand", "one", "36"]
    assert distances["taco-hand:keywords", "two", "36"] == distances["taco-hand", "two", "36"]
    assert rows["taco-hand:none", "two", "36"]["given"] == "none"
    with (tmp_path / COMPARISONS).open(newline="") as file:
        assert {row["model"] for row in csv.DictReader(file)} == {*compared}
    with pytest.raises(SystemExit):
        main([str(tmp_path / "runs"), "taco-tfidf", *arguments])


def test_a_name_says_what_a_net_is_told():
    assert Condition.named("taco") == Condition("taco", "taco")
    assert Condition.named("taco-hand:rule").telling == "rule"
    assert Condition.named("taco-hand:shuffled").given == "shuffled"
    check_rejects(lambda: Condition.named("taco:loudly"), ValueError, "keywords", "taco:loudly")
