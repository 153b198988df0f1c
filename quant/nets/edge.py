"""What quantisation has to be told of the edge net."""

from __future__ import annotations

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.quant.clip.histogram import Norm
from tcsdk.quant.nets.rules import IntegerRules, NetRules, Rule, Stream


def _latent(prefix: str) -> Rule:
    return Rule(prefix, 8, None, True, True, "at a latent: float arithmetic, 8-bit weights")


RULES = (
    # The very grid of tcsdk.export.graphs.float_graphs.round_weights.
    Rule("means.", 8, "minmax", True, False, "one set of int8 weights in every variant"),
    Rule("scales.", 8, "minmax", True, False, "runs in integers, from the entropy bundle"),
    Rule("detector.", 8, None, False, True, "the objective does not see it"),
    _latent("g_a.4."),
    _latent("h_a.layers.4."),
    Rule("h_a.", None, None, True, True, "a hundredth of the time: float arithmetic"),
    _latent("g_s.0."),
    # Of the error that 8 bits made in `tfic`'s pictures 28 % were its input's grid (docs/studies/
    # agreement.md), and it is a thirtieth of the synthesis.
    Rule("g_s.2.0.", None, None, True, True, "takes a whole residual stream: float arithmetic"),
)
# Each channel has a grid of its own.
ROUNDED = {r"g_a\.[02]|g_[as]\.[13]\.\d+\.project": Norm.RANGE}


def _block_streams(stage: str, depth: int) -> list[Stream]:
    blocks = [f"{stage}.{i}" for i in range(depth)]
    inner = [((f"{b}.depthwise", f"{b}.expand"), (f"{b}.expand", f"{b}.project")) for b in blocks]
    return [Stream((maker,), (taker,)) for pairs in inner for maker, taker in pairs]


def _residual(stage: str, depth: int, first: str, *after: str) -> Stream:
    blocks = [f"{stage}.{i}" for i in range(depth)]
    makers = (first, *(f"{b}.project" for b in blocks))
    return Stream(makers, (*(f"{b}.depthwise" for b in blocks), *after))


def streams(codec: EdgeCodec) -> list[Stream]:
    """Every channel between two layers of g_a, h_a, g_s and the detector; not y, z or y_hat.

    A text adapter normalises the features of g_a across channels, which holds for one scale alone.
    """
    narrow_a, wide_a = codec.config.analysis_blocks
    narrow_s, wide_s = codec.config.synthesis_blocks
    stages = [("g_a.1", narrow_a), ("g_a.3", wide_a), ("g_s.1", wide_s), ("g_s.3", narrow_s)]
    asked = [
        _residual("g_a.1", narrow_a, "g_a.0", "g_a.2"),
        _residual("g_a.3", wide_a, "g_a.2", "g_a.4", "detector.layers.0"),
    ]
    return [
        *(asked if codec.adapter is None else ()),
        _residual("g_s.1", wide_s, "g_s.0", "g_s.2.0"),
        _residual("g_s.3", narrow_s, "g_s.2.0", "g_s.4"),
        *(stream for stage, depth in stages for stream in _block_streams(stage, depth)),
        *(
            Stream((f"{part}.layers.{i}",), (f"{part}.layers.{i + 2}",))
            for part in ("h_a", "detector")
            for i in range(0, len(list(codec.get_submodule(f"{part}.layers").children())) - 1, 2)
        ),
    ]


# The layers at the borders are 1x1 and next to no time. A text adapter's attentions are products of
# two activations, and softmax: there is no fast form of them in integers. Pictures that ranges are
# taken from have no captions, so that nothing is known of what runs in a text encoder.
EDGE = NetRules(
    float_layers=("means.", "g_a.4.", "h_a.layers.4.", "g_s.0."),
    integers=IntegerRules(
        RULES, ("g_a.0", "g_s.4"), ROUNDED, streams, floats=("adapter.", "captions.")
    ),
)
