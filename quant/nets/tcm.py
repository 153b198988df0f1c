"""What quantisation has to be told of LIC-TCM."""

from __future__ import annotations

from tcsdk.quant.clip.histogram import Norm
from tcsdk.quant.nets.rules import IntegerRules, NetRules, Rule

BLOCKS = range(1, 32)  # where blocks can stand in g_a and g_s; the published sizes have ten layers


def _float(prefix: str, bits: int | None, what: str) -> Rule:
    return Rule(prefix, bits, None, True, True, f"{what}: float arithmetic")


# Of a block's multiplications two thirds are convolutions. The others are linear layers between
# layer norms, softmax and GELU, whose integer form would be rounded before and behind each.
RULES = (
    # The very grid of tcsdk.export.graphs.float_graphs.round_weights.
    Rule("means.", 8, "minmax", True, False, "one set of int8 weights in every variant"),
    Rule("scales.", 8, "minmax", True, False, "runs in integers, from the entropy bundle"),
    _float("detector.", 8, "takes y"),
    _float("h_a.", None, "a hundredth of the time"),
    _float("g_a.0.layers.0.", 8, "takes the picture"),
    _float("g_a.0.skip.", 8, "takes the picture"),
    _float("g_s.0.layers.0.", 8, "takes y_hat"),
    _float("g_s.0.skip.", 8, "takes y_hat"),
    *(
        _float(f"{stage}.{place}.attention.", 8, "attention in windows")
        for stage in ("g_a", "g_s")
        for place in BLOCKS
    ),
)
# What goes into a sum, into two halves, or through an activation that is no ReLU.
ROUNDED = {
    r"g_[as]\.\d+\.(part|join|convolutions\.layers\.[02])": Norm.NONE,
    r"g_a\.[1-9]\d*\.(layers\.[02]|skip)": Norm.NONE,
    r"g_s\.[1-9]\d*\.(layers\.0\.0|layers\.2|skip\.0)": Norm.NONE,
    r"g_[as]\.0\.layers\.2": Norm.NONE,
}

# g_a ends and g_s begins with a convolution, and all of the context predicts y, whose units FP16
# cannot tell apart beyond 2048. In integers it would predict another y than in floats, and a
# decoder of another precision would add r to another mean.
TCM = NetRules(
    float_layers=(
        "means.",
        "grouped.",
        "g_a.9.",
        "h_a.layers.4.",
        "g_s.0.layers.0.",
        "g_s.0.skip.",
    ),
    integers=IntegerRules(RULES, rounded_outputs=ROUNDED, floats=("grouped.",)),
)
