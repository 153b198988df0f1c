"""The text encoder of a spaCy folder computes what spaCy does with the same weights."""

import shutil
from functools import partial

import numpy as np
import pytest
import torch
from support.spacy_model import FOLDER, REFERENCE, WORDS

from checks import check_rejects
from tcsdk.codec.spacy_tokeniser import SpacyWords
from tcsdk.models.text.spacy import SMALL, SpacyText
from tcsdk.models.text.spacy_folder import spacy_text_of
from tcsdk.models.text.spacy_rules import words_json

pytestmark = pytest.mark.train
msgpack = pytest.importorskip("msgpack", reason="needs the [train] extra")
LENGTH = max(len(said["words"]) for said in REFERENCE) + 2
NET = FOLDER / "tok2vec" / "model"


@pytest.fixture(scope="module")
def net():
    return spacy_text_of(FOLDER, LENGTH)


def states(net, text, length=LENGTH):
    numbers = SpacyWords.parse(WORDS.read_text(encoding="utf-8")).tokens(text, length).numbers
    return net(torch.from_numpy(numbers).reshape(1, -1))


@pytest.mark.parametrize("said", REFERENCE, ids=lambda said: said["text"][:20])
def test_states_are_spacys_vectors(net, said):
    came, count = states(net, said["text"]), len(said["words"])
    expected = np.array(said["vectors"], np.float32).reshape(count, net.channels)
    np.testing.assert_allclose(came.tokens[0, :count], expected, atol=2e-5)
    assert came.mask.tolist() == [[1.0] * count + [0.0] * (LENGTH - count)]


def test_places_behind_the_last_word_change_nothing(net):
    said = REFERENCE[0]
    count = len(said["words"])
    short, long = (states(net, said["text"], n).tokens[:, :count] for n in (count, LENGTH))
    assert torch.allclose(short, long, atol=1e-6)


def test_published_size():
    """That of en_core_web_sm 3.8, whose file of 6.27 MB holds float32."""
    assert sum(p.numel() for p in SpacyText(SMALL, 38).parameters()) == 1_565_664


def test_what_devices_take_is_what_the_folder_says():
    """Else: python tests/makers/compare_spacy.py tests/data/small-spacy --words."""
    assert words_json(FOLDER) == WORDS.read_text(encoding="utf-8")


def without_heuristics(said):
    said["faster_heuristics"] = False


def without_exceptions(said):
    del said["exceptions"]


@pytest.mark.parametrize("change", [without_heuristics, without_exceptions])
def test_other_tokenisers_are_refused(tmp_path, change):
    folder = changed(tmp_path, FOLDER / "tokenizer", change)
    check_rejects(lambda: words_json(folder), ValueError, str(folder / "tokenizer"))


def wide_window(said):
    said["attrs"][kind(said, "expand_window")]["window_size"] = msgpack.packb(2)


def lemmas(said):
    columns = ["LEMMA", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"]
    said["attrs"][kind(said, "extract_features")]["columns"] = msgpack.packb(columns)


def vectors(said):
    said["nodes"][0]["name"] = "static_vectors"


def no_nodes(said):
    del said["nodes"]


def fewer_pieces(said):
    weights = said["params"][kind(said, "maxout")]
    weights["b"] = weights["b"] | {b"shape": [5, 1], b"data": weights["b"][b"data"][:20]}


def kind(said, name):
    return next(n for n, node in enumerate(said["nodes"]) if node["name"] == name)


def changed(target, file, change):
    folder = target / "model"
    shutil.copytree(FOLDER, folder)
    said = msgpack.unpackb(file.read_bytes(), strict_map_key=False)
    change(said)
    (folder / file.relative_to(FOLDER)).write_bytes(msgpack.packb(said))
    return folder


@pytest.mark.parametrize("change", [wide_window, lemmas, vectors, no_nodes, fewer_pieces])
def test_other_nets_are_refused(tmp_path, change):
    folder = changed(tmp_path, NET, change)
    file = str(folder / NET.relative_to(FOLDER))
    check_rejects(lambda: spacy_text_of(folder, LENGTH), ValueError, file)


@pytest.mark.parametrize("data", [b"", b"\x81", b"{}", b"\x07"])
def test_damaged_files_are_named(tmp_path, data):
    folder = shutil.copytree(FOLDER, tmp_path / "model")
    for file, read in (
        (folder / "tokenizer", words_json),
        (folder / "tok2vec" / "model", partial(spacy_text_of, length=LENGTH)),
    ):
        file.write_bytes(data)
        check_rejects(partial(read, folder), ValueError, str(file))


@pytest.mark.parametrize("name", ["tokenizer", "vocab/lookups.bin", "tok2vec/model"])
def test_a_missing_file_says_so(tmp_path, name):
    folder = shutil.copytree(FOLDER, tmp_path / "model")
    (folder / name).unlink()
    check_rejects(lambda: words_json(folder), FileNotFoundError, name)
