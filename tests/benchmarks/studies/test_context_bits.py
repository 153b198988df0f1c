"""The published context is fitted to any codec's symbols, and what it is worth is told apart."""

import pytest
import torch

from benchmarks.studies.context_bits import Symbols, collect, fit, network_of, refined
from tcsdk.models.codecs.edge import EdgeCodec, EdgeConfig
from tcsdk.models.codecs.elic import ElicCodec, ElicConfig
from tcsdk.models.codecs.elic_context import ElicNetwork
from tcsdk.models.codecs.tcm import TcmCodec, TcmConfig
from tcsdk.models.codecs.tcm_context import TcmNetwork

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]
ELIC = ElicConfig(width=16, latent=24, groups=(4, 4, 16), hyper=8, context=(24, 16))
TCM = TcmConfig(
    half=8, heads=(8, 8, 8), latent=24, groups=(8, 8, 8), context=(24, 16), inner=16, hyper=8
)


def codec_of(kind):
    torch.manual_seed(1)
    if kind == "edge":
        return EdgeCodec(EdgeConfig(16, 16, 48, 8, (1, 1), (1, 1))).eval()
    return (ElicCodec(ELIC) if kind == "elic" else TcmCodec(TCM)).eval()


def draw(number):
    return torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(number))


@pytest.mark.parametrize(
    ("kind", "network"), [("edge", ElicNetwork), ("elic", ElicNetwork), ("tcm", TcmNetwork)]
)
def test_an_unfitted_context_leaves_the_scales_as_they_are(kind, network):
    codec = codec_of(kind)
    with torch.no_grad():
        symbols = collect(codec, draw, range(2), 20)
        made = network_of(codec)
        assert isinstance(made, network)
        assert sum(made.groups) == codec.config.latent
        torch.testing.assert_close(refined(made, symbols, True), symbols.index)
    assert (symbols.plain is None) == (kind == "edge")
    assert symbols.z_bits > 0


def test_a_context_finds_what_neighbours_and_groups_say():
    """r is wide in one half of the pictures and narrow in the other: z says nothing of it."""
    torch.manual_seed(2)
    codec, wide = codec_of("elic"), torch.ones(16, 1, 1, 1)
    wide[::2] = 8.0
    r = torch.round(torch.randn(16, 24, 8, 8) * wide)
    symbols = Symbols(r, torch.full_like(r, 25.0), r, 0.0, None)
    with torch.no_grad():
        alone, informed = (
            symbols.bits(refined(fit(codec, symbols, seen, 40), symbols, seen)).item()
            for seen in (False, True)
        )
    assert informed < 0.97 * alone
