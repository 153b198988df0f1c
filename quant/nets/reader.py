"""What quantisation has to be told of the reader of lines."""

from __future__ import annotations

from tcsdk.models.recognition.reader import Reader
from tcsdk.quant.clip.histogram import Norm
from tcsdk.quant.nets.rules import IntegerRules, NetRules, Rule, Stream

RULES = (Rule("says.", 8, None, True, True, "makes the logits: float arithmetic, 8-bit weights"),)
STAGES = {
    "rows8": ("enter", "halve"),
    "rows4": ("halve", "flatten"),
    "columns": ("flatten", "says"),
}


def _name(layer: str) -> str:
    return layer if layer == "says" else f"{layer}.conv"


def streams(net: Reader) -> list[Stream]:
    """Every channel between two layers."""
    found = [Stream(("stem.conv",), ("enter.conv",))]
    for stage, (maker, taker) in STAGES.items():
        blocks = [f"{stage}.{i}" for i in range(len(net.get_submodule(stage)))]  # type: ignore[arg-type]
        makers = (_name(maker), *(f"{block}.project.conv" for block in blocks))
        takers = (*(f"{block}.depthwise.conv" for block in blocks), _name(taker))
        found.append(Stream(makers, takers))
        for block in blocks:
            found.append(Stream((f"{block}.depthwise.conv",), (f"{block}.expand.conv",)))
            found.append(Stream((f"{block}.expand.conv",), (f"{block}.project.conv",)))
    return found


READER = NetRules(
    float_layers=("says.",),
    integers=IntegerRules(
        RULES,
        rounded_outputs={
            r"(rows8|rows4|columns)\.\d+\.project\.conv": Norm.RANGE,
            r"(enter|halve|flatten)\.conv": Norm.NONE,
        },
        rectified=("enter.conv", "halve.conv", "flatten.conv"),
        streams=streams,
    ),
)
