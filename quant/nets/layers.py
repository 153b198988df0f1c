"""The layers that can be quantised, found in any net, and their types by the paper's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor, nn

# Module -> the parameter that is quantised, and the axis of its output channels.
WEIGHTS: dict[type[nn.Module], tuple[str, int]] = {
    nn.Conv1d: ("weight", 0),
    nn.Conv2d: ("weight", 0),
    nn.ConvTranspose2d: ("weight", 1),
    nn.Linear: ("weight", 0),
    nn.MultiheadAttention: ("in_proj_weight", 0),
}
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)


def _inside(*words: str) -> Callable[[nn.Module, str], bool]:
    return lambda module, path: any(word in path for word in words)


_feed_forward = _inside("feedforward", "feed_forward", "ffn", "mlp")
_attention = _inside("attention", "attn")


def _widens(module: nn.Module, path: str) -> bool:
    """Whether it is half of a feed-forward part of ours, which lies beside the attention."""
    return isinstance(module, nn.Linear) and any(w in path for w in ("expand/", "contract/"))


# First match wins. A path is the attributes and classes that lead to a layer, in lower case.
TYPES: dict[str, Callable[[nn.Module, str], bool]] = {
    "stn": _inside("stn", "localization", "localisation", "spatialtransformer", "rectif"),
    "attention": lambda module, path: _attention(module, path) and not _widens(module, path),
    "ffn": lambda module, path: _feed_forward(module, path) or _widens(module, path),
    "conv": lambda module, path: isinstance(module, CONVOLUTIONS),
    "linear": lambda module, path: isinstance(module, nn.Linear),
}


@dataclass(frozen=True)
class Layer:
    """One quantisable weight of a net.

    Attributes:
        name: the module's name in the net, "" for the net itself.
        module: what runs it.
        parameter: the weight's name inside the module.
        axis: its output channels.
        type: a key of TYPES.
    """

    name: str
    module: nn.Module
    parameter: str
    axis: int
    type: str

    @property
    def weight(self) -> Tensor:
        """The weight itself."""
        weight: Tensor = getattr(self.module, self.parameter)
        return weight

    @property
    def depthwise(self) -> bool:
        """Whether each output channel is made of one input channel, the one of its number."""
        groups = getattr(self.module, "groups", 1)
        return groups > 1 and groups == self.weight.shape[self.axis] == self.module.in_channels

    @property
    def key(self) -> str:
        """The weight's name in the net's state_dict."""
        return f"{self.name}.{self.parameter}" if self.name else self.parameter

    @property
    def bias_key(self) -> str | None:
        """The bias's name in the state_dict, or None where there is none to correct."""
        if getattr(self.module, "bias", None) is None:
            return None
        return f"{self.name}.bias" if self.name else "bias"


def check_types(types: tuple[str, ...]) -> None:
    """Refuse what is no layer type.

    Raises:
        ValueError: a type is unknown, or there is none.
    """
    unknown = [t for t in types if t not in TYPES]
    if unknown or not types:
        raise ValueError(
            f"expected layer types of {', '.join(TYPES)}, got {', '.join(unknown) or 'none'}"
        )


def find_layers(net: nn.Module, types: tuple[str, ...] = tuple(TYPES)) -> list[Layer]:
    """The quantisable layers of these types, in the order in which the net names them.

    Raises:
        ValueError: a type is unknown, or the net has no such layer.
    """
    check_types(types)
    found = [layer for layer in _layers(net) if layer.type in types]
    if not found:
        raise ValueError(f"expected a net with layers of type {', '.join(types)}, found none")
    return found


def _layers(net: nn.Module) -> Iterator[Layer]:
    for name, module in net.named_modules():
        row = next((WEIGHTS[t] for t in WEIGHTS if isinstance(module, t)), None)
        if row is None or getattr(module, row[0], None) is None:
            continue
        path = _path(net, name)
        kind = next(t for t, matches in TYPES.items() if matches(module, path))
        yield Layer(name, module, row[0], row[1], kind)


def _path(net: nn.Module, name: str) -> str:
    """Attribute and class names from the net's children down to the module."""
    words, module = [], net
    for part in name.split("."):
        module = module.get_submodule(part)
        words += [part, type(module).__name__]
    return "/".join(words).lower()
