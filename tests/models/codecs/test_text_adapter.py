from pathlib import Path

import pytest
import torch

from tcsdk.export.graphs.float_graphs import export_synthesis
from tcsdk.models.codecs.caption_taker import no_caption
from tcsdk.models.codecs.edge import CAPTIONED, EdgeCodec
from tcsdk.models.codecs.text_adapter import AdapterConfig, TextAdapter
from tcsdk.models.registry import NETS
from tcsdk.models.text.caption import Caption
from tcsdk.train.run.weights import load_weights

pytestmark = pytest.mark.train
TOKENS = 38
WIDTH = 64
ZOO = Path(__file__).parents[3] / "zoo"


def caption_of(count: int, length: int = TOKENS) -> Caption:
    mask = (torch.arange(TOKENS) < length).float().expand(count, -1)
    return Caption(torch.randn(count, TOKENS, WIDTH), mask)


def opened(codec: EdgeCodec) -> EdgeCodec:
    """The same with gammas that let captions through."""
    for name, value in codec.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(value, 0.5)
    return codec


@pytest.fixture
def codec() -> EdgeCodec:
    """The shipped codec with an untrained adapter."""
    torch.manual_seed(0)
    made = EdgeCodec(CAPTIONED)
    made.load_state_dict(made.state_dict() | load_weights(ZOO / "tfic"))
    return made.eval()


@pytest.fixture
def plain() -> EdgeCodec:
    made = NETS["edge-adaptive"]()
    made.load_state_dict(load_weights(ZOO / "tfic"))
    return made.eval()


def test_published_adapter_has_the_papers_size():
    """1.65 million, as counted on the authors' net; the null token is ours."""
    adapter = TextAdapter(AdapterConfig())
    assert sum(p.numel() for p in adapter.parameters()) - adapter.null.numel() == 1_647_360


def test_reduced_adapter_is_a_small_part_of_the_edge_net(codec):
    assert sum(p.numel() for p in codec.adapter.parameters()) == 134_400


@pytest.mark.parametrize("given", [True, False])
def test_untrained_adapter_leaves_the_encoder_as_it_is_bit_for_bit(codec, plain, given):
    x = torch.rand(2, 3, 64, 128) - 0.5
    with torch.no_grad():
        came = codec.analyse(x, caption_of(2) if given else None)
        expected = plain.analyse(x)
    assert all(torch.equal(*pair) for pair in zip(came, expected, strict=True))


def test_decoder_is_the_backbones(codec, plain):
    """Its graph, and all that the entropy bundle is made of, whatever the encoder is told."""
    one, other = (export_synthesis(net).SerializeToString() for net in (opened(codec), plain))
    assert one == other
    parts = ("scales", "prior", "gains")
    mine, theirs = codec.state_dict(), plain.state_dict()
    assert all(torch.equal(mine[k], v) for k, v in theirs.items() if k.startswith(parts))


def test_captions_change_what_is_coded_once_the_adapter_is_open(codec):
    x = torch.rand(1, 3, 64, 128) - 0.5
    with torch.no_grad():
        one, other = (opened(codec).analyse(x, caption_of(1))[0] for _ in range(2))
    assert not torch.equal(one, other)


def test_places_without_a_token_are_not_seen(codec):
    x, caption = torch.rand(1, 3, 64, 64) - 0.5, caption_of(1, 5)
    elsewhere = caption.tokens.clone()
    elsewhere[:, 5:] = 9.0
    short = Caption(caption.tokens[:, :5], caption.mask[:, :5])
    with torch.no_grad():
        y = opened(codec).analyse(x, caption)[0]
        assert torch.equal(codec.analyse(x, Caption(elsewhere, caption.mask))[0], y)
        assert torch.allclose(codec.analyse(x, short)[0], y, atol=1e-5)


def test_a_picture_without_a_caption_gets_the_token_that_stands_for_it(codec):
    x = torch.rand(2, 3, 64, 64) - 0.5
    mixed = Caption(torch.randn(2, 3, WIDTH), torch.tensor([[1.0, 1, 0], [0, 0, 0]]))
    null = Caption(codec.adapter.null.detach()[None, None], torch.ones(1, 1))
    with torch.no_grad():
        y = opened(codec).analyse(x, mixed)[0]
        expected = codec.analyse(x[1:], null)[0]
        none = codec.analyse(x[1:], no_caption(1, codec.adapter.config))[0]
    assert torch.allclose(y[1:], expected, atol=1e-5)
    assert torch.allclose(none, expected, atol=1e-5)
    assert not torch.allclose(y[:1], codec.analyse(x[:1])[0], atol=1e-3)


def test_gradients_reach_the_adapter_through_gamma_first(codec):
    output = codec(torch.rand(1, 3, 64, 64), torch.tensor([20]), caption=caption_of(1))
    (output.x_hat.square().mean() + output.cost.mean()).backward()
    gamma, query = codec.adapter.second.gamma.grad, codec.adapter.second.query.weight.grad
    assert gamma.abs().max() > 0
    assert query.abs().max() == 0


def test_net_without_an_adapter_refuses_a_caption(plain):
    with pytest.raises(ValueError, match="expected no caption of a net without a text adapter"):
        plain(torch.rand(1, 3, 64, 64), torch.tensor([20]), caption=caption_of(1))


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match="multiple of 5 heads"):
        TextAdapter(AdapterConfig(heads=5))
