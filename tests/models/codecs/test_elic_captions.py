"""ELIC told captions: TACO's adapter where the paper's code has it, a decoder that is ELIC's."""

from pathlib import Path

import pytest
import torch
from torch import nn

from tcsdk.models.codecs.elic import CAPTIONED, Bottleneck, ElicCodec
from tcsdk.models.registry import NETS
from tcsdk.models.text.caption import Caption
from tcsdk.train.run.weights import load_weights

pytestmark = pytest.mark.train
ELIC = Path(__file__).parents[3] / "zoo" / "elic-s"


def caption_of(count: int, length: int = 7) -> Caption:
    return Caption(torch.randn(count, length, 64), torch.ones(count, length))


@pytest.fixture(scope="module")
def plain() -> ElicCodec:
    made = NETS["elic-s"]()
    made.load_state_dict(load_weights(ELIC))
    return made.eval()


@pytest.fixture
def codec(plain) -> ElicCodec:
    """The shipped codec with an untrained adapter."""
    torch.manual_seed(0)
    made = NETS["elic-s-captioned"]()
    made.load_state_dict(made.state_dict() | plain.state_dict())
    return made.eval()


def opened(codec: ElicCodec) -> ElicCodec:
    """The same with gammas that let captions through."""
    for name, value in codec.named_parameters():
        if name.endswith("gamma"):
            nn.init.constant_(value, 0.5)
    return codec


def test_the_published_net_is_elic_and_the_papers_adapter():
    with torch.device("meta"):
        made, elic = ElicCodec(CAPTIONED), ElicCodec()
    adapter, text = (
        sum(p.numel() for p in part.parameters()) for part in (made.adapter, made.captions)
    )
    assert adapter - made.adapter.null.numel() == 1_647_360
    assert sum(p.numel() for p in elic.parameters()) == 24_609_828
    assert sum(p.numel() for p in made.parameters()) == 24_609_828 + adapter + text


def test_the_reduced_adapter_is_a_small_part_of_the_net(codec):
    assert sum(p.numel() for p in codec.adapter.parameters()) == 63_424


def test_captions_are_taken_in_where_the_papers_code_does(codec):
    """Behind three bottlenecks at 1/4, before the attention; behind three at 1/8."""
    sizes = {}

    def seen(name):
        plain = getattr(codec.adapter, name)

        def call(features, caption):
            sizes[name] = tuple(features.shape[1:])
            return plain(features, caption)

        return call

    codec.adapter.inject, codec.adapter.exchange = seen("inject"), seen("exchange")
    with torch.no_grad():
        codec.analyse(torch.zeros(1, 3, 64, 128), caption_of(1))
    assert sizes == {"inject": (64, 16, 32), "exchange": (64, 8, 16)}
    fine, coarse = codec.places
    for place in (fine, coarse):
        assert all(isinstance(layer, Bottleneck) for layer in codec.g_a[place - 3 : place])
        assert not isinstance(codec.g_a[place], Bottleneck)


@pytest.mark.parametrize("given", [True, False])
def test_an_untrained_adapter_leaves_the_encoder_as_it_is_bit_for_bit(codec, plain, given):
    x = torch.rand(2, 3, 64, 128) - 0.5
    with torch.no_grad():
        came = codec.analyse(x, caption_of(2) if given else None)
        expected = plain.analyse(x)
    assert all(torch.equal(*pair) for pair in zip(came, expected, strict=True))


def test_what_decodes_is_the_codecs_and_knows_no_caption(codec, plain):
    mine, theirs = opened(codec).state_dict(), plain.state_dict()
    assert all(torch.equal(mine[name], value) for name, value in theirs.items())
    x, quality = torch.rand(1, 3, 64, 64), torch.tensor([30])
    with torch.no_grad():
        y = codec.analyse(x - 0.5, caption_of(1))[0]
        coded = codec.code(y, quality, whole=True)
        assert torch.equal(codec.synthesise(coded.y_hat), plain.synthesise(coded.y_hat))
        assert torch.equal(plain.code(y, quality, whole=True).y_hat, coded.y_hat)


def test_captions_and_none_are_told_apart_once_the_adapter_is_open(codec):
    x = torch.rand(1, 3, 64, 128) - 0.5
    one, other = caption_of(1), caption_of(1)
    with torch.no_grad():
        made = [opened(codec).analyse(x, caption)[0] for caption in (one, other, None)]
    assert not torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_elic_without_an_adapter_refuses_a_caption(plain):
    with pytest.raises(ValueError, match="expected no caption of a net without a text adapter"):
        plain.analyse(torch.zeros(1, 3, 64, 64), caption_of(1))
