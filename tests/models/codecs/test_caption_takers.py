"""All that takes captions into the edge net's encoder: attentions, Linformer, convolutions."""

from pathlib import Path

import pytest
import torch

from tcsdk.models.codecs.edge import CAPTIONED, LINFORMER, LONG_CAPTIONED, MIXED, EdgeCodec
from tcsdk.models.registry import NETS
from tcsdk.models.text.caption import Caption
from tcsdk.train.codec.growth import grown
from tcsdk.train.run.weights import load_weights

pytestmark = pytest.mark.train
ZOO = Path(__file__).parents[3] / "zoo"
WIDTH = 64
TAKERS = {
    "attention": CAPTIONED,
    "long": LONG_CAPTIONED,
    "linformer": LINFORMER,
    "convolution": MIXED,
}


def made(name: str) -> EdgeCodec:
    torch.manual_seed(0)
    codec = EdgeCodec(TAKERS[name])
    codec.load_state_dict(grown(codec.state_dict(), load_weights(ZOO / "tfic")))
    return codec.eval()


def opened(codec: EdgeCodec) -> EdgeCodec:
    """The same with gammas that let captions through."""
    for name, value in codec.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(value, 0.5)
    return codec


def caption_of(count: int, length: int, places: int) -> Caption:
    torch.manual_seed(length)
    mask = (torch.arange(places) < length).float().expand(count, -1)
    return Caption(torch.randn(count, places, WIDTH), mask)


@pytest.mark.parametrize("name", TAKERS)
def test_untrained_it_leaves_the_encoder_as_it_is_bit_for_bit(name):
    plain = NETS["edge-adaptive"]()
    plain.load_state_dict(load_weights(ZOO / "tfic"))
    x = torch.rand(2, 3, 64, 128) - 0.5
    with torch.no_grad():
        came = made(name).analyse(x, caption_of(2, 5, 38))
        expected = plain.eval().analyse(x)
    assert all(torch.equal(*pair) for pair in zip(came, expected, strict=True))


@pytest.mark.parametrize("name", TAKERS)
def test_opened_it_tells_captions_apart_and_places_without_a_token_say_nothing(name):
    codec, x = opened(made(name)), torch.rand(1, 3, 64, 64) - 0.5
    caption = caption_of(1, 5, 38)
    elsewhere = caption.tokens.clone()
    elsewhere[:, 5:] = 9.0
    short = Caption(caption.tokens[:, :5], caption.mask[:, :5])
    with torch.no_grad():
        y = codec.analyse(x, caption)[0]
        assert torch.equal(codec.analyse(x, Caption(elsewhere, caption.mask))[0], y)
        assert torch.allclose(codec.analyse(x, short)[0], y, atol=1e-5)
        assert not torch.allclose(codec.analyse(x, caption_of(1, 6, 38))[0], y, atol=1e-3)
        assert not torch.allclose(codec.analyse(x)[0], y, atol=1e-3)


@pytest.mark.parametrize("name", TAKERS)
def test_a_loss_reaches_every_weight_of_what_takes_captions_once_it_is_open(name):
    codec = opened(made(name))
    numbers = torch.zeros(1, codec.captions.length, dtype=torch.int64)
    numbers[0, :9] = torch.arange(1, 10)
    codec.analyse(torch.rand(1, 3, 64, 64) - 0.5, codec.captions(numbers))[
        0
    ].square().sum().backward()
    silent = {n for n, p in codec.adapter.named_parameters() if p.grad is None or not p.grad.any()}
    # A key's bias adds the same to all logits of a query. No picture was without a caption.
    assert silent <= {"null", *(f"{part}.key.bias" for part in ("first", "extractor", "second"))}


def test_linformer_of_a_short_caption_is_the_attention():
    one, other = opened(made("long")), opened(made("linformer"))
    other.load_state_dict(other.state_dict() | one.state_dict())
    x, caption = torch.rand(1, 3, 64, 64) - 0.5, caption_of(1, 64, 512)
    with torch.no_grad():
        expected, came = one.analyse(x, caption)[0], other.analyse(x, caption)[0]
        assert torch.allclose(came, expected, atol=1e-4)
        longer = caption_of(1, 65, 512)
        assert not torch.allclose(other.analyse(x, longer)[0], one.analyse(x, longer)[0], atol=1e-4)


def test_linformer_asks_64_things_of_512_tokens_and_fewer_of_fewer():
    few = made("linformer").adapter.first.few
    for tokens, kept in ((512, 64), (64, 64), (3, 3)):
        keys, values, bias = few(*torch.rand(2, 2, tokens, 8), torch.zeros(2, tokens))
        assert keys.shape == values.shape == (2, kept, 8)
        assert bias.shape == (2, kept)


def test_convolutions_have_about_as_many_weights_as_attentions():
    sizes = {n: sum(p.numel() for p in made(n).adapter.parameters()) for n in TAKERS}
    assert sizes == {
        "attention": 134_400,
        "long": 134_400,
        "linformer": 134_400 + 4 * 64 * 512,
        "convolution": 138_984,
    }


@pytest.mark.parametrize("name", ["attention", "convolution"])
def test_a_token_that_counts_twice_is_as_good_as_one_that_is_there_twice(name):
    codec, x = opened(made(name)), torch.rand(1, 3, 64, 64) - 0.5
    tokens = torch.randn(1, 3, WIDTH)
    weights = torch.tensor([[1.0, 2.0, 1.0]])
    twice = tokens[:, [0, 1, 1, 2]]
    with torch.no_grad():
        weighed = codec.analyse(x, Caption(tokens, torch.ones(1, 3), weights))[0]
        expected = codec.analyse(x, Caption(twice, torch.ones(1, 4)))[0]
        plain = codec.analyse(x, Caption(tokens, torch.ones(1, 3)))[0]
    assert torch.allclose(weighed, expected, atol=1e-4)
    assert not torch.allclose(weighed, plain, atol=1e-3)


def test_attentions_undo_but_for_a_little_what_states_are_multiplied_by():
    codec = made("attention")
    codec.load_state_dict(codec.state_dict() | load_weights(ZOO / "taco"))
    asked = codec.adapter.first
    with torch.no_grad():
        tokens = codec.captions(torch.arange(1, 39)[None]).tokens
        one, more = (asked.norm_told(asked.match(times * tokens)) for times in (1.0, 1.5))
    assert 0.01 < (more - one).norm() / one.norm() < 0.1
