"""What quantisation has to be told of the nets for super-resolution."""

from __future__ import annotations

from tcsdk.quant.clip.histogram import Norm
from tcsdk.quant.nets.rules import IntegerRules, NetRules, Rule

EDSR = NetRules(
    integers=IntegerRules(
        (
            Rule(
                "rectify.", None, None, True, True, "says where the crop is bent: float arithmetic"
            ),
            Rule("head.", 8, None, True, True, "takes the bent crop: float arithmetic"),
            Rule("tail.2.", 8, None, False, True, "makes the picture"),
        ),
        rounded_outputs={r"body\.\d+(\.second)?": Norm.NONE},
    )
)
# It ships to be compared with: attention, Mish and normalisations stand between its convolutions.
TBSRN = NetRules(
    integers=IntegerRules((Rule("", None, None, True, True, "float arithmetic, whole weights"),))
)
