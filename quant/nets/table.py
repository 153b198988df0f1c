"""The rules of each net, found by its class."""

from __future__ import annotations

from torch import nn

from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.codecs.elic import ElicCodec
from tcsdk.models.codecs.tcm import TcmCodec
from tcsdk.models.codecs.tinylic import TinylicCodec
from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.models.recognition.reader import Reader
from tcsdk.models.super_resolution.edsr import Edsr
from tcsdk.models.super_resolution.tbsrn import Tbsrn
from tcsdk.quant.nets.edge import EDGE
from tcsdk.quant.nets.elic import ELIC
from tcsdk.quant.nets.reader import READER
from tcsdk.quant.nets.resolution import EDSR, TBSRN
from tcsdk.quant.nets.rules import IntegerRules, NetRules
from tcsdk.quant.nets.tcm import TCM
from tcsdk.quant.nets.tinylic import TINYLIC
from tcsdk.quant.nets.words import CDISTNET

# Adding a net is a file of rules beside this one and a row here.
RULES: dict[type[nn.Module], NetRules] = {
    EdgeCodec: EDGE,
    TinylicCodec: TINYLIC,
    ElicCodec: ELIC,
    TcmCodec: TCM,
    Reader: READER,
    Cdistnet: CDISTNET,
    Edsr: EDSR,
    Tbsrn: TBSRN,
}


def rules_of(net: nn.Module) -> NetRules:
    """Return what is known of a net; of one that has no row, nothing."""
    return next((rules for kind, rules in RULES.items() if isinstance(net, kind)), NetRules())


def integer_rules(net: nn.Module) -> IntegerRules:
    """Return how a net is written in integers.

    Raises:
        ValueError: nothing says it.
    """
    rules = rules_of(net).integers
    if rules is None:
        known = ", ".join(kind.__name__ for kind, row in RULES.items() if row.integers)
        raise ValueError(
            f"expected a net with rules for integers ({known}), got a {type(net).__name__}: write "
            "them in quant/nets, or take its FP32 form alone"
        )
    return rules
