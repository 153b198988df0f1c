"""Captioned encoders whose text encoder others trained: cut by a vocabulary, run as a graph."""

import shutil

import numpy as np
import pytest
import torch
from support.captioned_model import ZOO
from support.small_model import smooth_picture
from support.text_folders import CHANNELS, bert_folder, clip_folder
from support.trained_text import LENGTH, NET, ROW, known, run_beside_codec

import tcsdk
from checks import check_rejects
from tcsdk.errors import MissingRuntimeError, ModelFileError
from tcsdk.export.captioned import backbone_of, captioned_codec, write_captioned
from tcsdk.export.verify_captioned import verify_captioned
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs import caption_encoder
from tcsdk.models.families import captioned_family
from tcsdk.models.text.folders import config_of, text_encoder_of
from tcsdk.train.codec.text_start import started

pytestmark = pytest.mark.train
tokenizers = pytest.importorskip("tokenizers", reason="needs the [caption] extra")


@pytest.fixture(scope="module", params=[bert_folder, clip_folder], ids=["bert", "clip"])
def text(request, tmp_path_factory):
    """A folder of random weights, of which nets are known that have such a text encoder."""
    folder = request.param(tmp_path_factory.mktemp("text") / "text")
    with known(caption_encoder._transformer(config_of(folder))):
        yield folder


@pytest.fixture(scope="module")
def run(text, tmp_path_factory):
    """Weights over the shipped codec, which lies beside, with an adapter that lets captions in."""
    return run_beside_codec(tmp_path_factory.mktemp("zoo"), text, 0.3)


@pytest.fixture(scope="module")
def mine(run, text):
    """The folder that these weights are exported to."""
    folder = run.parent / "mine"
    write_captioned(run, "mine", ROW, folder, text=text)
    return folder


def test_a_start_has_the_weights_of_both(text):
    weights = started(ZOO / "tfic", text, NET)
    theirs = text_encoder_of(text, LENGTH).state_dict()
    assert all(torch.equal(weights[f"captions.{name}"], value) for name, value in theirs.items())
    assert not weights["adapter.first.gamma"].any()
    check_rejects(lambda: started(ZOO / "base", text, NET), ValueError, f"the weights of {NET}")


def test_captions_are_cut_by_the_vocabulary_and_change_what_is_sent(mine):
    assert all(check.ok for check in verify_captioned(mine))
    told = read_model_folder(mine).told
    assert (told.tokeniser, told.vocabulary) == ("vocabulary", "tokenizer.json")
    encoder = tcsdk.Encoder(mine, device="cpu")
    picture = smooth_picture(128, 64)
    made = [encoder.encode(picture, caption=c) for c in ("red sign", "water", None)]
    assert len(set(made)) == 3
    encoder.encode(picture, caption="a sign " * 50)
    assert "the model takes 8 tokens" in str(encoder.notes[0])


def test_states_on_the_device_are_the_nets(run, mine):
    captioner = tcsdk.Encoder(mine, device="cpu")._loaded.codec.captioner
    came = captioner.states("red sign", concurrent=False)
    cutter = tokenizers.Tokenizer.from_str((mine / "tokenizer.json").read_text())
    ids = cutter.encode("red sign").ids
    numbers = torch.zeros(1, LENGTH, dtype=torch.int64)
    numbers[0, : len(ids)] = torch.tensor(ids) + 1
    net = captioned_codec(run, backbone_of(mine, "tfic"))
    with torch.no_grad():
        expected = net.captions(numbers)
    states = came.states.reshape(LENGTH, CHANNELS)[: len(ids)]
    np.testing.assert_allclose(states, expected.tokens[0, : len(ids)].numpy(), atol=1e-4)
    assert came.mask.ravel().tolist() == expected.mask[0].tolist()


def test_the_tokeniser_has_to_be_named(run):
    other = run.parent / "other"
    check_rejects(lambda: write_captioned(run, "mine", ROW, other), ValueError, "--text")


def test_a_damaged_vocabulary_and_a_missing_package_are_named(mine, tmp_path, monkeypatch):
    folder = shutil.copytree(mine.parent, tmp_path / "zoo") / "mine"
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    check_rejects(lambda: tcsdk.Encoder(folder, device="cpu"), MissingRuntimeError, "[caption]")
    monkeypatch.undo()
    (folder / "tokenizer.json").write_text("{}")
    check_rejects(lambda: tcsdk.Encoder(folder, device="cpu"), ModelFileError, "tokenizer.json")


def test_families_of_captioned_nets():
    assert captioned_family(None, "edge-captioned", "taco")[0] == "taco"
    name, row = captioned_family("mine", "edge-captioned-minilm", "taco-minilm")
    assert (name, row.net, row.backbone) == ("mine", "edge-captioned-minilm", "tfic")
    for given in (None, "taco"):
        with pytest.raises(ValueError, match="--family"):
            captioned_family(given, "edge-captioned", "taco-none")
