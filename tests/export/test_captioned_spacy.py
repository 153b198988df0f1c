"""Captioned encoders whose text encoder is a spaCy model's: cut by its rules, run as a graph."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from support.captioned_model import ZOO
from support.manifests import edit, read, save
from support.small_model import striped_picture
from support.spacy_model import FOLDER, REFERENCE
from support.trained_text import LENGTH, NET, ROW, known, run_beside_codec

import tcsdk
from checks import check_rejects
from tcsdk.errors import ModelFileError
from tcsdk.export.captioned import write_captioned
from tcsdk.export.verify_captioned import verify_captioned
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs import caption_encoder
from tcsdk.models.registry import NETS
from tcsdk.models.text.spacy_folder import spacy_net, spacy_text_of
from tcsdk.train.codec.text_start import started

pytestmark = pytest.mark.train
pytest.importorskip("msgpack", reason="needs the [train] extra")


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A folder over the shipped codec, with an adapter by chance that lets captions in."""
    with known(caption_encoder._spacy(spacy_net(FOLDER).config)):
        run = run_beside_codec(tmp_path_factory.mktemp("zoo"), FOLDER, 0.05)
        write_captioned(run, "mine", ROW, run.parent / "mine", text=FOLDER)
        yield run.parent / "mine"


def test_a_start_has_the_weights_of_the_folder(mine):
    weights = started(ZOO / "tfic", FOLDER, NET)
    theirs = spacy_text_of(FOLDER, LENGTH).state_dict()
    assert all(torch.equal(weights[f"captions.{name}"], value) for name, value in theirs.items())
    assert not weights["adapter.first.gamma"].any()
    check_rejects(
        lambda: started(ZOO / "tfic", FOLDER, "edge-captioned"), ValueError, "edge-captioned-spacy"
    )


def test_the_published_net_is_not_this_small_one():
    net = "edge-captioned-spacy"
    check_rejects(lambda: started(ZOO / "tfic", FOLDER, net), ValueError, f"the weights of {net}")
    assert NETS[net]().captions.channels == 96


def test_graphs_compute_what_the_net_does(mine):
    assert all(check.ok for check in verify_captioned(mine))


def test_the_manifest_says_how_captions_are_cut(mine):
    told = read_model_folder(mine).told
    assert (told.tokeniser, told.vocabulary, told.tokens) == ("spacy", "words.json", LENGTH)


@pytest.mark.parametrize("said", REFERENCE, ids=lambda said: said["text"][:20])
def test_states_on_the_device_are_spacys_vectors(mine, said):
    """As far as words see none that is left out; weights are rounded to FP16."""
    captioner = tcsdk.Encoder(mine, device="cpu")._loaded.codec.captioner
    came = captioner.states(said["text"], concurrent=False)
    count = len(said["words"])
    assert came.left_out == max(0, count - LENGTH)
    assert came.mask.sum() == min(count, LENGTH)
    seen = count if count <= LENGTH else LENGTH - spacy_net(FOLDER).config.layers
    expected = np.array(said["vectors"][:seen], np.float32).reshape(seen, captioner.channels)
    got = came.states.reshape(LENGTH, -1)[:seen]
    np.testing.assert_allclose(got, expected, atol=2e-2)


def test_captions_change_what_is_sent(mine):
    encoder = tcsdk.Encoder(mine, device="cpu")
    picture = striped_picture(128, 64)
    captions = ("red sign", "don't walk!", None, " \n")
    made = [encoder.encode(picture, quality=63, scale=1.0, caption=said) for said in captions]
    assert len(set(made)) == 3
    assert made[2] == made[3]
    encoder.encode(picture, caption="a sign " * 50)
    assert "the model takes 8 tokens" in str(encoder.notes[0])
    decoder = tcsdk.Decoder("cpu", models=[mine.parent / "tfic"])
    assert decoder.decode(made[0]).shape == picture.shape


def test_the_folder_has_to_be_given_and_the_right_one(mine, monkeypatch):
    run, other = mine.parent / "run.safetensors", mine.parent / "other"
    check_rejects(lambda: write_captioned(run, "mine", ROW, other), ValueError, "--text")
    smaller = spacy_text_of(FOLDER, LENGTH)
    smaller.largest -= 1
    row = caption_encoder.TEXT_ENCODERS["tiny"]
    trained = replace(row.trained, encoder=lambda _, length: smaller)
    monkeypatch.setitem(caption_encoder.TEXT_ENCODERS, "tiny", replace(row, trained=trained))
    check_rejects(
        lambda: write_captioned(run, "mine", ROW, other, text=FOLDER),
        ValueError,
        "99 numbers",
        "98",
    )


def changed(mine, target, **fields):
    folder = shutil.copytree(mine.parent, target) / "mine"
    edit(folder, **fields)
    return folder


def test_a_way_of_cutting_that_is_not_known_is_refused(mine, tmp_path):
    folder = changed(mine, tmp_path / "zoo", tokeniser="stanza")
    check_rejects(lambda: tcsdk.Encoder(folder, device="cpu"), ModelFileError, "stanza", "'spacy'")


def test_words_that_are_damaged_missing_or_others_are_named(mine, tmp_path):
    folder = changed(mine, tmp_path / "zoo", vocabulary="weights.safetensors")
    words = "rules of a spaCy model in weights.safetensors"
    check_rejects(lambda: tcsdk.Encoder(folder, device="cpu"), ModelFileError, words)
    save(folder, {name: v for name, v in read(mine).items() if name != "vocabulary"})
    check_rejects(lambda: tcsdk.Encoder(folder, device="cpu"), ModelFileError, "of a vocabulary")
    save(folder, read(mine))
    (folder / "words.json").write_text("{}")
    check_rejects(lambda: tcsdk.Encoder(folder, device="cpu"), ModelFileError, "words.json")
