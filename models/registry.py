"""What nets there are, a row each: weights say by these names which net they are of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.edge import (
    CAPTIONED,
    CLIP_CAPTIONED,
    LINFORMER,
    LONG_CAPTIONED,
    MINILM_CAPTIONED,
    MIXED,
    REPLICATE,
    SPACY_CAPTIONED,
    EdgeCodec,
    EdgeConfig,
)
from tcsdk.models.codecs.elic import CAPTIONED as ELIC_CAPTIONED
from tcsdk.models.codecs.elic import SMALL as ELIC_SMALL
from tcsdk.models.codecs.elic import SMALL_CAPTIONED as ELIC_SMALL_CAPTIONED
from tcsdk.models.codecs.elic import ElicCodec
from tcsdk.models.codecs.tcm import SMALL as TCM_SMALL
from tcsdk.models.codecs.tcm import TcmCodec
from tcsdk.models.codecs.tinylic import SMALL, TinylicCodec
from tcsdk.models.layers.folding import folded
from tcsdk.models.recognition import cdistnet
from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.models.recognition.reader import Reader
from tcsdk.models.super_resolution import edsr, tbsrn
from tcsdk.models.super_resolution.edsr import Edsr
from tcsdk.models.super_resolution.tbsrn import Tbsrn

Net = TypeVar("Net", bound=nn.Module)

NETS: dict[str, Callable[[], Codec]] = {
    "edge": EdgeCodec,
    "edge-adaptive": partial(EdgeCodec, EdgeConfig(adaptive=True)),
    # `tfic`'s, into whose pictures sent text is drawn.
    "edge-guided": partial(EdgeCodec, EdgeConfig(adaptive=True, guided=True)),
    # `tfic`'s, whose encoder is told what the picture shows.
    "edge-captioned": partial(EdgeCodec, CAPTIONED),
    "edge-captioned-long": partial(EdgeCodec, LONG_CAPTIONED),
    "edge-captioned-linformer": partial(EdgeCodec, LINFORMER),
    "edge-captioned-mixed": partial(EdgeCodec, MIXED),
    "edge-captioned-minilm": partial(EdgeCodec, MINILM_CAPTIONED),
    "edge-captioned-clip": partial(EdgeCodec, CLIP_CAPTIONED),
    "edge-captioned-spacy": partial(EdgeCodec, SPACY_CAPTIONED),
    # What lies at the border is repeated beyond it: docs/studies/next-tfic.md.
    "edge-replicate": partial(EdgeCodec, REPLICATE),
    # A synthesis that is deeper at 1/8, where a MAC costs the fewest weights.
    "edge-deep": partial(EdgeCodec, replace(REPLICATE, synthesis_blocks=(9, 4))),
    "elic": ElicCodec,
    "elic-s": partial(ElicCodec, ELIC_SMALL),
    # Painted over the whole frame, as published; for comparison where the text reaches alone.
    "elic-s-guided": partial(ElicCodec, replace(ELIC_SMALL, guided=True, frame=True)),
    "elic-s-guided-reach": partial(ElicCodec, replace(ELIC_SMALL, guided=True)),
    # TACO's own net, and `elic-s` told captions.
    "elic-captioned": partial(ElicCodec, ELIC_CAPTIONED),
    "elic-s-captioned": partial(ElicCodec, ELIC_SMALL_CAPTIONED),
    "tcm": TcmCodec,
    "tcm-s": partial(TcmCodec, TCM_SMALL),
    "tcm-s-guided": partial(TcmCodec, replace(TCM_SMALL, guided=True, frame=True)),
    "tinylic": TinylicCodec,
    "tinylic-s": partial(TinylicCodec, SMALL),
    "tinylic-s-adaptive": partial(TinylicCodec, replace(SMALL, adaptive=True)),
}
# Those that take crops of text: they read or enlarge them.
CROP_NETS: dict[str, Callable[[], nn.Module]] = {
    "reader": Reader,
    "cdistnet": Cdistnet,
    "cdistnet-s": partial(Cdistnet, cdistnet.SMALL),
    "edsr": Edsr,
    "edsr-s": partial(Edsr, edsr.SMALL),
    "tbsrn": Tbsrn,
    "tbsrn-s": partial(Tbsrn, tbsrn.SMALL),
}
# Nets with a text adapter -> the text encoder that they have.
CAPTIONED_NETS = {
    "edge-captioned": "pieces",
    "edge-captioned-long": "pieces",
    "edge-captioned-linformer": "pieces",
    "edge-captioned-mixed": "pieces",
    "edge-captioned-minilm": "minilm",
    "edge-captioned-clip": "clip",
    "edge-captioned-spacy": "spacy",
    "elic-captioned": "clip",
    "elic-s-captioned": "pieces",
}


def codec_of(weights: Mapping[str, Tensor], net: str) -> Codec:
    """Return a net with these weights, in evaluation mode.

    Args:
        weights: float32, by the names of its state.
        net: a key of NETS.

    Raises:
        ValueError: there is no such net, or the weights are not its.
    """
    if net not in NETS:
        raise ValueError(f"expected weights of one of the nets {', '.join(NETS)}, got {net!r}")
    return _holding(NETS[net](), weights, net)


def paints_frame(net: str) -> bool:
    """Return whether a net of this name paints what sent text guides over the whole frame."""
    if net not in NETS:
        return False
    with torch.device("meta"):
        return NETS[net]().config.frame


def crop_net(weights: Mapping[str, Tensor], net: str) -> nn.Module:
    """Return a net that takes crops with these weights, in evaluation mode.

    Args:
        weights: float32, by the names of its state: as it learns, or as it ships, its
            normalisations folded (tcsdk.models.layers.folding).
        net: a key of CROP_NETS.

    Raises:
        ValueError: there is no such net, or the weights are not its.
    """
    if net not in CROP_NETS:
        raise ValueError(f"expected weights of one of the nets {', '.join(CROP_NETS)}, got {net!r}")
    made = CROP_NETS[net]()
    learns = any(name.endswith(".running_mean") for name in weights)
    return _holding(made if learns else folded(made), weights, net)


def _holding(module: Net, weights: Mapping[str, Tensor], net: str) -> Net:
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"expected the weights of the net {net}, got others: {error}") from error
    return module.eval()
