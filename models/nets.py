"""The nets by name: what a recipe trains, and which one a checkpoint belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from tcsdk.models.codec import Codec
from tcsdk.models.edge import ADAPTIVE, EdgeCodec
from tcsdk.models.tinylic import SMALL, TinylicCodec

# Adding a backbone is a row here, a recipe, and a wire id.
NETS: dict[str, Callable[[], Codec]] = {
    "edge": EdgeCodec,
    "edge-adaptive": partial(EdgeCodec, ADAPTIVE),
    # A synthesis that is deeper at 1/8, where a MAC costs the fewest weights.
    "edge-deep": partial(EdgeCodec, replace(ADAPTIVE, synthesis_blocks=(9, 4))),
    "tinylic": TinylicCodec,
    "tinylic-s": partial(TinylicCodec, SMALL),
    "tinylic-s-adaptive": partial(TinylicCodec, replace(SMALL, adaptive=True)),
}


def net_of(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Return the name of the net whose parameters have these names and shapes.

    Raises:
        ValueError: no net of the table has exactly these.
    """
    wrong = {}
    for name, make in NETS.items():
        with torch.device("meta"):
            expected = {k: tuple(v.shape) for k, v in make().state_dict().items()}
        wrong[name] = [
            f"{key} {shapes.get(key, 'missing')} for {expected.get(key, 'none')}"
            for key in sorted(expected.keys() | shapes.keys())
            if expected.get(key) != shapes.get(key)
        ]
    name = min(wrong, key=lambda name: len(wrong[name]))
    if wrong[name]:
        raise ValueError(
            f"expected the weights of one of the nets {', '.join(NETS)}; nearest is {name}, "
            f"of which {len(wrong[name])} tensors differ, such as {wrong[name][0]}"
        )
    return name


def codec_of(weights: Mapping[str, Tensor]) -> Codec:
    """Return the net that these are the weights of, with them, in evaluation mode.

    Raises:
        ValueError: as for `net_of`.
    """
    codec = NETS[net_of({name: tuple(value.shape) for name, value in weights.items()})]().eval()
    codec.load_state_dict(weights)
    return codec
