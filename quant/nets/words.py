"""What quantisation has to be told of the reader of words."""

from __future__ import annotations

from tcsdk.quant.clip.histogram import Norm
from tcsdk.quant.nets.rules import IntegerRules, NetRules, Rule


def _float(prefix: str, bits: int | None, what: str) -> Rule:
    return Rule(prefix, bits, None, True, True, f"{what}: float arithmetic")


# Of what takes time nine tenths are the trunk's convolutions: they run in integers.
CDISTNET = NetRules(
    float_layers=("classes.",),
    integers=IntegerRules(
        (
            _float("visual.rectify.", None, "says where the word is bent"),
            _float("visual.trunk.0.", 8, "takes the bent word"),
            _float("visual.encoders.", None, "attention over what is seen"),
            _float("blocks.", None, "attention of the newest place alone"),
            _float("place.", 8, "places, which are constant"),
            _float("gate.", None, "mixes two answers"),
            _float("classes.", 8, "makes the logits"),
        ),
        rounded_outputs={r"visual\.trunk\.\d+\.(branch\.3|shortcut\.0)": Norm.NONE},
    ),
)
