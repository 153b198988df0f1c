"""An encoder is told how many times words count as its net was in its training."""

import numpy as np
import pytest
import torch
from support.captioned_model import captioned_zoo
from support.small_model import MODEL, smooth_picture

import tcsdk
from benchmarks.studies.weighed import WeighedAnalysis, WeighedEncoder
from checks import check_rejects
from tcsdk.engines import select_engine
from tcsdk.export.captioned import captioned_codec
from tcsdk.model.graphs import ANALYSIS, CAPTION_MASK, CAPTION_STATES, Z_HAT, D
from tcsdk.model.read import read_model_folder
from tcsdk.train.codec.key_words import piece_weights
from tcsdk.train.codec.told import Wording, states

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]
CAPTION = 'a blue wall; "EXIT 24" in white at the top left'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return captioned_zoo(tmp_path_factory.mktemp("weighed")) / "taco"


@pytest.fixture(scope="module")
def net(folder):
    return captioned_codec(folder, read_model_folder(folder).decodes)


@pytest.fixture
def feed(net):
    rng = np.random.default_rng(4)
    numbers = Wording().cut([CAPTION]).numbers
    gain = np.ones((1, net.config.hyper, 1, 1), np.float32)
    with torch.no_grad():
        made = net.captions(numbers)
    tokens = made.tokens * made.mask[:, :, None]
    return {
        "x": rng.random((1, 3, 64, 128), np.float32),
        "z_gain": gain,
        "z_inverse_gain": gain.copy(),
        CAPTION_STATES: tokens.flatten(1)[:, :, None, None].numpy(),
        CAPTION_MASK: made.mask[:, :, None, None].numpy(),
    }


def test_words_that_count_once_are_what_the_graph_takes(folder, net, feed):
    model = read_model_folder(folder)
    graph = select_engine("cpu").load(model.graph_file("fp32", ANALYSIS)).run(feed)
    made = WeighedAnalysis(net).run(feed)
    assert np.array_equal(made[Z_HAT], graph[Z_HAT])
    assert np.abs(made[D] - graph[D]).max() < 1e-2


@pytest.mark.parametrize("key_words", ["names", "tfidf"])
def test_words_are_weighed_as_in_the_training(net, feed, key_words):
    weights = piece_weights(CAPTION, key_words, 38).reshape(1, -1, 1, 1)
    assert set(weights.ravel()) == {1.0, 1.5}
    graph = WeighedAnalysis(net)
    plain = graph.run(feed)
    weighed = graph.run({**feed, CAPTION_MASK: feed[CAPTION_MASK] * weights})
    caption = states(net, Wording("hand", key_words).cut([CAPTION]))
    x, gain = torch.from_numpy(feed["x"]), torch.from_numpy(feed["z_gain"])
    with torch.no_grad():
        y, features = net.analyse(x - 0.5, caption)
        z_hat, d, _ = graph.said(y, features, gain, gain)
    assert np.array_equal(weighed[Z_HAT], z_hat.numpy())
    assert np.abs(weighed[D] - d.numpy()).max() < 1e-4
    assert np.abs(weighed[D] - plain[D]).max() > 1e-3


def test_an_encoder_makes_other_streams_that_its_codec_decodes(folder):
    pixels = smooth_picture(128, 64)
    plain = tcsdk.Encoder(folder, device="cpu", precision="fp32")
    weighed = WeighedEncoder(folder, "names")
    files = [e.encode(pixels, quality=40, caption=CAPTION) for e in (plain, weighed)]
    assert files[0] != files[1]
    assert tcsdk.Decoder("cpu", models=[folder]).decode(files[1]).shape == pixels.shape
    nothing = [e.encode(pixels, quality=40) for e in (plain, weighed)]
    assert abs(len(nothing[0]) - len(nothing[1])) <= 2  # torch beside ONNX Runtime


def test_a_model_that_is_told_nothing_is_refused():
    check_rejects(lambda: WeighedEncoder(MODEL, "names"), ValueError, "captions")
